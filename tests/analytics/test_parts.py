"""Metrics that are computed part by part are those of all calls at once."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from ringthrough.analytics import metrics
from ringthrough.analytics.blocks import find_blocks, raised_source
from ringthrough.analytics.engine import DuckDBEngine, engine_of
from ringthrough.analytics.parts import joined, parts_of
from ringthrough.analytics.statements import metrics_sql, period_sql
from ringthrough.analytics.table import Table
from ringthrough.store import parquet_lines
from ringthrough.store.foreign import relation_of
from ringthrough.store.parquet import ParquetFile
from tests.analytics.made import Row, answered, row, rows
from tests.store.made import DAY_US, START_US

COLUMNS = ("number", "calls")


class Sizes:
    """An engine that knows nothing but how many calls there are of each value."""

    calls, columns, rows_at_once = "t", COLUMNS, 10

    def __init__(self, *sizes: tuple[str | None, int]) -> None:
        self.sizes = sizes

    def run(self, sql: str) -> Table:
        assert "order by 1 nulls last" in sql
        return Table(("value", "calls"), self.sizes)

    def hold(self, *_: Any) -> str:
        return ""


def engine(folder: str, calls: Sequence[Row], at_once: int) -> DuckDBEngine:
    path = Path(folder, "calls.parquet")
    with ParquetFile(path) as table:
        table.write(parquet_lines(list(calls)))
    return DuckDBEngine(relation_of(path), rows_at_once=at_once)


DAY_CUT = "calls.at {} timestamp '2026-01-{:02} 00:00:00'"


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [
        ((("2026-01-01", 4), ("2026-01-02", 6)), ("",)),
        ((("2026-01-01", 4), ("2026-01-02", 7)), ("and " + DAY_CUT.format("<", 2), "and " + DAY_CUT.format(">=", 2))),
        (
            (("2026-01-01", 50), ("2026-01-03", 50), ("2026-01-04", 50)),
            ("and " + DAY_CUT.format("<", 3), f"and {DAY_CUT.format('>=', 3)} and {DAY_CUT.format('<', 4)}",
             "and " + DAY_CUT.format(">=", 4)),
        ),
        ((("2026-01-01", 50),), ("and calls.at is not null",)),
        ((("2026-01-01", 9), (None, 3)), ("and calls.at is not null", "and calls.at is null")),
        (((None, 30),), ("and calls.at is null",)),
        ((("infinity", 30), ("2026-01-01", 1)), ("",)),
        ((("2026-02-30", 30),), ("",)),
    ],
    ids=["few", "two", "one day each", "one large day", "undated", "all undated", "no calendar", "no such day"],
)  # fmt: skip
def test_days_are_cut_by_time(sizes: tuple[tuple[str | None, int], ...], parts: tuple[str, ...]) -> None:
    assert parts_of(Sizes(*sizes), ("number", "day")) == parts


def test_numbers_are_cut_by_their_order_and_parts_are_twice_as_large() -> None:
    sizes = (("", 9), ("+1", 11), ("it's", 20))
    number = "coalesce(calls.caller, '')"
    assert parts_of(Sizes(*sizes), ("carrier", "number")) == (f"and {number} < 'it''s'", f"and {number} >= 'it''s'")
    assert parts_of(Sizes(*sizes[:2]), ("number",)) == ("",)


@pytest.mark.parametrize("by", [(), ("carrier",), ("hour", "trunk")])
def test_other_groups_stay_whole(by: tuple[str, ...]) -> None:
    assert parts_of(Sizes(("2026-01-01", 99)), by) == ("",)


def test_an_engine_that_wants_no_parts_gets_none() -> None:
    class Whole:
        calls, columns = "t", COLUMNS

        def run(self, sql: str) -> Table:
            raise AssertionError(sql)

        def hold(self, *_: Any) -> str:
            return ""

    assert parts_of(Whole(), ("day",)) == ("",)


def test_tables_are_joined_in_the_order_of_their_groups() -> None:
    columns = ("number", "day", "n")
    first, second = Table(columns, (("a", "1", 0), ("b", "1", 1))), Table(columns, (("a", "2", 2),))
    third = Table(columns, (("a", None, 3), ("b", None, 4)))
    assert [r[2] for r in joined([first, second, third], 2).rows] == [0, 2, 3, 1, 4]
    assert joined([first], 2) is first


@settings(max_examples=6, deadline=None)
@given(rows())
def test_metrics_in_parts_are_those_of_the_whole(calls: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole, cut = engine(folder, calls, 10**9), engine(folder, calls, 1)
        for by in (("number", "carrier", "day"), ("carrier", "number")):
            assert metrics(cut, by).rows == metrics(whole, by).rows, by


def test_a_file_is_blind_in_every_part_if_it_is_in_one(tmp_path: Path) -> None:
    """What a source can know is told by all of its calls, also by those of another part."""
    blind = answered(at_us=START_US, source="cdr", file="a.csv", blind_to="code reason")
    later = answered(at_us=START_US + DAY_US, source="cdr", file="a.csv")
    table = metrics(engine(str(tmp_path), [blind, later], 1), ("day",), only="ser")
    assert table["ser_n"] == [0, 0]


def test_a_period_cuts_first(tmp_path: Path) -> None:
    calls = [row(at_us=START_US + n * DAY_US) for n in range(5)]
    cut = engine(str(tmp_path), calls, 1)
    times = {"since_us": START_US + DAY_US, "until_us": START_US + 3 * DAY_US}
    assert len(parts_of(cut, ("day",), period_sql(**times))) == 2
    assert metrics(cut, ("day",), **times)["day"] == ["2026-01-02", "2026-01-03"]


def test_raised_verdicts_are_cut_like_others(tmp_path: Path) -> None:
    calls = [row(at_us=START_US + n * DAY_US) for n in range(3)]
    with raised_source(engine(str(tmp_path), calls, 1)) as raised:
        assert len(parts_of(raised, ("day",))) == 3
        assert metrics(raised, ("day",), inferred=True)["attempts"] == [1, 1, 1]
        assert find_blocks(raised).cells == find_blocks(calls).cells


def test_a_part_is_a_condition_of_the_statement(tmp_path: Path) -> None:
    assert "and calls.at is null" in metrics_sql("t", ("day",), part="and calls.at is null")
    with engine_of([row()]) as found:
        assert isinstance(found, DuckDBEngine)
        assert found.rows_at_once == 5_000_000
