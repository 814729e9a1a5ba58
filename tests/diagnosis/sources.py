"""One call as every kind of source tells it: captures, printed traces, records of many dialects, Parquet."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from ringthrough.calls import Sighting
from ringthrough.captures import PcapWriter
from ringthrough.diagnosis import Source
from ringthrough.report.cutout import wrap
from ringthrough.simulate import DEMO
from ringthrough.store import write_parquet
from tests.captures.printers import PRINTERS
from tests.cli.conftest import Scene, messages

from .made import Row, made

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

RECORDS = Path(__file__).resolve().parents[1] / "data" / "cdr"
TRACES = {
    "ngrep": "ngrep -W byline", "tcpdump": "tcpdump -A -tttt -v", "sngrep": "sngrep", "pjsip": "asterisk pjsip log",
    "ccsip": "cisco ccsip", "bare": "bare messages", "insert": "sip_trace INSERT",
}  # fmt: skip
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress, "zstd": zstd.compress, "xz": lzma.compress, "bzip2": bz2.compress,
}  # fmt: skip


def printed(how: str, scenes: Iterable[Scene]) -> bytes:
    """The messages of some calls in time order, as a tool prints them."""
    seen: list[Sighting] = sorted((m for scene in scenes for m in messages(scene)), key=lambda m: m.at_us)
    return PRINTERS[TRACES[how]].print(seen)


def captured(scenes: Iterable[Scene]) -> bytes:
    handle = io.BytesIO()
    writer = PcapWriter(handle)
    for sighting in sorted((m for scene in scenes for m in messages(scene)), key=lambda m: m.at_us):
        writer.write(sighting.at_us, wrap(sighting, sighting.data))
    return handle.getvalue()


def records(name: str) -> bytes:
    return (RECORDS / name).read_bytes()


def simulated(calls: int = 60, seed: int = 1, **options: object) -> bytes:
    return made(DEMO, calls=calls, seed=seed, **options).octets  # type: ignore[arg-type]


def parquet(path: Path, rows: list[Row]) -> Path:
    write_parquet(path, [rows])
    return path


def memory(**files: bytes) -> list[Source]:
    """Sources without a path, by name."""
    return [Source(name, partial(io.BytesIO, octets), len(octets)) for name, octets in files.items()]
