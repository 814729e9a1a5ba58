"""Builders: `build_request`, `build_response`, and `respond`, which answers a request."""

from __future__ import annotations

from collections.abc import Iterable

from ringthrough.errors import LocalError, Problem

from .fields import Headers
from .grammar import is_token
from .message import Request, Response
from .names import key_of
from .problems import shown

__all__ = ["build_request", "build_response", "respond"]


def build_request(method: str, uri: str, headers: Iterable[tuple[str, str]], body: bytes = b"") -> Request:
    """
    A request from its parts. Content-Length is added at the end unless given; nothing else is.

    Raises:
        LocalError: the method or a header's name is no token; the URI holds white space; a value holds CR, LF or NUL.

    Source: RFC 3261 §7.1
    """
    if not is_token(method):
        raise _illegal("wire-method", f"expected a token, found {shown(method)}", "method", "RFC 3261 §7.1")
    if not uri or len(uri.split()) != 1 or uri != uri.strip():
        raise _illegal("wire-uri-space", f"expected a URI, found {shown(uri)}", "Request-URI", "RFC 3261 §7.1")
    _refuse_breaks(uri, "Request-URI")
    request = Request(method, uri, "SIP/2.0")
    request._build_from(_checked(headers, body), body)
    return request


def build_response(status: int, phrase: str, headers: Iterable[tuple[str, str]], body: bytes = b"") -> Response:
    """
    A response from its parts. Content-Length is added at the end unless given; nothing else is.

    Raises:
        LocalError: the status lies outside 100 to 699; the phrase or a value holds CR, LF or NUL; a name is no token.

    Source: RFC 3261 §7.2
    """
    if not 100 <= status <= 699:
        raise _illegal("wire-status-range", f"expected 100 to 699, found {status}", "status", "RFC 3261 §7.2")
    _refuse_breaks(phrase, "reason phrase")
    response = Response(status, phrase, "SIP/2.0")
    response._build_from(_checked(headers, body), body)
    return response


def respond(
    request: Request,
    status: int,
    phrase: str,
    *,
    to_tag: str,
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
) -> Response:
    """
    The answer to a request: all Vias in order, From, To, Call-ID and CSeq as they came, then `headers`.

    Args:
        request: what is answered; what it lacks the response lacks.
        status: 100 to 699.
        phrase: reason phrase.
        to_tag: tag for a To that has none; a 100 gets none (RFC 3261 §17.2.1).
        headers: more fields, after the copied ones.
        body: the body.

    Raises:
        LocalError: as `build_response`; also when `to_tag` is needed and is no token.

    Source: RFC 3261 §8.2.6; a Timestamp is copied into a 100 (§8.2.6.1)
    """
    copied: list[tuple[str, str]] = [("Via", value) for value in request.headers.all("Via")]
    for name in ("From", "To", "Call-ID", "CSeq"):
        value = request.headers.get(name)
        if value is None:
            continue
        if name == "To" and status != 100 and not (request.to is not None and request.to.tag):
            if not is_token(to_tag):
                raise _illegal("wire-token", f"expected a tag, found {shown(to_tag)}", "to_tag", "RFC 3261 §25.1")
            value = f"{value};tag={to_tag}"
        copied.append((name, value))
    if status == 100 and (stamp := request.headers.get("Timestamp")) is not None:
        copied.append(("Timestamp", stamp))
    copied = [(name, value.replace("\r", " ").replace("\x00", " ")) for name, value in copied]
    return build_response(status, phrase, [*copied, *headers], body)


def _checked(headers: Iterable[tuple[str, str]], body: bytes) -> Headers:
    items = []
    counted = False
    for name, value in headers:
        if not is_token(name):
            raise _illegal("wire-header-name", f"expected a token, found {shown(name)}", "header", "RFC 3261 §7.3.1")
        _refuse_breaks(value, name)
        items.append((name, value.strip(" \t")))
        counted = counted or key_of(name) == "content-length"
    if not counted:
        items.append(("Content-Length", str(len(body))))
    return Headers(items)


def _refuse_breaks(text: str, where: str) -> None:
    """A line break inside a value would let whoever supplies it write headers of their own."""
    _refuse_unwritable(text, where)
    for bad, name in (("\r", "CR"), ("\n", "LF"), ("\x00", "NUL")):
        if bad in text:
            raise _illegal("wire-header-break", f"expected one line, found {name} in {shown(text)}", where,
                           "RFC 3261 §25.1")  # fmt: skip


def _refuse_unwritable(text: str, where: str) -> None:
    """Text from `decode` can always be written; other text may hold a lone surrogate."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        said = f"expected text that UTF-8 can write, found {shown(text)}"
        raise _illegal("wire-not-encodable", said, where, "RFC 3261 §25.1") from error


def _illegal(code: str, detail: str, where: str, source: str) -> LocalError:
    return LocalError(Problem(code, detail, where, source))
