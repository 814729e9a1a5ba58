"""The other shapes of header values."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from ringthrough.errors import RemoteError
from ringthrough.wire import Param
from ringthrough.wire import headers as h
from ringthrough.wire.headers.warning import WarningValue


@pytest.mark.parametrize(
    ("label", "text", "value"),
    [
        ("usual", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa", ("SIP/2.0", "UDP", "192.0.2.1", 5060)),
        (
            "spaces",
            "SIP / 2.0 / TCP   host.example.com : 5061 ; branch=x",
            ("SIP/2.0", "TCP", "host.example.com", 5061),
        ),
        ("IPv6", "SIP/2.0/UDP [2001:db8::9:1];branch=x", ("SIP/2.0", "UDP", "[2001:db8::9:1]", None)),
        ("IPv6 with port", "SIP/2.0/TLS [::1]:5061", ("SIP/2.0", "TLS", "[::1]", 5061)),
        ("lower case", "sip/2.0/udp host", ("sip/2.0", "udp", "host", None)),
        ("unknown transport", "SIP/2.0/WSS-X host;hidden", ("SIP/2.0", "WSS-X", "host", None)),
    ],
)
def test_via(label: str, text: str, value: tuple[object, ...]) -> None:
    assert h.parse_via(text)[:4] == value, label


def test_via_params() -> None:
    via = h.parse_via("SIP/2.0/UDP h;rport;received=2001:db8::1;Branch=z9hG4bKx")
    assert (via.branch, via.received, via.rport) == ("z9hG4bKx", "2001:db8::1", "")
    bare = h.parse_via("SIP/2.0/UDP h")
    assert (bare.branch, bare.received, bare.rport, bare.params) == (None, None, None, ())
    assert h.parse_via("SIP/2.0/UDP h;rport=5061").rport == "5061"


@pytest.mark.parametrize(
    ("text", "uri", "purpose"),
    [
        ("<https://block.example/jws>;purpose=jwscard", "https://block.example/jws", "jwscard"),
        ("< https://x/ > ; Purpose = JWSCard", "https://x/", "jwscard"),
        ("<https://x/a,b;c>", "https://x/a,b;c", None),
    ],
)
def test_call_info(text: str, uri: str, purpose: str | None) -> None:
    value = h.parse_call_info(text)
    assert (value.uri, value.purpose) == (uri, purpose)


@pytest.mark.parametrize(
    ("label", "text", "value"),
    [
        ("usual", '399 pbx.example.com "Blocked: \\"x\\""', WarningValue(399, "pbx.example.com", 'Blocked: "x"')),
        ("port", '307 isi.edu:5060 "Session parameter"', WarningValue(307, "isi.edu:5060", "Session parameter")),
        ("no quotes", "399 host D35 blocked", WarningValue(399, "host", "D35 blocked")),
        ("no text", "399 host", WarningValue(399, "host", "")),
    ],
)
def test_warning(label: str, text: str, value: WarningValue) -> None:
    assert h.parse_warning(text) == value, label


def test_identity() -> None:
    value = h.parse_identity('eyJ.eyJ.c-_+/=;info=<https://x/a.pem>;alg=ES256;ppt="div"')
    assert (value.token, value.info, value.alg, value.ppt) == ("eyJ.eyJ.c-_+/=", "https://x/a.pem", "ES256", "div")
    bare = h.parse_identity('"eyJ..c"')
    assert (bare.token, bare.info, bare.alg, bare.ppt) == ("eyJ..c", None, None, None)
    assert h.parse_identity("ey J..\tc;ppt=shaken").token == "eyJ..c"


def test_feature_caps() -> None:
    value = h.parse_feature_caps('* ; +sip.608 ; +g.x="y"')
    assert value.params == (Param("+sip.608", None), Param("+g.x", "y", True))
    assert value.has("sip.608")
    assert value.has("+SIP.608")
    assert not value.has("sip.607")


def test_date() -> None:
    assert h.parse_date("Sat, 13 Nov 2010 23:29:00 GMT") == datetime(2010, 11, 13, 23, 29, tzinfo=UTC)
    assert h.parse_date("Sat, 31 Dec 2016 23:59:60 GMT") == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_numbers() -> None:
    assert h.parse_number(" 0068 ") == 68
    assert h.parse_rack("776656 1 INVITE") == (776656, 1, "INVITE")
    assert h.parse_cseq("0009  INVITE") == (9, "INVITE")
    assert h.parse_cseq("1 X-Y") == (1, "X-Y")


def test_retry_after() -> None:
    value = h.parse_retry_after("18000 (in a meeting) ;duration=3600;x")
    assert (value.delay_s, value.comment, value.duration_s) == (18000, "in a meeting", 3600)
    assert value.params == (Param("duration", "3600"), Param("x", None))
    assert h.parse_retry_after("5;duration=x").duration_s is None
    assert h.parse_retry_after("5") == (5, "", ())


def test_timestamp() -> None:
    assert h.parse_timestamp("54") == (54.0, None)
    assert h.parse_timestamp("54.5 0.25") == (54.5, 0.25)
    assert h.parse_timestamp("54. .") == (54.0, None)


def test_session_id() -> None:
    uuid = "ab30317f1a784dc48ff824d0d3715d86"
    value = h.parse_session_id(f"{uuid};remote={uuid.upper()}")
    assert (value.local, value.remote) == (uuid, uuid)
    assert h.parse_session_id("AB30317F-1A78-4DC4-8FF8-24D0D3715D86").local == uuid
    assert h.parse_session_id(uuid).remote is None


def test_media_type_and_disposition() -> None:
    kind = h.parse_media_type('Multipart / Mixed ; boundary="a;b"')
    assert (kind.essence, kind.boundary) == ("multipart/mixed", "a;b")
    assert h.parse_media_type("application/sdp").boundary is None
    assert h.parse_disposition("Session;handling=optional") == ("session", (Param("handling", "optional"),))
    assert h.parse_disposition("render") == ("render", ())


def test_words() -> None:
    assert h.parse_token(" timer ") == "timer"
    assert h.parse_call_id("a@b") == "a@b"
    assert h.parse_text("  any (thing) ") == "any (thing)"


@pytest.mark.parametrize(
    ("parse", "text", "code"),
    [
        (h.parse_via, "SIP/2.0 host", "wire-via-syntax"),
        (h.parse_via, "SIP/2.0/UDP 2001:db8::9:1;branch=x", "wire-via-syntax"),
        (h.parse_via, "SIP/2.0/UDP", "wire-via-syntax"),
        (h.parse_call_info, "https://x/", "wire-call-info-syntax"),
        (h.parse_call_info, "< >", "wire-call-info-syntax"),
        (h.parse_call_info, "<https://x/> junk", "wire-call-info-syntax"),
        (h.parse_warning, '1812 overture "x"', "wire-warning-syntax"),
        (h.parse_identity, ";info=<x>", "wire-identity-syntax"),
        (h.parse_feature_caps, "+sip.608", "wire-feature-caps-syntax"),
        (h.parse_date, "Fri, 01 Jan 2010 16:00:00 EST", "wire-date"),
        (h.parse_date, "Fri, 32 Jan 2010 16:00:00 GMT", "wire-date"),
        (h.parse_date, "Fri, 01 Jan 0000 16:00:00 GMT", "wire-date"),
        (h.parse_number, "-999", "wire-number"),
        (h.parse_number, "1" * 121, "wire-number"),
        (h.parse_number, "١٢", "wire-number"),
        (h.parse_cseq, "INVITE 1", "wire-number"),
        (h.parse_cseq, "1", "wire-number"),
        (h.parse_rack, "1 INVITE", "wire-rack-syntax"),
        (h.parse_retry_after, "soon", "wire-number"),
        (h.parse_timestamp, "now", "wire-timestamp-syntax"),
        (h.parse_session_id, "1234", "wire-session-id-syntax"),
        (h.parse_media_type, "sdp", "wire-media-type"),
        (h.parse_media_type, "a b/c", "wire-media-type"),
        (h.parse_disposition, "", "wire-token"),
        (h.parse_token, "a b", "wire-token"),
        (h.parse_call_id, "a b", "wire-token"),
        (h.parse_call_id, "", "wire-token"),
    ],
)
def test_what_does_not_parse(parse: Callable[[str], Any], text: str, code: str) -> None:
    with pytest.raises(RemoteError) as caught:
        parse(text)
    problem = caught.value.problem
    assert (problem.code, problem.status) == (code, 400)
    assert "expected" in problem.detail
    assert "found" in problem.detail


@pytest.mark.parametrize("name", sorted(h.ROWS))
@pytest.mark.parametrize("unit", [" ", "a ", '"', '\\"', "<", "1 ", ") ", ";", ".", "/", ": "])
def test_hostile_values_are_refused_or_read_in_linear_time(name: str, unit: str) -> None:
    row = h.ROWS[name]
    hostile = unit * (16_384 // len(unit)) + "x"
    begin = time.process_time()
    for text in (hostile, '"a' + hostile, "1 " + hostile, "SIP/2.0/UDP " + hostile):
        try:
            row.parse(text, row.name)
        except RemoteError:
            continue
    assert time.process_time() - begin < 1.0
