"""
Spark and DuckDB give the same rows of the same Parquet, for every statement of the project.

One test, because a test is what pytest hands to its processes: each would start a cluster of its own. It runs all
checks and reports every difference by its label.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from ringthrough.analytics import DuckDBEngine, metrics
from ringthrough.analytics.spark import SparkEngine, spark_calls
from ringthrough.analytics.spark_session import spark_engine
from ringthrough.cli import cli
from ringthrough.errors import Error
from ringthrough.store import Writer, open_store, write_parquet
from ringthrough.store.engine import connect
from ringthrough.verdict import judge
from tests.analytics.made import answered, blocked
from tests.cli.conftest import Scene, write_capture
from tests.conftest import FULL
from tests.store.made import DAY_US, NOW_US, START_US, write

from .checks import ALL, BRIEF, differences, sql_files
from .cluster import LIGHT_SETTINGS, cluster
from .tables import write_tables

SETTINGS = LIGHT_SETTINGS | {"spark.sql.shuffle.partitions": "2"}
CODE = {"spark.sql.codegen.wholeStage": "true", "spark.sql.codegen.factoryMode": "FALLBACK"}
NO_CODE = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
CHECKED = {"one": BRIEF[:2], "none": BRIEF}
WAIT_S = 120.0
BY = ("number", "carrier", "day")


def needed() -> None:
    """Skip without pyspark and Java; in CI that is a failure."""
    missing = []
    if find_spec("pyspark") is None:
        missing.append("pyspark is not installed: pip install ringthrough[spark]")
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=os.path.join(home, "bin") if home else None) is None:
        missing.append("java is not installed: apt-get install default-jre-headless")
    if missing:
        (pytest.fail if FULL else pytest.skip)("; ".join(missing))


@pytest.mark.slow
def test_spark_gives_the_rows_of_duckdb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needed()
    monkeypatch.setenv("PYSPARK_PYTHON", "no-python-on-the-workers")
    tables = write_tables(tmp_path)
    before = signal.getsignal(signal.SIGINT)
    with cluster(tmp_path) as spark:
        master = spark.url
        with spark_engine(tables["world"], master=master, settings=SETTINGS, wait_s=WAIT_S) as engine:
            found = statements(engine, tables)
            stores(engine, tmp_path)
            times(engine, tmp_path)
            faults(engine, tables["one"], tmp_path)
        assert signal.getsignal(signal.SIGINT) is before
        assert said(lambda: engine.run("select 1")) == "analytics-spark-failed"
        assert said(lambda: engine.hold("a", {"a": "string"}, [])) == "analytics-spark-failed"
        commands(master, tmp_path)
        starts(master, tables["one"])
        end_java()
    assert found == [], "\n".join(found)


def end_java() -> None:
    """End the Java process that pyspark keeps until Python ends: pytest minds a pipe that is still open then."""
    from pyspark import SparkContext

    gateway, SparkContext._gateway, SparkContext._jvm = SparkContext._gateway, None, None
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait(60)


def statements(engine: SparkEngine, tables: dict[str, Path]) -> list[str]:
    """What differs between the engines; and the SQL files that no check has used."""
    found: list[str] = []
    asked: list[str] = []
    for name, path in tables.items():
        # Spark runs a plan compiled or interpreted: the world as it does by itself, the others the other way.
        for setting, value in (CODE if name == "world" else NO_CODE).items():
            engine._session.conf.set(setting, value)
        on_spark = SparkEngine(spark_calls(engine._session, path))
        files = path / "*.parquet" if path.is_dir() else path
        with connect() as connection:
            on_duckdb = DuckDBEngine(connection.sql(f"select * from read_parquet('{files}')"))
            for label in CHECKED.get(name, ALL):
                told, ran = differences(f"{name}, {label}", ALL[label], on_duckdb, on_spark)
                found += told
                asked += ran
    everything = "\n".join(asked)
    return found + [f"{name} is in no check" for name, line in sql_files().items() if line not in everything]


def stores(engine: SparkEngine, folder: Path) -> None:
    """Of a store, its live segments are read, those merged away are not, and columns that a segment lacks are there."""
    path, many = folder / "a store [1],{2}*%20", [[answered()], [blocked(trunk="x")], [blocked(at_us=10**18)]]
    session = engine._session
    write(path, [])
    assert metrics(SparkEngine(spark_calls(session, path)))["attempts"] == [0]
    with Writer(path) as writer:
        for batch in many:
            writer.append(batch)
            writer.flush()
        with open_store(path) as reader:
            early = SparkEngine(spark_calls(session, reader))
            assert metrics(early, BY).rows == metrics(reader, BY).rows
        writer.append([answered(at_us=START_US + DAY_US)])
        writer.flush()
        assert writer.compact(NOW_US) > 0
    with open_store(path) as reader:
        live = [segment.file for segment in reader.segments]
        assert len(list(path.rglob("*.parquet"))) > len(live), "merged segments are still there for early readers"
        late = SparkEngine(spark_calls(session, str(path)))
        assert {Path(file).name for file in spark_calls(session, reader).inputFiles()} == {Path(f).name for f in live}
        assert metrics(late, BY).rows == metrics(reader, BY).rows
        assert sum(metrics(late, BY)["attempts"]) == 4
    assert metrics(early)["attempts"] == [3]


def times(engine: SparkEngine, folder: Path) -> None:
    """Times with a zone, types of others, and a session with a zone of its own come to the same rows."""
    path = folder / "zoned"
    path.mkdir()
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'Asia/Tokyo'")
        whole = f"read_parquet('{folder / 'one.parquet'}')"
        zoned = '* replace ("at"::timestamptz as "at", final_code::smallint as final_code, pdd_ms::bigint as pdd_ms)'
        connection.sql(f"select {zoned} from {whole}").write_parquet(str(path / "a.parquet"))
        expected = connection.sql(f'select epoch_us("at"::timestamptz) from {whole}').fetchall()[0][0]
    session = engine._session.newSession()
    session.conf.set("spark.sql.session.timeZone", "America/New_York")
    session.conf.set("spark.sql.timestampType", "TIMESTAMP_LTZ")
    utc = datetime(1970, 1, 1) + timedelta(microseconds=expected)
    for each in (engine._session, session):
        zoned_engine = SparkEngine(spark_calls(each, [path]))
        assert zoned_engine.run(f"select calls.at from {zoned_engine.calls} calls").rows == ((utc,),)
        assert metrics(zoned_engine, "hour")["hour"] == [utc.hour]
        assert metrics(zoned_engine, since_us=expected)["attempts"] == [1]
        assert metrics(zoned_engine, since_us=expected + 1)["attempts"] == [0]
    zoned = engine.run("select timestamp_ltz '2026-01-01 00:00:00+02:00' as a, 1 as `b c`")
    assert zoned.rows == ((datetime(2025, 12, 31, 22), 1),)


def said(call: Callable[[], Any]) -> str:
    """Code of the problem that a call ends in."""
    with pytest.raises(Error) as caught:
        call()
    return caught.value.problem.code


def faults(engine: SparkEngine, table: Path, folder: Path) -> None:
    """What a session answers to statements and files that are none."""
    session = engine._session
    (folder / "empty").mkdir()
    (folder / "text.parquet").write_text("no Parquet")
    gone = folder / "gone.parquet"
    shutil.copy(table, gone)
    late = SparkEngine(spark_calls(session, [str(gone)]))
    gone.unlink()
    codes = {
        "query": [
            lambda: engine.run("selekt"),
            lambda: engine.run("select nonsense"),
            lambda: engine.run("select cast('x' as int)"),
            lambda: engine.run("select 1 / 0"),
        ],
        "source": [lambda: spark_calls(session, [table, folder / "a store [1],{2}*%20"])],
        "columns": [
            lambda: spark_calls(session, []),
            lambda: spark_calls(session, folder / "empty"),
            lambda: metrics(SparkEngine(session.range(1))),
        ],
        "spark-failed": [
            lambda: spark_calls(session, folder / "text.parquet"),
            lambda: spark_calls(session, folder / "nothing"),
            lambda: spark_calls(session, "s3a://bucket/calls"),
            lambda: metrics(late),
            lambda: engine.run("select raise_error('x')"),
        ],
        "spark-running": [lambda: spark_engine(table).__enter__()],
        "hold": [lambda: engine.hold("a", {"a": "date"}, []), lambda: engine.hold("a", {}, [])],
    }
    for code, calls in codes.items():
        assert [said(call) for call in calls] == [f"analytics-{code}"] * len(calls)
    with pytest.raises(Error, match="every worker has to see the files under the same name"):
        metrics(late)


def commands(master: str, folder: Path) -> None:
    """The command line prints the same with either engine."""
    capture = write_capture(folder / "a.pcap", [Scene("a"), Scene("b", status="486 Busy Here", extra="")])
    made = [(call, judge(call)) for call, _verdict in (answered(), blocked(), blocked(caller="+12155550124"))]
    write_parquet(folder / "judged.parquet", [made])
    store = write(folder / "calls", made)
    for words, url in (
        (["numbers", str(store)], master),
        (["carriers", str(capture)], "local[1]"),
        (["blocks", str(folder / "judged.parquet"), "--cells"], "local[1]"),
    ):
        told = CliRunner().invoke(cli, [*words, "--csv", "--engine", "spark", "--master", url])
        assert told.exit_code == 0, f"{words}: {told.output} {told.exception!r}"
        assert told.stdout == CliRunner().invoke(cli, [*words, "--csv"]).stdout, words


def starts(master: str, table: Path) -> None:
    """What does not start says why, in bounded time; and in another thread everything works, too."""
    codes = {
        "unreachable": {"master": "spark://127.0.0.1:1,localhost:1"},
        "start": {"master": "nonsense"},
        "no-core": {"master": master, "wait_s": 1.0, "settings": SETTINGS | {"spark.executor.memory": "900g"}},
    }
    for code, words in codes.items():
        assert said(lambda words=words: spark_engine(table, **words).__enter__()) == f"analytics-spark-{code}"  # type: ignore[misc]
    bad = {"spark.sql.shuffle.partitions": "many"}
    assert said(lambda: spark_engine(table, master="local[1]", settings=bad).__enter__()) == "analytics-spark-start"

    counted: list[Any] = []

    def elsewhere() -> None:
        with spark_engine(table, master="local[1]") as engine:
            counted.append(metrics(engine)["attempts"])

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join(WAIT_S)
    assert counted == [[1]]


def test_without_pyspark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(Error, match=r"pip install ringthrough\[spark\]") as caught:
        spark_engine(tmp_path).__enter__()
    assert caught.value.problem.code == "analytics-spark-missing"


@pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed")
@pytest.mark.parametrize(("name", "where"), [("JAVA_HOME", "below JAVA_HOME"), ("PATH", "on the PATH")])
def test_without_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, where: str) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv(name, str(tmp_path))
    with pytest.raises(Error, match=where) as caught:
        spark_engine(tmp_path).__enter__()
    assert caught.value.problem.code == "analytics-spark-java"
