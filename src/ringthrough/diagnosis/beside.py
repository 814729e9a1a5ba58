"""
Sources that are no captures: text traces, whose messages make calls, and call records, which are calls already.

They are read after the captures of a data set, by this process, each in turn; their rows are judged by the same rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from ringthrough.calls import FACTS, Assembler, Call, EndKey, Sighting
from ringthrough.captures import Tally
from ringthrough.captures.source import Source as Octets
from ringthrough.diagnosis.settings import Settings
from ringthrough.wire.peek import peek

if TYPE_CHECKING:
    from ringthrough.cdr import Profile, Records
    from ringthrough.diagnosis.reading import Cursor

__all__ = ["Stream", "open_parquet", "open_records_in", "read_records", "read_traces", "trace_of"]

_DURATIONS = ("pdd_ms", "ring_ms", "setup_ms", "final_ms", "talk_ms", "cancel_ms", "trying_ms", "silence_ms")
_UNKNOWN_TIMES: dict[str, Any] = dict.fromkeys(_DURATIONS)


class Stream:
    """The content of a file as the reader of records takes it: `read` alone, at most as much as was asked for."""

    def __init__(self, source: Octets) -> None:
        self._source = source

    def read(self, size: int = -1) -> bytes:
        """Return the next octets; none at the end."""
        return self._source.take(size if size > 0 else 1 << 20)


def open_records_in(source: Octets, profile: Profile, settings: Settings) -> Records:
    """
    Open call records.

    Raises:
        LocalError: the zone or the region is unknown, or a column to be mapped.
    """
    from ringthrough.cdr import open_records

    return open_records(
        Stream(source),  # type: ignore[arg-type]
        profile.mapped(settings.maps) if settings.maps else profile, name=source.name, tz=settings.tz,
        region=settings.region, carriers=settings.carriers, trunks=settings.trunks, numbers=settings.numbers,
    )  # fmt: skip


def open_parquet(path: str, profile: Profile | None, settings: Settings) -> Records | Iterator[list[Call]]:
    """
    Open a table in Parquet: rows of the call table as they are, else call records by column.

    Raises:
        LocalError: it is no Parquet file.
        BackendError: the engine does not start.
    """
    from ringthrough.cdr import open_rows, profile_named
    from ringthrough.store.foreign import read_parquet

    names, rows = read_parquet(path)
    if profile is None and {"call_id", "at", "final_code", "signal", "blind_to"} <= set(names):
        return _ours(names, rows)
    profile = profile or profile_named("generic")
    return open_rows(
        names, rows, profile.mapped(settings.maps) if settings.maps else profile, name=path, tz=settings.tz,
        region=settings.region, carriers=settings.carriers, trunks=settings.trunks, numbers=settings.numbers,
    )  # fmt: skip


def _ours(names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> Iterator[list[Call]]:
    """Rows that `--parquet` wrote, of this version or an older one, to be judged anew."""
    from datetime import UTC, datetime, timedelta

    epoch = datetime(1970, 1, 1)
    places = {name: place for place, name in enumerate(names)}
    made: list[Call] = []
    for row in rows:
        cells: list[Any] = []
        for column in FACTS:
            place = places.get("at" if column.name == "at_us" else column.name)
            cell = None if place is None else row[place]
            if column.name == "at_us":
                if cell is not None and cell.tzinfo is not None:
                    cell = cell.astimezone(UTC).replace(tzinfo=None)
                cell = 0 if cell is None else (cell - epoch) // timedelta(microseconds=1)
            elif cell is None and column.sql == "VARCHAR":
                cell = ""
            cells.append(cell)
        made.append(Call._make(cells))
        if len(made) >= 1024:
            yield made
            made = []
    if made:
        yield made


def trace_of(cursor: Cursor) -> Iterator[Sequence[Sighting]]:
    """Messages of a file, where it is a text trace; nothing otherwise."""
    if cursor.kind.name == "trace" and cursor.beside is not None:
        yield from cursor.beside.blocks()  # type: ignore[union-attr, misc]


def read_traces(cursors: Sequence[Cursor], assembler: Assembler) -> Iterator[list[tuple[EndKey, Call]]]:
    """
    Calls of the text traces among some files, as they end; the traces are one stream in the order given.

    Where the times of a call are made up, its durations are None and `blind_to` says `times`.
    """
    from ringthrough.captures.text import UNTIMED

    untimed: set[str] = set()
    for sightings in chain.from_iterable(map(trace_of, cursors)):
        for sighting in sightings:
            if sighting.flags & UNTIMED:
                untimed.update(_call_id(sighting))
        assembler.feed_all(sightings)
        if ended := assembler.flush():
            yield _without_times(ended, untimed)
    if ended := assembler.finish():
        yield _without_times(ended, untimed)


def read_records(cursor: Cursor) -> Iterator[list[Call]]:
    """Rows of a file, where it holds call records or a table of calls; its report is complete afterwards."""
    records, report = cursor.beside, cursor.report
    if records is None or cursor.kind.name == "trace":
        return
    if isinstance(records, Iterator):
        for calls in records:
            report.tally.records += len(calls)
            report.tally.sip += len(calls)
            yield calls
        return
    yield from records.blocks()  # type: ignore[misc]
    found = records.tally
    # A record that gave a call counts as one with a message, so that records read, skipped and bad add up as ever.
    report.tally = Tally(found.records, found.calls, found.skipped, found.bad, found.calls, found.notes)  # type: ignore[union-attr]
    report.problems = records.problems


def _call_id(sighting: Sighting) -> tuple[str, ...]:
    seen = peek(sighting.data)
    return (seen.call_id.decode("utf-8", "backslashreplace"),) if seen is not None else ()


def _without_times(ended: list[tuple[EndKey, Call]], untimed: set[str]) -> list[tuple[EndKey, Call]]:
    if not untimed:
        return ended
    return [
        (key, call._replace(blind_to="times", **_UNKNOWN_TIMES) if call.call_id in untimed else call)
        for key, call in ended
    ]
