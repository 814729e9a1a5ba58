"""
Extensions of a certificate, each read by its own function: a broken one spoils itself and no other.

An extension that is absent is None. One that is there and cannot be read is None as well, with a `Problem`; whether it
was critical decides what that means (RFC 5280 §4.2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ringthrough.errors import Problem, RemoteError

from .constraints import ClaimConstraints, read_constraints
from .der import BOOLEAN, INTEGER, OCTET_STRING, SEQUENCE, Element, only, place
from .problems import fault, problem, shown
from .tnauthlist import TNAuthList, read_tn_auth_list

__all__ = ["KEY_USAGES", "Extension", "Extensions", "read_extension_list", "read_extensions"]

BASIC_CONSTRAINTS, KEY_USAGE, SUBJECT_KEY, AUTHORITY_KEY = "2.5.29.19", "2.5.29.15", "2.5.29.14", "2.5.29.35"
CRL_POINTS, POLICIES = "2.5.29.31", "2.5.29.32"
TN_AUTH_LIST, CLAIMS, ENHANCED_CLAIMS = "1.3.6.1.5.5.7.1.26", "1.3.6.1.5.5.7.1.27", "1.3.6.1.5.5.7.1.33"

UNDERSTOOD = frozenset(
    # Any policy is accepted, and the lists to look in are handed in: both may be critical.
    {BASIC_CONSTRAINTS, KEY_USAGE, SUBJECT_KEY, AUTHORITY_KEY, CRL_POINTS, POLICIES, TN_AUTH_LIST, CLAIMS,
     ENHANCED_CLAIMS}
)  # fmt: skip
"Extensions that may be critical."

# RFC 5280 §4.2.1.3, in the order of their bits
KEY_USAGES = (
    "digitalSignature", "contentCommitment", "keyEncipherment", "dataEncipherment", "keyAgreement", "keyCertSign",
    "cRLSign", "encipherOnly", "decipherOnly",
)  # fmt: skip

_MOST = 64  # extensions of a certificate; the richest of production has eleven


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension, unread."""

    oid: str
    "What it is, in dotted decimals."
    critical: bool
    "Must it be understood?"
    value: bytes
    "DER of the value."


@dataclass(frozen=True, slots=True)
class Extensions:
    """What the extensions of a certificate say, as far as this room reads them."""

    is_ca: bool = False
    "basicConstraints: may it sign certificates?"
    path_length: int | None = None
    "basicConstraints: how many authorities may stand below it; None is no limit."
    key_usage: frozenset[str] | None = None
    "Names of `KEY_USAGES`; None where the extension is absent, which forbids nothing."
    subject_key_id: bytes = b""
    "Name of its key, by which issuers are told apart that have one name."
    authority_key_id: bytes = b""
    "Name of the key that signed it."
    crl_urls: tuple[str, ...] = ()
    "Where its revocation lists are published."
    tn_auth_list: TNAuthList | None = None
    "Providers and numbers it may speak for."
    constraints: ClaimConstraints | None = None
    "What its tokens have to say."
    problems: tuple[Problem, ...] = ()
    "What could not be read."
    unusable: bool = False
    "A critical extension, or one that restricts, could not be read: not to be trusted."
    not_understood: tuple[str, ...] = ()
    "Critical extensions that nothing here understands."


def read_extension_list(element: Element) -> tuple[Extension, ...]:
    """
    The extensions in a SEQUENCE of them, each at most once; RemoteError for anything else.

    Source: RFC 5280 §4.1, §4.2
    """
    found: dict[str, Extension] = {}
    for each in element.expect(SEQUENCE).children(_MOST):
        parts = each.expect(SEQUENCE).children(3)
        if not 2 <= len(parts) <= 3:
            raise fault("jose-der", f"expected an extension, found {len(parts)} elements")
        oid = parts[0].oid()
        # DER leaves a FALSE out; some CAs write it, and its meaning is plain.
        critical = len(parts) == 3 and parts[1].boolean()
        if oid in found:
            raise fault("jose-der", f"expected each extension once, found {oid} twice", source="RFC 5280 §4.2")
        found[oid] = Extension(oid, critical, parts[-1].expect(OCTET_STRING).content)
    return tuple(found.values())


Value = TypeVar("Value")


def read_extensions(found: tuple[Extension, ...]) -> Extensions:
    """What the extensions say; never raises."""
    by_oid = {each.oid: each for each in found}
    problems: list[Problem] = []
    unusable = False

    def read(
        oid: str, reader: Callable[[bytes], Value], absent: Value, code: str = "jose-certificate-extension"
    ) -> Value:
        nonlocal unusable
        extension = by_oid.get(oid)
        if extension is None:
            return absent
        try:
            return reader(extension.value)
        except RemoteError as error:
            problems.append(place(error, code, f"extension {oid}", "RFC 5280 §4.2").problem)
            unusable = unusable or extension.critical or oid in _RESTRICTING
            return absent

    no_authority: tuple[bool, int | None] = (False, None)
    no_usage: tuple[frozenset[str] | None, bool] = (None, False)
    is_ca, path_length = read(BASIC_CONSTRAINTS, _basic_constraints, no_authority)
    key_usage, padded = read(KEY_USAGE, _key_usage, no_usage)
    if padded:
        detail = "expected no zero bits at the end, found some"
        problems.append(problem("jose-certificate-key-usage-bits", detail, f"extension {KEY_USAGE}", "X.690 §11.2.2"))
    plain = read(CLAIMS, _plain_constraints, None, "jose-certificate-constraints")
    enhanced = read(ENHANCED_CLAIMS, _enhanced_constraints, None, "jose-certificate-constraints")
    if CLAIMS in by_oid and ENHANCED_CLAIMS in by_oid:
        detail = "expected one kind of claim constraints, found both"
        problems.append(problem("jose-certificate-constraints", detail, "extensions", "RFC 9118 §4"))
        unusable = True
    return Extensions(
        is_ca=is_ca,
        path_length=path_length,
        key_usage=key_usage,
        subject_key_id=read(SUBJECT_KEY, _subject_key, b""),
        authority_key_id=read(AUTHORITY_KEY, _authority_key, b""),
        crl_urls=read(CRL_POINTS, _crl_urls, ()),
        tn_auth_list=read(TN_AUTH_LIST, read_tn_auth_list, None, "jose-certificate-tn-auth-list"),
        constraints=plain or enhanced,
        problems=tuple(problems),
        unusable=unusable,
        not_understood=tuple(each.oid for each in found if each.critical and each.oid not in UNDERSTOOD),
    )


_RESTRICTING = frozenset({BASIC_CONSTRAINTS, KEY_USAGE, CLAIMS, ENHANCED_CLAIMS})
"A certificate is not trusted without what these would have said, critical or not."


def _basic_constraints(value: bytes) -> tuple[bool, int | None]:
    """RFC 5280 §4.2.1.9. A cA of FALSE may be written out; pathLenConstraint needs cA."""
    parts = only(value).expect(SEQUENCE).children(2)
    is_ca = False
    path_length = None
    if parts and parts[0].tag == BOOLEAN:
        is_ca = parts.pop(0).boolean()
    if parts:
        path_length = parts.pop(0).integer(INTEGER)
        if path_length < 0 or not is_ca:
            raise fault("jose-der", f"expected a path length of an authority, found {shown(path_length)}")
    return is_ca, path_length


def _key_usage(value: bytes) -> tuple[frozenset[str] | None, bool]:
    """RFC 5280 §4.2.1.3: names of the bits that are set, and whether zero bits were left at the end."""
    octets, unused = only(value).bits()
    names = frozenset(
        name for at, name in enumerate(KEY_USAGES) if at >> 3 < len(octets) and octets[at >> 3] & 0x80 >> (at & 7)
    )
    return names, bool(octets) and not octets[-1] >> unused & 1


def _subject_key(value: bytes) -> bytes:
    return only(value).expect(OCTET_STRING).content


def _authority_key(value: bytes) -> bytes:
    """RFC 5280 §4.2.1.1: keyIdentifier [0] IMPLICIT; issuer and serial are not used to find an issuer."""
    for part in only(value).expect(SEQUENCE).children(3):
        if part.tag == 0x80:
            return part.content
    return b""


def _crl_urls(value: bytes) -> tuple[str, ...]:
    """RFC 5280 §4.2.1.13: uniformResourceIdentifier [6] in fullName [0] in distributionPoint [0]."""
    found = []
    for point in only(value).expect(SEQUENCE).children(32):
        for part in point.expect(SEQUENCE).children(3):
            if part.tag != 0xA0:
                continue
            name = part.inner()
            if name.tag == 0xA0:
                found += [each.ascii(0x86) for each in name.children(32) if each.tag == 0x86]
    return tuple(found)


def _plain_constraints(value: bytes) -> ClaimConstraints | None:
    return read_constraints(value, enhanced=False)


def _enhanced_constraints(value: bytes) -> ClaimConstraints | None:
    return read_constraints(value, enhanced=True)
