"""Rules for call records: what a dialect cannot know lowers the confidence and is said; cause 21 is never a block."""

from __future__ import annotations

import pytest

from ringthrough.calls import Verdict
from ringthrough.verdict import RULES, judge
from ringthrough.verdict.ladder_records import RECORD_ANSWERED_RULES, RECORD_RULES

from .cases import RECORDS
from .rows import call

BY_NAME = {rule.name: rule for rule in RULES}


def _row(**facts: object) -> Verdict:
    return judge(call(**{"source": "cdr freeswitch-csv", "blind_to": "code reason ringing times"} | facts))


def test_no_rule_for_records_touches_a_capture() -> None:
    names = {rule.name for rule in (*RECORD_ANSWERED_RULES, *RECORD_RULES)}
    for case in RECORDS:
        seen = case.row._replace(source="capture", blind_to="", outcome="", outcome_text="")
        assert judge(seen).rule not in names, case.label


@pytest.mark.parametrize(
    "facts", [{}, {"outcome": "rejected"}, {"setup_ms": 0}, {"ring_ms": 3000}, {"outcome": "failed"}]
)
def test_cause_21_alone_is_never_a_block(facts: dict[str, object]) -> None:
    verdict = _row(q850_cause=21, **facts)
    assert verdict.verdict in ("unknown_rejection", "declined")
    assert verdict.confidence <= 0.55


def test_cause_21_says_what_it_stands_for() -> None:
    because = _row(q850_cause=21, outcome="rejected", outcome_text="CALL_REJECTED").because
    assert because.startswith("Q.850 cause 21 (CALL_REJECTED), which stands for four SIP statuses and more")


@pytest.mark.parametrize(
    ("blind", "sighted"),
    [("record-603", "603-after-ringing"), ("record-busy-status", "busy"), ("record-480", "480-without-ringing"),
     ("record-487", "abandoned-before-ringing")],
)  # fmt: skip
def test_what_is_not_known_lowers_the_confidence_and_is_said(blind: str, sighted: str) -> None:
    assert BY_NAME[blind].confidence < BY_NAME[sighted].confidence
    assert "does not say whether it rang" in BY_NAME[blind].because


def test_a_603plus_in_a_record_is_a_block_by_the_network() -> None:
    text = 'SIP;cause=603;text="v=analytics1;url=https://a.example/";location=RLN'
    found = _row(final_code=603, signal="603plus", reason=text, outcome="rejected")
    assert (found.verdict, found.rule) == ("network_blocked", "603plus")


def test_a_record_that_says_blocked_names_its_own_word() -> None:
    found = _row(outcome="blocked", outcome_text="BLOCKED")
    assert found.verdict == "provider_blocked"
    assert "(BLOCKED)" in found.because


def test_a_refused_call_that_asterisk_calls_no_answer_is_not_believed() -> None:
    found = _row(outcome="no_answer", outcome_text="NO ANSWER", setup_ms=0)
    assert (found.verdict, found.hidden_candidate) == ("unknown_rejection", True)
    assert "the call was over after 0 ms" in found.because


@pytest.mark.parametrize("outcome", ["answered", "cancelled", "blocked", ""])
def test_outcomes_that_hide_nothing(outcome: str) -> None:
    assert not _row(outcome=outcome, setup_ms=0).hidden_candidate
