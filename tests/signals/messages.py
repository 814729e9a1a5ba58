"""Messages for the tests of signals: as octets, read by the real codec."""

from __future__ import annotations

from ringthrough.signals import Refusal, read
from ringthrough.wire import Message, Request, decode

ANALYTICS = 'SIP;cause=603;text="v=analytics1;url=https://example.com/redress";location=RLN'


def _decoded(start: str, method: str, headers: tuple[str, ...], to_tag: str) -> Message:
    lines = [
        start,
        "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK776",
        "From: <sip:+12155550112@example.com>;tag=f1",
        f"To: <sip:+12155550113@example.net>{to_tag}",
        "Call-ID: 1@192.0.2.10",
        f"CSeq: 1 {method}",
        *headers,
        "Content-Length: 0",
        "",
        "",
    ]
    message = decode("\r\n".join(lines).encode("utf-8", "surrogateescape"))
    assert isinstance(message, Message)
    return message


def response(status: int, phrase: str, *headers: str) -> Message:
    return _decoded(f"SIP/2.0 {status} {phrase}", "INVITE", headers, ";tag=t1")


def request(method: str, *headers: str, to_tag: str = ";tag=t1") -> Request:
    message = _decoded(f"{method} sip:+12155550113@example.net SIP/2.0", method, headers, to_tag)
    assert isinstance(message, Request)
    return message


def slugs(refusal: Refusal | None) -> list[str]:
    """Slugs of the defects, in order."""
    assert refusal is not None
    return [problem.code for problem in refusal.defects]


def read_response(status: int, phrase: str, *headers: str) -> Refusal:
    refusal = read(response(status, phrase, *headers))
    assert refusal is not None
    return refusal
