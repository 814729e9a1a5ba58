"""How long an answer may be kept: RFC 9111 §4.2, RFC 5861 §4."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringthrough.drivers import Fetched, Freshness, freshness

NOW = 1_800_000_000.0
DATE = "Fri, 15 Jan 2027 08:00:00 GMT"
"The same moment."
LATER = "Fri, 15 Jan 2027 08:10:00 GMT"


def read(*headers: tuple[str, str], took_s: float = 0.0) -> Freshness:
    return freshness(Fetched("https://cr.example.com/a", "192.0.2.1", headers, b"", took_s), now_s=NOW)


LIVES = {
    "nothing said": ([], None),
    "max-age": ([("cache-control", "max-age=600")], 600),
    "capitals and blanks": ([("cache-control", "Public ,  Max-Age=600 ")], 600),
    "quoted": ([("cache-control", 'max-age="600"')], 600),
    "two fields": ([("cache-control", "public"), ("cache-control", "max-age=600")], 600),
    "twice": ([("cache-control", "max-age=600, max-age=5")], 600),
    "s-maxage is for shared caches": ([("cache-control", "s-maxage=5, max-age=600")], 600),
    "private is for shared caches": ([("cache-control", "private, max-age=600")], 600),
    "max-age 0": ([("cache-control", "max-age=0")], 0),
    "malformed max-age is stale": ([("cache-control", "max-age=soon")], 0),
    "negative max-age is stale": ([("cache-control", "max-age=-1")], 0),
    "no-cache": ([("cache-control", "no-cache, max-age=600")], 0),
    "larger than counts": ([("cache-control", f"max-age={10**30}")], 2**31),
    "age": ([("cache-control", "max-age=600"), ("age", "100")], 500),
    "older than its life": ([("cache-control", "max-age=600"), ("age", "700")], -100),
    "malformed age": ([("cache-control", "max-age=600"), ("age", "old")], 600),
    "date in the past": ([("cache-control", "max-age=600"), ("date", "Fri, 15 Jan 2027 07:59:00 GMT")], 540),
    "date in the future": ([("cache-control", "max-age=600"), ("date", LATER)], 600),
    "expires": ([("expires", LATER), ("date", DATE)], 600),
    "expires without date": ([("expires", LATER)], 600),
    "expires in the past": ([("expires", DATE), ("date", LATER)], -600),
    "expires 0": ([("expires", "0")], 0),
    "expires never": ([("expires", "Fri, 31 Dec 9999 23:59:59 GMT")], 2**31),
    "max-age beats expires": ([("cache-control", "max-age=5"), ("expires", LATER)], 5),
    "old form of a date": ([("expires", "Friday, 15-Jan-27 08:10:00 GMT")], 600),
    "a date without a zone": ([("expires", "Fri, 15 Jan 2027 08:10:00 -0000")], 600),
    "year 0": ([("expires", "Fri, 15 Jan 0000 08:10:00 GMT")], None),
}


@pytest.mark.parametrize(("headers", "life"), LIVES.values(), ids=LIVES)
def test_life(headers: list[tuple[str, str]], life: float | None) -> None:
    found = read(*headers)
    assert found.storable
    if headers and headers[0][1].startswith("Fri, 15 Jan 0000"):
        assert found.life_s is not None
        assert found.life_s <= 0
    else:
        assert found.life_s == life


def test_the_time_on_the_way_counts() -> None:
    assert read(("cache-control", "max-age=600"), took_s=2.5).life_s == 597.5


STALE = {
    "nothing said": ("max-age=1", None),
    "must-revalidate": ("max-age=1, must-revalidate", 0),
    "stale-if-error": ("max-age=1, stale-if-error=300", 300),
    "malformed": ("max-age=1, stale-if-error", 0),
    "both": ("must-revalidate, stale-if-error=300", 0),
}


@pytest.mark.parametrize(("value", "stale"), STALE.values(), ids=STALE)
def test_stale(value: str, stale: float | None) -> None:
    assert read(("cache-control", value)).stale_s == stale


def test_no_store() -> None:
    assert not read(("cache-control", "no-store, max-age=600")).storable


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["cache-control", "expires", "date", "age"]),
            st.text(max_size=40) | st.from_regex(r"(max-age|stale-if-error)=[0-9]{1,12}", fullmatch=True),
        ),
        max_size=5,
    )
)
def test_any_header_gives_a_number_or_none(headers: list[tuple[str, str]]) -> None:
    found = read(*headers)
    assert found.life_s is None or found.life_s <= 2**31
    assert found.stale_s is None or 0 <= found.stale_s <= 2**31
