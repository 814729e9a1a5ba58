"""
The statements of an overview, run on an engine, and their rows as small values.

All counting is done by SQL files (`analytics/sql/overview_*.sql`), which DuckDB and Spark run alike; nothing here grows
with the number of calls, only with numbers, carriers and days.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from typing import NamedTuple

from ringthrough.analytics.engine import Engine
from ringthrough.analytics.metrics import metrics
from ringthrough.analytics.overview.shapes import GROUPS, Contact, Example, Period, TimeBin, group_of
from ringthrough.analytics.statements import period_sql, statement

__all__ = [
    "COLUMNS_READ",
    "PAIR_METRICS",
    "Day",
    "Hit",
    "ListLine",
    "OwnLine",
    "Pair",
    "SignLine",
    "SourceRow",
    "Span",
    "at_us_of",
    "day_us",
    "read_days",
    "read_examples",
    "read_hits",
    "read_lists",
    "read_own",
    "read_pairs",
    "read_people",
    "read_signs",
    "read_sources",
    "read_timeline",
    "read_times",
    "total_of",
]

COLUMNS_READ: tuple[str, ...] = (
    "at", "caller", "callee", "carrier", "trunk", "campaign", "direction", "kind", "final_code", "final_phrase",
    "far_code", "far_phrase", "q850_cause", "location", "server", "signal", "signal_code", "provider_code", "blocker",
    "redress_url", "redress_tel", "redress_email", "redress_id", "card_uri", "card", "pdd_ms", "ring_ms", "ring_frame",
    "setup_ms", "final_ms", "talk_ms", "early_media", "outcome", "blind_to", "source", "file", "call_id", "verdict",
    "confidence", "hidden_candidate",
)  # fmt: skip
"Columns of the call table that an overview is made of."

PAIR_METRICS = (
    "asr", "ser", "ser_b", "seer", "seer_b", "ring_rate", "reach", "block_explicit", "block_probable",
    "block_suspected", "block_rate", "candidates",
)  # fmt: skip
"Metrics of each number at each carrier; those of more calls are sums of these."

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PER_DECADE = 8
_MOST_SIGNS, _MOST_OWN, _EXAMPLES = 2_000, 200, 3

Span = tuple[int | None, int | None]
"since_us and until_us; None where it has no end."


class Day(NamedTuple):
    """Calls of one UTC day."""

    day: date | None
    "None for calls without a time."
    calls: int
    scanners: int
    first_us: int
    last_us: int


class Pair(NamedTuple):
    """Counts of one number at one carrier: numerator and denominator of each of `PAIR_METRICS`."""

    calls: int
    incomplete: int
    explicit: int
    provider: int
    probable: int
    suspected: int
    parts: tuple[int, ...]
    wholes: tuple[int, ...]

    def part(self, name: str) -> int:
        """Numerator of a metric."""
        return self.parts[PAIR_METRICS.index(name)]

    def whole(self, name: str) -> int:
        """Denominator of a metric."""
        return self.wholes[PAIR_METRICS.index(name)]

    def plus(self, other: Pair) -> Pair:
        """Counts of both together."""
        return Pair(
            self.calls + other.calls, self.incomplete + other.incomplete, self.explicit + other.explicit,
            self.provider + other.provider, self.probable + other.probable, self.suspected + other.suspected,
            tuple(map(sum, zip(self.parts, other.parts, strict=True))),
            tuple(map(sum, zip(self.wholes, other.wholes, strict=True))),
        )  # fmt: skip


def total_of(pairs: Iterable[Pair]) -> Pair:
    """Counts of all together."""
    return reduce(Pair.plus, pairs, NO_CALLS)


NO_CALLS = Pair(0, 0, 0, 0, 0, 0, (0,) * len(PAIR_METRICS), (0,) * len(PAIR_METRICS))


class Hit(NamedTuple):
    """Blocked calls of one number at one carrier on one day."""

    number: str
    carrier: str
    day: str
    verdict: str
    calls: int
    sure: float
    "Expected number of blocks among them."


class SignLine(NamedTuple):
    """Blocked calls of a carrier that look alike."""

    carrier: str
    verdict: str
    signal: str
    code: int
    phrase: str
    calls: int


class OwnLine(NamedTuple):
    """Calls that the own provider refused in the same words."""

    trunk: str
    verdict: str
    code: int
    phrase: str
    provider_code: str
    calls: int
    numbers: int


class ListLine(NamedTuple):
    """Calls of a campaign from one number."""

    campaign: str
    number: str
    calls: int
    bad: int


class SourceRow(NamedTuple):
    """Calls of one kind of source."""

    source: str
    blind_to: str
    calls: int
    files: int
    incomplete: int
    undated: int
    no_number: int
    no_carrier: int


def at_us_of(text: str | None) -> int | None:
    """Microseconds since 1970 of a time as engines write it; None for none, and for one that no calendar shows."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return (at - _EPOCH) // timedelta(microseconds=1)


def day_us(day: str) -> int | None:
    """First microsecond of a UTC day; None for what is none."""
    return at_us_of(day)


def read_days(engine: Engine, span: Span) -> list[Day]:
    """Calls by day, in order; those without a time, or with one that no calendar shows, come last as one."""
    found: list[Day] = []
    calls = scanners = 0
    for text, n, scanned, first, last in engine.run(_sql("days", engine, span)).rows:
        first_us, last_us = at_us_of(first), at_us_of(last)
        if text is None or first_us is None or last_us is None:
            calls, scanners = calls + n, scanners + scanned
        else:
            found.append(Day(date.fromisoformat(text), n, scanned, first_us, last_us))
    return [*found, Day(None, calls, scanners, 0, 0)]


def read_pairs(engine: Engine, span: Span) -> dict[tuple[str, str], Pair]:
    """Counts by number and carrier."""
    table = metrics(engine, ("number", "carrier"), only=PAIR_METRICS, since_us=span[0], until_us=span[1], inferred=True)
    return {
        (row["number"], row["carrier"]): Pair(
            row["attempts"], row["incomplete"], row["network_blocked"], row["provider_blocked"],
            row["probable_blocks"], row["suspected_blocks"],
            tuple(row[f"{name}_k"] for name in PAIR_METRICS), tuple(row[f"{name}_n"] for name in PAIR_METRICS),
        )
        for row in table
    }  # fmt: skip


def read_hits(engine: Engine, span: Span) -> list[Hit]:
    """Blocked calls by number, carrier, day and verdict."""
    rows = engine.run(_sql("blocked", engine, span)).rows
    return [
        Hit(number, carrier, day, verdict, calls, _expected(verdict, calls, sure))
        for number, carrier, day, verdict, calls, sure in rows
    ]


def _expected(verdict: str, calls: int, sure: int) -> float:
    return float(calls) if verdict in ("network_blocked", "provider_blocked") else sure / 10_000


def read_people(engine: Engine, span: Span) -> int:
    """Called numbers among blocked calls."""
    return int(engine.run(_sql("people", engine, span)).rows[0][0])


def read_timeline(engine: Engine, period: Period, step_s: int) -> dict[int, list[int]]:
    """Calls by bucket (its first second since 1970) and group."""
    sql = _sql(
        "timeline", engine, (period.since_us, period.until_us),
        hour="hour(calls.at)" if step_s < 86_400 else "0", minute="minute(calls.at)" if step_s < 3_600 else "0",
    )  # fmt: skip
    places = {group: place for place, group in enumerate(GROUPS)}
    origin = period.since_us // 1_000_000 // 86_400 * 86_400
    found: dict[int, list[int]] = {}
    for day, hour, minute, verdict, calls in engine.run(sql).rows:
        midnight = day_us(day)
        if midnight is not None:
            second = midnight // 1_000_000 + hour * 3_600 + minute * 60
            counts = found.setdefault(origin + (second - origin) // step_s * step_s, [0] * len(GROUPS))
            counts[places[group_of(verdict)]] += calls
    return found


def read_times(engine: Engine, span: Span) -> list[TimeBin]:
    """Calls by group and time to the final answer."""
    found: dict[tuple[str, int], int] = {}
    for verdict, place, calls in engine.run(_sql("times", engine, span)).rows:
        key = (group_of(verdict), place)
        found[key] = found.get(key, 0) + calls
    order = list(GROUPS)
    return [
        TimeBin(group, 10 ** (place / _PER_DECADE), 10 ** ((place + 1) / _PER_DECADE), calls)
        for (group, place), calls in sorted(found.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))
    ]


def read_signs(engine: Engine, span: Span) -> list[SignLine]:
    """How blocks look, the commonest first."""
    return [SignLine(*row) for row in engine.run(_sql("signs", engine, span, most=str(_MOST_SIGNS))).rows]


def read_examples(engine: Engine, span: Span) -> dict[tuple[str, str], list[tuple[Contact | None, Example]]]:
    """Blocked calls to quote, a few of each number at each carrier, each with whom its refusal says to ask."""
    found: dict[tuple[str, str], list[tuple[Contact | None, Example]]] = {}
    for row in engine.run(_sql("examples", engine, span, each=str(_EXAMPLES))).rows:
        number, carrier, seen, callee, code, phrase, blocker, url, tel, email, reference, card, state, call_id = row
        contact = Contact(blocker, url, tel, email, card, state) if url or tel or email or card else None
        at = (seen or "").partition(".")[0].replace(" ", "T")
        example = Example(f"{at}Z" if at else "", number, callee, code, phrase, reference, call_id)
        found.setdefault((number, carrier), []).append((contact, example))
    return found


def read_own(engine: Engine, span: Span) -> list[OwnLine]:
    """What the own provider refuses, the commonest first."""
    return [OwnLine(*row) for row in engine.run(_sql("own", engine, span, most=str(_MOST_OWN))).rows]


def read_lists(engine: Engine, span: Span) -> list[ListLine]:
    """Calls to numbers that do not exist, by campaign and calling number."""
    return [ListLine(*row) for row in engine.run(_sql("lists", engine, span)).rows]


def read_sources(engine: Engine, span: Span) -> list[SourceRow]:
    """Where the calls come from."""
    return [SourceRow(*row) for row in engine.run(_sql("sources", engine, span)).rows]


def _sql(name: str, engine: Engine, span: Span, **slots: str) -> str:
    return statement(f"overview_{name}", calls=engine.calls, period=period_sql(*span), **slots)
