"""
Common failures: kinds of refusal that come up on one day for several numbers at once, and hardly on any other day.

A block has a number; an outage has a route, and takes the numbers of the route together for hours. What is common is
no evidence for a block, unless it looks like blocks that are known from other days.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ringthrough.analytics.blocks.cells import Cells

__all__ = ["common_failures"]

LEAST_NUMBERS = 3
"So many numbers are needed for something in common."
LEAST_SHARE, LEAST_SHARE_ALONE = 0.15, 0.6
"Share of the numbers that call a carrier on a day which have it: a route may serve some of them only."
LEAST_CALLS, LEAST_HITS = 5, 2
"Calls of a number to a carrier on a day, and refusals of one kind among them, from which on it is counted."
RISE, STEP = 3.0, 0.1
"A kind has come up where its share of calls is above that of other days by this factor and this much."
NEAR_DAYS = 1
"Days before and after that are no other days: an outage may pass midnight."
LEAST_ELSEWHEN = 20
"Calls of a number on other days that tell what is usual."

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def common_failures(cells: Cells) -> npt.NDArray[np.bool_]:
    """Say of each entry of `cells` whether its kind came up for several numbers on that day."""
    none = np.zeros(cells.cell.size, dtype=bool)
    refused = np.array([kind.ending == "refused" for kind in cells.kinds], dtype=bool)[cells.kind]
    if len(cells.numbers) < LEAST_NUMBERS or not refused.any():
        return none
    kinds, days, carriers = len(cells.kinds), len(cells.days), len(cells.carriers)
    ordinal = np.cumsum(cells.gaps)
    series = cells.number * carriers + cells.carrier
    # One row for each cell and kind.
    group, place = np.unique(cells.cell * kinds + cells.kind, return_inverse=True)
    calls = np.bincount(place, weights=np.where(refused, cells.calls, 0.0)).astype(np.float64)
    cell, kind = group // kinds, group % kinds
    when = ordinal[cells.day[cell]]
    hits_near, hits = _around(series[cell] * kinds + kind, when, calls)
    near, whole = _around(series, ordinal[cells.day], cells.attempts.astype(np.float64))
    other = (whole - near)[cell]
    usual = np.where(other >= LEAST_ELSEWHEN, (hits - hits_near) / np.maximum(other, 1.0), 0.0)
    share = calls / np.maximum(cells.attempts[cell], 1)
    counts = cells.attempts[cell] >= LEAST_CALLS
    up = counts & (calls >= LEAST_HITS) & (share > RISE * usual + STEP)
    # By carrier, day and kind: how many numbers have it, and how many could.
    at = (cells.carrier * days + cells.day)[cell]
    could = np.bincount((cells.carrier * days + cells.day)[cells.attempts >= LEAST_CALLS], minlength=carriers * days)
    event, which = np.unique(at * kinds + kind, return_inverse=True)
    having = np.bincount(which, weights=up)
    seen = np.bincount(which, weights=up & (other >= LEAST_ELSEWHEN))
    of = np.maximum(could[event // kinds], 1)
    common = (seen >= LEAST_NUMBERS) & (seen >= LEAST_SHARE * of)
    common |= (having >= LEAST_NUMBERS) & (having >= LEAST_SHARE_ALONE * of) & (seen < having)
    return np.asarray((common[which])[place] & refused)


def _around(key: Ints, when: Ints, values: Floats) -> tuple[Floats, Floats]:
    """Of each row: the sum of values of its key on near days, and on all days."""
    wide = int(when.max()) + 2 * NEAR_DAYS + 2
    spot = key * wide + when + NEAR_DAYS
    order = np.argsort(spot, kind="stable")
    sums = np.concatenate(([0.0], np.cumsum(values[order])))
    ranked = spot[order]
    near = (
        sums[np.searchsorted(ranked, spot + NEAR_DAYS, side="right")]
        - sums[np.searchsorted(ranked, spot - NEAR_DAYS, side="left")]
    )
    _, place = np.unique(key, return_inverse=True)
    return np.asarray(near), np.bincount(place, weights=values).astype(np.float64)[place]
