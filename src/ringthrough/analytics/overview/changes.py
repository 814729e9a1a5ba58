"""
What changed since the period before: blocks that began or were lifted, and metrics that moved by more than chance.

Facts
- The test is the pooled two-proportion z test, two-sided; p is held against `_SURE` divided by the number of
  comparisons (Bonferroni), and a difference below one point is not told, however sure it is.
- Calls of one number resemble each other more than the test assumes, so p is smaller than it should be: the least
  difference is what keeps small wobbles out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import erfc, sqrt

from ringthrough.analytics.overview.reading import NO_CALLS, Pair
from ringthrough.analytics.overview.shapes import Block, Change, Moved

__all__ = ["change_of", "two_proportions"]

_COMPARED = {"asr": True, "reach": True, "block_rate": False, "ring_rate": True}
"Metric -> whether more of it is better."
_SURE, _LEAST, _LEAST_CALLS = 0.01, 0.01, 50


def two_proportions(k1: int, n1: int, k2: int, n2: int) -> float:
    """
    Two-sided p that two shares of this size come from the same one; 1 where nothing can be compared.

    Source: pooled z test, e.g. J. L. Fleiss, "Statistical methods for rates and proportions", chapter 2
    """
    if not n1 or not n2:
        return 1.0
    pooled = (k1 + k2) / (n1 + n2)
    spread = sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    return erfc(abs(k1 / n1 - k2 / n2) / spread / sqrt(2)) if spread else 1.0


def change_of(
    blocks: Sequence[Block], now: Mapping[tuple[str, str], Pair], before: Mapping[tuple[str, str], Pair] | None
) -> Change:
    """
    Say what changed.

    Args:
        blocks: blocks of this period.
        now: counts of this period by number and carrier.
        before: counts of the period before; None without one.
    """
    began = tuple(block for block in blocks if block.state in ("new", "passing"))
    lifted = tuple(block for block in blocks if block.state in ("lifted", "passing"))
    if before is None:
        return Change(began, lifted, (), 0)
    compared = [
        (carrier, name, early, late)
        for carrier, (early, late) in _scopes(before, now).items()
        for name in _COMPARED
        if min(early.whole(name), late.whole(name)) >= _LEAST_CALLS
    ]
    moved = []
    for carrier, name, early, late in compared:
        k1, n1, k2, n2 = early.part(name), early.whole(name), late.part(name), late.whole(name)
        p, difference = two_proportions(k1, n1, k2, n2), k2 / n2 - k1 / n1
        if p < _SURE / len(compared) and abs(difference) >= _LEAST:
            moved.append(Moved(carrier, name, k1 / n1, k2 / n2, n1, n2, p, (difference > 0) == _COMPARED[name]))
    moved.sort(key=lambda found: (found.carrier is not None, -abs(found.now - found.before), found.carrier or ""))
    return Change(began, lifted, tuple(moved), len(compared))


def _scopes(
    before: Mapping[tuple[str, str], Pair], now: Mapping[tuple[str, str], Pair]
) -> dict[str | None, tuple[Pair, Pair]]:
    """All calls (None) and each carrier, before and now."""
    found: dict[str | None, tuple[Pair, Pair]] = {None: (NO_CALLS, NO_CALLS)}
    for place, table in enumerate((before, now)):
        for (_, carrier), pair in table.items():
            for scope in (None, carrier):
                early, late = found.get(scope, (NO_CALLS, NO_CALLS))
                found[scope] = (early, late.plus(pair)) if place else (early.plus(pair), late)
    return found
