"""Messages of one call as sightings, made by hand."""

from __future__ import annotations

from ringthrough.calls import Sighting

A, B, C = b"\xc0\x00\x02\x0a", b"\xc6\x33\x64\x02", b"\xcb\x00\x71\x07"
HEAD = (
    "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1234567890\r\n"
    'From: "Alice Miller" <sip:+12155550123@192.0.2.10>;tag=1\r\n'
    "To: Bob <sip:+12125550199@198.51.100.2>\r\n"
    "Call-ID: a84b4c76e66710@pc33.example.com\r\n"
)


def request(method: str = "INVITE", extra: str = "", body: str = "", cseq: int = 1) -> bytes:
    head = f"{method} sip:+12125550199@198.51.100.2 SIP/2.0\r\n{HEAD}CSeq: {cseq} {method}\r\n{extra}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def response(status: str, extra: str = "", method: str = "INVITE") -> bytes:
    return f"SIP/2.0 {status}\r\n{HEAD}CSeq: 1 {method}\r\n{extra}Content-Length: 0\r\n\r\n".encode()


def seen(frame: int, data: bytes, src: bytes = A, dst: bytes = B, *, ms: int = 0, ident: int = -1, **more) -> Sighting:
    at_us = 1_767_225_600_000_000 + ms * 1_000
    return Sighting(at_us, 0, frame, "udp", src, 5060, dst, 5060, data, ident=ident)._replace(**more)


BLOCKED = [
    seen(1, request()),
    seen(2, response("100 Trying"), B, A, ms=20),
    seen(3, response(
        "603 Network Blocked",
        'Server: edge\r\nReason: SIP;cause=603;text="v=analytics1;tel=+18005550100;num=2125550199";location=RLN\r\n',
    ), B, A, ms=412),
    seen(4, request("ACK"), ms=415),
]  # fmt: skip
