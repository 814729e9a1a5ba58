"""Each of the 27 factors: calls on which it fires, calls on which it does not, and calls that cannot tell."""

from __future__ import annotations

import pytest

from ringthrough.analytics.risk import Risks, shipped
from ringthrough.analytics.risk.readings import READERS
from tests.analytics.made import answered, blocked, row
from tests.analytics.risky import (
    CASES,
    HOME,
    LAST,
    OLD,
    at,
    block_cell,
    calls,
    factor_of,
    history,
    number_of,
    of,
    person,
    risks_of,
    table,
    unanswered,
    with_cells,
)  # fmt: skip

A, B = "+12155550123", "+12155550124"


@pytest.fixture(scope="module")
def risks() -> Risks:
    rows, blocks = table()
    return risks_of(rows, blocks=blocks)


def test_there_is_a_case_for_each_of_the_27() -> None:
    names = list(shipped().factors)
    assert len(names) == 27
    assert [shipped()[name].number for name in names] == list(range(1, 28))
    assert list(READERS) == names
    assert list(CASES) == [name for name in names if name != "rotation"]


@pytest.mark.parametrize("name", list(CASES))
def test_where_it_fires(risks: Risks, name: str) -> None:
    found, case, definition = factor_of(risks, number_of(name, 0), name), CASES[name], shipped()[name]
    assert (found.state, found.value) == (case.state, pytest.approx(case.value))
    assert (found.missing, found.n >= 1) == ("", True)
    assert (found.unit, found.warn, found.high) == (definition.unit, definition.warn, definition.high)
    assert found.threshold_source == definition.source
    assert found.advice == ("" if name == "weekend" else definition.advice)
    assert found.because.endswith(".")


@pytest.mark.parametrize("name", list(CASES))
def test_where_it_does_not(risks: Risks, name: str) -> None:
    found = factor_of(risks, number_of(name, 1), name)
    assert found.state == ("info" if name == "weekend" else "ok")
    assert found.value is not None
    assert found.advice == ""


@pytest.mark.parametrize("name", [name for name in CASES if name != "new_number"])
def test_where_the_calls_cannot_tell(risks: Risks, name: str) -> None:
    found = factor_of(risks, number_of(name, 2), name)
    assert (found.state, found.value, found.trend, found.advice) == ("not_measurable", None, None, "")
    assert found.missing == CASES[name].missing


def test_a_number_is_new_only_where_calls_reach_back() -> None:
    rows = [*of(OLD, calls(1, day=30)), *of(A, calls(60, day=36)), *of(OLD, calls(1, day=LAST))]
    found = factor_of(risks_of(rows), A, "new_number")
    assert (found.state, found.missing) == ("not_measurable", "at (earlier calls)")
    assert "6 days after the first call of all" in found.because


def test_numbers_that_come_and_go() -> None:
    stayed = [*calls(10, day=30), *calls(10, day=40)]
    rows = [*history(), *(each for k in range(3) for each in of(f"{HOME}100{k}", stayed))]
    rows += of(A, calls(10, day=40)) + of(B, calls(10, day=30))
    risks = risks_of(rows)
    came, there = factor_of(risks, A, "rotation"), factor_of(risks, f"{HOME}1000", "rotation")
    assert (came.state, came.value, came.n) == ("warn", pytest.approx(2 / 5), 5)
    assert (there.state, there.value) == ("ok", came.value)
    assert "This one was there before" in there.because
    assert factor_of(risks, A, "rotation").trend is None
    still = risks_of([*history(), *of(A, stayed)])
    assert (factor_of(still, A, "rotation").state, factor_of(still, A, "rotation").value) == ("info", 0)
    early = risks_of([*of(A, stayed)])
    assert factor_of(early, A, "rotation").missing == "at (earlier calls)"
    few = risks_of([*history(), *of(A, calls(3, day=40))])
    assert factor_of(few, A, "rotation").missing == "caller (numbers with 10 calls)"


def test_more_ways_for_a_factor_to_fire() -> None:
    rows = history()
    rows += of(f"{HOME}2001", [each for day in range(35, 42) for each in calls(144, day=day, every=3)])
    rows += of(f"{HOME}2002", calls(85, every=0.5))
    rows += of(f"{HOME}2003", [*calls(80), *calls(20, talk_ms=5_000)])
    rows += of(f"{HOME}2004", [*calls(20), *(blocked(at_us=at(d), carrier=c) for d, c in ((36, "x"), (40, "y")))])
    rows += of("+12995550123", calls(1)) + of("+12655550123", calls(1)) + of(f"{HOME}2005", calls(1))
    rows += of(f"{HOME}2005", unanswered(1, provider_code="D35", verdict="provider_blocked"))
    risks = risks_of(rows)
    week = factor_of(risks, f"{HOME}2001", "calls_per_day")
    assert (week.state, "1,008 a week" in week.because) == ("warn", True)
    assert factor_of(risks, f"{HOME}2002", "burst")[2:4] == ("warn", 2)
    assert "84 in an hour" not in factor_of(risks, f"{HOME}2002", "burst").because
    assert factor_of(risks, f"{HOME}2003", "short_calls")[2:4] == ("high", 0.2)
    both = factor_of(risks, f"{HOME}2004", "network_blocks")
    assert (both.state, both.value, "at 2 carriers" in both.because) == ("high", 1, True)
    assert factor_of(risks, "+12995550123", "caller_id").value == 2
    assert factor_of(risks, "+12655550123", "caller_id")[2:4] == ("warn", 1)
    assert "A provider refused 1 calls" in factor_of(risks, f"{HOME}2005", "caller_id").because


def test_what_is_asked_for_besides_the_threshold() -> None:
    rows = history()
    rows += of(f"{HOME}3001", [*calls(40), *unanswered(9, verdict="bad_number", final_code=404)])
    rows += of(f"{HOME}3002", [*calls(40), *calls(4, callee=f"{HOME}0042")])
    rows += of(f"{HOME}3003", [*calls(2, day=39), *calls(30, day=40)])
    rows += of(f"{HOME}3004", calls(10))
    rows += of(f"{HOME}3005", [*calls(1, day=35), *calls(20, day=36)])
    risks = risks_of(rows)
    assert factor_of(risks, f"{HOME}3001", "unassigned")[2:4] == ("ok", pytest.approx(9 / 49))
    assert factor_of(risks, f"{HOME}3002", "neighbour").state == "ok"
    assert factor_of(risks, f"{HOME}3003", "volume_step")[2:4] == ("ok", 15)
    few = factor_of(risks, f"{HOME}3004", "short_calls")
    assert (few.state, few.because.endswith("Too few to judge: 20 are needed.")) == ("info", True)
    assert factor_of(risks, f"{HOME}3005", "new_number")[2:4] == ("ok", 6)


def test_a_lower_bound_over_the_threshold_counts() -> None:
    rows = [*history(), *of(A, calls(150, every=3, blind_to="refusals"))]
    assert factor_of(risks_of(rows), A, "calls_per_day")[2:4] == ("warn", 150)


def test_refusals_that_say_so_count_where_the_source_is_blind() -> None:
    blind = {"blind_to": "code reason", "file": "a.csv", "final_code": None}
    rows = [*history(), *of(A, [*calls(20, **blind, outcome="answered"), blocked(**blind, at_us=at())])]
    found = factor_of(risks_of(rows), A, "network_blocks")
    assert (found.state, found.value, found.n) == ("warn", 1, 1)
    assert "at carriers that nobody names" in found.because


@pytest.mark.parametrize(
    ("verdict", "posterior", "refused", "state", "value"),
    [
        ("probable", 0.97, 9, "high", 0.97),
        ("suspected", 0.95, 9, "warn", 0.95),
        ("suspected", 0.6, 9, "warn", 0.6),
        ("probable", 0.97, 0, "ok", 0.97),
        ("", 0.3, 9, "ok", 0.3),
    ],
    ids=["probable", "likely but not sure", "suspected", "all of them say so", "nothing"],
)
def test_hidden_blocks_are_those_that_were_found(
    verdict: str, posterior: float, refused: int, state: str, value: float
) -> None:
    cell = block_cell(number=A, carrier="", day="2026-02-10", verdict=verdict, posterior=posterior, attempts=20,
                      refused=refused)  # fmt: skip
    later = cell._replace(day="2026-02-12", posterior=1.0, verdict="probable", refused=9)
    found = factor_of(risks_of([*history(), *of(A, calls(20))], blocks=with_cells(cell, later)), A, "hidden_blocks")
    assert (found.state, found.value) == (state, value)
    assert ("the unnamed carrier" in found.because) == (state in ("warn", "high"))


def test_answers_beside_a_pool_that_has_none() -> None:
    rows = [*history(), *(each for k in range(3) for each in of(f"{HOME}400{k}", unanswered(20)))]
    assert factor_of(risks_of(rows), f"{HOME}4000", "answer_rate").missing == "answered calls"
    small = [*history(), *of(A, calls(30))]
    assert factor_of(risks_of(small), A, "answer_rate").missing == "caller (3 numbers with 20 calls)"


def test_what_is_missing_is_named_as_closely_as_it_is_known() -> None:
    rows = history()
    rows += of(A, calls(30, talk_ms=None)) + of(B, unanswered(30, ring_ms=None))
    rows += of(f"{HOME}5001", calls(30, verdict="incomplete", final_code=None))
    risks = risks_of(rows)
    assert factor_of(risks, A, "abandoned_after").missing == "talk_ms, ended_by"
    assert factor_of(risks, B, "abandoned_after").missing == "answered calls"
    assert factor_of(risks, B, "ring_time").missing == "calls given up by the caller"
    assert factor_of(risks, A, "callback").missing == "direction (inbound calls)"
    assert "No call names a campaign." in factor_of(risks, A, "mixed_use").because
    assert factor_of(risks, f"{HOME}5001", "unavailable").missing == "verdict"
    assert factor_of(risks, f"{HOME}5001", "unwanted").missing == "verdict"
    listed = risks_of([*history(), *of(A, calls(30, blind_to="refusals"))])
    assert factor_of(listed, A, "ring_time").missing == "refused calls (blind_to refusals)"


def test_a_campaign_is_judged_over_all_of_its_numbers() -> None:
    pushed = {"campaign": "push", "ended_by": "caller"}
    rows = [*history(), *of(A, calls(30, **pushed, talk_ms=1_000)), *of(B, calls(30, **pushed))]
    rows += of(B, calls(30, campaign="calm", ended_by="callee"))
    found = factor_of(risks_of(rows), B, "abandoned_after")
    assert (found.state, found.value, found.n) == ("high", 0.5, 60)
    assert "campaign push" in found.because
    alone = factor_of(risks_of([*history(), *of(A, calls(30, ended_by="caller"))]), A, "abandoned_after")
    assert "this number (no campaign is named)" in alone.because


def test_every_answered_call_counts_however_it_says_so() -> None:
    told = [("answered", 200, ""), ("network_blocked", 200, ""), ("answered", None, "answered"),
            ("no_answer", None, "answered")]  # fmt: skip
    rows = [
        answered(verdict=v, final_code=c, outcome=o, at_us=at(), callee=person(k), talk_ms=20_000)
        for k, (v, c, o) in enumerate(told)
    ]
    rows += [row(verdict="no_answer", final_code=480, outcome="answered", at_us=at(), talk_ms=1)]
    assert factor_of(risks_of(of(A, rows)), A, "call_duration")[7] == 4
