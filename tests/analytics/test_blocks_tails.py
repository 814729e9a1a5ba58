"""Tails: beta-binomial, baseline, q-values."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from ringthrough.analytics.blocks.tails import SPREAD, _log_gamma, benjamini_hochberg, beta_binomial_tail


def test_the_gamma_function_is_the_one_of_the_library() -> None:
    values = np.array([0.001, 0.3, 1.0, 1.5, 7.0, 33.3, 1e4, 1e6])
    assert _log_gamma(values) == pytest.approx([math.lgamma(v) for v in values.tolist()], abs=1e-9, rel=1e-12)


@pytest.mark.parametrize(("hits", "attempts", "share"), [(0, 5, 0.2), (1, 1, 0.2), (3, 9, 0.1), (9, 9, 0.5)])
def test_a_tail_is_the_sum_of_exact_chances(hits: int, attempts: int, share: float) -> None:
    strength = 1 / SPREAD - 1
    a, b = Fraction(share * strength), Fraction((1 - share) * strength)

    def rising(x: Fraction, n: int) -> Fraction:
        return math.prod((x + i for i in range(n)), start=Fraction(1))

    exact = sum(
        math.comb(attempts, k) * rising(a, k) * rising(b, attempts - k) / rising(a + b, attempts)
        for k in range(hits, attempts + 1)
    )
    found = beta_binomial_tail(np.array([hits]), np.array([attempts]), np.array([share]))
    assert found[0] == pytest.approx(float(exact), rel=1e-9)


def test_q_values_are_those_of_benjamini_and_hochberg() -> None:
    p = np.array([0.04, 0.001, 0.03, 0.5])
    assert benjamini_hochberg(p) == pytest.approx([0.04 * 4 / 3, 0.004, 0.04 * 4 / 3, 0.5])


def test_no_tests_have_no_q_values() -> None:
    assert benjamini_hochberg(np.zeros(0)).size == 0
