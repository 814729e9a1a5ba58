"""
The report as one HTML file: plots, tables and definitions, readable without a network and without scripts.

Facts
- Nothing is fetched. A Content-Security-Policy in the page forbids it (`default-src 'none'`), so that a hostile header
  that slipped through could not send anything anywhere either. Vega runs with its expression interpreter, which needs
  no `eval`.
- Every text goes through Jinja2's escaping. The data of the plots sit in `<script type="application/json">`, where `<`,
  `>` and `&` are written as `\\u003c` and the like, so that no text can close the element (HTML Standard §4.12.1.3).
- Without scripts, and on paper that lost them, the tables hold the same numbers as the plots.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ringthrough import __version__
from ringthrough.report.document import Context, contacts, headline, unread, via
from ringthrough.report.plots import ALONE, GROUP_COLOURS, GROUP_TITLES, plots, quantile_rows
from ringthrough.report.summary import Blocker, NumberTally, Summary, share
from ringthrough.report.words import DEFINITIONS, MEANINGS, TITLES, clock, count, duration, group_of, percent, safe

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["asset", "page", "script_json"]

_SCRIPTS = ("vega.min.js", "vega-lite.min.js", "vega-embed.min.js")
_MOST_ROWS = 50


def script_json(value: Any) -> str:
    """Return JSON that cannot leave the script element it is written into."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("ringthrough.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(count=count, duration=duration, clock=clock, safe_text=safe)
    return environment.get_template("report.html.j2")


@cache
def asset(name: str) -> str:
    """Text of a file in assets/, by its name."""
    return files("ringthrough.report").joinpath("assets", name).read_text("utf-8")


def page(
    summary: Summary, context: Context, *, title: str = "Why calls were refused", made_at_us: int | None = None
) -> str:
    """
    Return the report as HTML.

    Args:
        summary: the counts.
        context: files, notes, filter and how numbers are shown.
        title: heading of the page.
        made_at_us: when the report is made, microseconds since 1970 UTC; left out when None.
    """
    specs = plots(summary)
    return _template().render(
        title=title,
        version=__version__,
        made_at_us=made_at_us,
        context=context,
        summary=summary,
        sentences=headline(summary, context),
        cards=_cards(summary),
        verdicts=_verdicts(summary),
        blockers=[_blocker(b, context) for b in summary.who_blocked(_MOST_ROWS)],
        blockers_more=max(0, len(summary.blockers) - _MOST_ROWS) + summary.blockers_left_out,
        numbers=[_number(n, context) for n in summary.worst_numbers(_MOST_ROWS)],
        numbers_more=max(0, len(summary.worst_numbers()) - _MOST_ROWS),
        carriers=[_number(c, context, carrier=True) for c in summary.by_carrier(_MOST_ROWS)],
        endings=[
            (code or "none", context.show_text(phrase), calls, percent(share(calls, summary.calls)))
            for code, phrase, calls in summary.top_endings(20)
        ],
        times=quantile_rows(summary),
        buckets=_buckets(summary),
        unread=unread(context),
        definitions=DEFINITIONS,
        group_colours=GROUP_COLOURS,
        group_titles={group: GROUP_TITLES[group] for group in ALONE},
        specs={name: script_json(spec) for name, spec in specs.items()},
        scripts=[asset(name) for name in _SCRIPTS] if specs else [],
        licences=[(name, asset(f"{name}.LICENSE")) for name in ("vega", "vega-lite", "vega-embed")] if specs else [],
    )  # fmt: skip


def _cards(summary: Summary) -> list[dict[str, str]]:
    answered = share(summary.answered, summary.calls)
    blocked = share(summary.blocked, summary.calls)
    reach = share(summary.answered, summary.calls - summary.blocked)
    hidden = share(summary.hidden, summary.calls)
    names = {b.name for b in summary.blockers.values()}
    callers = len({caller for b in summary.blockers.values() for caller in b.callers})
    return [
        {"label": "Calls", "value": count(summary.calls), "note": "", "group": ""},
        {"label": "Answered", "value": percent(answered), "group": "reached",
         "note": f"{count(summary.answered)} calls"},
        {
            "label": "Blocked", "value": percent(blocked), "group": "blocked",
            "note": f"{count(summary.blocked)} calls, 95 %: {blocked.low * 100:.1f} to {blocked.high * 100:.1f}",
        },
        {
            "label": "Who blocked", "value": count(len(names)), "group": "blocked",
            "note": f"against {count(callers)} of our numbers",
        },
        {"label": "Reach without blocks", "value": percent(reach), "group": "reached",
         "note": "answered of not blocked"},
        {
            "label": "May hide a block", "value": percent(hidden), "group": "unclear",
            "note": f"{count(summary.hidden)} calls refused without ringing",
        },
    ]  # fmt: skip


def _verdicts(summary: Summary) -> list[dict[str, Any]]:
    return [
        {
            "slug": verdict, "title": TITLES.get(verdict, verdict), "calls": calls, "group": group_of(verdict),
            "share": percent(share(calls, summary.calls)), "sure": f"{summary.confidence[verdict] / calls:.2f}",
            "meaning": MEANINGS.get(verdict, ""),
        }
        for verdict, calls in summary.by_verdict()
    ]  # fmt: skip


def _blocker(b: Blocker, context: Context) -> dict[str, Any]:
    return {
        "name": b.name or "unknown", "via": via(b), "verdict": TITLES.get(b.verdict, b.verdict), "calls": b.calls,
        "numbers": len(b.callers), "contacts": contacts(b),
        # A link only where the scheme is one that people expect: a refusal could carry `javascript:`.
        "urls": [(u, u if u.lower().startswith(("https://", "http://")) else "") for u, _ in b.urls.most_common(1)],
        "urls_more": len(b.urls) - 1,
        "tels": [t for t, _ in b.tels.most_common(2)],
        "emails": [e for e, _ in b.emails.most_common(2)],
        "cards": [c for c, _ in b.cards.most_common(1)],
        "examples": [
            {
                "at": clock(e.at_us), "caller": context.show_number(e.caller), "callee": context.show_number(e.callee),
                "answer": f"{e.code or ''} {context.show_text(e.phrase)}".strip(), "reference": e.redress_id,
                "call_id": context.show_text(e.call_id),
            }
            for e in b.latest
        ],
    }  # fmt: skip


def _number(n: NumberTally, context: Context, *, carrier: bool = False) -> dict[str, Any]:
    part = n.block_share
    return {
        "name": (n.name if carrier else context.show_number(n.name)) or "(none)", "calls": n.calls,
        "answered": percent(share(n.answered, n.calls)), "blocked": n.blocked, "share": percent(part),
        "low": (part.low if part.value is not None else 0.0) * 100, "high": part.high * 100,
        "value": (part.value or 0.0) * 100, "unwanted": n.unwanted, "hidden": n.hidden, "short": n.short,
    }  # fmt: skip


def _buckets(summary: Summary) -> list[tuple[str, int, int, int]]:
    """Rows of the table that stands in for the timeline: start, calls, answered, blocked."""
    _, buckets = summary.timeline.buckets(24)
    return [
        (
            clock(start * 1_000_000), sum(counts.values()), counts["answered"],
            counts["network_blocked"] + counts["provider_blocked"],
        )
        for start, counts in buckets
    ]  # fmt: skip
