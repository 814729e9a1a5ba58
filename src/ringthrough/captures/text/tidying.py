"""
The octets of a trace as lines: colours, terminal marks, code pages and page breaks taken off, line ends made LF.

Facts
- Every line end stays one octet (LF, or `FOLD` where it is none of the text's own), so that lines can be counted.
- PowerShell and Notepad write UTF-16 with a byte order mark; it is decoded here.
- rsyslog writes control characters as `#ooo`; `cat -v` and mails write CR as `^M`.
- ngrep and sipgrep print every segment of a TCP stream under a line of its own, in the middle of a field if need be.
- ngrep's default output breaks a payload into lines of one width with two spaces before each; they are joined again.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from ringthrough.captures.source import BLOCK_BYTES, Source
from ringthrough.captures.text.shapes import FOLD

__all__ = ["pieces", "unfold"]

_ANSI = re.compile(rb"(?:\x1b|#033)(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[@-Z\\-_])|\x1b")
_CR = re.compile(rb"(?<!\r)\r++(?=\n)")
_LATE_BYTES = 64
"Longest mark that may be cut by the end of a piece."
_FEED = b"\x0c"
_FOOTER = re.compile(rb"\[Page [0-9]+\][ \t]*\Z")
_PAGE_BYTES = 1024
"How far a page break may reach to either side of its form feed."
_BROKEN = re.compile(rb"(?m)^([UT?](?:\([0-9]+\))? [^\n]* -> [^\n]*\n)((?:  [^\n]*\n){2,}+)(?=\n)")
_BREAKS = re.compile(rb" -> [^\n]*+\n  ")  # begins with a literal, so that it is found fast, or not
_PACKET = re.compile(
    rb"(?:\A\n?|\n\n)[TU](?:\([0-9]+\))? [^\n]{0,99}?(\S{1,60}:[0-9]{1,5} -> \S{1,60}:[0-9]{1,5})[^\n]*\n\n?"
)
_BEGINS = re.compile(rb"\Z|[\n.]|SIP/2\.0 |[A-Z]+ [^\n]* SIP/2\.0")
_BOMS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def pieces(source: Source) -> Iterator[bytes]:
    """Give the text piece by piece: UTF-8 (or whatever the octets are), lines ending with LF."""
    head = source.peek(3)
    decoder = None
    for mark, name in _BOMS:
        if head.startswith(mark):
            source.take(2)
            decoder = codecs.getincrementaldecoder(name)("replace")
    if head == codecs.BOM_UTF8:
        source.take(3)
    late = b""
    while piece := source.take(BLOCK_BYTES):
        if decoder is not None:
            piece = decoder.decode(piece).encode("utf-8", "replace")
        text = late + piece if late else piece
        late = b""
        marks = text[-_LATE_BYTES:]
        at = min((found for found in map(marks.find, (b"\x1b", b"\r", b"#0", b"^")) if found >= 0), default=-1)
        if at >= 0:
            cut = len(text) - len(marks) + at
            text, late = text[:cut], text[cut:]
        if text:
            yield _plain(text)
    if late:
        yield _plain(late)


def _plain(text: bytes) -> bytes:
    if b"\x1b" in text or b"#033" in text:
        text = _ANSI.sub(b"", text)
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n")
        if b"\r" in text:
            text = _CR.sub(b"", text)
    if b"#015\n" in text:
        text = text.replace(b"#015\n", b"\n")
    if b"^M\n" in text:
        text = text.replace(b"^M\n", b"\n")
    if b"\x00" in text:
        text = text.replace(b"\x00", b"")
    return text.replace(FOLD, b" ") if FOLD in text else text


def unfold(text: bytes) -> bytes:
    """Join what page breaks, segments and ngrep's default output divided; the number of line ends stays as it is."""
    if _FEED in text:
        text = _without_pages(text)
    if _BREAKS.search(text) is not None:
        text = _BROKEN.sub(_joined, text)
    return _without_segments(text) if b"\nT " in text else text


def _without_segments(text: bytes) -> bytes:
    """Join what ngrep and sipgrep show as several packets: the segments of a message over TCP."""
    kept: list[bytes] = []
    ends = b""
    at = 0
    for found in _PACKET.finditer(text):
        if found[1] == ends and found[0][2:3] == b"T" and _BEGINS.match(text, found.end()) is None:
            kept += (text[at : found.start()], FOLD * _lines(found[0]))
            at = found.end()
        ends = found[1]
    return b"".join(kept) + text[at:] if kept else text


def _without_pages(text: bytes) -> bytes:
    """Take out page breaks: blank lines, a footer with the number of the page, a form feed, a header, blank lines."""
    kept: list[bytes] = []
    at = 0
    feed = text.find(_FEED)
    while feed >= 0:
        low = max(at, feed - _PAGE_BYTES)
        above = text[low:feed].rstrip(b"\n")
        footer = above.rfind(b"\n") + 1
        below = text[feed + 1 : feed + _PAGE_BYTES]
        header = len(below) - len(below.lstrip(b"\n"))
        end = below.find(b"\n", header)
        if header <= 1 and end >= 0 and len(above) < feed - low and _FOOTER.search(above, footer) is not None:
            begin = low + len(above[:footer].rstrip(b"\n"))
            rest = below[end:]
            until = feed + 1 + end + len(rest) - len(rest.lstrip(b"\n"))
            kept += (text[at:begin], FOLD * (_lines(text[begin:until]) - 1), b"\n")
            at = until
        feed = text.find(_FEED, max(feed + 1, at))
    return b"".join(kept) + text[at:] if kept else text


def _lines(text: bytes) -> int:
    """Line ends, folded ones included: what was unfolded before may be part of more."""
    return text.count(b"\n") + text.count(FOLD)


def _joined(found: re.Match[bytes]) -> bytes:
    lines = found[2].split(b"\n")[:-1]
    if len({len(line) for line in lines}) > 1:
        return found[0]
    return found[1] + b"  " + b"".join(line[2:] for line in lines).rstrip(b" ") + b"\n" * len(lines)
