"""`raised_source`: the same calls with the verdicts of hidden blocks, for everything that takes an engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any
from zlib import crc32

from ringthrough.analytics.blocks.cells import COLUMNS_READ, STEPS, read_cells
from ringthrough.analytics.blocks.finding import Blocks, blocks_of
from ringthrough.analytics.blocks.raising import BECAUSE, NEVER_RAISED, raises
from ringthrough.analytics.engine import Engine, batches_of, engine_of
from ringthrough.analytics.statements import period_sql
from ringthrough.analytics.table import Table
from ringthrough.calls import COLUMNS

__all__ = ["raised_source", "raised_sql", "raised_table"]

_NAMES = tuple("at" if column.name == "at_us" else column.name for column in COLUMNS)
_HELD = {
    "number": "string", "carrier": "string", "day": "string", "code": "bigint", "phrase": "string", "cause": "bigint",
    "location": "string", "server": "string", "early": "boolean", "step": "bigint", "verdict": "string",
    "confidence": "double", "because": "string",
}  # fmt: skip
_RAISED = "coalesce(exact.verdict, bare.verdict, '') <> ''"
_NEW = {
    "verdict": "coalesce(exact.verdict, bare.verdict)",
    "confidence": "coalesce(exact.confidence, bare.confidence)",
    "because": (
        f"coalesce(exact.because, bare.because) || '{BECAUSE}' || coalesce(calls.verdict, '') || ': '"
        " || coalesce(calls.because, '')"
    ),
}


class _Raised:
    """An engine whose call table has raised verdicts."""

    def __init__(self, inner: Engine, calls: str, columns: tuple[str, ...]) -> None:
        self._inner = inner
        self._calls = calls
        self._columns = columns

    @property
    def calls(self) -> str:
        """What stands behind FROM for the call table; it needs an alias."""
        return self._calls

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of the call table."""
        return self._columns

    @property
    def rows_at_once(self) -> int | None:
        """Calls that the engine beneath wants to group at once; None for all (`parts`)."""
        return getattr(self._inner, "rows_at_once", None)

    def run(self, sql: str) -> Table:
        """Run a statement, as the engine beneath does."""
        return self._inner.run(sql)

    def batches(self, sql: str) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Run a statement and yield its rows, as the engine beneath does."""
        return batches_of(self._inner, sql)

    def hold(self, name: str, columns: Mapping[str, str], rows: Iterable[tuple[Any, ...]]) -> str:
        """Hold a small table, as the engine beneath does."""
        return self._inner.hold(name, columns, rows)


@contextmanager
def raised_source(
    source: object, blocks: Blocks | None = None, *, since_us: int | None = None, until_us: int | None = None
) -> Iterator[Engine]:
    """
    Give an engine on the same calls, with the verdicts of single calls raised as `raised` does it.

        from ringthrough import analytics, diagnosis
        calls = diagnosis.read_calls("week.pcap", region="US")
        with analytics.blocks.raised_source(calls) as raised:
            analytics.metrics(raised, by="carrier", only=("block_explicit", "block_probable"), inferred=True)

    Calls are not filtered, verdicts outside the period stay as they are. Columns that are none of the call table are
    left out.

    Args:
        source: as `find_blocks`.
        blocks: found in these calls; None: they are looked for.
        since_us: first microsecond of the calls in which blocks are looked for, since 1970 UTC.
        until_us: the first microsecond that is too late.

    Raises:
        LocalError: the source holds no calls.
        BackendError: the calls cannot be read, or the engine cannot hold a table.

    Source: docs/concepts/hidden-blocks.md
    """
    with engine_of(source, since_us=since_us, until_us=until_us, columns=_NAMES, least=COLUMNS_READ) as engine:
        found = blocks_of(read_cells(engine, since_us=since_us, until_us=until_us)) if blocks is None else blocks
        rows = raises(found)
        # Two of them may stand on one engine: each has a table of its own.
        held = engine.hold(f"raised_{crc32(repr(rows).encode('utf-8', 'backslashreplace')):08x}", _HELD, rows)
        there = set(engine.columns)
        columns = tuple(name for name in _NAMES if name in there)
        yield _Raised(engine, f"({raised_sql(engine.calls, held, columns)})", columns)


def raised_table(engine: Engine, *, since_us: int | None = None, until_us: int | None = None) -> Table:
    """
    List the calls whose verdict is raised, in the order of time.

    Args:
        engine: from `raised_source`.
        since_us: first microsecond of calls, since 1970 UTC.
        until_us: the first microsecond that is too late.

    Returns:
        One row per call: `at` (text, UTC), number, callee, carrier, code, phrase, final_ms, verdict, alone (the verdict
        that it has by itself), confidence, because, call_id.
    """
    period = period_sql(since_us, until_us)
    return engine.run(Template(_text("raised_calls")).substitute(calls=engine.calls, period=period))


def raised_sql(table: str, held: str, columns: Iterable[str] = _NAMES) -> str:
    """
    Return the statement behind `raised_source`, for an engine of one's own.

    Args:
        table: name of the call table.
        held: name of the table that says what is raised: the rows of `raises`.
        columns: columns of the call table that are wanted; `verdict_alone` comes behind them.
    """
    shown = [
        f"case when {_RAISED} then {_NEW[name]} else calls.{name} end as {name}" if name in _NEW else f"calls.{name}"
        for name in columns
    ]
    shown.append("calls.verdict as verdict_alone")
    return Template(_text("raised")).substitute(
        calls=table, held=held, columns=",\n  ".join(shown), never=", ".join(f"'{slug}'" for slug in NEVER_RAISED),
        last=str(STEPS - 1), unknown=str(STEPS),
    )  # fmt: skip


@cache
def _text(name: str) -> str:
    lines = files("ringthrough.analytics.blocks").joinpath(f"{name}.sql").read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("--"))
