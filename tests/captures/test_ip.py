"""IP headers and fragments of both versions: order, copies, overlaps, loss, limits."""

from __future__ import annotations

from itertools import permutations
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.calls.sighting import CUT
from ringthrough.captures import ip
from tests.captures.frames import (
    A4,
    A6,
    B4,
    B6,
    Tap,
    dissect,
    ethernet,
    in_fragments,
    ipv4,
    ipv6,
    ipv6_fragment,
    sip,
    udp,
)

LONG = sip(1, b"x" * 2500)
DATAGRAM = udp(LONG)

BROKEN = [
    ("version 5", ethernet(b"\x55" + ipv4(udp(sip()))[1:]), "bad-ipv4"),
    ("header of 16 octets", ethernet(b"\x44" + ipv4(udp(sip()))[1:]), "bad-ipv4"),
    ("total length inside the header", ethernet(ipv4(b"")[:2] + b"\x00\x0a" + ipv4(b"")[4:]), "bad-ipv4"),
    ("version 4 as IPv6", ethernet(ipv4(udp(sip()) + bytes(40)), 0x86DD), "bad-ipv6"),
    ("endless extension headers", ethernet(ipv6(b"\x00\x00" + bytes(6) + bytes(8) * 40, 0), 0x86DD), "bad-ipv6"),
    ("UDP shorter than its header", ethernet(ipv4(pack("!HHHH", 5060, 5060, 7, 0) + sip())), "bad-udp"),
    ("half a UDP header", ethernet(ipv4(b"\x13\xc4")), "header-short"),
    ("no next header", ethernet(ipv6(b"", 59), 0x86DD), "ipv6-no-next"),
    ("fragment of 9 octets that is not the last", ethernet(ipv4(bytes(9), more=True)), "bad-fragment"),
    ("fragment beyond the longest datagram", ethernet(ipv4(bytes(80), offset=65528)), "bad-fragment"),
    ("empty fragment", ethernet(ipv4(b"", offset=8)), "bad-fragment"),
]

WHOLE = [
    ("options", ethernet(ipv4(udp(sip()), options=b"\x94\x04\x00\x00"))),
    ("total length 0", ethernet(ipv4(udp(sip()))[:2] + b"\x00\x00" + ipv4(udp(sip()))[4:])),
    ("UDP length 0", ethernet(ipv4(pack("!HHHH", 5060, 5060, 0, 0) + sip()))),
    ("hop-by-hop", ethernet(ipv6(b"\x11\x00" + bytes(6) + udp(sip()), 0), 0x86DD)),
    (
        "routing and destination",
        ethernet(ipv6(b"\x3c\x01" + bytes(14) + b"\x11\x00" + bytes(6) + udp(sip()), 43), 0x86DD),
    ),
    ("authentication", ethernet(ipv6(b"\x11\x04" + bytes(22) + udp(sip()), 51), 0x86DD)),
    ("atomic fragment", ethernet(ipv6_fragment(udp(sip()), 0, False), 0x86DD)),
    ("payload length 0", ethernet(ipv6(udp(sip()))[:4] + b"\x00\x00" + ipv6(udp(sip()))[6:], 0x86DD)),
]


@pytest.mark.parametrize(("label", "frame", "cause"), BROKEN, ids=[case[0] for case in BROKEN])
def test_broken_header_is_counted(label: str, frame: bytes, cause: str) -> None:
    tap = dissect(frame)
    assert tap.seen == []
    assert tap.causes == {cause: 1}


@pytest.mark.parametrize(("label", "frame"), WHOLE, ids=[case[0] for case in WHOLE])
def test_unusual_header_is_read(label: str, frame: bytes) -> None:
    (seen,) = dissect(frame).seen
    assert (seen.data, seen.flags) == (sip(), 0)


@pytest.mark.parametrize("v6", [False, True], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_fragments_in_any_order(order: tuple[int, ...], v6: bool) -> None:
    frames = in_fragments(DATAGRAM, [800, 1200], v6=v6)
    tap = dissect(*(frames[i] for i in order))
    (seen,) = tap.seen
    assert seen.data == LONG
    assert (seen.frame, seen.flags) == (3, 0)
    assert (seen.src, seen.dst) == ((A6, B6) if v6 else (A4, B4))
    assert seen.ident == (-1 if v6 else 7)
    assert (tap.tally.sip, tap.causes, tap.tally.notes) == (1, {"ip-fragment": 2}, {})


@given(
    sizes=st.lists(st.integers(1, 60).map(lambda words: words * 8), min_size=1, max_size=12),
    seed=st.randoms(use_true_random=False),
    v6=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_any_cut_order_and_repetition_gives_the_message(sizes: list[int], seed: object, v6: bool) -> None:
    frames = in_fragments(DATAGRAM, sizes, v6=v6)
    copies = frames + seed.sample(frames, len(frames) // 2)  # type: ignore[attr-defined]
    seed.shuffle(copies)  # type: ignore[attr-defined]
    tap = dissect(*copies)
    if len(frames) == 1:
        assert {seen.data for seen in tap.seen} == {LONG}
    else:
        (seen,) = tap.seen
        assert (seen.data, seen.flags) == (LONG, 0)
        assert tap.tally.notes.get("fragment-duplicate", 0) == len(copies) - len(frames)
        assert set(tap.tally.notes) <= {"fragment-duplicate"}


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_overlap_keeps_what_came_first(order: tuple[int, ...]) -> None:
    parts = [(0, DATAGRAM[:1600], True), (800, b"F" * 1200, True), (1600, DATAGRAM[1600:], False)]
    tap = dissect(*(ethernet(ipv4(parts[i][1], offset=parts[i][0], more=parts[i][2])) for i in order))
    (seen,) = tap.seen
    forged = seen.data.count(b"F" * 8)
    if order.index(1) == 2:
        assert seen.data == LONG  # the datagram was complete before the forged fragment came
    else:
        assert len(seen.data) == len(LONG)
        assert (forged > 0) == (order.index(1) < max(order.index(0), order.index(2)))
        assert tap.tally.notes["fragment-overlap"] >= 1


def test_lost_rest_gives_what_there_was_after_the_timeout() -> None:
    first, *_ = in_fragments(DATAGRAM, [1480])
    tap = Tap()
    tap.feed(first)
    assert tap.dissector.pending == 1480
    tap.feed(ethernet(b"", 0x0806), wait_us=5_000_000)
    assert tap.seen == []
    (seen,) = tap.feed(ethernet(b"", 0x0806), wait_us=ip.FRAGMENT_TIMEOUT_US)
    assert (seen.frame, seen.flags, seen.data) == (1, CUT, LONG[:1472])
    assert seen.at_us < tap.at_us - ip.FRAGMENT_TIMEOUT_US
    assert tap.tally.notes == {"fragment-lost": 1, "message-cut": 1}
    assert (tap.tally.sip, tap.dissector.pending) == (0, 0)


def test_lost_rest_gives_what_there_was_at_the_end() -> None:
    tap = dissect(in_fragments(DATAGRAM, [800, 800])[2], in_fragments(DATAGRAM, [800, 800])[0])
    (seen,) = tap.seen
    assert (seen.frame, seen.flags, seen.data) == (2, CUT, LONG[:792])


@pytest.mark.parametrize(
    ("label", "frame"),
    [
        ("first fragment lost", in_fragments(DATAGRAM, [800])[1]),
        ("not SIP", in_fragments(udp(b"\x80" * 2000), [800])[0]),
        ("not UDP", ethernet(ipv4(DATAGRAM[:800], 6, more=True))),
        ("too short to tell", ethernet(ipv4(DATAGRAM[:8], more=True))),
    ],
)
def test_lost_fragments_are_noted(label: str, frame: bytes) -> None:
    tap = dissect(frame)
    assert tap.seen == []
    assert (tap.causes, tap.tally.notes) == ({"ip-fragment": 1}, {"fragment-lost": 1})


def test_identification_is_used_again_for_another_datagram() -> None:
    other = udp(sip(2, b"y" * 2500))
    tap = dissect(*in_fragments(DATAGRAM, [800]), *in_fragments(other, [800]))
    assert [seen.data[-1:] for seen in tap.seen] == [b"x", b"y"]


def test_copies_by_a_mirror_are_known_as_copies() -> None:
    frames = in_fragments(DATAGRAM, [800])
    tap = dissect(frames[0], frames[0], frames[1], frames[1])
    assert [seen.frame for seen in tap.seen] == [3]
    assert tap.tally.notes == {"fragment-duplicate": 2}


def test_fragment_cut_by_the_snap_length_never_completes() -> None:
    first, second = in_fragments(DATAGRAM, [1480])
    tap = dissect(first[:500], second)
    (seen,) = tap.seen
    assert (seen.flags, seen.data) == (CUT, LONG[: 500 - 42])


def test_fragments_of_a_tcp_segment_and_of_a_tunnel() -> None:
    outer = pack("!HH", 0, 0x0800) + ipv4(DATAGRAM)
    frames = [ethernet(ipv4(outer[:1480], 47, more=True)), ethernet(ipv4(outer[1480:], 47, offset=1480))]
    (seen,) = dissect(*frames).seen
    assert seen.data == LONG


def test_number_of_waiting_datagrams_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ip, "FRAGMENT_LIMIT", 8)
    tap = Tap()
    for ident in range(20):
        tap.feed(in_fragments(DATAGRAM, [800], ident=ident)[0])
        assert tap.dissector.pending <= 8 * 800
    assert [seen.frame for seen in tap.seen] == list(range(1, 13))
    assert tap.tally.notes["fragment-overflow"] == 12


def test_octets_of_waiting_datagrams_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ip, "FRAGMENT_LIMIT_OCTETS", 10_000)
    tap = Tap()
    for ident in range(100):
        frames = in_fragments(DATAGRAM, [800, 800], ident=ident)
        for frame in frames if ident % 3 == 0 else frames[1:2]:
            tap.feed(frame)
            assert tap.dissector.pending <= 10_000
    tap.finish()
    assert len(tap.seen) == 34


def test_pieces_of_a_datagram_are_bounded() -> None:
    tap = dissect(*(ethernet(ipv4(bytes(8), offset=16 * number, more=True)) for number in range(1600)))
    assert tap.causes == {"ip-fragment": 1500, "bad-fragment": 100}


def test_record_cut_inside_a_datagram_is_flagged() -> None:
    tap = Tap()
    (seen,) = tap.feed(ethernet(ipv4(udp(LONG)))[:600], cut=True)
    assert (seen.flags, seen.data) == (CUT, LONG[:558])
    assert tap.tally.notes == {"message-cut": 1}
    (seen,) = tap.feed(ethernet(ipv4(udp(LONG)))[:60], cut=True)
    assert seen.data == b"INVITE sip:bob@exa"
    assert tap.tally.sip == 2
