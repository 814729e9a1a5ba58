"""
Which time an overview is about, which it is compared with, and how its timeline is cut.

Facts
- A clock that is years off would stretch a timeline over decades. Days more than `ASTRAY_DAYS` away from the middle
  call are left out of the timeline, and counted.
- Without `since` the period is what there is, and nothing lies before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ringthrough.analytics.overview.reading import Day, Span
from ringthrough.analytics.overview.shapes import Period

__all__ = ["ASTRAY_DAYS", "astray", "before", "covered", "step_of"]

ASTRAY_DAYS = 1_096
"A call further away from the middle one than this has a wrong clock, as far as a timeline is concerned."
_MOST_BUCKETS = 130
_STEPS_S = (60, 3_600, 86_400, 7 * 86_400, 28 * 86_400)


def _within(days: Sequence[Day]) -> list[Day]:
    """Days that are not astray: those near the middle call."""
    dated = [day for day in days if day.day is not None and day.calls]
    middle = _middle(dated)
    if middle is None:
        return []
    return [day for day in dated if day.day is not None and abs((day.day - middle).days) <= ASTRAY_DAYS]


def _middle(days: Sequence[Day]) -> date | None:
    half, seen = sum(day.calls for day in days) / 2, 0
    for day in days:
        seen += day.calls
        if seen >= half:
            return day.day
    return None


def covered(days: Sequence[Day], span: Span) -> Period | None:
    """
    Return the period that is looked at; None when no call has a time.

    Args:
        days: calls by day, of the period and no other.
        span: what was asked for; where it is open, the first or last call is the end.
    """
    since_us, until_us = span
    near = _within(days)
    if since_us is None and near:
        since_us = near[0].first_us
    if until_us is None and near:
        until_us = near[-1].last_us + 1
    if since_us is None or until_us is None or until_us <= since_us:
        return None
    return Period(since_us, until_us)


def astray(days: Sequence[Day]) -> int:
    """Calls with a time that are left out of the timeline because their clock is far off."""
    return sum(day.calls for day in days if day.day is not None) - sum(day.calls for day in _within(days))


def before(period: Period, previous_since_us: int | None) -> Period:
    """Return the period before: as long as this one, or from where it was asked for."""
    since_us = period.since_us - (period.until_us - period.since_us)
    return Period(since_us if previous_since_us is None else previous_since_us, period.since_us)


def step_of(period: Period) -> int:
    """Width of a bucket, seconds: the finest that makes a readable number of them."""
    seconds = (period.until_us - period.since_us) / 1_000_000
    return next((step for step in _STEPS_S if seconds / step <= _MOST_BUCKETS), _STEPS_S[-1])
