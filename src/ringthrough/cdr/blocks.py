"""`Block`: some records of a file, column by column, as text; what every container gives and `rows` reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import compress

__all__ = ["Block", "of_mappings", "of_rows"]


class Block:
    """
    Some records.

    Args:
        names: names of the columns, in order; a position may have no name.
        size: number of records.
        frames: line or number of each record, from 1.
        column: gives one column by its index, as texts; called only for columns that are needed.
    """

    __slots__ = ("column", "frames", "names", "size")

    def __init__(
        self, names: tuple[str, ...], size: int, frames: Sequence[int], column: Callable[[int], Sequence[str]]
    ) -> None:
        self.names = names
        self.size = size
        self.frames = frames
        self.column = column

    def select(self, wanted: Sequence[bool]) -> Block:
        """The records that are wanted."""
        column = self.column
        frames = list(compress(self.frames, wanted))
        return Block(self.names, len(frames), frames, lambda index: list(compress(column(index), wanted)))

    def mappings(self) -> list[dict[str, str]]:
        """The records one by one: filled cells by the name of their column."""
        columns = [self.column(index) for index in range(len(self.names))]
        names = [name or f"#{index}" for index, name in enumerate(self.names, 1)]
        return [
            {name: cell for name, cell in zip(names, cells, strict=True) if cell}
            for cells in zip(*columns, strict=True)
        ]


def of_rows(names: tuple[str, ...], rows: Sequence[Sequence[str]], frames: Sequence[int]) -> Block:
    """A block of rows that all have as many cells as there are names."""
    columns: list[tuple[str, ...]] = list(zip(*rows, strict=True))
    return Block(names, len(rows), frames, columns.__getitem__)


def of_mappings(records: Sequence[Mapping[str, str]], frames: Sequence[int]) -> Block:
    """A block of records by name, whatever names each has."""
    names = tuple(dict.fromkeys(name for record in records for name in record))
    return Block(names, len(records), frames, lambda index: [record.get(names[index], "") for record in records])
