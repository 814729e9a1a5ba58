from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from ringthrough.errors import Problem
from ringthrough.numbers import mask, mask_text
from ringthrough.report.document import Context
from ringthrough.report.html import page, script_json
from ringthrough.report.summary import Summary

from .test_document import Read, Tally, filled

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


class Parsed(HTMLParser):
    """Elements with their attributes, and the text of each script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] == "script" and self.scripts:
            attrs, text = self.scripts[-1]
            self.scripts[-1] = (attrs, text + data)

    def specs(self) -> dict[str, dict]:
        return {str(a["id"]): json.loads(text) for a, text in self.scripts if a.get("type") == "application/json"}


def test_the_page_holds_numbers_tables_and_plots(row: Callable) -> None:
    read = [
        Read(problems=[Problem("x-y", "expected a, found b", where="a.pcap")]),
        Read("b.pcap", Tally(9, 4), usable=False),
    ]
    text = page(filled(row), Context(read, notes=["a note"]), made_at_us=0)
    for said in (
        "36.4 %", "fir.example", "https://fir.example/c/1", "id-7", "Worst numbers", "+12155550123", "Definitions",
        "a.pcap: expected a, found b", "a note", "not readable", "Made by ringthrough", "1970-01-01 00:00:00 UTC",
        "University of Washington Interactive Data Lab",
    ):  # fmt: skip
        assert said in text, said
    parsed = Parsed(text)
    assert set(parsed.specs()) == {"plot-verdicts-spec", "plot-timeline-spec", "plot-times-spec"}
    places = {attrs.get("id") for tag, attrs in parsed.elements if attrs.get("class") == "plot"}
    assert {f"{place}-spec" for place in places} == set(parsed.specs())


def test_nothing_is_fetched(row: Callable) -> None:
    parsed = Parsed(page(filled(row), Context()))
    tags = {tag for tag, _ in parsed.elements}
    assert not tags & {"link", "img", "iframe", "object", "embed", "base", "form", "audio", "video", "source"}
    assert not [attrs for tag, attrs in parsed.elements if "src" in attrs or "srcset" in attrs]
    [policy] = [a["content"] for _, a in parsed.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "unsafe-eval" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("column", ["final_phrase", "blocker", "redress_tel", "redress_email", "redress_id", "carrier",
                                    "caller", "callee", "call_id", "card_uri", "redress_url", "verdict"])  # fmt: skip
def test_a_strangers_text_stays_text(row: Callable, column: str) -> None:
    made = Summary()
    made.add([row(verdict="network_blocked") for _ in range(2)])
    made.add([row(**{column: EVIL})])
    read = Read(name=EVIL, format=EVIL, problems=[Problem("x", EVIL, where=EVIL)])
    text = page(made, Context([read], notes=[EVIL], chosen=EVIL), title=EVIL)
    parsed = Parsed(text)
    assert "alert(1)</script>" not in text
    assert not [tag for tag, _ in parsed.elements if tag == "img"]
    assert not [attrs for _, attrs in parsed.elements if "onerror" in attrs]
    assert len(parsed.specs()) == 3


@pytest.mark.parametrize(
    ("url", "linked"),
    [("https://a.example/x", True), ("HTTP://a.example", True), ("javascript:alert(1)", False),
     ("data:text/html,x", False),
     ('https://a.example/"onmouseover="x', True)],
)  # fmt: skip
def test_only_web_addresses_become_links(row: Callable, url: str, linked: bool) -> None:
    made = Summary()
    made.add([row(redress_url=url)])
    parsed = Parsed(page(made, Context()))
    links = [attrs for tag, attrs in parsed.elements if tag == "a"]
    assert [a["href"] for a in links] == ([url] if linked else [])
    assert not any("onmouseover" in a for a in links)


def test_terminal_escapes_and_bad_octets_can_be_written(row: Callable) -> None:
    made = Summary()
    made.add([row(final_phrase="\x1b[2J caf\udce9")])
    assert "\\x1b[2J caf\\xe9" in page(made, Context()).encode().decode()


def test_masked_page_holds_no_number(row: Callable) -> None:
    made = filled(row)
    text = page(made, Context(show_number=mask, show_text=mask_text))
    assert "5550123" not in text
    assert "5550199" not in text
    assert "+1215555xxxx" in text


def test_an_empty_data_set_has_a_page_without_scripts() -> None:
    text = page(Summary(), Context())
    parsed = Parsed(text)
    assert parsed.scripts == []
    assert "Everything could be read." in text
    assert "Licences" not in text


def test_long_lists_are_cut_and_say_so(row: Callable) -> None:
    made = Summary()
    made.add([row(blocker=f"b{n}.example", caller=f"+1215555{n:04d}") for n in range(60)])
    made.numbers_left_out = 7
    text = page(made, Context())
    assert text.count("and 10 more") == 2
    assert "44 more who blocked" in text
    assert "7 calls were not counted per number" in text


def test_json_cannot_leave_its_element() -> None:
    text = script_json({"a": EVIL + "&<!--"})
    assert not re.search("[<>&]", text)
    assert json.loads(text) == {"a": EVIL + "&<!--"}


def test_vendored_scripts_come_with_licences_and_name_no_source_map() -> None:
    assets = files("ringthrough.report").joinpath("assets")
    scripts = [f for f in assets.iterdir() if f.name.endswith(".js")]
    assert len(scripts) == 3
    for script in scripts:
        text = script.read_text("utf-8")
        assert "sourceMappingURL" not in text
        assert "</script" not in text.lower()
        assert "Redistribution" in assets.joinpath(script.name.replace(".min.js", ".LICENSE")).read_text("utf-8")


def test_a_page_of_calls_without_times(row: Callable) -> None:
    made = Summary()
    made.add([row(at_us=-62_135_596_800_000_001, blind_to="ringing times")])
    text = page(made, Context([Read()]))
    assert "without times: nothing in the data says when" in text
    assert "0001-01-01" not in text
