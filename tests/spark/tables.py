"""Call tables that both engines read: a made-up world, every kind of nonsense, one call, none."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import duckdb

from ringthrough.calls import BLIND_SPOTS, OUTCOMES, VERDICTS, Call, Verdict
from ringthrough.simulate.worlds import world_named
from ringthrough.store import write_parquet
from ringthrough.store.parquet import NAMES, TYPES
from ringthrough.verdict import judge
from tests.analytics.made import answered, row
from tests.store.made import DAY_US, START_US

Row = tuple[Call, Verdict]
_TEXTS = ("", " ", "Décliné", "call 'blocked' by \"analytics\"", "a\\b%_*", "SPAM likely", "zß🚫", "\t", "608", "+1")
_MS = (None, None, 0, 1, 2, 4, 8, 180, 6_000, 6_001, 10_000, -1, 2_678_400_000, 2_678_400_001)
_POOLS: dict[str, tuple[Any, ...]] = {
    "at_us": (0, START_US, START_US + 1, START_US + DAY_US, START_US + DAY_US - 1, -62_135_596_800_000_000,
              253_402_300_799_999_999, -12_212_553_600_000_000, 10**18, -(10**18)),
    "caller": ("+12155550123", "+12155550124", "+442079460123", "+1215555xxxx", "anonymous", "", "1002", "zß🚫"),
    "callee": ("+12125550199", "+12125550198", "+35315550123", "+7", "+1", "", "112", "+999999999", "é"),
    "carrier": ("alpha", "beta", "béta", "Beta", "", "198.51.100.7:5060"),
    "kind": ("call", "call", "call", "call", "scanner", ""),
    "final_code": (None, 180, 200, 302, 403, 404, 408, 480, 486, 487, 500, 503, 600, 603, 604, 607, 608, 699),
    "far_code": (None, None, None, 403, 603), "q850_cause": (None, 16, 17, 21, 34, 127),
    "verdict": ("", *VERDICTS, "probable_block", "suspected_block"), "outcome": ("", "", *OUTCOMES),
    "source": ("capture", "cdr asterisk-csv", ""), "file": ("", "a.csv", "b.csv"),
    "blind_to": ("", "", "", " ".join(sorted(BLIND_SPOTS)), *BLIND_SPOTS), "direction": ("", "outbound", "inbound"),
}  # fmt: skip


def nonsense(rows: int, *, seed: int = 603) -> list[Row]:
    """Rows in which no cell has to do with another, but for the Call-ID: it is what tells two calls apart."""
    draw = random.Random(seed)
    names = [name for name in (*Call._fields, *Verdict._fields) if name != "call_id"]
    return [row(call_id=f"{n}@x", **{name: _cell(draw, name) for name in names}) for n in range(rows)]


def _cell(draw: random.Random, name: str) -> Any:
    if name in _POOLS:
        return draw.choice(_POOLS[name])
    sql = TYPES.get(name, "BIGINT")
    if sql == "BOOLEAN":
        return draw.random() < 0.5
    if sql == "DOUBLE":
        return draw.choice((0.0, 0.5, 1.0, 1 / 3))
    if sql in ("INTEGER", "BIGINT"):
        return draw.choice(_MS) if name.endswith("_ms") else draw.choice((0, 1, 2, 603))
    return draw.choice(_TEXTS)


def write_tables(folder: Path) -> dict[str, Path]:
    """Write the tables as Parquet: label -> file or folder."""
    made = {name: folder / f"{name}.parquet" for name in ("world", "nonsense", "one", "none")}
    world = world_named("hidden", 3, days=4, scale=0.3)
    write_parquet(made["world"], ([(call, judge(call)) for call in batch] for batch in world.calls()))
    write_parquet(made["one"], [[answered()]])
    write_parquet(made["none"], [])
    made["nonsense"].mkdir()
    write_parquet(made["nonsense"] / "a.parquet", [nonsense(600)])
    # Others write null where we write an empty text; and a file that holds nothing but nulls.
    some = ", ".join(
        f'case when hash(frame, i, \'{name}\') % 3 > 0 then "{name}" end as "{name}"' for name in NAMES[1:]
    )
    nulls = ", ".join(f'cast(null as {TYPES[name]}) as "{name}"' for name in NAMES)
    with duckdb.connect() as engine:
        whole = f"(select *, row_number() over () as i from read_parquet('{made['nonsense'] / 'a.parquet'}')) calls"
        engine.sql(f"select 'b' || call_id as call_id, {some} from {whole} where i < 300").write_parquet(
            str(made["nonsense"] / "b.parquet")
        )
        engine.sql(f"select {nulls} from range(3)").write_parquet(str(made["nonsense"] / "c.parquet"))
    return made


__all__ = ["Row", "nonsense", "write_tables"]
