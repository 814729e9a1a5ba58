"""Times of alerts: microseconds since 1970 UTC, as people and as both engines write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

__all__ = ["DAY_US", "HOUR_US", "at", "day_text", "day_us", "moment_us", "time_text"]

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def at(at_us: int) -> datetime:
    """A time of the calendar; what no calendar holds becomes its first or last moment."""
    try:
        return _EPOCH + timedelta(microseconds=at_us)
    except OverflowError:
        return _FIRST if at_us < 0 else _LAST


def time_text(at_us: int) -> str:
    """A time as people read it: ISO 8601, UTC, whole seconds."""
    return f"{at(at_us).replace(microsecond=0, tzinfo=None).isoformat()}Z"


def day_text(at_us: int) -> str:
    """The UTC day of a time, ISO 8601."""
    return at(at_us).date().isoformat()


def day_us(day: str) -> int:
    """The first microsecond of a UTC day."""
    return moment_us(date.fromisoformat(day).isoformat())


def moment_us(text: str) -> int:
    """Microseconds of a time as both engines write it in a text, UTC."""
    since = datetime.fromisoformat(text).replace(tzinfo=UTC) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
