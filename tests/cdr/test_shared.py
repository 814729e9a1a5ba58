"""Records that other programs wrote, from the shared data: what their own truth file counts is what is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ringthrough.cdr import recognise

from .reading import read

FILES: list[tuple[str, str, int, dict[str, Any]]] = [
    ("samples/asterisk_Master.csv", "asterisk-csv", 4, {"final_code": 603, "trunk": "carrier-a"}),
    ("samples/freeswitch_cdr_example_template.csv", "freeswitch-csv", 2, {"q850_cause": 21, "outcome": "rejected"}),
    ("samples/freeswitch_json_cdr.json", "freeswitch-json", 1, {"signal": "603plus", "setup_ms": 154}),
    ("samples/twilio_call_summary.json", "twilio-insights", 1, {"final_code": 603, "carrier": "AT&T Wireless"}),
    ("samples/kamailio_acc_syslog.txt", "kamailio-acc", 7, {"final_code": 200, "talk_ms": 1000}),
    ("cdr/asterisk/Master_good.csv", "asterisk-csv", 5, {"outcome": "answered", "caller": "test"}),
    ("cdr/freeswitch_json/cgrates_fscdr_1.json", "freeswitch-json", 1, {
        "final_code": 200, "pdd_ms": 59, "setup_ms": 3420,
    }),
    ("cdr/freeswitch_json/somleng_freeswitch_cdr.json", "freeswitch-json", 1, {
        "final_code": 200, "q850_cause": 31, "talk_ms": 3379, "ended_by": "caller", "caller": "+85516234567",
    }),
    ("cdr/opensips_acc/acc_syslog_from_docs.txt", "kamailio-acc", 2, {"talk_ms": 4250, "setup_ms": 16_000}),
    ("cdr/cdr-stats/CDRImport-2015-10-26.csv", "generic", 5, {
        "q850_cause": 16, "outcome": "answered", "talk_ms": 50_000,
    }),
]  # fmt: skip


@pytest.mark.parametrize(("file", "profile", "count", "facts"), FILES, ids=[file for file, *_ in FILES])
def test_a_file_of_another_program(shared: Path, file: str, profile: str, count: int, facts: dict[str, Any]) -> None:
    octets = (shared / "data" / file).read_bytes()
    found = recognise(octets, file)
    assert found.profile is not None
    assert found.profile.name == profile
    rows, records = read(octets, found.profile)
    assert (len(rows), records.problems) == (count, [])
    assert {name: getattr(rows[0], name) for name in facts} == facts


def test_dispositions_are_those_that_the_truth_counts(shared: Path) -> None:
    truth = json.loads((shared / "data/cdr/_truth.json").read_text())["files"]["asterisk/Master_good.csv"]
    rows, _ = read((shared / "data/cdr/asterisk/Master_good.csv").read_bytes(), "asterisk-csv")
    counted = {word: sum(row.outcome_text == word for row in rows) for word in truth["dispositions"]}
    assert counted == truth["dispositions"]


def test_the_kamailio_log_says_who_blocked(shared: Path) -> None:
    rows, records = read((shared / "data/samples/kamailio_acc_syslog.txt").read_bytes(), "kamailio-acc")
    by_code = {(row.final_code, row.final_phrase): row for row in rows}
    assert by_code[603, "Network Blocked"].redress_url == "https://redress.carrier-a.example/"
    assert by_code[603, "Decline"].q850_cause == 21
    assert (by_code[607, "Unwanted"].signal, by_code[608, "Rejected"].signal) == ("607", "608")
    assert records.tally.skipped == {"joined": 7}


def test_lists_of_twilio_are_read_by_their_calls(shared: Path) -> None:
    found = json.loads((shared / "data/cdr/twilio/call_api_examples.json").read_text())
    page = next(value for key, value in found.items() if "readFullPage1" in key)
    rows, _ = read(json.dumps(page), "twilio-calls")
    assert [row.outcome for row in rows[:2]] == ["answered", "answered"]
    assert (rows[0].talk_ms, rows[0].at_us) == (4000, 1_571_418_120_000_000)
