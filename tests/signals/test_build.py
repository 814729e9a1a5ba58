"""Builders: what they make reads back without a defect, and what would be defective is refused."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringthrough.errors import LocalError
from ringthrough.signals import build_603plus, build_608, read
from ringthrough.wire import decode, encode

from .messages import request

INVITE = request("INVITE", to_tag="")

_LABEL = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12)
_HOST = st.builds("{}.{}.example".format, _LABEL, _LABEL)
_URLS = st.builds(
    "https://{}/{}".format, _HOST, st.text(string.ascii_letters + string.digits + "/?=&;,%'-_.~\"", max_size=40)
)
_TELS = st.builds("+{}{}".format, st.integers(1, 9), st.text(string.digits, max_size=14))
_EMAILS = st.builds("{}@{}".format, _LABEL, _HOST)
_IDS = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=64)
_NONE = st.just("")


@given(
    st.tuples(_URLS | _NONE, _TELS | _NONE, _EMAILS | _NONE).filter(any), _IDS | _NONE,
    st.sampled_from(["LN", "TN", "RLN", "LPN", "RPN"]), st.sampled_from(["SIP", "Q.850"]),
)  # fmt: skip
def test_603plus_reads_back(contact: tuple[str, str, str], ident: str, location: str, protocol: str) -> None:
    """standards.md 2.2, grammar: both forms of the Reason, every pair, over the wire and back."""
    url, tel, email = contact
    built = build_603plus(
        INVITE, to_tag="b1", url=url, tel=tel, email=email, id=ident, location=location, protocol=protocol
    )
    refusal = read(decode(encode(built)))
    assert refusal is not None
    assert refusal.kind == "603plus"
    assert refusal.defects == ()
    assert (refusal.code, refusal.phrase) == (603, "Network Blocked")
    assert refusal.url == url.replace(";", "%3B").replace('"', "%22")
    assert (refusal.tel, refusal.email, refusal.id, refusal.location) == (tel, email, ident, location)
    assert (refusal.sip_cause, refusal.q850_cause) == ((603, None) if protocol == "SIP" else (None, 21))
    assert read(built) == refusal


def test_603plus_as_bandwidth_shows_it() -> None:
    """Bandwidth FAQ 13778049, character by character."""
    built = build_603plus(INVITE, to_tag="b1", url="https://example.com", id="12345", location="LN")
    assert built.headers.all("Reason") == [
        'SIP;cause=603;text="v=analytics1;url=https://example.com;id=12345";location=LN'
    ]
    assert built.to is not None
    assert built.to.tag == "b1"


@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        ({}, "no-redress"),
        ({"id": "7"}, "no-redress"),
        ({"url": "http://example.com"}, "url-scheme"),
        ({"url": "https://localhost"}, "bad-url"),
        ({"url": "https://example.com/a\r\nX: y"}, "bad-url"),
        ({"url": "https://example.com/\\"}, "bad-url"),
        ({"tel": "8005550100"}, "bad-tel"),
        ({"tel": "+1;id=x"}, "bad-tel"),
        ({"email": "redress"}, "bad-email"),
        ({"email": 'a"@b.example'}, "bad-email"),
        ({"url": "https://example.com", "id": "a b"}, "bad-id"),
        ({"url": "https://example.com", "location": "U"}, "bad-location"),
        ({"url": "https://example.com", "location": ""}, "bad-location"),
        ({"url": "https://example.com", "location": "RLN;x=1"}, "bad-location"),
        ({"url": "https://example.com", "protocol": "STIR"}, "protocol"),
    ],
)
def test_603plus_refuses_what_would_be_defective(arguments: dict[str, Any], slug: str) -> None:
    with pytest.raises(LocalError) as caught:
        build_603plus(INVITE, to_tag="b1", **arguments)
    assert caught.value.problem.code == f"signals-603plus-{slug}"


@given(_URLS.filter(lambda uri: '"' not in uri))
def test_608_reads_back(uri: str) -> None:
    """RFC 8688 §3.1: R8688-3, R8688-4."""
    built = build_608(INVITE, to_tag="b1", card_uri=uri)
    refusal = read(decode(encode(built)))
    assert refusal is not None
    assert (refusal.kind, refusal.code, refusal.phrase) == ("608", 608, "Rejected")
    assert (refusal.card_uri, refusal.defects) == (uri, ())


def test_608_without_card() -> None:
    """RFC 8688 §3.1, §6: the card may be left out for a caller who would misuse it; `read` says that it is missing."""
    built = build_608(INVITE, to_tag="b1", card_uri=None)
    assert "Call-Info" not in built.headers
    refusal = read(built)
    assert refusal is not None
    assert [problem.code for problem in refusal.defects] == ["signals-608-no-card"]


@pytest.mark.parametrize(
    "uri", ["http://b.example/j", "", "https://", "https://b.example/>;x=<", "https://b.example/\r\n"]
)
def test_608_refuses_a_bad_card(uri: str) -> None:
    with pytest.raises(LocalError) as caught:
        build_608(INVITE, to_tag="b1", card_uri=uri)
    assert caught.value.problem.code == "signals-608-card-scheme"


def test_608_is_for_requests_outside_of_dialogs() -> None:
    """RFC 8688 §3.1 (R8688-1)."""
    with pytest.raises(LocalError) as caught:
        build_608(request("INVITE"), to_tag="b1", card_uri="https://b.example/j")
    assert caught.value.problem.code == "signals-608-in-dialog"
