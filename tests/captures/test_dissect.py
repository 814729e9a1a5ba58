"""The dissector as a whole: the fast path against the general one, and anything at all as input."""

from __future__ import annotations

from collections.abc import Callable
from struct import pack

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ringthrough.calls.sighting import CUT, Sighting
from ringthrough.captures.causes import explain
from ringthrough.captures.dissect import Dissector
from ringthrough.captures.tally import Tally
from tests.captures import test_exported, test_hep, test_link, test_tcp, test_tunnels, test_websocket
from tests.captures.frames import A4, B4, Tap, dissect, ethernet, in_fragments, ipv4, response, sip, tcp, udp

PAYLOADS = [
    ("request", sip()),
    ("response", response()),
    ("request with a body", sip(1, b"v=0\r\n")),
    ("unknown method", b"SERVICE sip:a@b SIP/2.0\r\nCall-ID: 1\r\n\r\n"),
    ("known letters, no SIP", b"INFO something else entirely, with more text\r\n"),
    ("status line broken off", b"SIP/2.0"),
    ("line feeds only", sip().replace(b"\r\n", b"\n")),
    ("keep-alive in front", b"\r\n" + sip()),
    ("RTP", b"\x80\x00" + bytes(40)),
    ("RTP, one octet", b"\x80"),
    ("RTCP", b"\x81\xc9" + bytes(40)),
    ("keep-alive", b"\r\n\r\n"),
    ("empty", b""),
    ("text", b"hello, this is something else"),
]


@pytest.mark.parametrize("ports", [(5060, 5060), (20000, 20002), (4500, 4500), (50000, 4789), (53, 50000)], ids=str)
@pytest.mark.parametrize(("label", "payload"), PAYLOADS, ids=[case[0] for case in PAYLOADS])
def test_fast_path_gives_what_the_general_path_gives(label: str, payload: bytes, ports: tuple[int, int]) -> None:
    packet = ipv4(udp(payload, *ports))
    general = dissect(ethernet(ipv4(udp(payload, *ports), options=b"\x01\x01\x01\x00")))
    for fast in (dissect(ethernet(packet) + bytes(20)), dissect(packet, link=101), dissect(packet + b"pad", link=228)):
        assert fast.seen == general.seen
        assert fast.tally == general.tally


def test_sighting_holds_what_the_record_says() -> None:
    tally = Tally()
    (seen,) = Dissector(file=4, tally=tally).feed(
        1_234_567, 9, 1, ethernet(ipv4(udp(sip(), 5070, 5080), ident=77)), False
    )
    assert type(seen) is Sighting
    assert seen == Sighting(1_234_567, 4, 9, "udp", A4, 5070, B4, 5080, sip(), 0, 77)
    assert (tally.sip, tally.messages) == (1, 1)


def test_nothing_waits_in_a_new_dissector() -> None:
    dissector = Dissector(file=0, tally=Tally())
    assert dissector.pending == 0
    assert list(dissector.finish()) == []


def test_time_that_runs_backwards_loses_nothing() -> None:
    tap = Tap()
    first, second = in_fragments(udp(sip(1, b"x" * 2000)), [800])
    tap.feed(first, wait_us=10**15)
    (seen,) = tap.feed(second, wait_us=-(10**15))
    assert seen.flags == 0


def test_next_file_of_the_same_capture() -> None:
    old, new = Tally(), Tally()
    dissector = Dissector(file=7, tally=old)
    whole = udp(sip(1, b"x" * 2000))
    first, second = in_fragments(whole, [800])
    lost, _ = in_fragments(whole, [800], ident=8)
    assert list(dissector.feed(1, 500, 1, test_tcp.frame(sip(2)[:100], 100), False)) == []
    assert list(dissector.feed(2, 501, 1, first, False)) == []
    assert list(dissector.feed(3, 502, 1, lost, False)) == []
    assert list(dissector.feed(4, 503, 1, test_tcp.frame(sip(3)[:100], 100, sport=40001), False)) == []
    dissector.go_on(file=8, tally=new)
    seen = [*dissector.feed(5, 1, 1, second, False), *dissector.feed(6, 2, 1, test_tcp.frame(sip(2)[100:], 200), False)]
    seen += dissector.feed(7, 3, 1, ethernet(ipv4(udp(sip(4)))), False)
    assert [(s.file, s.frame, s.flags) for s in seen] == [(8, 1, 0), (8, 2, 0), (8, 3, 0)]
    dissector.feed(8, 4, 1, test_tcp.frame(sip(5), 900, sport=40001), False)
    late = dissector.finish()
    assert [(s.file, s.frame, s.flags) for s in late] == [(7, 502, CUT), (7, 503, CUT), (8, 4, 0)]
    assert (old.sip, old.skipped) == (0, {"tcp-segment": 2, "ip-fragment": 2})
    assert (new.sip, new.skipped, new.messages) == (3, {"tcp-segment": 1}, 6)
    assert new.notes == {"tcp-gap": 1, "fragment-lost": 1, "message-cut": 2}


def test_late_messages_come_before_those_of_the_record() -> None:
    tap = Tap()
    tap.feed(in_fragments(udp(sip(1, b"x" * 2000)), [800])[0])
    made = tap.feed(ethernet(ipv4(udp(sip(2)))), wait_us=60_000_000)
    assert [(seen.frame, seen.flags) for seen in made] == [(1, CUT), (2, 0)]


FRAMES = [
    *((link, frame) for _, link, frame in test_link.CARRIES),
    *((1, frame) for _, frame in test_tunnels.CARRIES),
    *((1, test_hep.on_wire(packet)) for _, packet, _ in test_hep.READ),
    *((252, tags + sip()) for _, tags, _ in test_exported.READ),
    *((1, frame) for frame in in_fragments(udp(sip(1, b"x" * 2000)), [800, 400])),
    *((1, frame) for frame in in_fragments(udp(sip(1, b"x" * 2000)), [800, 400], v6=True)),
    *((1, frame) for frame in test_tcp.segments(test_tcp.STREAM, [300, 400, 900])),
    *((1, ethernet(ipv4(tcp(stream, 7), 6))) for _, stream, _ in test_websocket.STREAMS if len(stream) < 60_000),
    (1, ethernet(ipv4(tcp(test_websocket.REQUEST, 1, 2), 6))),
]
LINKS = sorted({link for link, _ in FRAMES})


def _flip(frame: bytearray, at: int, octet: int) -> None:
    if frame:
        frame[at % len(frame)] = octet


def _cut(frame: bytearray, at: int, octet: int) -> None:
    del frame[at % (len(frame) + 1) :]


def _drop(frame: bytearray, at: int, octet: int) -> None:
    at %= len(frame) + 1
    del frame[at : at + octet % 9]


def _insert(frame: bytearray, at: int, octet: int) -> None:
    at %= len(frame) + 1
    frame[at:at] = bytes((octet,)) * (octet % 5)


CHANGES: list[Callable[[bytearray, int, int], None]] = [_flip, _flip, _flip, _cut, _drop, _insert]
# Damage falls mostly on the headers, where it matters.
PLACE = st.one_of(st.integers(0, 70), st.integers(0, 2000))


@pytest.mark.slow
@given(
    records=st.lists(
        st.tuples(
            st.sampled_from(FRAMES),
            st.lists(st.tuples(st.sampled_from(CHANGES), PLACE, st.integers(0, 255)), max_size=4),
            st.integers(-5_000_000, 20_000_000),
            st.booleans(),
        ),
        max_size=25,
    )
)
@settings(max_examples=150, deadline=None)
def test_damaged_records_are_each_counted_once(records: list[tuple]) -> None:  # type: ignore[type-arg]
    tap = Tap()
    for (link, frame), changes, wait_us, cut in records:
        damaged = bytearray(frame)
        for change, at, octet in changes:
            change(damaged, at, octet)
        tap.feed(bytes(damaged), link=link, cut=cut, wait_us=wait_us)
    tap.finish()
    assert tap.tally.records == len(records)
    assert all(explain(cause) for cause in (*tap.causes, *tap.tally.notes))


@given(records=st.lists(st.tuples(st.sampled_from([*LINKS, 147]), st.binary(max_size=200)), max_size=20))
@example(records=[(252, b"\x00\x00\x00\x00")])
@example(records=[(258, pack("<III", 0xFFFFFFFF, 1, 1) + bytes(20))])
@settings(max_examples=150, deadline=None)
def test_noise_is_counted(records: list[tuple[int, bytes]]) -> None:
    tap = Tap()
    for link, data in records:
        tap.feed(data, link=link)
    tap.finish()
    assert all(explain(cause) for cause in (*tap.causes, *tap.tally.notes))


@given(
    st.lists(
        st.tuples(st.integers(0, 3000), st.binary(min_size=1, max_size=60), st.sampled_from([0x18, 2, 0x11, 4])),
        max_size=30,
    )
)
@settings(max_examples=80, deadline=None)
def test_any_segments_at_all(segments: list[tuple[int, bytes, int]]) -> None:
    tap = Tap()
    for sequence, data, flags in segments:
        tap.feed(test_tcp.frame(data, sequence, flags))
        tap.feed(test_tcp.frame(test_tcp.STREAM[sequence : sequence + 400], sequence, 0x18))
    tap.finish()
