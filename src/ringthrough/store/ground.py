"""
The folder of a store in the hands of its one writer: the steps from one manifest to the next, and what lies between.

Theory of operation
- A sealed segment is synced, renamed to its place, and its folder synced; then the manifest is replaced. Whatever
  moment the process is killed at, the manifest on the disk is a whole one and names only files that are whole. What
  else lies about is in `tmp`, or has a number that the manifest has not reached: the next writer removes both.
- A segment that is merged or expired leaves the manifest's list in one step, and the disk in a later one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ringthrough.calls import Call, Verdict
from ringthrough.errors import BackendError, Error, LocalError, Problem
from ringthrough.store.disk import Lock, failed, sync_file, sync_folder
from ringthrough.store.engine import connect, copy_to_parquet, pattern, write_faults
from ringthrough.store.ledger import keep
from ringthrough.store.manifest import (
    CALLS,
    IMPORTS,
    LOCK,
    MANIFEST,
    TMP,
    Imported,
    Manifest,
    Retired,
    Segment,
    day_name,
    day_of,
    span,
)
from ringthrough.store.parquet import NAMES
from ringthrough.store.privacy import Privacy
from ringthrough.store.spool import Sealed, Spool, digest
from ringthrough.store.survey import fault_of, number_of, strangers, verify

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["Ground"]

_MEMORY = "512MB"


class Ground:
    """
    A store that is being written. Holds the lock from its making to `leave`.

    Args, Raises: as `Writer`.
    """

    def __init__(self, path: Path, privacy: Privacy | None, key: bytes | None, *, create: bool) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self._engine: DuckDBPyConnection | None = None
        self._spools = 0
        self._unsynced: set[Path] = set()
        self._unmergeable: set[str] = set()
        with ExitStack() as undo:
            try:
                _prepare(path, create=create)
                self._lock = Lock(path / LOCK)
                undo.callback(self._lock.release)
                self.manifest, fresh = self._load(privacy, key, create=create)
                if privacy is not None and not fresh:
                    _same(privacy, self.manifest.privacy, path)
                # Without its key a store can be tended, and nothing added to it.
                self._locked = key is None and self.manifest.privacy.mode == "keyed"
                self._shade = None if self._locked else self.manifest.privacy.shade(key)
                if fresh:
                    self.manifest.save(path)
                self._sequence = self.manifest.sequence
                self._clean()
            except OSError as fault:
                raise failed(fault, path) from fault
            undo.pop_all()

    def _load(self, privacy: Privacy | None, key: bytes | None, *, create: bool) -> tuple[Manifest, bool]:
        """Return the manifest, and whether it is new."""
        if create and not (self.path / MANIFEST).exists():
            return Manifest(privacy=(privacy or Privacy()).sealed(key)), True
        found = Manifest.load(self.path)
        if found.unknown_columns:
            detail = f"expected columns that this version knows, found {', '.join(found.unknown_columns)}: update first"
            raise BackendError(Problem("store-newer", detail, where=str(self.path)))
        # The step after this one says that the columns of this version are known.
        return replace(found, columns=NAMES), False

    def _clean(self) -> None:
        """Remove what a writer left that was killed, and name what is not ours."""
        for folder in (CALLS, IMPORTS, TMP):
            (self.path / folder).mkdir(exist_ok=True)
        sync_folder(self.path)
        for left in (*(self.path / TMP).iterdir(), *(self.path / IMPORTS).glob(".*.new")):
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
        for name, problem in strangers(self.path, self.manifest.files):
            number = number_of(name)
            if number is not None and number >= self.manifest.sequence and (self.path / name).is_file():
                (self.path / name).unlink()
            else:
                self.problems.append(problem)
        for segment in self.manifest.segments:
            fault = fault_of(self.path, segment)
            if fault is not None:
                self.problems.append(fault)
                self._unmergeable.add(segment.file)

    def leave(self) -> None:
        """Let another writer in."""
        if self._engine is not None:
            self._engine.close()
        self._lock.release()

    def _working(self) -> DuckDBPyConnection:
        if self._engine is None:
            self._engine = connect(folder=self.path / TMP, memory=_MEMORY, threads=1)
        return self._engine

    def spool(self, segment_rows: int) -> Spool:
        """Return a place where rows are gathered; it ends with this writer."""
        self._spools += 1
        folder = self.path / TMP / f"rows-{self._spools}"
        folder.mkdir()
        return Spool(folder, self._working(), segment_rows=segment_rows)

    def shaded(self, rows: Sequence[tuple[Call, Verdict]]) -> Sequence[tuple[Call, Verdict]]:
        """
        Return rows as this store keeps numbers.

        Raises:
            LocalError: the key is missing.
        """
        shade = self.manifest.privacy.shade() if self._locked else self._shade
        return rows if shade is None else [shade.row(row) for row in rows]

    def place(self, spool: Spool, into: list[Segment]) -> None:
        """Seal what was gathered and give the segments their names; none is part of the store by that."""
        spool.seal()
        while spool.sealed:
            into.append(self._placed_one(spool.sealed[0]))
            del spool.sealed[0]
        spool.rows = 0

    def _placed_one(self, sealed: Sealed) -> Segment:
        folder = self.path / CALLS / day_name(sealed.day)
        if not sealed.name:
            sealed.name = f"{CALLS}/{folder.name}/{self._sequence:08d}.parquet"
            self._sequence += 1
        if not folder.is_dir():
            folder.mkdir()
            self._unsynced.add(folder.parent)
        self._unsynced.add(folder)
        target = self.path / sealed.name
        if sealed.path.exists() or not target.exists():  # else an earlier attempt was stopped just behind the rename
            sync_file(sealed.path)
            os.replace(sealed.path, target)
        return Segment(sealed.name, sealed.rows, sealed.bytes, sealed.first_us, sealed.last_us, sealed.sha256)

    def unplace(self, segments: Sequence[Segment]) -> None:
        """Remove segments that did not become part of the store."""
        published = {segment.file for segment in self.manifest.segments}
        for segment in segments:
            if segment.file not in published:
                (self.path / segment.file).unlink(missing_ok=True)

    def step(
        self,
        kept: Sequence[Segment],
        placed: Sequence[Segment],
        *,
        retired: tuple[Retired, ...] | None = None,
        imported: Imported | None = None,
    ) -> None:
        """Make these segments the store; returns when that lasts."""
        old = self.manifest
        keep(self.path, old)
        for folder in sorted(self._unsynced):
            sync_folder(folder)
        self._unsynced.clear()
        new = replace(
            old,
            generation=old.generation + 1,
            sequence=self._sequence,
            retired=old.retired if retired is None else retired,
            last_import=imported,
        ).with_segments(list({segment.file: segment for segment in (*kept, *placed)}.values()))
        try:
            new.save(self.path)
            self.manifest = new
        except BaseException:
            # The name may have been replaced before the fault: then this is the store, though it may not last yet.
            if self._on_disk() != old.generation:
                self.manifest = new
            raise

    def _on_disk(self) -> int | None:
        try:
            return Manifest.load(self.path).generation
        except Error:
            return None

    def mergeable(self) -> list[Segment]:
        """Return the segments that are whole."""
        return [segment for segment in self.manifest.segments if segment.file not in self._unmergeable]

    def retired(self, segments: Sequence[Segment], now_us: int) -> tuple[Retired, ...]:
        """Return what is retired when these are as well."""
        return (*self.manifest.retired, *(Retired(segment.file, segment.bytes, now_us) for segment in segments))

    def merge(self, group: Sequence[Segment], now_us: int) -> None:
        """Make one segment of several of one day."""
        files = ", ".join(pattern(self.path / segment.file) for segment in group)
        target = self.path / TMP / f"merged-{self._sequence}.parquet"
        gone = {segment.file for segment in group}
        placed: list[Segment] = []
        try:
            with write_faults(self.path):
                query = f"SELECT * FROM read_parquet([{files}], union_by_name = true)"
                rows = copy_to_parquet(self._working(), query, target)
                first, last = span(group)
                day = None if first is None else day_of(first)
                sealed = Sealed(target, day, rows, target.stat().st_size, first, last, digest(target))
                placed.append(self._placed_one(sealed))
                kept = [segment for segment in self.manifest.segments if segment.file not in gone]
                self.step(kept, placed, retired=self.retired(group, now_us))
        except BackendError:
            target.unlink(missing_ok=True)
            self.unplace(placed)
            damaged = list(verify(self.path, group))
            if not damaged:
                raise
            # The others are merged the next time.
            self.problems += damaged
            self._unmergeable |= {problem.where for problem in damaged}

    def sweep(self, now_us: int, grace_s: float) -> None:
        """Remove the files whose time is up."""
        up = [each for each in self.manifest.retired if each.at_us + int(grace_s * 1_000_000) <= now_us]
        if not up:
            return
        with write_faults(self.path):
            for each in up:
                (self.path / each.file).unlink(missing_ok=True)
            self.step(self.manifest.segments, [], retired=tuple(r for r in self.manifest.retired if r not in up))
            for folder in sorted({(self.path / each.file).parent for each in up}):
                if folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()


def _prepare(folder: Path, *, create: bool) -> None:
    """Make the folder of a store, or see that there is one."""
    if not create:
        Manifest.load(folder)
        return
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        sync_folder(folder.parent)
    if not (folder / MANIFEST).exists():
        # A writer that was killed while it made the store leaves these.
        others = sorted({entry.name for entry in folder.iterdir()} - {LOCK, CALLS, IMPORTS, TMP, f".{MANIFEST}.new"})
        if others:
            detail = f"expected a store or an empty folder, found a folder with {others[0]} in it"
            raise LocalError(Problem("store-not-a-store", detail, where=str(folder)))


def _same(wanted: Privacy, found: Privacy, folder: Path) -> None:
    if (wanted.mode, wanted.keep_digits) != (found.mode, found.keep_digits):
        detail = (
            f"expected the privacy that the store was made with ({found.mode}, {found.keep_digits} digits kept),"
            f" found {wanted.mode}, {wanted.keep_digits}; it cannot be changed"
        )
        raise LocalError(Problem("store-privacy-fixed", detail, where=str(folder)))
