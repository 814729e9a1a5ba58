"""
Log lines with `key=value` pairs, as the acc modules of Kamailio and OpenSIPS write them, to blocks.

Facts
- A value is written as it is: a reason phrase or a Reason header may hold `;` and `=`. So only the keys that the
  profile knows part a line, and of a key that seems to come twice the last one counts: what stands further left is
  text inside a value (`rpl_reason_hdr=SIP;cause=603;text="...;id=7"`).
- What stands between the marker and the first key is kept as the column `kind`: `call missed`, `transaction answered`.
- Lines without the marker belong to other programs and are passed over; they are no records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .blocks import Block, of_mappings
from .profile import Container
from .tally import Report

__all__ = ["keyed_blocks", "pairs_of"]


def keyed_blocks(texts: Iterator[tuple[int, str]], container: Container, report: Report) -> Iterator[Block]:
    """Records in blocks: one for every line that holds the marker."""
    pattern = _pattern(container)
    for line, text in texts:
        records, frames = [], []
        if container.marker not in text:
            continue
        for number, said in enumerate(text.split("\n"), line):
            before, marker, record = said.partition(container.marker)
            if not marker:
                continue
            cells = pairs_of(record, pattern)
            if len(cells) < 2:
                detail = f"expected key=value pairs behind {container.marker.strip()!r}, found {record[:60]!r}"
                report.bad("not-a-record", detail, number)
                continue
            report.tally.records += 1
            if before.strip():
                cells["log"] = before.strip()
            records.append(cells)
            frames.append(number)
        if records:
            yield of_mappings(records, frames)


def _pattern(container: Container) -> re.Pattern[str]:
    keys = "|".join(sorted(map(re.escape, container.keys), key=len, reverse=True))
    return re.compile(rf"(?:\A|{re.escape(container.pair)}|: ?|, ?)\s*({keys})=")


def pairs_of(record: str, pattern: re.Pattern[str]) -> dict[str, str]:
    """The pairs of one line; `kind` is what stands before the first."""
    found = list(pattern.finditer(record))
    if not found:
        return {}
    cells = {"kind": record[: found[0].start()].strip(" :")}
    # From right to left: the first one met is the last one written.
    end = len(record)
    for match in reversed(found):
        name = match[1]
        if name not in cells:
            cells[name] = record[match.end() : end].strip()
        end = match.start()
    return {name: cell for name, cell in cells.items() if cell}
