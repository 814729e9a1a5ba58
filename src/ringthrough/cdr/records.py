"""
`open_records`: a binary handle and a profile to batches of `Call` rows, in bounded memory.

A bad file is no exception: what is wrong stands in `problems`, what became of each record in `tally`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import BinaryIO

from ringthrough.calls import Call, Carriers
from ringthrough.errors import Problem, RemoteError

from .blocks import Block, of_mappings
from .joining import joined
from .keyed import keyed_blocks
from .markup import markup_blocks
from .objects import json_blocks
from .plan import find_columns
from .profile import Profile
from .rows import Composer
from .sample import Sample, layout_of, look
from .separated import blocks as separated_blocks
from .statements import statement_blocks
from .tally import Report, Tally
from .text import Octets, character_blocks, text_blocks
from .times import zone_named

__all__ = ["Records", "open_records", "open_rows"]

_BATCH = 1024
_DOUBTFUL = 20  # records, before more bad than good ones say that the profile does not fit


class Records:
    """Rows of one file, or of one table; read once."""

    def __init__(self, profile: Profile, report: Report, rows: Iterator[list[Call]]) -> None:
        self.profile = profile
        self._report = report
        self._rows = rows

    @property
    def tally(self) -> Tally:
        """Counts so far."""
        return self._report.tally

    @property
    def problems(self) -> list[Problem]:
        """What is wrong, as far as the file was read."""
        return self._report.problems

    def blocks(self) -> Iterator[list[Call]]:
        """Rows in batches; once, from where reading stands."""
        return self._rows

    def __iter__(self) -> Iterator[Call]:
        for rows in self._rows:
            yield from rows


def open_records(
    handle: BinaryIO, profile: Profile, *, name: str, tz: tzinfo | str | None = None, region: str | None = None,
    carriers: Carriers | None = None, trunks: Mapping[str, str] | None = None,
    numbers: Mapping[str, str] | None = None,
) -> Records:  # fmt: skip
    """
    Read call records.

    Args:
        handle: the file, unpacked; only `read` is called.
        profile: how the records are written; `recognise` finds one.
        name: name of the file, for the column `file` and for problems.
        tz: zone of times that say none; an IANA name, an offset, or a tzinfo.
        region: ISO 3166 country in which numbers without country code are read; None leaves them as sent.
        carriers: the operator's carriers; their prefixes name the carrier where the record does not.
        trunks: carrier by the name of a trunk.
        numbers: carrier by called number in E.164.

    Raises:
        LocalError: there is no such zone (`cdr-unknown-zone`) or region (`numbers-unknown-region`).
    """
    report = Report(name)
    composer = Composer(
        profile, report, what="line", tz=zone_named(tz) if isinstance(tz, str) else tz, region=region,
        carriers=carriers, trunks=trunks, numbers=numbers,
    )  # fmt: skip
    return Records(profile, report, _read(handle, profile, composer, report))


def open_rows(
    names: Sequence[str], rows: Iterable[Sequence[object]], profile: Profile, *, name: str,
    tz: tzinfo | str | None = None, region: str | None = None, carriers: Carriers | None = None,
    trunks: Mapping[str, str] | None = None, numbers: Mapping[str, str] | None = None,
) -> Records:  # fmt: skip
    """
    Read call records that another reader (of Parquet, of a database) has already cut into columns.

    Args:
        names: names of the columns.
        rows: one sequence a record; values of any type, None for none. Times may be datetime values.
        profile: how the columns are meant.

    The other arguments, and what is raised, are those of `open_records`.
    """
    report = Report(name)
    composer = Composer(
        profile, report, what="record", tz=zone_named(tz) if isinstance(tz, str) else tz, region=region,
        carriers=carriers, trunks=trunks, numbers=numbers,
    )  # fmt: skip
    return Records(profile, report, _composed(_table(tuple(names), rows, report), profile, composer, report))


def _table(names: tuple[str, ...], rows: Iterable[Sequence[object]], report: Report) -> Iterator[Block]:
    batch: list[dict[str, str]] = []
    frames: list[int] = []
    for number, row in enumerate(rows, 1):
        if len(row) != len(names):
            report.bad("columns", f"expected {len(names)} columns, found {len(row)}", number, "record")
            continue
        report.tally.records += 1
        batch.append({name: _text(cell) for name, cell in zip(names, row, strict=True)})
        frames.append(number)
        if len(batch) >= _BATCH:
            yield of_mappings(batch, frames)
            batch, frames = [], []
    if batch:
        yield of_mappings(batch, frames)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell)


def _read(handle: BinaryIO, profile: Profile, composer: Composer, report: Report) -> Iterator[list[Call]]:
    octets = Octets(handle, report)
    if not octets.first.strip():
        if not octets.first and not report.problems:
            report.problem("cdr-empty", "expected call records, found nothing")
        elif not report.problems:
            report.problem("cdr-no-rows", "expected call records, found blanks")
        return
    sample = look(octets.first)
    kind = _kind(profile, sample)
    if not kind:
        wanted = " or ".join(profile.container.kinds)
        report.problem("cdr-kind", f"expected {wanted}, as {profile.name} reads, found {sample.kind}")
        return
    if kind in ("json", "xml"):
        composer.counts("record")
    yield from _composed(_blocks(kind, octets, sample, profile, report), profile, composer, report)


def _composed(
    blocks: Iterator[Block], profile: Profile, composer: Composer, report: Report
) -> Iterator[list[Call]]:  # fmt: skip
    tally = report.tally
    if profile.join is not None:
        blocks = joined(blocks, profile, profile.join, report)
    try:
        for block in blocks:
            rows = composer.rows(block)
            if rows:
                yield rows
    except RemoteError as fault:
        report.problems.append(fault.problem)
        return
    finally:
        if composer.stamps.ambiguous:
            tally.notes["ambiguous-time"] = composer.stamps.ambiguous
    bad = sum(tally.bad.values())
    if not tally.records and not report.problems:
        report.problem("cdr-no-rows", "expected call records, found none")
    elif bad > _DOUBTFUL and bad > tally.calls:
        detail = f"expected records of {profile.name} ({profile.title}), could not read {bad} of {tally.records}"
        report.problem("cdr-mostly-bad", detail)


def _kind(profile: Profile, sample: Sample) -> str:
    """The kind as which a file is read; empty when the profile reads no such file."""
    kinds = profile.container.kinds
    if "keys" in kinds and profile.container.marker in sample.text:
        return "keys"
    if sample.kind in kinds:
        return sample.kind
    return "keys" if "keys" in kinds and sample.kind == "csv" and "csv" not in kinds else ""


def _blocks(kind: str, octets: Octets, sample: Sample, profile: Profile, report: Report) -> Iterator[Block]:
    container = profile.container
    if kind == "json":
        texts = character_blocks(octets, report)
        return json_blocks(texts, container.records, percent=container.percent, report=report)
    texts = text_blocks(octets, report)
    if kind == "xml":
        return markup_blocks(texts, container.element, percent=container.percent, report=report)
    if kind == "keys":
        return keyed_blocks(texts, container, report)
    if kind == "sql":
        return statement_blocks(texts, container, report)
    known = [column for feed in profile.fields.values() for column in feed.columns]
    layout, note = layout_of(container, sample, known)
    if note:
        report.problem("cdr-separator", note)
    sample = sample.without(container.skip, container.strip)
    if container.strip:
        prefix = re.compile(container.strip, re.MULTILINE)
        texts = ((line, prefix.sub("", text)) for line, text in texts)
    if layout.header and sample.lines and profile.fields.get("at"):
        head = sample.rows(layout.separator, layout.quote)[0]
        wanted = profile.fields["at"].columns
        if not find_columns(wanted, head) and "end_at" not in profile.fields:
            detail = (
                f"expected a header with a column for the field at ({', '.join(wanted)}), found {', '.join(head)[:200]}"
            )
            report.problem("cdr-no-column", detail, 1)
            return iter(())
    return separated_blocks(texts, layout, report)
