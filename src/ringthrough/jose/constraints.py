"""
JWT claim constraints: what a certificate allows the tokens it signs to say.

    JWTClaimConstraints ::= SEQUENCE {
       mustInclude [0] JWTClaimNames OPTIONAL, permittedValues [1] JWTClaimValuesList OPTIONAL }     RFC 8226 §8
    EnhancedJWTClaimConstraints adds mustExclude [2] JWTClaimNames OPTIONAL                          RFC 9118 §4

Tags are explicit, as in the module of RFC 8226. Constraints that cannot be read cannot be kept, so a certificate with
such is not trusted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ringthrough.errors import Problem

from .der import IA5_STRING, SEQUENCE, UTF8_STRING, Element, encode, only
from .problems import fault, problem, shown

__all__ = ["ClaimConstraints", "read_constraints"]

_MOST = 256  # names, and values of a name; a certificate of the RFCs' examples has two
# Claims that every PASSporT has anyway, so a constraint need not and must not name them (RFC 8226 §8)
_ALWAYS = frozenset({"iat", "orig", "dest"})


@dataclass(frozen=True, slots=True)
class ClaimConstraints:
    """What the claims of a token have to be for this certificate to vouch for them."""

    must_include: tuple[str, ...] = ()
    "Claims that have to be there."
    permitted: tuple[tuple[str, tuple[str, ...]], ...] = ()
    "Claim, and the values it may have where it is there."
    must_exclude: tuple[str, ...] = ()
    "Claims that must not be there (RFC 9118)."

    def breach(self, claims: Mapping[str, Any]) -> Problem | None:
        """
        The first constraint that the claims of a token break; None when they keep all.

        A claim that is no text is compared by its compact JSON with sorted members.

        Source: RFC 8226 §8; RFC 9118 §4
        """
        for name in self.must_include:
            if name not in claims:
                detail = f"expected the claim {shown(name)}, found none"
                return problem("jose-claims-missing", detail, "claims", "RFC 8226 §8")
        for name in self.must_exclude:
            if name in claims:
                detail = f"expected no claim {shown(name)}, found one"
                return problem("jose-claims-excluded", detail, "claims", "RFC 9118 §4")
        for name, values in self.permitted:
            if name in claims and _said(claims[name]) not in values:
                detail = f"expected {shown(name)} to be one of {shown(list(values))}, found {shown(claims[name])}"
                return problem("jose-claims-value", detail, "claims", "RFC 8226 §8")
        return None

    def der(self) -> bytes:
        """The value of the extension: of RFC 9118 where `must_exclude` is there, of RFC 8226 otherwise."""
        parts = []
        if self.must_include:
            parts.append(encode(0xA0, _encode_names(self.must_include)))
        if self.permitted:
            made = [
                encode(
                    SEQUENCE,
                    encode(IA5_STRING, name.encode("ascii", "replace")),
                    encode(SEQUENCE, *(encode(UTF8_STRING, value.encode()) for value in values)),
                )
                for name, values in self.permitted
            ]
            parts.append(encode(0xA1, encode(SEQUENCE, *made)))
        if self.must_exclude:
            parts.append(encode(0xA2, _encode_names(self.must_exclude)))
        return encode(SEQUENCE, *parts)


def read_constraints(der: bytes, *, enhanced: bool) -> ClaimConstraints:
    """
    The constraints in the value of an extension.

    Args:
        der: the value.
        enhanced: it is the extension of RFC 9118, which alone has `mustExclude`.

    Raises:
        RemoteError: not what the RFC describes.
    """
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    permitted: tuple[tuple[str, tuple[str, ...]], ...] = ()
    last = -1
    for part in only(der).expect(SEQUENCE).children():
        kind = part.tag - 0xA0
        if not last < kind <= (2 if enhanced else 1):
            raise fault("jose-der", f"expected a part of the constraints, found tag {part.tag:#04x}")
        last = kind
        if kind == 0:
            include = _names(part.inner())
        elif kind == 1:
            permitted = tuple(map(_values, _some(part.inner())))
        else:
            exclude = _names(part.inner())
    if last < 0:
        raise fault("jose-der", "expected at least one constraint, found none")
    pointless = next((name for name in exclude if name in _ALWAYS), None)
    if pointless is not None:
        raise fault("jose-der", f"expected claims that a token can do without, found {shown(pointless)}")
    return ClaimConstraints(include, permitted, exclude)


def _some(element: Element) -> list[Element]:
    found = element.expect(SEQUENCE).children(_MOST)
    if not found:
        raise fault("jose-der", "expected at least one element, found none")
    return found


def _names(element: Element) -> tuple[str, ...]:
    return tuple(each.ascii() for each in _some(element))


def _values(element: Element) -> tuple[str, tuple[str, ...]]:
    parts = element.expect(SEQUENCE).children(2)
    if len(parts) != 2:
        raise fault("jose-der", f"expected a claim and its values, found {len(parts)} elements")
    return parts[0].ascii(), tuple(each.text() for each in _some(parts[1]))


def _encode_names(names: tuple[str, ...]) -> bytes:
    return encode(SEQUENCE, *(encode(IA5_STRING, name.encode("ascii", "replace")) for name in names))


def _said(value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return ""
