from __future__ import annotations

import base64
import hashlib
import struct

import pytest

from ringthrough.simulate.datagrams import Datagram
from ringthrough.simulate.packets import TCP, UDP, checksum, ip_packets, tcp_segment, udp_packet
from ringthrough.simulate.streams import Streams

A4, B4 = bytes((192, 0, 2, 1)), bytes((198, 51, 100, 2))
A6, B6 = bytes.fromhex("20010db8" + "00" * 11 + "01"), bytes.fromhex("20010db8" + "00" * 11 + "02")


def slow_sum(octets: bytes) -> int:
    """RFC 1071 §4.1, word by word."""
    total = sum(struct.unpack(f"!{len(octets + bytes(len(octets) & 1)) // 2}H", octets + bytes(len(octets) & 1)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


@pytest.mark.parametrize(
    "octets",
    [b"\x00\x01\xf2\x03\xf4\xf5\xf6\xf7", b"abc", b"\xff\xff", b"\x00\x00\x00\x01", bytes(range(256))],
    ids=["RFC 1071 §3", "odd", "ones", "small", "long"],
)
def test_a_checksum_makes_the_sum_all_ones(octets: bytes) -> None:
    padded = octets + bytes(len(octets) & 1)
    assert slow_sum(padded + checksum(octets).to_bytes(2, "big")) == 0xFFFF


@pytest.mark.parametrize(
    ("octets", "value"), [(b"\xff\xff", 0), (b"\xff\xfe\0\1", 0), (b"\0\0", 0xFFFF), (b"", 0xFFFF)]
)
def test_zero_has_two_forms_and_each_its_place(octets: bytes, value: int) -> None:
    assert checksum(octets) == value


def test_the_example_of_rfc_1071() -> None:
    assert checksum(b"\x00\x01\xf2\x03\xf4\xf5\xf6\xf7") == 0xFFFF - 0xDDF2


@pytest.mark.parametrize(("src", "dst"), [(A4, B4), (A6, B6)], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize("size", [0, 1, 100, 1471, 1472, 1473, 3000, 6000])
def test_fragments_hold_the_content_in_order(src: bytes, dst: bytes, size: int) -> None:
    content = udp_packet(src, 5060, dst, 5061, bytes(n % 251 for n in range(size)))
    packets = ip_packets(src, dst, UDP, content, ident=77, mtu=1500)
    assert all(len(packet) <= 1500 for packet in packets)
    whole, offset = b"", 0
    for index, packet in enumerate(packets):
        more = index < len(packets) - 1
        if len(src) == 4:
            assert packet[4:6] == b"\0\x4d"
            word = int.from_bytes(packet[6:8], "big")
            assert slow_sum(packet[:20]) == 0xFFFF
            assert ((word & 0x1FFF) * 8, bool(word & 0x2000)) == (offset, more)
            piece = packet[20:]
            assert int.from_bytes(packet[2:4], "big") == len(packet)
        elif len(packets) > 1:
            assert packet[6] == 44
            word = int.from_bytes(packet[42:44], "big")
            assert (word & 0xFFF8, bool(word & 1)) == (offset, more)
            piece = packet[48:]
        else:
            piece = packet[40:]
        whole += piece
        offset += len(piece)
    assert whole == content


def test_udp_and_tcp_sums_cover_the_addresses() -> None:
    for protocol, content in (
        (UDP, udp_packet(A4, 5060, B4, 5061, b"hello")),
        (TCP, tcp_segment(A4, 5060, B4, 5061, 1, 2, 0x18, b"hello")),
    ):
        pseudo = A4 + B4 + struct.pack("!II", len(content), protocol)
        assert slow_sum(pseudo + content) == 0xFFFF


def carried(streams: Streams, payloads: list[tuple[bytes, bool]]) -> list[tuple[bytes, bytes]]:
    out = []
    for payload, forth in payloads:
        src, dst = (A4, B4) if forth else (B4, A4)
        datagram = Datagram(0, "tcp", src, 5060, dst, 5060, payload, 0)
        out += [(source, segment) for source, _, segment in streams.segments(datagram)]
    return out


def test_a_stream_opens_once_and_its_numbers_go_on() -> None:
    sent = carried(Streams(segment_bytes=10), [(b"a" * 25, True), (b"b" * 5, False), (b"c" * 5, True)])
    flags = [segment[13] for _, segment in sent]
    assert flags == [0x02, 0x12, 0x10, 0x10, 0x10, 0x18, 0x18, 0x18]
    up = [segment for source, segment in sent if source == A4 and len(segment) > 20]
    numbers = [int.from_bytes(segment[4:8], "big") for segment in up]
    assert [n - numbers[0] for n in numbers] == [0, 10, 20, 25]
    assert b"".join(segment[20:] for segment in up) == b"a" * 25 + b"c" * 5


def test_disorder_swaps_and_repeats_segments() -> None:
    messages = [(bytes([65 + n]) * 30, True) for n in range(15)]
    tidy = [s for _, s in carried(Streams(segment_bytes=10), messages)]
    messy = [s for _, s in carried(Streams(segment_bytes=10, disorder=True), messages)]
    assert sorted(set(messy)) == sorted(tidy)
    assert len(messy) == len(tidy) + 3
    assert [s for s in messy if s in tidy] != tidy


def test_websocket_upgrades_then_frames_and_masks() -> None:
    sent = carried(Streams(segment_bytes=60_000, websocket=True), [(b"x" * 10, True), (b"y" * 300, False)])
    octets = [segment[20:] for _, segment in sent if len(segment) > 20]
    assert octets[0].startswith(b"GET / HTTP/1.1\r\n")
    assert b"\r\nSec-WebSocket-Protocol: sip\r\n" in octets[1]
    key = octets[0].split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    assert b"Sec-WebSocket-Accept: " + accept in octets[1]
    up, down = octets[2], octets[3]
    assert up[:2] == b"\x81\x8a"
    assert bytes(b ^ up[2 + n % 4] for n, b in enumerate(up[6:])) == b"x" * 10
    assert down[:4] == b"\x81\x7e\x01\x2c"
    assert down[4:] == b"y" * 300
