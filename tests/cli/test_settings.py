from __future__ import annotations

from pathlib import Path

import pytest

from ringthrough.cli.choice import Choice, parse_code, parse_number, parse_time
from ringthrough.cli.settings import read_carriers, read_numbers, settings_of
from ringthrough.errors import LocalError, RuleError


def test_carriers(tmp_path: Path) -> None:
    path = tmp_path / "carriers.toml"
    path.write_text(
        '[[carrier]]\nname = "Fir"\nnetworks = ["198.51.100.0/24", "2001:db8::/32"]\n\n'
        '[[carrier]]\nname = "Alder"\nprefixes = ["+1215"]\n'
    )
    made, trunks = read_carriers(str(path))
    assert made.by_address(b"\xc6\x33\x64\x02") == "Fir"
    assert made.by_number("+12155550123") == "Alder"
    assert trunks == {}
    path.write_text("")
    assert read_carriers(str(path))[0].carriers == ()


def test_trunks_of_carriers(tmp_path: Path) -> None:
    path = tmp_path / "carriers.toml"
    path.write_text(
        '[[carrier]]\nname = "Fir"\ntrunks = ["fir-1", "fir-2"]\n[[carrier]]\nname = "Alder"\ntrunks = ["alder"]\n'
    )
    assert read_carriers(str(path))[1] == {"fir-1": "Fir", "fir-2": "Fir", "alder": "Alder"}
    made = settings_of(region=None, own=[], carriers=str(path), workers=1)
    assert made.trunks == {"fir-1": "Fir", "fir-2": "Fir", "alder": "Alder"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("number,carrier\n+12155550123,Fir\n2155550124,Alder\n", {"+12155550123": "Fir", "+12155550124": "Alder"}),
        ("\ufeffcarrier,note,number\nFir,,(215) 555-0123\n", {"+12155550123": "Fir"}),
        ("number,carrier\n", {}),
    ],
)
def test_a_table_of_numbers(tmp_path: Path, text: str, found: dict[str, str]) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text(text, encoding="utf-8")
    assert read_numbers(str(path), "US") == found


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"number,carrier\n+12155550123,Fir\n+12155550124,\n", "line 3: expected the columns number and carrier"),
        (b'number,carrier\n"+1\n2",Fir\n,x\n', "line 4: expected the columns number and carrier"),
        (b"phone,carrier\n+12155550123,Fir\n", "line 2: expected the columns number and carrier"),
        (b"number,carrier\n\xff\xfe,x\n", "expected a CSV file that can be read"),
    ],
)
def test_a_wrong_table_of_numbers_names_file_and_line(tmp_path: Path, octets: bytes, said: str) -> None:
    path = tmp_path / "numbers.csv"
    path.write_bytes(octets)
    with pytest.raises(RuleError) as caught:
        read_numbers(str(path))
    assert caught.value.problem.code == "cli-numbers-file"
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ('[[carrier]]\nname = "x"\nnetwork = ["1.2.3.4"]', "cli-carriers-toml", "unknown field `network`"),
        ('[[carriers]]\nname = "x"', "cli-carriers-toml", "unknown field `carriers`"),
        ('[[carrier]]\nnetworks = []', "cli-carriers-toml", "missing required field `name`"),
        ('[[carrier]]\nname = 7', "cli-carriers-toml", "Expected `str`, got `int` - at `$.carrier[0].name`"),
        ("[[carrier", "cli-carriers-toml", "expected [[carrier]] tables"),
        ("\xff", "cli-carriers-toml", "expected [[carrier]] tables"),
        ('[[carrier]]\nname = " "', "cli-carriers-value", "carrier 1: name: expected a name, found ' '"),
        ('[[carrier]]\nname = "x"\nnetworks = ["10.0.0.0/99"]', "cli-carriers-value",
         "carrier 1: networks: expected an address range such as 198.51.100.0/24, found '10.0.0.0/99'"),
        ('[[carrier]]\nname = "a"\n[[carrier]]\nname = "b"\nprefixes = ["1215"]', "cli-carriers-value",
         "carrier 2: prefixes: expected a beginning of a number such as +1215, found '1215'"),
        ('[[carrier]]\nname = "a"\ntrunks = ["t"]\n[[carrier]]\nname = "b"\ntrunks = ["t"]', "cli-carriers-value",
         "carrier 2: trunks: expected names of trunks, each with one carrier, found 't'"),
        ('[[carrier]]\nname = "a"\ntrunks = [" "]', "cli-carriers-value", "1: trunks: expected names of trunks"),
    ],
)  # fmt: skip
def test_wrong_carriers_name_file_and_key(tmp_path: Path, text: str, code: str, said: str) -> None:
    path = tmp_path / "carriers.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(RuleError) as caught:
        read_carriers(str(path))
    assert caught.value.problem.code == code
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


def test_a_carriers_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RuleError) as caught:
        read_carriers(str(tmp_path))
    assert caught.value.problem.code == "cli-carriers-file"


def test_settings() -> None:
    made = settings_of(region="GB", own=["192.0.2.1"], carriers=None, workers=3)
    assert (made.region, made.own, made.carriers, made.workers) == ("GB", ("192.0.2.1",), None, 3)
    with pytest.raises(LocalError):
        settings_of(region=None, own=["x"], carriers=None, workers=1)


@pytest.mark.parametrize(
    ("text", "found"), [("603", (603, 603)), ("6xx", (600, 699)), ("1XX", (100, 199)), ("none", (-1, -1))]
)
def test_codes(text: str, found: tuple[int, int]) -> None:
    assert parse_code(text) == found


@pytest.mark.parametrize("text", ["", "7xx", "60", "6034", "x", "-1"])
def test_no_codes(text: str) -> None:
    with pytest.raises(ValueError, match="expected a code such as 603"):
        parse_code(text)


@pytest.mark.parametrize(
    ("text", "at_us"),
    [
        ("1970-01-01", 0),
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01 01:00:00.5+01:00", 500_000),
        ("1969-12-31T23:59:59Z", -1_000_000),
        ("0001-01-01T00:00:00+23:00", -62_135_679_600_000_000),
    ],
)
def test_times(text: str, at_us: int) -> None:
    assert parse_time(text) == at_us


@pytest.mark.parametrize(
    ("text", "region", "found"),
    [
        (" +1 (215) 555-0123 ", None, "+12155550123"),
        ("215 555 0123", "US", "+12155550123"),
        ("215/555 0123", None, "2155550123"),
        ("alice", None, "alice"),
        ("0123", None, "0123"),
    ],
)
def test_numbers(text: str, region: str | None, found: str) -> None:
    assert parse_number(text, region) == found


def test_an_empty_choice_is_none() -> None:
    assert not Choice()
    assert Choice(until_us=0)
    assert Choice(codes=((600, 699),))
