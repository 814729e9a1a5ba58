"""Warning: what an element says beside the status."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..grammar import unquote
from ..problems import fault

__all__ = ["WarningValue", "parse_warning"]

# RFC 3261 §25.1:
#   warning-value  =  warn-code SP warn-agent SP warn-text
#   warn-code      =  3DIGIT
#   warn-agent     =  hostport / pseudonym
#   warn-text      =  quoted-string
# The text is also seen without quotes; it is read to the end.
_WARNING = re.compile(r"([0-9]{3})\s+([^\s\"]+)\s*+(.*)", re.DOTALL)


class WarningValue(NamedTuple):
    """One Warning value."""

    code: int
    "Three digits; 399 is the miscellaneous one that providers use."
    agent: str
    "Who warns: host with port, or a pseudonym."
    text: str
    "What it says, unquoted and unescaped."


def parse_warning(text: str, where: str = "Warning") -> WarningValue:
    """
    One Warning value.

    Raises:
        RemoteError: it is not a three-digit code, an agent and a text (`wire-warning-syntax`).

    Source: RFC 3261 §20.43
    """
    match = _WARNING.fullmatch(text.strip())
    if match is None:
        raise fault("wire-warning-syntax", "three digits, an agent and a text", text, where, "RFC 3261 §20.43")
    code, agent, said = match.groups()
    return WarningValue(int(code), agent, unquote(said) if said[:1] == '"' else said)
