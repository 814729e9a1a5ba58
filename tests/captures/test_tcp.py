"""TCP segments in any order, with copies and holes."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.calls.sighting import CUT
from ringthrough.captures import tcp as room
from tests.captures.frames import A6, B6, Tap, dissect, ethernet, ipv4, ipv6, response, sip, tcp

MESSAGES = [sip(1, b"b" * 900), response(2), sip(3), sip(4, b"c" * 2000, compact=True), response(5)]
STREAM = b"\r\n\r\n".join(MESSAGES)
FIN, SYN, RST = 0x11, 0x02, 0x04


def frame(payload: bytes, sequence: int, flags: int = 0x18, **ports: int) -> bytes:
    return ethernet(ipv4(tcp(payload, sequence, flags, **ports), 6))


def segments(stream: bytes, sizes: list[int], start: int = 1000) -> list[bytes]:
    frames, at = [], 0
    for size in [*sizes, len(stream)]:
        if at < len(stream):
            frames.append(frame(stream[at : at + size], start + at))
        at += size
    return frames


@pytest.mark.parametrize("start", [1000, 0xFFFFFF00], ids=["plain", "sequence numbers wrap"])
@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_order_of_segments_makes_no_difference(order: tuple[int, ...], start: int) -> None:
    frames = segments(STREAM, [700, 900, 1100], start)
    tap = dissect(frame(b"", start - 1, SYN), *(frames[i] for i in order))
    assert [seen.data for seen in tap.seen] == MESSAGES
    assert all(seen.flags == 0 and seen.transport == "tcp" for seen in tap.seen)
    assert tap.tally.notes == {}
    assert tap.seen[-1].frame == 5


@given(
    sizes=st.lists(st.integers(1, 400), max_size=12),
    start=st.sampled_from([0, 1000, 0xFFFFF000]),
    chance=st.randoms(use_true_random=False),
)
@settings(max_examples=60, deadline=None)
def test_any_segmentation_order_and_repetition(sizes: list[int], start: int, chance: Any) -> None:
    frames = segments(STREAM, sizes, start)
    frames += [frame(STREAM[at : at + 300], start + at) for at in (chance.randrange(len(STREAM)) for _ in range(3))]
    chance.shuffle(frames)
    tap = dissect(frame(b"", start - 1, SYN), *frames)
    assert [seen.data for seen in tap.seen] == MESSAGES
    assert tap.tally.notes == {}


def test_message_belongs_to_the_record_that_completed_it() -> None:
    one, two = sip(1)[:100], sip(1)[100:]
    tap = Tap()
    assert tap.feed(frame(one, 100)) == []
    (seen,) = tap.feed(frame(two + sip(2)[:50], 200))
    assert (seen.frame, seen.at_us, seen.data) == (2, tap.at_us, sip(1))
    (seen,) = tap.feed(frame(sip(2)[50:], 100 + len(sip(1)) + 50))
    assert (seen.frame, seen.data) == (3, sip(2))
    assert tap.causes == {"tcp-segment": 1}
    assert tap.tally.sip == 2


def test_several_messages_in_one_segment() -> None:
    tap = dissect(frame(sip(1) + sip(2) + response(3), 5))
    assert [seen.frame for seen in tap.seen] == [1, 1, 1]
    assert (tap.tally.sip, tap.tally.messages) == (1, 3)


def test_over_ipv6() -> None:
    (seen,) = dissect(ethernet(ipv6(tcp(sip(1)), 6), 0x86DD)).seen
    assert (seen.src, seen.dst, seen.sport, seen.dport, seen.ident) == (A6, B6, 40000, 5060, -1)


def test_directions_are_apart() -> None:
    ask, answer = frame(sip(1), 100), frame(response(1), 900, sport=5060, dport=40000)
    tap = dissect(ask, answer, ask, answer)
    assert [seen.sport for seen in tap.seen] == [40000, 5060]
    assert tap.causes == {"tcp-retransmission": 2}


CAUSES = [
    ("handshake", [frame(b"", 9, SYN), frame(b"", 10, 0x10)], {"tcp-no-data": 2}),
    ("end", [frame(b"", 9, FIN), frame(b"", 9, RST)], {"tcp-no-data": 2}),
    ("keep-alive", [frame(sip(1), 9), frame(b"\r\n\r\n", 9 + len(sip(1)))], {"keepalive": 1}),
    ("probe of a window", [frame(sip(1), 9), frame(b"\n", 8 + len(sip(1)))], {"tcp-retransmission": 1}),
    ("TLS", [frame(b"\x16\x03\x01" + bytes(50), 9), frame(bytes(50), 62)], {"encrypted-tls": 2}),
    ("SIP in TLS", [frame(b"\x17\x03\x03" + bytes(50), 9, dport=5061)], {"encrypted-sip-tls": 1}),
    ("TLS, then no data", [frame(b"\x16\x03\x01", 9), frame(b"", 12, 0x10)], {"encrypted-tls": 1, "tcp-no-data": 1}),
    ("impossible offset", [ethernet(ipv4(tcp(b"")[:12] + b"\x40" + tcp(b"")[13:], 6))], {"bad-tcp": 1}),
    ("offset beyond the end", [ethernet(ipv4(tcp(b"")[:12] + b"\xf0" + tcp(b"")[13:], 6))], {"bad-tcp": 1}),
    ("half a header", [ethernet(ipv4(bytes(10), 6))], {"header-short": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("label", "frames", "causes"), CAUSES, ids=[case[0] for case in CAUSES])
def test_records_without_a_message(label: str, frames: list[bytes], causes: dict[str, int]) -> None:
    assert dissect(*frames).causes == causes


def test_hole_is_passed_over_after_the_timeout() -> None:
    tap = Tap()
    tap.feed(frame(sip(1)[:150], 100))
    tap.feed(frame(b"rest\r\n" + sip(2), 500))
    assert tap.seen == []
    assert tap.dissector.pending == 150 + 6 + len(sip(2))
    made = tap.feed(ethernet(b"", 0x0806), wait_us=room.GAP_TIMEOUT_US)
    assert [(seen.data, seen.flags, seen.frame) for seen in made] == [(sip(1)[:150], CUT, 1), (sip(2), 0, 2)]
    assert tap.tally.notes == {"tcp-gap": 1, "message-cut": 1}
    assert tap.tally.sip == 0
    assert tap.dissector.pending == 0


def test_hole_is_passed_over_when_too_much_waits() -> None:
    tap = Tap()
    tap.feed(frame(sip(0), 100))
    at = 100 + len(sip(0)) + 10
    for number in range(1, room.WAITING_LIMIT + 3):
        tap.feed(frame(sip(number), at))
        at += len(sip(number))
    assert [seen.data for seen in tap.seen] == [sip(number) for number in range(room.WAITING_LIMIT + 3)]
    assert tap.tally.notes == {"tcp-gap": 1}


def test_octets_that_wait_are_bounded() -> None:
    tap = Tap()
    tap.feed(frame(sip(0), 100))
    for number in range(1, 40):
        tap.feed(frame(b"x" * 60_000, 100_000 * number))
        assert tap.dissector.pending <= room.WAITING_LIMIT_OCTETS + 60_000


def test_lost_segment_costs_only_its_own_messages() -> None:
    frames = segments(STREAM, [len(MESSAGES[0]) + 4 + 40, 60])
    tap = dissect(frames[0], frames[2])
    assert [seen.flags for seen in tap.seen] == [0, CUT, 0, 0, 0]
    assert [seen.data for seen in tap.seen][2:] == MESSAGES[2:]


def test_stream_ends_with_a_message_begun() -> None:
    for end in (frame(b"", 250, FIN), frame(b"", 250, RST)):
        tap = Tap()
        tap.feed(frame(sip(1)[:150], 100))
        (seen,) = tap.feed(end)
        assert (seen.data, seen.flags, seen.frame) == (sip(1)[:150], CUT, 1)
        assert tap.causes == {"tcp-segment": 1, "tcp-no-data": 1}
        assert tap.dissector.pending == 0


def test_end_that_arrives_before_the_last_octets() -> None:
    tap = Tap()
    tap.feed(frame(sip(1)[:100], 100))
    tap.feed(frame(sip(1)[150:], 250, FIN))
    (seen,) = tap.feed(frame(sip(1)[100:150], 200))
    assert (seen.data, seen.flags, seen.frame) == (sip(1), 0, 3)
    tap.feed(frame(sip(1)[:100], 100))
    assert tap.causes == {"tcp-segment": 2, "tcp-retransmission": 1}


def test_end_of_the_file_hands_out_what_waits() -> None:
    tap = Tap()
    tap.feed(frame(sip(1)[:150], 100))
    tap.feed(frame(sip(2), 900))
    made = tap.finish()
    assert [(seen.data, seen.flags) for seen in made] == [(sip(1)[:150], CUT), (sip(2), 0)]


def test_same_ports_are_used_again() -> None:
    tap = dissect(
        frame(b"", 99, SYN), frame(sip(1)[:120], 100), frame(b"", 70_000_099, SYN), frame(sip(2), 70_000_100),
    )  # fmt: skip
    assert [(seen.data, seen.flags) for seen in tap.seen] == [(sip(1)[:120], CUT), (sip(2), 0)]


def test_same_ports_are_used_again_and_the_handshake_was_missed() -> None:
    tap = dissect(frame(sip(1), 100), frame(sip(2), 900_000_000))
    assert [seen.data for seen in tap.seen] == [sip(1), sip(2)]


def test_copy_of_the_handshake_changes_nothing() -> None:
    tap = dissect(frame(b"", 99, SYN), frame(sip(1)[:120], 100), frame(b"", 99, SYN), frame(sip(1)[120:], 220))
    assert [(seen.data, seen.flags) for seen in tap.seen] == [(sip(1), 0)]


def test_data_with_the_handshake() -> None:
    (seen,) = dissect(frame(sip(1), 99, SYN)).seen
    assert seen.data == sip(1)


def test_record_cut_by_the_snap_length() -> None:
    first = frame(sip(1, b"x" * 400), 100)
    tap = dissect(first[:300], frame(sip(2), 100 + len(sip(1, b"x" * 400))))
    assert [(seen.data, seen.flags, seen.frame) for seen in tap.seen] == [
        (sip(1, b"x" * 400)[: 300 - 54], CUT, 1),
        (sip(2), 0, 2),
    ]
    assert tap.tally.notes == {"tcp-gap": 1, "message-cut": 1}


def test_record_cut_by_the_snap_length_whose_rest_comes_in_a_copy() -> None:
    whole = sip(1, b"x" * 400)
    tap = Tap()
    tap.feed(frame(whole[:50], 100))
    tap.feed(frame(whole[200:], 300))
    tap.feed(frame(whole[50:250], 150)[: 54 + 100])
    tap.finish()
    assert [seen.flags for seen in tap.seen] == [CUT]
    tap = Tap()
    tap.feed(frame(whole[:50], 100))
    tap.feed(frame(whole[100:], 200))
    tap.feed(frame(whole[50:250], 150)[: 54 + 100])
    assert [(seen.data, seen.flags) for seen in tap.seen] == [(whole, 0)]


def test_stream_without_a_name_is_taken_up_again() -> None:
    binary = [frame(b"\x01\x00" * 50, 100 + 100 * at) for at in range(6)]
    tap = dissect(*binary, frame(sip(1), 700))
    assert [seen.data for seen in tap.seen] == [sip(1)]
    assert tap.causes == {"tcp-segment": 3, "tcp-other": 3}
    tap = dissect(frame(b"GET / HTTP/1.1\r\n\r\n", 100), frame(sip(1), 118))
    assert tap.seen == []
    assert tap.causes == {"http": 2}


def test_number_of_streams_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "STREAM_LIMIT", 10)
    tap = Tap()
    for port in range(30):
        tap.feed(frame(sip(port)[:100], 100, sport=1000 + port))
    assert tap.tally.notes == {"tcp-overflow": 20, "message-cut": 20}
    assert tap.dissector.pending == 1000


def test_octets_of_streams_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "STREAM_LIMIT_OCTETS", 2000)
    tap = Tap()
    for port in range(30):
        tap.feed(frame(sip(port)[:150], 100, sport=1000 + port))
        assert tap.dissector.pending <= 2000
    tap = Tap()
    tap.feed(frame(sip(1, b"x" * 9000)[:5000], 100))
    assert tap.dissector.pending == 5000  # the newest stream is never the one to go
    tap.finish()


def test_number_of_ignored_streams_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "IGNORED_LIMIT", 10)
    tap = Tap()
    for port in range(30):
        tap.feed(frame(b"", 99, SYN, sport=1000 + port))
        tap.feed(frame(b"\x16\x03\x01hello", 100, sport=1000 + port))
    tap.feed(frame(b"more", 108, sport=1029))
    tap.feed(frame(b"more of it", 108, sport=1000))
    assert tap.causes["encrypted-tls"] == 31
    assert tap.causes["tcp-segment"] == 1


def test_ignored_ports_may_begin_again_with_sip() -> None:
    tap = dissect(frame(b"\x16\x03\x01hello", 100), frame(b"", 5000, SYN), frame(sip(1), 5001))
    assert [seen.data for seen in tap.seen] == [sip(1)]
