"""
Which dialect a file is written in, and why.

Facts
- A profile fits by the names it asks for (header, keys, JSON paths), or, without a header, by the number of columns
  and by patterns that nearly all cells of some columns match. Nothing is tried on the rest of the file.
- The profile that more names and patterns speak for wins. The others that fit are told, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ringthrough.errors import Problem

from .plan import find_columns
from .profile import Profile
from .sample import Sample, layout_of, look
from .shipped import load_profiles
from .vocabulary import plain

__all__ = ["Recognition", "recognise"]

_NEARLY_ALL = 0.8
_ROWS = 20


class Recognition(NamedTuple):
    """What a file seems to be."""

    profile: Profile | None
    "The profile that fits best; None when none fits."
    why: str
    "What speaks for it, or what was seen where none fits."
    others: tuple[tuple[str, str], ...] = ()
    "Names of other profiles that fit, and what speaks for each, best first."

    def problem(self, name: str) -> Problem | None:
        """What to say of the file where no profile fits; None where one does."""
        if self.profile is not None:
            return None
        detail = f"expected call records that a profile fits, but {self.why}: give --profile, or see ringthrough sniff"
        return Problem("cdr-unknown-dialect", detail, name)


class _Fit(NamedTuple):
    score: float
    why: str


def recognise(first: bytes, name: str = "", profiles: Iterable[Profile] | None = None) -> Recognition:
    """
    Find the profile that fits.

    Args:
        first: the beginning of the file, unpacked: some 64 kB, or all of it.
        name: name of the file; a CUCM or Master.csv name breaks a tie.
        profiles: the profiles to choose from; None for the shipped ones.
    """
    sample = look(first)
    if not sample.kind:
        return Recognition(None, "the file is empty")
    fits = []
    for profile in load_profiles() if profiles is None else profiles:
        fit = _fit(profile, sample)
        if fit is not None:
            named = 1 if profile.name.split("-")[0] in name.lower() else 0
            fits.append((fit.score + named, profile, fit.why))
    fits.sort(key=lambda found: (-found[0], found[1].name))
    if not fits:
        return Recognition(None, _seen(sample))
    _, best, why = fits[0]
    return Recognition(best, why, tuple((profile.name, said) for _, profile, said in fits[1:]))


def _seen(sample: Sample) -> str:
    first = sample.lines[0][:80] if sample.lines else ""
    return f"no profile fits a file of kind {sample.kind} that begins with {first!r}"


def _fit(profile: Profile, sample: Sample) -> _Fit | None:
    container, hints = profile.container, profile.hints
    if "keys" in container.kinds and container.marker in sample.text and sample.kind in ("csv", "json"):
        lines = [line for line in sample.lines if container.marker in line]
        keys = {key for key in container.keys if any(f"{key}=" in line for line in lines)}
        if not lines or sum(plain(name) in set(map(plain, keys)) for name in hints.names) < len(hints.names) // 2:
            return None
        return _Fit(60.0, f"lines with {container.marker.strip()!r} and the keys {_list(sorted(keys))}")
    if sample.kind not in container.kinds:
        return None
    if sample.kind == "xml":
        mark = f"<{container.element}"
        return _Fit(20.0, f"elements {mark}>") if mark in sample.text else None
    if sample.kind == "json":
        records = sample.records(container.records)
        names = tuple(dict.fromkeys(key for record in records for key in record))
        rows = [[record.get(key, "") for key in names] for record in records]
        return _by_names(profile, names, rows, "the records name")
    if sample.kind == "sql":
        names = tuple(name for name in (*hints.names, *hints.any) if re.search(rf"\b{re.escape(name)}\b", sample.text))
        return _by_names(profile, names, [], "the statements name")
    known = [column for feed in profile.fields.values() for column in feed.columns]
    layout, _ = layout_of(container, sample, [*known, *hints.names])
    rows = sample.without(container.skip, container.strip).rows(layout.separator, container.quote)
    if not rows:
        return None
    if layout.header:
        return _by_names(profile, tuple(cell.strip() for cell in rows[0]), rows[1:], "the header names")
    return _by_cells(profile, rows) if container.columns else None


def _by_names(profile: Profile, names: Sequence[str], rows: Sequence[Sequence[str]], said: str) -> _Fit | None:
    hints = profile.hints
    if any(not find_columns([name], names) for name in hints.names):
        return None
    there = [name for name in (*hints.names, *hints.any) if find_columns([name], names)]
    if hints.last_resort:
        feeds = {field: feed for field, feed in profile.fields.items() if find_columns(feed.columns, names)}
        if "at" not in feeds or not feeds.keys() & {"callee", "caller", "call_id"}:
            return None
        columns = [names[find_columns(feed.columns, names)[0]] for feed in feeds.values()]
        return _Fit(1.0, f"{said} {_list(columns)}, which are known words")
    if not there:
        return None
    score = 3.0 * len(hints.names) + len(there)
    if hints.cells and rows:
        matched = _matched(profile, names, rows)
        if matched is None:
            return None
        score += 3.0 * matched
    return _Fit(score, f"{said} {_list(there)}")


def _by_cells(profile: Profile, rows: Sequence[Sequence[str]]) -> _Fit | None:
    container = profile.container
    least, most = container.least or len(container.columns), max(container.most, len(container.columns))
    rows = rows[:_ROWS]
    fitting = [row for row in rows if least <= len(row) <= most]
    if len(fitting) < _NEARLY_ALL * len(rows):
        return None
    matched = _matched(profile, container.columns, fitting)
    if not matched:
        return None
    width = len(fitting[0])
    what = ", ".join(f"column {find_columns([c], container.columns)[0] + 1} {c}" for c in profile.hints.cells)
    # An exact width says more than one within a range.
    return _Fit(5.0 * matched + (3.0 if least == most else 1.0), f"{width} columns without a header; {what} fit")


def _matched(profile: Profile, names: Sequence[str], rows: Sequence[Sequence[str]]) -> int | None:
    """How many of the patterns fit nearly every filled cell; None when one does not."""
    matched = 0
    for column, text in profile.hints.cells.items():
        found = find_columns([column], names)
        if not found:
            continue
        cells = [row[found[0]] for row in rows[:_ROWS] if found[0] < len(row) and row[found[0]]]
        if not cells:
            continue
        pattern = re.compile(text)
        if sum(pattern.fullmatch(cell) is not None for cell in cells) < _NEARLY_ALL * len(cells):
            return None
        matched += 1
    return matched


def _list(words: Sequence[str]) -> str:
    shown = list(dict.fromkeys(words))
    if len(shown) > 6:
        return ", ".join(shown[:5]) + f" and {len(shown) - 5} more"
    return ", ".join(shown)
