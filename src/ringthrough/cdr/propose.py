"""
`propose`: a profile for a file that no shipped one fits, as TOML with a reason behind every line.

Facts
- With a header, names are looked up among the names that the generic profile knows. What stays open is told by the
  cells: times, telephone numbers, SIP statuses, causes, words for the end of a call.
- Without a header the cells are all there is. Two columns of telephone numbers are caller and callee in the order in
  which most exports write them; that is a proposal, and the explanation says so.
- Nothing is invented: a field without a likely column is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ringthrough.numbers import is_number

from .plan import find_columns
from .profile import FIELDS, Profile, parse_profile
from .recognise import recognise
from .sample import Sample, layout_of, look
from .shipped import profile_named
from .times import BAD, NONE, Stamps
from .vocabulary import CAUSE_NAMES, plain

__all__ = ["Proposal", "propose"]

_MOST = 0.8
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{22}|.+@.+|[A-Z]{2}[0-9a-f]{32}")
_STATUS = re.compile(r"(?:sip:)?[1-6][0-9]{2}")
_CAUSES = frozenset(
    map(str, (1, 2, 3, 16, 17, 18, 19, 20, 21, 22, 27, 28, 31, 34, 38, 41, 42, 47, 57, 58, 63, 79, 88, 102, 111, 127))
)
_WHOLE = re.compile(r"[0-9]{1,6}(?:\.[0-9]+)?")
_FORMATS = (
    "iso", "epoch", "rfc2822", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M", "%m/%d/%y %H:%M:%S", "%d/%m/%y %H:%M:%S", "%m/%d/%y %H:%M", "%m/%d/%Y %I:%M %p",
    "%d.%m.%Y %H:%M:%S", "%Y%m%d%H%M%S", "%d %b %Y %H:%M:%S", "%b %d %Y %H:%M:%S", "%d-%b-%Y %H:%M:%S",
)  # fmt: skip


class Proposal(NamedTuple):
    """A profile for an unknown file."""

    toml: str
    "The profile; empty where the file shows no records."
    why: tuple[str, ...]
    "What was seen, and what is open."


class _Column(NamedTuple):
    name: str
    "As the profile names it: its name, or its position."
    cells: list[str]


def propose(octets: bytes, name: str = "calls") -> Proposal:
    """
    Propose a profile.

    Args:
        octets: the beginning of the file, unpacked; some 64 kB are enough.
        name: name of the profile.
    """
    sample = look(octets)
    if sample.kind not in ("csv", "json"):
        seen = f"the file is {sample.kind}" if sample.kind else "the file is empty"
        return Proposal("", (f"{seen}: a profile can be proposed for separated text and for JSON",))
    found = recognise(octets)
    why = []
    if found.profile is not None:
        why.append(f"the profile {found.profile.name} fits already: {found.why}")
    columns, container = _json_columns(sample) if sample.kind == "json" else _csv_columns(sample, why)
    if not columns:
        return Proposal("", (*why, "no record could be cut into columns"))
    fields = _fields(columns, why)
    formats, zone = _time(fields, why)
    if not fields.keys() & {"at"}:
        return Proposal("", (*why, "no column holds times, so no row can be made: a call record says when it began"))
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "calls"
    toml = _toml(slug, container, formats, zone, fields, columns)
    parse_profile(toml, slug)
    return Proposal(toml, tuple(why))


# ---------------------------------------------------------------------- columns


def _json_columns(sample: Sample) -> tuple[list[_Column], list[str]]:
    records = sample.records("data") or sample.records("")
    names = dict.fromkeys(key for record in records for key in record)
    return [_Column(key, [r[key] for r in records if r.get(key)]) for key in names], ['kinds = ["json"]']


def _csv_columns(sample: Sample, why: list[str]) -> tuple[list[_Column], list[str]]:
    generic = profile_named("generic")
    known = [column for feed in generic.fields.values() for column in feed.columns]
    layout, _ = layout_of(generic.container, sample, known)
    rows = sample.rows(layout.separator)
    if not rows or max(map(len, rows)) < 2:
        return [], []
    width = max(set(map(len, rows)), key=[len(row) for row in rows].count)
    rows = [row for row in rows if len(row) == width]
    separator = {"\t": "\\t"}.get(layout.separator, layout.separator)
    head = [cell.strip() for cell in rows[0]]
    why.append(f"columns are parted by {layout.separator!r}; most records have {width}")
    container = ['kinds = ["csv"]', f'separator = "{separator}"']
    if _is_header(head, rows[1:]):
        why.append("the first line names the columns")
        container.append('header = "first"')
        names = head
        rows = rows[1:]
    else:
        why.append("the first line is a record: columns are named by position")
        names = [f"c{number}" for number in range(1, width + 1)]
        listed = ", ".join(f'"{name}"' for name in names)
        container += ['header = "none"', f"columns = [{listed}]"]
    return [
        _Column(name, [row[index].strip() for row in rows if row[index].strip()]) for index, name in enumerate(names)
    ], container


def _is_header(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    words = all(cell and not cell[0].isdigit() and not is_number(cell) for cell in head if cell)
    return words and len(set(head)) == len(head) and (not rows or list(rows[0]) != list(head)) and not any(
        _read_time(cell) for cell in head
    )  # fmt: skip


# ---------------------------------------------------------------------- fields


def _fields(columns: Sequence[_Column], why: list[str]) -> dict[str, _Column]:
    """The likely column of each field: by name first, then by what its cells look like."""
    generic = profile_named("generic")
    names = [column.name for column in columns]
    found: dict[str, _Column] = {}
    for field, feed in generic.fields.items():
        for index in find_columns(feed.columns, names):
            column = columns[index]
            check = _has_letters if field == "outcome" else _LOOKS.get(field)
            if column in found.values() and field != "outcome":
                continue
            if check is None or not column.cells or _nearly_all(column, check):
                found[field] = column
                why.append(f"{field}: column {column.name}, by its name")
                break
    for field, check in _LOOKS.items():
        if field in found:
            continue
        likely = [c for c in columns if c not in found.values() and c.cells and _nearly_all(c, check)]
        if likely:
            found[field] = likely[0]
            why.append(f"{field}: column {likely[0].name}, by its cells ({likely[0].cells[0][:40]!r}): please check")
    return found


def _nearly_all(column: _Column, check: Callable[[str], bool]) -> bool:
    return sum(map(check, column.cells)) >= _MOST * len(column.cells)


def _read_time(cell: str) -> bool:
    # Ten digits are seconds since 1970 only from 1 to 2033: what begins otherwise is a telephone number.
    forms = [form for form in _FORMATS if form != "epoch" or cell.startswith("1")]
    return any(Stamps((form,), "utc")[cell] not in (BAD, NONE) for form in forms)


def _read_number(cell: str) -> bool:
    return is_number(cell) or (cell.startswith(("sip:", "tel:")) and len(cell) > 6)


def _has_letters(cell: str) -> bool:
    return any(map(str.isalpha, cell))


def _read_outcome(cell: str) -> bool:
    known = {plain(word) for word in profile_named("generic").outcomes}
    return plain(cell) in known


_LOOKS: dict[str, Callable[[str], bool]] = {
    "at": _read_time,
    "answer_at": _read_time,
    "end_at": _read_time,
    "caller": _read_number,
    "callee": _read_number,
    "final_code": lambda cell: _STATUS.fullmatch(cell) is not None,
    "q850_cause": lambda cell: cell.upper() in CAUSE_NAMES or cell in _CAUSES,
    "outcome": _read_outcome,
    "talk_ms": lambda cell: _WHOLE.fullmatch(cell) is not None,
    "call_id": lambda cell: _UUID.fullmatch(cell) is not None,
}
"Field -> what its cells look like; in the order in which columns without a telling name are given away."


def _time(fields: dict[str, _Column], why: list[str]) -> tuple[list[str], str]:
    cells = [cell for name in ("at", "answer_at", "end_at") if name in fields for cell in fields[name].cells]
    formats = []
    for form in _FORMATS:
        stamps = Stamps((form,), "utc")
        good = sum(stamps[cell] > 0 for cell in cells)
        if cells and good == sum(not _says_nothing(cell) for cell in cells) and good:
            formats.append(form)
    if len(formats) > 1:
        why.append(f"times could be {' or '.join(formats)}; the first is proposed: please check")
    local = Stamps((formats[0],), "local") if formats else None
    needs = local is not None and any(local[cell] < 0 for cell in cells)
    if needs:
        why.append('times say no zone: give --tz, or write zone = "utc" if they are UTC')
    return formats[:1] or ["iso"], "local" if needs or not formats else "utc"


def _says_nothing(cell: str) -> bool:
    return Stamps(("iso",), "utc")[cell] == NONE


# ---------------------------------------------------------------------- TOML


def _toml(
    slug: str, container: Sequence[str], formats: Sequence[str], zone: str, fields: dict[str, _Column],
    columns: Sequence[_Column],
) -> str:  # fmt: skip
    generic = profile_named("generic")
    lines = [
        f'name = "{slug}"', f'title = "{slug}, as proposed by ringthrough sniff"', 'basis = "seen"',
        'source = "the file it was made from"', "", "[container]", *container, "", "[time]",
        f"formats = [{', '.join(map(_quoted, formats))}]", f'zone = "{zone}"', "", "[fields]",
    ]  # fmt: skip
    lines += [f"{field} = {_quoted(fields[field].name)}" for field in FIELDS if field in fields]
    unused = [column.name for column in columns if column not in fields.values() and column.name]
    if unused:
        lines.append(f"# not used: {', '.join(map(_quoted, unused))}")
    if "outcome" in fields:
        lines += ["", "[outcome]", *_outcome_lines(fields["outcome"], generic)]
    return "\n".join(lines) + "\n"


def _outcome_lines(column: _Column, generic: Profile) -> list[str]:
    words = dict.fromkeys(column.cells)
    loose = {plain(word): slug for word, slug in generic.outcomes.items()}
    by_slug: dict[str, list[str]] = {}
    for word in words:
        by_slug.setdefault(loose.get(plain(word), ""), []).append(word)
    lines = [f"{slug} = [{', '.join(map(_quoted, found))}]" for slug, found in by_slug.items() if slug]
    if open_words := by_slug.get(""):
        lines.append(f"# not understood yet: {', '.join(map(_quoted, open_words[:20]))}")
    return lines


def _quoted(text: str) -> str:
    """A TOML basic string."""
    out = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in out) + '"'
