"""Rows for the store, made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ringthrough.calls import Call, Verdict
from ringthrough.store import Reader, Writer, open_store

from .test_parquet import make_row

DAY_US = 86_400_000_000
START_US = 1_767_225_600_000_000  # 2026-01-01
NOW_US = START_US + 400 * DAY_US
Row = tuple[Call, Verdict]


def rows(first: int, last: int, *, day: int = 0, **changes: Any) -> list[Row]:
    """Calls `c<first>` to `c<last - 1>`, a second apart, on one day."""
    call, verdict = make_row(**{"verdict": "busy", **changes})
    start_us = START_US + day * DAY_US
    return [(call._replace(call_id=f"c{n}", at_us=start_us + n * 1_000_000), verdict) for n in range(first, last)]


def write(path: Path, *batches: Iterable[Row], **options: Any) -> Path:
    """A store with these batches, each flushed by itself."""
    with Writer(path, **options) as writer:
        for batch in batches:
            writer.append(list(batch))
            writer.flush()
    return path


def all_rows(reader: Reader, **options: Any) -> list[Row]:
    return [row for batch in reader.rows(**options) for row in batch]


def read(path: Path, **options: Any) -> list[Row]:
    with open_store(path) as reader:
        return all_rows(reader, **options)


def ids(path: Path, **options: Any) -> list[str]:
    return [call.call_id for call, _verdict in read(path, **options)]


def files(path: Path) -> set[str]:
    return {p.relative_to(path).as_posix() for p in path.rglob("*.parquet")}
