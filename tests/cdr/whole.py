"""Whole rows in tests: everything that a row says, and what is made of it."""

from __future__ import annotations

from typing import Any

from ringthrough.calls import Call
from ringthrough.cdr import recognise
from ringthrough.verdict import judge

from .reading import DATA, read

__all__ = ["check_bad", "check_sample", "facts"]

_SAME = (
    "kind", "method", "file", "source", "attempts", "legs", "challenges", "forks", "retransmissions", "duplicates",
)  # fmt: skip
"Columns that say the same of every row of these tests."
_START_US = 1_795_132_800_000_000  # 2026-11-20T00:00:00Z, the day of all samples


def facts(row: Call) -> dict[str, Any]:
    """
    Every column of a row that holds anything, its time as that of the day, the verdict and its rule.

    A number as it stood in the record is left out where it is spelt like the number itself.
    """
    said = {
        name: value
        for name, value in row._asdict().items()
        if name not in _SAME and value is not None and value is not False and value != ""
    }
    del said["at_us"]
    for name in ("caller", "callee"):
        if said.get(f"{name}_raw") == said.get(name):
            said.pop(f"{name}_raw", None)
    seconds, us = divmod(row.at_us - _START_US, 1_000_000)
    said["at"] = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{us:06d}".removesuffix(".000000")
    made = judge(row)
    return said | {"verdict": made.verdict, "rule": made.rule}


def check_sample(file: str, same: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """A sample is recognised by its content, and its rows say this and no more."""
    octets = (DATA / file).read_bytes()
    found = recognise(octets)
    assert found.profile is not None
    assert found.profile.name == file.partition(".")[0]
    made, records = read(octets, found.profile)
    assert [facts(row) for row in made] == [same | row for row in rows]
    assert {(row.source, row.kind, row.method) for row in made} == {(f"cdr {found.profile.name}", "call", "INVITE")}
    assert (records.problems, records.tally.bad, records.tally.notes) == ([], {}, {})


def check_bad(file: str, changed: dict[str, str], cause: str) -> None:
    """A bad record behind a sample is counted with its place; the rows before it stay as they are."""
    text = (DATA / file).read_text()
    name = file.partition(".")[0]
    last = text.splitlines()[-1]
    for old, new in changed.items():
        assert old in last
        last = last.replace(old, new) if old else new
    rows, records = read(text + last + ("\n" if cause != "cut-record" else ""), name)
    assert rows == read(text, name)[0]
    assert records.tally.bad == {cause: 1}
    assert [(problem.code, problem.where.partition(":")[0]) for problem in records.problems] == [
        (f"cdr-{cause}", "calls.csv")
    ]
