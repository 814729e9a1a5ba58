"""Opening a text trace."""

from __future__ import annotations

from datetime import date, tzinfo
from typing import BinaryIO

from ringthrough.captures.compression import BOMB_FLOOR_BYTES, BOMB_RATIO
from ringthrough.captures.source import Source
from ringthrough.captures.text.reader import TraceReader
from ringthrough.captures.text.recognise import is_text
from ringthrough.captures.unpack import unpacked
from ringthrough.errors import Problem, RemoteError

__all__ = ["open_trace", "trace_in"]

_HEAD_BYTES = 4096
"How much is looked at to tell text from other octets."


def open_trace(
    handle: BinaryIO,
    *,
    name: str,
    file: int = 0,
    tz: tzinfo | None = None,
    day: date | None = None,
    ratio: int = BOMB_RATIO,
    floor_bytes: int = BOMB_FLOOR_BYTES,
) -> TraceReader:
    """
    Open a text trace of any form in `docs/guides/text-traces.md`; reads its first octets, and nothing else yet.

    Args:
        handle: the file, opened for reading octets, at its beginning; need not be able to seek; may be compressed.
        name: what to call it in problems.
        file: index of the file in the data set, for `Sighting.file`.
        tz: zone of local times that name none; None means that nobody knows: UTC, and a note in the tally.
        day: the day on which the trace begins, for times without a date.
        ratio: most octets that may come out for each compressed octet.
        floor_bytes: most compressed output in any case.

    Returns:
        The reader. Its problems and counts grow while it is read.

    Raises:
        RemoteError: the file is empty, or octets that are no text.
        BackendError: the system does not let it be read.
    """
    source, compression = unpacked(handle, name=name, ratio=ratio, floor_bytes=floor_bytes)
    return trace_in(source, compression, file=file, tz=tz, day=day)


def trace_in(
    source: Source, compression: str, *, file: int = 0, tz: tzinfo | None = None, day: date | None = None
) -> TraceReader:
    """
    Open the text trace in a source that `captures.open_source` gave.

    Raises:
        RemoteError: it is empty, or octets that are no text.
    """
    name = source.name
    head = source.peek(_HEAD_BYTES)
    if not head:
        nothing = Problem("captures-empty", "expected a text trace, found an empty file", where=name, at=0)
        raise RemoteError(source.problems[0] if source.problems else nothing)
    if not is_text(head):
        detail = f"expected a text trace, found octets that are no text at offset 0: {head[:8].hex(' ')}"
        raise RemoteError(Problem("captures-not-a-trace", detail, where=name, at=0))
    return TraceReader(source, file=file, tz=tz, day=day, compression=compression)
