"""
Revocation lists: which certificates were taken back, and when (RFC 5280 §5).

Facts:
- The STI-PA publishes one *indirect* list for all authorities of SHAKEN: it is signed by the STI-PA, and an entry says
  whose certificate it means. An entry that does not say means the same issuer as the one before it (§5.3.3).
- A list can only ever take trust away here. So an old list, or one that is not for all reasons, still counts for what
  it lists, and what it leaves out is not called good.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ringthrough.errors import Problem, RemoteError

from .authority import signature_kind, verify_signature
from .certificate import Certificate
from .der import ENUMERATED, GENERALIZED_TIME, INTEGER, SEQUENCE, UTC_TIME, Element, only, place
from .extensions import Extension, read_extension_list
from .names import Name, read_name
from .pem import objects_in, pem
from .problems import fault, problem, shown

__all__ = ["REASONS", "RevocationList", "Revoked", "read_revocation_lists"]

MAX_LISTS = 64
MAX_ENTRIES = 100_000
"Entries of one list; that of all of SHAKEN has some hundreds."

# RFC 5280 §5.3.1; 7 is not used
REASONS = {
    0: "unspecified", 1: "keyCompromise", 2: "cACompromise", 3: "affiliationChanged", 4: "superseded",
    5: "cessationOfOperation", 6: "certificateHold", 8: "removeFromCRL", 9: "privilegeWithdrawn", 10: "aACompromise",
}  # fmt: skip
_REASON, _INVALID_SINCE, _CERTIFICATE_ISSUER = "2.5.29.21", "2.5.29.24", "2.5.29.29"


@dataclass(frozen=True, slots=True)
class Revoked:
    """One entry of a list."""

    serial: int
    "Serial number of the certificate."
    at_s: float
    "Since when it is revoked, seconds since the epoch."
    reason: str = "unspecified"
    "Why, a value of `REASONS`."
    issuer_name: Name | None = None
    "Whose certificate it is; None: of the one who signs the list."


@dataclass(frozen=True, slots=True)
class _Body:
    issuer: Name
    this_update_s: float
    next_update_s: float | None
    entries: dict[str, list[Revoked]]
    signed: bytes
    algorithm: str
    signature: bytes


@dataclass(frozen=True)
class RevocationList:
    """One revocation list; equal to another when the octets are."""

    der: bytes
    "The octets, as received."

    @cached_property
    def _read(self) -> _Body | Problem:
        try:
            return _read_body(self.der)
        except RemoteError as error:
            return place(error, "jose-crl-der", "revocation list", "RFC 5280 §5.1").problem

    @property
    def readable(self) -> bool:
        """Could it be read? If not, it lists nothing and `problems` says why."""
        return isinstance(self._read, _Body)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with it by itself."""
        return (self._read,) if isinstance(self._read, Problem) else ()

    @property
    def issuer_name(self) -> Name:
        """Who signed it."""
        return self._read.issuer if isinstance(self._read, _Body) else Name(())

    @property
    def this_update_s(self) -> float:
        """When it was made, seconds since the epoch."""
        return self._read.this_update_s if isinstance(self._read, _Body) else 0.0

    @property
    def next_update_s(self) -> float | None:
        """When the next one is due; None where it does not say."""
        return self._read.next_update_s if isinstance(self._read, _Body) else None

    @property
    def entries(self) -> tuple[Revoked, ...]:
        """All entries."""
        if isinstance(self._read, Problem):
            return ()
        return tuple(entry for several in self._read.entries.values() for entry in several)

    def find(self, certificate: Certificate) -> Revoked | None:
        """The earliest entry for a certificate; None when it is not listed. Looks at no signature."""
        if isinstance(self._read, Problem):
            return None
        issuer = certificate.issuer_name
        found = [
            entry
            for entry in self._read.entries.get(f"{certificate.serial:x}", ())
            if (self._read.issuer if entry.issuer_name is None else entry.issuer_name) == issuer
        ]
        return min(found, key=lambda entry: entry.at_s, default=None)

    def signed_by(self, issuer: Certificate) -> bool:
        """Does the key of the issuer verify the signature, and may it sign lists (`cRLSign`)?"""
        body = self._read
        if isinstance(body, Problem) or (issuer.key_usage is not None and "cRLSign" not in issuer.key_usage):
            return False
        key = issuer.authority_key
        return key is not None and verify_signature(key, body.algorithm, body.signed, body.signature)

    def pem(self) -> bytes:
        """The list as a PEM block."""
        return pem("X509 CRL", self.der)

    def __repr__(self) -> str:
        return f"RevocationList({self.issuer_name.text or 'unreadable'!r}, {len(self.der)} octets)"


def read_revocation_lists(octets: bytes | str) -> tuple[RevocationList, ...]:
    """
    The revocation lists of a PEM file, or the one of DER; one that cannot be read is there with its problems.

    Raises:
        RemoteError: there is none, a block is cut or not base64, or there are more than 64.

    Source: RFC 7468 §6
    """
    data = octets.encode("utf-8", "replace") if isinstance(octets, str) else octets
    return tuple(map(RevocationList, objects_in(data, ("X509 CRL", "CRL"), MAX_LISTS, "jose-crl-none")))


def _read_body(der: bytes) -> _Body:
    """RFC 5280 §5.1: CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signatureValue }."""
    parts = only(der).expect(SEQUENCE).children(3)
    if len(parts) != 3:
        raise fault("jose-der", f"expected three parts, found {len(parts)}")
    signed, algorithm, signature = parts
    fields = signed.expect(SEQUENCE).children(8)
    if fields and fields[0].tag == INTEGER:
        version = fields.pop(0).integer() + 1
        if version != 2:
            raise fault("jose-der", f"expected version 2, found {version}", source="RFC 5280 §5.1.2.1")
    if len(fields) < 3:
        raise fault("jose-der", f"expected algorithm, issuer and time, found {len(fields)} fields")
    if fields.pop(0).whole != algorithm.whole:
        raise fault("jose-der", "expected one signature algorithm, found two", source="RFC 5280 §5.1.1.2")
    issuer = read_name(fields.pop(0))
    this_update_s = fields.pop(0).time_s()
    next_update_s = None
    if fields and fields[0].tag in (UTC_TIME, GENERALIZED_TIME):
        next_update_s = fields.pop(0).time_s()
    entries: dict[str, list[Revoked]] = {}
    if fields and fields[0].tag == SEQUENCE:
        entries = _read_entries(fields.pop(0))
    if fields and fields[0].tag == 0xA0:
        # What they restrict (a part of the reasons, of the certificates) matters to those who call the rest good.
        read_extension_list(fields.pop(0).inner())
    if fields:
        raise fault("jose-der", f"expected the end of the list, found tag {fields[0].tag:#04x}")
    octets, unused = signature.bits()
    if unused:
        raise fault("jose-der", f"expected a signature of whole octets, found {unused} bits unused")
    kind, _ = signature_kind(algorithm)
    return _Body(issuer, this_update_s, next_update_s, entries, signed.whole, kind, octets)


def _read_entries(element: Element) -> dict[str, list[Revoked]]:
    """Entries by serial number in hexadecimal: a text, because whoever chooses numbers can make their hashes equal."""
    entries: dict[str, list[Revoked]] = {}
    issuer: Name | None = None
    for count, entry in enumerate(element.walk()):
        if count == MAX_ENTRIES:
            raise fault("jose-der", f"expected at most {MAX_ENTRIES} entries, found more")
        parts = entry.expect(SEQUENCE).children(3)
        if len(parts) < 2:
            raise fault("jose-der", f"expected serial number and time, found {len(parts)} elements")
        reason = "unspecified"
        for extension in read_extension_list(parts[2]) if len(parts) == 3 else ():
            if extension.oid == _CERTIFICATE_ISSUER:
                issuer = _directory_name(extension)
            elif extension.oid == _REASON:
                reason = REASONS.get(only(extension.value).integer(ENUMERATED), "unspecified")
            elif extension.critical and extension.oid != _INVALID_SINCE:
                # RFC 5280 §5.3: such a list must not be used.
                raise fault("jose-der", f"expected entries without critical extensions, found {extension.oid}")
        if reason == "removeFromCRL":
            continue
        serial = parts[0].integer()
        entries.setdefault(f"{serial:x}", []).append(Revoked(serial, parts[1].time_s(), reason, issuer))
    return entries


def _directory_name(extension: Extension) -> Name:
    """RFC 5280 §5.3.3: GeneralNames with a directoryName [4]."""
    for name in only(extension.value).expect(SEQUENCE).children(8):
        if name.tag == 0xA4:
            return read_name(name.inner())
    raise fault("jose-der", f"expected a directory name of an issuer, found {shown(extension.value[:16].hex())}")


def ignored(found: RevocationList, why: str) -> Problem:
    """The problem of a list that was left out."""
    return problem("jose-crl-ignored", f"expected {why}, found {found!r}", "revocation list", "RFC 5280 §6.3.3")
