"""
Parquet files of many call rows in the shape of a store's segments, for bench/analytics.py.

One small world is drawn and judged (ten days, 54 numbers, 8 carriers, some 200,000 calls); DuckDB copies it: every
copy of a block has callers of its own and three quarters of its callees, the blocks of later periods the same numbers
on later days. So numbers, callees, days and cells grow with the rows, as an operator's do.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

MADE = ROOT / "bench" / "made" / "many-calls"
BLOCK_ROWS = 1_000_000
"Rows of a block, roughly."
DAYS, COPIES = 10, 5
"Days of a block, and copies of the world in it."
MOST_PERIODS, MOST_PARTS = 5, 10
_WORLD, _SEED, _SCALE = "mixed", 28, 0.688
_ROW_GROUP = 122_880


def blocks(count: int) -> list[tuple[int, int]]:
    """The first blocks, each a period of days and a part of the numbers; both grow together."""
    every = [(period, part) for period in range(MOST_PERIODS) for part in range(MOST_PARTS)]
    every.sort(key=lambda block: (max(2 * block[0] + 2, block[1] + 1), block))
    return every[:count]


def files_of(rows: int) -> list[Path]:
    """Return the files that hold about so many rows, a file for each day of each block; make them where they lack."""
    wanted = blocks(max(1, round(rows / BLOCK_ROWS)))
    lacking = [block for block in wanted if not _names(block)[-1].exists()]
    if lacking:
        _make(lacking)
    return sorted(name for block in wanted for name in _names(block))


def _names(block: tuple[int, int]) -> list[Path]:
    period, part = block
    return [MADE / f"day-{period * DAYS + day:03}-part-{part:02}.parquet" for day in range(DAYS)]


def _make(lacking: list[tuple[int, int]]) -> None:
    import duckdb

    MADE.mkdir(parents=True, exist_ok=True)
    began, base = time.process_time(), MADE / "world.parquet"
    if not base.exists():
        _draw(base)
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.execute("SET enable_progress_bar = false")
        engine.execute(f"CREATE TABLE world AS FROM read_parquet('{base}')")
        first = engine.execute("SELECT date_trunc('day', min(world.at)) FROM world").fetchone()[0]  # type: ignore[index]
        for period, part in lacking:
            for day, name in enumerate(_names((period, part))):
                engine.execute(_copied(first, period, part, day, name))
    print(f"{len(lacking)} blocks of {BLOCK_ROWS:,} rows made: {time.process_time() - began:.0f} CPU s", flush=True)


def _draw(target: Path) -> None:
    from ringthrough.simulate.worlds import world_named
    from ringthrough.store import write_parquet
    from ringthrough.verdict import judge

    world = world_named(_WORLD, _SEED, days=DAYS, scale=_SCALE)
    rows = write_parquet(target, ([(call, judge(call)) for call in batch] for batch in world.calls(labels=True)))
    print(f"world {_WORLD} {_SEED}: {rows:,} rows, {len(world.callers)} numbers, {len(world.carriers)} carriers")


def _copied(first: object, period: int, part: int, day: int, name: Path) -> str:
    """A day of a block: copies of one day of the world, in order of time, as an import leaves them."""
    return f"""
COPY (
  SELECT world.* REPLACE (
    "at" + INTERVAL {period * DAYS} DAY + to_microseconds(copy * 137_731) AS "at",
    call_id || '-{period}-' || copy AS call_id,
    substr(caller, 1, 5) || (200 + copy)::VARCHAR || substr(caller, 9) AS caller,
    substr(caller, 2, 4) || (200 + copy)::VARCHAR || substr(caller, 9) AS caller_raw,
    CASE WHEN hash(callee) % 4 = 0 OR length(callee) <> 12 THEN callee
      ELSE substr(callee, 1, 5) || (200 + (substr(callee, 6, 3)::INTEGER + 7 * copy) % 800)::VARCHAR
        || substr(callee, 9) END AS callee,
    campaign || '-' || copy AS campaign
  )
  FROM world, range({part * COPIES}, {(part + 1) * COPIES}) copies(copy)
  WHERE "at" >= TIMESTAMP '{first}' + INTERVAL {day} DAY AND "at" < TIMESTAMP '{first}' + INTERVAL {day + 1} DAY
  ORDER BY "at", file, frame, call_id
) TO '{name}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})
"""
