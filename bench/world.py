"""
How fast a made-up world gives rows of the call table.

    python bench/world.py [--rows 500000] [--world mixed]

CPU seconds of one process (`time.process_time`), the best of three, because the machine is shared: days as arrays, rows
of the call table, rows with the truth about each, and the truth of the cells.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from resource import RUSAGE_SELF, getrusage

from ringthrough.simulate.worlds import World, world_named

ROUNDS = 3
DAYS = 10


def sized(name: str, rows: int) -> World:
    """A world of about so many rows."""
    tenth = world_named(name, 1, days=DAYS, scale=0.1)
    per_scale = sum(day.size for day in tenth.days()) / 0.1
    return world_named(name, 1, days=DAYS, scale=rows / per_scale)


def best(work: Callable[[], int]) -> tuple[int, float]:
    spent = []
    count = 0
    for _ in range(ROUNDS):
        start = time.process_time()
        count = work()
        spent.append(time.process_time() - start)
    return count, min(spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--world", default="mixed")
    wanted = parser.parse_args()
    start = time.process_time()
    world = sized(wanted.world, wanted.rows)
    print(f"world {wanted.world}: made in {time.process_time() - start:.2f} s (twice), {len(world.callers)} numbers, "
          f"{len(world.carriers)} carriers, {len(world.book.recipes)} recipes")  # fmt: skip
    works: dict[str, Callable[[], int]] = {
        "days as arrays": lambda: sum(day.size for day in world.days()),
        "rows of the call table": lambda: sum(len(rows) for rows in world.calls()),
        "rows, with labels": lambda: sum(len(rows) for rows in world.calls(labels=True)),
        "rows and truth": lambda: sum(len(rows) for rows, _ in world.told()),
    }
    for name, work in works.items():
        count, seconds = best(work)
        print(f"{name:24}{count:>10,} rows {seconds:6.2f} s {count / seconds:>12,.0f} rows/s")
    start = time.process_time()
    cells = len(world.truth.cells)
    print(f"{'truth of the cells':24}{cells:>10,} cells{time.process_time() - start:6.2f} s")
    print(f"peak memory {getrusage(RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
