"""
The people who are called: their numbers, carriers, clocks and habits, and the lists they are on.

Facts
- Called numbers have an area code with 9 in the middle, which the North American plan keeps back: they ring nowhere.
- The area code says on which clock the person lives; offsets are fixed, as on a summer's day.
- A number that does not exist, a phone that refuses strangers and a person who declines by habit are so for every
  caller: that is what tells them from a block.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ringthrough.simulate.worlds.parameters import WorldParameters

__all__ = ["AREAS", "DEAD", "DECLINES", "NORMAL", "REFUSES", "ZONES_H", "People", "make_people"]

AREAS = tuple(f"{first}9{last}" for first in range(2, 10) for last in range(10))
"Area codes of called numbers; the carrier with index c has every C-th of them, from c."
ZONES_H = (-4, -5, -6, -7)
"Offset from UTC, hours, by area code modulo 4: the clocks of the contiguous United States in summer."
_EXCHANGES = ("224", "231", "268", "317", "342", "376", "423", "459", "487", "531", "562", "614", "673", "728", "836")
_LINES = 10_000
_STEP = 7_919  # a prime: neighbours on a list are no neighbours in the number plan
NORMAL, DECLINES, REFUSES, DEAD = range(4)
"Habits of a called number."

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class People:
    """Everybody who is called, by index; each campaign has a stretch of them, the last stretch is shared by all."""

    numbers: npt.NDArray[np.object_]
    "Telephone numbers, E.164."
    carrier: Ints
    "Index of the carrier."
    zone_s: Ints
    "Seconds from UTC to the person's clock."
    habit: npt.NDArray[np.int8]
    "NORMAL, DECLINES, REFUSES or DEAD."
    starts: Ints
    "First person of each list; the last list is the shared one."
    sizes: Ints
    "People on each list, at least one."


def make_people(parameters: WorldParameters, rng: np.random.Generator, *, calls: float, most: int) -> People:
    """
    Draw the people of a world.

    Args:
        parameters: of the world.
        rng: the source of chance.
        calls: expected calls of the whole world.
        most: no more people than this, to bound memory.
    """
    world = parameters.world
    lists, carriers = len(parameters.campaigns) + 1, len(parameters.carriers)
    whole = min(max(calls / world.calls_per_callee, 4.0 * lists), float(most), float(_room(carriers)))
    own = (1 - world.shared_lists) / (lists - 1)
    sizes = np.maximum(np.array([own * whole] * (lists - 1) + [world.shared_lists * whole]).astype(np.int64), 4)
    total = int(sizes.sum())
    lots = np.exp(world.carrier_spread * rng.standard_normal(carriers))
    edges = np.cumsum(lots / lots.sum())
    carrier = np.minimum(np.searchsorted(edges, rng.random(total)), carriers - 1).astype(np.int64)
    numbers = np.empty(total, dtype=object)
    zone = np.zeros(total, dtype=np.int64)
    for index in range(carriers):
        areas = AREAS[index::carriers]
        mine = np.flatnonzero(carrier == index)
        room = len(areas) * len(_EXCHANGES) * _LINES
        place = (np.arange(mine.size, dtype=np.int64) * _STEP + index * 101) % room
        area, rest = np.divmod(place, len(_EXCHANGES) * _LINES)
        exchange, line = np.divmod(rest, _LINES)
        numbers[mine] = [
            f"+1{areas[a]}{_EXCHANGES[e]}{n:04d}"
            for a, e, n in zip(area.tolist(), exchange.tolist(), line.tolist(), strict=True)
        ]
        by_area = np.array([ZONES_H[int(area) % 4] * 3600 for area in areas], dtype=np.int64)
        zone[mine] = by_area[area]
    return People(numbers, carrier, zone, _habits(parameters, rng, carrier, sizes), np.cumsum(sizes) - sizes, sizes)


def _room(carriers: int) -> int:
    """How many people the number plan has room for when one carrier takes nearly all."""
    return len(AREAS[carriers - 1 :: carriers]) * len(_EXCHANGES) * _LINES


def _habits(parameters: WorldParameters, rng: np.random.Generator, carrier: Ints, sizes: Ints) -> npt.NDArray[np.int8]:
    total = carrier.size
    of = parameters.carriers
    added = np.repeat(np.array([*(c.dead for c in parameters.campaigns), 0.0]), sizes)
    dead = np.array([c.dead for c in of])[carrier]
    dead = dead + added - dead * added
    refuses = np.array([c.silent_refusers for c in of])[carrier]
    declines = np.array([c.decliners for c in of])[carrier]
    alive = rng.random(total)
    habit = np.full(total, NORMAL, dtype=np.int8)
    habit[alive < refuses + declines] = DECLINES
    habit[alive < refuses] = REFUSES
    habit[rng.random(total) < dead] = DEAD
    return habit
