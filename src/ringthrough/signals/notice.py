"""
The notice of a 603+: one Reason value that holds `v=analytics<n>` and the contact for an appeal.

Theory of operation
- The due form is `SIP;cause=603;text="v=analytics1;url=https://...;id=...";location=RLN`, or `Q.850;cause=21` and the
  same. The pairs stand inside the quoted text; the text is unquoted first and cut at ';' afterwards.
- Deployed senders break the form: they leave the quotes out, so that the pairs leak out and become Reason parameters,
  or put them there on purpose. The contact is what the caller needs, so it is taken from wherever it stands, and every
  departure from the form is listed.
- Pairs of unknown names are passed over without complaint: the standard's full list was not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ringthrough.errors import Problem
from ringthrough.wire import Param, ReasonValue, parse_params

from .contact import bad_email, bad_id, bad_tel, bad_url
from .problems import defect

__all__ = [
    "LOCATIONS",
    "NETWORK_LOCATIONS",
    "Notice",
    "find_contact",
    "find_notice",
    "location_of",
    "read_notice",
    "two_values",
]

LOCATIONS = frozenset({"LN", "TN", "RLN", "LPN", "RPN"})
"Locations that a 603+ may name."
NETWORK_LOCATIONS = LOCATIONS | {"INTL", "BI"}
"Locations of RFC 8606 that are a network and not the user."
_KNOWN_LOCATIONS = NETWORK_LOCATIONS | {"U"}

_VERSION = "analytics1"
_CAUSES = {"SIP": 603, "Q.850": 21}
_CHECKS = {"url": bad_url, "tel": bad_tel, "email": bad_email, "id": bad_id}
# `v=analytics1` as the text begins, after a ';' inside it, or as a parameter of its own, with or without quotes
_MARK = re.compile(r"""(?:^|[;"'=])[ \t]*+v[ \t]*+=[ \t]*+["']?analytics""", re.IGNORECASE)


_ESCAPED = re.compile(r"\\.", re.DOTALL)
_PAIR = re.compile(r"""[;"'=][ \t]*+(?:url|tel|email)[ \t]*+=""", re.IGNORECASE)


class Notice(NamedTuple):
    """What the Reason value of a 603+ says."""

    url: str
    tel: str
    email: str
    id: str
    location: str
    defects: tuple[Problem, ...]


def find_notice(values: Sequence[ReasonValue], raw: Iterable[str] = ()) -> ReasonValue | None:
    """
    The first Reason value that holds `v=analytics<n>`; None when there is none.

    Args:
        values: the Reason values that parsed.
        raw: the header values as sent; looked at when no parsed value has the mark, so that a notice without a protocol
            in front (`cause=603;text="v=analytics1;..."`) is found as well. Its protocol is then "".
    """
    for value in values:
        if _MARK.search(value.raw):
            return value
    for text in raw:
        if _MARK.search(text):
            return ReasonValue("", parse_params(text), text)
    return None


def find_contact(values: Sequence[ReasonValue]) -> ReasonValue | None:
    """The first Reason value that holds a url, tel or email pair, marked or not; None when there is none."""
    return next((value for value in values if _PAIR.search(value.raw)), None)


def location_of(value: ReasonValue) -> str:
    """Location of a Reason value: a token of RFC 8606 in upper case, anything else as sent, "" for none."""
    location = value.location or ""
    if location in _KNOWN_LOCATIONS:
        return location
    upper = location.upper()
    return upper if upper in _KNOWN_LOCATIONS else location


def two_values(values: Sequence[ReasonValue]) -> tuple[Problem, ...]:
    """The defect of two values with protocol SIP, or with Q.850, in one message; STIR may stand several times."""
    if len(values) > 1:
        named = [value.protocol.upper() for value in values]
        for protocol in _CAUSES:
            if named.count(protocol) > 1:
                said = ", ".join(value.raw for value in values)
                return (defect("signals-603plus-two-values", f"one value with protocol {protocol}", said),)
    return ()


def read_notice(value: ReasonValue) -> Notice:
    """The contact and location of one notice, and everything in which it departs from the due form."""
    defects: list[Problem] = []
    once: dict[str, Param] = {}
    leaked: list[Param] = []
    for param in value.params:
        name = param.name.lower()
        if name == "v" or name in _CHECKS:
            leaked.append(param)
        elif name not in once:
            once[name] = param
        elif name in ("cause", "text", "location"):
            defects.append(defect("signals-603plus-repeated-param", f"{name} once", value.raw))
    _check_cause(value, defects)
    pairs = _collect(value, once.get("text"), leaked, defects)
    _check_pairs(pairs, defects)
    location = location_of(value) if "location" in once else ""
    if not location:
        defects.append(defect("signals-603plus-no-location", "a location", value.raw))
    elif location not in LOCATIONS:
        defects.append(defect("signals-603plus-bad-location", "LN, TN, RLN, LPN or RPN", location))
    get = pairs.get
    return Notice(get("url", ""), get("tel", ""), get("email", ""), get("id", ""), location, tuple(defects))


def _check_cause(value: ReasonValue, defects: list[Problem]) -> None:
    due = _CAUSES.get(value.protocol.upper())
    if due is None:
        defects.append(defect("signals-603plus-protocol", "protocol SIP or Q.850", value.protocol or value.raw))
    cause = value.cause
    if cause != due if due is not None else cause not in (603, 21):
        found = "no cause" if cause is None else f"cause={cause}"
        defects.append(defect("signals-603plus-cause", f"cause={due or 603}", found))


def _collect(
    value: ReasonValue, text: Param | None, leaked: list[Param], defects: list[Problem]
) -> dict[str, str]:  # fmt: skip
    """Every pair by its lower-case name: those inside the text first, then those that stand as parameters."""
    pairs: dict[str, str] = {}
    sent = (text.value or "") if text is not None else ""
    inside = sent.strip(" \t'")
    bare = text is not None and not text.quoted and _MARK.search(inside) is not None
    if bare or _open_quote(value.raw):
        defects.append(defect("signals-603plus-unquoted-text", "the text in quotes", value.raw))
        bare = True
    if "=" in inside:
        for piece in inside.split(";"):
            _add(piece, pairs, defects)
    for param in leaked:
        _keep(param.name.lower(), (param.value or "").strip(" \t\"'"), pairs, defects)
    if leaked and not bare:
        shown = ";".join(f"{param.name}={param.value or ''}" for param in leaked)
        defects.append(defect("signals-603plus-pairs-as-params", "the pairs inside the text", shown))
    elif not (inside if bare else sent).startswith("v="):
        defects.append(defect("signals-603plus-v-not-first", "a text that begins with v=analytics1", sent))
    return pairs


def _open_quote(raw: str) -> bool:
    """Is a quote left open? An escaped one (RFC 3261 §25.1: quoted-pair) opens and closes nothing."""
    return (_ESCAPED.sub("", raw) if "\\" in raw else raw).count('"') % 2 == 1


def _add(piece: str, pairs: dict[str, str], defects: list[Problem]) -> None:
    name, equals, found = piece.partition("=")
    name = name.strip().lower()
    if equals and name:
        _keep(name, found.strip(), pairs, defects)
    elif piece.strip():
        defects.append(defect("signals-603plus-pair-syntax", "name=value", piece, "Reason: text"))


def _keep(name: str, found: str, pairs: dict[str, str], defects: list[Problem]) -> None:
    if name not in pairs:
        pairs[name] = found
    elif pairs[name] != found:
        expected = f"{name}={pairs[name]} alone"
        defects.append(defect("signals-603plus-repeated-pair", expected, f"{name}={found}", "Reason: text"))


def _check_pairs(pairs: dict[str, str], defects: list[Problem]) -> None:
    version = pairs.get("v", "")
    if version != _VERSION and version.lower() != _VERSION:
        defects.append(defect("signals-603plus-unknown-version", f"v={_VERSION}", f"v={version}", "Reason: text"))
    if not (pairs.get("url") or pairs.get("tel") or pairs.get("email")):
        found = ";".join(f"{name}={value}" for name, value in pairs.items())
        defects.append(defect("signals-603plus-no-redress", "url, tel or email", found, "Reason: text"))
    for name, found in pairs.items():
        check = _CHECKS.get(name)
        if check is not None:
            wrong = check(found)
            if wrong is not None:
                defects.append(wrong)
