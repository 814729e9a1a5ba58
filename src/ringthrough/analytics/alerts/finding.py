"""`Finding`: what one look at the calls says about one thing that can be alerted of."""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

from ringthrough.analytics.alerts.alert import key_of

__all__ = ["Finding", "Level"]


class Level(Enum):
    """Where it lies between alert and all-clear."""

    OVER = "over"
    "It is to be raised, or stands."
    BETWEEN = "between"
    "Not enough to raise it, and too much to clear it."
    UNDER = "under"
    "It is over."
    UNKNOWN = "unknown"
    "The calls say nothing about it."
    MISSED = "missed"
    "It began and ended since the last look."


class Finding(NamedTuple):
    """One judgement; pure data."""

    kind: str
    "A slug of `KINDS`."
    level: Level
    "Where it lies."
    severity: str
    "warning or critical."
    number: str = ""
    "Calling number it is about; empty for none."
    carrier: str = ""
    "Carrier it is about; empty for none."
    factor: str = ""
    "Risk factor it is about, where it is about no number."
    since_us: int = 0
    "When it began, as far as the calls show."
    title: str = ""
    "What is the matter, or that it is over, in a few words."
    detail: str = ""
    "What it was concluded from."
    evidence: dict[str, Any] = {}  # noqa: RUF012 - never changed
    "The figures behind it."
    grounds: tuple[str, ...] = ()
    "What it rests on, where that can grow: a standing alert is told again when one joins."

    @property
    def key(self) -> str:
        """Key of the alert it belongs to."""
        return key_of(self.kind, *(part for part in (self.number, self.carrier, self.factor) if part))
