"""The guard of the fuzzing itself: it has to see what it is there for."""

from __future__ import annotations

import signal

import pytest

from tests.fuzz.corpus import corpus
from tests.fuzz.test_fuzz import Hunt
from tests.fuzz.watch import Hung, Watch


def never_ends(watch: Watch) -> None:
    with watch.one():
        while True:
            pass


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no interval timers on this system")
def test_what_never_ends_is_stopped() -> None:
    watch = Watch(limit_s=0.05)
    before = signal.getsignal(signal.SIGVTALRM)

    with watch.guarding(), pytest.raises(Hung, match="processor time"):
        never_ends(watch)

    assert watch.longest_s >= 0.05
    assert signal.getsignal(signal.SIGVTALRM) is before


def test_what_takes_long_is_named_without_a_timer() -> None:
    watch = Watch(limit_s=0.0)

    with pytest.raises(Hung, match="took"), watch.one():
        sum(range(100_000))


def test_a_failure_says_how_to_repeat_it() -> None:
    hunt = Hunt(12, corpus())

    def fails() -> int:
        raise KeyError("lost")

    with pytest.raises(pytest.fail.Exception) as caught:
        hunt._check("seed 12, round 3", b"\x00octets", fails)

    said = str(caught.value)
    assert "seed 12, round 3, input 0" in said
    assert "KeyError" in said
    assert "b'\\x00octets'" in said


def test_the_same_seed_gives_the_same_inputs() -> None:
    one, two = (Hunt(12, corpus()) for _ in range(2))
    for hunt in (one, two):
        for round_number in range(2):
            hunt.play(round_number, 80)

    assert (one.inputs, one.count) == (two.inputs, two.count)
    assert one.inputs == 80
