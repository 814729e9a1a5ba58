from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringthrough.calls import Call, Verdict
from ringthrough.errors import BackendError, LocalError
from ringthrough.store import UNDATED_US, Writer, open_store
from ringthrough.store import spool as spooling

from .made import DAY_US, START_US, all_rows, files, ids, make_row, read, rows, write


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    given_rows = [
        make_row(
            call_id="a", at_us=START_US, caller="+12155550123", final_code=603, final_phrase='no, "thanks"\r\n\tthere',
            ring_ms=0, setup_ms=None, early_media=True, confidence=0.1, because="", hidden_candidate=True, attempts=3,
        ),
        make_row(call_id="b", at_us=START_US + 1, frame=7, file="x.csv", source="cdr generic", talk_ms=2**40),
    ]  # fmt: skip
    write(tmp_path / "s", given_rows)
    assert read(tmp_path / "s") == given_rows


def test_nothing_is_seen_before_the_flush_and_all_after(tmp_path: Path) -> None:
    with Writer(tmp_path / "s") as writer:
        assert writer.append(rows(0, 3)) == 3
        assert ids(tmp_path / "s") == []
        assert (writer.flush(), writer.acknowledged) == (3, 3)
        assert ids(tmp_path / "s") == ["c0", "c1", "c2"]
        assert (writer.flush(), writer.append([])) == (0, 0)
        writer.append(rows(3, 4))
    assert ids(tmp_path / "s") == ["c0", "c1", "c2", "c3"]


def test_an_exception_drops_what_was_not_flushed(tmp_path: Path) -> None:
    def fail() -> None:
        with Writer(tmp_path / "s") as writer:
            writer.append(rows(0, 2))
            writer.flush()
            writer.append(rows(2, 4))
            raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError):
        fail()
    assert ids(tmp_path / "s") == ["c0", "c1"]
    assert list((tmp_path / "s" / "tmp").rglob("*.csv")) == []


def test_rows_go_to_their_own_day_and_undated_ones_apart(tmp_path: Path) -> None:
    late = [*rows(0, 2, day=3), *rows(2, 3, day=1), make_row(call_id="x", at_us=2**62), *rows(4, 5, day=3)]
    write(tmp_path / "s", late, rows(5, 6, day=1))
    with open_store(tmp_path / "s") as reader:
        assert reader.days == {"2026-01-02": 2, "2026-01-04": 3, "undated": 1}
        assert [c.call_id for c, _v in all_rows(reader)] == ["c2", "c5", "c0", "c1", "c4", "x"]
        assert all_rows(reader)[-1][0].at_us == UNDATED_US
    assert {name.split("/")[1] for name in files(tmp_path / "s")} == {"2026-01-02", "2026-01-04", "undated"}


@pytest.mark.parametrize(
    ("at_us", "day"),
    [
        (0, "1970-01-01"), (-1, "1969-12-31"), (DAY_US - 1, "1970-01-01"), (DAY_US, "1970-01-02"),
        (-62_135_596_800_000_000, "0001-01-01"), (253_402_300_799_999_999, "9999-12-31"),
        (253_402_300_800_000_000, "undated"), (-(2**63), "undated"), (10**30, "undated"),
    ],
)  # fmt: skip
def test_days_are_utc_days(tmp_path: Path, at_us: int, day: str) -> None:
    write(tmp_path / "s", [make_row(at_us=at_us)])
    with open_store(tmp_path / "s") as reader:
        assert list(reader.days) == [day]
        [(call, _verdict)] = all_rows(reader)
    assert call.at_us == (UNDATED_US if day == "undated" else at_us)


def test_columns_that_begin_to_vary_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "CHUNK_ROWS", 4)
    batches = [
        rows(0, 8, carrier="one"),
        rows(8, 12, carrier="two", ring_ms=5),
        [*rows(12, 13), *rows(13, 14, final_phrase='"')],
        rows(14, 30),
    ]
    with Writer(tmp_path / "s") as writer:
        for batch in batches:
            writer.append(batch)
    assert len(files(tmp_path / "s")) == 1
    assert read(tmp_path / "s") == [row for batch in batches for row in batch]


def test_memory_and_disk_are_bounded_by_segments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "CHUNK_ROWS", 10)
    monkeypatch.setattr(spooling, "WAITING_ROWS", 20)
    monkeypatch.setattr(spooling, "SPOOL_BYTES", 600)
    many = [row for n in range(30) for row in rows(n * 7, n * 7 + 7, day=n % 10)]
    with Writer(tmp_path / "s", segment_rows=15) as writer:
        for at in range(0, len(many), 25):
            writer.append(many[at : at + 25])
        assert ids(tmp_path / "s") == []
    assert sorted(ids(tmp_path / "s")) == sorted(call.call_id for call, _v in many)
    with open_store(tmp_path / "s") as reader:
        assert len(reader.segments) > len(reader.days) == 10


def test_numbers_too_large_are_missing_and_counted(tmp_path: Path) -> None:
    with Writer(tmp_path / "s") as writer:
        assert writer.unkept == {}
        writer.append(
            [
                make_row(call_id="a", at_us=1, talk_ms=10**30, final_code=2**31, attempts=2**63),
                make_row(call_id="b", at_us=2, talk_ms=-(2**63), final_code=None, attempts=2),
            ]
        )
        writer.flush()
        assert writer.unkept == {"talk_ms": 1, "final_code": 1, "attempts": 1}
    [(a, _), (b, _)] = read(tmp_path / "s")
    assert (a.talk_ms, a.final_code, a.attempts) == (None, None, 0)
    assert (b.talk_ms, b.final_code, b.attempts) == (-(2**63), None, 2)


def _kept(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").replace("\0", "\\x00")


TEXTS = st.text(st.characters(exclude_categories=()) | st.sampled_from('",\n\r\0\\;=é\udc80'), max_size=8).filter(
    lambda text: all(not 0xD800 <= ord(c) <= 0xDFFF or 0xDC80 <= ord(c) <= 0xDCFF for c in text)
)
CELLS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.just("") | TEXTS,
    int: st.integers(-(2**63), 2**63 - 1),
    int | None: st.none() | st.integers(-(2**31), 2**31 - 1),
    bool: st.booleans(),
    float: st.floats(allow_nan=False),
}


@given(st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.slow
def test_any_row_survives(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    hints = get_type_hints(Call) | get_type_hints(Verdict)
    chosen = data.draw(st.lists(st.sampled_from(sorted(hints)), max_size=6, unique=True))
    strategy = st.fixed_dictionaries({name: CELLS[hints[name]] for name in chosen if name not in ("call_id", "at_us")})
    cells = data.draw(st.lists(strategy, min_size=1, max_size=12))
    made = [make_row(**cell, call_id=f"c{n:03}", at_us=START_US + n) for n, cell in enumerate(cells)]
    path = tmp_path_factory.mktemp("any") / "s"
    cut = data.draw(st.integers(0, len(made)))
    with Writer(path, segment_rows=5) as writer:
        writer.append(made[:cut])
        writer.flush()
        writer.append(made[cut:])
        writer.flush()
        writer.compact(0)
    expected = [
        (
            Call._make(_kept(c) if isinstance(c, str) else c for c in call),
            Verdict._make(_kept(c) if isinstance(c, str) else c for c in verdict),
        )
        for call, verdict in made
    ]
    assert read(path) == expected


def test_one_writer_at_a_time_any_number_of_readers(tmp_path: Path) -> None:
    with Writer(tmp_path / "s") as first:
        with pytest.raises(BackendError) as caught:
            Writer(tmp_path / "s")
        assert caught.value.problem.code == "store-busy"
        assert f"process {os.getpid()} writes this store" in str(caught.value)
        first.append(rows(0, 1))
        first.flush()
        with open_store(tmp_path / "s") as one, open_store(tmp_path / "s") as two:
            assert len(one) == len(two) == 1
    write(tmp_path / "s", rows(1, 2))
    assert ids(tmp_path / "s") == ["c0", "c1"]


def test_the_lock_of_a_killed_process_is_none(tmp_path: Path) -> None:
    code = (
        "import sys, os, signal\nfrom ringthrough.store import Writer\n"
        "w = Writer(sys.argv[1])\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path / "s")], check=False)
    assert killed.returncode == -9
    assert (tmp_path / "s" / "lock").read_text().startswith("process ")
    write(tmp_path / "s", rows(0, 1))
    assert ids(tmp_path / "s") == ["c0"]


def test_a_closed_writer(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "s")
    writer.close()
    writer.close()
    writer.abandon()
    for use in (
        lambda: writer.append([]), writer.flush, lambda: writer.tend(0), lambda: writer.compact(0),
        lambda: writer.expire(0, 0), lambda: writer.importing("a" * 64, label="").__enter__(),
    ):  # fmt: skip
        with pytest.raises(LocalError) as caught:
            use()
        assert caught.value.problem.code == "store-closed"


def test_where_no_store_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("dear")
    with pytest.raises(BackendError) as caught:
        Writer(tmp_path / "file")
    assert caught.value.problem.code == "store-cannot-write"
    with pytest.raises(LocalError, match=r"expected a store or an empty folder, found a folder with letter\.txt") as no:
        Writer(tmp_path / "home")
    assert no.value.problem.code == "store-not-a-store"
    with pytest.raises(LocalError) as no:
        Writer(tmp_path / "nowhere", create=False)
    assert no.value.problem.code == "store-not-a-store"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "home"]


def test_what_a_killed_writer_left_is_removed_and_foreign_files_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "s", rows(0, 2), rows(2, 3))
    day = path / "calls" / "2026-01-01"
    (day / "00000003.parquet").write_bytes(b"half a segm")
    (day / "00000000.parquet").write_bytes(b"of another store")
    (path / "tmp" / "rows-1").mkdir()
    (path / "tmp" / "rows-1" / "00000001.csv").write_text("half a li")
    (path / "tmp" / "merged.parquet").write_text("")
    (path / "imports" / ".x.json.new").write_text("{")
    (path / "notes.txt").write_text("mine")
    (path / "calls" / "stray").write_text("")
    (day / "00000009.parquet").mkdir()
    foreign = {"calls/stray", "calls/2026-01-01/00000000.parquet", "notes.txt", "calls/2026-01-01/00000009.parquet"}
    with open_store(path) as reader:
        assert len(all_rows(reader)) == 3
        # A number that the manifest has not reached may be a writer's, on its way.
        assert {p.where for p in reader.problems} == foreign - {"calls/2026-01-01/00000009.parquet"}
    with Writer(path) as writer:
        assert {p.where for p in writer.problems} == foreign
        assert {p.code for p in writer.problems} == {"store-foreign-file"}
    assert not (day / "00000003.parquet").exists()
    assert list((path / "tmp").iterdir()) == []
    assert [p.name for p in (path / "imports").iterdir()] == []
    assert (path / "notes.txt").read_text() == "mine"


class Disk:
    """A disk whose n-th sync or rename fails; everything else is the system's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = -1
        self.after = False
        self.log: list[tuple[str, str]] = []
        self.real = {"fsync": os.fsync, "replace": os.replace}
        monkeypatch.setattr(os, "fsync", lambda number: self.do("fsync", number))
        monkeypatch.setattr(os, "replace", lambda old, new: self.do("replace", old, new))

    def do(self, name: str, *arguments: Any) -> None:
        what = os.readlink(f"/proc/self/fd/{arguments[0]}") if name == "fsync" else str(arguments[1])
        self.log.append((name, what))
        self.left -= 1
        if self.left == -1 and not self.after:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.real[name](*arguments)
        if self.left == -1:
            raise OSError(errno.EIO, "Input/output error")


needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc")


@needs_proc
def test_everything_is_synced_in_order_before_the_flush_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s"
    with Writer(path) as writer:
        disk = Disk(monkeypatch)
        writer.append(rows(0, 2))
        assert disk.log == []
        writer.flush()
        kinds = [(name, Path(what).name) for name, what in disk.log]
    assert kinds == [
        ("fsync", "00000002.parquet"), ("replace", "00000001.parquet"), ("fsync", "calls"), ("fsync", "2026-01-01"),
        ("fsync", ".manifest.json.new"), ("replace", "manifest.json"), ("fsync", "s"),
    ]  # fmt: skip


@needs_proc
@pytest.mark.parametrize("after", [False, True], ids=["fails", "fails-when-done"])
@pytest.mark.parametrize("step", range(7))
def test_a_flush_that_fails_may_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, after: bool
) -> None:
    path = write(tmp_path / "s", rows(0, 2, day=1))
    with Writer(path) as writer:
        disk = Disk(monkeypatch)
        writer.append([*rows(2, 4), *rows(4, 5, day=1)])
        disk.left, disk.after = step, after
        with pytest.raises(BackendError) as caught:
            writer.flush()
        assert caught.value.problem.code == "store-cannot-write"
        assert writer.acknowledged == 0
        writer.append(rows(5, 6))
        assert (writer.flush(), writer.acknowledged) == (4, 4)
    assert sorted(ids(path)) == [f"c{n}" for n in range(6)]
    with Writer(path) as writer:
        assert writer.problems == []


@needs_proc
@pytest.mark.parametrize("after", [False, True], ids=["fails", "fails-when-done"])
@pytest.mark.parametrize("step", range(7))
def test_a_flush_that_fails_and_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, after: bool
) -> None:
    path = write(tmp_path / "s", rows(0, 2, day=1))

    def fail() -> None:
        with Writer(path) as writer:
            disk = Disk(monkeypatch)
            writer.append(rows(2, 4))
            disk.left, disk.after = step, after
            writer.flush()

    with pytest.raises(BackendError):
        fail()
    monkeypatch.undo()
    found = ids(path)
    assert set(found) in ({"c0", "c1"}, {"c0", "c1", "c2", "c3"})
    with Writer(path) as writer, open_store(path) as reader:
        assert (writer.problems, reader.problems) == ([], [])
        assert files(path) == {segment.file for segment in reader.segments}


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
def test_a_file_that_may_not_grow_leaves_no_torn_line(tmp_path: Path) -> None:
    """The limit stops the file of lines in the middle of a write, as a full disk does."""
    code = """
import resource, signal, sys
from ringthrough.errors import BackendError
from ringthrough.store import Writer
from tests.store.made import rows, ids
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Writer(sys.argv[1]) as writer:
    writer.append(rows(0, 5000, final_phrase="x" * 90))
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
    try:
        writer.append(rows(5000, 10000, final_phrase="y" * 90, reason="z" * 90))
    except BackendError as fault:
        print(fault.problem.code)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(len(set(ids(sys.argv[1]))))
"""
    told = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "s")], capture_output=True, text=True, check=False,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    assert (told.stdout.split(), told.stderr) == (["store-cannot-write", "10000"], "")
