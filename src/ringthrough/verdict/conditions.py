"""
A small language of conditions over the columns of one call.

Facts
- Conditions are plain data. `match` turns them into Python, `sql` into SQL; neither adds a meaning of its own.
- SQL has three truth values, Python two. A comparison with a fact that is not known (NULL, None) is not true here, and
  `Not` is true whenever its part is not true. So `Not(AtLeast("ring_ms", 1000))` holds for a call that never rang.
- A text that is NULL counts as empty: `Missing` and `Present` treat both alike.
- Text is compared as sent. `Contains` and `Words` fold the letters A to Z and no others, because the engines do not
  agree about lower case beyond ASCII (U+0130 becomes one character in DuckDB, two in Python and in Spark).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = [
    "ALWAYS",
    "SEPARATORS",
    "All",
    "Any",
    "AtLeast",
    "Below",
    "Condition",
    "Contains",
    "Is",
    "Leaf",
    "Missing",
    "Not",
    "OneOf",
    "Present",
    "Words",
    "walk",
]

SEPARATORS = '.,;:!?()[]<>{}/_-+=*#&|"'
"Characters that part words for `Words`, besides the blank. Neither quote nor backslash: the SQL dialects escape these."


@dataclass(frozen=True, slots=True)
class Is:
    """The column has this value."""

    column: str
    value: str | int | bool


@dataclass(frozen=True, slots=True)
class OneOf:
    """The column has one of these values."""

    column: str
    values: tuple[str, ...] | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The number is known and not smaller than this."""

    column: str
    value: int


@dataclass(frozen=True, slots=True)
class Below:
    """The number is known and smaller than this."""

    column: str
    value: int


@dataclass(frozen=True, slots=True)
class Missing:
    """The fact is not known: no number, or an empty text."""

    column: str


@dataclass(frozen=True, slots=True)
class Present:
    """The fact is known: a number, or a text that is not empty."""

    column: str


@dataclass(frozen=True, slots=True)
class Contains:
    """The text holds this piece, whatever the case of A to Z. The piece is written in lower case."""

    column: str
    piece: str


@dataclass(frozen=True, slots=True)
class Words:
    """The text holds one of these words or word groups between blanks or `SEPARATORS`, whatever the case of A to Z."""

    column: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part is not true: it is false, or not known."""

    part: Condition


@dataclass(frozen=True, slots=True, init=False)
class All:
    """Every part is true. Without parts it is always true."""

    parts: tuple[Condition, ...]

    def __init__(self, *parts: Condition) -> None:
        object.__setattr__(self, "parts", parts)


@dataclass(frozen=True, slots=True, init=False)
class Any:
    """At least one part is true. Without parts it never is."""

    parts: tuple[Condition, ...]

    def __init__(self, *parts: Condition) -> None:
        object.__setattr__(self, "parts", parts)


Condition = Is | OneOf | AtLeast | Below | Missing | Present | Contains | Words | Not | All | Any
"Any condition."
ALWAYS = All()
"Holds for every call."
Leaf = Is | OneOf | AtLeast | Below | Missing | Present | Contains | Words
"A condition about one column."


def walk(condition: Condition) -> Iterator[Leaf]:
    """Every condition about one column inside `condition`, from left to right."""
    match condition:
        case Not(part):
            yield from walk(part)
        case All(parts) | Any(parts):
            for part in parts:
                yield from walk(part)
        case _:
            yield condition
