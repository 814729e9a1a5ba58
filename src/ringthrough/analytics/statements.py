"""
The SQL files of this room, filled in.

A slot is `$name`. What goes into a slot comes from `dimensions`, `definitions` and integers, never from a user's text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from string import Template

from ringthrough.analytics.definitions import COUNTS, METRICS, PERCENTILES, Mean, Metric, Quantiles, Rate
from ringthrough.analytics.dimensions import DIMENSIONS
from ringthrough.analytics.intervals import Z_SQL, wilson_sql

__all__ = ["COLUMNS_READ", "metrics_sql", "period_sql", "statement"]

COLUMNS_READ: tuple[str, ...] = (
    "at", "caller", "callee", "carrier", "trunk", "campaign", "direction", "kind", "final_code", "q850_cause", "pdd_ms",
    "ring_ms", "ring_frame", "setup_ms", "final_ms", "talk_ms", "outcome", "blind_to", "verdict", "hidden_candidate",
    "source", "file",
)  # fmt: skip
"Columns of the call table that metrics are made of."

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@cache
def _file(name: str) -> str:
    return files("ringthrough.analytics").joinpath("sql", f"{name}.sql").read_text("utf-8")


def statement(name: str, **slots: str) -> str:
    """
    Return an SQL file of this room with its slots filled.

    Args:
        name: its name without `.sql`.
        slots: what stands for `$slot`; all slots of the file are needed. Comments are left out.
    """
    lines = (line for line in _file(name).splitlines() if not line.lstrip().startswith("--"))
    return Template("\n".join(lines)).substitute(slots)


def metrics_sql(
    table: str,
    by: Sequence[str] = (),
    names: Sequence[str] = tuple(METRICS),
    *,
    inferred: bool = False,
    since_us: int | None = None,
    until_us: int | None = None,
    part: str = "",
) -> str:
    """
    Return the statement behind `metrics`, for an engine of one's own, or to keep its rows as a table.

    Args:
        table: name of the call table.
        by: names of `DIMENSIONS`, each once.
        names: names of `METRICS`.
        inferred: hidden blocks were looked for.
        since_us: first microsecond, since 1970 UTC.
        until_us: the first microsecond that is too late.
        part: a condition of `parts_of`; empty for all calls.
    """
    chosen = [METRICS[name] for name in names]
    keys = ", ".join(by)
    # Within one calling number the callee tells a pair; a text of both is three times as long.
    pair = "callee" if "number" in by else "caller || ' ' || callee"
    counts = [f"count(case when {count.sql} then 1 end) as {count.name}" for count in COUNTS]
    shown = [count.name for count in COUNTS]
    for metric in chosen:
        counts += _counted(metric)
        shown += _shown(metric)
    return statement(
        "metrics",
        calls=table,
        inferred="true" if inferred else "false",
        dimensions="".join(f"{DIMENSIONS[name].sql} as {name},\n    " for name in by),
        pair=pair,
        constants=Z_SQL,
        period=f"{period_sql(since_us, until_us)} {part}",
        keys=f"{keys}," if by else "",
        counts=",\n    ".join(counts),
        shown=",\n  ".join(shown),
        grouping=f"group by {keys}" if by else "",
        ordering=f"order by {', '.join(f'{name} nulls last' for name in by)}" if by else "",
    )


def _counted(metric: Metric) -> list[str]:
    """Aggregates of a metric."""
    name = metric.name
    if isinstance(metric, Rate):
        return [
            f"count(case when {metric.whole} and {metric.part} then 1 end) as {name}_k",
            f"count(case when {metric.whole} then 1 end) as {name}_n",
        ]
    if isinstance(metric, Mean):
        # sum is wider than BIGINT in DuckDB; a sum of durations of at most 31 days each fits either.
        value = f"case when {metric.whole} then {metric.value} end"
        return [f"cast(sum({value}) as double) as {name}_sum", f"count({value}) as {name}_n"]
    if isinstance(metric, Quantiles):
        return [
            f"count({metric.value}) as {name}_n",
            *(
                f"percentile_cont({_fraction(at)}) within group (order by {metric.value}) as {name}_p{at}_ms"
                for at in PERCENTILES
            ),
        ]
    return [f"count(pair) - count(distinct pair) as {name}_k", f"count(pair) as {name}_n"]


def _fraction(percent: int) -> str:
    """A fraction as a constant double: a decimal literal would be a DECIMAL for Spark."""
    return f"cast('{percent / 100!r}' as double)"


def _shown(metric: Metric) -> list[str]:
    """Columns of a metric, of its aggregates."""
    name = metric.name
    part, whole = f"{name}_k", f"{name}_n"
    if isinstance(metric, Quantiles):
        return [whole, *(f"{name}_p{at}_ms" for at in PERCENTILES)]
    if isinstance(metric, Mean):
        return [whole, f"case when {whole} > 0 then {name}_sum / cast({whole} as double) end as {name}_ms"]
    low, high = wilson_sql(part, whole)
    share = f"case when {whole} > 0 then cast({part} as double) / cast({whole} as double) end as {name}"
    return [part, whole, share, f"{low} as {name}_low", f"{high} as {name}_high"]


def period_sql(since_us: int | None, until_us: int | None) -> str:
    """
    Return the conditions that cut a period out of the table `calls`, each with `and` before it.

    Args:
        since_us: first microsecond, since 1970 UTC; None for no beginning.
        until_us: the first microsecond that is too late; None for no end.
    """
    parts = [
        f"and calls.at {sign} timestamp '{_time(at_us)}'"
        for sign, at_us in ((">=", since_us), ("<", until_us))
        if at_us is not None
    ]
    return " ".join(parts)


_period = period_sql


def _time(at_us: int) -> str:
    """A time as SQL writes it; what no calendar holds becomes its first or last moment."""
    try:
        at = _EPOCH + timedelta(microseconds=at_us)
    except OverflowError:
        at = _FIRST if at_us < 0 else _LAST
    return at.strftime("%Y-%m-%d %H:%M:%S.%f").rjust(26, "0")
