"""Words and figures of the operations report: how a share, a period, a block and a metric are written for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ringthrough.analytics.overview import Block, Contact, Figure, Overview, Period

__all__ = [
    "FIGURES",
    "GROUP_WORDS",
    "METHOD",
    "SURE",
    "amount",
    "calls_words",
    "contact_words",
    "day_words",
    "figure_of",
    "interval",
    "lead",
    "named",
    "period_words",
    "points",
    "share",
    "since_words",
    "until_words",
    "whole",
]

GROUP_WORDS = {
    "blocked": "Blocked, says so",
    "hidden": "Blocked, does not say so",
    "fault": "Fault or bad number",
    "unclear": "Unclear",
    "reached": "Answered",
    "person": "Busy, declined, no answer",
}
"Groups of verdicts as charts name them, from the bottom of a stack to its top."

SURE = {"explicit": "says so", "probable": "probable", "suspected": "suspected"}
STATES = {"new": "new", "standing": "standing", "lifted": "lifted", "passing": "came and went"}

FIGURES = {
    "asr": "Answered (ASR)",
    "ser": "SER",
    "ser_b": "SER less blocks",
    "seer": "SEER",
    "seer_b": "SEER less blocks",
    "ring_rate": "Rang",
    "reach": "Answered of calls not blocked (reach)",
    "block_explicit": "Blocked, says so",
    "block_probable": "Probably blocked",
    "block_suspected": "Suspected blocked",
    "block_rate": "Blocked (explicit and probable)",
    "candidates": "Refused without ringing, reason open",
}
"Metrics by the name they have in the report."

METHOD = (
    (
        "Lost calls",
        "Calls that a network or provider refused as blocked and said so, plus the expected number of blocks "
        "among refusals that statistics raised to probable_block or suspected_block: the sum of how likely "
        "each is a block. Refusals that are less likely a block than not count as none, so the figure errs on "
        "the low side.",
    ),
    (
        "Lost answers",
        "Each lost call times the answer rate of calls from the same number to the same carrier that were not "
        "blocked; with few such calls the rate is drawn towards the carrier's and that of all calls (20 calls "
        "of weight). The range uses the ends of the 95 % interval of each carrier's rate. It is an estimate.",
    ),
    (
        "Blocked share",
        "Explicit and probable blocks of the calls of which it is known whether they were blocked, with a 95 "
        "% Wilson interval.",
    ),
    (
        "Reach",
        "Answered calls of those that were not blocked: what the numbers would reach without blocks.",
    ),
    (
        "Probable, suspected",
        "No refusal of these calls says that it is a block. Numbers, carriers and days are compared: from 90 "
        "% likelihood and beyond chance a block is probable, from 50 % it is suspected.",
    ),
    (
        "Since, until",
        "UTC days on which a block began and was over, as the calls show them: a day or two off where a "
        "number called seldom. A block without a beginning stood on the first day that was seen.",
    ),
    (
        "Moved",
        "Two-proportion z test between the two periods, p below 1 % after correction for the number of "
        "comparisons, and at least one point of difference.",
    ),
    (
        "Health",
        "100 less the points of the risk factors that a number meets. It is a sum, and each part is listed.",
    ),
    (
        "At stake",
        "Calls of this period that an action is about. The same calls may stand behind several actions.",
    ),
    (
        "Contact",
        "As the refusal itself says. It is unverified unless a signed card was checked.",
    ),
)
"How the figures are made, in the words of the report."


def whole(number: float) -> str:
    """Number of calls with commas, rounded."""
    return f"{round(number):,}"


def calls_words(number: float) -> str:
    """`1 call`, `828 calls`."""
    return f"{whole(number)} call{'' if round(number) == 1 else 's'}"


def share(value: float | None, digits: int = 1) -> str:
    """Share as a percentage; `-` where it is not known."""
    return "-" if value is None else f"{value * 100:.{digits}f} %"


def interval(low: float | None, high: float | None) -> str:
    """`95 %: 11.4 to 13.1`; empty where it is not known."""
    return "" if low is None or high is None else f"95 %: {low * 100:.1f} to {high * 100:.1f}"


def points(before: float | None, now: float | None) -> str:
    """Difference of two shares in points, with its sign; empty where one is not known."""
    if before is None or now is None:
        return ""
    difference = (now - before) * 100
    return f"{'+' if difference >= 0 else '−'}{abs(difference):.1f} points"


def amount(value: float | None, currency: str) -> str:
    """`EUR 2,313`; with cents below one hundred."""
    if value is None:
        return ""
    text = f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{currency} {text}".strip()


def named(text: str, what: str = "unknown") -> str:
    """A name, or a word in brackets where there is none."""
    return text or f"({what})"


def _at(at_us: int) -> datetime:
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC) if at_us < 0 else datetime.max.replace(tzinfo=UTC)


def day_words(day: str) -> str:
    """`2026-06-28` as `28 Jun 2026`; as it is when it is no day."""
    try:
        at = datetime.fromisoformat(day)
    except ValueError:
        return day
    return f"{at.day} {at:%b} {at.year}"


def period_words(period: Period | None) -> str:
    """`1 Jun 2026 to 14 Jun 2026`, with the time of day where the ends are no midnights or it is short."""
    if period is None:
        return "no time"
    first, last = _at(period.since_us), _at(period.until_us - 1)
    if period.days <= 2:
        return f"{_moment(first)} to {_moment(last) if first.date() != last.date() else f'{last:%H:%M}'} UTC"
    return f"{day_words(first.date().isoformat())} to {day_words(last.date().isoformat())}"


def _moment(at: datetime) -> str:
    return f"{at.day} {at:%b} {at.year} {at:%H:%M}"


def since_words(block: Block) -> str:
    """When a block began."""
    return day_words(block.since) if block.since else f"before {day_words(block.first)}"


def until_words(block: Block) -> str:
    """When it was over; `still` while it is not."""
    return day_words(block.until) if block.until else "still"


def contact_words(contact: Contact | None) -> str:
    """Whom to ask, in one line."""
    if contact is None:
        return "none given"
    return ", ".join(part for part in (contact.url, contact.tel, contact.email, contact.card) if part)


def figure_of(found: Overview, name: str) -> Figure:
    """One metric of all calls."""
    return next(figure for figure in found.figures if figure.name == name)


def lead(found: Overview) -> list[str]:
    """Return what the report says in its first sentences."""
    if not found.calls:
        return ["There are no calls in this period."]
    loss = found.loss
    if round(loss.lost) == 0:
        first = f"None of {calls_words(found.calls)} was lost to a block, as far as they can tell."
        return [first, *_compared(found)]
    explicit = loss.explicit + loss.provider
    parts = []
    if explicit:
        parts.append(f"{whole(explicit)} that say so")
    if round(loss.hidden):
        parts.append(f"about {whole(loss.hidden)} that do not")
    lost = f"{whole(loss.lost)} of {calls_words(found.calls)} ({share(loss.share)})"
    made = [f"We lost {lost} to blocks: {' and '.join(parts)}."]
    if round(found.answers.high):
        answers = found.answers
        text = (
            f"They would have brought about {whole(answers.answers)} answers (between {whole(answers.low)} and "
            f"{whole(answers.high)})"
        )
        if answers.value is not None:
            text += f", worth {amount(answers.value, answers.currency)}"
        made.append(f"{text}.")
    at = "1 carrier" if loss.carriers == 1 else f"{loss.carriers:,} carriers"
    made.append(f"{loss.numbers:,} of our {found.numbers:,} numbers lost calls, at {at}.")
    return made + _compared(found)


def _compared(found: Overview) -> list[str]:
    if found.previous is None or found.loss.before is None or not found.calls_before:
        return ["There is no period before to compare with."]
    before = found.loss.before / found.calls_before
    now = found.loss.share or 0.0
    if abs(now - before) < 0.0005:
        return [f"The share is as it was in the period before ({share(before)})."]
    return [
        f"In the period before it was {share(before)} ({whole(found.loss.before)} of "
        f"{calls_words(found.calls_before)}): {points(before, now)}."
    ]
