"""What `verify` answers: an outcome per header, one for the call, and what SIP owes for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ringthrough import jose
from ringthrough.errors import Problem

from .header import IdentityHeader
from .outcomes import OUTCOMES, RANKS
from .passport import Passport

__all__ = ["HeaderOutcome", "Verification", "conclude"]


class HeaderOutcome(NamedTuple):
    """
    What became of one Identity header.

    The single answers (`signature_valid` ...) are there whatever the outcome, so that a policy that cares for the
    signature alone can have it; None means that it could not be looked at.
    """

    outcome: str
    "Slug of `OUTCOMES`."
    header: IdentityHeader
    "The header, taken apart."
    passport: Passport | None
    "Its token; of the compact form as rebuilt from the request. None when there is nothing to read."
    certificate: jose.Certificate | None
    "The certificate that the signature was checked with."
    chain: jose.ChainOutcome | None
    "Whether that certificate is trusted, and why."
    signature_valid: bool | None
    "Were these octets signed with the key of that certificate?"
    fresh: bool | None
    "Was it signed at about the time of the call?"
    orig_matches: bool | None
    "Does it vouch for the caller that the request names?"
    dest_matches: bool | None
    "Was it made for a call to where the request goes, directly or by diversions?"
    problems: tuple[Problem, ...]
    "Everything that is wrong or odd, in the order of RFC 8224 §6.2."

    @property
    def status(self) -> int | None:
        """Status owed if policy refuses the call for this header."""
        return OUTCOMES[self.outcome].status

    @property
    def phrase(self) -> str:
        """Reason phrase of that status."""
        return OUTCOMES[self.outcome].phrase

    @property
    def ppt(self) -> str:
        """Type of the PASSporT, from the token or else the parameter; empty for the plain one."""
        return self.passport.ppt if self.passport is not None else self.header.ppt or ""

    @property
    def signer(self) -> str:
        """Service provider code of the certificate, else its subject; empty without a certificate."""
        return _signer(self.certificate)

    @property
    def ppi(self) -> str:
        """The PASSporT in compact form, which names this header in a Reason (RFC 9410 §3); empty when it has none."""
        signature = self.header.token.rpartition(".")[2] if self.header.token.count(".") == 2 else ""
        return f"..{signature}" if 0 < len(signature) <= 128 else ""


class Verification(NamedTuple):
    """What became of the Identity headers of a request. Input to policy: STIR itself refuses nothing."""

    headers: tuple[HeaderOutcome, ...]
    "One per Identity header, in order, up to the limit."
    outcome: str
    "Slug of `OUTCOMES`: `valid` when one header is; otherwise that of the header that got furthest."
    status: int | None
    "Status owed if policy refuses the call for it (403, 428, 436, 437, 438); None when none is owed."
    phrase: str
    "Reason phrase that goes with it; empty without a status."
    reason: tuple[str, ...]
    "`Reason` values for the response when policy lets the call go on despite failures: one per failed header."
    verstat: str
    "Value of `verstat` for the number of the caller."
    attest: str
    "A, B or C of a valid shaken PASSporT; empty when none is valid."
    origid: str
    "Its origid."
    signer: str
    "Service provider code (else subject) of the certificate behind the outcome; empty without one."
    left_out: int
    "Identity headers beyond the limit, which nobody looked at."
    problems: tuple[Problem, ...]
    "What is wrong with the set of headers; each header has its own."


def conclude(
    headers: Sequence[HeaderOutcome], left_out: int, problems: Iterable[Problem], required: bool
) -> Verification:
    """
    One outcome for the call: a valid header is enough; without one, that of the header that got furthest.

    Source: RFC 8224 §6.2.1, §6.2.2; RFC 9410 §4
    """
    best: HeaderOutcome | None = None
    if len(headers) == 1 and headers[0].outcome == "valid":
        best = headers[0]
    for header in headers if best is None else ():
        if header.outcome != "unsupported_type" and (best is None or _order(header) > _order(best)):
            best = header
    if best is None:
        return _without(headers, left_out, tuple(problems), required)
    outcome = OUTCOMES[best.outcome]
    verstat, attest, origid = outcome.verstat, "", ""
    passport = best.passport
    if best.outcome == "valid" and passport is not None:
        attest, origid = passport.attest, passport.origid
        if passport.orig is None or passport.orig.kind != "tn":
            verstat = OUTCOMES["no_identity"].verstat  # a URI was verified; verstat speaks of a number
    reason = _reasons(headers) if len(headers) > 1 or outcome.status is not None else ()
    return Verification(
        tuple(headers), best.outcome, outcome.status, outcome.phrase, reason, verstat, attest, origid,
        _signer(best.certificate), left_out, tuple(problems),
    )  # fmt: skip


def _without(
    headers: Sequence[HeaderOutcome], left_out: int, problems: tuple[Problem, ...], required: bool
) -> Verification:
    """The outcome when no header counts."""
    slug = "required" if required else "unsupported_type" if headers else "no_identity"
    status, phrase, verstat, _ = OUTCOMES[slug]
    reason: tuple[str, ...] = ()
    if status is not None:
        # RFC 8224 §6.2.2 lets the phrase say that there was an Identity, of a type that is not supported.
        phrase = "Use Supported PASSporT Format" if headers else phrase
        reason = (_reason(status, phrase, ""),)
        said = f"expected an Identity of a supported type, found {'another type' if headers else 'none'}"
        problems = (*problems, Problem("stir-required", said, "Identity", "RFC 8224 §6.2.2", None, status))
    return Verification(tuple(headers), slug, status, phrase, reason, verstat, "", "", "", left_out, problems)


def _order(header: HeaderOutcome) -> tuple[int, bool, bool]:
    """How far a header got; of valid ones, shaken tells most, and a div only passes on what another vouches for."""
    # A broken diversion is the consequence of something that is wrong with another header, where there is one.
    rank = -1 if header.outcome == "broken_diversion" else RANKS[header.outcome]
    return rank, header.ppt == "shaken", header.ppt != "div"


def _reasons(headers: Sequence[HeaderOutcome]) -> tuple[str, ...]:
    """RFC 9410 §4: one value per error; with several headers, `ppi` says which one is meant."""
    several = len(headers) > 1
    made = []
    for header in headers:
        status, phrase, _, _ = OUTCOMES[header.outcome]
        if status is not None:
            made.append(_reason(status, phrase, header.ppi if several else ""))
    return tuple(made)


def _reason(cause: int, text: str, ppi: str) -> str:
    named = f' ;ppi="{ppi}"' if ppi else ""
    return f'STIR ;cause={cause} ;text="{text}"{named}'


def _signer(certificate: jose.Certificate | None) -> str:
    if certificate is None:
        return ""
    numbers = certificate.tn_auth_list
    return numbers.spcs[0] if numbers is not None and numbers.spcs else certificate.subject
