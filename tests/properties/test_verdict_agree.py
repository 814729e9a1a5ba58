"""`judge` and the SQL of the same table agree on every column, whatever stands in a call."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ringthrough.calls.schema import FACTS, Call, Verdict
from ringthrough.signals import KINDS
from ringthrough.verdict import RULES, judge, thresholds
from ringthrough.verdict.conditions import walk
from tests.verdict.cases import CASES
from tests.verdict.rows import judge_with_sql

_ODD_TEXT = st.one_of(
    st.just(""),
    st.sampled_from(
        [
            "it's",
            '"',
            "{code}",
            "{",
            "}",
            "[",
            "]",
            "%s %",
            "_",
            "\\",
            "\\'",
            "\n",
            "\t",
            " ",
            "a  b",
            "''",
            "--",
            ";",
            "?",
            "é",
            "İ",
            "ſ",
            "\u212a",
            "\U0001f4de",
            "NULL",
            "Asterisk PBX",
            "FREESWITCH",
            "asterİsk",
            "caller-id",
            "Spam!",
            "CLI",
            "clip",
            "CALLER  ID",
            "U",
            "LN",
            "end",
            "both",
            "start",
            "bye",
            "cancel",
            "response",
            "callee",
            "scanner",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12),
)
_THRESHOLDS = sorted(getattr(thresholds, name) for name in thresholds.__all__ if name.endswith("_MS"))
_MS = st.one_of(
    st.none(),
    st.sampled_from([edge + by for edge in _THRESHOLDS for by in (-1, 0, 1)]),
    st.integers(0, 60_000),
    st.integers(-(2**63), 2**63 - 1),
)
_CODE = st.one_of(
    st.none(),
    st.sampled_from([403, 404, 408, 480, 486, 487, 488, 500, 503, 603, 607, 608]),
    st.integers(100, 699),
    st.integers(-(2**31), 2**31 - 1),
)
_CAUSE = st.one_of(st.none(), st.integers(1, 60), st.sampled_from([87, 127, 200]), st.integers(-(2**31), 2**31 - 1))
_BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "signal": st.one_of(st.sampled_from(["", *KINDS]), st.none(), _ODD_TEXT),
    "signal_in": st.one_of(st.sampled_from(["", "response", "bye", "cancel"]), st.none()),
    "method": st.one_of(st.just("INVITE"), st.sampled_from(["", "OPTIONS"]), st.none()),
    "cut": st.one_of(st.sampled_from(["", "start", "end", "both"]), st.none()),
    "kind": st.sampled_from(["call", "call", "scanner", ""]),
    "ended_by": st.one_of(st.sampled_from(["", "caller", "callee"]), st.none()),
    "location": st.one_of(st.sampled_from(["", "U", "LN", "RLN", "TN"]), _ODD_TEXT),
    "server": st.one_of(st.sampled_from(["", "Asterisk PBX 20.1", "FreeSWITCH-mod_sofia/1.10"]), st.none(), _ODD_TEXT),
    "sip_cause": _CAUSE,
    "q850_cause": _CAUSE,
    "at_us": st.sampled_from([thresholds.TDM_IMAGE_FROM_US - 1, thresholds.TDM_IMAGE_FROM_US, 0]),
    "early_media": st.one_of(st.booleans(), st.none()),
}


def _strategy(name: str, sql_type: str) -> st.SearchStrategy[Any]:
    if name in _BY_NAME:
        return _BY_NAME[name]
    if sql_type == "VARCHAR":
        return st.one_of(_ODD_TEXT, st.none())
    return _CODE if sql_type == "INTEGER" else _MS


_COLUMNS = {column.name: _strategy(column.name, column.sql) for column in FACTS}
_BLANK = Call(**{column.name: "" if column.sql == "VARCHAR" else None for column in FACTS})  # type: ignore[arg-type]


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A labelled call with some facts changed, or a blank one with some facts added."""
    start = draw(st.sampled_from([_BLANK._replace(method="INVITE"), *(case.row for case in CASES)]))
    changed = draw(st.lists(st.sampled_from(list(_COLUMNS)), unique=True, max_size=12))
    return start._replace(**{name: draw(_COLUMNS[name]) for name in changed})


def _disagreements(rows: list[Call], connection: duckdb.DuckDBPyConnection) -> list[tuple[Verdict, Verdict]]:
    judged = judge_with_sql(rows, connection)
    assert [row for row, _ in judged] == rows
    return [(judge(row), verdict) for row, verdict in judged if judge(row) != verdict]


def _examples(count: int) -> list[Call]:
    """Calls that hypothesis thinks of. Collected first, because planning the statement costs more than its rows."""
    found: list[Call] = []

    @settings(max_examples=count, deadline=None, database=None, phases=[Phase.generate])
    @given(row=calls())
    def collect(row: Call) -> None:
        found.append(row)

    collect()
    return found


@pytest.mark.slow
def test_judge_and_sql_agree() -> None:
    rows = _examples(1200)
    assert len(rows) >= 600
    with duckdb.connect() as connection:
        for start in range(0, len(rows), 600):
            assert _disagreements(rows[start : start + 600], connection) == []
    assert len({judge(row).rule for row in rows}) > len(RULES) // 2


@pytest.mark.slow
def test_judge_and_sql_agree_on_every_value_at_the_edge_of_every_rule() -> None:
    """Each labelled call, with each fact that its rule looks at taken away or moved over a threshold."""
    by_name = {rule.name: rule for rule in RULES}
    rows = []
    for case in CASES:
        for column in sorted({leaf.column for leaf in walk(by_name[case.rule].when)} - {"code", "phrase"}):
            now = getattr(case.row, column)
            rows.append(case.row._replace(**{column: None}))
            if isinstance(now, int) and not isinstance(now, bool):
                rows += [case.row._replace(**{column: now + by}) for by in (-1, 1, 1000)]
    with duckdb.connect() as connection:
        assert _disagreements(rows, connection) == []
    assert len({judge(row).rule for row in rows}) > len(RULES) // 2
