"""
Engines: what runs the statements of this room on a call table.

`Engine` is the protocol; `DuckDBEngine` runs on a relation of DuckDB, in this process. `engine_of` makes one of
whatever holds calls: a store, what `read_calls` returns, a relation, or rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from ringthrough.analytics.statements import COLUMNS_READ
from ringthrough.analytics.table import Table
from ringthrough.calls import Call, Verdict
from ringthrough.errors import LocalError, Problem
from ringthrough.store import ParquetFile, Reader, parquet_lines
from ringthrough.store.engine import query_faults
from ringthrough.store.foreign import relation_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

__all__ = ["DuckDBEngine", "Engine", "engine_of"]

_BATCH_ROWS = 8_192


@runtime_checkable
class Engine(Protocol):
    """Something that holds a call table and runs portable SQL on it."""

    @property
    def calls(self) -> str:
        """What stands behind FROM for the call table."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of the call table."""
        ...

    def run(self, sql: str) -> Table:
        """
        Run a statement.

        Raises:
            LocalError: the statement means nothing to the engine.
            BackendError: the calls cannot be read.
        """
        ...


class DuckDBEngine:
    """
    DuckDB, on a relation that has the columns of the call table.

    Args:
        relation: from `store.Reader.relation`, `read_calls(...).relation()`, or any other; it lives as long as its
            connection.
    """

    def __init__(self, relation: DuckDBPyRelation) -> None:
        self._relation = relation
        # No name that the connection of the relation has already: DuckDB would look the table up in itself.
        self._calls = "ringthrough_calls"

    @property
    def calls(self) -> str:
        """What stands behind FROM for the call table."""
        return self._calls

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of the call table."""
        return tuple(self._relation.columns)

    def run(self, sql: str) -> Table:
        """
        Run a statement and take all of its rows.

        Raises:
            LocalError: the statement means nothing to the engine (`store-query`).
            BackendError: the calls cannot be read.
        """
        with query_faults("calls"):
            found = self._relation.query(self._calls, sql)
            # A statement that gives no rows gives None, or a relation, as DuckDB's version has it.
            return Table((), ()) if found is None else Table(tuple(found.columns), tuple(found.fetchall()))


@contextmanager
def engine_of(
    source: object, *, since_us: int | None = None, until_us: int | None = None, columns: tuple[str, ...] = COLUMNS_READ
) -> Iterator[Engine]:
    """
    Give an engine on whatever holds calls.

    Args:
        source: an `Engine`; a `store.Reader`; a relation of DuckDB; anything with a method `relation()`, such as what
            `diagnosis.read_calls` returns; or rows, each a `Call` and its `Verdict`.
        since_us, until_us: a store opens only the segments that can hold calls of this time. The others are not
            filtered: that is the statement's to do.
        columns: columns that will be asked for.

    Raises:
        LocalError: it is none of these (`analytics-source`), or columns are missing (`analytics-columns`).
        BackendError: the disk or the engine fails.
    """
    if isinstance(source, Reader):
        yield DuckDBEngine(source.relation(columns=columns, since_us=since_us, until_us=until_us))
    elif isinstance(source, Engine):
        yield _checked(source, columns)
    elif hasattr(source, "relation"):
        yield _checked(DuckDBEngine(source.relation()), columns)
    elif hasattr(source, "query") and hasattr(source, "fetchall"):
        yield _checked(DuckDBEngine(source), columns)  # type: ignore[arg-type]  # a relation, without importing DuckDB
    elif isinstance(source, Iterable):
        with tempfile.TemporaryDirectory(prefix="ringthrough-") as folder:
            path = Path(folder, "calls.parquet")
            _write(path, source, columns)
            yield DuckDBEngine(relation_of(path))
    else:
        raise _no_source(source)


def _write(path: Path, rows: Iterable[Any], columns: tuple[str, ...]) -> None:
    waiting = iter(rows)
    with ParquetFile(path, columns) as table:
        while batch := list(islice(waiting, _BATCH_ROWS)):
            for row in batch:
                if not (isinstance(row, tuple) and len(row) == 2 and isinstance(row[0], Call)) or not isinstance(
                    row[1], Verdict
                ):
                    raise _no_source(row)
            table.write(parquet_lines(batch, columns))


def _no_source(found: object) -> LocalError:
    detail = f"expected calls, a store, a relation or rows of Call and Verdict, found {type(found).__name__}"
    return LocalError(Problem("analytics-source", detail))


def _checked(engine: Engine, columns: tuple[str, ...]) -> Engine:
    there = set(engine.columns)
    missing = [name for name in columns if name not in there]
    if missing:
        detail = f"expected a call table, found a table without {', '.join(missing)}"
        raise LocalError(Problem("analytics-columns", detail))
    return engine
