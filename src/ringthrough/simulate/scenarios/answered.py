"""Calls that were answered, in every way that leads there."""

from __future__ import annotations

from collections.abc import Callable

from ringthrough.simulate.leg import Leg
from ringthrough.simulate.scenarios.opening import inbound, outbound, refused_at, ring, try_number
from ringthrough.simulate.scene import Scene

__all__ = ["ANSWERED", "talk"]


def talk(scene: Scene, leg: Leg, at: int, *, by_caller: bool | None = None, hang_up: bool = True) -> int:
    """Answer, acknowledge, talk for a while, hang up; return when the answer came, ms."""
    leg.reply(at, 200, sdp=True)
    leg.ack(at + scene.between(8, 40))
    if hang_up:
        length = int(min(1_200_000, 4000 + scene.rng.expovariate(1 / 95_000)))
        leg.bye(at + length, by_caller=scene.chance(0.6) if by_caller is None else by_caller)
    return at


def _answered(scene: Scene) -> None:
    scene.truth.says("answered", "a person answered")
    leg = outbound(scene)
    talk(scene, leg, ring(scene, leg) + scene.between(1500, 17_000))


def _answered_in(scene: Scene) -> None:
    scene.truth.says("answered", "one of us answered")
    leg = inbound(scene)
    talk(scene, leg, ring(scene, leg) + scene.between(1500, 12_000))


def _answered_183(scene: Scene) -> None:
    scene.truth.says("answered", "a person answered after early media")
    leg = outbound(scene)
    trying = try_number(scene, leg)
    early = trying + scene.between(*scene.party.carrier.post_dial_ms)
    leg.reply(early, 183, sdp=True)
    if scene.chance(0.5):
        leg.reply(early + scene.between(200, 1500), 180)
    talk(scene, leg, early + scene.between(3000, 15_000))


def _answered_prack(scene: Scene) -> None:
    scene.truth.says("answered", "a person answered; provisional responses were reliable")
    leg = outbound(scene)
    trying = try_number(scene, leg)
    early = trying + scene.between(400, 1800)
    first = scene.between(1, 9000)
    invited = leg.cseq
    leg.reply(early, 183, sdp=True, extra=[("Require", "100rel"), ("RSeq", str(first))])
    done = leg.request(early + 20, "PRACK", extra=[("RAck", f"{first} {invited} INVITE")])
    done = leg.request(done + 15, "UPDATE", sdp=True)
    leg.cseq, after = invited, leg.cseq
    leg.reply(done + 30, 180, extra=[("Require", "100rel"), ("RSeq", str(first + 1))])
    leg.cseq = after
    done = leg.request(done + 50, "PRACK", extra=[("RAck", f"{first + 1} {invited} INVITE")])
    after, leg.cseq = leg.cseq, invited
    at = done + scene.between(1000, 9000)
    leg.reply(at, 200)
    leg.ack(at + 20)
    leg.cseq = after
    leg.bye(at + scene.between(5000, 90_000))


def _answered_reinvite(scene: Scene) -> None:
    scene.truth.says("answered", "a person answered; the session was changed during the call")
    leg = outbound(scene)
    at = talk(scene, leg, ring(scene, leg) + scene.between(2000, 9000), hang_up=False)
    if scene.chance(0.4):
        leg.reinvite(at + scene.between(2000, 4000), by_caller=False, code=491)
    leg.reinvite(at + scene.between(6000, 20_000), by_caller=scene.chance(0.5))
    leg.request(at + 25_000, "UPDATE")
    leg.bye(at + scene.between(30_000, 90_000))


def _answered_challenge(scene: Scene) -> None:
    scene.truth.says("answered", "a person answered, after our credentials were asked for")
    scene.truth.challenges = 1
    leg = outbound(scene)
    at = challenged(scene, leg, 0)
    talk(scene, leg, ring_on(scene, leg, at) + scene.between(1500, 12_000))


def challenged(scene: Scene, leg: Leg, at: int, *, code: int = 407, retry: bool = False) -> int:
    """Send an INVITE that is challenged for credentials; return when the challenge was over, ms."""
    leg.invite(at, next_cseq=retry, retry=retry, extra=credentials(scene) if retry else ())
    trying = at + scene.between(5, 20)
    leg.reply(trying, 100)
    name = "Proxy-Authenticate" if code == 407 else "WWW-Authenticate"
    nonce = f'Digest realm="{scene.party.carrier.domain}", nonce="{scene.hexes(16)}", algorithm=MD5, qop="auth"'
    return leg.refuse(trying + scene.between(5, 30), code, extra=[(name, nonce)])


def credentials(scene: Scene) -> list[tuple[str, str]]:
    """Make the header that answers a challenge; its digest is chance."""
    realm = scene.party.carrier.domain
    value = f'Digest username="trunk", realm="{realm}", nonce="{scene.hexes(16)}", uri="sip:{realm}"'
    return [("Proxy-Authorization", f'{value}, response="{scene.hexes(32)}", nc=00000001, cnonce="{scene.hexes(8)}"')]


def ring_on(scene: Scene, leg: Leg, at: int) -> int:
    """Send the INVITE with credentials and let it ring; return since when, ms."""
    leg.invite(at + 15, next_cseq=True, retry=True, extra=credentials(scene))
    leg.reply(at + 15 + scene.between(*scene.party.carrier.trying_ms), 100)
    ringing = at + 200 + scene.between(*scene.party.carrier.post_dial_ms)
    leg.reply(ringing, 180)
    return ringing


def _answered_redirect(scene: Scene) -> None:
    scene.truth.says("answered", "a person answered at the place that a redirect named")
    leg = outbound(scene)
    trying = try_number(scene, leg)
    moved = f"<sip:{scene.party.callee}@{scene.party.carrier.domain}>;q=0.9"
    done = leg.refuse(trying + scene.between(20, 90), 302, extra=[("Contact", moved)])
    leg.invite(done + 10, next_cseq=True)
    leg.reply(done + 40, 100)
    leg.reply(done + scene.between(900, 3000), 180)
    talk(scene, leg, done + scene.between(5000, 14_000))


def _answered_422(scene: Scene) -> None:
    scene.truth.says("answered", "a person answered, with the longer session timer")
    leg = outbound(scene)
    leg.invite(0, extra=[("Session-Expires", "90")])
    leg.reply(10, 100)
    done = leg.refuse(scene.between(30, 90), 422, extra=[("Min-SE", "1800")])
    leg.invite(done + 10, next_cseq=True, retry=True, extra=[("Session-Expires", "1800"), ("Min-SE", "1800")])
    leg.reply(done + 40, 100)
    leg.reply(done + scene.between(900, 3000), 180)
    talk(scene, leg, done + scene.between(5000, 14_000))


def _route_advance(scene: Scene) -> None:
    scene.truth.says("answered", "the second carrier took the call that the first could not")
    first = Leg(scene, (scene.world.sbc, scene.party.carrier.hosts[0]))
    trying = try_number(scene, first)
    done = first.refuse(refused_at(scene, trying), 503)
    others = [carrier for carrier in scene.world.carriers if carrier is not scene.party.carrier]
    other = scene.rng.choice(others)
    scene.truth.carrier = other.name
    # The same request on another branch to another place: Call-ID and tags stay (RFC 3261 §16.7, step 6).
    first.reroute((scene.world.sbc, other.hosts[0]))
    first.invite(done + 12, next_cseq=scene.chance(0.5))
    first.reply(done + 40, 100)
    first.reply(done + scene.between(900, 3000), 180)
    talk(scene, first, done + scene.between(5000, 14_000))


def _stir_warned(scene: Scene) -> None:
    # RFC 9410 §3: a Reason with protocol STIR may stand in any response but 100; the call goes on all the same.
    scene.truth.says("answered", "a person answered, although the Identity header could not be verified")
    leg = outbound(scene)
    trying = try_number(scene, leg)
    ringing = trying + scene.between(900, 3000)
    leg.reply(ringing, 180, extra=[("Reason", 'STIR;cause=436;text="Bad Identity Info"')])
    talk(scene, leg, ringing + scene.between(2000, 12_000))


def _unwanted_bye(scene: Scene) -> None:
    # RFC 8197 §4: 607 as the cause of a Reason, typically in a BYE by the called user agent.
    leg = outbound(scene)
    ringing = ring(scene, leg)
    at = talk(scene, leg, ringing + scene.between(2000, 8000), hang_up=False)
    leg.bye(at + scene.between(1500, 9000), by_caller=False, extra=[("Reason", 'SIP;cause=607;text="Unwanted"')])
    scene.truth.says("unwanted", "the person answered, and marked the caller unwanted while hanging up")
    scene.truth.signals("607", where="bye")


def _announcement(scene: Scene) -> None:
    leg = outbound(scene)
    trying = try_number(scene, leg)
    at = talk(scene, leg, refused_at(scene, trying), hang_up=False)
    leg.bye(at + scene.between(6000, 11_000), by_caller=False)
    scene.truth.says("answered", "a network blocked it and played an announcement", explicit=False, hidden=True)


def _cut_start(scene: Scene) -> None:
    """Talk that began before the capture: only the end of it is seen."""
    scene.truth.says("incomplete", "answered before the capture began")
    leg = Leg(scene, (scene.world.sbc, scene.party.carrier.hosts[0]))
    at = talk(scene, leg, ring(scene, leg) + 5000, hang_up=False)
    window_ms = (scene.window_us[0] - scene.start_us) // 1000
    leg.bye(max(at, window_ms) + scene.between(1000, 90_000))
    truth = scene.truth
    truth.cut, truth.final_code, truth.attempts = "start", None, 0
    truth.trying_ms = truth.pdd_ms = truth.ring_ms = truth.setup_ms = truth.talk_ms = None


ANSWERED: dict[str, Callable[[Scene], None]] = {
    "answered": _answered,
    "answered_inbound": _answered_in,
    "answered_183": _answered_183,
    "answered_prack": _answered_prack,
    "answered_reinvite": _answered_reinvite,
    "answered_challenge": _answered_challenge,
    "answered_redirect": _answered_redirect,
    "answered_422": _answered_422,
    "answered_stir_warned": _stir_warned,
    "answered_announcement": _announcement,
    "route_advance": _route_advance,
    "unwanted_bye": _unwanted_bye,
    "cut_start": _cut_start,
}
"Scenarios of this file by name."
