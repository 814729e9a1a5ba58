"""Addresses as text: the octets of a Sighting to `198.51.100.7:5060` and `[2001:db8::1]:5060`."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

__all__ = ["endpoint", "host"]


@lru_cache(maxsize=65536)
def host(octets: bytes) -> str:
    """
    Address as text.

    Args:
        octets: 4 (IPv4) or 16 (IPv6) octets; anything else is an address the source did not give.

    Returns:
        Dotted quad, or RFC 5952 text for IPv6; an IPv4-mapped IPv6 address is shown as the IPv4 address it is. Empty
        when there is no address.
    """
    if len(octets) == 4:
        return str(IPv4Address(octets))
    if len(octets) == 16:
        address = IPv6Address(octets)
        return str(address.ipv4_mapped or address)
    return ""


@lru_cache(maxsize=65536)
def endpoint(octets: bytes, port: int) -> str:
    """Address and port as text, IPv6 in brackets (RFC 3986 §3.2.2); without the port when it is 0."""
    text = host(octets)
    if not text or not port:
        return text
    return f"[{text}]:{port}" if ":" in text else f"{text}:{port}"
