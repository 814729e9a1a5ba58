"""
Calls that Kamailio refused and SIPp made: real messages from two other programs, judged as an operator would see them.

SIPp calls through a recording relay; Kamailio refuses by the dialled user or passes the call to another SIPp, which
rings, answers, declines. The capture has the octets as they passed; see `write_capture` for how times are stretched.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pytest

from ringthrough.calls import INFERRED, VERDICTS, Call, Verdict
from ringthrough.diagnosis import Source, diagnose
from ringthrough.verdict import RULES
from tests.interop.relay import Passed, Relay, by_call, free_port, user_of, write_capture
from tests.interop.servers import Answer, call, kamailio_running, phone_running

START_US = 1_780_272_000_000_000
NOTICE = 'SIP;cause=603;text="v=analytics1;url=https://fir.example/appeal;tel=+18005550100;id=77";location=RLN'

ANSWERS = {
    "blocked-608": Answer(608, "Rejected", ["Call-Info: <https://card.example/fir.jws>;purpose=jwscard"]),
    "blocked-608-bare": Answer(608, "Rejected"),
    "blocked-603plus": Answer(603, "Network Blocked", [f"Reason: {NOTICE}"]),
    "blocked-603-empty": Answer(603, "Network Blocked"),
    "blocked-603-rewritten": Answer(480, "Temporarily Unavailable", [f"Reason: {NOTICE}"]),
    "network-603": Answer(603, "Decline", ["Reason: Q.850;cause=21;location=RLN"]),
    "plain-603": Answer(603, "Decline"),
    "plain-403": Answer(403, "Forbidden"),
    "unwanted-607": Answer(607, "Unwanted"),
    "provider-403": Answer(403, "Forbidden", ["X-Twilio-Error: 32017 PSTN carrier blocked call due to calling number"]),
    "stale-403": Answer(403, "Stale Date"),
    "identity-436": Answer(436, "Bad Identity-Info"),
    "identity-438": Answer(438, "Invalid Identity Header"),
    "unknown-404": Answer(404, "Not Found"),
    "short-484": Answer(484, "Address Incomplete"),
    "away-480": Answer(480, "Temporarily Unavailable"),
    "busy-486": Answer(486, "Busy Here"),
    "busy-600": Answer(600, "Busy Everywhere"),
    "busy-cause": Answer(503, "Service Unavailable", ['Reason: Q.850;cause=17;text="User busy"']),
    "failed-503": Answer(503, "Service Unavailable", ["Retry-After: 30"]),
    "moved-302": Answer(302, "Moved Temporarily", ["Contact: <sip:elsewhere@192.0.2.77>"]),
}
"Dialled user -> what Kamailio answers by itself."


class Expected(NamedTuple):
    """What one call has to be found to be."""

    caller: str
    "What the SIPp that calls does: see `servers`."
    verdict: str
    rule: str
    waits: dict[str, float] = {}  # noqa: RUF012
    "Seconds that are added before the first message of a kind."


REFUSED, HANGS_UP, GIVES_UP = "refused", "hangs up", "gives up"
EXPECTED = {
    "blocked-608": Expected(REFUSED, "network_blocked", "608"),
    "blocked-608-bare": Expected(REFUSED, "network_blocked", "608-without-contact"),
    "blocked-603plus": Expected(REFUSED, "network_blocked", "603plus"),
    "blocked-603-empty": Expected(REFUSED, "network_blocked", "603plus-defective"),
    "blocked-603-rewritten": Expected(REFUSED, "network_blocked", "603plus-rewritten"),
    "network-603": Expected(REFUSED, "network_blocked", "network-cause"),
    "plain-603": Expected(REFUSED, "unknown_rejection", "603-without-ringing"),
    "plain-403": Expected(REFUSED, "unknown_rejection", "403"),
    "unwanted-607": Expected(REFUSED, "unwanted", "607"),
    "provider-403": Expected(REFUSED, "provider_blocked", "provider"),
    "stale-403": Expected(REFUSED, "identity_failed", "stir"),
    "identity-436": Expected(REFUSED, "identity_failed", "stir"),
    "identity-438": Expected(REFUSED, "identity_failed", "stir"),
    "unknown-404": Expected(REFUSED, "bad_number", "404"),
    "short-484": Expected(REFUSED, "bad_number", "484"),
    "away-480": Expected(REFUSED, "no_answer", "480-without-ringing"),
    "busy-486": Expected(REFUSED, "busy", "busy"),
    "busy-600": Expected(REFUSED, "busy", "busy"),
    "busy-cause": Expected(REFUSED, "busy", "cause-busy"),
    "failed-503": Expected(REFUSED, "failed", "server-failure"),
    "moved-302": Expected(REFUSED, "failed", "redirect"),
    "challenged": Expected(REFUSED, "unauthorized", "credentials"),
    "rings-486": Expected(REFUSED, "declined", "486-after-ringing", {"486": 4.0}),
    "rings-603": Expected(REFUSED, "declined", "603-after-ringing", {"603": 6.0}),
    "rings-603-at-once": Expected(REFUSED, "unknown_rejection", "603-before-a-person-could"),
    "rings-603-long": Expected(REFUSED, "no_answer", "refused-after-long-ringing", {"603": 20.0}),
    "rings-607": Expected(REFUSED, "unwanted", "607-after-ringing", {"607": 3.0}),
    "rings-480": Expected(REFUSED, "no_answer", "480-rang-out", {"480": 18.0}),
    "answers": Expected(HANGS_UP, "answered", "answered", {"200": 5.0, "BYE": 40.0}),
    "answers-unwanted": Expected("is hung up on", "unwanted", "unwanted-after-answer", {"200": 5.0, "BYE": 4.0}),
    "rings-out": Expected(GIVES_UP, "no_answer", "rang-out", {"CANCEL": 16.0}),
    "rings-briefly": Expected(GIVES_UP, "abandoned", "abandoned-ringing", {"CANCEL": 4.0}),
    "rings-at-the-end": Expected(GIVES_UP, "incomplete", "cut-by-end"),
    "silent-cancelled": Expected("gives up on silence", "stalled", "stalled-cancelled", {"CANCEL": 35.0}),
    "silent": Expected("waits in vain", "stalled", "stalled"),
}
"Dialled user -> verdict and rule."
CUT_USER = "rings-at-the-end"
"The capture ends while this phone rings: what follows the 180 is left out."


@pytest.fixture(scope="module")
def passed(kamailio: str, sipp: str, tmp_path_factory: pytest.TempPathFactory) -> list[list[Passed]]:
    """Every call, as it passed the relay."""
    folder = tmp_path_factory.mktemp("servers")
    port, phone_port = free_port(), free_port()
    with (
        phone_running(sipp, folder, phone_port),
        kamailio_running(kamailio, folder, port, phone_port, ANSWERS),
        Relay(port) as relay,
    ):
        statuses = sorted({answer.status for answer in ANSWERS.values()} | {407, 486, 603, 607, 480})
        for what in dict.fromkeys(expected.caller for expected in EXPECTED.values()):
            users = [user for user, expected in EXPECTED.items() if expected.caller == what]
            call(sipp, folder, what, users, statuses, (relay.front_port, relay.back_port))
    return by_call(relay.passed)


@pytest.fixture(scope="module")
def judged(passed: list[list[Passed]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Call, Verdict]]:
    """Rows by dialled user."""
    path = tmp_path_factory.mktemp("capture") / "servers.pcap"
    calls = sorted(passed, key=lambda one: user_of(one) == CUT_USER)  # the cut one last, else as they were made
    ringing = next(n for n, one in enumerate(calls[-1]) if one.kind == "180")
    calls[-1] = calls[-1][: ringing + 1]
    write_capture(path, calls, {user: expected.waits for user, expected in EXPECTED.items()}, START_US)
    return {row[0].callee_raw: row for row in _rows([path])}


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def _rows(paths: Sequence[Path]) -> list[tuple[Call, Verdict]]:
    run = diagnose([Source(path.name, partial(_open, path), path.stat().st_size) for path in paths])
    rows = [row for batch in run for row in batch]
    assert all(report.tally.adds_up and not report.problems for report in run.files)
    return rows


@pytest.mark.slow
def test_every_call_is_one_row(judged: dict[str, tuple[Call, Verdict]], passed: list[list[Passed]]) -> None:
    assert judged.keys() == EXPECTED.keys()
    assert len(passed) == len(EXPECTED)
    assert {row[0].method for row in judged.values()} == {"INVITE"}
    assert {row[0].attempts for row in judged.values()} == {1}
    assert {row[0].kind for row in judged.values()} == {"call"}


@pytest.mark.slow
@pytest.mark.parametrize("user", EXPECTED)
def test_verdict(user: str, judged: dict[str, tuple[Call, Verdict]]) -> None:
    row, verdict = judged[user]
    expected = EXPECTED[user]

    assert (verdict.verdict, verdict.rule) == (expected.verdict, expected.rule), f"{verdict.because} {row}"


@pytest.mark.slow
@pytest.mark.parametrize("user", ANSWERS)
def test_what_kamailio_said(user: str, judged: dict[str, tuple[Call, Verdict]]) -> None:
    row, _ = judged[user]
    answer = ANSWERS[user]

    assert (row.final_code, row.final_phrase) == (answer.status, answer.phrase)
    assert "kamailio" in row.server.lower()
    assert row.user_agent == "SIPp caller"
    reasons = [header.partition(": ")[2] for header in answer.headers if header.startswith("Reason")]
    assert row.reason == ", ".join(reasons)


@pytest.mark.slow
def test_contacts_for_an_appeal(judged: dict[str, tuple[Call, Verdict]]) -> None:
    notice = judged["blocked-603plus"][0]
    card = judged["blocked-608"][0]

    assert (notice.redress_url, notice.redress_tel) == ("https://fir.example/appeal", "+18005550100")
    assert (notice.redress_id, notice.location, notice.blocker) == ("77", "RLN", "fir.example")
    assert card.card_uri == "https://card.example/fir.jws"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("user", "column", "seconds"),
    [
        ("rings-603", "ring_ms", 6), ("rings-603-long", "ring_ms", 20), ("rings-out", "ring_ms", 16),
        ("rings-briefly", "cancel_ms", 4), ("answers", "setup_ms", 5), ("answers", "talk_ms", 40),
        ("silent-cancelled", "cancel_ms", 35),
    ],
)  # fmt: skip
def test_times(user: str, column: str, seconds: int, judged: dict[str, tuple[Call, Verdict]]) -> None:
    took_ms = getattr(judged[user][0], column)

    assert seconds * 1000 <= took_ms < seconds * 1000 + 3000  # the servers take their own time on top


@pytest.mark.slow
def test_every_verdict_on_a_message_of_another_program(judged: dict[str, tuple[Call, Verdict]]) -> None:
    assert {verdict.verdict for _row, verdict in judged.values()} == set(VERDICTS) - set(INFERRED)
    assert {verdict.rule for _row, verdict in judged.values()} <= {rule.name for rule in RULES}


@pytest.mark.slow
def test_no_call_began_before_the_capture_unless_it_did(passed: list[list[Passed]], tmp_path: Path) -> None:
    """The same answer of Kamailio with the INVITE left out: the capture was started a moment too late."""
    (one,) = (call for call in passed if user_of(call) == "unknown-404")
    path = tmp_path / "late.pcap"
    write_capture(path, [one[1:]], {}, START_US)

    ((row, verdict),) = _rows([path])

    assert (row.method, row.final_code, row.cut) == ("", 404, "start")
    assert (verdict.verdict, verdict.rule) == ("incomplete", "begins-before-capture")
