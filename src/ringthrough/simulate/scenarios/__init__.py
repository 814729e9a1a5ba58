"""
What may happen in a call: one function per scenario, which plays the messages and tells the truth.

A scenario is found by its name in `SCENARIOS`. Names that begin with `noise_` are no calls and leave no truth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ringthrough.simulate.scenarios.ambiguous import AMBIGUOUS
from ringthrough.simulate.scenarios.answered import ANSWERED
from ringthrough.simulate.scenarios.noise import NOISE, SCANNERS
from ringthrough.simulate.scenarios.refused import REFUSED
from ringthrough.simulate.scenarios.relayed import RELAYED
from ringthrough.simulate.scenarios.unanswered import UNANSWERED
from ringthrough.simulate.scene import Scene

__all__ = ["AMBIGUOUS", "BLOCKED", "CALLS", "CLOSING", "NOISE", "OPENING", "SCANNERS", "SCENARIOS", "SLOW"]

CALLS: Mapping[str, Callable[[Scene], None]] = {**ANSWERED, **UNANSWERED, **REFUSED, **RELAYED, **AMBIGUOUS}
"Scenarios that are calls, by name."

SCENARIOS: Mapping[str, Callable[[Scene], None]] = {**CALLS, **SCANNERS, **NOISE}
"All scenarios by name."

OPENING = frozenset({"cut_start"})
"Scenarios that begin before the capture does."

CLOSING = frozenset({"cut_end"})
"Scenarios that end after the capture does."

SLOW = frozenset({"stalled_cancel", "stalled_silent", "no_response"})
"Scenarios that need minutes of silence to be what they are: none may begin in the last minutes of a capture."

BLOCKED: Mapping[str, str] = {
    **dict.fromkeys(("608_card", "608_bare", "608_announced"), "608"),
    **dict.fromkeys(("603plus", "603plus_announced", "603plus_and_cause", "603plus_defective"), "603+"),
    **dict.fromkeys(("603plus_rewritten", "provider_relays", "b2bua_laundered"), "603+"),
    **dict.fromkeys(("hidden_603", "hidden_403", "hidden_486", "hidden_404", "hidden_500"), "hidden"),
}
"Scenarios in which analytics block: they befall flagged numbers, at carriers that block in this way."
