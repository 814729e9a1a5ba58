"""Whatever octets come: an answer or one of our errors, in time and memory that the octets bound."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.errors import Error, RemoteError
from ringthrough.jose import (
    ClaimConstraints,
    NumberRange,
    RevocationList,
    TNAuthList,
    check_chain,
    make_token,
    read_certificates,
    read_object,
    read_private_key,
    read_public_key,
    read_revocation_lists,
    read_tn_auth_list,
    read_token,
    verify_token,
)
from ringthrough.jose.certificate import Certificate
from ringthrough.jose.der import encode

from .making import CLAIMS, HEADER, NOW, anchors, authority, chain, key, made
from .test_revocation import listing

TOKEN = make_token(HEADER, CLAIMS, key())
LEAF = made(
    tn_auth_list=TNAuthList(("709J",), (NumberRange("12155550100", 100),), ("911",)),
    constraints=ClaimConstraints(("attest",), (("attest", ("A", "B")),)),
    crl_url="https://pa.example.net/crl",
    crl_issuer={"O": "STI-PA"},
)
LISTED = listing((LEAF, NOW, "keyCompromise"), (authority("two").root, NOW, "superseded"), by="sti-pa")
LIST = TNAuthList(("709J",), (NumberRange("12155550100", 100),), ("911", "*69")).der()


@st.composite
def changed(draw: st.DrawFn, octets: bytes) -> bytes:
    """Octets with a few of them replaced, left out, put in, repeated or cut off."""
    found = bytearray(octets)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(found) - 1, 0)))
        kind = draw(st.sampled_from(("set", "flip", "out", "in", "again", "cut")))
        if kind == "set" and found:
            found[at] = draw(st.sampled_from((0, 1, 2, 0x2E, 0x30, 0x7F, 0x80, 0x81, 0x84, 0xFF)))
        elif kind == "flip" and found:
            found[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "out":
            del found[at : at + draw(st.integers(1, 20))]
        elif kind == "in":
            found[at:at] = draw(st.binary(max_size=12))
        elif kind == "again":
            found[at:at] = found[at : at + draw(st.integers(1, 40))]
        else:
            del found[at:]
    return bytes(found)


@settings(deadline=None)
@given(changed(TOKEN))
def test_tokens(octets: bytes) -> None:
    """A changed token is not read, or does not verify: no two texts are one token."""
    for detached in (False, True):
        try:
            token = read_token(octets, detached=detached)
        except RemoteError as error:
            assert error.problem.code.startswith("jose-")
            continue
        assert bytes(token) == octets
        assert (verify_token(token, key().public) is None) is (octets == TOKEN)


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=100))
def test_any_octets_as_a_token(octets: bytes | str) -> None:
    with pytest.raises(RemoteError):
        read_token(octets)


_PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
_JSON = st.recursive(_PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@settings(deadline=None)
@given(_JSON)
def test_any_json_as_a_header(value: object) -> None:
    import json

    try:
        found = read_object(json.dumps(value).encode())
    except RemoteError as error:
        assert error.problem.code.startswith("jose-json-")
        return
    assert found == value


@settings(deadline=None)
@given(changed(CLAIMS))
def test_changed_json(octets: bytes) -> None:
    try:
        read_object(octets)
    except RemoteError as error:
        assert error.problem.code.startswith("jose-json-")


def _everything(certificate: Certificate) -> None:
    """Whatever can be asked of a certificate is answered."""
    assert (certificate.readable, certificate.problems) == (certificate.readable, certificate.problems)
    assert all(each.code.startswith("jose-") and "\n" not in str(each) for each in certificate.problems)
    for said in (certificate.subject, certificate.issuer, repr(certificate), certificate.key_kind):
        assert said.isprintable()
    if certificate.tn_auth_list is not None:
        assert isinstance(certificate.tn_auth_list.covers("12155550100"), bool)
        assert certificate.tn_auth_list.text().isprintable()
    outcome = check_chain([certificate, authority().intermediate], anchors(), at_s=NOW, revocations=[LISTED])
    assert outcome.trusted is (certificate.der == LEAF.der)
    assert check_chain(list(chain()), anchors(certificate), at_s=NOW).trusted


@settings(max_examples=300, deadline=None)
@given(changed(LEAF.der))
def test_changed_certificates(octets: bytes) -> None:
    """None is trusted but the one that was signed; as an anchor beside the right one it does no harm."""
    _everything(Certificate(octets))


@settings(deadline=None)
@given(changed(LEAF.pem() + authority().intermediate.pem()))
def test_changed_bundles(octets: bytes) -> None:
    try:
        found = read_certificates(octets)
    except RemoteError as error:
        assert error.problem.code.startswith("jose-certificate-")
        return
    for each in found:
        assert each.subject.isprintable()


@settings(deadline=None)
@given(changed(LISTED.der))
def test_changed_revocation_lists(octets: bytes) -> None:
    found = RevocationList(octets)
    assert found.readable is not bool(found.problems)
    assert all(each.code == "jose-crl-der" for each in found.problems)
    outcome = check_chain(list(chain()), anchors(), at_s=NOW, revocations=[found])
    assert outcome.trusted
    assert outcome.revocation == "not_checked"


@settings(deadline=None)
@given(changed(LIST))
def test_changed_tn_auth_lists(octets: bytes) -> None:
    """What is read is what a writer would write, but for the order of kinds and what a later version may add."""
    try:
        found = read_tn_auth_list(octets)
    except RemoteError as error:
        assert error.problem.code.startswith("jose-tn-auth-list-")
        return
    assert read_tn_auth_list(found.der()) == found


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_octets_as_anything(octets: bytes) -> None:
    for reader in (read_certificates, read_revocation_lists, read_tn_auth_list, read_private_key, read_public_key):
        try:
            reader(octets)
        except Error as error:
            assert error.problem.code.startswith("jose-")
    Certificate(octets).problems  # noqa: B018


NESTED = b""
for _ in range(12_000):
    NESTED = encode(0x30, NESTED) if len(NESTED) < 60_000 else NESTED


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(NESTED, id="nested sequences"),
        pytest.param(b"\x30\x84\xff\xff\xff\xff", id="four GiB promised"),
        pytest.param(b"\x30\x80" * 30_000, id="indefinite lengths"),
        pytest.param(encode(0x30, b"\x05\0" * 30_000), id="30,000 elements"),
        pytest.param(b"." * 60_000, id="dots"),
        pytest.param(b"{" * 60_000, id="brackets"),
        pytest.param(b"-----BEGIN CERTIFICATE-----\n" + b"A" * 60_000, id="PEM without an end"),
    ],
)
def test_memory_is_bounded_by_the_octets(octets: bytes) -> None:
    """No reader takes more than a hundred times what it is given."""
    tracemalloc.start()
    try:
        for reader in (read_token, read_object, read_certificates, read_revocation_lists, read_tn_auth_list):
            try:
                reader(octets)
            except RemoteError:
                pass
        assert Certificate(octets).problems
        assert RevocationList(octets).problems
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100 * len(octets) + 500_000
