"""
Mutated messages, frames and captures by the ten thousand: nothing but our errors, no hanging, no lost count.

- `--fuzz-inputs N` inputs in all (100,000 in CI), shared out among shards, so that pytest-xdist spreads them.
- Each shard has a seed and prints it; a failure names it too, with the octets of the input. The environment variable
  RINGTHROUGH_FUZZ_SEED takes the place of the fixed base seed, and repeats a run with the same corpus.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from ringthrough.calls import Sighting
from ringthrough.captures import Dissector, Tally
from tests.fuzz.corpus import LINK_TYPES, Corpus, Shot, build_file, corpus, words_of
from tests.fuzz.mutate import mutated_frame, mutated_message, spoilt
from tests.fuzz.oracles import check_calls, check_file, check_frames, check_message
from tests.fuzz.watch import Hung, Watch

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SHARDS = 8
BASE_SEED = 603
PACKERS: tuple[Callable[[bytes], bytes], ...] = (
    *[lambda octets: octets] * 12,
    *[lambda octets: gzip.compress(octets, 1, mtime=0)] * 5,
    lambda octets: bz2.compress(octets, 1),
    lambda octets: lzma.compress(octets, preset=0),
    lambda octets: zstd.compress(octets, 1),
)


@pytest.fixture(scope="module")
def sources() -> Corpus:
    return corpus()


@pytest.mark.slow
@pytest.mark.no_cover  # what random inputs reach is no evidence that a test looks at it, and tracing takes minutes
@pytest.mark.parametrize("shard", range(SHARDS))
def test_mutated_inputs(
    shard: int, fuzz_inputs: int, sources: Corpus, record_property: Callable[[str, object], None]
) -> None:
    seed = int(os.environ.get("RINGTHROUGH_FUZZ_SEED", BASE_SEED)) + shard
    wanted = fuzz_inputs * (shard + 1) // SHARDS - fuzz_inputs * shard // SHARDS
    hunt = Hunt(seed, sources)
    with hunt.watch.guarding():
        round_number = 0
        while hunt.inputs < wanted:
            hunt.play(round_number, wanted)
            round_number += 1
    line = f"shard {shard}, seed {seed}: {hunt}; corpus of {sources}"
    record_property("fuzz", line)
    print(line)
    assert hunt.inputs == wanted
    assert hunt.count["messages"] > hunt.inputs // 10, "mutations that leave nothing to read test nothing"


class Hunt:
    """One shard at work. A round has its own generator, so that seed and round say everything."""

    def __init__(self, seed: int, sources: Corpus) -> None:
        self.seed = seed
        self.sources = sources
        self.inputs = 0
        self.count: Counter[str] = Counter()
        self.watch = Watch()

    def __str__(self) -> str:
        said = ", ".join(f"{number} {what}" for what, number in sorted(self.count.items()))
        return f"{self.inputs} inputs, {said}, slowest {self.watch.longest_s * 1000:.0f} ms"

    def play(self, round_number: int, wanted: int) -> None:
        """Make a round of 40 inputs: 24 messages, 10 frames, 4 files, 2 in the middle of calls."""
        rng = Random(self.seed * 1_000_003 + round_number)
        parts = (
            *[(1, self._message)] * 24,
            (10, self._frames),
            *[(1, self._file)] * 4,
            (2, self._call),
        )
        for inputs, part in parts:
            inputs = min(inputs, wanted - self.inputs)
            if inputs:
                part(rng, inputs, f"seed {self.seed}, round {round_number}")
                self.inputs += inputs

    def _message(self, rng: Random, inputs: int, place: str) -> None:
        data = mutated_message(rng, self.sources.messages)
        good = self._check(place, data, lambda: check_message(data))
        self.count["messages" if good else "malformed"] += inputs

    def _frames(self, rng: Random, inputs: int, place: str) -> None:
        """Several frames of one capture, in the state that the ones before them left."""
        several = rng.choice(self.sources.shots)
        first = rng.randrange(max(1, len(several) - inputs))
        frames = []
        at_us = several[first].at_us
        for n in range(inputs):
            shot = several[(first + n) % len(several)]
            at_us += rng.choice((0, 1_000, 20_000, 1_500_000, 40_000_000, -3_000_000))
            link = shot.link if rng.random() < 0.8 else rng.choice((*LINK_TYPES, rng.randrange(65_536)))
            data = mutated_frame(rng, shot.data, self.sources.frames)
            frames.append((at_us, link, data, rng.random() < 0.2))
        tally = Tally()
        dissector = Dissector(file=0, tally=tally)
        found = self._check(place, frames, lambda: check_frames(frames, dissector, tally))
        self.count["frames"] += inputs
        self.count["messages"] += found

    def _file(self, rng: Random, inputs: int, place: str) -> None:
        several = rng.choice(self.sources.shots)
        first = rng.randrange(max(1, len(several) - 5))
        shots = list(several[first : first + rng.randint(5, 30)])
        if rng.random() < 0.3:
            n = rng.randrange(len(shots))
            shots[n] = Shot(shots[n].at_us, shots[n].link, mutated_frame(rng, shots[n].data, self.sources.frames))
        octets = build_file(rng, shots)
        if rng.random() < 0.9:
            octets = spoilt(rng, octets, self.sources.frames, words_of(octets))
        pack = rng.choice(PACKERS)
        octets = pack(octets)
        if pack not in PACKERS[:12] and rng.random() < 0.4:
            octets = spoilt(rng, octets, self.sources.frames, ())
        found = self._check(place, octets, lambda: check_file(octets))
        self.count["files"] += inputs
        if found < 0:
            self.count["refused"] += inputs
        else:
            self.count["messages"] += found

    def _call(self, rng: Random, inputs: int, place: str) -> None:
        """All messages of two calls, some of them broken, out of order, said twice or at another time."""
        sightings: list[Sighting] = []
        for flow in (rng.choice(self.sources.flows), rng.choice(self.sources.flows)):
            sightings += [one._replace(frame=len(sightings) + n) for n, one in enumerate(flow, 1)]
        for _ in range(inputs):
            n = rng.randrange(len(sightings))
            how = rng.randrange(5)
            one = sightings[n]
            if how == 0:
                sightings.append(one)
            elif how == 1:
                sightings[n] = one._replace(at_us=max(0, one.at_us + rng.randint(-600_000_000, 600_000_000)))
            elif how == 2:
                sightings[n] = one._replace(src=one.dst, dst=one.src, flags=rng.randrange(4))
            else:
                data = mutated_message(rng, [one.data, rng.choice(sightings).data])
                sightings[n] = one._replace(data=data)
        if rng.random() < 0.8:
            sightings.sort(key=lambda s: s.at_us)
        rows = self._check(place, sightings, lambda: check_calls(sightings))
        self.count["rows"] += rows

    def _check(self, place: str, given: object, check: Callable[[], int]) -> int:
        """Run a check; whatever it raises becomes a failure that says how to repeat it."""
        try:
            with self.watch.one():
                return check()
        except (Exception, Hung) as fault:  # noqa: BLE001
            told = "".join(traceback.format_exception(fault)[-4:])
        pytest.fail(f"{place}, input {self.inputs}:\n{told}\n{given!r}", pytrace=False)
