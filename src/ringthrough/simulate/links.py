"""
Link layers and tunnels: everything that a capture may have around an IP packet.

Each function here puts one layer around the octets of a packet; `SHAPES` in `shapes` names the useful combinations.
Addresses inside a tunnel are those of the SIP elements, outside those of a mirror port and its collector.
"""

from __future__ import annotations

import struct

from ringthrough.simulate.datagrams import Datagram
from ringthrough.simulate.packets import UDP, ip_packets, udp_packet

__all__ = [
    "erspan2", "erspan3", "ethernet", "exported_pdu", "geneve", "gre", "hep3", "ipip", "loop", "mpls", "nflog", "null",
    "ppp", "pppoe", "qinq", "raw", "sll", "sll2", "vlan", "vxlan",
]  # fmt: skip

_MIRROR = bytes((192, 0, 2, 200))
_COLLECTOR = bytes((192, 0, 2, 201))
_LARGE = 65_000
"Tunnels are not fragmented: mirror ports sit on links with jumbo frames."


def _ethertype(packet: bytes) -> bytes:
    return b"\x08\x00" if packet[0] >> 4 == 4 else b"\x86\xdd"


def _mac(address: bytes) -> bytes:
    return b"\x02\x00" + address[-4:]


def _macs(packet: bytes) -> bytes:
    if packet[0] >> 4 == 4:
        return _mac(packet[16:20]) + _mac(packet[12:16])
    return _mac(packet[24:40]) + _mac(packet[8:24])


def _padded(frame: bytes) -> bytes:
    """Fill a frame up to the 60 octets that Ethernet wants (IEEE 802.3); a reader must not take them for content."""
    return frame if len(frame) >= 60 else frame + bytes(60 - len(frame))


def ethernet(packet: bytes) -> bytes:
    """Ethernet II."""
    return _padded(_macs(packet) + _ethertype(packet) + packet)


def vlan(packet: bytes) -> bytes:
    """Ethernet with one 802.1Q tag."""
    return _padded(_macs(packet) + b"\x81\x00\x00\x2a" + _ethertype(packet) + packet)


def qinq(packet: bytes) -> bytes:
    """Ethernet with an 802.1ad tag around an 802.1Q tag."""
    return _padded(_macs(packet) + b"\x88\xa8\x00\x07\x81\x00\x60\x2a" + _ethertype(packet) + packet)


def mpls(packet: bytes) -> bytes:
    """Ethernet with two MPLS labels (RFC 3032 §2.1)."""
    return _padded(_macs(packet) + b"\x88\x47" + struct.pack("!II", 16 << 12 | 62, 17 << 12 | 1 << 8 | 62) + packet)


def pppoe(packet: bytes) -> bytes:
    """Ethernet with a PPPoE session (RFC 2516 §4)."""
    head = struct.pack("!BBHH", 0x11, 0, 0x1234, len(packet) + 2)
    return _padded(_macs(packet) + b"\x88\x64" + head + _ppp_protocol(packet) + packet)


def _ppp_protocol(packet: bytes) -> bytes:
    return b"\x00\x21" if packet[0] >> 4 == 4 else b"\x00\x57"


def ppp(packet: bytes) -> bytes:
    """PPP in HDLC-like framing (RFC 1662 §3.1)."""
    return b"\xff\x03" + _ppp_protocol(packet) + packet


def sll(packet: bytes) -> bytes:
    """Linux cooked capture, version 1."""
    return struct.pack("!HHH", 4, 1, 6) + b"\x02\x00\x00\x00\x00\x01\x00\x00" + _ethertype(packet) + packet


def sll2(packet: bytes) -> bytes:
    """Linux cooked capture, version 2."""
    return _ethertype(packet) + struct.pack("!HIHBB", 0, 3, 1, 4, 6) + b"\x02\x00\x00\x00\x00\x01\x00\x00" + packet


def raw(packet: bytes) -> bytes:
    """Nothing at all: the IP packet."""
    return packet


def null(packet: bytes) -> bytes:
    """BSD loopback, in the byte order of a little-endian host; IPv6 as macOS numbers it."""
    return struct.pack("<I", 2 if packet[0] >> 4 == 4 else 30) + packet


def loop(packet: bytes) -> bytes:
    """OpenBSD loopback, in network order."""
    return struct.pack("!I", 2 if packet[0] >> 4 == 4 else 24) + packet


def nflog(packet: bytes) -> bytes:
    """Linux netfilter log: attributes, of which the payload is one."""
    head = struct.pack("!BBH", 2 if packet[0] >> 4 == 4 else 10, 0, 5)
    prefix = struct.pack("<HH", 5, 10) + b"\0" + bytes(3)
    return head + prefix + struct.pack("<HH", 4 + len(packet), 9) + packet + bytes(-len(packet) % 4)


def _outer(protocol: int, content: bytes) -> bytes:
    return ethernet(ip_packets(_MIRROR, _COLLECTOR, protocol, content, ident=1, mtu=_LARGE)[0])


def _outer_udp(port: int, content: bytes) -> bytes:
    return _outer(UDP, udp_packet(_MIRROR, 50_000, _COLLECTOR, port, content))


def gre(packet: bytes) -> bytes:
    """GRE (RFC 2784, RFC 2890) with a key."""
    return _outer(47, b"\x20\x00" + _ethertype(packet) + b"\x00\x00\x00\x2a" + packet)


def ipip(packet: bytes) -> bytes:
    """IP in IP (RFC 2003, RFC 2473)."""
    return _outer(4 if packet[0] >> 4 == 4 else 41, packet)


def erspan2(packet: bytes) -> bytes:
    """ERSPAN type II: GRE with a sequence number around a mirrored Ethernet frame."""
    return _outer(47, b"\x10\x00\x88\xbe" + struct.pack("!III", 9, 1 << 28 | 42 << 16 | 100, 7) + ethernet(packet))


def erspan3(packet: bytes) -> bytes:
    """ERSPAN type III, with the optional sub-header."""
    head = struct.pack("!IIHH", 2 << 28 | 42 << 16 | 100, 123_456, 0, 1)
    return _outer(47, b"\x10\x00\x22\xeb" + struct.pack("!I", 9) + head + bytes(8) + ethernet(packet))


def vxlan(packet: bytes) -> bytes:
    """VXLAN (RFC 7348 §5)."""
    return _outer_udp(4789, struct.pack("!II", 0x08 << 24, 42 << 8) + ethernet(packet))


def geneve(packet: bytes) -> bytes:
    """Geneve (RFC 8926 §3.4) with one option."""
    option = b"\x01\x02\x03\x01" + bytes(4)
    return _outer_udp(6081, struct.pack("!BBHI", 2, 0, 0x6558, 42 << 8) + option + ethernet(packet))


def _chunk(kind: int, content: bytes) -> bytes:
    return struct.pack("!HHH", 0, kind, 6 + len(content)) + content


def hep3(datagram: Datagram) -> bytes:
    """HEP version 3, in a datagram from a probe to its collector; it has the time of the message inside."""
    wide = len(datagram.src) == 16
    chunks = b"".join(
        (
            _chunk(0x01, b"\x0a" if wide else b"\x02"),
            _chunk(0x02, b"\x11" if datagram.transport == "udp" else b"\x06"),
            _chunk(0x05 if wide else 0x03, datagram.src),
            _chunk(0x06 if wide else 0x04, datagram.dst),
            _chunk(0x07, datagram.sport.to_bytes(2, "big")),
            _chunk(0x08, datagram.dport.to_bytes(2, "big")),
            _chunk(0x09, (datagram.at_us // 1_000_000).to_bytes(4, "big")),
            _chunk(0x0A, (datagram.at_us % 1_000_000).to_bytes(4, "big")),
            _chunk(0x0B, b"\x01"),
            _chunk(0x0C, (2001).to_bytes(4, "big")),
            _chunk(0x0F, datagram.payload),
        )
    )
    return _outer_udp(9060, b"HEP3" + (6 + len(chunks)).to_bytes(2, "big") + chunks)


def _tag(kind: int, content: bytes) -> bytes:
    padding = bytes(-len(content) % 4)
    return struct.pack("!HH", kind, len(content + padding)) + content + padding


def exported_pdu(datagram: Datagram) -> bytes:
    """Protocol data that Wireshark exported, as it does with SIP that it decrypted: no IP packet is left."""
    wide = len(datagram.src) == 16
    tags = (
        _tag(12, b"sip"),
        _tag(22 if wide else 20, datagram.src),
        _tag(23 if wide else 21, datagram.dst),
        _tag(24, struct.pack("!I", 3 if datagram.transport == "udp" else 2)),
        _tag(25, struct.pack("!I", datagram.sport)),
        _tag(26, struct.pack("!I", datagram.dport)),
        _tag(0, b""),
    )
    return b"".join(tags) + datagram.payload
