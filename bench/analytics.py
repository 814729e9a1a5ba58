"""
Metrics, verdicts and hidden blocks of many calls, beside DuckDB's SQL written by hand and Polars.

    python bench/analytics.py [--rows 20000000] [--growth 1,5,20,50] [--memory 4GB] [--only metrics,verdicts,blocks]
                              [--who 'ringthrough, whole;Polars']

Parquet files in the shape of a store's segments are made once (bench/many_calls.py) and stay in bench/made. Every side
is a process of its own with two threads, reads the same files and writes its result as Parquet, so nobody pays for
Python's rows; what they cost is a line of its own. CPU seconds are user and system of the process, start-up included;
memory is its peak. With --memory DuckDB may take no more than that and spills to its folder.

The results of all sides have to be the same: integers equal, doubles to 1e-9 (relative). Without Polars its lines are
left out and said so.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import rivals
from many_calls import MADE, files_of

BY = ("number", "carrier", "day")
THREADS = 2


class Given(NamedTuple):
    """What a process measures."""

    files: list[Path]
    "Parquet files."
    target: Path
    "Where the result goes."
    memory: str | None
    "Limit of DuckDB."


# ------------------------------------------------------------------------------------------------------------- sides


def _engine(given: Given) -> Any:
    from ringthrough.store.engine import connect

    return connect(threads=THREADS, memory=given.memory)


def _relation(given: Given) -> Any:
    """The files as a store gives them."""
    return _engine(given).sql(f"SELECT * FROM read_parquet({_listed(given)}, union_by_name = true)")


def _listed(given: Given) -> str:
    return "[" + ", ".join(f"'{path}'" for path in given.files) + "]"


def metrics_ours(given: Given) -> dict[str, Any]:
    from ringthrough.analytics.statements import metrics_sql

    _relation(given).query("calls", metrics_sql("calls", BY)).write_parquet(str(given.target))
    return {}


def metrics_rows(given: Given) -> dict[str, Any]:
    from ringthrough.analytics import metrics

    return {"rows": len(metrics(_relation(given), BY))}


def verdicts_ours(given: Given) -> dict[str, Any]:
    """Judge every call anew and sum up what comes of it."""
    from ringthrough.verdict.sql import sql

    judged = sql("(SELECT *, epoch_us(facts.at) AS at_us FROM facts)")
    summed = rivals.verdicts_sql("[]")[-1].replace("read_parquet([])", f"({judged})")
    _relation(given).query("facts", summed).write_parquet(str(given.target))
    return {}


def cells_ours(given: Given) -> dict[str, Any]:
    from ringthrough.analytics.blocks import cells_sql

    _relation(given).query("calls", cells_sql("calls")).write_parquet(str(given.target))
    return {}


def blocks_ours(given: Given) -> dict[str, Any]:
    """Everything: the counts, the model, cells and spells as Python has them."""
    from ringthrough.analytics.blocks import blocks_of
    from ringthrough.analytics.blocks.cells import read_cells
    from ringthrough.analytics.engine import DuckDBEngine

    began = time.process_time()
    counted = read_cells(DuckDBEngine(_relation(given)))
    middle, memory = time.process_time(), _peak_mb()
    found = blocks_of(counted)
    return {
        "counting": middle - began, "after counting, MB": memory, "model": time.process_time() - middle,
        "cells": counted.size, "entries": int(counted.cell.size), "spells": len(found.spells),
    }  # fmt: skip


def _by_hand(statements: Callable[[str], list[str]]) -> Callable[[Given], dict[str, Any]]:
    def run(given: Given) -> dict[str, Any]:
        import duckdb

        config: dict[str, Any] = {"threads": THREADS, "temp_directory": str(given.target.parent / "spill")}
        with duckdb.connect(config=config | ({"memory_limit": given.memory} if given.memory else {})) as engine:
            *before, last = statements(_listed(given))
            for statement in before:
                engine.execute(statement)
            engine.execute(f"COPY ({last}) TO '{given.target}' (FORMAT parquet)")
        return {}

    return run


def _polars(frame: Callable[[list[Path]], Any], engine: str) -> Callable[[Given], dict[str, Any]]:
    def run(given: Given) -> dict[str, Any]:
        frame(given.files).collect(engine=engine).write_parquet(given.target)
        return {}

    return run


SIDES: dict[str, dict[str, Callable[[Given], dict[str, Any]]]] = {
    "metrics": {
        "ringthrough": metrics_ours,
        "DuckDB by hand": _by_hand(rivals.metrics_sql),
        "Polars": _polars(rivals.metrics_polars, "streaming"),
        "ringthrough, rows in Python": metrics_rows,
    },
    "verdicts": {"ringthrough": verdicts_ours, "floor: stored verdicts summed up": _by_hand(rivals.verdicts_sql)},
    "blocks": {
        "ringthrough, counting": cells_ours,
        "DuckDB by hand": _by_hand(rivals.cells_sql),
        "Polars": _polars(rivals.cells_polars, "in-memory"),
        "ringthrough, whole inference": blocks_ours,
    },
}
"What is measured -> who does it. All that write a file write the same result; ours is the first."
SAME = {
    "blocks": "SELECT number, carrier, day, ending, CASE ending WHEN 'refused' THEN concat_ws(' ', code, cause,"
    " early::INTEGER, length(phrase), length(location), phrase || location || server) WHEN 'explicit' THEN"
    " concat_ws(' ', code, 0, early::INTEGER, 0, 0, '') ELSE '' END AS words, step, elsewhere, calls FROM theirs"
}
"How theirs has to be written to look like ours."


# --------------------------------------------------------------------------------------------------------- measuring


def _peak_mb() -> float:
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


def measured(what: str, who: str, rows: int, memory: str | None, target: Path) -> dict[str, Any]:
    """What a process of its own says of itself; empty when it failed."""
    words = [sys.executable, __file__, "--side", what, who, str(target), "--rows", str(rows)]
    began = time.perf_counter()
    process = subprocess.Popen(
        words + (["--memory", memory] if memory else []), stdout=subprocess.PIPE, text=True,
        env={**os.environ, "POLARS_MAX_THREADS": str(THREADS)},
    )  # fmt: skip
    said = process.stdout.read() if process.stdout else ""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    found = {"cpu": used.ru_utime + used.ru_stime, "wall": time.perf_counter() - began, "MB": used.ru_maxrss / 1024}
    if process.returncode:
        return found | {"failed": f"ended with {process.returncode}"}
    return found | json.loads(said.splitlines()[-1])


def difference(what: str, ours: Path, theirs: Path) -> str:
    """What is different; empty for nothing."""
    import duckdb

    with duckdb.connect(config={"threads": THREADS}) as engine:
        engine.execute(f"CREATE VIEW ours AS FROM '{ours}'")
        engine.execute(f"CREATE VIEW theirs AS FROM '{theirs}'")
        # Both have a total order; theirs need not be ours.
        order = " ORDER BY ALL" if what in SAME else ""
        for table, query in (("mine", "FROM ours"), ("its", SAME.get(what, "FROM theirs"))):
            query = f"SELECT row_number() OVER () AS row, * FROM ({query}{order})"
            engine.execute(f"CREATE TEMP TABLE {table} AS {query}")
        columns = [(row[0], row[1]) for row in engine.execute("DESCRIBE mine").fetchall()]
        names = [row[0] for row in engine.execute("DESCRIBE its").fetchall()]
        if [name for name, _ in columns] != names:
            return f"columns differ: {set(names) ^ {name for name, _ in columns}}"
        unlike = [
            f"count(*) FILTER (WHERE NOT (m.{name} IS NOT DISTINCT FROM i.{name} OR coalesce("
            f"abs(m.{name} - i.{name}) <= 1e-9 * greatest(1, abs(m.{name})), false))) AS {name}"
            if sql == "DOUBLE"
            else f"count(*) FILTER (WHERE m.{name} IS DISTINCT FROM i.{name}) AS {name}"
            for name, sql in columns
        ]
        found = engine.execute(f"SELECT {', '.join(unlike)} FROM mine m FULL JOIN its i USING (row)").fetchone() or ()
        return ", ".join(f"{name}: {many}" for (name, _), many in zip(columns, found, strict=True) if many)


def compare(what: str, rows: int, memory: str | None, only: Callable[[str], bool]) -> None:
    """Measure all sides of one thing, and hold their results against each other."""
    ours: Path | None = None
    for number, who in enumerate(SIDES[what]):
        if not only(who):
            continue
        if who.startswith("Polars") and importlib.util.find_spec("polars") is None:
            print(f"{what:<9}{who:<34} left out: polars is not installed", flush=True)
            continue
        target = MADE / f"result-{what}-{number}.parquet"
        target.unlink(missing_ok=True)
        found = measured(what, who, rows, memory, target)
        failed = found.pop("failed", "")
        cpu, wall, peak = found.pop("cpu"), found.pop("wall"), found.pop("MB")
        rest = ", ".join(f"{k} {v:,.1f}" if isinstance(v, float) else f"{k} {v:,}" for k, v in found.items())
        print(f"{what:<9}{who:<34}{cpu:>8.1f} CPU s{wall:>8.1f} wall s{rows / cpu:>12,.0f} rows/CPU s{peak:>8,.0f} MB"
              f"  {failed}{rest}", flush=True)  # fmt: skip
        if not target.exists() or failed:
            continue
        if number == 0:
            ours = target
            continue
        if ours is not None:
            unlike = difference(what, ours, target)
            print(f"{'':<9}{'':<34}{'   the same result' if not unlike else '   DIFFERENT: ' + unlike}", flush=True)
        target.unlink()
    if ours is not None:
        ours.unlink(missing_ok=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--growth", default="", help="millions of rows with commas between, ours alone")
    parser.add_argument("--memory", help="limit of DuckDB, as it writes it: 4GB")
    parser.add_argument("--only", default=",".join(SIDES), help="what is measured")
    parser.add_argument("--who", default="", help="only sides whose names begin so, with semicolons between")
    parser.add_argument("--side", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        what, who, target = options.side
        given = Given(files_of(options.rows), Path(target), options.memory)
        print(json.dumps(SIDES[what][who](given)))
        return
    chosen = options.only.split(",")
    names = tuple(options.who.split(";")) if options.who else ("",)
    if not options.growth:
        files = files_of(options.rows)
        print(
            f"{options.rows:,} rows in {len(files)} files, {sum(f.stat().st_size for f in files):,} octets", flush=True
        )
        for what in chosen:
            compare(what, options.rows, options.memory, lambda who: who.startswith(names))
    for millions in options.growth.split(",") if options.growth else ():
        rows = int(millions) * 1_000_000
        files_of(rows)
        print(f"-- {rows:,} rows", flush=True)
        for what in chosen:
            compare(what, rows, options.memory, lambda who: who.startswith("ringthrough"))


if __name__ == "__main__":
    main()
