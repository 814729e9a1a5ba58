"""Rows of worlds are what a capture of the same calls gives, and the judge agrees with what is explicit."""

from __future__ import annotations

import gc
import io
from collections import defaultdict
from itertools import islice, pairwise

import pytest

from ringthrough.calls import FACTS, Call, Carrier, Carriers, Folder, Networks
from ringthrough.diagnosis import read_calls
from ringthrough.simulate import write
from ringthrough.simulate.worlds import FATES, World, world_named, world_names
from ringthrough.simulate.worlds.answers import assembled
from ringthrough.simulate.worlds.playing import OWN, play
from ringthrough.verdict import judge
from tests.simulate.worlds import small, told

UNSEEN = {"file", "frame", "ring_file", "ring_frame", "final_file", "final_frame"}
"Where in a capture a fact was seen: a world was never captured."
PLAYED = ("mixed", "rewritten", "tdm", "decliners", "own-provider", "outage", "everything", "bad-list")


def carriers(world: World) -> Carriers:
    """The carriers as an operator would list them: by number, because a provider may stand in between."""
    prefixes: dict[str, set[str]] = defaultdict(set)
    for number, carrier in zip(world.people.numbers.tolist(), world.people.carrier.tolist(), strict=True):
        prefixes[world.carriers[carrier]].add(number[:5])
    return Carriers(tuple(Carrier(name, (), tuple(sorted(found))) for name, found in sorted(prefixes.items())))


@pytest.mark.parametrize("name", PLAYED)
def test_a_row_is_what_a_capture_of_the_call_gives(name: str) -> None:
    world = small(name)
    folder = Folder(["day.pcap"], own=Networks([OWN]), carriers=carriers(world))
    wrong = {}
    for call, recipe, peer, reference in islice(world.plays(), 0, 2500, 10):
        (seen,) = assembled(play(call, recipe, peer, reference=reference), folder)
        for column in Call._fields:
            mine, theirs = getattr(call, column), getattr(seen, column)
            if column not in UNSEEN and (mine != theirs or type(mine) is not type(theirs)):
                wrong[column] = (mine, theirs, recipe)
    assert wrong == {}


@pytest.mark.parametrize("shape", ["ethernet", "sll2", "udp-fragments"])
def test_a_capture_of_a_world_is_read_as_its_rows(shape: str, tmp_path: object) -> None:
    world = world_named("mixed", 5, days=1, scale=0.02)
    handle = io.BytesIO()
    counts = write(world.datagrams(), handle, shape=shape)
    path = tmp_path / "world.pcap"  # type: ignore[operator]
    path.write_bytes(handle.getvalue())
    calls = read_calls(path, own=(OWN,), carriers=carriers(world))
    seen = {call.call_id: call for call, _ in calls}
    rows = [row for batch in world.calls() for row in batch]
    assert len(rows) == len(seen) > 20
    assert counts.messages >= 4 * len(rows)
    blank = dict.fromkeys(UNSEEN)
    assert [seen[row.call_id]._replace(**blank) for row in rows] == [row._replace(**blank) for row in rows]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", world_names())
def test_the_judge_agrees_with_what_is_explicit_and_claims_no_other_block(name: str) -> None:
    wrong = [
        (truth, row.final_code, row.signal)
        for row, truth in told(name)
        if (judge(row).verdict == "network_blocked") is not truth.explicit
    ]
    assert wrong == []


def test_what_else_is_said_plainly_is_judged_so() -> None:
    expected = {"answered": {"answered"}, "voicemail": {"answered"}, "unwanted": {"unwanted"}}
    expected["own_refused"] = {"provider_blocked", "unknown_rejection"}
    found: dict[str, set[str]] = defaultdict(set)
    for name in ("mixed", "own-provider", "decliners"):
        for row, truth in told(name):
            found[truth.fate].add(judge(row).verdict)
    assert {fate: found[fate] for fate in expected} == expected


def test_columns_have_the_types_of_the_schema() -> None:
    kinds = {"VARCHAR": str, "INTEGER": int, "BIGINT": int, "BOOLEAN": bool}
    rows = [row for row, _ in told("rewritten")]
    for index, column in enumerate(FACTS):
        found = {type(row[index]) for row in rows} - {type(None)}
        assert found <= {kinds[column.sql]}, column.name


def test_every_fate_befalls_somebody() -> None:
    fates = {truth.fate for name in ("mixed", "outage", "own-provider", "decliners") for _, truth in told(name)}
    assert fates == set(FATES)


def test_rows_come_in_order_of_time_with_names_of_their_own() -> None:
    world = small("mixed")
    rows = [row for row, _ in told("mixed")]
    assert all(a.at_us <= b.at_us for a, b in pairwise(rows))
    assert len({row.call_id for row in rows}) == len(rows)
    assert {(row.at_us - world.start_us) // 86_400_000_000 for row in rows} == set(range(world.day_count))


def test_the_same_world_gives_the_same_rows_however_it_is_asked() -> None:
    world = small("flagged")
    whole = [row for batch in world.calls() for row in batch]
    again = [row for batch in world_named("flagged", 1, days=4, scale=0.15).calls(batch=77) for row in batch]
    assert whole == again
    assert whole != [row for batch in world_named("flagged", 2, days=4, scale=0.15).calls() for row in batch]
    assert max(len(batch) for batch in world.calls(batch=77)) == 77


def test_labels_are_filled_when_they_are_asked_for() -> None:
    world = small("mixed")
    plain = next(world.calls(labels=False))
    labelled = next(world.calls(labels=True))
    assert {(row.trunk, row.campaign) for row in plain} == {("", "")}
    assert {row.trunk for row in labelled} <= set(world.trunks)
    campaigns = dict(zip(world.callers, (world.campaign_names[n] for n in world.campaign), strict=True))
    assert all(row.campaign == campaigns[row.caller] for row in labelled)
    assert [row._replace(trunk="", campaign="") for row in labelled] == plain


@pytest.mark.parametrize("watched", [True, False])
def test_the_collector_is_left_as_it_was(watched: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if watched else gc.disable)()
        next(small("mixed").calls())
        assert gc.isenabled() is watched
    finally:
        (gc.enable if before else gc.disable)()


def test_attested_numbers_carry_an_identity() -> None:
    found = {(row.caller, row.attestation, row.identity) for row, _ in told("everything", 2)}
    assert {identity for _, attestation, identity in found if attestation} == {"not_checked"}
    assert {identity for _, attestation, identity in found if not attestation} <= {""}
