"""A progress bar on standard error for long files: in a terminal, after a second, and never in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["progress_bar"]

PATIENCE_S = 1.0
"How long a reading may take before the bar is shown: short files need none."


@contextmanager
def progress_bar(total: int | None, *, shown: bool) -> Iterator[Callable[[int], None] | None]:
    """
    Give a function that is told how many octets were read; None when no bar will ever be shown.

    Args:
        total: octets to read; None when nobody knows.
        shown: whether the user wants it.
    """
    if not shown or not sys.stderr.isatty():
        yield None
        return
    bar = _Bar(total)
    try:
        yield bar
    finally:
        bar.stop()


class _Bar:
    def __init__(self, total: int | None) -> None:
        self._total = total
        self._done = 0
        self._since = time.monotonic()
        self._stop: Callable[[], None] | None = None
        self._update: Callable[[int], None] | None = None

    def __call__(self, octets: int) -> None:
        self._done += octets
        if self._update is not None:
            self._update(octets)
        elif time.monotonic() - self._since > PATIENCE_S:
            self._start()

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

        progress = Progress(
            TextColumn("reading"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        progress.start()
        task = progress.add_task("reading", total=self._total, completed=self._done)
        self._stop = progress.stop
        self._update = lambda octets: progress.update(task, advance=octets)

    def stop(self) -> None:
        if self._stop is not None:
            self._stop()
