"""
Plots as Vega-Lite specifications: plain dicts with the data inside, made from a `Summary` and nothing else.

They name no address to fetch, so a page that embeds them makes no request. Colours are one per group of verdicts and
are told apart by people who do not see red and green (Okabe and Ito, "Color Universal Design", 2008).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ringthrough.report.summary import Summary
from ringthrough.report.words import GROUPS, MEANINGS, TITLES, group_of

__all__ = ["GROUP_COLOURS", "GROUP_TITLES", "plots", "quantile_rows", "timeline_plot", "times_plot", "verdict_plot"]

Spec = dict[str, Any]

GROUP_TITLES = {
    "reached": "Answered",
    "person": "Person or phone",
    "blocked": "Blocked",
    "inferred": "Blocked, inferred",
    "unclear": "Unclear",
    "fault": "Fault",
}
GROUP_COLOURS = {
    "reached": "#009e73",
    "person": "#56b4e9",
    "blocked": "#d55e00",
    "inferred": "#e69f00",
    "unclear": "#b9a44c",
    "fault": "#8c7ab8",
}
_NAMES = {"labelLimit": 230, "ticks": False, "labelPadding": 8}
ALONE = tuple(group for group in GROUPS if group != "inferred")
"Groups that a call can be in by itself."
_SCALE = {"domain": [GROUP_TITLES[g] for g in ALONE], "range": [GROUP_COLOURS[g] for g in ALONE]}


def _spec(description: str, values: list[dict[str, Any]], **parts: Any) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description,
        "width": "container",
        "background": None,
        "data": {"values": values},
        **parts,
    }


def verdict_plot(summary: Summary) -> Spec:
    """Bars: calls per verdict, most frequent first."""
    values = [
        {
            "verdict": TITLES.get(verdict, verdict),
            "calls": calls,
            "share": calls / summary.calls,
            "group": GROUP_TITLES[group_of(verdict)],
            "meaning": MEANINGS.get(verdict, ""),
        }
        for verdict, calls in summary.by_verdict()
    ]
    longest = max(summary.verdicts.values(), default=0)
    y = {
        "field": "verdict",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": _NAMES,
    }
    return _spec(
        "Calls per verdict",
        values,
        height={"step": 26},
        encoding={"y": y},
        layer=[
            {
                "mark": {"type": "bar", "cornerRadiusEnd": 2, "height": 16},
                "encoding": {
                    "x": {
                        "field": "calls",
                        "type": "quantitative",
                        "title": None,
                        "axis": None,
                        "scale": {"domain": [0, longest * 1.18 or 1]},
                    },
                    "color": {
                        "field": "group", "type": "nominal", "scale": _SCALE, "title": None,
                        "legend": None,
                    },
                    "tooltip": [
                        {"field": "verdict", "title": "Verdict"},
                        {"field": "calls", "title": "Calls", "format": ",", "type": "quantitative"},
                        {"field": "share", "title": "Share", "format": ".1%", "type": "quantitative"},
                        {"field": "meaning", "title": "Meaning"},
                    ],
                },
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 5, "baseline": "middle"},
                "encoding": {
                    "x": {"field": "calls", "type": "quantitative"},
                    "text": {"field": "calls", "type": "quantitative", "format": ","},
                },
            },
        ],
    )  # fmt: skip


def timeline_plot(summary: Summary) -> Spec:
    """Stacked bars: calls over time, one colour per group of verdicts."""
    width_s, buckets = summary.timeline.buckets()
    values = []
    for start, counts in buckets:
        groups = dict.fromkeys(GROUPS, 0)
        for verdict, calls in counts.items():
            groups[group_of(verdict)] += calls
        for order, (group, calls) in enumerate(groups.items()):
            if calls:
                values.append(
                    {
                        "at": _iso(start), "until": _iso(start + width_s), "calls": calls, "order": order,
                        "group": GROUP_TITLES[group],
                    }
                )  # fmt: skip
    first = _iso(buckets[0][0]) if buckets else ""
    last = _iso(buckets[-1][0] + width_s) if buckets else ""
    time = {"timeUnit": "utcyearmonthdatehoursminutesseconds", "type": "temporal"}
    domain = {"domain": [_utc(first), _utc(last)]} if buckets else {}
    return _spec(
        f"Calls over time, {_width_words(width_s)} per bar, UTC",
        values,
        height=200,
        mark={"type": "bar", "orient": "vertical", "binSpacing": 1},
        encoding={
            "x": {"field": "at", "type": "temporal", "title": None, "scale": {"type": "utc", **domain},
                  "axis": {"grid": False, "labelOverlap": True, "tickCount": 8, "format": _time_format(summary)}},
            "x2": {"field": "until"},
            "y": {"field": "calls", "type": "quantitative", "title": "calls", "stack": "zero",
                  "axis": {"tickMinStep": 1}},
            "color": {"field": "group", "type": "nominal", "scale": _SCALE, "title": None, "legend": None},
            "order": {"field": "order", "type": "quantitative"},
            "tooltip": [
                {"field": "at", "title": "From (UTC)", **time, "format": "%Y-%m-%d %H:%M:%S"},
                {"field": "group", "title": "What"},
                {"field": "calls", "title": "Calls", "format": ",", "type": "quantitative"},
            ],
        },
    )  # fmt: skip


def _time_format(summary: Summary) -> str:
    first, last = summary.timeline.first_us or 0, summary.timeline.last_us or 0
    days = (last - first) / 86_400_000_000
    if days <= 1:
        return "%H:%M:%S" if days < 1 / 96 else "%H:%M"
    return "%d %b %H:%M" if days <= 4 else "%Y-%m-%d"


def _utc(iso: str) -> dict[str, Any]:
    at = datetime.fromisoformat(iso)
    return {"utc": True, "year": at.year, "month": at.month, "date": at.day, "hours": at.hour, "minutes": at.minute,
            "seconds": at.second}  # fmt: skip


def _iso(second: int) -> str:
    return datetime.fromtimestamp(min(max(second, 0), 253_402_300_799), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _width_words(width_s: int) -> str:
    for unit, size in (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if width_s % size == 0:
            number = width_s // size
            return f"{number} {unit}{'s' if number != 1 else ''}"
    return f"{width_s} seconds"  # pragma: no cover - every width is whole seconds


def quantile_rows(summary: Summary) -> list[dict[str, Any]]:
    """Time from INVITE to the final response per verdict: n, p5, p25, p50, p75, p95 in milliseconds."""
    rows = []
    for verdict, _ in summary.by_verdict():
        histogram = summary.setup.get(verdict)
        if histogram is None:
            continue
        low, q1, middle, q3, high = (histogram.quantile(q) or 1 for q in (0.05, 0.25, 0.5, 0.75, 0.95))
        rows.append(
            {
                "verdict": TITLES.get(verdict, verdict), "group": GROUP_TITLES[group_of(verdict)],
                "calls": histogram.count, "p5": low, "p25": q1, "p50": middle, "p75": q3, "p95": high,
            }
        )  # fmt: skip
    return rows


def times_plot(summary: Summary) -> Spec:
    """Box plot on a logarithmic scale: time to the final response per verdict."""
    y = {
        "field": "verdict",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": _NAMES,
    }
    scale = {"type": "log", "nice": False}
    seconds = "datum.value < 1000 ? datum.value + ' ms' : (datum.value / 1000) + ' s'"
    axis = {"labelExpr": seconds, "values": [1, 10, 100, 1_000, 10_000, 100_000], "title": None}
    colour = {"field": "group", "type": "nominal", "scale": _SCALE, "legend": None}
    tooltip = [{"field": "verdict", "title": "Verdict"}] + [
        {"field": name, "title": title, "type": "quantitative", "format": ","}
        for name, title in (
            ("calls", "Calls"), ("p5", "p5 ms"), ("p25", "p25 ms"), ("p50", "Median ms"), ("p75", "p75 ms"),
            ("p95", "p95 ms"),
        )
    ]  # fmt: skip
    x = {"type": "quantitative", "scale": scale, "axis": axis}
    return _spec(
        "Time from INVITE to the final response, per verdict",
        quantile_rows(summary),
        height={"step": 26},
        encoding={"y": y, "tooltip": tooltip},
        layer=[
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {"x": {"field": "p5", **x}, "x2": {"field": "p95"}, "color": colour},
            },
            {
                "mark": {"type": "bar", "height": 12, "minBandSize": 2},
                "encoding": {"x": {"field": "p25", **x}, "x2": {"field": "p75"}, "color": colour},
            },
            {
                "mark": {"type": "tick", "thickness": 3, "size": 18},
                "encoding": {"x": {"field": "p50", **x}},
            },
        ],
    )


def plots(summary: Summary) -> dict[str, Spec]:
    """All plots of the report by the id of their place in the page; none where there is nothing to show."""
    made: dict[str, Spec] = {}
    if summary.calls:
        made["plot-verdicts"] = verdict_plot(summary)
        made["plot-timeline"] = timeline_plot(summary)
    if summary.setup:
        made["plot-times"] = times_plot(summary)
    return made
