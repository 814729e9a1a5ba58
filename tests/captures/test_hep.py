"""HEP of all versions, in UDP and in TCP."""

from __future__ import annotations

import gzip
import zlib
from struct import pack

import pytest

from ringthrough.calls.sighting import ENCRYPTED_HOP
from ringthrough.captures.hep import Hep, read_hep, read_hep_1_2
from tests.captures.frames import A4, A6, B4, B6, Tap, dissect, ethernet, ipv4, sip, tcp, udp

SECONDS, REST = 1_763_000_000, 123_456


def chunk(kind: int, value: bytes, vendor: int = 0) -> bytes:
    return pack("!HHH", vendor, kind, 6 + len(value)) + value


def hep3(payload: bytes, *, v6: bool = False, protocol: int = 17, extra: bytes = b"", magic: bytes = b"HEP3") -> bytes:
    src, dst = (A6, B6) if v6 else (A4, B4)
    body = chunk(1, bytes((10 if v6 else 2,))) + chunk(2, bytes((protocol,)))
    body += (
        chunk(5 if v6 else 3, src)
        + chunk(6 if v6 else 4, dst)
        + chunk(7, pack("!H", 5062))
        + chunk(8, pack("!H", 5064))
    )
    body += (
        chunk(9, pack("!I", SECONDS)) + chunk(10, pack("!I", REST)) + chunk(11, b"\x01") + chunk(12, pack("!I", 2001))
    )
    body += extra + payload
    return magic + pack("!H", 6 + len(body)) + body


def hep12(payload: bytes, version: int = 2, *, v6: bool = False) -> bytes:
    width = 16 if v6 else 4
    size = 8 + 2 * width
    head = pack("!BBBBHH", version, size, 10 if v6 else 2, 17, 5062, 5064) + (A6 + B6 if v6 else A4 + B4)
    if version == 2:
        head += pack("<IIHH", SECONDS, REST, 101, 0)
    return head + payload


def on_wire(payload: bytes, port: int = 9060) -> bytes:
    return ethernet(ipv4(udp(payload, 40000, port), src=b"\x0a\0\0\1", dst=b"\x0a\0\0\2"))


READ = [
    ("version 3", hep3(chunk(15, sip())), "udp"),
    ("version 3, IPv6", hep3(chunk(15, sip()), v6=True), "udp"),
    ("version 3, TCP", hep3(chunk(15, sip()), protocol=6), "tcp"),
    ("version 3, TLS", hep3(chunk(15, sip()), protocol=22), "tls"),
    ("version 3, WebSocket", hep3(chunk(15, sip()), protocol=50), "ws"),
    ("version 3, SCTP", hep3(chunk(15, sip()), protocol=132), "sctp"),
    ("EEP3", hep3(chunk(15, sip()), magic=b"EEP3"), "udp"),
    ("zlib", hep3(chunk(16, zlib.compress(sip()))), "udp"),
    ("gzip", hep3(chunk(16, gzip.compress(sip(), mtime=0))), "udp"),
    ("chunks of a vendor", hep3(chunk(15, sip()), extra=chunk(15, b"other", vendor=2) + chunk(99, b"?")), "udp"),
    ("keep-alive before the message", hep3(chunk(15, b"\r\n" + sip())), "udp"),
    ("version 2", hep12(sip()), "udp"),
    ("version 2, IPv6", hep12(sip(), v6=True), "udp"),
    ("version 1", hep12(sip(), 1), "udp"),
    ("version 1, IPv6", hep12(sip(), 1, v6=True), "udp"),
]

REFUSED = [
    ("length beyond the datagram", b"HEP3\x7f\xff" + bytes(30), "bad-hep"),
    ("length inside the header", b"HEP3\x00\x02" + bytes(30), "bad-hep"),
    ("mark only", b"HEP3", "bad-hep"),
    ("mark and one octet", b"HEP3\x00", "bad-hep"),
    ("chunk of length 0", b"HEP3\x00\x10" + bytes(10), "bad-hep"),
    ("chunk beyond the end", b"HEP3\x00\x0c" + pack("!HHH", 0, 15, 99), "bad-hep"),
    ("RTCP report", hep3(chunk(15, b"{}")).replace(chunk(11, b"\x01"), chunk(11, b"\x05")), "hep-other"),
    ("no payload", hep3(b""), "hep-other"),
    ("payload that cannot be unpacked", hep3(chunk(16, b"not compressed")), "hep-other"),
    ("payload that is no SIP", hep3(chunk(15, b"hello")), "hep-other"),
    ("version 2 around something else", hep12(b"hello"), "udp-other"),
    ("version 2 of another family", hep12(sip())[:2] + b"\x07" + hep12(sip())[3:], "udp-other"),
    ("version 2 without its time", hep12(b"")[:20], "udp-other"),
]


@pytest.mark.parametrize(("label", "packet", "transport"), READ, ids=[case[0] for case in READ])
def test_original_addresses_and_time_are_used(label: str, packet: bytes, transport: str) -> None:
    tap = Tap()
    (seen,) = tap.feed(on_wire(packet))
    assert seen.data == sip()
    assert (seen.src, seen.dst) in ((A4, B4), (A6, B6))
    assert (seen.sport, seen.dport, seen.transport, seen.frame, seen.ident) == (5062, 5064, transport, 1, -1)
    assert seen.at_us == (tap.at_us if "version 1" in label else SECONDS * 1_000_000 + REST)
    assert seen.flags == (ENCRYPTED_HOP if transport == "tls" else 0)


@pytest.mark.parametrize(("label", "packet", "cause"), REFUSED, ids=[case[0] for case in REFUSED])
def test_refused_for_a_cause(label: str, packet: bytes, cause: str) -> None:
    tap = dissect(on_wire(packet))
    assert tap.seen == []
    assert tap.causes == {cause: 1}


def test_over_tcp_the_length_cuts_the_stream() -> None:
    stream = b"".join(hep3(chunk(15, sip(number))) for number in (1, 2, 3))
    frames = [
        ethernet(ipv4(tcp(b"", 99, 2, dport=9060), 6)),
        *(ethernet(ipv4(tcp(stream[at : at + 300], 100 + at, dport=9060), 6)) for at in range(0, len(stream), 300)),
    ]
    tap = dissect(*frames)
    assert [seen.data for seen in tap.seen] == [sip(1), sip(2), sip(3)]
    assert {(seen.src, seen.sport, seen.at_us) for seen in tap.seen} == {(A4, 5062, SECONDS * 1_000_000 + REST)}


def test_over_tcp_what_is_no_sip_or_damaged_is_passed_over() -> None:
    stream = hep3(chunk(15, b"{}")) + hep3(chunk(15, sip(1))) + b"garbage" + hep3(chunk(15, sip(2)))
    stream += b"HEP3\x00\x08ab" + b"EEP3\x00\x02" + hep3(chunk(15, sip(3)))
    tap = dissect(ethernet(ipv4(tcp(stream, dport=9060), 6)))
    assert [seen.data for seen in tap.seen] == [sip(1), sip(2), sip(3)]
    tap = dissect(ethernet(ipv4(tcp(hep3(chunk(15, b"{}")), dport=9060), 6)))
    assert tap.causes == {"tcp-segment": 1}


def test_time_and_addresses_may_be_absent() -> None:
    packet = b"HEP3" + pack("!H", 6 + 6 + len(sip())) + chunk(15, sip())
    assert read_hep(packet) == Hep(b"", 0, b"", 0, "", 0, sip())
    assert read_hep(b"HEP") == "bad-hep"
    assert read_hep_1_2(b"\x01") is None


def test_unpacking_is_bounded() -> None:
    bomb = zlib.compress(sip() + b"x" * (8 << 20))
    found = read_hep(hep3(chunk(16, bomb)))
    assert isinstance(found, Hep)
    assert len(found.data) == 1 << 20


def test_more_chunks_than_any_agent_sends_are_left() -> None:
    found = read_hep(hep3(chunk(15, sip()), extra=chunk(99, b"") * 400))
    assert found == "hep-other"
