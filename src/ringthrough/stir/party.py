"""Who calls and who is called, as a PASSporT and as SIP name them: one noun for both, so that they can be compared."""

from __future__ import annotations

from typing import NamedTuple

from ringthrough.wire.message import Request
from ringthrough.wire.uri import Uri

from .canonical import canonical_number, canonical_uri

__all__ = ["End", "Facts", "Party", "facts_of"]


class Party(NamedTuple):
    """One identity: a telephone number or a URI."""

    kind: str
    "`tn` or `uri`, the names of RFC 8225 §5.2.1."
    value: str
    "Canonical, so that equal parties are equal values."


class End:
    """One end of the call as SIP names it: a number, an address, or both. Each is worked out when it is asked for."""

    __slots__ = ("_address", "_number", "_region", "_uri")

    def __init__(self, uri: Uri, region: str | None) -> None:
        self._uri = uri
        self._region = region
        self._number: str | None = None
        self._address: str | None = None

    @property
    def number(self) -> str:
        """Canonical number; empty when the address holds none."""
        if self._number is None:
            user = self._uri.user
            if self._region is None and user is not None and user.isascii() and user.removeprefix("+").isdigit():
                # Nearly every number; `Uri.number` asks the same of every spelling, at ten times the price.
                self._number = user.removeprefix("+")
                return self._number
            raw = self._uri.number
            if raw is None:
                self._number = ""
            elif self._region is None:
                self._number = raw.removeprefix("+")  # nothing but digits, '*' and '#' is left in it
            else:
                self._number = canonical_number(raw, self._region)
        return self._number

    @property
    def address(self) -> str:
        """Canonical URI; empty for a tel URI, which is a number and nothing else."""
        if self._address is None:
            self._address = "" if self._uri.scheme == "tel" else canonical_uri(self._uri)
        return self._address

    @property
    def party(self) -> Party | None:
        """How a PASSporT names it: by its number if it has one."""
        if self.number:
            return Party("tn", self.number)
        return Party("uri", self.address) if self.address else None

    def is_(self, party: Party) -> bool:
        """Does the PASSporT mean this end?"""
        return party.value == (self.number if party.kind == "tn" else self.address)

    def has(self, kind: str) -> bool:
        """Has it a name of that kind?"""
        return bool(self.number if kind == "tn" else self.address)


class Facts(NamedTuple):
    """What the request says about the two ends of the call."""

    from_: End | None
    "From; None when it cannot be read."
    asserted: tuple[End, ...]
    "Every P-Asserted-Identity."
    to: End | None
    "To."
    target: End | None
    "Request-URI."
    date_s: float | None
    "Date, seconds since the epoch; None without one that can be read."


def facts_of(request: Request, region: str | None = None) -> Facts:
    """
    Both ends of the call, read once for all its Identity headers.

    Args:
        request: the request.
        region: country of numbers without a country code, as `canonical_number` takes it.

    Source: RFC 8224 §8; RFC 3325 §9.1
    """
    from_, to, uri, date = request.from_, request.to, request.uri, request.date
    asserted = request.p_asserted_identity
    return Facts(
        None if from_ is None else End(from_.uri, region),
        tuple([End(address.uri, region) for address in asserted[:8]]) if asserted else (),
        None if to is None else End(to.uri, region),
        None if uri is None else End(uri, region),
        None if date is None else date.timestamp(),
    )
