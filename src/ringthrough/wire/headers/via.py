"""Via: the path of a request, topmost value first."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..params import Param, find, parse_params
from ..problems import fault

__all__ = ["Via", "parse_via"]

# RFC 3261 §25.1:
#   via-parm          =  sent-protocol LWS sent-by *( SEMI via-params )
#   sent-protocol     =  protocol-name SLASH protocol-version SLASH transport
#   sent-by           =  host [ COLON port ]
_VIA = re.compile(
    r"\s*([^\s/;,]+)\s*/\s*([^\s/;,]+)\s*/\s*([^\s/;,]+)\s+"
    r"(\[[^\]\s]*\]|[^\s:;,\[\]]+)(?:\s*:\s*([0-9]{1,5}))?\s*(?:;(.*))?",
    re.DOTALL,
)


# The shape of nearly every value, read in one go.
_USUAL = re.compile(r"SIP/2\.0/([A-Z]+) ([A-Za-z0-9._-]+)(?::([0-9]{1,5}))?(?:;(.*))?", re.DOTALL)


class Via(NamedTuple):
    """One Via value: who sent the message on, and how an answer finds back."""

    protocol: str
    "Protocol and version, `SIP/2.0`."
    transport: str
    "UDP, TCP, TLS, SCTP, WS or another, as sent."
    host: str
    "Host of sent-by, an IPv6 address in its brackets."
    port: int | None
    "Port of sent-by, None when not given."
    params: tuple[Param, ...]
    "Parameters, in order."

    @property
    def branch(self) -> str | None:
        """The transaction identifier (RFC 3261 §8.1.1.7), None when there is none."""
        return find(self.params, "branch")

    @property
    def received(self) -> str | None:
        """The address that the next element saw the request come from (RFC 3261 §18.2.1)."""
        return find(self.params, "received")

    @property
    def rport(self) -> str | None:
        """The port the request came from, or "" where it is only asked for (RFC 3581 §3); None when absent."""
        return find(self.params, "rport")


_new = tuple.__new__


def parse_via(text: str, where: str = "Via") -> Via:
    """
    One Via value.

    Raises:
        RemoteError: it is not protocol, transport, host (`wire-via-syntax`).

    Source: RFC 3261 §20.42
    """
    usual = _USUAL.fullmatch(text)
    if usual is not None:
        transport, host, port, after = usual.groups()
        params = parse_params(after) if after else ()
        return _new(Via, ("SIP/2.0", transport, host, int(port) if port else None, params))
    match = _VIA.fullmatch(text)
    if match is None:
        raise fault("wire-via-syntax", "protocol/version/transport host", text, where, "RFC 3261 §20.42")
    name, version, transport, host, port, after = match.groups()
    return Via(f"{name}/{version}", transport, host, int(port) if port else None, parse_params(after) if after else ())
