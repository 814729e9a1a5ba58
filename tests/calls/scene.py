"""A little stage for assembler tests: says messages between hosts at times, and collects the rows."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from ringthrough.calls import Assembler, Call, Carriers, Folder, Networks, Sighting

A, B, C, SBC, SBC2 = "192.0.2.10", "198.51.100.20", "203.0.113.30", "192.0.2.1", "192.0.2.2"
OFFER = "v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n"


def us(seconds: float) -> int:
    return 1_790_000_000_000_000 + round(seconds * 1_000_000)


def request(
    method: str,
    *,
    call_id: str = "c1@a",
    branch: str = "z9hG4bKa",
    cseq: int = 1,
    caller: str = "+12155550112",
    callee: str = "+12155550113",
    from_tag: str = "f1",
    to_tag: str = "",
    vias: Iterable[str] = (),
    headers: Iterable[str] = (),
    body: str = "",
) -> bytes:
    lines = [f"{method} sip:{callee}@example.net SIP/2.0", f"Via: SIP/2.0/UDP 192.0.2.10:5060;branch={branch}"]
    lines += [f"Via: SIP/2.0/UDP {via}" for via in vias]
    lines += [
        f"From: <sip:{caller}@example.com>;tag={from_tag}",
        f"To: <sip:{callee}@example.net>" + (f";tag={to_tag}" if to_tag else ""),
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} {'INVITE' if method == 'CANCEL_OF' else method}",
        "Max-Forwards: 70",
        *headers,
    ]
    return _close(lines, body)


def response(
    status: int,
    phrase: str,
    *,
    call_id: str = "c1@a",
    branch: str = "z9hG4bKa",
    cseq: int = 1,
    method: str = "INVITE",
    caller: str = "+12155550112",
    callee: str = "+12155550113",
    from_tag: str = "f1",
    to_tag: str = "t1",
    headers: Iterable[str] = (),
    body: str = "",
) -> bytes:
    lines = [
        f"SIP/2.0 {status} {phrase}",
        f"Via: SIP/2.0/UDP 192.0.2.10:5060;branch={branch}",
        f"From: <sip:{caller}@example.com>;tag={from_tag}",
        f"To: <sip:{callee}@example.net>" + (f";tag={to_tag}" if to_tag and status != 100 else ""),
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} {method}",
        *headers,
    ]
    return _close(lines, body)


def _close(lines: list[str], body: str) -> bytes:
    if body:
        lines.append("Content-Type: application/sdp")
    lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


class Stage:
    """Collects sightings; `rows` runs them through an assembler in time order."""

    def __init__(self) -> None:
        self.sightings: list[Sighting] = []

    def say(
        self, at_s: float, src: str, dst: str, data: bytes, *, sport: int = 5060, dport: int = 5060, ident: int = -1
    ) -> Stage:
        packed = (ipaddress.ip_address(src).packed, ipaddress.ip_address(dst).packed)
        frame = len(self.sightings) + 1
        self.sightings.append(Sighting(us(at_s), 0, frame, "udp", packed[0], sport, packed[1], dport, data, 0, ident))
        return self

    def call(self, at_s: float, src: str, dst: str, script: str, **common: object) -> Stage:
        """
        Play a script such as `INVITE 100 180+1 486+3 ACK`: each word says who speaks; `+s` is the gap before it.

        Requests go from src to dst, responses back; the gap is 0.05 s when none is given.
        """
        for word in script.split():
            what, _, gap = word.partition("+")
            at_s += float(gap or 0.05)
            if what.isdigit():
                self.say(at_s, dst, src, response(int(what), PHRASES.get(int(what), "Odd"), **common))  # type: ignore[arg-type]
            else:
                tagged = {} if what in ("INVITE", "CANCEL") else {"to_tag": "t1"}
                self.say(at_s, src, dst, request(what, **{**tagged, **common}))  # type: ignore[arg-type]
        return self

    def rows(
        self,
        *,
        region: str | None = None,
        own: Iterable[str] = (),
        carriers: Carriers | None = None,
        flush: bool = True,
    ) -> list[Call]:
        folder = Folder(["a.pcap"], region=region, own=Networks(own), carriers=carriers)
        assembler = Assembler(folder)
        found = []
        for sighting in sorted(self.sightings, key=lambda s: (s.at_us, s.frame)):
            assembler.feed(sighting)
            if flush:
                found.extend(assembler.flush())
        found.extend(assembler.finish())
        keys = [key for key, _call in found]
        assert keys == sorted(keys)
        return [call for _key, call in found]

    def row(self, **settings: object) -> Call:
        (only,) = self.rows(**settings)  # type: ignore[arg-type]
        return only


PHRASES = {
    100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 302: "Moved Temporarily", 401: "Unauthorized",
    403: "Forbidden", 404: "Not Found", 407: "Proxy Authentication Required", 422: "Session Interval Too Small",
    480: "Temporarily Unavailable", 486: "Busy Here", 487: "Request Terminated", 491: "Request Pending",
    503: "Service Unavailable", 603: "Decline", 607: "Unwanted", 608: "Rejected",
}  # fmt: skip
