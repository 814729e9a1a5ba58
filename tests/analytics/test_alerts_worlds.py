"""Alerts in worlds whose truth is known, day by day as an operator would see it."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ringthrough.analytics.alerts import Alert, AlertState, evaluate
from ringthrough.report.rows import OUTPUT
from ringthrough.simulate.worlds import World, world_named
from ringthrough.store import ParquetFile, parquet_lines
from ringthrough.store.foreign import relation_of
from ringthrough.verdict import judge
from tests.analytics.alerting import only
from tests.store.made import DAY_US

DAYS = 8
LEAST_CALLS = 20
Told = list[tuple[str, Alert]]


class Played:
    """A world, its calls as a table, and what is told of them at the end of each day."""

    def __init__(self, name: str, seed: int, scale: float, folder: Path) -> None:
        self.world: World = world_named(name, seed, days=DAYS, scale=scale)
        self.fates: dict[str, Counter[str]] = defaultdict(Counter)
        self.explicit: Counter[tuple[str, str, str]] = Counter()
        path = folder / f"{name}-{seed}.parquet"
        with ParquetFile(path, OUTPUT) as table:
            for calls, truths in self.world.told():
                rows = [(call, judge(call)) for call in calls]
                table.write(parquet_lines(rows, OUTPUT))
                for (call, verdict), truth in zip(rows, truths, strict=True):
                    self.fates[call.caller][truth.fate] += 1
                    if verdict.verdict == "network_blocked":
                        day = (call.at_us - self.world.start_us) // DAY_US
                        self.explicit[call.caller, call.carrier, self.day(day)] += 1
        self.calls: Any = relation_of(path)

    def day(self, number: int) -> str:
        return f"2026-06-{number + 1:02}"

    @cache  # noqa: B019 - a handful of worlds live as long as the tests
    def told(self, kind: str) -> Told:
        """Day and alert, of one kind."""
        made: Told = []
        state, rules = AlertState(), only(kind)
        for number in range(DAYS):
            now_us = self.world.start_us + (number + 1) * DAY_US
            alerts, state = evaluate(self.calls, rules=rules, before=state, now_us=now_us)
            made += [(self.day(number), alert) for alert in alerts]
        return made


WORLDS = {"nothing 3": 0.5, "hidden 3": 0.5, "hidden 6": 0.5, "flagged 6": 0.3}


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made: dict[str, Played] = {}

    def played(label: str) -> Played:
        if label not in made:
            name, _, seed = label.partition(" ")
            made[label] = Played(name, int(seed), WORLDS[label], tmp_path_factory.mktemp("world"))
        return made[label]

    return played


@pytest.mark.slow
def test_the_world_in_which_nothing_is_blocked_gives_no_alert_of_a_block(play: Any) -> None:
    quiet = play("nothing 3")
    for kind in ("block_hidden", "block_recurring", "block_spreading", "silence"):
        assert quiet.told(kind) == []


@pytest.mark.slow
def test_drops_are_told_where_the_own_provider_refuses_a_number_and_nowhere_else(play: Any) -> None:
    quiet = play("nothing 3")
    told = {alert.number for _, alert in quiet.told("answer_drop") if alert.state == "raised"}
    refused = {number for number, fates in quiet.fates.items() if fates["own_refused"] > 0.3 * fates.total()}
    assert refused
    assert told == refused


@pytest.mark.slow
@pytest.mark.parametrize("label", ["hidden 3", "hidden 6"])
def test_onsets_of_hidden_blocks_are_told_on_their_day_or_the_next_and_nowhere_else(play: Any, label: str) -> None:
    made = play(label)
    blocked: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for cell in sorted(made.world.truth.cells, key=lambda cell: cell.day):
        if cell.blocked:
            blocked[cell.caller, cell.carrier].append(cell)
    raised = [(day, (a.number, a.carrier)) for day, a in made.told("block_hidden") if a.state == "raised"]
    assert [(day, series) for day, series in raised if not any(cell.day <= day for cell in blocked[series])] == []
    # The first day on which a block is plain to see; not where it stood from the first day of all.
    plain: dict[tuple[str, str], str] = {}
    for series, cells in blocked.items():
        for cell in cells:
            if made.day(0) < cells[0].day and cell.day < made.day(DAYS - 1) and _plain(cell):
                plain.setdefault(series, cell.day)
    assert plain
    first = {series: day for day, series in reversed(raised)}
    late = {series: (day, first.get(series)) for series, day in plain.items() if first.get(series, "9") > _next(day)}
    assert late == {}


@pytest.mark.slow
@pytest.mark.parametrize("label", ["hidden 3", "hidden 6"])
def test_an_all_clear_comes_after_the_end_and_not_before(play: Any, label: str) -> None:
    made = play(label)
    cells = made.world.truth.by_cell()
    early = []
    for day, alert in made.told("block_hidden"):
        cell = cells.get((alert.number, alert.carrier, day))
        if alert.state == "cleared" and cell is not None and cell.blocked_share >= 0.2:
            early.append((day, alert.title, cell.blocked_share))
    assert early == []
    assert any(alert.state == "cleared" for _, alert in made.told("block_hidden")) or label != "hidden 6"


@pytest.mark.slow
def test_recurring_blocks_are_told_exactly_where_three_were_seen_within_a_day(play: Any) -> None:
    made = play("flagged 6")
    told = made.told("block_recurring")
    standing: set[tuple[str, str]] = set()
    for number in range(DAYS):
        day = made.day(number)
        for when, alert in told:
            if when == day and alert.state == "cleared":
                standing.remove((alert.number, alert.carrier))
                assert made.explicit[alert.number, alert.carrier, day] == 0
        new = {(n, c) for n, c, d in made.explicit if d == day and made.explicit[n, c, d] >= 3} - standing
        assert {(a.number, a.carrier) for when, a in told if when == day and a.state == "raised"} == new
        standing |= new
    assert standing


def _plain(cell: Any) -> bool:
    return bool(cell.attempts >= LEAST_CALLS and cell.blocked_share >= 0.5)


def _next(day: str) -> str:
    return f"2026-06-{int(day[-2:]) + 1:02}"
