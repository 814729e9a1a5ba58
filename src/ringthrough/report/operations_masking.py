"""
An overview with telephone numbers masked, once, before any document is made of it: no document can forget one.

Facts
- Masked numbers look alike (`+1215555xxxx`), and a table or chart of numbers must not merge them: where several look
  alike, `#1`, `#2` ... is put behind them, in the order in which the overview names them. The same number has the same
  label everywhere in one overview, and perhaps another one in the next.
- What a refusal gives as its contact (address, telephone number to appeal to) stays, but for a number of ours in it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields, replace
from typing import Any

from ringthrough.analytics.overview import Contact, Overview
from ringthrough.numbers import mask, mask_text

__all__ = ["mask_overview"]

_KEPT = (
    "at",
    "since",
    "until",
    "first",
    "last",
    "tel",
    "currency",
    "state",
    "verdict",
    "kind",
    "factor",
    "group",
    "name",
)
"Fields that are no stranger's free text: `mask_text` would take a time for a number."
_DIGITS = re.compile(r"[0-9]{7,}")


def mask_overview(found: Overview) -> Overview:
    """Return the overview with calling and called numbers masked wherever they stand in it."""
    numbers = dict.fromkeys(
        [
            *found.matrix.numbers, *(block.number for block in found.blocks), *(row.number for row in found.risk),
            *(number for action in found.actions for number in action.numbers),
        ]
    )  # fmt: skip
    masks = _Masks(_labels(list(numbers)))
    return replace(found, **{field.name: masks.of(field.name, getattr(found, field.name)) for field in fields(found)})


def _labels(numbers: list[str]) -> dict[str, str]:
    often = Counter(mask(number) for number in numbers)
    seen: Counter[str] = Counter()
    made = {}
    for number in numbers:
        text = mask(number)
        seen[text] += 1
        made[number] = f"{text} #{seen[text]}" if often[text] > 1 and number else text
    return made


class _Masks:
    """Masks values of any shape by the name of the field that holds them."""

    def __init__(self, labels: dict[str, str]) -> None:
        self._labels = labels
        # The last ten digits: a number also stands in an address or a Call-ID without its country code.
        self._tails = {
            digits[-10:]: digits[-10:-4] + "xxxx"
            for number in labels
            if len(digits := re.sub(r"[^0-9]", "", number)) >= 7
        }

    def of(self, name: str, value: Any) -> Any:
        """Return a value masked."""
        if isinstance(value, str):
            return self._text(name, value)
        if isinstance(value, tuple):
            if hasattr(value, "_fields"):
                return type(value)(*(self.of(field, part) for field, part in zip(value._fields, value, strict=True)))
            return tuple(self.of(name, part) for part in value)
        return value

    def _text(self, name: str, text: str) -> str:
        if text in self._labels:
            return self._labels[text]
        if name in ("caller", "callee", "number", "numbers"):
            return mask(text)
        kept = name in _KEPT or name in Contact._fields
        made, at = [], 0
        for found in _NUMBER.finditer(text):  # what is masked must not be masked again: its digits are still many
            label = self._labels.get(found[0])
            if label is not None:
                made += [self._free(text[at : found.start()], kept), label]
                at = found.end()
        made.append(self._free(text[at:], kept))
        return "".join(made)

    def _free(self, text: str, kept: bool) -> str:
        # In this order: what `mask_text` leaves of a number is none that is known.
        return _DIGITS.sub(self._hidden, text if kept else mask_text(text))

    def _hidden(self, found: re.Match[str]) -> str:
        digits = found[0]
        masked = self._tails.get(digits[-10:])
        return digits if masked is None else digits[:-10] + masked


_NUMBER = re.compile(r"\+?[0-9]{3,15}")
