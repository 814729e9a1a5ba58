"""Claim constraints: what tokens of a certificate have to say."""

from __future__ import annotations

from typing import Any

import pytest

from ringthrough.errors import RemoteError
from ringthrough.jose import ClaimConstraints
from ringthrough.jose.constraints import read_constraints
from ringthrough.jose.der import encode

from .making import code_of, entry, ia5, seq


@pytest.mark.parametrize(
    "made",
    [
        ClaimConstraints(must_include=("attest",)),
        ClaimConstraints(permitted=(("attest", ("A", "B")), ("ü".replace("ü", "origid"), ("é",)))),
        ClaimConstraints(("rcd", "crn"), (("crn", ("x",)),)),
        ClaimConstraints(("rcd",), (("crn", ("x",)),), ("div",)),
        ClaimConstraints(must_exclude=("div",)),
    ],
)
def test_round_trip(made: ClaimConstraints) -> None:
    assert read_constraints(made.der(), enhanced=bool(made.must_exclude)) == made


_NAMES = seq(ia5(b"a"))


@pytest.mark.parametrize(
    ("der", "enhanced"),
    [
        pytest.param(b"", True, id="nothing"),
        pytest.param(seq(), True, id="no constraint"),
        pytest.param(seq(entry(2, _NAMES)), False, id="mustExclude of RFC 9118 in RFC 8226's"),
        pytest.param(seq(entry(3, _NAMES)), True, id="unknown part"),
        pytest.param(seq(encode(4, b"")), True, id="another type"),
        pytest.param(seq(entry(0, _NAMES), entry(0, _NAMES)), True, id="part twice"),
        pytest.param(seq(entry(2, _NAMES), entry(0, _NAMES)), True, id="wrong order"),
        pytest.param(seq(entry(0, seq())), True, id="no names"),
        pytest.param(seq(entry(0, seq(encode(12, b"a")))), True, id="name as UTF8String"),
        pytest.param(seq(entry(0, seq(ia5(b"a") * 257))), True, id="257 names"),
        pytest.param(seq(entry(1, seq(seq(ia5(b"a"))))), True, id="claim without values"),
        pytest.param(seq(entry(1, seq(seq(ia5(b"a"), seq())))), True, id="no values"),
        pytest.param(seq(entry(1, seq(seq(ia5(b"a"), seq(encode(12, b"\xff")))))), True, id="not UTF-8"),
        pytest.param(seq(entry(2, seq(ia5(b"orig")))), True, id="excludes what every token has"),
    ],
)
def test_refused(der: bytes, enhanced: bool) -> None:
    with pytest.raises(RemoteError) as caught:
        read_constraints(der, enhanced=enhanced)
    assert code_of(caught.value) == "jose-der"


_DEEP: list[Any] = []
for _ in range(5000):
    _DEEP = [_DEEP]


@pytest.mark.parametrize(
    ("claims", "slug"),
    [
        ({"attest": "A"}, None),
        ({"attest": "B", "rcd": {"nam": "x"}}, None),
        ({"attest": "A", "rcd": {"nam": "y"}}, "jose-claims-value"),
        ({"attest": "A", "rcd": "y"}, "jose-claims-value"),
        ({"attest": "A", "rcd": _DEEP}, "jose-claims-value"),
        ({}, "jose-claims-missing"),
        ({"attest": "C"}, "jose-claims-value"),
        ({"attest": "A", "div": {}}, "jose-claims-excluded"),
    ],
)
def test_claims(claims: dict[str, Any], slug: str | None) -> None:
    rule = ClaimConstraints(("attest",), (("attest", ("A", "B")), ("rcd", ('{"nam":"x"}',))), ("div",))
    found = rule.breach(claims)
    assert (found.code if found else None) == slug
