"""
Link layers: from the first octet of a record to the IP packet, or to the name of what else it is.

A layer is a function `(data, at) -> (next layer, offset)`. The next layer is a name in `LAYERS`, `ipv4`, `ipv6`, or a
cause (`causes.py`) when nothing here can go further. A layer may index past the end: the walker turns the `IndexError`
or `struct.error` into one counted cause, so no function repeats the check.

Source: the registry of link types, https://www.tcpdump.org/linktypes.html; each layout is named at its function.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct

__all__ = ["ETHERTYPES", "LAYERS", "LINKS", "Layer", "by_version", "ethertype"]

Layer = Callable[[bytes, int], tuple[str, int]]
"Reads one header at an offset; gives the name of the next layer and where it begins."

_U16 = Struct("!H").unpack_from
_U32 = Struct("!I").unpack_from
_U32_LITTLE = Struct("<I").unpack_from
_TWO_U16_LITTLE = Struct("<HH").unpack_from
_TWO_U16 = Struct("!HH").unpack_from

ETHERTYPES: dict[int, str] = {
    0x0800: "ipv4", 0x86DD: "ipv6", 0x8100: "vlan", 0x88A8: "vlan", 0x9100: "vlan", 0x9200: "vlan",
    0x8847: "mpls", 0x8848: "mpls", 0x8864: "pppoe", 0x8863: "pppoe-discovery", 0x880B: "ppp", 0x6558: "ethernet",
    0x0806: "arp", 0x8035: "arp", 0x88CC: "lldp", 0x9000: "cdp", 0x888E: "cdp", 0x8809: "cdp",
}  # fmt: skip
"EtherType -> layer or cause (IEEE 802 numbers)."

LINKS: dict[int, str] = {
    0: "null", 1: "ethernet", 9: "ppp", 12: "raw", 14: "raw", 50: "ppp-hdlc", 51: "pppoe", 101: "raw",
    104: "cisco-hdlc", 108: "null", 113: "sll", 228: "ipv4", 229: "ipv6", 239: "nflog", 258: "pktap", 276: "sll2",
}  # fmt: skip
"Link type -> first layer. 252, exported PDUs, is no link and is read by `exported`."

_FAMILIES = {2: "ipv4", 10: "ipv6", 23: "ipv6", 24: "ipv6", 28: "ipv6", 30: "ipv6"}
_PPP = {0x0021: "ipv4", 0x0057: "ipv6", 0x0281: "mpls", 0x0283: "mpls", 0x0031: "ethernet-pdu"}


def ethertype(value: int, at: int) -> tuple[str, int]:
    """Turn an EtherType, or the length that 802.3 keeps in its place, into the next layer."""
    name = ETHERTYPES.get(value)
    if name is not None:
        return name, at
    if value <= 1500:
        return "llc", at
    return f"ethertype-{value:04x}", at


def by_version(data: bytes, at: int) -> tuple[str, int]:
    """Tell IPv4 from IPv6 by the first four bits, for layers that do not say which they carry."""
    version = data[at] >> 4
    if version == 4:
        return "ipv4", at
    if version == 6:
        return "ipv6", at
    return "bad-tunnel", at


def _ethernet(data: bytes, at: int) -> tuple[str, int]:
    return ethertype(_U16(data, at + 12)[0], at + 14)


def _vlan(data: bytes, at: int) -> tuple[str, int]:
    """802.1Q and 802.1ad: two octets of priority and VLAN, then the next EtherType."""
    return ethertype(_U16(data, at + 2)[0], at + 4)


def _llc(data: bytes, at: int) -> tuple[str, int]:
    """802.2; with SNAP (AA AA 03, organisation 0) an EtherType follows (RFC 1042)."""
    if data[at : at + 6] == b"\xaa\xaa\x03\x00\x00\x00":
        return ethertype(_U16(data, at + 6)[0], at + 8)
    if data[at] == 0x06 and data[at + 1] == 0x06:
        return by_version(data, at + 3)
    return "cdp", at


def _sll(data: bytes, at: int) -> tuple[str, int]:
    """LINUX_SLL: packet type, ARPHRD, address length, eight octets of address, protocol."""
    return ethertype(_U16(data, at + 14)[0], at + 16)


def _sll2(data: bytes, at: int) -> tuple[str, int]:
    """LINUX_SLL2: protocol first, then interface, ARPHRD, packet type, address; 20 octets."""
    data[at + 19]
    return ethertype(_U16(data, at)[0], at + 20)


def _null(data: bytes, at: int) -> tuple[str, int]:
    """NULL in the order of the machine that captured, LOOP in network order: only one gives a small number."""
    family = _U32(data, at)[0]
    if family > 0xFFFF:
        family = _U32_LITTLE(data, at)[0]
    return _FAMILIES.get(family, "null-other"), at + 4


def _ppp(data: bytes, at: int) -> tuple[str, int]:
    """PPP (RFC 1661 §2), with or without the address and control octets of RFC 1662; the protocol may be one octet."""
    if data[at] == 0xFF and data[at + 1] == 0x03:
        at += 2
    if data[at] & 1:
        return _PPP.get(data[at], "ppp-control"), at + 1
    return _PPP.get(_U16(data, at)[0], "ppp-control"), at + 2


def _ppp_hdlc(data: bytes, at: int) -> tuple[str, int]:
    """PPP in HDLC framing, or Cisco HDLC when the address is 0F or 8F."""
    if data[at] in (0x0F, 0x8F):
        return _cisco_hdlc(data, at)
    return _ppp(data, at)


def _cisco_hdlc(data: bytes, at: int) -> tuple[str, int]:
    """Address, control, EtherType."""
    kind = _U16(data, at + 2)[0]
    return ("cdp", at + 4) if kind in (0x8035, 0x2000) else ethertype(kind, at + 4)


def _pppoe(data: bytes, at: int) -> tuple[str, int]:
    """RFC 2516 §4: version and type 1, code 0 for a session, session, length; then PPP without address and control."""
    if data[at] != 0x11:
        return "bad-tunnel", at
    if data[at + 1] != 0:
        return "pppoe-discovery", at
    return "ppp", at + 6


def _ethernet_pdu(data: bytes, at: int) -> tuple[str, int]:
    """Bridging over PPP (RFC 3518 §4.1): flags and MAC type, then the frame."""
    return ("ethernet", at + 2) if data[at + 1] == 1 else ("ppp-control", at)


def _mpls(data: bytes, at: int) -> tuple[str, int]:
    """RFC 3032 §2.1: labels until the bottom of the stack; a pseudowire may put a zero word next (RFC 4385)."""
    while not data[at + 2] & 1:
        at += 4
    at += 4
    first = data[at] >> 4
    if first in (4, 6):
        return by_version(data, at)
    return "ethernet", at + 4 if first == 0 else at


def _nflog(data: bytes, at: int) -> tuple[str, int]:
    """NFLOG: family, version, resource; then attributes {length, type} in the captor's byte order; 9 is the packet."""
    layer = _FAMILIES.get(data[at], "nflog-other")
    for pair in (_TWO_U16_LITTLE, _TWO_U16):
        here = at + 4
        while here + 4 <= len(data):
            length, kind = pair(data, here)
            if length < 4 or here + length > len(data) + 3:
                break
            if kind & 0x7FFF == 9:
                return layer, here + 4
            here += (length + 3) & ~3
    return "nflog-other", at


def _pktap(data: bytes, at: int) -> tuple[str, int]:
    """PKTAP of macOS: header length, record type, link type of what follows; little-endian."""
    size = _U32_LITTLE(data, at)[0]
    link = _U32_LITTLE(data, at + 8)[0]
    if size < 12:
        return "bad-tunnel", at
    return LINKS.get(link, f"link-type-{link}"), at + size


LAYERS: dict[str, Layer] = {
    "cisco-hdlc": _cisco_hdlc,
    "ethernet": _ethernet,
    "ethernet-pdu": _ethernet_pdu,
    "llc": _llc,
    "mpls": _mpls,
    "nflog": _nflog,
    "null": _null,
    "pktap": _pktap,
    "ppp": _ppp,
    "ppp-hdlc": _ppp_hdlc,
    "pppoe": _pppoe,
    "raw": by_version,
    "sll": _sll,
    "sll2": _sll2,
    "vlan": _vlan,
}
"Name of a link layer -> its reader."
