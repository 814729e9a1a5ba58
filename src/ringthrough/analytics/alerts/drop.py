"""
One number answered less often than others: its calls against those of its pool, hour by hour.

Theory of operation
- The calls of a number are compared with the calls of other numbers in the same hour, in the same campaign where that
  has enough of them, else of all campaigns: times of day and lists differ more than numbers do.
- The test is Cochran's and Mantel and Haenszel's for two proportions in many strata, one-sided. Numbers differ by more
  than chance, so its variance is multiplied by the over-dispersion that the numbers themselves show: the median of
  their squared scores beside the median of chi-square with one degree of freedom. Some blocked numbers do not move it.
- Over all numbers that are tested the rate of false discoveries is held (Benjamini and Hochberg). A drop must be large
  as well as sure.
- A number that nobody would answer anyway shows no drop: `expected` below half a call is not judged.

Source: Mantel and Haenszel, "Statistical aspects of the analysis of data from retrospective studies" (1959)
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ringthrough.analytics.alerts.finding import Finding, Level
from ringthrough.analytics.alerts.queries import hours
from ringthrough.analytics.alerts.rules import AlertRules, AnswerDrop
from ringthrough.analytics.alerts.times import HOUR_US, time_text
from ringthrough.analytics.blocks.tails import benjamini_hochberg
from ringthrough.analytics.engine import Engine
from ringthrough.analytics.table import Table

__all__ = ["Compared", "compare", "find_drops"]

_CHI_MEDIAN = 0.454936423119572
"Median of chi-square with one degree of freedom."
_LEAST_NUMBERS = 8
"With fewer numbers their spread is not known, and `overdispersion` stands in."
_MOST_DISPERSION = 25.0
_LEAST_EXPECTED = 0.5

Floats = npt.NDArray[np.float64]


class Compared(NamedTuple):
    """One number beside its pool."""

    number: str
    "Calling number."
    pool: str
    "Campaigns it was compared within, `all` for all calls."
    calls: int
    "Its calls in hours in which others called too."
    answered: int
    "Answered ones among them."
    expected: float
    "How many would be answered if it were like the others."
    others: int
    "Calls of others in these hours, in its pool."
    score: float
    "Standard deviations below the pool; negative when above."
    q: float
    "Rate of false discoveries at which this drop is one."


def find_drops(engine: Engine, rules: AlertRules, now_us: int) -> Iterator[Finding]:
    """Judge every number that made enough calls, as of now."""
    rule = rules.answer_drop
    since_us = round(now_us - rule.window_h * HOUR_US)
    for one in compare(hours(engine, since_us=since_us, until_us=now_us), rule):
        share = one.answered / one.expected if one.expected else 1.0
        if one.q < rule.q and share <= 1 - rule.drop:
            level = Level.OVER
        else:
            level = Level.UNDER if share > 1 - rule.clear_drop else Level.BETWEEN
        asr, usual = one.answered / one.calls, one.expected / one.calls
        if level is Level.UNDER:
            title = f"{one.number} is answered as usual again: {asr:.0%}, others {usual:.0%}"
        else:
            title = f"{one.number} is answered {asr:.0%} of the time, others {usual:.0%}"
        pool = "all other numbers" if one.pool == "all" else f"other numbers of {one.pool}"
        detail = (
            f"{one.answered} of {one.calls} calls since {time_text(since_us)} were answered where {one.expected:.0f}"
            f" would be at the rate of {pool} in the same hours ({one.others} calls)."
        )
        yield Finding(
            "answer_drop", level, rule.severity, one.number, "", "", since_us, title, detail,
            {"calls": one.calls, "answered": one.answered, "expected": round(one.expected, 2), "asr": round(asr, 4),
             "pool_asr": round(usual, 4), "pool": one.pool, "pool_calls": one.others, "score": round(one.score, 2),
             "q": float(f"{one.q:.3g}"), "window_h": rule.window_h},
        )  # fmt: skip


def compare(table: Table, rule: AnswerDrop) -> list[Compared]:
    """
    Compare numbers with their pools.

    Args:
        table: number, campaign, hour, calls, answered.
        rule: least calls of a number and of its pool, over-dispersion.

    Returns:
        One per number with enough calls beside a pool with enough calls.
    """
    if not table.rows:
        return []
    names = sorted(set(table["number"]))
    place = {name: n for n, name in enumerate(names)}
    number = np.array([place[name] for name in table["number"]])
    calls, answered = (np.array(table[name], dtype=np.float64) for name in ("calls", "answered"))
    hour = _coded(table["hour"])
    campaign = _coded(table["campaign"])
    inside = _Beside(number, campaign * (hour.max() + 1) + hour, calls, answered, len(names))
    across = _Beside(number, hour, calls, answered, len(names))
    near = inside.others >= rule.pool_attempts
    chosen = [np.where(near, a, b) for a, b in zip(inside.sums, across.sums, strict=True)]
    size, got, expected, mean, variance, others = chosen
    told = (size >= rule.attempts) & (others >= rule.pool_attempts) & (expected >= _LEAST_EXPECTED) & (variance > 0)
    kept = np.flatnonzero(told)
    if not kept.size:
        return []
    score = (mean[kept] - got[kept]) / np.sqrt(variance[kept])
    spread = float(np.median(score**2)) / _CHI_MEDIAN if kept.size >= _LEAST_NUMBERS else rule.overdispersion
    score /= math.sqrt(min(max(spread, 1.0), _MOST_DISPERSION))
    p = np.array([0.5 * math.erfc(z / math.sqrt(2)) for z in score.tolist()])
    q = benjamini_hochberg(p)
    campaigns = _campaigns(table)
    return [
        Compared(
            names[n], campaigns.get(names[n], "all") if near[n] else "all", int(size[n]), int(got[n]),
            float(expected[n]), int(others[n]), float(score[k]), float(q[k]),
        )
        for k, n in enumerate(kept.tolist())
    ]  # fmt: skip


def _coded(texts: list[str]) -> npt.NDArray[np.int64]:
    _, codes = np.unique(np.array(texts, dtype=object).astype(str), return_inverse=True)
    return codes.astype(np.int64)


def _campaigns(table: Table) -> dict[str, str]:
    """The campaigns of each number that has any."""
    found: dict[str, set[str]] = {}
    for name, campaign in zip(table["number"], table["campaign"], strict=True):
        found.setdefault(name, set()).add(campaign)
    return {name: ", ".join(sorted(some)) for name, some in found.items() if some != {""}}


class _Beside:
    """Numbers beside the others of their strata. A number that is alone in a stratum has no part in it."""

    def __init__(
        self, number: npt.NDArray[np.int64], stratum: npt.NDArray[np.int64], calls: Floats, answered: Floats, count: int
    ) -> None:
        pair, of = np.unique(number * (stratum.max() + 1) + stratum, return_inverse=True)
        who, where = pair // (stratum.max() + 1), pair % (stratum.max() + 1)
        n, k = np.bincount(of, weights=calls), np.bincount(of, weights=answered)
        big_n, big_k = (np.bincount(where, weights=values)[where] for values in (n, k))
        rest = big_n - n
        some = rest > 0
        who, n, k, big_n, big_k, rest = (values[some] for values in (who, n, k, big_n, big_k, rest))
        share = (big_k - k) / rest
        variance = n * rest * big_k * (big_n - big_k) / (big_n**2 * np.maximum(big_n - 1, 1))
        self.sums = tuple(
            np.bincount(who, weights=values, minlength=count)
            for values in (n, k, n * share, n * big_k / big_n, variance, rest)
        )
        self.others = self.sums[-1]
