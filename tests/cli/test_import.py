"""`ringthrough import`: each file once, whole or not at all, whatever kind it is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from ringthrough.calls import Call, Verdict
from ringthrough.store import Privacy, Writer, open_store
from tests.conftest import FULL, ROOT
from tests.diagnosis.made import diagnosed, made, pcap
from tests.diagnosis.made import records as packets
from tests.diagnosis.made import source as on_path
from tests.diagnosis.sources import RECORDS, captured, memory, printed, records, simulated

from .conftest import SCENES, Ran, Scene

Process = Callable[..., Ran]
Run = Callable[..., Result]


def stored(folder: Path) -> list[tuple[Call, Verdict]]:
    with open_store(folder) as reader:
        assert reader.problems == []
        return [row for batch in reader.rows() for row in batch]


def ids(folder: Path) -> Counter[str]:
    return Counter(call.call_id for call, _verdict in stored(folder))


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def put(run: Run, into: Path) -> Callable[..., list[str]]:
    """Import, and give what was said; checks the exit status."""

    def invoke(*arguments: object, status: int = 0, stdin: bytes | None = None) -> list[str]:
        told = run("import", *arguments, "--into", into, stdin=stdin)
        assert told.exception is None, told.output
        assert told.return_value == status, told.output
        return told.stdout.splitlines()

    return invoke


def test_every_kind_of_source(put: Callable[..., list[str]], into: Path, tmp_path: Path, run: Run) -> None:
    files = {"a.pcap": captured(SCENES), "b.txt": printed("ngrep", [Scene("traced@192.0.2.10")])}
    for name, octets in files.items():
        (tmp_path / name).write_bytes(octets)
    (tmp_path / "g.csv").write_bytes(records("generic.csv"))
    assert run("diagnose", RECORDS / "asterisk-csv.csv", "--tz", "UTC", "--parquet", "-o", tmp_path / "t.parquet",
               "-q").return_value == 0  # fmt: skip
    names = [tmp_path / name for name in ("a.pcap", "t.parquet", "g.csv", "b.txt")]
    said = put(*names, "--tz", "UTC")

    counts = {"a.pcap": "4 calls", "t.parquet": "6 calls", "g.csv": "3 calls", "b.txt": "1 call"}
    assert said[:4] == [f"{tmp_path / name}: {count} imported" for name, count in counts.items()]
    assert any("read as call records (generic)" in line for line in said)
    found = stored(into)
    assert Counter(call.source for call, _ in found) == {
        "capture": 4, "cdr asterisk-csv": 6, "cdr generic": 3, "trace": 1,
    }  # fmt: skip
    alone = [row for name in names for row in diagnosed([on_path(name)])[1] if name.suffix == ".csv"]
    assert {(c.call_id, v.verdict) for c, v in alone} <= {(c.call_id, v.verdict) for c, v in found}


def test_a_file_is_imported_once(put: Callable[..., list[str]], into: Path, tmp_path: Path) -> None:
    one, copy = tmp_path / "one.csv", tmp_path / "copy.csv"
    for path in (one, copy):
        path.write_bytes(records("generic.csv"))
    assert put(one)[0] == f"{one}: 3 calls imported"
    assert put(one) == [f"{one}: imported before (3 calls): nothing added"]
    assert put(copy) == [f"{copy}: imported before (3 calls): nothing added"]
    assert sum(ids(into).values()) == 3

    assert put(one, copy, "--tz", "UTC")[:1] == [f"{one}: 3 calls imported"], "other settings are another import"
    assert put(copy, one, "--tz", "UTC")[-1] == f"{one}: the same as {copy}: nothing added"
    assert ids(into) == {"c1": 2, "c2": 2, "c3": 2}
    with open_store(into) as reader:
        assert [each.label for each in reader.imported()] == [str(one)] * 2


def test_what_is_in_a_settings_file_counts_and_not_its_name(
    put: Callable[..., list[str]], into: Path, tmp_path: Path
) -> None:
    calls = tmp_path / "calls.csv"
    calls.write_bytes(records("generic.csv"))
    first, same = tmp_path / "first.toml", tmp_path / "same.toml"
    for path in (first, same):
        path.write_text('[[carrier]]\nname = "Fir"\nprefixes = ["+1213"]\n')
    assert put(calls, "--carriers", first)[0].endswith("3 calls imported")
    assert put(calls, "--carriers", same)[0].endswith("nothing added")
    first.write_text('[[carrier]]\nname = "Alder"\nprefixes = ["+1213"]\n')
    assert put(calls, "--carriers", first)[0].endswith("3 calls imported")
    assert sum(ids(into).values()) == 6


def test_rotated_captures_in_one_command_are_one_stream(
    put: Callable[..., list[str]], into: Path, tmp_path: Path
) -> None:
    whole = made(calls=80, duration_s=300.0)
    parts = packets(whole.octets)
    third = len(parts) // 3
    names = []
    for number in range(3):
        path = tmp_path / f"{number}.pcap"
        path.write_bytes(pcap(parts[number * third : (number + 1) * third if number < 2 else len(parts)]))
        names.append(path)
    said = put(*names)

    rows = diagnosed(memory(day=whole.octets))[1]
    assert ids(into) == Counter(call.call_id for call, _ in rows)
    assert sorted(v.verdict for _, v in stored(into)) == sorted(v.verdict for _, v in rows)
    assert any(call.final_file != call.file for call, _ in stored(into) if call.final_file)
    counts = Counter(call.file for call, _ in stored(into))
    assert said[:3] == [f"{name}: {counts[str(name)]} calls imported" for name in names]
    assert all(line.endswith("nothing added") for line in put(*reversed(names)))


def test_workers_import_the_same(put: Callable[..., list[str]], into: Path, tmp_path: Path, run: Run) -> None:
    (tmp_path / "a.pcap").write_bytes(simulated(60))
    (tmp_path / "g.csv").write_bytes(records("generic.csv"))
    put(tmp_path / "a.pcap", tmp_path / "g.csv", "--workers", "2", "--region", "US")
    other = tmp_path / "other"
    run("import", tmp_path / "a.pcap", tmp_path / "g.csv", "--region", "US", "--into", other)

    assert sorted(stored(into)) == sorted(stored(other))


def test_standard_input_is_known_by_what_it_held(put: Callable[..., list[str]], into: Path) -> None:
    assert put("-", stdin=records("generic.csv"))[0] == "standard input: 3 calls imported"
    assert put(RECORDS / "generic.csv")[0].endswith("imported before (3 calls): nothing added")
    assert sum(ids(into).values()) == 3


def test_a_table_and_a_store_can_be_imported(put: Callable[..., list[str]], into: Path, tmp_path: Path) -> None:
    first = tmp_path / "first"
    rows = diagnosed(memory(day=simulated(30)))[1]
    with Writer(first) as writer:
        writer.append(rows)
    tables = sorted(first.rglob("*.parquet"))
    put(*tables)

    assert sorted(stored(into)) == sorted(stored(first))


def test_a_file_of_which_nothing_was_read_can_be_given_again(
    put: Callable[..., list[str]], into: Path, tmp_path: Path
) -> None:
    path = tmp_path / "master.csv"
    path.write_bytes(records("asterisk-csv.csv"))
    assert put(path, status=2)[0] == f"{path}: nothing imported"
    assert put(path, status=2)[0] == f"{path}: nothing imported"
    assert put(path, "--tz", "UTC")[0] == f"{path}: 6 calls imported"
    with open_store(into) as reader:
        assert len(reader.imported()) == 1


def test_good_files_come_in_beside_bad_ones(process: Process, into: Path, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text("a,b\n1,2\n")
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(captured(SCENES)[:-20])
    good = RECORDS / "generic.csv"
    ran = process("import", tmp_path / "odd.csv", good, tmp_path / "none", cut, "--into", into)

    assert ran.status == 1
    assert [line.partition(": ")[0] for line in ran.err.splitlines()] == ["ringthrough"] * 3
    assert f"ringthrough: {tmp_path / 'none'}: " in ran.err
    assert f"{tmp_path / 'odd.csv'}: nothing imported" in ran.out.decode()
    assert {"c1", "c2", "c3"} < set(ids(into))
    again = process("import", good, tmp_path / "none", "--into", into)
    assert (again.status, again.err.count("\n")) == (1, 1)
    assert "imported before" in again.out.decode()


def test_nothing_to_import_makes_no_store(process: Process, into: Path, tmp_path: Path) -> None:
    ran = process("import", tmp_path / "none", "--into", into)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, b"", 1)
    assert not into.exists()
    assert process("import", "--into", into).status == 2
    assert process("import", RECORDS / "generic.csv").status == 2


def test_a_file_that_fails_while_it_is_read(process: Process, into: Path) -> None:
    path = Path("/proc/self/mem")
    if not path.exists():
        pytest.skip("no file that can be opened and not read")
    ran = process("import", path, "--into", into)
    assert (ran.status, ran.err) == (2, f"ringthrough: {path}: reading failed: Input/output error\n")


def test_a_folder_that_is_no_store(process: Process, tmp_path: Path) -> None:
    (tmp_path / "other.txt").touch()
    ran = process("import", RECORDS / "generic.csv", "--into", tmp_path)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, b"", 1)


def test_quiet(put: Callable[..., list[str]]) -> None:
    assert put(RECORDS / "generic.csv", "-q") == []
    assert put(RECORDS / "generic.csv", "-q") == []


def test_a_name_that_is_no_text(process: Process, into: Path, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff.csv"
    try:
        Path(os.fsdecode(path)).write_bytes(records("generic.csv"))
    except OSError:
        pytest.skip("this file system takes text only")
    ran = process("import", os.fsdecode(path), "--into", into)
    assert ran.status == 0
    assert b"\\xff.csv: 3 calls imported" in ran.out
    assert len(stored(into)) == 3


def test_a_store_with_a_key_needs_it(process: Process, into: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"0123456789abcdef")
    with Writer(into, privacy=Privacy("keyed"), key=key.read_bytes()):
        pass
    without = process("import", RECORDS / "generic.csv", "--into", into)
    assert (without.status, without.err.count("\n")) == (2, 1)
    assert process("import", RECORDS / "generic.csv", "--into", into, "--key", key).status == 0
    assert all("555" not in call.callee for call, _ in stored(into))


KILLED = """
import os, signal, sys
import duckdb, numpy
import ringthrough.cdr, ringthrough.cli.importing, ringthrough.cli.settings
from ringthrough.cli import cli
from tests.store.crashing import STEPS, die_before
folder, every, *names = sys.argv[1:]
number, ended = 1, False
while not ended:
    if (child := os.fork()) == 0:
        die_before(number)
        status = cli.main(["import", "-q", *names, "--into", f"{folder}/{number}"], standalone_mode=False)
        os._exit(status)
    status = os.waitpid(child, 0)[1]
    ended = status == 0
    if not ended and not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
        sys.exit(f"run {number} ended with {status}")
    number += int(every)
print(number)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_killed_at_any_step_nothing_half_is_left(tmp_path: Path, run: Run) -> None:
    """Two files: each is there whole or not at all, and the same command again makes it right."""
    every = 1 if FULL else 3
    names = [str(tmp_path / "day.pcap"), str(tmp_path / "calls.csv")]
    Path(names[0]).write_bytes(captured(SCENES))
    Path(names[1]).write_bytes(records("generic.csv"))
    whole = Counter([scene.call_id for scene in SCENES] + ["c1", "c2", "c3"])
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), str(every), *names],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    last = int(ran.stdout)
    assert last > 20
    seen = set()
    for number in range(1, last, every):
        into = tmp_path / str(number)
        if (into / "manifest.json").exists():
            found = ids(into)
            seen.add(found.total())
            assert found.total() in (0, 4, 7)
            assert found <= whole
        again = run("import", *names, "--into", into)
        assert again.return_value == 0, again.output
        assert ids(into) == whole
        with open_store(into) as reader:
            assert len(reader.imported()) == 2
    assert seen == {0, 4, 7}
