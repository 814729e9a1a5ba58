"""Reports of two agents: copies go, repetitions stay, and nothing that only one has seen is lost."""

from __future__ import annotations

import pytest

from ringthrough.calls import Sighting
from ringthrough.drivers.hep_copies import WINDOW_US, Copies

from .hep_sender import call_messages

AT_US = 1_780_272_000_000_000
INVITE, TRYING, FINAL, ACK = call_messages("one", AT_US)
BYE = INVITE._replace(data=INVITE.data.replace(b"INVITE sip", b"BYE sip").replace(b"1 INVITE", b"2 BYE"))
NEXT_HOP = INVITE._replace(data=INVITE.data.replace(b"=z9hG4bKone", b"=z9hG4bKtwo"))
NOBODYS = INVITE._replace(data=b"INVITE x SIP/2.0\r\n\r\n")

A, B, C = 1, 2, 3
# Each step: agent, ms after the beginning by its clock, ms of arrival, message. What is left: numbers of steps.
CASES = [
    ("two agents", [(A, 0, 1, INVITE), (B, 1, 2, INVITE), (A, 20, 21, TRYING), (B, 21, 22, TRYING)], [0, 2]),
    ("three agents", [(A, 0, 1, INVITE), (B, 1, 2, INVITE), (C, 0, 2, INVITE)], [0]),
    ("one agent repeats", [(A, 0, 0, INVITE), (A, 500, 500, INVITE)], [0, 1]),
    (
        "both repeat",
        [(A, 0, 0, INVITE), (B, 0, 1, INVITE), (A, 500, 500, INVITE), (B, 501, 502, INVITE)],
        [0, 2],
    ),
    ("one has lost the first", [(B, 0, 1, INVITE), (A, 500, 500, INVITE), (B, 500, 502, INVITE)], [0, 2]),
    (
        "one has lost an answer",
        [(A, 0, 0, INVITE), (B, 0, 1, INVITE), (B, 20, 21, TRYING), (A, 400, 400, FINAL)],
        [0, 2, 3],
    ),
    ("clocks 1.9 s apart", [(A, 0, 0, INVITE), (B, 1_900, 1_900, INVITE)], [0]),
    ("clocks 9 s apart, arrived together", [(A, 0, 0, INVITE), (B, 9_000, 5, INVITE)], [0]),
    ("arrived 3 s apart, clocks together", [(A, 0, 0, INVITE), (B, 1, 3_000, INVITE)], [0]),
    ("3 s apart", [(A, 0, 0, INVITE), (B, 3_000, 3_000, INVITE)], [0, 1]),
    (
        "3 s apart, others between",
        [(A, 0, 0, TRYING), (B, 0, 0, FINAL), (A, 2_500, 2_500, TRYING), (B, 2_600, 2_600, TRYING)],
        [0, 1, 2],
    ),
    ("another CSeq", [(A, 0, 0, INVITE), (B, 0, 0, BYE)], [0, 1]),
    ("another hop", [(A, 0, 0, INVITE), (B, 0, 0, NEXT_HOP)], [0, 1]),
    ("nobody can say whose it is", [(A, 0, 0, INVITE), (B, 0, 0, NOBODYS), (A, 0, 0, NOBODYS)], [0, 1, 2]),
]


@pytest.mark.parametrize(("steps", "left"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_copies(steps: list[tuple[int, int, int, Sighting]], left: list[int]) -> None:
    copies = Copies()
    kept = []
    for number, (agent, ms, arrived_ms, message) in enumerate(steps):
        seen = message._replace(at_us=AT_US + ms * 1_000, frame=number)
        kept += copies.without(agent, [seen], AT_US + arrived_ms * 1_000)

    assert [sighting.frame for sighting in kept] == left


def test_one_agent_costs_no_more_than_two_seconds_of_memory() -> None:
    copies = Copies()
    for ms in range(0, 10_000, 100):
        copies.without(A, [INVITE], AT_US + ms * 1_000)
    assert len(copies) == WINDOW_US // 100_000 + 1


def test_two_agents_cost_no_more_than_the_last_moments() -> None:
    copies = Copies()
    for ms in range(0, 60_000, 100):
        for agent in (A, B):
            at_us = AT_US + ms * 1_000
            sighting = call_messages(f"c{ms}", at_us)[0]
            assert copies.without(agent, [sighting], at_us) == ([sighting] if agent == A else [])
    assert len(copies) <= 2 * 2 * WINDOW_US // 100_000 + 2


def test_an_empty_report_changes_nothing() -> None:
    copies = Copies()
    assert copies.without(A, [], AT_US) == []
    assert len(copies) == 0
