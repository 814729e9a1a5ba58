"""Whole numbers: Max-Forwards, Content-Length, Expires, RSeq; and RAck, which holds two."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..problems import fault

__all__ = ["RAck", "parse_number", "parse_rack"]

# The longest number of RFC 4475 (§3.1.2.4) has 101 digits; int() of 120 stays cheap.
_NUMBER = re.compile(r"\s*([0-9]{1,120})\s*")

# RFC 3262 §10: RAck = "RAck" HCOLON response-num LWS CSeq-num LWS Method
_RACK = re.compile(r"\s*([0-9]{1,40})\s+([0-9]{1,40})\s+(\S+)\s*")


class RAck(NamedTuple):
    """What a PRACK acknowledges."""

    rseq: int
    "RSeq of the provisional response."
    number: int
    "CSeq number of the request that it answered."
    method: str
    "Method of that request."


def parse_number(text: str, where: str = "number") -> int:
    """
    A whole number of digits only.

    Raises:
        RemoteError: it holds anything else (`wire-number`).

    Source: RFC 3261 §25.1 (Max-Forwards, Content-Length, Expires = 1*DIGIT); RFC 3262 §10 (RSeq)
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise fault("wire-number", "a whole number", text, where, "RFC 3261 §25.1")
    return int(match[1])


def parse_rack(text: str, where: str = "RAck") -> RAck:
    """
    A RAck value.

    Raises:
        RemoteError: it is not two numbers and a method (`wire-rack-syntax`).

    Source: RFC 3262 §7.2
    """
    match = _RACK.fullmatch(text)
    if match is None:
        raise fault("wire-rack-syntax", "two numbers and a method", text, where, "RFC 3262 §7.2")
    return RAck(int(match[1]), int(match[2]), match[3])
