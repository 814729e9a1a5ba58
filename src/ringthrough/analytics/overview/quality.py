"""What the figures rest on: sources, what they cannot know, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ringthrough.analytics.blocks import BlockCell
from ringthrough.analytics.overview.periods import astray
from ringthrough.analytics.overview.reading import Day, Pair, SourceRow, total_of
from ringthrough.analytics.overview.shapes import Period, Quality, SourceLine
from ringthrough.analytics.overview.spells import day_of

__all__ = ["cells_within", "quality_of"]

_DUMB = ("ringing", "refusals")


def cells_within(cells: Iterable[BlockCell], period: Period | None) -> list[BlockCell]:
    """Cells of the days of a period."""
    if period is None:
        return list(cells)
    first, last = day_of(period.since_us), day_of(period.until_us - 1)
    return [cell for cell in cells if first <= cell.day <= last]


def quality_of(
    rows: Sequence[SourceRow], days: Sequence[Day], pairs: Mapping[tuple[str, str], Pair], cells: Sequence[BlockCell]
) -> Quality:
    """
    Say what the figures rest on.

    Args:
        rows: calls by source.
        days: calls by day of this period.
        pairs: counts of this period.
        cells: cells of this period.
    """
    by_source: dict[str, SourceLine] = {}
    for row in rows:
        spots = tuple(row.blind_to.split())
        line = by_source.get(row.source, SourceLine(row.source, 0, 0, ()))
        # A file may hold calls that are blind to different things: the count of files is a lower bound.
        by_source[row.source] = SourceLine(
            row.source, line.calls + row.calls, max(line.files, row.files), _merged(line.blind_to, spots)
        )
    total = total_of(pairs.values())
    settled = total.calls - total.incomplete
    return Quality(
        tuple(sorted(by_source.values(), key=lambda line: (-line.calls, line.source))),
        sum(day.scanners for day in days), sum(row.undated for row in rows), astray(days),
        sum(row.incomplete for row in rows), sum(row.no_number for row in rows), sum(row.no_carrier for row in rows),
        max(settled - total.whole("block_rate"), 0),
        sum(row.calls for row in rows if any(spot in row.blind_to.split() for spot in _DUMB)),
        sum(cell.own_hop for cell in cells), sum(cell.lost for cell in cells),
    )  # fmt: skip


def _merged(mine: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*mine, *theirs)))
