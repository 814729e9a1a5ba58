"""Traces that other programs and people wrote: the messages that were counted in them, and those of their captures."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ringthrough.calls.sighting import Sighting
from ringthrough.captures import Dissector, open_capture
from ringthrough.captures.text import TraceReader, looks_like_text_trace, open_trace
from ringthrough.wire import Malformed, decode
from tests.conftest import shared_path

DAY_US = 86_400_000_000


def _truth() -> dict[str, Any]:
    path = shared_path() / "data" / "texttrace" / "_truth.json"
    return json.loads(path.read_text("utf-8"))["files"] if path.is_file() else {}


TRUTH = _truth()
TOOL = sorted(name for name in TRUTH if name.startswith("tool/"))
MENTIONED = {
    "posted/asterisk_console_got_response_603_606.log": {"603": 1, "606": 1},
    "posted/fusionpbx_603_sofia_lines.log": {"603": 2},
    "posted/twilio_objc_3_pjsip_403.log": {"100": 1, "403": 1},
    "posted/livekit_227_484_flood_reject.jsonl.log": {"flood": 2},
    "posted/ivozprovider_432_kamailio_403.log": {"INVITE": 1},
}
"Log lines without messages, which the truth counts under four other names."
EXPLAINED = {
    "posted/twilio_objc_3_pjsip_403.log": "The truth says `headers only, start line cut` for the 100: bad lines",
}
"File -> why the counts of messages are not those of the truth."
CUT_IN_CALL_ID = ("posted/sofia_trace_in_code_comments.txt",)
"The truth counts one Call-ID; the last message of the file ends in the middle of it, which makes it another."


def read(path: Path) -> tuple[list[Sighting], TraceReader]:
    with path.open("rb") as handle:
        trace = open_trace(handle, name=path.name)
        return list(trace), trace


def counted(seen: list[Sighting]) -> tuple[dict[str, int], dict[str, int]]:
    requests: Counter[str] = Counter()
    responses: Counter[str] = Counter()
    for sighting in seen:
        first, second, *_ = sighting.data.split(b"\r\n", 1)[0].decode("utf-8", "replace").split(" ")
        if first == "SIP/2.0":
            responses[second] += 1
        else:
            requests[first] += 1
    return dict(requests), dict(responses)


def test_the_truth_is_there(shared: Path) -> None:
    assert len(TRUTH) >= 30
    assert len(EXPLAINED) <= 1


@pytest.mark.parametrize("name", sorted(TRUTH) or ["no shared data"])
def test_every_count_of_the_truth(name: str, shared: Path) -> None:
    said = TRUTH[name]
    seen, trace = read(shared / "data" / "texttrace" / name)
    assert trace.tally.adds_up
    assert trace.tally.messages == len(seen)
    assert dict(trace.mentions) == MENTIONED.get(name, {})
    truth = said.get("capture_truth", said)
    if name in EXPLAINED:
        assert (seen, truth["responses"]) == ([], {"100": "headers only, start line cut"})
        assert trace.tally.bad == {"text-headless": 7}
        return
    assert counted(seen) == (truth["requests"], truth["responses"])
    decoded = [decode(s.data) for s in seen]
    assert not any(isinstance(message, Malformed) for message in decoded)
    assert all(b"\r\n\r\n" in s.data and b"\n" not in s.data.replace(b"\r\n", b"") for s in seen)
    ids = len({message.headers.get("Call-ID") for message in decoded} - {None})
    assert ids == truth.get("call_ids", truth.get("distinct_call_ids", 0)) + (name in CUT_IN_CALL_ID)


@pytest.mark.parametrize("name", TOOL or ["no shared data"])
def test_the_same_messages_as_in_the_capture(name: str, shared: Path) -> None:
    seen, trace = read(shared / "data" / "texttrace" / name)
    path = shared / "data" / "pcap" / TRUTH[name]["from_capture"]
    with path.open("rb") as handle:
        capture = open_capture(handle, name=path.name)
        dissector = Dissector(file=0, tally=capture.tally)
        captured = [s for row in capture for s in dissector.feed(*row)]
        captured += dissector.finish()
    assert [s[3:8] for s in seen] == [s[3:8] for s in captured]
    if "tshark" in name:
        # tshark -O sip prints no times; it writes header names its own way and only session descriptions as bodies.
        fields = [(decode(s.data), decode(c.data)) for s, c in zip(seen, captured, strict=True)]
        for header in ("Call-ID", "CSeq", "Via", "From", "To", "Reason", "Contact"):
            assert [a.headers.all(header) for a, _ in fields] == [b.headers.all(header) for _, b in fields]
        assert trace.tally.notes["text-time-missing"] == len(seen)
        return
    assert [s.data for s in seen] == [c.data for c in captured]
    assert [s.at_us % DAY_US for s in seen] == [c.at_us % DAY_US for c in captured]
    if "ngrep" in name:
        assert [s.at_us for s in seen] == [c.at_us for c in captured]


def test_the_messages_of_an_rfc(shared: Path) -> None:
    path = shared / "data" / "texttrace" / "rfc" / "rfc3665.txt"
    seen, trace = read(path)
    lines = path.read_bytes().split(b"\n")
    begin = (b"   SIP/2.0 ", b"   INVITE ", b"   ACK ", b"   BYE ", b"   CANCEL ", b"   REGISTER ")
    starts = [n for n, line in enumerate(lines, 1) if line.startswith(begin) and b"SIP/2.0" in line]
    assert [s.frame for s in seen] == starts
    assert all(decode(s.data).headers.get("CSeq") for s in seen)
    assert all(decode(s.data).body[:2] in (b"", b"v=") for s in seen)
    assert trace.tally.messages == len(starts) == 181
    assert trace.tally.skipped["text-page"] > 200


SAMPLES = {
    "ngrep_byline.txt": ({}, {"603": 2}),
    "sipgrep.txt": ({"INVITE": 2}, {"100": 1}),
    "sngrep_save.txt": ({}, {"603": 1}),
    "tcpdump_A.txt": ({"INVITE": 1}, {}),
    "pjsip_logger.txt": ({"INVITE": 1}, {"603": 1}),
    "freeswitch_siptrace.txt": ({"INVITE": 1}, {"608": 1}),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_samples(name: str, shared: Path) -> None:
    seen, trace = read(shared / "data" / "samples" / name)
    assert trace.tally.adds_up
    assert counted(seen) == SAMPLES[name]


@pytest.mark.parametrize("folder", ["cdr", "pcap", "samples"])
def test_call_records_and_captures_are_no_traces(folder: str, shared: Path) -> None:
    files = [path for path in sorted((shared / "data" / folder).rglob("*")) if path.is_file()]
    taken = {path.name for path in files if looks_like_text_trace(path.read_bytes()[:65536]) is not None}
    assert taken == (set(SAMPLES) if folder == "samples" else set())
    assert len(files) > 5


def test_traces_are_recognised(shared: Path) -> None:
    files = [name for name in TRUTH if not name.endswith("astpp_97_hangup_cause_hidden.log")]
    whys = {name: looks_like_text_trace((shared / "data" / "texttrace" / name).read_bytes()[:65536]) for name in files}
    assert all(whys.values())
    assert whys["tool/sipnab__sip-proxy.tshark_V.txt"] == "tshark -V: a SIP message at line 6"
