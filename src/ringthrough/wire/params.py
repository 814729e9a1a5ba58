"""Parameters: `;name=value` after a header value or a URI."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .grammar import quote, split_params, unquote

__all__ = ["Param", "find", "format_params", "parse_params"]


class Param(NamedTuple):
    """One parameter, as sent."""

    name: str
    "Its name; compare without regard to case."
    value: str | None
    "Its value, unquoted and unescaped; None when there is no equals sign."
    quoted: bool = False
    "Did the value stand in quotes?"


# Half the price of calling the class; parameters are what a message has most of.
_new = tuple.__new__


def parse_params(text: str) -> tuple[Param, ...]:
    """
    Every parameter of `;a=1;b;c="x"`, in order, repeated ones too. Never fails.

    Spaces around ';' and '=' are dropped (RFC 3261 §25.1: SEMI and EQUAL), empty parameters are skipped, an unquoted
    value may hold anything but ';'.

    Args:
        text: what follows the value proper; the leading semicolon may be missing.
    """
    if '"' not in text and " " not in text and "\t" not in text:
        name, equals, value = text.partition("=")
        if ";" not in text:
            return (_new(Param, (name, value if equals else None, False)),) if text else ()
        plain = []
        for part in text.split(";"):
            if part:
                name, equals, value = part.partition("=")
                plain.append(_new(Param, (name, value if equals else None, False)))
        return tuple(plain)
    found = []
    for part in split_params(text):
        name, equals, value = part.partition("=")
        name = name.strip()
        if not equals:
            if name:
                found.append(Param(name, None))
            continue
        value = value.strip()
        if value[:1] == '"':
            found.append(Param(name, unquote(value), True))
        else:
            found.append(Param(name, value))
    return tuple(found)


def find(params: Iterable[Param], name: str) -> str | None:
    """Value of the first parameter of that name (given in lower case); "" for one without a value, None for none."""
    for param in params:
        if param.name == name or param.name.lower() == name:
            return param.value or ""
    return None


def format_params(params: Iterable[Param]) -> str:
    """The parameters as they are written: `;a=1;b;c="x"`."""
    made = []
    for param in params:
        if param.value is None:
            made.append(f";{param.name}")
        else:
            made.append(f";{param.name}={quote(param.value) if param.quoted else param.value}")
    return "".join(made)
