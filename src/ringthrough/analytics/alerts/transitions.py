"""
From findings to alerts: what is told now, and what is kept for the next run.

Theory of operation
- A key is either standing or not. OVER raises it once; UNDER clears it, when it has been under for as long as its rule
  wants without a break; BETWEEN keeps it and begins that time anew, so a figure that hovers at a threshold does not
  flap. UNKNOWN changes nothing, but an alert of which nothing was known for `forget_d` is closed, and says so.
- What is muted is neither raised, told again, nor cleared. When the mute is over it goes on where it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from ringthrough.analytics.alerts.alert import CLEARED, RAISED, SEVERITIES, STANDING, Alert
from ringthrough.analytics.alerts.finding import Finding, Level
from ringthrough.analytics.alerts.rules import AlertRules
from ringthrough.analytics.alerts.state import AlertState, Standing
from ringthrough.analytics.alerts.times import DAY_US, HOUR_US

__all__ = ["step"]


def step(
    before: AlertState, findings: Iterable[Finding], *, rules: AlertRules, looked: Collection[str], now_us: int
) -> tuple[tuple[Alert, ...], AlertState]:
    """
    Return what is to be told, and the state after it.

    Args:
        before: the state after the last run.
        findings: at most one per key.
        rules: what applies.
        looked: kinds that were looked at this time. A standing alert of one of them without a finding is UNKNOWN.
        now_us: as of when, microseconds since 1970 UTC.

    Returns:
        Alerts, the critical ones first; and the state, in which nothing waits for a channel that did not before.
    """
    run = _Run(before, rules, now_us)
    seen = set()
    for finding in findings:
        seen.add(finding.key)
        run.take(finding)
    for key, held in before.standing.items():
        if not rules.is_on(held.alert.kind):
            run.close(key, held, f"No longer watched: {held.alert.title}", "The rule was switched off.")
        elif key not in seen:
            run.unknown(key, held, looked=held.alert.kind in looked)
    told = sorted(run.told, key=lambda alert: (-SEVERITIES.index(alert.severity), alert.state == CLEARED, alert.key))
    state = replace(
        before, at_us=now_us, incidents=run.incidents, standing=dict(sorted(run.standing.items())),
        looked_us=dict(sorted({**before.looked_us, **dict.fromkeys(looked, now_us)}.items())),
    )  # fmt: skip
    return tuple(told), state


class _Run:
    def __init__(self, before: AlertState, rules: AlertRules, now_us: int) -> None:
        self.rules, self.now_us, self.series = rules, now_us, before.series
        self.incidents = before.incidents
        self.standing = dict(before.standing)
        self.told: list[Alert] = []

    def take(self, found: Finding) -> None:
        held = self.standing.get(found.key)
        if self.rules.is_muted(found.kind, found.number, found.carrier, self.now_us):
            if held is not None:
                self.standing[found.key] = held._replace(judged_us=self.now_us)
        elif held is None:
            self._without(found)
        elif found.level is Level.UNKNOWN:
            self.unknown(found.key, held, looked=True)
        elif found.level in (Level.UNDER, Level.MISSED):
            self._under(found, held)
        else:
            self._still(found, held)

    def _without(self, found: Finding) -> None:
        """Nothing stands under this key."""
        if found.level not in (Level.OVER, Level.MISSED):
            return
        self.incidents += 1
        alert = self._alert(found, RAISED if found.level is Level.OVER else CLEARED, self.incidents, 1)
        self.told.append(alert)
        if found.level is Level.OVER:
            now_us = self.now_us
            self.standing[found.key] = Standing(alert, self.incidents, 1, now_us, now_us, now_us, None, found.grounds)

    def _under(self, found: Finding, held: Standing) -> None:
        quiet_us = self.now_us if held.quiet_us is None else held.quiet_us
        wanted_h = getattr(getattr(self.rules, found.kind), "clear_h", 0.0) if found.kind in _CLEAR_LATER else 0.0
        if self.now_us - quiet_us < wanted_h * HOUR_US:
            self.standing[found.key] = held._replace(judged_us=self.now_us, quiet_us=quiet_us)
            self._remind(found.key)
            return
        self.close(found.key, held, found.title, found.detail, found)

    def _still(self, found: Finding, held: Standing) -> None:
        """OVER or BETWEEN: it stands, and is told again when it has become worse."""
        joined = tuple(one for one in found.grounds if one not in held.grounds)
        worse = found.level is Level.OVER and (bool(joined) or _worse(found.severity, held.alert.severity))
        if found.level is Level.OVER:
            # What it began with stays: a window that slides on knows a later beginning.
            alert = self._alert(found, STANDING, held.incident, held.messages)
            first_us = min(held.alert.since_us, found.since_us)
            severity = max(found.severity, held.alert.severity, key=SEVERITIES.index)
            held = held._replace(
                alert=alert._replace(since_us=first_us, severity=severity), grounds=held.grounds + joined
            )
        self.standing[found.key] = held._replace(judged_us=self.now_us, quiet_us=None)
        self._remind(found.key, at_once=worse)

    def unknown(self, key: str, held: Standing, *, looked: bool) -> None:
        alert = held.alert
        if self.rules.is_muted(alert.kind, alert.number, alert.carrier, self.now_us):
            self.standing[key] = held._replace(judged_us=self.now_us)
            return
        if looked and self.now_us - held.judged_us >= self.rules.alerts.forget_d * DAY_US:
            detail = f"The calls have said nothing about it for {self.rules.alerts.forget_d:g} days; it may go on."
            self.close(key, held, f"No longer known: {alert.title}", detail)
            return
        self._remind(key)

    def _remind(self, key: str, *, at_once: bool = False) -> None:
        held = self.standing[key]
        after_h = self.rules.alerts.remind_h
        due = after_h > 0 and self.now_us - held.told_us >= after_h * HOUR_US
        if not (due or at_once):
            return
        messages = held.messages + 1
        alert = held.alert._replace(state=STANDING, at_us=self.now_us, id=self._id(held.incident, messages))
        self.told.append(alert)
        self.standing[key] = held._replace(alert=alert, messages=messages, told_us=self.now_us)

    def close(self, key: str, held: Standing, title: str, detail: str, found: Finding | None = None) -> None:
        del self.standing[key]
        self.told.append(held.alert._replace(
            state=CLEARED, at_us=self.now_us, title=title, detail=detail,
            evidence=held.alert.evidence if found is None else found.evidence,
            id=self._id(held.incident, held.messages + 1),
        ))  # fmt: skip

    def _alert(self, found: Finding, state: str, incident: int, message: int) -> Alert:
        return Alert(
            found.kind, found.key, found.severity, found.number, found.carrier, state, found.since_us, self.now_us,
            found.title, found.detail, found.evidence, self._id(incident, message),
        )  # fmt: skip

    def _id(self, incident: int, message: int) -> str:
        return "-".join((*filter(None, [self.series]), str(incident), str(message)))


_CLEAR_LATER = ("answer_drop", "risk")
"Kinds whose `clear_h` is a time that they have to be under; for the others it is the window that is looked at."


def _worse(new: str, old: str) -> bool:
    return SEVERITIES.index(new) > SEVERITIES.index(old)
