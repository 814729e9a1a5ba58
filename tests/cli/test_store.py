from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import duckdb
import pytest
from click.testing import Result

from ringthrough.errors import BackendError, LocalError
from ringthrough.report.rows import OUTPUT
from ringthrough.store import Privacy, Writer, open_store
from tests.store.made import DAY_US, START_US, Row, files, ids, make_row, rows, write

from .conftest import Ran
from .test_group import modules

Run = Callable[..., Result]
Process = Callable[..., Ran]
KEY = b"a key of 16 octets or more"

CALLS: tuple[Row, ...] = (
    make_row(
        call_id="a", at_us=START_US, caller="+12155550123", callee="+12125550199", caller_raw="2155550123",
        final_code=603, verdict="network_blocked", confidence=0.98, final_phrase='=no, "thanks"', ring_ms=0,
        because="Blocked for 2155550123.", file="day.pcap", frame=12,
    ),
    make_row(call_id="b", at_us=START_US + DAY_US, caller="+12155550124", verdict="busy", final_code=486),
    make_row(call_id="c", at_us=START_US + 2 * DAY_US, callee="+12155550123", verdict="incomplete"),
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "s", CALLS[1:], CALLS[:1])


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_the_columns_of_diagnose_in_the_order_of_time(run: Run, folder: Path) -> None:
    done = run("export", folder, "--csv")
    found = table(done.stdout)
    assert (done.return_value, done.stderr) == (0, "3 calls written\n")
    assert tuple(found[0]) == OUTPUT
    assert [row["call_id"] for row in found] == ["a", "b", "c"]
    first = found[0]
    assert (first["at"], first["final_code"], first["ring_ms"], first["setup_ms"], first["early_media"]) == (
        "2026-01-01T00:00:00.000000Z", "603", "0", "", "false",
    )  # fmt: skip
    assert first["final_phrase"] == '\'=no, "thanks"'


def test_all_forms_say_the_same(run: Run, folder: Path, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in run("export", folder, "--json", "-q").stdout.splitlines()]
    for options in ([], ["--limit", "99"]):
        target = tmp_path / "out.parquet"
        done = run("export", folder, "--parquet", "-o", target, *options)
        assert (done.return_value, done.stdout, done.stderr) == (0, "", "3 calls written\n")
        with duckdb.connect() as engine:
            shown = ", ".join("strftime(\"at\", '%Y-%m-%dT%H:%M:%S.%fZ')" if n == "at" else f'"{n}"' for n in OUTPUT)
            cells = engine.execute(f"SELECT {shown} FROM read_parquet(?)", [str(target)]).fetchall()
        assert [dict(zip(OUTPUT, row, strict=True)) for row in cells] == lines


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--verdict", "busy"], "b"),
        (["--verdict", "busy", "--verdict", "incomplete"], "bc"),
        (["--since", "2026-01-02"], "bc"),
        (["--until", "2026-01-02"], "a"),
        (["--since", "2026-01-02T00:00:00Z", "--until", "2026-01-03T01:00:00+01:00"], "b"),
        (["--number", "+12155550123"], "ac"),
        (["--number", "(215) 555-0123", "--region", "US"], "ac"),
        (["--number", "0123"], "ac"),
        (["--number", "0123", "--number", "0124"], "abc"),
        (["--number", "0123", "--verdict", "incomplete"], "c"),
        (["--code", "6xx"], "a"),
        (["--code", "486", "--code", "none"], "bc"),
        (["--limit", "0"], ""),
        (["--limit", "1"], "a"),
        (["--limit", "2", "--since", "2026-01-02"], "bc"),
        (["--verdict", "declined"], ""),
    ],
    ids=" ".join,
)
def test_which_calls(run: Run, folder: Path, tmp_path: Path, options: list[str], expected: str) -> None:
    for form in ("--csv", "--parquet"):
        target = tmp_path / "out.parquet"
        done = run("export", folder, form, "-o", target, *options)
        assert done.return_value == 0
        assert f"{len(expected)} call" in done.stderr
        if form == "--csv":
            found = [row["call_id"] for row in table(target.read_text())]
        else:
            with duckdb.connect() as engine:
                found = [cell for (cell,) in engine.execute(f"SELECT call_id FROM '{target}'").fetchall()]
        assert "".join(found) == expected


@pytest.mark.parametrize("form", ["--csv", "--json", "--parquet"])
def test_masked(run: Run, folder: Path, tmp_path: Path, form: str) -> None:
    target = tmp_path / "out.parquet"
    assert run("export", folder, form, "--mask", "-o", target, "-q", "--number", "+12155550123").return_value == 0
    if form == "--parquet":
        with duckdb.connect() as engine:
            text = str(engine.execute(f"FROM '{target}'").fetchall())
    else:
        text = target.read_text()
    assert "+1215555xxxx" in text
    assert "0123" not in text


def test_a_store_of_keyed_hashes(run: Run, tmp_path: Path) -> None:
    key, folder = tmp_path / "key", tmp_path / "s"
    key.write_bytes(KEY + b"\n")
    done = run("store", "create", folder, "--privacy", "keyed", "--keep-digits", "4", "--key", key)
    assert done.return_value == 0
    with Writer(folder, key=KEY) as writer:
        writer.append(list(CALLS))
    assert "numbers are kept: keyed, 4 digits kept" in run("store", "info", folder).stdout
    found = table(run("export", folder, "--csv", "--number", "+12155550123", "--key", key, "-q").stdout)
    assert [row["call_id"] for row in found] == ["a", "c"]
    assert found[0]["caller"] == found[1]["callee"]
    assert found[0]["caller"].startswith("1215~")
    assert run("store", "compact", folder).return_value == 0
    assert run("store", "expire", folder, "--before", "2026-01-02").stdout == "1 calls removed\n"
    with pytest.raises(LocalError, match="expected its key"):
        run_raising(run, "export", folder, "--csv", "--number", "+12155550123")
    with pytest.raises(LocalError, match="expected a whole number"):
        run_raising(run, "export", folder, "--csv", "--number", "0123", "--key", key)


def run_raising(run: Run, *arguments: object) -> None:
    done = run(*arguments)
    assert done.exception is not None
    raise done.exception


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        (["export", "S"], click.UsageError, "choose one form"),
        (["export", "S", "--csv", "--json"], click.UsageError, "choose one form"),
        (["export", "S", "--parquet"], click.UsageError, "--parquet needs -o"),
        (["export", "S", "--csv", "--since", "soon"], click.BadParameter, "expected a time"),
        (["export", "S", "--csv", "--code", "99"], click.BadParameter, "expected a code"),
        (["export", "S", "--csv", "--number", "1"], click.BadParameter, "at least 4 digits"),
        (["export", "S", "--csv", "--number", "+12155550123", "--key", "T/no"], click.BadParameter, "No such file"),
        (["export", "T/nowhere", "--csv"], LocalError, "expected the folder of a store"),
        (["export", "S", "--csv", "-o", "T/no/out"], BackendError, "No such file"),
        (["export", "S", "--parquet", "-o", "T/no/out"], BackendError, "No such file"),
        (["store", "info", "T/nowhere"], LocalError, "expected the folder of a store"),
        (["store", "compact", "T/nowhere"], LocalError, "expected the folder of a store"),
        (["store", "expire", "S"], click.UsageError, "one of --before DATE and --keep DAYS"),
        (["store", "expire", "S", "--before", "2026-01-01", "--keep", "3"], click.UsageError, "one of"),
        (["store", "expire", "S", "--before", "then"], click.BadParameter, "expected a time"),
        (["store", "create", "T/new", "--privacy", "keyed"], LocalError, "expected its key"),
        (["store", "create", "S", "--privacy", "masked"], LocalError, "cannot be changed"),
        (["store", "create", "T/new", "--keep-digits", "3"], LocalError, "only with keyed"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_goes_wrong(
    run: Run, folder: Path, tmp_path: Path, arguments: list[str], kind: type[Exception], words: str
) -> None:
    placed = [str(folder) if a == "S" else a.replace("T/", f"{tmp_path}/") for a in arguments]
    with pytest.raises(kind) as caught:
        run_raising(run, *placed)
    assert words in (caught.value.format_message() if isinstance(caught.value, click.UsageError) else str(caught.value))
    assert sorted(ids(folder)) == ["a", "b", "c"]


def test_what_is_missing_is_said_and_the_rest_written(process: Process, folder: Path) -> None:
    torn = sorted(files(folder))[0]
    (folder / torn).write_bytes(b"PAR1")
    (folder / "notes.txt").write_text("mine")
    ran = process("export", folder, "--csv", "-q")
    assert ran.status == 1
    assert [row["call_id"] for row in table(ran.out.decode())] == ["b", "c"]
    assert f"ringthrough: {torn}: expected a segment of 1 rows" in ran.err
    assert "notes.txt: expected nothing but the store's own files" in ran.err
    assert process("store", "info", folder).status == 1
    ran = process("store", "compact", folder)
    assert (ran.status, ran.out) == (1, b"0 segments fewer\n")


def test_info(run: Run, folder: Path) -> None:
    with Writer(folder) as writer:
        with writer.importing("f" * 64, label="monday.csv") as job:
            job.append(rows(0, 1_500))
        writer.compact(0)
    told = run("store", "info", folder).stdout
    assert "1,503 calls in 3 segments" in told
    assert "to be removed: 2 files" in told
    assert [line.split()[:3] for line in told.splitlines() if line.startswith("2026")] == [
        ["2026-01-01", "1,501", "1"], ["2026-01-02", "1", "1"], ["2026-01-03", "1", "1"],
    ]  # fmt: skip
    assert "1,500  monday.csv" in told
    facts: dict[str, Any] = json.loads(run("store", "info", folder, "--json", "--verify").stdout)
    assert (facts["calls"], facts["privacy"], facts["problems"]) == (1503, "plain", [])
    assert facts["imports"] == [{"label": "monday.csv", "calls": 1500, "source_id": "f" * 64}]
    name = sorted(files(folder))[-1]
    (folder / name).write_bytes(bytes(len((folder / name).read_bytes()) - 4) + b"PAR1")
    assert run("store", "info", folder).return_value == 0
    done = run("store", "info", folder, "--json", "--verify")
    assert done.return_value == 1
    assert [p["code"] for p in json.loads(done.stdout)["problems"]] == ["store-segment-changed"]


def test_info_of_an_empty_store(run: Run, tmp_path: Path) -> None:
    assert run("store", "create", tmp_path / "s").return_value == 0
    assert run("store", "info", tmp_path / "s").stdout == (
        "0 calls in 0 segments, 0 octets\nnumbers are kept: plain\n"
    )  # fmt: skip
    assert table(run("export", tmp_path / "s", "--csv", "-q").stdout) == []


def test_compact_and_expire(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path / "s", rows(0, 2), rows(2, 4), rows(4, 5, day=1), [make_row(call_id="u", at_us=2**62)])
    before = run("export", folder, "--csv", "-q").stdout
    assert run("store", "compact", folder).stdout == "1 segments fewer\n"
    assert run("export", folder, "--csv", "-q").stdout == before
    assert len(files(folder)) == 5
    assert run("store", "compact", folder, "--grace", "0").stdout == "0 segments fewer\n"
    assert len(files(folder)) == 3
    assert run("store", "expire", folder, "--before", "2026-01-02").stdout == "4 calls removed\n"
    assert run("store", "expire", folder, "--keep", "36500").stdout == "0 calls removed\n"
    assert ids(folder) == ["c4", "u"]
    assert run("store", "expire", folder, "--keep", "1", "--undated", "--grace", "0").stdout == "2 calls removed\n"
    assert (ids(folder), files(folder)) == ([], set())


def test_a_store_that_is_being_written(run: Run, folder: Path) -> None:
    with Writer(folder, privacy=Privacy()), pytest.raises(BackendError, match="writes this store"):
        run_raising(run, "store", "compact", folder)
    with Writer(folder):
        assert run("export", folder, "--csv").return_value == 0


@pytest.mark.parametrize("command", ["export", "store"])
def test_help_loads_no_engine(command: str) -> None:
    loaded = modules(command, "--help")
    assert not loaded & {"duckdb", "msgspec", "ringthrough.store", "ringthrough.report"}


def test_a_reader_that_leaves_early_leaves_the_store_alone(folder: Path) -> None:
    with open_store(folder) as reader:
        first = next(reader.rows(batch_rows=1))
    assert len(first) == 1
    assert write(folder, rows(10, 11)) == folder
