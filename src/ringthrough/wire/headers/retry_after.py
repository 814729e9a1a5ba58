"""Retry-After: when the service may be asked again."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..params import Param, find, parse_params
from ..problems import fault

__all__ = ["RetryAfter", "parse_retry_after"]

# RFC 3261 §25.1:
#   Retry-After  =  "Retry-After" HCOLON delta-seconds [ comment ] *( SEMI retry-param )
_RETRY = re.compile(r"\s*([0-9]{1,40})\s*+(?:\((.*)\)\s*+)?(?:;(.*))?", re.DOTALL)


class RetryAfter(NamedTuple):
    """When to ask again."""

    delay_s: int
    "Seconds to wait."
    comment: str
    "What stands in parentheses, as sent; empty when there is none."
    params: tuple[Param, ...]
    "Parameters, in order."

    @property
    def duration_s(self) -> int | None:
        """How long the called side will then be reachable, seconds; None when not said."""
        value = find(self.params, "duration")
        return int(value) if value and value.isascii() and value.isdigit() and len(value) <= 40 else None


def parse_retry_after(text: str, where: str = "Retry-After") -> RetryAfter:
    """
    A Retry-After value.

    Raises:
        RemoteError: it does not begin with a number of seconds (`wire-number`).

    Source: RFC 3261 §20.33
    """
    match = _RETRY.fullmatch(text)
    if match is None:
        raise fault("wire-number", "a number of seconds", text, where, "RFC 3261 §20.33")
    return RetryAfter(int(match[1]), match[2] or "", parse_params(match[3]) if match[3] else ())
