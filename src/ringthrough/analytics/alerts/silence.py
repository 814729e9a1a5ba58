"""No calls: none read at all, none for too long, or none where there usually are many."""

from __future__ import annotations

from typing import Any

from ringthrough.analytics.alerts.finding import Finding, Level
from ringthrough.analytics.alerts.queries import pulse
from ringthrough.analytics.alerts.rules import AlertRules
from ringthrough.analytics.alerts.times import DAY_US, HOUR_US, time_text
from ringthrough.analytics.engine import Engine

__all__ = ["find_silence"]

_WEEKS = (7, 14, 21)
_DAYS = (1, 2, 3)
_LEAST_WEEKS = 2
"Weeks that have to be seen before they say what is usual; until then the days before do."


def find_silence(engine: Engine, rules: AlertRules, now_us: int) -> Finding:
    """Judge whether the data have stopped, as of now."""
    rule = rules.silence
    width = round(rule.window_h * HOUR_US)
    ends = [now_us - days * DAY_US for days in (0, *_WEEKS, *_DAYS)]
    since_us = round(now_us - rules.alerts.history_d * DAY_US)
    calls, first_us, last_us, counts = pulse(
        engine, [(end - width, end) for end in ends], since_us=since_us, until_us=now_us
    )  # fmt: skip
    if first_us is None or last_us is None:
        title = "No calls at all"
        detail = f"There is none in the {rules.alerts.history_d:g} days before {time_text(now_us)}."
        evidence: dict[str, Any] = {"calls": calls, "last_at": None, "usual": None, "window_h": rule.window_h}
        return Finding("silence", Level.OVER, rule.severity, since_us=since_us, title=title, detail=detail,
                       evidence=evidence)  # fmt: skip
    now, usual = counts[0], _usual(counts, first_us, now_us - width)
    quiet_h = (now_us - last_us) / HOUR_US
    evidence = {"calls": now, "last_at": time_text(last_us), "usual": usual, "window_h": rule.window_h}
    title = f"No calls for {_spoken(quiet_h)}"
    detail = f"The last one was at {time_text(last_us)}."
    if now == 0 and usual is not None and usual >= rule.usual_calls:
        level = Level.OVER
        detail += f" At this time there are usually {usual} calls in {rule.window_h:g} h."
    elif quiet_h >= rule.longest_h:
        level = Level.OVER
    elif now > 0 and now >= rule.clear_share * (usual or 0):
        level = Level.UNDER
        title, detail = "Calls come in again", f"{now} calls in {rule.window_h:g} h, the last at {time_text(last_us)}."
    else:
        level = Level.BETWEEN
    return Finding("silence", level, rule.severity, since_us=last_us, title=title, detail=detail, evidence=evidence)


def _usual(counts: tuple[int, ...], first_us: int, window_us: int) -> int | None:
    """The least that the same window of other weeks had, else of other days; None when nothing is known."""
    weeks = [
        count
        for days, count in zip(_WEEKS, counts[1:4], strict=True)
        if first_us <= window_us - days * DAY_US
    ]  # fmt: skip
    if len(weeks) >= _LEAST_WEEKS:
        return min(weeks)
    days_before = [
        count for days, count in zip(_DAYS, counts[4:], strict=True) if first_us <= window_us - days * DAY_US
    ]
    return min(days_before, default=None)


def _spoken(quiet_h: float) -> str:
    if quiet_h < 2:
        return f"{quiet_h * 60:.0f} min"
    return f"{quiet_h:.0f} h" if quiet_h < 72 else f"{quiet_h / 24:.0f} d"
