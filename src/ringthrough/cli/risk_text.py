"""Risk factors as tables for people, and as rows."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Collection, Sequence

from ringthrough.analytics import Table
from ringthrough.analytics.risk import SENSES, Definition, RiskFactor, Risks, Thresholds
from ringthrough.cli.measures_text import as_lines, lines, rest
from ringthrough.numbers import mask, mask_text
from ringthrough.report.words import clock, count, safe

__all__ = ["definition_rows", "definitions_text", "factor_rows", "number_text", "numbers_text"]

_NONE = "-"
_WIDTH = 100
_MOST_NAMES = 3
_DEFINED = (
    "number", "factor", "title", "unit", "sense", "warn", "high", "least", "points_warn", "points_high", "settings",
    "scope", "measures", "published", "source", "limits", "advice",
)  # fmt: skip


def definition_rows(thresholds: Thresholds, form: str, limit: int | None) -> str:
    """The factors as CSV or JSON."""
    rows = tuple(
        (
            each.number, each.name, each.title, each.unit, each.sense, each.warn, each.high, each.least,
            each.points_warn, each.points_high, " ".join(f"{key}={value:g}" for key, value in each.settings.items()),
            each.scope, each.measures, each.published, each.source, each.limits, each.advice,
        )
        for each in thresholds.factors.values()
    )  # fmt: skip
    return as_lines(Table(_DEFINED, rows), form, masked=False, limit=limit)


def definitions_text(thresholds: Thresholds) -> str:
    """The factors with their thresholds and sources."""
    rows = [
        [
            str(each.number), each.name, _limit(each.warn, each), _limit(each.high, each), f"{each.points_warn:g}",
            f"{each.points_high:g}", each.source,
        ]
        for each in thresholds.factors.values()
    ]  # fmt: skip
    header = ["", "factor", "warn", "high", "points", "", "source of the thresholds"]
    return _flush(header, rows, {0, 4, 5}) + "points: what warn and high take from the score of 100.\n"


def factor_rows(risks: Risks, thresholds: Thresholds, number: str | None, states: Collection[str]) -> Table:
    """Factors as rows, each with the points it takes and the score of its number."""
    scores = {score.number: score.score for score in risks.scores}
    rows = tuple(
        (*factor, thresholds[factor.factor].points(factor.state), scores[factor.number])
        for factor in risks.factors
        if (number is None or factor.number == number) and (not states or factor.state in states)
    )
    return Table((*RiskFactor._fields, "points", "score"), rows)


def numbers_text(risks: Risks, thresholds: Thresholds, states: Collection[str], *, masked: bool, limit: int) -> str:
    """
    The numbers, worst first.

    Args:
        states: states that are shown; empty for high and warn.
        limit: at most so many numbers.
    """
    wanted = tuple(states) or ("high", "warn")
    shown = [state for state in ("high", "warn", "info", "ok", "not_measurable") if state in wanted]
    of: dict[str, list[RiskFactor]] = {}
    for factor in risks.factors:
        if factor.state in wanted:
            of.setdefault(factor.number, []).append(factor)
    chosen = [score for score in risks.scores if not states or score.number in of]
    rows, first = [], Counter[str]()
    for score in chosen[:limit]:
        factors = of.get(score.number, [])
        costs = {name: place for place, (name, _points) in enumerate(score.lost)}
        factors.sort(key=lambda factor: costs.get(factor.factor, len(costs)))
        row = [_masked(score.number, masked), f"{score.score:g}", count(score.calls)]
        row += [_names([each.factor for each in factors if each.state == state], bool(states)) for state in shown]
        rows.append(row)
        first.update([each.factor for each in factors if each.factor in costs][:1])
    text = _flush(["number", "score", "calls", *shown], rows, {1, 2}) + rest(len(chosen), len(rows))
    return text + _advice(first, thresholds) + _notes(risks)


def _advice(first: Counter[str], thresholds: Thresholds) -> str:
    """What to do about the factors that cost most, each with how many numbers it is the first of."""
    if not first:
        return ""
    told = [f"{name} ({count(numbers)}): {thresholds[name].advice}" for name, numbers in first.most_common()]
    filled = (textwrap.fill(each, _WIDTH, initial_indent="  ", subsequent_indent="    ") for each in told)
    return "\nDo first, by what costs most (of so many numbers):\n" + "\n".join(filled) + "\n\n"


def number_text(risks: Risks, thresholds: Thresholds, number: str, states: Collection[str], *, masked: bool) -> str:
    """All factors of one number, and what to do."""
    score = next(score for score in risks.scores if score.number == number)
    factors = [factor for factor in risks.of(number) if not states or factor.state in states]
    points = dict(score.lost)
    text = f"{_masked(number, masked)}  score {score.score:g} of 100  {count(score.calls)} calls  {_span(risks)}\n\n"
    rows = []
    for factor in factors:
        each = thresholds[factor.factor]
        rows.append([
            str(each.number), factor.factor, factor.state, _value(factor.value, factor.unit), _limit(factor.warn, each),
            _limit(factor.high, each), _trend(factor), count(factor.n),
            f"-{points[factor.factor]:g}" if factor.factor in points else "",
            safe(mask_text(factor.because) if masked else factor.because),
        ])  # fmt: skip
    header = ["", "factor", "state", "value", "warn", "high", "trend", "n", "points", "because"]
    text += _flush(header, rows, {0, 3, 4, 5, 6, 7, 8})
    missing = [f"  {factor.factor}: {factor.missing}" for factor in factors if factor.missing]
    if missing:
        text += "\nNot measurable, because the calls lack:\n" + "".join(f"{line}\n" for line in missing)
    advised = [factor for name in points for factor in factors if factor.factor == name]
    if advised:
        text += "\nWhat to do, most points first:\n"
        text += "".join(textwrap.fill(
            f"{factor.factor}: {factor.advice}", _WIDTH, initial_indent="  ", subsequent_indent="    "
        ) + "\n" for factor in advised)  # fmt: skip
    return text


def _notes(risks: Risks) -> str:
    if risks.since_us is None or risks.until_us is None:
        notes = ["There are no calls with a time that makes sense."]
    else:
        notes = [_span(risks)]
    if not risks.scores and risks.since_us is not None:
        notes.append("No number called in this time.")
    if risks.before_us is None and risks.scores:
        notes.append("No trends: there are no calls of the period before.")
    for n, what in (
        (risks.left_out, "numbers with fewer calls were not assessed: [numbers] most"),
        (risks.undated, "calls without a time, or with an absurd one"),
        (risks.unnamed, "calls whose calling number is not known"),
    ):
        if n:
            notes.append(f"Left out: {n:,} {what}.")
    if risks.unplaced:
        notes.append(f"Of {risks.unplaced:,} of {risks.calls:,} calls nobody knows what time it was at the callee.")
    unknown: dict[str, int] = {}
    for score in risks.scores:
        for name in score.unknown:
            unknown[name] = unknown.get(name, 0) + 1
    never = [name for name, n in unknown.items() if n == len(risks.scores)]
    if never:
        notes.append(f"Not measurable for any number: {', '.join(never)}. --number N says why.")
    return "".join(f"{note}\n" for note in notes)


def _span(risks: Risks) -> str:
    return f"{clock(risks.since_us)} to {clock(risks.until_us)}"


def _names(names: Sequence[str], whole: bool) -> str:
    """Names with commas between: all of them, or the first few."""
    more = 0 if whole else len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES] if more > 0 else names) + (f" +{more}" if more > 0 else "") or _NONE


def _masked(number: str, masked: bool) -> str:
    return safe(mask(number) if masked else number)


def _value(value: float | None, unit: str) -> str:
    if value is None:
        return _NONE
    if unit == "share":
        return f"{value * 100:.1f} %"
    if unit in ("times", "probability"):
        return f"{value:.2f}"
    if unit == "s":
        return f"{value:.1f} s"
    return f"{value:,.0f}"


def _limit(threshold: float | None, each: Definition) -> str:
    if threshold is None:
        return _NONE
    shown = f"{threshold * 100:g} %" if each.unit == "share" else f"{threshold:g}"
    return f"{SENSES[each.sense]} {shown}" + (" s" if each.unit == "s" else "")


def _trend(factor: RiskFactor) -> str:
    if factor.trend is None:
        return _NONE
    shown = _value(abs(factor.trend), factor.unit)
    zero = _value(0.0, factor.unit)
    return shown if shown == zero else f"{'+' if factor.trend > 0 else '-'}{shown}"


def _flush(header: list[str], rows: list[list[str]], right: set[int]) -> str:
    """Columns side by side; those of `right` flush right, all others flush left."""
    widths = [max(len(row[place]) for row in (header, *rows)) for place in range(len(header))]
    padded = [
        [
            cell.rjust(widths[place]) if place in right else cell.ljust(widths[place])
            for place, cell in enumerate(row)
        ]
        for row in (header, *rows)
    ]  # fmt: skip
    return lines(padded[0], padded[1:], len(header))
