from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ringthrough.errors import BackendError, LocalError
from ringthrough.store import Writer, open_store
from ringthrough.store.manifest import FORMAT
from ringthrough.store.parquet import NAMES, TYPES
from ringthrough.store.spool import DEFAULTS

from .made import DAY_US, NOW_US, START_US, all_rows, files, ids, make_row, read, rows, write

BEFORE_SOURCE = NAMES[: NAMES.index("source")] + NAMES[NAMES.index("verdict") :]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(
        tmp_path / "s",
        rows(0, 3),
        [*rows(3, 5, day=1, verdict="declined", final_code=603), make_row(call_id="u", at_us=-(2**62))],
        rows(5, 6, day=2, ring_ms=7),
        rows(10, 11, day=1),
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["c0", "c1", "c2", "c3", "c4", "c10", "c5", "u"]),
        ({"since_us": START_US + 1_000_000}, ["c1", "c2", "c3", "c4", "c10", "c5"]),
        ({"until_us": START_US + 1_000_000}, ["c0"]),
        ({"since_us": START_US + DAY_US, "until_us": START_US + DAY_US + 4_000_000}, ["c3"]),
        ({"since_us": START_US + 5 * DAY_US}, []),
        ({"since_us": -(2**70), "until_us": 2**70}, ["c0", "c1", "c2", "c3", "c4", "c10", "c5"]),
        ({"where": "verdict = ?", "parameters": ["declined"]}, ["c3", "c4"]),
        ({"where": "ring_ms IS NULL -- all but one"}, ["c0", "c1", "c2", "c3", "c4", "c10", "u"]),
        ({"where": "call_id = 'c1' OR call_id = 'c2'", "until_us": START_US + 2_000_000}, ["c1"]),
        ({"batch_rows": 1}, ["c0", "c1", "c2", "c3", "c4", "c10", "c5", "u"]),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_which_rows(path: Path, options: dict[str, Any], expected: list[str]) -> None:
    assert ids(path, **options) == expected
    short = {name: value for name, value in options.items() if name != "batch_rows"}
    with open_store(path, threads=1) as reader:
        assert reader.columns("call_id", **short) == {"call_id": expected}
        assert sorted(cells[0] for cells in reader.relation(**short, columns=["call_id"]).fetchall()) == sorted(
            expected
        )


def test_segments_of_another_time_are_not_opened(path: Path) -> None:
    for name in files(path):
        if "2026-01-01" not in name:  # of the right size and end, so nobody sees it who does not read it
            whole = (path / name).read_bytes()
            (path / name).write_bytes(b"\xff" * (len(whole) - 4) + b"PAR1")
    with open_store(path) as reader:
        assert reader.problems == []
        assert [c.call_id for c, _v in all_rows(reader, until_us=START_US + DAY_US)] == ["c0", "c1", "c2"]
        assert reader.sql("SELECT count(*) FROM calls", until_us=START_US + DAY_US).fetchall() == [(3,)]
        assert {problem.code for problem in reader.verify()} == {"store-segment-changed"}
        for use in (lambda: all_rows(reader), lambda: reader.columns("verdict"), lambda: reader.sql("FROM calls")):
            with pytest.raises(BackendError) as caught:
                use()
            assert caught.value.problem.code == "store-cannot-read"


def test_some_columns(path: Path) -> None:
    with open_store(path) as reader:
        [(call, verdict)] = all_rows(reader, columns=["ring_ms", "verdict"], where="ring_ms > 0")
        assert (call.ring_ms, verdict.verdict, call.call_id, call.at_us, call.frame) == (7, "busy", "", 0, None)
        assert (*call, *verdict) == tuple(
            {"ring_ms": 7, "verdict": "busy"}.get(n, d) for n, d in zip(NAMES, DEFAULTS, strict=True)
        )
        columns = reader.columns("at", "at_us", "verdict", until_us=START_US + 1)
        assert columns == {"at": [datetime(2026, 1, 1)], "at_us": [START_US], "verdict": ["busy"]}
        assert tuple(reader.columns()) == NAMES
        assert set(map(len, reader.columns().values())) == {8}
        assert reader.columns("call_id", where="false") == {"call_id": []}


def test_the_table_has_the_columns_and_types_of_the_call_table(path: Path, tmp_path: Path) -> None:
    write(tmp_path / "empty")
    for folder in (path, tmp_path / "empty"):
        with open_store(folder) as reader:
            relation = reader.relation()
            assert dict(zip(relation.columns, map(str, relation.types), strict=True)) == TYPES


def test_relations_stand_side_by_side(path: Path) -> None:
    with open_store(path) as reader:
        first = reader.sql("SELECT count(*) FROM calls WHERE verdict = ?", ["busy"], until_us=START_US + DAY_US)
        every = reader.sql("SELECT count(*) FROM calls")
        grouped = reader.relation("verdict <> ''").aggregate("verdict, count(*) AS n").order("verdict")
        assert (first.fetchall(), every.fetchall()) == ([(3,)], [(8,)])
        assert grouped.fetchall() == [("busy", 5), ("declined", 2)]
        assert len(reader) == 8
        assert reader.days == {"2026-01-01": 3, "2026-01-02": 3, "2026-01-03": 1, "undated": 1}


@pytest.mark.parametrize(
    ("use", "code"),
    [
        (lambda r: r.sql("SELEC"), "store-query"),
        (lambda r: r.sql("SELECT nope FROM calls"), "store-query"),
        (lambda r: r.sql("SELECT * FROM elsewhere"), "store-query"),
        (lambda r: r.relation("verdict ="), "store-query"),
        (lambda r: r.relation("verdict = ?"), "store-query"),
        (lambda r: r.relation(columns=["at_us"]), "store-columns"),
        (lambda r: next(r.rows(columns=[])), "store-columns"),
        (lambda r: next(r.rows(where="no_such > 1")), "store-query"),
        (lambda r: next(r.rows(where="CAST(verdict AS INTEGER) = 1")), "store-query"),
        (lambda r: r.columns("verdict", "nope"), "store-columns"),
        (lambda r: r.columns(where="1 +"), "store-query"),
        (lambda r: r.write_parquet("/nowhere/x", ["nope"]), "store-columns"),
    ],
)
def test_what_a_caller_gets_wrong(path: Path, use: Any, code: str) -> None:
    with open_store(path) as reader, pytest.raises(LocalError) as caught:
        use(reader)
    assert caught.value.problem.code == code


def test_a_moment_stays_what_it_was(path: Path) -> None:
    with open_store(path) as reader:
        before = all_rows(reader)
        with Writer(path) as writer:
            writer.append(rows(100, 101))
            writer.flush()
            assert writer.compact(NOW_US) == 2
            assert all_rows(reader) == before
            assert writer.tend(NOW_US + 599_999_999) is False
            assert all_rows(reader) == before
            writer.tend(NOW_US + 600_000_000)
        with pytest.raises(BackendError) as caught:
            all_rows(reader)
        assert caught.value.problem.code == "store-segment-gone"
        assert "open it again" in str(caught.value)
        assert len(all_rows(reader.refresh())) == len(before) + 1


def test_an_export_does_not_depend_on_segments(path: Path, tmp_path: Path) -> None:
    before = read(path)
    with Writer(path) as writer:
        writer.compact(NOW_US, grace_s=0)
    assert read(path) == before
    with open_store(path) as reader:
        assert reader.write_parquet(tmp_path / "out.parquet") == 8
        assert reader.write_parquet(tmp_path / "few.parquet", ["at", "verdict"], limit=2, since_us=START_US) == 2
        for target in (tmp_path / "nowhere" / "x.parquet", tmp_path):
            with pytest.raises(BackendError) as caught:
                reader.write_parquet(target)
            assert caught.value.problem.code == "store-cannot-write"
    with duckdb.connect() as engine:
        told = engine.execute("SELECT call_id FROM read_parquet(?)", [str(tmp_path / "out.parquet")]).fetchall()
        assert engine.execute("FROM read_parquet(?)", [str(tmp_path / "few.parquet")]).fetchall()[1][1] == "busy"
    assert [call_id for (call_id,) in told] == [call.call_id for call, _verdict in before]
    assert not [p.name for p in tmp_path.iterdir() if p.name.startswith(".")]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_parquet_file_on_a_full_disk_is_our_error(path: Path, tmp_path: Path, monkeypatch: Any) -> None:
    @contextmanager
    def full(prefix: str, dir: Path) -> Iterator[str]:  # noqa: A002 - the name tempfile gives it
        folder = Path(dir, f"{prefix}full")
        folder.mkdir()
        (folder / "table.parquet").symlink_to("/dev/full")
        yield str(folder)

    monkeypatch.setattr("tempfile.TemporaryDirectory", full)
    with open_store(path) as reader, pytest.raises(BackendError) as caught:
        reader.write_parquet(tmp_path / "x.parquet")
    assert caught.value.problem.code == "store-cannot-write"


def test_torn_and_missing_segments_are_named_and_left_out(path: Path) -> None:
    torn, missing = sorted(name for name in files(path) if "2026-01-02" in name)
    (path / torn).write_bytes((path / torn).read_bytes()[:-1])
    (path / missing).unlink()
    with open_store(path) as reader:
        assert [(p.code, p.where) for p in reader.problems] == [
            ("store-segment-torn", torn), ("store-segment-missing", missing),
        ]  # fmt: skip
        assert [c.call_id for c, _v in all_rows(reader)] == ["c0", "c1", "c2", "c5", "u"]
        assert len(reader) == 5
        assert [p.where for p in reader.verify()] == [torn, missing]
    with Writer(path) as writer:
        assert {p.where for p in writer.problems} == {torn, missing}
        assert writer.compact(NOW_US) == 0
    assert len(ids(path)) == 5


def test_folders_whose_names_are_patterns(tmp_path: Path) -> None:
    for name in ("a[b]*", "what?", "it's", "with space", "ü", "a\\b"):
        path = write(tmp_path / name / "s", rows(0, 2), rows(2, 3))
        with Writer(path) as writer:
            writer.compact(NOW_US, grace_s=0)
        assert ids(path) == ["c0", "c1", "c2"]


def older(path: Path, columns: tuple[str, ...] = BEFORE_SOURCE) -> None:
    """Make a store of one that a version wrote which knew these columns only."""
    manifest = json.loads((path / "manifest.json").read_text())
    manifest["columns"] = columns
    for segment in manifest["segments"]:
        file = path / segment["file"]
        with duckdb.connect() as engine:
            have = [name for name, *_ in engine.execute(f"DESCRIBE FROM '{file}'").fetchall()]
            kept = ", ".join(f'"{name}"' for name in have if name in columns)
            engine.execute(f"COPY (SELECT {kept} FROM '{file}') TO '{file}.new' (FORMAT parquet)")
        os.replace(f"{file}.new", file)
        segment["bytes"] = file.stat().st_size
    (path / "manifest.json").write_text(json.dumps(manifest))


def test_a_store_from_before_the_columns_of_records(tmp_path: Path) -> None:
    path = write(tmp_path / "s", rows(0, 2, source="hep", trunk="t1", identity_code=436, final_code=603))
    older(path)
    with open_store(path) as reader:
        assert reader.problems == []
        assert [(c.source, c.trunk, c.identity_code, c.final_code) for c, _v in all_rows(reader)] == [
            ("", "", None, 603), ("", "", None, 603),
        ]  # fmt: skip
        assert reader.sql("SELECT count(*) FROM calls WHERE source = '' AND identity_code IS NULL").fetchall() == [(2,)]
    write(path, rows(2, 3, source="cdr generic"))
    assert [c.source for c, _v in read(path)] == ["", "", "cdr generic"]
    manifest = json.loads((path / "manifest.json").read_text())
    assert tuple(manifest["columns"]) == NAMES
    with Writer(path) as writer:
        assert writer.compact(NOW_US) == 1
    assert [(c.source, v.verdict) for c, v in read(path)] == [("", "busy"), ("", "busy"), ("cdr generic", "busy")]


def test_a_store_of_a_later_version(tmp_path: Path) -> None:
    path = write(tmp_path / "s", rows(0, 2))
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps(manifest | {"columns": [*NAMES, "mood"]}))
    with open_store(path) as reader:
        assert [p.code for p in reader.problems] == ["store-newer-columns"]
        assert "mood" in str(reader.problems[0])
        assert len(all_rows(reader)) == 2
    with pytest.raises(BackendError, match="update first") as caught:
        Writer(path)
    assert caught.value.problem.code == "store-newer"
    (path / "manifest.json").write_text(json.dumps(manifest | {"format": FORMAT + 1}))
    for use in (open_store, Writer):
        with pytest.raises(BackendError) as caught:
            use(path)
        assert caught.value.problem.code == "store-newer"


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", '"x"', "{}", '{"format": 1}', '{"format": "1"}', "[" * 100_000, "\udcff",
        '{"format": 1, "generation": 1, "sequence": 2, "privacy": {}, "columns": [], "segments": [{"file": "x"}],'
        ' "retired": [], "last_import": null}',
        '{"format": 1, "generation": 1, "sequence": 2, "privacy": {}, "columns": [], "segments": [], "retired":'
        ' [{"file": "calls/../../../etc/passwd", "bytes": 1, "at_us": 0}], "last_import": null}',
        '{"format": 1, "generation": 1, "sequence": 2, "privacy": {"mode": "?"}, "columns": [], "segments": [],'
        ' "retired": [], "last_import": null}',
        '{"format": 1, "generation": 1, "sequence": 2, "privacy": {}, "columns": [], "segments": [], "retired": [],'
        ' "last_import": {"a": 1}}',
    ],
    ids=lambda text: text[:20] + str(len(text)),
)  # fmt: skip
def test_a_damaged_manifest(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "s", rows(0, 1))
    (path / "manifest.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    for use in (open_store, Writer):
        with pytest.raises(BackendError) as caught:
            use(path)
        assert caught.value.problem.code == "store-manifest-damaged"
    assert len(files(path)) == 1


def test_no_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(LocalError) as caught:
            open_store(path)
        assert caught.value.problem.code == "store-not-a-store"
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(BackendError) as broken:
        open_store(tmp_path)
    assert broken.value.problem.code == "store-manifest-damaged"


def test_an_engine_that_does_not_start_is_our_error(tmp_path: Path) -> None:
    path = write(tmp_path / "s", rows(0, 1))
    with open_store(path, threads=-1) as reader, pytest.raises(BackendError) as caught:
        all_rows(reader)
    assert caught.value.problem.code == "store-engine"
