"""How long an answer may be kept, as its server says: Cache-Control, Expires, Date and Age (RFC 9111, RFC 5861)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from .http import Fetched

__all__ = ["Freshness", "freshness"]

_MOST = 2**31
"RFC 9111 §1.2.2: what is larger counts as this."


@dataclass(frozen=True, slots=True)
class Freshness:
    """What a server allows. We are a private cache: `private` and `s-maxage` are not about us."""

    life_s: float | None
    "Seconds from now for which it is fresh; 0 or less when it must be asked again; None when the server does not say."
    storable: bool
    "False for no-store."
    stale_s: float | None
    "Seconds it may be used after that when asking again fails; None when the server does not say."


def freshness(answer: Fetched, *, now_s: float) -> Freshness:
    """
    Read the caching rules of an answer; what is malformed counts as stale (RFC 9111 §4.2.1).

    Args:
        answer: the answer.
        now_s: when it came, seconds since the epoch.
    """
    directives = _directives(answer.header("cache-control") or "")
    date = _date(answer.header("date"))
    stated = _seconds(answer.header("age"))
    age = max(stated or 0, now_s - date if date is not None else 0) + answer.took_s
    life: float | None = None
    if "no-cache" in directives:
        life = 0
    elif "max-age" in directives:
        life = (_seconds(directives["max-age"]) or 0) - age
    elif answer.header("expires") is not None:
        until = _date(answer.header("expires"))
        life = 0 if until is None else min(until - (date if date is not None else now_s), _MOST) - age
    stale: float | None = None
    if "must-revalidate" in directives:
        stale = 0
    elif "stale-if-error" in directives:
        stale = _seconds(directives["stale-if-error"]) or 0
    return Freshness(life, "no-store" not in directives, stale)


def _directives(value: str) -> dict[str, str]:
    """Directives in lower case with their arguments; of one that stands twice the first counts (RFC 9111 §4.2.1)."""
    found: dict[str, str] = {}
    for part in value.split(","):
        name, _, argument = part.strip().partition("=")
        if name:
            found.setdefault(name.strip().lower(), argument.strip().strip('"'))
    return found


def _seconds(value: str | None) -> int | None:
    """delta-seconds; None when it is none."""
    digits = (value or "").partition(",")[0].strip()
    if not (digits.isascii() and digits.isdecimal()):
        return None
    return int(digits) if len(digits) <= 10 and int(digits) <= _MOST else _MOST


def _date(value: str | None) -> float | None:
    """HTTP-date, seconds since the epoch; None when it is none, as `Expires: 0`."""
    try:
        found = parsedate_to_datetime(value or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp()
