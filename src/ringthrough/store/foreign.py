"""
Parquet that others wrote: its columns and rows as texts or as types asked for, and as a relation.

Facts
- What Python gets is made by the engine: a time with a zone would need `pytz`, and a table that pandas wrote keeps
  whole numbers with gaps as floats (603.0) and times in nanoseconds.
- Old writers mark no text as text; such columns are read as text, not as octets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringthrough.errors import Problem, RemoteError
from ringthrough.store.engine import connect, identifier, pattern, query_faults

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation as DuckDBPyRelation

__all__ = ["ForeignTable", "relation_of"]

_BATCH = 4096
_MEMORY = "512MB"
_FLOATS = ("DOUBLE", "FLOAT")
_MOST_EXACT = 9_007_199_254_740_992  # 2^53: whole numbers up to here are exact in a double


class ForeignTable:
    """
    One Parquet file.

    Args:
        path: the file.
        name: what to call it in problems.

    Raises:
        RemoteError: it is no Parquet file, or damaged (`store-not-parquet`).
        BackendError: the engine does not start.
    """

    def __init__(self, path: str | Path, *, name: str = "") -> None:
        self._name = name or str(path)
        self._source = f"read_parquet({pattern(Path(path))}, binary_as_string = true)"
        with connect(threads=1) as engine, _foreign_faults(self._name):
            found = engine.execute(f"DESCRIBE SELECT * FROM {self._source}").fetchall()
        self._types: dict[str, str] = {str(row[0]): str(row[1]) for row in found}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self._types)

    def texts(self) -> Iterator[tuple[str | None, ...]]:
        """
        Yield rows with every value as text, times in ISO 8601; None where there is no value.

        Raises:
            RemoteError: the file is damaged at this place.
            BackendError: the engine does not start.
        """
        return self._rows(_as_text(name, sql) for name, sql in self._types.items())

    def values(self, types: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
        """
        Yield rows with some columns as some types; None where the file has no such column or no such value.

        Args:
            types: SQL type by name of column; TIMESTAMP gives microseconds since 1970 UTC.

        Raises: as `texts`.
        """
        return self._rows(self._as(name, sql) for name, sql in types.items())

    def _as(self, name: str, sql: str) -> str:
        if name not in self._types:
            return f"CAST(NULL AS {'BIGINT' if sql == 'TIMESTAMP' else sql})"
        column = identifier(name)
        if sql != "TIMESTAMP":
            return f"TRY_CAST({column} AS {sql})"
        timed = self._types[name].startswith("TIMESTAMP")
        return f"TRY(epoch_us({column if timed else f'TRY_CAST({column} AS TIMESTAMP)'}))"

    def _rows(self, expressions: Iterator[str]) -> Iterator[tuple[Any, ...]]:
        with connect(threads=1, memory=_MEMORY) as engine, _foreign_faults(self._name):
            # What the engine reads ahead is gone when it meets a damaged page: a megabyte of rows if it is not told.
            engine.execute("SET streaming_buffer_size = '1KB'")
            found = engine.execute(f"SELECT {', '.join(expressions)} FROM {self._source}")
            while batch := found.fetchmany(_BATCH):
                yield from batch


def _as_text(name: str, sql: str) -> str:
    column = identifier(name)
    if sql == "TIMESTAMP WITH TIME ZONE":
        return f"strftime(make_timestamp(TRY(epoch_us({column}))), '%Y-%m-%dT%H:%M:%S.%fZ')"
    if sql.startswith("TIMESTAMP"):
        return f"CASE WHEN isfinite({column}) THEN CAST(CAST({column} AS TIMESTAMP) AS VARCHAR) END"
    if sql in _FLOATS:
        whole = f"{column} = floor({column}) AND abs({column}) < {_MOST_EXACT}"
        as_whole = f"WHEN {whole} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR)"
        return f"CASE WHEN isfinite({column}) THEN CASE {as_whole} ELSE CAST({column} AS VARCHAR) END END"
    return f"CAST({column} AS VARCHAR)"


def relation_of(path: Path) -> DuckDBPyRelation:
    """
    Return a Parquet file as a relation, on a connection that lives as long as the relation does.

    Raises:
        BackendError: the engine does not start, or the file cannot be read.
    """
    engine = connect()
    with query_faults(str(path)):
        return engine.sql(f"SELECT * FROM read_parquet({pattern(path)})")


@contextmanager
def _foreign_faults(name: str) -> Iterator[None]:
    """Turn what the engine says of a file into a problem of the file."""
    import duckdb

    try:
        yield
    except duckdb.Error as fault:
        first = next((line for line in str(fault).splitlines() if line.strip()), type(fault).__name__)
        detail = f"expected a Parquet file that can be read, the engine says: {first}"
        raise RemoteError(Problem("store-not-parquet", detail, where=name)) from fault
