"""
What is counted: the statements of this room, run and put side by side per number and period.

Only counts leave the engine, a few rows for each number; calls never do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from statistics import median
from string import Template
from typing import Any, NamedTuple

from ringthrough.analytics.dimensions import DIMENSIONS
from ringthrough.analytics.engine import Engine
from ringthrough.analytics.risk.period import DAY_US, Period, day_of
from ringthrough.analytics.risk.thresholds import Thresholds
from ringthrough.analytics.risk.zones import federal_holidays, offsets_of, places, weekends, zone_named
from ringthrough.analytics.statements import period_sql

__all__ = [
    "COLUMNS_READ",
    "Clocks",
    "Counted",
    "Measured",
    "Measures",
    "busiest_sql",
    "days_sql",
    "hold_clocks",
    "measure",
    "statements",
]

COLUMNS_READ: tuple[str, ...] = (
    "at", "caller", "callee", "carrier", "campaign", "direction", "kind", "final_code", "ring_ms", "cancel_ms",
    "talk_ms", "ended_by", "outcome", "blind_to", "source", "file", "verdict", "attestation", "provider_code",
)  # fmt: skip
"Columns of the call table that risk factors are made of, but for hidden blocks."
_OURS = "coalesce(calls.kind, '') <> 'scanner' and coalesce(calls.direction, '') <> 'inbound'"

Measured = dict[str, Any]
"Counts of one number in one period: columns of the SQL files by name; what no row said is absent."


@dataclass(frozen=True)
class Measures:
    """Everything that was counted in one period: `now`, or the one before."""

    numbers: dict[str, Measured]
    "Number -> its counts."
    named_campaigns: bool
    "Whether any call names a campaign."
    inbound: bool
    "Whether there is any call to one of the numbers."
    asr: float | None
    "Median answer-seizure ratio of numbers with enough calls; None where they are too few."
    pool: int
    "How many numbers that is the median of."
    zoned: bool
    "Whether this machine has data of time zones."


class Clocks(NamedTuple):
    """Names of tables that an engine holds, to tell the time at a callee."""

    prefixes: str
    "Of area codes and countries, and their zones."
    offsets: str
    "Of zones, and how far they are from UTC when."


@dataclass(frozen=True)
class Counted:
    """What `measure` gives."""

    now: Measures
    "Of the period."
    before: Measures
    "Of the period before; numbers without calls in this one are not among them."
    numbers: dict[str, int]
    "Number -> its calls in the period, most first."
    left_out: int
    "Numbers that were left out because others have more calls."
    rotation: tuple[int, int, int]
    "Numbers that came, that went, and those of both periods, with enough calls, of all numbers."


@cache
def _file(name: str) -> str:
    return files("ringthrough.analytics.risk").joinpath("sql", f"{name}.sql").read_text("utf-8")


def _statement(name: str, **slots: str) -> str:
    lines = (line for line in _file(name).splitlines() if not line.lstrip().startswith("--"))
    return Template("\n".join(lines)).substitute(slots)


def days_sql(table: str) -> str:
    """The statement that finds the days of calls."""
    return _statement("days", calls=table, ours=_OURS)


def _time(at_us: int) -> str:
    """A moment as a literal."""
    return period_sql(at_us, None).removeprefix("and calls.at >= ")


def _text(at_us: int) -> str:
    """The same as a text."""
    return _time(at_us).removeprefix("timestamp '").removesuffix("'")


def busiest_sql(table: str, period: Period, most: int) -> str:
    """The statement that finds the numbers."""
    return _statement("busiest", calls=table, own=_own(period), since=_time(period.since_us), most=str(most))


def _own(period: Period, least: int | None = None, table: str = "") -> str:
    """Condition for the calls that numbers made in both periods; with `least`, of numbers with so many calls only."""
    named = f"{_OURS} and calls.caller <> ''"
    whole = f"{named} {period_sql(period.before_us, period.until_us)}"
    if least is None:
        return whole
    inner = f"{named} {period_sql(period.since_us, period.until_us)}"
    return (
        f"{whole} and calls.caller in (select calls.caller from {table} calls where {inner}"
        f" group by calls.caller having count(*) >= {least})"
    )


def statements(
    table: str, period: Period, thresholds: Thresholds, *, clocks: Clocks | None = None, least: int | None = None
) -> dict[str, str]:
    """
    Return the statements behind the factors, for an engine of one's own: name -> SQL.

    Args:
        table: name of the call table.
        period: the period.
        thresholds: their settings are part of what is counted.
        clocks: tables that the engine holds; without them nobody knows the time at a callee.
        least: only numbers with so many calls in the period; None for all.
    """
    own, since = _own(period, least, table), _time(period.since_us)
    set_to = {
        name: {key: str(value) for key, value in thresholds[name].settings.items()} for name in thresholds.factors
    }
    warn = thresholds["repeats"].warn
    made = {
        "numbers": {},
        "rhythm": {"least": set_to["volume_step"]["calls"]},
        "pairs": {"warn": str(int(warn) if warn is not None else 2)},
        "redial": {"minutes": set_to["redial"]["minutes"]},
        "runs": {},
        "exchanges": {},
        "campaigns": {
            "used": set_to["mixed_use"]["calls"], "talk_ms": set_to["abandoned_after"]["talk_ms"],
            "least": str(thresholds["abandoned_after"].least),
        },
        "refusals": {"hours": set_to["network_blocks"]["hours"], "days": set_to["unwanted"]["days"]},
        "inbound": {"period": period_sql(period.before_us, period.until_us).removeprefix("and ")},
    }  # fmt: skip
    made_sql = {name: _statement(name, calls=table, own=own, since=since, **slots) for name, slots in made.items()}
    made_sql["rotation"] = _statement(
        "rotation", calls=table, own=_own(period), since=since, least=set_to["rotation"]["calls"]
    )
    ever = f"{_OURS} and calls.caller <> '' {period_sql(period.first_us, period.until_us)}"
    made_sql["first"] = _statement("first", calls=table, ever=ever)
    if clocks is not None:
        made_sql["hours"] = _statement(
            "hours", calls=table, own=own, since=since, prefix=DIMENSIONS["prefix"].sql, prefixes=clocks.prefixes,
            offsets=clocks.offsets, first=set_to["off_hours"]["first_hour"], last=set_to["off_hours"]["last_hour"],
            **_rest_days(period),
        )  # fmt: skip
    return made_sql


def _rest_days(period: Period) -> dict[str, str]:
    # A day more on either side: the midnight of a zone is not that of UTC.
    first, last = day_of(period.before_us - DAY_US), day_of(period.until_us + DAY_US)
    holidays = [day for year in range(first.year - 1, last.year + 2) for day in federal_holidays(year)]
    return {
        "weekends": _dates(weekends(first, last)),
        "holidays": _dates([day for day in holidays if first <= day <= last]),
    }


def hold_clocks(engine: Engine, period: Period) -> Clocks | None:
    """
    Hand the engine what it needs to tell the time at a callee; None where this machine knows no time zones.

    Raises:
        BackendError: the engine cannot hold tables.
    """
    there = places()
    zones = {name: zone for name in sorted(set(there.zones.values())) if (zone := zone_named(name)) is not None}
    if not zones:
        return None
    prefixes = [
        (prefix, zone, int(prefix in there.in_us)) for prefix, zone in there.zones.items() if zone in zones
    ]  # fmt: skip
    offsets = [
        (name, _text(piece.from_us), _text(piece.until_us), piece.minutes)
        for name, zone in zones.items()
        for piece in offsets_of(zone, period.before_us, period.until_us)
    ]
    return Clocks(
        engine.hold("risk_prefixes", {"prefix": "string", "zone": "string", "in_us": "bigint"}, prefixes),
        engine.hold(
            "risk_offsets", {"zone": "string", "from_at": "string", "until_at": "string", "minutes": "bigint"}, offsets
        ),
    )


def _dates(days: list[date]) -> str:
    return ", ".join(f"date '{day.isoformat()}'" for day in days) or "null"


def measure(engine: Engine, period: Period, thresholds: Thresholds) -> Counted:
    """
    Count.

    Raises:
        LocalError: the table is no call table.
        BackendError: the calls cannot be read.
    """
    busiest = engine.run(busiest_sql(engine.calls, period, thresholds.most)).rows
    numbers = {row[0]: int(row[1]) for row in busiest}
    left_out = int(busiest[0][2]) - len(busiest) if busiest else 0
    least = int(busiest[-1][1]) if left_out else None
    both: tuple[dict[str, Measured], dict[str, Measured]] = ({}, {})
    rotation = (0, 0, 0)
    clocks = hold_clocks(engine, period) if numbers else None
    for name, sql in statements(engine.calls, period, thresholds, clocks=clocks, least=least).items():
        table = engine.run(sql)
        if name == "rotation":
            came, went, there = table.rows[0]
            rotation = int(came), int(went), int(there)
            continue
        first = name == "first"
        for row in table.rows:
            if row[0] in numbers:
                counts = both[1 if first else row[1]].setdefault(row[0], {})
                counts.update(
                    zip(table.columns[1:] if first else table.columns[2:], row[1 if first else 2 :], strict=True)
                )
    # A number may have been called, and not have called, in the period before.
    before = {number: measured for number, measured in both[0].items() if measured.get("calls")}
    now = {number: both[1].get(number, {}) for number in numbers}
    return Counted(_together(now, thresholds), _together(before, thresholds), numbers, left_out, rotation)


def _together(numbers: dict[str, Measured], thresholds: Thresholds) -> Measures:
    """What is known only of all numbers together."""
    factor = thresholds["answer_rate"]
    rates = [m["answered"] / m["settled"] for m in numbers.values() if m.get("settled", 0) >= factor.least]
    enough = len(rates) >= factor.settings["pool"]
    return Measures(
        numbers,
        any(m.get("in_campaigns") for m in numbers.values()),
        any(m.get("inbound") for m in numbers.values()),
        median(rates) if enough and rates else None, len(rates),
        any(zone_named(name) is not None for name in places().zones.values()),
    )  # fmt: skip
