"""
Several records of one call to one: log lines that say the same twice, the BYE of an answered call, events of a channel.

Facts
- Records of one call stand near each other, and how far apart nobody promises. Calls wait in the order in which they
  began, at most `Join.window` of them; the oldest goes when there are more, and when its closing event has come.
- Of several records the last preferred one decides (what the caller got in the end); the others fill its gaps only
  where they agree with it, so that the phrase of a failed branch does not end up beside the code of another.
- Columns of named events keep their event as a prefix: `BYE.timestamp`, `HANGUP.eventextra` (the first) and
  `HANGUP.last.eventextra`.
"""

from __future__ import annotations

from collections.abc import Iterator

from .blocks import Block, of_mappings
from .plan import find_columns
from .profile import Join, Profile
from .tally import Report

__all__ = ["joined"]

_BATCH = 1024


class _Group:
    __slots__ = ("events", "frame", "records")

    def __init__(self, frame: int) -> None:
        self.frame = frame
        self.records: list[tuple[int, dict[str, str]]] = []
        self.events: dict[str, str] = {}


def joined(blocks: Iterator[Block], profile: Profile, join: Join, report: Report) -> Iterator[Block]:
    """Blocks in which every call is one record, in the order in which calls were found to be over."""
    joiner = _Joiner(profile, join, report)
    for block in blocks:
        for frame, record in zip(block.frames, block.mappings(), strict=True):
            joiner.take(frame, record)
        if len(joiner.done) >= _BATCH:
            yield joiner.block()
    joiner.finish()
    while joiner.done:
        yield joiner.block()


class _Joiner:
    def __init__(self, profile: Profile, join: Join, report: Report) -> None:
        self._join = join
        self._report = report
        self._keys = [profile.fields[name].columns for name in join.key if name in profile.fields]
        self._open: dict[tuple[str, ...], _Group] = {}
        self.done: list[tuple[int, dict[str, str]]] = []

    def take(self, frame: int, record: dict[str, str]) -> None:
        join = self._join
        key = tuple(_cell(record, columns) for columns in self._keys)
        if not any(key):
            self.done.append((frame, record))
            return
        event = _cell(record, join.event) if join.event else ""
        group = self._open.get(key)
        is_event = bool(event) and (join.named == ("*",) or event in join.named)
        if group is None:
            if is_event and join.named != ("*",):
                self._report.tally.skip("no-opening")
                return
            group = self._open[key] = _Group(frame)
            if len(self._open) > join.window:
                self._close(next(iter(self._open)))
        else:
            self._report.tally.skip("joined")
        if is_event:
            for name, cell in record.items():
                group.events.setdefault(f"{event}.{name}", cell)
                group.events[f"{event}.last.{name}"] = cell
        else:
            group.records.append((frame, record))
        if event in join.close:
            self._close(key)

    def finish(self) -> None:
        for key in list(self._open):
            self._close(key)

    def block(self) -> Block:
        taken, self.done = self.done[:_BATCH], self.done[_BATCH:]
        return of_mappings([record for _, record in taken], [frame for frame, _ in taken])

    def _close(self, key: tuple[str, ...]) -> None:
        group = self._open.pop(key)
        join = self._join
        if not group.records:
            self.done.append((group.frame, group.events))
            return
        preferred = [
            pair for pair in group.records if join.prefer and pair[1].get(join.prefer[0], "") in join.prefer[1:]
        ]
        frame, decides = (preferred or group.records)[-1]
        merged = dict(decides)
        for _, other in reversed(group.records):
            if all(_agree(other.get(name, ""), decides.get(name, "")) for name in join.agree):
                for name, cell in other.items():
                    merged.setdefault(name, cell)
        merged.update(group.events)
        self.done.append((frame, merged))


def _agree(one: str, other: str) -> bool:
    return not one or not other or one == other


def _cell(record: dict[str, str], columns: tuple[str, ...]) -> str:
    """The first filled cell of some columns, spelt as the profile does or loosely."""
    for column in columns:
        if cell := record.get(column, ""):
            return cell
    names = list(record)
    return next((cell for index in find_columns(columns, names) if (cell := record[names[index]])), "")
