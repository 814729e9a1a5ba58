"""
Why a network refuses a call, and with which answers it may say so.

Facts:
- 603+ and 608 say that analytics decided. A call refused by a list, for an invalid number or on a subscriber's order
  was not refused by analytics: the caller would appeal to a desk that cannot help (RFC 8688 §1; FCC 25-15 [S]).
- The other way round, a bare 403, 603 or 404 for a decision of analytics hides who decided and names no contact
  (RFC 8688 §1; 47 CFR 64.1200(k)(9) [S]).
- 404 says that the called number does not exist. About the caller's number it says nothing.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["GROUNDS", "PHRASES", "Ground"]


class Ground(NamedTuple):
    """One reason to refuse a call."""

    meaning: str
    "What it is, in one sentence."
    plain: tuple[int, ...]
    "Statuses of a plain answer, the usual one first; empty where a plain answer would hide the reason."
    cause: int
    "Q.850 cause that says the same."
    source: str
    "The rule it rests on."


GROUNDS: dict[str, Ground] = {
    "analytics": Ground(
        "A machine judged the call by what it knows of its like.", (), 21, "RFC 8688 §1; ATIS-1000099 [S]"
    ),
    "do_not_originate": Ground(
        "The calling number is on a list of numbers that never call.", (403, 603), 21, "47 CFR 64.1200(o) [S]"
    ),
    "invalid_caller": Ground(
        "The calling number is invalid, unallocated or unused.", (403, 603), 21, "47 CFR 64.1200(k)(2) [S]"
    ),
    "no_such_callee": Ground("The called number does not exist.", (404,), 1, "RFC 3261 §21.4.5"),
    "subscriber_wish": Ground(
        "The subscriber's own list or setting refuses this caller.", (603, 403), 21, "FCC 25-15 [S]"
    ),
    "declined": Ground("The called person declined this call.", (603,), 21, "RFC 3261 §21.6.2"),
    "upstream_provider": Ground(
        "Nothing is taken from the provider that passed the call on.", (403,), 21, "47 CFR 64.1200(k)(4) [S]"
    ),
    "not_authorised": Ground("The trunk, account or service does not permit the call.", (403,), 57, "RFC 3261 §21.4.4"),
}
"Slug of a ground -> what it is and how it may be said."

PHRASES = {403: "Forbidden", 404: "Not Found", 603: "Decline"}
"Status of a plain answer -> its phrase."
