"""Several files as one stream: rotated, overlapping, given in any order, and with bad ones among them."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from ringthrough.diagnosis import Source, diagnose, reading, sightings
from ringthrough.diagnosis.intake import Intake
from ringthrough.diagnosis.reading import Cursor, Piece, open_all, read_rows
from ringthrough.simulate import EVERYTHING, Datagram
from ringthrough.simulate.shapes import SHAPES, Framer
from tests.diagnosis.made import (
    START_US,
    WHOLE,
    Row,
    datagrams,
    diagnosed,
    in_memory,
    made,
    on_disk,
    pcap,
    records,
    source,
)

HELD_OPEN = reading.HELD_OPEN


def anywhere(rows: list[Row]) -> list[tuple[Any, ...]]:
    """Rows without the places in files."""
    places: dict[str, Any] = dict.fromkeys(("file", "ring_file", "final_file"), "")
    places |= dict.fromkeys(("frame", "ring_frame", "final_frame"))
    return [(*call._replace(**places), verdict.verdict) for call, verdict in rows]


def framed(made_of: list[Datagram], shape: str) -> list[tuple[int, bytes]]:
    framer = Framer(SHAPES[shape])
    return [(d.at_us, frame) for d in made_of for frame in framer.frames(d)]


# ----------------------------------------------------------------------------------------------- rotated files


@pytest.mark.parametrize("shape", ["ethernet", "udp-fragments", "tcp", "tcp-small-mss", "websocket"])
@pytest.mark.parametrize("parts", [2, 7, 40])
def test_rotated_files_are_one_stream(shape: str, parts: int) -> None:
    """Cut anywhere: inside a fragmented message and inside a TCP stream too."""
    capture = made(calls=100, seed=3, shape=shape, duration_s=600)
    rows = records(capture.octets)
    size = -(-len(rows) // parts)
    files = [pcap(rows[at : at + size]) for at in range(0, len(rows), size)]

    run, found = diagnosed(in_memory(*files), capture.settings())

    _run, whole = diagnosed(in_memory(capture.octets), capture.settings())
    assert anywhere(found) == anywhere(whole)
    assert sum(f.tally.records for f in run.files) == capture.totals["packets"]
    assert all(f.tally.adds_up and not f.problems for f in run.files)


def test_a_message_in_two_files_names_the_file_and_frame_that_complete_it() -> None:
    invite = next(d for d in datagrams(calls=20) if len(d.payload) > 1400 and d.payload.startswith(b"INVITE"))
    first, *others = framed([invite], "udp-fragments")
    assert others

    (found,) = sightings(in_memory(pcap([first]), pcap(others)))

    assert (found.file, found.frame, found.data) == (1, len(others), invite.payload)


def test_files_are_read_in_the_order_of_their_first_record() -> None:
    capture = made(calls=100, seed=4)
    rows = records(capture.octets)
    files = [pcap(rows[:300]), pcap(rows[300:400]), pcap(rows[400:])]

    run, found = diagnosed(in_memory(*files[::-1]), capture.settings())

    assert anywhere(found) == anywhere(diagnosed(in_memory(*files), capture.settings())[1])
    assert {call.file for call, _ in found} == {"0.pcap", "1.pcap", "2.pcap"}
    assert [f.tally.records for f in run.files] == [len(rows) - 400, 100, 300]


def test_a_border_inside_one_microsecond_is_a_border_still() -> None:
    """Two fragments with the same time in two files: neither file lies beside the other, the second follows."""
    invite = next(d for d in datagrams(calls=20) if len(d.payload) > 1400)
    rows = framed([invite], "udp-fragments")
    assert len({at_us for at_us, _ in rows}) == 1

    found = list(sightings(in_memory(*(pcap([row]) for row in rows))))

    assert [s.data for s in found] == [invite.payload]


@pytest.mark.parametrize("files", [3, HELD_OPEN + 1, 60])
def test_few_files_are_open_at_a_time(tmp_path: Path, files: int) -> None:
    capture = made(calls=60, seed=5)
    rows = records(capture.octets)
    size = -(-len(rows) // files)
    open_now, most = set[io.BytesIO](), 0

    class Watched(io.BytesIO):
        def close(self) -> None:
            open_now.discard(self)
            super().close()

    def opener(octets: bytes) -> Callable[[], BinaryIO]:
        def opened() -> BinaryIO:
            nonlocal most
            handle = Watched(octets)
            open_now.add(handle)
            most = max(most, len(open_now))
            return handle

        return opened

    parts = [pcap(rows[at : at + size]) for at in range(0, len(rows), size)]
    sources = [Source(str(n), opener(part), len(part)) for n, part in enumerate(parts)]

    _run, found = diagnosed(sources, capture.settings())

    assert anywhere(found) == anywhere(diagnosed(in_memory(capture.octets), capture.settings())[1])
    assert most <= HELD_OPEN + 1
    assert open_now == set()


def test_a_file_that_goes_away_before_its_turn_is_named(tmp_path: Path) -> None:
    capture = made(calls=60, seed=6)
    rows = records(capture.octets)
    # The first overlaps all others, so that some come while files are merged and the last ones alone.
    parts = [pcap(rows[::2]), *(pcap(rows[1::2][at : at + 20]) for at in range(0, 2 * (HELD_OPEN + 4) * 10, 20))]
    sources = on_disk(tmp_path, *parts)
    late = [*range(HELD_OPEN + 1, len(parts))]
    cursors = open_all([Cursor(Piece(n, s)) for n, s in enumerate(sources)])
    for n in late:
        (tmp_path / f"{n}.pcap").unlink()

    intake = Intake([s.name for s in sources], capture.settings())
    found = [call for batch in read_rows(cursors, intake) for _key, call in batch]

    assert found
    problems = {n: [p.code for p in cursors[n].report.problems] for n in range(len(parts))}
    assert problems == {n: ["diagnosis-cannot-open"] * (n in late) for n in range(len(parts))}


def test_a_file_that_goes_away_while_others_are_merged_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "HELD_OPEN", 2)
    large = bytes(60_000)  # a megabyte is read at a time: the late file begins behind the first of each
    here, there = ([(START_US + n * 1_000_000 + ahead, large) for n in range(60)] for ahead in (0, 500_000))
    late, later = [(START_US + 50_000_000, large)], [(START_US + 52_000_000, large)]
    sources = on_disk(tmp_path, *map(pcap, (here, there, late, later)))
    cursors = open_all([Cursor(Piece(n, s)) for n, s in enumerate(sources)])
    (tmp_path / "2.pcap").unlink()

    times = [row[0] for _cursor, rows in reading.in_time_order(cursors) for row in rows]

    assert times == sorted(at_us for at_us, _ in here + there + later)
    assert [[p.code for p in c.report.problems] for c in cursors] == [[], [], ["diagnosis-cannot-open"], []]


# ---------------------------------------------------------------------------------------------- overlapping files


@pytest.mark.parametrize("ways", [2, 3, 5])
def test_files_side_by_side_are_merged_by_time(ways: int) -> None:
    """As the queues of one capture store them: every message in one of the files, by turns."""
    capture = made(WHOLE, calls=100, seed=7)
    rows = records(capture.octets)

    _run, found = diagnosed(in_memory(*(pcap(rows[n::ways]) for n in range(ways))), capture.settings())

    whole = diagnosed(in_memory(capture.octets), capture.settings())[1]
    assert sorted(anywhere(found), key=repr) == sorted(anywhere(whole), key=repr)


def test_sightings_of_overlapping_files_come_in_the_order_of_time() -> None:
    made_of = [d for d in datagrams(calls=60) if d.kind == "sip" and len(d.payload) < 1400]
    rows = framed(made_of, "raw")
    third = len(rows) // 3
    # One file has a hole in which others begin and end; none of their records may come too late.
    files = [rows[:10] + rows[-10:], rows[10:third], rows[third - 5 : third + 5 : 2], rows[third + 5 : -10]]
    sources = in_memory(*(pcap(part, link=SHAPES["raw"].link) for part in files))

    times = [s.at_us for s in sightings(sources)]

    assert times == sorted(times)
    assert len(times) == sum(len(part) for part in files)


def test_a_stream_goes_on_beside_another_file() -> None:
    """Two places, each with rotated files: fragments meet although the other place talks too."""
    capture = made(calls=60, seed=8, shape="udp-fragments")
    here = records(capture.octets)
    away_us = 1_000_000
    other = [(at_us + away_us, data) for at_us, data in records(made(calls=30, seed=9, shape="vlan").octets)]
    half = len(here) // 2

    files = in_memory(pcap(here[:half]), pcap(here[half:]), pcap(other))
    ids = {t["call_id"] for t in capture.calls}
    found = [row for row in diagnosed(files, capture.settings())[1] if row[0].call_id in ids]

    whole = diagnosed(in_memory(capture.octets), capture.settings())[1]
    calls = [row for row in whole if row[0].call_id in ids]
    # The other place is heard longer, which says more about calls that are open when this one ends.
    assert [facts(row) for row in sorted(found, key=repr)] == [facts(row) for row in sorted(calls, key=repr)]


def facts(row: Row) -> tuple[Any, ...]:
    call = row[0]
    return call.call_id, call.final_code, call.signal, call.redress_url, call.legs, call.attempts, call.setup_ms


# ------------------------------------------------------------------------------------------------------- bad files


def test_bad_files_among_good_ones_are_named_once_and_the_rest_is_read(tmp_path: Path) -> None:
    capture = made(calls=60, seed=10)
    rows = records(capture.octets)
    good = on_disk(tmp_path, pcap(rows[:200]), pcap(rows[200:]), names=("good1.pcap", "good2.pcap"))
    (tmp_path / "folder.pcap").mkdir()
    (tmp_path / "empty.pcap").write_bytes(b"")
    (tmp_path / "text.pcap").write_bytes(b"Dear all, the calls of Monday follow.\r\n")
    (tmp_path / "program.pcap").write_bytes(b"\x7fELF\x02\x01\x01" + bytes(99))
    (tmp_path / "header.pcap").write_bytes(capture.octets[:10])
    (tmp_path / "none.pcap").write_bytes(capture.octets[:24])
    bad = {
        "missing.pcap": ("diagnosis-cannot-open", "No such file or directory"),
        "folder.pcap": ("diagnosis-cannot-open", "Is a directory"),
        "empty.pcap": ("captures-empty", "empty file"),
        "text.pcap": ("cdr-unknown-dialect", "no profile fits"),
        "program.pcap": ("captures-not-a-capture", "found a program at offset 0"),
        "header.pcap": ("captures-cut-header", "expected"),
    }
    sources = [good[1], *(source(tmp_path / name) for name in bad), good[0], source(tmp_path / "none.pcap")]

    run, found = diagnosed(sources, capture.settings())

    assert anywhere(found) == anywhere(diagnosed(in_memory(capture.octets), capture.settings())[1])
    assert [f.name for f in run.files] == ["good2.pcap", *bad, "good1.pcap", "none.pcap"]
    for report in run.files:
        if report.name in bad:
            code, said = bad[report.name]
            (problem,) = report.problems
            assert (problem.code, problem.where) == (code, report.name)
            assert said in str(problem)
            assert (report.usable, report.opened, report.tally.records) == (False, False, 0)
        else:
            assert report.problems == []
            assert report.usable


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_file_that_is_not_ours_to_read_is_named(tmp_path: Path) -> None:
    (locked,) = on_disk(tmp_path, made(calls=5).octets)
    (tmp_path / locked.name).chmod(0)

    run, found = diagnosed([locked])

    assert found == []
    assert "Permission denied" in str(run.files[0].problems[0])


def test_a_system_that_refuses_is_quoted() -> None:
    def refused() -> BinaryIO:
        raise PermissionError(13, "Permission denied")

    run, found = diagnosed([Source("locked.pcap", refused, 100)])

    assert found == []
    assert str(run.files[0].problems[0]) == "locked.pcap: cannot be opened: Permission denied"


def test_a_file_that_ends_in_mid_record_is_read_up_to_there() -> None:
    capture = made(calls=60, seed=11)
    rows = records(capture.octets)
    cut = pcap(rows[:200])[:-7]

    run, found = diagnosed(in_memory(cut, pcap(rows[200:])), capture.settings())

    assert [p.code for p in run.files[0].problems] == ["captures-cut-record"]
    assert run.files[0].tally.records == 200
    assert run.files[0].tally.adds_up
    assert run.files[0].usable
    assert len([row for row in found if row[0].kind == "call"]) >= len(capture.calls) - 1


@pytest.mark.parametrize("after", [40, 1 << 16, (1 << 20) + 5])
@pytest.mark.parametrize("pack", [bytes, lambda octets: gzip.compress(octets, 0)], ids=["plain", "gzip"])
def test_a_disk_that_fails_half_way_is_named_and_what_was_read_is_used(
    after: int, pack: Callable[[bytes], bytes]
) -> None:
    octets = pack(pcap(framed(datagrams(calls=1000), "ethernet")))
    assert len(octets) > after

    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= after:
                raise OSError(5, "Input/output error")
            return super().read(min(after - self.tell(), size if size and size > 0 else after))

    run, found = diagnosed([Source("worn.pcap", lambda: Failing(octets), len(octets))])

    (report,) = run.files
    assert len(report.problems) >= 1
    assert any("Input/output error" in str(p) and "worn.pcap" in str(p) for p in report.problems)
    assert bool(found) == (after > 1000)
    assert report.tally.adds_up


def test_a_part_of_a_file_that_cannot_be_reached_is_named() -> None:
    class Stuck(io.BytesIO):
        def seek(self, offset: int, whence: int = 0) -> int:
            raise OSError(29, "Illegal seek")

    octets = made(calls=20, seed=14).octets
    part = Cursor(Piece(0, Source("pipe.pcap", lambda: Stuck(octets), len(octets)), start=1000, frame=3))

    assert not part.open()
    (problem,) = part.report.problems
    assert problem.code == "diagnosis-cannot-read"
    assert str(problem) == "pipe.pcap: reading failed: [Errno 29] Illegal seek"


def test_a_time_of_zero_is_a_time() -> None:
    """A clock that was never set: the records are still read, and in order."""
    rows = records(made(EVERYTHING, calls=20, seed=12).octets)
    early = [(at_us - START_US, data) for at_us, data in rows]

    run, found = diagnosed(in_memory(pcap(early)))

    assert run.files[0].tally.adds_up
    assert len(found) >= 15


def test_no_files_give_no_rows() -> None:
    run, found = diagnosed([])

    assert (found, run.files, run.notes, run.others) == ([], [], [], {})


def test_progress_adds_up_to_the_size_of_the_files(tmp_path: Path) -> None:
    capture = made(calls=60, seed=13)
    rows = records(capture.octets)
    sources = on_disk(tmp_path, *(pcap(rows[at : at + 20]) for at in range(0, len(rows), 20)))
    told: list[int] = []

    for _batch in diagnose(sources, progress=told.append):
        pass

    assert sum(told) == sum(s.size or 0 for s in sources)
    assert min(told) > 0
    assert len(sources) > HELD_OPEN
