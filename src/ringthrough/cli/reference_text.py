"""
The reference and the readings as text for a terminal: short, wrapped to its width, plain when piped.

It stands here and not in `report`, because a command that shows one code must not load what draws reports.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ringthrough.reading import Reading
    from ringthrough.reference import Entry

__all__ = ["Page", "entry_text", "list_text", "reading_text"]

PIPED_WIDTH = 100
"Columns of output that nobody's screen limits; fixed, so that scripts and diffs see the same lines everywhere."
_LABEL = 10
_CODES = {"bold": "\x1b[1m", "dim": "\x1b[2m", "head": "\x1b[1;36m", "good": "\x1b[32m", "bad": "\x1b[31m"}
# Control, invisible and direction-changing characters of a stranger's text must not reach the terminal.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


class Page:
    """
    Lines for one screen.

    Args:
        width: columns; None for those of the terminal, or PIPED_WIDTH.
        colour: None for colour in a terminal only.
    """

    def __init__(self, *, width: int | None = None, colour: bool | None = None) -> None:
        terminal = sys.stdout.isatty()
        if colour is None:
            colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        if width is None:
            width = shutil.get_terminal_size((PIPED_WIDTH, 24)).columns if terminal else PIPED_WIDTH
        self.colour = colour
        self.width = min(max(width, 30), 120)
        self.lines: list[str] = []

    def style(self, text: str, style: str) -> str:
        """Text in a style of _CODES, bare without colour."""
        return f"{_CODES[style]}{text}\x1b[0m" if self.colour and style else text

    def title(self, text: str, aside: str = "") -> None:
        """A heading, with a remark behind it where there is room."""
        line = self.style(safe(text), "head")
        if aside and len(text) + len(aside) + 2 <= self.width:
            line += "  " + self.style(safe(aside), "dim")
            aside = ""
        self.lines.append(line)
        if aside:
            self.text(aside, style="dim")

    def text(self, text: str, *, indent: int = 0, style: str = "") -> None:
        """A paragraph."""
        blank = " " * indent
        wrapped = textwrap.wrap(safe(text), self.width, initial_indent=blank, subsequent_indent=blank)
        self.lines += [self.style(line, style) for line in wrapped]

    def row(self, label: str, text: str, *, width: int = _LABEL, style: str = "") -> None:
        """A label and what it says, hanging."""
        if not text:
            return
        if self.width < 48:
            self.lines.append(self.style(safe(label), "bold"))
            self.text(text, indent=2)
            return
        hang = " " * (width + 2)
        wrapped = textwrap.wrap(safe(text), self.width, initial_indent=hang, subsequent_indent=hang) or [hang]
        first = wrapped[0][len(hang) :]
        shown = self.style(first, style) if style else first
        self.lines.append(f"{self.style(safe(label).ljust(width), 'bold')}  {shown}")
        self.lines += wrapped[1:]

    def rows(self, label: str, texts: Iterable[str], *, width: int = _LABEL) -> None:
        """Several paragraphs under one label."""
        for number, text in enumerate(texts):
            self.row(label if number == 0 or self.width < 48 else "", text, width=width)

    def blank(self) -> None:
        """An empty line."""
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def grid(self, rows: Sequence[Sequence[str]]) -> None:
        """A table whose columns share the width; its first row is the heading."""
        columns = len(rows[0])
        gap = 2
        first = min(max(len(row[0]) for row in rows), self.width // 4, 14)
        each = (self.width - first - gap * (columns - 1)) // (columns - 1)
        if each < 18:  # too narrow: one block for each column
            for column in range(1, columns):
                self.blank()
                self.title(rows[0][column])
                for row in rows[1:]:
                    self.row(row[0], row[column], width=first)
            return
        widths = [first, *[each] * (columns - 1)]
        for number, row in enumerate(rows):
            cells = [textwrap.wrap(safe(cell), width) or [""] for cell, width in zip(row, widths, strict=True)]
            for at in range(max(map(len, cells))):
                line = (
                    (" " * gap)
                    .join(
                        (cell[at] if at < len(cell) else "").ljust(width)
                        for cell, width in zip(cells, widths, strict=True)
                    )
                    .rstrip()
                )
                style = "head" if number == 0 else ""
                if not style and at == 0:
                    line = self.style(line[:first], "bold") + line[first:]
                self.lines.append(self.style(line, style))

    def __str__(self) -> str:
        return "\n".join(self.lines).rstrip("\n") + "\n"


def safe(text: str) -> str:
    """Text that a terminal prints as it stands; whatever would steer it is shown as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(lambda m: f"\\x{ord(m[0]) - 0xDC00 if 0xDC80 <= ord(m[0]) < 0xDD00 else ord(m[0]):02x}", text)


def cited(entry: Entry) -> str:
    """Document and section."""
    section = f"§{entry.section}" if entry.section[:1].isdigit() else entry.section
    return f"{entry.rfc} {section}".strip()


def entry_text(entry: Entry, page: Page, *, full: bool = False) -> None:
    """
    One entry.

    Args:
        entry: what to show.
        page: where to.
        full: everything that is known, and not only what is asked first.
    """
    aside = entry.class_ if full else f"{entry.class_}, {cited(entry)}"
    page.title(entry.title, aside if len(aside) < 90 else entry.class_)
    page.text(entry.description)
    if not entry.registered:
        page.text(f"Not registered by IANA ({entry.status}). {entry.rfc}.", style="dim")
    page.blank()
    many = None if full else 1
    page.row("Sent by", entry.generated_by)
    page.rows("Seen", entry.when_seen[:many])
    page.rows("Caller", entry.fix_caller[:many])
    page.rows("Operator", entry.fix_operator[:many])
    page.row("Retry", entry.retry.note)
    if full:
        page.row("", f"same target: {entry.retry.same_target}; other target: {entry.retry.other_target}; "
                     f"by itself: {entry.retry.automatic}")  # fmt: skip
    page.row("Q.850", " ".join(_border(entry, full=full)))
    page.row("Block?", _block(entry))
    if not full:
        page.row("See also", ", ".join(entry.related[:8]))
        page.blank()
        page.text(f"Everything: ringthrough explain --full {entry.id}", style="dim")
        return
    page.blank()
    _rest(entry, page)


def _block(entry: Entry) -> str:
    level = _LEVELS.get(entry.blocks.level, entry.blocks.level.replace("_", " "))
    return f"{level} {entry.blocks.why}".strip()


_LEVELS = {
    "explicit": "Says so itself.",
    "explicit_user": "A person's own rejection.",
    "explicit_in_reason": "Says so in its Reason.",
    "policy_block": "A block by rules.",
    "can_hide": "Can hide one.",
    "not_expected": "Not expected.",
}


def _border(entry: Entry, *, full: bool) -> Iterator[str]:
    """What it becomes on the other network, and what becomes it."""
    if entry.to_q850 is not None and entry.to_q850.cause is not None:
        to = entry.to_q850
        yield f"Becomes cause {to.cause} {to.name} ({to.location or 'any location'}).".replace(" (any location)", "")
    if entry.to_sip is not None and entry.to_sip.cause is not None:
        yield f"Becomes SIP {entry.to_sip.cause} {entry.to_sip.name}.".replace(" .", ".")
    if entry.comes_from:
        shown = [f"{one.id}{f' ({one.condition})' if one.condition and full else ''}" for one in entry.comes_from]
        yield f"Comes from {', '.join(shown)}."
    for loss in entry.losses:
        yield loss.sentence


def _rest(entry: Entry, page: Page) -> None:
    page.rows("Facts", entry.details)
    page.rows("Headers", [f"{one.header}: {one.level} ({one.source})" for one in entry.required_headers])
    page.row("Optional", ", ".join(entry.optional_headers))
    page.row("Requests", entry.methods)
    page.row("Dialog", f"{entry.dialog_effect} ({entry.dialog_source})" if entry.dialog_source else entry.dialog_effect)
    for mapping in (entry.to_q850, entry.to_sip):
        if mapping is not None:
            page.rows("Mapping", [f"{mapping.rule} ({mapping.source})", *mapping.notes])
    page.rows("Gateways", [f"{one.name}: {one.gives}" for one in entry.differing_gateways])
    page.rows("Evidence", [f"{one.text} ({one.kind.replace('_', ' ')})" for one in entry.blocks.evidence])
    page.rows("Pitfalls", entry.pitfalls)
    page.rows("Example", entry.example.split(" | ") if entry.example else [])
    page.row("See also", ", ".join(entry.related))
    page.row("Defined", cited(entry))
    page.row("Sources", "; ".join(entry.sources))
    page.rows("Unchecked", entry.unverified)


def list_text(groups: Iterable[tuple[str, Sequence[Entry]]], page: Page) -> None:
    """Entries, one in a line, under headings."""
    for heading, entries in groups:
        page.blank()
        page.title(heading)
        width = max((len(entry.id) for entry in entries), default=0)
        for entry in entries:
            said = f"{entry.id.ljust(width)}  {entry.name}"
            room = page.width - len(said) - 3
            gist = entry.gist if room > 20 else ""
            if len(gist) > room:
                gist = gist[: room - 4].rsplit(" ", 1)[0] + " ..."
            page.lines.append(safe(said) + (page.style(f"   {safe(gist)}", "dim") if gist else ""))


_SENTENCE = re.compile(r"(?<=[a-z0-9)\"%+]\.) +(?=[A-Z0-9])")


def _sentences(text: str, count: int) -> str:
    """The first sentences of a text."""
    return " ".join(_SENTENCE.split(text)[:count])


_TELLING = re.compile(
    r"(?:.*: )?(?:Status|Reason|Call-Info|Identity|Warning|Q\.850|Retry-After|Server|X-Twilio-Error)\b.*"
)


def reading_text(reading: Reading, page: Page, *, full: bool = False) -> None:
    """
    A pasted text, read: answers first, then what is wrong, then field by field.

    Args:
        reading: of `read_paste`.
        page: where to.
        full: every field, every source.
    """
    page.title(reading.what.rstrip("."))
    if reading.assumed:
        page.text(reading.assumed, style="dim")
    if reading.steps:
        page.text("  ".join(f"{n}. {step}" for n, step in enumerate(reading.steps, 1)), style="dim")
    page.blank()
    for answer in reading.answers:
        page.lines.append(page.style(answer.question, "bold"))
        page.text(f"{answer.short}. {answer.text if full else _sentences(answer.text, 2)}", indent=2)
        if full and answer.sources:
            page.text(", ".join(answer.sources), indent=2, style="dim")
    if reading.defects:
        page.blank()
        page.lines.append(page.style("What is wrong with it", "bold"))
        for problem in reading.defects if full else reading.defects[:5]:
            page.text(f"{problem} [{problem.code}]", indent=2)
        if not full and len(reading.defects) > 5:
            page.text(f"and {len(reading.defects) - 5} more", indent=2, style="dim")
    fields = [f for f in reading.fields if full or _TELLING.fullmatch(f.name)]
    if fields:
        page.blank()
        page.lines.append(page.style("Field by field", "bold"))
        width = min(max(len(f.name) for f in fields), 24)
        for f in fields:
            value = f.value if full or len(f.value) <= 160 else f.value[:157] + "..."
            told = f.meaning if full else _sentences(f.meaning, 1)
            section = f" [{f.section if full else f.section.partition(' (')[0]}]" if f.section else ""
            page.row(f"  {f.name}", f"{value}{f'  {told}' if told else ''}{section}", width=width + 2)
    page.blank()
    left = len(reading.fields) - len(fields)
    more = [f"{left} more fields: --full"] if left else []
    if reading.entry:
        more.append(f"the code: ringthrough explain {reading.entry}")
    more.append("for a ticket: --ticket")
    page.text("; ".join(more).capitalize() if not more[0][:1].isdigit() else "; ".join(more), style="dim")
