"""607 and plain refusals: who may say what, and what is refused to be built."""

from __future__ import annotations

from typing import Any

import pytest

from ringthrough.errors import LocalError
from ringthrough.signals import (
    CHOICES,
    GROUNDS,
    build_603plus,
    build_607,
    build_608,
    build_plain,
    read,
)
from ringthrough.wire import decode, encode

from .messages import request

INVITE = request("INVITE", to_tag="")


@pytest.mark.parametrize("choice", sorted(CHOICES))
def test_607_reads_back(choice: str) -> None:
    """RFC 8197 §4; standards.md 3.1 (R8197-1)."""
    built = build_607(INVITE, to_tag="b1", choice=choice)
    refusal = read(decode(encode(built)))
    assert refusal is not None
    assert (refusal.kind, refusal.code, refusal.phrase, refusal.defects) == ("607", 607, "Unwanted", ())
    assert built.to is not None
    assert built.to.tag == "b1"


@pytest.mark.parametrize("choice", ["", "analytics", "machine", "RELAYED"])
def test_607_needs_a_person(choice: str) -> None:
    """RFC 8688 §1: what a machine decided is no 607."""
    with pytest.raises(LocalError) as caught:
        build_607(INVITE, to_tag="b1", choice=choice)
    assert caught.value.problem.code == "signals-607-choice"


def test_607_is_for_requests_outside_of_dialogs() -> None:
    with pytest.raises(LocalError) as caught:
        build_607(request("INVITE"), to_tag="b1", choice="relayed")
    assert caught.value.problem.code == "signals-607-in-dialog"


PLAIN = [(ground, status) for ground, known in GROUNDS.items() for status in known.plain]


@pytest.mark.parametrize(("ground", "status"), PLAIN, ids=[f"{ground}-{status}" for ground, status in PLAIN])
@pytest.mark.parametrize("location", ["", "LN", "BI"])
def test_plain_reads_back(ground: str, status: int, location: str) -> None:
    """A plain refusal is never read as a notice of analytics; with a location it is not taken for a person's."""
    built = build_plain(INVITE, to_tag="b1", ground=ground, status=status, location=location)
    refusal = read(decode(encode(built)))
    assert built.status == status
    if status == 404:
        assert refusal is None  # a 404 says why a call failed, and no more
        assert built.headers.all("Reason") == ([f"Q.850;cause=1;location={location}"] if location else [])
        return
    assert refusal is not None
    assert refusal.kind == ("network_cause" if location else str(status))
    assert (refusal.location, refusal.q850_cause) == (location, GROUNDS[ground].cause if location else None)


def test_plain_has_a_usual_status() -> None:
    made = {
        ground: build_plain(INVITE, to_tag="b1", ground=ground).status for ground in GROUNDS if ground != "analytics"
    }
    assert made == {
        "do_not_originate": 403, "invalid_caller": 403, "no_such_callee": 404, "subscriber_wish": 603, "declined": 603,
        "upstream_provider": 403, "not_authorised": 403,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        ({"ground": "analytics"}, "signals-plain-ground"),
        ({"ground": "spam"}, "signals-ground"),
        ({"ground": "invalid_caller", "status": 404}, "signals-plain-status"),
        ({"ground": "no_such_callee", "status": 604}, "signals-plain-status"),
        ({"ground": "declined", "location": "U"}, "signals-plain-location"),
        ({"ground": "declined", "location": "LN;x=1"}, "signals-plain-location"),
    ],
)
def test_plain_refuses_what_would_mislead(arguments: dict[str, Any], slug: str) -> None:
    with pytest.raises(LocalError) as caught:
        build_plain(INVITE, to_tag="b1", **arguments)
    assert caught.value.problem.code == slug


@pytest.mark.parametrize("ground", [ground for ground in GROUNDS if ground != "analytics"])
def test_only_analytics_may_say_603plus_or_608(ground: str) -> None:
    """standards.md 2.4 (R99-10): DNO lists, invalid numbers and a subscriber's wish are no analytics."""
    with pytest.raises(LocalError) as caught:
        build_603plus(INVITE, to_tag="b1", url="https://example.com", ground=ground)
    assert caught.value.problem.code == "signals-not-analytics"
    with pytest.raises(LocalError) as caught:
        build_608(INVITE, to_tag="b1", card_uri="https://b.example/j", ground=ground)
    assert caught.value.problem.code == "signals-not-analytics"


def test_an_unknown_ground_is_none() -> None:
    with pytest.raises(LocalError) as caught:
        build_608(INVITE, to_tag="b1", card_uri=None, ground="whim")
    assert caught.value.problem.code == "signals-ground"
