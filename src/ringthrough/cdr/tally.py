"""What became of every record of a file: counted by cause, so that nothing is lost without being said."""

from __future__ import annotations

from dataclasses import dataclass, field

from ringthrough.errors import Problem

__all__ = ["PROBLEMS_LISTED", "Report", "Tally"]

PROBLEMS_LISTED = 20
"Most problems of one kind that are listed; more are counted in the note `problems-not-listed`, as for captures."


@dataclass(slots=True)
class Tally:
    """Counts of one file; grows while the file is read."""

    records: int = 0
    "Records found, the bad and the skipped ones included; blank lines are none."
    calls: int = 0
    "Rows handed out."
    skipped: dict[str, int] = field(default_factory=dict)
    "Sound records that are no row of their own: cause -> records."
    bad: dict[str, int] = field(default_factory=dict)
    "Records that could not be read: cause -> records."
    notes: dict[str, int] = field(default_factory=dict)
    "Worth knowing, but no records: what -> how often."

    def skip(self, cause: str, records: int = 1) -> None:
        """Count sound records without a row."""
        self.skipped[cause] = self.skipped.get(cause, 0) + records

    def spoil(self, cause: str, records: int = 1) -> None:
        """Count bad records."""
        self.bad[cause] = self.bad.get(cause, 0) + records

    def note(self, what: str, times: int = 1) -> None:
        """Count something that is no record."""
        self.notes[what] = self.notes.get(what, 0) + times

    @property
    def adds_up(self) -> bool:
        """Whether every record is accounted for, once. True when the file has been read to its end."""
        return self.records == self.calls + sum(self.skipped.values()) + sum(self.bad.values())


class Report:
    """Counts and problems of one file, as its readers find them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tally = Tally()
        self.problems: list[Problem] = []
        self._listed: dict[str, int] = {}

    def problem(self, code: str, detail: str, line: int = 0, what: str = "line") -> None:
        """Keep a problem, unless its kind was listed often enough."""
        times = self._listed.get(code, 0)
        self._listed[code] = times + 1
        if times < PROBLEMS_LISTED:
            place = f"{self.name}: {what} {line}" if line else self.name
            self.problems.append(Problem(code, detail, where=place))
        else:
            self.tally.note("problems-not-listed")

    def bad(self, cause: str, detail: str, line: int, what: str = "line") -> None:
        """Count a record that could not be read and say why; it was not counted as a record before."""
        self.tally.records += 1
        self.spoil(cause, detail, line, what)

    def spoil(self, cause: str, detail: str, line: int, what: str = "line") -> None:
        """Say of a record that was counted before that it could not be read, and why."""
        self.tally.spoil(cause)
        self.problem(f"cdr-{cause}", detail, line, what)
