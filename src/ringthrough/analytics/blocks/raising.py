"""
Raise the verdicts of single calls: a refusal within a blocked cell that looks like this carrier's blocks.

`raises` says which kinds of ending are raised in which cells; `raised` applies it to rows, `raised_source` to whatever
an engine holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np

from ringthrough.analytics.blocks.cells import Kind, kind_of, plain, step_of
from ringthrough.analytics.blocks.finding import (
    LEAST_ATTEMPTS,
    PROBABLE,
    PROBABLE_POSTERIOR,
    SUSPECTED_POSTERIOR,
    Blocks,
)
from ringthrough.calls import INFERRED, Call, Verdict

__all__ = ["BECAUSE", "PROBABLE_BLOCK", "SUSPECTED_BLOCK", "Raise", "raised", "raises"]

PROBABLE_BLOCK, SUSPECTED_BLOCK = INFERRED
BECAUSE = " This refusal looks like those blocks; alone it would be "
"Between why the cell is blocked and what the call was taken for alone."
NEVER_RAISED = (
    *INFERRED, "network_blocked", "provider_blocked", "answered", "abandoned", "incomplete", "stalled", "unauthorized",
    "identity_failed", "",
)  # fmt: skip
"Verdicts that are raised already, that are no refusal, or that say themselves who refused."
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Raise(NamedTuple):
    """What calls of one kind of ending in one blocked cell are raised to; to nothing where `verdict` is empty."""

    number: str
    "Calling number."
    carrier: str
    "Carrier."
    day: str
    "UTC day, ISO 8601."
    code: int
    "Status on the farthest leg; 0 for none."
    phrase: str
    "Its phrase."
    cause: int
    "Q.850 cause; 0 for none."
    location: str
    "Location of the Reason."
    server: str
    "Server header."
    early: bool
    "Early media came first."
    step: int
    "Step of the time to the final response."
    verdict: str
    "probable_block, suspected_block or empty."
    confidence: float
    "How likely such a call was a block, 0..1, to four digits."
    because: str
    "Why the cell is blocked; empty where nothing is raised."


def raises(blocks: Blocks) -> tuple[Raise, ...]:
    """
    Say what is raised: every kind of refusal and step of time that was counted in a blocked cell, each once.

    Where the own provider refused calls of a cell, no 403 of it is raised: nothing tells one from the other. Nothing is
    raised in a spell of fewer than `LEAST_ATTEMPTS` calls either: with two blocks that say so among three calls, the
    third may be anything.
    """
    counted = blocks.counted
    short = {
        (spell.number, spell.carrier, day)
        for spell in blocks.spells
        if spell.attempts < LEAST_ATTEMPTS
        for day in counted.days[counted.days.index(spell.first) : counted.days.index(spell.last) + 1]
    }
    sums: dict[tuple[int, int, int], tuple[float, float]] = {}
    # Few of millions of entries are refusals in blocked cells.
    blocked = np.array([cell.verdict != "" for cell in blocks.cells], dtype=bool)
    refused = np.array([kind.ending == "refused" for kind in counted.kinds], dtype=bool)
    some = np.flatnonzero(blocked[counted.cell] & refused[counted.kind])
    for cell, kind, step, calls, chance in zip(
        counted.cell[some].tolist(), counted.kind[some].tolist(), counted.step[some].tolist(),
        counted.calls[some].tolist(), blocks.chances[some].tolist(), strict=True,
    ):  # fmt: skip
        done, whole = sums.get((cell, kind, step), (0.0, 0.0))
        sums[cell, kind, step] = (done + calls * chance, whole + calls)
    made = []
    for (place, kind, step), (done, whole) in sums.items():
        of, like, chance = blocks.cells[place], counted.kinds[kind], done / whole
        slug = ""
        unsound = (of.number, of.carrier, of.day) in short or (of.own_hop and like.code == 403)
        if chance >= SUSPECTED_POSTERIOR and not unsound:
            sure = of.verdict == PROBABLE and chance >= PROBABLE_POSTERIOR
            slug = PROBABLE_BLOCK if sure else SUSPECTED_BLOCK
        made.append(Raise(
            of.number, of.carrier, of.day, like.code, like.phrase, like.cause, like.location, like.server, like.early,
            step, slug, round(chance, 4), of.because if slug else "",
        ))  # fmt: skip
    return tuple(made)


def raised(rows: Iterable[tuple[Call, Verdict]], blocks: Blocks) -> Iterator[tuple[Call, Verdict]]:
    """
    Raise verdicts of calls to `probable_block` or `suspected_block`; all others pass as they are.

    A call is raised when its cell is blocked and it was refused without ringing in a way that is likelier to be a block
    than not: from 0.9 on in a probable cell to `probable_block`, from 0.5 on to `suspected_block`. `because` says so
    and names the verdict that it had; `confidence` becomes that likelihood; everything else stays as it is.

    Args:
        rows: calls, each with its verdict.
        blocks: found in these calls, or in a table that holds them.
    """
    said = {(one.number, one.carrier, one.day, _kind(one), one.step): one for one in raises(blocks)}
    for call, verdict in rows:
        one = None
        if _may_be_raised(call, verdict):
            key, kind, step = (call.caller, call.carrier, _day(call.at_us)), kind_of(call), step_of(call)
            one = said.get((*key, kind, step)) or said.get((*key, plain(kind), step))
        if one is None or not one.verdict:
            yield call, verdict
            continue
        because = f"{one.because}{BECAUSE}{verdict.verdict}: {verdict.because}"
        yield call, verdict._replace(verdict=one.verdict, confidence=one.confidence, because=because)


def _may_be_raised(call: Call, verdict: Verdict) -> bool:
    """Whether the call is a refusal without ringing, as the statement of the cells counts them."""
    if call.ring_ms is not None or call.ring_frame is not None or call.kind == "scanner":
        return False
    if verdict.verdict in NEVER_RAISED or (verdict.verdict == "no_answer" and not verdict.hidden_candidate):
        return False
    code = call.far_code if call.far_code is not None else call.final_code or 0
    if 200 <= code <= 299 or code == 487:
        return False
    blind = call.blind_to.split(" ")
    return "refusals" not in blind and "ringing" not in blind


def _kind(one: Raise) -> Kind:
    return Kind("refused", one.code, one.phrase, one.cause, one.location, one.server, one.early)


def _day(at_us: int) -> str:
    try:
        return (_EPOCH + timedelta(microseconds=at_us)).date().isoformat()
    except OverflowError:
        return ""
