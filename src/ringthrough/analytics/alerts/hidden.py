"""
Onset and end of blocks that do not say so: spells of `analytics.blocks`, as of now.

Facts
- The model judges days. The day that runs is judged by the calls it has so far, so a block is lifted only when enough
  calls on later days look usual, and one quiet morning clears nothing.
- What a carrier blocks and says so is `block_recurring`; a spell of nothing but such blocks is left to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from ringthrough.analytics.alerts.finding import Finding, Level
from ringthrough.analytics.alerts.rules import AlertRules
from ringthrough.analytics.alerts.state import AlertState
from ringthrough.analytics.alerts.times import DAY_US, day_text, day_us
from ringthrough.analytics.blocks import PROBABLE, BlockCell, Blocks, Spell

__all__ = ["find_hidden"]

KIND = "block_hidden"


def find_hidden(blocks: Blocks, rules: AlertRules, before: AlertState, now_us: int) -> Iterator[Finding]:
    """
    Judge the last spell of each number and carrier, and what stands.

    Args:
        blocks: found in the calls up to now.
        rules: what applies.
        before: what stands, and when it was looked at last.
        now_us: as of when.
    """
    last = {(spell.number, spell.carrier): spell for spell in blocks.spells}
    held = {(one.alert.number, one.alert.carrier): one.alert.since_us
            for one in before.standing.values() if one.alert.kind == KIND}  # fmt: skip
    wanted = last.keys() | held.keys()
    cells: dict[tuple[str, str], list[BlockCell]] = defaultdict(list)
    for cell in blocks.cells:
        if (cell.number, cell.carrier) in wanted:
            cells[cell.number, cell.carrier].append(cell)
    for series in sorted(wanted):
        spell = last.get(series)
        if spell is not None:
            yield _spell(spell, cells[series], rules, before, now_us)
        else:
            yield _revised(series, cells[series], held[series], rules)


def _spell(spell: Spell, cells: list[BlockCell], rules: AlertRules, before: AlertState, now_us: int) -> Finding:
    rule = rules.block_hidden
    carrier = spell.carrier or "a carrier without a name"
    after = [cell for cell in cells if cell.day > spell.last]
    since_us = day_us(spell.onset or spell.first)
    probable = spell.verdict == PROBABLE
    title = f"{carrier} blocks {spell.number} without saying so"
    detail = _told(spell, [cell for cell in cells if spell.first <= cell.day <= spell.last])
    counts = sum(cell.attempts for cell in after)
    if spell.end and counts >= rule.clear_calls:
        level = Level.UNDER
        looked_us = before.looked_us.get(KIND)
        title = f"{carrier} no longer blocks {spell.number}"
        detail = f"{sum(cell.reached for cell in after)} of {counts} calls since {spell.last} were let through."
        if looked_us is not None and spell.first > day_text(looked_us) and _counts(spell, rules, probable):
            level = Level.MISSED
            title = f"{carrier} blocked {spell.number} from {spell.first} to {spell.last}"
    elif spell.end:
        level = Level.BETWEEN
    elif now_us - day_us(spell.last) >= (rule.fresh_d + 1) * DAY_US:
        level = Level.UNKNOWN
    else:
        level = Level.OVER if _counts(spell, rules, probable) else Level.BETWEEN
    severity = rule.severity if probable else "warning"
    return Finding(
        KIND, level, severity, spell.number, spell.carrier, "", since_us, title, detail, _evidence(spell, counts)
    )


def _told(spell: Spell, cells: list[BlockCell]) -> str:
    """What a spell rests on, over all its days: a single one may have few calls."""
    silent, counted = spell.explicit + spell.refused, sum(cell.attempts for cell in cells)
    usual = sum(cell.usual * cell.attempts for cell in cells) / max(counted, 1)
    told = (
        f"{silent} of {spell.attempts} calls since {spell.first} ended without ringing where {usual:.0%} is usual for"
        f" other numbers. {spell.explicit} of them are blocks that say so, about {spell.hidden:.0f} more are blocks."
    )
    return told if spell.onset else f"{told} It stood from the first day seen."


def _counts(spell: Spell, rules: AlertRules, probable: bool) -> bool:
    """Whether a spell is worth an alert."""
    return (probable or rules.block_hidden.suspected) and spell.hidden >= rules.block_hidden.hidden


def _evidence(spell: Spell, after: int) -> dict[str, Any]:
    return {
        "verdict": spell.verdict, "onset": spell.onset, "first_day": spell.first, "last_day": spell.last,
        "end": spell.end, "calls": spell.attempts, "explicit": spell.explicit, "refused": spell.refused,
        "hidden": round(spell.hidden, 1), "posterior": round(spell.posterior, 4), "calls_after": after,
    }  # fmt: skip


def _revised(series: tuple[str, str], cells: list[BlockCell], since_us: int, rules: AlertRules) -> Finding:
    """What stands is no spell any more: later calls explain it otherwise, or it has left the history."""
    number, carrier = series
    after = [cell for cell in cells if cell.day >= day_text(since_us)]
    counts = sum(cell.attempts for cell in after)
    level = Level.UNDER if counts >= rules.block_hidden.clear_calls else Level.UNKNOWN
    title = f"{carrier or 'A carrier without a name'} no longer looks as if it blocked {number}"
    detail = f"With the calls that have come since, the refusals since {day_text(since_us)} are no longer unusual."
    return Finding(
        KIND, level, rules.block_hidden.severity, number, carrier, "", since_us, title, detail, {"calls_after": counts}
    )
