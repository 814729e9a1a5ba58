"""What people type, and what they get."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ringthrough.errors import LocalError
from ringthrough.reference import PROBLEMS, NotFound, causes, codes, lookup, search, side_by_side
from ringthrough.reference.finding import _STOP
from tests.conftest import without_coverage

HEAVY = ("rich", "duckdb", "click", "jinja2", "msgspec", "tomllib", "phonenumbers", "numpy", "asyncio", "logging")


@pytest.mark.parametrize(
    ("typed", "id_"),
    [
        (608, "608"),
        ("608", "608"),
        (" 608 ", "608"),
        ("SIP 608", "608"),
        ("SIP:608", "608"),
        ("sip/608", "608"),
        ("608 Rejected", "608"),
        ("608 REJECTED", "608"),
        ("608 Spam Likely", "608"),
        ("SIP/2.0 608 Rejected", "608"),
        ("603+", "603+"),
        ("603plus", "603+"),
        ("603 plus", "603+"),
        ("603+ Network Blocked", "603+"),
        ("603 Network Blocked", "603+"),
        ("SIP/2.0 603 Network Blocked", "603+"),
        ("603 Decline", "603"),
        ("441 Decline", "441"),
        (16, "Q.850:16"),
        ("16", "Q.850:16"),
        ("127", "Q.850:127"),
        ("Q.850:21", "Q.850:21"),
        ("q.850:21", "Q.850:21"),
        ("q850 21", "Q.850:21"),
        ("Q.850;cause=21", "Q.850:21"),
        ("Q.850 ; cause=21", "Q.850:21"),
        ("cause 21", "Q.850:21"),
        ("cause=021", "Q.850:21"),
        ("Q.931 21", "Q.850:21"),
        ("ISUP 21", "Q.850:21"),
        ("call rejected", "Q.850:21"),
        (">=900", "900"),
        ("PROGRESS_TIMEOUT", "607-freeswitch"),
        ("X-Twilio-Error", "603-twilio"),
    ],
)
def test_lookup(typed: int | str, id_: str) -> None:
    assert lookup(typed).id == id_


def test_every_id_alias_and_title_finds_its_entry() -> None:
    for one in (*codes(), *causes()):
        assert lookup(one.id) is one
        for alias in one.aliases:
            assert lookup(alias) is one
            assert lookup(f"  {alias.upper()} ") is one
        if one.kind == "cause":
            assert lookup(one.name) is one
            assert lookup(one.label) is one
        elif one.registered:
            assert lookup(one.code) is one
            assert lookup(one.title) is one


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        (609, ("608", "607", "606")),
        ("999", ("608", "607", "606")),
        (418, ("417", "416", "420")),
        (0, ("Q.850:1", "Q.850:2", "Q.850:3")),
        (-1, ("Q.850:1", "Q.850:2", "Q.850:3")),
        ("Q.850:33", ("Q.850:34", "Q.850:31", "Q.850:30")),
        ("cause 500", ("Q.850:127", "Q.850:111", "Q.850:110")),
        ("unwanted calls", ("607", "603+")),
        ("xyzzy", ("603", "608", "Q.850:21")),
        ("", ("603", "608", "Q.850:21")),
        ("²³", ("603", "608", "Q.850:21")),
        ("9" * 200, ("608", "607", "606")),
        ("608+", ("608", "607", "606")),
    ],
)
def test_what_is_not_there_names_the_nearest(typed: int | str, nearest: tuple[str, ...]) -> None:
    with pytest.raises(NotFound) as caught:
        lookup(typed)
    assert isinstance(caught.value, LocalError)
    assert caught.value.nearest == nearest
    message = str(caught.value)
    assert caught.value.problem.code == "reference-unknown-code"
    assert "expected a SIP code (100 to 699), a variant such as 603+, or a cause such as Q.850:21" in message
    assert all(lookup(one).title in message for one in nearest)
    assert len(message) < 500


def test_codes_by_class() -> None:
    assert [one.id for one in codes("6xx")] == [
        "600", "603", "603+", "603-twilio", "604", "606", "607", "607-freeswitch", "608", "608-freeswitch",
    ]  # fmt: skip
    assert codes("6") == codes("6XX")
    assert len(codes()) == 75 + 17
    assert [one.code for one in codes()] == sorted(one.code for one in codes())


@pytest.mark.parametrize("name", ["7xx", "", "six", "xx", "²xx"])
def test_a_class_that_is_none(name: str) -> None:
    with pytest.raises(NotFound, match="expected a class from 1xx to 6xx"):
        codes(name)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("rejected", "608"),
        ("spam", "607"),
        ("busy everywhere", "600"),
        ("busy", "486"),
        ("wrong number", "404"),
        ("network blocked", "603+"),
        ("codec", "488"),
        ("certificate", "436"),
        ("password", "401"),
        ("redress", "608"),
        ("Hung up!", "487"),
        ("the user busy", "Q.850:17"),
    ],
)
def test_search_finds_what_people_mean(words: str, first: str) -> None:
    found = [one.id for one in search(words)]
    assert first in found[:3], found
    assert len(found) <= 10


def test_search_prefers_entries_with_every_word() -> None:
    both = search("signature fetched", limit=50)
    assert all("signature" in str(one) and "fetched" in str(one) for one in both)
    assert search("signature xyzzy", limit=1)


@pytest.mark.parametrize("words", ["", "   ", "xyzzy", "!?", *sorted(_STOP)[:2]])
def test_search_without_a_hit(words: str) -> None:
    assert search(words) == []


def test_search_limit() -> None:
    assert len(search("call", limit=3)) == 3
    assert search("call", limit=0) == []


def test_side_by_side_answers_five_questions() -> None:
    table = side_by_side("603", "607", "608", "603+")
    assert [one.id for one in table.entries] == ["603", "607", "608", "603+"]
    assert [row.aspect for row in table.rows] == [
        "intended meaning", "real-world behaviour", "the problem", "redress", "rule and dates",
    ]  # fmt: skip
    cells = [cell for row in table.rows for cell in row.cells]
    assert len(cells) == len(set(cells)) == 20
    assert all("2026-03-25" in cell for cell in table.rows[4].cells)
    notes = " ".join(table.notes)
    assert "3/26/25" in notes
    assert "March 26, 2026" in notes
    assert "90 FR 13416" in notes


def test_side_by_side_of_any_entries_takes_their_own_fields() -> None:
    table = side_by_side(404, "Q.850:1", 505, 404)
    assert [one.id for one in table.entries] == ["404", "Q.850:1", "505"]
    assert all(cell for row in table.rows for cell in row.cells)
    assert table.rows[0].cells[0] == lookup(404).description
    assert table.rows[2].cells[0] == lookup(404).blocks.why
    assert table.rows[2].cells[2] == lookup(505).pitfalls[0]
    assert table.rows[4].cells[0] == "RFC 3261 21.4.5."
    assert table.notes == ()


@pytest.mark.parametrize("whats", [(), (608,), (608, "608 Rejected")])
def test_nothing_to_compare(whats: tuple[int | str, ...]) -> None:
    with pytest.raises(LocalError, match="at least two different") as caught:
        side_by_side(*whats)
    assert caught.value.problem.code == "reference-nothing-to-compare"


def test_labels_inside_sentences() -> None:
    names = [lookup(one).label for one in ("608", "603+", "Q.850:21", "603-twilio", "607-freeswitch")]
    assert names == ["608", "603+", "cause 21", "603 of Twilio", "607 of FreeSWITCH records"]


def test_both_problems_are_explained() -> None:
    assert set(PROBLEMS) == {"reference-unknown-code", "reference-nothing-to-compare"}


def test_importing_the_reference_loads_nothing_heavy() -> None:
    program = (
        "import sys; import ringthrough.reference as r; r.lookup(608); r.compare(100, 608);"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=without_coverage()
    )
    assert done.stdout.strip() == "[]"
