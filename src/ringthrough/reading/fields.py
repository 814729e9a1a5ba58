"""A message field by field, each with what it says and the section it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ringthrough.errors import Problem, RemoteError
from ringthrough.reference import Entry
from ringthrough.wire import (
    IdentityValue,
    Malformed,
    Message,
    ReasonValue,
    Request,
    Response,
    parse_reason,
    split_list,
)
from ringthrough.wire.headers.call_info import parse_call_info
from ringthrough.wire.headers.identity import parse_identity
from ringthrough.wire.headers.reason import split_reasons
from ringthrough.wire.headers.warning import parse_warning
from ringthrough.wire.names import key_of

from .blot import HIDDEN, hide
from .catalogue import cause_entry, status_entry
from .meanings import LOCATIONS, MEANINGS, PAIRS, PURPOSES, WARNINGS
from .passport import CLAIMS, decode_passport
from .result import Field

__all__ = ["cause_field", "fields_of", "passport_problems", "reason_fields", "status_field"]

_ATIS = "ATIS-1000099 [S]"
_REASON = {"SIP": "RFC 3326 §2", "Q.850": "RFC 3326 §2", "STIR": "RFC 9410 §4"}
_ATTEST = {
    "A": "the signer knows the customer and that the number is theirs",
    "B": "the signer knows the customer, not whether the number is theirs",
    "C": "the signer only passed the call on",
}


def fields_of(message: Message, *, start_line: bool) -> list[Field]:
    """
    Everything in a message.

    Args:
        message: what was decoded.
        start_line: the start line was pasted, and not made up to read lone header fields.
    """
    found: list[Field] = []
    if start_line:
        if isinstance(message, Response):
            found.append(status_field(message.status, message.phrase))
        elif isinstance(message, Request):
            found.append(Field("Method", message.method, "What is asked for.", "RFC 3261 §7.1"))
            found.append(Field("Request-URI", hide("", message.uri_text), "Whom it is asked of.", "RFC 3261 §8.1.1.1"))
    for name, value in message.headers:
        found += _header(name, value)
    return found


def status_field(status: int, phrase: str) -> Field:
    """The status line; the phrase decides between 603 and 603+."""
    shown = hide("", f"{status} {phrase}".strip())
    entry = status_entry(status, phrase)
    if entry is None:
        told = "Not a status that the catalogue knows; treat it as the x00 of its class."
        return Field("Status", shown, told, "RFC 3261 §8.1.3.2")
    return Field("Status", shown, entry.description, _cited(entry))


def cause_field(number: int, name: str) -> Field:
    """A Q.850 cause."""
    entry = cause_entry(number)
    if entry is None:
        return Field(name, str(number), "Not a cause that Q.850 lists.", "ITU-T Q.850 §2.2.7")
    return Field(name, str(number), f"{entry.name}. {entry.description}", "ITU-T Q.850 §2.2.7")


def _cited(entry: Entry) -> str:
    if not entry.section:
        return entry.rfc
    return f"{entry.rfc} §{entry.section}" if entry.section[:1].isdigit() else f"{entry.rfc} {entry.section}"


def _header(name: str, value: str) -> Iterator[Field]:
    key = key_of(name)
    if key == "reason":
        yield from reason_fields(value)
    elif key == "call-info":
        yield from _call_info(value)
    elif key == "identity":
        yield from _identity(value)
    elif key == "warning":
        yield from _warning(value)
    else:
        meaning, section = MEANINGS.get(key, ("", ""))
        yield Field(name, hide(name, value), meaning, section)


def reason_fields(value: str) -> Iterator[Field]:
    """One Reason header."""
    for part in split_reasons(value):
        try:
            reason = parse_reason(part)
        except RemoteError:
            yield Field("Reason", hide("", part), "Not readable: no protocol stands in front.", "RFC 3326 §2")
            continue
        yield from _reason(reason)


def _reason(reason: ReasonValue) -> Iterator[Field]:
    protocol = reason.protocol.upper()
    section = _REASON.get(protocol, "RFC 3326 §2")
    told = {
        "SIP": "A SIP status is given as the reason.",
        "Q.850": "A cause of ISDN and telephone networks is given as the reason.",
        "STIR": "The check of the caller's signed identity is the reason.",
    }.get(protocol, "A protocol of the IANA registry of Reason protocols, or a private one.")
    yield Field("Reason protocol", reason.protocol, told, section)
    for param in reason.params:
        low = param.name.lower()
        value = (param.value or "").strip()
        if low == "cause":
            yield _cause_of(protocol, value, section)
        elif low == "text":
            yield from _text(value, section)
        elif low == "location":
            told = LOCATIONS.get(value.upper(), "Not a location of RFC 8606.")
            yield Field("Reason location", value, told, "RFC 8606 §4")
        elif low in PAIRS:
            yield Field(f"Reason {low}", value, PAIRS[low], _ATIS)
        elif low == "ppi":
            yield Field("Reason ppi", HIDDEN, "The PASSporT that failed; its signature is not shown.", "RFC 9410 §4.1")
        else:
            yield Field(f"Reason {param.name}", hide(param.name, value), "", "RFC 3326 §2")


def _cause_of(protocol: str, value: str, section: str) -> Field:
    if not (value.isascii() and value.isdigit()) or len(value) > 10:
        return Field("Reason cause", value, "Not a number.", section)
    if protocol == "Q.850":
        return cause_field(int(value), "Reason cause")
    status = status_field(int(value), "")
    return Field("Reason cause", value, status.meaning, status.section)


def _text(value: str, section: str) -> Iterator[Field]:
    if "=" not in value or "analytics" not in value.lower():
        yield Field("Reason text", hide("", value), "Said in words by whoever gave the reason.", section)
        return
    for piece in value.split(";"):
        name, equals, said = piece.partition("=")
        low = name.strip().lower()
        if piece.strip():
            meaning = PAIRS.get(low, "A pair that no source explains.") if equals else "Not a pair name=value."
            yield Field(f"Reason text {low}" if equals else "Reason text", hide("", said if equals else piece).strip(),
                        meaning, _ATIS)  # fmt: skip


def _call_info(value: str) -> Iterator[Field]:
    for part in split_list(value):
        try:
            info = parse_call_info(part)
        except RemoteError:
            yield Field("Call-Info", hide("", part), "Not readable: no URI in angle brackets.", "RFC 3261 §20.9")
            continue
        purpose = info.purpose or ""
        meaning, section = PURPOSES.get(purpose, ("A link about the call.", "RFC 3261 §20.9"))
        yield Field("Call-Info", hide("", info.uri), meaning, section)
        if purpose:
            yield Field("Call-Info purpose", purpose, "What the link is for.", "RFC 3261 §20.9")


def _warning(value: str) -> Iterator[Field]:
    for part in split_list(value):
        try:
            warning = parse_warning(part)
        except RemoteError:
            yield Field("Warning", hide("", part), "Not readable: a code, an agent and a text belong here.",
                        "RFC 3261 §20.43")  # fmt: skip
            continue
        told = WARNINGS.get(warning.code, "A code that RFC 3261 does not list.")
        yield Field("Warning", str(warning.code), told, "RFC 3261 §20.43")
        yield Field("Warning agent", hide("", warning.agent), "Who warns.", "RFC 3261 §20.43")
        yield Field("Warning text", hide("", warning.text), "Said in words.", "RFC 3261 §20.43")


def _identity(value: str) -> Iterator[Field]:
    try:
        identity = parse_identity(value)
        passport = decode_passport(identity.token)
    except (RemoteError, ValueError):
        yield Field("Identity", HIDDEN, "A signed caller identity that cannot be decoded.", "RFC 8224 §4")
        return
    told = "A signed caller identity. Decoded for display only: the signature was not verified."
    if passport.short:
        told = "A signed caller identity in compact form, without claims of its own. Nothing was verified."
    yield Field("Identity", HIDDEN, told, "RFC 8224 §4")
    for name, said in (*passport.header.items(), *passport.claims.items()):
        meaning, section = CLAIMS.get(str(name), ("", "RFC 8225 §8"))
        yield Field(f"Identity {name}", hide(str(name), _claim(str(name), said)), meaning, section)
    yield from _identity_params(identity)


def _claim(name: str, said: Any) -> str:
    if name == "attest" and isinstance(said, str) and said in _ATTEST:
        return f"{said} ({_ATTEST[said]})"
    if name == "iat":
        number = int(said) if isinstance(said, str) and said.isascii() and said.isdigit() and len(said) < 12 else said
        if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 253_402_300_800:
            return f"{said} ({datetime.fromtimestamp(number, UTC):%Y-%m-%d %H:%M:%S} UTC)"
    return _plain(said)


def _plain(said: Any, depth: int = 0) -> str:
    """A JSON value in a few words: `tn +12155550112`."""
    if isinstance(said, dict) and depth < 8:
        return ", ".join(f"{name} {_plain(value, depth + 1)}" for name, value in said.items())
    if isinstance(said, list) and depth < 8:
        return ", ".join(_plain(value, depth + 1) for value in said)
    return str(said)


def _identity_params(identity: IdentityValue) -> Iterator[Field]:
    if identity.info:
        yield Field("Identity info", hide("", identity.info), "Where the signer's certificate is.", "RFC 8224 §4.1")
    if identity.alg:
        yield Field("Identity alg", identity.alg, "Algorithm of the signature.", "RFC 8224 §4.1")
    if identity.ppt:
        yield Field("Identity ppt", identity.ppt, "Kind of PASSporT.", "RFC 8224 §4.1")


def passport_problems(message: Message | Malformed) -> Iterator[Problem]:
    """What cannot be decoded in the Identity headers of a message."""
    if isinstance(message, Malformed):
        return
    for identity in message.identity:
        try:
            decode_passport(identity.token)
        except ValueError as fault:
            yield Problem("reading-passport", str(fault), "Identity", "RFC 8225 §3")
