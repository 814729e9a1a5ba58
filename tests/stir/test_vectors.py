"""
Every published vector: what verifies with the key that belongs to it, and why each of the others does not.

The files say of each token which of the collected keys verify it (executed by whoever collected them). Here each token
goes through the whole of `verify` with a certificate for that key, made for the test, and at the time it was signed,
with From and To as it names them: so what the outcome says is about the token alone.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ringthrough import jose
from ringthrough.errors import RemoteError
from ringthrough.jose.issuing import issue, make_authority
from ringthrough.stir import HeaderOutcome, Missing, read_claim, read_identity, read_passport, verify
from ringthrough.wire import Request

from ..conftest import shared_path
from .calls import CLAIMS, forged, invite, judged, key_of, signed, url_of

RFC = "vectors/jws/passport_and_jwscard_vectors.json"
COLLECTED = "data/stir/passport_vectors.json"
LONG_AGO_S, FAR_OFF_S = 1_230_000_000.0, 4_000_000_000.0  # 2008 to 2096: the tokens are of 2015 to 2026
AUTHORITY = make_authority(b"vectors of stir: authority", not_before_s=LONG_AGO_S, not_after_s=FAR_OFF_S)
LONG = jose.Anchors([AUTHORITY.root])


def read(path: str) -> Any:
    file = shared_path() / path
    return json.loads(file.read_text("utf-8")) if file.is_file() else None


def vectors() -> list[Any]:
    rfc, collected = read(RFC), read(COLLECTED)
    if rfc is None or collected is None:
        return [pytest.param(None, marks=pytest.mark.skip(reason="shared test data is absent"))]
    named = [(vector["name"], vector) for vector in rfc["vectors"] if "jwscard" not in vector["name"]]
    named += [(vector["id"], vector) for vector in collected["vectors"]]
    return [pytest.param(vector, id=name) for name, vector in named]


def public_key(name: str) -> jose.PublicKey:
    pem = {**{n: e["pem"] for n, e in read("data/stir/keys.json").items()}, **read(RFC)["public_keys"]}[name]
    if "CERTIFICATE" in pem:
        key = jose.read_certificates(pem)[0].public_key
        assert key is not None
        return key
    return jose.read_private_key(pem).public if "PRIVATE" in pem else jose.read_public_key(pem)


def certified(key: jose.PublicKey) -> tuple[jose.Certificate, ...]:
    leaf = issue(
        subject={"CN": "SHAKEN TEST"},
        public_key=key,
        issuer_key=AUTHORITY.intermediate_key,
        issuer=AUTHORITY.intermediate,
        serial=77,
        not_before_s=LONG_AGO_S,
        not_after_s=FAR_OFF_S,
    )
    return leaf, AUTHORITY.intermediate


def ends(claims: dict[str, Any]) -> dict[str, str]:
    """From, To and Request-URI as the claims name them, and something else where they name nothing."""

    def uri(value: Any) -> str:
        if isinstance(value, dict):
            for kind in ("tn", "uri"):
                said = value.get(kind)
                first = said[0] if isinstance(said, list) and said else said
                if isinstance(first, str):
                    return f"sip:{first.lstrip('+')}@example.com" if kind == "tn" else first
        return "sip:nobody@example.com"

    called = uri(claims.get("dest"))
    return {"caller": f"<{uri(claims.get('orig'))}>", "called": f"<{called}>", "target": called}


def outcome_of(vector: dict[str, Any]) -> HeaderOutcome:
    token, params = vector["token"], vector.get("params") or ""
    claim = read_claim(token + params)
    passport = read_passport(token)
    x5u = claim.info or "https://cert.example.org/passport.cer"
    if not params:
        ppt = f";ppt={passport.ppt}" if passport.ppt else ""
        params = f";info=<{x5u}>;alg=ES256{ppt}"
    at_s = float(claim.iat) if claim.iat is not None else 1_443_208_345.0
    keys = vector["verifies_with"]
    credentials: dict[str, Any] = {}
    for url in {x5u, passport.x5u}:
        credentials[url] = certified(public_key(keys[0])) if keys else certified(public_key("rfc8225_key1_pub"))
    found = verify(
        invite(token + params, **ends(dict(passport.claims)), Date="Fri, 25 Sep 2015 19:12:25 GMT"),
        credentials,
        LONG,
        at_s=at_s,
    )
    return found.headers[0]


# What is not valid, and why. The keys are names of vectors; each vector that is not here is valid.
NEGATIVE: dict[str, tuple[str, str]] = {
    # iat is the text "1443208345" (RFC 8225 erratum 5985)
    "rfc8225-s7.1-string-iat": ("bad_iat", "stir-iat"),
    "rfc8224-s4.1.1-full": ("bad_iat", "stir-iat"),
    "rfc8224_identity_0": ("bad_iat", "stir-iat"),
    "rfc8225_0": ("bad_iat", "stir-iat"),
    # the rebuilt token has a number as iat, as the RFC demands; it was signed with the text
    "rfc8224-s5.1-compact": ("bad_signature", "jose-token-signature"),
    # verifies with neither key that the RFC prints
    "rfc8225-appendixA": ("bad_signature", "jose-token-signature"),
    "rfc8225_1": ("bad_signature", "jose-token-signature"),
    # dest.tn is a text, iat too, origid is no UUID
    "rfc8688-s4.1-identity": ("bad_claims", "stir-dest"),
    # div tokens without the original they speak of
    "rfc8946-s3-div": ("broken_diversion", "stir-diversion"),
    "rfc8946-s4.1-div-identity": ("broken_diversion", "stir-diversion"),
    "rfc8946-s5-div-o": ("unsupported_type", "stir-unsupported-type"),
    # orig and dest are JSON inside of a text
    "libstirshaken-ref-0": ("bad_claims", "stir-orig"),
    "libstirshaken-ref-1": ("bad_claims", "stir-orig"),
    "libstirshaken_passport.txt_1": ("bad_claims", "stir-orig"),
    "libstirshaken_passport.txt_2": ("bad_claims", "stir-orig"),
    "libstirshaken_stir_shaken_test_14.c_1": ("bad_claims", "stir-orig"),
    "libstirshaken_stir_shaken_vs_easy.c_1": ("bad_claims", "stir-orig"),
    "libstirshaken_stir_shaken_vs_easy.c_2": ("bad_claims", "stir-orig"),
    "libstirshaken_stir_shaken_vs_easy.c_3": ("bad_claims", "stir-orig"),
    "libstirshaken_stir_shaken_vs_basic.c_1": ("bad_claims", "stir-orig"),
    "libstirshaken_stir_shaken_vs_basic.c_2": ("bad_claims", "stir-orig"),
    "libstirshaken_stir_shaken_vs_basic.c_3": ("bad_claims", "stir-orig"),
    # the caller is "Bob", which is no number
    "libstirshaken_README.md_3": ("bad_claims", "stir-orig"),
    # tokens about provider codes, no PASSporTs
    "libstirshaken_README.md_4": ("bad_claims", "stir-typ"),
    "libstirshaken_README.md_5": ("bad_claims", "stir-typ"),
    "libstirshaken_spc_token.txt_1": ("bad_claims", "stir-typ"),
    "libstirshaken_stir_shaken_test_13.c_1": ("bad_claims", "stir-typ"),
    "libstirshaken_stir_shaken_ca.c_1": ("bad_claims", "stir-typ"),
    # broken on purpose by the tests of cgrates: commas inside of the token, info that is not x5u
    "cgrates_libsessions_test.go_1": ("unreadable", "stir-header-syntax"),
    "cgrates_libsessions_test.go_2": ("unreadable", "stir-header-syntax"),
    "cgrates_libsessions_test.go_4": ("mirror_mismatch", "stir-info-mismatch"),
    # the certificate of the documentation is not there any more
    "api-docs_voice.yml_1": ("bad_signature", "jose-token-signature"),
}


@pytest.mark.parametrize("vector", vectors())
def test_every_published_token(shared: Path, vector: dict[str, Any]) -> None:
    name = vector.get("name") or vector["id"]
    found = outcome_of(vector)
    outcome, code = NEGATIVE.get(name, ("valid", ""))
    assert (found.outcome, found.problems[0].code if code and found.problems else "") == (outcome, code)


@pytest.mark.parametrize("vector", [each for each in vectors() if each.id != "rfc8224-s5.1-compact"])
def test_the_signature_is_as_the_collectors_found_it(shared: Path, vector: dict[str, Any]) -> None:
    """Whatever else is wrong with a token: its signature verifies with the keys named, and with no other."""
    try:
        read_token = jose.read_token(vector["token"])
    except RemoteError as error:
        assert vector["verifies_with"] == []
        assert error.problem.code.startswith("jose-")
        return
    for name in vector["verifies_with"]:
        assert jose.verify_token(read_token, public_key(name)) is None
    if not vector["verifies_with"]:
        for name in read(RFC)["public_keys"]:
            assert jose.verify_token(read_token, public_key(name)) is not None


def test_the_full_example_of_rfc_8224_names_another_certificate_than_its_token(shared: Path) -> None:
    vector = next(v for v in read(RFC)["vectors"] if v["name"] == "rfc8224-s4.1.1-full")
    url = "https://biloxi.example.org/biloxi.cer"
    request = invite(f"{vector['token']};info=<{url}>", caller="<sip:12155551212@x>", called="<sip:alice@example.com>")
    found = verify(request, {url: certified(public_key(vector["verifies_with"][0]))}, LONG, at_s=1_443_208_345.0)
    assert (found.outcome, found.status) == ("mirror_mismatch", 438)
    assert {"stir-info-mismatch", "stir-iat"} <= {problem.code for problem in found.headers[0].problems}


def test_the_compact_example_of_rfc_8224_verifies_with_iat_as_text_alone(shared: Path) -> None:
    """RFC 8224 §5.1 cannot be verified by who rebuilds it as §5 says; the text iat of §4.1.1 is what was signed."""
    vector = next(v for v in read(RFC)["vectors"] if v["name"] == "rfc8224-s5.1-compact")
    bare = jose.read_token(vector["token"], detached=True)
    head = b'{"alg":"ES256","typ":"passport","x5u":"https://cert.example.org/passport.cer"}'
    key = public_key(vector["verifies_with"][0])
    for iat, valid in ((b'"1443208345"', True), (b"1443208345", False)):
        claims = b'{"dest":{"uri":["sip:alice@example.com"]},"iat":' + iat + b',"orig":{"tn":"12155551212"}}'
        assert (jose.verify_token(bare.with_content(head, claims), key) is None) == valid


def test_the_diversion_of_rfc_8946_leads_back_to_its_original(shared: Path) -> None:
    """§5's original and §3's div do not fit: the div speaks of 121555551213, a digit too many. Told, not mended."""
    by_name = {vector["name"]: vector["token"] for vector in read(RFC)["vectors"]}
    key = public_key("rfc8946-appendixA")
    url = "https://www.example.com/cert.cer"
    request = invite(
        f"{by_name['rfc8946-s5-opt-original']};info=<{url}>;alg=ES256",
        f'{by_name["rfc8946-s3-div"]};info=<{url}>;alg=ES256;ppt="div"',
        caller="<sip:12155551212@example.com>",
        called="<sip:12155551213@example.com>",
        target="sip:12155551214@example.com",
    )
    found = verify(request, {url: certified(key)}, LONG, at_s=1_443_208_345.0)
    assert [header.outcome for header in found.headers] == ["valid", "broken_diversion"]
    assert [header.signature_valid for header in found.headers] == [True, True]


# What the author of each scenario expects as status, and ours. 486 stands for "the call went through".
AGRANIG: dict[str, tuple[str, int | None]] = {
    "000-valid-identity": ("valid", 486),
    "001-valid-identity-with-date": ("valid", 486),
    "010-identity-garbage": ("unreadable", 438),
    "011-invalid-jwt": ("unreadable", 438),
    "015-payload-nonjson-garbage": ("unreadable", 438),
    "016-identity-missing-info-param": ("unreadable", 438),
    # RFC 8224 §4: alg is optional, and means ES256 when it is not there. The scenario expects 438.
    "017-identity-missing-alg-param": ("valid", 438),
    "018-identity-invalid-alg-param": ("mirror_mismatch", 438),
    "019-identity-missing-ppt-param": ("mirror_mismatch", 438),
    "020-identity-invalid-ppt-param": ("mirror_mismatch", 438),
    "100-iat-zero": ("stale", 403),
    "101-iat-missing": ("bad_iat", 403),
    "102-iat-in-past": ("stale", 403),
    "103-iat-in-future": ("future", 403),
    "104-iat-in-far-future": ("future", 403),
    "105-iat-garbage": ("bad_iat", 403),
    "106-iat-negative": ("stale", 403),
    # The two below were copied with the 486 of a good call; a token without a certificate cannot be one.
    "501-x5u-empty": ("unreadable", 486),
    "502-x5u-garbage": ("no_certificate", 486),
}
DISAGREE = {"017-identity-missing-alg-param", "501-x5u-empty", "502-x5u-garbage"}


def mended(name: str, text: str) -> tuple[str, dict[str, Any]]:
    """The Identity that a scenario sends, made by us where it is minted at run time, and the certificates at hand."""
    literal = re.search(r"^\s*Identity: (.*)$", text, re.MULTILINE)
    credentials: dict[str, Any] = {url_of("ann"): certified(key_of("ann").public)}
    if literal is not None:
        identity = literal[1].strip()
        credentials[read_identity(identity).info or ""] = certified(key_of("ann").public)
        return identity, credentials
    iat = re.search(r' iat="(\d+)"', text)
    x5u = re.search(r' x5u="([^"]*)"', text)
    made = {
        "015": forged(b"garbage"),
        "016": signed().replace(f";info=<{url_of('ann')}>", ""),
        "017": signed().replace(";alg=ES256", ""),
        "018": signed().replace("alg=ES256", "alg=FOO"),
        "019": signed().replace(";ppt=shaken", ""),
        "020": signed().replace("ppt=shaken", "ppt=foo"),
        "101": forged({k: v for k, v in CLAIMS.items() if k != "iat"}),
        "105": forged({**CLAIMS, "iat": "garbage"}),
        "106": forged({**CLAIMS, "iat": -1}),
    }.get(name[:3])
    if made is None and name[:2] == "50" and x5u is not None:
        url = x5u[1][:9000]
        credentials[url] = Missing("no URL")
        made = forged(CLAIMS, {"x5u": url[:1000]}, after=f";info=<{url[:1000]}>;alg=ES256;ppt=shaken")
        credentials[url[:1000]] = Missing("no URL")
    if made is None:
        made = forged({**CLAIMS, "attest": "B", **({"iat": int(iat[1])} if iat else {})})
    return made, credentials


@pytest.mark.parametrize("name", AGRANIG)
def test_scenarios_of_the_stirshaken_suite(shared: Path, name: str) -> None:
    text = (shared / "data/stir/agranig_suite/scenarios" / f"{name}.xml").read_text("utf-8")
    outcome, theirs = AGRANIG[name]
    assert f'response="{theirs}"' in text
    identity, credentials = mended(name, text)
    found = judged(identity, credentials=credentials, anchors=LONG, Date="Thu, 01 Jan 2026 00:00:00 GMT")
    assert found.outcome == outcome
    if name not in DISAGREE:
        assert found.status == (None if theirs == 486 else theirs)


def test_all_scenarios_are_here(shared: Path) -> None:
    folder = shared / "data/stir/agranig_suite/scenarios"
    assert {file.stem for file in folder.glob("*.xml")} == set(AGRANIG)


# Asterisk's own test of its STIR module: result of `STIR_SHAKEN(0,verify_result)`, and our outcome.
ASTERISK = {
    "stir_shaken_success": ("SPAST1", "SPAST1", "success", "valid"),
    "stir_shaken_sig_fail": ("SPAST1-caexp", "SPAST1", "signature_validation", "bad_signature"),
    "stir_shaken_no_identity": ("", "", "missing_identity_hdr", "no_identity"),
}


@pytest.mark.parametrize("name", ASTERISK)
def test_scenes_of_the_asterisk_testsuite(shared: Path, name: str) -> None:
    folder = shared / "data/stir/asterisk_testsuite"
    by, shown, theirs, outcome = ASTERISK[name]
    assert f"result: '{theirs}'" in (folder / name / "test-config.yaml").read_text("utf-8")
    anchors = jose.Anchors(jose.read_certificates((folder / "keys/astdev-ca.crt").read_bytes()))
    at_s, url = 1_767_225_600.0, "https://localhost:8087/cert.pem"
    identities, credentials = [], {}
    if by:
        key = jose.read_private_key((folder / f"keys/{by}/{by}-key.pem").read_bytes())
        chain = jose.read_certificates((folder / f"keys/{shown}/{shown}-cert.pem").read_bytes())
        at_s = chain[0].not_before_s + 1000
        identities = [signed(orig="18005551212", dest="18005556666", key=key, x5u=url, at_s=at_s, attest="C")]
        credentials = {url: chain}
    request = asterisk_invite(*identities)
    found = verify(request, credentials, anchors, at_s=at_s)
    assert (found.outcome, found.attest) == (outcome, "C" if outcome == "valid" else "")
    if name == "stir_shaken_success":
        assert found.signer == "1"


def asterisk_invite(*identities: str) -> Request:
    return invite(
        *identities,
        caller="<sip:sipp@127.0.0.4>",
        called="<sip:18005556666@127.0.0.1>",
        target="sip:18005556666@127.0.0.1",
        P_Asserted_Identity='"Bob Barker" <sip:18005551212@127.0.0.4>',
    )


@pytest.mark.parametrize("name", ["SPAST1-caexp", "SPAST2-caexp"])
def test_certificates_of_asterisk_whose_authority_has_expired(shared: Path, name: str) -> None:
    folder = shared / "data/stir/asterisk_testsuite/keys"
    anchors = jose.Anchors(jose.read_certificates((folder / "astdev-ca-expired.crt").read_bytes()))
    key = jose.read_private_key((folder / name / f"{name}-key.pem").read_bytes())
    chain = jose.read_certificates((folder / name / f"{name}-cert.pem").read_bytes())
    url = "https://localhost:8087/cert.pem"
    at_s = chain[0].not_before_s + 1000
    identity = signed(key=key, x5u=url, at_s=at_s)
    found = verify(invite(identity), {url: chain}, anchors, at_s=at_s)
    assert (found.outcome, found.status) == ("untrusted", 437)
    assert found.headers[0].signature_valid is (chain[0].public_key == key.public)


def test_certificates_of_libstirshaken(shared: Path) -> None:
    """Its TNAuthList is no TNAuthList; the chain to its own CA is good, and the wrong provider's key does not fit."""
    folder = shared / "data/stir/libstirshaken_ref"
    anchors = jose.Anchors(jose.read_certificates((folder / "ca/ca.pem").read_bytes()))
    key = jose.read_private_key((folder / "sp/sp.priv").read_bytes())
    url, at_s = "https://shaken.signalwire.cloud/sp.pem", 1_616_442_523.0
    identity = signed(orig="01256500600", dest="01256700800", key=key, x5u=url, at_s=at_s)
    request = invite(identity, caller="<sip:01256500600@x>", called="<sip:01256700800@x>")
    good = jose.read_certificates((folder / "sp/sp.pem").read_bytes())
    wrong = jose.read_certificates((folder / "sp/wrongsp.pem").read_bytes())
    found = verify(request, {url: good}, anchors, at_s=at_s)
    assert (found.outcome, found.signer) == ("valid", "CN=SignalWire STI-SP Test,C=US")
    assert found.headers[0].chain is not None
    assert [problem.code for problem in found.headers[0].chain.problems] == ["jose-certificate-tn-auth-list"]
    other = verify(request, {url: wrong}, anchors, at_s=at_s)
    assert (other.outcome, other.headers[0].signature_valid) == ("untrusted", False)
