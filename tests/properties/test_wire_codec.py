"""What holds for any octets: nothing escapes, nothing is lost, and what was built comes back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ringthrough.errors import RemoteError
from ringthrough.wire import (
    PROBLEMS,
    Malformed,
    Message,
    Request,
    Response,
    build_request,
    build_response,
    decode,
    encode,
    format_params,
    parse_params,
    parse_uri,
    quote,
    respond,
    split_list,
    unquote,
    validate,
)
from ringthrough.wire.headers import ROWS
from tests.wire.messages import DECLINED, INVITE
from tests.wire.test_message import ALL

EXAMPLES = settings(max_examples=150, deadline=None)
TYPED = sorted(name for name, kind in vars(Message).items() if isinstance(kind, property))

tokens = st.text("abcXYZ019-.!%*_+`'~", min_size=1, max_size=12)
values = st.text(st.characters(exclude_characters="\r\n\x00", exclude_categories=["Cs"]), max_size=40)
fields = st.lists(st.tuples(tokens, values), max_size=8)
pieces = st.sampled_from(
    [b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b";", b",", b'"', b"\\", b"<", b">", b"@", b"=", b"%", b"[", b"]", b"/",
     b"\x00", b"\xff", b"Via", b"v: ", b"Reason: SIP;text=", b"SIP/2.0", b"Content-Length: 9\r\n", b"z9hG4bK",
     b"9" * 30, b"\r\n ", b"\r\nVia\r\n"]
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A message of ours with a few pieces cut out, put in or written over."""
    data = draw(st.sampled_from([INVITE, DECLINED, ALL]))
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(data)))
        end = min(len(data), begin + draw(st.integers(0, 12)))
        data = data[:begin] + draw(pieces) + data[end:]
    return data


def slug(parse: Callable[[], object]) -> str:
    """Slug of the Problem that parsing yields; empty when it parses. Any other error escapes and fails the test."""
    try:
        parse()
    except RemoteError as error:
        return error.problem.code
    return ""


def touch(message: Message) -> None:
    """Look at everything, in every way."""
    for name in TYPED:
        getattr(message, name)
    assert message.headers.items == tuple(message.headers)
    for via in message.via:
        assert isinstance((via.branch, via.received, via.rport), tuple)
    for reason in message.reason:
        assert reason.cause is None or reason.cause >= 0
    for address in (*message.contact, *message.p_asserted_identity):
        assert address.uri.number is None or address.uri.number
        assert address.uri.verstat is None or isinstance(address.uri.verstat, str)


@EXAMPLES
@given(st.one_of(st.binary(max_size=300), mutated()))
@example(b"SIP/2.0 200 OK")
@example(b"A b SIP/2.0\n\n")
@example(b"A b SIP/2.0\r\nContent-Length: 1\n\r\n\r\n")
@example(b"A b SIP/2.0\r\n\t\r\n\r\n")
def test_decode_takes_any_octets_and_loses_none(data: bytes) -> None:
    message = decode(data)
    for problem in validate(message, understands=()):
        assert problem.code.startswith("wire-")
        assert problem.at is None or 0 <= problem.at <= len(data)
    if isinstance(message, Malformed):
        assert message.data == data
        assert message.problems
        return
    assert encode(message) == data
    touch(message)
    assert data.endswith(message.body + message.trailing)


@EXAMPLES
@given(mutated())
def test_a_decoded_message_can_be_built_again(data: bytes) -> None:
    """What a builder accepts of a message that came in says the same after another trip."""
    message = decode(data)
    if not isinstance(message, Request):
        return
    answer = respond(message, 400, "Bad Request", to_tag="t")
    again = decode(encode(answer))
    assert isinstance(again, Response)
    assert again.headers.items == answer.headers.items
    assert len(again.headers.all("Via")) == len(message.headers.all("Via"))


@EXAMPLES
@given(tokens, fields, st.binary(max_size=40))
def test_built_requests_come_back(method: str, headers: list[tuple[str, str]], body: bytes) -> None:
    headers = [(name, value) for name, value in headers if name.lower() != "l"]
    made = build_request(method, "sip:a@b", headers, body)
    again = decode(encode(made))
    assert isinstance(again, Request)
    assert (again.method, again.uri_text, again.body, again.trailing) == (method, "sip:a@b", body, b"")
    assert again.headers.items == made.headers.items
    assert again.problems == ()


@EXAMPLES
@given(st.integers(100, 699), values, fields, st.binary(max_size=40))
def test_built_responses_come_back(status: int, phrase: str, headers: list[tuple[str, str]], body: bytes) -> None:
    headers = [(name, value) for name, value in headers if name.lower() != "l"]
    made = build_response(status, phrase, headers, body)
    again = decode(encode(made))
    assert isinstance(again, Response)
    assert (again.status, again.phrase, again.body) == (status, phrase, body)
    assert again.headers.items == made.headers.items


@EXAMPLES
@given(st.sampled_from([INVITE, DECLINED]), st.binary(max_size=60))
def test_octets_behind_the_body_change_nothing_else(data: bytes, behind: bytes) -> None:
    alone, followed = decode(data), decode(data + behind)
    assert isinstance(alone, Message)
    assert isinstance(followed, Message)
    assert followed.trailing == behind
    assert (followed.headers, followed.body) == (alone.headers, alone.body)
    assert validate(followed) == validate(alone) == ()


@EXAMPLES
@given(st.sampled_from([INVITE, DECLINED, ALL]), st.data())
def test_a_cut_message_keeps_the_headers_before_the_cut(data: bytes, draw: st.DataObject) -> None:
    cut = draw.draw(st.integers(0, len(data)))
    message = decode(data[:cut])
    whole = decode(data)
    assert isinstance(whole, Message)
    if isinstance(message, Malformed):
        assert cut <= data.index(b"\r\n")
        return
    found = message.headers.items
    assert found[:-1] == whole.headers.items[: max(0, len(found) - 1)]


@EXAMPLES
@given(st.text(max_size=60))
def test_parsers_of_values_raise_nothing_but_ours(text: str) -> None:
    for row in ROWS.values():
        for part in row.split(text) if row.split is not None else [text]:
            assert slug(partial(row.parse, part, row.name)) in {"", *PROBLEMS}
    assert slug(partial(parse_uri, text)) in {"", "wire-uri-syntax"}


@EXAMPLES
@given(st.text(max_size=40))
def test_quoting_is_undone_by_unquoting(text: str) -> None:
    assert unquote(quote(text)) == text
    assert split_list(quote(text)) == [quote(text)]
    (param,) = parse_params(f"text={quote(text)}")
    assert (param.value, param.quoted) == (text, True)
    assert parse_params(format_params([param])) == (param,)
