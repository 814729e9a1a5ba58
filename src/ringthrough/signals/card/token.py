"""
The signed card: a compact JWS around `iat` and a jCard (RFC 8688 §3.2). Made strictly, read leniently.

Facts:
- What is verified are the octets as they came. The JSON is decoded beside them and never written again (RFC 8688 §4.1).
- Mail breaks lines. White space inside is taken out and reported, since a signer must not put any there (RFC 8688
  §4.1); at the end, as in every file, it is nobody's fault.
- A jCard without a signature is read too: it shows what somebody meant to say, and proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ringthrough.errors import LocalError, Problem, RemoteError
from ringthrough.jose import PrivateKey, Token, make_token, read_object, read_token, write_object

from ..contact import domain_of
from ..problems import defect
from .jcard import Card, read_jcard

__all__ = ["FORMS", "MAX_CARD", "MEDIA_TYPE", "SignedCard", "make_card", "read_card"]

FORMS = {
    "jws": "A compact JWS, as RFC 8688 wants it.",
    "claims": "The payload of a card without its signature.",
    "jcard": "A bare jCard, without signature and time.",
    "none": "Neither of these.",
}
"What was given to `read_card`."
MAX_CARD = 1_048_576
"Octets of a card that we read; a limit of ours, RFC 8688 §4.1 sets none. Signed cards have some 500."
MEDIA_TYPE = "application/jose"
"Content-Type to serve a card with: RFC 7515 §9.2.1; RFC 8688 names none."

_TYP = "vcard+json"
_LATEST = 1e11  # seconds; a later iat is no time of this millennium, and some platforms cannot print it


@dataclass(frozen=True, slots=True)
class SignedCard:
    """What was read, beside what is wrong with it. Nothing in it is verified."""

    form: str
    "A slug of `FORMS`."
    token: Token | None = None
    "The JWS; None in every other form."
    header: dict[str, Any] = field(default_factory=dict)
    "Members of the JOSE header."
    claims: dict[str, Any] = field(default_factory=dict)
    "Members of the payload."
    card: Card | None = None
    iat_s: float | None = None
    "When it was signed, seconds since 1970 UTC; None where it does not say or says no number."
    problems: tuple[Problem, ...] = ()
    "What is wrong with the token, its header and claims, and the card, in this order."

    @property
    def x5u(self) -> str:
        """Where the signer's certificate is said to be; "" where the header names no https URL."""
        found = self.header.get("x5u")
        return found if isinstance(found, str) and _is_https(found) else ""


def make_card(jcard: list[Any], *, key: PrivateKey, x5u: str, at_s: float) -> bytes:
    """
    The signed card, one line of ASCII.

    Args:
        jcard: the card; see `make_jcard`.
        key: the private key that belongs to the certificate at `x5u`.
        x5u: https URL of the certificate, PEM, with the chain behind it.
        at_s: when the 608 is sent, seconds since 1970 UTC (RFC 8688 §3.2.2); a fraction is cut off.

    Raises:
        LocalError: `read_card` would find something wrong with it.

    Source: RFC 8688 §3.2; RFC 7519 §3 for the compact form
    """
    if not _is_https(x5u):
        raise LocalError(defect("signals-card-x5u", "an https URL with a host", x5u, "x5u"))
    if not 0 < at_s < _LATEST:
        raise LocalError(defect("signals-card-iat", "seconds since 1970", repr(at_s), "at_s"))
    for wrong in read_jcard(jcard).problems:
        raise LocalError(wrong)
    header = {"alg": "ES256", "typ": _TYP, "x5u": x5u}
    return make_token(header, write_object({"iat": int(at_s), "jcard": jcard}), key)


def read_card(given: bytes | str) -> SignedCard:
    """
    The card in a JWS, in the payload of one, or bare. Never raises; verifies nothing.

    Args:
        given: what the URI of the card gave, or a file with it.

    Source: RFC 8688 §3.2, §4.1
    """
    octets = given.encode("utf-8", "replace") if isinstance(given, str) else given
    if len(octets) > MAX_CARD:
        return _none(defect("signals-card-too-long", f"at most {MAX_CARD} octets", f"{len(octets)} octets", "card"))
    octets = octets.removeprefix(b"\xef\xbb\xbf").strip()
    if octets[:1] in (b"{", b"["):
        return _read_json(octets)
    joined = b"".join(octets.split())
    if joined.count(b".") != 2:
        shown = octets[:60].decode("ascii", "replace")
        return _none(defect("signals-card-unreadable", "a compact JWS or a jCard", shown, "card"))
    problems: list[Problem] = []
    if joined != octets:
        found = f"{len(octets) - len(joined)} octets of white space"
        problems.append(defect("signals-card-line-breaks", "one line", found, "card"))
    try:
        token = read_token(joined, limit=MAX_CARD)
    except RemoteError as fault:
        return _none(*problems, fault.problem)
    problems += _header_problems(token.header)
    try:
        claims = read_object(token.payload, "payload")
    except RemoteError as fault:
        return SignedCard("jws", token, token.header, problems=(*problems, fault.problem))
    return _with_claims("jws", token, claims, problems)


def _read_json(octets: bytes) -> SignedCard:
    bare = octets[:1] == b"["
    try:
        # The reader of `jose` takes objects alone, so a bare jCard is put into one.
        value = read_object(b'{"jcard":%b}' % octets if bare else octets, "card")
    except RemoteError as fault:
        return _none(fault.problem)
    if "payload" in value and ("signature" in value or "signatures" in value):
        return _none(defect("signals-card-json-serialisation", "a compact JWS", "a JWS as JSON", "card"))
    if "jcard" not in value or (bare and len(value) > 1):
        return _none(defect("signals-card-unreadable", "a compact JWS or a jCard", "other JSON", "card"))
    if bare:
        card = read_jcard(value["jcard"])
        unsigned = defect("signals-card-unsigned", "a signature", "a bare jCard", "card")
        return SignedCard("jcard", card=card, problems=(unsigned, *card.problems))
    return _with_claims("claims", None, value, [defect("signals-card-unsigned", "a signature", "the payload", "card")])


def _with_claims(form: str, token: Token | None, claims: dict[str, Any], problems: list[Problem]) -> SignedCard:
    header = token.header if token is not None else {}
    iat = claims.get("iat")
    iat_s = None
    if isinstance(iat, (int, float)) and not isinstance(iat, bool) and 0 <= iat < _LATEST:
        iat_s = float(iat)
    else:
        found = "none" if "iat" not in claims else repr(iat)[:40] if not isinstance(iat, int) else "no time"
        problems.append(defect("signals-card-iat", "seconds since 1970 as a number", found, "iat"))
    card = None
    if "jcard" in claims:
        card = read_jcard(claims["jcard"])
        problems += card.problems
    else:
        found = ", ".join(sorted(claims))
        problems.append(defect("signals-card-claims", "the claim jcard", found, "payload"))
    return SignedCard(form, token, header, claims, card, iat_s, tuple(problems))


def _header_problems(header: dict[str, Any]) -> list[Problem]:
    """RFC 8688 §3.2.1: typ, alg and x5u have to be there."""
    problems = []
    typ, alg, x5u = (header.get(name) for name in ("typ", "alg", "x5u"))
    # RFC 7515 §4.1.9: `vcard+json` is short for the media type, and media types know no case
    if not (isinstance(typ, str) and typ.lower().removeprefix("application/") == _TYP):
        problems.append(defect("signals-card-typ", _TYP, _said(typ), "typ"))
    if alg != "ES256":
        problems.append(defect("signals-card-alg", "ES256", _said(alg), "alg"))
    if not (isinstance(x5u, str) and _is_https(x5u)):
        problems.append(defect("signals-card-x5u", "an https URL with a host", _said(x5u), "x5u"))
    return problems


def _said(value: Any) -> str:
    return value if isinstance(value, str) else "none" if value is None else type(value).__name__


def _is_https(url: str) -> bool:
    return url.isprintable() and " " not in url and url.lower().startswith("https://") and bool(domain_of("", "", url))


def _none(*problems: Problem) -> SignedCard:
    return SignedCard("none", problems=problems)
