"""
Reading a trace: windows of text in, sightings out, every line counted once.

Theory of operation
- A window is what was left of the last one and the next megabyte. `SIP/2.0` is searched for in all of it; `judge` says
  where messages begin; a message ends before the next one begins at the latest, so the last one waits for more text.
- Above each message its head is looked for: the line that says when, from where and to where.
- The lines of a message and of its head count as read; all others are counted by `Between`.
- Memory is bounded by the window, the longest message and the reach of a head, whatever the length of a line.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from datetime import date, tzinfo

from ringthrough.calls.sighting import CUT, Sighting
from ringthrough.captures.source import Source
from ringthrough.captures.tally import Tally
from ringthrough.captures.text.between import Between
from ringthrough.captures.text.clock import Clock, has_time
from ringthrough.captures.text.cutting import MESSAGE_LIMIT_BYTES, Cutting
from ringthrough.captures.text.heads import HEAD_LINES, Head, read_head
from ringthrough.captures.text.quick import Quick
from ringthrough.captures.text.rows import REACH_BYTES, RowReader
from ringthrough.captures.text.shapes import CONTENT_LENGTH, FOLD, LOG_LINE, START
from ringthrough.captures.text.starting import Start, judge
from ringthrough.captures.text.tidying import pieces, unfold
from ringthrough.captures.text.tree import tree_head
from ringthrough.errors import Problem

__all__ = ["TraceReader"]

_KEEP_BYTES = 16_384
"What is kept of the end of a window, since the head of the next message may be in it: a packet's tree has 4 KiB."
_HEAD_BYTES = 2048
"How far above a message its head may begin, unless it is a tree."
_LOG_HEAD_LINES = 3
_ALONE_LINES = 2
_RECENT = 32
_STAMP_BYTES = 120
"How far into a line its time may begin."
_SAME_BYTES = 200
"A copy is told by the beginning of the message: the branch is in it."
_PARTS = re.compile(rb"\n(?i:content-type|c)[ \t]*:[ \t]*(?i:message/|multipart/)")
_BLANK = re.compile(rb"\n[^\n]{0,8}\n")
_NOWHERE = (b"", 0, b"", 0)
_new = tuple.__new__  # skips the Python-level `Sighting.__new__`, as the dissector does


class TraceReader:
    """One opened text trace; see `open_trace`."""

    format = "text"

    def __init__(
        self,
        source: Source,
        *,
        file: int = 0,
        tz: tzinfo | None = None,
        day: date | None = None,
        compression: str = "",
        quick: bool = True,
    ) -> None:
        """
        Begin to read.

        Args:
            source: the text, unpacked.
            file: index of the file in the data set.
            tz: zone of local times that name none.
            day: the day on which the trace begins.
            compression: what the file was packed in.
            quick: take what is in order the quick way; the careful way gives the same and is there for comparison.
        """
        self.compression = compression
        self.name = source.name
        self.tally = Tally()
        "Counts of lines so far: `sip` are those of messages and their heads."
        self.problems: list[Problem] = source.problems
        self._source = source
        self._file = file
        self._clock = Clock(tz=tz, day=day, notes=self.tally.notes)
        self._between = Between(self.tally)
        self.mentions = self._between.mentions
        "Statuses and methods that log lines name without holding the message: `603` -> times."
        self._quick = Quick(file=file, tally=self.tally, clock=self._clock, between=self._between) if quick else None
        self._rows = RowReader()
        self._line = 1
        self._found: list[Sighting] = []
        self._head: Head | None = None  # of the last message, as long as it may have the next one too
        self._recent: deque[bytes] = deque(maxlen=_RECENT)
        self._batches = self._read()

    def blocks(self) -> Iterator[list[Sighting]]:
        """Sightings in batches, in the order of the file; once, from where reading stands."""
        return self._batches

    def __iter__(self) -> Iterator[Sighting]:
        for batch in self._batches:
            yield from batch

    def _read(self) -> Iterator[list[Sighting]]:
        rest = b""
        for piece in pieces(self._source):
            self.tally.records += piece.count(b"\n")
            text = unfold(rest + piece)
            rest = text[self._scan(text, ended=False) :]
            yield from self._batch()
        if rest and not rest.endswith(b"\n"):
            rest += b"\n"
            self.tally.records += 1
        self._scan(unfold(rest), ended=True)
        yield from self._batch()
        if not self.tally.messages:
            detail = f"expected SIP messages, found none in {self.tally.records} lines"
            self.problems.append(Problem("captures-no-messages", detail, where=self.name))

    def _batch(self) -> Iterator[list[Sighting]]:
        if self._found:
            found, self._found = self._found, []
            yield found

    def _scan(self, text: bytes, *, ended: bool) -> int:
        """Take the messages out of a window; return the offset up to which everything is spoken for."""
        horizon = len(text) if ended else max(0, len(text) - _KEEP_BYTES)
        low = done = self._quickly(text, 0, horizon)
        waiting: Start | None = None
        while (found := START.search(text, low, horizon)) is not None:
            start = judge(text, found, low)
            low = found.end()
            if start is None or (start.alone and not self._headed(text, done, start)):
                continue
            if waiting is not None:
                done = self._message(text, done, waiting, start.limit)
                done = self._quickly(text, done, horizon)
                if done > start.at:  # it was part of the body, or taken quickly
                    waiting, low = None, done
                    continue
            waiting = start
        if waiting is not None:
            if not ended and len(text) - waiting.at <= MESSAGE_LIMIT_BYTES + _KEEP_BYTES:
                return done
            done = self._message(text, done, waiting, len(text))
        if horizon > done:
            until = horizon if ended else text.rfind(b"\n", done, horizon) + 1 or horizon
            self._line += self._between.count(text[done:until])
            self._head = None
            done = until
        return done

    def _quickly(self, text: bytes, done: int, horizon: int) -> int:
        if self._quick is None:
            return done
        taken, self._line = self._quick.take(text, done, horizon, self._line, self._found)
        if taken > done:
            self._head = None
        return taken

    def _headed(self, text: bytes, low: int, start: Start) -> bool:
        head, _ = self._head_above(text, low, start.line, _ALONE_LINES)
        return head is not None and head.kind != "mark"

    def _message(self, text: bytes, done: int, start: Start, limit: int) -> int:
        """Make a sighting of a message; return the offset after it."""
        head: Head | None = None
        begins = start.line
        if start.tree:
            head, begins = tree_head(text[done : start.line])
            begins = min(done + begins, start.line)
        else:
            if start.prefix.strip():
                head = read_head(start.prefix.rstrip())
            if head is None:
                head, begins = self._head_above(text, done, start.line, HEAD_LINES)
                if head is not None and (head.above or (head.kind == "log" and not has_time(head.stamp))):
                    stamp, begins = _stamp_above(text, done, begins, whole=head.above)
                    head = head._replace(stamp=head.stamp + b" " + stamp)
        between = text[done:begins]
        cutting = start.cut(text, limit)
        if cutting.flags & CUT and limit < len(text) and _PARTS.search(cutting.data) is not None:
            cutting = start.cut(text, self._with_parts(text, start, limit))
        end = cutting.end
        row = False
        if head is None and start.prefix.strip():
            before = text[max(done, start.at - REACH_BYTES) : start.at]
            head = self._rows.read(before, text[end : min(limit, end + REACH_BYTES)])
            row = head is not None
        if head is None and not between.strip() and self._head is not None and not start.prefix.strip():
            head = self._head  # several messages in one packet
        self._line += self._between.count(between)
        above = text.count(b"\n", begins, start.at)
        lines = above + text.count(b"\n", start.at, end)
        folded = text.count(FOLD, begins, end)
        frame = self._line + above + (text.count(FOLD, begins, start.at) if folded else 0)
        self._line += lines + folded
        self.tally.sip += lines + folded
        copied = head is not None and b"HEP3" in text[begins : start.at]
        if self._is_copy(head, start, cutting, copied):
            return end
        at_us, untimed = self._time(text, done, start, head)
        transport, *ends = ("", *_NOWHERE) if head is None else head[1:6]
        if copied:
            self.tally.note("text-hep-copy")
            ends = list(_NOWHERE)
        for note in cutting.notes:
            self.tally.note(note)
        if head is None or not (head.src or head.dst):
            self.tally.note("text-address-missing")
        self.tally.messages += 1
        flags = cutting.flags | untimed
        self._found.append(_new(Sighting, (at_us, self._file, frame, transport, *ends, cutting.data, flags, -1)))
        self._head = head if head is not None and not row and head.kind in ("packet", "tree") else None
        return end

    @staticmethod
    def _with_parts(text: bytes, start: Start, limit: int) -> int:
        """Where a message ends at the latest whose body may hold start lines (RFC 3420, RFC 5368)."""
        blank = _BLANK.search(text, start.at, limit)
        found = CONTENT_LENGTH.search(text, start.at, blank.end()) if blank is not None else None
        if blank is None or found is None or int(found[1]) > MESSAGE_LIMIT_BYTES:
            return limit
        return max(limit, min(len(text), blank.end() + int(found[1])))

    def _is_copy(self, head: Head | None, start: Start, cutting: Cutting, copied: bool) -> bool:
        """Whether tcpdump shows a message for the second time: decoded and as octets, or inside HEP."""
        again = head is None and self._head is not None and bool(start.prefix.strip())
        if not (again or (head is not None and head.kind == "packet" and start.prefix)):
            return False
        beginning = cutting.data[:_SAME_BYTES]
        if beginning in self._recent and (copied or again):
            self.tally.note("text-shown-twice")
            return True
        self._recent.append(beginning)
        return False

    def _time(self, text: bytes, done: int, start: Start, head: Head | None) -> tuple[int, int]:
        """Time of a message in microseconds, and the flag `UNTIMED` where it applies."""
        clock = self._clock
        given = None
        if head is not None:
            given = clock.read(head.stamp)
        else:
            if start.prefix.strip():
                given = clock.read(start.prefix[-_STAMP_BYTES:])
            if given is None:
                line = _line_above(text, done, start.line)
                if LOG_LINE.match(line) is not None:
                    given = clock.read(line[:_STAMP_BYTES])
        return given or clock.none()

    @staticmethod
    def _head_above(text: bytes, low: int, line: int, most: int) -> tuple[Head | None, int]:
        """Look for the head of a message whose start line begins at `line`; give it and where its line begins."""
        low = max(low, line - _HEAD_BYTES)
        above = text[low:line].rstrip()
        for number in range(most):
            if not above:
                break
            cut = above.rfind(b"\n") + 1
            head = read_head(above[cut:])
            if head is not None:
                if head.kind == "packet" or number < _LOG_HEAD_LINES:
                    return head, low + cut
                break
            above = above[:cut].rstrip()
        return None, line


def _stamp_above(text: bytes, low: int, line: int, *, whole: bool) -> tuple[bytes, int]:
    """
    The beginning of the line above when it holds the time of a head, and where it begins; else nothing and `line`.

    Unless `whole` says that any line does, it has to be the first half of a log line (chan_sip begins with a line end).
    """
    low = max(low, line - _HEAD_BYTES)
    above = text[low:line].rstrip()
    cut = above.rfind(b"\n") + 1
    stamp = above[cut : cut + _STAMP_BYTES]
    if has_time(stamp) and (whole or (above.endswith(b":") and LOG_LINE.match(stamp) is not None)):
        return stamp, low + cut
    return b"", line


def _line_above(text: bytes, low: int, line: int) -> bytes:
    """The last line that is not blank before `line`."""
    above = text[max(low, line - _HEAD_BYTES) : line].rstrip()
    return above[above.rfind(b"\n") + 1 :]
