"""What can be wrong with a file before and while it is read."""

from __future__ import annotations

__all__ = ["PROBLEMS"]

PROBLEMS: dict[str, str] = {
    "diagnosis-cannot-open": "The file could not be opened: it is absent, a directory, or not ours to read.",
    "diagnosis-cannot-read": "Reading the file failed half-way, as on a disk or network that went away.",
}
"Slug -> explanation."
