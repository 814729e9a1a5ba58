"""What both engines are asked: every statement of the project, each under a label."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from importlib.resources import files
from typing import Any

from ringthrough.analytics import Engine, Table, block_matrix, metrics
from ringthrough.analytics.alerts import AlertState, default_rules, evaluate, last_call_us
from ringthrough.analytics.blocks import find_blocks, raised_source
from ringthrough.analytics.overview import overview
from ringthrough.analytics.risk import assess
from ringthrough.calls.schema import FACTS
from ringthrough.verdict.sql import sql as verdict_sql
from tests.store.made import DAY_US, START_US

RELATIVE, ABSOLUTE = 1e-12, 1e-12
_MOST_SHOWN = 4

Check = Callable[[Engine], Any]


class Recorder:
    """An engine that hands everything to another and remembers statements and their rows."""

    def __init__(self, inner: Engine) -> None:
        self._inner = inner
        self.seen: list[tuple[str, Table]] = []

    @property
    def calls(self) -> str:
        return self._inner.calls

    @property
    def columns(self) -> tuple[str, ...]:
        return self._inner.columns

    def run(self, sql: str) -> Table:
        table = self._inner.run(sql)
        self.seen.append((sql, table))
        return table

    def hold(self, name: str, columns: Mapping[str, str], rows: Iterable[tuple[Any, ...]]) -> str:
        return self._inner.hold(name, columns, rows)


def _metrics(*by: str, **period: int) -> Check:
    return lambda engine: metrics(engine, by, **period).rows


def _metrics_inferred(engine: Engine) -> Any:
    return metrics(engine, ("carrier",), only=("block_probable", "retries", "pdd"), inferred=True).rows


def _matrix(engine: Engine) -> Any:
    matrix = block_matrix(engine)
    return matrix.numbers, matrix.carriers, dict(matrix.cells)


def _blocks(engine: Engine) -> Any:
    found = find_blocks(engine)
    return found.table().rows, found.spells


def _raised(engine: Engine) -> Any:
    with raised_source(engine) as raised:
        found = metrics(raised, ("number", "carrier", "day"), only=("block_rate", "block_probable", "block_suspected"))
        shown = ", ".join(f"calls.{name}" for name in ("verdict", "confidence", "because"))
        ordering = "1 nulls last, 2 nulls last, 3 nulls last"
        text = f"select {shown}, count(*) as n from {raised.calls} calls group by 1, 2, 3 order by {ordering}"
        counted = raised.run(text)
        return found.rows, counted.rows


def _risks(engine: Engine) -> Any:
    # Of blocks and risks that were found once: they are what takes long, and have checks of their own.
    blocks = find_blocks(engine)
    risks = assess(engine, blocks=blocks)
    now_us = last_call_us(engine) or START_US
    alerts = evaluate(engine, rules=default_rules(), before=AlertState(), now_us=now_us, blocks=blocks, risks=risks)
    return risks.table().rows, risks.scores, alerts, overview(engine, blocks=blocks, risks=risks)


def _judged(engine: Engine) -> Any:
    # No rule looks at the time of a call, which has another name and type in a file; the order is ours to make.
    names = [column.name for column in FACTS if column.name != "at_us"]
    facts = ", ".join(f"calls.{name}" for name in names)
    judged = verdict_sql(f"(select cast(0 as bigint) as at_us, {facts} from {engine.calls} calls) facts")
    names += ["verdict", "confidence", "rule", "because", "settle", "hidden_candidate"]
    ordering = ", ".join(f"{name} nulls last" for name in names)
    return engine.run(f"select {', '.join(names)} from (\n{judged}\n) ruled order by {ordering}").rows


def _held(engine: Engine) -> Any:
    columns = {"a": "string", "b": "bigint", "c": "double", "d": "boolean"}
    rows = [("x'\"\n\\é", 2**62, 1 / 3, True), ("", None, None, None), ("y", -1, 1e-300, False)]
    first = engine.hold("some", columns, rows)
    second = engine.hold("others", columns, [])
    return (
        engine.run(f"select * from {first} order by a").rows, engine.run(f"select count(*) as n from {second}").rows
    )  # fmt: skip


ALL: dict[str, Check] = {
    "metrics of all calls": _metrics(),
    "metrics by number, carrier and day": _metrics("number", "carrier", "day"),
    "metrics of a period by every other dimension": _metrics(
        "trunk",
        "campaign",
        "direction",
        "prefix",
        "country",
        "hour",
        since_us=START_US,
        until_us=START_US + 200 * DAY_US,
    ),
    "metrics with hidden blocks": _metrics_inferred,
    "block matrix": _matrix,
    "cells and blocks": _blocks,
    "raised verdicts": _raised,
    "risk, alerts and report": _risks,
    "verdicts": _judged,
    "tables held": _held,
}
"Label -> what to do with an engine; what it returns has to be the same on both."

BRIEF = ("metrics by number, carrier and day", "cells and blocks", "raised verdicts")
"Checks for a table of one call."


def differences(label: str, check: Check, first: Engine, second: Engine) -> tuple[list[str], list[str]]:
    """
    Run a check on two engines.

    Returns:
        What differs, a line each; and the statements.
    """
    engines = Recorder(first), Recorder(second)
    returned = [check(engine) for engine in engines]
    found = []
    for (sql, one), (_sql, other) in zip(engines[0].seen, engines[1].seen, strict=True):
        told = _unlike(one.columns, other.columns) or unlike_rows(one, other)
        found += [f"{label}: {line}\n    in {' '.join(sql.split())[:160]}" for line in told]
    if not found:
        found = [f"{label}: result {line}" for line in _unlike(*returned)]
    return found[:_MOST_SHOWN], [sql for sql, _table in engines[0].seen]


def unlike_rows(one: Table, other: Table) -> list[str]:
    """Cells that differ, a line each: integers have to be equal, doubles to 1e-12."""
    if len(one) != len(other):
        return [f"{len(one)} rows against {len(other)}"]
    return [
        f"row {number}, {name}: {a!r} against {b!r}"
        for number, rows in enumerate(zip(one.rows, other.rows, strict=True))
        for name, a, b in zip(one.columns, *rows, strict=True)
        if not _same(a, b)
    ]


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=RELATIVE, abs_tol=ABSOLUTE) or (math.isnan(a) and math.isnan(b))
    return type(a) is type(b) and a == b


def _unlike(one: Any, other: Any, where: str = "") -> list[str]:
    """Where two results differ: rows, tuples, dictionaries and dataclasses are looked into."""
    if is_dataclass(one) and type(one) is type(other):
        names = [field.name for field in fields(one)]
        one, other = ({name: getattr(each, name) for name in names} for each in (one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        if one.keys() != other.keys():
            return [f"{where}: keys {sorted(one.keys() ^ other.keys(), key=str)[:_MOST_SHOWN]}"]
        return [line for key in one for line in _unlike(one[key], other[key], f"{where}[{key!r}]")]
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        if len(one) != len(other):
            return [f"{where}: {len(one)} against {len(other)} elements"]
        pairs = enumerate(zip(one, other, strict=True))
        return [line for number, pair in pairs for line in _unlike(*pair, f"{where}[{number}]")]
    return [] if _same(one, other) else [f"{where}: {one!r} against {other!r}"]


def sql_files() -> dict[str, str]:
    """Every SQL file of the package with a line that tells it: name -> its longest line without a slot."""
    found = {}
    waiting = [files("ringthrough")]
    while waiting:
        for each in waiting.pop().iterdir():
            if each.is_dir():
                waiting.append(each)
            elif each.name.endswith(".sql"):
                lines = [line.strip() for line in each.read_text("utf-8").splitlines()]
                found[each.name] = max((s for s in lines if "$" not in s and not s.startswith("--")), key=len)
    return found
