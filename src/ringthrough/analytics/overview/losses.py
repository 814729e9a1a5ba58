"""
What blocks cost: lost calls, and the answers they would have brought.

Facts
- Lost calls are blocks that say so, plus the expected number of blocks among refusals that were raised to
  probable_block or suspected_block. A refusal that is less likely a block than not is not counted, so the figure errs
  on the low side.
- The answer rate of a number at a carrier is measured on its calls there that were not blocked; it is drawn towards
  that of the carrier as if `_DRAWN` more calls had been seen there, and this towards that of all calls. Its ends are
  the Wilson interval of the carrier's rate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ringthrough.analytics.intervals import wilson
from ringthrough.analytics.overview.reading import NO_CALLS, PAIR_METRICS, Hit, Pair, total_of
from ringthrough.analytics.overview.shapes import Answers, Figure, Loss

__all__ = ["AnswerRates", "Worth", "answers_of", "figures_of", "loss_of", "lost_by_pair"]

Key = tuple[str, str]
_DRAWN = 20.0
_EXPLICIT = ("network_blocked", "provider_blocked")

Worth = tuple[float, str]
"What an answered call is worth, and the currency."


def lost_by_pair(hits: Sequence[Hit]) -> dict[Key, float]:
    """Lost calls by number and carrier."""
    found: dict[Key, float] = defaultdict(float)
    for hit in hits:
        found[hit.number, hit.carrier] += hit.sure
    return dict(found)


class AnswerRates:
    """How often calls that are not blocked are answered, by number and carrier."""

    def __init__(self, pairs: Mapping[Key, Pair]) -> None:
        self._pairs = pairs
        self._carriers: dict[str, Pair] = {}
        total = NO_CALLS
        for (_, carrier), pair in pairs.items():
            self._carriers[carrier] = self._carriers.get(carrier, NO_CALLS).plus(pair)
            total = total.plus(pair)
        self.known = total.whole("reach") > 0
        "Any call tells."
        self._all = total.part("reach") / total.whole("reach") if self.known else 0.0
        self._ends = wilson(total.part("reach"), total.whole("reach")) or (0.0, 0.0)

    def of(self, number: str, carrier: str) -> float:
        """Expected share of answers of a call of this number to this carrier, 0..1."""
        return _drawn(self._pairs.get((number, carrier), NO_CALLS), self._of_carrier(carrier))

    def _of_carrier(self, carrier: str) -> float:
        return _drawn(self._carriers.get(carrier, NO_CALLS), self._all)

    def ends(self, carrier: str) -> tuple[float, float]:
        """Lower and upper end of the rate of a carrier, over the rate itself."""
        pair = self._carriers.get(carrier, NO_CALLS)
        rate = self._of_carrier(carrier)
        low, high = wilson(pair.part("reach"), pair.whole("reach")) or self._ends
        return (min(low / rate, 1.0), max(high / rate, 1.0)) if rate else (1.0, 1.0)


def _drawn(pair: Pair, towards: float) -> float:
    return (pair.part("reach") + _DRAWN * towards) / (pair.whole("reach") + _DRAWN)


def answers_of(lost: Mapping[Key, float], rates: AnswerRates, worth: Worth | None) -> Answers:
    """Estimate the answers that lost calls would have brought."""
    answers = low = high = 0.0
    for (number, carrier), calls in lost.items():
        expected = calls * rates.of(number, carrier)
        lower, upper = rates.ends(carrier)
        answers += expected
        low += expected * lower
        high += min(expected * upper, calls)
    if worth is None:
        return Answers(answers, low, high, None, None, None, "")
    each, currency = worth
    return Answers(answers, low, high, answers * each, low * each, high * each, currency)


def loss_of(hits: Sequence[Hit], pairs: Mapping[Key, Pair], before: Sequence[Hit] | None, people: int) -> Loss:
    """What blocks cost in calls."""
    total = total_of(pairs.values())
    hidden = sum(hit.sure for hit in hits if hit.verdict not in _EXPLICIT)
    lost = total.explicit + total.provider + hidden
    numbers = {hit.number for hit in hits}
    carriers = {hit.carrier for hit in hits if hit.verdict != "provider_blocked"}
    return Loss(
        total.explicit, total.provider, total.probable, total.suspected, hidden, lost,
        lost / total.calls if total.calls else None, None if before is None else sum(hit.sure for hit in before),
        people, len(numbers), len(carriers),
    )  # fmt: skip


def figures_of(now: Pair, before: Pair | None) -> tuple[Figure, ...]:
    """Metrics of all calls, each with its interval and what it was before."""
    made = []
    for name in PAIR_METRICS:
        k, n = now.part(name), now.whole(name)
        low, high = wilson(k, n) or (None, None)
        old = before.whole(name) if before else 0
        earlier = before.part(name) / old if before and old else None
        made.append(Figure(name, k, n, k / n if n else None, low, high, earlier, old))
    return tuple(made)
