"""The reference as pages: complete, linked, escaped, and without a request to anybody."""

from __future__ import annotations

import dataclasses
import json
import posixpath
import re
from html.parser import HTMLParser

import pytest

from ringthrough.reference import causes, codes, compare, lookup
from ringthrough.report.reference_site import comparison_html, entry_html, pairs, side_html, site
from ringthrough.report.reference_words import ASKED_FOR, GLOSSARY, class_page, colour_class, compare_page, entry_page


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    made = list(site())
    assert len({name for name, _ in made}) == len(made)
    return dict(made)


class Links(HTMLParser):
    """Addresses, ids, and what a page would load; and whether its elements are closed."""

    VOID = frozenset({"meta", "input", "br", "link", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.loads: list[str] = []
        self.open: list[str] = []
        self.headings: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "href":
                self.hrefs.append(value or "")
            elif name in ("src", "srcset", "action", "data"):
                self.loads.append(value or "")
            assert not name.startswith("on")
        if tag in ("h1", "link"):
            self.headings.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(text: str) -> Links:
    found = Links()
    found.feed(text)
    found.close()
    assert found.open == []
    return found


def test_every_entry_has_its_page_and_every_pair(pages: dict[str, str]) -> None:
    for entry in (*codes(), *causes()):
        assert entry.name in html_text(pages[entry_page(entry)])
        assert class_page(entry) in pages
        assert colour_class(entry) in ("k1", "k2", "k3", "k4", "k5", "k6", "kq")
    six = codes("6xx")
    wanted = {compare_page(a, b) for a in six for b in six if a.id != b.id}
    wanted |= {compare_page(lookup(100), e) for e in (*codes(), *causes()) if e.id != "100"}
    assert wanted <= set(pages)
    assert len([name for name in pages if name.startswith("compare/")]) == len(pairs())
    for a, b in (("603", "608"), ("607", "608"), ("486", "600"), ("480", "486"), ("408", "480")):
        assert compare_page(lookup(a), lookup(b)) in pages
    assert compare_page(lookup(608), lookup(100)) == compare_page(lookup(100), lookup(608))


def html_text(page: str) -> str:
    return (
        page.replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    )


def test_every_link_leads_somewhere_and_nothing_is_loaded(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        found = read(text)
        assert found.loads == [], name
        assert found.headings == ["h1"], name
        for href in found.hrefs:
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), href.partition("#")[0]))
            assert target in pages, (name, href)
        assert "default-src 'none'" in text
        assert "url(" not in text
        assert "@import" not in text
        assert 'name="viewport"' in text
        assert "prefers-color-scheme:dark" in text


def test_every_page_can_be_reached_from_the_first(pages: dict[str, str]) -> None:
    seen, queue = {"index.html"}, ["index.html"]
    while queue:
        name = queue.pop()
        for href in read(pages[name]).hrefs:
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), href.partition("#")[0]))
            if target not in seen:
                seen.add(target)
                queue.append(target)
    compares = {name for name in pages if name.startswith("compare/")}
    assert set(pages) - seen - compares == set()
    assert set(pages) - seen == set()


def test_no_empty_piece_and_no_trace_of_python(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        body = text.partition("<main>")[2].partition("</main>")[0]
        assert not re.search(r"<(p|li|h2|h3|dd)>\s*</\1>", body), name
        assert not re.search(r"\bNone\b\s*[<(,]|Entry\(|\{\{|\}\}|Undefined", body), name


def test_the_list_works_without_a_script(pages: dict[str, str]) -> None:
    index = pages["index.html"]
    plain = re.sub(r"<script.*?</script>", "", index, flags=re.DOTALL)
    assert all(f'href="{entry_page(entry)}"' in plain for entry in (*codes(), *causes()))
    assert ".find{display:none}" in index
    assert set(ASKED_FOR) <= {e.id for e in (*codes(), *causes())}


def test_the_index_of_the_search_is_whole_and_cannot_leave_its_element(pages: dict[str, str]) -> None:
    inside = pages["index.html"].partition('id="index">')[2].partition("</script>")[0]
    rows = json.loads(inside)
    assert [row[0] for row in rows] == [e.id for e in (*codes(), *causes())]
    assert "<" not in inside
    assert all(row[3] in pages for row in rows)


def test_text_is_escaped() -> None:
    bad = "<script>alert(1)</script>\"'&"
    entry = dataclasses.replace(lookup(608), name=bad, description=bad, example=bad, when_seen=(bad,), pitfalls=(bad,))
    for page in (entry_html(entry), comparison_html(compare(entry, lookup(603)))):
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
        read(page)


def test_any_pair_can_be_made_on_demand() -> None:
    page = comparison_html(compare("404", "Q.850:1"), root="/codes/")
    assert 'href="/codes/index.html"' in page
    assert "404" in page
    read(page)


def test_the_four_side_by_side(pages: dict[str, str]) -> None:
    text = html_text(pages["four.html"])
    for said in ("2026-03-25", "3/26/25", "March 26, 2026", "603+", "Unwanted", "redress"):
        assert said in text
    assert "403" in side_html("403", "603")


def test_the_glossary_is_in_order(pages: dict[str, str]) -> None:
    terms = [term for term, _, _ in GLOSSARY]
    assert terms == sorted(terms, key=str.casefold)
    assert all(term in html_text(pages["glossary.html"]) for term in terms)
    assert all(said.endswith(".") and source for _, said, source in GLOSSARY)
