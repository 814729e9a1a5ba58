"""Counts over time and over durations, in bounded memory: buckets that widen as the data set grows."""

from __future__ import annotations

from collections import Counter
from math import log10

__all__ = ["WIDTHS_S", "Bucket", "Histogram", "Timeline"]

Bucket = tuple[int, Counter[str]]
"Start of a bucket in seconds since 1970 UTC, and what was counted in it."

WIDTHS_S = (
    1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400, 604_800, 2_419_200, 31_449_600, 314_496_000, 3_144_960_000,
)  # fmt: skip
"Widths a bucket may have, in seconds, up to a week, 4 weeks, 52 weeks ...; each is a multiple of the one before."


class Timeline:
    """Counts per label over time; the width of a bucket grows so that there are never more than `most` of them."""

    def __init__(self, most: int = 4_096) -> None:
        self.most = most
        self._step = 0
        self._buckets: dict[int, Counter[str]] = {}
        self.first_us: int | None = None
        self.last_us: int | None = None

    def add(self, at_us: int, label: str) -> None:
        """Count one thing at a time, microseconds since 1970 UTC."""
        if self.first_us is None or self.last_us is None:
            self.first_us = self.last_us = at_us
        elif at_us < self.first_us:
            self.first_us = at_us
        elif at_us > self.last_us:
            self.last_us = at_us
        width = WIDTHS_S[self._step]
        start = at_us // 1_000_000 // width * width
        bucket = self._buckets.get(start)
        if bucket is None:
            bucket = self._buckets[start] = Counter()
            while len(self._buckets) > self.most and self._step + 1 < len(WIDTHS_S):
                self._step += 1
                self._buckets = _widened(self._buckets, WIDTHS_S[self._step])
                bucket = self._buckets[at_us // 1_000_000 // WIDTHS_S[self._step] * WIDTHS_S[self._step]]
        bucket[label] += 1

    def merge(self, other: Timeline) -> None:
        """Add what another timeline has counted."""
        for at_us in (other.first_us, other.last_us):
            if at_us is not None:
                self.first_us = at_us if self.first_us is None else min(self.first_us, at_us)
                self.last_us = at_us if self.last_us is None else max(self.last_us, at_us)
        self._step = max(self._step, other._step)
        width = WIDTHS_S[self._step]
        self._buckets = _widened(self._buckets, width)
        for start, counts in _widened(other._buckets, width).items():
            self._buckets.setdefault(start, Counter()).update(counts)
        while len(self._buckets) > self.most and self._step + 1 < len(WIDTHS_S):
            self._step += 1
            self._buckets = _widened(self._buckets, WIDTHS_S[self._step])

    def buckets(self, most: int = 72) -> tuple[int, list[Bucket]]:
        """
        Return the counts in at most `most` buckets of equal width, gaps included.

        Returns:
            Width of a bucket in seconds, and the buckets from the first to the last.
        """
        if self.first_us is None or self.last_us is None:
            return WIDTHS_S[0], []
        first, last = self.first_us // 1_000_000, self.last_us // 1_000_000
        for width in WIDTHS_S[self._step :]:
            if last // width - first // width < most:
                break
        found = _widened(self._buckets, width)
        starts = range(first // width * width, last + 1, width)
        if len(starts) > most:  # no width is wide enough: only damaged times do this
            return width, sorted(found.items())[:most]
        return width, [(start, found.get(start, Counter())) for start in starts]


def _widened(buckets: dict[int, Counter[str]], width: int) -> dict[int, Counter[str]]:
    made: dict[int, Counter[str]] = {}
    for start, counts in buckets.items():
        made.setdefault(start // width * width, Counter()).update(counts)
    return made


class Histogram:
    """Durations on a logarithmic scale: 20 bins per decade, so a quantile is right within 6 %."""

    PER_DECADE = 20

    def __init__(self) -> None:
        self.bins: Counter[int] = Counter()
        self.count = 0

    def add(self, ms: int) -> None:
        """Count one duration, milliseconds."""
        self.bins[int(log10(ms) * self.PER_DECADE) + 1 if ms >= 1 else 0] += 1
        self.count += 1

    def merge(self, other: Histogram) -> None:
        """Add what another histogram has counted."""
        self.bins.update(other.bins)
        self.count += other.count

    def edges(self, index: int) -> tuple[float, float]:
        """Lower and upper edge of a bin, milliseconds."""
        if index <= 0:
            return 0.0, 1.0
        return 10 ** ((index - 1) / self.PER_DECADE), 10 ** (index / self.PER_DECADE)

    def quantile(self, q: float) -> int | None:
        """
        Duration that a share `q` of all does not exceed, milliseconds; None when nothing was counted.

        Args:
            q: 0..1.
        """
        wanted, seen = q * self.count, 0
        for index in sorted(self.bins):
            seen += self.bins[index]
            if seen >= wanted:
                low, high = self.edges(index)
                return round((low * high) ** 0.5 if low else 0.0)
        return None
