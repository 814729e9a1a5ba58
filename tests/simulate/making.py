"""What the tests of this room share: one small capture, made once."""

from __future__ import annotations

from functools import cache
from random import Random

from ringthrough.simulate import EVERYTHING, SHAPES, CallTruth, Datagram, Mix, World, traffic

START_US = 1_780_272_000_000_000
DAY_S = 86_400.0


def play(
    mix: Mix = EVERYTHING, *, calls: int = 200, seed: int = 1, transport: str = "udp", ipv6: bool = False
) -> tuple[list[Datagram], list[CallTruth]]:
    rng, truths = Random(seed), list[CallTruth]()
    world = World(rng, ipv6=ipv6, styles=mix.habits.styles)
    arguments = {"mix": mix, "calls": calls, "start_us": START_US, "duration_s": DAY_S}
    made = traffic(rng, transport=transport, world=world, truth=truths.append, **arguments)  # type: ignore[arg-type]
    return list(made), truths


@cache
def everything() -> tuple[list[Datagram], list[CallTruth]]:
    return play(calls=400)


def one(scenario: str, *, seed: int = 1, calls: int = 1, **habits: float) -> tuple[list[Datagram], list[CallTruth]]:
    """Play one scenario alone, a number of times."""
    from ringthrough.simulate import Habits

    return play(Mix("one", "", {scenario: 1.0}, habits=Habits(**habits)), calls=calls, seed=seed)  # type: ignore[arg-type]


SHAPE_NAMES = tuple(SHAPES)
