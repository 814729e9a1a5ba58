"""The SQL files of this room, filled in and run. What goes into a slot is ours, never a text from a call or a user."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from string import Template

from ringthrough.analytics.alerts.times import at, moment_us
from ringthrough.analytics.engine import Engine
from ringthrough.analytics.statements import period_sql
from ringthrough.analytics.table import Table

__all__ = ["COLUMNS_READ", "QUOTED", "hours", "pulse", "refused"]

COLUMNS_READ: tuple[str, ...] = (
    "at", "caller", "callee", "call_id", "carrier", "campaign", "kind", "final_code", "outcome", "blind_to", "verdict",
    "blocker", "redress_url", "redress_tel", "redress_email", "redress_id",
)  # fmt: skip
"Columns of the call table that alerts are made of, besides those of blocks and risk factors."
QUOTED = ("call_id", "callee", "code", "blocker", "redress_url", "redress_tel", "redress_email", "redress_id")
"What is quoted of the last refusal, in the order of refused.sql."


@cache
def _file(name: str) -> Template:
    text = files("ringthrough.analytics.alerts").joinpath(f"{name}.sql").read_text("utf-8")
    return Template("\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--")))


def _moment(at_us: int) -> str:
    return f"timestamp '{at(at_us).strftime('%Y-%m-%d %H:%M:%S.%f').rjust(26, '0')}'"


def refused(
    engine: Engine, verdicts: Sequence[str], *, by_carrier: bool, since_us: int, recent_us: int, lately_us: int,
    until_us: int,
) -> Table:  # fmt: skip
    """
    Refusals by number (and carrier), for all that had one since `since_us`.

    Args:
        engine: holds the calls.
        verdicts: which refusals count.
        by_carrier: a row per number and carrier, not per number.
        since_us, until_us: calls that are looked at.
        recent_us: since when refusals count as `recent`.
        lately_us: since when they count as `lately`.

    Returns:
        number, carrier, recent, lately, calls (since recent_us), refused (all), calls_between (the first and the last
        refusal, with these), calls_after (the last one), first_at (of the recent ones), last_at, quoted (of the last
        one, as `QUOTED`, separated by U+001F).
    """
    return engine.run(_file("refused").substitute(
        calls=engine.calls, period=period_sql(since_us, until_us), verdicts=", ".join(f"'{one}'" for one in verdicts),
        carrier="coalesce(calls.carrier, '')" if by_carrier else "''", recent=_moment(recent_us),
        lately=_moment(lately_us),
    ))  # fmt: skip


def hours(engine: Engine, *, since_us: int, until_us: int) -> Table:
    """Calls and answers: number, campaign, hour, calls, answered."""
    return engine.run(_file("hours").substitute(calls=engine.calls, period=period_sql(since_us, until_us)))


def pulse(
    engine: Engine, windows: Sequence[tuple[int, int]] = (), *, since_us: int | None = None, until_us: int | None = None
) -> tuple[int, int | None, int | None, tuple[int, ...]]:
    """
    Return how many calls there are, when the first and the last was, and how many lie in each window.

    Args:
        engine: holds the calls.
        windows: first microsecond, and the first that is too late.
        since_us, until_us: calls that are looked at.
    """
    counts = [
        f",\n  count(case when calls.at >= {_moment(first)} and calls.at < {_moment(end)} then 1 end) as window_{n}"
        for n, (first, end) in enumerate(windows)
    ]
    sql = _file("pulse").substitute(
        calls=engine.calls, period=period_sql(since_us, until_us), windows="".join(counts)
    )  # fmt: skip
    (row,) = engine.run(sql).rows
    first, last = (None if text is None else moment_us(text) for text in row[1:3])
    return int(row[0]), first, last, tuple(map(int, row[3:]))
