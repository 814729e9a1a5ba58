"""
Keys and signatures of certification authorities: ECDSA on P-256, P-384, P-521, and RSA of 2048 to 8192 bits.

Production STI-CAs sign with P-256 and P-384; a few RSA and P-521 ones are there. SHA-1 and MD5 are not accepted, and
the bounds on RSA keep the time of one verification under a millisecond.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from .der import SEQUENCE, Element, only
from .problems import fault, shown

__all__ = ["AuthorityKey", "read_authority_key", "signature_kind", "verify_signature"]

AuthorityKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

_EC, _RSA = "1.2.840.10045.2.1", "1.2.840.113549.1.1.1"
# RFC 5480 §2.1.1.1
_CURVES: dict[str, type[ec.EllipticCurve]] = {
    "1.2.840.10045.3.1.7": ec.SECP256R1,
    "1.3.132.0.34": ec.SECP384R1,
    "1.3.132.0.35": ec.SECP521R1,
}
# RFC 5758 §3.2 (ECDSA), RFC 4055 §5 (RSA)
_SIGNATURES: dict[str, tuple[str, hashes.HashAlgorithm]] = {
    "1.2.840.10045.4.3.2": ("ecdsa", hashes.SHA256()),
    "1.2.840.10045.4.3.3": ("ecdsa", hashes.SHA384()),
    "1.2.840.10045.4.3.4": ("ecdsa", hashes.SHA512()),
    "1.2.840.113549.1.1.11": ("rsa", hashes.SHA256()),
    "1.2.840.113549.1.1.12": ("rsa", hashes.SHA384()),
    "1.2.840.113549.1.1.13": ("rsa", hashes.SHA512()),
}
_NULL = b"\x05\x00"


def read_authority_key(spki: Element) -> AuthorityKey:
    """
    The key in a SubjectPublicKeyInfo.

    Raises:
        RemoteError: of a kind, curve or size that is not accepted, or no point of its curve.

    Source: RFC 5280 §4.1.2.7; RFC 5480 §2; RFC 3279 §2.3.1
    """
    parts = spki.expect(SEQUENCE).children(2)
    if len(parts) != 2:
        raise fault("jose-der", f"expected an algorithm and a key, found {len(parts)} elements")
    algorithm = parts[0].expect(SEQUENCE).children(2)
    kind = algorithm[0].oid() if algorithm else ""
    octets, unused = parts[1].bits()
    if unused:
        raise fault("jose-der", f"expected whole octets of a key, found {unused} bits unused")
    try:
        if kind == _EC and len(algorithm) == 2:
            curve = algorithm[1].oid()
            if curve not in _CURVES:
                raise fault("jose-certificate-key", f"expected P-256, P-384 or P-521, found curve {curve}")
            return ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[curve](), octets)
        if kind == _RSA:
            return _read_rsa(octets)
    except (ValueError, UnsupportedAlgorithm):
        raise fault("jose-certificate-key", "expected a key of its kind, found numbers that are none") from None
    raise fault("jose-certificate-key", f"expected an EC or RSA key, found {shown(kind)}")


def _read_rsa(octets: bytes) -> rsa.RSAPublicKey:
    numbers = only(octets).expect(SEQUENCE).children(2)
    if len(numbers) != 2:
        raise fault("jose-der", f"expected modulus and exponent, found {len(numbers)} elements")
    modulus, exponent = numbers[0].integer(), numbers[1].integer()
    if modulus < 0 or not 2048 <= modulus.bit_length() <= 8192 or not 3 <= exponent < 1 << 32:
        detail = f"expected RSA of 2048 to 8192 bits, found {modulus.bit_length()} and exponent {shown(exponent)}"
        raise fault("jose-certificate-key", detail)
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


def signature_kind(algorithm: Element) -> tuple[str, bool]:
    """
    OID of a signature algorithm, and whether its parameters are odd.

    RSA carries NULL as parameters, ECDSA none (RFC 5758 §3.2). The production root of one of the largest carriers of
    the USA has NULL with ECDSA all the same; nothing depends on it, so it is read and noted.

    Raises:
        RemoteError: it is no AlgorithmIdentifier, or has other parameters.
    """
    parts = algorithm.expect(SEQUENCE).children(2)
    if not parts:
        raise fault("jose-der", "expected an algorithm, found none")
    kind = parts[0].oid()
    found = _SIGNATURES.get(kind)
    if found is None or len(parts) == 1:
        return kind, False
    if parts[1].whole != _NULL:
        raise fault("jose-der", f"expected no parameters of {kind}, found {shown(parts[1].whole.hex())}")
    return kind, found[0] == "ecdsa"


def verify_signature(key: AuthorityKey, kind: str, signed: bytes, signature: bytes) -> bool:
    """
    Did the key sign the octets with this algorithm? False, too, for an algorithm that is not accepted.

    Args:
        key: of the one who signed.
        kind: OID of the algorithm.
        signed: the octets.
        signature: DER for ECDSA, PKCS #1 v1.5 for RSA.
    """
    family, digest = _SIGNATURES.get(kind, ("", None))
    if digest is None:
        return False
    try:
        if family == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(digest))
        elif family == "rsa" and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), digest)
        else:
            return False
    except InvalidSignature:
        return False
    return True
