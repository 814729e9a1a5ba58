"""
The made-up world: our numbers and elements, the carriers, the people we call, the hours of the day.

Facts
- Every address is from a documentation range (RFC 5737, RFC 3849), every name ends in `.example` (RFC 2606).
- Our numbers are 555-0100 to 555-0199 of some area code, which is set aside for fiction. A hundred numbers are too few
  to call: the called ones have an area code with 9 in the middle. The North American plan keeps these back until its
  numbers get longer, so they ring nowhere; and their last seven digits differ, which matters to whoever compares those.
- A pair of calling number and carrier may be flagged: from some hour on that carrier's analytics blocks most calls from
  that number. That is what makes blocks come in clusters, as they do in life.
"""

from __future__ import annotations

import bisect
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from random import Random

from ringthrough.simulate.styles import STYLES, Style

__all__ = ["Carrier", "DayCurve", "Host", "Party", "World"]

_AREAS = tuple(f"{first}9{last}" for first in range(2, 9) for last in range(10))
_EXCHANGES = ("224", "231", "268", "317", "342", "376", "423", "459", "487", "531", "562", "614", "673", "728", "836")
_REGULARS = 400
"People of each carrier whom we call again and again."
_REGULAR_SHARE = 0.3
_RECENT = 200
_OUR_AREAS = ("617", "716", "818", "919")
_NUMBERS_PER_CAMPAIGN = 12
_FLAGGED_SHARE = 0.3

_HOUR_WEIGHTS = (1, 1, 1, 1, 1, 2, 5, 14, 40, 70, 85, 90, 62, 70, 88, 90, 80, 66, 48, 30, 16, 8, 4, 2)
"Calls started in each hour of the day, relative: a contact centre that pauses at lunch."


@dataclass(frozen=True, slots=True)
class Host:
    """One SIP element: an address and the way its messages look."""

    address: bytes
    "4 or 16 octets."
    name: str
    "Address as it stands in a URI, an IPv6 address in brackets."
    product: str
    "Server or User-Agent string."
    style: Style
    "How it writes messages."
    port: int = 5060
    "Port for signalling."


@dataclass(frozen=True, slots=True)
class Carrier:
    """A network that our calls go to."""

    name: str
    "What we call it."
    network: str
    "IPv4 range of its edge, as a prefix."
    network6: str
    "IPv6 range of its edge, as a prefix."
    hosts: tuple[Host, ...]
    "Edge elements."
    domain: str
    "Its domain."
    blocks_with: str
    "How its analytics signals a block: `603+`, `608` or `hidden`."
    trying_ms: tuple[int, int]
    "INVITE to 100, from and to, ms."
    post_dial_ms: tuple[int, int]
    "INVITE to first ringing, from and to, ms."
    refuse_ms: tuple[int, int]
    "INVITE to a refusal by a machine, from and to, ms: narrow, and typical of the carrier."


@dataclass(frozen=True, slots=True)
class Party:
    """Who calls whom over which carrier."""

    caller: str
    "Our number, E.164."
    callee: str
    "Their number, E.164."
    carrier: Carrier
    "The carrier of the called number."


@dataclass(frozen=True, slots=True)
class _Sketch:
    name: str
    product: str
    style: int
    blocks_with: str
    trying_ms: tuple[int, int]
    post_dial_ms: tuple[int, int]
    refuse_ms: tuple[int, int]


_SKETCHES = (
    _Sketch("Alder Telecom", "AlderEdge/7.2.1", 0, "603+", (8, 30), (900, 3200), (180, 320)),
    _Sketch("Birch Voice", "Birch-SBC 9.4 build 118", 2, "603+", (15, 60), (700, 2500), (240, 420)),
    _Sketch("Cedar Mobile", "Cedar IMS TAS 4.1", 4, "hidden", (20, 70), (1800, 5200), (90, 150)),
    _Sketch("Dogwood Wireless", "dogwood-ibcf", 3, "608", (10, 40), (1500, 4200), (310, 480)),
    _Sketch("Elm Tandem", "Elm MGC/ISUP 3.0", 5, "hidden", (30, 110), (2200, 6500), (140, 260)),
    _Sketch("Fir Cable", "FirSoftswitch-R22", 1, "603+", (9, 28), (800, 2800), (200, 380)),
    _Sketch("Gorse Rural", "gorse pbx 16.8", 6, "608", (40, 140), (1200, 3900), (420, 700)),
)


class World:
    """Everything that stays the same during one simulated capture."""

    def __init__(self, rng: Random, *, ipv6: bool = False, styles: int = len(STYLES)) -> None:
        self.ipv6 = ipv6
        "Elements talk IPv6."
        self._styles = STYLES[:styles]
        self.sbc = self._host(0, 10, "ThroughLine SBC 5.1", 0)
        "Our session border controller: what carriers talk to."
        self.pbxes = tuple(self._host(0, 20 + n, "ThroughLine Dialer 2.3", n) for n in range(3))
        "Our dialers and PBXes, behind the session border controller."
        self.carriers = tuple(self._carrier(index, sketch) for index, sketch in enumerate(_SKETCHES, start=1))
        "The networks we send calls to."
        self.provider = self._host(14, 225, "hazel-edge 12", 0)
        "Edge of the service provider through which some of our calls leave."
        self.provider_name = "Hazel Cloud"
        "Its name."
        self.callers = tuple(
            f"+1{area}5550{100 + campaign * _NUMBERS_PER_CAMPAIGN + n}"
            for campaign, area in enumerate(_OUR_AREAS)
            for n in range(_NUMBERS_PER_CAMPAIGN)
        )
        "Our calling numbers, campaign by campaign."
        self.flags = {
            (caller, carrier.name): rng.random() * 0.6
            for carrier in self.carriers
            for caller in self.callers
            if rng.random() < _FLAGGED_SHARE
        }
        "Flagged pairs of calling number and carrier, and the share of the capture after which the flag is set."
        self._regulars = {
            carrier.name: [self._number(rng, carrier) for _ in range(_REGULARS)] for carrier in self.carriers
        }
        # No dialler calls the same person again within moments: that would be a retry of the same call.
        self._recent: deque[str] = deque(maxlen=_RECENT)
        self._flagged: dict[str, list[tuple[str, Carrier]]] = {"603+": [], "608": [], "hidden": []}
        for carrier in self.carriers:
            for caller in self.callers:
                if (caller, carrier.name) in self.flags:
                    self._flagged[carrier.blocks_with].append((caller, carrier))

    def party(self, rng: Random, *, blocks_with: str, passed: float) -> Party:
        """
        Draw who calls whom.

        Args:
            rng: the source of chance.
            blocks_with: how the call will be blocked, `603+`, `608` or `hidden`; empty for a call that is not.
            passed: share of the capture that has passed, 0..1.
        """
        flags = self.flags
        if blocks_with:
            pairs = self._flagged[blocks_with]
            caller, carrier = rng.choice(pairs)
            for _ in range(8):
                if flags[caller, carrier.name] <= passed:
                    break
                caller, carrier = rng.choice(pairs)
        else:
            caller, carrier = rng.choice(self.callers), rng.choice(self.carriers)
            # Analytics let some calls of a flagged number pass, so the pair is drawn again only now and then.
            while flags.get((caller, carrier.name), 2.0) <= passed and rng.random() < 0.7:
                caller, carrier = rng.choice(self.callers), rng.choice(self.carriers)
        callee = self._callee(rng, carrier)
        while callee in self._recent:
            callee = self._callee(rng, carrier)
        self._recent.append(callee)
        return Party(caller, callee, carrier)

    def _callee(self, rng: Random, carrier: Carrier) -> str:
        if rng.random() < _REGULAR_SHARE:
            return rng.choice(self._regulars[carrier.name])
        return self._number(rng, carrier)

    def _number(self, rng: Random, carrier: Carrier) -> str:
        areas = _AREAS[self.carriers.index(carrier) :: len(self.carriers)]
        return f"+1{rng.choice(areas)}{rng.choice(_EXCHANGES)}{rng.randrange(10_000):04d}"

    def elements(self) -> dict[str, object]:
        """Say which addresses belong to whom, for the header of a truth file."""
        ours = ["2001:db8:0::/48"] if self.ipv6 else ["192.0.2.0/24"]
        return {
            "own": ours,
            "carriers": [
                *(
                    {"name": carrier.name, "networks": [carrier.network6 if self.ipv6 else carrier.network]}
                    for carrier in self.carriers
                ),
                {"name": self.provider_name, "networks": ["2001:db8:e::/48" if self.ipv6 else "203.0.113.224/28"]},
            ],
        }

    def stranger(self, rng: Random) -> Host:
        """Make up a host somewhere on the internet."""
        return self._host(15, rng.randint(240, 254), "", 0)

    def _carrier(self, index: int, sketch: _Sketch) -> Carrier:
        start = (index - 1) * 16
        return Carrier(
            sketch.name,
            f"198.51.100.{start}/28",
            f"2001:db8:{index:x}::/48",
            tuple(self._host(index, start + 2 + n, sketch.product, sketch.style) for n in range(2)),
            f"{sketch.name.split()[0].lower()}.example",
            sketch.blocks_with,
            sketch.trying_ms,
            sketch.post_dial_ms,
            sketch.refuse_ms,
        )

    def _host(self, network: int, last: int, product: str, style: int) -> Host:
        if self.ipv6:
            text = f"2001:db8:{network:x}::{last:x}"
        elif network == 0:
            text = f"192.0.2.{last}"
        else:
            text = f"{'203.0.113' if network > 13 else '198.51.100'}.{last}"
        written = self._styles[style % len(self._styles)]
        return Host(ip_address(text).packed, f"[{text}]" if self.ipv6 else text, product, written)


class DayCurve:
    """Spreads calls over a window of time as a contact centre does over its day."""

    _STEP_S = 300

    def __init__(self, start_us: int, duration_s: float) -> None:
        self._start_us = start_us
        self._duration_s = duration_s
        self._sums: list[float] = [0.0]
        steps = max(1, round(duration_s / self._STEP_S))
        for step in range(steps):
            second = (start_us // 1_000_000 + (step + 0.5) * duration_s / steps) % 86_400
            self._sums.append(self._sums[-1] + _between_hours(second / 3600, _HOUR_WEIGHTS))

    def at_us(self, share: float) -> int:
        """Say when the given share of all calls, 0..1, has started: microseconds since 1970 UTC."""
        sums = self._sums
        wanted = share * sums[-1]
        step = min(bisect.bisect_right(sums, wanted), len(sums) - 1)
        inside = (wanted - sums[step - 1]) / (sums[step] - sums[step - 1])
        return self._start_us + int((step - 1 + inside) * self._duration_s / (len(sums) - 1) * 1_000_000)


def _between_hours(hour: float, weights: Sequence[int]) -> float:
    before = int(hour - 0.5) if hour >= 0.5 else 23
    share = (hour - 0.5) % 1
    return weights[before % 24] * (1 - share) + weights[(before + 1) % 24] * share
