"""Recognition, and the profile that is proposed for an unknown file."""

from __future__ import annotations

import io

import pytest

from ringthrough.cdr import open_records, parse_profile, propose, recognise

from .reading import DATA, own

US = "1/11/2026 09:20:06,3125550349,2135550100,BUSY,12\n11/20/2026 10:20:06,3125550349,2135550101,ANSWERED,40\n"


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"", "the file is empty"),
        (b"hello world\n", "no profile fits a file of kind csv that begins with 'hello world'"),
        (b'{"a": 1}', "no profile fits a file of kind json"),
        (b"<html></html>", "no profile fits a file of kind xml"),
        (b"CREATE TABLE x (y int);", "no profile fits a file of kind sql"),
        (b"a,b,c\n1,2,3\n", "no profile fits"),
        (b"ACC: nothing here\n", "no profile fits"),
        (b"\xff\xfe", "the file is empty"),
        (b"[", "no profile fits"),
        (b'"' + b"x" * 200_000, "no profile fits"),
    ],
)
def test_what_is_not_recognised(octets: bytes, why: str) -> None:
    found = recognise(octets)
    assert found.profile is None
    assert found.why.startswith(why)
    problem = found.problem("x.csv")
    assert problem is not None
    assert (problem.code, problem.where) == ("cdr-unknown-dialect", "x.csv")


def test_the_runners_up_are_told() -> None:
    found = recognise((DATA / "asterisk-db.csv").read_bytes())
    assert [name for name, _ in found.others] == ["generic"]
    assert found.problem("x.csv") is None


def test_own_profiles_and_names_break_ties() -> None:
    one = own("", "", '[recognise]\nnames = ["at"]\n')
    other = parse_profile(
        'name = "other"\ntitle = "x"\n[fields]\nat = "at"\n[recognise]\nnames = ["at"]\ncells = { at = "[0-9]+" }\n'
    )
    text = b"at,to\n1,2\n"
    assert recognise(text, profiles=[one]).profile is one
    assert recognise(text, "x.csv", [one, other]).profile is other
    assert recognise(b"at,to\nx,2\n", "x.csv", [one, other]).profile is one
    assert recognise(b"at,to\n,2\n", "own.csv", [one, other]).profile is one


def test_rows_of_another_width_do_not_fit() -> None:
    text = (DATA / "freeswitch-csv.csv").read_text().splitlines()
    mixed = "\n".join([text[0], "a,b", "c,d", "e,f"]) + "\n"
    assert recognise(mixed.encode()).profile is None


@pytest.mark.parametrize("path", sorted(DATA.glob("*.csv")) + sorted(DATA.glob("*.json*")), ids=lambda path: path.name)
def test_a_proposal_reads_the_file_it_was_made_from(path: object) -> None:
    octets = path.read_bytes()  # type: ignore[attr-defined]
    made = propose(octets, path.name)  # type: ignore[attr-defined]
    if not made.toml:
        assert made.why
        return
    profile = parse_profile(made.toml)
    records = open_records(io.BytesIO(octets), profile, name="x", tz="UTC")
    rows = list(records)
    assert rows, made.toml
    assert records.problems == []


def test_a_proposal_without_a_header_says_what_to_check() -> None:
    made = propose(US.replace("1/11", "11/20").encode(), "Leads 2026")
    profile = parse_profile(made.toml)
    assert (profile.name, profile.formats, profile.zone) == ("leads-2026", ("%m/%d/%Y %H:%M:%S",), "local")
    rows = list(
        open_records(io.BytesIO(US.replace("1/11", "11/20").encode()), profile, name="x", tz="UTC", region="US")
    )
    assert [(row.caller, row.callee, row.outcome) for row in rows] == [
        ("+13125550349", "+12135550100", "busy"), ("+13125550349", "+12135550101", "answered"),
    ]  # fmt: skip
    assert any("please check" in line for line in made.why)


def test_times_that_could_be_two_things_are_said() -> None:
    made = propose(b"05/06/2026 09:20:06,2135550100\n07/08/2026 09:20:06,2135550101\n")
    assert any(line.startswith("times could be %m/%d/%Y %H:%M:%S or %d/%m/%Y") for line in made.why)


def test_words_that_are_not_understood_are_listed() -> None:
    made = propose(
        b'start_time,to,disposition\n2026-11-20T09:20:06Z,2135550100,Busy\n2026-11-20T09:20:06Z,2135550100,So\tso "x"\n'
    )
    assert 'busy = ["Busy"]' in made.toml
    assert '# not understood yet: "So\\u0009so' in made.toml


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"", "the file is empty: a profile can be proposed"),
        (b"<x/>", "the file is xml"),
        (b"one\ntwo\n", "no record could be cut"),
        (b"a,b\nx,y\nz,w\n", "no column holds times"),
        (b"{}", "no record could be cut"),
    ],
)
def test_files_for_which_nothing_can_be_proposed(octets: bytes, why: str) -> None:
    made = propose(octets)
    assert made.toml == ""
    assert any(why in line for line in made.why), made.why
