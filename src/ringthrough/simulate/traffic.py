"""
`traffic`: the datagrams of many overlapping calls in order of time.

Theory of operation
    A schedule says when what begins, in order of time. Each call is played to its end at once; its datagrams wait in a
    heap until the next call begins later than they are due. What is in memory is therefore the future of the calls in
    progress, however long the capture is.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from itertools import accumulate
from random import Random

from ringthrough.errors import LocalError, Problem
from ringthrough.simulate.datagrams import Datagram
from ringthrough.simulate.mixes import Mix
from ringthrough.simulate.scenarios import BLOCKED, CLOSING, OPENING, SCENARIOS, SLOW
from ringthrough.simulate.scene import Scene
from ringthrough.simulate.truth import CallTruth
from ringthrough.simulate.world import DayCurve, World

__all__ = ["traffic"]

_BEFORE_US = (20_000_000, 60_000_000)
"How long before the capture a call begins whose start is cut off."
_AFTER_US = (8_000_000, 18_000_000)
"How long before the end of the capture a call begins whose end is cut off."
_SLOW_US = 400_000_000
"No scenario that needs silence begins later than this before the end."
_SHORTEST_S = 60


def traffic(
    rng: Random,
    *,
    mix: Mix,
    calls: int,
    start_us: int,
    duration_s: float,
    transport: str = "udp",
    world: World | None = None,
    truth: Callable[[CallTruth], None] | None = None,
) -> Iterator[Datagram]:
    """
    Make up the signalling of many calls, in order of time.

    Args:
        rng: the source of all chance; the same state gives the same datagrams.
        mix: what happens and how often.
        calls: how many calls; noise and scanners come on top.
        start_us: begin of the capture, microseconds since 1970 UTC.
        duration_s: length of the capture, seconds, at least 60.
        transport: `udp`, `tcp` or `ws`: what the Via headers say and the datagrams are marked with.
        world: the elements; a new world is drawn from `rng` by default.
        truth: gets the truth of each call, in the order in which they begin.

    Returns:
        An iterator of datagrams that holds no more than the calls in progress.

    Raises:
        LocalError: an argument is out of range.
    """
    if calls < 1 or duration_s < _SHORTEST_S or transport not in ("udp", "tcp", "ws"):
        found = f"calls={calls}, duration_s={duration_s}, transport={transport}"
        detail = f"expected calls >= 1, duration_s >= {_SHORTEST_S} and transport udp, tcp or ws, found {found}"
        raise LocalError(Problem("simulate-traffic-argument", detail))
    place = world or World(rng, styles=mix.habits.styles)
    return _merged(_played(rng, mix, calls, start_us, duration_s, transport, place, truth))


def _played(
    rng: Random,
    mix: Mix,
    calls: int,
    start_us: int,
    duration_s: float,
    transport: str,
    world: World,
    truth: Callable[[CallTruth], None] | None,
) -> Iterator[tuple[int, list[Datagram]]]:
    """Play call after call: the time before which nothing more will come, and the datagrams of the call."""
    window = (start_us, start_us + int(duration_s * 1_000_000))
    for at_us, name in _schedule(rng, mix, calls, window):
        passed = (at_us - start_us) / (window[1] - start_us)
        party = world.party(rng, blocks_with=BLOCKED.get(name, ""), passed=passed)
        scene = Scene(
            rng,
            world,
            scenario=name,
            start_us=at_us,
            window_us=window,
            party=party,
            habits=mix.habits,
            transport=transport,
        )
        SCENARIOS[name](scene)
        datagrams = scene.finish()
        if scene.kept and truth is not None:
            truth(scene.truth)
        yield max(at_us, start_us), datagrams


def _schedule(rng: Random, mix: Mix, calls: int, window_us: tuple[int, int]) -> Iterator[tuple[int, str]]:
    """Say what begins when, in order of time."""
    start_us, end_us = window_us
    curve = DayCurve(start_us, (end_us - start_us) / 1_000_000)
    shares = _shares(mix, calls)
    edges = {name: count for name, count in shares.items() if name in OPENING | CLOSING and count}
    inner = [name for name in mix.weights if name not in edges]
    main = max(0, calls - sum(edges.values()))
    opening = [
        (start_us - rng.randint(*_BEFORE_US), name)
        for name in sorted(edges)
        if name in OPENING
        for _ in range(edges[name])
    ]
    closing = [
        (end_us - rng.randint(*_AFTER_US), name)
        for name in sorted(edges)
        if name in CLOSING
        for _ in range(edges[name])
    ]
    yield from heapq.merge(sorted(opening), _main(rng, mix, inner, main, curve, end_us), sorted(closing))


def _shares(mix: Mix, calls: int) -> dict[str, int]:
    whole = sum(mix.weights.values())
    return {name: round(calls * weight / whole) for name, weight in mix.weights.items()}


def _main(
    rng: Random, mix: Mix, names: list[str], calls: int, curve: DayCurve, end_us: int
) -> Iterator[tuple[int, str]]:
    sums = list(accumulate(mix.weights[name] for name in names))
    noise = list(mix.noise.items())
    events: list[tuple[int, str]] = []
    for index in range(calls):
        at_us = curve.at_us((index + rng.random()) / calls)
        name = names[index % len(names)] if mix.even else rng.choices(names, cum_weights=sums)[0]
        if name in SLOW and at_us > end_us - _SLOW_US:
            name = "no_answer"
        events.append((at_us, name))
        for kind, rate in noise:
            if rng.random() < rate:
                events.append((at_us + rng.randrange(1, 5_000_000), kind))
        # Noise lies up to five seconds behind its call: hold events back until nothing earlier can come.
        events.sort()
        while events and events[0][0] <= at_us:
            yield events.pop(0)
    yield from (event for event in events if event[0] < end_us)


def _merged(played: Iterator[tuple[int, list[Datagram]]]) -> Iterator[Datagram]:
    heap: list[tuple[int, int, Datagram]] = []
    serial = 0
    for now_us, datagrams in played:
        while heap and heap[0][0] < now_us:
            yield heapq.heappop(heap)[2]
        for datagram in datagrams:
            serial += 1
            heapq.heappush(heap, (datagram.at_us, serial, datagram))
    while heap:
        yield heapq.heappop(heap)[2]
