"""
Hidden blocks on drawn worlds: precision, recall, calibration, false alarms, and which world is the worst.

    python bench/blocks.py [--draws 2-12] [--every] [--names hidden,outage] [--nothing 20]

A draw is a number; each named world has a seed of its own for it (1000 times its place among the names, plus the draw).
The model was tuned on odd draws, so that even ones are reported unless --every says otherwise. What a figure means:
tests/analytics/judging.py.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.analytics.judging import Judged, Reliability, judge_world, part_of, seed_of, together

from ringthrough.simulate.worlds import world_names


def main() -> None:
    """Judge worlds and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", default="2-12", help="a number, or first-last")
    parser.add_argument("--every", action="store_true", help="odd draws as well: the model was tuned on them")
    parser.add_argument("--names", default=",".join(world_names()), help="names of worlds, with commas between")
    parser.add_argument("--nothing", type=int, default=20, help="so many worlds in which nothing is blocked")
    parser.add_argument("--nothing-from", type=int, default=100, help="draw of the first of them; then every other")
    given = parser.parse_args()
    started = time.process_time()
    first, _, last = given.draws.partition("-")
    draws = [draw for draw in range(int(first), int(last or first) + 1) if given.every or draw % 2 == 0]
    print(f"Draws {', '.join(map(str, draws))} of each named world.\n\n{_HEAD}")
    every: list[Judged] = []
    for name in given.names.split(","):
        several = [judge_world(name, seed_of(name, draw)) for draw in draws]
        every += several
        print(_line(together(name, several)), flush=True)
    whole = together("**all**", every)
    print(_line(whole))
    print(_line(part_of(whole, "cells of whole-trunk blocks", whole.trunk)))
    print(f"\nThe worst single worlds by name:\n\n{_HEAD}")
    for what, worst in _worst(every).items():
        print(_line(worst._replace(name=f"{what}: {worst.name}")))
    print(f"\nTen bins of equal mass, expected calibration error {whole.calibration_error:.4f}:\n")
    _reliability(whole.reliability)
    print("\nThe cells of which the model is not sure, in bins of equal width:\n")
    _reliability(whole.reliability_between)
    late = whole.late
    if late.size:
        print(
            f"\nOnset, {late.size:,} spells of 20 calls or more that began within the world: {(late == 0).mean():.1%}"
            f" on the day of the first blocked call, {(abs(late) <= 1).mean():.1%} within a day,"
            f" {(late < 0).mean():.1%} early."
        )
    if given.nothing:
        _nothing(given.nothing, given.nothing_from)
    print(f"\n{time.process_time() - started:.0f} CPU seconds with drawing the worlds.")


_HEAD = (
    "| world | calls | cells | blocked | found | missed (<10 %) | false | precision | recall | ECE |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def _line(one: Judged) -> str:
    return (
        f"| {one.name} | {one.calls:,} | {one.cells:,} | {int(one.blocked.sum()):,} | {one.hits:,} |"
        f" {one.missed} ({one.missed_small}) | {one.false} | {_share(one.precision)} | {_share(one.recall)} |"
        f" {one.calibration_error:.4f} |"
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _worst(every: list[Judged]) -> dict[str, Judged]:
    """Worst worlds; one without blocked cells has no recall, one without found cells no precision."""
    judged = [one for one in every if one.cells]
    return {
        "precision": min(judged, key=lambda one: (1.0 if one.precision is None else one.precision, -one.false)),
        "recall": min(judged, key=lambda one: (1.0 if one.recall is None else one.recall, -one.missed)),
        "false alarms": max(judged, key=lambda one: one.false),
        "calibration": max(judged, key=lambda one: one.calibration_error),
    }


def _reliability(bins: list[Reliability]) -> None:
    print("| posterior from | to | mean | blocked | cells |\n|--:|--:|--:|--:|--:|")
    for one in bins:
        print(f"| {one.low:.4f} | {one.high:.4f} | {one.said:.4f} | {one.true:.4f} | {one.cells:,} |")


def _nothing(worlds: int, first: int) -> None:
    """Worlds in which nothing is blocked: each cell that is called blocked is a false alarm."""
    drawn = [judge_world("nothing", seed_of("nothing", first + 2 * n)) for n in range(worlds)]
    one = together("nothing", drawn)
    worst = max(drawn, key=lambda each: each.false)
    print(
        f"\nNothing blocked, {worlds} worlds: {one.cells:,} cells, {one.false} called blocked"
        f" ({one.false_probable} probable); by the posteriors of all cells {one.posterior.sum():.1f} are expected;"
        f" most in one world: {worst.false} of {worst.cells} ({worst.name})."
    )


if __name__ == "__main__":
    main()
