"""
Which legs are one call: a B2BUA gives the far side a new Call-ID, and so does a switch that tries its next route.

Facts
- A B2BUA's outgoing leg leaves from the host where the incoming leg ended, shortly after it, while the incoming leg has
  no final response. What proves the pair, strongest first: the same Session-ID (RFC 7989 §4: the local UUID of the
  caller travels end to end), an X-CID (or kin) header that names the other Call-ID, the same numbers.
- A route advance comes from the same host, for the same two numbers, within moments of a failure, to another host. A
  dialler that redials waits longer or uses the same route: that is a new call.
- The decision about a leg rests only on legs that began within JOIN_US before it. Parallel readers rely on that.
"""

from __future__ import annotations

from collections.abc import Iterator

from ringthrough.calls.states import OpenCall
from ringthrough.wire import Request

__all__ = ["ADVANCE_US", "JOIN_US", "Joiner", "tail"]

JOIN_US = 10_000_000
"A B2BUA that has not sent its outgoing INVITE after 10 s (routing dips included) is not continuing this leg."
ADVANCE_US = 2_000_000
"Switches advance to the next route in milliseconds; diallers redial after seconds."
_TAIL = 7  # digits compared: prefixes and country codes are rewritten between legs, the subscriber number is not

_CALL_ID_HEADERS = ("X-CID", "X-Call-ID", "X-Original-Call-ID", "X-Orig-Call-ID", "P-Call-ID")
"Headers in which switches hand on the Call-ID of the other leg: sngrep, captagent and Kamailio configurations use X-CID."


def tail(user: str) -> str:
    """Last seven digits of a number; the whole user part when it has fewer digits (an extension, a name)."""
    digits = "".join(c for c in user if c.isdecimal() and c.isascii())
    return digits[-_TAIL:] if len(digits) >= _TAIL else user


class Joiner:
    """Finds the leg that a new leg continues. Holds only legs that are open."""

    def __init__(self) -> None:
        self._legs: dict[object, OpenCall] = {}

    def __len__(self) -> int:
        return len(self._legs)

    def find(self, call: OpenCall, invite: Request) -> OpenCall | None:
        """Return the open leg that `call`, whose first INVITE is given, continues; None when it stands alone."""
        first = call.attempts[0]
        session = _session(invite)
        for key in self._candidates(call, invite, session):
            other = self._legs.get(key)
            if other is None or other is call or other.closed or not other.attempts:
                continue
            kind = key[0]
            if kind == "advance":
                if self._advances(other, call):
                    return other
                continue
            its = other.attempts[0]
            if its.at_us > first.at_us or first.at_us - its.at_us > JOIN_US or other.answered:
                continue
            if kind == "number":
                if its.final or not _same_caller(other.caller_raw, call.caller_raw):
                    continue
                if its.src == its.dst and its.dport != first.sport:  # one host plays all parts: its ports tell them apart
                    continue
            return other
        return None

    def _candidates(self, call: OpenCall, invite: Request, session: str) -> Iterator[tuple[str, object, object, object]]:
        first = call.attempts[0]
        if session:
            yield ("session", session, None, None)
        for name in _CALL_ID_HEADERS:
            value = invite.headers.get(name)
            if value:
                yield ("call-id", value.encode("utf-8", "surrogateescape"), None, None)
        yield ("number", first.src, tail(call.callee_raw), None)
        yield ("advance", first.src, tail(call.caller_raw), tail(call.callee_raw))

    @staticmethod
    def _advances(other: OpenCall, call: OpenCall) -> bool:
        last, first = other.attempts[-1], call.attempts[0]
        failed = last.final >= 300 and last.final not in (401, 407, 422, 487)
        return failed and 0 <= first.at_us - last.final_us <= ADVANCE_US and last.dst != first.dst

    def hold(self, call: OpenCall, invite: Request) -> None:
        """Make a leg findable for the legs that may follow it."""
        first = call.attempts[0]
        keys: list[object] = [
            ("number", first.dst, tail(call.callee_raw), None),
            ("advance", first.src, tail(call.caller_raw), tail(call.callee_raw)),
            ("call-id", call.call_id, None, None),
        ]
        session = _session(invite)
        if session:
            keys.append(("session", session, None, None))
        self.put(call, tuple(keys))

    def put(self, call: OpenCall, keys: tuple[object, ...]) -> None:
        """Hold a leg under keys made before; a newer leg takes the place of an older one."""
        call.keys = keys
        for key in keys:
            self._legs[key] = call

    def drop(self, call: OpenCall) -> None:
        """Forget a leg that is closed."""
        for key in call.keys:
            if self._legs.get(key) is call:
                del self._legs[key]


def _session(invite: Request) -> str:
    """Local UUID of a Session-ID (RFC 7989 §5), empty when absent or nil."""
    value = invite.headers.get("Session-ID")
    if not value:
        return ""
    uuid = value.partition(";")[0].strip().lower()
    return uuid if uuid.strip("0") else ""


def _same_caller(one: str, other: str) -> bool:
    """Whether two calling users can be the same person: equal numbers, or at least one that hides or has no number."""
    first, second = tail(one), tail(other)
    return first == second or not first.isdecimal() or not second.isdecimal()
