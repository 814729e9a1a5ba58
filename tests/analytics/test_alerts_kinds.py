"""Each kind of alert: calls that raise it, calls that do not, and how it is over."""

from __future__ import annotations

from typing import Any

import pytest

from ringthrough.analytics.alerts import KINDS, AlertState, default_rules, evaluate, last_call_us
from ringthrough.analytics.alerts.drop import compare
from ringthrough.analytics.blocks import find_blocks
from ringthrough.analytics.risk import assess
from ringthrough.analytics.table import Table
from ringthrough.errors import LocalError
from tests.analytics.alerting import HOUR_US, Watch, at, calm, only
from tests.analytics.made import Row, answered, blocked, row
from tests.store.made import DAY_US, START_US

A, B = "+12155550123", "+12155550124"
APPEAL = {
    "redress_url": "https://fir.example/appeal", "redress_tel": "+18005550100", "redress_id": "77",
    "blocker": "fir.example",
}  # fmt: skip


def refused(number: str, hours: list[float], carrier: str = "alpha", **changes: Any) -> list[Row]:
    return [blocked(caller=number, carrier=carrier, at_us=at(hour), **changes) for hour in hours]


# ------------------------------------------------------------------------------------------------ one carrier blocks


def test_three_blocks_by_one_carrier_in_a_day_are_recurring() -> None:
    calls = [*calm(10, 0, carrier="alpha"), *refused(A, [1, 2, 3], call_id="x9", **APPEAL)]
    (alert,) = Watch(only("block_recurring")).look(calls, 4)
    assert (alert.kind, alert.state, alert.severity) == ("block_recurring", "raised", "critical")
    assert (alert.number, alert.carrier, alert.key) == (A, "alpha", f"block_recurring/{A}/alpha")
    assert (alert.since_us, alert.at_us) == (at(1), at(4))
    assert alert.title == f"alpha blocks {A}: 3 calls in 24 h"
    assert alert.detail == (
        "3 of 13 calls were refused with 608 or 603+, the last at 2026-01-01T03:00:00Z."
        " It names https://fir.example/appeal or +18005550100 for an appeal, reference 77."
    )
    assert alert.evidence == {
        "blocks": 3, "calls": 13, "window_h": 24.0, "first_at": "2026-01-01T01:00:00Z",
        "last_at": "2026-01-01T03:00:00Z", "calls_since_last": 0, "last_call_id": "x9", "last_callee": "+12125550199",
        "last_code": "603", "last_blocker": "fir.example", "last_redress_url": "https://fir.example/appeal",
        "last_redress_tel": "+18005550100", "last_redress_id": "77",
    }  # fmt: skip


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param([], id="no calls"),
        pytest.param(calm(50, 0), id="nothing blocked"),
        pytest.param(refused(A, [1, 2]), id="two blocks"),
        pytest.param([*refused(A, [1, 2]), *refused(B, [3])], id="two numbers"),
        pytest.param([*refused(A, [1, 2]), *refused(A, [3], "beta")], id="two carriers"),
        pytest.param(refused(A, [-25, 1, 2]), id="not within a day"),
        pytest.param(refused(A, [1, 2, 5]), id="one of them later than now"),
        pytest.param(refused(A, [1, 2, 3], kind="scanner"), id="a scanner"),
        pytest.param(refused("", [1, 2, 3]), id="nobody's number"),
        pytest.param(refused(A, [1, 2, 3], verdict="provider_blocked"), id="the own provider"),
        pytest.param([row(caller=A, at_us=10**18, verdict="network_blocked")] * 3, id="absurd times"),
    ],
)
def test_what_is_not_recurring(calls: list[Row]) -> None:
    assert Watch(only("block_recurring")).look(calls, 4) == ()


def test_recurring_blocks_are_over_after_a_day_and_enough_calls_without_one() -> None:
    watch = Watch(only("block_recurring"))
    calls = refused(A, [1, 2, 3])
    assert watch.states(calls, 4) == ["raised"]
    assert watch.states(calls, 5) == []
    assert watch.states(calls, 26) == []  # one within 24 h: neither new nor over
    calls += calm(4, 10, carrier="alpha")
    assert watch.states(calls, 28) == []  # none, but only four calls that could have been
    calls += calm(1, 11, carrier="alpha")
    (alert,) = watch.look(calls, 28.5)
    assert (alert.state, alert.title) == ("cleared", f"No more 603+ or 608 from alpha for {A}")
    assert alert.detail == "5 calls since the last block, at 2026-01-01T03:00:00Z."
    assert watch.state.standing == {}
    assert watch.states([*calls, *refused(A, [29, 29.1, 29.2])], 30) == ["raised"]  # a new incident
    assert watch.state.incidents == 2


def test_rare_blocks_are_over_only_after_many_calls_without_one() -> None:
    # A tenth of the calls is blocked: five calls without a block say nothing yet, thirty do.
    calls = sorted([*calm(27, 1, carrier="alpha"), *refused(A, [1, 1.2, 1.49])], key=lambda pair: pair[0].at_us)
    watch = Watch(only("block_recurring"))
    assert watch.states(calls, 2) == ["raised"]
    calls += calm(20, 3, carrier="alpha")
    assert watch.states(calls, 26) == []
    calls += calm(20, 20, carrier="alpha")
    assert watch.states(calls, 27) == ["cleared"]


def test_a_number_that_calls_no_more_is_closed_as_not_known() -> None:
    watch = Watch(only("block_recurring"))
    calls = refused(A, [1, 2, 3], "")
    (alert,) = watch.look(calls, 4)
    assert alert.title == f"a carrier without a name blocks {A}: 3 calls in 24 h"
    assert watch.states(calls, 48) == []
    (alert,) = watch.look(calls, 26 + 7 * 24 + 1)
    assert alert.title == f"No longer known: a carrier without a name blocks {A}: 3 calls in 24 h"
    assert alert.detail == "The calls have said nothing about it for 7 days; it may go on."


# ---------------------------------------------------------------------------------------------- several carriers block


def test_two_carriers_are_spreading_and_a_third_is_told_again() -> None:
    watch = Watch(only("block_spreading"))
    calls = [*refused(A, [1]), *refused(A, [2], "beta")]
    (alert,) = watch.look(calls, 4)
    assert (alert.state, alert.title) == ("raised", f"2 carriers block {A}")
    assert alert.evidence == {
        "carriers": ["alpha", "beta"], "blocks": 2, "window_h": 24.0, "last_at": "2026-01-01T02:00:00Z"
    }  # fmt: skip
    assert watch.states(calls, 5) == []
    (alert,) = watch.look([*calls, *refused(A, [5.5], "gamma")], 6)
    assert (alert.state, alert.title, alert.since_us) == ("standing", f"3 carriers block {A}", at(1))
    assert watch.states([*calls, *refused(A, [5.5, 6.5], "gamma")], 7) == []


def test_what_is_not_spreading() -> None:
    assert Watch(only("block_spreading")).look(refused(A, [1, 2, 3]), 4) == ()
    unnamed = [*refused(A, [1]), *refused(A, [2], "")]
    assert Watch(only("block_spreading")).look(unnamed, 4) == ()
    muted = only("block_spreading", more='[[mute]]\ncarrier = "beta"\nuntil = 2026-02-01\n')
    assert Watch(muted).look([*refused(A, [1]), *refused(A, [2], "beta")], 4) == ()


def test_spreading_is_over_when_fewer_carriers_block() -> None:
    watch = Watch(only("block_spreading"))
    calls = [*refused(A, [1, 30, 49]), *refused(A, [2], "beta")]
    assert watch.states(calls, 4) == ["raised"]
    assert watch.states(calls, 30) == []  # one in 24 h, two in 48
    assert watch.states(calls, 51) == []  # one in 48 h, and no calls to beta that could have been blocked
    (alert,) = watch.look([*calls, *calm(5, 40, carrier="beta")], 52)
    assert (alert.state, alert.title) == ("cleared", f"{A} is no longer blocked by 2 carriers")


# ------------------------------------------------------------------------------------------------------------- people


def test_two_607_in_a_week_are_unwanted() -> None:
    calls = [
        row(caller=A, verdict="unwanted", final_code=607, at_us=at(hour), carrier=c)
        for hour, c in ((1, "a"), (60, "b"))
    ]
    watch = Watch(only("unwanted"))
    assert watch.look(calls[:1], 2) == ()
    (alert,) = watch.look(calls, 61)
    assert (alert.kind, alert.severity, alert.carrier) == ("unwanted", "warning", "")
    assert alert.title == f"People refuse {A} as unwanted (607): 2 calls in 7 d"
    calls += calm(10, 100)
    assert watch.states(calls, 200) == []
    (alert,) = watch.look(calls, 60 + 7 * 24 + 1)
    assert (alert.state, alert.title) == ("cleared", f"No more 607 for {A}")


# ------------------------------------------------------------------------------------------------------- hidden blocks


def days(blocked_on: set[int], count: int, **ends: Any) -> list[Row]:
    """Days of three numbers with 30 calls a day to two carriers; on some days one number meets refusals at `alpha`."""
    made = []
    for number in (A, B, "+12155550125"):
        for day in range(count):
            for carrier in ("alpha", "beta"):
                for n in range(30):
                    told = {"caller": number, "carrier": carrier, "callee": f"+1212555{day:02}{n:02}",
                            "at_us": START_US + day * DAY_US + n * 60_000_000}  # fmt: skip
                    silent = number == A and carrier == "alpha" and day in blocked_on and n < 25
                    made.append(
                        row(**{"verdict": "unknown_rejection", "final_code": 603, "final_phrase": "Decline",
                               "setup_ms": 310, "final_ms": 310, "hidden_candidate": True} | ends | told)
                        if silent else answered(**told)
                    )  # fmt: skip
    return made


def test_a_hidden_block_is_told_on_its_first_day_and_lifted_on_the_first_after_it() -> None:
    calls = days({3, 4}, 8)
    watch = Watch(only("block_hidden"))
    told = {day: watch.look(calls, 24 * day + 23) for day in range(7)}
    assert {day: [alert.state for alert in alerts] for day, alerts in told.items() if alerts} == {
        3: ["raised"], 5: ["cleared"]
    }  # fmt: skip
    (alert,) = told[3]
    assert (alert.number, alert.carrier, alert.severity) == (A, "alpha", "critical")
    assert alert.title == f"alpha blocks {A} without saying so"
    assert alert.since_us == START_US + 3 * DAY_US
    assert alert.evidence["verdict"] == "probable"
    assert (alert.evidence["onset"], alert.evidence["refused"]) == ("2026-01-04", 25)
    assert "ended without ringing" in alert.detail
    (alert,) = told[5]
    assert alert.title == f"alpha no longer blocks {A}"
    assert alert.detail == "30 of 30 calls since 2026-01-05 were let through."


def test_a_few_calls_of_a_new_day_do_not_lift_a_block() -> None:
    calls = days({3, 4}, 8)
    watch = Watch(only("block_hidden"))
    assert watch.states(calls, 24 * 3 + 23) == ["raised"]
    assert watch.states(calls, 24 * 5 + 0.2) == []  # twelve calls that were let through
    assert watch.states(calls, 24 * 5 + 23) == ["cleared"]


def test_no_hidden_block_where_nothing_is_blocked_or_all_blocks_say_so() -> None:
    assert Watch(only("block_hidden")).look(days(set(), 5), 24 * 5) == ()
    loud = days({2, 3, 4}, 5, verdict="network_blocked", final_phrase="Network Blocked")
    assert Watch(only("block_hidden")).look(loud, 24 * 5) == ()


def test_a_block_that_began_and_ended_between_two_looks_is_told_as_over() -> None:
    calls = days({3, 4}, 8)
    watch = Watch(only("block_hidden"))
    assert watch.look(calls, 47) == ()
    (alert,) = watch.look(calls, 24 * 7)
    assert (alert.state, alert.title) == ("cleared", f"alpha blocked {A} from 2026-01-04 to 2026-01-05")
    assert watch.look(calls, 24 * 8) == ()
    assert Watch(only("block_hidden")).look(calls, 24 * 7) == ()  # before the first look: history, and no news


def test_an_old_block_that_no_call_has_met_since_is_not_raised_and_a_standing_one_is_closed() -> None:
    calls = days({3, 4}, 5)
    assert Watch(only("block_hidden")).look(calls, 24 * 8) == ()
    watch = Watch(only("block_hidden"))
    assert watch.states(calls, 24 * 5) == ["raised"]
    assert watch.states(calls, 24 * 8) == []
    (alert,) = watch.look(calls, 24 * 12 + 1)
    assert (alert.state, alert.title) == ("cleared", f"No longer known: alpha blocks {A} without saying so")


def test_a_block_that_leaves_the_history_is_no_spell_any_more() -> None:
    calls = days({0, 1}, 2)
    watch = Watch(only("block_hidden", general=["history_d = 2"]))
    assert watch.states(calls, 47) == ["raised"]
    calls += [(call._replace(at_us=call.at_us + 4 * DAY_US), verdict) for call, verdict in days(set(), 2)]
    (alert,) = watch.look(calls, 24 * 5.9)
    assert (alert.state, alert.title) == ("cleared", f"alpha no longer looks as if it blocked {A}")


def test_suspected_blocks_are_told_only_on_request() -> None:
    calls = [
        pair
        for pair in days({3}, 4)
        if not (pair[0].caller == A and pair[0].carrier == "alpha" and pair[0].at_us >= at(72) + 5 * 60_000_000)
    ]
    cell = next(c for c in find_blocks(calls).cells if (c.number, c.carrier, c.day) == (A, "alpha", "2026-01-04"))
    assert cell.verdict == "suspected"
    assert Watch(only("block_hidden")).look(calls, 95) == ()
    (alert,) = Watch(only("block_hidden", "suspected = true")).look(calls, 95)
    assert (alert.state, alert.severity, alert.evidence["verdict"]) == ("raised", "warning", "suspected")


def test_blocks_are_looked_for_only_so_often_and_may_be_handed_in() -> None:
    calls = days({3, 4}, 8)
    watch = Watch(only("block_hidden", "every_h = 6"))
    assert watch.states(calls, 24 * 3 + 1) == ["raised"]
    looked = watch.state.looked_us["block_hidden"]
    assert watch.states(calls, 24 * 3 + 6) == []
    assert watch.state.looked_us["block_hidden"] == looked
    assert watch.states(calls, 24 * 3 + 6.5) == []
    assert watch.state.looked_us["block_hidden"] == at(24 * 3 + 6.5)
    found = find_blocks(calls, until_us=at(95))
    told, _ = evaluate([], rules=only("block_hidden"), before=AlertState(), now_us=at(95), blocks=found)
    assert [alert.state for alert in told] == ["raised"]


# -------------------------------------------------------------------------------------------------------- answer drops


def hours_of(
    number: str, calls: int, of_ten: int, *, hours: int = 10, campaign: str = "", first: float = 0
) -> list[Row]:
    """Calls in each of some hours, of ten of which so many are answered."""
    made = []
    for hour in range(hours):
        for n in range(calls):
            told: dict[str, Any] = {"caller": number, "at_us": at(first + hour) + n * 1_000_000, "campaign": campaign}
            made.append(answered(**told) if n % 10 < of_ten else row(**told, verdict="no_answer", final_code=480))
    return made


OTHERS = [f"+1215555013{n}" for n in range(9)]


def pool(of_ten: int = 4, **options: Any) -> list[Row]:
    return [one for number in OTHERS for one in hours_of(number, 20, of_ten, **options)]


def test_a_number_that_is_answered_far_less_than_others_is_a_drop() -> None:
    calls = [*pool(), *hours_of(A, 20, 1)]
    (alert,) = Watch(only("answer_drop")).look(calls, 11)
    assert (alert.kind, alert.number, alert.severity) == ("answer_drop", A, "warning")
    assert alert.title == f"{A} is answered 10% of the time, others 40%"
    assert alert.detail == (
        "20 of 200 calls since 2025-12-31T11:00:00Z were answered where 80 would be at the rate of all other numbers"
        " in the same hours (1800 calls)."
    )
    assert alert.evidence["q"] < 1e-6


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param(pool(), id="all alike"),
        pytest.param([*pool(), *hours_of(A, 2, 1)], id="too few calls"),
        pytest.param([*pool(), *hours_of(A, 20, 3)], id="not far enough below"),
        pytest.param([*pool(), *hours_of(A, 20, 9)], id="above"),
        pytest.param(hours_of(A, 20, 1), id="nobody to compare with"),
        pytest.param([*pool(first=-30), *hours_of(A, 20, 1)], id="others called on another day"),
        pytest.param([*pool(0), *hours_of(A, 20, 0)], id="nobody is answered"),
        pytest.param([*pool(), *hours_of(A, 20, 1, campaign="x"), *hours_of(B, 20, 1, campaign="x")], id="campaign"),
    ],
)  # fmt: skip
def test_what_is_no_drop(calls: list[Row]) -> None:
    assert [a for a in Watch(only("answer_drop")).look(calls, 11) if a.number == A] == []


def test_a_campaign_is_the_pool_where_it_is_large_enough() -> None:
    calls = [*pool(9), *(one for n in OTHERS[:3] for one in hours_of(n[:-1] + "9", 20, 4, campaign="x"))]
    (alert,) = Watch(only("answer_drop")).look([*calls, *hours_of(A, 20, 1, campaign="x")], 11)
    assert (alert.evidence["pool"], alert.evidence["pool_asr"], alert.evidence["pool_calls"]) == ("x", 0.4, 600)


def test_a_drop_is_over_when_it_has_been_small_for_two_hours() -> None:
    watch = Watch(only("answer_drop", "window_h = 6"))
    others = [one for number in OTHERS for one in hours_of(number, 10, 4, hours=18)]
    calls = [*others, *hours_of(A, 10, 1, hours=10), *hours_of(A, 10, 4, hours=8, first=10)]
    assert watch.states(calls, 10) == ["raised"]
    assert watch.states(calls, 12) == []
    assert watch.states(calls, 16) == []  # as usual, but only since now
    assert watch.states(calls, 17) == []
    (alert,) = watch.look(calls, 18)
    assert (alert.state, alert.title) == ("cleared", f"{A} is answered as usual again: 40%, others 40%")


def test_few_numbers_take_their_spread_from_the_rules() -> None:
    table = Table(("number", "campaign", "hour", "calls", "answered"),
                  tuple((n, "", "h", 200, 80 if n != A else 55) for n in (A, B)))  # fmt: skip
    tight, loose = (compare(table, only("answer_drop", f"overdispersion = {v}").answer_drop)[0] for v in (1, 4))
    assert tight.score == pytest.approx(2 * loose.score)
    assert compare(Table(table.columns, ()), default_rules().answer_drop) == []


# --------------------------------------------------------------------------------------------------------------- risk


def test_a_number_at_high_risk_is_told_once_and_again_when_a_factor_joins() -> None:
    rules = only("risk", "every_h = 0")
    quick = [
        answered(caller=A, at_us=at(1) + n * 60_000_000, callee=f"+1212555{n:04}", talk_ms=3_000) for n in range(40)
    ]
    watch = Watch(only("risk", 'factors = ["short_calls", "redial"]', "every_h = 0"))
    (alert,) = watch.look(quick, 2)
    assert (alert.kind, alert.state, alert.key) == ("risk", "raised", f"risk/{A}")
    assert alert.title == f"{A} at high risk: short calls"
    (factor,) = alert.evidence["factors"]
    assert (factor["factor"], factor["level"], factor["high"]) == ("short_calls", "high", 0.3)
    assert factor["advice"].startswith("Check the opening words")
    assert watch.states(quick, 3) == []
    found = assess(quick, until_us=at(2), now_us=at(2))
    told, _ = evaluate([], rules=watch.rules, before=AlertState(), now_us=at(2), risks=found)
    assert [one.evidence for one in told] == [alert.evidence]
    again = [answered(caller=A, at_us=at(3) + n * 1_000_000, callee="+12125550999") for n in range(6)]
    (alert,) = watch.look([*quick, *again], 4)
    assert (alert.state, alert.since_us) == ("standing", at(2))
    assert [one["factor"] for one in alert.evidence["factors"]] == ["short_calls", "redial"]
    assert {one.kind for one in Watch(rules).look(quick, 2)} == {"risk"}


def test_a_risk_is_over_when_all_its_factors_are_in_order_and_not_when_they_are_unknown() -> None:
    quick = [
        answered(caller=A, at_us=at(1) + n * 60_000_000, callee=f"+1212555{n:04}", talk_ms=3_000) for n in range(40)
    ]
    long = [
        answered(caller=A, at_us=at(24 * 8) + n * 60_000_000, callee=f"+1212556{n:04}", talk_ms=90_000)
        for n in range(40)
    ]
    watch = Watch(only("risk", 'factors = ["short_calls"]', "every_h = 0", general=["forget_d = 30"]))
    assert watch.states(quick, 2) == ["raised"]
    assert watch.states([*quick, *long[:5]], 24 * 8 + 1) == []  # five calls of this week: too few to judge
    (alert,) = watch.look([*quick, *long], 24 * 8 + 2)
    assert (alert.state, alert.title) == ("cleared", f"{A}: risk factors are in order again")


def test_risk_levels_and_what_is_left_out() -> None:
    some = [answered(caller=A, at_us=at(1) + n * 60_000_000, callee=f"+1212555{n:04}",
                     talk_ms=8_000 if n < 8 else 90_000)
            for n in range(40)]  # fmt: skip
    assert [f.state for f in assess(some).factors if f.factor == "short_calls"] == ["warn"]
    picked = 'factors = ["short_calls"]'
    assert Watch(only("risk", picked)).look(some, 2) == ()
    (alert,) = Watch(only("risk", picked, 'level = "warn"')).look(some, 2)
    assert alert.title == f"{A} at risk: short calls"
    assert Watch(only("risk", picked, 'level = "warn"', 'leave_out = ["short_calls"]')).look(some, 2) == ()


def test_what_is_measured_over_all_numbers_is_told_once() -> None:
    def week(numbers: list[str], day: int) -> list[Row]:
        return [
            answered(caller=n, at_us=at(24 * (day + d)) + k * 60_000_000)
            for n in numbers
            for d in range(7)
            for k in range(30)
        ]

    first, second = [f"+1215555020{n}" for n in range(6)], [f"+1215555030{n}" for n in range(6)]
    calls = [*week(first, 0), *week(second, 7)]
    (alert,) = Watch(only("risk", 'factors = ["rotation"]')).look(calls, 24 * 14)
    assert (alert.number, alert.key, alert.title) == (
        "",
        "risk/rotation",
        "All numbers at high risk: numbers come and go",
    )


# ------------------------------------------------------------------------------------------------------------- silence


def test_no_calls_at_all() -> None:
    watch = Watch(only("silence"))
    (alert,) = watch.look([], 5)
    assert (alert.kind, alert.severity, alert.key, alert.title) == ("silence", "critical", "silence", "No calls at all")
    assert watch.look([], 6) == ()
    (alert,) = watch.look(calm(3, 6.5), 7)
    assert (alert.state, alert.title) == ("cleared", "Calls come in again")


def test_no_calls_where_there_usually_are_many() -> None:
    usual = [one for day in range(21) for one in calm(40, 24 * day + 9)]
    watch = Watch(only("silence"))
    assert watch.look(usual, 24 * 20 + 9.9) == ()
    (alert,) = watch.look(usual, 24 * 21 + 10)
    assert (alert.state, alert.title) == ("raised", "No calls for 24 h")
    assert alert.detail == ("The last one was at 2026-01-21T09:39:00Z. At this time there are usually 40 calls in 1 h.")
    assert alert.since_us == at(24 * 20 + 9) + 39 * 60_000_000
    trickle = [*usual, *calm(3, 24 * 21 + 10)]
    assert watch.look(trickle, 24 * 21 + 10.1) == ()  # three calls where 40 are usual
    assert watch.states([*usual, *calm(20, 24 * 21 + 10)], 24 * 21 + 10.5) == ["cleared"]


@pytest.mark.parametrize(
    ("days_before", "hour"),
    [pytest.param(21, 24 * 21 + 4, id="night"), pytest.param(2, 24 * 2 + 11, id="an hour that is quiet every day")],
)
def test_silence_that_is_usual_is_none(days_before: int, hour: float) -> None:
    usual = [one for day in range(days_before) for one in calm(40, 24 * day + 9)]
    assert Watch(only("silence")).look(usual, hour) == ()


def test_the_days_before_say_what_is_usual_until_there_are_weeks_and_a_weekend_counts() -> None:
    three = [one for day in range(3) for one in calm(40, 24 * day + 9)]
    (alert,) = Watch(only("silence")).look(three, 24 * 3 + 10)
    assert alert.evidence["usual"] == 40
    assert Watch(only("silence")).look(three, 24 * 4 + 10) == ()  # one of the days before was quiet as well
    (alert,) = Watch(only("silence")).look(three, 24 * 2 + 9.5 + 73)
    assert alert.title == "No calls for 3 d"
    one = calm(60, 9)
    assert Watch(only("silence", "window_h = 0.5")).look([*one, *calm(60, 33)], 24 * 2 + 9.5) != ()


def test_minutes_of_silence_are_told_as_minutes() -> None:
    usual = [one for day in range(3) for one in calm(60, 24 * day + 9)]
    (alert,) = Watch(only("silence", "window_h = 0.5")).look([*usual, *calm(10, 24 * 3 + 9)], 24 * 3 + 9 + 0.75)
    assert alert.title == "No calls for 36 min"


# ------------------------------------------------------------------------------------------------------------ together


def test_every_kind_is_looked_at_by_default() -> None:
    told, state = evaluate(calm(3, 0), rules=default_rules(), before=AlertState(), now_us=at(1))
    assert set(state.looked_us) == set(KINDS)
    assert state.at_us == at(1)
    assert {alert.kind for alert in told} <= {"risk"}


def test_the_state_of_a_later_time_is_refused() -> None:
    with pytest.raises(LocalError) as found:
        evaluate([], rules=default_rules(), before=AlertState(at_us=at(2)), now_us=at(1))
    assert found.value.problem.code == "analytics-alerts-time"
    assert str(found.value) == (
        "expected a time from 2026-01-01T02:00:00Z on, when the state was made, found 2026-01-01T01:00:00Z"
    )


def test_critical_ones_come_first_and_ids_tell_messages_apart() -> None:
    calls = [*refused(A, [1, 2, 3]), *(row(caller=A, verdict="unwanted", at_us=at(h)) for h in (1, 2))]
    told, _ = evaluate(calls, rules=default_rules(), before=AlertState(series="s"), now_us=at(4))
    assert [alert.severity for alert in told] == sorted((a.severity for a in told), reverse=False)
    assert len({alert.id for alert in told}) == len(told)
    assert all(alert.id.startswith("s-") for alert in told)


def test_the_last_call_of_a_source() -> None:
    assert last_call_us([]) is None
    assert last_call_us(calm(3, 0)) == START_US + 120_000_000
    assert last_call_us([*calm(1, 0), row(at_us=10**18)]) == START_US


def test_hours_are_hours() -> None:
    assert HOUR_US * 24 == DAY_US
