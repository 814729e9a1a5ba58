"""
Recipes: how a call can go, from the answer on the wire to the times of its parts; and which recipes a carrier has.

Facts
- A fate is what befell the call, a recipe one way in which that looks on the wire. The same wire image may stand for
  several fates: that is the difficulty these worlds are made of.
- Times are lognormal: a median in ms, and the sigma of the logarithm.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from ringthrough.simulate.leg import PHRASES
from ringthrough.simulate.styles import Header
from ringthrough.simulate.worlds.parameters import CarrierHabits, TrunkHabits

__all__ = ["FATES", "ID_MARK", "Element", "Recipe", "Weighted", "carrier_recipes", "outage_recipe"]

FATES = (
    "blocked", "outage", "own_refused", "dead", "route_refused", "refused_silently", "unwanted", "unavailable", "busy",
    "answered", "voicemail", "declined", "no_answer", "abandoned", "stalled",
)  # fmt: skip
"What may befall a call; the index is the number of the fate."

ID_MARK = "5ca1ab1e"
"Stands in a recipe for the reference of one calling number, and is replaced by it in its rows."

PBX = "ThroughLine PBX 20.4"
"Our own back-to-back user agent."
_PHONES = ("Maple Phone 14.2", "OakUA/3.1", "Pine IMS UE 22", "Quince-Softphone 7")
_B2BUA = "Yew B2BUA 18.9"
_OUTAGES = ((503, 1.0), (500, 0.5), (502, 0.2), (504, 0.3), (480, 0.4), (603, 0.25), (403, 0.15), (404, 0.1))
"Codes of a failing route; 603 and 403 were seen of trunk providers whose routes or accounts were gone (4.3)."
_ANNOUNCEMENT_MS = 5500.0


@dataclass(frozen=True, slots=True)
class Element:
    """The names that a carrier's elements and its engine go by."""

    edge: str
    "Server header of the carrier's edge."
    engine: str
    "Server header of the analytics engine."
    domain: str
    "Domain for redress."
    number: int
    "Number of the carrier, from 0: picks its fixed habits."


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way in which a call can look on the wire."""

    fate: str
    "A word of `FATES`."
    code: int
    "Final status, as the far side sends it; 487 for calls that we cancel."
    phrase: str = ""
    "Its phrase; the registered one by default."
    headers: tuple[Header, ...] = ()
    "Further headers of the final response."
    server: str = ""
    "Its Server header."
    rings: bool = False
    "A 180 comes first."
    early: bool = False
    "A 183 with a session description comes first."
    cancels: bool = False
    "We cancel."
    ended_by: str = ""
    "Who hangs up an answered call: caller or callee."
    first_ms: float = 0.0
    "Median INVITE to the 18x, else to the final response."
    first_spread: float = 0.3
    "Its spread."
    last_ms: float = 0.0
    "Median 18x (else 100) to the final response or CANCEL."
    last_spread: float = 0.0
    "Its spread."
    talk_ms: float = 0.0
    "Median talk."
    talk_spread: float = 0.0
    "Its spread."
    adds_ms: float = 0.0
    "What comes on top of the time to the first answer."
    explicit: bool = False
    "The messages say that analytics blocked the call."
    own_hop: bool = False
    "The own provider answered, whatever the carrier."
    near: tuple[int, str] | None = None
    "Status and phrase that our own PBX makes of it; None where no own PBX is seen on both sides."

    def words(self) -> str:
        """The phrase on the wire."""
        return self.phrase or PHRASES[self.code]


Weighted = tuple[float, Recipe]
"A recipe and how often it is taken, relative."


def carrier_recipes(
    element: Element, carrier: CarrierHabits, trunk: TrunkHabits, trunk_name: str
) -> dict[str, list[Weighted]]:
    """All recipes of calls to one carrier by one trunk: fate -> recipes with weights."""
    made = {
        "blocked": list(_blocked(element, carrier, trunk)),
        "own_refused": list(_own_refused(trunk_name)),
        "dead": list(_dead(carrier)),
        "route_refused": list(_route_refused(element, carrier)),
        "refused_silently": list(_refused_silently(element, carrier)),
        "unwanted": list(_unwanted(element, carrier)),
        "unavailable": list(_unavailable(carrier)),
        "busy": list(_busy(element, carrier)),
        "answered": list(_answered(carrier)),
        "voicemail": list(_voicemail(carrier)),
        "declined": list(_declined(element, carrier)),
        "no_answer": list(_no_answer(carrier)),
        "abandoned": list(_abandoned(carrier)),
        "stalled": list(_stalled()),
    }
    pbx = trunk.own_pbx >= 0.5
    for fate, several in made.items():
        several = [(w, _served(one, element, carrier)) for w, one in several if w > 0]
        made[fate] = [(w, _nearer(one)) for w, one in several] if pbx else several
    return made


def _served(recipe: Recipe, element: Element, carrier: CarrierHabits) -> Recipe:
    hides = carrier.hides_servers >= 0.5 and not recipe.own_hop
    return replace(recipe, server=element.edge if hides or not recipe.server else recipe.server)


def _nearer(recipe: Recipe) -> Recipe:
    """What our own PBX makes of an answer: it knows some statuses and guesses the others."""
    code = {603: 403, 607: 500, 608: 500, 604: 404, 600: 486, 502: 503, 504: 503}.get(recipe.code, recipe.code)
    return replace(recipe, near=(code, PHRASES[code]))


# ---------------------------------------------------------------------------------------------------------- blocks


def _blocked(element: Element, carrier: CarrierHabits, trunk: TrunkHabits) -> Iterator[Weighted]:
    over_tdm, rewritten = trunk.tdm, (1 - trunk.tdm) * trunk.b2bua
    direct = 1 - over_tdm - rewritten
    base = Recipe("blocked", 603, first_ms=carrier.block_ms, first_spread=carrier.block_spread, server=element.engine)
    loud, quiet = list(_loud(base, element, carrier)), list(_quiet(base, carrier))
    said = carrier.explicit_share
    tdm = replace(base, adds_ms=trunk.tdm_adds_ms)
    for weight, one in [*_shares(loud, said), *_shares(quiet, 1 - said)]:
        announced = replace(one, early=True, last_ms=_ANNOUNCEMENT_MS, last_spread=0.15)
        yield direct * weight * (1 - carrier.announced_share), one
        yield direct * weight * carrier.announced_share, announced
    # 47 CFR 64.1200(k)(9) and RFC 3398 §7.2.4.1: behind a TDM hop a block is cause 21, and a refusal by a person, too.
    for share, headers in (
        (0.4, ()),
        (0.35, (("Reason", "Q.850;cause=21;location=U"),)),
        (0.25, (("Reason", "Q.850;cause=21"),)),
    ):
        yield over_tdm * share, replace(tdm, headers=headers, server="")
    for weight, one in _shares(loud, rewritten * said):
        kept = weight * trunk.keeps_reason if any("v=analytics1" in value for _, value in one.headers) else 0.0
        codes = ((403, ""), (603, "Decline"), (500, ""), (486, ""))
        for code, phrase in codes:
            again = replace(one, code=code, phrase=phrase, server=_B2BUA, adds_ms=25.0)
            yield kept / len(codes), again
            yield (weight - kept) / len(codes), replace(again, headers=(), explicit=False)
    for weight, one in _shares(quiet, rewritten * (1 - said)):
        code = 403 if one.code == 603 else one.code
        yield weight, replace(one, code=code, phrase="", headers=(), server=_B2BUA, adds_ms=25.0)


def _shares(several: list[Weighted], whole: float) -> list[Weighted]:
    """The same recipes with weights that sum up to `whole`."""
    total = sum(weight for weight, _ in several)
    return [(weight * whole / total, one) for weight, one in several]


def _loud(base: Recipe, element: Element, carrier: CarrierHabits) -> Iterator[Weighted]:
    """Blocks that say what they are."""
    base = replace(base, explicit=True)
    domain, odd = element.domain, element.number % 2
    location = ("RLN", "TN", "LN", "RPN")[element.number % 4]
    protocol = "Q.850;cause=21" if element.number % 3 == 2 else "SIP;cause=603"
    contact = f"url=https://redress.{domain}/c/{ID_MARK};id={ID_MARK}" if odd else f"email=blocks@{domain};id={ID_MARK}"
    plus = carrier.form_603plus
    good = f'{protocol};text="v=analytics1;{contact}";location={location}'
    words = "Network Blocked"
    yield plus * (1 - carrier.defective_share), replace(base, phrase=words, headers=(("Reason", good),))
    faults = (
        (),
        (("Reason", f'SIP;cause=603;text="v=analytics1";location={location}'),),
        (("Reason", f'SIP;cause=603;text="v=analytics1;url=http://{domain}";location={location}'),),
        (("Reason", f'SIP;cause=603;text="v=analytics1;url=https://redress.{domain}"'),),
    )
    for headers in faults:
        yield plus * carrier.defective_share / len(faults), replace(base, phrase=words, headers=headers)
    card = ("Call-Info", f"<https://cards.{domain}/{ID_MARK}>;purpose=jwscard")
    yield carrier.form_608 * 0.8, replace(base, code=608, headers=(card,))
    yield carrier.form_608 * 0.2, replace(base, code=608)
    yield carrier.form_cause, replace(base, headers=(("Reason", f"Q.850;cause=21;location={location}"),))


def _quiet(base: Recipe, carrier: CarrierHabits) -> Iterator[Weighted]:
    """Blocks that hide behind a code of another meaning."""
    yield carrier.misuse_603 * 0.7, base
    yield carrier.misuse_603 * 0.15, replace(base, phrase="Declined")
    yield carrier.misuse_603 * 0.15, replace(base, headers=(("Reason", "Q.850;cause=21"),))
    yield carrier.misuse_403, replace(base, code=403)
    yield carrier.misuse_480 * 0.8, replace(base, code=480)
    yield carrier.misuse_480 * 0.2, replace(base, code=480, headers=(("Reason", "Q.850;cause=31"),))
    yield carrier.misuse_486, replace(base, code=486)
    yield carrier.misuse_404, replace(base, code=404)
    yield carrier.misuse_503, replace(base, code=503)


# ----------------------------------------------------------------------------------------------- networks and lists


def _dead(carrier: CarrierHabits) -> Iterator[Weighted]:
    base = Recipe("dead", 404, first_ms=max(carrier.refuse_ms, 80.0) * 1.5, first_spread=0.35)
    unallocated = (("Reason", "Q.850;cause=1"),)
    yield carrier.dead_404 * 0.5, base
    yield carrier.dead_404 * 0.5, replace(base, headers=unallocated)
    for share, code, headers in (
        (0.3, 484, ()),
        (0.2, 604, ()),
        (0.2, 410, (("Reason", "Q.850;cause=22"),)),
        (0.3, 480, ()),
    ):
        yield carrier.dead_other * share, replace(base, code=code, headers=headers)
    announced = replace(base, early=True, last_ms=6500.0, last_spread=0.2)
    yield carrier.dead_announced, replace(announced, headers=unallocated)


def _route_refused(element: Element, carrier: CarrierHabits) -> Iterator[Weighted]:
    base = Recipe("route_refused", 603, first_ms=carrier.refuse_ms, first_spread=0.15)
    lead = (0.4, 0.25, 0.15, 0.1, 0.1)
    turned = lead[element.number % 3 :] + lead[: element.number % 3]
    for share, code in zip(turned, (603, 403, 503, 480, 404), strict=True):
        headers = (("Reason", "Q.850;cause=3"),) if code == 404 else ()
        yield share, replace(base, code=code, headers=headers)


def _own_refused(trunk_name: str) -> Iterator[Weighted]:
    base = Recipe("own_refused", 403, first_ms=120.0, first_spread=0.3, server=trunk_name, own_hop=True)
    yield 0.6, base
    yield 0.4, replace(base, phrase="Caller Origination Number is Invalid D35")


def outage_recipe(kind: float, slow: float, server: str, *, pbx: bool) -> Recipe:
    """
    A failing route.

    Args:
        kind: picks the code, 0..1.
        slow: picks the time to the answer, 0..1: from 20 ms to 2.5 s; a 504 takes longer.
        server: name of the element that answers.
        pbx: our own PBX lies in between.
    """
    total = sum(weight for _, weight in _OUTAGES)
    ends = accumulate(weight / total for _, weight in _OUTAGES)
    code = next((code for (code, _), end in zip(_OUTAGES, ends, strict=True) if kind <= end), _OUTAGES[0][0])
    first = 20.0 * 125.0**slow * (8.0 if code == 504 else 1.0)
    made = Recipe("outage", code, server=server, first_ms=first, first_spread=0.25)
    return _nearer(made) if pbx else made


# ------------------------------------------------------------------------------------------------------------ people


def _phone(element: Element, turn: int = 0) -> str:
    return _PHONES[(element.number + turn) % len(_PHONES)]


def _refused_silently(element: Element, carrier: CarrierHabits) -> Iterator[Weighted]:
    base = Recipe("refused_silently", 603, first_ms=carrier.pdd_ms * 0.7, first_spread=0.4)
    for turn, (share, code) in enumerate(((0.5, 603), (0.35, 486), (0.15, 480))):
        yield share, replace(base, code=code, server=_phone(element, turn))


def _unwanted(element: Element, carrier: CarrierHabits) -> Iterator[Weighted]:
    base = Recipe("unwanted", 607, first_ms=carrier.pdd_ms, first_spread=carrier.pdd_spread, server=_phone(element))
    yield 0.4, replace(base, first_ms=carrier.pdd_ms * 0.6)
    yield 0.6, replace(base, rings=True, last_ms=carrier.decline_ms, last_spread=carrier.decline_spread)


def _unavailable(carrier: CarrierHabits) -> Iterator[Weighted]:
    base = Recipe("unavailable", 480, first_ms=carrier.pdd_ms * 0.6, first_spread=0.35)
    yield 0.55, base
    yield 0.3, replace(base, headers=(("Reason", "Q.850;cause=20"),))
    yield 0.15, replace(base, code=408, first_ms=9000.0, first_spread=0.1)


def _busy(element: Element, carrier: CarrierHabits) -> Iterator[Weighted]:
    base = Recipe("busy", 486, first_ms=carrier.pdd_ms * 0.6, first_spread=0.35)
    yield 0.6, replace(base, server=_phone(element))
    yield 0.35, replace(base, headers=(("Reason", "Q.850;cause=17"),))
    yield 0.05, replace(base, code=600)


def _ringing(carrier: CarrierHabits, recipe: Recipe) -> Iterator[Weighted]:
    """The same call with a 180, and with a 183 in its place."""
    recipe = replace(recipe, first_ms=carrier.pdd_ms, first_spread=carrier.pdd_spread)
    yield 1 - carrier.early_ringing, replace(recipe, rings=True)
    yield carrier.early_ringing, replace(recipe, early=True)


def _answered(carrier: CarrierHabits) -> Iterator[Weighted]:
    base = Recipe("answered", 200, last_ms=7500.0, last_spread=0.6, talk_ms=1.0, talk_spread=0.9)
    for who in ("caller", "callee"):
        for weight, one in _ringing(carrier, replace(base, ended_by=who)):
            yield weight / 2, one


def _voicemail(carrier: CarrierHabits) -> Iterator[Weighted]:
    base = Recipe(
        "voicemail", 200, last_ms=min(22_000.0, carrier.timeout_ms * 0.9), last_spread=0.12, talk_ms=9000.0,
        talk_spread=0.6, ended_by="caller",
    )  # fmt: skip
    yield from _ringing(carrier, base)


def _declined(element: Element, carrier: CarrierHabits) -> Iterator[Weighted]:
    base = Recipe("declined", 603, last_ms=carrier.decline_ms, last_spread=carrier.decline_spread)
    by_user = (("Reason", "Q.850;cause=21;location=U"),)
    weights = (
        (carrier.decline_603 * 0.7, 603, ()),
        (carrier.decline_603 * 0.3, 603, by_user),
        (carrier.decline_486, 486, ()),
        (carrier.decline_480, 480, ()),
        (carrier.decline_403, 403, ()),
    )
    for turn, (weight, code, headers) in enumerate(weights):
        for share, one in _ringing(carrier, replace(base, code=code, headers=headers, server=_phone(element, turn))):
            yield weight * share, one


def _no_answer(carrier: CarrierHabits) -> Iterator[Weighted]:
    base = Recipe("no_answer", 480, last_ms=carrier.timeout_ms, last_spread=0.02)
    for weight, code, headers in (
        (carrier.late_480 * 0.6, 480, ()),
        (carrier.late_480 * 0.4, 480, (("Reason", "Q.850;cause=19"),)),
        (carrier.late_408, 408, ()),
        (carrier.late_603, 603, ()),
    ):
        for share, one in _ringing(carrier, replace(base, code=code, headers=headers)):
            yield weight * share, one


def _abandoned(carrier: CarrierHabits) -> Iterator[Weighted]:
    base = Recipe("abandoned", 487, cancels=True, last_ms=5000.0, last_spread=0.6)
    yield from _ringing(carrier, base)


def _stalled() -> Iterator[Weighted]:
    yield 1.0, Recipe("stalled", 487, cancels=True, last_ms=22_000.0, last_spread=0.4)
