"""Identical rows for any number of workers; and inputs that cannot be shared out say so, and give the same rows too."""

from __future__ import annotations

import bz2
import gzip
import os
import pickle
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ringthrough.diagnosis import FileReport, Run, Settings, Source, diagnose, shards
from tests.diagnosis.made import (
    WHOLE,
    Made,
    Row,
    diagnosed,
    in_memory,
    made,
    on_disk,
    pcap,
    records,
    rows_of,
)

WORKERS = (2, 3, 5)


@pytest.fixture(autouse=True)
def _small_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    # A number that only saves time in daily use: with its real value every capture here would be too small to share.
    monkeypatch.setattr(shards, "SMALLEST_SHARE", 20_000)


class Counting:
    """A sink with output and a state of its own."""

    def __init__(self) -> None:
        self.verdicts: Counter[str] = Counter()
        self.order: list[str] = []

    def take(self, rows: Sequence[Row]) -> list[bytes]:
        self.verdicts.update(verdict.verdict for _call, verdict in rows)
        return [repr(row).encode() + b"\n" for row in rows]

    def merge(self, other: Counting) -> None:
        self.verdicts += other.verdicts


def poured(sources: Sequence[Source], settings: Settings) -> tuple[Run, bytes, Counter[str]]:
    lines: list[bytes] = []
    run = diagnose(sources, settings)
    sink = run.into(Counting, lines.extend)
    return run, b"".join(lines), sink.verdicts


def facts(report: FileReport) -> tuple[Any, ...]:
    """What a report says about a file, whoever read it."""
    tally = report.tally
    skipped, bad, notes = (sorted(counts.items()) for counts in (tally.skipped, tally.bad, tally.notes))
    times = report.first_us, report.last_us
    return report.name, report.format, tally.records, tally.sip, tally.messages, skipped, bad, notes, times


def same_for_all(sources: Sequence[Source], capture: Made, *, notes: str = "") -> list[Row]:
    """Read with one worker and with several, compare everything, and return the rows."""
    alone = diagnose(sources, capture.settings())
    rows = rows_of(alone)
    _run, text, verdicts = poured(sources, capture.settings())
    for workers in WORKERS:
        run, its_text, its_verdicts = poured(sources, capture.settings(workers=workers))
        if notes:
            assert any(notes in note for note in run.notes), run.notes
        else:
            assert run.notes == []
        assert its_text == text
        assert its_verdicts == verdicts
        pieces: list[bytes] = []
        diagnose(sources, capture.settings(workers=workers)).into(Counting, pieces.extend, joined=True)
        assert b"".join(pieces) == text
        assert run.others == alone.others
        assert [facts(f) for f in run.files] == [facts(f) for f in alone.files]
        assert all(f.tally.adds_up for f in run.files)
    several, its_rows = diagnosed(sources, capture.settings(workers=WORKERS[0]))
    assert pickle.dumps(its_rows) == pickle.dumps([pickle.loads(pickle.dumps(row)) for row in rows])
    assert [facts(f) for f in several.files] == [facts(f) for f in alone.files]
    return rows


def dense(seed: int = 1, *, calls: int = 500, duration_s: float = 240, shape: str = "ethernet") -> Made:
    """Calls in their hundreds at a time, so that many cross every border."""
    return made(WHOLE, calls=calls, seed=seed, duration_s=duration_s, shape=shape)


def cut(rows: list[tuple[int, bytes]], *shares: float) -> list[list[tuple[int, bytes]]]:
    """Cut records into parts at shares of their number."""
    places = [0, *(int(len(rows) * share) for share in shares), len(rows)]
    return [rows[a:b] for a, b in pairwise(places)]


@pytest.mark.slow
@pytest.mark.parametrize("duration_s", [120, 300, 900, 6000])
def test_one_file(tmp_path: Path, duration_s: float) -> None:
    capture = dense(int(duration_s), duration_s=duration_s)

    rows = same_for_all(on_disk(tmp_path, capture.octets), capture)

    assert sorted(c.call_id for c, _ in rows if c.kind == "call") == sorted(t["call_id"] for t in capture.calls)


@pytest.mark.slow
@pytest.mark.parametrize("places", [(0.5,), (0.2, 0.3), (0.05, 0.9), (0.25, 0.5, 0.75)])
def test_rotated_files(tmp_path: Path, places: tuple[float, ...]) -> None:
    capture = dense(6)
    parts = [pcap(part) for part in cut(records(capture.octets), *places)]

    rows = same_for_all(on_disk(tmp_path, *parts), capture)

    _run, whole = diagnosed(in_memory(capture.octets), capture.settings())
    assert [anywhere(row) for row in rows] == [anywhere(row) for row in whole]


def anywhere(row: Row) -> tuple[Any, ...]:
    """A row without the places in files."""
    call, verdict = row
    places = dict.fromkeys(("file", "ring_file", "final_file"), "") | dict.fromkeys(
        ("frame", "ring_frame", "final_frame"), None
    )
    return *call._replace(**places), verdict.verdict, verdict.rule  # type: ignore[arg-type]


@pytest.mark.slow
def test_files_in_the_wrong_order(tmp_path: Path) -> None:
    capture = dense(7)
    parts = [pcap(part) for part in cut(records(capture.octets), 0.3, 0.6)]
    names = ("a.pcap", "b.pcap", "c.pcap")
    right = on_disk(tmp_path, *parts, names=names)

    rows = same_for_all([right[2], right[0], right[1]], capture)

    _run, in_order = diagnosed(right, capture.settings())
    # Rows that end in the same microsecond are ordered by the number of the file; everything else is the same.
    assert Counter(rows) == Counter(in_order)
    run, _ = diagnosed([right[2], right[0], right[1]], capture.settings(workers=2))
    assert [f.name for f in run.files] == ["c.pcap", "a.pcap", "b.pcap"]


@pytest.mark.slow
@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_plain_and_compressed_files_together(tmp_path: Path, compress: Any) -> None:
    capture = dense(8)
    parts = [pcap(part) for part in cut(records(capture.octets), 0.3, 0.5, 0.7)]
    parts[1] = compress(parts[1])
    sources = on_disk(tmp_path, *parts)

    rows = diagnosed(sources, capture.settings())[1]

    for workers in WORKERS:
        run, its_rows = diagnosed(sources, capture.settings(workers=workers))
        assert its_rows == rows
        assert not any("one worker" in note for note in run.notes)


def test_a_compressed_file_that_lies_across_a_border_is_named(tmp_path: Path) -> None:
    capture = dense(9, calls=300)
    small, large = (pcap(part) for part in cut(records(capture.octets), 0.3))
    sources = on_disk(tmp_path, small, gzip.compress(large, 0), names=("small.pcap", "large.pcap.gz"))

    run, rows = diagnosed(sources, capture.settings(workers=2))

    assert run.notes == ["large.pcap.gz cannot be split: it is gzip pcap, which has to be read in one go"]
    assert rows == diagnosed(sources, capture.settings())[1]


# --------------------------------------------------------------------------------------- what cannot be shared out


def test_files_that_overlap_in_time(tmp_path: Path) -> None:
    capture = dense(10, calls=300)
    rows = records(capture.octets)
    sources = on_disk(tmp_path, pcap(rows[0::2]), pcap(rows[1::2]))

    found = same_for_all(sources, capture, notes="overlap in time")

    assert len([row for row in found if row[0].kind == "call"]) == 300


@pytest.mark.slow
def test_records_a_little_out_of_order(tmp_path: Path) -> None:
    """As a capture with several queues stores them: the borders of shares need no exact order."""
    capture = dense(11, calls=400, duration_s=120)
    rows = records(capture.octets)
    disordered = [row for at in range(0, len(rows), 40) for row in reversed(rows[at : at + 40])]
    assert max(a[0] - b[0] for a, b in pairwise(disordered)) > 400_000

    same_for_all(on_disk(tmp_path, pcap(disordered)), capture)


def test_records_far_out_of_order(tmp_path: Path) -> None:
    capture = dense(11, calls=200, duration_s=900)
    first, second = cut(records(capture.octets), 0.5)

    same_for_all(on_disk(tmp_path, pcap(second + first)), capture, notes="far out of order")


@pytest.mark.parametrize("shape", ["tcp", "websocket"])
def test_sip_over_a_stream(tmp_path: Path, shape: str) -> None:
    capture = dense(12, calls=200, shape=shape)
    name = {"tcp": "TCP", "websocket": "WS"}[shape]

    same_for_all(on_disk(tmp_path, capture.octets), capture, notes=f"SIP over {name} cannot be picked up in the middle")


def test_a_fragmented_message_at_a_border(tmp_path: Path) -> None:
    capture = dense(12, calls=200, duration_s=120, shape="udp-fragments")

    same_for_all(on_disk(tmp_path, capture.octets), capture, notes="a fragmented message lies across the border")


def test_standard_input(tmp_path: Path) -> None:
    capture = dense(13, calls=200)
    (seekable,) = on_disk(tmp_path, capture.octets)
    run, rows = diagnosed([replace(seekable, size=None)], capture.settings(workers=2))

    assert run.notes == ["read by one worker: standard input has no second reader"]
    assert rows == diagnosed([seekable], capture.settings())[1]


def test_tiny_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    capture = dense(14, calls=100)
    run, rows = diagnosed(on_disk(tmp_path, capture.octets), capture.settings(workers=2))

    assert run.notes == ["read by one worker: it is too small for several workers to pay off"]
    assert rows == diagnosed(in_memory(capture.octets), capture.settings())[1]


@pytest.mark.parametrize(
    ("format", "compress", "said"),
    [
        pytest.param("pcapng", bytes, "it is pcapng, which has to be read in one go", id="pcapng"),
        pytest.param("pcap", gzip.compress, "it is gzip pcap, which has to be read in one go", id="gzip"),
    ],
)
def test_a_single_file_that_cannot_be_entered_in_the_middle(
    tmp_path: Path,
    format: str,  # noqa: A002
    compress: Any,
    said: str,
) -> None:
    capture = made(WHOLE, calls=300, seed=15, format=format)
    sources = on_disk(tmp_path, compress(capture.octets))

    run, rows = diagnosed(sources, capture.settings(workers=2))

    assert run.notes == [f"read by one worker: 0.pcap cannot be split: {said}"]
    assert rows == diagnosed(sources, capture.settings())[1]


def test_a_damaged_record_before_the_border(tmp_path: Path) -> None:
    capture = dense(16, calls=300)
    rows = records(capture.octets)
    whole, first = bytearray(capture.octets), len(pcap(rows[:50]))
    whole[first + 8 : first + 12] = b"\xff\xff\xff\x7f"

    sources = on_disk(tmp_path, bytes(whole))
    run, found = diagnosed(sources, capture.settings(workers=2))

    assert len(run.notes) == 1
    assert "is damaged, so the file has to be read in one go" in run.notes[0]
    assert found == diagnosed(sources, capture.settings())[1]
    assert [p.code for p in run.files[0].problems] == ["captures-bad-record"]


def test_a_damaged_file_among_good_ones_is_read_whole_and_the_others_are_shared_out(tmp_path: Path) -> None:
    capture = dense(20, calls=400)
    first, second = cut(records(capture.octets), 0.7)
    broken, place = bytearray(pcap(first)), len(pcap(first[:40]))
    broken[place + 8 : place + 12] = b"\xff\xff\xff\x7f"
    sources = on_disk(tmp_path, bytes(broken), pcap(second), names=("broken.pcap", "good.pcap"))
    rows = diagnosed(sources, capture.settings())[1]

    for workers in (2, 3):
        run, found = diagnosed(sources, capture.settings(workers=workers))

        assert found == rows
        said = f"a record at offset {place} is damaged, so the file has to be read in one go"
        assert [note.endswith(said) for note in run.notes] == [True]
        assert run.notes[0].startswith("broken.pcap cannot be split: ")
        assert [[p.code for p in f.problems] for f in run.files] == [["captures-bad-record"], []]


def test_zeros_that_are_walked_over_otherwise_than_they_are_read(tmp_path: Path) -> None:
    """A crash leaves zeros: records of no octets for who walks from header to header, damage for who reads them."""
    capture = dense(21, calls=300)
    rows = records(capture.octets)
    first = pcap(rows[:300])
    octets = first + bytes(16 * 3000) + pcap(rows[300:])[24:]

    found = same_for_all(on_disk(tmp_path, octets), capture, notes="its records cannot be told apart")

    assert len(found) > 250


@pytest.mark.parametrize(
    ("tail", "bad"),
    [
        pytest.param(b"", {}, id="whole"),
        pytest.param(bytes(10), {"cut-record": 1}, id="then half a header"),
        pytest.param(None, {"cut-record": 1}, id="cut"),
    ],
)
def test_a_last_record_across_several_borders_leaves_shares_empty(
    tmp_path: Path, tail: bytes | None, bad: dict[str, int]
) -> None:
    capture = dense(22, calls=30)
    rows = records(capture.octets)
    octets = pcap([*rows, (rows[-1][0], bytes(200_000))])
    octets = octets[:-100] if tail is None else octets + tail

    same_for_all(on_disk(tmp_path, octets), capture)

    run, _ = diagnosed(on_disk(tmp_path, octets), capture.settings(workers=5))
    assert run.files[0].tally.bad == bad


def test_what_the_header_of_a_file_says_is_said_once(tmp_path: Path) -> None:
    capture = dense(23, calls=200)
    octets = bytearray(capture.octets)
    octets[16:20] = bytes(4)

    same_for_all(on_disk(tmp_path, bytes(octets)), capture)

    run, _ = diagnosed(on_disk(tmp_path, bytes(octets)), capture.settings(workers=3))
    assert run.files[0].tally.notes["snaplen-zero"] == 1


@pytest.mark.parametrize("workers", [2, 3, 7])
def test_who_has_more_to_walk_has_less_to_read(workers: int) -> None:
    total = 1_000_000_000
    borders = [0, *shards._borders(total, workers, walking=True), total]

    costs = [start * shards.WALKING + stop - start for start, stop in pairwise(borders)]

    assert max(costs) - min(costs) < 10
    even = shards._borders(total, workers, walking=False)
    assert even == [pytest.approx(total * n / workers, abs=1) for n in range(1, workers)]


def test_files_that_cannot_be_read_among_good_ones(tmp_path: Path) -> None:
    capture = dense(17, calls=300)
    parts = [pcap(part) for part in cut(records(capture.octets), 0.5)]
    good = on_disk(tmp_path, parts[0], b"hello, world", parts[1])

    run, rows = diagnosed(good, capture.settings(workers=2))

    assert run.notes == []
    assert rows == diagnosed(good, capture.settings())[1]
    assert [[p.code for p in f.problems] for f in run.files] == [[], ["cdr-unknown-dialect"], []]


def test_the_progress_is_the_size_of_the_files_however_they_are_read(tmp_path: Path) -> None:
    capture = dense(18, calls=300)
    for octets in (capture.octets, dense(12, calls=200, shape="tcp").octets):
        (source,) = on_disk(tmp_path, octets)
        for workers in (1, *WORKERS):
            told: list[int] = []
            rows_of(diagnose([source], capture.settings(workers=workers), progress=told.append))
            assert sum(told) == source.size
            assert min(told) > 0


class Dying(Counting):
    """A sink whose worker is killed, as by a system that is short of memory."""

    home = os.getpid()

    def take(self, rows: Sequence[Row]) -> list[bytes]:
        if os.getpid() != self.home:
            os._exit(9)
        return super().take(rows)


def test_a_worker_that_dies_is_replaced_by_this_process(tmp_path: Path) -> None:
    capture = dense(19, calls=300)
    sources = on_disk(tmp_path, capture.octets)
    lines: list[bytes] = []
    run = diagnose(sources, capture.settings(workers=2))

    run.into(Dying, lines.extend)

    assert run.notes == ["read by one worker: a worker ended unexpectedly"]
    assert b"".join(lines) == poured(sources, capture.settings())[1]


def test_a_sink_that_fails_ends_the_reading(tmp_path: Path) -> None:
    capture = dense(19, calls=200)
    run = diagnose(on_disk(tmp_path, capture.octets), capture.settings(workers=2))

    def full(_lines: list[bytes]) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        run.into(Counting, full)
