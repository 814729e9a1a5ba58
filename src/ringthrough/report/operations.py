"""
The operations report as one HTML file: what a lead sends to management.

Facts
- Nothing is fetched, as in the page of `diagnose` (`report.html`): a Content-Security-Policy in the page forbids it,
  text is escaped, and the data of charts cannot leave their element.
- The tables behind the charts hold the same figures; on paper they are left out, on a screen without scripts they are
  what there is.
- When all charts are drawn, the root element says so (`data-charts`), which is what printing waits for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from ringthrough import __version__
from ringthrough.analytics.overview import GROUPS, CarrierSigns, Overview
from ringthrough.report.html import asset, script_json
from ringthrough.report.operations_plots import COLOURS, operations_plots
from ringthrough.report.operations_quality import quality_lines
from ringthrough.report.operations_words import (
    FIGURES,
    GROUP_WORDS,
    METHOD,
    SURE,
    amount,
    figure_of,
    lead,
    named,
    period_words,
    points,
    share,
    since_words,
    until_words,
    whole,
)
from ringthrough.report.words import clock, count, duration, safe

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["Frame", "operations_page"]

_SCRIPTS = ("vega.min.js", "vega-lite.min.js", "vega-embed.min.js")
_MOST_CARRIERS, _MOST_BUCKETS, _MOST_SIGNS = 12, 140, 4


@dataclass(frozen=True)
class Frame:
    """What a report says besides its figures."""

    title: str = "Blocked calls"
    "Heading."
    logo: str = ""
    "Picture beside it, as a data: URI; empty for none."
    made_at_us: int | None = None
    "When it is made, microseconds since 1970 UTC; left out when None."
    unread: tuple[str, ...] = ()
    "What could not be read, one sentence each."
    notes: tuple[str, ...] = ()
    "Remarks on the reading."


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("ringthrough.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(
        count=count, duration=duration, clock=clock, safe_text=safe, share=share, whole=whole, named=named,
        since=since_words, until=until_words, sure=SURE.__getitem__, figure=FIGURES.__getitem__,
        moved=lambda moved: points(moved.before, moved.now),
    )  # fmt: skip
    return environment.get_template("operations.html.j2")


def operations_page(found: Overview, frame: Frame) -> str:
    """
    Return the report as HTML.

    Args:
        found: the overview; masked already, where that is wanted.
        frame: title, logo and what could not be read.
    """
    specs = operations_plots(found)
    carriers, scale = _carriers(found)
    return _template().render(
        title=frame.title,
        logo=frame.logo,
        version=__version__,
        made_at_us=frame.made_at_us,
        unread=frame.unread,
        notes=frame.notes,
        found=found,
        period=period_words(found.period),
        compared=period_words(found.previous) if found.previous else "",
        lead=lead(found),
        cards=_cards(found) if found.calls else [],
        actions=found.actions,
        groups=GROUP_WORDS,
        colours=COLOURS,
        marks=any(bucket.began or bucket.ended for bucket in found.timeline),
        buckets=_buckets(found),
        carriers=carriers,
        carriers_scale=scale,
        carriers_more=max(0, len(found.carriers) - _MOST_CARRIERS),
        unhealthy=sum(row.score < 50 for row in found.risk),
        quality=quality_lines(found),
        method=METHOD,
        charts={name: name in specs for name in ("chart-matrix", "chart-times", "chart-risk")},
        specs={name: script_json(spec) for name, spec in specs.items()},
        scripts=[asset(name) for name in _SCRIPTS] if specs else [],
        licences=[(name, asset(f"{name}.LICENSE")) for name in ("vega", "vega-lite", "vega-embed")] if specs else [],
    )  # fmt: skip


def _cards(found: Overview) -> list[dict[str, Any]]:
    loss, answers = found.loss, found.answers
    asr, reach = figure_of(found, "asr"), figure_of(found, "reach")
    blocked = len({block.number for block in found.blocks if block.state in ("new", "standing")})
    places = list(GROUPS)
    lost = [b.counts[places.index("blocked")] + b.counts[places.index("hidden")] for b in found.timeline]
    answered = [b.counts[places.index("reached")] / sum(b.counts) if sum(b.counts) else None for b in found.timeline]
    moved = points(asr.before, asr.value).replace("points", "pts")
    before = "" if loss.before is None else f"before: {whole(loss.before)}"
    worth = answers.value is not None
    return [
        {"label": "Lost calls", "value": whole(loss.lost), "unit": share(loss.share), "group": "blocked",
         "note": before or f"of {count(found.calls)} calls", "spark": _spark(lost)},
        {
            "label": "Lost answers, estimated",
            "value": amount(answers.value, answers.currency) if worth else whole(answers.answers), "unit": "",
            "group": "hidden",
            "note": f"{whole(answers.answers)} answers, {whole(answers.low)} to {whole(answers.high)}" if worth
            else f"between {whole(answers.low)} and {whole(answers.high)}",
            "spark": None,
        },
        {"label": "Numbers blocked now", "value": count(blocked), "unit": f"of {count(found.numbers)}",
         "group": "blocked", "note": f"{count(loss.people)} people not reached" if loss.people else "nobody missed",
         "spark": _spark(_standing(found))},
        {
            "label": "Answered", "value": share(asr.value), "unit": moved, "group": "reached",
            "note": f"{share(reach.value)} of calls not blocked", "spark": _spark(answered),
        },
    ]  # fmt: skip


def _standing(found: Overview) -> list[int]:
    """Blocks that stand in each bucket."""
    standing = sum(1 for block in found.blocks if block.state in ("standing", "lifted"))
    made = []
    for bucket in found.timeline:
        standing += bucket.began
        made.append(standing)
        standing -= bucket.ended
    return made


def _spark(values: list[Any]) -> dict[str, str] | None:
    """A line of values as paths in a box of 100 by 24; None where there is no line to draw."""
    known = [value for value in values if value is not None]
    if len(values) < 3 or not known or max(known) <= 0:
        return None
    top, step = max(known), 100 / (len(values) - 1)
    spots = [
        f"{place * step:.2f},{22 - 19 * value / top:.2f}" for place, value in enumerate(values) if value is not None
    ]
    first, last = spots[0].partition(",")[0], spots[-1].partition(",")[0]
    line = "M" + " L".join(spots)
    return {"line": line, "area": f"{line} L{last},24 L{first},24 Z"}


def _buckets(found: Overview) -> list[dict[str, Any]]:
    places = list(GROUPS)
    return [
        {
            "at": clock(bucket.at_us)[:16], "calls": sum(bucket.counts), "began": bucket.began, "ended": bucket.ended,
            "counts": [bucket.counts[places.index(group)] for group in GROUP_WORDS],
        }
        for bucket in found.timeline[:_MOST_BUCKETS]
    ]  # fmt: skip


def _carriers(found: Overview) -> tuple[list[dict[str, Any]], int]:
    """Carriers, and the share at which the longest track of an interval ends, in percent."""
    shown = found.carriers[:_MOST_CARRIERS]
    top = max((carrier.high for carrier in shown if carrier.high is not None), default=1.0)
    scale = next((step for step in (5, 10, 20, 50) if top * 100 <= step), 100)
    return [_carrier(carrier, scale) for carrier in shown], scale


def _carrier(carrier: CarrierSigns, scale: int) -> dict[str, Any]:
    signs = sorted(carrier.signs, key=lambda sign: (not sign.explicit, -sign.calls))
    total = sum(sign.calls for sign in signs) or 1
    words = []
    for explicit, head in ((True, "says so"), (False, "hidden")):
        these = [sign for sign in signs if sign.explicit is explicit]
        if these:
            shown = [sign for sign in these[:_MOST_SIGNS] if sign.calls >= 0.005 * total] or these[:1]
            more = f", {len(these) - len(shown)} more" if len(these) > len(shown) else ""
            words.append(f"{head}: {', '.join(f'{sign.label} {sign.calls / total:.0%}' for sign in shown)}{more}")
    track = None
    if carrier.rate is not None and carrier.low is not None and carrier.high is not None:
        track = {"left": carrier.low * 1e4 / scale, "width": (carrier.high - carrier.low) * 1e4 / scale,
                 "at": carrier.rate * 1e4 / scale}  # fmt: skip
    return {
        **carrier._asdict(), "signs": [{"explicit": s.explicit, "part": s.calls / total} for s in signs],
        "words": "; ".join(words), "track": track,
    }  # fmt: skip
