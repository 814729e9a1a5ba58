"""
Documents from results: the summary, rows for other programs, the ladder of a call, HTML pages, a call cut out.

Promise: the room counts, words and draws; it opens no file and decides nothing about a call. The same counts stand
behind every form. A module is imported when a name of it is first asked for, so that a command that only wants words
does not load templates.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ringthrough.report.cutout import cut_out
    from ringthrough.report.document import Context, Reading, Section, Table, build, unread
    from ringthrough.report.html import page
    from ringthrough.report.ladder import Step, draw, evidence, steps
    from ringthrough.report.masking import mask_message, mask_row
    from ringthrough.report.rows import OUTPUT, csv_header, csv_rows, json_rows
    from ringthrough.report.summary import BLOCKED, Blocker, NumberTally, Share, Summary, share
    from ringthrough.report.terminal import call_header, call_line, plain_text, rich_text

__all__ = [
    "BLOCKED",
    "OUTPUT",
    "Blocker",
    "Context",
    "NumberTally",
    "Reading",
    "Section",
    "Share",
    "Step",
    "Summary",
    "Table",
    "build",
    "call_header",
    "call_line",
    "csv_header",
    "csv_rows",
    "cut_out",
    "draw",
    "evidence",
    "json_rows",
    "mask_message",
    "mask_row",
    "page",
    "plain_text",
    "rich_text",
    "share",
    "steps",
    "unread",
]

_HOMES = {
    "cutout": ("cut_out",),
    "document": ("Context", "Reading", "Section", "Table", "build", "unread"),
    "html": ("page",),
    "ladder": ("Step", "draw", "evidence", "steps"),
    "masking": ("mask_message", "mask_row"),
    "rows": ("OUTPUT", "csv_header", "csv_rows", "json_rows"),
    "summary": ("BLOCKED", "Blocker", "NumberTally", "Share", "Summary", "share"),
    "terminal": ("call_header", "call_line", "plain_text", "rich_text"),
}
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import the module that a name lives in (PEP 562)."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    """Names of this room."""
    return __all__
