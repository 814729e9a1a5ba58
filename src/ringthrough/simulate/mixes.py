"""Mixes: how often each scenario happens in a simulated capture, and what else befalls its calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ringthrough.errors import LocalError, Problem
from ringthrough.simulate.scenarios import CALLS, NOISE, SCANNERS, SCENARIOS
from ringthrough.simulate.scene import Habits

__all__ = ["BENCH", "DEMO", "EVERYTHING", "MIXES", "Mix"]


@dataclass(frozen=True, slots=True)
class Mix:
    """What happens in a capture, and how often."""

    name: str
    "What we call it."
    says: str
    "What it is for, in one sentence."
    weights: Mapping[str, float]
    "Weight of each scenario that is a call; any positive numbers."
    noise: Mapping[str, float] = field(default_factory=dict)
    "Events of noise and of scanners for each call, by scenario."
    habits: Habits = field(default_factory=Habits)
    "What may befall any call."
    even: bool = False
    "Play the scenarios in turn, instead of drawing them: every one happens as often as any other."

    def __post_init__(self) -> None:
        unknown = sorted({*self.weights, *self.noise} - set(SCENARIOS))
        if unknown or not self.weights:
            detail = f"expected names of scenarios, found {', '.join(unknown) or 'none'}"
            raise LocalError(Problem("simulate-mix-scenario", detail, self.name))


DEMO = Mix(
    "demo",
    "a day of a contact centre: flagged numbers, every kind of refusal, a little of everything else",
    {
        "answered": 27, "answered_inbound": 4, "answered_183": 5, "answered_prack": 1, "answered_reinvite": 2,
        "answered_challenge": 2, "answered_redirect": 0.6, "answered_422": 0.3, "answered_stir_warned": 0.4,
        "answered_announcement": 0.3, "route_advance": 0.8, "unwanted_bye": 0.5, "cut_start": 0.3, "cut_end": 0.2,
        "busy": 5, "busy_inbound": 0.5, "busy_everywhere": 0.4, "no_answer": 13, "no_answer_408": 1.5,
        "no_answer_480": 2, "abandoned": 4, "abandoned_early": 1.5, "stalled_cancel": 0.6, "stalled_silent": 0.3,
        "no_response": 0.3, "failed": 1.6, "bad_number": 2.6, "bad_number_announced": 0.8, "unauthorized": 0.3,
        "unauthorized_401": 0.2, "unauthorized_403": 0.2, "declined": 3, "unwanted": 0.8, "unwanted_ringing": 0.6,
        "608_card": 1.6, "608_bare": 0.3, "608_announced": 0.3, "603plus": 4.5, "603plus_announced": 0.3,
        "603plus_and_cause": 0.3, "603plus_defective": 0.8, "603plus_rewritten": 0.6, "provider_error": 0.4,
        "provider_phrase": 0.4, "provider_relays": 0.3, "identity_failed": 0.6, "network_cause": 0.6,
        "b2bua_answered": 2, "b2bua_no_answer": 0.8, "b2bua_laundered": 0.8, "fork_answered": 0.6,
        "fork_unwanted": 0.2, "hidden_603": 3.5, "hidden_403": 0.5, "hidden_486": 0.8, "hidden_404": 0.3,
        "hidden_500": 0.3, "phone_603": 0.6, "list_603": 0.5, "route_603": 0.3, "policy_403": 0.3,
        "unavailable_480": 1.2, "tdm_image": 0.5, "instant_after_ringing": 0.3, "late_603": 0.3, "busy_by_hand": 0.6,
    },
    {
        "noise_options": 0.12, "noise_register": 0.04, "noise_audio": 0.01, "noise_junk": 0.03, "noise_sweep": 0.01,
        "scanner_flood": 0.02,
    },
    Habits(proxied=0.1, mirrored=0.02, repeated=0.04, identity=0.15),
)  # fmt: skip
"For `make demo` and for a first look."

BENCH = Mix(
    "bench",
    "many plain calls for measuring speed: single hop, datagrams that fit one Ethernet frame, about 6 packets per call",
    {
        "answered": 33, "answered_183": 4, "answered_challenge": 2, "answered_reinvite": 0.5, "route_advance": 0.5,
        "unwanted_bye": 0.2, "busy": 8, "no_answer": 13, "no_answer_408": 2, "no_answer_480": 3, "abandoned": 5,
        "abandoned_early": 2, "stalled_cancel": 0.4, "no_response": 0.2, "failed": 2, "bad_number": 4,
        "bad_number_announced": 1, "unauthorized": 0.3, "declined": 4, "unwanted": 0.6, "unwanted_ringing": 0.3,
        "608_card": 1.1, "608_bare": 0.2, "603plus": 2.1, "603plus_defective": 0.4, "603plus_rewritten": 0.4,
        "provider_error": 0.3, "identity_failed": 0.5, "network_cause": 0.4, "hidden_603": 3, "hidden_486": 0.6,
        "phone_603": 0.8, "tdm_image": 0.4, "unavailable_480": 2, "busy_by_hand": 0.6, "late_603": 0.3,
    },
    {"noise_options": 0.02},
    Habits(proxied=0.01, repeated=0.03, styles=6),
)  # fmt: skip
"For measuring speed: every style but the one that folds headers, which hardly any maker still does."

EVERYTHING = Mix(
    "everything",
    "every scenario equally often, and much noise: for tests",
    dict.fromkeys(CALLS, 1.0),
    {**dict.fromkeys(NOISE, 0.05), **dict.fromkeys(SCANNERS, 0.05)},
    Habits(proxied=0.1, mirrored=0.05, repeated=0.1, identity=0.2),
    even=True,
)
"For tests."

MIXES: Mapping[str, Mix] = {mix.name: mix for mix in (DEMO, BENCH, EVERYTHING)}
"The mixes that ship, by name."
