"""Profiles: what TOML may say, and where it is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ringthrough.cdr import parse_profile, profile_named
from ringthrough.errors import LocalError, RuleError

from .reading import own, read

GOOD = 'name = "own"\ntitle = "x"\n[fields]\nat = "at"\n'


def test_the_least_profile() -> None:
    profile = parse_profile(GOOD)
    assert (profile.basis, profile.zone, profile.formats, profile.blind_to) == ("documented", "local", ("iso",), None)
    assert profile.container.kinds == ("csv",)
    assert profile.fields["at"].kind == "time"


BAD = [
    ("no TOML", "name = ", "profile"),
    ("no name", 'title = "x"\n[fields]\nat = "at"', "profile: name"),
    ("bad name", 'name = "A B"\ntitle = "x"\n[fields]\nat = "at"', "profile: name"),
    ("bad basis", 'basis = "guessed"\n' + GOOD, "profile: basis"),
    ("unknown key", 'colour = "red"\n' + GOOD, "profile: colour"),
    ("unknown blind spot", 'blind_to = ["colour"]\n' + GOOD, "profile: blind_to"),
    ("no start", 'name = "own"\ntitle = "x"\n[fields]\ncallee = "to"', "profile: fields"),
    ("unknown field", GOOD + 'colour = "red"', "profile: fields.colour"),
    ("neither column nor value", GOOD + "callee = {}", "profile: fields.callee.column"),
    ("column and value", GOOD + 'callee = { column = "a", value = "b" }', "profile: fields.callee.column"),
    ("unknown reading", GOOD + 'callee = { column = "a", as = "magic" }', "profile: fields.callee.as"),
    ("a time for a text", GOOD + 'callee = { column = "a", as = "time" }', "profile: fields.callee.as"),
    ("seconds for a text", GOOD + 'callee = { column = "a", as = "seconds" }', "profile: fields.callee.as"),
    ("a text for a duration", GOOD + 'talk_ms = { column = "a", as = "text" }', "profile: fields.talk_ms.as"),
    ("a key of a field", GOOD + 'callee = { column = "a", colour = "b" }', "profile: fields.callee.colour"),
    ("a number for a column", GOOD + "callee = 3", "profile: fields.callee.column"),
    ("numbers for columns", GOOD + "callee = [3]", "profile: fields.callee.column"),
    ("a pattern that is none", GOOD + 'callee = { column = "a", pattern = "(" }', "profile: fields.callee.pattern"),
    ("a pattern without a group", GOOD + 'callee = { column = "a", pattern = "x" }', "profile: fields.callee.pattern"),
    ("a map of numbers", GOOD + 'callee = { column = "a", map = { a = 1 } }', "profile: fields.callee.map"),
    ("a map that is none", GOOD + 'callee = { column = "a", map = "x" }', "profile: map"),
    ("unless nothing", GOOD + 'q850_cause = { column = "a", unless = "x" }', "profile: fields.q850_cause.unless"),
    ("a flag that is none", GOOD + 'callee = { column = "a", zero = "no" }', "profile: fields.callee.zero"),
    ("fields that are none", 'name = "own"\ntitle = "x"\nfields = 3', "profile: fields"),
    ("unknown kind", GOOD + '[container]\nkinds = ["docx"]', "profile: container.kinds"),
    ("unknown header rule", GOOD + '[container]\nheader = "last"', "profile: container.header"),
    ("two separators", GOOD + '[container]\nseparator = ", "', "profile: container.separator"),
    ("a negative count", GOOD + "[container]\nleast = -1", "profile: container.least"),
    ("a flag for a count", GOOD + "[container]\nmost = true", "profile: container.most"),
    ("keys without a marker", GOOD + '[container]\nkinds = ["keys"]', "profile: container.marker"),
    ("xml without an element", GOOD + '[container]\nkinds = ["xml"]', "profile: container.element"),
    ("no names of columns", GOOD + '[container]\nheader = "none"', "profile: container.columns"),
    ("a bad skip", GOOD + '[container]\nskip = "["', "profile: container.skip"),
    ("a key of the container", GOOD + "[container]\ncolour = 1", "profile: container.colour"),
    ("a bad format", GOOD + '[time]\nformats = ["%Q"]', "profile: time"),
    ("a part of a time twice", GOOD + '[time]\nformats = ["%Y %Y"]', "profile: time"),
    ("a bad zone", GOOD + '[time]\nzone = "Middle/Earth"', "profile: time"),
    ("a bad name of a zone", GOOD + '[time]\nzones = { CET = "soon" }', "profile: time.zones.CET"),
    ("a zone that changes", GOOD + '[time]\nzones = { CET = "Europe/Berlin" }', "profile: time.zones.CET"),
    ("unknown outcome", GOOD + '[outcome]\nlost = ["x"]', "profile: outcome.lost"),
    ("a key that is no field", GOOD + '[join]\nkey = ["colour"]', "profile: join.key"),
    ("a join without a key", GOOD + "[join]\nwindow = 3", "profile: join.key"),
    ("a key of join", GOOD + '[join]\nkey = ["call_id"]\ncolour = 1', "profile: join.colour"),
    ("a bad hint", GOOD + '[recognise]\ncells = { at = "(" }', "profile: recognise.cells.at"),
    ("a key of recognise", GOOD + "[recognise]\ncolour = 1", "profile: recognise.colour"),
]


@pytest.mark.parametrize(("label", "text", "where"), BAD, ids=[label for label, *_ in BAD])
def test_a_wrong_profile_says_where(label: str, text: str, where: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_profile(text)
    assert caught.value.problem.code == "cdr-profile"
    assert caught.value.problem.where == where
    assert caught.value.problem.detail.startswith("expected")


@pytest.mark.parametrize("pair", ["callee", "callee=", "colour=red", "=x", ""])
def test_a_map_that_is_none_is_refused(pair: str) -> None:
    with pytest.raises(LocalError) as caught:
        profile_named("generic").mapped([pair])
    assert caught.value.problem.code == "cdr-bad-map"


def test_columns_can_be_mapped_by_name_and_by_position() -> None:
    text = "When,Whom,Lasted,Wait ms\n2026-11-20T09:20:06Z,+12135550100,12,250\n"
    pairs = ["at=When", "callee=#2", "talk_ms=Lasted", "setup_ms=Wait ms", "outcome=#1"]
    rows, _ = read(text, profile_named("generic").mapped(pairs))
    assert (rows[0].callee, rows[0].setup_ms, rows[0].talk_ms) == ("+12135550100", 250, None)


def test_a_mapped_code_forgets_the_words_of_the_profile() -> None:
    profile = profile_named("freeswitch-csv").mapped(["final_code=accountcode"])
    assert profile.fields["final_code"].map is None


def test_feeds_of_all_kinds() -> None:
    profile = own(
        'header = "none"\ncolumns = ["at", "a", "b", "c", "d", "e"]',
        """
        call_id = { column = ["a", "b"], join = true }
        q850_cause = { column = "c", as = "hex" }
        location = "d"
        provider_code = { column = "e", json = "deep.code" }
        ended_by = { column = "b", map = { x = "caller", "*" = "callee" } }
        carrier = { value = "acme" }
        trunk = { column = ["b", "a"], pattern = 't=(\\w+)|u=(\\w+)' }
        """,
    )
    text = (
        '1795166406,a t=one,x,15,4,"{""deep"": {""code"": 7}}"\n1795166407,u=two,y,ZZ,U,"{broken"\n1795166408,,,,,[1]\n'
    )
    rows, records = read(text, profile)
    assert [row.call_id for row in rows] == ["a t=one x", "u=two y", " "]
    assert [row.q850_cause for row in rows] == [21, None, None]
    assert [row.location for row in rows] == ["RLN", "U", ""]
    assert [(row.signal, row.provider_code) for row in rows] == [("provider", "7"), ("", ""), ("", "")]
    assert [row.ended_by for row in rows] == ["caller", "callee", ""]
    assert [row.trunk for row in rows] == ["one", "two", ""]
    assert {row.carrier for row in rows} == {"acme"}
    assert records.tally.notes == {"bad-number": 1}


def test_records_that_are_no_calls_are_skipped() -> None:
    profile = own("", 'callee = "to"', '[keep]\nkind = ["1", "2"]\n')
    rows, records = read("at,to,kind\n1795166406,a,1\n1795166406,b,9\n1795166406,c,2\n", profile)
    assert ([row.callee for row in rows], records.tally.skipped) == (["a", "c"], {"not-a-call": 1})


def test_a_start_can_follow_from_the_end_and_the_duration() -> None:
    profile = parse_profile(
        'name = "own"\ntitle = "x"\n[time]\nformats = ["epoch"]\nzone = "utc"\n'
        '[fields]\nend_at = "end"\ntotal_ms = "duration"\ncallee = "to"\n'
    )
    rows, records = read("end,duration,to\n1795166410,4,a\n1795166410,,b\nsoon,4,c\n0,1,d\n", profile)
    assert [(row.callee, row.at_us, row.setup_ms) for row in rows] == [("a", 1_795_166_406_000_000, 4000)]
    assert records.tally.bad == {"no-time": 2, "bad-time": 1}


def test_the_profile_of_the_guide_is_a_profile() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "cdr.md").read_text("utf-8")
    profile = parse_profile(re.findall(r"^```toml\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)[0])
    text = "Call ID;Started;Ended;From;Lead Phone;Channel;SIP;Talk;Result\n"
    text += "1;11/20/2026 09:20:06 AM;11/20/2026 09:20:08 AM;3125550349;2135550100;PJSIP/1@acme,30;;0;CARRIER BLOCK\n"
    rows, records = read(text, profile)
    assert (rows[0].outcome, rows[0].trunk, rows[0].setup_ms, rows[0].callee) == (
        "blocked",
        "acme",
        2000,
        "+12135550100",
    )
    assert records.problems == []


def test_the_template_of_the_guide_has_the_columns_of_its_profile() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "cdr.md").read_text("utf-8")
    template = re.findall(r"<template.*?</template>", guide, re.DOTALL)[0]
    names = tuple(name.replace("uepoch", "epoch") for name in re.findall(r"\$\{(\w+)\}", template))
    assert names == profile_named("freeswitch-redress").container.columns
