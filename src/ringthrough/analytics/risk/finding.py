"""Risk factors and scores of calling numbers: what `assess` gives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ringthrough.analytics.table import Table

__all__ = ["STATES", "RiskFactor", "Risks", "Score"]

STATES: dict[str, str] = {
    "ok": "measured, and no risk",
    "warn": "at the threshold of a warning",
    "high": "at the threshold of a high risk",
    "info": "measured, but not judged: too few calls, or a factor for information",
    "not_measurable": "the calls do not hold what it needs; `missing` names it",
}
"Slugs of the column `state`."


class RiskFactor(NamedTuple):
    """One risk factor of one calling number."""

    number: str
    "Calling number."
    factor: str
    "Slug of the factor."
    state: str
    "A slug of `STATES`."
    value: float | None
    "What was measured; null where it is not measurable."
    unit: str
    "Unit of value, warn, high and trend."
    warn: float | None
    "Threshold of a warning; null for none."
    high: float | None
    "Threshold of a high risk; null for none."
    n: int
    "How many calls (or what `because` says) it was measured on."
    missing: str
    "What the calls lack, columns by name; empty where it was measured."
    trend: float | None
    "Value less the value of the period before, of the same length; null where either is not known."
    because: str
    "What was found, in one sentence."
    advice: str
    "What to do; empty unless state is warn or high."
    threshold_source: str
    "Where the thresholds come from."


class Score(NamedTuple):
    """Health of a calling number: 100 less the points of its factors, never below 0."""

    number: str
    "Calling number."
    score: float
    "0..100; 100 is sound."
    lost: tuple[tuple[str, float], ...]
    "Factor and what it took, most first."
    calls: int
    "Calls from the number in the period."
    unknown: tuple[str, ...] = ()
    "Factors that are not measurable: they took nothing, and may hide something."


@dataclass(frozen=True)
class Risks:
    """Risk factors of all calling numbers of a period."""

    factors: tuple[RiskFactor, ...]
    "All factors of each number, in the order of `scores`, then of their numbers."
    scores: tuple[Score, ...]
    "One for each number, the worst first, then those with most calls."
    since_us: int | None
    "First microsecond of the period; None without calls."
    until_us: int | None
    "The first microsecond that is too late."
    before_us: int | None
    "First microsecond of the period before; None where no calls are as old as that."
    calls: int
    "Calls of the numbers that were assessed, in the period."
    unplaced: int
    "Calls of which nobody knows where the callee is: left out of times of day."
    undated: int
    "Calls without a time, or with an absurd one: left out."
    left_out: int
    "Numbers that were not assessed because others have more calls."
    unnamed: int = 0
    "Calls by nobody knows whom, at any time: no number's."

    @cached_property
    def _of(self) -> dict[str, tuple[RiskFactor, ...]]:
        made: dict[str, list[RiskFactor]] = {}
        for factor in self.factors:
            made.setdefault(factor.number, []).append(factor)
        return {number: tuple(factors) for number, factors in made.items()}

    def of(self, number: str) -> tuple[RiskFactor, ...]:
        """Factors of one number, in the order of their numbers; none for one that was not assessed."""
        return self._of.get(number, ())

    def table(self) -> Table:
        """The factors as a table."""
        return Table(RiskFactor._fields, tuple(tuple(factor) for factor in self.factors))

    def score_table(self) -> Table:
        """The scores as a table; what was lost and what is unknown as texts."""
        rows = tuple(
            (
                score.number, score.score, score.calls,
                " ".join(f"{name}:{points:g}" for name, points in score.lost), " ".join(score.unknown),
            )
            for score in self.scores
        )  # fmt: skip
        return Table(("number", "score", "calls", "lost", "unknown"), rows)
