"""The Wilson interval against values that others have published, and against itself as SQL."""

from __future__ import annotations

import math

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.analytics import wilson
from ringthrough.analytics.intervals import Z_SQL, Z, wilson_sql

# R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I,
# method 3 (score, without continuity correction).
PUBLISHED = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]


@pytest.mark.parametrize(("part", "whole", "low", "high"), PUBLISHED)
def test_published_values(part: int, whole: int, low: float, high: float) -> None:
    found = wilson(part, whole)
    assert found is not None
    assert (round(found[0], 4), round(found[1], 4)) == (low, high)


def test_nothing_to_divide_by() -> None:
    assert wilson(0, 0) is None
    assert wilson(3, -1) is None


def test_none_and_all_are_exact() -> None:
    for whole in (1, 7, 10_000_000):
        none, everything = wilson(0, whole), wilson(whole, whole)
        assert none is not None
        assert everything is not None
        assert (none[0], everything[1]) == (0.0, 1.0)
        assert math.isclose(none[1], 1 - everything[0], rel_tol=1e-8)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_the_ends_enclose_the_share_and_solve_the_score_equation(a: int, b: int) -> None:
    part, whole = min(a, b), max(a, b)
    found = wilson(part, whole)
    if found is None:
        assert whole == 0
        return
    low, high = found
    share = part / whole
    assert 0.0 <= low <= share <= high <= 1.0
    for end in (low, high):
        if end not in (0.0, 1.0):
            assert math.isclose(abs(share - end), Z * math.sqrt(end * (1 - end) / whole), rel_tol=1e-5, abs_tol=1e-9)


def test_the_sql_computes_the_same() -> None:
    low, high = wilson_sql("k", "n")
    pairs = f"(select k, n, {Z_SQL} from range(0, 60) a(k), range(0, 60) b(n) where k <= n)"
    with duckdb.connect() as engine:
        found = engine.execute(f"select k, n, {low}, {high} from {pairs}").fetchall()
    assert len(found) == 60 * 61 // 2
    for part, whole, below, above in found:
        expected = wilson(part, whole)
        assert (below, above) == ((None, None) if expected is None else pytest.approx(expected, rel=1e-12, abs=1e-15))
