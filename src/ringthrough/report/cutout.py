"""
One call cut out of its captures, as packets to send to the other carrier.

Every message is wrapped anew as Ethernet, IPv4 or IPv6, and UDP, with the addresses, ports, time and octets it had.
What travelled over TCP or encrypted is written as UDP too, because the stream it was part of holds other people's
calls; the notes say so. The UDP checksum is right, so that no reader complains.
"""

from __future__ import annotations

from collections.abc import Iterable
from struct import pack
from typing import Protocol

from ringthrough.calls.sighting import CUT, Sighting
from ringthrough.report.masking import mask_message

__all__ = ["PacketWriter", "cut_out", "wrap"]

MAX_UDP4 = 65_507
MAX_UDP6 = 65_487  # IPv6 payload length counts no header of its own, but jumbograms are nothing for a capture
_ETHERNET = b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01"  # locally administered addresses: nobody's
_NOWHERE = b"\0\0\0\0"


class PacketWriter(Protocol):
    """Where packets go: satisfied by `captures.PcapWriter` for Ethernet."""

    def write(self, at_us: int, data: bytes) -> None:
        """Write one packet."""


def cut_out(sightings: Iterable[Sighting], writer: PacketWriter, *, masked: bool = False) -> tuple[int, list[str]]:
    """
    Write the messages of a call as packets, in time order.

    Args:
        sightings: the messages.
        writer: gets the packets.
        masked: mask numbers in the messages, without changing their length.

    Returns:
        Messages written, and notes on what differs from the capture.
    """
    written = streamed = unknown = shortened = 0
    for s in sorted(sightings, key=lambda s: (s.at_us, s.file, s.frame)):
        data = mask_message(s.data) if masked else s.data
        streamed += s.transport not in ("udp", "")
        unknown += not s.src or not s.dst
        most = MAX_UDP6 if len(s.src) == 16 or len(s.dst) == 16 else MAX_UDP4
        shortened += len(data) > most or bool(s.flags & CUT)
        writer.write(s.at_us, wrap(s, data[:most]))
        written += 1
    notes = []
    if streamed:
        notes.append(f"{streamed} of {written} messages did not travel over UDP and were written as UDP datagrams")
    if unknown:
        notes.append(f"{unknown} of {written} messages have no known address and were written with 0.0.0.0")
    if shortened:
        notes.append(f"{shortened} of {written} messages are not all there")
    if masked:
        notes.append("numbers and names in the messages are masked; addresses are not")
    return written, notes


def wrap(sighting: Sighting, data: bytes) -> bytes:
    """
    Return a message as an Ethernet frame.

    Source: RFC 768 (UDP), RFC 791 (IPv4), RFC 8200 §8.1 (checksum over IPv6).
    """
    src, dst = sighting.src or _NOWHERE, sighting.dst or _NOWHERE
    if len(src) != len(dst):  # one side is known as IPv4 only: write both as IPv6
        src, dst = _mapped(src), _mapped(dst)
    size = 8 + len(data)
    head = pack("!HHH", sighting.sport, sighting.dport, size)
    if len(src) == 16:
        check = _checksum(src + dst + pack("!IHBB", size, 0, 0, 17) + head + data)
        packet = pack("!IHBB", 6 << 28, size, 17, 64) + src + dst + head + pack("!H", check or 0xFFFF) + data
        return _ETHERNET + b"\x86\xdd" + packet
    check = _checksum(src + dst + pack("!BBH", 0, 17, size) + head + data)
    ident = sighting.ident if 0 <= sighting.ident <= 0xFFFF else 0
    ip = pack("!BBHHHBB", 0x45, 0, 20 + size, ident, 0x4000, 64, 17)
    ip += pack("!H", _checksum(ip + src + dst)) + src + dst
    return _ETHERNET + b"\x08\x00" + ip + head + pack("!H", check or 0xFFFF) + data


def _mapped(address: bytes) -> bytes:
    return address if len(address) == 16 else b"\0" * 10 + b"\xff\xff" + address


def _checksum(octets: bytes) -> int:
    """Internet checksum (RFC 1071 §1)."""
    if len(octets) % 2:
        octets += b"\0"
    # 2**16 is 1 modulo 2**16 - 1, so the sum of the words is the whole number modulo 2**16 - 1.
    total = int.from_bytes(octets, "big") % 0xFFFF
    return 0xFFFF - total
