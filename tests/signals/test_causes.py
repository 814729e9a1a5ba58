"""The quick ways from octets give what the careful way gives from a decoded message."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.signals import Causes, causes, may_refuse, read, read_octets
from ringthrough.wire import Malformed, decode
from ringthrough.wire.glance import glance
from tests.calls.scene import request, response

PLUS = 'Reason: SIP;cause=603;text="v=analytics1;url=https://carrier.example/r";location=RLN'
RESPONSES = {
    "bare 603": (603, "Decline", []),
    "bare 603, shouted": (603, "DECLINE", []),
    "bare 403": (403, "Forbidden", ["Server: x"]),
    "603 without phrase": (603, "", []),
    "603 of a provider": (603, "Declined as spam", []),
    "603 with a Warning": (603, "Decline", ['Warning: 399 x "caller ID not allowed"']),
    "603 with X-Reason": (603, "Decline", ["X-Reason: spam"]),
    "603 of Twilio": (603, "Decline", ["X-Twilio-Error: 32203"]),
    "404 of Twilio": (404, "Not Found", ["x-twilio-error : 32203"]),
    "603 with a card": (603, "Decline", ["Call-Info: <https://b.example/c>;purpose=jwscard"]),
    "603 with a cause": (603, "Decline", ["Reason: Q.850;cause=21;location=RLN"]),
    "603+": (603, "Network Blocked", [PLUS]),
    "603+ in 486": (486, "Busy Here", [PLUS]),
    "608": (608, "Rejected", []),
    "607": (607, "Unwanted", []),
    "stale": (403, "Stale Date", []),
    "486 with a cause": (486, "Busy Here", ["Reason: Q.850;cause=17"]),
    "486 with two causes": (486, "Busy Here", ["Reason: Q.850;cause=17", 'Reason: SIP;cause=607;text="Unwanted"']),
    "486 with a folded cause": (486, "Busy Here", ["Reason:\r\n STIR ;cause=436"]),
    "480 with an odd cause": (480, "Gone", ["reason : q.850;cause=20;text=\"no reason\""]),
    "480 with a broken cause": (480, "Gone", ["Reason: ;;;"]),
    "404 with the word elsewhere": (404, "Not Found", ["X-Note: no reason given"]),
    "487": (487, "Request Terminated", []),
}  # fmt: skip
MESSAGES = {name: (response(status, phrase, headers=h), status) for name, (status, phrase, h) in RESPONSES.items()} | {
    "BYE": (request("BYE", to_tag="t"), 0),
    "BYE 607": (request("BYE", to_tag="t", headers=['Reason: SIP;cause=607;text="Unwanted"']), 0),
    "BYE with a cause": (request("BYE", to_tag="t", headers=["Reason: Q.850;cause=16"]), 0),
    "CANCEL": (request("CANCEL", headers=['Reason: SIP;cause=200;text="Call completed elsewhere"']), 0),
    "nothing": (b"", 0),
}


def agree(data: bytes, status: int) -> None:
    message = decode(data)
    careful = None if isinstance(message, Malformed) else read(message)

    assert read_octets(data, status) == careful
    assert may_refuse(data, status) or careful is None
    if not isinstance(message, Malformed):
        for name in (b"reason", b"server"):
            assert glance(data, name) == message.headers.get(name.decode())


@pytest.mark.parametrize(("data", "status"), MESSAGES.values(), ids=MESSAGES.keys())
def test_octets_and_message_say_the_same(data: bytes, status: int) -> None:
    agree(data, status)


PIECES = st.sampled_from(
    [b"\r\n", b"\n", b" ", b":", b";", b",", b'"', b"\r\nReason: x", b"reason", b"\xff", b"x-twilio-error: 1"]
)


@given(
    st.sampled_from(list(MESSAGES.values())),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), PIECES), max_size=3),
)
@settings(max_examples=1500, deadline=None)
def test_mutated_octets_say_the_same(message: tuple[bytes, int], changes: list[tuple[float, int, bytes]]) -> None:
    data, status = message
    for where, drop, piece in changes:
        at = 20 + int(where * len(data))  # the start line stays: the status is given
        data = data[:at] + piece + data[at + drop :]

    agree(data, status)


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ([], Causes("", None, None, "")),
        (["Reason: Q.850;cause=17;text=\"User busy\""], Causes('Q.850;cause=17;text="User busy"', None, 17, "")),
        (["Reason: q.850 ; cause=21 ; location=rln"], Causes("q.850 ; cause=21 ; location=rln", None, 21, "RLN")),
        (["Reason: SIP;cause=480", "Reason: Q.850;cause=20"], Causes("SIP;cause=480, Q.850;cause=20", 480, 20, "")),
        (["Reason: SIP;cause=480, Q.850;cause=20"], Causes("SIP;cause=480, Q.850;cause=20", 480, 20, "")),
        (["Reason: ;;"], Causes(";;", None, None, "")),
        (["X-Note: reason"], Causes("", None, None, "")),
    ],
)  # fmt: skip
def test_causes_in_short(headers: list[str], said: Causes) -> None:
    assert causes(response(480, "Gone", headers=headers)) == said
