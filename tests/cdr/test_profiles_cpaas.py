"""Providers: every row of a sample, what is counted as bad, and what of their words is left open."""

from __future__ import annotations

from typing import Any

import pytest

from ringthrough.cdr import profile_named

from .reading import DATA, codes, opened, read
from .whole import check_bad, check_sample, facts

SAMPLES: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "telnyx-webhooks.jsonl": (
        {
            "caller": "+13125550349", "trunk": "1001", "blind_to": "reason ringing",
        },
        [
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-busy-status", "outcome": "busy",
                "outcome_text": "user_busy", "final_code": 486, "call_id": "leg-2", "callee": "+12135550486",
                "direction": "outbound", "setup_ms": 900, "frame": 2,
            },
            {
                "at": "09:20:08", "verdict": "unknown_rejection", "rule": "record-603", "outcome": "rejected",
                "outcome_text": "call_rejected", "final_code": 603, "call_id": "leg-3", "callee": "+12135550603",
                "direction": "outbound", "signal": "603", "signal_in": "response", "signal_code": 603,
                "setup_ms": 154, "frame": 5,
            },
            {
                "at": "09:20:06", "verdict": "answered", "rule": "answered", "outcome": "answered",
                "outcome_text": "normal_clearing", "final_code": 200, "call_id": "leg-1", "callee": "+12135550200",
                "direction": "outbound", "setup_ms": 6500, "talk_ms": 43250, "ended_by": "callee", "frame": 1,
            },
            {
                "at": "09:20:39", "verdict": "no_answer", "rule": "record-no-answer", "outcome": "no_answer",
                "outcome_text": "timeout", "call_id": "leg-4", "callee": "+12135550480", "setup_ms": 30000,
                "frame": 9,
            },
            {
                "at": "09:21:03.800000", "verdict": "unwanted", "rule": "record-607", "outcome": "rejected",
                "outcome_text": "call_rejected", "final_code": 607, "call_id": "leg-5", "callee": "+12135550607",
                "signal": "607", "signal_in": "response", "signal_code": 607, "setup_ms": 200, "frame": 10,
            },
            {
                "at": "09:21:10", "verdict": "abandoned", "rule": "record-487", "outcome": "cancelled",
                "outcome_text": "originator_cancel", "final_code": 487, "call_id": "leg-6", "callee": "+12135550487",
                "setup_ms": 5000, "cancel_ms": 5000, "ended_by": "caller", "frame": 11,
            },
        ],
    ),
    "telnyx-texml.jsonl": (
        {
            "caller": "+13125550349", "trunk": "1001", "campaign": "acc-1", "blind_to": "code reason ringing",
        },
        [
            {
                "at": "09:20:06", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "outcome_text": "normal_clearing", "call_id": "t1", "callee": "+12135550200", "setup_ms": 6500,
                "talk_ms": 43250, "ended_by": "caller", "frame": 2, "attestation": "A",
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-busy", "outcome": "busy",
                "outcome_text": "user_busy", "call_id": "t2", "callee": "+12135550486", "setup_ms": 900, "frame": 3,
            },
            {
                "at": "09:20:08", "verdict": "unknown_rejection", "rule": "record-rejected", "outcome": "rejected",
                "outcome_text": "call_rejected", "call_id": "t3", "callee": "+12135550603", "setup_ms": 154,
                "frame": 4,
            },
            {
                "at": "09:20:39", "verdict": "no_answer", "rule": "record-no-answer", "outcome": "no_answer",
                "outcome_text": "timeout", "call_id": "t4", "callee": "+12135550480", "setup_ms": 30000, "frame": 5,
            },
        ],
    ),
    "bandwidth-insights.json": (
        {
            "caller": "+13125550349", "direction": "outbound", "campaign": "spring", "blind_to": "reason ringing",
        },
        [
            {
                "at": "09:20:06", "verdict": "answered", "rule": "answered", "outcome": "answered",
                "outcome_text": "COMPLETE", "final_code": 200, "final_phrase": "OK", "call_id": "bw-1",
                "callee": "+12135550200", "setup_ms": 6500, "talk_ms": 43250, "ended_by": "callee", "frame": 1,
                "attestation": "A",
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-busy-status", "outcome": "failed",
                "outcome_text": "INCOMPLETE", "final_code": 486, "final_phrase": "Busy Here", "call_id": "bw-2",
                "callee": "+12135550486", "setup_ms": 900, "frame": 2, "attestation": "A",
            },
            {
                "at": "09:20:39", "verdict": "no_answer", "rule": "record-480", "outcome": "failed",
                "outcome_text": "INCOMPLETE", "final_code": 480, "final_phrase": "Temporarily Unavailable",
                "call_id": "bw-3", "callee": "+12135550480", "setup_ms": 30000, "frame": 3, "attestation": "A",
            },
            {
                "at": "09:20:08", "verdict": "network_blocked", "rule": "record-603plus", "outcome": "failed",
                "outcome_text": "INCOMPLETE", "final_code": 603, "final_phrase": "Network Blocked", "call_id": "bw-4",
                "callee": "+12135550603", "signal": "603plus_defective", "signal_in": "response", "signal_code": 603,
                "signal_phrase": "Network Blocked", "setup_ms": 154, "frame": 4, "attestation": "A",
            },
            {
                "at": "09:20:09", "verdict": "unknown_rejection", "rule": "record-603", "outcome": "failed",
                "outcome_text": "INCOMPLETE", "final_code": 603, "final_phrase": "Decline", "call_id": "bw-5",
                "callee": "+12135550604", "signal": "603", "signal_in": "response", "signal_code": 603,
                "signal_phrase": "Decline", "setup_ms": 160, "frame": 5, "attestation": "C",
            },
            {
                "at": "09:20:10", "verdict": "unknown_rejection", "rule": "403", "outcome": "failed",
                "outcome_text": "INCOMPLETE", "final_code": 403, "final_phrase": "Forbidden", "call_id": "bw-6",
                "callee": "+12135550403", "signal": "403", "signal_in": "response", "signal_code": 403,
                "signal_phrase": "Forbidden", "setup_ms": 5, "frame": 6, "attestation": "A",
            },
        ],
    ),
    "bandwidth-bdr.csv": (
        {
            "caller": "+13125550349", "caller_raw": "13125550349", "campaign": "9900001", "outcome": "answered",
            "outcome_text": "billed", "blind_to": "code reason ringing times refusals", "verdict": "answered",
            "rule": "record-answered",
        },
        [
            {
                "at": "09:20:06", "call_id": "5001", "callee": "+12135550200", "callee_raw": "2135550200",
                "talk_ms": 48000, "frame": 2,
            },
            {
                "at": "21:12:46", "call_id": "5002", "callee": "+12135550201", "callee_raw": "2135550201",
                "talk_ms": 6000, "frame": 3,
            },
        ],
    ),
    "plivo-calls.json": (
        {
            "caller": "+13125550349", "direction": "outbound", "blind_to": "code reason ringing times",
        },
        [
            {
                "at": "09:20:06", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "outcome_text": "normal_hangup", "call_id": "pl-1", "callee": "+12135550200", "setup_ms": 6000,
                "talk_ms": 43000, "ended_by": "callee", "frame": 1, "trunk": "acme.zt.example", "attestation": "A",
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-busy", "outcome": "busy",
                "outcome_text": "Busy Line", "call_id": "pl-2", "callee": "+12135550486", "setup_ms": 1000,
                "frame": 2, "attestation": "A",
            },
            {
                "at": "09:20:39", "verdict": "no_answer", "rule": "record-no-answer", "outcome": "no_answer",
                "outcome_text": "No Answer", "call_id": "pl-3", "callee": "+12135550480", "setup_ms": 30000,
                "frame": 3, "attestation": "A",
            },
            {
                "at": "09:20:08", "verdict": "unknown_rejection", "rule": "record-rejected", "outcome": "rejected",
                "outcome_text": "Rejected", "call_id": "pl-4", "callee": "+12135550603", "setup_ms": 1000, "frame": 4,
                "attestation": "A",
            },
            {
                "at": "09:20:09", "verdict": "provider_blocked", "rule": "record-blocked", "outcome": "blocked",
                "outcome_text": "Destination Number Barred", "call_id": "pl-5", "callee": "+19005550100",
                "setup_ms": 0, "frame": 5,
            },
            {
                "at": "09:20:10", "verdict": "bad_number", "rule": "record-invalid", "outcome": "invalid",
                "outcome_text": "Invalid Destination Address", "call_id": "pl-6", "callee": "+12135550404",
                "setup_ms": 0, "frame": 6, "attestation": "A",
            },
            {
                "at": "09:20:11", "verdict": "incomplete", "rule": "record-without-end",
                "outcome_text": "something_new", "call_id": "pl-7", "callee": "+12135550405", "setup_ms": 0,
                "frame": 7, "trunk": "acme.zt.example", "attestation": "A",
            },
        ],
    ),
    "sinch-cdr.csv": (
        {
            "caller": "+13125550349", "campaign": "app-1", "blind_to": "code reason ringing times",
        },
        [
            {
                "at": "09:20:06", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "outcome_text": "ANSWERED CALLEEHANGUP", "call_id": "sn-1", "callee": "+12135550200",
                "setup_ms": 6000, "talk_ms": 43000, "ended_by": "callee", "frame": 2,
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-busy", "outcome": "busy",
                "outcome_text": "BUSY N/A", "call_id": "sn-2", "callee": "+12135550486", "frame": 3,
            },
            {
                "at": "09:20:39", "verdict": "no_answer", "rule": "record-no-answer", "outcome": "no_answer",
                "outcome_text": "NOANSWER TIMEOUT", "call_id": "sn-3", "callee": "+12135550480", "frame": 4,
            },
            {
                "at": "09:20:08", "verdict": "abandoned", "rule": "record-abandoned", "outcome": "cancelled",
                "outcome_text": "NOANSWER CANCEL", "call_id": "sn-4", "callee": "+12135550487", "ended_by": "caller",
                "frame": 5,
            },
            {
                "at": "09:20:09", "verdict": "provider_blocked", "rule": "record-blocked", "outcome": "blocked",
                "outcome_text": "FAILED BLOCKED", "call_id": "sn-5", "callee": "+12135550607", "frame": 6,
            },
            {
                "at": "09:20:10", "verdict": "failed", "rule": "record-failed", "outcome": "failed",
                "outcome_text": "FAILED GENERALERROR", "call_id": "sn-6", "callee": "+12135550500", "frame": 7,
            },
        ],
    ),
}  # fmt: skip
"File -> what all of its rows say, and what each says besides."

BAD: list[tuple[str, dict[str, str], str]] = [
    ("telnyx-webhooks.jsonl", {"2026-11-20T09:21:10.000000Z": "soon"}, "bad-time"),
    ("telnyx-texml.jsonl", {"": '{"CallSid": "t5", "CallInit'}, "cut-record"),
    ("telnyx-texml.jsonl", {"": '{"CallSid": "t5", "From": "+13125550349"}'}, "no-time"),
    ("bandwidth-insights.json", {"": '{"callId": "bw-7", "startTime": "yesterday"}'}, "bad-time"),
    ("bandwidth-bdr.csv", {"2026/11/20": "2026/13/40"}, "bad-time"),
    ("plivo-calls.json", {"": '{"call_uuid": "pl-8", "end_time": "2026-11-20 09:20:11"}'}, "no-time"),
    ("sinch-cdr.csv", {";app-1": ""}, "columns"),
]
"File, what is changed in its last record (under '': the text of one more), and as what that is counted."


@pytest.mark.parametrize("file", SAMPLES)
def test_every_row_of_a_sample(file: str) -> None:
    check_sample(file, *SAMPLES[file])


@pytest.mark.parametrize(("file", "changed", "cause"), BAD, ids=[f"{file}-{cause}" for file, _, cause in BAD])
def test_a_bad_record_is_counted_and_costs_no_other(file: str, changed: dict[str, str], cause: str) -> None:
    check_bad(file, changed, cause)


def test_telnyx_events_without_the_end_of_their_call_make_no_row() -> None:
    lines = (DATA / "telnyx-webhooks.jsonl").read_text().splitlines(keepends=True)
    rows, records = read("".join(lines[:2] + lines[2:3]), "telnyx-webhooks")
    assert [row.call_id for row in rows] == ["leg-2"]
    assert records.tally.skipped == {"joined": 1, "not-a-call": 1}


def test_a_telnyx_hangup_alone_is_a_call_that_nobody_saw_answered() -> None:
    lines = (DATA / "telnyx-webhooks.jsonl").read_text().splitlines()
    ended = next(line for line in lines if '"call.hangup"' in line and '"leg-1"' in line)
    rows, _ = read(ended, "telnyx-webhooks")
    assert (rows[0].final_code, rows[0].setup_ms, rows[0].talk_ms) == (200, None, None)


def test_bandwidth_without_a_page_around_it_is_read_too() -> None:
    calls = '{"callId": "a", "startTime": "2026-11-20T09:20:06Z", "endTime": "2026-11-20T09:20:06.2Z"}'
    rows, records = read(calls, "bandwidth-insights")
    assert [(row.call_id, row.setup_ms, row.outcome) for row in rows] == [("a", 200, "")]
    assert records.problems == []


@pytest.mark.parametrize(
    ("result", "reason", "outcome"),
    [
        ("ANSWERED", "N/A", "answered"),
        ("NOANSWER", "BLOCKED", "blocked"),
        ("NOANSWER", "CALLERHANGUP", "cancelled"),
        ("FAILED", "NOCREDITPARTNER", "failed"),
        ("BUSY", "", "busy"),
        ("FAILED", "NEWREASON", ""),
    ],
)
def test_a_result_of_sinch_is_read_with_its_reason(result: str, reason: str, outcome: str) -> None:
    head = "CallId;UserSpaceId;CallTime;Result;Reason;Duration\n"
    rows, _ = read(f"{head}a;7;2026-11-20T09:20:06;{result};{reason};0\n", "sinch-cdr")
    assert rows[0].outcome == outcome


def test_a_word_of_plivo_that_is_not_known_is_kept_and_says_nothing() -> None:
    rows, _ = read((DATA / "plivo-calls.json").read_bytes(), "plivo-calls")
    assert facts(rows[6])["outcome_text"] == "something_new"
    assert "outcome" not in facts(rows[6])


def test_times_of_providers_need_no_zone() -> None:
    for file in SAMPLES:
        records = opened((DATA / file).read_bytes(), profile_named(file.partition(".")[0]), tz=None)
        assert list(records), file
        assert codes(records) == []
