"""
Certificates: read far enough to judge a chain and to know for whom it speaks (RFC 5280, RFC 8226).

Facts:
- A certificate that cannot be read is still a value, with its problems: a chain that holds it is not trusted, and the
  reader of a report sees why.
- Reading is ours and not that of `cryptography.x509`, which refuses all extensions where one is broken, and warns where
  production certificates are odd. Keys and signatures are OpenSSL's. Tests hold both readers against each other.
- Nothing here says whether a certificate is to be trusted; `check_chain` does.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric import ec

from ringthrough.errors import Problem, RemoteError

from .authority import AuthorityKey, read_authority_key, signature_kind, verify_signature
from .constraints import ClaimConstraints
from .der import INTEGER, SEQUENCE, Element, only, place
from .extensions import Extension, Extensions, read_extension_list, read_extensions
from .keys import PublicKey
from .names import Name, read_name
from .pem import objects_in, pem
from .problems import fault, problem
from .tnauthlist import TNAuthList

__all__ = ["MAX_CERTIFICATES", "Certificate", "read_certificates"]

MAX_CERTIFICATES = 1024
"Certificates of one file: a list of all trusted authorities has under a hundred."
_LARGEST = 65536  # octets of one certificate; those with thousands of numbers are delegates' and have tens of KiB


@dataclass(frozen=True, slots=True)
class _Body:
    """The fields of a certificate that stand in fixed places."""

    serial: int
    issuer: Name
    subject: Name
    not_before_s: float
    not_after_s: float
    spki: Element
    extensions: tuple[Extension, ...]
    signed: bytes
    algorithm: str
    signature: bytes
    problems: tuple[Problem, ...] = ()


_NOBODY = Name(())


@dataclass(frozen=True)
class Certificate:
    """One certificate; equal to another when the octets are."""

    der: bytes
    "The octets, as received."

    @cached_property
    def _read(self) -> _Body | Problem:
        try:
            return _read_body(self.der)
        except RemoteError as error:
            return place(error, "jose-certificate-der", "certificate", "RFC 5280 §4.1").problem

    @cached_property
    def _body(self) -> _Body | None:
        return self._read if isinstance(self._read, _Body) else None

    @property
    def readable(self) -> bool:
        """Could the fixed fields be read? If not, names are empty, times and serial 0."""
        return self._body is not None

    @cached_property
    def subject_name(self) -> Name:
        """Whom it is for, as a value that compares."""
        return self._body.subject if self._body else _NOBODY

    @cached_property
    def issuer_name(self) -> Name:
        """Who signed it, as a value that compares."""
        return self._body.issuer if self._body else _NOBODY

    @property
    def subject(self) -> str:
        """Whom it is for, in the form of RFC 4514."""
        return self.subject_name.text

    @property
    def issuer(self) -> str:
        """Who signed it, in the form of RFC 4514."""
        return self.issuer_name.text

    @property
    def common_name(self) -> str:
        """Common name of the subject: of SHAKEN certificates `SHAKEN` and the provider's code."""
        return self.subject_name.common_name

    @property
    def organization(self) -> str:
        """Organisation of the subject."""
        return self.subject_name.organization

    @property
    def serial(self) -> int:
        """Serial number."""
        return self._body.serial if self._body else 0

    @property
    def not_before_s(self) -> float:
        """First second in which it is valid, seconds since the epoch."""
        return self._body.not_before_s if self._body else 0.0

    @property
    def not_after_s(self) -> float:
        """Last second in which it is valid, seconds since the epoch."""
        return self._body.not_after_s if self._body else 0.0

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the octets, 64 hexadecimal digits."""
        return hashlib.sha256(self.der).hexdigest()

    @cached_property
    def _key(self) -> AuthorityKey | Problem:
        if self._body is None:
            return problem("jose-certificate-key", "expected a key, found no certificate", "certificate")
        try:
            return read_authority_key(self._body.spki)
        except RemoteError as error:
            return place(error, "jose-certificate-key", "certificate", "RFC 5480 §2").problem

    @property
    def authority_key(self) -> AuthorityKey | None:
        """The key to verify certificates and lists with; None when it is of no accepted kind."""
        key = self._key
        return None if isinstance(key, Problem) else key

    @cached_property
    def public_key(self) -> PublicKey | None:
        """The key to verify tokens with; None when it is no P-256 key, which alone ES256 takes."""
        key = self._key
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            return PublicKey(key)
        return None

    @cached_property
    def key_kind(self) -> str:
        """Kind of the key in words: `secp256r1`, `secp384r1`, `RSA 2048`, or `unknown`."""
        key = self._key
        if isinstance(key, Problem):
            return "unknown"
        return key.curve.name if isinstance(key, ec.EllipticCurvePublicKey) else f"RSA {key.key_size}"

    @cached_property
    def extensions(self) -> tuple[Extension, ...]:
        """All extensions, unread, in their order."""
        return self._body.extensions if self._body else ()

    @cached_property
    def said(self) -> Extensions:
        """What the extensions say."""
        return read_extensions(self.extensions)

    @property
    def tn_auth_list(self) -> TNAuthList | None:
        """Providers and numbers it may speak for; None where the extension is absent or cannot be read."""
        return self.said.tn_auth_list

    @property
    def constraints(self) -> ClaimConstraints | None:
        """What its tokens have to say; None where there is no constraint."""
        return self.said.constraints

    @property
    def is_ca(self) -> bool:
        """May it sign certificates?"""
        return self.said.is_ca

    @property
    def path_length(self) -> int | None:
        """How many authorities may stand below it; None is no limit."""
        return self.said.path_length

    @property
    def key_usage(self) -> frozenset[str] | None:
        """What its key may be used for, in the names of RFC 5280 §4.2.1.3; None where it does not say."""
        return self.said.key_usage

    @property
    def crl_urls(self) -> tuple[str, ...]:
        """Where its revocation lists are published."""
        return self.said.crl_urls

    @property
    def self_issued(self) -> bool:
        """Are subject and issuer one name?"""
        return self.readable and self.subject_name == self.issuer_name

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong with it by itself, apart from trust and time."""
        if isinstance(self._read, Problem):
            return (self._read,)
        key = (self._key,) if isinstance(self._key, Problem) else ()
        return (*self._read.problems, *key, *self.said.problems)

    def signed_by(self, issuer: Certificate) -> bool:
        """Does the key of the issuer verify the signature? Looks at nothing else: no names, no times, no rights."""
        body = self._body
        key = issuer.authority_key
        if body is None or key is None:
            return False
        return verify_signature(key, body.algorithm, body.signed, body.signature)

    def valid_at(self, at_s: float) -> bool:
        """Is it valid at that time, seconds since the epoch? Both ends count (RFC 5280 §4.1.2.5)."""
        return self.readable and self.not_before_s <= at_s <= self.not_after_s

    def pem(self) -> bytes:
        """The certificate as a PEM block."""
        return pem("CERTIFICATE", self.der)

    def __repr__(self) -> str:
        return f"Certificate({self.subject or 'unreadable'!r}, {self.fingerprint[:16]})"


def read_certificates(octets: bytes | str) -> tuple[Certificate, ...]:
    """
    The certificates of a PEM bundle, in its order, or the one of DER.

    One that cannot be read is there all the same, with its problems.

    Raises:
        RemoteError: there is no certificate, a block is cut or not base64, or there are more than `MAX_CERTIFICATES`.

    Source: RFC 7468 §5; RFC 7515 §4.1.5
    """
    data = octets.encode("utf-8", "replace") if isinstance(octets, str) else octets
    labels = ("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE")
    return tuple(map(Certificate, objects_in(data, labels, MAX_CERTIFICATES, "jose-certificate-none")))


def _read_body(der: bytes) -> _Body:
    """RFC 5280 §4.1: Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }."""
    if len(der) > _LARGEST:
        raise fault("jose-certificate-der", f"expected at most {_LARGEST} octets, found {len(der)}")
    parts = only(der).expect(SEQUENCE).children(3)
    if len(parts) != 3:
        raise fault("jose-der", f"expected three parts, found {len(parts)}")
    signed, algorithm, signature = parts
    fields = signed.expect(SEQUENCE).children(10)
    version = 1
    if fields and fields[0].tag == 0xA0:
        version = fields.pop(0).inner().integer(INTEGER) + 1
    if len(fields) < 6:
        raise fault("jose-der", f"expected six fields and more, found {len(fields)}")
    serial, inner, issuer, validity, subject, spki = fields[:6]
    if inner.whole != algorithm.whole:
        raise fault("jose-der", "expected one signature algorithm, found two", source="RFC 5280 §4.1.1.2")
    times = validity.expect(SEQUENCE).children(2)
    if len(times) != 2:
        raise fault("jose-der", f"expected two times, found {len(times)}")
    octets, unused = signature.bits()
    if unused:
        raise fault("jose-der", f"expected a signature of whole octets, found {unused} bits unused")
    extensions: tuple[Extension, ...] = ()
    problems = []
    last = 0xA0
    for field in fields[6:]:
        # issuerUniqueID [1], subjectUniqueID [2] IMPLICIT BIT STRING, extensions [3] EXPLICIT, in that order
        tag = field.tag | 0x20
        if not last < tag <= 0xA3 or (field.tag == 0x83):
            raise fault("jose-der", f"expected the extensions, found tag {field.tag:#04x}")
        last = tag
        if tag == 0xA3:
            extensions = read_extension_list(field.inner())
    if version not in (1, 2, 3) or (extensions and version != 3):
        detail = f"expected version 3, found {version}"
        problems.append(problem("jose-certificate-version", detail, "certificate", "RFC 5280 §4.1.2.1"))
    kind, odd = signature_kind(algorithm)
    if odd:
        detail = f"expected no parameters of {kind}, found NULL"
        problems.append(problem("jose-certificate-parameters", detail, "certificate", "RFC 5758 §3.2"))
    number = serial.integer(INTEGER)
    if number <= 0 or len(serial.content) > 20:
        detail = f"expected a positive number of at most 20 octets, found {len(serial.content)} octets"
        problems.append(problem("jose-certificate-serial", detail, "certificate", "RFC 5280 §4.1.2.2"))
    return _Body(
        serial=number,
        issuer=read_name(issuer),
        subject=read_name(subject),
        not_before_s=times[0].time_s(),
        not_after_s=times[1].time_s(),
        spki=spki,
        extensions=extensions,
        signed=signed.whole,
        algorithm=kind,
        signature=octets,
        problems=tuple(problems),
    )
