"""
One day of a world as columns of numbers: who calls whom when, what befalls each call, and how long its parts take.

Theory of operation
- Everything is an array with one element for each call. Fates are laid over each other: first what people do, then what
  networks do to calls before they reach people; the last one laid on wins.
- A call without an answer may be tried again. Retries that fall into the same day are played as a second wave; later
  ones are handed to the day they fall into.
- A random number is drawn for every call and every question, whatever the answer to the others, so that worlds differ
  only where their parameters do.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ringthrough.simulate.worlds.book import SLOTS
from ringthrough.simulate.worlds.episodes import DAY_S, SPELLS
from ringthrough.simulate.worlds.people import DEAD, DECLINES, REFUSES
from ringthrough.simulate.worlds.recipes import FATES

if TYPE_CHECKING:
    from ringthrough.simulate.worlds.world import World

__all__ = ["ALL", "KINDS", "Day", "Pending", "play_day"]

KINDS = ("none", "number", "trunk", "all")
"Why a call was blocked: not at all, for its number, for its trunk, or because everything is."
NONE, NUMBER, TRUNK, ALL = range(4)
_FATE = {name: index for index, name in enumerate(FATES)}
_RETRIED = np.array([name not in ("answered", "voicemail", "dead") for name in FATES])
_DECLINES_BY_HABIT = 0.75
_NEVER_SOONER_S = 61.0
_LUT = 1024
_CARD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_HIGH = np.uint64(11)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pending:
    """Retries that fall into later days."""

    at_s: Floats
    "When, seconds since the world began."
    caller: Ints
    "Index of the calling number."
    callee: Ints
    "Index of the called person."


@dataclass(frozen=True, slots=True)
class Day:
    """The calls of one UTC day, in order of time, as arrays of the same length."""

    at_us: Ints
    "When the INVITE was sent: microseconds since 1970 UTC."
    caller: Ints
    "Index of the calling number."
    callee: Ints
    "Index of the called person."
    carrier: Ints
    "Index of the carrier."
    trunk: Ints
    "Index of the trunk."
    recipe: Ints
    "Number of the recipe in the book."
    fate: Ints
    "Index in `FATES`."
    kind: Ints
    "Index in `KINDS`."
    chance: Floats
    "How likely the call was to be blocked, 0..1."
    trying_ms: Ints
    "INVITE to 100."
    first_ms: Ints
    "INVITE to the 18x, or to the final response where there is none."
    final_ms: Ints
    "INVITE to the final response."
    cancel_ms: Ints
    "INVITE to CANCEL; 0 for none."
    talk_ms: Ints
    "Answer to BYE; 0 for none."

    @property
    def size(self) -> int:
        """How many calls."""
        return int(self.at_us.size)

    def ordered(self) -> Day:
        """The same calls in order of time."""
        order = np.argsort(self.at_us, kind="stable")
        return Day(*(getattr(self, field.name)[order] for field in fields(Day)))


def play_day(world: World, day: int, waiting: Pending) -> tuple[Day, Pending]:
    """
    Play one day.

    Args:
        world: the world.
        day: its number, from 0.
        waiting: retries that earlier days handed on.

    Returns:
        The calls of the day, and the retries that wait for later days.
    """
    rng = np.random.default_rng([world.seed, day])
    spread = world.parameters.world.rate_spread
    pairs = len(world.callers) * len(world.carriers)
    rates = rng.gamma(1 / spread**2, spread**2, pairs) if spread > 0.01 else np.ones(pairs)
    at_s, caller, callee = _plan(world, rng, day)
    due = waiting.at_s < (day + 1) * DAY_S
    first = _calls(
        world, rng, rates, np.concatenate((at_s, waiting.at_s[due])), np.concatenate((caller, waiting.caller[due])),
        np.concatenate((callee, waiting.callee[due])),
    )  # fmt: skip
    later = _retries(world, rng, first)
    soon = later.at_s < (day + 1) * DAY_S
    second = _calls(world, rng, rates, later.at_s[soon], later.caller[soon], later.callee[soon])
    both = Day(*(np.concatenate((getattr(first, f.name), getattr(second, f.name))) for f in fields(Day)))
    left = [np.concatenate((getattr(waiting, f.name)[~due], getattr(later, f.name)[~soon])) for f in fields(Pending)]
    return both.ordered(), Pending(*left)


# ------------------------------------------------------------------------------------------------- who calls when


def _plan(world: World, rng: np.random.Generator, day: int) -> tuple[Floats, Ints, Ints]:
    habits = world.parameters.world
    weekday = (world.start_us // 86_400_000_000 + day + 3) % 7  # 1970-01-01 was a Thursday
    factor = (habits.weekend if weekday >= 5 else 1.0) * float(np.exp(habits.day_spread * rng.standard_normal()))
    counts = rng.poisson(world.volume * factor)
    caller = np.repeat(np.arange(counts.size), counts)
    n = caller.size
    campaign = world.campaign[caller]
    shared = rng.random(n) < habits.shared_lists
    lists = np.where(shared, len(world.parameters.campaigns), campaign)
    people = world.people
    callee = people.starts[lists] + (rng.random(n) * people.sizes[lists]).astype(np.int64)
    minute = world.minutes[campaign * _LUT + rng.integers(_LUT, size=n)]
    second = minute * 60.0 + rng.random(n) * 60.0 - people.zone_s[callee]
    return second % DAY_S + day * DAY_S, caller, callee


def _retries(world: World, rng: np.random.Generator, calls: Day) -> Pending:
    habits = world.parameters.world
    again = np.flatnonzero(_RETRIED[calls.fate] & (rng.random(calls.size) < habits.retry_share))
    n = again.size
    caller, other = calls.caller[again], rng.random(n) < habits.retry_other_number
    campaign = world.campaign[caller]
    drawn = world.number_starts[campaign] + (rng.random(n) * world.number_counts[campaign]).astype(np.int64)
    wait = np.maximum(_NEVER_SOONER_S, habits.retry_after_s * np.exp(0.8 * rng.standard_normal(n)))
    ended = (calls.at_us[again] - world.start_us) / 1e6 + (calls.final_ms[again] + calls.talk_ms[again]) / 1e3
    return Pending(ended + wait, np.where(other, world.by_campaign[drawn], caller), calls.callee[again])


# ------------------------------------------------------------------------------------------------- what befalls them


def _calls(world: World, rng: np.random.Generator, rates: Floats, at_s: Floats, caller: Ints, callee: Ints) -> Day:
    n = at_s.size
    people, of = world.people, world.habits
    carrier, habit = people.carrier[callee], people.habit[callee]
    campaign = world.campaign[caller]
    usual = rng.random(n) >= world.other_trunk[campaign]
    trunk = np.where(usual, world.usual_trunk[campaign], (rng.random(n) * len(world.trunks)).astype(np.int64))
    pair = caller * len(world.carriers) + carrier
    hour = ((at_s + people.zone_s[callee]) // 3600).astype(np.int64) % 24
    fate = _people(world, rng, carrier, campaign, hour, rates[pair])
    fate[(habit == DECLINES) & (rng.random(n) < _DECLINES_BY_HABIT)] = _FATE["declined"]
    fate[habit == REFUSES] = _FATE["refused_silently"]
    fate[habit == DEAD] = _FATE["dead"]
    early = rng.random(n)
    edge = of["route_refusals"][carrier]
    fate[early < edge] = _FATE["route_refused"]
    fate[early > 1 - of["stalled"][carrier]] = _FATE["stalled"]
    chance, kind = _blocks(world, at_s, pair, carrier, trunk)
    drawn = rng.random(n)
    sticky = of["sticky"][carrier] > 0
    if sticky.any():
        drawn = np.where(sticky, _fixed(world.seed, caller, callee), drawn)
    blocked = drawn < chance
    kind[~blocked] = NONE
    fate[blocked] = _FATE["blocked"]
    own = at_s >= world.episodes.own_refused[caller]
    group = (carrier * len(world.trunks) + trunk) * len(FATES)
    fails = rng.random(n)
    group += fate
    for index, outage in enumerate(world.episodes.outages):
        hit = (trunk == outage.trunk) & (at_s >= outage.onset_s) & (at_s < outage.end_s) & (fails < outage.share)
        if outage.carrier >= 0:
            hit &= carrier == outage.carrier
        fate[hit], kind[hit], group[hit] = _FATE["outage"], NONE, world.groups + index
    fate[own], kind[own] = _FATE["own_refused"], NONE
    group[own] = ((carrier * len(world.trunks) + trunk) * len(FATES) + _FATE["own_refused"])[own]
    recipe = world.book.table[group * SLOTS + rng.integers(SLOTS, size=n)].astype(np.int64)
    recipe += np.where(world.book.flags["personal"][recipe], caller, 0)
    return _times(world, rng, Day(
        world.start_us + (at_s * 1e6).astype(np.int64), caller, callee, carrier, trunk, recipe, fate, kind, chance,
        *(np.zeros(n, dtype=np.int64) for _ in range(5)),
    ), campaign)  # fmt: skip


def _people(world: World, rng: np.random.Generator, carrier: Ints, campaign: Ints, hour: Ints, rate: Floats) -> Ints:
    """What people and their phones do with the calls that reach them."""
    of = world.habits
    n = carrier.size
    swing = world.hours[carrier * 24 + hour]
    declines = np.minimum(of["decline"][carrier] * swing * world.unpopular[campaign] * rate, 0.9)
    u = rng.random(n) * 1.0
    left = 1.0 - declines
    fate = np.full(n, _FATE["no_answer"], dtype=np.int64)
    edge = declines + of["answer"][carrier] * left
    fate[u < edge + (of["voicemail"] + of["abandon"])[carrier] * left] = _FATE["abandoned"]
    fate[u < edge + of["voicemail"][carrier] * left] = _FATE["voicemail"]
    fate[u < edge] = _FATE["answered"]
    fate[u < declines] = _FATE["declined"]
    u = rng.random(n)
    edge = of["unwanted"][carrier]
    busy = of["busy"][carrier] * rate
    off = of["unavailable"][carrier] * rate
    fate[u < edge + busy + off] = _FATE["unavailable"]
    fate[u < edge + busy] = _FATE["busy"]
    fate[u < edge] = _FATE["unwanted"]
    return fate


def _blocks(world: World, at_s: Floats, pair: Ints, carrier: Ints, trunk: Ints) -> tuple[Floats, Ints]:
    """How likely each call is to be blocked, and why."""
    n = at_s.size
    chance, kind = np.zeros(n), np.full(n, NONE, dtype=np.int64)
    if world.parameters.world.block_all:
        chance[:] = 1.0
        kind[:] = ALL
        return chance, kind
    episodes = world.episodes
    flagged = world.ever_flagged[pair]
    rows = np.flatnonzero(flagged)
    if rows.size:
        when, place = at_s[rows], pair[rows] * SPELLS
        for spell in range(SPELLS):
            at = place + spell
            on = (when >= episodes.onset.ravel()[at]) & (when < episodes.end.ravel()[at])
            chance[rows[on]] = episodes.share.ravel()[at[on]]
        kind[rows[chance[rows] > 0]] = NUMBER
    for block in episodes.trunk_blocks:
        hit = (trunk == block.trunk) & (carrier == block.carrier) & (at_s >= block.onset_s) & (at_s < block.end_s)
        hit &= chance < block.share
        chance[hit], kind[hit] = block.share, TRUNK
    return chance, kind


def _fixed(seed: int, caller: Ints, callee: Ints) -> Floats:
    """A number 0..1 that is the same for every call between two numbers."""
    mixed = (callee.astype(np.uint64) * np.uint64(65_537) + caller.astype(np.uint64) + np.uint64(seed % 2**32)) * _CARD
    mixed = (mixed ^ (mixed >> np.uint64(29))) * _MIX
    return np.asarray((mixed >> _HIGH).astype(np.float64) * 2.0**-53, dtype=np.float64)


# ------------------------------------------------------------------------------------------------------- how long


def _times(world: World, rng: np.random.Generator, calls: Day, campaign: Ints) -> Day:
    """Draw how long the parts of each call take; calls that ring beyond our patience are given up."""
    n = calls.size
    book, recipe, fate = world.book, calls.recipe, calls.fate
    times, flags = book.times, book.flags
    z = rng.standard_normal((4, n), dtype=np.float32)
    trying = np.clip(np.exp(world.trying[calls.trunk] + 0.3 * z[0]), 1, 900).astype(np.int64)
    drawn = np.exp(times["first_ms"][recipe] + times["first_spread"][recipe] * z[1]) + times["adds_ms"][recipe]
    first = np.maximum(drawn.astype(np.int64), trying + 12)
    waits = flags["rings"][recipe] | flags["early"][recipe] | flags["cancels"][recipe]
    last = np.exp(times["last_ms"][recipe] + times["last_spread"][recipe] * z[2]).astype(np.int64)
    last = np.where(waits, np.minimum(last, 150_000), 0)
    limit = world.patience_ms[campaign] + (rng.random(n) * 400).astype(np.int64)
    over = waits & (last > limit) & (flags["rings"] | flags["early"])[recipe] & ~flags["cancels"][recipe]
    if over.any():
        recipe, fate = np.where(over, book.cancel[recipe], recipe), np.where(over, _FATE["no_answer"], fate)
        last = np.where(over, limit, last)
    last = np.where(waits, np.maximum(last, 250), 0)
    cancels = flags["cancels"][recipe]
    stalls = cancels & ~(flags["rings"] | flags["early"])[recipe]
    first = np.where(stalls, trying, first)
    lag = 20 + (rng.random(n) * 50).astype(np.int64)
    cancel = np.where(cancels, first + last, 0)
    answered = flags["answered"][recipe]
    usual = np.where(fate == _FATE["answered"], world.talk[campaign], 0.0)
    short = (fate == _FATE["answered"]) & (rng.random(n) < world.short_share[campaign])
    talk = np.exp(np.where(short, 8.0, times["talk_ms"][recipe] + usual) + times["talk_spread"][recipe] * z[3])
    talk = np.where(short, np.minimum(talk, 6000.0), talk)
    return Day(
        calls.at_us, calls.caller, calls.callee, calls.carrier, calls.trunk, recipe, fate,
        np.where(over, NONE, calls.kind), calls.chance, trying, first, first + last + np.where(cancels, lag, 0), cancel,
        np.where(answered, np.clip(talk, 400.0, 5.4e6), 0).astype(np.int64),
    )  # fmt: skip
