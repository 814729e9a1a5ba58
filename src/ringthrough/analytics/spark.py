"""
Spark as an engine: the statements of this room on a call table that a Spark cluster reads.

`SparkEngine` runs on a DataFrame of a session that is there already; `spark_calls` makes the DataFrame of a store's
segments or of Parquet files; `spark_session.spark_engine` starts a session for both and ends it.

Facts
- Nothing of Python travels: the workers get plans and read Parquet. They need neither this package nor Python.
- Spark has two types of time. The one with a zone comes to Python in the zone of this machine, so every time becomes
  one without a zone that shows UTC, as in DuckDB.
- Of rows that come from Python Spark does not know how many there are, and would sort all calls to join them: tables
  that are held are marked for broadcasting.
- pyspark is imported when a table is made, not before; neither pandas nor pyarrow is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ringthrough.analytics.table import Table
from ringthrough.errors import BackendError, LocalError, Problem
from ringthrough.store import Reader, open_store
from ringthrough.store.manifest import MANIFEST
from ringthrough.store.parquet import NAMES, TYPES, cell_text
from ringthrough.store.spool import DEFAULTS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["Sources", "SparkEngine", "first_line", "spark_calls"]

Sources = str | Path | Reader | Iterable[str | Path]
"A store; or Parquet files and folders of them, each a path or a URL that Spark can read."
_MOST_BROADCAST = 500_000  # rows: a hundred bytes each are still a tenth of what a worker holds by default
_CONDITION = re.compile(r"\[[A-Z_]{4,}(?:\.[A-Z_]+)?\] .*")
_LONGEST = 300
_TIME, _ZONED = "timestamp_ntz", "timestamp"
_SPARK_TYPES = {
    "VARCHAR": "string", "INTEGER": "int", "BIGINT": "bigint", "BOOLEAN": "boolean", "DOUBLE": "double",
    "TIMESTAMP": _TIME,
}  # fmt: skip


def _text(cell: str | None) -> str:
    return "" if cell is None else cell_text(str(cell))


def _or_none(kind: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda cell: None if cell is None else kind(cell)


_CELLS: dict[str, Callable[[Any], Any]] = {
    "string": _text, "bigint": _or_none(int), "double": _or_none(float), "boolean": _or_none(bool),
}  # fmt: skip


class SparkEngine:
    """
    Spark, on a DataFrame that has the columns of the call table.

    Args:
        table: from `spark_calls`, or any other of an open session, which stays its maker's to stop.
    """

    def __init__(self, table: DataFrame) -> None:
        self._session = table.sparkSession
        self._columns = tuple(table.columns)
        # A name of its own: a session has one set of views, and several engines may share it.
        self._calls = f"ringthrough_calls_{uuid4().hex}"
        self._held = count()
        with _spark_faults():
            _without_zones(table).createOrReplaceTempView(self._calls)

    @property
    def calls(self) -> str:
        """What stands behind FROM for the call table."""
        return self._calls

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of the call table."""
        return self._columns

    def run(self, sql: str) -> Table:
        """
        Run a statement and take all of its rows.

        Raises:
            LocalError: the statement means nothing to Spark (`analytics-query`).
            BackendError: the calls cannot be read, or the cluster fails (`analytics-spark-failed`).
        """
        with _spark_faults():
            found = _without_zones(self._session.sql(sql))
            return Table(tuple(found.columns), tuple(tuple(row) for row in found.collect()))

    def hold(self, name: str, columns: Mapping[str, str], rows: Iterable[tuple[Any, ...]]) -> str:
        """
        Hold a small table, which Spark sends to each worker that needs it.

        Args:
            name: letters, digits and underscores.
            columns: type of each column: `string`, `bigint`, `double` or `boolean`.
            rows: cells in this order; None is null, but for texts, which are never null.

        Raises:
            LocalError: a type is none of these (`analytics-hold`).
            BackendError: the session has ended (`analytics-spark-failed`).
        """
        unknown = [sql for sql in columns.values() if sql not in _CELLS]
        if unknown or not columns:
            detail = f"expected columns of type {', '.join(_CELLS)}, found {', '.join(unknown) or 'none'}"
            raise LocalError(Problem("analytics-hold", detail))
        makers = [_CELLS[sql] for sql in columns.values()]
        cells = [tuple(make(cell) for make, cell in zip(makers, row, strict=True)) for row in rows]
        held = f"{self._calls}_{name}_{next(self._held)}"
        with _spark_faults():
            table = _table_of(self._session, columns, cells)
            (table.hint("broadcast") if len(cells) <= _MOST_BROADCAST else table).createOrReplaceTempView(held)
        return held


def _table_of(session: SparkSession, columns: Mapping[str, str], cells: list[tuple[Any, ...]]) -> DataFrame:
    """
    Make a table of rows that Python has.

    What `createDataFrame` does, but for a step of it that starts Python on the workers only to copy every row.
    """
    from pyspark.sql import DataFrame

    # Parsed by Spark, and with it the names of the columns.
    schema = session.range(0).selectExpr(*(f"cast(null as {sql}) as {_name(name)}" for name, sql in columns.items()))
    context: Any = session.sparkContext
    if not cells:
        return schema
    pickled = context.parallelize(cells)._jrdd
    arrays = context._jvm.SerDeUtil.toJavaArray(context._jvm.SerDeUtil.pythonToJava(pickled, True))
    made = session._jsparkSession.applySchemaToPythonRDD(arrays.rdd(), schema.schema.json())
    return DataFrame(made, session)


def spark_calls(session: SparkSession, sources: Sources) -> DataFrame:
    """
    Read calls with Spark. Nothing is read before a statement asks for it, but for the types of columns.

    Args:
        session: an open session.
        sources: a store (its folder, or a `Reader`): its live segments at this moment are read. Else Parquet files and
            folders of them. Paths mean the same file to this process and to every worker.

    Raises:
        LocalError: there is no call table there (`analytics-columns`), or a store among others (`analytics-source`).
        BackendError: it cannot be read (`analytics-spark-failed`).
    """
    if isinstance(sources, Reader):
        return _of_store(session, sources)
    paths = [sources] if isinstance(sources, str | Path) else list(sources)
    stores = [path for path in paths if os.path.isfile(os.path.join(path, MANIFEST))]
    if stores and len(paths) > 1:
        # As folders of Parquet they would give their merged segments, too: every call twice.
        detail = f"expected one store, or Parquet files and folders of them, found {stores[0]} among others"
        raise LocalError(Problem("analytics-source", detail))
    if stores:
        with open_store(stores[0]) as reader:
            return _of_store(session, reader)
    if not paths:
        raise _no_columns("no file at all")
    with _spark_faults("UNABLE_TO_INFER_SCHEMA"):
        read = session.read.option("mergeSchema", "true").parquet(*map(_url, paths))
        if not read.columns:
            raise _no_columns("a table without columns")
        # Others write Parquet with types of their own: a time with a zone, 16 bits for a status.
        return _without_zones(read).selectExpr(*(_typed(name, sql) for name, sql in _without_zones(read).dtypes))


def _of_store(session: SparkSession, reader: Reader) -> DataFrame:
    """The call table of a store, with the types and the defaults that it has now."""
    schema = ", ".join(f"{_name(name)} {_SPARK_TYPES[TYPES[name]]}" for name in NAMES)
    with _spark_faults():
        if reader.segments:
            # By name: a file leaves out columns that say nothing in all of its rows, and they read as null.
            files = [_url(reader.path.resolve() / segment.file) for segment in reader.segments]
            table = session.read.schema(schema).parquet(*files)
        else:
            nothing = (f"cast(null as {_SPARK_TYPES[TYPES[name]]}) as {_name(name)}" for name in NAMES)
            table = session.range(0).selectExpr(*nothing)
        return table.selectExpr(*map(_with_default, NAMES, DEFAULTS))


def _with_default(name: str, default: Any) -> str:
    column = _name(name)
    if default is None or name == "at":
        return column
    literal = "''" if default == "" else str(default).lower()
    return f"coalesce({column}, {literal}) as {column}"


def _typed(name: str, sql: str) -> str:
    column = _name(name)
    wanted = _SPARK_TYPES[TYPES[name]] if name in TYPES else sql
    return column if wanted == sql else f"cast({column} as {wanted}) as {column}"


def _without_zones(table: DataFrame) -> DataFrame:
    """The same table with every time as UTC, without a zone."""
    types = table.dtypes
    if all(sql != _ZONED for _name, sql in types):
        return table
    return table.selectExpr(*(_name(name) if sql != _ZONED else _in_utc(_name(name)) for name, sql in types))


def _in_utc(column: str) -> str:
    return f"convert_timezone(current_timezone(), 'UTC', cast({column} as {_TIME})) as {column}"


def _name(column: str) -> str:
    return "`" + column.replace("`", "``") + "`"


def _url(path: str | Path) -> str:
    """A name as Spark takes it: URLs as they are; of paths no character is a pattern."""
    if isinstance(path, str) and "://" in path:
        return path
    return "file:" + re.sub(r"([\\*?\[\]{},])", r"\\\1", os.path.abspath(path))


def _no_columns(found: str) -> LocalError:
    return LocalError(Problem("analytics-columns", f"expected a call table as Parquet, found {found}"))


@contextmanager
def _spark_faults(empty: str = "") -> Iterator[None]:
    """
    Turn faults of Spark into ours: a statement that means nothing is the caller's, everything else the system's.

    Args:
        empty: condition by which Spark says that there is no table.

    Raises:
        LocalError: `analytics-query`, or `analytics-columns`.
        BackendError: `analytics-spark-failed`.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import (
        AnalysisException,
        ArithmeticException,
        DateTimeException,
        NumberFormatException,
        ParseException,
        PySparkException,
    )

    callers = (AnalysisException, ArithmeticException, DateTimeException, NumberFormatException, ParseException)
    try:
        yield
    except callers as fault:
        said = first_line(fault)
        if empty and empty in said:
            raise _no_columns("no Parquet file with columns") from fault
        if "PATH_NOT_FOUND" in said:
            raise BackendError(Problem("analytics-spark-failed", f"expected Parquet, Spark says: {said}")) from fault
        raise LocalError(Problem("analytics-query", f"expected a statement on calls, Spark says: {said}")) from fault
    except (PySparkException, Py4JError, OSError) as fault:
        raise BackendError(Problem("analytics-spark-failed", _explained(first_line(fault)))) from fault
    except AttributeError as fault:
        # What pyspark raises once its session was stopped: its link to Java is None.
        if "NoneType" not in str(fault):
            raise
        detail = "expected an open Spark session, found one that was stopped"
        raise BackendError(Problem("analytics-spark-failed", detail)) from fault


def first_line(fault: Exception) -> str:
    """Say in one line what Spark says in pages: the condition that it names, and the last cause."""
    lines = [line.strip() for line in str(fault).splitlines() if line.strip()]
    named = next((met[0] for line in lines if (met := _CONDITION.search(line))), "")
    causes = [line.partition(": ")[2].strip() for line in lines if line.startswith("Caused by: ")]
    told = [named, *causes[-1:]] if named or causes else [line.removeprefix(": ") for line in lines[:2]]
    return "; ".join(each[:_LONGEST] for each in told if each) or type(fault).__name__


def _explained(said: str) -> str:
    if "FileNotFoundException" in said or "FILE_NOT_EXIST" in said:
        said += " (every worker has to see the files under the same name as this machine)"
    return f"expected Spark to read the calls, it says: {said}"
