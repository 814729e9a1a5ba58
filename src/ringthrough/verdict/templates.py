"""
Templates of the sentences: plain text with fields.

    {column}      the value; a number in digits, `?` when it is not known
    {column:t}    milliseconds as a person reads them: `17 ms`, and from a second on tenths, cut off: `20.3 s`
    [ ... ]       left out when one of the fields inside is not known (no number, or an empty text)

Python and SQL must print the same characters, so durations are cut out of the digits and never divided: `/` means
different things in different engines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ringthrough.errors import LocalError, Problem

from .facts import COLUMN_KINDS, check_literal

__all__ = ["Field", "Optional", "Part", "fields", "parse"]


@dataclass(frozen=True, slots=True)
class Field:
    """The value of a column."""

    column: str
    duration: bool = False
    "Print milliseconds as `17 ms` or `20.3 s`."

    @property
    def is_text(self) -> bool:
        """Whether the column holds text, else a number."""
        return COLUMN_KINDS[self.column] is str


@dataclass(frozen=True, slots=True)
class Optional:
    """A piece that is left out when one of its fields is not known."""

    parts: tuple[str | Field, ...]


Part = str | Field | Optional
"A piece of a template: literal text, a field, or an optional piece."

_PIECE = re.compile(r"\[(?P<optional>[^\[\]]*)\]|\{(?P<field>[a-z0-9_]+)(?P<duration>:t)?\}|(?P<text>[^\[\]{}]+)")


@lru_cache(maxsize=512)
def parse(template: str) -> tuple[Part, ...]:
    """
    Cut a template into its pieces.

    Raises:
        LocalError: a bracket is not closed, a field is no column, or an optional piece has no field.
    """
    parts: list[Part] = []
    at = 0
    while at < len(template):
        found = _PIECE.match(template, at)
        if found is None:
            raise _wrong(template, at)
        if found["optional"] is not None:
            inside = parse(found["optional"])
            if not any(isinstance(part, Field) for part in inside):
                raise _wrong(template, at)
            parts.append(Optional(tuple(part for part in inside if not isinstance(part, Optional))))
        elif found["field"] is not None:
            field = Field(found["field"], found["duration"] is not None)
            if COLUMN_KINDS.get(field.column) not in (str, int) or (field.duration and field.is_text):
                raise _wrong(template, at)
            parts.append(field)
        else:
            check_literal(found["text"])
            parts.append(found["text"])
        at = found.end()
    return tuple(parts)


def fields(template: str) -> tuple[Field, ...]:
    """The fields that stand outside of optional pieces, in order."""
    return tuple(part for part in parse(template) if isinstance(part, Field))


def _wrong(template: str, at: int) -> LocalError:
    return LocalError(
        Problem("verdict-template", f"expected text, a field or an optional piece at {at} in {template!r}")
    )
