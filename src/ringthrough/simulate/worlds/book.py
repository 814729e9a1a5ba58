"""
The book of recipes of a world: every recipe by number, as arrays, and a table to draw from.

A group is a carrier, a trunk and a fate; behind these groups there is one for each outage. The table has `SLOTS`
entries for each group, which hold recipes as often as their weights ask for. A recipe that names a reference has one
entry for each calling number, side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ringthrough.simulate.worlds.answers import FIXED, Answers
from ringthrough.simulate.worlds.episodes import Outage
from ringthrough.simulate.worlds.parameters import WorldParameters
from ringthrough.simulate.worlds.recipes import (
    FATES,
    ID_MARK,
    Element,
    Recipe,
    Weighted,
    carrier_recipes,
    outage_recipe,
)

__all__ = ["SLOTS", "Book", "make_book"]

SLOTS = 256
"Entries of each group: weights are kept to one part in 256."


@dataclass(frozen=True, slots=True)
class Book:
    """All recipes of a world, by number."""

    recipes: tuple[Recipe, ...]
    "The recipes; those with a reference stand once for each calling number."
    table: npt.NDArray[np.int32]
    "Recipe by group * SLOTS + slot."
    columns: dict[str, npt.NDArray[np.object_]]
    "Columns `FIXED` by recipe."
    times: dict[str, npt.NDArray[np.float32]]
    "Logarithms of medians, and spreads, by recipe."
    flags: dict[str, npt.NDArray[np.bool_]]
    "rings, early, cancels, answered, explicit, pbx, own_hop, personal by recipe."
    cancel: npt.NDArray[np.int32]
    "Recipe of giving up, by recipe: what a call turns into when our patience ends first."


def make_book(
    parameters: WorldParameters,
    elements: Sequence[Element],
    trunks: Sequence[str],
    outages: Sequence[Outage],
    references: Sequence[str],
) -> Book:
    """
    Write the book of a world.

    Args:
        parameters: of the world.
        elements: names of each carrier's elements.
        trunks: names of the trunks.
        outages: each has a recipe of its own.
        references: what blocks name each calling number by.
    """
    writer = _Writer(references)
    for element, carrier in zip(elements, parameters.carriers, strict=True):
        for name, trunk in zip(trunks, parameters.trunks, strict=True):
            made = carrier_recipes(element, carrier, trunk, name)
            for fate in FATES:
                writer.group(made.get(fate, []), made["abandoned"])
    for outage in outages:
        trunk = parameters.trunks[outage.trunk]
        edge = elements[outage.carrier].edge if outage.carrier >= 0 and trunk.direct >= 0.5 else trunks[outage.trunk]
        writer.group([(1.0, outage_recipe(outage.kind, outage.slow, edge, pbx=trunk.own_pbx >= 0.5))], [])
    return writer.book()


class _Writer:
    def __init__(self, references: Sequence[str]) -> None:
        self._references = references
        self._answers = Answers()
        self._recipes: list[Recipe] = []
        self._places: dict[Recipe, int] = {}
        self._rows: list[tuple[object, ...]] = []
        self._cancel: list[int] = []
        self._personal: list[bool] = []
        self._table: list[npt.NDArray[np.int32]] = []

    def group(self, several: Sequence[Weighted], giving_up: Sequence[Weighted]) -> None:
        """Add a group; without recipes it is never drawn from."""
        if not several:
            self._table.append(np.zeros(SLOTS, dtype=np.int32))
            return
        places = []
        for _, recipe in several:
            place = self._place(recipe)
            if (recipe.rings or recipe.early) and not recipe.cancels:
                # All our cancelled calls look alike but for the ringing.
                other = next((one for _, one in giving_up if one.rings == recipe.rings), recipe)
                self._cancel[place] = self._place(other)
            places.append(place)
        weights = np.array([weight for weight, _ in several])
        ends = np.rint(np.cumsum(weights / weights.sum()) * SLOTS).astype(int)
        self._table.append(np.repeat(np.array(places, dtype=np.int32), np.diff(ends, prepend=0)))

    def _place(self, recipe: Recipe) -> int:
        place = self._places.get(recipe)
        if place is not None:
            return place
        place = self._places[recipe] = len(self._recipes)
        row = self._answers.columns(recipe)
        personal = any(ID_MARK in value for _, value in recipe.headers)
        copies = [_named(row, reference) for reference in self._references] if personal else [row]
        self._recipes += [recipe] * len(copies)
        self._rows += copies
        self._cancel += range(place, place + len(copies))
        self._personal += [personal] * len(copies)
        return place

    def book(self) -> Book:
        recipes = tuple(self._recipes)
        columns: dict[str, npt.NDArray[np.object_]] = {}
        for index, name in enumerate(FIXED):
            columns[name] = np.empty(len(recipes), dtype=object)
            columns[name][:] = [row[index] for row in self._rows]

        def measured(name: str) -> npt.NDArray[np.float32]:
            return np.array([getattr(one, name) for one in recipes], dtype=np.float32)

        def marked(values: list[bool]) -> npt.NDArray[np.bool_]:
            return np.array(values, dtype=bool)

        times = {name: measured(name) for name in ("first_spread", "last_spread", "talk_spread", "adds_ms")}
        for name in ("first_ms", "last_ms", "talk_ms"):
            times[name] = np.log(np.maximum(measured(name), 0.001)).astype(np.float32)
        flags = {
            "rings": marked([one.rings for one in recipes]),
            "early": marked([one.early for one in recipes]),
            "cancels": marked([one.cancels for one in recipes]),
            "answered": marked([one.code == 200 for one in recipes]),
            "explicit": marked([one.explicit for one in recipes]),
            "pbx": marked([one.near is not None for one in recipes]),
            "own_hop": marked([one.own_hop for one in recipes]),
            "personal": marked(self._personal),
        }
        return Book(recipes, np.concatenate(self._table), columns, times, flags, np.array(self._cancel, dtype=np.int32))


def _named(row: tuple[Any, ...], reference: str) -> tuple[object, ...]:
    return tuple(cell.replace(ID_MARK, reference) if isinstance(cell, str) else cell for cell in row)
