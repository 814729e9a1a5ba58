"""What `ringthrough import` does: which files are new, their calls into one import each, what to say of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

from ringthrough.calls import Call, Verdict
from ringthrough.captures import open_source
from ringthrough.cli.choice import Choice
from ringthrough.cli.dataset import context_of, errors_to_stderr, status_of
from ringthrough.cli.files import Inputs
from ringthrough.cli.output import Output
from ringthrough.cli.progress import progress_bar
from ringthrough.diagnosis import FileReport, RowSink, Run, Settings, Source, diagnose
from ringthrough.errors import Error, Problem
from ringthrough.report.rows import printable
from ringthrough.store import Import, Writer, source_id

__all__ = ["Importing"]

_EVERYTHING = Choice(frozenset(), (), (), None, None, "")
_PARQUET = b"PAR1"


class _NotKeptError(Exception):
    """Leaves the context of an import without keeping it."""


@dataclass
class _Job:
    """One new file on its way into the store."""

    source: Source
    kept: ExitStack
    "The context of the import; leaving it in peace makes its rows last."
    rows: Import


@dataclass
class _Found:
    """What the readings of an import found out, as one run would tell it."""

    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    files: dict[str, FileReport] = field(default_factory=dict)

    def add(self, run: Run) -> None:
        self.notes += run.notes
        self.problems += run.problems
        self.others.update(run.others)
        self.files.update((report.name, report) for report in run.files)


class Importing:
    """
    One import of several files.

    Args:
        folder: the store.
        key: the operator's key, for a store that needs one.
        counted: settings that change rows, for the identity of an import.
    """

    def __init__(self, folder: str, key: bytes | None, counted: Mapping[str, str]) -> None:
        self._folder = folder
        self._key = key
        self._counted = counted
        self._found = _Found()
        self.lines: list[str] = []
        "What to tell the user, a line each."

    def run(self, data: Inputs, settings: Settings, *, shown: bool) -> int:
        """Import what is new; return the exit status."""
        known: list[str] = []
        if data.sources:
            with Writer(self._folder, key=self._key) as writer, ExitStack() as jobs:
                new, known = self._jobs(writer, data.sources, jobs)
                with progress_bar(sum(job.source.size or 0 for job in new), shown=shown) as progress:
                    self._read(new, settings, progress)
                self._keep(new)
                writer.tend(time.time_ns() // 1000)
        self.lines += known
        found = self._found
        files = [found.files[source.name] for source in data.sources if source.name in found.files]
        files += data.refused
        context = context_of(data, found, files, Output("none", _EVERYTHING), "", masked=False)
        self.lines += context.notes
        errors_to_stderr(context)
        status = status_of(files, found)
        # A known file was read, only not today: the others cannot make it that nothing could be read.
        return status if not known else min(status, 1) if files else 0

    def _jobs(self, writer: Writer, sources: Sequence[Source], jobs: ExitStack) -> tuple[list[_Job], list[str]]:
        """Open an import for each file that is new; say which are known."""
        new: list[_Job] = []
        known: list[str] = []
        ours: dict[str, str] = {}
        for source in sources:
            try:
                with source.open() as handle:
                    identity = source_id(handle, self._counted)
            except OSError as fault:
                problem = Problem("diagnosis-cannot-read", f"reading failed: {fault.strerror or fault}", source.name)
                self._found.files[source.name] = FileReport(source.name, problems=[problem])
                continue
            if identity in ours:
                known.append(f"{source.name}: the same as {ours[identity]}: nothing added")
                continue
            ours[identity] = source.name
            kept = jobs.enter_context(ExitStack())
            rows = kept.enter_context(writer.importing(identity, label=printable(source.name)))
            if rows.known is None:
                new.append(_Job(source, kept, rows))
            else:
                known.append(f"{source.name}: imported before ({_calls(rows.known.rows)}): nothing added")
        return new, known

    def _read(self, new: Sequence[_Job], settings: Settings, progress: Callable[[int], None] | None) -> None:
        """
        Read the new files, all in one go.

        Rows name their file, so that each finds its import. Those of a table that we wrote name the file they were
        made from, so tables are read one by one.
        """
        tables = [job for job in new if _is_parquet(job.source)]
        streams = [job for job in new if job not in tables]
        for group in [streams] * bool(streams) + [[job] for job in tables]:
            run = diagnose([job.source for job in group], settings, progress=progress)
            if settings.workers > 1:
                run.into(RowSink, lambda lines, group=group: _append(group, RowSink.rows(lines)))  # type: ignore[misc]
            else:  # rows need no packing to go from here to here
                for rows in run:
                    _append(group, rows)
            self._found.add(run)

    def _keep(self, new: Sequence[_Job]) -> None:
        """Make the rows of each file last; a file of which nothing could be read may be given again."""
        for job in new:
            name, report = job.source.name, self._found.files[job.source.name]
            if not report.usable:
                with suppress(_NotKeptError), job.kept:
                    raise _NotKeptError
                self.lines.append(f"{name}: nothing imported")
                continue
            job.kept.close()
            rows = job.rows.done.rows if job.rows.done is not None else 0
            self.lines.append(f"{name}: {_calls(rows)} imported")
            for column, times in sorted(job.rows.unkept.items()):
                self.lines.append(f"{name}: {times:,} x {column}: too large for the column, stored as missing")


def _calls(rows: int) -> str:
    return "1 call" if rows == 1 else f"{rows:,} calls"


def _append(group: Sequence[_Job], rows: Sequence[tuple[Call, Verdict]]) -> None:
    """Rows to the import of the file that holds their first message."""
    if len(group) == 1:
        group[0].rows.append(rows)
        return
    by_file: dict[str, list[tuple[Call, Verdict]]] = {job.source.name: [] for job in group}
    for row in rows:
        by_file[row[0].file].append(row)
    for job in group:
        if mine := by_file[job.source.name]:
            job.rows.append(mine)


def _is_parquet(source: Source) -> bool:
    try:
        with source.open() as handle:
            octets, _packed = open_source(handle, name=source.name)
            return octets.peek(4) == _PARQUET
    except (Error, OSError):  # what is wrong with it is told when it is read
        return False
