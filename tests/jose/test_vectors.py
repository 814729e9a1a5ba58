"""Tokens and certificates that others published: which verify, which do not, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ringthrough.errors import RemoteError
from ringthrough.jose import (
    Anchors,
    Certificate,
    PublicKey,
    check_chain,
    read_certificates,
    read_private_key,
    read_public_key,
    read_token,
    verify_token,
)

NOT_READ = {
    "cgrates_libsessions_test.go_1": "jose-base64-alphabet",
    "cgrates_libsessions_test.go_2": "jose-base64-alphabet",
}
"Negative tests of another project: commas in the header and in the content. None is said to verify."


def _key(pem: str) -> PublicKey | None:
    """The key in a PEM block of any kind; None for one that is not on P-256."""
    if "CERTIFICATE" in pem:
        return read_certificates(pem)[0].public_key
    if "PRIVATE KEY" in pem:
        return read_private_key(pem).public
    return read_public_key(pem)


@pytest.fixture(scope="module")
def keys(shared: Path) -> dict[str, PublicKey | None]:
    found = json.loads((shared / "data" / "stir" / "keys.json").read_bytes())
    return {name: _key(each["pem"]) for name, each in found.items()}


def test_every_key_of_the_collection_is_read(keys: dict[str, PublicKey | None]) -> None:
    assert len(keys) >= 36
    # The roots of Asterisk's tests have RSA keys: they sign certificates, and no tokens.
    assert [name for name, each in keys.items() if each is None] == [
        "asterisk_astdev-ca-expired.crt",
        "asterisk_astdev-ca.crt",
    ]


def _verifies_with(token: str | bytes, keys: dict[str, PublicKey | None]) -> list[str]:
    read = read_token(token)
    return [name for name, each in keys.items() if each is not None and verify_token(read, each) is None]


def test_passports_of_other_projects(shared: Path, keys: dict[str, PublicKey | None]) -> None:
    vectors = json.loads((shared / "data" / "stir" / "passport_vectors.json").read_bytes())["vectors"]
    verified = 0
    for each in vectors:
        if each["id"] in NOT_READ:
            with pytest.raises(RemoteError) as caught:
                read_token(each["token"])
            assert (caught.value.problem.code, each["verifies_with"]) == (NOT_READ[each["id"]], [])
            continue
        assert _verifies_with(each["token"], keys) == each["verifies_with"], each["id"]
        assert read_token(each["token"]).header == each["decoded"]["header"]
        verified += bool(each["verifies_with"])
    assert verified == 21


@pytest.fixture(scope="module")
def published(shared: Path) -> dict[str, Any]:
    path = shared / "vectors" / "jws" / "passport_and_jwscard_vectors.json"
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def test_tokens_of_the_rfcs(published: dict[str, Any]) -> None:
    """Several do not verify with the key beside them; the list was made by trying each with each."""
    keys: dict[str, PublicKey | None] = {
        name: read_public_key(pem) for name, pem in published["public_keys"].items() if "PUBLIC" in pem
    }
    assert len(keys) == len(published["public_keys"])
    seen = 0
    for each in published["vectors"]:
        if each["token"].startswith(".."):
            continue
        found = _verifies_with(each["token"], keys)
        assert sorted(found) == sorted(each["verifies_with"]), each["name"]
        assert read_token(each["token"]).payload.decode() == each["payload"]
        seen += 1
    assert seen == 11


def test_the_compact_form_of_rfc_8224(published: dict[str, Any]) -> None:
    """RFC 8224 §5.1 verifies only with `iat` as a string, which RFC 8225 §5.1.1 forbids (erratum 5985)."""
    by_name = {each["name"]: each for each in published["vectors"]}
    full, compact = by_name["rfc8225-s7.1-string-iat"], by_name["rfc8224-s5.1-compact"]
    key = read_public_key(published["public_keys"]["rfc8225-A2-published-public"])
    short = read_token(compact["token"], detached=True)
    header, payload = full["header"].encode(), full["payload"].encode()
    assert verify_token(short.with_content(header, payload), key) is None
    told = short.with_content(header, payload.replace(b'"1443208345"', b"1443208345"))
    found = verify_token(told, key)
    assert found is not None
    assert found.code == "jose-token-signature"


def test_the_signed_card_of_rfc_8688(shared: Path) -> None:
    """§4.1 prints a token and a public key that do not belong together."""
    folder = shared / "vectors" / "rfc8688"
    token = read_token((folder / "complaint.jws").read_bytes().strip())
    assert token.header["typ"] == "vcard+json"
    found = verify_token(token, read_public_key((folder / "rfc8688_s4.1_public.pem").read_bytes()))
    assert found is not None
    assert found.code == "jose-token-signature"


def _one(path: Path) -> Certificate:
    return read_certificates(path.read_bytes())[0]


IN_2024 = 1_710_000_000.0


def test_certificates_of_libstirshaken(shared: Path) -> None:
    """The chain verifies; the TNAuthList is a bare string, and so no TNAuthList."""
    folder = shared / "vectors" / "certs"
    ca, sp, wrong = (_one(folder / f"libstirshaken_{name}.pem") for name in ("ca", "sp", "wrongsp"))
    found = check_chain([sp], Anchors([ca]), at_s=IN_2024)
    assert found.trusted
    assert [each.code for each in found.problems] == ["jose-certificate-tn-auth-list"]
    assert sp.tn_auth_list is None
    assert check_chain([wrong], Anchors([ca]), at_s=IN_2024).outcome == "incomplete"
    text = (folder / "libstirshaken_passport.txt").read_text("ascii")
    tokens = [word.partition(";")[0] for word in text.split() if word.startswith("eyJ")]
    assert sp.public_key is not None
    assert [verify_token(read_token(each), sp.public_key) for each in tokens] == [None] * len(tokens)
    assert tokens


def test_certificates_of_asterisk(shared: Path) -> None:
    """Two providers below one test root, and two whose root has expired."""
    folder = shared / "data" / "stir" / "asterisk_testsuite" / "keys"
    root, expired = _one(folder / "astdev-ca.crt"), _one(folder / "astdev-ca-expired.crt")
    leaves = {
        name: _one(folder / name / f"{name}-cert.pem") for name in ("SPAST1", "SPAST2", "SPAST1-caexp", "SPAST2-caexp")
    }
    at_s = max(each.not_before_s for each in leaves.values()) + 1
    outcomes = {name: check_chain([each], Anchors([root, expired]), at_s=at_s).outcome for name, each in leaves.items()}
    assert outcomes == {"SPAST1": "trusted", "SPAST2": "trusted", "SPAST1-caexp": "expired", "SPAST2-caexp": "expired"}
