"""Cells: durations, codes, causes, numbers, words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.cdr.cells import UNREADABLE, Numbers, Remembered, duration_reader, user_of, value_reader
from ringthrough.cdr.vocabulary import cause_of, code_of, plain
from ringthrough.errors import LocalError
from ringthrough.numbers import normalise


@pytest.mark.parametrize(
    ("unit", "text", "ms"),
    [
        ("seconds", "43", 43_000), ("seconds", "43.25", 43_250), ("seconds", "43,5", 43_500), ("seconds", "0", 0),
        ("seconds", "12 s", 12_000), ("seconds", "250 ms", 250), ("seconds", "250msec", 250),
        ("seconds", "1:03", 63_000),
        ("seconds", "01:02:03", 3_723_000), ("seconds", "00:00:01.5", 1500), ("seconds", "1 min 3 s", 63_000),
        ("seconds", "1h2m3s", 3_723_000), ("seconds", "PT1M23S", 83_000), ("seconds", "2 hours", 7_200_000),
        ("seconds", "", None), ("seconds", "NULL", None), ("seconds", "-1", UNREADABLE),
        ("seconds", "ages", UNREADABLE),
        ("seconds", "PT", UNREADABLE), ("seconds", "99999999999", UNREADABLE),
        ("milliseconds", "250", 250), ("microseconds", "250999", 250),
    ],
)  # fmt: skip
def test_durations(unit: str, text: str, ms: int | None) -> None:
    assert duration_reader(unit)(text) == ms


def test_a_zero_may_mean_nothing() -> None:
    assert duration_reader("milliseconds", zero=False)("0") is None
    assert value_reader("cause", zero=False)("0") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("603", 603), (" 603 ", 603), ("603 Network Blocked", 603), ("SIP 603 Decline", 603), ("sip:603", 603),
        ("SIP/2.0 486 Busy Here", 486), ('{"sip_code": 603, "x": 1}', 603), ("hangup=1;sip_status=480", 480),
        ("21", None), ("", None), ("6030", None), ("312-555-0349", None), ("busy", None), ("799", None),
    ],
)  # fmt: skip
def test_codes(text: str, code: int | None) -> None:
    assert code_of(text) == code
    assert value_reader("code")(text) == code


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("21", 21), ("CALL_REJECTED", 21), ("call rejected", 21), ("Q.850;cause=17", 17), ("q850 31", 31), ("0", None),
        ("128", None), ("UNWANTED", None), ("", None), ("99999999999999999999", None),
    ],
)  # fmt: skip
def test_causes(text: str, cause: int | None) -> None:
    assert cause_of(text) == cause


def test_hexadecimal_causes_and_locations() -> None:
    hexes, places = value_reader("hex"), value_reader("location")
    assert [hexes(text) for text in ("15", "1F", "FF", "x", "")] == [21, 31, UNREADABLE, UNREADABLE, None]
    assert [places(text) for text in ("0", "10", "rln", "12", "")] == ["U", "BI", "RLN", "", None]


@pytest.mark.parametrize(
    ("cell", "user"),
    [
        ("+13125550349", "+13125550349"), ("sip:+13125550349@a.example;user=phone", "+13125550349"),
        ('"Acct" <sip:1001@a.example>;tag=1', "1001"), ("<tel:+13125550349>", "+13125550349"),
        ('"" <13125550349>', "13125550349"), (" 1001 ", "1001"), ("anonymous", "anonymous"), ("<<", ""),
    ],
)  # fmt: skip
def test_users(cell: str, user: str) -> None:
    assert user_of(cell) == user


_NUMBERS = st.one_of(
    st.from_regex(r"\+?1?[2-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"\+[0-9]{5,17}", fullmatch=True),
    st.sampled_from(["", "anonymous", "1001", "(312) 555-0349", "+1 312 555 0349", "00442071838750", "٣١٢"]),
    st.text(st.characters(exclude_characters='\n\r<>@:"', exclude_categories=["Cs"]), max_size=12),
)


@settings(max_examples=200, deadline=None, database=None)
@given(column=st.lists(_NUMBERS, min_size=1, max_size=6), region=st.sampled_from([None, "US", "ca", "DE"]))
def test_a_column_of_numbers_is_normalised_as_one_by_one(column: list[str], region: str | None) -> None:
    raw, numbers = Numbers(region)(column)
    assert [number.strip() for number in column] == [number.strip() for number in raw]
    assert list(numbers) == [normalise(number, region) for number in raw]


@pytest.mark.parametrize("region", [None, "US", "DE"])
@pytest.mark.parametrize("column", [["12125550100", "13125550349"], ["2125550100"], ["+12125550100"], ["0301234567"]])
def test_plain_columns_take_the_short_way_to_the_same_place(column: list[str], region: str | None) -> None:
    assert list(Numbers(region)(column)[1]) == [normalise(number, region) for number in column]


def test_an_unknown_region_is_said_at_once() -> None:
    with pytest.raises(LocalError):
        Numbers("Atlantis")


def test_what_is_remembered_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ringthrough.cdr.cells._REMEMBERED", 2)
    known = Remembered(str.upper)
    assert [known[text] for text in "abcabc"] == list("ABCABC")
    assert len(known) <= 2


def test_names_are_compared_without_case_and_punctuation() -> None:
    assert plain("Call-Sid (new)") == plain("call sid new") == "callsidnew"
