"""Both places a card may stand at: one for all calls, and one for each that nobody can guess."""

from __future__ import annotations

import string
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringthrough.errors import LocalError
from ringthrough.signals import build_608, read
from ringthrough.signals.card import CardAnswer, PerCallCards, SharedCard, make_jcard, read_card

from .cards import AT, JCARD, KEY, X5U, judge
from .messages import request

SECRET = bytes(range(32))
TOLD = make_jcard("Desk", urls=["https://desk.example.net/appeal/__reference__"], tels=["+12155550100"])
BASE = "https://block.example.net/card/"


def cards(**arguments: Any) -> PerCallCards:
    due = {"base_url": BASE, "jcard": TOLD, "key": KEY, "x5u": X5U, "secret": SECRET, "ttl_s": 600}
    return PerCallCards(**{**due, **arguments})


CARDS = cards()
CHANCE = bytes.fromhex("00112233445566778899aabbccddeeff")


def told(answer: CardAnswer) -> tuple[float, str]:
    """When the card says that it was signed, and the reference in it."""
    read = read_card(answer.body)
    assert read.problems == ()
    assert read.card is not None
    assert read.iat_s is not None
    return read.iat_s, read.card.first("url").rpartition("/")[2]


def test_shared_card_is_signed_at_the_fetch() -> None:
    """standards.md 1.7, first row: R8688-13 is kept as well as a shared URL can."""
    shared = SharedCard(JCARD, KEY, X5U)
    for later in (0, 1, 500, 86_400):
        answer = shared.answer(now_s=AT + later)
        assert (answer.status, dict(answer.headers)["Cache-Control"]) == (200, "no-store")
        assert dict(answer.headers)["Content-Type"] == "application/jose"
        assert read_card(answer.body).iat_s == AT + later
    fetched = judge(shared.answer(now_s=AT + 3600).body, now_s=AT + 3601)
    assert (fetched.outcome, fetched.fresh_at_call.reason, fetched.fresh_now.reason) == ("verified", "ahead", "fresh")
    assert "PrivateKey" not in repr(shared)


def test_a_call_finds_its_own_card() -> None:
    """standards.md 1.7, second row: iat is the time of the 608 for as long as the URL lives."""
    placed = CARDS.place(CHANCE, at_s=AT + 0.5)
    built = build_608(request("INVITE", to_tag=""), to_tag="b1", card_uri=placed.url)
    refusal = read(built)
    assert refusal is not None
    assert (refusal.card_uri, refusal.defects) == (placed.url, ())
    path = placed.url.removeprefix(BASE)
    for later in (0, 1, 59, 599):
        assert told(CARDS.answer(path, now_s=AT + later)) == (AT, placed.reference)
    assert judge(CARDS.answer(path, now_s=AT + 30).body, now_s=AT + 30).outcome == "verified"


def test_nobody_can_guess() -> None:
    """R8688-42: two calls of one second share nothing, and neither says when it was."""
    first, second = (CARDS.place(bytes([n]) * 8 + CHANCE[:8], at_s=AT) for n in (1, 2))
    assert first.reference != second.reference
    paths = [one.url.removeprefix(BASE) for one in (first, second)]
    assert [len(path) for path in paths] == [27, 27]
    assert paths[0][-6:] != paths[1][-6:]
    other = cards(secret=SECRET[::-1]).place(CHANCE, at_s=AT)
    assert other.reference != CARDS.place(CHANCE, at_s=AT).reference
    assert other.url[-6:] != CARDS.place(CHANCE, at_s=AT).url[-6:]


@given(
    st.text(string.ascii_letters + string.digits + "-_", min_size=27, max_size=27)
    | st.text(max_size=40)
    | st.sampled_from(["", "/", "..", "a" * 5000, "\ud800", "%00", "A==="]),
    st.integers(0, 5000),
)
def test_a_guess_is_answered_like_a_call(path: str, later: int) -> None:
    """R8688-42, MUST: status, headers, size, form and behaviour over time are those of a call that was."""
    real = CARDS.place(CHANCE, at_s=AT).url.removeprefix(BASE)
    now = AT + later
    answers = [CARDS.answer(one, now_s=now) for one in (real, path)]
    assert answers[0].status == answers[1].status == 200
    assert answers[0].headers == answers[1].headers
    assert len(answers[0].body) == len(answers[1].body)
    for one in (real, path):
        iat, reference = told(CARDS.answer(one, now_s=now))
        assert now - 600 < iat <= now
        assert len(reference) == 32
        again, same = told(CARDS.answer(one, now_s=now + 1))
        assert same == reference
        assert again in (iat, iat + 600)  # every URL's time moves on once in 600 s, and by as much


def test_a_guess_costs_what_a_call_costs() -> None:
    """R8688-42: both are one signature. Least CPU time of many, taken in turn."""
    real = CARDS.place(CHANCE, at_s=AT).url.removeprefix(BASE)
    least = dict.fromkeys((real, "A" * 27, "no such call"), 1.0)
    for _ in range(200):
        for path, before in least.items():
            began = time.process_time()
            CARDS.answer(path, now_s=AT)
            least[path] = min(before, time.process_time() - began)
    assert max(least.values()) < min(least.values()) * 1.5


@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        ({"base_url": "http://block.example.net/"}, "base-url"),
        ({"base_url": "https://block.example.net"}, "base-url"),
        ({"base_url": "https://block.example.net/?a/"}, "base-url"),
        ({"base_url": ""}, "base-url"),
        ({"secret": bytes(31)}, "chance"),
        ({"ttl_s": 59}, "ttl"),
        ({"ttl_s": 86_401}, "ttl"),
    ],
)
def test_what_would_be_guessed_is_refused(arguments: dict[str, Any], slug: str) -> None:
    with pytest.raises(LocalError) as caught:
        cards(**arguments)
    assert caught.value.problem.code == f"signals-card-{slug}"


@pytest.mark.parametrize("chance", [b"", CHANCE[:15], CHANCE + b"0", bytes(16)], ids=["none", "15", "17", "zeros"])
def test_chance_has_sixteen_octets(chance: bytes) -> None:
    with pytest.raises(LocalError) as caught:
        CARDS.place(chance, at_s=AT)
    assert caught.value.problem.code == "signals-card-chance"


def test_a_card_without_a_reference_stays_as_it_is() -> None:
    answer = cards(jcard=JCARD).answer("x", now_s=AT)
    assert read_card(answer.body).claims["jcard"] == JCARD
