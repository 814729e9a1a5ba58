"""
Tunnels: GRE, ERSPAN, VXLAN, GENEVE, TZSP, GTP-U and EtherIP, down to the frame or packet they carry.

Each is a layer as in `link`: `(data, at) -> (next layer, offset)`. Those that ride on UDP are found by their port,
since their headers have no mark of their own; SIP on such a port is recognised before they are asked.
"""

from __future__ import annotations

from struct import Struct

from ringthrough.captures.link import Layer, by_version, ethertype

__all__ = ["PROTOCOLS", "TUNNELS", "UDP_TUNNELS"]

_U16 = Struct("!H").unpack_from
_TWO_U16 = Struct("!HH").unpack_from

UDP_TUNNELS: dict[int, str] = {
    2152: "gtp-u", 4789: "vxlan", 4790: "vxlan", 6081: "geneve", 8472: "vxlan", 37008: "tzsp",
}  # fmt: skip
"UDP port -> tunnel (IANA; 8472 is what Linux used before 4789 was registered)."

PROTOCOLS: dict[int, str] = {
    4: "ipv4", 41: "ipv6", 47: "gre", 97: "etherip", 137: "mpls", 1: "icmp", 2: "igmp", 50: "encrypted-esp",
    58: "icmp", 59: "ipv6-no-next", 88: "ospf", 89: "ospf", 103: "ospf", 112: "ospf", 132: "sctp",
}  # fmt: skip
"IP protocol -> layer or cause (IANA protocol numbers). TCP and UDP are read by `dissect`."


def _gre(data: bytes, at: int) -> tuple[str, int]:
    """RFC 2784 and RFC 2890: flags C, K and S each add four octets; version 1 is PPTP (RFC 2637 §4.1)."""
    flags, protocol = _TWO_U16(data, at)
    version = flags & 7
    if version > 1:
        return "bad-tunnel", at
    at += 4
    if flags & 0xC000:  # C, and R of RFC 1701, which shares the four octets of the checksum
        at += 4
    if flags & 0x4000:
        while data[at + 3]:  # routing entries end with one of length 0
            at += 4 + data[at + 3]
        at += 4
    if flags & 0x2000:
        at += 4
    if flags & 0x1000:
        at += 4
    if version == 1:
        return "ppp" if flags & 0x1000 else "tunnel-control", at + 4 if flags & 0x0080 else at
    if protocol == 0x88BE:  # ERSPAN type II has a sequence number and a header of 8 octets, type I neither
        return "ethernet", at + 8 if flags & 0x1000 else at
    if protocol == 0x22EB:
        return "erspan-3", at
    if protocol == 0:
        return "tunnel-control", at  # the keepalive of Cisco's GRE
    return ethertype(protocol, at)


def _erspan_3(data: bytes, at: int) -> tuple[str, int]:
    """ERSPAN type III (draft-foschiano-erspan §4.3): 12 octets, 8 more with O; the frame type says the rest."""
    flags = _U16(data, at + 10)[0]
    frame_type = flags >> 10 & 31
    at += 20 if flags & 1 else 12
    if frame_type == 0:
        return "ethernet", at
    return by_version(data, at) if frame_type == 2 else ("bad-tunnel", at)


def _vxlan(data: bytes, at: int) -> tuple[str, int]:
    """RFC 7348 §5: flag I is set; with flag P (VXLAN-GPE) the fourth octet names what follows."""
    flags = data[at]
    if not flags & 0x08:
        return "bad-tunnel", at
    if flags & 0x04:
        return {1: "ipv4", 2: "ipv6", 3: "ethernet", 5: "mpls"}.get(data[at + 3], "bad-tunnel"), at + 8
    return "ethernet", at + 8


def _geneve(data: bytes, at: int) -> tuple[str, int]:
    """RFC 8926 §3.4: version 0, length of the options in words, EtherType of what follows."""
    if data[at] >> 6:
        return "bad-tunnel", at
    return ethertype(_U16(data, at + 2)[0], at + 8 + (data[at] & 63) * 4)


def _tzsp(data: bytes, at: int) -> tuple[str, int]:
    """TZSP of MikroTik: version, type, encapsulation; tags until the end tag 1 (0 is padding); then the frame."""
    kind, encapsulation = data[at + 1], _U16(data, at + 2)[0]
    if data[at] != 1:
        return "bad-tunnel", at
    if kind > 1 or encapsulation != 1:
        return "tunnel-control", at
    at += 4
    while data[at] != 1:
        at += 1 if data[at] == 0 else 2 + data[at + 1]
    return "ethernet", at + 1


def _gtp_u(data: bytes, at: int) -> tuple[str, int]:
    """GTP-U (3GPP TS 29.281 §5.1): message 255 carries a packet; extension headers are counted in words."""
    flags = data[at]
    if flags >> 4 != 3:  # version 1, GTP and not GTP'
        return "bad-tunnel", at
    if data[at + 1] != 255:
        return "tunnel-control", at
    if not flags & 7:
        return by_version(data, at + 8)
    following, at = data[at + 11] if flags & 4 else 0, at + 12
    while following:
        size = data[at] * 4
        if not size:
            return "bad-tunnel", at
        following, at = data[at + size - 1], at + size
    return by_version(data, at)


def _etherip(data: bytes, at: int) -> tuple[str, int]:
    """RFC 3378 §3: version 3 and twelve zero bits, then the frame."""
    return ("ethernet", at + 2) if data[at] >> 4 == 3 else ("bad-tunnel", at)


TUNNELS: dict[str, Layer] = {
    "erspan-3": _erspan_3,
    "etherip": _etherip,
    "geneve": _geneve,
    "gre": _gre,
    "gtp-u": _gtp_u,
    "tzsp": _tzsp,
    "vxlan": _vxlan,
}
"Name of a tunnel -> its reader."
