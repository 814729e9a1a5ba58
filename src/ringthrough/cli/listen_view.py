"""What `ringthrough listen` shows: figures that move in a terminal, a line now and then elsewhere, then a summary."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ringthrough.calls import Call, Verdict
from ringthrough.captures import Tally
from ringthrough.cli.choice import Choice
from ringthrough.cli.dataset import print_document
from ringthrough.cli.output import Output
from ringthrough.drivers.hep_problems import explain_cause
from ringthrough.numbers import mask, mask_text
from ringthrough.report.document import Context, Section, Table, build, plain
from ringthrough.report.summary import BLOCKED
from ringthrough.report.words import TITLES, clock, count, group_of, safe

if TYPE_CHECKING:
    from ringthrough.drivers.live import Live

__all__ = ["View"]

NEWEST = 8
RATE_S = 5.0
_STYLES = {
    "reached": "green", "person": "cyan", "blocked": "bold red", "inferred": "red", "unclear": "yellow",
    "fault": "magenta",
}  # fmt: skip


class View:
    """
    Shows one stretch of listening. Rows go to standard output, figures to standard error.

    Args:
        as_json: write rows as JSON lines.
        masked: mask telephone numbers.
        quiet: no figures, no summary.
        interval_s: how often to write a line where there is no terminal.
        into: the store, as the user named it.
    """

    def __init__(self, *, as_json: bool, masked: bool, quiet: bool, interval_s: float, into: str | None) -> None:
        self._output = Output("json" if as_json else "none", Choice(), masked=masked, counts=not quiet)
        self._as_json = as_json
        self._masked = masked
        self._quiet = quiet
        self._interval_s = interval_s
        self._into = into
        self._live: Live | None = None
        self._screen: Any = None
        self._newest: deque[tuple[Call, Verdict]] = deque(maxlen=NEWEST)
        self._marks: deque[tuple[float, int, int]] = deque()
        self._next_line_s = 0.0
        self._told_problems: set[tuple[str, str]] = set()

    # ------------------------------------------------------------------ while listening

    def told(self, rows: Sequence[tuple[Call, Verdict]]) -> None:
        """Take rows that last."""
        lines = self._output.take(rows)
        self._newest.extend(row for row in rows if row[1].verdict in BLOCKED)
        if self._as_json:
            sys.stdout.buffer.write(b"".join(lines))
            sys.stdout.buffer.flush()

    @contextmanager
    def showing(self, live: Live) -> Iterator[None]:
        """Say where it listens, and show figures until the end."""
        self._live = live
        self._marks.append((time.monotonic(), 0, 0))
        self._next_line_s = time.monotonic() + self._interval_s
        for listener in live.listeners:
            self._say(f"listening: {listener.name}")
        if self._into is not None:
            self._say(f"storing: {self._into}")
        if self._quiet or not _draws(sys.stderr):
            yield
            return
        from rich.console import Console
        from rich.live import Live as Screen

        # Nothing is drawn but when `looked` says so: a second thread would only take turns from the others.
        with Screen(console=Console(stderr=True), auto_refresh=False, transient=True) as screen:
            self._screen = screen
            try:
                yield
            finally:
                self._screen = None

    def looked(self) -> None:
        """Bring the figures up to date; called a few times a second."""
        live = self._live
        if live is None or self._quiet:
            return
        now_s = time.monotonic()
        marks = self._marks
        marks.append((now_s, live.intake.messages, live.rows))
        while len(marks) > 2 and now_s - marks[1][0] >= RATE_S:
            marks.popleft()
        try:
            if self._screen is not None:
                self._screen.update(self._drawn(live), refresh=True)
                return
            for problem in live.problems():
                if (problem.code, problem.where) not in self._told_problems:
                    self._told_problems.add((problem.code, problem.where))
                    self._say(f"{clock(time.time_ns() // 1_000)} UTC  {problem}")
            if now_s >= self._next_line_s:
                self._next_line_s = max(self._next_line_s + self._interval_s, now_s)
                self._say(f"{clock(time.time_ns() // 1_000)} UTC  {self._line(live)}")
        except OSError:  # the terminal has gone; listening goes on
            self._quiet = True

    def _say(self, text: str) -> None:
        sys.stderr.write(safe(text) + "\n")
        sys.stderr.flush()

    def _rates(self) -> tuple[float, float]:
        (then_s, messages, rows), (now_s, now_messages, now_rows) = self._marks[0], self._marks[-1]
        passed = max(now_s - then_s, 0.001)
        return (now_messages - messages) / passed, (now_rows - rows) / passed

    def _line(self, live: Live) -> str:
        per_second, calls_per_second = self._rates()
        kept = f", {count(live.acknowledged)} stored" if self._into is not None else ""
        parts = [
            f"{count(live.intake.messages)} messages ({per_second:,.0f}/s)",
            f"{count(len(live.intake))} calls open",
            f"{count(live.rows)} ended ({calls_per_second:,.1f}/s){kept}",
            f"{count(sum(live.verdicts[verdict] for verdict in BLOCKED))} blocked",
        ]
        if lost := sum(listener.dropped() or 0 for listener in live.listeners):
            parts.append(f"{count(lost)} lost")
        return ", ".join(parts)

    def _drawn(self, live: Live) -> Any:
        from rich.console import Group
        from rich.text import Text

        parts: list[Any] = [Text(self._line(live), style="bold")]
        if live.verdicts:
            told = Text()
            for verdict, calls in live.verdicts.most_common():
                told.append(f"{TITLES[verdict]} {count(calls)}   ", style=_STYLES[group_of(verdict)])
            parts.append(told)
        parts.append(_rich_table(self._sources(live)))
        if self._newest:
            parts.append(_rich_table(self._blocks()))
        parts += [Text(safe(str(problem)), style="red") for problem in live.problems()]
        return Group(*parts)

    def _blocks(self) -> Table:
        show = mask if self._masked else plain
        table = Table(("newest blocks (UTC)", "caller", "callee", "code", "phrase", "by", "appeal to"), [])
        for call, _verdict in reversed(self._newest):
            contact = call.redress_url or call.redress_email or call.redress_tel or call.card_uri
            table.rows.append((
                clock(call.at_us), show(call.caller), show(call.callee), str(call.final_code or ""), call.final_phrase,
                call.blocker or call.carrier, contact,
            ))  # fmt: skip
        return table

    def _sources(self, live: Live) -> Table:
        columns = ("listener", "packets", "messages", "not SIP", "unreadable", "seen twice", "lost", "connections")
        table = Table(columns, [], right=frozenset(range(1, 8)))
        for number, listener in enumerate(live.listeners):
            tally = live.intake.tallies.get(number) or Tally()
            dropped = listener.dropped()
            table.rows.append((
                listener.name, count(tally.records), count(tally.messages), count(sum(tally.skipped.values())),
                count(sum(tally.bad.values())), count(tally.notes.get("seen-by-another", 0)),
                "?" if dropped is None else count(dropped), count(listener.connections) if listener.stream else "",
            ))  # fmt: skip
        return table

    # ------------------------------------------------------------------ at the end

    def summary(self) -> int:
        """Print the summary, say what went wrong, and return the exit status."""
        live = self._live
        assert live is not None
        if not self._quiet:
            stream = sys.stderr if self._as_json else sys.stdout
            sections = build(self._output.summary, self._context(live))
            sections.append(Section("Sources", tables=[self._sources(live)], after=self._causes(live)))
            print_document(sections, stream)
        problems = live.problems()
        for problem in problems:
            self._say(f"ringthrough: {problem}")
        return 1 if any(problem.code not in _HARMLESS for problem in problems) else 0

    def _context(self, live: Live) -> Context:
        notes = []
        others = sorted(live.intake.others.items(), key=lambda found: -found[1])[:6]
        if others:
            notes.append(f"SIP that makes no call: {', '.join(f'{times} {method}' for method, times in others)}")
        return Context(
            notes=notes,
            explain=explain_cause,
            show_number=mask if self._masked else plain,
            show_text=mask_text if self._masked else plain,
        )

    def _causes(self, live: Live) -> list[str]:
        lines = []
        for number, listener in enumerate(live.listeners):
            tally = live.intake.tallies.get(number) or Tally()
            found = {**tally.skipped, **tally.bad, **tally.notes, **listener.tally.notes}
            lines += [
                f"{listener.name}: {count(times)} x {cause}: {explain_cause(cause)}" for cause, times in found.items()
            ]
        return lines


_HARMLESS = frozenset(("drivers-hep-clock", "drivers-hep-refused"))  # nothing was lost


def _draws(stream: Any) -> bool:
    return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"


def _rich_table(table: Table) -> Any:
    from rich.table import Table as RichTable
    from rich.text import Text

    shown = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for index, column in enumerate(table.columns):
        shown.add_column(Text(column), justify="right" if index in table.right else "left", no_wrap=True)
    for row in table.rows:
        shown.add_row(*(Text(safe(cell)) for cell in row))
    return shown
