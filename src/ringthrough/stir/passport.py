"""
A PASSporT: header and claims of a token, read strictly, with everything that is wrong with them by name.

`read_passport` verifies nothing. It says whether the token is one that *could* be verified: `fault` is the outcome that
a header with this token gets, whatever its signature. Claims that nobody here knows are kept and ignored (RFC 7519 §4).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ringthrough import jose
from ringthrough.errors import Problem, RemoteError
from ringthrough.wire.uri import parse_uri

from .canonical import canonical_number, canonical_uri
from .header import shown_url
from .party import Party
from .rcd import rcd_problems

__all__ = ["PPTS", "Passport", "passport_of", "read_passport"]

Found = list[Problem]


class Passport(NamedTuple):
    """What a token says; unverified."""

    token: jose.Token | None
    "The token as received; None when it is no token."
    header: Mapping[str, Any]
    "The JOSE header."
    claims: Mapping[str, Any]
    "Every claim, the unknown ones too."
    ppt: str
    "Type: empty for the plain one (RFC 8225), shaken, div, rcd, rph, or one that is not verified here."
    x5u: str
    "Where the certificate is said to be."
    iat_s: float | None
    "When it was signed, seconds since the epoch; None when the claim is no number."
    orig: Party | None
    "The caller."
    dest: tuple[Party, ...]
    "The called."
    attest: str
    "A, B or C; empty without one."
    origid: str
    "The signer's reference to the origin of the call."
    div: Party | None
    "Of a div PASSporT: who was called before the call was diverted."
    fault: str
    "Slug of OUTCOMES that the token alone brings about; empty when it may be verified."
    problems: tuple[Problem, ...]
    "What is wrong or odd, the fault first."


_NONE = Passport(None, {}, {}, "", "", None, None, (), "", "", None, "unreadable", ())


class _Head(NamedTuple):
    """What the header of a token says; the same for every token of a signer."""

    header: dict[str, Any]
    ppt: str
    x5u: str
    wrong: tuple[Problem, ...]
    odd: tuple[Problem, ...]


def read_passport(token: str | bytes) -> Passport:
    """
    Read a token in full form. Never raises.

    Source: RFC 8225 §3 to §5
    """
    try:
        read, head = _read(token)
        claims = jose.read_object(read.payload, "payload")
    except RemoteError as error:
        return _NONE._replace(problems=(error.problem,))
    return _passport(read, head, claims)


def passport_of(token: jose.Token, claims: Mapping[str, Any]) -> Passport:
    """The PASSporT of a token that has been read, and its claims."""
    return _passport(token, _judge_head(token.header), claims)


def _read(text: str | bytes) -> tuple[jose.Token, _Head]:
    """
    `jose.read_token`, with a header remembered that came before: reading it costs as much as the rest of the token.

    Raises:
        RemoteError: as `jose.read_token`.
    """
    octets = text.encode("utf-8", "replace") if isinstance(text, str) else text
    parts = octets.split(b".")
    if len(parts) != 3 or len(parts[0]) > _USUAL_HEAD or len(octets) > jose.MAX_TOKEN or not all(parts):
        token = jose.read_token(octets)
        return token, _judge_head(token.header)
    head = _remembered_head(parts[0])
    payload = jose.decode_segment(parts[1], "payload")
    signature = jose.decode_segment(parts[2], "signature")
    return jose.Token(parts[0], parts[1], parts[2], dict(head.header), payload, signature), head


@lru_cache(maxsize=1024)
def _remembered_head(part: bytes) -> _Head:
    return _judge_head(jose.read_object(jose.decode_segment(part, "header"), "header"))


def _judge_head(header: dict[str, Any]) -> _Head:
    wrong: Found = []
    odd: Found = []
    ppt, x5u = header.get("ppt", ""), header.get("x5u")
    if not isinstance(ppt, str):
        wrong.append(_bad("stir-ppt-mismatch", "expected text as ppt", ppt, "RFC 8225 §8.1"))
        ppt = ""
    if header.get("typ") != "passport":
        wrong.append(_bad("stir-typ", "expected typ passport", header.get("typ"), "RFC 8225 §4.1"))
    if not isinstance(x5u, str) or not x5u:
        wrong.append(_bad("stir-x5u-missing", "expected x5u with the URL of the certificate", x5u, "RFC 8225 §4.3"))
        x5u = ""
    elif not x5u.startswith("https://"):
        odd.append(_bad("stir-x5u-scheme", "expected an https URL", shown_url(x5u), "ATIS-1000074 [S]"))
    return _Head(header, ppt, x5u, tuple(wrong), tuple(odd))


def _passport(token: jose.Token, head: _Head, claims: Mapping[str, Any]) -> Passport:
    ppt = head.ppt
    wrong, odd = list(head.wrong), list(head.odd)
    orig = _one(claims.get("orig"), "orig", "stir-orig", wrong, odd)
    dest = _several(claims.get("dest"), wrong, odd)
    attest = origid = ""
    div = None
    check = PPTS.get(ppt)
    if check is not None:
        check(claims, wrong, odd)
    if ppt == "shaken":
        attest = claims["attest"] if claims.get("attest") in _ATTESTS else ""
        origid = claims["origid"] if isinstance(claims.get("origid"), str) else ""
    elif ppt == "div":
        div = _one(claims.get("div"), "div", "stir-div", wrong, odd)
    iat = _time(claims.get("iat"))
    fault = "bad_claims" if wrong else ""
    if iat is None:
        wrong.append(_bad("stir-iat", "expected iat as a number of seconds", claims.get("iat"), "RFC 8225 §5.1.1"))
        fault = fault or "bad_iat"
    problems = (*wrong, *odd) if wrong or odd else ()
    return Passport(token, token.header, claims, ppt, head.x5u, iat, orig, dest, attest, origid, div, fault, problems)


_USUAL_HEAD = 512
"Octets of a header that is remembered; real ones have about 150."
_ATTESTS = ("A", "B", "C")
_FAR = 1 << 53
# RFC 9562 §4
_UUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}").fullmatch


def _plain(_claims: Mapping[str, Any], _wrong: Found, _odd: Found) -> None:
    """Nothing beyond RFC 8225."""


def _shaken(claims: Mapping[str, Any], wrong: Found, odd: Found) -> None:
    attest, origid = claims.get("attest"), claims.get("origid")
    if attest not in _ATTESTS:
        wrong.append(_bad("stir-attest", "expected attest A, B or C", attest, "RFC 8588 §4"))
    if not isinstance(origid, str) or not origid:
        wrong.append(_bad("stir-origid", "expected origid as text", origid, "RFC 8588 §5"))
    elif not _UUID(origid):
        odd.append(_bad("stir-origid-form", "expected a UUID as origid", origid, "RFC 8588 §5"))


def _rcd(claims: Mapping[str, Any], wrong: Found, _odd: Found) -> None:
    wrong.extend(rcd_problems(claims))


def _rph(claims: Mapping[str, Any], wrong: Found, _odd: Found) -> None:
    rph = claims.get("rph")
    if not isinstance(rph, dict) or not rph or not all(isinstance(names, list) for names in rph.values()):
        wrong.append(_bad("stir-rph", "expected rph as lists of priorities by kind", rph, "RFC 8443 §4"))


PPTS: dict[str, Callable[[Mapping[str, Any], Found, Found], None]] = {
    "": _plain,
    "shaken": _shaken,
    "div": _plain,  # its one claim is a party, which `passport_of` reads
    "rcd": _rcd,
    "rph": _rph,
}
"The types that are verified, and what each demands of its claims. Any other type is kept and ignored (RFC 8224 §6.2)."


def _time(value: object) -> float | None:
    # RFC 7519 §2: NumericDate is a JSON number. True is an int to Python, and "1443208345" is text (erratum 5985).
    # The reader of JSON lets no infinity through, and beyond 2**53 seconds a float tells no two of them apart.
    if (type(value) is int or type(value) is float) and -_FAR < value < _FAR:
        return float(value)
    return None


def _party(kind: str, text: object, where: str, odd: Found) -> Party | None:
    if not isinstance(text, str) or not text or len(text) > 512:
        return None
    if kind == "tn" and text.isascii() and text.isdigit():
        return Party("tn", text)
    if kind == "uri":
        return Party("uri", _uri_text(text))
    canonical = canonical_number(text)
    if canonical and canonical != text:
        odd.append(_bad("stir-number-form", f"expected {where} as digits alone", text, "RFC 8224 §8.3"))
    return Party("tn", canonical) if canonical else None


def _uri_text(text: str) -> str:
    """A uri claim in the spelling that `canonical_uri` gives to addresses."""
    try:
        return canonical_uri(parse_uri(text))
    except RemoteError:
        return text


def _one(value: object, where: str, code: str, wrong: Found, odd: Found) -> Party | None:
    """RFC 8225 §5.2.1: the orig claim holds exactly one identity."""
    party = None
    if isinstance(value, dict):
        kinds = [kind for kind in ("tn", "uri") if kind in value]
        if len(kinds) == 1:
            party = _party(kinds[0], value[kinds[0]], where, odd)
    if party is None:
        wrong.append(_bad(code, f"expected {where} as one tn or one uri", value, "RFC 8225 §5.2.1"))
    return party


def _several(value: object, wrong: Found, odd: Found) -> tuple[Party, ...]:
    """RFC 8225 §5.2.1: the dest claim holds arrays, also for one."""
    found: list[Party] = []
    legal = isinstance(value, dict) and len(value) > 0
    if isinstance(value, dict):
        for kind in ("tn", "uri"):
            said = value.get(kind, [])
            legal = legal and isinstance(said, list) and len(said) <= 1000
            for text in said[:1000] if isinstance(said, list) else ():
                party = _party(kind, text, "dest", odd)
                legal = legal and party is not None
                if party is not None:
                    found.append(party)
    if not legal or not found:
        wrong.append(_bad("stir-dest", "expected dest as arrays of tn or uri", value, "RFC 8225 §5.2.1"))
    return tuple(found)


def _bad(code: str, expected: str, found: object, source: str) -> Problem:
    said = "none" if found is None else ascii(found)[:80]
    return Problem(code, f"{expected}, found {said}", "PASSporT", source)
