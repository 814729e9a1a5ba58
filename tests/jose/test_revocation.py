"""Revocation lists: direct and indirect, odd ones, and those that cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from ringthrough.errors import LocalError
from ringthrough.jose import RevocationList, read_revocation_lists
from ringthrough.jose.der import encode, only
from ringthrough.jose.issuing import issue_revocation_list

from .making import NOW, START, authority, chain, key, made, seq

LEAF, ISSUER = chain()
LEAF_2 = made(serial=4712)
STI_PA = made(by="sti-pa", subject={"O": "STI-PA", "CN": "STI-PA CRL"}, public_key=key("sti-pa").public, ca=True)


def listing(*entries: Any, by: str = "intermediate", **changed: Any) -> RevocationList:
    signers = {
        "intermediate": (authority().intermediate, authority().intermediate_key),
        "root": (authority().root, authority().root_key),
        "sti-pa": (STI_PA, key("sti-pa")),
    }
    issuer, issuer_key = signers[by]
    values: dict[str, Any] = {"this_update_s": START, "next_update_s": NOW + 86400}
    values.update(changed)
    return issue_revocation_list(issuer=issuer, issuer_key=issuer_key, entries=entries, **values)


def test_a_direct_list() -> None:
    found = listing((LEAF, NOW, "keyCompromise"), (LEAF_2, NOW + 1, "unspecified"))
    assert found.readable
    assert found.problems == ()
    assert found.issuer_name == ISSUER.subject_name
    assert (found.this_update_s, found.next_update_s) == (START, NOW + 86400)
    assert [(each.serial, each.at_s, each.reason) for each in found.entries] == [
        (4711, NOW, "keyCompromise"),
        (4712, NOW + 1, "unspecified"),
    ]
    assert found.find(LEAF) == found.entries[0]
    assert found.find(made(serial=4713)) is None
    assert found.signed_by(ISSUER)
    assert not found.signed_by(authority().root)
    assert not found.signed_by(LEAF)
    assert read_revocation_lists(found.pem() + found.pem()) == (found, found)
    assert read_revocation_lists(found.der) == (found,)
    assert read_revocation_lists(found.pem().decode()) == (found,)
    assert "SHAKEN Intermediate CA" in repr(found)


def test_a_serial_number_of_another_issuer_is_another_certificate() -> None:
    other = authority("two").leaf(key().public, spc="1", serial=4711, not_before_s=START, not_after_s=NOW)[0]
    assert listing((LEAF, NOW, "unspecified")).find(other) is None


def test_an_indirect_list_of_the_sti_pa() -> None:
    """RFC 5280 §5.3.3."""
    other = authority("two").leaf(key().public, spc="1", serial=4711, not_before_s=START, not_after_s=NOW)[0]
    found = listing((other, NOW, "superseded"), (LEAF_2, NOW, "privilegeWithdrawn"), by="sti-pa")
    assert found.find(other) == found.entries[0]
    assert found.find(LEAF_2) == found.entries[1]
    assert found.find(LEAF) is None
    assert found.signed_by(STI_PA)


def _builder() -> x509.CertificateRevocationListBuilder:
    issuer = x509.load_der_x509_certificate(authority().root.der).subject
    times = [datetime.fromtimestamp(at_s, UTC) for at_s in (START, NOW)]
    return x509.CertificateRevocationListBuilder(issuer, *times)


def _signed(builder: x509.CertificateRevocationListBuilder) -> RevocationList:
    made = builder.sign(authority().root_key.signing_key, hashes.SHA256())
    return RevocationList(made.public_bytes(serialization.Encoding.DER))


def _entry(serial: int, *extensions: tuple[x509.ExtensionType, bool]) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder(serial, datetime.fromtimestamp(START, UTC))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.build()


def test_an_issuer_holds_for_the_entries_after_it() -> None:
    """RFC 5280 §5.3.3: an entry without an issuer means that of the entry before."""
    whose = x509.CertificateIssuer([x509.DirectoryName(x509.load_der_x509_certificate(LEAF.der).issuer)])
    builder = _builder().add_revoked_certificate(_entry(1)).add_revoked_certificate(_entry(2, (whose, True)))
    found = _signed(builder.add_revoked_certificate(_entry(4711)))
    assert found.find(authority().root) is not None
    assert found.find(LEAF) is not None
    assert found.find(made(serial=1)) is None


def test_the_earliest_of_several_entries_counts() -> None:
    found = listing((LEAF, NOW, "superseded"), (LEAF, NOW - 5, "keyCompromise"))
    entry = found.find(LEAF)
    assert entry is not None
    assert (entry.at_s, entry.reason) == (NOW - 5, "keyCompromise")


def test_taken_off_the_list() -> None:
    found = _signed(
        _builder().add_revoked_certificate(_entry(7, (x509.CRLReason(x509.ReasonFlags.remove_from_crl), False)))
    )
    assert found.readable
    assert found.entries == ()


def test_odd_entries() -> None:
    since = x509.InvalidityDate(datetime.fromtimestamp(START, UTC))
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x05\0")
    found = _signed(_builder().add_revoked_certificate(_entry(7, (since, True), (unknown, False))))
    assert [each.serial for each in found.entries] == [7]
    refused = _signed(_builder().add_revoked_certificate(_entry(7, (unknown, True))))
    assert [each.code for each in refused.problems] == ["jose-crl-der"]
    elsewhere = x509.CertificateIssuer([x509.DNSName("ca.example")])
    refused = _signed(_builder().add_revoked_certificate(_entry(7, (elsewhere, True))))
    assert "directory name" in refused.problems[0].detail


SIGNED, ALGORITHM, SIGNATURE = (each.whole for each in only(listing((LEAF, NOW, "unspecified")).der).children())
FIELDS = [each.whole for each in only(SIGNED).children()]


def test_a_list_of_the_first_version_has_no_end() -> None:
    found = RevocationList(seq(seq(*FIELDS[1:4]), ALGORITHM, SIGNATURE))
    assert found.readable
    assert found.next_update_s is None
    assert found.entries == ()


@pytest.mark.parametrize(
    ("der", "said"),
    [
        pytest.param(b"", "end", id="nothing"),
        pytest.param(LEAF.der, "expected", id="a certificate"),
        pytest.param(seq(SIGNED), "three parts", id="no signature"),
        pytest.param(seq(seq(encode(2, b"\x02"), *FIELDS[1:]), ALGORITHM, SIGNATURE), "version 2", id="version 3"),
        pytest.param(seq(seq(*FIELDS[:2]), ALGORITHM, SIGNATURE), "algorithm, issuer", id="few fields"),
        pytest.param(seq(SIGNED, seq(encode(6, b"\x2a")), SIGNATURE), "one signature", id="two algorithms"),
        pytest.param(seq(seq(*FIELDS, encode(5)), ALGORITHM, SIGNATURE), "the end of the list", id="one field more"),
        pytest.param(seq(SIGNED, ALGORITHM, encode(3, b"\x01\x02")), "whole octets", id="bits of signature"),
        pytest.param(
            seq(seq(*FIELDS[:5], seq(seq(encode(2, b"\x01"))), *FIELDS[6:]), ALGORITHM, SIGNATURE),
            "serial",
            id="no time",
        ),
    ],
)
def test_unreadable(der: bytes, said: str) -> None:
    found = RevocationList(der)
    assert [each.code for each in found.problems] == ["jose-crl-der"]
    assert said in found.problems[0].detail
    assert not found.readable
    assert (found.entries, found.find(LEAF), found.next_update_s, found.this_update_s) == ((), None, None, 0.0)
    assert not found.signed_by(ISSUER)
    assert found.issuer_name.text == ""
    assert "unreadable" in repr(found)


@pytest.mark.slow
def test_the_number_of_entries_is_bounded() -> None:
    one = seq(encode(2, b"\x01"), FIELDS[3])
    found = RevocationList(seq(seq(*FIELDS[:5], seq(one * 100_001)), ALGORITHM, SIGNATURE))
    assert "at most 100000 entries" in found.problems[0].detail


def test_a_signer_without_the_right_to_sign_lists() -> None:
    certificate = made(by="x", public_key=key("x").public, ca=True, key_usage=("keyCertSign",))
    found = issue_revocation_list(
        issuer=certificate, issuer_key=key("x"), entries=(), this_update_s=START, next_update_s=NOW
    )
    assert not found.signed_by(certificate)


def test_one_number_many_times_costs_no_square() -> None:
    one = seq(encode(2, b"\x12\x67"), FIELDS[3])
    found = RevocationList(seq(seq(*FIELDS[:5], seq(one * 20_000)), ALGORITHM, SIGNATURE))
    assert len(found.entries) == 20_000
    assert found.find(LEAF) == found.entries[0]


def test_lists_that_are_not_made() -> None:
    for entries, number in (
        ([(LEAF, NOW, "boredom")], 1),
        ([(LEAF, NOW, "superseded")], -1),
        ([(LEAF, 1e300, "superseded")], 1),
    ):
        with pytest.raises(LocalError) as caught:
            listing(*entries, number=number)
        assert caught.value.problem.code == "jose-issue-value"
