"""What every reader of a capture file offers, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from ringthrough.captures.records import Record, Row
from ringthrough.captures.source import Source
from ringthrough.captures.tally import Tally
from ringthrough.errors import Problem

__all__ = ["BATCH_RECORDS", "MAX_PACKET_BYTES", "PROBLEMS_LISTED", "Container", "Reader"]

BATCH_RECORDS = 1024
"Most records of one batch; a batch also ends where a block of the file does."

MAX_PACKET_BYTES = 262_144
"Most octets a packet can have: libpcap's MAXIMUM_SNAPLEN, tcpdump's -s 0, Wireshark's WTAP_MAX_PACKET_SIZE_STANDARD."

PROBLEMS_LISTED = 20
"Most problems of one kind that a reader lists; more are counted in the tally's note `problems-not-listed`."


class Container(Protocol):
    """An opened capture file."""

    format: str
    "`pcap` or `pcapng`."
    compression: str
    "`gzip`, `zstd`, `xz` or `bzip2`, from outside to inside with `+` between; empty for none."
    tally: Tally
    "Counts so far. The reader counts records and broken ones; who dissects them counts the rest."
    problems: list[Problem]
    "What is wrong with the file, as far as it was read."

    def blocks(self) -> Iterator[list[Row]]:
        """Records in batches of plain tuples, which is the fast way; once, from where reading stands."""
        ...

    def __iter__(self) -> Iterator[Record]:
        """Records one by one; once, from where reading stands."""
        ...


class Reader:
    """The part of a `Container` that does not depend on the format."""

    format = ""

    def __init__(self, source: Source, *, compression: str = "") -> None:
        self.compression = compression
        self.tally = Tally()
        self.problems = source.problems
        self.name = source.name
        self._source = source
        self._listed: dict[str, int] = {}
        self._batches = self._read()

    def blocks(self) -> Iterator[list[Row]]:
        """Records in batches of plain tuples, which is the fast way; once, from where reading stands."""
        return self._batches

    def __iter__(self) -> Iterator[Record]:
        for rows in self._batches:
            for row in rows:
                yield Record._make(row)

    def _read(self) -> Iterator[list[Row]]:
        raise NotImplementedError  # each format has its own

    def _report(self, code: str, detail: str, at: int) -> None:
        """Keep a problem, unless its kind was listed often enough."""
        times = self._listed.get(code, 0)
        self._listed[code] = times + 1
        if times < PROBLEMS_LISTED:
            self.problems.append(Problem(code, detail, where=self.name, at=at))
        else:
            self.tally.note("problems-not-listed")

    def _bad_record(self, cause: str, code: str, detail: str, at: int) -> None:
        """Count a record that is broken and say why."""
        self.tally.records += 1
        self.tally.spoil(cause)
        self._report(code, detail, at)
