"""
The operations report as a JSON document: the same content as the page, for other programs.

Facts
- `schema` names the form; it changes when a member changes its meaning or goes. Members may be added without it.
- Every shape of `analytics.overview` becomes an object with the names of its fields, so their docstrings are its
  documentation. Times are ISO 8601 in UTC, shares 0..1, durations have their unit in the name.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from ringthrough import __version__
from ringthrough.analytics.overview import GROUPS, Bucket, Overview, Period
from ringthrough.report.operations_words import lead

__all__ = ["SCHEMA", "document"]

SCHEMA = "ringthrough.report/1"
"Form of the document."
_DIGITS = 6


def document(
    found: Overview, *, title: str, made_at_us: int | None = None, unread: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> dict[str, Any]:  # fmt: skip
    """
    Return the report as a value that JSON can hold.

    Args:
        found: the overview; masked already, where that is wanted.
        title: its heading.
        made_at_us: when it is made, microseconds since 1970 UTC.
        unread: what could not be read.
        notes: remarks on the reading.
    """
    head = {
        "schema": SCHEMA,
        "title": title,
        "made_by": f"ringthrough {__version__}",
        "made_at": None if made_at_us is None else _iso(made_at_us),
        "summary": lead(found),
    }
    body = {field.name: _value(getattr(found, field.name)) for field in fields(found)}
    return {**head, **body, "unread": list(unread), "notes": list(notes)}


def _value(value: Any) -> Any:
    if isinstance(value, Period):
        return {"since": _iso(value.since_us), "until": _iso(value.until_us), "days": round(value.days, _DIGITS)}
    if isinstance(value, Bucket):
        counts = dict(zip(GROUPS, value.counts, strict=True))
        return {
            "since": _iso(value.at_us), "until": _iso(value.until_us), "calls": counts, "began": value.began,
            "ended": value.ended,
        }  # fmt: skip
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: _value(part) for name, part in zip(value._fields, value, strict=True)}
    if isinstance(value, tuple):
        return [_value(part) for part in value]
    # p-values are many orders smaller than one: significant digits, not places.
    return (
        float(f"{value:.{_DIGITS}g}")
        if isinstance(value, float) and abs(value) < 1
        else (round(value, _DIGITS) if isinstance(value, float) else value)
    )


def _iso(at_us: int) -> str:
    try:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
    except OverflowError:
        at = datetime.min.replace(tzinfo=UTC) if at_us < 0 else datetime.max.replace(tzinfo=UTC)
    return at.replace(tzinfo=None).isoformat(timespec="seconds").rjust(19, "0") + "Z"
