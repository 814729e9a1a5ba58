"""Reason: many values, many ways to write them."""

from __future__ import annotations

import time

import pytest

from ringthrough.errors import RemoteError
from ringthrough.wire import Param, decode, parse_reason
from ringthrough.wire.headers import split_reasons
from ringthrough.wire.message import Response


@pytest.mark.parametrize(
    ("label", "text", "protocol", "cause", "said", "location"),
    [
        ("usual", 'Q.850;cause=21;text="Call rejected"', "Q.850", 21, "Call rejected", None),
        ("with location", 'Q.850;cause=21;location=LN;text="x"', "Q.850", 21, "x", "LN"),
        ("spaces", 'SIP ;cause = 608 ; text="Rejected"', "SIP", 608, "Rejected", None),
        ("lower case", "sip;CAUSE=603;Text=x", "sip", 603, "x", None),
        ("semicolon in quotes", 'SIP;cause=603;text="v=a;url=https://x/;tel=+1"', "SIP", 603, "v=a;url=https://x/;tel=+1",
         None),
        ("escaped quote", r'SIP;text="a \"b\"";cause=603', "SIP", 603, 'a "b"', None),
        ("trailing semicolon, empty parameter", "SIP;;cause=603;", "SIP", 603, None, None),
        ("unquoted text", "SIP;cause=603;text=Network Blocked", "SIP", 603, "Network Blocked", None),
        ("quote never closed", 'Q.850;text="cut;cause=21', "Q.850", 21, "cut", None),
        ("cause in quotes", 'Q.850;cause="16"', "Q.850", 16, None, None),
        ("cause that is no number", "Q.850;cause=x", "Q.850", None, None, None),
        ("cause without value", "Q.850;cause", "Q.850", None, None, None),
        ("cause of absurd length", "Q.850;cause=" + "9" * 5000, "Q.850", None, None, None),
        ("protocol alone", "Preemption", "Preemption", None, None, None),
    ],
)  # fmt: skip
def test_value(label: str, text: str, protocol: str, cause: int | None, said: str | None, location: str | None) -> None:
    value = parse_reason(text)
    assert (value.protocol, value.cause, value.text, value.location) == (protocol, cause, said, location), label
    assert value.raw == text


def test_repeated_params_stay_visible() -> None:
    value = parse_reason("SIP;cause=603;cause=607")
    assert value.cause == 603
    assert value.params == (Param("cause", "603"), Param("cause", "607"))


@pytest.mark.parametrize("text", ["", ";cause=16", "a b;cause=16", '"SIP";cause=1'])
def test_no_protocol(text: str) -> None:
    with pytest.raises(RemoteError) as caught:
        parse_reason(text)
    assert caught.value.problem.code == "wire-reason-no-protocol"


@pytest.mark.parametrize(
    ("label", "text", "values"),
    [
        ("two", "Q.850;cause=16, SIP;cause=200", ["Q.850;cause=16", "SIP;cause=200"]),
        ("comma in quotes", 'SIP;text="a,b",Q.850', ['SIP;text="a,b"', "Q.850"]),
        ("comma in a bare text", "SIP;cause=603;text=Blocked, by us, sorry",
         ["SIP;cause=603;text=Blocked, by us, sorry"]),
        ("bare text, then a value", "SIP;text=No, Q.850;cause=21", ["SIP;text=No", "Q.850;cause=21"]),
        ("bare text, more params", "SIP;text=No, thanks;cause, x", ["SIP;text=No, thanks;cause", "x"]),
        ("trailing comma after a bare text", "SIP;text=No,", ["SIP;text=No,"]),
        ("protocols alone", "SIP, Q.850", ["SIP", "Q.850"]),
    ],
)  # fmt: skip
def test_list(label: str, text: str, values: list[str]) -> None:
    assert split_reasons(text) == values, label


def test_several_headers_and_lists_are_one_tuple() -> None:
    message = decode(
        b"SIP/2.0 603 Decline\r\nReason: Q.850;cause=21,SIP;cause=603\r\nReason: ;bad\r\nREASON:STIR ;cause=436\r\n\r\n"
    )
    assert isinstance(message, Response)
    assert [(value.protocol, value.cause) for value in message.reason] == [("Q.850", 21), ("SIP", 603), ("STIR", 436)]


def test_a_long_bare_text_is_cut_in_linear_time() -> None:
    begin = time.process_time()
    assert len(split_reasons("SIP;text=a" + ",b" * 30_000)) == 1
    assert time.process_time() - begin < 1.0
