"""The table of outcomes: what it may owe, and that the page about it says the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringthrough.stir import OUTCOMES, Outcome

PAGE = Path(__file__).resolve().parents[2] / "docs" / "concepts" / "identity.md"

# RFC 8224 §6.2.2, §13; standards.md 5.4
OWED = {
    403: "Stale Date",
    428: "Use Identity Header",
    436: "Bad Identity Info",
    437: "Unsupported Credential",
    438: "Invalid Identity Header",
}


@pytest.mark.parametrize("slug", OUTCOMES)
def test_a_status_has_its_registered_phrase(slug: str) -> None:
    outcome = OUTCOMES[slug]
    assert outcome.phrase == ("" if outcome.status is None else OWED[outcome.status])


def test_every_status_of_rfc_8224_is_owed_by_some_outcome() -> None:
    assert {outcome.status for outcome in OUTCOMES.values()} == {*OWED, None}


def test_only_what_was_verified_passes() -> None:
    passed = [slug for slug, outcome in OUTCOMES.items() if outcome.verstat == "TN-Validation-Passed"]
    assert passed == ["valid"]


@pytest.mark.parametrize(("slug", "outcome"), OUTCOMES.items(), ids=OUTCOMES)
def test_the_page_says_the_same(slug: str, outcome: Outcome) -> None:
    status = f"{outcome.status} {outcome.phrase}" if outcome.status else ""
    row = f"| `{slug}` | {status} | `{outcome.verstat}` | {outcome.meaning} |"
    assert row in PAGE.read_text("utf-8").splitlines()
