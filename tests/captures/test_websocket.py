"""SIP over WebSocket: upgrade, frames, masks, fragments, control frames."""

from __future__ import annotations

from struct import pack

import pytest

from ringthrough.calls.sighting import CUT
from ringthrough.captures.framing import MESSAGE_LIMIT_OCTETS
from ringthrough.captures.websocket import WebSocketFramer, begins_frame, leads_to_sip
from tests.captures.frames import Tap, dissect, ethernet, ipv4, response, sip, tcp

REQUEST = (
    b"GET /ws HTTP/1.1\r\nHost: sip.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
ACCEPT = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
)
KEY = b"\x37\xfa\x21\x3d"


def ws(payload: bytes, first: int = 0x81, *, key: bytes = b"") -> bytes:
    size = len(payload)
    flag = 0x80 if key else 0
    if size < 126:
        head = bytes((first, flag | size))
    elif size < 65536:
        head = bytes((first, flag | 126)) + pack("!H", size)
    else:
        head = bytes((first, flag | 127)) + pack("!Q", size)
    if key:
        payload = bytes(octet ^ key[at % 4] for at, octet in enumerate(payload))
    return head + key + payload


STREAMS = [
    ("unmasked text", ws(sip(1)), [sip(1)]),
    ("unmasked binary", ws(sip(1), 0x82), [sip(1)]),
    ("masked", ws(sip(1), key=KEY), [sip(1)]),
    ("two", ws(sip(1), key=KEY) + ws(response(2)), [sip(1), response(2)]),
    ("fragments", ws(sip(1)[:99], 0x01) + ws(sip(1)[99:150], 0x00) + ws(sip(1)[150:], 0x80), [sip(1)]),
    (
        "ping between fragments",
        ws(sip(1)[:99], 0x01, key=KEY) + ws(b"?", 0x89) + ws(sip(1)[99:], 0x80, key=KEY),
        [sip(1)],
    ),
    ("ping, pong, close", ws(b"", 0x89) + ws(b"x", 0x8A) + ws(sip(1)) + ws(b"\x03\xe8", 0x88), [sip(1)]),
    ("keep-alive of SIP", ws(b"\r\n\r\n") + ws(b"\r\n") + ws(b"\r\n" + sip(1)), [sip(1)]),
    ("long length", ws(sip(1, b"x" * 70_000)), [sip(1, b"x" * 70_000)]),
    ("no SIP", ws(b"hello") + ws(sip(1)), [sip(1)]),
    ("empty", ws(b"", key=KEY) + ws(sip(1)), [sip(1)]),
]


@pytest.mark.parametrize(("label", "stream", "messages"), STREAMS, ids=[case[0] for case in STREAMS])
def test_frames_are_taken_apart(label: str, stream: bytes, messages: list[bytes]) -> None:
    for size in (1, 7, 500, len(stream)):
        framer = WebSocketFramer({})
        made = [piece for at in range(0, len(stream), size) for piece in framer.feed(stream[at : at + size])]
        assert made == [(message, 0) for message in messages]
        assert framer.held == 0
        assert framer.gap() == []


@pytest.mark.parametrize("head", [REQUEST, ACCEPT, REQUEST.replace(b": sip", b": msrp, sip").lower()])
def test_upgrade_to_sip(head: bytes) -> None:
    assert leads_to_sip(head)


@pytest.mark.parametrize(
    "head", [REQUEST.replace(b": sip", b": xmpp"), REQUEST.replace(b": websocket", b": h2c"), b"GET / HTTP/1.1\r\n\r\n"]
)
def test_upgrade_to_something_else(head: bytes) -> None:
    assert not leads_to_sip(head)


def test_compressed_messages_are_noted() -> None:
    notes: dict[str, int] = {}
    framer = WebSocketFramer(notes)
    assert framer.feed(ws(b"\xaa\xbb\xcc", 0xC1) + ws(sip(1))) == [(sip(1), 0)]
    assert notes == {"websocket-compressed": 1}


@pytest.mark.parametrize(
    "broken",
    [ws(b"x", 0x83), ws(b"x", 0x8B), b"\x81\x7f" + pack("!Q", MESSAGE_LIMIT_OCTETS + 1)],
    ids=["reserved data", "reserved control", "too long"],
)
def test_broken_frame_loses_the_place_until_a_segment_begins_a_message(broken: bytes) -> None:
    framer = WebSocketFramer({})
    assert framer.feed(broken + ws(sip(1))) == []
    assert framer.held == 0
    assert framer.feed(b"rest of something") == []
    assert framer.feed(ws(sip(2), key=KEY)) == [(sip(2), 0)]


def test_gap_gives_what_was_begun() -> None:
    framer = WebSocketFramer({})
    framer.feed(ws(sip(1)[:99], 0x01, key=KEY) + ws(sip(1)[99:], 0x80, key=KEY)[:50])
    (piece,) = framer.gap()
    assert piece == (sip(1)[:143], CUT)
    assert framer.feed(sip(1)[150:]) == []


def test_where_a_frame_begins() -> None:
    assert begins_frame(ws(sip(1), key=KEY))
    assert begins_frame(ws(sip(1))[:40])
    assert not begins_frame(ws(b"hello"))
    assert not begins_frame(ws(sip(1), 0x89))
    assert not begins_frame(ws(sip(1), 0xC1))
    for size in range(10):
        assert not begins_frame(ws(b"x" * 70_000, key=KEY)[:size])


def test_a_whole_conversation() -> None:
    tap = Tap()
    client = {"sport": 50000, "dport": 8080}
    server = {"sport": 8080, "dport": 50000}
    tap.feed(ethernet(ipv4(tcp(b"", 99, 2, **client), 6)))
    tap.feed(ethernet(ipv4(tcp(b"", 499, 0x12, **server), 6)))
    tap.feed(ethernet(ipv4(tcp(REQUEST[:50], 100, **client), 6)))
    tap.feed(ethernet(ipv4(tcp(REQUEST[50:], 150, **client), 6)))
    at, back = 100 + len(REQUEST), 500 + len(ACCEPT)
    tap.feed(ethernet(ipv4(tcp(ACCEPT, 500, **server), 6)))
    (asked,) = tap.feed(ethernet(ipv4(tcp(ws(sip(1), key=KEY), at, **client), 6)))
    (answered,) = tap.feed(ethernet(ipv4(tcp(ws(response(1)), back, **server), 6)))
    tap.feed(ethernet(ipv4(tcp(ws(b"", 0x89), back + len(ws(response(1))), **server), 6)))
    assert (asked.data, asked.transport, asked.sport) == (sip(1), "ws", 50000)
    assert (answered.data, answered.transport, answered.sport) == (response(1), "ws", 8080)
    assert tap.causes == {"tcp-no-data": 2, "tcp-segment": 1, "websocket-control": 3}
    assert tap.tally.sip == 2


def test_capture_that_begins_after_the_upgrade() -> None:
    (seen,) = dissect(ethernet(ipv4(tcp(ws(sip(1), key=KEY), 77, sport=50000, dport=8080), 6))).seen
    assert (seen.data, seen.transport) == (sip(1), "ws")


def test_capture_that_begins_inside_a_frame() -> None:
    rest = ws(sip(1), key=KEY)[30:]
    frames = [rest, ws(sip(2), key=KEY)]
    tap = dissect(*(ethernet(ipv4(tcp(f, 77 + at * len(rest), dport=8080), 6)) for at, f in enumerate(frames)))
    assert [(seen.data, seen.transport) for seen in tap.seen] == [(sip(2), "ws")]


def test_gap_between_whole_frames_of_a_message() -> None:
    framer = WebSocketFramer({})
    framer.feed(ws(sip(1)[:99], 0x01))
    assert framer.gap() == [(sip(1)[:99], CUT)]
    framer = WebSocketFramer({})
    framer.feed(ws(sip(1)[:99], 0x01) + ws(sip(2))[:60])
    assert framer.gap() == [(sip(2)[:56], CUT)]


def test_compressed_message_begun_is_not_handed_out() -> None:
    framer = WebSocketFramer({})
    framer.feed(ws(sip(1)[:50], 0x41))
    framer.feed(ws(sip(1)[50:], 0x80)[:20])
    assert framer.gap() == []
