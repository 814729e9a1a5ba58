"""
The engine: the one place that imports DuckDB, and the pieces of SQL that the room shares.

Facts
- DuckDB takes 40 ms to import, so `duckdb` is imported when the first connection is opened.
- Nothing is ever downloaded: extensions that the wheel does not bring stay away.
- File names in `read_parquet` and `read_csv` are patterns, so `*`, `?` and `[` in a folder's name are put in brackets.
- An in-memory DuckDB spills into `.tmp` of the working directory unless it is told another place.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringthrough.errors import BackendError, LocalError, Problem
from ringthrough.store.disk import failed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

__all__ = [
    "connect",
    "copy_to_parquet",
    "identifier",
    "pattern",
    "query_faults",
    "quoted",
    "read_lines",
    "spilling",
    "write_faults",
]

LINE_BYTES = 2_097_152
"The longest line that DuckDB reads without being told (its own default)."

_ROW_GROUP = 122_880  # DuckDB's own; written down because memory while writing is a multiple of it


def connect(
    *, folder: str | Path | None = None, memory: str | None = None, threads: int | None = None
) -> DuckDBPyConnection:
    """
    Open an in-memory engine.

    Args:
        folder: where it may spill; the system's folder for temporary files by default.
        memory: its limit, as DuckDB writes it: `512MB`. None: DuckDB's own, most of the machine.
        threads: how many threads; None: one per core.

    Raises:
        BackendError: it cannot be opened.
    """
    import duckdb

    config: dict[str, Any] = {
        "temp_directory": str(folder or Path(tempfile.gettempdir(), f"ringthrough-{os.getpid()}")),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    if memory is not None:
        config["memory_limit"] = memory
    if threads is not None:
        config["threads"] = threads
    try:
        return duckdb.connect(":memory:", config=config)
    except duckdb.Error as fault:
        raise BackendError(Problem("store-engine", f"expected DuckDB to start, it says: {fault}")) from fault


@contextmanager
def spilling(relation: DuckDBPyRelation, limit: str) -> Iterator[None]:
    """
    Let the connection of a relation take less memory for a while, so that it spills to its folder sooner.

    Args:
        relation: any of the connection.
        limit: whole units, such as `2 GiB`. A connection whose limit is lower already keeps it.
    """
    view = "ringthrough_setting"
    found = relation.query(view, "select current_setting('memory_limit')")
    assert found is not None, "a SELECT gives rows"
    before = _as_bytes(found.fetchall()[0][0])
    if before <= _as_bytes(limit):
        yield
        return
    relation.query(view, f"set memory_limit = '{limit}'")
    try:
        yield
    finally:
        relation.query(view, f"set memory_limit = '{before} B'")


_UNITS = {"bytes": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "TiB": 1024**4}


def _as_bytes(text: str) -> int:
    """Bytes of a size as DuckDB prints it: cut to a tenth of a unit, so half of one more keeps what is printed."""
    number, _, unit = text.partition(" ")
    return int((float(number) + (0.05 if "." in number else 0)) * _UNITS[unit])


def quoted(text: str | Path) -> str:
    """Return text as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def pattern(path: Path) -> str:
    """Return the SQL literal of a file name that means this file and no other."""
    return quoted(re.sub(r"[*?\[]", lambda found: f"[{found[0]}]", str(path)))


def read_lines(source: Path, types: Mapping[str, str], *, longest: int = LINE_BYTES) -> str:
    """
    Return the table function that reads lines as `parquet_lines` and `spool` make them.

    Args:
        source: the file.
        types: SQL type of each column, in order.
        longest: octets of the longest line.
    """
    columns = ", ".join(f"{quoted(name)}: {quoted(sql)}" for name, sql in types.items())
    texts = ", ".join(quoted(name) for name, sql in types.items() if sql == "VARCHAR")
    return (
        f"read_csv({pattern(source)}, auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"',"
        f" new_line = '\\n', nullstr = '', parallel = false, max_line_size = {max(longest + 1, LINE_BYTES)},"
        f" force_not_null = [{texts}], columns = {{{columns}}})"
    )


def copy_to_parquet(engine: DuckDBPyConnection, query: str, target: Path, parameters: Sequence[Any] = ()) -> int:
    """
    Write what a query gives as Parquet, in its order.

    Returns:
        Rows written.
    """
    options = f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
    done = engine.execute(f"COPY ({query}) TO {quoted(target)} {options}", list(parameters)).fetchone()
    return int(done[0]) if done else 0


@contextmanager
def write_faults(where: Path) -> Iterator[None]:
    """
    Turn faults of the disk and of the engine into ours.

    Raises:
        BackendError: `store-cannot-write`.
    """
    import duckdb

    try:
        yield
    except OSError as fault:
        raise failed(fault, where) from fault
    except duckdb.Error as fault:
        detail = f"expected to write the store, the engine says: {_first(fault)}"
        raise BackendError(Problem("store-cannot-write", detail, where=str(where))) from fault


@contextmanager
def query_faults(where: str, *, written: Path | None = None) -> Iterator[None]:
    """
    Turn faults of the engine into ours: a query that means nothing is the caller's, everything else the system's.

    Args:
        where: the store.
        written: a file that the query writes, in a folder made for it.

    Raises:
        LocalError: `store-query`.
        BackendError: `store-segment-gone`, `store-cannot-read` or `store-cannot-write`.
    """
    import duckdb

    callers = (
        duckdb.BinderException, duckdb.CatalogException, duckdb.ConversionException, duckdb.InvalidInputException,
        duckdb.ParserException, duckdb.SyntaxException, duckdb.PermissionException,
    )  # fmt: skip
    try:
        yield
    except callers as fault:
        raise LocalError(Problem("store-query", f"expected a query on calls: {_first(fault)}", where)) from fault
    except duckdb.Error as fault:
        if written is not None and f"{written.parent}{os.sep}.ringthrough-" in str(fault):
            detail = f"expected to write a Parquet file, the engine says: {_first(fault)}"
            raise BackendError(Problem("store-cannot-write", detail, str(written))) from fault
        if "No files found" in str(fault) or "No such file" in str(fault):
            detail = "a segment was compacted or expired since the store was opened; open it again"
            raise BackendError(Problem("store-segment-gone", detail, where)) from fault
        detail = f"expected to read the store, the engine says: {_first(fault)}"
        raise BackendError(Problem("store-cannot-read", detail, where)) from fault


def _first(fault: Exception) -> str:
    lines: Iterable[str] = str(fault).splitlines()
    return next((line for line in lines if line.strip()), type(fault).__name__)
