"""
Dumps of database tables to blocks: INSERT statements of mysqldump, pg_dump and SQLite, and COPY of pg_dump.

Facts
- A string is quoted with ', and ' inside is doubled or escaped with a backslash (MySQL). NULL and \\N are empty.
- The names of the columns come from the statement, else from CREATE TABLE, else from the profile.
- A statement is one line, as all three programs write it; several rows stand in one INSERT of mysqldump.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .blocks import Block, of_rows
from .profile import Container
from .tally import Report

__all__ = ["statement_blocks"]

_INSERT = re.compile(
    r"\s*(?:INSERT|REPLACE)\s+(?:IGNORE\s+)?INTO\s+[`\"]?[\w.`\"]+?[`\"]?\s*(?:\(([^()]*)\))?\s*VALUES\s*",
    re.IGNORECASE,
)
_COPY = re.compile(r"\s*COPY\s+\S+\s*\(([^()]*)\)\s+FROM\s+stdin;", re.IGNORECASE)
_CREATE = re.compile(r"\s*CREATE\s+TABLE\b", re.IGNORECASE)
_COLUMN = re.compile(r"\s+[`\"](\w+)[`\"]\s+\w")
_VALUE = re.compile(r"\s*(?:'((?:[^'\\]|''|\\.)*)'|([^,()']*))\s*([,)])", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)|''", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


def statement_blocks(texts: Iterator[tuple[int, str]], container: Container, report: Report) -> Iterator[Block]:
    """Records in blocks; the frame of a record is the line of its statement."""
    created: list[str] = []
    creating = False
    copied: tuple[str, ...] = ()
    for line, text in texts:
        found: dict[tuple[str, ...], tuple[list[list[str]], list[int]]] = {}
        for number, said in enumerate(text.split("\n"), line):
            if copied:
                if said == "\\.":
                    copied = ()
                elif said:
                    _take(["" if c == "\\N" else _plain(c) for c in said.split("\t")], copied, number, found, report)
            elif (match := _COPY.match(said)) is not None:
                copied = _names(match[1])
            elif (match := _INSERT.match(said)) is not None:
                names = _names(match[1]) if match[1] else tuple(created) or container.columns
                for row in _rows(said, match.end(), number, report):
                    _take(row, names, number, found, report)
            elif _CREATE.match(said):
                created, creating = [], True
            elif creating and (column := _COLUMN.match(said)):
                created.append(column[1])
            elif said.lstrip().startswith(")"):
                creating = False
        for names, (rows, frames) in found.items():
            yield of_rows(names, rows, frames)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip().strip('`"') for name in text.split(","))


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda m: "'" if m[1] is None else _ESCAPED.get(m[1], m[1]), text)


def _rows(text: str, at: int, line: int, report: Report) -> Iterator[list[str]]:
    while (opened := text.find("(", at)) >= 0:
        row: list[str] = []
        at = opened + 1
        while True:
            match = _VALUE.match(text, at)
            if match is None:
                report.bad("not-a-record", f"expected values in brackets, found {text[at : at + 40]!r}", line)
                return
            bare = (match[2] or "").strip()
            row.append(_plain(match[1]) if match[1] is not None else "" if bare.upper() == "NULL" else bare)
            at = match.end()
            if match[3] == ")":
                break
        yield row


def _take(
    row: list[str], names: tuple[str, ...], line: int,
    found: dict[tuple[str, ...], tuple[list[list[str]], list[int]]], report: Report,
) -> None:  # fmt: skip
    if len(row) != len(names):
        report.bad("columns", f"expected {len(names)} columns, found {len(row)}", line)
        return
    report.tally.records += 1
    rows, frames = found.setdefault(names, ([], []))
    rows.append(row)
    frames.append(line)
