"""
From the text below a start line to the octets of the message: line ends restored, frames and prefixes taken off.

Theory of operation
- `cut_plain` takes what most tools write: header fields at the beginning of the line, an empty line, a body. It works
  on slices and replaces, and hands over to `cut_lines` whatever is not clean.
- `cut_lines` goes line by line: it takes off what every line begins with (an indent, `//`, a syslog prefix), joins
  lines that a terminal or a mail program broke, and passes over log lines in between.
- Content-Length frames the body where it can be right: it counts CRLFs, which are restored first; it must end at the
  end of a line; and a session description must consist of its lines. Otherwise the body ends where its lines do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from ringthrough.calls.sighting import CUT
from ringthrough.captures.text.heads import is_head
from ringthrough.captures.text.shapes import (
    CLEAN,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    FIELD,
    FOLD,
    LOG_LINE,
    SDP,
)

__all__ = ["MESSAGE_LIMIT_BYTES", "Cutting", "Strip", "cut_lines", "cut_plain", "fitted", "strip_like"]

MESSAGE_LIMIT_BYTES = 1 << 18
"Longest message in a trace; a longer one is cut off here. Kamailio and OpenSIPS take 64 KiB, Asterisk 20 KiB."
_WRAPPED_FROM = 40
"A line that a terminal broke has at least this many characters; shorter ones ended by themselves."

_NUMBER = re.compile(rb"[0-9]+")

_TAB = re.compile(rb"^([A-Za-z-]+:)\.(?=[^.])")
"A tab after the colon, printed as a dot: no value begins with one."

Strip = Callable[[bytes], bytes | None]
"Takes a line, gives it without what the tool put before it; None when it does not belong to the message."


class Cutting(NamedTuple):
    """A message cut out of the text."""

    data: bytes
    "The message with CRLF line ends and an empty line."
    end: int
    "Offset in the text after it."
    flags: int
    "`CUT`, or 0."
    notes: tuple[str, ...] = ()
    "What had to be mended."


def cut_plain(text: bytes, at: int, limit: int, *, dotted: bool) -> Cutting:
    """
    Cut out a message whose lines begin where they should.

    Args:
        text: the trace; lines end with LF.
        at: where its start line begins.
        limit: where it ends at the latest.
        dotted: CR is printed as a dot (ngrep, sipgrep).
    """
    blank = text.find(b"\n.\n" if dotted else b"\n\n", at, limit)
    if blank >= 0:
        head = text[at : blank + 1]
        restored = not dotted or head.count(b"\n") == head.count(b".\n")
        if restored and CLEAN.fullmatch(head) is not None and FOLD not in head:
            after = blank + (3 if dotted else 2)
            found = CONTENT_LENGTH.search(head)
            if found is not None:
                length = int(found[1])
                if not length:
                    return Cutting(_crlf(head, dotted) + b"\r\n", after, 0)
                body = _body(text, after, limit, length, dotted)
                if body is not None:
                    end = after + len(body) - (0 if dotted else body.count(b"\r\n"))
                    return Cutting(_crlf(head, dotted) + b"\r\n" + body, end, 0)
            elif CONTENT_TYPE.search(head) is None:
                return Cutting(_crlf(head, dotted) + b"\r\n", after, 0)
    return cut_lines(text, at, limit, _undot if dotted else _as_is, dotted=dotted)


def _crlf(text: bytes, dotted: bool) -> bytes:
    return text.replace(b".\n", b"\r\n") if dotted else text.replace(b"\n", b"\r\n")


def _body(text: bytes, after: int, limit: int, length: int, dotted: bool) -> bytes | None:
    """Return the body by its Content-Length, with CRLF; None when that cannot be right."""
    if after + length < limit and text[after : after + 2] != b"v=":
        limit = min(limit, after + length)
    raw = text[after : min(limit, after + length + 2)]
    if FOLD in raw:
        return None
    body = _crlf(raw, dotted)
    if len(body) < length or (body[length - 2 : length] != b"\r\n" and body[length : length + 2] not in (b"\r\n", b"")):
        return None
    body = body[:length]
    if body[:2] == b"v=":
        return body if SDP.fullmatch(body) is not None else None
    lines = body.split(b"\r\n")
    return body if not any(is_head(line) for line in lines) else None


def _as_is(line: bytes) -> bytes:
    return line


def _undot(line: bytes) -> bytes | None:
    # An empty line is no line of a message here: that would be a dot. A tab is a dot as well.
    if line[:1] == b"." and len(line) > 1:
        line = b"\t" + line[1:]
    return _TAB.sub(rb"\1\t", line.removesuffix(b".")) if line else None


def strip_like(prefix: bytes) -> Strip:
    """
    Make what takes the prefix off every line of a message.

    Args:
        prefix: what stands before the start line: an indent, a mark, or a log's time and process.
    """
    bare = prefix.strip()
    if not bare:
        return lambda line: line[len(prefix) :] if line.startswith(prefix) else None if line.strip() else b""
    shape = _shape_of(_NUMBER.sub(b"0", prefix))

    def strip(line: bytes) -> bytes | None:
        if line.startswith(prefix):
            return line[len(prefix) :]
        found = shape.match(line)
        if found is not None:
            return line[found.end() :]
        rest = line.strip()
        return b"" if rest == bare or shape.fullmatch(line + b" ") is not None else None

    return strip


@lru_cache(maxsize=256)
def _shape_of(prefix: bytes) -> re.Pattern[bytes]:
    """A pattern for prefixes that differ in their numbers only."""
    bare = prefix.rstrip()
    parts = re.split(rb"([0-9]+|[ \t]+)", bare)
    shaped = (
        rb"[0-9]+" if part[:1].isdigit() else rb"[ \t]+" if part[:1].isspace() else re.escape(part)
        for part in parts
        if part
    )
    return re.compile(b"".join(shaped) + re.escape(prefix[len(bare) :]))  # more blanks belong to the message


def cut_lines(text: bytes, at: int, limit: int, strip: Strip, *, dotted: bool = False, quote: bytes = b"") -> Cutting:
    """
    Cut out a message line by line.

    Args:
        text: the trace; lines end with LF.
        at: where its start line begins, after any prefix.
        limit: where it ends at the latest.
        strip: takes off what the tool puts before every line.
        dotted: CR is printed as a dot.
        quote: the mark before the message, when it is a field of a table; ends it where it stands alone.
    """
    lines = text[at : min(limit, at + MESSAGE_LIMIT_BYTES)].split(b"\n")
    fields: list[bytes] = [lines[0].removesuffix(b".").rstrip(b" ") if dotted else lines[0].rstrip(b" ")]
    notes: list[str] = []
    number = 1
    blank = False
    closed = False
    while number < len(lines) - 1 or (number < len(lines) and lines[number]):
        line = lines[number].replace(FOLD, b"")
        bare = line if line and quote and line.startswith(quote) else strip(line)
        if bare is None:
            break
        if not bare.strip():
            blank = True
            number += 1
            break
        if quote and bare.startswith(quote):
            closed = True
            break
        if bare[:2] == b"v=":
            break
        if LOG_LINE.match(bare) is not None or is_head(bare):
            more = _next_field(lines, number + 1, strip)
            if not more:
                break
            notes.append("text-lines-between")
            number = more
            continue
        if FIELD.match(bare) is not None or bare[:1] in b" \t":
            fields.append(bare)
        else:
            before = fields[-1]
            if before[-1:] in b",;":
                fields[-1] = before + b" " + bare
            elif len(before) >= _WRAPPED_FROM and len(fields) > 1:
                fields[-1] = before + bare
            else:
                break
            notes.append("text-lines-joined")
        number += 1
        if quote and _ends(fields[-1], quote):
            fields[-1], closed = fields[-1][: fields[-1].rindex(quote)], True
            break
    head = b"\r\n".join(fields) + b"\r\n"
    if quote == b'"':
        head = head.replace(b'""', b'"')
    flags = 0 if blank or len(fields) > 1 else CUT
    found = CONTENT_LENGTH.search(head)
    length = int(found[1]) if found is not None else -1
    body: list[bytes] = []
    if length and not closed and (blank or number < len(lines)):
        number, body = _body_lines(lines, number, strip, length, typed=CONTENT_TYPE.search(head) is not None)
    data, short = fitted(head + b"\r\n", b"".join(line + b"\r\n" for line in body), length)
    if short is not None:
        notes.append("text-body-length")
        flags |= short
    end = min(limit, at + sum(map(len, lines[:number])) + number)
    return Cutting(data, end, flags, tuple(notes))


def fitted(head: bytes, body: bytes, length: int) -> tuple[bytes, int | None]:
    """
    Put a message together whose body was taken line by line.

    Args:
        head: start line and header fields, with the empty line.
        body: with CRLF after every line, also after one that has none in the message.
        length: what Content-Length says; -1 when it says nothing.

    Returns:
        The message; and None, or the flags of one whose body is not as long as it should be.
    """
    size = len(body)
    if length <= 0 or size == length:
        return head + body, None
    if size == length + 2:
        return head + body[:-2], None
    return head + body, CUT if size < length else 0


def _ends(line: bytes, quote: bytes) -> bool:
    """Whether the mark that ends a field of a table stands in this line: an odd one, followed by a comma or the end."""
    mark = re.escape(quote)
    return (
        re.search(rb"(?<!" + mark + rb")" + mark + rb"(?:[,;)\t]|$)", line) is not None and line.count(quote) % 2 == 1
    )


def _next_field(lines: list[bytes], number: int, strip: Strip) -> int:
    """Line at which header fields go on after log lines in between; 0 when they do not."""
    for ahead in range(number, min(number + 4, len(lines))):
        bare = strip(lines[ahead].replace(FOLD, b""))
        if bare is None or not bare.strip():
            return 0
        if LOG_LINE.match(bare) is None and not is_head(bare):
            return ahead if FIELD.match(bare) is not None else 0
    return 0


def _body_lines(lines: list[bytes], number: int, strip: Strip, length: int, *, typed: bool) -> tuple[int, list[bytes]]:
    """Lines of the body from `number` on, and the number of the first line after it."""
    body: list[bytes] = []
    size = 0
    first = strip(lines[number].replace(FOLD, b"")) if number < len(lines) else None
    sdp = first is not None and first[:2] == b"v="
    if length < 0 and not sdp and not typed:
        return number, body
    while number < len(lines) - 1 or (number < len(lines) and lines[number]):
        if size == length or (0 <= length < size and not sdp):
            break
        bare = strip(lines[number].replace(FOLD, b""))
        if bare is None:
            break
        if sdp:
            if bare[1:2] != b"=":
                break
        elif is_head(bare) or LOG_LINE.match(bare) is not None or (length < 0 and not bare):
            break
        body.append(bare)
        size += len(bare) + 2
        number += 1
    while body and not body[-1]:  # the empty lines that end an entry of a log
        body.pop()
    return number, body
