"""JSON, XML, SQL dumps, log lines, and records that belong together."""

from __future__ import annotations

import json

import pytest

from ringthrough.calls import Carrier, Carriers
from ringthrough.cdr import open_rows, profile_named

from .reading import codes, opened, own, read

JSON = own('kinds = ["json"]\nrecords = "page.calls"', 'callee = "to"\ncaller = "from.number"')
XML = own('kinds = ["xml"]\nelement = "cdr"', 'callee = "to"')
SQL = own('kinds = ["sql"]\ncolumns = ["at", "to"]', 'callee = "to"')
KEYS = own(
    'kinds = ["keys"]\nmarker = "ACC: "\nkeys = ["at", "to", "reason", "code"]', 'callee = "to"\nreason = "reason"'
)
ONE = {"at": 1795166406, "to": "a"}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([ONE] * 3),
        "\n".join([json.dumps(ONE)] * 3),
        json.dumps(ONE) * 3,
        json.dumps([ONE, ONE, ONE], indent=2),
        json.dumps({"page": {"calls": [ONE, ONE, ONE]}}),
        " \n" + json.dumps(ONE) + ",\n" + json.dumps(ONE) + "\n\n" + json.dumps(ONE),
    ],
)
def test_json_of_all_shapes(text: str) -> None:
    rows, records = read(text, JSON)
    assert ([(row.callee, row.frame) for row in rows], records.problems) == ([("a", 1), ("a", 2), ("a", 3)], [])


def test_an_array_of_any_length_on_one_line_is_read_piece_by_piece() -> None:
    one = json.dumps(ONE | {"note": "x" * 900})
    rows, records = read("[" + ",".join([one] * 6000) + "]", JSON)
    assert (len(rows), rows[-1].frame, records.problems) == (6000, 6000, [])


def test_a_large_record_is_read_whole() -> None:
    rows, _ = read(json.dumps(ONE | {"note": ["y" * 1000] * 500}), JSON)
    assert len(rows) == 1


def test_broken_json_costs_one_record() -> None:
    lines = [json.dumps(ONE), '{"at": 1795166406, "to": b}', json.dumps(ONE), "garbage", json.dumps(ONE)]
    rows, records = read("\n".join(lines), JSON)
    assert (len(rows), records.tally.bad) == (3, {"not-json": 2})
    assert codes(records) == ["cdr-not-json"] * 2
    assert records.problems[0].where == "calls.csv: line 2"


def test_values_that_are_no_records_are_counted() -> None:
    rows, records = read(json.dumps(ONE) + '\n"text"\n[3]\n' + json.dumps(ONE), JSON)
    assert (len(rows), records.tally.bad) == (2, {"not-a-record": 2})
    assert codes(records) == ["cdr-not-a-record"] * 2


def test_the_end_inside_a_record() -> None:
    rows, records = read(json.dumps(ONE) + "\n" + json.dumps(ONE)[:-5], JSON)
    assert (len(rows), codes(records)) == (1, ["cdr-cut-record"])


def test_a_record_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ringthrough.cdr.objects.MAX_RECORD_CHARACTERS", 1000)
    text = json.dumps(ONE) + '\n{"note": "' + "x" * 300_000 + '"}\n' + json.dumps(ONE)
    rows, records = read(text, JSON)
    assert len(rows) == 2
    assert set(records.tally.bad) <= {"line-too-long", "not-json", "not-a-record"}


def test_values_of_json_become_cells() -> None:
    rows, _ = read('{"at": 1795166406, "to": null, "from": {"number": "\\ud800"}}', JSON)
    assert (rows[0].callee, rows[0].caller_raw) == ("", "\\ud800")
    deep = json.dumps(ONE | {"deep": json.loads("[" * 40 + "1" + "]" * 40), "flag": True, "no": False})
    assert len(read(deep, JSON)[0]) == 1


def test_octets_that_are_no_utf_8_inside_json() -> None:
    rows, _ = read(b'{"at": 1795166406, "to": "\xfc"}', JSON)
    assert rows[0].callee == "ü"
    _, records = read(b'{"at": 1795166406, "to": "a"}\xc3', JSON)
    assert records.tally.notes == {"not-utf-8": 1}


@pytest.mark.parametrize(
    "text",
    [
        "<cdrs><cdr><at>1795166406</at><to>a</to></cdr><cdr at='1795166406'><to>a</to><to>b</to></cdr></cdrs>",
        '<?xml version="1.0"?><cdr><at>1795166406</at><to>a</to></cdr>' * 2,
        '<?xml version="1.0"?>\n<cdr><at>1795166406</at><x at="1"/><to>a</to></cdr>\n' * 2,
    ],
)
def test_xml_of_all_shapes(text: str) -> None:
    rows, records = read(text, XML)
    assert ([row.callee for row in rows], records.problems) == (["a", "a"], [])


@pytest.mark.parametrize(
    "damage", ["<broken", '<!DOCTYPE x [<!ENTITY a "b">]><cdr></cdr>', "<cdr><at>1</cdr>", "</cdr>"]
)
def test_damaged_xml_ends_reading(damage: str) -> None:
    rows, records = read("<cdrs>\n<cdr><at>1795166406</at><to>a</to></cdr>\n" + damage, XML)
    assert ([row.callee for row in rows], codes(records)[:1]) == (
        ["a"] if rows else [],
        ["cdr-markup"] if codes(records) else [],
    )
    assert rows or records.problems


def test_a_record_of_xml_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ringthrough.cdr.markup.MAX_RECORD_CHARACTERS", 1000)
    records = opened("<cdr><at>" + "1" * 2000 + "</at></cdr>", XML)
    assert (list(records), codes(records)) == ([], ["cdr-markup"])


def test_many_records_of_xml_come_in_batches() -> None:
    rows, _ = read("<cdrs>" + "<cdr><at>1795166406</at><to>a</to></cdr>\n" * 3000 + "</cdrs>", XML)
    assert [row.frame for row in rows] == list(range(1, 3001))


def test_statements_with_and_without_names() -> None:
    text = (
        "BEGIN;\n"
        "INSERT INTO cdr VALUES (1795166406,'it''s');\n"
        "INSERT INTO `cdr` (`to`, `at`) VALUES ('b\\'\\n',1795166406),('c',1795166407);\n"
        "INSERT INTO cdr VALUES (1795166406);\n"
        "INSERT INTO cdr VALUES (1795166406, 'x' 'y');\n"
        "COMMIT;\n"
    )
    rows, records = read(text, SQL)
    assert [row.callee for row in rows] == ["it's", "b'\n", "c"]
    assert records.tally.bad == {"columns": 1, "not-a-record": 1}


def test_copy_of_a_dump() -> None:
    text = 'COPY public.cdr (at, "to") FROM stdin;\n1795166406\ta\\tb\n1795166406\t\\N\nshort\n\\.\nSELECT 1;\n'
    rows, records = read(text, SQL)
    assert ([row.callee for row in rows], records.tally.bad) == (["a\tb", ""], {"columns": 1})


def test_columns_of_a_table_that_was_created() -> None:
    text = 'CREATE TABLE "cdr" (\n  "to" varchar,\n  "at" bigint\n);\nINSERT INTO "cdr" VALUES (\'a\',1795166406);\n'
    assert [row.callee for row in read(text, SQL)[0]] == ["a"]


def test_keys_are_read_from_the_right() -> None:
    text = 'x ACC: call missed: at=1795166406;to=a;reason=SIP;cause=603;text="v=analytics1;url=https://b.example/;to=evil";code=603\n'
    rows, _ = read(text, KEYS)
    assert rows[0].callee == "evil"  # the last one written counts: what stands left of it is text of a value
    text = 'ACC: x: at=1795166406;reason=SIP;cause=603;text="v=analytics1;url=https://b.example/;id=7";to=a\n'
    rows, records = read("no marker\n" + text + "ACC: nothing\n", KEYS)
    assert (rows[0].callee, rows[0].redress_url, rows[0].frame) == ("a", "https://b.example/", 2)
    assert records.tally.bad == {"not-a-record": 1}


def test_a_window_keeps_memory_bounded_and_late_ends_are_counted() -> None:
    profile = own(
        'kinds = ["csv"]', 'call_id = "id"\nend_at = "BYE.at"\nfinal_code = "code"',
        '[join]\nkey = ["call_id"]\nevent = "method"\nnamed = ["BYE"]\nclose = ["BYE"]\nwindow = 2\n',
    )  # fmt: skip
    head = "at,id,method,code\n"
    lines = [f"179516640{n},{n},INVITE,200\n" for n in range(4)] + ["1795166409,0,BYE,200\n", "1795166409,3,BYE,200\n"]
    rows, records = read(head + "".join(lines) + "1795166409,,INVITE,486\n", profile)
    assert sorted((row.call_id, row.talk_ms) for row in rows) == [
        ("", None),
        ("0", None),
        ("1", None),
        ("2", None),
        ("3", None),
    ]
    assert records.tally.skipped == {"no-opening": 1, "joined": 1}


def test_events_of_one_call_without_an_opening_of_its_own() -> None:
    text = (
        '"HANGUP","1795166406.5","","100","","","","","x","PJSIP/a-00000001","","","3","","1.1","1.1","","","","{}"\n'
    )
    rows, records = read(text, "asterisk-cel")
    assert (rows, records.tally.bad) == ([], {"no-time": 1})


def test_many_joined_calls_come_in_batches() -> None:
    profile = own("", 'call_id = "id"', '[join]\nkey = ["call_id"]\n')
    rows, _ = read("at,id\n" + "".join(f"1795166406,{n}\n" for n in range(3000)), profile)
    assert len(rows) == 3000


def test_rows_that_another_reader_has_cut() -> None:
    from datetime import UTC, datetime

    names = ["start_time", "to", "sip_code", "answered"]
    table = [(datetime(2026, 11, 20, 9, 20, 6, tzinfo=UTC), "+12135550100", 603, True), (None, "x", None, None), (1,)]
    records = open_rows(names, table, profile_named("generic"), name="calls.parquet", tz="UTC")
    rows = list(records)
    assert [(row.at_us, row.final_code, row.frame) for row in rows] == [(1_795_166_406_000_000, 603, 1)]
    assert records.tally.bad == {"columns": 1, "no-time": 1}
    assert records.problems[0].where == "calls.parquet: record 3"
    many = open_rows(["at", "to"], ((1795166406, "a") for _ in range(2500)), profile_named("generic"), name="x")
    assert [len(block) for block in many.blocks()] == [1024, 1024, 452]


def test_the_carrier_comes_from_the_first_that_knows() -> None:
    text = "at,to,carrier,trunk\n1795166406,+1{},{},{}\n1795166406,+12135550101,,t1\n"
    text += "1795166406,+12135550102,,t2\n1795166406,+12135550103,,\n"
    rows, _ = read(
        text.format("2135550100", "own", "t1"), "generic",
        numbers={"+12135550102": "by number"}, trunks={"t1": "by trunk", "t2": "unused"},
        carriers=Carriers((Carrier("by prefix", (), ("+1213",)),)),
    )  # fmt: skip
    assert [row.carrier for row in rows] == ["own", "by trunk", "by number", "by prefix"]
    assert [row.carrier for row in read(text.format("1", "", ""), "generic")[0]] == ["", "", "", ""]


def test_an_answered_call_keeps_no_refusal_of_an_earlier_attempt() -> None:
    text = "at,answer_time,to,sip_code,phrase,reason\n1795166406,1795166410,a,503,Busy,\n"
    text += "1795166406,,b,503,Busy,\n1795166406,1795166409,c,,,SIP;cause=607\n"
    rows, _ = read(text, "generic")
    assert [(row.outcome, row.final_code, row.final_phrase) for row in rows] == [
        ("answered", None, ""), ("", 503, "Busy"), ("answered", None, ""),
    ]  # fmt: skip
    assert (rows[2].signal, rows[2].signal_in) == ("607", "bye")


def test_a_reason_without_a_status_is_read_by_its_cause() -> None:
    text = 'at,to,reason_header\n1795166406,a,"SIP;cause=603;text=""v=analytics1;url=https://b.example/"";location=RLN"\n1795166406,b,Q.850;cause=17\n1795166406,c,\n'
    rows, _ = read(text, "generic")
    assert (rows[0].signal, rows[0].signal_code, rows[0].signal_in, rows[0].final_code) == ("603plus", None, "", None)
    assert (rows[1].signal, rows[1].q850_cause) == ("", 17)
    assert [row.blind_to for row in rows] == ["code ringing times"] * 3
    known, _ = read("at,to,reason,code\n1795166406,a,Q.850;cause=17\r,486\n".replace("\r", " x"), "generic")
    assert known[0].final_code == 486


def test_two_words_of_a_provider() -> None:
    profile = own("", 'final_code = "code"\nprovider_code = "own"')
    rows, _ = read("at,code,own\n1795166406,403,D35\n1795166406,,D35\n1795166406,486,\n", profile)
    assert [(row.signal, row.provider_code) for row in rows] == [("provider", "D35"), ("provider", "D35"), ("", "")]
