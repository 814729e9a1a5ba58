"""
Telling people: what is sent, what a channel is, and how often it is tried.

A channel says that it has told something, or raises: `BackendError` where trying again may help (network, time, a busy
server), `RemoteError` where it will not before somebody mends it (refused, wrong password). Nothing here knows what an
alert is; it gets words and documents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from ringthrough.errors import BackendError, Problem

__all__ = ["WAITS_S", "Channel", "Notice", "deliver"]

WAITS_S = (1.0, 4.0)
"Seconds between tries of one delivery; a run that a timer starts comes again anyway."


class Notice(NamedTuple):
    """One delivery to one channel."""

    id: str
    "The same for the same content: a receiver tells by it what it has had already."
    at_s: float
    "When it was made, seconds since the epoch."
    subject: str
    "In a few words."
    text: str
    "For people, several lines."
    document: dict[str, Any]
    "For programs: all of it as one JSON object."
    records: tuple[dict[str, Any], ...]
    "For programs: one JSON object for each thing that is told."


class Channel(Protocol):
    """Somewhere to tell people."""

    @property
    def name(self) -> str:
        """What tells it from other channels from one run to the next; holds no secret."""
        ...

    def send(self, notice: Notice) -> tuple[Problem, ...]:
        """
        Tell it, once.

        Returns:
            What went wrong although it was told.

        Raises:
            BackendError: it was not told; trying again may help.
            RemoteError: it was not told; trying again will not help by itself.
        """
        ...


def deliver(
    channel: Channel, notice: Notice, wait: Callable[[float], object], *, waits_s: Sequence[float] = WAITS_S
) -> tuple[Problem, ...]:
    """
    Tell a channel, with some patience.

    Args:
        channel: where to.
        notice: what.
        wait: waits so many seconds.
        waits_s: seconds before each further try; as many tries as these and one.

    Raises:
        BackendError, RemoteError: as `Channel.send`; of the last try.
    """
    for seconds in waits_s:
        try:
            return channel.send(notice)
        except BackendError:
            wait(seconds)
    return channel.send(notice)
