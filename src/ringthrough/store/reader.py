"""
The reader: a store as it was at one moment, as rows, as columns, or as a relation of DuckDB.

Theory of operation
- Opening reads the manifest, and from then on this moment is what is read, whatever a writer does meanwhile. Files of
  merged segments stay for a while (`upkeep.GRACE_S`), so a reader may take that long; `refresh` moves it on.
- The engine is an in-memory DuckDB that reads segments, which never change. No file that a writer has open is touched.
- Segments that cannot hold a row of the time asked for are not opened.
- Columns are matched by name. What a segment does not have, because it says nothing there or was written before the
  column existed, reads as its default.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ringthrough.calls import Call, Verdict
from ringthrough.errors import LocalError, Problem
from ringthrough.store.disk import failed
from ringthrough.store.engine import connect, copy_to_parquet, identifier, pattern, query_faults, quoted
from ringthrough.store.ledger import listed
from ringthrough.store.manifest import Imported, Manifest, Segment
from ringthrough.store.parquet import FIRST_US, LAST_US, NAMES, TYPES
from ringthrough.store.privacy import Privacy
from ringthrough.store.spool import DEFAULTS
from ringthrough.store.survey import fault_of, number_of, strangers, verify

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

__all__ = ["UNDATED_US", "Reader", "open_store"]

UNDATED_US = FIRST_US - 1
"`at_us` of a row whose time no calendar shows; it is written out as an empty time."

_BATCH_ROWS = 8_192
_FACTS = len(Call._fields)
_ORDER = 'ORDER BY "at" NULLS LAST, "file", "frame", "call_id"'
_LEAST_TAIL = 4


def open_store(path: str | Path, *, threads: int | None = None) -> Reader:
    """
    Open a store for reading. Any number of readers may do so while one writer writes.

    Args:
        path: its folder.
        threads: threads of the engine; None: one per core.

    Raises:
        LocalError: it is no store.
        BackendError: it cannot be read, or a later version of this program has written it.
    """
    return Reader(path, threads=threads)


class Reader:
    """A store as it was when it was opened; use as a context, or close it. Made by `open_store`."""

    def __init__(self, path: str | Path, *, threads: int | None = None) -> None:
        self.path = Path(path)
        self._threads = threads
        self._connection: DuckDBPyConnection | None = None
        self._cursors: list[DuckDBPyConnection] = []
        self.refresh()

    def refresh(self) -> Self:
        """Read the manifest again: from here on the store is as it is now."""
        while True:
            self.manifest = Manifest.load(self.path)
            self.segments, self.problems, gone = self._survey()
            # A writer without grace may have removed files since the manifest was read.
            if not gone or Manifest.load(self.path).generation == self.manifest.generation:
                return self

    def _survey(self) -> tuple[tuple[Segment, ...], list[Problem], bool]:
        manifest = self.manifest
        problems: list[Problem] = []
        whole: list[Segment] = []
        for segment in manifest.segments:
            fault = fault_of(self.path, segment)
            if fault is None:
                whole.append(segment)
            else:
                problems.append(fault)
        gone = bool(problems)
        try:
            for name, problem in strangers(self.path, manifest.files):
                number = number_of(name)
                if number is None or number < manifest.sequence:  # others are a writer's, on their way
                    problems.append(problem)
        except OSError:  # a folder that a writer removes while it is listed
            gone = True
        if manifest.unknown_columns:
            detail = f"a later version has written columns that are left out: {', '.join(manifest.unknown_columns)}"
            problems.append(Problem("store-newer-columns", detail, where=str(self.path)))
        return tuple(whole), problems, gone

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the engine; relations of this reader end with it."""
        for cursor in self._cursors:
            cursor.close()
        self._cursors = []
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __len__(self) -> int:
        return sum(segment.rows for segment in self.segments)

    @property
    def privacy(self) -> Privacy:
        """How this store keeps numbers."""
        return self.manifest.privacy

    @property
    def days(self) -> dict[str, int]:
        """Day (UTC date, or `undated`) -> rows, in order."""
        found: dict[str, int] = {}
        for segment in self.segments:
            found[segment.day] = found.get(segment.day, 0) + segment.rows
        return found

    def imported(self) -> list[Imported]:
        """Return the files that were imported, oldest first."""
        return listed(self.path, self.manifest)

    def verify(self) -> list[Problem]:
        """Read every segment whole and return what is wrong with any."""
        return list(verify(self.path, self.manifest.segments))

    def sql(
        self, query: str, parameters: Sequence[Any] = (), *, since_us: int | None = None, until_us: int | None = None
    ) -> DuckDBPyRelation:
        """
        Run a query on the table `calls`.

        Args:
            query: SQL of DuckDB; the columns are those of the call table, `at` a TIMESTAMP in UTC.
            parameters: values of its `?`.
            since_us: first microsecond of the calls in the table, since 1970 UTC.
            until_us: the first microsecond that is too late.

        Returns:
            A relation: iterate with `fetchmany`, or take it all with `fetchall`.

        Raises:
            LocalError: `store-query`, the query means nothing.
            BackendError: a segment cannot be read.
        """
        cursor = self._cursor()
        with query_faults(str(self.path)):
            # A temporary view belongs to its cursor, so every query has the table it was given.
            cursor.execute(f"CREATE TEMP VIEW calls AS {self._table(NAMES, since_us, until_us)}")
            return cursor.sql(query, params=list(parameters))

    def relation(
        self,
        where: str = "",
        parameters: Sequence[Any] = (),
        *,
        columns: Sequence[str] | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
    ) -> DuckDBPyRelation:
        """
        Give rows as a relation of DuckDB, to be filtered and grouped further. Nothing is read before it is asked for.

        Args:
            where: an SQL condition; empty for none.
            parameters: values of its `?`.
            columns: names of columns, `at` for the time; all by default.
            since_us, until_us: as `sql`.

        Raises:
            LocalError: `store-query` or `store-columns`.
            BackendError: a segment cannot be read.
        """
        query = self._select(columns, where, since_us, until_us)
        cursor = self._cursor()
        with query_faults(str(self.path)):
            return cursor.sql(query, params=list(parameters))

    def rows(
        self,
        *,
        since_us: int | None = None,
        until_us: int | None = None,
        columns: Sequence[str] | None = None,
        where: str = "",
        parameters: Sequence[Any] = (),
        batch_rows: int = _BATCH_ROWS,
    ) -> Iterator[list[tuple[Call, Verdict]]]:
        """
        Yield rows of the call table in batches, in the order of time, undated ones last.

        Memory is bounded by a day's rows, which the engine sorts (and spills to disk where they are many).

        Args:
            since_us: first microsecond, since 1970 UTC.
            until_us: the first microsecond that is too late.
            columns: only these are read, the others hold their defaults; all by default.
            where, parameters: as `relation`.
            batch_rows: most rows of a batch.

        Raises:
            LocalError: `store-query` or `store-columns`.
            BackendError: a segment cannot be read.
        """
        names = _sound(columns)
        places = [NAMES.index(name) for name in names]
        whole = tuple(places) == tuple(range(len(NAMES)))
        for cells in self._days_in_order(names, where, parameters, since_us, until_us, batch_rows):
            if whole:
                yield [(Call._make(row[:_FACTS]), Verdict._make(row[_FACTS:])) for row in cells]
                continue
            batch = []
            for row in cells:
                made = list(DEFAULTS)
                for place, cell in zip(places, row, strict=True):
                    made[place] = cell
                batch.append((Call._make(made[:_FACTS]), Verdict._make(made[_FACTS:])))
            yield batch

    def _days_in_order(
        self,
        names: Sequence[str],
        where: str,
        parameters: Sequence[Any],
        since_us: int | None,
        until_us: int | None,
        batch_rows: int,
    ) -> Iterator[list[tuple[Any, ...]]]:
        shown = ", ".join(
            f'COALESCE(epoch_us("at"), {UNDATED_US}) AS at_us' if name == "at" else identifier(name) for name in names
        )
        needed = (*names, *(name for name in ("at", "file", "frame", "call_id") if name not in names))
        for day in self.days:
            chosen = [segment for segment in self.segments if segment.day == day and segment.meets(since_us, until_us)]
            if not chosen:
                continue
            inner = self._filtered(NAMES if where else needed, where, since_us, until_us, chosen)
            cursor = self._engine().cursor()
            try:
                with query_faults(str(self.path)):
                    cursor.execute(f"SELECT {shown} FROM ({inner}) {_ORDER}", list(parameters))
                while True:
                    with query_faults(str(self.path)):
                        cells = cursor.fetchmany(batch_rows)
                    if not cells:
                        break
                    yield cells
            finally:
                cursor.close()

    def columns(
        self,
        *names: str,
        since_us: int | None = None,
        until_us: int | None = None,
        where: str = "",
        parameters: Sequence[Any] = (),
    ) -> dict[str, list[Any]]:
        """
        Give columns as lists of the same length, in the order of time: name -> values.

        Args:
            names: names of columns; `at` gives datetimes (UTC, without a zone), `at_us` microseconds since 1970. All
                but `at_us` by default.
            since_us, until_us, where, parameters: as `rows`.

        Raises:
            LocalError: `store-query` or `store-columns`.
            BackendError: a segment cannot be read.
        """
        wanted = names or NAMES
        needed = _sound(tuple(dict.fromkeys("at" if name == "at_us" else name for name in wanted)))
        shown = ", ".join('epoch_us("at") AS at_us' if name == "at_us" else identifier(name) for name in wanted)
        inner = self._filtered(NAMES if where else (*needed, *(_ordering - set(needed))), where, since_us, until_us)
        cursor = self._engine().cursor()
        try:
            with query_faults(str(self.path)):
                rows = cursor.execute(f"SELECT {shown} FROM ({inner}) {_ORDER}", list(parameters)).fetchall()
        finally:
            cursor.close()
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(wanted)
        return {name: list(column) for name, column in zip(wanted, columns, strict=True)}

    def write_parquet(
        self,
        path: str | Path,
        columns: Sequence[str] | None = None,
        *,
        where: str = "",
        parameters: Sequence[Any] = (),
        since_us: int | None = None,
        until_us: int | None = None,
        limit: int | None = None,
    ) -> int:
        """
        Write rows as one Parquet file, in the order of time, without making rows of them.

        Args:
            path: the file; replaced when it exists, once all rows are in.
            columns, where, parameters, since_us, until_us: as `relation`.
            limit: at most so many rows.

        Returns:
            Rows written.

        Raises:
            LocalError: `store-query` or `store-columns`.
            BackendError: a segment cannot be read, or the file not be written.
        """
        names = _sound(columns)
        inner = self._filtered(NAMES, where, since_us, until_us)
        query = f"SELECT {', '.join(map(identifier, names))} FROM ({inner}) {_ORDER}"
        if limit is not None:
            query += f" LIMIT {int(limit)}"
        target = Path(path).resolve()
        cursor = self._engine().cursor()
        try:
            # Beside the target: the rename must not cross file systems.
            with (
                tempfile.TemporaryDirectory(prefix=".ringthrough-", dir=target.parent) as folder,
                query_faults(str(self.path), written=target),
            ):
                rows = copy_to_parquet(cursor, query, Path(folder, "table.parquet"), parameters)
                os.replace(Path(folder, "table.parquet"), target)
                return rows
        except OSError as fault:
            raise failed(fault, target) from fault
        finally:
            cursor.close()

    def by_number(self, number: str, key: bytes | None = None) -> tuple[str, tuple[str, ...]]:
        """
        Return the condition for calls from or to a number, and its parameters, for `where`.

        Args:
            number: a number with plus, a name, or the last digits of a number (four at least).
            key: the operator's key, where the store keeps numbers as keyed hashes.

        Raises:
            LocalError: last digits are asked for where they are hidden; or the key is missing or wrong.
        """
        shade = self.privacy.shade(key)
        four = "caller", "callee", "caller_raw", "callee_raw"
        if number.isdigit():
            if shade is not None:
                detail = f"the store keeps numbers {self.privacy.mode}; expected a whole number with +, found {number}"
                raise LocalError(Problem("store-number-hidden", detail, where=str(self.path)))
            return "(" + " OR ".join(f"ends_with({name}, ?)" for name in four) + ")", (number,) * 4
        wanted = number if shade is None else shade.number(number)
        return f"? IN ({', '.join(four)})", (wanted,)

    def _engine(self) -> DuckDBPyConnection:
        if self._connection is None:
            self._connection = connect(threads=self._threads)
        return self._connection

    def _cursor(self) -> DuckDBPyConnection:
        """Return a cursor that lives as long as the reader, for relations that are read later."""
        self._cursors.append(self._engine().cursor())
        return self._cursors[-1]

    def _select(self, columns: Sequence[str] | None, where: str, since_us: int | None, until_us: int | None) -> str:
        names = _sound(columns)
        inner = self._filtered(NAMES if where else names, where, since_us, until_us)
        return f"SELECT {', '.join(map(identifier, names))} FROM ({inner})"

    def _filtered(
        self,
        names: Sequence[str],
        where: str,
        since_us: int | None,
        until_us: int | None,
        segments: Sequence[Segment] | None = None,
    ) -> str:
        table = self._table(names, since_us, until_us, segments)
        return f"SELECT * FROM ({table}) WHERE ({where}\n)" if where else table

    def _table(
        self,
        names: Sequence[str],
        since_us: int | None,
        until_us: int | None,
        segments: Sequence[Segment] | None = None,
    ) -> str:
        """Return the query that gives these columns of the call table with the types they have now."""
        chosen = self.segments if segments is None else segments
        files = [pattern(self.path / each.file) for each in chosen if each.meets(since_us, until_us)]
        shown = ", ".join(_cell(name) for name in names)
        nothing = ", ".join(f"CAST(NULL AS {TYPES[name]}) AS {identifier(name)}" for name in NAMES)
        source = f"SELECT {nothing} WHERE false"
        if files:
            # The empty table gives every column a name and a type that no segment may have.
            read = f"SELECT * FROM read_parquet([{', '.join(files)}], union_by_name = true)"
            source = f"{read} UNION ALL BY NAME {source}"
        conditions = [
            f'"at" {sign} make_timestamp({min(max(time_us, FIRST_US), LAST_US + 1)}::BIGINT)'
            for sign, time_us in ((">=", since_us), ("<", until_us))
            if time_us is not None
        ]
        filtered = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return f"SELECT {shown} FROM ({source}){filtered}"


_ordering = {"at", "file", "frame", "call_id"}
_DEFAULT_SQL = {
    name: None if default is None or name == "at" else quoted(default) if isinstance(default, str) else str(default)
    for name, default in zip(NAMES, DEFAULTS, strict=True)
}


def _cell(name: str) -> str:
    column, default = identifier(name), _DEFAULT_SQL[name]
    if default is None:
        return f"CAST({column} AS {TYPES[name]}) AS {column}"
    return f"CAST(COALESCE({column}, {default}) AS {TYPES[name]}) AS {column}"


def _sound(columns: Sequence[str] | None) -> tuple[str, ...]:
    if columns is None:
        return NAMES
    unknown = [name for name in columns if name not in TYPES]
    if unknown or not columns or len(set(columns)) < len(columns):
        detail = f"expected columns of the call table, each once, found {', '.join(unknown or columns) or 'none'}"
        raise LocalError(Problem("store-columns", detail))
    return tuple(columns)
