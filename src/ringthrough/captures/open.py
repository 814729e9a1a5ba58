"""Opening a capture: what it is packed in and which format it has, told from its octets and never from its name."""

from __future__ import annotations

from typing import BinaryIO

from ringthrough.captures.compression import BOMB_FLOOR_BYTES, BOMB_RATIO
from ringthrough.captures.container import Container
from ringthrough.captures.pcap import PCAP_MAGICS, PcapReader
from ringthrough.captures.pcapng import SECTION_HEADER, PcapngReader
from ringthrough.captures.source import Source
from ringthrough.captures.unpack import unpacked
from ringthrough.errors import Problem, RemoteError

__all__ = ["Container", "capture_in", "is_capture", "open_capture", "open_source"]

_STRANGERS = {
    b"PK\x03\x04": "a ZIP archive: unpack it first",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive: unpack it first",
    b"\x04\x22\x4d\x18": "lz4: unpack it first",
    b"snoop\0\0\0": "a snoop file: convert it with editcap",
    b"GMBU": "a Microsoft Network Monitor file: convert it with editcap",
    b"RTSS": "a Microsoft Network Monitor file: convert it with editcap",
    b"TRSNIFF": "a Sniffer file: convert it with editcap",
    b"XCP\0": "a NetXRay file: convert it with editcap",
    b"SIP/2.0": "text",
    b"INVITE ": "text",
    b"\x7fELF": "a program",
    b"%PDF": "a PDF document",
    b"<": "markup, perhaps a web page that was saved instead of the capture",
    b"{": "JSON",
}
"What else a file begins with -> what to say about it."


def is_capture(head: bytes) -> bool:
    """Whether a file, unpacked, begins like a capture."""
    return head[:4] in PCAP_MAGICS or head[:4] == SECTION_HEADER


def open_source(
    handle: BinaryIO, *, name: str, ratio: int = BOMB_RATIO, floor_bytes: int = BOMB_FLOOR_BYTES
) -> tuple[Source, str]:
    """
    Open a file of any kind: its content without compression, and its compressions from outside to inside with `+`.

    The arguments, and what is raised, are those of `open_capture`.
    """
    return unpacked(handle, name=name, ratio=ratio, floor_bytes=floor_bytes)


def capture_in(source: Source, compression: str) -> Container:
    """
    Open the capture in a source that `open_source` gave.

    Raises:
        RemoteError: it holds none.
    """
    head = source.peek(8)
    if head[:4] in PCAP_MAGICS:
        return PcapReader(source, compression=compression)
    if head[:4] == SECTION_HEADER:
        return PcapngReader(source, compression=compression)
    raise RemoteError(_not_a_capture(source, head, compression))


def open_capture(
    handle: BinaryIO, *, name: str, ratio: int = BOMB_RATIO, floor_bytes: int = BOMB_FLOOR_BYTES
) -> Container:
    """
    Open a capture file or stream; reads its first octets, and nothing else yet.

    Args:
        handle: the file, opened for reading octets, at its beginning; need not be able to seek.
        name: what to call it in problems.
        ratio: most octets that may come out for each compressed octet.
        floor_bytes: most compressed output in any case.

    Returns:
        The container. Its problems grow while it is read.

    Raises:
        RemoteError: the file is empty, or not a capture, or not one that can be read; the text names all there is to
            know: file, offset, expected, found.
        BackendError: the system does not let it be read.
    """
    return capture_in(*open_source(handle, name=name, ratio=ratio, floor_bytes=floor_bytes))


def _not_a_capture(source: Source, head: bytes, compression: str) -> Problem:
    packed = f" (inside {' inside '.join(reversed(compression.split('+')))})" if compression else ""
    if not head:
        if source.problems:
            return source.problems[0]
        detail = f"expected a capture, found an empty file{packed}"
        return Problem("captures-empty", detail, where=source.name, at=0)
    found = next((what for magic, what in _STRANGERS.items() if head.startswith(magic)), "")
    if not found:
        found = repr(head.decode("ascii")) if head.isascii() and head.decode("ascii").isprintable() else head.hex(" ")
    detail = f"expected a pcap or pcapng capture, found {found} at offset 0{packed}"
    return Problem("captures-not-a-capture", detail, where=source.name, at=0)
