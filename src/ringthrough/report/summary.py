"""
What a data set says as a whole, counted row by row in bounded memory: the numbers behind every page and table.

Counts only; it prints nothing. Internet scanners are counted apart and stay outside every rate. `blocked` is what the
network did on purpose: verdicts `network_blocked` and `provider_blocked`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import sqrt
from typing import NamedTuple

from ringthrough.calls.schema import VERDICTS, Call, Verdict
from ringthrough.report.timeline import Histogram, Timeline

__all__ = ["BLOCKED", "Blocker", "Example", "NumberTally", "Share", "Summary", "share"]

BLOCKED = frozenset({"network_blocked", "provider_blocked"})
"Verdicts that say: the network or a provider refused the call on purpose."
MAX_NUMBERS = 100_000
MAX_BLOCKERS = 2_000
MAX_CARRIERS = 10_000
MAX_ENDINGS = 2_000
MAX_CONTACTS = 8
MAX_EXAMPLES = 5
MAX_CALLERS = 1_000
_YEAR_1_US = -62_135_596_800_000_000
"A call before the year 1 has no time: rows of traces and tables without any begin there."
SHORT_MS = 6_000  # Telnyx bills a surcharge when calls of up to 6 s pass 15 % of the answered ones


class Share(NamedTuple):
    """A part of a whole with its 95 % Wilson interval; `value` is None when the whole is 0."""

    part: int
    whole: int
    value: float | None
    low: float
    high: float


def share(part: int, whole: int) -> Share:
    """
    Part of a whole with the 95 % Wilson score interval.

    Source: E. B. Wilson, "Probable inference" (1927); holds for small numbers, where the plain interval does not.
    """
    if whole <= 0:
        return Share(part, whole, None, 0.0, 1.0)
    z = 1.959963984540054
    p = part / whole
    middle = p + z * z / (2 * whole)
    spread = z * sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole))
    below = 1 + z * z / whole
    return Share(part, whole, p, max(0.0, (middle - spread) / below), min(1.0, (middle + spread) / below))


class Example(NamedTuple):
    """One refused call, with what an appeal has to quote."""

    at_us: int
    call_id: str
    caller: str
    callee: str
    code: int | None
    phrase: str
    redress_id: str


@dataclass(slots=True)
class Blocker:
    """Who refused calls, and whom to ask about it."""

    name: str
    "Domain of the contact for appeal, else the carrier; empty when neither is known. One name may span carriers."
    verdict: str
    calls: int = 0
    carriers: Counter[str] = field(default_factory=Counter)
    "Carriers through which the refusals came."
    callers: set[str] = field(default_factory=set)
    "Calling numbers it refused, at most MAX_CALLERS of them."
    urls: Counter[str] = field(default_factory=Counter)
    tels: Counter[str] = field(default_factory=Counter)
    emails: Counter[str] = field(default_factory=Counter)
    cards: Counter[str] = field(default_factory=Counter)
    "Addresses of signed contact cards (608)."
    latest: list[Example] = field(default_factory=list)
    "The newest refused calls, newest first."

    def add(self, call: Call) -> None:
        """Count one refused call."""
        self.calls += 1
        if len(self.callers) < MAX_CALLERS:
            self.callers.add(call.caller)
        for kept, contact in (
            (self.urls, call.redress_url), (self.tels, call.redress_tel), (self.emails, call.redress_email),
            (self.cards, call.card_uri), (self.carriers, call.carrier),
        ):  # fmt: skip
            if contact and (contact in kept or len(kept) < MAX_CONTACTS):
                kept[contact] += 1
        if len(self.latest) < MAX_EXAMPLES or call.at_us > self.latest[-1].at_us:
            example = Example(
                call.at_us, call.call_id, call.caller, call.callee, call.final_code, call.final_phrase, call.redress_id
            )
            self._remember([example])

    def merge(self, other: Blocker) -> None:
        """Add what another count of the same blocker holds."""
        self.calls += other.calls
        self.callers.update(sorted(other.callers)[: MAX_CALLERS - len(self.callers)])
        for ours, theirs in (
            (self.urls, other.urls), (self.tels, other.tels), (self.emails, other.emails), (self.cards, other.cards),
            (self.carriers, other.carriers),
        ):  # fmt: skip
            for contact, calls in theirs.items():
                if contact in ours or len(ours) < MAX_CONTACTS:
                    ours[contact] += calls
        self._remember(other.latest)

    def _remember(self, examples: list[Example]) -> None:
        self.latest = sorted([*self.latest, *examples], key=lambda e: -e.at_us)[:MAX_EXAMPLES]


@dataclass(slots=True)
class NumberTally:
    """What became of the calls of one calling number, or of one carrier."""

    name: str
    calls: int = 0
    answered: int = 0
    blocked: int = 0
    unwanted: int = 0
    hidden: int = 0
    "Refused without ringing: could hide a block; statistics over many calls decide, not this count."
    short: int = 0
    "Answered, and over within SHORT_MS."

    def merge(self, other: NumberTally) -> None:
        """Add what another count of the same name holds."""
        self.calls += other.calls
        self.answered += other.answered
        self.blocked += other.blocked
        self.unwanted += other.unwanted
        self.hidden += other.hidden
        self.short += other.short

    @property
    def block_share(self) -> Share:
        """Blocked calls of all its calls."""
        return share(self.blocked, self.calls)


class Summary:
    """Counts over all rows that were added; memory does not grow with their number."""

    def __init__(self) -> None:
        self.calls = 0
        self.scanners = 0
        self.cut = 0
        "Calls that begin before or end after the capture."
        self.heard = 0
        "Calls whose source can tell whether it rang."
        self.rang = 0
        "Those of them that rang."
        self.undated = 0
        "Calls whose source does not say when they were: they stand in no timeline."
        self.hidden = 0
        self.short = 0
        self.talk_ms = 0
        self.talks = 0
        self.retransmissions = 0
        self.duplicates = 0
        self.verdicts: Counter[str] = Counter()
        self.confidence: dict[str, float] = {}
        "Sum of the confidence per verdict."
        self.endings: Counter[tuple[int | None, str]] = Counter()
        "Calls per final code and phrase; phrases beyond MAX_ENDINGS are counted under an empty one."
        self.rules: Counter[str] = Counter()
        self.blockers: dict[tuple[str, str], Blocker] = {}
        self.numbers: dict[str, NumberTally] = {}
        self.carriers: dict[str, NumberTally] = {}
        self.numbers_left_out = 0
        "Calls whose number was not counted apart, because MAX_NUMBERS others came before."
        self.blockers_left_out = 0
        self.carriers_left_out = 0
        self.timeline = Timeline()
        self.setup: dict[str, Histogram] = {}
        "Time from INVITE to the final response, per verdict."
        self.pdd = Histogram()

    def add(self, rows: Iterable[tuple[Call, Verdict]]) -> None:
        """Count a batch of rows."""
        for call, judged in rows:
            if call.kind == "scanner":
                self.scanners += 1
                continue
            self._add(call, judged)

    def _add(self, call: Call, judged: Verdict) -> None:
        verdict = judged.verdict
        blocked = verdict in BLOCKED
        answered = verdict == "answered"
        short = answered and call.talk_ms is not None and call.talk_ms <= SHORT_MS
        self.calls += 1
        self.cut += call.cut != ""
        if "ringing" not in call.blind_to:
            self.heard += 1
            self.rang += call.ring_ms is not None or call.ring_frame is not None
        self.hidden += judged.hidden_candidate
        self.short += short
        self.retransmissions += call.retransmissions
        self.duplicates += call.duplicates
        if call.talk_ms is not None:
            self.talk_ms += call.talk_ms
            self.talks += 1
        self.verdicts[verdict] += 1
        self.confidence[verdict] = self.confidence.get(verdict, 0.0) + judged.confidence
        ending = (call.final_code, call.final_phrase)
        if ending not in self.endings and len(self.endings) >= MAX_ENDINGS:
            ending = (call.final_code, "")
        self.endings[ending] += 1
        self.rules[judged.rule] += 1
        if call.at_us >= _YEAR_1_US:
            self.timeline.add(call.at_us, verdict)
        else:
            self.undated += 1
        if call.setup_ms is not None:
            histogram = self.setup.get(verdict)
            if histogram is None:
                histogram = self.setup[verdict] = Histogram()
            histogram.add(call.setup_ms)
        if call.pdd_ms is not None:
            self.pdd.add(call.pdd_ms)
        if blocked:
            self._blocked(call, verdict)
        number, carrier = self._tallies(call)
        for tally in (number, carrier):
            if tally is not None:
                tally.calls += 1
                tally.answered += answered
                tally.blocked += blocked
                tally.unwanted += verdict == "unwanted"
                tally.hidden += judged.hidden_candidate
                tally.short += short

    def _tallies(self, call: Call) -> tuple[NumberTally | None, NumberTally | None]:
        number = self.numbers.get(call.caller)
        if number is None:
            if len(self.numbers) < MAX_NUMBERS:
                number = self.numbers[call.caller] = NumberTally(call.caller)
            else:
                self.numbers_left_out += 1
        carrier = self.carriers.get(call.carrier)
        if carrier is None:
            if len(self.carriers) < MAX_CARRIERS:
                carrier = self.carriers[call.carrier] = NumberTally(call.carrier)
            else:
                self.carriers_left_out += 1
        return number, carrier

    def _blocked(self, call: Call, verdict: str) -> None:
        name = call.blocker or call.carrier
        key = (name, verdict)
        blocker = self.blockers.get(key)
        if blocker is None:
            if len(self.blockers) >= MAX_BLOCKERS:
                self.blockers_left_out += 1
                return
            blocker = self.blockers[key] = Blocker(name, verdict)
        blocker.add(call)

    def merge(self, other: Summary) -> None:
        """Add what another summary has counted: of another worker, another file."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.verdicts.update(other.verdicts)
        self.rules.update(other.rules)
        for verdict, total in other.confidence.items():
            self.confidence[verdict] = self.confidence.get(verdict, 0.0) + total
        for (code, phrase), calls in other.endings.items():
            known = (code, phrase) in self.endings or len(self.endings) < MAX_ENDINGS
            self.endings[(code, phrase if known else "")] += calls
        for key, blocker in other.blockers.items():
            if key in self.blockers:
                self.blockers[key].merge(blocker)
            elif len(self.blockers) < MAX_BLOCKERS:
                self.blockers[key] = blocker
            else:
                self.blockers_left_out += blocker.calls
        self.numbers_left_out += _merge_tallies(self.numbers, other.numbers, MAX_NUMBERS)
        self.carriers_left_out += _merge_tallies(self.carriers, other.carriers, MAX_CARRIERS)
        self.timeline.merge(other.timeline)
        self.pdd.merge(other.pdd)
        for verdict, histogram in other.setup.items():
            self.setup.setdefault(verdict, Histogram()).merge(histogram)

    # What the pages show, in the order they show it.

    @property
    def answered(self) -> int:
        """Calls that were answered."""
        return self.verdicts["answered"]

    @property
    def blocked(self) -> int:
        """Calls that the network or a provider refused on purpose."""
        return sum(self.verdicts[verdict] for verdict in BLOCKED)

    def by_verdict(self) -> list[tuple[str, int]]:
        """Verdicts that occurred with their counts, most frequent first; the order of VERDICTS breaks ties."""
        order = {verdict: index for index, verdict in enumerate(VERDICTS)}
        found = [(verdict, count) for verdict, count in self.verdicts.items() if count]
        return sorted(found, key=lambda item: (-item[1], order.get(item[0], len(order)), item[0]))

    def who_blocked(self, limit: int | None = None) -> list[Blocker]:
        """Blockers, most calls first."""
        found = sorted(self.blockers.values(), key=lambda b: (-b.calls, b.name, b.verdict))
        return found[:limit]

    def worst_numbers(self, limit: int | None = None) -> list[NumberTally]:
        """Calling numbers that were blocked, unwanted or may be blocked without a word, worst first."""
        found = [n for n in self.numbers.values() if n.blocked or n.unwanted or n.hidden > 1]
        found.sort(key=lambda n: (-n.blocked, -n.unwanted, -n.hidden, n.calls, n.name))
        return found[:limit]

    def by_carrier(self, limit: int | None = None) -> list[NumberTally]:
        """Carriers, most calls first."""
        return sorted(self.carriers.values(), key=lambda c: (-c.calls, c.name))[:limit]

    def top_endings(self, limit: int | None = None) -> list[tuple[int | None, str, int]]:
        """Final codes and phrases with their counts, most frequent first."""
        found = [(code, phrase, count) for (code, phrase), count in self.endings.items()]
        found.sort(key=lambda item: (-item[2], item[0] if item[0] is not None else -1, item[1]))
        return found[:limit]

    def top_rules(self, limit: int | None = None) -> list[tuple[str, int]]:
        """Rules that decided, most calls first."""
        return sorted(self.rules.items(), key=lambda item: (-item[1], item[0]))[:limit]


_COUNTS = (
    "calls", "scanners", "cut", "heard", "rang", "undated", "hidden", "short", "talk_ms", "talks", "retransmissions",
    "duplicates", "numbers_left_out", "blockers_left_out", "carriers_left_out",
)  # fmt: skip


def _merge_tallies(ours: dict[str, NumberTally], theirs: dict[str, NumberTally], most: int) -> int:
    """Add up tallies by name; returns the calls for which there was no more room."""
    left_out = 0
    for name, tally in theirs.items():
        if name in ours:
            ours[name].merge(tally)
        elif len(ours) < most:
            ours[name] = tally
        else:
            left_out += tally.calls
    return left_out
