"""What a world says is true, is: of cells, of calls, and of what its parameters promise."""

from __future__ import annotations

import io
import json
import math
from collections import Counter, defaultdict
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest

from ringthrough.simulate.worlds import KINDS, World, WorldTruthFile, world_named, world_names
from ringthrough.simulate.worlds.people import DEAD, ZONES_H
from tests.simulate.worlds import small, told

HOUR_US = 3_600_000_000


def day_of(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1e6, UTC).date().isoformat()


@pytest.mark.parametrize("name", world_names())
def test_cells_count_the_calls(name: str) -> None:
    counted: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for row, truth in told(name):
        cell = counted[row.caller, row.carrier, day_of(row.at_us)]
        cell["attempts"] += 1
        cell["blocked"] += truth.fate == "blocked"
        cell["explicit"] += truth.explicit
    cells = small(name).truth.by_cell()
    assert cells.keys() == counted.keys()
    for key, cell in cells.items():
        assert (cell.attempts, cell.blocked, cell.explicit) == tuple(
            counted[key][what] for what in ("attempts", "blocked", "explicit")
        )
        assert cell.blocked_share == cell.blocked / cell.attempts
        assert cell.kind in KINDS
        assert (cell.kind == "none") is (cell.blocked == 0)


def test_nothing_is_blocked_where_nothing_is() -> None:
    assert {cell.kind for cell in small("nothing").truth.cells} == {"none"}
    assert not any(truth.blocked_by or truth.explicit for _, truth in told("nothing"))
    assert {cell.chance for cell in small("nothing").truth.cells} == {0.0}


def test_everything_is_blocked_but_what_never_got_there() -> None:
    fates = Counter(truth.fate for _, truth in told("everything"))
    assert set(fates) <= {"blocked", "outage", "own_refused"}
    assert fates["blocked"] > 0.8 * fates.total()
    assert {(c.onset_us, c.end_us, c.changes) for c in small("everything").truth.cells} == {(None, None, False)}


@pytest.mark.parametrize("name", ["flagged", "partial", "hidden", "silent-carrier"])
def test_calls_are_blocked_while_a_flag_stands_and_only_then(name: str) -> None:
    world = small(name)
    stands: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for n, c, s in np.argwhere(np.isfinite(world.episodes.onset)).tolist():
        spell = (float(world.episodes.onset[n, c, s]), float(world.episodes.end[n, c, s]))
        stands[world.callers[n], world.carriers[c]].append(spell)
    assert stands
    blocked = 0
    for row, truth in told(name):
        at_s = (row.at_us - world.start_us) / 1e6
        on = any(onset <= at_s < end for onset, end in stands.get((row.caller, row.carrier), ()))
        assert on or truth.fate != "blocked"
        assert truth.kind == ("number" if truth.fate == "blocked" else "none")
        blocked += truth.fate == "blocked"
    assert blocked > 20


def test_cells_know_onset_and_end() -> None:
    world = small("partial")
    cells = [cell for cell in world.truth.cells if cell.kind == "number"]
    days = {(cell.onset_us is None, cell.end_us is None, cell.changes) for cell in cells}
    assert len(days) > 2
    for cell in cells:
        if cell.changes:
            edges = {day_of(at) for at in (cell.onset_us, cell.end_us) if at is not None}
            assert cell.day in edges or world.parameters.world.flag_again_share > 0
        if cell.onset_us is not None:
            assert day_of(cell.onset_us) <= cell.day


def test_a_blocked_trunk_blocks_all_its_numbers() -> None:
    for seed in range(1, 8):
        world = world_named("trunk", seed, days=6, scale=0.5)
        cells = [cell for cell in world.truth.cells if cell.kind == "trunk"]
        if len(cells) > 10:
            break
    block = world.episodes.trunk_blocks[0]
    assert len({cell.caller for cell in cells}) > 2
    assert {cell.carrier for cell in cells} <= {world.carriers[one.carrier] for one in world.episodes.trunk_blocks}
    assert block.share >= 0.85
    assert any(cell.changes for cell in cells)


def test_an_outage_hits_every_number_of_its_route_and_is_no_block() -> None:
    rows = [(row, truth) for row, truth in told("outage") if truth.fate == "outage"]
    assert len({row.caller for row, _ in rows}) > 3
    assert {(truth.blocked_by, truth.kind, truth.explicit) for _, truth in rows} == {("", "none", False)}
    codes = {row.far_code or row.final_code for row, _ in rows}
    assert codes <= {503, 500, 502, 504, 480, 603, 403, 404}


def test_the_own_provider_refuses_a_number_at_every_carrier() -> None:
    world = small("own-provider")
    refused = defaultdict(set)
    for row, truth in told("own-provider"):
        if truth.fate == "own_refused":
            refused[row.caller].add(row.carrier)
            assert row.last_hop == ""
            assert row.far_code in (None, 403)
    since = dict(zip(world.callers, world.episodes.own_refused.tolist(), strict=True))
    assert refused
    assert all(math.isfinite(since[caller]) for caller in refused)
    assert max(len(carriers) for carriers in refused.values()) > 1


def test_the_silent_carrier_never_says_so_and_the_others_do() -> None:
    world = small("silent-carrier", 3)
    said = Counter(row.carrier for row, truth in told("silent-carrier", 3) if truth.explicit)
    silent = Counter(row.carrier for row, truth in told("silent-carrier", 3) if truth.fate == "blocked")
    assert silent[world.carriers[0]] > 5
    assert said[world.carriers[0]] == 0
    assert said.total() > 5


def test_habits_of_people_hold_for_every_caller() -> None:
    fates = defaultdict(set)
    callers = defaultdict(set)
    for name in ("bad-list", "decliners"):
        world = small(name)
        dead = {world.people.numbers[n] for n in np.flatnonzero(world.people.habit == DEAD)}
        for row, truth in told(name):
            if row.callee in dead:
                fates[name].add(truth.fate)
                callers[row.callee].add(row.caller)
    assert {"answered", "declined", "voicemail"} & (fates["bad-list"] | fates["decliners"]) == set()
    assert max(len(found) for found in callers.values()) > 1


def test_people_decline_by_the_hour_of_their_own_clock() -> None:
    world = world_named("decliners", 4, days=6, scale=3)
    habits = world.parameters.carriers
    number = max(range(len(habits)), key=lambda n: habits[n].decline_swing * world.people.carrier.tolist().count(n))
    peak, declined, rang = habits[number].decline_peak_h, Counter[bool](), Counter[bool]()
    for day in world.days():
        mine = day.carrier == number
        hour = (day.at_us[mine] / 1e6 + world.people.zone_s[day.callee[mine]]) // 3600 % 24
        near = np.abs(hour + 0.5 - peak) < 2
        for at, fate in zip(near.tolist(), day.fate[mine].tolist(), strict=True):
            declined[at] += fate == 11
            rang[at] += fate in (9, 10, 11, 12, 13)
    if min(rang.values()) > 200:
        assert declined[True] / rang[True] > declined[False] / rang[False]
    assert declined.total() > 100


def test_zones_are_told_by_area_code() -> None:
    world = small("mixed")
    for n in range(0, world.people.numbers.size, 97):
        area = int(world.people.numbers[n][2:5])
        assert world.people.zone_s[n] == ZONES_H[area % 4] * 3600


def test_calls_are_tried_again_from_the_same_number_and_from_others() -> None:
    tries: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row, _ in told("mixed", 2):
        tries[row.callee].append((row.at_us, row.caller))
    quick = [
        (first[1] == second[1])
        for several in tries.values()
        for first, second in pairwise(several)
        if second[0] - first[0] < 12 * HOUR_US
    ]
    assert {True, False} == set(quick)


def test_a_sticky_engine_treats_a_retry_alike() -> None:
    for seed in range(1, 12):
        world = small("partial", seed)
        sticky = [n for n, one in enumerate(world.parameters.carriers) if one.sticky]
        seen: dict[tuple[int, int, float], set[bool]] = defaultdict(set)
        repeats: Counter[tuple[int, int, float]] = Counter()
        for day in world.days():
            for k in np.flatnonzero(np.isin(day.carrier, sticky) & (day.chance > 0)).tolist():
                if day.fate[k] in (1, 2):
                    continue
                key = (int(day.caller[k]), int(day.callee[k]), float(day.chance[k]))
                seen[key].add(bool(day.fate[k] == 0))
                repeats[key] += 1
        if max(repeats.values(), default=0) > 1:
            assert all(len(found) == 1 for found in seen.values())
            return
    pytest.fail("no world with a retry against a sticky engine")


def lines_of(world: World) -> list[dict[str, object]]:
    handle = io.StringIO()
    file = WorldTruthFile(handle)
    file.header(world, seed=1)
    for _, truths in world.told():
        file.calls(truths)
    file.cells(world.truth)
    file.totals()
    return [json.loads(line) for line in handle.getvalue().splitlines()]


def test_the_truth_file_holds_all_of_it() -> None:
    world = world_named("mixed", 3, days=2, scale=0.1)
    lines = lines_of(world)
    kinds = Counter(line["type"] for line in lines)
    totals = lines[-1]
    assert (kinds["header"], kinds["totals"]) == (1, 1)
    assert totals == {
        "type": "totals", "calls": kinds["call"], "blocked": sum(line.get("fate") == "blocked" for line in lines),
        "cells": kinds["cell"],
    }  # fmt: skip
    assert lines[0]["seed"] == 1
    assert [n["number"] for n in lines[0]["numbers"]] == list(world.callers)  # type: ignore[attr-defined]
    assert lines_of(world) == lines
