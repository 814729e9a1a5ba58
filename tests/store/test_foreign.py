"""Parquet of other programs: every type as text that a reader of records takes, or as the type asked for."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ringthrough.errors import RemoteError
from ringthrough.store import write_parquet
from ringthrough.store.engine import quoted
from ringthrough.store.foreign import ForeignTable, relation_of

from .test_parquet import make_row


def table(path: Path, select: str, *, options: str = "") -> ForeignTable:
    with duckdb.connect() as engine:
        engine.execute(f"COPY (SELECT {select}) TO {quoted(path)} (FORMAT parquet{options})")
    return ForeignTable(path)


TEXTS = [
    ("text", "'Ann''s \"call\"'", 'Ann\'s "call"'),
    ("nothing", "NULL::VARCHAR", None),
    ("octets that are text", "'abc'::BLOB", "abc"),
    ("a whole number", "603::SMALLINT", "603"),
    ("a large number", "9007199254740993::BIGINT", "9007199254740993"),
    ("a float of a whole number", "603.0::DOUBLE", "603"),
    ("a single float", "180::FLOAT", "180"),
    ("a float", "12.5::DOUBLE", "12.5"),
    ("a negative float", "(-3.0)::DOUBLE", "-3"),
    ("no number", "'nan'::DOUBLE", None),
    ("no end", "'infinity'::DOUBLE", None),
    ("a float beyond whole numbers", "1e300::DOUBLE", "1e+300"),
    ("a decimal", "12.50::DECIMAL(9, 2)", "12.50"),
    ("a flag", "true", "true"),
    ("a date", "DATE '2026-11-20'", "2026-11-20"),
    ("a time of day", "TIME '09:20:06'", "09:20:06"),
    ("a time", "TIMESTAMP '2026-11-20 09:20:06.5'", "2026-11-20 09:20:06.5"),
    ("nanoseconds", "TIMESTAMP_NS '2026-11-20 09:20:06.123456789'", "2026-11-20 09:20:06.123456"),
    ("milliseconds", "TIMESTAMP_MS '2026-11-20 09:20:06.123'", "2026-11-20 09:20:06.123"),
    ("a time with a zone", "TIMESTAMPTZ '2026-11-20 04:20:06.5-05'", "2026-11-20T09:20:06.500000Z"),
    ("the end of time", "TIMESTAMP 'infinity'", None),
    ("the end of time in a zone", "TIMESTAMPTZ 'infinity'", None),
    ("a list", "['a', 'b']", "[a, b]"),
]


@pytest.mark.parametrize(("sql", "text"), [case[1:] for case in TEXTS], ids=[case[0] for case in TEXTS])
def test_every_type_as_text(tmp_path: Path, sql: str, text: str | None) -> None:
    found = table(tmp_path / "t.parquet", f"{sql} AS x, NULL::INTEGER AS y")

    assert found.names == ("x", "y")
    ((made, nothing),) = found.texts()
    if sql.startswith("TIMESTAMP_NS") and made is not None:
        made = made[: len(text or "")]  # rounded or cut: the last digit is not ours
        text = (text or "")[:-1] + made[-1]
    assert (made, nothing) == (text, None)


VALUES = [
    ("a time", "TIMESTAMP '1970-01-01 00:00:01.5'", "TIMESTAMP", 1_500_000),
    ("a time with a zone", "TIMESTAMPTZ '1970-01-01 01:00:00+01'", "TIMESTAMP", 0),
    ("a time as text", "'1970-01-01 00:00:01'", "TIMESTAMP", 1_000_000),
    ("no time", "'never'", "TIMESTAMP", None),
    ("the end of time", "TIMESTAMP 'infinity'", "TIMESTAMP", None),
    ("a number as text", "'603'", "SMALLINT", 603),
    ("too large", "70000", "SMALLINT", None),
    ("a list where a number belongs", "[1]", "INTEGER", None),
    ("a flag", "'yes'", "BOOLEAN", True),
    ("a number as text wanted", "603", "VARCHAR", "603"),
]


@pytest.mark.parametrize(("sql", "wanted", "value"), [case[1:] for case in VALUES], ids=[case[0] for case in VALUES])
def test_values_as_types(tmp_path: Path, sql: str, wanted: str, value: object) -> None:
    found = table(tmp_path / "t.parquet", f'{sql} AS "at"')

    assert list(found.values({"missing": "TIMESTAMP", "at": wanted, "gone": "VARCHAR"})) == [(None, value, None)]


def test_names_are_names_whatever_they_are(tmp_path: Path) -> None:
    found = table(tmp_path / "it's [1].parquet", '1 AS "select", 2 AS "a ""b""", 3 AS "ünï"')

    assert found.names == ("select", 'a "b"', "ünï")
    assert list(found.texts()) == [("1", "2", "3")]
    assert list(found.texts()) == [("1", "2", "3")], "it can be read again"


def test_rows_come_in_order_and_not_all_at_once(tmp_path: Path) -> None:
    found = table(tmp_path / "t.parquet", "n AS x FROM range(20000) AS r(n)", options=", ROW_GROUP_SIZE 4096")
    rows = found.texts()

    assert [next(rows) for _ in range(3)] == [("0",), ("1",), ("2",)]
    assert sum(1 for _ in rows) == 19_997
    assert [int(x) for (x,) in found.texts() if x] == list(range(20_000))


def test_a_table_without_rows(tmp_path: Path) -> None:
    found = table(tmp_path / "t.parquet", "1 AS x WHERE false")

    assert (found.names, list(found.texts()), list(found.values({"x": "INTEGER"}))) == (("x",), [], [])


@pytest.mark.parametrize("octets", [b"", b"PAR1", b"PAR1" + bytes(100) + b"PAR1", b"a,b\n1,2\n"])
def test_what_is_no_parquet(tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(octets)
    with pytest.raises(RemoteError) as caught:
        ForeignTable(path, name="monday")

    problem = caught.value.problem
    assert (problem.code, problem.where) == ("store-not-parquet", "monday")
    assert "\n" not in str(caught.value)


def test_a_file_that_has_gone(tmp_path: Path) -> None:
    found = table(tmp_path / "t.parquet", "1 AS x")
    (tmp_path / "t.parquet").unlink()
    with pytest.raises(RemoteError, match="expected a Parquet file that can be read"):
        list(found.texts())


def test_a_relation_of_our_own_table(tmp_path: Path) -> None:
    write_parquet(tmp_path / "t*.parquet", [[make_row(call_id="a"), make_row(call_id="b")]])
    found = relation_of(tmp_path / "t*.parquet")

    assert found.aggregate("count(*), max(call_id)").fetchall() == [(2, "b")]
