"""`opening` reads the same from the octets as from a decoded message."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.wire.opening import Opening, _opening_whole, begin, opening
from ringthrough.wire.peek import _peek_whole
from tests.calls.scene import OFFER, request

PLAIN = request("INVITE", body=OFFER, headers=["User-Agent: Our PBX 1.2"])
FROM = b"From: <sip:+12155550112@example.com>;tag=f1"
MESSAGES = {
    "plain": PLAIN,
    "without User-Agent": request("INVITE"),
    "three hops": request("INVITE", vias=["a;branch=z9hG4bKb", "c;branch=z9hG4bKd"]),
    "hops in one line": PLAIN.replace(b"branch=z9hG4bKa", b"branch=z9hG4bKa, SIP/2.0/UDP b;branch=z9hG4bKc"),
    "anonymous with identity": request(
        "INVITE", caller="anonymous", headers=["P-Asserted-Identity: <tel:+12155550199>"]
    ),
    "two identities": request("INVITE", headers=["P-Asserted-Identity: <sip:h.example>, <sip:+12155550199@x>"]),
    "session": request("INVITE", headers=["Session-ID: AB30317f1a784dc48ff824d0d3715d86;remote=0"]),
    "nil session": request("INVITE", headers=["Session-ID: 00000000000000000000000000000000"]),
    "X-CID": request("INVITE", headers=["x-cid: other@host"]),
    "P-Call-ID": request("INVITE", headers=["P-Call-ID: other@host"]),
    "tel URI": PLAIN.replace(b"sip:+12155550113@example.net SIP", b"tel:+1-215-555-0113 SIP"),
    "user parameters": PLAIN.replace(b"sip:+12155550113@", b"sip:+12155550113;npdi;rn=+12155550000@"),
    "no user": PLAIN.replace(b"sip:+12155550113@example.net SIP", b"sip:example.net SIP"),
    "display name": PLAIN.replace(FROM, b'From: "A Caller" <sip:+12155550112@example.com>;tag=f1'),
    "hostile display name": PLAIN.replace(FROM, b'From: "<sip:no@no>" <sip:+12155550112@example.com>;tag=f1'),
    "compact": PLAIN.replace(b"From:", b"f:").replace(b"Via:", b"v:"),
    "folded": PLAIN.replace(b"User-Agent: Our", b"User-Agent:\r\n Our"),
    "upper case": PLAIN.replace(b"From:", b"FROM:").replace(b"User-Agent:", b"USER-AGENT:"),
    "space before the colon": PLAIN.replace(b"From:", b"From :"),
    "bare LF": PLAIN.replace(b"\r\n", b"\n"),
    "two agents": request("INVITE", headers=["User-Agent: one", "User-Agent: two"]),
    "a header that begins like User-Agent": request("INVITE", headers=["User-Agent-Id: 7", "User-Agent: two"]),
    "empty agent": request("INVITE", headers=["User-Agent:"]),
    "not UTF-8": request("INVITE", headers=["User-Agent: x"]).replace(b": x", b": \xff"),
    "no From": PLAIN.replace(FROM + b"\r\n", b""),
    "unreadable From": PLAIN.replace(FROM, b"From: ;;;"),
    "no end": b"INVITE sip:a@b SIP/2.0",
    "response": b"SIP/2.0 180 Ringing\r\nTo: <sip:b@x>\r\nFrom: <sip:a@x>\r\n\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES.keys())
def test_both_ways_agree(message: bytes) -> None:
    agree(message)


def agree(message: bytes) -> None:
    assert opening(message) == _opening_whole(message)
    both = begin(message)
    if both is not None:
        call_id, cseq, from_tag, branch, said = both
        assert _peek_whole(message) == (0, b"INVITE", call_id, cseq, from_tag, b"", branch)
        assert said == _opening_whole(message)


@pytest.mark.parametrize("name", ["plain", "without User-Agent", "three hops", "display name"])
def test_ordinary_ones_are_read_in_one_go(name: str) -> None:
    assert begin(MESSAGES[name]) is not None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("plain", ("+12155550113", "+12155550112", "", "Our PBX 1.2", "", "", 1)),
        ("three hops", ("+12155550113", "+12155550112", "", "", "", "", 3)),
        ("hops in one line", ("+12155550113", "+12155550112", "", "Our PBX 1.2", "", "", 2)),
        ("anonymous with identity", ("+12155550113", "anonymous", "+12155550199", "", "", "", 1)),
        ("session", ("+12155550113", "+12155550112", "", "", "ab30317f1a784dc48ff824d0d3715d86", "", 1)),
        ("nil session", ("+12155550113", "+12155550112", "", "", "", "", 1)),
        ("X-CID", ("+12155550113", "+12155550112", "", "", "", "other@host", 1)),
        ("user parameters", ("+12155550113", "+12155550112", "", "Our PBX 1.2", "", "", 1)),
        ("tel URI", ("+1-215-555-0113", "+12155550112", "", "Our PBX 1.2", "", "", 1)),
        ("nothing", ("", "", "", "", "", "", 0)),
    ],
)
def test_what_it_says(name: str, said: tuple[object, ...]) -> None:
    found = opening(MESSAGES[name])

    assert (
        found.callee,
        found.caller,
        found.asserted,
        found.user_agent,
        found.session,
        found.other_leg,
        found.vias,
    ) == said
    assert isinstance(found, Opening)


PIECES = st.sampled_from(
    [b"\r\n", b"\n", b" ", b":", b";", b",", b'"', b"<", b">", b"\r\nVia: x", b"\r\nf: y", b"\xff", b"@", b"%"]
)


@given(
    st.sampled_from(list(MESSAGES.values())),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), PIECES), max_size=3),
)
@settings(max_examples=3000, deadline=None)
def test_on_mutated_messages(message: bytes, changes: list[tuple[float, int, bytes]]) -> None:
    for where, drop, piece in changes:
        at = int(where * len(message))
        message = message[:at] + piece + message[at + drop :]

    agree(message)
