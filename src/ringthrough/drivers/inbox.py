"""
What lies between receiving and assembling: batches of octets, in order, bounded by their size.

Facts
- Receiving never waits for a lock that is held for long, so a slow disk loses nothing as long as there is room.
- When there is none, receiving pauses: a connection then slows its sender down, and what comes as datagrams waits in
  the system's buffer until that overflows, which the system counts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from threading import Condition
from typing import NamedTuple

__all__ = ["Batch", "Inbox"]


class Batch(NamedTuple):
    """What one socket gave at one time."""

    source: int
    "Number of the listener or tap."
    arrived_us: int
    "When, by the clock of this host: microseconds since 1970 UTC."
    packets: Sequence[bytes]
    "Datagrams, packets cut out of a stream, or frames of an interface."
    peers: Sequence[bytes]
    "Address that sent each of them, or one address for all; empty for frames."
    stamps_us: Sequence[int] = ()
    "When the system received each of them; empty when it does not say."


class Inbox:
    """
    A queue of batches.

    Args:
        room_bytes: octets from which on it is full.
    """

    def __init__(self, room_bytes: int) -> None:
        self._room = room_bytes
        self._batches: deque[tuple[int, Batch]] = deque()
        self._changed = Condition()
        self._closed = False
        self.held_bytes = 0
        "Octets in it."
        self.pauses = 0
        "How often it was full."

    @property
    def full(self) -> bool:
        """Whether receiving has to pause."""
        return self.held_bytes >= self._room

    @property
    def closed(self) -> bool:
        """Whether nothing more will come, and everything was taken out."""
        return self._closed and not self._batches

    def put(self, batch: Batch) -> None:
        """Add a batch."""
        size = sum(map(len, batch.packets))
        with self._changed:
            self._batches.append((size, batch))
            self.held_bytes += size
            self._changed.notify_all()

    def close(self) -> None:
        """Say that nothing more will come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait_for_room(self, wait_s: float) -> bool:
        """Wait until it is not full any more; False when it still is."""
        with self._changed:
            if self.full:
                self.pauses += 1
            return self._changed.wait_for(lambda: not self.full, wait_s)

    def take(self, wait_s: float) -> Batch | None:
        """Take out the oldest batch; None when none came in time."""
        with self._changed:
            if not self._batches and not self._closed:
                self._changed.wait(wait_s)
            if not self._batches:
                return None
            size, batch = self._batches.popleft()
            was_full = self.full
            self.held_bytes -= size
            if was_full and not self.full:
                self._changed.notify_all()
            return batch
