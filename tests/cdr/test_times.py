"""Times: every format, every zone rule, and what is out of range."""

from __future__ import annotations

import pytest

from ringthrough.cdr import times as module
from ringthrough.cdr import zone_named
from ringthrough.cdr.times import BAD, NEEDS_ZONE, NONE, Stamps
from ringthrough.errors import LocalError

AT = 1_795_166_406_000_000  # 2026-11-20 09:20:06 UTC

CASES = [
    ("iso", "2026-11-20 09:20:06", AT),
    ("iso", "2026-11-20T09:20:06Z", AT),
    ("iso", "2026-11-20T09:20:06.5Z", AT + 500_000),
    ("iso", "2026-11-20T09:20:06,123456789Z", AT + 123_456),
    ("iso", "2026-11-20T10:20:06+01:00", AT),
    ("iso", "2026-11-20T10:20:06+0100", AT),
    ("iso", "2026-11-20T04:20:06-05", AT),
    ("iso", "2026-11-20 04:20:06 EST", AT),
    ("iso", "2026-11-20 09:20:06 UTC", AT),
    ("iso", "2026/11/20 09:20:06 AM", AT),
    ("iso", "2026/11/20 12:20:06 PM", AT + 3 * 3_600_000_000),
    ("iso", "2026-11-20 09:20", AT - 6_000_000),
    ("iso", "  2026-11-20 09:20:06  ", AT),
    ("iso", "2026-11-20 10:20:06 CET", AT),
    ("iso", "2026-11-20 09:20:06 XYZ", BAD),
    ("iso", "2026-11/20 09:20:06", BAD),
    ("iso", "2026-02-30 09:20:06", BAD),
    ("iso", "2026-11-20 09:20:06+99:00", BAD),
    ("iso", "20 November", BAD),
    ("epoch", "1795166406", AT),
    ("epoch", "1795166406.25", AT + 250_000),
    ("epoch", "1795166406123", AT + 123_000),
    ("epoch", "1795166406123456", AT + 123_456),
    ("epoch", "17951664061", BAD),
    ("epoch_ms", "1795166406123", AT + 123_000),
    ("epoch_us", "1795166406123456", AT + 123_456),
    ("rfc2822", "Fri, 20 Nov 2026 09:20:06 +0000", AT),
    ("rfc2822", "Fri, 20 Nov 2026 04:20:06 EST", AT),
    ("%H:%M:%S.%f %Z %b %d %Y", "09:20:06.500 UTC NOV 20 2026", AT + 500_000),
    ("%H:%M:%S.%f %Z %a %b %d %Y", "09:20:06.500 UTC Fri Nov 20 2026", AT + 500_000),
    ("%m/%d/%y %I:%M %p", "11/20/26 09:20 am", AT - 6_000_000),
    ("%d.%m.%Y %H:%M:%S", "20.11.2026 09:20:06", AT),
    ("%Y%m%d%H%M%S", "20261120092006", AT),
    ("%Y-%m-%dT%H:%M:%S%z", "2026-11-20T10:20:06+01:00", AT),
    ("%Y%%%m%d", "2026%1120", AT - (9 * 3600 + 20 * 60 + 6) * 1_000_000),
    ("iso", "", NONE),
    ("iso", "0", NONE),
    ("iso", "0000-00-00 00:00:00", NONE),
    ("iso", "NULL", NONE),
    ("iso", "\\N", NONE),
]


@pytest.mark.parametrize(("form", "text", "at_us"), CASES, ids=[f"{form} {text}" for form, text, _ in CASES])
def test_a_stamp_is_read(form: str, text: str, at_us: int) -> None:
    assert Stamps((form,), "utc", None, {"CET": 60})[text] == at_us


def test_seconds_of_a_known_minute_are_read_alike() -> None:
    stamps = Stamps(("iso",), "utc")
    texts = ["2026-11-20 09:20:06", "2026-11-20 09:20:07", "2026-11-20 09:20:08.25", " 2026-11-20 09:20:09"]
    assert [stamps[text] - AT for text in texts] == [0, 1_000_000, 2_250_000, 3_000_000]
    assert stamps["2026-11-20 09:20:99"] == Stamps(("iso",), "utc")["2026-11-20 09:20:99"]
    assert stamps["2026-11-20 09:20:06Z"] == AT


def test_halves_of_the_day_are_not_confused_by_a_known_minute() -> None:
    stamps = Stamps(("iso",), "utc")
    assert stamps["2026-11-20 09:20:06 AM"] == AT
    assert stamps["2026-11-20 09:20:07 PM"] == AT + 12 * 3_600_000_000 + 1_000_000


def test_local_time_needs_a_zone() -> None:
    assert Stamps(("iso",), "local")["2026-11-20 09:20:06"] == NEEDS_ZONE
    assert Stamps(("iso",), "local")["2026-11-20 09:20:06Z"] == AT
    assert Stamps(("iso",), "local", zone_named("America/New_York"))["2026-11-20 04:20:06"] == AT
    assert Stamps(("iso",), "+01:00")["2026-11-20 10:20:06"] == AT


def test_the_hour_that_comes_twice_is_counted() -> None:
    stamps = Stamps(("iso",), "local", zone_named("America/New_York"))
    first = [stamps["2026-11-01 01:30:00"], stamps["2026-11-01 01:30:01"]]
    assert (first[1] - first[0], stamps.ambiguous) == (1_000_000, 2)
    assert stamps["2026-11-01 03:30:00"] - first[0] == 3 * 3_600_000_000


def test_nothing_grows_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REMEMBERED", 3)
    stamps = Stamps(("iso",), "utc")
    found = [stamps[f"2026-11-20 09:{minute:02d}:06"] for minute in range(20)]
    assert found == sorted(found)
    assert len(stamps) <= 3


@pytest.mark.parametrize("name", ["America/Chicago", "UTC", "+05:30", "Z", "EST"])
def test_zones_have_names(name: str) -> None:
    assert zone_named(name) is not None


@pytest.mark.parametrize("name", ["Middle/Earth", "", "../../etc/passwd", "+99:99", "a" * 5000, "\x00"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(LocalError) as caught:
        zone_named(name)
    assert caught.value.problem.code == "cdr-unknown-zone"
