"""What the figures of the operations report rest on, and what they cannot say, in sentences."""

from __future__ import annotations

from ringthrough.analytics.overview import Overview
from ringthrough.report.operations_words import calls_words, whole

__all__ = ["quality_lines"]


def quality_lines(found: Overview) -> list[str]:
    """Return the sentences; the first says how much was read."""
    quality = found.quality
    if not found.calls:
        lines = ["No call was found in this period."]
    else:
        lines = [
            f"{calls_words(found.calls)} of {found.numbers:,} calling numbers to {len(found.carriers):,} carriers."
        ]
    said = (
        (quality.unscreened, "cannot say whether they were blocked: their records hold neither a status nor a reason"),
        (quality.mute, "come from records that do not say whether it rang, or list answered calls only: hidden blocks "
                       "among them cannot be seen"),
        (quality.incomplete, "were seen in part and stand in no rate"),
        (quality.undated, "have no time: they stand in no figure by day"),
        (quality.astray, "have a clock that is more than three years off, and are left out of the timeline"),
        (quality.no_number, "have no calling number"),
        (quality.no_carrier, "have no carrier: name carriers with --carriers or --numbers"),
        (quality.own_hop, "were refused by the own provider, and left out where hidden blocks were looked for"),
        (quality.vague, "ended in a way that says nothing about a block"),
    )  # fmt: skip
    lines += [f"{calls_words(number)} {_fit(number, words)}." for number, words in said if number]
    if quality.scanners:
        lines.append(
            f"{calls_words(quality.scanners)} from internet scanners {_fit(quality.scanners, 'are')} left out."
        )
    if found.loss.hidden >= 0.5:
        lines.append(
            f"About {whole(found.loss.hidden)} of the lost calls are inferred, not announced; how sure that is, stands "
            "beside each block."
        )
    return lines


_SINGULAR = {"come": "comes", "were": "was", "have": "has", "are": "is"}


def _fit(number: int, words: str) -> str:
    """The verb at the beginning for one call or for several."""
    verb, space, rest = words.partition(" ")
    return (_SINGULAR.get(verb, verb) if number == 1 else verb) + space + rest
