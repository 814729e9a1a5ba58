"""
Where the parts of a message lie: header lines, body, trailing octets. Tolerant of bare LF; whatever is odd is noted.

Facts:
- The header section ends at the first empty line, whichever of CRLF and LF ends the lines around it.
- White space at the start of a line continues the line before (RFC 3261 §7.3.1); the break and the white space around
  it read as one space.
"""

from __future__ import annotations

from collections.abc import Iterator

from ringthrough.errors import Problem

from .problems import shown

__all__ = ["lay_out", "locate", "oddities"]

WSP = " \t"
"White space inside a line (RFC 5234 appendix B.1)."


def lay_out(data: bytes, line_end: int) -> tuple[list[str], int]:
    """
    Cut the header section.

    Args:
        data: the message.
        line_end: offset of the LF that ends the start line, or the length of the data when nothing ends it.

    Returns:
        The header lines, unfolded, in order (those without a colon are no headers), and the offset of the first octet
        after the empty line (the length of the data when there is none).
    """
    end = data.find(b"\r\n\r\n", line_end)
    if end > 0:
        text = data[line_end + 1 : end].decode("utf-8", "surrogateescape")
        lines = text.split("\r\n")
        # As many LF as CRLF: no bare LF, hence no earlier empty line. No line begins with white space: nothing folded.
        if text.count("\n") == len(lines) - 1 and min(lines) >= "!":
            return lines, end + 4
    begin, end, body_at = _head(data, line_end)
    lines = [line for line, _ in _logical(data, begin, end) if line[:1] not in WSP]
    return lines, body_at if body_at >= 0 else len(data)


def oddities(data: bytes, line_end: int) -> tuple[Problem, ...]:
    """What is odd about the lines of a message: their ends, their folding, their colons."""
    begin, end, body_at = _head(data, line_end)
    problems: list[Problem] = []
    bare = _bare_lf(data, line_end, body_at if body_at >= 0 else len(data))
    if bare >= 0:
        problems.append(Problem("wire-bare-lf", "expected CRLF, found LF", "message", "RFC 3261 §7", bare, None))
    for line, at in _logical(data, begin, end):
        if "\r" in line:
            problems.append(_problem("wire-bare-cr", "no CR inside a line", line, at))
        if line[:1] in WSP:
            problems.append(_problem("wire-fold-at-start", "a header", line, at))
        elif ":" not in line:
            problems.append(_problem("wire-header-no-colon", "a colon", line, at))
    if body_at < 0:
        said = "expected an empty line, found the end"
        problems.append(Problem("wire-head-unterminated", said, "message", "RFC 3261 §7", len(data), 400))
    return tuple(problems)


def locate(data: bytes, line_end: int) -> list[int]:
    """Offset of each header of a message, in the order of its headers."""
    begin, end, _ = _head(data, line_end)
    return [at for line, at in _logical(data, begin, end) if ":" in line and line[:1] not in WSP]


def _head(data: bytes, line_end: int) -> tuple[int, int, int]:
    """Begin and end of the header section without its last line end, and begin of the body (-1: no empty line)."""
    begin = line_end + 1
    end = data.find(b"\n\r\n", line_end)
    bare = data.find(b"\n\n", line_end, end if end >= 0 else len(data))
    if bare >= 0:
        end, body_at = bare, bare + 2
    elif end >= 0:
        body_at = end + 3
    else:
        # No empty line: everything is header, the last line perhaps cut.
        end = len(data) - 1 if data[-1:] == b"\n" else len(data)
        body_at = -1
    if end > begin and data[end - 1] == 13:
        end -= 1
    return begin, end, body_at


def _logical(data: bytes, begin: int, end: int) -> Iterator[tuple[str, int]]:
    """Each line of the header section, unfolded, with its offset."""
    if end <= begin:
        return
    pieces: list[str] = []
    begun = at = begin
    for octets in data[begin:end].split(b"\n"):
        line = octets.decode("utf-8", "surrogateescape").removesuffix("\r")
        if pieces and line[:1] in (" ", "\t"):
            pieces[-1] = pieces[-1].rstrip(WSP)
            pieces.append(line.strip(WSP))
        else:
            if pieces:
                yield " ".join(pieces), begun
            pieces, begun = [line], at
        at += len(octets) + 1
    yield " ".join(pieces), begun


def _bare_lf(data: bytes, begin: int, end: int) -> int:
    """Offset of the first LF without CR between start line and body, -1 when there is none."""
    at = data.find(b"\n", begin, end)
    while at >= 0 and data[at - 1 : at] == b"\r":
        at = data.find(b"\n", at + 1, end)
    return at


def _problem(code: str, expected: str, found: str, at: int) -> Problem:
    where = found.partition(":")[0].strip() if ":" in found else "header section"
    return Problem(code, f"expected {expected}, found {shown(found)}", where, "RFC 3261 §7.3.1", at, 400)
