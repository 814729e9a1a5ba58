"""
Listening as a whole: what is received becomes rows, rows are judged, stored, and only then told.

Theory of operation
- `run` works in the thread that calls it: it takes batches from the inbox, assembles, and a few times a second looks
  which calls are over. Receiving goes on meanwhile in its own thread.
- Rows are acknowledged in the time FLUSH_US: the store has them on its disk before anybody is told of them.
- A store that fails is tried again every second; its rows wait where it keeps them. When MOST_WAITING wait, listening
  ends, because what is not stored has to stay bounded.
- `stop` ends it in peace: what has come is taken, calls that are open are closed as they are, all is stored.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from ringthrough.calls import Call, Verdict
from ringthrough.drivers.hep import Listener, Receiver
from ringthrough.drivers.hep_agents import BELIEVED_US
from ringthrough.drivers.hep_intake import Intake
from ringthrough.drivers.inbox import Inbox
from ringthrough.errors import BackendError, Problem

__all__ = ["FLUSH_US", "Keeper", "Live", "Row"]

Row = tuple[Call, Verdict]
FLUSH_US = 500_000
"A row waits so long for others before it is stored with them."
LOOK_US = 200_000
MOST_WAITING = 1_000_000
_BUSY_ROWS = 20_000


class Keeper(Protocol):
    """What stores rows: `store.Writer`."""

    def append(self, rows: Sequence[Row]) -> int:
        """Take rows."""
        ...

    def flush(self) -> int:
        """Make them last; return how many."""
        ...

    def tend(self, now_us: int) -> bool:
        """Tidy up a little."""
        ...


class Live:
    """
    One stretch of listening. Call `run` once.

    Args:
        listeners: where to receive; they are closed at the end.
        intake: makes rows.
        judge: gives a verdict.
        keeper: stores rows; None: nobody does.
        told: is given rows once they last (at once without a keeper).
        looked: is called a few times a second, for whoever shows what is going on.
        inbox_bytes: what may wait for being assembled.
        clock_us: the time, microseconds since 1970 UTC.
    """

    def __init__(
        self,
        listeners: Sequence[Listener],
        intake: Intake,
        judge: Callable[[Call], Verdict],
        *,
        keeper: Keeper | None = None,
        told: Callable[[Sequence[Row]], None] = lambda _rows: None,
        looked: Callable[[], None] = lambda: None,
        inbox_bytes: int = 256 << 20,
        clock_us: Callable[[], int] = lambda: time.time_ns() // 1_000,
    ) -> None:
        self.listeners = tuple(listeners)
        self.intake = intake
        self.inbox = Inbox(inbox_bytes)
        self.rows = 0
        "Calls that ended."
        self.acknowledged = 0
        "Of them, those that last."
        self.verdicts: Counter[str] = Counter()
        self.fault: BackendError | None = None
        "Why the store did not take rows when it was tried last."
        self.failures = 0
        "How often the store failed."
        self.began_us = clock_us()
        self._judge = judge
        self._keeper = keeper
        self._told = told
        self._looked = looked
        self._clock_us = clock_us
        self._receiver = Receiver(self.listeners, self.inbox, clock_us=clock_us)
        self._stopping = False
        self._waiting: list[Row] = []
        self._waiting_since_us = 0
        self._tried_us = 0
        self._lost: list[Problem] = []

    def stop(self) -> None:
        """Ask for the end; may be called from a signal handler."""
        self._stopping = True

    def run(self, *, seconds: float | None = None, messages: int | None = None) -> None:
        """
        Listen until `stop` is called.

        Args:
            seconds: stop by itself after so long.
            messages: stop by itself after so many SIP messages.
        """
        receiver, inbox = self._receiver, self.inbox
        until_us = None if seconds is None else self._clock_us() + round(seconds * 1_000_000)
        links = [None if listener.tap is None else listener.tap.link for listener in self.listeners]
        looked_us = 0
        asked = False
        receiver.start()
        try:
            while not inbox.closed:
                batch = inbox.take(0.1)
                if batch is not None:
                    link = links[batch.source]
                    if link is None:
                        self.intake.take_hep(batch)
                    else:
                        self.intake.take_frames(batch, link)
                now_us = self._clock_us()
                if now_us - looked_us >= LOOK_US or now_us < looked_us:
                    looked_us = now_us
                    self._look(now_us)
                enough = messages is not None and self.intake.messages >= messages
                if not asked and (self._stopping or enough or (until_us is not None and now_us >= until_us)):
                    asked = True
                    receiver.stop()
            self._end(self.intake.finish())
            if not asked:
                raise AssertionError("receiving ended by itself")
        finally:
            receiver.stop()
            receiver.join(5)

    def problems(self) -> list[Problem]:
        """What went wrong so far, for people."""
        found = [listener.broken for listener in self.listeners if listener.broken is not None]
        for listener in self.listeners:
            if dropped := listener.dropped():
                detail = f"{dropped} datagrams were lost: expected them to be taken in time; a larger --buffer may help"
                found.append(Problem("drivers-hep-dropped", detail, where=listener.name))
            notes = listener.tally.notes
            if ended := [f"{name} {notes[name]}" for name in _ENDED if name in notes]:
                detail = f"expected HEP over {'TLS' if listener.tls else 'TCP'}, found: {', '.join(ended)}"
                found.append(Problem("drivers-hep-refused", detail, where=listener.name))
        for agent in self.intake.agents:
            if agent.corrected:
                off_s, side = abs(agent.last_moved_us) / 1_000_000, "ahead" if agent.last_moved_us < 0 else "behind"
                detail = (
                    f"expected a clock within {BELIEVED_US // 60_000_000} minutes of ours, found one {off_s:.1f} s "
                    f"{side}: the times of {agent.corrected} messages were moved"
                )
                found.append(Problem("drivers-hep-clock", detail, where=f"agent {agent.name}"))
        if self.intake.given_up:
            detail = f"expected fewer open calls (--max-open): {self.intake.given_up} were closed before they ended"
            found.append(Problem("drivers-hep-given-up", detail))
        if self.fault is not None:
            found.append(self.fault.problem)
        return [*found, *self._lost]

    # ------------------------------------------------------------------ rows

    def _look(self, now_us: int) -> None:
        """Take the calls that are over, and store them when it is time."""
        self._take(self.intake.ended(now_us), now_us)
        if self._waiting and self._due(now_us):
            self._flush(now_us)
        self._looked()

    def _take(self, calls: Sequence[Call], now_us: int) -> None:
        rows = [(call, self._judge(call)) for call in calls]
        if not rows:
            return
        self.rows += len(rows)
        self.verdicts.update(verdict.verdict for call, verdict in rows if call.kind != "scanner")
        if self._keeper is None:
            self.acknowledged += len(rows)
            self._told(rows)
            return
        if not self._waiting:
            self._waiting_since_us = now_us
        self._waiting += rows
        for some in _portions(rows):
            try:
                self._keeper.append(some)
            except BackendError as fault:  # it has taken them nevertheless
                self._tried_us = now_us
                self._failed(fault)

    def _due(self, now_us: int) -> bool:
        if self.fault is not None:
            return now_us - self._tried_us >= 1_000_000 or now_us < self._tried_us
        aged = now_us - self._waiting_since_us >= FLUSH_US or now_us < self._waiting_since_us
        return aged or len(self._waiting) >= _BUSY_ROWS

    def _failed(self, fault: BackendError) -> None:
        self.fault = fault
        self.failures += 1

    def _flush(self, now_us: int) -> None:
        assert self._keeper is not None
        self._tried_us = now_us
        try:
            self._keeper.flush()
        except BackendError as fault:
            self._failed(fault)
            if len(self._waiting) >= MOST_WAITING:
                self._stopping = True
            return
        self.fault = None
        rows, self._waiting = self._waiting, []
        self.acknowledged += len(rows)
        self._told(rows)
        try:
            self._keeper.tend(now_us)
        except BackendError as fault:  # the store is as it was, and is tended the next time
            self._failed(fault)
            self.fault = None

    def _end(self, calls: Sequence[Call]) -> None:
        """Store what is left."""
        now_us = self._clock_us()
        self._take(calls, now_us)
        if self._waiting:
            self._flush(now_us)
        if self._waiting:
            detail = f"{len(self._waiting)} calls are not stored: expected the store to take them"
            self._lost.append(Problem("drivers-hep-unkept", detail))
        self._looked()


_ENDED = ("connection-not-hep", "connection-refused", "handshake-failed", "connection-broken")


def _portions(rows: list[Row]) -> Iterator[list[Row]]:
    for at in range(0, len(rows), 5_000):
        yield rows[at : at + 5_000]
