"""Calls that are seen more than once: joined legs through a back-to-back user agent, and forks at our proxy."""

from __future__ import annotations

from collections.abc import Callable

from ringthrough.simulate.leg import Leg
from ringthrough.simulate.scenarios.answered import talk
from ringthrough.simulate.scenarios.opening import refused_at
from ringthrough.simulate.scenarios.refused import card, conforming
from ringthrough.simulate.scene import Scene
from ringthrough.simulate.styles import Header

__all__ = ["RELAYED"]

_THROUGH_MS = 6
"What our session border controller takes to pass a message from one leg to the other."


def _legs(scene: Scene) -> tuple[Leg, Leg]:
    """Make the leg into our session border controller and the one out of it, joined by what products join them by."""
    world = scene.world
    near_hosts = (scene.rng.choice(world.pbxes), world.sbc)
    far_hosts = (world.sbc, scene.rng.choice(scene.party.carrier.hosts))
    if scene.chance(0.5):
        session = (scene.hexes(32), scene.hexes(32))
        near = Leg(scene, near_hosts, session=session)
        far = Leg(scene, far_hosts, leads=False, session=session)
    else:
        near = Leg(scene, near_hosts)
        far = Leg(scene, far_hosts, leads=False, extra=[("X-CID", near.call_id)])
    scene.truth.legs = 2
    return near, far


def _through(near: Leg, far: Leg, scene: Scene) -> int:
    """Pass the INVITE through; return when the far side said 100, ms."""
    near.invite(0)
    near.reply(3, 100)
    far.invite(_THROUGH_MS)
    trying = _THROUGH_MS + scene.between(*scene.party.carrier.trying_ms)
    far.reply(trying, 100)
    return trying


def _b2bua_answered(scene: Scene) -> None:
    scene.truth.says("answered", "a person answered, behind our session border controller")
    near, far = _legs(scene)
    ringing = _through(near, far, scene) + scene.between(*scene.party.carrier.post_dial_ms)
    far.reply(ringing, 180)
    near.reply(ringing + _THROUGH_MS, 180)
    at = ringing + scene.between(2000, 12_000)
    far.reply(at, 200, sdp=True)
    far.ack(at + 5)
    talk(scene, near, at + _THROUGH_MS, by_caller=True, hang_up=False)
    end = at + scene.between(5000, 120_000)
    near.bye(end)
    far.bye(end + _THROUGH_MS)


def _b2bua_no_answer(scene: Scene) -> None:
    scene.truth.says("no_answer", "nobody picked up, we stopped after a while")
    near, far = _legs(scene)
    ringing = _through(near, far, scene) + scene.between(*scene.party.carrier.post_dial_ms)
    far.reply(ringing, 180)
    near.reply(ringing + _THROUGH_MS, 180)
    end = ringing + scene.between(21_000, 45_000)
    near.cancel(end)
    far.cancel(end + _THROUGH_MS)


def _laundered(scene: Scene) -> None:
    """Refused with a clear signal on the far leg; the near leg gets what a product makes of it."""
    near, far = _legs(scene)
    at = max(refused_at(scene, _through(near, far, scene)), 40)
    kind = scene.rng.choice(("603+", "608", "607"))
    headers: list[Header]
    if kind == "607":
        code, phrase, headers = 607, "Unwanted", []
        scene.truth.says("unwanted", "the person's list of unwanted callers, rewritten by our own element")
        scene.truth.signals("607")
        nearer = scene.rng.choice((500, 403))
    elif kind == "608":
        code, phrase, headers = 608, "Rejected", [card(scene)]
        scene.truth.says("network_blocked", "analytics of the far network, rewritten by our own element")
        nearer = scene.rng.choice((603, 500))
    else:
        code, phrase, headers = 603, "Network Blocked", [conforming(scene)]
        scene.truth.says("network_blocked", "analytics of the far network, rewritten by our own element")
        nearer = scene.rng.choice((603, 403))
    far.refuse(at, code, phrase, extra=headers)
    near.refuse(at + _THROUGH_MS, nearer)
    scene.truth.far_code = code if code != nearer else None


def _fork(scene: Scene) -> tuple[Leg, Leg, int]:
    """Fork the request at our proxy to two edges of the carrier; return both branches and when both said 100, ms."""
    world, edges = scene.world, scene.party.carrier.hosts
    pbx = scene.rng.choice(world.pbxes)
    first = Leg(scene, (pbx, world.sbc, edges[0]))
    first.invite(0)
    second = Leg(scene, (pbx, world.sbc, edges[1]), leads=False, twin=first, first_hop=1)
    second.invite(2)
    first.reply(12, 100)
    second.reply(20, 100)
    scene.truth.forks, scene.truth.legs = 1, None
    return first, second, 25


def _fork_answered(scene: Scene) -> None:
    scene.truth.says("answered", "one of two phones was answered")
    first, second, trying = _fork(scene)
    ringing = trying + scene.between(*scene.party.carrier.post_dial_ms)
    first.reply(ringing, 180)
    second.first_hop = 0
    second.reply(ringing + scene.between(30, 400), 180)
    second.first_hop = 1
    at = talk(scene, first, ringing + scene.between(2000, 12_000))
    second.cancel(at + 3, extra=[("Reason", 'SIP;cause=200;text="Call completed elsewhere"')])


def _fork_unwanted(scene: Scene) -> None:
    # RFC 8197 §4: a forking proxy may say 607 in the CANCEL to the other branches.
    scene.truth.says("unwanted", "the person refused on one of two phones")
    scene.truth.signals("607")
    first, second, trying = _fork(scene)
    ringing = trying + scene.between(*scene.party.carrier.post_dial_ms)
    first.reply(ringing, 180)
    at = ringing + scene.between(2000, 7000)
    second.cancel(at + 2, extra=[("Reason", 'SIP;cause=607;text="Unwanted"')])
    first.refuse(at, 607)


RELAYED: dict[str, Callable[[Scene], None]] = {
    "b2bua_answered": _b2bua_answered,
    "b2bua_no_answer": _b2bua_no_answer,
    "b2bua_laundered": _laundered,
    "fork_answered": _fork_answered,
    "fork_unwanted": _fork_unwanted,
}
"Scenarios of this file by name."
