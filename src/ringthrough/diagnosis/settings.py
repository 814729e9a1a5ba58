"""What a diagnosis is asked to do, and what it says about each file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import TYPE_CHECKING, BinaryIO, Protocol

from ringthrough.calls import Call, Carriers
from ringthrough.captures import Tally
from ringthrough.errors import Problem

if TYPE_CHECKING:
    from ringthrough.cdr import Profile

__all__ = ["FileReport", "Proving", "Settings", "Source"]


class Proving(Protocol):
    """What verifies Identities and contact cards: `diagnosis.proof.Prover`."""

    problems: tuple[Problem, ...]
    "What could not be read of certificates, anchors and cards."

    def prove(self, call: Call, invite: bytes | None) -> Call:
        """The call with the columns of Identity and card filled, from its INVITE (None when none carries one)."""
        ...

    def close(self) -> None:
        """Let go of what is held open."""
        ...


@dataclass(frozen=True, slots=True)
class Settings:
    """How to read calls. Frozen and picklable: every worker gets the same."""

    region: str | None = None
    "ISO 3166 country in which numbers without country code are read; None leaves them as sent."
    own: tuple[str, ...] = ()
    "Our own address ranges; they give each call its direction."
    carriers: Carriers | None = None
    "The operator's carriers."
    workers: int = 1
    "Processes that read side by side."
    profile: Profile | None = None
    "How call records are written; None: recognised by their look."
    maps: tuple[str, ...] = ()
    "Columns of call records as FIELD=COLUMN, before what the profile says."
    tz: str | None = None
    "Zone of times that name none: IANA name, UTC or an offset."
    day: date | None = None
    "The day on which a text trace begins, for times without a date."
    trunks: Mapping[str, str] | None = None
    "Carrier by the name of a trunk, for call records."
    numbers: Mapping[str, str] | None = None
    "Carrier by called number in E.164, for call records."
    prover: Callable[[], Proving] | None = None
    "Makes what verifies Identities and contact cards, in each process; None leaves them `not_checked`. Picklable."

    def zone(self) -> tzinfo | None:
        """
        The zone of times that name none; None when nobody said.

        Raises:
            LocalError: there is no such zone (`cdr-unknown-zone`).
        """
        if self.tz is None:
            return None
        from ringthrough.cdr import zone_named

        return zone_named(self.tz)


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read."""

    name: str
    "What rows and errors call it."
    open: Callable[[], BinaryIO]
    "Opens it at its beginning; picklable, and callable again unless `size` is None."
    size: int | None
    "Octets; None for a stream that can be read only once and has to be read in place."


@dataclass(slots=True)
class FileReport:
    """What became of one file."""

    name: str
    format: str = ""
    "`pcap`, `pcapng`, with the compression in front (`gzip pcap`); empty when it could not be opened."
    tally: Tally = field(default_factory=Tally)
    problems: list[Problem] = field(default_factory=list)
    first_us: int = 0
    "Capture time of its first record; 0 without one."
    last_us: int = 0
    "Latest capture time of its records."
    opened: bool = False
    "It is a capture, and could be opened."

    @property
    def usable(self) -> bool:
        """Whether anything could be read from it."""
        return self.opened and (self.tally.records > 0 or not self.problems)
