"""`diagnose` and `sightings` as a program uses them."""

from __future__ import annotations

import pickle
from collections import Counter
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from ringthrough.diagnosis import RowSink, Settings, diagnose, sightings
from ringthrough.diagnosis.intake import Intake
from ringthrough.diagnosis.reading import Cursor, Piece, add_reports, open_all, read_rows
from ringthrough.errors import Problem
from ringthrough.simulate import BENCH, EVERYTHING, Habits, Mix
from ringthrough.verdict import judge
from tests.diagnosis.made import Made, diagnosed, in_memory, made, on_disk, pcap, records

PLAIN = Mix("plain", "", {"busy": 1.0, "answered": 1.0}, habits=Habits())


@pytest.fixture(scope="module")
def capture() -> Made:
    return made(calls=200, seed=1)


def test_rows_carry_the_verdict_of_their_call(capture: Made) -> None:
    _run, rows = diagnosed(in_memory(capture.octets), capture.settings())

    assert all(verdict == judge(call) for call, verdict in rows)


def test_settings_reach_the_rows(capture: Made) -> None:
    plain = diagnosed(in_memory(capture.octets))[1]
    told = diagnosed(in_memory(capture.octets), capture.settings())[1]

    assert {c.direction for c, _ in plain} == {""}
    assert {c.direction for c, _ in told} == {"outbound", "inbound"}
    assert {c.carrier for c, _ in told} >= {"Alder Telecom", "Hazel Cloud"}
    assert not {c.carrier for c, _ in plain} & {"Alder Telecom", "Hazel Cloud"}


def test_settings_are_frozen_and_can_be_sent_to_a_worker(capture: Made) -> None:
    settings = capture.settings(workers=2)

    assert pickle.loads(pickle.dumps(settings)) == settings
    with pytest.raises(FrozenInstanceError):
        settings.workers = 3  # type: ignore[misc]


def test_into_and_iteration_give_the_same(capture: Made) -> None:
    lines: list[bytes] = []
    run = diagnose(in_memory(capture.octets), capture.settings())
    sink = run.into(RowSink, lines.extend)

    assert isinstance(sink, RowSink)
    assert RowSink.rows(lines) == diagnosed(in_memory(capture.octets), capture.settings())[1]


def test_several_workers_can_be_asked_for_anywhere(capture: Made) -> None:
    """Too little to share out: the rows are the same and the reader is told."""
    run, rows = diagnosed(in_memory(capture.octets), capture.settings(workers=4))

    assert run.notes == ["read by one worker: it is too small for several workers to pay off"]
    assert rows == diagnosed(in_memory(capture.octets), capture.settings())[1]


def test_rows_come_in_batches_while_the_file_is_read() -> None:
    """The first rows are out long before the end is read."""
    octets = made(BENCH, calls=6000, seed=2, duration_s=40_000).octets
    told: list[int] = []
    first_at = 0

    for batch in diagnose(in_memory(octets), progress=told.append):
        assert batch
        first_at = first_at or sum(told)

    assert 0 < first_at < len(octets) * 0.4
    assert sum(told) == len(octets)


def test_memory_holds_the_calls_of_the_moment() -> None:
    octets = made(PLAIN, calls=6000, seed=3, duration_s=80_000).octets
    (cursor,) = open_all([Cursor(Piece(0, in_memory(octets)[0]))])
    intake = Intake(["0.pcap"], Settings())
    sizes, rows = [], 0
    for batch in read_rows([cursor], intake):
        rows += len(batch)
        sizes.append(len(intake.assembler))

    assert rows == 6000
    assert len(sizes) >= 3
    assert max(sizes) < 100


def test_what_makes_no_call_is_counted(capture: Made) -> None:
    run, _rows = diagnosed(in_memory(capture.octets))
    wire = Counter(
        s.data.split(b" ")[0].decode() for s in sightings(in_memory(capture.octets)) if not s.data.startswith(b"SIP")
    )

    for method in ("OPTIONS", "REGISTER", "PRACK", "UPDATE"):
        assert run.others[method] == wire[method] > 0
    assert run.others["INVITE in a dialog"] > 0
    assert not {"INVITE", "ACK", "BYE", "CANCEL"} & set(run.others)


def test_sightings_are_those_that_are_wanted(capture: Made) -> None:
    every = list(sightings(in_memory(capture.octets)))
    mark = capture.calls[0]["call_id"].encode()

    mine = list(sightings(in_memory(capture.octets), lambda s: mark in s.data))

    assert len(every) == capture.totals["messages"]
    assert [s.at_us for s in every] == sorted(s.at_us for s in every)
    assert any(s.data.startswith(b"ACK ") for s in every)
    assert mine == [s for s in every if mark in s.data]
    assert mine


def test_sightings_lead_from_a_row_to_its_messages(tmp_path: Path, capture: Made) -> None:
    rows = records(capture.octets)
    sources = on_disk(tmp_path, pcap(rows[700:]), pcap(rows[:700]))
    found = diagnosed(sources, capture.settings())[1]
    by_place = {(sources[s.file].name, s.frame): s.data for s in sightings(sources)}

    for call, _verdict in found:
        assert call.call_id.encode() in by_place[call.file, call.frame]
        if call.final_frame is not None and call.legs == 1 and call.final_code:
            data = by_place[call.final_file, call.final_frame]
            assert data.startswith((b"SIP/2.0 %d " % call.final_code, b"BYE ", b"CANCEL "))
        if call.ring_frame is not None:
            assert by_place[call.ring_file, call.ring_frame].startswith(b"SIP/2.0 180 ")


def test_sightings_of_nothing_readable_are_none() -> None:
    assert list(sightings(in_memory(b"no capture"))) == []


def test_reports_of_the_parts_of_a_file_add_up(capture: Made) -> None:
    rows = records(capture.octets)
    parts = [diagnosed(in_memory(pcap(part)))[0].files[0] for part in (rows[:500], rows[500:])]
    problem = Problem("captures-version", "twice")
    parts[0].problems.append(problem)
    parts[1].problems.extend([problem, Problem("captures-cut-record", "once")])

    both = add_reports(*parts)

    assert both.tally.records == len(rows)
    assert [p.code for p in both.problems] == ["captures-version", "captures-cut-record"]
    assert (both.first_us, both.last_us, both.opened) == (rows[0][0], parts[1].last_us, True)
    assert (both.format, both.usable) == ("pcap", True)


def test_a_source_is_opened_anew_by_each_run(tmp_path: Path, capture: Made) -> None:
    (path,) = on_disk(tmp_path, capture.octets)
    once = diagnosed([path], capture.settings())[1]

    assert diagnosed([replace(path, name="other")], capture.settings())[1] != once
    assert diagnosed([path], capture.settings())[1] == once
    assert EVERYTHING.name == capture.header["mix"]
