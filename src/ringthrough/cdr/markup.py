"""
XML records to blocks: FreeSWITCH xml_cdr and whatever is shaped alike.

Facts
- One element is one record; the texts of the elements inside it are its cells, by path: `variables.hangup_cause`.
  Attributes are cells, too. Of elements that come several times the first counts.
- Entities are not expanded: a document that declares one is not read further.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote
from xml.parsers import expat

from .blocks import Block, of_mappings
from .objects import BATCH_RECORDS, MAX_RECORD_CHARACTERS
from .tally import Report

__all__ = ["markup_blocks"]


class _StopError(Exception):
    """Reading ends here."""


class _Records:
    def __init__(self, element: str, percent: bool) -> None:
        self.done: list[dict[str, str]] = []
        self.size = 0
        self._element = element
        self._percent = percent
        self._path: list[str] = []
        self._cells: dict[str, str] | None = None
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._text.clear()
        if self._cells is None:
            if name == self._element:
                self._cells, self._path, self.size = {}, [], 0
                self._cells.update(attributes)
            return
        self._path.append(name)
        for key, value in attributes.items():
            self._cells.setdefault(".".join([*self._path, key]), value)

    def end(self, _name: str) -> None:
        if self._cells is None:
            return
        if not self._path:
            self.done.append(self._cells)
            self._cells = None
            return
        text = "".join(self._text).strip()
        self._text.clear()
        if text:
            self._cells.setdefault(".".join(self._path), unquote(text) if self._percent else text)
        self._path.pop()

    def text(self, text: str) -> None:
        if self._cells is not None:
            self.size += len(text)
            if self.size > MAX_RECORD_CHARACTERS:
                raise _StopError(f"a record of more than {MAX_RECORD_CHARACTERS} characters")
            self._text.append(text)

    def entity(self, *_: object) -> None:
        raise _StopError("a declaration of an entity")


def markup_blocks(texts: Iterator[tuple[int, str]], element: str, *, percent: bool, report: Report) -> Iterator[Block]:
    """Records in blocks, up to the end of the file or the first damage."""
    records = _Records(element, percent)
    number = 0
    parser = _parser(records)
    failed = False
    for _, text in texts:
        # Several documents one behind the other, each with its own <?xml ...?>: a record a document.
        for piece in _documents(text):
            if piece.startswith("<?xml"):
                parser = _parser(records)
            try:
                parser.Parse(piece.encode("utf-8", "replace"), False)
            except (expat.ExpatError, _StopError) as fault:
                report.problem("cdr-markup", f"expected XML, found: {fault}")
                failed = True
                break
        while len(records.done) >= BATCH_RECORDS or (failed and records.done):
            yield _block(records.done[:BATCH_RECORDS], number, report)
            number += len(records.done[:BATCH_RECORDS])
            del records.done[:BATCH_RECORDS]
        if failed:
            return
    if records.done:
        yield _block(records.done, number, report)


def _documents(text: str) -> list[str]:
    first, *others = text.split("<?xml")
    return ([first] if first.strip() else []) + ["<?xml" + other for other in others]


def _block(done: list[dict[str, str]], number: int, report: Report) -> Block:
    report.tally.records += len(done)
    return of_mappings(list(done), range(number + 1, number + 1 + len(done)))


def _parser(records: _Records) -> expat.XMLParserType:
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = records.start
    parser.EndElementHandler = records.end
    parser.CharacterDataHandler = records.text
    parser.EntityDeclHandler = records.entity
    return parser
