"""The parts of an overview that compute: what to do first, what changed, what an answer is worth."""

from __future__ import annotations

from typing import Any

import pytest

from ringthrough.analytics.overview import Action, Block, Contact, Example, Quality, RiskPart, RiskRow, SourceLine
from ringthrough.analytics.overview.actions import actions_of
from ringthrough.analytics.overview.changes import change_of, two_proportions
from ringthrough.analytics.overview.losses import AnswerRates, answers_of
from ringthrough.analytics.overview.periods import astray, covered
from ringthrough.analytics.overview.reading import (
    NO_CALLS,
    PAIR_METRICS,
    Day,
    ListLine,
    OwnLine,
    Pair,
    at_us_of,
    total_of,
)

A, B = "+12155550123", "+12155550124"
NOTHING = Quality((), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def pair(calls: int, **parts: tuple[int, int]) -> Pair:
    """Counts with some metrics, each `k, n`."""
    return NO_CALLS._replace(
        calls=calls, parts=tuple(parts.get(name, (0, 0))[0] for name in PAIR_METRICS),
        wholes=tuple(parts.get(name, (0, 0))[1] for name in PAIR_METRICS),
    )  # fmt: skip


def example(caller: str = A, at: str = "2026-01-08T00:00:00Z", reference: str = "") -> Example:
    return Example(at, caller, "+12125550199", 603, "Decline", reference, f"{caller}-{at}")


def block(number: str = A, carrier: str = "alpha", **changes: Any) -> Block:
    given = {
        "number": number, "carrier": carrier, "verdict": "probable", "state": "standing", "since": "2026-01-05",
        "first": "2026-01-05", "until": "", "last": "2026-01-08", "calls": 100, "explicit": 0, "hidden": 40.0,
        "lost": 40.0, "answers": 10.0, "posterior": 1.0, "contact": None, "examples": (example(number),),
    }  # fmt: skip
    return Block(**(given | changes))


def contact(blocker: str = "fir.example", **changes: str) -> Contact:
    return Contact(**{"blocker": blocker, "url": "", "tel": "", "email": "", "card": "", "verified": ""} | changes)


def first_things(
    blocks: list[Block] | None = None, pairs: dict[tuple[str, str], Pair] | None = None, **given: Any
) -> tuple[Action, ...]:
    made = {"own": (), "own_hop": {}, "lists": (), "risk": (), "quality": NOTHING} | given
    pairs = pairs or {}
    return actions_of(blocks or [], pairs, AnswerRates(pairs), **made)


def test_one_appeal_for_all_blocks_of_one_party() -> None:
    named = contact("redress.fir.example", url="https://redress.fir.example/1")
    blocks = [
        block(A, contact=contact(email="blocks@fir.example"), explicit=10, examples=(example(A, reference="x"),)),
        block(B, "beta", contact=named, explicit=30, hidden=0.0, lost=30.0, examples=(example(B, reference="y"),)),
        block(B, "alpha", since=""),
    ]  # fmt: skip
    (action,) = first_things(blocks)
    assert (action.kind, action.title) == ("appeal", "Appeal to fir.example: unblock 2 numbers")
    assert (action.stake, action.answers, action.numbers, action.carriers) == (110, 30, (A, B), ("alpha", "beta"))
    assert action.contact == contact(email="blocks@fir.example")
    assert action.why[0] == "40 calls at 2 carriers were refused as blocked, and about 80 more most likely were."
    assert action.why[1].startswith("The newest of these blocks began on 5 January 2026")
    assert action.why[2] == "1 of these 3 blocks names nobody; others at the same carrier name this contact."
    assert [quoted.reference for quoted in action.examples] == ["x", "y"]


def test_where_nobody_is_named_the_carrier_is_asked() -> None:
    (action,) = first_things([block(since="")])
    assert (action.kind, action.title) == ("ask", f"Ask alpha to lift the block of number {A}")
    assert action.why[:2] == (
        "About 40 calls at alpha were most likely blocked; no refusal says so.",
        "They stand since the first day that was seen.",
    )
    assert action.examples == (example(A),)


def test_blocks_that_are_over_or_tiny_ask_for_nothing() -> None:
    blocks = [block(state="lifted", until="2026-01-08"), block(B, state="passing", until="2026-01-08")]
    assert first_things([*blocks, block(B, "beta", lost=2.0)]) == ()


def test_a_number_that_is_blocked_nearly_everywhere_rests() -> None:
    pairs = {(A, "alpha"): pair(50), (A, "beta"): pair(20), (B, "alpha"): pair(500), (B, "beta"): pair(5)}
    blocks = [block(A, "alpha"), block(A, "beta", lost=15.0), block(B, "alpha"), block(B, "beta")]
    found = [action for action in first_things(blocks, pairs) if action.kind == "rest"]
    assert [(action.title, action.stake, action.numbers) for action in found] == [(f"Rest number {A}", 55, (A,))]
    blocks[2] = block(B, "alpha", lost=400.0)
    (both,) = (action for action in first_things(blocks, pairs) if action.kind == "rest")
    assert both.title == "Rest 2 numbers that are blocked nearly everywhere"
    assert both.numbers == (B, A)


def test_what_the_own_provider_refuses() -> None:
    own = [
        OwnLine("", "identity_failed", 438, "Invalid Identity Header", "", 5, 1),
        OwnLine("t", "unauthorized", 407, "", "", 4, 1), OwnLine("t", "unauthorized", 401, "", "", 2, 1),
        OwnLine("t", "provider_blocked", 403, "No", "", 7, 1), OwnLine("u", "provider_blocked", 0, "", "", 1, 1),
    ]  # fmt: skip
    found = first_things(own=own, own_hop={A: 20, B: 0})
    assert [(action.title, action.stake) for action in found] == [
        (f"Have your own provider accept number {A}", 20), ("Mend the credentials of your trunk", 6),
        ("Have the signatures of your calls mended", 5),
    ]  # fmt: skip
    assert found[0].why == (
        "20 calls were refused by your own provider or trunk, before any carrier of the called side saw them.",
        "12 of them give no reason: 403 in a row, whichever carrier was called.",
        "The commonest answer is “403 No”, 7 times (trunks t, u).",
    )
    assert found[1].why[1] == "The commonest answer is “407”, 4 times (trunk t)."
    silent = [OwnLine("", "provider_blocked", 0, "", "", 9, 1)]
    assert first_things(own=silent)[0].title == "Have your own provider accept your numbers"
    assert len(first_things(own=silent)[0].why) == 1
    assert first_things(own=[own[0]._replace(calls=2)], own_hop={A: 2}) == ()
    assert first_things(own_hop={A: 9, B: 9})[0].title == "Have your own provider accept 2 numbers"


def test_lists_of_dead_numbers() -> None:
    lists = [
        ListLine("spring", A, 300, 40),
        ListLine("spring", B, 100, 0),
        ListLine("", A, 100, 30),
        ListLine("ok", A, 900, 19),
    ]
    (action,) = first_things(lists=lists)
    assert (action.kind, action.title, action.stake) == ("list", "Clean the lists of spring, (none)", 70)
    assert action.why[1] == "The worst is (none): 30 of 100."
    (one,) = first_things(lists=[ListLine("", A, 100, 30), ListLine("", B, 100, 1)])
    assert (one.title, one.numbers) == (f"Clean the lists that {A} call from", (A,))
    (several,) = first_things(lists=[ListLine("", A, 100, 30), ListLine("", B, 100, 30)])
    assert several.title == "Clean the lists that 2 of your numbers call from"
    (many,) = first_things(lists=[ListLine(f"c{n}", A, 100, 30) for n in range(5)])
    assert many.title == "Clean the lists of c0, c1, c2 and 2 more"


def test_numbers_at_risk_come_after_what_is_lost() -> None:
    part = RiskPart("burst", "Bursts", 60.0, "20 calls in one minute.", "Slow down.")
    risk = [RiskRow(A, 40.0, 9_000, (part,)), RiskRow(B, 30.0, 100, (part._replace(advice=""),)),
            RiskRow("+12155550125", 90.0, 100, (part,)), RiskRow("+12155550126", 20.0, 100, ())]  # fmt: skip
    found = first_things([block(B)], risk=risk)
    assert [action.kind for action in found] == ["ask", "risk"]
    assert found[1].title == f"Protect {A}: bursts"
    assert found[1].why == ("Not blocked yet; health 40 of 100. 20 calls in one minute.", "Slow down.")
    (both,) = first_things(risk=risk)
    assert (both.title, both.stake) == ("Protect 2 numbers: bursts", 9_100)


def test_better_sources_where_much_cannot_be_known() -> None:
    quality = NOTHING._replace(
        sources=(SourceLine("cdr x", 80, 1, ("ringing",)), SourceLine("capture", 20, 1, ())), mute=80
    )
    (action,) = first_things(quality=quality)
    assert (action.kind, action.stake) == ("source", 80)
    assert action.why == (
        "Of 80 of 100 calls (80%) nobody can say whether a network blocked them.",
        "Most come from cdr x, which does not hold: ringing.",
    )
    assert first_things(quality=quality._replace(mute=20)) == ()
    plain = quality._replace(sources=(SourceLine("x", 100, 1, ()),))
    assert len(first_things(quality=plain)[0].why) == 1


@pytest.mark.parametrize(
    ("counts", "p"),
    [((50, 100, 65, 100), 0.03168), ((5, 10, 5, 10), 1.0), ((0, 10, 0, 20), 1.0), ((10, 10, 10, 10), 1.0),
     ((1, 0, 5, 9), 1.0), ((30, 200, 90, 300), 0.000121)],
)  # fmt: skip
def test_two_proportions(counts: tuple[int, int, int, int], p: float) -> None:
    assert two_proportions(*counts) == pytest.approx(p, rel=2e-2)


def test_only_sure_and_large_changes_are_told() -> None:
    before = {(A, "alpha"): pair(1000, asr=(300, 1000), reach=(300, 900)), (A, "beta"): pair(9, asr=(9, 9))}
    now = {(A, "alpha"): pair(1000, asr=(150, 1000), reach=(290, 900)), (A, "beta"): pair(9, asr=(0, 9))}
    found = change_of([], now, before)
    assert [(moved.carrier, moved.name, moved.before, moved.now, moved.better) for moved in found.moved] == [
        (None, "asr", 309 / 1009, 150 / 1009, False), ("alpha", "asr", 0.3, 0.15, False),
    ]  # fmt: skip
    assert found.tested == 4
    assert change_of([], now, None).tested == 0


def test_answer_rates_are_drawn_towards_those_of_the_carrier_and_of_all() -> None:
    pairs = {(A, "alpha"): pair(100, reach=(50, 100)), (B, "alpha"): pair(0), (A, "beta"): pair(100, reach=(0, 100))}
    rates = AnswerRates(pairs)
    alpha = (50 + 20 * 0.25) / 120
    assert rates.of(A, "alpha") == pytest.approx((50 + 20 * alpha) / 120)
    assert rates.of(B, "alpha") == pytest.approx(alpha)
    assert rates.of(A, "nowhere") == pytest.approx(0.25)
    low, high = rates.ends("alpha")
    assert low < 1 < high
    assert rates.ends("nowhere")[0] < 1
    silent = AnswerRates({})
    assert (silent.known, silent.of(A, "alpha"), silent.ends("alpha")) == (False, 0, (1, 1))
    assert answers_of({(A, "alpha"): 10.0}, silent, None).answers == 0
    # No more answers than calls were lost.
    sure = AnswerRates({(A, "alpha"): pair(3, reach=(3, 3))})
    made = answers_of({(A, "alpha"): 10.0}, sure, (2.0, "USD"))
    assert (made.answers, made.high, made.value, made.value_high, made.currency) == (10, 10, 20, 20, "USD")
    assert made.low == pytest.approx(4.385, rel=1e-3)
    assert made.value_low == pytest.approx(8.77, rel=1e-3)


def test_counts_add_up() -> None:
    assert total_of([pair(3, asr=(1, 3)), pair(4, asr=(2, 4))]) == pair(7, asr=(3, 7))
    assert total_of([]) == NO_CALLS


def test_times_as_engines_write_them() -> None:
    assert at_us_of("1970-01-01 00:00:01.5") == 1_500_000
    assert at_us_of("1970-01-01 01:00:00+01") == 0
    assert [at_us_of(text) for text in (None, "", "0044-03-15 (BC)", "294247-01-10 04:00:54")] == [None] * 4


def test_a_period_without_calls_is_the_one_that_was_asked_for() -> None:
    none = [Day(None, 3, 0, 0, 0)]
    assert covered(none, (None, None)) is None
    assert covered(none, (5, 9)) == (5, 9)
    assert covered(none, (9, 5)) is None
    assert astray(none) == 0
