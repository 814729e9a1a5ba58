"""Reading call records in tests."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ringthrough.calls import Call
from ringthrough.cdr import Profile, Records, open_records, parse_profile, profile_named

DATA = Path(__file__).parent.parent / "data" / "cdr"
MINIMAL = """
name = "own"
title = "made by a test"
[container]
{container}
[time]
formats = ["iso", "epoch"]
zone = "utc"
[fields]
at = "at"
{fields}
"""


def own(container: str = "", fields: str = "", more: str = "") -> Profile:
    """A small profile."""
    return parse_profile(MINIMAL.format(container=container, fields=fields) + more)


def opened(text: str | bytes, profile: Profile | str, **more: Any) -> Records:
    """Records of a text."""
    octets = text.encode() if isinstance(text, str) else text
    found = profile_named(profile) if isinstance(profile, str) else profile
    return open_records(io.BytesIO(octets), found, name="calls.csv", **({"tz": "UTC", "region": "US"} | more))


def read(text: str | bytes, profile: Profile | str, **more: Any) -> tuple[list[Call], Records]:
    """All rows of a text, and their source; every record is accounted for."""
    records = opened(text, profile, **more)
    rows = list(records)
    assert records.tally.adds_up, records.tally
    return rows, records


def codes(records: Records) -> list[str]:
    """Slugs of the problems."""
    return [problem.code for problem in records.problems]


class Chunks(io.RawIOBase):
    """A handle over an iterator of octets: nothing of it is in memory."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts

    def read(self, size: int = -1) -> bytes:
        return next(self._parts, b"")
