"""
Reading with several processes: equal shares of the octets, one process each, and exactly the rows of one reader.

Theory of operation
- A share is a stretch of the stream: whole files, and parts of plain pcap files between two record boundaries. Calls
  run across the borders of shares; `Assembler.begin_shard` says how a process knows which calls those may be. It keeps
  their messages aside; the first thing this process does afterwards is to let one assembler see them all, in order,
  with the state that each share left behind.
- Nothing marks where a record starts, so whoever reads from the middle of a file on walks there from its beginning,
  from record header to record header. Each worker does so itself, all at the same time; who comes first has less to
  walk and gets a little more to read. Two neighbours are given the same offset, and whether they agree about the first
  record behind it, and about its number, is checked at the end.
- Rows leave in the order in which their calls ended, whatever the number of processes: the shares' rows are in that
  order already (`rowfile`), and the few border rows are merged in.
- What cannot be split says so and is read by one process: a stream without a beginning (standard input), a compressed
  or pcapng file (as a part; several such files are shared out whole), SIP over TCP or fragments across a border, and
  files whose times overlap. Who finds that says so at once, and the others are stopped.
"""

from __future__ import annotations

import pickle
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Generic, TypeVar

from ringthrough.calls import GRACE_US, Call, EndKey, HandOver, Sighting
from ringthrough.captures import split_pcap
from ringthrough.diagnosis.intake import Intake
from ringthrough.diagnosis.reading import Cursor, Piece, add_reports, in_time_order, open_all
from ringthrough.diagnosis.rowfile import Batch, RowFile, index_of, write_merged
from ringthrough.diagnosis.settings import FileReport, Settings, Source
from ringthrough.diagnosis.sink import Sink
from ringthrough.errors import Error, Problem
from ringthrough.verdict import judge

__all__ = ["CannotSplit", "Outcome", "plan", "read_in_parallel"]

SMALLEST_SHARE = 4_000_000
"Octets below which another process costs more than it saves (measured: it takes some 0.2 s to start)."

WALKING = 0.02
"What it costs to walk past an octet of a pcap file, beside reading it (measured, records of 440 octets)."

S = TypeVar("S", bound=Sink)
Place = tuple[int, int]
"Where a record starts, and its number in its file."


class CannotSplit(Exception):  # noqa: N818 - it is a finding, no fault
    """
    The input has to be read by one process; the text says why.

    Args:
        why: the reason.
        index: the file that has to be read in one go, when that is all: others can still be shared out.
    """

    def __init__(self, why: str, index: int | None = None) -> None:
        super().__init__(why)
        self.index = index


@dataclass
class _Share:
    """What one process found."""

    reports: dict[int, FileReport] = field(default_factory=dict)
    handed: HandOver | None = None
    journal: list[Sighting] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    sink: Any = None
    batches: list[Batch] = field(default_factory=list)
    parts: dict[int, tuple[Place, Place]] = field(default_factory=dict)
    "By index of file, when a part of it was read: its first record, and what comes after its last one."
    first_us: int = 0
    refused: str = ""
    refused_file: int | None = None


@dataclass
class Outcome(Generic[S]):
    """What all processes found together."""

    sink: S
    reports: dict[int, FileReport]
    "By index of file."
    others: Counter[str]
    problems: tuple[Problem, ...] = ()
    "What could not be read of certificates, anchors and contact cards."


def plan(
    cursors: Sequence[Cursor], workers: int, uncut: Mapping[int, str] | None = None
) -> tuple[list[list[Piece]], list[str]]:
    """
    Share the files out.

    Args:
        cursors: opened files in the order of the data set; only their reports and sources are looked at.
        workers: shares wanted.
        uncut: files that cannot be cut, by index, and why.

    Returns:
        Shares in time order, each a list of pieces, which start and stop at records near the offsets they name; and a
        note for each file that could have been cut but could not be.

    Raises:
        CannotSplit: nothing can be shared out.
    """
    uncut = uncut or {}
    ordered = sorted((c for c in cursors if c.report.opened), key=lambda c: (c.report.first_us, c.piece.index))
    if any(c.piece.source.size is None for c in ordered):
        raise CannotSplit("standard input has no second reader")
    total = sum(c.piece.source.size or 0 for c in ordered)
    workers = min(workers, max(1, total // SMALLEST_SHARE))
    if workers < 2:
        raise CannotSplit("it is too small for several workers to pay off")
    borders = _borders(total, workers, walking=len(ordered) == 1)
    shares: list[list[Piece]] = [[] for _ in range(workers)]
    notes: list[str] = []
    before = 0
    for cursor in ordered:
        index, source, size = cursor.piece.index, cursor.piece.source, cursor.piece.source.size or 0
        inside = [border - before for border in borders if before < border < before + size]
        cuts: list[int] = []
        if inside and index in uncut:
            notes.append(uncut[index])
        elif inside and cursor.report.format == "pcap":
            cuts = inside
        elif inside:
            notes.append(f"{source.name} cannot be split: it is {cursor.report.format}, which has to be read in one go")
        middle = before + size // 2
        first_share = sum(border <= before for border in borders) if cuts else sum(b <= middle for b in borders)
        for number, (start, stop) in enumerate(zip([0, *cuts], [*cuts, None], strict=True)):
            shares[first_share + number].append(Piece(index, source, start=start, stop=stop))
        before += size
    shares = [share for share in shares if share]
    if len(shares) < 2:
        raise CannotSplit("; ".join(notes) or "it cannot be shared out")
    return shares, notes


def _borders(total: int, workers: int, *, walking: bool) -> list[int]:
    """Offsets between shares that take the same time, when each worker first walks past all that comes before."""
    # Reading and walking: x(n) + WALKING * (x(0) + ... + x(n-1)) is the same for all, so each share is that much less.
    shares = [(1 - WALKING) ** n if walking else 1.0 for n in range(workers)]
    return [int(total * upto / sum(shares)) for upto in accumulate(shares[:-1])]


def read_in_parallel(
    shares: Sequence[Sequence[Piece]],
    sources: Sequence[Source],
    settings: Settings,
    factory: Callable[[], S],
    write: Callable[[list[bytes]], None],
    progress: Callable[[int], None] | None = None,
    *,
    joined: bool = False,
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
        joined: `write` takes the output of many rows in one piece.

    Raises:
        CannotSplit: it turned out that the shares depend on one another; nothing was written.
    """
    import multiprocessing  # late: one worker needs none of it

    forks = "fork" in multiprocessing.get_all_start_methods()
    context: Any = multiprocessing.get_context("fork" if forks else "spawn")
    names = [source.name for source in sources]
    with tempfile.TemporaryDirectory(prefix="ringthrough-") as folder:
        running = []
        for number, pieces in enumerate(shares):
            ours, theirs = context.Pipe(duplex=False)
            path = f"{folder}/{number}"
            arguments = (
                number,
                len(shares),
                list(pieces),
                names,
                settings,
                factory,
                path,
                theirs,
                progress is not None,
            )
            process = context.Process(target=_read_share, args=arguments, daemon=True)
            process.start()
            theirs.close()
            running.append((process, ours, path))
        try:
            found = _await([ours for _process, ours, _path in running], progress)
        finally:
            for process, ours, _path in running:
                ours.close()
                process.terminate()
                process.join()
        _check_borders(found, names)
        paths = [path for _process, _ours, path in running]
        return _put_together(found, paths, names, settings, factory, write, joined=joined)


def _check_borders(found: Sequence[_Share], names: Sequence[str]) -> None:
    """See that shares fit together, and that nothing before a border has to be read after something behind it."""
    before: _Share | None = None
    ends: dict[int, Place] = {}
    for share in found:
        for index, (first, end) in share.parts.items():
            # A part of zeros, for example, is stepped over otherwise by who walks than by who reads.
            if index in ends and ends[index] != first:
                raise CannotSplit(f"{names[index]} cannot be split: its records cannot be told apart", index)
            ends[index] = end
        if share.first_us:
            if before is not None:
                _check_times(before, share)
            before = share


def _check_times(share: _Share, after: _Share) -> None:
    for index, before in share.reports.items():
        for number, behind in after.reports.items():
            late_us = before.last_us - behind.first_us
            if behind.first_us and number != index and late_us > 0:
                raise CannotSplit("files overlap in time, so they are merged record by record")
            # Records are read in the order of their file, which may be a little off that of time.
            if behind.first_us and late_us > GRACE_US:
                raise CannotSplit("records are far out of order, so that no border between shares is one in time")


def _await(pipes: Sequence[Any], progress: Callable[[int], None] | None) -> list[_Share]:
    """Listen to all workers until each has said what it found, or the first one that it cannot go on."""
    from multiprocessing.connection import wait

    found: dict[int, _Share] = {}
    while len(found) < len(pipes):
        ready = wait([pipe for number, pipe in enumerate(pipes) if number not in found])
        for number, pipe in enumerate(pipes):
            if pipe not in ready:
                continue
            try:
                said = pipe.recv()
            except EOFError:
                raise CannotSplit("a worker ended unexpectedly") from None
            if isinstance(said, int):
                if progress is not None:
                    progress(said)
                continue
            share: _Share = pickle.loads(said)  # written by our own child a moment ago
            if share.refused:
                raise CannotSplit(share.refused, share.refused_file)
            found[number] = share
    return [found[number] for number in range(len(pipes))]


def _read_share(
    number: int,
    count: int,
    pieces: list[Piece],
    names: list[str],
    settings: Settings,
    factory: Callable[[], Sink],
    path: str,
    pipe: Any,
    tell: bool,
) -> None:
    """Life of one process: read its share, leave rows in a file, say the rest through the pipe."""
    share = _Share()
    pieces = _walk_there(pieces, share)
    if not share.refused:
        _read_pieces(number, count, pieces, names, settings, factory, path, pipe.send if tell else None, share)
    pipe.send(pickle.dumps(share, pickle.HIGHEST_PROTOCOL))
    pipe.close()


def _walk_there(pieces: list[Piece], share: _Share) -> list[Piece]:
    """Find the first record of each piece; a piece that begins behind the last record of its file is left out."""
    found: list[Piece] = []
    for piece in pieces:
        if not piece.start:
            found.append(piece)
            continue
        try:
            with piece.source.open() as handle:
                places = split_pcap(handle, [piece.start])
        except (Error, OSError) as fault:
            share.refused = f"{piece.source.name} cannot be split: {fault}"
            share.refused_file = piece.index
            break
        for start, frame in places:
            found.append(Piece(piece.index, piece.source, start=start, stop=piece.stop, frame=frame))
    return found


def _read_pieces(
    number: int,
    count: int,
    pieces: list[Piece],
    names: list[str],
    settings: Settings,
    factory: Callable[[], Sink],
    path: str,
    progress: Callable[[int], None] | None,
    share: _Share,
) -> None:
    intake = Intake(names, settings)
    assembler = intake.assembler
    sink = share.sink = factory()
    cursors = open_all([Cursor(piece, progress) for piece in pieces])
    last = None
    with open(path, "wb") as rows_file, open(index_of(path), "wb") as index_file:
        left = RowFile(rows_file, index_file)
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
            ended = assembler.flush()
            if ended:
                left.add([key for key, _call in ended], sink.take([(call, judge(call)) for _key, call in ended]))
        if last is not None and not share.refused:
            if number + 1 < count and last.pending:
                share.refused = "a fragmented message lies across the border of two shares"
            intake.finish(last)
    for cursor in cursors:
        index = cursor.piece.index
        before = share.reports.get(index)
        share.reports[index] = cursor.report if before is None else add_reports(before, cursor.report)
        if not cursor.piece.whole and cursor.report.tally.records:
            share.parts[index] = ((cursor.piece.start, cursor.piece.frame), cursor.ends_at)
    intake.close()
    share.handed, share.journal, share.others = assembler.hand_over(), assembler.journal, assembler.others
    share.batches = left.batches


def _put_together(
    found: Sequence[_Share],
    paths: Sequence[str],
    names: list[str],
    settings: Settings,
    factory: Callable[[], S],
    write: Callable[[list[bytes]], None],
    *,
    joined: bool,
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
        keyed = list(zip((key for key, _call in border), lines, strict=True))
        write_merged(path, share.batches, keyed, write, joined=joined)
        total.merge(share.sink)
        others.update(share.others)
        for index, report in share.reports.items():
            reports[index] = report if index not in reports else add_reports(reports[index], report)
    intake.close()
    return Outcome(total, reports, others, intake.problems)
