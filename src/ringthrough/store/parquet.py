"""
The call table as Parquet, streamed through a temporary file, so that memory does not grow with the number of calls.

Theory of operation
- Workers make lines of CSV (`parquet_lines`), which costs no engine. `ParquetFile` gathers them in a temporary file
  beside the target; at the end DuckDB, imported then, copies that file into Parquet with the types of `COLUMNS`.
- The result is written under another name and renamed when it is whole.
- Text cells are always quoted and numbers never, which is how an empty text and a missing number stay apart.
- DuckDB reads no NUL inside CSV, and Parquet text is UTF-8: NUL and octets that are no UTF-8 are written as `\\xNN`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from ringthrough.calls import COLUMNS, Call, Verdict
from ringthrough.errors import BackendError, LocalError, Problem
from ringthrough.store.engine import connect, copy_to_parquet, read_lines

__all__ = ["FIRST_US", "LAST_US", "NAMES", "TYPES", "ParquetFile", "cell_text", "parquet_lines", "write_parquet"]

NAMES: tuple[str, ...] = tuple("at" if column.name == "at_us" else column.name for column in COLUMNS)
"Names of the columns in Parquet, in the order of the call table; `at` is a TIMESTAMP in UTC, microseconds."

TYPES: dict[str, str] = {
    name: "TIMESTAMP" if name == "at" else column.sql for name, column in zip(NAMES, COLUMNS, strict=True)
}
"SQL type of each column in Parquet."
_LINE_TYPES = TYPES | {"at": "BIGINT"}
_LONGEST_BYTES = 64_000_000
FIRST_US, LAST_US = -62_135_596_800_000_000, 253_402_300_799_999_999
"What a TIMESTAMP of DuckDB can hold and a calendar can show: years 1 to 9999, microseconds since 1970."


def parquet_lines(rows: Sequence[tuple[Call, Verdict]], columns: Sequence[str] = NAMES) -> list[bytes]:
    """
    Rows as the lines that `ParquetFile.write` takes, one a row.

    Args:
        rows: rows of the call table.
        columns: which columns, in which order; the same as `ParquetFile` was given.

    Raises:
        LocalError: a column is unknown or named twice.
    """
    _check(columns)
    pick = itemgetter(*(NAMES.index(name) for name in columns), 0)  # one more, so that it is a tuple even for one
    makers = [_MAKERS[TYPES[name]] if name != "at" else _time for name in columns]
    return [
        (",".join(make(cell) for make, cell in zip(makers, pick(call + verdict), strict=False)) + "\n").encode()
        for call, verdict in rows
    ]


def _check(columns: Sequence[str]) -> None:
    unknown = [name for name in columns if name not in TYPES]
    if unknown or len(set(columns)) < len(columns) or not columns:
        detail = f"expected columns of the call table, each once, found {', '.join(unknown or columns) or 'none'}"
        raise LocalError(Problem("store-columns", detail))


def cell_text(cell: str) -> str:
    """Return text as Parquet can hold it: NUL and octets that are no UTF-8 are shown as `\\xNN`."""
    if not cell.isascii():
        try:
            cell.encode()
        except UnicodeEncodeError:
            cell = _sound_text(cell)
    return cell.replace("\0", "\\x00") if "\0" in cell else cell


def _sound_text(cell: str) -> str:
    try:
        return cell.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # a surrogate that is no escaped octet: no file holds it, but a program may
        return cell.encode("utf-8", "replace").decode()


def _text(cell: str) -> str:
    cell = cell_text(cell)
    return f'"{cell.replace(chr(34), chr(34) * 2)}"' if '"' in cell else f'"{cell}"'


def _number(cell: float | None) -> str:
    return "" if cell is None else repr(cell)


def _flag(cell: bool | None) -> str:
    return "" if cell is None else "true" if cell else "false"


def _time(cell: int) -> str:
    return str(cell) if FIRST_US <= cell <= LAST_US else ""


_MAKERS: dict[str, Any] = {
    "VARCHAR": _text, "BIGINT": _number, "INTEGER": _number, "DOUBLE": _number, "BOOLEAN": _flag,
}  # fmt: skip


class ParquetFile:
    """
    A Parquet file that is being written; use as a context. Leaving it in peace makes the file, an exception does not.

    Args:
        path: the file; replaced when it exists.
        columns: columns in order.

    Raises:
        LocalError: a column is unknown or named twice.
        BackendError: the disk or the engine fails; nothing is left behind.
    """

    def __init__(self, path: str | Path, columns: Sequence[str] = NAMES) -> None:
        _check(columns)
        self._path = Path(path)
        self._columns = tuple(columns)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._lines: IO[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            # Beside the target: the rename at the end must not cross file systems.
            self._folder = tempfile.TemporaryDirectory(prefix=".ringthrough-", dir=self._path.parent)
            self._lines = open(Path(self._folder.name, "rows.csv"), "wb")
        except OSError as fault:
            raise self._failed(fault) from fault
        return self

    def write(self, lines: Iterable[bytes]) -> None:
        """Add lines made by `parquet_lines`."""
        assert self._lines is not None, "write() belongs inside the context"
        try:
            self._lines.writelines(lines)
        except OSError as fault:
            raise self._failed(fault) from fault

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._lines is not None
        assert self._folder is not None
        try:
            try:
                self._lines.close()
                if kind is None:
                    self._convert(Path(self._folder.name))
            finally:
                self._folder.cleanup()
        except OSError as problem:
            raise self._failed(problem) from problem

    def _convert(self, folder: Path) -> None:
        import duckdb

        source, target = folder / "rows.csv", folder / "table.parquet"
        types = {name: _LINE_TYPES[name] for name in self._columns}
        shown = ", ".join('make_timestamp("at") AS "at"' if name == "at" else f'"{name}"' for name in self._columns)
        empty = source.stat().st_size == 0
        query = f"SELECT {shown} FROM {read_lines(source, types, longest=_LONGEST_BYTES)}{' LIMIT 0' if empty else ''}"
        try:
            with connect(folder=folder) as engine:
                copy_to_parquet(engine, query, target)
        except duckdb.Error as fault:
            raise self._failed(fault) from fault
        os.replace(target, self._path)

    def _failed(self, fault: Exception) -> BackendError:
        said = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
        detail = f"expected to write a Parquet file, the system says: {said}"
        return BackendError(Problem("store-cannot-write", detail, where=str(self._path)))


def write_parquet(
    path: str | Path, batches: Iterable[Sequence[tuple[Call, Verdict]]], *, columns: Sequence[str] = NAMES
) -> int:
    """
    Write rows as Parquet.

    Args:
        path: the file; replaced when it exists, once all rows are in.
        batches: rows, batch by batch; none is kept in memory.
        columns: columns in order; those of the call table by default.

    Returns:
        Rows written.

    Raises:
        LocalError: a column is unknown or named twice.
        BackendError: the disk or the engine fails; the file is as it was before.
    """
    rows = 0
    with ParquetFile(path, columns) as table:
        for batch in batches:
            table.write(parquet_lines(batch, columns))
            rows += len(batch)
    return rows
