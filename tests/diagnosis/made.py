"""What the tests of this room share: simulated captures with their truth, and files as a diagnosis takes them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from ringthrough.calls import Call, Carrier, Carriers, Verdict
from ringthrough.captures import PcapReader, PcapWriter
from ringthrough.diagnosis import Run, Settings, Source, diagnose
from ringthrough.simulate import EVERYTHING, SHAPES, Datagram, Habits, Mix, simulate, traffic

START_US = 1_780_272_000_000_000
Row = tuple[Call, Verdict]
WHOLE = replace(EVERYTHING, habits=Habits(proxied=0.1, mirrored=0.05, repeated=0.1))
"Everything but the Identity header, so that few messages are larger than a frame."


@dataclass(frozen=True)
class Made:
    """A simulated capture and what is true of it."""

    octets: bytes
    header: dict[str, Any]
    calls: list[dict[str, Any]]
    "Truth lines of calls, scanners left out."
    scanners: int
    totals: dict[str, Any]

    def settings(self, *, workers: int = 1) -> Settings:
        carriers = Carriers(tuple(Carrier(c["name"], tuple(c["networks"])) for c in self.header["carriers"]))
        return Settings(region="US", own=tuple(self.header["own"]), carriers=carriers, workers=workers)


def made(
    mix: Mix = EVERYTHING,
    *,
    calls: int = 150,
    seed: int = 1,
    shape: str = "ethernet",
    format: str = "pcap",  # noqa: A002
    duration_s: float = 3600.0,
) -> Made:
    capture, told = io.BytesIO(), io.StringIO()
    simulate(
        Random(seed), capture, mix=mix, calls=calls, start_us=START_US, duration_s=duration_s,
        shape=shape, format=format, truth=told,
    )  # fmt: skip
    header, *truths, totals = (json.loads(line) for line in told.getvalue().splitlines())
    said = [t for t in truths if t["kind"] == "call"]
    return Made(capture.getvalue(), header, said, len(truths) - len(said), totals)


def in_memory(*files: bytes) -> list[Source]:
    return [Source(f"{n}.pcap", partial(io.BytesIO, octets), len(octets)) for n, octets in enumerate(files)]


def on_disk(folder: Path, *files: bytes, names: Sequence[str] = ()) -> list[Source]:
    """Write files and make sources of them, in the order given."""
    found = []
    for number, octets in enumerate(files):
        path = folder / (names[number] if names else f"{number}.pcap")
        path.write_bytes(octets)
        found.append(source(path))
    return found


def source(path: Path) -> Source:
    return Source(path.name, partial(path.open, "rb"), path.stat().st_size if path.exists() else 0)


def rows_of(run: Run) -> list[Row]:
    return [row for batch in run for row in batch]


def diagnosed(sources: Sequence[Source], settings: Settings | None = None) -> tuple[Run, list[Row]]:
    run = diagnose(sources, settings)
    return run, rows_of(run)


def datagrams(
    mix: Mix = EVERYTHING, *, calls: int, seed: int = 1, duration_s: float = 900.0, transport: str = "udp"
) -> list[Datagram]:
    made_up = traffic(Random(seed), mix=mix, calls=calls, start_us=START_US, duration_s=duration_s, transport=transport)
    return list(made_up)


def records(octets: bytes) -> list[tuple[int, bytes]]:
    """Capture time and octets of each record of a plain pcap."""
    reader = PcapReader(io.BytesIO(octets))
    return [(at_us, data) for block in reader.blocks() for at_us, _frame, _link, data, _cut in block]


def pcap(rows: Iterable[tuple[int, bytes]], *, link: int = SHAPES["ethernet"].link) -> bytes:
    handle = io.BytesIO()
    writer = PcapWriter(handle, link=link)
    for at_us, data in rows:
        writer.write(at_us, data)
    return handle.getvalue()
