"""The metrics once more, slowly and in plain Python: the oracle of the SQL. Written from docs/concepts/metrics.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import sqrt
from typing import Any

from ringthrough.calls import Call, Verdict

Row = tuple[Call, Verdict]
DAY_31_MS = 31 * 86_400_000
EXPLICIT = {"network_blocked", "provider_blocked"}
PERSON = {"busy", "no_answer", "declined", "unwanted"}


def at(call: Call) -> datetime | None:
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=call.at_us)
    except OverflowError:
        return None


def country(callee: str) -> str:
    two = {
        str(code) for code in (20, 27, *range(30, 35), 36, 39, 40, 41, *range(43, 50), *range(51, 59), 81, 82, 84, 86)
    }
    two |= {str(code) for code in (*range(60, 67), *range(90, 96), 98)}
    digits = callee[1:4]
    if not callee.startswith("+") or len(callee) < 8 or any(mark not in "0123456789" for mark in digits):
        return ""
    return callee[: 2 if digits[0] in "17" else 3 if digits[:2] in two else 4]


def prefix(callee: str) -> str:
    return callee[:8] if country(callee) == "+1" and len(callee) == 12 else country(callee)


DIMENSIONS: dict[str, Callable[[Call], Any]] = {
    "number": lambda call: call.caller,
    "carrier": lambda call: call.carrier,
    "trunk": lambda call: call.trunk,
    "campaign": lambda call: call.campaign,
    "prefix": lambda call: prefix(call.callee),
    "country": lambda call: country(call.callee),
    "direction": lambda call: call.direction,
    "day": lambda call: None if at(call) is None else f"{at(call):%Y-%m-%d}".rjust(10, "0"),
    "hour": lambda call: None if at(call) is None else at(call).hour,  # type: ignore[union-attr]
}


class Known:
    """What is known of one call, in words."""

    def __init__(self, row: Row, blind_files: dict[tuple[str, str], set[str]]) -> None:
        self.call, self.verdict = row
        call = self.call
        blind = {word for word in call.blind_to.split() if word not in ("code", "reason")}
        blind |= blind_files.get((call.source, call.file), set())
        self.code = call.final_code or 0
        slug = self.verdict.verdict
        self.slug = slug
        self.answered = slug == "answered" or 200 <= self.code <= 299 or (not self.code and call.outcome == "answered")
        self.blocked = slug in EXPLICIT or slug == "probable_block"
        self.rang = call.ring_ms is not None or call.ring_frame is not None
        self.settled = slug not in ("", "incomplete") and "refusals" not in blind
        self.knows_code = "code" not in blind
        self.screened = self.settled and not {"code", "reason"} <= blind
        self.seized = self.settled and self.knows_code and not 300 <= self.code <= 399
        self.hears = "ringing" not in blind
        self.times = "times" not in blind
        self.lists_refused = "refusals" not in blind

    def share_of(self, name: str) -> tuple[bool, bool]:
        """In the numerator, in the denominator."""
        effective = self.answered or self.code in (480, 486, 600, 603)
        person = self.slug in PERSON or (self.slug == "abandoned" and self.rang)
        seizure = self.answered or person or self.code in (480, 486, 600, 603, 607)
        seizure = seizure or self.call.q850_cause in (17, 18, 19, 20, 21)
        talk = span(self.call.talk_ms)
        talked = self.answered and talk is not None
        reached = self.answered and not self.blocked
        return {
            "asr": (self.answered, self.settled),
            "ner": (seizure, self.settled),
            "ner_b": (reached or person, self.screened),
            "ser": (self.answered, self.seized),
            "ser_b": (reached, self.seized),
            "seer": (effective, self.seized),
            "seer_b": (effective and not self.blocked, self.seized),
            "isa": (self.code in (408, 500, 503, 504), self.settled and self.knows_code),
            "ring_rate": (self.rang, self.settled and self.hears),
            "reach": (self.answered, self.screened and not self.blocked),
            "block_explicit": (self.slug in EXPLICIT, self.screened),
            "block_probable": (self.slug == "probable_block", self.screened and self.hears),
            "block_suspected": (self.slug == "suspected_block", self.screened and self.hears),
            "block_rate": (self.blocked, self.screened),
            "candidates": (self.verdict.hidden_candidate, self.settled and self.hears and self.times),
            "abandon": (self.slug == "abandoned", self.settled),
            "short_6": (talked and (talk or 0) <= 6_000, talked),
            "short_10": (talked and (talk or 0) < 10_000, talked),
        }[name]

    def spans(self) -> dict[str, int | None]:
        call = self.call
        delay = span(call.setup_ms if call.pdd_ms is None else call.pdd_ms)
        final = span(call.setup_ms if call.final_ms is None else call.final_ms)
        return {
            "pdd": delay if self.times and self.hears else None,
            "final": final if self.times and (self.code >= 200 or self.answered) else None,
            "refusal": final
            if self.times and self.hears and not self.rang and not self.answered and self.code >= 300
            else None,
        }


RATES = (
    "asr", "ner", "ner_b", "ser", "ser_b", "seer", "seer_b", "isa", "ring_rate", "reach", "block_explicit",
    "block_probable", "block_suspected", "block_rate", "candidates", "abandon", "short_6", "short_10",
)  # fmt: skip


def spans(self) -> dict[str, int | None]:
    call = self.call
    delay = span(call.setup_ms if call.pdd_ms is None else call.pdd_ms)
    final = span(call.setup_ms if call.final_ms is None else call.final_ms)
    return {
        "pdd": delay if self.times and self.hears else None,
        "final": final if self.times and (self.code >= 200 or self.answered) else None,
        "refusal": final
        if self.times and self.hears and not self.rang and not self.answered and self.code >= 300
        else None,
    }


RATES = [
    "asr",
    "ner",
    "ner_b",
    "ser",
    "ser_b",
    "seer",
    "seer_b",
    "isa",
    "ring_rate",
    "reach",
    "block_explicit",
    "block_probable",
    "block_suspected",
    "block_rate",
    "candidates",
    "abandon",
    "short_6",
    "short_10",
]


def span(ms: int | None) -> int | None:
    return None if ms is None or not 0 <= ms <= DAY_31_MS else ms


def quantile(values: list[int], share: Fraction) -> float | None:
    """Between the two nearest values, on a straight line."""
    if not values:
        return None
    values = sorted(values)
    place = share * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return float(values[below] + (values[above] - values[below]) * (place - below))


def interval(part: int, whole: int) -> tuple[float | None, float | None]:
    """Wilson's interval as textbooks write it: of the share."""
    if whole == 0:
        return None, None
    z, p = 1.959963984540054, part / whole
    middle = p + z * z / (2 * whole)
    spread = z * sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole))
    return (middle - spread) / (1 + z * z / whole), (middle + spread) / (1 + z * z / whole)


def reference(rows: Iterable[Row], by: tuple[str, ...] = (), *, inferred: bool | None = None) -> list[dict[str, Any]]:
    rows = list(rows)
    if inferred is None:
        inferred = any(verdict.verdict in ("probable_block", "suspected_block") for _call, verdict in rows)
    blind_files: dict[tuple[str, str], set[str]] = {}
    for call, _verdict in rows:
        words = {"code", "reason"} & set(call.blind_to.split())
        blind_files.setdefault((call.source, call.file), set()).update(words)
    groups: dict[tuple[Any, ...], list[Known]] = {} if by else {(): []}
    for row in rows:
        if row[0].kind != "scanner":
            key = tuple(DIMENSIONS[name](row[0]) for name in by)
            groups.setdefault(key, []).append(Known(row, blind_files))
    order = sorted(groups, key=lambda key: tuple((part is None, part if part is not None else 0) for part in key))
    return [dict(zip(by, key, strict=True)) | _measured(groups[key], inferred) for key in order]


def _measured(calls: list[Known], inferred: bool) -> dict[str, Any]:
    def counted(condition: Callable[[Known], bool]) -> int:
        return sum(map(condition, calls))

    made: dict[str, Any] = {
        "attempts": len(calls),
        "incomplete": counted(lambda call: call.slug == "incomplete"),
        "answered": counted(lambda call: call.answered),
        "network_blocked": counted(lambda call: call.slug == "network_blocked"),
        "provider_blocked": counted(lambda call: call.slug == "provider_blocked"),
        "probable_blocks": counted(lambda call: call.slug == "probable_block"),
        "suspected_blocks": counted(lambda call: call.slug == "suspected_block"),
    }
    for name in RATES:
        known = [part for part, whole in (call.share_of(name) for call in calls) if whole]
        if name in ("block_probable", "block_suspected") and not inferred:
            known = []
        made |= _rate(name, sum(known), len(known))
        if name == "abandon":
            made |= _retries(calls)
    talks = [ms for call in calls if call.answered and (ms := span(call.call.talk_ms)) is not None]
    made |= {"acd_n": len(talks), "acd_ms": sum(talks) / len(talks) if talks else None}
    for name in ("pdd", "final", "refusal"):
        values = [ms for call in calls if (ms := call.spans()[name]) is not None]
        made[f"{name}_n"] = len(values)
        made[f"{name}_p50_ms"] = quantile(values, Fraction(1, 2))
        made[f"{name}_p95_ms"] = quantile(values, Fraction(95, 100))
    return made


def _retries(calls: list[Known]) -> dict[str, Any]:
    pairs = [
        (call.call.caller, call.call.callee)
        for call in calls
        if call.lists_refused
        and call.call.caller
        and call.call.callee
        and "xxxx" not in call.call.caller + call.call.callee
    ]
    return _rate("retries", len(pairs) - len(set(pairs)), len(pairs))


def _rate(name: str, part: int, whole: int) -> dict[str, Any]:
    low, high = interval(part, whole)
    share = part / whole if whole else None
    return {f"{name}_k": part, f"{name}_n": whole, name: share, f"{name}_low": low, f"{name}_high": high}
