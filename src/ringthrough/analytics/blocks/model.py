"""
The model: what endings look like where a carrier blocks, what they look like where it does not, and which cells are which.

Theory of operation
- Two pictures for each carrier: how calls end that are let through to the network and to people (*open*), and how calls
  end that analytics block (*blocked*). A cell in which the share s is blocked shows the mixture (1 - s) open + s blocked.
- Pictures are learned in turns (expectation, maximisation). The first guess is made of explicit blocks, and of the
  contrast between numbers; pictures of a carrier are drawn towards those of all carriers, and these towards a prior.
- Calls of one cell resemble each other (over-dispersion): n of them count as n / (1 + (n - 1) f).
- The days of a number at a carrier are a chain: a block stays from day to day, and has an onset and an end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ringthrough.analytics.blocks.cells import STEPS, Cells, Kind
from ringthrough.analytics.blocks.chain import SHARES, posterior_of
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


def fit(cells: Cells) -> Fit:
    """Learn the pictures of all carriers, and how likely each cell is blocked."""
    weight, share = first_guess(cells)
    prior_blocked, prior_open = _priors(cells)
    learned = None
    for _ in range(ROUNDS):
        learned = _learn(cells, weight, share, prior_blocked, prior_open, learned)
        weight, share = posterior_of(cells, _evidence(cells, learned.ratio))
    assert learned is not None
    # The number may be blocked on a day on which none of its calls came to it: all were refused before, or it was lucky.
    some = 1 - (1 - share) ** cells.attempts
    return Fit(weight * some, share, learned.ratio, learned.blocked, learned.open, learned.blocked_steps)


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
    cells: Cells, weight: Floats, share: Floats, prior_blocked: Floats, prior_open: Floats, before: _Learned | None
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
    free = np.maximum(cells.calls - hit, 0.0)
    hit = np.where(cells.kind == 0, 0.0, hit)
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
    flat = np.full(STEPS + 1, 1.0 / (STEPS + 1))
    quick = np.array([1.0 if 20 <= n < 44 else 0.1 for n in range(STEPS + 1)])
    quick /= quick.sum()
    blocked_steps = _own(_smooth(by(np.where(timed, hit, 0.0), steps)), quick, 10.0)
    blocked_kind_steps = _own(
        _smooth(by(np.where(timed, hit, 0.0), (cells.kind, kinds), steps)), blocked_steps[:, None, :], 10.0
    )
    open_steps = _own(_smooth(by(np.where(timed, free, 0.0), steps)), flat, 20.0)
    open_kind_steps = _own(
        _smooth(by(np.where(timed, free, 0.0), (cells.kind, kinds), steps)), open_steps[:, None, :], 20.0
    )
    three = (cells.elsewhere, 3)
    blocked_three = _own(by(np.where(timed, hit, 0.0), three), np.full(3, 1 / 3), 10.0)
    open_three = _own(by(np.where(timed, free, 0.0), three), np.full(3, 1 / 3), 10.0)
    open_kind_three = _own(by(np.where(timed, free, 0.0), (cells.kind, kinds), three), open_three[:, None, :], 20.0)
    one = blocked[carrier, cells.kind]
    two = opened[carrier, cells.kind]
    one = one * np.where(
        timed, blocked_kind_steps[carrier, cells.kind, cells.step] * blocked_three[carrier, cells.elsewhere], 1.0
    )
    two = two * np.where(
        timed,
        open_kind_steps[carrier, cells.kind, cells.step] * open_kind_three[carrier, cells.kind, cells.elsewhere],
        1.0,
    )
    ratio = np.where(cells.kind == 0, 0.0, one / np.maximum(two, 1e-12))
    return _Learned(np.minimum(ratio, 1e4), blocked, opened, blocked_steps)


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


def _evidence(cells: Cells, ratio: Floats) -> Floats:
    """Logarithm of how much likelier each cell is with each of `SHARES` blocked than open: cells, shares."""
    kinds = len(cells.kinds)
    group = cells.cell * kinds + cells.kind
    _, place = np.unique(group, return_inverse=True)
    size = np.bincount(place, weights=cells.calls)[place]
    reached = cells.kind == 0
    counts = np.where(reached, cells.calls, cells.calls / (1 + (size - 1) * KIND_LIKENESS))
    explicit = np.array([kind.ending == "explicit" for kind in cells.kinds])[cells.kind]
    counts = np.where(explicit, cells.calls, counts)
    whole = np.bincount(cells.cell, weights=counts, minlength=cells.size)
    scale = (1 / (1 + np.maximum(whole - 1, 0) * CELL_LIKENESS))[cells.cell]
    made = np.zeros((cells.size, len(SHARES)))
    for n, s in enumerate(SHARES):
        gain = np.log(1 - s + s * ratio) * counts * scale
        made[:, n] = np.bincount(cells.cell, weights=gain, minlength=cells.size)
    return made
