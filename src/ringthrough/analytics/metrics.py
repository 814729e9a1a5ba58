"""`metrics`: counts, rates, means and quantiles of calls, by any combination of dimensions."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ringthrough.analytics.definitions import METRICS
from ringthrough.analytics.dimensions import DIMENSIONS
from ringthrough.analytics.engine import Engine, engine_of
from ringthrough.analytics.parts import joined, parts_of
from ringthrough.analytics.statements import metrics_sql, period_sql, statement
from ringthrough.analytics.table import Table
from ringthrough.errors import LocalError, Problem

__all__ = ["chosen_by", "chosen_metrics", "metrics"]


def metrics(
    source: object,
    by: str | Sequence[str] = (),
    *,
    only: str | Sequence[str] | None = None,
    since_us: int | None = None,
    until_us: int | None = None,
    inferred: bool | None = None,
) -> Table:
    """
    Compute metrics of calls. Internet scanners are left out of all of them.

        from ringthrough import analytics, diagnosis
        calls = diagnosis.read_calls("day.pcap", region="US")
        analytics.metrics(calls, by=("number", "carrier")).records()

    Args:
        source: a store (`store.Reader`), what `diagnosis.read_calls` returns, a relation of DuckDB with the columns of
            the call table, rows of `Call` and `Verdict`, or an `Engine`.
        by: names of `DIMENSIONS`, each once; none for all calls together.
        only: names of `METRICS`; all by default.
        since_us: first microsecond of calls, since 1970 UTC; calls without a time are left out.
        until_us: the first microsecond that is too late.
        inferred: whether hidden blocks were looked for in these calls. None: they were if any verdict says
            probable_block or suspected_block. Where they were not, their rates are null and not 0.

    Returns:
        One row per group that has calls, in the order of the dimensions (null last); exactly one row without
        dimensions. Columns: the dimensions, `COUNTS`, then `columns_of` each metric. A metric that the sources of a
        group cannot know is null and has n = 0.

    Raises:
        LocalError: a dimension, metric or source is none, or columns are missing.
        BackendError: the calls cannot be read.

    Source: docs/concepts/metrics.md
    """
    keys, names = chosen_by(by), chosen_metrics(only)
    with engine_of(source, since_us=since_us, until_us=until_us) as engine:
        known = _inferred(engine) if inferred is None else inferred
        made = [
            engine.run(
                metrics_sql(engine.calls, keys, names, inferred=known, since_us=since_us, until_us=until_us, part=part)
            )
            for part in parts_of(engine, keys, period_sql(since_us, until_us))
        ]
        return joined(made, len(keys))


def chosen_by(by: str | Sequence[str]) -> tuple[str, ...]:
    """
    Return names of dimensions.

    Raises:
        LocalError: one does not exist, or is there twice (`analytics-by`).
    """
    given = (by,) if isinstance(by, str) else tuple(by)
    if _unsound(given, DIMENSIONS):
        detail = f"expected each of {', '.join(DIMENSIONS)} at most once, found {', '.join(map(str, given))}"
        raise LocalError(Problem("analytics-by", detail))
    return given


def chosen_metrics(only: str | Sequence[str] | None) -> tuple[str, ...]:
    """
    Return names of metrics, in the order of their definition.

    Raises:
        LocalError: one does not exist, or there is none (`analytics-metric`).
    """
    if only is None:
        return tuple(METRICS)
    given = (only,) if isinstance(only, str) else tuple(only)
    if not given or _unsound(tuple(dict.fromkeys(given)), METRICS):
        detail = f"expected some of {', '.join(METRICS)}, found {', '.join(map(str, given)) or 'none'}"
        raise LocalError(Problem("analytics-metric", detail))
    return tuple(name for name in METRICS if name in given)


def _unsound(given: tuple[str, ...], known: Collection[str]) -> bool:
    return len(set(given)) < len(given) or any(name not in known for name in given)


def _inferred(engine: Engine) -> bool:
    return bool(engine.run(statement("inferred", calls=engine.calls)).rows[0][0])
