"""What `ringthrough import` does: which files are new, their calls into one import each, what to say of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace

from ringthrough.cli.choice import Choice
from ringthrough.cli.dataset import context_of, errors_to_stderr, status_of
from ringthrough.cli.files import Inputs
from ringthrough.cli.output import Output
from ringthrough.cli.progress import progress_bar
from ringthrough.diagnosis import RowSink, Settings, diagnose
from ringthrough.store import Import, Writer, source_id

__all__ = ["Importing"]


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
        self.lines: list[str] = []
        "What to tell the user, a line each."

    def run(self, data: Inputs, settings: Settings, *, shown: bool) -> int:
        """Import what is new; return the exit status."""
        with Writer(self._folder, key=self._key) as writer, ExitStack() as jobs:
            new, known = self._jobs(writer, data, jobs)
            fresh = replace(data, sources=[source for source in data.sources if source.name in new])
            run = None
            if fresh.sources or not known:
                with progress_bar(fresh.size, shown=shown) as progress:
                    run = diagnose(fresh.sources, settings, progress=progress)
                    run.into(RowSink, lambda lines: self._append(new, lines))
        with Writer(self._folder, key=self._key) as writer:
            writer.tend(time.time_ns() // 1000)
        for name, job in new.items():
            rows = job.done.rows if job.done is not None else 0
            self.lines.append(f"{name}: {rows:,} calls imported")
        self.lines += known
        if run is None:
            return 0
        files = [*run.files, *data.refused]
        context = context_of(data, run, files, Output("none", _EVERYTHING), "", masked=False)
        self.lines += context.notes
        errors_to_stderr(context)
        return status_of(files, run)

    def _jobs(self, writer: Writer, data: Inputs, jobs: ExitStack) -> tuple[dict[str, Import], list[str]]:
        """Open an import for each file that is new; say which are known."""
        new: dict[str, Import] = {}
        known: list[str] = []
        ours: dict[str, str] = {}
        for source in data.sources:
            with source.open() as handle:
                identity = source_id(handle, self._counted)
            if identity in ours:
                known.append(f"{source.name}: the same as {ours[identity]}: nothing added")
                continue
            ours[identity] = source.name
            job = jobs.enter_context(writer.importing(identity, label=source.name))
            if job.known is None:
                new[source.name] = job
            else:
                known.append(f"{source.name}: imported before ({job.known.rows:,} calls): nothing added")
        return new, known

    @staticmethod
    def _append(new: Mapping[str, Import], lines: list[bytes]) -> None:
        """Rows to the import of the file that holds their first message."""
        by_file: dict[str, list[tuple[object, object]]] = {}
        for row in RowSink.rows(lines):
            by_file.setdefault(row[0].file, []).append(row)
        for name, rows in by_file.items():
            new[name].append(rows)  # type: ignore[arg-type]


_EVERYTHING = Choice(frozenset(), (), (), None, None, "")
