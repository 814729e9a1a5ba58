"""Calls for tests: the facts that matter to a case, all others as a capture leaves them when it saw nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb

from ringthrough.calls.schema import FACTS, Call, Verdict
from ringthrough.verdict import sql

NOTHING: dict[str, Any] = {column.name: "" if column.sql == "VARCHAR" else None for column in FACTS} | {
    "call_id": "a84b4c76e66710@pc33.example.com",
    "at_us": 1_800_000_000_000_000,
    "kind": "call",
    "method": "INVITE",
    "early_media": False,
    "attempts": 1,
    "challenges": 0,
    "forks": 0,
    "legs": 1,
    "retransmissions": 0,
    "duplicates": 0,
}

_DDL = ", ".join(f"{column.name} {column.sql}" for column in FACTS)
_HOLES = "(" + ", ".join("?" * len(FACTS)) + ")"


def call(**facts: Any) -> Call:
    """A call with these facts."""
    return Call(**(NOTHING | facts))


def judge_with_sql(calls: Iterable[Call], connection: duckdb.DuckDBPyConnection) -> list[tuple[Call, Verdict]]:
    """What the SQL makes of a table of calls, in the order of the calls."""
    rows = list(calls)
    connection.execute(f"create or replace table calls (nr bigint, {_DDL})")
    holes = "(?, " + _HOLES[1:]
    for start in range(0, len(rows), 100):
        part = rows[start : start + 100]
        values = [value for nr, row in enumerate(part, start) for value in (nr, *row)]
        connection.execute(f"insert into calls values {', '.join([holes] * len(part))}", values)
    ordered = "(select * exclude (nr) from calls order by nr)"
    found = connection.execute(sql(f"{ordered} x")).fetchall()
    return [(Call(*row[: len(FACTS)]), Verdict(*row[len(FACTS) :])) for row in found]
