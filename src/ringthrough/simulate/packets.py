"""
IPv4, IPv6, UDP, TCP, and fragments: a datagram as the octets of one IP packet or several.

This shares nothing with the readers of `captures`: a mistake made twice would hide itself.
Checksums are right, because tools that verify them throw other packets away.
"""

from __future__ import annotations

import struct

__all__ = ["TCP", "UDP", "checksum", "ip_packets", "tcp_segment", "udp_packet"]

UDP = 17
TCP = 6

_FRAGMENT_HEADER = 44


def checksum(octets: bytes) -> int:
    """Make the Internet checksum (RFC 1071) of some octets."""
    if len(octets) & 1:
        octets += b"\0"
    # One's complement addition is arithmetic modulo 0xffff, but a sum of anything but zeros is 0xffff, never 0x0000.
    whole = int.from_bytes(octets, "big")
    return 0xFFFF - (whole % 0xFFFF or (0xFFFF if whole else 0))


def udp_packet(src: bytes, sport: int, dst: bytes, dport: int, payload: bytes) -> bytes:
    """Put a UDP header (RFC 768) before a payload; the addresses are for its checksum."""
    length = 8 + len(payload)
    head = struct.pack("!HHHH", sport, dport, length, 0)
    value = checksum(_pseudo(src, dst, UDP, length) + head + payload) or 0xFFFF
    return struct.pack("!HHHH", sport, dport, length, value) + payload


def tcp_segment(
    src: bytes, sport: int, dst: bytes, dport: int, sequence: int, acknowledged: int, flags: int, payload: bytes = b""
) -> bytes:
    """Put a TCP header (RFC 9293 §3.1) before a payload; the addresses are for its checksum."""
    parts = (sport, dport, sequence & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF, 5 << 12 | flags, 64240)
    head = struct.pack("!HHIIHHHH", *parts, 0, 0)
    value = checksum(_pseudo(src, dst, TCP, 20 + len(payload)) + head + payload)
    return struct.pack("!HHIIHHHH", *parts, value, 0) + payload


def ip_packets(src: bytes, dst: bytes, protocol: int, content: bytes, *, ident: int, mtu: int) -> list[bytes]:
    """
    Put an IP header before a content, or several when it does not fit.

    Args:
        src: source address, 4 or 16 octets.
        dst: destination address, of the same length.
        protocol: `UDP`, `TCP` or another number.
        content: what the packet carries.
        ident: identification of the packet, 0..65535.
        mtu: octets that one packet may have, at least 80.
    """
    if len(src) == 4:
        if 20 + len(content) <= mtu:
            return [_ipv4(src, dst, protocol, content, ident, 0)]
        size = (mtu - 20) // 8 * 8
        return [
            _ipv4(src, dst, protocol, content[at : at + size], ident, at >> 3 | (at + size < len(content)) << 13)
            for at in range(0, len(content), size)
        ]
    if 40 + len(content) <= mtu:
        return [_ipv6(src, dst, protocol, content)]
    size = (mtu - 48) // 8 * 8
    return [
        _ipv6(
            src,
            dst,
            _FRAGMENT_HEADER,
            struct.pack("!BBHI", protocol, 0, at | (at + size < len(content)), ident) + content[at : at + size],
        )
        for at in range(0, len(content), size)
    ]


def _ipv4(src: bytes, dst: bytes, protocol: int, content: bytes, ident: int, fragment: int) -> bytes:
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(content), ident, fragment, 61, protocol, 0) + src + dst
    return head[:10] + checksum(head).to_bytes(2, "big") + head[12:] + content


def _ipv6(src: bytes, dst: bytes, protocol: int, content: bytes) -> bytes:
    return struct.pack("!IHBB", 6 << 28, len(content), protocol, 61) + src + dst + content


def _pseudo(src: bytes, dst: bytes, protocol: int, length: int) -> bytes:
    return src + dst + length.to_bytes(4, "big") + protocol.to_bytes(4, "big")
