"""Long messages, filled with one piece in one place: readers take time as the length grows, and not as its square."""

from __future__ import annotations

import pytest

from tests.calls.scene import request, response
from tests.fuzz.mutate import RUNS
from tests.fuzz.oracles import check_message
from tests.fuzz.watch import Watch

LONGEST = 40_000
"Octets of the run; the largest UDP payload is 65,507."
LIMIT_S = 4.0
"Work that grows as the length needs a tenth of this, under coverage and on a busy machine half; its square, twice."
INVITE = request("INVITE", headers=["Session-ID: a;remote=b", "P-Asserted-Identity: <sip:x@y>", "Contact: <sip:a@b>"])
REFUSAL = response(
    603,
    "Network Blocked",
    headers=['Reason: SIP;cause=603;text="v=analytics1;url=https://x"', "Server: a", "Warning: 399 a"],
)
PLACES = {
    "URI": (INVITE, b"INVITE sip:"),
    "Via": (INVITE, b";branch="),
    "From": (INVITE, b"From: "),
    "From, display name": (INVITE.replace(b"From: ", b'From: "'), b'From: "'),
    "tag": (INVITE, b";tag="),
    "To": (INVITE, b"To: <sip:"),
    "Call-ID": (INVITE, b"Call-ID: "),
    "CSeq": (INVITE, b"CSeq: "),
    "asserted": (INVITE, b"P-Asserted-Identity: "),
    "session": (INVITE, b"Session-ID: "),
    "before the end": (INVITE, b"Content-Length: 0"),
    "phrase": (REFUSAL, b"SIP/2.0 603 "),
    "Reason": (REFUSAL, b"Reason: "),
    "text": (REFUSAL, b'text="v=analytics1'),
    "Server": (REFUSAL, b"Server: "),
    "Warning": (REFUSAL, b"Warning: 399 "),
    "body": (REFUSAL, b"\r\n\r\n"),
}


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("piece", [pytest.param(piece, id=repr(piece)[1:]) for piece in RUNS])
def test_time_grows_as_length(piece: bytes) -> None:
    watch = Watch(LIMIT_S)
    with watch.guarding():
        for message, mark in PLACES.values():
            head, found, rest = message.partition(mark)
            with watch.one():
                check_message(head + found + piece * (LONGEST // len(piece)) + rest)


def test_every_place_is_there() -> None:
    assert all(mark in message for message, mark in PLACES.values())
