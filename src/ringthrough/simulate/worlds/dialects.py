"""What a dialect of call records looks like beyond what its profile says: `dialects.toml`, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["Dialect", "RecordForm", "dialect_named"]


@dataclass(frozen=True, slots=True)
class RecordForm:
    """One of the records that a call leaves."""

    cells: Mapping[str, str] = field(default_factory=dict)
    "Column -> template."
    when: str = ""
    "answered or unanswered: of such calls only."
    prefix: str = ""
    "Template of what stands before the line."


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect; each field is described on top of `dialects.toml`."""

    columns: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    separator: str = ""
    quoted: bool = False
    pad: bool = False
    bare: bool = False
    time: str = ""
    upper: bool = False
    cause: str = ""
    id: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    maps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()
    record: tuple[RecordForm, ...] = (RecordForm(),)


@cache
def _all() -> dict[str, dict[str, Any]]:
    return tomllib.loads((files("ringthrough.simulate") / "dialects.toml").read_text("utf-8"))


@cache
def dialect_named(name: str) -> Dialect:
    """What is known of the dialect of a profile; nothing of one that is not shipped."""
    found = dict(_all().get(name, {}))
    for key in ("columns", "before"):
        found[key] = tuple(found.get(key, ()))
    found["numbers"] = frozenset(found.get("numbers", ()))
    if "record" in found:
        found["record"] = tuple(
            RecordForm({c: text for c, text in one.items() if c not in ("when", "prefix")},
                       one.get("when", ""), one.get("prefix", ""))
            for one in found["record"]
        )  # fmt: skip
    return Dialect(**found)
