"""
What is on the disk stays there: synced files, atomic replacement, and the lock that one writer holds.

Facts
- A new name survives a power cut when the file and then its folder were synced; a rename replaces a file in one step.
- The lock is the system's (flock), held by an open file. It ends with the process, however that ends, so a lock that
  was left behind does not exist. The text in the lock file only says who has it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ringthrough.errors import BackendError, Problem

__all__ = ["Lock", "failed", "replace_text", "sync_file", "sync_folder"]


def failed(fault: OSError, where: Path) -> BackendError:
    """Return the error for a store that cannot be written."""
    detail = f"expected to write the store, the system says: {fault.strerror or fault}"
    return BackendError(Problem("store-cannot-write", detail, where=str(where)))


def sync_file(path: Path) -> None:
    """Wait until a file's octets are on the disk."""
    number = os.open(path, os.O_RDWR)  # Windows syncs only what is open for writing
    try:
        os.fsync(number)
    finally:
        os.close(number)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    if sys.platform == "win32":  # pragma: no cover - a folder cannot be opened there; NTFS journals names itself
        return
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def replace_text(path: Path, text: str) -> None:
    """Replace a file by one with this text, in one step that lasts."""
    other = path.with_name(f".{path.name}.new")
    with open(other, "w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(other, path)
    sync_folder(path.parent)


class Lock:
    """
    The right to write, held until `release` or the end of the process.

    Args:
        path: the lock file; made when it is missing, and never removed.

    Raises:
        BackendError: another process (or another writer of this one) has it.
    """

    def __init__(self, path: Path) -> None:
        self._number = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _take(self._number)
        except OSError as fault:
            holder = os.pread(self._number, 100, 0).decode("ascii", "replace").strip() if _HAS_PREAD else ""
            os.close(self._number)
            detail = f"expected to be the only writer, but {holder or 'another process'} writes this store"
            raise BackendError(Problem("store-busy", detail, where=str(path.parent))) from fault
        os.ftruncate(self._number, 0)
        os.write(self._number, f"process {os.getpid()}\n".encode())

    def release(self) -> None:
        """Let go of it; once is enough."""
        if self._number >= 0:
            os.close(self._number)
            self._number = -1


_HAS_PREAD = hasattr(os, "pread")

if sys.platform == "win32":  # pragma: no cover - the tests run on POSIX
    import msvcrt

    def _take(number: int) -> None:
        # A byte far behind the text, because Windows locks what is locked against reading too.
        os.lseek(number, 1_000_000, os.SEEK_SET)
        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        os.lseek(number, 0, os.SEEK_SET)

else:
    import fcntl

    def _take(number: int) -> None:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
