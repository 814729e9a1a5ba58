"""Every problem this room reports, explained."""

from __future__ import annotations

__all__ = ["PROBLEMS"]

PROBLEMS: dict[str, str] = {
    "store-columns": "The columns asked for are not all columns of the call table, or one is asked for twice.",
    "store-cannot-write": "The table could not be written: the disk is full, or the folder is missing or not writable.",
}
"Slug -> one sentence for docs/reference/problems.md."
