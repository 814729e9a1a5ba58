"""`sql`: the same rows as `judge`, for a whole table, in a dialect that DuckDB and Spark share."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pytest

from ringthrough.calls.schema import COLUMNS
from ringthrough.verdict import RULES, judge, sql

from .cases import CASES
from .rows import call, judge_with_sql


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


@pytest.mark.slow
def test_labelled_calls_get_the_rows_of_judge(connection: duckdb.DuckDBPyConnection) -> None:
    calls = [case.row for case in CASES]
    assert judge_with_sql(calls, connection) == [(row, judge(row)) for row in calls]


@pytest.mark.slow
def test_the_columns_are_those_of_the_call_table(connection: duckdb.DuckDBPyConnection) -> None:
    judge_with_sql([call(final_code=603)], connection)
    described = connection.execute(f"describe {sql()}").fetchall()
    assert [(name, kind) for name, kind, *_ in described] == [(column.name, column.sql) for column in COLUMNS]


@pytest.mark.slow
def test_a_table_that_was_judged_can_be_judged_again(connection: duckdb.DuckDBPyConnection) -> None:
    judge_with_sql([call(final_code=603)], connection)
    connection.execute(f"create table judged as {sql()}")
    again = connection.execute(sql("judged")).fetchall()
    assert again == connection.execute("from judged").fetchall()


@pytest.mark.slow
def test_null_in_a_text_counts_as_empty(connection: duckdb.DuckDBPyConnection) -> None:
    rows = [call(final_code=603, setup_ms=5, final_phrase=None, server=None, signal=None, cut=None, kind=None)]
    assert judge_with_sql(rows, connection) == [(row, judge(row)) for row in rows]


@pytest.mark.slow
def test_letters_beyond_ascii_are_not_folded(connection: duckdb.DuckDBPyConnection) -> None:
    rows = [call(final_code=500, server="ASTERİSK"), call(final_code=403, final_phrase="ſpam \u212a cli\u00e9")]
    assert judge_with_sql(rows, connection) == [(row, judge(row)) for row in rows]


@pytest.mark.parametrize(
    "construct",
    [
        r"\blike\b",
        r"regexp",
        r"\bilike\b",
        r"\blower\(",
        r"varchar",
        r"//",
        r"\bexclude\b",
        r"::",
        r"\\",
        r"\d\.\d",
        r"\"",
    ],
)
def test_nothing_is_used_that_the_dialects_read_differently(construct: str) -> None:
    code = re.sub(r"'[^']*'", "''", sql())
    assert not re.search(construct, code, re.IGNORECASE)


def test_literals_need_no_escapes() -> None:
    assert all(re.fullmatch(r"[ -&(-\[\]-~]*", literal) for literal in re.findall(r"'([^']*)'", sql()))
    assert sql().count("'") % 2 == 0


def test_the_ladder_is_written_in_order() -> None:
    ladder = sql().partition(" end as rt_rule")[0].rpartition(" as rules_version")[2]
    assert re.findall(r"then (\d+)$", ladder, re.MULTILINE) == [str(number) for number in range(len(RULES) - 1)]


def test_the_table_is_put_in_as_given() -> None:
    assert "from read_parquet('x.parquet')" in sql("read_parquet('x.parquet')")
