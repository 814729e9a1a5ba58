"""`Table`: what a statement gives, as rows, as columns, or as one dictionary a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Table"]


@dataclass(frozen=True, repr=False)
class Table:
    """
    Rows of a result, in its order. Iterating gives one dictionary a row, as `pandas.DataFrame` and Polars take them.

    A value is an int, a float, a text, or None for what is not measurable.
    """

    columns: tuple[str, ...]
    "Names of the columns, in order."
    rows: tuple[tuple[Any, ...], ...]
    "Cells in the order of `columns`."

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)

    def __getitem__(self, column: str) -> list[Any]:
        """
        Cells of one column.

        Raises:
            KeyError: there is no such column.
        """
        if column not in self.columns:
            raise KeyError(column)
        place = self.columns.index(column)
        return [row[place] for row in self.rows]

    def records(self) -> list[dict[str, Any]]:
        """Return one dictionary a row."""
        return list(self)

    def __repr__(self) -> str:
        return f"Table({len(self.rows)} rows: {', '.join(self.columns)})"
