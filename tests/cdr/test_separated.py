"""Separated text: separators, quoting quirks, headers, positions, lines of types."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.cdr.separated import Layout, blocks, split_line
from ringthrough.cdr.tally import Report

from .reading import codes, own, read


@pytest.mark.parametrize("separator", [";", "|", "\t", ","])
def test_a_header_says_which_separator_it_is(separator: str) -> None:
    text = f"at,to,sip_code\n1795166406,+12135550100,603\n".replace(",", separator)  # noqa: F541
    rows, records = read(text, own("", 'callee = "to"\nfinal_code = "sip_code"'))
    assert (rows[0].callee, rows[0].final_code, records.problems) == ("+12135550100", 603, [])


def test_a_line_of_types_behind_the_header_is_no_record() -> None:
    profile = own(
        "skip = '^\"?(?:INTEGER|VARCHAR\\()'", 'callee = "finalCalledPartyNumber"\nq850_cause = "destCause_value"'
    )
    text = (
        '"at","finalCalledPartyNumber","destCause_value"\nINTEGER,VARCHAR(50),INTEGER\n1795166406,"+12135550100",21\n'
    )
    rows, records = read(text, profile)
    assert [(row.callee, row.q850_cause, row.frame) for row in rows] == [("+12135550100", 21, 3)]
    assert records.tally.skipped == {"not-a-call": 1}


def test_comments_before_the_header_are_passed_over() -> None:
    rows, _ = read("# made by x\n\nat,to\n1795166406,a\n", own("skip = '^#'", 'callee = "to"'))
    assert [(row.callee, row.frame) for row in rows] == [("a", 4)]


def test_unescaped_inner_quotes_where_the_dialect_has_them() -> None:
    profile = own('header = "none"\nloose = true\ncolumns = ["at", "from", "to"]', 'caller = "from"\ncallee = "to"')
    text = '1795166406,""Acct" <sip:+13125550349@a.example>;tag=1","sip:+12135550100@b.example"\n1795166407,,"x\n'
    rows, _ = read(text, profile)
    assert (rows[0].caller_raw, rows[0].callee_raw) == ("+13125550349", "+12135550100")
    assert rows[1].callee == "x"


@pytest.mark.parametrize(
    ("line", "cells"),
    [('a,"b,c"d",e', ["a", 'b,c"d', "e"]), ('"a"', ["a"]), ("", [""]), ('"a",', ["a", ""]), ('a,"', ["a", ""]),
     ('"a","b" c"', ["a", 'b" c'])],
)  # fmt: skip
def test_loose_quotes(line: str, cells: list[str]) -> None:
    assert split_line(line, Layout(loose=True)) == cells


def test_escaped_separators_and_quotes() -> None:
    profile = own(
        'header = "none"\nescape = "\\\\"\ncolumns = ["at", "to", "note"]', 'callee = "to"\ncampaign = "note"'
    )
    rows, records = read('1795166406,a,b\\, c\n1795166407,d,"e \\" f"\n', profile)
    assert ([row.campaign for row in rows], records.problems) == (["b, c", 'e " f'], [])


def test_blanks_after_separators_where_they_do_not_count() -> None:
    profile = own('header = "none"\nskip_space = true\ncolumns = ["at", "to"]', 'callee = "to"')
    rows, _ = read('1795166406, "a"\n1795166407, b\n', profile)
    assert [row.callee for row in rows] == ["a", "b"]


def test_no_quotes_at_all() -> None:
    profile = own('header = "none"\nquote = ""\nseparator = "|"\ncolumns = ["at", "to"]', 'campaign = "to"')
    rows, _ = read('1795166406|"a\n1795166407|b"\n', profile)
    assert [row.campaign for row in rows] == ['"a', 'b"']


def test_last_columns_may_be_missing_or_follow() -> None:
    profile = own(
        'header = "none"\nleast = 2\nmost = 4\ncolumns = ["at", "to", "code"]', 'callee = "to"\nfinal_code = "code"'
    )
    rows, records = read("1795166406,a\n1795166407,b,603\n1795166408,c,486,x\n1795166409\n", profile)
    assert [(row.callee, row.final_code) for row in rows] == [("a", None), ("b", 603), ("c", 486)]
    assert records.tally.bad == {"columns": 1}
    for line, found in (("1795166406,a\n", None), ("1795166406,a,486,x\n", 486), ('"1795166406",a,486\n', 486)):
        rows, _ = read(line * 3, profile)
        assert [row.final_code for row in rows] == [found] * 3


def test_a_header_where_there_may_be_one() -> None:
    profile = own('header = "maybe"\ncolumns = ["at", "to", "code"]', 'callee = "to"\nfinal_code = "code"')
    assert [row.callee for row in read("1795166406,a,603\n", profile)[0]] == ["a"]
    assert [row.callee for row in read("to,at,code\nb,1795166406,603\n", profile)[0]] == ["b"]


def test_columns_by_position_alone() -> None:
    profile = own(
        'header = "none"\nmost = 6\nleast = 4', 'callee = "#3"\nq850_cause = { column = "#4", as = "hex" }'
    ).mapped(["at=#1"])
    rows, records = read("1795166406,x,+12135550100,15\n1795166407,y,+12135550101,10,z,w\n", profile)
    assert [(row.callee, row.q850_cause) for row in rows] == [("+12135550100", 21), ("+12135550101", 16)]
    assert records.problems == []


def test_prefixes_of_syslog_and_padded_cells() -> None:
    profile = own(
        "strip = '^.*?\\[S=[0-9]+\\] *'\ntrim = true\nseparator = \"|\"",
        'callee = "DstURI"\nfinal_code = "SIPTrmReason"\nfinal_phrase = "SIPTermDesc"',
    )
    lines = ["at        |DstURI          |SIPTrmReason|SIPTermDesc", "1795166406|12135550100@x   |603   |Decline  "] * 2
    text = "".join(f"<133>Nov 20 09:20:06 sbc [S={n}] {line}\n" for n, line in enumerate(lines))
    rows, records = read(text, profile)
    assert [(row.callee, row.final_code, row.final_phrase) for row in rows] == [("+12135550100", 603, "Decline")] * 2
    assert (records.tally.skipped, [row.frame for row in rows]) == ({"header": 1}, [2, 4])


def test_columns_that_the_quick_way_does_not_know_are_empty() -> None:
    profile = own('header = "none"\nleast = 2\ncolumns = ["at", "to", "code"]', 'callee = "to"\ncampaign = "code"')
    assert [row.campaign for row in read('"1795166406","a"\n', profile)[0]] == [""]
    assert [row.campaign for row in read('"1795166406",a\n', profile)[0]] == [""]


_CELL = st.text(st.sampled_from('ab,";\n 0'), max_size=5)


@settings(max_examples=300, deadline=None, database=None)
@given(
    rows=st.lists(st.lists(_CELL, min_size=3, max_size=3), min_size=1, max_size=8),
    style=st.sampled_from(["all", "needed", "mixed"]),
)
def test_whatever_csv_writes_is_read_alike(rows: list[list[str]], style: str) -> None:
    """The quick way, the even lines and the line by line reading give what was written."""
    import csv
    import io

    out = io.StringIO()
    quoting = csv.QUOTE_ALL if style == "all" else csv.QUOTE_MINIMAL
    writer = csv.writer(out, quoting=quoting, lineterminator="\n")
    for number, row in enumerate(rows):
        csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(
            row
        ) if style == "mixed" and number % 2 else writer.writerow(row)
    report = Report("x")
    layout = Layout(names=("a", "b", "c"), least=3, most=3)
    found = [
        list(cells)
        for block in blocks(iter([(1, out.getvalue())]), layout, report)
        for cells in zip(*(block.column(index) for index in range(3)), strict=True)
    ]
    assert found == rows
    assert codes(report) == []  # type: ignore[arg-type]
