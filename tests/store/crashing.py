"""
A writer that is killed before its n-th step on the disk, for n = 1, 2, 3 ... until it comes to its end.

    python -m tests.store.crashing FOLDER [EVERY]

Each run is a child of its own and writes the store FOLDER/<n>; what was acknowledged to it stands in FOLDER/<n>.told,
one line each, written and synced before the next step.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb  # noqa: F401 - once, for all children

from ringthrough.store import Writer

from .made import DAY_US, NOW_US, START_US, rows

STEPS = ("fsync", "replace", "unlink", "mkdir", "rmdir", "open", "ftruncate")
IMPORT, OTHER = "a" * 64, "b" * 64


def scenario(path: Path, tell: Callable[[str], None]) -> None:
    """Everything that a writer does; `tell` is called when something was acknowledged."""
    with Writer(path) as writer:
        tell("made")
        for n in range(3):
            writer.append(rows(n * 10, n * 10 + 10))
            writer.flush()
            tell(f"rows {n * 10} {n * 10 + 10}")
        with writer.importing(IMPORT, label="one.csv") as job:
            job.append([*rows(100, 120, day=1), *rows(120, 140, day=2)])
        tell("rows 100 140")
        writer.append(rows(30, 40))
        writer.flush()
        tell("rows 30 40")
        writer.compact(NOW_US, grace_s=0)
        tell("compacted")
        with writer.importing(OTHER, label="two.csv") as job:
            job.append(rows(200, 210, day=2))
        tell("rows 200 210")
        writer.append(rows(40, 50, day=-9))
        writer.flush()
        tell("rows 40 50")
        writer.expire(START_US - 5 * DAY_US, NOW_US, grace_s=0)
        tell("expired")
    tell("end")


def die_before(number: int) -> None:
    """Have this process killed when it is about to take its n-th step on the disk."""
    left = number

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)

        return step

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))


def child(folder: Path, number: int) -> None:
    told = os.open(folder / f"{number}.told", os.O_WRONLY | os.O_CREAT)
    die_before(number)
    scenario(folder / str(number), lambda text: os.write(told, f"{text}\n".encode()))
    os._exit(0)


def main() -> None:
    folder, every = Path(sys.argv[1]), int(sys.argv[2])
    number = 1
    while True:
        pid = os.fork()
        if pid == 0:
            child(folder, number)
        _, status = os.waitpid(pid, 0)
        if status == 0:
            break
        if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
            sys.exit(f"run {number} ended with {status}")
        number += every
    print(number)


if __name__ == "__main__":
    main()
