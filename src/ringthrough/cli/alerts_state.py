"""The file of what stands: read, kept aside when it is broken, written in one step that lasts, held by one run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ringthrough.errors import BackendError, Problem, RemoteError

if TYPE_CHECKING:
    from ringthrough.analytics.alerts import AlertState

__all__ = ["StateFile"]


class StateFile:
    """
    A file that holds an `AlertState`.

    Args:
        path: the file. Beside it lies a lock, `<path>.lock`.
    """

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    @contextmanager
    def held(self) -> Iterator[None]:
        """
        Keep other runs out.

        Raises:
            BackendError: another run is at it (`cli-alerts-busy`), or the folder cannot be written.
        """
        from ringthrough.store.disk import Lock

        try:
            lock = Lock(self.path.with_name(f"{self.path.name}.lock"))
        except BackendError as fault:
            detail = "expected to be the only run, but another one is at it"
            raise BackendError(Problem("cli-alerts-busy", detail, str(self.path))) from fault
        except OSError as fault:
            raise self._failed(fault) from fault
        try:
            yield
        finally:
            lock.release()

    def load(self) -> AlertState | None:
        """
        Return what it holds; None when there is no file.

        Raises:
            RemoteError: it is broken.
            BackendError: it cannot be read.
        """
        from ringthrough.analytics.alerts import AlertState

        try:
            text = self.path.read_bytes().decode("utf-8", "replace")
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise self._failed(fault) from fault
        return AlertState.from_json(text, str(self.path))

    def keep_aside(self, fault: RemoteError, moment: str) -> Path:
        """
        Give a broken file another name, for people to look at.

        Raises:
            RemoteError: a later version has written it: nothing is wrong with it.
            BackendError: it cannot be renamed.
        """
        if fault.problem.code == "analytics-alerts-newer":
            raise fault
        other = self.path.with_name(f"{self.path.name}.broken-{moment}")
        try:
            os.replace(self.path, other)
        except OSError as cause:
            raise self._failed(cause) from cause
        return other

    def save(self, state: AlertState) -> None:
        """
        Replace the file, for this user alone; returns when that lasts.

        Raises:
            BackendError: it cannot be written; the old one stands.
        """
        from ringthrough.store.disk import sync_folder

        try:
            number, name = tempfile.mkstemp(prefix=f".{self.path.name}-", dir=self.path.parent)
            try:
                with open(number, "w", encoding="ascii") as handle:
                    handle.write(state.to_json())
                    handle.flush()
                    os.fsync(handle.fileno())
                os.replace(name, self.path)
            except BaseException:
                os.unlink(name)
                raise
            sync_folder(self.path.parent)
        except OSError as fault:
            raise self._failed(fault) from fault

    def _failed(self, fault: OSError) -> BackendError:
        detail = f"expected a file that can be read and written, the system says: {fault.strerror or fault}"
        return BackendError(Problem("cli-alerts-state", detail, str(self.path)))
