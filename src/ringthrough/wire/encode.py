"""`encode`: a message to octets."""

from __future__ import annotations

from .message import Request, Response

__all__ = ["encode"]


def encode(message: Request | Response) -> bytes:
    """
    The octets of a message: those it was read from, trailing ones included, or those of a built one.

    Source: RFC 3261 §7
    """
    if message.data is not None:
        return message.data
    if isinstance(message, Request):
        lines = [f"{message.method} {message.uri_text} {message.version}"]
    else:
        lines = [f"{message.version} {message.status} {message.phrase}"]
    lines += [f"{name}: {value}" for name, value in message.headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + message.body
