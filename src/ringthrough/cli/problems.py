"""Every problem this room reports, explained."""

from __future__ import annotations

__all__ = ["PROBLEMS"]

PROBLEMS: dict[str, str] = {
    "cli-alerts-busy": "Another run of alerts holds the same file of what stands.",
    "cli-alerts-state": "The file of what stands cannot be read or written.",
    "cli-not-found": "There is no file of this name.",
    "cli-directory": "A folder was given where a file belongs; give the files in it.",
    "cli-not-readable": "The system does not let this user read the file.",
    "cli-numbers-file": "The table of numbers cannot be read, or a line of it has no number or no carrier.",
    "cli-carriers-file": "The file of carriers cannot be read.",
    "cli-carriers-toml": "The file of carriers is no TOML, or has a key that does not belong there.",
    "cli-carriers-value": "A carrier has no name, or an address range or number prefix of it is none.",
    "cli-not-a-paste": "What was given to be explained is a capture, or longer than a pasted message.",
    "cli-output": "The output cannot be written.",
    "cli-picture": "A logo is neither PNG nor SVG, or larger than a megabyte.",
    "cli-picture-read": "A logo cannot be read.",
    "cli-no-browser": "There is no Chromium or Chrome to print a PDF with.",
    "cli-printing": "The browser that prints a PDF failed.",
}
"Slug -> one sentence for docs/reference/problems.md."
