"""Content-Type and Content-Disposition: what the body is and what it is for."""

from __future__ import annotations

from typing import NamedTuple

from ..grammar import is_token
from ..params import Param, find, parse_params
from ..problems import fault

__all__ = ["Disposition", "MediaType", "parse_disposition", "parse_media_type"]


class MediaType(NamedTuple):
    """A media type."""

    type: str
    "Lower-cased: application, multipart ..."
    subtype: str
    "Lower-cased: sdp, mixed ..."
    params: tuple[Param, ...]
    "Parameters, in order."

    @property
    def essence(self) -> str:
        """Type and subtype without parameters: `application/sdp`."""
        return f"{self.type}/{self.subtype}"

    @property
    def boundary(self) -> str | None:
        """What separates the parts of a multipart body."""
        return find(self.params, "boundary")


class Disposition(NamedTuple):
    """What a body is for."""

    type: str
    "Lower-cased: session, render, signal ..."
    params: tuple[Param, ...]
    "Parameters, in order."


def parse_media_type(text: str, where: str = "Content-Type") -> MediaType:
    """
    A media type.

    Raises:
        RemoteError: it is not two tokens with a slash between them (`wire-media-type`).

    Source: RFC 3261 §20.15:
        media-type = m-type SLASH m-subtype *(SEMI m-parameter)
    """
    head, _, after = text.partition(";")
    kind, slash, sub = head.partition("/")
    kind, sub = kind.strip().lower(), sub.strip().lower()
    if not slash or not is_token(kind) or not is_token(sub):
        raise fault("wire-media-type", "type/subtype", text, where, "RFC 3261 §20.15")
    return MediaType(kind, sub, parse_params(after) if after else ())


def parse_disposition(text: str, where: str = "Content-Disposition") -> Disposition:
    """
    A Content-Disposition value.

    Raises:
        RemoteError: it does not begin with a token (`wire-token`).

    Source: RFC 3261 §20.11
    """
    head, _, after = text.partition(";")
    kind = head.strip().lower()
    if not is_token(kind):
        raise fault("wire-token", "a token", text, where, "RFC 3261 §20.11")
    return Disposition(kind, parse_params(after) if after else ())
