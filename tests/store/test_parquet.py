from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, get_args, get_type_hints

import duckdb
import pytest

from ringthrough.calls import COLUMNS, Call, Verdict
from ringthrough.errors import BackendError, LocalError
from ringthrough.store import PROBLEMS, ParquetFile, parquet_lines, write_parquet
from ringthrough.store.parquet import NAMES

NOTHING = {str: "", int: 0, bool: False, float: 0.0}


def make_row(**changes: Any) -> tuple[Call, Verdict]:
    halves = []
    for kind in (Call, Verdict):
        hints = get_type_hints(kind)
        cells = {n: None if type(None) in get_args(h) else NOTHING[h] for n, h in hints.items()}
        halves.append(kind(**(cells | {k: v for k, v in changes.items() if k in cells})))
    return halves[0], halves[1]


def read(path: Path, columns: str = "*") -> list[tuple[Any, ...]]:
    with duckdb.connect() as engine:
        return engine.execute(f"SELECT {columns} FROM read_parquet(?)", [str(path)]).fetchall()


def test_types_and_order_are_those_of_the_call_table(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    assert write_parquet(path, [[make_row()], [], [make_row(), make_row()]]) == 3
    with duckdb.connect() as engine:
        described = engine.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    wanted = [("at", "TIMESTAMP") if c.name == "at_us" else (c.name, c.sql) for c in COLUMNS]
    assert [(name, kind) for name, kind, *_ in described] == wanted
    assert tuple(name for name, _ in wanted) == NAMES


def test_columns_in_another_order(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    write_parquet(path, [[make_row(verdict="busy", at_us=1)]], columns=["verdict", "at"])
    [(verdict, at)] = read(path)
    assert (verdict, at.isoformat()) == ("busy", "1970-01-01T00:00:00.000001")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ""), ("a,b", "a,b"), ('q"q', 'q"q'), ("new\nline", "new\nline"), ("cr\rlf\r\n", "cr\rlf\r\n"),
        ("nul\0x", "nul\\x00x"), ("\udcff", "\\xff"), ("=1+1", "=1+1"), ("NULL", "NULL"), ('\\"', '\\"'), ("😀", "😀"),
        ("x" * 200_000, "x" * 200_000), ("\u202e", "\u202e"), (" lead", " lead"),
    ],
)  # fmt: skip
def test_any_text_survives(tmp_path: Path, text: str, kept: str) -> None:
    path = tmp_path / "calls.parquet"
    write_parquet(path, [[make_row(final_phrase=text, final_code=603)] * 2])
    assert read(path, "final_phrase, final_code") == [(kept, 603)] * 2


def test_missing_numbers_zero_flags_and_shares(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    rows = [make_row(ring_ms=None, setup_ms=0, early_media=True, confidence=0.1), make_row(at_us=2**62)]
    write_parquet(path, [rows])
    found = read(path, 'ring_ms, setup_ms, early_media, hidden_candidate, confidence, "at" IS NULL')
    assert found == [(None, 0, True, False, 0.1, False), (None, None, False, False, 0.0, True)]


def test_no_rows_give_a_table_without_rows(tmp_path: Path) -> None:
    path = tmp_path / "it's.parquet"
    assert write_parquet(path, []) == 0
    assert read(path) == []


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    path.write_bytes(b"old")

    def broken():
        yield [make_row()]
        raise RuntimeError("the reader failed")

    with pytest.raises(RuntimeError):
        write_parquet(path, broken())
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(BackendError) as caught:
        write_parquet(tmp_path / "nowhere" / "calls.parquet", [])
    assert caught.value.problem.code == "store-cannot-write"
    assert "calls.parquet: expected to write a Parquet file, the system says: No such file" in str(caught.value)
    (tmp_path / "folder").mkdir()
    with pytest.raises(BackendError, match="directory"):
        write_parquet(tmp_path / "folder", [[make_row()]])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_our_error(tmp_path: Path) -> None:
    def fill() -> None:
        with ParquetFile(tmp_path / "x.parquet") as table, open("/dev/full", "wb") as full:
            table._lines.close()  # type: ignore[union-attr]
            table._lines = full
            table.write([b"x" * 1_000_000])

    with pytest.raises(BackendError, match="No space left"):
        fill()


def test_lines_the_engine_cannot_read_are_our_error(tmp_path: Path) -> None:
    with pytest.raises(BackendError) as caught, ParquetFile(tmp_path / "x.parquet") as table:
        table.write([b"not,enough\n"])
    assert caught.value.problem.code == "store-cannot-write"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("columns", [["nope"], ["verdict", "verdict"], [], ["at_us"]])
def test_wrong_columns(columns: list[str]) -> None:
    with pytest.raises(LocalError) as caught:
        parquet_lines([], columns)
    assert caught.value.problem.code == "store-columns"


def test_the_engine_is_imported_only_to_write() -> None:
    code = "import sys, ringthrough.store; print('duckdb' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
    assert all(slug.startswith("store-") and text.endswith(".") for slug, text in PROBLEMS.items())
