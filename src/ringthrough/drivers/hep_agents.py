"""
Agents and their clocks: who reports, and how far the times in the reports can be believed.

Facts
- The time in a HEP packet is the agent's: it knows when the message passed, and the network between adds nothing to it.
  So it is believed as long as the clock could be right: within BELIEVED_US of the time of arrival.
- A clock further off is wrong, or the packets come from an old capture. Its times are moved by one and the same amount
  as long as the result stays within DRIFT_US of the arrival, so that durations stay exact.
- Calls are over by the clock of this host. `lag_us` is how late messages have come lately: calls are closed that much
  later, so that an agent that delivers what it kept during an outage does not find them closed.
"""

from __future__ import annotations

from collections.abc import Iterator

from ringthrough.calls import host

__all__ = ["BELIEVED_US", "Agent", "Agents"]

BELIEVED_US = 300_000_000
"Five minutes: as much as Kerberos lets clocks differ (RFC 4120 §8.2), and longer than most outages of a network."
DRIFT_US = 2_000_000
MAX_AGENTS = 4_096
"Agents that are told apart: capture ids are four octets of a stranger, who could make up any number of them."
WINDOW_US = 30_000_000


class Agent:
    """One that reports: an address and a capture id."""

    def __init__(self, number: int, address: bytes, capture_id: int) -> None:
        self.number = number
        self.address = address
        self.capture_id = capture_id
        self.messages = 0
        "Messages it has reported."
        self.corrected = 0
        "Messages of it whose time was moved."
        self.moved_us = 0
        "By how much they are moved; 0 while its clock is believed."
        self.last_moved_us = 0
        "By how much they were moved when that was last found."
        self.lag_us = 0
        "Greatest lag of a message believed, in the window at hand."

    @property
    def name(self) -> str:
        """Address and capture id, for people."""
        return f"{host(self.address) or 'this host'} (capture id {self.capture_id})"

    def correct(self, at_us: int, arrived_us: int) -> int:
        """Move a time that cannot be believed."""
        self.corrected += 1
        moved = at_us + self.moved_us
        if not -DRIFT_US <= arrived_us - moved <= DRIFT_US:
            self.moved_us = self.last_moved_us = arrived_us - at_us
            return arrived_us
        return moved


class Agents:
    """All agents heard of."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, int], Agent] = {}
        self._lags_us = [0, 0]
        self._window_us = 0
        self.overflow = Agent(0, b"", 0)
        "Takes the place of every agent beyond MAX_AGENTS."

    def __len__(self) -> int:
        return len(self._known)

    def __iter__(self) -> Iterator[Agent]:
        return iter(self._known.values())

    def named(self, address: bytes, capture_id: int) -> Agent:
        """Return the agent of an address and capture id."""
        key = (address, capture_id)
        agent = self._known.get(key)
        if agent is None:
            if len(self._known) >= MAX_AGENTS:
                return self.overflow
            agent = self._known[key] = Agent(len(self._known) + 1, address, capture_id)
        return agent

    def lag_us(self, now_us: int) -> int:
        """How late messages have come in the last half minute or so; never negative."""
        lag = 0
        for agent in self._known.values():
            if agent.lag_us > lag:
                lag = agent.lag_us
            agent.lag_us = 0
        before, present = self._lags_us
        if now_us - self._window_us >= WINDOW_US:
            before, present, self._window_us = present, 0, now_us
        self._lags_us = [before, max(present, lag)]
        return max(before, present, lag)
