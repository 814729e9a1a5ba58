"""
A call of a world, message by message: what a capture of it holds.

The times are those of the row; a trunk with our own PBX shows two legs, joined by Session-ID (RFC 7989), of which the
far one runs `THROUGH_MS` behind the near one on the way out and as much ahead of it on the way back.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from random import Random

from ringthrough.calls import Call
from ringthrough.simulate.datagrams import Datagram
from ringthrough.simulate.leg import Leg
from ringthrough.simulate.scene import Habits, Scene
from ringthrough.simulate.styles import STYLES, Header
from ringthrough.simulate.world import Carrier, Host, Party, World
from ringthrough.simulate.worlds.recipes import ID_MARK, PBX, Recipe

__all__ = ["OWN", "PBX_ADDRESS", "PRODUCT", "SBC", "THROUGH_MS", "Peer", "play"]

THROUGH_MS = 3
"What our own PBX takes to pass a message from one leg to the other."
SBC = "192.0.2.10"
"Where our calls come from."
OWN = "192.0.2.0/24"
"Our own addresses."
PBX_ADDRESS = "192.0.2.20"
"Our own PBX, on trunks that have one."
PRODUCT = "ThroughLine Dialer 2.3"
"User-Agent of our calls."
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Peer:
    """An element that our calls go to."""

    address: str
    "IPv4 address."
    carrier: str
    "Carrier or provider that it belongs to."


@cache
def _stage() -> World:
    """Elements that a scene asks for and these calls do not use."""
    return World(Random(0))


@cache
def _host(address: str, product: str) -> Host:
    return Host(ip_address(address).packed, address, product, STYLES[0])


@cache
def _nobody() -> Carrier:
    return Carrier("", "", "", (), "carrier.example", "", (0, 0), (0, 0), (0, 0))


def play(call: Call, recipe: Recipe, peer: Peer, *, reference: str = ID_MARK) -> list[Datagram]:
    """
    The messages of one call, in order of time.

    Args:
        call: its row; numbers, times and attestation are taken from it.
        recipe: how it went.
        peer: the element that it went to.
        reference: what stands in its messages as the reference of the calling number.
    """
    rng = Random(call.call_id)
    scene = Scene(
        rng,
        _stage(),
        scenario=recipe.fate,
        start_us=call.at_us,
        window_us=(call.at_us - _DAY_US, call.at_us + 4 * _DAY_US),
        party=Party(call.caller_raw, call.callee_raw, _nobody()),
        habits=Habits(),
    )
    extra: Sequence[Header] = [("Identity", _identity(call))] if call.identity else []
    us, edge = _host(SBC, PRODUCT), _host(peer.address, recipe.server)
    if recipe.near is None:
        legs = [Leg(scene, (us, edge))]
        aways = [0]
    else:
        pbx = _host(PBX_ADDRESS, PBX)
        session = (scene.hexes(32), scene.hexes(32))
        legs = [Leg(scene, (us, pbx), session=session), Leg(scene, (pbx, edge), leads=False, session=session)]
        aways = [0, THROUGH_MS]
    for leg in legs:
        leg.call_id = call.call_id if leg is legs[0] else f"far-{call.call_id}"
    for number, (leg, away) in enumerate(zip(legs, aways, strict=True)):
        answer = recipe.near if recipe.near is not None and not number else (recipe.code, recipe.words())
        headers = [(name, value.replace(ID_MARK, reference)) for name, value in recipe.headers]
        passed_on = number or recipe.near is None
        _leg(leg, call, recipe, answer, headers if passed_on else [], extra, away)
    return scene.finish()


def _leg(
    leg: Leg, call: Call, recipe: Recipe, answer: tuple[int, str], headers: list[Header], extra: Sequence[Header],
    away: int,
) -> None:  # fmt: skip
    """One leg; `away` is how much later requests and earlier responses are on it, ms."""
    code, phrase = answer
    leg.invite(away, extra=extra)
    trying = call.trying_ms or 0
    leg.reply(trying + away, 100)
    if call.pdd_ms is not None:
        leg.reply(call.pdd_ms - away, 180 if recipe.rings else 183, sdp=recipe.early)
    final = (call.final_ms or 0) - away
    if recipe.cancels:
        _cancel(leg, (call.cancel_ms or 0) + away, final)
        return
    if code < 300:
        leg.reply(final, code, phrase, sdp=True)
        by_caller = call.ended_by == "caller"
        leg.ack(final + 2 * away)
        leg.bye(final + away + (call.talk_ms or 0) + (away if by_caller else -away), by_caller=by_caller)
        return
    leg.refuse(final, code, phrase, extra=headers)


def _cancel(leg: Leg, at: int, final: int) -> None:
    """CANCEL, its 200, and the 487 at a time of its own (RFC 3261 §9.1)."""
    cseq = f"{leg.cseq} CANCEL"
    leg._forward(at, "CANCEL", cseq, leg._uri, [], "", hops=(0,))
    leg._back((at + final) // 2, 200, "OK", cseq, [], "", hops=(0,))
    leg.refuse(final, 487)


def _identity(call: Call) -> str:
    """An Identity header (RFC 8224 §4) whose signature is made up and verifies nowhere."""
    header = {"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": "https://certificates.example/ours.pem"}
    claims = {
        "attest": call.attestation, "dest": {"tn": [call.callee[1:]]}, "iat": call.at_us // 1_000_000,
        "orig": {"tn": call.caller[1:]}, "origid": "00000000-0000-4000-8000-000000000000",
    }  # fmt: skip
    parts = [json.dumps(part, separators=(",", ":"), sort_keys=True).encode() for part in (header, claims)]
    token = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in [*parts, b"\x2a" * 64])
    return f"{token.decode()};info=<https://certificates.example/ours.pem>;alg=ES256;ppt=shaken"
