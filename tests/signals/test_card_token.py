"""The signed card: header, claims and form, made strictly and read leniently."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ringthrough.errors import LocalError
from ringthrough.jose import decode_segment
from ringthrough.signals.card import MAX_CARD, make_card, read_card

from .cards import AT, HEADER, JCARD, KEY, X5U, card, sealed, signed

CLAIMS = {"iat": int(AT), "jcard": JCARD}


def test_made_card_is_what_the_rfc_wants() -> None:
    """R8688-7, -8, -9, -11, -12, -13, -14, -36; D8688-1, -2, -5."""
    made = make_card(JCARD, key=KEY, x5u=X5U, at_s=AT + 0.9)
    assert b"=" not in made
    assert made.isascii()
    assert len(made.split()) == 1
    header, payload, signature = map(decode_segment, made.split(b"."))
    assert json.loads(header) == HEADER
    assert list(json.loads(header)) == sorted(HEADER)
    assert json.loads(payload) == CLAIMS
    assert isinstance(json.loads(payload)["iat"], int)
    assert len(signature) == 64
    read = read_card(made)
    assert (read.form, read.iat_s, read.x5u, read.problems) == ("jws", AT, X5U, ())


def test_a_full_card_may_be_made() -> None:
    """R8688-16: properties that we do not know are signed as they are."""
    jcard = ["vcard", [*JCARD[1], ["lang", {}, "language-tag", "en"], ["x-a", {"b": "ü"}, "text", "\u4f60"]]]
    read = read_card(card(jcard=jcard))
    assert read.claims["jcard"] == jcard
    assert read.card is not None
    assert [one.name for one in read.card.properties][-2:] == ["lang", "x-a"]


@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        ({"x5u": "http://a.example/c.pem"}, "signals-card-x5u"),
        ({"x5u": "https:///c.pem"}, "signals-card-x5u"),
        ({"x5u": "https://a.example/\r\n"}, "signals-card-x5u"),
        ({"at_s": 0}, "signals-card-iat"),
        ({"at_s": float("nan")}, "signals-card-iat"),
        ({"at_s": 1e12}, "signals-card-iat"),
        ({"jcard": ["vcard", []]}, "signals-card-version"),
        ({"jcard": ["vcard", [*JCARD[1], ["x", {}, "text", {1, 2}]]]}, "jose-token-header"),
        ({"jcard": ["vcard", [*JCARD[1], ["x", {}, "text", float("inf")]]]}, "jose-token-header"),
        ({"jcard": ["vcard", [*JCARD[1], ["x", {}, "text", "\ud800"]]]}, "jose-token-header"),
    ],
)
def test_no_defective_card_is_signed(arguments: dict[str, Any], slug: str) -> None:
    with pytest.raises(LocalError) as caught:
        make_card(**{"jcard": JCARD, "key": KEY, "x5u": X5U, "at_s": AT, **arguments})
    assert caught.value.problem.code == slug


def b64(octets: bytes) -> bytes:
    return base64.urlsafe_b64encode(octets).rstrip(b"=")


_FORMS: list[tuple[str, bytes, str, list[str]]] = [
    ("as made", card(), "jws", []),
    ("R8688-35: pretty-printed", sealed(json.dumps(HEADER, indent=2).encode(), json.dumps(CLAIMS, indent=4).encode(),
                                        bytes(64)), "jws", []),
    ("last line ended", card() + b"\r\n", "jws", []),
    ("R8688-36: broken lines", card()[:70] + b"\r\n " + card()[70:], "jws", ["signals-card-line-breaks"]),
    ("byte order mark", b"\xef\xbb\xbf" + card(), "jws", []),
    ("payload alone", json.dumps(CLAIMS).encode(), "claims", ["signals-card-unsigned"]),
    ("bare jCard", json.dumps(JCARD).encode(), "jcard", ["signals-card-unsigned"]),
    ("D8688-1: JSON serialisation", json.dumps({"payload": "", "signatures": []}).encode(), "none",
     ["signals-card-json-serialisation"]),
    ("flattened", json.dumps({"payload": "", "protected": "", "signature": ""}).encode(), "none",
     ["signals-card-json-serialisation"]),
    ("other JSON", b'{"a":1}', "none", ["signals-card-unreadable"]),
    ("a list with a member behind it", b'[],"iat":1', "none", ["signals-card-unreadable"]),
    ("broken JSON", b'{"a":', "none", ["jose-json-syntax"]),
    ("deep JSON", b"[" * 100_000, "none", ["jose-json-syntax", "jose-json-depth"]),
    ("web page", b"<!doctype html><p>Not found.", "none", ["signals-card-unreadable"]),
    ("nothing", b"", "none", ["signals-card-unreadable"]),
    ("five parts", b"a.b.c.d.e", "none", ["signals-card-unreadable"]),
    ("no base64", b"!.!.!", "none", ["jose-base64-alphabet"]),
    ("D8688-2: padded", b64(b'{"alg":"ES256"}') + b"=.e30.AA", "none", ["jose-base64-padding"]),
    ("header is no JSON", b64(b"x") + b".e30.AAAA", "none", ["jose-json-syntax"]),
    ("header is a list", b64(b"[]") + b".e30.AAAA", "none", ["jose-json-not-object"]),
    ("detached", b"e30..AAAA", "none", ["jose-token-detached"]),
    ("typ", signed(CLAIMS, {**HEADER, "typ": "passport"}), "jws", ["signals-card-typ"]),
    ("D8688-3: long typ", signed(CLAIMS, {**HEADER, "typ": "application/VCARD+json"}), "jws", []),
    ("no typ, no x5u", sealed(b'{"alg":"ES256"}', json.dumps(CLAIMS).encode(), bytes(64)), "jws",
     ["signals-card-typ", "signals-card-x5u"]),
    ("x5u of http", signed(CLAIMS, {**HEADER, "x5u": "http://a.example/"}), "jws", ["signals-card-x5u"]),
    ("x5u is a list", signed(CLAIMS, {**HEADER, "x5u": [X5U]}), "jws", ["signals-card-x5u"]),
    ("alg none", sealed(b'{"alg":"none","typ":"vcard+json","x5u":"https://a.example/"}', b"{}", b"A"), "jws",
     ["signals-card-alg", "signals-card-iat", "signals-card-claims"]),
    ("string iat", signed({**CLAIMS, "iat": "1767225600"}), "jws", ["signals-card-iat"]),
    ("boolean iat", signed({**CLAIMS, "iat": True}), "jws", ["signals-card-iat"]),
    ("no iat", signed({"jcard": JCARD}), "jws", ["signals-card-iat"]),
    ("iat of 4,000 digits", signed(b'{"iat":' + b"9" * 4000 + b',"jcard":[]}'), "jws",
     ["signals-card-iat", "signals-card-shape", "signals-card-version", "signals-card-no-fn",
      "signals-card-no-contact"]),
    ("negative iat", signed({**CLAIMS, "iat": -1}), "jws", ["signals-card-iat"]),
    ("iat with a fraction", signed({**CLAIMS, "iat": AT + 0.5}), "jws", []),
    ("no jcard", signed({"iat": 1}), "jws", ["signals-card-claims"]),
    ("claims are a list", signed(b"[]"), "jws", ["jose-json-not-object"]),
    ("claims are no JSON", signed(b"\xff"), "jws", ["jose-json-utf8"]),
    ("iat twice", signed(b'{"iat":1,"iat":2}'), "jws", ["jose-json-duplicate"]),
    ("NaN", signed(b'{"iat":NaN}'), "jws", ["jose-json-constant"]),
    ("R8688-37: our limit", b"a" * (MAX_CARD + 1), "none", ["signals-card-too-long"]),
]  # fmt: skip


@pytest.mark.parametrize(("octets", "form", "problems"), [c[1:] for c in _FORMS], ids=[c[0] for c in _FORMS])
def test_read(octets: bytes, form: str, problems: list[str]) -> None:
    read = read_card(octets)
    found = [problem.code for problem in read.problems]
    assert read.form == form
    if len(problems) == 2 and problems[0].startswith("jose-json-"):  # which of the two depends on Python's recursion
        assert found[0] in problems
    else:
        assert found == problems
    assert (read.token is not None) is (form == "jws")
    assert read_card(octets.decode("utf-8", "surrogateescape")).form == form


def test_a_long_card_is_read() -> None:
    """R8688-37: half a megabyte of properties is no protocol error."""
    notes = [["note", {}, "text", "x" * 1000]] * 400
    read = read_card(card(jcard=["vcard", [*JCARD[1], *notes]]))
    assert read.problems == ()
    assert read.card is not None
    assert len(read.card.properties) == 7 + 400


def test_odd_text_is_no_card() -> None:
    assert read_card("\ud800.b.c").form == "none"
