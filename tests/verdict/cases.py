"""Labelled calls: what happened, what the capture shows of it, and the verdict and rule that are owed."""

from __future__ import annotations

from typing import Any, NamedTuple

from ringthrough.calls.schema import Call

from .rows import call

BEFORE_THE_RULE_US = 1_700_000_000_000_000  # 2023-11-14, when a plain 603 was not yet the image of a block
RESPONSE = "response"


class Case(NamedTuple):
    """One labelled call."""

    label: str
    row: Call
    verdict: str
    rule: str
    hidden: bool = False


def _case(label: str, verdict: str, rule: str, *, hidden: bool = False, **facts: Any) -> Case:
    return Case(label, call(**facts), verdict, rule, hidden)


def _ended(code: int, phrase: str, **facts: Any) -> dict[str, Any]:
    return {"final_code": code, "final_phrase": phrase, "trying_ms": 3, "setup_ms": 2500} | facts


def _rang(code: int, phrase: str, ring_ms: int, **facts: Any) -> dict[str, Any]:
    return _ended(code, phrase, pdd_ms=1200, ring_ms=ring_ms, setup_ms=1200 + ring_ms) | facts


def _fast(code: int, phrase: str, **facts: Any) -> dict[str, Any]:
    return _ended(code, phrase, setup_ms=180) | facts


def _said(signal: str, **facts: Any) -> dict[str, Any]:
    return {"signal": signal, "signal_in": RESPONSE} | facts


_TALK = {"talk_ms": 64_000, "ended_by": "caller"}
_NETWORK_BLOCKED = {"signal_code": 603, "signal_phrase": "Network Blocked"}

ANSWERED = (
    _case("answered and talked", "answered", "answered", **_rang(200, "OK", 8000, **_TALK)),
    _case(
        "answered after an earlier 603+", "answered", "answered", **_rang(200, "OK", 8000, **_TALK, **_said("603plus"))
    ),
    _case("answered on another branch than 607", "answered", "answered", **_rang(200, "OK", 900, **_said("607"))),
    _case("answered at once by a menu", "answered", "answered", **_fast(200, "OK", **_TALK)),
    _case(
        "answered, though a farther leg declined", "answered", "answered", far_code=603, **_rang(200, "OK", 1, **_TALK)
    ),
    _case("answered with 202", "answered", "answered", **_fast(202, "Accepted", **_TALK)),
    _case("talking when the capture ends", "answered", "answered-cut", cut="end", **_rang(200, "OK", 8000)),
    _case("announcement", "answered", "answered-by-announcement", **_fast(200, "OK", talk_ms=7000, ended_by="callee")),
    _case(
        "607 in the BYE",
        "unwanted",
        "unwanted-after-answer",
        **_rang(200, "OK", 8000, talk_ms=9000, ended_by="callee", signal="607", signal_in="bye"),
    ),
    _case(
        "608 in the BYE",
        "network_blocked",
        "blocked-after-answer",
        **_fast(200, "OK", talk_ms=3000, ended_by="callee", signal="608", signal_in="bye", reason="SIP;cause=608"),
    ),
    _case(
        "only a 607 in a BYE was seen", "unwanted", "unwanted-after-answer", method="", signal="607", signal_in="bye"
    ),
    _case("only a BYE was seen", "incomplete", "begins-before-capture", method="", cut="start", ended_by="caller"),
    _case("only a 603 was seen", "incomplete", "begins-before-capture", method="", final_code=603, signal="603"),
    _case("only a 200 was seen", "incomplete", "begins-before-capture", method="", final_code=200, cut="start"),
)

SIGNALS = (
    _case("607 button", "unwanted", "607-after-ringing", **_rang(607, "Unwanted", 6000, **_said("607"))),
    _case("607 without ringing", "unwanted", "607", **_fast(607, "Unwanted", **_said("607"))),
    _case("607 in a CANCEL", "unwanted", "607", final_code=487, signal="607", signal_in="cancel", cancel_ms=4000),
    _case(
        "608 with a card",
        "network_blocked",
        "608",
        **_fast(608, "Rejected", **_said("608", card_uri="https://b.example/c")),
    ),
    _case(
        "608 with two cards",
        "network_blocked",
        "608-defective",
        **_fast(608, "Rejected", **_said("608", card_uri="https://b.example/c", defects="signals-608-two-cards")),
    ),
    _case(
        "608 without a card",
        "network_blocked",
        "608-without-contact",
        **_fast(608, "Rejected", **_said("608", defects="signals-608-no-card")),
    ),
    _case(
        "608 that became 500",
        "network_blocked",
        "608-rewritten",
        **_fast(
            500, "Server Internal Error", server="Asterisk PBX 20", far_code=608, far_phrase="Rejected", **_said("608")
        ),
    ),
    _case(
        "608 in a CANCEL", "network_blocked", "608-without-contact", final_code=487, signal="608", signal_in="cancel"
    ),
    _case(
        "603+",
        "network_blocked",
        "603plus",
        **_fast(603, "Network Blocked", **_said("603plus", location="RLN", **_NETWORK_BLOCKED)),
    ),
    _case(
        "603+ after ringing", "network_blocked", "603plus", **_rang(603, "Network Blocked", 2000, **_said("603plus"))
    ),
    _case("603+ seen without its INVITE", "network_blocked", "603plus", method="", final_code=603, **_said("603plus")),
    _case(
        "603+ whose phrase became Decline",
        "network_blocked",
        "603plus-rewritten",
        **_fast(603, "Decline", **_said("603plus_rewritten", signal_code=603, signal_phrase="Decline")),
    ),
    _case(
        "603+ without contact",
        "network_blocked",
        "603plus-defective",
        **_fast(603, "Network Blocked", **_said("603plus_defective", defects="signals-603plus-no-contact")),
    ),
    _case(
        "403 with cause 21 from a network",
        "network_blocked",
        "network-cause",
        **_fast(403, "Forbidden", **_said("network_cause", q850_cause=21, location="RLN")),
    ),
    _case(
        "603 with cause 21 from a network",
        "network_blocked",
        "network-cause",
        **_fast(603, "Decline", **_said("network_cause", q850_cause=21, location="LN")),
    ),
    _case(
        "603 with cause 21 from a network after ringing",
        "network_blocked",
        "network-cause-after-ringing",
        **_rang(603, "Decline", 7000, **_said("network_cause", q850_cause=21, location="RLN")),
    ),
    _case(
        "403 with cause 17 from a network says busy",
        "busy",
        "cause-busy",
        **_fast(403, "Forbidden", **_said("network_cause", q850_cause=17, location="LN")),
    ),
    _case(
        "Twilio block as 603 Decline",
        "provider_blocked",
        "provider",
        **_fast(603, "Decline", **_said("provider", provider_code="32203")),
    ),
    _case("403 Stale Date", "identity_failed", "stir", **_fast(403, "Stale Date", **_said("stir"))),
    _case("438", "identity_failed", "stir", **_fast(438, "Invalid Identity Header", **_said("stir"))),
    _case("603 with a Reason STIR", "identity_failed", "stir-other-code", **_fast(603, "Decline", **_said("stir"))),
    _case("486 with a Reason STIR is busy", "busy", "busy", **_fast(486, "Busy Here", **_said("stir"))),
    _case(
        "603 with a Reason STIR after ringing",
        "declined",
        "603-after-ringing",
        **_rang(603, "Decline", 5000, **_said("stir")),
    ),
    _case("428 in a table without signals", "identity_failed", "stir-code", **_fast(428, "Use Identity Header")),
)

UNFINISHED = (
    _case(
        "forked phone, answered on another one",
        "answered",
        "answered-elsewhere",
        **_rang(487, "Request Terminated", 3000, sip_cause=200, cancel_ms=4200, reason="SIP;cause=200"),
    ),
    _case("rang for 15 s", "no_answer", "rang-out", **_rang(487, "Request Terminated", 15_000, cancel_ms=16_200)),
    _case(
        "rang for 14.999 s",
        "abandoned",
        "abandoned-ringing",
        **_rang(487, "Request Terminated", 14_999, cancel_ms=16_199),
    ),
    _case("rang out, 487 lost", "no_answer", "rang-out", trying_ms=3, pdd_ms=900, ring_ms=28_000, cancel_ms=28_900),
    _case(
        "cancelled during early media",
        "abandoned",
        "abandoned-early-media",
        **_ended(487, "Request Terminated", pdd_ms=800, early_media=True, cancel_ms=30_000),
    ),
    _case(
        "100, then nothing until CANCEL at 40 s",
        "stalled",
        "stalled-cancelled",
        **_ended(487, "Request Terminated", cancel_ms=40_000, silence_ms=39_997, last_hop="192.0.2.7:5060"),
    ),
    _case(
        "100, then nothing until CANCEL at 12 s",
        "stalled",
        "stalled-given-up",
        trying_ms=3,
        cancel_ms=12_000,
        silence_ms=11_997,
    ),
    _case("100, then 487 without CANCEL", "stalled", "stalled-given-up", **_ended(487, "Request Terminated")),
    _case(
        "100, then nothing until CANCEL at 5 s",
        "stalled",
        "stalled-briefly",
        trying_ms=3,
        cancel_ms=5000,
        silence_ms=4997,
    ),
    _case(
        "100, then CANCEL at 3 s", "abandoned", "abandoned-before-ringing", trying_ms=3, cancel_ms=3000, silence_ms=2997
    ),
    _case("487 and nothing else", "abandoned", "abandoned-before-ringing", final_code=487, cancel_ms=900),
    _case("100, then nothing for 32 s", "stalled", "stalled", trying_ms=3, silence_ms=32_000),
    _case(
        "100, then nothing for 40 s until the capture ends",
        "stalled",
        "stalled",
        trying_ms=3,
        silence_ms=40_000,
        cut="end",
    ),
    _case("no answer to the INVITE", "failed", "no-response", silence_ms=32_000),
    _case("no answer to the INVITE, cut after 33 s", "failed", "no-response", silence_ms=33_000, cut="end"),
    _case("no answer to the INVITE, cancelled", "failed", "no-response", cancel_ms=5000, silence_ms=5000),
    _case("INVITE at the end of the capture", "incomplete", "cut-by-end", silence_ms=900, cut="end"),
    _case(
        "ringing at the end of the capture",
        "incomplete",
        "cut-by-end",
        trying_ms=3,
        pdd_ms=900,
        ring_ms=4000,
        silence_ms=4000,
        cut="end",
    ),
    _case("100 at the end of the capture", "incomplete", "cut-by-end", trying_ms=3, silence_ms=31_999, cut="both"),
    _case("100, and no end in the capture", "stalled", "stalled-unseen-end", trying_ms=3),
    _case("ringing, and no end in the capture", "incomplete", "end-not-seen", trying_ms=3, pdd_ms=900, ring_ms=4000),
)

_CAUSE_21_U = {"signal": "603", "signal_in": RESPONSE, "q850_cause": 21, "location": "U"}

RINGING = (
    _case("603 after 1 s of ringing", "declined", "603-after-ringing", **_rang(603, "Decline", 1000, **_said("603"))),
    _case("603 after 17.999 s of ringing", "declined", "603-after-ringing", **_rang(603, "Decline", 17_999)),
    _case("603 after 18 s of ringing", "no_answer", "refused-after-long-ringing", **_rang(603, "Decline", 18_000)),
    _case(
        "603 from the user after ringing", "declined", "603-after-ringing", **_rang(603, "Decline", 5000, **_CAUSE_21_U)
    ),
    _case("486 after ringing", "declined", "486-after-ringing", **_rang(486, "Busy Here", 5000)),
    _case("480 after 30 s of ringing", "no_answer", "480-rang-out", **_rang(480, "Temporarily Unavailable", 30_000)),
    _case("480 after 15 s of ringing", "no_answer", "480-rang-out", **_rang(480, "Temporarily Unavailable", 15_000)),
    _case("480 after 5 s of ringing", "declined", "480-after-ringing", **_rang(480, "Temporarily Unavailable", 5000)),
    _case(
        "480 with cause 19",
        "no_answer",
        "cause-no-answer",
        **_rang(480, "Temporarily Unavailable", 5000, q850_cause=19),
    ),
    _case("403 after ringing", "declined", "403-after-ringing", **_rang(403, "Forbidden", 5000, **_said("403"))),
    _case("408 after ringing", "no_answer", "408-after-ringing", **_rang(408, "Request Timeout", 30_000)),
    _case(
        "403 far behind, 500 from Asterisk, after ringing",
        "declined",
        "403-after-ringing",
        far_code=403,
        **_rang(500, "Server Internal Error", 5000),
    ),
)

_UNKNOWN = "unknown_rejection"

CODES = (
    _case(
        "fast 503 with cause 17", "busy", "cause-busy", hidden=True, **_fast(503, "Service Unavailable", q850_cause=17)
    ),
    _case("480 with cause 1", "bad_number", "cause-bad-number", **_ended(480, "Temporarily Unavailable", q850_cause=1)),
    _case("503 with cause 34", "failed", "cause-network", **_ended(503, "Service Unavailable", q850_cause=34)),
    _case("603 with cause 24", "declined", "cause-feature", **_ended(603, "Decline", q850_cause=24)),
    _case("433", "declined", "anonymous-refused", **_fast(433, "Anonymity Disallowed")),
    _case("403 with cause 57", "unauthorized", "cause-not-authorised", **_ended(403, "Forbidden", q850_cause=57)),
    _case(
        "403 with CLI in its phrase", "provider_blocked", "words-of-a-provider", **_fast(403, "Invalid CLI (format)")
    ),
    _case(
        "403 at once after credentials",
        "unauthorized",
        "403-after-credentials",
        challenges=1,
        **_fast(403, "Forbidden", final_ms=60, **_said("403")),
    ),
    _case(
        "403 some time after credentials", _UNKNOWN, "403", hidden=True, challenges=1, **_fast(403, "", final_ms=700)
    ),
    _case("403 with clip in its phrase", _UNKNOWN, "403", hidden=True, **_fast(403, "clip")),
    _case(
        "fast 603 with cause 21 from the user",
        _UNKNOWN,
        "603-user-cause",
        hidden=True,
        **_fast(603, "Decline", **_CAUSE_21_U),
    ),
    _case(
        "603 after an announcement",
        _UNKNOWN,
        "603-early-media",
        **_ended(603, "Decline", pdd_ms=700, early_media=True, **_said("603")),
    ),
    _case("603 after 0.2 s of ringing", _UNKNOWN, "603-before-a-person-could", **_rang(603, "Decline", 200)),
    _case("a lone fast 603", _UNKNOWN, "603-without-ringing", hidden=True, **_fast(603, "Decline", **_said("603"))),
    _case("a slow 603", _UNKNOWN, "603-without-ringing", **_ended(603, "Decline", **_said("603"))),
    _case(
        "a fast 603 after a challenge",
        _UNKNOWN,
        "603-without-ringing",
        hidden=True,
        **_ended(603, "Decline", final_ms=90),
    ),
    _case("a fast 603 to a scanner", _UNKNOWN, "603-without-ringing", kind="scanner", **_fast(603, "Decline")),
    _case("603 of unknown speed", _UNKNOWN, "603-without-ringing", final_code=603),
    _case("a fast 403", _UNKNOWN, "403", hidden=True, **_fast(403, "Forbidden", **_said("403"))),
    _case(
        "a fast 403 from Asterisk", _UNKNOWN, "403", hidden=True, **_fast(403, "Forbidden", server="Asterisk PBX 18.9")
    ),
    _case("a fast 486", "busy", "busy", hidden=True, **_fast(486, "Busy Here")),
    _case("a slow 486", "busy", "busy", **_ended(486, "Busy Here")),
    _case("600", "busy", "busy", **_ended(600, "Busy Everywhere")),
    _case("480 with cause 31", "no_answer", "480-interworking", hidden=True, **_fast(480, "", q850_cause=31)),
    _case("a fast 480", "no_answer", "480-without-ringing", hidden=True, **_fast(480, "Temporarily Unavailable")),
    _case("100, then 408", "stalled", "stalled-timeout", **_ended(408, "Request Timeout", setup_ms=32_003)),
    _case("408 at once", "failed", "408", **_fast(408, "Request Timeout")),
    _case("408 without a 100", "failed", "408", final_code=408, setup_ms=32_000),
    _case("404 with cause 3", "failed", "no-route", **_ended(404, "Not Found", q850_cause=3)),
    _case("a fast 404", "bad_number", "404", hidden=True, **_fast(404, "Not Found")),
    _case("604", "bad_number", "604", **_ended(604, "Does Not Exist Anywhere")),
    _case("484", "bad_number", "484", **_fast(484, "Address Incomplete")),
    _case("410", "bad_number", "410", **_fast(410, "Gone")),
    _case("401 where the capture ends", "incomplete", "cut-before-retry", cut="end", **_fast(401, "Unauthorized")),
    _case("407 at last", "unauthorized", "credentials", challenges=1, **_fast(407, "Proxy Authentication Required")),
    _case("402", "unauthorized", "payment", **_fast(402, "Payment Required")),
    _case(
        "500 from Asterisk",
        "failed",
        "500-asterisk",
        hidden=True,
        **_fast(500, "Server Internal Error", server="ASTERISK"),
    ),
    _case("a fast 503", "failed", "server-failure", hidden=True, **_fast(503, "Service Unavailable")),
    _case("504", "failed", "server-failure", **_ended(504, "Server Time-out")),
    _case("488", "failed", "media", hidden=True, **_fast(488, "Not Acceptable Here")),
    _case("483", "failed", "loop", **_fast(483, "Too Many Hops")),
    _case("302 that nobody followed", "failed", "redirect", **_fast(302, "Moved Temporarily")),
    _case("499", "failed", "other-4xx", **_fast(499, "")),
    _case("513", "failed", "other-5xx", **_fast(513, "Message Too Large")),
    _case("607 in a table without signals", "unwanted", "607-unread", **_fast(607, "Unwanted")),
    _case("608 in a table without signals", "network_blocked", "608-unread", **_fast(608, "Rejected")),
    _case("699", _UNKNOWN, "unlisted", **_fast(699, "")),
    _case("far 603 behind a 480", _UNKNOWN, "603-without-ringing", hidden=True, far_code=603, **_fast(480, "")),
    _case("far 487 behind a 480 is a time-out", "no_answer", "480-rang-out", far_code=487, **_rang(480, "", 16_000)),
)

_SHORT = {"talk_ms": 9999, "ended_by": "callee"}
_SENT = {"challenges": 1, "final_code": 403, "trying_ms": 3, "setup_ms": 2500}

EDGES = (
    _case("answered just too fast for a person", "answered", "answered-by-announcement", **_fast(200, "OK") | _SHORT),
    _case("answered at 1 s", "answered", "answered", **_ended(200, "OK", **_SHORT) | {"setup_ms": 1000}),
    _case("talked for 10 s", "answered", "answered", **_fast(200, "OK") | _SHORT | {"talk_ms": 10_000}),
    _case("603 at 1.499 s", _UNKNOWN, "603-without-ringing", hidden=True, final_code=603, setup_ms=1499),
    _case("603 at 1.5 s", _UNKNOWN, "603-without-ringing", final_code=603, setup_ms=1500),
    _case("408 at 3.999 s", "failed", "408", **_ended(408, "") | {"setup_ms": 3999}),
    _case("408 at 4 s", "stalled", "stalled-timeout", **_ended(408, "") | {"setup_ms": 4000}),
    _case("403 299 ms after credentials", "unauthorized", "403-after-credentials", final_ms=299, **_SENT),
    _case("403 300 ms after credentials", _UNKNOWN, "403", hidden=True, final_ms=300, **_SENT),
    _case("a word between signs", "provider_blocked", "words-of-a-provider", **_fast(603, "No(Spam)!")),
    _case("a word group between signs", "provider_blocked", "words-of-a-provider", **_fast(603, "bad:caller-id;")),
    _case("a word within a word", _UNKNOWN, "603-without-ringing", hidden=True, **_fast(603, "nospam spams")),
    _case("a word at a quote", _UNKNOWN, "603-without-ringing", hidden=True, **_fast(603, "'spam' \\spam\\")),
)


def _record(label: str, verdict: str, rule: str, *, hidden: bool = False, **facts: Any) -> Case:
    blind = {"source": "cdr asterisk-csv", "blind_to": "code reason ringing times"}
    return _case(label, verdict, rule, hidden=hidden, **blind | facts)


_NO_WORDS = {"blind_to": "reason ringing times"}
_ONE_SECOND = {"setup_ms": 1000}

RECORDS = (
    _record("ANSWERED", "answered", "record-answered", outcome="answered", outcome_text="ANSWERED", talk_ms=43_000),
    _record(
        "603 Network Blocked without its Reason", "network_blocked", "record-603plus", final_code=603,
        final_phrase="Network Blocked", **_said("603plus_defective", signal_phrase="Network Blocked"), **_NO_WORDS,
    ),
    _record("UNWANTED", "unwanted", "record-607", final_code=607, **_said("607"), **_NO_WORDS),
    _record("487", "abandoned", "record-487", final_code=487, **_NO_WORDS),
    _record("603 after a second", _UNKNOWN, "record-603", hidden=True, final_code=603, **_ONE_SECOND, **_NO_WORDS),
    _record("603 with cause 21", _UNKNOWN, "record-603", final_code=603, q850_cause=21, **_NO_WORDS),
    _record("603 with cause 17 is busy", "busy", "cause-busy", final_code=603, q850_cause=17, **_NO_WORDS),
    _record("603 spam", "provider_blocked", "words-of-a-provider", final_code=603, final_phrase="Spam", **_NO_WORDS),
    _record("603 where ringing is kept", _UNKNOWN, "603-without-ringing", final_code=603, blind_to="reason"),
    _record("486", "busy", "record-busy-status", final_code=486, setup_ms=4000, **_NO_WORDS),
    _record("480", "no_answer", "record-480", final_code=480, **_NO_WORDS),
    _record("404", "bad_number", "404", final_code=404, **_NO_WORDS),
    _record("BLOCKED", "provider_blocked", "record-blocked", outcome="blocked", outcome_text="BLOCKED"),
    _record("603+ and blocked", "network_blocked", "603plus", outcome="blocked", **_said("603plus")),
    _record("rang out", "no_answer", "record-rang-out", outcome="no_answer", ring_ms=20_000, blind_to="code reason"),
    _record("CANCEL", "abandoned", "record-abandoned", outcome="cancelled", cancel_ms=9000, setup_ms=9000),
    _record("21 after ringing", "declined", "record-cause-rejected", q850_cause=21, ring_ms=4000, outcome="rejected"),
    _record("21 at once", _UNKNOWN, "record-cause-21", hidden=True, q850_cause=21, setup_ms=0, outcome="rejected"),
    _record("21 and NO ANSWER", _UNKNOWN, "record-cause-21", q850_cause=21, setup_ms=4000, outcome="no_answer"),
    _record("17", "busy", "record-cause-busy", q850_cause=17),
    _record("19", "no_answer", "record-cause-no-answer", q850_cause=19, setup_ms=30_000),
    _record("1", "bad_number", "record-cause-bad-number", q850_cause=1, outcome="failed"),
    _record("34", "failed", "record-cause-network", q850_cause=34, outcome="congestion"),
    _record(
        "NO ANSWER after a second", _UNKNOWN, "record-short-no-answer", hidden=True, outcome="no_answer", **_ONE_SECOND
    ),
    _record("NO ANSWER after two seconds", "no_answer", "record-no-answer", outcome="no_answer", setup_ms=2000),
    _record("BUSY", "busy", "record-busy", outcome="busy", setup_ms=2000),
    _record("rejected", _UNKNOWN, "record-rejected", outcome="rejected", setup_ms=4000),
    _record("invalid", "bad_number", "record-invalid", outcome="invalid"),
    _record("FAILED", "failed", "record-failed", outcome="failed", setup_ms=5000),
    _record("CONGESTION", "failed", "record-failed", outcome="congestion", setup_ms=5000),
    _record("cause 16 and no word", "incomplete", "record-without-end", q850_cause=16),
    _record("queued", "incomplete", "record-without-end"),
)  # fmt: skip

CASES = (*ANSWERED, *SIGNALS, *UNFINISHED, *RINGING, *CODES, *EDGES, *RECORDS)
