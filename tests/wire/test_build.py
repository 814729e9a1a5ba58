"""Building messages, answering requests, and what builders refuse."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ringthrough.errors import LocalError
from ringthrough.wire import build_request, build_response, decode, encode, respond, validate
from ringthrough.wire.message import Request, Response
from tests.wire.messages import INVITE, request


def test_request() -> None:
    made = build_request("OPTIONS", "sip:a@b", [("Via", "SIP/2.0/UDP h;branch=z9hG4bK1"), ("X", " é ")], b"hello")
    assert made.data is None
    assert (
        encode(made)
        == (
            "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nX: é\r\nContent-Length: 5\r\n\r\nhello"
        ).encode()
    )
    assert (made.body, made.trailing, made.problems) == (b"hello", b"", ())
    assert made.via[0].branch == "z9hG4bK1"
    assert made.content_length == 5
    again = decode(encode(made))
    assert isinstance(again, Request)
    assert again.headers == made.headers


def test_response_keeps_a_given_length() -> None:
    made = build_response(603, "", [("l", "9")])
    assert encode(made) == b"SIP/2.0 603 \r\nl: 9\r\n\r\n"
    assert isinstance(decode(encode(made)), Response)


def test_surrogates_from_decoding_can_be_built_again() -> None:
    odd = request(INVITE.replace(b"kept as it is", b"\xff\xfe"))
    made = build_request(odd.method, odd.uri_text, odd.headers.items, odd.body)
    assert b"\xff\xfe" in encode(made)


def test_respond_copies_what_rfc_3261_8_2_6_names() -> None:
    asked = request(INVITE)
    made = respond(asked, 603, "Decline", to_tag="t1", headers=[("Reason", "SIP;cause=603")], body=b"x")
    assert made.headers.items == (
        ("Via", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK776asdhds;rport"),
        ("Via", "SIP/2.0/TCP pbx.example.com;branch=z9hG4bK1, SIP/2.0/UDP phone.example.com;branch=z9hG4bK0"),
        ("From", '"Alice" <sip:+12155551212@example.com>;tag=1928301774'),
        ("To", "<sip:+12155550113@carrier.example.net>;tag=t1"),
        ("Call-ID", "a84b4c76e66710@pbx.example.com"),
        ("CSeq", "314159 INVITE"),
        ("Reason", "SIP;cause=603"),
        ("Content-Length", "1"),
    )
    assert [problem.code for problem in validate(made)] == ["wire-content-type-missing"]


def test_trying_gets_no_tag_and_the_timestamp() -> None:
    made = respond(request(INVITE), 100, "Trying", to_tag="t1")
    assert made.to is not None
    assert made.to.tag is None
    assert made.headers.get("Timestamp") == "54.5"
    assert validate(made) == ()


def test_a_tag_that_is_there_stays() -> None:
    asked = request(INVITE.replace(b"carrier.example.net>\r\n", b"carrier.example.net>;tag=old\r\n"))
    made = respond(asked, 487, "Request Terminated", to_tag="")
    assert made.headers.get("To") == "<sip:+12155550113@carrier.example.net>;tag=old"


def test_what_the_request_lacks_the_response_lacks() -> None:
    made = respond(request(b"OPTIONS sip:a SIP/2.0\r\n\r\n"), 400, "Bad Request", to_tag="t")
    assert made.headers.items == (("Content-Length", "0"),)


def test_a_bare_cr_of_the_request_does_not_break_the_answer() -> None:
    made = respond(request(b"OPTIONS sip:a SIP/2.0\r\nCall-ID: a\rb\x00\r\n\r\n"), 400, "Bad Request", to_tag="t")
    assert made.headers.get("Call-ID") == "a b"


def make_request(method: str = "INVITE", uri: str = "sip:a", headers: tuple[tuple[str, str], ...] = ()) -> Request:
    return build_request(method, uri, headers)


@pytest.mark.parametrize(
    ("label", "make", "code"),
    [
        ("CR LF in a value", lambda: make_request(headers=(("X", "a\r\nEvil: yes"),)), "wire-header-break"),
        ("LF in a value", lambda: build_response(200, "OK", [("X", "a\nb")]), "wire-header-break"),
        ("CR in a value", lambda: make_request(headers=(("X", "a\rb"),)), "wire-header-break"),
        ("NUL in a value", lambda: make_request(headers=(("X", "a\x00b"),)), "wire-header-break"),
        ("LF in the phrase", lambda: build_response(200, "OK\nX: y", []), "wire-header-break"),
        ("NUL in the URI", lambda: make_request(uri="sip:a\x00"), "wire-header-break"),
        ("LF in a respond header", lambda: respond(request(INVITE), 200, "OK", to_tag="t", headers=[("X", "\n")]),
         "wire-header-break"),
        ("name with a colon", lambda: make_request(headers=(("X: y", "z"),)), "wire-header-name"),
        ("empty name", lambda: make_request(headers=(("", "z"),)), "wire-header-name"),
        ("method with a space", lambda: make_request(method="IN VITE"), "wire-method"),
        ("URI with a space", lambda: make_request(uri="sip:a b"), "wire-uri-space"),
        ("empty URI", lambda: make_request(uri=""), "wire-uri-space"),
        ("URI with a line end behind", lambda: make_request(uri="sip:a\r\n"), "wire-uri-space"),
        ("status too small", lambda: build_response(99, "x", []), "wire-status-range"),
        ("status too large", lambda: build_response(700, "x", []), "wire-status-range"),
        ("tag that is no token", lambda: respond(request(INVITE), 200, "OK", to_tag="a;b"), "wire-token"),
        ("lone surrogate", lambda: make_request(headers=(("X", "\ud800"),)), "wire-not-encodable"),
    ],
)  # fmt: skip
def test_what_builders_refuse(label: str, make: Callable[[], object], code: str) -> None:
    with pytest.raises(LocalError) as caught:
        make()
    assert caught.value.problem.code == code, label
    assert "expected" in str(caught.value)
    assert "found" in str(caught.value)
