from __future__ import annotations

import re
from collections import Counter
from ipaddress import ip_address, ip_network
from random import Random

import pytest

from ringthrough.simulate import DEMO, World
from ringthrough.simulate.world import DayCurve
from tests.simulate.making import START_US, play

DOCUMENTATION = [ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")]


@pytest.mark.parametrize("ipv6", [False, True])
def test_every_address_and_number_is_set_aside_for_fiction(ipv6: bool) -> None:
    datagrams, truths = play(DEMO, calls=150, ipv6=ipv6)
    for address in {a for d in datagrams for a in (d.src, d.dst)}:
        assert len(address) == (16 if ipv6 else 4)
        assert any(ip_address(address) in network for network in DOCUMENTATION)
    for truth in truths:
        if truth.kind == "call":
            ours, theirs = truth.caller, truth.callee
            if truth.direction == "inbound":
                ours, theirs = theirs, ours
            assert re.fullmatch(r"\+1(617|716|818|919)55501\d\d", ours)
            assert re.fullmatch(r"\+1[2-8]9\d[2-9]\d{6}", theirs)


@pytest.mark.parametrize("ipv6", [False, True])
def test_the_peer_of_a_call_lies_in_its_carriers_network(ipv6: bool) -> None:
    datagrams, truths = play(DEMO, calls=150, ipv6=ipv6)
    elements = World(Random(1), ipv6=ipv6).elements()
    networks = {one["name"]: ip_network(one["networks"][0]) for one in elements["carriers"]}  # type: ignore[attr-defined]
    checked = 0
    for truth in truths:
        if truth.kind != "call" or truth.legs != 1 or truth.attempts != 1:
            continue
        first = next(d for d in datagrams if truth.call_id.encode() in d.payload)
        peer = first.dst if truth.direction == "outbound" else first.src
        assert ip_address(peer) in networks[truth.carrier]
        checked += 1
    assert checked > 80


def test_blocks_befall_flagged_pairs_at_carriers_that_block_so() -> None:
    rng = Random(4)
    world = World(rng)
    for kind in ("603+", "608", "hidden"):
        for _ in range(50):
            party = world.party(rng, blocks_with=kind, passed=0.9)
            assert party.carrier.blocks_with == kind
            assert world.flags[party.caller, party.carrier.name] <= 0.9


def test_a_flagged_pair_is_called_through_less_often() -> None:
    rng = Random(4)
    world = World(rng)
    drawn = Counter((p.caller, p.carrier.name) in world.flags for p in _parties(world, rng, 3000))
    share = len(world.flags) / (len(world.callers) * len(world.carriers))
    assert drawn[True] / 3000 < 0.6 * share


def _parties(world: World, rng: Random, count: int) -> list[object]:
    return [world.party(rng, blocks_with="", passed=1.0) for _ in range(count)]


def test_no_flag_is_set_yet_when_the_capture_begins() -> None:
    rng = Random(4)
    world = World(rng)
    assert world.party(rng, blocks_with="hidden", passed=-1.0).carrier.blocks_with == "hidden"


def test_the_day_curve_is_quiet_at_night_and_rises_steadily() -> None:
    curve = DayCurve(START_US, 86_400)
    times = [curve.at_us(n / 1000) for n in range(1001)]
    assert times == sorted(times)
    assert times[0] == START_US
    assert times[-1] == START_US + 86_400_000_000
    hours = Counter((at - START_US) // 3_600_000_000 for at in times)
    assert hours[3] < hours[10] / 10


def test_a_short_capture_has_a_curve_too() -> None:
    curve = DayCurve(START_US, 60)
    assert START_US <= curve.at_us(0.5) <= START_US + 60_000_000
