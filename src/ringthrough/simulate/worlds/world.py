"""
A world: numbers, people, carriers, engines and what happens between them, day by day, with the truth.

Facts
- `World.days()` plays a world from its first day to its last as arrays; `World.calls()` makes rows of the call table of
  them. Both may be asked for as often as one likes: the same world gives the same calls.
- Memory holds one day, the people, and the truth of the cells.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ringthrough.calls import Call
from ringthrough.errors import LocalError, Problem
from ringthrough.simulate.datagrams import Datagram
from ringthrough.simulate.traffic import _merged as merged
from ringthrough.simulate.worlds.book import Book, make_book
from ringthrough.simulate.worlds.day import Day, Pending, play_day
from ringthrough.simulate.worlds.episodes import Episodes, make_episodes
from ringthrough.simulate.worlds.parameters import CarrierHabits, WorldParameters, draw_parameters
from ringthrough.simulate.worlds.people import People, make_people
from ringthrough.simulate.worlds.playing import Peer, play
from ringthrough.simulate.worlds.recipes import FATES, Element, Recipe
from ringthrough.simulate.worlds.rows import Rows
from ringthrough.simulate.worlds.truth import Truth, WorldCallTruth, tell_calls, tell_cells

__all__ = ["World", "make_world", "world_named"]

START_US = 1_780_272_000_000_000
"2026-06-01 00:00 UTC, a Monday, as `ringthrough simulate` begins by default."
_MOST_PEOPLE = 400_000
_MOST_NUMBERS = 4_000
_AREAS = (
    "617", "716", "818", "919", "212", "303", "404", "512", "602", "713", "214", "305", "407", "503",
    "615", "702", "801", "901", "205", "316", "402", "504", "605", "703", "804", "206", "307", "412",
    "513", "614", "704", "805", "207", "308", "414", "515", "616", "708", "808", "209",
)  # fmt: skip
"Area codes of our numbers, which are 555-0100 to 555-0199 in each: set aside for fiction."
_CARRIERS = (
    "Alder Telecom", "Birch Voice", "Cedar Mobile", "Dogwood Wireless", "Elm Tandem", "Fir Cable", "Gorse Rural",
    "Hornbeam Fiber", "Ivy Mobile", "Juniper Valley", "Katsura Net", "Linden Phone",
)  # fmt: skip
_ENGINES = ("larch", "myrtle", "nutmeg", "olive", "poplar", "rowan")
_TRUNKS = ("hazel-edge 12", "sumac-sbc 4.0", "tupelo-sip 9", "willow-gw 2.2", "acacia-ix 7", "bamboo-tel 1")
_MINUTES = 1024
_BATCH = 512  # as many rows as fit into the cache of a core: larger batches are slower


def world_named(name: str, seed: int, *, days: int | None = None, scale: float = 1.0) -> World:
    """
    Draw and make a world.

    Args:
        name: a name of worlds.toml; `mixed` draws from the whole ranges.
        seed: the same seed gives the same world.
        days: length in days; drawn by default.
        scale: factor for the volume of calls.

    Raises:
        LocalError: there is no such world.
    """
    rng = np.random.default_rng(seed)
    return make_world(draw_parameters(rng, name), rng, days=days, scale=scale)


def make_world(
    parameters: WorldParameters,
    rng: np.random.Generator,
    *,
    start_us: int = START_US,
    days: int | None = None,
    scale: float = 1.0,
) -> World:
    """
    Make a world of drawn parameters.

    Args:
        parameters: see `draw_parameters`.
        rng: the source of chance; the same state gives the same world.
        start_us: when it begins, microseconds since 1970 UTC; a UTC midnight.
        days: length in days instead of the one of the parameters.
        scale: factor for the volume of calls.

    Raises:
        LocalError: an argument is out of range, or the parameters ask for more than there are names
            (`simulate-world-argument`).
    """
    return World(parameters, rng, start_us=start_us, days=days, scale=scale)


class World:
    """One made-up world; make it with `make_world` or `world_named`."""

    def __init__(
        self, parameters: WorldParameters, rng: np.random.Generator, *, start_us: int, days: int | None, scale: float
    ) -> None:
        self.parameters = parameters
        "What it was made of."
        self.start_us = start_us
        "When it begins: microseconds since 1970 UTC, a midnight."
        self.day_count = int(parameters.world.days) if days is None else days
        "Its length, UTC days."
        self.seed = int(rng.integers(2**62))
        "Where its chance begins."
        self._check(scale)
        world = parameters.world
        count = int(world.numbers)
        self.callers: tuple[str, ...] = tuple(f"+1{_AREAS[n // 100]}5550{100 + n % 100}" for n in range(count))
        "Calling numbers, E.164."
        self.carriers: tuple[str, ...] = _CARRIERS[: len(parameters.carriers)]
        "Names of the carriers."
        self.engines: tuple[str, ...] = _ENGINES[: len(parameters.engines)]
        "Names of the analytics engines."
        self.trunks: tuple[str, ...] = tuple(f"trunk-{n + 1}" for n in range(len(parameters.trunks)))
        "Names of the trunks."
        self.campaign_names: tuple[str, ...] = tuple(f"campaign-{n + 1}" for n in range(len(parameters.campaigns)))
        "Names of the campaigns."
        self.campaign: npt.NDArray[np.int64] = np.sort(rng.integers(len(parameters.campaigns), size=count))
        "Campaign of each number."
        self.volume: npt.NDArray[np.float64] = (
            scale * world.calls_per_number_day * np.exp(world.number_spread * rng.standard_normal(count))
        )
        "Expected calls of each number on a weekday, before retries."
        self.people: People = make_people(
            parameters, rng, calls=float(self.volume.sum()) * self.day_count, most=_MOST_PEOPLE
        )
        "Everybody who is called."
        self.episodes: Episodes = make_episodes(parameters, rng, numbers=count, days=self.day_count)
        "What is blocked and what fails, and when."
        attests = rng.random(count) < world.attested
        self.attestation: tuple[str, ...] = tuple(
            "AAABBC"[int(pick)] if signs else "" for signs, pick in zip(attests, rng.random(count) * 6, strict=True)
        )
        "Attestation in the Identity of each number; empty for none."
        self.references: tuple[str, ...] = tuple(f"{int(n):08x}" for n in rng.integers(16**8, size=count))
        "What blocks name each number by."
        self.book: Book = make_book(
            parameters, self.elements(), _TRUNKS[: len(self.trunks)], self.episodes.outages, self.references
        )
        "How calls can go."
        self.usual_trunk: npt.NDArray[np.int64] = rng.integers(len(self.trunks), size=len(parameters.campaigns))
        "The trunk that each campaign mostly uses."
        self._tables()

    def _check(self, scale: float) -> None:
        world, kinds = self.parameters.world, self.parameters
        most = {
            "numbers": (int(world.numbers), _MOST_NUMBERS), "carriers": (len(kinds.carriers), len(_CARRIERS)),
            "engines": (len(kinds.engines), len(_ENGINES)), "trunks": (len(kinds.trunks), len(_TRUNKS)),
            "campaigns": (len(kinds.campaigns), 100), "days": (self.day_count, 3660),
        }  # fmt: skip
        wrong = [f"{name}={found}" for name, (found, limit) in most.items() if not 1 <= found <= limit]
        if self.start_us % 86_400_000_000 or self.start_us < 0:
            wrong.append(f"start_us={self.start_us}")
        if not 0 < scale < math.inf:
            wrong.append(f"scale={scale}")
        if wrong:
            limits = ", ".join(f"{name} 1 to {limit}" for name, (_, limit) in most.items())
            detail = f"expected {limits}, a midnight and a positive scale, found {', '.join(wrong)}"
            raise LocalError(Problem("simulate-world-argument", detail))

    def _tables(self) -> None:
        """Lay out what the days look up."""
        of = self.parameters
        self.habits = {
            name: np.array([getattr(one, name) for one in of.carriers]) for name in CarrierHabits.__dataclass_fields__
        }
        "Habits of carriers, as arrays."
        self.groups = len(self.carriers) * len(self.trunks) * len(FATES)
        "Groups of the book before those of the outages."
        hours = np.arange(24)
        away = np.abs(hours[None, :] - self.habits["decline_peak_h"][:, None])
        bump = np.exp(-0.5 * (np.minimum(away, 24 - away) / 2.0) ** 2)
        self.hours = (1 + self.habits["decline_swing"][:, None] * bump).ravel()
        "How much more people decline, by carrier and hour."
        self.minutes = np.concatenate([_calling_minutes(c.opens_h, c.closes_h, c.off_hours) for c in of.campaigns])
        "Minutes of the day to draw from, by campaign, on the called person's clock."
        self.unpopular = np.array([c.unpopular for c in of.campaigns])
        self.other_trunk = np.array([c.other_trunk for c in of.campaigns])
        self.patience_ms = np.array([c.ring_limit_s * 1000 for c in of.campaigns]).astype(np.int64)
        self.talk = np.log(np.array([c.talk_s * 1000 for c in of.campaigns]))
        self.short_share = np.array([c.short_share for c in of.campaigns])
        self.trying = np.log(np.array([t.trying_ms for t in of.trunks])).astype(np.float32)
        self.ever_flagged = np.isfinite(self.episodes.onset).any(axis=2).ravel()
        self.by_campaign = np.argsort(self.campaign, kind="stable")
        self.number_counts = np.bincount(self.campaign, minlength=len(of.campaigns))
        self.number_starts = np.cumsum(self.number_counts) - self.number_counts

    # ----------------------------------------------------------------------------------------------- what there is

    def elements(self) -> tuple[Element, ...]:
        """Names that the elements of each carrier go by."""
        made = []
        for number, name in enumerate(self.carriers):
            engine = int(self.episodes.engine[number])
            word = self.engines[engine] if engine >= 0 else "nobody"
            made.append(Element(f"{name.split()[0]}Edge/7.{number}", f"{word}-analytics 3", f"{word}.example", number))
        return tuple(made)

    def peers(self, carrier: int, trunk: int) -> tuple[Peer, Peer]:
        """The two elements that take turns for the calls to a carrier by a trunk."""
        if self.parameters.trunks[trunk].direct >= 0.5:
            return tuple(  # type: ignore[return-value]
                Peer(f"198.51.100.{16 * carrier + 2 + 2 * trunk + turn}", self.carriers[carrier]) for turn in (0, 1)
            )
        return self.provider(trunk)

    def provider(self, trunk: int) -> tuple[Peer, Peer]:
        """The two elements of the provider behind a trunk, which refuse what it refuses itself."""
        return Peer(f"203.0.113.{16 * trunk + 2}", ""), Peer(f"203.0.113.{16 * trunk + 3}", "")

    # --------------------------------------------------------------------------------------------------- its calls

    def days(self) -> Iterator[Day]:
        """Play it, day by day."""
        none = np.zeros(0, dtype=np.int64)
        waiting = Pending(np.zeros(0), none, none)
        for number in range(self.day_count):
            day, waiting = play_day(self, number, waiting)
            yield day

    def calls(self, *, batch: int = _BATCH, labels: bool = False) -> Iterator[list[Call]]:
        """
        Its calls, in order of time, as a capture gives them.

        Args:
            batch: rows in a batch, at most.
            labels: fill `trunk` and `campaign`, which a capture does not know and a call record does.
        """
        for _, _, made in self._batches(batch, labels):
            yield made

    def told(self, *, batch: int = _BATCH, labels: bool = False) -> Iterator[tuple[list[Call], list[WorldCallTruth]]]:
        """Its calls, each batch with the truth about them."""
        for day, start, made in self._batches(batch, labels):
            yield made, tell_calls(self, day, start, made)

    def _batches(self, batch: int, labels: bool) -> Iterator[tuple[Day, int, list[Call]]]:
        rows, serial = Rows(self, labels=labels), 0
        for day in self.days():
            for start, made in rows.batches(day, serial, batch):
                yield day, start, made
            serial += day.size

    @cached_property
    def truth(self) -> Truth:
        """What really was blocked, cell by cell: plays the world once."""
        return tell_cells(self)

    def datagrams(self) -> Iterator[Datagram]:
        """Its calls as messages, in order of time; holds the future of the calls in progress only."""
        return merged(self._played())

    def _played(self) -> Iterator[tuple[int, list[Datagram]]]:
        for call, recipe, peer, reference in self.plays():
            yield call.at_us, play(call, recipe, peer, reference=reference)

    def plays(self) -> Iterator[tuple[Call, Recipe, Peer, str]]:
        """Its calls with what `play` needs: recipe, element and reference."""
        rows = Rows(self, labels=False)
        for day, start, made in self._batches(_BATCH, labels=False):
            part = slice(start, start + len(made))
            places = zip(
                made, day.recipe[part].tolist(), rows.far(day, part).tolist(), day.caller[part].tolist(), strict=True
            )
            for call, recipe, far, caller in places:
                yield call, self.book.recipes[recipe], rows.peers[far], self.references[caller]


def _calling_minutes(opens_h: float, closes_h: float, off_hours: float) -> npt.NDArray[np.float64]:
    minutes = np.arange(1440)
    hour = minutes / 60
    weights = ((hour >= opens_h) & (hour < closes_h)) * (1.0 - 0.4 * np.exp(-0.5 * ((hour - 12.5) / 0.5) ** 2))
    weights = weights / weights.sum() * (1 - off_hours) + off_hours / 1440
    return np.searchsorted(np.cumsum(weights), (np.arange(_MINUTES) + 0.5) / _MINUTES).astype(np.float64)
