"""The guide to worlds: its commands and examples run, and its tables name everything that there is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ringthrough.cdr import load_profiles
from ringthrough.cli.simulate import simulate
from ringthrough.simulate.worlds import FATES, WorldCallTruth, WorldCell

GUIDE = (Path(__file__).parents[2] / "docs/guides/worlds.md").read_text("utf-8")
COMMANDS = re.findall(r"^\$ ringthrough simulate (.*)$", GUIDE, re.MULTILINE)
SMALL = ["--days", "1", "--volume", "0.05"]


def run(*arguments: str) -> str:
    ran = CliRunner().invoke(simulate, [*arguments])
    assert ran.exit_code == 0, ran.output
    return ran.output


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_its_commands_run(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(*command.split(), *(SMALL if "--world " in command else []))
    if "-o" in command:
        output = tmp_path / command.split(" -o ")[1]
        assert output.stat().st_size
        assert (tmp_path / f"{output.name}.truth.jsonl").stat().st_size


@pytest.mark.slow
def test_its_examples_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(first, "worlds.md", "exec"), names)
    table = tmp_path / "world.csv"
    run("--world", "flagged", "--seed", "3", "--days", "2", "--volume", "1", "-o", str(table))
    path = f"{table}.truth.jsonl"
    cells = list(names["truth"](path, "cell"))
    right = {(c["caller"], c["carrier"], c["day"]) for c in cells if c["chance"] >= 0.5}
    everything = {(c["caller"], c["carrier"], c["day"]) for c in cells}
    assert names["score"](path, right, 3) == (1.0, 1.0)
    precision, recall = names["score"](path, everything, 3)
    assert (0 < precision < 1, recall) == (True, 1.0)
    assert names["score"](path, set(), 3) == (0.0, 0.0)
    exec(compile(second, "worlds.md", "exec"), {})
    assert "cells with blocks" in capsys.readouterr().out


@pytest.mark.slow
def test_its_tables_name_every_dialect_fate_and_field(tmp_path: Path) -> None:
    words = set(re.findall(r"`([a-z0-9_.-]+)`", GUIDE))
    assert {profile.name for profile in load_profiles()} <= words
    assert set(FATES) <= words
    assert {*WorldCallTruth._fields, *WorldCell._fields, "record_id"} <= words
    run("--world", "mixed", *SMALL, "-o", str(tmp_path / "a"))
    lines = [json.loads(line) for line in (tmp_path / "a.truth.jsonl").read_text("utf-8").splitlines()]
    for line in lines:
        assert set(line) - {"type"} <= words, line["type"]
