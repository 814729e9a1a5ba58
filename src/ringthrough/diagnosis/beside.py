"""
Sources that are no captures: text traces, whose messages make calls, and call records, which are calls already.

They are read after the captures of a data set, by this process, each in turn; their rows are judged by the same rules.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import IO, TYPE_CHECKING, Any

from ringthrough.calls import FACTS, Assembler, Call, EndKey, Sighting
from ringthrough.captures import Tally
from ringthrough.captures.source import Source as Octets
from ringthrough.diagnosis.settings import Settings
from ringthrough.errors import BackendError, Error, Problem
from ringthrough.wire.peek import peek

if TYPE_CHECKING:
    from ringthrough.cdr import Profile, Records
    from ringthrough.diagnosis.reading import Cursor
    from ringthrough.store.foreign import ForeignTable

__all__ = ["Stream", "open_parquet", "open_records_in", "path_of", "read_records", "read_traces", "trace_of"]

_DURATIONS = ("pdd_ms", "ring_ms", "setup_ms", "final_ms", "talk_ms", "cancel_ms", "trying_ms", "silence_ms")
_UNKNOWN_TIMES: dict[str, Any] = dict.fromkeys(_DURATIONS)
_SURELY_US = 86_400_000_000
"Times before the second day of 1970 are counted up from nothing: the trace has not a single one."
_UNDATED_US = -62_135_596_800_000_001
"The microsecond before the year 1: written out as an empty time, as the store does with rows that have none."
_SIGNS = {"call_id", "at", "final_code", "signal", "rule"}
"Columns by which a table is known to be ours."
_BATCH = 1024


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


def open_parquet(
    source: Octets, path: str, profile: Profile | None, settings: Settings
) -> Records | Iterator[list[Call]]:
    """
    Open a table in Parquet: rows of the call table as they are, else call records by column.

    Args:
        source: its content, unpacked.
        path: where the engine finds the same octets; empty: nowhere, and they are copied into a temporary file.
        profile: how its columns are meant, where the operator says so.

    Raises:
        LocalError: the zone, the region or a mapped column is unknown.
        RemoteError: it is no Parquet file.
        BackendError: the engine does not start, or the disk is full.
    """
    from ringthrough.cdr import open_rows, profile_named
    from ringthrough.store.foreign import ForeignTable

    copy = None if path else _copy(source)
    table = ForeignTable(path or copy.name, name=source.name)  # type: ignore[union-attr]
    if profile is None and set(table.names) >= _SIGNS:
        return _ours(table, copy)
    profile = profile or profile_named("generic")
    return open_rows(
        table.names, _held(table.texts(), copy), profile.mapped(settings.maps) if settings.maps else profile,
        name=source.name, tz=settings.tz, region=settings.region, carriers=settings.carriers, trunks=settings.trunks,
        numbers=settings.numbers,
    )  # fmt: skip


def _copy(source: Octets) -> IO[bytes]:
    """Parquet is read from its end, which neither a pipe nor a compressed file can do."""
    try:
        copy = tempfile.NamedTemporaryFile(prefix="ringthrough-", suffix=".parquet")  # noqa: SIM115 - read later
        shutil.copyfileobj(Stream(source), copy)
        copy.flush()
    except OSError as fault:
        said = f"cannot be kept in a temporary file: {fault.strerror or fault}"
        raise BackendError(Problem("diagnosis-cannot-read", said, where=source.name)) from fault
    return copy


def _held(rows: Iterator[Any], copy: IO[bytes] | None) -> Iterator[Any]:
    """Rows, and their temporary file for as long as they are read."""
    try:
        yield from rows
    finally:
        if copy is not None:
            copy.close()


def _ours(table: ForeignTable, copy: IO[bytes] | None) -> Iterator[list[Call]]:
    """Rows that `--parquet` or the store wrote, in this version or an older one, to be judged anew."""
    types = {("at" if column.name == "at_us" else column.name): column.sql for column in FACTS}
    types["at"] = "TIMESTAMP"
    missing = ["" if sql == "VARCHAR" else None for sql in types.values()]
    missing[list(types).index("at")] = _UNDATED_US  # type: ignore[call-overload]
    made: list[Call] = []
    for row in _held(table.values(types), copy):
        made.append(Call._make(new if cell is None else cell for cell, new in zip(row, missing, strict=True)))
        if len(made) >= _BATCH:
            yield made
            made = []
    if made:
        yield made


def trace_of(cursor: Cursor) -> Iterator[Sequence[Sighting]]:
    """Messages of a file, where it is a text trace; nothing otherwise. The file is closed afterwards."""
    if cursor.kind.name != "trace":
        return
    cursor.wake()
    if cursor.beside is not None:
        yield from cursor.beside.blocks()  # type: ignore[union-attr, misc]
    cursor.close()
    _judge_use(cursor)


def read_traces(cursors: Sequence[Cursor], assembler: Assembler) -> Iterator[list[tuple[EndKey, Call]]]:
    """
    Calls of the text traces among some files, as they end; the traces are one stream in the order given.

    Where the times of a call are made up, its durations are None and `blind_to` says `times`; where the trace has no
    time at all, neither has the call.
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
    if cursor.kind.name not in ("records", "parquet"):
        return
    cursor.wake()
    records, report = cursor.beside, cursor.report
    if isinstance(records, Iterator):
        try:
            for calls in records:
                report.tally.records += len(calls)
                report.tally.sip += len(calls)
                yield calls
        except Error as fault:  # damaged further on: what came before is kept
            report.problems.append(fault.problem)
    elif records is not None:
        yield from records.blocks()  # type: ignore[misc]
        found = records.tally
        # A record that gave a call counts as one with a message, so that records read, skipped and bad add up as ever.
        report.tally = Tally(found.records, found.calls, found.skipped, found.bad, found.calls, found.notes)  # type: ignore[union-attr]
        report.problems = records.problems
    cursor.close()
    _judge_use(cursor)


def _judge_use(cursor: Cursor) -> None:
    """A file of which nothing but problems came counts as one that could not be read."""
    report = cursor.report
    if report.problems and not report.tally.sip:
        report.opened = False


def path_of(handle: Any) -> str:
    """Path under which others find the octets of an open file; empty when there is none."""
    try:
        path = handle.name
        if isinstance(path, str) and os.path.samestat(os.stat(path), os.fstat(handle.fileno())):
            return path
    except (AttributeError, OSError, ValueError):  # standard input, octets in memory, a file that was removed
        pass
    return ""


def _call_id(sighting: Sighting) -> tuple[str, ...]:
    seen = peek(sighting.data)
    return (seen.call_id.decode("utf-8", "backslashreplace"),) if seen is not None else ()


def _without_times(ended: list[tuple[EndKey, Call]], untimed: set[str]) -> list[tuple[EndKey, Call]]:
    if not untimed:
        return ended
    made = []
    for key, call in ended:
        if call.call_id in untimed:
            untimed.discard(call.call_id)
            at_us = _UNDATED_US if call.at_us < _SURELY_US else call.at_us
            call = call._replace(at_us=at_us, blind_to="times", **_UNKNOWN_TIMES)
        made.append((key, call))
    return made
