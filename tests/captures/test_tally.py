"""Counting what became of records."""

from __future__ import annotations

import pickle

import pytest

from ringthrough.captures import CAUSES, Tally


def test_counts_by_cause() -> None:
    tally = Tally(records=6)
    tally.sip += 2
    tally.messages += 3
    tally.skip("rtp")
    tally.skip("rtp", 2)
    tally.spoil("cut-record")
    tally.note("lost-bytes", 17)
    assert tally.skipped == {"rtp": 3}
    assert tally.bad == {"cut-record": 1}
    assert tally.notes == {"lost-bytes": 17}
    assert tally.adds_up


@pytest.mark.parametrize(
    ("label", "tally", "expected"),
    [
        ("nothing read", Tally(), True),
        ("one unaccounted for", Tally(records=1), False),
        ("one counted twice", Tally(records=1, sip=1, skipped={"rtp": 1}), False),
        ("notes and messages are no records", Tally(records=1, sip=1, messages=4, notes={"lost-bytes": 9}), True),
        ("each kind", Tally(records=6, sip=1, skipped={"rtp": 2}, bad={"cut-record": 3}), True),
    ],
)
def test_adds_up(label: str, tally: Tally, expected: bool) -> None:
    assert tally.adds_up is expected, label


def test_sum_of_files() -> None:
    one = Tally(4, 1, {"rtp": 2}, {"cut-record": 1}, 1, {"bad-time": 1})
    two = Tally(3, 1, {"rtp": 1, "arp": 1}, {}, 5, {"bad-time": 2, "lost-bytes": 3})
    both = one + two
    assert both == Tally(7, 2, {"rtp": 3, "arp": 1}, {"cut-record": 1}, 6, {"bad-time": 3, "lost-bytes": 3})
    assert both.adds_up
    assert one == Tally(4, 1, {"rtp": 2}, {"cut-record": 1}, 1, {"bad-time": 1}), "the parts stay as they were"


def test_travels_between_processes() -> None:
    tally = Tally(1, 0, {"rtp": 1})
    assert pickle.loads(pickle.dumps(tally)) == tally


def test_explanations_are_sentences() -> None:
    assert all(slug == slug.lower() and len(text) > 20 for slug, text in CAUSES.items())
