"""
How a store keeps telephone numbers: as they are, masked, or as tokens of a keyed hash. Fixed when it is made.

Facts
- `masked` hides the last four digits and all but the first letter of a name. It hides who was called from those who
  read the store; it is no anonymisation. Different numbers become equal.
- `keyed` puts a token in place of a number: HMAC-SHA256 (RFC 2104) of the number under the operator's key, 80 bits of
  it. The same number gives the same token, so calls can still be counted by number; without the key nobody can compute
  the token of a number, and trying all numbers, which undoes any hash without a key, is of no use.
- A token is letters only, so that nothing takes it for a number. `keep_digits` leaves the first digits of an E.164
  number before it: `1215~kdmcab...`.
- The number is hidden wherever it stands in the row: in the Call-ID, in a URI, in the reason phrase. Other numbers in
  free text lose their last four digits (masked) or all of them (keyed). The number to appeal to is not the caller's
  and stays.
- The key is never stored. `key_check` is a hash under the key of a fixed text, and tells a wrong key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

from ringthrough.calls import Call, Verdict
from ringthrough.errors import LocalError, Problem
from ringthrough.numbers import mask, mask_text

__all__ = ["MODES", "Privacy", "Shade"]

MODES = ("plain", "masked", "keyed")
"How numbers are kept: as they are, with the last four digits hidden, as tokens of a keyed hash."

MOST_KEPT_DIGITS = 6  # seven digits would be taken for a number again
LEAST_KEY_BYTES = 16
"RFC 2104 §3 wants a key of the hash's length and discourages shorter ones; 128 random bits are beyond guessing."

_NUMBERS = ("caller", "callee", "caller_raw", "callee_raw")
_FREE = ("final_phrase", "far_phrase", "signal_phrase", "reason", "outcome_text")
_FREE_JUDGED = ("because", "settle")
# Slugs and the number to appeal to: nothing of a caller can stand in them.
_CLEAN = frozenset(
    {"redress_tel", "direction", "kind", "method", "signal", "signal_in", "location", "defects", "ended_by", "cut",
     "source", "outcome", "blind_to", "attestation", "identity", "card"}
)  # fmt: skip
_PLACES = tuple(
    name for name, hint in get_type_hints(Call).items() if hint is str and name not in {*_NUMBERS, *_FREE, *_CLEAN}
)
_LEAST_DIGITS = 7
_TAIL_DIGITS = 10  # the number also stands there without its country code
_NO_DIGIT = re.compile(r"[^0-9]")
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
_TOKEN_HEX = 20
# ATIS-1000099: `tel=` inside the text of an analytics Reason is the number to appeal to.
_APPEAL = re.compile(r"(\btel=\+?[0-9().\- ]+)")
_CHECKED = b"ringthrough: the key of a store"


@dataclass(frozen=True, slots=True)
class Privacy:
    """
    How a store keeps numbers.

    Raises:
        LocalError: an unknown mode, or digits to keep that it cannot keep.
    """

    mode: str = "plain"
    "One of MODES."
    keep_digits: int = 0
    "With `keyed`: how many first digits of an E.164 number stay readable, 0 to 6."
    key_check: str = ""
    "With `keyed`: tells whether a key is the one the store was made with; filled in when it is made."

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            detail = f"expected one of {', '.join(MODES)}, found {self.mode!r}"
            raise LocalError(Problem("store-privacy", detail, "privacy"))
        if not 0 <= self.keep_digits <= (MOST_KEPT_DIGITS if self.mode == "keyed" else 0):
            detail = f"expected 0 to {MOST_KEPT_DIGITS} digits to keep, and only with keyed, found {self.keep_digits}"
            raise LocalError(Problem("store-privacy", detail, "privacy"))

    def sealed(self, key: bytes | None) -> Privacy:
        """Return the setting with the check of this key; for a store that is being made."""
        if self.mode != "keyed":
            return self
        return Privacy(self.mode, self.keep_digits, _check(_sound(key)))

    def shade(self, key: bytes | None = None) -> Shade | None:
        """
        Return what hides the numbers of a row; None where nothing is hidden.

        Args:
            key: the operator's key; needed for `keyed`, not looked at otherwise.

        Raises:
            LocalError: the key is missing, too short, or not the one the store was made with.
        """
        if self.mode == "plain":
            return None
        if self.mode == "masked":
            return Shade(mask, mask_text, tokens=False)
        key = _sound(key)
        if not hmac.compare_digest(_check(key), self.key_check):
            raise LocalError(Problem("store-key-wrong", "expected the key that the store was made with, found another"))
        return Shade(_Tokens(key, self.keep_digits), _blot_text, tokens=True)


def _sound(key: bytes | None) -> bytes:
    if key is None:
        raise LocalError(Problem("store-key-missing", "the store keeps numbers as keyed hashes; expected its key"))
    if len(key) < LEAST_KEY_BYTES:
        detail = f"expected a key of {LEAST_KEY_BYTES} octets or more, found {len(key)}"
        raise LocalError(Problem("store-key-short", detail))
    return key


def _check(key: bytes) -> str:
    return hmac.new(key, _CHECKED, hashlib.sha256).hexdigest()[:16]


class _Tokens:
    """Number -> token; the numbers of a day come again and again, so the newest are remembered."""

    def __init__(self, key: bytes, keep_digits: int) -> None:
        self._hash = hmac.new(key, digestmod=hashlib.sha256)
        self._keep = keep_digits
        self._known: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        found = self._known.get(text)
        if found is None:
            if len(self._known) >= 100_000:
                self._known.clear()
            found = self._known[text] = self._made(text)
        return found

    def _made(self, text: str) -> str:
        if not text or (len(text) > 1 and mask(text) == text):  # words that name nobody: anonymous ...
            return text
        made = self._hash.copy()
        made.update(text.encode("utf-8", "surrogatepass"))
        kept = text[1 : 1 + self._keep] if text[0] == "+" and text[1:].isdigit() else ""
        return f"{kept}~{made.hexdigest()[:_TOKEN_HEX].translate(_LETTERS)}"


def _blot_text(text: str) -> str:
    """Free text without the digits of what looks like a telephone number."""
    masked = mask_text(text)
    if masked == text:
        return text
    made = list(masked)
    for at, (old, new) in enumerate(zip(text, masked, strict=True)):
        if old == new:
            continue
        made[at] = "x"
        # Back to the beginning of the number that loses its end here: digits and separators.
        back = at - 1
        while back >= 0 and (made[back].isdigit() or made[back] in "-.() x"):
            if made[back].isdigit():
                made[back] = "x"
            back -= 1
    return "".join(made)


class Shade:
    """Hides the numbers of rows; made by `Privacy.shade`."""

    def __init__(self, number: Callable[[str], str], free: Callable[[str], str], *, tokens: bool) -> None:
        self.number = number
        "What is stored for a caller or callee; the same for the same number."
        self._free = free
        self._tokens = tokens

    def row(self, row: tuple[Call, Verdict]) -> tuple[Call, Verdict]:
        """Return a row that says the same of the call and hides who called whom."""
        call, verdict = row
        changes, tails = self._own(call)
        for name in _FREE:
            if value := getattr(call, name):
                changes[name] = self._within(self._free_text(value, tails), tails)
        if tails:
            for name in _PLACES:
                if value := getattr(call, name):
                    hidden = self._within(value, tails)
                    if hidden is not value:
                        changes[name] = hidden
        judged: dict[str, Any] = {}
        for name in _FREE_JUDGED:
            if value := getattr(verdict, name):
                judged[name] = self._within(self._free_text(value, tails), tails)
        return call._replace(**changes), verdict._replace(**judged)

    def _own(self, call: Call) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Return what stands for the four numbers, and what to look for in other text with what to put there."""
        changes: dict[str, Any] = {}
        tails: list[tuple[str, str]] = []
        for name, raw_name in (("caller", "caller_raw"), ("callee", "callee_raw")):
            whole, raw = getattr(call, name), getattr(call, raw_name)
            shown = self.number(whole) if whole else ""
            tail, raw_tail = _tail(whole), _tail(raw)
            # The same number in another spelling is the same number.
            same = bool(tail) and raw_tail.endswith(tail[-_LEAST_DIGITS:]) and tail.endswith(raw_tail[-_LEAST_DIGITS:])
            raw_shown = shown if same and self._tokens else self.number(raw) if raw else ""
            changes[name], changes[raw_name] = shown, raw_shown
            tails += [(t, s) for t, s in ((tail, shown), (raw_tail, raw_shown)) if t and (t, s) not in tails]
        return changes, tails

    def _free_text(self, text: str, tails: list[tuple[str, str]]) -> str:
        # Own numbers first where they become tokens: afterwards nothing of them is left to be found.
        if self._tokens:
            text = self._within(text, tails)
        parts = _APPEAL.split(text)
        return "".join(part if at % 2 else self._free(part) for at, part in enumerate(parts))

    def _within(self, text: str, tails: list[tuple[str, str]]) -> str:
        """Text without these numbers, given by their last digits."""
        for tail, shown in tails:
            if tail in text:
                if self._tokens:
                    text = re.sub(rf"\+?[0-9]*{tail}", shown, text)
                else:
                    text = text.replace(tail, tail[:-4] + "xxxx")
        return text


def _tail(number: str) -> str:
    digits = _NO_DIGIT.sub("", number)
    return digits[-_TAIL_DIGITS:] if len(digits) >= _LEAST_DIGITS else ""
