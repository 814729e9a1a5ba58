"""Rows for metrics: by hand, and random ones of every kind, sensible or not."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ringthrough.calls import BLIND_SPOTS, OUTCOMES, VERDICTS, Call, Verdict
from tests.store.made import DAY_US, START_US, make_row

Row = tuple[Call, Verdict]
NUMBERS = (
    "",
    "+12155550123",
    "+12155550124",
    "+442079460123",
    "+35315550123",
    "+1215555xxxx",
    "anonymous",
    "+1",
    "1002",
)
MS = st.one_of(st.none(), st.integers(0, 20_000), st.sampled_from((-1, 0, 6_000, 10_000, 2_678_400_000, 2_678_400_001)))
WHEN = st.one_of(
    st.integers(START_US, START_US + 3 * DAY_US), st.sampled_from((0, -(10**18), 10**18, START_US + DAY_US - 1))
)


def rows() -> st.SearchStrategy[list[Row]]:
    """Any rows of the call table, a few to a group."""
    return st.lists(_row(), max_size=25)


@st.composite
def _row(draw: st.DrawFn) -> Row:
    blind = draw(st.sets(st.sampled_from(sorted(BLIND_SPOTS)), max_size=3))
    return row(
        at_us=draw(WHEN),
        caller=draw(st.sampled_from(NUMBERS)),
        callee=draw(st.sampled_from(NUMBERS)),
        carrier=draw(st.sampled_from(("", "alpha", "béta"))),
        trunk=draw(st.sampled_from(("", "out"))),
        campaign=draw(st.sampled_from(("", "spring"))),
        direction=draw(st.sampled_from(("", "outbound"))),
        kind=draw(st.sampled_from(("call", "call", "call", "scanner", ""))),
        final_code=draw(st.sampled_from((None, 200, 302, 404, 408, 480, 486, 500, 503, 600, 603, 607, 608))),
        q850_cause=draw(st.sampled_from((None, 16, 17, 21, 34))),
        pdd_ms=draw(MS), ring_ms=draw(MS), setup_ms=draw(MS), final_ms=draw(MS), talk_ms=draw(MS),
        ring_frame=draw(st.sampled_from((None, 7))),
        outcome=draw(st.sampled_from(("", *OUTCOMES))),
        source=draw(st.sampled_from(("capture", "cdr asterisk-csv"))),
        file=draw(st.sampled_from(("", "a.csv"))),
        blind_to=" ".join(sorted(blind)) if draw(st.booleans()) else "",
        verdict=draw(st.sampled_from(("", *VERDICTS, "probable_block", "suspected_block"))),
        hidden_candidate=draw(st.booleans()),
    )  # fmt: skip


def row(**changes: Any) -> Row:
    """A call of which nothing is known, but for what is given."""
    return make_row(**{"at_us": START_US, "kind": "call", "caller": "+12155550123", "callee": "+12125550199"} | changes)


def answered(**changes: Any) -> Row:
    return row(**{"verdict": "answered", "final_code": 200, "pdd_ms": 900, "ring_ms": 4_000, "setup_ms": 5_000,
                  "final_ms": 5_000, "talk_ms": 60_000} | changes)  # fmt: skip


def blocked(**changes: Any) -> Row:
    return row(**{"verdict": "network_blocked", "final_code": 603, "setup_ms": 300, "final_ms": 300} | changes)
