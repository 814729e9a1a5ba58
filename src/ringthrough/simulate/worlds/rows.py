"""
Days as rows of the call table: the columns that a capture of the same calls gives, put together by `zip`.

Columns that say where a fact was seen (`file`, `frame` and their kin) are empty: nothing was captured.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ringthrough.calls import Call
from ringthrough.simulate.worlds.answers import FIXED, blank
from ringthrough.simulate.worlds.day import Day
from ringthrough.simulate.worlds.playing import PBX_ADDRESS, PRODUCT, SBC, THROUGH_MS

if TYPE_CHECKING:
    from ringthrough.simulate.worlds.world import World

__all__ = ["Rows"]

_new = tuple.__new__
_PORT = 5060
_ENDINGS = 4096
_STRETCH = 2048
_SPARSE = 6
_DENSE = frozenset(("final_code", "final_phrase", "server", "legs", "early_media"))
"Columns that are seldom empty, or whose empty value is one."
Objects = npt.NDArray[np.object_]


class Rows:
    """
    Makes the rows of one world.

    Args:
        world: the world.
        labels: fill `trunk` and `campaign`.
    """

    def __init__(self, world: World, *, labels: bool) -> None:
        self._world = world
        self._labels = labels
        self._prefix = f"{world.seed % 2**32:08x}-"
        self._endings = [f"{number:03x}@{SBC}" for number in range(_ENDINGS)]
        self._callers = _objects(world.callers)
        self._carriers = _objects(world.carriers)
        self._attests = _objects(world.attestation)
        self._identity = _objects(["not_checked" if one else "" for one in world.attestation])
        self._trunks = _objects(world.trunks)
        self._campaigns = _objects([world.campaign_names[n] for n in world.campaign])
        carriers, trunks = range(len(world.carriers)), range(len(world.trunks))
        peers = [peer for c in carriers for t in trunks for peer in world.peers(c, t)]
        self._own_hop = len(peers)
        peers += [peer for t in trunks for peer in world.provider(t)]
        self._pbx = len(peers)
        self._hops = _objects([*(f"{peer.address}:{_PORT}" for peer in peers), f"{PBX_ADDRESS}:{_PORT}", ""])
        self.peers = peers
        "Elements by the index that `far` gives."
        columns = world.book.columns
        self._varying = {name: cells for name, cells in columns.items() if len({*cells.tolist()}) > 1}
        # Most columns of a refusal are empty in most rows.
        self._says = {
            name: np.array([cell not in ("", None) for cell in cells.tolist()]) for name, cells in self._varying.items()
        }
        empty = blank(user_agent=PRODUCT)._asdict()
        self._empty = empty
        self._constant: dict[str, Any] = empty | {name: columns[name][0] for name in FIXED if name not in self._varying}

    def far(self, day: Day, part: slice) -> npt.NDArray[np.int64]:
        """Which of `peers` is the last hop of each call."""
        turn = day.at_us[part] & 1
        route = (day.carrier[part] * len(self._world.trunks) + day.trunk[part]) * 2 + turn
        own = self._world.book.flags["own_hop"][day.recipe[part]]
        return np.where(own, self._own_hop + day.trunk[part] * 2 + turn, route)

    def _told(self, name: str, cells: Objects, recipe: npt.NDArray[np.int64]) -> list[Any]:
        """A column that the recipes settle."""
        if name in _DENSE:
            return cells[recipe].tolist()  # type: ignore[no-any-return]
        says = np.flatnonzero(self._says[name][recipe])
        if says.size * _SPARSE > recipe.size:
            return cells[recipe].tolist()  # type: ignore[no-any-return]
        made = [self._empty[name]] * recipe.size
        for at, cell in zip(says.tolist(), cells[recipe[says]].tolist(), strict=True):
            made[at] = cell
        return made

    def _call_ids(self, serial: int, count: int) -> list[str]:
        """Call-IDs of so many calls from this number on."""
        made: list[str] = []
        while len(made) < count:
            high, low = divmod(serial + len(made), _ENDINGS)
            begin = f"{self._prefix}{high:x}"
            made += map(begin.__add__, self._endings[low : low + count - len(made)])
        return made

    def batches(self, day: Day, serial: int, size: int) -> Iterator[tuple[int, list[Call]]]:
        """
        The rows of a day, in batches.

        Args:
            day: the calls.
            serial: number of its first call in the world, which makes its Call-ID.
            size: rows in a batch, at most.

        Returns:
            Pairs of the index of the first row in the day, and the rows.
        """
        # Columns are made for many rows at a time, as NumPy likes it, and rows for few, which stay in the cache.
        stretch = -(-_STRETCH // size) * size
        for start in range(0, day.size, stretch):
            rows = self._rows(day, start, min(start + stretch, day.size), serial + start)
            for first in range(start, min(start + stretch, day.size), size):
                yield first, _take(rows, size)

    def _rows(self, day: Day, start: int, stop: int, serial: int) -> Iterator[Call]:
        part = slice(start, stop)
        flags, recipe = self._world.book.flags, day.recipe[part]
        n = recipe.size
        made: dict[str, Iterable[Any]] = {name: repeat(cell) for name, cell in self._constant.items()}
        for name, cells in self._varying.items():
            made[name] = self._told(name, cells, recipe)
        made["call_id"] = self._call_ids(serial, n)
        made["at_us"] = day.at_us[part].tolist()
        caller = day.caller[part]
        made["caller"] = made["caller_raw"] = self._callers[caller].tolist()
        made["callee"] = made["callee_raw"] = self._world.people.numbers[day.callee[part]].tolist()
        made["carrier"] = self._carriers[day.carrier[part]].tolist()
        pbx, cancels = flags["pbx"][recipe], flags["cancels"][recipe]
        far = self.far(day, part)
        made["answered_by"] = self._hops[np.where(pbx, self._pbx, far)].tolist()
        made["last_hop"] = self._hops[np.where(cancels, far, self._pbx + 1)].tolist()
        rings = flags["rings"][recipe]
        first, final, cancel = day.first_ms[part], day.final_ms[part], day.cancel_ms[part]
        until = np.where(cancels, cancel, final)
        through = np.where(pbx, THROUGH_MS, 0)
        alerted = rings | flags["early"][recipe]
        made["pdd_ms"] = _known(first, alerted)
        made["ring_ms"] = _known(until - first + through, rings)
        made["setup_ms"] = made["final_ms"] = final.tolist()
        made["talk_ms"] = _known(day.talk_ms[part], flags["answered"][recipe])
        made["cancel_ms"] = _known(cancel, cancels)
        made["trying_ms"] = day.trying_ms[part].tolist()
        # Heard last before a CANCEL: the 18x, or the 100 of the far leg.
        made["silence_ms"] = _known(cancel - np.where(alerted, first, day.trying_ms[part] + through), cancels)
        made["attestation"] = self._attests[caller].tolist()
        made["identity"] = self._identity[caller].tolist()
        if self._labels:
            made["trunk"] = self._trunks[day.trunk[part]].tolist()
            made["campaign"] = self._campaigns[caller].tolist()
        columns = [made[name] for name in Call._fields]
        return map(_new, repeat(Call), zip(*columns, strict=False))


def _take(rows: Iterator[Call], size: int) -> list[Call]:
    # New tuples by the hundred would set off the collector again and again, with nothing to collect.
    watched = gc.isenabled()
    gc.disable()
    try:
        return list(islice(rows, size))
    finally:
        if watched:
            gc.enable()


def _objects(cells: Iterable[str]) -> Objects:
    several = list(cells)
    made = np.empty(len(several), dtype=object)
    made[:] = several
    return made


def _known(values: npt.NDArray[Any], known: npt.NDArray[np.bool_]) -> list[int | None]:
    cells = np.empty(values.size, dtype=object)  # filled with None
    cells[known] = values[known]
    return cells.tolist()
