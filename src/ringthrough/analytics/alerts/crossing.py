"""
A number that crosses thresholds of risk factors: `analytics.risk`, as of now.

One alert stands per number, whatever the factors: it is told again when another factor joins. What is measured over all
numbers together (the scope `pool`) has an alert of its own, without a number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Any

from ringthrough.analytics.alerts.alert import key_of
from ringthrough.analytics.alerts.finding import Finding, Level
from ringthrough.analytics.alerts.rules import AlertRules
from ringthrough.analytics.alerts.state import AlertState
from ringthrough.analytics.risk import RiskFactor, Thresholds, shipped

__all__ = ["find_crossings"]

_RANKS = {"ok": 0, "warn": 1, "high": 2}


def find_crossings(
    factors: Iterable[RiskFactor],
    rules: AlertRules,
    before: AlertState,
    now_us: int,
    thresholds: Thresholds | None = None,
) -> Iterator[Finding]:
    """
    Judge the factors of every number.

    Args:
        factors: as assessed now.
        rules: which of them, and from which level on.
        before: what stands.
        now_us: as of when.
        thresholds: that they were judged by; those shipped by default.
    """
    rule, definitions = rules.risk, (thresholds if thresholds is not None else shipped()).factors
    of: dict[tuple[str, str], list[RiskFactor]] = defaultdict(list)
    for one in factors:
        if (rule.factors and one.factor not in rule.factors) or one.factor in rule.leave_out:
            continue
        if definitions[one.factor].scope == "pool":
            of["", one.factor] = [one]
        else:
            of[one.number, ""].append(one)
    titles = {name: definition.title.lower() for name, definition in definitions.items()}
    for (number, factor), some in of.items():
        held = before.standing.get(key_of("risk", *(part for part in (number, factor) if part)))
        grounds = () if held is None else held.grounds
        yield _number(number, factor, some, grounds, rules, now_us, titles)


def _number(
    number: str, factor: str, some: list[RiskFactor], held: tuple[str, ...], rules: AlertRules, now_us: int,
    titles: dict[str, str],
) -> Finding:  # fmt: skip
    rule = rules.risk
    over = [one for one in some if _RANKS.get(one.state, 0) >= _RANKS[rule.level]]
    known = {one.factor for one in some if one.state in _RANKS}
    whose = number or "All numbers"
    named = ", ".join(titles[one.factor] for one in over)
    title = f"{whose} at {'high ' if rule.level == 'high' else ''}risk: {named}"
    if over:
        level = Level.OVER
    elif any(_RANKS.get(one.state, 0) for one in some):
        level = Level.BETWEEN
    else:
        level = Level.UNDER if known.issuperset(held) else Level.UNKNOWN
        title = f"{whose}: risk factors are in order again"
    detail = " ".join(one.because for one in over) or "No factor that is watched is at a threshold."
    evidence: dict[str, Any] = {"factors": [_evidence(one) for one in over]}
    return Finding(
        "risk", level, rule.severity, number, "", factor, now_us, title, detail, evidence,
        tuple(one.factor for one in over),
    )  # fmt: skip


def _finite(value: float | None) -> float | None:
    """A figure that JSON can hold."""
    return value if value is None or isfinite(value) else None


def _evidence(one: RiskFactor) -> dict[str, Any]:
    return {
        "factor": one.factor, "level": one.state, "value": _finite(one.value), "unit": one.unit, "warn": one.warn,
        "high": one.high, "n": one.n, "because": one.because, "advice": one.advice,
    }  # fmt: skip
