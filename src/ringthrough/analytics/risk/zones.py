"""
What time it is at the called number: time zone by area code or country, offsets with summer time, days of rest.

Facts
- phonenumberslite holds no time zones, so zones.toml does, written from the numbering plans. A mobile phone moves and
  keeps its number; a ported one may have moved for good: this is where a number is from, not where it is.
- An area code that lies in two zones by halves, a country with several zones, and a number that is in no place
  (toll-free) have no zone: their calls are counted apart, never guessed.
- Offsets come from zoneinfo. Windows has none of its own: without the package tzdata no call can be placed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = ["Offset", "Places", "federal_holidays", "offsets_of", "places", "weekends", "zone_named"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_US = 86_400_000_000
_MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Places:
    """Where numbers are, as zones.toml says."""

    zones: dict[str, str]
    "Area code with +1 before it, or country code with + -> name of a time zone (IANA)."
    in_us: frozenset[str]
    "Those of `zones` that keep the holidays of the US."
    areas: frozenset[str]
    "Area codes of the North American plan that are in use, three digits, also those without a place."


@dataclass(frozen=True, slots=True)
class Offset:
    """A stretch of time in which a zone keeps one distance from UTC."""

    from_us: int
    "First microsecond, since 1970 UTC."
    until_us: int
    "The first microsecond after it."
    minutes: int
    "Minutes east of UTC."


@cache
def places() -> Places:
    """Read zones.toml."""
    document = tomllib.loads(files("ringthrough.analytics.risk").joinpath("zones.toml").read_text("utf-8"))
    zones, in_us, areas = {}, set(), set(document["split"].split()) | set(document["elsewhere"].split())
    for group in ("us", "plan"):
        for zone, codes in document[group].items():
            for code in codes.split():
                areas.add(code)
                zones[f"+1{code}"] = zone
                if group == "us":
                    in_us.add(f"+1{code}")
    for zone, codes in document["countries"].items():
        zones |= {f"+{code}": zone for code in codes.split()}
    return Places(zones, frozenset(in_us), frozenset(areas))


@cache
def zone_named(name: str) -> tzinfo | None:
    """The time zone; None where the machine has no data for it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        return None


def offsets_of(zone: tzinfo, from_us: int, until_us: int) -> Iterator[Offset]:
    """
    Cut a period where a zone changes its distance from UTC.

    Args:
        zone: the zone.
        from_us: first microsecond of the period, since 1970 UTC.
        until_us: the first microsecond after it.
    """
    begin, now = from_us, _minutes(zone, from_us)
    at = from_us
    while at < until_us:
        following = min(at + _DAY_US, until_us)
        then = _minutes(zone, following)
        if then != now:
            low, high = at, following
            # Zones change on whole minutes.
            while high - low > _MINUTE_US:
                middle = (low + high) // 2
                low, high = (middle, high) if _minutes(zone, middle) == now else (low, middle)
            change = high // _MINUTE_US * _MINUTE_US
            if begin < change < until_us:
                yield Offset(begin, change, now)
                begin = change
            now = then
        at = following
    if begin < until_us:
        yield Offset(begin, until_us, _minutes(zone, begin))


def _minutes(zone: tzinfo, at_us: int) -> int:
    offset = (_EPOCH + timedelta(microseconds=at_us)).astimezone(zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds() / 60)


def weekends(first: date, last: date) -> list[date]:
    """Saturdays and Sundays from the first to the last day."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day.weekday() >= 5]


def federal_holidays(year: int) -> dict[date, str]:
    """
    Federal holidays of the US, by the day on which they are kept.

    Source: 5 U.S.C. 6103(a); Executive Order 11582 §3 (one on Saturday is kept on Friday, one on Sunday on Monday)
    """
    fixed = {
        date(year, 1, 1): "New Year's Day", date(year, 6, 19): "Juneteenth", date(year, 7, 4): "Independence Day",
        date(year, 11, 11): "Veterans Day", date(year, 12, 25): "Christmas Day",
    }  # fmt: skip
    kept = {}
    for day, name in fixed.items():
        shift = {5: -1, 6: 1}.get(day.weekday(), 0)
        kept[day + timedelta(days=shift)] = name
    kept |= {
        _nth(year, 1, 0, 3): "Birthday of Martin Luther King, Jr.",
        _nth(year, 2, 0, 3): "Washington's Birthday",
        _nth(year, 6, 0, 1) - timedelta(days=7): "Memorial Day",
        _nth(year, 9, 0, 1): "Labor Day",
        _nth(year, 10, 0, 2): "Columbus Day",
        _nth(year, 11, 3, 4): "Thanksgiving Day",
    }
    return kept


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    """The first, second ... of a weekday (Monday is 0) of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))
