"""Certificates: what is read, what is odd, and what cannot be read."""

from __future__ import annotations

import hashlib

import pytest
from cryptography import x509

from ringthrough.jose import Certificate, ClaimConstraints, TNAuthList
from ringthrough.jose.der import encode, only
from ringthrough.jose.extensions import BASIC_CONSTRAINTS, CLAIMS, CRL_POINTS, ENHANCED_CLAIMS, TN_AUTH_LIST

from .making import END, START, authority, chain, ia5, key, made, seq

LEAF = made(
    tn_auth_list=TNAuthList(("709J",)),
    constraints=ClaimConstraints(must_include=("attest",)),
    crl_url="https://pa.example.net/crl",
    crl_issuer={"C": "US", "O": "STI-PA", "CN": "STI-PA CRL"},
)


def test_what_a_certificate_says() -> None:
    assert LEAF.readable
    assert LEAF.subject == "CN=SHAKEN 709J,O=Example Telephone,C=US"
    assert LEAF.issuer == "CN=SHAKEN Intermediate CA,O=STI-CA one,C=US"
    assert (LEAF.common_name, LEAF.organization) == ("SHAKEN 709J", "Example Telephone")
    assert (LEAF.serial, LEAF.not_before_s, LEAF.not_after_s) == (4711, START, END)
    assert LEAF.fingerprint == hashlib.sha256(LEAF.der).hexdigest()
    assert LEAF.public_key == key().public
    assert LEAF.key_kind == "secp256r1"
    assert LEAF.tn_auth_list == TNAuthList(("709J",))
    assert LEAF.constraints == ClaimConstraints(must_include=("attest",))
    assert (LEAF.is_ca, LEAF.path_length, LEAF.key_usage) == (False, None, frozenset({"digitalSignature"}))
    assert LEAF.crl_urls == ("https://pa.example.net/crl",)
    assert not LEAF.self_issued
    assert LEAF.problems == ()
    assert LEAF.signed_by(authority().intermediate)
    assert not LEAF.signed_by(authority().root)
    assert repr(LEAF) == f"Certificate('CN=SHAKEN 709J,O=Example Telephone,C=US', {LEAF.fingerprint[:16]})"
    issuer = authority().intermediate
    assert (issuer.is_ca, issuer.path_length, issuer.key_usage) == (True, 0, frozenset({"keyCertSign", "cRLSign"}))
    assert authority().root.self_issued


@pytest.mark.parametrize(("at_s", "valid"), [(START - 1, False), (START, True), (END, True), (END + 1, False)])
def test_both_ends_are_valid(at_s: float, valid: bool) -> None:
    """RFC 5280 §4.1.2.5."""
    assert LEAF.valid_at(at_s) is valid


def test_another_reader_reads_the_same() -> None:
    for each in (*chain(), authority().root, LEAF):
        theirs = x509.load_der_x509_certificate(each.der)
        assert each.subject == theirs.subject.rfc4514_string()
        assert each.issuer == theirs.issuer.rfc4514_string()
        assert each.serial == theirs.serial_number
        assert each.not_before_s == theirs.not_valid_before_utc.timestamp()
        assert each.not_after_s == theirs.not_valid_after_utc.timestamp()
        assert [extension.oid for extension in each.extensions] == [e.oid.dotted_string for e in theirs.extensions]
        assert [extension.critical for extension in each.extensions] == [e.critical for e in theirs.extensions]


def _fields(certificate: Certificate) -> tuple[list[bytes], bytes, bytes]:
    """Fields of the signed part; algorithm; signature."""
    signed, algorithm, signature = only(certificate.der).children()
    return [each.whole for each in signed.children()], algorithm.whole, signature.whole


FIELDS, ALGORITHM, SIGNATURE = _fields(LEAF)


def _with(at: int, octets: bytes, algorithm: bytes = ALGORITHM, signature: bytes = SIGNATURE) -> Certificate:
    fields = [*FIELDS]
    fields[at] = octets
    return Certificate(seq(seq(*fields), algorithm, signature))


_UTC = encode(23, b"231114221320Z")
_NULLED = seq(encode(6, bytes.fromhex("2a8648ce3d040302")), encode(5))
_EXTENSION = seq(encode(6, b"\x55\x1d\x0f"), encode(4, b"\x03\x02\x07\x80"))


@pytest.mark.parametrize(
    ("der", "said"),
    [
        pytest.param(b"", "end", id="nothing"),
        pytest.param(b"\x30\x00", "three parts", id="empty"),
        pytest.param(LEAF.der + b"\0", "the end", id="something after it"),
        pytest.param(seq(seq(*FIELDS), ALGORITHM), "three parts", id="no signature"),
        pytest.param(seq(seq(*FIELDS[:4]), ALGORITHM, SIGNATURE), "six fields", id="few fields"),
        pytest.param(_with(2, seq(encode(6, b"\x2a"))).der, "one signature algorithm", id="two algorithms"),
        pytest.param(_with(2, seq(), seq()).der, "an algorithm", id="empty algorithm"),
        pytest.param(_with(3, encode(0x31)).der, "SEQUENCE", id="issuer is a set"),
        pytest.param(_with(4, seq(_UTC)).der, "two times", id="one time"),
        pytest.param(_with(4, seq(_UTC, encode(23, b"231314221320Z"))).der, "calendar", id="month 13"),
        pytest.param(_with(7, encode(0xA3, seq(_EXTENSION, _EXTENSION))).der, "once", id="extension twice"),
        pytest.param(_with(7, encode(0xA3, seq(seq(encode(6, b"\x2a"))))).der, "an extension", id="no value"),
        pytest.param(_with(7, encode(0xA4, seq())).der, "tag 0xa4", id="unknown field"),
        pytest.param(_with(7, encode(0x83, b"")).der, "tag 0x83", id="extensions under an implicit tag"),
        pytest.param(
            _with(0, FIELDS[0], ALGORITHM, encode(3, b"\x01\x02")).der, "whole octets", id="bits of signature"
        ),
        pytest.param(seq(seq(*FIELDS, encode(0xA3, seq())), ALGORITHM, SIGNATURE), "0xa3", id="extensions twice"),
        pytest.param(
            _with(
                2,
                seq(encode(6, bytes.fromhex("2a8648ce3d040302")), seq()),
                seq(encode(6, bytes.fromhex("2a8648ce3d040302")), seq()),
            ).der,
            "no parameters",
            id="parameters of the algorithm",
        ),
        pytest.param(seq(bytes(70_000)), "at most 65536", id="too large"),
    ],
)
def test_unreadable(der: bytes, said: str) -> None:
    """A value all the same: no trust, no name, and the reason."""
    found = Certificate(der)
    assert [each.code for each in found.problems] == ["jose-certificate-der"]
    assert said in found.problems[0].detail
    assert not found.readable
    assert (found.subject, found.issuer, found.serial, found.not_before_s, found.not_after_s) == ("", "", 0, 0.0, 0.0)
    assert (found.public_key, found.authority_key, found.key_kind) == (None, None, "unknown")
    assert not found.valid_at(0.0)
    assert not found.self_issued
    assert not found.signed_by(found)
    assert found.extensions == ()
    assert "unreadable" in repr(found)


@pytest.mark.parametrize(
    ("certificate", "slugs"),
    [
        pytest.param(
            _with(0, encode(0xA0, encode(2, b"\0"))), ["jose-certificate-version"], id="extensions in version 1"
        ),
        pytest.param(_with(0, encode(0xA0, encode(2, b"\x07"))), ["jose-certificate-version"], id="version 8"),
        pytest.param(_with(1, encode(2, b"\0")), ["jose-certificate-serial"], id="serial 0"),
        pytest.param(_with(1, encode(2, b"\xff")), ["jose-certificate-serial"], id="negative serial"),
        pytest.param(_with(1, encode(2, b"\x01" * 21)), ["jose-certificate-serial"], id="serial of 21 octets"),
        pytest.param(_with(2, _NULLED, _NULLED), ["jose-certificate-parameters"], id="NULL with ECDSA"),
        pytest.param(_with(7, encode(0x81, b"\0\x01")), [], id="issuer unique ID in place of extensions"),
        pytest.param(Certificate(seq(seq(*FIELDS[1:7]), ALGORITHM, SIGNATURE)), [], id="version 1"),
    ],
)
def test_odd_and_read(certificate: Certificate, slugs: list[str]) -> None:
    assert certificate.readable
    assert certificate.common_name == "SHAKEN 709J"
    assert [each.code for each in certificate.problems] == slugs


_EC = encode(6, bytes.fromhex("2a8648ce3d0201"))
_P256 = encode(6, bytes.fromhex("2a8648ce3d030107"))
_RSA = seq(encode(6, bytes.fromhex("2a864886f70d010101")), encode(5))


def _rsa(modulus: int, exponent: int) -> bytes:
    numbers = [each.to_bytes(each.bit_length() // 8 + 1, "big") for each in (modulus, exponent)]
    return seq(_RSA, encode(3, b"\0" + seq(*(encode(2, each) for each in numbers))))


@pytest.mark.parametrize(
    "spki",
    [
        pytest.param(seq(), id="empty"),
        pytest.param(seq(seq(), encode(3, b"\0")), id="no algorithm"),
        pytest.param(seq(seq(_EC), encode(3, b"\0")), id="no curve"),
        pytest.param(seq(seq(_EC, encode(6, b"\x2a\x03")), encode(3, b"\0\x04")), id="unknown curve"),
        pytest.param(seq(seq(_EC, seq()), encode(3, b"\0\x04")), id="curve in full"),
        pytest.param(seq(seq(_EC, _P256), encode(3, b"\0" + b"\x04" + bytes(64))), id="not on the curve"),
        pytest.param(seq(seq(_EC, _P256), encode(3, b"\0\0")), id="point at infinity"),
        pytest.param(seq(seq(_EC, _P256), encode(3, b"\x01\x04\x02")), id="bits unused"),
        pytest.param(_rsa(1 << 1023 | 1, 65537), id="RSA of 1,024 bits"),
        pytest.param(_rsa((1 << 8200) - 1, 65537), id="RSA of 8,200 bits"),
        pytest.param(_rsa(1 << 2047 | 1, (1 << 64) + 1), id="RSA with a long exponent"),
        pytest.param(_rsa(1 << 2047 | 1, 4), id="RSA with an even exponent"),
        pytest.param(seq(_RSA, encode(3, b"\0" + seq(encode(2, b"\x05")))), id="RSA without exponent"),
        pytest.param(seq(seq(encode(6, b"\x2b\x65\x70")), encode(3, bytes(33))), id="Ed25519"),
    ],
)
def test_keys_that_are_not_used(spki: bytes) -> None:
    found = _with(6, spki)
    assert [each.code for each in found.problems] == ["jose-certificate-key"]
    assert (found.public_key, found.authority_key, found.key_kind) == (None, None, "unknown")
    assert not LEAF.signed_by(found)


@pytest.mark.parametrize(
    ("oid", "value", "slug", "unusable"),
    [
        pytest.param(TN_AUTH_LIST, ia5(b"n/a"), "jose-certificate-tn-auth-list", False, id="TNAuthList"),
        pytest.param(CLAIMS, seq(), "jose-certificate-constraints", True, id="constraints"),
        pytest.param(ENHANCED_CLAIMS, seq(), "jose-certificate-constraints", True, id="enhanced constraints"),
        pytest.param(CRL_POINTS, b"\x05\x00", "jose-certificate-extension", False, id="places of lists"),
        pytest.param("2.5.29.14", b"\x05\x00", "jose-certificate-extension", False, id="key identifier"),
        pytest.param("2.5.29.35", b"\x05\x00", "jose-certificate-extension", False, id="issuer's key identifier"),
        pytest.param("2.5.29.15", b"\x03\x00", "jose-certificate-extension", True, id="key usage"),
        pytest.param("2.5.29.15", b"\x03\x02\x00\x80", "jose-certificate-key-usage-bits", False, id="padded key usage"),
        pytest.param(
            BASIC_CONSTRAINTS, seq(encode(2, b"\x01")), "jose-certificate-extension", True, id="length, no CA"
        ),
        pytest.param(
            BASIC_CONSTRAINTS, seq(encode(1, b"\xff"), encode(2, b"\xff")), "jose-certificate-extension", True, id="-1"
        ),
        pytest.param(
            BASIC_CONSTRAINTS,
            seq(encode(2, b"\x01"), encode(1, b"\xff")),
            "jose-certificate-extension",
            True,
            id="order",
        ),
        pytest.param(
            BASIC_CONSTRAINTS, seq(encode(1, b"\xff"), encode(1, b"\xff")), "jose-certificate-extension", True, id="two"
        ),
    ],
)
def test_broken_extensions_spoil_themselves_alone(oid: str, value: bytes, slug: str, unusable: bool) -> None:
    found = _with(7, encode(0xA3, seq(seq(_encode_oid(oid), encode(4, value)))))
    assert [each.code for each in found.problems] == [slug]
    assert oid in found.problems[0].where
    assert found.said.unusable is unusable
    assert (found.tn_auth_list, found.constraints, found.is_ca) == (None, None, False)


def _encode_oid(oid: str) -> bytes:
    first, second, *arcs = map(int, oid.split("."))
    octets = bytearray()
    for arc in (40 * first + second, *arcs):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        octets += bytes(reversed(groups))
    return encode(6, bytes(octets))


def test_both_kinds_of_constraints_are_one_too_many() -> None:
    """RFC 9118 §4."""
    value = ClaimConstraints(must_include=("attest",)).der()
    found = made(more=[(CLAIMS, False, value), (ENHANCED_CLAIMS, False, value)])
    assert [each.code for each in found.problems] == ["jose-certificate-constraints"]
    assert found.said.unusable


def test_false_written_out_is_read() -> None:
    """DER leaves a default out; production certificates write it."""
    usage = seq(_encode_oid("2.5.29.15"), encode(1, b"\0"), encode(4, b"\x03\x02\x07\x80"))
    basic = seq(_encode_oid(BASIC_CONSTRAINTS), encode(1, b"\xff"), encode(4, seq(encode(1, b"\0"))))
    found = _with(7, encode(0xA3, seq(usage, basic)))
    assert found.problems == ()
    assert (found.is_ca, found.key_usage) == (False, frozenset({"digitalSignature"}))
    assert [each.critical for each in found.extensions] == [False, True]


def test_places_of_lists_in_their_forms() -> None:
    url = encode(0x86, b"https://a.example/crl")
    points = seq(
        seq(encode(0xA0, encode(0xA0, encode(0x82, b"a.example"), url))),
        seq(encode(0xA0, encode(0xA1, b""))),
        seq(encode(0xA2, b"")),
        seq(encode(0xA0, encode(0xA0, url)), encode(0xA2, b"")),
    )
    found = made(more=[(CRL_POINTS, False, points)])
    assert found.crl_urls == ("https://a.example/crl",) * 2


def test_an_issuer_named_by_serial_alone_has_no_key_identifier() -> None:
    found = _with(7, encode(0xA3, seq(seq(_encode_oid("2.5.29.35"), encode(4, seq(encode(0x82, b"\x05")))))))
    assert found.problems == ()
    assert found.said.authority_key_id == b""
