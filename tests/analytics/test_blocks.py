"""Hidden blocks in calls made by hand, and in worlds whose truth is known."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from ringthrough.analytics.blocks import PROBABLE, Blocks, Kind, blocks_of, cells_sql, find_blocks, raised
from ringthrough.analytics.blocks import cells as counting
from ringthrough.analytics.blocks.cells import STEPS, Cells, cells_of, kind_of, plain, step_of
from ringthrough.analytics.blocks.chain import SHARES, posterior_of
from ringthrough.analytics.blocks.finding import EVIDENCE
from ringthrough.errors import LocalError
from ringthrough.simulate.worlds import world_named
from ringthrough.verdict import judge
from tests.analytics.judging import blocks_in, held_against, judge_world, together
from tests.analytics.made import Row, answered, row
from tests.store.made import DAY_US, START_US

A, B, C = "+12155550123", "+12155550124", "+12155550125"
DAYS = 8


def refused(**changes: Any) -> Row:
    return row(**{"verdict": "unknown_rejection", "final_code": 603, "final_phrase": "Decline", "setup_ms": 310,
                  "final_ms": 310, "hidden_candidate": True, "because": "Refused at once."} | changes)  # fmt: skip


def week(
    blocked: dict[tuple[str, int], int], *, carriers: tuple[str, ...] = ("alpha", "beta"), **ends: Any
) -> list[Row]:
    """
    Days of three numbers that make 30 calls a day to each carrier, of which three are refused.

    Args:
        blocked: number and day -> calls to the first carrier that are refused as well.
        ends: what those look like.
    """
    made = []
    for number in (A, B, C):
        for day in range(DAYS):
            for carrier in carriers:
                some = blocked.get((number, day), 0) if carrier == carriers[0] else 0
                for n in range(30):
                    # The same people for all numbers.
                    told = {"caller": number, "carrier": carrier, "callee": f"+1212555{day:02}{n:02}",
                            "at_us": START_US + day * DAY_US + n * 60_000_000}  # fmt: skip
                    if n < 3:
                        made.append(
                            refused(**told | {"final_code": 486, "final_phrase": "Busy Here", "final_ms": 900 + 70 * n})
                        )
                    elif n < 3 + some:
                        made.append(refused(**told | ends))
                    else:
                        made.append(answered(**told))
    return made


STANDING = {(A, day): 25 for day in range(3, 6)}


def test_a_block_has_a_number_a_carrier_an_onset_and_an_end() -> None:
    (spell,) = find_blocks(week(STANDING)).spells
    assert (spell.number, spell.carrier, spell.verdict) == (A, "alpha", PROBABLE)
    assert (spell.onset, spell.first, spell.last, spell.end) == ("2026-01-04", "2026-01-04", "2026-01-06", "2026-01-07")
    assert (spell.attempts, spell.explicit, spell.refused) == (90, 0, 84)
    assert spell.hidden == pytest.approx(75, abs=5)


def test_a_block_that_stands_from_the_first_day_has_no_onset() -> None:
    (spell,) = find_blocks(week({(A, day): 25 for day in range(DAYS)})).spells
    assert (spell.onset, spell.end, spell.first) == ("", "", "2026-01-01")


def test_blocks_that_say_so_and_blocks_that_do_not_are_counted_apart() -> None:
    rows = week({(A, day): 20 for day in range(3, 6)}, verdict="network_blocked", signal="sip_603_plus")
    hidden = [c if c.final_code != 603 or n % 2 else c._replace(signal="") for n, (c, _) in enumerate(rows)]
    rows = [(c, v if c.signal or c.final_code != 603 else refused()[1]) for c, (_, v) in zip(hidden, rows, strict=True)]
    (spell,) = find_blocks(rows).spells
    assert spell.verdict == PROBABLE
    assert (spell.explicit, spell.refused) == (30, 30 + 9)
    assert spell.hidden == pytest.approx(30, abs=4)


def test_the_evidence_of_a_cell_says_what_speaks_for_a_block() -> None:
    found = find_blocks(week(STANDING))
    index = next(n for n, cell in enumerate(found.cells) if cell.verdict)
    table = found.evidence(index)
    assert table.columns == EVIDENCE
    first = table.records()[0]
    assert (first["ending"], first["code"], first["calls"], first["reached_by_others"]) == ("refused", 603, 25, 25)
    assert first["weight"] > 10
    assert first["ratio"] > 10
    assert first["median_ms"] == pytest.approx(310, rel=0.2)
    last = {line["ending"]: line for line in table}["reached"]
    assert (last["code"], last["median_ms"], last["calls"]) == (None, None, 2)
    assert last["weight"] < 0
    cell = found.cells[index]
    assert cell.because.startswith("28 of 30 calls to alpha ended without ringing where ")
    assert (
        "27 of them went to people whom another number reached within 48 hours" in cell.because
        or "25 of" in cell.because
    )
    assert "so since 2026-01-04" in cell.because
    assert (cell.lift or 0) > 3
    assert cell.q < 0.01


def test_cells_are_a_table() -> None:
    found = find_blocks(week(STANDING))
    assert len(found.table()) == len(found.cells) == 3 * 2 * DAYS
    quiet = [cell for cell in found.cells if cell.number != A]
    assert all((cell.verdict, cell.share, cell.because, cell.onset) == ("", None, "", "") for cell in quiet)
    assert max(cell.posterior for cell in quiet) < 0.01


# ------------------------------------------------------------------------------------------------------------- vetoes


def test_a_route_that_fails_for_all_numbers_is_no_block() -> None:
    outage = {(number, 4): 25 for number in (A, B, C)}
    assert find_blocks(week(outage, final_code=503, final_phrase="Service Unavailable")).spells == ()


def test_what_is_refused_a_little_everywhere_is_no_block() -> None:
    some = {(number, day): 4 for number in (A, B, C) for day in range(DAYS)}
    assert find_blocks(week(some)).spells == ()
    (spell,) = find_blocks(week(some | {(A, day): 22 for day in range(4, DAYS)})).spells
    assert (spell.number, spell.onset, spell.end) == (A, "2026-01-05", "")


def test_a_list_of_dead_numbers_is_no_block() -> None:
    rows = week({(A, day): 12 for day in range(DAYS)}, final_code=404, final_phrase="Not Found", q850_cause=1)
    rows += week(
        {(A, day): 12 for day in range(DAYS)},
        carriers=("beta",),
        final_code=404,
        final_phrase="Not Found",
        q850_cause=1,
    )
    # The same people are dead for the other numbers that call them.
    dead = {call.callee for call, _ in rows if call.final_code == 404}
    rows = [(c, v) if c.callee not in dead or c.final_code == 404 else refused(**_kept(c), final_code=404,
            final_phrase="Not Found", q850_cause=1) for c, v in rows]  # fmt: skip
    assert find_blocks(rows).spells == ()


def _kept(call: Any) -> dict[str, Any]:
    return {name: getattr(call, name) for name in ("caller", "carrier", "callee", "at_us")}


def test_what_the_own_provider_refuses_at_every_carrier_is_no_block() -> None:
    rows = [
        (c, v) if c.caller != A or c.at_us < START_US + 4 * DAY_US
        else refused(**_kept(c), final_code=403, final_phrase="Forbidden", final_ms=120)
        for c, v in week({})
    ]  # fmt: skip
    found = find_blocks(rows)
    assert found.spells == ()
    assert sum(cell.own_hop for cell in found.cells) == 4 * 60
    assert all(cell.posterior == 0 for cell in found.cells if not cell.attempts)


def test_a_few_403_in_a_row_are_not_taken_for_the_own_provider() -> None:
    rows = week({(A, 3): 8}, final_code=403, final_phrase="Forbidden")
    assert sum(cell.own_hop for cell in find_blocks(rows).cells) == 0


# ---------------------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("rows", [[], [answered()], [refused()], [row()], [row(caller="", callee="", carrier="")] * 40])
def test_little_or_nothing_gives_no_block(rows: list[Row]) -> None:
    found = find_blocks(rows)
    assert found.spells == ()
    assert all(0 <= cell.posterior < 0.5 for cell in found.cells)
    assert (found.table().columns[0], len(found.table())) == ("number", len(found.cells))


def test_one_number_alone_and_no_carrier_still_has_an_onset() -> None:
    rows = [(c._replace(carrier=""), v) for c, v in week(STANDING, carriers=("",)) if c.caller == A]
    (spell,) = find_blocks(rows).spells
    assert (spell.carrier, spell.onset) == ("", "2026-01-04")
    told = [cell.because for cell in find_blocks(rows).cells if cell.verdict]
    assert told[0].startswith("28 of 30 calls to this carrier ended")


def test_absurd_clocks_and_scanners_and_blind_sources_are_left_out() -> None:
    rows = [
        refused(at_us=10**18), refused(at_us=-(10**18)), refused(kind="scanner"), refused(blind_to="ringing times"),
        refused(blind_to="refusals"), refused(final_ms=-5, setup_ms=None), answered(),
    ]  # fmt: skip
    cells = find_blocks(rows).cells
    assert sum(cell.attempts for cell in cells) <= 4
    assert sum(cell.refused for cell in cells if cell.day == "2026-01-01") == 1


def test_a_period_cuts_calls_off() -> None:
    found = find_blocks(week(STANDING), since_us=START_US + 4 * DAY_US, until_us=START_US + 6 * DAY_US)
    assert {cell.day for cell in found.cells} == {"2026-01-05", "2026-01-06"}
    assert "timestamp '2026" in cells_sql("calls", since_us=START_US)


def test_something_else_is_refused() -> None:
    with pytest.raises(LocalError, match="expected calls"):
        find_blocks(42)


def test_words_beyond_the_most_frequent_kinds_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_MOST_KINDS", 3)
    rows = [refused(final_phrase=f"Declined {n}", early_media=n % 2 == 0) for n in range(40)] + [answered()] * 50
    found = find_blocks(rows)
    assert len(found.counted.kinds) <= 5
    assert Kind("refused", 603) in found.counted.kinds
    assert found.cells[0].refused == 40


# -------------------------------------------------------------------------------------------------------------- chain


def test_days_without_calls_make_the_past_count_less() -> None:
    def chain(gap: int) -> float:
        cells = _cells(days=("2026-01-01", f"2026-01-{1 + gap:02}"))
        posterior, share = posterior_of(cells, np.array([[9.0] * len(SHARES), [0.0] * len(SHARES)]))
        assert SHARES[0] <= share[1] <= SHARES[-1]
        return float(posterior[1])

    assert chain(1) > chain(7) > 0.3


def _cells(days: tuple[str, ...]) -> Cells:
    return cells_of([[(A, "alpha", day, "reached", "", -1, 0, 30) for day in days]])


def test_nothing_has_no_posterior() -> None:
    posterior, share = posterior_of(cells_of(()), np.zeros((0, len(SHARES))))
    assert posterior.size == share.size == 0
    assert blocks_of(cells_of(())).cells == ()


# ------------------------------------------------------------------------------------------------------------ raising


def test_verdicts_of_calls_are_raised_and_say_what_they_were() -> None:
    rows = week(STANDING)
    made = list(raised(rows, find_blocks(rows)))
    assert [call for call, _ in made] == [call for call, _ in rows]
    changed = [(call, old, new) for (call, old), (_, new) in zip(rows, made, strict=True) if old != new]
    assert len(changed) == 75
    for call, old, new in changed:
        assert (call.caller, call.final_code) == (A, 603)
        assert new.verdict == "probable_block"
        assert new.confidence >= 0.9
        assert (new.rule, new.hidden_candidate) == (old.rule, True)
        assert new.because.endswith("alone it would be unknown_rejection: Refused at once.")
        assert "28 of 30 calls to alpha" in new.because


def test_calls_of_other_tables_and_times_pass_as_they_are() -> None:
    blocks = find_blocks(week(STANDING))
    others = [
        refused(at_us=10**18),
        refused(caller=A, carrier="alpha", at_us=START_US + 3 * DAY_US, final_phrase="New"),
    ]
    assert list(raised(others, blocks)) == others


@pytest.mark.parametrize(
    ("call", "step"),
    [(refused(final_ms=1), 0), (refused(final_ms=2), 4), (refused(final_ms=None, setup_ms=4), 8),
     (refused(final_ms=0), STEPS), (refused(final_ms=2_000_000_000), STEPS - 1),
     (refused(final_ms=None, setup_ms=None), STEPS)],
)  # fmt: skip
def test_a_step_is_a_quarter_of_a_doubling(call: Row, step: int) -> None:
    assert step_of(call[0]) == step


def test_the_farthest_leg_says_what_a_refusal_looks_like() -> None:
    call, _ = refused(final_code=403, far_code=603, far_phrase="Network Blocked", q850_cause=21, server="X")
    assert kind_of(call) == Kind("refused", 603, "Network Blocked", 21, "", "X")
    assert plain(kind_of(call)) == Kind("refused", 603)


# ------------------------------------------------------------------------------------------------------------- worlds


@cache
def _world(name: str, seed: int) -> tuple[Any, Blocks]:
    world = world_named(name, seed)
    return world, blocks_in(world)


def _judged() -> Iterator[Any]:
    for name in ("hidden", "flagged", "partial", "rewritten", "own-provider", "outage"):
        world, blocks = _world(name, 3)
        yield held_against(name, world, blocks)


def test_blocks_of_drawn_worlds_are_found_and_hardly_others() -> None:
    every = together("all", list(_judged()))
    assert int(every.blocked.sum()) >= 30
    assert (every.precision or 0) >= 0.95
    assert (every.recall or 0) >= 0.9
    assert every.calibration_error < 0.03


def test_nothing_is_found_where_nothing_is_blocked() -> None:
    one = judge_world("nothing", 3)
    assert one.cells > 300
    assert (one.hits, one.false, one.precision, one.recall) == (0, 0, None, None)


def test_everything_is_found_where_everything_is_blocked() -> None:
    one = judge_world("everything", 3)
    assert (one.recall or 0) > 0.95


def test_every_refusal_of_a_world_has_a_kind_that_was_counted() -> None:
    world, blocks = _world("hidden", 3)
    rows = [(call, judge(call)) for batch in world.calls() for call in batch]
    chances = {
        (kind, step) for kind, step in zip(blocks.counted.kind.tolist(), blocks.counted.step.tolist(), strict=True)
    }
    kinds = {kind: n for n, kind in enumerate(blocks.counted.kinds)}
    for call, verdict in rows:
        if verdict.hidden_candidate and verdict.verdict != "provider_blocked":
            kind = kinds.get(kind_of(call), kinds.get(plain(kind_of(call))))
            assert (kind, step_of(call)) in chances or call.final_code == 403
    truth = {told.call_id: told for _, batch in world.told() for told in batch}
    changed = [(old, new) for old, new in zip(rows, raised(rows, blocks), strict=True) if old != new]
    right = sum(truth[old[0].call_id].fate == "blocked" for old, _ in changed)
    assert len(changed) > 50
    assert right / len(changed) > 0.9


def test_posteriors_are_numbers() -> None:
    _, blocks = _world("rewritten", 3)
    assert all(math.isfinite(cell.posterior) and 0 <= cell.posterior <= 1 for cell in blocks.cells)
    assert all(0 <= chance <= 1 for chance in blocks.chances.tolist())
