"""Simulated messages as sightings, made once for the properties of calls."""

from __future__ import annotations

import heapq
import pickle
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from random import Random

from ringthrough.calls import Assembler, Call, EndKey, Folder, Sighting
from ringthrough.simulate import EVERYTHING, Habits, traffic

START_US = 1_780_272_000_000_000
ALONE = replace(
    EVERYTHING, weights={name: weight for name, weight in EVERYTHING.weights.items() if not name.startswith("b2bua")}
)
"Everything whose calls have one Call-ID each, so that messages of different Call-IDs have nothing to do with another."
Ended = list[tuple[EndKey, Call]]


@cache
def scene(seed: int, *, calls: int = 70, duration_s: float = 300, alone: bool = False) -> tuple[Sighting, ...]:
    """Messages of a few overlapping calls of every kind, in order of time."""
    mix = replace(ALONE if alone else EVERYTHING, habits=Habits(proxied=0.2, mirrored=0.1, repeated=0.3))
    made = traffic(Random(seed), mix=mix, calls=calls, start_us=START_US, duration_s=duration_s)
    return tuple(
        Sighting(d.at_us, 0, frame, "udp", d.src, d.sport, d.dst, d.dport, d.payload, 0, d.ident)
        for frame, d in enumerate((d for d in made if d.kind == "sip"), start=1)
    )


def folder() -> Folder:
    return Folder(["a.pcap"])


def ended(sightings: Iterable[Sighting], *, flushes: frozenset[int] | None = None) -> Ended:
    """Rows with their keys; flushed after the messages of the given numbers, or after each."""
    assembler = Assembler(folder())
    found: Ended = []
    for number, sighting in enumerate(sightings):
        assembler.feed(sighting)
        if flushes is None or number in flushes:
            found += assembler.flush()
    return found + assembler.finish()


def ended_in_shards(sightings: Sequence[Sighting], borders: Iterable[int], flushes: frozenset[int]) -> Ended:
    """Rows of several assemblers, put together as `diagnosis` does it with those of its workers."""
    places = [0, *sorted(set(borders)), len(sightings)]
    together = Assembler(folder())
    found: Ended = []
    for first, last in pairwise(places):
        assembler, its = Assembler(folder()), Ended()
        if first:
            assembler.begin_shard(sightings[first].at_us)
        for number in range(first, last):
            assembler.feed(sightings[number])
            if number in flushes:
                its += assembler.flush()
        its += assembler.flush()
        handed, journal = pickle.loads(pickle.dumps((assembler.hand_over(), assembler.journal)))
        border = Ended()
        for sighting in journal:
            together.feed(sighting)
            border += together.flush()
        together.now_us = max(together.now_us, handed.now_us)
        border += together.flush()
        together.take_over(handed)
        if last == len(sightings):
            border += together.finish()
        found += heapq.merge(border, its)
    return found
