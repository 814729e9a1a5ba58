from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from ringthrough.simulate import CallTruth, Mix, traffic
from ringthrough.simulate.mixes import Habits
from tests.simulate.making import DAY_S, START_US, one, play


def test_a_mirror_port_copies_every_frame_with_its_ident() -> None:
    datagrams, truths = one("busy", calls=4, mirrored=1.0)
    assert all(t.duplicates == 4 for t in truths)
    assert len(datagrams) == 32
    marks = [(d.ident, d.src, d.payload) for d in datagrams]
    assert {marks.count(mark) for mark in marks} == {2}


def test_repeats_have_another_ident_and_come_half_a_second_later() -> None:
    datagrams, truths = one("busy", calls=6, repeated=1.0)
    for truth in truths:
        mine = [d for d in datagrams if truth.call_id.encode() in d.payload]
        finals = [d for d in mine if d.payload.startswith(b"SIP/2.0 486")]
        assert len(finals) == 2
        assert finals[1].at_us - finals[0].at_us == 500_000
        assert finals[0].ident != finals[1].ident
        acks = sum(d.payload.startswith(b"ACK ") for d in mine)
        assert acks == 2
        assert len(mine) - 5 == truth.retransmissions
        assert truth.retransmissions in (1, 2)


def test_neither_happens_over_a_stream() -> None:
    mix = Mix("all", "", {"busy": 1.0, "no_response": 1.0}, habits=Habits(mirrored=1.0, repeated=1.0))
    _, truths = play(mix, calls=20, transport="tcp")
    assert {(t.duplicates, t.retransmissions) for t in truths} == {(0, 0)}


def test_a_dead_peer_hears_seven_invites() -> None:
    datagrams, truths = one("no_response")
    assert [d.payload[:6] for d in datagrams] == [b"INVITE"] * 7
    gaps = [round((d.at_us - truths[0].at_us) / 1000) for d in datagrams]
    assert gaps == [0, 500, 1500, 3500, 7500, 15_500, 31_500]
    assert truths[0].retransmissions == 6


@pytest.mark.parametrize("scenario", ["answered", "no_answer", "busy", "answered_reinvite", "answered_prack"])
def test_a_proxied_call_is_seen_on_both_hops(scenario: str) -> None:
    datagrams, truths = one(scenario, proxied=1.0, calls=4)
    for truth in truths:
        assert truth.legs == 2
        mine = [d for d in datagrams if truth.call_id.encode() in d.payload]
        assert mine
        invites = [d for d in mine if d.payload.startswith(b"INVITE")]
        vias = [d.payload.lower().count(b"\r\nvia") + d.payload.count(b"\r\nv:") for d in invites[:2]]
        assert vias == [1, 2]
        codes = [d for d in mine if d.payload.startswith(b"SIP/2.0 1") and d.payload[8:11] != b"100"]
        assert len(codes) % 2 == 0


def test_times_of_the_truth_are_those_of_the_messages_at_the_caller() -> None:
    datagrams, truths = one("answered", calls=5, proxied=0.5)
    for truth in truths:
        mine = [d for d in datagrams if truth.call_id.encode() in d.payload]
        caller = mine[0].src
        first: dict[bytes, int] = {}
        for d in mine:
            if d.dst == caller or d.src == caller:
                first.setdefault(d.payload[:11], d.at_us)
        begin = mine[0].at_us
        assert begin == truth.at_us
        assert first[b"SIP/2.0 180"] - begin == (truth.pdd_ms or 0) * 1000
        assert first[b"SIP/2.0 200"] - begin == (truth.setup_ms or 0) * 1000
        assert first[b"SIP/2.0 100"] - begin == (truth.trying_ms or 0) * 1000
        bye = next(d for d in mine if d.payload.startswith(b"BYE"))
        assert abs(bye.at_us - first[b"SIP/2.0 200"] - (truth.talk_ms or 0) * 1000) <= 300
        assert truth.ring_ms == (truth.setup_ms or 0) - (truth.pdd_ms or 0)


def test_copies_beyond_the_end_are_not_counted() -> None:
    mix = Mix("edge", "", {"cut_end": 1.0}, habits=Habits(mirrored=1.0, repeated=1.0))
    datagrams, truths = play(mix, calls=8)
    for truth in truths:
        mine = [d for d in datagrams if truth.call_id.encode() in d.payload]
        assert truth.verdict == "incomplete"
        assert truth.duplicates * 2 == len(mine)
    assert datagrams[-1].at_us < START_US + DAY_S * 1_000_000


@pytest.mark.slow
def test_what_is_cut_away_is_not_counted_as_repeated_either() -> None:
    mix = Mix("edge", "", {"busy": 1.0}, habits=Habits(mirrored=1.0, repeated=1.0))
    rng, truths = Random(3), list[CallTruth]()
    made = traffic(rng, mix=mix, calls=3000, start_us=START_US, duration_s=60, truth=truths.append)
    texts = [(d.payload, d.src) for d in made if not d.payload.startswith(b"ACK ")]
    assert any(t.verdict == "incomplete" for t in truths)
    assert sum(t.retransmissions for t in truths) == _repeats(texts)


def _repeats(texts: list[tuple[bytes, bytes]]) -> int:
    """Every message is there twice, by the mirror, and four times when it was repeated."""
    counted = Counter(texts)
    return sum((count - 1) // 2 for count in counted.values())
