"""
Diversions: whom a call was made for at first, and through whose hands it came here.

A `div` PASSporT says: a call for `div` was sent on to `dest`. Signed on its own it proves nothing about the caller, so
it counts only where it leads, over others, back to a valid PASSporT that was made for the first called number.
"""

from __future__ import annotations

from collections.abc import Sequence

from ringthrough.errors import Problem

from .looking import Look
from .party import End, Facts

__all__ = ["follow"]


def follow(looks: Sequence[Look], facts: Facts, *, to_is_enough: bool) -> None:
    """
    Settle `dest_matches` of every readable token, and find out which diversions hold together.

    Args:
        looks: every header that can be judged, all other checks done.
        facts: the two ends as the request names them.
        to_is_enough: does a token count whose called number is in To, while the Request-URI is another one and no
            diversion explains it?

    Source: RFC 8946 §4.2, §5; RFC 8224 §6.2
    """
    divs = [look for look in looks if look.passport is not None and look.passport.ppt == "div"]
    if not divs:
        for look in looks:
            _settle(look, facts, False, to_is_enough)
        return
    originals = [look for look in looks if look.passport is not None and look.passport.ppt != "div"]
    reached = _linked(divs, originals, facts)
    for look in originals:
        _settle(look, facts, id(look) in reached, to_is_enough)
    for look in divs:
        look.dest_matches = id(look) in reached or _goes_to(look, facts.target)
        if id(look) in reached:
            # Only the first and the last have to be fresh (§4.2): a call may ring here and there before it comes.
            if not _goes_to(look, facts.target):
                look.faults = [fault for fault in look.faults if fault[0] != "stale"]
        elif not look.faults:
            said = "expected a way from the Request-URI over div and dest to a valid PASSporT, found none"
            look.fail("broken_diversion", "stir-diversion", said, "RFC 8946 §4.2")


def _linked(divs: list[Look], originals: list[Look], facts: Facts) -> set[int]:
    """Identities of the looks on a faultless way from the Request-URI back to an original, ends included."""
    sound = [look for look in originals if not look.faults]
    between = [
        look
        for look in divs
        if all(slug == "stale" for slug, _ in look.faults) and not (look.faults and _goes_to(look, facts.target))
    ]
    # Backwards from the originals, then forwards from the Request-URI; each round settles at least one of at most a
    # handful, and a circle of divs is entered by neither.
    leads_back = {id(look) for look in sound}
    _spread(leads_back, [(id(d), {id(b) for b in (*sound, *between) if _follows(d, b)}) for d in between])
    chosen = [look for look in between if id(look) in leads_back]
    reached = {id(look) for look in chosen if _goes_to(look, facts.target)}
    steps = [(id(b), {id(d) for d in chosen if _follows(d, b)}) for b in (*sound, *chosen)]
    _spread(reached, steps)
    return reached


def _spread(settled: set[int], steps: list[tuple[int, set[int]]]) -> None:
    """Settle whatever hangs on something that is settled, until nothing is added."""
    waiting = [step for step in steps if step[0] not in settled]
    while True:
        found = [step for step in waiting if step[1] & settled]
        if not found:
            return
        settled.update(one for one, _ in found)
        waiting = [step for step in waiting if step[0] not in settled]


def _follows(later: Look, earlier: Look) -> bool:
    """Was the later one's diversion made of a call that the earlier one speaks of? All `orig` are equal (§4.2)."""
    one, other = later.passport, earlier.passport
    if one is None or other is None or later is earlier:
        return False
    return one.orig == other.orig and one.div in other.dest


def _goes_to(look: Look, end: End | None) -> bool:
    if look.passport is None or end is None:
        return False
    return any(end.is_(party) for party in look.passport.dest)


def _settle(look: Look, facts: Facts, reached: bool, to_is_enough: bool) -> None:
    if reached or _goes_to(look, facts.target):
        look.dest_matches = True
        return
    by_to = _goes_to(look, facts.to)
    look.dest_matches = by_to and to_is_enough
    if not look.dest_matches:
        look.fail("dest_mismatch", "stir-dest-mismatch", _said(look, facts), "RFC 8224 §6.2")
    elif facts.target is not None and facts.target.number:
        look.notes.append(Problem("stir-retargeted", _said(look, facts), "Identity", "RFC 8946 §4"))


def _said(look: Look, facts: Facts) -> str:
    passport = look.passport
    wanted = " or ".join([party.value for party in passport.dest[:4]]) if passport is not None else ""
    party = facts.target.party if facts.target is not None else None
    found = party.value if party is not None else "none"
    return f"expected a call to {wanted[:80]}, found {found[:80]}"
