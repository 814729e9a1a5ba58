"""The conformance list is complete, and every test that it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .conformance import ROWS, Row

TESTS = Path(__file__).resolve().parents[1]

# By hand from the dossier: sections 1.2, 1.4, 2.4, and the rows of section 5.
COUNTS = {"R8688": 43, "D8688": 10, "R99": 10}
NUMBERED = {f"{name}-{n}" for name, count in COUNTS.items() for n in range(1, count + 1)}


def test_every_requirement_has_one_row() -> None:
    ids = [row.id for row in ROWS]
    assert len(ids) == len(set(ids))
    assert {ident for ident in ids if not ident.startswith("S5.")} == NUMBERED


def test_the_dossier_has_no_other_requirements(shared: Path) -> None:
    text = (shared / "reference" / "standards.md").read_text("utf-8")
    found = set(re.findall(r"^\| (R8688-\d+|D8688-\d+|R99-\d+) ", text, re.MULTILINE))
    assert found == NUMBERED
    steps = re.search(r"^### 5\.4.*?(?=^### )", text, re.MULTILINE | re.DOTALL)
    assert steps is not None
    numbers = {int(n) for n in re.findall(r"^\| (\d) \|", steps[0], re.MULTILINE)}
    assert {f"S5.4-{n}" for n in numbers} <= {row.id for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_every_row_keeps_its_word(row: Row) -> None:
    assert row.state in ("tested", "owed", "not ours")
    assert row.by if row.state == "tested" else row.why, "a row without a test says why"
    for name in row.by:
        file, _, function = name.partition("::")
        text = (TESTS / file).read_text("utf-8")
        assert not function or re.search(rf"^def {function}\(", text, re.MULTILINE), name
