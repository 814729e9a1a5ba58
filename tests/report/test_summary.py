from __future__ import annotations

import pickle
from collections.abc import Callable

import pytest

from ringthrough.report import summary as module
from ringthrough.report.summary import Summary, share


def blocked(row: Callable, **changes: object) -> object:
    return row(blocker="fir.example", redress_url="https://fir.example", redress_tel="+18005550100", **changes)


def test_counts_by_hand(row: Callable) -> None:
    made = Summary()
    made.add(
        [
            blocked(row),
            blocked(row, carrier="Other", caller="+12155550124", at_us=5, redress_email="a@fir.example", cut="end"),
            row(verdict="provider_blocked", redress_id="id-1"),
            row(verdict="answered", final_code=200, final_phrase="OK", talk_ms=5_000, ring_ms=1_000, pdd_ms=300),
            row(verdict="answered", final_code=200, final_phrase="OK", talk_ms=60_000, ring_frame=4, ring_ms=None),
            row(verdict="unwanted", final_code=607, setup_ms=None),
            row(verdict="unknown_rejection", hidden_candidate=True, caller=""),
            row(kind="scanner"),
        ]
    )
    assert (made.calls, made.scanners, made.answered, made.blocked) == (7, 1, 2, 3)
    assert (made.rang, made.hidden, made.short, made.cut) == (2, 1, 1, 1)
    assert made.talk_ms == 65_000
    assert made.by_verdict()[0] == ("answered", 2)
    assert dict(made.by_verdict())["network_blocked"] == 2
    first, second = made.who_blocked()
    assert (first.name, first.calls, sorted(first.carriers)) == ("fir.example", 2, ["Example Telecom", "Other"])
    assert first.callers == {"+12155550123", "+12155550124"}
    assert (first.urls["https://fir.example"], first.emails["a@fir.example"]) == (2, 1)
    assert [e.at_us for e in first.latest] == sorted((e.at_us for e in first.latest), reverse=True)
    assert (second.name, second.latest[0].redress_id) == ("Example Telecom", "id-1")
    worst = made.worst_numbers()
    assert (worst[0].name, worst[0].blocked, worst[0].calls, worst[0].unwanted) == ("+12155550123", 2, 5, 1)
    assert made.worst_numbers(1) == worst[:1]
    assert made.top_endings(1) == [(603, "Network Blocked", 4)]
    assert made.top_rules() == [("603plus", 7)]
    assert made.by_carrier()[0].calls == 6
    assert made.setup["network_blocked"].count == 2
    assert "unwanted" not in made.setup
    assert made.pdd.count == 1


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)
def test_wilson_interval(part: int, whole: int, low: float, high: float) -> None:
    made = share(part, whole)
    assert (made.low, made.high) == pytest.approx((low, high), abs=1e-4)
    assert made.value == (None if whole == 0 else part / whole)


def test_memory_is_bounded_and_says_so(row: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAX_NUMBERS", "MAX_BLOCKERS", "MAX_CARRIERS", "MAX_ENDINGS", "MAX_CONTACTS", "MAX_CALLERS"):
        monkeypatch.setattr(module, name, 3)
    made = Summary()
    rows = [
        row(caller=f"+1215555{n:04d}", blocker=f"b{n}.example", carrier=f"c{n}", final_phrase=f"p{n}")
        for n in range(10)
    ]
    rows += [row(caller=f"x{n}", blocker="b1.example", redress_tel=f"+1800555{n:04d}", at_us=n) for n in range(20)]
    made.add(rows)
    assert (len(made.numbers), made.numbers_left_out) == (3, 27)
    assert (len(made.blockers), made.blockers_left_out) == (3, 7)
    assert (len(made.carriers), made.carriers_left_out) == (3, 27)
    assert sum(made.endings.values()) == 30
    assert made.endings[(603, "")] > 0
    known = made.blockers[("b1.example", "network_blocked")]
    assert (known.calls, len(known.callers), len(known.tels), len(known.latest)) == (21, 3, 3, 5)
    other = Summary()
    other.add([row(caller="new", blocker="new.example", carrier="new", final_phrase="new")])
    made.merge(other)
    assert (made.numbers_left_out, made.blockers_left_out, made.carriers_left_out) == (28, 8, 28)


def test_merged_is_as_if_counted_together(row: Callable) -> None:
    rows = [
        row(
            caller=f"+1215555{n % 7:04d}", verdict=("answered", "network_blocked", "unwanted")[n % 3],
            at_us=n * 1_000_000,
            blocker=f"b{n % 2}.example", setup_ms=n + 1, pdd_ms=n or None, redress_url=f"https://{n % 4}.example",
        )
        for n in range(100)
    ]  # fmt: skip
    both, one, two = Summary(), Summary(), Summary()
    both.add(rows)
    one.add(rows[:40])
    two.add(rows[40:])
    one.merge(pickle.loads(pickle.dumps(two)))
    assert one.by_verdict() == both.by_verdict()
    assert one.confidence == pytest.approx(both.confidence)
    assert one.who_blocked() == both.who_blocked()
    assert one.worst_numbers() == both.worst_numbers()
    assert one.by_carrier() == both.by_carrier()
    assert one.top_endings() == both.top_endings()
    assert one.timeline.buckets() == both.timeline.buckets()
    assert one.pdd.bins == both.pdd.bins
    assert {v: h.bins for v, h in one.setup.items()} == {v: h.bins for v, h in both.setup.items()}


def test_ringing_is_counted_where_the_source_can_tell(row: Callable) -> None:
    one, two = Summary(), Summary()
    one.add([row(ring_ms=5), row(), row(blind_to="code ringing times"), row(blind_to="ringing", ring_ms=7)])
    two.add([row(ring_frame=3, blind_to="times"), row(blind_to="ringing")])
    assert (one.calls, one.heard, one.rang) == (4, 2, 1)
    one.merge(two)
    assert (one.calls, one.heard, one.rang) == (6, 3, 2)


def test_calls_without_times_stand_in_no_timeline(row: Callable) -> None:
    one, two = Summary(), Summary()
    one.add([row(at_us=-62_135_596_800_000_001)])
    two.add([row(at_us=9_000_000), row(at_us=-62_135_596_800_000_001)])
    assert (one.undated, one.timeline.first_us, one.timeline.buckets()[1]) == (1, None, [])
    one.merge(two)
    assert (one.calls, one.undated, one.timeline.first_us, one.timeline.last_us) == (3, 2, 9_000_000, 9_000_000)
