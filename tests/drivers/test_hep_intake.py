"""From packets to rows, without a socket and without a clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest

from ringthrough.calls import GRACE_US, Assembler, Call, Folder, Sighting
from ringthrough.calls.assemble import LINGER_US, PENDING_US
from ringthrough.drivers import hep_agents
from ringthrough.drivers.hep_agents import BELIEVED_US
from ringthrough.drivers.hep_intake import Intake
from ringthrough.drivers.inbox import Batch
from ringthrough.native import twin
from ringthrough.report.cutout import wrap

from .hep_sender import call_messages, old_packet, packet

NOW_US = 1_780_272_000_000_000
EDGE, CORE = bytes((192, 0, 2, 1)), bytes((192, 0, 2, 2))
NAMES = ["udp:127.0.0.1:9060", "tcp:127.0.0.1:9060", "interface:lo"]


def python_assembler() -> Assembler:
    return Assembler(Folder(NAMES, source="hep"))


def compiled_assembler() -> Assembler:
    native = twin("_native")
    if native is None:
        pytest.skip("ringthrough-native is not installed")
    made: Assembler = native.Assembler(native.Folder(NAMES, source="hep"))
    return made


@pytest.fixture(params=[python_assembler, compiled_assembler], ids=["python", "compiled"])
def new_assembler(request: pytest.FixtureRequest) -> Callable[[], Assembler]:
    made: Callable[[], Assembler] = request.param
    made()
    return made


def batch(packets: Sequence[bytes], arrived_us: int = NOW_US, *, peer: bytes = EDGE, source: int = 0) -> Batch:
    return Batch(source, arrived_us, packets, [peer] * len(packets))


def packets(messages: Sequence[Sighting], **how: object) -> list[bytes]:
    return [packet(message, **how) for message in messages]


def test_a_call_becomes_a_row(new_assembler: Callable[[], Assembler]) -> None:
    intake = Intake(new_assembler)
    intake.take_hep(batch(packets(call_messages("one", NOW_US))))
    assert (len(intake), intake.messages) == (1, 4)
    ended_us = NOW_US + 400_000 + LINGER_US + GRACE_US

    assert intake.ended(ended_us - 1) == []
    (row,) = intake.ended(ended_us)

    assert (row.call_id, row.at_us, row.final_code, row.source) == ("one", NOW_US, 603, "hep")
    assert (row.setup_ms, row.trying_ms, row.answered_by) == (400, 20, "198.51.100.2:5060")
    assert (row.file, row.frame, row.final_frame) == (NAMES[0], 1, 3)
    assert len(intake) == 0
    tally = intake.tallies[0]
    assert (tally.records, tally.sip, tally.adds_up) == (4, 4, True)


def test_every_packet_is_counted_once() -> None:
    invite, *_rest = call_messages("one", NOW_US)
    other = invite._replace(data=b"PING / HTTP/1.1\r\n\r\n")
    blank = invite._replace(data=b"\r\n\r\n")
    odd = invite._replace(data=b"\r\n" + invite.data)
    intake = Intake(python_assembler)
    no_sip = invite._replace(data=invite.data.replace(b"SIP/2.0\r\n", b"HTTP/2\r\n", 1))
    sent = [packet(message) for message in (invite, odd, other, blank, no_sip)]
    sent += [old_packet(invite), packet(invite)[:-1], b"hello", b"\r\n"]
    intake.take_hep(batch(sent))

    tally = intake.tallies[0]
    assert (tally.records, tally.sip, tally.messages) == (9, 3, 3)
    assert tally.skipped == {"hep-other": 2, "keepalive": 2, "not-hep": 1}
    assert tally.bad == {"bad-hep": 1}
    assert tally.adds_up


def test_what_makes_no_call_is_told_by_method() -> None:
    invite, *_rest = call_messages("one", NOW_US)
    options = invite._replace(data=invite.data.replace(b"INVITE", b"OPTIONS"))
    intake = Intake(python_assembler, most_open=1)
    intake.take_hep(batch([packet(options)]))
    intake.take_hep(batch(packets([m for n in range(3) for m in call_messages(f"c{n}", NOW_US)])))
    intake.take_hep(batch([packet(options)]))
    assert intake.others == {"OPTIONS": 2}


def test_a_connection_has_one_peer_for_all(new_assembler: Callable[[], Assembler]) -> None:
    intake = Intake(new_assembler)
    intake.take_hep(Batch(1, NOW_US, packets(call_messages("one", NOW_US)), (EDGE,)))
    (row,) = intake.finish()
    assert (row.file, row.cut) == (NAMES[1], "")


def test_two_agents_make_one_call(new_assembler: Callable[[], Assembler]) -> None:
    messages = call_messages("one", NOW_US)
    intake = Intake(new_assembler)
    for message in messages:
        intake.take_hep(batch([packet(message, capture_id=1)]))
        intake.take_hep(batch([packet(message._replace(at_us=message.at_us + 30_000), capture_id=2)], peer=CORE))
    (row,) = intake.finish()

    assert (row.retransmissions, row.duplicates, row.setup_ms) == (0, 0, 400)
    assert intake.tallies[0].notes == {"seen-by-another": 3}  # an ACK is counted, and looked at no further
    assert [agent.messages for agent in intake.agents] == [4, 4]


def test_what_one_agent_lost_the_other_has(new_assembler: Callable[[], Assembler]) -> None:
    invite, trying, final, _ack = call_messages("one", NOW_US)
    intake = Intake(new_assembler)
    intake.take_hep(batch([packet(invite, capture_id=1), packet(invite, capture_id=2), packet(trying, capture_id=2)]))
    intake.take_hep(batch([packet(final, capture_id=1)]))
    (row,) = intake.finish()
    assert (row.final_code, row.trying_ms, row.retransmissions) == (603, 20, 0)


# ------------------------------------------------------------------ clocks


@pytest.mark.parametrize("off_s", [-BELIEVED_US / 1e6, -4.0, 0.0, 4.0, BELIEVED_US / 1e6])
def test_a_clock_that_may_be_right_is_believed(off_s: float) -> None:
    at_us = NOW_US - round(off_s * 1e6)
    intake = Intake(python_assembler)
    intake.take_hep(batch(packets(call_messages("one", at_us)[:1])))
    (row,) = intake.finish()
    assert row.at_us == at_us
    assert intake.tallies[0].notes == {}


@pytest.mark.parametrize(
    "at_us", [1_000_000, NOW_US - BELIEVED_US - 1, NOW_US + BELIEVED_US + 1, 4_294_967_295_000_000]
)
def test_an_absurd_clock_is_set_right_and_named(at_us: int) -> None:
    intake = Intake(python_assembler)
    messages = call_messages("one", at_us)[:3]
    sent = [m._replace(at_us=min(m.at_us, 4_294_967_295_999_999)) for m in messages]
    for message, sent_as in zip(messages, sent, strict=True):
        intake.take_hep(batch([packet(sent_as)], NOW_US + message.at_us - at_us))
    (row,) = intake.finish()

    assert row.at_us == NOW_US
    assert row.final_code == 603
    if sent == messages:
        assert row.setup_ms == 400
    assert intake.tallies[0].notes == {"clock-corrected": 3}
    assert [agent.corrected for agent in intake.agents] == [3]


def test_a_clock_that_somebody_sets_is_believed_again() -> None:
    intake = Intake(python_assembler)
    intake.take_hep(batch(packets(call_messages("one", NOW_US - 2 * BELIEVED_US)[:1])))
    intake.take_hep(batch(packets(call_messages("two", NOW_US + 60_000_000)[:1]), NOW_US + 60_000_000))
    assert [row.at_us for row in intake.finish()] == [NOW_US, NOW_US + 60_000_000]
    assert intake.tallies[0].notes == {"clock-corrected": 1}


def test_a_packet_without_a_time_gets_that_of_its_arrival() -> None:
    intake = Intake(python_assembler)
    intake.take_hep(batch([packet(call_messages("one", NOW_US)[0]._replace(at_us=0))], NOW_US + 5))
    assert [row.at_us for row in intake.finish()] == [NOW_US + 5]
    assert intake.tallies[0].notes == {"clock-missing": 1}


def test_agents_beyond_all_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hep_agents, "MAX_AGENTS", 2)
    intake = Intake(python_assembler)
    wrong = call_messages("one", 5_000_000)[0]
    intake.take_hep(batch([packet(wrong, capture_id=n) for n in range(4)]))
    assert intake.tallies[0].notes["agent-overflow"] == 2


def test_an_agent_that_delivers_late_does_not_find_its_calls_closed() -> None:
    """An outage of 100 s: the agent kept the messages, and sends them all with their own times."""
    late_us = 100_000_000
    invite, trying, final, _ack = call_messages("one", NOW_US)
    intake = Intake(python_assembler)
    intake.take_hep(batch(packets([invite, trying]), NOW_US + late_us))
    final = final._replace(at_us=NOW_US + PENDING_US - 1_000_000)
    assert intake.ended(NOW_US + PENDING_US + GRACE_US + 5_000_000) == []

    intake.take_hep(batch([packet(final)], final.at_us + late_us))

    (row,) = intake.finish()
    assert (row.final_code, row.method) == (603, "INVITE")


def test_a_replay_ends_calls_by_its_own_times(new_assembler: Callable[[], Assembler]) -> None:
    old_us = NOW_US - 10**15
    intake = Intake(new_assembler, replay=True)
    for number in range(5):
        intake.take_hep(batch(packets(call_messages(f"c{number}", old_us + number * 60_000_000))))
    rows = intake.ended(NOW_US)

    assert [row.call_id for row in rows] == ["c0", "c1", "c2", "c3"]
    assert rows[0].at_us == old_us
    assert [row.call_id for row in intake.finish()] == ["c4"]


# ------------------------------------------------------------------ bounds


def test_more_open_calls_than_allowed_are_given_up_and_counted(new_assembler: Callable[[], Assembler]) -> None:
    intake = Intake(new_assembler, most_open=100)
    rows: list[Call] = []
    for number in range(250):
        intake.take_hep(batch(packets(call_messages(f"c{number}", NOW_US + number)[:2])))
        assert len(intake) <= 101
        rows += intake.ended(NOW_US + 1_000_000)
    given_up = len(rows)
    rows += intake.finish()

    assert intake.given_up == given_up == 150
    assert [row.call_id for row in rows] == [f"c{number}" for number in range(250)]
    assert {row.cut for row in rows} == {"end"}
    assert all(before.at_us <= after.at_us for before, after in pairwise(rows))


# ------------------------------------------------------------------ interfaces


def test_frames_of_an_interface(new_assembler: Callable[[], Assembler]) -> None:
    intake = Intake(new_assembler)
    messages = call_messages("one", NOW_US)
    frames = [wrap(message, message.data) for message in messages]
    intake.take_frames(Batch(2, NOW_US, frames, (), [message.at_us for message in messages]), 1)
    intake.take_frames(Batch(2, NOW_US + 5, [b"x" * 20], ()), 1)
    (row,) = intake.finish()

    assert (row.file, row.frame, row.final_frame, row.setup_ms) == (NAMES[2], 1, 3, 400)
    tally = intake.tallies[2]
    assert (tally.records, tally.sip, tally.adds_up) == (5, 4, True)


def test_an_agent_and_a_tap_on_the_same_host_make_one_call(new_assembler: Callable[[], Assembler]) -> None:
    intake = Intake(new_assembler)
    for message in call_messages("one", NOW_US):
        intake.take_frames(Batch(2, message.at_us, [wrap(message, message.data)], ()), 1)
        intake.take_hep(batch([packet(message)], message.at_us))
    (row,) = intake.finish()
    assert (row.retransmissions, row.duplicates) == (0, 0)
    assert intake.tallies[0].notes == {"seen-by-another": 3}


def test_messages_that_no_record_could_carry(new_assembler: Callable[[], Assembler]) -> None:
    """Over TLS, over IPv6, with a method of their own: the compiled assembler is given these as they are."""
    v6 = {"src": bytes(16), "dst": bytes(range(16)), "transport": "tls"}
    invite, trying, final, _ack = call_messages("one", NOW_US)
    other = invite._replace(data=invite.data.replace(b"INVITE", b"FROB"))
    plain = call_messages("two", NOW_US)[0]
    intake = Intake(new_assembler)
    intake.take_hep(batch(packets([plain, invite._replace(**v6), other, trying._replace(**v6), final._replace(**v6)])))
    rows = intake.finish()
    assert sorted((row.call_id, row.final_code) for row in rows) == [("one", 603), ("two", None)]
    assert intake.others == {"FROB": 1}
