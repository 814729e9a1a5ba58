from __future__ import annotations

from collections.abc import Callable

import pytest

from ringthrough.report.masking import mask_message, mask_row
from ringthrough.wire import Request, decode

from .conftest import make_row
from .messages import BLOCKED, request, response


def test_no_number_of_the_call_is_left_in_a_row(row: Callable) -> None:
    call, verdict = mask_row(
        *row(
            call_id="12155550123-77@pbx",
            callee_raw="tel-212-555-0199",
            reason='SIP;cause=603;text="v=analytics1;tel=+18005550100;num=+1 212 555 0199"',
            final_phrase="Blocked 2155550123",
            redress_url="https://fir.example/c?n=2125550199&id=1234567890",
            redress_tel="+18005550100",
            because="2155550123 was blocked.",
        )
    )
    text = repr((call, verdict))
    for number in ("5550123", "5550199", "555 0199", "555-0199"):
        assert number not in text
    assert (call.caller, call.callee) == ("+1215555xxxx", "+1212555xxxx")
    assert call.call_id == "1215555xxxx-77@pbx"
    assert call.redress_url == "https://fir.example/c?n=212555xxxx&id=1234567890"
    assert call.redress_tel == "+18005550100"
    assert "tel=+18005550100" in call.reason
    assert call.final_phrase == "Blocked 215555xxxx"
    assert verdict.because == "215555xxxx was blocked."


def test_short_and_absent_numbers(row: Callable) -> None:
    call, _ = mask_row(*row(caller="", caller_raw="", callee="1002", callee_raw="1002", call_id="1002@pbx"))
    assert (call.caller, call.callee, call.call_id) == ("", "xxxx", "1002@pbx")


MESSAGES = [
    *(s.data for s in BLOCKED),
    request(
        "INVITE", "P-Asserted-Identity: <tel:+12155550123;phone-context=x>\r\nIdentity: eyJh.eyJv.c2ln;info=<x>\r\n"
    ),
    request(
        "INVITE", "Contact: <sip:alice:secret@192.0.2.10>\r\nX-Note: call 215-555-0123 back\r\n", "o=- 3901234567 1"
    ),
    response("603 Décline 2155550123"),
    request("INVITE", "X-Odd: \x0b\x85 caf\xe9 sip:2155550123@h\r\n"),
]


@pytest.mark.parametrize("data", MESSAGES)
def test_a_masked_message_keeps_its_length_and_is_still_one(data: bytes) -> None:
    masked = mask_message(data)
    assert len(masked) == len(data)
    for secret in (b"5550123", b"5550199", b"555-0123", b"lice Miller", b"secret", b"eyJv", b"lice:"):
        assert secret not in masked
    before, after = decode(data), decode(masked)
    assert type(after) is type(before)
    assert after.headers.get("CSeq") == before.headers.get("CSeq")
    assert after.headers.get("Via") == before.headers.get("Via")
    assert after.body == before.body or isinstance(after, Request)


def test_numbers_are_masked_once_and_the_appeal_stays() -> None:
    masked = mask_message(BLOCKED[2].data)
    assert b'From: "Axxxx Mxxxxx" <sip:+1215555xxxx@192.0.2.10>' in masked
    assert b"To: Bxx <sip:+1212555xxxx@198.51.100.2>" in masked
    assert b"tel=+18005550100;num=212555xxxx" in masked


def test_what_a_record_says_of_the_call_is_masked_too() -> None:
    call, _verdict = mask_row(
        *make_row(
            caller="+12155550123",
            outcome_text="REJECTED +12155550123",
            trunk="out-12155550123",
            campaign="list 7",
            file="calls-12155550123.csv",
        )
    )
    assert call.outcome_text == "REJECTED +1215555xxxx"
    assert (call.trunk, call.campaign, call.file) == ("out-1215555xxxx", "list 7", "calls-1215555xxxx.csv")
