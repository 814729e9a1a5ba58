"""Parameters, well and badly made."""

from __future__ import annotations

import pytest

from ringthrough.wire import Param, format_params, parse_params
from ringthrough.wire.params import find


@pytest.mark.parametrize(
    ("label", "text", "params"),
    [
        ("none", "", ()),
        ("one", "tag=abc", (Param("tag", "abc"),)),
        ("flag", "lr", (Param("lr", None),)),
        ("empty value", "a=", (Param("a", ""),)),
        ("several", "a=1;b;c=3", (Param("a", "1"), Param("b", None), Param("c", "3"))),
        ("repeated stay", "a=1;a=2", (Param("a", "1"), Param("a", "2"))),
        ("spaces everywhere", " ; a = 1 ;\tb ; c ", (Param("a", "1"), Param("b", None), Param("c", None))),
        ("quoted", 'text="a;b,\\"c\\""', (Param("text", 'a;b,"c"', True),)),
        ("empty ones are skipped", ";;a=1;;", (Param("a", "1"),)),
        ("unquoted text keeps its spaces", "text=Call Rejected;cause=21",
         (Param("text", "Call Rejected"), Param("cause", "21"))),
        ("open quote", 'text="cut;cause=21', (Param("text", "cut", True), Param("cause", "21"))),
        ("value with an equals sign", "url=https://x/?a=b", (Param("url", "https://x/?a=b"),)),
    ],
)  # fmt: skip
def test_parse(label: str, text: str, params: tuple[Param, ...]) -> None:
    assert parse_params(text) == params, label


def test_find_ignores_case_and_takes_the_first() -> None:
    params = parse_params("Tag=a;tag=b;LR")
    assert find(params, "tag") == "a"
    assert find(params, "lr") == ""
    assert find(params, "x") is None


@pytest.mark.parametrize("text", [";a=1;b", ';text="a\\"b";c=', ""])
def test_format_is_the_inverse_of_parse(text: str) -> None:
    assert format_params(parse_params(text)) == text
