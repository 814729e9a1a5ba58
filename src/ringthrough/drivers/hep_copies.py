"""
Messages that two agents have seen: the second report is a copy, a repetition by the same agent is none.

Theory of operation
- Two agents on the way of a message both report it: same Call-ID, CSeq, start line and top Via branch, within
  WINDOW_US. A proxy that passes a message on changes the branch on top, so the next hop is no copy.
- A retransmission (RFC 3261 §17: after 500 ms and later) looks the same, but comes from the same agent once more. So
  each transmission is a list of the agents that have reported it, and a report belongs to the first one that does not
  have its agent yet. What one agent lost, the other has: nothing is counted twice, and nothing missed.
- As long as there is one agent no message is looked at: the last ones are only kept, for the moment at which a second
  agent appears.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from ringthrough.calls import Sighting
from ringthrough.captures import Row
from ringthrough.wire.peek import peek

__all__ = ["RECORD_HEAD", "WINDOW_US", "Copies", "Report"]

Report = Sighting | Row
"A message, or the record of a capture that would hold it: Ethernet, IPv4, UDP, message."
RECORD_HEAD = 42
"Octets in front of the message of such a record."

WINDOW_US = 2_000_000
"How far apart two reports of one message may be, by the clocks of the agents or by their arrival."
_Key = tuple[bytes, int, bytes, bytes]
_Transmission = tuple[int, int, list[int]]


class Copies:
    """Takes copies out of what agents report."""

    def __init__(self) -> None:
        self._agent = 0
        self._several = False
        self._kept: deque[tuple[int, Sequence[Report]]] = deque()
        # Two generations: what is in the older one is too old when the next one begins.
        self._young: dict[_Key, list[_Transmission]] = {}
        self._old: dict[_Key, list[_Transmission]] = {}
        self._since_us = 0

    def __len__(self) -> int:
        return len(self._young) + len(self._old) + sum(len(found) for _at, found in self._kept)

    def without(self, agent: int, found: list[Report], arrived_us: int) -> list[Report]:
        """
        Return what no other agent has reported.

        Args:
            agent: number of the agent, from 1.
            found: what it reports, in order.
            arrived_us: when this came, by the clock of this host.
        """
        if not self._several:
            if self._agent in (0, agent):
                self._agent = agent
                self._keep(found, arrived_us)
                return found
            self._several = True
            for at_us, kept in self._kept:
                for report in kept:
                    self._is_copy(self._agent, report, at_us)
            self._kept.clear()
        if arrived_us - self._since_us > 2 * WINDOW_US:
            self._old, self._young, self._since_us = self._young, {}, arrived_us
        return [report for report in found if not self._is_copy(agent, report, arrived_us)]

    def _keep(self, found: Sequence[Report], arrived_us: int) -> None:
        kept = self._kept
        if found:
            kept.append((arrived_us, found))
        while kept and arrived_us - kept[0][0] > WINDOW_US:
            kept.popleft()

    def _is_copy(self, agent: int, report: Report, arrived_us: int) -> bool:
        data = report.data if isinstance(report, Sighting) else report[3][RECORD_HEAD:]
        seen = peek(data)
        if seen is None or not seen.call_id:
            return False  # whose message it is, nobody can say
        key = (seen.call_id, seen.cseq, data[: data.find(b"\n")], seen.branch)
        at_us = report[0]
        transmissions = self._young.get(key)
        if transmissions is None:
            transmissions = self._old.pop(key, None)
            if transmissions is None:
                self._young[key] = [(at_us, arrived_us, [agent])]
                return False
            self._young[key] = transmissions
        for its_us, its_arrival_us, agents in transmissions:
            near = abs(at_us - its_us) <= WINDOW_US or abs(arrived_us - its_arrival_us) <= WINDOW_US
            if near and agent not in agents:
                agents.append(agent)
                return True
        transmissions.append((at_us, arrived_us, [agent]))
        return False
