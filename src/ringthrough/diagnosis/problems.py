"""What can be wrong with a file before and while it is read."""

from __future__ import annotations

__all__ = ["PROBLEMS"]

PROBLEMS: dict[str, str] = {
    "diagnosis-setting": "A setting of `read_calls` is unknown, or a store was given settings.",
    "diagnosis-column": "There is no such column in the call table.",
    "diagnosis-cannot-open": "The file could not be opened: it is absent, a directory, or not ours to read.",
    "diagnosis-cannot-read": "Reading the file failed half-way, as on a disk or network that went away.",
}
"Slug -> explanation."
