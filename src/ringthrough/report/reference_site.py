"""
The reference as a folder of linked pages that need no server, no script and no network.

Facts
- Every text is escaped by Jinja2; the index of the search is JSON that cannot leave its element.
- Style and script stand in the pages, because a browser counts neighbouring files as strangers under `file:`; a
  Content-Security-Policy forbids everything else.
- The pages say nothing of their own: entries and comparisons come from the room `reference`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ringthrough import __version__, reference
from ringthrough.reference import Comparison, Entry
from ringthrough.reference.loading import raw
from ringthrough.report.html import script_json
from ringthrough.report.reference_words import (
    ASKED_FOR,
    GLOSSARY,
    LEVELS,
    cited,
    class_page,
    colour_class,
    compare_page,
    entry_page,
)

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["comparison_html", "entry_html", "pairs", "side_html", "site"]

_FOUR = ("603", "607", "608", "603+")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=PackageLoader("ringthrough.report", "templates/reference"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    css = files("ringthrough.report").joinpath("templates", "reference", "style.css").read_text("utf-8")
    made.globals.update(
        css=Markup(css),
        version=__version__,
        kind=colour_class,
        cited=cited,
        class_href=class_page,
        level=lambda entry: LEVELS.get(entry.blocks.level, ""),
    )
    return made


def _render(template: str, *, title: str, summary: str, root: str, **values: Any) -> str:
    return _environment().get_template(template).render(
        title=title, summary=" ".join(summary.split()), root=root, known=_known(), **values
    )  # fmt: skip


@cache
def _entries() -> tuple[Entry, ...]:
    return (*reference.codes(), *reference.causes())


@cache
def _known() -> dict[str, str]:
    """Id -> page."""
    return {entry.id: entry_page(entry) for entry in _entries()}


def _linked(entries: Sequence[Entry]) -> list[tuple[Entry, str]]:
    return [(entry, entry_page(entry)) for entry in entries]


@cache
def pairs() -> tuple[tuple[Entry, Entry], ...]:
    """Pairs that have a page in the static site: written ones, all of 6xx, and everything with 100."""
    six = reference.codes("6xx")
    found: dict[str, tuple[Entry, Entry]] = {}
    wanted = [(a, b) for n, a in enumerate(six) for b in six[n + 1 :]]
    hundred = reference.lookup(100)
    wanted += [(hundred, entry) for entry in _entries() if entry.id != hundred.id]
    for a, b in (*_curated(), *wanted):
        found.setdefault(compare_page(a, b), (a, b))
    return tuple(found.values())


@cache
def _curated() -> tuple[tuple[Entry, Entry], ...]:
    return tuple((reference.lookup(pair["a"]), reference.lookup(pair["b"])) for pair in raw()["pairs"])


def entry_html(entry: Entry, *, root: str = "../") -> str:
    """
    Page of one entry.

    Args:
        entry: what it is about.
        root: way from the page to the folder of the site, with a closing slash.
    """
    related = [reference.lookup(one) for one in entry.related if one in _known()]
    compared = []
    for a, b in pairs():
        if entry.id in (a.id, b.id):
            other = b if a.id == entry.id else a
            compared.append((other.id, compare_page(a, b)))
    compared = compared if entry.id != "100" else compared[:24]
    return _render("entry.html.j2", title=entry.title, summary=entry.description, root=root, entry=entry,
                   related=_linked(related), compared=compared)  # fmt: skip


def comparison_html(c: Comparison, *, root: str = "../") -> str:
    """
    Page of two entries side by side, for any two.

    Args:
        c: of `reference.compare`.
        root: way from the page to the folder of the site.
    """
    return _render("compare.html.j2", title=f"{c.a.id} or {c.b.id}", summary=c.summary, root=root, c=c)


def _classes() -> Iterator[tuple[str, str, tuple[str, ...], tuple[Entry, ...]]]:
    """Heading, page, facts and entries of every class, and of those outside the registry."""
    grouped: dict[str, list[Entry]] = {}
    for entry in _entries():
        grouped.setdefault(class_page(entry), []).append(entry)
    for page, entries in grouped.items():
        first = entries[0]
        key = page.removeprefix("class/").removesuffix(".html")
        said = raw()["classes"].get(key, {})
        facts = tuple(said.get("facts", ())) or ("Answers that products use inside themselves.",)
        heading = first.class_
        if key == "q850":
            heading = "Q.850 causes"
            facts = (
                "By these numbers telephone networks say why a call ended; gateways turn them into SIP codes and back.",
            )
        elif key == "other":
            heading = "Other numbers"
        yield heading, page, facts, tuple(entries)
    strangers = tuple(entry for entry in _entries() if not entry.registered)
    told = ("Profiles of registered codes, codes that were dropped, and what products send on their own.",)
    yield "Not in the registry", "class/unregistered.html", told, strangers


def side_html(*ids: str, root: str = "") -> str:
    """
    Page of several entries side by side.

    Args:
        ids: entries; none for 603, 607, 608 and 603+.
        root: way from the page to the folder of the site.
    """
    side = reference.side_by_side(*(ids or _FOUR))
    named = [entry.id for entry in side.entries]
    links = [(f"{a.id} or {b.id}", compare_page(a, b)) for a, b in pairs() if a.id in named and b.id in named]
    said = "What each is meant for, what becomes of it in practice, the problem, the way to object, and the rule."
    title = f"{', '.join(named[:-1])} and {named[-1]} side by side"
    return _render("four.html.j2", title=title, summary=said, root=root, side=side, links=links)


def _index(classes: Sequence[tuple[str, str, tuple[str, ...], tuple[Entry, ...]]]) -> str:
    rows = [
        [e.id, e.name, e.gist, entry_page(e), colour_class(e), " ".join((e.description, *e.when_seen, *e.aliases))]
        for e in _entries()
    ]
    known = _known()
    return _render(
        "index.html.j2", title="SIP response codes and Q.850 causes", root="",
        summary="Every SIP response code, the unregistered ones people meet, and the causes of telephone networks: "
                "what each says, who sends it, whether to call again, and whom to ask.",
        top=_linked([reference.lookup(one) for one in ASKED_FOR if one in known]),
        pairs=[(f"{a.id} or {b.id}", compare_page(a, b)) for a, b in _curated()],
        groups=[(heading, page, _linked(entries)) for heading, page, _, entries in classes[:-1]],
        index=script_json(rows),
    )  # fmt: skip


def site() -> Iterator[tuple[str, str]]:
    """Every page as (name from the folder of the site, text)."""
    classes = tuple(_classes())
    yield "index.html", _index(classes)
    yield "four.html", side_html()
    yield "glossary.html", _render("glossary.html.j2", title="Glossary", root="", terms=GLOSSARY,
                                   summary="Terms that the pages use.")  # fmt: skip
    for heading, page, facts, entries in classes:
        ids = {entry.id for entry in entries}
        more = [
            (f"{a.id} or {b.id}", compare_page(a, b))
            for a, b in pairs()
            if a.id in ids and b.id in ids and a.id != "100"
        ]
        yield page, _render("class.html.j2", title=heading, summary=facts[0], root="../", heading=heading,
                            facts=facts, entries=_linked(entries), more=more)  # fmt: skip
    for entry in _entries():
        yield entry_page(entry), entry_html(entry)
    for a, b in pairs():
        yield compare_page(a, b), comparison_html(reference.compare(a, b))
