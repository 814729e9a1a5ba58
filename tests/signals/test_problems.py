"""Every slug of the room is produced by some message; the list and the sources agree."""

from __future__ import annotations

from ringthrough.errors import LocalError
from ringthrough.signals import PROBLEMS, build_608, read

from .messages import ANALYTICS, request, response
from .test_notice import _FORMS
from .test_read import _CASES


def test_every_slug_is_produced() -> None:
    produced = set()
    messages = [response(603, "Network Blocked", f"Reason: {form[1]}") for form in _FORMS]
    messages += [response(case[1], case[2], *case[3]) for case in _CASES]
    messages += [request("BYE", f"Reason: {ANALYTICS}")]
    for message in messages:
        refusal = read(message)
        assert refusal is not None
        produced |= {problem.code for problem in refusal.defects}
    try:
        build_608(request("INVITE"), to_tag="b1", card_uri=None)
    except LocalError as error:
        produced.add(error.problem.code)
    assert produced == set(PROBLEMS)
