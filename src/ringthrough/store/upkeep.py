"""
Which segments to make one of, so that a store into which rows trickle does not become a heap of small files.

Facts
- Merging by size (as LSM trees do): as soon as a day has so many segments of one size class, they become one of the
  next class. A row is rewritten once a class, five times at most.
- Days before yesterday are not written any more but for late rows: fewer segments are put up with there.
- What is merged at a time stays small enough for a writer to do it between two batches of rows. Everything else is left
  to `compact`, which merges a day into as few segments as there can be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ringthrough.store.manifest import UNDATED, Segment

__all__ = ["GRACE_S", "bins", "due"]

GRACE_S = 600.0
"How long the file of a merged or expired segment stays for readers that opened the store before, seconds."

_FAN = 16
_OLD_FAN = 8
_CLASSES = (16, 256, 4_096, 65_536)
"Rows below which a segment is in the class; larger segments are left alone."


def due(segments: Iterable[Segment]) -> list[Segment]:
    """Return segments of one day that should become one now; empty when there are none."""
    days: dict[str, list[list[Segment]]] = defaultdict(lambda: [[] for _ in _CLASSES])
    for segment in segments:
        for number, most in enumerate(_CLASSES):
            if segment.rows < most:
                days[segment.day][number].append(segment)
                break
    for classes in days.values():
        for found in classes:
            if len(found) >= _FAN:
                return found
    newest = sorted(day for day in days if day != UNDATED)[-2:]
    for day, classes in days.items():
        small = [segment for found in classes for segment in found]
        if day not in newest and len(small) >= _OLD_FAN:
            return small
    return []


def bins(segments: Iterable[Segment], most_rows: int) -> Iterator[list[Segment]]:
    """
    Yield segments to be made one, by day, so that as few as can be remain.

    Args:
        segments: in the order of days.
        most_rows: rows of the result.
    """
    gathered: list[Segment] = []
    for segment in segments:
        full = sum(each.rows for each in gathered) + segment.rows > most_rows
        if gathered and (segment.day != gathered[0].day or full):
            if len(gathered) > 1:
                yield gathered
            gathered = []
        gathered.append(segment)
    if len(gathered) > 1:
        yield gathered
