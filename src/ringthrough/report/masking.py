"""
Rows and messages with telephone numbers masked, for passing on to people who need not know who called whom.

Facts
- A masked message has the length it had, so its Content-Length and the offsets that others quote stay right.
- Fields that a reader has to take as numbers (CSeq, Content-Length, Via ...) are left alone, and a signed caller
  identity is blotted out, because the numbers stand in it in base64.
- `redress_tel` stays: it is the number to ask, not a caller's.
"""

from __future__ import annotations

import re
from typing import Any

from ringthrough.calls.schema import Call, Verdict
from ringthrough.numbers import mask, mask_text

__all__ = ["mask_message", "mask_row"]

_NUMBERS = ("caller", "callee", "caller_raw", "callee_raw")
_FREE = ("final_phrase", "far_phrase", "signal_phrase", "reason", "outcome_text")
_FREE_JUDGED = ("because", "settle")
# Places, machines and slugs: nothing in them is a caller's unless a caller's number stands in them word for word.
_OWN = (
    "call_id", "redress_url", "redress_email", "redress_id", "card_uri", "user_agent", "server", "provider_code",
    "file", "trunk", "campaign",
)  # fmt: skip
_LEAST_DIGITS = 7
# ATIS-1000099: `tel=` inside the text of an analytics Reason.
_APPEAL = re.compile(r"(\btel=\+?[0-9().\- ]+)")


def mask_row(call: Call, verdict: Verdict) -> tuple[Call, Verdict]:
    """Return a row with the numbers of caller and callee masked, wherever they stand in it."""
    hidden = _Hider(call)
    changes: dict[str, Any] = {name: mask(value) for name in _NUMBERS if (value := getattr(call, name))}
    changes |= {name: hidden(_mask_free(value)) for name in _FREE if (value := getattr(call, name))}
    changes |= {name: hidden(value) for name in _OWN if (value := getattr(call, name))}
    judged: dict[str, Any] = {
        name: hidden(_mask_free(value)) for name in _FREE_JUDGED if (value := getattr(verdict, name))
    }
    return call._replace(**changes), verdict._replace(**judged)


def _mask_free(text: str) -> str:
    """Mask the numbers in free text, but for the one to appeal to, which a 603+ gives as `tel=`."""
    return "".join(part if number % 2 else mask_text(part) for number, part in enumerate(_APPEAL.split(text)))


class _Hider:
    """Masks the digits of this call's own numbers inside other text."""

    def __init__(self, call: Call) -> None:
        found = {re.sub(r"[^0-9]", "", getattr(call, name)) for name in _NUMBERS}
        # The last ten digits: the number also stands there without its country code.
        self.tails = [digits[-10:] for digits in found if len(digits) >= _LEAST_DIGITS]

    def __call__(self, text: str) -> str:
        for tail in self.tails:
            if tail in text:
                text = text.replace(tail, tail[:-4] + "xxxx")
        return text


_KEPT_LINES = re.compile(
    r"(?:v|via|l|content-length|cseq|rseq|rack|timestamp|date|expires|x|session-expires|min-se|min-expires|"
    r"max-forwards|retry-after)[ \t]*:",
    re.IGNORECASE,
)
_IDENTITY = re.compile(r"(?:y|identity)[ \t]*:[ \t]*", re.IGNORECASE)
# The user part of a SIP, SIPS or TEL URI, up to its host or parameters (RFC 3261 §25.1, RFC 3966 §3).
_USER = re.compile(r"(?:(?<=sip:)|(?<=sips:)|(?<=tel:))([^@;>\s,\"?]+)(?=@)|(?<=tel:)([^;>\s,\"?]+)", re.IGNORECASE)
_REASON = re.compile(r"reason[ \t]*:", re.IGNORECASE)
_NAMED = re.compile(r"(?:f|from|t|to|m|contact|p-asserted-identity|p-preferred-identity|remote-party-id|diversion|"
                    r"history-info|referred-by|b|refer-to|r)[ \t]*:[ \t]*", re.IGNORECASE)  # fmt: skip
_DISPLAY = re.compile(r'"((?:[^"\\]|\\.)*)"(?=\s*<)|(?<=[:,])([^<"@:,]*)(?=<)')


def mask_message(data: bytes) -> bytes:
    """
    Return a message with its numbers, user names and display names masked, octet for octet as long as it was.

    Args:
        data: start line, header fields, empty line and body, or the beginning of them.
    """
    # Only at line feeds: str.splitlines would also cut at octets that are part of UTF-8 text.
    return "\n".join(map(_mask_line, data.decode("latin-1").split("\n"))).encode("latin-1")


def _mask_line(line: str) -> str:
    if _KEPT_LINES.match(line):
        return line
    identity = _IDENTITY.match(line)
    if identity:
        value, semicolon, parameters = line[identity.end() :].partition(";")
        return line[: identity.end()] + re.sub(r"[A-Za-z0-9_-]", "x", value) + semicolon + parameters
    if _NAMED.match(line):
        line = _DISPLAY.sub(lambda m: re.sub(r"(?<=\w)\w", "x", m[0]), line)
    free = _mask_free if _REASON.match(line) else mask_text
    made, at = [], 0
    for user in _USER.finditer(line):  # what is masked must not be masked again: seven digits are still a number
        start, end = user.span(1) if user[1] else user.span(2)
        made += [free(line[at:start]), _mask_user(line[start:end])]
        at = end
    made.append(free(line[at:]))
    return "".join(made)


def _mask_user(user: str) -> str:
    name, colon, password = user.partition(":")
    return mask(name) + colon + "x" * len(password)
