"""A border between two readers, at whatever message it lies, changes no row; see `Assembler.begin_shard`."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.calls import Sighting
from tests.calls.scene import A, B, Stage, request, response
from tests.properties.scenes import ended, ended_in_shards, scene

EVERY = frozenset(range(100_000))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(1, 12), dense=st.booleans(), data=st.data())
def test_borders_anywhere_change_nothing(seed: int, dense: bool, data: st.DataObject) -> None:
    messages = scene(seed, duration_s=90 if dense else 500)
    places = st.integers(1, len(messages) - 1)
    borders = data.draw(st.sets(places, min_size=1, max_size=4))
    flushes = data.draw(st.one_of(st.just(EVERY), st.frozensets(places, max_size=30)))

    assert ended_in_shards(messages, borders, flushes) == ended(messages)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [21, 22])
def test_a_border_at_every_message(seed: int) -> None:
    messages = scene(seed, calls=60, duration_s=120)
    whole = ended(messages)

    wrong = [n for n in range(1, len(messages), 3) if ended_in_shards(messages, [n], EVERY) != whole]

    assert wrong == []


def played(stage: Stage) -> list[Sighting]:
    return sorted(stage.sightings, key=lambda s: (s.at_us, s.frame))


def at_every_border(stage: Stage) -> list[Sighting]:
    messages = played(stage)
    whole = ended(messages)
    for border in range(1, len(messages)):
        assert ended_in_shards(messages, [border], EVERY) == whole, border
        for other in range(border + 1, len(messages)):
            assert ended_in_shards(messages, [border, other], EVERY) == whole, (border, other)
    return messages


@pytest.mark.parametrize("method", ["INVITE", "UPDATE", "INFO"])
def test_a_call_of_hours_is_kept_alive_by_requests_behind_the_border(method: str) -> None:
    """Nothing but a refresh within the dialog says that it lasts, and the part it falls into has not seen it begin."""
    stage = Stage().call(0, A, B, "INVITE 100 180+1 200+2 ACK")
    for hours in (3, 6, 9):
        stage.say(hours * 3600, A, B, request(method, cseq=hours, branch=f"z9hG4bK{hours}", to_tag="t1"))
    stage.say(10 * 3600, A, B, request("BYE", cseq=20, branch="z9hG4bKbye", to_tag="t1"))

    at_every_border(stage)

    assert stage.row().talk_ms == 10 * 3_600_000 - 3_100


def test_a_route_advance_and_a_call_id_used_again_at_the_border() -> None:
    stage = Stage().call(0, A, B, "INVITE 100 503 ACK")
    stage.call(0.5, A, "203.0.113.30", "INVITE 100 486+1 ACK", call_id="next", branch="z9hG4bKn")
    stage.call(60, A, B, "INVITE 100 180 200+3 ACK BYE+9 ", from_tag="g1", branch="z9hG4bKg")
    stage.call(75, A, B, "INVITE 100 486", from_tag="h1", branch="z9hG4bKh")

    at_every_border(stage)

    assert [row.final_code for row in stage.rows()] == [486, 200, 486]


def test_answers_without_their_request_at_the_border() -> None:
    stage = Stage().say(0, B, A, response(180, "Ringing"))
    stage.say(1, A, B, request("CANCEL"))
    stage.say(1.1, B, A, response(487, "Request Terminated"))
    stage.say(50, B, A, request("BYE", call_id="other", to_tag="t", cseq=9))

    at_every_border(stage)

    assert [row.cut for row in stage.rows()] == ["start", "start"]
