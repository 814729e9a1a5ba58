"""Every cause and note of a live source is explained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ringthrough.drivers.hep
from ringthrough.captures.causes import CAUSES as OF_CAPTURES
from ringthrough.drivers.hep_problems import CAUSES, NOTES, PROBLEMS, explain_cause

SOURCES = "".join(
    path.read_text("utf-8")
    for path in Path(ringthrough.drivers.hep.__file__).parent.glob("*.py")
    if path.name != "hep_problems.py"
)


@pytest.mark.parametrize("cause", [*CAUSES, *NOTES, *PROBLEMS])
def test_what_is_explained_is_used(cause: str) -> None:
    assert f'"{cause}"' in SOURCES


@pytest.mark.parametrize("note", re.findall(r'(?:note|skip)\("([a-z-]+)"', SOURCES))
def test_what_is_counted_is_explained(note: str) -> None:
    assert explain_cause(note).endswith(".")


def test_causes_of_captures_are_explained_as_there() -> None:
    assert explain_cause("hep-other") == OF_CAPTURES["hep-other"]
    assert explain_cause("no such cause") == ""
