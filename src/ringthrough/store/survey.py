"""
What lies in the folder of a store: segments that are torn or gone, and files that do not belong there.

Facts
- The size of a segment and its last four octets tell a file that was cut. A changed octet in the middle shows only when
  the whole is read: `verify`.
- Nothing that is found here is removed; it is named and left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ringthrough.errors import Problem
from ringthrough.store.manifest import CALLS, IMPORTS, LOCK, MANIFEST, TMP, Segment
from ringthrough.store.spool import digest

__all__ = ["fault_of", "number_of", "strangers", "verify"]

_SEGMENT = re.compile(r"calls/[^/]+/([0-9]{8,})\.parquet")
_MAGIC = b"PAR1"


def number_of(name: str) -> int | None:
    """Return the number of a segment's file name; None when it is not named like one."""
    found = _SEGMENT.fullmatch(name)
    return int(found[1]) if found else None


def strangers(folder: Path, known: set[str]) -> Iterator[tuple[str, Problem]]:
    """
    Yield what does not belong into a store: its name under the folder, and a problem that says so.

    Args:
        folder: the store.
        known: names of its segments, retired ones included.
    """
    for entry in sorted(folder.iterdir()):
        if entry.name not in (MANIFEST, LOCK, CALLS, IMPORTS, TMP) and entry.name != f".{MANIFEST}.new":
            yield _stranger(folder, entry)
    for day in sorted((folder / CALLS).iterdir()) if (folder / CALLS).is_dir() else ():
        if not day.is_dir():
            yield _stranger(folder, day)
            continue
        for entry in sorted(day.iterdir()):
            if entry.relative_to(folder).as_posix() not in known:
                yield _stranger(folder, entry)


def _stranger(folder: Path, entry: Path) -> tuple[str, Problem]:
    name = entry.relative_to(folder).as_posix()
    detail = "expected nothing but the store's own files, found one that its manifest does not name; left out"
    return name, Problem("store-foreign-file", detail, where=name)


def fault_of(folder: Path, segment: Segment) -> Problem | None:
    """Return what is wrong with a segment, as far as its size and its end show; None for nothing."""
    try:
        with (folder / segment.file).open("rb") as handle:
            size = handle.seek(0, 2)
            handle.seek(max(0, size - 4))
            whole = size == segment.bytes and handle.read(4) == _MAGIC
    except OSError as fault:
        detail = f"expected a segment of {segment.rows} rows, the system says: {fault.strerror or fault}; left out"
        return Problem("store-segment-missing", detail, where=segment.file)
    if whole:
        return None
    detail = f"expected a segment of {segment.rows} rows in {segment.bytes} octets, found {size} octets; left out"
    return Problem("store-segment-torn", detail, where=segment.file)


def verify(folder: Path, segments: Iterable[Segment]) -> Iterator[Problem]:
    """Read segments whole and yield what is wrong with them."""
    for segment in segments:
        found = fault_of(folder, segment)
        if found is None and digest(folder / segment.file) != segment.sha256:
            detail = f"expected the {segment.bytes} octets that were written, found others"
            found = Problem("store-segment-changed", detail, where=segment.file)
        if found is not None:
            yield found
