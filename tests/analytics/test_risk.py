"""`assess`: which calls count, the period, trends, scores, and input that makes no sense."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ringthrough.analytics.blocks import find_blocks
from ringthrough.analytics.risk import STATES, RiskFactor, Risks, assess, parse_dno, parse_thresholds
from ringthrough.analytics.risk.measures import COLUMNS_READ
from ringthrough.analytics.risk.period import period_of
from ringthrough.errors import LocalError, RuleError
from ringthrough.simulate.worlds import world_named
from ringthrough.store import open_store
from ringthrough.verdict import judge
from tests.analytics.made import answered, blocked, row
from tests.analytics.risky import (
    HOME,
    LAST,
    NO_BLOCKS,
    at,
    calls,
    factor_of,
    history,
    of,
    person,
    risks_of,
    table,
    unanswered,
)
from tests.store.made import DAY_US, START_US, write

A, B = "+12155550123", "+12155550124"


def test_every_number_has_all_factors_and_the_worst_comes_first() -> None:
    rows, blocks = table()
    risks = risks_of(rows, blocks=blocks)
    assert [score.score for score in risks.scores] == sorted(score.score for score in risks.scores)
    for score in risks.scores:
        assert [factor.factor for factor in risks.of(score.number)][:2] == ["calls_per_day", "burst"]
        assert len(risks.of(score.number)) == 27
    assert {factor.state for factor in risks.factors} == set(STATES)
    assert [factor.number for factor in risks.factors[::27]] == [score.number for score in risks.scores]
    made = risks.table()
    assert made.columns == RiskFactor._fields
    assert made.rows == tuple(map(tuple, risks.factors))


def test_the_score_is_a_sum_that_can_be_checked() -> None:
    rows, blocks = table()
    risks = risks_of(rows, blocks=blocks)
    for score in risks.scores:
        states = {factor.factor: factor.state for factor in risks.of(score.number)}
        assert score.score == max(0, 100 - sum(points for _name, points in score.lost))
        assert all(states[name] in ("warn", "high") for name, _points in score.lost)
        assert {name for name, state in states.items() if state == "not_measurable"} == set(score.unknown)
        assert [points for _name, points in score.lost] == sorted((p for _n, p in score.lost), reverse=True)
    shown = risks.score_table().records()[0]
    assert shown["lost"].split()[0] == f"{risks.scores[0].lost[0][0]}:{risks.scores[0].lost[0][1]:g}"


def test_a_score_never_falls_below_0() -> None:
    own = parse_thresholds("".join(f"[{name}]\npoints_high = 90\n" for name in ("network_blocks", "off_hours")))
    rows = of(A, [blocked(at_us=at(40, 3, k), callee=person(k)) for k in range(5)])
    (score,) = risks_of(rows, thresholds=own).scores
    assert score.score == 0
    assert sum(points for _name, points in score.lost) > 100


def test_trend_is_the_difference_to_the_period_before() -> None:
    before = [*calls(30, day=33, talk_ms=60_000), *unanswered(10, at_us=at(33, 16))]
    rows = [*history(), *of(A, [*before, *calls(45, talk_ms=20_000)])]
    risks = risks_of(rows)
    assert (risks.since_us, risks.until_us, risks.before_us) == (at(35, 0), at(42, 0), at(28, 0))
    assert factor_of(risks, A, "call_duration").trend == -40
    assert factor_of(risks, A, "unavailable").trend == -0.25
    assert factor_of(risks, A, "calls_per_day").trend == 5
    assert factor_of(risks, A, "ring_time").trend is None
    assert factor_of(risks, A, "new_number").trend is None
    assert factor_of(risks_of([*history(), *of(A, calls(9))]), A, "calls_per_day").trend is None


def test_a_lower_bound_makes_no_trend() -> None:
    rows = of(A, [*calls(30, day=33, blind_to="refusals"), *calls(20)])
    assert factor_of(risks_of([*history(), *rows]), A, "calls_per_day").trend is None


def test_the_period_that_is_asked_for() -> None:
    rows = of(A, [each for day in range(30, 42) for each in calls(10, day=day)])
    assert risks_of(rows).calls == 70
    assert risks_of(rows, since_us=at(40, 0)).calls == 20
    assert risks_of(rows, until_us=at(31, 0)).calls == 10
    assert risks_of(rows, since_us=at(39, 15, 2), until_us=at(40, 0)).calls == 9
    later = risks_of(rows, since_us=at(50, 0))
    assert (later.scores, later.since_us, later.until_us) == ((), at(50, 0), at(51, 0))
    own = parse_thresholds("[period]\ndays = 2")
    assert risks_of(rows, thresholds=own).calls == 20


@pytest.mark.parametrize(
    "period",
    [{"since_us": 5, "until_us": 5}, {"since_us": at(), "until_us": START_US},
     {"since_us": 0, "until_us": START_US}, {"until_us": 10**18}, {"since_us": -(10**18), "until_us": -(10**18) + 1},
     {"since_us": -62_135_596_800_000_000, "until_us": -62_135_596_700_000_000}],
    ids=["empty", "backwards", "over ten years", "after all calendars", "before them", "nothing before"],
)  # fmt: skip
def test_a_period_that_is_none(period: dict[str, int]) -> None:
    with pytest.raises(LocalError) as fault:
        risks_of(of(A, calls(2)), **period)
    assert fault.value.problem.code == "analytics-risk-period"


def test_days_that_no_calendar_holds_are_no_days_of_calls() -> None:
    rows = (("2026-01-05", 3, 0), ("2026-13-45", 2, 1), ("29719-04-05 (BC)", 1, 0), (None, 4, 0))
    period = period_of(rows, since_us=None, until_us=None, now_us=None, days=7)
    assert period is not None
    assert (period.undated, period.unnamed, period.until_us) == (7, 1, START_US + 5 * DAY_US)


def test_whose_calls_count() -> None:
    rows = [*history(), *of(A, calls(10, direction="outbound"))]
    rows += of(B, calls(5, direction="inbound")) + of(f"{HOME}0001", calls(5, kind="scanner"))
    rows += of("", calls(3)) + of(f"{HOME}0002", calls(4, direction="transit"))
    risks = risks_of(rows)
    assert {score.number: score.calls for score in risks.scores if score.number != "+12155559999"} == {
        A: 10, f"{HOME}0002": 4
    }  # fmt: skip
    assert risks.unnamed == 3


def test_absurd_clocks_are_left_out_and_counted() -> None:
    rows = [*history(), *of(A, calls(10))]
    absurd = [answered(caller=A, at_us=when) for when in (0, -(10**18), 10**18, at(30_000))]
    risks = risks_of([*rows, *absurd])
    assert (risks.undated, risks.calls, risks.until_us) == (4, 12, at(42, 0))
    assert factor_of(risks, A, "new_number").value == 1
    tomorrow = [answered(caller=A, at_us=at(LAST + 2))] * 2
    assert risks_of([*rows, *tomorrow]).until_us == at(LAST + 3, 0)
    now = risks_of([*rows, *tomorrow], now_us=at(LAST))
    assert (now.until_us, now.undated) == (at(LAST + 1, 0), 2)


def test_nothing_to_measure() -> None:
    empty = risks_of([])
    assert (empty.factors, empty.scores, empty.since_us, empty.until_us, empty.calls) == ((), (), None, None, 0)
    assert len(empty.table()) == 0
    assert empty.of(A) == ()
    nothing = risks_of([row(caller="", callee="", at_us=10**18, kind="")] * 3)
    assert (nothing.undated, nothing.unnamed, nothing.scores) == (3, 3, ())
    asked = risks_of([], since_us=START_US, until_us=START_US + DAY_US)
    assert (asked.since_us, asked.scores) == (START_US, ())


def test_one_call() -> None:
    risks = assess([answered(caller=A)])
    (score,) = risks.scores
    assert (score.calls, score.number) == (1, A)
    states = {factor.factor: factor.state for factor in risks.factors}
    assert states["short_calls"] == "info"
    assert states["calls_per_day"] == "ok"
    assert states["new_number"] == states["rotation"] == states["answer_rate"] == "not_measurable"


_NULLS = {"final_code": "integer", "ring_ms": "bigint", "cancel_ms": "bigint", "talk_ms": "bigint"}


def test_all_nulls() -> None:
    """A table of the right columns in which nothing is said but who called, and when."""
    columns = ", ".join(
        f"cast(null as {_NULLS.get(name, 'varchar')}) as {name}"
        for name in COLUMNS_READ
        if name not in ("at", "caller")
    )
    with duckdb.connect() as engine:
        said = f"select timestamp '2026-02-10 15:00:00' as \"at\", '{A}' as caller, {columns} from range(3)"
        risks = assess(engine.sql(said), blocks=NO_BLOCKS)
    measured = {factor.factor for factor in risks.factors if factor.state != "not_measurable"}
    assert measured == {"calls_per_day", "burst", "caller_id"}
    assert all(factor.missing for factor in risks.factors if factor.state == "not_measurable")


def test_the_numbers_with_most_calls() -> None:
    rows = [*history()]
    for k in range(6):
        rows += of(f"{HOME}000{k}", [*calls(10 + k), *calls(3, day=30)])
    own = parse_thresholds("[numbers]\nmost = 3\n[rotation.settings]\ncalls = 1")
    risks = risks_of(rows, thresholds=own)
    whole = risks_of(rows, thresholds=parse_thresholds("[rotation.settings]\ncalls = 1"))
    assert {score.number for score in risks.scores} == {f"{HOME}000{k}" for k in (3, 4, 5)}
    assert (risks.left_out, whole.left_out) == (4, 0)
    for number in (f"{HOME}0003", f"{HOME}0005"):
        # What is set beside others is set beside fewer of them.
        apart = ("answer_rate", "neighbour")
        assert [f for f in risks.of(number) if f.factor not in apart] == [
            f for f in whole.of(number) if f.factor not in apart
        ]


def test_a_store_and_files_give_the_same(tmp_path: Path) -> None:
    rows, _blocks = table()
    expected = risks_of(rows)
    with open_store(write(tmp_path / "s", rows)) as reader:
        assert assess(reader, blocks=NO_BLOCKS) == expected


def test_no_calls_at_all_but_something_else() -> None:
    with pytest.raises(LocalError) as fault:
        assess(7)
    assert fault.value.problem.code == "analytics-source"


@pytest.mark.parametrize(
    ("entry", "number", "listed"),
    [
        ("+12155550123", A, True),
        ("(215) 555-0123  # not ours", A, True),
        ("1 215 555 0123", A, True),
        ("+1215555*", A, True),
        ("+442*", A, False),
        ("\ufeff+12155550124\n\n# all\n", A, False),
    ],
)
def test_a_list_of_numbers_that_may_not_call(entry: str, number: str, listed: bool) -> None:
    dno = parse_dno(entry)
    assert len(dno) == 1
    assert (number in dno) == listed
    found = factor_of(risks_of(of(number, calls(2)), dno=dno), number, "caller_id")
    assert (found.state == "high") == listed
    assert found.because.endswith("Not compared with P-Asserted-Identity.")


@pytest.mark.parametrize(
    "entry", ["alice", "5550123", "+1*", "*", "+0123456789", "2155*", "+1 215 555 012345678", "+²³"]
)
def test_a_line_that_is_no_number(entry: str) -> None:
    with pytest.raises(RuleError) as fault:
        parse_dno(f"+12155550123\n{entry}", "dno.txt")
    assert (fault.value.problem.code, fault.value.problem.where) == ("analytics-risk-dno", "dno.txt: line 2")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("anonymous", "no number of E.164"),
        ("1002", "no number of E.164"),
        ("+0123456789", "no number of E.164"),
        ("+1215555012", "ten digits after +1"),
        ("+11155550123", "can be no area code"),
        ("+12115550123", "can be no area code"),
        ("+12151550123", "can be no exchange"),
        ("+12159110123", "can be no exchange"),
        ("+442079460123", "Nothing is wrong"),
    ],
)
def test_numbers_that_cannot_be(number: str, said: str) -> None:
    found = factor_of(risks_of(of(number, calls(1))), number, "caller_id")
    assert said in found.because
    assert found.value == (0 if said == "Nothing is wrong" else 2)


@pytest.fixture(scope="module")
def world() -> Risks:
    """A world in which carriers block, as it is after its last day."""
    made = world_named("mixed", 7)
    rows = [(call, judge(call)) for batch in made.calls() for call in batch]
    return assess(rows)


@pytest.mark.slow
def test_a_world_in_which_carriers_block(world: Risks) -> None:
    states = {
        name: {f.state for f in world.factors if f.factor == name} for name in ("hidden_blocks", "network_blocks")
    }
    assert "high" in states["hidden_blocks"]
    assert "high" in states["network_blocks"]
    assert world.scores[0].score < world.scores[-1].score


def test_blocks_are_looked_for_where_none_are_given() -> None:
    rows = [*history(), *of(A, calls(30))]
    found = assess(rows)
    given = assess(rows, blocks=find_blocks(rows))
    assert factor_of(found, A, "hidden_blocks").n == 30
    assert found == given
