"""Headers by name, typed access, and what stays when a value does not parse."""

from __future__ import annotations

from ringthrough.wire import Headers, Message, WarningValue
from ringthrough.wire.names import COMPACT, KEYS, key_of
from tests.wire.messages import INVITE, message, request

ALL = (
    b"SIP/2.0 480 Temporarily Unavailable\r\n"
    b"Via: SIP/2.0/UDP a;branch=z9hG4bK1\r\n"
    b"v: bad, SIP/2.0/UDP b\r\n"
    b"f: <sip:a@b>;tag=1\r\n"
    b"t: sip:c@d;tag=2\r\n"
    b"i: x@y\r\n"
    b"CSEQ: 1 INVITE\r\n"
    b"m: *\r\n"
    b"Contact: <sip:a@b>, sip:c@d\r\n"
    b"Route: <sip:r1;lr>,<sip:r2>\r\n"
    b"Record-Route: <sip:r3;lr>\r\n"
    b"Max-Forwards: 70\r\n"
    b"Reason: Q.850;cause=21\r\n"
    b"Call-Info: <https://x/>;purpose=jwscard\r\n"
    b"y: a.b.c;info=<https://x/a.pem>\r\n"
    b"Identity: d.e.f\r\n"
    b"Date: Sat, 13 Nov 2010 23:29:00 GMT\r\n"
    b"Feature-Caps: *;+sip.608\r\n"
    b"k: timer, , 100rel\r\n"
    b"Supported:\r\n"
    b"Require: 100rel\r\n"
    b"Proxy-Require: sec-agree\r\n"
    b"Unsupported: gruu\r\n"
    b"Allow: INVITE, ACK\r\n"
    b"RSeq: 988789\r\n"
    b"RAck: 988789 1 INVITE\r\n"
    b"Retry-After: 30\r\n"
    b'Warning: 399 host "Blocked", bad\r\n'
    b"Server: Example/1.0\r\n"
    b"User-Agent: Example UA\r\n"
    b"P-Asserted-Identity: <sip:+1215@x>, <tel:+1215;verstat=TN-Validation-Passed>\r\n"
    b"Diversion: <sip:d@x>;reason=user-busy\r\n"
    b"History-Info: <sip:h@x?Reason=SIP%3Bcause%3D302>;index=1\r\n"
    b"Session-ID: ab30317f1a784dc48ff824d0d3715d86\r\n"
    b"Timestamp: 54\r\n"
    b"Expires: 60\r\n"
    b"c: application/sdp\r\n"
    b"l: 0\r\n"
    b"Content-Disposition: session\r\n"
    b"e: gzip\r\n"
    b"Content-Language: en, fr\r\n"
    b"\r\n"
)
"Every header with a typed access, once at least; some values are bad."


def test_every_typed_access() -> None:
    m = message(ALL)
    assert [via.host for via in m.via] == ["a", "b"]
    assert m.from_ is not None
    assert m.from_.tag == "1"
    assert m.to is not None
    assert m.to.tag == "2"
    assert (m.call_id, m.cseq) == ("x@y", (1, "INVITE"))
    assert [contact.uri.raw for contact in m.contact] == ["sip:a@b", "sip:c@d"]
    assert [route.uri.host for route in m.route] == ["r1", "r2"]
    assert [route.uri.host for route in m.record_route] == ["r3"]
    assert m.max_forwards == 70
    assert [reason.cause for reason in m.reason] == [21]
    assert [info.purpose for info in m.call_info] == ["jwscard"]
    assert [identity.token for identity in m.identity] == ["a.b.c", "d.e.f"]
    assert m.date is not None
    assert m.date.year == 2010
    assert m.feature_caps[0].has("sip.608")
    assert (m.supported, m.require, m.proxy_require) == (("timer", "100rel"), ("100rel",), ("sec-agree",))
    assert (m.unsupported, m.allow) == (("gruu",), ("INVITE", "ACK"))
    assert (m.rseq, m.rack) == (988789, (988789, 1, "INVITE"))
    assert m.retry_after is not None
    assert m.retry_after.delay_s == 30
    assert m.warning == (WarningValue(399, "host", "Blocked"),)
    assert (m.server, m.user_agent) == ("Example/1.0", "Example UA")
    assert [identity.uri.number for identity in m.p_asserted_identity] == ["+1215", "+1215"]
    assert m.diversion[0].param("reason") == "user-busy"
    assert m.history_info[0].param("index") == "1"
    assert m.history_info[0].uri.headers == (("Reason", "SIP%3Bcause%3D302"),)
    assert m.session_id is not None
    assert m.session_id.local.startswith("ab30317f")
    assert (m.timestamp, m.expires) == ((54.0, None), 60)
    assert m.content_type is not None
    assert m.content_type.essence == "application/sdp"
    assert m.content_length == 0
    assert m.content_disposition is not None
    assert m.content_disposition.type == "session"
    assert (m.content_encoding, m.content_language) == (("gzip",), ("en", "fr"))


def test_absent_headers_give_nothing_and_values_are_parsed_once() -> None:
    bare = message(b"OPTIONS sip:a SIP/2.0\r\n\r\n")
    names = [name for name, kind in vars(Message).items() if isinstance(kind, property)]
    for name in names:
        if name not in ("headers", "body", "trailing", "problems"):
            assert getattr(bare, name) in (None, ()), name
    full = message(ALL)
    assert full.via is full.via
    assert full.date is full.date


def test_a_single_value_that_does_not_parse_is_none() -> None:
    m = message(b'OPTIONS sip:a SIP/2.0\r\nTo: "open <sip:a@b>\r\nDate: now\r\n\r\n')
    assert (m.to, m.date) == (None, None)
    assert m.headers.get("to") == '"open <sip:a@b>'


def test_request_uri_that_does_not_parse_is_none() -> None:
    assert request(b"OPTIONS sip: SIP/2.0\r\n\r\n").uri is None
    bracketed = request(b"OPTIONS <sip:a@b> SIP/2.0\r\n\r\n")
    assert bracketed.uri is not None
    assert bracketed.uri.raw == "sip:a@b"
    assert bracketed.uri is bracketed.uri


def test_headers_by_name() -> None:
    headers = message(INVITE).headers
    assert headers.get("VIA") == headers.get("v") == "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK776asdhds;rport"
    assert len(headers.all("Via")) == 2
    assert headers.get("x-unknown") == "kept as it is"
    assert headers.get("Subject") is None
    assert headers.all("s") == []
    assert "call-id" in headers
    assert "i" in headers
    assert "subject" not in headers
    assert 5 not in headers
    assert headers.items[1][0] == "v"
    assert headers.names()[:3] == ["via", "max-forwards", "from"]
    assert len(headers) == 12
    assert next(iter(headers)) == ("Via", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK776asdhds;rport")


def test_index_and_items_agree_whichever_comes_first() -> None:
    first, second = message(INVITE).headers, message(INVITE).headers
    assert first.items == second.items
    for name in second.names():
        assert first.all(name) == second.all(name)
    assert first == second
    assert hash(first) == hash(second)
    assert first != "headers"


def test_headers_from_pairs() -> None:
    headers = Headers([("v", "a"), ("Via", "b"), ("X", "c")])
    assert headers.all("Via") == ["a", "b"]
    assert headers.get("x") == "c"
    assert repr(Headers([("A", "1")])) == "Headers((('A', '1'),))"
    assert len(Headers()) == 0


def test_compact_forms() -> None:
    assert len(COMPACT) == 20
    for short, long in COMPACT.items():
        assert key_of(short) == key_of(short.upper()) == key_of(long) == key_of(f"{long.upper()} \t") == long.lower()
    assert key_of("X-Own") == "x-own"
    assert all(key == key.lower() for key in KEYS.values())
