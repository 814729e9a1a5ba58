"""The house stands as docs/architecture.md draws it: every import in the source is on the "<-" list of its room."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "ringthrough"
ROW = re.compile(r"^(?:F\d)?\s+(?P<room>\w+)(?:/|\.py)\s+(?P<promise>[^<]*?)(?:<-\s*(?P<below>.*))?$")
ANYWHERE = {"errors", "numbers", "native"}


def drawn() -> dict[str, set[str] | None]:
    """Room -> rooms it may import, as drawn; None for "any room below"."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    picture = re.search(r"```\n(F9.*?)```", text, re.S)
    assert picture is not None
    rooms: dict[str, set[str] | None] = {}
    for line in picture[1].splitlines():
        row = ROW.match(line)
        assert row is not None, f"unreadable line in the picture: {line!r}"
        below = (row["below"] or "").strip()
        rooms[row["room"]] = None if below.startswith("any") else set(below.split())
    return rooms


def built() -> set[str]:
    folders = {p.name for p in PACKAGE.iterdir() if p.is_dir() and any(p.glob("*.py"))}
    return folders | {p.stem for p in PACKAGE.glob("*.py") if p.stem not in ("__init__", "__main__")}


def files_of(room: str) -> list[Path]:
    single = PACKAGE / f"{room}.py"
    return [single] if single.is_file() else sorted((PACKAGE / room).rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] if node.module != "ringthrough" else [f"ringthrough.{a.name}" for a in node.names]
        elif isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("ringthrough.")}
    return found - {"__version__"}


def test_every_room_that_is_built_is_drawn_and_the_other_way_round() -> None:
    assert built() == set(drawn())


@pytest.mark.parametrize("room", sorted(built()))
def test_a_room_imports_only_what_its_line_allows(room: str) -> None:
    allowed = drawn()[room]
    if allowed is None:
        pytest.skip("the top floor may import any room below")
    strangers = {str(f.relative_to(PACKAGE)): imports_of(f) - allowed - ANYWHERE - {room} for f in files_of(room)}
    assert {name: rooms for name, rooms in strangers.items() if rooms} == {}


def test_no_room_has_a_file_over_700_lines() -> None:
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    lengths = {str(f.relative_to(ROOT)): len(f.read_text(encoding="utf-8").splitlines()) for f in files}
    assert {name: n for name, n in lengths.items() if n > 700} == {}


def test_every_dependency_names_the_room_that_may_import_it() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    start = lines.index("dependencies = [")
    rows = lines[start + 1 : lines.index("]", start)]
    declared = {}
    for row in rows:
        match = re.match(r'\s*"(?P<name>[\w.]+)[^"]*",\s*# (?P<rooms>[^:]+)', row)
        assert match is not None, f"a dependency without its room: {row!r}"
        declared[match["name"]] = {room.strip() for room in match["rooms"].split(",")}
    modules = {"backports.zstd": "backports", "phonenumberslite": "phonenumbers"}
    importers: dict[str, set[str]] = {}
    for room in built():
        for path in files_of(room):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                top = []
                if isinstance(node, ast.ImportFrom) and node.module:
                    top = [node.module.split(".")[0]]
                elif isinstance(node, ast.Import):
                    top = [a.name.split(".")[0] for a in node.names]
                for name in top:
                    importers.setdefault(name, set()).add(room)
    used = {name: importers.get(modules.get(name, name), set()) for name in declared}
    assert used == declared
    assert tomllib.loads("\n".join(lines))["project"]["name"] == "ringthrough"
