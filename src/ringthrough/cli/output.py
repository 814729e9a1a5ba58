"""What is made of rows where they are made: counts, and lines of the form that was asked for."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Self

from ringthrough.calls import Call, Verdict
from ringthrough.cli.choice import Choice
from ringthrough.native import twin
from ringthrough.report.masking import mask_row
from ringthrough.report.rows import OUTPUT, csv_header, csv_rows, json_rows, printable
from ringthrough.report.summary import Summary
from ringthrough.report.terminal import call_header, call_line

__all__ = ["FORMS", "Output", "header"]

FORMS = ("none", "csv", "json", "list", "parquet", "rows")
"No rows, CSV, JSON lines, a list for people, lines for Parquet, pickled rows."


def header(form: str) -> bytes:
    """What comes before the first row."""
    if form == "csv":
        return csv_header()
    return f"{call_header()}\n".encode() if form == "list" else b""


class Output:
    """
    A sink of a diagnosis: counts the calls that are wanted and writes them in one form.

    Args:
        form: one of FORMS.
        choice: which calls are wanted.
        masked: mask numbers in the rows.
        colour: colour the list for people.
        counts: somebody will look at the summary.
    """

    def __init__(
        self, form: str, choice: Choice, *, masked: bool = False, colour: bool = False, counts: bool = True
    ) -> None:
        self.form = form
        self.counts = counts
        self.choice = choice
        self.masked = masked
        self.colour = colour
        self.summary = Summary()
        self.total = 0
        "Rows before the filter."

    def take(self, rows: Sequence[tuple[Call, Verdict]]) -> list[bytes]:
        """Count rows and return a line for each that is wanted, nothing for the others."""
        self.total += len(rows)
        choice = self.choice
        if not choice:
            if self.counts:
                self.summary.add(rows)
            return self._lines(rows)
        wanted = [choice(call, verdict) for call, verdict in rows]
        chosen = [row for row, yes in zip(rows, wanted, strict=True) if yes]
        if self.counts:
            self.summary.add(chosen)
        lines = iter(self._lines(chosen))
        return [next(lines) if yes else b"" for yes in wanted]

    def _lines(self, rows: Sequence[tuple[Call, Verdict]]) -> list[bytes]:
        if self.form == "none":
            return [b""] * len(rows)
        if self.form == "rows":  # masked later, because the messages are looked for by what is in the row
            return [pickle.dumps(row, pickle.HIGHEST_PROTOCOL) for row in rows]
        if self.masked:
            rows = [mask_row(call, verdict) for call, verdict in rows]
        if self.form == "csv":
            native = twin("_native")
            return csv_rows(rows) if native is None else list(native.csv_rows(rows))
        if self.form == "json":
            return json_rows(rows)
        if self.form == "parquet":
            from ringthrough.store import parquet_lines

            return parquet_lines(rows, OUTPUT)
        return [printable(call_line(call, verdict, colour=self.colour) + "\n").encode() for call, verdict in rows]

    def merge(self, other: Self) -> None:
        """Add what another sink has counted."""
        self.total += other.total
        self.summary.merge(other.summary)
