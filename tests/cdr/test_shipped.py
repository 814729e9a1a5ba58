"""Every shipped profile on a sample of ours: recognised, read whole, and what the dialect says is in the rows."""

from __future__ import annotations

from typing import Any

import pytest

from ringthrough.calls import BLIND_SPOTS, OUTCOMES
from ringthrough.cdr import load_profiles, profile_named, profile_table, recognise
from ringthrough.errors import LocalError

from .reading import DATA, read

PLUS = {"signal": "603plus", "final_code": 603, "blocker": "redress.carrier-a.example", "location": "RLN"}
CASES: list[tuple[str, str, int, dict[str, Any]]] = [
    ("asterisk-csv.csv", "asterisk-csv", 0, {
        "final_code": 603, "final_phrase": "Network Blocked", "trunk": "carrier-a", "outcome": "no_answer",
        "blind_to": "reason ringing times", "signal": "603plus_defective", "defects": "", "frame": 1, "setup_ms": 0,
    }),
    ("asterisk-csv.csv", "asterisk-csv", 3, {"outcome": "answered", "setup_ms": 6000, "talk_ms": 43_000}),
    ("asterisk-csv.csv", "asterisk-csv", 4, {"q850_cause": 21, "final_code": None, "outcome_text": "FAILED"}),
    ("asterisk-custom.csv", "asterisk-custom", 2, {"outcome": "busy", "callee": "+12135550486"}),
    ("asterisk-db.csv", "asterisk-db", 0, {"outcome": "no_answer", "setup_ms": 20_000, "frame": 2}),
    ("asterisk-db.csv", "asterisk-db", 2, {"outcome": "answered", "setup_ms": 6000, "talk_ms": 43_000}),
    ("asterisk-db.sql", "asterisk-db", 2, {"outcome": "answered", "setup_ms": 6000, "frame": 13}),
    ("asterisk-cel.csv", "asterisk-cel", 0, {
        "q850_cause": 21, "outcome": "congestion", "trunk": "carrier-a", "setup_ms": 900, "talk_ms": None,
        "callee": "+12135550603", "blind_to": "code reason ringing",
    }),
    ("asterisk-cel.csv", "asterisk-cel", 1, {"outcome": "answered", "talk_ms": 40_000, "setup_ms": 3900}),
    ("freeswitch-csv.csv", "freeswitch-csv", 0, {
        "q850_cause": 21, "outcome": "rejected", "signal": "", "blind_to": "code reason ringing times",
    }),
    ("freeswitch-csv.csv", "freeswitch-csv", 1, {
        "final_code": 607, "signal": "607", "blind_to": "reason ringing times",
    }),
    ("freeswitch-csv.csv", "freeswitch-csv", 2, {"outcome": "answered", "talk_ms": 43_000, "campaign": "spring"}),
    ("freeswitch-csv-asterisk.csv", "freeswitch-csv-asterisk", 0, {"outcome": "busy", "trunk": "carrier-a"}),
    ("freeswitch-redress.csv", "freeswitch-redress", 0, PLUS | {"redress_id": "9f3a", "q850_cause": None}),
    ("freeswitch-redress.csv", "freeswitch-redress", 1, {
        "final_code": 200, "pdd_ms": 1240, "ring_ms": 4760, "talk_ms": 43_250, "blind_to": "times",
    }),
    ("freeswitch-json.jsonl", "freeswitch-json", 0, PLUS | {
        "setup_ms": 154, "blind_to": "", "call_id": "10@203.0.113.5",
    }),
    ("freeswitch-json.jsonl", "freeswitch-json", 1, {"final_code": 200, "ring_ms": 4500, "ended_by": "callee"}),
    ("freeswitch-json.jsonl", "freeswitch-json", 2, {"ring_ms": 4000, "pdd_ms": 900, "early_media": True}),
    ("freeswitch-json.xml", "freeswitch-json", 0, PLUS | {"setup_ms": 154, "answered_by": "198.51.100.10"}),
    ("kamailio-acc.log", "kamailio-acc", 0, {"final_code": 200, "talk_ms": 40_000, "setup_ms": None}),
    ("kamailio-acc.log", "kamailio-acc", 1, PLUS | {"frame": 2, "blind_to": "ringing times"}),
    ("kamailio-acc.log", "kamailio-acc", 2, {"final_code": 608, "signal": "608", "defects": ""}),
    ("kamailio-acc.log", "kamailio-acc", 3, {"outcome": "answered", "setup_ms": 16_000, "talk_ms": 4250}),
    ("kamailio-acc.json", "kamailio-acc", 0, {"final_code": 603, "final_phrase": "Decline"}),
    ("kamailio-acc.sql", "kamailio-acc", 0, {"final_code": 403, "caller": "+13125550349", "frame": 2}),
    ("kamailio-cdrs.csv", "kamailio-cdrs", 0, {"outcome": "answered", "talk_ms": 60_000}),
    ("twilio-calls.json", "twilio-calls", 0, {"outcome": "answered", "talk_ms": 43_000, "direction": "outbound"}),
    ("twilio-calls.json", "twilio-calls", 1, {"outcome": "failed", "talk_ms": None, "setup_ms": None}),
    ("twilio-calls.csv", "twilio-calls", 0, {"outcome": "cancelled", "at_us": 1_795_166_406_000_000}),
    ("twilio-insights.json", "twilio-insights", 0, {
        "final_code": 603, "pdd_ms": 155, "carrier": "Example Wireless", "blind_to": "reason ringing times",
    }),
    ("generic.csv", "generic", 0, {"final_code": 603, "callee": "+12135550603", "callee_raw": "213-555-0603"}),
    ("generic.csv", "generic", 2, {"outcome": "blocked", "outcome_text": "spam blocked", "carrier": "carrier-b"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "profile", "number", "facts"), CASES, ids=[f"{file}-{number}" for file, _, number, _ in CASES]
)
def test_a_sample_is_read(file: str, profile: str, number: int, facts: dict[str, Any]) -> None:
    octets = (DATA / file).read_bytes()
    found = recognise(octets, file)
    assert found.profile is not None
    assert (found.profile.name, bool(found.why)) == (profile, True)
    rows, records = read(octets, found.profile)
    row = rows[number]
    assert {name: getattr(row, name) for name in facts} == facts
    assert (row.source, row.kind, row.method) == (f"cdr {profile}", "call", "INVITE")
    assert records.problems == []


def test_every_case_is_of_a_shipped_profile() -> None:
    """That every profile has a sample is the business of `test_profiles_matrix`."""
    assert {profile for _, profile, _, _ in CASES} <= {profile.name for profile in load_profiles()}


@pytest.mark.parametrize("profile", load_profiles(), ids=lambda profile: profile.name)
def test_a_profile_is_sound(profile: Any) -> None:
    assert profile.title
    assert profile.source
    assert set(profile.outcomes.values()) <= set(OUTCOMES)
    assert set(profile.blind_to or ()) <= set(BLIND_SPOTS)


def test_the_table_names_every_profile_and_its_basis() -> None:
    lines = profile_table().splitlines()
    assert len(lines) == 2 + len(load_profiles())
    for profile, line in zip(load_profiles(), lines[2:], strict=True):
        assert line.startswith(f"| `{profile.name}` |")
        assert f"**{profile.basis}**" in line


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(LocalError) as caught:
        profile_named("acme")
    assert caught.value.problem.code == "cdr-unknown-profile"
    assert "asterisk-csv" in caught.value.problem.detail
