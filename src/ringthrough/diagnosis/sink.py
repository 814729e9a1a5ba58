"""What is made of rows, at the place where they are made: in the worker that read them."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Protocol, Self

from ringthrough.calls import Call, Verdict

__all__ = ["RowSink", "Sink"]


class Sink(Protocol):
    """
    Takes rows and makes output of them: text lines, counts, both.

    Rows are costly to carry from one process to another, so each worker has a sink of its own. Must be picklable; the
    sinks of several workers are merged in the order of their shares.
    """

    def take(self, rows: Sequence[tuple[Call, Verdict]]) -> list[bytes]:
        """Return the output for each row, one entry a row, empty for a row that gives none."""
        ...

    def merge(self, other: Self) -> None:
        """Add what another sink has counted."""
        ...


class RowSink:
    """Hands rows themselves through, for callers that want rows."""

    def take(self, rows: Sequence[tuple[Call, Verdict]]) -> list[bytes]:
        """Return each row, pickled."""
        return [pickle.dumps(row, pickle.HIGHEST_PROTOCOL) for row in rows]

    def merge(self, other: Self) -> None:
        """Do nothing: there is no state."""

    @staticmethod
    def rows(lines: Sequence[bytes]) -> list[tuple[Call, Verdict]]:
        """Return the rows again."""
        return [pickle.loads(line) for line in lines]  # made by `take` in our own child
