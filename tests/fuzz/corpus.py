"""What is mutated: our own made-up traffic in every shape, messages made by hand, and captures that others made."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from struct import unpack_from

from ringthrough.calls import Sighting
from ringthrough.captures import Dissector, PcapngWriter, PcapWriter, open_capture
from ringthrough.captures.link import LINKS
from ringthrough.errors import Error
from ringthrough.simulate import EVERYTHING, SHAPES, simulate
from tests.calls.scene import OFFER, request, response
from tests.conftest import shared_path

__all__ = ["LINK_TYPES", "Corpus", "Shot", "build_file", "corpus", "words_of"]

START_US = 1_780_272_000_000_000
LINK_TYPES = (*LINKS, 252)
"Every link type that the dissector knows."
_SEED = 4475
_CALLS = 90
_FRAMES_PER_SHAPE = 60
_LARGEST_FILE = 150_000
_ROOM = 40

HAND_MADE = (
    request("INVITE", body=OFFER, headers=["User-Agent: x", "Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=0"]),
    request("INVITE", caller="anonymous", headers=["P-Asserted-Identity: <tel:+12155550199>", "X-CID: other@host"]),
    request("CANCEL", headers=['Reason: SIP;cause=200;text="Call completed elsewhere"']),
    request("BYE", to_tag="t1", headers=['Reason: SIP;cause=607;text="Unwanted"', "Server: a"]),
    request("ACK", to_tag="t1"),
    response(100, "Trying"),
    response(183, "Session Progress", body=OFFER),
    response(
        603,
        "Network Blocked",
        headers=[
            'Reason: SIP;cause=603;text="v=analytics1;url=https://fir.example;tel=+18005550100;id=7";location=RLN'
        ],
    ),
    response(608, "Rejected", headers=["Call-Info: <https://card.example/c.jws>;purpose=jwscard", "Server: b"]),
    response(403, "Stale Date", headers=["Reason: STIR;cause=403", "Reason: Q.850;cause=21;location=RLN"]),
    response(403, "Forbidden", headers=["X-Twilio-Error: 32017 blocked", 'Warning: 399 a "D17"']),
    response(
        486, "Busy Here", headers=["Reason: Q.850;cause=17, SIP;cause=486", "Retry-After: 18000 (x);duration=3600"]
    ),
)


@dataclass(frozen=True, slots=True)
class Shot:
    """One record that a capture holds."""

    at_us: int
    link: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything there is to mutate."""

    messages: tuple[bytes, ...]
    shots: tuple[tuple[Shot, ...], ...]
    "Records in order of time, one sequence for each shape or file."
    frames: tuple[bytes, ...]
    "Octets of all records, to splice with."
    flows: tuple[tuple[Sighting, ...], ...]
    "Messages of whole calls, in order of time."

    def __str__(self) -> str:
        return f"{len(self.messages)} messages and {len(self.frames)} frames of {len(self.shots)} captures"


@cache
def corpus() -> Corpus:
    """Make the corpus; the same on every machine that has the same shared data."""
    shots = [_records(_made_up(shape, 30), shape)[:_FRAMES_PER_SHAPE] for shape in SHAPES]
    said = _sightings(_made_up("ethernet", _CALLS))
    shared_messages, shared_shots = _shared()
    shots += shared_shots
    return Corpus(
        (*HAND_MADE, *(sighting.data for sighting in said), *shared_messages),
        tuple(shots),
        tuple(shot.data for several in shots for shot in several),
        _flows(said),
    )


def _made_up(shape: str, calls: int) -> bytes:
    handle = io.BytesIO()
    simulate(Random(_SEED), handle, mix=EVERYTHING, calls=calls, start_us=START_US, duration_s=600.0, shape=shape)
    return handle.getvalue()


def _sightings(octets: bytes) -> list[Sighting]:
    capture = open_capture(io.BytesIO(octets), name="made-up.pcap")
    dissector = Dissector(file=0, tally=capture.tally)
    return [sighting for row in capture for sighting in dissector.feed(*row)]


def _flows(sightings: Sequence[Sighting]) -> tuple[tuple[Sighting, ...], ...]:
    """Group messages by the line with their Call-ID; a call of one message tells nothing."""
    calls: dict[bytes, list[Sighting]] = {}
    for sighting in sightings:
        at = sighting.data.find(b"\r\nCall-ID:")
        if at > 0:
            calls.setdefault(sighting.data[at + 2 :].split(b"\r\n")[0], []).append(sighting)
    return tuple(tuple(call[:_ROOM]) for call in calls.values() if len(call) > 1)


def _records(octets: bytes, name: str) -> tuple[Shot, ...]:
    return tuple(
        Shot(at_us, link, data) for at_us, _frame, link, data, _cut in open_capture(io.BytesIO(octets), name=name)
    )


def _shared() -> tuple[list[bytes], list[tuple[Shot, ...]]]:
    """Messages and small captures that others made; nothing where they are absent."""
    folder = shared_path()
    torture = _files(folder / "vectors" / "rfc4475") + _files(folder / "data" / "torture")
    messages = [path.read_bytes() for path in torture if path.suffix != ".json"]
    shots: list[tuple[Shot, ...]] = []
    for path in _files(folder / "data" / "pcap"):
        if path.suffix != ".json" and path.stat().st_size <= _LARGEST_FILE:
            try:
                shots.append(_records(path.read_bytes(), path.name)[:_FRAMES_PER_SHAPE])
            except Error:
                continue
    return messages, shots


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def build_file(rng: Random, shots: Sequence[Shot]) -> bytes:
    """Put records into a file of any format; a pcap file takes the link type of the first."""
    handle = io.BytesIO()
    nanoseconds, swapped = rng.random() < 0.3, rng.random() < 0.3
    snaplen = rng.choice((262_144, 262_144, 65_535, 256))
    if rng.random() < 0.5:
        classic = PcapWriter(handle, link=shots[0].link, nanoseconds=nanoseconds, swapped=swapped, snaplen=snaplen)
        for shot in shots:
            classic.write(shot.at_us, shot.data)
        return handle.getvalue()
    faces: dict[int, int] = {shots[0].link: 0}
    modern = PcapngWriter(handle, link=shots[0].link, nanoseconds=nanoseconds, swapped=swapped, snaplen=snaplen)
    for shot in shots:
        if shot.link not in faces:
            faces[shot.link] = modern.interface(shot.link, nanoseconds=not nanoseconds)
        modern.write(shot.at_us, shot.data, interface=faces[shot.link])
    return handle.getvalue()


def words_of(file: bytes) -> list[int]:
    """Offsets of the four-octet words in the headers of a sound capture file and of its records."""
    if file[:4] == b"\n\r\r\n":
        order = "<" if file[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
        places, at = [], 0
        while at + 12 <= len(file):
            (length,) = unpack_from(f"{order}I", file, at + 4)
            places += [*range(at, min(at + 28, at + length), 4), at + length - 4]
            at += length
        return places
    order = "<" if file[0] in (0xD4, 0x4D) else ">"
    places, at = list(range(0, 24, 4)), 24
    while at + 16 <= len(file):
        places += range(at, at + 16, 4)
        at += 16 + int(unpack_from(f"{order}I", file, at + 8)[0])
    return places
