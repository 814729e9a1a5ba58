"""
The model: how calls end where a carrier blocks, how they end where it does not, and which cells are which.

Theory of operation
- Two pictures for each carrier: how calls end that are let through to the network and to people (*open*), and how calls
  end that analytics block (*blocked*). A cell of which the share s is blocked shows (1 - s) open + s blocked.
- Pictures are learned in turns (expectation, maximisation). The first guess is made of explicit blocks, and of the
  contrast between numbers; pictures of a carrier are drawn towards those of all carriers, and these towards a prior.
- Calls of one cell resemble each other (over-dispersion): n of them count as n / (1 + (n - 1) f).
- What comes up for several numbers on one day (`common`) is an outage of a route: it counts as open, and speaks neither
  for nor against a block, unless blocks of this look are known from other cells.
- The days of a number at a carrier are a chain: a block stays from day to day, and has an onset and an end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ringthrough.analytics.blocks.cells import STEPS, Cells, Kind
from ringthrough.analytics.blocks.chain import SHARES, posterior_of
from ringthrough.analytics.blocks.outages import common_failures
from ringthrough.analytics.blocks.tails import first_guess

__all__ = ["Fit", "fit"]

Floats = npt.NDArray[np.float64]

ROUNDS = 8
"Turns of learning; pictures hardly move after five."
CELL_LIKENESS = 0.01
"How much calls of one cell resemble each other: a cell counts as 100 calls at most."
KIND_LIKENESS = 0.08
"How much calls of one cell and kind resemble each other: outages and dead lists make many of one kind at once."
_PRIOR_BLOCKED = {603: 0.30, 403: 0.08, 480: 0.05, 486: 0.05, 404: 0.02, 503: 0.02, 500: 0.03}
_PRIOR_EXPLICIT, _PRIOR_OTHER = 0.40, 0.02
_DRAWN_TO_ALL, _DRAWN_TO_PRIOR = 10.0, 20.0
_OPEN_REACHED = 0.75
_NEVER = 1e-5
_TEACHES = (0.2, 0.4)
"Without a block that says so, a cell teaches what blocks look like from the first share on, and fully from the second."
_KNOWN = 5.0
"Blocks of one look in other cells from which on a common failure of this look is taken for a block."
_QUICK = np.array([1.0 if 20 <= step < 44 else 0.1 for step in range(STEPS + 1)])
_QUICK /= _QUICK.sum()  # blocks are known to take 30 ms to 2 s with public carriers


@dataclass(frozen=True, slots=True)
class Fit:
    """What was learned. Pictures have the shape carriers, kinds (or steps, or 3)."""

    posterior: Floats
    "Of each cell: how likely it is that some of its calls were blocked, 0..1."
    share: Floats
    "Of each cell: expected share of blocked calls, given that it is blocked."
    ratio: Floats
    "Of each entry: how much likelier its ending is where calls are blocked."
    blocked: Floats
    "Picture of blocked calls by kind."
    open: Floats
    "Picture of open calls by kind."
    blocked_steps: Floats
    "Time of blocked calls, by step."
    common: npt.NDArray[np.bool_]
    "Of each entry: it is part of a failure that several numbers have in common, and counts neither for nor against."


def fit(cells: Cells) -> Fit:
    """Learn the pictures of all carriers, and how likely each cell is blocked."""
    weight, share = first_guess(cells)
    prior_blocked, prior_open = _priors(cells)
    together = common_failures(cells)
    common, learned, counts = together, None, _counting(cells)
    for turn in range(ROUNDS):
        learned = _learn(cells, weight, share, prior_blocked, prior_open, learned, common)
        if turn == ROUNDS // 2:
            common = together & ~_known(cells, weight, learned, together)
        weight, share = posterior_of(cells, _evidence(cells, learned.ratio, counts))
    assert learned is not None
    # On a day without calls that got so far none was blocked, even where the number is.
    some = 1 - (1 - share) ** cells.attempts
    return Fit(weight * some, share, learned.ratio, learned.blocked, learned.open, learned.blocked_steps, common)


@dataclass(frozen=True, slots=True)
class _Learned:
    ratio: Floats
    blocked: Floats
    open: Floats
    blocked_steps: Floats


def _priors(cells: Cells) -> tuple[Floats, Floats]:
    """Pictures by kind that are drawn before anything is seen; within a status, kinds are alike."""
    several: dict[tuple[str, int], int] = {}

    def group(kind: Kind) -> tuple[str, int]:
        return (kind.ending, kind.code if kind.ending == "refused" and kind.code in _PRIOR_BLOCKED else 0)

    for kind in cells.kinds:
        several[group(kind)] = several.get(group(kind), 0) + 1
    blocked, opened = np.zeros(len(cells.kinds)), np.zeros(len(cells.kinds))
    for n, kind in enumerate(cells.kinds):
        if kind.ending == "reached":
            blocked[n], opened[n] = 0.0, _OPEN_REACHED
        elif kind.ending == "explicit":
            blocked[n], opened[n] = _PRIOR_EXPLICIT / several[group(kind)], 0.0
        else:
            blocked[n] = _PRIOR_BLOCKED.get(kind.code, _PRIOR_OTHER) / several[group(kind)]
            opened[n] = (1 - _OPEN_REACHED) / len(cells.kinds)
    return blocked / max(blocked.sum(), _NEVER), opened / opened.sum()


def _learn(
    cells: Cells,
    weight: Floats,
    share: Floats,
    prior_blocked: Floats,
    prior_open: Floats,
    before: _Learned | None,
    common: npt.NDArray[np.bool_],
) -> _Learned:
    carriers, kinds = len(cells.carriers), len(cells.kinds)
    carrier = cells.carrier[cells.cell]
    w, s = weight[cells.cell], share[cells.cell]
    # How likely each call was blocked: by its ending where that is known, else by the first guess.
    if before is None:
        explains = np.where(cells.kind == 0, 0.0, 1.0)
    else:
        explains = s * before.ratio / (1 - s + s * before.ratio)
    hit = cells.calls * w * explains
    # What is refused a little everywhere would otherwise explain itself: weak blocks are told by strong ones.
    pair = cells.number * carriers + cells.carrier
    said = np.bincount(pair, weights=cells.explicit, minlength=len(cells.numbers) * carriers)[pair] > 0
    teaches = np.where(said, 1.0, np.clip((share - _TEACHES[0]) / (_TEACHES[1] - _TEACHES[0]), 0.0, 1.0))
    hit = hit * teaches[cells.cell]
    free = np.where(common, cells.calls, np.maximum(cells.calls - hit, 0.0))
    hit = np.where((cells.kind == 0) | common, 0.0, hit)
    # No cell may fill a picture by itself.
    most = 200.0
    size = np.maximum(np.bincount(cells.cell, weights=hit, minlength=cells.size)[cells.cell], 1.0)
    hit = hit * np.minimum(1.0, most / size)
    explicit = np.array([kind.ending == "explicit" for kind in cells.kinds])[cells.kind]
    free = np.where(explicit, 0.0, free)

    def by(values: Floats, *keys: tuple[npt.NDArray[np.int64], int]) -> Floats:
        flat, sizes = carrier, [carriers]
        for key, length in keys:
            flat = flat * length + key
            sizes.append(length)
        return np.bincount(flat, weights=values, minlength=int(np.prod(sizes))).reshape(sizes).astype(np.float64)

    def drawn(counts: Floats, prior: Floats) -> Floats:
        """Counts by carrier, drawn towards those of all carriers and these towards a prior."""
        # Each carrier has one voice in what all of them look like.
        whole = counts.sum(axis=-1, keepdims=True)
        voices = (counts * np.minimum(1.0, 100.0 / np.maximum(whole, 1.0))).sum(axis=0)
        pooled = (voices + _DRAWN_TO_PRIOR * prior) / (voices.sum(axis=-1, keepdims=True) + _DRAWN_TO_PRIOR)
        return np.asarray((counts + _DRAWN_TO_ALL * pooled) / (whole + _DRAWN_TO_ALL))

    blocked = drawn(by(hit, (cells.kind, kinds)), prior_blocked)
    opened = drawn(by(free, (cells.kind, kinds)), prior_open)
    steps = (cells.step, STEPS + 1)
    timed = cells.kind > 0
    timed_hit, timed_free = np.where(timed, hit, 0.0), np.where(timed, free, 0.0)
    # Only kinds that a carrier shows: hundreds of addresses may stand for carriers.
    like = carrier * kinds + cells.kind
    there = np.bincount(like, minlength=carriers * kinds) > 0
    shown, place = np.flatnonzero(there), (np.cumsum(there) - 1)[like]
    home = shown // kinds

    def by_kind(values: Floats, key: npt.NDArray[np.int64], length: int) -> Floats:
        counts = np.bincount(place * length + key, weights=values, minlength=shown.size * length)
        return counts.reshape(shown.size, length).astype(np.float64)

    when, where = STEPS + 1, 3
    block_steps = _own(_smooth(by(timed_hit, steps)), _QUICK, 10.0)
    block_kind_steps = _own(_smooth(by_kind(timed_hit, cells.step, when)), block_steps[home], 10.0)
    open_steps = _own(_smooth(by(timed_free, steps)), np.full(when, 1 / when), 20.0)
    open_kind_steps = _own(_smooth(by_kind(timed_free, cells.step, when)), open_steps[home], 20.0)
    third = np.full(where, 1 / where)
    block_where = _own(by(timed_hit, (cells.elsewhere, where)), third, 10.0)
    open_where = _own(by(timed_free, (cells.elsewhere, where)), third, 10.0)
    open_kind_where = _own(by_kind(timed_free, cells.elsewhere, where), open_where[home], 20.0)
    one = blocked[carrier, cells.kind] * block_kind_steps[place, cells.step] * block_where[carrier, cells.elsewhere]
    two = opened[carrier, cells.kind] * open_kind_steps[place, cells.step] * open_kind_where[place, cells.elsewhere]
    ratio = np.where(cells.kind == 0, 0.0, np.where(common, 1.0, one / np.maximum(two, 1e-12)))
    return _Learned(np.minimum(ratio, 1e4), blocked, opened, block_steps)


def _known(cells: Cells, weight: Floats, learned: _Learned, common: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Say of each entry whether blocks of its look are known from cells where they are not common."""
    hit = np.where(common | (learned.ratio < 1.0), 0.0, cells.calls * weight[cells.cell])
    at = cells.carrier[cells.cell] * len(cells.kinds) + cells.kind
    here = np.bincount(at, weights=hit, minlength=len(cells.carriers) * len(cells.kinds))[at]
    return np.asarray(here >= _KNOWN)


def _smooth(counts: Floats) -> Floats:
    """Lend some of each step to its neighbours: times are spread over two or three."""
    known = counts[..., :-1]
    made = 0.6 * counts
    made[..., 1:-1] += 0.2 * known[..., :-1]
    made[..., :-2] += 0.2 * known[..., 1:]
    made[..., -1] = counts[..., -1]
    return made


def _own(counts: Floats, prior: Floats, drawn: float) -> Floats:
    return np.asarray((counts + drawn * prior) / (counts.sum(axis=-1, keepdims=True) + drawn))


def _counting(cells: Cells) -> Floats:
    """What the calls of each entry count, given that calls of a cell and of a kind resemble each other."""
    group = cells.cell * len(cells.kinds) + cells.kind
    _, place = np.unique(group, return_inverse=True)
    size = np.bincount(place, weights=cells.calls)[place]
    plainly = np.array([kind.ending in ("reached", "explicit") for kind in cells.kinds])[cells.kind]
    counts = np.where(plainly, cells.calls, cells.calls / (1 + (size - 1) * KIND_LIKENESS))
    whole = np.bincount(cells.cell, weights=counts, minlength=cells.size)
    return np.asarray(counts * (1 / (1 + np.maximum(whole - 1, 0) * CELL_LIKENESS))[cells.cell])


def _evidence(cells: Cells, ratio: Floats, counts: Floats) -> Floats:
    """Logarithm of how much likelier each cell is with each of `SHARES` blocked than open: cells, shares."""
    made = np.zeros((cells.size, len(SHARES)))
    for n, s in enumerate(SHARES):
        made[:, n] = np.bincount(cells.cell, weights=np.log(1 - s + s * ratio) * counts, minlength=cells.size)
    return made
