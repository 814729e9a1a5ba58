from __future__ import annotations

import pytest

from ringthrough.calls import VERDICTS
from ringthrough.report.summary import BLOCKED, share
from ringthrough.report.words import GROUPS, MEANINGS, TITLES, clock, count, duration, group_of, percent, safe


def test_every_verdict_has_its_words_and_one_group() -> None:
    assert set(TITLES) == set(MEANINGS) == set(VERDICTS)
    assert sorted(v for group in GROUPS.values() for v in group) == sorted(VERDICTS)
    assert set(GROUPS["blocked"]) == BLOCKED
    assert group_of("declined") == "person"
    assert group_of("suspected_block") == "inferred"
    assert group_of("of tomorrow") == "unclear"


@pytest.mark.parametrize(
    ("ms", "text"),
    [(None, "-"), (0, "0 ms"), (999, "999 ms"), (1_000, "1.0 s"), (59_949, "59.9 s"), (59_950, "1 min 0 s"),
     (125_000, "2 min 5 s"), (3_600_000, "1 h 0 min"), (4_320_000, "1 h 12 min"), (-5, "-5 ms")],
)  # fmt: skip
def test_duration(ms: int | None, text: str) -> None:
    assert duration(ms) == text


def test_numbers_and_shares() -> None:
    assert count(1_234_567) == "1,234,567"
    assert percent(share(1, 8)) == "12.5 %"
    assert percent(share(0, 0)) == "-"
    assert percent(share(0, 10), interval=True) == "0.0 % (0.0 to 27.8)"


@pytest.mark.parametrize(
    ("at_us", "text"),
    [(None, "-"), (0, "1970-01-01 00:00:00"), (2**63, "-"), (1_500_000, "1970-01-01 00:00:01")],
)
def test_clock(at_us: int | None, text: str) -> None:
    assert clock(at_us) == text


def test_clock_with_microseconds() -> None:
    assert clock(1_500_000, micros=True) == "1970-01-01 00:00:01.500000"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("Decline", "Decline"), ("\x1b[2Jgone", "\\x1b[2Jgone"), ("a\u202eb", "a\\u202eb"), ("Ünïcode", "Ünïcode"),
     ("nul\0", "nul\\x00"), ("\x9b31m", "\\x9b31m"), ("\udce9", "\\xe9"), ("a\nb", "a\\x0ab")],
)  # fmt: skip
def test_a_strangers_text_does_nothing_to_a_terminal(text: str, shown: str) -> None:
    assert safe(text) == shown
