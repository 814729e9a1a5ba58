"""
What can become of an Identity header, and of a call with several: one slug, the status owed, what it means.

The order is that of RFC 8224 §6.2: a header that fails later got further. A call in which no header is valid gets the
outcome of the header that got furthest, so that 436 is owed only where nothing could be fetched (§6.2.2).
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["OUTCOMES", "RANKS", "Outcome"]


class Outcome(NamedTuple):
    """One outcome."""

    status: int | None
    "Status that a verification service owes if its policy refuses the call for this; None when none is owed."
    phrase: str
    "Reason phrase that goes with it."
    verstat: str
    "Value of `verstat` for the number of the caller (3GPP TS 24.229 §7.2A.20)."
    meaning: str
    "In a sentence."


_NO, _FAILED, _PASSED = "No-TN-Validation", "TN-Validation-Failed", "TN-Validation-Passed"
_INFO = (436, "Bad Identity Info")
_CREDENTIAL = (437, "Unsupported Credential")
_INVALID = (438, "Invalid Identity Header")
_STALE = (403, "Stale Date")

OUTCOMES: dict[str, Outcome] = {
    "no_identity": Outcome(None, "", _NO, "The request carries no Identity: nobody vouches for the caller."),
    "required": Outcome(
        428, "Use Identity Header", _NO, "Policy demands an Identity of a supported type, and there is none."
    ),
    "unsupported_type": Outcome(
        None, "", _NO, "A type of PASSporT that is not verified here; the header is kept and does not count."
    ),
    "unreadable": Outcome(*_INVALID, _FAILED, "The header or its token breaks its grammar."),
    "mirror_mismatch": Outcome(
        *_INVALID, _FAILED, "The parameters info, alg and ppt do not say what the token says in x5u, alg and ppt."
    ),
    "bad_claims": Outcome(*_INVALID, _FAILED, "A claim that the type demands is missing or of the wrong form."),
    "bad_iat": Outcome(*_STALE, _FAILED, "The token has no iat that is a number, so nothing shows that it is fresh."),
    "unsupported_algorithm": Outcome(*_CREDENTIAL, _FAILED, "The token is signed with another algorithm than ES256."),
    "not_checked": Outcome(None, "", _NO, "Its certificate was not at hand and nobody tried to fetch it."),
    "no_certificate": Outcome(*_INFO, _NO, "Its certificate could not be fetched."),
    "untrusted": Outcome(
        *_CREDENTIAL, _FAILED, "Its certificate does not lead to a trust anchor, or not at that time."
    ),
    "not_covered": Outcome(*_CREDENTIAL, _FAILED, "The certificate may not speak for the number (policy `covers`)."),
    "stale": Outcome(*_STALE, _FAILED, "It was signed too long before the call, or outside its certificate's life."),
    "future": Outcome(*_STALE, _FAILED, "It says it was signed after the call."),
    "bad_signature": Outcome(*_INVALID, _FAILED, "The signature was not made over these octets with this key."),
    "constrained": Outcome(*_INVALID, _FAILED, "The certificate does not permit what the token claims."),
    "orig_mismatch": Outcome(*_INVALID, _FAILED, "The token vouches for another caller than the request names."),
    "dest_mismatch": Outcome(*_INVALID, _FAILED, "The token was made for a call to another number."),
    "broken_diversion": Outcome(*_INVALID, _FAILED, "A div PASSporT does not lead back to a valid original."),
    "valid": Outcome(None, "", _PASSED, "A trusted signer vouches for this caller in this call."),
}
"Every outcome, in the order of RFC 8224 §6.2: what comes later got further."

RANKS = {slug: rank for rank, slug in enumerate(OUTCOMES)}
"Position of a slug in `OUTCOMES`."
