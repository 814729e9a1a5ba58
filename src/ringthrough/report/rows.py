"""
Rows as other programs read them: CSV and JSON lines, one row per call, columns in a fixed order.

Facts
- `OUTPUT` is a contract: the columns scripts rely on come first, in this order, then every other column of the call
  table in its own order. `at_us` is written as `at`, ISO 8601 in UTC. New columns are added at the end.
- Spreadsheets run a cell that starts with `=`, `+`, `-` or `@` as a formula, and a reason phrase is a stranger's text.
  Such a cell of a text column gets a leading apostrophe in CSV. A telephone number (`+` and digits, nothing else) is
  left as it is: it cannot be a formula that does harm, and scripts join on it. JSON needs no such care.
- SIP is octets. Text that is not UTF-8 arrives with lone surrogates (PEP 383) and is written as `\\xNN`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

from ringthrough.calls.schema import COLUMNS, Call, Verdict

__all__ = ["FIRST", "OUTPUT", "at_text", "csv_header", "csv_rows", "json_rows", "printable", "rows_of"]

Row = tuple[Call, Verdict]

FIRST = (
    "call_id", "at", "caller", "callee", "carrier", "final_code", "final_phrase", "verdict", "confidence", "rule",
    "because", "blocker", "redress_url", "redress_tel", "redress_email", "redress_id", "ring_ms", "setup_ms", "talk_ms",
    "attempts", "hidden_candidate", "direction", "file", "frame",
)  # fmt: skip
"The columns that scripts rely on, in the order they rely on."

_NAMES = tuple("at" if column.name == "at_us" else column.name for column in COLUMNS)
OUTPUT: tuple[str, ...] = FIRST + tuple(name for name in _NAMES if name not in FIRST)
"Every column of the output, in order."

_pick = itemgetter(*(_NAMES.index(name) for name in OUTPUT))
_AT = OUTPUT.index("at")
_SQL = {("at" if c.name == "at_us" else c.name): c.sql for c in COLUMNS}

# What a spreadsheet takes for a formula: OWASP "CSV Injection" lists = + - @ tab CR LF and the full-width forms.
# A telephone number is told apart inside the patterns, so that a column of numbers costs one search.
_DANGER = "(?:[=\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]|\\+(?![0-9]+(?:\x1f|\\Z)))"
_special = re.compile(f'[",\r\n]|\x1f{_DANGER}').search
_starts_formula = re.compile(_DANGER).match
_must_quote = re.compile('[",\r\n]').search


@lru_cache(maxsize=4096)
def _second(second: int) -> str:
    try:
        return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    except (ValueError, OverflowError, OSError):
        return ""


def at_text(at_us: int) -> str:
    """
    Time as ISO 8601 in UTC with microseconds, such as `2026-03-25T14:05:09.000250Z`.

    Args:
        at_us: microseconds since 1970 UTC.

    Returns:
        The text; empty for a time outside the years 1 to 9999, which a damaged capture can hold.
    """
    second, micro = divmod(at_us, 1_000_000)
    text = _second(second)
    return f"{text}.{micro:06d}Z" if text else ""


def printable(text: str) -> str:
    """Return text that can be written as UTF-8: octets that were none are shown as `\\xNN`."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _sound_text(text)
    return text


def _sound_text(text: str) -> str:
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # a surrogate that is no escaped octet: no capture holds it, but a program may
        return text.encode("utf-8", "replace").decode()


def _sound_cell(cell: Any) -> Any:
    return printable(cell) if isinstance(cell, str) else cell


def rows_of(batch: Iterable[Row]) -> list[list[Any]]:
    """Rows of a batch in the order of `OUTPUT`; the time is text, everything else as in the call table."""
    made = []
    for call, verdict in batch:
        cells = list(_pick(call + verdict))
        cells[_AT] = at_text(cells[_AT])
        made.append(cells)
    return made


def csv_header() -> bytes:
    """Return the header line."""
    return (",".join(OUTPUT) + "\r\n").encode()


def csv_rows(batch: Sequence[Row]) -> list[bytes]:
    """
    Rows of a batch as CSV (RFC 4180: CRLF, quotes doubled) in UTF-8, one piece of octets a row, without the header.

    A missing fact is an empty cell, a flag is `true` or `false`.
    """
    if not batch:
        return []
    # Column by column, because a column is mostly empty or harmless and one search over all of it says so; csv.writer
    # looks at every character of every cell.
    columns = zip(*(_pick(call + verdict) for call, verdict in batch), strict=True)
    made = [_cells(make, column) for make, column in zip(_columns, columns, strict=True)]
    lines = [",".join(cells) + "\r\n" for cells in zip(*made, strict=True)]
    try:
        return [line.encode() for line in lines]
    except UnicodeEncodeError:
        return [printable(line).encode() for line in lines]


def _cells(make: Callable[[tuple[Any, ...]], Sequence[str]], column: tuple[Any, ...]) -> Sequence[str]:
    first = column[0]
    if column.count(first) == len(column):  # most columns say the same in every row of a batch: mostly nothing
        return tuple(make((first,))) * len(column)
    return make(column)


def _text_cells(column: tuple[str, ...]) -> Sequence[str]:
    if not any(column) or not _special("\x1f" + "\x1f".join(column)):
        return column
    return [_text_cell(cell) if cell else cell for cell in column]


def _text_cell(cell: str) -> str:
    if _starts_formula(cell):
        cell = "'" + cell
    return '"' + cell.replace('"', '""') + '"' if _must_quote(cell) else cell


def _number_cells(column: tuple[float | None, ...]) -> Sequence[str]:
    return ["" if cell is None else str(cell) for cell in column]


def _flag_cells(column: tuple[bool, ...]) -> Sequence[str]:
    return ["true" if cell else "false" for cell in column]


def _time_cells(column: tuple[int, ...]) -> Sequence[str]:
    return list(map(at_text, column))


_BY_TYPE: dict[str, Callable[[tuple[Any, ...]], Sequence[str]]] = {"VARCHAR": _text_cells, "BOOLEAN": _flag_cells}
_columns = [_time_cells if name == "at" else _BY_TYPE.get(_SQL[name], _number_cells) for name in OUTPUT]


def json_rows(batch: Sequence[Row]) -> list[bytes]:
    """
    Rows of a batch as JSON in UTF-8, one object and a line feed a row.

    A missing number is `null`, missing text is `""`, a flag is `true` or `false`.
    """
    row_type, encode = _json()
    rows = rows_of(batch)
    try:
        return [encode(row_type(*cells)) + b"\n" for cells in rows]
    except UnicodeEncodeError:
        return [encode(row_type(*map(_sound_cell, cells))) + b"\n" for cells in rows]


@cache
def _json() -> tuple[Callable[..., Any], Callable[[Any], bytes]]:
    import msgspec  # late: CSV and the summary do without it

    return msgspec.defstruct("Row", [(name, Any) for name in OUTPUT], gc=False), msgspec.json.Encoder().encode
