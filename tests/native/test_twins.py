"""Whole captures give the same rows, counts and problems with the compiled twins and without them."""

from __future__ import annotations

import io
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.calls import COLUMNS, Call, Verdict
from ringthrough.captures import Dissector, open_capture, split_pcap
from ringthrough.captures import split as splitting
from ringthrough.diagnosis import Settings
from ringthrough.diagnosis.intake import Intake
from ringthrough.errors import Error
from ringthrough.native import twin
from ringthrough.report.rows import at_text, csv_rows
from ringthrough.simulate import BENCH, DEMO, EVERYTHING, SHAPES, simulate
from ringthrough.verdict import judge
from tests.conftest import FULL
from tests.fuzz.mutate import PIECES
from tests.report.conftest import make_row

START_US = 1_780_272_000_000_000
PLAIN = Settings(region="US")
KNOWING = Settings(region="DE", own=("192.0.2.0/24",))


def reading(octets: bytes, settings: Settings, *, compiled: bool) -> tuple[Any, ...]:
    """Rows, and everything that was counted or found wrong."""
    try:
        container = open_capture(io.BytesIO(octets), name="x")
    except Error as fault:
        return (str(fault),)
    dissector = Dissector(file=0, tally=container.tally)
    intake = Intake(["x"], settings, compiled=compiled)
    assembler, rows, transports = intake.assembler, [], []
    for batch in container.blocks():
        transports.append(intake.feed(dissector, batch))
        rows += assembler.flush()
    intake.finish(dissector)
    rows += assembler.finish()
    return rows, container.tally, assembler.others, container.problems, transports


def made(mix: Any, shape: str, calls: int, seed: int) -> bytes:
    handle = io.BytesIO()
    simulate(Random(seed), handle, mix=mix, calls=calls, start_us=START_US, duration_s=900.0, shape=shape)
    return handle.getvalue()


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape(native: Any, shape: str) -> None:
    octets = made(EVERYTHING, shape, 40, 1)
    for settings_ in (PLAIN, KNOWING):
        compiled = reading(octets, settings_, compiled=True)
        assert compiled == reading(octets, settings_, compiled=False)
        assert len(compiled[0]) >= 40


@pytest.mark.parametrize("mix", [DEMO, BENCH, EVERYTHING], ids=["demo", "bench", "everything"])
def test_every_mix_down_to_the_line_of_csv(native: Any, mix: Any) -> None:
    octets = made(mix, "ethernet", 400, 2)
    rows = [(call, judge(call)) for _key, call in reading(octets, PLAIN, compiled=True)[0]]

    assert rows == [(call, judge(call)) for _key, call in reading(octets, PLAIN, compiled=False)[0]]
    assert native.csv_rows(rows) == csv_rows(rows)


def test_captures_that_others_made(native: Any, shared: Path) -> None:
    read = 0
    for path in sorted((shared / "data" / "pcap").iterdir()):
        if path.suffix in (".json", ".md") or path.stat().st_size > 3_000_000:
            continue
        octets = path.read_bytes()
        assert reading(octets, PLAIN, compiled=True) == reading(octets, PLAIN, compiled=False), path.name
        read += 1
    assert read > 20


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_mutated_captures(native: Any, seed: int) -> None:
    """A capture of all that can happen, with hundreds of octets and words put over what stood there."""
    base = made(EVERYTHING, "ethernet", 60, 3)
    rng = Random(seed)
    words = [piece for piece in PIECES if len(piece) < 30]
    for number in range(60 if FULL else 6):
        octets = bytearray(base)
        for _ in range(rng.choice((20, 100, 400))):
            at = rng.randrange(24, len(octets) - 40)
            word = rng.choice(words) if rng.random() < 0.6 else rng.randbytes(1)
            octets[at : at + len(word)] = word
        whole = bytes(octets)
        assert reading(whole, PLAIN, compiled=True) == reading(whole, PLAIN, compiled=False), (seed, number)


# ---------------------------------------------------------------------- CSV

_CELLS = st.text(max_size=6) | st.sampled_from(
    [
        "",
        "+12155550123",
        "+1a",
        "=1",
        "-",
        "@x",
        'a "b"',
        "a,b",
        "\r\n",
        "\tx",
        "\uff1dx",
        "b\udcff",
        "é",
        "+",
        "x" * 9000,
    ]
)
_INTEGERS = st.none() | st.integers(-(2**70), 2**70) | st.integers(0, 1000)
_BY_TYPE = {"VARCHAR": _CELLS, "BOOLEAN": st.booleans(), "DOUBLE": st.floats(0, 1)}


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_cell_of_csv(data: st.DataObject) -> None:
    native = twin("_native")
    if native is None:
        pytest.skip("ringthrough-native is not installed: make native")
    chosen = data.draw(st.lists(st.sampled_from(COLUMNS), max_size=12, unique=True))
    cells = {
        column.name: data.draw(
            st.integers(-(2**62), 2**62) if column.name == "at_us" else _BY_TYPE.get(column.sql, _INTEGERS)
        )
        for column in chosen
    }
    call, verdict = make_row(**cells)
    assert native.csv_rows([(call, verdict)]) == csv_rows([(call, verdict)])


@given(st.integers(0, 253_402_300_800_000_000) | st.integers(-(10**6), 10**6))
@settings(max_examples=2000)
def test_any_time(at_us: int) -> None:
    native = twin("_native")
    if native is None:
        pytest.skip("ringthrough-native is not installed: make native")
    row: tuple[Call, Verdict] = make_row(at_us=at_us)
    assert native.csv_rows([row])[0].split(b",")[1].decode() == at_text(at_us)


# ---------------------------------------------------------------------- records


def test_borders_are_found_alike(native_records: Any, tmp_path: Path) -> None:
    octets = made(DEMO, "ethernet", 200, 4)
    path = tmp_path / "a.pcap"
    path.write_bytes(octets)
    targets = [len(octets) // 3, len(octets) // 2, len(octets) - 1, len(octets)]
    with path.open("rb") as handle:
        found = split_pcap(handle, targets)
    at, number, expected = 24, 1, []
    for target in targets:
        start = at
        at, passed, damaged = splitting._walk(octets, at, target, 262_144, False, 16)  # type: ignore[arg-type]
        number += passed
        assert (at, passed, damaged) == native_records.walk_records(octets, start, target, 262_144, False, 16)
        if at <= len(octets) - 16:
            expected.append((at, number))
    assert found == expected
    assert len(found) == 2
    assert native_records.walk_records(octets, 24, len(octets), 10, False, 16)[2], (
        "a record beyond the limit is damaged"
    )
