"""
What a TCP stream carries: SIP, HEP, WebSocket with SIP, or something that is named once and then ignored.

One `Reading` per direction. It holds octets until the first line tells, then hands them to the framer of that kind. A
capture that begins in the middle of a stream gets some patience: its first octets may be the rest of a body.
"""

from __future__ import annotations

import re

from ringthrough.captures.framing import LINE_LIMIT_OCTETS, Framer, HepFramer, Piece, SipFramer
from ringthrough.captures.hep import HEP_MAGIC
from ringthrough.captures.sniff import is_sip, may_become_sip, name_of_stream
from ringthrough.captures.websocket import WebSocketFramer, begins_frame, leads_to_sip

__all__ = ["PATIENCE", "Reading"]

PATIENCE = 16
"Segments of a stream joined midway that are searched for a start line; each that holds a NUL octet counts fourfold."
_HEAD_LIMIT_OCTETS = 16_384
"Longest HTTP head looked at, as in h11."
_PROXY = re.compile(rb"PROXY (?:TCP4|TCP6|UNKNOWN)[^\r\n]{0,100}\r\n")
_HTTP = re.compile(rb"(?:GET [^\r\n]* HTTP/1\.1\r\n|HTTP/1\.1 101 )")
_TLS = re.compile(rb"[\x14-\x17]\x03[\x00-\x04]")
_MARKS = (*HEP_MAGIC, b"PROXY ", b"HTTP/1.1 ", b"\x14\x03", b"\x15\x03", b"\x16\x03", b"\x17\x03")


class Reading:
    """One direction of a TCP stream while it is found out, and after."""

    __slots__ = ("_buffer", "_framer", "_joined", "_notes", "_ports", "_probe", "_tried", "name")

    def __init__(self, notes: dict[str, int], ports: tuple[int, int], *, joined: bool) -> None:
        """
        Begin to read.

        Args:
            notes: counts that framers add to.
            ports: source and destination, for the name of what is no SIP.
            joined: the capture fell into the middle of the stream.
        """
        self._notes = notes
        self._ports = ports
        self._joined = joined
        self._buffer = bytearray()
        self._framer: Framer | None = None
        self._probe: SipFramer | None = None  # looks for a start line in a stream joined midway
        self._tried = 0
        self.name = ""
        "Cause under which the stream is ignored, once it is known to be no SIP."

    @property
    def held(self) -> int:
        """Octets held."""
        return len(self._buffer) + (self._framer.held if self._framer is not None else 0)

    @property
    def transport(self) -> str:
        """Transport of the messages found."""
        return self._framer.transport if self._framer is not None else "tcp"

    @property
    def idle(self) -> str:
        """Cause of a segment that completed nothing."""
        return self.name or (self._framer.idle if self._framer is not None else "tcp-segment")

    def feed(self, data: bytes) -> list[Piece]:
        """Take the next octets; give the messages complete now. Once `name` is set the stream is no SIP."""
        if self.name:
            return []
        if self._probe is not None:
            return self._search(self._probe, data)
        if self._framer is not None:
            return self._framer.feed(data)
        if self._joined and begins_frame(data):
            return self._settle(WebSocketFramer(self._notes), data)
        self._buffer += data
        return self._judge()

    def gap(self) -> list[Piece]:
        """Octets are missing from here, or the stream ends."""
        if self._framer is not None:
            return self._framer.gap()
        begun = bytes(self._buffer)
        self._buffer.clear()
        framer = SipFramer({}, joined=self._joined)
        self._joined = True
        framer.feed(begun)
        return framer.gap()

    def _settle(self, framer: Framer, data: bytes) -> list[Piece]:
        self._framer = framer
        self._probe = None
        self._buffer.clear()
        return framer.feed(data)

    def _give_up(self, name: str) -> list[Piece]:
        self.name = name
        self._framer = self._probe = None
        self._buffer.clear()
        return []

    def _judge(self) -> list[Piece]:
        """Decide by what is in the buffer, or wait for more."""
        buffer = self._buffer
        proxy = _PROXY.match(buffer)
        if proxy is not None:
            del buffer[: proxy.end()]  # HAProxy's line in front of the first message
        if not self._joined:
            del buffer[: len(buffer) - len(buffer.lstrip(b"\r\n\x00"))]
            if is_sip(buffer):
                return self._settle(SipFramer(self._notes), bytes(buffer))
        if not buffer:
            return []
        if buffer[:4] in HEP_MAGIC:
            return self._settle(HepFramer(), bytes(buffer))
        if _HTTP.match(buffer):
            return self._http()
        if len(buffer) < 13 and buffer.startswith(b"HTTP/1.1 "):
            return []  # the status will tell
        name = name_of_stream(buffer, *self._ports)
        if _TLS.match(buffer) or name in ("http", "msrp", "rtsp"):
            return self._give_up(name)
        if not self._joined:
            waits = b"\n" not in buffer and len(buffer) <= LINE_LIMIT_OCTETS and _may_become_known(bytes(buffer))
            return [] if waits else self._give_up(name)
        if len(buffer) < 4:
            return []
        self._framer = self._probe = SipFramer(self._notes, joined=True)
        data = bytes(buffer)
        buffer.clear()
        return self._search(self._probe, data)

    def _http(self) -> list[Piece]:
        """Wait for the end of an HTTP head and see whether it leads to SIP."""
        buffer = self._buffer
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            return [] if len(buffer) <= _HEAD_LIMIT_OCTETS else self._give_up("http")
        if leads_to_sip(bytes(buffer[: end + 2])):
            return self._settle(WebSocketFramer(self._notes), bytes(buffer[end + 4 :]))
        return self._give_up("http")

    def _search(self, probe: SipFramer, data: bytes) -> list[Piece]:
        """Look for a start line further on, as long as patience lasts."""
        if begins_frame(data):
            return self._settle(WebSocketFramer(self._notes), data)
        before = probe.held
        made = probe.feed(data)
        if not probe.strayed:
            self._probe = None
            return made
        if probe.held == before + len(data):
            return made  # all of it may yet become a start line
        self._tried += 4 if b"\x00" in data else 1
        return self._give_up(name_of_stream(data, *self._ports)) if self._tried >= PATIENCE else made


def _may_become_known(data: bytes) -> bool:
    """Say whether an incomplete first line may still turn into something this reads."""
    return may_become_sip(data) or any(mark.startswith(data) or data.startswith(mark) for mark in _MARKS)
