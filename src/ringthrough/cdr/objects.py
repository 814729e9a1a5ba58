"""
JSON to blocks: lines, arrays, objects one behind the other, pages with a list of records inside.

Facts
- All these shapes are one: values with blanks, commas and brackets between. A value is read where it begins, more is
  fetched when it is not whole, and nothing is kept of it afterwards.
- What is no JSON is passed over up to the next line that begins with `{`.
- A record becomes cells by path: `variables.hangup_cause`, `callflow.0.times.hangup_time`. null is an empty cell.
- The frame of a record is its number in the file, because a whole file is often one line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from typing import Any
from urllib.parse import unquote

from .blocks import Block, of_mappings
from .tally import Report

__all__ = ["BATCH_RECORDS", "MAX_RECORD_CHARACTERS", "cells_of", "json_blocks", "records_in"]

BATCH_RECORDS = 1024
MAX_RECORD_CHARACTERS = 1 << 24
"Most characters of one value: a page of a thousand records of a REST interface has a few millions."
_MAX_DEPTH = 12
_BETWEEN = re.compile(r"[\s,\[\]]*")
_RESUME = re.compile(r"\n[ \t]*[\[,]?[ \t]*(?=\{)")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")


def json_blocks(texts: Iterator[tuple[int, str]], path: str, *, percent: bool, report: Report) -> Iterator[Block]:
    """
    Records in blocks.

    Args:
        texts: the file.
        path: where a list of records stands inside an object; empty for nowhere.
        percent: values are URL-encoded.
        report: counts and problems.
    """
    records: list[dict[str, str]] = []
    frames: list[int] = []
    number = 0
    for value in _values(texts, report):
        for one in records_in(value, path):
            number += 1
            if not isinstance(one, dict):
                detail = f"expected an object, found {json.dumps(one)[:60]}"
                report.bad("not-a-record", detail, number, "record")
                continue
            report.tally.records += 1
            records.append(cells_of(one, percent=percent))
            frames.append(number)
            if len(records) >= BATCH_RECORDS:
                yield of_mappings(records, frames)
                records, frames = [], []
    if records:
        yield of_mappings(records, frames)


def records_in(value: Any, path: str) -> list[Any]:
    """The records of one top-level value: those of the list at `path` where there is one, else the value."""
    if path and isinstance(value, dict):
        inner: Any = value
        for name in path.split("."):
            inner = inner.get(name) if isinstance(inner, dict) else None
        if isinstance(inner, list):
            return inner
    return [value]


def cells_of(record: dict[str, Any], *, percent: bool = False) -> dict[str, str]:
    """A record as cells by path."""
    cells: dict[str, str] = {}
    _flatten(record, "", cells, percent, 0)
    return cells


def _flatten(value: Any, path: str, cells: dict[str, str], percent: bool, depth: int) -> None:
    if depth > _MAX_DEPTH:
        cells[path] = json.dumps(value)
        return
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in items:
        here = f"{path}.{name}" if path else str(name)
        if isinstance(inner, str):
            text = unquote(inner) if percent and "%" in inner and _PERCENT.search(inner) else inner
            # JSON can hold half of a surrogate pair, which no encoding can write.
            cells[here] = text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
        elif isinstance(inner, dict | list):
            _flatten(inner, here, cells, percent, depth + 1)
        elif inner is not None:
            cells[here] = ("true" if inner else "false") if isinstance(inner, bool) else str(inner)


def _values(texts: Iterator[tuple[int, str]], report: Report) -> Iterator[Any]:
    """Top-level values, one by one; brackets of arrays around them are passed over."""
    decode = json.JSONDecoder().raw_decode
    held, line = "", 1
    wanted = 0
    for first, text in texts:
        if not held:
            line = first
        held += text
        if len(held) < wanted:
            continue
        held, line, wanted = yield from _drain(held, line, decode, report, last=False)
    if held.strip():
        held, line, wanted = yield from _drain(held, line, decode, report, last=True)


def _drain(
    held: str, line: int, decode: Any, report: Report, *, last: bool
) -> Generator[Any, None, tuple[str, int, int]]:
    """Values at the beginning of a text; returns what is left, its line, and how long it has to be to try again."""
    at = 0
    while True:
        start = _BETWEEN.match(held, at).end()  # type: ignore[union-attr]
        line += held.count("\n", at, start)
        at = start
        if at >= len(held):
            return "", line, 0
        try:
            value, end = decode(held, at)
        except (ValueError, RecursionError) as fault:
            place = getattr(fault, "pos", at)
            # A cut literal (`tru`) is reported where it begins, up to four characters before the end.
            whole = place < len(held.rstrip()) - 4 and not str(fault).startswith("Unterminated string")
            if not whole and not last and len(held) - at <= MAX_RECORD_CHARACTERS:
                return held[at:], line, 2 * (len(held) - at)
            line, at = _pass_over(held, at, line, whole, last, report)
            continue
        if end == len(held) and not last and not isinstance(value, dict | list):
            return held[at:], line, len(held) - at + 1
        line += held.count("\n", at, end)
        at = end
        yield value


def _pass_over(held: str, at: int, line: int, whole: bool, last: bool, report: Report) -> tuple[int, int]:
    if last and not whole:
        report.bad("cut-record", "expected the end of the record, found the end of the file", line)
    elif not whole:
        detail = f"expected a record of at most {MAX_RECORD_CHARACTERS} characters, found a longer one"
        report.bad("line-too-long", detail, line)
    else:
        report.bad("not-json", f"expected a JSON value, found {held[at : at + 40]!r}", line)
    found = _RESUME.search(held, at + 1)
    after = found.end() if found else len(held)
    return line + held.count("\n", at, after), after
