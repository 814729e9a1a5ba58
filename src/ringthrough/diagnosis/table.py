"""
`read_calls`: any source to the call table, for notebooks and programs.

    from ringthrough.diagnosis import read_calls
    calls = read_calls("day.pcap", region="US")
    calls.relation().aggregate("carrier, verdict, count(*)").show()
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ringthrough.calls import Call, Verdict
from ringthrough.diagnosis.run import diagnose
from ringthrough.diagnosis.settings import FileReport, Settings, Source
from ringthrough.errors import BackendError, LocalError, Problem

if TYPE_CHECKING:
    from ringthrough.store import Reader
    from ringthrough.store.foreign import DuckDBPyRelation

__all__ = ["Calls", "read_calls"]


def read_calls(paths: str | Path | Iterable[str | Path], **settings: Any) -> Calls:
    """
    Read calls from captures, text traces, call records, tables of calls, or a store.

    Args:
        paths: a file or several, which are then one data set; or the folder of a store.
        settings: fields of `Settings`: region, own, carriers, tz, workers, profile (its name will do) ... A store
            takes none.

    Returns:
        The calls, of which nothing has been read yet.

    Raises:
        LocalError: a setting or a profile is unknown, or a store is given settings.
        BackendError: the folder cannot be read.
    """
    given = [Path(paths)] if isinstance(paths, (str, Path)) else [Path(path) for path in paths]
    unknown = sorted(set(settings) - set(Settings.__dataclass_fields__))
    if unknown:
        known = ", ".join(Settings.__dataclass_fields__)
        raise LocalError(Problem("diagnosis-setting", f"expected settings among {known}; found {', '.join(unknown)}"))
    if len(given) == 1 and given[0].is_dir():
        if settings:
            said = f"expected no settings for a store, found {', '.join(settings)}"
            raise LocalError(Problem("diagnosis-setting", said, str(given[0])))
        from ringthrough.store import open_store

        return Calls((), Settings(), open_store(given[0]))
    if isinstance(settings.get("profile"), str):
        from ringthrough.cdr import profile_named

        settings["profile"] = profile_named(settings["profile"])
    return Calls(given, Settings(**settings), None)


class Calls:
    """
    Calls that can be read as rows, by column, or as a relation of DuckDB. Iterating streams them, in bounded memory.

    Each way reads the files anew; `files` and `notes` tell of the latest reading that came to its end.
    """

    def __init__(self, paths: Iterable[Path], settings: Settings, store: Reader | None) -> None:
        self._paths = tuple(paths)
        self._settings = settings
        self._store = store
        self._folder: Path | None = None
        self.files: list[FileReport] = []
        "A report per file: what it is, what was read of it, what could not be."
        self.notes: list[str] = []
        "What else is worth knowing, such as why a file was taken for what."

    @property
    def problems(self) -> list[Problem]:
        """What could not be read of the files; look at it before counting on their rows."""
        return [problem for report in self.files for problem in report.problems]

    def batches(self) -> Iterator[list[tuple[Call, Verdict]]]:
        """
        Yield rows in batches, as calls end.

        Raises:
            BackendError: a file is not there, or a store cannot be read. What else is wrong with a file stands in
                `files` and `problems`.
        """
        if self._store is not None:
            yield from self._store.rows()
            return
        sources = [Source(str(path), partial(_open, str(path)), _size(path)) for path in self._paths]
        run = diagnose(sources, self._settings)
        yield from run
        self.files, self.notes = run.files, run.notes

    def __iter__(self) -> Iterator[tuple[Call, Verdict]]:
        for batch in self.batches():
            yield from batch

    def rows(self) -> list[tuple[Call, Verdict]]:
        """Return all rows."""
        return list(self)

    def columns(self, *names: str) -> dict[str, list[Any]]:
        """
        Return columns as lists, in the same order of rows; all of them when none is named.

        Raises:
            LocalError: there is no such column (`diagnosis-column`).
        """
        places = {name: place for place, name in enumerate((*Call._fields, *Verdict._fields))}
        wanted = names or tuple(places)
        unknown = [name for name in wanted if name not in places]
        if unknown:
            raise LocalError(Problem("diagnosis-column", f"expected columns of the call table, found {unknown[0]!r}"))
        made: dict[str, list[Any]] = {name: [] for name in wanted}
        for call, verdict in self:
            row = call + verdict
            for name in wanted:
                made[name].append(row[places[name]])
        return made

    def relation(self) -> DuckDBPyRelation:
        """
        Return the calls as a relation of DuckDB, with the columns of `diagnose --parquet`.

        It reads a table in a temporary file, which lasts as long as this object does; a store is read in place.

        Raises:
            BackendError: the disk or the engine fails.
        """
        if self._store is not None:
            return self._store.relation()
        from ringthrough.store import write_parquet
        from ringthrough.store.foreign import relation_of

        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="ringthrough-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        path = self._folder / "calls.parquet"
        write_parquet(path, self.batches())
        return relation_of(path)


def _open(path: str) -> BinaryIO:
    return open(path, "rb")


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except OSError as fault:
        said = f"expected a file that can be read, the system says: {fault.strerror or fault}"
        raise BackendError(Problem("diagnosis-cannot-open", said, where=str(path))) from fault
