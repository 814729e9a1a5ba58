"""Which calls are wanted: filters by verdict, number, code and time. Plain data, so that workers can carry it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from ringthrough.calls import Call, Verdict
from ringthrough.numbers import normalise

__all__ = ["Choice", "parse_code", "parse_number", "parse_time"]

_CODE = re.compile(r"([1-6])xx|([1-6][0-9][0-9])|(none)", re.IGNORECASE)
_LEAST_TAIL = 4


def parse_code(text: str) -> tuple[int, int]:
    """
    Return the range of final codes that `603`, `6xx` or `none` means, lowest and highest; -1 stands for none.

    Raises:
        ValueError: it is none of these.
    """
    found = _CODE.fullmatch(text)
    if found is None:
        raise ValueError(f"expected a code such as 603, a class such as 6xx, or none, found {text!r}")
    if found[1]:
        return int(found[1]) * 100, int(found[1]) * 100 + 99
    return (int(found[2]), int(found[2])) if found[2] else (-1, -1)


def parse_time(text: str) -> int:
    """
    Return microseconds since 1970 of a time in ISO 8601; UTC where it names no offset; a date is its midnight.

    Raises:
        ValueError: it is no such time.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"expected a time such as 2026-03-25T14:05:00Z or a date, found {text!r}") from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def parse_number(text: str, region: str | None) -> str:
    """
    Return what to look for: a number with plus as it is kept in rows, or the digits a number ends with, or a name.

    Raises:
        ValueError: there is too little to look for.
    """
    made = normalise(text.strip(), region)
    if made.startswith("+"):
        return made
    digits = re.sub(r"[-.() /]", "", made)
    if digits.isdigit():
        if len(digits) < _LEAST_TAIL:
            raise ValueError(f"expected at least {_LEAST_TAIL} digits, found {text!r}")
        return digits
    if not made:
        raise ValueError("expected a number, found nothing")
    return made


@dataclass(frozen=True)
class Choice:
    """A filter: conditions of different kinds must all hold, of one kind any."""

    verdicts: frozenset[str] = frozenset()
    numbers: tuple[str, ...] = ()
    codes: tuple[tuple[int, int], ...] = ()
    since_us: int | None = None
    until_us: int | None = None
    "The first microsecond that is too late."
    call_id: str = ""
    "What the Call-ID begins with."

    def __bool__(self) -> bool:
        return (
            bool(self.verdicts or self.numbers or self.codes or self.call_id)
            or self.since_us is not None
            or self.until_us is not None
        )

    def __call__(self, call: Call, verdict: Verdict) -> bool:
        """Tell whether a row is wanted."""
        if self.call_id and not call.call_id.startswith(self.call_id):
            return False
        if self.verdicts and verdict.verdict not in self.verdicts:
            return False
        if self.since_us is not None and call.at_us < self.since_us:
            return False
        if self.until_us is not None and call.at_us >= self.until_us:
            return False
        if self.codes:
            code = -1 if call.final_code is None else call.final_code
            if not any(low <= code <= high for low, high in self.codes):
                return False
        return not self.numbers or any(_matches(number, call) for number in self.numbers)


def _matches(number: str, call: Call) -> bool:
    if number.isdigit():
        # National form, or the end of a number: compared with the end of what was sent and of what was made of it.
        return any(have.endswith(number) for have in (call.caller, call.callee, call.caller_raw, call.callee_raw))
    return number in (call.caller, call.callee, call.caller_raw, call.callee_raw)
