"""
Engines: what runs the statements of this room on a call table.

`Engine` is the protocol; `DuckDBEngine` runs on a relation of DuckDB, in this process. `engine_of` makes one of
whatever holds calls: a store, what `read_calls` returns, a relation, or rows.

Facts
- DuckDB takes minutes to read a hundred thousand rows of VALUES and a second for as many lines of CSV.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from ringthrough.analytics.statements import COLUMNS_READ
from ringthrough.analytics.table import Table
from ringthrough.calls import Call, Verdict
from ringthrough.errors import LocalError, Problem
from ringthrough.store import ParquetFile, Reader, parquet_lines
from ringthrough.store.engine import LINE_BYTES, identifier, query_faults, read_lines, spilling, write_faults
from ringthrough.store.foreign import relation_of
from ringthrough.store.parquet import cell_text

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

__all__ = ["DuckDBEngine", "Engine", "Streaming", "batches_of", "engine_of"]

ROWS_AT_ONCE = 5_000_000
"Calls that DuckDB groups at once: all metrics of so many take a gigabyte."
_BATCH_ROWS = 8_192
SPILLS_FROM = "2 GiB"
"Memory from which on a statement spills whose rows come in batches: it sorts, and what is sorted can wait on a disk."


def _text(cell: str) -> str:
    return '"' + cell_text(cell).replace('"', '""') + '"'


def _number(cell: float | None) -> str:
    return "" if cell is None else repr(cell)


def _flag(cell: bool | None) -> str:
    return "" if cell is None else "true" if cell else "false"


_CELLS: dict[str, Callable[[Any], str]] = {"string": _text, "bigint": _number, "double": _number, "boolean": _flag}


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

    def hold(self, name: str, columns: Mapping[str, str], rows: Iterable[tuple[Any, ...]]) -> str:
        """
        Hold a small table, so that statements can join it.

        Args:
            name: letters, digits and underscores; a table that is held by this name already is replaced.
            columns: type of each column in order: `string`, `bigint`, `double` or `boolean`.
            rows: cells in this order; None is null, but for texts, which are never null.

        Returns:
            What stands behind FROM for it, as long as the engine lives.

        Raises:
            LocalError: a type is none of these (`analytics-hold`).
            BackendError: it cannot be held.
        """
        ...


@runtime_checkable
class Streaming(Protocol):
    """An engine that can also give rows batch by batch, without holding all of them as Python's."""

    def batches(self, sql: str) -> Iterator[Sequence[tuple[Any, ...]]]:
        """
        Run a statement and yield its rows in order.

        Raises: as `Engine.run`.
        """
        ...


def batches_of(engine: Engine, sql: str) -> Iterator[Sequence[tuple[Any, ...]]]:
    """
    Run a statement and yield its rows in order, batch by batch where the engine can.

    Raises: as `Engine.run`.
    """
    if isinstance(engine, Streaming):
        yield from engine.batches(sql)
    else:
        yield engine.run(sql).rows


class DuckDBEngine:
    """
    DuckDB, on a relation that has the columns of the call table.

    Args:
        relation: from `store.Reader.relation`, `read_calls(...).relation()`, or any other; it lives as long as its
            connection.
        rows_at_once: calls that one statement may group, where groups can be computed one after the other (`parts`).
    """

    def __init__(self, relation: DuckDBPyRelation, *, rows_at_once: int = ROWS_AT_ONCE) -> None:
        self._relation = relation
        self.rows_at_once = rows_at_once
        "Calls that one statement may group."
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

    def batches(self, sql: str) -> Iterator[Sequence[tuple[Any, ...]]]:
        """
        Run a statement and yield its rows in order; what waits is the engine's.

        A statement whose rows are many sorts many: meanwhile the engine spills to its folder from `SPILLS_FROM` on,
        where its own limit is higher.

        Raises: as `run`.
        """
        with query_faults("calls"), spilling(self._relation, SPILLS_FROM):
            found = self._relation.query(self._calls, sql)
            rows = iter(()) if found is None else found.iter_rows(_BATCH_ROWS)
            while batch := tuple(islice(rows, _BATCH_ROWS)):
                yield batch

    def hold(self, name: str, columns: Mapping[str, str], rows: Iterable[tuple[Any, ...]]) -> str:
        """
        Hold a small table as a temporary one of the relation's connection.

        Args:
            name: letters, digits and underscores.
            columns: type of each column: `string`, `bigint`, `double` or `boolean`.
            rows: cells in this order; None is null, but for texts.

        Raises:
            LocalError: a type is none of these (`analytics-hold`).
            BackendError: the disk or the engine fails.
        """
        unknown = [sql for sql in columns.values() if sql not in _CELLS]
        if unknown or not columns:
            detail = f"expected columns of type {', '.join(_CELLS)}, found {', '.join(unknown) or 'none'}"
            raise LocalError(Problem("analytics-hold", detail))
        makers = [_CELLS[sql] for sql in columns.values()]
        held = identifier(f"ringthrough_held_{name}")
        with write_faults(Path(tempfile.gettempdir())), tempfile.TemporaryDirectory(prefix="ringthrough-") as folder:
            path, longest = Path(folder, "rows.csv"), LINE_BYTES
            with open(path, "wb") as lines:
                for row in rows:
                    line = ",".join(make(cell) for make, cell in zip(makers, row, strict=True)).encode() + b"\n"
                    longest = max(longest, len(line))
                    lines.write(line)
            types = {column: "VARCHAR" if sql == "string" else sql.upper() for column, sql in columns.items()}
            made = (
                f"create or replace temporary table {held} as select * from {read_lines(path, types, longest=longest)}"
            )
            self._relation.query(self._calls, made)
        return held


@contextmanager
def engine_of(
    source: object,
    *,
    since_us: int | None = None,
    until_us: int | None = None,
    columns: tuple[str, ...] = COLUMNS_READ,
    least: tuple[str, ...] | None = None,
) -> Iterator[Engine]:
    """
    Give an engine on whatever holds calls.

    Args:
        source: an `Engine`; a `store.Reader`; a relation of DuckDB; anything with a method `relation()`, such as what
            `diagnosis.read_calls` returns; or rows, each a `Call` and its `Verdict`.
        since_us, until_us: a store opens only the segments that can hold calls of this time. The others are not
            filtered: that is the statement's to do.
        columns: columns that will be asked for.
        least: columns without which nothing can be done; None: all of `columns`.

    Raises:
        LocalError: it is none of these (`analytics-source`), or columns are missing (`analytics-columns`).
        BackendError: the disk or the engine fails.
    """
    needed = columns if least is None else least
    if isinstance(source, Reader):
        yield DuckDBEngine(source.relation(columns=columns, since_us=since_us, until_us=until_us))
    elif isinstance(source, Engine):
        yield _checked(source, needed)
    elif hasattr(source, "relation"):
        yield _checked(DuckDBEngine(source.relation()), needed)
    elif hasattr(source, "query") and hasattr(source, "fetchall"):
        yield _checked(DuckDBEngine(source), needed)  # type: ignore[arg-type]  # a relation, without importing DuckDB
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
