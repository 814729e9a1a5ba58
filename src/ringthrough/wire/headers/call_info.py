"""Call-Info: a link about the caller, the call, or who blocked it."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..params import Param, find, parse_params
from ..problems import fault

__all__ = ["CallInfo", "parse_call_info"]

# RFC 3261 §25.1:
#   info        =  LAQUOT absoluteURI RAQUOT *( SEMI info-param)
#   info-param  =  ( "purpose" EQUAL ( "icon" / "info" / "card" / token ) ) / generic-param
_INFO = re.compile(r"\s*<([^<>]*)>\s*+(?:;(.*))?", re.DOTALL)


class CallInfo(NamedTuple):
    """One Call-Info value."""

    uri: str
    "The link, as sent, without its brackets."
    params: tuple[Param, ...]
    "Parameters, in order."

    @property
    def purpose(self) -> str | None:
        """What the link is for, lower-cased: icon, info, card, jcard (RFC 9796), jwscard (RFC 8688); or None."""
        value = find(self.params, "purpose")
        return None if value is None else value.lower()


def parse_call_info(text: str, where: str = "Call-Info") -> CallInfo:
    """
    One Call-Info value.

    Raises:
        RemoteError: there is no URI in angle brackets (`wire-call-info-syntax`).

    Source: RFC 3261 §20.9
    """
    match = _INFO.fullmatch(text)
    uri = match[1].strip() if match is not None else ""
    if match is None or not uri:
        raise fault("wire-call-info-syntax", "a URI in angle brackets", text, where, "RFC 3261 §20.9")
    return CallInfo(uri, parse_params(match[2]) if match[2] else ())
