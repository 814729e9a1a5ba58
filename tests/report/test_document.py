from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import Console

from ringthrough.errors import Problem
from ringthrough.numbers import mask, mask_text
from ringthrough.report import summary as summary_module
from ringthrough.report.document import Context, build, contacts, plain, problem_line, unread, via
from ringthrough.report.summary import Summary
from ringthrough.report.terminal import call_header, call_line, plain_text, rich_text


@dataclass
class Tally:
    records: int = 0
    sip: int = 0
    messages: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    bad: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)


@dataclass
class Read:
    name: str = "a.pcap"
    tally: Tally = field(default_factory=Tally)
    problems: list[Problem] = field(default_factory=list)
    usable: bool = True
    format: str = "pcap"


def filled(row: Callable) -> Summary:
    made = Summary()
    made.add([row(blocker="fir.example", redress_url="https://fir.example/c/1", redress_id="id-7", carrier=f"c{n % 3}")
              for n in range(4)])  # fmt: skip
    made.add([row(verdict="answered", final_code=200, final_phrase="OK", talk_ms=9_000, pdd_ms=200, ring_ms=1)] * 6)
    made.add([row(verdict="unknown_rejection", hidden_candidate=True, cut="start", final_code=None, final_phrase="")])
    made.add([row(kind="scanner")])
    return made


def test_the_summary_says_what_matters(row: Callable) -> None:
    text = plain_text(build(filled(row), Context([Read()], notes=["a note"])))
    for said in (
        "11 calls in 1 file, 2026-01-01 00:00:00 to 2026-01-01 00:00:00 UTC",
        "answered 54.5 %, blocked 36.4 % (15.2 to 64.6), reach without blocks 85.7 %, rang 54.5 %",
        "mean talk time 9.0 s, post-dial delay p50",
        "1 call refused without ringing could hide a block",
        "1 from internet scanners, left out of every share",
        "1 call cut by the beginning or end of a capture",
        "https://fir.example/c/1",
        "id-7",
        "c0 and 2 more",
        "a note",
    ):
        assert said in text
    assert "What could not be read" not in text
    lines = text.splitlines()
    assert "  answered               6  54.5 %  0.95  The call was picked up." in lines
    assert ["+12155550123", "11", "6", "4", "36.4", "%", "0", "1"] in [line.split() for line in lines]


def test_calls_without_times_and_sources_that_hear_no_ringing(row: Callable) -> None:
    none = -62_135_596_800_000_001
    made = Summary()
    made.add([row(at_us=none, blind_to="ringing")])
    text = plain_text(build(made, Context([Read()])))
    assert "1 call in 1 file, without times: nothing in the data says when\n" in text
    assert ", rang not known\n" in text
    made.add([row(ring_ms=4), row()])
    text = plain_text(build(made, Context([Read()])))
    assert "3 calls in 1 file, 2026-01-01 00:00:00 to 2026-01-01 00:00:00 UTC (1 without times)\n" in text
    assert ", rang 50.0 % of the 2 calls whose source can tell\n" in text


def test_no_calls(row: Callable) -> None:
    assert plain_text(build(Summary(), Context([Read(), Read()]))) == "Calls\n  no calls in 2 files\n"
    assert plain_text(build(Summary(), Context())) == "Calls\n  no calls\n"


def test_a_filter_is_named(row: Callable) -> None:
    made = filled(row)
    text = plain_text(build(made, Context(chosen="code 603", total=40)))
    assert "only code 603: 12 of 40" in text
    assert "0" in plain_text(build(made, Context(chosen="code 603")))


def test_long_tables_say_how_much_is_left_out(row: Callable) -> None:
    made = Summary()
    made.add([row(blocker=f"b{n}.example", caller=f"+1215555{n:04d}", final_phrase=f"p{n}") for n in range(15)])
    made.numbers_left_out, made.blockers_left_out = 3, 1
    text = plain_text(build(made, Context()))
    assert text.count("and 5 more") == 3
    assert "3 calls not counted per number: only the first 15 numbers are" in text
    assert "1 call by further blockers not listed" in text


def test_numbers_are_masked(row: Callable) -> None:
    text = plain_text(build(filled(row), Context(show_number=mask, show_text=mask_text)))
    assert "+12155550123" not in text
    assert "+1215555xxxx" in text


def test_blockers_without_contact_or_name(row: Callable) -> None:
    made = Summary()
    made.add([row(carrier="", blocker="")])
    made.add([row(blocker="b.example", card_uri="https://b.example/card.jws")] * 2)
    made.add([row(blocker="c.example", carrier=f"c{n}") for n in range(2)])
    text = plain_text(build(made, Context()))
    assert "unknown" in text
    assert "none given" in text
    assert "card https://b.example/card.jws" in text
    found = made.who_blocked()
    assert [via(b) for b in found] == ["Example Telecom", "c0 and c1", ""]
    assert contacts(found[1]) == "none given"


def test_callers_beyond_the_limit_are_marked(row: Callable, monkeypatch) -> None:
    made = Summary()
    made.add([row(caller=f"+1215{n:07d}") for n in range(summary_module.MAX_CALLERS + 5)])
    assert "1,000+" in plain_text(build(made, Context()))


def test_what_could_not_be_read_is_one_line_each() -> None:
    tally = Tally(bad={"cut-record": 1, "bad-block": 7})
    many = [Problem("x-y", f"expected a, found b at {n}", where="b.pcap") for n in range(25)]
    read = [
        Read(problems=[Problem("captures-cut-record", "expected 90 octets, found 12", at=4_096)], tally=tally),
        Read(name="b.pcap", problems=many),
    ]
    lines = unread(Context(read, explain=lambda cause: f"<{cause}>"))
    assert lines[0] == "a.pcap: at offset 4,096: expected 90 octets, found 12"
    assert lines[1] == "a.pcap: 7 x bad-block: <bad-block>"
    assert lines[2] == "b.pcap: expected a, found b at 0"
    assert lines[-1] == "b.pcap: and 5 more problems"
    assert len(lines) == 2 + 20 + 1
    assert "What could not be read" in plain_text(build(Summary(), Context(read)))


def test_a_bad_call_record_that_was_named_is_not_counted_again() -> None:
    named = [Problem("cdr-bad-time", "expected a time, found 'never'", where="calls.csv: line 3")]
    read = [Read(name="calls.csv", problems=named, tally=Tally(bad={"bad-time": 1}))]
    assert unread(Context(read)) == ["calls.csv: line 3: expected a time, found 'never'"]


def test_offset_is_said_once() -> None:
    assert problem_line("f", Problem("c", "expected x at offset 12", at=12)) == "f: expected x at offset 12"


def test_rich_shows_the_same_words_and_no_markup(row: Callable) -> None:
    made = filled(row)
    made.add([row(final_phrase="[red]boo[/red]\x1b[2J", blocker=f"b{n}.example") for n in range(11)])
    out = io.StringIO()
    rich_text(build(made, Context([Read()])), Console(file=out, force_terminal=True, width=200))
    text = out.getvalue()
    assert "[red]boo[/red]\\x1b[2J" in text
    assert "fir.example" in text
    assert "and 2 more" in text
    assert "\x1b[2J" not in text


def test_a_call_is_one_line(row: Callable) -> None:
    call, verdict = row(final_phrase="a\nb", ring_ms=1_500)
    line = call_line(call, verdict)
    assert "\n" not in line
    assert line.endswith("a84b4c76e66710@pc33.example.com")
    assert line.index("network_blocked") == call_header().index("verdict")
    assert "+1215555xxxx" in call_line(call, verdict, show=mask)
    assert call_line(call, verdict, colour=True) == f"\x1b[1;31m{line}\x1b[0m"
    assert plain("x") == "x"
    none = call_line(call._replace(final_code=None, at_us=2**63), verdict)
    assert none.startswith("- ")
