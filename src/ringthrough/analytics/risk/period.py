"""Which calls are looked at: the period, the period before of the same length, and clocks that are absurd."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, NamedTuple

from ringthrough.errors import LocalError, Problem

__all__ = ["DAY_US", "MOST_DAYS", "Period", "day_of", "period_of"]

DAY_US = 86_400_000_000
MOST_DAYS = 3650
"Longest period, and how far off the middle call a day may lie before its clock is taken to be absurd: ten years."
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_EPOCH = date(1970, 1, 1)


class Period(NamedTuple):
    """A period and what is known of the calls around it."""

    since_us: int
    "First microsecond."
    until_us: int
    "The first microsecond that is too late."
    first_us: int
    "Midnight of the first day that has calls and no absurd clock."
    undated: int
    "Calls without a time or with an absurd one."
    unnamed: int
    "Calls by nobody knows whom, at any time."

    @property
    def before_us(self) -> int:
        """First microsecond of the period before."""
        return 2 * self.since_us - self.until_us

    @property
    def days(self) -> float:
        """Its length in days."""
        return (self.until_us - self.since_us) / DAY_US

    @property
    def covered(self) -> bool:
        """Whether calls reach back to the first day of the period before."""
        return self.first_us < self.before_us + DAY_US


def day_of(at_us: int) -> date:
    """
    The UTC day of a time.

    Raises:
        LocalError: it is in no calendar (`analytics-risk-period`).
    """
    try:
        return _EPOCH + timedelta(days=at_us // DAY_US)
    except OverflowError:
        detail = f"expected a time between the years 1 and 9999, found {at_us} us since 1970"
        raise LocalError(Problem("analytics-risk-period", detail)) from None


def period_of(
    rows: tuple[tuple[Any, ...], ...], *, since_us: int | None, until_us: int | None, now_us: int | None, days: int
) -> Period | None:
    """
    Find the period.

    Args:
        rows: of days.sql.
        since_us: its first microsecond; None: `days` before its end.
        until_us: the first microsecond that is too late; None: midnight after the last day that has calls.
        now_us: the present: a later day is no day of calls.
        days: length where no beginning is given.

    Returns:
        The period; None when no call has a sensible time and none was given.

    Raises:
        LocalError: it ends before it begins, is longer than ten years, or is in no calendar (`analytics-risk-period`).
    """
    sane, undated = _sane(rows, now_us)
    unnamed = sum(row[2] for row in rows)
    if until_us is None:
        if not sane:
            return None
        until_us = (sane[-1] + 1) * DAY_US
        if since_us is not None and since_us >= until_us:
            until_us = since_us + DAY_US  # nothing since then: an empty period, and no mistake of the asker
    if since_us is None:
        since_us = until_us - days * DAY_US
    if not 0 < until_us - since_us <= MOST_DAYS * DAY_US:
        detail = f"expected a period of at most {MOST_DAYS} days that ends after it begins"
        raise LocalError(Problem("analytics-risk-period", detail))
    found = Period(since_us, until_us, sane[0] * DAY_US if sane else since_us, undated, unnamed)
    day_of(found.before_us - 2 * DAY_US)
    day_of(until_us + 400 * DAY_US)  # holidays of the year after
    return found


def _sane(rows: tuple[tuple[Any, ...], ...], now_us: int | None) -> tuple[list[int], int]:
    """Days since 1970 that have calls and lie within ten years of the middle call, and how many calls others have."""
    days: list[tuple[int, int]] = []
    undated = 0
    for day, calls, _unnamed in rows:
        at = _number(day)
        if at is None or (now_us is not None and at * DAY_US > now_us):
            undated += calls
        else:
            days.append((at, calls))
    days.sort()
    middle, seen, half = 0, 0, sum(calls for _at, calls in days) / 2
    for at, calls in days:
        middle, seen = at, seen + calls
        if seen >= half:
            break
    kept = [(at, calls) for at, calls in days if abs(at - middle) <= MOST_DAYS]
    return [at for at, _calls in kept], undated + sum(calls for _at, calls in days) - sum(n for _at, n in kept)


def _number(day: str | None) -> int | None:
    """Days since 1970 of a date; None for none that a calendar of four digits holds."""
    if day is None or _DAY.fullmatch(day) is None:
        return None
    try:
        return (date.fromisoformat(day) - _EPOCH).days
    except ValueError:
        return None
