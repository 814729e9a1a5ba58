"""What can be measured: a store, files, relations, rows, an engine of one's own; and what cannot."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ringthrough.analytics import DuckDBEngine, Engine, Table, engine_of, metrics
from ringthrough.diagnosis import read_calls
from ringthrough.errors import LocalError
from ringthrough.store import open_store, write_parquet
from tests.store.made import START_US, write

from .made import answered, blocked

CALLS = [answered(), blocked(), answered(caller="+12155550124")]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "calls.parquet"
    write_parquet(path, [CALLS])
    return path


def test_all_sources_give_the_same(tmp_path: Path, table: Path) -> None:
    expected = metrics(CALLS, by="number").rows
    assert metrics(iter(CALLS), by="number").rows == expected
    with open_store(write(tmp_path / "s", CALLS)) as reader:
        assert metrics(reader, by="number").rows == expected
        assert metrics(reader.relation(), by="number").rows == expected
    assert metrics(read_calls(tmp_path / "s"), by="number").rows == expected
    with duckdb.connect() as connection:
        relation = connection.sql(f"select * from read_parquet('{table}')")
        assert metrics(relation, by="number").rows == expected
        assert metrics(DuckDBEngine(relation), by="number").rows == expected


def test_files_as_read_calls_gives_them(table: Path) -> None:
    calls = read_calls(table)
    assert metrics(calls, by="number").rows == metrics(calls.rows(), by="number").rows
    with warnings.catch_warnings():  # its temporary file goes with it, and Python remarks on that
        warnings.simplefilter("ignore", ResourceWarning)
        del calls
        gc.collect()


class Recorder:
    """An engine that hands everything to another and remembers the statements."""

    def __init__(self, inner: Engine) -> None:
        self.inner = inner
        self.statements: list[str] = []

    @property
    def calls(self) -> str:
        return self.inner.calls

    @property
    def columns(self) -> tuple[str, ...]:
        return self.inner.columns

    def run(self, sql: str) -> Table:
        self.statements.append(sql)
        return self.inner.run(sql)

    def hold(self, name: str, columns: Mapping[str, str], rows: Iterable[tuple[Any, ...]]) -> str:
        return self.inner.hold(name, columns, rows)


def test_an_engine_of_ones_own(table: Path) -> None:
    with duckdb.connect() as connection:
        engine = Recorder(DuckDBEngine(connection.sql(f"select * from read_parquet('{table}')")))
        assert metrics(engine, by="number").rows == metrics(CALLS, by="number").rows
        assert len(engine.statements) == 2
        metrics(engine, inferred=True)
        assert len(engine.statements) == 3


def test_a_relation_named_like_ours_is_no_trouble(table: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create table calls as select * from read_parquet('{table}')")
        assert metrics(connection.table("calls"))["attempts"] == [3]
        assert metrics(connection.table("calls"))["attempts"] == [3]


def test_a_store_opens_only_what_the_period_needs(tmp_path: Path) -> None:
    with open_store(write(tmp_path / "s", CALLS)) as reader:
        assert metrics(reader, since_us=START_US)["attempts"] == [3]
        assert metrics(reader, since_us=START_US + 1)["attempts"] == [0]


@pytest.mark.parametrize("source", [7, None, [1], [("a", "b")], [(answered()[0], "b")], "text"])
def test_what_is_no_source(source: Any) -> None:
    with pytest.raises(LocalError) as caught:
        metrics(source)
    assert caught.value.problem.code == "analytics-source"


def test_columns_that_are_missing_are_named() -> None:
    with duckdb.connect() as connection, pytest.raises(LocalError) as caught:
        metrics(connection.sql("select 'a' as caller, 'b' as callee"))
    assert caught.value.problem.code == "analytics-columns"
    assert "carrier" in caught.value.problem.detail
    assert "caller" not in caught.value.problem.detail


def test_a_statement_that_means_nothing(table: Path) -> None:
    with engine_of(CALLS) as engine, pytest.raises(LocalError) as caught:
        engine.run("select nonsense from ringthrough_calls")
    assert caught.value.problem.code == "store-query"


def test_a_statement_without_rows() -> None:
    with engine_of(CALLS) as engine:
        assert engine.run("set threads = 1").rows == ()


HELD = {"name": "string", "n": "bigint", "share": "double", "sure": "boolean"}


def test_a_small_table_is_held_and_joined(table: Path) -> None:
    rows = [
        ("+12155550123", 9_007_199_254_740_993, 0.1, True),
        ('"; drop\n', None, None, None),
        ("", -1, 1e-300, False),
    ]
    with engine_of(CALLS) as engine:
        held = engine.hold("some", HELD, iter(rows))
        assert list(engine.run(f"select * from {held} order by n nulls last").rows) == [rows[2], rows[0], rows[1]]
        joined = engine.run(f"select count(*) from {engine.calls} calls join {held} held on held.name = calls.caller")
        assert joined.rows == ((2,),)
        again = engine.hold("some", {"name": "string"}, [("x\0y",)])
        assert engine.run(f"select name from {again}").rows == (("x\\x00y",),)
        long = engine.hold("long", {"name": "string"}, [("x" * 3_000_000,)])
        assert engine.run(f"select length(name) from {long}").rows == ((3_000_000,),)
        nothing = engine.hold("nothing", HELD, ())
        assert engine.run(f"select count(*), min(sure) from {nothing}").rows == ((0, None),)
    with duckdb.connect() as connection:
        other = DuckDBEngine(connection.sql(f"select * from read_parquet('{table}')"))
        assert other.run(f"select n from {other.hold('one', {'n': 'bigint'}, [(7,)])}").rows == ((7,),)


@pytest.mark.parametrize("columns", [{}, {"name": "string", "when": "timestamp"}])
def test_a_table_of_other_types_is_not_held(columns: dict[str, str]) -> None:
    with engine_of(CALLS) as engine, pytest.raises(LocalError) as caught:
        engine.hold("some", columns, [])
    assert caught.value.problem.code == "analytics-hold"
    assert "timestamp" in caught.value.problem.detail or "none" in caught.value.problem.detail


def test_a_table_by_rows_and_by_columns() -> None:
    found = Table(("a", "b"), ((1, None), (2, "x")))
    assert (len(found), found["a"], found["b"]) == (2, [1, 2], [None, "x"])
    assert found.records() == list(found) == [{"a": 1, "b": None}, {"a": 2, "b": "x"}]
    assert repr(found) == "Table(2 rows: a, b)"
    with pytest.raises(KeyError):
        found["c"]
