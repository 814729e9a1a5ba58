"""Messages on one line: of JSON, SQL dumps, rsyslog and ngrep, which write line ends as letters or dots."""

from __future__ import annotations

import re

from ringthrough.calls.sighting import CUT
from ringthrough.captures.text.cutting import MESSAGE_LIMIT_BYTES, Cutting
from ringthrough.captures.text.shapes import CONTENT_LENGTH, ESCAPED

__all__ = ["cut_escaped"]

_DOTTED_FOLD = re.compile(rb"\.\.(?:\.| +)(?=[;,])")
"A line end and a blank before a parameter, printed by ngrep."
_CLOSING = re.compile(rb"(?<!\\)[\"']\s*(?:[,;)}\t]|$)|\t")
"What ends a field of a table."
_MARKED = re.compile(rb"\\+([\"'/\\])")


def cut_escaped(text: bytes, at: int, limit: int) -> Cutting:
    """
    Cut out a message that stands on one line, with its line ends written as letters.

    Args:
        text: the trace.
        at: where the start line begins.
        limit: where it ends at the latest: the end of the line, or the next message on it.
    """
    raw = text[at : min(limit, at + MESSAGE_LIMIT_BYTES)]
    if b"..." in raw:
        raw = _DOTTED_FOLD.sub(lambda found: b"\r\n" + found[0][2:].replace(b".", b"\t"), raw)
    lines: list[bytes] = []
    begin = size = body_from = 0
    length = -1
    for found in ESCAPED.finditer(raw):
        line = _unescape(raw[begin : found.start()])
        begin = found.end()
        lines.append(line)
        size += len(line) + 2
        if not body_from and not line:
            body_from = size
            said = CONTENT_LENGTH.search(b"\n".join(lines) + b"\n")
            length = int(said[1]) if said is not None else 0
        if body_from and size - body_from >= length:
            break
    last = b"" if body_from and size - body_from >= length else _last_line(raw[begin:])
    end = at + begin + len(last)
    data = b"".join(line + b"\r\n" for line in lines) + _unescape(last)
    if not body_from:
        return Cutting(data + (b"\r\n" if not last else b"\r\n\r\n"), end, 0)
    if len(data) - body_from == length + 2:
        data = data[:-2]
    short = len(data) - body_from < length
    return Cutting(data, end, CUT if short else 0, ("text-body-length",) if short else ())


def _last_line(rest: bytes) -> bytes:
    """What of the rest of the line belongs to the message: up to the mark that ends a string, or all of it."""
    found = _CLOSING.search(rest)
    return rest[: found.start()] if found is not None else rest.rstrip(b" ")


def _unescape(line: bytes) -> bytes:
    if b"\\" not in line:
        return line
    return _MARKED.sub(rb"\1", line).replace(b"\\t", b"\t")
