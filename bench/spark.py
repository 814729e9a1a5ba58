"""
The same metrics and cells on DuckDB and on a standalone Spark with one worker and with two, of one core each.

    python bench/spark.py [--rows 2000000] [--best-of 2]

Master, workers and driver are processes of this machine, so two workers share its cores with everything else: what
scales here is what a second core brings, not what a second machine would. Every side first runs a statement on one day,
which starts executors and compiles; that is not counted. CPU seconds are those of the executors and the driver, and of
this process for DuckDB. Results are compared: integers equal, doubles to 1e-12.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src"), str(ROOT / "bench")]

from many_calls import files_of  # noqa: E402
from ringthrough.analytics import DuckDBEngine, Engine, Table, metrics  # noqa: E402
from ringthrough.analytics.blocks.cells import cells_sql  # noqa: E402
from ringthrough.analytics.spark import SparkEngine, spark_calls  # noqa: E402
from ringthrough.analytics.spark_session import spark_engine  # noqa: E402
from ringthrough.store.engine import connect  # noqa: E402

ASKED: dict[str, Callable[[Engine], Table]] = {
    "all metrics by number, carrier and day": lambda engine: metrics(engine, ("number", "carrier", "day")),
    "cells of hidden blocks": lambda engine: engine.run(cells_sql(engine.calls)),
}
MEMORY = "2g"
"Of each executor; DuckDB may take as much as one of them has."


def cpu_s(pids: list[int]) -> float:
    """CPU seconds of processes and of their children that live (Linux)."""
    ticks = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            cells = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(entry.name) in pids or int(cells[1]) in pids:
            ticks += int(cells[11]) + int(cells[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def on_duckdb(threads: int) -> Iterator[Callable[[list[Path]], Engine]]:
    with connect(threads=threads, memory=f"{2 * threads}GB") as connection:
        yield lambda some: DuckDBEngine(connection.sql(f"select * from read_parquet({[str(p) for p in some]})"))


@contextmanager
def on_spark(files: list[Path], master: str) -> Iterator[Callable[[list[Path]], Engine]]:
    with spark_engine(files[:1], master=master, settings={"spark.executor.memory": MEMORY}, wait_s=300) as engine:
        session = engine._session
        session.conf.set("spark.sql.shuffle.partitions", str(max(4, len(files) // 5)))
        yield lambda some: SparkEngine(spark_calls(session, some))


def timed(engine: Engine, ask: Callable[[Engine], Table], pids: list[int], best_of: int) -> tuple[float, float, Table]:
    """Wall and CPU seconds of the fastest run, and the rows."""
    found = []
    for _ in range(best_of):
        wall, cpu = time.perf_counter(), cpu_s(pids)
        table = ask(engine)
        found.append((time.perf_counter() - wall, cpu_s(pids) - cpu, table))
    return min(found, key=lambda each: each[:2])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--best-of", type=int, default=2)
    given = parser.parse_args()
    files = files_of(given.rows)
    sides: dict[str, Any] = {f"DuckDB, {n} thread{'s' * (n > 1)}": lambda n=n: on_duckdb(n) for n in (1, 2)}
    lacking = [name for name, there in (("pyspark", find_spec("pyspark")), ("java", shutil.which("java"))) if not there]
    if lacking:
        print(f"Spark left out: {' and '.join(lacking)} not installed")
    expected: dict[str, Table] = {}
    first: dict[str, float] = {}
    for name, open_side in sides.items():
        with open_side() as engine_of:
            report(name, engine_of, files, [os.getpid()], given.best_of, expected, first)
    if lacking:
        return
    from tests.spark.cluster import cluster

    for workers in (1, 2):
        with (
            tempfile.TemporaryDirectory() as folder,
            cluster(Path(folder), workers=workers, memory="2500m", options="") as spark,
            on_spark(files, spark.url) as engine_of,
        ):
            pids = [os.getpid(), *spark.pids]
            report(f"Spark, {workers} worker{'s' * (workers > 1)}", engine_of, files, pids, given.best_of,
                           expected, first)  # fmt: skip


def report(
    name: str, engine_of: Callable[[list[Path]], Engine], files: list[Path], pids: list[int], best_of: int,
    expected: dict[str, Table], first: dict[str, float],
) -> None:  # fmt: skip
    from tests.spark.checks import unlike_rows

    day, whole = engine_of(files[:1]), engine_of(files)
    for what, ask in ASKED.items():
        ask(day)
        wall, cpu, table = timed(whole, ask, pids, best_of)
        faults = unlike_rows(expected.setdefault(what, table), table)
        ratio = wall / first.setdefault(what, wall)
        same = "same rows" if not faults else f"{len(faults)} CELLS DIFFER"
        print(
            f"{name:<18}{what:<42}{wall:>8.1f} s wall {cpu:>8.1f} s CPU {ratio:>6.2f} x {len(table):>9,} rows, {same}",
            flush=True,
        )


if __name__ == "__main__":
    main()
