"""Tokens: taken apart strictly, verified as they came, by the one algorithm there is."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from ringthrough.errors import LocalError, RemoteError
from ringthrough.jose import MAX_TOKEN, encode_segment, make_token, read_token, verify_token

from .making import CLAIMS, HEADER, code_of, key

TOKEN = make_token(HEADER, CLAIMS, key())
_HEAD, _BODY, _SIGNED = TOKEN.split(b".")


def _signed(header: bytes, payload: bytes = CLAIMS) -> bytes:
    """A token with a header as octets, well signed."""
    signing_input = encode_segment(header) + b"." + encode_segment(payload)
    return signing_input + b"." + encode_segment(key().sign(signing_input))


def test_a_token_there_and_back() -> None:
    token = read_token(TOKEN)
    assert token.header == HEADER
    assert list(token.header) == list(HEADER)
    assert token.payload == CLAIMS
    assert token.signing_input == _HEAD + b"." + _BODY
    assert bytes(token) == TOKEN
    assert not token.detached
    assert verify_token(token, key().public) is None
    assert read_token(TOKEN.decode()) == token


def test_the_octets_that_came_are_verified() -> None:
    """RFC 7515 §5.2: white space and the order of members in header and content are the signer's affair."""
    odd = _signed(b' { "x5u":"https://a.example/b" ,\n"alg":"ES256"}', b'{ "iat" : 1 }')
    assert verify_token(read_token(odd), key().public) is None


@pytest.mark.parametrize(
    ("octets", "slug"),
    [
        pytest.param(b"", "jose-token-parts", id="nothing"),
        pytest.param(_HEAD + b"." + _BODY, "jose-token-parts", id="two parts"),
        pytest.param(TOKEN + b".x", "jose-token-parts", id="four parts"),
        pytest.param(b"." * 8000, "jose-token-parts", id="dots"),
        pytest.param(_HEAD + b"." + _BODY + b".", "jose-token-parts", id="no signature"),
        pytest.param(b".." + _SIGNED, "jose-token-detached", id="compact form"),
        pytest.param(_HEAD + b".." + _SIGNED, "jose-token-detached", id="content left out"),
        pytest.param(b"." + _BODY + b"." + _SIGNED, "jose-token-detached", id="header left out"),
        pytest.param(b'{"payload":"x","signatures":[]}', "jose-token-json-form", id="JSON form"),
        pytest.param(TOKEN + b"\n", "jose-token-not-one-line", id="line break at the end"),
        pytest.param(TOKEN[:50] + b"\r\n " + TOKEN[50:], "jose-token-not-one-line", id="folded"),
        pytest.param(_HEAD + b"=." + _BODY + b"." + _SIGNED, "jose-base64-padding", id="padding, as RFC 8688 §4.1"),
        pytest.param(TOKEN + b"=", "jose-base64-padding", id="padded signature"),
        pytest.param(_HEAD + b"." + _BODY + b".A", "jose-base64-length", id="impossible length"),
        pytest.param("tøken.a.b", "jose-base64-alphabet", id="not ASCII"),
        pytest.param("\ud800.a.b", "jose-base64-alphabet", id="half a surrogate"),
        pytest.param(b"A" * (MAX_TOKEN + 1), "jose-token-large", id="too long"),
        pytest.param(_signed(b"[]"), "jose-json-not-object", id="header is an array"),
        pytest.param(_signed(b'{"alg":"ES256","alg":"none"}'), "jose-json-duplicate", id="alg twice"),
        pytest.param(_signed(b"\xff"), "jose-json-utf8", id="header is not UTF-8"),
        pytest.param(_signed(b'{"alg":"ES256"'), "jose-json-syntax", id="header is cut"),
    ],
)
def test_not_read(octets: bytes | str, slug: str) -> None:
    with pytest.raises(RemoteError) as caught:
        read_token(octets)
    assert code_of(caught.value) == slug


def test_a_long_token_is_read_where_the_caller_says_so() -> None:
    large = make_token(HEADER, b"x" * MAX_TOKEN, key())
    assert verify_token(read_token(large, limit=20_000), key().public) is None
    with pytest.raises(RemoteError):
        read_token(large)


def test_the_compact_form_is_verified_with_what_was_rebuilt() -> None:
    """RFC 8225 §7, RFC 8224 §4.2."""
    short = read_token(b".." + _SIGNED, detached=True)
    assert (short.detached, short.header, short.payload) == (True, {}, b"")
    found = verify_token(short, key().public)
    assert found is not None
    assert found.code == "jose-token-alg"
    header = json.dumps(HEADER, separators=(",", ":")).encode()
    assert verify_token(short.with_content(header, CLAIMS), key().public) is None
    other = verify_token(short.with_content(header, CLAIMS.replace(b"0112", b"0199")), key().public)
    assert other is not None
    assert other.code == "jose-token-signature"
    with pytest.raises(RemoteError):
        short.with_content(b"[]", CLAIMS)


def test_detached_content_keeps_its_header() -> None:
    """RFC 7515 appendix F."""
    assert read_token(_HEAD + b".." + _SIGNED, detached=True).header == HEADER
    with pytest.raises(RemoteError) as caught:
        read_token(TOKEN, detached=True)
    assert code_of(caught.value) == "jose-token-detached"


def _hmac_with_the_public_key() -> bytes:
    """The confusion of RFC 8725 §2.1: the public key, which everyone has, as the secret of an HMAC."""
    signing_input = encode_segment(b'{"alg":"HS256"}') + b"." + _BODY
    mac = hmac.new(key().public.pem(), signing_input, hashlib.sha256).digest()
    return signing_input + b"." + encode_segment(mac)


def _der_signature() -> bytes:
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    octets = key().sign(_HEAD + b"." + _BODY)
    numbers = int.from_bytes(octets[:32], "big"), int.from_bytes(octets[32:], "big")
    return _HEAD + b"." + _BODY + b"." + encode_segment(encode_dss_signature(*numbers))


@pytest.mark.parametrize(
    ("octets", "slug"),
    [
        pytest.param(_signed(b'{"alg":"none"}'), "jose-token-alg", id="none"),
        pytest.param(encode_segment(b'{"alg":"none"}') + b"." + _BODY + b".AA", "jose-token-alg", id="none, unsigned"),
        pytest.param(_hmac_with_the_public_key(), "jose-token-alg", id="HS256 with the public key"),
        pytest.param(_signed(b'{"alg":"es256"}'), "jose-token-alg", id="in lower case"),
        pytest.param(_signed(b'{"alg":"ES384"}'), "jose-token-alg", id="ES384"),
        pytest.param(_signed(b'{"alg":"RS256"}'), "jose-token-alg", id="RS256"),
        pytest.param(_signed(b'{"alg":["ES256"]}'), "jose-token-alg", id="in an array"),
        pytest.param(_signed(b'{"alg":null}'), "jose-token-alg", id="null"),
        pytest.param(_signed(b"{}"), "jose-token-alg", id="no algorithm"),
        pytest.param(_signed(b'{"alg":"ES256","crit":["b64"],"b64":false}'), "jose-token-crit", id="crit"),
        pytest.param(_signed(b'{"alg":"ES256","crit":[]}'), "jose-token-crit", id="empty crit"),
        pytest.param(_der_signature(), "jose-token-signature-der", id="DER"),
        pytest.param(_HEAD + b"." + _BODY + b"." + _SIGNED[:-2], "jose-token-signature-length", id="short"),
        pytest.param(_HEAD + b"." + _BODY + b"." + encode_segment(b"0" * 70), "jose-token-signature-length", id="long"),
        pytest.param(_HEAD + b"." + _BODY + b"." + encode_segment(bytes(64)), "jose-token-signature", id="zeros"),
        pytest.param(
            _HEAD + b"." + encode_segment(CLAIMS.replace(b'"A"', b'"B"')) + b"." + _SIGNED,
            "jose-token-signature",
            id="another content",
        ),
        pytest.param(
            encode_segment(b'{"alg":"ES256"}') + b"." + _BODY + b"." + _SIGNED,
            "jose-token-signature",
            id="another header",
        ),
    ],
)
def test_not_verified(octets: bytes, slug: str) -> None:
    found = verify_token(read_token(octets), key().public)
    assert found is not None
    assert found.code == slug


def test_another_key_does_not_verify() -> None:
    found = verify_token(read_token(TOKEN), key("other").public)
    assert found is not None
    assert found.code == "jose-token-signature"


@pytest.mark.parametrize(
    "header",
    [{}, {"alg": "none"}, {"alg": "HS256"}, {"alg": "ES256", "crit": ["x"]}, {"alg": "ES256", "iat": float("inf")}],
)
def test_headers_that_are_not_signed(header: dict[str, object]) -> None:
    with pytest.raises(LocalError) as caught:
        make_token(header, b"{}", key())
    assert caught.value.problem.code == "jose-token-header"
