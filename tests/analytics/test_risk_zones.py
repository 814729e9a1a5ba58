"""What time it is at the callee: zones, summer time, days of rest."""

from __future__ import annotations

import importlib.util
import zoneinfo
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest

from ringthrough.analytics.risk import Risks
from ringthrough.analytics.risk.zones import (
    Offset,
    federal_holidays,
    offsets_of,
    places,
    weekends,
    zone_named,
)
from tests.analytics.made import answered
from tests.analytics.risky import calls, factor_of, history, of, risks_of

A = "+12155550123"


def us(text: str) -> int:
    return round((datetime.fromisoformat(text).replace(tzinfo=UTC)).timestamp()) * 1_000_000


def test_every_zone_is_one_of_iana_and_every_code_is_one() -> None:
    there = places()
    assert set(there.zones.values()) <= available_timezones()
    assert all(prefix[0] == "+" and prefix[1:].isdigit() for prefix in there.zones)
    assert there.in_us <= there.zones.keys()
    areas = [prefix[2:] for prefix in there.zones if prefix.startswith("+1")]
    assert all(len(area) == 3 and area[0] in "23456789" and area[1] != "9" for area in areas)
    assert len(areas) > 400
    assert {"800", "208", "212"} <= there.areas


@pytest.mark.parametrize(
    ("prefix", "zone"),
    [
        ("+1212", "America/New_York"), ("+1312", "America/Chicago"), ("+1303", "America/Denver"),
        ("+1602", "America/Phoenix"), ("+1415", "America/Los_Angeles"), ("+1907", "America/Anchorage"),
        ("+1808", "Pacific/Honolulu"), ("+1416", "America/Toronto"), ("+1709", "America/St_Johns"),
        ("+1306", "America/Regina"), ("+1787", "America/Puerto_Rico"), ("+44", "Europe/London"),
        ("+353", "Europe/Dublin"), ("+91", "Asia/Kolkata"), ("+81", "Asia/Tokyo"),
    ],
)  # fmt: skip
def test_where_a_number_is(prefix: str, zone: str) -> None:
    assert places().zones[prefix] == zone


@pytest.mark.parametrize("prefix", ["+1800", "+1208", "+1850", "+7", "+55", "+61", "+1", "+52"])
def test_what_is_in_several_zones_or_nowhere_has_none(prefix: str) -> None:
    assert prefix not in places().zones


def test_a_period_is_cut_where_summer_time_begins() -> None:
    zone = zone_named("America/New_York")
    assert zone is not None
    begin, end, change = us("2026-03-01T12:00"), us("2026-03-20T12:00"), us("2026-03-08T07:00")
    assert list(offsets_of(zone, begin, end)) == [Offset(begin, change, -300), Offset(change, end, -240)]
    assert list(offsets_of(zone, change, end)) == [Offset(change, end, -240)]
    assert list(offsets_of(zone, begin, change)) == [Offset(begin, change, -300)]
    fixed = timezone(timedelta(hours=2))
    assert list(offsets_of(fixed, begin, end)) == [Offset(begin, end, 120)]


@pytest.mark.parametrize("name", ["Europe/London", "America/St_Johns", "Africa/Casablanca", "Asia/Kathmandu"])
def test_pieces_agree_with_the_zone_at_any_hour_of_two_years(name: str) -> None:
    zone = ZoneInfo(name)
    begin, end = us("2025-12-30T10:30"), us("2028-01-02T10:30")
    pieces = list(offsets_of(zone, begin, end))
    assert [piece.from_us for piece in pieces[1:]] == [piece.until_us for piece in pieces[:-1]]
    for piece in pieces:
        for at_us in (piece.from_us, (piece.from_us + piece.until_us) // 2, piece.until_us - 1):
            offset = datetime.fromtimestamp(at_us / 1e6, UTC).astimezone(zone).utcoffset()
            assert offset == timedelta(minutes=piece.minutes)


def test_a_zone_that_the_machine_does_not_know() -> None:
    assert zone_named("Mars/Olympus") is None


def test_no_zones_at_all(tmp_path: Path) -> None:
    """As on Windows without the package tzdata."""
    if importlib.util.find_spec("tzdata") is not None:
        pytest.skip("the package tzdata has the zones")
    forget_zones(tmp_path)
    try:
        risks = risks_of([*history(), *of(A, calls(20))])
    finally:
        forget_zones(None)
    for name in ("off_hours", "weekend"):
        assert factor_of(risks, A, name).missing == "time zone data (package tzdata)"
    assert risks.unplaced == risks.calls
    assert zone_named("America/New_York") is not None


def forget_zones(folder: Path | None) -> None:
    """Let zones be looked for in a folder; None for where the system has them."""
    zoneinfo.reset_tzpath(to=None if folder is None else [str(folder)])
    ZoneInfo.clear_cache()
    zone_named.cache_clear()


HOLIDAYS = {
    2021: ["2021-01-01", "2021-01-18", "2021-02-15", "2021-05-31", "2021-06-18",
           "2021-07-05", "2021-09-06", "2021-10-11", "2021-11-11", "2021-11-25", "2021-12-24"],
    2022: ["2021-12-31", "2022-01-17", "2022-02-21", "2022-05-30", "2022-06-20", "2022-07-04", "2022-09-05",
           "2022-10-10", "2022-11-11", "2022-11-24", "2022-12-26"],
    2026: ["2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-03", "2026-09-07",
           "2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25"],
}  # fmt: skip
"As the Office of Personnel Management lists them."


@pytest.mark.parametrize("year", list(HOLIDAYS))
def test_federal_holidays(year: int) -> None:
    assert sorted(day.isoformat() for day in federal_holidays(year)) == HOLIDAYS[year]


def test_weekends() -> None:
    assert weekends(date(2026, 2, 5), date(2026, 2, 14)) == [date(2026, 2, 7), date(2026, 2, 8), date(2026, 2, 14)]
    assert weekends(date(2026, 2, 9), date(2026, 2, 13)) == []


CLOCKS: list[tuple[str, str, float | None, float | None]] = [
    ("2026-01-14T13:00", "+12125550199", 0, 0),
    ("2026-01-14T12:59:59", "+12125550199", 1, 0),
    ("2026-01-15T01:59:59", "+12125550199", 0, 0),
    ("2026-01-15T02:00", "+12125550199", 1, 0),
    ("2026-07-15T12:00", "+12125550199", 0, 0),
    ("2026-07-15T11:59", "+12125550199", 1, 0),
    ("2026-03-08T12:30", "+12125550199", 0, 1),
    ("2026-03-07T12:30", "+12125550199", 1, 1),
    ("2026-07-15T15:00", "+16025550199", 0, 0),
    ("2026-07-15T15:00", "+14155550199", 0, 0),
    ("2026-01-14T15:30", "+14155550199", 1, 0),
    ("2026-01-14T11:30", "+17095550199", 0, 0),
    ("2026-01-14T11:20", "+17095550199", 1, 0),
    ("2026-01-14T02:30", "+913355550199", 0, 0),
    ("2026-01-14T02:29", "+913355550199", 1, 0),
    ("2026-01-14T23:00", "+81355550199", 0, 0),
    ("2026-01-16T18:00", "+81355550199", 1, 1),
    ("2026-01-19T03:00", "+18085550199", 0, 1),
    ("2026-01-19T18:00", "+12125550199", 0, 1),
    ("2026-01-19T18:00", "+14165550199", 0, 0),
    ("2026-01-19T18:00", "+442079460123", 0, 0),
    ("2026-07-03T18:00", "+12125550199", 0, 1),
    ("2026-01-19T18:00", "+18005550199", None, None),
    ("2026-01-19T18:00", "1002", None, None),
]
"A call at a time of UTC to a callee -> its share off hours and on days of rest."


@pytest.fixture(scope="module")
def clocks() -> Risks:
    rows = [answered(caller=f"+1215557{k:04}", callee=c, at_us=us(t)) for k, (t, c, _off, _rest) in enumerate(CLOCKS)]
    return risks_of(rows, since_us=us("2026-01-01"), until_us=us("2026-12-31"))


@pytest.mark.parametrize("place", range(len(CLOCKS)), ids=lambda place: " ".join(map(str, CLOCKS[place])))
def test_the_clock_of_the_callee(clocks: Risks, place: int) -> None:
    _when, _callee, off, rest = CLOCKS[place]
    number = f"+1215557{place:04}"
    assert factor_of(clocks, number, "off_hours").value == off
    assert factor_of(clocks, number, "weekend").value == rest


def test_calls_that_nobody_can_place_are_counted() -> None:
    rows = [*history(), *of(A, [*calls(10), *calls(5, callee="+18005550100"), *calls(5, callee="+12085550100")])]
    risks = risks_of(rows)
    found = factor_of(risks, A, "off_hours")
    assert (found.n, found.value) == (10, 0)
    assert "Of 10 more nobody knows the time there." in found.because
    assert risks.unplaced == 10
