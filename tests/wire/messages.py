"""Messages that several tests read; made by hand."""

from __future__ import annotations

from ringthrough.wire import Malformed, Message, Request, Response, decode

INVITE = (
    b"INVITE sip:+12155550113@carrier.example.net;user=phone SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK776asdhds;rport\r\n"
    b"v: SIP/2.0/TCP pbx.example.com;branch=z9hG4bK1, SIP/2.0/UDP phone.example.com;branch=z9hG4bK0\r\n"
    b"Max-Forwards: 69\r\n"
    b'From: "Alice" <sip:+12155551212@example.com>;tag=1928301774\r\n'
    b"To: <sip:+12155550113@carrier.example.net>\r\n"
    b"Call-ID: a84b4c76e66710@pbx.example.com\r\n"
    b"CSeq: 314159 INVITE\r\n"
    b"Contact: <sip:+12155551212@192.0.2.1:5060>\r\n"
    b"Timestamp: 54.5\r\n"
    b"X-Unknown:  kept as it is \r\n"
    b"Content-Type: application/sdp\r\n"
    b"Content-Length: 5\r\n"
    b"\r\n"
    b"v=0\r\n"
)
"A request without a fault."

DECLINED = (
    b"SIP/2.0 603 Decline\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK776asdhds\r\n"
    b"From: <sip:+12155551212@example.com>;tag=1928301774\r\n"
    b"To: <sip:+12155550113@carrier.example.net>;tag=99\r\n"
    b"Call-ID: a84b4c76e66710@pbx.example.com\r\n"
    b"CSeq: 314159 INVITE\r\n"
    b"Content-Length: 0\r\n"
    b"\r\n"
)
"A response without a fault."


def message(data: bytes) -> Message:
    """The message in the octets, which hold one."""
    found = decode(data)
    assert isinstance(found, Message)
    return found


def request(data: bytes) -> Request:
    """The request in the octets, which hold one."""
    found = decode(data)
    assert isinstance(found, Request)
    return found


def response(data: bytes) -> Response:
    """The response in the octets, which hold one."""
    found = decode(data)
    assert isinstance(found, Response)
    return found


def malformed(data: bytes) -> Malformed:
    """What `decode` says of octets that hold no message."""
    found = decode(data)
    assert isinstance(found, Malformed)
    return found


def invite(*changes: tuple[bytes, bytes]) -> bytes:
    """`INVITE` with pieces replaced; each must be there."""
    data = INVITE
    for old, new in changes:
        assert old in data
        data = data.replace(old, new)
    return data
