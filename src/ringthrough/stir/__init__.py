"""
What a caller claims, and whether a trusted signer stands behind it: Identity headers and PASSporTs (STIR/SHAKEN).

`verify` takes a request and the certificates that someone else fetched, and answers with an outcome per header and one
for the call, with the status that RFC 8224 and RFC 9410 owe. It never fetches and never raises for a bad caller.
`sign`, `sign_request` and `sign_div` make what `verify` accepts. `read_claim` reads what is claimed and believes
nothing. `describe` puts a token into words.

Names are imported when they are first asked for: the call table needs `stir.claim` for every INVITE of a capture, and
`diagnose` must not wait for the import of `cryptography`, which all the rest stands on.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .canonical import canonical_number
    from .claim import Claim, read_claim
    from .credentials import Credentials, Missing
    from .describing import Row, describe
    from .header import IdentityHeader, read_identity
    from .outcomes import OUTCOMES, Outcome
    from .party import Party
    from .passport import Passport, read_passport
    from .problems import PROBLEMS
    from .signing import sign, sign_div, sign_request
    from .verification import HeaderOutcome, Verification
    from .verifying import Policy, verify

__all__ = [
    "OUTCOMES",
    "PROBLEMS",
    "Claim",
    "Credentials",
    "HeaderOutcome",
    "IdentityHeader",
    "Missing",
    "Outcome",
    "Party",
    "Passport",
    "Policy",
    "Row",
    "Verification",
    "canonical_number",
    "describe",
    "read_claim",
    "read_identity",
    "read_passport",
    "sign",
    "sign_div",
    "sign_request",
    "verify",
]

_PLACES = {
    "OUTCOMES": "outcomes",
    "PROBLEMS": "problems",
    "Claim": "claim",
    "Credentials": "credentials",
    "HeaderOutcome": "verification",
    "IdentityHeader": "header",
    "Missing": "credentials",
    "Outcome": "outcomes",
    "Party": "party",
    "Passport": "passport",
    "Policy": "verifying",
    "Row": "describing",
    "Verification": "verification",
    "canonical_number": "canonical",
    "describe": "describing",
    "read_claim": "claim",
    "read_identity": "header",
    "read_passport": "passport",
    "sign": "signing",
    "sign_div": "signing",
    "sign_request": "signing",
    "verify": "verifying",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f".{_PLACES[name]}", __name__), name)
    globals()[name] = found
    return found
