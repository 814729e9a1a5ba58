from __future__ import annotations

from itertools import pairwise

import pytest

from ringthrough.report.timeline import WIDTHS_S, Histogram, Timeline

S = 1_000_000


def test_each_width_is_a_multiple_of_the_one_before() -> None:
    assert all(wide % narrow == 0 for narrow, wide in pairwise(WIDTHS_S))


def test_no_calls_give_no_buckets() -> None:
    assert Timeline().buckets() == (1, [])


def test_gaps_are_shown() -> None:
    line = Timeline()
    for second in (100, 103, 103):
        line.add(second * S, "a")
    width, buckets = line.buckets()
    assert (width, [(start, counts["a"]) for start, counts in buckets]) == (1, [(100, 1), (101, 0), (102, 0), (103, 2)])


def test_buckets_widen_and_nothing_is_lost() -> None:
    line = Timeline(most=50)
    for second in range(0, 400_000, 37):
        line.add(second * S, "a" if second % 2 else "b")
    assert len(line._buckets) <= 50
    width, buckets = line.buckets(24)
    assert len(buckets) <= 24
    assert width in WIDTHS_S
    assert sum(sum(counts.values()) for _, counts in buckets) == len(range(0, 400_000, 37))


@pytest.mark.parametrize("last_us", [2**62, 2**40 * S])
def test_absurd_times_stay_bounded(last_us: int) -> None:
    line = Timeline()
    line.add(0, "a")
    line.add(last_us, "a")
    _, buckets = line.buckets(10)
    assert 2 <= len(buckets) <= 10


def test_merged_is_as_if_counted_together() -> None:
    one, two, both = Timeline(most=40), Timeline(most=40), Timeline(most=40)
    for second in range(0, 5_000, 11):
        both.add(second * S, "a")
        (one if second < 300 else two).add(second * S, "a")
    one.merge(two)
    one.merge(Timeline())
    assert one.buckets(20) == both.buckets(20)
    assert (one.first_us, one.last_us) == (both.first_us, both.last_us)
    fresh = Timeline(most=2)
    fresh.merge(both)
    assert fresh.buckets(20)[1] != []
    assert sum(fresh._buckets[b]["a"] for b in fresh._buckets) == len(range(0, 5_000, 11))


@pytest.mark.parametrize(("q", "exact"), [(0.05, 50), (0.5, 500), (0.95, 950), (1.0, 1000)])
def test_quantiles_are_right_within_six_percent(q: float, exact: int) -> None:
    histogram = Histogram()
    for ms in range(1, 1001):
        histogram.add(ms)
    found = histogram.quantile(q)
    assert found is not None
    assert abs(found - exact) / exact < 0.065


def test_histogram_edges_and_merge() -> None:
    histogram, other = Histogram(), Histogram()
    assert histogram.quantile(0.5) is None
    histogram.add(0)
    histogram.add(-5)
    assert histogram.quantile(0.5) == 0
    other.add(1_000)
    histogram.merge(other)
    assert histogram.count == 3
    low, high = histogram.edges(max(histogram.bins))
    assert low <= 1_000.0001
    assert high > 1_000
