"""
What really happened in a world: by cell of calling number, carrier and UTC day, and by call; and the file that says so.

The words are this room's own, and nothing here is read off a row: what a model finds can be held against it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

import numpy as np

from ringthrough import __version__
from ringthrough.calls import Call
from ringthrough.simulate.worlds.day import KINDS, Day
from ringthrough.simulate.worlds.episodes import DAY_S
from ringthrough.simulate.worlds.people import AREAS, ZONES_H
from ringthrough.simulate.worlds.recipes import FATES

if TYPE_CHECKING:
    from ringthrough.simulate.worlds.world import World

__all__ = ["Truth", "WorldCallTruth", "WorldCell", "WorldTruthFile", "tell_calls", "tell_cells", "tell_day"]


class WorldCallTruth(NamedTuple):
    """The truth about one call of a world."""

    call_id: str
    "Its Call-ID."
    fate: str
    "What befell it: a word of `FATES`."
    blocked_by: str
    "Engine whose analytics blocked it; empty for none."
    kind: str
    "Why it was blocked: number, trunk or all; none for a call that was not."
    explicit: bool
    "The messages say that analytics blocked it."


class WorldCell(NamedTuple):
    """The truth about the calls of one number to one carrier on one UTC day."""

    caller: str
    "Calling number."
    carrier: str
    "Name of the carrier."
    day: str
    "UTC day, ISO 8601."
    attempts: int
    "Calls, retries included."
    blocked: int
    "Calls that analytics blocked."
    explicit: int
    "Blocked calls whose messages say so."
    blocked_share: float
    "Blocked calls among all of them, 0..1."
    chance: float
    "Mean chance of being blocked that stood behind them, 0..1: what a longer day would show."
    kind: str
    "none, number (the number is flagged), trunk (a trunk is), all: why calls were blocked, the commonest first."
    onset_us: int | None
    "When the block of this number at this carrier took effect; null for none, and for one that stood from the first."
    end_us: int | None
    "When it was lifted; null for none and for never."
    changes: bool
    "A block begins or ends inside this day."


class Truth:
    """
    The truth about a world.

    Args:
        cells: cells with at least one call, in order of day, number and carrier.
    """

    def __init__(self, cells: Sequence[WorldCell]) -> None:
        self.cells = tuple(cells)
        "Cells with at least one call, in order of day, number and carrier."

    def by_cell(self) -> dict[tuple[str, str, str], WorldCell]:
        """Cell by calling number, carrier and day."""
        return {(cell.caller, cell.carrier, cell.day): cell for cell in self.cells}


def tell_calls(world: World, day: Day, start: int, rows: Sequence[Call]) -> list[WorldCallTruth]:
    """The truth about the calls of a stretch of a day that begins at `start`."""
    part = slice(start, start + len(rows))
    engines = [world.engines[n] if n >= 0 else "" for n in world.episodes.engine]
    explicit = world.book.flags["explicit"][day.recipe[part]].tolist()
    columns = zip(
        rows, day.fate[part].tolist(), day.carrier[part].tolist(), day.kind[part].tolist(), explicit, strict=True
    )
    return [
        WorldCallTruth(row.call_id, FATES[fate], "" if fate else engines[carrier], KINDS[kind], not fate and says)
        for row, fate, carrier, kind, says in columns
    ]


def tell_cells(world: World) -> Truth:
    """Play a world and count what befell its cells."""
    cells: list[WorldCell] = []
    for number, day in enumerate(world.days()):
        cells += tell_day(world, number, day)
    return Truth(cells)


def tell_day(world: World, number: int, day: Day) -> list[WorldCell]:
    """The cells of one day."""
    carriers = len(world.carriers)
    pair = day.caller * carriers + day.carrier
    size = len(world.callers) * carriers
    blocked = day.fate == 0
    attempts = np.bincount(pair, minlength=size)
    hit = np.bincount(pair[blocked], minlength=size)
    said = np.bincount(pair[blocked & world.book.flags["explicit"][day.recipe]], minlength=size)
    chance = np.bincount(pair, weights=day.chance, minlength=size)
    kinds = np.bincount(pair * len(KINDS) + day.kind, minlength=size * len(KINDS)).reshape(size, len(KINDS))
    name = datetime.fromtimestamp(world.start_us / 1e6 + number * DAY_S, UTC).date().isoformat()
    made = []
    for at in np.flatnonzero(attempts).tolist():
        caller, carrier = divmod(at, carriers)
        kind = 1 + int(np.argmax(kinds[at, 1:])) if hit[at] else 0
        trunks = set(day.trunk[pair == at].tolist()) if world.episodes.trunk_blocks else set()
        onset, end, changes = _times(world, caller, carrier, number, trunks)
        if world.parameters.world.block_all:
            onset, end, changes = None, None, False
        made.append(WorldCell(
            world.callers[caller], world.carriers[carrier], name, int(attempts[at]), int(hit[at]), int(said[at]),
            int(hit[at]) / int(attempts[at]), float(chance[at] / attempts[at]), KINDS[kind], onset, end, changes,
        ))  # fmt: skip
    return made


def _times(
    world: World, caller: int, carrier: int, number: int, trunks: set[int]
) -> tuple[int | None, int | None, bool]:
    """Onset and end of what blocks a cell on a day, and whether one of them lies inside the day."""
    episodes = world.episodes
    spells = [*zip(episodes.onset[caller, carrier].tolist(), episodes.end[caller, carrier].tolist(), strict=True)]
    spells += [(b.onset_s, b.end_s) for b in episodes.trunk_blocks if b.carrier == carrier and b.trunk in trunks]
    first, last = number * DAY_S, (number + 1) * DAY_S
    within = sorted((onset, end) for onset, end in spells if onset < last and end > first)
    if not within:
        return None, None, False
    onset, end = within[0][0], max(end for _, end in within)
    changes = any(first < edge < last for spell in within for edge in spell)
    return (
        None if onset < 0 else world.start_us + round(onset * 1e6),
        None if math.isinf(end) else world.start_us + round(end * 1e6),
        changes,
    )


class WorldTruthFile:
    """
    Writes the truth as JSON lines: `header`, `call` after `call`, `cell` after `cell`, `totals`.

    Args:
        handle: where to; not closed.
    """

    def __init__(self, handle: TextIO) -> None:
        self._handle = handle
        self._calls = self._blocked = self._cells = 0

    def header(self, world: World, /, **facts: Any) -> None:
        """Write what the world is made of."""
        episodes = world.episodes
        flags = [
            {
                "caller": world.callers[n], "carrier": world.carriers[c], "onset_s": round(episodes.onset[n, c, s]),
                "end_s": None if math.isinf(episodes.end[n, c, s]) else round(episodes.end[n, c, s]),
                "share": round(float(episodes.share[n, c, s]), 4),
            }
            for n, c, s in np.argwhere(np.isfinite(episodes.onset)).tolist()
        ]  # fmt: skip
        carriers = [
            {"name": name, "engine": world.engines[engine] if engine >= 0 else ""}
            for name, engine in zip(world.carriers, episodes.engine.tolist(), strict=True)
        ]
        self._line(
            "header", **facts, version=__version__, numpy=np.__version__, seed_of_days=world.seed,
            start_us=world.start_us, days=world.day_count, carriers=carriers, engines=world.engines,
            trunks=world.trunks, numbers=[
                {"number": number, "campaign": world.campaign_names[campaign]}
                for number, campaign in zip(world.callers, world.campaign.tolist(), strict=True)
            ],
            zones_h={area: ZONES_H[int(area) % 4] for area in AREAS}, flags=flags,
            trunk_blocks=[asdict(one) for one in episodes.trunk_blocks],
            outages=[asdict(one) for one in episodes.outages],
            own_refused={world.callers[n]: round(episodes.own_refused[n]) for n in np.flatnonzero(
                np.isfinite(episodes.own_refused))},
            parameters=asdict(world.parameters),
        )  # fmt: skip

    def calls(self, truths: Sequence[WorldCallTruth], record_ids: Sequence[str] = ()) -> None:
        """
        Write the truth about calls.

        Args:
            truths: one for each call.
            record_ids: what the records of each call are known by, where that is not the Call-ID.
        """
        self._calls += len(truths)
        for at, one in enumerate(truths):
            self._blocked += one.fate == "blocked"
            facts = one._asdict()
            if record_ids:
                facts["record_id"] = record_ids[at]
            self._line("call", **facts)

    def cells(self, truth: Truth) -> None:
        """Write the truth about cells."""
        self._cells += len(truth.cells)
        for cell in truth.cells:
            self._line("cell", **cell._asdict())

    def totals(self) -> None:
        """Write the last line."""
        self._line("totals", calls=self._calls, blocked=self._blocked, cells=self._cells)

    def _line(self, kind: str, /, **facts: Any) -> None:
        self._handle.write(json.dumps({"type": kind, **facts}, separators=(",", ":")) + "\n")
