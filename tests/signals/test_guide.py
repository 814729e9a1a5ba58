"""docs/guides/refuse.md runs as it stands, and docs/concepts/refusals.md lists everything that can be said."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from ringthrough.signals import CARD_OUTCOMES, GROUNDS
from ringthrough.signals.translate import LOSSES

from ..conftest import ROOT

GUIDE = (ROOT / "docs" / "guides" / "refuse.md").read_text(encoding="utf-8")
CONCEPT = (ROOT / "docs" / "concepts" / "refusals.md").read_text(encoding="utf-8")


def test_the_guide_runs(tmp_path: Path) -> None:
    """The Python blocks as one program, then the shell lines on the files that it wrote."""
    blocks = re.findall(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 6
    program = [sys.executable, "-W", "error", "-c", "\n".join(blocks)]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = re.findall(r"^\$ (ringthrough .*)$", GUIDE, re.MULTILINE)
    assert len(lines) == 1
    for line in lines:
        words = [sys.executable, "-m", *shlex.split(line), "--cache", str(tmp_path / "cache")]
        told = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
        assert told.returncode == 0, told.stdout + told.stderr
        assert told.stdout.startswith("VERIFIED")


def test_every_ground_is_listed_with_its_answers() -> None:
    for slug, ground in GROUNDS.items():
        row = next(line for line in CONCEPT.splitlines() if line.startswith(f"| `{slug}` |"))
        assert all(str(status) in row for status in ground.plain)


def test_every_outcome_of_a_card_is_listed() -> None:
    assert all(f"| `{slug}` | {meaning} |" in CONCEPT for slug, meaning in CARD_OUTCOMES.items())


def test_every_loss_is_listed() -> None:
    assert [slug for slug in LOSSES if f"`{slug}`" not in CONCEPT] == []
