"""Streams of HEP, however they are divided."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringthrough.drivers.hep_streams import HepCutter

from .hep_sender import call_messages, packet

PACKETS = [packet(message) for message in call_messages("one", 1_780_272_000_000_000)]

STREAMS = [
    ("packets alone", b"".join(PACKETS), PACKETS, 0),
    ("CR LF between them", b"\r\n\r\n".join(PACKETS), PACKETS, 0),
    ("something else in front", b"GET / HTTP/1.1\r\n\r\n" + PACKETS[0], PACKETS[:1], 14),
    ("something else between", PACKETS[0] + b"strange" + PACKETS[1], PACKETS[:2], 7),
    ("an impossible length", b"HEP3\0\5" + PACKETS[0], PACKETS[:1], 6),
    ("a mark that is none", b"xxHEPxxx" + PACKETS[0], PACKETS[:1], 8),
    ("a packet that does not end", PACKETS[0] + PACKETS[1][:-1], PACKETS[:1], 0),
]  # fmt: skip


@pytest.mark.parametrize(("stream", "packets", "lost"), [s[1:] for s in STREAMS], ids=[s[0] for s in STREAMS])
@pytest.mark.parametrize("size", [100_000, 7, 1])
def test_cut(stream: bytes, packets: list[bytes], lost: int, size: int) -> None:
    cutter = HepCutter()
    found = [p for at in range(0, len(stream), size) for p in cutter.feed(stream[at : at + size])]

    assert found == packets
    if size == 100_000:
        assert cutter.lost == lost
    assert abs(cutter.lost - lost) <= 4  # where it was divided, an octet of CR LF may count


@given(st.lists(st.one_of(st.sampled_from(PACKETS), st.binary(max_size=20)), max_size=6), st.integers(1, 50))
def test_any_division_gives_the_same_packets(parts: list[bytes], size: int) -> None:
    stream = b"".join(parts)
    whole, divided = HepCutter(), HepCutter()

    found = [p for at in range(0, len(stream), size) for p in divided.feed(stream[at : at + size])]

    assert found == whole.feed(stream)
    assert len(divided) < 65_536 + 6
