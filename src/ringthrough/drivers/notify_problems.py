"""Every problem that channels report, explained; `drivers.problems` lists them with its own."""

from __future__ import annotations

__all__ = ["PROBLEMS"]

PROBLEMS: dict[str, str] = {
    "drivers-notify-file": "A file cannot be appended to.",
    "drivers-notify-mail": "Mail cannot be sent: an address is none, the server cannot be had, or refuses it.",
    "drivers-notify-recipient": "A mail server took a message and refused one of its recipients.",
    "drivers-notify-status": "A webhook answered with another status than 2xx.",
    "drivers-notify-url": "The URL of a webhook is none that may be asked.",
}
"Slug -> one sentence for docs/reference/problems.md."
