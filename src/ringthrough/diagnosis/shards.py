"""
Reading with several processes: equal shares of the octets, one process each, and exactly the rows of one reader.

Theory of operation
- A share is a stretch of the stream: whole files, and parts of plain pcap files between two record boundaries. Calls
  run across the borders of shares; `Assembler.begin_shard` says how a process knows which calls those may be. It keeps
  their messages aside; the first thing this process does afterwards is to let one assembler see them all, in order,
  with the state that each share left behind.
- Rows leave in the order in which their calls ended, whatever the number of processes: the shares' rows are in that
  order already, and the few border rows are merged in.
- What cannot be split says so and is read by one process: a stream without a beginning (standard input), a compressed
  or pcapng file (as a part; several such files are shared out whole), SIP over TCP or fragments across a border, and
  files whose times overlap.
"""

from __future__ import annotations

import marshal
import multiprocessing
import pickle
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import pairwise
from typing import IO, Any, Generic, TypeVar

from ringthrough.calls import GRACE_US, Call, EndKey, HandOver, Sighting
from ringthrough.captures import split_pcap
from ringthrough.diagnosis.intake import Intake
from ringthrough.diagnosis.reading import Cursor, Piece, add_reports, in_time_order, open_all
from ringthrough.diagnosis.settings import FileReport, Settings, Source
from ringthrough.diagnosis.sink import Sink
from ringthrough.errors import Error, Problem
from ringthrough.verdict import judge

__all__ = ["CannotSplit", "Outcome", "plan", "read_in_parallel"]

SMALLEST_SHARE = 4_000_000
"Octets below which another process costs more than it saves (measured: it takes some 0.2 s to start)."

S = TypeVar("S", bound=Sink)
Line = tuple[EndKey, bytes]


class CannotSplit(Exception):  # noqa: N818 - it is a finding, no fault
    """The input has to be read by one process; the text says why."""


@dataclass
class _Share:
    """What one process found."""

    reports: dict[int, FileReport] = field(default_factory=dict)
    handed: HandOver | None = None
    journal: list[Sighting] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    sink: Any = None
    first_us: int = 0
    refused: str = ""


@dataclass
class Outcome(Generic[S]):
    """What all processes found together."""

    sink: S
    reports: dict[int, FileReport]
    "By index of file."
    others: Counter[str]
    problems: tuple[Problem, ...] = ()
    "What could not be read of certificates, anchors and contact cards."


def plan(cursors: Sequence[Cursor], workers: int) -> tuple[list[list[Piece]], list[str]]:
    """
    Share the files out.

    Args:
        cursors: opened files in the order of the data set; only their reports and sources are looked at.
        workers: shares wanted.

    Returns:
        Shares in time order, each a list of pieces; and a note for each file that could have been cut but could not be.

    Raises:
        CannotSplit: nothing can be shared out.
    """
    ordered = sorted((c for c in cursors if c.report.opened), key=lambda c: (c.report.first_us, c.piece.index))
    if any(c.piece.source.size is None for c in ordered):
        raise CannotSplit("standard input has no second reader")
    total = sum(c.piece.source.size or 0 for c in ordered)
    workers = min(workers, max(1, total // SMALLEST_SHARE))
    if workers < 2:
        raise CannotSplit("it is too small for several workers to pay off")
    shares: list[list[Piece]] = [[] for _ in range(workers)]
    notes: list[str] = []
    before = 0
    for cursor in ordered:
        source, size = cursor.piece.source, cursor.piece.source.size or 0
        borders = [total * n // workers for n in range(1, workers)]
        inside = [border - before for border in borders if before < border < before + size]
        cuts: list[tuple[int, int]] = []
        if inside and cursor.report.format == "pcap":
            try:
                with source.open() as handle:
                    cuts = split_pcap(handle, inside)
            except (Error, OSError) as fault:
                notes.append(f"{source.name} cannot be split: {fault}")
        elif inside:
            notes.append(f"{source.name} cannot be split: it is {cursor.report.format}, which has to be read in one go")
        start, frame = 0, 1
        middle = before + size // 2
        first_share = sum(border <= before for border in borders) if cuts else sum(b <= middle for b in borders)
        for number, (offset, next_frame) in enumerate([*cuts, (None, 0)]):
            piece = Piece(cursor.piece.index, source, start=start, stop=offset, frame=frame)
            shares[min(first_share + number, workers - 1)].append(piece)
            start, frame = offset or 0, next_frame
        before += size
    shares = [share for share in shares if share]
    if len(shares) < 2:
        raise CannotSplit("; ".join(notes) or "it cannot be shared out")
    return shares, notes


def read_in_parallel(
    shares: Sequence[Sequence[Piece]],
    sources: Sequence[Source],
    settings: Settings,
    factory: Callable[[], S],
    write: Callable[[list[bytes]], None],
    progress: Callable[[int], None] | None = None,
) -> Outcome[S]:
    """
    Read shares side by side.

    Args:
        shares: from `plan`.
        sources: all files of the data set.
        settings: how to read.
        factory: makes the sink of each process; picklable.
        write: gets the output of all rows, in order, when all is read.
        progress: is told how many octets were read.

    Raises:
        CannotSplit: it turned out that the shares depend on one another; nothing was written.
    """
    forks = "fork" in multiprocessing.get_all_start_methods()
    context: Any = multiprocessing.get_context("fork" if forks else "spawn")
    names = [source.name for source in sources]
    with tempfile.TemporaryDirectory(prefix="ringthrough-") as folder:
        running = []
        for number, pieces in enumerate(shares):
            ours, theirs = context.Pipe(duplex=False)
            path = f"{folder}/{number}"
            arguments = (number, len(shares), list(pieces), names, settings, factory, path, theirs)
            process = context.Process(target=_read_share, args=arguments, daemon=True)
            process.start()
            theirs.close()
            running.append((process, ours, path))
        try:
            found = [_await(ours, progress) for _process, ours, _path in running]
        finally:
            for process, ours, _path in running:
                ours.close()
                process.terminate()
                process.join()
        for share, after in pairwise(found):
            _check_border(share, after)
        return _put_together(found, [path for _p, _o, path in running], names, settings, factory, write)


def _check_border(share: _Share, after: _Share) -> None:
    """See that nothing before the border of two shares has to be read after something behind it."""
    for index, before in share.reports.items():
        for number, behind in after.reports.items():
            late_us = before.last_us - behind.first_us
            if behind.first_us and number != index and late_us > 0:
                raise CannotSplit("files overlap in time, so they are merged record by record")
            # Records are read in the order of their file, which may be a little off that of time.
            if behind.first_us and late_us > GRACE_US:
                raise CannotSplit("records are far out of order, so that no border between shares is one in time")


def _await(ours: Any, progress: Callable[[int], None] | None) -> _Share:
    while True:
        try:
            said = ours.recv()
        except EOFError:
            raise CannotSplit("a worker ended unexpectedly") from None
        if isinstance(said, int):
            if progress is not None:
                progress(said)
            continue
        share: _Share = pickle.loads(said)  # written by our own child a moment ago
        if share.refused:
            raise CannotSplit(share.refused)
        return share


def _read_share(
    number: int,
    count: int,
    pieces: list[Piece],
    names: list[str],
    settings: Settings,
    factory: Callable[[], Sink],
    path: str,
    pipe: Any,
) -> None:
    """Life of one process: read its share, leave rows in a file, say the rest through the pipe."""
    share = _Share()
    intake = Intake(names, settings)
    assembler = intake.assembler
    sink = share.sink = factory()
    cursors = open_all([Cursor(piece, pipe.send) for piece in pieces])
    last = None
    with open(path, "wb") as rows_file:
        for cursor, rows in in_time_order(cursors):
            last = dissector = cursor.dissector
            assert dissector is not None
            if rows and not share.first_us:
                share.first_us = rows[0][0]
                if number:
                    assembler.begin_shard(share.first_us)
            other = intake.feed(dissector, rows)
            if other is not None:
                share.refused = f"SIP over {other.upper()} cannot be picked up in the middle"
                break
            _leave(rows_file, sink, assembler.flush())
        if last is not None and not share.refused:
            if number + 1 < count and last.pending:
                share.refused = "a fragmented message lies across the border of two shares"
            intake.finish(last)
    for cursor in cursors:
        before = share.reports.get(cursor.piece.index)
        share.reports[cursor.piece.index] = cursor.report if before is None else add_reports(before, cursor.report)
    intake.close()
    share.handed, share.journal, share.others = assembler.hand_over(), assembler.journal, assembler.others
    pipe.send(pickle.dumps(share, pickle.HIGHEST_PROTOCOL))
    pipe.close()


def _leave(rows_file: IO[bytes], sink: Sink, ended: list[tuple[EndKey, Call]]) -> None:
    if ended:
        lines = sink.take([(call, judge(call)) for _key, call in ended])
        marshal.dump(([key for key, _call in ended], lines), rows_file)


def _left(path: str) -> Iterator[tuple[list[EndKey], list[bytes]]]:
    with open(path, "rb") as rows_file:
        while True:
            try:
                yield marshal.load(rows_file)  # written by our own child a moment ago
            except EOFError:
                return


def _put_together(
    found: Sequence[_Share],
    paths: Sequence[str],
    names: list[str],
    settings: Settings,
    factory: Callable[[], S],
    write: Callable[[list[bytes]], None],
) -> Outcome[S]:
    """Settle the calls at the borders, and write all rows in order."""
    intake = Intake(names, settings)
    assembler = intake.assembler
    total: S = factory()
    others: Counter[str] = Counter()
    reports: dict[int, FileReport] = {}
    for number, (share, path) in enumerate(zip(found, paths, strict=True)):
        border: list[tuple[EndKey, Call]] = []
        for sighting in share.journal:
            assembler.feed(sighting)
            border.extend(assembler.flush())
        assert share.handed is not None
        assembler.now_us = max(assembler.now_us, share.handed.now_us)
        border.extend(assembler.flush())
        assembler.take_over(share.handed)
        if number + 1 == len(found):
            border.extend(assembler.finish())
        lines = total.take([(call, judge(call)) for _key, call in border])
        _write_merged(list(zip((key for key, _call in border), lines, strict=True)), path, write)
        total.merge(share.sink)
        others.update(share.others)
        for index, report in share.reports.items():
            reports[index] = report if index not in reports else add_reports(reports[index], report)
    intake.close()
    return Outcome(total, reports, others, intake.problems)


def _write_merged(border: list[Line], path: str, write: Callable[[list[bytes]], None]) -> None:
    """Write the rows of a share with border rows in their places; as whole batches where none falls in between."""
    for keys, lines in _left(path):
        if border and border[0][0] < keys[-1]:
            inside = [line for line in border if line[0] < keys[-1]]
            border = border[len(inside) :]
            lines = [line for _key, line in merge(inside, zip(keys, lines, strict=True))]
        write(lines)
    if border:
        write([line for _key, line in border])
