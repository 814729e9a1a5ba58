"""
The ladder as one Python function, without an engine.

Theory of operation
- `judge` runs for millions of calls, so the table is not interpreted: it is written out once as the source of one
  function and compiled when this module is imported. A fact becomes an index of the tuple, or a local name where it is
  used often.
- Neighbouring rules that begin with the same condition share one `if` around them: first match wins all the same.
- Every expression is true or false, never None, as `conditions` defines it; `Not` can then be Python's `not`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import cast

from ringthrough import __version__
from ringthrough.calls.schema import Call, Verdict

from .conditions import (
    SEPARATORS,
    All,
    Any,
    AtLeast,
    Below,
    Condition,
    Contains,
    Is,
    Leaf,
    Missing,
    Not,
    OneOf,
    Present,
    Words,
    walk,
)
from .facts import COLUMN_KINDS, DERIVED
from .ladder import RULES, RULES_VERSION
from .remarks import HIDDEN_CANDIDATE, REMARKS
from .rule import Remark, Rule
from .templates import Field, Optional, Part, parse

__all__ = ["judge", "source"]

_OFTEN = 4
"A column that conditions name at least this often is worth a local variable."
_FOLD = bytes(
    0x20 if chr(octet) in SEPARATORS else octet + 0x20 if 0x41 <= octet <= 0x5A else octet for octet in range(256)
)


# The same few servers and phrases come back in call after call: each is searched once.
_REMEMBERED = 4096


@lru_cache(_REMEMBERED)
def _contains(text: str | None, piece: bytes) -> bool:
    return text is not None and piece in text.encode("utf-8", "surrogatepass").lower()


@lru_cache(_REMEMBERED)
def _words(text: str | None, words: tuple[bytes, ...]) -> bool:
    if not text:
        return False
    folded = b" " + text.encode("utf-8", "surrogatepass").translate(_FOLD) + b" "
    return any(word in folded for word in words)


def _duration(value_ms: int | None) -> str:
    if value_ms is None:
        return "?"
    digits = str(value_ms)
    return f"{digits[:-3]}.{digits[-3]} s" if value_ms >= 1000 else digits + " ms"


def _number(value: int | None) -> str:
    return "?" if value is None else str(value)


class _Writer:
    """Writes the source of `judge`, line by line."""

    def __init__(self, columns: Sequence[str], conditions: Iterable[Condition]) -> None:
        used = Counter(leaf.column for condition in conditions for leaf in walk(condition))
        self.lines: list[str] = []
        self.names = {column: f"c[{index}]" for index, column in enumerate(columns)}
        self.locals = [column for column in columns if used[column] >= _OFTEN]
        self.names |= {column: column for column in (*self.locals, *DERIVED)}

    def add(self, depth: int, line: str) -> None:
        self.lines.append("    " * depth + line)

    def condition(self, condition: Condition) -> str:
        """A Python expression that is true where the condition holds."""
        match condition:
            case Not(part):
                return f"(not {self.condition(part)})"
            case All(parts):
                return "(" + " and ".join(map(self.condition, parts)) + ")" if parts else "True"
            case Any(parts):
                return "(" + " or ".join(map(self.condition, parts)) + ")" if parts else "False"
            case _:
                return self.leaf(condition)

    def leaf(self, leaf: Leaf) -> str:
        name = self.names[leaf.column]
        is_text = COLUMN_KINDS[leaf.column] is str
        match leaf:
            case Is(_, value):
                return f"({name} == {value!r})"
            case OneOf(_, values):
                return f"({name} in {{{', '.join(map(repr, values))}}})"
            case AtLeast(_, bound):
                return f"({name} is not None and {name} >= {bound})"
            case Below(_, bound):
                return f"({name} is not None and {name} < {bound})"
            case Missing():
                return f"(not {name})" if is_text else f"({name} is None)"
            case Present():
                return self.present(leaf.column)
            case Contains(_, piece):
                return f"_contains({name}, {piece.encode()!r})"
            case Words(_, words):
                return f"_words({name}, {tuple(f' {word} '.encode() for word in words)!r})"

    def present(self, column: str) -> str:
        name = self.names[column]
        return f"bool({name})" if COLUMN_KINDS[column] is str else f"({name} is not None)"

    def sentence(self, template: str) -> str:
        """A Python expression for the text of a template."""
        return " + ".join(self.piece(part) for part in parse(template)) or "''"

    def piece(self, part: Part) -> str:
        match part:
            case Field(column):
                name = self.names[column]
                if part.is_text:
                    return f"({name} or '')"
                return f"_duration({name})" if part.duration else f"_number({name})"
            case Optional(parts):
                known = " and ".join(self.present(part.column) for part in parts if isinstance(part, Field))
                return f"(({' + '.join(map(self.piece, parts))}) if {known} else '')"
            case _:
                return repr(part)


def _first(row: Rule | Remark) -> Condition:
    return row.when.parts[0] if isinstance(row.when, All) and row.when.parts else row.when


def _rest(row: Rule | Remark) -> Condition:
    return All(*row.when.parts[1:]) if isinstance(row.when, All) else All()


def source() -> str:
    """The source of `judge`, as it is compiled."""
    rows: tuple[Rule | Remark, ...] = (*RULES, *REMARKS)
    conditions = [*(row.when for row in rows), HIDDEN_CANDIDATE, *(made.when for made in DERIVED.values())]
    write = _Writer(Call._fields, conditions)
    write.add(0, "def judge(c):")
    for column in write.locals:
        write.add(1, f"{column} = c[{Call._fields.index(column)}]")
    for condition, derived in groupby(DERIVED.items(), lambda item: item[1].when):
        members = list(derived)
        write.add(1, f"if {write.condition(condition)}:")
        for name, made in members:
            write.add(2, f"{name} = {write.names[made.then]}")
        write.add(1, "else:")
        for name, made in members:
            write.add(2, f"{name} = {write.names[made.otherwise]}")
    write.add(1, "while True:")
    for shared, rules in groupby(RULES, _first):
        write.add(2, f"if {write.condition(shared)}:")
        for rule in rules:
            write.add(3, f"if {write.condition(_rest(rule))}:")
            outcome = (rule.verdict, rule.confidence, rule.name, rule.settle)
            write.add(4, f"verdict, confidence, rule, settle = {outcome!r}")
            write.add(4, f"because = {write.sentence(rule.because)}")
            write.add(4, "break")
    for shared, remarks in groupby(REMARKS, _first):
        write.add(1, f"if {write.condition(shared)}:")
        for remark in remarks:
            write.add(2, f"if {write.condition(_rest(remark))}:")
            write.add(3, f"because += ' ' + {write.sentence(remark.because)}")
            if remark.settle:
                write.add(3, f"settle = settle + {' ' + remark.settle!r} if settle else {remark.settle!r}")
    write.add(1, f"hidden = {write.condition(HIDDEN_CANDIDATE)}")
    row = f"(verdict, confidence, rule, because, settle, hidden, {__version__!r}, {RULES_VERSION!r})"
    write.add(1, f"return _new(_Verdict, {row})")
    return "\n".join(write.lines) + "\n"


def _compile() -> Callable[[Call], Verdict]:
    # tuple.__new__ leaves out the argument handling of Verdict(...), a third of the time of the whole function.
    names: dict[str, object] = {
        "_contains": _contains,
        "_words": _words,
        "_duration": _duration,
        "_number": _number,
        "_new": tuple.__new__,
        "_Verdict": Verdict,
    }
    exec(compile(source(), "<ringthrough.verdict.match: judge>", "exec"), names)
    return cast("Callable[[Call], Verdict]", names["judge"])


_judge = _compile()


def judge(call: Call) -> Verdict:
    """
    Read one call: who ended it, how sure that is, and why.

    Never raises for a call whose columns have the types of the schema, whatever their values.

    Args:
        call: the facts of one call; a text that is None counts as empty.

    Returns:
        The row of the first rule that holds, with its sentence filled in and remarks added.
    """
    return _judge(call)
