"""
What a rule may look at: the columns of a call, and two columns derived from them.

Where the capture shows a leg beyond the element that answered the caller, and that leg ended with another status, the
farther answer decides: it is what the called side said before an element in between rewrote it. Three endings stay the
caller's own: an answered call (a later branch answered), a 487 (the call was cancelled), and a 487 on the far leg
(the element in between gave up and then answered for itself).
"""

from __future__ import annotations

from typing import NamedTuple

from ringthrough.calls.schema import FACTS
from ringthrough.errors import LocalError, Problem

from .conditions import All, AtLeast, Below, Condition, Contains, Is, Missing, Not, OneOf, Present, Words, walk

__all__ = ["ANSWERED", "COLUMN_KINDS", "DERIVED", "FAR_DECIDES", "Derived", "check", "check_literal"]

ANSWERED = All(AtLeast("final_code", 200), Below("final_code", 300))
"The caller got a 2xx."
FAR_DECIDES = All(AtLeast("far_code", 300), Not(Is("far_code", 487)), Not(ANSWERED), Not(Is("final_code", 487)))
"The answer of the farthest leg counts, not the one that the caller got."


class Derived(NamedTuple):
    """A column made from two others: `then` where the condition holds, else `otherwise`."""

    when: Condition
    then: str
    otherwise: str
    meaning: str


DERIVED = {
    "code": Derived(
        FAR_DECIDES, "far_code", "final_code", "status that decides: of the farthest leg, else the caller's"
    ),
    "phrase": Derived(FAR_DECIDES, "far_phrase", "final_phrase", "reason phrase that belongs to `code`"),
}
"Derived columns by name."

_KINDS: dict[str, type] = {"VARCHAR": str, "INTEGER": int, "BIGINT": int, "BOOLEAN": bool}

COLUMN_KINDS: dict[str, type] = {column.name: _KINDS[column.sql] for column in FACTS}
COLUMN_KINDS |= {name: COLUMN_KINDS[derived.then] for name, derived in DERIVED.items()}
"Python type of every column that a rule may name."


def check(condition: Condition) -> None:
    """
    Make sure that a condition names columns that exist and compares them with values of their type.

    Raises:
        LocalError: a column is unknown, a value has the wrong type, or a text could be read differently by two engines.
    """
    for leaf in walk(condition):
        kind = COLUMN_KINDS.get(leaf.column)
        values: tuple[object, ...]
        match leaf:
            case Is(_, value):
                fits, values = True, (value,)
            case AtLeast(_, bound) | Below(_, bound):
                fits, values = kind is int, (bound,)
            case OneOf(_, several):
                fits, values = kind is not bool, several
            case Contains(_, piece):
                fits, values = kind is str, (piece,)
            case Words(_, words):
                fits, values = kind is str, words
            case Missing() | Present():
                fits, values = kind is not bool, ()
        if kind is None or not fits or any(type(value) is not kind for value in values):
            raise LocalError(Problem("verdict-condition", f"no such column, or not of this type: {leaf}"))
        for value in values:
            if isinstance(value, str):
                check_literal(value)
        if isinstance(leaf, Contains | Words) and any(str(v) != str(v).lower() for v in values):
            raise LocalError(Problem("verdict-condition", f"the text has to be in lower case: {leaf}"))


def check_literal(text: str) -> None:
    """
    Make sure that every engine reads a text between single quotes alike.

    Raises:
        LocalError: it holds a quote, a backslash or anything but printable ASCII.
    """
    if not text.isascii() or not (text.isprintable()) or "'" in text or "\\" in text:
        raise LocalError(Problem("verdict-literal", f"no quotes, backslashes or other than printable ASCII: {text!r}"))
