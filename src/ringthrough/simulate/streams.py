"""
TCP connections and WebSocket framing: datagrams as segments of byte streams.

A connection is opened when its first message comes and never closed, as connections between SIP elements live for days.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from ringthrough.simulate.datagrams import Datagram
from ringthrough.simulate.packets import tcp_segment

__all__ = ["Segment", "Streams"]

_SYN, _ACK, _PUSH = 0x02, 0x10, 0x08
_WS_PORT = 80
_WS_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3

Segment = tuple[bytes, bytes, bytes]
"Source, destination, TCP segment."


@dataclass(slots=True)
class _Connection:
    client: tuple[bytes, int]
    server: tuple[bytes, int]
    next_sequence: dict[bool, int] = field(default_factory=dict)
    "Next sequence number of the client (True) and of the server (False)."
    messages: int = 0


class Streams:
    """All TCP connections of one capture."""

    def __init__(self, *, segment_bytes: int, disorder: bool = False, websocket: bool = False) -> None:
        self._size = segment_bytes
        self._disorder = disorder
        self._websocket = websocket
        self._open: dict[frozenset[tuple[bytes, int]], _Connection] = {}

    def segments(self, datagram: Datagram) -> Iterator[Segment]:
        """Carry one message: the handshakes first if its connection is new."""
        source, target = (datagram.src, datagram.sport), (datagram.dst, datagram.dport)
        key = frozenset((source, target))
        connection = self._open.get(key)
        if connection is None:
            if self._websocket:
                # RFC 7118: the client comes from any port to the one that HTTP uses.
                connection = _Connection((source[0], 40_000 + len(self._open) % 20_000), (target[0], _WS_PORT))
            else:
                connection = _Connection(source, target)
            self._open[key] = connection
            yield from self._handshake(connection)
            if self._websocket:
                yield from self._upgrade(connection)
        up = datagram.src == connection.client[0]
        octets = _frame(datagram.payload, masked=up) if self._websocket else datagram.payload
        pieces = list(self._send(connection, up, octets))
        connection.messages += 1
        if self._disorder and len(pieces) > 1:
            # Every third message arrives out of order, every fifth has a segment twice.
            if connection.messages % 3 == 0:
                pieces[-1], pieces[-2] = pieces[-2], pieces[-1]
            if connection.messages % 5 == 0:
                pieces.append(pieces[0])
        yield from pieces

    def _handshake(self, connection: _Connection) -> Iterator[Segment]:
        number = len(self._open)
        first = {True: 1_000_000 + 65_537 * number, False: 4_294_900_000 + 31 * number}
        client, server = connection.client, connection.server
        yield client[0], server[0], tcp_segment(*client, *server, first[True], 0, _SYN)
        yield server[0], client[0], tcp_segment(*server, *client, first[False], first[True] + 1, _SYN | _ACK)
        yield client[0], server[0], tcp_segment(*client, *server, first[True] + 1, first[False] + 1, _ACK)
        connection.next_sequence = {side: value + 1 for side, value in first.items()}

    def _upgrade(self, connection: _Connection) -> Iterator[Segment]:
        key = base64.b64encode(bytes(range(len(self._open) % 200, len(self._open) % 200 + 16)))
        accept = base64.b64encode(hashlib.sha1(key + _WS_MAGIC, usedforsecurity=False).digest())
        common = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: sip\r\n"
        asks = b"GET / HTTP/1.1\r\nHost: ws.example\r\n" + common + b"Sec-WebSocket-Key: " + key
        yield from self._send(connection, True, asks + b"\r\nSec-WebSocket-Version: 13\r\n\r\n")
        tells = b"HTTP/1.1 101 Switching Protocols\r\n" + common + b"Sec-WebSocket-Accept: " + accept
        yield from self._send(connection, False, tells + b"\r\n\r\n")

    def _send(self, connection: _Connection, up: bool, octets: bytes) -> Iterator[Segment]:
        sender, receiver = (connection.client, connection.server)[:: 1 if up else -1]
        for at in range(0, len(octets), self._size):
            piece = octets[at : at + self._size]
            sequence, known = connection.next_sequence[up], connection.next_sequence[not up]
            flags = _ACK | (_PUSH if at + self._size >= len(octets) else 0)
            yield sender[0], receiver[0], tcp_segment(*sender, *receiver, sequence, known, flags, piece)
            connection.next_sequence[up] = (sequence + len(piece)) & 0xFFFFFFFF


def _frame(payload: bytes, *, masked: bool) -> bytes:
    """Put a message into one text frame (RFC 6455 §5.2); a client masks what it sends."""
    size = len(payload)
    bit = 0x80 if masked else 0
    length = bytes((bit | size,)) if size < 126 else bytes((bit | 126,)) + size.to_bytes(2, "big")
    if not masked:
        return b"\x81" + length + payload
    mask = hashlib.sha1(payload, usedforsecurity=False).digest()[:4]
    repeated = (mask * (size // 4 + 1))[:size]
    hidden = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
    return b"\x81" + length + mask + hidden.to_bytes(size, "big")
