"""What a TCP stream is taken for."""

from __future__ import annotations

import pytest

from ringthrough.calls.sighting import CUT
from ringthrough.captures.streams import PATIENCE, Reading
from tests.captures.frames import response, sip
from tests.captures.test_websocket import ACCEPT, REQUEST, ws

TLS = b"\x16\x03\x01\x00\x05hello"
KINDS = [
    ("SIP", sip(1), "", "tcp", [sip(1)]),
    ("SIP after keep-alives", b"\r\n\r\n\x00" + sip(1), "", "tcp", [sip(1)]),
    ("response", response(1), "", "tcp", [response(1)]),
    ("behind HAProxy", b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + sip(1), "", "tcp", [sip(1)]),
    ("WebSocket, client", REQUEST + ws(sip(1)), "", "ws", [sip(1)]),
    ("WebSocket, server", ACCEPT + ws(response(1)), "", "ws", [response(1)]),
    ("HEP", b"HEP3\x00\x08ab", "", "hep", [b"HEP3\x00\x08ab"]),
    ("TLS", TLS, "encrypted-tls", "tcp", []),
    ("web page", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "http", "tcp", []),
    ("web post", b"POST /x HTTP/1.1\r\nHost: x\r\n\r\n", "http", "tcp", []),
    ("web answer", b"HTTP/1.1 404 Not Found\r\n\r\n", "http", "tcp", []),
    ("another upgrade", REQUEST.replace(b": sip", b": xmpp"), "http", "tcp", []),
    ("endless head", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 4000, "http", "tcp", []),
    ("binary", bytes(range(1, 200)), "tcp-other", "tcp", []),
    ("mail", b"220 mail.example.com ESMTP\r\n", "tcp-other", "tcp", []),
    ("long line", b"INVITE sip:" + b"a" * 9000, "tcp-other", "tcp", []),
]
WHOLE = ("WebSocket, client", "WebSocket, server", "behind HAProxy")
"What is recognised midway only at the beginning of a segment."


@pytest.mark.parametrize("joined", [False, True], ids=["from the start", "joined midway"])
@pytest.mark.parametrize(("label", "stream", "name", "transport", "messages"), KINDS, ids=[case[0] for case in KINDS])
def test_kind_of_stream(
    label: str, stream: bytes, name: str, transport: str, messages: list[bytes], joined: bool
) -> None:
    sizes = {len(stream), 70} if len(stream) > 5000 else {len(stream), 3, 1}
    for size in {len(stream)} if joined and (name or label in WHOLE) else sizes:
        reading = Reading({}, (40000, 40001), joined=joined)
        made = [piece for at in range(0, len(stream), size) for piece in reading.feed(stream[at : at + size])]
        assert made == [(message, 0) for message in messages]
        if name != "tcp-other" or not joined:
            assert (reading.name, reading.transport) == (name, transport)
            assert reading.idle == (name or ("websocket-control" if transport == "ws" else "tcp-segment"))
        assert reading.held == 0 or joined
        assert reading.feed(b"") == []


def test_nothing_is_decided_too_early() -> None:
    reading = Reading({}, (1, 2), joined=False)
    for octet in sip(1)[:30]:
        reading.feed(bytes((octet,)))
        assert reading.name == ""
    assert reading.held == 30
    assert reading.gap() == [(sip(1)[:30], CUT)]
    assert reading.held == 0


def test_patience_with_a_stream_joined_midway() -> None:
    reading = Reading({}, (1, 2), joined=True)
    for count in range(PATIENCE):
        assert reading.name == ""
        reading.feed(b"line %d of a body\r\n" % count)
    assert reading.name == "tcp-other"
    assert reading.feed(sip(1)) == []


def test_patience_with_binary_is_shorter() -> None:
    reading = Reading({}, (1, 2), joined=True)
    for _ in range(PATIENCE // 4):
        assert reading.name == ""
        reading.feed(b"\x05\x00\x07\x00\r\n")
    assert reading.name == "tcp-other"


def test_message_behind_a_body_is_found_in_time() -> None:
    reading = Reading({}, (1, 2), joined=True)
    assert reading.feed(b"a=rtpmap:0 PCMU/8000\r\n") == []
    assert reading.feed(b"a=sendrecv\r\n" + sip(1)) == [(sip(1), 0)]
    for count in range(PATIENCE * 2):
        assert reading.feed(b"noise %d\r\n" % count) == []
    assert reading.feed(sip(2)) == [(sip(2), 0)]


def test_gap_before_anything_was_known() -> None:
    reading = Reading({}, (1, 2), joined=False)
    assert reading.gap() == []
    assert reading.feed(b"rest of a line\r\n" + sip(1)) == [(sip(1), 0)]
