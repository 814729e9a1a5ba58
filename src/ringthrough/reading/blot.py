"""
Blots out what must never be printed: digest answers, keys of media, signatures, passwords, tokens.

Facts
- A paste is read on the machine of the person who pasted it, but what is printed goes into tickets and chats.
- The claims of a PASSporT are shown decoded; its signature and the compact form, which could be replayed within its
  freshness, are not (RFC 8224 §12.1).
"""

from __future__ import annotations

import re

__all__ = ["HIDDEN", "hide", "hide_line"]

HIDDEN = "(not shown)"

_CREDENTIALS = re.compile(r"(?:proxy-)?authori[sz]ation|authentication-info|(?:www|proxy)-authenticate", re.IGNORECASE)
_KEPT = re.compile(r"(?:realm|algorithm|qop|stale)", re.IGNORECASE)
_SECRET_NAME = re.compile(r".*(?:token|secret|passw|api-?key|apikey|credential|cookie|session-key).*", re.IGNORECASE)
# RFC 4568 §9.1 inline keys; RFC 8839 §5.4 ice-pwd; RFC 4566 §5.12 k=
_SDP = re.compile(r"(inline:)[^\s|]+|(a=ice-pwd:)\S+|^(k=\w+:)\S+", re.IGNORECASE)
_JWS = re.compile(r"\beyJ[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){1,2}|\.\.[A-Za-z0-9_-]{20,}")
_PASSWORD = re.compile(r"(?<=:)((?://)?[^\s:@<>;\"/?=]{1,128}):([^\s@<>;\"/]{1,128})(?=@)")
_PARAM = re.compile(
    r"(\b(?:ppi|response|nonce|cnonce|opaque|rspauth|key|password|passwd|token|secret|pwd|access_token|api_key)"
    r"[ \t]*=[ \t]*)(\"(?:[^\"\\]|\\.)*\"?|[^\s;,&>\"]+)",
    re.IGNORECASE,
)  # fmt: skip


def hide(name: str, value: str) -> str:
    """
    The value of a header field as it may be shown.

    Args:
        name: the header, or "" for a line of a body.
        value: as sent.
    """
    if _CREDENTIALS.fullmatch(name):
        return _credentials(value)
    if _SECRET_NAME.fullmatch(name):
        return HIDDEN
    if name.lower() in ("identity", "y"):
        _, semicolon, params = value.partition(";")
        return f"{HIDDEN}{semicolon}{_PARAM.sub(_blot, params)}"
    value = _JWS.sub(HIDDEN, value)
    value = _PARAM.sub(_blot, value)
    value = _PASSWORD.sub(lambda m: f"{m[1]}:{HIDDEN}", value)
    return _SDP.sub(lambda m: f"{m[1] or m[2] or m[3]}{HIDDEN}", value)


def hide_line(line: str) -> str:
    """A line of a message as it may be shown."""
    name, colon, value = line.partition(":")
    if colon and re.fullmatch(r"[A-Za-z0-9_.!%*+`'~-]+[ \t]*", name):
        space = value[: len(value) - len(value.lstrip())]
        return f"{name}:{space}{hide(name.strip(), value.strip())}"
    return hide("", line)


def _blot(match: re.Match[str]) -> str:
    return f"{match[1]}{HIDDEN}"


def _credentials(value: str) -> str:
    """The scheme, and of its parameters only what names the place and the method."""
    scheme, _, rest = value.strip().partition(" ")
    found = re.findall(r"([A-Za-z][\w-]*)[ \t]*=[ \t]*(\"(?:[^\"\\]|\\.)*\"|[^\s,\"]+)", rest)
    kept = [f"{name}={said if _KEPT.fullmatch(name) else HIDDEN}" for name, said in found]
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", scheme):
        return HIDDEN
    return f"{scheme} {', '.join(kept) if kept else HIDDEN}"
