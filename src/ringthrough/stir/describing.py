"""
A token or Identity header in plain words: one row per field, each with what it means and where that is written.

Nothing is verified, and no secret is shown: of a signature only its length, of a URL neither user name nor query.
What cannot be read is described by what is wrong with it and is not repeated, for it may be a key pasted by mistake.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ringthrough.errors import Problem

from .header import IdentityHeader, read_identity, shown_url
from .passport import PPTS, read_passport

__all__ = ["Row", "describe"]

_NAME = re.compile(r"\s*(?:identity|y)\s*:\s*", re.IGNORECASE)
_SHOWN = 200

MEANINGS: dict[str, tuple[str, str]] = {
    "alg": ("Algorithm of the signature; ES256 is ECDSA on P-256.", "RFC 8225 §4.2"),
    "typ": ("What the token is.", "RFC 8225 §4.1"),
    "ppt": ("Type of the PASSporT: what it vouches for.", "RFC 8225 §8.1"),
    "x5u": ("Where the signer's certificate is.", "RFC 8225 §4.3"),
    "attest": ("How well the signer knows the caller.", "RFC 8588 §4"),
    "orig": ("Who calls.", "RFC 8225 §5.2.1"),
    "dest": ("Who is called.", "RFC 8225 §5.2.1"),
    "iat": ("When it was signed.", "RFC 8225 §5.1.1"),
    "origid": ("Reference by which the signer finds where the call came in.", "RFC 8588 §5"),
    "div": ("Who was called before the call was sent on.", "RFC 8946 §3"),
    "opt": ("The PASSporT from before the call was sent on.", "RFC 8946 §5"),
    "rcd": ("Name, number, picture or card of the caller, to be shown to the called.", "RFC 9795 §5"),
    "rcdi": ("Digests of what rcd holds or links to.", "RFC 9795 §6"),
    "crn": ("Why the caller calls, in words.", "RFC 9795 §7"),
    "mky": ("Fingerprints of the media keys.", "RFC 8225 §5.2.2"),
    "rph": ("Priority of the call that is vouched for.", "RFC 8443 §4"),
    "sph": ("Emergency priority that is vouched for.", "RFC 9027 §4"),
    "msgi": ("Digest of the message that is vouched for.", "RFC 9475 §3"),
}
"Member of a token's header or claim -> what it means, and its section."

_ATTESTS = {
    "A": "Full: the signer knows the customer, and that the number is theirs.",
    "B": "Partial: the signer knows the customer, not whether the number is theirs.",
    "C": "Gateway: the signer only passes the call on and knows neither.",
}
_TYPES = {
    "": "A plain PASSporT: who calls whom, and when.",
    "shaken": "Who vouches for the caller, and how well they know them.",
    "div": "The call was sent on by the one it was made for.",
    "rcd": "What to show of the caller.",
    "rph": "The call has priority.",
    "div-o": "The call was sent on; the earlier PASSporT is inside. Not verified here.",
    "msg": "A message instead of a call. Not verified here.",
    "msec": "The media keys of the call. Not verified here.",
    "rsp": "Who answered. Not verified here.",
}


class Row(NamedTuple):
    """One field."""

    field: str
    "Its name as it stands there: `alg`, `orig.tn` ...; `problem` for what is wrong."
    value: str
    "Its value for people."
    meaning: str
    "What it means, in a sentence."
    section: str
    "Where that is written."


def describe(token_or_header: str) -> tuple[Row, ...]:
    """
    The fields of a PASSporT, or of an Identity header with or without its name. Never raises; verifies nothing.

    Source: RFC 8224 §4; RFC 8225 §4, §5
    """
    text = " ".join(_NAME.sub("", token_or_header, count=1).split())
    header = read_identity(text)
    rows: list[Row] = []
    problems = list(header.problems)
    if ";" not in text:
        problems = [problem for problem in problems if problem.code != "stir-info-missing"]
    elif header.token:
        rows += _parameters(header)
    if header.compact:
        meaning = "Compact form: header and claims are rebuilt from the request, so there is nothing to show."
        rows.append(Row("token", "compact form", meaning, "RFC 8225 §7"))
        rows.append(_signature(header.token.rpartition(".")[2]))
    elif header.token:
        passport = read_passport(header.token)
        problems += passport.problems
        rows += _members(passport.header)
        rows += _members(passport.claims)
        problems += _order(passport.header, passport.claims)
        if passport.token is not None:
            rows.append(_signature(passport.token.signature))
            if passport.ppt not in PPTS:
                said = f"expected a type that is verified here, found {ascii(passport.ppt)[:60]}"
                problems.append(Problem("stir-unsupported-type", said, "PASSporT", "RFC 8224 §6.2"))
    rows += [Row("problem", problem.code, problem.detail, problem.source) for problem in problems]
    return tuple(rows)


def _parameters(header: IdentityHeader) -> Iterator[Row]:
    if header.info is not None:
        yield Row("info", shown_url(header.info), "Where the certificate is; the same as x5u.", "RFC 8224 §4")
    if header.alg is not None:
        yield Row("alg parameter", header.alg[:_SHOWN], "Algorithm, the same as in the token.", "RFC 8224 §4")
    if header.ppt is not None:
        yield Row("ppt parameter", header.ppt[:_SHOWN], "Type, the same as in the token.", "RFC 8224 §4")


def _members(members: Mapping[str, Any]) -> Iterator[Row]:
    for name, value in members.items():
        meaning, section = MEANINGS.get(name, ("A claim that is not known here; kept and ignored.", "RFC 7519 §4"))
        shown = _words(value)
        if name == "attest" and value in _ATTESTS:
            meaning = _ATTESTS[value]
        elif name == "ppt" and value in _TYPES:
            meaning = _TYPES[value]
        elif name == "iat":
            shown = _time(value)
        elif name == "x5u" and isinstance(value, str):
            shown = shown_url(value)
        elif name == "opt":
            shown = "a token"
        yield Row(name[:_SHOWN], shown, meaning, section)


def _words(value: object) -> str:
    if isinstance(value, str):
        return value[:_SHOWN]
    if isinstance(value, dict) and set(value) <= {"tn", "uri"}:
        found = [text for said in value.values() for text in (said if isinstance(said, list) else [said])]
        return ", ".join(str(text) for text in found)[:_SHOWN]
    return str(value)[:_SHOWN]


def _time(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 253_402_300_800:
        return _words(value)
    return f"{value} ({datetime.datetime.fromtimestamp(value, datetime.UTC):%Y-%m-%d %H:%M:%S} UTC)"


def _signature(signature: bytes | str) -> Row:
    length = len(signature) * 3 // 4 if isinstance(signature, str) else len(signature)
    return Row("signature", f"{length} octets", "Made with the private key of the certificate; 64 for ES256.",
               "RFC 7518 §3.4")  # fmt: skip


def _order(header: Mapping[str, Any], claims: Mapping[str, Any]) -> Iterator[Problem]:
    for what, members in (("header", header), ("claims", claims)):
        if list(members) != sorted(members):
            said = f"expected {what} in the order {', '.join(sorted(members))[:100]}"
            yield Problem("stir-claim-order", f"{said}, found another", "PASSporT", "RFC 8225 §9")
