"""From the messages of an ended call to its row: which of them decides what the columns say."""

from __future__ import annotations

import pytest

from ringthrough.calls import Assembler, Call, Carrier, Carriers, Folder
from ringthrough.calls.assemble import PENDING_US
from ringthrough.calls.fold import clean
from tests.calls.scene import OFFER, SBC, A, B, C, Stage, request, response, us

PLUS = 'Reason: SIP;cause=603;text="v=analytics1;url=https://carrier.example/r";location=TN'


# ------------------------------------------------------------------------------------------------------ durations


def test_every_duration_is_what_the_table_says() -> None:
    stage = Stage().say(0, A, B, request("INVITE"))
    stage.say(0.05, B, A, response(100, "Trying"))
    stage.say(0.9, B, A, response(183, "Session Progress", body=OFFER))
    stage.say(2.0, B, A, response(180, "Ringing"))
    stage.say(2.4, B, A, response(180, "Ringing", to_tag="other"))
    stage.say(7.5, B, A, response(200, "OK", body=OFFER))
    stage.say(67.75, B, A, request("BYE", from_tag="t1", to_tag="f1", branch="z9hG4bKb"))

    row = stage.row()

    assert (row.trying_ms, row.pdd_ms, row.ring_ms, row.setup_ms, row.final_ms) == (50, 900, 5500, 7500, 7500)
    assert (row.talk_ms, row.cancel_ms, row.silence_ms, row.last_hop) == (60_250, None, None, "")
    assert (row.early_media, row.ended_by, row.ring_frame, row.final_frame) == (True, "callee", 4, 6)


def test_ringing_ends_with_cancel_and_not_with_the_487_behind_it() -> None:
    row = Stage().call(0, A, B, "INVITE 100 180+1 CANCEL+20 487+3 ACK").row()

    assert (row.ring_ms, row.cancel_ms, row.setup_ms) == (20_000, 21_050, 24_050)
    assert (row.silence_ms, row.last_hop, row.ended_by) == (20_000, f"{B}:5060", "caller")


def test_an_answer_that_crosses_the_cancel_counts() -> None:
    row = Stage().call(0, A, B, "INVITE 180+1 CANCEL+5 200+0.01 ACK BYE+0.01").row()

    assert (row.final_code, row.ring_ms, row.talk_ms, row.ended_by) == (200, 5000, 60, "caller")


def test_the_last_attempt_has_a_duration_of_its_own() -> None:
    stage = Stage().call(0, A, B, "INVITE 100 407 ACK")
    stage.call(1, A, B, "INVITE 100 180+1 486+4", cseq=2, branch="z9hG4bK2")

    row = stage.row()

    assert (row.setup_ms, row.final_ms, row.challenges, row.attempts) == (6050, 5050, 1, 1)


def test_times_that_run_backwards_give_zero() -> None:
    stage = Stage().say(1, B, A, response(180, "Ringing")).say(1.2, B, A, response(486, "Busy Here"))
    stage.say(1.3, A, B, request("INVITE"))

    row = stage.row()

    assert (row.method, row.cut, row.setup_ms, row.pdd_ms, row.ring_ms) == ("INVITE", "", 0, 0, 200)


# ------------------------------------------------------------------------------------------------------------ cuts


@pytest.mark.parametrize(
    ("script", "cut"),
    [
        pytest.param("INVITE 100", "end", id="still trying"),
        pytest.param("INVITE 180", "end", id="still ringing"),
        pytest.param("INVITE 200", "end", id="still talking"),
        pytest.param("INVITE 200 BYE", "", id="hung up"),
        pytest.param("INVITE 486", "", id="refused"),
        pytest.param("INVITE 180 CANCEL", "", id="given up"),
        pytest.param("INVITE 180 CANCEL 200", "end", id="answered all the same, and still talking"),
        pytest.param("180 CANCEL", "start", id="begun before"),
        pytest.param("200", "both", id="begun before, still talking"),
    ],
)
def test_the_end_of_the_capture_cuts_what_is_open(script: str, cut: str) -> None:
    assert Stage().call(0, A, B, script).row().cut == cut


def test_a_talk_is_cut_though_another_branch_was_cancelled() -> None:
    stage = Stage().say(0, SBC, B, request("INVITE", branch="z9hG4bK1"))
    stage.say(0.01, SBC, C, request("INVITE", branch="z9hG4bK2"))
    stage.say(3, B, SBC, response(200, "OK", branch="z9hG4bK1"))
    stage.say(3.01, SBC, C, request("CANCEL", branch="z9hG4bK2"))
    stage.say(3.1, C, SBC, response(487, "Request Terminated", branch="z9hG4bK2", to_tag="t2"))

    row = stage.row()

    assert (row.final_code, row.cut, row.forks, row.talk_ms) == (200, "end", 1, None)


def test_silence_is_measured_to_the_deadline_when_the_capture_goes_on() -> None:
    stage = Stage().call(0, A, B, "INVITE 100").say(1000, A, B, request("OPTIONS", call_id="later"))

    row = stage.row()

    assert (row.cut, row.silence_ms, row.last_hop) == ("", PENDING_US // 1000, f"{B}:5060")


# --------------------------------------------------------------------------------------------------------- signals


def refused(*headers: str, code: int = 603, phrase: str = "Decline", then: str = "") -> Call:
    stage = Stage().say(0, A, B, request("INVITE")).say(1, B, A, response(code, phrase, headers=headers))
    if then:
        stage.say(2, A, B, request("CANCEL", headers=[then]))
    return stage.row()


def test_a_cause_without_a_refusal_is_kept() -> None:
    row = refused('Reason: Q.850;cause=34;text="No circuit";location=RLN', code=503, phrase="Service Unavailable")

    assert (row.signal, row.signal_code, row.q850_cause, row.sip_cause, row.location) == ("", None, 34, None, "RLN")
    assert row.reason == 'Q.850;cause=34;text="No circuit";location=RLN'


def test_a_failure_that_says_nothing_says_nothing() -> None:
    row = refused(code=503, phrase="Service Unavailable")

    assert (row.signal, row.reason, row.q850_cause, row.final_phrase) == ("", "", None, "Service Unavailable")


def test_a_telling_cancel_beats_a_bare_603() -> None:
    row = refused(then='Reason: SIP;cause=607;text="Unwanted"')

    assert (row.final_code, row.signal, row.signal_in, row.final_frame) == (603, "607", "cancel", 2)


def test_the_same_code_with_another_phrase_on_the_far_leg_is_shown() -> None:
    stage = Stage().say(0, A, SBC, request("INVITE", call_id="in", branch="z9hG4bK1"))
    out = {"call_id": "out", "branch": "z9hG4bK2", "from_tag": "g"}
    stage.say(0.1, SBC, B, request("INVITE", **out))  # type: ignore[arg-type]
    stage.say(0.9, B, SBC, response(603, "Network Blocked", headers=[PLUS], **out))  # type: ignore[arg-type]
    stage.say(1.0, SBC, A, response(603, "Decline", call_id="in", branch="z9hG4bK1"))

    row = stage.row()

    assert (row.final_phrase, row.far_phrase) == ("Decline", "Network Blocked")
    assert (row.signal, row.signal_phrase, row.answered_by) == ("603plus", "Network Blocked", f"{SBC}:5060")


def test_the_same_answer_on_both_legs_is_not_shown_twice() -> None:
    stage = Stage().say(0, A, SBC, request("INVITE", call_id="in", branch="z9hG4bK1"))
    out = {"call_id": "out", "branch": "z9hG4bK2", "from_tag": "g"}
    stage.say(0.1, SBC, B, request("INVITE", **out))  # type: ignore[arg-type]
    stage.say(0.9, B, SBC, response(486, "Busy Here", **out))  # type: ignore[arg-type]
    stage.say(1.0, SBC, A, response(486, "Busy Here", call_id="in", branch="z9hG4bK1"))

    row = stage.row()

    assert (row.legs, row.final_code, row.far_code, row.far_phrase) == (2, 486, None, "")


def test_a_bye_that_refuses_names_its_own_place() -> None:
    stage = Stage().call(0, A, B, "INVITE 180 200+3 ACK")
    bye = request("BYE", from_tag="t1", to_tag="f1", branch="z9hG4bKb", headers=["Reason: SIP;cause=607"])
    stage.say(8, B, A, bye)

    row = stage.row()

    assert (row.final_code, row.signal, row.signal_in, row.final_file, row.final_frame) == (
        200,
        "607",
        "bye",
        "a.pcap",
        5,
    )


# ------------------------------------------------------------------------------------------------------- who it was


@pytest.mark.parametrize(
    ("headers", "server"),
    [
        pytest.param(["Server: alder/7.2"], "alder/7.2", id="Server"),
        pytest.param(["User-Agent: birch 9"], "birch 9", id="User-Agent"),
        pytest.param(["User-Agent: birch 9", "Server: alder/7.2"], "alder/7.2", id="both: Server"),
        pytest.param(["server :  alder/7.2  "], "alder/7.2", id="written otherwise"),
        pytest.param(["Server: alder", " continued"], "alder continued", id="folded"),
        pytest.param(["Server: Städtisch"], "Städtisch", id="UTF-8"),
        pytest.param([], "", id="none"),
    ],
)
def test_the_server_of_a_refusal(headers: list[str], server: str) -> None:
    assert refused(*headers).server == server


ALDER = Carrier("Alder", networks=("198.51.100.0/24",))
NUMBERS = Carrier("Numbers", prefixes=("+1215",))


@pytest.mark.parametrize(
    ("carriers", "src", "dst", "name"),
    [
        pytest.param((ALDER,), A, B, "Alder", id="by the address called"),
        pytest.param((ALDER,), B, A, "Alder", id="by the address that calls"),
        pytest.param((NUMBERS,), A, C, "Numbers", id="by the number called"),
        pytest.param((ALDER, NUMBERS), A, B, "Alder", id="the address before the number"),
        pytest.param((ALDER,), A, C, C, id="none: the address of the peer"),
        pytest.param((), A, B, B, id="no carriers named"),
    ],
)
def test_the_carrier_of_a_call(carriers: tuple[Carrier, ...], src: str, dst: str, name: str) -> None:
    assert Stage().call(0, src, dst, "INVITE 486").row(carriers=Carriers(carriers)).carrier == name


@pytest.mark.parametrize(
    ("own", "direction"),
    [
        pytest.param((), "", id="nobody said what is ours"),
        pytest.param(("192.0.2.0/24",), "outbound", id="we call"),
        pytest.param(("198.51.100.0/24",), "inbound", id="we are called"),
        pytest.param(("192.0.2.0/24", "198.51.100.0/24"), "internal", id="both are ours"),
        pytest.param(("203.0.113.0/24",), "transit", id="neither is ours"),
    ],
)
def test_the_direction_of_a_call(own: tuple[str, ...], direction: str) -> None:
    assert Stage().call(0, A, B, "INVITE 486").row(own=own).direction == direction


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain", "plain", id="ASCII"),
        pytest.param("Grüße", "Grüße", id="UTF-8"),
        pytest.param(b"caf\xe9".decode("utf-8", "surrogateescape"), "caf\\xe9", id="Latin-1"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_text_that_any_output_can_hold(text: str, shown: str) -> None:
    assert clean(text) == shown
    assert clean(text).encode("utf-8").decode("utf-8") == shown


# --------------------------------------------------------------------------------------------- forks and odd orders


def test_a_branch_that_never_ends_does_not_decide() -> None:
    stage = Stage().say(0, SBC, B, request("INVITE", branch="z9hG4bK1"))
    stage.say(0.01, SBC, C, request("INVITE", branch="z9hG4bK2"))
    stage.say(2, B, SBC, response(603, "Decline", branch="z9hG4bK1"))

    row = stage.row()

    assert (row.final_code, row.forks, row.attempts) == (603, 1, 1)


def test_a_branch_that_failed_before_the_last_began_does_not_decide() -> None:
    stage = Stage().call(0, SBC, B, "INVITE 603", branch="z9hG4bK1").call(5, SBC, C, "INVITE 480", branch="z9hG4bK2")
    still = Stage().call(0, SBC, B, "INVITE 486", branch="z9hG4bK1").call(5, SBC, C, "INVITE 100", branch="z9hG4bK2")

    assert (stage.row().final_code, stage.row().attempts) == (480, 2)
    assert (still.row().final_code, still.row().cut) == (None, "end")


def test_the_branch_that_answered_first_decides() -> None:
    stage = Stage().say(0, SBC, B, request("INVITE", branch="z9hG4bK1"))
    stage.say(0.01, SBC, C, request("INVITE", branch="z9hG4bK2"))
    stage.say(3, C, SBC, response(200, "OK", branch="z9hG4bK2", to_tag="t2"))
    stage.say(3.001, B, SBC, response(200, "OK", branch="z9hG4bK1"))

    row = stage.row()

    assert (row.final_code, row.answered_by, row.setup_ms) == (200, f"{C}:5060", 3000)


def test_what_answers_a_cancel_or_nothing_known_is_no_answer_to_the_invite() -> None:
    stage = Stage().call(0, A, B, "INVITE 180+1 CANCEL+2")
    stage.say(4, B, A, response(200, "OK", method="CANCEL", headers=["Subject: about an INVITE"]))
    stage.say(4.1, B, A, response(486, "Busy Here", cseq=77, branch="z9hG4bKelse"))
    stage.say(4.2, B, A, response(487, "Request Terminated"))
    stage.say(4.3, B, A, response(481, "Gone", cseq=77, branch="z9hG4bKelse"))

    row = stage.row()

    assert (row.final_code, row.setup_ms, row.retransmissions) == (487, 4150, 0)


@pytest.mark.parametrize(
    ("headers", "body", "early"),
    [
        pytest.param(["Content-Type: application/sdp"], OFFER, True, id="ordinary"),
        pytest.param(["content-type : Application/SDP"], OFFER, True, id="written otherwise"),
        pytest.param(["c: application/sdp"], OFFER, True, id="compact"),
        pytest.param(["Content-Type: text/plain"], "about application/sdp", False, id="it is only talked about"),
        pytest.param(["Subject: application/sdp"], "", False, id="no body at all"),
        pytest.param(["Content-Type: application/isup"], "x", False, id="another body"),
    ],
)
def test_early_media_needs_a_session_description(headers: list[str], body: str, early: bool) -> None:
    octets = response(183, "Session Progress", headers=headers).replace(b"Content-Length: 0", b"X: y") + body.encode()
    row = Stage().say(0, A, B, request("INVITE")).say(1, B, A, octets).call(2, A, B, "486").row()

    assert row.early_media is early


def test_rows_name_the_files_by_their_index() -> None:
    assembler = Assembler(Folder(["first.pcap", "second.pcap"]))
    for number, sighting in enumerate(Stage().call(0, A, B, "INVITE 180 486").sightings):
        assembler.feed(sighting._replace(file=number // 2, frame=7 + number))

    ((key, row),) = assembler.finish()

    assert (row.file, row.frame, row.ring_file, row.ring_frame) == ("first.pcap", 7, "first.pcap", 8)
    assert (row.final_file, row.final_frame) == ("second.pcap", 9)
    assert key == (us(0.15) + 32_000_000, 0, 7)


def test_a_message_without_a_call_id_makes_no_call() -> None:
    assembler = Assembler(Folder(["a.pcap"]))
    for sighting in Stage().say(0, A, B, b"INVITE sip:x@y SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n").sightings:
        assembler.feed(sighting)

    assert assembler.finish() == []
    assert assembler.others == {"malformed": 1}
