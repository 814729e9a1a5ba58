"""
Parts of a call table that can be computed one after the other, so that memory does not grow with the calls.

Facts
- DuckDB spills what it groups, sorts and joins, but not the state of an exact quantile: some 110 octets a call for all
  of ours. Twenty million calls at once take 4.4 GB, five million 1.1 GB.
- A part holds whole groups, so its rows are final. Days are cut by time, which leaves the segments of other days
  unread and costs little. Numbers are cut by their order, which reads all calls for every part: parts of numbers are
  twice as large, and without days there are fewer groups to hold.
- An engine that wants parts says so with `rows_at_once`. Spark does not: it cuts by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from ringthrough.analytics.dimensions import DIMENSIONS
from ringthrough.analytics.engine import Engine
from ringthrough.analytics.statements import statement
from ringthrough.analytics.table import Table

__all__ = ["joined", "parts_of"]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parts_of(engine: Engine, by: Sequence[str], period: str = "") -> tuple[str, ...]:
    """
    Cut the calls of an engine into parts of no more calls than it wants at once, as far as days or numbers can do that.

    Args:
        engine: what holds the calls.
        by: names of `DIMENSIONS` that calls are grouped by.
        period: conditions on the time of a call, each with `and` before it.

    Returns:
        Conditions on the table `calls`, each with `and` before it; one empty one when it stays whole.

    Raises:
        BackendError: the calls cannot be read.
    """
    most: int | None = getattr(engine, "rows_at_once", None)
    name = next((name for name in ("day", "number") if name in by), "")
    if most is None or not name:
        return ("",)
    sizes = engine.run(statement("sizes", calls=engine.calls, value=DIMENSIONS[name].sql, period=period)).rows
    if name == "number":
        most *= 2
    if sum(row[1] for row in sizes) <= most:
        return ("",)
    return _days(sizes, most) if name == "day" else _numbers(sizes, most)


def _days(sizes: Sequence[tuple[Any, ...]], most: int) -> tuple[str, ...]:
    # Calls without a time come last. Times that no calendar shows have days that no condition can name.
    days = [(day, calls) for day, calls in sizes if day is not None]
    if not all(_DAY.fullmatch(day) and _is_date(day) for day, _ in days):
        return ("",)
    cut = [f"timestamp '{day} 00:00:00'" for day in _starts(days, most)]
    made = _between("calls.at", cut) if days else []
    return (*made, "and calls.at is null") if len(days) < len(sizes) else tuple(made)


def _numbers(sizes: Sequence[tuple[Any, ...]], most: int) -> tuple[str, ...]:
    quoted = ["'" + number.replace("'", "''") + "'" for number in _starts(sizes, most)]
    return tuple(_between(DIMENSIONS["number"].sql, quoted))


def _starts(sizes: Sequence[tuple[Any, ...]], most: int) -> list[str]:
    """First value of each part but the first."""
    made, held = [], 0
    for value, calls in sizes:
        if held and held + calls > most:
            made.append(value)
            held = 0
        held += calls
    return made


def _between(column: str, cut: list[str]) -> list[str]:
    """Conditions for what is before the first cut, between cuts, and behind the last one."""
    if not cut:
        return [f"and {column} is not null"]
    inner = [f"and {column} >= {low} and {column} < {high}" for low, high in pairwise(cut)]
    return [f"and {column} < {cut[0]}", *inner, f"and {column} >= {cut[-1]}"]


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def joined(tables: Sequence[Table], keys: int) -> Table:
    """
    Put the tables of all parts together.

    Args:
        tables: at least one, each in the order of its first `keys` columns, null last; no group is in two.
        keys: how many columns the groups have.
    """
    if len(tables) == 1:
        return tables[0]
    rows = [row for table in tables for row in table.rows]
    rows.sort(key=lambda row: tuple((cell is None, cell) for cell in row[:keys]))
    return Table(tables[0].columns, tuple(rows))
