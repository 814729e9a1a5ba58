from __future__ import annotations

from pathlib import Path

import pytest

from ringthrough.store import Segment, Writer, open_store
from ringthrough.store.upkeep import bins, due

from .made import DAY_US, NOW_US, START_US, files, ids, make_row, read, rows, write


def segment(day: str, number: int, rows_in_it: int) -> Segment:
    return Segment(f"calls/{day}/{number:08d}.parquet", rows_in_it, 1, 0, 0, "")


def day_of(name: str, *sizes: int) -> list[Segment]:
    return [segment(name, number, size) for number, size in enumerate(sizes)]


@pytest.mark.parametrize(
    ("segments", "merged"),
    [
        ([], []),
        (day_of("2026-01-03", *[1] * 15), []),
        (day_of("2026-01-03", *[1] * 16), [1] * 16),
        (day_of("2026-01-03", *[1] * 15, *[16] * 15, *[256] * 15, *[4_096] * 15, *[65_536] * 40), []),
        (day_of("2026-01-03", *[1] * 3, *[300] * 16), [300] * 16),
        ([*day_of("2026-01-01", *[5] * 7), *day_of("2026-01-02", 1), *day_of("2026-01-03", 1)], []),
        ([*day_of("2026-01-01", *[5] * 8), *day_of("2026-01-02", 1), *day_of("2026-01-03", 1)], [5] * 8),
        ([*day_of("2026-01-01", *[5] * 4, *[999] * 4, 10**6), *day_of("2026-01-02", 1), *day_of("2026-01-03", 1)],
         [5] * 4 + [999] * 4),
        ([*day_of("2026-01-02", *[5] * 8), *day_of("2026-01-03", *[5] * 8)], []),
        (day_of("undated", *[5] * 8), [5] * 8),
    ],
)  # fmt: skip
def test_what_is_due(segments: list[Segment], merged: list[int]) -> None:
    assert [each.rows for each in due(segments)] == merged


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ([], []),
        (day_of("a", 5), []),
        (day_of("a", 5, 5), [[5, 5]]),
        ([*day_of("a", 5), *day_of("b", 5)], []),
        ([*day_of("a", 1, 2), *day_of("b", 3, 4)], [[1, 2], [3, 4]]),
        (day_of("a", 60, 50, 20, 30, 100, 1), [[50, 20, 30]]),
    ],
)
def test_what_is_packed(segments: list[Segment], expected: list[list[int]]) -> None:
    assert [[each.rows for each in group] for group in bins(segments, 100)] == expected


def test_a_trickle_stays_few_segments(tmp_path: Path) -> None:
    path = tmp_path / "s"
    most = 0
    with Writer(path) as writer:
        for n in range(70):
            writer.append(rows(n, n + 1))
            writer.flush()
            writer.tend(NOW_US + n * 1_000_000, grace_s=5)
            most = max(most, len(files(path)))
    assert ids(path) == [f"c{n}" for n in range(70)]
    with open_store(path) as reader:
        assert len(reader.segments) <= 15 + 5
    assert most <= 20 + 2 * 16


def test_compaction_keeps_rows_and_defaults(tmp_path: Path) -> None:
    path = write(
        tmp_path / "s", rows(0, 3, ring_ms=5), rows(3, 4, trunk="t"), [make_row(call_id="u", at_us=2**62)] * 2,
        [make_row(call_id="v", at_us=2**62, reason="x")], segment_rows=6,
    )  # fmt: skip
    before = read(path)
    with Writer(path) as writer:
        assert writer.compact(NOW_US) == 2
        assert writer.compact(NOW_US) == 0
    assert read(path) == before
    with open_store(path) as reader:
        assert reader.days == {"2026-01-01": 4, "undated": 3}
        assert {(s.first_us, s.last_us) for s in reader.segments} == {(START_US, START_US + 3_000_000), (None, None)}
        assert reader.verify() == []


@pytest.mark.parametrize(
    ("before_us", "undated", "left"),
    [
        (START_US, False, ["d0", "d1", "d2", "u"]),
        (START_US + DAY_US - 1, False, ["d0", "d1", "d2", "u"]),
        (START_US + DAY_US, False, ["d1", "d2", "u"]),
        (START_US + 2 * DAY_US + 5, False, ["d2", "u"]),
        (START_US + 2 * DAY_US + 5, True, ["d2"]),
        (2**70, False, ["u"]),
        (-(2**70), False, ["d0", "d1", "d2", "u"]),
        (-(2**70), True, ["d0", "d1", "d2"]),
    ],
)
def test_old_days_go(tmp_path: Path, before_us: int, undated: bool, left: list[str]) -> None:
    path = write(
        tmp_path / "s",
        [
            *(make_row(call_id=f"d{n}", at_us=START_US + n * DAY_US) for n in range(3)),
            make_row(call_id="u", at_us=2**62),
        ],
    )
    with open_store(path) as early, Writer(path) as writer:
        assert writer.expire(before_us, NOW_US, undated=undated) == 4 - len(left)
        assert ids(path) == left
        assert [c.call_id for batch in early.rows() for c, _v in batch] == ["d0", "d1", "d2", "u"]
        assert len(files(path)) == 4
        writer.tend(NOW_US + 600_000_000)
        assert len(files(path)) == len(left)
    assert len(list((path / "calls").iterdir())) == len(left)


def test_a_damaged_segment_does_not_stop_the_rest(tmp_path: Path) -> None:
    path = write(tmp_path / "s", rows(0, 2), rows(2, 3), rows(3, 4), rows(4, 5, day=1), rows(5, 6, day=1))
    bad = path / "calls" / "2026-01-01" / "00000002.parquet"
    octets = bytearray(bad.read_bytes())
    octets[4:-12] = b"\xff" * (len(octets) - 16)
    bad.write_bytes(octets)
    with Writer(path) as writer:
        assert writer.problems == []
        assert writer.compact(NOW_US) == 1
        assert [(p.code, p.where) for p in writer.problems] == [
            ("store-segment-changed", "calls/2026-01-01/00000002.parquet")
        ]
        assert writer.compact(NOW_US) == 1
        assert writer.compact(NOW_US) == 0
    assert bad.exists()
    with open_store(path) as reader:
        assert [each.rows for each in reader.segments] == [1, 3, 2]
