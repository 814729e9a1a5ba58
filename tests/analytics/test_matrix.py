"""The matrix of numbers and carriers."""

from __future__ import annotations

from ringthrough.analytics import BLOCK_METRICS, block_matrix, metrics

from .made import answered, blocked, row

A, B = "+12155550123", "+12155550124"


def test_who_is_blocked_where() -> None:
    table = [
        *[answered(caller=A, carrier="x")] * 3, blocked(caller=A, carrier="x"), *[answered(caller=A, carrier="y")] * 5,
        *[blocked(caller=B, carrier="x")] * 2, row(caller=B, carrier="x", verdict="incomplete"),
    ]  # fmt: skip
    matrix = block_matrix(table)
    assert (matrix.numbers, matrix.carriers) == ((B, A), ("x", "y"))
    cell = matrix.cells[A, "x"]
    assert (cell.attempts, cell.n, cell.explicit, cell.probable, cell.suspected, cell.rate) == (
        4,
        4,
        1,
        None,
        None,
        0.25,
    )
    assert cell.low is not None
    assert cell.high is not None
    assert 0 < cell.low < 0.25 < cell.high < 1
    assert (matrix.cells[B, "x"].attempts, matrix.cells[B, "x"].n, matrix.cells[B, "x"].rate) == (3, 2, 1.0)
    assert (B, "y") not in matrix.cells
    assert matrix.table.rows == metrics(table, ("number", "carrier"), only=BLOCK_METRICS).rows


def test_inferred_blocks_are_apart() -> None:
    table = [answered(), row(verdict="probable_block", final_code=480), row(verdict="suspected_block", final_code=480)]
    (cell,) = block_matrix(table).cells.values()
    assert (cell.explicit, cell.probable, cell.suspected, cell.rate) == (0, 1, 1, 1 / 3)


def test_nothing_is_known_of_a_source_that_cannot_tell() -> None:
    (cell,) = block_matrix([blocked(blind_to="code reason")], inferred=True).cells.values()
    assert (cell.attempts, cell.n, cell.explicit, cell.probable, cell.rate, cell.low) == (1, 0, 0, None, None, None)


def test_no_calls() -> None:
    matrix = block_matrix([])
    assert (matrix.numbers, matrix.carriers, matrix.cells, len(matrix.table)) == ((), (), {}, 0)
