"""Frames made by hand, layer by layer, each by the layout in its own specification."""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack

from ringthrough.calls.sighting import Sighting
from ringthrough.captures.dissect import Dissector
from ringthrough.captures.tally import Tally

A4, B4 = bytes((192, 0, 2, 1)), bytes((198, 51, 100, 2))
A6, B6 = bytes.fromhex("20010db8" + "00" * 11 + "01"), bytes.fromhex("20010db8" + "00" * 11 + "02")
MAC = bytes.fromhex("020000000001020000000002")


def sip(number: int = 1, body: bytes = b"", *, compact: bool = False) -> bytes:
    """A small INVITE; `number` makes its Call-ID."""
    length = b"l" if compact else b"Content-Length"
    return (
        b"INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%d\r\n"
        b"From: <sip:alice@example.com>;tag=a\r\nTo: <sip:bob@example.com>\r\nCall-ID: call-%d\r\nCSeq: 1 INVITE\r\n"
        b"%s: %d\r\n\r\n" % (number, number, length, len(body))
    ) + body


def response(number: int = 1) -> bytes:
    return (
        b"SIP/2.0 603 Decline\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%d\r\nCall-ID: call-%d\r\nCSeq: 1 INVITE\r\n"
        b"Content-Length: 0\r\n\r\n" % (number, number)
    )


def udp(payload: bytes, sport: int = 5060, dport: int = 5060) -> bytes:
    return pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload


def tcp(payload: bytes, sequence: int = 0, flags: int = 0x18, sport: int = 40000, dport: int = 5060) -> bytes:
    return pack("!HHIIBBHHH", sport, dport, sequence & 0xFFFFFFFF, 1, 0x50, flags, 8192, 0, 0) + payload


def ipv4(
    payload: bytes, protocol: int = 17, *, ident: int = 7, offset: int = 0, more: bool = False, options: bytes = b"",
    src: bytes = A4, dst: bytes = B4,
) -> bytes:  # fmt: skip
    head = 0x45 + len(options) // 4
    place = offset // 8 | (0x2000 if more else 0)
    total = 20 + len(options) + len(payload)
    return pack("!BBHHHBBH4s4s", head, 0, total, ident, place, 64, protocol, 0, src, dst) + options + payload


def ipv6(payload: bytes, following: int = 17, src: bytes = A6, dst: bytes = B6) -> bytes:
    return pack("!IHBB16s16s", 6 << 28, len(payload), following, 64, src, dst) + payload


def ipv6_fragment(payload: bytes, offset: int, more: bool, following: int = 17, ident: int = 9) -> bytes:
    return ipv6(pack("!BBHI", following, 0, offset | more, ident) + payload, 44)


def ethernet(payload: bytes, kind: int = 0x0800) -> bytes:
    return MAC + pack("!H", kind) + payload


def in_fragments(datagram: bytes, sizes: Sequence[int], *, v6: bool = False, ident: int = 7) -> list[bytes]:
    """Ethernet frames of the fragments of an IP payload, cut after `sizes` octets each (multiples of 8)."""
    frames, at = [], 0
    bounds = [*sizes, len(datagram)]
    for size in bounds:
        part = datagram[at : at + size]
        more = at + size < len(datagram)
        if v6:
            frames.append(ethernet(ipv6_fragment(part, at, more, ident=ident), 0x86DD))
        else:
            frames.append(ethernet(ipv4(part, offset=at, more=more, ident=ident)))
        at += size
        if not more:
            break
    return frames


class Tap:
    """A dissector with its tally, fed one frame after another; checks that no record is lost or counted twice."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.dissector = Dissector(file=3, tally=self.tally)
        self.seen: list[Sighting] = []
        self.at_us = 1_700_000_000_000_000

    def feed(self, data: bytes, *, link: int = 1, cut: bool = False, wait_us: int = 1000) -> list[Sighting]:
        self.at_us += wait_us
        self.tally.records += 1
        made = list(self.dissector.feed(self.at_us, self.tally.records, link, data, cut))
        assert self.tally.adds_up
        self.seen += made
        assert self.tally.messages == len(self.seen)
        return made

    def finish(self) -> list[Sighting]:
        made = list(self.dissector.finish())
        self.seen += made
        assert self.tally.adds_up
        assert self.tally.messages == len(self.seen)
        assert self.dissector.pending == 0
        return made

    @property
    def causes(self) -> dict[str, int]:
        return self.tally.skipped | self.tally.bad


def dissect(*frames: bytes, link: int = 1) -> Tap:
    """Feed frames and finish."""
    tap = Tap()
    for frame in frames:
        tap.feed(frame, link=link)
    tap.finish()
    return tap
