"""Calls of printed traffic: the rows that the capture of the same traffic gives, but for what a tool omits."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from ringthrough.calls import Assembler, Call, Folder
from ringthrough.calls.sighting import Sighting
from ringthrough.captures.text import open_trace
from tests.captures.printers import PRINTERS
from tests.captures.test_text_printed import START_US, simulated

PLACE = {"frame", "ring_frame", "final_frame"}
WITHOUT_OUR_END = {"answered_by", "carrier", "last_hop"}
DURATIONS = {"pdd_ms", "ring_ms", "setup_ms", "final_ms", "cancel_ms", "trying_ms", "silence_ms", "talk_ms"}


def rows(seen: list[Sighting] | tuple[Sighting, ...]) -> dict[str, Call]:
    assembler = Assembler(Folder(("made",), region="US"))
    assembler.feed_all(seen)
    return {call.call_id: call for _, call in assembler.flush(1 << 62)}


@pytest.mark.parametrize("name", PRINTERS)
def test_the_same_calls(name: str) -> None:
    printer = PRINTERS[name]
    day = datetime.fromtimestamp(START_US // 1_000_000, UTC).date()
    trace = open_trace(io.BytesIO(printer.print(simulated()[1])), name="made", tz=UTC, day=day)
    expected, found = rows(simulated()[1]), rows(list(trace))
    assert set(found) == set(expected)
    assert len(found) > 50
    allowed = set(PLACE)
    if printer.ends != "both":
        allowed |= WITHOUT_OUR_END
    if printer.step_us != 1:
        allowed |= {"at_us"}
    if printer.step_us in (0, 1_000_000):
        allowed |= DURATIONS
    for call_id, call in expected.items():
        row = found[call_id]
        differ = {column for column in Call._fields if getattr(call, column) != getattr(row, column)}
        if printer.step_us == 1000:  # rounding the ends of a stretch down can make it a millisecond longer or shorter
            near = {c for c in differ & DURATIONS if abs(getattr(call, c) - getattr(row, c)) <= 1}
            differ -= near
        assert differ <= allowed, call_id
