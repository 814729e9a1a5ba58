"""Tokens, quoted strings, and where lists are cut."""

from __future__ import annotations

import time

import pytest

from ringthrough.wire.grammar import is_quoted, is_token, opaque_removed, quote, split_list, split_params, unquote


@pytest.mark.parametrize(
    ("text", "token"),
    [("INVITE", True), ("a-b.c!%*_+`'~", True), ("", False), ("a b", False), ("naïve", False), ('"x"', False)],
)
def test_token(text: str, token: bool) -> None:
    assert is_token(text) is token


@pytest.mark.parametrize(
    ("label", "text", "parts"),
    [
        ("one", "a", ["a"]),
        ("two, spaces go", "a , b", ["a", "b"]),
        ("empty elements stay", "a,,b,", ["a", "", "b", ""]),
        ("comma in quotes", '"a,b" <sip:x>,c', ['"a,b" <sip:x>', "c"]),
        ("comma in brackets", "<sip:a,b@x>,<sip:c>", ["<sip:a,b@x>", "<sip:c>"]),
        ("escaped quote", r'"a\",b",c', [r'"a\",b"', "c"]),
        ("escaped backslash before the quote", r'"a\\",b', [r'"a\\"', "b"]),
        ("quote never closed protects nothing", 'a;x="b,c,d', ['a;x="b', "c", "d"]),
        ("backslash at the very end", 'a,"b\\', ["a", '"b\\']),
        ("bracket never closed", "<sip:a,b", ["<sip:a,b"]),
    ],
)
def test_list(label: str, text: str, parts: list[str]) -> None:
    assert split_list(text) == parts, label


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a;b", ["a", "b"]),
        ('a="x;y";b', ['a="x;y"', "b"]),
        ('a="x;cause=16', ['a="x', "cause=16"]),
        ('a=">";b="<";c', ['a=">"', 'b="<"', "c"]),
    ],
)
def test_params_are_cut_outside_quotes(text: str, parts: list[str]) -> None:
    assert split_params(text) == parts


@pytest.mark.parametrize("text", ["", "plain", 'with "quotes"', "back\\slash", "\\", '"', "a\x00b"])
def test_quote_and_unquote_are_inverse(text: str) -> None:
    assert unquote(quote(text)) == text
    assert is_quoted(quote(text))


def test_unquote_forgives_a_missing_quote() -> None:
    assert unquote('"cut off') == "cut off"


def test_opaque_parts_are_taken_out() -> None:
    assert opaque_removed('"a;b" <sip:x;y>;z="q"') == "x x;z=x"


@pytest.mark.parametrize("unit", ['"\\', '"', '\\"', "<", "a,", '"",', " ", '";'])
def test_cutting_hostile_text_stays_linear(unit: str) -> None:
    """64 KiB of what makes a backtracking pattern explode is cut within the time of a slow call, not of a coffee."""
    hostile = unit * (65_536 // len(unit))
    begin = time.process_time()
    split_list(hostile)
    split_params(hostile)
    opaque_removed(hostile[:8192])
    assert time.process_time() - begin < 1.0
