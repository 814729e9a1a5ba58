"""Several codes side by side: what each is meant for, what becomes of it, the problem, redress, and rule with dates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ringthrough.errors import LocalError, Problem

from .entries import Entry
from .finding import lookup
from .loading import raw

__all__ = ["Row", "Table", "side_by_side"]


@dataclass(frozen=True, slots=True)
class Row:
    """One question, answered for each entry."""

    aspect: str
    "`intended meaning`, `real-world behaviour`, `the problem`, `redress`, `rule and dates`."
    cells: tuple[str, ...]
    "One answer per entry, in the order of the table."


@dataclass(frozen=True, slots=True)
class Table:
    """Entries as columns, questions as rows."""

    entries: tuple[Entry, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    "What holds for several of them: dates of the US rule, and the wrong ones in circulation."


def side_by_side(*whats: int | str | Entry) -> Table:
    """
    Two or more codes, variants or causes in one table: `side_by_side("603", "607", "608", "603+")`.

    Args:
        whats: anything that `lookup` takes; one that is named twice comes once.

    Raises:
        NotFound: one of them is unknown (`reference-unknown-code`).
        LocalError: fewer than two different ones (`reference-nothing-to-compare`).
    """
    entries = tuple(dict.fromkeys(what if isinstance(what, Entry) else lookup(what) for what in whats))
    if len(entries) < 2:
        found = entries[0].id if entries else "none"
        detail = f"expected at least two different codes or causes, such as 603 and 608; found {found}"
        raise LocalError(Problem("reference-nothing-to-compare", detail, "codes"))
    beside = raw()["beside"]
    cells: dict[str, dict[str, str]] = beside["cells"]
    rows = tuple(
        Row(aspect, tuple(cells[one.id][key] if one.id in cells else derive(one) for one in entries))
        for aspect, key, derive in _ROWS
    )
    concerned = any(one.id in beside["notes_for"] for one in entries)
    return Table(entries, rows, tuple(beside["notes"]) if concerned else ())


def _intended(entry: Entry) -> str:
    return entry.description


def _real_world(entry: Entry) -> str:
    return " ".join(entry.when_seen)


def _problem(entry: Entry) -> str:
    return entry.pitfalls[0] if entry.pitfalls else entry.blocks.why


def _redress(entry: Entry) -> str:
    return entry.fix_caller[0]


def _rule(entry: Entry) -> str:
    return f"{entry.rfc} {entry.section}".strip() + "."


_ROWS: tuple[tuple[str, str, Callable[[Entry], str]], ...] = (
    ("intended meaning", "intended", _intended),
    ("real-world behaviour", "real_world", _real_world),
    ("the problem", "problem", _problem),
    ("redress", "redress", _redress),
    ("rule and dates", "rule", _rule),
)
