"""`ringthrough compare`: two or more codes and causes side by side."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ringthrough.reference import Comparison, Table

    from .reference_text import Page

__all__ = ["compare"]

_MOST = 8


@click.command()
@click.argument("what", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.option("--full", is_flag=True, help="Show descriptions, situations, remedies and sources as well.")
def compare(what: tuple[str, ...], as_json: bool, full: bool) -> None:
    """
    Set SIP codes and Q.850 causes side by side.

    Give two or more of them: 100 608, 603 603+, 480 Q.850:20, or 603 607 608 603+.
    """
    if not 2 <= len(what) <= _MOST:
        example = f"ringthrough compare {what[0]} 608" if len(what) == 1 else "ringthrough compare 603 608"
        raise click.UsageError(f"expected two to {_MOST} codes or causes, found {len(what)}; for example: {example}")
    from ringthrough import reference

    if len(what) > 2:
        table = reference.side_by_side(*what)
        if as_json:
            _print_json(_data(table))
        else:
            from .reference_text import Page

            page = Page()
            _several(table, page)
            click.echo(str(page), nl=False)
        return
    compared = reference.compare(what[0], what[1])
    if as_json:
        _print_json(_data(compared))
        return
    from .reference_text import Page

    page = Page()
    _two(compared, page, full=full)
    click.echo(str(page), nl=False)


def _data(value: Any) -> Any:
    from dataclasses import asdict

    return asdict(value)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=True, indent=2))


def _two(c: Comparison, page: Page, *, full: bool) -> None:
    from .reference_text import cited

    page.title(f"{c.a.title}  or  {c.b.title}")
    page.text(c.summary)
    page.blank()
    differences = [(d.aspect, d.a, d.b) for d in c.key_differences]
    if not full:
        differences = [row for row in differences if row[0] in _FIRST]
    effects = [(e.aspect, e.a, e.b) for e in c.effects if full or not e.same]
    if differences or effects:
        page.grid([("", c.a.id, c.b.id), *differences, *effects])
    else:
        page.text("They do not differ in anything that the catalogue records.", style="dim")
    page.blank()
    page.row("Use", c.use_a)
    page.row("", c.use_b)
    page.row("Caller", c.caller)
    if not full:
        page.blank()
        page.text(f"Everything: ringthrough compare --full {c.a.id} {c.b.id}", style="dim")
        return
    for entry in (c.a, c.b):
        page.blank()
        page.title(entry.title, cited(entry))
        page.text(entry.description)
        page.rows("Seen", entry.when_seen)
        page.rows("Caller", entry.fix_caller)
        page.rows("Operator", entry.fix_operator)
    page.blank()
    page.rows("In common", [f"{shared.aspect}: {shared.value}" for shared in c.in_common])
    page.row("Sources", "; ".join(c.sources))


_FIRST = frozenset({"class", "who decides", "blocks", "same target", "other target", "other network"})


def _several(table: Table, page: Page) -> None:
    page.title(" / ".join(entry.title for entry in table.entries))
    page.blank()
    page.grid([("", *(entry.id for entry in table.entries)), *((row.aspect, *row.cells) for row in table.rows)])
    for note in table.notes:
        page.blank()
        page.text(note)
