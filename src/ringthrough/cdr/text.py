"""
Octets to text: blocks of whole lines, in bounded memory, whatever the encoding.

Facts
- A file is read in chunks and cut at the last line end. A line longer than `MAX_LINE_BYTES` is passed over and counted
  as one bad record, so that a line without end costs no memory.
- UTF-8 with or without a byte order mark, UTF-16 with one. Lines that are no UTF-8 are read as Latin-1, line by line,
  because exports of old switches mix the two.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from .tally import Report

__all__ = ["CHUNK_BYTES", "MAX_LINE_BYTES", "Octets", "character_blocks", "text_blocks"]

CHUNK_BYTES = 1 << 16
"""
Octets read at a time: some hundred records, which is enough for work by columns. Their rows take some 300 kB; blocks of
512 kB were measured to cost half as much again, because nothing of them is still in the cache when it is needed.
"""
MAX_LINE_BYTES = 1 << 22
"Most octets of a line: a FreeSWITCH JSON record has 12 kB, with a long app_log a few hundred."

_ESCAPED = re.compile("[\udc80-\udcff]")
"Octets that were no UTF-8, as Python escapes them; taken for Latin-1."
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Octets:
    """A handle with a look-ahead, giving UTF-8 (or what was meant as such) without a byte order mark."""

    def __init__(self, handle: BinaryIO, report: Report) -> None:
        self._handle = handle
        self._report = report
        self._ended = False
        self._decoder: codecs.IncrementalDecoder | None = None
        first = self._raw()
        encoding = _UTF16.get(first[:2])
        if encoding is not None:
            self._decoder = codecs.getincrementaldecoder(encoding)("replace")
            first = first[2:]
        elif first.startswith(codecs.BOM_UTF8):
            first = first[3:]
        self.first = self._sound(first)
        "The first chunk; `read` gives it again."
        self._waiting = self.first

    def read(self) -> bytes:
        """The next chunk; empty at the end."""
        chunk, self._waiting = self._waiting, b""
        while not chunk and not self._ended:
            chunk = self._sound(self._raw())
        return chunk

    def _raw(self) -> bytes:
        try:
            chunk = self._handle.read(CHUNK_BYTES)
        except (OSError, EOFError, ValueError) as fault:  # ValueError: a handle that was closed
            self._report.problem("cdr-read-failed", f"expected to read on, the system says: {fault}")
            chunk = b""
        if not chunk:
            self._ended = True
        return chunk

    def _sound(self, chunk: bytes) -> bytes:
        return self._decoder.decode(chunk, self._ended).encode() if self._decoder is not None else chunk


def text_blocks(octets: Octets, report: Report) -> Iterator[tuple[int, str]]:
    """
    Blocks of whole lines with LF at their ends.

    Returns:
        Number of the first line of the block, from 1, and its text. The last line gets the LF it may lack.
    """
    line = 1
    parts: list[bytes] = []
    held = 0
    dropping = False
    end = _line_end(octets.first)
    while chunk := octets.read():
        if end == b"\r":
            chunk = chunk.replace(b"\r", b"\n")
        cut = chunk.rfind(b"\n") + 1
        if dropping:
            after = chunk.find(b"\n") + 1
            if not after:
                continue
            chunk, cut, dropping = chunk[after:], cut - after, False
            line += 1
        if not cut:
            parts.append(chunk)
            held += len(chunk)
            if held > MAX_LINE_BYTES:
                detail = f"expected a line of at most {MAX_LINE_BYTES} octets, found a longer one"
                report.bad("line-too-long", detail, line)
                parts, held, dropping = [], 0, True
            continue
        whole = b"".join([*parts, chunk[:cut]]) if parts else chunk[:cut]
        parts = [chunk[cut:]] if cut < len(chunk) else []
        held = len(chunk) - cut
        yield line, _text(whole, report)
        line += whole.count(b"\n")
    if parts:
        yield line, _text(b"".join(parts), report) + "\n"


def character_blocks(octets: Octets, report: Report) -> Iterator[tuple[int, str]]:
    """
    Blocks of text cut anywhere, for formats that need no lines: a JSON array is often one line of any length.

    Returns:
        Number of the line in which the block begins, from 1, and its text.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    line = 1
    ended = False
    while not ended:
        chunk = octets.read()
        ended = not chunk
        text = decoder.decode(chunk, ended)
        if not text.isascii() and _ESCAPED.search(text):
            report.tally.note("not-utf-8", sum(_ESCAPED.search(said) is not None for said in text.split("\n")))
            text = _ESCAPED.sub(lambda octet: chr(ord(octet[0]) - 0xDC00), text)
        if text:
            yield line, text
        line += chunk.count(b"\n")


def _line_end(first: bytes) -> bytes:
    return b"\r" if b"\r" in first and b"\n" not in first else b"\n"


def _text(octets: bytes, report: Report) -> str:
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        text = "\n".join(_line(line, report) for line in octets.split(b"\n"))
    return text.replace("\r\n", "\n") if "\r" in text else text


def _line(octets: bytes, report: Report) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        report.tally.note("not-utf-8")
        return octets.decode("latin-1")
