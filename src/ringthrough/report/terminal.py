"""
The summary and the list of calls as text: with colour and bars in a terminal, plain and stable in a pipe.

Theory of operation: `plain_text` needs no library and its lines never depend on the width of a screen, so scripts and
diffs can rely on it. `rich_text` draws the same sections with rich. All text goes through `words.safe`, and none of it
is read as rich markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ringthrough.calls.schema import Call, Verdict
from ringthrough.report.document import Section, Table, plain
from ringthrough.report.words import clock, duration, group_of, safe

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["CALL_COLUMNS", "call_header", "call_line", "plain_text", "rich_text"]

_STYLES = {"reached": "green", "person": "cyan", "blocked": "bold red", "unclear": "yellow", "fault": "magenta"}
CALL_COLUMNS = (
    "at (UTC)",
    "caller",
    "callee",
    "code",
    "phrase",
    "verdict",
    "sure",
    "carrier",
    "ring",
    "setup",
    "call_id",
)
_CALL_RIGHT = frozenset({3, 6, 8, 9})
_CALL_WIDTHS = (23, 16, 16, 4, 20, 17, 4, 18, 9, 9, 0)


def plain_text(sections: Iterable[Section]) -> str:
    """Return sections as plain text: no colour, no screen width, one line per row."""
    lines: list[str] = []
    for section in sections:
        lines += ["", safe(section.title)] if lines else [safe(section.title)]
        lines += [f"  {safe(line)}" for line in section.lines]
        for table in section.tables:
            lines += [f"  {line}" for line in _plain_table(table)]
        lines += [f"  {safe(line)}" for line in section.after]
    return "\n".join(lines) + "\n"


def _plain_table(table: Table) -> list[str]:
    rows = [tuple(map(safe, row)) for row in (table.columns, *table.rows)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(table.columns))]
    return [
        "  ".join(
            cell.rjust(width) if index in table.right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def rich_text(sections: Iterable[Section], console: Console) -> None:
    """Print sections on a terminal."""
    from rich.table import Table as RichTable
    from rich.text import Text

    first = True
    for section in sections:
        if not first:
            console.print()
        first = False
        console.print(Text(safe(section.title), style="bold underline"))
        for line in section.lines:
            console.print(Text("  " + safe(line)), soft_wrap=False)
        for table in section.tables:
            shown = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
            for index, column in enumerate(table.columns):
                shown.add_column(safe(column), justify="right" if index in table.right else "left", overflow="fold")
            for index, row in enumerate(table.rows):
                style = _STYLES.get(table.groups[index], "") if table.groups else ""
                shown.add_row(Text(safe(row[0]), style=style), *(Text(safe(cell)) for cell in row[1:]))
            console.print(shown)
        for line in section.after:
            console.print(Text("  " + safe(line), style="dim"))


def call_cells(call: Call, verdict: Verdict, show: Callable[[str], str] = plain) -> tuple[str, ...]:
    """Cells of one call in a list."""
    code = "" if call.final_code is None else str(call.final_code)
    at = clock(call.at_us)
    if at != "-":
        at += f".{call.at_us % 1_000_000 // 1_000:03d}"
    return tuple(
        safe(cell)
        for cell in (
            at, show(call.caller), show(call.callee), code, call.final_phrase, verdict.verdict,
            f"{verdict.confidence:.2f}", call.carrier, duration(call.ring_ms), duration(call.setup_ms), call.call_id,
        )
    )  # fmt: skip


_ANSI = {
    "reached": "\x1b[32m",
    "person": "\x1b[36m",
    "blocked": "\x1b[1;31m",
    "inferred": "\x1b[31m",
    "unclear": "\x1b[33m",
    "fault": "\x1b[35m",
}


def call_header() -> str:
    """Return the line above a list of calls."""
    return _call_line(CALL_COLUMNS)


def call_line(call: Call, verdict: Verdict, *, show: Callable[[str], str] = plain, colour: bool = False) -> str:
    """
    Return one call as one line, in columns for a wide screen; the Call-ID, which `--call` takes, comes last.

    Args:
        call: what happened.
        verdict: our reading of it.
        show: how numbers are shown.
        colour: wrap the line in the terminal colour of its verdict.
    """
    line = _call_line(call_cells(call, verdict, show))
    return f"{_ANSI[group_of(verdict.verdict)]}{line}\x1b[0m" if colour else line


def _call_line(cells: Sequence[str]) -> str:
    made = []
    for index, (cell, width) in enumerate(zip(cells, _CALL_WIDTHS, strict=True)):
        made.append(cell.rjust(width) if index in _CALL_RIGHT else cell.ljust(width))
    return "  ".join(made).rstrip()
