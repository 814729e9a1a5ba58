"""A guard against hanging: an input that takes too much processor time is stopped and named."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["HANG_S", "Hung", "Watch"]

HANG_S = 2.0
"Most processor time of one input, seconds: a thousand times what is usual, so slow machines do not matter."


class Hung(BaseException):
    """An input took longer than `HANG_S`; no `Exception`, so that nothing under test swallows it."""


class Watch:
    """
    Measures inputs, and interrupts one that does not end.

    The interruption needs the interval timers of POSIX and the main thread; elsewhere an input is only measured
    afterwards.
    """

    def __init__(self, limit_s: float = HANG_S) -> None:
        self._limit_s = limit_s
        self._armed = False
        self.longest_s = 0.0
        "Processor time of the slowest input so far."

    @contextmanager
    def guarding(self) -> Iterator[None]:
        """Have the timer of the process for a while."""
        if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGVTALRM, self._stop)
        self._armed = True
        try:
            yield
        finally:
            self._armed = False
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Measure one input."""
        if self._armed:
            signal.setitimer(signal.ITIMER_VIRTUAL, self._limit_s)
        began = time.process_time()
        try:
            yield
        finally:
            took = time.process_time() - began
            if self._armed:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            self.longest_s = max(self.longest_s, took)
        if took > self._limit_s:
            raise Hung(f"took {took:.1f} s of processor time")

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        raise Hung(f"took more than {self._limit_s:.1f} s of processor time")
