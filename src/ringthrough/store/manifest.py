"""
The manifest: which segments are the store. It is replaced as a whole, and what it does not name is not there.

    DIR/manifest.json                    this file
    DIR/lock                             held by the writer
    DIR/calls/2026-03-25/00000012.parquet  a segment: rows of one UTC day; written once, never changed
    DIR/calls/undated/...                rows whose time no calendar shows
    DIR/imports/<source id>.json         files that were imported
    DIR/tmp/                             what a writer is working on; emptied by the next one

Facts
- A column that says nothing in a whole segment is left out of its file; readers fill in its default. So a segment that
  was written before a column existed needs no conversion, and `columns` only tells which columns the writer knew.
- Numbers of segments only grow. A file with the manifest's `sequence` or above was never acknowledged.
- A segment that was merged or expired is *retired*: named, so that its file can be removed once no reader that opened
  the store earlier can still want it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from ringthrough.errors import BackendError, LocalError, Problem
from ringthrough.store.disk import replace_text
from ringthrough.store.parquet import FIRST_US, LAST_US, NAMES
from ringthrough.store.privacy import Privacy

__all__ = [
    "CALLS", "DAY_US", "FORMAT", "IMPORTS", "LOCK", "MANIFEST", "TMP", "UNDATED", "Imported", "Manifest", "Retired",
    "Segment", "day_name", "day_of", "span",
]  # fmt: skip

FORMAT = 1
"Version of this layout. A store with a higher one is refused, one with a lower one is brought up when it is written."
MANIFEST, LOCK, CALLS, IMPORTS, TMP = "manifest.json", "lock", "calls", "imports", "tmp"
UNDATED = "undated"
DAY_US = 86_400_000_000
_EPOCH = date(1970, 1, 1).toordinal()
_FILE = re.compile(r"calls/(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|undated)/[0-9]{8,}\.parquet")


def day_of(at_us: int) -> int | None:
    """Days since 1970 (UTC) of a time; None for a time that no calendar shows."""
    return at_us // DAY_US if FIRST_US <= at_us <= LAST_US else None


def day_name(day: int | None) -> str:
    """Name of a day's folder: its date, or `undated`."""
    return UNDATED if day is None else date.fromordinal(day + _EPOCH).isoformat()


@dataclass(frozen=True, slots=True)
class Segment:
    """One Parquet file with rows of one day."""

    file: str
    "Its name under the store's folder, with slashes."
    rows: int
    bytes: int
    first_us: int | None
    "Earliest `at`, microseconds since 1970 UTC; None when undated."
    last_us: int | None
    sha256: str
    "Of its octets, hexadecimal."

    @property
    def day(self) -> str:
        """Date of its rows (UTC), or `undated`."""
        return self.file.split("/")[1]

    def meets(self, since_us: int | None, until_us: int | None) -> bool:
        """Can it hold a row from `since_us` on and before `until_us`?"""
        if since_us is None and until_us is None:
            return True
        if self.first_us is None or self.last_us is None:
            return False
        return (since_us is None or self.last_us >= since_us) and (until_us is None or self.first_us < until_us)


def span(segments: Iterable[Segment]) -> tuple[int | None, int | None]:
    """Earliest and latest `at` of segments; None, None where all are undated."""
    times = [t for segment in segments for t in (segment.first_us, segment.last_us) if t is not None]
    return min(times, default=None), max(times, default=None)


@dataclass(frozen=True, slots=True)
class Retired:
    """A file that belongs to the store no longer and is kept for readers that are still at it."""

    file: str
    bytes: int
    at_us: int
    "When it was retired, microseconds since 1970 UTC."


@dataclass(frozen=True, slots=True)
class Imported:
    """One file that was imported."""

    source_id: str
    label: str
    "Name of the file, for people."
    rows: int
    first_us: int | None
    "Earliest `at` of its rows, microseconds since 1970 UTC."
    last_us: int | None
    generation: int
    "Step of the manifest that made it visible."


@dataclass(frozen=True, slots=True)
class Manifest:
    """The store at one moment."""

    generation: int = 0
    "Grows by one with every step."
    sequence: int = 1
    "Number of the next segment."
    privacy: Privacy = field(default_factory=Privacy)
    columns: tuple[str, ...] = NAMES
    "Columns that its writers knew."
    segments: tuple[Segment, ...] = ()
    "In the order of days, and within a day as they came; undated last."
    retired: tuple[Retired, ...] = ()
    last_import: Imported | None = None
    "The import that this step made visible, until the next step has put it into its own file."

    @property
    def files(self) -> set[str]:
        """Names of all its files, the retired ones included."""
        return {segment.file for segment in self.segments} | {retired.file for retired in self.retired}

    @property
    def unknown_columns(self) -> tuple[str, ...]:
        """Columns of a later version of this program."""
        return tuple(name for name in self.columns if name not in NAMES)

    def with_segments(self, segments: list[Segment]) -> Manifest:
        """Return a manifest with exactly these segments, in order."""
        return replace(self, segments=tuple(sorted(segments, key=lambda s: (s.day, s.file))))

    def save(self, folder: Path) -> None:
        """Make this the manifest of a store; returns when it lasts."""
        cells = {
            "format": FORMAT,
            "generation": self.generation,
            "sequence": self.sequence,
            "privacy": _cells(self.privacy),
            "columns": self.columns,
            "segments": [_cells(segment) for segment in self.segments],
            "retired": [_cells(retired) for retired in self.retired],
            "last_import": None if self.last_import is None else _cells(self.last_import),
        }
        replace_text(folder / MANIFEST, json.dumps(cells, ensure_ascii=False, separators=(",", ":")) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """
        Read the manifest of a store.

        Raises:
            LocalError: this is no store.
            BackendError: it cannot be read, is damaged, or was written by a later version of this program.
        """
        path = folder / MANIFEST
        try:
            text = path.read_text("utf-8")
        except (FileNotFoundError, NotADirectoryError) as fault:
            detail = f"expected the folder of a store, found no {MANIFEST} in it"
            raise LocalError(Problem("store-not-a-store", detail, where=str(folder))) from fault
        except (OSError, UnicodeDecodeError) as fault:
            raise _damaged(path, str(fault)) from fault
        try:
            cells = json.loads(text)
            version = cells.pop("format")
            if version > FORMAT:
                detail = f"expected a store of format {FORMAT} or lower, found {version}: written by a later version"
                raise BackendError(Problem("store-newer", detail, where=str(folder)))
            return cls._made(cells)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as fault:
            raise _damaged(path, f"{type(fault).__name__}: {fault}") from fault

    @classmethod
    def _made(cls, cells: dict[str, Any]) -> Manifest:
        segments = [Segment(**each) for each in cells["segments"]]
        retired = tuple(Retired(**each) for each in cells["retired"])
        for name in (*(each.file for each in segments), *(each.file for each in retired)):
            if not _FILE.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a segment")
        return cls(
            int(cells["generation"]), int(cells["sequence"]), Privacy(**cells["privacy"]),
            tuple(map(str, cells["columns"])), (), retired,
            None if cells["last_import"] is None else Imported(**cells["last_import"]),
        ).with_segments(segments)  # fmt: skip


def _cells(value: Any) -> dict[str, Any]:
    # dataclasses.asdict copies deeply: twenty times the cost, in every step of a store of many segments.
    return {name: getattr(value, name) for name in value.__slots__}


def _damaged(path: Path, found: str) -> BackendError:
    detail = f"expected the manifest of a store, found: {found[:200]}"
    return BackendError(Problem("store-manifest-damaged", detail, where=str(path)))
