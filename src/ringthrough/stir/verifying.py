"""
`verify`: does a trusted signer vouch for the caller of this request?

Theory of operation
- The steps are those of RFC 8224 §6.2, for every header by itself; then diversions are followed (`divert`), and one
  outcome is drawn for the call (`verification`).
- Nothing is fetched: certificates come in by URL, and one that is missing is an outcome. Nothing is raised for what a
  caller sent.
- Every step that can be taken is taken, also after a fault: who only wants to know about the signature gets to know it.
- All work is bounded by `Policy`: headers beyond the limit are counted and not read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ringthrough import jose
from ringthrough.errors import Problem, RemoteError
from ringthrough.wire.message import Request

from .credentials import Credentials, Missing
from .divert import follow
from .header import IdentityHeader, read_identity, shown_url
from .looking import Look
from .party import End, Facts, facts_of
from .passport import PPTS, Passport, passport_of, read_passport
from .verification import Verification, conclude

__all__ = ["DEFAULT", "Policy", "verify"]


@dataclass(frozen=True, slots=True)
class Policy:
    """What an operator decides about verification. Frozen; make another with `dataclasses.replace`."""

    future_s: float = 60.0
    "How far `iat` may lie after the call, seconds: clocks differ."
    required: bool = False
    "Is a request without an Identity of a supported type owed a 428?"
    covers: bool = False
    """
    Must the TNAuthList of the certificate hold the number vouched for? A list of provider codes alone holds any, as
    SHAKEN has it; a certificate without a list holds none.
    """
    to_is_enough: bool = True
    "Does a token count that was made for the number in To, while the Request-URI is another and no div explains it?"
    region: str | None = None
    "Two letters of ISO 3166: the country of numbers in From, To ... that have no country code. None: as written."
    max_headers: int = 10
    "Identity headers that are looked at; real calls have one to four."


DEFAULT = Policy()
"What RFC 8224 recommends."


def verify(
    request: Request,
    credentials: Credentials,
    anchors: jose.Anchors,
    *,
    at_s: float,
    freshness_s: float = 60.0,
    policy: Policy = DEFAULT,
    revocations: Sequence[jose.RevocationList] = (),
) -> Verification:
    """
    Verify the Identity headers of a request. Never fetches, and never raises for what the caller sent.

    Args:
        request: an INVITE, or any other request outside of a dialog.
        credentials: by URL as in `info`: the chain, leaf first, or `Missing`. A URL that is not there gives
            `not_checked`, for nobody tried.
        anchors: whom to trust. It remembers the chains it has seen, so keep it from call to call.
        at_s: time of the call, seconds since the epoch, UTC: now at a gate, capture time for a capture.
        freshness_s: how old `iat` may be at that time, seconds.
        policy: everything else that is up to the operator.
        revocations: revocation lists.

    Raises:
        LocalError: `policy.region` is unknown (`numbers-unknown-region`).

    Source: RFC 8224 §6.2; RFC 8588 §6; RFC 8946 §5; RFC 9410 §4
    """
    values = request.headers.all_of("identity")
    facts = facts_of(request, policy.region)
    looks: list[Look] = []
    sound: list[Look] = []
    for value in values[: policy.max_headers]:
        look = Look(read_identity(value))
        looks.append(look)
        if not _read(look, facts):
            continue
        passport = look.passport
        if passport is None or passport.fault:
            continue
        sound.append(look)
        _check_caller(look, passport, facts)
        _check_time(look, passport, at_s, freshness_s, policy.future_s, facts.date_s)
        _check_signature(look, passport, credentials, anchors, at_s, policy, revocations)
    if sound:
        follow(sound, facts, to_is_enough=policy.to_is_enough)
    left_out = len(values) - len(looks)
    problems: tuple[Problem, ...] = ()
    if left_out:
        said = f"expected at most {policy.max_headers} Identity headers, found {len(values)}; {left_out} not looked at"
        problems = (Problem("stir-too-many-headers", said, "Identity", "ours"),)
    return conclude([look.closed() for look in looks], left_out, problems, policy.required)


def _read(look: Look, facts: Facts) -> bool:
    """Header and token; False when there is nothing to judge."""
    header = look.header
    ppt = header.ppt
    for problem in header.problems:
        look.faults.append(("unreadable", problem))
    if header.compact:
        if ppt is not None and ppt not in PPTS:
            _set_aside(look, ppt)
            return False
        if look.faults:
            return False
        look.passport = _rebuilt(look, header, facts)
        return look.passport is not None
    if not header.token:
        return False
    passport = look.passport = read_passport(header.token)
    if passport.token is None:
        look.faults += [("unreadable", problem) for problem in passport.problems]
        if ppt is not None and ppt not in PPTS:
            _set_aside(look, ppt)
        return False
    if passport.ppt not in PPTS and ppt in (None, passport.ppt):
        _set_aside(look, passport.ppt)
        return False
    _check_mirrors(look, header, passport)
    if passport.fault:
        look.faults += [(passport.fault, problem) for problem in passport.problems]
    elif passport.problems:
        look.notes += passport.problems
    return True


def _set_aside(look: Look, ppt: str) -> None:
    """RFC 8224 §6.2 step 1: a header of an unsupported type is ignored, so its other faults are nobody's business."""
    look.faults.clear()
    look.passport = None if look.passport is None or look.passport.token is None else look.passport
    if look.passport is not None:
        look.passport = look.passport._replace(fault="unsupported_type")
    said = f"expected a type that is verified here, found {ascii(ppt)[:60]}"
    look.fail("unsupported_type", "stir-unsupported-type", said, "RFC 8224 §6.2")


def _check_mirrors(look: Look, header: IdentityHeader, passport: Passport) -> None:
    """RFC 8224 §4.1: the parameters say the same as the token."""
    if header.info is not None and header.info != passport.x5u:
        said = f"expected info to be {shown_url(passport.x5u)!r}, found {shown_url(header.info)!r}"
        look.fail("mirror_mismatch", "stir-info-mismatch", said, "RFC 8224 §4.1")
    alg = passport.header.get("alg")
    if header.alg is not None and header.alg != alg:
        said = f"expected alg to be {ascii(alg)[:40]}, found {header.alg[:40]!a}"
        look.fail("mirror_mismatch", "stir-alg-mismatch", said, "RFC 8224 §4.1")
    elif alg != "ES256":
        look.fail(
            "unsupported_algorithm", "stir-algorithm", f"expected ES256, found {ascii(alg)[:40]}", "RFC 8224 §6.2.2"
        )
    if (header.ppt or "") != passport.ppt:
        said = f"expected ppt to be {passport.ppt[:40]!a}, found {(header.ppt or 'none')[:40]!a}"
        look.fail("mirror_mismatch", "stir-ppt-mismatch", said, "RFC 8224 §4.1")


def _rebuilt(look: Look, header: IdentityHeader, facts: Facts) -> Passport | None:
    """
    The PASSporT that the compact form leaves out, put together as its signer must have done.

    Source: RFC 8225 §7; RFC 8224 §6.2 step 5: From, To and Date; not for types with claims of their own (RFC 8588 §3)
    """
    if header.ppt:
        said = f"expected the full form for {header.ppt[:40]!a}, found the compact one"
        look.fail("unreadable", "stir-compact-form", said, "RFC 8588 §3")
        return None
    orig = facts.from_.party if facts.from_ is not None else None
    dest = facts.to.party if facts.to is not None else None
    if orig is None or dest is None or facts.date_s is None:
        look.fail("unreadable", "stir-compact-no-date", "expected From, To and Date, found less", "RFC 8225 §7")
        return None
    claims = {"dest": {dest.kind: [dest.value]}, "iat": int(facts.date_s), "orig": {orig.kind: orig.value}}
    try:
        bare = jose.read_token(header.token, detached=True)
        head: dict[str, object] = {"alg": header.alg or "ES256", "typ": "passport", "x5u": header.info}
        token = bare.with_content(_compact(head), _compact(claims))
    except RemoteError as error:
        look.faults.append(("unreadable", error.problem))
        return None
    passport = passport_of(token, claims)
    if head["alg"] != "ES256":
        look.fail("unsupported_algorithm", "stir-algorithm", f"expected ES256, found {header.alg!a}", "RFC 8224 §6.2.2")
    return passport


def _compact(value: dict[str, object]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def _check_caller(look: Look, passport: Passport, facts: Facts) -> None:
    orig = passport.orig
    if orig is None:
        return
    from_ = facts.from_
    if not facts.asserted and from_ is not None and from_.is_(orig):
        look.orig_matches = True
        return
    ends: tuple[End, ...] = (from_,) if from_ is not None else ()
    if facts.asserted:
        # SHAKEN signs what the provider asserts, where it asserts something of that kind [S]; RFC 8224 signs From.
        if passport.ppt != "shaken":
            ends += facts.asserted
        elif any(end.has(orig.kind) for end in facts.asserted):
            ends = facts.asserted
    for end in ends:
        if end.is_(orig):
            look.orig_matches = True
            return
    look.orig_matches = False
    named = [end.number if orig.kind == "tn" else end.address for end in ends if end.has(orig.kind)]
    said = f"expected a call from {orig.value[:80]}, found {(named[0] if named else 'none')[:80]}"
    look.fail("orig_mismatch", "stir-orig-mismatch", said, "RFC 8224 §6.2.4")


def _check_time(
    look: Look, passport: Passport, at_s: float, freshness_s: float, future_s: float, date_s: float | None
) -> None:
    iat_s = passport.iat_s
    if iat_s is None:
        return
    age_s = at_s - iat_s
    look.fresh = -future_s <= age_s <= freshness_s
    if age_s > freshness_s:
        said = f"expected iat at most {freshness_s:g} s before the call, found {age_s:.0f} s"
        look.fail("stale", "stir-stale", said, "RFC 8224 §6.2")
    elif not look.fresh:
        said = f"expected iat at most {future_s:g} s after the call, found {-age_s:.0f} s"
        look.fail("future", "stir-future", said, "RFC 8224 §6.2")
    if date_s is not None and abs(date_s - iat_s) > freshness_s:
        said = f"expected Date within {freshness_s:g} s of iat, found {abs(date_s - iat_s):.0f} s between them"
        look.notes.append(Problem("stir-date-differs", said, "Date", "RFC 8224 §6.2"))


def _check_signature(
    look: Look,
    passport: Passport,
    credentials: Credentials,
    anchors: jose.Anchors,
    at_s: float,
    policy: Policy,
    revocations: Sequence[jose.RevocationList],
) -> None:
    """Certificate, its trust, its say, and the signature."""
    token = passport.token
    if token is None:
        return
    url = look.header.info or passport.x5u
    chain = credentials.get(url)
    if chain is None:
        said = f"expected the certificate of {shown_url(url)!r}, found none"
        look.fail("not_checked", "stir-not-checked", said, "RFC 8224 §6.2")
        return
    if isinstance(chain, Missing) or not chain:
        why = chain.why if isinstance(chain, Missing) else "nothing there"
        said = f"expected the certificate of {shown_url(url)!r}, found {why}"
        look.fail("no_certificate", "stir-no-certificate", said, "RFC 8224 §6.2.2")
        return
    outcome = look.chain = jose.check_chain(chain, anchors, at_s=at_s, revocations=revocations)
    leaf = look.certificate = outcome.leaf
    if not outcome.trusted:
        why = outcome.problems[0].detail if outcome.problems else outcome.outcome
        said = f"expected a chain to a trust anchor, found {outcome.outcome}: {why}"
        look.fail("untrusted", "stir-untrusted", said, "RFC 8224 §6.2.2")
    if leaf is None:
        return
    for certificate in outcome.path:
        constraints = certificate.constraints
        breach = constraints.breach(passport.claims) if constraints is not None else None
        if breach is not None:
            look.faults.append(("constrained", breach))
    iat_s = passport.iat_s
    if iat_s is not None and not leaf.not_before_s <= iat_s <= leaf.not_after_s:
        said = "expected iat within the life of the certificate, found it outside"
        outside = Problem("stir-outside-certificate", said, "Identity", "RFC 8224 §6.2", None, 403)
        if look.fresh:
            look.faults.append(("stale", outside))
        else:  # stale or from the future anyway: it should be called what it is
            look.notes.append(outside)
    speaker = passport.div if passport.ppt == "div" else passport.orig
    if policy.covers and speaker is not None and speaker.kind == "tn" and not _covers(leaf, speaker.value):
        said = f"expected a certificate for {speaker.value[:40]}, found one for others"
        look.fail("not_covered", "stir-not-covered", said, "RFC 8226 §9")
    key = leaf.public_key
    if key is None or passport.header.get("alg") != "ES256":
        return
    problem = jose.verify_token(token, key)
    look.signature_valid = problem is None
    if problem is not None:
        look.faults.append(("bad_signature", problem))


def _covers(leaf: jose.Certificate, number: str) -> bool:
    said = leaf.tn_auth_list
    if said is None:
        return False
    return not said.names_numbers or said.covers(number)
