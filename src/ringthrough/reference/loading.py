"""
The catalogue out of its file: read once, an entry is built when it is asked for.

Facts:
- `data/*.toml` is what people read and edit. Parsing it takes about a tenth of a second, too long for a command that
  shows one code, so `data/catalogue.json` is made from it (`python -m ringthrough.reference.compiling`) and shipped. A
  test fails when the two differ.
- Entries are frozen and kept: two lookups of one code give the same object.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from .entries import Blocks, Entry, Evidence, FromCause, Gateway, Header, Loss, Retry, ToCause

__all__ = ["DATA", "build", "entry", "ids", "raw"]

DATA = Path(__file__).parent / "data"
"Folder of the TOML files and of the catalogue made from them."


@cache
def raw() -> dict[str, Any]:
    """The catalogue as it stands in the file. It is shared: whoever hands it out copies it."""
    made: dict[str, Any] = json.loads((DATA / "catalogue.json").read_bytes())
    return made


@cache
def _rows() -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in raw()["entries"]}


def ids() -> tuple[str, ...]:
    """Ids of all entries in the order of the catalogue: registered codes, variants, causes."""
    return tuple(_rows())


@cache
def entry(id: str) -> Entry:  # noqa: A002 - the word the catalogue uses
    """The entry with exactly this id; `KeyError` without one."""
    return build(_rows()[id])


def build(row: dict[str, Any]) -> Entry:
    """An entry from its row of the catalogue."""
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.items() if name in _PLAIN
    }
    return Entry(
        **plain,
        retry=Retry(**row["retry"]),
        required_headers=tuple(Header(**one) for one in row["required_headers"]),
        to_q850=_mapping(row["to_q850"]),
        to_sip=_mapping(row["to_sip"]),
        comes_from=tuple(FromCause(**one) for one in row["comes_from"]),
        losses=tuple(Loss(**one) for one in row["losses"]),
        gateways=tuple(Gateway(**one) for one in row["gateways"]),
        blocks=Blocks(
            level=row["blocks"]["level"],
            why=row["blocks"]["why"],
            evidence=tuple(Evidence(**one) for one in row["blocks"]["evidence"]),
        ),
    )


def _mapping(row: dict[str, Any] | None) -> ToCause | None:
    return None if row is None else ToCause(**{**row, "notes": tuple(row["notes"])})


_NESTED = {"retry", "required_headers", "to_q850", "to_sip", "comes_from", "losses", "gateways", "blocks"}
_PLAIN = frozenset(Entry.__dataclass_fields__) - _NESTED
