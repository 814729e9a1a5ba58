"""
Calls whose messages leave open who ended them and why: nobody may claim more than they say.

The truth of each has `explicit: false`. Several stories end in the same messages on purpose: a hidden block, a phone
that refuses by itself and a route that does not exist all answer with a quick bare 603.
"""

from __future__ import annotations

from collections.abc import Callable

from ringthrough.simulate.scenarios.opening import outbound, refused_at, ring, try_number
from ringthrough.simulate.scene import Scene

__all__ = ["AMBIGUOUS"]


def _fast(scene: Scene, code: int, cause: str, *, verdict: str = "unknown_rejection", hidden: bool = False) -> None:
    scene.truth.says(verdict, cause, explicit=False, hidden=hidden)
    leg = outbound(scene)
    leg.refuse(refused_at(scene, try_number(scene, leg)), code)


def _hidden_603(scene: Scene) -> None:
    _fast(scene, 603, "analytics of the far network, hidden behind a bare 603", hidden=True)


def _hidden_403(scene: Scene) -> None:
    _fast(scene, 403, "analytics of the far network, hidden behind a bare 403", hidden=True)


def _hidden_486(scene: Scene) -> None:
    _fast(scene, 486, "analytics of the far network, posing as busy", verdict="busy", hidden=True)


def _hidden_404(scene: Scene) -> None:
    _fast(scene, 404, "analytics of the far network, posing as a wrong number", verdict="bad_number", hidden=True)


def _hidden_500(scene: Scene) -> None:
    _fast(scene, 500, "a 608 that a PBX beyond our sight turned into 500", verdict="failed", hidden=True)


def _phone_603(scene: Scene) -> None:
    _fast(scene, 603, "the person's phone was set to do not disturb")


def _list_603(scene: Scene) -> None:
    _fast(scene, 603, "an app on the person's phone refused without ringing")


def _route_603(scene: Scene) -> None:
    _fast(scene, 603, "the carrier has no route for this kind of number")


def _policy_403(scene: Scene) -> None:
    _fast(scene, 403, "the carrier's account settings")


def _unavailable(scene: Scene) -> None:
    _fast(scene, 480, "the phone was switched off", verdict="no_answer")


def _tdm_image(scene: Scene) -> None:
    # 47 CFR 64.1200(k)(9): over TDM a block is cause 21, location user, just as a refusal by a person is.
    hidden = scene.chance(0.6)
    cause = "a block in a TDM network" if hidden else "the person's exchange refused for them"
    scene.truth.says("unknown_rejection", cause, explicit=False, hidden=hidden)
    leg = outbound(scene)
    at = refused_at(scene, try_number(scene, leg))
    leg.refuse(at, 603, extra=[("Reason", "Q.850;cause=21;location=U")])


def _instant_after_ringing(scene: Scene) -> None:
    scene.truth.says("unknown_rejection", "the phone rang for an instant and refused by itself", explicit=False)
    leg = outbound(scene)
    leg.refuse(ring(scene, leg) + scene.between(60, 250), 603)


def _late_603(scene: Scene) -> None:
    scene.truth.says("no_answer", "nobody picked up; the network calls that 603", explicit=False)
    leg = outbound(scene)
    leg.refuse(ring(scene, leg) + scene.between(28_000, 60_000), 603)


def _busy_by_hand(scene: Scene) -> None:
    scene.truth.says("declined", "the person pressed the red button; the phone calls that 486", explicit=False)
    leg = outbound(scene)
    leg.refuse(ring(scene, leg) + scene.between(2200, 9000), 486)


AMBIGUOUS: dict[str, Callable[[Scene], None]] = {
    "hidden_603": _hidden_603,
    "hidden_403": _hidden_403,
    "hidden_486": _hidden_486,
    "hidden_404": _hidden_404,
    "hidden_500": _hidden_500,
    "phone_603": _phone_603,
    "list_603": _list_603,
    "route_603": _route_603,
    "policy_403": _policy_403,
    "unavailable_480": _unavailable,
    "tdm_image": _tdm_image,
    "instant_after_ringing": _instant_after_ringing,
    "late_603": _late_603,
    "busy_by_hand": _busy_by_hand,
}
"Scenarios of this file by name."
