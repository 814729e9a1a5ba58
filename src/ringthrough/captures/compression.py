"""
Unpacking gzip, zstd, xz and bzip2 while reading, with a bound on memory and on how much may come out.

Facts
- Files are often several streams in a row (`cat a.gz b.gz`, pzstd, pbzip2, a rotating dump that appends); all are read.
- A few kilobytes can unpack to petabytes (zip bombs). Captures compress 3 to 20 times, a capture of one repeated packet
  some hundred times; so output may reach `ratio` times the input, or `floor_bytes` when that is more, and no further.
- The codec modules are imported when their magic is seen: Python can be built without them, and most files are plain.

Sources: RFC 1952 §2.2 (members), RFC 8878 §3.1 (frames, skippable frames), the .xz file format 1.2 §2 (stream padding).
"""

from __future__ import annotations

import sys
from typing import Protocol

from ringthrough.captures.source import Source
from ringthrough.errors import Problem, RemoteError

__all__ = ["BOMB_FLOOR_BYTES", "BOMB_RATIO", "InflatedSource", "compression_of"]

BOMB_FLOOR_BYTES = 1 << 30
"Output that is never taken for a bomb: 1 GiB."
BOMB_RATIO = 1000
"Output beyond this many times the input is taken for a bomb. Deflate itself cannot exceed 1032."
_MAX_MEMORY_BYTES = 1 << 28
"Most memory an xz stream may ask for: 256 MiB; `xz -9` needs 65. zstd's own bound is a window of 128 MiB."
_PIECE_BYTES = 1 << 13
"Most octets unpacked at a time: what a damaged place costs, since an unpacker that fails keeps what it had in hand."
_STEP_BYTES = 1 << 14
"Most octets packed that are put in at a time."
_FIRST_STEP_BYTES = 1 << 10
"The same for the first step into a stream, then doubled: tiny streams in a row shall not each cost a large copy."

_MAGICS = {b"\x1f\x8b\x08": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"\xfd7zXZ\x00": "xz", b"BZh": "bzip2"}
_PADDED = ("gzip", "xz")
"Kinds whose streams may be followed by zeros."


def compression_of(head: bytes) -> str:
    """Name the compression of a file by its first six octets; empty when it is none of ours."""
    for magic, kind in _MAGICS.items():
        if head.startswith(magic):
            return kind
    if head[1:4] == b"\x2a\x4d\x18" and head[0] & 0xF0 == 0x50:  # skippable frame, as pzstd writes first
        return "zstd"
    return ""


class _Codec(Protocol):
    """What the decompressors of `bz2`, `lzma` and `zstd` share."""

    @property
    def needs_input(self) -> bool: ...
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """One gzip member, with the interface of the other decompressors."""

    def __init__(self) -> None:
        import zlib

        self._inflate = zlib.decompressobj(wbits=31)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        piece = self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)
        self.needs_input = len(piece) < max_length
        return piece


def _codec(kind: str) -> tuple[type[Exception], type[_Codec]]:
    """What the decompressor of a kind raises, and its class."""
    if kind == "gzip":
        import zlib

        return zlib.error, _Gzip
    if kind == "bzip2":
        import bz2

        return OSError, bz2.BZ2Decompressor
    if kind == "xz":
        import lzma

        return lzma.LZMAError, lzma.LZMADecompressor
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd.ZstdError, zstd.ZstdDecompressor


class InflatedSource(Source):
    """
    The unpacked octets of a source.

    Args:
        outer: the packed octets, at their beginning.
        kind: `gzip`, `zstd`, `xz` or `bzip2`, see `compression_of`.
        ratio: most octets out for each octet of the file.
        floor_bytes: most octets out in any case.

    Raises:
        RemoteError: this Python lacks the module for this kind.
    """

    def __init__(
        self, outer: Source, kind: str, *, ratio: int = BOMB_RATIO, floor_bytes: int = BOMB_FLOOR_BYTES
    ) -> None:
        super().__init__(outer.name, outer.problems)
        try:
            self._error, self._make = _codec(kind)
        except ImportError as error:
            detail = f"expected a Python that can unpack {kind} (found at offset 0): {error}"
            raise RemoteError(Problem("captures-no-codec", detail, where=outer.name, at=0)) from error
        self._outer = outer
        self._kind = kind
        self._ratio = ratio
        self._floor_bytes = floor_bytes
        self._codec: _Codec | None = self._new()
        self._step = _FIRST_STEP_BYTES
        self._out = 0

    @property
    def raw_bytes(self) -> int:
        """Octets taken from the file itself so far."""
        return self._outer.raw_bytes

    def _new(self) -> _Codec:
        if self._kind == "xz":
            return self._make(memlimit=_MAX_MEMORY_BYTES)  # type: ignore[call-arg]
        return self._make()

    def _pull(self) -> bytes:
        while self._codec is not None:
            codec = self._codec
            packed = b""
            wanted = codec.needs_input
            if wanted:
                packed = self._outer.take(self._step)
                self._step = min(2 * self._step, _STEP_BYTES)
            at = self._outer.offset
            try:
                piece = codec.decompress(packed, _PIECE_BYTES)
            except self._error as error:
                detail = f"expected sound {self._kind} data near offset {at}, found damage: {error}"
                self._stop("captures-bad-compression", detail, at)
                break
            if codec.eof:
                self._outer.give_back(len(codec.unused_data))
                self._next_stream()
            elif not packed and not piece and (wanted or not codec.needs_input):
                detail = f"expected more {self._kind} data at offset {at}, found the end of the file"
                self._stop("captures-bad-compression", detail, at)
            self._out += len(piece)
            most = max(self._floor_bytes, self._ratio * self.raw_bytes)
            if self._out > most:
                detail = (
                    f"expected at most {most} octets out of {self.raw_bytes} of {self._kind}, found more by offset {at}"
                )
                self._stop("captures-compression-bomb", detail, at)
            if piece:
                return piece
        return b""

    def _next_stream(self) -> None:
        """Begin the next stream of the file, if another follows."""
        self._step = _FIRST_STEP_BYTES
        if self._kind in _PADDED:
            while self._outer.peek(1) == b"\x00":
                padded = self._outer.take(_FIRST_STEP_BYTES)
                self._outer.give_back(len(padded.lstrip(b"\x00")))
        head = self._outer.peek(6)
        if compression_of(head) == self._kind:
            self._codec = self._new()
            return
        self._codec = None
        if head:
            at = self._outer.offset
            self._note(
                "captures-trailing-octets",
                f"expected the end of the {self._kind} data at offset {at}, found {head.hex(' ')}",
                at,
            )

    def _stop(self, code: str, detail: str, at: int) -> None:
        self._codec = None
        self._note(code, detail, at)

    def _note(self, code: str, detail: str, at: int) -> None:
        self.problems.append(Problem(code, detail, where=self.name, at=at))
