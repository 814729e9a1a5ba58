"""
Who vouched for the caller, and who signed the card: the columns of a call that need certificates.

Theory of operation
- Everything is judged at the time of the call: freshness of a token, validity of certificates, revocations. A capture
  of last year gives the same row today and next year, as long as the certificates given are the same.
- Certificates and cards come from sources that are handed in (a folder, the cache, the network); nothing is opened.
- Calls come by the hundred thousand and their certificate URLs by the hundred. What a source said of a URL is kept; a
  source that chooses certificates by the token is asked again for some further tokens, because the first may have been
  a false one, or from before a change of keys.

Not imported by the room's `__init__`: it loads cryptography, and most diagnoses do without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from ringthrough.calls import Call
from ringthrough.errors import Problem
from ringthrough.jose import Anchors, Certificate, RevocationList
from ringthrough.signals.card import read_card, verify_redress
from ringthrough.stir import Credentials, Missing, Policy, Verification, read_claim, read_identity, verify
from ringthrough.wire import Request, decode

__all__ = ["CardSource", "CertificateSource", "Prover", "card_proven", "identity_proven", "invite_with_identity"]

_DEFAULT = Policy()
_MOST_ASKED = 4
"Times that a source is asked about one URL."


class CertificateSource(Protocol):
    """Where certificates come from; `OfflineStore`, `WaitingStore` and `CertificateFolder` of `drivers` are such."""

    def find(self, url: str, token: str) -> Sequence[Certificate] | Missing | None:
        """The chain for a URL and a token that names it; why there is none; None when nobody tried."""
        ...


class CardSource(Protocol):
    """Where contact cards come from; `CardFolder` and `WaitingCards` of `drivers` are such."""

    def find(self, uri: str) -> bytes | Missing | None:
        """The card behind a URI, as received; why there is none; None when nobody tried."""
        ...


def invite_with_identity(invites: Iterable[bytes]) -> bytes | None:
    """
    The INVITE to judge, out of those of a call in the order they were seen: the first with an Identity, else the first.

    On the hops nearest to the caller there may be no Identity yet: the provider adds it.
    """
    first: bytes | None = None
    for octets in invites:
        if first is None:
            first = octets
        lower = octets.lower()
        if (b"\nidentity" in lower or b"\ny:" in lower) and _identities(octets):
            return octets
    return first


def identity_proven(call: Call, invite: Request, verification: Verification) -> Call:
    """
    The call with what became of its Identity.

    Args:
        call: the row.
        invite: its INVITE; the attestation that is claimed is read from it.
        verification: of this INVITE at the time of the call.
    """
    if verification.outcome == "no_identity":
        return call._replace(attestation="", identity="", identity_code=None, identity_signer="")
    claims = map(read_claim, invite.headers.all_of("identity"))
    attestation = next((claim.attest for claim in claims if claim.ppt == "shaken"), "")
    return call._replace(
        attestation=attestation if attestation in ("A", "B", "C") else "",
        identity=verification.outcome,
        identity_code=verification.status,
        identity_signer=verification.signer,
    )


def card_proven(
    call: Call,
    card: bytes | Missing | None,
    certificates: Sequence[Certificate],
    anchors: Anchors,
    *,
    now_s: float | None = None,
    revocations: Sequence[RevocationList] = (),
) -> Call:
    """
    The call with what became of the contact card of its 608.

    Args:
        call: the row; one without `card_uri` comes back as it is.
        card: as received; why it is missing; None when nobody tried to get it.
        certificates: of its signer, in any order; empty where they are not at hand.
        anchors: whom to trust.
        now_s: when it was fetched, seconds since the epoch; None for one that was given: only the call's time counts.
        revocations: for the chain.
    """
    if not call.card_uri:
        return call
    if card is None or isinstance(card, Missing):
        return call._replace(card="not_checked" if card is None else "not_fetched", card_signer="")
    refused_s = call.at_us / 1e6 + (call.setup_ms or 0) / 1e3
    outcome = verify_redress(
        card, certificates, anchors, call_at_s=refused_s, now_s=refused_s if now_s is None else now_s,
        revocations=revocations, callee=call.callee,
    )  # fmt: skip
    return call._replace(card=outcome.outcome, card_signer=outcome.signer)


class Prover:
    """
    Fills the columns of calls that need certificates. Holds what it found out; one prover serves one process.

    Args:
        anchors: whom to trust.
        certificates: where certificates come from.
        cards: where contact cards come from; None for nowhere, and then cards stay `not_checked`.
        revocations: revocation lists.
        policy: of the verification of Identity headers.
        freshness_s: how old an Identity may be at the time of the call, seconds.
        now_s: when cards are fetched, seconds since the epoch; None when they are given.
        problems: what could not be read of the sources; kept for whoever reports.
        close: is called when the prover is closed.
        most: URLs remembered; all of SHAKEN has some 7,000.
    """

    def __init__(
        self, anchors: Anchors, certificates: CertificateSource, *, cards: CardSource | None = None,
        revocations: Sequence[RevocationList] = (), policy: Policy = _DEFAULT, freshness_s: float = 60.0,
        now_s: float | None = None, problems: Sequence[Problem] = (), close: Callable[[], None] | None = None,
        most: int = 10_000,
    ) -> None:  # fmt: skip
        self._anchors = anchors
        self._certificates = certificates
        self._cards = cards
        self._revocations = tuple(revocations)
        self._policy = policy
        self._freshness_s = freshness_s
        self._now_s = now_s
        self._close = close
        self._most = most
        self.problems = tuple(problems)
        "What could not be read of anchors, certificates and cards."
        self._known: dict[str, Sequence[Certificate] | Missing] = {}
        self._asked: dict[str, int] = {}

    def prove(self, call: Call, invite: bytes | None) -> Call:
        """
        The call with the columns `attestation`, `identity...`, `card` and `card_signer` filled.

        Args:
            call: the row.
            invite: the octets of its INVITE (see `invite_with_identity`); None when none was seen, which leaves the
                columns of the Identity as they are.
        """
        if invite is not None:
            request = decode(invite)
            if isinstance(request, Request):
                call = identity_proven(call, request, self._verified(call, request))
        if call.card_uri:
            call = self._with_card(call)
        return call

    def close(self) -> None:
        """Close what the sources hold open; a fetched certificate may still be on its way to the disk."""
        if self._close is not None:
            self._close()

    def _verified(self, call: Call, request: Request) -> Verification:
        headers = [read_identity(value) for value in request.headers.all_of("identity")[: self._policy.max_headers]]
        found = {header.info: self._chain(header.info, header.token) for header in headers if header.info is not None}
        verification = self._verify(call, request, found)
        changed = False
        for one in verification.headers:
            url = one.header.info
            if one.outcome == "bad_signature" and url is not None:
                better = self._ask(url, one.header.token)
                changed |= better is not None and better != found[url]
                found[url] = found[url] if better is None else better
        return self._verify(call, request, found) if changed else verification

    def _chain(self, url: str, token: str) -> Sequence[Certificate] | Missing | None:
        """What is known of a URL; where nothing is, what the source says."""
        known = self._known.get(url)
        return self._ask(url, token) if known is None else known

    def _ask(self, url: str, token: str) -> Sequence[Certificate] | Missing | None:
        """What the source says, which is kept; None when it has been asked often enough."""
        asked = self._asked.get(url, 0)
        if asked >= _MOST_ASKED:
            return None
        if url not in self._asked and len(self._asked) >= self._most:
            oldest = next(iter(self._asked))
            del self._asked[oldest]
            self._known.pop(oldest, None)
        self._asked[url] = asked + 1
        found = self._certificates.find(url, token)
        if found is not None:
            self._known[url] = found
        return found

    def _verify(
        self, call: Call, request: Request, found: dict[str, Sequence[Certificate] | Missing | None]
    ) -> Verification:
        credentials: Credentials = {url: chain for url, chain in found.items() if chain is not None}
        return verify(
            request, credentials, self._anchors, at_s=call.at_us / 1e6, freshness_s=self._freshness_s,
            policy=self._policy, revocations=self._revocations,
        )  # fmt: skip

    def _with_card(self, call: Call) -> Call:
        card = None if self._cards is None else self._cards.find(call.card_uri)
        chain: Sequence[Certificate] = ()
        if isinstance(card, bytes):
            signed = read_card(card)
            if signed.x5u and signed.token is not None:
                found = self._chain(signed.x5u, bytes(signed.token).decode("ascii"))
                chain = () if found is None or isinstance(found, Missing) else found
        return card_proven(
            call, card, chain, self._anchors, now_s=self._now_s, revocations=self._revocations
        )  # fmt: skip


def _identities(octets: bytes) -> Sequence[str]:
    message = decode(octets)
    return message.headers.all_of("identity") if isinstance(message, Request) else ()
