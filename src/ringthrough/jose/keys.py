"""
Keys for ES256: ECDSA on P-256 with SHA-256, and signatures as the 64 octets r and s.

Facts:
- There is one kind of key, so no token can choose another algorithm: a public key is never taken for an HMAC secret,
  and `none` has no key.
- Signing is deterministic (RFC 6979, as RFC 8225 §6 recommends): the same message and key give the same octets, and no
  weak random number can give the key away.
- OpenSSL, below `cryptography`, lets go of the interpreter's lock while it computes, so threads verify side by side.
"""

from __future__ import annotations

import hashlib
import re

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from ringthrough.errors import LocalError, Problem, RemoteError

from .problems import fault, shown

__all__ = ["PrivateKey", "PublicKey", "derive_key", "generate_key", "read_private_key", "read_public_key"]

_VERIFY = ec.ECDSA(hashes.SHA256())
_SIGN = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
# FIPS 186-4 §D.1.2.3: the order of P-256
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_LARGEST = 16384  # octets of a key file; a P-256 key has 241 in PEM
_PRIVATE = re.compile(rb"-----BEGIN ((?:EC |ENCRYPTED )?PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)
_PUBLIC = re.compile(rb"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)


class PublicKey:
    """A public key on P-256."""

    __slots__ = ("_key", "_verify")

    def __init__(self, key: ec.EllipticCurvePublicKey) -> None:
        self._key = key
        self._verify = key.verify

    def verify(self, message: bytes, signature: bytes) -> bool:
        """
        Did this key sign the message?

        Args:
            message: the octets that were signed; for a token its `signing_input`.
            signature: r and s, 32 octets each. Any other length is False, DER too.

        Source: RFC 7518 §3.4
        """
        if len(signature) != 64:
            return False
        r = signature[:32].lstrip(b"\0")
        s = signature[32:].lstrip(b"\0")
        if not r or not s:
            return False
        # SEQUENCE of two INTEGERs, made by hand: half the time of two conversions through int.
        if r[0] & 0x80:
            r = b"\0" + r
        if s[0] & 0x80:
            s = b"\0" + s
        der = bytes((0x30, 4 + len(r) + len(s), 2, len(r))) + r + bytes((2, len(s))) + s
        try:
            self._verify(der, message, _VERIFY)
        except InvalidSignature:
            return False
        return True

    def der(self) -> bytes:
        """SubjectPublicKeyInfo."""
        return self._key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    def pem(self) -> bytes:
        """SubjectPublicKeyInfo in PEM."""
        return self._key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def fingerprint(self) -> str:
        """SHA-256 of the SubjectPublicKeyInfo, 64 hexadecimal digits."""
        return hashlib.sha256(self.der()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and self.der() == other.der()

    def __hash__(self) -> int:
        return hash(self.der())

    def __repr__(self) -> str:
        return f"PublicKey({self.fingerprint()[:16]})"


class PrivateKey:
    """A private key on P-256. Its value is shown by `pem()` alone, never by `repr`."""

    __slots__ = ("_key", "public")

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key())
        "The public half."

    @property
    def signing_key(self) -> ec.EllipticCurvePrivateKey:
        """The key as `cryptography` has it, for making certificates."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """The signature of the message: r and s, 64 octets. Source: RFC 7518 §3.4, RFC 6979"""
        r, s = decode_dss_signature(self._key.sign(message, _SIGN))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def pem(self, password: bytes | None = None) -> bytes:
        """The key as PKCS #8 in PEM, encrypted where there is a password."""
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if password:
            encryption = serialization.BestAvailableEncryption(password)
        return self._key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)

    def __repr__(self) -> str:
        return f"PrivateKey(public={self.public!r})"


def generate_key() -> PrivateKey:
    """A new key, from the random numbers of OpenSSL."""
    return PrivateKey(ec.generate_private_key(ec.SECP256R1()))


def derive_key(seed: bytes) -> PrivateKey:
    """
    The key that belongs to a seed: always the same one, for made-up traffic and tests.

    Args:
        seed: at least 16 octets; whoever knows them has the key.

    Raises:
        LocalError: the seed is too short.
    """
    if len(seed) < 16:
        detail = f"expected at least 16 octets, found {len(seed)}"
        raise LocalError(Problem("jose-key-seed", detail, "seed"))
    wide = hashlib.shake_256(b"ringthrough key\0" + seed).digest(48)
    return PrivateKey(ec.derive_private_key(int.from_bytes(wide, "big") % (_ORDER - 1) + 1, ec.SECP256R1()))


def read_private_key(octets: bytes | str, password: bytes | None = None) -> PrivateKey:
    """
    The private key of a PEM file: PKCS #8, encrypted or not, or SEC 1; what stands around it is passed over.

    Raises:
        RemoteError: no key, a broken one, one of another kind, or the password is missing or wrong. Says nothing of
            what the file holds.
    """
    found = _PRIVATE.search(_bounded(octets))
    if found is None:
        raise fault("jose-key-unreadable", "expected a private key in PEM, found none", "key", "RFC 7468 §10")
    encrypted = found[1] == b"ENCRYPTED PRIVATE KEY" or b"\nDEK-Info:" in found[0]
    if encrypted and not password:
        raise fault("jose-key-encrypted", "expected a password for the encrypted key, found none", "key")
    try:
        key = serialization.load_pem_private_key(found[0], password if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if encrypted:
            detail = "expected the password of the key, found another, or a broken key"
            raise fault("jose-key-encrypted", detail, "key") from None
        raise fault("jose-key-unreadable", "expected a private key, found a broken one", "key") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _wrong_kind(key)
    return PrivateKey(key)


def read_public_key(octets: bytes | str) -> PublicKey:
    """
    The public key of a PEM file (`PUBLIC KEY`) or of DER (SubjectPublicKeyInfo).

    Raises:
        RemoteError: no key, a broken one, or one of another kind.
    """
    data = _bounded(octets)
    try:
        if data[:1] == b"\x30":
            key = serialization.load_der_public_key(data)
        else:
            found = _PUBLIC.search(data)
            if found is None:
                raise fault("jose-key-unreadable", "expected a public key in PEM, found none", "key", "RFC 7468 §13")
            key = serialization.load_pem_public_key(found[0])
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise fault("jose-key-unreadable", "expected a public key, found a broken one", "key") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _wrong_kind(key)
    return PublicKey(key)


def _wrong_kind(key: object) -> RemoteError:
    curve = getattr(getattr(key, "curve", None), "name", None)
    kind = f"one on {curve}" if curve else f"a {type(key).__name__}"
    return fault("jose-key-kind", f"expected a key on P-256 (secp256r1), found {kind}", "key", "RFC 7518 §3.4")


def _bounded(octets: bytes | str) -> bytes:
    data = octets.encode("utf-8", "replace") if isinstance(octets, str) else octets
    if len(data) > _LARGEST:
        detail = f"expected at most {_LARGEST} octets of key, found {shown(len(data))}"
        raise fault("jose-key-unreadable", detail, "key")
    return data
