"""
Columns of facts to `Call` rows.

Theory of operation
- A call has some seventy columns, and a dialect fills fifteen of them. The rows are put together by one expression
  that is written out for the columns that vary (`new(Call, (c0, "", c1, ...)) for ... in zip(...)`) and compiled once:
  what is the same in every row costs next to nothing so. `verdict.match` is made the same way.
- The sixteen columns of a refusal come as one tuple a row, because few different ones occur in a file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from ringthrough.calls import Call

from .refusals import SILENT

__all__ = ["build"]

_SIGNAL = Call._fields[Call._fields.index("signal") : Call._fields.index("card_uri") + 1]
_ALWAYS: dict[str, Any] = {
    "kind": "call", "method": "INVITE", "early_media": False, "attempts": 1, "challenges": 0, "forks": 0, "legs": 1,
    "retransmissions": 0, "duplicates": 0,
}  # fmt: skip
_NONE = frozenset(
    name for name in Call._fields if name.endswith(("_ms", "_code", "_cause", "_frame")) and name != "provider_code"
)
_Make = Callable[..., list[Call]]


def build(varying: Mapping[str, Sequence[Any]], fixed: Mapping[str, Any]) -> list[Call]:
    """
    Make rows.

    Args:
        varying: columns by name, all of one length; `signals` is a column of `Said` tuples.
        fixed: columns that are the same in every row. What is in neither is unknown: None, or an empty text.
    """
    make = _maker(tuple(varying), tuple(fixed))
    return make(tuple.__new__, Call, *fixed.values(), *varying.values())


@lru_cache(maxsize=256)
def _maker(varying: tuple[str, ...], fixed: tuple[str, ...]) -> _Make:
    names = {name: f"v{index}" for index, name in enumerate(varying)}
    names |= {name: f"f{index}" for index, name in enumerate(fixed)}
    cells: list[str] = []
    middle = 0
    for name in Call._fields:
        if "signals" in names and name in _SIGNAL:
            middle = middle or len(cells)
        elif name in names:
            cells.append(names[name])
        elif name in _SIGNAL:
            cells.append(repr(SILENT[_SIGNAL.index(name)]))
        else:
            cells.append(repr(_ALWAYS.get(name, None if name in _NONE else "")))
    each = ", ".join(names[name] for name in varying)
    given = ", ".join(f"{names[name]}s" if name in varying else names[name] for name in (*fixed, *varying))
    columns = ", ".join(f"{names[name]}s" for name in varying)
    row = f"({', '.join(cells)})"
    if middle:
        # Three tuples put together: with `*signals` inside one, Python would append the rest cell by cell.
        row = f"({', '.join(cells[:middle])}) + {names['signals']} + ({', '.join(cells[middle:])})"
    source = f"def make(new, Call, {given}):\n    return [new(Call, {row}) for {each}, in zip({columns})]\n"
    names_of_it: dict[str, Any] = {}
    exec(compile(source, "<ringthrough.cdr.builder: make>", "exec"), names_of_it)
    return cast("_Make", names_of_it["make"])
