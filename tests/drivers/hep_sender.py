"""An agent of our own: packets of HEP in the layouts of several senders, and a way to send them."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from struct import pack

from ringthrough.calls import Sighting

__all__ = ["call_messages", "chunk", "old_packet", "packet", "send_datagrams"]

A, B = bytes((192, 0, 2, 10)), bytes((198, 51, 100, 2))
_PROTOCOLS = {"udp": 17, "tcp": 6, "tls": 22, "ws": 50, "sctp": 132}


def chunk(kind: int, value: bytes, vendor: int = 0) -> bytes:
    return pack("!HHH", vendor, kind, 6 + len(value)) + value


def packet(
    sighting: Sighting,
    *,
    capture_id: int = 2001,
    before: bytes = b"",
    after: bytes = b"",
    password: bytes | None = None,
) -> bytes:
    """HEP version 3 in the order of chunks that Kamailio uses; `before` and `after` stand around the payload."""
    v6 = len(sighting.src) == 16
    body = chunk(1, bytes((10 if v6 else 2,))) + chunk(2, bytes((_PROTOCOLS[sighting.transport],)))
    body += chunk(5 if v6 else 3, sighting.src) + chunk(6 if v6 else 4, sighting.dst)
    body += chunk(7, pack("!H", sighting.sport)) + chunk(8, pack("!H", sighting.dport))
    if sighting.at_us:
        body += chunk(9, pack("!I", sighting.at_us // 1_000_000)) + chunk(10, pack("!I", sighting.at_us % 1_000_000))
    body += chunk(11, b"\x01") + chunk(12, pack("!I", capture_id))
    if password is not None:
        body += chunk(14, password)
    body += before + chunk(15, sighting.data) + after
    return b"HEP3" + pack("!H", 6 + len(body)) + body


def old_packet(sighting: Sighting, version: int = 2, *, capture_id: int = 101) -> bytes:
    """HEP version 1 or 2; their times are little-endian."""
    width = len(sighting.src)
    head = pack("!BBBBHH", version, 8 + 2 * width, 2 if width == 4 else 10, 17, sighting.sport, sighting.dport)
    head += sighting.src + sighting.dst
    if version == 2:
        head += pack("<IIHH", sighting.at_us // 1_000_000, sighting.at_us % 1_000_000, capture_id, 0)
    return head + sighting.data


def call_messages(
    call_id: str, at_us: int, *, status: str = "603 Network Blocked", callee: str = "+12125550199", extra: str = ""
) -> list[Sighting]:
    """INVITE, 100, a refusal after 400 ms, and its ACK."""
    head = (
        f"Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK{call_id}\r\n"
        f"From: <sip:+12155550123@192.0.2.10>;tag=f{call_id}\r\nCall-ID: {call_id}\r\n"
    )
    to, end = f"To: <sip:{callee}@198.51.100.2>", "Content-Length: 0\r\n\r\n"
    uri, tag = f"sip:{callee}@198.51.100.2", f";tag=t{call_id}"
    texts = (
        (0, f"INVITE {uri} SIP/2.0\r\n{head}{to}\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n{end}"),
        (20, f"SIP/2.0 100 Trying\r\n{head}{to}\r\nCSeq: 1 INVITE\r\n{end}"),
        (400, f"SIP/2.0 {status}\r\n{head}{to}{tag}\r\nCSeq: 1 INVITE\r\n{extra}{end}"),
        (401, f"ACK {uri} SIP/2.0\r\n{head}{to}{tag}\r\nCSeq: 1 ACK\r\nMax-Forwards: 70\r\n{end}"),
    )
    made = []
    for ms, text in texts:
        src, dst = (B, A) if text.startswith("SIP/") else (A, B)
        made.append(Sighting(at_us + ms * 1_000, 0, 1, "udp", src, 5060, dst, 5060, text.encode()))
    return made


def send_datagrams(packets: Iterable[bytes], address: tuple[str, int]) -> None:
    with socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM) as one:
        for data in packets:
            one.sendto(data, address)
