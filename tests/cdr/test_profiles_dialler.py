"""Diallers: every row of a sample, words of the system and of agents, and records that are bad."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ringthrough.cdr import profile_named, recognise

from .reading import DATA, codes, opened, read
from .whole import check_bad, check_sample, facts

SAMPLES: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "vicidial-log.csv": (
        {
            "campaign": "SPRING", "blind_to": "code reason ringing times",
        },
        [
            {
                "at": "09:20:06", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "outcome_text": "SALE", "call_id": "1795166406.1", "callee": "+12135550200",
                "callee_raw": "2135550200", "frame": 2,
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-busy", "outcome": "busy", "outcome_text": "AB",
                "call_id": "1795166406.2", "callee": "+12135550486", "callee_raw": "2135550486", "frame": 3,
            },
            {
                "at": "09:20:08", "verdict": "no_answer", "rule": "record-no-answer", "outcome": "no_answer",
                "outcome_text": "NA", "call_id": "1795166406.3", "callee": "+12135550480", "callee_raw": "2135550480",
                "frame": 4,
            },
            {
                "at": "09:20:09", "verdict": "bad_number", "rule": "record-invalid", "outcome": "invalid",
                "outcome_text": "ADC", "call_id": "1795166406.4", "callee": "+12135550404",
                "callee_raw": "2135550404", "frame": 5,
            },
            {
                "at": "09:20:10", "verdict": "unknown_rejection", "rule": "record-rejected", "outcome": "rejected",
                "outcome_text": "CPDREJ", "call_id": "1795166406.5", "callee": "+12135550603",
                "callee_raw": "2135550603", "frame": 6,
            },
            {
                "at": "09:20:11", "verdict": "incomplete", "rule": "record-without-end", "outcome_text": "MYDISP",
                "call_id": "1795166406.6", "callee": "+12135550201", "callee_raw": "2135550201", "frame": 7,
            },
        ],
    ),
    "vicidial-log.sql": (
        {
            "frame": 22, "campaign": "SPRING", "blind_to": "code reason ringing times",
        },
        [
            {
                "at": "09:20:06", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "outcome_text": "SALE", "call_id": "1795166406.1", "callee": "+12135550200",
                "callee_raw": "2135550200",
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-busy", "outcome": "busy", "outcome_text": "AB",
                "call_id": "1795166406.2", "callee": "+12135550486", "callee_raw": "2135550486",
            },
            {
                "at": "09:20:08", "verdict": "no_answer", "rule": "record-no-answer", "outcome": "no_answer",
                "outcome_text": "NA", "call_id": "1795166406.3", "callee": "+12135550480", "callee_raw": "2135550480",
            },
        ],
    ),
    "vicidial-carrier.csv": (
        {},
        [
            {
                "at": "09:20:06", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "outcome_text": "ANSWER", "call_id": "1795166406.1", "q850_cause": 16, "setup_ms": 6000,
                "talk_ms": 43000, "frame": 2, "trunk": "carrier-a", "blind_to": "code reason ringing times",
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-busy-status", "outcome": "busy",
                "outcome_text": "BUSY", "final_code": 486, "final_phrase": "Busy Here", "call_id": "1795166406.2",
                "setup_ms": 1000, "frame": 3, "trunk": "carrier-a", "blind_to": "reason ringing times",
            },
            {
                "at": "09:20:39", "verdict": "no_answer", "rule": "record-cause-no-answer", "outcome": "no_answer",
                "outcome_text": "NOANSWER", "call_id": "1795166406.3", "q850_cause": 19, "setup_ms": 30000,
                "frame": 4, "trunk": "carrier-a", "blind_to": "code reason ringing times",
            },
            {
                "at": "09:20:08", "verdict": "network_blocked", "rule": "record-603plus", "outcome": "congestion",
                "outcome_text": "CONGESTION", "final_code": 603, "final_phrase": "Network Blocked",
                "call_id": "1795166406.4", "signal": "603plus_defective", "signal_in": "response", "signal_code": 603,
                "signal_phrase": "Network Blocked", "frame": 5, "trunk": "carrier-a",
                "blind_to": "reason ringing times",
            },
            {
                "at": "09:20:07", "verdict": "unknown_rejection", "rule": "record-cause-21", "outcome": "congestion",
                "outcome_text": "CONGESTION", "call_id": "1795166406.5", "q850_cause": 21, "setup_ms": 2000,
                "frame": 6, "trunk": "carrier-a", "blind_to": "code reason ringing times",
            },
            {
                "at": "09:20:00", "verdict": "abandoned", "rule": "record-abandoned", "outcome": "cancelled",
                "outcome_text": "CANCEL", "call_id": "1795166406.6", "setup_ms": 10000, "cancel_ms": 10000,
                "frame": 7, "blind_to": "code reason ringing times",
            },
        ],
    ),
    "vicidial-dial.csv": (
        {
            "caller": "+13125550349", "caller_raw": "3125550349",
        },
        [
            {
                "at": "09:20:06", "verdict": "answered", "rule": "answered", "final_code": 200, "final_phrase": "OK",
                "call_id": "1795166406.1", "callee": "912135550200", "frame": 2, "blind_to": "reason ringing times",
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-busy-status", "final_code": 486,
                "final_phrase": "Busy Here", "call_id": "1795166406.2", "callee": "912135550486", "frame": 3,
                "blind_to": "reason ringing times",
            },
            {
                "at": "09:20:08", "verdict": "no_answer", "rule": "record-480", "final_code": 480,
                "final_phrase": "Temporarily Unavailable", "call_id": "1795166406.3", "callee": "912135550480",
                "frame": 4, "blind_to": "reason ringing times",
            },
            {
                "at": "09:20:09", "verdict": "network_blocked", "rule": "record-603plus", "final_code": 603,
                "final_phrase": "Network Blocked", "call_id": "1795166406.4", "callee": "912135550603",
                "signal": "603plus_defective", "signal_in": "response", "signal_code": 603,
                "signal_phrase": "Network Blocked", "frame": 5, "blind_to": "reason ringing times",
            },
            {
                "at": "09:20:10", "verdict": "unwanted", "rule": "record-607", "final_code": 607,
                "final_phrase": "Unwanted", "call_id": "1795166406.5", "callee": "912135550607", "signal": "607",
                "signal_in": "response", "signal_code": 607, "signal_phrase": "Unwanted", "frame": 6,
                "blind_to": "reason ringing times",
            },
            {
                "at": "09:20:11", "verdict": "provider_blocked", "rule": "provider", "final_code": 403,
                "final_phrase": "Caller Origination Number is Invalid D35", "call_id": "1795166406.6",
                "callee": "912135550403", "signal": "provider", "signal_in": "response", "signal_code": 403,
                "signal_phrase": "Caller Origination Number is Invalid D35", "provider_code": "telnyx:D35",
                "frame": 7, "blind_to": "reason ringing times",
            },
            {
                "at": "09:20:12", "verdict": "incomplete", "rule": "record-without-end",
                "call_id": "V1120092006000000107", "callee": "912135550201", "frame": 8,
                "blind_to": "code reason ringing times",
            },
        ],
    ),
    "vicidial-export.tsv": (
        {
            "campaign": "SPRING",
        },
        [
            {
                "at": "09:20:06", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "outcome_text": "ANSWER", "call_id": "1795166406.1", "caller": "+13125550349",
                "callee": "+12135550200", "caller_raw": "3125550349", "callee_raw": "2135550200", "q850_cause": 16,
                "setup_ms": 6000, "talk_ms": 43000, "frame": 2, "trunk": "carrier-a",
                "blind_to": "code reason ringing times",
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-busy-status", "outcome": "busy",
                "outcome_text": "BUSY", "final_code": 486, "final_phrase": "Busy Here", "call_id": "1795166406.2",
                "caller": "+13125550349", "callee": "+12135550486", "caller_raw": "3125550349",
                "callee_raw": "2135550486", "setup_ms": 1000, "frame": 3, "trunk": "carrier-a",
                "blind_to": "reason ringing times",
            },
            {
                "at": "09:20:08", "verdict": "no_answer", "rule": "record-cause-no-answer", "outcome": "no_answer",
                "outcome_text": "NOANSWER", "call_id": "1795166406.3", "caller": "+13125550349",
                "callee": "+12135550480", "caller_raw": "3125550349", "callee_raw": "2135550480", "q850_cause": 19,
                "setup_ms": 30000, "frame": 4, "trunk": "carrier-a", "blind_to": "code reason ringing times",
            },
            {
                "at": "09:20:09", "verdict": "network_blocked", "rule": "record-603plus", "outcome": "congestion",
                "outcome_text": "CONGESTION", "final_code": 603, "final_phrase": "Network Blocked",
                "call_id": "1795166406.4", "caller": "+13125550349", "callee": "+12135550603",
                "caller_raw": "3125550349", "callee_raw": "2135550603", "signal": "603plus_defective",
                "signal_in": "response", "signal_code": 603, "signal_phrase": "Network Blocked", "frame": 5,
                "trunk": "carrier-a", "blind_to": "reason ringing times",
            },
            {
                "at": "09:20:10", "verdict": "bad_number", "rule": "record-invalid", "outcome": "invalid",
                "outcome_text": "ADC", "callee": "+12135550404", "callee_raw": "2135550404", "frame": 6,
                "blind_to": "code reason ringing times",
            },
        ],
    ),
    "vicidial-export.txt": (
        {
            "campaign": "SPRING", "blind_to": "code reason ringing times",
        },
        [
            {
                "at": "09:20:06", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "outcome_text": "SALE", "callee": "+12135550200", "callee_raw": "2135550200", "frame": 2,
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-busy", "outcome": "busy", "outcome_text": "B",
                "callee": "+12135550486", "callee_raw": "2135550486", "frame": 3,
            },
            {
                "at": "09:20:08", "verdict": "incomplete", "rule": "record-without-end", "outcome_text": "ZZZ",
                "callee": "+12135550999", "callee_raw": "2135550999", "frame": 4,
            },
        ],
    ),
    "five9-calls.csv": (
        {
            "caller": "+13125550349", "caller_raw": "3125550349", "campaign": "Spring",
            "blind_to": "code reason ringing times",
        },
        [
            {
                "at": "09:20:06", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "outcome_text": "Answering Machine", "call_id": "24381", "callee": "+12135550200",
                "callee_raw": "2135550200", "talk_ms": 9000, "frame": 2,
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-busy", "outcome": "busy", "outcome_text": "Busy",
                "call_id": "24382", "callee": "+12135550486", "callee_raw": "2135550486", "frame": 3,
            },
            {
                "at": "09:20:39", "verdict": "no_answer", "rule": "record-no-answer", "outcome": "no_answer",
                "outcome_text": "No Answer", "call_id": "24383", "callee": "+12135550480", "callee_raw": "2135550480",
                "frame": 4,
            },
            {
                "at": "09:20:08", "verdict": "failed", "rule": "record-failed", "outcome": "failed",
                "outcome_text": "Operator Intercept", "call_id": "24384", "callee": "+12135550603",
                "callee_raw": "2135550603", "frame": 5,
            },
            {
                "at": "09:20:00", "verdict": "incomplete", "rule": "record-without-end", "outcome_text": "Sold",
                "call_id": "24385", "callee": "+12135550201", "callee_raw": "2135550201", "frame": 6,
            },
        ],
    ),
    "five9-calls.json": (
        {},
        [
            {
                "at": "09:20:06", "verdict": "failed", "rule": "record-failed", "outcome": "failed",
                "outcome_text": "Operator Intercept", "call_id": "24391", "caller": "+13125550349",
                "callee": "+12135550603", "caller_raw": "3125550349", "callee_raw": "2135550603", "frame": 1,
                "campaign": "Spring", "blind_to": "code reason ringing times",
            },
        ],
    ),
    "convoso-calls.json": (
        {
            "direction": "outbound", "campaign": "Spring", "blind_to": "code reason ringing times",
        },
        [
            {
                "at": "09:20:06", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "outcome_text": "AA", "call_id": "9001", "callee": "+12135550200", "callee_raw": "12135550200",
                "frame": 1,
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-busy", "outcome": "busy", "outcome_text": "B",
                "call_id": "9002", "callee": "+12135550486", "callee_raw": "12135550486", "frame": 2,
            },
            {
                "at": "09:20:08", "verdict": "no_answer", "rule": "record-no-answer", "outcome": "no_answer",
                "outcome_text": "NA", "call_id": "9003", "callee": "+12135550480", "callee_raw": "12135550480",
                "frame": 3,
            },
            {
                "at": "09:20:09", "verdict": "provider_blocked", "rule": "record-blocked", "outcome": "blocked",
                "outcome_text": "CIDB", "call_id": "9004", "callee": "+12135550607", "callee_raw": "12135550607",
                "frame": 4,
            },
            {
                "at": "09:20:10", "verdict": "unknown_rejection", "rule": "record-rejected", "outcome": "rejected",
                "outcome_text": "CPDREJ", "call_id": "9005", "callee": "+12135550603", "callee_raw": "12135550603",
                "frame": 5,
            },
            {
                "at": "09:20:11", "verdict": "incomplete", "rule": "record-without-end", "outcome_text": "SALE",
                "call_id": "9006", "callee": "+12135550201", "callee_raw": "12135550201", "frame": 6,
            },
        ],
    ),
    "genesys-conversations.json": (
        {
            "caller": "+13125550349", "direction": "outbound", "campaign": "camp-1",
        },
        [
            {
                "at": "09:20:06.123000", "verdict": "answered", "rule": "answered", "final_code": 200,
                "call_id": "gc-1", "callee": "+12135550200", "frame": 1, "blind_to": "reason ringing times",
            },
            {
                "at": "09:20:07.123000", "verdict": "busy", "rule": "record-busy-status", "outcome": "busy",
                "outcome_text": "ININ-OUTBOUND-BUSY", "final_code": 486, "call_id": "gc-2", "callee": "+12135550486",
                "frame": 2, "blind_to": "reason ringing times",
            },
            {
                "at": "09:20:08.123000", "verdict": "no_answer", "rule": "record-no-answer", "outcome": "no_answer",
                "outcome_text": "ININ-OUTBOUND-NO-ANSWER", "call_id": "gc-3", "callee": "+12135550480", "frame": 3,
                "blind_to": "code reason ringing times",
            },
            {
                "at": "09:20:09.123000", "verdict": "unknown_rejection", "rule": "record-603", "outcome": "failed",
                "outcome_text": "ININ-OUTBOUND-SIT-CALLABLE", "final_code": 603, "call_id": "gc-4",
                "callee": "+12135550603", "signal": "603", "signal_in": "response", "signal_code": 603, "frame": 4,
                "blind_to": "reason ringing times",
            },
            {
                "at": "09:20:10.123000", "verdict": "unknown_rejection", "rule": "record-cause-21", "call_id": "gc-5",
                "callee": "+12135550021", "q850_cause": 21, "frame": 5, "blind_to": "code reason ringing times",
            },
            {
                "at": "09:20:11.123000", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "outcome_text": "ININ-OUTBOUND-MACHINE", "call_id": "gc-6", "callee": "+12135550201", "frame": 6,
                "blind_to": "code reason ringing times",
            },
        ],
    ),
}  # fmt: skip
"File -> what all of its rows say, and what each says besides."

BAD: list[tuple[str, dict[str, str], str]] = [
    ("vicidial-log.csv", {"1795166411": "0"}, "no-time"),
    ("vicidial-carrier.csv", {"09:20:10": "09:99:61"}, "bad-time"),
    ("vicidial-dial.csv", {"2026-11-20 09:20:12": "today"}, "bad-time"),
    ("vicidial-export.tsv", {"2026-11-20 09:20:10": ""}, "no-time"),
    ("vicidial-export.txt", {"|ZZZ": ""}, "columns"),
    ("five9-calls.csv", {"2026-11-20 09:20": ""}, "no-time"),
    ("five9-calls.json", {"": '{"CALL ID": 24392, "TIMESTAMP": "Someday"}'}, "bad-time"),
    ("convoso-calls.json", {"": '{"id": "9007", "call_date": null}'}, "no-time"),
    ("genesys-conversations.json", {"": '{"conversationId": "gc-7", "conversationStart": "x"}'}, "bad-time"),
]
"File, what is changed in its last record (under '': the text of one more), and as what that is counted."


@pytest.mark.parametrize("file", SAMPLES)
def test_every_row_of_a_sample(file: str) -> None:
    check_sample(file, *SAMPLES[file])


@pytest.mark.parametrize(("file", "changed", "cause"), BAD, ids=[f"{file}-{cause}" for file, _, cause in BAD])
def test_a_bad_record_is_counted_and_costs_no_other(file: str, changed: dict[str, str], cause: str) -> None:
    check_bad(file, changed, cause)


def test_a_carrier_log_without_the_length_of_a_call_is_dated_by_its_end() -> None:
    rows, _ = read((DATA / "vicidial-carrier.csv").read_bytes(), "vicidial-carrier")
    assert (facts(rows[3])["at"], rows[3].setup_ms, rows[3].signal) == ("09:20:08", None, "603plus_defective")


def test_tables_of_vicidial_are_read_from_a_dump() -> None:
    for name in ("vicidial-carrier", "vicidial-dial"):
        head, *lines = (DATA / f"{name}.csv").read_text().splitlines()
        values = ["(" + ",".join("'" + cell.strip('"') + "'" for cell in line.split(",")) + ")" for line in lines]
        dump = f"INSERT INTO `{name.replace('-', '_')}_log` ({head}) VALUES {','.join(values)};\n"
        found = recognise(dump.encode())
        assert found.profile is not None
        assert found.profile.name == name
        rows, records = read(dump, found.profile)
        again, _ = read((DATA / f"{name}.csv").read_bytes(), name)
        same = [{key: value for key, value in facts(row).items() if key != "frame"} for row in rows]
        assert same == [{key: value for key, value in facts(row).items() if key != "frame"} for row in again]
        assert records.problems == []


def test_an_extended_report_of_vicidial_has_a_cause_and_no_status() -> None:
    head = "call_date\tphone_number_dialed\tstatus\tcampaign_id\tvendor_lead_code\tlength_in_sec\tlist_id\tphone_code\t"
    head += (
        "rank\towner\tuniqueid\tcaller_code\tserver_ip\thangup_cause\tdialstatus\tchannel\tdial_time\tanswered_time\n"
    )
    line = (
        "2026-11-20 09:20:06\t2135550603\tNA\tSPRING\t\t0\t998\t1\t0\t\t1795166406.1\tV1\t192.0.2.50\t21\tCONGESTION\t"
    )
    found = recognise((head + line + "SIP/carrier-a-00000011\t1\t0\n").encode())
    assert found.profile is not None
    assert found.profile.name == "vicidial-export"
    rows, _ = read(head + line + "SIP/carrier-a-00000011\t1\t0\n", found.profile)
    assert (rows[0].q850_cause, rows[0].final_code, rows[0].outcome, rows[0].trunk) == (
        21,
        None,
        "congestion",
        "carrier-a",
    )


def test_codes_of_a_genesys_segment_are_not_those_of_its_challenge() -> None:
    page = json.loads((DATA / "genesys-conversations.json").read_text())
    dialling = page["conversations"][0]["participants"][0]["sessions"][0]["segments"][0]
    for listed, code in (([407, 603], 603), ([180, 486], 486), ([401], None), ([], None)):
        dialling["sipResponseCodes"] = listed
        rows, _ = read(json.dumps(page), "genesys-conversations")
        assert rows[0].final_code == code, listed


def test_what_an_agent_chose_leaves_the_end_open() -> None:
    for file, number, word in (
        ("vicidial-log.csv", 5, "MYDISP"),
        ("five9-calls.csv", 4, "Sold"),
        ("convoso-calls.json", 5, "SALE"),
    ):
        rows, _ = read((DATA / file).read_bytes(), file.partition(".")[0])
        assert (rows[number].outcome, rows[number].outcome_text) == ("", word)


@pytest.mark.parametrize("file", [file for file in SAMPLES if not file.startswith("genesys")])
def test_local_times_ask_for_their_zone(file: str) -> None:
    records = opened((DATA / file).read_bytes(), profile_named(file.partition(".")[0]), tz=None)
    first = list(records)
    # A number of seconds since 1970 has a zone, and vicidial_log keeps one.
    assert bool(first) == file.startswith("vicidial-log")
    assert codes(records) == ([] if first else ["cdr-zone-needed"])
