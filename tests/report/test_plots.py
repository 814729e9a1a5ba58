from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ringthrough.report.plots import GROUP_COLOURS, GROUP_TITLES, plots, quantile_rows, timeline_plot, verdict_plot
from ringthrough.report.summary import Summary
from ringthrough.report.words import GROUPS

from .test_document import filled

S = 1_000_000


def test_verdict_bars_hold_every_verdict_once(row: Callable) -> None:
    values = verdict_plot(filled(row))["data"]["values"]
    assert [(v["verdict"], v["calls"], v["group"]) for v in values] == [
        ("Answered", 6, "Answered"), ("Blocked by the network", 4, "Blocked"),
        ("Refused, reason unknown", 1, "Unclear"),
    ]  # fmt: skip
    assert sum(v["share"] for v in values) == pytest.approx(1)


@pytest.mark.parametrize(
    ("span_s", "form", "width_s"),
    [(30, "%H:%M:%S", 1), (7_200, "%H:%M", 300), (3 * 86_400, "%d %b %H:%M", 3_600 * 6),
     (90 * 86_400, "%Y-%m-%d", 604_800)],
)  # fmt: skip
def test_timeline_fits_its_span(row: Callable, span_s: int, form: str, width_s: int) -> None:
    made = Summary()
    made.add([row(at_us=1_700_000_000 * S), row(at_us=(1_700_000_000 + span_s) * S, verdict="answered")])
    spec = timeline_plot(made)
    assert spec["encoding"]["x"]["axis"]["format"] == form
    values = spec["data"]["values"]
    assert [(v["group"], v["calls"]) for v in values] == [("Blocked", 1), ("Answered", 1)]
    width, _ = made.timeline.buckets()
    assert width == width_s
    domain = spec["encoding"]["x"]["scale"]["domain"]
    assert [d["year"] for d in domain] == [int(values[0]["at"][:4]), int(values[-1]["until"][:4])]


def test_an_absurd_time_still_gives_a_plot(row: Callable) -> None:
    made = Summary()
    made.add([row(at_us=-5 * S), row(at_us=2**62)])
    assert len(timeline_plot(made)["data"]["values"]) == 2


def test_quantiles_by_verdict(row: Callable) -> None:
    made = Summary()
    made.add([row(setup_ms=ms) for ms in range(1, 1_001)])
    made.add([row(setup_ms=None, verdict="failed"), row(setup_ms=0, verdict="busy")])
    busy, blocked = sorted(quantile_rows(made), key=lambda r: r["calls"])
    assert (busy["verdict"], busy["p50"]) == ("Busy", 1)
    assert blocked["calls"] == 1_000
    assert blocked["p5"] < blocked["p25"] < blocked["p50"] < blocked["p75"] < blocked["p95"]
    assert blocked["p50"] == pytest.approx(500, rel=0.065)


def test_plots_only_where_there_is_something_to_show(row: Callable) -> None:
    assert plots(Summary()) == {}
    made = Summary()
    made.add([row(setup_ms=None)])
    assert set(plots(made)) == {"plot-verdicts", "plot-timeline"}
    assert set(plots(filled(row))) == {"plot-verdicts", "plot-timeline", "plot-times"}
    assert timeline_plot(Summary())["data"]["values"] == []


def _addresses(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [a for k, v in value.items() for a in ([str(v)] if k in ("url", "href") else _addresses(v))]
    return [a for each in value for a in _addresses(each)] if isinstance(value, list) else []


def test_specs_are_json_and_name_nothing_to_fetch(row: Callable) -> None:
    for spec in plots(filled(row)).values():
        assert json.loads(json.dumps(spec)) == spec
        assert _addresses(spec) == []
        assert spec["$schema"].endswith("/v6.json")


def test_each_group_has_a_colour_of_its_own() -> None:
    assert set(GROUP_TITLES) == set(GROUP_COLOURS) == set(GROUPS)
    assert len(set(GROUP_COLOURS.values())) == len(GROUPS)
