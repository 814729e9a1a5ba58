"""
Documents from results: the summary, rows for other programs, the ladder of a call, the HTML page, a call cut out.

Promise: the room counts, words and draws; it opens no file and decides nothing about a call. The same counts stand
behind every form.
"""

from ringthrough.report.cutout import cut_out
from ringthrough.report.document import Context, Reading, Section, Table, build, unread
from ringthrough.report.html import page
from ringthrough.report.ladder import Step, draw, evidence, steps
from ringthrough.report.masking import mask_message, mask_row
from ringthrough.report.plots import plots
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
    "plots",
    "rich_text",
    "share",
    "steps",
    "unread",
]
