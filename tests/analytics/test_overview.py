"""A period summed up: figures against calls made by hand, and against the truth of drawn worlds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from ringthrough.analytics import engine_of, metrics
from ringthrough.analytics.blocks import find_blocks
from ringthrough.analytics.overview import GROUPS, Overview, group_of, overview
from ringthrough.analytics.risk import assess
from ringthrough.calls import VERDICTS
from ringthrough.errors import LocalError
from ringthrough.simulate.worlds import world_named
from ringthrough.store import open_store
from ringthrough.verdict import judge
from tests.analytics.made import Row, answered, blocked, row, rows
from tests.store.made import DAY_US, START_US, write

A, B, C = "+12155550123", "+12155550124", "+12155550125"
ASK = {"redress_url": "https://fir.example/c/7", "blocker": "fir.example", "redress_id": "id-7"}
DAYS = 8
MIDDLE_US, END_US = START_US + 4 * DAY_US, START_US + DAYS * DAY_US


def refused(**changes: Any) -> Row:
    return row(**{"verdict": "unknown_rejection", "confidence": 0.5, "final_code": 603, "final_phrase": "Decline",
                  "setup_ms": 310, "final_ms": 310, "hidden_candidate": True} | changes)  # fmt: skip


def week(bad: dict[tuple[str, str, int], int], *, say: int = 0, calls: int = 30, **ends: Any) -> list[Row]:
    """
    Eight days of three numbers that make so many calls a day to each of two carriers, of which a third is answered.

    Args:
        bad: number, carrier and day -> calls that are blocked.
        say: of those, so many say that they are.
    """
    made = []
    for number in (A, B, C):
        for day in range(DAYS):
            for carrier in ("alpha", "beta"):
                hit = bad.get((number, carrier, day), 0)
                for n in range(calls):
                    told = {
                        "caller": number, "carrier": carrier, "callee": f"+1212555{day:02}{n:02}", "source": "capture",
                        "call_id": f"{number[-1]}-{carrier}-{day}-{n}",
                        "at_us": START_US + day * DAY_US + n * 60_000_000,
                    }  # fmt: skip
                    if n < min(say, hit):
                        made.append(blocked(**told | {"signal": "603plus", "final_phrase": "Network Blocked"} | ASK))
                    elif n < hit:
                        made.append(refused(**told | ends))
                    elif n % 3 == 0:
                        made.append(answered(**told))
                    else:
                        made.append(row(**told, verdict="no_answer", final_code=480, ring_ms=20_000, final_ms=22_000))
    return made


BEGINS = {(A, "alpha", day): 24 for day in range(5, 8)}


def summed(table: list[Row], **options: Any) -> Overview:
    return overview(table, **options)


def test_who_is_blocked_since_when_and_what_it_costs() -> None:
    found = summed(week(BEGINS, say=12), since_us=MIDDLE_US, until_us=END_US)

    assert found.calls == 4 * 6 * 30
    assert found.calls_before == 4 * 6 * 30
    assert found.numbers == 3
    assert (found.loss.explicit, found.loss.provider) == (36, 0)
    assert found.loss.hidden == pytest.approx(36, abs=3)
    assert found.loss.lost == found.loss.explicit + found.loss.hidden
    assert found.loss.before == 0
    assert (found.loss.numbers, found.loss.carriers) == (1, 1)
    (block,) = found.blocks
    assert (block.number, block.carrier, block.verdict, block.state) == (A, "alpha", "probable", "new")
    assert (block.since, block.until, block.first, block.last) == ("2026-01-06", "", "2026-01-06", "2026-01-08")
    assert (block.calls, block.explicit) == (120, 36)
    assert block.lost == found.loss.lost
    assert block.contact is not None
    assert block.contact.url == "https://fir.example/c/7"
    assert [example.reference for example in block.examples] == ["id-7"] * 3
    assert block.examples[0].at == "2026-01-08T00:11:00Z"
    assert found.change.began == (block,)
    assert found.change.lifted == ()
    moved = {(moved.carrier, moved.name, moved.better) for moved in found.change.moved}
    assert {(None, "block_rate", False), ("alpha", "block_rate", False)} <= moved
    assert "beta" not in {carrier for carrier, _, _ in moved}


def test_the_period_before_is_as_long_unless_it_is_said_where_it_begins() -> None:
    table = week(BEGINS)
    found = summed(table, since_us=MIDDLE_US, until_us=START_US + 6 * DAY_US)
    assert (found.period, found.previous) == (
        (MIDDLE_US, START_US + 6 * DAY_US), (START_US + 2 * DAY_US, MIDDLE_US),
    )  # fmt: skip
    assert (found.calls, found.calls_before) == (360, 360)
    longer = summed(table, since_us=MIDDLE_US, until_us=START_US + 6 * DAY_US, previous_since_us=START_US)
    assert (longer.previous, longer.calls_before) == ((START_US, MIDDLE_US), 720)
    assert summed(table, since_us=START_US).previous is None
    assert summed(table).previous is None
    assert summed(table, since_us=MIDDLE_US, previous_since_us=MIDDLE_US, until_us=END_US).previous is None


def test_a_block_is_new_standing_lifted_or_passing() -> None:
    bad = (
        {(A, "alpha", day): 24 for day in range(5, 8)}
        | {(B, "alpha", day): 24 for day in range(8)}
        | {(C, "beta", day): 24 for day in range(2, 6)}
        | {(A, "beta", day): 24 for day in range(5, 7)}
        | {(C, "alpha", day): 24 for day in range(1, 3)}
    )
    found = summed(week(bad, say=10), since_us=MIDDLE_US, until_us=END_US)
    states = {(block.number, block.carrier): (block.state, block.since, block.until) for block in found.blocks}
    assert states == {
        (A, "alpha"): ("new", "2026-01-06", ""),
        (B, "alpha"): ("standing", "", ""),
        (C, "beta"): ("lifted", "2026-01-03", "2026-01-07"),
        (A, "beta"): ("passing", "2026-01-06", "2026-01-08"),
    }
    began = [(bucket.at_us, bucket.began) for bucket in found.timeline if bucket.began]
    ended = [(bucket.at_us, bucket.ended) for bucket in found.timeline if bucket.ended]
    assert began == [(MIDDLE_US + DAY_US, 2)]
    assert ended == [(MIDDLE_US + 2 * DAY_US, 1), (MIDDLE_US + 3 * DAY_US, 1)]
    assert [len(found.change.began), len(found.change.lifted)] == [2, 2]


def test_a_block_that_only_the_network_names_is_one_too() -> None:
    """Too few calls for the model, or a source that does not tell ringing: the word of the network stands."""
    table = [
        *week({}), blocked(caller="+12155550199", carrier="gamma", at_us=MIDDLE_US, blind_to="ringing", call_id="one"),
        blocked(caller="+12155550199", carrier="gamma", at_us=MIDDLE_US + DAY_US, blind_to="ringing", call_id="two"),
    ]  # fmt: skip
    found = summed(table, since_us=MIDDLE_US, until_us=END_US)
    (block,) = found.blocks
    assert (block.verdict, block.state, block.posterior) == ("explicit", "new", None)
    assert (block.first, block.last, block.lost) == ("2026-01-05", "2026-01-06", 2)
    assert summed(table).blocks[0].state == "standing"


def test_answers_lost_are_an_estimate_with_ends() -> None:
    found = summed(week(BEGINS, say=24), since_us=MIDDLE_US, until_us=END_US, worth=(12.5, "EUR"))
    # Of the calls that are not blocked a third is answered, everywhere.
    assert found.answers.answers == pytest.approx(found.loss.lost / 3, rel=0.05)
    assert found.answers.low < found.answers.answers < found.answers.high
    assert found.answers.value == found.answers.answers * 12.5
    assert found.answers.currency == "EUR"
    (block,) = found.blocks
    assert block.answers == pytest.approx(found.answers.answers)
    assert summed(week(BEGINS)).answers.value is None


def test_own_provider_is_no_carrier() -> None:
    own = {"verdict": "provider_blocked", "final_code": 403, "final_phrase": "Not allowed", "trunk": "t-1"}
    table = [*week({}), *(blocked(caller=A, carrier="alpha", at_us=MIDDLE_US + n, **own) for n in range(9))]
    found = summed(table)
    assert (found.loss.explicit, found.loss.provider, found.loss.lost) == (0, 9, 9)
    assert found.loss.carriers == 0
    assert found.blocks == ()
    assert found.matrix.cells == ()
    assert [carrier.lost for carrier in found.carriers] == [0, 0]
    (action,) = (action for action in found.actions if action.kind == "provider")
    assert action.stake == 9
    assert action.why[-1] == "The commonest answer is “403 Not allowed”, 9 times (trunk t-1)."


def test_carriers_and_how_their_blocks_look() -> None:
    table = [
        *week(BEGINS, say=16),
        *(blocked(caller=B, carrier="beta", signal="608", final_code=608, at_us=MIDDLE_US + n) for n in range(4)),
    ]
    alpha, beta = summed(table, since_us=MIDDLE_US, until_us=END_US).carriers
    assert (alpha.carrier, alpha.calls, alpha.numbers) == ("alpha", 360, 1)
    assert [(sign.label, sign.explicit) for sign in alpha.signs] == [("603+", True), ("603", False)]
    assert alpha.signs[0].calls == 48
    assert alpha.signs[0].phrase == "Network Blocked"
    assert [(sign.label, sign.explicit, sign.calls) for sign in beta.signs] == [("608", True, 4)]
    assert alpha.low is not None
    assert alpha.rate is not None
    assert alpha.high is not None
    assert alpha.low < alpha.rate < alpha.high


def test_the_matrix_has_numbers_that_lost_calls() -> None:
    found = summed(week(BEGINS, say=12), since_us=MIDDLE_US, until_us=END_US)
    assert (found.matrix.numbers, found.matrix.numbers_all) == ((A,), 1)
    assert found.matrix.carriers == ("alpha", "beta")
    alpha, beta = found.matrix.cells
    assert (alpha.number, alpha.carrier, alpha.calls, beta.rate) == (A, "alpha", 120, 0)
    assert alpha.rate == pytest.approx(72 / 120, abs=0.03)


def test_figures_are_those_of_metrics() -> None:
    table = week({})
    found = summed(table, since_us=MIDDLE_US, until_us=END_US)
    (said,) = metrics(table, since_us=MIDDLE_US, inferred=True).records()
    for figure in found.figures:
        assert (figure.k, figure.n, figure.value) == (
            said[f"{figure.name}_k"], said[f"{figure.name}_n"], said[figure.name],
        )  # fmt: skip
        assert (figure.low, figure.high) == pytest.approx((said[f"{figure.name}_low"], said[f"{figure.name}_high"]))
    assert {figure.before for figure in found.figures if figure.name == "asr"} == {1 / 3}


@pytest.mark.parametrize(
    ("name", "seed"),
    [("flagged", 11), ("hidden", 8), ("quiet", 5), ("own-provider", 3), ("silent-carrier", 4), ("bad-list", 6),
     ("tdm", 1)],
)  # fmt: skip
@pytest.mark.slow
def test_figures_hold_against_the_truth_of_worlds(name: str, seed: int) -> None:
    world = world_named(name, seed, days=6, scale=0.3)
    table = [(call, judge(call)) for batch in world.calls(labels=True) for call in batch]
    middle = world.start_us + 3 * DAY_US
    found = summed(table, since_us=middle, until_us=middle + 3 * DAY_US)
    now = [cell for cell in world.truth.cells if cell.day >= "2026-06-04"]
    assert found.calls == sum(cell.attempts for cell in now)
    assert found.calls_before == sum(cell.attempts for cell in world.truth.cells) - found.calls
    assert found.loss.explicit == sum(cell.explicit for cell in now)
    blocked_calls = sum(cell.blocked for cell in now)
    assert found.loss.lost - found.loss.provider == pytest.approx(blocked_calls, rel=0.3, abs=12)
    assert sum(sum(bucket.counts) for bucket in found.timeline) == found.calls
    assert sum(carrier.calls for carrier in found.carriers) == found.calls
    assert sum(block.explicit for block in found.blocks) == found.loss.explicit


def test_timeline_counts_every_call_in_its_group() -> None:
    table = week(BEGINS, say=24)
    found = summed(table, since_us=MIDDLE_US, until_us=END_US)
    assert (found.step_s, len(found.timeline)) == (3_600, 73)
    place = list(GROUPS).index("blocked")
    assert [bucket.counts[place] for bucket in found.timeline[::24]] == [0, 24, 24, 24]
    assert sum(sum(bucket.counts) for bucket in found.timeline) == found.calls


@pytest.mark.parametrize(
    ("gap_us", "calls", "step_s"),
    [(60_000_000, 90, 60), (3_600_000_000, 90, 3_600), (DAY_US, 90, 86_400), (7 * DAY_US, 90, 604_800),
     (15 * DAY_US, 70, 2_419_200)],
)  # fmt: skip
def test_a_bucket_is_as_wide_as_a_readable_chart_needs(gap_us: int, calls: int, step_s: int) -> None:
    found = summed([answered(at_us=START_US + n * gap_us) for n in range(calls)])
    assert found.step_s == step_s
    assert sum(sum(bucket.counts) for bucket in found.timeline) == calls
    assert len(found.timeline) <= 131


def test_absurd_clocks_do_not_stretch_the_timeline() -> None:
    far = [answered(at_us=at_us) for at_us in (0, 10**15 * 4, -(10**18), 10**18 * 5)]
    found = summed([*far, *(answered(at_us=START_US + n * 3_600_000_000) for n in range(24))])
    assert found.calls == 28
    assert found.quality.astray == 2
    assert found.quality.undated == 2
    assert len(found.timeline) == 24
    assert found.period is not None
    assert found.period.since_us == START_US


def test_a_period_of_centuries_has_a_timeline_that_ends() -> None:
    found = summed([answered(at_us=0), answered(at_us=8 * 10**15)], since_us=0, until_us=10**16)
    assert len(found.timeline) == 2_000
    assert found.risk_known


def test_quality_says_what_the_figures_rest_on() -> None:
    table = [
        *[answered(source="capture", carrier="alpha", file="a.pcap")] * 3,
        *[row(source="cdr x", blind_to="code reason ringing", verdict="failed", file="b.csv")] * 4,
        row(source="cdr x", blind_to="refusals", verdict="answered", caller="", file="c.csv"),
        row(source="capture", verdict="incomplete", file="a.pcap"), row(kind="scanner"), answered(kind="scanner"),
    ]  # fmt: skip
    quality = summed(table).quality
    assert [(line.source, line.calls, set(line.blind_to)) for line in quality.sources] == [
        ("cdr x", 5, {"code", "reason", "ringing", "refusals"}), ("capture", 4, set()),
    ]  # fmt: skip
    assert (quality.scanners, quality.incomplete, quality.no_number, quality.no_carrier) == (2, 1, 1, 6)
    assert (quality.mute, quality.unscreened) == (5, 5)


def test_time_to_final_by_group() -> None:
    found = summed([*[blocked(final_ms=300)] * 3, answered(final_ms=5_000), answered(final_ms=None, setup_ms=None),
                    answered(blind_to="times")])  # fmt: skip
    assert [(bin_.group, bin_.calls) for bin_ in found.times] == [("reached", 1), ("blocked", 3)]
    for bin_, ms in zip(found.times, (5_000, 300), strict=True):
        assert bin_.low_ms <= ms < bin_.high_ms
        assert bin_.high_ms / bin_.low_ms == pytest.approx(10 ** (1 / 8))


def test_risk_comes_from_the_risk_room_with_titles_and_advice() -> None:
    found = summed(week(BEGINS, say=24), since_us=MIDDLE_US, until_us=END_US)
    assert found.risk_known
    worst = found.risk[0]
    assert worst.number == A
    assert worst.score == 100 - sum(part.points for part in worst.lost)
    network = next(part for part in worst.lost if part.factor == "network_blocks")
    assert network.title.startswith("Network blocks")
    assert network.because
    assert network.advice


def test_blocks_and_risks_that_are_known_already_are_used() -> None:
    table = week(BEGINS, say=12)
    blocks = find_blocks(table)
    risks = assess(week({}))
    found = summed(table, blocks=blocks, risks=risks)
    assert found.blocks[0].posterior == blocks.spells[0].posterior
    assert {score.number: score.score for score in risks.scores} == {entry.number: entry.score for entry in found.risk}


@pytest.mark.parametrize("table", [[], [row(kind="scanner")]], ids=["empty", "only scanners"])
def test_no_calls(table: list[Row]) -> None:
    found = summed(table, since_us=MIDDLE_US, until_us=END_US)
    assert (found.calls, found.numbers, found.loss.lost, found.loss.share) == (0, 0, 0, None)
    assert (found.previous, found.timeline, found.blocks, found.actions) == (None, (), (), ())
    assert {figure.value for figure in found.figures} == {None}


@pytest.mark.parametrize("call", [answered(), blocked(), row(), row(at_us=10**18 * 5, caller="", callee="")])
def test_one_call(call: Row) -> None:
    found = summed([call])
    assert found.calls == 1
    assert found.loss.lost == (call[1].verdict == "network_blocked")
    assert sum(carrier.calls for carrier in found.carriers) == 1


@settings(max_examples=8, deadline=None)
@given(rows())
def test_any_calls_have_an_overview(table: list[Row]) -> None:
    found = summed(table)
    calls = sum(call.kind != "scanner" for call, _ in table)
    assert found.calls == calls
    assert sum(sum(bucket.counts) for bucket in found.timeline) == calls - found.quality.astray - found.quality.undated
    assert found.loss.lost <= calls
    assert found.answers.low <= found.answers.answers + 1e-9
    assert found.answers.answers <= found.answers.high + 1e-9


def test_a_store_an_engine_and_rows_give_the_same(tmp_path: Path) -> None:
    table = week(BEGINS, say=12)
    kept = write(tmp_path / "store", table)
    of_rows = summed(table, since_us=MIDDLE_US, until_us=END_US)
    with open_store(kept) as reader:
        assert overview(reader, since_us=MIDDLE_US, until_us=END_US) == of_rows
        with engine_of(reader, columns=tuple(reader.relation().columns)) as engine:
            assert overview(engine, since_us=MIDDLE_US, until_us=END_US) == of_rows
    with pytest.raises(LocalError) as fault:
        overview(7)
    assert fault.value.problem.code == "analytics-source"


def test_every_verdict_has_a_group() -> None:
    assert {verdict for verdicts in GROUPS.values() for verdict in verdicts} == {
        *VERDICTS, "probable_block", "suspected_block",
    }  # fmt: skip
    assert group_of("something new") == "unclear"
