"""Where documents go: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ringthrough.errors import BackendError, Problem

__all__ = ["limited", "octets_to"]

Write = Callable[[bytes], object]


@contextmanager
def octets_to(path: str | None) -> Iterator[Write]:
    """
    Give a function that writes octets to a file, or to standard output when there is no path or it is `-`.

    A file is written under another name beside it and renamed at the end; a device or pipe is written in place.

    Raises:
        BackendError: it cannot be written.
    """
    if path is None or path == "-":
        yield sys.stdout.buffer.write
        sys.stdout.buffer.flush()
        return
    try:
        if _special(path):
            with open(path, "wb") as handle:
                yield handle.write
            return
        target = Path(path).resolve()
        number, name = tempfile.mkstemp(prefix=".ringthrough-", dir=target.parent)
        try:
            with open(number, "wb") as handle:
                yield handle.write
            # mkstemp makes files for this user alone; give it the rights that any new file would get.
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(name, 0o666 & ~mask)
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
    except BrokenPipeError:
        raise
    except OSError as fault:
        raise output_failed(path, fault) from fault


def output_failed(path: str, fault: OSError) -> BackendError:
    """Return the error for output that cannot be written."""
    detail = f"expected to write here, the system says: {fault.strerror or fault}"
    return BackendError(Problem("cli-output", detail, where=path))


def _special(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(21, "Is a directory", path)
    return not stat.S_ISREG(mode)


def limited(write: Callable[[list[bytes]], object], limit: int | None) -> Callable[[list[bytes]], None]:
    """Return a function that passes the lines that are not empty on, and no more than `limit` of them."""
    left = limit

    def write_some(lines: list[bytes]) -> None:
        nonlocal left
        found = [line for line in lines if line]
        if left is not None:
            found = found[:left]
            left -= len(found)
        if found:
            write(found)

    return write_some
