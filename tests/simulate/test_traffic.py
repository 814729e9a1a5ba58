from __future__ import annotations

import tracemalloc
from itertools import pairwise
from random import Random

import pytest

from ringthrough.errors import LocalError
from ringthrough.simulate import BENCH, DEMO, EVERYTHING, MIXES, Mix, traffic
from ringthrough.simulate.scenarios import CALLS, NOISE, SCANNERS
from tests.simulate.making import DAY_S, START_US, everything, one, play


@pytest.mark.parametrize("mix", MIXES.values(), ids=MIXES)
def test_datagrams_come_in_order_of_time_and_within_the_capture(mix: Mix) -> None:
    datagrams, _ = play(mix, calls=200)
    assert all(a.at_us <= b.at_us for a, b in pairwise(datagrams))
    assert datagrams[0].at_us >= START_US
    assert datagrams[-1].at_us < START_US + DAY_S * 1_000_000


def test_the_same_seed_gives_the_same_datagrams_and_another_seed_does_not() -> None:
    assert play(DEMO, seed=3) == play(DEMO, seed=3)
    assert play(DEMO, seed=3)[0] != play(DEMO, seed=4)[0]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_bench_has_about_six_packets_for_each_call(seed: int) -> None:
    datagrams, _ = play(BENCH, calls=1500, seed=seed)
    assert 5.8 <= len(datagrams) / 1500 <= 6.5


def test_bench_fits_one_frame_and_answers_about_forty_percent() -> None:
    datagrams, truths = play(BENCH, calls=1500)
    assert max(len(d.payload) for d in datagrams) <= 1472
    assert 0.35 < sum(t.verdict == "answered" for t in truths) / len(truths) < 0.45


def test_everything_plays_every_scenario_a_few_times() -> None:
    _, truths = everything()
    played = [t.scenario for t in truths]
    assert {name for name in CALLS if played.count(name) < 3} == set()
    assert set(played) == {*CALLS, *SCANNERS}


def test_every_noise_is_played() -> None:
    mix = Mix("noisy", "", {"busy": 1.0}, dict.fromkeys(NOISE, 1.0))
    datagrams, truths = play(mix, calls=20)
    assert {t.scenario for t in truths} == {"busy"}
    kinds = {d.kind for d in datagrams}
    starts = {d.payload.split(b" ")[0] for d in datagrams}
    assert kinds == {"sip", "rtp", "junk"}
    assert {b"OPTIONS", b"REGISTER"} <= starts


@pytest.mark.parametrize("calls", [1, 2, 7, 400])
def test_there_are_as_many_calls_as_asked_for(calls: int) -> None:
    _, truths = play(EVERYTHING, calls=calls)
    assert sum(t.kind == "call" for t in truths) == calls


def test_calls_overlap() -> None:
    datagrams, truths = play(BENCH, calls=1500)
    order = [d.payload.split(b"Call-ID: ")[1][:24] for d in datagrams if b"Call-ID: " in d.payload]
    changes = sum(a != b for a, b in pairwise(order))
    assert changes > 1.5 * len(truths)


@pytest.mark.slow
def test_memory_holds_the_calls_in_progress_only() -> None:
    def peak(calls: int) -> int:
        tracemalloc.start()
        made = traffic(Random(1), mix=BENCH, calls=calls, start_us=START_US, duration_s=calls * 10.0)
        assert sum(1 for _ in made) > calls
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    assert peak(1600) < 1.5 * peak(400) + 300_000


@pytest.mark.parametrize(
    ("label", "arguments"),
    [
        ("no calls", {"calls": 0}),
        ("no time", {"duration_s": 0.0}),
        ("a minute less a second", {"duration_s": 59.0}),
        ("a transport of another layer", {"transport": "ethernet"}),
    ],
)
def test_arguments_out_of_range_are_refused(label: str, arguments: dict[str, object]) -> None:
    whole = {"mix": DEMO, "calls": 5, "start_us": START_US, "duration_s": DAY_S, **arguments}
    with pytest.raises(LocalError) as caught:
        traffic(Random(1), **whole)  # type: ignore[arg-type]
    assert caught.value.problem.code == "simulate-traffic-argument"


@pytest.mark.parametrize("weights", [{}, {"coffee": 1.0}, {"busy": 1.0, "tea": 1.0}])
def test_a_mix_of_unknown_scenarios_is_refused(weights: dict[str, float]) -> None:
    with pytest.raises(LocalError) as caught:
        Mix("odd", "", weights)
    assert caught.value.problem.code == "simulate-mix-scenario"


def test_silence_is_not_played_where_the_capture_ends() -> None:
    rng, truths = Random(2), []
    mix = Mix("quiet", "", {"stalled_silent": 1.0, "no_response": 1.0})
    list(traffic(rng, mix=mix, calls=60, start_us=START_US, duration_s=1200, truth=truths.append))
    assert {t.scenario for t in truths} == {"stalled_silent", "no_response", "no_answer"}
    last_us = max(t.at_us for t in truths if t.scenario != "no_answer")
    assert last_us < START_US + 800_000_000


@pytest.mark.slow
def test_calls_at_the_end_are_cut_before_anything_is_decided() -> None:
    rng, truths = Random(2), []
    mix = Mix("late", "", {"answered": 1.0, "answered_announcement": 1.0, "unwanted_bye": 3.0, "603plus": 1.0})
    made = traffic(rng, mix=mix, calls=4000, start_us=START_US, duration_s=120, truth=truths.append)
    by_call: dict[str, list[bytes]] = {t.call_id: [] for t in truths}
    for datagram in made:
        for name in (b"\r\nCall-ID: ", b"\r\nCall-ID:", b"\r\ncall-id: ", b"\r\ni: ", b"\r\nCall-ID : "):
            at = datagram.payload.find(name)
            if at >= 0:
                call_id = datagram.payload[at + len(name) :].split(b"\r\n")[0].decode()
                by_call.setdefault(call_id.strip(), []).append(datagram.payload)
    incomplete = [t for t in truths if t.verdict == "incomplete"]
    assert len(incomplete) > 50
    for truth in incomplete:
        starts = [payload[:11] for payload in by_call[truth.call_id] if payload.startswith(b"SIP/2.0")]
        assert all(start[8:9] == b"1" for start in starts), truth.scenario
        assert truth.cut == "end"
        assert truth.final_code is None
    cut = [t for t in truths if t.verdict == "answered" and t.cut]
    assert {t.scenario for t in cut} >= {"answered", "unwanted_bye"}
    assert all(t.talk_ms is None and not t.signal for t in cut)
    for truth in truths:
        if truth.scenario == "unwanted_bye" and truth.verdict != "incomplete":
            hung_up = any(payload.startswith(b"BYE") for payload in by_call[truth.call_id])
            assert truth.verdict == ("unwanted" if hung_up else "answered")


def test_a_call_whose_start_is_cut_shows_only_its_end() -> None:
    datagrams, truths = one("cut_start", calls=5)
    assert {t.cut for t in truths} == {"start"}
    assert {t.verdict for t in truths} == {"incomplete"}
    starts = {d.payload.split(b" sip")[0].split(b"\r\n")[0] for d in datagrams}
    assert starts == {b"BYE", b"SIP/2.0 200 OK"}
