"""The documentation of the ladder is written from the table and never stale."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringthrough.calls.schema import VERDICTS
from ringthrough.verdict import REMARKS, RULES, rule_table
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
)
from ringthrough.verdict.document import BEGIN, END, in_words, renew

PAGE = Path(__file__).parents[2] / "docs" / "concepts" / "verdicts.md"


def test_the_page_holds_the_table_of_today() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert BEGIN in page
    assert renew(page) == page, (
        "docs/concepts/verdicts.md is stale: write back ringthrough.verdict.document.renew(page)"
    )


def test_the_page_explains_every_verdict() -> None:
    page = PAGE.read_text(encoding="utf-8").partition(BEGIN)[0]
    for slug in VERDICTS:
        assert f"\n| `{slug}` |" in page


def test_the_table_has_a_row_for_each_rule_and_remark() -> None:
    lines = rule_table().splitlines()
    assert [line.split(" | ")[1] for line in lines[2 : 2 + len(RULES)]] == [f"`{rule.name}`" for rule in RULES]
    assert all(any(line.startswith(f"| `{remark.name}` |") for line in lines) for remark in REMARKS)


def test_no_row_of_the_table_breaks() -> None:
    rows = [line for line in rule_table().splitlines() if line.startswith("|")]
    assert {row.replace("\\|", "").count("|") for row in rows} == {9, 6}


def test_only_what_stands_between_the_marks_is_written() -> None:
    assert renew(f"a\n{BEGIN}old{END}\nb") == f"a\n{BEGIN}\n\n{rule_table()}\n{END}\nb"
    assert renew("no marks") == "no marks"
    assert renew(f"half {BEGIN} open") == f"half {BEGIN} open"


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (ALWAYS, "always"),
        (Is("code", 603), "code = 603"),
        (Is("early_media", True), "early_media"),
        (Not(Is("early_media", True)), "no early_media"),
        (Not(Is("code", 603)), "not code = 603"),
        (OneOf("code", (486, 600)), "code in 486, 600"),
        (AtLeast("ring_ms", 1000), "ring_ms >= 1000"),
        (Below("ring_ms", 1000), "ring_ms < 1000"),
        (Missing("ring_ms"), "no ring_ms"),
        (Present("ring_ms"), "ring_ms known"),
        (Contains("server", "asterisk"), "server contains asterisk"),
        (Words("phrase", ("cli", "spam")), "phrase has a word of: cli, spam"),
        (All(Missing("code"), Any(Present("cut"), All(Present("file")))), "no code and (cut known or file known)"),
        (Any(All(Missing("code"), Present("cut")), Present("file")), "(no code and cut known) or file known"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_conditions_in_words(condition: Condition, text: str) -> None:
    assert in_words(condition) == text
