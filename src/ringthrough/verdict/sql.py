"""
The ladder as one SELECT in the dialect that DuckDB and Spark share.

Facts
- `string` is a type in both, `varchar` without a length is not. No regular expressions, no LIKE (their escapes differ),
  no lower() (see `conditions`), no decimal literals (Spark would compute in DECIMAL), no integer division.
- Where a condition is not true, CASE goes on, so NULL and false are alike except under `Not`: there coalesce makes
  false of NULL.
- The rule is found once per row, in a subquery, as its number in the ladder: its name, verdict, confidence and sentence
  follow from that, and engines compare numbers faster than names.
"""

from __future__ import annotations

import string

from ringthrough import __version__
from ringthrough.calls.schema import FACTS

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
from .templates import Field, Optional, Part, parse

__all__ = ["sql"]

_PREFIX = "rt_"
"Columns that exist only inside the statement begin so."


def sql(table: str = "calls") -> str:
    """
    The SELECT that judges a whole table as `judge` does one call.

    Args:
        table: what stands behind FROM: a table, a view, or any from-item such as `read_parquet('x')`. It is put in as
            it is and has to hold every column of `calls.schema.FACTS`; further columns are left out.

    Returns:
        One statement without a semicolon. Its rows are the columns of `Call`, in order, then those of `Verdict`.
    """
    derived = [
        f"case when {_condition(made.when)} then {made.then} else {made.otherwise} end as {_name(name)}"
        for name, made in DERIVED.items()
    ]
    rules = [f"when {_condition(rule.when)} then {number}" for number, rule in enumerate(RULES[:-1])]
    percent = _by_rule([str(round(rule.confidence * 100)) for rule in RULES])
    columns = [
        *(column.name for column in FACTS),
        f"{_by_rule([_quote(rule.verdict) for rule in RULES])} as verdict",
        f"cast({percent} as double) / 100 as confidence",
        f"{_by_rule([_quote(rule.name) for rule in RULES])} as rule",
        f"{_because()} as because",
        f"{_settle()} as settle",
        f"coalesce({_condition(HIDDEN_CANDIDATE)}, false) as hidden_candidate",
        f"{_quote(__version__)} as tool_version",
        f"{_quote(RULES_VERSION)} as rules_version",
    ]
    with_derived = f"select *,\n{_list(derived)}\nfrom {table}"
    with_folded = f"select *,\n{_list(_folded())}\nfrom (\n{with_derived}\n) {_PREFIX}facts"
    found = "case\n" + "\n".join(rules) + f"\nelse {len(RULES) - 1} end as {_PREFIX}rule"
    with_rule = f"select *,\n{found}\nfrom (\n{with_folded}\n) {_PREFIX}folded"
    return f"select\n{_list(columns)}\nfrom (\n{with_rule}\n) {_PREFIX}ruled"


def _because() -> str:
    said = _by_rule([_sentence(rule.because) for rule in RULES])
    added = [f"case when {_condition(r.when)} then ' ' || {_sentence(r.because)} else '' end" for r in REMARKS]
    return "\n|| ".join([said, *added])


def _settle() -> str:
    said = _by_rule([_quote(rule.settle) for rule in RULES])
    added = [
        f"case when {_condition(remark.when)} then {_quote(' ' + remark.settle)} else '' end"
        for remark in REMARKS
        if remark.settle
    ]
    return "ltrim(" + "\n|| ".join([said, *added]) + ")"


def _by_rule(values: list[str]) -> str:
    """A CASE over the number of the rule; rules of the same value share a branch."""
    rules: dict[str, list[str]] = {}
    for number, value in enumerate(values):
        rules.setdefault(value, []).append(str(number))
    branches = [f"when {_PREFIX}rule in ({', '.join(numbers)}) then {value}" for value, numbers in rules.items()]
    return "case\n" + "\n".join(branches) + " end"


def _condition(condition: Condition) -> str:
    match condition:
        case Not(part):
            return f"(not coalesce({_condition(part)}, false))"
        case All(parts):
            return "(" + " and ".join(map(_condition, parts)) + ")" if parts else "true"
        case Any(parts):
            return "(" + " or ".join(map(_condition, parts)) + ")" if parts else "false"
        case _:
            return _leaf(condition)


def _leaf(leaf: Leaf) -> str:
    name = _name(leaf.column)
    match leaf:
        case Is(_, value):
            return f"({name} = {_literal(value)})"
        case OneOf(_, values):
            return f"({name} in ({', '.join(map(_literal, values))}))"
        case AtLeast(_, bound):
            return f"({name} >= {bound})"
        case Below(_, bound):
            return f"({name} < {bound})"
        case Missing():
            return f"(not {_present(leaf.column)})"
        case Present():
            return _present(leaf.column)
        case Contains(_, piece):
            return f"(position({_quote(piece)} in {_PREFIX}{leaf.column}_folded) > 0)"
        case Words(_, words):
            folded = f"{_PREFIX}{leaf.column}_words"
            return "(" + " or ".join(f"position({_quote(f' {word} ')} in {folded}) > 0" for word in words) + ")"


def _folded() -> list[str]:
    """The texts that conditions search in, folded once: folding for every search took most of the time."""
    leaves = {leaf for condition in _all_conditions() for leaf in walk(condition)}
    pieces = sorted({leaf.column for leaf in leaves if isinstance(leaf, Contains)})
    worded = sorted({leaf.column for leaf in leaves if isinstance(leaf, Words)})
    return [
        *(f"{_fold(_name(column), '')} as {_PREFIX}{column}_folded" for column in pieces),
        *(f"' ' || {_fold(_name(column), SEPARATORS)} || ' ' as {_PREFIX}{column}_words" for column in worded),
    ]


def _all_conditions() -> list[Condition]:
    return [*(rule.when for rule in RULES), *(remark.when for remark in REMARKS), HIDDEN_CANDIDATE]


def _fold(name: str, separators: str) -> str:
    """The text with A to Z in lower case, and with blanks for the separators."""
    there = string.ascii_uppercase + separators
    then = string.ascii_lowercase + " " * len(separators)
    return f"translate({name}, {_quote(there)}, {_quote(then)})"


def _present(column: str) -> str:
    name = _name(column)
    return f"(coalesce({name}, '') <> '')" if COLUMN_KINDS[column] is str else f"({name} is not null)"


def _sentence(template: str) -> str:
    return "(" + (" || ".join(map(_piece, parse(template))) or "''") + ")"


def _piece(part: Part) -> str:
    match part:
        case Field(column):
            name = _name(column)
            if part.is_text:
                return f"coalesce({name}, '')"
            digits = f"cast({name} as string)"
            if not part.duration:
                return f"coalesce({digits}, '?')"
            tenths = (
                f"substring({digits}, 1, length({digits}) - 3) || '.' || substring({digits}, length({digits}) - 2, 1)"
            )
            return f"coalesce(case when {name} >= 1000 then {tenths} || ' s' else {digits} || ' ms' end, '?')"
        case Optional(parts):
            known = " and ".join(_present(part.column) for part in parts if isinstance(part, Field))
            return f"case when {known} then {' || '.join(map(_piece, parts))} else '' end"
        case _:
            return _quote(part)


def _name(column: str) -> str:
    return _PREFIX + column if column in DERIVED else column


def _literal(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _quote(value) if isinstance(value, str) else str(value)


def _quote(text: str) -> str:
    return f"'{text}'"


def _list(columns: list[str]) -> str:
    return ",\n".join(columns)
