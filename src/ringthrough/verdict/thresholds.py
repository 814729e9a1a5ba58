"""Every number that a rule compares with, by name, with where it comes from. Times are milliseconds."""

from __future__ import annotations

__all__ = [
    "ANNOUNCEMENT_TALK_MS",
    "FAST_MS",
    "GIVE_UP_MS",
    "HUMAN_MS",
    "NEAR_HOP_MS",
    "PATIENCE_MS",
    "RING_OUT_MS",
    "SHORT_RECORD_MS",
    "STALL_MS",
    "TDM_IMAGE_FROM_US",
    "TIMEOUT_MS",
    "TIMER_B_MS",
    "USUAL_WAIT_MS",
]

HUMAN_MS = 1_000
"Ringing shorter than this leaves a person no time to decline: to see, decide and press takes about 1 s."
FAST_MS = 1_500
"A refusal faster than this, without ringing, may be a machine's: analytics blocks were seen to take 50 to 1,500 ms."
RING_OUT_MS = 15_000
"A caller who gives up after this much ringing was not answered; one who gives up earlier abandoned the call."
SHORT_RECORD_MS = 2_000
"A record that counts whole seconds and says 0 or 1: the call was over within 2 s, before a phone rings."
GIVE_UP_MS = 18_000
"A refusal after this much ringing is the network giving up: timers of 18 to 20 s were seen to end in a 603."
STALL_MS = 32_000
"Silence after a 100 Trying that counts as a stall in full: 64 x T1 of 500 ms, RFC 3261 §17.1.1.2 and appendix A."
TIMER_B_MS = 32_000
"An INVITE that nobody answered has timed out: Timer B, 64 x T1, RFC 3261 §17.1.1.2."
PATIENCE_MS = 11_000
"Post-selection delay that 95 of 100 international calls should stay below, ITU-T E.721: until then waiting is normal."
USUAL_WAIT_MS = 5_000
"Post-selection delay that national calls should keep on average, ITU-T E.721: a CANCEL before that shows no stall."
NEAR_HOP_MS = 300
"A refusal this fast comes from the own provider, one hop away; networks further on take longer to refuse."
TIMEOUT_MS = 4_000
"A 408 sooner than this reports no time-out of its own: T2, the longest interval of a retransmission, RFC 3261 app. A."
ANNOUNCEMENT_TALK_MS = 10_000
"An answer shorter than this that the far side ends may be an announcement (short duration as SDP10: below 10 s)."
TDM_IMAGE_FROM_US = 1_774_396_800_000_000
"2026-03-25 00:00 UTC, when 47 CFR 64.1200(k)(9) took effect: a block behind a TDM hop may be a plain 603."
