"""What fails for several numbers at once is no block; what blocks several numbers at once may be one."""

from __future__ import annotations

import pytest

from ringthrough.analytics.blocks import cells_sql, find_blocks
from ringthrough.analytics.blocks.cells import Cells, cells_of
from ringthrough.analytics.blocks.outages import common_failures
from tests.analytics.made import Row
from tests.analytics.test_blocks import STANDING, A, B, C, refused, week

DAYS = tuple(f"2026-01-{n:02}" for n in range(1, 9))
NUMBERS = tuple(f"+1215555{n:04}" for n in range(10))


def cells(failed: dict[tuple[str, str], int], *, numbers: tuple[str, ...] = NUMBERS, calls: int = 30,
          days: tuple[str, ...] = DAYS) -> Cells:  # fmt: skip
    """Numbers that make so many calls a day to one carrier, some of which end with 503."""
    rows = []
    for number in numbers:
        for day in days:
            some = failed.get((number, day), 0)
            if some:
                rows.append((number, "alpha", day, "refused", "503 0 0 0 0 ", 30, 0, some))
            rows.append((number, "alpha", day, "reached", "", -1, 0, calls - some))
    return cells_of([rows])


def share_of(failed: dict[tuple[str, str], int], **size: object) -> float:
    """Share of the entries with 503 that are common."""
    counted = cells(failed, **size)  # type: ignore[arg-type]
    of = common_failures(counted)[counted.kind > 0]
    return float(of.mean()) if of.size else 0.0


DAY = DAYS[4]


@pytest.mark.parametrize(
    ("failed", "share"),
    [
        ({(number, DAY): 20 for number in NUMBERS}, 1.0),
        ({(number, day): 20 for number in NUMBERS for day in DAYS[3:5]}, 1.0),
        ({(number, DAY): 20 for number in NUMBERS[:3]}, 1.0),
        ({(number, DAY): 20 for number in NUMBERS[:2]}, 0.0),
        ({(number, DAY): 2 for number in NUMBERS}, 0.0),
        ({(number, day): 20 for number in NUMBERS for day in DAYS}, 0.0),
        ({(number, day): 20 for number in NUMBERS[:4] for day in DAYS[2:]}, 0.0),
        ({(NUMBERS[0], day): 20 for day in DAYS[4:5]}, 0.0),
        ({}, 0.0),
    ],
    ids=["all numbers on one day", "past midnight", "a route of three numbers", "two numbers", "a few calls", "always",
         "numbers that stay blocked", "one number", "nothing"],
)  # fmt: skip
def test_what_is_common(failed: dict[tuple[str, str], int], share: float) -> None:
    assert share_of(failed) == share


def test_without_other_days_most_numbers_have_to_have_it() -> None:
    one = {"days": (DAY,)}
    assert share_of({(number, DAY): 20 for number in NUMBERS}, **one) == 1.0
    assert share_of({(number, DAY): 20 for number in NUMBERS[:6]}, **one) == 1.0
    assert share_of({(number, DAY): 20 for number in NUMBERS[:5]}, **one) == 0.0


def test_few_numbers_and_few_calls_have_nothing_in_common() -> None:
    assert share_of({(number, DAY): 20 for number in NUMBERS[:2]}, numbers=NUMBERS[:2]) == 0.0
    assert share_of({(number, DAY): 4 for number in NUMBERS}, calls=4) == 0.0


def outage() -> list[Row]:
    return week({(number, 6): 20 for number in (A, B, C)}, final_code=503, final_phrase="Service Unavailable")


def test_an_outage_is_counted_and_speaks_neither_way() -> None:
    found = find_blocks(outage())
    assert found.spells == ()
    assert {cell.common for cell in found.cells} == {0, 20}
    failing = [n for n, cell in enumerate(found.cells) if cell.common]
    assert len(failing) == 3
    for n in failing:
        cell = found.cells[n]
        assert (cell.refused, cell.attempts, cell.reached, cell.q) == (23, 30, 7, pytest.approx(cell.q))
        line = next(line for line in found.evidence(n) if line["code"] == 503)
        assert (line["ratio"], line["weight"]) == (1.0, 0.0)
    assert not found.chances[found.learned.common].any()


def test_an_outage_does_not_hide_a_block_of_the_same_day() -> None:
    rows = outage()
    # A is blocked from the fifth day on; the outage of the seventh takes what the block leaves.
    block = {call.callee: call for call, _ in week({(A, day): 25 for day in range(4, 8)}) if call.final_code == 603}
    mixed = [
        (refused(caller=A, carrier="alpha", callee=c.callee, at_us=c.at_us)
         if c.caller == A and c.carrier == "alpha" and c.callee in block and c.final_code == 200 else (c, v))
        for c, v in rows
    ]  # fmt: skip
    assert [(spell.number, spell.onset) for spell in find_blocks(mixed).spells] == [(A, "2026-01-05")]


def test_blocks_known_from_other_days_stay_blocks_when_they_hit_all_numbers() -> None:
    everyone = {(number, 6): 25 for number in (A, B, C)}
    found = find_blocks(week(STANDING | everyone))
    hit = [(cell.number, cell.day) for cell in found.cells if cell.verdict]
    assert {(B, "2026-01-07"), (C, "2026-01-07"), (A, "2026-01-04")} <= set(hit)
    alone = find_blocks(week(everyone))
    assert alone.spells == ()


def test_the_statement_of_cells_takes_any_name() -> None:
    assert "from mine calls" in cells_sql("mine")
