"""Raise the verdicts of single calls: a refusal within a blocked cell that looks like this carrier's blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from ringthrough.analytics.blocks.cells import STEPS, Kind, kind_of, step_of
from ringthrough.analytics.blocks.finding import (
    PROBABLE,
    PROBABLE_POSTERIOR,
    SUSPECTED_POSTERIOR,
    Blocks,
)
from ringthrough.calls import Call, Verdict

__all__ = ["raised"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def raised(rows: Iterable[tuple[Call, Verdict]], blocks: Blocks) -> Iterator[tuple[Call, Verdict]]:
    """
    Raise verdicts of calls to `probable_block` or `suspected_block`; all others pass as they are.

    A call is raised when its cell is blocked and it was refused without ringing in a way that is likelier to be a block
    than not: from 0.9 on in a probable cell to `probable_block`, from 0.5 on to `suspected_block`. `because` says so and
    names the verdict that it had; `confidence` becomes that likelihood; `hidden_candidate` stays as it is.

    Args:
        rows: calls, each with its verdict.
        blocks: found in these calls, or in a table that holds them.
    """
    chances = _chances(blocks)
    cells = {(cell.number, cell.carrier, cell.day): cell for cell in blocks.cells if cell.verdict}
    for call, verdict in rows:
        key = (call.caller, call.carrier, _day(call.at_us))
        cell = cells.get(key)
        if cell is None or not verdict.hidden_candidate or call.ring_ms is not None:
            yield call, verdict
            continue
        chance = chances.get((*key, kind_of(call), step_of(call)), 0.0)
        if chance < SUSPECTED_POSTERIOR:
            yield call, verdict
            continue
        slug = "probable_block" if cell.verdict == PROBABLE and chance >= PROBABLE_POSTERIOR else "suspected_block"
        because = f"{cell.because} This refusal looks like those blocks; alone it would be {verdict.verdict}: {verdict.because}"
        yield call, verdict._replace(verdict=slug, confidence=round(chance, 4), because=because)


def _day(at_us: int) -> str:
    try:
        return (_EPOCH + timedelta(microseconds=at_us)).date().isoformat()
    except OverflowError:
        return ""


def _chances(blocks: Blocks) -> dict[tuple[str, str, str, Kind, int], float]:
    """How likely a call was a block, by cell, kind of ending and time."""
    counted = blocks.counted
    sums: dict[tuple[str, str, str, Kind, int], tuple[float, float]] = {}
    for at, kind, step, calls, chance in zip(
        counted.cell.tolist(), counted.kind.tolist(), counted.step.tolist(), counted.calls.tolist(),
        blocks.chances.tolist(), strict=True,
    ):  # fmt: skip
        cell = blocks.cells[at]
        if not cell.verdict or counted.kinds[kind].ending != "refused":
            continue
        key = (cell.number, cell.carrier, cell.day, counted.kinds[kind], min(step, STEPS))
        done, whole = sums.get(key, (0.0, 0.0))
        sums[key] = (done + calls * chance, whole + calls)
    return {key: done / whole for key, (done, whole) in sums.items()}
