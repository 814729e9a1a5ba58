"""Pastes made by hand, each with what a person expects of it."""

from __future__ import annotations

from typing import NamedTuple

NOTICE = 'SIP;cause=603;text="v=analytics1;url=https://fir.example.com;tel=+18005550100;id=77";location=RLN'
HEAD = """Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1
From: "Alice Smith" <sip:+12155550112@192.0.2.10>;tag=f1
To: <sip:+12125550199@198.51.100.2>;tag=t1
Call-ID: abc-2155550112@192.0.2.10
CSeq: 1 INVITE
"""
BLOCKED = f"SIP/2.0 603 Network Blocked\n{HEAD}Reason: {NOTICE}\nContent-Length: 0\n\n"
TOKEN = (
    "eyJhbGciOiJFUzI1NiIsInBwdCI6InNoYWtlbiIsInR5cCI6InBhc3Nwb3J0IiwieDV1IjoiaHR0cHM6Ly9jZXJ0LmV4YW1wbGUvYS5jZXIifQ."
    "eyJhdHRlc3QiOiJBIiwiZGVzdCI6eyJ0biI6WyIxMjEyNTU1MDE5OSJdfSwiaWF0IjoxNDcxMzc1NDE4LCJvcmlnIjp7InRuIjoiMTIxNTU1NTAxM"
    "TIifSwib3JpZ2lkIjoiMTIzIn0.c2lnbmF0dXJlLXNpZ25hdHVyZS1zaWduYXR1cmU"
)
DIGEST = (
    'Proxy-Authorization: Digest username="alice", realm="example.com", nonce="n0nce", '
    'uri="sip:example.com", response="0123456789abcdef0123456789abcdef", algorithm=MD5'
)


class Paste(NamedTuple):
    label: str
    text: str
    kind: str
    entry: str
    origin: str
    "What the answer to the first question begins with."


def quoted(text: str, mark: str) -> str:
    return "\n".join(mark + line for line in text.split("\n"))


PASTES = (
    Paste("status line", "SIP/2.0 603 Decline", "status_line", "603", "Cannot be told"),
    Paste("status line, lower case", "sip/2.0 608 Rejected", "status_line", "608", "An algorithm"),
    Paste("code and phrase", "607 Unwanted", "status_line", "607", "A person"),
    Paste("code, phrase, prefix", "SIP: 486 Busy Here", "status_line", "486", "Neither"),
    Paste("603+ status line", "SIP/2.0 603 Network Blocked", "status_line", "603+", "An algorithm"),
    Paste("603+ whole", BLOCKED, "response", "603+", "An algorithm"),
    Paste("CRLF", BLOCKED.replace("\n", "\r\n"), "response", "603+", "An algorithm"),
    Paste("indented", quoted(BLOCKED, "      "), "response", "603+", "An algorithm"),
    Paste("mail", quoted(BLOCKED, "> > "), "response", "603+", "An algorithm"),
    Paste("box", quoted(BLOCKED, "│ "), "response", "603+", "An algorithm"),
    Paste("colours", BLOCKED.replace("SIP/2.0", "\x1b[1;31mSIP/2.0\x1b[0m"), "response", "603+", "An algorithm"),
    Paste("fence", f"```\n{BLOCKED}```", "response", "603+", "An algorithm"),
    Paste("log prefix", quoted(BLOCKED, "Nov 21 12:01:02 sbc sip[123]: INFO: "), "response", "603+", "An algorithm"),
    Paste("escapes", repr(BLOCKED.replace("\n", "\r\n")), "response", "603+", "An algorithm"),
    Paste("JSON", '"' + BLOCKED.replace('"', '\\"').replace("\n", "\\r\\n") + '",', "response", "603+", "An algorithm"),
    Paste("tshark", "    Status-Line: SIP/2.0 608 Rejected\n    Header\n", "status_line", "608", "An algorithm"),
    Paste("folded", BLOCKED.replace(";text=", "\n ;text="), "response", "603+", "An algorithm"),
    Paste("compact", "SIP/2.0 486 Busy\nv: SIP/2.0/UDP a;branch=z9hG4bK1\ni: x\n", "response", "486", "Neither"),
    Paste("Reason", f"Reason: {NOTICE}", "headers", "603+", "An algorithm"),
    Paste("Reason, no name", NOTICE, "headers", "603+", "An algorithm"),
    Paste("Reason, quoted", f"'{NOTICE}'", "headers", "603+", "An algorithm"),
    Paste("Reason, log", f"2026-11-21 12:00:01 [WARN] Reason: {NOTICE}", "headers", "603+", "An algorithm"),
    Paste("notice, no protocol", 'cause=603;text="v=analytics1;url=https://e.com"', "headers", "603+", "An algorithm"),
    Paste("Reason Q.850", "Reason: Q.850;cause=17", "headers", "Q.850:17", "Neither"),
    Paste("Reason 21", 'Reason: Q.850;cause=21;text="Call Rejected"', "headers", "Q.850:21", "Cannot be told"),
    Paste("Reason 21 network", "Reason: Q.850;cause=21;location=RLN", "headers", "603", "A policy or an algorithm"),
    Paste("Reason SIP 480", "Reason: SIP;cause=480", "headers", "480", "Neither"),
    Paste("Reason SIP 200", 'Reason: SIP;cause=200;text="Call completed elsewhere"', "headers", "", "Cannot be told"),
    Paste("Reason without cause", "Reason: SIP;text=no", "headers", "", "Cannot be told"),
    Paste("Reason, no protocol", "Reason: ;cause=1", "headers", "", "Cannot be told"),
    Paste("STIR", "Reason: STIR;cause=437;text=x;ppi=abc", "headers", "437", "A policy"),
    Paste("STIR stale", "Reason: STIR;cause=403", "headers", "403", "A policy"),
    Paste("STIR other", "Reason: STIR;cause=999", "headers", "", "Cannot be told"),
    Paste("Call-Info", "Call-Info: <https://b.example.net/c>;purpose=jwscard", "headers", "608", "An algorithm"),
    Paste("Call-Info, no name", "<https://b.example.net/c>;purpose=jwscard", "headers", "608", "An algorithm"),
    Paste("Call-Info icon", "Call-Info: <https://b.example.net/c>;purpose=icon", "headers", "", "Cannot be told"),
    Paste("Call-Info bad", "Call-Info: nonsense", "headers", "", "Cannot be told"),
    Paste("Identity", f"Identity: {TOKEN};info=<https://c.example/a>;alg=ES256;ppt=shaken", "headers", "", "Nothing"),
    Paste("Identity alone", TOKEN, "headers", "", "Nothing"),
    Paste("Warning", 'Warning: 399 sbc.example "blocked as spam"', "headers", "403", "A policy"),
    Paste("Warning, no name", '399 sbc.example "caller ID not allowed"', "headers", "403", "A policy"),
    Paste("Warning 304", 'Warning: 304 sbc.example "Media type"', "headers", "", "Cannot be told"),
    Paste("Warning bad", "Warning: hello", "headers", "", "Cannot be told"),
    Paste("Twilio", "X-Twilio-Error: 32203 blocked", "headers", "403", "A policy"),
    Paste("two Reasons", "Reason: SIP;cause=486\nReason: Q.850;cause=17", "headers", "486", "Neither"),
    Paste("Reason beside prose", f"The far end sent us this header:\n\nReason: {NOTICE}", "headers", "603+", "An algo"),
    Paste("status and Reason", f"SIP/2.0 603 Network Blocked\n\nReason: {NOTICE}", "response", "603+", "An algorithm"),
    Paste("request", f"INVITE sip:+12125550199@a SIP/2.0\n{HEAD}\nv=0\no=- 1 1 IN IP4 x\n", "request", "", "Noth"),
    Paste("BYE 607", f"BYE sip:a@b SIP/2.0\n{HEAD}Reason: SIP;cause=607;text=Unwanted\n", "request", "607", "A person"),
    Paste("401", f"SIP/2.0 401 Unauthorized\n{HEAD}", "response", "401", "Neither"),
    Paste("487", "SIP/2.0 487 Request Terminated", "status_line", "487", "Neither"),
    Paste("302", "SIP/2.0 302 Moved Temporarily", "status_line", "302", "Neither"),
    Paste("200", "SIP/2.0 200 OK", "status_line", "200", "Neither"),
    Paste("180", "SIP/2.0 180 Ringing", "status_line", "180", "Nobody yet"),
    Paste("503", "SIP/2.0 503 Service Unavailable", "status_line", "503", "Neither"),
    Paste("unknown 4xx", "SIP/2.0 499 Own Code", "status_line", "", "Cannot be told"),
    Paste("403 provider", "SIP/2.0 403 Caller ID is not allowed", "status_line", "403", "A policy"),
    Paste("603 Telnyx", "SIP/2.0 603 Origination is Invalid D35", "status_line", "603", "A policy"),
    Paste("cause", "cause=21", "cause", "Q.850:21", "Cannot be told"),
    Paste("cause, words", "Cause 21", "cause", "Q.850:21", "Cannot be told"),
    Paste("cause, commented", "Hangup cause: 21 (Call Rejected)", "cause", "Q.850:21", "Cannot be told"),
    Paste("ISDN cause", "isdn cause 17", "cause", "Q.850:17", "Neither"),
    Paste("JSON record", '{"hangup_cause": "USER_BUSY", "sip_term_status": "486"}', "cause", "486", "Neither"),
    Paste("Asterisk header", "X-Asterisk-HangupCauseCode: 17", "headers", "Q.850:17", "Neither"),
    Paste("Asterisk log", 'Got SIP response 608 "Rejected" back from 192.0.2.1', "status_line", "608", "An alg"),
    Paste("rewritten", f"SIP/2.0 480 Gone\nReason: {NOTICE}", "response", "603+", "An algorithm"),
    Paste("cause, bare", "21", "cause", "Q.850:21", "Cannot be told"),
    Paste("cause over 100, bare", "102", "cause", "Q.850:102", "Neither"),
    Paste("cause, Q.850", "q850:34", "cause", "Q.850:34", "Neither"),
    Paste("FreeSWITCH", "hangup_cause=CALL_REJECTED", "cause", "Q.850:21", "Cannot be told"),
    Paste("FreeSWITCH, bare", "NORMAL_CLEARING", "cause", "Q.850:16", "Neither"),
    Paste("FreeSWITCH unwanted", "hangup_cause: UNWANTED", "cause", "607", "A person"),
    Paste("sip:603", "proto_specific_hangup_cause=sip:603", "cause", "603", "Cannot be told"),
    Paste("sip:480 and 18", "sip_term_status=480, hangup_cause_q850=18", "cause", "480", "Neither"),
    Paste("cause barred", "cause=57", "cause", "Q.850:57", "A policy"),
    Paste("cause unknown", "cause=200", "cause", "", "Cannot be told"),
    Paste("ladder", "A -- INVITE -> B\nA <- 180 Ringing -- B\nA <- 603 Decline -- B", "ladder", "603", "A person"),
    Paste("ladder of arrows", "alice -> sbc: INVITE\nsbc -> alice: 608 Rejected", "ladder", "608", "An algorithm"),
    Paste("messages", f"{BLOCKED}\nSIP/2.0 603 Decline\n{HEAD}\n", "ladder", "603+", "An algorithm"),
    Paste("rang", f"SIP/2.0 180 Ringing\n{HEAD}\nSIP/2.0 603 Decline\n{HEAD}\n", "ladder", "603", "A person"),
    Paste("provisional twice", "SIP/2.0 100 Trying\n\nSIP/2.0 183 Session Progress", "ladder", "183", "Nobody yet"),
)  # fmt: skip
