"""
Cells to values, a column at a time: numbers, durations, codes, causes, words.

Theory of operation
- Each converter takes a whole column of text and gives a column of values. What repeats (causes, words, durations,
  callers) is read once and looked up; what does not (called numbers) is tried as a whole first: one expression over the
  joined column says whether it is already in the form that is wanted.
- A value that cannot be read is `None` and counted; a cell that is empty is `None` and not counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from ringthrough.numbers import normalise

from .vocabulary import LOCATIONS, cause_of, code_of

__all__ = ["UNREADABLE", "Numbers", "Remembered", "duration_reader", "text_reader", "user_of", "value_reader"]

UNREADABLE = -1
"Value of a cell that could not be read."

_REMEMBERED = 65_536
LONGEST_MS = 30 * 86_400_000  # thirty days: no call is longer, and milliseconds read as seconds are
_UNIT_US = {"seconds": 1_000_000, "milliseconds": 1_000, "microseconds": 1}
_DECIMAL = re.compile(r"([0-9]{1,18})(?:[.,]([0-9]{1,9})[0-9]*)?\s*(?:s|sec|secs|seconds|ms|msec)?", re.IGNORECASE)
_SAYS_MS = re.compile(r"ms(?:ec)?\Z", re.IGNORECASE)
_CLOCK = re.compile(r"(?:([0-9]{1,4}):)?([0-9]{1,3}):([0-9]{2})(?:[.,]([0-9]{1,9}))?")
# 1 h 2 min 3 s, 1m3s, PT1M23S
_WORDS = re.compile(
    r"(?:P?T?)?(?:([0-9]+)\s*h(?:ours?|rs?)?\W*)?(?:([0-9]+)\s*m(?:in(?:ute)?s?)?\W*)?"
    r"(?:([0-9]+)(?:[.,]([0-9]+))?\s*s(?:ec(?:ond)?s?)?)?",
    re.IGNORECASE,
)
_NOTHING = frozenset({"", "-", "n/a", "null", "none", "nan", "\\n", "unknown", "unspecified", "undef", "<null>"})
# "Name" <sip:+13125550349@host>;tag=x -> +13125550349
_ADDRESS = re.compile(r"(?:.*<)?\s*(?:sips?:|tel:)?([^@<>;:\s\"]*)[^<>]*>?.*", re.IGNORECASE | re.DOTALL)
_ALL_GLOBAL = re.compile(r"(?:\+(?:1[0-9]{10}|[2-9][0-9]{6,14})\n)*+")
_ALL_NANP_11 = re.compile(r"(?:1[2-9][0-9]{2}[2-9][0-9]{6}\n)*+")
_ALL_NANP_10 = re.compile(r"(?:[2-9][0-9]{2}[2-9][0-9]{6}\n)*+")
_ALL_DIGITS = re.compile(r"[0-9\n]*+")


class Remembered(dict[str, Any]):
    """Text -> value, read once; forgets everything when it has grown too large."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        super().__init__()
        self._once = read

    def __missing__(self, text: str) -> Any:
        if len(self) >= _REMEMBERED:
            self.clear()
        value = self[text] = self._once(text)
        return value


class Numbers:
    """Telephone numbers of a column: as they stand there, and as `numbers.normalise` spells them."""

    def __init__(self, region: str | None) -> None:
        self._region = region
        self._nanp = region is not None and region.upper() in ("US", "CA")
        self._known = Remembered(lambda raw: normalise(raw, region))
        self._users = Remembered(user_of)
        normalise("", region)  # an unknown region is said before the first row

    def __call__(self, column: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
        """The user parts of a column of numbers, URIs or name-addresses, and the same normalised."""
        joined = "\n".join(column) + "\n"
        first = joined[:1]
        if first == "+":
            if _ALL_GLOBAL.fullmatch(joined):
                return column, column
        elif self._nanp:
            lead = "+" if _ALL_NANP_11.fullmatch(joined) else "+1" if _ALL_NANP_10.fullmatch(joined) else ""
            if lead:
                made = (lead + joined.replace("\n", "\n" + lead)).split("\n")
                made.pop()
                return column, made
        elif self._region is None and _ALL_DIGITS.fullmatch(joined):
            return column, column
        raw = list(map(self._users.__getitem__, column)) if any(sign in joined for sign in '@<:" ') else column
        return raw, list(map(self._known.__getitem__, raw))


def user_of(cell: str) -> str:
    """The user part of a URI or name-address; a bare number as it is."""
    text = cell.strip()
    if not any(sign in text for sign in '@<:"'):
        return text
    found = _ADDRESS.fullmatch(text)
    return found[1] if found else text


def text_reader(pattern: str, path: str) -> Callable[[str], str]:
    """Reads the text of a cell by a path of JSON inside it, then by the first group of a pattern."""
    compiled = re.compile(pattern, re.DOTALL) if pattern else None

    def read(cell: str) -> str:
        text = _inside(cell, path) if path else cell
        if compiled is not None and text:
            found = compiled.search(text)
            text = next(filter(None, found.groups()), "") if found else ""
        return text

    return read


def _inside(cell: str, path: str) -> str:
    try:
        value = json.loads(cell) if cell.lstrip()[:1] == "{" else None
    except (ValueError, RecursionError):
        return ""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return "" if value is None or isinstance(value, dict | list) else str(value)


def duration_reader(unit: str, *, zero: bool = True) -> Callable[[str], int | None]:
    """Reads a duration to milliseconds: a number in `unit`, `h:mm:ss`, or `1 min 3 s`; else `UNREADABLE`."""
    unit_us = _UNIT_US[unit]

    def read(cell: str) -> int | None:
        text = cell.strip()
        if text.lower() in _NOTHING:
            return None
        if found := _DECIMAL.fullmatch(text):
            scale = _UNIT_US["milliseconds"] if _SAYS_MS.search(text) else unit_us
            us = int(found[1]) * scale + int((found[2] or "0").ljust(9, "0")) * scale // 1_000_000_000
        elif (found := _CLOCK.fullmatch(text) or _WORDS.fullmatch(text)) and any(found.groups()):
            hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3])
            fraction = int((found[4] or "").ljust(6, "0")[:6])
            us = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + fraction
        else:
            return UNREADABLE
        ms = us // 1_000
        if ms > LONGEST_MS:
            return UNREADABLE
        return ms if ms or zero else None

    return read


def value_reader(kind: str, *, zero: bool = True) -> Callable[[str], Any]:
    """Reads a code, cause or location. None: there is none. `UNREADABLE`: it cannot be read."""

    def read(cell: str) -> Any:
        text = cell.strip()
        if text.lower() in _NOTHING or (not zero and not text.strip("0")):
            return None
        if kind == "code":
            return code_of(text)
        if kind == "cause":
            return cause_of(text)
        if kind == "hex":
            try:
                value = int(text, 16)
            except ValueError:
                return UNREADABLE
            return value if 1 <= value <= 127 else UNREADABLE
        return LOCATIONS.get(text, text.upper() if text.isalpha() else "")

    return read
