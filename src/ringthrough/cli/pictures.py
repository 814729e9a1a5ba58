"""A picture for the top of a page, as a `data:` URI: read, recognised by its content, and bounded."""

from __future__ import annotations

import re
from base64 import b64encode

from ringthrough.errors import BackendError, LocalError, Problem

__all__ = ["picture"]

_MOST_BYTES = 1_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
# A picture in an <img> runs no script and loads nothing (HTML Standard §4.8.3), so an SVG needs no cleaning.
_SVG = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s/>]", re.DOTALL
)


def picture(path: str) -> str:
    """
    Return a PNG or SVG file as a `data:` URI.

    Raises:
        LocalError: it is neither, or larger than a megabyte (`cli-picture`).
        BackendError: it cannot be read (`cli-picture-read`).
    """
    try:
        with open(path, "rb") as handle:
            data = handle.read(_MOST_BYTES + 1)
    except OSError as fault:
        detail = f"expected a picture to read, the system says: {fault.strerror or fault}"
        raise BackendError(Problem("cli-picture-read", detail, where=path)) from fault
    if len(data) > _MOST_BYTES:
        raise LocalError(Problem("cli-picture", f"expected at most {_MOST_BYTES:,} octets, found more", where=path))
    kind = "image/png" if data.startswith(_PNG) else "image/svg+xml" if _SVG.match(data) else ""
    if not kind:
        raise LocalError(Problem("cli-picture", "expected a PNG or SVG picture, found something else", where=path))
    return f"data:{kind};base64,{b64encode(data).decode()}"
