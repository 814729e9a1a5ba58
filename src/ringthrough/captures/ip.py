"""
IPv4 and IPv6 headers, and the fragments of both put together again.

Facts
- An INVITE with an Identity header is 1.5 to 2.5 kB, so fragments are normal and not an attack.
- Header checksums are not looked at: offloading leaves them wrong in captures on the sending host.
- A total length of 0 comes from segmentation offload: the packet then ends with the record.
- Overlapping fragments: the octets seen first win. RFC 791 §3.2 lets the last win, RFC 5722 §3 drops the datagram; a
  monitor that did either could be made blind by one forged fragment sent after the real one, so the first stay and
  the overlap is noted.
- A datagram is given up 30 s after its first fragment by the capture's own time. Precedents: Linux `ipfrag_time` 30 s,
  BSD 30 s; RFC 791 §3.2 recommends 15 s, RFC 8200 §4.5 sets 60 s.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

__all__ = [
    "FRAGMENT_LIMIT",
    "FRAGMENT_LIMIT_OCTETS",
    "FRAGMENT_TIMEOUT_US",
    "Fragments",
    "Lost",
    "Packet",
    "read_ipv4",
    "read_ipv6",
]

FRAGMENT_TIMEOUT_US = 30_000_000
"How long a datagram waits for its missing fragments, by capture time."
FRAGMENT_LIMIT = 4096
"Most datagrams waiting at a time; Linux keeps 4 MiB, about 2700 datagrams of two full fragments."
FRAGMENT_LIMIT_OCTETS = 8 << 20
"Most octets of fragments waiting at a time."
_REPEAT_US = 1_000_000
_MAX_DATAGRAM = 65_535
_MAX_PARTS = 1500
"Most pieces of one datagram: the longest at the smallest MTU, 68 octets (RFC 791 §3.2), has 1365."
_MAX_EXTENSIONS = 16

_V4 = Struct("!BxHHHxBxx4s4s").unpack_from
_V6 = Struct("!IHBx16s16s").unpack_from
_FRAGMENT = Struct("!BxHI").unpack_from

Key = tuple[bytes, bytes, int, int]
"Source, destination, protocol, identification (RFC 791 §3.2; RFC 8200 §4.5)."


class Packet(NamedTuple):
    """One IP packet: who, what, and where its payload lies in the record."""

    protocol: int
    "Number of the protocol it carries, after all extension headers."
    src: bytes
    "Source, 4 or 16 octets."
    dst: bytes
    "Destination, 4 or 16 octets."
    ident: int
    "IPv4 identification; of IPv6 that of its fragment header, -1 without one."
    at: int
    "Offset of the payload."
    end: int
    "Offset after the payload as the header says; may lie beyond a record that was cut."
    offset: int
    "Place of this fragment inside its datagram, octets."
    more: bool
    "More fragments follow this one."


def read_ipv4(data: bytes, at: int) -> Packet | str:
    """Read an IPv4 header (RFC 791 §3.1), or name what is wrong with it."""
    first, total, ident, place, protocol, src, dst = _V4(data, at)
    size = (first & 15) * 4
    if first >> 4 != 4 or size < 20 or (total < size and total != 0):
        return "bad-ipv4"
    end = at + total if total else len(data)
    start = at + size
    if protocol == 51 and not place & 0x1FFF:
        protocol, start = data[start], start + (data[start + 1] + 2) * 4
    return Packet(protocol, src, dst, ident, start, end, (place & 0x1FFF) * 8, bool(place & 0x2000))


def read_ipv6(data: bytes, at: int) -> Packet | str:
    """Read an IPv6 header and its chain of extension headers (RFC 8200 §4), or name what is wrong with it."""
    first, size, protocol, src, dst = _V6(data, at)
    if first >> 28 != 6:
        return "bad-ipv6"
    at += 40
    end = at + size if size else len(data)
    ident, offset, more = -1, 0, False
    for _ in range(_MAX_EXTENSIONS):
        if protocol in (0, 43, 60, 135, 139, 140):
            protocol, at = data[at], at + (data[at + 1] + 1) * 8
        elif protocol == 51:
            protocol, at = data[at], at + (data[at + 1] + 2) * 4  # RFC 4302 §2.2: length in words, less two
        elif protocol == 44:
            protocol, place, ident = _FRAGMENT(data, at)
            offset, more = place & 0xFFF8, bool(place & 1)
            at += 8
            if offset:
                break  # the rest of the chain travelled with the first fragment
        else:
            break
    else:
        return "bad-ipv6"
    return Packet(protocol, src, dst, ident, at, end, offset, more)


class Lost(NamedTuple):
    """A datagram that stayed incomplete: what it had from its beginning on, which may be nothing."""

    packet: Packet
    "Header of its first fragment, or of any when the first never came."
    data: bytes
    "Payload up to the first hole."
    at_us: int
    "Time of the fragment that brought its beginning."
    frame: int
    "Frame of that fragment."


class _Datagram:
    __slots__ = ("at_us", "done", "frame", "frame_us", "held", "packet", "parts", "size")

    def __init__(self, at_us: int, packet: Packet) -> None:
        self.at_us = at_us
        self.packet = packet
        self.parts: list[tuple[int, bytes]] = []  # sorted, without overlap
        self.size = -1  # octets of the whole, known once the last fragment is here
        self.held = 0
        self.frame = 0
        self.frame_us = at_us
        self.done: bytes | None = None

    def add(self, offset: int, data: bytes) -> str:
        """Keep what is new of `data`; say `new`, `duplicate` or `overlap`."""
        start, end = offset, offset + len(data)
        free: list[tuple[int, bytes]] = []
        touched = exact = False
        for have, part in self.parts:
            stop = have + len(part)
            if stop <= start:
                continue
            if have >= end:
                break
            touched = True
            exact = exact or (have == offset and stop == offset + len(data))
            if have > start:
                free.append((start, data[start - offset : have - offset]))
            start = stop
        if start < end:
            free.append((start, data[start - offset :]))
        if free:
            self.parts = sorted(self.parts + free)
            self.held += sum(len(part) for _, part in free)
        return "duplicate" if exact else "overlap" if touched else "new"

    def prefix(self) -> bytes:
        """Octets from the beginning to the first hole."""
        made: list[bytes] = []
        reached = 0
        for offset, part in self.parts:
            if offset != reached:
                break
            made.append(part)
            reached += len(part)
        return b"".join(made)


class Fragments:
    """Datagrams that wait for fragments. Bounded in number, octets and time; says what it gave up."""

    def __init__(self) -> None:
        self._waiting: dict[Key, _Datagram] = {}
        self.held = 0
        "Octets of fragments held."

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, at_us: int, frame: int, packet: Packet, data: bytes) -> tuple[bytes | None, str, list[Lost]]:
        """
        Take one fragment.

        Args:
            at_us: capture time of its record, microseconds.
            frame: number of its record.
            packet: its header.
            data: its octets, as far as captured; shorter than the header says when the record was cut.

        Returns:
            The datagram's payload if this fragment completed it, else None; `new`, `duplicate`, `overlap` or `bad`;
            the datagrams that had to go to stay inside the limits.
        """
        cut = packet.end - packet.at > len(data)
        if packet.offset + len(data) > _MAX_DATAGRAM or not data or (packet.more and len(data) % 8 and not cut):
            return None, "bad", []
        key = (packet.src, packet.dst, packet.protocol, packet.ident)
        waiting = self._waiting.get(key)
        if waiting is not None and waiting.done is not None:
            if waiting.done[packet.offset : packet.offset + len(data)] == data:
                return None, "duplicate", []
            self._forget(key)
            waiting = None
        if waiting is None:
            waiting = self._waiting[key] = _Datagram(at_us, packet)
        if len(waiting.parts) >= _MAX_PARTS:
            return None, "bad", []
        before = waiting.held
        kind = waiting.add(packet.offset, data)
        self.held += waiting.held - before
        if packet.offset == 0 and kind != "duplicate":
            waiting.packet, waiting.frame, waiting.frame_us = packet, frame, at_us
        if not packet.more and not cut and waiting.size < 0:
            waiting.size = packet.offset + len(data)
        if 0 <= waiting.size <= waiting.held:
            whole = waiting.prefix()
            if len(whole) >= waiting.size:
                return self._complete(waiting, whole[: waiting.size], at_us), kind, []
        return None, kind, self._shrink()

    def _complete(self, waiting: _Datagram, whole: bytes, at_us: int) -> bytes:
        """Keep the finished datagram a moment, so that a mirror's copies of its fragments are known as copies."""
        self.held += len(whole) - waiting.held
        waiting.held, waiting.parts, waiting.done, waiting.at_us = len(whole), [], whole, at_us
        return whole

    def _forget(self, key: Key) -> _Datagram:
        gone = self._waiting.pop(key)
        self.held -= gone.held
        return gone

    def _shrink(self) -> list[Lost]:
        lost: list[Lost] = []
        while len(self._waiting) > FRAGMENT_LIMIT or self.held > FRAGMENT_LIMIT_OCTETS:
            gone = self._forget(next(iter(self._waiting)))
            if gone.done is None:
                lost.append(Lost(gone.packet, gone.prefix(), gone.frame_us, gone.frame))
        return lost

    def expire(self, at_us: int | None) -> list[Lost]:
        """Give up what has waited longer than the limit at `at_us`; everything when that is None."""
        lost: list[Lost] = []
        for key, waiting in list(self._waiting.items()):
            limit = FRAGMENT_TIMEOUT_US if waiting.done is None else _REPEAT_US
            if at_us is None or at_us - waiting.at_us >= limit:
                self._forget(key)
                if waiting.done is None:
                    lost.append(Lost(waiting.packet, waiting.prefix(), waiting.frame_us, waiting.frame))
        return lost
