"""
What is blocked when, and what fails when: flags, blocks of whole trunks, outages, refusals by the own provider.

Facts
- An engine flags a number; the carriers that use it take the flag up within hours or days, or only label the call.
- Times are seconds since the world began. A flag that stands from the first has a negative onset.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ringthrough.simulate.worlds.parameters import WorldParameters

__all__ = ["SPELLS", "Episodes", "Outage", "TrunkBlock", "make_episodes"]

SPELLS = 2
"How often a number may be flagged at one carrier."
DAY_S = 86_400.0
_NEVER = math.inf

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrunkBlock:
    """A time in which a carrier blocks everything that comes by one trunk."""

    trunk: int
    "Index of the trunk."
    carrier: int
    "Index of the carrier."
    onset_s: float
    "When it begins."
    end_s: float
    "When it is lifted."
    share: float
    "Share of calls that are blocked."


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which a route fails, for all numbers."""

    trunk: int
    "Index of the trunk."
    carrier: int
    "Index of the carrier behind it; -1 for all of them."
    onset_s: float
    "When it begins."
    end_s: float
    "When it is over."
    share: float
    "Share of calls that fail."
    kind: float
    "Picks the code, 0..1."
    slow: float
    "Picks the time to the answer, 0..1."


@dataclass(frozen=True, slots=True)
class Episodes:
    """All of them. Arrays have the shape numbers, carriers, `SPELLS`."""

    onset: Floats
    "When a flag takes effect; infinite for none."
    end: Floats
    "When it stops; infinite for never."
    share: Floats
    "Share of calls that are blocked while it stands."
    trunk_blocks: tuple[TrunkBlock, ...]
    "Blocks of whole trunks."
    outages: tuple[Outage, ...]
    "Outages."
    own_refused: Floats
    "When the own provider begins to refuse each number; infinite for never."
    engine: npt.NDArray[np.int64]
    "Engine of each carrier; -1 for none."


def make_episodes(parameters: WorldParameters, rng: np.random.Generator, *, numbers: int, days: int) -> Episodes:
    """Draw what is blocked and what fails in the days of a world."""
    world, carriers = parameters.world, parameters.carriers
    whole = days * DAY_S
    engine = np.array(
        [
            int(rng.integers(len(parameters.engines))) if rng.random() < carrier.engine_chance else -1
            for carrier in carriers
        ],
        dtype=np.int64,
    )
    shape = (numbers, len(carriers), SPELLS)
    onset, end, share = np.full(shape, _NEVER), np.full(shape, _NEVER), np.zeros(shape)
    for index, habits in enumerate(parameters.engines):
        flagged = rng.random(numbers) < min(0.95, world.flagged_share * habits.eagerness)
        for number in np.flatnonzero(flagged):
            begin, stop = _spell(parameters, rng, whole)
            again = _spell_after(rng, stop, whole) if rng.random() < world.flag_again_share else None
            for c in np.flatnonzero(engine == index):
                if rng.random() < world.flag_spares_carrier:
                    continue
                lag = rng.random() * world.flag_lag_h * 3600
                blocked = min(1.0, carriers[c].block_share * (0.9 + 0.2 * rng.random()))
                for spell, times in enumerate((begin, stop) if again is None else (begin, stop, *again)):
                    target = end if spell % 2 else onset
                    # Standing flags were taken up long ago.
                    target[number, c, spell // 2] = times + (0.0 if times < 0 else lag)
                share[number, c, : 1 if again is None else 2] = blocked
    blocks = int(world.trunk_blocks) if (engine >= 0).any() else 0
    return Episodes(
        onset, end, share,
        tuple(_trunk_block(parameters, rng, engine, whole) for _ in range(blocks)),
        tuple(_outage(parameters, rng, whole) for _ in range(int(world.outages))),
        np.where(rng.random(numbers) < world.own_refused_share, rng.random(numbers) * whole, _NEVER),
        engine,
    )  # fmt: skip


def _spell(parameters: WorldParameters, rng: np.random.Generator, whole: float) -> tuple[float, float]:
    world = parameters.world
    begin = -DAY_S if rng.random() < world.flag_at_start else rng.random() * whole * 0.9
    if rng.random() >= world.flag_lift_share:
        return begin, _NEVER
    first = max(begin, 0.0)
    return begin, first + (0.1 + 0.9 * rng.random()) * (whole - first)


def _spell_after(rng: np.random.Generator, stop: float, whole: float) -> tuple[float, float] | None:
    if not stop < whole:
        return None
    return stop + (0.2 + 0.6 * rng.random()) * (whole - stop), _NEVER


def _trunk_block(
    parameters: WorldParameters, rng: np.random.Generator, engine: npt.NDArray[np.int64], whole: float
) -> TrunkBlock:
    begin = rng.random() * whole * 0.9
    lasts = parameters.world.trunk_block_h * 3600 * (0.7 + 0.6 * rng.random())
    carrier = int(rng.choice(np.flatnonzero(engine >= 0)))
    trunk = int(rng.integers(len(parameters.trunks)))
    return TrunkBlock(trunk, carrier, begin, begin + lasts, 0.85 + 0.15 * rng.random())


def _outage(parameters: WorldParameters, rng: np.random.Generator, whole: float) -> Outage:
    begin = rng.random() * whole
    lasts = parameters.world.outage_h * 3600 * (0.4 + 1.2 * rng.random())
    carrier = -1 if rng.random() < 0.5 else int(rng.integers(len(parameters.carriers)))
    trunk = int(rng.integers(len(parameters.trunks)))
    return Outage(trunk, carrier, begin, begin + lasts, 0.3 + 0.7 * rng.random(), rng.random(), rng.random())
