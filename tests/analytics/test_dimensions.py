"""What calls are grouped by."""

from __future__ import annotations

import pytest

from ringthrough.analytics import metrics

from .made import row
from .reference import country, prefix

CASES = [
    ("north american", "+12125550199", "+1212555", "+1"),
    ("north american, masked", "+1212555xxxx", "+1212555", "+1"),
    ("short +1", "+1212555", "+1", "+1"),
    ("russia", "+79161234567", "+7", "+7"),
    ("london", "+442079460123", "+44", "+44"),
    ("dublin", "+35315550123", "+353", "+353"),
    ("egypt", "+20212345678", "+20", "+20"),
    ("morocco", "+212612345678", "+212", "+212"),
    ("as dialled", "2125550199", "", ""),
    ("extension", "1002", "", ""),
    ("nothing", "", "", ""),
    ("plus alone", "+", "", ""),
    ("keyed", "~kdmcabgjaaaabbbb", "", ""),
    ("keyed, digits kept", "1212~kdmcabgjaaaa", "", ""),
    ("a name with a plus", "+abcdefgh", "", ""),
    ("a name after a digit", "+1bcdefghijk", "", ""),
]


@pytest.mark.parametrize(("callee", "exchange", "code"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_where_the_called_number_is(callee: str, exchange: str, code: str) -> None:
    (line,) = metrics([row(callee=callee)], by=("prefix", "country"), only="asr")
    assert (line["prefix"], line["country"]) == (exchange, code)
    assert (prefix(callee), country(callee)) == (exchange, code)
