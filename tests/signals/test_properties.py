"""Whatever `decode` makes, `read` takes: it never raises, and what it says is well-formed."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from ringthrough.signals import KINDS, PROBLEMS, Refusal, read
from ringthrough.wire import decode

_PIECES = st.sampled_from(
    ["SIP", "Q.850", "STIR", ";", ",", "=", '"', "'", "\\", " ", "<", ">", "@", "://", "cause", "603", "608", "607",
     "21", "436", "text", "v=analytics1", "v=analytics", "url=https://a.example", "url", "tel=+1", "email=a@b.example",
     "id=1", "location=RLN", "location", "purpose=jwscard", "399 x ", "spam", "\u00fc", "\udcff", "D35"]
)  # fmt: skip
_VALUES = st.lists(_PIECES, max_size=14).map("".join) | st.text(string.printable, max_size=60)
_NAMES = st.sampled_from(["Reason", "reason", "Call-Info", "Warning", "X-Reason", "X-Twilio-Error", "To", "Server"])
_STATUSES = st.sampled_from([183, 200, 302, 403, 407, 428, 480, 486, 487, 500, 603, 607, 608]) | st.integers(0, 999)
_PHRASES = st.sampled_from(["Network Blocked", "Decline", "Stale Date", "Forbidden", "x D35", "\u00fc", ""])
_STARTS = st.builds("SIP/2.0 {:03d} {}".format, _STATUSES, _PHRASES) | st.sampled_from(
    ["BYE sip:a@b SIP/2.0", "CANCEL sip:a@b SIP/2.0", "INVITE sip:a@b SIP/2.0"]
)


def _check(refusal: Refusal | None) -> None:
    if refusal is None:
        return
    assert refusal.kind in KINDS
    assert refusal.carried_in in ("response", "bye", "cancel")
    assert all(problem.code in PROBLEMS and problem.detail and problem.source for problem in refusal.defects)
    assert refusal.kind != "603plus" or not refusal.defects
    assert refusal.kind not in ("603plus_defective", "603plus_rewritten") or refusal.defects
    assert refusal.kind != "provider" or refusal.provider_code
    assert "\n" not in refusal.blocker


@given(_STARTS, st.lists(st.tuples(_NAMES, _VALUES), max_size=4))
def test_read_never_raises_on_messages(start: str, headers: list[tuple[str, str]]) -> None:
    """house.md 5: nothing escapes a lenient reader."""
    lines = [start, *(f"{name}: {value}" for name, value in headers), "", ""]
    _check(read(decode("\r\n".join(lines).encode("utf-8", "surrogateescape"))))


@given(st.binary(max_size=200))
def test_read_never_raises_on_octets(data: bytes) -> None:
    _check(read(decode(data)))
    _check(read(decode(b'SIP/2.0 603 Network Blocked\r\nReason: SIP;text="v=analytics1;' + data)))


def test_hostile_lengths_cost_little() -> None:
    """A value as long as a datagram is read in one pass; a slow pattern would take minutes here."""
    for value in ("v=analytics1;" * 5000, "a" * 60000, "url=https://" + "a." * 30000, '"' * 60001, "x=" + ";" * 60000):
        for start in ('SIP;cause=603;text="v=analytics1;', "SIP;", ""):
            _check(read(decode(f"SIP/2.0 603 Network Blocked\r\nReason: {start}{value}\r\n\r\n".encode())))
            _check(read(decode(f"SIP/2.0 403 {value}\r\nWarning: 399 x {value}\r\nX-Reason: {value}\r\n\r\n".encode())))
