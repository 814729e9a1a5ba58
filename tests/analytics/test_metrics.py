"""Metrics: the SQL says what the slow reference says; and what each metric is, on calls made by hand."""

from __future__ import annotations

import math
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.analytics import COUNTS, DIMENSIONS, METRICS, Table, columns_of, engine_of, metrics, metrics_sql
from ringthrough.errors import LocalError
from ringthrough.store import open_store, write_parquet
from tests.store.made import DAY_US, START_US, write

from .made import answered, blocked, row, rows
from .reference import reference


def same(found: Table, expected: list[dict[str, Any]]) -> None:
    assert len(found) == len(expected)
    for line, wanted in zip(found, expected, strict=True):
        assert list(line) == list(wanted)
        for name, value in wanted.items():
            if isinstance(value, float):
                assert line[name] is not None, name
                assert math.isclose(line[name], value, rel_tol=1e-12, abs_tol=1e-12), (name, line[name], value)
            else:
                assert line[name] == value, name


def one(*given_rows: Any, **options: Any) -> dict[str, Any]:
    (line,) = metrics(list(given_rows), **options)
    return line


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(rows(), st.lists(st.sampled_from(sorted(DIMENSIONS)), unique=True, max_size=4))
def test_the_sql_says_what_the_slow_reference_says(table: list[Any], by: list[str]) -> None:
    same(metrics(table, by), reference(table, tuple(by)))


@pytest.mark.slow
def test_any_combination_of_dimensions_adds_up_to_the_whole() -> None:
    """Every subset of the dimensions groups the same calls: counts and numerators add up."""
    table = [
        answered(caller=f"+1215555{1000 + n % 3}", callee=f"+{44 + n % 2}2012345678", carrier="ab"[n % 2],
                 trunk=str(n % 2), at_us=START_US + n * 7_000_000_000)
        if n % 3 else blocked(campaign=str(n % 2), carrier="ab"[n % 2], direction="outbound")
        for n in range(24)
    ]  # fmt: skip
    every = [by for size in range(len(DIMENSIONS) + 1) for by in combinations(DIMENSIONS, size)]
    assert len(every) == 512
    with engine_of(table) as engine:
        (whole,) = metrics(engine)
        for by in [*every[:10], *every[10::31], every[-1]]:
            found = metrics(engine, by, only=("asr", "block_rate", "retries"), inferred=False)
            for name in ("attempts", "answered", "asr_k", "asr_n", "block_rate_k", "block_rate_n"):
                assert sum(found[name]) == whole[name], (by, name)
            assert len({tuple(line[key] for key in by) for line in found}) == len(found)


def test_nothing_in_nothing_out() -> None:
    line = one()
    assert {line[count.name] for count in COUNTS} == {0}
    assert {line[name] for name in METRICS if name in line} == {None}
    assert len(metrics([], by="number")) == 0
    assert metrics([], by="number").columns[:2] == ("number", "attempts")


def test_one_call() -> None:
    line = one(blocked())
    assert (line["attempts"], line["block_rate"], line["reach"], line["asr"], line["acd_ms"]) == (
        1,
        1.0,
        None,
        0.0,
        None,
    )
    assert (line["seer"], line["seer_b"], line["final_p50_ms"], line["refusal_p95_ms"]) == (1.0, 0.0, 300.0, 300.0)


def test_all_null() -> None:
    """A table whose cells are all null: it has rows, and nothing is known of them."""
    columns = ", ".join(
        f"cast(null as {kind}) as {name}"
        for name, kind in {
            **dict.fromkeys(("caller", "callee", "carrier", "trunk", "campaign", "direction", "kind"), "varchar"),
            **dict.fromkeys(("outcome", "blind_to", "verdict", "source", "file"), "varchar"),
            **dict.fromkeys(("final_code", "q850_cause", "ring_frame", "pdd_ms", "ring_ms"), "bigint"),
            **dict.fromkeys(("setup_ms", "final_ms", "talk_ms"), "bigint"),
            "at": "timestamp", "hidden_candidate": "boolean",
        }.items()
    )  # fmt: skip
    with duckdb.connect() as connection:
        relation = connection.sql(f"select {columns} from range(3)")
        (line,) = metrics(relation, by=tuple(DIMENSIONS))
        assert [line[name] for name in DIMENSIONS] == ["", "", "", "", "", "", "", None, None]
        assert line["attempts"] == 3
        assert {value for name, value in line.items() if name.endswith(("_n", "_k"))} == {0}
        assert {line[name] for name in METRICS if name in line} == {None}


def test_scanners_are_outside_and_unseen_ends_in_no_rate() -> None:
    line = one(answered(), blocked(kind="scanner"), row(verdict="incomplete"))
    assert (line["attempts"], line["incomplete"], line["asr_n"], line["asr"], line["block_rate"]) == (2, 1, 1, 1.0, 0.0)


def test_the_example_of_the_page() -> None:
    table = [answered()] * 30 + [row(verdict="no_answer", final_code=480)] * 40 + [blocked()] * 30
    line = one(*table)
    shown = ("asr", "ner", "ner_b", "seer", "seer_b", "block_rate", "reach")
    assert [round(line[name], 2) for name in shown] == [0.30, 1.00, 0.70, 1.00, 0.70, 0.30, 0.43]


@pytest.mark.parametrize(
    ("changes", "measured", "not_measurable"),
    [
        ("code", "asr ner block_rate ring_rate pdd", "ser ser_b seer seer_b isa"),
        ("reason", "block_rate seer reach pdd", ""),
        ("code reason", "asr ner ring_rate acd", "block_rate block_explicit reach ner_b seer"),
        ("ringing", "asr block_rate final acd", "ring_rate pdd refusal candidates"),
        ("times", "asr ring_rate acd short_6", "pdd final refusal candidates"),
        ("refusals", "acd short_6 final", "asr ner ser seer isa ring_rate block_rate reach abandon retries"),
    ],
)
def test_what_a_source_cannot_know_is_null_and_never_0(changes: str, measured: str, not_measurable: str) -> None:
    line = one(answered(blind_to=changes), answered(blind_to=changes), blocked(blind_to=changes), inferred=True)
    for name in measured.split():
        assert line[f"{name}_n"] > 0, name
    for name in not_measurable.split():
        values = {line[column] for column in columns_of(METRICS[name]) if not column.endswith(("_n", "_k"))}
        assert (line[f"{name}_n"], values) == (0, {None}), name


def test_calls_of_sources_that_know_are_measured_beside_those_that_do_not() -> None:
    seen, unseen = {"source": "capture"}, {"source": "cdr asterisk-csv", "blind_to": "code reason"}
    line = one(answered(**seen), blocked(**seen), answered(**unseen), row(verdict="busy", **unseen))
    assert (line["asr_n"], line["block_rate_n"], line["block_rate"]) == (4, 2, 0.5)


def test_a_status_kept_of_refused_calls_alone_makes_no_rate() -> None:
    """Asterisk with the status in userfield: of one file, the blocked call alone has it."""
    asterisk = {"source": "cdr asterisk-csv", "file": "Master.csv"}
    blind = blocked(**asterisk, blind_to="reason"), answered(**asterisk, blind_to="code reason", final_code=None)
    line = one(*blind)
    assert (line["block_rate"], line["block_rate_n"], line["network_blocked"]) == (None, 0, 1)
    other = one(*blind, blocked(**(asterisk | {"file": "other.csv"})))
    assert (other["block_rate_n"], other["block_rate"]) == (1, 1.0)


def test_inferred_blocks_are_null_until_they_were_looked_for() -> None:
    plain = one(answered(), blocked())
    assert (plain["block_probable"], plain["block_suspected"], plain["block_rate"]) == (None, None, 0.5)
    told = one(answered(), blocked(), inferred=True)
    assert (told["block_probable"], told["block_suspected"]) == (0.0, 0.0)
    found = one(
        answered(), row(verdict="probable_block", final_code=480), row(verdict="suspected_block", final_code=480)
    )
    assert (found["block_probable_k"], found["block_suspected_k"], found["block_rate_k"]) == (1, 1, 1)
    assert (found["seer_b_k"], found["reach_n"], found["probable_blocks"], found["suspected_blocks"]) == (2, 2, 1, 1)
    assert one(row(verdict="probable_block"), inferred=False)["block_probable"] is None


@pytest.mark.parametrize(
    ("name", "changes", "counted"),
    [
        ("ner", {"verdict": "abandoned", "ring_ms": 3_000}, 1),
        ("ner", {"verdict": "abandoned"}, 0),
        ("ner", {"verdict": "unknown_rejection", "q850_cause": 21}, 1),
        ("ner_b", {"verdict": "unknown_rejection", "q850_cause": 21}, 0),
        ("ner", {"verdict": "failed", "final_code": 503}, 0),
        ("asr", {"verdict": "network_blocked", "final_code": 200}, 1),
        ("reach", {"verdict": "network_blocked", "final_code": 200}, 0),
        ("asr", {"verdict": "unwanted", "final_code": 200}, 1),
        ("asr", {"verdict": "failed", "outcome": "answered"}, 1),
        ("asr", {"verdict": "busy", "outcome": "answered", "final_code": 486}, 0),
        ("isa", {"verdict": "stalled", "final_code": 408}, 1),
        ("ring_rate", {"verdict": "busy", "ring_frame": 3}, 1),
        ("ring_rate", {"verdict": "busy", "pdd_ms": 900}, 0),
        ("abandon", {"verdict": "abandoned"}, 1),
        ("candidates", {"verdict": "unknown_rejection", "hidden_candidate": True}, 1),
        ("short_6", {"verdict": "answered", "talk_ms": 6_000}, 1),
        ("short_6", {"verdict": "answered", "talk_ms": 6_001}, 0),
        ("short_10", {"verdict": "answered", "talk_ms": 9_999}, 1),
        ("short_10", {"verdict": "answered", "talk_ms": 10_000}, 0),
    ],
)
def test_what_is_in_a_numerator(name: str, changes: dict[str, Any], counted: int) -> None:
    assert one(row(**changes))[f"{name}_k"] == counted


def test_redirections_leave_ser_and_stay_in_asr() -> None:
    line = one(answered(), row(verdict="failed", final_code=302))
    assert (line["ser"], line["seer"], line["asr"], line["isa_n"]) == (1.0, 1.0, 0.5, 2)


def test_retries_are_repeats_of_a_pair_within_the_group() -> None:
    first, second = row(verdict="busy"), row(verdict="busy", callee="+12125550177")
    later = row(verdict="busy", at_us=START_US + DAY_US)
    other = row(verdict="busy", caller="+12155550124")
    line = one(first, first, second, later, other)
    assert (line["retries_k"], line["retries_n"]) == (2, 5)
    assert metrics([first, first, second, later, other], by="day")["retries_k"] == [1, 0]
    assert metrics([first, first, second, later, other], by="number")["retries_k"] == [2, 0]
    assert one(row(callee="+1212555xxxx"), row(callee="+1212555xxxx"), row(callee=""))["retries_n"] == 0


def test_a_clock_that_lies_is_left_out() -> None:
    line = one(answered(talk_ms=-5, final_ms=10**12, pdd_ms=-1), answered(talk_ms=1_000))
    assert (line["acd_n"], line["acd_ms"], line["final_n"], line["pdd_n"], line["asr_n"]) == (1, 1_000.0, 1, 1, 2)


def test_quantiles_are_exact() -> None:
    line = one(*(answered(pdd_ms=ms) for ms in (100, 200, 400, 1_000)))
    assert (line["pdd_p50_ms"], line["pdd_p95_ms"], line["pdd_n"]) == (300.0, pytest.approx(910.0), 4)


def test_groups_are_in_order_and_what_is_not_known_comes_last() -> None:
    table = [row(at_us=10**18), row(at_us=START_US + DAY_US), row(at_us=START_US), row(carrier="b"), row(carrier="a")]
    assert metrics(table, by="day")["day"] == ["2026-01-01", "2026-01-02", None]
    assert metrics(table, by="hour")["hour"] == [0, None]
    assert metrics(table, by="carrier")["carrier"] == ["", "a", "b"]


def test_a_period_is_cut_out() -> None:
    table = [answered(at_us=START_US + n * DAY_US) for n in range(3)] + [answered(at_us=10**18)]
    assert one(*table, since_us=START_US + DAY_US)["attempts"] == 2
    assert one(*table, until_us=START_US + DAY_US)["attempts"] == 1
    assert one(*table, since_us=START_US, until_us=START_US + DAY_US + 1)["attempts"] == 2
    assert one(*table, since_us=-(10**30), until_us=10**30)["attempts"] == 3


def test_only_some_metrics_in_the_order_of_their_definition() -> None:
    found = metrics([answered()], by="carrier", only=("acd", "asr", "asr"))
    assert found.columns == (
        "carrier", *(count.name for count in COUNTS), *columns_of(METRICS["asr"]), *columns_of(METRICS["acd"])
    )  # fmt: skip
    assert metrics([answered()], only="pdd")["pdd_p50_ms"] == [900.0]


def test_every_column_is_described() -> None:
    described = [count.name for count in COUNTS]
    for metric in METRICS.values():
        described += columns_of(metric)
    assert metrics([]).columns == tuple(described)


@pytest.mark.parametrize("by", ["caller", ("number", "number"), ("number", "x; drop table calls"), ("",)])
def test_a_dimension_that_there_is_not(by: Any) -> None:
    with pytest.raises(LocalError) as caught:
        metrics([], by=by)
    assert caught.value.problem.code == "analytics-by"


@pytest.mark.parametrize("only", ["speed", (), ("asr", "")])
def test_a_metric_that_there_is_not(only: Any) -> None:
    with pytest.raises(LocalError) as caught:
        metrics([], only=only)
    assert caught.value.problem.code == "analytics-metric"


def test_a_store_and_its_rows_give_the_same(tmp_path: Path) -> None:
    table = [answered(at_us=START_US + n * DAY_US // 2, talk_ms=n * 1_000) for n in range(8)] + [blocked()]
    period = {"since_us": START_US + 1, "until_us": START_US + 3 * DAY_US}
    with open_store(write(tmp_path / "s", table)) as reader:
        for options in ({}, period):
            assert (
                metrics(reader, ("number", "day"), **options).rows == metrics(table, ("number", "day"), **options).rows
            )


def test_the_statement_can_be_kept_as_a_table(tmp_path: Path) -> None:
    table = [answered(), blocked()]
    path = tmp_path / "calls.parquet"
    write_parquet(path, [table])
    with duckdb.connect() as connection:
        connection.execute(f"create view mine as select * from read_parquet('{path}')")
        connection.execute(f"create table kept as {metrics_sql('mine', ('number',))}")
        assert tuple(connection.execute("select * from kept").fetchall()) == metrics(table, "number").rows
