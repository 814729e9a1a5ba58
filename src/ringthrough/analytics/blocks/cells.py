"""
Cells: what a calling number's calls to a carrier came to on one UTC day, counted by kind of ending.

A kind of ending is what a refusal looks like: status, phrase, cause, location and server as the farthest leg showed
them, how long it took (`STEPS_PER_OCTAVE` steps to each doubling), and whether the called number was reached from
another calling number within 48 hours. Calls that rang are one kind.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

import numpy as np
import numpy.typing as npt

from ringthrough.analytics.engine import Engine, batches_of
from ringthrough.analytics.statements import period_sql
from ringthrough.calls import Call

__all__ = [
    "COLUMNS_READ",
    "REACHED",
    "STEPS",
    "STEPS_PER_OCTAVE",
    "Cells",
    "Kind",
    "cells_of",
    "cells_sql",
    "kind_of",
    "plain",
    "read_cells",
    "step_of",
]

COLUMNS_READ: tuple[str, ...] = (
    "at", "caller", "callee", "carrier", "kind", "final_code", "final_phrase", "far_code", "far_phrase", "q850_cause",
    "location", "server", "ring_ms", "ring_frame", "setup_ms", "final_ms", "early_media", "blind_to", "verdict",
    "hidden_candidate",
)  # fmt: skip
"Columns of the call table that cells are made of."
STEPS_PER_OCTAVE = 4
"Steps of time to each doubling: the narrowest machine known fills one or two."
STEPS = 72
"Steps of time: up to 2^18 ms, behind which all times are alike."
OWN_RUN = 15
"Calls in a row of one number that are 403 at every carrier: from here on the own provider is taken to refuse."
_MOST_KINDS = 400
_LONGEST_MS = 2_678_400_000
_STEPS_PER_E = 5.770780163555854  # 4 / ln 2; cells.sql and raised.sql have the same figures
_EDGE = 1e-9


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
    sql = cells_sql(engine.calls, since_us=since_us, until_us=until_us)
    return cells_of(batches_of(engine, sql))


class _Counted:
    """Rows of the statement as columns of numbers: a key is kept once, however many rows have it."""

    def __init__(self) -> None:
        self.places: dict[tuple[str, str, str], int] = {}
        "Number, carrier and day -> place."
        self.endings: dict[tuple[str, str], int] = {}
        "Ending and words -> place."
        self._batches: list[tuple[npt.NDArray[np.int32], Floats]] = []

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Take rows."""
        number, carrier, day, ending, words, step, elsewhere, calls = zip(*rows, strict=True)
        places, endings = self.places, self.endings
        coded = np.empty((4, len(rows)), dtype=np.int32)
        coded[0] = [places.setdefault(key, len(places)) for key in zip(number, carrier, day, strict=True)]
        coded[1] = [endings.setdefault(key, len(endings)) for key in zip(ending, words, strict=True)]
        coded[2], coded[3] = step, elsewhere
        self._batches.append((coded, np.array(calls, dtype=np.float64)))

    def columns(self) -> tuple[npt.NDArray[np.int32], Floats]:
        """Place of the cell, place of the ending, step and elsewhere of each row; and its calls."""
        coded = [batch for batch, _ in self._batches] or [np.empty((4, 0), dtype=np.int32)]
        calls = [batch for _, batch in self._batches] or [np.empty(0)]
        self._batches = []
        return np.concatenate(coded, axis=1), np.concatenate(calls)


def cells_of(batches: Iterable[Sequence[tuple[Any, ...]]]) -> Cells:
    """
    Make cells of the rows of `cells_sql`, in batches: number, carrier, day, ending, words, step, elsewhere, calls.

    Kinds beyond the most frequent few hundred lose phrase, cause, location and server, so that free text cannot make
    each call a kind of its own.
    """
    counted = _Counted()
    for batch in batches:
        if batch:
            counted.add(batch)
    (place, ending, step, elsewhere), calls = counted.columns()
    keys = sorted(counted.places)
    at = _ranks([counted.places[key] for key in keys])[place]
    numbers = tuple(sorted({key[0] for key in keys}))
    carriers = tuple(sorted({key[1] for key in keys}))
    days = tuple(sorted({key[2] for key in keys}))
    endings = list(counted.endings)
    kinds, kind_at = _kinds(endings, np.bincount(ending, weights=calls, minlength=len(endings)).astype(np.float64))
    kind = kind_at[ending]
    of = np.array([said for said, _ in endings], dtype=object)

    def sums(which: npt.NDArray[np.bool_]) -> Ints:
        """Calls of each cell."""
        return np.bincount(at[which], weights=calls[which], minlength=len(keys)).astype(np.int64)

    told = kind >= 0
    ordinal = np.array([date.fromisoformat(day).toordinal() for day in days], dtype=np.int64)
    gaps = np.zeros(len(days), dtype=np.int64)
    gaps[1:] = np.diff(ordinal)
    return Cells(
        numbers, carriers, days, kinds,
        gaps,
        _places(numbers, [key[0] for key in keys]),
        _places(carriers, [key[1] for key in keys]),
        _places(days, [key[2] for key in keys]),
        sums(told), sums((of == "explicit")[ending]), sums((of == "refused")[ending]),
        sums((of == "own_hop")[ending]), sums((of == "lost")[ending]),
        at[told], kind[told],
        np.where(step < 0, STEPS, np.minimum(step, STEPS - 1))[told].astype(np.int64),
        elsewhere[told].astype(np.int64), calls[told],
    )  # fmt: skip


def _ranks(places: list[int]) -> Ints:
    """Rank of each place, of places in order of rank."""
    made = np.empty(len(places), dtype=np.int64)
    made[places] = np.arange(len(places))
    return made


def _places(names: tuple[str, ...], of: list[str]) -> Ints:
    index = {name: n for n, name in enumerate(names)}
    return np.array([index[name] for name in of], dtype=np.int64)


def _kinds(endings: list[tuple[str, str]], calls: Floats) -> tuple[tuple[Kind, ...], Ints]:
    """Kinds in order, `REACHED` first, and the kind of each ending as an index; -1 for what tells nothing."""
    of = [_kind(ending, words) for ending, words in endings]
    ranked = sorted((-total, kind) for kind, total in zip(of, calls.tolist(), strict=True) if kind is not None)
    kept = {kind for _, kind in ranked[:_MOST_KINDS]}
    of = [kind if kind is None or kind in kept else plain(kind) for kind in of]
    kinds = (REACHED, *sorted({kind for kind in of if kind is not None and kind != REACHED}))
    index: dict[Kind | None, int] = {kind: n for n, kind in enumerate(kinds)}
    return kinds, np.array([index.get(kind, -1) for kind in of], dtype=np.int64)


def _kind(ending: str, words: str) -> Kind | None:
    """Kind of an ending; None for calls that tell nothing about blocks."""
    if ending in ("lost", "own_hop"):
        return None
    if ending == "reached":
        return REACHED
    # Code, cause, early media, the lengths of phrase and location; then phrase, location and server without a gap.
    code, cause, early, phrase, location, rest = words.split(" ", 5)
    first, second = int(phrase), int(phrase) + int(location)
    return Kind(ending, int(code), rest[:first], int(cause), rest[first:second], rest[second:], early == "1")


def kind_of(call: Call) -> Kind:
    """Kind of a call that was refused without ringing, as the statement makes it."""
    return Kind(
        "refused", call.far_code if call.far_code is not None else call.final_code or 0,
        call.far_phrase or call.final_phrase, call.q850_cause or 0, call.location, call.server, bool(call.early_media),
    )  # fmt: skip


def step_of(call: Call) -> int:
    """Step of the time of a call; `STEPS` for not known."""
    taken = call.final_ms if call.final_ms is not None else call.setup_ms
    if taken is None or not 1 <= taken <= _LONGEST_MS:
        return STEPS
    return min(math.floor(math.log(taken) * _STEPS_PER_E + _EDGE), STEPS - 1)


def plain(kind: Kind) -> Kind:
    """The kind without its words: what rare kinds are counted as."""
    return Kind(kind.ending, kind.code, early=kind.early)
