"""Calls that nobody answered: busy, no answer, given up, dead ends, wrong numbers, missing credentials."""

from __future__ import annotations

from collections.abc import Callable

from ringthrough.simulate.scenarios.answered import challenged, credentials
from ringthrough.simulate.scenarios.opening import inbound, outbound, refused_at, ring, try_number
from ringthrough.simulate.scene import Scene

__all__ = ["UNANSWERED"]


def _busy(scene: Scene) -> None:
    scene.truth.says("busy", "the line was busy")
    leg = outbound(scene)
    trying = try_number(scene, leg)
    reason = [("Reason", "Q.850;cause=17")] if scene.chance(0.3) else []
    leg.refuse(trying + scene.between(300, 2500), 486, extra=reason)


def _busy_in(scene: Scene) -> None:
    scene.truth.says("busy", "our line was busy")
    leg = inbound(scene)
    leg.refuse(try_number(scene, leg) + scene.between(30, 200), 486)


def _busy_600(scene: Scene) -> None:
    scene.truth.says("busy", "every phone of the person was busy")
    leg = outbound(scene)
    leg.refuse(try_number(scene, leg) + scene.between(300, 2500), 600)


def _no_answer(scene: Scene) -> None:
    scene.truth.says("no_answer", "nobody picked up, we stopped after a while")
    leg = outbound(scene)
    leg.cancel(ring(scene, leg) + scene.between(20_500, 55_000))


def _no_answer_408(scene: Scene) -> None:
    scene.truth.says("no_answer", "nobody picked up, the network stopped after a while")
    leg = outbound(scene)
    leg.refuse(ring(scene, leg) + scene.between(25_000, 60_000), 408)


def _no_answer_480(scene: Scene) -> None:
    scene.truth.says("no_answer", "nobody picked up, the far exchange stopped after a while")
    leg = outbound(scene)
    reason = [("Reason", 'Q.850;cause=19;text="No answer from user"')] if scene.chance(0.6) else []
    leg.refuse(ring(scene, leg) + scene.between(25_000, 60_000), 480, extra=reason)


def _abandoned(scene: Scene) -> None:
    scene.truth.says("abandoned", "we gave up after a few seconds of ringing")
    leg = outbound(scene)
    leg.cancel(ring(scene, leg) + scene.between(1500, 9000), extra=[("Reason", "SIP;cause=487")][: scene.between(0, 1)])


def _abandoned_early(scene: Scene) -> None:
    scene.truth.says("abandoned", "we gave up before it rang")
    leg = outbound(scene)
    leg.cancel(try_number(scene, leg) + scene.between(800, 4000))


def _stalled_cancel(scene: Scene) -> None:
    scene.truth.says("stalled", "the far side took the call and was never heard again; we gave up")
    leg = outbound(scene)
    leg.cancel(try_number(scene, leg) + scene.between(40_000, 75_000))


def _stalled_silent(scene: Scene) -> None:
    scene.truth.says("stalled", "the far side took the call and was never heard again")
    try_number(scene, outbound(scene))


def _no_response(scene: Scene) -> None:
    # RFC 3261 §17.1.1.2: Timer A doubles from T1, Timer B ends it after 64 T1: seven INVITEs over datagrams.
    scene.truth.says("failed", "the far side was dead: no response to any INVITE")
    leg = outbound(scene)
    leg.invite(0)
    for at in (500, 1500, 3500, 7500, 15_500, 31_500):
        leg.repeat_invite(at)


def _failed(scene: Scene) -> None:
    code = scene.rng.choice((503, 503, 503, 500, 502, 504, 488))
    scene.truth.says("failed", f"a fault on the way: {code}")
    leg = outbound(scene)
    trying = try_number(scene, leg)
    reason = [("Reason", 'Q.850;cause=34;text="No circuit/channel available"')] if code == 503 else []
    leg.refuse(refused_at(scene, trying), code, extra=reason[: scene.between(0, 1)])


def _bad_number(scene: Scene) -> None:
    code = scene.rng.choice((404, 404, 404, 484, 604))
    scene.truth.says("bad_number", "the number is not in use")
    leg = outbound(scene)
    reason = [("Reason", "Q.850;cause=1")] if code == 404 and scene.chance(0.5) else []
    leg.refuse(try_number(scene, leg) + scene.between(300, 1800), code, extra=reason)


def _bad_number_announced(scene: Scene) -> None:
    scene.truth.says("bad_number", "the number is not in use, said an announcement")
    leg = outbound(scene)
    early = try_number(scene, leg) + scene.between(400, 1500)
    leg.reply(early, 183, sdp=True)
    leg.refuse(early + scene.between(6000, 14_000), 404, extra=[("Reason", "Q.850;cause=1;location=RLN")])


def _unauthorized(scene: Scene) -> None:
    scene.truth.says("unauthorized", "our credentials are wrong: challenged again")
    scene.truth.challenges = 1
    leg = outbound(scene)
    done = challenged(scene, leg, 0)
    challenged(scene, leg, done + 15, retry=True)


def _unauthorized_401(scene: Scene) -> None:
    scene.truth.says("unauthorized", "we have no credentials for this carrier")
    challenged(scene, outbound(scene), 0, code=401)


def _unauthorized_403(scene: Scene) -> None:
    scene.truth.says("unauthorized", "our credentials were refused")
    scene.truth.challenges = 1
    leg = outbound(scene)
    done = challenged(scene, leg, 0)
    leg.invite(done + 15, next_cseq=True, retry=True, extra=credentials(scene))
    leg.reply(done + 30, 100)
    leg.refuse(done + scene.between(45, 90), 403)


def _cut_end(scene: Scene) -> None:
    """Ring while the capture ends; what came later is not in it."""
    scene.truth.says("answered", "a person answered")
    leg = outbound(scene)
    ringing = ring(scene, leg)
    at = ringing + 90_000
    leg.reply(at, 200, sdp=True)
    leg.ack(at + 20)


UNANSWERED: dict[str, Callable[[Scene], None]] = {
    "busy": _busy,
    "busy_inbound": _busy_in,
    "busy_everywhere": _busy_600,
    "no_answer": _no_answer,
    "no_answer_408": _no_answer_408,
    "no_answer_480": _no_answer_480,
    "abandoned": _abandoned,
    "abandoned_early": _abandoned_early,
    "stalled_cancel": _stalled_cancel,
    "stalled_silent": _stalled_silent,
    "no_response": _no_response,
    "failed": _failed,
    "bad_number": _bad_number,
    "bad_number_announced": _bad_number_announced,
    "unauthorized": _unauthorized,
    "unauthorized_401": _unauthorized_401,
    "unauthorized_403": _unauthorized_403,
    "cut_end": _cut_end,
}
"Scenarios of this file by name."
