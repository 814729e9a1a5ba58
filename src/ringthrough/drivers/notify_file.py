"""A file as a channel: one JSON object a line, on the disk before it counts as told."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from ringthrough.errors import BackendError, Problem

from .notify import Notice

__all__ = ["AppendedFile"]


@dataclass(frozen=True, slots=True)
class AppendedFile:
    """Lines at the end of a file; it is made when there is none, for this user alone."""

    path: str
    "The file."

    @property
    def name(self) -> str:
        """What tells it from other channels."""
        return f"file {os.path.abspath(self.path)}"

    def send(self, notice: Notice) -> tuple[Problem, ...]:
        """
        Append a line for each record.

        Raises:
            BackendError: it cannot be written.
        """
        lines = "".join(json.dumps(record) + "\n" for record in notice.records).encode("ascii")
        try:
            number = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                # The end of a line may be missing where somebody was killed: it must not spoil the next one.
                size = os.fstat(number).st_size
                if size and os.pread(number, 1, size - 1) != b"\n":
                    lines = b"\n" + lines
                while lines:
                    lines = lines[os.write(number, lines) :]
                os.fsync(number)
            finally:
                os.close(number)
        except OSError as fault:
            detail = f"expected to append here, the system says: {fault.strerror or fault}"
            raise BackendError(Problem("drivers-notify-file", detail, self.path)) from fault
        return ()
