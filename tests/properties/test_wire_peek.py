"""`peek` says what `decode` says, on every message: the ordinary, the odd, the mutated and the random."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.wire.peek import Peek, _peek_whole, peek
from tests.calls.scene import OFFER, request, response

ORDINARY = [
    request("INVITE"),
    request("INVITE", body=OFFER, vias=["198.51.100.1;branch=z9hG4bKx"]),
    request("BYE", to_tag="t"),
    request("CANCEL"),
    request("ACK", to_tag="t"),
    response(100, "Trying"),
    response(180, "Ringing", body=OFFER),
    response(603, "Decline"),
    response(480, ""),
    response(486, "Busy Here", headers=[f"X-{n}: {n}" for n in range(20)]),
]


def swapped(message: bytes, old: bytes, new: bytes) -> bytes:
    assert old in message
    return message.replace(old, new, 1)


INVITE = request("INVITE", to_tag="t1")
ODD = {
    "compact Call-ID": swapped(INVITE, b"Call-ID:", b"i:"),
    "compact Via": swapped(INVITE, b"Via:", b"v:"),
    "compact From and To": swapped(swapped(INVITE, b"From:", b"f :"), b"To:", b"t:"),
    "lower case": swapped(INVITE, b"Call-ID:", b"call-id:"),
    "upper case": swapped(INVITE, b"CSeq:", b"CSEQ:"),
    "space before the colon": swapped(INVITE, b"To:", b"To :"),
    "tab before the colon": swapped(INVITE, b"From:", b"From\t:"),
    "folded From": swapped(INVITE, b";tag=f1", b"\r\n ;tag=f1"),
    "folded CSeq": swapped(INVITE, b"CSeq: 1 ", b"CSeq: 1\r\n "),
    "folded after the last one needed": swapped(INVITE, b"CSeq: 1 INVITE\r\n", b"CSeq: 1 INVITE\r\n  \r\n"),
    "bare LF": INVITE.replace(b"\r\n", b"\n"),
    "one bare LF": swapped(INVITE, b"\r\nCall-ID", b"\nCall-ID"),
    "bare LF in Via": swapped(INVITE, b";branch=z9hG4bKa\r\n", b";branch=z9hG4bKa\n"),
    "two Vias in one line": swapped(INVITE, b";branch=z9hG4bKa", b";branch=z9hG4bKa, SIP/2.0/UDP x;branch=z9hG4bKb"),
    "Via without branch": swapped(INVITE, b";branch=z9hG4bKa", b""),
    "Via with a comma before its branch": swapped(INVITE, b"5060;branch", b"5060, SIP/2.0/UDP y;branch"),
    "spaces around the branch": swapped(INVITE, b";branch=", b" ; branch = "),
    "BRANCH": swapped(INVITE, b";branch=", b";BRANCH="),
    "quoted tag": swapped(INVITE, b";tag=f1", b';tag="f1"'),
    "tag in the display name": swapped(INVITE, b"From: <", b'From: "x;tag=no" <'),
    "tag in the URI": swapped(INVITE, b"@example.com>;tag=f1", b"@example.com;tag=no>"),
    "tag without angle brackets": swapped(INVITE, b"<sip:+12155550112@example.com>", b"sip:+12155550112@example.com"),
    "two tags": swapped(INVITE, b";tag=f1", b";tag=f1;tag=f2"),
    "TAG": swapped(INVITE, b";tag=t1", b";TAG=t1"),
    "empty tag": swapped(INVITE, b";tag=t1", b";tag="),
    "To with another parameter": swapped(INVITE, b";tag=t1", b";x=y"),
    "second Call-ID": swapped(INVITE, b"Max-Forwards: 70", b"Call-ID: other"),
    "Call-Info before Call-ID": swapped(INVITE, b"Call-ID:", b"Call-Info: <http://x>\r\nCall-ID:"),
    "a header that begins like Via": swapped(INVITE, b"Via:", b"Vias: no\r\nVia:"),
    "a header that begins like From": swapped(INVITE, b"From:", b"Frog: no\r\nFrom:"),
    "a header that begins like CSeq": swapped(INVITE, b"CSeq:", b"CSea: no\r\nCSeq:"),
    "a header that begins like Call-ID": swapped(INVITE, b"Call-ID:", b"Cal: no\r\nCall-ID:"),
    "no Call-ID": swapped(INVITE, b"Call-ID: c1@a\r\n", b""),
    "no CSeq": swapped(INVITE, b"CSeq: 1 INVITE\r\n", b""),
    "CSeq without a method": swapped(INVITE, b"CSeq: 1 INVITE", b"CSeq: 1"),
    "CSeq too large": swapped(INVITE, b"CSeq: 1 ", b"CSeq: 99999999999999 "),
    "CSeq no number": swapped(INVITE, b"CSeq: 1 ", b"CSeq: one "),
    "CSeq of another method": swapped(INVITE, b"CSeq: 1 INVITE", b"CSeq: 1 in/vite"),
    "line without a colon": swapped(INVITE, b"Max-Forwards: 70", b"To"),
    "short line": swapped(INVITE, b"Max-Forwards: 70", b"V"),
    "spaces around the Call-ID": swapped(INVITE, b"Call-ID: c1@a", b"Call-ID:    c1@a  "),
    "Call-ID of two words": swapped(INVITE, b"Call-ID: c1@a", b"Call-ID: c1 a"),
    "space in the tag": swapped(INVITE, b";tag=f1", b";tag=f1 "),
    "no end of header": request("INVITE")[:-2],
    "start line with two spaces": swapped(INVITE, b"INVITE sip", b"INVITE  sip"),
    "method with a digit": INVITE.replace(b"INVITE", b"INV1TE"),
    "version 3": swapped(INVITE, b"SIP/2.0\r\n", b"SIP/3.0\r\n"),
    "leading line ends": b"\r\n\r\n" + INVITE,
    "status without a phrase": swapped(response(480, "x"), b"480 x", b"480"),
    "status of four digits": swapped(response(480, "x"), b"480 x", b"4800 x"),
    "status 000": swapped(response(480, "x"), b"480 x", b"000 x"),
    "two spaces before the phrase": swapped(response(480, "x"), b"480 x", b"480  x"),
    "letters for a status": swapped(response(480, "x"), b"480 x", b"4a0 x"),
    "response with an odd CSeq method": swapped(response(480, "x"), b"CSeq: 1 INVITE", b"CSeq: 1 IN-VITE"),
    "octets that are not UTF-8": swapped(INVITE, b"c1@a", b"c1\xff@a"),
    "nothing": b"",
    "no SIP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "many headers before": swapped(INVITE, b"Via:", b"".join(b"X-%d: y\r\n" % n for n in range(30)) + b"Via:"),
    "ten headers before": swapped(INVITE, b"CSeq:", b"".join(b"X-%d: y\r\n" % n for n in range(5)) + b"CSeq:"),
}


@pytest.mark.parametrize("message", ORDINARY, ids=[m.split(b"\r\n")[0].decode() for m in ORDINARY])
def test_on_ordinary_messages(message: bytes) -> None:
    assert isinstance(peek(message), Peek)
    assert peek(message) == _peek_whole(message)


@pytest.mark.parametrize("message", ODD.values(), ids=ODD.keys())
def test_on_odd_messages(message: bytes) -> None:
    assert peek(message) == _peek_whole(message)


@pytest.mark.parametrize("many", range(12))
def test_wherever_the_needed_headers_end(many: int) -> None:
    """The fast pass cuts the first ten lines apart; each needed header may be the tenth, the eleventh or the last."""
    filler = b"".join(b"X-%d: y\r\n" % n for n in range(many))
    for name in (b"Via:", b"From:", b"To:", b"Call-ID:", b"CSeq:", b"Max-Forwards:"):
        message = swapped(INVITE, name, filler + name)
        assert peek(message) == _peek_whole(message)
        assert peek(message) == peek(INVITE)


PIECES = st.sampled_from(
    [b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b";", b",", b'"', b"<", b">", b"tag", b";tag=", b"=", b"Via: ", b"v:",
     b"\0", b"\r\n ", b"i: x\r\n", b"t:", b";branch=", b"\xc3\xbc", b"\xff", b"\\", b"CSeq", b"1", b"?"]
)  # fmt: skip


@given(
    st.sampled_from(ORDINARY + list(ODD.values())),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), PIECES), max_size=3),
)
@settings(max_examples=4000, deadline=None)
def test_on_mutated_messages(message: bytes, changes: list[tuple[float, int, bytes]]) -> None:
    for where, drop, piece in changes:
        at = int(where * len(message))
        message = message[:at] + piece + message[at + drop :]

    assert peek(message) == _peek_whole(message)


@given(st.binary(max_size=200))
def test_on_any_octets(octets: bytes) -> None:
    assert peek(octets) == _peek_whole(octets)


def test_on_every_torture_message(shared: Path) -> None:
    files = sorted((shared / "vectors" / "rfc4475").glob("*.dat")) + sorted((shared / "data" / "torture").rglob("*.*"))
    assert len(files) > 50
    for file in files:
        if file.is_file():
            octets = file.read_bytes()
            assert peek(octets) == _peek_whole(octets), file.name
