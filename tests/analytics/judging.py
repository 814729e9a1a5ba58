"""
Hold what `find_blocks` says of a made-up world against the truth of that world.

Judged are cells of number, carrier and UTC day with at least 20 calls, without the days on which a block begins or
ends. A cell is blocked when analytics blocked at least one of its calls; it is found when its posterior is 0.5 or more
(probable or suspected).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ringthrough.analytics.blocks import Blocks, find_blocks
from ringthrough.simulate.worlds import World, WorldCell, world_named, world_names
from ringthrough.verdict import judge

LEAST_CALLS = 20
SMALL_SHARE = 0.1
BINS = 10

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


class Reliability(NamedTuple):
    """Cells of one bin: what was said of them, and what was true."""

    low: float
    "Lowest posterior."
    high: float
    "Highest posterior."
    said: float
    "Mean posterior."
    true: float
    "Share of blocked cells."
    cells: int
    "Cells."


class Judged(NamedTuple):
    """What was said of the judged cells of one world, or of several together, and what was true."""

    name: str
    calls: int
    "Calls of the worlds, those outside the judged cells included."
    posterior: Floats
    "Of each cell: how likely it is said to be blocked."
    found: Bools
    "It is called probable or suspected."
    probable: Bools
    "It is called probable."
    blocked: Bools
    "It is blocked."
    trunk: Bools
    "It is blocked, mostly because everything is that comes by one trunk."
    small: Bools
    "Less than a tenth of its calls were blocked."
    late: Floats
    "Of each spell of a flagged number that began within the world: days from its first blocked call to the said onset."

    @property
    def cells(self) -> int:
        """Cells that are judged."""
        return self.posterior.size

    @property
    def hits(self) -> int:
        """Blocked cells that are found."""
        return int((self.found & self.blocked).sum())

    @property
    def false(self) -> int:
        """Cells that are called blocked and are not."""
        return int((self.found & ~self.blocked).sum())

    @property
    def false_probable(self) -> int:
        """Cells that are called probable and are not blocked."""
        return int((self.probable & ~self.blocked).sum())

    @property
    def missed(self) -> int:
        """Blocked cells that are not found."""
        return int((~self.found & self.blocked).sum())

    @property
    def missed_small(self) -> int:
        """Cells that are missed, and of which less than a tenth of the calls were blocked."""
        return int((~self.found & self.blocked & self.small).sum())

    @property
    def precision(self) -> float | None:
        """Share of true ones among the cells that are called blocked; None when none is."""
        return self.hits / int(self.found.sum()) if self.found.any() else None

    @property
    def recall(self) -> float | None:
        """Share of the blocked cells that are found; None when none is blocked."""
        return self.hits / int(self.blocked.sum()) if self.blocked.any() else None

    @property
    def expected_false(self) -> float:
        """How many of the cells that are called blocked are not, by their own posteriors."""
        return float((1 - self.posterior[self.found]).sum())

    @property
    def reliability(self) -> list[Reliability]:
        """Ten bins of equal mass, by posterior."""
        order = np.argsort(self.posterior, kind="stable")
        return [_bin(self.posterior[part], self.blocked[part]) for part in np.array_split(order, BINS) if part.size]

    @property
    def reliability_between(self) -> list[Reliability]:
        """Bins of equal width, where the posterior is between 0.01 and 0.99: nearly all cells are outside."""
        edges = (0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)
        made = []
        for low, high in pairwise(edges):
            part = (self.posterior >= low) & (self.posterior < high)
            if part.any():
                made.append(_bin(self.posterior[part], self.blocked[part]))
        return made

    @property
    def calibration_error(self) -> float:
        """Expected calibration error in ten bins of equal mass."""
        return sum(abs(one.said - one.true) * one.cells for one in self.reliability) / max(self.cells, 1)


def _bin(posterior: Floats, blocked: Bools) -> Reliability:
    return Reliability(
        float(posterior.min()), float(posterior.max()), float(posterior.mean()), float(blocked.mean()), posterior.size
    )


def seed_of(name: str, draw: int) -> int:
    """Seed of a draw of a named world: the same seed would draw the same numbers in all of them."""
    return 1000 * list(world_names()).index(name) + draw


def judge_world(name: str, seed: int, **size: float) -> Judged:
    """Draw a world, find its blocks, and hold them against the truth."""
    world = world_named(name, seed, **size)  # type: ignore[arg-type]
    return held_against(f"{name} {seed}", world, blocks_in(world))


def blocks_in(world: World) -> Blocks:
    """Find the blocks of a world from the rows that a capture of it gives."""
    return find_blocks((call, judge(call)) for batch in world.calls() for call in batch)


def held_against(name: str, world: World, blocks: Blocks) -> Judged:
    """Hold the blocks that were found in a world against its truth."""
    truth = world.truth.by_cell()
    pairs = [(cell, truth[cell.number, cell.carrier, cell.day]) for cell in blocks.cells]
    told = [(cell, true) for cell, true in pairs if true.attempts >= LEAST_CALLS and not true.changes]
    blocked = np.array([true.blocked > 0 for _, true in told], dtype=bool)
    return Judged(
        name, sum(true.attempts for true in world.truth.cells),
        np.array([cell.posterior for cell, _ in told], dtype=np.float64),
        np.array([cell.verdict != "" for cell, _ in told], dtype=bool),
        np.array([cell.verdict == "probable" for cell, _ in told], dtype=bool),
        blocked, blocked & np.array([true.kind == "trunk" for _, true in told], dtype=bool),
        np.array([true.blocked_share < SMALL_SHARE for _, true in told], dtype=bool),
        np.array(list(_late(truth, blocks)), dtype=np.float64),
    )  # fmt: skip


def _late(truth: Mapping[tuple[str, str, str], WorldCell], blocks: Blocks) -> Iterator[int]:
    """Days by which the said onset of each spell of at least `LEAST_CALLS` calls is late."""
    began: dict[tuple[str, str, int], str] = {}
    for true in truth.values():
        if true.blocked and true.kind == "number" and true.onset_us is not None:
            key = (true.caller, true.carrier, true.onset_us)
            began[key] = min(began.get(key, true.day), true.day)
    for spell in blocks.spells:
        days = [day for day in blocks.counted.days if spell.first <= day <= spell.last]
        within = [truth.get((spell.number, spell.carrier, day)) for day in days]
        onsets = [true.onset_us for true in within if true is not None and true.blocked and true.kind == "number"]
        if spell.attempts >= LEAST_CALLS and onsets and onsets[0] is not None:
            first = date.fromisoformat(began[spell.number, spell.carrier, onsets[0]])
            yield (date.fromisoformat(spell.first) - first).days


def part_of(one: Judged, name: str, which: Bools) -> Judged:
    """Some cells of what was judged."""
    return Judged(name, one.calls, *(column[which] for column in one[2:-1]), one.late)


def together(name: str, several: list[Judged]) -> Judged:
    """Sum up worlds: every cell counts once."""
    columns = [np.concatenate(column) for column in zip(*(one[2:] for one in several), strict=True)]
    return Judged(name, sum(one.calls for one in several), *columns)
