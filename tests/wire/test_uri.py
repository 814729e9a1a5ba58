"""URIs: sip, sips, tel, others; telephone numbers and verstat in them."""

from __future__ import annotations

import pytest

from ringthrough.errors import RemoteError
from ringthrough.wire import Param, Uri, parse_uri, unescape
from ringthrough.wire.uri import uri_faults


@pytest.mark.parametrize(
    ("label", "text", "parts"),
    [
        ("host", "sip:example.com", ("sip", None, None, "example.com", None)),
        ("user", "sip:alice@example.com", ("sip", "alice", None, "example.com", None)),
        ("port", "sips:alice@example.com:5061", ("sips", "alice", None, "example.com", 5061)),
        ("password", "sip:alice:secret@example.com", ("sip", "alice", "secret", "example.com", None)),
        ("IPv6", "sip:a@[2001:db8::1]:5060", ("sip", "a", None, "[2001:db8::1]", 5060)),
        ("IPv6 without port", "sip:[2001:db8::10:5070]", ("sip", None, None, "[2001:db8::10:5070]", None)),
        ("scheme in capitals", "SIP:a@b", ("sip", "a", None, "b", None)),
        ("semicolon in user", "sip:user;par=u%40x@example.com", ("sip", "user;par=u%40x", None, "example.com", None)),
        ("question mark in user", "sip:a?b@example.com", ("sip", "a?b", None, "example.com", None)),
        ("unescaped @ in user", "sip:a@home.net@proxy.net:5060", ("sip", "a@home.net", None, "proxy.net", 5060)),
        ("@ behind the host", "sip:a@host;x=b@c", ("sip", "a", None, "host", None)),
        ("empty user", "sip:@example.com", ("sip", "", None, "example.com", None)),
        ("space in user", "sip:John Doe@example.com", ("sip", "John Doe", None, "example.com", None)),
        ("tel", "tel:+1-212-555-1212;phone-context=x", ("tel", "+1-212-555-1212", None, "", None)),
        ("urn", "urn:service:sos", ("urn", None, None, "", None)),
        ("spaces around", "  sip:a@b ", ("sip", "a", None, "b", None)),
    ],
)
def test_parse(label: str, text: str, parts: tuple[str | int | None, ...]) -> None:
    uri = parse_uri(text)
    assert uri[:5] == parts, label
    assert uri.raw == text.strip()


def test_params_and_headers() -> None:
    uri = parse_uri("sip:a%20b@example.com;transport=tcp;lr?Subject=x&Route=%3Csip:y%3E&")
    assert uri.params == (Param("transport", "tcp"), Param("lr", None))
    assert uri.headers == (("Subject", "x"), ("Route", "%3Csip:y%3E"))
    assert uri.param("Transport") == "tcp"
    assert uri.param("lr") == ""
    assert uri.param("maddr") is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("sip:+12155551212@example.com;user=phone", "+12155551212"),
        ("sip:12155551212;phone-context=+1@example.com", "12155551212"),
        ("tel:+1-(215)-555.1212", "+12155551212"),
        ("sip:%2B12155551212@example.com", "+12155551212"),
        ("sip:1001@pbx", "1001"),
        ("sip:*67#@pbx", "*67#"),
        ("sip:alice@example.com", None),
        ("sip:anonymous@anonymous.invalid", None),
        ("sip:example.com", None),
        ("urn:service:sos", None),
        ("tel:+", None),
    ],
)
def test_number(text: str, number: str | None) -> None:
    assert parse_uri(text).number == number


@pytest.mark.parametrize(
    ("label", "text", "verstat"),
    [
        ("beside the number", "sip:+1215;verstat=TN-Validation-Passed@x;user=phone", "TN-Validation-Passed"),
        ("on the URI", "sip:+1215@x;verstat=TN-Validation-Failed", "TN-Validation-Failed"),
        ("tel", "tel:+1215;verstat=No-TN-Validation", "No-TN-Validation"),
        ("none", "sip:+1215@x", None),
        ("no user", "sip:x", None),
    ],
)
def test_verstat(label: str, text: str, verstat: str | None) -> None:
    assert parse_uri(text).verstat == verstat, label


@pytest.mark.parametrize(
    "text",
    ["", "alice", ":x", "1sip:x", "sip:", "sip:a@", "sip:a@b:port", "sip:2001:db8::10", "sip:a@b:123456", "sip:a b"],
)
def test_no_uri(text: str) -> None:
    with pytest.raises(RemoteError) as caught:
        parse_uri(text, "To")
    assert (caught.value.problem.code, caught.value.problem.where) == ("wire-uri-syntax", "To")


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("sip:a%20b@example.com;x=[1]?y=z", 0),
        ("sip:a b@example.com", 1),
        ("sip:a%2@example.com", 1),
        ("sip:a#b@example.com", 1),
        ("sip:a@b@c", 1),
        ("urn:any thing", 0),
    ],
)
def test_characters(text: str, faults: int) -> None:
    found = list(uri_faults(parse_uri(text), "To"))
    assert [problem.code for problem in found] == ["wire-uri-characters"] * faults


def test_unescape_keeps_what_escapes_nothing() -> None:
    assert unescape("%Z%45%") == "%ZE%"
    assert unescape("%C3%A9") == "é"
    assert unescape("%FF") == "\udcff"


def test_a_uri_can_be_made_by_hand() -> None:
    assert Uri("tel", "+1215", None, "", None, (), (), "tel:+1215").number == "+1215"
