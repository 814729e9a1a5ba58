"""The queue between receiving and assembling."""

from __future__ import annotations

from threading import Thread

from ringthrough.drivers.inbox import Batch, Inbox


def batch(*packets: bytes) -> Batch:
    return Batch(0, 1, packets, ())


def test_batches_come_out_in_order() -> None:
    inbox = Inbox(100)
    inbox.put(batch(b"one"))
    inbox.put(batch(b"two", b"three"))
    assert inbox.held_bytes == 11

    assert inbox.take(0) == batch(b"one")
    assert inbox.take(0) == batch(b"two", b"three")
    assert inbox.take(0) is None
    assert inbox.held_bytes == 0


def test_closed_only_when_everything_was_taken() -> None:
    inbox = Inbox(100)
    inbox.put(batch(b"one"))
    inbox.close()
    assert not inbox.closed
    inbox.take(0)
    assert inbox.closed
    assert inbox.take(60) is None  # at once: nothing will come


def test_room_is_waited_for_and_the_wait_counted() -> None:
    inbox = Inbox(4)
    inbox.put(batch(b"four"))
    assert inbox.full
    assert not inbox.wait_for_room(0)

    taker = Thread(target=inbox.take, args=(0,))
    taker.start()
    assert inbox.wait_for_room(30)
    taker.join()

    assert (inbox.pauses >= 1, inbox.full) == (True, False)


def test_a_taker_wakes_when_something_comes() -> None:
    inbox = Inbox(100)
    found: list[Batch | None] = []
    taker = Thread(target=lambda: found.append(inbox.take(30)))
    taker.start()
    inbox.put(batch(b"late"))
    taker.join(30)
    assert found == [batch(b"late")]
