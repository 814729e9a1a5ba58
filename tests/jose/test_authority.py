"""Signatures of authorities: the kinds that production has, and those that are refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from ringthrough.jose import Anchors, Certificate, check_chain

from .making import END, NOW, START, key

RSA = rsa.generate_private_key(65537, 2048)
Signer = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def _time(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)


def _sign(
    subject: str, public: object, signer: Signer, digest: hashes.HashAlgorithm | None, ca: bool, pss: bool = False
) -> Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)])
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Root")])
    builder = x509.CertificateBuilder(issuer, name, public, 5, _time(START), _time(END)).add_extension(  # type: ignore[arg-type]
        x509.BasicConstraints(ca, None), critical=True
    )
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32) if pss else None
    made = builder.sign(signer, digest, rsa_padding=scheme)  # type: ignore[arg-type]
    return Certificate(made.public_bytes(serialization.Encoding.DER))


def _outcome(signer: Signer, digest: hashes.HashAlgorithm | None, pss: bool = False) -> tuple[str, str]:
    root = _sign("Root", signer.public_key(), signer, digest, True, pss)
    carrier = serialization.load_der_public_key(key().public.der())
    leaf = _sign("Leaf", carrier, signer, digest, False, pss)
    return root.key_kind, check_chain([leaf], Anchors([root]), at_s=NOW).outcome


@pytest.mark.parametrize(
    ("signer", "digest", "kind"),
    [
        (ec.derive_private_key(5, ec.SECP256R1()), hashes.SHA256(), "secp256r1"),
        (ec.derive_private_key(5, ec.SECP384R1()), hashes.SHA384(), "secp384r1"),
        (ec.derive_private_key(5, ec.SECP521R1()), hashes.SHA512(), "secp521r1"),
        (RSA, hashes.SHA256(), "RSA 2048"),
        (RSA, hashes.SHA384(), "RSA 2048"),
        (RSA, hashes.SHA512(), "RSA 2048"),
    ],
)
def test_kinds_of_production(signer: Signer, digest: hashes.HashAlgorithm, kind: str) -> None:
    assert _outcome(signer, digest) == (kind, "trusted")


@pytest.mark.parametrize(
    ("signer", "digest", "kind"),
    [
        pytest.param(ec.derive_private_key(5, ec.SECP256K1()), hashes.SHA256(), "unknown", id="curve of Bitcoin"),
        pytest.param(ed25519.Ed25519PrivateKey.from_private_bytes(b"k" * 32), None, "unknown", id="Ed25519"),
        pytest.param(ec.derive_private_key(5, ec.SECP256R1()), hashes.SHA3_256(), "secp256r1", id="SHA-3"),
        pytest.param(ec.derive_private_key(5, ec.SECP256R1()), hashes.SHA224(), "secp256r1", id="SHA-224"),
    ],
)
def test_kinds_that_are_refused(signer: Signer, digest: hashes.HashAlgorithm | None, kind: str) -> None:
    assert _outcome(signer, digest) == (kind, "bad_signature")


def test_pss_is_refused() -> None:
    assert _outcome(RSA, hashes.SHA256(), pss=True) == ("RSA 2048", "bad_signature")


def test_a_key_of_another_family_signed_nothing() -> None:
    """An ECDSA certificate against an RSA key of the same name, and the reverse."""
    curve = ec.derive_private_key(5, ec.SECP256R1())
    carrier = serialization.load_der_public_key(key().public.der())
    for one, other in ((RSA, curve), (curve, RSA)):
        root = _sign("Root", one.public_key(), one, hashes.SHA256(), True)
        leaf = _sign("Leaf", carrier, other, hashes.SHA256(), False)
        assert check_chain([leaf], Anchors([root]), at_s=NOW).outcome == "bad_signature"
