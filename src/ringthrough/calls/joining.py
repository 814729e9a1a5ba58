"""
Which legs are one call: a B2BUA gives the far side a new Call-ID, and so does a switch that tries its next route.

Facts
- A B2BUA's outgoing leg leaves from the host where the incoming leg ended, shortly after it, while the incoming leg has
  no final response. What proves the pair, strongest first: the same Session-ID (RFC 7989 §4: the local UUID of the
  caller travels end to end), an X-CID (or kin) header that names the other Call-ID, the same numbers.
- A route advance comes from the same host, for the same two numbers, within moments of a failure, to another host. A
  dialler that redials waits longer or uses the same route: that is a new call.
- The decision about a leg rests only on legs that began within JOIN_US before it, or failed within ADVANCE_US before
  it. Parallel readers rely on that.
"""

from __future__ import annotations

from collections.abc import Mapping

from ringthrough.calls.states import OpenCall
from ringthrough.wire.opening import Opening

__all__ = ["ADVANCE_US", "JOIN_US", "Joiner", "tail"]

JOIN_US = 10_000_000
"A B2BUA that has not sent its outgoing INVITE after 10 s (routing dips included) is not continuing this leg."
ADVANCE_US = 2_000_000
"Switches advance to the next route in milliseconds; diallers redial after seconds."
_TAIL = 7  # digits compared: prefixes and country codes are rewritten between legs, the subscriber number is not
_NOT_THE_ROUTE = frozenset((401, 407, 422, 487))  # challenge, session interval, cancelled: nobody tries another route


def tail(user: str) -> str:
    """Last seven digits of a number; the whole user part when it has fewer digits (an extension, a name)."""
    last = user[-_TAIL:]
    if len(last) == _TAIL and last.isdecimal() and last.isascii():
        return last
    digits = "".join(c for c in user if c.isdecimal() and c.isascii())
    return digits[-_TAIL:] if len(digits) >= _TAIL else user


class Joiner:
    """
    Finds the leg that a new leg continues. Holds only legs that are open.

    Args:
        legs: open legs by Call-ID, kept up to date by the owner.
    """

    def __init__(self, legs: Mapping[bytes, OpenCall]) -> None:
        self._by_call_id = legs
        self._by_number: dict[tuple[bytes, str], OpenCall] = {}
        self._by_route: dict[tuple[bytes, str, str], OpenCall] = {}
        self._by_session: dict[str, OpenCall] = {}

    def __len__(self) -> int:
        return len(self._by_number) + len(self._by_route) + len(self._by_session)

    def enter(self, call: OpenCall, said: Opening) -> OpenCall | None:
        """Make a new leg findable, and return the open leg that it continues; None when it stands alone."""
        first = call.attempts[0]
        at_us, src = first.at_us, first.src
        callee = tail(call.callee_raw)
        caller = tail(call.caller_raw)
        found = None
        if said.session:
            found = self._within(self._by_session.get(said.session), at_us)
            call.session = said.session
            self._by_session[said.session] = call
        if found is None and said.other_leg:
            found = self._within(self._by_call_id.get(said.other_leg.encode("utf-8", "surrogateescape")), at_us)
        if found is None:
            found = self._through(call, self._by_number.get((src, callee)), caller)
        route = call.route_key = (src, caller, callee)
        if found is None:
            other = self._by_route.get(route)
            if other is not None and self._advances(other, call):
                found = other
        number = call.number_key = (first.dst, callee)
        self._by_number[number] = call
        self._by_route[route] = call
        return found

    @staticmethod
    def _within(other: OpenCall | None, at_us: int) -> OpenCall | None:
        """A leg that a header names, if it began a short while ago and still waits for an answer."""
        if other is None or other.answered or not 0 <= at_us - other.attempts[0].at_us <= JOIN_US:
            return None
        return other

    def _through(self, call: OpenCall, other: OpenCall | None, caller: str) -> OpenCall | None:
        """A leg for the same number that ended, a short while ago, at the host where `call` begins."""
        other = self._within(other, call.attempts[0].at_us)
        if other is None:
            return None
        first, its = call.attempts[0], other.attempts[0]
        if its.final or (its.src == its.dst and its.dport != first.sport):
            return None  # when one host plays all parts, its ports tell them apart
        theirs = tail(other.caller_raw)
        same = theirs == caller or not theirs.isdecimal() or not caller.isdecimal()  # equal, or one hides its number
        return other if same else None

    @staticmethod
    def _advances(other: OpenCall, call: OpenCall) -> bool:
        last, first = other.attempts[-1], call.attempts[0]
        failed = last.final >= 300 and last.final not in _NOT_THE_ROUTE
        return failed and 0 <= first.at_us - last.final_us <= ADVANCE_US and last.dst != first.dst

    def hold(self, call: OpenCall) -> None:
        """Make a leg findable that came from another joiner; a newer leg takes the place of an older one."""
        if call.number_key is not None and call.route_key is not None:
            self._by_number[call.number_key] = call
            self._by_route[call.route_key] = call
        if call.session:
            self._by_session[call.session] = call

    def drop(self, call: OpenCall) -> None:
        """Forget a leg that is closed."""
        number, route = call.number_key, call.route_key
        if number is not None and self._by_number.get(number) is call:
            del self._by_number[number]
        if route is not None and self._by_route.get(route) is call:
            del self._by_route[route]
        if call.session and self._by_session.get(call.session) is call:
            del self._by_session[call.session]
