"""Looks at calls made by hand, one after the other, each with the state of the one before."""

from __future__ import annotations

from collections.abc import Sequence

from ringthrough.analytics.alerts import KINDS, Alert, AlertRules, AlertState, evaluate, read_rules
from tests.analytics.made import Row, answered
from tests.store.made import START_US

HOUR_US = 3_600_000_000


def only(kind: str, *lines: str, general: Sequence[str] = (), more: str = "") -> AlertRules:
    """Rules in which one kind is on, with these lines of TOML in its table."""
    off = "".join(f"[{other}]\non = false\n" for other in KINDS if other != kind)
    return read_rules(
        "[alerts]\n" + "\n".join(general) + f"\n[{kind}]\non = true\n" + "\n".join(lines) + f"\n{off}{more}"
    )


class Watch:
    """Looks, each going on from the one before."""

    def __init__(self, rules: AlertRules) -> None:
        self.rules = rules
        self.state = AlertState()

    def look(self, calls: object, hour: float) -> tuple[Alert, ...]:
        """Look at calls as of so many hours after START_US."""
        told, self.state = evaluate(calls, rules=self.rules, before=self.state, now_us=round(START_US + hour * HOUR_US))
        return told

    def states(self, calls: object, hour: float) -> list[str]:
        """What became of the alerts."""
        return [alert.state for alert in self.look(calls, hour)]


def at(hour: float) -> int:
    """A time so many hours after START_US."""
    return round(START_US + hour * HOUR_US)


def calm(count: int, hour: float, **changes: object) -> list[Row]:
    """Answered calls, a minute apart, from an hour on."""
    return [answered(at_us=at(hour) + n * 60_000_000, callee=f"+1212555{n:04}", **changes) for n in range(count)]
