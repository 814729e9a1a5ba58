"""
The writer: rows in, segments out, and nothing is acknowledged before it lasts.

Theory of operation
- `append` takes rows and promises nothing. `flush` makes segments of them, syncs them, and then replaces
  the manifest; when it returns, the rows outlive the process and the machine's power. Until then none is seen.
- A step that fails (a full disk) leaves the rows where they are; the next `flush` tries again.
- No clock is read here: `tend`, `compact` and `expire` are told the time, for the grace after which files are removed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from ringthrough.calls import Call, Verdict
from ringthrough.errors import LocalError, Problem
from ringthrough.store.engine import write_faults
from ringthrough.store.ground import Ground
from ringthrough.store.ledger import find, listed, sound_id
from ringthrough.store.manifest import UNDATED, Imported, Segment, day_name, day_of, span
from ringthrough.store.privacy import Privacy
from ringthrough.store.spool import SEGMENT_ROWS, Spool
from ringthrough.store.upkeep import GRACE_S, bins, due

__all__ = ["Import", "Writer"]


class Writer:
    """
    The one writer of a store; use as a context. Leaving it in peace flushes, an exception drops what was not flushed.

    Args:
        path: folder of the store; made when it is missing or empty.
        privacy: how numbers are kept, when the store is made; for a store that exists None, or the same.
        key: the operator's key, for a store that keeps numbers as keyed hashes; not needed to compact or expire.
        create: make the store when there is none.
        segment_rows: most rows of a segment.

    Raises:
        LocalError: the folder is no store and not empty, another privacy is asked for, the key is not the right one.
        BackendError: another writer is at it, the disk fails, or a later version of this program has written it.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        privacy: Privacy | None = None,
        key: bytes | None = None,
        create: bool = True,
        segment_rows: int = SEGMENT_ROWS,
    ) -> None:
        self.path = Path(path)
        self.acknowledged = 0
        "Rows, appended or imported, that this writer has made last."
        self._segment_rows = segment_rows
        self._spool: Spool | None = None
        self._placed: list[Segment] = []
        self._ground = Ground(self.path, privacy, key, create=create)
        self._open = True

    @property
    def problems(self) -> list[Problem]:
        """What was found wrong with the folder: files that are torn, or that do not belong there."""
        return self._ground.problems

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()

    @property
    def privacy(self) -> Privacy:
        """How this store keeps numbers."""
        return self._ground.manifest.privacy

    @property
    def unkept(self) -> Counter[str]:
        """Column -> numbers too large for it that were stored as missing, since the writer was opened."""
        return Counter(self._spool.unkept) if self._spool is not None else Counter()

    def append(self, rows: Sequence[tuple[Call, Verdict]]) -> int:
        """
        Take rows. They last after the next `flush`, not before; memory does not grow with their number.

        Returns:
            How many rows were taken.

        Raises:
            LocalError: the writer is closed, or the key is missing.
            BackendError: the disk fails; the rows were taken nevertheless: do not give them again.
        """
        self._check_open()
        with write_faults(self.path):
            if self._spool is None:
                self._spool = self._ground.spool(self._segment_rows)
            self._spool.add(self._ground.shaded(rows))
        return len(rows)

    def flush(self) -> int:
        """
        Make what was appended lasting, and visible to readers that open the store from now on.

        Returns:
            Rows that this call has acknowledged.

        Raises:
            LocalError: the writer is closed.
            BackendError: the disk or the engine fails; nothing is acknowledged and nothing lost: call it again.
        """
        self._check_open()
        with write_faults(self.path):
            if self._spool is not None:
                self._ground.place(self._spool, self._placed)
            if not self._placed:
                return 0
            self._ground.step(self._ground.manifest.segments, self._placed)
        rows = sum(segment.rows for segment in self._placed)
        self._placed = []
        self.acknowledged += rows
        return rows

    @contextmanager
    def importing(self, source_id: str | None, *, label: str) -> Iterator[Import]:
        """
        Import one file: all of its rows become visible in one step, or none does.

            with writer.importing(source_id(handle, settings), label=name) as job:
                if job.known is None:
                    for rows in batches:
                        job.append(rows)

        What is appended to a known import is dropped, so the same file twice adds nothing. Leaving the context in
        peace makes the rows last; after an exception, or a kill, none of them is there and the file is imported anew.

        Args:
            source_id: identity of the import, from `source_id`; None when it is known only after reading (a pipe):
                then `job.identify` has to be called before the end.
            label: name of the file, for people.

        Raises:
            LocalError: the writer is closed, or no identity was given.
            BackendError: the disk or the engine fails; nothing was imported.
        """
        self._check_open()
        job = Import(self, source_id, label)
        try:
            yield job
            job.finish()
        finally:
            job.discard()

    def imported(self) -> list[Imported]:
        """Return all imports, oldest first."""
        return listed(self.path, self._ground.manifest)

    def tend(self, now_us: int, *, grace_s: float = GRACE_S) -> bool:
        """
        Do a little to keep the store tidy: merge small segments once, and remove files whose time is up.

        Whoever flushes often calls it after each flush; it costs nothing where nothing is due.

        Args:
            now_us: the time, microseconds since 1970 UTC.
            grace_s: how long files of merged segments stay for readers, seconds.

        Returns:
            Whether segments were merged.

        Raises:
            LocalError: the writer is closed.
            BackendError: the disk or the engine fails; the store is as it was.
        """
        self._check_open()
        group = due(self._ground.mergeable())
        if group:
            self._ground.merge(group, now_us)
        self._ground.sweep(now_us, grace_s)
        return bool(group)

    def compact(self, now_us: int, *, grace_s: float = GRACE_S) -> int:
        """
        Make as few segments of each day as there can be.

        Args, Raises: as `tend`.

        Returns:
            By how many segments there are fewer.
        """
        self._check_open()
        before = len(self._ground.manifest.segments)
        for group in bins(self._ground.mergeable(), self._segment_rows):
            self._ground.merge(group, now_us)
        self._ground.sweep(now_us, grace_s)
        return before - len(self._ground.manifest.segments)

    def expire(self, before_us: int, now_us: int, *, undated: bool = False, grace_s: float = GRACE_S) -> int:
        """
        Take the days before a time out of the store; the day of that time stays whole.

        Args:
            before_us: microseconds since 1970 UTC.
            now_us: the time, microseconds since 1970 UTC.
            undated: rows without a time go as well.
            grace_s: how long the files stay for readers, seconds; the next `tend`, `compact` or `expire` after that
                removes them.

        Returns:
            How many rows are gone.

        Raises:
            LocalError: the writer is closed.
            BackendError: the disk fails.
        """
        self._check_open()
        last = day_of(before_us)
        first_kept = day_name(last) if last is not None else ("0000" if before_us < 0 else "9999-99-99")
        old = [s for s in self._ground.manifest.segments if (undated if s.day == UNDATED else s.day < first_kept)]
        if old:
            gone = {segment.file for segment in old}
            kept = [segment for segment in self._ground.manifest.segments if segment.file not in gone]
            with write_faults(self.path):
                self._ground.step(kept, [], retired=self._ground.retired(old, now_us))
        self._ground.sweep(now_us, grace_s)
        return sum(segment.rows for segment in old)

    def close(self) -> None:
        """Flush, and let another writer in. Once is enough."""
        if self._open:
            try:
                self.flush()
            finally:
                self.abandon()

    def abandon(self) -> None:
        """Drop what was not flushed, and let another writer in."""
        if not self._open:
            return
        self._open = False
        try:
            if self._spool is not None:
                self._spool.discard()
            self._ground.unplace(self._placed)
        except OSError:  # what is left is removed by the next writer
            pass
        finally:
            self._ground.leave()

    def _check_open(self) -> None:
        if not self._open:
            raise LocalError(Problem("store-closed", "expected an open writer, found a closed one", str(self.path)))


class Import:
    """One file on its way into the store; made by `Writer.importing`."""

    def __init__(self, writer: Writer, source_id: str | None, label: str) -> None:
        self._writer = writer
        self._spool: Spool | None = None
        self._placed: list[Segment] = []
        self._id: str | None = None
        self.label = label
        self.known: Imported | None = None
        "The earlier import of the same file, if there was one."
        self.done: Imported | None = None
        "This import, once it lasts."
        if source_id is not None:
            self.identify(source_id)

    def identify(self, source_id: str) -> Imported | None:
        """Say which file this is; returns `known`."""
        writer = self._writer
        self._id = sound_id(source_id)
        self.known = find(writer.path, writer._ground.manifest, self._id)
        return self.known

    def append(self, rows: Sequence[tuple[Call, Verdict]]) -> int:
        """
        Take rows.

        Returns:
            How many rows were taken: none when the file is known.

        Raises:
            BackendError: the disk or the engine fails.
        """
        if self.known is not None:
            return 0
        with write_faults(self._writer.path):
            if self._spool is None:
                self._spool = self._writer._ground.spool(self._writer._segment_rows)
            self._spool.add(self._writer._ground.shaded(rows))
        return len(rows)

    @property
    def unkept(self) -> Counter[str]:
        """Column -> numbers too large for it, which are stored as missing."""
        return Counter(self._spool.unkept) if self._spool is not None else Counter()

    def finish(self) -> None:
        """Make the rows last; the end of the context does it."""
        if self._id is None:
            detail = f"expected identify() before the end of the import of {self.label}"
            raise LocalError(Problem("store-import-id", detail, str(self._writer.path)))
        writer = self._writer
        writer._check_open()
        if self.known is not None or self.identify(self._id) is not None:
            return
        with write_faults(writer.path):
            if self._spool is not None:
                writer._ground.place(self._spool, self._placed)
            rows = sum(segment.rows for segment in self._placed)
            entry = Imported(self._id, self.label, rows, *span(self._placed), writer._ground.manifest.generation + 1)
            writer._ground.step(writer._ground.manifest.segments, self._placed, imported=entry)
        self.done = entry
        writer.acknowledged += rows

    def discard(self) -> None:
        """Remove what did not become part of the store; the end of the context does it."""
        try:
            if self._spool is not None:
                self._spool.discard()
            self._writer._ground.unplace(self._placed)
        except OSError:  # what is left is removed by the next writer
            pass
