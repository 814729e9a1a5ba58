"""The PASSporT inside an Identity header, decoded for display. Nothing is verified and no key is fetched."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, NamedTuple

__all__ = ["CLAIMS", "Passport", "decode_passport"]

CLAIMS: dict[str, tuple[str, str]] = {
    "alg": ("Algorithm of the signature.", "RFC 8225 §4.2"),
    "typ": ("What the token is.", "RFC 8225 §4.1"),
    "ppt": ("Kind of PASSporT: shaken (who vouches), div (diverted), rcd (name and logo) ...", "RFC 8225 §8.1"),
    "x5u": ("Where the signer's certificate is.", "RFC 8225 §4.3"),
    "attest": ("How sure the signer is of the caller: A customer and number known, B customer known, C neither.",
               "RFC 8588 §4"),
    "orig": ("Calling number.", "RFC 8225 §5.2.1"),
    "dest": ("Called number or numbers.", "RFC 8225 §5.2.1"),
    "iat": ("When it was signed, seconds since 1970 UTC.", "RFC 8225 §5.1.1"),
    "origid": ("Reference by which the signer finds the origin of the call.", "RFC 8588 §5"),
    "div": ("Number that diverted the call.", "RFC 8946 §3"),
    "rcd": ("Name and card of the caller.", "RFC 9795 §5"),
    "rcdi": ("Digests of the caller's card.", "RFC 9795 §6"),
    "crn": ("Reason of the call in words.", "RFC 9795 §7"),
    "mky": ("Fingerprints of media keys.", "RFC 8225 §5.2.2"),
    "rph": ("Priority that is vouched for.", "RFC 8443 §4"),
}  # fmt: skip
"Header member or claim -> what it means, and its section."

MAX_TOKEN = 32_768
"Longest token decoded; real ones have some 300 to 3,000 characters."


class Passport(NamedTuple):
    """What a token says, unverified."""

    header: dict[str, Any]
    claims: dict[str, Any]
    short: bool
    "Compact form without header and claims (RFC 8225 §7): the receiver puts them together from the message."


def decode_passport(token: str) -> Passport:
    """
    Decode a token for display.

    Raises:
        ValueError: it is not three base64url parts of which the first two are JSON objects.

    Source: RFC 8225 §3, §7; RFC 7515 §3.1
    """
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError(f"expected three parts with dots between them, found {len(parts)}")
    if not parts[0] and not parts[1]:
        return Passport({}, {}, True)
    return Passport(_object(parts[0], "header"), _object(parts[1], "payload"), False)


def _object(part: str, what: str) -> dict[str, Any]:
    if len(part) > MAX_TOKEN:
        raise ValueError(f"expected a {what} of at most {MAX_TOKEN} characters, found {len(part)}")
    plain = part.replace("+", "-").replace("/", "_").rstrip("=")
    try:
        octets = base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"expected base64url in the {what}, found {part[:40]!r}") from None
    try:
        found = json.loads(octets.decode("utf-8"))
    except (ValueError, RecursionError):
        raise ValueError(f"expected JSON in the {what}, found something else") from None
    if not isinstance(found, dict):
        raise ValueError(f"expected a JSON object in the {what}, found {type(found).__name__}")  # noqa: TRY004
    return found
