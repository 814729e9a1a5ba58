"""
Thresholds: the definitions of the risk factors, as risk.toml says them, and what an operator's own file changes.

A factor is judged here and nowhere else: `Definition.state` compares a value with its thresholds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from math import isfinite
from types import MappingProxyType
from typing import Any

from ringthrough.errors import Problem, RuleError

__all__ = ["SENSES", "Definition", "Thresholds", "parse_thresholds", "shipped"]

SENSES: dict[str, str] = {"from": ">=", "over": ">", "upto": "<=", "under": "<"}
"How a value is compared with a threshold -> the sign for it."
_WORDS = ("title", "unit", "sense", "scope", "measures", "published", "source", "limits", "advice")
_MOST = 1_000_000_000
_GENERAL: dict[str, dict[str, tuple[int, int]]] = {"period": {"days": (1, 3650)}, "numbers": {"most": (1, 1_000_000)}}
_HOURS = ("first_hour", "last_hour")


@dataclass(frozen=True, slots=True)
class Definition:
    """One risk factor: what it measures, and when it is a risk."""

    name: str
    "Slug."
    number: int
    "1 to 27."
    title: str
    "Its name for people."
    unit: str
    "Unit of value, warn and high; a share is 0..1."
    sense: str
    "How a value is compared: a key of `SENSES`."
    scope: str
    "number, campaign, pool or beside: whose calls it is made of."
    measures: str
    "What the value is, in words."
    published: str
    "What others publish about it."
    source: str
    "Where the thresholds come from."
    limits: str
    "What it cannot see."
    advice: str
    "What to do."
    warn: float | None
    "Threshold of a warning; None: never."
    high: float | None
    "Threshold of a high risk; None: never."
    least: int
    "What it is measured on (n) must reach this before it warns."
    points_warn: float
    "What a warning takes from the score."
    points_high: float
    "What a high risk takes from the score."
    settings: Mapping[str, float]
    "Its other figures."

    def state(self, value: float) -> str:
        """Compare a value with the thresholds: ok, warn or high; info where there are none."""
        if self.warn is None and self.high is None:
            return "info"
        return "high" if self.meets(value, self.high) else "warn" if self.meets(value, self.warn) else "ok"

    def meets(self, value: float, threshold: float | None) -> bool:
        """Whether a value is a risk by a threshold."""
        if threshold is None:
            return False
        if self.sense == "from":
            return value >= threshold
        if self.sense == "over":
            return value > threshold
        return value <= threshold if self.sense == "upto" else value < threshold

    def points(self, state: str) -> float:
        """What a state takes from the score."""
        return self.points_high if state == "high" else self.points_warn if state == "warn" else 0.0


@dataclass(frozen=True, slots=True)
class Thresholds:
    """All factors, in the order of their numbers."""

    factors: Mapping[str, Definition]
    "Slug -> definition."
    days: int
    "Length of the period where none is given, days."
    most: int
    "At most so many numbers are assessed, those with most calls."

    def __getitem__(self, name: str) -> Definition:
        return self.factors[name]


@cache
def shipped() -> Thresholds:
    """The thresholds that come with ringthrough."""
    document = tomllib.loads(files("ringthrough.analytics.risk").joinpath("risk.toml").read_text("utf-8"))
    made = {}
    for name, table in document.items():
        if name in _GENERAL:
            continue
        words = {word: table[word] for word in _WORDS}
        limits = {key: None if table[key] is False else float(table[key]) for key in ("warn", "high")}
        made[name] = Definition(
            name=name, number=table["number"], **words, warn=limits["warn"], high=limits["high"], least=table["least"],
            points_warn=float(table["points_warn"]), points_high=float(table["points_high"]),
            settings=MappingProxyType(dict(table.get("settings", {}))),
        )  # fmt: skip
    ordered = sorted(made.values(), key=lambda factor: factor.number)
    factors = MappingProxyType({factor.name: factor for factor in ordered})
    return Thresholds(factors, document["period"]["days"], document["numbers"]["most"])


def parse_thresholds(text: str, name: str = "thresholds") -> Thresholds:
    """
    The shipped thresholds with those of an operator's own file in their place.

    Args:
        text: TOML in the form of risk.toml; what it does not name stays as shipped.
        name: name of the file, for errors and as the source of what it changes.

    Raises:
        RuleError: it is no TOML, or a key or a value is not as expected (`analytics-risk-thresholds`).
    """
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        raise _wrong(f"expected TOML, found {fault}", name) from None
    base = shipped()
    factors, general = dict(base.factors), {"days": base.days, "most": base.most}
    for key, table in document.items():
        if key not in factors and key not in _GENERAL:
            raise _wrong(f"expected period, numbers or a factor ({', '.join(factors)}), found {key[:60]!r}", name)
        if not isinstance(table, dict):
            raise _wrong(f"expected a table [{key}], found {_shown(table)}", f"{name}: {key}")
        if key in _GENERAL:
            general |= _general(table, key, name)
        else:
            factors[key] = _changed(factors[key], table, name)
    return Thresholds(MappingProxyType(factors), general["days"], general["most"])


def _general(table: dict[str, Any], key: str, name: str) -> dict[str, int]:
    made = {}
    for each, value in table.items():
        known = _GENERAL[key]
        if each not in known:
            raise _wrong(f"expected {', '.join(known)}, found {each[:60]!r}", f"{name}: {key}")
        low, high = known[each]
        if type(value) is not int or not low <= value <= high:
            raise _wrong(
                f"expected a whole number from {low:,} to {high:,}, found {_shown(value)}", f"{name}: {key}.{each}"
            )
        made[each] = value
    return made


def _changed(factor: Definition, table: dict[str, Any], name: str) -> Definition:
    changes: dict[str, Any] = {}
    for key, value in table.items():
        where = f"{name}: {factor.name}.{key}"
        if key in ("warn", "high"):
            changes[key] = None if value is False else _figure(value, where, "a number, or false for never")
        elif key == "least":
            changes[key] = _whole(value, where)
        elif key in ("points_warn", "points_high"):
            changes[key] = _figure(value, where, "points from 0 to 100", 100)
        elif key == "source":
            if not isinstance(value, str) or not value:
                raise _wrong(f"expected a text, found {_shown(value)}", where)
            changes[key] = value
        elif key == "settings":
            changes[key] = MappingProxyType(dict(factor.settings) | _settings(factor, value, where))
        else:
            known = "warn, high, least, points_warn, points_high, source, settings"
            raise _wrong(f"expected one of {known}, found {key[:60]!r}", f"{name}: {factor.name}")
    if changes.keys() & {"warn", "high", "settings"} and "source" not in changes:
        changes["source"] = f"the operator's {name}"
    made = replace(factor, **changes)
    if made.warn is not None and made.high is not None:
        rising = made.sense in ("from", "over")
        if (made.warn > made.high) if rising else (made.warn < made.high):
            side = "at least" if rising else "at most"
            raise _wrong(
                f"expected high to be {side} warn, found warn {made.warn:g} and high {made.high:g}",
                f"{name}: {factor.name}",
            )
    return made


def _settings(factor: Definition, value: Any, where: str) -> dict[str, float]:
    if not isinstance(value, dict):
        raise _wrong(f"expected a table of settings, found {_shown(value)}", where)
    made: dict[str, float] = {}
    for key, each in value.items():
        if key not in factor.settings:
            known = ", ".join(factor.settings) or "no settings"
            raise _wrong(f"expected {known}, found {key[:60]!r}", where)
        here = f"{where}.{key}"
        if isinstance(factor.settings[key], int):
            made[key] = _whole(each, here, 24 if key in _HOURS else _MOST, 0 if key in _HOURS else 1)
        else:
            made[key] = _figure(each, here, "a share from 0 to 1", 1)
    return made


def _figure(value: Any, where: str, expected: str, most: float = _MOST) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or not 0 <= value <= most:
        raise _wrong(f"expected {expected}, found {_shown(value)}", where)
    return float(value)


def _whole(value: Any, where: str, most: int = _MOST, low: int = 1) -> int:
    if type(value) is not int or not low <= value <= most:
        raise _wrong(f"expected a whole number from {low} to {most:,}, found {_shown(value)}", where)
    return value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."


def _wrong(detail: str, where: str) -> RuleError:
    return RuleError(Problem("analytics-risk-thresholds", detail, where, "docs/concepts/risk.md"))
