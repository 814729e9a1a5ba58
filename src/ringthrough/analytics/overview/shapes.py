"""What an overview is made of: figures, blocks, changes, actions; plain data that documents are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = [
    "GROUPS",
    "Action",
    "Answers",
    "Block",
    "Bucket",
    "CarrierSigns",
    "Change",
    "Contact",
    "Example",
    "Figure",
    "Loss",
    "Matrix",
    "MatrixCell",
    "Moved",
    "Overview",
    "Period",
    "Quality",
    "RiskPart",
    "RiskRow",
    "Sign",
    "SourceLine",
    "TimeBin",
    "group_of",
]

GROUPS: dict[str, tuple[str, ...]] = {
    "reached": ("answered",),
    "person": ("busy", "no_answer", "declined", "unwanted", "abandoned"),
    "blocked": ("network_blocked", "provider_blocked"),
    "hidden": ("probable_block", "suspected_block"),
    "fault": ("failed", "identity_failed", "bad_number", "unauthorized"),
    "unclear": ("unknown_rejection", "incomplete", "stalled"),
}
"Groups of verdicts in the order in which charts stack them; blocks that say so apart from those that do not."


def group_of(verdict: str) -> str:
    """Group of a verdict; `unclear` for one that no group names."""
    return next((group for group, verdicts in GROUPS.items() if verdict in verdicts), "unclear")


class Period(NamedTuple):
    """A time that is looked at."""

    since_us: int
    "First microsecond, since 1970 UTC."
    until_us: int
    "The first microsecond that is too late."

    @property
    def days(self) -> float:
        """Its length in days."""
        return (self.until_us - self.since_us) / 86_400_000_000


class Figure(NamedTuple):
    """A share of calls in this period, and in the one before."""

    name: str
    "Name of the metric: `analytics.METRICS`."
    k: int
    "Calls in the numerator."
    n: int
    "Calls it is measured on."
    value: float | None
    "k of n; None when nothing that was read can know it."
    low: float | None
    "Lower end of the 95 % Wilson interval."
    high: float | None
    "Upper end of it."
    before: float | None
    "The same in the period before; None without one."
    before_n: int
    "Calls it was measured on."


class Answers(NamedTuple):
    """Answers that blocks have cost, estimated."""

    answers: float
    "Lost calls, each times the answer rate of calls like it that were not blocked."
    low: float
    "The same with the lower ends of the answer rates of the carriers."
    high: float
    "The same with the upper ends."
    value: float | None
    "Worth of these answers; None when nobody said what one is worth."
    value_low: float | None
    "Worth with the lower ends."
    value_high: float | None
    "Worth with the upper ends."
    currency: str
    "What it is counted in; empty for none."


class Loss(NamedTuple):
    """What blocks cost in calls."""

    explicit: int
    "Calls that a network blocked and says so."
    provider: int
    "Calls that a provider says it blocked on its own account."
    probable: int
    "Calls that statistics found probably blocked."
    suspected: int
    "Calls that statistics suspect to be blocked."
    hidden: float
    "Expected number of blocks among probable and suspected ones."
    lost: float
    "Explicit ones, the provider's own, and expected hidden ones."
    share: float | None
    "Lost calls of all calls; None without calls."
    before: float | None
    "Lost calls in the period before; None without one."
    people: int
    "Called numbers among explicit and probable blocks; masked ones are not counted."
    numbers: int
    "Calling numbers that lost a call."
    carriers: int
    "Carriers that blocked one."


class Bucket(NamedTuple):
    """Calls of one stretch of time by group of verdicts."""

    at_us: int
    "Its beginning, microseconds since 1970 UTC."
    until_us: int
    "Its end."
    counts: tuple[int, ...]
    "Calls in the order of `GROUPS`."
    began: int
    "Blocks that began in it."
    ended: int
    "Blocks that were lifted in it."


class MatrixCell(NamedTuple):
    """Calls of one number to one carrier."""

    number: str
    "Calling number."
    carrier: str
    "Carrier."
    calls: int
    "Calls."
    n: int
    "Calls of which it is known whether they were blocked."
    lost: float
    "Explicit blocks by the carrier and expected hidden ones; what the own provider blocked is not among them."
    rate: float | None
    "Explicit and probable blocks by carriers, of `n`; None when `n` is 0."
    low: float | None
    "Lower end of its 95 % Wilson interval."
    high: float | None
    "Upper end of it."
    answered: float | None
    "Answered calls of all whose end is known."


class Matrix(NamedTuple):
    """Numbers by carriers: those that lost most calls. A pair without calls has no cell."""

    numbers: tuple[str, ...]
    "Calling numbers, those with most lost calls first."
    carriers: tuple[str, ...]
    "Carriers, those with most lost calls first."
    cells: tuple[MatrixCell, ...]
    "In the order of numbers and carriers."
    numbers_all: int
    "How many numbers lost a call to a carrier."
    carriers_all: int
    "How many carriers there are in all."


class Contact(NamedTuple):
    """Whom a refusal says to ask."""

    blocker: str
    "Domain of the contact."
    url: str
    "Web address."
    tel: str
    "Telephone number."
    email: str
    "E-mail address."
    card: str
    "Address of a signed contact card."
    verified: str
    "What became of the card: a slug of signals; empty without one."


class Example(NamedTuple):
    """One call to quote."""

    at: str
    "When it was, ISO 8601 UTC."
    caller: str
    "Calling number."
    callee: str
    "Called number."
    code: int | None
    "Status it ended with."
    phrase: str
    "Phrase that came with it."
    reference: str
    "Reference to quote, as the refusal gives it."
    call_id: str
    "Its Call-ID."


class Block(NamedTuple):
    """A number that is blocked at a carrier: who, where, since when, and what it costs."""

    number: str
    "Calling number."
    carrier: str
    "Carrier."
    verdict: str
    "explicit, probable or suspected: how sure."
    state: str
    "new, standing, lifted, or passing (began and ended in this period)."
    since: str
    "First day of it, ISO 8601; empty when it stands from the first day that was seen."
    first: str
    "First day that shows it."
    until: str
    "First day on which it is over; empty when it is not."
    last: str
    "Last day that shows it."
    calls: int
    "Calls of this number to this carrier in this period."
    explicit: int
    "Calls of this period that say they were blocked."
    hidden: float
    "Expected blocks of this period that do not say so."
    lost: float
    "Both together."
    answers: float
    "Answers that they have cost, estimated."
    posterior: float | None
    "How likely it is that it is a block; None where the network says so and nothing had to be inferred."
    contact: Contact | None
    "Whom its refusals say to ask; None where they do not."
    examples: tuple[Example, ...]
    "Calls to quote, those with a contact and the newest first."


class Sign(NamedTuple):
    """One way in which a carrier's blocks look."""

    label: str
    "603+, 608, 607, 603, ... or `none` for no final answer."
    explicit: bool
    "It says that it is a block."
    phrase: str
    "The phrase that comes with it most often."
    calls: int
    "Blocked calls that look so."


class CarrierSigns(NamedTuple):
    """A carrier: how its calls fare and how it signals its blocks."""

    carrier: str
    "Carrier."
    calls: int
    "Calls."
    answered: float | None
    "Answered calls of all whose end is known."
    rate: float | None
    "Explicit and probable blocks by the carrier, of the calls of which it is known whether they were blocked."
    low: float | None
    "Lower end of its 95 % Wilson interval."
    high: float | None
    "Upper end of it."
    lost: float
    "Explicit blocks and expected hidden ones."
    numbers: int
    "Calling numbers that lost a call here."
    signs: tuple[Sign, ...]
    "How blocks look here, the commonest first."


class TimeBin(NamedTuple):
    """Calls by how long the final answer took, on a logarithmic scale."""

    group: str
    "Group of verdicts: one of `GROUPS`."
    low_ms: float
    "Lower edge, ms."
    high_ms: float
    "Upper edge, ms."
    calls: int
    "Calls."


class Moved(NamedTuple):
    """A metric that differs between this period and the one before by more than chance."""

    carrier: str | None
    "Carrier; None for all calls."
    name: str
    "Name of the metric."
    before: float
    "Its value in the period before."
    now: float
    "Its value now."
    before_n: int
    "Calls it was measured on before."
    n: int
    "Calls it is measured on."
    p: float
    "Two-sided p of the two-proportion test."
    better: bool
    "It moved in the direction that an operator wants."


class Change(NamedTuple):
    """What changed since the period before."""

    began: tuple[Block, ...]
    "Blocks that began in this period, those with most lost calls first."
    lifted: tuple[Block, ...]
    "Blocks that were lifted in this period."
    moved: tuple[Moved, ...]
    "Metrics that moved, the surest first; empty without a period before."
    tested: int
    "How many comparisons were made."


class RiskPart(NamedTuple):
    """One reason for which a number loses points."""

    factor: str
    "Slug of the risk factor."
    title: str
    "Its name for people."
    points: float
    "Points it costs."
    because: str
    "What was measured, in one sentence."
    advice: str
    "What to do about it."


class RiskRow(NamedTuple):
    """Health of one number."""

    number: str
    "Calling number."
    score: float
    "0 (bad) to 100 (good): 100 less the points."
    calls: int
    "Its calls."
    lost: tuple[RiskPart, ...]
    "What costs it points, most first."


class Action(NamedTuple):
    """Something to do, with its evidence and the calls at stake."""

    kind: str
    "appeal, ask, provider, rest, list, risk or source: what kind of thing to do."
    title: str
    "What to do, as an order."
    why: tuple[str, ...]
    "The evidence, one sentence each."
    stake: float
    "Calls of this period that it is about."
    answers: float
    "Answers that these calls have cost, estimated; 0 where nothing was lost yet."
    numbers: tuple[str, ...]
    "Calling numbers that it is about."
    carriers: tuple[str, ...]
    "Carriers that it is about."
    contact: Contact | None
    "Whom to ask."
    examples: tuple[Example, ...]
    "Calls to quote."


class SourceLine(NamedTuple):
    """One kind of source and what it cannot know."""

    source: str
    "Kind of source: capture, trace, hep, or `cdr` and the profile."
    calls: int
    "Calls from it."
    files: int
    "Files that they stand in."
    blind_to: tuple[str, ...]
    "Slugs of calls.BLIND_SPOTS."


class Quality(NamedTuple):
    """What the figures rest on, and what they cannot say."""

    sources: tuple[SourceLine, ...]
    "Where calls came from, the largest first."
    scanners: int
    "Calls of internet scanners, left out of everything."
    undated: int
    "Calls without a time: in figures of the whole, not in those by day."
    astray: int
    "Calls whose clock is more than three years away from the others: not in the timeline."
    incomplete: int
    "Calls whose end was not seen: in no rate."
    no_number: int
    "Calls without a calling number."
    no_carrier: int
    "Calls without a carrier."
    unscreened: int
    "Calls of which nothing can know whether they were blocked."
    mute: int
    "Calls whose source does not tell whether it rang, or lists answered calls only: hidden blocks cannot be seen."
    own_hop: int
    "Calls that the own provider refused, left out where hidden blocks are looked for."
    vague: int
    "Calls whose end tells nothing about a block."


@dataclass(frozen=True)
class Overview:
    """Everything an operations lead has to know of a period. Numbers are not masked."""

    period: Period | None
    "The period; None when there is no call with a time."
    previous: Period | None
    "The period it is compared with; None without calls in it."
    calls: int
    "Calls; internet scanners are left out."
    calls_before: int | None
    "Calls of the period before."
    numbers: int
    "Calling numbers."
    figures: tuple[Figure, ...]
    "Metrics of all calls."
    loss: Loss
    "What blocks cost in calls."
    answers: Answers
    "What they cost in answers."
    step_s: int
    "Width of a bucket of the timeline, seconds."
    timeline: tuple[Bucket, ...]
    "Calls over time."
    blocks: tuple[Block, ...]
    "Who is blocked where, since when; most lost calls first."
    matrix: Matrix
    "Numbers by carriers."
    carriers: tuple[CarrierSigns, ...]
    "Carriers, those with most lost calls first."
    times: tuple[TimeBin, ...]
    "Time to the final answer."
    change: Change
    "What changed since the period before."
    risk: tuple[RiskRow, ...]
    "Health of numbers, the worst first."
    risk_known: bool
    "Risk was assessed."
    actions: tuple[Action, ...]
    "What to do, first things first."
    quality: Quality
    "What the figures rest on."
