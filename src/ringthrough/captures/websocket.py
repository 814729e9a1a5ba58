"""
SIP over WebSocket (RFC 7118): the HTTP upgrade that agrees on it, and the frames that carry the messages.

One WebSocket message holds one SIP message (RFC 7118 §5.1), so no Content-Length is needed. The client masks its frames
(RFC 6455 §5.3), a message may be divided into several, and control frames may stand between them (§5.4).
"""

from __future__ import annotations

import re

from ringthrough.calls.sighting import CUT
from ringthrough.captures.framing import MESSAGE_LIMIT_OCTETS, Piece
from ringthrough.captures.sniff import is_sip

__all__ = ["WebSocketFramer", "begins_frame", "leads_to_sip"]

_UPGRADE = re.compile(rb"\nupgrade[ \t]*:[^\r\n]*\bwebsocket\b", re.IGNORECASE)
_PROTOCOL = re.compile(rb"\nsec-websocket-protocol[ \t]*:[^\r\n]*\bsip\b", re.IGNORECASE)
_DATA = (0, 1, 2)
_CONTROL = (8, 9, 10)


def leads_to_sip(head: bytes) -> bool:
    """Say whether this HTTP request or response head agrees on the WebSocket subprotocol `sip` (RFC 7118 §4)."""
    return _UPGRADE.search(head) is not None and _PROTOCOL.search(head) is not None


def begins_frame(data: bytes) -> bool:
    """Say whether a WebSocket frame that begins a SIP message starts here: where a capture fell into the stream."""
    return data[:1] in (b"\x81", b"\x82", b"\x01", b"\x02") and bool(WebSocketFramer({}, checked=False).begins(data))


class WebSocketFramer:
    """Takes WebSocket frames apart and gives the SIP messages in them."""

    transport = "ws"
    idle = "websocket-control"

    def __init__(self, notes: dict[str, int], *, checked: bool = True) -> None:
        self._notes = notes
        self._buffer = bytearray()
        self._message = bytearray()
        self._compressed = False
        self._lost = not checked  # where the next frame begins is not known

    @property
    def held(self) -> int:
        """Octets held."""
        return len(self._buffer) + len(self._message)

    def begins(self, data: bytes) -> bool:
        """Say whether `data` starts with a frame whose payload begins a SIP message."""
        header = _header(data)
        if header is None or header[0] & 0x70:
            return False
        _, at, size, key = header
        return is_sip(_unmask(data[at : at + size], key), cut=True)

    def feed(self, data: bytes) -> list[Piece]:
        """Take the next octets; give the messages that are complete now."""
        if self._lost:
            if not self.begins(data):
                return []
            self._lost = False
        buffer = self._buffer
        buffer += data
        made: list[Piece] = []
        while (header := _header(buffer)) is not None:
            first, at, size, key = header
            opcode = first & 15
            if (opcode not in _DATA and opcode not in _CONTROL) or size + len(self._message) > MESSAGE_LIMIT_OCTETS:
                self._stray()
                break
            if len(buffer) < at + size:
                break
            payload = _unmask(bytes(buffer[at : at + size]), key)
            del buffer[: at + size]
            if opcode in _DATA:
                made += self._data(first, payload)
        return made

    def gap(self) -> list[Piece]:
        """Give the message begun, flagged `CUT`; the next frame is looked for at the beginning of a segment."""
        begun = bytes(self._message)
        header = _header(self._buffer)
        if header is not None and header[0] & 15 in _DATA:
            first, at, size, key = header
            if first & 15:
                begun, self._compressed = b"", bool(first & 0x40)
            begun += _unmask(bytes(self._buffer[at : at + size]), key)
        if self._compressed:
            begun = b""
        self._stray()
        begun = begun.lstrip(b"\r\n")
        return [(begun, CUT)] if is_sip(begun, cut=True) else []

    def _stray(self) -> None:
        self._buffer.clear()
        self._message.clear()
        self._lost = True

    def _data(self, first: int, payload: bytes) -> list[Piece]:
        """Add a data frame to its message; give the message when this was its last frame."""
        if first & 15:
            self._message.clear()
            self._compressed = bool(first & 0x40)  # RFC 7692 §6: RSV1 on the first frame
        self._message += payload
        if not first & 0x80:
            return []
        whole = bytes(self._message).lstrip(b"\r\n")
        self._message.clear()
        if self._compressed:
            self._notes["websocket-compressed"] = self._notes.get("websocket-compressed", 0) + 1
            return []
        return [(whole, 0)] if is_sip(whole) else []


def _header(data: bytes | bytearray) -> tuple[int, int, int, bytes] | None:
    """Read a frame header (RFC 6455 §5.2): first octet, offset and size of the payload, masking key or empty."""
    if len(data) < 2:
        return None
    size, at = data[1] & 127, 2
    if size > 125:
        at = 4 if size == 126 else 10
        if len(data) < at:
            return None
        size = int.from_bytes(data[2:at], "big")
    key = b""
    if data[1] & 0x80:
        key = bytes(data[at : at + 4])
        at += 4
        if len(key) < 4:
            return None
    return data[0], at, size, key


def _unmask(data: bytes, key: bytes) -> bytes:
    """RFC 6455 §5.3: each octet is XORed with the key's octet at its place modulo four."""
    size = len(data)
    if not key or not size:
        return data
    mask = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(mask, "big")).to_bytes(size, "big")
