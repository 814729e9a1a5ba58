"""The call table is written down once, and everything about it can be read off."""

from __future__ import annotations

from ringthrough.calls import COLUMNS, FACTS, INFERRED, JUDGED, VERDICTS, Call, Verdict

CONTRACT = (
    "call_id", "caller", "callee", "carrier", "final_code", "final_phrase", "verdict", "confidence", "rule", "because",
    "blocker", "redress_url", "redress_tel", "redress_email", "redress_id", "ring_ms", "setup_ms", "talk_ms",
    "attempts", "hidden_candidate", "direction", "file", "frame",
)  # fmt: skip


def test_columns_are_the_fields_of_the_rows_in_order() -> None:
    assert tuple(c.name for c in FACTS) == Call._fields
    assert tuple(c.name for c in JUDGED) == Verdict._fields
    assert COLUMNS == FACTS + JUDGED


def test_every_column_says_what_it_means_and_in_which_unit() -> None:
    assert {c.name for c in COLUMNS if not c.meaning} == set()
    assert {c.name for c in COLUMNS if c.name.endswith("_ms")} == {c.name for c in COLUMNS if c.unit == "ms"}
    assert {c.sql for c in COLUMNS} <= {"VARCHAR", "INTEGER", "BIGINT", "BOOLEAN", "DOUBLE"}


def test_the_columns_scripts_rely_on_are_there() -> None:
    names = {c.name for c in COLUMNS}

    assert set(CONTRACT) <= names
    assert len(names) == len(COLUMNS)
    assert len(VERDICTS) == len(set(VERDICTS)) == 17
    assert set(INFERRED) < set(VERDICTS)
