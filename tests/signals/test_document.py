"""docs/concepts/refusals.md: every message in it reads as the kind it stands under, and no rule is missing."""

from __future__ import annotations

import re

from ringthrough.signals import KINDS, PROBLEMS, read
from ringthrough.signals.problems import SOURCES
from ringthrough.signals.providers import WORDS
from ringthrough.wire import decode

from ..conftest import ROOT

TEXT = (ROOT / "docs" / "concepts" / "refusals.md").read_text(encoding="utf-8")


def test_every_example_reads_as_its_kind() -> None:
    shown = {}
    for section in re.split(r"^### ", TEXT, flags=re.MULTILINE)[1:]:
        kind = section.split("`")[1]
        blocks = re.findall(r"^```sip\n(.*?)^```", section, flags=re.DOTALL | re.MULTILINE)
        shown[kind] = len(blocks)
        for block in blocks:
            refusal = read(decode((block + "\n").replace("\n", "\r\n").encode()))
            assert refusal is not None, block
            assert refusal.kind == kind, block
    assert set(shown) == set(KINDS)
    assert all(shown.values())


def test_every_rule_of_a_603plus_is_listed_with_its_weight() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("| `signals-")]
    for slug in PROBLEMS:
        if slug.startswith("signals-603plus-"):
            row = next((row for row in rows if f"`{slug}`" in row), None)
            assert row is not None, slug
            for mark in ("[S]", "[reconstructed]"):
                assert (mark in row) is (mark in SOURCES[slug]), (slug, mark)


def test_every_word_is_listed() -> None:
    assert all(f"| `{word.slug}` |" in TEXT for word in WORDS)
