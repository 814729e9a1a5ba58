"""
`ringthrough import` of generic call records: rows per second and memory, beside DuckDB that copies the CSV to Parquet.

    python bench/import.py [--rows 2000000] [--fifo]

The file is made on the fly and lies in bench/made while it is needed; with --fifo it goes through a pipe, which the
command has to keep in a temporary file to know it again. Each side is a process of its own: CPU seconds are its own
(user and system), memory is its peak. An import reads the file twice, first to see whether it is known. DuckDB only
cuts, types and writes the ten columns: the floor.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = 20_000
CODES = ((200, "OK"), (603, "Decline"), (603, "Network Blocked"), (486, "Busy Here"), (480, "Temporarily Unavailable"))
HEADER = "call_id,start_time,answer_time,end_time,from,to,carrier,campaign,sip_code,sip_phrase\n"
FLOOR = """
import duckdb, sys
with duckdb.connect(config={"threads": 1}) as engine:
    engine.execute(f"COPY (FROM read_csv('{sys.argv[1]}')) TO '{sys.argv[2]}' (COMPRESSION zstd)")
"""


def stamp(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_795_000_000 + second))


def block(first: int, rows: int) -> bytes:
    """Rows from a number on, forty calls in each second."""
    lines = []
    for n in range(first, first + rows):
        code, phrase = CODES[n * 7 % 5]
        at, end = stamp(n // 40), stamp(n // 40 + 5 + n % 60)
        answer = stamp(n // 40 + 4) if code == 200 else ""
        lines.append(
            f"c{n:08x},{at},{answer},{end},+1312555{n % 400:04},+1{201 + n % 780}{2_000_000 + n * 31 % 7_999_999},"
            f"carrier-{n % 7},spring,{code},{phrase}\n"
        )
    return "".join(lines).encode()


def write(path: Path, rows: int) -> None:
    with path.open("wb") as handle:
        handle.write(HEADER.encode())
        for first in range(0, rows, BLOCK):
            handle.write(block(first, min(BLOCK, rows - first)))


def measured(words: list[str]) -> tuple[float, float, float]:
    """CPU seconds, wall seconds and MB at the peak of a command."""
    began = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{words[1:4]} ended with {status}")
    return used.ru_utime + used.ru_stime, time.perf_counter() - began, used.ru_maxrss / 1024


def say(what: str, rows: int, found: tuple[float, float, float]) -> None:
    cpu, wall, memory = found
    print(
        f"{what:<44}{cpu:>8.1f} CPU s {wall:>8.1f} wall s {rows / cpu:>11,.0f} rows/CPU s {memory:>7.0f} MB", flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--fifo", action="store_true", help="through a pipe; no floor")
    options = parser.parse_args()
    made = ROOT / "bench" / "made"
    made.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=made) as folder:
        source, store = Path(folder, "calls.csv"), Path(folder, "store")
        if options.fifo:
            os.mkfifo(source)
            threading.Thread(target=write, args=(source, options.rows), daemon=True).start()
        else:
            write(source, options.rows)
            print(f"{options.rows:,} rows, {source.stat().st_size:,} octets")
        command = [sys.executable, "-m", "ringthrough", "import", str(source), "--into", str(store)]
        say("ringthrough import", options.rows, measured(command))
        if not options.fifo:
            say("  the same file again", options.rows, measured(command))
            floor = [sys.executable, "-c", FLOOR, str(source), f"{folder}/floor.parquet"]
            say("floor: DuckDB COPY, CSV to Parquet", options.rows, measured(floor))


if __name__ == "__main__":
    main()
