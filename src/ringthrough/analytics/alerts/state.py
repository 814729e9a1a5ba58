"""
What is known of alerts from one run to the next: a value, kept as JSON.

Facts
- An alert is kept from its raising to its all-clear, under its key, with the number of its incident. Whoever gets both
  messages can put them together by it, also where numbers are masked.
- What was to be told and has not been delivered waits here, apart for each channel. It is taken out once that channel
  has confirmed it, so a message is delivered at least once, and once only where nobody is killed in between.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ringthrough.analytics.alerts.alert import CLEARED, KINDS, RAISED, SEVERITIES, STANDING, Alert
from ringthrough.errors import Problem, RemoteError

__all__ = ["STATE_VERSION", "AlertState", "Standing"]

STATE_VERSION = 1
"Version of the file; a later one is not read."
_FILE = "ringthrough alerts"
_MOST_WAITING = 10_000
"Messages that wait for one channel; the oldest make room, and are counted."


class Standing(NamedTuple):
    """An alert that stands."""

    alert: Alert
    "As it was judged last; its state is the one it was told with last."
    incident: int
    "Number of the incident in this series."
    messages: int
    "How often something was told of it."
    raised_us: int
    "As of when it was raised."
    told_us: int
    "As of when it was told last."
    judged_us: int
    "As of when something could be said about it last."
    quiet_us: int | None
    "Since when it looks over; None when it does not."
    grounds: tuple[str, ...] = ()
    "What it has been told to rest on."


@dataclass(frozen=True)
class AlertState:
    """What stands and what waits, as of one time."""

    series: str = ""
    "Tells the incidents of this state from those of others."
    at_us: int | None = None
    "As of when it was made, microseconds since 1970 UTC; None for a new one."
    incidents: int = 0
    "Incidents so far."
    looked_us: Mapping[str, int] = field(default_factory=dict)
    "Kind -> when it was looked at last."
    standing: Mapping[str, Standing] = field(default_factory=dict)
    "Key -> alert that stands."
    waiting: Mapping[str, tuple[Alert, ...]] = field(default_factory=dict)
    "Channel -> what it has not been told, oldest first."
    dropped: Mapping[str, int] = field(default_factory=dict)
    "Channel -> messages that were given up, because too many waited."

    def queued(self, alerts: Iterable[Alert], channels: Iterable[str]) -> AlertState:
        """Let alerts wait for channels."""
        new = tuple(alerts)
        if not new:
            return self
        waiting, dropped = dict(self.waiting), dict(self.dropped)
        for channel in channels:
            both = (*waiting.get(channel, ()), *new)
            if len(both) > _MOST_WAITING:
                dropped[channel] = dropped.get(channel, 0) + len(both) - _MOST_WAITING
            waiting[channel] = both[-_MOST_WAITING:]
        return replace(self, waiting=waiting, dropped=dropped)

    def delivered(self, channel: str) -> AlertState:
        """Say that a channel has been told everything that waited for it."""
        return replace(
            self,
            waiting={name: alerts for name, alerts in self.waiting.items() if name != channel},
            dropped={name: count for name, count in self.dropped.items() if name != channel},
        )

    def to_json(self) -> str:
        """Return it as the text of a file."""
        made = {
            "file": _FILE, "version": STATE_VERSION, "series": self.series, "at_us": self.at_us,
            "incidents": self.incidents, "looked_us": dict(self.looked_us),
            "standing": [one._asdict() | {"alert": one.alert._asdict()} for one in self.standing.values()],
            "waiting": {name: [alert._asdict() for alert in alerts] for name, alerts in self.waiting.items()},
            "dropped": dict(self.dropped),
        }  # fmt: skip
        return json.dumps(made, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str, name: str = "") -> AlertState:
        """
        Read what `to_json` has written.

        Args:
            text: of the file.
            name: of the file, for what is said of it.

        Raises:
            RemoteError: it is no such file, or is torn or altered (`analytics-alerts-state`); or a later version has
                written it (`analytics-alerts-newer`).
        """
        read = _Reading(name)
        try:
            whole = json.loads(text)
        except (ValueError, RecursionError) as fault:
            raise read.wrong("", f"expected JSON, found: {fault}") from None
        if not isinstance(whole, dict) or whole.get("file") != _FILE:
            raise read.wrong("file", f"expected a state of {_FILE!r}, found another file")
        version = read.whole(whole, "version")
        if version > STATE_VERSION:
            detail = f"expected version {STATE_VERSION}, found {version}: update ringthrough first"
            raise RemoteError(Problem("analytics-alerts-newer", detail, where=name))
        at_us = whole.get("at_us")
        alerts = [read.standing(one) for one in read.some(whole, "standing", list)]
        waiting = read.some(whole, "waiting", dict)
        return cls(
            series=read.text(whole, "series"),
            at_us=None if at_us is None else read.whole(whole, "at_us"),
            incidents=read.whole(whole, "incidents"),
            looked_us=read.counts(whole, "looked_us"),
            standing={one.alert.key: one for one in alerts},
            waiting={channel: tuple(map(read.alert, read.some(waiting, channel, list))) for channel in waiting},
            dropped=read.counts(whole, "dropped"),
        )


class _Reading:
    """Takes values out of a file and says what is wrong with one."""

    def __init__(self, name: str) -> None:
        self.name = name

    def wrong(self, key: str, detail: str) -> RemoteError:
        place = f"{self.name}: {key}" if key and self.name else self.name or key
        return RemoteError(Problem("analytics-alerts-state", detail, where=place))

    def some(self, table: Mapping[str, Any], key: str, kind: type) -> Any:
        value = table.get(key)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self.wrong(key, f"expected {kind.__name__}, found {type(value).__name__}")
        return value

    def whole(self, table: Mapping[str, Any], key: str) -> int:
        return int(self.some(table, key, int))

    def text(self, table: Mapping[str, Any], key: str) -> str:
        return str(self.some(table, key, str))

    def counts(self, table: Mapping[str, Any], key: str) -> dict[str, int]:
        found = self.some(table, key, dict)
        return {name: self.whole(found, name) for name in found}

    def alert(self, found: Any) -> Alert:
        if not isinstance(found, dict):
            raise self.wrong("alert", f"expected dict, found {type(found).__name__}")
        words = {name: self.text(found, name) for name in
                 ("kind", "key", "severity", "number", "carrier", "state", "title", "detail", "id")}  # fmt: skip
        for name, allowed in (
            ("kind", tuple(KINDS)), ("severity", SEVERITIES), ("state", (RAISED, STANDING, CLEARED))
        ):  # fmt: skip
            if words[name] not in allowed:
                raise self.wrong(name, f"expected one of {', '.join(allowed)}, found {words[name]!r}")
        evidence = self.some(found, "evidence", dict)
        return Alert(
            since_us=self.whole(found, "since_us"), at_us=self.whole(found, "at_us"), evidence=evidence, **words
        )

    def standing(self, found: Any) -> Standing:
        if not isinstance(found, dict):
            raise self.wrong("standing", f"expected dict, found {type(found).__name__}")
        quiet = found.get("quiet_us")
        times = {name: self.whole(found, name) for name in
                 ("incident", "messages", "raised_us", "told_us", "judged_us")}  # fmt: skip
        grounds = self.some(found, "grounds", list)
        if not all(isinstance(one, str) for one in grounds):
            raise self.wrong("grounds", "expected texts, found something else")
        return Standing(
            alert=self.alert(found.get("alert")), quiet_us=None if quiet is None else self.whole(found, "quiet_us"),
            grounds=tuple(grounds), **times,
        )  # fmt: skip
