"""`block_matrix`: which calling number is blocked at which carrier, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ringthrough.analytics.metrics import metrics
from ringthrough.analytics.table import Table

__all__ = ["BLOCK_METRICS", "BlockMatrix", "Cell", "block_matrix"]

BLOCK_METRICS = ("block_explicit", "block_probable", "block_suspected", "block_rate")
"Metrics of a cell."


class Cell(NamedTuple):
    """Calls of one number to one carrier."""

    attempts: int
    "Calls, those that no rate knows included."
    n: int
    "Calls of which it is known whether they were blocked."
    explicit: int
    "Calls of `n` that say they were blocked."
    probable: int | None
    "Calls of `n` that statistics found probably blocked; None where hidden blocks were not looked for."
    suspected: int | None
    "Calls of `n` that statistics suspect to be blocked; None where hidden blocks were not looked for."
    rate: float | None
    "Explicit and probable blocks of `n`; None when `n` is 0."
    low: float | None
    "Lower end of its 95 % Wilson interval."
    high: float | None
    "Upper end of its 95 % Wilson interval."


@dataclass(frozen=True)
class BlockMatrix:
    """Numbers by carriers. A pair without calls has no cell."""

    numbers: tuple[str, ...]
    "Calling numbers, those with most blocked calls first."
    carriers: tuple[str, ...]
    "Carriers, those with most calls first."
    cells: Mapping[tuple[str, str], Cell]
    "By number and carrier."
    table: Table
    "The same as rows: `metrics(by=('number', 'carrier'))` of `BLOCK_METRICS`."


def block_matrix(
    source: object, *, since_us: int | None = None, until_us: int | None = None, inferred: bool | None = None
) -> BlockMatrix:
    """
    Count blocked calls per calling number and carrier.

    Args:
        source, since_us, until_us, inferred: as `metrics`.

    Raises:
        LocalError: the source is none, or columns are missing.
        BackendError: the calls cannot be read.
    """
    table = metrics(
        source, ("number", "carrier"), only=BLOCK_METRICS, since_us=since_us, until_us=until_us, inferred=inferred
    )
    cells: dict[tuple[str, str], Cell] = {}
    blocked: dict[str, int] = {}
    calls: dict[str, int] = {}
    towards: dict[str, int] = {}
    for row in table:
        number, carrier, attempts = row["number"], row["carrier"], row["attempts"]
        cells[number, carrier] = Cell(
            attempts, row["block_rate_n"], row["block_explicit_k"], _known(row["block_probable_k"], row),
            _known(row["block_suspected_k"], row), row["block_rate"], row["block_rate_low"], row["block_rate_high"],
        )  # fmt: skip
        blocked[number] = blocked.get(number, 0) + row["block_rate_k"]
        calls[number] = calls.get(number, 0) + attempts
        towards[carrier] = towards.get(carrier, 0) + attempts
    numbers = sorted(calls, key=lambda number: (-blocked[number], -calls[number], number))
    carriers = sorted(towards, key=lambda carrier: (-towards[carrier], carrier))
    return BlockMatrix(tuple(numbers), tuple(carriers), cells, table)


def _known(count: int, row: Mapping[str, int]) -> int | None:
    return count if row["block_probable_n"] else None
