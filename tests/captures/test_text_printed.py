"""Simulated traffic, printed as each tool prints it: read back, it is what the capture reader gives for the pcap."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from functools import cache
from random import Random

import pytest

from ringthrough.calls.sighting import Sighting
from ringthrough.captures import Dissector, open_capture
from ringthrough.captures.text import UNTIMED, looks_like_text_trace, open_trace
from ringthrough.simulate import DEMO, simulate
from tests.captures.printers import PRINTERS, Printer, received

WITHOUT_TABS = re.compile(rb"(?<![\n:])\t")
"ngrep and sipgrep print a tab as a dot; at the beginning of a line or a value it can be told from one."
START_US = 1_780_272_000_000_000


@cache
def simulated() -> tuple[bytes, tuple[Sighting, ...]]:
    capture = io.BytesIO()
    simulate(Random(5), capture, mix=DEMO, calls=60, start_us=START_US, duration_s=900.0)
    opened = open_capture(io.BytesIO(capture.getvalue()), name="made.pcap")
    dissector = Dissector(file=0, tally=opened.tally)
    seen = [s for row in opened for s in dissector.feed(*row)]
    return capture.getvalue(), tuple(sorted((*seen, *dissector.finish()), key=lambda s: (s.at_us, s.frame)))


def read(text: bytes, **settings: object) -> tuple[list[Sighting], object]:
    trace = open_trace(io.BytesIO(text), name="made.txt", **settings)  # type: ignore[arg-type]
    return [s for batch in trace.blocks() for s in batch], trace


def expected(s: Sighting, printer: Printer) -> tuple[object, ...]:
    both = (s.src, s.sport, s.dst, s.dport)
    peer = (*both[:2], b"", 0) if received(s) else (b"", 0, *both[2:])
    ends = {"both": both, "peer": peer, "none": (b"", 0, b"", 0)}[printer.ends]
    return (s.transport if printer.transport else "", *ends)


@pytest.mark.parametrize("name", PRINTERS)
def test_read_back_is_what_the_capture_holds(name: str) -> None:
    printer = PRINTERS[name]
    _, messages = simulated()
    text = printer.print(messages)
    assert looks_like_text_trace(text[:65536]) is not None
    seen, trace = read(text, tz=UTC, day=datetime.fromtimestamp(START_US // 1_000_000, UTC).date())
    assert trace.tally.adds_up
    assert trace.tally.records == text.count(b"\n")
    assert trace.tally.messages == len(seen) == len(messages)
    assert trace.tally.bad == {}
    assert trace.problems == []
    for got, sent in zip(seen, messages, strict=True):
        assert got.data == (WITHOUT_TABS.sub(b".", sent.data) if "grep" in name else sent.data)
        assert got[3:8] == expected(sent, printer)
        if printer.step_us:
            assert got.at_us == sent.at_us // printer.step_us * printer.step_us
        assert got.flags == (UNTIMED if printer.step_us in (0, 1_000_000) else 0)
        assert got.file == 0
    frames = [s.frame for s in seen]
    assert frames == sorted(frames)
    lines = text.split(b"\n")
    first_words = [s.data.split(b" ")[0] for s in seen]
    if name not in ("ngrep", "mail"):
        assert all(word in lines[frame - 1] for word, frame in zip(first_words, frames, strict=True))
    assert "text-time-zone-unknown" not in trace.tally.notes
    assert "text-date-unknown" not in trace.tally.notes
    assert ("text-address-missing" in trace.tally.notes) == (printer.ends == "none")


def test_the_traffic_is_worth_reading() -> None:
    _, messages = simulated()
    assert len(messages) > 400
    assert sum(b"\r\nv=0\r\n" in s.data for s in messages) > 50
    assert {s.data[:4] for s in messages} >= {b"SIP/", b"INVI", b"CANC", b"BYE ", b"ACK "}
    assert any(re.search(rb'text="', s.data) for s in messages)


def test_a_simulated_capture_is_no_trace() -> None:
    assert looks_like_text_trace(simulated()[0][:65536]) is None
