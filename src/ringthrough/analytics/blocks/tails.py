"""
Tails: how surprising the refusals of a cell are beside those of the operator's other numbers at the same carrier.

Beta-binomial with a baseline that leaves the number out, drawn towards all carriers; q-values by Benjamini and Hochberg.
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
_lgamma = np.frompyfunc(math.lgamma, 1, 1)


def baseline(cells: Cells, weight: Floats) -> Floats:
    """
    Share of calls that are refused without ringing at a cell's carrier when other numbers call.

    Args:
        cells: the cells.
        weight: how far each cell is to count: 1 for an open one, 0 for a blocked one.

    Returns:
        One share for each cell, 0..1; drawn towards the same of all carriers, and this towards a quarter.
    """
    bad = (cells.refused + cells.explicit) * weight
    whole = cells.attempts * weight
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
    strength = 1 / SPREAD - 1
    a, b = share * strength, (1 - share) * strength
    for at in range(hits.size):
        k, n = int(hits[at]), int(attempts[at])
        if k <= 0:
            continue
        j = np.arange(k, n + 1)
        log = (
            math.lgamma(n + 1) - _log_gamma(j + 1) - _log_gamma(n - j + 1)
            + _log_gamma(j + a[at]) + _log_gamma(n - j + b[at]) - math.lgamma(n + a[at] + b[at])
            + math.lgamma(a[at] + b[at]) - math.lgamma(a[at]) - math.lgamma(b[at])
        )  # fmt: skip
        made[at] = min(1.0, float(np.exp(log).sum()))
    return made


def _log_gamma(values: npt.NDArray[np.generic]) -> Floats:
    return np.asarray(_lgamma(values), dtype=np.float64)


def benjamini_hochberg(p: Floats) -> Floats:
    """Smallest false-discovery rate at which each test is a discovery (Benjamini and Hochberg 1995)."""
    order = np.argsort(-p, kind="stable")
    rank = np.arange(p.size, 0, -1)
    made = np.empty(p.size)
    made[order] = np.minimum.accumulate(np.minimum(1.0, p[order] * p.size / rank))
    return made
