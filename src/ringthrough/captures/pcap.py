"""
Reading pcap: a 24-octet file header, then records of a 16-octet header and the packet.

Facts
- The magic says byte order and the unit of the fraction of a second; a1b2cd34 (A. Kuznetzov's patch to libpcap, for
  Linux of the 1990s) marks records with 8 octets more. Source: draft-ietf-opsawg-pcap; Wireshark `wiretap/libpcap.c`.
- The upper bits of the link type tell of the length of a frame check sequence; only the lower 16 are the type.
- Nothing marks the start of a record, so a reader that lost its place has to recognise a chain of headers that makes
  sense. Who wants to start in the middle asks `split_pcap`, which walks there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from struct import Struct
from typing import BinaryIO, NamedTuple

from ringthrough.captures.container import BATCH_RECORDS, MAX_PACKET_BYTES, Reader
from ringthrough.captures.records import Row
from ringthrough.captures.source import BLOCK_BYTES, FileSource, Source
from ringthrough.errors import Problem, RemoteError
from ringthrough.native import twin

__all__ = ["PCAP_MAGICS", "PcapReader"]

_FILE_HEADER = 24
_CHAIN_RESYNC = 3
"Sound record headers in a row that end a search after a damaged record."
_NEAR_US = 30 * 86_400 * 1_000_000
"Records of one file lie within this time, when a header has to be recognised: 30 days."

_LIKELY = {
    "<": re.compile(rb"(?s)(?=..[\0-\x08]\0..[\0-\x08]\0)(?!\0\0\0\0)"),
    ">": re.compile(rb"(?s)(?=\0[\0-\x08]..\0[\0-\x08])(?!\0\0\0\0)"),
}
"Byte order -> how the two lengths of a record header look when neither is 0 nor exceeds 2^19; they stand at offset 8."

_RECORDS = twin("_records")
_TAKE = _RECORDS.take_records if _RECORDS is not None else None


class _Shape(NamedTuple):
    """How a magic says that records look."""

    order: str
    divisor: int
    "What the fraction of a second is divided by to give microseconds."
    header: Struct
    "Seconds, fraction, octets kept, octets the packet had."


def _shape(order: str, divisor: int, padding: str = "") -> _Shape:
    return _Shape(order, divisor, Struct(f"{order}IIII{padding}"))


PCAP_MAGICS: dict[bytes, _Shape] = {
    b"\xd4\xc3\xb2\xa1": _shape("<", 1),
    b"\xa1\xb2\xc3\xd4": _shape(">", 1),
    b"\x4d\x3c\xb2\xa1": _shape("<", 1000),
    b"\xa1\xb2\x3c\x4d": _shape(">", 1000),
    b"\x34\xcd\xb2\xa1": _shape("<", 1, "8x"),
    b"\xa1\xb2\xcd\x34": _shape(">", 1, "8x"),
}
"First four octets of a pcap file -> how its records look."


class _FileHeader(NamedTuple):
    shape: _Shape
    version: tuple[int, int]
    snaplen: int
    link: int

    @property
    def limit(self) -> int:
        """Most octets of a record: what the file says, but never more than twice what libpcap allows."""
        return MAX_PACKET_BYTES + min(self.snaplen, MAX_PACKET_BYTES)


def _file_header(octets: bytes, name: str) -> _FileHeader:
    shape = PCAP_MAGICS.get(octets[:4])
    if shape is None:
        detail = f"expected a pcap magic at offset 0, found {octets[:4].hex(' ') or 'nothing'}"
        raise RemoteError(Problem("captures-not-a-capture", detail, where=name, at=0))
    if len(octets) < _FILE_HEADER:
        detail = f"expected a pcap file header of {_FILE_HEADER} octets at offset 0, found {len(octets)}"
        raise RemoteError(Problem("captures-cut-header", detail, where=name, at=len(octets)))
    major, minor, snaplen, network = Struct(f"{shape.order}4xHH8xII").unpack(octets)
    return _FileHeader(shape, (major, minor), snaplen, network & 0xFFFF)


class PcapReader(Reader):
    """
    Records of a pcap file, or of a part of it.

    Args:
        handle: the file, opened for reading octets, at its beginning.
        name: what to call the file in problems.
        start: offset of the first record to read; must be where a record starts (`split_pcap`), and `handle` must
            be able to seek. None for the whole file.
        stop: records that start at this offset or later are left alone.
        first_frame: number of the first record read.
        compression: what `handle` was unpacked from, for `Container.compression`.

    Raises:
        RemoteError: the file does not begin with a pcap header.
    """

    format = "pcap"

    def __init__(
        self,
        handle: BinaryIO | Source,
        *,
        name: str = "",
        start: int | None = None,
        stop: int | None = None,
        first_frame: int = 1,
        compression: str = "",
    ) -> None:
        source = handle if isinstance(handle, Source) else FileSource(handle, name)
        super().__init__(source, compression=compression)
        head = source.peek(_FILE_HEADER)
        self._header = _file_header(head, self.name)
        self.link = self._header.link
        "Link type of every record."
        self.snaplen = self._header.snaplen
        "Snap length as the file says; 0 is no limit."
        self.layout = self._header.shape.header
        "Layout of a record header: seconds, fraction, octets kept, octets of the packet."
        self.big = self._header.shape.order == ">"
        "Whether numbers are in big-endian order."
        self.limit = self._header.limit
        "Most octets a record can keep."
        source.take(_FILE_HEADER)
        if start is not None and isinstance(source, FileSource) and start != _FILE_HEADER:
            source.seek(start)
        self._stop = stop
        self._first_frame = first_frame
        self.next_offset = source.offset
        "Where the record after the last one read starts. After a part was read: the start of the next, if all is well."
        if not self.snaplen:
            self.tally.note("snaplen-zero")
        if self._header.version[0] != 2:
            major, minor = self._header.version
            self._report("captures-version", f"expected pcap version 2.4 at offset 4, found {major}.{minor}", 4)

    def _read(self) -> Iterator[list[Row]]:
        source, tally, link = self._source, self.tally, self.link
        take, big = _TAKE, self.big
        divisor, header = self._header.shape.divisor, self._header.shape.header
        unpack, size, limit = header.unpack_from, header.size, self._header.limit
        buffer, at, base, end = b"", 0, source.offset, 0
        stop_at = self._stop
        last = -size  # greatest index in `buffer` where a header is complete and still ours
        frame = self._first_frame
        near_us: int | None = None
        while True:
            rows: list[Row] = []
            append = rows.append
            need = kept = 0
            if take is not None:
                at, need, kept = take(buffer, at, last, limit, frame, BATCH_RECORDS, link, big, divisor, size, rows)
            else:
                for number in range(frame, frame + BATCH_RECORDS):
                    if at > last:
                        need = size
                        break
                    seconds, fraction, kept, whole = unpack(buffer, at)
                    body = at + size
                    after = body + kept
                    if after > end or kept > limit:
                        need = size + kept
                        break
                    append((seconds * 1_000_000 + fraction // divisor, number, link, buffer[body:after], kept < whole))
                    at = after
            if rows:
                frame += len(rows)
                tally.records += len(rows)
                self.next_offset = base + at
                yield rows
                if rows[-1][3]:
                    near_us = rows[-1][0]
                elif not need and at <= last and not _sound(buffer, at, self._header, near_us) and _empty(rows):
                    # Zeros read as records without octets: what a crash leaves of a file, or the inside of a zip bomb.
                    found = self._resync(buffer, at, base, near_us, f"{BATCH_RECORDS} empty ones before it")
                    frame += 1
                    if found is None:
                        return
                    buffer, at, base = found
                    end = len(buffer)
                    last = end - size if stop_at is None else min(end - size, stop_at - 1 - base)
            if not need:
                continue
            if stop_at is not None and base + at >= stop_at:
                return
            if kept > limit:
                found = self._resync(buffer, at, base, near_us, f"a length of {kept}")
                frame += 1
                if found is None:
                    return
                buffer, at, base = found
            else:
                buffer = buffer[at:] + source.read(need - (end - at))
                base, at = base + at, 0
                if len(buffer) < need:
                    if buffer:
                        self._cut(base, need, len(buffer))
                    return
            end = len(buffer)
            last = end - size if stop_at is None else min(end - size, stop_at - 1 - base)

    def _cut(self, offset: int, need: int, found: int) -> None:
        what = "a record of" if need > self._header.shape.header.size else "a record header of"
        detail = f"expected {what} {need} octets at offset {offset}, found the end of the file after {found}"
        self._bad_record("cut-record", "captures-cut-record", detail, offset)

    def _resync(
        self, buffer: bytes, at: int, base: int, near_us: int | None, wrong: str
    ) -> tuple[bytes, int, int] | None:
        """
        Find the next sound record after the bad one at `buffer[at]`, within the next 1 MiB or a little more.

        Returns:
            The buffer, the index of the record, and the offset of the buffer in the file.
        """
        if len(buffer) - at < BLOCK_BYTES:
            buffer = buffer[at:] + self._source.read(BLOCK_BYTES)
            base, at = base + at, 0
        found = None
        end = len(buffer) if self._source.ended else None
        for match in _LIKELY[self._header.shape.order].finditer(buffer, at + 1 + 8):
            place = match.start() - 8
            if _chain(buffer, place, self._header, near_us, _CHAIN_RESYNC, end):
                found = place
                break
        lost = (len(buffer) if found is None else found) - at
        then = "no sound record follows nearby, so the rest was left out"
        if found is not None:
            then = f"{lost} octets up to the next sound record are lost"
        most, offset = self._header.limit, base + at
        detail = f"expected a record of at most {most} octets at offset {offset}, found {wrong}; {then}"
        self._bad_record("bad-record", "captures-bad-record", detail, offset)
        self.tally.note("lost-bytes", lost)
        return None if found is None else (buffer, found, base)


def _empty(rows: list[Row]) -> bool:
    return not any(row[3] for row in rows)


def _sound(buffer: bytes, at: int, header: _FileHeader, near_us: int | None) -> int | None:
    """Offset after the record at `buffer[at]`, which must hold its header; None when that is no sound record."""
    seconds, fraction, kept, whole = header.shape.header.unpack_from(buffer, at)
    if not 0 < kept <= whole <= header.limit or fraction >= 1_000_000 * header.shape.divisor:
        return None
    if near_us is not None and abs(seconds * 1_000_000 - near_us) > _NEAR_US:
        return None
    after: int = at + header.shape.header.size + kept
    return after


def _chain(buffer: bytes, at: int, header: _FileHeader, near_us: int | None, length: int, end: int | None) -> bool:
    """Whether `length` sound records follow each other from `buffer[at]`, or fewer that end exactly at `end`."""
    for _ in range(length):
        if at == end:
            return True
        if at + header.shape.header.size > len(buffer):
            return False
        after = _sound(buffer, at, header, near_us)
        if after is None:
            return False
        at = after
    return True
