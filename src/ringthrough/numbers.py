"""
Telephone numbers: one spelling for comparison, and masks for print.

Facts:
- A number is compared as `+` and digits (E.164). What is no such number (an extension, a short code, `anonymous`, a
  name) is compared as it was sent: guessing a country would join what does not belong together.
- Only lengths are checked, never whether a number is assigned: test and new ranges must pass.
- The table of numbering plans costs tens of milliseconds to load, so it is loaded when the first number needs it. A
  number with `+`, and a number of the North American plan, need it not.
- A mask hides who was called in what people pass on. It is no anonymisation: the first digits still tell the exchange.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ringthrough.errors import LocalError, Problem

__all__ = ["PROBLEMS", "is_number", "mask", "mask_text", "normalise"]

PROBLEMS: dict[str, str] = {
    "numbers-unknown-region": "The region is no two-letter code of a country that has a numbering plan (ISO 3166).",
}
"Every slug of this module, with the sentence that docs/reference/problems.md prints."

# E.164 §6.2.1: at most 15 digits, country code included; the first is never 0. Fewer than seven are
# left as sent: phonenumbers knows three plans with six (AT, DE, IR) and none with fewer.
_GLOBAL = re.compile(r"\+[1-9][0-9]{6,14}")
# The North American plan (country code 1) has ten digits after it, no fewer and no more.
_NANP = re.compile(r"\+?1?([2-9][0-9]{2}[2-9][0-9]{6})")
# RFC 3966 §3: visual-separator = "-" / "." / "(" / ")"; people also write spaces.
_SEPARATORS = str.maketrans("", "", "-.() ")
_DIALLED = re.compile(r"\+?[0-9]+")
_WRITTEN = re.compile(r"\+?[0-9().\- ]+")
_LONGEST = 40  # characters of a number with separators; longer text is none

_KEPT = frozenset({"", "anonymous", "restricted", "unavailable", "unknown", "private", "withheld", "unassigned"})
"Words that name nobody, so a mask leaves them."
# Left alone, though they look like it: addresses and dates. Then 7 to 15 digits, at most two separators between two.
_IN_TEXT = re.compile(
    r"(?P<kept>(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9.])"
    r"|(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?(?![0-9]))"
    r"|(?<![0-9])[0-9](?:[-.() ]{0,2}[0-9]){6,14}(?![0-9])"
)
_LAST = 4  # digits that a mask hides of a number


def normalise(raw: str, region: str | None = None) -> str:
    """
    The number as `+` and digits, or `raw` unchanged where it is no telephone number.

    Args:
        raw: user part of a URI, or a number as people write it.
        region: two letters of ISO 3166 (`US`, `DE`): where numbers without a country code are dialled. None: such
            numbers stay as they are.

    Raises:
        LocalError: the region is unknown (`numbers-unknown-region`).

    Source: ITU-T E.164 §6.2.1; RFC 3966 §3 for separators
    """
    if region is not None and region not in ("US", "CA"):
        region = _known_region(region)
    if raw[:1] == "+" and _is_global(raw):
        return raw
    digits = raw
    if not raw.isalnum() or not raw.isascii():
        if len(raw) > _LONGEST or not _WRITTEN.fullmatch(raw):
            return raw
        digits = raw.translate(_SEPARATORS)
    if digits[:1] == "+":
        return digits if _is_global(digits) else raw
    if region is None or not _DIALLED.fullmatch(digits):
        return raw
    if region in ("US", "CA"):
        match = _NANP.fullmatch(digits)
        if match is not None:
            return f"+1{match[1]}"
    return (_dialled(digits, region) or raw) if len(digits) <= _LONGEST else raw


def _is_global(digits: str) -> bool:
    return _GLOBAL.fullmatch(digits) is not None and (digits[1] != "1" or len(digits) == 12)


@lru_cache(maxsize=512)
def _known_region(region: str) -> str:
    import phonenumbers

    known = region.upper()
    if known not in phonenumbers.SUPPORTED_REGIONS:
        detail = f"expected two letters of ISO 3166, found {region[:60]!r}"
        raise LocalError(Problem("numbers-unknown-region", detail, "region", "ISO 3166-1"))
    return known


@lru_cache(maxsize=65536)
def _dialled(digits: str, region: str) -> str:
    """Digits as dialled in a region, in E.164; "" when their number fits no length of the plan."""
    import phonenumbers

    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return ""
    # IS_POSSIBLE alone: a number that is dialled only within its own area does not say which area.
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return ""
    made: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return made if _is_global(made) else ""


def is_number(text: str) -> bool:
    """Is it a telephone number: 7 to 15 digits, separators of RFC 3966 allowed, with or without `+`?"""
    if len(text) > _LONGEST or not _WRITTEN.fullmatch(text):
        return False
    return 7 <= sum(map(str.isdigit, text)) <= 15


def mask(text: str) -> str:
    """
    The caller or callee for print: the last four digits of a number, all but the first letter of a name.

    `+12155550112` gives `+1215555xxxx`, `1002` gives `xxxx`, `alice` gives `axxxx`; of `user@host` the user is masked.
    Words that name nobody (`anonymous` ...) stay.
    """
    user, at, host = text.partition("@")
    if user.lower() in _KEPT:
        return text
    if _WRITTEN.fullmatch(user):
        return _hide_last(user) + at + host
    return user[0] + "x" * (len(user) - 1) + at + host


def _hide_last(number: str) -> str:
    made = list(number)
    left = _LAST
    for at in range(len(made) - 1, -1, -1):
        if left and made[at].isdigit():
            made[at] = "x"
            left -= 1
    return "".join(made)


def mask_text(text: str) -> str:
    """
    Free text, URIs and header lines for print: the last four digits of whatever looks like a telephone number.

    That is 7 to 15 digits with at most two separators (space, hyphen, dot, brackets) between two of them. IPv4
    addresses and dates (`2026-11-21 14:02:33`) stay. Names are not looked for.
    """
    return _IN_TEXT.sub(lambda match: match[0] if match["kept"] else _hide_last(match[0]), text)
