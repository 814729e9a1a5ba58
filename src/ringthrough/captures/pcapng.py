"""
Reading pcapng: blocks of a type, a length, a body and the length again, in sections with their own byte order.

Facts
- A section header block starts a section: its magic says the byte order, and the interfaces described so far are
  forgotten. Several captures put one after the other are a sound file.
- Packets name an interface, which gives link type, unit of time (`if_tsresol`) and an offset (`if_tsoffset`, seconds).
  Simple packets belong to interface 0 and have no time, which is read as 0.
- Wireshark numbers packets and journal entries; so do we.

Source: draft-ietf-opsawg-pcapng §3 (blocks), §4 (their bodies); obsolete packet block: its appendix A.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from struct import Struct, error
from typing import BinaryIO, Final, NamedTuple

from ringthrough.captures.container import BATCH_RECORDS, MAX_PACKET_BYTES, Reader
from ringthrough.captures.records import Row
from ringthrough.captures.source import BLOCK_BYTES, FileSource, Source
from ringthrough.errors import Problem, RemoteError

__all__ = ["MAX_BLOCK_BYTES", "SECTION_HEADER", "PcapngReader"]

SECTION_HEADER: Final = b"\x0a\x0d\x0d\x0a"
"First four octets of a section, in either byte order."
MAX_BLOCK_BYTES = 1 << 24
"Most octets of a block: 16 MiB, as in libpcap's sf-pcapng.c."
_MAX_AT_US = 253_402_300_800_000_000
"The year 10000; nothing behind us can write such a time down."
_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE, _NAMES, _STATISTICS, _PACKET = 0x0A0D0D0A, 1, 2, 3, 4, 5, 6
_JOURNAL, _SECRETS = 9, 10
_PACKETS = (_OLD_PACKET, _SIMPLE, _PACKET)
_MAX_PACKET_BLOCK_BYTES = 2 * MAX_PACKET_BYTES + 65_536
"Most octets of a block with a packet: twice what libpcap allows, as in `pcap`, and options."
_NOTES = {
    _NAMES: "block-name-resolution",
    _STATISTICS: "block-interface-statistics",
    _SECRETS: "block-decryption-secrets",
    0x0BAD: "block-custom",
    0x40000BAD: "block-custom",
}
_CHAIN_RESYNC = 3
"Sound blocks in a row that end a search after a damaged one."
_LIKELY = {
    "<": re.compile(rb"(?=[\x01-\x0a]\0\0\0|\n\r\r\n|\xad\x0b\0[\0\x40])"),
    ">": re.compile(rb"(?=\0\0\0[\x01-\x0a]|\n\r\r\n|[\0\x40]\0\x0b\xad)"),
}
"Byte order -> how blocks of a known type begin, which is all a search looks for."
_SMALLEST = 12
_TSRESOL, _TSOFFSET = 9, 14


class _Order(NamedTuple):
    """What a byte order needs, compiled."""

    sign: str
    packet: Struct
    "Enhanced packet block: type, length, interface, time (high, low), octets kept, octets the packet had."
    old: Struct
    "Obsolete packet block, the same with a 16-bit interface and a count of drops."
    two: Struct
    one: Struct


def _order(sign: str) -> _Order:
    return _Order(
        sign,
        Struct(f"{sign}IIIIIII"),
        Struct(f"{sign}IIH2xIIII"),
        Struct(f"{sign}II"),
        Struct(f"{sign}I"),
    )


_ORDERS = {b"\x4d\x3c\x2b\x1a": _order("<"), b"\x1a\x2b\x3c\x4d": _order(">")}


class _Interface(NamedTuple):
    """What an interface description says, ready for use."""

    link: int
    factor: int
    divisor: int
    "A time in units of the interface, times `factor` by `divisor`, is microseconds."
    offset_us: int
    snaplen: int


class PcapngReader(Reader):
    """
    Records of a pcapng file.

    Args:
        handle: the file, opened for reading octets, at its beginning.
        name: what to call the file in problems.
        compression: what `handle` was unpacked from, for `Container.compression`.

    Raises:
        RemoteError: the file does not begin with a section header.
    """

    format = "pcapng"

    def __init__(self, handle: BinaryIO | Source, *, name: str = "", compression: str = "") -> None:
        source = handle if isinstance(handle, Source) else FileSource(handle, name)
        super().__init__(source, compression=compression)
        head = source.peek(28)
        if head[:4] != SECTION_HEADER or (len(head) >= _SMALLEST and head[8:12] not in _ORDERS):
            detail = f"expected a pcapng section header at offset 0, found {head[:12].hex(' ') or 'nothing'}"
            raise RemoteError(Problem("captures-not-a-capture", detail, where=self.name, at=0))
        if len(head) < 28:
            detail = f"expected a pcapng section header of 28 octets at offset 0, found {len(head)}"
            raise RemoteError(Problem("captures-cut-header", detail, where=self.name, at=len(head)))
        self._interfaces: list[_Interface] = []
        self._order = _ORDERS[head[8:12]]
        self._frame = 1

    def _read(self) -> Iterator[list[Row]]:
        source, tally = self._source, self.tally
        buffer, at, base, end = b"", 0, source.offset, 0
        unpack, unpack_one = self._order.packet.unpack_from, self._order.one.unpack_from
        interfaces = self._interfaces
        while True:
            rows: list[Row] = []
            append = rows.append
            frame = self._frame
            need = 0
            # The loop takes sound enhanced packet blocks, which most blocks are, and leaves all else to `_other`.
            for number in range(frame, frame + BATCH_RECORDS):
                if at + 32 > end:
                    need = 32
                    break
                kind, length, which, high, low, kept, whole = unpack(buffer, at)
                after = at + length
                if kind != 6 or after > end or 32 + kept > length or length & 3 or which >= len(interfaces):
                    need = 1
                    break
                if unpack_one(buffer, after - 4)[0] != length:
                    need = 1
                    break
                link, factor, divisor, offset_us, _ = interfaces[which]
                at_us = (high << 32 | low) * factor // divisor + offset_us
                if not 0 <= at_us < _MAX_AT_US:
                    at_us = self._bad_time(base + at)
                append((at_us, number, link, buffer[at + 28 : at + 28 + kept], kept < whole))
                at = after
            if rows:
                self._frame += len(rows)
                tally.records += len(rows)
                yield rows
            if not need:
                continue
            if end - at >= _SMALLEST:
                length = self._length(buffer, at)
                if length < 0:
                    found = self._resync(buffer, at, base)
                    if found is None:
                        return
                    buffer, at, base = found
                    end = len(buffer)
                    continue
                if at + length <= end:
                    row = self._other(buffer, at, length, base + at)
                    if row is not None:
                        yield [row]
                    at += length
                    interfaces = self._interfaces
                    unpack, unpack_one = self._order.packet.unpack_from, self._order.one.unpack_from
                    continue
                need = length
            else:
                need = _SMALLEST
            buffer = buffer[at:] + source.read(need - (end - at))
            base, at = base + at, 0
            end = len(buffer)
            if end < need:
                if end:
                    detail = (
                        f"expected a block of {need} octets at offset {base}, found the end of the file after {end}"
                    )
                    self._bad_record("cut-record", "captures-cut-record", detail, base)
                return

    def _length(self, buffer: bytes, at: int, order: _Order | None = None) -> int:
        """Length of the block at `buffer[at]`, which holds its first 12 octets at least; -1 when it is not sound."""
        order = order or self._order
        kind, length = order.two.unpack_from(buffer, at)
        smallest = _SMALLEST
        if kind == _SECTION:
            own = _ORDERS.get(buffer[at + 8 : at + 12])
            if own is None:
                return -1
            order, smallest = own, 28
            length = order.two.unpack_from(buffer, at)[1]
        most = _MAX_PACKET_BLOCK_BYTES if kind in _PACKETS else MAX_BLOCK_BYTES
        if not smallest <= length <= most or length & 3:
            return -1
        if at + length <= len(buffer) and order.one.unpack_from(buffer, at + length - 4)[0] != length:
            return -1
        return int(length)

    def _resync(self, buffer: bytes, at: int, base: int) -> tuple[bytes, int, int] | None:
        """
        Find the next sound block after the bad one at `buffer[at]`, within the next 1 MiB or a little more.

        Returns:
            The buffer, the index of the block, and the offset of the buffer in the file.
        """
        kind, length = self._order.two.unpack_from(buffer, at)
        if len(buffer) - at < BLOCK_BYTES:
            buffer = buffer[at:] + self._source.read(BLOCK_BYTES)
            base, at = base + at, 0
        found = None
        for match in _LIKELY[self._order.sign].finditer(buffer, at + 1):
            if self._chain(buffer, match.start()):
                found = match.start()
                break
        lost = (len(buffer) if found is None else found) - at
        then = "no sound block follows nearby, so the rest was left out"
        if found is not None:
            then = f"{lost} octets up to the next sound block are lost"
        detail = (
            f"expected a block that says the same length at both ends at offset {base + at}, found type {kind:#x} with "
            f"length {length}; {then}"
        )
        self._bad_record("bad-block", "captures-bad-block", detail, base + at)
        self._frame += 1
        self.tally.note("lost-bytes", lost)
        return None if found is None else (buffer, found, base)

    def _chain(self, buffer: bytes, at: int) -> bool:
        """Whether sound blocks follow each other from `buffer[at]`: three, or fewer up to the end of the file."""
        order = self._order
        for done in range(_CHAIN_RESYNC):
            if at == len(buffer) and done:
                return self._source.ended
            if at + _SMALLEST > len(buffer):
                return False
            length = self._length(buffer, at, order)
            if length < 0 or at + length > len(buffer):
                return False
            if buffer.startswith(SECTION_HEADER, at):
                order = _ORDERS[buffer[at + 8 : at + 12]]
            at += length
        return True

    def _other(self, buffer: bytes, at: int, length: int, offset: int) -> Row | None:
        """Take in a sound block that is no plain packet; return its record, if it is one."""
        kind = self._order.one.unpack_from(buffer, at)[0]
        block = buffer[at : at + length]
        if kind == _SECTION:
            self._section(block, offset)
        elif kind == _INTERFACE:
            self._interface(block, offset)
        elif kind in _PACKETS:
            return self._packet(kind, block, offset)
        elif kind == _JOURNAL:
            self.tally.records += 1
            self.tally.skip("journal-entry")
            self._frame += 1
        else:
            self.tally.note(_NOTES.get(kind, "block-unknown"))
        return None

    def _section(self, block: bytes, offset: int) -> None:
        self._order = _ORDERS[block[8:12]]
        self._interfaces = []
        major, minor = Struct(f"{self._order.sign}HH").unpack_from(block, 12)
        if major != 1:
            detail = f"expected pcapng version 1.0 at offset {offset + 12}, found {major}.{minor}"
            self._report("captures-version", detail, offset + 12)

    def _interface(self, block: bytes, offset: int) -> None:
        if len(block) < 20:
            detail = f"expected an interface description of at least 20 octets at offset {offset}, found {len(block)}"
            self._report("captures-bad-block", detail, offset)
            self.tally.note("bad-interface")
            # An interface must be counted all the same, or all that follow would be numbered wrongly.
            self._interfaces.append(_Interface(0, 1, 1, 0, 0))
            return
        link, snaplen = Struct(f"{self._order.sign}H2xI").unpack_from(block, 8)
        per_second, offset_s = 1_000_000, 0
        for code, value in self._options(block[16:-4]):
            if code == _TSRESOL and len(value) == 1:
                per_second = 2 ** (value[0] & 0x7F) if value[0] & 0x80 else 10 ** value[0]
            elif code == _TSOFFSET and len(value) == 8:
                offset_s = Struct(f"{self._order.sign}q").unpack(value)[0]
        factor, divisor = 1_000_000, per_second
        if factor % divisor == 0:
            factor, divisor = factor // divisor, 1
        elif divisor % factor == 0:
            factor, divisor = 1, divisor // factor
        if not snaplen:
            self.tally.note("snaplen-zero")
        self._interfaces.append(_Interface(link, factor, divisor, offset_s * 1_000_000, snaplen))

    def _options(self, octets: bytes) -> Iterator[tuple[int, bytes]]:
        """Options up to their end, or up to the first that does not fit. Source: draft-ietf-opsawg-pcapng §3.5."""
        head = Struct(f"{self._order.sign}HH")
        at = 0
        while at + 4 <= len(octets):
            code, length = head.unpack_from(octets, at)
            if code == 0 or at + 4 + length > len(octets):
                return
            yield code, octets[at + 4 : at + 4 + length]
            at += 4 + (length + 3) // 4 * 4

    def _packet(self, kind: int, block: bytes, offset: int) -> Row | None:
        number = self._frame
        self._frame += 1
        which, time, body = 0, None, 28
        try:
            if kind == _SIMPLE:
                whole = self._order.one.unpack_from(block, 8)[0]
                body = 12
                kept = min(whole, len(block) - 16)
            else:
                layout = self._order.packet if kind == _PACKET else self._order.old
                _, _, which, high, low, kept, whole = layout.unpack_from(block)
                time = high << 32 | low
        except error:
            self._bad_packet(kind, f"a header that fits into {len(block)} octets", offset)
            return None
        if body + kept + 4 > len(block) or kept < 0:
            self._bad_packet(kind, f"at most {len(block) - body - 4} octets of packet", offset)
            return None
        if which >= len(self._interfaces):
            detail = f"expected one of {len(self._interfaces)} interfaces at offset {offset}, found number {which}"
            self._bad_record("unknown-interface", "captures-unknown-interface", detail, offset)
            return None
        face = self._interfaces[which]
        if kind == _SIMPLE and face.snaplen:
            kept = min(kept, face.snaplen)
        at_us = 0
        if time is not None:
            at_us = time * face.factor // face.divisor + face.offset_us
            if not 0 <= at_us < _MAX_AT_US:
                at_us = self._bad_time(offset)
        self.tally.records += 1
        return at_us, number, face.link, block[body : body + kept], kept < whole

    def _bad_packet(self, kind: int, expected: str, offset: int) -> None:
        detail = f"expected {expected} in the block of type {kind} at offset {offset}"
        self._bad_record("bad-block", "captures-bad-block", detail, offset)

    def _bad_time(self, offset: int) -> int:
        self.tally.note("bad-time")
        self._report("captures-bad-time", f"expected a time from 1970 to 9999 at offset {offset}", offset)
        return 0
