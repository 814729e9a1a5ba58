"""
CSV and its relatives to blocks of columns.

Theory of operation
- Most blocks are plain: as many cells in every line, either no quotes at all or quotes around every cell and none
  inside. Such a block is cut in one go, so that the columns are strides of one list. Separators and line ends are
  pieces of that list, too, and that these stand where they must proves that every line has as many cells as the first.
- Any other block is read line by line by `csv`, which costs three times as much.
- A record may go over several lines. A line with an odd number of quotes opens one; it is put together with the lines
  behind it until the quotes are even and the columns are as many as they must be. When that does not come within
  `MAX_RECORD_LINES`, the quote is stray: the line is bad, and reading goes on at the next.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .blocks import Block, of_rows
from .tally import Report

__all__ = ["MAX_RECORD_LINES", "Layout", "blocks", "split_line"]

MAX_RECORD_LINES = 50
"Most lines of one record: a note that somebody typed into a call."


@dataclass(frozen=True, slots=True)
class Layout:
    """How a separated file is laid out: what the profile says, and what the file itself shows."""

    separator: str = ","
    quote: str = '"'
    loose: bool = False
    escape: str = ""
    skip_space: bool = False
    header: bool = False
    "The first line names the columns."
    names: tuple[str, ...] = ()
    "Names of the columns by position, where no header gives them."
    least: int = 0
    most: int = 0
    skip: str = ""


def split_line(line: str, layout: Layout) -> list[str] | None:
    """The cells of one record; None when it cannot be read."""
    if layout.loose:
        return _split_loose(line, layout)
    try:
        return next(
            csv.reader(
                [line],
                delimiter=layout.separator,
                quotechar=layout.quote or None,
                escapechar=layout.escape or None,
                skipinitialspace=layout.skip_space,
                quoting=csv.QUOTE_MINIMAL if layout.quote else csv.QUOTE_NONE,
            ),
            [],
        )
    except csv.Error:  # a cell beyond the limit of the csv module
        return None


def _split_loose(line: str, layout: Layout) -> list[str]:
    """Cells whose closing quote is the one before a separator or the end; quotes between are text."""
    quote, separator = layout.quote, layout.separator
    cells, at, size = [], 0, len(line)
    while at <= size:
        if line[at : at + 1] == quote:
            end = line.find(quote + separator, at + 1)
            if end < 0:
                end = size - 1 if line.endswith(quote) and size - 1 > at else size
            cells.append(line[at + 1 : end])
            at = end + 1 + len(separator)
        else:
            end = line.find(separator, at)
            end = size if end < 0 else end
            cells.append(line[at:end])
            at = end + len(separator)
    return cells


def blocks(texts: Iterator[tuple[int, str]], layout: Layout, report: Report) -> Iterator[Block]:
    """Records in blocks; a header line, lines of `skip` and blank lines are taken out."""
    return _Reader(layout, report).blocks(texts)


class _Reader:
    def __init__(self, layout: Layout, report: Report) -> None:
        self.layout = layout
        self.report = report
        self.names = layout.names
        self.named = not layout.header
        self.skip = re.compile(layout.skip, re.MULTILINE) if layout.skip else None
        self.head: list[str] = []
        self.simple = not (layout.loose or layout.escape or layout.skip_space)
        self._measure()

    def _measure(self) -> None:
        width = len(self.names)
        self.least = self.layout.least or width
        self.most = max(self.layout.most, width)

    def blocks(self, texts: Iterator[tuple[int, str]]) -> Iterator[Block]:
        open_lines: list[str] = []
        for line, text in texts:
            if not self.named:
                line, text = self._header(line, text)
                if not self.named:
                    continue
            if not open_lines and (block := self._quick(line, text)) is not None:
                yield block
                continue
            lines = text.split("\n")
            lines.pop()
            if not open_lines and (block := self._even_lines(line, lines)) is not None:
                yield block
                continue
            block, open_lines = self._slow(line - len(open_lines), open_lines + lines, last=False)
            if block.size:
                yield block
            opened = line + text.count("\n") - len(open_lines)
        if open_lines:
            block, _ = self._slow(opened, open_lines, last=True)
            if block.size:
                yield block

    def _header(self, line: int, text: str) -> tuple[int, str]:
        while text:
            first, _, text = text.partition("\n")
            line += 1
            if first.strip() and not (self.skip and self.skip.search(first)):
                self.head = split_line(first, self.layout) or []
                self.names = tuple(cell.strip() for cell in self.head)
                self.named = True
                self._measure()
                break
        return line, text

    # ------------------------------------------------------------------ whole blocks

    def _quick(self, line: int, text: str) -> Block | None:
        """The block cut in one go; None when it is not plain."""
        quote = self.layout.quote
        if not self.simple or not text or (self.skip and self.skip.search(text)):
            return None
        size = text.count("\n")
        if quote and text[0] == quote:
            cut = _quoted(text, size, quote, self.layout.separator)
        elif quote and quote in text:
            return None
        else:
            cut = _bare(text, size, self.layout.separator)
        if cut is None or not self.least <= cut.width <= self.most:
            return None
        if self.head and self.head[0] in (firsts := cut.column(0)) and cut.row(firsts.index(self.head[0])) == self.head:
            return None
        self.report.tally.records += size
        column, given = cut.column, cut.width
        return Block(
            self.names, size, range(line, line + size),
            column if given >= len(self.names) else lambda index: column(index) if index < given else [""] * size,
        )  # fmt: skip

    # ------------------------------------------------------------------ line by line

    def _even_lines(self, line: int, lines: list[str]) -> Block | None:
        """The block by one run of `csv`, where each line is a record; None when one is not, or not a sound one."""
        quote = self.layout.quote
        if self.layout.loose or self.layout.escape or self.skip is not None or not quote or not lines:
            return None
        if any(text.count(quote) % 2 for text in lines):
            return None
        space = self.layout.skip_space
        try:
            rows = list(csv.reader(lines, delimiter=self.layout.separator, quotechar=quote, skipinitialspace=space))
        except csv.Error:
            return None
        widths = set(map(len, rows))
        if len(rows) != len(lines) or min(widths) < self.least or max(widths) > self.most or self.head in rows:
            return None
        if len(widths) > 1:
            return None
        self.report.tally.records += len(rows)
        block = of_rows(self.names, rows, range(line, line + len(rows)))
        given = widths.pop()
        if given < len(self.names):
            filled, size = block.column, len(rows)
            block.column = lambda index: filled(index) if index < given else [""] * size
        return block

    def _slow(self, line: int, lines: list[str], *, last: bool) -> tuple[Block, list[str]]:
        """Records of these lines, and the lines at the end that may belong to a record that goes on."""
        rows: list[list[str]] = []
        frames: list[int] = []
        quote = self.layout.quote if not self.layout.loose else ""
        at, size = 0, len(lines)
        while at < size:
            text = lines[at]
            if not text.strip() or (self.skip is not None and self.skip.search(text)):
                if text.strip():
                    self.report.tally.records += 1
                    self.report.tally.skip("not-a-call")
                at += 1
                continue
            taken = 1
            row: list[str] | None
            if quote and quote in text:
                if self._even(text):
                    row = split_line(text, self.layout)
                else:
                    row, taken = self._joined(lines, at)
                    if not taken:
                        if not last:
                            return self._block(rows, frames), lines[at:]
                        self._stray(line + at)
                        at += 1
                        continue
                    if row is None:
                        self._stray(line + at)
                        at += 1
                        continue
            else:
                row = text.split(self.layout.separator) if self.simple else split_line(text, self.layout)
            self._take(row, line + at, rows, frames)
            at += taken
        return self._block(rows, frames), []

    def _stray(self, line: int) -> None:
        detail = f"expected a closing {self.layout.quote} within {MAX_RECORD_LINES} lines, found none"
        self.report.bad("open-quote", detail, line)

    def _even(self, text: str) -> bool:
        escape, quote = self.layout.escape, self.layout.quote
        count = text.count(quote)
        if escape and escape in text:
            count -= text.count(escape + quote)
        return count % 2 == 0

    def _joined(self, lines: Sequence[str], at: int) -> tuple[list[str] | None, int]:
        """The record that begins in a line with an open quote and its lines; 0 lines when more of them are needed."""
        text = lines[at]
        for taken in range(2, MAX_RECORD_LINES + 1):
            if at + taken > len(lines):
                return None, 0
            text = f"{text}\n{lines[at + taken - 1]}"
            if self._even(text):
                row = split_line(text, self.layout)
                if row is not None and self.least <= len(row) <= self.most:
                    return row, taken
        return None, 1

    def _take(self, row: list[str] | None, line: int, rows: list[list[str]], frames: list[int]) -> None:
        tally = self.report.tally
        width = len(self.names)
        if row is None:
            self.report.bad("line-too-long", "expected cells that csv can read, found a longer one", line)
        elif row == self.head and self.head:
            tally.records += 1
            tally.skip("header")
        elif not self.least <= len(row) <= self.most:
            wanted = str(self.least) if self.least == self.most else f"{self.least} to {self.most}"
            self.report.bad("columns", f"expected {wanted} columns, found {len(row)}", line)
        else:
            tally.records += 1
            rows.append((row + [""] * (width - len(row)))[:width])
            frames.append(line)

    def _block(self, rows: list[list[str]], frames: list[int]) -> Block:
        return of_rows(self.names, rows, frames) if rows else Block(self.names, 0, (), lambda _: ())


class _Cut(NamedTuple):
    """A block in one list of pieces, of which the cells of each column are a stride."""

    pieces: list[str]
    width: int
    "Cells of a line."
    begin: int
    "Where the first cell stands."
    apart: int
    "From one cell of a line to the next."
    step: int
    "From one line to the next."

    def column(self, index: int) -> list[str]:
        return self.pieces[self.begin + index * self.apart :: self.step]

    def row(self, number: int) -> list[str]:
        at = self.begin + number * self.step
        return self.pieces[at : at + self.width * self.apart : self.apart]


def _quoted(text: str, size: int, quote: str, separator: str) -> _Cut | None:
    """Quotes around every cell: cut at the quotes, cells are every second piece, and the others are all known."""
    pieces = text.split(quote)
    try:
        width, odd = divmod(pieces.index("\n"), 2)
    except ValueError:
        return None
    step = 2 * width
    if odd or len(pieces) != step * size + 1 or pieces[0]:
        return None
    if pieces[step::step].count("\n") != size or pieces[2::2].count(separator) != (width - 1) * size:
        return None
    return _Cut(pieces, width, 1, 2, step)


def _bare(text: str, size: int, separator: str) -> _Cut | None:
    """No quotes: line ends become cells of their own, and each has to stand where the first line says."""
    body = text[:-1].replace("\n", f"{separator}\n{separator}")
    width = body.partition("\n")[0].count(separator) + (size == 1)
    pieces = body.split(separator)
    step = width + 1
    if len(pieces) != size * step - 1 or pieces[width::step].count("\n") != size - 1:
        return None
    if width == 1 and "" in pieces:
        return None
    return _Cut(pieces, width, 0, 1, step)
