"""
`validate`: everything that is wrong with a message, and the status a server owes for it.

Theory of operation
- Decoding noted what is odd about lines and lengths. Here every header with a row in the table is parsed value by
  value, then the rules that look at several places at once are asked in turn.
- A status is owed to a request only, and never to an ACK (RFC 3261 §17.1.1.3, §13.3.1.4). A response that breaks the
  grammar is dropped.
- What elements of RFC 2543 left out (tag, branch, Max-Forwards) is noted and owes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from ringthrough.errors import Problem, RemoteError

from .grammar import is_token, opaque_removed
from .headers.table import ROWS, Row
from .layout import locate
from .message import Malformed, Message, Request, Response
from .names import key_of
from .problems import shown
from .rules import request_problems, response_problems, shared_problems

__all__ = ["MAX_HEADERS", "MAX_HEAD_BYTES", "validate"]

MAX_HEADERS = 256
"Header lines of one message. Precedents: Asterisk chan_sip 64, Python's http.client 100; RFC 4475 §3.1.1.7 needs 52."

MAX_HEAD_BYTES = 65_535
"Octets of start line and headers: the largest UDP datagram, and Kamailio's BUF_SIZE. h11 stops at 16 KiB."


def validate(message: Message | Malformed, *, understands: Collection[str] | None = None) -> tuple[Problem, ...]:
    """
    Every Problem of a message; none means that the codec finds nothing to object to.

    Args:
        message: what `decode` or a builder gave.
        understands: option tags that the server understands; what else is in Require owes a 420. None: not asked.

    Source: RFC 3261 §7, §8.1.1, §8.2, §20; statuses as RFC 4475 §3 names them
    """
    if isinstance(message, Malformed):
        return message.problems
    found = list(message.problems)
    offsets = locate(message.data, message._line_end) if message.data is not None else []
    found += _sizes(message)
    found += _header_problems(message, offsets)
    found += shared_problems(message)
    if isinstance(message, Request):
        found += request_problems(message, understands)
    if isinstance(message, Response):
        found += response_problems(message)
    answered = isinstance(message, Request) and message.method != "ACK"
    begins = _beginnings(message, offsets)
    return tuple(
        replace(
            problem,
            at=problem.at if problem.at is not None else begins.get(key_of(problem.where)),
            status=problem.status if answered else None,
        )
        for problem in found
    )


def _beginnings(message: Message, offsets: list[int]) -> dict[str, int]:
    """Where each header begins first, by key, and the start line; empty for a message that was built."""
    if message.data is None:
        return {}
    line = len(message.data) - len(message.data.lstrip(b"\r\n"))
    begins = {"start line": line, "request-uri": line}
    for (name, _), at in zip(message.headers, offsets, strict=True):
        begins.setdefault(key_of(name), at)
    return begins


def _sizes(message: Message) -> Iterator[Problem]:
    if len(message.headers) > MAX_HEADERS:
        said = f"expected at most {MAX_HEADERS} header lines, found {len(message.headers)}"
        yield Problem("wire-too-many-headers", said, "message", "RFC 3261 §21.5.7", None, 513)
    if message.data is not None:
        size = len(message.data) - len(message.body) - len(message.trailing)
        if size > MAX_HEAD_BYTES:
            said = f"expected at most {MAX_HEAD_BYTES} octets of headers, found {size}"
            yield Problem("wire-head-too-large", said, "message", "RFC 3261 §21.5.7", None, 513)


def _header_problems(message: Message, offsets: list[int]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, (name, value) in enumerate(message.headers):
        at = offsets[number] if offsets else None
        if not is_token(name):
            yield Problem("wire-header-name", f"expected a token, found {shown(name)}", shown(name),
                          "RFC 3261 §7.3.1", at, 400)  # fmt: skip
            continue
        row = ROWS.get(key_of(name))
        if row is None:
            continue
        if row.key in seen and not row.repeats:
            yield Problem("wire-header-repeated", f"expected one {row.name}, found another: {shown(value)}", row.name,
                          row.source, at, 400)  # fmt: skip
        seen.add(row.key)
        for problem in _value_problems(row, value):
            yield replace(problem, at=at)


def _value_problems(row: Row[object], text: str) -> Iterator[Problem]:
    """What is wrong with the values of one header line."""
    if not text and row.may_be_empty:
        return
    parts = row.split(text) if row.split is not None else [text]
    for part in parts:
        if not part and len(parts) > 1:
            said = f"expected a value between commas, found nothing in {shown(text)}"
            yield Problem("wire-list-empty", said, row.name, row.source, None, 400)
            continue
        try:
            row.parse(part, row.name)
        except RemoteError as error:
            yield error.problem
            continue
        if row.faults is not None:
            yield from row.faults(part, row.name)
        if row.has_params:
            yield from _param_problems(row, part)


def _param_problems(row: Row[object], text: str) -> Iterator[Problem]:
    rest = opaque_removed(text)
    if any(not part.strip() for part in rest.split(";")[1:]):
        said = f"expected a parameter after each semicolon, found none in {shown(text)}"
        yield Problem("wire-param-empty", said, row.name, "RFC 3261 §25.1", None, 400)
    if '"' in rest:
        said = f"expected a closing quote, found none in {shown(text)}"
        yield Problem("wire-quote-open", said, row.name, "RFC 3261 §25.1", None, 400)
