"""The rules of alerts: what is shipped, what a file changes, and what is said of a wrong one."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from importlib.resources import files

import pytest

from ringthrough.analytics.alerts import KINDS, default_rules, read_rules
from ringthrough.errors import RuleError
from tests.store.made import DAY_US, START_US


def test_every_kind_has_rules_and_is_on() -> None:
    rules = default_rules()
    assert {each.name for each in fields(rules)} - {"alerts", "mutes"} == set(KINDS)
    assert [kind for kind in KINDS if not rules.is_on(kind)] == []
    assert (rules.block_recurring.blocks, rules.block_recurring.window_h) == (3, 24)  # 4.4: 3 in 24 h
    assert rules.block_spreading.carriers == 2  # 4.4: or 2 carriers
    assert (rules.unwanted.calls, rules.unwanted.window_h) == (2, 7 * 24)  # 4.4: any 2 in 7 d


def test_the_shipped_file_read_as_an_operators_file_changes_nothing() -> None:
    text = files("ringthrough.analytics.alerts").joinpath("alerts.toml").read_text("utf-8")
    assert read_rules(text) == default_rules()
    assert tomllib.loads(text).keys() == {each.name for each in fields(default_rules())} - {"mutes"}


def test_a_file_holds_what_differs() -> None:
    rules = read_rules('[silence]\non = false\n[answer_drop]\nq = 0.01\nseverity = "critical"\n[alerts]\nremind_h = 24')
    assert (rules.is_on("silence"), rules.is_on("risk")) == (False, True)
    assert (rules.answer_drop.q, rules.answer_drop.severity) == (0.01, "critical")
    assert rules.answer_drop.attempts == default_rules().answer_drop.attempts
    assert rules.alerts.remind_h == 24
    assert read_rules("") == default_rules()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[silence", "F expected TOML, found: Expected ']' at the end of a table declaration"),
        ("[noise]", "F noise: expected one of alerts, block_recurring, block_spreading, block_hidden, unwanted,"
                    " answer_drop, risk, silence, mute, found 'noise'"),
        ("silence = 3", "F silence: expected a table, found 3"),
        ("[silence]\nhours = 3", "F silence.hours: expected one of on, severity, window_h, usual_calls, longest_h,"
                                 " clear_share, found 'hours'"),
        ("[silence]\non = 1", "F silence.on: expected true or false, found 1"),
        ("[silence]\nseverity = 'loud'", "F silence.severity: expected 'warning' or 'critical', found 'loud'"),
        ("[silence]\nwindow_h = 0", "F silence.window_h: expected a number above 0 to 100000, found 0"),
        ("[silence]\nwindow_h = nan", "F silence.window_h: expected a number above 0 to 100000, found nan"),
        ("[silence]\nwindow_h = '1'", "F silence.window_h: expected a number, found '1'"),
        ("[silence]\nwindow_h = true", "F silence.window_h: expected a number, found True"),
        ("[silence]\nusual_calls = 2.5", "F silence.usual_calls: expected a whole number, found 2.5"),
        ("[silence]\nusual_calls = 0", "F silence.usual_calls: expected a number from 1 to 1000000000, found 0"),
        ("[silence]\nclear_share = 2", "F silence.clear_share: expected a number from 0 to 1, found 2"),
        ("[answer_drop]\nclear_drop = 0.6", "F answer_drop.clear_drop: expected at most drop, 0.5, found 0.6"),
        ("[risk]\nlevel = 'ok'", "F risk.level: expected 'warn' or 'high', found 'ok'"),
        ("[risk]\nfactors = 'burst'", "F risk.factors: expected a list of names, found 'burst'"),
        ("[risk]\nfactors = ['noise']", "found 'noise'"),
        ("mute = 3", "F mute: expected [[mute]] tables, found 3"),
        ("[[mute]]\nuntil = 2026-04-01", "F mute 1: expected a number, a carrier or a kind, found none of them"),
        ("[[mute]]\nnumber = '+1'", "F mute 1: until: expected a date such as 2026-04-01, found nothing"),
        ("[[mute]]\nnumber = 1\nuntil = 2026-04-01", "F mute 1: number: expected a text, found 1"),
        ("[[mute]]\nnumer = '1'\nuntil = 2026-04-01", "F mute 1: numer: expected one of number, carrier, kind,"
                                                      " until, because, found 'numer'"),
        ("[[mute]]\nkind = 'noise'\nuntil = 2026-04-01", "F mute 1: kind: expected one of block_recurring, "),
        ("[[mute]]\nnumber = '1'\nuntil = 'soon'", "F mute 1: until: expected a date such as 2026-04-01, found 'soon'"),
        ("[[mute]]\nnumber = '1'\nuntil = 3", "F mute 1: until: expected a date such as 2026-04-01, found 3"),
        (f"[silence]\non = '{'x' * 90}'", f"F silence.on: expected true or false, found '{'x' * 56}..."),
    ],
)  # fmt: skip
def test_a_wrong_file_is_told_with_file_key_and_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(RuleError) as found:
        read_rules(text, "mine.toml")
    assert found.value.problem.code == "analytics-alerts-rules"
    assert said.replace("F ", "mine.toml: ", 1) in str(found.value)


@pytest.mark.parametrize(
    "until",
    ["2026-01-03", "'2026-01-03'", "2026-01-03T00:00:00Z", "'2026-01-03T01:00:00+01:00'", "2026-01-03T00:00:00"],
)
def test_a_mute_ends_at_its_date(until: str) -> None:
    rules = read_rules(
        f'[[mute]]\nnumber = "+1"\ncarrier = "alpha"\nkind = "unwanted"\nuntil = {until}\nbecause = "asked"'
    )
    (mute,) = rules.mutes
    assert (mute.until_us, mute.because) == (START_US + 2 * DAY_US, "asked")
    now_us = mute.until_us - 1
    assert rules.is_muted("unwanted", "+1", "alpha", now_us)
    assert not rules.is_muted("unwanted", "+1", "alpha", mute.until_us)
    for kind, number, carrier in (("risk", "+1", "alpha"), ("unwanted", "+2", "alpha"), ("unwanted", "+1", "beta")):
        assert not rules.is_muted(kind, number, carrier, now_us)


def test_a_mute_holds_for_everything_that_it_does_not_name() -> None:
    rules = read_rules('[[mute]]\ncarrier = "alpha"\nuntil = 2026-04-01')
    assert rules.is_muted("risk", "+1", "alpha", START_US)
    assert not rules.is_muted("risk", "+1", "", START_US)
