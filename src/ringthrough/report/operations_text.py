"""The operations report as sections for a terminal or a pipe: the same figures as the page, in fewer words."""

from __future__ import annotations

from ringthrough.analytics.overview import Block, Overview
from ringthrough.report.document import Section, Table
from ringthrough.report.operations_quality import quality_lines
from ringthrough.report.operations_words import (
    FIGURES,
    SURE,
    contact_words,
    figure_of,
    interval,
    lead,
    named,
    period_words,
    points,
    share,
    since_words,
    until_words,
    whole,
)
from ringthrough.report.words import count

__all__ = ["operations_sections"]

_ACTIONS, _ROWS, _MOVES = 6, 10, 5
_SHOWN = ("asr", "reach", "block_rate", "ring_rate")


def operations_sections(
    found: Overview, *, title: str, unread: tuple[str, ...] = (), notes: tuple[str, ...] = ()
) -> list[Section]:
    """
    Return the report, top first.

    Args:
        found: the overview; masked already, where that is wanted.
        title: its heading.
        unread: what could not be read.
        notes: remarks on the reading.
    """
    compared = f", compared with {period_words(found.previous)}" if found.previous else ""
    sections = [Section(f"{title}: {period_words(found.period)}{compared}", lead(found))]
    if found.calls:
        sections += [_figures(found), _actions(found)]
    if found.blocks:
        sections.append(_blocks(found))
    if found.change.began or found.change.lifted or found.previous:
        sections.append(_change(found))
    if found.carriers:
        sections.append(_carriers(found))
    if any(row.lost for row in found.risk):
        sections.append(_risk(found))
    return [*sections, Section("What the figures rest on", [*quality_lines(found), *unread, *notes])]


def _figures(found: Overview) -> Section:
    lines = []
    for name in _SHOWN:
        figure = figure_of(found, name)
        ends = interval(figure.low, figure.high)
        moved = f", {points(figure.before, figure.value)}" if figure.before is not None else ""
        lines.append(f"{FIGURES[name]}: {share(figure.value)}{f' ({ends})' if ends else ''}{moved}")
    return Section("Figures", lines)


def _actions(found: Overview) -> Section:
    lines = []
    for place, action in enumerate(found.actions[:_ACTIONS], 1):
        lines.append(f"{place}. {action.title} ({whole(action.stake)} calls at stake)")
        lines += [f"   {sentence}" for sentence in action.why]
        if action.contact:
            lines.append(f"   Ask: {contact_words(action.contact)}")
        if action.examples:
            example = action.examples[0]
            reference = f", reference {example.reference}" if example.reference else ""
            lines.append(f"   Quote: {example.at} {example.caller} to {example.callee}{reference}, {example.call_id}")
    more = len(found.actions) - _ACTIONS
    after = [f"and {count(more)} more"] if more > 0 else []
    return Section("What to do first", lines or ["Nothing is worth a step."], after=after)


def _blocks(found: Overview) -> Section:
    columns = ("number", "carrier", "sure", "since", "until", "lost", "calls", "whom to ask")
    table = Table(columns, [_block(block) for block in found.blocks[:_ROWS]], frozenset({5, 6}))
    table.groups = ["blocked"] * len(table.rows)
    more = len(found.blocks) - _ROWS
    return Section("Blocks", tables=[table], after=[f"and {count(more)} more"] if more > 0 else [])


def _block(block: Block) -> tuple[str, ...]:
    return (
        named(block.number), named(block.carrier), SURE[block.verdict], since_words(block), until_words(block),
        whole(block.lost), count(block.calls), contact_words(block.contact),
    )  # fmt: skip


def _change(found: Overview) -> Section:
    change = found.change
    began, lifted = len(change.began), len(change.lifted)
    were = "was" if lifted == 1 else "were"
    lines = [f"{count(began)} block{'' if began == 1 else 's'} began, {count(lifted)} {were} lifted"]
    for moved in change.moved[:_MOVES]:
        at = "" if moved.carrier is None else f" at {named(moved.carrier)}"
        difference = points(moved.before, moved.now)
        lines.append(f"{FIGURES[moved.name]}{at}: {share(moved.before)} to {share(moved.now)} ({difference})")
    if found.previous and not change.moved:
        lines.append(f"No metric moved by more than chance, of {change.tested} comparisons")
    return Section("What changed", lines)


def _carriers(found: Overview) -> Section:
    table = Table(
        ("carrier", "calls", "answered", "blocked", "lost", "its blocks look like"), [], frozenset({1, 2, 3, 4})
    )
    for carrier in found.carriers[:_ROWS]:
        signs = ", ".join(f"{sign.label}{'' if sign.explicit else ' (hidden)'}" for sign in carrier.signs[:3])
        table.rows.append((
            named(carrier.carrier), count(carrier.calls), share(carrier.answered), share(carrier.rate),
            whole(carrier.lost), signs or "none seen",
        ))  # fmt: skip
    more = len(found.carriers) - _ROWS
    return Section("Carriers", tables=[table], after=[f"and {count(more)} more"] if more > 0 else [])


def _risk(found: Overview) -> Section:
    table = Table(("number", "health", "calls", "what costs it points"), [], frozenset({1, 2}))
    for row in [row for row in found.risk if row.lost][:_ROWS]:
        reasons = "; ".join(f"{part.title.lower()} −{whole(part.points)}" for part in row.lost[:3])
        table.rows.append((named(row.number), whole(row.score), count(row.calls), reasons))
    return Section("Health of our numbers", tables=[table])
