"""Parquet that others wrote: its columns and rows as they are, for the reader of call records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringthrough.store.engine import connect, pattern, query_faults

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

__all__ = ["read_parquet", "relation_of"]

_BATCH = 4096


def read_parquet(path: str | Path) -> tuple[tuple[str, ...], Iterator[tuple[Any, ...]]]:
    """
    Read a Parquet file, a few thousand rows at a time.

    Returns:
        Names of the columns; rows, to be read once.

    Raises:
        LocalError: it is no Parquet file, or damaged.
        BackendError: the engine does not start.
    """
    engine = connect(threads=1)
    with query_faults(str(path)):
        found = engine.execute(f"SELECT * FROM read_parquet({pattern(Path(path))})")
    names = tuple(str(column[0]) for column in found.description or ())

    def rows() -> Iterator[tuple[Any, ...]]:
        with engine:
            while batch := found.fetchmany(_BATCH):
                yield from batch

    return names, rows()


def relation_of(path: Path) -> DuckDBPyRelation:
    """
    Return a Parquet file as a relation, on a connection that lives as long as the relation does.

    Raises:
        BackendError: the engine does not start.
    """
    engine = connect()
    with query_faults(str(path)):
        return engine.sql(f"SELECT * FROM read_parquet({pattern(path)})")
