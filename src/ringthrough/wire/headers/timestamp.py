"""Timestamp: when the client sent the request, for measuring the round trip."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..problems import fault

__all__ = ["Timestamp", "parse_timestamp"]

# RFC 3261 §25.1:
#   Timestamp  =  "Timestamp" HCOLON 1*(DIGIT) [ "." *(DIGIT) ] [ LWS delay ]
#   delay      =  *(DIGIT) [ "." *(DIGIT) ]
_TIMESTAMP = re.compile(r"\s*([0-9]{1,40}(?:\.[0-9]{0,40})?)(?:\s++([0-9]{0,40}(?:\.[0-9]{0,40})?))?\s*+")


class Timestamp(NamedTuple):
    """A Timestamp value; the clock is the sender's own and need not be anyone's wall clock."""

    sent_s: float
    "When the request was sent, seconds."
    delay_s: float | None
    "How long the server took from request to response, seconds; None when not said."


def parse_timestamp(text: str, where: str = "Timestamp") -> Timestamp:
    """
    A Timestamp value.

    Raises:
        RemoteError: it is no decimal number with an optional delay (`wire-timestamp-syntax`).

    Source: RFC 3261 §20.38
    """
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise fault("wire-timestamp-syntax", "a decimal number", text, where, "RFC 3261 §20.38")
    delay = match[2]
    return Timestamp(float(match[1]), float(delay) if delay and delay != "." else None)
