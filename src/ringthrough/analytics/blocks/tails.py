"""
Tails: how surprising the refusals of a cell are beside those of the operator's other numbers at the same carrier.

Beta-binomial with a baseline that leaves the number out, drawn towards all carriers; q-values after Benjamini and
Hochberg.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ringthrough.analytics.blocks.cells import Cells

__all__ = ["baseline", "benjamini_hochberg", "beta_binomial_tail", "first_guess"]

Floats = npt.NDArray[np.float64]

_DRAWN_TO_ALL = 40.0
_FIRST_LIFT, _FIRST_SIGMA = 3.0, 5.0
SPREAD = 0.03
"Over-dispersion of the baseline: intra-class correlation of refusals in a cell."
_MOST_TERMS = 1_000_000


def baseline(cells: Cells, weight: Floats, common: npt.NDArray[np.int64] | None = None) -> Floats:
    """
    Share of calls that are refused without ringing at a cell's carrier when other numbers call.

    Args:
        cells: the cells.
        weight: how far each cell is to count: 1 for an open one, 0 for a blocked one.
        common: refusals of each cell that are left out.

    Returns:
        One share for each cell, 0..1; drawn towards the same of all carriers, and this towards a quarter.
    """
    apart = 0 if common is None else common
    bad = (cells.refused + cells.explicit - apart) * weight
    whole = (cells.attempts - apart) * weight
    carriers, numbers = len(cells.carriers), len(cells.numbers)
    pair = cells.carrier * numbers + cells.number

    def others(values: Floats) -> tuple[Floats, Floats]:
        mine = np.bincount(pair, weights=values, minlength=carriers * numbers)[pair]
        here = np.bincount(cells.carrier, weights=values, minlength=carriers)[cells.carrier] - mine
        by_number = np.bincount(cells.number, weights=values, minlength=numbers)[cells.number]
        return here, values.sum() - by_number

    bad_here, bad_all = others(bad)
    here, every = others(whole)
    pooled = (bad_all + 5.0) / (every + 20.0)
    return np.asarray((bad_here + _DRAWN_TO_ALL * pooled) / (here + _DRAWN_TO_ALL))


def first_guess(cells: Cells) -> tuple[Floats, Floats]:
    """
    Guess which cells are blocked before any picture is known.

    Returns:
        Of each cell: how likely it is blocked, and the share of calls that is blocked.
    """
    pairs = len(cells.numbers) * len(cells.carriers)
    pair = cells.number * len(cells.carriers) + cells.carrier
    attempts = np.maximum(cells.attempts, 1)
    rate = (cells.refused + cells.explicit) / attempts
    weight = np.ones(cells.size)
    lift = np.zeros(cells.size)
    for _ in range(3):
        base = np.clip(baseline(cells, weight), 0.01, 0.9)
        spread = np.sqrt(base * (1 - base) / attempts * (1 + (attempts - 1) * SPREAD))
        lift = np.where(
            (rate > np.minimum(_FIRST_LIFT * base, (1 + base) / 2)) & (rate - base > _FIRST_SIGMA / 2 * spread),
            1.0,
            0.0,
        )
        weight = 1 - lift
    said = np.bincount(pair, weights=cells.explicit, minlength=pairs)[pair]
    blocked = np.where(cells.explicit > 0, 1.0, np.where(lift > 0, np.where(said > 0, 0.9, 0.5), 0.02))
    share = np.clip((rate - base) / (1 - base), 0.1, 0.97)
    return blocked, share


def beta_binomial_tail(hits: npt.NDArray[np.int64], attempts: npt.NDArray[np.int64], share: Floats) -> Floats:
    """
    Chance of so many hits or more, one-sided.

    Args:
        hits: hits of each cell.
        attempts: attempts of each cell.
        share: expected share; spread by `SPREAD`.
    """
    made = np.ones(hits.size)
    some = np.flatnonzero(hits > 0)
    ends = np.cumsum(attempts[some] - hits[some] + 1)
    first = 0
    while first < some.size:
        # Chunks of cells, so that memory does not grow with their number: each has a term for every count from k to n.
        done = ends[first - 1] if first else 0
        stop = max(int(np.searchsorted(ends, done + _MOST_TERMS, side="right")), first + 1)
        part = some[first:stop]
        made[part] = _tails(hits[part], attempts[part], share[part])
        first = stop
    return made


def _tails(hits: npt.NDArray[np.int64], attempts: npt.NDArray[np.int64], share: Floats) -> Floats:
    """The same for cells that have hits."""
    strength = 1 / SPREAD - 1
    a, b = share * strength, (1 - share) * strength
    terms = attempts - hits + 1
    starts = np.cumsum(terms) - terms
    of = np.repeat(np.arange(hits.size), terms)
    j = hits[of] + np.arange(of.size) - starts[of]
    whole = _log_gamma(attempts + 1) - _log_gamma(attempts + a + b) + _log_gamma(a + b) - _log_gamma(a) - _log_gamma(b)
    rest = attempts[of] - j
    log = whole[of] - _log_gamma(j + 1) - _log_gamma(rest + 1) + _log_gamma(j + a[of]) + _log_gamma(rest + b[of])
    return np.asarray(np.minimum(1.0, np.add.reduceat(np.exp(log), starts)))


def _log_gamma(values: npt.NDArray[np.generic]) -> Floats:
    """Logarithm of the gamma function, values > 0; Stirling's series after eight steps up, to 1e-11."""
    x = np.asarray(values, dtype=np.float64)
    product = np.ones(x.shape)
    for step in range(8):
        product = product * (x + step)
    y = x + 8
    series = 1 / (12 * y) - 1 / (360 * y**3) + 1 / (1260 * y**5)
    return np.asarray((y - 0.5) * np.log(y) - y + 0.5 * math.log(2 * math.pi) + series - np.log(product))


def benjamini_hochberg(p: Floats) -> Floats:
    """Smallest false-discovery rate at which each test is a discovery (Benjamini and Hochberg 1995)."""
    order = np.argsort(-p, kind="stable")
    rank = np.arange(p.size, 0, -1)
    made = np.empty(p.size)
    made[order] = np.minimum.accumulate(np.minimum(1.0, p[order] * p.size / rank))
    return made
