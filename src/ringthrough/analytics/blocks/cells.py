"""
Cells: what a calling number's calls to a carrier came to on one UTC day, counted by kind of ending.

A kind of ending is what a refusal looks like: status, phrase, cause, location and server as the farthest leg showed
them, how long it took (`STEPS_PER_OCTAVE` steps to each doubling), and whether the called number was reached from
another calling number within 48 hours. Calls that rang are one kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

import numpy as np
import numpy.typing as npt

from ringthrough.analytics.engine import Engine
from ringthrough.analytics.statements import _period as period_sql

__all__ = [
    "COLUMNS_READ",
    "REACHED",
    "STEPS",
    "STEPS_PER_OCTAVE",
    "Cells",
    "Kind",
    "cells_sql",
    "read_cells",
]

COLUMNS_READ: tuple[str, ...] = (
    "at", "caller", "callee", "carrier", "kind", "final_code", "final_phrase", "far_code", "far_phrase", "q850_cause",
    "location", "server", "ring_ms", "ring_frame", "setup_ms", "final_ms", "early_media", "blind_to", "verdict",
)  # fmt: skip
"Columns of the call table that cells are made of."
STEPS_PER_OCTAVE = 4
"Steps of time to each doubling: the narrowest machine known fills one or two."
STEPS = 72
"Steps of time: up to 2^18 ms, behind which all times are alike."
OWN_RUN = 15
"Calls in a row of one number that are 403 at every carrier: from here on the own provider is taken to refuse."
_MOST_KINDS = 400


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """What a refusal without ringing looks like, but for its time."""

    ending: str
    "reached, explicit or refused."
    code: int
    "Status on the farthest leg; 0 for none."
    phrase: str = ""
    "Its phrase."
    cause: int = 0
    "Q.850 cause; 0 for none."
    location: str = ""
    "Location of the Reason."
    server: str = ""
    "Server header."
    early: bool = False
    "Early media came first."


REACHED = Kind("reached", 0)
"Calls that rang, were answered or given up: they were let through."

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cells:
    """Counts of calls. `cell` and the arrays behind it have one element for each counted ending of each cell."""

    numbers: tuple[str, ...]
    "Calling numbers."
    carriers: tuple[str, ...]
    "Carriers."
    days: tuple[str, ...]
    "UTC days that have calls, in order, ISO 8601."
    kinds: tuple[Kind, ...]
    "Kinds of endings; the first is `REACHED`."
    gaps: Ints
    "Days since the day before in `days`; 0 for the first."
    number: Ints
    "Number of each cell, as an index."
    carrier: Ints
    "Carrier of each cell, as an index."
    day: Ints
    "Day of each cell, as an index."
    attempts: Ints
    "Calls of each cell that tell something: reached, explicit or refused."
    explicit: Ints
    "Explicit blocks among them."
    refused: Ints
    "Refusals without ringing among them that say nothing."
    own_hop: Ints
    "Calls that the own provider refused; they are not among `attempts`."
    lost: Ints
    "Calls that tell nothing; they are not among `attempts` either."
    cell: Ints
    "Cell of each entry."
    kind: Ints
    "Kind of each entry."
    step: Ints
    "Step of time of each entry, 0 to `STEPS` - 1; `STEPS` for not known."
    elsewhere: Ints
    "0: no other number called the callee within 48 hours; 1: one reached it; 2: others tried and did not."
    calls: Floats
    "Calls of each entry."

    @property
    def size(self) -> int:
        """How many cells."""
        return int(self.attempts.size)


@cache
def _text() -> str:
    lines = files("ringthrough.analytics.blocks").joinpath("cells.sql").read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("--"))


def cells_sql(table: str, *, since_us: int | None = None, until_us: int | None = None) -> str:
    """
    Return the statement behind the cells, for an engine of one's own.

    Args:
        table: name of the call table.
        since_us: first microsecond of calls, since 1970 UTC.
        until_us: the first microsecond that is too late.
    """
    return Template(_text()).substitute(calls=table, run=str(OWN_RUN), period=period_sql(since_us, until_us))


def read_cells(engine: Engine, *, since_us: int | None = None, until_us: int | None = None) -> Cells:
    """
    Count the calls of an engine.

    Raises:
        LocalError: the table is no call table.
        BackendError: the calls cannot be read.
    """
    rows = engine.run(cells_sql(engine.calls, since_us=since_us, until_us=until_us)).rows
    return cells_of(rows)


def cells_of(rows: tuple[tuple[Any, ...], ...]) -> Cells:
    """
    Make cells of the rows of `cells_sql`.

    Kinds beyond the most frequent few hundred lose phrase, cause, location and server, so that free text cannot make
    each call a kind of its own.
    """
    numbers = tuple(sorted({row[0] for row in rows}))
    carriers = tuple(sorted({row[1] for row in rows}))
    days = tuple(sorted({row[2] for row in rows}))
    place = {key: index for index, key in enumerate(sorted({(row[0], row[1], row[2]) for row in rows}))}
    of = [_kind(row) for row in rows]
    kept = _kept(of, rows)
    of = [kind if kind is None or kind in kept else _plain(kind) for kind in of]
    kinds = (REACHED, *sorted({kind for kind in of if kind is not None and kind != REACHED}))
    index = {kind: n for n, kind in enumerate(kinds)}
    n_cells = len(place)
    at = np.array([place[row[0], row[1], row[2]] for row in rows], dtype=np.int64)
    calls = np.array([row[12] for row in rows], dtype=np.float64)
    ending = np.array([row[3] for row in rows], dtype=object)

    def counted(which: npt.NDArray[np.bool_]) -> Ints:
        return np.bincount(at[which], weights=calls[which], minlength=n_cells).astype(np.int64)

    told = np.array([kind is not None for kind in of], dtype=bool)
    step = np.array([row[10] for row in rows], dtype=np.int64)
    keys = list(place)
    ordinal = [date.fromisoformat(day).toordinal() for day in days]
    return Cells(
        numbers, carriers, days, kinds,
        np.diff(np.array(ordinal, dtype=np.int64), prepend=ordinal[0] if ordinal else 0)
        if ordinal else np.zeros(0, dtype=np.int64),
        _places(numbers, [key[0] for key in keys]),
        _places(carriers, [key[1] for key in keys]),
        _places(days, [key[2] for key in keys]),
        counted(told), counted(told & (ending == "explicit")), counted(told & (ending == "refused")),
        counted(ending == "own_hop"), counted(ending == "lost"),
        at[told],
        np.array([index[kind] for kind in of if kind is not None], dtype=np.int64),
        np.where(step < 0, STEPS, np.minimum(step, STEPS - 1))[told],
        np.array([row[11] for row in rows], dtype=np.int64)[told],
        calls[told],
    )  # fmt: skip


def _places(names: tuple[str, ...], of: list[str]) -> Ints:
    index = {name: n for n, name in enumerate(names)}
    return np.array([index[name] for name in of], dtype=np.int64)


def _kind(row: tuple[Any, ...]) -> Kind | None:
    """Kind of a row; None for calls that tell nothing about blocks."""
    if row[3] in ("lost", "own_hop"):
        return None
    if row[3] == "reached":
        return REACHED
    return Kind(row[3], int(row[4]), row[5], int(row[6]), row[7], row[8], bool(row[9]))


def _plain(kind: Kind) -> Kind:
    return Kind(kind.ending, kind.code, early=kind.early)


def _kept(of: list[Kind | None], rows: tuple[tuple[Any, ...], ...]) -> set[Kind]:
    total: dict[Kind, int] = {}
    for kind, row in zip(of, rows, strict=True):
        if kind is not None:
            total[kind] = total.get(kind, 0) + int(row[12])
    ranked = sorted(total, key=lambda kind: (-total[kind], kind))
    return set(ranked[:_MOST_KINDS])
