"""
`verify_redress`: is the contact on this card really the word of whoever refused the call?

Theory of operation
- Five questions, answered apart: is the signature valid, is the chain trusted, is the subject plausible, was the card
  fresh when the call was refused, is it fresh now. RFC 8688 defines no trust anchor and no profile of certificates, so
  the anchors are the operator's choice and plausibility is a hint, never a condition.
- A capture is judged at the time of its call, never by today's clock (RFC 8688 §3.2.2 ties iat to the 608). A card
  behind a shared URL is signed when it is fetched, though: then it is fresh now and younger than the call, and its
  certificate is judged now. Either freshness will do; a replayed card has neither.
- Certificates come as a heap: the signer's is the one whose key fits, wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ringthrough.errors import Problem
from ringthrough.jose import OUTCOMES as CHAIN_OUTCOMES
from ringthrough.jose import (
    Anchors,
    Certificate,
    ChainOutcome,
    PublicKey,
    RevocationList,
    check_chain,
    verify_token,
)

from ..card_outcomes import CARD_OUTCOMES, CARD_REASONS
from ..contact import domain_of
from .jcard import Card
from .token import SignedCard, read_card

__all__ = ["AHEAD_S", "FRESHNESS_S", "MAX_CERTIFICATES", "Answer", "RedressOutcome", "verify_redress"]

FRESHNESS_S = 60.0
"Seconds a card stays fresh: RFC 8688 §3.3 calls about a minute reasonable, for drift and announcements."
AHEAD_S = 60.0
"Seconds by which a card may be younger than the 608: clocks drift, and shared cards are made at the fetch."
MAX_CERTIFICATES = 64
"Certificates tried for a signature; a limit of ours. A chain has two to four."
_MOST_SIGNERS = 4  # certificates of one key: an old one and its renewal
_MOST_ISSUERS = 15  # beside the signer: jose looks at 16 certificates of a chain

# Words that many carriers have in their names, so that they tell nobody apart
_COMMON = frozenset(
    {
        "ag", "and", "bv", "ca", "cert", "certificate", "co", "communication", "communications", "company", "corp",
        "corporation", "for", "gmbh", "inc", "incorporated", "limited", "llc", "ltd", "mobile", "network", "networks",
        "of", "plc", "sa", "service", "services", "shaken", "srl", "stir", "telecom", "telecommunications", "telecoms",
        "telephone", "the", "voice", "wireless",
    }
)  # fmt: skip
_WORDS = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """One question answered."""

    holds: bool | None
    "True, False, or None where it cannot be told."
    reason: str
    "A slug: of `CARD_REASONS`, for the chain one of `jose`."
    text: str
    "The reason in words, with figures."

    @property
    def word(self) -> str:
        """`yes`, `no` or `unknown`."""
        return {True: "yes", False: "no", None: "unknown"}[self.holds]


@dataclass(frozen=True, slots=True)
class RedressOutcome:
    """What is known about one card."""

    outcome: str
    "A slug of `CARD_OUTCOMES`."
    signature_valid: Answer
    chain_trusted: Answer
    subject_plausible: Answer
    fresh_at_call: Answer
    fresh_now: Answer
    signed: SignedCard
    "Everything that was read."
    signer: str
    'Subject of the certificate whose key fits; "" for none.'
    certificate: Certificate | None
    "That certificate."
    problems: tuple[Problem, ...]
    "What is wrong with the card, then with signature and chain."

    @property
    def verified(self) -> bool:
        """Whether the contact may be believed."""
        return self.outcome == "verified"

    @property
    def card(self) -> Card | None:
        """The card, verified or not."""
        return self.signed.card

    @property
    def text(self) -> str:
        """The outcome in words."""
        return CARD_OUTCOMES[self.outcome]


def verify_redress(
    jws: bytes | str,
    certificates: Sequence[Certificate],
    anchors: Anchors,
    *,
    call_at_s: float | None,
    now_s: float,
    revocations: Sequence[RevocationList] = (),
    callee: str = "",
    callee_carrier: str = "",
    freshness_s: float = FRESHNESS_S,
    ahead_s: float = AHEAD_S,
) -> RedressOutcome:
    """
    Judge a card. Never raises for anything that a stranger wrote, and fetches nothing.

    Args:
        jws: the card as received.
        certificates: what its x5u gave, in any order; empty where it is not at hand.
        anchors: certificates that are trusted.
        call_at_s: when the 608 was sent, seconds since 1970 UTC; None where nobody knows.
        now_s: now. The chain is judged at the time of the call, unless that is unknown or the card is fresh only now.
        revocations: revocation lists for the chain.
        callee: the called number, `+` and digits, to compare with the numbers of the certificate.
        callee_carrier: name or code (SPC) of the carrier that serves it.
        freshness_s: how much older than the 608 a card may be.
        ahead_s: how much younger.

    Source: RFC 8688 §3.2, §3.3, §6; docs/concepts/refusals.md
    """
    signed = read_card(jws)
    problems = list(signed.problems)
    signature, signers = _signature(signed, certificates, problems)
    signer: Certificate | None = None
    chain = subject = Answer(None, "not_checked", CARD_REASONS["not_checked"])
    at_call = _fresh(signed.iat_s, call_at_s, freshness_s, ahead_s)
    at_now = _fresh(signed.iat_s, now_s, freshness_s, ahead_s)
    if signers:
        # The time to which the card belongs: a card made at the fetch may have a certificate younger than the call.
        at_s = now_s if call_at_s is None or (at_now.holds and not at_call.holds) else call_at_s
        signer, found = _best(signers, certificates, anchors, at_s, revocations)
        problems += found.problems
        said = CHAIN_OUTCOMES[found.outcome]
        if not found.trusted and found.problems:
            said = f"{said} {found.problems[0].detail}."
        chain = Answer(found.trusted, found.outcome, said)
        subject = _subject(signer, signed.card, callee, callee_carrier)
    fresh = bool(at_call.holds or at_now.holds)
    return RedressOutcome(
        outcome=_outcome(signed, signature, chain, fresh=fresh),
        signature_valid=signature,
        chain_trusted=chain,
        subject_plausible=subject,
        fresh_at_call=at_call,
        fresh_now=at_now,
        signed=signed,
        signer=signer.subject if signer is not None else "",
        certificate=signer,
        problems=tuple(problems),
    )


def _outcome(signed: SignedCard, signature: Answer, chain: Answer, *, fresh: bool) -> str:
    if signed.card is None:
        return "unreadable"
    if signed.token is None:
        return "unsigned"
    if not signed.card.reachable:
        return "no_contact"
    if any(problem.code in _BAD_HEADER for problem in signed.problems):
        return "bad_header"
    if signature.reason == "no_certificate":
        return "no_certificate"
    if not signature.holds:
        return "bad_signature"
    if not chain.holds:
        return "untrusted"
    return "verified" if fresh else "stale"


_BAD_HEADER = frozenset({"signals-card-typ", "signals-card-alg", "signals-card-x5u"})


_WRONG_FORM = {
    "jose-token-crit": "critical",
    "jose-token-signature-der": "signature_form",
    "jose-token-signature-length": "signature_form",
}
"Problem of `jose` -> reason, where no key could help."


def _signature(
    signed: SignedCard, certificates: Sequence[Certificate], problems: list[Problem]
) -> tuple[Answer, list[Certificate]]:
    """The answer, and every certificate whose key fits: one key may be certified more than once."""
    token = signed.token
    if token is None:
        reason = "no_token" if signed.form == "none" else "unsigned"
        return Answer(False, reason, CARD_REASONS[reason]), []
    if token.header.get("alg") != "ES256":
        return Answer(False, "algorithm", CARD_REASONS["algorithm"]), []
    if not certificates:
        return Answer(None, "no_certificate", CARD_REASONS["no_certificate"]), []
    wrong: dict[PublicKey, Problem | None] = {}
    fitting = []
    for certificate in certificates[:MAX_CERTIFICATES]:
        key = certificate.public_key
        if key is None:
            continue
        if key not in wrong:
            wrong[key] = verify_token(token, key)
        if wrong[key] is None:
            fitting.append(certificate)
    if fitting:
        return Answer(True, "signature_valid", CARD_REASONS["signature_valid"]), fitting
    first = next((found for found in wrong.values() if found is not None), None)
    if first is None:
        return Answer(False, "no_usable_key", CARD_REASONS["no_usable_key"]), []
    problems.append(first)
    reason = _WRONG_FORM.get(first.code, "key_does_not_fit")
    return Answer(False, reason, f"{CARD_REASONS[reason]} {first.detail}."), []


def _best(
    signers: list[Certificate], certificates: Sequence[Certificate], anchors: Anchors, at_s: float,
    revocations: Sequence[RevocationList],
) -> tuple[Certificate, ChainOutcome]:  # fmt: skip
    """The first signer with a trusted chain; without one, the first signer."""
    issuers = [one for one in certificates[:MAX_CERTIFICATES] if one.is_ca]
    best: tuple[Certificate, ChainOutcome] | None = None
    for signer in signers[:_MOST_SIGNERS]:
        # Authorities alone: a heap may hold other end entities, and the chain is to be that of the signer.
        rest = [one for one in issuers if one != signer][:_MOST_ISSUERS]
        found = check_chain([signer, *rest], anchors, at_s=at_s, revocations=revocations)
        if found.trusted:
            return signer, found
        best = best or (signer, found)
    assert best is not None
    return best


def _fresh(iat_s: float | None, at_s: float | None, freshness_s: float, ahead_s: float) -> Answer:
    if iat_s is None:
        return Answer(False, "no_iat", CARD_REASONS["no_iat"])
    if at_s is None:
        return Answer(None, "call_time_unknown", CARD_REASONS["call_time_unknown"])
    age_s = at_s - iat_s
    if age_s > freshness_s:
        return Answer(False, "too_old", f"Signed {_span(age_s)} before; {_span(freshness_s)} are allowed.")
    if age_s < -ahead_s:
        return Answer(False, "ahead", f"Signed {_span(-age_s)} later; {_span(ahead_s)} are allowed.")
    return Answer(True, "fresh", f"Signed {_span(abs(age_s))} {'before' if age_s >= 0 else 'later'}.")


def _span(seconds: float) -> str:
    if seconds < 600:
        return f"{seconds:.0f} s"
    if seconds < 172_800:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86_400:.0f} days"


def _subject(signer: Certificate, card: Card | None, callee: str, callee_carrier: str) -> Answer:
    """Whether the certificate has to do with the called number, its carrier or the contact (RFC 8688 §6)."""
    numbers = signer.tn_auth_list
    if callee and numbers is not None and numbers.covers(callee):
        return _yes("number_covered", callee)
    said = _words(f"{signer.subject} {signer.common_name} {signer.organization}")
    codes = {code.upper() for code in numbers.spcs} if numbers is not None else set()
    carrier = callee_carrier.strip()
    wanted = _words(carrier)
    if carrier and (carrier.upper() in codes or (wanted and wanted <= said)):
        return _yes("carrier_named", carrier)
    # Who knows the carrier has a better question than whose domain it is.
    domains = _domains(card) if not carrier else []
    names = signer.subject.lower()
    for domain in domains:
        labels = domain.split(".")
        own = ".".join(labels[-2:])
        if own in names or (len(labels) > 1 and labels[-2] in said - _COMMON):
            return _yes("domain_named", domain)
    compared = [one for one in (carrier, *domains) if one]
    if not compared:
        return Answer(None, "nothing_to_compare", CARD_REASONS["nothing_to_compare"])
    return Answer(False, "names_differ", f"{CARD_REASONS['names_differ']} Looked for {', '.join(compared[:4])}.")


def _yes(reason: str, found: str) -> Answer:
    return Answer(True, reason, f"{CARD_REASONS[reason][:-1]}, {found}.")


def _domains(card: Card | None) -> list[str]:
    found: dict[str, None] = {}
    for contact in card.contacts if card is not None else ():
        if contact.good and contact.kind in ("url", "email"):
            url, email = (contact.value, "") if contact.kind == "url" else ("", contact.value)
            found[domain_of(url, email, "")] = None
    return [domain for domain in found if domain]


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORDS.findall(text.lower())) - _COMMON
