"""
A `Scene`: one call while it is being played. It collects the datagrams and writes down the truth beside them.

Times inside a scene are milliseconds since its start, because that is how a scenario reads best.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from ringthrough.simulate.datagrams import SIP, Datagram
from ringthrough.simulate.styles import STYLES
from ringthrough.simulate.truth import CallTruth
from ringthrough.simulate.world import Host, Party, World

__all__ = ["HOP_US", "Habits", "Scene"]

HOP_US = 300
"What one more hop adds to the way of a message, microseconds."
_MIRROR_US = (4, 90)
_RESEND_MS = 500  # T1, RFC 3261 §17.1.1.1


@dataclass(frozen=True, slots=True)
class Habits:
    """What may befall any call, whatever its scenario. Each is a share of calls, 0..1."""

    proxied: float = 0.0
    "Calls that are seen on both sides of our proxy, under one Call-ID."
    mirrored: float = 0.0
    "Calls whose frames a mirror port copies (datagrams only)."
    repeated: float = 0.0
    "Calls with repeated messages (datagrams only: RFC 3261 §17.1.1.2)."
    identity: float = 0.0
    "INVITEs that carry an Identity header, which makes them larger than one Ethernet frame."
    styles: int = len(STYLES)
    "How many of the styles elements write messages in, the plainest first."


class Scene:
    """One call, or one event of noise, while it is being played."""

    def __init__(
        self,
        rng: Random,
        world: World,
        *,
        scenario: str,
        start_us: int,
        window_us: tuple[int, int],
        party: Party,
        habits: Habits,
        transport: str = "udp",
    ) -> None:
        self.rng = rng
        self.world = world
        self.start_us = start_us
        self.window_us = window_us
        self.party = party
        self.habits = habits
        self.transport = transport
        self.truth = CallTruth(scenario, at_us=start_us, caller=party.caller, callee=party.callee)
        self.truth.carrier = party.carrier.name
        self.kept = True
        "The truth of this scene belongs in the truth file: false for noise."
        self.out: list[Datagram] = []
        self.decided_us: int | None = None
        "When the first final response or CANCEL of any leg was seen: what an edge may not cut in half."
        self.answered_us: int | None = None
        "When the caller's ACK of the answer was seen."
        self.pairs: list[tuple[Datagram, Datagram]] = []
        "INVITE and its first response other than 100; final response and its ACK: what may be repeated."

    def between(self, low: int, high: int) -> int:
        """Draw a time, ms, both ends included."""
        return self.rng.randint(low, high)

    def chance(self, share: float) -> bool:
        """Draw whether something of the given share happens."""
        return self.rng.random() < share

    def hexes(self, digits: int) -> str:
        """Draw a token of hexadecimal digits."""
        return f"{self.rng.getrandbits(4 * digits):0{digits}x}"

    def emit(
        self,
        at_us: int,
        source: Host,
        target: Host,
        payload: bytes,
        *,
        kind: str = SIP,
        transport: str = "",
        ports: tuple[int, int] | None = None,
    ) -> Datagram:
        """Put one message on the wire."""
        sport, dport = ports or (source.port, target.port)
        datagram = Datagram(
            at_us,
            transport or self.transport,
            source.address,
            sport,
            target.address,
            dport,
            payload,
            self.rng.getrandbits(16),
            kind,
        )
        self.out.append(datagram)
        return datagram

    def decided(self, at_us: int) -> None:
        """Note that something final was seen."""
        if self.decided_us is None or at_us < self.decided_us:
            self.decided_us = at_us

    def finish(self) -> list[Datagram]:
        """Let the habits befall the call, cut it at the edges of the capture, and hand out its datagrams in order."""
        if self.transport == "udp" and self.kept:
            if self.chance(self.habits.repeated):
                self._repeat()
            if self.chance(self.habits.mirrored):
                self._mirror()
        self.out.sort()
        self._cut()
        return self.out

    def _repeat(self) -> None:
        """Repeat messages as if one of the answers had been lost behind the capture point."""
        for sent, answer in self.pairs:
            gap_us = answer.at_us - sent.at_us
            late, wait_us = [], _RESEND_MS * 1000
            # An INVITE is repeated only until something answers; a final response because its ACK was lost once.
            if sent.payload.startswith(b"SIP/2.0"):
                late = [
                    sent._replace(at_us=sent.at_us + wait_us, ident=self.rng.getrandbits(16)),
                    answer._replace(at_us=answer.at_us + wait_us, ident=self.rng.getrandbits(16)),
                ]
            elif gap_us > wait_us:
                late = [sent._replace(at_us=sent.at_us + wait_us, ident=self.rng.getrandbits(16))]
            self.out += late
            self.truth.retransmissions += min(len(late), 1)

    def _mirror(self) -> None:
        copies = [d._replace(at_us=d.at_us + self.rng.randint(*_MIRROR_US)) for d in self.out]
        self.out += copies
        self.truth.duplicates += len(copies)

    def _cut(self) -> None:
        start_us, end_us = self.window_us
        if not self.out or (self.out[0].at_us >= start_us and self.out[-1].at_us < end_us):
            return
        truth = self.truth
        kept = [d for d in self.out if start_us <= d.at_us < end_us]
        if self.out[0].at_us < start_us and kept:
            truth.at_us = kept[0].at_us
        if self.out[-1].at_us >= end_us and self.kept:
            hung_up_ms = (truth.setup_ms or 0) + truth.talk_ms if truth.talk_ms is not None else None
            if hung_up_ms is not None and self.start_us + hung_up_ms * 1000 < end_us:
                pass  # Only the answer to the BYE is cut off, which tells nothing.
            elif self.answered_us is not None and self.answered_us < end_us:
                # The answer is in; what the BYE would have told is not.
                if truth.verdict != "answered":
                    truth.says("answered", f"cut by the end of the capture: {truth.true_cause}")
                truth.signal = truth.signal_in = ""
                truth.talk_ms, truth.cut = None, "end"
            elif self.decided_us is not None:
                # Never cut between CANCEL and 487, or between two attempts: nobody could say what such a call is.
                last_us = min(self.decided_us, end_us)
                kept = [d for d in kept if d.at_us < last_us]
                truth.forgets_the_end((last_us - self.start_us) // 1000)
        if truth.retransmissions or truth.duplicates:
            self._count_again(kept)
        self.out = kept

    def _count_again(self, kept: list[Datagram]) -> None:
        """Count copies and repeats once more after some of them have been cut away."""
        marks = {(d.ident, d.src, d.payload) for d in kept}
        requests = [mark for mark in marks if not mark[2].startswith(b"ACK ")]
        self.truth.duplicates = len(kept) - len(marks)
        self.truth.retransmissions = len(requests) - len({mark[1:] for mark in requests})
