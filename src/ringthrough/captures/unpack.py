"""What a file is packed in, taken off: the same for captures and for text traces."""

from __future__ import annotations

from typing import BinaryIO

from ringthrough.captures.compression import InflatedSource, compression_of
from ringthrough.captures.source import FileSource, Source
from ringthrough.errors import Problem, RemoteError

__all__ = ["unpacked"]

_LAYERS = 2
"Most compressions around one another: a packed file that was packed again on its way here."


def unpacked(handle: BinaryIO, *, name: str, ratio: int, floor_bytes: int) -> tuple[Source, str]:
    """
    Take the compressions off a file.

    Args:
        handle: the file, opened for reading octets, at its beginning; need not be able to seek.
        name: what to call it in problems.
        ratio: most octets that may come out for each compressed octet.
        floor_bytes: most compressed output in any case.

    Returns:
        Its content, and its compressions from outside to inside with `+` between; empty for none.

    Raises:
        RemoteError: it is packed more often than anyone does.
        BackendError: the system does not let it be read.
    """
    source: Source = FileSource(handle, name)
    layers: list[str] = []
    while kind := compression_of(source.peek(6)):
        if len(layers) == _LAYERS:
            raise RemoteError(
                Problem(
                    "captures-compression-nested",
                    f"expected a capture at offset 0, found {kind} inside {' inside '.join(reversed(layers))}",
                    where=name,
                    at=0,
                )
            )
        layers.append(kind)
        source = InflatedSource(source, kind, ratio=ratio, floor_bytes=floor_bytes)
    return source, "+".join(layers)
