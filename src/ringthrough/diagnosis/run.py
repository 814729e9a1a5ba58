"""`diagnose`: files in, rows with verdicts out. The command line and a program use the same function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeVar

from ringthrough.calls import Call, Sighting, Verdict
from ringthrough.diagnosis.beside import read_records, read_traces, trace_of
from ringthrough.diagnosis.intake import Intake
from ringthrough.diagnosis.reading import Cursor, Piece, open_all, read_rows, sightings_in
from ringthrough.diagnosis.settings import FileReport, Settings, Source
from ringthrough.diagnosis.shards import CannotSplit, Outcome, plan, read_in_parallel
from ringthrough.diagnosis.sink import RowSink, Sink
from ringthrough.errors import Problem
from ringthrough.verdict import judge

__all__ = ["Run", "diagnose", "sightings"]

S = TypeVar("S", bound=Sink)
Progress = Callable[[int], None]


class _Meter:
    """
    Tells how much was read, and never more than there is.

    Octets are read more than once when work is shared out: the first ones of each file to see what it is, headers by
    each worker, and everything when it turns out that one worker has to do it. What was told once is not told again.
    """

    def __init__(self, progress: Progress, sources: Sequence[Source]) -> None:
        self._progress = progress
        sizes = [source.size for source in sources]
        self._most = None if None in sizes else sum(size or 0 for size in sizes)
        self._read = 0
        self._told = 0

    def __call__(self, octets: int) -> None:
        self._read += octets
        read = self._read if self._most is None else min(self._read, self._most)
        if read > self._told:
            self._progress(read - self._told)
            self._told = read

    def back(self, octets: int = 0) -> int:
        """Go back to a place, since everything behind it will be read again; return the place left."""
        left, self._read = self._read, octets
        return left


class Run:
    """
    One reading of a data set. Iterate it once, or call `into` once; then look at what it found out about the files.

    Iterating gives batches of rows as calls end, with memory bounded by the calls that are open at a time.
    """

    def __init__(self, sources: Sequence[Source], settings: Settings, progress: Progress | None) -> None:
        self._sources = sources
        self._settings = settings
        self._progress = _Meter(progress, sources) if progress is not None else None
        self.files: list[FileReport] = []
        "A report per file, in the order given; complete when all rows are out."
        self.notes: list[str] = []
        "What a user should know about how it was read, for example why a file could not be split."
        self.problems: list[Problem] = []
        "What could not be read of certificates, anchors and contact cards."
        self.others: Counter[str] = Counter()
        "SIP requests that make no call, by method; `malformed` for what no reader can take."

    def __iter__(self) -> Iterator[list[tuple[Call, Verdict]]]:
        if self._settings.workers < 2:
            cursors = self._open()
            try:
                yield from self._sequential(cursors)
                yield from self._beside(cursors)
            finally:
                for cursor in cursors:
                    cursor.close()
            self._settle(cursors, {})
            return
        batches: list[list[tuple[Call, Verdict]]] = []
        self.into(RowSink, lambda lines: batches.append(RowSink.rows(lines)))
        yield from batches

    def into(self, factory: Callable[[], S], write: Callable[[list[bytes]], None], *, joined: bool = False) -> S:
        """
        Read everything into a sink.

        Args:
            factory: makes a sink; called once in every worker, so it has to be picklable when there are several.
            write: gets the output of rows, in the order in which the calls ended.
            joined: `write` does not care where a row ends, so it may get many in one piece. Saves time with workers.

        Returns:
            The sink that has seen all rows.
        """
        cursors = self._open()
        try:
            captures = [cursor for cursor in cursors if cursor.kind.name == "capture"]
            outcome = None
            if self._settings.workers > 1 and (captures or not cursors):
                outcome = self._in_parallel(captures, factory, write, joined)
            if outcome is not None:
                sink = outcome.sink
            else:
                sink = factory()
                for rows in self._sequential(cursors):
                    write(sink.take(rows))
            for rows in self._beside(cursors):
                write(sink.take(rows))
            self._settle(cursors, outcome.reports if outcome is not None else {})
            return sink
        finally:
            for cursor in cursors:
                cursor.close()

    def _in_parallel(
        self, cursors: list[Cursor], factory: Callable[[], S], write: Callable[[list[bytes]], None], joined: bool
    ) -> Outcome[S] | None:
        """Read captures with several workers; None when one has to do it, which the notes then explain."""
        meter = self._progress
        begun = meter.back() if meter is not None else 0
        uncut: dict[int, str] = {}
        while True:
            try:
                shares, notes = plan(cursors, self._settings.workers, uncut)
                outcome = read_in_parallel(shares, self._sources, self._settings, factory, write, meter, joined=joined)
                break
            except CannotSplit as finding:
                if meter is not None:
                    meter.back(begun if finding.index is None else 0)
                if finding.index is None:
                    self.notes.append(f"read by one worker: {finding}")
                    return None
                uncut[finding.index] = str(finding)
        self.notes.extend(notes)
        self.others.update(outcome.others)
        self.problems.extend(outcome.problems)
        return outcome

    def _open(self) -> list[Cursor]:
        cursors = [
            Cursor(Piece(index, source), self._progress, self._settings) for index, source in enumerate(self._sources)
        ]
        open_all(cursors)
        taken: dict[str, list[str]] = {}
        for cursor in cursors:
            if cursor.kind.why and cursor.report.opened:
                taken.setdefault(f"read as {cursor.report.format}: {cursor.kind.why}", []).append(cursor.report.name)
        for how, (first, *more) in taken.items():
            self.notes.append(f"{first}{f' and {len(more)} more' if more else ''}: {how}")
        return cursors

    def _sequential(self, cursors: list[Cursor]) -> Iterator[list[tuple[Call, Verdict]]]:
        """Rows of the captures, read by this process."""
        captures = [cursor for cursor in cursors if cursor.kind.name == "capture" and cursor.report.opened]
        intake = Intake([source.name for source in self._sources], self._settings)
        self.problems.extend(intake.problems)
        try:
            for ended in read_rows(captures, intake):
                yield [(call, judge(call)) for _key, call in ended]
        finally:
            intake.close()
        self.others.update(intake.assembler.others)

    def _beside(self, cursors: list[Cursor]) -> Iterator[list[tuple[Call, Verdict]]]:
        """Rows of what is no capture: text traces as one stream, then call records file by file."""
        if any(cursor.kind.name == "trace" for cursor in cursors):
            intake = Intake([source.name for source in self._sources], self._settings, source="trace")
            try:
                for ended in read_traces(cursors, intake.assembler):
                    yield [(call, judge(call)) for _key, call in ended]
            finally:
                intake.close()
            self.others.update(intake.assembler.others)
        for cursor in cursors:
            for calls in read_records(cursor):
                yield [(call, judge(call)) for call in calls]

    def _settle(self, cursors: list[Cursor], found: Mapping[int, FileReport]) -> None:
        """Keep what was found out about the files, by the workers or here."""
        self.files = [found.get(cursor.piece.index, cursor.report) for cursor in cursors]


def diagnose(sources: Sequence[Source], settings: Settings | None = None, *, progress: Progress | None = None) -> Run:
    """
    Read captures and judge every call in them.

    Args:
        sources: the files; together they are one data set.
        settings: how to read; the defaults do for a start.
        progress: is called with the number of octets read since its last call.

    Returns:
        The run, which has read nothing yet.
    """
    return Run(sources, settings or Settings(), progress)


def sightings(
    sources: Sequence[Source], wanted: Callable[[Sighting], bool] | None = None, settings: Settings | None = None
) -> Iterator[Sighting]:
    """
    SIP messages of a data set in time order, for ladders and cut-outs.

    Args:
        sources: the files; indices in the sightings refer to them.
        wanted: tells which messages to hand out; all by default. Call records have none.
        settings: how the files are read: the zone of text traces, for example.
    """
    given = settings or Settings()
    cursors = [Cursor(Piece(index, source), None, given) for index, source in enumerate(sources)]
    opened = open_all(cursors)
    captures = [cursor for cursor in opened if cursor.kind.name == "capture"]
    for found in chain(sightings_in(captures), *(trace_of(cursor) for cursor in opened)):
        for sighting in found:
            if wanted is None or wanted(sighting):
                yield sighting
    for cursor in opened:
        cursor.close()
