"""Numbers: one spelling, and masks that hide what they should."""

from __future__ import annotations

import string
import subprocess
import sys

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringthrough.errors import LocalError
from ringthrough.numbers import PROBLEMS, is_number, mask, mask_text, normalise


@pytest.mark.parametrize(
    ("raw", "region", "expected"),
    [
        # ITU-T E.164 §6.2.1, RFC 3966 §3
        ("+12155550112", None, "+12155550112"),
        ("+1 (215) 555-0112", None, "+12155550112"),
        ("+49.30.1234567", None, "+49301234567"),
        ("+49 30 1234567", "US", "+49301234567"),
        ("+1215555011", None, "+1215555011"),
        ("+121555501123", "US", "+121555501123"),
        ("+123456", None, "+123456"),
        ("+1234567890123456", None, "+1234567890123456"),
        ("+0301234567", None, "+0301234567"),
        # without a region nothing is guessed
        ("2155550112", None, "2155550112"),
        ("0049301234567", None, "0049301234567"),
        # North American plan
        ("2155550112", "US", "+12155550112"),
        ("12155550112", "CA", "+12155550112"),
        ("(215) 555-0112", "US", "+12155550112"),
        ("215.555.0112", "us", "+12155550112"),
        ("01149301234567", "US", "+49301234567"),
        ("5550112", "US", "5550112"),
        ("911", "US", "911"),
        ("1002", "US", "1002"),
        # other plans, through phonenumbers
        ("030 1234567", "DE", "+49301234567"),
        ("0049301234567", "DE", "+49301234567"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("+442079460018", "GB", "+442079460018"),
        ("3", "DE", "3"),
        ("0" * 30, "DE", "0" * 30),
        # no numbers
        ("anonymous", "US", "anonymous"),
        ("alice", None, "alice"),
        ("", "US", ""),
        ("+", None, "+"),
        ("1800FLOWERS", "US", "1800FLOWERS"),
        ("*672155550112", "US", "*672155550112"),
        ("\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660", "US",
         "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660"),
        ("2" * 1000, "US", "2" * 1000),
        ("2 " * 1000, "US", "2 " * 1000),
    ],
)  # fmt: skip
def test_normalise(raw: str, region: str | None, expected: str) -> None:
    assert normalise(raw, region) == expected


@given(st.from_regex(r"\A1?[2-9][0-9]{2}[2-9][0-9]{6}\Z"), st.sampled_from(["US", "CA"]))
def test_fast_path_agrees_with_the_library(digits: str, region: str) -> None:
    """The oracle is phonenumbers: parse, then E.164."""
    number = phonenumbers.parse(digits, region)
    assert normalise(digits, region) == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@given(st.text(string.digits + "+-.() x", max_size=20), st.sampled_from([None, "US", "DE", "GB", "IT"]))
def test_normalise_twice_is_once(raw: str, region: str | None) -> None:
    once = normalise(raw, region)
    assert normalise(once, region) == once


@given(st.text(max_size=60), st.sampled_from([None, "US", "DE", "BR"]))
def test_nothing_escapes(raw: str, region: str | None) -> None:
    made = normalise(raw, region)
    assert made == raw or is_number(made)
    assert isinstance(is_number(raw), bool)
    assert len(mask(raw)) == len(raw)
    assert len(mask_text(raw)) == len(raw)


@pytest.mark.parametrize("region", ["XX", "USA", "", "1", "germany"])
def test_unknown_region(region: str) -> None:
    """ISO 3166-1: a wrong setting is told, whatever the number."""
    for raw in ("030 1234567", "+12155550112", "anonymous"):
        with pytest.raises(LocalError) as caught:
            normalise(raw, region)
        assert caught.value.problem.code == "numbers-unknown-region"
    assert set(PROBLEMS) == {"numbers-unknown-region"}


def test_plans_are_loaded_late() -> None:
    """Importing the module, a global number and a North American one load no numbering plans."""
    code = (
        "import sys; from ringthrough.numbers import normalise; normalise('+12155550112'); "
        "normalise('2155550112', 'US'); assert 'phonenumbers' not in sys.modules; "
        "assert normalise('030 1234567', 'DE') == '+49301234567'; assert 'phonenumbers' in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("+12155550112", True), ("2155550112", True), ("(215) 555-0112", True), ("5550112", True), ("1002", False),
     ("alice", False), ("", False), ("+", False), ("1234567890123456", False), ("215-555-01x2", False),
     (" " * 50, False)],
)  # fmt: skip
def test_is_number(text: str, expected: bool) -> None:
    """E.164 §6.2.1: at most 15 digits; RFC 3966 §3: separators."""
    assert is_number(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+12155550112", "+1215555xxxx"),
        ("(215) 555-0112", "(215) 555-xxxx"),
        ("5550112", "555xxxx"),
        ("1002", "xxxx"),
        ("12", "xx"),
        ("alice", "axxxx"),
        ("alice@example.com", "axxxx@example.com"),
        ("+12155550112@example.com", "+1215555xxxx@example.com"),
        ("anonymous", "anonymous"),
        ("Anonymous", "Anonymous"),
        ("anonymous@anonymous.invalid", "anonymous@anonymous.invalid"),
        ("", ""),
    ],
)
def test_mask(text: str, expected: str) -> None:
    assert mask(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<sip:+12155550112@192.168.100.200:5060>;tag=1", "<sip:+1215555xxxx@192.168.100.200:5060>;tag=1"),
        ("tel:+49-30-123456;phone-context=x", "tel:+49-30-12xxxx;phone-context=x"),
        ("sip:%2B12155550112@example.com", "sip:%2B1215555xxxx@example.com"),
        ("2026-11-21 14:02:33.5 2155550112 rang", "2026-11-21 14:02:33.5 215555xxxx rang"),
        ("2026-11-21 (215) 555-0112", "2026-11-21 (215) 555-xxxx"),
        ("+1 (215) 555-0112", "+1 (215) 555-xxxx"),
        ("215.555.0112", "215.555.xxxx"),
        ("2155550112 2155550113", "215555xxxx 215555xxxx"),
        ("603 Decline, frame 123456", "603 Decline, frame 123456"),
        ("1234567890123456", "1234567890123456"),
        ("", ""),
    ],
)  # fmt: skip
def test_mask_text(text: str, expected: str) -> None:
    assert mask_text(text) == expected


@given(st.from_regex(r"\A\+[1-9][0-9]{6,14}\Z"), st.sampled_from(["", " ", "<sip:", "tel:", "a", ","]),
       st.sampled_from(["", " ", "@example.com>", ";x", "b", ","]))  # fmt: skip
def test_no_whole_number_survives(number: str, before: str, after: str) -> None:
    assert number not in mask_text(before + number + after)
    assert mask_text(before + number + after) == before + number[:-4] + "xxxx" + after


def test_hostile_lengths_cost_little() -> None:
    """One pass over 100,000 characters; a slow pattern would take minutes here."""
    for text in ("1" * 100_000, "1-" * 50_000, "1." * 50_000, "2026-" * 20_000):
        assert len(mask_text(text)) == len(text)
