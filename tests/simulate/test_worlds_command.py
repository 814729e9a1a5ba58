from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ringthrough.cli.simulate import simulate
from ringthrough.diagnosis import read_calls
from ringthrough.simulate.worlds import world_named, world_names


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(simulate, [str(argument) for argument in arguments])


def world(output: Path, *arguments: str | Path, name: str = "flagged") -> Result:
    return run("--world", name, "--days", "2", "--volume", "0.05", "-o", output, *arguments)


def test_a_world_is_written_as_a_table_with_its_truth(tmp_path: Path) -> None:
    table, truth = tmp_path / "world.csv", tmp_path / "truth.jsonl"
    result = world(table, "--truth", truth, "--seed", "3", "--labels")
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(table.read_text("utf-8").splitlines()))
    assert result.output.splitlines()[0] == f"{table}: {len(rows)} calls in 2 days"
    expected = [row for batch in world_named("flagged", 3, days=2, scale=0.05).calls() for row in batch]
    assert [row["call_id"] for row in rows] == [row.call_id for row in expected]
    assert {row["campaign"] for row in rows} != {""}
    lines = [json.loads(line) for line in truth.read_text("utf-8").splitlines()]
    explicit = {line["call_id"] for line in lines if line["type"] == "call" and line["explicit"]}
    assert explicit == {row["call_id"] for row in rows if row["verdict"] == "network_blocked"}
    assert sum(line["attempts"] for line in lines if line["type"] == "cell") == len(rows)
    assert lines[0]["world"] == "flagged"


def test_a_number_is_the_seed_of_a_world_drawn_at_large(tmp_path: Path) -> None:
    assert world(tmp_path / "a.csv", name="7").exit_code == 0
    assert world(tmp_path / "b.csv", "--seed", "7", name="mixed").exit_code == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_world_is_written_as_parquet(tmp_path: Path) -> None:
    path = tmp_path / "world.parquet"
    result = world(path, "--table", "parquet", "--start", "2026-07-01")
    assert result.exit_code == 0, result.output
    calls = list(read_calls(path))
    assert f"{len(calls):,} calls" in result.output
    assert {call.carrier for call, _ in calls} <= set(world_named("flagged", 1, days=1).carriers)
    assert min(call.at_us for call, _ in calls) >= 1_782_864_000_000_000


def test_a_world_is_written_as_call_records(tmp_path: Path) -> None:
    path = tmp_path / "world.csv.gz"
    result = world(path, "--table", "cdr:generic", "--compress", "gz")
    assert result.exit_code == 0, result.output
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    assert f"{len(lines) - 1:,} calls" in result.output


@pytest.mark.parametrize("truth", [False, True])
def test_a_world_is_written_as_a_capture(truth: bool, tmp_path: Path) -> None:
    path, told = tmp_path / "world.pcap", tmp_path / "truth.jsonl"
    result = world(path, "--table", "pcap", "--shape", "vlan", *(("--truth", told) if truth else ("--no-truth",)))
    assert result.exit_code == 0, result.output
    assert f"{len(list(read_calls(path))):,} calls" in result.output
    assert told.exists() is truth
    assert len(list(tmp_path.iterdir())) == 1 + truth


@pytest.mark.slow
@pytest.mark.parametrize("table", ["csv", "parquet", "pcap", "cdr:twilio-insights", "cdr:kamailio-acc"])
def test_a_truth_stands_beside_every_world(table: str, tmp_path: Path) -> None:
    path = tmp_path / "world.out"
    assert world(path, "--table", table).exit_code == 0
    lines = [json.loads(line) for line in (tmp_path / "world.out.truth.jsonl").read_text("utf-8").splitlines()]
    assert lines[0]["type"] == "header"
    assert (lines[0]["table"], lines[-1]["type"]) == (table, "totals")
    options = {} if "cdr" not in table else {"tz": "UTC"}
    told = {line["call_id"] for line in lines if line["type"] == "call"}
    assert told == {call.call_id for call, _ in read_calls(path, **options)}


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["freeswitch-csv", "cisco-cucm"])
def test_the_truth_names_the_records_of_a_dialect_with_ids_of_its_own(profile: str, tmp_path: Path) -> None:
    path, truth = tmp_path / "calls.txt", tmp_path / "truth.jsonl"
    assert world(path, "--table", f"cdr:{profile}", "--truth", truth).exit_code == 0
    lines = [json.loads(line) for line in truth.read_text("utf-8").splitlines()]
    told = [line["record_id"] for line in lines if line["type"] == "call"]
    assert told == [call.call_id for call, _ in read_calls(path, tz="UTC", region="US")]


@pytest.mark.slow
def test_a_world_is_written_with_a_profile_of_ones_own(tmp_path: Path) -> None:
    profile, path = tmp_path / "own.toml", tmp_path / "own.csv"
    profile.write_text(
        'name = "own"\ntitle = "mine"\n[time]\nzone = "utc"\n'
        '[fields]\nat = "When"\ncaller = "A"\ncallee = "B"\nfinal_code = "Status"\n',
        "utf-8",
    )
    result = world(path, "--table", f"cdr:{profile}")
    assert result.exit_code == 0, result.output
    assert path.read_text("utf-8").startswith("When,A,B,Status\n2026-06-01T00:00:")
    profile.write_text("name = 3", "utf-8")
    result = world(path, "--table", f"cdr:{profile}")
    assert result.exit_code == 2
    assert "own.toml: name" in " ".join(result.output.split())


@pytest.mark.slow
def test_a_device_has_no_truth_beside_it() -> None:
    result = world(Path("/dev/null"))
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) == 1


def test_worlds_are_listed() -> None:
    result = run("--list-worlds")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == list(world_names())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--world", "nowhere"), "expected a seed or one of mixed"),
        (("--world", "mixed", "--table", "papyrus"), "expected csv, parquet, cdr:PROFILE or pcap, found 'papyrus'"),
        (("--world", "mixed", "--table", "cdr:abacus"), "abacus"),
        (
            ("--world", "mixed", "--table", "cdr:nowhere.toml"),
            "expected a profile that can be read, found: nowhere.toml",
        ),
        (("--world", "mixed", "--truth", "a", "--no-truth"), "--truth and --no-truth exclude each other"),
        (("--world", "mixed", "--table", "parquet", "--compress", "gz"), "--compress means nothing"),
        (("--world", "mixed", "--table", "pcap", "--shape", "tcp"), "expected one of ethernet"),
        (("--world", "mixed", "--start", "2026-06-01T08:00:00"), "begins at midnight"),
        (("--world", "mixed", "--seed", "-1"), "expected a seed of 0 or more"),
        (("--world", "mixed", "--calls", "3", "--mix", "demo"), "--calls, --mix means nothing beside --world"),
        (("--days", "3", "--labels"), "--days, --labels means nothing without --world"),
        (("--table", "csv"), "--table means nothing without --world"),
    ],
)
def test_what_cannot_be_is_said(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    result = run(*arguments, *(("--days", "1") if "--world" in arguments else ()), "-o", tmp_path / "out")
    assert result.exit_code == 2, result.output
    assert says in " ".join(result.output.split())


def test_calls_and_truth_need_two_files(tmp_path: Path) -> None:
    result = world(tmp_path / "a", "--truth", tmp_path / "a")
    assert result.exit_code == 2
    assert "two files" in result.output


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    result = world(tmp_path / "absent" / "a.csv")
    assert result.exit_code == 1
    assert "cannot write" in result.output
