"""
Files to records in time order, and records to rows: the sequential reader.

Facts
- Rotated files are one stream: they are read in the order of their first record, and a TCP stream or a fragmented
  datagram goes on from one to the next.
- Files whose times overlap were taken side by side, at two places or by two queues: their records are merged by time.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from ringthrough.calls import Call, EndKey, Sighting
from ringthrough.captures import Container, Dissector, PcapReader, Row, capture_in, open_source
from ringthrough.captures.source import Source as Octets
from ringthrough.diagnosis.beside import open_parquet, open_records_in, path_of
from ringthrough.diagnosis.intake import Intake
from ringthrough.diagnosis.kinds import Kind, kind_of
from ringthrough.diagnosis.settings import FileReport, Settings, Source
from ringthrough.errors import Error, Problem, RemoteError

if TYPE_CHECKING:
    from ringthrough.captures.text import TraceReader
    from ringthrough.cdr import Records

__all__ = [
    "Cursor",
    "Piece",
    "add_reports",
    "in_time_order",
    "open_all",
    "read_rows",
    "report_of",
    "sightings_in",
]

HELD_OPEN = 8
"Files that are kept open from the start; of a thousand rotated ones most are closed again until their turn comes."

Progress = Callable[[int], None]


class Piece:
    """A file, or a part of a plain pcap file: the records that start at `start` or behind it, and before `stop`."""

    def __init__(self, index: int, source: Source, *, start: int = 0, stop: int | None = None, frame: int = 1) -> None:
        self.index = index
        "Index of the file in the data set."
        self.source = source
        self.start = start
        self.stop = stop
        self.frame = frame
        "Number of the first record of this part."

    @property
    def whole(self) -> bool:
        """Whether this is the whole file."""
        return self.start == 0 and self.stop is None


class _Counted:
    """A file object that tells how much was read from it."""

    def __init__(self, handle: BinaryIO, progress: Progress | None) -> None:
        self._handle = handle
        self._progress = progress
        self.path = path_of(handle)
        self.seek = handle.seek
        self.close = handle.close

    def read(self, size: int = -1) -> bytes:
        octets = self._handle.read(size)
        if self._progress is not None:
            self._progress(len(octets))
        return octets


class Cursor:
    """A piece that is being read: its batches of records, what is counted about it, and who dissects its packets."""

    def __init__(self, piece: Piece, progress: Progress | None = None, settings: Settings | None = None) -> None:
        self.piece = piece
        self.report = FileReport(piece.source.name)
        self.kind = Kind("capture")
        "What the file is; without settings everything is taken for a capture."
        self.beside: TraceReader | Records | Iterator[list[Call]] | None = None
        "The reader of a file that is no capture."
        self._settings = settings
        self._container: Container | None = None
        self._handle: _Counted | None = None
        self._batches: Iterator[list[Row]] = iter(())
        self.dissector: Dissector | None = None
        self._progress = progress
        self._resting = False
        self.rows: list[Row] = []
        "The batch that is next; empty at the end."

    def open(self) -> bool:
        """Open the file and read its first batch; False when it cannot be read at all (the report says why)."""
        piece, report = self.piece, self.report
        try:
            handle = piece.source.open()
        except OSError as fault:
            said = f"cannot be opened: {fault.strerror or fault}"
            report.problems.append(Problem("diagnosis-cannot-open", said, where=piece.source.name))
            return False
        counted = self._handle = _Counted(handle, self._progress)
        try:
            if piece.whole:
                source, packed = open_source(counted, name=piece.source.name)  # type: ignore[arg-type]
                if self._settings is not None:
                    if self.kind.name == "capture":  # else it is known from the first time
                        self.kind = kind_of(source, self._settings.profile)
                    if self.kind.name != "capture":
                        return self._open_beside(source, packed, self._settings)
                    if self.kind.problem is not None:
                        raise RemoteError(self.kind.problem)
                container: Container = capture_in(source, packed)
            else:
                container = PcapReader(
                    counted,  # type: ignore[arg-type]
                    name=piece.source.name,
                    start=piece.start or None,
                    stop=piece.stop,
                    first_frame=piece.frame,
                )
        except (Error, OSError) as fault:
            said = f"reading failed: {fault}"
            problem = fault.problem if isinstance(fault, Error) else None
            report.problems.append(problem or Problem("diagnosis-cannot-read", said, where=piece.source.name))
            self.close()
            return False
        if piece.start:
            container.tally.notes.clear()  # what the header of the file says is told by who reads its beginning
        self._container = container
        report.opened = True
        report.format = f"{container.compression} {container.format}".strip()
        report.tally, report.problems = container.tally, container.problems
        self._batches = iter(container.blocks())
        self.advance()
        if self.rows:
            report.first_us = self.rows[0][0]
        return True

    def _open_beside(self, source: Octets, packed: str, settings: Settings) -> bool:
        """Open a file that is no capture; what is wrong with it is raised."""
        report, kind, index = self.report, self.kind, self.piece.index
        if kind.name == "trace":
            from ringthrough.captures.text import trace_in

            trace = trace_in(source, packed, file=index, tz=settings.zone(), day=settings.day)
            self.beside, report.tally, report.problems = trace, trace.tally, trace.problems
            report.format = f"{packed} text trace".strip()
        elif kind.name == "records":
            assert kind.profile is not None
            self.beside = records = open_records_in(source, kind.profile, settings)
            report.problems = records.problems
            report.format = f"{packed} call records ({kind.profile.name})".strip()
        else:
            path = self._handle.path if self._handle is not None and not packed else ""
            self.beside = open_parquet(source, path, kind.profile, settings)
            report.format = f"{packed} parquet".strip()
        report.opened = True
        return True

    def rest(self) -> None:
        """Close the file until its turn comes, when it can be opened again and has something to give."""
        if (self.rows or self.beside is not None) and self.piece.source.size is not None:
            self.close()
            self._batches, self.rows, self.beside, self._resting = iter(()), [], None, True

    def wake(self) -> None:
        """Make the first batch current again after a rest; none when the file has gone in the meantime."""
        if self._resting:
            self._resting = False
            self.open()

    def advance(self) -> None:
        """Make the next batch current."""
        self.rows = next(self._batches, [])
        if self.rows:
            self.report.last_us = max(self.report.last_us, self.rows[-1][0], self.rows[0][0])

    @property
    def ends_at(self) -> tuple[int, int]:
        """Offset and number of the record after the last one that was read; of a part of a file."""
        assert isinstance(self._container, PcapReader)
        return self._container.next_offset, self.piece.frame + self.report.tally.records

    def close(self) -> None:
        """Let go of the file."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None


def open_all(cursors: Sequence[Cursor]) -> list[Cursor]:
    """Open files to see when each begins, and return those that could be opened."""
    found: list[Cursor] = []
    for cursor in cursors:
        if cursor.open():
            found.append(cursor)
            if len(found) > HELD_OPEN:
                cursor.rest()
    return found


def in_time_order(cursors: Sequence[Cursor]) -> Iterator[tuple[Cursor, Sequence[Row]]]:
    """
    Batches of records of several files, in time order.

    Args:
        cursors: opened; they are closed here. Those without records come first, for their counts.

    Yields:
        Cursor and some of its records. Before its first records a cursor is given a dissector: that of a file that has
        just ended, or a new one. After its last ones it yields an empty batch, once.
    """
    waiting = sorted(cursors, key=lambda c: (c.report.first_us, c.piece.index))
    waiting.reverse()
    idle: list[Dissector] = []
    active: list[Cursor] = []
    try:
        while waiting or active:
            if not active:
                active.append(_begin(waiting.pop(), idle))
            lead = active[0]
            while waiting and lead.rows and lead.rows[-1][0] > waiting[-1].report.first_us:
                active.append(_begin(waiting.pop(), idle))
            if len(active) > 1:
                yield from _merged(active, waiting, idle)
                continue
            if lead.rows:
                yield lead, lead.rows
                lead.advance()
            if not lead.rows:
                active.remove(lead)
                yield lead, ()
                _end(lead, idle)
    finally:
        for cursor in cursors:
            cursor.close()


def _begin(cursor: Cursor, idle: list[Dissector]) -> Cursor:
    cursor.wake()
    if cursor.dissector is None:
        if idle:
            cursor.dissector = idle.pop()
            cursor.dissector.go_on(file=cursor.piece.index, tally=cursor.report.tally)
        else:
            cursor.dissector = Dissector(file=cursor.piece.index, tally=cursor.report.tally)
    return cursor


def _end(cursor: Cursor, idle: list[Dissector]) -> None:
    cursor.close()
    if cursor.dissector is not None:
        idle.append(cursor.dissector)


def _merged(
    active: list[Cursor], waiting: list[Cursor], idle: list[Dissector]
) -> Iterator[tuple[Cursor, Sequence[Row]]]:
    """Merge the active files record by record until at most one is left."""
    for gone in [cursor for cursor in active if not cursor.rows]:  # could be read once, to see when it begins
        active.remove(gone)
        yield gone, ()
        _end(gone, idle)
    heap = [(cursor.rows[0][0], number, 0, cursor) for number, cursor in enumerate(active)]
    heapq.heapify(heap)
    entered = len(active)
    while len(heap) > 1:
        if waiting and waiting[-1].report.first_us < heap[0][0]:
            late = _begin(waiting.pop(), idle)
            if late.rows:
                active.append(late)
                heapq.heappush(heap, (late.rows[0][0], entered, 0, late))
                entered += 1
            else:
                yield late, ()
                _end(late, idle)
            continue
        _at_us, number, place, cursor = heapq.heappop(heap)
        yield cursor, cursor.rows[place : place + 1]
        if place + 1 == len(cursor.rows):
            cursor.advance()
            place = -1
        if cursor.rows:
            heapq.heappush(heap, (cursor.rows[place + 1][0], number, place + 1, cursor))
        else:
            active.remove(cursor)
            yield cursor, ()
            _end(cursor, idle)
    if heap:
        place, cursor = heap[0][2], heap[0][3]
        cursor.rows = cursor.rows[place:]


def sightings_in(cursors: Sequence[Cursor]) -> Iterator[Sequence[Sighting]]:
    """SIP messages of several files, in time order; an empty sequence at least once a batch, so that time passes."""
    dissectors: dict[int, Dissector] = {}
    for cursor, rows in in_time_order(cursors):
        dissector = cursor.dissector
        assert dissector is not None
        dissectors[id(dissector)] = dissector
        yield dissector.feed_rows(rows)
    for dissector in dissectors.values():
        yield dissector.finish()


def read_rows(cursors: Sequence[Cursor], intake: Intake) -> Iterator[list[tuple[EndKey, Call]]]:
    """
    Calls of several files, as they end.

    Args:
        cursors: opened files; nothing comes after them, so that what is open at their end is cut by it.
        intake: takes in their records.
    """
    dissectors: dict[int, Dissector] = {}
    assembler = intake.assembler
    for cursor, rows in in_time_order(cursors):
        dissector = cursor.dissector
        assert dissector is not None
        dissectors[id(dissector)] = dissector
        intake.feed(dissector, rows)
        ended = assembler.flush()
        if ended:
            yield ended
    for dissector in dissectors.values():
        intake.finish(dissector)
        ended = assembler.flush()
        if ended:
            yield ended
    ended = assembler.finish()
    if ended:
        yield ended


def report_of(cursors: Sequence[Cursor], count: int) -> list[FileReport]:
    """Reports by index of file; parts of one file are added up."""
    reports: list[FileReport | None] = [None] * count
    for cursor in cursors:
        index, report = cursor.piece.index, cursor.report
        so_far = reports[index]
        reports[index] = report if so_far is None else add_reports(so_far, report)
    return [report for report in reports if report is not None]


def add_reports(one: FileReport, two: FileReport) -> FileReport:
    """Report of two parts of one file, the earlier first."""
    return FileReport(
        one.name,
        one.format or two.format,
        one.tally + two.tally,
        [*one.problems, *(p for p in two.problems if p not in one.problems)],
        one.first_us or two.first_us,
        max(one.last_us, two.last_us),
        one.opened or two.opened,
    )
