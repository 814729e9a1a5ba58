"""The documents tell the truth: generated pages are fresh, every problem is produced by a test, examples run."""

from __future__ import annotations

import importlib
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GENERATOR = runpy.run_path(str(ROOT / "docs" / "generate.py"), run_name="generator")
PAPERS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_generated_pages_are_fresh() -> None:
    assert GENERATOR["stale"]() == [], "run make docs"


def registered() -> dict[str, str]:
    """Every problem code and the room that lists it."""
    found: dict[str, str] = {}
    for room in GENERATOR["ROOMS"]:
        module = importlib.import_module(f"ringthrough.{room}" if room != "cli" else "ringthrough.cli.problems")
        for code in module.PROBLEMS:
            assert code not in found, f"{code} is listed by {found[code]} and {room}"
            found[code] = room
    return found


def test_every_problem_code_begins_with_its_room() -> None:
    assert {code: room for code, room in registered().items() if not code.startswith(f"{room}-")} == {}


def test_every_problem_code_is_used_in_its_room_and_in_a_test() -> None:
    sources = {room: "".join(f.read_text("utf-8") for f in room_files(room)) for room in GENERATOR["ROOMS"]}
    tests = "".join(f.read_text("utf-8") for f in (ROOT / "tests").rglob("*.py"))
    # A code may be put together from a prefix and a cause; then the cause is what the source and the tests name.
    endings = {code: [f'"{"-".join(code.split("-")[n:])}"' for n in range(3)] for code in registered()}
    unused = [c for c, room in registered().items() if sum(sources[room].count(e) for e in endings[c]) < 2]
    untested = [c for c in registered() if not any(e in tests for e in endings[c])]
    assert (unused, untested) == ([], [])


def room_files(room: str) -> list[Path]:
    single = ROOT / "src" / "ringthrough" / f"{room}.py"
    return [single] if single.is_file() else sorted((ROOT / "src" / "ringthrough" / room).rglob("*.py"))


def test_every_command_is_in_the_command_line_page() -> None:
    from ringthrough.cli.group import COMMANDS

    page = (ROOT / "docs" / "reference" / "command-line.md").read_text("utf-8")
    assert [name for name in COMMANDS if f"## ringthrough {name}" not in page] == []


@pytest.mark.parametrize("paper", PAPERS, ids=[str(p.relative_to(ROOT)) for p in PAPERS])
def test_links_between_the_papers_lead_somewhere(paper: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", paper.read_text("utf-8"))
    assert [target for target in targets if not (paper.parent / target).exists()] == []


@pytest.mark.slow
def test_the_examples_of_the_readme_run(tmp_path: Path) -> None:
    """Every shell line that calls ringthrough and every Python block, from the top, in one folder."""
    text = (ROOT / "README.md").read_text("utf-8")
    blocks = re.findall(r"^```(console|python)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    ran = 0
    (tmp_path / "calls.csv").write_bytes((ROOT / "tests" / "data" / "cdr" / "asterisk-csv.csv").read_bytes())
    for kind, body in blocks:
        if kind == "python":
            words = [sys.executable, "-W", "error", "-c", body]
            done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
            assert done.returncode == 0, f"{body}\n{done.stderr}"
            ran += 1
            continue
        for line in body.splitlines():
            if not line.startswith("$ ringthrough"):
                continue
            words = [sys.executable, "-m", *shlex.split(line[2:])]
            done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
            assert done.returncode == 0, f"{line}\n{done.stderr}"
            ran += 1
    assert ran >= 5
