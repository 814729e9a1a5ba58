"""Whatever a stranger sends as a card: an outcome with reasons, quickly, and never a verified one."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from ringthrough.errors import Problem
from ringthrough.jose import Certificate, decode_segment, encode_segment
from ringthrough.signals.card import CARD_OUTCOMES, RedressOutcome, read_card

from .cards import AT, CHAIN, HEADER, JCARD, KEY, OTHER_KEY, card, chain, judge, sealed, signed
from .test_card_verify import ANSWERS

GOOD = card()
CLAIMS = {"iat": int(AT), "jcard": JCARD}
PAYLOAD = json.dumps(CLAIMS).encode()


def check(found: RedressOutcome) -> None:
    assert found.outcome in CARD_OUTCOMES
    for name in ANSWERS:
        answer = getattr(found, name)
        assert answer.holds in (True, False, None)
        assert answer.reason
        assert answer.text
    assert all(isinstance(one, Problem) and one.code and one.detail for one in found.problems)
    if found.card is not None:
        "".join([found.card.fn, *(one.value for one in found.card.contacts)]).encode()


_JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)
_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["version", "fn", "url", "email", "tel", "adr", "org", "x"]) | st.text(max_size=4),
        st.dictionaries(st.sampled_from(["type", "pref"]), _JSON, max_size=2) | _JSON,
        st.sampled_from(["text", "uri"]) | _JSON,
        st.sampled_from(["4.0", "Desk", "https://a.example", "a@b.example", "tel:+12155550100"]) | _JSON,
    ).map(list)
    | _JSON,
    max_size=8,
)


@given(_ROWS.map(lambda rows: ["vcard", rows]) | _JSON, _JSON)
def test_any_claims(jcard: Any, iat: Any) -> None:
    """Signed well, whatever it is: nobody's signature makes nonsense a card."""
    payload = json.dumps({"iat": iat, "jcard": jcard}).encode()
    found = judge(signed(payload))
    check(found)
    check(judge(payload))
    assert found.outcome in ("unreadable", "no_contact", "stale", "verified")
    assert found.outcome != "verified" or (found.card is not None and found.card.reachable)


@given(st.dictionaries(st.sampled_from(["alg", "typ", "x5u", "crit", "b64", "jwk", "kid", "x"]), _JSON, max_size=6))
def test_any_header(header: dict[str, Any]) -> None:
    found = judge(sealed(json.dumps({**HEADER, **header}).encode(), PAYLOAD, bytes(64)))
    check(found)
    assert not found.verified


@given(st.binary(max_size=300))
def test_any_octets(octets: bytes) -> None:
    check(judge(octets))
    check(judge(b".".join((GOOD.split(b".")[0], octets, GOOD.split(b".")[2]))))


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    check(judge(text))


@given(st.integers(0, len(GOOD) * 8 - 1))
def test_any_bit_turned(bit: int) -> None:
    """One bit of a good card: never verified again."""
    broken = bytearray(GOOD)
    broken[bit // 8] ^= 1 << bit % 8
    found = judge(bytes(broken))
    check(found)
    assert not found.verified


@given(st.integers(0, len(GOOD)), st.integers(0, 60), st.binary(max_size=40))
def test_any_piece_replaced(at: int, length: int, piece: bytes) -> None:
    broken = GOOD[:at] + piece + GOOD[at + length :]
    found = judge(broken)
    check(found)
    same = b"".join(broken.split()) == GOOD
    assert found.verified is same


@given(st.integers(0, len(CHAIN[0].der) * 8 - 1))
def test_any_bit_of_the_certificate_turned(bit: int) -> None:
    broken = bytearray(CHAIN[0].der)
    broken[bit // 8] ^= 1 << bit % 8
    found = judge(GOOD, [Certificate(bytes(broken)), *CHAIN[1:]])
    check(found)
    assert not found.verified


def raw(made: bytes) -> tuple[bytes, bytes, bytes]:
    header, payload, signature = map(decode_segment, made.split(b"."))
    return header, payload, signature


_HEADER, _PAYLOAD, _SIGNATURE = raw(GOOD)
_R, _S = int.from_bytes(_SIGNATURE[:32], "big"), int.from_bytes(_SIGNATURE[32:], "big")
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def mac(header: dict[str, Any], key: bytes) -> bytes:
    head = encode_segment(json.dumps(header).encode()) + b"." + encode_segment(PAYLOAD)
    return head + b"." + encode_segment(hmac.digest(key, head, hashlib.sha256))


_ATTACKS: list[tuple[str, bytes, str, str]] = [
    ("alg none, no signature", sealed(json.dumps({**HEADER, "alg": "none"}).encode(), PAYLOAD, b"")[:-1] + b".",
     "unreadable", "no_token"),
    ("alg none, some signature", sealed(json.dumps({**HEADER, "alg": "none"}).encode(), PAYLOAD, b"x"), "bad_header",
     "algorithm"),
    ("alg NONE", sealed(json.dumps({**HEADER, "alg": "NONE"}).encode(), PAYLOAD, _SIGNATURE), "bad_header",
     "algorithm"),
    ("alg missing", sealed(b'{"typ":"vcard+json","x5u":"https://a.example/c"}', PAYLOAD, _SIGNATURE), "bad_header",
     "algorithm"),
    ("alg is a list", sealed(json.dumps({**HEADER, "alg": ["ES256"]}).encode(), PAYLOAD, _SIGNATURE), "bad_header",
     "algorithm"),
    ("HMAC with the public key in PEM", mac({**HEADER, "alg": "HS256"}, KEY.public.pem()), "bad_header", "algorithm"),
    ("HMAC with the public key in DER", mac({**HEADER, "alg": "HS256"}, KEY.public.der()), "bad_header", "algorithm"),
    ("HMAC that says ES256", mac(HEADER, KEY.public.pem()), "bad_signature", "signature_form"),
    ("DER signature", sealed(_HEADER, _PAYLOAD, encode_dss_signature(_R, _S)), "bad_signature", "signature_form"),
    ("empty signature", b".".join(GOOD.split(b".")[:2]) + b".", "unreadable", "no_token"),
    ("63 octets", sealed(_HEADER, _PAYLOAD, _SIGNATURE[:-1]), "bad_signature", "signature_form"),
    ("65 octets", sealed(_HEADER, _PAYLOAD, _SIGNATURE + b"\0"), "bad_signature", "signature_form"),
    ("zeros", sealed(_HEADER, _PAYLOAD, bytes(64)), "bad_signature", "key_does_not_fit"),
    ("r of the order", sealed(_HEADER, _PAYLOAD, _ORDER.to_bytes(32, "big") + _SIGNATURE[32:]), "bad_signature",
     "key_does_not_fit"),
    ("s and r changed over", sealed(_HEADER, _PAYLOAD, _SIGNATURE[32:] + _SIGNATURE[:32]), "bad_signature",
     "key_does_not_fit"),
    ("key in the header", signed(CLAIMS, {**HEADER, "jwk": {"kty": "EC"}}, OTHER_KEY), "bad_signature",
     "key_does_not_fit"),
    ("crit", sealed(json.dumps({**HEADER, "crit": ["exp"]}).encode(), PAYLOAD, _SIGNATURE), "bad_signature",
     "critical"),
    ("payload of another card", b".".join((GOOD.split(b".")[0], card(at_s=AT + 1).split(b".")[1],
     GOOD.split(b".")[2])), "bad_signature", "key_does_not_fit"),
    ("written again", sealed(json.dumps(json.loads(_HEADER), indent=1).encode(), _PAYLOAD, _SIGNATURE),
     "bad_signature", "key_does_not_fit"),
    ("string iat", signed({**CLAIMS, "iat": str(int(AT))}), "stale", "signature_valid"),
    ("future iat", signed({**CLAIMS, "iat": int(AT) + 86_400}), "stale", "signature_valid"),
    ("nested", signed(b'{"iat":1,"jcard":' + b"[" * 200 + b"]" * 200 + b"}"), "unreadable", "signature_valid"),
    ("nested too deep for any stack", signed(b'{"jcard":' + b"[" * 50_000 + b"]" * 50_000 + b"}"), "unreadable",
     "signature_valid"),
    ("oversized", b"e30." + b"A" * 2_000_000 + b".AA", "unreadable", "no_token"),
    ("non-JSON", signed(b"BEGIN:VCARD\r\nVERSION:4.0\r\nEND:VCARD\r\n"), "unreadable", "signature_valid"),
]  # fmt: skip


@pytest.mark.parametrize(("jws", "outcome", "reason"), [c[1:] for c in _ATTACKS], ids=[c[0] for c in _ATTACKS])
def test_attack(jws: bytes, outcome: str, reason: str) -> None:
    found = judge(jws)
    check(found)
    assert (found.outcome, found.signature_valid.reason) == (outcome, reason)


def test_s_negated_is_the_same_signature() -> None:
    """ECDSA cannot tell (r, s) from (r, n-s); RFC 7518 §3.4 asks for no more. The card says the same."""
    twin = sealed(_HEADER, _PAYLOAD, _SIGNATURE[:32] + (_ORDER - _S).to_bytes(32, "big"))
    found = judge(twin)
    assert (found.outcome, read_card(twin).card) == ("verified", read_card(GOOD).card)


@pytest.mark.parametrize(
    "made",
    [
        lambda: (signed(b'{"jcard":["vcard",[' + b",".join([b'["url",{},"uri","x"]'] * 40_000) + b"]]}"), CHAIN),
        lambda: (b"a." * 500_000, CHAIN),
        lambda: (signed(b'{"jcard":"' + b"\\u0041" * 150_000 + b'"}'), CHAIN),
        lambda: (signed({**CLAIMS, "jcard": ["vcard", [["email", {}, "text", "@" * 900_000]]]}), CHAIN),
        lambda: (signed({**CLAIMS, "jcard": ["vcard", [["url", {}, "uri", "https://" + "a." * 300_000]]]}), CHAIN),
        lambda: (GOOD, chain(key=OTHER_KEY) * 5000),
    ],
    ids=["40,000 properties", "500,000 dots", "escapes", "at signs", "labels", "10,000 certificates"],
)  # fmt: skip
def test_cost_is_bounded(made: Any) -> None:
    """A card of a megabyte, or a heap of certificates: well under a second of CPU."""
    jws, certificates = made()
    began = time.process_time()
    found = judge(jws, certificates)
    spent = time.process_time() - began
    check(found)
    assert not found.verified
    assert spent < 1.0
