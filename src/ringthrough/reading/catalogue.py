"""What the catalogue says of a status or a cause, None where it knows none."""

from __future__ import annotations

from ringthrough.errors import LocalError
from ringthrough.reference import Entry, lookup

__all__ = ["cause_entry", "status_entry"]


def status_entry(status: int, phrase: str = "") -> Entry | None:
    """The entry of a status; the phrase Network Blocked makes 603 a 603+."""
    key = "603+" if status == 603 and phrase.strip().lower() == "network blocked" else str(status)
    if not 100 <= status <= 999:
        return None
    try:
        entry = lookup(key)
    except LocalError:
        return None
    return entry if entry.kind != "cause" else None


def cause_entry(cause: int) -> Entry | None:
    """The entry of a Q.850 cause."""
    try:
        return lookup(f"Q.850:{cause}")
    except LocalError:
        return None
