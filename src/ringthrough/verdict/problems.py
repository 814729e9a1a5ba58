"""Problems that the verdict room reports: mistakes in a rule table, never in a call."""

from __future__ import annotations

__all__ = ["PROBLEMS"]

PROBLEMS: dict[str, str] = {
    "verdict-condition": "A condition of a rule names a column that does not exist or compares it with a wrong type.",
    "verdict-literal": "A text in a rule holds a quote, a backslash or anything but printable ASCII.",
    "verdict-template": "The sentence of a rule has a bracket that does not close, or a field that is no column.",
    "verdict-ladder": "The rules cannot be read as a ladder: a name twice, or a last row that does not always hold.",
}
"Slug -> what it means."
