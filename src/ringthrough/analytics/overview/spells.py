"""Blocks of a period: spells of the model, and numbers that a network says it blocks, with what they cost in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ringthrough.analytics.blocks import Blocks, Spell
from ringthrough.analytics.overview.losses import AnswerRates
from ringthrough.analytics.overview.reading import NO_CALLS, Hit, Pair
from ringthrough.analytics.overview.shapes import Block, Contact, Example, Period

__all__ = ["Examples", "blocks_of", "day_of"]

Key = tuple[str, str]
Examples = Mapping[Key, Sequence[tuple[Contact | None, Example]]]
_OF_NETWORKS = ("network_blocked", "probable_block", "suspected_block")


def day_of(at_us: int) -> str:
    """UTC day of a time, ISO 8601."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)).date().isoformat()


def blocks_of(
    found: Blocks,
    hits: Sequence[Hit],
    pairs: Mapping[Key, Pair],
    period: Period | None,
    earlier: Iterable[Key] | None,
    rates: AnswerRates,
    examples: Examples,
) -> tuple[Block, ...]:
    """
    Return who is blocked where, since when, most lost calls first.

    Args:
        found: what the model says, of this period and the one before.
        hits: blocked calls of this period.
        pairs: counts of this period.
        period: this period; None when no call has a time.
        earlier: numbers and carriers that networks said they blocked in the period before; None without one.
        rates: how often calls are answered that are not blocked.
        examples: calls to quote.

    Returns:
        Blocks that cost a call in this period, and those that were lifted in it. What the own provider blocked is none.
    """
    by_pair: dict[Key, list[Hit]] = {}
    for hit in hits:
        if hit.verdict in _OF_NETWORKS:
            by_pair.setdefault((hit.number, hit.carrier), []).append(hit)
    first_day = day_of(period.since_us) if period else ""
    last_day = day_of(period.until_us - 1) if period else "9999-12-31"
    made = []
    for spell in found.spells:
        key = (spell.number, spell.carrier)
        if spell.first > last_day or (spell.last < first_day and not first_day <= spell.end <= last_day):
            continue
        mine = [hit for hit in by_pair.get(key, ()) if spell.first <= hit.day <= spell.last]
        by_pair[key] = [hit for hit in by_pair.get(key, ()) if not spell.first <= hit.day <= spell.last]
        stretch = _Stretch(*key, spell.verdict, spell.onset, spell.end, spell.first, spell.last, spell.posterior)
        made.append(_block(stretch, mine, _state(spell, first_day), pairs.get(key, NO_CALLS), rates, examples))
    known = None if earlier is None else set(earlier)
    for (number, carrier), rest in by_pair.items():
        said = [hit for hit in rest if hit.verdict == "network_blocked"]
        if said:
            days = sorted(hit.day for hit in said)
            stretch = _Stretch(number, carrier, "explicit", "", "", days[0], days[-1], None)
            new = known is not None and (number, carrier) not in known
            pair = pairs.get((number, carrier), NO_CALLS)
            made.append(_block(stretch, said, "new" if new else "standing", pair, rates, examples))
    return tuple(sorted(made, key=lambda block: (-block.lost, block.number, block.carrier, block.first)))


class _Stretch(NamedTuple):
    """Where and when something is blocked."""

    number: str
    carrier: str
    verdict: str
    onset: str
    end: str
    first: str
    last: str
    posterior: float | None


def _state(spell: Spell, first_day: str) -> str:
    began = bool(spell.onset) and spell.onset >= first_day
    if spell.end:
        return "passing" if began else "lifted"
    return "new" if began else "standing"


def _block(
    stretch: _Stretch, hits: Sequence[Hit], state: str, pair: Pair, rates: AnswerRates, examples: Examples
) -> Block:
    explicit = sum(hit.calls for hit in hits if hit.verdict == "network_blocked")
    hidden = sum(hit.sure for hit in hits if hit.verdict != "network_blocked")
    number, carrier, verdict, onset, end, first, last, posterior = stretch
    quoted = examples.get((number, carrier), ())
    return Block(
        number, carrier, verdict, state, onset, first, end, last, pair.calls, explicit, hidden, explicit + hidden,
        (explicit + hidden) * rates.of(number, carrier), posterior,
        next((contact for contact, _ in quoted if contact is not None), None),
        tuple(example for _, example in quoted),
    )  # fmt: skip
