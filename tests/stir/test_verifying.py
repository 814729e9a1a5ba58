"""One Identity and one call: every outcome, with the status and phrase that RFC 8224 owes, and why."""

from __future__ import annotations

from typing import Any

import pytest

from ringthrough import jose
from ringthrough.errors import LocalError
from ringthrough.jose.issuing import issue_revocation_list
from ringthrough.stir import OUTCOMES, Missing, Policy, Verification, verify

from .calls import (
    ANCHORS,
    AT_S,
    AUTHORITY,
    CALLED,
    CALLER,
    CLAIMS,
    CREDENTIALS,
    DATE,
    UUID,
    YEAR_S,
    chain_of,
    forged,
    invite,
    judged,
    key_of,
    signed,
    url_of,
)  # fmt: skip


def codes(found: Verification) -> list[str]:
    return [problem.code for problem in found.headers[0].problems]


def test_a_valid_identity() -> None:
    found = judged(signed())
    assert (found.outcome, found.status, found.phrase, found.reason) == ("valid", None, "", ())
    assert (found.verstat, found.attest, found.origid, found.signer) == ("TN-Validation-Passed", "A", UUID, "ANN")
    (header,) = found.headers
    assert (header.outcome, header.problems, header.ppt, header.signer) == ("valid", (), "shaken", "ANN")
    assert (header.signature_valid, header.fresh, header.orig_matches, header.dest_matches) == (True, True, True, True)
    assert header.chain is not None
    assert header.chain.trusted
    assert header.certificate == CREDENTIALS[url_of("ann")][0]


@pytest.mark.parametrize("attest", ["A", "B", "C"])
def test_the_attestation_is_told(attest: str) -> None:
    assert judged(signed(attest=attest)).attest == attest


def other(part: int, value: str) -> str:
    """The Identity with one part of its token replaced by that of another one."""
    token, semicolon, after = signed().partition(";")
    parts = token.split(".")
    parts[part] = value
    return ".".join(parts) + semicolon + after


BAD_SIGNATURE = signed(dest="12155559999").partition(";")[0].split(".")[2]
DER = jose.encode_segment(b"\x30\x44\x02\x20" + b"\x11" * 32 + b"\x02\x20" + b"\x11" * 32).decode()
HS = {"alg": "HS256"}

# label: Identity, outcome, status, problem
FAULTS: dict[str, tuple[str, str, int | None, str]] = {
    "no token": (";info=<https://x.example>", "unreadable", 438, "stir-header-syntax"),
    "no info": (signed().partition(";")[0] + ";alg=ES256;ppt=shaken", "unreadable", 438, "stir-info-missing"),
    "endless": ("a" * 20_000, "unreadable", 438, "stir-header-too-long"),
    "two parts": (f"aaaa.bbbb;info=<{url_of('ann')}>", "unreadable", 438, "jose-token-parts"),
    "no JSON": (other(1, "e30xx"), "unreadable", 438, "jose-base64-length"),
    "no object": (forged(b"[]"), "unreadable", 438, "jose-json-not-object"),
    "a claim twice": (forged(b'{"iat":1,"iat":2}'), "unreadable", 438, "jose-json-duplicate"),
    "shaken in compact form": (f"..{BAD_SIGNATURE};info=<{url_of('ann')}>;ppt=shaken", "unreadable", 438,
                               "stir-compact-form"),
    "info is not x5u": (signed().replace("info=<https", "info=<http"), "mirror_mismatch", 438, "stir-info-mismatch"),
    "alg is another": (signed().replace("alg=ES256", "alg=RS256"), "mirror_mismatch", 438, "stir-alg-mismatch"),
    "ppt is another": (signed().replace("ppt=shaken", "ppt=div"), "mirror_mismatch", 438, "stir-ppt-mismatch"),
    "ppt is missing": (signed().replace(";ppt=shaken", ""), "mirror_mismatch", 438, "stir-ppt-mismatch"),
    "ppt is unknown and the token's is not": (signed().replace("ppt=shaken", "ppt=foo"), "mirror_mismatch", 438,
                                              "stir-ppt-mismatch"),
    "typ is another": (forged(CLAIMS, {"typ": "JWT"}), "bad_claims", 438, "stir-typ"),
    "no x5u": (forged(CLAIMS, {"x5u": None}), "mirror_mismatch", 438, "stir-info-mismatch"),
    "ppt a number": (forged(CLAIMS, {"ppt": 7}), "mirror_mismatch", 438, "stir-ppt-mismatch"),
    "no iat": (forged({k: v for k, v in CLAIMS.items() if k != "iat"}), "bad_iat", 403, "stir-iat"),
    "iat as text": (forged({**CLAIMS, "iat": str(int(AT_S))}), "bad_iat", 403, "stir-iat"),
    "iat true": (forged({**CLAIMS, "iat": True}), "bad_iat", 403, "stir-iat"),
    "iat beyond reason": (forged({**CLAIMS, "iat": 10**30}), "bad_iat", 403, "stir-iat"),
    "iat negative": (forged({**CLAIMS, "iat": -5}), "stale", 403, "stir-stale"),
    "no orig": (forged({k: v for k, v in CLAIMS.items() if k != "orig"}), "bad_claims", 438, "stir-orig"),
    "orig twice": (forged({**CLAIMS, "orig": {"tn": CALLER, "uri": "sip:a@b"}}), "bad_claims", 438, "stir-orig"),
    "orig no number": (forged({**CLAIMS, "orig": {"tn": "Bob"}}), "bad_claims", 438, "stir-orig"),
    "orig as text": (forged({**CLAIMS, "orig": '{"tn":"1"}'}), "bad_claims", 438, "stir-orig"),
    "dest.tn as text": (forged({**CLAIMS, "dest": {"tn": CALLED}}), "bad_claims", 438, "stir-dest"),
    "dest empty": (forged({**CLAIMS, "dest": {"tn": []}}), "bad_claims", 438, "stir-dest"),
    "dest of numbers": (forged({**CLAIMS, "dest": {"tn": [1215]}}), "bad_claims", 438, "stir-dest"),
    "attest D": (forged({**CLAIMS, "attest": "D"}), "bad_claims", 438, "stir-attest"),
    "attest a list": (forged({**CLAIMS, "attest": ["A"]}), "bad_claims", 438, "stir-attest"),
    "no attest": (forged({k: v for k, v in CLAIMS.items() if k != "attest"}), "bad_claims", 438, "stir-attest"),
    "no origid": (forged({**CLAIMS, "origid": ""}), "bad_claims", 438, "stir-origid"),
    "alg none": (forged(CLAIMS, {"alg": "none"}, after=f";info=<{url_of('ann')}>;ppt=shaken"), "unsupported_algorithm",
                 437, "stir-algorithm"),
    "HMAC with the public key": (forged(CLAIMS, HS, after=f";info=<{url_of('ann')}>;alg=HS256;ppt=shaken"),
                                 "unsupported_algorithm", 437, "stir-algorithm"),
    "es256 in small letters": (forged(CLAIMS, {"alg": "es256"}, after=f";info=<{url_of('ann')}>;ppt=shaken"),
                               "unsupported_algorithm", 437, "stir-algorithm"),
    "certificate of a stranger": (signed(by="eve"), "untrusted", 437, "stir-untrusted"),
    "signed 61 s ago": (signed(at_s=AT_S - 61), "stale", 403, "stir-stale"),
    "signed 61 s from now": (signed(at_s=AT_S + 61), "future", 403, "stir-future"),
    "signature of another token": (other(2, BAD_SIGNATURE), "bad_signature", 438, "jose-token-signature"),
    "signature in DER": (other(2, DER), "bad_signature", 438, "jose-token-signature-der"),
    "signature cut": (other(2, BAD_SIGNATURE[:40]), "bad_signature", 438, "jose-token-signature-length"),
    "signed with another's key": (signed(key=key_of("eve")), "bad_signature", 438, "jose-token-signature"),
    "crit": (forged(CLAIMS, {"crit": ["x"]}), "bad_signature", 438, "jose-token-crit"),
    "another caller": (signed(orig="12155559999"), "orig_mismatch", 438, "stir-orig-mismatch"),
    "a URI for a number": (signed(orig="sip:alice@example.com"), "orig_mismatch", 438, "stir-orig-mismatch"),
    "another called": (signed(dest="12155559999"), "dest_mismatch", 438, "stir-dest-mismatch"),
    "a type that is not verified": (signed(ppt="msg"), "unsupported_type", None, "stir-unsupported-type"),
}  # fmt: skip


@pytest.mark.parametrize(("identity", "outcome", "status", "code"), FAULTS.values(), ids=FAULTS)
def test_every_fault_has_an_outcome_a_status_and_a_reason(
    identity: str, outcome: str, status: int | None, code: str
) -> None:
    found = judged(identity)
    assert (found.outcome, found.status, codes(found)[0]) == (outcome, status, code)
    assert (found.phrase, found.verstat, found.attest) == (OUTCOMES[outcome].phrase, OUTCOMES[outcome].verstat, "")
    assert found.reason == ((f'STIR ;cause={status} ;text="{found.phrase}"',) if status else ())
    assert found.headers[0].status == status


def test_every_outcome_has_a_test() -> None:
    here = {outcome for _, outcome, _, _ in FAULTS.values()}
    elsewhere = {"valid", "no_identity", "required", "not_checked", "no_certificate", "not_covered", "constrained",
                 "broken_diversion"}  # fmt: skip
    assert here | elsewhere == set(OUTCOMES)
    assert here & elsewhere == set()


def test_no_identity_is_no_fault() -> None:
    found = judged()
    assert (found.outcome, found.status, found.reason, found.headers) == ("no_identity", None, (), ())
    assert found.verstat == "No-TN-Validation"


def test_policy_may_require_an_identity() -> None:
    found = judged(policy=Policy(required=True))
    assert (found.outcome, found.status, found.phrase) == ("required", 428, "Use Identity Header")
    assert found.reason == ('STIR ;cause=428 ;text="Use Identity Header"',)
    assert [problem.code for problem in found.problems] == ["stir-required"]


def test_an_unsupported_type_is_as_good_as_none() -> None:
    found = judged(signed(ppt="msg"), policy=Policy(required=True))
    assert (found.outcome, found.status, found.phrase) == ("required", 428, "Use Supported PASSporT Format")
    assert judged(signed(ppt="msg"), signed()).outcome == "valid"


@pytest.mark.parametrize(
    "identity",
    [
        f"..{BAD_SIGNATURE};info=<{url_of('ann')}>;alg=ES256;ppt=msg",
        f"aaaa.bbbb;info=<{url_of('ann')}>;alg=ES256;ppt=msg",
        f"aaaa.bbbb.cccc;info=<{url_of('ann')}>;alg=ES256;ppt=msg",
        forged({"anything": 1}, {"ppt": "msg"}, after=";ppt=msg"),
        forged({"anything": 1}, {"ppt": "msg"}, after=f";info=<{url_of('ann')}>;alg=ES256"),
    ],
    ids=["compact", "two parts", "no JSON", "without info", "without the parameter"],
)
def test_a_header_of_an_unsupported_type_is_ignored_whatever_else_is_wrong(identity: str) -> None:
    found = judged(identity)
    assert (found.outcome, found.status, codes(found)) == ("unsupported_type", None, ["stir-unsupported-type"])


def test_the_claims_of_an_unsupported_type_are_kept() -> None:
    passport = judged(forged({**CLAIMS, "msgi": "x"}, {"ppt": "msg"}, after=";ppt=msg")).headers[0].passport
    assert passport is not None
    assert passport.claims["msgi"] == "x"


def test_nobody_tried_to_fetch_the_certificate() -> None:
    found = judged(signed(), credentials={})
    assert (found.outcome, found.status, found.reason, codes(found)) == ("not_checked", None, (), ["stir-not-checked"])
    assert found.headers[0].signature_valid is None


@pytest.mark.parametrize("missing", [Missing("timeout"), ()], ids=["missing", "empty"])
def test_the_certificate_could_not_be_fetched(missing: Any) -> None:
    found = judged(signed(), credentials={url_of("ann"): missing})
    assert (found.outcome, found.status, found.phrase) == ("no_certificate", 436, "Bad Identity Info")
    assert codes(found) == ["stir-no-certificate"]
    assert found.verstat == "No-TN-Validation"


def test_436_is_owed_only_when_nothing_could_be_fetched() -> None:
    """RFC 8224 §6.2.2: 436 when none can be fetched; 437 as soon as one can and is not trusted; one valid is enough."""
    credentials = {**CREDENTIALS, url_of("cid"): Missing("timeout")}
    assert judged(signed(by="cid"), signed(by="cid"), credentials=credentials).status == 436
    assert judged(signed(by="cid"), signed(by="eve"), credentials=credentials).status == 437
    assert judged(signed(by="eve"), signed(by="cid"), credentials=credentials).status == 437
    assert judged(signed(by="eve"), signed(orig="12155559999"), credentials=credentials).status == 438
    assert judged(signed(by="cid"), signed(by="eve"), signed(), credentials=credentials).outcome == "valid"


def test_reasons_name_the_header_where_there_are_several() -> None:
    stale, other_caller = signed(at_s=AT_S - 100), signed(orig="12155559999", by="bob")
    found = judged(stale, signed(), other_caller)
    assert found.outcome == "valid"
    assert found.reason == (
        f'STIR ;cause=403 ;text="Stale Date" ;ppi="..{stale.partition(";")[0].split(".")[2]}"',
        f'STIR ;cause=438 ;text="Invalid Identity Header" ;ppi="..{other_caller.partition(";")[0].split(".")[2]}"',
    )


def test_a_header_without_a_signature_has_no_name_in_a_reason() -> None:
    found = judged("aaaa.bbbb;info=<https://x.example>", f"a.b.{'c' * 200};info=<https://x.example>")
    assert found.reason == ('STIR ;cause=438 ;text="Invalid Identity Header"',) * 2


WHEN = {
    "60 s old": (-60.0, 60.0, 60.0, "valid"),
    "59.5 s old": (-59.5, 60.0, 60.0, "valid"),
    "61 s old": (-61.0, 60.0, 60.0, "stale"),
    "older, by policy": (-250.0, 300.0, 60.0, "valid"),
    "60 s ahead": (60.0, 60.0, 60.0, "valid"),
    "61 s ahead": (61.0, 60.0, 60.0, "future"),
    "any second ahead, by policy": (1.0, 60.0, 0.0, "future"),
    "tolerances are two": (20.0, 5.0, 30.0, "valid"),
}


@pytest.mark.parametrize(("offset_s", "freshness_s", "future_s", "outcome"), WHEN.values(), ids=WHEN)
def test_freshness(offset_s: float, freshness_s: float, future_s: float, outcome: str) -> None:
    identity = forged({**CLAIMS, "iat": AT_S + offset_s})
    found = judged(identity, freshness_s=freshness_s, policy=Policy(future_s=future_s))
    assert (found.outcome, found.headers[0].fresh) == (outcome, outcome == "valid")


def test_a_capture_is_judged_at_its_own_time() -> None:
    old = AT_S - YEAR_S / 2
    request = invite(signed(at_s=old))
    assert verify(request, CREDENTIALS, ANCHORS, at_s=old).outcome == "valid"
    assert verify(request, CREDENTIALS, ANCHORS, at_s=AT_S).outcome == "stale"


def test_date_is_not_believed_where_iat_is_signed() -> None:
    found = judged(signed(), Date="Thu, 01 Jan 2026 12:00:00 GMT")
    assert (found.outcome, codes(found)) == ("valid", ["stir-date-differs"])
    assert codes(judged(signed(), Date=DATE)) == []


def test_iat_outside_the_life_of_the_certificate() -> None:
    credentials = {url_of("ann"): chain_of("ann", 21, not_before_s=AT_S)}
    found = judged(signed(at_s=AT_S - 30), credentials=credentials)
    assert (found.outcome, found.status, codes(found)) == ("stale", 403, ["stir-outside-certificate"])


CHAINS = {
    "expired": (chain_of("ann", 22, not_after_s=AT_S - 100), "expired"),
    "not valid yet": (chain_of("ann", 23, not_before_s=AT_S + 100), "not_yet_valid"),
    "without its issuer": (chain_of("ann", 24)[:1], "incomplete"),
    "an authority alone": ((AUTHORITY.intermediate,), "not_a_ca"),
    "no certificate at all": ((jose.Certificate(b"0"),), "unreadable"),
}


@pytest.mark.parametrize(("chain", "why"), CHAINS.values(), ids=CHAINS)
def test_a_chain_that_is_not_trusted_says_why(chain: tuple[jose.Certificate, ...], why: str) -> None:
    found = judged(signed(), credentials={url_of("ann"): chain})
    if why == "not_a_ca":  # an authority's own key did not sign the token, whatever the chain is worth
        assert found.outcome in ("untrusted", "bad_signature")
        return
    assert (found.outcome, found.status, codes(found)[0]) == ("untrusted", 437, "stir-untrusted")
    outcome = found.headers[0].chain
    assert outcome is not None
    assert outcome.outcome == why


def test_a_chain_out_of_order_is_mended() -> None:
    chain = tuple(reversed(chain_of("ann", 25)))
    assert judged(signed(), credentials={url_of("ann"): chain}).outcome == "valid"


def test_a_key_that_no_token_can_have_been_signed_with() -> None:
    """A chain can be read whose key is of another kind; then there is no signature to look at."""
    found = judged(signed(), credentials={url_of("ann"): (jose.Certificate(b"0"),)})
    assert found.headers[0].signature_valid is None


def test_a_revoked_certificate_is_not_trusted() -> None:
    chain = CREDENTIALS[url_of("ann")]
    listed = issue_revocation_list(
        issuer=AUTHORITY.intermediate,
        issuer_key=AUTHORITY.intermediate_key,
        entries=[(chain[0], AT_S - 50, "keyCompromise")],
        this_update_s=AT_S - 10,
        next_update_s=AT_S + 1000,
    )
    found = judged(signed(), revocations=(listed,))
    assert (found.outcome, found.status) == ("untrusted", 437)
    assert judged(signed(by="bob"), revocations=(listed,)).outcome == "valid"


def test_no_anchors_trust_nobody() -> None:
    assert judged(signed(), anchors=jose.Anchors([])).outcome == "untrusted"


def test_the_signature_alone_can_be_had() -> None:
    """Of a token that is stale, for another call and from a stranger, the signature is looked at all the same."""
    found = judged(signed(by="eve", at_s=AT_S - 5000, orig="1", dest="2")).headers[0]
    assert found.outcome == "untrusted"
    assert (found.signature_valid, found.fresh, found.orig_matches, found.dest_matches) == (True, False, False, False)


NUMBERS = jose.TNAuthList(ranges=(jose.NumberRange("12155550100", 100),))
COVERS = {
    "inside a range": (NUMBERS, CALLER, "valid"),
    "outside": (NUMBERS, "12155559999", "not_covered"),
    "a single number": (jose.TNAuthList(numbers=("12155559999",)), "12155559999", "valid"),
    "a provider code holds any": (jose.TNAuthList(spcs=("709J",)), "12155559999", "valid"),
    "no list holds none": (b"\x05\x00", CALLER, "not_covered"),
}


@pytest.mark.parametrize(("numbers", "caller", "outcome"), COVERS.values(), ids=COVERS)
def test_policy_may_ask_whether_the_certificate_covers_the_number(numbers: Any, caller: str, outcome: str) -> None:
    credentials = {url_of("ann"): chain_of("ann", 26, tn_auth_list=numbers)}
    more: dict[str, Any] = {"credentials": credentials, "caller": f"<sip:+{caller}@example.com>"}
    found = judged(signed(orig=caller), policy=Policy(covers=True), **more)
    assert (found.outcome, found.status) == (outcome, None if outcome == "valid" else 437)
    assert judged(signed(orig=caller), **more).outcome == "valid"
    assert ("stir-not-covered" in codes(found)) == (outcome != "valid")


CONSTRAINTS = {
    "kept": (jose.ClaimConstraints(must_include=("attest",), permitted=(("attest", ("A", "B")),)), "valid"),
    "a claim is missing": (jose.ClaimConstraints(must_include=("rcd",)), "constrained"),
    "a value is not permitted": (jose.ClaimConstraints(permitted=(("attest", ("C",)),)), "constrained"),
    "a claim is excluded": (jose.ClaimConstraints(must_exclude=("origid",)), "constrained"),
}


@pytest.mark.parametrize(("constraints", "outcome"), CONSTRAINTS.values(), ids=CONSTRAINTS)
def test_claim_constraints_of_the_certificate_are_kept(constraints: jose.ClaimConstraints, outcome: str) -> None:
    found = judged(signed(), credentials={url_of("ann"): chain_of("ann", 27, constraints=constraints)})
    assert (found.outcome, found.status) == (outcome, None if outcome == "valid" else 438)


ENDS: dict[str, tuple[dict[str, str], dict[str, Any], str]] = {
    "numbers in another spelling": ({"caller": "<sip:+1-215-555-0112@example.com>"}, {}, "valid"),
    "tel URIs": ({"caller": "<tel:+1-215-555-0112>", "called": "<tel:+12155550113>", "target": "tel:+12155550113"}, {},
                 "valid"),
    "without plus": ({"caller": "<sip:12155550112@example.com>"}, {}, "valid"),
    "P-Asserted-Identity before From": (
        {"caller": '"Anonymous" <sip:anonymous@anonymous.invalid>', "P_Asserted_Identity": "<sip:+12155550112@x.net>"},
        {}, "valid"),
    "P-Asserted-Identity against From": ({"P_Asserted_Identity": "<sip:+12155559999@x.net>"}, {}, "orig_mismatch"),
    "P-Asserted-Identity, sip and tel": (
        {"P_Asserted_Identity": "<sip:alice@x.net>, <tel:+12155550112>"}, {}, "valid"),
    "P-Asserted-Identity without a number leaves From": ({"P_Asserted_Identity": "<sip:alice@x.net>"}, {}, "valid"),
    "a plain token speaks of From": (
        {"P_Asserted_Identity": "<sip:+12155559999@x.net>"}, {"ppt": ""}, "valid"),
    "a plain token may speak of P-Asserted-Identity": (
        {"caller": "<sip:anonymous@x.net>", "P_Asserted_Identity": "<sip:+12155550112@x.net>"}, {"ppt": ""}, "valid"),
    "no caller that can be read": ({"caller": "<nonsense>"}, {}, "orig_mismatch"),
    "one dest of several": ({}, {"dest": ("12155559999", CALLED)}, "valid"),
    "a called URI": ({"called": "<sip:bob@Example.NET:5060;x=y>"}, {"dest": "sips:bob@example.net"}, "valid"),
    "a calling URI": ({"caller": "<sip:alice@example.com>"}, {"orig": "sip:alice@EXAMPLE.com"}, "valid"),
    "only the Request-URI fits": ({"called": "<sip:+12155559999@example.net>"}, {}, "valid"),
    "neither can be read": ({"called": "<x>", "target": "urn:x"}, {}, "dest_mismatch"),
}  # fmt: skip


@pytest.mark.parametrize(("headers", "more", "outcome"), ENDS.values(), ids=ENDS)
def test_both_ends_of_the_call(headers: dict[str, str], more: dict[str, Any], outcome: str) -> None:
    assert judged(signed(**more), **headers).outcome == outcome


def test_a_verified_uri_passes_no_number() -> None:
    found = judged(signed(orig="sip:alice@example.com"), caller="<sip:alice@example.com>")
    assert (found.outcome, found.verstat) == ("valid", "No-TN-Validation")


def test_a_region_gives_national_numbers_their_country() -> None:
    headers = {
        "caller": "<sip:2155550112@pbx.example.com>",
        "called": "<sip:2155550113@x>",
        "target": "sip:2155550113@x",
    }
    assert judged(signed(), **headers).outcome == "orig_mismatch"
    assert judged(signed(), **headers, policy=Policy(region="US")).outcome == "valid"
    with pytest.raises(LocalError):
        judged(signed(), **headers, policy=Policy(region="XX"))


def test_a_call_sent_on_without_div_is_noted_or_refused() -> None:
    target = "sip:+12155550199@gw.example.net"
    found = judged(signed(), target=target)
    assert (found.outcome, codes(found)) == ("valid", ["stir-retargeted"])
    assert judged(signed(), target=target, policy=Policy(to_is_enough=False)).outcome == "dest_mismatch"
    assert codes(judged(signed(), target="sip:gw.example.net")) == []


ODD = {
    "number with plus and dashes": ({"orig": {"tn": "+1-215-555-0112"}}, {}, "stir-number-form"),
    "origid is no UUID": ({"origid": "call-7"}, {}, "stir-origid-form"),
}


@pytest.mark.parametrize(("claims", "header", "code"), ODD.values(), ids=ODD)
def test_what_is_odd_is_noted_and_valid(claims: dict[str, Any], header: dict[str, Any], code: str) -> None:
    found = judged(forged({**CLAIMS, **claims}, header))
    assert (found.outcome, codes(found)) == ("valid", [code])


def test_an_http_url_is_noted() -> None:
    url = "http://cert.example.org/ann.pem"
    identity = forged(CLAIMS, {"x5u": url}, after=f";info=<{url}>;alg=ES256;ppt=shaken")
    found = judged(identity, credentials={url: CREDENTIALS[url_of("ann")]})
    assert (found.outcome, codes(found)) == ("valid", ["stir-x5u-scheme"])


def test_a_token_without_x5u_is_named() -> None:
    assert "stir-x5u-missing" in codes(judged(forged(CLAIMS, {"x5u": None})))


def test_parameters_that_may_be_left_out() -> None:
    """RFC 8224 §4: alg is optional and then means ES256."""
    assert judged(signed().replace(";alg=ES256", "")).outcome == "valid"
    assert judged(signed(ppt="")).outcome == "valid"


def test_10_000_headers_are_bounded() -> None:
    found = judged(*[signed(orig="12155559999")] * 10_000)
    assert (len(found.headers), found.left_out, found.outcome) == (10, 9_990, "orig_mismatch")
    assert [problem.code for problem in found.problems] == ["stir-too-many-headers"]
    assert "at most 10" in found.problems[0].detail
    assert judged(signed(), signed(), policy=Policy(max_headers=1)).left_out == 1


def test_priority_is_vouched_for() -> None:
    claims = {"rph": {"ESorig": ["esnet.1"]}}
    assert judged(signed(ppt="rph", claims=claims)).outcome == "valid"
    plain = {name: CLAIMS[name] for name in ("dest", "iat", "orig")}
    for wrong in ({}, {"rph": {}}, {"rph": []}, {"rph": {"auth": "ets.0"}}):
        found = judged(forged({**plain, **wrong}, {"ppt": "rph"}, after=f";info=<{url_of('ann')}>;alg=ES256;ppt=rph"))
        assert (found.outcome, codes(found)) == ("bad_claims", ["stir-rph"])


def test_of_several_valid_headers_shaken_tells_the_attestation() -> None:
    found = judged(signed(by="bob", ppt=""), signed(), signed(by="cid", ppt="rph", claims={"rph": {"auth": ["ets.0"]}}))
    assert (found.outcome, found.attest, found.signer) == ("valid", "A", "ANN")


def test_a_certificate_without_a_provider_code_signs_with_its_subject() -> None:
    chain = chain_of("ann", 28, tn_auth_list=NUMBERS)
    found = judged(signed(), credentials={url_of("ann"): chain})
    assert found.signer == "CN=SHAKEN ANN,O=Example Telephone,C=US"
