"""Messages to calls: one row a call, whatever the wire did to it."""

from __future__ import annotations

import pytest

from ringthrough.calls import Assembler, Call, Folder
from ringthrough.calls.assemble import GRACE_US, LINGER_US, TALK_US
from tests.calls.scene import OFFER, SBC, SBC2, A, B, C, Stage, request, response, us

REASON_603PLUS = 'Reason: SIP;cause=603;text="v=analytics1;url=https://carrier.example/r;id=7";location=RLN'


def test_a_plain_answered_call_gives_its_times_and_frames() -> None:
    row = Stage().call(0, A, B, "INVITE+0 100+0.01 180+1 200+4 ACK BYE+10 ").row(region="US")

    assert (row.call_id, row.caller, row.callee) == ("c1@a", "+12155550112", "+12155550113")
    assert (row.at_us, row.final_code, row.final_phrase) == (us(0), 200, "OK")
    assert (row.trying_ms, row.pdd_ms, row.ring_ms, row.setup_ms, row.final_ms) == (10, 1010, 4000, 5010, 5010)
    assert (row.talk_ms, row.ended_by, row.cut) == (10050, "caller", "")
    assert (row.file, row.frame, row.ring_file, row.ring_frame, row.final_file, row.final_frame) == (
        "a.pcap", 1, "a.pcap", 3, "a.pcap", 4,
    )  # fmt: skip
    assert (row.attempts, row.challenges, row.forks, row.legs) == (1, 0, 0, 1)
    assert (row.retransmissions, row.duplicates, row.signal) == (0, 0, "")
    assert (row.answered_by, row.carrier, row.direction, row.kind) == (
        "198.51.100.20:5060",
        "198.51.100.20",
        "",
        "call",
    )


def test_bye_of_the_callee_is_told_apart_by_its_from_tag() -> None:
    stage = Stage().call(0, A, B, "INVITE 200+2 ACK")
    stage.say(8, B, A, request("BYE", from_tag="t1", to_tag="f1", branch="z9hG4bKb"))

    assert stage.row().ended_by == "callee"


@pytest.mark.parametrize(
    ("script", "retransmissions", "duplicates"),
    [
        pytest.param("INVITE INVITE+0.5 INVITE+1 100 486", 2, 0, id="requests"),
        pytest.param("INVITE 100 486 486+0.5 486+1 ACK", 2, 0, id="final response"),
        pytest.param("INVITE 100 180 180+60 486", 1, 0, id="ringing repeated every minute"),
        pytest.param("INVITE INVITE+0.0001 100 100+0.0001 486 486+0.0002 ACK", 0, 3, id="mirror port"),
        pytest.param("INVITE INVITE+0.0001 INVITE+0.5 486", 1, 1, id="both"),
        pytest.param("INVITE 200+1 ACK BYE+3 BYE+0.5 BYE+0.0001", 1, 1, id="BYE"),
        pytest.param("INVITE 180 CANCEL+2 CANCEL+0.5 CANCEL+0.0001 487", 1, 1, id="CANCEL"),
    ],
)
def test_repeats_are_counted_once_and_mirror_copies_apart(script: str, retransmissions: int, duplicates: int) -> None:
    row = Stage().call(0, A, B, script).row()

    assert (row.retransmissions, row.duplicates) == (retransmissions, duplicates)
    assert row.attempts == 1


def test_a_copy_with_another_ip_identification_is_a_retransmission() -> None:
    stage = Stage()
    stage.say(0, A, B, request("INVITE"), ident=7).say(0.01, A, B, request("INVITE"), ident=8)
    stage.say(0.02, A, B, request("INVITE"), ident=8)

    row = stage.row()

    assert (row.retransmissions, row.duplicates) == (1, 1)


def test_a_challenge_and_the_invite_that_answers_it_are_one_call() -> None:
    stage = Stage().call(0, A, B, "INVITE 407 ACK").call(0.3, A, B, "INVITE 180+1 486+2", cseq=2, branch="z9hG4bKb")

    row = stage.row()

    assert (row.final_code, row.attempts, row.challenges) == (486, 1, 1)
    assert row.setup_ms == 3300
    assert row.final_ms == 3000


@pytest.mark.parametrize(("first", "attempts"), [(302, 2), (491, 2), (422, 1), (503, 2)])
def test_a_retry_with_the_same_call_id_is_one_call(first: int, attempts: int) -> None:
    stage = Stage().call(0, A, B, f"INVITE {first} ACK").call(1, A, C, "INVITE 180+1 200+2", cseq=2, branch="z9hG4bKb")

    row = stage.row()

    assert (row.final_code, row.attempts, row.challenges) == (200, attempts, 0)
    assert row.answered_by == "203.0.113.30:5060"


def test_forked_branches_are_one_call_and_the_answer_wins() -> None:
    stage = Stage()
    stage.say(0, A, SBC, request("INVITE", branch="z9hG4bKin"))
    via = ["192.0.2.10;branch=z9hG4bKin"]
    stage.say(0.01, SBC, B, request("INVITE", branch="z9hG4bK1", vias=via))
    stage.say(0.02, SBC, C, request("INVITE", branch="z9hG4bK2", vias=via))
    stage.say(2, B, SBC, response(180, "Ringing", branch="z9hG4bK1"))
    stage.say(3, C, SBC, response(200, "OK", branch="z9hG4bK2", to_tag="t2"))
    stage.say(3.01, SBC, A, response(200, "OK", branch="z9hG4bKin", to_tag="t2"))
    stage.say(3.02, B, SBC, response(487, "Request Terminated", branch="z9hG4bK1"))

    row = stage.row()

    assert (row.final_code, row.attempts, row.forks, row.legs) == (200, 1, 1, 2)
    assert row.far_code is None
    assert (row.ring_frame, row.final_frame) == (4, 6)


def test_among_branches_tried_together_a_6xx_decides() -> None:
    """RFC 3261 §16.7 step 6."""
    stage = Stage()
    stage.say(0, A, B, request("INVITE", branch="z9hG4bK1")).say(0.01, A, C, request("INVITE", branch="z9hG4bK2"))
    stage.say(1, B, A, response(603, "Decline", branch="z9hG4bK1"))
    stage.say(1.1, C, A, response(480, "Gone", branch="z9hG4bK2"))

    assert stage.row().final_code == 603


def test_a_cancelled_branch_does_not_hide_the_one_that_ended() -> None:
    stage = Stage()
    stage.say(0, A, B, request("INVITE", branch="z9hG4bK1")).say(0.01, A, C, request("INVITE", branch="z9hG4bK2"))
    stage.say(1, B, A, response(486, "Busy Here", branch="z9hG4bK1"))
    stage.say(1.1, C, A, response(487, "Request Terminated", branch="z9hG4bK2"))

    assert stage.row().final_code == 486


def test_a_reinvite_changes_nothing() -> None:
    stage = Stage().call(0, A, B, "INVITE 200+1 ACK")
    stage.call(5, A, B, "INVITE 491 ACK", cseq=2, to_tag="t1", branch="z9hG4bKre")
    stage.call(20, A, B, "BYE", cseq=3)

    row = stage.row()

    assert (row.final_code, row.attempts, row.talk_ms) == (200, 1, 19000)


def test_early_media_is_not_ringing() -> None:
    stage = Stage().call(0, A, B, "INVITE 100").say(1, B, A, response(183, "Session Progress", body=OFFER))
    stage.say(9, B, A, response(404, "Not Found"))

    row = stage.row()

    assert (row.early_media, row.ring_ms, row.pdd_ms, row.ring_frame) == (True, None, 950, None)


def test_progress_without_media_is_neither() -> None:
    row = Stage().call(0, A, B, "INVITE 183 404").row()

    assert (row.early_media, row.ring_ms) == (False, None)


def test_cancel_ends_the_ringing() -> None:
    row = Stage().call(0, A, B, "INVITE+0 180+1 CANCEL+6 487+0.1").row()

    assert (row.cancel_ms, row.ring_ms, row.final_code, row.ended_by) == (7000, 6000, 487, "caller")


def test_silence_after_trying_is_measured_up_to_cancel() -> None:
    row = Stage().call(0, A, B, "INVITE+0 100 CANCEL+40 487+0.1").row()

    assert (row.silence_ms, row.last_hop) == (40000, "198.51.100.20:5060")


def test_an_invite_nobody_answers_is_silent_until_the_end_of_the_capture() -> None:
    stage = Stage().call(0, A, B, "INVITE+0 INVITE+0.5").call(100, A, C, "INVITE+0", call_id="c2")

    first, second = stage.rows()

    assert (first.final_code, first.trying_ms, first.silence_ms, first.cut) == (None, None, 100000, "end")
    assert (second.silence_ms, second.cut, second.last_hop) == (0, "end", "203.0.113.30:5060")


def test_a_call_without_a_final_response_ends_after_timer_c() -> None:
    stage = Stage().call(0, A, B, "INVITE+0 100").call(3600, A, C, "INVITE 486", call_id="c2")

    first, _second = stage.rows()

    assert (first.cut, first.silence_ms) == ("", 240_000)


def test_an_answered_call_that_is_still_open_is_cut_by_the_end() -> None:
    row = Stage().call(0, A, B, "INVITE 200+1 ACK").row()

    assert (row.cut, row.talk_ms) == ("end", None)


@pytest.mark.parametrize(
    ("script", "final", "cut"),
    [
        pytest.param("180 486", 486, "start", id="responses only"),
        pytest.param("200 ACK BYE+5", 200, "start", id="answer and BYE"),
        pytest.param("BYE", None, "start", id="BYE only"),
        pytest.param("CANCEL 487", 487, "start", id="CANCEL and its final response"),
        pytest.param("180", None, "both", id="ringing, then nothing"),
    ],
)
def test_a_call_that_began_before_the_capture_is_cut_by_its_start(script: str, final: int | None, cut: str) -> None:
    row = Stage().call(0, A, B, script).row()

    assert (row.method, row.final_code, row.cut) == ("", final, cut)
    assert (row.pdd_ms, row.setup_ms, row.trying_ms) == (None, None, None)
    assert row.caller_raw == "+12155550112"


def test_an_answer_stored_before_its_invite_still_belongs_to_it() -> None:
    stage = Stage().say(0.001, B, A, response(100, "Trying")).say(0.002, A, B, request("INVITE"))
    stage.say(1, B, A, response(486, "Busy Here"))

    row = stage.row()

    assert (row.method, row.final_code, row.frame, row.cut) == ("INVITE", 486, 2, "")


def test_a_proxy_hop_shows_the_same_call_once() -> None:
    """Both sides of a proxy: same Call-ID, one Via more."""
    stage = Stage().say(0, A, SBC, request("INVITE", branch="z9hG4bK1"))
    stage.say(0.001, SBC, B, request("INVITE", branch="z9hG4bK2", vias=["192.0.2.10;branch=z9hG4bK1"]))
    stage.say(1, B, SBC, response(486, "Busy Here", branch="z9hG4bK2"))
    stage.say(1.001, SBC, A, response(486, "Busy Here", branch="z9hG4bK1"))

    row = stage.row()

    assert (row.legs, row.attempts, row.far_code, row.duplicates, row.retransmissions) == (2, 1, None, 0, 0)
    assert row.answered_by == "192.0.2.1:5060"
    assert row.carrier == "198.51.100.20"


def test_route_advance_at_a_proxy_counts_its_attempts() -> None:
    via = ["192.0.2.10;branch=z9hG4bK1"]
    stage = Stage().say(0, A, SBC, request("INVITE", branch="z9hG4bK1"))
    stage.say(0.01, SBC, B, request("INVITE", branch="z9hG4bK2", vias=via))
    stage.say(0.2, B, SBC, response(503, "Service Unavailable", branch="z9hG4bK2"))
    stage.say(0.3, SBC, C, request("INVITE", branch="z9hG4bK3", vias=via))
    stage.say(1, C, SBC, response(603, "Decline", branch="z9hG4bK3"))
    stage.say(1.1, SBC, A, response(603, "Decline", branch="z9hG4bK1"))

    row = stage.row()

    assert (row.final_code, row.attempts, row.forks, row.legs) == (603, 2, 0, 2)


def b2bua(headers_in: list[str], headers_out: list[str], *, out_caller: str = "+12155550112") -> Stage:
    stage = Stage().say(0, A, SBC, request("INVITE", call_id="in", branch="z9hG4bK1", headers=headers_in))
    out = {"call_id": "out", "branch": "z9hG4bK2", "from_tag": "g", "caller": out_caller}
    stage.say(0.1, SBC, B, request("INVITE", headers=headers_out, **out))  # type: ignore[arg-type]
    stage.say(0.9, B, SBC, response(603, "Network Blocked", headers=[REASON_603PLUS], **out))  # type: ignore[arg-type]
    stage.say(1.0, SBC, A, response(403, "Forbidden", call_id="in", branch="z9hG4bK1"))
    return stage


@pytest.mark.parametrize(
    ("headers_in", "headers_out", "out_caller"),
    [
        pytest.param([], [], "+12155550112", id="numbers and time"),
        pytest.param(["Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=0"],
                     ["Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=0"], "+18005550199", id="Session-ID"),
        pytest.param([], ["X-CID: in"], "+18005550199", id="X-CID"),
    ],
)  # fmt: skip
def test_legs_through_a_b2bua_are_one_call_and_show_the_rewriting(
    headers_in: list[str], headers_out: list[str], out_caller: str
) -> None:
    row = b2bua(headers_in, headers_out, out_caller=out_caller).row()

    assert (row.call_id, row.legs, row.attempts) == ("in", 2, 1)
    assert (row.final_code, row.final_phrase, row.far_code, row.far_phrase) == (
        403,
        "Forbidden",
        603,
        "Network Blocked",
    )
    assert (row.signal, row.signal_code, row.redress_url) == ("603plus", 603, "https://carrier.example/r")
    assert (row.frame, row.final_frame) == (1, 4)


def test_legs_with_other_numbers_stay_apart() -> None:
    assert len(b2bua([], [], out_caller="+18005550199").rows()) == 2


def test_a_leg_from_another_host_stays_apart() -> None:
    stage = Stage().call(0, A, SBC, "INVITE 486+3", call_id="x").call(0.1, SBC2, B, "INVITE 486+2", call_id="y")

    assert len(stage.rows()) == 2


@pytest.mark.parametrize(
    ("gap_s", "to", "rows"), [(0.2, C, 1), (0.2, B, 2), (5.0, C, 2)], ids=["advance", "same route", "redial"]
)
def test_the_next_route_with_a_new_call_id_is_the_same_call(gap_s: float, to: str, rows: int) -> None:
    stage = Stage().call(0, SBC, B, "INVITE+0 503+1", call_id="one", branch="z9hG4bK1")
    stage.call(1 + gap_s, SBC, to, "INVITE+0 100 486+1", call_id="two", branch="z9hG4bK2")

    found = stage.rows()

    assert len(found) == rows
    if rows == 1:
        assert (found[0].final_code, found[0].attempts, found[0].call_id) == (486, 2, "one")


def test_one_host_that_calls_twice_is_two_calls() -> None:
    """Everything on one address: the ports tell a B2BUA from a caller who calls again."""
    stage = Stage()
    for number, at in enumerate((0.0, 1.0)):
        call_id, branch = f"c{number}", f"z9hG4bK{number}"
        stage.say(at, A, A, request("INVITE", call_id=call_id, branch=branch), sport=15070, dport=15060)
        stage.say(at + 5, A, A, response(486, "Busy Here", call_id=call_id, branch=branch), sport=15060, dport=15070)

    assert len(stage.rows()) == 2


def test_a_call_id_that_is_used_again_after_the_call_is_another_call() -> None:
    stage = Stage().call(0, A, B, "INVITE 200+1 ACK BYE+2")
    stage.call(6, A, B, "INVITE 486+1", branch="z9hG4bKb", from_tag="f2")

    first, second = sorted(stage.rows(), key=lambda row: row.at_us)

    assert (first.final_code, second.final_code) == (200, 486)


def test_a_call_id_that_is_used_again_after_its_linger_is_another_call() -> None:
    stage = Stage().call(0, A, B, "INVITE 486+1").call(60, A, B, "INVITE 603+1", branch="z9hG4bKb")

    assert [row.final_code for row in stage.rows(flush=False)] == [486, 603]


def test_what_makes_no_call_is_counted() -> None:
    assembler = Assembler(Folder(["a"]))
    stage = (
        Stage()
        .call(0, A, B, "OPTIONS REGISTER OPTIONS")
        .say(1, A, B, b"no SIP at all")
        .call(2, A, B, "BYE", call_id="x")
    )
    stage.call(3, A, B, "INVITE", to_tag="t", call_id="y")
    assembler.feed_all(stage.sightings)

    assert assembler.others == {"OPTIONS": 2, "REGISTER": 1, "malformed": 1, "INVITE in a dialog": 1}
    assert len(assembler.finish()) == 1


def test_memory_holds_open_calls_only() -> None:
    assembler = Assembler(Folder(["a"]))
    for number in range(300):
        stage = Stage().call(
            number * 10.0, A, B, "INVITE 180 486+2 ACK", call_id=f"c{number}", callee=f"+1215555{number:04}"
        )
        assembler.feed_all(stage.sightings)
        assembler.flush()

    assert len(assembler) <= (LINGER_US + GRACE_US) / 10e6 + 2
    assert len(assembler._heap) < 50
    assert len(assembler._joiner) <= 4 * len(assembler)


def test_an_answered_call_is_kept_for_hours_and_not_for_ever() -> None:
    assembler = Assembler(Folder(["a"]))
    assembler.feed_all(Stage().call(0, A, B, "INVITE 200+1 ACK").call(3 * 3600, A, B, "UPDATE", cseq=2).sightings)

    assert assembler.flush(us(5 * 3600)) == []
    ((_key, row),) = assembler.flush(us(3 * 3600) + TALK_US + 1_000_000)
    assert (row.final_code, row.talk_ms, row.cut) == (200, None, "")


def test_a_608_keeps_its_card_and_a_607_in_a_bye_is_found() -> None:
    stage = Stage().call(0, A, B, "INVITE 100")
    card = "Call-Info: <https://block.example.net/complaint-jws>;purpose=jwscard"
    stage.say(0.4, B, A, response(608, "Rejected", headers=[card, "Server: AnalyticsEngine/2"]))
    stage.call(10, A, B, "INVITE 180+1 200+2 ACK", call_id="c2", branch="z9hG4bK2")
    bye = request("BYE", call_id="c2", from_tag="t1", to_tag="f1", headers=['Reason: SIP;cause=607;text="Unwanted"'])
    stage.say(15, B, A, bye)

    first, second = stage.rows()

    assert (first.signal, first.signal_in, first.card_uri, first.blocker, first.server) == (
        "608", "response", "https://block.example.net/complaint-jws", "block.example.net", "AnalyticsEngine/2",
    )  # fmt: skip
    assert (second.signal, second.signal_in, second.final_code, second.final_frame) == ("607", "bye", 200, 8)


def test_a_607_in_a_cancel_is_found() -> None:
    stage = Stage().call(0, A, B, "INVITE 180+1")
    stage.say(4, A, B, request("CANCEL", headers=['Reason: SIP;cause=607;text="Unwanted"']))

    row = stage.row()

    assert (row.signal, row.signal_in, row.final_frame) == ("607", "cancel", 3)


@pytest.mark.parametrize(
    ("agent", "kind"), [("friendly-scanner", "scanner"), ("Asterisk PBX 20.5", "call"), ("pplsip", "scanner")]
)
def test_scanners_are_a_class_of_their_own(agent: str, kind: str) -> None:
    stage = Stage().say(0, C, B, request("INVITE", headers=[f"User-Agent: {agent}"]))

    row = stage.row()

    assert (row.kind, row.user_agent) == (kind, agent)


def _row_of_direction(own: list[str], src: str, dst: str) -> Call:
    return Stage().call(0, src, dst, "INVITE 486").row(own=own)


@pytest.mark.parametrize(
    ("src", "dst", "direction"),
    [(A, B, "outbound"), (B, A, "inbound"), (A, SBC, "internal"), (B, C, "transit")],
)
def test_own_networks_give_a_direction(src: str, dst: str, direction: str) -> None:
    assert _row_of_direction(["192.0.2.0/24"], src, dst).direction == direction


def test_a_call_through_our_sbc_is_outbound() -> None:
    assert b2bua([], []).row(own=["192.0.2.0/24"]).direction == "outbound"


def test_an_anonymous_caller_is_known_by_the_asserted_identity() -> None:
    asserted = ['P-Asserted-Identity: "A" <sip:+12155550199@example.com>']
    row = Stage().say(0, A, B, request("INVITE", caller="anonymous", headers=asserted)).row()

    assert row.caller == "+12155550199"


def test_text_that_is_not_utf8_is_shown_as_escapes() -> None:
    stage = Stage().call(0, A, B, "INVITE").say(1, B, A, response(486, "OK").replace(b"486 OK", b"486 Besetzt \xfc"))

    assert stage.row().final_phrase == "Besetzt \\xfc"
