"""
Rows into the store and out of it, beside DuckDB that copies a CSV file to Parquet.

    python bench/store.py [--rows 2000000]

The rows are those of a generic call record: 14 columns vary, some more say the same in all. Each side is a process of
its own; CPU seconds are its own (user and system); memory is its peak. DuckDB's side is the floor: one COPY of a CSV
file that has the varying columns only, no call rows, no days, no import that can be repeated.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROWS = """
from ringthrough.calls import Call, Verdict
from ringthrough.store import Writer, open_store, source_id
from ringthrough.store.spool import DEFAULTS
START_US, DAY_US, DAYS, BATCH = 1_767_225_600_000_000, 86_400_000_000, 30, 4_096
facts = len(Call._fields)
call = Call._make(DEFAULTS[:facts])._replace(
    kind="call", source="cdr generic", blind_to="reason ringing times", file="calls.csv", attempts=1)
refused = Verdict._make(DEFAULTS[facts:])._replace(
    verdict="declined", confidence=0.5, rule="declined-603", because="603 without words.", tool_version="0.1.0",
    rules_version="4")
answered = refused._replace(verdict="answered", confidence=1.0, rule="answered", because="Answered.")

def batches(total):
    step = DAYS * DAY_US // total
    for first in range(0, total, BATCH):
        made = []
        for n in range(first, min(first + BATCH, total)):
            blocked = n % 7 == 0
            raw, to = f"1215{n % 9_999_991:07}", f"1212{n * 7 % 9_999_973:07}"
            made.append((call._replace(
                call_id=f"id-{n}@example", at_us=START_US + n * step, caller=f"+{raw}", callee=f"+{to}", caller_raw=raw,
                callee_raw=to, carrier=("alpha", "beta", "gamma")[n % 3], final_code=603 if blocked else 200,
                final_phrase="Decline" if blocked else "OK", setup_ms=n % 3_000, frame=n + 1,
                talk_ms=None if blocked else n % 60_000), refused if blocked else answered))
        yield made
"""

MAKE = "import collections, sys\ncollections.deque(batches(int(sys.argv[2])), maxlen=0)\n"

IMPORT = """
import sys
with Writer(sys.argv[1]) as writer, writer.importing("0" * 64, label="calls.csv") as job:
    for rows in batches(int(sys.argv[2])):
        job.append(rows)
"""

LISTEN = """
import itertools, sys
with Writer(sys.argv[1]) as writer:
    for number, rows in enumerate(itertools.islice(batches(int(sys.argv[2])), 100)):
        writer.append(rows[:1_000])
        writer.flush()
        writer.tend(START_US + number * 1_000_000, grace_s=0)
"""

FIRST = """
import sys
with open_store(sys.argv[1]) as reader:
    print(len(next(reader.rows(since_us=START_US + 3 * DAY_US, until_us=START_US + 4 * DAY_US))))
"""

COUNT = """
import sys
with open_store(sys.argv[1], threads=1) as reader:
    reader.sql("SELECT carrier, verdict, count(*) FROM calls GROUP BY ALL").fetchall()
"""

OUT = """
import sys
with open_store(sys.argv[1], threads=1) as reader:
    for rows in reader.rows(since_us=START_US + 3 * DAY_US, until_us=START_US + 6 * DAY_US):
        pass
"""

FLOOR = """
import duckdb, sys
with duckdb.connect(config={"threads": 1}) as engine:
    engine.execute(f"COPY (FROM read_csv('{sys.argv[1]}.csv')) TO '{sys.argv[1]}.floor.parquet' (COMPRESSION zstd)")
"""

CSV = """
import sys
with open(sys.argv[1] + ".csv", "w") as handle:
    for rows in batches(int(sys.argv[2])):
        for c, v in rows:
            handle.write(f"{c.call_id},{c.at_us},{c.caller},{c.callee},{c.caller_raw},{c.callee_raw},{c.carrier},"
                         f"{c.final_code},{c.final_phrase},{c.setup_ms},{'' if c.talk_ms is None else c.talk_ms},"
                         f"{c.frame},{v.verdict},{v.because}\\n")
"""

TOLD = """
import json, resource, time
wall = time.perf_counter()
{body}
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([used.ru_utime + used.ru_stime, time.perf_counter() - wall, used.ru_maxrss / 1024]))
"""


def measured(body: str, path: Path, rows: int, *, best_of: int = 1, ours: bool = True) -> tuple[float, float, float]:
    """CPU seconds, wall seconds, MB at the peak; the best of several."""
    code = TOLD.format(body=(ROWS if ours else "") + body)
    found = []
    for _ in range(best_of):
        ran = subprocess.run(
            [sys.executable, "-c", code, str(path), str(rows)], check=True, capture_output=True, text=True
        )
        found.append(json.loads(ran.stdout.splitlines()[-1]))
    cpu, wall, memory = min(found)
    return cpu, wall, memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=500_000)
    total = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "s")
        made, _, _ = measured(MAKE, path, total)
        cpu, wall, memory = measured(IMPORT, path, total)
        size = sum(p.stat().st_size for p in path.rglob("*.parquet"))
        say("making the rows alone", total, made, 0, 0)
        say("import into the store (rows made beforehand counted)", total, cpu, wall, memory)
        say("  of it the store", total, cpu - made, 0, 0)
        print(f"{'':<54}{size / total:>10.1f} octets a row on the disk")
        measured(CSV, path, total)
        say("floor: DuckDB, CSV of 14 columns to Parquet", total, *measured(FLOOR, path, total, ours=False))
        say("first 8,192 rows of a day, cold process", 8_192, *measured(FIRST, path, total, best_of=3))
        say("calls by carrier and verdict, cold process, 1 thread", total, *measured(COUNT, path, total, best_of=3))
        say("three days as Python rows", total // 10, *measured(OUT, path, total))
        listened = Path(folder, "live")
        cpu, wall, memory = measured(LISTEN, listened, total)
        say("100 flushes of 1,000 rows, tended", 100_000, cpu, wall, memory)


def say(what: str, rows: int, cpu: float, wall: float, memory: float) -> None:
    tail = f"{wall:>8.2f} wall s {memory:>7.0f} MB" if wall else ""
    print(f"{what:<54}{cpu:>8.2f} CPU s {rows / cpu:>11,.0f} rows/s{tail}", flush=True)


if __name__ == "__main__":
    main()
