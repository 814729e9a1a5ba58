"""From findings to alerts, and the value that is kept between looks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.analytics.alerts import (
    CLEARED,
    KINDS,
    RAISED,
    STANDING,
    Alert,
    AlertState,
    Finding,
    Level,
    alert_record,
    key_of,
    masked_alert,
    notice_record,
    read_rules,
    step,
    time_text,
)
from ringthrough.analytics.alerts.times import moment_us
from ringthrough.errors import Error, RemoteError
from tests.analytics.alerting import at

N = "+12155550123"


def finding(level: Level, **changes: Any) -> Finding:
    told = {"kind": "block_hidden", "severity": "critical", "number": N, "carrier": "alpha", "since_us": at(0),
            "title": "blocked", "detail": "why", "evidence": {"calls": 3}}  # fmt: skip
    return Finding(level=level, **told | changes)


class Steps:
    """Steps, each going on from the one before."""

    def __init__(self, rules: str = "") -> None:
        self.rules = read_rules(rules)
        self.state = AlertState(series="s")

    def __call__(self, hour: float, *found: Finding | Level, looked: tuple[str, ...] = tuple(KINDS)) -> list[str]:
        findings = [one if isinstance(one, Finding) else finding(one) for one in found]
        self.told, self.state = step(self.state, findings, rules=self.rules, looked=looked, now_us=at(hour))
        return [f"{alert.state} {alert.id}" for alert in self.told]


def test_one_alert_stands_per_key() -> None:
    steps = Steps()
    assert steps(1, Level.OVER) == ["raised s-1-1"]
    assert [steps(hour, Level.OVER) for hour in range(2, 9)] == [[]] * 7
    assert steps(9, Level.OVER, finding(Level.OVER, carrier="beta")) == ["raised s-2-1"]
    assert steps(10, Level.UNDER) == ["cleared s-1-2"]
    assert [one.alert.carrier for one in steps.state.standing.values()] == ["beta"]
    assert steps(11, Level.OVER) == ["raised s-3-1"]


def test_what_never_stood_is_not_cleared() -> None:
    steps = Steps()
    assert steps(1, Level.UNDER) + steps(2, Level.BETWEEN) + steps(3, Level.UNKNOWN) == []
    assert steps.state.standing == {}
    assert steps.state.looked_us == dict.fromkeys(KINDS, at(3))


@pytest.mark.parametrize("between", [Level.OVER, Level.BETWEEN])
def test_a_figure_that_hovers_at_its_threshold_does_not_flap(between: Level) -> None:
    steps = Steps("[risk]\nclear_h = 3")
    risky = [finding(level, kind="risk", carrier="") for level in (Level.OVER, Level.UNDER, between)]
    assert steps(0, risky[0]) == ["raised s-1-1"]
    told = []
    for hour in range(1, 20, 2):
        told += steps(hour, risky[1]) + steps(hour + 1, risky[2])
    assert told == []
    assert [steps(hour, risky[1]) for hour in (30, 31, 32)] == [[], [], []]
    assert steps(33, risky[1]) == ["cleared s-1-2"]


def test_unknown_neither_clears_nor_breaks_the_quiet_time() -> None:
    steps = Steps("[answer_drop]\nclear_h = 3")
    told = {level: finding(level, kind="answer_drop", carrier="") for level in Level}
    steps(0, told[Level.OVER])
    assert steps(1, told[Level.UNDER]) + steps(2, told[Level.UNKNOWN]) + steps(3) == []
    assert steps(4, told[Level.UNDER]) == ["cleared s-1-2"]


def test_what_nothing_is_known_of_is_closed_and_says_so() -> None:
    steps = Steps("[alerts]\nforget_d = 2")
    steps(0, Level.OVER)
    assert steps(47) + steps(60, looked=("risk",)) == []  # its kind was not looked at
    assert steps(61) == ["cleared s-1-2"]
    assert steps.told[0].title == "No longer known: blocked"
    assert steps.told[0].detail == "The calls have said nothing about it for 2 days; it may go on."
    assert steps.told[0].evidence == {"calls": 3}


def test_a_kind_that_is_switched_off_is_closed() -> None:
    steps = Steps()
    steps(0, Level.OVER)
    steps.rules = read_rules("[block_hidden]\non = false")
    assert steps(1) == ["cleared s-1-2"]
    assert steps.told[0].title == "No longer watched: blocked"


def test_reminders_only_on_request() -> None:
    steps = Steps("[alerts]\nremind_h = 24")
    assert steps(0, Level.OVER) == ["raised s-1-1"]
    assert steps(23, Level.OVER) == []
    assert steps(24, finding(Level.OVER, title="still blocked")) == ["standing s-1-2"]
    assert (steps.told[0].title, steps.told[0].since_us, steps.told[0].at_us) == ("still blocked", at(0), at(24))
    assert steps(47, Level.OVER) + steps(48, Level.BETWEEN) + steps(72) == ["standing s-1-3", "standing s-1-4"]
    assert steps(73, Level.UNDER) == ["cleared s-1-5"]


def test_reminders_while_it_looks_over_but_is_not_yet() -> None:
    steps = Steps("[alerts]\nremind_h = 2\n[risk]\nclear_h = 9")
    steps(0, finding(Level.OVER, kind="risk"))
    assert steps(3, finding(Level.UNDER, kind="risk")) == ["standing s-1-2"]


def test_what_becomes_worse_is_told_at_once_and_does_not_become_better() -> None:
    steps = Steps()
    assert steps(0, finding(Level.OVER, severity="warning")) == ["raised s-1-1"]
    assert steps(1, Level.OVER) == ["standing s-1-2"]
    assert steps(2, finding(Level.OVER, severity="warning")) == []
    assert steps(3, Level.OVER) == []
    assert steps.state.standing[finding(Level.OVER).key].alert.severity == "critical"


def test_what_joins_is_told_at_once_and_only_once() -> None:
    steps = Steps()
    assert steps(0, finding(Level.OVER, grounds=("a",))) == ["raised s-1-1"]
    assert steps(1, finding(Level.OVER, grounds=("a", "b"))) == ["standing s-1-2"]
    assert steps(2, finding(Level.OVER, grounds=("b",))) + steps(3, finding(Level.OVER, grounds=("a",))) == []


def test_what_is_muted_is_not_raised_reminded_or_cleared_and_goes_on_afterwards() -> None:
    muted = f'[alerts]\nremind_h = 1\nforget_d = 1\n[[mute]]\nnumber = "{N}"\nuntil = 2026-01-03\n'
    steps = Steps(muted)
    assert steps(0, Level.OVER) + steps(47, Level.OVER) == []
    assert steps(48, Level.OVER) == ["raised s-1-1"]
    steps = Steps()
    steps(0, Level.OVER)
    steps.rules = read_rules(muted)
    assert steps(1, Level.OVER) + steps(2, Level.UNDER) + steps(40) == []
    assert steps(49, Level.UNDER) == ["cleared s-1-2"]


def test_what_was_missed_is_told_as_over() -> None:
    steps = Steps()
    assert steps(1, Level.MISSED) == ["cleared s-1-1"]
    assert steps.state.standing == {}
    steps(2, Level.OVER)
    assert steps(3, Level.MISSED) == ["cleared s-2-2"]


def test_the_critical_come_first_and_what_is_over_last() -> None:
    steps = Steps()
    steps(0, finding(Level.OVER, carrier="z"))
    told = steps(
        1, finding(Level.UNDER, carrier="z"), finding(Level.OVER, carrier="b", severity="warning"), finding(Level.OVER)
    )
    assert told == ["raised s-3-1", "cleared s-1-2", "raised s-2-1"]


# ------------------------------------------------------------------------------------------------------------ delivery


def test_what_waits_for_a_channel_waits_until_that_channel_has_it() -> None:
    steps = Steps()
    steps(0, Level.OVER)
    state = steps.state.queued(steps.told, ["mail", "file"]).queued((), ["hook"])
    assert {name: len(alerts) for name, alerts in state.waiting.items()} == {"mail": 1, "file": 1}
    state = state.delivered("file").queued(steps.told, ["mail", "file"])
    assert {name: len(alerts) for name, alerts in state.waiting.items()} == {"mail": 2, "file": 1}
    assert state.delivered("mail").delivered("file").waiting == {}


def test_a_step_keeps_what_waits() -> None:
    steps = Steps()
    steps(0, Level.OVER)
    steps.state = steps.state.queued(steps.told, ["mail"])
    steps(1, Level.UNDER)
    assert len(steps.state.waiting["mail"]) == 1


def test_what_waits_is_bounded_and_what_is_given_up_is_counted() -> None:
    steps = Steps()
    steps(0, Level.OVER)
    state = steps.state.queued(steps.told * 9_999, ["mail"]).queued(steps.told * 3, ["mail"])
    assert (len(state.waiting["mail"]), state.dropped) == (10_000, {"mail": 2})
    assert AlertState.from_json(state.to_json()) == state
    assert state.delivered("mail").dropped == {}


# ---------------------------------------------------------------------------------------------------------------- file


def full_state() -> AlertState:
    steps = Steps()
    steps(0, finding(Level.OVER, carrier="a/b é\ud800", grounds=("x",)), finding(Level.OVER, kind="risk", carrier=""))
    steps(1, finding(Level.UNDER, kind="risk", carrier=""))
    return replace(steps.state.queued(steps.told, ["mail"]), dropped={"hook": 3})


def test_a_state_is_read_as_it_was_written() -> None:
    state = full_state()
    again = AlertState.from_json(state.to_json())
    assert again == state
    assert again.to_json() == state.to_json()
    assert AlertState.from_json(AlertState().to_json()) == AlertState()


TEXT = full_state().to_json()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "s.json: expected JSON, found: Expecting value: line 1 column 1 (char 0)"),
        ("{}", "s.json: file: expected a state of 'ringthrough alerts', found another file"),
        ("[]", "s.json: file: expected a state of 'ringthrough alerts', found another file"),
        ("[" * 100_000, "s.json: expected JSON"),
        (TEXT[: len(TEXT) // 2], "s.json: expected JSON"),
        (TEXT.replace('"version": 1', '"version": "1"'), "s.json: version: expected int, found str"),
        (TEXT.replace('"version": 1', '"version": true'), "s.json: version: expected int, found bool"),
        (TEXT.replace('"kind": "block_hidden"', '"kind": "noise"'), "s.json: kind: expected one of block_recurring"),
        (
            TEXT.replace('"state": "raised"', '"state": "high"'),
            "s.json: state: expected one of raised, standing, cleared",
        ),
        (
            TEXT.replace('"severity": "critical"', '"severity": ""'),
            "s.json: severity: expected one of warning, critical",
        ),
        (TEXT.replace('"title": "blocked"', '"title": null'), "s.json: title: expected str, found NoneType"),
        (json.dumps(json.loads(TEXT) | {"standing": [3]}), "s.json: standing: expected dict, found int"),
        (json.dumps(json.loads(TEXT) | {"waiting": {"x": [3]}}), "s.json: alert: expected dict, found int"),
        (TEXT.replace('"x"', "7"), "s.json: grounds: expected texts"),
    ],
)
def test_a_broken_state_says_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(RemoteError) as found:
        AlertState.from_json(text, "s.json")
    assert found.value.problem.code == "analytics-alerts-state"
    assert said in str(found.value)


def test_a_state_of_a_later_version_is_not_read() -> None:
    with pytest.raises(RemoteError) as found:
        AlertState.from_json(TEXT.replace('"version": 1', '"version": 2'), "s.json")
    assert found.value.problem.code == "analytics-alerts-newer"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda s: st.lists(s) | st.dictionaries(st.text(), s),
)


@settings(deadline=None)
@given(st.data())
def test_an_altered_state_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    whole = json.loads(TEXT)
    place: Any = whole
    while isinstance(place, (dict, list)) and place:
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], (dict, list)) or data.draw(st.booleans()):
            place[key] = data.draw(JSON)
            break
        place = place[key]
    try:
        state = AlertState.from_json(json.dumps(whole), "s.json")
    except Error:
        return
    assert AlertState.from_json(state.to_json()) == state


# ----------------------------------------------------------------------------------------------------------- documents


def alert(**changes: Any) -> Alert:
    told = {"kind": "block_recurring", "key": key_of("block_recurring", N, "alpha"), "severity": "critical",
            "number": N, "carrier": "alpha", "state": RAISED, "since_us": at(0), "at_us": at(1),
            "title": f"alpha blocks {N}", "detail": f"{N}, +442079460123",
            "evidence": {"last_callee": "+12125550199"}, "id": "s-4-2"}  # fmt: skip
    return Alert(**told | changes)


def test_an_alert_as_json() -> None:
    record = alert_record(alert())
    assert record == {
        "id": "s-4-2", "incident": "s-4", "kind": "block_recurring", "state": "raised", "severity": "critical",
        "since": "2026-01-01T00:00:00Z", "at": "2026-01-01T01:00:00Z", "key": f"block_recurring/{N}/alpha", "number": N,
        "carrier": "alpha", "title": f"alpha blocks {N}", "detail": f"{N}, +442079460123",
        "evidence": {"last_callee": "+12125550199"},
    }  # fmt: skip
    notice = notice_record([alert()], version="9", at_us=at(2), standing=3)
    assert notice == {
        "format": "ringthrough-alerts", "format_version": 1, "tool_version": "9", "at": "2026-01-01T02:00:00Z",
        "standing": 3, "alerts": [record],
    }  # fmt: skip


def test_a_masked_alert_holds_no_number_but_the_one_to_appeal_to() -> None:
    evidence = {"last_callee": "+12125550199", "last_redress_tel": "+18005550100", "calls": 3,
                "factors": [{"because": f"by {N}", "n": 1}], "carriers": ["x", "+12125550198"]}  # fmt: skip
    masked = masked_alert(alert(evidence=evidence))
    assert masked.number == "+1215555xxxx"
    assert masked.title == "alpha blocks +1215555xxxx"
    assert masked.detail == "+1215555xxxx, +44207946xxxx"
    assert masked.key == "block_recurring/+1215555xxxx/alpha"
    assert masked.evidence == {
        "last_callee": "+1212555xxxx", "last_redress_tel": "+18005550100", "calls": 3,
        "factors": [{"because": "by +1215555xxxx", "n": 1}], "carriers": ["x", "+1212555xxxx"],
    }  # fmt: skip
    assert masked_alert(alert(number="alice", title="x blocks alice")).title == "x blocks axxxx"
    assert masked_alert(alert(number="", carrier="", key="silence")).number == ""


@pytest.mark.parametrize(
    ("parts", "key"),
    [(("+1", "a/b"), "risk/+1/a%2Fb"), ((), "risk"), (("\ud800",), "risk/%5Cud800"), (("a b",), "risk/a b")],
)
def test_keys_tell_their_parts_apart(parts: tuple[str, ...], key: str) -> None:
    assert key_of("risk", *parts) == key


@pytest.mark.parametrize(
    ("at_us", "text"),
    [(at(0), "2026-01-01T00:00:00Z"), (10**18, "9999-12-31T23:59:59Z"), (-(10**18), "0001-01-01T00:00:00Z")],
)
def test_times_are_written_whatever_they_are(at_us: int, text: str) -> None:
    assert time_text(at_us) == text


def test_times_are_read_as_engines_write_them() -> None:
    assert moment_us("2026-01-01 00:00:00") == at(0)
    assert moment_us("2026-01-01 00:00:00.5") == at(0) + 500_000


def test_words_of_states() -> None:
    assert (RAISED, STANDING, CLEARED) == ("raised", "standing", "cleared")
