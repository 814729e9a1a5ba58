"""
What a caller claims, and nothing about whether it is true: the claims of one Identity header, read in microseconds.

The call table reads this of every INVITE, so nothing here may import `cryptography`, directly or not: JSON and base64
of the standard library are enough, as no signature is looked at. `verify` is for belief.
"""

from __future__ import annotations

import binascii
import json
from typing import Any, NamedTuple

from .header import IdentityHeader, read_identity

__all__ = ["Claim", "read_claim"]

_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")
"Of base64url to base64; '+', '/' and '=' have no place in base64url and become what no alphabet holds."
_PADDING = (b"", b"===", b"==", b"=")
_DECODE = json.JSONDecoder().raw_decode
_MOST = 16
"Numbers, and URIs, that are kept of one claim."
_LONGEST = 256
"Characters of one text claim that are kept; real ones have at most 36, and a row of the call table is no dustbin."


class Claim(NamedTuple):
    """What one Identity header says. Unverified: anybody can write it."""

    attest: str = ""
    "A, B or C; empty without one."
    origid: str = ""
    "The signer's reference to where the call came from."
    ppt: str = ""
    "Type of the PASSporT: shaken, div, rcd ...; empty for the plain one."
    iat: int | None = None
    "When it says it was signed, seconds since the epoch, UTC."
    orig: str = ""
    "Calling number or URI."
    dest: tuple[str, ...] = ()
    "Called numbers and URIs."
    info: str = ""
    "Where the certificate is said to be."
    fault: str = ""
    "Why there is no more: the slug of a problem of this room; empty when the claims could be read."


def read_claim(identity_value: str | bytes) -> Claim:
    """
    What the value of an Identity header claims. Never raises.

    The compact form names no claims: then only `ppt` and `info` are set, with the fault `stir-compact-form`.

    Source: RFC 8224 §4; RFC 8225 §5; RFC 8588 §4, §5
    """
    header = read_identity(identity_value)
    ppt, info = header.ppt or "", header.info or ""
    if not header.token:
        return Claim(fault=header.problems[0].code)
    if header.compact:
        return Claim(ppt=ppt, info=info, fault="stir-compact-form")
    parts = header.token.split(".")
    claims = _object(parts[1]) if len(parts) == 3 else None
    if claims is None:
        return Claim(ppt=ppt, info=info, fault="stir-token-unreadable")
    if header.ppt is None or header.info is None:
        ppt, info = _named(header, parts[0])
    attest, iat = claims.get("attest"), claims.get("iat")
    orig = _texts(claims.get("orig"))
    return Claim(
        attest if attest in ("A", "B", "C") else "",
        _text(claims.get("origid")),
        ppt,
        iat if type(iat) is int and 0 <= iat < 1 << 53 else None,
        orig[0] if orig else "",
        _texts(claims.get("dest")),
        info,
    )


def _named(header: IdentityHeader, part: str) -> tuple[str, str]:
    """Type and URL, from the token's own header where the parameters do not say."""
    inner = _object(part) or {}
    ppt = header.ppt if header.ppt is not None else _text(inner.get("ppt"))
    return ppt, header.info if header.info is not None else _text(inner.get("x5u"))


def _object(part: str) -> dict[str, Any] | None:
    try:
        octets = part.encode("ascii").translate(_STANDARD)
        text = binascii.a2b_base64(octets + _PADDING[len(octets) % 4], strict_mode=True).decode()
        if text[:1] == "{":
            # A third of the price of `loads`, which looks for white space at both ends by regular expression.
            quick, end = _DECODE(text)
            if end == len(text):
                return quick  # type: ignore[no-any-return]  # what begins with a brace is an object
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    # JSON may escape half a surrogate pair, which nobody could write to a file afterwards.
    return value[:_LONGEST] if value.isascii() else value[:_LONGEST].encode("utf-8", "replace").decode()


def _texts(value: object) -> tuple[str, ...]:
    """The numbers, then the URIs, of an orig or dest claim; a lone text counts as a list of one."""
    if not isinstance(value, dict):
        return ()
    said = value.get("tn")
    if len(value) == 1 and isinstance(said, str):
        return (_text(said),)
    found: list[str] = []
    for kind in ("tn", "uri"):
        said = value.get(kind)
        several = said if isinstance(said, list) else (said,)
        found += [_text(text) for text in several[:_MOST] if isinstance(text, str)]
    return tuple(found)
