"""Whole rows in tests: everything that a row says, and what is made of it."""

from __future__ import annotations

from typing import Any

from ringthrough.calls import Call
from ringthrough.verdict import judge

__all__ = ["facts"]

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
