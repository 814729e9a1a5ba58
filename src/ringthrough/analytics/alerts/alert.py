"""What an alert is, and which kinds there are."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import quote

__all__ = ["CLEARED", "KINDS", "RAISED", "SEVERITIES", "STANDING", "Alert", "key_of"]

RAISED, STANDING, CLEARED = "raised", "standing", "cleared"
"What became of an alert: it is new; it stands and is told again; it is over."
SEVERITIES = ("warning", "critical")
"The lighter one first."

KINDS: dict[str, str] = {
    "block_recurring": "One carrier blocks one number again and again, and says so (608, 603+).",
    "block_spreading": "Several carriers block one number, and say so.",
    "block_hidden": "Refusals of one number by one carrier that do not say so are blocks.",
    "unwanted": "People mark calls of one number as unwanted (607).",
    "answer_drop": "One number is answered far less often than others at the same hours.",
    "risk": "One number crosses a threshold of a risk factor.",
    "silence": "No calls come in, or none have been read at all.",
}
"Slug -> what it says, in one sentence."


class Alert(NamedTuple):
    """One thing that somebody has to know, once."""

    kind: str
    "A slug of `KINDS`."
    key: str
    "What it is about: one alert stands per key at a time."
    severity: str
    "warning or critical."
    number: str
    "Calling number; empty where it is about none."
    carrier: str
    "Carrier; empty where it is about none, or where it is not known."
    state: str
    "raised, standing or cleared."
    since_us: int
    "When it began, as far as the calls show: microseconds since 1970 UTC."
    at_us: int
    "As of when it was judged: microseconds since 1970 UTC."
    title: str
    "What is the matter, in a few words."
    detail: str
    "What it was concluded from, in a sentence or two."
    evidence: dict[str, Any]
    "The figures behind it: text, numbers, None, and lists of these."
    id: str = ""
    "Tells this message from all others, also when it is delivered twice: series, incident, message."


def key_of(kind: str, *parts: str) -> str:
    """Return the key of an alert: its kind and what it is about, told apart by slashes whatever they hold."""
    return "/".join((kind, *(quote(part, safe="+ ", errors="backslashreplace") for part in parts)))
