"""
Cut a stream of octets into messages: SIP by Content-Length (RFC 3261 §18.3), HEP version 3 by its length.

Facts
- A framer is fed octets in order and gives `(message, flags)` for each message complete by then. What it gives depends
  on the octets alone, never on how segments divided them.
- CRLF between messages is a keep-alive (RFC 5626 §4.4.1) or politeness (RFC 3261 §7.5) and belongs to no message.
- Without a readable Content-Length a message ends at its empty line: on streams the field is mandatory (RFC 3261
  §20.14), so nothing can say how long a body would be. Octets that are no start line
  are then passed over up to the next one.
- `gap` says that octets are missing from here: the message begun is handed out flagged `CUT` and the framer looks for
  the next start line. A capture that begins in the middle of a stream is the same case.
"""

from __future__ import annotations

import re
from typing import Protocol

from ringthrough.calls.sighting import CUT
from ringthrough.captures.hep import HEP_MAGIC
from ringthrough.captures.sniff import PREFIXES, find_start, is_sip, may_become_sip

__all__ = [
    "HEADERS_LIMIT_OCTETS", "LINE_LIMIT_OCTETS", "MESSAGE_LIMIT_OCTETS", "Framer", "HepFramer", "Piece", "SipFramer",
]  # fmt: skip

LINE_LIMIT_OCTETS = 8192
"Longest start line: httpd and nginx take 8 KiB for a request line."
HEADERS_LIMIT_OCTETS = 65_536
"Longest start line and header fields together: the whole message buffer of Kamailio and OpenSIPS."
MESSAGE_LIMIT_OCTETS = 1 << 20
"Longest message on a stream; a greater Content-Length is not believed."

_CONTENT_LENGTH = re.compile(rb"\n(?:Content-Length|l)[ \t]*:\s*([0-9]{1,9})[ \t]*(?=\r?\n)", re.IGNORECASE)
_BLANK = b"\r\n\x00"

Piece = tuple[bytes, int]
"A message and its flags."


class Framer(Protocol):
    """What cuts one direction of one stream into messages."""

    transport: str
    "Transport of its messages for `Sighting.transport`; `hep` for HEP packets."
    idle: str
    "Cause of a segment that completed no message."

    @property
    def held(self) -> int:
        """Octets held."""
        ...

    def feed(self, data: bytes) -> list[Piece]:
        """Take the next octets; give the messages that are complete now."""
        ...

    def gap(self) -> list[Piece]:
        """Octets are missing from here, or the stream ends: give what was begun, flagged `CUT`, and start afresh."""
        ...


class SipFramer:
    """Cuts SIP messages out of a stream."""

    transport = "tcp"
    idle = "tcp-segment"

    def __init__(self, notes: dict[str, int], *, joined: bool = False) -> None:
        """
        Begin to cut.

        Args:
            notes: counts that this adds to.
            joined: the first octets come from the middle of a stream, so that they may be a part of anything.
        """
        self._notes = notes
        self._buffer = bytearray()
        self._joined = joined
        self._midline = False  # octets up to the next line end belong to a line already given up
        self.strayed = joined
        "Inside octets that belong to no message."
        self._searched = 0  # no empty line begins before this offset
        self._whole = 0  # octets of the message at hand, once its header fields are complete

    @property
    def held(self) -> int:
        """Octets held."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Piece]:
        """Take the next octets; give the messages that are complete now."""
        self._buffer += data
        made: list[Piece] = []
        while (message := self._next()) is not None:
            if message:
                made.append((message, 0))
        return made

    def gap(self) -> list[Piece]:
        """Give the message begun, flagged `CUT`, and start afresh at whatever comes next."""
        buffer = bytes(self._buffer).lstrip(_BLANK)
        self._buffer.clear()
        self._reset()
        known = not self._midline and not (self._joined and buffer[:4] not in PREFIXES)
        self._midline, self._joined = False, True
        return [(buffer, CUT)] if known and is_sip(buffer, cut=True) else []

    def _reset(self) -> None:
        self._searched = self._whole = 0

    def _next(self) -> bytes | None:
        """Take one message off the buffer; empty when something else was passed over, None when more is needed."""
        buffer = self._buffer
        if not self._whole:
            if self._joined and not self._join():
                return None
            if self._midline:
                end = buffer.find(b"\n")
                if end < 0:
                    buffer.clear()
                    return None
                del buffer[: end + 1]
                self._midline = False
            del buffer[: len(buffer) - len(buffer.lstrip(_BLANK))]
            if not buffer:
                return None
            if not self._searched:
                if not is_sip(buffer):
                    return self._pass_over()
                self.strayed = False
            end = self._head()
            if end < 0 and len(buffer) <= HEADERS_LIMIT_OCTETS:
                return None
            if end < 0 or end > HEADERS_LIMIT_OCTETS:
                return self._pass_over()
            self._whole = end + self._length(end)
        if len(buffer) < self._whole:
            return None
        message = bytes(buffer[: self._whole])
        del buffer[: self._whole]
        self._reset()
        return message

    def _join(self) -> bool:
        """Judge the first octets after a gap: a line begins here only if a known method or a response does."""
        buffer = self._buffer
        if buffer[:1].strip(b"\r\n"):
            if len(buffer) < 4:
                return False
            self._midline = bytes(buffer[:4]) not in PREFIXES
        self._joined = False
        return True

    def _head(self) -> int:
        """Offset after the empty line that ends the header fields; -1 when it is not here yet."""
        buffer = self._buffer
        start = max(0, self._searched - 2)
        end = buffer.find(b"\n\r\n", start)
        bare = buffer.find(b"\n\n", start) if end < 0 else buffer.find(b"\n\n", start, end)
        if bare >= 0:
            return bare + 2
        if end >= 0:
            return end + 3
        self._searched = len(buffer)
        return -1

    def _length(self, end: int) -> int:
        """Octets of the body, as Content-Length (or `l`) says."""
        found = _CONTENT_LENGTH.search(self._buffer, 0, end)
        length = int(found[1]) if found else -1
        if 0 <= length <= MESSAGE_LIMIT_OCTETS:
            return length
        self._notes["stream-bad-length"] = self._notes.get("stream-bad-length", 0) + 1
        return 0

    def _pass_over(self) -> bytes | None:
        """Go to the next start line; keep a last line that may yet become one."""
        buffer = self._buffer
        if not self._searched and b"\n" not in buffer and len(buffer) <= LINE_LIMIT_OCTETS and may_become_sip(buffer):
            return None
        self._reset()
        if not self.strayed:
            self.strayed = True
            self._notes["stream-resync"] = self._notes.get("stream-resync", 0) + 1
        start = find_start(buffer)
        if start < 0:
            start = buffer.rfind(b"\n") + 1
            if not start or len(buffer) - start > LINE_LIMIT_OCTETS or not may_become_sip(buffer, start):
                self._midline = bool(buffer) and not buffer.endswith(b"\n")
                buffer.clear()
                return None
        del buffer[:start]
        return b""


class HepFramer:
    """Cuts HEP version 3 packets out of a stream, each with its mark."""

    transport = "hep"
    idle = "tcp-segment"

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def held(self) -> int:
        """Octets held."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Piece]:
        """Take the next octets; give the packets that are complete now."""
        buffer = self._buffer
        buffer += data
        made: list[Piece] = []
        while len(buffer) >= 6:
            size = buffer[4] << 8 | buffer[5]
            if bytes(buffer[:4]) not in HEP_MAGIC or size < 6:
                at = min((at for at in (buffer.find(mark, 1) for mark in HEP_MAGIC) if at > 0), default=len(buffer) - 3)
                del buffer[:at]
                continue
            if len(buffer) < size:
                break
            made.append((bytes(buffer[:size]), 0))
            del buffer[:size]
        return made

    def gap(self) -> list[Piece]:
        """Forget the packet begun: its chunks have no meaning in part."""
        self._buffer.clear()
        return []
