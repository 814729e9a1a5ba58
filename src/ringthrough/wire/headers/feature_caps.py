"""Feature-Caps: what an element on the path can do."""

from __future__ import annotations

from typing import NamedTuple

from ..params import Param, find, parse_params
from ..problems import fault

__all__ = ["FeatureCaps", "parse_feature_caps"]


class FeatureCaps(NamedTuple):
    """One Feature-Caps value."""

    params: tuple[Param, ...]
    "Feature capability indicators in order, with their plus sign: `+sip.608`."

    def has(self, indicator: str) -> bool:
        """Is the indicator (`sip.608`, plus sign or not) among them?"""
        return find(self.params, "+" + indicator.lower().removeprefix("+")) is not None


def parse_feature_caps(text: str, where: str = "Feature-Caps") -> FeatureCaps:
    """
    One Feature-Caps value.

    Raises:
        RemoteError: it does not begin with an asterisk (`wire-feature-caps-syntax`).

    Source: RFC 6809 §6.2.1:
        fc-value = "*" *(SEMI feature-cap)
    """
    star, _, after = text.partition(";")
    if star.strip() != "*":
        raise fault("wire-feature-caps-syntax", "an asterisk", text, where, "RFC 6809 §6.2.1")
    return FeatureCaps(parse_params(after))
