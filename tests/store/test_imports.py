from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from ringthrough.errors import BackendError, LocalError
from ringthrough.store import Imported, Writer, open_store, source_id

from .made import START_US, files, ids, rows, write

ONE, TWO = "a" * 64, "b" * 64


def test_an_import_is_seen_as_a_whole_and_once(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with Writer(path) as writer:
        with writer.importing(ONE, label="one.csv") as job:
            assert (job.known, job.done, job.append(rows(0, 3)), job.append(rows(3, 5, day=1))) == (None, None, 3, 2)
            assert ids(path) == []
        first = Imported(ONE, "one.csv", 5, START_US, START_US + 86_404_000_000, 1)
        assert (job.done, writer.acknowledged) == (first, 5)
        for label in ("one.csv", "copy.csv"):
            with writer.importing(ONE, label=label) as job:
                assert (job.known, job.append(rows(0, 3))) == (first, 0)
            assert job.done is None
        assert ids(path) == [f"c{n}" for n in range(5)]
        assert writer.imported() == [first]
    with open_store(path) as reader:
        assert reader.imported() == [first]


def test_imports_are_known_for_good(tmp_path: Path) -> None:
    path = tmp_path / "s"
    for number, name in enumerate((ONE, TWO)):
        with Writer(path) as writer, writer.importing(name, label=f"{number}.csv") as job:
            job.append(rows(number, number + 1))
    write(path, rows(9, 10))
    with Writer(path) as writer:
        writer.expire(2**60, 0)
        for name in (ONE, TWO):
            with writer.importing(name, label="again") as job:
                assert job.known is not None
                job.append(rows(0, 1))
        assert [(each.label, each.generation) for each in writer.imported()] == [("0.csv", 1), ("1.csv", 2)]
    assert ids(path) == []


def test_an_import_that_fails_leaves_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "s", rows(0, 1))

    def fail(writer: Writer) -> None:
        with writer.importing(ONE, label="one.csv") as job:
            job.append(rows(1, 3))
            raise RuntimeError("the reader broke")

    with Writer(path) as writer:
        writer.append(rows(5, 6))
        with pytest.raises(RuntimeError):
            fail(writer)
        assert list((path / "tmp").rglob("*.csv")) == []
        with writer.importing(ONE, label="one.csv") as job:
            assert job.known is None
            job.append(rows(1, 3))
        assert ids(path) == ["c0", "c1", "c2"]
    assert ids(path) == ["c0", "c1", "c2", "c5"]


def test_an_import_without_rows_is_known_too(tmp_path: Path) -> None:
    with Writer(tmp_path / "s") as writer:
        with writer.importing(ONE, label="empty.csv"):
            pass
        with writer.importing(ONE, label="empty.csv") as job:
            assert job.known == Imported(ONE, "empty.csv", 0, None, None, 1)
            assert job.unkept == {}


def test_a_pipe_is_named_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with Writer(path) as writer:
        for known in (False, True):
            with writer.importing(None, label="standard input") as job:
                job.append(rows(0, 2, talk_ms=10**30))
                assert (job.identify(ONE) is not None) == known
            assert job.unkept == ({} if known else {"talk_ms": 2})
        assert ids(path) == ["c0", "c1"]
        with pytest.raises(LocalError) as caught, writer.importing(None, label="standard input") as job:
            job.append(rows(2, 3))
        assert caught.value.problem.code == "store-import-id"
        with pytest.raises(LocalError) as caught, writer.importing("../../etc", label="no"):
            raise AssertionError("not reached")
        assert caught.value.problem.code == "store-import-id"
    assert len(ids(path)) == len(files(path)) + 1 == 2


def test_two_imports_of_one_file_at_a_time(tmp_path: Path) -> None:
    with Writer(tmp_path / "s") as writer:
        with writer.importing(ONE, label="one.csv") as outer:
            outer.append(rows(0, 2))
            with writer.importing(ONE, label="one.csv") as inner:
                inner.append(rows(0, 2))
        assert (inner.done is None, outer.done is None) == (False, True)
    assert ids(tmp_path / "s") == ["c0", "c1"]


def test_what_identifies_a_file() -> None:
    def made(octets: bytes, **settings: object) -> str:
        return source_id(io.BytesIO(octets), settings)

    assert made(b"a,b\n") == made(b"a,b\n") == source_id(io.BytesIO(b"a,b\n"))
    assert made(b"a,b\n", tz="UTC", region="US") == made(b"a,b\n", region="US", tz="UTC")
    different = [made(b"a,b\n"), made(b"a,b"), made(b""), made(b"a,b\n", tz="UTC"), made(b"a,b\n", tz="CET")]
    assert len(set(different)) == 5
    assert len(made(b"x" * 3_000_000)) == 64


@pytest.mark.parametrize("text", ["", "{", "[]", '{"source_id": 1}', '{"extra": 1}'])
def test_a_damaged_entry_is_no_permission_to_import_again(tmp_path: Path, text: str) -> None:
    path = tmp_path / "s"
    with Writer(path) as writer, writer.importing(ONE, label="one.csv"):
        pass
    write(path, rows(0, 1))
    entry = path / "imports" / f"{ONE}.json"
    assert json.loads(entry.read_text())["label"] == "one.csv"
    entry.write_text(text)
    with Writer(path) as writer, pytest.raises(BackendError) as caught, writer.importing(ONE, label="one.csv"):
        raise AssertionError("not reached")
    assert caught.value.problem.code == "store-import-damaged"
    assert ids(path) == ["c0"]
