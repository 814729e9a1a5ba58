"""`ringthrough compare`."""

from __future__ import annotations

import json
from collections.abc import Callable

import click
import pytest
from click.testing import Result

from ringthrough.cli.reference_text import PIPED_WIDTH, Page
from ringthrough.errors import LocalError

from .conftest import Ran
from .test_group import in_terminal, modules

Run = Callable[..., Result]


def told(result: Result) -> str:
    assert result.exception is None, result.exception
    return result.output


@pytest.mark.parametrize(
    "pair", [("100", "608"), ("603", "608"), ("603", "603+"), ("480", "Q.850:20"), ("Q.850:16", "Q.850:31")], ids=str
)
def test_two(run: Run, pair: tuple[str, str]) -> None:
    short = told(run("compare", *pair))
    assert all(name in short.splitlines()[0] for name in pair)
    assert all(len(line) <= PIPED_WIDTH for line in short.splitlines())
    assert len(short.splitlines()) <= 46
    full = told(run("compare", "--full", *pair))
    assert "Sources" in full
    assert "Seen" in full
    assert len(full) > len(short)


def test_one_with_itself(run: Run) -> None:
    assert "do not differ" in told(run("compare", "608", "608"))


def test_several(run: Run) -> None:
    said = told(run("compare", "603", "607", "608", "603+"))
    assert "603 Decline / 607 Unwanted / 608 Rejected / 603+ Network Blocked" in said
    flat = " ".join(said.split())
    for word in ("intended", "redress", "2026-03-25", '"3/26/25"', '"March 26, 2026"', "both are wrong", "90 FR 13416"):
        assert word in flat
    assert all(len(line) <= PIPED_WIDTH for line in said.splitlines())


def test_a_narrow_screen_gets_blocks(run: Run) -> None:
    page = Page(width=40, colour=False)
    page.grid([("", "603", "607", "608"), ("meaning", "one", "two", "three")])
    assert str(page).split() == ["603", "meaning", "one", "607", "meaning", "two", "608", "meaning", "three"]


def test_json(run: Run) -> None:
    two = json.loads(told(run("compare", "--json", "603", "608")))
    assert (two["a"]["id"], two["b"]["id"]) == ("603", "608")
    assert two["key_differences"]
    several = json.loads(told(run("compare", "--json", "603", "607", "608", "603+")))
    assert [e["id"] for e in several["entries"]] == ["603", "607", "608", "603+"]


@pytest.mark.parametrize("what", [[], ["100"], ["100"] * 9], ids=len)
def test_too_few_or_too_many(run: Run, what: list[str]) -> None:
    result = run("compare", *what)
    assert isinstance(result.exception, click.UsageError)
    assert "expected two to 8 codes or causes" in result.exception.message
    assert "for example: ringthrough compare" in result.exception.message


def test_an_unknown_code(run: Run, process: Callable[..., Ran]) -> None:
    result = run("compare", "603", "999")
    assert isinstance(result.exception, LocalError)
    assert "nearest: 608" in str(result.exception)
    assert process("compare", "603", "999").status == 2
    assert process("compare", "100").status == 2


def test_colour_in_a_terminal_alone() -> None:
    assert "\x1b[1m" in in_terminal("compare", "603", "608")


def test_a_comparison_imports_little() -> None:
    loaded = modules("compare", "100", "608")
    assert not loaded & {"rich", "duckdb", "jinja2", "phonenumbers"}
    assert "ringthrough.report" not in loaded
