"""Captures made by others: the same messages as tshark counts in them."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ringthrough.calls.sighting import Sighting
from ringthrough.captures import open_capture
from ringthrough.captures.dissect import Dissector
from tests.conftest import shared_path

_CALL_ID = re.compile(rb"^(?:call-id|i)[ \t]*:[ \t]*([^\r\n]*?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


def _truth() -> dict[str, Any]:
    path = shared_path() / "data" / "pcap" / "_truth.json"
    return json.loads(path.read_text("utf-8"))["files"] if path.is_file() else {}


TRUTH = _truth()
EXPLAINED: dict[str, str] = {}
"Capture -> frame and rule, where we count otherwise than tshark. Empty: we agree on all of them."


def read(path: Path) -> tuple[list[Sighting], Any]:
    with path.open("rb") as handle:
        capture = open_capture(handle, name=path.name)
        dissector = Dissector(file=0, tally=capture.tally)
        seen: list[Sighting] = []
        for row in capture:
            seen += dissector.feed(*row)
        seen += dissector.finish()
        return seen, capture.tally


def test_the_truth_is_there(shared: Path) -> None:
    assert len(TRUTH) >= 30
    assert len(EXPLAINED) <= 5


@pytest.mark.parametrize("name", sorted(TRUTH) or ["no shared data"])
def test_same_messages_as_tshark(name: str, shared: Path) -> None:
    truth = TRUTH[name]
    seen, tally = read(shared / "data" / "pcap" / name)
    requests: Counter[str] = Counter()
    responses: Counter[str] = Counter()
    calls = set()
    for sighting in seen:
        first, second, *_ = sighting.data.split(b"\r\n", 1)[0].decode("utf-8", "replace").split(" ")
        if first == "SIP/2.0":
            responses[second] += 1
        else:
            requests[first] += 1
        call = _CALL_ID.search(sighting.data)
        assert call is not None
        calls.add(call[1])
    assert tally.adds_up
    assert tally.bad == {}
    assert tally.records == truth["total_packets"]
    assert tally.messages == len(seen)
    if name in EXPLAINED:
        return
    assert (tally.sip, len(seen)) == (truth["sip_frames"], truth["sip_messages"])
    assert (requests, responses) == (truth["requests"], truth["responses"])
    assert len(calls) == truth["distinct_call_ids"]
    assert Counter(sighting.transport for sighting in seen) == truth["transports"]
    assert {sighting.flags for sighting in seen} == {0}
