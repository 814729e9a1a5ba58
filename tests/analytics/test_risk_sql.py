"""The statements of risk factors count what plain Python counts, row by row."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ringthrough.analytics import engine_of
from ringthrough.analytics.risk import parse_thresholds
from ringthrough.analytics.risk.measures import COLUMNS_READ, Clocks, measure, statements
from ringthrough.analytics.risk.period import Period
from ringthrough.calls import BLIND_SPOTS, OUTCOMES, VERDICTS
from tests.analytics.made import Row, row
from tests.analytics.risk_reference import counted
from tests.store.made import DAY_US, START_US

NUMBERS = ("", "+12155550123", "+12155550124", "+13125550125", "+442079460123", "+1215555xxxx", "anonymous")
CALLEES = (
    *(f"+121555501{n:02}" for n in range(12)), "+13125550199", "+14155550199", "+442079460199", "+74955550199",
    "+17095550142", "+18005550100", "+1215555xxxx", "+35315550123", "+1", "+1203", "1002", "", "+12155550123",
    "+12155550124", "+12a45550123",
)  # fmt: skip
SEEDS = range(8)
MS = (None, -1, 0, 3_000, 4_000, 6_000, 8_000, 10_000, 60_000, 2_678_400_000, 2_678_400_001)


def some_rows(chance: random.Random) -> list[Row]:
    """Calls of a few numbers within three weeks around the beginning of summer time, often close together."""
    start_us = START_US + chance.choice((0, 60, 298)) * DAY_US
    times = [start_us + chance.randrange(22 * DAY_US) for _ in range(25)]
    made = []
    for _ in range(400):
        at_us = chance.choice(times) + chance.choice((0, 1, 5, 30, 400, 4_000, 40_000)) * 1_000_000
        blind = chance.sample(sorted(BLIND_SPOTS), chance.choice((0, 0, 0, 0, 1, 2)))
        made.append(row(
            at_us=at_us, caller=chance.choice(NUMBERS), callee=chance.choice(CALLEES),
            carrier=chance.choice(("", "alpha", "beta")), campaign=chance.choice(("", "", "spring", "summer")),
            direction=chance.choice(("", "outbound", "outbound", "inbound")),
            kind=chance.choice(("call", "call", "call", "", "scanner")),
            final_code=chance.choice((None, 200, 404, 480, 486, 487, 603, 607, 608)),
            ring_ms=chance.choice(MS), cancel_ms=chance.choice((None, None, 9_000)), talk_ms=chance.choice(MS),
            ended_by=chance.choice(("", "caller", "callee")), outcome=chance.choice(("", *OUTCOMES)),
            blind_to=" ".join(blind), source=chance.choice(("capture", "cdr x")),
            file=chance.choice([f"{n}.csv" for n in range(12)]), verdict=chance.choice(("", *VERDICTS)),
            attestation=chance.choice(("",) * 30 + ("A", "B", "C")),
            provider_code=chance.choice(("", "", "D35", "32203")),
        ))  # fmt: skip
    return made


OWN = """
[volume_step.settings]
calls = 3
[abandoned_after]
least = 3
[mixed_use.settings]
calls = 4
[redial.settings]
minutes = 7
[unwanted.settings]
days = 2
"""


@pytest.mark.parametrize("seed", SEEDS)
def test_sql_counts_what_python_counts(seed: int) -> None:
    chance = random.Random(seed)
    rows, thresholds = some_rows(chance), parse_thresholds(OWN)
    first = min(call.at_us for call, _verdict in rows) // DAY_US * DAY_US
    shift_us = chance.choice((0, 3_600_000_000 * 7 + 1))
    period = Period(first + 12 * DAY_US + shift_us, first + 20 * DAY_US + shift_us, first, 0, 0)
    expected = counted(rows, period, thresholds)
    with engine_of(rows, columns=COLUMNS_READ) as engine:
        found = measure(engine, period, thresholds)
    numbers = {number for number, which in expected if which == 1}
    assert found.numbers == {number: expected[number, 1]["calls"] for number in numbers}
    assert len(numbers) >= 4
    for which, measures in ((1, found.now), (0, found.before)):
        there = {number for number, p in expected if p == which and number in numbers}
        assert measures.numbers.keys() == there
        for number in there:
            known = {k: v for k, v in measures.numbers[number].items() if k != "first_day"}
            assert known == pytest.approx(expected[number, which]), (number, which)
    assert {n: m["first_day"] for n, m in found.now.numbers.items()} == {
        number: first_day(rows, number, period) for number in numbers
    }


def first_day(rows: list[Row], number: str, period: Period) -> str:
    at_us = min(
        call.at_us
        for call, _verdict in rows
        if call.caller == number and call.kind != "scanner" and call.direction != "inbound"
        and period.first_us <= call.at_us < period.until_us
    )  # fmt: skip
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)).date().isoformat()


@pytest.mark.parametrize("seed", SEEDS)
def test_rotation_is_counted_over_all_numbers(seed: int) -> None:
    chance = random.Random(seed)
    rows: list[Row] = []
    kinds: dict[str, tuple[int, int]] = {}
    for n in range(30):
        kinds[f"+1215555{n:04}"] = before, now = chance.choice((0, 5, 12)), chance.choice((0, 5, 12))
        rows += [row(caller=f"+1215555{n:04}", at_us=START_US + k) for k in range(before)]
        rows += [row(caller=f"+1215555{n:04}", at_us=START_US + DAY_US + k) for k in range(now)]
    period = Period(START_US + DAY_US, START_US + 2 * DAY_US, START_US, 0, 0)
    own = parse_thresholds("[numbers]\nmost = 2")
    with engine_of(rows, columns=COLUMNS_READ) as engine:
        found = measure(engine, period, own)
    assert len(found.numbers) == min(2, sum(now > 0 for _before, now in kinds.values()))
    came = sum(before == 0 and now >= 10 for before, now in kinds.values())
    went = sum(before >= 10 and now == 0 for before, now in kinds.values())
    assert found.rotation == (came, went, sum(max(both) >= 10 for both in kinds.values()))


def test_statements_keep_to_what_both_engines_understand() -> None:
    period = Period(START_US, START_US + DAY_US, START_US, 0, 0)
    clocks = Clocks("prefixes", "offsets")
    for name, sql in statements("calls", period, parse_thresholds(""), clocks=clocks, least=2).items():
        text: Any = sql.lower()
        assert "$" not in text, name
        assert not any(word in text for word in ("approx", "::", " ilike ", "avg(")), name
        assert "order by" in text or name == "rotation", name
