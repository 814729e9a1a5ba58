"""One look at the calls: all findings as of a time, and what is to be told of them."""

from __future__ import annotations

from collections.abc import Iterator

from ringthrough.analytics.alerts.alert import KINDS, Alert
from ringthrough.analytics.alerts.crossing import find_crossings
from ringthrough.analytics.alerts.drop import find_drops
from ringthrough.analytics.alerts.explicit import find_recurring, find_spreading, find_unwanted
from ringthrough.analytics.alerts.finding import Finding
from ringthrough.analytics.alerts.hidden import find_hidden
from ringthrough.analytics.alerts.queries import COLUMNS_READ, pulse
from ringthrough.analytics.alerts.rules import AlertRules
from ringthrough.analytics.alerts.silence import find_silence
from ringthrough.analytics.alerts.state import AlertState
from ringthrough.analytics.alerts.times import DAY_US, HOUR_US, time_text
from ringthrough.analytics.alerts.transitions import step
from ringthrough.analytics.blocks import Blocks, find_blocks
from ringthrough.analytics.blocks import cells as counting
from ringthrough.analytics.engine import Engine, engine_of
from ringthrough.analytics.risk import Risks, Thresholds, assess
from ringthrough.analytics.risk.measures import COLUMNS_READ as OF_RISK
from ringthrough.errors import LocalError, Problem

__all__ = ["evaluate", "last_call_us"]

_EARLY = 0.9
"A look is due when this share of `every_h` has passed: a timer that comes a second early must not cost an hour."


def evaluate(
    source: object,
    *,
    rules: AlertRules,
    before: AlertState,
    now_us: int,
    blocks: Blocks | None = None,
    risks: Risks | None = None,
    thresholds: Thresholds | None = None,
) -> tuple[tuple[Alert, ...], AlertState]:
    """
    Look at calls as of a time, and say what is to be told. Sends nothing and reads no clock.

        state = AlertState()
        alerts, state = evaluate(store, rules=default_rules(), before=state, now_us=now_us)

    Args:
        source: what `analytics.metrics` takes: a store, what `diagnosis.read_calls` returns, a relation, rows of `Call`
            and `Verdict`, or an `Engine`.
        rules: from `default_rules` or `read_rules`.
        before: the state that the last run gave; `AlertState()` for the first.
        now_us: as of when, microseconds since 1970 UTC. Later calls are not looked at.
        blocks: of these calls up to now, where they have been found already.
        risks: the same.
        thresholds: of the risk factors, from `risk.parse_thresholds`; those shipped by default.

    Returns:
        What is new, is told again or is over, critical first; and the state for the next run.

    Raises:
        LocalError: the source holds no calls; or `now_us` is before the state (`analytics-alerts-time`).
        BackendError: the calls cannot be read.
    """
    if before.at_us is not None and now_us < before.at_us:
        detail = (
            f"expected a time from {time_text(before.at_us)} on, when the state was made, found {time_text(now_us)}"
        )
        raise LocalError(Problem("analytics-alerts-time", detail))
    looked = {kind for kind in KINDS if rules.is_on(kind) and _due(kind, rules, before, now_us)}
    with engine_of(source, since_us=_since_us(rules, now_us), until_us=now_us, columns=_columns(looked)) as engine:
        findings = list(_findings(engine, rules, before, looked, now_us, blocks, risks, thresholds))
    return step(before, findings, rules=rules, looked=looked, now_us=now_us)


def _due(kind: str, rules: AlertRules, before: AlertState, now_us: int) -> bool:
    every_us = getattr(getattr(rules, kind), "every_h", 0.0) * HOUR_US
    looked_us = before.looked_us.get(kind)
    return looked_us is None or now_us - looked_us >= _EARLY * every_us


def _since_us(rules: AlertRules, now_us: int) -> int:
    """The first microsecond that any kind looks back to."""
    windows = (max(rule.window_h, rule.clear_h) / 24 + rules.alerts.forget_d
               for rule in (rules.block_recurring, rules.block_spreading, rules.unwanted))  # fmt: skip
    return round(now_us - max(rules.alerts.history_d, *windows) * DAY_US)


def _columns(looked: set[str]) -> tuple[str, ...]:
    columns = dict.fromkeys(COLUMNS_READ)
    if looked & {"block_hidden", "risk"}:
        columns |= dict.fromkeys(counting.COLUMNS_READ)
    if "risk" in looked:
        columns |= dict.fromkeys(OF_RISK)
    return tuple(columns)


def _findings(
    engine: Engine, rules: AlertRules, before: AlertState, looked: set[str], now_us: int, blocks: Blocks | None,
    risks: Risks | None, thresholds: Thresholds | None,
) -> Iterator[Finding]:  # fmt: skip
    since_us = round(now_us - rules.alerts.history_d * DAY_US)
    if "silence" in looked:
        yield find_silence(engine, rules, now_us)
    if "block_recurring" in looked:
        yield from find_recurring(engine, rules, now_us)
    if "block_spreading" in looked:
        yield from find_spreading(engine, rules, now_us)
    if "unwanted" in looked:
        yield from find_unwanted(engine, rules, now_us)
    if "answer_drop" in looked:
        yield from find_drops(engine, rules, now_us)
    if "block_hidden" in looked or ("risk" in looked and risks is None):
        blocks = blocks or find_blocks(engine, since_us=since_us, until_us=now_us)
    if "block_hidden" in looked and blocks is not None:
        yield from find_hidden(blocks, rules, before, now_us)
    if "risk" in looked:
        if risks is None:
            risks = assess(engine, thresholds=thresholds, until_us=now_us, now_us=now_us, blocks=blocks)
        yield from find_crossings(risks.factors, rules, before, now_us, thresholds)


def last_call_us(source: object) -> int | None:
    """Return when the last call of a source was, microseconds since 1970 UTC; None when it holds none with a time."""
    with engine_of(source, columns=COLUMNS_READ) as engine:
        return pulse(engine)[2]
