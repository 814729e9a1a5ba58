"""PEM blocks and bare DER: from a file to the octets of each object in it (RFC 7468)."""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import Error, a2b_base64

from ringthrough.errors import RemoteError

from .der import read_element
from .problems import fault, shown

__all__ = ["MAX_FILE", "objects_in", "pem"]

MAX_FILE = 16 * 1024 * 1024
"Octets of a file of certificates or lists; the revocation list of all of North America has under one MiB."

_BEGIN = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----")
_SPACES = bytes(range(33))


def objects_in(octets: bytes, labels: tuple[str, ...], most: int, none: str) -> list[bytes]:
    """
    DER of each object with one of the labels, in their order; other blocks and text around them are passed over.

    Args:
        octets: PEM, or one object in DER.
        labels: `CERTIFICATE`, `X509 CRL` and their like.
        most: objects to return.
        none: slug of the error when there is nothing.

    Raises:
        RemoteError: nothing there, a block without an end or not base64, too many, too large.

    Source: RFC 7468 §2, §3
    """
    if len(octets) > MAX_FILE:
        raise fault(none, f"expected at most {MAX_FILE} octets, found {len(octets)}")
    if octets[:1] == b"\x30":
        try:
            return [read_element(octets).whole]
        except RemoteError as error:
            raise fault(none, error.problem.detail) from None
    found: list[bytes] = []
    at = 0
    while (begin := _BEGIN.search(octets, at)) is not None:
        label = begin[1].decode("ascii")
        if label not in labels:
            at = begin.end()
            continue
        end = octets.find(b"-----END " + begin[1] + b"-----", begin.end())
        if end < 0:
            raise fault("jose-certificate-pem", f"expected END {label}, found the end of the file", at=begin.start())
        if len(found) == most:
            raise fault("jose-certificate-too-many", f"expected at most {most} of {label}, found more")
        body = octets[begin.end() : end].translate(None, _SPACES)
        try:
            found.append(a2b_base64(body, strict_mode=True))
        except Error as error:
            detail = f"expected base64 of {label}, found {shown(str(error))}"
            raise fault("jose-certificate-pem", detail, at=begin.start()) from None
        at = end
    if not found:
        raise fault(none, f"expected {labels[0]} in PEM or DER, found {shown(octets[:24])}", source="RFC 7468 §5")
    return found


def pem(label: str, der: bytes) -> bytes:
    """One object as a PEM block, with lines of 64 characters. Source: RFC 7468 §3"""
    text = b64encode(der)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    edge = label.encode("ascii")
    return b"\n".join([b"-----BEGIN %b-----" % edge, *lines, b"-----END %b-----" % edge, b""])
