"""What fuzzing found, mended, and kept in its shortest form: so it does not take luck to find it again."""

from __future__ import annotations

import pytest

from ringthrough.signals import may_refuse, read
from ringthrough.wire import decode
from ringthrough.wire.glance import glance
from tests.calls.scene import response
from tests.fuzz.oracles import check_message

FOUND = {
    "last line without an end, wanted at a glance": b"SIP/2.0 183 Progress\r\nCSeq: 1 INVITE\r\nServer: Cedar r9",
    "the same, when the header had ended before": b"SIP/2.0 100 T\r\nA: b\r\n\r\nbody\r\nServer: x=IN IP4 192.0.2\n",
    "X-Twilio-Error beside a Reason that names no SIP": response(
        404, "Not Found", headers=["X-Twilio-Error: 32017 blocked", "Reason: Q.850;cause=1;location=RLN"]
    ),
}


@pytest.mark.parametrize("data", FOUND.values(), ids=FOUND.keys())
def test_every_promise_holds(data: bytes) -> None:
    assert check_message(data)


def test_a_glance_at_a_line_without_an_end_sees_all_of_it() -> None:
    assert glance(FOUND["last line without an end, wanted at a glance"], b"server") == "Cedar r9"


def test_a_provider_error_beside_a_cause_is_not_passed_over() -> None:
    data = FOUND["X-Twilio-Error beside a Reason that names no SIP"]
    refusal = read(decode(data))

    assert refusal is not None
    assert refusal.provider_code == "twilio:32017"
    assert may_refuse(data, 404)
