"""
Whether a calling number can be one: E.164, the North American plan, and lists of numbers that may not originate calls.

Whether it is assigned, and to whom, no form of a number tells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringthrough.analytics.risk.zones import places
from ringthrough.errors import Problem, RuleError

__all__ = ["DoNotOriginate", "doubts", "faults", "parse_dno"]

_GLOBAL = re.compile(r"\+[1-9][0-9]{6,14}")
_LEAST_PREFIX = 4
_SEPARATORS = str.maketrans("", "", "-.() \t")


@dataclass(frozen=True, slots=True)
class DoNotOriginate:
    """Numbers that may not originate calls."""

    numbers: frozenset[str] = frozenset()
    "Whole numbers, with plus."
    prefixes: tuple[str, ...] = ()
    "Beginnings of numbers, with plus."

    def __contains__(self, number: object) -> bool:
        return isinstance(number, str) and (number in self.numbers or number.startswith(self.prefixes))

    def __len__(self) -> int:
        return len(self.numbers) + len(self.prefixes)


def parse_dno(text: str, name: str = "do-not-originate list") -> DoNotOriginate:
    """
    Read a do-not-originate list: one number a line, or the beginning of one with * behind it; # begins a comment.

    Numbers are E.164 with plus; ten digits, or 1 and ten digits, are of the North American plan.

    Raises:
        RuleError: a line is neither (`analytics-risk-dno`).
    """
    numbers, prefixes = set(), []
    for place, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        entry = line.partition("#")[0].translate(_SEPARATORS)
        if not entry:
            continue
        begun = entry.endswith("*")
        made = _with_plus(entry.removesuffix("*"), whole=not begun)
        if made is None:
            detail = f"expected a number with country code, or the beginning of one and *, found {line.strip()[:60]!r}"
            raise RuleError(Problem("analytics-risk-dno", detail, f"{name}: line {place}"))
        if begun:
            prefixes.append(made)
        else:
            numbers.add(made)
    return DoNotOriginate(frozenset(numbers), tuple(prefixes))


def _with_plus(entry: str, *, whole: bool) -> str | None:
    if not entry.removeprefix("+").isascii() or not entry.removeprefix("+").isdigit():
        return None
    if not entry.startswith("+"):
        if not whole or not (len(entry) == 10 or (len(entry) == 11 and entry[0] == "1")):
            return None
        entry = f"+1{entry[-10:]}"
    if not whole:
        return entry if len(entry) >= _LEAST_PREFIX else None
    return entry if _GLOBAL.fullmatch(entry) else None


def faults(number: str, dno: DoNotOriginate) -> tuple[str, ...]:
    """
    What is wrong with a calling number, in words.

    Source: ITU-T E.164 §6.2; North American Numbering Plan (area code and exchange are N11-free and begin with 2-9)
    """
    found = []
    if _GLOBAL.fullmatch(number) is None:
        found.append("it is no number of E.164")
    elif number.startswith("+1"):
        area, exchange = number[2:5], number[5:8]
        if len(number) != 12:
            found.append("a number of the North American plan has ten digits after +1")
        elif area[0] in "01" or area[1:] == "11" or area[1] == "9":
            found.append(f"{area} can be no area code")
        elif exchange[0] in "01" or exchange[1:] == "11":
            found.append(f"{exchange} can be no exchange")
    if number in dno:
        found.append("it is on the do-not-originate list")
    return tuple(found)


def doubts(number: str) -> tuple[str, ...]:
    """What is doubtful about a number that `faults` has nothing against."""
    if number.startswith("+1") and number[2:5] not in places().areas:
        return (f"area code {number[2:5]} is not among those known here",)
    return ()
