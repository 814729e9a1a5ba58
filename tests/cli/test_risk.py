"""`ringthrough risk`: stores and files, one number, the definitions, thresholds and lists of one's own."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from ringthrough.analytics.risk import RiskFactor, assess
from ringthrough.store import open_store
from tests.analytics.made import answered, blocked, row
from tests.analytics.risky import at, calls, history, of, person
from tests.store.made import files, write

from .conftest import Ran
from .test_group import modules

Run = Callable[..., Result]
Process = Callable[..., Ran]
A, B, C = "+12155550123", "+12155550124", "+12155559999"
"A is blocked and calls at night; B is sound; C has been there from the first day."

CALLS = [
    *history(),
    *of(A, [blocked(at_us=at(40, 15, k), callee=person(k), carrier="beta") for k in range(4)]),
    *of(A, [answered(at_us=at(40, 4), callee="+18005550100"), answered(at_us=at(40, 4), callee=person(70))]),
    *of(B, [*calls(30, talk_ms=8_000, ended_by="caller", campaign="call +12125550177"), *calls(30, day=33)]),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("risk") / "s", CALLS)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_worst_number_comes_first(run: Run, folder: Path) -> None:
    done = run("risk", folder)
    lines = done.stdout.splitlines()
    assert (done.return_value, done.stderr) == (0, "")
    assert lines[0].split() == ["number", "score", "calls", "high", "warn"]
    assert [line.split()[:3] for line in lines[1:4]] == [[A, "72", "6"], [B, "82", "30"], [C, "100", "2"]]
    assert "network_blocks, off_hours" in lines[1]
    assert "  network_blocks (1): Stop calling that carrier from this number, and appeal where the block says" in lines
    assert "short_calls" in lines[2]
    assert "2026-02-05 00:00:00 to 2026-02-12 00:00:00" in lines
    assert "Of 1 of 38 calls nobody knows what time it was at the callee." in lines
    assert "attestation" in lines[-1]


def test_one_number(run: Run, folder: Path) -> None:
    done = run("risk", folder, "--number", "5550124")
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{B}  score 82 of 100  30 calls")
    rows = {line.split()[1]: line for line in lines[3:30]}
    assert len(rows) == 27
    assert rows["call_duration"].split()[:10] == ["5", "call_duration", "high", "8.0", "s", "<", "30", "s", "<", "15"]
    assert "-52.0 s" in rows["call_duration"]
    assert "+100.0 %" in rows["short_calls"]
    assert "not_measurable" in rows["attestation"]
    assert "  attestation: attestation" in lines
    assert "  short_calls: Check the opening words, the list and the answering-machine detection: people" in done.stdout


def test_rows_are_those_of_the_library(run: Run, folder: Path) -> None:
    with open_store(folder) as reader:
        risks = assess(reader)
    lines = [json.loads(line) for line in run("risk", folder, "--json").stdout.splitlines()]
    scores = {score.number: score.score for score in risks.scores}
    assert [{k: line[k] for k in RiskFactor._fields} for line in lines] == risks.table().records()
    assert [line["score"] for line in lines] == [scores[line["number"]] for line in lines]
    for number, score in scores.items():
        assert 100 - sum(line["points"] for line in lines if line["number"] == number) == score
    rows = table(run("risk", folder, "--csv").stdout)
    assert len(rows) == 81
    assert {row["factor"]: row["value"] for row in rows if row["number"] == A}["network_blocks"] == "4.0"


def test_some_states_only(run: Run, folder: Path) -> None:
    rows = table(run("risk", folder, "--csv", "--state", "high", "--state", "warn").stdout)
    assert {row["state"] for row in rows} == {"high"}
    assert {row["number"] for row in rows} == {A, B}
    assert [row["factor"] for row in table(run("risk", folder, "--csv", "--state", "high", "--number", A).stdout)] == [
        "off_hours", "network_blocks",
    ]  # fmt: skip
    text = run("risk", folder, "--state", "high").stdout
    assert C not in text
    assert " warn " not in text.splitlines()[0]
    unknown = run("risk", folder, "--state", "not_measurable").stdout.splitlines()
    assert unknown[0].split() == ["number", "score", "calls", "not_measurable"]
    assert not any(line.startswith("Do first") for line in unknown)


def test_a_limit(run: Run, folder: Path) -> None:
    assert "2 more rows; --limit shows more" in run("risk", folder, "--limit", "1").stdout
    assert len(table(run("risk", folder, "--csv", "--limit", "2").stdout)) == 2


def test_the_period(run: Run, folder: Path) -> None:
    text = run("risk", folder, "--since", "2026-02-03", "--until", "2026-02-04").stdout
    assert [line.split()[0] for line in text.splitlines()[1:2]] == [B]
    assert "No trends" in text
    none = run("risk", folder, "--since", "2026-03-03").stdout
    assert "No number called in this time." in none


def test_masked(run: Run, folder: Path) -> None:
    for options in ([], ["--csv"], ["--number", B]):
        text = run("risk", folder, "--mask", *options).stdout
        assert "55501" not in text
        assert "+1215555xxxx" in text
        if options:
            assert "+1212555xxxx" in text


def test_the_definitions(run: Run, tmp_path: Path) -> None:
    lines = run("risk", "--factors").stdout.splitlines()
    assert len(lines) == 29
    assert lines[16].split()[:9] == ["16", "off_hours", ">", "0", "%", ">", "1", "%", "4"]
    assert "47 CFR 64.1200(c)(1)" in lines[16]
    rows = [json.loads(line) for line in run("risk", "--factors", "--json").stdout.splitlines()]
    assert [row["number"] for row in rows] == list(range(1, 28))
    assert rows[16]["warn"] is None
    own = tmp_path / "own.toml"
    own.write_text("[weekend]\nwarn = 0.25\n[off_hours.settings]\nfirst_hour = 9\n")
    changed = table(run("risk", "--factors", "--csv", "--thresholds", own).stdout)
    assert (changed[16]["warn"], changed[16]["source"]) == ("0.25", "the operator's own.toml")
    assert changed[15]["settings"] == "first_hour=9 last_hour=21"


def test_thresholds_and_a_list_of_ones_own(run: Run, folder: Path, tmp_path: Path) -> None:
    own, listed = tmp_path / "own.toml", tmp_path / "dno.txt"
    own.write_text("[calls_per_day]\nwarn = 20\nhigh = 30\npoints_high = 50\n[numbers]\nmost = 2\n")
    listed.write_text(f"{B}\n")
    done = run("risk", folder, "--thresholds", own, "--dno", listed)
    lines = done.stdout.splitlines()
    assert lines[1].split()[:2] == [B, "17"]
    assert "calls_per_day, " in lines[1]
    assert lines[1].rstrip(" -").endswith("+1")
    whole = run("risk", folder, "--thresholds", own, "--dno", listed, "--state", "high").stdout.splitlines()[1]
    assert {name.strip() for name in whole.split("  ")[-1].split(",")} == {
        "calls_per_day", "short_calls", "call_duration", "caller_id"
    }  # fmt: skip
    assert "Left out: 1 numbers with fewer calls were not assessed: [numbers] most." in lines


def test_what_is_left_out_is_told(run: Run, tmp_path: Path) -> None:
    rows = [*of(A, calls(2)), *of("", calls(3)), answered(caller=A, at_us=10**18)]
    text = run("risk", write(tmp_path / "s", rows)).stdout
    assert "Left out: 1 calls without a time, or with an absurd one." in text
    assert "Left out: 3 calls whose calling number is not known." in text


def test_a_capture_and_call_records(run: Run, process: Process, capture: Path, tmp_path: Path) -> None:
    done = run("risk", capture, "--region", "US", "--csv", "-o", tmp_path / "out.csv")
    assert (done.return_value, done.stdout) == (0, "")
    rows = table((tmp_path / "out.csv").read_text())
    blocks = {row["number"]: row["value"] for row in rows if row["factor"] == "network_blocks"}
    assert blocks == {A: "2.0", B: "0.0"}
    records = Path(__file__).resolve().parents[1] / "data" / "cdr" / "asterisk-csv.csv"
    done = run("risk", records, "--json", "--tz", "UTC")
    assert done.return_value == 0
    assert {json.loads(line)["state"] for line in done.stdout.splitlines()} >= {"ok", "not_measurable"}
    both = process("risk", "-", "--region", "US", "--csv", stdin=capture.read_bytes())
    assert (both.status, both.out.decode()) == (0, (tmp_path / "out.csv").read_text())


def test_what_cannot_be_read_is_told(run: Run, folder: Path, capture: Path, tmp_path: Path) -> None:
    done = run("risk", capture, tmp_path / "gone.pcap", "--csv")
    assert (done.return_value, len(table(done.stdout))) == (1, 54)
    done = run("risk", tmp_path / "gone.pcap")
    assert (done.return_value, done.stdout) == (2, "")
    torn = write(tmp_path / "s", CALLS)
    (torn / max(files(torn))).write_bytes(b"torn")
    assert run("risk", torn).return_value == 1


def test_an_empty_store(run: Run, tmp_path: Path) -> None:
    assert run("store", "create", tmp_path / "s").return_value == 0
    lines = run("risk", tmp_path / "s").stdout.splitlines()
    assert lines[0].startswith("number  score")
    assert lines[1:] == ["There are no calls with a time that makes sense."]
    assert table(run("risk", tmp_path / "s", "--csv").stdout) == []


def test_a_formula_of_a_stranger_is_defused(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path / "s", of("=A1", [row(at_us=at(), verdict="busy")]))
    assert table(run("risk", folder, "--csv").stdout)[0]["number"] == "'=A1"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "expected the folder of a store"),
        (["S", "--csv", "--json"], "exclude each other"),
        (["S", "--factors"], "without calls, --number and --state"),
        (["--factors", "--state", "high"], "without calls, --number and --state"),
        (["S", "--state", "bad"], "is not one of"),
        (["S", "--number", "+12125550100"], "expected one number with calls in this period, found none"),
        (["S", "--number", "1"], "at least 4 digits"),
        (["S", "--since", "2026-02-01", "--until", "2026-01-01"], "ends after it begins"),
        (["S", "--since", "yesterday"], "expected a time"),
        (["S", "--thresholds", "gone.toml"], "gone.toml: expected a text file that can be read: No such file"),
        (["S", "--thresholds", "T"], "own.toml: calls_per_day.warn: expected a number"),
        (["S", "--dno", "T"], "own.toml: line 1: expected a number with country code"),
        (["S", "--dno", "X"], "expected a text file that can be read"),
    ],
)
def test_wrong_usage(process: Process, folder: Path, tmp_path: Path, options: list[Any], said: str) -> None:
    own, octets = tmp_path / "own.toml", tmp_path / "octets.txt"
    own.write_text("[calls_per_day]\nwarn = 'many'\n")
    octets.write_bytes(b"\xff\xfe\x00")
    named = {"S": folder, "T": own, "X": octets}
    done = process("risk", *(named.get(option, option) for option in options))
    assert (done.status, done.out) == (2, b"")
    assert said in " ".join(done.err.split())


def test_two_numbers_that_end_alike(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path / "s", [*of("+12155550123", calls(1)), *of("+13125550123", calls(1))])
    done = run("risk", folder, "--number", "5550123")
    assert "found 2" in str(done.exception)


def test_help_loads_no_engine() -> None:
    assert not {"duckdb", "numpy", "ringthrough.analytics", "ringthrough.store"} & modules("risk", "--help")
