"""
Rows of one share on disk, until it is known which rows of the calls at its borders belong between them.

Theory of operation
- The output of all rows lies in one file, and beside it an index: per batch the keys of its rows and how long each is.
  What is needed of every batch, its last key and its size, is carried by `Batch`.
- Few rows belong in between. Where none does, and where rows may be handed on joined, the output is copied as it is;
  the index is looked at only for batches that have to be taken apart.
"""

from __future__ import annotations

import marshal
from bisect import bisect_left
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import BinaryIO, NamedTuple

from ringthrough.calls import EndKey

__all__ = ["Batch", "Line", "RowFile", "index_of", "write_merged"]

COPY_OCTETS = 1 << 18
"Octets that are copied at a time: few enough for the cache of a processor."

Line = tuple[EndKey, bytes]


class Batch(NamedTuple):
    """Rows that left together."""

    last: EndKey
    "Key of the last one."
    octets: int
    "Octets of their output."
    index_at: int
    "Where the index file tells of them."


class RowFile:
    """
    Takes rows in the order of their keys.

    Args:
        rows: file for their output.
        index: file for the index.
    """

    def __init__(self, rows: BinaryIO, index: BinaryIO) -> None:
        self._rows = rows
        self._index = index
        self.batches: list[Batch] = []
        "What was taken."

    def add(self, keys: list[EndKey], lines: list[bytes]) -> None:
        """Take a batch: keys of rows, at least one, and the output of each."""
        octets = self._rows.write(b"".join(lines))
        self.batches.append(Batch(keys[-1], octets, self._index.tell()))
        marshal.dump((keys, list(map(len, lines))), self._index)


def write_merged(
    path: str, batches: Sequence[Batch], others: Sequence[Line], write: Callable[[list[bytes]], None], *, joined: bool
) -> None:
    """
    Write rows that a `RowFile` took, with other rows in their places among them.

    Args:
        path: where they lie.
        batches: what the `RowFile` said about them.
        others: the other rows, in the order of their keys.
        write: gets the output.
        joined: `write` takes octets of many rows in one piece.
    """
    keys = [key for key, _line in others]
    whole = done = 0  # octets to be copied before what comes next; other rows that are written
    with open(path, "rb") as rows, open(index_of(path), "rb") as index:
        for last, octets, index_at in batches:
            before = bisect_left(keys, last, done)
            if joined and before == done:
                whole += octets
                continue
            _copy(rows, whole, write)
            whole = 0
            index.seek(index_at)
            own, sizes = marshal.load(index)  # written by our own child a moment ago
            lines = [*zip(own, map(rows.read, sizes), strict=True), *others[done:before]]
            lines.sort(key=_key)
            write([line for _key, line in lines])
            done = before
        _copy(rows, whole, write)
    if done < len(others):
        write([line for _key, line in others[done:]])


def index_of(path: str) -> str:
    """Where the index of a file of rows lies."""
    return f"{path}.index"


def _copy(rows: BinaryIO, octets: int, write: Callable[[list[bytes]], None]) -> None:
    while octets > 0:
        piece = rows.read(min(octets, COPY_OCTETS))
        octets -= len(piece)
        write([piece])


_key = itemgetter(0)
