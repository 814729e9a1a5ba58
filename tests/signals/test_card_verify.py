"""`verify_redress`: five answers, each on its own, and one outcome."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ringthrough.jose import (
    OUTCOMES,
    Anchors,
    Certificate,
    NumberRange,
    TNAuthList,
    read_public_key,
    read_token,
    verify_token,
)
from ringthrough.jose.issuing import issue, issue_revocation_list
from ringthrough.signals.card import CARD_OUTCOMES, CARD_REASONS, make_jcard, read_card, read_jcard

from .cards import (
    ANCHORS,
    AT,
    AUTHORITY,
    CHAIN,
    DAY,
    HEADER,
    JCARD,
    OTHER_KEY,
    STRANGER,
    card,
    chain,
    codes,
    judge,
    sealed,
    signed,
)

GOOD = card()


def test_a_good_card_is_verified() -> None:
    found = judge(GOOD, now_s=AT + 5, callee_carrier="Example Telephone, Inc.")
    assert (found.outcome, found.verified, found.problems) == ("verified", True, ())
    assert found.signer == "CN=SHAKEN 709J,O=Example Telephone,C=US"
    assert found.certificate is CHAIN[0]
    assert found.card is not None
    assert found.card.fn == "Robocall Adjudication"
    said = {name: (getattr(found, name).word, getattr(found, name).reason) for name in ANSWERS}
    assert said == {
        "signature_valid": ("yes", "signature_valid"),
        "chain_trusted": ("yes", "trusted"),
        "subject_plausible": ("yes", "carrier_named"),
        "fresh_at_call": ("yes", "fresh"),
        "fresh_now": ("yes", "fresh"),
    }
    assert found.text == CARD_OUTCOMES["verified"]


ANSWERS = ("signature_valid", "chain_trusted", "subject_plausible", "fresh_at_call", "fresh_now")
NO_FN = ["vcard", [["version", {}, "text", "4.0"], ["tel", {}, "uri", "tel:+12155550100"]]]
NO_CONTACT = ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Desk"]]]
_OUTCOMES: list[tuple[str, Any, dict[str, Any], str, str, str]] = [
    ("nothing", b"", {}, "unreadable", "no: no_token", "unknown: not_checked"),
    ("no jcard", signed({"iat": int(AT)}), {}, "unreadable", "yes: signature_valid", "yes: trusted"),
    ("bare jCard", json.dumps(JCARD), {}, "unsigned", "no: unsigned", "unknown: not_checked"),
    ("payload alone", json.dumps({"iat": AT, "jcard": JCARD}), {}, "unsigned", "no: unsigned", "unknown: not_checked"),
    ("R8688-15: no contact", signed({"iat": int(AT), "jcard": NO_CONTACT}), {}, "no_contact", "yes: signature_valid",
     "yes: trusted"),
    ("R8688-8: typ", signed({"iat": int(AT), "jcard": JCARD}, {**HEADER, "typ": "JWT"}), {}, "bad_header",
     "yes: signature_valid", "yes: trusted"),
    ("R8688-10: alg none", sealed(b'{"alg":"none","typ":"vcard+json","x5u":"https://a.example/c"}',
     json.dumps({"iat": AT, "jcard": JCARD}).encode(), b"\x00"), {}, "bad_header", "no: algorithm",
     "unknown: not_checked"),
    ("no certificate", GOOD, {"certificates": ()}, "no_certificate", "unknown: no_certificate", "unknown: not_checked"),
    ("another key", GOOD, {"certificates": chain(key=OTHER_KEY)}, "bad_signature", "no: key_does_not_fit",
     "unknown: not_checked"),
    ("D8688-5: DER signature", b".".join((*GOOD.split(b".")[:2], b"MEUCIQ")), {}, "bad_signature",
     "no: signature_form", "unknown: not_checked"),
    ("unrelated authority", GOOD, {"certificates": chain(authority=STRANGER)}, "untrusted", "yes: signature_valid",
     "no: bad_signature"),
    ("no anchors", GOOD, {"anchors": Anchors([])}, "untrusted", "yes: signature_valid", "no: no_anchors"),
    ("expired at the call", GOOD, {"certificates": chain(days=(-20, -1))}, "untrusted", "yes: signature_valid",
     "no: expired"),
    ("not yet valid", GOOD, {"certificates": chain(days=(1, 20))}, "untrusted", "yes: signature_valid",
     "no: not_yet_valid"),
    ("expired since", GOOD, {"now_s": AT + 20 * DAY}, "verified", "yes: signature_valid", "yes: trusted"),
    ("chain out of order", GOOD, {"certificates": CHAIN[::-1]}, "verified", "yes: signature_valid", "yes: trusted"),
    ("a heap", GOOD, {"certificates": (*chain(key=OTHER_KEY), *chain(authority=STRANGER, serial=9), *CHAIN)},
     "verified", "yes: signature_valid", "yes: trusted"),
    ("renewed with the same key", GOOD, {"certificates": (*chain(days=(-20, -1), serial=8), *CHAIN)}, "verified",
     "yes: signature_valid", "yes: trusted"),
    ("a heap of others", GOOD, {"certificates": (*chain(key=OTHER_KEY, serial=8), *CHAIN)}, "verified",
     "yes: signature_valid", "yes: trusted"),
    ("the rest of the chain is missing", GOOD, {"certificates": CHAIN[:1]}, "untrusted", "yes: signature_valid",
     "no: incomplete"),
    ("pinned", GOOD, {"certificates": CHAIN[:1], "anchors": Anchors(CHAIN[:1])}, "verified", "yes: signature_valid",
     "yes: trusted"),
    ("R8688-12: no iat", signed({"jcard": JCARD}), {}, "stale", "yes: signature_valid", "yes: trusted"),
    ("string iat", signed({"iat": str(int(AT)), "jcard": JCARD}), {}, "stale", "yes: signature_valid", "yes: trusted"),
    ("replayed", card(at_s=AT - 3600), {}, "stale", "yes: signature_valid", "yes: trusted"),
    ("future", card(at_s=AT + 2 * DAY), {}, "stale", "yes: signature_valid", "yes: trusted"),
    ("D8688-7: no fn", signed({"iat": int(AT), "jcard": NO_FN}), {}, "verified", "yes: signature_valid",
     "yes: trusted"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("jws", "arguments", "outcome", "signature", "trust"), [c[1:] for c in _OUTCOMES], ids=[c[0] for c in _OUTCOMES]
)
def test_outcome(jws: Any, arguments: dict[str, Any], outcome: str, signature: str, trust: str) -> None:
    found = judge(jws, **arguments)
    assert found.outcome == outcome
    assert f"{found.signature_valid.word}: {found.signature_valid.reason}" == signature
    assert f"{found.chain_trusted.word}: {found.chain_trusted.reason}" == trust
    assert all(getattr(found, name).text for name in ANSWERS)
    assert (found.certificate is not None) is found.signature_valid.word.startswith("y")


def test_every_outcome_but_those_of_fetching_is_seen() -> None:
    seen = {case[3] for case in _OUTCOMES}
    assert seen == set(CARD_OUTCOMES) - {"not_checked", "not_fetched"}


@pytest.mark.parametrize(
    ("age_s", "word", "reason"),
    [
        (59, "yes", "fresh"), (60, "yes", "fresh"), (61, "no", "too_old"), (0, "yes", "fresh"),
        (-60, "yes", "fresh"), (-61, "no", "ahead"),
    ],
)  # fmt: skip
def test_freshness_has_edges(age_s: float, word: str, reason: str) -> None:
    """R8688-21: at the time of the call and now, apart; the outcome needs one of them."""
    at_call = judge(card(at_s=AT - age_s), now_s=AT + DAY)
    assert (at_call.fresh_at_call.word, at_call.fresh_at_call.reason) == (word, reason)
    assert at_call.fresh_now.word == "no"
    now = judge(card(at_s=AT - age_s), call_at_s=AT - DAY, now_s=AT)
    assert (now.fresh_now.word, now.fresh_now.reason) == (word, reason)
    assert now.fresh_at_call.reason == "ahead"
    assert at_call.outcome == now.outcome == ("verified" if word == "yes" else "stale")


def test_a_card_made_at_the_fetch_may_have_a_newer_certificate() -> None:
    """standards.md 1.7, shared URL: the certificate was renewed between the call and the fetch."""
    fetched = AT + 20 * DAY
    found = judge(card(at_s=fetched), chain(days=(15, 30)), now_s=fetched + 2)
    assert (found.outcome, found.chain_trusted.reason, found.fresh_at_call.reason) == ("verified", "trusted", "ahead")
    assert judge(card(at_s=fetched), CHAIN, now_s=fetched + 2).chain_trusted.reason == "expired"
    assert judge(card(), chain(days=(15, 30)), now_s=fetched).chain_trusted.reason == "not_yet_valid"


def test_freshness_is_a_matter_of_policy() -> None:
    assert judge(card(at_s=AT - 100), freshness_s=120).outcome == "verified"
    assert judge(card(at_s=AT + 100), ahead_s=120).outcome == "verified"


def test_a_call_of_unknown_time_is_judged_now() -> None:
    found = judge(GOOD, call_at_s=None, now_s=AT + 5)
    assert (found.fresh_at_call.word, found.fresh_at_call.reason) == ("unknown", "call_time_unknown")
    assert found.outcome == "verified"
    assert judge(GOOD, call_at_s=None, now_s=AT + 20 * DAY).chain_trusted.reason == "expired"


@pytest.mark.parametrize(
    ("text", "age_s"), [("Signed 5 s before", 5), ("Signed 2.0 h before", 7200), ("Signed 3 days before", 3 * DAY)]
)
def test_ages_are_said_for_people(text: str, age_s: float) -> None:
    assert text in judge(card(at_s=AT - age_s)).fresh_at_call.text


_SUBJECTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("nothing to compare", {"jcard": make_jcard("Desk", tels=["+12155550100"])}, "unknown", "nothing_to_compare"),
    ("number of a range", {"numbers": TNAuthList(ranges=(NumberRange("12155550000", 1000),)),
     "callee": "+12155550113"}, "yes", "number_covered"),
    ("number outside of it", {"numbers": TNAuthList(ranges=(NumberRange("12155550000", 1000),)),
     "callee": "+12125550113", "jcard": make_jcard("Desk", urls=["https://fir.example"])}, "no", "names_differ"),
    ("code of the carrier", {"callee_carrier": "709j"}, "yes", "carrier_named"),
    ("name of the carrier", {"callee_carrier": "EXAMPLE telephone co."}, "yes", "carrier_named"),
    ("part of the name", {"callee_carrier": "Example"}, "yes", "carrier_named"),
    ("another carrier", {"callee_carrier": "Fir Mobile"}, "no", "names_differ"),
    ("common words alone", {"callee_carrier": "Telecom Services Inc"}, "no", "names_differ"),
    ("domain of the contact", {"organization": "Blocker Example Net", "jcard": make_jcard("Desk", urls=[
     "https://appeal.fir.example/"], emails=["a@fir.example"]), "spc": "1234"}, "no", "names_differ"),
    ("label of the domain", {"organization": "Fir Mobile", "jcard": make_jcard("Desk", emails=["a@fir.example"])},
     "yes", "domain_named"),
    ("whole domain", {"organization": "desk.fir.example", "jcard": make_jcard("Desk", urls=[
     "https://x.fir.example/"])}, "yes", "domain_named"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "word", "reason"), [c[1:] for c in _SUBJECTS], ids=[c[0] for c in _SUBJECTS])
def test_plausible_subject(facts: dict[str, Any], word: str, reason: str) -> None:
    """R8688-43; a hint, so it never changes the outcome."""
    made = {name: facts[name] for name in ("organization", "numbers", "spc") if name in facts}
    asked = {name: facts[name] for name in ("callee", "callee_carrier") if name in facts}
    found = judge(card(jcard=facts.get("jcard")), chain(**{"organization": "Example Telephone", **made}), **asked)
    assert (found.subject_plausible.word, found.subject_plausible.reason) == (word, reason)
    assert found.outcome == "verified"


def test_a_revoked_certificate_is_not_trusted() -> None:
    revoked = issue_revocation_list(
        issuer=AUTHORITY.intermediate, issuer_key=AUTHORITY.intermediate_key,
        entries=[(CHAIN[0], AT - DAY, "keyCompromise")], this_update_s=AT - DAY, next_update_s=AT + DAY,
    )  # fmt: skip
    found = judge(GOOD, revocations=[revoked])
    assert (found.outcome, found.chain_trusted.reason) == ("untrusted", "revoked")


def test_a_certificate_without_a_usable_key_is_named() -> None:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "RSA")])
    day = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, day, day.replace(year=2027)).sign(key, SHA256())
    found = judge(GOOD, [Certificate(made.public_bytes(Encoding.DER))])
    assert (found.outcome, found.signature_valid.reason) == ("bad_signature", "no_usable_key")


def test_slugs_are_explained() -> None:
    reasons = {getattr(judge(case[1], **case[2]), name).reason for case in _OUTCOMES for name in ANSWERS}
    reasons |= {case[3] for case in _SUBJECTS} | {"call_time_unknown", "no_usable_key", "critical"}
    assert reasons - set(OUTCOMES) == set(CARD_REASONS)


# What others published.


def test_the_card_of_rfc_8688(shared: Path) -> None:
    """RFC 8688 §4.1: neither printed key verifies it; the demo key of jwt.io does (standards.md 1.10 #2)."""
    octets = (shared / "vectors/rfc8688/complaint.jws").read_bytes()
    read = read_card(octets)
    assert (read.problems, read.iat_s, read.x5u) == ((), 1546008698.0, "https://certs.example.net/reject_key.cer")
    assert read.card is not None
    assert (read.card.fn, read.card.first("email")) == ("Robocall Adjudication", "remediation@blocker.example.net")
    vectors = json.loads((shared / "vectors/jws/passport_and_jwscard_vectors.json").read_text(encoding="utf-8"))
    (vector,) = (one for one in vectors["vectors"] if one["name"] == "rfc8688-s4.1-jwscard")
    assert vector["token"].encode() == octets.strip()
    assert read.token is not None
    keys = {name: read_public_key(pem.encode()) for name, pem in vectors["public_keys"].items()}
    assert [name for name, key in keys.items() if verify_token(read.token, key) is None] == vector["verifies_with"]
    published = read_public_key((shared / "vectors/rfc8688/rfc8688_s4.1_public.pem").read_bytes())
    assert verify_token(read.token, published) is not None


@pytest.mark.parametrize(
    ("name", "outcome", "at_call"),
    [
        ("jwtio-default-es256", "verified", 1546008698.0),
        ("jwtio-default-es256", "stale", 1546008698.0 + 61),
        ("rfc8688-published-public", "bad_signature", 1546008698.0),
        ("rfc8688-private-derived", "bad_signature", 1546008698.0),
    ],
)
def test_the_card_of_rfc_8688_judged(shared: Path, name: str, outcome: str, at_call: float) -> None:
    """The same card with each key in a certificate of ours: the key decides, then the time of the call."""
    vectors = json.loads((shared / "vectors/jws/passport_and_jwscard_vectors.json").read_text(encoding="utf-8"))
    leaf = issue(
        subject={"CN": "block.example.net"}, public_key=read_public_key(vectors["public_keys"][name].encode()),
        issuer_key=AUTHORITY.root_key, issuer=AUTHORITY.root, serial=5, not_before_s=1546008698.0 - DAY,
        not_after_s=1546008698.0 + DAY,
    )  # fmt: skip
    octets = (shared / "vectors/rfc8688/complaint.jws").read_bytes()
    # The root of these tests is younger than the RFC, so the certificate itself is the anchor.
    found = judge(octets, [leaf], Anchors([leaf]), call_at_s=at_call, now_s=AT)
    assert found.outcome == outcome
    assert found.fresh_now.reason == "too_old"


def test_a_passport_is_no_card(shared: Path) -> None:
    """Every PASSporT among the published tokens: read, and refused as a card."""
    vectors = json.loads((shared / "vectors/jws/passport_and_jwscard_vectors.json").read_text(encoding="utf-8"))
    seen = 0
    for vector in vectors["vectors"]:
        if vector["name"] == "rfc8688-s4.1-jwscard":
            continue
        found = judge(vector["token"])
        assert found.outcome == "unreadable", vector["name"]
        seen += 1
    assert seen >= 10


def test_jcards_of_rfc_8688(shared: Path) -> None:
    """standards.md 1.10 #5, #6: url of type text, adr of six parts; read all the same, and remarked upon."""
    cards = json.loads((shared / "vectors/rfc8688/jcards.json").read_text(encoding="utf-8"))
    found = {
        name: ([one.code for one in read_jcard(value).problems], read_jcard(value).first("tel"))
        for name, value in cards.items()
    }
    assert found == {
        "email": ([], ""),
        "url_as_text_type": (["signals-card-value-type"], ""),
        "adr6_tel": (["signals-card-adr"], "+15555550112"),
    }
    assert [judge(json.dumps(value)).outcome for value in cards.values()] == ["unsigned"] * 3


def test_the_card_that_is_no_json(shared: Path) -> None:
    """RFC 8688 §4.3 as printed (a comma is missing)."""
    octets = (shared / "vectors/rfc8688/s4.3_as_printed_INVALID_JSON.txt").read_bytes()
    found = judge(octets)
    assert (found.outcome, codes(found)) == ("unreadable", ["jose-json-syntax"])


def test_key_of_another_kind_of_token(shared: Path) -> None:
    """The Identity token of RFC 8688 §4.1 verifies with the demo key too, and is no card for that."""
    vectors = json.loads((shared / "vectors/jws/passport_and_jwscard_vectors.json").read_text(encoding="utf-8"))
    (vector,) = (one for one in vectors["vectors"] if one["name"] == "rfc8688-s4.1-identity")
    key = read_public_key(vectors["public_keys"]["jwtio-default-es256"].encode())
    assert verify_token(read_token(vector["token"]), key) is None
    assert judge(vector["token"], anchors=ANCHORS).outcome == "unreadable"
