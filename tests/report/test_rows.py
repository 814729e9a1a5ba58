from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest

from ringthrough.calls import COLUMNS
from ringthrough.report.rows import FIRST, OUTPUT, at_text, csv_header, csv_rows, json_rows, printable, rows_of


def read_csv(octets: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(octets.decode(), newline="")))


def test_the_columns_of_the_contract_come_first_and_none_is_missing() -> None:
    text = (
        "call_id at caller callee carrier final_code final_phrase verdict confidence rule because blocker redress_url"
    )
    text += (
        " redress_tel redress_email redress_id ring_ms setup_ms talk_ms attempts hidden_candidate direction file frame"
    )
    assert " ".join(FIRST) == text
    assert OUTPUT[: len(FIRST)] == FIRST
    assert sorted(OUTPUT) == sorted("at" if c.name == "at_us" else c.name for c in COLUMNS)


def test_csv_reads_back(row: Callable) -> None:
    [made] = read_csv(csv_header() + b"".join(csv_rows([row(final_phrase='a,"b"', ring_ms=None, early_media=True)])))
    assert tuple(made) == OUTPUT
    assert made["at"] == "2026-01-01T00:00:00.123456Z"
    assert made["final_phrase"] == 'a,"b"'
    assert (made["ring_ms"], made["setup_ms"], made["confidence"]) == ("", "412", "0.95")
    assert (made["early_media"], made["hidden_candidate"]) == ("true", "false")
    assert csv_rows([]) == []


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|'/c calc'!A0", "'+cmd|'/c calc'!A0"),
        ("+1 215 555 0123", "'+1 215 555 0123"),
        ("+12155550123", "+12155550123"),
        ("+12155550123\n", "'+12155550123\n"),
        ("+", "'+"),
        ("+\u0661\u0662", "'+\u0661\u0662"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("a=1", "a=1"),
        ("", ""),
        ("'=1", "'=1"),
    ],
)
@pytest.mark.parametrize("column", ["final_phrase", "caller", "redress_tel"])
def test_no_cell_is_a_formula(row: Callable, cell: str, written: str, column: str) -> None:
    rows = [row(**{column: "harmless"}), row(**{column: cell}), row()]
    made = read_csv(csv_header() + b"".join(csv_rows(rows)))
    assert [r[column] for r in made[:2]] == ["harmless", written]
    assert json.loads(json_rows([row(**{column: cell})])[0])[column] == cell


def test_json_has_one_object_a_line(row: Callable) -> None:
    lines = json_rows([row(), row(final_code=None, hidden_candidate=True)])
    assert all(line.count(b"\n") == 1 and line.endswith(b"\n") for line in lines)
    first, second = map(json.loads, lines)
    assert tuple(first) == OUTPUT
    assert first["final_code"] == 603
    assert first["ring_ms"] is None
    assert second["final_code"] is None
    assert second["hidden_candidate"] is True


@pytest.mark.parametrize(
    ("text", "shown"),
    [("caf\udce9", "caf\\xe9"), ("ok", "ok"), ("\ud800", "?"), ("Émile", "Émile")],
)
def test_octets_that_are_no_text_are_shown(row: Callable, text: str, shown: str) -> None:
    assert printable(text) == shown
    assert read_csv(csv_header() + csv_rows([row(final_phrase=text)])[0])[0]["final_phrase"] == shown
    assert json.loads(json_rows([row(final_phrase=text)])[0])["final_phrase"] == shown


@pytest.mark.parametrize(
    ("at_us", "text"),
    [
        (0, "1970-01-01T00:00:00.000000Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        (253_402_300_800_000_000, ""),
        (2**63, ""),
    ],
)
def test_time_as_text(at_us: int, text: str) -> None:
    assert at_text(at_us) == text


def test_rows_as_lists(row: Callable) -> None:
    [cells] = rows_of([row()])
    assert dict(zip(OUTPUT, cells, strict=True))["frame"] == 1
