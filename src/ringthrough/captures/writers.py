"""Writing pcap and pcapng: what made-up traffic and a call cut out of a capture are kept in."""

from __future__ import annotations

from struct import Struct, error
from typing import BinaryIO

from ringthrough.captures.container import MAX_PACKET_BYTES
from ringthrough.errors import LocalError, Problem

__all__ = ["PcapWriter", "PcapngWriter"]

_PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")
"What follows a packet of that length modulo 4."


class PcapWriter:
    """
    Writes one pcap file, its header at once.

    Args:
        handle: where to, opened for writing octets; should be buffered. Not closed.
        link: LINKTYPE of all packets.
        nanoseconds: write times in nanoseconds (magic a1b23c4d).
        swapped: write big-endian, which the readers of little-endian machines call swapped.
        snaplen: most octets kept of a packet.

    Raises:
        LocalError: an argument does not fit into the file header.
    """

    def __init__(
        self,
        handle: BinaryIO,
        *,
        link: int = 1,
        nanoseconds: bool = False,
        swapped: bool = False,
        snaplen: int = MAX_PACKET_BYTES,
    ) -> None:
        _check_interface(link, snaplen)
        order = ">" if swapped else "<"
        self._write = handle.write
        self._pack = Struct(f"{order}IIII").pack
        self._factor = 1000 if nanoseconds else 1
        self._snaplen = snaplen
        magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
        self._write(Struct(f"{order}IHHiIII").pack(magic, 2, 4, 0, 0, snaplen, link))

    def write(self, at_us: int, data: bytes, *, orig_len: int | None = None) -> None:
        """
        Write one packet.

        Args:
            at_us: when, microseconds since 1970 UTC; before the year 2106, where the format ends.
            data: its octets; those beyond the snap length are left out.
            orig_len: octets it had on the wire, when `data` is only its beginning.

        Raises:
            LocalError: the time does not fit into the format, or `orig_len` is less than there is.
        """
        size = kept = len(data)
        if orig_len is None:
            orig_len = size
        elif orig_len < size:
            raise _misfit(at_us, size, orig_len)
        if size > self._snaplen:
            kept = self._snaplen
            data = data[:kept]
        seconds = at_us // 1_000_000
        try:
            head = self._pack(seconds, (at_us - seconds * 1_000_000) * self._factor, kept, orig_len)
        except error as cause:
            raise _misfit(at_us, size, orig_len) from cause
        self._write(head + data)


class PcapngWriter:
    """
    Writes one pcapng section, little-endian, its header and its first interface at once.

    Args:
        handle: where to, opened for writing octets; should be buffered. Not closed.
        link: LINKTYPE of interface 0.
        nanoseconds: write times of interface 0 in nanoseconds.
        swapped: write big-endian.
        snaplen: most octets kept of a packet of interface 0.

    Raises:
        LocalError: an argument does not fit into an interface description.
    """

    def __init__(
        self,
        handle: BinaryIO,
        *,
        link: int = 1,
        nanoseconds: bool = False,
        swapped: bool = False,
        snaplen: int = MAX_PACKET_BYTES,
    ) -> None:
        self._sign = ">" if swapped else "<"
        self._write = handle.write
        self._pack = Struct(f"{self._sign}IIIIIII").pack
        self._pack_length = Struct(f"{self._sign}I").pack
        self._faces: list[tuple[int, int]] = []
        _check_interface(link, snaplen)
        self._block(0x0A0D0D0A, Struct(f"{self._sign}IHHq").pack(0x1A2B3C4D, 1, 0, -1))
        self.interface(link, nanoseconds=nanoseconds, snaplen=snaplen)

    def interface(self, link: int, *, nanoseconds: bool = False, snaplen: int = MAX_PACKET_BYTES) -> int:
        """Describe one more interface; returns its number, for `write`."""
        _check_interface(link, snaplen)
        body = Struct(f"{self._sign}HHI").pack(link, 0, snaplen)
        if nanoseconds:
            body += Struct(f"{self._sign}HHB3xHH").pack(9, 1, 9, 0, 0)
        self._block(1, body)
        self._faces.append((1000 if nanoseconds else 1, snaplen))
        return len(self._faces) - 1

    def write(self, at_us: int, data: bytes, *, orig_len: int | None = None, interface: int = 0) -> None:
        """
        Write one packet.

        Args:
            at_us: when, microseconds since 1970 UTC.
            data: its octets; those beyond the snap length are left out.
            orig_len: octets it had on the wire, when `data` is only its beginning.
            interface: number that `interface()` returned; 0 is the first.

        Raises:
            LocalError: the time does not fit, `orig_len` is less than there is, or there is no such interface.
        """
        if not 0 <= interface < len(self._faces):
            detail = f"expected one of {len(self._faces)} interfaces, found number {interface}"
            raise LocalError(Problem("captures-write", detail))
        factor, snaplen = self._faces[interface]
        size = kept = len(data)
        if orig_len is None:
            orig_len = size
        elif orig_len < size:
            raise _misfit(at_us, size, orig_len)
        if size > snaplen:
            kept = snaplen
            data = data[:kept]
        length = (kept + 35) & ~3  # 32 of the block, and padding to a multiple of 4
        ticks = at_us * factor
        try:
            head = self._pack(6, length, interface, ticks >> 32, ticks & 0xFFFFFFFF, kept, orig_len)
        except error as cause:
            raise _misfit(at_us, size, orig_len) from cause
        self._write(head + data + _PADDING[kept & 3] + self._pack_length(length))

    def _block(self, kind: int, body: bytes) -> None:
        length = self._pack_length(len(body) + 12)
        self._write(self._pack_length(kind) + length + body + length)


def _check_interface(link: int, snaplen: int) -> None:
    if not (0 <= link <= 0xFFFF and 0 < snaplen <= 0x7FFFFFFF):
        detail = f"expected a link type up to 65535 and a snap length from 1 to 2147483647, found {link} and {snaplen}"
        raise LocalError(Problem("captures-write", detail))


def _misfit(at_us: int, size: int, orig_len: int) -> LocalError:
    detail = f"expected a time the format can hold and orig_len >= {size}, found {at_us} us and {orig_len}"
    return LocalError(Problem("captures-write", detail))
