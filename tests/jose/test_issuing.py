"""The test authority: same arguments, same octets; values that no certificate can hold."""

from __future__ import annotations

from typing import Any

import pytest

from ringthrough.errors import LocalError
from ringthrough.jose import Anchors, ClaimConstraints, TNAuthList, check_chain
from ringthrough.jose.issuing import make_authority

from .making import END, NOW, START, authority, key, made


def test_the_same_arguments_give_the_same_octets() -> None:
    one, two = (make_authority(b"seed of a test ca", not_before_s=START, not_after_s=END) for _ in range(2))
    assert one.root == two.root
    assert one.intermediate == two.intermediate
    values: dict[str, Any] = {"spc": "709J", "serial": 5, "not_before_s": START, "not_after_s": END}
    assert one.leaf(key().public, **values) == two.leaf(key().public, **values)
    other = make_authority(b"seed of other ca", not_before_s=START, not_after_s=END)
    assert other.root != one.root


def test_a_chain_of_it_is_trusted() -> None:
    rule = ClaimConstraints(must_include=("attest",), must_exclude=("div",))
    numbers = TNAuthList(("709J",), numbers=("12155550100",))
    found = authority().leaf(
        key().public, spc="709J", serial=5, not_before_s=START, not_after_s=END, organization="Ünïcode Tel",
        tn_auth_list=numbers, constraints=rule, crl_url="https://pa.example.net/crl",
    )  # fmt: skip
    outcome = check_chain(found, Anchors([authority().root]), at_s=NOW)
    assert outcome.trusted
    assert outcome.problems == ()
    assert outcome.constraints == (rule,)
    assert (found[0].tn_auth_list, found[0].organization) == (numbers, "Ünïcode Tel")


@pytest.mark.parametrize(
    "changed",
    [
        {"serial": 0},
        {"serial": 1 << 170},
        {"not_after_s": START - 10},
        {"not_after_s": 1e300},
        {"not_after_s": float("nan")},
        {"subject": {"X": "y"}},
        {"subject": {"C": "United States"}},
        {"path_length": 3},
        {"more": [("not an oid", False, b"")]},
        {"key_usage": ("encipherOnly",)},
    ],
    ids=lambda changed: f"{changed}",
)
def test_not_made(changed: dict[str, Any]) -> None:
    with pytest.raises(LocalError) as caught:
        made(**changed)
    assert caught.value.problem.code == "jose-issue-value"
