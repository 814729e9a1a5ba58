"""`read_calls`: the library's way from any source to rows, columns and relations."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from ringthrough.calls import COLUMNS, Call, Verdict
from ringthrough.cdr import profile_named
from ringthrough.diagnosis import Calls, read_calls
from ringthrough.errors import BackendError, LocalError
from ringthrough.store import Writer
from tests.cli.conftest import SCENES
from tests.conftest import ROOT
from tests.diagnosis.made import diagnosed, on_disk
from tests.diagnosis.sources import RECORDS, captured, memory, printed, records, simulated

GENERIC = RECORDS / "generic.csv"
ALL_COLUMNS = {"at" if column.name == "at_us" else column.name for column in COLUMNS}


def test_rows() -> None:
    calls = read_calls(GENERIC, region="US")

    assert calls.files == []
    rows = calls.rows()
    assert [(call.call_id, verdict.verdict) for call, verdict in rows] == [
        ("c1", "unknown_rejection"), ("c2", "answered"), ("c3", "provider_blocked"),
    ]  # fmt: skip
    assert rows[0][0].caller == "+13125550349"
    assert (len(calls.files), calls.files[0].tally.sip, calls.problems) == (1, 3, [])
    assert "read as call records (generic)" in calls.notes[0]
    assert list(calls) == rows, "each way reads anew"


def test_several_files_are_one_data_set(tmp_path: Path) -> None:
    octets = captured(SCENES[:1])
    sources = on_disk(tmp_path, octets[:300], printed("ngrep", SCENES), names=("a.pcap", "b.txt"))
    assert len(sources) == 2
    calls = read_calls([str(tmp_path / "a.pcap"), tmp_path / "b.txt"], tz="UTC", own=("192.0.2.0/24",))

    assert {call.direction for call, _ in calls} == {"outbound"}
    assert [Path(report.name).name for report in calls.files] == ["a.pcap", "b.txt"]
    assert [problem.code for problem in calls.problems] == ["captures-cut-record"]


def test_columns() -> None:
    calls = read_calls(str(GENERIC))

    assert calls.columns("call_id", "final_code", "verdict") == {
        "call_id": ["c1", "c2", "c3"],
        "final_code": [603, 200, None],
        "verdict": ["unknown_rejection", "answered", "provider_blocked"],
    }
    assert tuple(calls.columns()) == (*Call._fields, *Verdict._fields)
    with pytest.raises(LocalError) as caught:
        calls.columns("verdict", "shoe_size")
    assert caught.value.problem.code == "diagnosis-column"
    assert "'shoe_size'" in str(caught.value)


def test_a_relation_has_the_columns_of_the_parquet_output() -> None:
    calls = read_calls(GENERIC)
    found = calls.relation()

    assert set(found.columns) == ALL_COLUMNS
    assert found.aggregate("carrier, count(*) AS n").order("carrier").fetchall() == [("carrier-a", 2), ("carrier-b", 1)]
    assert calls.relation().filter("final_code = 603").fetchall()[0][:1] == found.fetchall()[0][:1]
    assert len(calls.files) == 1


def test_batches_stream(tmp_path: Path) -> None:
    """The first rows are there before the file is at its end, and a reading that was left tells nothing."""
    line = "c,2026-11-20T09:20:06Z,3125550349,2135550603,x,y,603,Decline,rejected\n"
    path = tmp_path / "long.csv"
    path.write_text(records("generic.csv").decode() + line * 50_000)
    calls = read_calls(path)
    batches = calls.batches()

    assert 0 < len(next(batches)) < 25_000
    assert calls.files == []
    batches.close()  # type: ignore[attr-defined]
    assert [call.frame for call, _ in islice(calls, 3)] == [2, 3, 4]


def test_a_store(tmp_path: Path) -> None:
    rows = diagnosed(memory(day=simulated(40)))[1]
    with Writer(tmp_path / "store") as writer:
        writer.append(rows)
    calls = read_calls(tmp_path / "store")

    assert sorted(calls.rows()) == sorted(rows)
    assert sorted(calls.columns("call_id")["call_id"]) == sorted(call.call_id for call, _ in rows)
    assert set(calls.relation().columns) >= ALL_COLUMNS
    with pytest.raises(LocalError) as caught:
        read_calls(tmp_path / "store", tz="UTC")
    assert (caught.value.problem.code, caught.value.problem.where) == ("diagnosis-setting", str(tmp_path / "store"))


def test_settings_that_are_unknown_are_named() -> None:
    with pytest.raises(LocalError) as caught:
        read_calls(GENERIC, timezone="UTC", region="US")

    assert caught.value.problem.code == "diagnosis-setting"
    assert re.search(r"expected settings among region, own, .*; found timezone$", str(caught.value))


def test_a_profile_by_name_or_as_it_is() -> None:
    by_name, itself = (
        read_calls(RECORDS / "asterisk-csv.csv", profile=profile, tz="America/Chicago").rows()
        for profile in ("asterisk-csv", profile_named("asterisk-csv"))
    )
    assert by_name == itself
    assert len(itself) == 6
    with pytest.raises(LocalError) as caught:
        read_calls(GENERIC, profile="nope")
    assert caught.value.problem.code == "cdr-unknown-profile"


def test_workers_give_the_same_rows(tmp_path: Path) -> None:
    (source,) = on_disk(tmp_path, simulated(50))
    path = tmp_path / source.name

    assert read_calls([path, GENERIC], workers=2).rows() == read_calls([path, GENERIC]).rows()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    calls = read_calls(tmp_path / "none.csv")
    with pytest.raises(BackendError) as caught:
        calls.rows()
    assert (caught.value.problem.code, caught.value.problem.where) == (
        "diagnosis-cannot-open", str(tmp_path / "none.csv"),
    )  # fmt: skip


def test_a_folder_that_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(LocalError) as caught:
        read_calls(tmp_path)
    assert caught.value.problem.code == "store-not-a-store"


def test_what_could_not_be_read_is_kept() -> None:
    calls = read_calls(RECORDS / "asterisk-csv.csv")

    assert isinstance(calls, Calls)
    assert calls.rows() == []
    assert [problem.code for problem in calls.problems] == ["cdr-zone-needed"]


@pytest.mark.slow
def test_the_examples_of_the_guide_run(tmp_path: Path) -> None:
    """Every block of Python in the guide for notebooks, from the top, as one program in a folder with its files."""
    text = (ROOT / "docs" / "guides" / "notebook.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 4
    (tmp_path / "calls.csv").write_bytes(records("asterisk-csv.csv"))
    (tmp_path / "day.pcap").write_bytes(captured(SCENES))
    (tmp_path / "trace.txt").write_bytes(printed("ngrep", SCENES))
    with Writer(tmp_path / "store") as writer:
        writer.append(diagnosed(memory(day=captured(SCENES)))[1])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(blocks)], cwd=tmp_path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed_there = re.findall(r"^```text\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert printed_there
    assert all(block in done.stdout for block in printed_there), done.stdout
