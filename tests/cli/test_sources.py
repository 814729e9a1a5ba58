"""Where commands on many calls get them: the options of the engine, without one that has to be started."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ringthrough.cli import cli
from ringthrough.cli.sources import _is_call_table, is_store
from ringthrough.store import ParquetFile, parquet_lines, write_parquet
from tests.analytics.made import answered
from tests.store.made import write


@pytest.mark.parametrize("command", ["numbers", "carriers", "blocks"])
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--master", "local[1]"], "--master names a Spark cluster: it needs --engine spark."),
        (["--engine", "duckdb", "--master", "local[1]"], "it needs --engine spark."),
        (["--engine", "polars"], "'polars' is not one of"),
        (["--engine", "spark", "--region", "US"], "--region says how files are read"),
    ],
)
def test_options_that_do_not_go_together(tmp_path: Path, command: str, words: list[str], expected: str) -> None:
    store = write(tmp_path / "calls", [answered()])
    told = CliRunner().invoke(cli, [command, str(store), *words], standalone_mode=False)
    assert told.exception is not None
    assert expected in (getattr(told.exception, "message", "") or str(told.exception))


def test_without_pyspark_the_command_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    store = write(tmp_path / "calls", [answered()])
    told = CliRunner().invoke(cli, ["numbers", str(store), "--engine", "spark"])
    assert "pip install ringthrough[spark]" in str(told.exception)


def test_what_spark_reads_by_itself(tmp_path: Path) -> None:
    table, store = tmp_path / "calls.parquet", write(tmp_path / "calls", [answered()])
    write_parquet(table, [[answered()]])
    with ParquetFile(tmp_path / "few.parquet", ("caller", "callee")) as few:
        few.write(parquet_lines([answered()], ("caller", "callee")))
    (tmp_path / "text.parquet").write_bytes(b"PAR1 no more")
    (tmp_path / "folder").mkdir()
    taken = {
        "hdfs://host/calls": True, str(table): True, str(tmp_path / "folder"): True, "-": False,
        str(tmp_path / "few.parquet"): False, str(tmp_path / "text.parquet"): False, str(tmp_path / "nothing"): False,
    }  # fmt: skip
    assert {path: _is_call_table(path) for path in taken} == taken
    assert [is_store(str(path), True) for path in (store, tmp_path / "folder", table)] == [True, False, False]
    assert is_store(str(tmp_path / "folder"), False), "DuckDB's side says what is wrong with a folder"
