"""
Octets from a file object, in order and in blocks: what every reader of this room reads from.

A source never seeks, so standard input will do, and never holds more than was asked for plus one block.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import BinaryIO

from ringthrough.errors import BackendError, Problem

__all__ = ["BLOCK_BYTES", "FileSource", "Source"]

BLOCK_BYTES = 1 << 20
"How much is asked of the file at a time, octets."


class Source(ABC):
    """Octets in order; what could not be had is a `Problem` in `problems`, and then the end."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.name = name
        self.problems = problems
        "Shared by every layer of one file and by its reader."
        self.ended = False
        "The layer below has nothing more; what is buffered may still be read."
        self._buffer = b""
        self._at = 0
        self._given = 0

    @property
    @abstractmethod
    def raw_bytes(self) -> int:
        """Octets taken from the file itself so far, before any unpacking."""

    @abstractmethod
    def _pull(self) -> bytes:
        """Return the next piece, of any size; empty at the end."""

    @property
    def offset(self) -> int:
        """Offset of the next octet in this layer."""
        return self._given + self._at

    def peek(self, size: int) -> bytes:
        """Return the next octets without taking them: `size` of them, fewer only at the end."""
        self._fill(size)
        return self._buffer[self._at : self._at + size]

    def take(self, most: int) -> bytes:
        """Take between 1 and `most` octets; none only at the end."""
        self._fill(1)
        piece = self._buffer[self._at : self._at + most]
        self._at += len(piece)
        return piece

    def give_back(self, size: int) -> None:
        """Undo the last `take` for its last `size` octets."""
        self._at -= size

    def read(self, least: int) -> bytes:
        """Take all that is buffered, at least `least` octets; fewer only at the end."""
        self._fill(least)
        piece = self._buffer[self._at :] if self._at else self._buffer
        self._given += len(self._buffer)
        self._buffer = b""
        self._at = 0
        return piece

    def _fill(self, size: int) -> None:
        """Have at least `size` octets in the buffer, fewer only at the end."""
        held = len(self._buffer) - self._at
        if held >= size or self.ended:
            return
        pieces = [self._buffer[self._at :]]
        while held < size:
            piece = self._pull()
            if not piece:
                self.ended = True
                break
            pieces.append(piece)
            held += len(piece)
        self._given += self._at
        self._at = 0
        self._buffer = b"".join(pieces)


class FileSource(Source):
    """The file object itself, which may give fewer octets than asked for, as a pipe does."""

    def __init__(self, handle: BinaryIO, name: str) -> None:
        super().__init__(name, [])
        self._handle = handle
        self._raw = 0

    @property
    def raw_bytes(self) -> int:
        """Octets taken from the file so far."""
        return self._raw

    def seek(self, offset: int) -> None:
        """Go on at another place of the file, which must be one that can seek."""
        self._handle.seek(offset)
        self._buffer = b""
        self._at = 0
        self._given = offset
        self.ended = False

    def _pull(self) -> bytes:
        try:
            piece = self._handle.read(BLOCK_BYTES)
        except OSError as error:
            problem = Problem(
                "captures-read-failed",
                f"expected more octets at offset {self._raw}, but the system says: {error.strerror or error}",
                where=self.name,
                at=self._raw,
            )
            if not self._raw:
                raise BackendError(problem) from error
            self.problems.append(problem)
            return b""
        if not piece:
            return b""
        self._raw += len(piece)
        return piece
