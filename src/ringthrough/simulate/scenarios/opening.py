"""How calls begin: the legs of the usual topologies, and the first messages that most scenarios share."""

from __future__ import annotations

from ringthrough.simulate.leg import Leg
from ringthrough.simulate.scene import Scene
from ringthrough.simulate.world import Host

__all__ = ["inbound", "outbound", "refused_at", "ring", "try_number"]


def outbound(scene: Scene, *, edge: Host | None = None) -> Leg:
    """Lead a call from us to the carrier's edge; seen on both sides of our proxy when the habits say so."""
    target = edge or scene.rng.choice(scene.party.carrier.hosts)
    if edge is scene.world.provider:
        scene.truth.carrier = scene.world.provider_name
    if scene.chance(scene.habits.proxied):
        return Leg(scene, (scene.rng.choice(scene.world.pbxes), scene.world.sbc, target))
    return Leg(scene, (scene.world.sbc, target))


def inbound(scene: Scene) -> Leg:
    """Lead a call from a carrier to us: the numbers change sides."""
    truth = scene.truth
    truth.caller, truth.callee, truth.direction = truth.callee, truth.caller, "inbound"
    party = scene.party
    scene.party = type(party)(truth.caller, truth.callee, party.carrier)
    return Leg(scene, (scene.rng.choice(party.carrier.hosts), scene.world.sbc))


def try_number(scene: Scene, leg: Leg, *, at: int = 0) -> int:
    """Send INVITE and get 100; return when, ms."""
    leg.invite(at)
    trying = at + scene.between(*scene.party.carrier.trying_ms)
    leg.reply(trying, 100)
    return trying


def ring(scene: Scene, leg: Leg, *, at: int = 0) -> int:
    """Send INVITE, get 100 and 180; return when it began to ring, ms."""
    trying = try_number(scene, leg, at=at)
    ringing = max(trying + 20, at + scene.between(*scene.party.carrier.post_dial_ms))
    leg.reply(ringing, 180)
    return ringing


def refused_at(scene: Scene, trying: int) -> int:
    """Say when a machine of this carrier refuses, ms."""
    return max(trying + 12, scene.between(*scene.party.carrier.refuse_ms))
