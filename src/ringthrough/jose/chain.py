"""
Chains: is a certificate to be trusted at a given time, by the anchors an operator configured?

Theory of operation:
- The end entity is the first certificate that is not for an authority. From there each issuer is looked for by name
  among the anchors and in the chain, in whatever order it came, and the signature decides between those of one name.
  Length of paths, number of certificates and number of signatures are bounded, so a chain made to cost time costs some
  tens of milliseconds.
- What does not depend on time (paths, signatures, rights) is found once for a chain and kept by the `Anchors`, because
  the same few thousand chains come again with every call. Times and revocations are looked at every time.
- Anchors are certificates; their times and rights are checked like any other's. An end-entity certificate may itself be
  an anchor, which pins it.

This is path validation of RFC 5280 §6 for SHAKEN: no name constraints, any policy. A critical extension that asks for
more is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ringthrough.errors import Problem

from .certificate import Certificate
from .constraints import ClaimConstraints
from .der import moment
from .names import Name
from .problems import problem
from .revocation import RevocationList, ignored

__all__ = ["OUTCOMES", "Anchors", "ChainOutcome", "check_chain"]

OUTCOMES: dict[str, str] = {
    "trusted": "A path of valid certificates leads to a trust anchor.",
    "no_anchors": "No trust anchor is configured, so nothing can be trusted.",
    "unreadable": "There is no certificate, or one of the path cannot be read far enough.",
    "untrusted_root": "The path ends in a self-signed certificate that is no anchor.",
    "incomplete": "An issuer is neither in the chain nor an anchor.",
    "bad_signature": "No certificate of the issuer's name verifies the signature of a link.",
    "too_long": "The search was given up: too many certificates or signatures.",
    "wrong_key": "The end-entity certificate holds no P-256 key.",
    "not_a_ca": "A certificate that is not for an authority signed another.",
    "path_length": "More authorities stand below one than it allows.",
    "key_usage": "A key was used for what its certificate does not allow.",
    "critical_extension": "A critical extension is not understood.",
    "out_of_scope": "A delegate speaks for more than its issuer may.",
    "not_yet_valid": "A certificate of the path was not valid yet.",
    "expired": "A certificate of the path was no longer valid.",
    "revoked": "A certificate of the path was revoked.",
}
"What `check_chain` can find, with its meaning."

_SLUGS: dict[str, str] = {
    "no_anchors": "jose-chain-no-anchors",
    "unreadable": "jose-chain-unreadable",
    "untrusted_root": "jose-chain-untrusted-root",
    "incomplete": "jose-chain-incomplete",
    "bad_signature": "jose-chain-bad-signature",
    "too_long": "jose-chain-too-long",
    "wrong_key": "jose-chain-wrong-key",
    "not_a_ca": "jose-chain-not-a-ca",
    "path_length": "jose-chain-path-length",
    "key_usage": "jose-chain-key-usage",
    "critical_extension": "jose-chain-critical-extension",
    "out_of_scope": "jose-chain-out-of-scope",
    "not_yet_valid": "jose-chain-not-yet-valid",
    "expired": "jose-chain-expired",
    "revoked": "jose-chain-revoked",
}
"Problem of each outcome that is no trust; it is the first of `ChainOutcome.problems`."

_MOST_CERTIFICATES = 16  # of one chain; those of production have two or three
_LONGEST_PATH = 8  # certificates from end entity to anchor; SHAKEN has three, a delegate of a delegate five
_MOST_SIGNATURES = 32  # verified for one chain: two milliseconds with P-256, twenty with the largest keys taken
_MOST_PATHS = 4  # that are kept, for authorities that signed each other
_MOST_KEPT = 4096  # chains that an `Anchors` remembers; production has 6,700 certificates in all
_LARGEST_KEPT = 16384  # octets of a chain that is remembered: 64 MiB at most, 12 MiB with chains as they are
_MOST_LISTS = 256  # verdicts on signatures of lists; lists come from the operator, not from callers


@dataclass(frozen=True, slots=True)
class ChainOutcome:
    """What was found out about a chain."""

    trusted: bool
    "Is the first certificate of `path` to be trusted at that time?"
    outcome: str
    "A slug of `OUTCOMES`."
    path: tuple[Certificate, ...] = ()
    "End entity first; ends in the anchor when there is a way to one, and where the search ended otherwise."
    problems: tuple[Problem, ...] = ()
    "First why it is not trusted, then what else is worth knowing."
    revocation: str = "not_checked"
    "`checked`, `stale` (by a list out of date), or `not_checked`: no list of a known issuer was at hand."

    @property
    def leaf(self) -> Certificate | None:
        """The end-entity certificate, whether trusted or not; None where there is none to read."""
        return self.path[0] if self.path else None

    @property
    def constraints(self) -> tuple[ClaimConstraints, ...]:
        """Claim constraints along the path; a token has to keep all of them (RFC 8226 §8, RFC 9060 §5)."""
        return tuple(each.constraints for each in self.path if each.constraints is not None)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What can be said of a chain whatever the time."""

    failure: ChainOutcome | None
    "Why no time would make it trusted; None when there are paths."
    paths: tuple[ChainOutcome, ...] = ()
    "Outcomes as they are when times are right and nothing is revoked."


class Anchors:
    """
    The certificates an operator trusts, and whose revocation lists count.

    Holds on to what it found out about chains, up to a bound; one `Anchors` serves all threads.
    """

    def __init__(self, certificates: Iterable[Certificate], crl_issuers: Iterable[Certificate] = ()) -> None:
        """
        Take the trust anchors.

        Args:
            certificates: roots, or intermediates or end entities that are to be trusted by themselves.
            crl_issuers: certificates whose lists count for every authority, such as the list signer of the STI-PA;
                they need no path and no valid time, because the operator named them.
        """
        given = tuple(dict.fromkeys(certificates))
        self.certificates = tuple(each for each in given if each.readable)
        "The anchors that can be read."
        self.crl_issuers = tuple(dict.fromkeys(each for each in crl_issuers if each.readable))
        "Those whose revocation lists count for everyone."
        self.problems = tuple(found for each in given for found in each.problems)
        "What is wrong with the anchors."
        self._by_name: dict[Name, list[Certificate]] = {}
        for each in self.certificates:
            self._by_name.setdefault(each.subject_name, []).append(each)
        self._set = frozenset(self.certificates)
        self._plans: dict[tuple[Certificate, ...], _Plan] = {}
        self._lists: dict[tuple[RevocationList, Certificate], bool] = {}

    def named(self, name: Name) -> Sequence[Certificate]:
        """The anchors with that subject."""
        return self._by_name.get(name, ())

    def __contains__(self, certificate: object) -> bool:
        return certificate in self._set

    def __len__(self) -> int:
        return len(self.certificates)

    def _plan(self, chain: tuple[Certificate, ...]) -> _Plan:
        found = self._plans.get(chain)
        if found is None:
            found = _plan(chain, self)
            if sum(len(each.der) for each in chain) <= _LARGEST_KEPT:
                if len(self._plans) >= _MOST_KEPT:
                    self._plans.clear()
                self._plans[chain] = found
        return found

    def _signed(self, found: RevocationList, issuer: Certificate) -> bool:
        key = (found, issuer)
        known = self._lists.get(key)
        if known is None:
            known = found.issuer_name == issuer.subject_name and found.signed_by(issuer)
            if len(self._lists) >= _MOST_LISTS:
                self._lists.clear()
            self._lists[key] = known
        return known


def check_chain(
    chain: Sequence[Certificate], anchors: Anchors, *, at_s: float, revocations: Sequence[RevocationList] = ()
) -> ChainOutcome:
    """
    Is the end-entity certificate of a chain to be trusted at a time?

    Args:
        chain: as an x5u gave it: end entity first, then its issuers; any order is read, and another one noted.
        anchors: what the operator trusts.
        at_s: the time that counts, seconds since the epoch: of the call, not of the asking.
        revocations: lists to look into; those signed by nobody known are left out and named.

    Returns:
        The outcome, never an exception: a bad chain is data.

    Source: RFC 5280 §6.1; RFC 8226 §10; RFC 9060 §4; ATIS-1000080
    """
    plan = anchors._plan(tuple(chain))
    if plan.failure is not None:
        return plan.failure
    first: ChainOutcome | None = None
    for path in plan.paths:
        outcome = _now(path, anchors, at_s, revocations)
        if outcome.trusted:
            return outcome
        first = first or outcome
    assert first is not None
    return first


def _now(outcome: ChainOutcome, anchors: Anchors, at_s: float, revocations: Sequence[RevocationList]) -> ChainOutcome:
    """A path at a time, with the lists there are."""
    for each in outcome.path:
        # Written so that a time that is no number is in no certificate's time.
        if not at_s >= each.not_before_s:
            return _fail(
                "not_yet_valid", f"valid from {moment(each.not_before_s)}, asked {moment(at_s)}", outcome, each
            )
        if not at_s <= each.not_after_s:
            return _fail("expired", f"valid until {moment(each.not_after_s)}, asked {moment(at_s)}", outcome, each)
    if not revocations:
        return outcome
    notes: list[Problem] = []
    checked = ""
    issuers = [*anchors.crl_issuers, *outcome.path[1:]]
    for listed in revocations:
        if not listed.readable:
            notes += listed.problems
            continue
        if not any(anchors._signed(listed, issuer) for issuer in issuers):
            notes.append(ignored(listed, "a list of one of the path, or of a known issuer of lists"))
            continue
        stale = listed.next_update_s is not None and at_s > listed.next_update_s
        checked = "stale" if stale and checked != "checked" else "checked"
        if stale:
            detail = f"expected a list of {moment(at_s)}, found the next due at {moment(listed.next_update_s or 0.0)}"
            notes.append(problem("jose-crl-stale", detail, "revocation list", "RFC 5280 §5.1.2.5"))
        # An anchor is taken back by taking it off the list of anchors; a pinned end entity is revoked like any other.
        for certificate in outcome.path[:-1] or outcome.path:
            entry = listed.find(certificate)
            if entry is None:
                continue
            since = f"revoked at {moment(entry.at_s)} ({entry.reason})"
            if entry.at_s <= at_s:
                failed = _fail("revoked", f"{since}, asked {moment(at_s)}", outcome, certificate)
                return replace(failed, problems=(*failed.problems, *notes), revocation=checked)
            detail = f"expected no revocation, found {since}, after {moment(at_s)}"
            notes.append(problem("jose-crl-later", detail, certificate.subject, "RFC 5280 §5.3"))
    return replace(outcome, problems=(*outcome.problems, *notes), revocation=checked or "not_checked")


def _fail(slug: str, detail: str, outcome: ChainOutcome, certificate: Certificate | None = None) -> ChainOutcome:
    where = certificate.subject if certificate is not None else "chain"
    found = problem(_SLUGS[slug], detail, where, "RFC 5280 §6.1")
    return ChainOutcome(False, slug, outcome.path, (found, *outcome.problems))


def _plan(chain: tuple[Certificate, ...], anchors: Anchors) -> _Plan:
    nothing = ChainOutcome(False, "unreadable")
    usable = [each for each in chain[:_MOST_CERTIFICATES] if each.readable]
    broken = tuple(found for each in chain[:_MOST_CERTIFICATES] for found in each.problems)
    if not chain or chain[0].readable is False or not usable:
        said = (
            "expected a certificate, found none" if not chain else "expected an end-entity certificate that can be read"
        )
        return _Plan(_fail("unreadable", said, replace(nothing, problems=broken)))
    leaf = next((each for each in usable if not each.is_ca), usable[0])
    begun = ChainOutcome(False, "unreadable", (leaf,), broken)
    if not len(anchors):
        return _Plan(_fail("no_anchors", "expected a trust anchor, found none", begun))
    search = _Search(usable, anchors)
    search.run(leaf)
    if not search.complete:
        if len(chain) > _MOST_CERTIFICATES or search.gave_up:
            said = f"expected at most {_MOST_CERTIFICATES} certificates and {_MOST_SIGNATURES} signatures, found more"
            return _Plan(_fail("too_long", said, begun))
        return _Plan(_dead_end(search, begun))
    judged = [_rights(path, begun) for path in search.complete]
    good = tuple(each for each in judged if each.trusted)
    if not good:
        return _Plan(judged[0])
    return _Plan(None, tuple(_order(each, chain) for each in good))


class _Search:
    """Depth first from the end entity to anchors, by name and signature."""

    def __init__(self, pool: list[Certificate], anchors: Anchors) -> None:
        self.anchors = anchors
        self.pool: dict[Name, list[Certificate]] = {}
        for each in dict.fromkeys(pool):
            self.pool.setdefault(each.subject_name, []).append(each)
        self.complete: list[tuple[Certificate, ...]] = []
        self.furthest: tuple[Certificate, ...] = ()
        self.mismatched = False
        self.gave_up = False
        self._left = _MOST_SIGNATURES

    def run(self, leaf: Certificate) -> None:
        waiting: list[tuple[Certificate, ...]] = [(leaf,)]
        while waiting and len(self.complete) < _MOST_PATHS:
            path = waiting.pop()
            last = path[-1]
            if last in self.anchors:
                self.complete.append(path)
                continue
            if len(path) >= _LONGEST_PATH:
                self.gave_up = True
                continue
            further, tried = self._issuers(path)
            if len(path) > len(self.furthest):
                self.furthest = path
                self.mismatched = tried and not further
            waiting += [(*path, each) for each in reversed(further)]

    def _issuers(self, path: tuple[Certificate, ...]) -> tuple[list[Certificate], bool]:
        """Those whose key signed the last of the path, anchors first; and whether any of the name was tried."""
        last = path[-1]
        name = last.issuer_name
        named = [
            each for each in dict.fromkeys((*self.anchors.named(name), *self.pool.get(name, ()))) if each not in path
        ]
        # A key identifier that fits goes first (RFC 4158 §3.5.12); the signature decides.
        wanted = last.said.authority_key_id
        named.sort(key=lambda each: bool(wanted) and each.said.subject_key_id != wanted)
        found = []
        for each in named:
            if self._left == 0:
                self.gave_up = True
                break
            self._left -= 1
            if last.signed_by(each):
                found.append(each)
        return found, bool(named)


def _dead_end(search: _Search, begun: ChainOutcome) -> ChainOutcome:
    """Why no path leads to an anchor."""
    path = search.furthest
    last = path[-1]
    at = replace(begun, path=path)
    if last.self_issued and last.signed_by(last):
        return _fail("untrusted_root", f"expected a trust anchor, found {last.subject}", at, last)
    if search.mismatched:
        return _fail("bad_signature", f"expected a signature by {last.issuer}, found another", at, last)
    return _fail("incomplete", f"expected the certificate of {last.issuer}, found none", at, last)


def _rights(path: tuple[Certificate, ...], begun: ChainOutcome) -> ChainOutcome:
    """May each of the path do what it did? Source: RFC 5280 §6.1.4, §4.2.1"""
    notes = list(begun.problems)
    at = ChainOutcome(False, "unreadable", path, begun.problems)
    below = 0
    for depth, each in enumerate(path):
        said = each.said
        if said.not_understood:
            return _fail(
                "critical_extension", f"expected extensions known here, found {said.not_understood[0]}", at, each
            )
        if said.unusable:
            return _fail("unreadable", "expected extensions that can be read, found one that cannot", at, each)
        usage = "keyCertSign" if depth else "digitalSignature"
        if depth and not said.is_ca:
            return _fail("not_a_ca", "expected basicConstraints with cA, found none", at, each)
        if said.key_usage is not None and usage not in said.key_usage:
            found = ", ".join(sorted(said.key_usage)) or "nothing"
            return _fail("key_usage", f"expected key usage {usage}, found {found}", at, each)
        if not depth:
            if each.public_key is None:
                return _fail("wrong_key", f"expected a P-256 key, found {each.key_kind}", at, each)
            continue
        if said.path_length is not None and below > said.path_length:
            return _fail("path_length", f"expected at most {said.path_length} below, found {below}", at, each)
        if not each.self_issued:
            below += 1
        scope = _scope(path[depth - 1], each)
        if scope is False:
            return _fail("out_of_scope", f"expected no more than {each.subject} has, found more", at, path[depth - 1])
        if scope is None:
            detail = "expected numbers that can be compared, found numbers below a provider code"
            notes.append(problem("jose-chain-scope-unknown", detail, path[depth - 1].subject, "RFC 9060 §4.1"))
    return ChainOutcome(True, "trusted", path, tuple(notes))


def _scope(subject: Certificate, issuer: Certificate) -> bool | None:
    """Is what a delegate speaks for within what its issuer does? True where the issuer is no provider."""
    if issuer.tn_auth_list is None or subject.tn_auth_list is None:
        return True
    return issuer.tn_auth_list.encompasses(subject.tn_auth_list)


def _order(outcome: ChainOutcome, chain: tuple[Certificate, ...]) -> ChainOutcome:
    """Note a chain that did not come end entity first with each issuer after it (RFC 7515 §4.1.5)."""
    places = [chain.index(each) for each in outcome.path if each in chain]
    if places and (places[0] != 0 or places != sorted(places)):
        detail = "expected the end entity first and issuers after it, found another order"
        found = problem("jose-chain-out-of-order", detail, "chain", "RFC 7515 §4.1.5")
        return replace(outcome, problems=(*outcome.problems, found))
    return outcome
