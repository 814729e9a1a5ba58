"""Capture files made octet by octet, so that each oddity stands alone."""

from __future__ import annotations

import io
from struct import pack

from hypothesis import strategies as st

from ringthrough.captures import PROBLEMS, Container, Record, open_capture
from ringthrough.errors import RemoteError

AT = 1_700_000_000
"Seconds since 1970 of the first packet."


class Trickle(io.RawIOBase):
    """A handle that cannot seek and gives one octet per read."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        piece = self._octets[self._at : self._at + 1]
        self._at += 1
        return piece


class Broken(io.RawIOBase):
    """A handle whose disk fails after some octets."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def read(self, size: int = -1) -> bytes:
        if not self._octets:
            raise OSError(5, "Input/output error")
        octets, self._octets = self._octets, b""
        return octets


class Endless(io.RawIOBase):
    """A handle that gives a head, then the same octets over and over, up to a size."""

    def __init__(self, head: bytes, repeat: bytes, times: int) -> None:
        self._head = head
        self._repeat = repeat
        self._times = times

    def read(self, size: int = -1) -> bytes:
        if self._head:
            head, self._head = self._head, b""
            return head
        self._times -= 1
        return self._repeat if self._times >= 0 else b""


def pcap_head(
    magic: int = 0xA1B2C3D4, order: str = "<", *, version: int = 2, snaplen: int = 65535, network: int = 1
) -> bytes:
    return pack(f"{order}IHHiIII", magic, version, 4, 0, 0, snaplen, network)


def pcap_record(
    data: bytes,
    order: str = "<",
    *,
    at: int = AT,
    fraction: int = 0,
    kept: int | None = None,
    whole: int | None = None,
    more: bytes = b"",
) -> bytes:
    kept = len(data) if kept is None else kept
    return pack(f"{order}IIII", at, fraction, kept, kept if whole is None else whole) + more + data


def block(kind: int, body: bytes, order: str = "<", *, tail: int | None = None) -> bytes:
    length = len(body) + 12
    return pack(f"{order}II", kind, length) + body + pack(f"{order}I", length if tail is None else tail)


def section(order: str = "<", *, major: int = 1) -> bytes:
    return block(0x0A0D0D0A, pack(f"{order}IHHq", 0x1A2B3C4D, major, 0, -1), order)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return pack(f"{order}HH", code, len(value)) + value + b"\0" * (-len(value) & 3)


def interface(order: str = "<", *, link: int = 1, snaplen: int = 0xFFFF, options: bytes = b"") -> bytes:
    return block(1, pack(f"{order}HHI", link, 0, snaplen) + options, order)


def packet(
    data: bytes,
    order: str = "<",
    *,
    which: int = 0,
    ticks: int = AT * 1_000_000,
    whole: int | None = None,
    kept: int | None = None,
    options: bytes = b"",
) -> bytes:
    kept = len(data) if kept is None else kept
    head = pack(f"{order}IIIII", which, ticks >> 32, ticks & 0xFFFFFFFF, kept, kept if whole is None else whole)
    return block(6, head + data + b"\0" * (-len(data) & 3) + options, order)


def simple(data: bytes, order: str = "<", *, whole: int | None = None) -> bytes:
    whole = len(data) if whole is None else whole
    return block(3, pack(f"{order}I", whole) + data + b"\0" * (-len(data) & 3), order)


def old_packet(data: bytes, order: str = "<", *, ticks: int = AT * 1_000_000) -> bytes:
    head = pack(f"{order}HHIIII", 0, 7, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
    return block(2, head + data + b"\0" * (-len(data) & 3), order)


def opened(octets: bytes, name: str = "made.pcap", **limits: int) -> Container:
    return open_capture(io.BytesIO(octets), name=name, **limits)


def read(octets: bytes) -> tuple[list[Record], Container]:
    container = opened(octets)
    return list(container), container


def accounted(container: Container, records: list[Record]) -> bool:
    """Whether every record was handed out or counted for a reason."""
    tally = container.tally
    return tally.records == len(records) + sum(tally.bad.values()) + sum(tally.skipped.values())


def codes(container: Container) -> list[str]:
    return [problem.code for problem in container.problems]


@st.composite
def damaged(draw: st.DrawFn, octets: bytes) -> bytes:
    """A sound file with some octets changed, left out or put in, and perhaps an end too early."""
    kept = bytearray(octets)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(kept) - 1)))
        how = draw(st.sampled_from(["change", "cut", "insert", "number"]))
        if how == "change" and kept:
            kept[at] = draw(st.integers(0, 255))
        elif how == "cut":
            del kept[at : at + draw(st.integers(1, 40))]
        elif how == "insert":
            kept[at:at] = draw(st.binary(max_size=40))
        else:
            kept[at : at + 4] = pack("<I", draw(st.sampled_from([0, 1, 12, 16, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])))
    return bytes(kept[: draw(st.integers(0, len(kept)))] if draw(st.booleans()) else kept)


def survives(octets: bytes, **limits: int) -> None:
    """Nothing but our errors, an end, and every record accounted for."""
    refused = None
    try:
        container = opened(octets, **limits)
    except RemoteError as error:
        refused = error
    if refused is not None:
        assert refused.problem.code in PROBLEMS
        assert "\n" not in str(refused)
        return
    records = list(container)
    assert accounted(container, records)
    frames = [record.frame for record in records]
    assert frames == sorted(set(frames))
    assert not frames or frames[-1] <= container.tally.records
    for record in records:
        assert 0 <= record.at_us < 1 << 63
        assert type(record.data) is bytes
    for problem in container.problems:
        assert problem.code in PROBLEMS
        assert problem.where == "made.pcap"
        assert "expected" in problem.detail
