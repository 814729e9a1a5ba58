"""
The chain of days: a number is open or blocked at a carrier, and mostly as it was the day before.

A hidden Markov model with one state for open and one for each of `SHARES`; forward and backward over the UTC days of
each number at each carrier, all series at once. Source: L. R. Rabiner, Proc. IEEE 77 (1989) 257-286, section III.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ringthrough.analytics.blocks.cells import Cells

__all__ = ["SHARES", "posterior_of"]

Floats = npt.NDArray[np.float64]

SHARES = (0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 0.97)
"Shares of blocked calls that a cell may have."
ONSET, END, MOVES = 0.015, 0.06, 0.15
"Chance from one day to the next that a block begins, ends, or changes its share."
AT_FIRST = 0.08
"Chance that a number is blocked at a carrier when the calls begin."


def posterior_of(cells: Cells, evidence: Floats) -> tuple[Floats, Floats]:
    """
    Infer which cells are blocked.

    Args:
        cells: the cells.
        evidence: logarithm of how much likelier each cell is with each of `SHARES` blocked than open.

    Returns:
        Of each cell: how likely it is blocked, and the share of calls that is blocked if so.
    """
    if not cells.size:
        return np.zeros(0), np.zeros(0)
    pairs, series = np.unique(cells.number * len(cells.carriers) + cells.carrier, return_inverse=True)
    days, states = len(cells.days), len(SHARES) + 1
    seen = np.zeros((days, pairs.size, states))
    seen[cells.day, series, 1:] = evidence
    seen -= seen.max(axis=2, keepdims=True)
    seen = np.exp(seen)
    step = _transition()
    # Days without any calls count: a block outlives a weekend less surely than a night.
    steps = [np.linalg.matrix_power(step, min(max(int(gap), 1), 60)) for gap in cells.gaps]
    ahead = np.zeros_like(seen)
    now = np.full((pairs.size, states), AT_FIRST / (states - 1))
    now[:, 0] = 1 - AT_FIRST
    for day in range(days):
        now = (now if day == 0 else now @ steps[day]) * seen[day]
        now /= now.sum(axis=1, keepdims=True)
        ahead[day] = now
    made = np.zeros_like(seen)
    back = np.ones((pairs.size, states))
    for day in range(days - 1, -1, -1):
        both = ahead[day] * back
        made[day] = both / both.sum(axis=1, keepdims=True)
        back = (back * seen[day]) @ steps[day].T
        back /= back.sum(axis=1, keepdims=True)
    found = made[cells.day, series]
    blocked = found[:, 1:].sum(axis=1)
    share = found[:, 1:] @ np.array(SHARES) / np.maximum(blocked, 1e-12)
    return np.clip(blocked, 0.0, 1.0), np.clip(share, SHARES[0], SHARES[-1])


def _transition() -> Floats:
    n = len(SHARES)
    made = np.zeros((n + 1, n + 1))
    made[0, 0], made[0, 1:] = 1 - ONSET, ONSET / n
    made[1:, 0] = END
    made[1:, 1:] = (1 - END) * MOVES / (n - 1)
    made[np.arange(1, n + 1), np.arange(1, n + 1)] = (1 - END) * (1 - MOVES)
    return made
