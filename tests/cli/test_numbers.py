"""`ringthrough numbers` and `ringthrough carriers`: metrics of stores and files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from ringthrough.analytics import metrics
from ringthrough.store import open_store
from tests.analytics.made import answered, blocked, row
from tests.analytics.test_blocks import STANDING, week
from tests.store.made import DAY_US, START_US, files, write

from .conftest import Ran
from .test_group import modules

Run = Callable[..., Result]
Process = Callable[..., Ran]
A, B = "+12155550123", "+12155550124"

CALLS = [
    *[answered(caller=A, carrier="alpha", talk_ms=90_000)] * 3,
    blocked(caller=A, carrier="beta"),
    row(
        caller=B,
        carrier="=beta",
        verdict="no_answer",
        final_code=480,
        at_us=START_US + DAY_US,
        trunk="via +12155550199",
    ),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "s", CALLS)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_table_for_people(run: Run, folder: Path) -> None:
    done = run("numbers", folder)
    lines = done.stdout.splitlines()
    assert (done.return_value, done.stderr) == (0, "")
    assert (
        " ".join(lines[0].split())
        == "number calls ASR SEER less blocks blocked probable rang reach PDD p50 PDD p95 ACD <= 6 s"
    )
    assert lines[1].split()[:4] == [A, "4", "75.0", "%"]
    assert "25.0 % (4.6-69.9)" in lines[1]
    assert "1 min 30 s" in lines[1]
    assert lines[2].split()[:4] == [B, "1", "0.0", "%"]
    assert "not measurable" in lines[3]
    assert lines[4].startswith("Probable and suspected blocks are inferred from many calls, not said by the signalling")
    assert len(lines) == 5


def test_carriers_has_the_carriers(run: Run, folder: Path) -> None:
    lines = run("carriers", folder).stdout.splitlines()
    assert [line.split()[0] for line in lines[:4]] == ["carrier", "alpha", "=beta", "beta"]


def test_rows_are_those_of_the_library(run: Run, folder: Path) -> None:
    with open_store(folder) as reader:
        expected = metrics(reader, ("carrier", "day"), inferred=True).records()
    lines = [json.loads(line) for line in run("carriers", folder, "--by", "carrier,day", "--json").stdout.splitlines()]
    assert sorted(lines, key=lambda line: line["carrier"]) == expected
    rows = table(run("carriers", folder, "--by", "carrier", "--by", "day", "--csv").stdout)
    assert [{**row, "carrier": row["carrier"].lstrip("'")} for row in rows] == [
        {name: "" if value is None else str(value) for name, value in line.items()} for line in lines
    ]


def test_a_formula_of_a_stranger_is_defused_and_a_number_left(run: Run, folder: Path) -> None:
    rows = table(run("numbers", folder, "--by", "number,carrier", "--csv", "--metric", "asr").stdout)
    assert {(row["number"], row["carrier"]) for row in rows} == {(A, "alpha"), (A, "beta"), (B, "'=beta")}


def test_some_metrics_with_n_and_interval(run: Run, folder: Path) -> None:
    asked = ("numbers", folder, "--metric", "acd", "--metric", "block_probable", "--metric", "pdd")
    lines = run(*asked).stdout.splitlines()
    assert " ".join(lines[0].split()) == "number calls probable n ACD n PDD p50 PDD p95 n"
    spans = ["1", "min", "30", "s", "3", "900", "ms", "900", "ms", "4"]
    assert lines[1].split() == [A, "4", "0.0", "%", "(0.0-49.0)", "4", *spans]
    text = run(*asked, "--no-hidden").stdout
    assert text.splitlines()[1].split() == [A, "4", "-", "0", *spans]
    assert "inferred" not in text


def test_hidden_blocks_are_counted_and_can_be_left_out(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path / "s", week(STANDING))
    asked = ("numbers", folder, "--by", "number", "--csv", "--metric", "block_probable", "--metric", "block_rate")
    found = {row["number"]: row for row in table(run(*asked).stdout)}
    assert {number: row["block_probable_k"] for number, row in found.items()} == {A: "75", B: "0", "+12155550125": "0"}
    assert found[A]["block_rate_k"] == "75"
    alone = {row["number"]: row for row in table(run(*asked, "--no-hidden").stdout)}
    assert (alone[A]["block_probable"], alone[A]["block_rate_k"]) == ("", "0")
    assert "31.2 % of 240" in run("numbers", folder, "--matrix").stdout


def test_time_alone_is_in_its_order(run: Run, folder: Path) -> None:
    lines = run("numbers", folder, "--by", "day,hour").stdout.splitlines()
    assert [line.split()[:3] for line in lines[1:3]] == [["2026-01-01", "00:00", "4"], ["2026-01-02", "00:00", "1"]]


@pytest.mark.parametrize(
    ("options", "calls"),
    [(["--since", "2026-01-02"], [1]), (["--until", "2026-01-02T00:00:00Z"], [4]), (["--limit", "1"], [4]),
     (["--limit", "0"], [])],
)  # fmt: skip
def test_what_is_chosen(run: Run, folder: Path, options: list[str], calls: list[int]) -> None:
    rows = table(run("numbers", folder, "--csv", *options).stdout)
    assert [int(row["attempts"]) for row in rows] == calls


def test_a_limit_says_what_it_leaves_out(run: Run, folder: Path) -> None:
    assert "1 more rows; --limit shows more" in run("numbers", folder, "--limit", "1").stdout


def test_masked(run: Run, folder: Path) -> None:
    for options in ([], ["--csv"], ["--json"], ["--matrix"], ["--matrix", "--csv"]):
        by = [] if "--matrix" in options else ["--by", "number,trunk,prefix,day"]
        text = run("numbers", folder, "--mask", *by, *options).stdout
        assert "5550123" not in text
        assert "5550199" not in text
        assert "+1215555xxxx" in text
    assert "+1212555" in run("numbers", folder, "--mask", "--by", "number,prefix").stdout


def test_the_matrix(run: Run, folder: Path) -> None:
    lines = run("numbers", folder, "--matrix").stdout.splitlines()
    assert lines[0].split() == ["number", "alpha", "=beta", "beta"]
    assert lines[1].split() == [A, "0.0", "%", "of", "3", "-", "100.0", "%", "of", "1"]
    assert lines[2].split() == [B, "-", "0.0", "%", "of", "1", "-"]
    rows = table(run("numbers", folder, "--matrix", "--csv").stdout)
    assert [(row["number"], row["carrier"], row["block_rate_k"]) for row in rows] == [
        (A, "alpha", "0"), (A, "beta", "1"), (B, "'=beta", "0")
    ]  # fmt: skip


def test_a_matrix_wider_than_a_terminal(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path / "s", [answered(carrier=f"c{n}", caller=f"+121555501{n:02}") for n in range(10)])
    text = run("carriers", folder, "--matrix", "--limit", "4").stdout
    assert "6 more rows" in text
    assert "2 more carriers; --csv and --json have all" in text


def test_what_is_not_known_is_named(run: Run, tmp_path: Path) -> None:
    folder = write(
        tmp_path / "s",
        [row(caller="", at_us=10**18, verdict="network_blocked", blind_to="code reason", source="cdr x")],
    )
    line = run("numbers", folder, "--by", "number,day,hour").stdout.splitlines()[1]
    assert line.split()[:7] == ["(unknown)"] * 3 + ["1", "0.0", "%", "(0.0-79.3)"]
    assert "1 or more" in line


def test_a_capture(run: Run, capture: Path, tmp_path: Path) -> None:
    done = run("numbers", capture, "--region", "US", "--csv", "--metric", "block_rate")
    rows = table(done.stdout)
    assert done.return_value == 0
    assert [(row["number"], row["attempts"], row["block_rate"]) for row in rows] == [
        (A, "3", "0.6666666666666666"), (B, "1", "0.0")
    ]  # fmt: skip
    target = tmp_path / "out.csv"
    assert run("numbers", capture, "--csv", "--metric", "block_rate", "--region", "US", "-o", target).stdout == ""
    assert target.read_text() == done.stdout


def test_standard_input_and_processes(process: Process, capture: Path) -> None:
    expected = process("carriers", capture, "--csv")
    assert (expected.status, expected.err) == (0, "")
    assert process("carriers", "-", "--csv", stdin=capture.read_bytes()).out == expected.out
    assert process("carriers", capture, "--csv", "--workers", "2", "--no-progress").out == expected.out


def test_what_cannot_be_read_is_told_and_the_rest_is_counted(run: Run, capture: Path, tmp_path: Path) -> None:
    done = run("numbers", capture, tmp_path / "gone.pcap", "--csv")
    assert (done.return_value, len(table(done.stdout))) == (1, 2)
    assert "found no file of this name" in done.stderr
    done = run("numbers", tmp_path / "gone.pcap")
    assert (done.return_value, done.stdout) == (2, "")


def test_a_torn_store_is_told(run: Run, folder: Path) -> None:
    (folder / min(files(folder))).write_bytes(b"torn")
    done = run("numbers", folder, "--csv")
    assert (done.return_value, len(table(done.stdout))) == (1, 1)
    assert "expected a segment" in done.stderr


def test_an_empty_store(run: Run, tmp_path: Path) -> None:
    assert run("store", "create", tmp_path / "s").return_value == 0
    assert run("numbers", tmp_path / "s").stdout.splitlines()[0].startswith("number  calls")
    assert table(run("numbers", tmp_path / "s", "--csv").stdout) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "expected the folder of a store"),
        (["S", "--csv", "--json"], "exclude each other"),
        (["S", "--by", "caller"], "expected each of number"),
        (["S", "--metric", "speed"], "expected some of asr"),
        (["S", "--matrix", "--by", "day"], "without --by and --metric"),
        (["S", "--since", "yesterday"], "expected a time"),
        (["S", "--region", "US"], "--region says how files are read"),
        (["S", "--profile", "generic", "--tz", "UTC"], "--profile, --tz says how files are read"),
        (["F", "--region", "XX"], "two letters"),
    ],
)
def test_wrong_usage(process: Process, folder: Path, capture: Path, options: list[Any], said: str) -> None:
    named = {"S": folder, "F": capture}
    done = process("numbers", *(named.get(option, option) for option in options))
    assert (done.status, done.out) == (2, b"")
    assert said in " ".join(done.err.split())


def test_help_loads_no_engine() -> None:
    assert not {"duckdb", "ringthrough.analytics", "ringthrough.store"} & modules("numbers", "--help")
