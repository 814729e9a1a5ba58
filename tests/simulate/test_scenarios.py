"""Every scenario tells the truth: what it says is looked for in its messages, in the plainest way there is."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

import ringthrough.simulate
from ringthrough.calls.schema import VERDICTS
from ringthrough.simulate import CLAIMS, CallTruth
from ringthrough.simulate.scenarios import AMBIGUOUS, CALLS
from tests.simulate.making import everything, one

MARKS = (b"v=analytics", b"SIP/2.0 607", b"SIP/2.0 608", b"Network Blocked", b"X-Twilio-Error", b"STIR", b"D35")


def messages(truth: CallTruth) -> list[bytes]:
    datagrams, _ = everything()
    mark = truth.call_id.encode()
    return [d.payload for d in datagrams if mark in d.payload]


def truths(*scenarios: str) -> list[CallTruth]:
    found = [t for t in everything()[1] if t.scenario in scenarios]
    assert len(found) >= 3
    return found


@pytest.mark.parametrize("scenario", CALLS)
def test_the_final_code_of_the_truth_is_on_the_wire(scenario: str) -> None:
    for truth in truths(scenario):
        seen = [p for p in messages(truth) if p.startswith(b"SIP/2.0") and b"INVITE" in p]
        assert messages(truth)
        if truth.final_code is not None:
            assert any(p.startswith(b"SIP/2.0 %d " % truth.final_code) for p in seen)
        assert truth.verdict in VERDICTS


@pytest.mark.parametrize("scenario", AMBIGUOUS)
def test_an_ambiguous_call_says_nothing_and_claims_nothing(scenario: str) -> None:
    for truth in truths(scenario):
        assert not truth.explicit
        assert truth.verdict not in CLAIMS
        assert truth.signal == ""
        assert not [p for p in messages(truth) for mark in MARKS if mark in p]


def test_a_hidden_block_is_never_explicit() -> None:
    hidden = [t for t in everything()[1] if t.hidden]
    assert len(hidden) > 10
    assert not any(t.explicit for t in hidden)
    assert all("block" in t.true_cause or "analytics" in t.true_cause or "608" in t.true_cause for t in hidden)


@pytest.mark.parametrize("scenario", ["603plus", "603plus_announced", "603plus_and_cause", "603plus_rewritten"])
def test_the_contact_of_a_603plus_is_on_the_wire(scenario: str) -> None:
    for truth in truths(scenario):
        text = b"".join(messages(truth)).replace(b"\r\n\t", b"")
        assert b"v=analytics1" in text
        assert truth.contact
        for name, value in truth.contact.items():
            assert f"{name}={value}".encode() in text
        assert (b" 603 Network Blocked\r\n" in text) == (truth.signal == "603plus")


def test_defective_603plus_come_in_every_kind() -> None:
    _, made = one("603plus_defective", calls=120)
    assert len({t.defect for t in made}) == 9


def test_rewritten_603plus_come_with_every_status() -> None:
    _, made = one("603plus_rewritten", calls=60)
    assert {t.final_code for t in made} == {603, 403, 500, 486}


def test_a_card_is_named_in_the_608() -> None:
    for truth in truths("608_card", "608_announced"):
        refusals = [p for p in messages(truth) if p.startswith(b"SIP/2.0 608 Rejected")]
        assert refusals
        assert all(truth.card_uri.encode() in p and b"jwscard" in p.lower() for p in refusals)
    for truth in truths("608_bare"):
        assert truth.card_uri == ""
        assert not [p for p in messages(truth) if b"jwscard" in p.lower()]


def test_607_stands_in_response_bye_or_cancel() -> None:
    for truth in truths("unwanted", "unwanted_ringing"):
        assert any(p.startswith(b"SIP/2.0 607 Unwanted") for p in messages(truth))
    for truth in truths("unwanted_bye"):
        byes = [p for p in messages(truth) if p.startswith(b"BYE ")]
        assert byes
        assert all(b"cause=607" in p for p in byes)
        assert truth.signal_in == "bye"
    for truth in truths("fork_unwanted"):
        assert any(p.startswith(b"CANCEL ") and b"cause=607" in p for p in messages(truth))


def test_a_provider_marks_its_block() -> None:
    for truth in truths("provider_error", "provider_phrase", "provider_relays"):
        assert any(truth.provider_code.encode() in p for p in messages(truth))
        assert truth.carrier == "Hazel Cloud"


def test_identity_failures_come_in_every_kind() -> None:
    _, made = one("identity_failed", calls=120)
    assert len({t.true_cause for t in made}) == 9
    assert {t.final_code for t in made} == {428, 436, 437, 438, 403, 500}


def test_a_laundered_refusal_keeps_its_signal_on_the_far_leg() -> None:
    datagrams, made = one("b2bua_laundered", calls=40)
    assert {t.signal for t in made} == {"603plus", "608", "607"}
    assert all(t.legs == 2 and t.explicit and t.verdict in ("network_blocked", "unwanted") for t in made)
    by_join = sum(b"Session-ID: " in d.payload for d in datagrams), sum(b"X-CID: " in d.payload for d in datagrams)
    assert min(by_join) > 20
    assert all(t.far_code != t.final_code for t in made)


def test_a_fork_shares_call_id_and_shows_two_branches() -> None:
    datagrams, made = one("fork_answered")
    invites = [d for d in datagrams if d.payload.startswith(b"INVITE")]
    assert len(invites) == 3
    assert all(made[0].call_id.encode() in d.payload for d in datagrams)
    tops = {d.payload.split(b"branch=")[1][:21] for d in invites}
    assert len(tops) == 3
    assert len({d.payload.split(b"branch=")[-1][:21] for d in invites}) == 1
    assert made[0].forks == 1


def test_a_person_needs_time_and_a_machine_does_not() -> None:
    for truth in truths("declined", "busy_by_hand"):
        assert truth.ring_ms is not None
        assert truth.ring_ms > 2000
    for truth in truths("hidden_603", "phone_603", "list_603", "tdm_image"):
        assert truth.ring_ms is None
        assert truth.setup_ms is not None
        assert truth.setup_ms < 1000
    for truth in truths("no_answer", "b2bua_no_answer"):
        assert truth.ring_ms is not None
        assert truth.ring_ms > 20_000


@pytest.mark.parametrize(
    ("scenario", "attempts", "challenges"),
    [
        ("answered", 1, 0),
        ("answered_challenge", 1, 1),
        ("answered_redirect", 2, 0),
        ("answered_422", 1, 0),
        ("route_advance", 2, 0),
        ("unauthorized", 1, 1),
        ("unauthorized_401", 1, 0),
        ("answered_reinvite", 1, 0),
        ("b2bua_answered", 1, 0),
        ("fork_answered", 1, 0),
        ("cut_start", 0, 0),
    ],
)
def test_attempts_and_challenges_are_counted(scenario: str, attempts: int, challenges: int) -> None:
    _, made = one(scenario, calls=3)
    assert {(t.attempts, t.challenges) for t in made} == {(attempts, challenges)}


def test_an_inbound_call_has_its_numbers_the_other_way_round() -> None:
    datagrams, made = one("answered_inbound")
    assert datagrams[0].dst == bytes((192, 0, 2, 10))
    assert made[0].direction == "inbound"
    assert made[0].callee[2:5] in ("617", "716", "818", "919")
    assert f"INVITE sip:{made[0].callee}@".encode() in datagrams[0].payload


def imported(paths: Iterable[Path]) -> set[str]:
    """What these files import from other rooms."""
    found = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ringthrough"):
                found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name for name in found if not name.startswith("ringthrough.simulate")}


def test_what_makes_captures_imports_nothing_that_reads_or_judges() -> None:
    room = Path(ringthrough.simulate.__file__).parent
    assert imported(path for path in room.rglob("*.py") if "worlds" not in path.parts) == {
        "ringthrough.__version__",
        "ringthrough.captures.PcapWriter",
        "ringthrough.captures.PcapngWriter",
        "ringthrough.errors.LocalError",
        "ringthrough.errors.Problem",
    }


def test_worlds_read_only_to_lay_out_rows_and_never_for_the_truth() -> None:
    room = Path(ringthrough.simulate.__file__).parent / "worlds"
    # columns of a row; whether a dialect can be read back; the words of call records
    readers = {"answers.py", "records.py", "templates.py"}
    others = imported(path for path in room.glob("*.py") if path.name not in readers)
    assert others == {
        "ringthrough.__version__",
        "ringthrough.calls.Call",
        "ringthrough.errors.LocalError",
        "ringthrough.errors.Problem",
    }
    assert {name.split(".")[1] for name in imported(room / name for name in readers)} == {
        "calls", "cdr", "errors", "reference",
    }  # fmt: skip
