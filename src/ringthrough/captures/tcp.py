"""
TCP: segments put in order, per direction, into the octets that a stream carried (RFC 9293 §3.4).

Facts
- A stream is known by its two addresses and ports. SYN tells where it begins; without one the first segment seen does.
- Octets that were read once are not read again: what repeats them is a retransmission and is passed over.
- A hole is waited for: 64 segments, 256 KiB or 10 s of capture time, whichever comes first. A real retransmission comes
  sooner; what has not come by then was lost by the capture, not by the network. The stream goes on after the hole.
- A message belongs to the last of the records it was made of.
- Streams that are no SIP are remembered by name only, and their segments cost one look-up. One that had no better name
  than `tcp-other` is taken up again when a segment begins with a SIP start line.
"""

from __future__ import annotations

from typing import NamedTuple

from ringthrough.captures.sniff import PREFIXES, is_sip
from ringthrough.captures.streams import Reading

__all__ = [
    "GAP_TIMEOUT_US", "IGNORED_LIMIT", "STREAM_LIMIT", "STREAM_LIMIT_OCTETS", "WAITING_LIMIT", "WAITING_LIMIT_OCTETS",
    "Address", "Found", "Streams",
]  # fmt: skip

GAP_TIMEOUT_US = 10_000_000
"How long a stream waits for missing octets, by capture time."
WAITING_LIMIT = 64
"Most segments that wait behind a hole."
WAITING_LIMIT_OCTETS = 1 << 18
"Most octets that wait behind a hole."
STREAM_LIMIT = 16_384
"Most directions of streams followed at a time; the one silent for longest goes first."
STREAM_LIMIT_OCTETS = 64 << 20
"Most octets held by all streams together."
IGNORED_LIMIT = 32_768
"Most streams remembered as being no SIP."

_FIN, _SYN, _RST = 1, 2, 4
_FULL, _HALF = 1 << 32, 1 << 31
_JUMP = 1 << 24
"A segment farther than this from where the stream stands belongs to another connection of the same ports."

Address = tuple[bytes, int, bytes, int]
"Source address and port, destination address and port."


class Found(NamedTuple):
    """A message found in a stream."""

    address: Address
    transport: str
    "`tcp`, `ws`; `hep` for a HEP packet."
    data: bytes
    flags: int
    at_us: int
    "Time of the last record it was made of."
    frame: int
    "Number of that record."


class _Segment(NamedTuple):
    data: bytes
    missing: int
    "Octets that the record did not keep."
    at_us: int
    frame: int


class _Stream:
    __slots__ = ("at_us", "fin", "frame", "gap_us", "held", "next", "reading", "start", "waiting")

    def __init__(self, following: int, reading: Reading) -> None:
        self.start = following
        self.next = following  # sequence number of the next octet; grows beyond 32 bits
        self.reading = reading
        self.waiting: dict[int, _Segment] = {}
        self.fin = -1  # sequence number after the last octet, once known
        self.at_us = self.frame = 0  # of the last record used
        self.gap_us = 0  # since when there has been a hole
        self.held = 0


class Streams:
    """All TCP streams of a file. Bounded in streams and octets; says in `notes` what it gave up."""

    def __init__(self, notes: dict[str, int]) -> None:
        self._notes = notes
        self._streams: dict[Address, _Stream] = {}
        self._ignored: dict[Address, str] = {}
        self._holes: dict[Address, None] = {}
        self.held = 0
        "Octets held."

    @property
    def waiting(self) -> bool:
        """Whether any stream has a hole, so that time matters."""
        return bool(self._holes)

    def feed(
        self, at_us: int, frame: int, address: Address, sequence: int, flags: int, data: bytes, missing: int
    ) -> tuple[list[Found], str]:
        """
        Take one segment.

        Args:
            at_us: capture time of its record, microseconds.
            frame: number of its record; grows from record to record.
            address: its direction.
            sequence: its sequence number.
            flags: its flags.
            data: its payload as far as captured.
            missing: octets of its payload that were not captured.

        Returns:
            The messages that are complete now, and the cause for which to skip the record if none is of its frame.
        """
        made: list[Found] = []
        if flags & _SYN:
            sequence = sequence + 1 & _FULL - 1
            made += self._open(address, sequence)
        size = len(data) + missing
        name = self._ignored.get(address)
        if name is not None:
            if name != "tcp-other" or data[:4] not in PREFIXES or not is_sip(data):
                return [], name if size else "tcp-no-data"
            del self._ignored[address]
        stream = self._streams.pop(address, None)
        ahead = 0
        if stream is not None:
            ahead = (sequence - stream.next + _HALF) % _FULL - _HALF
            if size and not -_JUMP < ahead < _JUMP:
                made += self._close(address, stream)
                stream, ahead = None, 0
        if stream is None:
            if not size:
                return made, "tcp-no-data"
            stream = self._new(address, sequence, joined=True)
        self._streams[address] = stream  # last in order: the first is the one silent for longest
        cause = "tcp-no-data"
        if size:
            at = stream.next + ahead
            cause = "tcp-retransmission"
            if not ahead and not missing and not stream.waiting:
                # In order and whole, as nearly all are: the same as below with nothing to keep or to judge.
                stream.next += size
                stream.frame, stream.at_us = frame, at_us
                made += self._found(address, stream, stream.reading.feed(data))
                cause = stream.reading.idle if made or data.strip(b"\r\n") else "keepalive"
            elif at + size > stream.next:
                self._keep(stream, at, _Segment(data, missing, at_us, frame))
                made += self._drain(address, stream)
                cause = "keepalive" if not data.strip(b"\r\n") else stream.reading.idle
                made += self._judge_hole(address, stream, at_us)
        if flags & _FIN and stream.fin < 0:
            stream.fin = stream.next + ahead + size
        if flags & _RST or 0 <= stream.fin <= stream.next:
            made += self._close(address, stream)
            self._streams[address] = stream  # kept without octets, so that late copies are known as copies
            stream.fin = -1
        elif stream.reading.name:
            self._ignore(address, stream.reading.name)
        else:
            self._account(stream)
            made += self._shrink(address)
        return made, cause

    def expire(self, at_us: int | None) -> list[Found]:
        """Pass over holes older than the limit at `at_us`; with None, end all streams."""
        made: list[Found] = []
        if at_us is None:
            for address, stream in list(self._streams.items()):
                made += self._close(address, stream)
            self._streams.clear()
            return made
        for address in list(self._holes):
            stream = self._streams[address]
            made += self._judge_hole(address, stream, at_us)
            self._account(stream)
        return made

    def _new(self, address: Address, sequence: int, *, joined: bool) -> _Stream:
        return _Stream(sequence, Reading(self._notes, (address[1], address[3]), joined=joined))

    def _open(self, address: Address, following: int) -> list[Found]:
        """Begin a stream at its SYN, unless this SYN is a copy of the one that began it; end the one before."""
        stream = self._streams.get(address)
        if stream is not None and stream.start == following:
            return []
        made = self._close(address, stream) if stream is not None else []
        self._ignored.pop(address, None)
        self._streams[address] = self._new(address, following, joined=False)
        return made

    def _keep(self, stream: _Stream, at: int, segment: _Segment) -> None:
        """Put a segment among those that wait; of two that begin alike the longer one stays."""
        known = stream.waiting.get(at)
        if known is None or len(known.data) < len(segment.data):
            stream.waiting[at] = segment

    def _drain(self, address: Address, stream: _Stream) -> list[Found]:
        """Read all segments that follow without a hole."""
        made: list[Found] = []
        while stream.waiting:
            at = min(stream.waiting)
            if at > stream.next:
                break
            segment = stream.waiting.pop(at)
            old = stream.next - at
            end = at + len(segment.data) + segment.missing
            if end <= stream.next:
                continue
            if segment.frame > stream.frame:
                stream.frame, stream.at_us = segment.frame, segment.at_us
            fresh = segment.data[old:]
            if fresh:
                stream.next += len(fresh)
                made += self._found(address, stream, stream.reading.feed(fresh))
            # The record was cut: its last octets are lost unless another copy of the segment has them.
            if segment.missing and not self._filled(stream, end):
                stream.next = end
                made += self._lost(address, stream)
        return made

    @staticmethod
    def _filled(stream: _Stream, end: int) -> bool:
        return any(at <= stream.next < at + len(s.data) for at, s in stream.waiting.items() if at < end)

    def _judge_hole(self, address: Address, stream: _Stream, at_us: int) -> list[Found]:
        """Pass over holes that have had their chance."""
        made: list[Found] = []
        while stream.waiting:
            if address not in self._holes:
                self._holes[address] = None
                stream.gap_us = at_us
            octets = sum(len(segment.data) for segment in stream.waiting.values())
            if (
                len(stream.waiting) <= WAITING_LIMIT
                and octets <= WAITING_LIMIT_OCTETS
                and at_us - stream.gap_us < GAP_TIMEOUT_US
            ):
                return made
            made += self._leap(address, stream)
        self._holes.pop(address, None)
        return made

    def _leap(self, address: Address, stream: _Stream) -> list[Found]:
        """Go on after the first hole."""
        self._holes.pop(address, None)
        stream.next = min(stream.waiting)
        return self._lost(address, stream) + self._drain(address, stream)

    def _lost(self, address: Address, stream: _Stream) -> list[Found]:
        self._notes["tcp-gap"] = self._notes.get("tcp-gap", 0) + 1
        return self._found(address, stream, stream.reading.gap())

    def _found(self, address: Address, stream: _Stream, pieces: list[tuple[bytes, int]]) -> list[Found]:
        transport = stream.reading.transport
        return [Found(address, transport, data, flags, stream.at_us, stream.frame) for data, flags in pieces]

    def _close(self, address: Address, stream: _Stream) -> list[Found]:
        """End a stream: read what waits, holes or not, and give a message begun as `CUT`."""
        made: list[Found] = []
        while stream.waiting:
            made += self._leap(address, stream)
        made += self._found(address, stream, stream.reading.gap())
        stream.reading = Reading(self._notes, (address[1], address[3]), joined=True)
        self._forget(address, stream)
        return made

    def _forget(self, address: Address, stream: _Stream) -> None:
        self._streams.pop(address, None)
        self._holes.pop(address, None)
        self.held -= stream.held
        stream.held = 0

    def _ignore(self, address: Address, name: str) -> None:
        self._forget(address, self._streams[address])
        self._ignored[address] = name
        if len(self._ignored) > IGNORED_LIMIT:
            del self._ignored[next(iter(self._ignored))]

    def _account(self, stream: _Stream) -> None:
        held = stream.reading.held
        if stream.waiting:
            held += sum(len(segment.data) for segment in stream.waiting.values())
        self.held += held - stream.held
        stream.held = held

    def _shrink(self, newest: Address) -> list[Found]:
        """Give up the streams silent for longest until the limits hold."""
        made: list[Found] = []
        while len(self._streams) > STREAM_LIMIT or self.held > STREAM_LIMIT_OCTETS:
            address = next(iter(self._streams))
            if address == newest:
                break
            made += self._close(address, self._streams[address])
            self._notes["tcp-overflow"] = self._notes.get("tcp-overflow", 0) + 1
        return made
