"""
The words of the grammar that all headers share: tokens, quoted strings, lists and where they may be cut.

Facts:
- ';' and ',' separate only outside quoted strings; ',' also not inside '<...>', where a URI may hold it.
- A quote that is never closed protects nothing: what follows is cut as if the quote were an ordinary character, so that
  a cut-off `text="Call rej` costs one value and not the rest of the header.
- Every pattern here is linear: quantifiers are possessive, and an open quote is taken in one step.
"""

from __future__ import annotations

import re

__all__ = ["is_quoted", "is_token", "opaque_removed", "quote", "split_list", "split_params", "unquote"]

# RFC 3261 §25.1:
#   token = 1*(alphanum / "-" / "." / "!" / "%" / "*" / "_" / "+" / "`" / "'" / "~" )
_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")

# RFC 3261 §25.1:
#   quoted-string  =  SWS DQUOTE *(qdtext / quoted-pair ) DQUOTE
#   quoted-pair    =  "\" (%x00-09 / %x0B-0C / %x0E-7F)
_QUOTED = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+'
_COMMA = re.compile(_QUOTED + r"|<[^<>]*+>?+|,", re.DOTALL)
_SEMICOLON = re.compile(_QUOTED + r"|;", re.DOTALL)
_ANGLED = re.compile(r"<[^<>]*+>")
_OPAQUE = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+("?+)|' + _ANGLED.pattern, re.DOTALL)
_PAIR = re.compile(r"\\(.)", re.DOTALL)
_CLOSED = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)


def is_token(text: str) -> bool:
    """Is the text one token of RFC 3261 §25.1?"""
    return _TOKEN.fullmatch(text) is not None


def is_quoted(text: str) -> bool:
    """Is the text one whole quoted string, quotes included?"""
    return _CLOSED.fullmatch(text) is not None


def _split(text: str, separator: str, pattern: re.Pattern[str]) -> list[str]:
    parts = []
    begin = 0
    for match in pattern.finditer(text):
        found = match.group()
        if found == separator:
            parts.append(text[begin : match.start()])
            begin = match.end()
        elif found[0] == '"' and _CLOSED.fullmatch(found) is None:
            rest = text[match.start() :].split(separator)
            parts.append(text[begin : match.start()] + rest[0])
            return parts + rest[1:]
    parts.append(text[begin:])
    return parts


def split_list(text: str) -> list[str]:
    """The elements of a comma list, in order, stripped; empty elements stay as empty strings."""
    if "," not in text:
        return [text.strip()]
    parts = text.split(",") if '"' not in text and "<" not in text else _split(text, ",", _COMMA)
    return [part.strip() for part in parts]


def split_params(text: str) -> list[str]:
    """What stands between semicolons, in order, not stripped; quoted strings stay whole."""
    return text.split(";") if '"' not in text else _split(text, ";", _SEMICOLON)


def unquote(text: str) -> str:
    """The value of a quoted string: quotes off, each quoted pair reduced. A missing closing quote is forgiven."""
    inner = text[1:-1] if is_quoted(text) else text[1:]
    return _PAIR.sub(r"\1", inner) if "\\" in inner else inner


def opaque_removed(text: str) -> str:
    """The text with every closed quoted string and every `<...>` replaced by one letter."""
    for found in _OPAQUE.finditer(text):
        if found[1] == "":
            # An open quote: nothing behind it closes a later one either, so looking at each would take for ever.
            at = found.start()
            return _OPAQUE.sub("x", text[:at]) + _ANGLED.sub("x", text[at:])
    return _OPAQUE.sub("x", text)


def quote(text: str) -> str:
    """The text as a quoted string of RFC 3261 §25.1."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
