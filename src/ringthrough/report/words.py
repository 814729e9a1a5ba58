"""Words of the reports: what each verdict and metric means, and how numbers, shares and durations are written."""

from __future__ import annotations

from datetime import UTC, datetime

from ringthrough.report.summary import Share

__all__ = ["DEFINITIONS", "GROUPS", "MEANINGS", "TITLES", "clock", "count", "duration", "group_of", "percent", "safe"]

TITLES = {
    "answered": "Answered",
    "busy": "Busy",
    "no_answer": "No answer",
    "abandoned": "Caller gave up",
    "declined": "Declined by the person called",
    "unwanted": "Unwanted, says the person called",
    "network_blocked": "Blocked by the network",
    "provider_blocked": "Blocked by our own provider",
    "probable_block": "Probably blocked",
    "suspected_block": "Possibly blocked",
    "identity_failed": "Caller identity failed",
    "bad_number": "Number does not exist",
    "stalled": "No reply",
    "incomplete": "Seen in part",
    "failed": "Failed",
    "unauthorized": "Credentials refused",
    "unknown_rejection": "Refused, reason unknown",
}
"Verdict as a heading."

MEANINGS = {
    "answered": "The call was picked up.",
    "busy": "The called line was busy.",
    "no_answer": "It rang, or the phone could not be reached, and nobody answered.",
    "abandoned": "The calling side hung up before an answer.",
    "declined": "A person or their phone refused the call.",
    "unwanted": "The called person marked the call as unwanted (607).",
    "network_blocked": "The called side's network refused the call on purpose, usually analytics (603+, 608).",
    "provider_blocked": "The provider that carries our calls refused it under its own rules.",
    "probable_block": "Refused without a word, as the carrier refuses this number that day: most likely analytics.",
    "suspected_block": "Refused without a word on a day on which the carrier seems to block this number; not proven.",
    "identity_failed": "The signed caller identity (STIR) was missing, invalid or refused.",
    "bad_number": "The called number is not assigned or was dialled wrongly.",
    "stalled": "A request got no further reply.",
    "incomplete": "The capture holds too little of the call to judge it.",
    "failed": "A technical failure: congestion, routing, media or server.",
    "unauthorized": "The other side wanted credentials that were not given or not accepted.",
    "unknown_rejection": "Refused without a word that says by whom; one call alone cannot tell.",
}
"Verdict in one sentence."

GROUPS = {
    "reached": ("answered",),
    "person": ("busy", "no_answer", "declined", "unwanted", "abandoned"),
    "blocked": ("network_blocked", "provider_blocked"),
    "inferred": ("probable_block", "suspected_block"),
    "unclear": ("unknown_rejection", "incomplete", "stalled"),
    "fault": ("failed", "identity_failed", "bad_number", "unauthorized"),
}
"What a reader wants told apart at a glance; one colour each."

DEFINITIONS = (
    ("Call", "One attempt to reach a number: its retries, hops and repeated messages count once. Internet scanners are "
             "counted apart and stay outside every share."),
    ("Answered share", "Answered calls of all calls (ASR, RFC 6076 writes it as a seizure ratio)."),
    ("Blocked share", "Calls with verdict network_blocked or provider_blocked, of all calls."),
    ("Reach", "Answered calls of the calls that were not blocked: what the numbers would reach without blocks."),
    ("Rang", "Calls that were seen ringing (180, or 18x without media), of all calls."),
    ("Hidden candidate", "Refused without ringing by an answer that may hide a block. One call cannot prove "
                         "it: compare the same number over many calls and with other numbers."),
    ("Interval", "Shares carry a 95 % Wilson interval: with few calls the true share may lie anywhere inside it."),
    ("Time to final", "First INVITE to the final response. Blocks by machines are fast and alike; people are slow and "
                      "vary. Quantiles are read off a histogram and right within 6 %."),
    ("Contact for appeal", "As the refusal itself says. It is unverified unless a signed card was checked."),
)  # fmt: skip
"Terms as the reports use them."

_INVISIBLE = {
    **{code: f"\\x{code:02x}" for code in [*range(0x20), *range(0x7F, 0xA0)]},
    **{
        code: f"\\u{code:04x}"
        for code in [*range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xFEFF]
    },
    **{code: f"\\x{code - 0xDC00:02x}" for code in range(0xDC80, 0xDD00)},
}


def safe(text: str) -> str:
    """
    Return text that a terminal prints as it stands.

    A reason phrase is a stranger's text: control characters (terminal escapes), invisible and direction-changing
    characters and octets that were no UTF-8 are shown as `\\xNN` or `\\uNNNN`.
    """
    return text if text.isascii() and text.isprintable() else text.translate(_INVISIBLE)


def group_of(verdict: str) -> str:
    """Group of a verdict; `unclear` for one that no group names."""
    return next((group for group, verdicts in GROUPS.items() if verdict in verdicts), "unclear")


def count(number: int) -> str:
    """Whole number with commas."""
    return f"{number:,}"


def percent(part: Share, *, interval: bool = False) -> str:
    """Share as a percentage with one decimal; `-` when there is nothing to divide by."""
    if part.value is None:
        return "-"
    text = f"{part.value * 100:.1f} %"
    return f"{text} ({part.low * 100:.1f} to {part.high * 100:.1f})" if interval else text


def duration(ms: int | None) -> str:
    """Duration as people say it: `412 ms`, `3.1 s`, `2 min 5 s`, `1 h 12 min`; `-` for None."""
    if ms is None:
        return "-"
    if abs(ms) < 1_000:
        return f"{ms} ms"
    seconds = ms / 1_000
    if abs(seconds) < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if abs(whole) < 3_600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3_600} h {whole % 3_600 // 60} min"


def clock(at_us: int | None, *, micros: bool = False) -> str:
    """Time in UTC as `2026-03-25 14:05:09`; `-` for None or a time that no calendar holds."""
    if at_us is None:
        return "-"
    try:
        at = datetime.fromtimestamp(at_us // 1_000_000, UTC)
    except (ValueError, OverflowError, OSError):
        return "-"
    text = at.strftime("%Y-%m-%d %H:%M:%S").rjust(19, "0")
    return f"{text}.{at_us % 1_000_000:06d}" if micros else text
