"""FILE arguments to sources: what can be opened, what cannot and why, and standard input."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from ringthrough.diagnosis import FileReport, Source
from ringthrough.errors import Problem

__all__ = ["Inputs", "inputs"]

STDIN = "-"
STDIN_NAME = "standard input"


@dataclass
class Inputs:
    """The data set: sources in the order given, and what could not be opened."""

    sources: list[Source] = field(default_factory=list)
    refused: list[FileReport] = field(default_factory=list)
    "Files that are not there, folders, files that may not be read."
    notes: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    "Place of each source on the command line."
    refused_places: list[int] = field(default_factory=list)
    "Place of each refused file on the command line."

    def in_order(self, read: Sequence[FileReport]) -> list[FileReport]:
        """Reports of all files in the order of the command line."""
        places = [*self.places, *self.refused_places]
        found = zip(places, [*read, *self.refused], strict=True)
        return [report for _place, report in sorted(found, key=lambda pair: pair[0])]

    @property
    def size(self) -> int | None:
        """Octets of all sources; None when one of them does not say."""
        sizes = [source.size for source in self.sources]
        return None if None in sizes else sum(size or 0 for size in sizes)


def inputs(arguments: Iterable[str], *, again: bool, stack: ExitStack) -> Inputs:
    """
    Turn FILE arguments into sources.

    Args:
        arguments: paths; `-` is standard input.
        again: the files are read more than once, or by several processes; streams are kept in a temporary file.
        stack: removes temporary files when it is closed.
    """
    made = Inputs()
    seen: set[tuple[int, int]] = set()
    for place, argument in enumerate(arguments):
        if argument == STDIN:
            if STDIN_NAME in (source.name for source in made.sources):
                made.notes.append("standard input was given more than once and is read once")
                continue
            made.sources.append(_stream(STDIN_NAME, sys.stdin.buffer, again=again, stack=stack))
            made.places.append(place)
            continue
        problem, facts = _look(argument)
        if problem is not None:
            made.refused.append(FileReport(argument, problems=[problem]))
            made.refused_places.append(place)
            continue
        if facts.identity in seen:
            made.notes.append(f"{argument} was given more than once and is read once")
            continue
        seen.add(facts.identity)
        if facts.regular:
            made.sources.append(Source(argument, partial(_open, argument), facts.size))
        else:
            handle = stack.enter_context(_open(argument))
            made.sources.append(_stream(argument, handle, again=again, stack=stack))
        made.places.append(place)
    return made


def _open(path: str) -> BinaryIO:
    return open(path, "rb")


def _given(handle: BinaryIO) -> BinaryIO:
    return handle


@dataclass(frozen=True)
class _Facts:
    identity: tuple[int, int] = (0, 0)
    size: int = 0
    regular: bool = False


def _look(path: str) -> tuple[Problem | None, _Facts]:
    """Return what is wrong with a path, or what there is to know about it."""
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            detail = "expected a file, found a directory: give the files in it"
            return Problem("cli-directory", detail, where=path), _Facts()
        regular = stat.S_ISREG(found.st_mode)
        if regular:
            with open(path, "rb"):
                pass
        elif not os.access(path, os.R_OK):
            raise PermissionError(13, "Permission denied", path)
    except FileNotFoundError:
        return Problem("cli-not-found", "expected a file, found no file of this name", where=path), _Facts()
    except (OSError, ValueError) as fault:
        said = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
        detail = f"expected a file that can be read, the system says: {said}"
        return Problem("cli-not-readable", detail, where=path), _Facts()
    return None, _Facts((found.st_dev, found.st_ino), found.st_size, regular)


def _stream(name: str, handle: BinaryIO, *, again: bool, stack: ExitStack) -> Source:
    """Return a source that is read in place, or from a copy when one reading is not enough."""
    if not again:
        return Source(name, partial(_given, handle), None)
    path = os.path.join(stack.enter_context(tempfile.TemporaryDirectory(prefix="ringthrough-")), "stream")
    with open(path, "wb") as copy:
        shutil.copyfileobj(handle, copy, 1 << 20)
    return Source(name, partial(_open, path), os.stat(path).st_size)
