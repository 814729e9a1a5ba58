"""One header of a message without reading the message: for the few facts that are asked of millions of them."""

from __future__ import annotations

from ringthrough.wire.decode import decode
from ringthrough.wire.message import Malformed

__all__ = ["glance"]


def glance(data: bytes, name: bytes) -> str | None:
    """
    Value of the first header field of a name, as `decode(data).headers.get` gives it.

    Args:
        data: a message that `decode` accepts.
        name: lower-case long name of a header that has no compact form.

    Returns:
        The value; None when there is none.
    """
    low = data.lower()
    times = low.count(name)
    if not times:
        return None
    at = low.find(b"\r\n" + name + b":")
    if times == 1 and at > 0:
        end = low.find(b"\r\n", at + 2)
        # An ordinary line: it ends, does not go on, and the header section ends behind it and nowhere before.
        if (
            0 < end <= low.find(b"\n\r\n")
            and low[end + 2 : end + 3] not in (b" ", b"\t", b"")
            and b"\n\n" not in low[:end]
        ):
            value = data[at + len(name) + 3 : end]
            if b"\n" not in value and b"\r" not in value:
                return value.decode("utf-8", "surrogateescape").strip(" \t")
    message = decode(data)
    return None if isinstance(message, Malformed) else message.headers.get(name.decode("ascii"))
