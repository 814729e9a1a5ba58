"""
base64url without padding, read strictly: one text for one sequence of octets.

A lenient reader would give the same octets for several texts, and a token could be altered without breaking it for
those who compare texts (RFC 4648 §3.5, §12).
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from binascii import a2b_base64

from .problems import fault, shown

__all__ = ["decode_segment", "encode_segment"]

# RFC 4648 §5, table 2; RFC 7515 §2: no '=' padding, no line breaks
_STRAY = re.compile(rb"[^A-Za-z0-9_-]")
_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")
_PADDING = (b"", b"", b"==", b"=")
# The last character of a text with two (three) characters over carries 4 (2) bits that stand for nothing: they are 0.
_LAST = (b"", b"", b"AQgw", b"AEIMQUYcgkosw048")


def encode_segment(octets: bytes) -> bytes:
    """The octets as base64url without padding. Source: RFC 7515 §2, appendix C."""
    return urlsafe_b64encode(octets).rstrip(b"=")


def decode_segment(segment: bytes, where: str = "") -> bytes:
    """
    The octets of a base64url text.

    Raises:
        RemoteError: padding, a character outside the alphabet, an impossible length, or bits left over.

    Source: RFC 4648 §3.5, §5; RFC 7515 §2
    """
    over = len(segment) & 3
    if over != 1 and (not over or segment[-1] in _LAST[over]):
        try:
            return a2b_base64(segment.translate(_TO_STANDARD) + _PADDING[over], strict_mode=True)
        except ValueError:
            pass
    stray = _STRAY.search(segment)
    if stray is not None:
        found = stray.group()
        if found == b"=":
            detail = f"expected base64url without padding, found '=' at {stray.start()}"
            raise fault("jose-base64-padding", detail, where, "RFC 7515 §2", stray.start())
        if found <= b" ":
            detail = f"expected one line without spaces, found {shown(found.decode('ascii'))} at {stray.start()}"
            raise fault("jose-token-not-one-line", detail, where, "RFC 7515 §7.1", stray.start())
        detail = f"expected base64url, found {shown(found.decode('latin-1'))} at {stray.start()}"
        raise fault("jose-base64-alphabet", detail, where, "RFC 4648 §5", stray.start())
    over = len(segment) & 3
    if over == 1:
        detail = f"expected a length that base64url can have, found {len(segment)} characters"
        raise fault("jose-base64-length", detail, where, "RFC 4648 §4")
    if over and segment[-1] not in _LAST[over]:
        detail = f"expected zero bits at the end, found {shown(chr(segment[-1]))} as the last character"
        raise fault("jose-base64-trailing-bits", detail, where, "RFC 4648 §3.5", len(segment) - 1)
    return a2b_base64(segment.translate(_TO_STANDARD) + _PADDING[over])
