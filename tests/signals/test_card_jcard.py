"""jCards: read leniently with every departure listed, built strictly."""

from __future__ import annotations

from typing import Any

import pytest

from ringthrough.errors import LocalError
from ringthrough.signals.card import Contact, make_jcard, read_jcard
from ringthrough.signals.card.jcard import MAX_PROPERTIES

from .cards import JCARD

VERSION = ["version", {}, "text", "4.0"]
FN = ["fn", {}, "text", "Desk"]
URL = ["url", {}, "uri", "https://a.example/"]
_ADR = ["", "", "12 Main St", "Anytown", "AP", "00000", "Somecountry"]


def test_built_reads_back_without_a_word() -> None:
    card = read_jcard(JCARD)
    assert card.problems == ()
    assert card.fn == "Robocall Adjudication"
    assert card.contacts == (
        Contact("url", "https://blocker.example.net/appeal", ("work",)),
        Contact("email", "appeal@blocker.example.net", ("work",)),
        Contact("tel", "+12155550100", ("work",)),
        Contact("adr", "12 Main St, Anytown, AP, 00000, Somecountry", ("work",)),
    )
    assert [one.name for one in card.properties] == ["version", "fn", "org", "url", "email", "tel", "adr"]
    assert (card.first("tel"), card.first("fax"), card.reachable) == ("+12155550100", "", True)


def rows(*added: Any) -> list[Any]:
    return ["vcard", [VERSION, FN, *added]]


_READ: list[tuple[str, Any, list[str], list[tuple[str, str, bool]]]] = [
    ("D8688-9: url of type text", rows(["url", {}, "text", "https://a.example/f"]), ["value-type"],
     [("url", "https://a.example/f", True)]),
    ("D8688-8: adr of 6", rows(["adr", {}, "text", _ADR[1:]]), ["adr"],
     [("adr", "12 Main St, Anytown, AP, 00000, Somecountry", True)]),
    ("adr of lists", rows(["adr", {}, "text", [*_ADR[:2], ["12 Main St", "Room 4"], *_ADR[3:]]]), [],
     [("adr", "12 Main St, Room 4, Anytown, AP, 00000, Somecountry", True)]),
    ("adr as text", rows(["adr", {}, "text", "Anytown"], URL), ["adr"],
     [("adr", "Anytown", True), ("url", "https://a.example/", True)]),
    ("empty adr", rows(["adr", {}, "text", [""] * 7]), ["contact", "no-contact"], [("adr", "", False)]),
    ("tel with hyphens", rows(["tel", {}, "uri", "tel:+1-555-555-0112;ext=7"]), [], [("tel", "+15555550112", True)]),
    ("tel as text", rows(["tel", {"type": ["voice", 7]}, "text", "(800) 555-0100"]), [],
     [("tel", "(800) 555-0100", True)]),
    ("tel that is none", rows(["tel", {}, "uri", "tel:112"], URL), ["contact"],
     [("tel", "112", False), ("url", "https://a.example/", True)]),
    ("mailto", rows(["email", {}, "text", "MailTo:a@b.example?subject=x"]), [], [("email", "a@b.example", True)]),
    ("email that is none", rows(["email", {}, "text", "nobody"], URL), ["contact"],
     [("email", "nobody", False), ("url", "https://a.example/", True)]),
    ("two values", rows(["email", {}, "text", "a@b.example", "c@d.example"]), [],
     [("email", "a@b.example", True), ("email", "c@d.example", True)]),
    ("a trap", rows(["url", {}, "uri", "javascript:alert(1)"]), ["contact", "no-contact"],
     [("url", "javascript:alert(1)", False)]),
    ("a name before the host", rows(["url", {}, "uri", "https://bank.example@evil.example/"]),
     ["contact", "no-contact"], [("url", "https://bank.example@evil.example/", False)]),
    ("text that turns", rows(["url", {}, "uri", "https://a.example/\u202etxt"]), ["contact", "no-contact"],
     [("url", "https://a.example/\u202etxt", False)]),
    ("number for a url", rows(["url", {}, "uri", 7]), ["contact", "no-contact"], [("url", "", False)]),
    ("object for a url", rows(["url", {}, "uri", {"a": 1}], URL), ["contact"],
     [("url", "", False), ("url", "https://a.example/", True)]),
    ("half a surrogate pair", rows(["email", {}, "text", "a\ud800@b.example"]), [], [("email", "a?@b.example", True)]),
    ("R8688-15: no contact", rows(["note", {}, "text", "hi"]), ["no-contact"], []),
    ("R8688-16: everything else", rows(["x-colour", {"a": [1]}, "integer", 1, 2], ["photo", {}, "uri", "data:"], URL),
     [], [("url", "https://a.example/", True)]),
    ("upper case", rows(["URL", {}, "URI", "https://a.example/"]), [], [("url", "https://a.example/", True)]),
    ("D8688-6: version last", ["vcard", [FN, URL, VERSION]], ["version"], [("url", "https://a.example/", True)]),
    ("version 3.0", ["vcard", [["version", {}, "text", "3.0"], FN, URL]], ["version"],
     [("url", "https://a.example/", True)]),
    ("D8688-7: no fn", ["vcard", [VERSION, URL]], ["no-fn"], [("url", "https://a.example/", True)]),
    ("empty fn", ["vcard", [VERSION, ["fn", {}, "text", " "], URL]], ["no-fn"],
     [("url", "https://a.example/", True)]),
    ("rows that are none", rows(URL, [], ["url"], ["url", {}, "uri"], ["url", [], "uri", "x"], [7, {}, "uri", "x"],
     "url", None, ["", {}, "text", "x"]), ["property"], [("url", "https://a.example/", True)]),
    ("too many", rows(*[["note", {}, "text", "x"]] * MAX_PROPERTIES, URL), ["no-contact", "many"], []),
    ("nothing", ["vcard", []], ["version", "no-fn", "no-contact"], []),
    ("three parts", ["vcard", [VERSION, FN, URL], []], [], [("url", "https://a.example/", True)]),
    ("calendar", ["vcalendar", []], ["shape", "version", "no-fn", "no-contact"], []),
    ("short", ["vcard"], ["shape", "version", "no-fn", "no-contact"], []),
    ("no list", {"vcard": []}, ["shape", "version", "no-fn", "no-contact"], []),
    ("text", "vcard", ["shape", "version", "no-fn", "no-contact"], []),
    ("null", None, ["shape", "version", "no-fn", "no-contact"], []),
]  # fmt: skip


@pytest.mark.parametrize(("value", "problems", "contacts"), [c[1:] for c in _READ], ids=[c[0] for c in _READ])
def test_read(value: Any, problems: list[str], contacts: list[tuple[str, str, bool]]) -> None:
    card = read_jcard(value)
    assert sorted(problem.code for problem in card.problems) == sorted(f"signals-card-{slug}" for slug in problems)
    assert [(one.kind, one.value, one.good) for one in card.contacts] == contacts
    assert card.reachable is any(good for _, _, good in contacts)


def test_what_is_left_out_is_counted() -> None:
    card = read_jcard(rows(URL, [], "x"))
    (problem,) = card.problems
    assert "2 left out; number 4: list of 0" in problem.detail


def test_types_are_kept() -> None:
    card = read_jcard(rows(["tel", {"type": ["Voice", "WORK", 7]}, "uri", "tel:+12155550100"]))
    assert card.contacts[0].types == ("voice", "work")


@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        ({}, "no-contact"),
        ({"urls": ["http://a.example"]}, "contact"),
        ({"urls": ["https://localhost/"]}, "contact"),
        ({"emails": ["nobody"]}, "contact"),
        ({"tels": ["112"]}, "contact"),
        ({"tels": ["+112"]}, "contact"),
        ({"adrs": [("12 Main St",)]}, "adr"),
        ({"adrs": [("",) * 7]}, "contact"),
        ({"fn": " ", "tels": ["+12155550100"]}, "no-fn"),
    ],
)
def test_no_defective_card_is_built(arguments: dict[str, Any], slug: str) -> None:
    with pytest.raises(LocalError) as caught:
        make_jcard(**{"fn": "Desk", **arguments})
    assert caught.value.problem.code == f"signals-card-{slug}"
