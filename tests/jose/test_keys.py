"""Keys on P-256 and nothing else, and signatures of 64 octets."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.errors import LocalError, RemoteError
from ringthrough.jose import PublicKey, derive_key, generate_key, read_private_key, read_public_key

from .making import code_of, key

_PEM = serialization.Encoding.PEM
_PLAIN = serialization.NoEncryption()


def _private(
    made: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey, form: str = "PKCS8"
) -> bytes:
    return made.private_bytes(
        _PEM,
        serialization.PrivateFormat.PKCS8 if form == "PKCS8" else serialization.PrivateFormat.TraditionalOpenSSL,
        _PLAIN,
    )


def _public(made: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return made.public_key().public_bytes(_PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


P384 = ec.derive_private_key(7, ec.SECP384R1())
RSA = rsa.generate_private_key(65537, 2048)


def test_signing_is_deterministic_and_verifies() -> None:
    """RFC 8225 §6 recommends RFC 6979; RFC 7518 §3.4 for the 64 octets."""
    signature = key().sign(b"octets")
    assert len(signature) == 64
    assert signature == key().sign(b"octets")
    assert key().public.verify(b"octets", signature)
    assert not key().public.verify(b"other", signature)
    assert not key("other").public.verify(b"octets", signature)


def test_the_vector_of_rfc_6979() -> None:
    """RFC 6979 §A.2.5: P-256 with SHA-256, message "sample"."""
    number = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
    made = read_private_key(_private(ec.derive_private_key(number, ec.SECP256R1())))
    r = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    s = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
    assert made.sign(b"sample").hex() == r + s


_GOOD = derive_key(b"0123456789abcdef").sign(b"m")
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(b"", id="empty"),
        pytest.param(_GOOD[:63], id="one short"),
        pytest.param(_GOOD + b"\0", id="one more"),
        pytest.param(bytes(64), id="zeros"),
        pytest.param(bytes(32) + _GOOD[32:], id="r is 0"),
        pytest.param(_GOOD[:32] + bytes(32), id="s is 0"),
        pytest.param(_ORDER.to_bytes(32, "big") + _GOOD[32:], id="r is the order"),
        pytest.param(b"\xff" * 64, id="beyond the order"),
        pytest.param(_GOOD[32:] + _GOOD[:32], id="swapped"),
        pytest.param(bytes(31) + b"\1" + bytes(31) + b"\1", id="small numbers"),
    ],
)
def test_signatures_that_are_none(signature: bytes) -> None:
    assert derive_key(b"0123456789abcdef").public.verify(b"m", signature) is False


@settings(deadline=None)
@given(st.integers(0, 2**32))
def test_signatures_of_every_length_of_numbers_verify(number: int) -> None:
    """Among many, r and s begin with zeros and with high bits, which DER writes differently."""
    message = number.to_bytes(8, "big")
    assert key().public.verify(message, key().sign(message))


def test_a_key_and_its_forms() -> None:
    made = generate_key()
    again = read_private_key(made.pem())
    assert again.public == made.public
    assert read_private_key(made.pem(b"secret"), b"secret").public == made.public
    assert read_public_key(made.public.pem()) == made.public == read_public_key(made.public.der())
    assert read_public_key(made.public.pem().decode()) == made.public
    assert {made.public, again.public} == {made.public}
    assert made.public != key().public
    assert made.public != "a key"
    assert made.public.fingerprint()[:16] in repr(made)
    assert isinstance(made.public, PublicKey)
    assert made.pem().splitlines()[1].decode() not in repr(made)


def test_other_forms_of_private_keys() -> None:
    number = ec.derive_private_key(99, ec.SECP256R1())
    sec1 = _private(number, "TraditionalOpenSSL")
    # openssl ecparam -genkey writes the curve in a block before the key
    before = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + sec1
    assert read_private_key(sec1).public == read_private_key(before.decode()).public


def test_seeds() -> None:
    assert derive_key(b"x" * 16).public == derive_key(b"x" * 16).public
    assert derive_key(b"x" * 16).public != derive_key(b"x" * 17).public
    with pytest.raises(LocalError) as caught:
        derive_key(b"short")
    assert caught.value.problem.code == "jose-key-seed"


_SECRET = key().pem(b"secret")
_BROKEN = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    ("pem", "password", "slug"),
    [
        pytest.param(b"", None, "jose-key-unreadable", id="nothing"),
        pytest.param(key().public.pem(), None, "jose-key-unreadable", id="a public key"),
        pytest.param(_BROKEN, None, "jose-key-unreadable", id="broken"),
        pytest.param(b"x" * 20000, None, "jose-key-unreadable", id="too large"),
        pytest.param(_SECRET, None, "jose-key-encrypted", id="no password"),
        pytest.param(_SECRET, b"wrong", "jose-key-encrypted", id="wrong password"),
        pytest.param(_private(P384), None, "jose-key-kind", id="P-384"),
        pytest.param(_private(RSA), None, "jose-key-kind", id="RSA"),
        pytest.param(_private(ed25519.Ed25519PrivateKey.from_private_bytes(b"k" * 32)), None, "jose-key-kind", id="Ed"),
    ],
)
def test_private_keys_refused(pem: bytes, password: bytes | None, slug: str) -> None:
    with pytest.raises(RemoteError) as caught:
        read_private_key(pem, password)
    assert code_of(caught.value) == slug


@pytest.mark.parametrize(
    ("octets", "slug"),
    [
        pytest.param(b"", "jose-key-unreadable", id="nothing"),
        pytest.param(key().pem(), "jose-key-unreadable", id="a private key"),
        pytest.param(b"0\x03\x02\x01\x01", "jose-key-unreadable", id="DER of something else"),
        pytest.param(_BROKEN.replace(b"PRIVATE", b"PUBLIC"), "jose-key-unreadable", id="broken"),
        pytest.param(_public(P384), "jose-key-kind", id="P-384"),
        pytest.param(_public(RSA), "jose-key-kind", id="RSA"),
    ],
)
def test_public_keys_refused(octets: bytes, slug: str) -> None:
    with pytest.raises(RemoteError) as caught:
        read_public_key(octets)
    assert code_of(caught.value) == slug
