"""Switches and border controllers: every row of a sample, the legs of a call, and records that are bad."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ringthrough.cdr import parse_profile, profile_named, recognise

from .reading import DATA, codes, opened, read
from .whole import check_bad, check_sample, facts

SAMPLES: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "cisco-cucm.txt": (
        {
            "caller": "+13125550349", "caller_raw": "13125550349", "blind_to": "code reason ringing times",
        },
        [
            {
                "at": "09:20:06", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "call_id": "LAB 1 7001", "callee": "+12135550200", "callee_raw": "12135550200", "q850_cause": 16,
                "setup_ms": 6000, "talk_ms": 43000, "frame": 3, "trunk": "TRUNK-A",
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-cause-busy", "call_id": "LAB 1 7002",
                "callee": "+12135550486", "callee_raw": "12135550486", "q850_cause": 17, "location": "RLN",
                "setup_ms": 1000, "frame": 4, "trunk": "TRUNK-A",
            },
            {
                "at": "09:20:39", "verdict": "no_answer", "rule": "record-cause-no-answer", "call_id": "LAB 1 7003",
                "callee": "+12135550480", "callee_raw": "12135550480", "q850_cause": 19, "location": "RLN",
                "setup_ms": 30000, "frame": 5, "trunk": "TRUNK-A",
            },
            {
                "at": "09:20:08", "verdict": "unknown_rejection", "rule": "record-cause-21", "call_id": "LAB 1 7004",
                "callee": "+12135550603", "callee_raw": "12135550603", "q850_cause": 21, "location": "RLN",
                "setup_ms": 0, "frame": 6, "trunk": "TRUNK-A",
            },
            {
                "at": "09:20:09", "verdict": "bad_number", "rule": "record-cause-bad-number", "call_id": "LAB 1 7005",
                "callee": "+12135550404", "callee_raw": "12135550404", "q850_cause": 1, "location": "LN",
                "setup_ms": 0, "frame": 7, "trunk": "TRUNK-A",
            },
            {
                "at": "09:20:10", "verdict": "abandoned", "rule": "record-abandoned", "outcome": "cancelled",
                "outcome_text": "origCause 16 before an answer", "call_id": "LAB 1 7006", "callee": "+12135550487",
                "callee_raw": "12135550487", "q850_cause": 16, "setup_ms": 5000, "cancel_ms": 5000, "frame": 8,
                "trunk": "TRUNK-A",
            },
            {
                "at": "09:20:11", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "call_id": "LAB 1 7007", "callee": "4711", "q850_cause": 16, "setup_ms": 3000, "talk_ms": 12000,
                "frame": 9,
            },
        ],
    ),
    "cisco-cube.txt": (
        {
            "caller": "+13125550349", "caller_raw": "13125550349", "blind_to": "code reason",
        },
        [
            {
                "at": "09:20:06", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "outcome_text": "normal call clearing", "call_id": "CA615B41 D96B11E2 8F499C9C 52CD806F",
                "callee": "+12135550200", "callee_raw": "12135550200", "q850_cause": 16, "pdd_ms": 1240,
                "ring_ms": 4770, "setup_ms": 6010, "talk_ms": 43250, "frame": 1,
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-cause-busy", "outcome": "busy",
                "outcome_text": "user busy", "call_id": "CA615B42 D96B11E2 8F499C9C 52CD806F",
                "callee": "+12135550486", "callee_raw": "12135550486", "q850_cause": 17, "setup_ms": 900, "frame": 3,
            },
            {
                "at": "09:20:39", "verdict": "no_answer", "rule": "record-rang-out", "outcome": "no_answer",
                "outcome_text": "no user answer", "call_id": "CA615B43 D96B11E2 8F499C9C 52CD806F",
                "callee": "+12135550480", "callee_raw": "12135550480", "q850_cause": 19, "pdd_ms": 1500,
                "ring_ms": 28500, "setup_ms": 30000, "frame": 4,
            },
            {
                "at": "09:20:08", "verdict": "unknown_rejection", "rule": "record-cause-21", "outcome": "rejected",
                "outcome_text": "call rejected", "call_id": "CA615B44 D96B11E2 8F499C9C 52CD806F",
                "callee": "+12135550603", "callee_raw": "12135550603", "q850_cause": 21, "setup_ms": 154, "frame": 5,
            },
            {
                "at": "09:20:09", "verdict": "bad_number", "rule": "record-cause-bad-number", "outcome": "invalid",
                "outcome_text": "unassigned number", "call_id": "CA615B45 D96B11E2 8F499C9C 52CD806F",
                "callee": "+12135550404", "callee_raw": "12135550404", "q850_cause": 1, "setup_ms": 100, "frame": 7,
            },
        ],
    ),
    "cisco-webex.csv": (
        {
            "caller": "+13125550349", "direction": "outbound", "trunk": "LGW-A", "campaign": "Chicago",
        },
        [
            {
                "at": "09:20:06", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "outcome_text": "Normal", "call_id": "wx-1@192.0.2.10", "callee": "+12135550200", "ring_ms": 5000,
                "setup_ms": 6500, "talk_ms": 43250, "ended_by": "callee", "frame": 2, "blind_to": "code reason",
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-busy", "outcome": "busy",
                "outcome_text": "UserBusy", "call_id": "wx-2@192.0.2.10", "callee": "+12135550486", "setup_ms": 900,
                "frame": 3, "blind_to": "code reason",
            },
            {
                "at": "09:20:39", "verdict": "no_answer", "rule": "record-rang-out", "outcome": "no_answer",
                "outcome_text": "NoAnswer", "call_id": "wx-3@192.0.2.10", "callee": "+12135550480", "ring_ms": 28000,
                "setup_ms": 30000, "frame": 4, "blind_to": "code reason",
            },
            {
                "at": "09:20:08", "verdict": "unknown_rejection", "rule": "record-rejected", "outcome": "rejected",
                "outcome_text": "CallRejected", "call_id": "wx-4@192.0.2.10", "callee": "+12135550603",
                "setup_ms": 154, "frame": 5, "blind_to": "code reason",
            },
            {
                "at": "09:20:09", "verdict": "provider_blocked", "rule": "record-blocked", "outcome": "blocked",
                "outcome_text": "AdminCallBlock", "call_id": "wx-5@192.0.2.10", "callee": "+12135550604",
                "setup_ms": 10, "frame": 6, "blind_to": "code reason",
            },
            {
                "at": "09:20:10", "verdict": "failed", "rule": "server-failure", "outcome_text": "SIP503",
                "final_code": 503, "call_id": "wx-6@192.0.2.10", "callee": "+12135550503", "setup_ms": 300,
                "frame": 7, "blind_to": "reason",
            },
            {
                "at": "09:20:11", "verdict": "bad_number", "rule": "record-invalid", "outcome": "invalid",
                "outcome_text": "UnassignedNumber", "call_id": "wx-7@192.0.2.10", "callee": "+12135550404",
                "setup_ms": 300, "frame": 8, "blind_to": "code reason",
            },
        ],
    ),
    "audiocodes-sbc.log": (
        {
            "caller": "+13125550349", "answered_by": "198.51.100.10", "trunk": "CARRIER-A", "blind_to": "ringing",
        },
        [
            {
                "at": "09:20:06.010000", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "outcome_text": "GWAPP_NORMAL_CALL_CLEAR", "call_id": "ac-1-out@192.0.2.20", "callee": "+12135550200",
                "setup_ms": 6490, "talk_ms": 43250, "ended_by": "callee", "frame": 7,
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-busy-status", "outcome": "busy",
                "outcome_text": "GWAPP_USER_BUSY", "final_code": 486, "final_phrase": "Busy Here",
                "call_id": "ac-2-out@192.0.2.20", "callee": "+12135550486", "setup_ms": 900, "frame": 9,
            },
            {
                "at": "09:20:08", "verdict": "network_blocked", "rule": "603plus-defective", "final_code": 603,
                "call_id": "ac-3-out@192.0.2.20", "callee": "+12135550603", "signal": "603plus_defective",
                "signal_in": "response", "signal_code": 603, "reason": 'SIP ;cause=603 ;text="v=an', "sip_cause": 603,
                "setup_ms": 154, "frame": 11,
            },
            {
                "at": "09:20:39", "verdict": "no_answer", "rule": "cause-no-answer", "final_code": 480,
                "call_id": "ac-4-out@192.0.2.20", "callee": "+12135550480", "reason": "Q.850 ;cause=19",
                "q850_cause": 19, "setup_ms": 30000, "frame": 12,
            },
            {
                "at": "09:20:40", "verdict": "abandoned", "rule": "record-abandoned", "outcome": "cancelled",
                "outcome_text": "CANCEL", "call_id": "ac-5-out@192.0.2.20", "callee": "+12135550487",
                "setup_ms": 10000, "cancel_ms": 10000, "frame": 13,
            },
            {
                "at": "09:20:41", "verdict": "unknown_rejection", "rule": "record-603", "final_code": 603,
                "final_phrase": "Decline", "call_id": "ac-6-out@192.0.2.20", "callee": "+12135550604",
                "signal": "603", "signal_in": "response", "signal_code": 603, "signal_phrase": "Decline",
                "setup_ms": 160, "frame": 14,
            },
            {
                "at": "09:20:42", "verdict": "unwanted", "rule": "record-607", "final_code": 607,
                "final_phrase": "Unwanted", "call_id": "ac-7-out@192.0.2.20", "callee": "+12135550607",
                "signal": "607", "signal_in": "response", "signal_code": 607, "signal_phrase": "Unwanted",
                "setup_ms": 160, "frame": 15,
            },
        ],
    ),
    "oracle-sbc.csv": (
        {
            "caller": "+13125550349", "trunk": "carrier-a", "blind_to": "code reason ringing",
        },
        [
            {
                "at": "09:20:06", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "call_id": "out-1@192.0.2.30", "callee": "+12135550200", "q850_cause": 16, "setup_ms": 6500,
                "talk_ms": 43250, "frame": 2,
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-cause-busy", "call_id": "out-2@192.0.2.30",
                "callee": "+12135550486", "q850_cause": 17, "setup_ms": 900, "frame": 3,
            },
            {
                "at": "09:20:39", "verdict": "no_answer", "rule": "record-cause-no-answer",
                "call_id": "out-3@192.0.2.30", "callee": "+12135550480", "q850_cause": 19, "setup_ms": 30000,
                "frame": 4,
            },
            {
                "at": "09:20:08", "verdict": "unknown_rejection", "rule": "record-cause-21",
                "call_id": "out-4@192.0.2.30", "callee": "+12135550603", "q850_cause": 21, "setup_ms": 154,
                "frame": 5,
            },
            {
                "at": "09:20:09", "verdict": "bad_number", "rule": "record-cause-bad-number",
                "call_id": "out-5@192.0.2.30", "callee": "+12135550404", "q850_cause": 1, "setup_ms": 100, "frame": 6,
            },
        ],
    ),
    "sansay-vsx.cdr": (
        {
            "caller": "+13125550349", "caller_raw": "13125550349", "answered_by": "198.51.100.10", "trunk": "000200",
            "campaign": "000100",
        },
        [
            {
                "at": "09:20:06", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "outcome_text": "1", "call_id": "out-1@192.0.2.28", "callee": "+12135550200",
                "callee_raw": "12135550200", "q850_cause": 16, "pdd_ms": 2000, "ring_ms": 4000, "setup_ms": 6000,
                "talk_ms": 43000, "ended_by": "callee", "frame": 1, "blind_to": "code reason times",
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "busy", "outcome": "no_answer", "outcome_text": "3",
                "final_code": 486, "final_phrase": "Busy Here", "call_id": "out-2@192.0.2.28",
                "callee": "+12135550486", "callee_raw": "12135550486", "setup_ms": 1000, "frame": 2,
                "blind_to": "reason times",
            },
            {
                "at": "09:20:39", "verdict": "no_answer", "rule": "480-rang-out", "outcome": "no_answer",
                "outcome_text": "3", "final_code": 480, "final_phrase": "Temporarily Unavailable",
                "call_id": "out-3@192.0.2.28", "callee": "+12135550480", "callee_raw": "12135550480", "pdd_ms": 1000,
                "ring_ms": 28000, "setup_ms": 30000, "frame": 3, "blind_to": "reason times",
            },
            {
                "at": "09:20:08", "verdict": "network_blocked", "rule": "record-603plus", "outcome": "no_answer",
                "outcome_text": "3", "final_code": 603, "final_phrase": "Network Blocked",
                "call_id": "out-5@192.0.2.28", "callee": "+12135550603", "callee_raw": "12135550603",
                "signal": "603plus_defective", "signal_in": "response", "signal_code": 603,
                "signal_phrase": "Network Blocked", "setup_ms": 1000, "frame": 5, "blind_to": "reason times",
            },
            {
                "at": "09:20:10", "verdict": "abandoned", "rule": "abandoned-ringing", "outcome": "cancelled",
                "outcome_text": "2", "final_code": 487, "final_phrase": "Transaction Terminated",
                "call_id": "out-6@192.0.2.28", "callee": "+12135550487", "callee_raw": "12135550487", "pdd_ms": 1000,
                "ring_ms": 3000, "setup_ms": 5000, "cancel_ms": 5000, "ended_by": "caller", "frame": 6,
                "blind_to": "reason times",
            },
            {
                "at": "09:20:11", "verdict": "failed", "rule": "record-failed", "outcome": "congestion",
                "outcome_text": "406", "call_id": "out-7@192.0.2.28", "callee": "+12135550999",
                "callee_raw": "12135550999", "setup_ms": 0, "frame": 7, "blind_to": "code reason times",
            },
            {
                "at": "09:20:12", "verdict": "unknown_rejection", "rule": "record-cause-21", "outcome": "no_answer",
                "outcome_text": "3", "call_id": "out-8@192.0.2.28", "callee": "+12135550021",
                "callee_raw": "12135550021", "q850_cause": 21, "setup_ms": 0, "frame": 8,
                "blind_to": "code reason times",
            },
        ],
    ),
    "broadworks.csv": (
        {
            "trunk": "carrier-a.example", "campaign": "sales, west", "blind_to": "code reason ringing",
        },
        [
            {
                "at": "09:20:06", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "outcome_text": "Yes", "call_id": "bw-1@192.0.2.40", "caller": "+13125550349",
                "callee": "+12135550200", "direction": "outbound", "q850_cause": 16, "setup_ms": 6500,
                "talk_ms": 43250, "ended_by": "caller", "frame": 3,
            },
            {
                "at": "09:20:07", "verdict": "busy", "rule": "record-cause-busy", "outcome_text": "No",
                "call_id": "bw-2@192.0.2.40", "caller": "+13125550349", "callee": "+12135550486",
                "direction": "outbound", "q850_cause": 17, "setup_ms": 900, "frame": 4,
            },
            {
                "at": "09:20:39", "verdict": "no_answer", "rule": "record-cause-no-answer", "outcome_text": "No",
                "call_id": "bw-3@192.0.2.40", "caller": "+13125550349", "callee": "+12135550480",
                "direction": "outbound", "q850_cause": 19, "setup_ms": 30000, "frame": 5,
            },
            {
                "at": "09:20:08", "verdict": "unknown_rejection", "rule": "record-cause-21", "outcome_text": "No",
                "call_id": "bw-4@192.0.2.40", "caller": "+13125550349", "callee": "+12135550603",
                "direction": "outbound", "q850_cause": 21, "setup_ms": 154, "frame": 6,
            },
            {
                "at": "09:20:09", "verdict": "bad_number", "rule": "record-cause-bad-number", "outcome_text": "No",
                "call_id": "bw-5@192.0.2.40", "caller": "+13125550349", "callee": "+12135550404",
                "direction": "outbound", "q850_cause": 1, "setup_ms": 100, "frame": 7,
            },
            {
                "at": "09:20:10", "verdict": "incomplete", "rule": "record-without-end", "outcome_text": "No",
                "call_id": "bw-6@192.0.2.40", "caller": "+13125550349", "callee": "+12135550487",
                "direction": "outbound", "q850_cause": 16, "setup_ms": 5000, "frame": 8,
            },
            {
                "at": "09:20:16", "verdict": "answered", "rule": "record-answered", "outcome": "answered",
                "outcome_text": "Yes-PostRedirection", "call_id": "bw-7@192.0.2.40", "caller": "+12135550101",
                "callee": "+13125550349", "direction": "inbound", "q850_cause": 16, "setup_ms": 4000,
                "talk_ms": 10000, "frame": 9,
            },
        ],
    ),
}  # fmt: skip
"File -> what all of its rows say, and what each says besides."

BAD: list[tuple[str, dict[str, str], str]] = [
    ("cisco-cucm.txt", {"2,1,7008,9008,1795166412,": "1,1,7008,9008,never,"}, "bad-time"),
    ("cisco-cucm.txt", {"": "1,1,7009"}, "columns"),
    ("cisco-cube.txt", {"CA615B45": "CA615B4F", "*09:20:09.000": "*25:99:09.000"}, "bad-time"),
    ("cisco-cube.txt", {"": "1795166410,4327,1"}, "columns"),
    ("cisco-webex.csv", {"2026-11-20T09:20:11.000Z": ""}, "no-time"),
    ("audiocodes-sbc.log", {"aa01:22:7": "aa01:22:8", "09:20:42.000": "09:20:42:000"}, "bad-time"),
    (
        "audiocodes-sbc.log",
        {"": "<134>Nov 20 09:20:30 192.0.2.20 [S=99] |CALL_END  |SBC  |ac-8 |aa01:22:8 |LCL"},
        "columns",
    ),
    ("oracle-sbc.csv", {"09:20:09.000 UTC": "09:20:09.000 NOW"}, "bad-time"),
    ("sansay-vsx.cdr", {"": "002452510;V1.10;R;WithMedia;181-1@192.0.2.28;0003;Fri Nov 20"}, "columns"),
    ("broadworks.csv", {"20261120092016.000": "20261120092061.0.0"}, "bad-time"),
]
"File, what is changed in its last record (under '': the text of one more), and as what that is counted."


@pytest.mark.parametrize("file", SAMPLES)
def test_every_row_of_a_sample(file: str) -> None:
    check_sample(file, *SAMPLES[file])


@pytest.mark.parametrize(("file", "changed", "cause"), BAD, ids=[f"{file}-{cause}" for file, _, cause in BAD])
def test_a_bad_record_is_counted_and_costs_no_other(file: str, changed: dict[str, str], cause: str) -> None:
    check_bad(file, changed, cause)


def test_audiocodes_lines_without_a_header_are_read_by_position() -> None:
    lines = (DATA / "audiocodes-sbc.log").read_text().splitlines(keepends=True)
    ends = "".join(line for line in lines if "|CALL_END" in line)
    found = recognise(ends.encode())
    assert found.profile is not None
    assert found.profile.name == "audiocodes-sbc"
    rows, records = read(ends, found.profile)
    # The column of the IP group has another name in the header, and the same place.
    assert [(row.call_id, row.trunk) for row in rows] == [
        (f"ac-{number}-out@192.0.2.20", "CARRIER-A") for number in range(1, 8)
    ]
    assert records.tally.skipped == {"joined": 2}


def test_the_legs_of_a_call_may_come_in_either_order() -> None:
    lines = (DATA / "cisco-cube.txt").read_text().splitlines(keepends=True)
    first, second = read("".join(lines), "cisco-cube")[0], read("".join(reversed(lines)), "cisco-cube")[0]
    without = [{name: value for name, value in facts(row).items() if name != "frame"} for row in first]
    again = [{name: value for name, value in facts(row).items() if name != "frame"} for row in second]
    assert sorted(without, key=str) == sorted(again, key=str)


def test_a_connect_time_of_cube_that_is_the_end_is_no_answer() -> None:
    rows, _ = read((DATA / "cisco-cube.txt").read_bytes(), "cisco-cube")
    assert (rows[0].outcome, rows[3].outcome) == ("answered", "rejected")
    text = (DATA / "cisco-cube.txt").read_text()
    assert "*09:20:08.154 UTC Fri Nov 20 2026,*09:20:08.154 UTC Fri Nov 20 2026" in text


def test_a_status_of_oracle_is_read_where_the_operator_says_it_stands() -> None:
    lines = (DATA / "oracle-sbc.csv").read_text().splitlines()
    cells = lines[4].split(",")
    cells[60] = "603"
    rows, _ = read(",".join(cells) + "\n", profile_named("oracle-sbc").mapped(["final_code=#61"]))
    assert (rows[0].final_code, rows[0].signal, rows[0].q850_cause) == (603, "603", 21)
    assert rows[0].blind_to == "reason ringing"


@pytest.mark.parametrize("name", ["oracle-sbc.csv", "sansay-vsx.cdr", "broadworks.csv"])
def test_local_times_ask_for_their_zone(name: str) -> None:
    text = (DATA / name).read_text().replace(" UTC ", " XYZ ")
    records = opened(text, name.partition(".")[0], tz=None)
    rows = list(records)
    if name == "oracle-sbc.csv":  # its times say their zone, and nobody has explained this one
        assert (rows, set(records.tally.bad)) == ([], {"bad-time"})
    else:
        assert (rows, codes(records)) == ([], ["cdr-zone-needed"])


def test_a_reason_cut_off_within_analytics_is_a_block_and_its_other_words_are_not() -> None:
    text = (DATA / "audiocodes-sbc.log").read_text()
    cut = 'SIP ;cause=603 ;text="v=an'
    for words, signal, defects in (
        (cut, "603plus_defective", ""),
        ('SIP ;cause=603 ;text="Decl', "603", ""),
        ("Network Blocked           ", "603plus_defective", "signals-603plus-no-reason"),
    ):
        rows, _ = read(text.replace(cut, words), "audiocodes-sbc")
        assert (rows[2].signal, rows[2].defects) == (signal, defects), words


def test_a_length_of_zero_may_mean_that_it_is_not_known() -> None:
    text = (
        'name = "own"\ntitle = "x"\n[time]\nformats = ["epoch"]\nzone = "utc"\n[fields]\nend_at = "end"\n'
        'total_ms = { column = "length", zero = false }\n'
    )
    rows, records = read("end,length,to\n1795166410,4,a\n1795166410,0,b\n0,4,c\n1795166410,x,d\n", parse_profile(text))
    assert [(row.at_us // 1_000_000, row.setup_ms) for row in rows] == [(1_795_166_406, 4000), (1_795_166_410, None)]
    assert records.tally.bad == {"no-time": 2}


def test_samples_hold_no_number_that_could_be_somebodys() -> None:
    for path in sorted(DATA.iterdir()):
        numbers = re.findall(r"(?<![0-9])1?([2-9][0-9]{2}[2-9][0-9]{6})(?![0-9])", path.read_text())
        assert all(number[3:6] == "555" for number in numbers if number[:3] in ("312", "213", "900")), path.name
