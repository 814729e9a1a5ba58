"""`judge`: one labelled call for every rule, and the sentences that carriers have to find in it."""

from __future__ import annotations

import pytest

from ringthrough import __version__
from ringthrough.calls.schema import INFERRED, VERDICTS, Verdict
from ringthrough.verdict import REMARKS, RULES, RULES_VERSION, judge
from ringthrough.verdict.match import source

from .cases import BEFORE_THE_RULE_US, CASES, Case
from .rows import call


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_labelled_calls_get_their_verdict(case: Case) -> None:
    found = judge(case.row)
    assert (found.verdict, found.rule, found.hidden_candidate) == (case.verdict, case.rule, case.hidden)


def test_every_rule_has_a_labelled_call() -> None:
    assert {case.rule for case in CASES} == {rule.name for rule in RULES}


def test_every_verdict_has_a_labelled_call() -> None:
    assert {case.verdict for case in CASES} == set(VERDICTS) - set(INFERRED)


def test_every_row_carries_the_versions() -> None:
    assert {judge(case.row)[-2:] for case in CASES} == {(__version__, RULES_VERSION)}


def test_the_row_of_the_rule_is_handed_out() -> None:
    for case in CASES:
        found = judge(case.row)
        rule = next(rule for rule in RULES if rule.name == found.rule)
        assert isinstance(found, Verdict)
        assert (found.verdict, found.confidence) == (rule.verdict, rule.confidence)
        assert found.settle.startswith(rule.settle)


def test_sentences_are_finished() -> None:
    for case in CASES:
        because = judge(case.row).because
        assert because.endswith("."), because
        assert not set("{}[]?") & set(because), because
        assert "  " not in because


@pytest.mark.parametrize(
    ("label", "facts", "words"),
    [
        ("how long it rang", {"final_code": 603, "ring_ms": 20_399}, "after 20.3 s of ringing"),
        ("how long it rang, in ms", {"final_code": 603, "ring_ms": 999}, "after only 999 ms of ringing"),
        ("a whole second", {"final_code": 603, "ring_ms": 1000}, "after 1.0 s of ringing"),
        ("stall: how long", {"trying_ms": 3, "silence_ms": 45_678}, "nothing for 45.6 s"),
        (
            "stall: at which hop",
            {"trying_ms": 3, "silence_ms": 45_678, "last_hop": "192.0.2.7:5060"},
            "last heard from 192.0.2.7:5060",
        ),
        ("607 may be a stored wish", {"final_code": 607, "signal": "607"}, "acts on a stored wish"),
        (
            "608 names its card",
            {"final_code": 608, "signal": "608", "card_uri": "https://b.example/c"},
            "(https://b.example/c)",
        ),
        ("603+ names its location", {"final_code": 603, "signal": "603plus", "location": "RLN"}, "at location RLN"),
        (
            "Asterisk 500 may hide 607 and 608",
            {"final_code": 500, "server": "Asterisk PBX"},
            "607 or 608 from behind it",
        ),
        ("Asterisk 403 may be a person", {"final_code": 403, "server": "asterisk"}, "a person may have declined"),
        ("Asterisk 603 may have no cause", {"final_code": 603, "server": "asterisk"}, "where no cause was set"),
        ("FreeSWITCH 603 may be 608", {"final_code": 603, "server": "FreeSWITCH-mod_sofia"}, "a 403, a 608 or a 603+"),
        ("603 may be the image of a block", {"final_code": 603}, "crossed a TDM hop"),
        (
            "a rewritten answer is shown with both ends",
            {"final_code": 500, "far_code": 603, "far_phrase": "Decline"},
            "the farthest leg seen ended with 603 Decline, the caller got 500",
        ),
        (
            "a changed phrase is shown",
            {"final_code": 603, "final_phrase": "Decline", "far_phrase": "Network Blocked"},
            "on the farthest leg seen it was Network Blocked",
        ),
        (
            "a block after ringing is odd",
            {"final_code": 603, "signal": "603plus", "ring_ms": 4000},
            "It had rung for 4.0 s",
        ),
        ("STIR beside busy", {"final_code": 486, "signal": "stir"}, "Reason STIR"),
        ("a scanner is named", {"final_code": 404, "kind": "scanner"}, "internet scanner"),
        ("credentials: how often", {"final_code": 407, "challenges": 2}, "challenges answered: 2"),
        ("text is put in as sent", {"final_code": 486, "final_phrase": "{a} [b] 'c' \\ %s"}, "486 {a} [b] 'c' \\ %s:"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_sentence_says_what_a_carrier_asks(label: str, facts: dict[str, object], words: str) -> None:
    assert words in judge(call(**facts)).because


def test_every_remark_is_made_by_some_call() -> None:
    seen = {
        "rewritten": call(final_code=500, far_code=603),
        "rephrased": call(final_code=603, far_phrase="Network Blocked"),
        "freeswitch-603": call(final_code=603, server="FreeSWITCH"),
        "asterisk-603": call(final_code=603, server="Asterisk"),
        "asterisk-403": call(final_code=403, server="Asterisk"),
        "tdm-image": call(final_code=603),
        "block-after-ringing": call(final_code=608, signal="608", ring_ms=4000),
        "stir-beside": call(final_code=486, signal="stir"),
        "scanner": call(kind="scanner"),
    }
    assert set(seen) == {remark.name for remark in REMARKS}
    for remark in REMARKS:
        found = judge(seen[remark.name])
        assert remark.because.partition("{")[0] in found.because
        assert remark.settle in found.settle


def test_remarks_add_to_the_question_of_the_rule() -> None:
    found = judge(call(final_code=408, kind="call"))
    assert found.settle == "A capture behind the element that sent the 408."
    found = judge(call(final_code=603, server="FreeSWITCH", setup_ms=90))
    assert found.settle.endswith("over many calls. The leg behind the FreeSWITCH. A capture before the TDM hop.")


def test_a_remark_can_open_the_only_question() -> None:
    found = judge(call(final_code=604, far_code=603, ring_ms=4000, server="FreeSWITCH"))
    assert found.rule == "603-after-ringing"
    assert "FreeSWITCH" not in found.because


def test_a_603_before_the_rule_is_no_image_of_a_block() -> None:
    assert "TDM" not in judge(call(final_code=603, at_us=BEFORE_THE_RULE_US)).because


def test_a_603_after_ringing_is_no_image_of_a_block() -> None:
    assert "TDM" not in judge(call(final_code=603, ring_ms=4000)).because


def test_a_far_leg_that_is_known_silences_the_guess_about_a_b2bua() -> None:
    found = judge(call(final_code=403, far_code=603, server="Asterisk", ring_ms=4000))
    assert found.rule == "603-after-ringing"
    assert "Asterisk answers" not in found.because


@pytest.mark.parametrize("code", [401, 402, 407, 428, 436, 437, 438, 487, 200, 302, 408])
def test_lost_credentials_and_failed_identities_are_no_hidden_candidates(code: int) -> None:
    assert not judge(call(final_code=code, setup_ms=50)).hidden_candidate


@pytest.mark.parametrize(
    ("label", "facts"),
    [
        ("it rang", {"ring_ms": 300, "pdd_ms": 100}),
        ("early media", {"pdd_ms": 100, "early_media": True}),
        ("slow", {"setup_ms": 1500}),
        ("explained", {"signal": "608"}),
        ("own identity failed", {"signal": "stir"}),
        ("stopped by a provider that says so", {"final_phrase": "SPAM/blacklist"}),
    ],
)
def test_what_keeps_a_refusal_from_being_a_hidden_candidate(label: str, facts: dict[str, object]) -> None:
    assert judge(call(final_code=603, setup_ms=50)).hidden_candidate
    assert not judge(call(**{"final_code": 603, "setup_ms": 50} | facts)).hidden_candidate


def test_text_that_is_none_counts_as_empty() -> None:
    facts = {"final_code": 603, "setup_ms": 50}
    without = call(**facts, final_phrase=None, server=None, signal=None, cut=None, far_phrase=None, location=None)
    assert judge(without) == judge(call(**facts))


def test_text_that_no_encoding_knows_is_judged() -> None:
    assert judge(call(final_code=603, final_phrase="\udcff", server="\ud800 asterisk")).rule == "603-without-ringing"


def test_letters_beyond_ascii_are_not_folded() -> None:
    assert judge(call(final_code=500, server="ASTERİSK")).rule == "server-failure"


def test_the_source_is_stable() -> None:
    assert source() == source()
    assert source().startswith("def judge(c):\n")
