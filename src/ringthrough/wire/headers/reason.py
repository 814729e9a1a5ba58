"""
Reason: why a request was sent or a response was given.

Facts:
- Several Reason headers, and several values in one, all count; two values of one protocol are illegal for SIP and Q.850
  (RFC 9366) and are kept: which one to believe is decided above this room.
- Senders leave out the quotes: `text=Call Rejected, by analytics`. A piece after a comma that has no parameter of its
  own is the rest of such a text, not a new value.
"""

from __future__ import annotations

from typing import NamedTuple

from ..grammar import is_token, split_list
from ..params import Param, find, parse_params
from ..problems import fault

__all__ = ["ReasonValue", "parse_reason", "split_reasons"]


class ReasonValue(NamedTuple):
    """One Reason value."""

    protocol: str
    "SIP, Q.850, STIR or another, as sent; compare without regard to case."
    params: tuple[Param, ...]
    "All parameters in order, repeated ones too."
    raw: str
    "The value as sent, unfolded and stripped."

    @property
    def cause(self) -> int | None:
        """The first cause that is a number, None when there is none."""
        for param in self.params:
            if param.name.lower() == "cause" and param.value is not None:
                value = param.value.strip()
                if value.isascii() and value.isdigit() and len(value) <= 10:
                    return int(value)
        return None

    @property
    def text(self) -> str | None:
        """The first text, unquoted and unescaped; None when there is none."""
        return find(self.params, "text")

    @property
    def location(self) -> str | None:
        """The location of a Q.850 cause (RFC 8606): U, LPN, LN, TN, RLN, RPN, INTL, BI ...; None when there is none."""
        return find(self.params, "location")


def split_reasons(text: str) -> list[str]:
    """The Reason values of one header, each still text; a comma inside an unquoted text does not cut it."""
    values: list[list[str]] = []
    open_text = False
    for part in split_list(text):
        if open_text and "=" not in part:
            values[-1].append(part)
            open_text = ";" not in part
        else:
            values.append([part])
            open_text = _ends_in_bare_text(part)
    return [", ".join(value).rstrip() for value in values]


def _ends_in_bare_text(value: str) -> bool:
    params = parse_params(value.partition(";")[2])
    return bool(params) and params[-1].name.lower() == "text" and not params[-1].quoted and bool(params[-1].value)


def parse_reason(text: str, where: str = "Reason") -> ReasonValue:
    """
    One Reason value.

    Raises:
        RemoteError: no protocol stands in front of the parameters (`wire-reason-no-protocol`).

    Source: RFC 3326 §2 as updated by RFC 8606 and RFC 9366:
        reason-value = protocol *(SEMI reason-params)
    """
    raw = text.strip()
    head, _, after = raw.partition(";")
    protocol = head.strip()
    if not is_token(protocol):
        raise fault("wire-reason-no-protocol", "a protocol", raw, where, "RFC 3326 §2")
    return ReasonValue(protocol, parse_params(after), raw)
