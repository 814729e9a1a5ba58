"""608, 603+ and the telephone network: what becomes of what, over the wire and back, and what is said to be lost."""

from __future__ import annotations

from typing import Any

import pytest

from ringthrough.errors import LocalError
from ringthrough.signals import Refusal, read
from ringthrough.signals.card import make_jcard, read_jcard
from ringthrough.signals.translate import LOSSES, build_translation, from_isup, to_603plus, to_608, to_isup
from ringthrough.wire import Response, decode, encode

from .messages import ANALYTICS, read_response, request

INVITE = request("INVITE", to_tag="")
CALL_INFO = "Call-Info: <https://block.example.net/card>;purpose=jwscard"
REJECTED = read_response(608, "Rejected", CALL_INFO)
BLOCKED = read_response(603, "Network Blocked", f'Reason: {ANALYTICS[:-14]};id=77";location=TN')


def over_the_wire(response: Response) -> Refusal:
    refusal = read(decode(encode(response)))
    assert refusal is not None
    return refusal


def test_608_becomes_603plus() -> None:
    card = read_jcard(
        make_jcard(
            "Call blocking desk", urls=["https://fir.example/appeal", "https://fir.example/second"],
            tels=["+12155550100"], emails=["appeal@fir.example"], adrs=[("", "", "12 Main St", "Anytown", "", "", "")],
        )
    )  # fmt: skip
    made = to_603plus(REJECTED, card, location="TN", id="r-1")
    assert made.lost == ("signature", "issue_time", "name", "further_contacts", "address")
    refusal = over_the_wire(build_translation(INVITE, made, to_tag="b1"))
    assert (refusal.kind, refusal.defects) == ("603plus", ())
    assert (refusal.url, refusal.tel, refusal.email) == (
        "https://fir.example/appeal", "+12155550100", "appeal@fir.example",
    )  # fmt: skip
    assert (refusal.id, refusal.location) == ("r-1", "TN")


@pytest.mark.parametrize(
    ("rows", "lost"),
    [
        (None, ("signature", "issue_time", "contact", "machine", "wording")),
        ([["url", {}, "uri", "http://fir.example"], ["tel", {}, "text", "555 0100"]],
         ("signature", "issue_time", "name", "unfit_contacts", "contact", "machine", "wording")),
        ([["url", {}, "uri", "https://fir.example/a;b"]],
         ("signature", "issue_time", "name", "unfit_contacts", "contact", "machine", "wording")),
        ([["adr", {}, "text", ["", "", "12 Main St", "Anytown", "", "", ""]]],
         ("signature", "issue_time", "name", "address", "contact", "machine", "wording")),
    ],
    ids=["no card", "unfit", "semicolon", "address alone"],
)  # fmt: skip
def test_608_without_a_fitting_contact_becomes_no_603plus(rows: list[Any] | None, lost: tuple[str, ...]) -> None:
    """A 603+ names a contact or is defective: what remains is a 603 whose Reason says that a network gave it."""
    card = None
    if rows is not None:
        card = read_jcard(["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Desk"], *rows]])
    made = to_603plus(REJECTED, card)
    assert (made.kind, made.lost) == ("plain", lost)
    refusal = over_the_wire(build_translation(INVITE, made, to_tag="b1"))
    assert (refusal.kind, refusal.code, refusal.location) == ("network_cause", 603, "RLN")


def test_608_that_named_no_card_loses_none() -> None:
    assert to_603plus(read_response(608, "Rejected")).lost == ("machine", "wording")


def test_603plus_becomes_608() -> None:
    made = to_608(BLOCKED, fn="Appeals, as told by the blocking network")
    assert made.lost == ("authorship", "reference", "location")
    card = read_jcard(make_jcard(made.fn, urls=[made.url]))
    assert (card.fn, card.first("url")) == ("Appeals, as told by the blocking network", "https://example.com/redress")
    built = build_translation(INVITE, made, to_tag="b1", card_uri="https://gate.example/card")
    refusal = over_the_wire(built)
    assert (refusal.kind, refusal.card_uri, refusal.defects) == ("608", "https://gate.example/card", ())
    back = to_603plus(refusal, card, location="TN", id="77")
    assert (back.url, back.location, back.id) == (BLOCKED.url, BLOCKED.location, BLOCKED.id)


def test_a_broken_603plus_gives_what_is_whole() -> None:
    broken = read_response(
        603, "Network Blocked", 'Reason: SIP;cause=603;text="v=analytics1;url=http://a.example;tel=+18005550100"'
    )
    made = to_608(broken, fn="Desk")
    assert (made.url, made.tel, made.lost) == ("", "+18005550100", ("authorship", "unfit_contacts", "defects"))


_TO_ISUP = [
    ("603+, us: R99-5", BLOCKED, "us", (21, "U"), ("contact", "reference", "location", "machine", "wording")),
    ("603+, RFC 3398", BLOCKED, "rfc3398", (21, "U"), ("contact", "reference", "location", "machine", "wording")),
    ("608, us", REJECTED, "us", (21, "U"), ("signature", "issue_time", "contact", "machine", "wording")),
    ("608, RFC 3398: R8688 1.8", REJECTED, "rfc3398", (31, "U"),
     ("signature", "issue_time", "contact", "machine", "wording")),
    ("607, us", read_response(607, "Unwanted"), "us", (21, "U"), ("person", "wording")),
    ("607, RFC 3398", read_response(607, "Unwanted"), "rfc3398", (31, "U"), ("person", "wording")),
    ("603", read_response(603, "Decline"), "us", (21, "U"), ("wording",)),
    ("403", read_response(403, "Forbidden"), "us", (21, "LN"), ("wording",)),
    ("438", read_response(438, "Invalid Identity Header"), "rfc3398", (31, "LN"), ("cause", "wording")),
    ("608 in a Reason", read_response(603, "Decline", "Reason: SIP;cause=608"), "rfc3398", (31, "U"),
     ("machine", "wording")),
    ("Q.850 Reason goes first", read_response(403, "Forbidden", "Reason: Q.850;cause=57;location=TN"), "us",
     (57, "TN"), ("wording",)),
    ("Q.850 Reason without location", read_response(603, "Decline", "Reason: Q.850;cause=21"), "rfc3398", (21, "U"),
     ("wording",)),
    ("603+ in Q.850, us", read_response(603, "Network Blocked", 'Reason: Q.850;cause=21;text="v=analytics1;'
     'tel=+18005550100";location=RLN'), "us", (21, "U"), ("contact", "location", "machine", "wording")),
    ("603+ in Q.850, RFC 6432", read_response(603, "Network Blocked", 'Reason: Q.850;cause=21;text="v=analytics1;'
     'tel=+18005550100";location=RLN'), "rfc3398", (21, "RLN"), ("contact", "machine", "wording")),
    ("a cause that is none", read_response(603, "Decline", "Reason: Q.850;cause=400"), "us", (21, "U"), ("wording",)),
    ("a status of nobody", read_response(699, "No", "X-Twilio-Error: 32203"), "us", (31, "U"), ("cause", "wording")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("refusal", "rule", "release", "lost"), [c[1:] for c in _TO_ISUP], ids=[c[0] for c in _TO_ISUP]
)
def test_to_isup(refusal: Refusal, rule: Any, release: tuple[int, str], lost: tuple[str, ...]) -> None:
    """standards.md 4.4 and R99-5."""
    made = to_isup(refusal, rule=rule)
    assert (made.cause, made.location) == release
    assert made.lost == lost
    assert made.source


_FROM_ISUP = [
    (21, "U", 603, "Decline", "603"),
    (21, "LN", 403, "Forbidden", "network_cause"),
    (21, "", 403, "Forbidden", "403"),
    (21, "LOC-6", 403, "Forbidden", "403"),
    (31, "U", 480, "Temporarily Unavailable", None),
    (17, "U", 486, "Busy Here", None),
    (1, "LN", 404, "Not Found", None),
    (57, "TN", 403, "Forbidden", "network_cause"),
    (24, "U", 500, "Server Internal Error", None),
    (12, "U", 500, "Server Internal Error", None),
]


@pytest.mark.parametrize(("cause", "location", "status", "phrase", "kind"), _FROM_ISUP)
@pytest.mark.parametrize("rule", ["us", "rfc3398"])
def test_from_isup(cause: int, location: str, status: int, phrase: str, kind: str | None, rule: Any) -> None:
    """standards.md 4.3 and R99-6."""
    made = from_isup(cause, location, rule=rule)
    built = build_translation(INVITE, made, to_tag="b1")
    assert (built.status, built.phrase) == (status, phrase)
    refusal = read(decode(encode(built)))
    assert (refusal.kind if refusal is not None else None) == kind
    due = f"Q.850;cause={cause}" + (f";location={location}" if location else "")
    assert built.headers.all("Reason") == [due]
    assert made.lost[-1] == "wording"


def test_isup_21_may_become_a_603plus_of_ones_own() -> None:
    """R99-6: 603 or 603+; the contact is the translator's, the original one is lost."""
    made = from_isup(21, "U", url="https://gate.example/appeal", id="c-1", notice_location="TN")
    refusal = over_the_wire(build_translation(INVITE, made, to_tag="b1"))
    assert (refusal.kind, refusal.url, refusal.id, refusal.location) == (
        "603plus", "https://gate.example/appeal", "c-1", "TN",
    )  # fmt: skip
    assert made.lost == ("contact", "reference", "location", "wording")


_ROUND_TRIPS = [
    (read_response(603, "Decline"), {"rfc3398": 603, "us": 603}),
    (BLOCKED, {"rfc3398": 603, "us": 603}),
    (REJECTED, {"rfc3398": 480, "us": 603}),
    (read_response(607, "Unwanted"), {"rfc3398": 480, "us": 603}),
    (read_response(403, "Forbidden"), {"rfc3398": 403, "us": 403}),
]


@pytest.mark.parametrize(("refusal", "comes_back"), _ROUND_TRIPS, ids=[one[0].kind for one in _ROUND_TRIPS])
def test_across_a_telephone_network_and_back(refusal: Refusal, comes_back: dict[str, int]) -> None:
    """standards.md 4.5, the round-trip matrix."""
    for rule in ("rfc3398", "us"):
        release = to_isup(refusal, rule=rule)  # type: ignore[arg-type]
        assert from_isup(release.cause, release.location, rule=rule).status == comes_back[rule]  # type: ignore[arg-type]


_REFUSED: list[tuple[str, Any, str]] = [
    ("603 to 603+", lambda: to_603plus(read_response(603, "Decline")), "signals-translate-kind"),
    ("608 to 608", lambda: to_608(REJECTED, fn="Desk"), "signals-translate-kind"),
    ("bad location", lambda: to_603plus(REJECTED, location="U"), "signals-603plus-bad-location"),
    ("bad id", lambda: to_603plus(REJECTED, id="a b"), "signals-603plus-bad-id"),
    ("no contact", lambda: to_608(read_response(603, "Network Blocked"), fn="Desk"), "signals-card-no-contact"),
    ("no name", lambda: to_608(BLOCKED, fn=" "), "signals-card-no-fn"),
    ("no card", lambda: build_translation(INVITE, to_608(BLOCKED, fn="Desk"), to_tag="b"), "signals-translate-card"),
    ("to_isup rule", lambda: to_isup(REJECTED, rule="eu"), "signals-isup-rule"),  # type: ignore[arg-type]
    ("to_isup network", lambda: to_isup(REJECTED, network="U"), "signals-isup-location"),
    ("to_isup of a BYE", lambda: to_isup(_bye()), "signals-translate-kind"),
    ("from_isup rule", lambda: from_isup(21, "U", rule=""), "signals-isup-rule"),  # type: ignore[arg-type]
    ("cause 0", lambda: from_isup(0, "U"), "signals-isup-cause"),
    ("cause 128", lambda: from_isup(128, "U"), "signals-isup-cause"),
    ("cause 16 ends in no response", lambda: from_isup(16, "U"), "signals-isup-cause"),
    ("location", lambda: from_isup(21, "user"), "signals-isup-location"),
    ("location breaks out", lambda: from_isup(21, "LOC-6\r\nX: y"), "signals-isup-location"),
    ("contact, RFC 3398", lambda: from_isup(21, "U", rule="rfc3398", tel="+18005550100"), "signals-isup-rule"),
    ("contact, network", lambda: from_isup(21, "LN", tel="+18005550100"), "signals-isup-rule"),
]  # fmt: skip


def _bye() -> Refusal:
    refusal = read(request("BYE", "Reason: SIP;cause=607"))
    assert refusal is not None
    return refusal


@pytest.mark.parametrize(("do", "slug"), [case[1:] for case in _REFUSED], ids=[case[0] for case in _REFUSED])
def test_what_is_not_translated(do: Any, slug: str) -> None:
    with pytest.raises(LocalError) as caught:
        do()
    assert caught.value.problem.code == slug


def test_every_loss_is_one_that_happens() -> None:
    seen = {slug for case in _TO_ISUP for slug in to_isup(case[1], rule=case[2]).lost}  # type: ignore[arg-type]
    seen |= {slug for cause, location, *_ in _FROM_ISUP for slug in from_isup(cause, location).lost}
    seen |= {"authorship", "name", "further_contacts", "unfit_contacts", "address", "defects"}  # seen above
    assert seen == set(LOSSES)
