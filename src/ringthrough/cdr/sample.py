"""The beginning of a file, looked at: which kind it is, which separator, which header, which cells."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .objects import cells_of, records_in
from .profile import Container
from .separated import Layout
from .vocabulary import plain

__all__ = ["SAMPLE_BYTES", "SEPARATORS", "Sample", "layout_of", "look"]

SAMPLE_BYTES = 1 << 16
SEPARATORS = (",", ";", "\t", "|")
_ROWS = 40
_STATEMENTS = ("insert into", "replace into", "create table", "copy ", "drop table", "begin", "-- ", "/*!", "set ")


@dataclass(slots=True)
class Sample:
    """What the first octets of a file show."""

    kind: str
    "csv, json, xml or sql; empty for nothing at all. Log lines with keys look like csv."
    text: str
    lines: list[str]
    "Whole lines that are not blank."
    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    "csv: rows by separator, as far as they were asked for."

    def rows(self, separator: str, quote: str = '"', *, skip_space: bool = True) -> list[list[str]]:
        """The first rows, as this separator cuts them."""
        found = self.tables.get(separator + quote)
        if found is None:
            try:
                found = list(
                    csv.reader(
                        self.lines, delimiter=separator, quotechar=quote or None, skipinitialspace=skip_space,
                        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
                    )
                )  # fmt: skip
            except csv.Error:
                found = [line.split(separator) for line in self.lines]
            self.tables[separator + quote] = found
        return found

    def without(self, skip: str, strip: str = "") -> Sample:
        """The same, without lines that are no records, and without what is no part of a record."""
        if not skip and not strip:
            return self
        lines = [re.sub(strip, "", line) for line in self.lines] if strip else self.lines
        return Sample(self.kind, self.text, [line for line in lines if not skip or not re.search(skip, line)])

    def records(self, path: str) -> list[dict[str, str]]:
        """json: the first records, as cells by path."""
        made: list[dict[str, str]] = []
        text = self.text.lstrip(" \t\r\n,[")
        decode = json.JSONDecoder().raw_decode
        while text and len(made) < _ROWS:
            try:
                value, end = decode(text)
            except (ValueError, RecursionError):
                break
            made += [cells_of(one) for one in records_in(value, path) if isinstance(one, dict)]
            text = text[end:].lstrip(" \t\r\n,]")
        return made


def look(first: bytes) -> Sample:
    """Look at the beginning of a file, whatever its encoding."""
    if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = first.decode("utf-16", "replace")
    else:
        text = first.decode("utf-8-sig", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    cut = text[: SAMPLE_BYTES * 4]
    lines = [line for line in cut.split("\n") if line.strip()]
    if len(lines) > 1 and not cut.endswith("\n"):
        lines.pop()  # may be cut
    begin = cut.lstrip()[:200]
    low = begin.lower()
    if not begin:
        kind = ""
    elif begin[0] == "{" or (begin[0] == "[" and begin[1:].lstrip()[:1] in ("{", "]", "")):
        kind = "json"
    elif begin[0] == "<" and not begin[1:2].isdigit():  # <133> begins a line of syslog
        kind = "xml"
    elif low.startswith(_STATEMENTS):
        kind = "sql"
    else:
        kind = "csv"
    return Sample(kind, text, lines[:_ROWS])


def layout_of(container: Container, sample: Sample, known: Sequence[str]) -> tuple[Layout, str]:
    """
    How a separated file is laid out, and why.

    Args:
        container: what the profile says.
        sample: the beginning of the file.
        known: names of columns that a header would have.

    Returns:
        The layout, and a word of explanation where the file has another separator than the profile says.
    """
    sample = sample.without(container.skip, container.strip)
    names = {plain(name) for name in (*container.columns, *known)} - {""}
    declared = container.separator
    best, most = declared or ",", -1.0
    for separator in dict.fromkeys((declared or ",", *SEPARATORS)):
        rows = [row for row in sample.rows(separator, container.quote) if row][:20]
        if not rows:
            continue
        cells = {plain(cell) for cell in rows[0]}
        score = 3.0 * len(cells & names) if container.header != "none" else 0.0
        least, limit = container.least or len(container.columns), max(container.most, len(container.columns))
        if container.columns:
            score += sum(least <= len(row) <= limit for row in rows)
        elif len(rows[0]) > 1:
            score += sum(len(row) == len(rows[0]) for row in rows) / 4
        if score > most:
            best, most = separator, score
    rows = sample.rows(best, container.quote)
    first = {plain(cell) for cell in rows[0]} if rows else set()
    header = container.header == "first" or (container.header == "maybe" and len(first & names) >= 3)
    note = ""
    if declared and best != declared:
        note = f"expected {declared!r} between columns, found {best!r}"
    layout = Layout(
        best, container.quote, container.loose, container.escape, container.skip_space, header,
        () if header else container.columns, 0 if header else container.least, 0 if header else container.most,
        container.skip,
    )  # fmt: skip
    return layout, note
