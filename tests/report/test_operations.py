"""The operations report: page, document, summary and charts say the same, fetch nothing and hide what is masked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from ringthrough.analytics.overview import (
    GROUPS,
    Answers,
    Bucket,
    Change,
    Contact,
    Example,
    Moved,
    Overview,
    Period,
    Sign,
    overview,
)
from ringthrough.report.operations import Frame, operations_page
from ringthrough.report.operations_document import SCHEMA, document
from ringthrough.report.operations_masking import mask_overview
from ringthrough.report.operations_plots import COLOURS, blocks_chart, operations_plots, risk_chart, times_chart
from ringthrough.report.operations_quality import quality_lines
from ringthrough.report.operations_text import operations_sections
from ringthrough.report.operations_words import (
    GROUP_WORDS,
    amount,
    calls_words,
    contact_words,
    day_words,
    interval,
    lead,
    named,
    period_words,
    points,
    share,
)
from ringthrough.report.terminal import plain_text
from tests.analytics.test_overview import BEGINS, END_US, MIDDLE_US, A, B, week
from tests.report.test_html import EVIL, Parsed

START_US = 1_767_225_600_000_000
DAY_US = 86_400_000_000
CHARTS = ["chart-timeline", "chart-calls", "chart-blocks", "chart-matrix", "chart-times", "chart-risk"]


@cache
def full() -> Overview:
    bad = BEGINS | {(B, "beta", day): 24 for day in range(6)}
    return overview(week(bad, say=12), since_us=MIDDLE_US, until_us=END_US, worth=(12.5, "EUR"))


@cache
def empty() -> Overview:
    return overview([])


def changed(**changes: Any) -> Overview:
    return Overview(**(vars(full()) | changes))


def told(found: Overview) -> str:
    return plain_text(operations_sections(found, title="Blocked calls"))


def test_the_page_says_what_an_operations_lead_sends() -> None:
    page = operations_page(full(), Frame(made_at_us=0))
    for said in (
        "Blocked calls", "5 Jan 2026 to 8 Jan 2026", "compared with 1 Jan 2026 to 4 Jan 2026", "We lost ",
        "What to do first", "Since when", "Who is blocked where", "What changed", "How carriers signal their blocks",
        "How long until the final answer", "Health of our numbers", "What the figures rest on",
        "How the figures are made", "Appeal to fir.example: unblock", A, "https://fir.example/c/7", "id-7", "EUR",
        "1970-01-01 00:00:00 UTC",
        "University of Washington Interactive Data Lab",
    ):  # fmt: skip
        assert said in page, said


def test_every_chart_has_a_place_a_table_and_words_for_those_who_cannot_see_it() -> None:
    parsed = Parsed(operations_page(full(), Frame()))
    assert list(parsed.specs()) == [f"{name}-spec" for name in CHARTS]
    places = {attrs["id"]: attrs for _, attrs in parsed.elements if (attrs.get("class") or "").startswith("plot")}
    assert set(places) == set(CHARTS)
    for attrs in places.values():
        assert attrs["role"] == "img"
        assert re.search(r"the (tables? .*)?holds the same figures|the table of blocks", attrs["aria-label"] or "")
    assert [attrs for tag, attrs in parsed.elements if tag == "html"] == [{"lang": "en"}]
    scrolling = [attrs for _, attrs in parsed.elements if attrs.get("class") == "scroll"]
    assert all(attrs.get("tabindex") == "0" for attrs in scrolling)


@pytest.mark.parametrize("found", [full, empty])
def test_nothing_is_fetched(found: Callable[[], Overview]) -> None:
    parsed = Parsed(operations_page(found(), Frame(logo="data:image/png;base64,AAAA")))
    tags = {tag for tag, _ in parsed.elements}
    assert not tags & {"link", "iframe", "object", "embed", "base", "form", "audio", "video", "source"}
    assert [attrs["src"] for _, attrs in parsed.elements if "src" in attrs] == ["data:image/png;base64,AAAA"]
    assert not [attrs for _, attrs in parsed.elements if "srcset" in attrs]
    [policy] = [
        attrs["content"] for _, attrs in parsed.elements if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "unsafe-eval" not in policy
    assert "http" not in policy
    for spec in parsed.specs().values():
        assert "url" not in json.dumps(spec["data"] if "data" in spec else spec["layer"]).lower().replace("curl", "")


def test_a_strangers_text_stays_text() -> None:
    """Every text of the overview is a stranger's: numbers, carriers, contacts, phrases."""
    page = operations_page(poisoned(full()), Frame(title=EVIL, unread=(EVIL,), notes=(EVIL,)))
    parsed = Parsed(page)
    assert "alert(1)</script>" not in page
    assert not [tag for tag, _ in parsed.elements if tag == "img"]
    assert not [attrs for _, attrs in parsed.elements if "onerror" in attrs]
    assert set(parsed.specs()) == {f"{name}-spec" for name in CHARTS}
    assert json.loads(json.dumps(document(poisoned(full()), title=EVIL)))["title"] == EVIL
    assert "\x1b" not in plain_text(
        operations_sections(changed(blocks=(full().blocks[0]._replace(number="\x1b[2J"),)), title="")
    )


def poisoned(found: Overview) -> Overview:
    words = {"group", "state", "verdict", "kind", "name", "since", "until", "first", "last", "currency"}

    def spoil(name: str, value: Any) -> Any:
        if isinstance(value, str):
            return value if name in words else EVIL
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*(spoil(field, part) for field, part in zip(value._fields, value, strict=True)))
        return tuple(spoil(name, part) for part in value) if isinstance(value, tuple) else value

    return Overview(**{name: spoil(name, value) for name, value in vars(found).items()})


@pytest.mark.parametrize(
    ("url", "linked"), [("https://a.example/x", True), ("HTTP://a.example", True), ("javascript:alert(1)", False)]
)
def test_only_web_addresses_become_links(url: str, linked: bool) -> None:
    action = full().actions[0]._replace(contact=Contact("a.example", url, "+18005550100", "", "https://c.example", ""))
    parsed = Parsed(operations_page(changed(actions=(action,)), Frame()))
    assert [attrs["href"] for tag, attrs in parsed.elements if tag == "a"] == ([url] if linked else [])


def test_masked_reports_hold_no_number() -> None:
    found = mask_overview(full())
    forms = [
        operations_page(found, Frame()), json.dumps(document(found, title="x")),
        plain_text(operations_sections(found, title="x")),
    ]  # fmt: skip
    for form in forms:
        assert "5550123" not in form
        assert "5550124" not in form
        assert not re.search(r"\+1212555\d{4}", form)
        assert "+1215555xxxx #1" in form
        assert "https://fir.example/c/7" in form
    assert len(found.matrix.numbers) == len(set(found.matrix.numbers)) == 2


def test_a_number_has_one_label_wherever_it_stands() -> None:
    action = full().actions[0]._replace(
        title=f"Rest {A}", why=(f"The worst, {A}, lost 1,200 of 3,000 calls on 2026-01-08.",), numbers=(A, "alice", ""),
        contact=Contact("x", f"https://x.example/?n={A[2:]}", "+18005550100", "", "", ""),
        examples=(Example("2026-01-08T00:00:00Z", A, "+12125550199", 603, "call 2125550199", "id-7", f"{A[1:]}@a"),),
    )  # fmt: skip
    made = mask_overview(changed(actions=(action,))).actions[0]
    label = made.numbers[0]
    assert re.fullmatch(r"\+1215555xxxx #[12]", label)
    assert made.numbers[1:] == ("axxxx", "")
    assert made.title == f"Rest {label}"
    assert made.why == (f"The worst, {label}, lost 1,200 of 3,000 calls on 2026-01-08.",)
    assert made.contact == Contact("x", "https://x.example/?n=215555xxxx", "+18005550100", "", "", "")
    (example,) = made.examples
    assert example == Example(
        "2026-01-08T00:00:00Z", label, "+1212555xxxx", 603, "call 212555xxxx", "id-7", "1215555xxxx@a"
    )


def test_the_document_has_a_schema_and_everything_in_it() -> None:
    made = json.loads(json.dumps(document(full(), title="t", made_at_us=0, unread=("u",), notes=("n",))))
    assert (made["schema"], made["title"], made["made_at"]) == (SCHEMA, "t", "1970-01-01T00:00:00Z")
    assert made["period"] == {"since": "2026-01-05T00:00:00Z", "until": "2026-01-09T00:00:00Z", "days": 4.0}
    assert made["loss"]["explicit"] == full().loss.explicit
    assert made["answers"]["currency"] == "EUR"
    assert made["blocks"][0]["contact"]["url"] == "https://fir.example/c/7"
    assert sum(sum(bucket["calls"].values()) for bucket in made["timeline"]) == full().calls
    assert set(made["timeline"][0]["calls"]) == set(GROUPS)
    assert [figure["name"] for figure in made["figures"]] == [figure.name for figure in full().figures]
    assert (made["unread"], made["notes"]) == (["u"], ["n"])
    assert made["summary"] == lead(full())
    assert set(made) == {"schema", "title", "made_by", "made_at", "summary", "unread", "notes", *vars(full())}
    moved = Change((), (), (Moved(None, "asr", 0.5, 0.4, 10, 10, 1.5e-30, False),), 1)
    assert document(changed(change=moved), title="t")["change"]["moved"][0]["p"] == 1.5e-30
    for at_us in (10**30, -(10**30)):
        far = document(changed(period=Period(at_us, at_us)), title="t")["period"]
        assert re.match(r"\d{4}-", far["since"])


def test_the_summary_says_it_in_few_words() -> None:
    text = told(full())
    for said in ("We lost ", "1. Appeal to fir.example", "Quote: 2026-01-08", "reference id-7", "alpha",
                 "1 block began, 1 was lifted", "Health of our numbers", "4 Jan 2026"):  # fmt: skip
        assert said in text, said
    crowded = changed(blocks=full().blocks * 12, carriers=full().carriers * 12, actions=full().actions * 12)
    assert told(crowded).count("more\n") >= 3


def test_no_calls_is_a_report_too() -> None:
    page = operations_page(empty(), Frame())
    parsed = Parsed(page)
    assert parsed.scripts == []
    assert "There are no calls in this period." in page
    assert "No call was found in this period." in page
    assert operations_plots(empty()) == {}
    assert "There are no calls in this period." in told(empty())
    assert document(empty(), title="t")["period"] is None
    assert mask_overview(empty()) == empty()


@pytest.mark.parametrize(
    ("part", "without"),
    [("blocks", "chart-blocks"), ("timeline", "chart-timeline"), ("times", "chart-times"), ("risk", "chart-risk")],
)
def test_a_section_without_data_has_no_chart(part: str, without: str) -> None:
    found = changed(**{part: ()})
    page = operations_page(found, Frame())
    assert f'id="{without}"' not in page
    assert without not in operations_plots(found)
    assert told(found)


def test_words_where_there_is_nothing_to_tell() -> None:
    found = changed(actions=(), blocks=(), carriers=(), change=Change((), (), (), 9), risk=())
    page = operations_page(found, Frame())
    for said in (
        "Nothing: no block",
        "No number is blocked at any carrier",
        "None by more than chance, of 9",
        "Not assessed",
    ):
        assert said in page, said
    assert "Nothing is worth a step." in told(found)
    assert "No metric moved by more than chance, of 9 comparisons" in told(found)
    healthy = changed(risk=tuple(row._replace(lost=()) for row in full().risk))
    assert "No number loses a point." in operations_page(healthy, Frame())
    assert "There is no period before" in operations_page(changed(previous=None), Frame())
    calm = changed(loss=full().loss._replace(lost=0.2, hidden=0.2, explicit=0, before=None))
    assert lead(calm) == [
        "None of 720 calls was lost to a block, as far as they can tell.", "There is no period before to compare with.",
    ]  # fmt: skip
    same = changed(loss=full().loss._replace(before=full().loss.lost), calls_before=full().calls)
    assert lead(same)[-1].startswith("The share is as it was in the period before")
    poor = changed(
        answers=Answers(0.1, 0, 0.2, None, None, None, ""), loss=full().loss._replace(explicit=0, provider=0)
    )
    assert "that say so" not in lead(poor)[0]
    assert not any("answers" in line for line in lead(poor))
    sure = changed(loss=full().loss._replace(hidden=0.0))
    assert "that do not" not in lead(sure)[0]
    unpriced = changed(answers=full().answers._replace(value=None))
    assert "worth" not in lead(unpriced)[1]
    assert "between" in operations_page(unpriced, Frame())


def test_long_lists_say_how_much_more_there_is() -> None:
    action = full().actions[0]._replace(numbers=tuple(f"n{n}" for n in range(12)))
    found = changed(actions=(action,) * 9, blocks=full().blocks * 200, carriers=full().carriers * 20)
    page = operations_page(found, Frame())
    for said in ("and 4 more", "3 more</summary>", "180 more</summary>", "the JSON document has all", "more carriers"):
        assert said in page, said


def test_quality_names_what_is_missing_and_how_much() -> None:
    some = full().quality._replace(
        scanners=1,
        undated=1,
        astray=2,
        incomplete=3,
        no_number=1,
        no_carrier=4,
        unscreened=5,
        mute=1,
        own_hop=1,
        vague=9,
    )
    lines = "\n".join(quality_lines(changed(quality=some)))
    for said in ("1 call from internet scanners is left out.", "1 call has no time", "2 calls have a clock",
                 "4 calls have no carrier", "1 call comes from records", "1 call was refused by the own"):  # fmt: skip
        assert said in lines, said


def test_neighbours_in_a_stack_differ_in_lightness() -> None:
    def light(colour: str) -> float:
        r, g, b = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    shades = [light(COLOURS[group]) for group in GROUP_WORDS]
    assert min(abs(above - below) for below, above in pairwise(shades)) > 0.15


def test_charts_hold_the_figures() -> None:
    plots = operations_plots(full())
    bars = plots["chart-calls"]["layer"][0]["data"]["values"]
    assert sum(bar["calls"] for bar in bars) == full().calls
    lost = plots["chart-timeline"]["layer"][0]["data"]["values"]
    assert {bar["group"] for bar in lost} <= {GROUP_WORDS["blocked"], GROUP_WORDS["hidden"]}
    labels = [mark["label"] for layer in plots["chart-timeline"]["layer"][1:] for mark in layer["data"]["values"]]
    assert [label[0] for label in labels] == ["▲", "▽"]
    cells = plots["chart-matrix"]["data"]["values"]
    assert {(cell["number"], cell["carrier"]) for cell in cells} == {
        (cell.number, cell.carrier) for cell in full().matrix.cells
    }
    areas = plots["chart-times"]["layer"][0]["data"]["values"]
    assert sum(area["calls"] for area in areas) == sum(bin_.calls for bin_ in full().times)
    scores = plots["chart-risk"]["data"]["values"]
    assert [row["score"] for row in scores] == [row.score for row in full().risk if row.lost]


def test_a_block_is_drawn_from_its_beginning_to_its_end() -> None:
    rows = {row["name"]: row for row in blocks_chart(full())["data"]["values"]}
    new, lifted = rows[f"{A} at alpha"], rows[f"{B} at beta"]
    assert (new["from"], new["mark"], new["over"]) == ("2026-01-06T00:00:00Z", "▲", "")
    assert (lifted["from"], lifted["mark"], lifted["to"], lifted["over"]) == (
        "2026-01-05T00:00:00Z", "", "2026-01-07T00:00:00Z", "▽",
    )  # fmt: skip
    strange = full().blocks[0]._replace(since="never", first="", until="soon")
    assert blocks_chart(changed(blocks=(strange,)))["data"]["values"][0]["from"] == "2026-01-05T00:00:00Z"


def test_a_gap_in_the_times_is_drawn_as_a_gap() -> None:
    one = full().times[0]
    far = [one._replace(low_ms=one.low_ms * 10**k, high_ms=one.high_ms * 10**k) for k in (0, 2)]
    areas = times_chart(changed(times=tuple(far)))["layer"][0]["data"]["values"]
    assert sum(area["calls"] == 0 for area in areas) > 10


def test_many_reasons_are_cut() -> None:
    row = full().risk[0]
    crowded = row._replace(lost=row.lost[:1] * 5)
    label = risk_chart(changed(risk=(crowded,)))["data"]["values"][0]["label"]
    assert label.endswith("2 more")


@pytest.mark.parametrize("hours", [2, 40, 24 * 30, 24 * 900])
def test_the_axis_of_time_fits_its_length(hours: int) -> None:
    bucket = Bucket(START_US, START_US + hours * 3_600_000_000, full().timeline[0].counts, 0, 0)
    found = changed(timeline=(bucket,), period=Period(bucket.at_us, bucket.until_us))
    assert operations_plots(found)["chart-calls"]["layer"][0]["encoding"]["x"]["axis"]["format"]
    assert told(found)


def test_how_carriers_signal_in_words() -> None:
    signs = (*(Sign(f"60{n}", True, "", 100) for n in range(6)), Sign("480", False, "", 1))
    page = operations_page(
        changed(carriers=(full().carriers[0]._replace(signs=signs, rate=None, low=None, high=None),)), Frame()
    )
    assert "says so: 600 17%, 601 17%, 602 17%, 603 17%, 2 more; hidden: 480 0%" in page


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (amount(2_313.4, "EUR"), "EUR 2,313"), (amount(99.5, ""), "99.50"), (amount(None, "EUR"), ""),
        (share(None), "-"), (interval(None, 1.0), ""), (points(None, 0.1), ""), (points(0.2, 0.1), "−10.0 points"),
        (points(0.1, 0.2), "+10.0 points"), (calls_words(1.2), "1 call"), (named(""), "(unknown)"),
        (day_words("never"), "never"), (contact_words(None), "none given"),
        (contact_words(Contact("x", "", "+1", "a@x", "", "")), "+1, a@x"), (period_words(None), "no time"),
        (period_words(Period(START_US, START_US + 3_600_000_000)), "1 Jan 2026 00:00 to 00:59 UTC"),
        (period_words(Period(START_US, START_US + DAY_US + 1)), "1 Jan 2026 00:00 to 2 Jan 2026 00:00 UTC"),
        (period_words(Period(-(10**30), 10**30)), "1 Jan 1 to 31 Dec 9999"),
    ],
)  # fmt: skip
def test_words(said: str, expected: str) -> None:
    assert said == expected


def test_the_room_gives_its_names_without_loading_them_first() -> None:
    from ringthrough import report

    assert set(dir(report)) == set(report.__all__)
    assert all(getattr(report, name) is not None for name in report.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = report.nothing
