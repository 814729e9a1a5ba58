"""Rows on disk, and other rows in their places among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringthrough.calls import EndKey
from ringthrough.diagnosis import rowfile
from ringthrough.diagnosis.rowfile import Batch, Line, RowFile, index_of, write_merged

BATCHES = [[10, 20, 30], [40], [50, 60], [70, 80, 90]]


def key(at: int) -> EndKey:
    return at, 0, at


def line(at: int) -> bytes:
    return b"" if at == 60 else b"%d;" % at * (at // 10)  # 60 is a row that the sink left out


def left(path: Path) -> list[Batch]:
    with path.open("wb") as rows, open(index_of(str(path)), "wb") as index:
        taken = RowFile(rows, index)
        for batch in BATCHES:
            taken.add([key(at) for at in batch], [line(at) for at in batch])
    return taken.batches


def merged(path: Path, others: list[int], *, joined: bool) -> list[bytes]:
    written: list[bytes] = []
    border: list[Line] = [(key(at), b"<%d>" % at) for at in others]
    write_merged(str(path), left(path), border, written.extend, joined=joined)
    return written


@pytest.mark.parametrize(
    ("others", "pieces"),
    [
        pytest.param([], 1, id="none"),
        pytest.param([5], 5, id="before all"),
        pytest.param([95, 99], 3, id="behind all"),
        pytest.param([35], 4, id="between batches"),
        pytest.param([15, 25, 55], 10, id="inside batches"),
        pytest.param([65, 75], 6, id="behind a row without output"),
        pytest.param([1, 11, 21, 31, 41, 51, 61, 71, 81, 91], 19, id="everywhere"),
    ],
)
def test_places(tmp_path: Path, others: list[int], pieces: int) -> None:
    both = sorted([*((at, line(at)) for batch in BATCHES for at in batch), *((at, b"<%d>" % at) for at in others)])

    alone = merged(tmp_path / "rows", others, joined=False)
    joined = merged(tmp_path / "rows", others, joined=True)

    assert alone == [text for _at, text in both]
    assert b"".join(joined) == b"".join(alone)
    assert len(joined) == pieces


def test_much_is_copied_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rowfile, "COPY_OCTETS", 16)

    written = merged(tmp_path / "rows", [35], joined=True)

    assert max(map(len, written)) <= 16
    assert b"".join(written) == b"".join(merged(tmp_path / "rows", [35], joined=False))


def test_nothing_was_left(tmp_path: Path) -> None:
    written: list[bytes] = []
    left(tmp_path / "rows")

    write_merged(str(tmp_path / "rows"), [], [(key(1), b"one")], written.extend, joined=True)

    assert written == [b"one"]
