"""`write`: datagrams into a capture file of some shape and format; and `simulate`, which does all of it in one call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from random import Random
from typing import Any, BinaryIO, NamedTuple, Protocol, TextIO

from ringthrough import __version__
from ringthrough.captures import PcapngWriter, PcapWriter
from ringthrough.errors import LocalError, Problem
from ringthrough.simulate.datagrams import SIP, Datagram
from ringthrough.simulate.mixes import Mix
from ringthrough.simulate.shapes import SHAPES, Framer, Shape
from ringthrough.simulate.traffic import traffic
from ringthrough.simulate.truth import CallTruth, TruthFile
from ringthrough.simulate.world import World

__all__ = ["FORMATS", "Counts", "simulate", "write"]


class _Writer(Protocol):
    def write(self, at_us: int, data: bytes, *, orig_len: int | None = None) -> None: ...


FORMATS: Mapping[str, Callable[[BinaryIO, int], _Writer]] = {
    "pcap": lambda handle, link: PcapWriter(handle, link=link),
    "pcap-nsec": lambda handle, link: PcapWriter(handle, link=link, nanoseconds=True),
    "pcap-swapped": lambda handle, link: PcapWriter(handle, link=link, swapped=True),
    "pcapng": lambda handle, link: PcapngWriter(handle, link=link),
}
"File formats by name: how to begin a file of each."


class Counts(NamedTuple):
    """How much was written."""

    packets: int
    "Records of the file."
    messages: int
    "Complete SIP messages in them, copies and repeats included."
    octets: int
    "Octets of all packets, without the headers of the file and its records."
    calls: int = 0
    "Calls; 0 when nobody counted."
    scanners: int = 0
    "Calls by scanners, which come on top."


def write(
    datagrams: Iterable[Datagram],
    handle: BinaryIO,
    *,
    shape: str = "ethernet",
    format: str = "pcap",  # noqa: A002
) -> Counts:
    """
    Write datagrams to a capture file as they come.

    The transport and the addresses are those of the datagrams: for a shape over TCP or IPv6 make them with
    `SHAPES[shape].transport` and a world with `ipv6`, or let `simulate` do it.

    Args:
        datagrams: in order of time.
        handle: where to, opened for writing octets; not closed.
        shape: a name of `SHAPES`.
        format: a name of `FORMATS`.

    Raises:
        LocalError: the shape or the format has no such name.
    """
    chosen = _shape(shape)
    if format not in FORMATS:
        raise LocalError(Problem("simulate-format", f"expected one of {', '.join(FORMATS)}, found {format!r}"))
    put = FORMATS[format](handle, chosen.link).write
    frames = Framer(chosen).frames
    packets = messages = octets = 0
    for datagram in datagrams:
        at_us = datagram.at_us
        if datagram.kind == SIP:
            messages += 1
        for frame in frames(datagram):
            put(at_us, frame)
            packets += 1
            octets += len(frame)
    return Counts(packets, messages, octets)


def simulate(
    rng: Random,
    handle: BinaryIO,
    *,
    mix: Mix,
    calls: int,
    start_us: int,
    duration_s: float,
    shape: str = "ethernet",
    format: str = "pcap",  # noqa: A002
    truth: TextIO | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Counts:
    """
    Write a capture of made-up calls, and the truth about them.

    Args:
        rng: the source of all chance; the same state gives the same octets.
        handle: where the capture goes, opened for writing octets; not closed.
        mix: what happens and how often.
        calls: how many calls; noise and scanners come on top.
        start_us: begin of the capture, microseconds since 1970 UTC.
        duration_s: length of the capture, seconds.
        shape: a name of `SHAPES`.
        format: a name of `FORMATS`.
        truth: where the truth file goes; not closed.
        facts: more for the header of the truth file, such as the seed.

    Raises:
        LocalError: an argument is out of range or names nothing.
    """
    chosen = _shape(shape)
    world = World(rng, ipv6=chosen.ipv6, styles=mix.habits.styles)
    counted = {"call": 0, "scanner": 0}
    lines = TruthFile(truth) if truth is not None else None

    def sink(one: CallTruth) -> None:
        counted[one.kind] += 1
        if lines is not None:
            lines.call(one)

    made = traffic(
        rng,
        mix=mix,
        calls=calls,
        start_us=start_us,
        duration_s=duration_s,
        transport=chosen.transport,
        world=world,
        truth=sink,
    )
    if lines is not None:
        lines.header(
            {
                **(facts or {}),
                "mix": mix.name,
                "version": __version__,
                "calls": calls,
                "start_us": start_us,
                "duration_s": duration_s,
                "shape": shape,
                "format": format,
                **world.elements(),
            }
        )
    counts = write(_visible(made, chosen), handle, shape=shape, format=format)
    counts = counts._replace(calls=counted["call"], scanners=counted["scanner"])
    if lines is not None:
        lines.totals(counts._asdict())
    return counts


def _visible(datagrams: Iterator[Datagram], shape: Shape) -> Iterator[Datagram]:
    """Leave out what a shape cannot hold: without an IP packet there is neither audio nor junk."""
    return (d for d in datagrams if d.kind == SIP) if shape.whole is not None else datagrams


def _shape(name: str) -> Shape:
    if name not in SHAPES:
        raise LocalError(Problem("simulate-shape", f"expected one of {', '.join(SHAPES)}, found {name!r}"))
    return SHAPES[name]
