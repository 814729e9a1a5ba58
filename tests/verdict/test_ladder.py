"""The table itself: names, slugs, confidences, sources, and that every engine can read it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringthrough.calls.schema import INFERRED, VERDICTS
from ringthrough.errors import LocalError
from ringthrough.signals import KINDS
from ringthrough.verdict import PROBLEMS, REMARKS, RULES, thresholds
from ringthrough.verdict.conditions import (
    ALWAYS,
    All,
    Any,
    AtLeast,
    Below,
    Condition,
    Contains,
    Is,
    Missing,
    Not,
    OneOf,
    Present,
    Words,
    walk,
)
from ringthrough.verdict.facts import ANSWERED, COLUMN_KINDS, check
from ringthrough.verdict.ladder import check_ladder
from ringthrough.verdict.ladder_signals import EXPLICIT
from ringthrough.verdict.templates import Field, Optional, fields, parse


def test_the_ladder_is_sound() -> None:
    check_ladder(RULES)


def test_names_are_unique() -> None:
    names = [row.name for row in (*RULES, *REMARKS)]
    assert len(names) == len(set(names))


def test_verdicts_are_known_and_all_used() -> None:
    assert {rule.verdict for rule in RULES} == set(VERDICTS) - set(INFERRED)


def test_confidences_are_shares() -> None:
    assert all(0 <= rule.confidence <= 1 for rule in RULES)


def test_every_row_names_its_sources() -> None:
    for row in (*RULES, *REMARKS):
        assert row.sources, row.name
        assert all(source.strip() for source in row.sources)


def test_open_verdicts_say_what_would_settle_them() -> None:
    assert [rule.name for rule in RULES if rule.confidence <= 0.75 and not rule.settle] == []


def test_no_lone_plain_refusal_is_called_a_block() -> None:
    for rule in RULES:
        if rule.verdict == "network_blocked":
            said = [leaf for leaf in walk(rule.when) if leaf.column == "signal"]
            assert said or rule.when == Is("code", 608), rule.name


def test_explicit_signals_are_signals() -> None:
    assert set(EXPLICIT) == set(KINDS) - {"603", "403"}


def test_signals_that_rules_compare_with_exist() -> None:
    compared: set[str] = set()
    for row in (*RULES, *REMARKS):
        for leaf in walk(row.when):
            if leaf.column == "signal" and isinstance(leaf, Is | OneOf):
                compared |= {str(leaf.value)} if isinstance(leaf, Is) else set(map(str, leaf.values))
    assert compared <= set(KINDS)


def _known(condition: Condition) -> set[str]:
    """Columns that have to be known where the condition holds."""
    match condition:
        case Is(column, _) | OneOf(column, _) | AtLeast(column, _) | Below(column, _) | Present(column):
            return {column}
        case Contains(column, _) | Words(column, _):
            return {column}
        case All(parts):
            return set().union(*map(_known, parts))
        case Any(parts) if parts:
            return set.intersection(*map(_known, parts))
        case _:
            return set()


def test_sentences_print_only_facts_that_are_known() -> None:
    """A number outside of an optional piece is known where its rule holds; `code` is, behind the cancelled calls."""
    behind = [rule.name for rule in RULES].index("end-not-seen")
    for index, row in enumerate((*RULES, *REMARKS)):
        known = _known(row.when) | ({"code"} if index > behind or row.when == ANSWERED else set())
        known |= {"challenges"}  # never missing: the schema has no None for it
        known |= {"far_code", "code"} if row.name == "rewritten" else set()
        known |= {"code"} if ANSWERED in getattr(row.when, "parts", ()) else set()
        known |= {"cancel_ms"} if row.name == "stalled-briefly" else set()  # the row before takes those without
        needed = {field.column for field in fields(row.because) if not field.is_text}
        assert needed <= known, (row.name, needed - known)


def test_thresholds_are_all_used_and_explained() -> None:
    assert all(isinstance(getattr(thresholds, name), int) for name in thresholds.__all__)
    bounds = {
        leaf.value for row in (*RULES, *REMARKS) for leaf in walk(row.when)
        if isinstance(leaf, AtLeast | Below) and leaf.column.endswith(("_ms", "_us"))
    }  # fmt: skip
    named = {getattr(thresholds, name) for name in thresholds.__all__}
    assert bounds <= named
    assert named - bounds == {thresholds.FAST_MS}


BAD_CONDITIONS: list[tuple[str, Condition, str]] = [
    ("no such column", Is("colour", "red"), "verdict-condition"),
    ("text for a number", Is("final_code", "603"), "verdict-condition"),
    ("number for a text", OneOf("signal", (603,)), "verdict-condition"),
    ("flag for a number", Is("final_code", True), "verdict-condition"),
    ("order of texts", AtLeast("signal", 3), "verdict-condition"),
    ("order of flags", Below("early_media", 1), "verdict-condition"),
    ("missing flag", Missing("early_media"), "verdict-condition"),
    ("piece of a number", Contains("final_code", "6"), "verdict-condition"),
    ("upper case piece", Contains("server", "Asterisk"), "verdict-condition"),
    ("upper case word", Words("phrase", ("CLI",)), "verdict-condition"),
    ("deep inside", Not(Any(All(Present("colour")))), "verdict-condition"),
    ("quote", Is("signal", "it's"), "verdict-literal"),
    ("backslash", Contains("server", "\\"), "verdict-literal"),
    ("beyond ASCII", OneOf("signal", ("é",)), "verdict-literal"),
    ("control character", Is("signal", "\n"), "verdict-literal"),
]


@pytest.mark.parametrize(("label", "condition", "problem"), BAD_CONDITIONS, ids=[label for label, *_ in BAD_CONDITIONS])
def test_bad_conditions_are_refused(label: str, condition: Condition, problem: str) -> None:
    with pytest.raises(LocalError) as caught:
        check(condition)
    assert caught.value.problem.code == problem


BAD_TEMPLATES = [
    ("unclosed piece", "a[b", "verdict-template"),
    ("unclosed field", "a{code", "verdict-template"),
    ("nested piece", "[{code}[{phrase}]]", "verdict-template"),
    ("piece without a field", "a[b]", "verdict-template"),
    ("no such field", "{colour}", "verdict-template"),
    ("a flag", "{early_media}", "verdict-template"),
    ("a text as a duration", "{phrase:t}", "verdict-template"),
    ("a quote", "it's", "verdict-literal"),
]


@pytest.mark.parametrize(("label", "template", "problem"), BAD_TEMPLATES, ids=[label for label, *_ in BAD_TEMPLATES])
def test_bad_templates_are_refused(label: str, template: str, problem: str) -> None:
    with pytest.raises(LocalError) as caught:
        parse(template)
    assert caught.value.problem.code == problem


def test_templates_are_cut_into_pieces() -> None:
    parsed = parse("a {code}[ {phrase}] b {ring_ms:t}")
    assert parsed == (
        "a ", Field("code"), Optional((" ", Field("phrase"))), " b ", Field("ring_ms", duration=True),
    )  # fmt: skip
    assert fields("a {code}[ {phrase}]") == (Field("code"),)
    assert parse("") == ()


BAD_LADDERS = [
    ("a name twice", (RULES[-2], RULES[-2], RULES[-1]), "verdict-ladder"),
    ("the name of a remark", (replace(RULES[-2], name="scanner"), RULES[-1]), "verdict-ladder"),
    ("no such verdict", (replace(RULES[-2], verdict="guessed"), RULES[-1]), "verdict-ladder"),
    ("more than sure", (replace(RULES[-2], confidence=1.01), RULES[-1]), "verdict-ladder"),
    ("finer than hundredths", (replace(RULES[-2], confidence=0.123), RULES[-1]), "verdict-ladder"),
    ("no last row", RULES[:-1], "verdict-ladder"),
    ("no row", (), "verdict-ladder"),
    ("a bad name", (replace(RULES[-2], name="it's"), RULES[-1]), "verdict-literal"),
    ("a bad question", (replace(RULES[-2], settle="it's"), RULES[-1]), "verdict-literal"),
    ("a bad sentence", (replace(RULES[-2], because="{colour}"), RULES[-1]), "verdict-template"),
    ("a bad condition", (replace(RULES[-2], when=Is("colour", 1)), RULES[-1]), "verdict-condition"),
]


@pytest.mark.parametrize(("label", "rules", "problem"), BAD_LADDERS, ids=[label for label, *_ in BAD_LADDERS])
def test_bad_ladders_are_refused(label: str, rules: tuple[object, ...], problem: str) -> None:
    with pytest.raises(LocalError) as caught:
        check_ladder(rules)  # type: ignore[arg-type]
    assert caught.value.problem.code == problem


def test_every_problem_is_produced_here() -> None:
    produced = {problem for *_, problem in (*BAD_CONDITIONS, *BAD_TEMPLATES, *BAD_LADDERS)}
    assert produced == set(PROBLEMS)


def test_conditions_without_parts() -> None:
    assert All() == ALWAYS
    assert list(walk(Not(All(Any(), Missing("code"))))) == [Missing("code")]


def test_derived_columns_have_the_kind_of_their_origin() -> None:
    assert (COLUMN_KINDS["code"], COLUMN_KINDS["phrase"]) == (int, str)
