"""`ringthrough sniff`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ringthrough.cdr import parse_profile
from ringthrough.cli.sniff import sniff
from ringthrough.errors import BackendError

DATA = Path(__file__).parent.parent / "data" / "cdr"
UNKNOWN = b"2026-11-20 09:20:06;2135550100;BUSY;a\x1b[31m\n2026-11-20 09:20:07;2135550101;ANSWERED;b\n"


def _run(*words: str, stdin: bytes | None = None) -> str:
    done = CliRunner().invoke(sniff, words, input=stdin, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_known_dialect_is_named_with_its_reason() -> None:
    said = _run(str(DATA / "asterisk-db.csv"))
    assert "asterisk-db (Asterisk table cdr" in said
    assert "because the header names src, dst, disposition" in said
    assert "also fits: generic" in said
    assert "[fields]" not in said


def test_a_profile_is_proposed_for_an_unknown_one() -> None:
    said = _run("-", stdin=UNKNOWN)
    assert "A profile of its own" in said
    assert "# at: column c1, by its cells" in said
    assert "\x1b" not in said


def test_only_the_profile(tmp_path: Path) -> None:
    path = tmp_path / "Leads.csv"
    path.write_bytes(UNKNOWN)
    done = CliRunner().invoke(sniff, [str(path), "--toml"], catch_exceptions=False)
    assert parse_profile(done.stdout).name == "leads"
    assert "please check" in done.stderr


def test_nothing_can_be_proposed() -> None:
    assert "No profile can be proposed" in _run("-", stdin=b"hello\n")


def test_json() -> None:
    made = json.loads(_run(str(DATA / "asterisk-csv.csv"), "--json"))
    assert (made["profile"], made["proposal"]) == ("asterisk-csv", None)
    made = json.loads(_run("-", "--json", stdin=UNKNOWN))
    assert made["profile"] is None
    assert parse_profile(made["proposal"]["toml"]).name == "calls"


def test_the_list_of_profiles() -> None:
    said = _run("-", "--profiles")
    assert "asterisk-csv" in said
    assert "documented" in said


@pytest.mark.parametrize("name", ["nowhere.csv", "."])
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(BackendError) as caught:
        _run(str(tmp_path / name))
    assert caught.value.problem.code == "cli-not-readable"
