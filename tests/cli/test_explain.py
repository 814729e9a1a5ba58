"""`ringthrough explain`: every option, bad input, and what a run costs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from ringthrough.cli.reference_text import PIPED_WIDTH, Page, entry_text, reading_text, safe
from ringthrough.errors import BackendError, LocalError
from ringthrough.reading import QUESTIONS, read_paste
from ringthrough.reference import causes, codes, lookup
from tests.reading.pastes import BLOCKED, NOTICE, PASTES, TOKEN

from .conftest import Ran
from .test_group import in_terminal, modules

Run = Callable[..., Result]
Process = Callable[..., Ran]


def told(result: Result) -> str:
    assert result.exception is None, result.exception
    return result.output


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (["608"], "608 Rejected"),
        (["603+"], "603+ Network Blocked"),
        (["603plus"], "603+ Network Blocked"),
        (["Q.850:21"], "Q.850:21 Call rejected"),
        (["cause", "21"], "Q.850:21"),
        (["21"], "Q.850:21"),
        (["603", "Decline"], "603 Decline"),
        (["rejected"], "608  "),
        (["rejected"], "Entries about 'rejected'"),
        (["SIP/2.0", "603", "Network", "Blocked"], "An algorithm"),
        (["SIP/2.0 607 Unwanted"], "A person"),
        ([f"Reason: {NOTICE}"], "fir.example.com (unverified)"),
        (["hangup_cause=CALL_REJECTED"], "Q.850 cause 21"),
        (["sip:603"], "603"),
    ],
    ids=str,
)
def test_what_can_be_asked(run: Run, what: list[str], said: str) -> None:
    assert said in told(run("explain", *what))


@pytest.mark.parametrize("entry", [*codes(), *causes()], ids=lambda e: e.id)
def test_every_entry_fits_a_screen_and_full_says_more(run: Run, entry: object) -> None:
    name = entry.id  # type: ignore[attr-defined]
    short = told(run("explain", name)).splitlines()
    full = told(run("explain", "--full", name)).splitlines()
    assert short[0].startswith(name)
    assert len(short) <= 36
    assert len(full) > len(short)
    assert all(len(line) <= PIPED_WIDTH for line in (*short, *full))
    assert not any(line != line.rstrip() for line in (*short, *full))


@pytest.mark.parametrize("width", [30, 40, 47, 48, 80, 120])
def test_any_width_holds(width: int) -> None:
    for name in ("608", "603+", "Q.850:21"):
        page = Page(width=width, colour=False)
        entry_text(lookup(name), page, full=True)
        longest = max(len(word) for word in str(page).split())
        assert all(len(line) <= max(width, longest + 14) for line in str(page).splitlines())
    page = Page(width=width, colour=False)
    reading_text(read_paste(BLOCKED), page, full=True)
    assert "603 Network Blocked" in str(page)


def test_a_list_has_every_entry_of_its_class(run: Run) -> None:
    six = told(run("explain", "--list", "6xx"))
    assert all(f"{e.id} " in six for e in codes("6xx"))
    assert "404 " not in six
    everything = told(run("explain", "--list"))
    assert all(f"\n{e.id} " in everything for e in (*codes(), *causes()))
    assert "Q.850:21" in told(run("explain", "--list", "causes"))
    variants = told(run("explain", "--list", "variants"))
    assert "603+" in variants
    assert "\n608 " not in variants
    assert [e["id"] for e in json.loads(told(run("explain", "--json", "--list", "1xx")))] == [e.id for e in codes("1")]


def test_json(run: Run) -> None:
    one = json.loads(told(run("explain", "--json", "608")))
    assert (one["id"], one["code"], one["blocks"]["level"]) == ("608", 608, "explicit")
    whole = json.loads(told(run("explain", "--json")))
    assert len([e for e in whole["entries"] if e["kind"] == "code"]) == 75
    found = json.loads(told(run("explain", "--json", "rejected")))
    assert "608" in [e["id"] for e in found]
    reading = json.loads(told(run("explain", "--json", BLOCKED)))
    assert [a["key"] for a in reading["answers"]] == list(QUESTIONS)
    assert reading["refusal"]["url"] == "https://fir.example.com"
    assert "$schema" in json.loads(told(run("explain", "--schema")))


def test_a_paste_from_a_file_and_from_standard_input(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "message.txt"
    path.write_text(BLOCKED)
    from_file = told(run("explain", path))
    assert from_file == told(run("explain", "-", stdin=BLOCKED.encode()))
    assert from_file == told(run("explain", stdin=BLOCKED.encode()))
    assert from_file == told(run("explain", BLOCKED))
    where = [from_file.index(question) for question in QUESTIONS.values()]
    assert where == sorted(where)
    assert "9 more fields" not in from_file
    assert "more fields: --full" in from_file
    full = told(run("explain", "--full", path))
    assert "Call-ID" in full
    assert "Call-ID" not in from_file.partition("Field by field")[2]
    several = told(run("explain", PASTES[-2].text))
    assert "1. 180 Ringing" in several


def test_many_defects_are_cut_short(run: Run) -> None:
    bad = 'SIP/2.0 486 Busy\nReason: Q.850;cause=603;text="v=analytics2;url=ftp://x;tel=1;email=a;id=b c"'
    assert "more" in told(run("explain", bad)).partition("What is wrong")[2].partition("Field by field")[0]
    assert (
        "and " not in told(run("explain", "--full", bad)).partition("What is wrong")[2].partition("Field by")[0][-20:]
    )


def test_a_ticket_is_masked(run: Run, tmp_path: Path) -> None:
    ticket = told(run("explain", "--ticket", BLOCKED))
    assert ticket.startswith("Subject: Calls refused with 603 Network Blocked")
    assert "2155550112" not in ticket
    assert "+18005550100" in ticket
    signed = f"INVITE sip:+12125550199@a SIP/2.0\nIdentity: {TOKEN}\nFrom: <sip:+12155550112@a>;tag=1\n"
    ticket = told(run("explain", "--ticket", "-", stdin=signed.encode()))
    assert TOKEN.rpartition(".")[2] not in ticket
    assert "12155550112" not in ticket
    assert "603 Decline" in told(run("explain", "--ticket", "603 Decline"))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["999"], "reference-unknown-code", "nearest: 608"),
        (["Q.850:300"], "reference-unknown-code", "nearest: Q.850"),
        (["699"], "reference-unknown-code", "nearest"),
        (["--list", "9xx"], "reference-unknown-code", "1xx"),
        (["zzzqqq"], "reading-not-understood", "expected a status line"),
        (["--ticket", "rejected"], "reading-not-understood", "expected a status line"),
        (["x " * 150], "reading-not-understood", "..."),
    ],
    ids=str,
)
def test_bad_input_says_what_was_expected(run: Run, arguments: list[str], code: str, said: str) -> None:
    result = run("explain", *arguments)
    assert isinstance(result.exception, LocalError)
    assert result.exception.problem.code == code
    assert said in str(result.exception)


def test_files_that_are_no_paste(run: Run, capture: Path, tmp_path: Path) -> None:
    result = run("explain", capture)
    assert isinstance(result.exception, LocalError)
    assert result.exception.problem.code == "cli-not-a-paste"
    assert "ringthrough diagnose" in str(result.exception)
    long = tmp_path / "long.txt"
    long.write_bytes(b"x" * 300_000)
    result = run("explain", long)
    assert isinstance(result.exception, LocalError)
    assert isinstance(run("explain", "\x00/" * 9).exception, LocalError)
    if os.getuid() != 0:
        long.chmod(0)
        assert isinstance(run("explain", long).exception, BackendError)


def test_exit_status(process: Process, tmp_path: Path) -> None:
    assert process("explain", "608").status == 0
    for wrong in (["999"], ["zzzqqq"], ["--list", "9xx"], ["--nope"]):
        ran = process("explain", *wrong)
        assert (ran.status, ran.out) == (2, b"")
        assert ran.err
    assert process("explain").status == 2  # nothing on standard input


def test_the_site_is_written(run: Run, tmp_path: Path) -> None:
    said = told(run("explain", "--site", tmp_path / "site"))
    assert "pages in" in said
    assert (tmp_path / "site" / "index.html").is_file()
    assert (tmp_path / "site" / "code" / "603plus.html").is_file()
    (tmp_path / "file").write_text("x")
    result = run("explain", "--site", tmp_path / "file" / "below")
    assert isinstance(result.exception, BackendError)
    assert result.exception.problem.code == "cli-output"


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")
def test_colour_in_a_terminal_alone(process: Process) -> None:
    shown = in_terminal("explain", "608", COLUMNS="60")
    assert "\x1b[1;36m608 Rejected" in shown
    assert "\x1b[" not in in_terminal("explain", "608", NO_COLOR="1")
    assert "\x1b[" not in in_terminal("explain", "608", TERM="dumb")
    assert b"\x1b[" not in process("explain", "608").out
    assert "expected a code such as 608" in in_terminal("explain")


def test_a_strangers_text_does_not_steer_the_terminal(run: Run) -> None:
    said = told(run("explain", "SIP/2.0 603 \x1b]0;owned\x07\u202eDecline\x08"))
    assert all(character.isprintable() or character == "\n" for character in said)
    assert safe("a\x07b\udc80") == "a\\x07b\\x80"


FORBIDDEN = {"rich", "duckdb", "jinja2", "phonenumbers", "msgspec", "numpy", "tomllib", "asyncio", "multiprocessing"}


@pytest.mark.parametrize("arguments", [["608"], ["603+", "--full"], ["Q.850:21"], ["SIP/2.0 603 Decline"]], ids=str)
def test_a_look_up_imports_little(arguments: list[str]) -> None:
    loaded = modules("explain", *arguments)
    assert not loaded & FORBIDDEN
    ours = {m for m in loaded if m.startswith("ringthrough.")}
    rooms = {m.split(".")[1] for m in ours}
    allowed = {"cli", "errors", "reference"} | (
        {"reading", "signals", "wire", "numbers"} if " " in arguments[0] else set()
    )
    assert rooms <= allowed
