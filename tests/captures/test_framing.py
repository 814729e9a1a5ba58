"""A stream of octets cut into messages: the same messages however the octets arrive."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.calls.sighting import CUT
from ringthrough.captures import framing
from ringthrough.captures.framing import HepFramer, SipFramer
from tests.captures.frames import response, sip

BODY = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n"


def cut(*parts: bytes, joined: bool = False) -> tuple[list[tuple[bytes, int]], dict[str, int]]:
    notes: dict[str, int] = {}
    framer = SipFramer(notes, joined=joined)
    made = [piece for part in parts for piece in framer.feed(part)]
    made += framer.gap()
    assert framer.held == 0
    return made, notes


def without_length(number: int) -> bytes:
    return sip(number).replace(b"Content-Length: 0\r\n", b"")


STREAMS = [
    ("one message", sip(1), [sip(1)], {}),
    ("body", sip(1, BODY), [sip(1, BODY)], {}),
    ("compact form", sip(1, BODY, compact=True), [sip(1, BODY, compact=True)], {}),
    (
        "lower case",
        sip(1, BODY).replace(b"Content-L", b"content-l"),
        [sip(1, BODY).replace(b"Content-L", b"content-l")],
        {},
    ),
    ("space before the colon", sip(1, BODY).replace(b"h:", b"h  :"), [sip(1, BODY).replace(b"h:", b"h  :")], {}),
    ("folded", sip(1, BODY).replace(b"h: ", b"h:\r\n  "), [sip(1, BODY).replace(b"h: ", b"h:\r\n  ")], {}),
    ("two messages", sip(1, BODY) + response(2), [sip(1, BODY), response(2)], {}),
    ("keep-alives", b"\r\n\r\n" + sip(1) + b"\r\n\r\n\r\n" + sip(2) + b"\r\n", [sip(1), sip(2)], {}),
    ("line feeds only", sip(1).replace(b"\r\n", b"\n") + sip(2), [sip(1).replace(b"\r\n", b"\n"), sip(2)], {}),
    ("body that quotes a message", sip(1, response(9)) + sip(2), [sip(1, response(9)), sip(2)], {}),
    ("no length", without_length(1), [without_length(1)], {"stream-bad-length": 1}),
    ("no length, then another", without_length(1) + sip(2), [without_length(1), sip(2)], {"stream-bad-length": 1}),
    (
        "no length but a body",
        without_length(1) + BODY + sip(2),
        [without_length(1), sip(2)],
        {"stream-bad-length": 1, "stream-resync": 1},
    ),
    (
        "length that is no number",
        sip(1).replace(b"h: 0", b"h: ?") + sip(2),
        [sip(1).replace(b"h: 0", b"h: ?"), sip(2)],
        {"stream-bad-length": 1},
    ),
    (
        "length that nobody believes",
        sip(1).replace(b"h: 0", b"h: 999999999") + sip(2),
        [sip(1).replace(b"h: 0", b"h: 999999999"), sip(2)],
        {"stream-bad-length": 1},
    ),
    ("noise between", sip(1) + b"noise\r\n\x01\x02 noise" + b"\r\n" + sip(2), [sip(1), sip(2)], {"stream-resync": 1}),
    ("noise without a line end", sip(1) + b"\x01\x02" * 20 + sip(2), [sip(1)], {"stream-resync": 1}),
]


@pytest.mark.parametrize(("label", "stream", "messages", "notes"), STREAMS, ids=[case[0] for case in STREAMS])
def test_stream_is_cut(label: str, stream: bytes, messages: list[bytes], notes: dict[str, int]) -> None:
    whole, noted = cut(stream)
    assert whole == [(message, 0) for message in messages]
    assert noted == notes
    by_octet, noted = cut(*(stream[at : at + 1] for at in range(len(stream))))
    assert by_octet == whole
    assert noted == notes


@given(case=st.sampled_from(STREAMS), sizes=st.lists(st.integers(1, 700), max_size=30))
@settings(max_examples=80, deadline=None)
def test_segments_make_no_difference(case: tuple[str, bytes, list[bytes], dict[str, int]], sizes: list[int]) -> None:
    _, stream, messages, notes = case
    parts, at = [], 0
    for size in [*sizes, len(stream)]:
        parts.append(stream[at : at + size])
        at += size
    made, noted = cut(*parts)
    assert made == [(message, 0) for message in messages]
    assert noted == notes


JOINED = [
    ("at a message", sip(1), [sip(1)]),
    ("at a response", response(1), [response(1)]),
    ("inside a body", BODY + sip(2), [sip(2)]),
    ("inside a start line", sip(1)[2:] + sip(2), [sip(2)]),
    ("inside a header field", sip(1)[60:] + sip(2), [sip(2)]),
    ("at the line end of a message", b"\r\n" + sip(2), [sip(2)]),
    ("inside a line that never ends", b"x" * 30_000, []),
]


@pytest.mark.parametrize(("label", "stream", "messages"), JOINED, ids=[case[0] for case in JOINED])
def test_stream_joined_midway(label: str, stream: bytes, messages: list[bytes]) -> None:
    for parts in ([stream], [stream[at : at + 1] for at in range(len(stream))]):
        made, _ = cut(*parts, joined=True)
        assert made == [(message, 0) for message in messages]


def test_gap_gives_what_was_begun_and_goes_on() -> None:
    notes: dict[str, int] = {}
    framer = SipFramer(notes)
    begun = sip(1, BODY)[:-20]
    assert framer.feed(sip(0) + begun) == [(sip(0), 0)]
    assert framer.held == len(begun)
    assert framer.gap() == [(begun, CUT)]
    assert framer.feed(b"tail of the body\r\n" + sip(2)) == [(sip(2), 0)]
    assert framer.gap() == []


def test_gap_inside_a_start_line() -> None:
    framer = SipFramer({})
    assert framer.feed(b"INVITE sip:bob@exam") == []
    assert framer.gap() == [(b"INVITE sip:bob@exam", CUT)]
    assert framer.feed(b"VITE sip:bob@example.com SIP/2.0\r\nVia: x\r\n\r\n") == []
    assert framer.gap() == []


def test_endless_header_fields_are_given_up() -> None:
    endless = sip(1)[:-2] + b"X: y\r\n" * 20_000
    made, notes = cut(endless + b"\r\n" + sip(2))
    assert (made[-1], notes["stream-resync"]) == ((sip(2), 0), 1)
    framer = SipFramer({})
    for at in range(0, len(endless), 1000):
        framer.feed(endless[at : at + 1000])
        assert framer.held <= framing.HEADERS_LIMIT_OCTETS + 1000


def test_endless_start_line_is_given_up() -> None:
    framer = SipFramer({})
    for _ in range(100):
        framer.feed(b"INVITE sip:" + b"a" * 1000)
        assert framer.held <= framing.LINE_LIMIT_OCTETS + 2000


def test_hep_cut_anywhere() -> None:
    stream = b"HEP3\x00\x0812HEP3\x00\x0834xxEEP3\x00\x0856"
    expected = [b"HEP3\x00\x0812", b"HEP3\x00\x0834", b"EEP3\x00\x0856"]
    for size in (1, 2, 5, 7, 100):
        framer = HepFramer()
        made = [piece for at in range(0, len(stream), size) for piece in framer.feed(stream[at : at + size])]
        assert made == [(packet, 0) for packet in expected]
        assert framer.held == 0
    framer.feed(b"HEP3\x00")
    assert framer.held == 5
    assert framer.gap() == []
    assert framer.held == 0
