"""
Which numbers are blocked where and when, with the evidence: what `find_blocks` gives.

A cell is probable or suspected; neighbouring days of a number at a carrier make a spell with an onset and an end. No
call is judged by itself: what a single call looks like counts only within a cell that is blocked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ringthrough.analytics.blocks.cells import COLUMNS_READ, STEPS, STEPS_PER_OCTAVE, Cells, read_cells
from ringthrough.analytics.blocks.model import Fit, fit
from ringthrough.analytics.blocks.tails import baseline, benjamini_hochberg, beta_binomial_tail
from ringthrough.analytics.engine import engine_of
from ringthrough.analytics.table import Table

__all__ = ["PROBABLE", "SUSPECTED", "BlockCell", "Blocks", "Spell", "blocks_of", "find_blocks"]

PROBABLE, SUSPECTED = "probable", "suspected"
PROBABLE_POSTERIOR, SUSPECTED_POSTERIOR = 0.9, 0.5
"From here on a cell is probable, or suspected."
MOST_Q, LEAST_LIFT, LEAST_ATTEMPTS = 0.01, 3.0, 8
"Without explicit blocks a cell is probable only below this q-value, from this lift and from so many attempts on."


class BlockCell(NamedTuple):
    """What is thought of the calls of one number to one carrier on one UTC day."""

    number: str
    "Calling number."
    carrier: str
    "Carrier."
    day: str
    "UTC day, ISO 8601."
    verdict: str
    "probable, suspected, or empty."
    posterior: float
    "How likely it is that some of these calls were blocked by the carrier's analytics, 0..1."
    share: float | None
    "Share of calls that were blocked, if any were; null where nothing is suspected."
    attempts: int
    "Calls that tell something."
    reached: int
    "Calls among them that rang, were answered or given up."
    explicit: int
    "Calls among them that the network blocked and says so."
    refused: int
    "Calls among them that were refused without ringing, and nothing says by whom."
    own_hop: int
    "Calls that the own provider refused; they are left out."
    lost: int
    "Calls whose end tells nothing; they are left out."
    common: int
    "Refusals among `refused` that came up for several numbers at once, as in an outage: they count neither way."
    usual: float
    "Share of calls that end without ringing when other numbers call the same carrier."
    lift: float | None
    "Share of calls that end without ringing beside the usual one; null without attempts."
    q: float
    "Smallest rate of false discoveries at which this share is one, over all cells; 1 where it is not above the usual."
    onset: str
    "First day of the spell that this cell lies in; empty for no spell, and for one that stood from the first day."
    end: str
    "First day on which the spell is over; empty for no spell, and for one that is not over."
    because: str
    "Why, in one sentence; empty where nothing is suspected."


class Spell(NamedTuple):
    """A time in which a number is blocked at a carrier."""

    number: str
    "Calling number."
    carrier: str
    "Carrier."
    verdict: str
    "The strongest verdict of its cells."
    onset: str
    "First day; empty when it stands from the first day on which this number called this carrier."
    end: str
    "First day on which it is over; empty when it is not."
    first: str
    "First day that shows it."
    last: str
    "Last day that shows it."
    attempts: int
    "Calls that tell something."
    explicit: int
    "Calls among them that the network blocked and says so."
    refused: int
    "Calls among them that were refused without ringing."
    hidden: float
    "Expected number of blocks among these refusals."
    posterior: float
    "The highest posterior of its cells."
    lift: float | None
    "Share of its calls that ended without ringing beside the usual one."
    q: float
    "The lowest q-value of its cells."


@dataclass(frozen=True)
class Blocks:
    """Hidden blocks of a call table."""

    cells: tuple[BlockCell, ...]
    "All cells, in order of number, carrier and day."
    spells: tuple[Spell, ...]
    "Spells, in order of number, carrier and first day."
    counted: Cells
    "What was counted."
    learned: Fit
    "What was learned."

    @cached_property
    def chances(self) -> npt.NDArray[np.float64]:
        """Of each entry of `counted`: how likely one of its calls was a block."""
        return _chances(self.counted, self.learned)

    def table(self) -> Table:
        """The cells as a table."""
        return Table(BlockCell._fields, tuple(tuple(cell) for cell in self.cells))

    def evidence(self, cell: int) -> Table:
        """
        What speaks for and against a block of one cell: its endings, the weightiest first.

        Args:
            cell: index in `cells`.

        Returns:
            One row per kind of ending: what it looks like, how many calls, how many of them to people whom another
            number reached within 48 hours, their median time (lower edge of its step, ms), how many are expected when
            nothing is blocked, how much likelier one is where this carrier blocks, and the weight (sum of logarithms).
        """
        counted = self.counted
        share = float(self.learned.share[cell])
        rows = []
        entries = np.flatnonzero(counted.cell == cell)
        for n in np.unique(counted.kind[entries]).tolist():
            these = entries[counted.kind[entries] == n]
            kind, calls = counted.kinds[n], counted.calls[these]
            order = np.argsort(counted.step[these], kind="stable")
            half = int(np.searchsorted(np.cumsum(calls[order]), calls.sum() / 2))
            step = int(counted.step[these][order][half])
            ratio = self.learned.ratio[these]
            rows.append((
                kind.ending, kind.code or None, kind.phrase, kind.cause or None, kind.location, kind.server,
                int(calls.sum()), int(calls[counted.elsewhere[these] == 1].sum()),
                None if n == 0 or step == STEPS else round(2 ** (step / STEPS_PER_OCTAVE)),
                float(counted.attempts[cell] * self.learned.open[counted.carrier[cell], n]),
                float((calls * ratio).sum() / calls.sum()),
                float((calls * np.log(1 - share + share * ratio)).sum()),
            ))  # fmt: skip
        rows.sort(key=lambda row: -abs(row[-1]))
        return Table(EVIDENCE, tuple(rows))


EVIDENCE = (
    "ending", "code", "phrase", "cause", "location", "server", "calls", "reached_by_others", "median_ms", "expected",
    "ratio", "weight",
)  # fmt: skip
"Columns of `Blocks.evidence`."


def find_blocks(source: object, *, since_us: int | None = None, until_us: int | None = None) -> Blocks:
    """
    Find the numbers that carriers' analytics block, also where the signalling does not say so.

        from ringthrough import analytics, diagnosis
        calls = diagnosis.read_calls("week.pcap", region="US")
        for spell in analytics.blocks.find_blocks(calls).spells:
            print(spell)

    Args:
        source: a store, what `diagnosis.read_calls` returns, a relation of DuckDB, rows of `Call` and `Verdict`, or an
            `Engine`.
        since_us: first microsecond of calls, since 1970 UTC; calls without a time are left out.
        until_us: the first microsecond that is too late.

    Raises:
        LocalError: the source holds no calls.
        BackendError: the calls cannot be read.

    Source: docs/concepts/hidden-blocks.md
    """
    with engine_of(source, since_us=since_us, until_us=until_us, columns=COLUMNS_READ) as engine:
        return blocks_of(read_cells(engine, since_us=since_us, until_us=until_us))


def blocks_of(counted: Cells) -> Blocks:
    """Find the blocks in cells that were counted."""
    learned = fit(counted)
    posterior = learned.posterior
    common = np.bincount(
        counted.cell[learned.common], weights=counted.calls[learned.common], minlength=counted.size
    ).astype(np.int64)
    silent, whole = counted.explicit + counted.refused - common, counted.attempts - common
    usual = baseline(counted, 1 - posterior, common)
    rate = silent / np.maximum(whole, 1)
    above = rate > usual
    p = np.ones(counted.size)
    p[above] = beta_binomial_tail(silent[above], whole[above], usual[above])
    q = benjamini_hochberg(p)
    lift = rate / np.maximum(usual, 1e-9)
    verdicts = np.where(posterior >= SUSPECTED_POSTERIOR, SUSPECTED, "").astype(object)
    sure = (q < MOST_Q) & (lift >= LEAST_LIFT) & (whole >= LEAST_ATTEMPTS)
    verdicts[(posterior >= PROBABLE_POSTERIOR) & ((counted.explicit > 0) | sure)] = PROBABLE
    spells, onset, end = _spells(counted, learned, verdicts, _chances(counted, learned), usual, q, common)
    contrast = (counted.kind > 0) & (counted.elsewhere == 1) & ~learned.common
    others = np.bincount(counted.cell[contrast], weights=counted.calls[contrast], minlength=counted.size)
    cells = []
    for n in range(counted.size):
        said = str(verdicts[n])
        cells.append(BlockCell(
            counted.numbers[counted.number[n]], counted.carriers[counted.carrier[n]], counted.days[counted.day[n]],
            said, float(posterior[n]), float(learned.share[n]) if said else None, int(counted.attempts[n]),
            int(whole[n] - silent[n]), int(counted.explicit[n]), int(counted.refused[n]),
            int(counted.own_hop[n]), int(counted.lost[n]), int(common[n]), float(usual[n]),
            float(lift[n]) if whole[n] else None, float(q[n]), onset[n], end[n],
            _because(counted, n, said, int(common[n]), float(usual[n]), float(q[n]), onset[n], int(others[n])),
        ))  # fmt: skip
    return Blocks(tuple(cells), spells, counted, learned)


def _chances(counted: Cells, learned: Fit) -> npt.NDArray[np.float64]:
    """Of each entry: how likely one of its calls was a block."""
    ratio, share = learned.ratio, learned.share[counted.cell]
    made = learned.posterior[counted.cell] * share * ratio / (1 - share + share * ratio)
    return np.where(learned.common, 0.0, made)


def _because(counted: Cells, n: int, said: str, common: int, usual: float, q: float, onset: str, others: int) -> str:
    if not said:
        return ""
    attempts = int(counted.attempts[n]) - common
    silent = int(counted.explicit[n] + counted.refused[n]) - common
    carrier = counted.carriers[counted.carrier[n]] or "this carrier"
    parts = [
        f"{silent} of {attempts} calls to {carrier} ended without ringing where {usual:.0%} is usual for other numbers"
        f" (q = {q:.2g})"
    ]
    if counted.explicit[n]:
        parts.append(f"{int(counted.explicit[n])} of them are blocks that say so")
    if others:
        parts.append(f"{others} of them went to people whom another number reached within 48 hours")
    parts.append(f"so since {onset}" if onset else "so from the first day seen")
    return "; ".join(parts) + "."


def _spells(
    counted: Cells,
    learned: Fit,
    verdicts: npt.NDArray[np.object_],
    chances: npt.NDArray[np.float64],
    usual: npt.NDArray[np.float64],
    q: npt.NDArray[np.float64],
    common: npt.NDArray[np.int64],
) -> tuple[tuple[Spell, ...], list[str], list[str]]:
    """Join neighbouring cells that are probable or suspected. Cells are in order of number, carrier and day."""
    onset, end = [""] * counted.size, [""] * counted.size
    at, blocked = counted.cell, chances * counted.calls
    explicit = np.array([kind.ending == "explicit" for kind in counted.kinds], dtype=bool)[counted.kind]
    hidden = np.bincount(at[~explicit], weights=blocked[~explicit], minlength=counted.size)
    made = []
    series = counted.number * max(len(counted.carriers), 1) + counted.carrier
    edges = np.flatnonzero(np.diff(series, prepend=-1, append=-1)) if counted.size else np.zeros(0, dtype=np.int64)
    for first, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        begin = first
        while begin < stop:
            if not verdicts[begin]:
                begin += 1
                continue
            last = begin
            while last + 1 < stop and verdicts[last + 1]:
                last += 1
            from_day = "" if begin == first else counted.days[counted.day[begin]]
            to_day = "" if last + 1 == stop else counted.days[counted.day[last + 1]]
            part = slice(begin, last + 1)
            for n in range(begin, last + 1):
                onset[n], end[n] = from_day, to_day
            made.append(Spell(
                counted.numbers[counted.number[begin]], counted.carriers[counted.carrier[begin]],
                PROBABLE if (verdicts[part] == PROBABLE).any() else SUSPECTED, from_day, to_day,
                counted.days[counted.day[begin]], counted.days[counted.day[last]],
                int(counted.attempts[part].sum()), int(counted.explicit[part].sum()), int(counted.refused[part].sum()),
                float(hidden[part].sum()), float(learned.posterior[part].max()),
                _lift(counted, usual, common, part), float(q[part].min()),
            ))  # fmt: skip
            begin = last + 1
    return tuple(made), onset, end


def _lift(counted: Cells, usual: npt.NDArray[np.float64], common: npt.NDArray[np.int64], part: slice) -> float | None:
    expected = float(((counted.attempts - common)[part] * usual[part]).sum())
    silent = int((counted.explicit + counted.refused - common)[part].sum())
    return silent / expected if expected > 0 else None
