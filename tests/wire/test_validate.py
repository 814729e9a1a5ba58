"""Every Problem of the room: what produces it, where it is, and the status owed for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ringthrough.errors import LocalError
from ringthrough.wire import PROBLEMS, Message, build_request, build_response, decode, validate
from ringthrough.wire.validate import MAX_HEAD_BYTES, MAX_HEADERS
from tests.wire.messages import DECLINED, INVITE, invite, message, request, response

ROUTE = b"Max-Forwards: 69\r\n"
"A line that the cases put their own beside."


def beside(line: bytes) -> bytes:
    return invite((ROUTE, ROUTE + line + b"\r\n"))


CASES: list[tuple[str, bytes, int | None, str]] = [
    ("wire-address-syntax", beside(b"Route: <sip:a"), 400, "Route"),
    ("wire-address-syntax", beside(b"Route: <sip:a>junk"), 400, "Route"),
    ("wire-address-unbracketed", beside(b"P-Asserted-Identity: sip:a@b?x=y"), 400, "P-Asserted-Identity"),
    ("wire-bare-cr", beside(b"X: a\rb"), 400, "X"),
    ("wire-bare-lf", invite((b"69\r\n", b"69\n")), None, "message"),
    ("wire-body-short", invite((b"Length: 5", b"Length: 6")), 400, "Content-Length"),
    ("wire-branch-2543", invite((b"z9hG4bK776", b"776")), None, "Via"),
    ("wire-branch-empty", invite((b"z9hG4bK776asdhds", b"z9hG4bK")), 400, "Via"),
    ("wire-call-info-syntax", beside(b"Call-Info: https://x/"), 400, "Call-Info"),
    ("wire-contact-missing", invite((b"Contact", b"X-Contact")), None, "Contact"),
    ("wire-content-type-missing", invite((b"Content-Type", b"X-Type")), None, "Content-Type"),
    ("wire-cseq-method-mismatch", invite((b"314159 INVITE", b"314159 BYE")), 400, "CSeq"),
    ("wire-cseq-range", invite((b"314159", b"2147483648")), 400, "CSeq"),
    ("wire-date", beside(b"Date: today"), 400, "Date"),
    ("wire-display-name", beside(b"Diversion: a(b) <sip:a@b>"), 400, "Diversion"),
    ("wire-empty", b"\r\n", None, "start line"),
    ("wire-feature-caps-syntax", beside(b"Feature-Caps: +sip.608"), 400, "Feature-Caps"),
    ("wire-fold-at-start", b"OPTIONS sip:a SIP/2.0\r\n folded\r\n\r\n", 400, "header section"),
    ("wire-from-no-tag", invite((b";tag=1928301774", b"")), None, "From"),
    ("wire-head-too-large", beside(b"X: " + b"a" * MAX_HEAD_BYTES), 513, "message"),
    ("wire-head-unterminated", b"OPTIONS sip:a SIP/2.0\r\n", 400, "message"),
    ("wire-header-missing", invite((b"Call-ID", b"X-Call-ID")), 400, "Call-ID"),
    ("wire-header-name", beside(b"X Y: z"), 400, "'X Y'"),
    ("wire-header-no-colon", beside(b"Foobar"), 400, "header section"),
    ("wire-header-repeated", beside(b"i: other"), 400, "Call-ID"),
    ("wire-identity-syntax", beside(b"Identity: ;info=<x>"), 400, "Identity"),
    ("wire-leading-crlf", b"\r\n" + INVITE, None, "start line"),
    ("wire-list-empty", beside(b"Route: <sip:a>,"), 400, "Route"),
    ("wire-max-forwards-missing", invite((ROUTE, b"")), None, "Max-Forwards"),
    ("wire-max-forwards-range", invite((b": 69", b": 256")), 400, "Max-Forwards"),
    ("wire-media-type", invite((b"application/sdp", b"sdp")), 400, "Content-Type"),
    ("wire-method", invite((b"INVITE", b"IN(VITE")), 400, "start line"),
    ("wire-number", invite((b": 69", b": sixty")), 400, "Max-Forwards"),
    ("wire-number-range", beside(b"Expires: 4294967296"), 400, "Expires"),
    ("wire-number-range", invite((b"5060>\r\n", b"5060>;expires=" + b"9" * 9999 + b"\r\n")), 400, "Contact"),
    ("wire-number-range", beside(b"Retry-After: 4294967296"), 400, "Retry-After"),
    ("wire-param-empty", beside(b"Route: <sip:a>;"), 400, "Route"),
    ("wire-quote-open", beside(b'Reason: SIP;text="a'), 400, "Reason"),
    ("wire-quote-open", beside(b'Route: "a <sip:a>'), 400, "Route"),
    ("wire-rack-syntax", beside(b"RAck: 1"), 400, "RAck"),
    ("wire-reason-no-protocol", beside(b"Reason: ;cause=1"), 400, "Reason"),
    ("wire-session-id-syntax", beside(b"Session-ID: 1"), 400, "Session-ID"),
    ("wire-start-line", b"GET / HTTP/1.1\r\n\r\n", 400, "start line"),
    ("wire-start-line-space", invite((b"INVITE sip", b"INVITE  sip")), 400, "start line"),
    ("wire-status-range", DECLINED.replace(b"603", b"700"), None, "start line"),
    ("wire-timestamp-syntax", invite((b"54.5", b"now")), 400, "Timestamp"),
    ("wire-token", beside(b"Require: a b"), 400, "Require"),
    ("wire-too-many-headers", beside(b"\r\n".join([b"X: y"] * MAX_HEADERS)), 513, "message"),
    (
        "wire-uri-brackets",
        invite((b"sip:+12155550113@carrier.example.net;user=phone", b"<sip:a@b>")),
        400,
        "Request-URI",
    ),
    ("wire-uri-characters", beside(b"Route: <sip:a#b@c>"), 400, "Route"),
    ("wire-uri-headers", invite((b";user=phone SIP", b"?a=b SIP")), 400, "Request-URI"),
    ("wire-uri-scheme", invite((b"INVITE sip:", b"INVITE fax:")), 416, "Request-URI"),
    ("wire-uri-space", beside(b"Route: < sip:a>"), 400, "Route"),
    ("wire-uri-syntax", invite((b"INVITE sip:+", b"INVITE +")), 400, "Request-URI"),
    ("wire-version", invite((b"phone SIP/2.0", b"phone SIP/2.1")), 505, "start line"),
    ("wire-via-syntax", beside(b"Via: nonsense"), 400, "Via"),
    ("wire-warning-syntax", beside(b"Warning: x"), 400, "Warning"),
]


@pytest.mark.parametrize(("code", "data", "status", "where"), CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_case(code: str, data: bytes, status: int | None, where: str) -> None:
    problems = [problem for problem in validate(decode(data)) if problem.code == code]
    assert problems
    problem = problems[0]
    assert (problem.status, problem.where) == (status, where)
    assert re.match(r"RFC \d+ §", problem.source)
    assert str(problem).startswith(f"{where}: expected ")
    if problem.at is not None:
        assert 0 <= problem.at <= len(data)


def test_on_a_stream_a_length_is_owed() -> None:
    message = decode(invite((b"Content-Length: 5\r\n", b"")), stream=True)
    assert [(problem.code, problem.status) for problem in validate(message)] == [("wire-content-length-missing", 400)]


def test_extensions_that_are_not_understood_owe_a_420() -> None:
    found = request(beside(b"Require: timer, x-rare"))
    assert validate(found) == ()
    assert validate(found, understands={"timer", "x-rare"}) == ()
    (problem,) = validate(found, understands={"timer"})
    assert (problem.code, problem.status, problem.where) == ("wire-require-unsupported", 420, "Require")


def test_every_slug_is_produced() -> None:
    """The others come from builders and from asking for a stream or for extensions, above."""
    elsewhere = {"wire-content-length-missing", "wire-require-unsupported", "wire-header-break", "wire-not-encodable"}
    assert {code for code, *_ in CASES} | elsewhere == set(PROBLEMS)
    with pytest.raises(LocalError, match="expected one line"):
        build_request("INVITE", "sip:a", [("X", "\n")])
    with pytest.raises(LocalError, match="UTF-8"):
        build_response(200, "\ud800", [])


def test_every_slug_in_the_source_is_listed_and_explained() -> None:
    room = Path(__file__).parents[2] / "src" / "ringthrough" / "wire"
    used = {slug for path in room.rglob("*.py") for slug in re.findall(r'"(wire-[a-z0-9-]+)"', path.read_text())}
    assert used == set(PROBLEMS)
    assert list(PROBLEMS) == sorted(PROBLEMS)
    for slug, sentence in PROBLEMS.items():
        assert sentence.endswith("."), slug


@pytest.mark.parametrize("data", [INVITE, DECLINED, INVITE + b"\r\nmore"])
def test_nothing_to_object_to(data: bytes) -> None:
    assert validate(decode(data)) == ()


def test_positions() -> None:
    data = b"\r\n" + beside(b"X: 1\r\n folded\r\nRoute: <sip:a>,\r\nExpires: 4294967296").replace(
        b"SIP/2.0\r", b"SIP/2.1\r"
    )
    at = {problem.code: problem.at for problem in validate(message(data))}
    assert at["wire-version"] == 2
    assert at["wire-list-empty"] == data.index(b"Route:")
    assert at["wire-number-range"] == data.index(b"Expires:")


def test_no_status_is_owed_to_responses_and_acks() -> None:
    bad = response(DECLINED.replace(b"314159 INVITE", b"x"))
    assert [(problem.code, problem.status) for problem in validate(bad)] == [("wire-number", None)]
    ack = request(invite((b"INVITE", b"ACK"), (b"314159", b"x")))
    assert [(problem.code, problem.status) for problem in validate(ack)] == [("wire-number", None)]


def test_built_messages_are_validated_without_positions() -> None:
    made = build_request("INVITE", "sip:a", [("Via", "nonsense")])
    assert isinstance(made, Message)
    problems = validate(made)
    assert "wire-via-syntax" in {problem.code for problem in problems}
    assert {problem.at for problem in problems} == {None}


def test_empty_values_that_are_allowed() -> None:
    assert validate(decode(beside(b"Supported:\r\nAllow:\r\nServer:"))) == ()
    assert [problem.code for problem in validate(decode(beside(b"Require:")))] == ["wire-token"]


def test_star_contact_is_no_fault() -> None:
    assert validate(decode(invite((b"Contact: <sip:+12155551212@192.0.2.1:5060>", b"Contact: *")))) == ()
