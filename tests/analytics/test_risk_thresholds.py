"""Thresholds: what is shipped, what an operator's own file changes, and how a wrong one is told."""

from __future__ import annotations

import pytest

from ringthrough.analytics.risk import SENSES, parse_thresholds, shipped
from ringthrough.errors import RuleError
from tests.analytics.risky import calls, factor_of, history, of, risks_of

A = "+12155550123"


def test_every_factor_is_told_in_words_and_says_where_its_thresholds_come_from() -> None:
    for name, factor in shipped().factors.items():
        words = (factor.title, factor.unit, factor.measures, factor.published, factor.source, factor.limits)
        assert all(words), name
        assert factor.advice.endswith("."), name
        assert factor.sense in SENSES
        assert factor.scope in ("number", "campaign", "pool", "beside")
        assert factor.points_warn <= factor.points_high
        assert factor.least >= 1


def test_what_is_shipped_would_be_taken_from_a_file() -> None:
    for name, factor in shipped().factors.items():
        lines = [f"[{name}]", f"least = {factor.least}", f"points_warn = {factor.points_warn}"]
        for key, value in (("warn", factor.warn), ("high", factor.high)):
            lines.append(f"{key} = {'false' if value is None else value}")
        lines.append(f"[{name}.settings]")
        lines += [f"{key} = {value}" for key, value in factor.settings.items()]
        made = parse_thresholds("\n".join(lines), "own.toml")[name]
        assert (made.warn, made.high, made.settings, made.source) == (
            factor.warn, factor.high, factor.settings, "the operator's own.toml"
        )  # fmt: skip


def test_a_file_replaces_what_it_names_and_nothing_else() -> None:
    own = parse_thresholds(
        """
        [period]
        days = 14
        [numbers]
        most = 5
        [calls_per_day]
        warn = 10
        high = false
        points_warn = 1.5
        source = "our carrier"
        [off_hours.settings]
        first_hour = 9
        """,
        "own.toml",
    )
    assert (own.days, own.most) == (14, 5)
    made, base = own["calls_per_day"], shipped()["calls_per_day"]
    assert (made.warn, made.high, made.points_warn, made.source) == (10, None, 1.5, "our carrier")
    assert (made.points_high, made.settings, made.advice) == (base.points_high, base.settings, base.advice)
    assert dict(own["off_hours"].settings) == {"first_hour": 9, "last_hour": 21}
    assert own["burst"] == shipped()["burst"]
    assert parse_thresholds("[burst]\npoints_warn = 1")["burst"].source == shipped()["burst"].source
    assert parse_thresholds("") == shipped()


def test_thresholds_of_ones_own_decide() -> None:
    rows = [*history(), *of(A, calls(20))]
    own = parse_thresholds("[calls_per_day]\nwarn = 15\nhigh = 20\npoints_high = 33", "own.toml")
    risks = risks_of(rows, thresholds=own)
    found = factor_of(risks, A, "calls_per_day")
    assert (found.state, found.warn, found.high) == ("high", 15, 20)
    assert found.threshold_source == "the operator's own.toml"
    assert ("calls_per_day", 33) in risks.scores[0].lost
    never = risks_of(rows, thresholds=parse_thresholds("[calls_per_day]\nwarn = false\nhigh = false"))
    assert factor_of(never, A, "calls_per_day")[2:4] == ("info", 20)


def test_settings_of_ones_own_change_what_is_counted() -> None:
    rows = [*history(), *of(A, [*calls(20), *calls(2, every=9, callees=1, day=41)])]
    own = parse_thresholds(
        "[off_hours.settings]\nfirst_hour = 11\n[redial.settings]\nminutes = 5\n[repeats]\nwarn = false\nhigh = false"
    )
    shipped_risks, own_risks = risks_of(rows), risks_of(rows, thresholds=own)
    assert factor_of(shipped_risks, A, "off_hours").value == 0
    assert factor_of(own_risks, A, "off_hours").value == pytest.approx(14 / 22)
    assert factor_of(shipped_risks, A, "redial").value == 2
    assert factor_of(own_risks, A, "redial").value == 1
    assert factor_of(own_risks, A, "repeats").state == "info"


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("x = [", "own.toml", "expected TOML"),
        ("[call_per_day]\nwarn = 1", "own.toml", "expected period, numbers or a factor (calls_per_day, burst"),
        ("calls_per_day = 3", "own.toml: calls_per_day", "expected a table [calls_per_day], found 3"),
        ("[calls_per_day]\nwarm = 1", "own.toml: calls_per_day", "expected one of warn, high, least"),
        ("[calls_per_day]\nwarn = '100'", "own.toml: calls_per_day.warn", "expected a number, or false for never"),
        ("[calls_per_day]\nwarn = true", "own.toml: calls_per_day.warn", "found True"),
        ("[calls_per_day]\nwarn = nan", "own.toml: calls_per_day.warn", "found nan"),
        ("[calls_per_day]\nwarn = -1", "own.toml: calls_per_day.warn", "found -1"),
        ("[calls_per_day]\nwarn = 300", "own.toml: calls_per_day", "expected high to be at least warn, found warn 300"),
        ("[ring_time]\nhigh = 20", "own.toml: ring_time", "expected high to be at most warn"),
        ("[calls_per_day]\nleast = 0", "own.toml: calls_per_day.least", "a whole number from 1"),
        ("[calls_per_day]\nleast = 1.5", "own.toml: calls_per_day.least", "found 1.5"),
        ("[calls_per_day]\npoints_high = 101", "own.toml: calls_per_day.points_high", "points from 0 to 100"),
        ("[calls_per_day]\nsource = 7", "own.toml: calls_per_day.source", "expected a text"),
        ("[calls_per_day]\nsettings = 7", "own.toml: calls_per_day.settings", "expected a table of settings"),
        ("[calls_per_day.settings]\nday = 7", "own.toml: calls_per_day.settings", "expected week, found 'day'"),
        ("[weekend.settings]\nday = 7", "own.toml: weekend.settings", "expected no settings"),
        ("[off_hours.settings]\nlast_hour = 25", "own.toml: off_hours.settings.last_hour", "from 0 to 24"),
        ("[short_calls.settings]\nsix = 15", "own.toml: short_calls.settings.six", "a share from 0 to 1"),
        ("[period]\ndays = 0", "own.toml: period.days", "a whole number from 1 to 3,650"),
        ("[period]\nweeks = 1", "own.toml: period", "expected days, found 'weeks'"),
        ("[numbers]\nmost = 2.5", "own.toml: numbers.most", "found 2.5"),
        (f"[numbers]\nmost = '{'9' * 80}'", "own.toml: numbers.most", "..."),
    ],
)
def test_what_is_wrong_is_told_with_file_and_key(text: str, where: str, said: str) -> None:
    with pytest.raises(RuleError) as fault:
        parse_thresholds(text, "own.toml")
    problem = fault.value.problem
    assert (problem.code, problem.where) == ("analytics-risk-thresholds", where)
    assert said in problem.detail
