"""CSeq: the number and method of a request within its dialog."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..problems import fault

__all__ = ["CSeq", "parse_cseq"]

# RFC 3261 §25.1: CSeq = "CSeq" HCOLON 1*DIGIT LWS Method
_CSEQ = re.compile(r"\s*([0-9]{1,40})\s+(\S+)\s*")


class CSeq(NamedTuple):
    """Sequence number and method."""

    number: int
    "The number; `validate` reports one of 2**31 or more."
    method: str
    "The method, as sent."


def parse_cseq(text: str, where: str = "CSeq") -> CSeq:
    """
    A CSeq value.

    Raises:
        RemoteError: it is not a number and a method (`wire-number`).

    Source: RFC 3261 §20.16
    """
    number, _, method = text.partition(" ")
    if len(number) < 40 and number.isdecimal() and number.isascii() and method.isalpha():
        return CSeq(int(number), method)
    match = _CSEQ.fullmatch(text)
    if match is None:
        raise fault("wire-number", "a number and a method", text, where, "RFC 3261 §20.16")
    return CSeq(int(match[1]), match[2])
