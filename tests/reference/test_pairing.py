"""Comparisons: every pair of registered codes, and what the curated ones must say."""

from __future__ import annotations

import re
from dataclasses import fields
from itertools import combinations

import pytest

from ringthrough.reference import Comparison, NotFound, catalogue, causes, codes, compare, lookup

REGISTERED = [one for one in codes() if one.registered]
PAIRS = list(combinations(REGISTERED, 2))
ASPECTS = ("retry", "ringing", "forking", "billing")


def texts(made: Comparison) -> list[str]:
    """Every sentence of a comparison that stands beside the others on a page."""
    found = [made.summary, made.use_a, made.use_b, made.caller]
    found += [one.sentence for one in made.key_differences]
    for effect in made.effects:
        found += [effect.a, effect.b]
    return found


def check(made: Comparison) -> None:
    said = texts(made)
    title = f"{made.a.id} and {made.b.id}"
    for text in said:
        assert text.strip() == text, title
        assert text[-1] == ".", (title, text)
        assert len(text) > 12, (title, text)
        assert text[0] == text[0].upper(), (title, text)
        assert not re.search(r"\b(\w+) \1\b", text), (title, text)
        assert not re.search(r"(?<!\.)\.\.(?!\.)|;;|\(\)| [.,;]|\bNone\b|\bn/a\b|[{}]", text), (title, text)
    assert len(said) == len(set(said)), (title, [one for one in said if said.count(one) > 1])
    assert made.key_differences, title
    assert tuple(one.aspect for one in made.effects) == ASPECTS
    for one in made.key_differences:
        assert one.a, (title, one.aspect)
        assert one.b, (title, one.aspect)
        assert one.a != one.b, (title, one.aspect)
        assert ". " not in one.sentence, (title, one.sentence)
        for entry in (made.a, made.b):
            assert entry.description not in one.sentence, title
            assert entry.label.lower() in one.sentence.lower(), (title, one.sentence)
    for shared in made.in_common:
        assert shared.value, title
    aspects = [one.aspect for one in (*made.key_differences, *made.in_common)]
    assert len(aspects) == len(set(aspects)), title


@pytest.mark.slow
def test_all_pairs_of_registered_codes() -> None:
    assert len(PAIRS) == 2775
    summaries = set()
    for a, b in PAIRS:
        made = compare(a, b)
        check(made)
        assert made.mirrored() == compare(b, a)
        assert made.mirrored().mirrored() == made
        assert (made.a, made.b) == (a, b)
        summaries.add(made.summary)
    assert len(summaries) == 2775


def test_variants_and_causes_with_some_of_each() -> None:
    others = [one for one in codes() if not one.registered] + list(causes())
    for one in others:
        for with_ in ("100", "404", "608", "603+", "Q.850:21", "Q.850:34", "900"):
            if one.id != with_:
                check(compare(one, with_))
                assert compare(one, with_).mirrored() == compare(with_, one)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (603, 608), (607, 608), (603, "603+"), (608, "603+"), (403, 608), (486, 600), (480, 486), (100, 183),
        (180, 183), (404, 604), (408, 480), (503, 500), (100, 608), (401, 407), (302, 301), (480, 404), (487, 603),
        (488, 606), (500, 503), (408, 504), (200, 183), ("Q.850:16", "Q.850:31"),
    ],
)  # fmt: skip
def test_pairs_that_operators_ask_for_are_written_by_hand(a: int | str, b: int | str) -> None:
    made = compare(a, b)
    assert made.curated
    check(made)
    assert len(made.sources) >= 2
    assert made.mirrored() == compare(b, a)
    assert made.a.id == lookup(a).id


def test_every_curated_pair_names_its_own_two() -> None:
    pairs = catalogue()["pairs"]
    assert len({frozenset((pair["a"], pair["b"])) for pair in pairs}) == len(pairs) >= 40
    for pair in pairs:
        made = compare(pair["a"], pair["b"])
        assert made.curated
        check(made)
        for entry, use in ((made.a, made.use_a), (made.b, made.use_b)):
            assert use.startswith((entry.label, entry.label.capitalize())), use


def test_an_ordinary_pair_is_made_from_the_fields() -> None:
    made = compare(404, 608)
    assert not made.curated
    assert made.summary == (
        "404 says that the user does not exist in the domain that was asked, "
        "608 that a machine in the network rejected the call on behalf of the user."
    )
    assert made.caller == "On 404 try another route, if the server lacked authority; on 608 stop, on every route."
    found = {one.aspect: (one.a, one.b) for one in made.key_differences}
    assert found["class"] == ("a refusal of this request by one server", "a final no for the user as a whole")
    assert found["Retry-After"] == ("yes", "no")
    assert found["headers"] == ("none of its own", "Call-Info;purpose=jwscard")
    assert found["other network"] == ("cause 1 (Unallocated (unassigned) number)", "cause 31 (Normal, unspecified)")
    assert found["document"] == ("RFC 3261", "RFC 8688")


@pytest.mark.parametrize(
    ("a", "b", "caller"),
    [
        (100, 200, "On 100 keep waiting; on 200 go on, nothing is to be repeated."),
        (300, 305, "On 300 as on 305: follow the Contact."),
        (401, 433, "On 401 try again with credentials; on 433 try again only with user consent."),
        (405, 410, "On 405 as on 410: do not repeat the request unchanged."),
        (
            503,
            "603-twilio",
            "On 503 try again after Retry-After; on 603 of Twilio try another route, another provider.",
        ),
    ],
)
def test_what_the_caller_does_follows_from_the_retry_rules(a: int, b: int | str, caller: str) -> None:
    assert compare(a, b).caller == caller


def test_what_not_to_send() -> None:
    made = compare(409, 477)
    assert (
        made.use_a
        == "Do not send 409; where it turns up, an old server sees two settings of the same user in conflict."
    )
    assert made.use_b == "Expect 477 when a Kamailio or OpenSIPS proxy could not send to the next hop."
    assert (
        compare("Q.850:3", "Q.850:1").use_a == "Cause 3 fits when the network reached has no route to the destination."
    )


def test_effects_say_when_both_are_alike() -> None:
    alike = {one.aspect: one.same for one in compare(404, 410).effects}
    assert alike == {"retry": False, "ringing": True, "forking": True, "billing": True}


def test_answers_outside_call_set_up_end_no_attempt() -> None:
    said = {one.aspect: (one.a, one.b) for one in compare(204, 491).effects}
    assert said["billing"] == (
        "204 answers no call, so there is no talk to charge.",
        "491 concerns a request inside a call; the charge follows the call, not this answer.",
    )
    assert [one.same for one in compare("Q.850:34", "Q.850:38").effects] == [True] * 4


def test_two_that_no_field_tells_apart_differ_in_what_they_say() -> None:
    (only,) = compare(301, 302).key_differences
    assert (only.aspect, only.a) == ("meaning", lookup(301).gist)


def test_one_with_itself_has_no_difference() -> None:
    made = compare(608, 608)
    assert made.key_differences == ()
    assert all(one.same for one in made.effects)


@pytest.mark.parametrize(("a", "b"), [(100, 999), ("nonsense", 100)])
def test_an_unknown_code_is_not_found(a: int | str, b: int | str) -> None:
    with pytest.raises(NotFound) as caught:
        compare(a, b)
    assert caught.value.problem.code == "reference-unknown-code"


def test_mirrored_changes_over_every_pair_of_fields() -> None:
    """A field that `mirrored` forgets would stay as it is: no comparison of two different codes equals its mirror."""
    made = compare(404, 608)
    for field in fields(Comparison):
        if field.name in ("a", "b", "use_a", "use_b", "key_differences", "effects"):
            assert getattr(made, field.name) != getattr(made.mirrored(), field.name), field.name
        else:
            assert getattr(made, field.name) == getattr(made.mirrored(), field.name), field.name
