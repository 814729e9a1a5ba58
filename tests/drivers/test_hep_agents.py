"""Clocks of agents: believed, moved, set right, and late."""

from __future__ import annotations

import pytest

from ringthrough.drivers.hep_agents import BELIEVED_US, DRIFT_US, MAX_AGENTS, WINDOW_US, Agent, Agents

NOW_US = 1_780_272_000_000_000
HERE = bytes((127, 0, 0, 1))


def test_an_agent_is_its_address_and_capture_id() -> None:
    agents = Agents()

    one, other, third = agents.named(HERE, 1), agents.named(HERE, 2), agents.named(b"", 1)

    assert agents.named(HERE, 1) is one
    assert [agent.number for agent in agents] == [1, 2, 3]
    assert (one.name, third.name) == ("127.0.0.1 (capture id 1)", "this host (capture id 1)")
    assert len({one, other, third}) == len(agents) == 3


def test_agents_without_end_become_one() -> None:
    agents = Agents()
    for number in range(MAX_AGENTS):
        agents.named(HERE, number)

    assert agents.named(HERE, MAX_AGENTS) is agents.named(b"", MAX_AGENTS + 1) is agents.overflow
    assert len(agents) == MAX_AGENTS


def test_a_wrong_clock_keeps_its_distances() -> None:
    agent = Agent(1, HERE, 1)
    wrong = NOW_US - BELIEVED_US - 7_000_000

    moved = [agent.correct(wrong + ms * 1_000, NOW_US + ms * 1_000 + 300) for ms in (0, 20, 412)]

    assert moved == [NOW_US + 300, NOW_US + 20_300, NOW_US + 412_300]
    assert agent.corrected == 3


@pytest.mark.parametrize("jump_us", [DRIFT_US + 1, -DRIFT_US - 1, 3_600_000_000])
def test_a_wrong_clock_that_jumps_is_measured_again(jump_us: int) -> None:
    agent = Agent(1, HERE, 1)
    agent.correct(1_000_000, NOW_US)

    assert agent.correct(1_000_000 + jump_us, NOW_US) == NOW_US
    assert agent.moved_us == NOW_US - 1_000_000 - jump_us


def test_lag_is_the_greatest_of_the_last_half_minute() -> None:
    agents = Agents()
    agent, other = agents.named(HERE, 1), agents.named(HERE, 2)

    agent.lag_us, other.lag_us = 5_000, 70_000
    assert agents.lag_us(NOW_US) == 70_000
    assert agents.lag_us(NOW_US + 1) == 70_000
    agent.lag_us = 9_000
    assert agents.lag_us(NOW_US + WINDOW_US) == 70_000
    assert agents.lag_us(NOW_US + 2 * WINDOW_US) == 9_000
    assert agents.lag_us(NOW_US + 3 * WINDOW_US) == 0
