"""Who a peer is: carriers by address range or number prefix, and which addresses are our own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_network

from ringthrough.errors import LocalError, Problem

__all__ = ["Carrier", "Carriers", "Networks"]


class Networks:
    """
    A set of address ranges that answers whether an address is inside.

    Args:
        cidrs: ranges such as `198.51.100.0/24`, `2001:db8::/32` or single addresses. Host bits may be set.

    Raises:
        LocalError: one of them is not an address range.
    """

    def __init__(self, cidrs: Iterable[str]) -> None:
        self.cidrs = tuple(cidrs)
        nets = []
        for cidr in self.cidrs:
            try:
                nets.append(ip_network(cidr, strict=False))
            except ValueError as fault:
                raise LocalError(
                    Problem("calls-bad-network", f"expected an address range such as 198.51.100.0/24, found {cidr!r}")
                ) from fault
        # Longest prefix first, so that the first hit is the most specific one.
        nets.sort(key=lambda net: net.prefixlen, reverse=True)
        self._ranges = tuple((int(n.network_address), int(n.netmask), n.max_prefixlen // 8, n.prefixlen) for n in nets)

    def __contains__(self, octets: object) -> bool:
        return isinstance(octets, bytes) and self.match(octets) >= 0

    def match(self, octets: bytes) -> int:
        """Prefix length of the most specific range that holds the address (4 or 16 octets); -1 for none."""
        size = len(octets)
        if size == 16 and octets[:12] == b"\0" * 10 + b"\xff\xff":
            octets, size = octets[12:], 4
        number = int.from_bytes(octets, "big")
        for base, mask, octet_count, length in self._ranges:
            if octet_count == size and number & mask == base:
                return length
        return -1

    def __bool__(self) -> bool:
        return bool(self._ranges)

    def __getstate__(self) -> tuple[str, ...]:
        return self.cidrs

    def __setstate__(self, state: tuple[str, ...]) -> None:
        self.__init__(state)  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class Carrier:
    """One carrier as the operator names it."""

    name: str
    "Name shown in rows and reports."
    networks: tuple[str, ...] = ()
    "Address ranges of its SIP elements."
    prefixes: tuple[str, ...] = ()
    "Beginnings of called numbers that go to it, E.164 with plus; used when no address matches."


@dataclass(frozen=True)
class Carriers:
    """The operator's carriers: `by_address` and `by_number` find the most specific one."""

    carriers: tuple[Carrier, ...] = ()
    "In the order of the settings file; the first wins among equals."
    _networks: tuple[tuple[Networks, str], ...] = field(init=False, repr=False, compare=False)
    _prefixes: tuple[tuple[str, str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_networks", tuple((Networks(c.networks), c.name) for c in self.carriers))
        prefixes = [(prefix, c.name) for c in self.carriers for prefix in c.prefixes]
        object.__setattr__(self, "_prefixes", tuple(sorted(prefixes, key=lambda p: -len(p[0]))))

    def by_address(self, octets: bytes) -> str:
        """Name of the carrier whose range holds the address most specifically; empty for none."""
        return _by_address(self, octets)

    def by_number(self, number: str) -> str:
        """Name of the carrier with the longest matching prefix; empty for none."""
        return next((name for prefix, name in self._prefixes if number.startswith(prefix)), "")

    def __hash__(self) -> int:
        return hash(self.carriers)


@lru_cache(maxsize=65536)
def _by_address(carriers: Carriers, octets: bytes) -> str:
    best, found = -1, ""
    for networks, name in carriers._networks:
        length = networks.match(octets)
        if length > best:
            best, found = length, name
    return found
