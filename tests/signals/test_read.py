"""`read`: the table of precedence, row by row, and the messages that refuse nothing."""

from __future__ import annotations

import pytest

from ringthrough.signals import KINDS, read
from ringthrough.wire import Malformed, decode

from .messages import ANALYTICS, read_response, request, response, slugs

CARD = "Call-Info: <https://block.example.net/card>;purpose=jwscard"

# label, status, phrase, headers, kind, slugs of defects without "signals-"
_CASES: list[tuple[str, int, str, list[str], str, list[str]]] = [
    # RFC 8688 §3.1: R8688-3, R8688-4
    ("608 with card", 608, "Rejected", [CARD], "608", []),
    ("608 bare, R8688-3", 608, "Rejected", [], "608", ["608-no-card"]),
    ("608 with jcard, RFC 9796 is about the caller", 608, "Rejected",
     ["Call-Info: <https://b.example/j>;purpose=jcard"], "608", ["608-card-purpose"]),
    ("608 without purpose", 608, "Rejected", ["Call-Info: <https://b.example/j>"], "608", ["608-card-purpose"]),
    ("608 purpose in capitals, R8688-4", 608, "Rejected", ["Call-Info: <https://b.example/j>;Purpose=JWSCARD"], "608",
     []),
    ("608 card second in the list", 608, "Rejected",
     ["Call-Info: <https://a.example/i.png>;purpose=icon, <https://b.example/j>;purpose=jwscard"], "608", []),
    ("608 card on http, RFC 8688 §6", 608, "Rejected", ["Call-Info: <http://b.example/j>;purpose=jwscard"], "608",
     ["608-card-scheme"]),
    ("608 card without host", 608, "Rejected", ["Call-Info: <https:///j>;purpose=jwscard"], "608",
     ["608-card-scheme"]),
    ("608 two cards", 608, "Rejected", [CARD, CARD], "608", ["608-two-cards"]),
    ("608 before 603+ notice", 608, "Rejected", [CARD, f"Reason: {ANALYTICS}"], "608", []),
    ("608 made 603, card kept", 603, "Decline", [CARD], "608", ["608-status-changed"]),
    ("608 made 480, Reason kept, R8688-2", 480, "Temporarily Unavailable",
     ['Reason: SIP ;cause=608 ;text="Rejected"'], "608", ["608-in-reason"]),
    ("608 made 603, Reason kept", 603, "Decline", ["Reason: SIP;cause=608"], "608", ["608-in-reason"]),
    # standards.md 2.2: phrase and Reason, both needed
    ("603+", 603, "Network Blocked", [f"Reason: {ANALYTICS}"], "603plus", []),
    ("603+, phrase in capitals, FreeSWITCH compares without case", 603, "NETWORK BLOCKED", [f"Reason: {ANALYTICS}"],
     "603plus", []),
    ("603+ beside a Q.850 value, RFC 3326 §2", 603, "Network Blocked",
     [f"Reason: Q.850;cause=21;location=RLN, {ANALYTICS}"], "603plus", []),
    ("603+ with two SIP values, RFC 9366", 603, "Network Blocked",
     ['Reason: SIP;cause=603;text="Decline"', f"Reason: {ANALYTICS}"], "603plus_defective", ["603plus-two-values"]),
    ("603+ made 500 as behind Asterisk", 500, "Server Internal Error", [f"Reason: {ANALYTICS}"], "603plus_rewritten",
     ["603plus-status-changed", "603plus-phrase-lost"]),
    ("603+ made 403, phrase kept", 403, "Network Blocked", [f"Reason: {ANALYTICS}"], "603plus_rewritten",
     ["603plus-status-changed"]),
    ("603+ made 607: a machine spoke", 607, "Unwanted", [f"Reason: {ANALYTICS}"], "603plus_rewritten",
     ["603plus-status-changed", "603plus-phrase-lost"]),
    ("603+ before Twilio's header", 603, "Network Blocked", [f"Reason: {ANALYTICS}", "X-Twilio-Error: 32203"],
     "603plus", []),
    ("603+ made 487 is still found", 487, "Request Terminated", [f"Reason: {ANALYTICS}"], "603plus_rewritten",
     ["603plus-status-changed", "603plus-phrase-lost"]),
    ("phrase alone", 603, "Network Blocked", [], "603plus_defective", ["603plus-no-reason"]),
    # RFC 8197 §4
    ("607", 607, "Unwanted", [], "607", []),
    ("607 made 603, Reason kept, R8197-2", 603, "Decline", ["Reason: SIP;cause=607"], "607", ["607-in-reason"]),
    # RFC 8224 §6.2.2
    ("428", 428, "Use Identity Header", [], "stir", []),
    ("436", 436, "Bad Identity Info", [], "stir", []),
    ("437", 437, "Unsupported Credential", [], "stir", []),
    ("438", 438, "Invalid PASSporT", [], "stir", []),
    ("403 Stale Date", 403, "Stale Date", [], "stir", []),
    ("403 stale date", 403, "stale date", [], "stir", []),
    # RFC 9410 §4, §5
    ("486 and a STIR failure that was let pass", 486, "Busy Here", ['Reason: STIR;cause=436;text="Bad Identity Info"'],
     "stir", ["stir-in-reason"]),
    ("Stale Date with protocol SIP", 480, "Temporarily Unavailable", ['Reason: SIP;cause=403;text="Stale Date"'],
     "stir", ["stir-in-reason"]),
    ("STIR below a network cause", 403, "Forbidden", ["Reason: STIR;cause=436", "Reason: Q.850;cause=21;location=LN"],
     "network_cause", []),
    # livekit/sip pull request 737: Twilio's header on any status
    ("Twilio 32203", 603, "Decline", ["X-Twilio-Error: 32203"], "provider", []),
    ("Twilio on 486", 486, "Busy Here", ["X-Twilio-Error: 32009 busy"], "provider", []),
    # RFC 8606: location of a Q.850 cause
    *((f"603 with Q.850;21 from {where}", 603, "Decline", [f"Reason: Q.850;cause=21;location={where}"],
       "network_cause", []) for where in ("LN", "TN", "RLN", "LPN", "RPN", "INTL", "BI", "rln")),
    ("403 with Q.850;57 from TN, RFC 3398 §7.2.4.1", 403, "Forbidden", ["Reason: Q.850;cause=57;location=TN"],
     "network_cause", []),
    ("603 with Q.850;21 from the user", 603, "Decline", ["Reason: Q.850;cause=21;location=U"], "603", []),
    ("603 with Q.850;21, no location", 603, "Decline", ["Reason: Q.850;cause=21"], "603", []),
    ("603 with Q.850;16 from a network is no rejection", 603, "Decline", ["Reason: Q.850;cause=16;location=RLN"],
     "603", []),
    ("location counts for Q.850 only, RFC 8606 §4", 603, "Decline", ["Reason: SIP;cause=603;location=RLN"], "603", []),
    # RFC 3261 §21.6.2, §21.4.4
    ("603 plain", 603, "Decline", [], "603", []),
    ("603 without phrase", 603, "", [], "603", []),
    ("403 plain", 403, "Forbidden", [], "403", []),
    ("403 with an unreadable Reason", 403, "Forbidden", ["Reason: ;;;"], "403", []),
]  # fmt: skip


@pytest.mark.parametrize(("status", "phrase", "headers", "kind", "expected"), [c[1:] for c in _CASES],
                         ids=[c[0] for c in _CASES])  # fmt: skip
def test_kinds(status: int, phrase: str, headers: list[str], kind: str, expected: list[str]) -> None:
    refusal = read_response(status, phrase, *headers)
    assert refusal.kind == kind
    assert [slug.removeprefix("signals-") for slug in slugs(refusal)] == expected
    assert (refusal.carried_in, refusal.code, refusal.phrase) == ("response", status, phrase)


def test_every_kind_has_a_case() -> None:
    assert {case[4] for case in _CASES} | {"603plus_defective"} == set(KINDS)


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("100", response(100, "Trying")),
        ("183 with a STIR failure", response(183, "Session Progress", "Reason: STIR;cause=436")),
        ("200", response(200, "OK", f"Reason: {ANALYTICS}")),
        ("302", response(302, "Moved Temporarily", "Reason: STIR;cause=436")),
        ("401", response(401, "Unauthorized", "X-Twilio-Error: 20003")),
        ("407", response(407, "Proxy Authentication Required")),
        ("404", response(404, "Not Found")),
        ("404 with words", response(404, "Spam filter not found")),
        ("480", response(480, "Temporarily Unavailable", "Reason: Q.850;cause=20;location=RLN")),
        ("486", response(486, "Busy Here", 'Reason: Q.850;cause=17;text="User busy"')),
        ("486 with a plain SIP Reason", response(486, "Busy Here", 'Reason: SIP;cause=486;text="Busy Here"')),
        ("487", response(487, "Request Terminated", "Reason: SIP;cause=607")),
        ("503", response(503, "Service Unavailable")),
        ("604", response(604, "Does Not Exist Anywhere")),
        ("INVITE", request("INVITE", "Reason: SIP;cause=608")),
        ("BYE without Reason", request("BYE")),
        ("BYE after a normal call", request("BYE", 'Reason: Q.850;cause=16;text="Normal call clearing"')),
        ("BYE rejected by Q.850 says not who", request("BYE", "Reason: Q.850;cause=21;location=RLN")),
        ("CANCEL answered elsewhere", request("CANCEL", 'Reason: SIP;cause=200;text="Call completed elsewhere"')),
        ("CANCEL after a plain decline", request("CANCEL", 'Reason: SIP;cause=603;text="Decline"')),
    ],
)
def test_refuses_nothing(label: str, message: object) -> None:
    assert read(message) is None  # type: ignore[arg-type]


def test_malformed_refuses_nothing() -> None:
    message = decode(b"not SIP at all")
    assert isinstance(message, Malformed)
    assert read(message) is None


@pytest.mark.parametrize(
    ("method", "reason", "kind", "code", "phrase", "expected"),
    [
        # RFC 8197 §4 (R8197-2): in a BYE by the called party, in a CANCEL by a forking proxy
        ("BYE", 'SIP;cause=607;text="Unwanted"', "607", 607, "Unwanted", []),
        ("CANCEL", "sip ; cause=607", "607", 607, "", []),
        ("CANCEL", 'Q.850;cause=31, SIP;cause=607;text="Unwanted"', "607", 607, "Unwanted", []),
        # RFC 8688 §3.1 (R8688-2)
        ("BYE", 'SIP ;cause=608 ;text="Rejected"', "608", 608, "Rejected", ["signals-608-in-reason"]),
        ("CANCEL", "SIP;cause=608", "608", 608, "", ["signals-608-in-reason"]),
        # standards.md 2.2: the notice without its response
        ("CANCEL", ANALYTICS, "603plus_defective", 603, "v=analytics1;url=https://example.com/redress",
         ["signals-603plus-in-request"]),
    ],
)  # fmt: skip
def test_requests(method: str, reason: str, kind: str, code: int, phrase: str, expected: list[str]) -> None:
    refusal = read(request(method, f"Reason: {reason}"))
    assert refusal is not None
    assert (refusal.kind, refusal.carried_in) == (kind, method.lower())
    assert (refusal.code, refusal.phrase) == (code, phrase)
    assert slugs(refusal) == expected
    assert refusal.reason == reason


def test_contact_of_a_608_with_another_purpose_is_kept() -> None:
    """R8688-4 is broken, and the caller needs the contact all the same."""
    refusal = read_response(608, "Rejected", "Call-Info: <https://B.Example.:8443/j>;purpose=card")
    assert (refusal.card_uri, refusal.blocker) == ("https://B.Example.:8443/j", "b.example")


def test_contact_in_the_reason_of_a_608() -> None:
    refusal = read_response(608, "Rejected", CARD, f"Reason: {ANALYTICS}")
    assert (refusal.url, refusal.blocker) == ("https://example.com/redress", "example.com")
    assert refusal.card_uri == "https://block.example.net/card"


def test_all_reasons_are_kept_as_sent() -> None:
    """RFC 3326 §2: several headers and several values in one are the same."""
    refusal = read_response(603, "Decline", "Reason: Q.850 ; cause=21;location=U", 'Reason: X;text="a, b"')
    assert refusal.reason == 'Q.850 ; cause=21;location=U, X;text="a, b"'
    assert (refusal.q850_cause, refusal.sip_cause, refusal.location) == (21, None, "U")


def test_location_of_the_cause_that_decided() -> None:
    """RFC 8606 §4: the location belongs to its own value, so the network's rejection names the network."""
    refusal = read_response(603, "Decline", "Reason: Q.850;cause=16;location=U, Q.850;cause=21;location=tn")
    assert (refusal.kind, refusal.location) == ("network_cause", "TN")


def test_unknown_location_is_kept_as_sent() -> None:
    """RFC 8606 §4: unknown tokens are ignored, not lost."""
    refusal = read_response(603, "Decline", "Reason: Q.850;cause=21;location=Loc-6")
    assert (refusal.kind, refusal.location) == ("603", "Loc-6")
