"""Tables of metrics as text for people, as CSV and as JSON lines."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from typing import Any

from ringthrough.analytics import METRICS, BlockMatrix, Cell, Table
from ringthrough.analytics.definitions import PERCENTILES, Mean, Quantiles
from ringthrough.numbers import mask, mask_text
from ringthrough.report.words import count, duration, safe

__all__ = ["as_lines", "lines", "matrix_text", "rest", "table_text"]

_USUAL = (
    "asr", "seer", "seer_b", "block_rate", "block_probable", "ring_rate", "reach", "pdd", "acd", "short_6"
)  # fmt: skip
"Metrics of the table where none is asked for."
_WITH_INTERVAL = ("asr", "block_rate")
_HEADINGS = {
    "asr": "ASR", "ner": "NER", "ner_b": "NER less blocks", "ser": "SER", "ser_b": "SER less blocks", "seer": "SEER",
    "seer_b": "less blocks", "isa": "ISA", "ring_rate": "rang", "reach": "reach", "block_explicit": "explicit",
    "block_probable": "probable", "block_suspected": "suspected", "block_rate": "blocked", "candidates": "candidates",
    "abandon": "abandoned", "retries": "retries", "short_6": "<= 6 s", "short_10": "< 10 s", "acd": "ACD", "pdd": "PDD",
    "final": "to final", "refusal": "to refusal",
}  # fmt: skip
_BLOCKS = ("network_blocked", "provider_blocked", "probable_blocks")
_NOT_KNOWN = "-"
_CARRIERS = 8  # columns that a terminal has room for
# What a spreadsheet takes for a formula, as in report.rows; a telephone number is none.
_FORMULA = re.compile(r"[=\-@\t\r\n＝＋－＠]|\+(?![0-9x]+\Z)")


def as_lines(table: Table, form: str, masked: bool, limit: int | None) -> str:
    """
    Rows as `csv` or `json`: every column, null as an empty cell or null.

    Args:
        limit: at most so many rows.
    """
    rows = [_named(row, table.columns, masked) for row in table.rows[:limit]]
    if form == "json":
        return "".join(
            json.dumps(dict(zip(table.columns, row, strict=True)), ensure_ascii=False) + "\n" for row in rows
        )
    made = io.StringIO(newline="")
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return made.getvalue()


def _cell(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def _named(row: tuple[Any, ...], columns: Sequence[str], masked: bool) -> tuple[Any, ...]:
    """A row with its numbers masked where that is wanted."""
    if not masked:
        return row
    return tuple(
        cell if not isinstance(cell, str) or name in ("day", "prefix", "country") else _mask(cell, name)
        for name, cell in zip(columns, row, strict=True)
    )


def _mask(cell: str, name: str) -> str:
    return mask(cell) if name == "number" else mask_text(cell)


def table_text(table: Table, keys: Sequence[str], names: Sequence[str] | None, masked: bool, limit: int) -> str:
    """
    Groups as a table for people.

    Args:
        names: metrics, with n and interval each; None: the usual ones.
        limit: at most so many rows.
    """
    chosen = names or _USUAL
    header = [*keys, "calls"]
    for name in chosen:
        header += _header(name)
    rows = []
    for row in table.rows[:limit]:
        cells = dict(zip(table.columns, row, strict=True))
        line = [_key(name, cells[name], masked) for name in keys] + [count(cells["attempts"])]
        for name in chosen:
            line += _values(name, cells, wide=names is not None or name in _WITH_INTERVAL, with_n=names is not None)
        rows.append(line)
    if names is not None:
        header = [*keys, "calls", *(part for name in names for part in (*_header(name), "n"))]
    notes = [f"{_NOT_KNOWN}  not measurable: nothing that was read can know it. In brackets: 95 % interval."]
    return lines(header, rows, len(keys)) + rest(len(table.rows), len(rows)) + "".join(f"{note}\n" for note in notes)


def _header(name: str) -> list[str]:
    heading = _HEADINGS[name]
    if isinstance(METRICS[name], Quantiles):
        return [f"{heading} p{at}" for at in PERCENTILES]
    return [heading]


def _values(name: str, cells: dict[str, Any], *, wide: bool, with_n: bool) -> list[str]:
    metric = METRICS[name]
    if isinstance(metric, Quantiles):
        made = [_span(cells[f"{name}_p{at}_ms"]) for at in PERCENTILES]
    elif isinstance(metric, Mean):
        made = [_span(cells[f"{name}_ms"])]
    else:
        made = [_share(cells[name], cells[f"{name}_low"], cells[f"{name}_high"], wide=wide)]
        if name == "block_rate" and cells[name] is None and (known := sum(cells[each] for each in _BLOCKS)):
            made = [f"{known:,} or more"]  # the source says so of some calls, and cannot deny it of the others
    return [*made, count(cells[f"{name}_n"])] if with_n else made


def _share(value: float | None, low: float | None, high: float | None, *, wide: bool) -> str:
    if value is None or low is None or high is None:
        return _NOT_KNOWN
    text = f"{value * 100:.1f} %"
    return f"{text} ({low * 100:.1f}-{high * 100:.1f})" if wide else text


def _span(value: float | None) -> str:
    return _NOT_KNOWN if value is None else duration(round(value))


def _key(name: str, value: Any, masked: bool) -> str:
    if value is None or value == "":
        return "(unknown)"
    if not isinstance(value, str):
        return f"{value:02d}:00"
    return safe(value if not masked or name in ("day", "prefix", "country") else _mask(value, name))


def matrix_text(matrix: BlockMatrix, masked: bool, limit: int) -> str:
    """
    Numbers by carriers: the share of calls that were blocked, and of how many.

    Args:
        limit: at most so many numbers.
    """
    carriers = matrix.carriers[:_CARRIERS]
    numbers = matrix.numbers[:limit]
    rows = [
        [_key("number", number, masked), *(_blocked(matrix.cells.get((number, carrier))) for carrier in carriers)]
        for number in numbers
    ]
    text = lines(["number", *(_key("carrier", carrier, masked) for carrier in carriers)], rows, 1)
    text += rest(len(matrix.numbers), len(numbers))
    if len(carriers) < len(matrix.carriers):
        text += f"{len(matrix.carriers) - len(carriers):,} more carriers; --csv and --json have all\n"
    return text + f"Blocked of calls, explicit and probable blocks. {_NOT_KNOWN}  no calls, or nothing that can know.\n"


def _blocked(cell: Cell | None) -> str:
    if cell is None or cell.rate is None:
        return _NOT_KNOWN
    return f"{cell.rate * 100:.1f} % of {cell.n:,}"


def rest(rows: int, shown: int) -> str:
    """Say how many rows are not shown; nothing when all are."""
    return f"{rows - shown:,} more rows; --limit shows more, --csv and --json have all\n" if shown < rows else ""


def lines(header: list[str], rows: list[list[str]], left: int) -> str:
    """Columns side by side; the first `left` ones flush left."""
    widths = [max(len(row[place]) for row in (header, *rows)) for place in range(len(header))]
    made = []
    for row in (header, *rows):
        cells = [
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        made.append("  ".join(cells).rstrip())
    return "\n".join(made) + "\n"
