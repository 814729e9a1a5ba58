"""
Signing: the value of an Identity header for a call one vouches for.

What is signed is canonical (RFC 8225 §9: members by code point, no white space), so the same facts give the same
octets; the signature is deterministic too, so they give the same header.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ringthrough import jose
from ringthrough.errors import LocalError, Problem, RemoteError
from ringthrough.wire.grammar import is_token
from ringthrough.wire.message import Request
from ringthrough.wire.uri import parse_uri

from .canonical import canonical_number, canonical_uri
from .header import read_identity
from .party import Party, facts_of
from .passport import Passport, passport_of, read_passport

__all__ = ["sign", "sign_div", "sign_request"]


def sign(
    orig: str,
    dest: str | Sequence[str],
    *,
    key: jose.PrivateKey,
    x5u: str,
    at_s: float,
    attest: str = "",
    origid: str = "",
    ppt: str = "shaken",
    claims: Mapping[str, Any] | None = None,
    compact: bool = False,
) -> str:
    """
    The value of an Identity header over a caller and those called.

    Args:
        orig: the caller: a number in any spelling, or a `sip:` or `sips:` URI.
        dest: one called, or several.
        key: belongs to the certificate at `x5u`.
        x5u: https URL of the certificate chain.
        at_s: time of signing, seconds since the epoch, UTC; whole seconds are signed.
        attest: A, B or C; for `shaken`, where it must be given.
        origid: a UUID of the signer's choice, which tells where the call entered; for `shaken`, likewise.
        ppt: type of the PASSporT; "" for the plain one.
        claims: more claims: `rcd`, `rph` ...
        compact: leave header and claims out, for the receiver to rebuild from From, To and Date; for the plain type
            only, and then `at_s` has to be the Date of the request.

    Raises:
        LocalError: a value of which no valid PASSporT can be made (`stir-sign-argument`).

    Source: RFC 8224 §4, §6.1; RFC 8225 §5 to §9; RFC 8588 §4, §5
    """
    several = (dest,) if isinstance(dest, str) else dest
    called: dict[str, list[str]] = {}
    for each in several:
        party = _party(each, "dest")
        called.setdefault(party.kind, []).append(party.value)
    caller = _party(orig, "orig")
    made: dict[str, Any] = {**(claims or {}), "dest": called, "iat": _whole(at_s), "orig": {caller.kind: caller.value}}
    if attest:
        made["attest"] = attest
    if origid:
        made["origid"] = origid
    return _signed(made, ppt, key, x5u, compact)


def sign_request(
    request: Request,
    *,
    key: jose.PrivateKey,
    x5u: str,
    at_s: float,
    attest: str = "",
    origid: str = "",
    ppt: str = "shaken",
    claims: Mapping[str, Any] | None = None,
    region: str | None = None,
) -> str:
    """
    `sign` over what the request says: for `shaken` the P-Asserted-Identity if there is one, else From; and To.

    Raises:
        LocalError: as `sign`; also when the request names no caller or nobody called, or the region is unknown.

    Source: RFC 8224 §6.1; ATIS-1000074 [S] for P-Asserted-Identity
    """
    facts = facts_of(request, region)
    caller = facts.asserted[0] if ppt == "shaken" and facts.asserted else facts.from_
    orig = caller.party if caller is not None else None
    dest = facts.to.party if facts.to is not None else None
    if orig is None or dest is None:
        raise _illegal("expected From and To that can be read, found none", "request")
    return sign(
        orig.value,
        dest.value,
        key=key,
        x5u=x5u,
        at_s=at_s,
        attest=attest,
        origid=origid,
        ppt=ppt,
        claims=claims,
    )


def sign_div(identity_value: str, *, diverted: str = "", dest: str, key: jose.PrivateKey, x5u: str, at_s: float) -> str:
    """
    The value of one more Identity header, for a call that is sent on. The earlier headers have to stay in the request.

    Args:
        identity_value: the Identity that brought the call here, shaken or div, in full form.
        diverted: who was called, one of its `dest`; needed only where it names several.
        dest: where the call goes now.
        key: belongs to the certificate at `x5u`, which speaks for `diverted`.
        x5u: https URL of the certificate chain.
        at_s: time of signing, seconds since the epoch, UTC.

    Raises:
        LocalError: the earlier Identity cannot be read, or does not speak of `diverted` (`stir-sign-argument`).

    Source: RFC 8946 §3, §4.1
    """
    earlier = _readable(identity_value)
    if diverted:
        party = _party(diverted, "div")
    elif len(earlier.dest) == 1:
        party = earlier.dest[0]
    else:
        raise _illegal(f"expected one dest in the earlier Identity, found {len(earlier.dest)}", "div")
    if party not in earlier.dest:
        raise _illegal(f"expected one of the earlier dest, found {party.value[:80]!r}", "div")
    if earlier.orig is None:
        raise _illegal("expected an orig in the earlier Identity, found none", "orig")
    target = _party(dest, "dest")
    claims: dict[str, Any] = {
        "dest": {target.kind: [target.value]},
        "div": {party.kind: party.value},
        "iat": _whole(at_s),
        "orig": {earlier.orig.kind: earlier.orig.value},
    }
    return _signed(claims, "div", key, x5u, compact=False)


def _readable(identity_value: str) -> Passport:
    header = read_identity(identity_value)
    passport = read_passport(header.token)
    if header.problems or passport.fault:
        found = (*header.problems, *passport.problems)
        raise _illegal(f"expected an Identity in full form, found one where {found[0].detail}", "identity_value")
    return passport


def _signed(claims: dict[str, Any], ppt: str, key: jose.PrivateKey, x5u: str, compact: bool) -> str:
    if not x5u.startswith("https://") or not x5u.isascii() or any(mark in x5u for mark in '<>" \r\n\t\x00'):
        raise _illegal(f"expected an https URL, found {x5u[:80]!r}", "x5u")
    if ppt and not is_token(ppt):
        raise _illegal(f"expected a token, found {ppt[:80]!r}", "ppt")
    header = {"alg": "ES256", **({"ppt": ppt} if ppt else {}), "typ": "passport", "x5u": x5u}
    try:
        # sort_keys compares code points, which is the order of RFC 8225 §9.
        payload = json.dumps(
            claims, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        ).encode()
    except (TypeError, ValueError, RecursionError):
        raise _illegal("expected claims that JSON can say, found others", "claims") from None
    token = jose.make_token(header, payload, key)
    passport = passport_of(jose.read_token(token, limit=len(token)), claims)
    if passport.fault:
        # What we would refuse from others we do not send.
        raise _illegal(passport.problems[0].detail, passport.problems[0].code)
    if compact:
        if ppt or len(claims) > 3 or len(passport.dest) > 1:
            raise _illegal("expected a plain PASSporT for the compact form, found one with more to say", "compact")
        token = b".." + token.rpartition(b".")[2]
    mirror = f";ppt={ppt}" if ppt else ""
    return f"{token.decode()};info=<{x5u}>;alg=ES256{mirror}"


def _party(text: str, where: str) -> Party:
    if text[:4].lower() == "sip:" or text[:5].lower() == "sips:":
        try:
            return Party("uri", canonical_uri(parse_uri(text)))
        except RemoteError as error:
            raise _illegal(error.problem.detail, where) from None
    number = canonical_number(text)
    if not number:
        raise _illegal(f"expected a number or a sip URI, found {text[:80]!r}", where)
    return Party("tn", number)


def _whole(at_s: float) -> int:
    if not 0 <= at_s < 1 << 53:
        raise _illegal(f"expected seconds since the epoch, found {at_s!r}", "at_s")
    return int(at_s)


def _illegal(detail: str, where: str) -> LocalError:
    return LocalError(Problem("stir-sign-argument", detail, where, "RFC 8225 §5"))
