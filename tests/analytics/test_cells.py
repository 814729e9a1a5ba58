"""How the rows of the statement become cells, and what the statement says of single calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from ringthrough.analytics.blocks import Kind
from ringthrough.analytics.blocks.cells import COLUMNS_READ, OWN_RUN, REACHED, Cells, cells_of, read_cells
from ringthrough.analytics.engine import Streaming, batches_of, engine_of
from ringthrough.analytics.table import Table
from tests.analytics.made import Row, answered, row
from tests.store.made import DAY_US, START_US

A, B = "+12155550123", "+12155550124"
HOUR_US = 3_600_000_000


def refused(**changes: Any) -> Row:
    return row(**{"verdict": "unknown_rejection", "final_code": 603, "final_phrase": "Decline", "final_ms": 310,
                  "caller": A, "carrier": "alpha"} | changes)  # fmt: skip


def counted(calls: Sequence[Row]) -> Cells:
    with engine_of(calls, columns=COLUMNS_READ) as engine:
        return read_cells(engine)


class Rows:
    """An engine that gives the same rows whatever it is asked, all at once."""

    calls, columns = "t", ("number",)

    def run(self, sql: str) -> Table:
        return Table(("n",), ((1,), (2,)))

    def hold(self, *_: Any) -> str:
        return ""


def test_rows_come_in_batches_where_an_engine_can_do_that() -> None:
    assert list(batches_of(Rows(), "")) == [((1,), (2,))]
    with engine_of([answered()] * 3) as engine:
        assert isinstance(engine, Streaming)
        batches = list(batches_of(engine, f"select 7 from {engine.calls}, range(5000)"))
        assert [len(batch) for batch in batches] == [8_192, 6_808]
        assert {found for batch in batches for found in batch} == {(7,)}
        assert list(batches_of(engine, "select 1 where false")) == []


def test_cells_do_not_hang_on_how_rows_are_cut() -> None:
    made = [
        (A, "alpha", "2026-01-01", "reached", "", -1, 0, 30), (A, "alpha", "2026-01-02", "lost", "", -1, 0, 2),
        (B, "alpha", "2026-01-04", "refused", "603 0 0 7 0 Decline", 33, 1, 5),
        (B, "alpha", "2026-01-04", "refused", "603 0 0 7 0 Decline", 90, 2, 1),
        (B, "beta", "2026-01-02", "explicit", "608 0 1 0 0 ", -1, 0, 4),
        (B, "beta", "2026-01-02", "own_hop", "", -1, 0, 6),
    ]  # fmt: skip

    def cut() -> Iterator[Sequence[tuple[Any, ...]]]:
        yield []
        for one in reversed(made):
            yield [one]

    whole, single = cells_of([made]), cells_of(cut())
    assert (whole.numbers, whole.carriers) == ((A, B), ("alpha", "beta"))
    assert (whole.days, whole.gaps.tolist()) == (("2026-01-01", "2026-01-02", "2026-01-04"), [0, 1, 2])
    assert whole.kinds == single.kinds == (REACHED, Kind("explicit", 608, early=True), Kind("refused", 603, "Decline"))
    for name in ("attempts", "explicit", "refused", "own_hop", "lost", "number", "carrier", "day"):
        assert np.array_equal(getattr(whole, name), getattr(single, name)), name
    assert whole.attempts.tolist() == [30, 0, 6, 4]
    assert (whole.lost.tolist(), whole.own_hop.tolist()) == ([0, 2, 0, 0], [0, 0, 0, 6])
    assert whole.step.tolist() == [72, 33, 71, 72]


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({}, Kind("refused", 603, "Decline")),
        ({"final_phrase": ""}, Kind("refused", 603)),
        ({"final_phrase": "  two  words ", "location": "LN", "server": "a b"},
         Kind("refused", 603, "  two  words ", 0, "LN", "a b")),
        ({"final_phrase": "Ablehnung ž𝄞", "server": "Ü 1"}, Kind("refused", 603, "Ablehnung ž𝄞", 0, "", "Ü 1")),
        ({"final_phrase": "7 0", "location": "3", "q850_cause": 21, "early_media": True},
         Kind("refused", 603, "7 0", 21, "3", "", True)),
        ({"far_code": 480, "far_phrase": "Busy"}, Kind("refused", 480, "Busy")),
        ({"final_code": None, "final_phrase": ""}, Kind("refused", 0)),
        ({"verdict": "network_blocked", "final_code": 608, "server": "x", "early_media": True},
         Kind("explicit", 608, early=True)),
    ],
    ids=["plain", "no phrase", "blanks", "beyond ASCII", "digits", "farthest leg", "nothing", "explicit"],
)  # fmt: skip
def test_words_come_back_as_they_were(told: dict[str, Any], kind: Kind) -> None:
    assert counted([refused(**told)]).kinds == (REACHED, kind)


@pytest.mark.parametrize(
    ("others", "elsewhere"),
    [
        ([], 0),
        ([refused(at_us=START_US + HOUR_US)], 0),
        ([answered(caller=A, at_us=START_US + HOUR_US)], 0),
        ([refused(caller=B, at_us=START_US + HOUR_US)], 2),
        ([answered(caller=B, at_us=START_US - 48 * HOUR_US)], 1),
        ([answered(caller=B, at_us=START_US - 48 * HOUR_US - 1)], 0),
        ([answered(caller=B, at_us=START_US + 48 * HOUR_US)], 1),
        ([answered(caller=B, at_us=START_US + 48 * HOUR_US + 1)], 0),
        ([answered(caller=A), answered(caller=B, at_us=START_US + HOUR_US)], 1),
        ([answered(caller="", at_us=START_US + HOUR_US)], 1),
        ([answered(caller=B, at_us=START_US + HOUR_US, callee="+12125559999")], 0),
    ],
    ids=["alone", "same number", "reached by itself", "tried", "reached 48 h before", "earlier", "48 h after", "later",
         "by both", "by nobody", "another callee"],
)  # fmt: skip
def test_whether_another_number_reached_the_callee(others: list[Row], elsewhere: int) -> None:
    callee = "+12125550101"
    rows = [refused(at_us=START_US, callee=callee)]
    rows += [(call if call.callee == "+12125559999" else call._replace(callee=callee), said) for call, said in others]
    cells = counted(rows)
    first = cells.number[cells.cell] == cells.numbers.index(A)
    day = cells.day[cells.cell] == cells.days.index("2026-01-01")
    assert cells.elsewhere[first & day & (cells.kind > 0)].tolist()[-1] == elsewhere


def runs(length: int, carriers: tuple[str, ...], between: Row | None = None) -> Cells:
    made = [
        refused(
            final_code=403,
            carrier=carriers[n % len(carriers)],
            at_us=START_US + n * 1_000_000,
            callee=f"+1212555{n:04}",
        )
        for n in range(length)
    ]
    return counted([*made, *([between] if between else [])])


def test_a_run_of_403_over_carriers_is_the_own_provider_s() -> None:
    whole = runs(OWN_RUN, ("alpha", "beta"))
    assert (int(whole.own_hop.sum()), int(whole.attempts.sum())) == (OWN_RUN, 0)
    assert int(runs(OWN_RUN - 1, ("alpha", "beta")).own_hop.sum()) == 0
    assert int(runs(OWN_RUN, ("alpha",)).own_hop.sum()) == 0
    other = answered(caller=A, carrier="alpha", at_us=START_US + 7_500_000)
    assert int(runs(OWN_RUN, ("alpha", "beta"), other).own_hop.sum()) == 0


def test_a_run_goes_on_over_midnight() -> None:
    made = [
        refused(final_code=403, carrier=("alpha", "beta")[n % 2], at_us=START_US + DAY_US + (n - 8) * 1_000_000)
        for n in range(OWN_RUN)
    ]
    assert counted(made).own_hop.tolist() == [4, 4, 4, 3]
