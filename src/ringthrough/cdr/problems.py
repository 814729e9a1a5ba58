"""Every problem this room reports, and every cause by which a record is counted, explained."""

from __future__ import annotations

__all__ = ["NOTES", "PROBLEMS", "SKIPS", "SPOILS", "explain"]

PROBLEMS: dict[str, str] = {
    "cdr-empty": "The file holds nothing at all.",
    "cdr-no-rows": "The file has a header, or something before the first record, and no record after it.",
    "cdr-unknown-dialect": "No profile fits the file; `ringthrough sniff` proposes one.",
    "cdr-profile": "A profile says something that cannot be read; the key is named.",
    "cdr-unknown-profile": "No profile of this name is shipped.",
    "cdr-bad-map": "A FIELD=COLUMN names a field that does not exist, or is no such pair.",
    "cdr-zone-needed": "The times are local and nothing says of which zone; `--tz` has to.",
    "cdr-unknown-zone": "The time zone is not a name of the IANA database, such as America/Chicago.",
    "cdr-no-column": "A column that the profile cannot do without is not in the file.",
    "cdr-kind": "The file is of another kind (CSV, JSON, XML, log lines) than the profile reads.",
    "cdr-separator": "The columns are parted by another character than the profile says; that one is used.",
    "cdr-columns": "A record has more or fewer columns than its header or its profile allows.",
    "cdr-open-quote": "A quote was opened and never closed, so where the record ends is not known.",
    "cdr-line-too-long": "A line, or a record, is longer than any call record is; it was passed over.",
    "cdr-no-time": "A record does not say when the call began.",
    "cdr-bad-time": "A time is not written as the profile says, or lies outside of the years 1990 to 2099.",
    "cdr-not-json": "A piece of the file is no JSON; reading went on at the next line that begins a record.",
    "cdr-not-a-record": "A record is no object with names, or its line does not have the shape of the others.",
    "cdr-markup": "The XML of the file is damaged, or declares entities; what came before was read.",
    "cdr-cut-record": "The file ends inside its last record.",
    "cdr-mostly-bad": "More than half of the records could not be read: the profile most likely does not fit the file.",
    "cdr-read-failed": "The system could not read the file to its end.",
}
"Slug -> one sentence for docs/reference/problems.md."

SPOILS: dict[str, str] = {
    "columns": "more or fewer columns than the header or the profile allows",
    "open-quote": "a quote was opened and never closed",
    "line-too-long": "a line or record longer than any call record",
    "no-time": "the record does not say when the call began",
    "bad-time": "a time not as the profile says, or outside of the years 1990 to 2099",
    "not-json": "no JSON",
    "not-a-record": "no object with names, or not of the shape of a record",
    "cut-record": "the file ends inside the record",
}
"Cause of a bad record -> what it is."

SKIPS: dict[str, str] = {
    "header": "the header line, where it comes again",
    "not-a-call": "a record that the profile says is no call: a registration, an interim record, a line of types",
    "joined": "a further record of a call that has its row: a second log line, an event, the end of the call",
    "no-opening": "the end of a call whose beginning is not in the file, or came too long before",
}
"Cause of a skipped record -> what it is."

NOTES: dict[str, str] = {
    "not-utf-8": "lines that are no UTF-8 and were read as Latin-1",
    "bad-number": "numbers (durations, codes) that could not be read; the fact is missing in the row",
    "bad-answer-time": "times other than the start that could not be read; the fact is missing in the row",
    "time-order": "records whose end or answer lies before their start; the durations are missing in the row",
    "ambiguous-time": "local times in the hour that comes twice when summer time ends; the first was taken",
    "problems-not-listed": "further problems of a kind that had been listed often enough",
}
"Worth knowing, but no record."


def explain(cause: str) -> str:
    """Say what a cause or a note means; empty for an unknown one."""
    return SPOILS.get(cause) or SKIPS.get(cause) or NOTES.get(cause, "")
