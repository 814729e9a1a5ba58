"""Files of certificates and lists, in PEM and DER."""

from __future__ import annotations

import pytest

from ringthrough.errors import RemoteError
from ringthrough.jose import read_certificates, read_revocation_lists
from ringthrough.jose.pem import MAX_FILE, pem

from .making import authority, chain, code_of, key

LEAF, ISSUER = chain()
BUNDLE = LEAF.pem() + ISSUER.pem()


@pytest.mark.parametrize(
    ("octets", "count"),
    [
        pytest.param(LEAF.der, 1, id="DER"),
        pytest.param(LEAF.der + b"\0\0", 1, id="DER with something after it"),
        pytest.param(BUNDLE, 2, id="bundle"),
        pytest.param(BUNDLE.decode(), 2, id="text"),
        pytest.param(b"subject=CN = x\r\n\r\n" + BUNDLE.replace(b"\n", b"\r\n"), 2, id="words before it, CRLF"),
        pytest.param(LEAF.pem() + key().pem() + ISSUER.pem(), 2, id="a key between them"),
        pytest.param(LEAF.pem().replace(b"\n", b"\n  "), 1, id="indented"),
        pytest.param(LEAF.pem().replace(b"CERTIFICATE", b"X509 CERTIFICATE"), 1, id="old label"),
        pytest.param(b"-----BEGIN X-----\n" + LEAF.pem(), 1, id="another block without an end"),
        pytest.param(LEAF.pem().strip(), 1, id="no line break at the end"),
    ],
)
def test_read(octets: bytes | str, count: int) -> None:
    assert read_certificates(octets) == (LEAF, ISSUER)[:count]


@pytest.mark.parametrize(
    ("octets", "slug"),
    [
        pytest.param(b"", "jose-certificate-none", id="nothing"),
        pytest.param(b"<html>404</html>", "jose-certificate-none", id="a page"),
        pytest.param(key().pem(), "jose-certificate-none", id="a key"),
        pytest.param(b"0\x82", "jose-certificate-none", id="DER cut short"),
        pytest.param(LEAF.der[:-1], "jose-certificate-none", id="DER without its last octet"),
        pytest.param(bytes(MAX_FILE + 1), "jose-certificate-none", id="too large"),
        pytest.param(LEAF.pem()[:200], "jose-certificate-pem", id="PEM cut short"),
        pytest.param(LEAF.pem().replace(b"MII", b"M*I"), "jose-certificate-pem", id="not base64"),
        pytest.param(LEAF.pem() * 1025, "jose-certificate-too-many", id="1,025 certificates"),
    ],
)
def test_not_read(octets: bytes, slug: str) -> None:
    with pytest.raises(RemoteError) as caught:
        read_certificates(octets)
    assert code_of(caught.value) == slug


def test_many_beginnings_cost_no_square() -> None:
    with pytest.raises(RemoteError) as caught:
        read_certificates(b"-----BEGIN CERTIFICATE-----" * 100_000)
    assert code_of(caught.value) == "jose-certificate-pem"
    with pytest.raises(RemoteError) as caught:
        read_certificates(b"-----BEGIN X-----" * 100_000)
    assert code_of(caught.value) == "jose-certificate-none"


def test_a_block_that_is_no_certificate_is_kept_with_its_problem() -> None:
    found = read_certificates(pem("CERTIFICATE", b"\x30\x00") + LEAF.pem())
    assert [each.readable for each in found] == [False, True]
    assert found[0].problems[0].code == "jose-certificate-der"


def test_lists() -> None:
    with pytest.raises(RemoteError) as caught:
        read_revocation_lists(authority().root.pem())
    assert code_of(caught.value) == "jose-crl-none"
