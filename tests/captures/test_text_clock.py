"""When a line was written: every form of a timestamp, what is missing, and what turns over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringthrough.captures.text.clock import STEP_US, UNTIMED, Clock, has_time

EAST = timezone(timedelta(hours=2))
DAY = date(2026, 11, 20)


def us(*fields: int, micro: int = 0) -> int:
    return int(datetime(*fields, tzinfo=UTC).timestamp()) * 1_000_000 + micro  # type: ignore[arg-type, misc]


FORMS = [
    ("ngrep", b"U 2026/11/20 09:20:06.619098 ", us(2026, 11, 20, 9, 20, 6, micro=619098), 0),
    ("ISO with Z", b"2026-11-20T09:20:06.5Z x", us(2026, 11, 20, 9, 20, 6, micro=500000), 0),
    ("ISO with offset", b"2026-11-20T11:20:06.619098+02:00 host", us(2026, 11, 20, 9, 20, 6, micro=619098), 0),
    ("offset without colon, west", b"2026-11-20 04:20:06,619 -0500 x", us(2026, 11, 20, 9, 20, 6, micro=619000), 0),
    ("impossible offset", b"2026-11-20 04:20:06.619 +9900 x", us(2026, 11, 20, 4, 20, 6, micro=619000), 0),
    ("nanoseconds", b"2026-11-20 09:20:06.619098765 UTC", us(2026, 11, 20, 9, 20, 6, micro=619098), 0),
    ("asterisk, seconds", b"[2026-11-20 09:20:06] VERBOSE[1]", us(2026, 11, 20, 9, 20, 6), UNTIMED),
    ("linphone", b"2026-11-20 09:20:06:774 x", us(2026, 11, 20, 9, 20, 6, micro=774000), 0),
    ("sipp, tab", b"---- 2026-11-20\t09:20:06.000001", us(2026, 11, 20, 9, 20, 6, micro=1), 0),
    ("asterisk, default", b"[Nov 20 09:20:06] VERBOSE", us(2026, 11, 20, 9, 20, 6), UNTIMED),
    ("cisco", b"*Nov  8 09:20:06.456: //-1", us(2026, 11, 8, 9, 20, 6, micro=456000), 0),
    (
        "cisco with year and zone",
        b"661105: Nov  8 2026 09:20:06.456 UTC: //",
        us(2026, 11, 8, 9, 20, 6, micro=456000),
        0,
    ),
    ("ctime", b"Fri Nov 20 09:20:06 2026", us(2026, 11, 20, 9, 20, 6), UNTIMED),
    ("audiocodes", b"[Time:20-11@09:20:06.619]", us(2026, 11, 20, 9, 20, 6, micro=619000), 0),
    ("tcpdump -tt", b"1795166406.466658 IP ", 1_795_166_406_466_658, 0),
    ("tshark", b"    Epoch Time: 1795166406.466658000 seconds", 1_795_166_406_466_658, 0),
    ("tcpdump", b"09:20:06.466658 IP ", us(2026, 11, 20, 9, 20, 6, micro=466658), 0),
    ("cisco uptime", b"00:11:29: //-1/xxx", us(2026, 11, 20, 0, 11, 29), UNTIMED),
]


@pytest.mark.parametrize(("line", "at_us", "flags"), [f[1:] for f in FORMS], ids=[f[0] for f in FORMS])
def test_forms(line: bytes, at_us: int, flags: int) -> None:
    assert has_time(line)
    notes: dict[str, int] = {}
    assert Clock(tz=UTC, day=DAY, notes=notes).read(line) == (at_us, flags)
    assert notes == ({"text-time-seconds": 1} if flags else {})


NONE = [
    b"", b"no time", b"2026-13-45 09:20:06.1", b"Feb 31 09:20:06.1", b"Feb 31 2026 09:20:06.1", b"29:61:00.1",
    b"2001:db8::10:20:30", b"0001-01-01 00:00:00.0", b"2026-11-20 24:00:00.0", b"9999999999.123456",
    b"1969-12-31 23:59:59.9",
]  # fmt: skip


@pytest.mark.parametrize("line", NONE)
def test_what_is_no_time(line: bytes) -> None:
    assert Clock(tz=UTC, day=DAY, notes={}).read(line) is None


def test_the_end_of_days() -> None:
    assert Clock(tz=timezone(timedelta(hours=-2)), day=None, notes={}).read(b"9999-12-31 23:00:00.0") is None
    assert Clock(tz=EAST, day=date(9999, 12, 31), notes={}).read(b"23:00:00.0") is not None
    late = Clock(tz=UTC, day=date(9999, 12, 31), notes={})
    assert late.read(b"23:00:00.0") is not None
    assert late.read(b"01:00:00.0") is None
    assert Clock(tz=EAST, day=date(1970, 1, 1), notes={}).read(b"01:00:00.0") is None
    assert Clock(tz=UTC, day=date(1960, 1, 1), notes={}).read(b"Jan  1 01:00:00.0") is None


def test_zone_given_and_not_given() -> None:
    notes: dict[str, int] = {}
    assert Clock(tz=EAST, day=None, notes=notes).read(b"2026-11-20 09:20:06.1") == (
        us(2026, 11, 20, 7, 20, 6, micro=100000),
        0,
    )
    assert notes == {}
    clock = Clock(tz=None, day=None, notes=notes)
    for line in (
        b"2026-11-20 09:20:06.1",
        b"2026-11-20 09:20:07.1",
        b"09:20:08.1",
        b"Nov 20 09:20:08.1",
        b"2026-11-20 09:20:06.1Z",
    ):
        assert clock.read(line) is not None
    assert notes == {"text-time-zone-unknown": 4, "text-date-unknown": 2}


def test_the_hour_that_comes_twice() -> None:
    notes: dict[str, int] = {}
    clock = Clock(tz=ZoneInfo("Europe/Berlin"), day=None, notes=notes)
    assert clock.read(b"2026-10-25 02:30:00.0") == (us(2026, 10, 25, 0, 30), 0)
    assert clock.read(b"2026-10-25 03:30:00.0") == (us(2026, 10, 25, 2, 30), 0)
    assert notes == {"text-time-ambiguous": 1}


def test_midnight() -> None:
    clock = Clock(tz=UTC, day=DAY, notes={})
    lines = (
        b"23:59:59.9",
        b"00:00:00.1",
        b"23:59:59.95",
        b"00:00:00.2",
        b"08:00:00.0",
        b"21:00:00.0",
        b"20:59:59.0",
        b"03:00:00.0",
    )
    days = [datetime.fromtimestamp(clock.read(line)[0] / 1e6, UTC).day for line in lines]  # type: ignore[index]
    assert days == [20, 21, 20, 21, 21, 21, 21, 22]


def test_new_year() -> None:
    clock = Clock(tz=UTC, day=date(2026, 12, 30), notes={})
    lines = (b"Dec 31 23:59:59.9", b"Jan  1 00:00:00.1", b"Dec 31 23:59:59.95", b"Feb  1 00:00:00.0")
    years = [datetime.fromtimestamp(clock.read(line)[0] / 1e6, UTC).year for line in lines]  # type: ignore[index]
    assert years == [2026, 2027, 2026, 2027]
    before = Clock(tz=UTC, day=date(2027, 1, 2), notes={})
    assert before.read(b"Dec 31 23:00:00.0") == (us(2026, 12, 31, 23), 0)


def test_without_a_day() -> None:
    assert Clock(tz=UTC, day=None, notes={}).read(b"09:20:06.0") == (us(1970, 1, 2, 9, 20, 6), 0)
    assert Clock(tz=UTC, day=None, notes={}).read(b"Feb 29 09:20:06.0") == (us(1972, 2, 29, 9, 20, 6), 0)
    assert Clock(tz=UTC, day=date(2026, 3, 1), notes={}).read(b"Feb 29 09:20:06.0") == (us(2024, 2, 29, 9, 20, 6), 0)


def test_order_is_kept_without_times() -> None:
    notes: dict[str, int] = {}
    clock = Clock(tz=UTC, day=None, notes=notes)
    first, _ = clock.read(b"2026-11-20 09:20:06.1Z")  # type: ignore[misc]
    assert [clock.none(), clock.none()] == [(first + STEP_US, UNTIMED), (first + 2 * STEP_US, UNTIMED)]
    assert notes == {"text-time-missing": 2}


@given(st.binary(max_size=60), st.sampled_from([None, DAY, date(1, 1, 1), date(9999, 12, 31)]))
def test_nothing_escapes(line: bytes, day: date | None) -> None:
    clock = Clock(tz=EAST, day=day, notes={})
    for text in (line, b"2026-" + line, line + b" 09:20:06.1", b"Feb 29 " + line, b"00:00:00.1"):
        found = clock.read(text)
        assert found is None or found[0] >= 0


@given(st.lists(st.integers(0, 86_399), max_size=20), st.dates(date(1971, 1, 1), date(9000, 1, 1)))
def test_times_of_day_never_go_back_by_more_than_an_hour(seconds: list[int], day: date) -> None:
    clock = Clock(tz=UTC, day=day, notes={})
    last = 0
    for second in seconds:
        found = clock.read(b"%02d:%02d:%02d.5" % (second // 3600, second // 60 % 60, second % 60))
        assert found is not None
        assert found[0] >= last - 3_600_000_000
        last = found[0]


def test_seconds_beyond_a_leap_second_are_no_time() -> None:
    clock = Clock(tz=UTC, day=DAY, notes={})
    for line in (b"2026-11-20 09:20:61.1", b"Nov 20 09:20:61.1", b"09:20:61.1"):
        assert clock.read(line) is None
    assert clock.timed(b"2026/11/20 09:20:61", b"000000") is None
    assert clock.read(b"2026-11-20 09:20:60.0") == (us(2026, 11, 20, 9, 21), 0)


def test_the_form_of_ngrep_without_a_search() -> None:
    notes: dict[str, int] = {}
    berlin = Clock(tz=ZoneInfo("Europe/Berlin"), day=None, notes=notes)
    for second in (b"2026/10/25 02:30:00", b"2026/10/25 02:30:00", b"2026/11/20 09:20:06"):
        assert (berlin.timed(second, b"619098"), 0) == berlin.read(second + b".619098")
    assert notes == {"text-time-ambiguous": 4}
    assert berlin.timed(b"2026/13/20 09:20:06", b"619098") is None


def test_more_times_than_are_remembered() -> None:
    clock = Clock(tz=UTC, day=None, notes={})
    start = us(2026, 11, 20)
    for second in range(5000):
        text = datetime.fromtimestamp(start // 1_000_000 + second * 60, UTC).strftime("%Y/%m/%d %H:%M:%S").encode()
        assert clock.read(text + b".5") == (start + second * 60_000_000 + 500_000, 0)
        assert clock.timed(text, b"500000") == start + second * 60_000_000 + 500_000
