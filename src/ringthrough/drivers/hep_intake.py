"""
From what was received to rows: HEP packets and frames of an interface become sightings, and calls that are over rows.

No socket, no thread, no clock: everything is handed in with its time, so that a test needs none of them.

Facts
- Every packet is counted once in the tally of its listener, as in a capture: it held a SIP message, or it was skipped
  or spoilt for a named cause.
- Calls are over by the clock of the host, not by when the next message comes: at night the last call of the day would
  wait for the first one of the morning. In a replay of old packets their own times decide, as in a capture.
- Where the compiled twin is installed, its assembler takes a message over IPv4 and UDP as the record of a
  capture: the headers that the packet had are put in front of it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from struct import Struct
from typing import Any

from ringthrough.calls import ENCRYPTED_HOP, GRACE_US, Assembler, Call, HandOver, Sighting
from ringthrough.captures import Dissector, Tally
from ringthrough.captures.causes import SPOILS
from ringthrough.captures.sniff import PREFIXES, is_sip
from ringthrough.drivers.hep_agents import BELIEVED_US, Agent, Agents
from ringthrough.drivers.hep_copies import RECORD_HEAD, Copies, Report
from ringthrough.drivers.hep_layout import Layouts
from ringthrough.drivers.inbox import Batch

__all__ = ["Intake"]

_new = tuple.__new__
# Ethernet, IPv4 and UDP: what the compiled assembler wants to see in front of a message.
_HEADERS = Struct("!12xHBxHHHBBxx4s4sHHHxx").pack
_ETHERNET = 1
_MOST_OCTETS = 65_000
assert len(_HEADERS(0, 0, 0, 0, 0, 0, 0, b"", b"", 0, 0, 0)) == RECORD_HEAD
_GIVE_UP_SHARE = 4


class Intake:
    """
    Takes in batches, gives rows.

    Args:
        new_assembler: makes an assembler; called once, and again whenever calls have to be given up.
        password: what agents have to send; None lets every packet in.
        most_open: calls that may be open at a time. When there are more, the oldest quarter is closed as it is.
        replay: the packets are old: their times are taken as they are, and decide when calls are over.
    """

    def __init__(
        self,
        new_assembler: Callable[[], Assembler],
        *,
        password: bytes | None = None,
        most_open: int = 500_000,
        replay: bool = False,
    ) -> None:
        self._new_assembler = new_assembler
        self._assembler: Assembler = new_assembler()
        self._layouts = Layouts(password)
        self._most_open = max(1, most_open)
        self._replay = replay
        self._copies = Copies()
        self._others: dict[str, int] = {}
        self._feed_rows: Any = getattr(self._assembler, "feed_rows", None)
        self._dissectors: dict[int, Dissector] = {}
        self._unpackers: dict[int, Dissector] = {}
        self._frames: dict[int, int] = {}
        self._rows: list[Call] = []
        self.agents = Agents()
        "Who has reported."
        self.tallies: dict[int, Tally] = {}
        "What became of the packets of each listener, by its number."
        self.given_up = 0
        "Calls that were closed because more were open than allowed."

    def __len__(self) -> int:
        return len(self._assembler)

    @property
    def messages(self) -> int:
        """SIP messages taken in so far, the copies included."""
        return sum(tally.messages for tally in tuple(self.tallies.values()))

    @property
    def others(self) -> dict[str, int]:
        """SIP requests that make no call, by method; `malformed` for what no reader can take."""
        found = dict(self._others)
        for method, times in self._assembler.others.items():
            found[method] = found.get(method, 0) + times
        return found

    def tally(self, source: int) -> Tally:
        """Counts of a listener."""
        found = self.tallies.get(source)
        if found is None:
            found = self.tallies[source] = Tally()
        return found

    # ------------------------------------------------------------------ taking in

    def take_hep(self, batch: Batch) -> None:
        """Take in HEP packets."""
        source, arrived_us, packets, peers, _stamps = batch
        tally = self.tally(source)
        read, known, replay = self._layouts.read, self.agents.named, self._replay
        frame = self._frames.get(source, 0)
        tally.records += len(packets)
        agent = self.agents.overflow
        address, capture_id = None, -1
        found: list[Report] = []
        as_records = self._feed_rows is not None
        for data, peer in zip(packets, peers if len(peers) == len(packets) else repeat(peers[0]), strict=False):
            frame += 1
            packet = read(data)
            if isinstance(packet, str):
                (tally.spoil if packet in SPOILS else tally.skip)(packet)
                continue
            src, sport, dst, dport, transport, at_us, message, reporter = packet
            head = message[:4]
            if head not in PREFIXES or (
                message.find(b" SIP/2.0\r\n") < 0 if head != b"SIP/" else message[4:8] != b"2.0 "
            ):
                message = message.lstrip(b"\r\n")
                if not is_sip(message):
                    tally.skip("hep-other" if message else "keepalive")
                    continue
            tally.sip += 1
            if peer != address or reporter != capture_id:
                if found:
                    self._report(agent, found, source, arrived_us)
                    found = []
                address, capture_id = peer, reporter
                agent = known(peer, reporter)
            agent.messages += 1
            if not at_us:
                tally.note("clock-missing")
                at_us = arrived_us
            elif not replay:
                lag = arrived_us - at_us
                if -BELIEVED_US <= lag <= BELIEVED_US and not agent.moved_us:
                    if lag > agent.lag_us:
                        agent.lag_us = lag
                else:
                    at_us = self._correct(agent, at_us, arrived_us, tally)
            if head != b"ACK ":  # counted, and of no use for making calls
                if as_records and transport == "udp" and len(src) == 4 == len(dst) and head in PREFIXES:
                    size = len(message) + 8
                    if size < _MOST_OCTETS:
                        headers = _HEADERS(0x0800, 0x45, size + 20, 0, 0, 64, 17, src, dst, sport, dport, size)
                        found.append((at_us, frame, _ETHERNET, headers + message, False))
                        continue
                flags = ENCRYPTED_HOP if transport == "tls" else 0
                fields = (at_us, source, frame, transport, src, sport, dst, dport, message, flags, -1)
                found.append(_new(Sighting, fields))
        tally.messages = tally.sip
        self._frames[source] = frame
        if found:
            self._report(agent, found, source, arrived_us)

    def _correct(self, agent: Agent, at_us: int, arrived_us: int, tally: Tally) -> int:
        if agent is self.agents.overflow:
            tally.note("agent-overflow")
            return arrived_us
        if agent.moved_us and abs(arrived_us - at_us) <= BELIEVED_US:
            agent.moved_us = 0  # somebody has set the clock
            return at_us
        tally.note("clock-corrected")
        return agent.correct(at_us, arrived_us)

    def take_frames(self, batch: Batch, link: int) -> None:
        """
        Take in frames of an interface.

        Args:
            batch: the frames.
            link: their link type.
        """
        source, arrived_us, packets, _peers, stamps = batch
        tally = self.tally(source)
        dissector = self._dissectors.get(source)
        if dissector is None:
            dissector = self._dissectors[source] = Dissector(file=source, tally=tally)
        frame = self._frames.get(source, 0)
        tally.records += len(packets)
        times: Sequence[int] = stamps or [arrived_us] * len(packets)
        rows = [
            (at_us or arrived_us, frame + number, link, data, False)
            for number, (at_us, data) in enumerate(zip(times, packets, strict=True), 1)
        ]
        self._frames[source] = frame + len(packets)
        found: list[Report] = [*dissector.feed_rows(rows, acks=False)]
        if found:
            agent = self.agents.named(b"", source)
            agent.messages += len(found)
            self._report(agent, found, source, arrived_us)

    def _report(self, agent: Agent, found: list[Report], source: int, arrived_us: int) -> None:
        """Hand on what one agent has reported."""
        left = self._copies.without(agent.number, found, arrived_us)
        if len(left) < len(found):
            self.tally(source).note("seen-by-another", len(found) - len(left))
        self._feed(left, source)
        if len(self._assembler) > self._most_open:
            self._give_up()

    def _feed(self, found: list[Report], source: int) -> None:
        """Feed the assembler, in order: records in one go, what cannot be a record one by one."""
        feed, feed_rows = self._assembler.feed, self._feed_rows
        if feed_rows is None:
            for report in found:
                feed(report)  # type: ignore[arg-type] # without the compiled assembler there are no records
            return
        records: list[Report] = []
        for report in found:
            if not isinstance(report, Sighting):
                records.append(report)
                continue
            if records:
                feed_rows(records, self._unpacker(source))
                records = []
            feed(report)
        if records:
            feed_rows(records, self._unpacker(source))

    def _unpacker(self, source: int) -> Dissector:
        """Return what the compiled assembler wants for records: its counts are not ours, which are made already."""
        found = self._unpackers.get(source)
        if found is None:
            found = self._unpackers[source] = Dissector(file=source, tally=Tally())
        return found

    # ------------------------------------------------------------------ giving out

    def ended(self, now_us: int) -> list[Call]:
        """
        Rows of the calls that are over.

        Args:
            now_us: the time, microseconds since 1970 UTC.
        """
        limit_us = None if self._replay else now_us - GRACE_US - self.agents.lag_us(now_us)
        rows, self._rows = self._rows, []
        rows.extend(call for _key, call in self._assembler.flush(limit_us))
        return rows

    def finish(self) -> list[Call]:
        """Rows of all that is left, marked where the end of listening cuts a call."""
        for dissector in self._dissectors.values():
            self._assembler.feed_all(dissector.finish())
        rows, self._rows = self._rows, []
        rows.extend(call for _key, call in self._assembler.finish())
        return rows

    def _give_up(self) -> None:
        """Close the oldest calls as they are, and go on with the others."""
        handed = self._assembler.hand_over()
        oldest = sorted(handed.roots, key=lambda root: root.attempts[0].at_us if root.attempts else 0)
        closed, kept = [], []
        legs = 0
        for root in oldest:
            if legs * _GIVE_UP_SHARE < self._most_open:
                legs += root.open_members
                closed.append(root)
            else:
                kept.append(root)
        for method, times in self._assembler.others.items():
            self._others[method] = self._others.get(method, 0) + times
        closing: Assembler = self._new_assembler()
        closing.take_over(HandOver(closed, [], handed.now_us))
        given_up = closing.finish()
        self.given_up += len(given_up)
        self._rows.extend(call for _key, call in given_up)
        self._assembler = self._new_assembler()
        self._feed_rows = getattr(self._assembler, "feed_rows", None)
        self._assembler.take_over(HandOver(kept, handed.done, handed.now_us))
