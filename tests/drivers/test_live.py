"""Listening as a whole: sockets, rows, a store, and what happens when one of them fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from ringthrough.calls import Assembler, Call, Folder, Verdict
from ringthrough.captures import Tally
from ringthrough.drivers import live as live_module
from ringthrough.drivers.hep import Listener, listen_tcp, listen_udp
from ringthrough.drivers.hep_intake import Intake
from ringthrough.drivers.inbox import Batch
from ringthrough.drivers.live import Live
from ringthrough.errors import BackendError, Problem
from ringthrough.report.cutout import wrap
from ringthrough.store import Writer, open_store
from ringthrough.verdict import judge

from .hep_sender import call_messages, packet, send_datagrams

WAIT_S = 60
OLD_US = 1_700_000_000_000_000
LATER_S = 40
"A call that has ended is told after 37 s."


def now_us() -> int:
    return time.time_ns() // 1_000


def udp() -> Listener:
    return listen_udp("127.0.0.1", 0, buffer_bytes=4 << 20)


def place(listener: Listener) -> tuple[str, int]:
    host, port, *_ = listener.socket.getsockname()
    return host, port


def intake_for(*listeners: Listener, **how: Any) -> Intake:
    return Intake(lambda: Assembler(Folder([one.name for one in listeners], source="hep")), **how)


class Running:
    """A `Live` in a thread of its own."""

    def __init__(self, live: Live, **how: Any) -> None:
        self.live = live
        self._thread = Thread(target=live.run, kwargs=how)
        self._thread.start()

    def end(self) -> Live:
        self.live.stop()
        return self.ended()

    def ended(self) -> Live:
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive()
        return self.live


def calls(number: int, at_us: int | None = None) -> list[bytes]:
    """Packets of calls, each with its own Call-ID."""
    return [packet(message) for n in range(number) for message in call_messages(f"c{n}", at_us or now_us())]


def test_rows_are_stored_before_they_are_told(tmp_path: Path) -> None:
    listener = udp()
    stored: list[tuple[int, int]] = []

    def told(rows: Sequence[tuple[Call, Verdict]]) -> None:
        with open_store(tmp_path / "store") as reader:
            stored.append((len(rows), len(reader)))

    with Writer(tmp_path / "store") as writer:
        running = Running(Live([listener], intake_for(listener), judge, keeper=writer, told=told), messages=200)
        send_datagrams(calls(50), place(listener))
        live = running.ended()

    assert sum(rows for rows, _ in stored) == live.rows == live.acknowledged == 50
    assert all(there >= sum(rows for rows, _ in stored[: n + 1]) for n, (_rows, there) in enumerate(stored))
    assert live.verdicts == {"network_blocked": 50}
    assert live.problems() == []


def test_calls_that_are_over_are_told_while_it_goes_on() -> None:
    """No keeper, no end: rows come because the clock goes on, though no further message comes."""
    listener = udp()
    rows: list[Call] = []
    shift_us = 0
    live = Live([listener], intake_for(listener), judge, told=lambda found: rows.extend(call for call, _ in found),
                clock_us=lambda: now_us() + shift_us)  # fmt: skip
    running = Running(live)
    send_datagrams([packet(message) for message in call_messages("one", now_us())], place(listener))
    deadline = time.monotonic() + WAIT_S
    while live.intake.messages < 4:
        assert time.monotonic() < deadline
    assert rows == []
    shift_us = 40_000_000  # half a minute and more has passed
    while not rows:
        assert time.monotonic() < deadline

    assert (rows[0].call_id, rows[0].cut, rows[0].source) == ("one", "", "hep")
    assert running.end().acknowledged == 1


@pytest.mark.parametrize("how", [{"seconds": 0.2}, {"messages": 4}, {}], ids=["time", "count", "stop"])
def test_it_ends_in_peace(how: dict[str, Any]) -> None:
    listener = udp()
    rows: list[Call] = []
    looks: list[int] = []
    live = Live([listener], intake_for(listener), judge, told=lambda found: rows.extend(call for call, _ in found),
                looked=lambda: looks.append(live.rows))  # fmt: skip
    send_datagrams([packet(message) for message in call_messages("one", now_us())], place(listener))
    running = Running(live, **how)
    if how:
        running.ended()
    else:
        running.end()

    assert [(row.call_id, row.final_code, row.cut) for row in rows] == [("one", 603, "")]
    assert looks[-1] == 1
    assert listener.socket.fileno() == -1


class Failing:
    """A store whose disk is full until it is told otherwise."""

    def __init__(self, failures: int, *, tends: bool = True) -> None:
        self.left = failures
        self.tends = tends
        self.taken = self.kept = 0

    def append(self, rows: Sequence[tuple[Call, Verdict]]) -> int:
        self.taken += len(rows)
        self._fail()
        return len(rows)

    def flush(self) -> int:
        self._fail()
        kept, self.kept = self.taken - self.kept, self.taken
        return kept

    def tend(self, now_us: int) -> bool:
        if not self.tends:
            raise BackendError(Problem("store-cannot-write", "no space left on device"))
        return False

    def _fail(self) -> None:
        if self.left:
            self.left -= 1
            raise BackendError(Problem("store-cannot-write", "no space left on device"))


def feed(live: Live, packets: list[bytes], at_us: int) -> None:
    live.intake.take_hep(Batch(0, at_us, packets, [b"\x7f\0\0\1"] * len(packets)))


def by_hand(listener: Listener, keeper: Failing) -> tuple[Live, list[Call], Callable[[float], None]]:
    """A `Live` whose clock stands still, and a function that lets it look at a second."""
    rows: list[Call] = []
    start_us = now_us()
    live = Live([listener], intake_for(listener), judge, keeper=keeper, clock_us=lambda: start_us,
                told=lambda found: rows.extend(call for call, _ in found))  # fmt: skip
    return live, rows, lambda second: live._look(start_us + round((LATER_S + second) * 1_000_000))


def test_a_store_that_fails_is_tried_again_and_nothing_is_lost() -> None:
    keeper = Failing(3)
    with udp().socket as opened:
        live, rows, look = by_hand(Listener("udp:test", opened), keeper)
        feed(live, calls(5), now_us())
        told = []
        for second in (0.0, 0.6, 0.7, 1.0, 1.7, 2.8, 3.9):
            look(second)
            told.append((len(rows), live.fault is None, live.failures))
    # Taken with a fault, then nothing for a second, then tried every second.
    assert told == [
        (0, False, 1),
        (0, False, 1),
        (0, False, 1),
        (0, False, 2),
        (0, False, 2),
        (0, False, 3),
        (5, True, 3),
    ]
    assert (keeper.kept, live.acknowledged) == (5, 5)


def test_rows_wait_half_a_second_for_others() -> None:
    keeper = Failing(0, tends=False)
    with udp().socket as opened:
        live, rows, look = by_hand(Listener("udp:test", opened), keeper)
        feed(live, calls(5), now_us())
        told = []
        for second in (0.0, 0.4, 0.5):
            look(second)
            told.append(len(rows))
    assert told == [0, 0, 5]
    assert (live.failures, live.problems()) == (1, [])  # to tidy up can wait


def test_many_rows_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "_BUSY_ROWS", 5)
    with udp().socket as opened:
        live, rows, look = by_hand(Listener("udp:test", opened), Failing(0))
        feed(live, calls(5), now_us())
        look(0.0)
    assert len(rows) == 5


def test_a_store_that_fails_to_the_end_is_told_and_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "MOST_WAITING", 5)
    listener = udp()
    send_datagrams([*calls(5, OLD_US), *calls(1, OLD_US + 10**9)], place(listener))
    rows: list[object] = []
    live = Live([listener], intake_for(listener, replay=True), judge, keeper=Failing(10**9), told=rows.extend)
    Running(live).ended()

    assert rows == []
    assert [problem.code for problem in live.problems()] == ["store-cannot-write", "drivers-hep-unkept"]
    assert (live.rows, live.acknowledged) == (6, 0)


def test_problems_name_what_was_lost_and_why() -> None:
    listener, other = udp(), listen_tcp("127.0.0.1", 0)
    with listener.socket, other.socket:
        live = Live([listener, other], intake_for(listener, other, most_open=1), judge)
        listener.broken = Problem("drivers-hep-broken", "broken", where=listener.name)
        other.tally = Tally(notes={"connection": 9, "handshake-failed": 2, "connection-refused": 1})
        feed(live, [packet(m) for n in range(3) for m in call_messages(f"c{n}", 1_000_000 + n)], now_us())
        small = listen_udp("127.0.0.1", 0, buffer_bytes=1)
        with small.socket:
            send_datagrams([bytes(1_000)] * 200, place(small))
            dropping = Live([small], intake_for(small), judge).problems()
        found = {problem.code: str(problem) for problem in live.problems()}

    assert set(found) == {"drivers-hep-broken", "drivers-hep-refused", "drivers-hep-clock", "drivers-hep-given-up"}
    assert "connection-refused 1, handshake-failed 2" in found["drivers-hep-refused"]
    assert "127.0.0.1 (capture id 2001)" in found["drivers-hep-clock"]
    assert "s behind: the times of 12 messages were moved" in found["drivers-hep-clock"]
    assert "1 were closed" in found["drivers-hep-given-up"] or "2 were closed" in found["drivers-hep-given-up"]
    if small._last_dropped:
        assert [problem.code for problem in dropping] == ["drivers-hep-dropped"]


def test_an_interface_beside_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """The frames of a tap are fed as frames: a UDP socket stands in for the packet socket."""
    tapped, listener = udp(), udp()
    tapped.tap = StandIn()  # type: ignore[assignment]
    live = Live([tapped, listener], intake_for(tapped, listener), judge)
    messages = call_messages("one", now_us())
    send_datagrams([wrap(message, message.data) for message in messages], place(tapped))
    send_datagrams([packet(message) for message in call_messages("two", now_us())], place(listener))
    Running(live, messages=8).ended()
    assert live.rows == 2
    assert live.intake.tallies[0].sip == live.intake.tallies[1].sip == 4


class StandIn:
    link, stamped, interface = 1, False, "test"

    def dropped(self) -> int:
        return 0
