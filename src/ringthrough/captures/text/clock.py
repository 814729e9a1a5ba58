"""
When a line of a trace was written: reading its timestamp and placing it in UTC.

Facts
- Tools write anything from microseconds with a date and a zone down to nothing. What is missing is asked of the caller
  (`tz`, `day`); what nobody said is counted in the notes, never hidden.
- A time of day without a date starts on `day`. It goes on to the next day when it steps back by more than an hour, and
  to the day before when it leaps ahead by more than 23 hours, which is a line written late around midnight.
- A date without a year takes the year that brings it nearest to `day`, and moves on at New Year.
- Without `day`, a time of day is put on 1970-01-02 and a date without a year into 1972, the first leap year: nobody
  takes these for real, and differences stay right.
- A message without any time gets the time of the one before it plus a millisecond: order is kept, durations mean
  nothing. Such sightings carry `UNTIMED`, and so do those of tools that write whole seconds.

Sources: RFC 3339 §5.6; `strftime` formats of Asterisk's logger.conf (`%b %e %T`, `%F %T.%3q`), Cisco IOS `service
timestamps debug datetime msec`, tcpdump(1) -t to -ttttt, ngrep(8) -t.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

__all__ = ["STEP_US", "UNTIMED", "Clock", "has_time"]

UNTIMED = 4
"Flag of a sighting: its time is made up or known to whole seconds only; order can be trusted, durations cannot."
STEP_US = 1000
"How far the made-up clock advances for a message without a time, microseconds."

_ZONE = rb"(?:[ ]?(Z\b|UTC\b|GMT\b|[+-][0-9]{2}:?[0-9]{2}\b))?"
_FRACTION = rb"(?:[.,:]([0-9]{1,9}))?"
_FULL = re.compile(
    rb"([0-9]{4}[-/][0-9]{2}[-/][0-9]{2})[T \t_]+([0-9]{2}:[0-9]{2}):([0-9]{2})" + _FRACTION + rb"(?![0-9])" + _ZONE
)
_MONTHS = b"Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_NAMED = re.compile(
    rb"(?i:\b(" + _MONTHS + rb"))[ ]+([0-9]{1,2})(?:,?[ ]+([12][0-9]{3}))?[ ,]+([0-9]{2}:[0-9]{2}):([0-9]{2})"
    + _FRACTION + rb"(?:[ ]+(UTC|GMT|Z)\b)?(?:[ ]+([12][0-9]{3})\b)?"
)  # fmt: skip
_AUDIOCODES = re.compile(rb"\[Time:([0-9]{2})-([0-9]{2})@([0-9]{2}:[0-9]{2}):([0-9]{2})" + _FRACTION)
_EPOCH = re.compile(
    rb"(?:^|[ \t])(1[0-9]{9})\.([0-9]{3,9})(?![0-9.])|Epoch (?:Arrival )?Time: ([0-9]{9,10})\.([0-9]{1,9})"
)
_OF_DAY = re.compile(rb"(?<![0-9:.])([0-9]{1,2}:[0-9]{2}):([0-9]{2})(?:[.,:]([0-9]{1,9}))?(?!:?[0-9])")
_MONTH = {name.lower(): number for number, name in enumerate(_MONTHS.split(b"|"), 1)}

_LEAP_SECOND = b"60"
_FAR_DAYS = 300
"A date without a year that seems to be further from the one before is of another year."
_LAST_US = 253_402_300_799_999_999  # the end of the year 9999
_CACHED = 4096


def has_time(line: bytes) -> bool:
    """Say whether a line holds a date with a time, a time of day or seconds since 1970."""
    return any(form.search(line) for form in (_FULL, _NAMED, _AUDIOCODES, _EPOCH, _OF_DAY))


class Clock:
    """
    Gives every message of one trace its time.

    Args:
        tz: zone of local times that name none; None means that nobody knows, and UTC is assumed.
        day: the day on which the trace begins, for times without a date; also says the year of dates without one.
        notes: counts that this adds to.
    """

    def __init__(self, *, tz: tzinfo | None, day: date | None, notes: dict[str, int]) -> None:
        self._tz = tz
        self._day = day
        self._notes = notes
        self.last_us = 0
        "The latest time given."
        self._minutes: dict[tuple[bytes, bytes], tuple[int, bool]] = {}
        self._seconds: dict[bytes, tuple[int, bool]] = {}
        self._local_last: datetime | None = None
        self._minute = b""
        self._placed = (0, False)
        self._year = day.year if day is not None else 1972
        self._named_last: date | None = None

    def none(self) -> tuple[int, int]:
        """Time of a message without one, and its flags."""
        self._note("text-time-missing")
        self.last_us += STEP_US
        return self.last_us, UNTIMED

    def timed(self, second: bytes, micro: bytes) -> int | None:
        """
        Time that ngrep says, without the search for its form.

        Args:
            second: `2026/11/20 09:20:06`.
            micro: the microseconds, six digits.
        """
        placed = self._seconds.get(second)
        if placed is None:
            if second[17:] > _LEAP_SECOND:
                return None
            start = self._minutes.get((second[:10], second[11:16])) or self._place(second[:10], second[11:16], None)
            if start is None:
                return None
            placed = (start[0] + int(second[17:]) * 1_000_000, start[1])
            if len(self._seconds) >= _CACHED:
                self._seconds.clear()
            self._seconds[second] = placed
        if self._tz is None:
            self._note("text-time-zone-unknown")
        elif placed[1]:
            self._note("text-time-ambiguous")
        at_us = self.last_us = placed[0] + int(micro)
        return at_us

    def read(self, line: bytes) -> tuple[int, int] | None:
        """
        Time that a line says, and flags; None when it says none that can be placed.

        Args:
            line: the part of a line that holds the timestamp and no address.
        """
        found = _FULL.search(line)
        if found is not None:
            day, minute, seconds, fraction, zone = found.groups()
            placed = self._minutes.get((day, minute)) if zone is None else None
            if placed is None:
                placed = self._place(day, minute, zone)
            if placed is None or seconds > _LEAP_SECOND:
                return None
            if zone is None:
                self._unzoned(placed[1])
            return self._given(placed[0], seconds, fraction)
        return self._rarer(line)

    def _rarer(self, line: bytes) -> tuple[int, int] | None:
        found = _NAMED.search(line)
        if found is not None:
            month, day, year, minute, seconds, fraction, zone, late_year = found.groups()
            return self._named(_MONTH[month.lower()], int(day), year or late_year, minute, seconds, fraction, zone)
        found = _AUDIOCODES.search(line)
        if found is not None:
            day, month, minute, seconds, fraction = found.groups()
            return self._named(int(month), int(day), None, minute, seconds, fraction, None)
        found = _EPOCH.search(line)
        if found is not None:
            whole, fraction = (found[1], found[2]) if found[1] else (found[3], found[4])
            return self._given(int(whole) * 1_000_000, b"0", fraction)
        found = _OF_DAY.search(line)
        if found is not None:
            return self._of_day(found[1], found[2], found[3])
        return None

    def _place(self, day: bytes, minute: bytes, zone: bytes | None) -> tuple[int, bool] | None:
        """Start of a minute in microseconds, and whether a change of the clocks makes it ambiguous."""
        try:
            stamp = datetime(int(day[:4]), int(day[5:7]), int(day[8:10]), int(minute[:2]), int(minute[3:5]))
        except ValueError:
            return None
        placed = self._utc(stamp, _offset(zone) if zone else self._tz or UTC)
        if placed is not None and zone is None:
            if len(self._minutes) >= _CACHED:
                self._minutes.clear()
            self._minutes[day, minute] = placed
        return placed

    @staticmethod
    def _utc(stamp: datetime, zone: tzinfo) -> tuple[int, bool] | None:
        try:
            since = stamp.replace(tzinfo=zone) - datetime(1970, 1, 1, tzinfo=UTC)
            other = stamp.replace(tzinfo=zone, fold=1) - datetime(1970, 1, 1, tzinfo=UTC)
        except (OverflowError, ValueError):
            return None
        at_us = since // timedelta(microseconds=1)
        return (at_us, since != other) if 0 <= at_us <= _LAST_US else None

    def _named(
        self, month: int, day: int, year: bytes | None, minute: bytes, seconds: bytes, fraction: bytes | None,
        zone: bytes | None,
    ) -> tuple[int, int] | None:  # fmt: skip
        """A date with the month by name, perhaps without a year."""
        if seconds > _LEAP_SECOND:
            return None
        try:
            stamp = date(int(year) if year else self._year, month, day)
        except ValueError:
            if year or month != 2 or day != 29:
                return None
            stamp = date(self._year - self._year % 4, 2, 29)
        if not year:
            stamp = self._nearest(stamp)
            if self._day is None:
                self._note("text-date-unknown")
        text = f"{stamp:%Y-%m-%d}".encode()
        placed = self._place(text.rjust(10, b"0"), minute, zone)
        if placed is None:
            return None
        if zone is None:
            self._unzoned(placed[1])
        return self._given(placed[0], seconds, fraction)

    def _nearest(self, stamp: date) -> date:
        """The same month and day in the year that brings it nearest to the date before it, or to `day`."""
        origin = self._named_last or self._day
        if origin is not None:
            apart = (stamp - origin).days
            most = _FAR_DAYS if self._named_last else 183
            year = stamp.year + (1 if apart < -most else -1 if apart > most else 0)
            if year != stamp.year and (stamp.month, stamp.day) != (2, 29) and 1970 <= year <= 9999:
                stamp = stamp.replace(year=year)
        self._named_last, self._year = stamp, stamp.year
        return stamp

    def _of_day(self, minute: bytes, seconds: bytes, fraction: bytes | None) -> tuple[int, int] | None:
        if seconds > _LEAP_SECOND:
            return None
        if minute == self._minute:
            return self._timed(seconds, fraction)
        hours, minutes = minute.split(b":")
        if int(hours) > 23 or int(minutes) > 59:
            return None
        first = self._day or date(1970, 1, 2)  # in any zone after the beginning of 1970 UTC
        last = self._local_last
        try:
            stamp = datetime(first.year, first.month, first.day, int(hours), int(minutes), min(int(seconds), 59))
            if last is not None:
                stamp = stamp.replace(year=last.year, month=last.month, day=last.day)
                if stamp < last - timedelta(hours=1):
                    stamp += timedelta(days=1)
                elif stamp > last + timedelta(hours=23) and last.date() > first:
                    stamp -= timedelta(days=1)
        except OverflowError:
            return None
        self._local_last = stamp
        placed = self._utc(stamp.replace(second=0), self._tz or UTC)
        if placed is None:
            return None
        self._minute, self._placed = minute, placed
        return self._timed(seconds, fraction)

    def _timed(self, seconds: bytes, fraction: bytes | None) -> tuple[int, int]:
        """A time of day in the same minute as the one before."""
        if self._day is None:
            self._note("text-date-unknown")
        self._unzoned(self._placed[1])
        return self._given(self._placed[0], seconds, fraction)

    def _unzoned(self, ambiguous: bool) -> None:
        if self._tz is None:
            self._note("text-time-zone-unknown")
        elif ambiguous:
            self._note("text-time-ambiguous")

    def _given(self, start_us: int, seconds: bytes, fraction: bytes | None) -> tuple[int, int]:
        if fraction is None:
            self._note("text-time-seconds")
            at_us = self.last_us = start_us + int(seconds) * 1_000_000
            return at_us, UNTIMED
        at_us = self.last_us = start_us + int(seconds) * 1_000_000 + int(fraction[:6].ljust(6, b"0"))
        return at_us, 0

    def _note(self, what: str) -> None:
        self._notes[what] = self._notes.get(what, 0) + 1


def _offset(zone: bytes) -> tzinfo:
    if zone[:1] not in b"+-":
        return UTC
    digits = zone[1:].replace(b":", b"")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if minutes >= 24 * 60:
        return UTC
    return timezone(timedelta(minutes=-minutes if zone[:1] == b"-" else minutes))
