"""Verdicts of single calls raised by statistics: in rows, and in whatever an engine holds, alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from ringthrough.analytics import Engine, Table, engine_of, metrics
from ringthrough.analytics.blocks import (
    Blocks,
    Raise,
    find_blocks,
    raised,
    raised_source,
    raised_sql,
    raised_table,
    raises,
)
from ringthrough.analytics.blocks import cells as counting
from ringthrough.errors import LocalError
from ringthrough.simulate.worlds import world_named
from ringthrough.store import open_store, write_parquet
from ringthrough.store.parquet import NAMES
from ringthrough.verdict import judge
from tests.analytics.made import Row
from tests.analytics.test_blocks import STANDING, A, refused, week
from tests.store.made import DAY_US, START_US, write

ASKED = "select call_id, verdict, confidence, because, hidden_candidate, rule from {calls} calls order by call_id"


def _sql(engine: Engine) -> list[tuple[object, ...]]:
    return list(engine.run(ASKED.format(calls=engine.calls)).rows)


def _python(rows: list[Row], blocks: Blocks) -> list[tuple[object, ...]]:
    return sorted(
        (call.call_id, verdict.verdict, verdict.confidence, verdict.because, verdict.hidden_candidate, verdict.rule)
        for call, verdict in raised(rows, blocks)
    )


@pytest.mark.parametrize(("name", "scale"), [("hidden", 0.5), ("mixed", 0.4), ("everything", 0.3)])
def test_rows_and_statement_raise_the_same_calls(name: str, scale: float) -> None:
    world = world_named(name, 5, scale=scale)
    rows = [(call, judge(call)) for batch in world.calls() for call in batch]
    blocks = find_blocks(rows)
    with raised_source(rows, blocks) as engine:
        made = _sql(engine)
    assert made == _python(rows, blocks)
    assert {verdict for _, verdict, *_ in made} >= {"probable_block"}


@pytest.fixture
def rows() -> list[Row]:
    return week(STANDING)


def _kinds(engine: Engine) -> dict[str, int]:
    found = engine.run(f"select verdict, count(*) as n from {engine.calls} calls group by verdict order by verdict")
    return dict(found.rows)


def test_every_source_can_be_raised(rows: list[Row], tmp_path: Path) -> None:
    expected = {"answered": 480 * 3 - 144 - 75, "probable_block": 75, "unknown_rejection": 144}
    with raised_source(iter(rows)) as engine:
        assert _kinds(engine) == expected
        # A raised engine is an engine: for metrics, for another statement, and for being raised again.
        found = {
            line["caller"]: line for line in _named(metrics(engine, "number", only="block_probable", inferred=True))
        }
        assert found[A]["block_probable_k"] == 75
        assert find_blocks(engine).spells == find_blocks(rows).spells
        with raised_source(engine) as twice:
            assert _sql(twice) == _sql(engine)
    with open_store(write(tmp_path / "s", rows)) as reader, raised_source(reader) as engine:
        assert _kinds(engine) == expected
        assert "trunk" in engine.columns
    path = tmp_path / "calls.parquet"
    write_parquet(path, [rows])
    with duckdb.connect() as connection:
        narrow = connection.sql(f"select * exclude (confidence, because, trunk) from read_parquet('{path}')")
        with raised_source(narrow) as engine:
            assert _kinds(engine) == expected
            assert not {"confidence", "because", "trunk"} & set(engine.columns)
        with pytest.raises(LocalError, match="hidden_candidate"), raised_source(connection.sql("select 1 as at")):
            pass


def _named(table: Table) -> list[dict[str, Any]]:
    return [{"caller": line["number"], **line} for line in table]


def test_blocks_may_come_from_another_time(rows: list[Row]) -> None:
    blocks = find_blocks(rows, until_us=START_US + 4 * DAY_US)
    with raised_source(rows, blocks) as engine:
        assert _kinds(engine)["probable_block"] == 25
        assert raised_table(engine, since_us=START_US + 4 * DAY_US).rows == ()
    with raised_source(rows, until_us=START_US + 4 * DAY_US) as engine:
        assert _kinds(engine)["probable_block"] == 25


def test_two_of_them_on_one_engine_do_not_disturb_each_other(rows: list[Row]) -> None:
    with engine_of(rows, columns=tuple(NAMES)) as beneath, raised_source(beneath) as first:
        with raised_source(beneath, find_blocks([])) as second:
            assert "probable_block" not in _kinds(second)
        assert _kinds(first)["probable_block"] == 75


def test_the_raised_calls_are_listed_with_what_they_were_alone(rows: list[Row]) -> None:
    with raised_source(rows) as engine:
        table = raised_table(engine)
        assert len(table) == 75
        first = table.records()[0]
        assert (first["number"], first["carrier"], first["code"], first["phrase"]) == (A, "alpha", 603, "Decline")
        assert (first["verdict"], first["alone"]) == ("probable_block", "unknown_rejection")
        assert first["because"].endswith("alone it would be unknown_rejection: Refused at once.")
        assert table["at"] == sorted(table["at"])
        # What a store would keep is not raised a second time, and says what it says.
        kept = [(call, verdict) for call, verdict in raised(rows, find_blocks(rows))]
        assert list(raised(kept, find_blocks(kept))) == kept


@pytest.mark.parametrize(
    ("changes", "stays"),
    [
        ({}, False), ({"ring_frame": 7}, True), ({"ring_ms": 900}, True), ({"kind": "scanner"}, True),
        ({"blind_to": "ringing times"}, True), ({"blind_to": "refusals"}, True), ({"blind_to": "reason"}, False),
        ({"verdict": "provider_blocked"}, True), ({"verdict": "network_blocked"}, True), ({"verdict": ""}, True),
        ({"verdict": "no_answer"}, False), ({"verdict": "no_answer", "hidden_candidate": False}, True),
        ({"verdict": "busy", "hidden_candidate": False}, False), ({"final_code": 487}, True), ({"far_code": 200}, True),
        ({"final_ms": 9_000}, True), ({"at_us": START_US + 6 * DAY_US}, True), ({"caller": ""}, True),
        ({"at_us": 10**18}, True), ({"server": "x" * 30}, True), ({"far_code": 603, "far_phrase": "Decline"}, False),
        ({"final_ms": None}, False), ({"early_media": True}, True), ({"final_code": None, "far_code": None}, True),
    ],
)  # fmt: skip
def test_what_is_raised_and_what_stays(rows: list[Row], changes: dict[str, Any], stays: bool) -> None:
    blocks = find_blocks(rows)
    told = {"caller": A, "carrier": "alpha", "at_us": START_US + 4 * DAY_US + 1, "call_id": "other"}
    other = refused(**told | changes)
    ((_, verdict),) = raised([other], blocks)
    assert (verdict == other[1]) == stays
    with raised_source([other], blocks) as engine:
        assert _sql(engine) == _python([other], blocks)


def test_rare_words_are_looked_up_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_MOST_KINDS", 3)
    rows = [
        (c if c.final_code != 603 else c._replace(final_phrase=f"Decline {n}", call_id=f"c{n}"), v)
        for n, (c, v) in enumerate(week(STANDING))
    ]
    blocks = find_blocks(rows)
    with raised_source(rows, blocks) as engine:
        assert _kinds(engine)["probable_block"] == 75
        assert sorted(_sql(engine)) == _python(rows, blocks)


def test_nothing_is_raised_among_three_calls() -> None:
    explicit = {"verdict": "network_blocked", "signal": "603plus", "hidden_candidate": False}
    rows = [refused(**explicit), refused(**explicit), refused(final_code=404, final_phrase="Not Found")]
    blocks = find_blocks(rows)
    assert [cell.verdict for cell in blocks.cells] == ["probable"]
    assert list(raised(rows, blocks)) == rows
    assert {one.verdict for one in raises(blocks)} == {""}


def test_403_beside_the_own_providers_is_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    found = find_blocks(week(STANDING, final_code=403, final_phrase="Forbidden"))
    assert {one.verdict for one in raises(found)} >= {"probable_block"}
    cells = tuple(cell._replace(own_hop=1) for cell in found.cells)
    assert {one.verdict for one in raises(Blocks(cells, found.spells, found.counted, found.learned))} == {""}


def test_the_statement_can_be_had() -> None:
    text = raised_sql("mine", "held", ("call_id", "verdict"))
    assert "from mine calls" in text
    assert "left join held exact" in text
    assert "$" not in text
    assert set(Raise._fields) == {"number", "carrier", "day", "code", "phrase", "cause", "location", "server", "early",
                                  "step", "verdict", "confidence", "because"}  # fmt: skip
