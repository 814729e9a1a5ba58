"""Session-ID: names a session from end to end, across elements that change the Call-ID."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..params import Param, find, parse_params
from ..problems import fault

__all__ = ["SessionId", "parse_session_id"]

# RFC 7989 §5:
#   session-id-value  = local-uuid *(SEMI sess-id-param)
#   local-uuid        = sess-uuid / null
#   sess-uuid         = 32(DIGIT / %x61-66)  ;32 chars of [0-9a-f]
# Upper case and the dashes of a printed UUID are forgiven and normalised.
_UUID = re.compile(r"[0-9a-f]{32}")


class SessionId(NamedTuple):
    """One Session-ID; RFC 7329 knew no remote half."""

    local: str
    "UUID of the sending side, 32 lower-case digits; all zeros while unknown."
    params: tuple[Param, ...]
    "Parameters, in order."

    @property
    def remote(self) -> str | None:
        """UUID of the other side, lower-cased, None when not said."""
        value = find(self.params, "remote")
        return None if value is None else value.lower()


def parse_session_id(text: str, where: str = "Session-ID") -> SessionId:
    """
    A Session-ID value.

    Raises:
        RemoteError: it does not begin with 32 hexadecimal digits (`wire-session-id-syntax`).

    Source: RFC 7989 §5
    """
    head, _, after = text.partition(";")
    local = head.strip().lower().replace("-", "")
    if _UUID.fullmatch(local) is None:
        raise fault("wire-session-id-syntax", "32 hexadecimal digits", text, where, "RFC 7989 §5")
    return SessionId(local, parse_params(after))
