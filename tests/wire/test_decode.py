"""Start lines, line ends, folding, lengths: what `decode` takes and what it notes."""

from __future__ import annotations

import pytest

from ringthrough.wire import Malformed, Message, decode, encode
from tests.wire.messages import DECLINED, INVITE, invite, malformed, message, request, response


def codes(data: bytes) -> list[str]:
    return [problem.code for problem in message(data).problems]


def test_request() -> None:
    found = request(INVITE)
    assert (found.method, found.uri_text, found.version) == (
        "INVITE", "sip:+12155550113@carrier.example.net;user=phone", "SIP/2.0",
    )  # fmt: skip
    assert found.uri is not None
    assert found.uri.number == "+12155550113"
    assert (found.body, found.trailing, found.problems) == (b"v=0\r\n", b"", ())
    assert repr(found) == "Request('INVITE', 'sip:+12155550113@carrier.example.net;user=phone')"


def test_response() -> None:
    found = response(DECLINED)
    assert (found.status, found.phrase, found.version) == (603, "Decline", "SIP/2.0")
    assert (found.body, found.trailing, found.problems) == (b"", b"", ())
    assert repr(found) == "Response(603, 'Decline')"


@pytest.mark.parametrize(
    ("label", "line", "noted"),
    [
        ("usual", b"INVITE sip:a@b SIP/2.0", []),
        ("two spaces", b"INVITE  sip:a@b SIP/2.0", ["wire-start-line-space"]),
        ("space at the end", b"INVITE sip:a@b SIP/2.0 ", ["wire-start-line-space"]),
        ("space in the URI", b"INVITE sip:a@b; lr SIP/2.0", ["wire-start-line-space"]),
        ("tab", b"INVITE\tsip:a@b SIP/2.0", ["wire-start-line-space"]),
        ("space in front", b" INVITE sip:a@b SIP/2.0", ["wire-start-line-space"]),
        ("other version", b"INVITE sip:a@b SIP/7.0", []),
        ("lower case", b"INVITE sip:a@b sip/2.0", []),
    ],
)
def test_request_lines(label: str, line: bytes, noted: list[str]) -> None:
    found = request(line + b"\r\n\r\n")
    assert found.method == "INVITE"
    assert found.uri_text.startswith("sip:a@b"), label
    assert [problem.code for problem in found.problems] == noted, label


@pytest.mark.parametrize(
    ("line", "status", "phrase", "noted"),
    [
        (b"SIP/2.0 200 OK", 200, "OK", []),
        (b"SIP/2.0 100 ", 100, "", []),
        (b"SIP/2.0 100", 100, "", ["wire-start-line-space"]),
        (b"SIP/2.0 603 Call  Rejected ", 603, "Call  Rejected ", []),
        (b"SIP/2.0  603 Decline", 603, "Decline", ["wire-start-line-space"]),
        (b"SIP/2.0 4294967301 big", 4294967301, "big", []),
        (b"SIP/2.0 6 x", 6, "x", []),
        (b"SIP/3.0 200 OK", 200, "OK", []),
        ("SIP/2.0 404 не найдено".encode(), 404, "не найдено", []),
        (b"SIP/2.0 404 \xff", 404, "\udcff", []),
    ],
)
def test_status_lines(line: bytes, status: int, phrase: str, noted: list[str]) -> None:
    found = response(line + b"\r\n\r\n")
    assert (found.status, found.phrase) == (status, phrase)
    assert [problem.code for problem in found.problems] == noted


@pytest.mark.parametrize(
    ("data", "code", "status"),
    [
        (b"", "wire-empty", None),
        (b"\r\n\r\n", "wire-empty", None),
        (b"\x00", "wire-start-line", 400),
        (b"GET / HTTP/1.1\r\n\r\n", "wire-start-line", 400),
        (b"INVITE sip:a@b\r\n\r\n", "wire-start-line", 400),
        (b"SIP/2.0 OK\r\n\r\n", "wire-start-line", None),
        (b"SIP/2.0 \xd9\xa1\xd9\xa2\xd9\xa3 OK\r\n\r\n", "wire-start-line", None),
        (b"INVITE SIP/2.0\r\n\r\n", "wire-start-line", 400),
        (b"v=0\r\no=x\r\n", "wire-start-line", 400),
    ],
)
def test_no_message(data: bytes, code: str, status: int | None) -> None:
    found = malformed(data)
    assert found.data == data
    assert [(problem.code, problem.status) for problem in found.problems] == [(code, status)]
    assert code in repr(found)


def test_leading_line_ends_are_skipped_and_noted() -> None:
    found = request(b"\r\n\r\n" + INVITE)
    assert [problem.code for problem in found.problems] == ["wire-leading-crlf"]
    assert found.cseq == (314159, "INVITE")
    assert [problem.code for problem in malformed(b"\r\nHello\r\n").problems] == [
        "wire-leading-crlf",
        "wire-start-line",
    ]


def test_other_buffers_are_taken() -> None:
    assert isinstance(decode(bytearray(INVITE)), Message)  # type: ignore[arg-type]
    assert isinstance(decode(memoryview(b"nonsense")), Malformed)  # type: ignore[arg-type]


def test_bare_lf_is_tolerated_and_noted_once() -> None:
    data = INVITE.replace(b"\r\n", b"\n").replace(b"Content-Length: 5", b"Content-Length: 4")
    found = request(data)
    (problem,) = found.problems
    assert (problem.code, problem.at, problem.status) == ("wire-bare-lf", data.index(b"\n"), None)
    assert (len(found.via), found.body, found.call_id) == (3, b"v=0\n", "a84b4c76e66710@pbx.example.com")


@pytest.mark.parametrize(
    ("label", "data", "body"),
    [
        ("LF among CRLF", b"OPTIONS sip:a SIP/2.0\r\nA: 1\nB: 2\r\n\r\nbody", b"body"),
        ("start line only", b"OPTIONS sip:a SIP/2.0\nA: 1\r\nB: 2\r\n\r\nbody", b"body"),
        ("LF before the empty line", b"OPTIONS sip:a SIP/2.0\r\nA: 1\r\nB: 2\n\r\nbody", b"body"),
        ("LF as the empty line", b"OPTIONS sip:a SIP/2.0\r\nA: 1\r\nB: 2\r\n\nbody", b"body"),
        ("empty line of LF before one of CRLF in the body", b"OPTIONS sip:a SIP/2.0\nA: 1\nB: 2\n\nbody\r\n\r\nmore",
         b"body\r\n\r\nmore"),
    ],
)  # fmt: skip
def test_mixed_line_ends(label: str, data: bytes, body: bytes) -> None:
    found = message(data)
    assert found.headers.items == (("A", "1"), ("B", "2")), label
    assert found.body == body
    assert codes(data) == ["wire-bare-lf"]
    assert encode(request(data)) == data


@pytest.mark.parametrize(
    "data",
    [b"OPTIONS sip:a SIP/2.0\r\n\r\n", b"OPTIONS sip:a SIP/2.0\n\n", b"OPTIONS sip:a SIP/2.0\n\r\n"],
)
def test_no_headers_at_all(data: bytes) -> None:
    found = message(data)
    assert (found.headers.items, found.body) == ((), b"")


@pytest.mark.parametrize(
    ("data", "items"),
    [
        (b"OPTIONS sip:a SIP/2.0", ()),
        (b"OPTIONS sip:a SIP/2.0\r\n", ()),
        (b"OPTIONS sip:a SIP/2.0\r\nA: 1", (("A", "1"),)),
        (b"OPTIONS sip:a SIP/2.0\r\nA: 1\r\n", (("A", "1"),)),
        (b"OPTIONS sip:a SIP/2.0\r\nA: 1\r", (("A", "1"),)),
    ],
)
def test_head_that_never_ends(data: bytes, items: tuple[tuple[str, str], ...]) -> None:
    found = message(data)
    assert found.headers.items == items
    assert found.body == b""
    assert codes(data)[-1] == "wire-head-unterminated"
    assert found.problems[-1].at == len(data)


def test_folding() -> None:
    data = b"OPTIONS sip:a SIP/2.0\r\nA:\r\n one\t\r\n\t two\r\n three \r\nCall-ID\r\n : x\r\nB: 2\r\n\r\n"
    found = message(data)
    assert found.headers.items == (("A", "one two three"), ("Call-ID", "x"), ("B", "2"))
    assert found.problems == ()
    assert found.call_id == "x"


@pytest.mark.parametrize(
    ("label", "lines", "noted", "items"),
    [
        ("no colon", b"A: 1\r\nFoobar roobar\r\nB: 2", ["wire-header-no-colon"], (("A", "1"), ("B", "2"))),
        ("fold at the start", b" folded: 0\r\nA: 1", ["wire-fold-at-start"], (("A", "1"),)),
        ("fold at the start, going on", b" folded\r\n more\r\nA: 1", ["wire-fold-at-start"], (("A", "1"),)),
        ("bare CR", b"A: 1\rB: 2\r\nC: 3", ["wire-bare-cr"], (("A", "1\rB: 2"), ("C", "3"))),
        ("colon only", b": 1", [], (("", "1"),)),
        ("no value", b"A:", [], (("A", ""),)),
        ("space before the colon", b"A \t: 1", [], (("A", "1"),)),
    ],
)
def test_odd_lines(label: str, lines: bytes, noted: list[str], items: tuple[tuple[str, str], ...]) -> None:
    data = b"OPTIONS sip:a SIP/2.0\r\n" + lines + b"\r\n\r\n"
    assert codes(data) == noted, label
    assert message(data).headers.items == items, label


def test_problem_of_a_line_says_where_the_line_is() -> None:
    data = b"OPTIONS sip:a SIP/2.0\r\nA: 1\r\nFoobar roobar\r\n\r\n"
    assert message(data).problems[0].at == data.index(b"Foobar")


@pytest.mark.parametrize(
    ("label", "length", "rest", "body", "trailing", "noted"),
    [
        ("exact", b"Content-Length: 4\r\n", b"body", b"body", b"", []),
        ("compact", b"l:4\r\n", b"body", b"body", b"", []),
        ("trailing octets", b"Content-Length: 4\r\n", b"body\r\n\r\nINVITE", b"body", b"\r\n\r\nINVITE", []),
        ("short", b"Content-Length: 5\r\n", b"body", b"body", b"", ["wire-body-short"]),
        ("absurd", b"Content-Length: " + b"9" * 100 + b"\r\n", b"body", b"body", b"", ["wire-body-short"]),
        ("missing", b"", b"body", b"body", b"", []),
        ("no number", b"Content-Length: -4\r\n", b"body", b"body", b"", []),
        ("two: the first counts", b"Content-Length: 4\r\nContent-Length: 2\r\n", b"body", b"body", b"", []),
    ],
)
def test_lengths(label: str, length: bytes, rest: bytes, body: bytes, trailing: bytes, noted: list[str]) -> None:
    data = b"OPTIONS sip:a SIP/2.0\r\n" + length + b"\r\n" + rest
    found = message(data)
    assert (found.body, found.trailing) == (body, trailing), label
    assert codes(data) == noted, label
    assert found.trailing == trailing


@pytest.mark.parametrize("first", ["body", "trailing", "problems"])
def test_order_of_touching_does_not_matter(first: str) -> None:
    found = message(INVITE + b"more")
    getattr(found, first)
    assert (found.body, found.trailing, found.problems) == (b"v=0\r\n", b"more", ())
    other = message(INVITE + b"more")
    assert other.trailing == b"more"


def test_missing_length_on_a_stream_is_noted() -> None:
    data = invite((b"Content-Length: 5\r\n", b""))
    found = decode(data, stream=True)
    assert isinstance(found, Message)
    assert [(problem.code, problem.status) for problem in found.problems] == [("wire-content-length-missing", 400)]
    assert message(data).problems == ()


@pytest.mark.parametrize(
    "data", [INVITE, DECLINED, INVITE + b"trailing", INVITE[:-3], INVITE.replace(b"Alice", b"\xff\x00")]
)
def test_what_was_decoded_encodes_to_itself(data: bytes) -> None:
    found = decode(data)
    assert not isinstance(found, Malformed)
    assert encode(found) == data
