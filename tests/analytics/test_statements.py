"""The SQL files: in the package, portable, and filled in whole."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from ringthrough.analytics import DIMENSIONS, METRICS, metrics_sql
from ringthrough.analytics.blocks.cells import COLUMNS_READ as CELLS_READ
from ringthrough.analytics.blocks.cells import cells_sql
from ringthrough.analytics.statements import COLUMNS_READ, statement
from ringthrough.store.parquet import NAMES


def test_the_files_are_in_the_package() -> None:
    there = {entry.name for entry in files("ringthrough.analytics").joinpath("sql").iterdir()}
    assert {"inferred.sql", "metrics.sql", "sizes.sql"} <= there


def filled() -> dict[str, str]:
    return {
        "metrics": metrics_sql("t", tuple(DIMENSIONS), inferred=True, since_us=-(10**30), until_us=10**30),
        "inferred": statement("inferred", calls="t"),
        "sizes": statement("sizes", calls="t", value=DIMENSIONS["day"].sql, period=""),
        "cells": cells_sql("t", since_us=0),
    }


@pytest.mark.parametrize("name", ["metrics", "inferred", "sizes", "cells"])
def test_only_what_duckdb_and_spark_share(name: str) -> None:
    """The traps of the trial: sketches, decimals, regular expressions, quotes that mean two things."""
    text = filled()[name]
    assert "$" not in text
    assert "--" not in text
    code = re.sub(r"'[^']*'", "''", text)
    assert '"' not in code
    assert re.search(r"(?<![\w'])\d+\.\d+", code) is None, "a decimal literal is DECIMAL for Spark"
    forbidden = (
        "approx",
        "median",
        "quantile_cont",
        "filter (",
        "regexp",
        " like ",
        "::",
        "//",
        "group by all",
        "avg(",
    )
    assert [word for word in forbidden if word in code] == []


def test_every_column_of_the_call_table_that_is_read_is_listed() -> None:
    texts = filled()
    cells = texts.pop("cells")
    assert set(re.findall(r"\bcalls\.(\w+)", cells)) == set(CELLS_READ)
    read = {name for text in texts.values() for name in re.findall(r"\bcalls\.(\w+)", text)}
    assert read == set(COLUMNS_READ)
    assert set(COLUMNS_READ) <= set(NAMES)


def test_a_period_is_written_as_both_engines_read_it() -> None:
    text = metrics_sql("t", (), ("asr",), since_us=0, until_us=1)
    assert "calls.at >= timestamp '1970-01-01 00:00:00.000000'" in text
    assert "calls.at < timestamp '1970-01-01 00:00:00.000001'" in text
    far = metrics_sql("t", (), ("asr",), since_us=-(10**30), until_us=10**30)
    assert "timestamp '0001-01-01 00:00:00.000000'" in far
    assert "timestamp '9999-12-31 23:59:59.999999'" in far


def test_metrics_that_are_not_asked_for_cost_nothing() -> None:
    text = metrics_sql("t", ("carrier",), ("asr",))
    assert "percentile_cont" not in text
    assert "distinct" not in text
    assert all(f" {name}_n" not in text for name in METRICS if name != "asr")
