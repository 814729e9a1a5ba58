"""
Times of call records: text to microseconds since 1970 UTC, by the formats and the zone rule of a profile.

Facts
- Most stamps of a file come again: several calls a second, three stamps a call. `Stamps` is a dictionary that reads a
  text once. A new second of a known minute needs no calendar either.
- A stamp that carries its zone is read with it. One that does not follows the rule of the profile: `utc`, an offset, or
  `local`, which needs a zone from the operator. Nothing is read as local time of this machine.
- In the hour that summer time repeats, the first of the two times is taken and the stamp is counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from ringthrough.errors import LocalError, Problem

__all__ = ["BAD", "NEEDS_ZONE", "NONE", "Stamps", "pattern_of", "zone_named"]

NONE = 0
"Value of a stamp that says: no such time (empty, 0, 0000-00-00)."
BAD = -1
"Value of a stamp that could not be read."
NEEDS_ZONE = -2
"Value of a stamp in local time of a zone that nobody has named."

EARLIEST_US = 631_152_000_000_000  # 1990-01-01: no SIP, and no call record that we read, is older
LATEST_US = 4_102_444_800_000_000  # 2100-01-01
_REMEMBERED = 200_000
_EMPTY = re.compile(r"[\s0:./TZ+-]*|null|none|n/a|\\n|-", re.IGNORECASE)

# ISO 8601 and its relatives; 2015/09/12 10:03:05 AM is Bandwidth's
_ISO = re.compile(
    r"(?P<Y>[0-9]{4})([-/.])(?P<m>[0-9]{1,2})\2(?P<d>[0-9]{1,2})[T ]+(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})"
    r"(?::(?P<S>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?)?[ ]*(?P<p>[AaPp]\.?[Mm]\.?)?[ ]*"
    r"(?P<z>Z|z|[+-][0-9]{2}(?::?[0-9]{2})?|[A-Z]{3,4})?"
)
# A stamp cut at its seconds: what is before and behind them is the same for a whole minute.
_CLOCKED = re.compile(
    r"([0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2}[T ][0-9]{2}:[0-9]{2}):([0-5][0-9])(?:[.,]([0-9]{1,9}))?(.*)"
)
_EPOCH = re.compile(r"([0-9]{9,10}|[0-9]{12,13}|[0-9]{15,16})(?:\.([0-9]{1,9}))?")
_SCALE = {"epoch": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: n for n, name in enumerate(_MONTH_NAMES, 1)}
# RFC 2822 §4.3 fixes what these mean; UTC and Z as everybody writes them
_ZONES = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360,
    "PST": -480, "PDT": -420,
}  # fmt: skip
_DIRECTIVES = {
    "Y": "(?P<Y>[0-9]{4})", "y": "(?P<y>[0-9]{2})", "m": "(?P<m>[0-9]{1,2})", "d": "(?P<d>[0-9]{1,2})",
    "H": "(?P<H>[0-9]{1,2})", "I": "(?P<H>[0-9]{1,2})", "M": "(?P<M>[0-9]{2})", "S": "(?P<S>[0-9]{2})",
    "f": "(?P<f>[0-9]{1,9})", "p": "(?P<p>[AaPp][Mm])", "b": "(?P<b>[A-Za-z]{3,9})", "a": "[A-Za-z]{3,9}",
    "z": "(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})", "Z": "(?P<z>[A-Za-z]{1,5}|[+-][0-9]{2}:?[0-9]{2})", "%": "%",
}  # fmt: skip
_RFC2822 = "%a, %d %b %Y %H:%M:%S %Z"


def pattern_of(form: str) -> re.Pattern[str]:
    """
    The pattern of a time format written with % directives, as strftime has them.

    Raises:
        LocalError: a directive is unknown, or stands twice (`cdr-profile`).
    """
    out, parts = "", iter(form)
    for character in parts:
        if character == "%":
            letter = next(parts, "")
            if letter not in _DIRECTIVES:
                known = " ".join("%" + name for name in _DIRECTIVES)
                raise LocalError(Problem("cdr-profile", f"expected one of {known}, found %{letter} in {form!r}"))
            out += _DIRECTIVES[letter]
        else:
            out += r"\s+" if character == " " else re.escape(character)
    try:
        return re.compile(out)
    except re.error as fault:
        raise LocalError(Problem("cdr-profile", f"expected each part of a time once, found {form!r}")) from fault


def zone_named(name: str) -> tzinfo:
    """
    A time zone by its IANA name, `UTC`, or an offset such as `+01:00`.

    Raises:
        LocalError: there is no such zone (`cdr-unknown-zone`).
    """
    offset = _offset(name, {})
    if offset is not None:
        return timezone(timedelta(minutes=offset)) if offset else UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as fault:  # ZoneInfoNotFoundError is a KeyError
        detail = f"expected a time zone such as America/Chicago, UTC or +01:00, found {name!r}"
        raise LocalError(Problem("cdr-unknown-zone", detail, "--tz")) from fault


def _offset(text: str, zones: Mapping[str, int]) -> int | None:
    """Minutes east of UTC that a zone in a stamp means; None for a name that nobody has explained."""
    word = text.upper()
    if word in zones:
        return zones[word]
    if word in _ZONES:
        return _ZONES[word]
    digits = text[1:].replace(":", "")
    if text[:1] in ("+", "-") and digits.isascii() and digits.isdigit() and len(digits) in (2, 4):
        minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
        return (minutes if text[0] == "+" else -minutes) if minutes < 24 * 60 else None
    return None


class Stamps(dict[str, int]):
    """
    Text of a stamp -> microseconds since 1970 UTC, or `NONE`, `BAD`, `NEEDS_ZONE`.

    Args:
        formats: names (`iso`, `epoch`, `epoch_ms`, `epoch_us`, `rfc2822`) or patterns with % directives; the first that
            fits decides. `epoch` tells seconds, milliseconds and microseconds apart by their digits.
        zone: `utc`, `local`, or an offset.
        tz: what `local` means; None where the operator did not say.
        zones: further names of zones in stamps -> minutes east of UTC.
    """

    def __init__(
        self, formats: tuple[str, ...], zone: str, tz: tzinfo | None = None, zones: Mapping[str, int] | None = None
    ) -> None:
        super().__init__()
        self.ambiguous = 0
        self.fractions = False
        "Whether any stamp had a fraction of a second."
        self._zones = zones or {}
        self._tz = tz if zone == "local" else zone_named(zone)
        self._twice = False
        self._minutes: dict[str, int] = {}
        self._iso = "iso" in formats
        self._readers: list[Callable[[str], int | None]] = []
        for form in formats:
            if form in _SCALE:
                self._readers.append(self._epoch_reader(form))
            else:
                pattern = _ISO if form == "iso" else pattern_of(_RFC2822 if form == "rfc2822" else form)
                self._readers.append(self._pattern_reader(pattern))

    def __missing__(self, text: str) -> int:
        if len(self) >= _REMEMBERED:
            self.clear()
        value = self[text] = self._read(text)
        return value

    def _read(self, text: str) -> int:
        # Another second of a minute that is known: no calendar, no zone.
        if self._iso and len(text) > 18 and text[16] == ":":
            base = self._minutes.get(text[:16] + text[19:])
            second = text[17:19]
            if base is not None and second.isdecimal() and second < "60":
                return base + int(second) * 1_000_000
        text = text.strip()
        clocked = _CLOCKED.fullmatch(text) if self._iso else None
        if clocked is not None and (base := self._minutes.get(clocked[1] + clocked[4])) is not None:
            self.fractions = self.fractions or clocked[3] is not None
            return base + int(clocked[2]) * 1_000_000 + int((clocked[3] or "").ljust(6, "0")[:6])
        if _EMPTY.fullmatch(text):
            return NONE
        for read in self._readers:
            found = read(text)
            if found is not None:
                if found == NEEDS_ZONE or not EARLIEST_US <= found < LATEST_US:
                    return found if found == NEEDS_ZONE else BAD
                if clocked is not None and not self._twice:
                    if len(self._minutes) >= _REMEMBERED:
                        self._minutes.clear()
                    past = int(clocked[2]) * 1_000_000 + int((clocked[3] or "").ljust(6, "0")[:6])
                    self._minutes[clocked[1] + clocked[4]] = found - past
                return found
        return BAD

    def _epoch_reader(self, form: str) -> Callable[[str], int | None]:
        fixed = _SCALE[form] if form != "epoch" else 0

        def read(text: str) -> int | None:
            found = _EPOCH.fullmatch(text)
            if found is None:
                return None
            digits = len(found[1])
            scale = fixed or (1_000_000 if digits <= 10 else 1_000 if digits <= 13 else 1)
            fraction = int((found[2] or "0").ljust(9, "0")) * scale // 1_000_000_000
            self.fractions = self.fractions or scale < 1_000_000 or found[2] is not None
            return int(found[1]) * scale + fraction

        return read

    def _pattern_reader(self, pattern: re.Pattern[str]) -> Callable[[str], int | None]:
        def read(text: str) -> int | None:
            found = pattern.fullmatch(text)
            return None if found is None else self._calendar(found.groupdict())

        return read

    def _calendar(self, found: dict[str, str | None]) -> int | None:
        hour = int(found.get("H") or 0)
        half = (found.get("p") or "").lower()[:1]
        if half:
            hour = hour % 12 + (12 if half == "p" else 0)
        name = found.get("b")
        month = _MONTHS.get(name[:3].lower(), 0) if name else int(found.get("m") or 0)
        year = int(found.get("Y") or 0) or 2000 + int(found.get("y") or 0)
        second = min(int(found.get("S") or 0), 60)
        fraction = (found.get("f") or "").ljust(6, "0")[:6]
        zone = found.get("z")
        tz: tzinfo | None = self._tz
        if zone:
            offset = _offset(zone, self._zones)
            if offset is None:
                return BAD
            tz = timezone(timedelta(minutes=offset))
        if tz is None:
            return NEEDS_ZONE
        try:
            minute = datetime(year, month, int(found.get("d") or 0), hour, int(found.get("M") or 0), tzinfo=tz)
            base = int(minute.timestamp()) * 1_000_000
        except (ValueError, OverflowError):
            return BAD
        self._twice = not zone and minute.utcoffset() != minute.replace(fold=1).utcoffset()
        if self._twice:
            self.ambiguous += 1
        if found.get("f"):
            self.fractions = True
        return base + second * 1_000_000 + int(fraction)
