"""
Rows on their way into segments: gathered by day in files of lines, made into Parquet when there are enough.

Theory of operation
- Rows wait in memory, a few thousand at most, until they are turned around into columns. In such a chunk most columns
  say the same in every row, so only the others are written as lines; what is the same stands in the query once.
- The lines of a day go to one file as long as the same columns vary. Where another column begins to, another file is
  begun. A column that nowhere says anything is left out of the segment.
- Memory is bounded by rows, disk by octets of lines: whatever comes first, the fullest day is made into a segment.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from ringthrough.calls import Call, Verdict
from ringthrough.store.engine import copy_to_parquet, identifier, quoted, read_lines
from ringthrough.store.manifest import day_of
from ringthrough.store.parquet import NAMES, TYPES, cell_text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["DEFAULTS", "SEGMENT_ROWS", "Sealed", "Spool", "digest"]

CHUNK_ROWS = 4_096
WAITING_ROWS = 32_768
SEGMENT_ROWS = 1_000_000
"""Most rows of a segment that is made at once. Big enough for a scan to be worth a thread, small enough to be made in
a second or two; Spark and Delta aim at files of about this size (128 MB and more, uncompressed)."""
SPOOL_BYTES = 1_073_741_824

_SMALLEST, _LARGEST = {"BIGINT": -(2**63), "INTEGER": -(2**31)}, {"BIGINT": 2**63 - 1, "INTEGER": 2**31 - 1}
_ALWAYS = (0, 1)  # call_id and at: a line needs a column, and they vary anyhow
_AT = NAMES.index("at")


def _defaults() -> tuple[Any, ...]:
    hints = [hint for row in (Call, Verdict) for hint in get_type_hints(row).values()]
    return tuple(None if type(None) in get_args(hint) else hint() for hint in hints)


DEFAULTS: tuple[Any, ...] = _defaults()
"What each column says where nothing is known: None, or the empty text, 0, False where a row has no None."


@dataclass(slots=True)
class _Part:
    """A file of lines in which the same columns vary."""

    path: Path
    varying: frozenset[int]
    fixed: dict[int, Any]
    pick: Any
    template: str
    bytes: int = 0
    longest: int = 0


@dataclass(slots=True)
class _Day:
    """What is gathered of one day."""

    waiting: list[tuple[Any, ...]] = field(default_factory=list)
    parts: list[_Part] = field(default_factory=list)
    rows: int = 0
    "In the parts."
    bytes: int = 0
    first_us: int | None = None
    last_us: int | None = None


@dataclass(slots=True)
class Sealed:
    """A segment that is on the disk under a name of no consequence, not yet part of the store."""

    path: Path
    day: int | None
    rows: int
    bytes: int
    first_us: int | None
    last_us: int | None
    sha256: str
    name: str = ""
    "Its name in the store, once it has been given one."


class Spool:
    """
    Gathers rows and makes segments of them.

    Args:
        folder: where files of lines and sealed segments go; a folder of its own on the file system of the store.
        engine: makes Parquet.
        segment_rows: rows of a day that are made into a segment without being asked to.
    """

    def __init__(self, folder: Path, engine: DuckDBPyConnection, *, segment_rows: int = SEGMENT_ROWS) -> None:
        self._folder = folder
        self._engine = engine
        self._segment_rows = segment_rows
        self._days: dict[int | None, _Day] = {}
        self._waiting = 0
        self._bytes = 0
        self._made = 0
        self.rows = 0
        "Rows taken since they were last taken over."
        self.sealed: list[Sealed] = []
        "Segments that are ready, to be taken over by whoever owns the spool."
        self.unkept: Counter[str] = Counter()
        "Column -> how many of its numbers no column of its type can hold; they are stored as missing."

    def add(self, rows: Sequence[tuple[Call, Verdict]]) -> None:
        """Take rows; may write lines and seal segments."""
        if not rows:
            return
        times = [call.at_us for call, _verdict in rows]
        day, last = day_of(min(times)), day_of(max(times))
        if day == last and day is not None:
            self._day(day).waiting += [call + verdict for call, verdict in rows]
        else:
            for at_us, (call, verdict) in zip(times, rows, strict=True):
                self._day(day_of(at_us)).waiting.append(call + verdict)
        self.rows += len(rows)
        self._waiting += len(rows)
        for key, found in list(self._days.items()):
            if len(found.waiting) >= CHUNK_ROWS:
                self._write(key, found)
            if found.rows >= self._segment_rows:
                self._seal(key, found)
        while self._waiting > WAITING_ROWS:
            self._write(*max(self._days.items(), key=lambda item: len(item[1].waiting)))
        while self._bytes > SPOOL_BYTES:
            self._seal(*max(self._days.items(), key=lambda item: item[1].bytes))

    def seal(self) -> None:
        """Make segments of everything; when a step fails, what was made stays in `sealed` and the rest waits."""
        for key, found in sorted(self._days.items(), key=lambda item: (item[0] is None, item[0])):
            self._seal(key, found)

    def discard(self) -> None:
        """Remove everything that was gathered."""
        shutil.rmtree(self._folder, ignore_errors=True)  # what is left is removed by the next writer
        self._days, self._waiting, self._bytes = {}, 0, 0
        self.sealed = []
        self.rows = 0

    def _day(self, key: int | None) -> _Day:
        found = self._days.get(key)
        if found is None:
            found = self._days[key] = _Day()
        return found

    def _name(self, ending: str) -> Path:
        self._made += 1
        return self._folder / f"{self._made:08d}.{ending}"

    def _write(self, key: int | None, day: _Day) -> None:
        """Turn the rows that wait into lines."""
        while rows := day.waiting[:CHUNK_ROWS]:
            columns = [self._cells(number, column) for number, column in enumerate(zip(*rows, strict=True))]
            if key is None:
                columns[_AT] = ("",) * len(rows)
            else:
                first, last = min(columns[_AT]), max(columns[_AT])
                day.first_us = first if day.first_us is None else min(first, day.first_us)
                day.last_us = last if day.last_us is None else max(last, day.last_us)
            part = self._part(day, columns, len(rows))
            lines = list(map(part.template.__mod__, zip(*part.pick(columns), strict=True)))
            octets = "".join(lines).encode()
            with part.path.open("ab") as handle:
                handle.truncate(part.bytes)  # what a full disk left of an earlier attempt
                handle.write(octets)
            part.bytes += len(octets)
            # An upper bound is enough: four octets a character at most.
            part.longest = max(part.longest, 4 * max(map(len, lines)))
            del day.waiting[: len(rows)]
            day.rows += len(rows)
            day.bytes += len(octets)
            self._bytes += len(octets)
            self._waiting -= len(rows)

    def _cells(self, number: int, column: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return a column as its cells are written: text sound, numbers within their type, None for what is missing."""
        sql = TYPES[NAMES[number]]
        if sql == "VARCHAR":
            if not any(column):
                return column
            whole = "".join(column)
            if "\0" in whole or not (whole.isascii() or _encodes(whole)):
                return tuple(map(cell_text, column))
            return column
        low = _SMALLEST.get(sql)
        if low is not None:
            high = _LARGEST[sql]
            known = [cell for cell in column if cell is not None]
            if known and (min(known) < low or max(known) > high):
                kept = tuple(cell if cell is None or low <= cell <= high else None for cell in column)
                self.unkept[NAMES[number]] += kept.count(None) - column.count(None)
                return kept
        return column

    def _part(self, day: _Day, columns: list[tuple[Any, ...]], rows: int) -> _Part:
        """Return the file that takes these columns."""
        last = day.parts[-1] if day.parts else None
        varying = set(_ALWAYS)
        for number, column in enumerate(columns):
            other = last is not None and (number in last.varying or column[0] != last.fixed[number])
            if other or column.count(column[0]) < rows:
                varying.add(number)
        if last is not None and varying == last.varying:
            return last
        ordered = sorted(varying)
        fixed = {number: column[0] for number, column in enumerate(columns) if number not in varying}
        made = _Part(self._name("csv"), frozenset(varying), fixed, _picker(ordered), _template(ordered))
        day.parts.append(made)
        return made

    def _seal(self, key: int | None, day: _Day) -> None:
        """Make a segment of what a day has gathered."""
        if day.waiting:
            self._write(key, day)
        if day.rows:
            target = self._name("parquet")
            count = copy_to_parquet(self._engine, _query(day.parts), target)
            assert count == day.rows, "the engine writes every line"
            octets = target.stat().st_size
            self.sealed.append(Sealed(target, key, day.rows, octets, day.first_us, day.last_us, digest(target)))
        for part in day.parts:
            part.path.unlink(missing_ok=True)
        self._bytes -= day.bytes
        self._days.pop(key, None)


def digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _picker(numbers: list[int]) -> Any:
    makers = [(n, _TEXT if TYPES[NAMES[n]] == "VARCHAR" else _OTHER) for n in numbers]
    return lambda columns: [make(columns[n]) for n, make in makers]


def _quoted_cells(column: tuple[str, ...]) -> Sequence[str]:
    return [cell.replace('"', '""') for cell in column] if '"' in "".join(column) else column


def _known_cells(column: tuple[Any, ...]) -> Sequence[Any]:
    return ["" if cell is None else cell for cell in column] if None in column else column


_TEXT, _OTHER = _quoted_cells, _known_cells


def _template(numbers: list[int]) -> str:
    return ",".join('"%s"' if TYPES[NAMES[n]] == "VARCHAR" else "%s" for n in numbers) + "\n"


def _query(parts: list[_Part]) -> str:
    """Return the query that gives the rows of these files as they are kept."""
    last = parts[-1]  # what varies in one part varies in all that follow
    said = [
        number
        for number in range(len(NAMES))
        if number in last.varying or any(part.fixed[number] != DEFAULTS[number] for part in parts)
    ]
    selects = []
    for part in parts:
        types = {NAMES[n]: "BIGINT" if n == _AT else TYPES[NAMES[n]] for n in sorted(part.varying)}
        shown = ", ".join(_shown(n, part) for n in said)
        selects.append(f"SELECT {shown} FROM {read_lines(part.path, types, longest=part.longest)}")
    return " UNION ALL ".join(selects)


def _shown(number: int, part: _Part) -> str:
    name = NAMES[number]
    if number == _AT:
        return 'make_timestamp("at") AS "at"'
    if number in part.varying:
        return identifier(name)
    cell = part.fixed[number]
    literal = "NULL" if cell is None else quoted(str(cell))
    return f"CAST({literal} AS {TYPES[name]}) AS {identifier(name)}"
