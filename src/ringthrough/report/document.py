"""
The summary as a list of sections (headings, sentences, tables) that a terminal, a pipe and a test read alike.

`build` decides what is said and in which order; `terminal` decides how it looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from ringthrough.errors import Problem
from ringthrough.report.summary import Blocker, NumberTally, Summary, share
from ringthrough.report.words import MEANINGS, TITLES, clock, count, duration, group_of, percent

__all__ = ["Context", "Reading", "Section", "Table", "build", "contacts", "headline", "plain", "unread", "via"]


class _Tally(Protocol):
    """Counts of one file: satisfied by `captures.Tally`."""

    records: int
    sip: int
    messages: int
    skipped: dict[str, int]
    bad: dict[str, int]
    notes: dict[str, int]


class Reading(Protocol):
    """What reading one file gave: satisfied by `diagnosis.FileReport`."""

    @property
    def name(self) -> str:
        """Name as the user gave it."""

    @property
    def tally(self) -> _Tally:
        """Counts of its records."""

    @property
    def problems(self) -> Sequence[Problem]:
        """What was wrong with it."""

    @property
    def usable(self) -> bool:
        """Whether it could be read as a capture at all."""

    @property
    def format(self) -> str:
        """What kind of file it is."""


def plain(text: str) -> str:
    """Return the text as it is: the default where numbers are not masked."""
    return text


@dataclass(frozen=True)
class Context:
    """What a report says besides its counts."""

    files: Sequence[Reading] = ()
    "What reading each file gave, in order."
    notes: Sequence[str] = ()
    "Remarks on the run."
    explain: Callable[[str], str] = plain
    "Explains a cause that tallies count."
    chosen: str = ""
    "The filter in words; empty when every call was counted."
    total: int | None = None
    "Calls and scanners before the filter; None without one."
    show_number: Callable[[str], str] = plain
    "How a telephone number is shown: masked or plain."
    show_text: Callable[[str], str] = plain
    "How text that may hold a number is shown."
    limit: int = 10
    "Longest table of blockers and of numbers."


@dataclass
class Table:
    """A table: headings, rows of text, and which columns are numbers (set to the right)."""

    columns: Sequence[str]
    rows: list[Sequence[str]]
    right: frozenset[int] = frozenset()
    groups: list[str] = field(default_factory=list)
    "Group of each row (words.GROUPS), for colour; may be empty."


@dataclass
class Section:
    """A heading with sentences and tables under it."""

    title: str
    lines: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    "Sentences below the tables."


def headline(summary: Summary, context: Context) -> list[str]:
    """Return the sentences that come first."""
    files = len(context.files)
    of = f" in {count(files)} file{'s' if files != 1 else ''}" if files else ""
    lines = []
    if summary.calls:
        lines.append(f"{_calls(summary.calls)}{of}, {_when(summary)}")
        answered = share(summary.answered, summary.calls)
        blocked = share(summary.blocked, summary.calls)
        reach = share(summary.answered, summary.calls - summary.blocked)
        lines.append(
            f"answered {percent(answered)}, blocked {percent(blocked, interval=True)}, "
            f"reach without blocks {percent(reach)}, {_rang(summary)}"
        )
        details = [f"mean talk time {duration(round(summary.talk_ms / summary.talks))}"] if summary.talks else []
        if summary.pdd.count:
            details.append(
                f"post-dial delay p50 {duration(summary.pdd.quantile(0.5))}, p95 {duration(summary.pdd.quantile(0.95))}"
            )
        if details:
            lines.append(", ".join(details))
        if summary.hidden:
            lines.append(
                f"{_calls(summary.hidden)} refused without ringing could hide a block (one call alone cannot tell)"
            )
    else:
        lines.append(f"no calls{of}")
    if context.chosen:
        lines.append(f"only {context.chosen}: {count(summary.calls + summary.scanners)} of {count(context.total or 0)}")
    if summary.scanners:
        lines.append(f"{count(summary.scanners)} from internet scanners, left out of every share")
    if summary.cut:
        lines.append(f"{_calls(summary.cut)} cut by the beginning or end of a capture")
    return lines


def _calls(number: int) -> str:
    return f"{count(number)} call{'s' if number != 1 else ''}"


def _when(summary: Summary) -> str:
    """From when to when, as far as the calls have times."""
    if summary.timeline.first_us is None:
        return "without times: nothing in the data says when"
    first, last = clock(summary.timeline.first_us), clock(summary.timeline.last_us)
    without = f" ({count(summary.undated)} without times)" if summary.undated else ""
    return f"{first} to {last} UTC{without}"


def _rang(summary: Summary) -> str:
    """The share of calls that rang, among those whose source can tell."""
    if not summary.heard:
        return "rang not known"
    among = f" of the {_calls(summary.heard)} whose source can tell" if summary.heard < summary.calls else ""
    return f"rang {percent(share(summary.rang, summary.heard))}{among}"


def build(summary: Summary, context: Context) -> list[Section]:
    """Return the whole report, top first."""
    sections = [Section("Calls", headline(summary, context))]
    if summary.calls:
        sections.append(_verdicts(summary))
    if summary.blockers:
        sections.append(_blockers(summary, context))
    worst = _worst(summary, context)
    if worst:
        sections.append(worst)
    if summary.calls:
        sections.append(_endings(summary, context))
    missing = unread(context)
    if missing:
        sections.append(Section("What could not be read", missing))
    if context.notes:
        sections.append(Section("Notes", list(context.notes)))
    return sections


def _verdicts(summary: Summary) -> Section:
    table = Table(("verdict", "calls", "share", "sure", "meaning"), [], frozenset({1, 2, 3}))
    for verdict, calls in summary.by_verdict():
        sure = summary.confidence[verdict] / calls
        part = percent(share(calls, summary.calls))
        table.rows.append((verdict, count(calls), part, f"{sure:.2f}", MEANINGS.get(verdict, TITLES.get(verdict, ""))))
        table.groups.append(group_of(verdict))
    return Section("Verdicts", tables=[table])


def contacts(blocker: Blocker) -> str:
    """Return the contacts that the refusals name most often, one of each kind."""
    found = [kept.most_common(1)[0][0] for kept in (blocker.urls, blocker.tels, blocker.emails) if kept]
    if not found and blocker.cards:
        return f"card {blocker.cards.most_common(1)[0][0]}"
    return ", ".join(found) or "none given"


def via(blocker: Blocker) -> str:
    """Return the carriers that a blocker's refusals came through, where they are not the blocker."""
    carriers = [carrier for carrier, _ in blocker.carriers.most_common() if carrier != blocker.name]
    if len(carriers) > 2:
        return f"{carriers[0]} and {len(carriers) - 1} more"
    return " and ".join(carriers)


def _blockers(summary: Summary, context: Context) -> Section:
    table = Table(
        ("who", "verdict", "calls", "numbers", "through", "whom to ask", "newest reference"), [], frozenset({2, 3})
    )
    found = summary.who_blocked()
    for b in found[: context.limit]:
        newest = b.latest[0]
        quoted = newest.redress_id or context.show_text(newest.call_id)
        callers = f"{count(len(b.callers))}{'+' if len(b.callers) >= 1_000 else ''}"
        table.rows.append((b.name or "unknown", b.verdict, count(b.calls), callers, via(b), contacts(b), quoted))
        table.groups.append("blocked")
    after = []
    if len(found) > context.limit:
        after.append(f"and {count(len(found) - context.limit)} more")
    if summary.blockers_left_out:
        after.append(f"{_calls(summary.blockers_left_out)} by further blockers not listed: too many different ones")
    return Section("Who blocked, and whom to ask", tables=[table], after=after)


def _worst(summary: Summary, context: Context) -> Section | None:
    found = summary.worst_numbers()
    if not found:
        return None
    columns = ("calling number", "calls", "answered", "blocked", "share", "unwanted", "hidden?")
    table = Table(columns, [], frozenset(range(1, 7)))
    for n in found[: context.limit]:
        table.rows.append(number_cells(n, context.show_number))
        table.groups.append("blocked" if n.blocked else "unclear")
    after = []
    if len(found) > context.limit:
        after.append(f"and {count(len(found) - context.limit)} more")
    if summary.numbers_left_out:
        after.append(
            f"{_calls(summary.numbers_left_out)} not counted per number: "
            f"only the first {count(len(summary.numbers))} numbers are"
        )
    return Section("Worst numbers", tables=[table], after=after)


def number_cells(tally: NumberTally, show: Callable[[str], str]) -> tuple[str, ...]:
    """Cells of one calling number."""
    return (
        show(tally.name) or "(none)", count(tally.calls), count(tally.answered), count(tally.blocked),
        percent(tally.block_share), count(tally.unwanted), count(tally.hidden),
    )  # fmt: skip


def _endings(summary: Summary, context: Context) -> Section:
    table = Table(("final answer", "calls", "share"), [], frozenset({1, 2}))
    for code, phrase, calls in summary.top_endings(context.limit):
        answer = "none" if code is None else f"{code} {context.show_text(phrase)}".strip()
        table.rows.append((answer, count(calls), percent(share(calls, summary.calls))))
    more = len(summary.endings) - context.limit
    return Section("Final answers", tables=[table], after=[f"and {count(more)} more"] if more > 0 else [])


_UNPACKING = {"captures-bad-compression", "captures-compression-bomb"}


def unread(context: Context, *, most: int = 20) -> list[str]:
    """Return what could not be read, one line each: problems of files, then counts of bad records."""
    lines = []
    for reading in context.files:
        told = Counter(problem.code for problem in reading.problems)
        # Where unpacking stopped, the record it stopped in is cut: one fault, one line.
        hidden = {"captures-cut-record"} if _UNPACKING & set(told) else set()
        problems = [problem for problem in reading.problems if problem.code not in hidden]
        lines += [problem_line(reading.name, problem) for problem in problems[:most]]
        if len(problems) > most:
            lines.append(f"{reading.name}: and {count(len(problems) - most)} more problems")
        for cause, number in sorted(reading.tally.bad.items(), key=lambda item: -item[1]):
            if max(told[f"captures-{cause}"], told[f"cdr-{cause}"]) < number:
                lines.append(f"{reading.name}: {count(number)} x {cause}: {context.explain(cause)}")
    return lines


def problem_line(name: str, problem: Problem) -> str:
    """One problem of a file as one line: file, offset, what was expected and found."""
    where = problem.where
    if where.startswith(name):
        where = where[len(name) :].lstrip(": ")
    text = str(replace(problem, where=where))
    if problem.at is not None and f"offset {problem.at}" not in text:
        text = f"at offset {count(problem.at)}: {text}"
    return f"{name}: {text}"
