"""
What a world is made of: parameters, drawn from the ranges of worlds.toml.

Facts
- The ranges were written down before any model that is judged on these worlds; each says why it ends where it ends.
- A named world narrows some of the ranges. `mixed` narrows none.
- Every value is drawn with one uniform number, in the order of the file, so that a range can be narrowed without
  another value moving.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import numpy as np

from ringthrough.errors import LocalError, Problem

__all__ = [
    "CampaignHabits",
    "CarrierHabits",
    "EngineHabits",
    "Range",
    "TrunkHabits",
    "WorldHabits",
    "WorldParameters",
    "draw_parameters",
    "ranges",
    "world_names",
]

_SCALES = ("linear", "log", "whole")
_Habits = TypeVar("_Habits")


@dataclass(frozen=True, slots=True)
class Range:
    """Where one parameter may lie."""

    low: float
    "Smallest value."
    high: float
    "Largest value."
    scale: str = "linear"
    "linear, log (each factor is as likely as any other), or whole."
    why: str = ""
    "Why it ends where it ends."

    def at(self, share: float) -> float:
        """The value at a share, 0..1, of the range."""
        if self.scale == "whole":
            return float(min(math.floor(self.low + share * (self.high - self.low + 1)), self.high))
        if self.scale == "log" and self.low > 0:
            return float(self.low * (self.high / self.low) ** share)
        return self.low + share * (self.high - self.low)


@dataclass(frozen=True, slots=True)
class WorldHabits:
    """Size of a world and what is blocked in it; each field is described in worlds.toml."""

    days: float
    numbers: float
    carriers: float
    campaigns: float
    trunks: float
    engines: float
    calls_per_number_day: float
    number_spread: float
    day_spread: float
    weekend: float
    carrier_spread: float
    calls_per_callee: float
    shared_lists: float
    retry_share: float
    retry_other_number: float
    retry_after_s: float
    attested: float
    rate_spread: float
    flagged_share: float
    flag_at_start: float
    flag_lift_share: float
    flag_again_share: float
    flag_lag_h: float
    flag_spares_carrier: float
    trunk_blocks: float
    trunk_block_h: float
    block_all: float
    outages: float
    outage_h: float
    own_refused_share: float


@dataclass(frozen=True, slots=True)
class CarrierHabits:
    """Habits of a carrier and of the people it serves; each field is described in worlds.toml."""

    answer: float
    voicemail: float
    decline: float
    abandon: float
    busy: float
    unavailable: float
    unwanted: float
    silent_refusers: float
    decliners: float
    dead: float
    route_refusals: float
    stalled: float
    decline_swing: float
    decline_peak_h: float
    early_ringing: float
    pdd_ms: float
    pdd_spread: float
    decline_ms: float
    decline_spread: float
    timeout_ms: float
    refuse_ms: float
    hides_servers: float
    decline_603: float
    decline_486: float
    decline_480: float
    decline_403: float
    late_603: float
    late_480: float
    late_408: float
    dead_404: float
    dead_other: float
    dead_announced: float
    engine_chance: float
    block_share: float
    sticky: float
    block_ms: float
    block_spread: float
    explicit_share: float
    defective_share: float
    announced_share: float
    form_603plus: float
    form_608: float
    form_cause: float
    misuse_603: float
    misuse_403: float
    misuse_480: float
    misuse_486: float
    misuse_404: float
    misuse_503: float


@dataclass(frozen=True, slots=True)
class EngineHabits:
    """Habits of an analytics engine; each field is described in worlds.toml."""

    eagerness: float


@dataclass(frozen=True, slots=True)
class TrunkHabits:
    """Habits of a trunk and of what lies behind it; each field is described in worlds.toml."""

    direct: float
    tdm: float
    tdm_adds_ms: float
    b2bua: float
    keeps_reason: float
    own_pbx: float
    trying_ms: float


@dataclass(frozen=True, slots=True)
class CampaignHabits:
    """Habits of a campaign and its list; each field is described in worlds.toml."""

    dead: float
    unpopular: float
    ring_limit_s: float
    talk_s: float
    short_share: float
    opens_h: float
    closes_h: float
    off_hours: float
    other_trunk: float


_GROUPS: dict[str, type] = {
    "world": WorldHabits,
    "carrier": CarrierHabits,
    "engine": EngineHabits,
    "trunk": TrunkHabits,
    "campaign": CampaignHabits,
}


@dataclass(frozen=True, slots=True)
class WorldParameters:
    """Everything that is drawn before a world is made."""

    name: str
    "Name of the world in worlds.toml."
    world: WorldHabits
    "Size, and what is blocked."
    carriers: tuple[CarrierHabits, ...]
    "One for each carrier."
    engines: tuple[EngineHabits, ...]
    "One for each analytics engine."
    trunks: tuple[TrunkHabits, ...]
    "One for each trunk."
    campaigns: tuple[CampaignHabits, ...]
    "One for each campaign."


@cache
def _document() -> dict[str, Any]:
    text = files("ringthrough.simulate").joinpath("worlds.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def ranges(name: str = "mixed") -> dict[str, dict[str, Range]]:
    """
    The ranges of a named world: group -> parameter -> range.

    The group `first_carrier` holds what is special about the first carrier.

    Raises:
        LocalError: there is no such world (`simulate-world-name`).
    """
    return ranges_of(_document(), name)


def ranges_of(document: Mapping[str, Any], name: str) -> dict[str, dict[str, Range]]:
    """
    The ranges of a named world of a document like worlds.toml.

    Raises:
        LocalError: there is no such world (`simulate-world-name`), or a range is wrong (`simulate-world-range`).
    """
    named = document.get("named", {})
    if name not in named:
        raise LocalError(Problem("simulate-world-name", f"expected one of {', '.join(named)}, found {name!r}"))
    found: dict[str, dict[str, Range]] = {}
    for group, habits in _GROUPS.items():
        known = {field.name for field in fields(habits)}
        if set(document.get(group, {})) != known:
            odd = ", ".join(sorted(known ^ set(document.get(group, {}))))
            raise LocalError(
                Problem("simulate-world-range", f"expected the parameters of {group}, found others: {odd}")
            )
        found[group] = {
            field.name: _range(document[group][field.name], f"{group}.{field.name}") for field in fields(habits)
        }
    special = dict(named[name])
    special.pop("says", None)
    first = special.pop("first_carrier", {})
    for group, narrowed in special.items():
        if group not in found:
            raise LocalError(Problem("simulate-world-range", f"expected a group, found {group!r}", f"named.{name}"))
        _narrow(found[group], narrowed, f"named.{name}.{group}")
    found["first_carrier"] = dict(found["carrier"])
    _narrow(found["first_carrier"], first, f"named.{name}.first_carrier")
    return found


def _range(entry: Mapping[str, Any], where: str) -> Range:
    low, high, scale = entry.get("low"), entry.get("high"), entry.get("scale", "linear")
    if not isinstance(low, int | float) or not isinstance(high, int | float) or low > high or scale not in _SCALES:
        raise LocalError(Problem("simulate-world-range", f"expected low <= high and a scale, found {entry!r}", where))
    return Range(float(low), float(high), scale, str(entry.get("why", "")))


def _narrow(group: dict[str, Range], narrowed: Mapping[str, Any], where: str) -> None:
    for key, value in narrowed.items():
        if key not in group:
            raise LocalError(Problem("simulate-world-range", f"expected a parameter, found {key!r}", where))
        low, high = (value, value) if isinstance(value, int | float) else value
        group[key] = _range({"low": low, "high": high, "scale": group[key].scale}, f"{where}.{key}")


def world_names() -> dict[str, str]:
    """Names of worlds, and what each is in a few words."""
    return {name: entry["says"] for name, entry in _document()["named"].items()}


def draw_parameters(rng: np.random.Generator, name: str = "mixed") -> WorldParameters:
    """
    Draw the parameters of a world.

    Args:
        rng: the source of chance.
        name: a name of worlds.toml; `mixed` draws from the whole ranges.

    Raises:
        LocalError: there is no such world (`simulate-world-name`).
    """
    found = ranges(name)
    world = _draw(rng, found["world"], WorldHabits)
    carriers = tuple(
        _draw(rng, found["carrier" if index else "first_carrier"], CarrierHabits)
        for index in range(int(world.carriers))
    )
    return WorldParameters(
        name,
        world,
        carriers,
        tuple(_draw(rng, found["engine"], EngineHabits) for _ in range(int(world.engines))),
        tuple(_draw(rng, found["trunk"], TrunkHabits) for _ in range(int(world.trunks))),
        tuple(_draw(rng, found["campaign"], CampaignHabits) for _ in range(int(world.campaigns))),
    )


def _draw(rng: np.random.Generator, group: Mapping[str, Range], habits: type[_Habits]) -> _Habits:
    return habits(**{name: one.at(float(rng.random())) for name, one in group.items()})
