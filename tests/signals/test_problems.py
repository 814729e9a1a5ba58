"""Every slug of the room is produced by some message, card or wish; the list and the sources agree."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ringthrough.errors import LocalError
from ringthrough.signals import PROBLEMS, build_607, build_608, build_plain, read
from ringthrough.signals.card import read_card, read_jcard
from ringthrough.signals.problems import SOURCES

from . import test_card_jcard, test_card_token, test_card_urls
from .messages import ANALYTICS, request, response
from .test_notice import _FORMS
from .test_read import _CASES
from .test_translate import _REFUSED

INVITE = request("INVITE", to_tag="")
_WISHES: list[Callable[[], object]] = [
    lambda: build_608(request("INVITE"), to_tag="b1", card_uri=None),
    lambda: build_607(request("INVITE"), to_tag="b1", choice="relayed"),
    lambda: build_607(INVITE, to_tag="b1", choice="analytics"),
    lambda: build_608(INVITE, to_tag="b1", card_uri=None, ground="declined"),
    lambda: build_608(INVITE, to_tag="b1", card_uri=None, ground="whim"),
    lambda: build_plain(INVITE, to_tag="b1", ground="analytics"),
    lambda: build_plain(INVITE, to_tag="b1", ground="declined", status=403),
    lambda: build_plain(INVITE, to_tag="b1", ground="declined", location="U"),
    lambda: test_card_urls.cards(base_url="http://a.example/"),
    lambda: test_card_urls.cards(secret=b""),
    lambda: test_card_urls.cards(ttl_s=1),
    *(case[1] for case in _REFUSED),
]


def test_every_slug_is_produced() -> None:
    produced = set()
    messages = [response(603, "Network Blocked", f"Reason: {form[1]}") for form in _FORMS]
    messages += [response(case[1], case[2], *case[3]) for case in _CASES]
    messages += [request("BYE", f"Reason: {ANALYTICS}")]
    for message in messages:
        refusal = read(message)
        assert refusal is not None
        produced |= {problem.code for problem in refusal.defects}
    for case in test_card_jcard._READ:
        produced |= {problem.code for problem in read_jcard(case[1]).problems}
    for form in test_card_token._FORMS:
        produced |= {problem.code for problem in read_card(form[1]).problems}
    for wish in _WISHES:
        with pytest.raises(LocalError) as caught:
            wish()
        produced.add(caught.value.problem.code)
    assert {code for code in produced if code.startswith("signals-")} == set(PROBLEMS)


def test_every_slug_has_its_source() -> None:
    assert set(SOURCES) == set(PROBLEMS)
