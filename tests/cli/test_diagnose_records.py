"""`ringthrough diagnose` on call records, traces and tables: options, wrong options, and what is said of bad files."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.conftest import ROOT
from tests.diagnosis.sources import PACKED, RECORDS, captured, printed, records

from .conftest import SCENES, Ran, Scene

Process = Callable[..., Ran]
Run = Callable[..., Result]
GENERIC, MASTER = RECORDS / "generic.csv", RECORDS / "asterisk-csv.csv"


def rows(run: Run, *arguments: object, stdin: bytes | None = None, status: int = 0) -> list[dict[str, Any]]:
    told = run("diagnose", "--json", "-q", "--no-progress", *arguments, stdin=stdin)
    assert told.exception is None, told.output
    assert told.return_value == status, told.output
    return [json.loads(line) for line in told.stdout.splitlines()]


def test_the_summary_of_a_file_of_records(process: Process) -> None:
    ran = process("diagnose", MASTER, "--tz", "America/Chicago")
    text = ran.out.decode()

    assert (ran.status, ran.err) == (0, "")
    assert "6 calls in 1 file, 2026-11-20 15:20:06 to 2026-11-20 15:20:11 UTC" in text
    assert f"{MASTER}: read as call records (asterisk-csv): 18 columns without a header" in text


def test_the_example_of_the_readme_prints_what_it_says(process: Process, tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_bytes(MASTER.read_bytes())
    text = (ROOT / "README.md").read_text("utf-8")
    command = "ringthrough diagnose calls.csv --tz America/Chicago\n"
    shown = text.partition(f"$ {command}")[2].partition("```")[0].split("...\n")
    out = process(*command.split()[1:], cwd=tmp_path).out.decode()

    assert len(shown) == 3
    assert all(part in out for part in shown)


def test_local_times_without_a_zone(process: Process) -> None:
    ran = process("diagnose", MASTER, "--csv")
    assert ran.status == 2
    assert "expected a time zone" in ran.err
    assert "--tz" in ran.err

    ran = process("diagnose", MASTER, GENERIC, "--csv", "-q")
    assert ran.status == 1
    assert ran.err.count("\n") == 1
    assert f"{MASTER}: line 1: expected a time zone for '2026-11-20 09:20:06'" in ran.err
    assert len(list(csv.DictReader(io.StringIO(ran.out.decode())))) == 3


MINE = """
name = "mine"
title = "mine"
[time]
formats = ["iso"]
zone = "local"
[fields]
at = "when"
callee = "whom"
final_code = "code"
trunk = "via"
"""


def test_profile_map_zone_numbers_and_trunks(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(MINE)
    (tmp_path / "calls.csv").write_text(
        "when,whom,code,other,via\n2026-11-20 03:20:06,2125550199,603,486,t-1\n"
        "2026-11-20 03:20:07,2125550200,603,486,\n"
    )
    (tmp_path / "carriers.toml").write_text('[[carrier]]\nname = "Alder"\ntrunks = ["t-1"]\n')
    (tmp_path / "numbers.csv").write_text("number,carrier\n(212) 555-0200,Fir\n")
    one, two = rows(
        run, tmp_path / "calls.csv", "--profile", tmp_path / "mine.toml", "--map", "final_code=other", "--tz",
        "America/Chicago", "--region", "US", "--carriers", tmp_path / "carriers.toml", "--numbers",
        tmp_path / "numbers.csv",
    )  # fmt: skip

    assert (one["at"], one["callee"], one["final_code"], one["carrier"]) == (
        "2026-11-20T09:20:06.000000Z", "+12125550199", 486, "Alder",
    )  # fmt: skip
    assert (two["callee"], two["carrier"], two["source"]) == ("+12125550200", "Fir", "cdr mine")
    named = rows(run, MASTER, "--profile", "asterisk-csv", "--tz", "UTC")
    assert {row["source"] for row in named} == {"cdr asterisk-csv"}


def test_the_day_of_a_trace(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "trace.txt"
    path.write_bytes(printed("tcpdump", SCENES[:1]).replace(b"2026-01-01 ", b""))
    (row,) = rows(run, path, "--date", "2026-11-20", "--tz", "UTC")

    assert row["at"].startswith("2026-11-20T00:00:00")


WRONG = [
    ("--tz", "Nowhere/None", "expected a time zone such as America/Chicago"),
    ("--profile", "nope", "found 'nope'"),
    ("--profile", "./none.toml", "./none.toml: expected a profile that can be read: No such file or directory"),
    ("--profile", "./octets.toml", "./octets.toml: expected a profile that can be read"),
    ("--profile", "./wrong.toml", "./wrong.toml: title: expected a text"),
    ("--map", "shoe=size", "found 'shoe=size'"),
    ("--map", "callee", "found 'callee'"),
    ("--date", "yesterday", "expected a date such as 2026-11-20, found 'yesterday'"),
    ("--date", "2026-13-01", "expected a date such as 2026-11-20, found '2026-13-01'"),
    ("--numbers", "none.csv", "none.csv: expected a CSV file that can be read: No such file or directory"),
    ("--numbers", "wrong.toml", "wrong.toml: line 2: expected the columns number and carrier"),
    ("--carriers", "trunks.toml", "trunks.toml: carrier 1: trunks: expected names of trunks"),
]


@pytest.mark.parametrize("command", ["diagnose", "import"])
@pytest.mark.parametrize(("option", "value", "said"), WRONG, ids=[f"{o} {v}" for o, v, _ in WRONG])
def test_wrong_options(
    process: Process, tmp_path: Path, command: str, option: str, value: str, said: str
) -> None:  # fmt: skip
    (tmp_path / "octets.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "wrong.toml").write_text('name = "mine"\nbasis = "seen"\n')
    (tmp_path / "trunks.toml").write_text('[[carrier]]\nname = "x"\ntrunks = [""]\n')
    into = ["--into", "store"] if command == "import" else []
    ran = process(command, GENERIC, option, value, *into, cwd=tmp_path)

    assert (ran.status, ran.out) == (2, b"")
    (line,) = [line for line in ran.err.splitlines() if line and not line.startswith(("Usage:", "Try "))]
    assert said in line
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("pack", [None, "gzip", "zstd"])
def test_standard_input_and_packed_files(run: Run, tmp_path: Path, pack: str | None) -> None:
    packed = PACKED[pack] if pack else bytes
    table = tmp_path / "t.parquet"
    assert run("diagnose", GENERIC, "--parquet", "-o", table, "-q").return_value == 0
    files = {
        "capture": captured(SCENES), "trace": printed("ngrep", SCENES), "cdr generic": records("generic.csv"),
        "table": table.read_bytes(),
    }  # fmt: skip
    for kind, octets in files.items():
        piped = rows(run, "-", "--tz", "UTC", stdin=packed(octets))
        path = tmp_path / "unnamed"
        path.write_bytes(packed(octets))
        read = rows(run, path, "--tz", "UTC")
        assert [row["call_id"] for row in piped] == [row["call_id"] for row in read], kind
        assert {row["source"] for row in read} == {"cdr generic" if kind == "table" else kind}
        if kind != "table":
            assert {row["file"] for row in piped} == {"standard input"}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_mix_in_one_command(run: Run, tmp_path: Path, workers: int) -> None:
    (tmp_path / "a.pcap").write_bytes(captured(SCENES[:2]))
    (tmp_path / "b.pcap.gz").write_bytes(gzip.compress(captured(SCENES[2:])))
    (tmp_path / "c.txt").write_bytes(printed("pjsip", [Scene("traced@192.0.2.10")]))
    names = [tmp_path / "a.pcap", GENERIC, tmp_path / "b.pcap.gz", tmp_path / "c.txt", MASTER]
    found = rows(run, *names, "--tz", "UTC", "--workers", workers)

    assert [row["source"] for row in found] == [
        *["capture"] * 4, "trace", *["cdr generic"] * 3, *["cdr asterisk-csv"] * 6,
    ]  # fmt: skip
    assert {row["file"] for row in found} == {str(name) for name in names}


def test_an_unknown_file_names_sniff(process: Process, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("a,b,c\n1,2,3\n")
    ran = process("diagnose", path, "-q")

    assert ran.status == 2
    assert ran.err.count("\n") == 1
    assert ran.err.startswith(f"ringthrough: {path}: expected a capture, a text trace or call records")
    assert "ringthrough sniff" in ran.err


@pytest.mark.parametrize(
    ("name", "said"), [("empty", "found an empty file"), ("folder", "found a directory"), ("none", "found no file of")]
)
def test_files_that_are_none(process: Process, tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()
    alone = process("diagnose", tmp_path / name, "-q")
    assert (alone.status, alone.err.count("\n")) == (2, 1)
    assert said in alone.err

    together = process("diagnose", tmp_path / name, GENERIC, "--csv", "-q")
    assert (together.status, together.err.count("\n"), together.out.count(b"\n")) == (1, 1, 4)


def test_bad_records_are_named_by_file_and_line(process: Process, tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_bytes(records("generic.csv") + b"c4,never,1,2,x,y,603,,\n" * 30)
    ran = process("diagnose", path)
    text = ran.out.decode()

    assert ran.status == 1
    assert f"{path}: line 5: expected a time" in text
    assert f"{path}: 30 x bad-time: a time not as the profile says" in text
    assert "3 calls in 1 file" in text


def test_damaged_parquet_beside_a_good_file(process: Process, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    assert process("diagnose", GENERIC, "--parquet", "-o", path, "-q").status == 0
    path.write_bytes(path.read_bytes()[:-100])
    ran = process("diagnose", path, GENERIC, "--csv", "-q")

    assert (ran.status, ran.err.count("\n"), ran.out.count(b"\n")) == (1, 1, 4)
    assert ran.err.startswith(f"ringthrough: {path}: expected a Parquet file that can be read")


def test_parquet_of_ours_read_again_says_the_same(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "t.parquet"
    (tmp_path / "day.pcap").write_bytes(captured(SCENES))
    given = (tmp_path / "day.pcap", MASTER, "--tz", "UTC")
    assert run("diagnose", *given, "--parquet", "-o", table, "-q").return_value == 0

    assert rows(run, table) == rows(run, *given)


# ---------------------------------------------------------------------- one call


def test_the_ladder_of_a_trace(process: Process, tmp_path: Path) -> None:
    path = tmp_path / "trace.txt"
    path.write_bytes(printed("ngrep", SCENES))
    ran = process("diagnose", path, "--call", "blocked-1", "--tz", "America/Chicago", "--pcap", tmp_path / "cut.pcap")
    text = ran.out.decode()

    assert ran.status == 0
    assert "starts at 2026-01-01 06:00:00.000000 UTC" in text
    assert "603 Network Blocked" in text
    assert "192.0.2.10" in text
    assert "decided by    frame" in text
    again = process("diagnose", tmp_path / "cut.pcap", "--csv", "-q")
    assert again.out.count(b"network_blocked") == 1


def test_a_record_has_no_ladder_and_says_so(process: Process, tmp_path: Path) -> None:
    ran = process("diagnose", GENERIC, "--call", "c3", "--pcap", tmp_path / "cut.pcap")
    text = ran.out.decode()

    assert ran.status == 1
    assert "not written, for there are no messages of this call" in ran.err
    assert not (tmp_path / "cut.pcap").exists()
    assert "verdict       provider_blocked" in text
    assert f"record        4 of {GENERIC}, read as generic" in text
    assert "it says       blocked: spam blocked" in text
    assert "it lacks      ringing, times" in text
    assert "no ladder     a call record holds no messages" in text
    plain = process("diagnose", GENERIC, "--call", "c3", "--mask")
    assert (plain.status, plain.err) == (0, "")
    assert b"0608" not in plain.out


def test_a_row_of_a_table_whose_capture_is_not_given(run: Run, tmp_path: Path) -> None:
    (tmp_path / "day.pcap").write_bytes(captured(SCENES))
    table = tmp_path / "t.parquet"
    run("diagnose", tmp_path / "day.pcap", "--parquet", "-o", table, "-q")
    alone = run("diagnose", table, "--call", "blocked-1")
    assert alone.return_value == 0
    assert f"no ladder     the messages are in {tmp_path / 'day.pcap'}, which was not given" in alone.output
    assert "verdict       network_blocked" in alone.output


def test_one_call_of_a_mix_has_its_ladder_and_its_record(run: Run, tmp_path: Path) -> None:
    (tmp_path / "day.pcap").write_bytes(captured([Scene("c1")]))
    told = run("diagnose", tmp_path / "day.pcap", GENERIC, "--call", "c1")

    assert told.return_value == 0
    assert "603 Network Blocked" in told.output
    assert f"record        2 of {GENERIC}" in told.output


def test_a_call_that_is_nowhere(process: Process) -> None:
    ran = process("diagnose", GENERIC, "--call", "nobody")

    assert ran.status == 2
    assert "expected a Call-ID of this data set, found none" in ran.err
