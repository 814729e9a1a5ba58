"""The compiled scanner of messages reads what `peek` and `opening` read, or leaves the message to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.native import twin
from ringthrough.wire.opening import ANONYMOUS, _opening_whole
from ringthrough.wire.peek import _peek_whole
from tests.calls.scene import OFFER, request, response
from tests.properties.test_wire_peek import ODD, ORDINARY, PIECES

TAKEN = [
    request("INVITE"),
    request("INVITE", body=OFFER, vias=["198.51.100.1;branch=z9hG4bKx"]),
    request("INVITE", headers=["User-Agent: ThroughLine SBC 5.1", "P-Asserted-Identity: <sip:+12155550199@a>"]),
    request("BYE", to_tag="t"),
    request("CANCEL"),
    response(180, "Ringing", body=OFFER),
    response(603, "Decline", headers=["Reason: SIP;cause=603"]),
]
STYLES = {
    "as written": lambda m: m,
    "lower case": lambda m: (
        b"\r\n".join(
            line.partition(b":")[0].lower() + b":" + line.partition(b":")[2] if b":" in line and n else line
            for n, line in enumerate(m.partition(b"\r\n\r\n")[0].split(b"\r\n"))
        )
        + b"\r\n\r\n"
    ),
    "no space after the colon": lambda m: m.replace(b": ", b":"),
    "compact": lambda m: (
        m.replace(b"Via:", b"v:").replace(b"From:", b"f:").replace(b"To:", b"t:").replace(b"Call-ID:", b"i:")
    ),
}


def agrees(scanned: Any, message: bytes) -> bool:
    """Whether the scanner took the message; it must then say the same."""
    found = scanned(message)
    if found is None:
        return False
    status, method, call_id, cseq, from_tag, to_tag, branch, callee, caller, from_value, agent, vias, leads_on = found
    seen = _peek_whole(message)
    assert seen is not None
    assert (status, method, call_id, cseq, from_tag, to_tag, branch) == tuple(seen)
    if method == b"INVITE" and not status:
        said = _opening_whole(message)
        assert (from_value.decode(), agent.decode(), vias) == (said.from_value, said.user_agent, said.vias)
        if callee:  # else Python looks at the URI
            assert callee.decode() == said.callee
        if caller and caller.decode().lower() not in ANONYMOUS:
            assert (caller.decode(), said.asserted) == (said.caller, "")
        if not leads_on:
            assert (said.session, said.other_leg) == ("", "")
    return True


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("number", range(len(TAKEN)))
def test_takes_ordinary_messages(native: Any, number: int, style: str) -> None:
    message = STYLES[style](TAKEN[number])
    assert agrees(native.scanned, message)
    assert native.scanned(message)[2] == b"c1@a"


@pytest.mark.parametrize("message", ODD.values(), ids=ODD.keys())
def test_leaves_or_agrees_on_odd_messages(native: Any, message: bytes) -> None:
    agrees(native.scanned, message)


LEFT = ("folded From", "bare LF", "quoted tag", "two tags", "second Call-ID", "no CSeq", "octets that are not UTF-8")


@pytest.mark.parametrize("label", LEFT)
def test_leaves_what_is_not_ordinary(native: Any, label: str) -> None:
    assert native.scanned(ODD[label]) is None


@given(
    st.sampled_from(TAKEN + ORDINARY + list(ODD.values())),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), PIECES), max_size=3),
)
@settings(max_examples=4000, deadline=None)
def test_on_mutated_messages(message: bytes, changes: list[tuple[float, int, bytes]]) -> None:
    native = twin("_native")
    if native is None:
        pytest.skip("ringthrough-native is not installed: make native")
    for where, drop, piece in changes:
        at = int(where * len(message))
        message = message[:at] + piece + message[at + drop :]
    agrees(native.scanned, message)


def test_on_every_torture_message(native: Any, shared: Path) -> None:
    files = sorted((shared / "vectors" / "rfc4475").glob("*.dat")) + sorted((shared / "data" / "torture").rglob("*.*"))
    taken = sum(agrees(native.scanned, file.read_bytes()) for file in files if file.is_file())
    assert len(files) > 50
    assert taken, "a scanner that takes nothing proves nothing"
