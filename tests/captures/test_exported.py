"""Exported PDUs, as Wireshark writes them."""

from __future__ import annotations

from struct import pack

import pytest

from ringthrough.calls.sighting import ENCRYPTED_HOP
from ringthrough.captures.exported import read_exported
from tests.captures.frames import A4, A6, B4, B6, dissect, sip


def tag(kind: int, value: bytes, *, padded: bool = True) -> bytes:
    value += bytes(-len(value) % 4) if padded else b""
    return pack("!HH", kind, len(value)) + value + (b"" if padded else bytes(-len(value) % 4))


END = tag(0, b"")
V4 = tag(20, A4) + tag(21, B4)
V6 = tag(22, A6) + tag(23, B6)


def ports(kind: int, sport: int = 5060, dport: int = 5062) -> bytes:
    return tag(24, pack("!I", kind)) + tag(25, pack("!I", sport)) + tag(26, pack("!I", dport))


READ = [
    ("UDP", tag(12, b"sip") + V4 + ports(3) + END, "udp"),
    ("TCP", tag(12, b"sip.tcp") + V6 + ports(2) + END, "tcp"),
    ("decrypted TLS", tag(12, b"sip.tcp") + V4 + ports(2, 50000, 5061) + END, "tls"),
    ("SCTP", tag(12, b"sip") + V4 + ports(1) + END, "sctp"),
    ("length without padding", tag(12, b"sip.udp", padded=False) + V4 + END, "udp"),
    ("heuristic dissector", tag(13, b"sip_tcp") + V4 + END, "tcp"),
    ("nothing said", END, ""),
    ("unknown tags", tag(12, b"sip") + tag(30, pack("!I", 9)) + tag(14, b"x") + tag(33, b"SIP") + V4 + END, ""),
    ("address of a wrong size", tag(12, b"sip") + tag(20, b"12345") + tag(25, b"") + END, ""),
]


@pytest.mark.parametrize(("label", "tags", "transport"), READ, ids=[case[0] for case in READ])
def test_tags_tell_addresses_and_transport(label: str, tags: bytes, transport: str) -> None:
    (seen,) = dissect(tags + sip(), link=252).seen
    assert (seen.data, seen.transport) == (sip(), transport)
    assert (seen.src, seen.dst) in ((A4, B4), (A6, B6), (b"", b""))
    assert seen.flags == (ENCRYPTED_HOP if transport == "tls" else 0)
    assert seen.sport == (50000 if transport == "tls" else 5060 if ports(0)[:4] in tags else 0)


REFUSED = [
    ("another protocol", tag(12, b"http") + V4 + END + b"GET / HTTP/1.1\r\n\r\n", "exported-other"),
    ("keep-alive of SIP", tag(12, b"sip") + V4 + END + b"\r\n\r\n", "keepalive"),
    ("tag beyond the record", pack("!HH", 12, 400), "bad-exported"),
    ("no end", tag(12, b"sip") + V4, "header-short"),
    ("endless tags", tag(30, b"") * 90, "bad-exported"),
    ("nothing", b"", "header-short"),
]


@pytest.mark.parametrize(("label", "record", "cause"), REFUSED, ids=[case[0] for case in REFUSED])
def test_refused_for_a_cause(label: str, record: bytes, cause: str) -> None:
    tap = dissect(record, link=252)
    assert tap.seen == []
    assert tap.causes == {cause: 1}


def test_name_of_the_dissector() -> None:
    found = read_exported(tag(12, b"sip") + END)
    assert not isinstance(found, str)
    assert (found.protocol, found.at) == ("sip", 12)
