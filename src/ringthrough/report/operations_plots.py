"""
Charts of the operations report as Vega-Lite specifications: plain dicts with the data inside.

Facts
- Text, axes and lines take the colour of the page by CSS (`currentColor`, and rules on the classes that Vega gives
  them), so a chart is drawn once for light, dark and paper.
- Groups that touch in a stack differ in lightness, not only in hue: the charts can be read in black and white. Blocks
  stand at the bottom, where heights can be compared.
- Rows carry their names inside the chart, above their bar, so that bars have the whole width of a phone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from ringthrough.analytics.overview import GROUPS, Block, Overview, TimeBin
from ringthrough.report.operations_words import GROUP_WORDS, SURE, calls_words, named, share, since_words, whole
from ringthrough.report.words import duration, safe

__all__ = [
    "COLOURS",
    "blocks_chart",
    "calls_chart",
    "matrix_chart",
    "operations_plots",
    "risk_chart",
    "timeline_chart",
    "times_chart",
]

Spec = dict[str, Any]

COLOURS = {
    "blocked": "#b5460f",
    "hidden": "#f2a65a",
    "fault": "#7a68a6",
    "unclear": "#d3cdb4",
    "reached": "#0a8a68",
    "person": "#a5d3ee",
}
"Colour of each group: neighbours in a stack differ in lightness."
_ORDER = tuple(GROUP_WORDS)
_SCALE = {"domain": [GROUP_WORDS[group] for group in _ORDER], "range": [COLOURS[group] for group in _ORDER]}
_MOST_BLOCKS, _MOST_RISKS = 12, 15
_INK = "currentColor"
_LEFT = 44
_ROW = 34
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def operations_plots(found: Overview) -> dict[str, Spec]:
    """All charts by the id of their place in the page; none where there is nothing to show."""
    made: dict[str, Spec] = {}
    if found.timeline:
        made["chart-timeline"] = timeline_chart(found)
        made["chart-calls"] = calls_chart(found)
    if found.timeline and found.blocks:
        made["chart-blocks"] = blocks_chart(found)
    if found.matrix.cells and found.loss.lost:
        made["chart-matrix"] = matrix_chart(found)
    if found.times:
        made["chart-times"] = times_chart(found)
    if any(row.lost for row in found.risk):
        made["chart-risk"] = risk_chart(found)
    return made


def _spec(description: str, **parts: Any) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description,
        "width": "container",
        "background": None,
        **parts,
    }


def _iso(at_us: int) -> str:
    return (_EPOCH + timedelta(microseconds=at_us)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _utc(at_us: int) -> dict[str, Any]:
    at = _EPOCH + timedelta(microseconds=at_us)
    return {"utc": True, "year": at.year, "month": at.month, "date": at.day, "hours": at.hour, "minutes": at.minute}


def _time_scale(found: Overview) -> Spec:
    """The same for all charts over time, so that they stand below each other."""
    return {"type": "utc", "domain": [_utc(found.timeline[0].at_us), _utc(found.timeline[-1].until_us)], "nice": False}


def _time_axis(found: Overview) -> Spec:
    hours = (found.timeline[-1].until_us - found.timeline[0].at_us) / 3_600_000_000
    form = "%H:%M" if hours <= 26 else "%e %b %H:%M" if hours <= 72 else "%e %b" if hours <= 24 * 400 else "%b %Y"
    return {"grid": False, "labelOverlap": True, "tickCount": 8, "format": form, "title": None}


def timeline_chart(found: Overview) -> Spec:
    """Stacked bars: lost calls over time, with marks where blocks began and where they were lifted."""
    marks = [
        {"middle": _iso((b.at_us + b.until_us) // 2), "blocks": number, "what": what,
         "label": f"{'▲' if what == 'began' else '▽'}{number}"}
        for b in found.timeline
        for what, number in (("began", b.began), ("lifted", b.ended))
        if number
    ]  # fmt: skip
    layers = [_stack(found, ("blocked", "hidden"), "lost calls")]
    for what, above in (("began", -20), ("lifted", -7)):
        these = [mark for mark in marks if mark["what"] == what]
        if these:
            layers.append({
                "data": {"values": these},
                "mark": {"type": "text", "y": above, "fontSize": 10.5, "fontWeight": 600, "fill": _INK},
                "encoding": {
                    "x": {"field": "middle", "type": "temporal", "scale": _time_scale(found)},
                    "text": {"field": "label"},
                    "tooltip": [{"field": "blocks", "title": f"Blocks that {_WHAT[what]}", "type": "quantitative"}],
                },
            })  # fmt: skip
    return _spec(
        "Blocked calls over time, with blocks that began and were lifted (UTC)",
        height=150, padding={"top": 26 if marks else 5, "left": 0, "right": 8, "bottom": 5}, layer=layers,
    )  # fmt: skip


def calls_chart(found: Overview) -> Spec:
    """Stacked bars: all calls over time by what became of them."""
    return _spec(
        "Calls over time by what became of them (UTC)", height=120,
        padding={"top": 5, "left": 0, "right": 8, "bottom": 5}, layer=[_stack(found, _ORDER, "all calls")],
    )  # fmt: skip


def _stack(found: Overview, groups: Iterable[str], title: str) -> Spec:
    """Bars of some groups of verdicts, one upon the other."""
    places = list(GROUPS)
    bars = [
        {"at": _iso(b.at_us), "until": _iso(b.until_us), "group": GROUP_WORDS[group], "order": order,
         "calls": b.counts[places.index(group)], "all": sum(b.counts)}
        for b in found.timeline
        for order, group in enumerate(groups)
        if b.counts[places.index(group)]
    ]  # fmt: skip
    return {
        "data": {"values": bars},
        "mark": {"type": "bar", "orient": "vertical", "binSpacing": 1, "stroke": "#ffffff", "strokeWidth": 0.4,
                 "strokeOpacity": 0.7},
        "encoding": {
            "x": {"field": "at", "type": "temporal", "scale": _time_scale(found), "axis": _time_axis(found)},
            "x2": {"field": "until"},
            "y": {"field": "calls", "type": "quantitative", "title": title, "stack": "zero",
                  "axis": {"tickMinStep": 1, "tickCount": 4, "minExtent": _LEFT, "maxExtent": _LEFT}},
            "color": {"field": "group", "type": "nominal", "scale": _SCALE, "legend": None},
            "order": {"field": "order", "type": "quantitative"},
            "tooltip": [
                {"field": "at", "title": "From (UTC)", "type": "temporal", "format": "%Y-%m-%d %H:%M",
                 "timeUnit": "utcyearmonthdatehoursminutes"},
                {"field": "group", "title": "What"},
                {"field": "calls", "title": "Calls", "type": "quantitative", "format": ","},
                {"field": "all", "title": "Of", "type": "quantitative", "format": ","},
            ],
        },
    }  # fmt: skip


_WHAT = {"began": "began", "lifted": "were lifted"}


def _shown_blocks(blocks: Iterable[Block]) -> list[Block]:
    return [block for block in blocks if round(block.lost) or block.until][:_MOST_BLOCKS]


def blocks_chart(found: Overview) -> Spec:
    """Bars over time: each number at each carrier from the beginning of its block to the end, worst first."""
    begin, end = found.timeline[0].at_us, found.timeline[-1].until_us
    rows = []
    for place, block in enumerate(_shown_blocks(found.blocks)):
        since, until = _day_us(block.since or block.first), _day_us(block.until)
        from_us = begin if since is None or not block.since else min(max(since, begin), end)
        to_us = end if until is None else max(min(until, end), from_us)
        rows.append({
            "row": place, "from": _iso(from_us), "to": _iso(max(to_us, from_us + (end - begin) // 200)),
            "name": safe(f"{named(block.number)} at {named(block.carrier)}"), "lost": round(block.lost),
            "label": safe(
                f"{named(block.number)}  ·  {named(block.carrier)}  ·  since {since_words(block)}  ·  "
                f"{calls_words(block.lost)} lost"
            ),
            "sure": SURE[block.verdict], "state": block.state, "begin": _iso(begin),
            "mark": "▲" if block.since and since is not None and since >= begin else "",
            "over": "▽" if block.until and until is not None and until < end else "",
        })  # fmt: skip
    scale = _time_scale(found)
    y = {"field": "row", "type": "ordinal", "axis": None, "sort": None}
    tooltip = [
        {"field": "name", "title": "Block"}, {"field": "lost", "title": "Lost calls", "type": "quantitative"},
        {"field": "sure", "title": "Sure"}, {"field": "state", "title": "State"},
    ]  # fmt: skip
    x = {"type": "temporal", "scale": scale}
    return _spec(
        "The worst blocks over time: number and carrier, from beginning to end",
        height={"step": _ROW},
        padding={"left": _LEFT + 5, "right": 8, "top": 0, "bottom": 5},
        data={"values": rows},
        encoding={"y": y, "tooltip": tooltip},
        layer=[
            {
                "mark": {"type": "bar", "height": 9, "yOffset": 8, "cornerRadius": 2},
                "encoding": {
                    "x": {"field": "from", **x, "axis": _time_axis(found)},
                    "x2": {"field": "to"},
                    "color": {
                        "field": "sure", "type": "nominal", "legend": None,
                        "scale": {"domain": list(SURE.values()),
                                  "range": [COLOURS["blocked"], COLOURS["blocked"], COLOURS["hidden"]]},
                    },
                },
            },
            {
                "mark": {"type": "text", "align": "left", "baseline": "middle", "yOffset": -6, "fill": _INK,
                         "fontSize": 11.5},
                "encoding": {"x": {"field": "begin", **x}, "text": {"field": "label"}},
            },
            {
                "mark": {"type": "text", "baseline": "middle", "yOffset": 8, "xOffset": -8, "fill": _INK,
                         "fontSize": 11},
                "encoding": {"x": {"field": "from", **x}, "text": {"field": "mark"}},
            },
            {
                "mark": {"type": "text", "baseline": "middle", "yOffset": 8, "xOffset": 8, "fill": _INK,
                         "fontSize": 11},
                "encoding": {"x": {"field": "to", **x}, "text": {"field": "over"}},
            },
        ],
    )  # fmt: skip


def _day_us(day: str) -> int | None:
    try:
        at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    except ValueError:
        return None
    return (at - _EPOCH) // timedelta(microseconds=1)


def matrix_chart(found: Overview) -> Spec:
    """Heat map: share of calls that are blocked, by number and carrier, with the figure in each cell."""
    cells = [
        {
            "number": safe(named(cell.number)), "carrier": safe(named(cell.carrier)), "rate": cell.rate,
            "text": "" if cell.rate is None else "·" if cell.rate < 0.005 else f"{cell.rate * 100:.0f}",
            "said": share(cell.rate), "range": "" if cell.low is None or cell.high is None
            else f"{cell.low * 100:.1f} to {cell.high * 100:.1f} %",
            "calls": cell.calls, "lost": round(cell.lost),
        }
        for cell in found.matrix.cells
    ]  # fmt: skip
    numbers = [safe(named(number)) for number in found.matrix.numbers]
    carriers = [safe(named(carrier)) for carrier in found.matrix.carriers]
    x = {"field": "carrier", "type": "nominal", "title": None, "scale": {"domain": list(dict.fromkeys(carriers))},
         "axis": {"orient": "top", "labelAngle": -35, "labelLimit": 130, "ticks": False, "domain": False}}  # fmt: skip
    y = {"field": "number", "type": "nominal", "title": None, "scale": {"domain": list(dict.fromkeys(numbers))},
         "axis": {"labelLimit": 170, "ticks": False, "domain": False}}  # fmt: skip
    return _spec(
        "Share of calls that are blocked, by calling number and carrier",
        height={"step": 22},
        data={"values": cells},
        encoding={
            "x": x, "y": y,
            "tooltip": [
                {"field": "number", "title": "Number"}, {"field": "carrier", "title": "Carrier"},
                {"field": "said", "title": "Blocked"}, {"field": "range", "title": "95 %"},
                {"field": "calls", "title": "Calls", "type": "quantitative", "format": ","},
                {"field": "lost", "title": "Lost", "type": "quantitative", "format": ","},
            ],
        },
        layer=[
            {
                # Depth of colour, not a scale of colours: it works on light and dark paper and in grey.
                "mark": {"type": "rect", "fill": COLOURS["blocked"], "stroke": _INK, "strokeOpacity": 0.14},
                "encoding": {
                    "opacity": {
                        "field": "rate", "type": "quantitative", "legend": None,
                        "scale": {"domain": [0, 1], "range": [0.03, 1]},
                    },
                },
            },
            {
                "mark": {"type": "text", "fontSize": 11},
                "encoding": {
                    "text": {"field": "text"},
                    "fill": {"condition": {"test": "datum.rate > 0.55", "value": "#ffffff"}, "value": _INK},
                },
            },
        ],
    )  # fmt: skip


def times_chart(found: Overview) -> Spec:
    """Ridges: how long the final answer took, one row for each group of verdicts, on a logarithmic scale."""
    groups = [group for group in _ORDER if any(bin_.group == group for bin_ in found.times)]
    areas: list[dict[str, Any]] = []
    labels: list[dict[str, Any]] = []
    for row, group in enumerate(groups):
        bins = {bin_.low_ms: bin_ for bin_ in found.times if bin_.group == group}
        total, most = sum(b.calls for b in bins.values()), max(b.calls for b in bins.values())
        width = max(b.high_ms / b.low_ms for b in bins.values())
        edges = sorted(bins)
        # A gap between two bins is nothing, not a slope from one to the other.
        filled = [edges[0] / width]
        while filled[-1] < edges[-1] * width * 0.99:
            filled.append(filled[-1] * width)
        points = [*filled, filled[-1] * width]
        for low in points:
            near = next((b for at, b in bins.items() if abs(at / low - 1) < 0.01), None)
            calls = near.calls if near else 0
            areas.append({
                "group": GROUP_WORDS[group], "ms": max(low * width**0.5, 0.5), "base": -row,
                "top": -row + 0.66 * calls / most, "calls": calls,
            })  # fmt: skip
        labels.append({
            "base": -row + 0.72, "ms": 0.0, "group": GROUP_WORDS[group],
            "label": f"{GROUP_WORDS[group]}  ·  {calls_words(total)}  ·  median {duration(_median(bins.values()))}",
        })  # fmt: skip
    shortest, longest = min(area["ms"] for area in areas), max(area["ms"] for area in areas)
    for row, group in enumerate(groups):  # the line on which a row stands is as wide as the chart
        areas += [
            {"group": GROUP_WORDS[group], "ms": edge, "base": -row, "top": -row, "calls": 0}
            for edge in (shortest, longest)
        ]
    for label in labels:
        label["ms"] = shortest
    x = {"field": "ms", "type": "quantitative",
         "scale": {"type": "log", "nice": False, "domain": [shortest, longest]},
         "axis": {"labelExpr": "datum.value < 1000 ? datum.value + ' ms' : (datum.value / 1000) + ' s'",
                  "values": [10**power for power in range(7)], "title": None, "gridOpacity": 0.5}}  # fmt: skip
    domain = {"domain": [-len(groups) + 0.92, 1.0]}
    return _spec(
        "How long the final answer took, by what became of the call",
        height=60 * len(groups),
        layer=[
            {
                "data": {"values": areas},
                "mark": {"type": "area", "interpolate": "monotone", "line": {"strokeWidth": 1, "stroke": _INK},
                         "fillOpacity": 0.9},
                "encoding": {
                    "x": x,
                    "y": {"field": "base", "type": "quantitative", "axis": None, "scale": domain},
                    "y2": {"field": "top"},
                    "color": {"field": "group", "type": "nominal", "scale": _SCALE, "legend": None},
                    "tooltip": [{"field": "group", "title": "What"}],
                },
            },
            {
                "data": {"values": labels},
                "mark": {"type": "text", "align": "left", "baseline": "bottom", "fill": _INK, "fontSize": 11.5},
                "encoding": {
                    "x": {"field": "ms", "type": "quantitative"},
                    "y": {"field": "base", "type": "quantitative"},
                    "text": {"field": "label"},
                },
            },
        ],
    )  # fmt: skip


def _median(bins: Iterable[TimeBin]) -> int:
    ordered = sorted(bins, key=lambda found: found.low_ms)
    half, seen = sum(found.calls for found in ordered) / 2, 0
    for found in ordered:
        seen += found.calls
        if seen >= half:
            break
    return round(math.sqrt(found.low_ms * found.high_ms))


def risk_chart(found: Overview) -> Spec:
    """Bars: health of the worst numbers, 0 to 100, with what costs them points."""
    rows = []
    for place, row in enumerate([row for row in found.risk if row.lost][:_MOST_RISKS]):
        reasons = "; ".join(f"{part.title.lower()} −{whole(part.points)}" for part in row.lost[:3])
        more = f"; {len(row.lost) - 3} more" if len(row.lost) > 3 else ""
        rows.append({
            "row": place, "score": row.score, "full": 100, "number": safe(named(row.number)), "calls": row.calls,
            "label": safe(f"{named(row.number)}  ·  {reasons}{more}"), "said": whole(row.score), "zero": 0,
        })  # fmt: skip
    y = {"field": "row", "type": "ordinal", "axis": None, "sort": None}
    x = {"type": "quantitative", "scale": {"domain": [0, 100], "nice": False}}
    axis = {"title": None, "values": [0, 25, 50, 75, 100], "gridOpacity": 0.5}
    return _spec(
        "Health of the worst numbers, 0 to 100",
        height={"step": _ROW},
        data={"values": rows},
        encoding={
            "y": y,
            "tooltip": [
                {"field": "number", "title": "Number"},
                {"field": "score", "title": "Health", "type": "quantitative", "format": ".0f"},
                {"field": "calls", "title": "Calls", "type": "quantitative", "format": ","},
            ],
        },
        layer=[
            {
                "mark": {"type": "bar", "height": 10, "yOffset": 8, "fill": _INK, "opacity": 0.1},
                "encoding": {"x": {"field": "zero", **x, "axis": axis}, "x2": {"field": "full"}},
            },
            {
                "mark": {"type": "bar", "height": 10, "yOffset": 8},
                "encoding": {
                    "x": {"field": "zero", **x},
                    "x2": {"field": "score"},
                    "fill": {
                        "condition": [
                            {"test": "datum.score < 50", "value": COLOURS["blocked"]},
                            {"test": "datum.score < 80", "value": COLOURS["hidden"]},
                        ],
                        "value": COLOURS["reached"],
                    },
                },
            },
            {
                "mark": {"type": "text", "align": "left", "baseline": "middle", "yOffset": 8, "dx": 5, "fontSize": 11,
                         "fontWeight": 600, "fill": _INK},
                "encoding": {"x": {"field": "score", **x}, "text": {"field": "said"}},
            },
            {
                "mark": {"type": "text", "align": "left", "baseline": "middle", "yOffset": -6, "fill": _INK,
                         "fontSize": 11.5},
                "encoding": {"x": {"field": "zero", **x}, "text": {"field": "label"}},
            },
        ],
    )  # fmt: skip
