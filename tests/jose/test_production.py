"""
Every certificate that was seen in production, against what others recorded about it.

Recorded for each: what a strict reader (python-cryptography) read, which certificate's key verifies its signature, and
what zlint with the rules of ATIS-1000080 complained about, each at the time of linting. Where we differ, the class of
the difference is named below; there is no other.
"""

from __future__ import annotations

import base64
import collections
import csv
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ringthrough.jose import Anchors, Certificate, check_chain, read_certificates

pytestmark = pytest.mark.slow

KNOWN = "30d23bd7e723d0b0"
"First digits of the SHA-256 of the collection whose counts are written down below; another one has other counts."


@pytest.fixture(scope="module")
def octets(shared: Path) -> bytes:
    return (shared / "data" / "stir" / "prod_certs.jsonl.gz").read_bytes()


@pytest.fixture(scope="module")
def rows(octets: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(octets).splitlines()]


@pytest.fixture(scope="module")
def known(octets: bytes) -> bool:
    import hashlib

    return hashlib.sha256(octets).hexdigest().startswith(KNOWN)


@pytest.fixture(scope="module")
def certificates(rows: list[dict[str, Any]]) -> dict[str, Certificate]:
    return {row["sha256"]: read_certificates(base64.b64decode(row["der_b64"]))[0] for row in rows}


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_what_is_read_is_what_was_recorded(
    rows: list[dict[str, Any]], certificates: dict[str, Certificate], known: bool
) -> None:
    """Serial, times, kind of key, authority or not, extensions, and the TNAuthList to the letter."""
    differences: collections.Counter[str] = collections.Counter()
    for row in rows:
        ours, theirs = certificates[row["sha256"]], row["parsed"]
        assert ours.fingerprint == row["sha256"]
        if "error" in theirs:
            # The strict reader gave up at an algorithm with NULL as parameters: RFC 5758 §3.2 has none with ECDSA, and
            # nothing depends on it. It is the root of a large carrier, and its signature verifies.
            assert [each.code for each in ours.problems] == ["jose-certificate-parameters"]
            assert ours.self_issued
            assert ours.signed_by(ours)
            differences["read here, not by them: NULL with ECDSA"] += 1
            continue
        assert ours.readable
        assert f"{ours.serial:x}" == theirs["serial"].lstrip("0")
        assert ours.not_before_s == _seconds(theirs["not_before"])
        assert ours.not_after_s == _seconds(theirs["not_after"])
        assert ours.key_kind.replace("RSA 2048", "RSAPublicKey") == theirs["key"]
        assert ours.is_ca == theirs["ca"]
        assert sorted(each.oid for each in ours.extensions) == sorted(theirs["extensions"])
        recorded = theirs["tnauthlist"]
        listed = ours.tn_auth_list
        assert (recorded is None) == (listed is None), row["sha256"]
        if listed is not None:
            assert [{"spc": code} for code in listed.spcs] == recorded, row["sha256"]
            assert not listed.names_numbers
        # The rule of zlint that our note has to agree with, certificate by certificate.
        padded = any(each.code == "jose-certificate-key-usage-bits" for each in ours.problems)
        assert padded == any(each["code"] == "e_incorrect_ku_encoding" for each in row["lint"]), row["sha256"]
        differences["noted"] += padded
        assert {each.code for each in ours.problems} <= {"jose-certificate-key-usage-bits"}
    if known:
        assert len(rows) == 6714
        assert differences == {"read here, not by them: NULL with ECDSA": 1, "noted": 53}


def test_signatures_verify_with_the_recorded_issuer_and_no_other(
    rows: list[dict[str, Any]], certificates: dict[str, Certificate], known: bool
) -> None:
    verified = 0
    authorities = [each for each in certificates.values() if each.is_ca]
    for row in rows:
        ours = certificates[row["sha256"]]
        recorded = row["issuer_signature_verified_by"]
        if recorded is not None:
            assert ours.signed_by(certificates[recorded]), row["sha256"]
            verified += 1
        elif "error" not in row["parsed"]:
            assert not any(ours.signed_by(each) for each in authorities if each.subject_name == ours.issuer_name)
    if known:
        assert verified == 6704


def _recorded_path(sha: str, by_sha: dict[str, dict[str, Any]]) -> list[str]:
    path = [sha]
    while (issuer := by_sha[path[-1]]["issuer_signature_verified_by"]) and issuer not in path:
        path.append(issuer)
    return path


def _expected(path: list[str], by_sha: dict[str, dict[str, Any]], at_s: float) -> str:
    """What the records alone say of an end-entity certificate at a time."""
    top = by_sha[path[-1]]
    if top["issuer_signature_verified_by"] != path[-1]:
        return "incomplete"
    for sha in path:
        read = by_sha[sha]["parsed"]
        if at_s < _seconds(read["not_before"]):
            return "not_yet_valid"
        if at_s > _seconds(read["not_after"]):
            return "expired"
    return "trusted"


def test_chain_outcomes(rows: list[dict[str, Any]], certificates: dict[str, Certificate], known: bool) -> None:
    """
    With the self-signed authorities of the collection as anchors, at the time of linting and in the middle of validity.

    The chain of each is what the records say; it is handed over with the end entity first and the rest in reverse.
    """
    by_sha = {row["sha256"]: row for row in rows}
    anchors = Anchors(
        certificates[row["sha256"]] for row in rows if row["issuer_signature_verified_by"] == row["sha256"]
    )
    linted: collections.Counter[str] = collections.Counter()
    halfway: collections.Counter[str] = collections.Counter()
    as_signer: collections.Counter[str] = collections.Counter()
    for row in rows:
        sha, ours = row["sha256"], certificates[row["sha256"]]
        path = _recorded_path(sha, by_sha)
        chain = [ours, *(certificates[each] for each in reversed(path[1:]))]
        at_s = datetime.strptime(row["linted_at"], "%d %b %y %H:%M UTC").replace(tzinfo=UTC).timestamp()
        found = check_chain(chain, anchors, at_s=at_s)
        if row["parsed"].get("ca", True):
            as_signer[_judge_authority(ours, found.outcome)] += 1
            continue
        assert found.outcome == _expected(path, by_sha, at_s), sha
        linted[found.outcome] += 1
        middle_s = (ours.not_before_s + ours.not_after_s) / 2
        found = check_chain(chain, anchors, at_s=middle_s)
        assert found.outcome == _expected(path, by_sha, middle_s), sha
        halfway[found.outcome] += 1
        if found.trusted:
            assert [each.fingerprint for each in found.path] == path
    if known:
        assert linted == {"expired": 6124, "trusted": 412, "incomplete": 128}
        # 17 are of an authority whose certificate was renewed with its key: the records name the new one.
        assert halfway == {"trusted": 6519, "incomplete": 128, "not_yet_valid": 17}
        # Authorities in the place of an end entity, which the records do not judge: see `_judge_authority`.
        assert as_signer == {"key_usage": 31, "trusted": 9, "incomplete": 7, "wrong_key": 2, "untrusted_root": 1}


def _judge_authority(ours: Certificate, outcome: str) -> str:
    """
    The records say nothing about an authority that signs tokens itself. Each outcome has its reason here.

    - key_usage: its key is for certificates alone, which is what ATIS-1000080 asks of an authority;
    - trusted: it may sign other things too (`digitalSignature`), or says nothing of what its key is for;
    - wrong_key: no P-256 key, so no ES256;
    - incomplete, untrusted_root: its issuer, or itself, is no anchor.
    """
    usage = ours.key_usage
    if outcome == "key_usage":
        assert usage is not None
        assert "digitalSignature" not in usage
    elif outcome == "wrong_key":
        assert ours.public_key is None
    elif outcome == "trusted":
        assert usage is None or "digitalSignature" in usage
    return outcome


def test_provider_codes_agree_with_the_lists_by_authority(
    shared: Path, rows: list[dict[str, Any]], certificates: dict[str, Certificate], known: bool
) -> None:
    """Reports of another tool, by authority: URL of a certificate and its OCN."""
    by_url: dict[str, set[str]] = {}
    for row in rows:
        listed = certificates[row["sha256"]].tn_auth_list
        if row["x5u"] and listed is not None:
            by_url.setdefault(row["x5u"], set()).update(listed.spcs)
    counts: collections.Counter[str] = collections.Counter()
    for file in sorted((shared / "data" / "stir" / "prod_cert_ocn").glob("*.csv")):
        for line in csv.DictReader(file.read_text("utf-8").splitlines()):
            found = by_url.get(line["Cert"])
            if found is None:
                counts["not in the collection"] += 1
            elif line["OCN"] in found:
                counts["same"] += 1
            else:
                counts[f"other: {line['OCN']} {sorted(found)}"] += 1
    assert not [each for each in counts if each.startswith("other")]
    if known:
        assert counts == {"same": 413, "not in the collection": 572}
