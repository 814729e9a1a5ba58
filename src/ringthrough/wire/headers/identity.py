"""Identity: a signed PASSporT about the caller."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..params import Param, find, parse_params
from ..problems import fault

__all__ = ["IdentityValue", "parse_identity"]

# RFC 8224 §4:
#   Identity = "Identity" HCOLON signed-identity-digest SEMI ident-info *( SEMI ident-info-params )
#   signed-identity-digest = 1*(base64-char / ".")
# Its base64-char leaves out '-' and '_', which every PASSporT (base64url) needs; both alphabets are taken.
_DIGEST = re.compile(r'"?([A-Za-z0-9+/_.=-]+)"?')


class IdentityValue(NamedTuple):
    """One Identity value, not checked: the room that verifies it reads the token."""

    token: str
    "The PASSporT in compact form; in the short form of RFC 8225 §7 with two dots and an empty middle."
    params: tuple[Param, ...]
    "Parameters, in order."

    @property
    def info(self) -> str | None:
        """Where the certificate is, without its angle brackets."""
        value = find(self.params, "info")
        return None if value is None else value.strip().removeprefix("<").removesuffix(">").strip()

    @property
    def alg(self) -> str | None:
        """The signature algorithm."""
        return find(self.params, "alg")

    @property
    def ppt(self) -> str | None:
        """The PASSporT type: shaken, div, rcd ...; quoted or not (RFC 8224 against RFC 8946)."""
        return find(self.params, "ppt")


def parse_identity(text: str, where: str = "Identity") -> IdentityValue:
    """
    An Identity value. Its header holds one, so a comma is no separator.

    Raises:
        RemoteError: no signed digest stands in front of the parameters (`wire-identity-syntax`).

    Source: RFC 8224 §4
    """
    head, _, after = text.partition(";")
    match = _DIGEST.fullmatch("".join(head.split()))
    if match is None:
        raise fault("wire-identity-syntax", "a signed digest", text, where, "RFC 8224 §4")
    return IdentityValue(match[1], parse_params(after))
