"""
A certification authority for made-up traffic and tests: keys, roots, intermediates, SHAKEN certificates, lists.

Nothing here reads a clock or draws a number: serials and times are arguments, and signatures are deterministic, so the
same arguments give the same octets. It checks nothing of what it is asked to certify, and is no authority to run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from ringthrough.errors import LocalError, Problem

from .certificate import Certificate
from .constraints import ClaimConstraints
from .extensions import CLAIMS, ENHANCED_CLAIMS, TN_AUTH_LIST
from .keys import PrivateKey, PublicKey, derive_key
from .problems import shown
from .revocation import RevocationList
from .tnauthlist import TNAuthList

__all__ = ["Authority", "issue", "issue_revocation_list", "make_authority"]

_KEYS = {
    "C": NameOID.COUNTRY_NAME, "ST": NameOID.STATE_OR_PROVINCE_NAME, "L": NameOID.LOCALITY_NAME,
    "O": NameOID.ORGANIZATION_NAME, "OU": NameOID.ORGANIZATIONAL_UNIT_NAME, "CN": NameOID.COMMON_NAME,
    "serialNumber": NameOID.SERIAL_NUMBER,
}  # fmt: skip
_SHAKEN_POLICY = "2.16.840.1.114569.1.1.1"  # ATIS-1000080: the policy of the STI-GA, first version
_AUTHORITY_USAGE = ("keyCertSign", "cRLSign")
_FIELDS = {
    "digitalSignature": "digital_signature", "contentCommitment": "content_commitment",
    "keyEncipherment": "key_encipherment", "dataEncipherment": "data_encipherment", "keyAgreement": "key_agreement",
    "keyCertSign": "key_cert_sign", "cRLSign": "crl_sign", "encipherOnly": "encipher_only",
    "decipherOnly": "decipher_only",
}  # fmt: skip


def issue(
    *,
    subject: Mapping[str, str],
    public_key: PublicKey,
    issuer_key: PrivateKey,
    serial: int,
    not_before_s: float,
    not_after_s: float,
    issuer: Certificate | None = None,
    tn_auth_list: TNAuthList | bytes | None = None,
    ca: bool = False,
    path_length: int | None = None,
    key_usage: Sequence[str] | None = None,
    constraints: ClaimConstraints | None = None,
    crl_url: str = "",
    crl_issuer: Mapping[str, str] | None = None,
    more: Iterable[tuple[str, bool, bytes]] = (),
) -> Certificate:
    """
    A certificate.

    Args:
        subject: attributes by their short names (`C`, `ST`, `L`, `O`, `OU`, `CN`, `serialNumber`), in their order.
        public_key: what is certified.
        issuer_key: signs.
        serial: 1 to 2**159 - 1.
        not_before_s: first second of validity, seconds since the epoch.
        not_after_s: last second of validity.
        issuer: certificate of the signer; None: the certificate is self-signed.
        tn_auth_list: providers and numbers; octets stand as they are, also when they are no TNAuthList.
        ca: may it sign certificates?
        path_length: authorities that may stand below it.
        key_usage: names of RFC 5280 §4.2.1.3; None: what is usual for its kind. Empty: no such extension.
        constraints: what its tokens have to say.
        crl_url: where its revocation list is to be found.
        crl_issuer: who signs that list, where it is not the issuer.
        more: further extensions: OID, critical, DER of the value.

    Raises:
        LocalError: a value that no certificate can hold.

    Source: RFC 5280 §4; RFC 8226 §9; ATIS-1000080 §6.4
    """
    usage = key_usage if key_usage is not None else _AUTHORITY_USAGE if ca else ("digitalSignature",)
    try:
        _check_serial(serial)
        name = _name(subject)
        key = serialization.load_der_public_key(public_key.der())
        builder = (
            x509.CertificateBuilder(subject_name=name, serial_number=serial, public_key=key)  # type: ignore[arg-type]
            .issuer_name(_subject_of(issuer) if issuer is not None else name)
            .not_valid_before(_time(not_before_s))
            .not_valid_after(_time(not_after_s))
            .add_extension(x509.BasicConstraints(ca, path_length), critical=True)
            .add_extension(_identifier(public_key), critical=False)
            .add_extension(_named_by(issuer, issuer_key), critical=False)
        )
        if usage:
            said = {field: name in usage for name, field in _FIELDS.items()}
            builder = builder.add_extension(x509.KeyUsage(**said), critical=True)
        if crl_url:
            by = [x509.DirectoryName(_name(crl_issuer))] if crl_issuer else None
            point = x509.DistributionPoint([x509.UniformResourceIdentifier(crl_url)], None, None, by)
            builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
        if tn_auth_list is not None:
            octets = tn_auth_list if isinstance(tn_auth_list, bytes) else tn_auth_list.der()
            policy = x509.PolicyInformation(x509.ObjectIdentifier(_SHAKEN_POLICY), None)
            builder = builder.add_extension(x509.CertificatePolicies([policy]), critical=False)
            builder = builder.add_extension(_raw(TN_AUTH_LIST, octets), critical=False)
        if constraints is not None:
            oid = ENHANCED_CLAIMS if constraints.must_exclude else CLAIMS
            builder = builder.add_extension(_raw(oid, constraints.der()), critical=False)
        for oid, critical, octets in more:
            builder = builder.add_extension(_raw(oid, octets), critical=critical)
        made = builder.sign(issuer_key.signing_key, hashes.SHA256(), ecdsa_deterministic=True)
    except (ValueError, TypeError, OverflowError) as error:
        raise _refused(error) from None
    return Certificate(made.public_bytes(serialization.Encoding.DER))


def issue_revocation_list(
    *,
    issuer: Certificate,
    issuer_key: PrivateKey,
    entries: Iterable[tuple[Certificate, float, str]],
    this_update_s: float,
    next_update_s: float,
    number: int = 1,
) -> RevocationList:
    """
    A revocation list. It is an indirect one as soon as it lists a certificate of another issuer.

    Args:
        issuer: certificate of the signer.
        issuer_key: signs.
        entries: certificate, time of its revocation in seconds since the epoch, and the reason, a value of
            `revocation.REASONS`.
        this_update_s: time of the list.
        next_update_s: when the next is due.
        number: of the list.

    Raises:
        LocalError: a value that no list can hold.

    Source: RFC 5280 §5
    """
    try:
        builder = x509.CertificateRevocationListBuilder(
            issuer_name=_subject_of(issuer), last_update=_time(this_update_s), next_update=_time(next_update_s)
        ).add_extension(x509.CRLNumber(number), critical=False)
        indirect = False
        for certificate, at_s, reason in entries:
            entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial).revocation_date(_time(at_s))
            # RFC 5280 §5.3.1: "unspecified" is said by leaving the reason out.
            if reason != "unspecified":
                entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags(reason)), critical=False)
            # The issuer of an entry holds for those after it too, so each entry says it once one did.
            if indirect or certificate.issuer_name != issuer.subject_name:
                indirect = True
                whose = x509.DirectoryName(x509.load_der_x509_certificate(certificate.der).issuer)
                entry = entry.add_extension(x509.CertificateIssuer([whose]), critical=True)
            builder = builder.add_revoked_certificate(entry.build())
        if indirect:
            scope = x509.IssuingDistributionPoint(None, None, False, False, None, True, False)
            builder = builder.add_extension(scope, critical=True)
        made = builder.sign(issuer_key.signing_key, hashes.SHA256(), ecdsa_deterministic=True)
    except (ValueError, TypeError, OverflowError) as error:
        raise _refused(error) from None
    return RevocationList(made.public_bytes(serialization.Encoding.DER))


@dataclass(frozen=True, slots=True)
class Authority:
    """A root, an intermediate below it, and their keys."""

    root: Certificate
    "Self-signed; what `Anchors` are made of."
    root_key: PrivateKey
    intermediate: Certificate
    "Signs end-entity certificates; stands after them in a chain."
    intermediate_key: PrivateKey

    def leaf(
        self,
        public_key: PublicKey,
        *,
        spc: str,
        serial: int,
        not_before_s: float,
        not_after_s: float,
        organization: str = "Example Telephone",
        tn_auth_list: TNAuthList | bytes | None = None,
        constraints: ClaimConstraints | None = None,
        crl_url: str = "",
    ) -> tuple[Certificate, ...]:
        """
        The chain of a SHAKEN certificate as an x5u gives it: end entity, intermediate.

        Args:
            public_key: of the provider.
            spc: provider code; in the common name and, unless a list is given, alone in the TNAuthList.
            serial: serial number.
            not_before_s: first second of validity, seconds since the epoch.
            not_after_s: last second of validity.
            organization: name of the provider.
            tn_auth_list: instead of the provider code alone.
            constraints: what its tokens have to say.
            crl_url: where the revocation list is to be found.
        """
        made = issue(
            subject={"C": "US", "O": organization, "CN": f"SHAKEN {spc}"},
            public_key=public_key,
            issuer_key=self.intermediate_key,
            issuer=self.intermediate,
            serial=serial,
            not_before_s=not_before_s,
            not_after_s=not_after_s,
            tn_auth_list=TNAuthList(spcs=(spc,)) if tn_auth_list is None else tn_auth_list,
            constraints=constraints,
            crl_url=crl_url,
        )
        return made, self.intermediate


def make_authority(
    seed: bytes, *, not_before_s: float, not_after_s: float, organization: str = "Example STI-CA"
) -> Authority:
    """
    A root and an intermediate whose keys belong to a seed.

    Args:
        seed: 16 octets and more.
        not_before_s: first second in which both are valid, seconds since the epoch.
        not_after_s: last second in which both are valid.
        organization: name of the authority.
    """
    root_key, intermediate_key = derive_key(seed + b"root"), derive_key(seed + b"intermediate")
    subject = {"C": "US", "O": organization}
    root = issue(
        subject={**subject, "CN": "SHAKEN Root CA"},
        public_key=root_key.public,
        issuer_key=root_key,
        serial=1,
        ca=True,
        not_before_s=not_before_s,
        not_after_s=not_after_s,
    )
    intermediate = issue(
        subject={**subject, "CN": "SHAKEN Intermediate CA"},
        public_key=intermediate_key.public,
        issuer_key=root_key,
        issuer=root,
        serial=2,
        ca=True,
        path_length=0,
        not_before_s=not_before_s,
        not_after_s=not_after_s,
    )
    return Authority(root, root_key, intermediate, intermediate_key)


def _check_serial(serial: int) -> None:
    # RFC 5280 §4.1.2.2: positive, and at most 20 octets
    if not 1 <= serial < 1 << 159:
        raise ValueError(f"serial number {serial}")


def _name(attributes: Mapping[str, str]) -> x509.Name:
    unknown = next((key for key in attributes if key not in _KEYS), None)
    if unknown is not None:
        raise ValueError(f"unknown attribute {unknown}")
    return x509.Name([x509.NameAttribute(_KEYS[key], value) for key, value in attributes.items()])


def _subject_of(certificate: Certificate) -> x509.Name:
    return x509.load_der_x509_certificate(certificate.der).subject


def _identifier(key: PublicKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(serialization.load_der_public_key(key.der()))  # type: ignore[arg-type]


def _named_by(issuer: Certificate | None, key: PrivateKey) -> x509.AuthorityKeyIdentifier:
    """What the issuer calls its key, which need not be what the key would be called by its own octets."""
    identifier = issuer.said.subject_key_id if issuer is not None else b""
    return x509.AuthorityKeyIdentifier(identifier or _identifier(key.public).digest, None, None)


def _raw(oid: str, octets: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), octets)


def _time(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC).replace(microsecond=0)


def _refused(error: Exception) -> LocalError:
    detail = f"expected values of a certificate, found {shown(str(error))}"
    return LocalError(Problem("jose-issue-value", detail, "certificate", "RFC 5280 §4"))
