"""A relay of datagrams between a caller and a server that writes down what passes, and a capture made of it."""

from __future__ import annotations

import re
import selectors
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from ringthrough.captures import PcapWriter
from tests.captures.frames import ethernet, ipv4, udp

__all__ = ["HERE", "Passed", "Relay", "by_call", "free_port", "user_of", "write_capture"]

HERE = "127.0.0.1"
_CALL_ID = re.compile(rb"^Call-ID: *([^\r\n]+)", re.MULTILINE | re.IGNORECASE)
_USER = re.compile(rb"^To: *<sip:([^@>]+)@", re.MULTILINE | re.IGNORECASE)
_APART_US = 400_000_000  # between the calls of a capture: more than any of them is stretched to


class Passed(NamedTuple):
    """One datagram on its way."""

    at_us: int
    "When: microseconds of a clock that only tells distances."
    sport: int
    dport: int
    data: bytes

    @property
    def kind(self) -> str:
        """Method or status."""
        first, second, *_ = self.data.split(b" ", 2)
        return (second if first == b"SIP/2.0" else first).decode()


class Relay:
    """Stands at `front_port` for the server at `server_port`; the server sees `back_port` as its peer."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.passed: list[Passed] = []
        self._front, self._back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for one in (self._front, self._back):
            one.bind((HERE, 0))
            one.setblocking(False)
        self.front_port: int = self._front.getsockname()[1]
        self.back_port: int = self._back.getsockname()[1]
        self._caller_port = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(5)
        self._front.close()
        self._back.close()

    def _work(self) -> None:
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._front, selectors.EVENT_READ)
            waiting.register(self._back, selectors.EVENT_READ)
            while not self._ended.is_set():
                for key, _ in waiting.select(0.05):
                    data, (_host, port) = key.fileobj.recvfrom(65_536)  # type: ignore[union-attr]
                    at_us = time.monotonic_ns() // 1000
                    if key.fileobj is self._front:
                        self._caller_port = port
                        self.passed.append(Passed(at_us, port, self.server_port, data))
                        self._back.sendto(data, (HERE, self.server_port))
                    elif self._caller_port:
                        self.passed.append(Passed(at_us, self.server_port, self._caller_port, data))
                        self._front.sendto(data, (HERE, self._caller_port))


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((HERE, 0))
        port: int = one.getsockname()[1]
        return port


def user_of(call: Sequence[Passed]) -> str:
    """Who was dialled, as To says."""
    found = _USER.search(call[0].data)
    assert found is not None
    return found[1].decode()


def by_call(passed: Iterable[Passed]) -> list[list[Passed]]:
    """Sort datagrams by Call-ID, calls in the order in which they began."""
    calls: dict[bytes, list[Passed]] = defaultdict(list)
    for one in passed:
        found = _CALL_ID.search(one.data)
        if found is not None:
            calls[found[1]].append(one)
    return list(calls.values())


def write_capture(
    path: Path, calls: Sequence[Sequence[Passed]], waits: Mapping[str, Mapping[str, float]], start_us: int
) -> None:
    """
    Write calls to a capture, with the addresses and octets that they had, and times made longer by one rule.

    The rule: call number n begins n times 400 s after `start_us`; inside a call, the recorded distance between two
    messages is kept, and before the first message of a kind that `waits` names for the dialled user, so many seconds
    are added. So a test does not have to let a phone ring for 16 s to see what a ring of 16 s looks like.
    """
    address = socket.inet_aton(HERE)
    with path.open("wb") as handle:
        writer = PcapWriter(handle)
        for number, call in enumerate(calls):
            shift_us = start_us + number * _APART_US - call[0].at_us
            left = dict(waits.get(user_of(call), {}))
            for one in call:
                shift_us += round(left.pop(one.kind, 0.0) * 1_000_000)
                packet = ipv4(udp(one.data, one.sport, one.dport), src=address, dst=address)
                writer.write(one.at_us + shift_us, ethernet(packet))
            assert not left, f"no {left} in the call to {user_of(call)}"
