"""Hidden blocks as tables for people: spells, cells, evidence, and the calls whose verdict is raised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ringthrough.analytics import Table
from ringthrough.analytics.blocks import BlockCell, Blocks, Spell
from ringthrough.analytics.blocks.finding import EVIDENCE
from ringthrough.cli.measures_text import lines, rest
from ringthrough.numbers import mask, mask_text
from ringthrough.report.words import count, duration, safe

__all__ = ["calls_text", "cells_text", "evidence_of", "evidence_text", "spells_of", "spells_text"]

_NOTHING = "-"
_CELLS = (
    "number", "carrier", "day", "verdict", "likelihood", "share", "calls", "reached", "explicit", "refused", "common",
    "usual", "lift", "q", "since", "until",
)  # fmt: skip
_EVIDENCE = (
    "ending", "code", "phrase", "cause", "location", "server", "calls", "reached by others", "median", "expected",
    "ratio", "weight",
)  # fmt: skip


def spells_of(found: Blocks) -> Table:
    """Spells, those with most blocked calls first."""
    ranked = sorted(found.spells, key=lambda spell: -(spell.explicit + spell.hidden))
    return Table(Spell._fields, tuple(tuple(spell) for spell in ranked))


def spells_text(found: Blocks, table: Table, masked: bool, limit: int) -> str:
    """
    Which number is blocked at which carrier, since when.

    Args:
        limit: at most so many rows.
    """
    header = [
        "number",
        "carrier",
        "verdict",
        "since",
        "until",
        "calls",
        "explicit",
        "hidden",
        "likelihood",
        "lift",
        "q",
    ]
    rows = [
        [
            _number(row["number"], masked), _said(row["carrier"], masked), row["verdict"],
            row["onset"] or f"before {row['first']}", row["end"] or "still", count(row["attempts"]),
            count(row["explicit"]), count(round(row["hidden"])), _likely(row["posterior"]), _lift(row["lift"]),
            _q(row["q"]),
        ]
        for row in list(table)[:limit]
    ]  # fmt: skip
    text = lines(header, rows, 5) + rest(len(table.rows), len(rows)) if table.rows else ""
    return text + "".join(f"{note}\n" for note in _notes(found))


def _notes(found: Blocks) -> list[str]:
    own, lost, common = (sum(getattr(cell, name) for cell in found.cells) for name in ("own_hop", "lost", "common"))
    notes = [
        "explicit: blocks that say so; hidden: refusals expected to be blocks that do not, inferred from many calls.",
        "lift: calls that end without ringing, beside what is usual for other numbers; q: false-discovery rate.",
    ]
    if not found.spells:
        notes = ["No number is blocked at any carrier, as far as these calls can tell."]
    if own or lost:
        notes.append(f"Left out: {own:,} calls that the own provider refused, {lost:,} whose end tells nothing.")
    if common:
        notes.append(
            f"Not taken for blocks: {common:,} refusals that came up for several numbers at once, as in an outage."
        )
    if found.spells:
        notes.append("--evidence shows why, --cells every day, --calls the calls. Docs: concepts/hidden-blocks.md.")
    return notes


def cells_text(table: Table, masked: bool, limit: int) -> str:
    """Every number, carrier and day; at most `limit` rows."""
    rows = [
        [
            _number(row["number"], masked), _said(row["carrier"], masked), row["day"], row["verdict"] or _NOTHING,
            _likely(row["posterior"]), _share(row["share"]), count(row["attempts"]), count(row["reached"]),
            count(row["explicit"]), count(row["refused"]), count(row["common"]), _share(row["usual"]),
            _lift(row["lift"]), _q(row["q"]), row["onset"] or _NOTHING, row["end"] or _NOTHING,
        ]
        for row in list(table)[:limit]
    ]  # fmt: skip
    return lines(list(_CELLS), rows, 4) + rest(len(table.rows), len(rows))


def evidence_of(found: Blocks) -> Table:
    """The endings of every blocked cell, each with its number, carrier and day."""
    rows = [
        (cell.number, cell.carrier, cell.day, *row)
        for index, cell in enumerate(found.cells)
        if cell.verdict
        for row in found.evidence(index).rows
    ]
    return Table(("number", "carrier", "day", *EVIDENCE), tuple(rows))


def evidence_text(found: Blocks, masked: bool, limit: int) -> str:
    """
    Why each blocked cell is called blocked: a sentence, then its endings.

    Args:
        limit: at most so many cells.
    """
    blocked = [(index, cell) for index, cell in enumerate(found.cells) if cell.verdict]
    parts = [_evidence(found.evidence(index), cell, masked) for index, cell in blocked[:limit]]
    note = (
        "weight: how much these calls speak for a block (against it, when negative), in natural logarithms of odds.\n"
    )
    if not blocked:
        note = "No number is blocked at any carrier, as far as these calls can tell.\n"
    return "".join(f"{part}\n" for part in parts) + rest(len(blocked), len(parts)) + note


def _evidence(table: Table, cell: BlockCell, masked: bool) -> str:
    head = f"{_number(cell.number, masked)}  {_said(cell.carrier, masked)}  {cell.day}"
    head += f"  {cell.verdict}, {_likely(cell.posterior)}\n{_said(cell.because, masked)}\n"
    rows = [[_shown(row, name, masked) for name in EVIDENCE] for row in table]
    empty = [place for place in range(len(_EVIDENCE)) if all(row[place] == _NOTHING for row in rows)]
    kept = [place for place in range(len(_EVIDENCE)) if place not in empty]
    left = sum(place < 6 for place in kept)
    return head + lines([_EVIDENCE[place] for place in kept], [_pick(row, kept) for row in rows], left)


def _pick(row: Sequence[str], kept: Sequence[int]) -> list[str]:
    return [row[place] for place in kept]


def _shown(row: Mapping[str, Any], name: str, masked: bool) -> str:
    value = row[name]
    if value is None or value == "":
        return _NOTHING
    if name == "median_ms":
        return duration(value)
    if name == "code":
        return str(value)
    if isinstance(value, float):
        return f"{value:.1f}" if name != "ratio" else count(round(value)) if value >= 100 else f"{value:.2g}"
    return _said(value, masked) if isinstance(value, str) else count(value)


def calls_text(table: Table, masked: bool, limit: int) -> str:
    """Calls whose verdict is raised; at most `limit` rows."""
    header = ["at (UTC)", "number", "called", "carrier", "answer", "verdict", "alone", "after", "likelihood"]
    rows = [
        [
            row["at"][:19], _number(row["number"], masked), _number(row["callee"], masked),
            _said(row["carrier"], masked), _said(f"{row['code'] or ''} {row['phrase']}".strip(), masked),
            row["verdict"], row["alone"], _NOTHING if row["final_ms"] is None else duration(row["final_ms"]),
            _likely(row["confidence"]),
        ]
        for row in list(table)[:limit]
    ]  # fmt: skip
    note = "alone: the verdict that the call has by itself. --json and --csv say why each was raised.\n"
    if not table.rows:
        return "No call is raised: none looks like a block of a carrier that blocks its number.\n"
    return lines(header, rows, 7) + rest(len(table.rows), len(rows)) + note


def _number(number: str, masked: bool) -> str:
    return safe(mask(number) if masked else number) or "(unknown)"


def _said(text: str, masked: bool) -> str:
    return safe(mask_text(text) if masked else text) or _NOTHING


def _likely(value: float) -> str:
    """A likelihood, never rounded up to certainty."""
    return "> 99.9 %" if value > 0.999 else "< 0.1 %" if value < 0.001 else f"{value * 100:.1f} %"


def _share(value: float | None) -> str:
    return _NOTHING if value is None else f"{value * 100:.1f} %"


def _lift(value: float | None) -> str:
    return _NOTHING if value is None else f"x {value:.1f}"


def _q(value: float) -> str:
    return "1" if value >= 1 else f"{value:.2g}"
