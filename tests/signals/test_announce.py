"""The plan before a 608: every row of RFC 8688 §3.4, §3.5 and §6, and the reasons in it."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from ringthrough.errors import LocalError
from ringthrough.signals.announce import (
    CARD_POLICIES,
    OBLIGATIONS,
    REASONS,
    RESEND_S,
    AnnouncementFacts,
    announcement_facts,
    plan_announcement,
    signals_608,
)
from ringthrough.wire import Request, decode

from .messages import request

_CALL = {"stir_valid": True, "media": ("audio",), "reliable_offered": True}
_CASES: list[tuple[str, dict[str, Any], bool, str, list[str]]] = [
    ("R8688-23: no sip.608", _CALL, True, "met", ["audio", "reliable", "card"]),
    ("R8688-18: caller reads cards", {**_CALL, "sip_608": True}, False, "not_due", ["caller_reads_cards", "card"]),
    ("R8688-1: MESSAGE", {**_CALL, "method": "MESSAGE"}, False, "not_due", ["no_call", "card"]),
    ("§3.5: malicious", {**_CALL, "suspect": True}, False, "waived", ["caller_suspect", "card_withheld_suspect"]),
    ("R8688-34: our own caller", {**_CALL, "own_caller": True}, False, "waived", ["caller_is_ours", "card"]),
    ("R8688-40: nobody looked", {**_CALL, "stir_valid": None}, False, "waived", ["source_doubtful", "card"]),
    ("R8688-40: invalid Identity", {**_CALL, "stir_valid": False}, False, "waived", ["source_doubtful", "card"]),
    ("R8688-40: ICE", {**_CALL, "stir_valid": None, "ice_checked": True}, True, "met", ["audio", "reliable", "card"]),
    ("R8688-40: trusted peer", {**_CALL, "stir_valid": None, "trusted_source": True}, True, "met",
     ["audio", "reliable", "card"]),
    ("1.5: no media plane", {**_CALL, "can_play": False}, False, "unmet", ["no_player", "card"]),
    ("R8688-33: text alone", {**_CALL, "media": ("text",)}, True, "met", ["text", "reliable", "card"]),
    ("R8688-33: audio and text", {**_CALL, "media": ("text", "audio")}, True, "met", ["audio", "reliable", "card"]),
    ("R8688-33: video alone", {**_CALL, "media": ("video",)}, False, "unmet", ["no_common_media", "card"]),
    ("RFC 3262 §5: no offer, 100rel", {**_CALL, "media": None}, True, "met", ["own_offer", "reliable", "card"]),
    ("no offer, no 100rel", {**_CALL, "media": None, "reliable_offered": False}, False, "unmet", ["no_offer", "card"]),
    ("R8688-29 against RFC 3262 §3", {**_CALL, "reliable_offered": False}, True, "met",
     ["audio", "not_reliable", "card"]),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "announce", "duty", "reasons"), [c[1:] for c in _CASES], ids=[c[0] for c in _CASES])
def test_plan(facts: dict[str, Any], announce: bool, duty: str, reasons: list[str]) -> None:
    plan = plan_announcement(AnnouncementFacts(**facts))
    assert (plan.announce, plan.obligation) == (announce, duty)
    assert [reason.slug for reason in plan.reasons] == reasons
    assert all(reason.text and reason.source for reason in plan.reasons)
    assert plan.call_info is ("card" in reasons)


@pytest.mark.parametrize(
    ("policy", "stir_valid", "suspect", "told", "reason"),
    [
        ("always", None, False, True, "card"),
        ("always", True, True, False, "card_withheld_suspect"),
        ("stir_valid", True, False, True, "card"),
        ("stir_valid", False, False, False, "card_withheld_unproven"),
        ("stir_valid", None, False, False, "card_withheld_unproven"),
        ("never", True, False, False, "card_withheld"),
    ],
)
def test_who_is_told_the_contact(policy: Any, stir_valid: bool | None, suspect: bool, told: bool, reason: str) -> None:
    """R8688-3 and R8688-39."""
    plan = plan_announcement(AnnouncementFacts(stir_valid=stir_valid, suspect=suspect), card_policy=policy)
    assert plan.call_info is told
    assert plan.reasons[-1].slug == reason


def test_whatever_the_facts_a_plan_is_whole() -> None:
    """All 4,608 combinations: no media without an announcement, one duty, and no 183 that RFC 3262 §3 forbids."""
    flags = [(False, True)] * 6
    seen = set()
    for method, stir, media, policy in product(
        ("INVITE", "MESSAGE"), (None, False, True), (None, (), ("audio",), ("text", "video")), CARD_POLICIES
    ):
        for sip_608, rel, ice, trusted, suspect, play in product(*flags):
            facts = AnnouncementFacts(
                method=method, sip_608=sip_608, reliable_offered=rel, media=media, stir_valid=stir, ice_checked=ice,
                trusted_source=trusted, suspect=suspect, can_play=play,
            )  # fmt: skip
            plan = plan_announcement(facts, card_policy=policy)  # type: ignore[arg-type]
            assert plan.obligation in OBLIGATIONS
            assert plan.announce is (plan.obligation == "met") is bool(plan.media)
            assert not plan.reliable or rel
            assert plan.resend_s == (RESEND_S if plan.announce and not rel else ())
            assert not (plan.announce and (sip_608 or suspect or not (stir or ice or trusted)))
            seen |= {reason.slug for reason in plan.reasons}
    assert seen == set(REASONS) - {"caller_is_ours"}


SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n"


def invite(*headers: str, body: str = "", content_type: str = "application/sdp") -> Request:
    lines = [
        "INVITE sip:+12155550113@example.net SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK776",
        "From: <sip:+12155550112@example.com>;tag=f1",
        "To: <sip:+12155550113@example.net>",
        "Call-ID: 1@192.0.2.10",
        "CSeq: 1 INVITE",
        *headers,
        *([f"Content-Type: {content_type}"] if body else []),
        f"Content-Length: {len(body)}",
        "",
        body,
    ]
    message = decode("\r\n".join(lines).encode())
    assert isinstance(message, Request)
    return message


def test_facts_of_a_request() -> None:
    body = f"{SDP}m=audio 4000 RTP/AVP 0\r\nm=text 0 RTP/AVP 98\r\nm=video 4004/2 RTP/AVP 99\r\n"
    facts = announcement_facts(
        invite("Feature-Caps: *;+sip.607", "Feature-Caps: *;+SIP.608", "Supported: timer, 100REL", body=body),
        stir_valid=True,
    )
    assert facts == AnnouncementFacts(
        sip_608=True, reliable_offered=True, media=("audio", "video"), stir_valid=True
    )  # fmt: skip


@pytest.mark.parametrize(
    ("made", "media", "reliable"),
    [
        (invite(), None, False),
        (invite("Require: 100rel"), None, True),
        (invite(body="hello", content_type="text/plain"), None, False),
        (invite(body=SDP), (), False),
        (invite(body="m=audio\r\n"), None, False),
        (invite(body=f"--x\r\nContent-Type: application/sdp\r\n\r\n{SDP}m=audio 1 RTP/AVP 0\r\n--x--\r\n",
                content_type="multipart/mixed;boundary=x"), ("audio",), False),
    ],
    ids=["no body", "required", "text", "no media", "no description", "multipart"],
)  # fmt: skip
def test_facts_of_a_body(made: Request, media: tuple[str, ...] | None, reliable: bool) -> None:
    facts = announcement_facts(made)
    assert (facts.media, facts.reliable_offered, facts.sip_608) == (media, reliable, False)


def test_608_capability() -> None:
    """RFC 6809 §6.2.1: the order inside a value is meaningless, and so is case."""
    assert signals_608(invite("Feature-Caps: *;+a;+sip.608;+b"))
    assert not signals_608(invite("Feature-Caps: *;+sip.6081"))
    assert not signals_608(invite("Feature-Caps: +sip.608"))


def test_608_is_no_answer_inside_of_a_dialog() -> None:
    with pytest.raises(LocalError) as caught:
        announcement_facts(request("INVITE"))
    assert caught.value.problem.code == "signals-608-in-dialog"
