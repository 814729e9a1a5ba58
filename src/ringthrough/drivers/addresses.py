"""
Which IP addresses nobody may send us to: private, special and embedded ones.

Facts
- The tables are the IANA special-purpose registries (RFC 6890, RFC 8190) written out, and not `ipaddress.is_global`,
  whose answers for some of them changed between patch releases of Python.
- IPv6 has one allowed range, 2000::/3, the only one that IANA hands out as global unicast (RFC 4291 §2.4); what is
  special inside it is listed. So ranges that will be defined one day are refused today.
- An IPv6 address may carry an IPv4 address (mapped, NAT64, 6to4, Teredo). All these forms are refused. Where an
  operator allows one (NAT64 on a network without IPv4), the address inside it has to pass as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

__all__ = ["Network", "literal", "read_networks", "special"]

Network = IPv4Network | IPv6Network

_SPECIAL_4: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "this network, RFC 791 §3.2"),
    ("10.0.0.0/8", "private, RFC 1918"),
    ("100.64.0.0/10", "shared by carrier NAT, RFC 6598"),
    ("127.0.0.0/8", "loopback, RFC 1122 §3.2.1.3"),
    ("169.254.0.0/16", "link-local, RFC 3927"),
    ("172.16.0.0/12", "private, RFC 1918"),
    ("192.0.0.0/24", "IETF protocol assignments, RFC 6890"),
    ("192.0.2.0/24", "documentation, RFC 5737"),
    ("192.31.196.0/24", "AS112, RFC 7535"),
    ("192.52.193.0/24", "AMT, RFC 7450"),
    ("192.88.99.0/24", "6to4 relay, RFC 7526"),
    ("192.168.0.0/16", "private, RFC 1918"),
    ("192.175.48.0/24", "AS112, RFC 7534"),
    ("198.18.0.0/15", "benchmarking, RFC 2544"),
    ("198.51.100.0/24", "documentation, RFC 5737"),
    ("203.0.113.0/24", "documentation, RFC 5737"),
    ("224.0.0.0/4", "multicast, RFC 5771"),
    ("240.0.0.0/4", "reserved or broadcast, RFC 1112 §4, RFC 8190"),
)
_SPECIAL_6: tuple[tuple[str, str], ...] = (
    ("::/128", "unspecified, RFC 4291 §2.5.2"),
    ("::1/128", "loopback, RFC 4291 §2.5.3"),
    ("::ffff:0:0/96", "IPv4-mapped, RFC 4291 §2.5.5.2"),
    ("::/96", "IPv4-compatible, RFC 4291 §2.5.5.1"),
    ("64:ff9b::/96", "NAT64, RFC 6052"),
    ("64:ff9b:1::/48", "local NAT64, RFC 8215"),
    ("100::/64", "discard, RFC 6666"),
    ("2001::/32", "Teredo, RFC 4380"),
    ("2001:2::/48", "benchmarking, RFC 5180"),
    ("2001:20::/28", "ORCHIDv2, RFC 7343"),
    ("2001::/23", "IETF protocol assignments, RFC 2928"),
    ("2001:db8::/32", "documentation, RFC 3849"),
    ("2002::/16", "6to4, RFC 3056"),
    ("2620:4f:8000::/48", "AS112, RFC 7534"),
    ("3fff::/20", "documentation, RFC 9637"),
    ("5f00::/16", "segment routing, RFC 9602"),
    ("fc00::/7", "unique local, RFC 4193"),
    ("fe80::/10", "link-local, RFC 4291 §2.5.6"),
    ("fec0::/10", "site-local, RFC 3879"),
    ("ff00::/8", "multicast, RFC 4291 §2.7"),
)
_RANGES_4 = tuple((IPv4Network(text), why) for text, why in _SPECIAL_4)
_RANGES_6 = tuple((IPv6Network(text), why) for text, why in _SPECIAL_6)
_GLOBAL_6 = IPv6Network("2000::/3")
_NAT64 = tuple(IPv6Network(text) for text in ("64:ff9b::/96", "::ffff:0:0/96", "::/96"))


def literal(text: str) -> IPv4Address | IPv6Address | None:
    """An address written in its usual form; None for names, for 0x7f.1, 0177.0.0.1 and the like, and for a zone."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return None if "%" in text else found


def special(address: str, allowed: Sequence[Network] = ()) -> str:
    """
    Why an address is not to be asked; empty when it may.

    Args:
        address: as a resolver gives it.
        allowed: ranges the operator allows although they are special.
    """
    found = literal(address)
    if found is None:
        return "not an address, or one with a zone, RFC 4007 §11"
    if not any(found in network for network in allowed if network.version == found.version):
        if isinstance(found, IPv4Address):
            return next((why for network, why in _RANGES_4 if found in network), "")
        why = next((why for network, why in _RANGES_6 if found in network), "")
        return why or ("" if found in _GLOBAL_6 else "not global unicast, RFC 4291 §2.4")
    inside = _embedded(found)
    if inside is None:
        return ""
    why = special(str(inside), allowed)
    return f"{inside} inside it is {why}" if why else ""


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for (RFC 4291 §2.5.5, RFC 6052 §2.2, RFC 3056 §2)."""
    if isinstance(address, IPv4Address) or int(address) <= 1:
        return None
    if any(address in network for network in _NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour


def read_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """
    Ranges as an operator writes them.

    Raises:
        ValueError: one of them is no address range.
    """
    return tuple(ip_network(text) for text in texts)
