"""A record: one packet as its file keeps it, before anything is made of its octets."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Record", "Row"]

Row = tuple[int, int, int, bytes, bool]
"A `Record` as a plain tuple, which is cheaper to make; same fields, same order."


class Record(NamedTuple):
    """One packet of a capture file."""

    at_us: int
    "When it was captured: microseconds since 1970-01-01 UTC, finer times rounded down; 0 when the file does not say."
    frame: int
    "Its number in the file, from 1, as Wireshark counts."
    link: int
    "How its octets begin: a LINKTYPE number as registered by tcpdump.org, for example 1 for Ethernet."
    data: bytes
    "The octets that were kept."
    cut: bool
    "The packet was longer than what was kept (snap length)."
