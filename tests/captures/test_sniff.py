"""What SIP looks like, and the names of what is not SIP."""

from __future__ import annotations

from struct import pack

import pytest

from ringthrough.captures.causes import CAUSES
from ringthrough.captures.sniff import PREFIXES, find_start, is_sip, may_become_sip, name_of_datagram, name_of_stream
from tests.captures.frames import dissect, ethernet, ipv4, response, sip, udp

LINES = [
    (b"INVITE sip:bob@example.com SIP/2.0\r\n", True),
    (b"SIP/2.0 603 Decline\r\n", True),
    (b"SIP/2.0 100\r\n", True),
    (b"sip/2.0 200 OK\r\n", True),
    (b"INVITE  sip:user@example.com;p=1  SIP/2.0 \r\n", True),
    (b"OPTIONS sip:user@example.com SIP/7.0\r\n", True),
    (b"!interesting-Method0123456789_*+`.%indeed'~ sip:a@b SIP/2.0\r\n", False),  # RFC 4475 §3.1.1.2: 40 octets
    (b"!odd-Method0_*+`.%in'~ sip:a@b SIP/2.0\r\n", True),
    (b"INVITE sip:bob@example.com SIP/2.0\n", True),
    (b"INVITE tel:+12125550100 SIP/2.0\r\n", True),
    (b"INVITE sip:bob@example.com HTTP/1.1\r\n", False),
    (b"GET / HTTP/1.1\r\n", False),
    (b"HTTP/1.1 200 OK\r\n", False),
    (b"RTSP/1.0 200 OK\r\n", False),
    (b"SIP/2.0", False),
    (b"INVITE sip:bob@example.com SIP/2.0", False),
    (b"\x80\x00 SIP/2.0\r\n", False),
    (b"", False),
]


@pytest.mark.parametrize(("line", "expected"), LINES, ids=[repr(case[0][:40]) for case in LINES])
def test_start_line(line: bytes, expected: bool) -> None:
    assert is_sip(line) is expected
    assert is_sip(b"12" + line, 2) is expected


@pytest.mark.parametrize("line", [case[0] for case in LINES if case[1]], ids=repr)
def test_every_beginning_of_a_start_line_may_become_one(line: bytes) -> None:
    for size in range(len(line)):
        assert may_become_sip(line[:size]) or is_sip(line[:size]) or not size


def test_broken_off_request_line_counts_only_when_cut() -> None:
    assert is_sip(b"INVITE sip:bo", cut=True)
    assert not is_sip(b"INVITE sip:bo")
    assert not is_sip(b"INVITE http:bo", cut=True)


def test_next_start_line_is_found_after_a_line_end() -> None:
    data = b"rest INVITE sip:a@b SIP/2.0\r\nx: y\r\nBYE sip:a@b SIP/2.0\r\n"
    assert data[find_start(data) :].startswith(b"BYE")
    assert find_start(b"BYE sip:a@b SIP/2.0\r\n") == -1


@pytest.mark.parametrize(
    "data", [b"A" + b" " * 60_000, b"A b" + b" SIP/2.0 " * 7_000, b"a " * 30_000, b"\nA " * 20_000]
)
def test_search_stays_linear(data: bytes) -> None:
    assert not is_sip(data)
    assert find_start(data) == -1


RTP = b"\x80\x00" + bytes(170)
DATAGRAMS = [
    ("keepalive of CRLF", b"\r\n\r\n", 5060, 5060, "keepalive"),
    ("keepalive of NUL", b"\x00\x00\x00\x00", 5060, 5060, "keepalive"),
    ("many line ends", b"\r\n" * 8, 5060, 5060, "keepalive"),
    ("empty", b"", 5060, 5060, "keepalive"),
    ("ESP in UDP", bytes.fromhex("11223344") + bytes(40), 4500, 4500, "encrypted-esp"),
    ("IKE on 4500", bytes(4) + b"\x01" * 40, 4500, 4500, "ike"),
    ("IKE", b"\x01" * 40, 500, 500, "ike"),
    ("DNS", b"\x81\x80" + bytes(30), 53, 50000, "dns"),
    ("STUN with cookie", pack("!HHI", 1, 8, 0x2112A442) + bytes(20), 5000, 3478, "stun"),
    ("STUN of RFC 3489", pack("!HH", 1, 8) + b"\x05" * 24, 5000, 3478, "stun"),
    ("TURN channel data", pack("!HH", 0x4001, 20) + bytes(20), 5000, 3478, "stun"),
    ("DTLS hello", b"\x16\xfe\xff" + bytes(60), 5000, 6000, "encrypted-dtls"),
    ("DTLS 1.2 data", b"\x17\xfe\xfd" + bytes(60), 5061, 5061, "encrypted-dtls"),
    ("RTP", RTP, 20000, 20002, "rtp"),
    ("RTCP", b"\x80\xc8" + bytes(30), 20001, 20003, "rtcp"),
    ("RTP bits on a low port", RTP, 20000, 123, "udp-other"),
    ("SSDP answer on any port", b"HTTP/1.1 200 OK\r\n\r\n", 50000, 50001, "ssdp"),
    ("HTTP over UDP", b"NOTIFY * HTTP/1.1\r\n\r\n", 50000, 50001, "ssdp"),
    ("QUIC", b"\xc0\x00\x00\x00\x01" + bytes(1200), 443, 50000, "encrypted-quic"),
    ("syslog", b"<134>hello there", 50000, 514, "syslog"),
    ("L2TP", b"\x40\x02" + bytes(20), 1701, 1701, "l2tp"),
    ("other", b"hello, this is something", 50000, 50001, "udp-other"),
]


@pytest.mark.parametrize(("label", "data", "sport", "dport", "cause"), DATAGRAMS, ids=[case[0] for case in DATAGRAMS])
def test_name_of_datagram(label: str, data: bytes, sport: int, dport: int, cause: str) -> None:
    assert name_of_datagram(data, sport, dport) == cause
    assert cause in CAUSES
    tap = dissect(ethernet(ipv4(udp(data, sport, dport))))
    assert tap.causes == {cause: 1}


STREAMS = [
    ("TLS hello", b"\x16\x03\x01\x02\x00", 443, "encrypted-tls"),
    ("TLS data on 5061", b"\x17\x03\x03\x02\x00", 5061, "encrypted-sip-tls"),
    ("HTTP request", b"GET /index.html HTTP/1.1\r\n", 80, "http"),
    ("HTTP answer", b"HTTP/1.1 200 OK\r\n", 80, "http"),
    ("RTSP", b"DESCRIBE rtsp://x RTSP/1.0\r\n", 554, "rtsp"),
    ("RTSP answer", b"RTSP/1.0 200 OK\r\n", 554, "rtsp"),
    ("MSRP", b"MSRP a786hjs2 SEND\r\n", 2855, "msrp"),
    ("H.225", b"\x03\x00\x00\x10", 1720, "h323"),
    ("DNS", b"\x00\x20\x12\x34", 53, "dns"),
    ("other", b"220 mail.example.com\r\n", 25, "tcp-other"),
]


@pytest.mark.parametrize(("label", "data", "port", "cause"), STREAMS, ids=[case[0] for case in STREAMS])
def test_name_of_stream(label: str, data: bytes, port: int, cause: str) -> None:
    assert name_of_stream(data, 50000, port) == cause
    assert name_of_stream(data, port, 50000) == cause
    assert cause in CAUSES


def test_prefixes_are_beginnings_of_real_messages() -> None:
    assert sip()[:4] in PREFIXES
    assert response()[:4] in PREFIXES
    assert all(len(prefix) == 4 for prefix in PREFIXES)
