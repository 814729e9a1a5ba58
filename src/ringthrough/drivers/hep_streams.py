"""HEP over TCP and TLS: connections of agents, and the packets in them, cut by their length."""

from __future__ import annotations

import socket
import ssl

from ringthrough.captures import Tally
from ringthrough.captures.hep import HEP_MAGIC

__all__ = ["Connection", "HepCutter"]

READ_BYTES = 262_144
PATIENCE_BYTES = 65_536
"So many octets in a row that are not HEP end a connection: one packet is never longer."
HANDSHAKE_S = 10
"How long TLS may take to come about."
_PAUSES = b"\r\n\x00"


class HepCutter:
    """Cuts a stream of octets into HEP packets of version 3."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._needs = 6
        self.lost = 0
        "Octets passed over."
        self.astray = 0
        "Octets passed over since the last packet."

    def __len__(self) -> int:
        return len(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next octets; return the packets that are complete now."""
        rest = self._rest
        rest += data
        if len(rest) < self._needs:
            return []
        buffer, at, size = bytes(rest), 0, len(rest)
        made: list[bytes] = []
        self._needs = 6
        while size - at >= 6:
            if buffer[at : at + 4] in HEP_MAGIC and (length := buffer[at + 4] << 8 | buffer[at + 5]) >= 6:
                if at + length > size:
                    self._needs = length
                    break
                made.append(buffer[at : at + length])
                at += length
                self.astray = 0
                continue
            # What may be the beginning of a mark stays.
            found = (buffer.find(mark, at + 1) for mark in HEP_MAGIC)
            to = min((place for place in found if place > 0), default=size - 3)
            strange = len(buffer[at:to].strip(_PAUSES))  # some agents send CR LF so that the connection stays open
            self.lost += strange
            self.astray += strange
            at = to
        rest[:] = buffer[at:]
        return made


class Connection:
    """
    One connection of an agent.

    Args:
        opened: the socket; it does not block.
        peer: address of the agent, 4 or 16 octets.
        tally: notes what becomes of it.
        opened_us: when it was accepted.
    """

    def __init__(self, opened: socket.socket, peer: bytes, tally: Tally, opened_us: int) -> None:
        self.socket = opened
        self.peer = peer
        self.writes = False
        "TLS waits until it can write."
        self._tally = tally
        self._cutter = HepCutter()
        self._shaken = not isinstance(opened, ssl.SSLSocket)
        self._opened_us = opened_us

    def overdue(self, now_us: int) -> bool:
        """Whether TLS has taken too long to come about."""
        return not self._shaken and now_us - self._opened_us > HANDSHAKE_S * 1_000_000

    def ready(self) -> tuple[list[bytes], bool, bool]:
        """
        Read what is there.

        Returns:
            Packets, whether the connection goes on, and whether there may be more at once.
        """
        made: list[bytes] = []
        for _ in range(16):
            try:
                if not self._shaken:
                    assert isinstance(self.socket, ssl.SSLSocket)
                    self.socket.do_handshake()
                    self._shaken = True
                    self.writes = False
                data = self.socket.recv(READ_BYTES)
            except (BlockingIOError, InterruptedError, ssl.SSLWantReadError):
                self.writes = False
                return made, True, False
            except ssl.SSLWantWriteError:
                self.writes = True
                return made, True, False
            except OSError:  # reset, or TLS that does not come about
                data = b""
            if not data:
                self._note_end()
                return made, False, False
            made += self._cutter.feed(data)
            if self._cutter.lost:
                self._tally.note("stream-lost-bytes", self._cutter.lost)
                self._cutter.lost = 0
            if self._cutter.astray > PATIENCE_BYTES:
                self._tally.note("connection-not-hep")
                return made, False, False
        return made, True, True

    def _note_end(self) -> None:
        if not self._shaken:
            self._tally.note("handshake-failed")
        elif len(self._cutter):
            self._tally.note("connection-broken")

    def close(self) -> None:
        """Let go of it."""
        self.socket.close()
