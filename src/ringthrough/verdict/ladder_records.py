"""
Rules for call records: rows that came without messages, from a dialect that keeps some facts and never holds others.

Facts
- A record that keeps the SIP status is judged by the rules for statuses, unless they rest on ringing and the dialect
  does not say whether it rang (`blind_to`). Then the sentence says so, and the confidence is lower.
- Without a status, a Q.850 cause says more than the word of the dialect, because the words are made from causes.
- Cause 21 alone is never a block: gateways make it of 401, 403, 407 and 603, FreeSWITCH also of 402 and 608.
- A word for "blocked" that a provider writes into its own record is that provider's own word.
"""

from __future__ import annotations

from .conditions import All, AtLeast, Below, Contains, Is, Missing, Not, OneOf, Words
from .ladder_codes import BLOCK_WORDS
from .ladder_signals import EXPLICIT, RANG
from .rule import Rule
from .thresholds import RING_OUT_MS, SHORT_RECORD_MS

__all__ = ["RECORD_ANSWERED_RULES", "RECORD_RULES"]

_RECORD = Contains("source", "cdr ")
_BLIND = Words("blind_to", ("ringing",))
_NO_CODE = All(_RECORD, Missing("code"))
_WORD = "[ ({outcome_text})]"
_KEEP_STATUS = "The SIP status of this call: another export of the switch, its log, or a capture."
_KEEP_RINGING = "Whether it rang: a record with ringing times, or a capture."
_TELLING_CAUSES = (1, 2, 3, 17, 18, 19, 20, 22, 24, 27, 28, 34, 38, 41, 42, 47)

RECORD_ANSWERED_RULES = (
    Rule(
        name="record-answered",
        when=All(Is("outcome", "answered"), Missing("final_code")),
        verdict="answered",
        confidence=0.95,
        because=f"The record says that the call was answered{_WORD}[, talked for {{talk_ms:t}}].",
        sources=("calls.schema: outcome",),
    ),
    Rule(
        name="record-603plus",
        when=All(Is("signal", "603plus_defective"), Missing("defects"), Words("blind_to", ("reason",))),
        verdict="network_blocked",
        confidence=0.85,
        because="603[ {signal_phrase}] in a record that keeps no Reason header: the phrase is that of an analytics "
        "block (603+), and whom to ask was lost.",
        settle="The Reason header of the answer: a capture, or a record that keeps it.",
        sources=("ATIS-1000099",),
    ),
    Rule(
        name="record-607",
        when=All(Is("signal", "607"), Missing("ring_ms"), _BLIND),
        verdict="unwanted",
        confidence=0.85,
        because="607[ in the {signal_in}]: the person, or their device, marked the caller as unwanted, or a provider "
        "acted on a stored wish of this person; the record does not say whether it rang.",
        settle=_KEEP_RINGING,
        sources=("RFC 8197 §4", "calls.schema: blind_to"),
    ),
)
"Answered by the word of the record, and refusals that a record keeps less of: before those that say what they are."

_STATUSES = (
    Rule(
        name="record-487",
        when=All(Is("code", 487), _BLIND),
        verdict="abandoned",
        confidence=0.6,
        because="487[ {phrase}]: the call was cancelled[ after {setup_ms:t}]; the record does not say whether it rang.",
        settle=_KEEP_RINGING,
        sources=("RFC 3261 §21.4.25", "calls.schema: blind_to"),
    ),
    Rule(
        name="record-603",
        when=All(Is("code", 603), _BLIND, Not(OneOf("q850_cause", _TELLING_CAUSES)), Not(Words("phrase", BLOCK_WORDS))),
        verdict="unknown_rejection",
        confidence=0.45,
        because="603[ {phrase}][ after {setup_ms:t}], and the record does not say whether it rang: a person declined, "
        "or a device or a network refused.",
        settle=_KEEP_RINGING,
        sources=("RFC 3261 §21.6.2", "calls.schema: blind_to"),
    ),
    Rule(
        name="record-busy-status",
        when=All(OneOf("code", (486, 600)), _BLIND),
        verdict="busy",
        confidence=0.7,
        because="{code}[ {phrase}][ after {setup_ms:t}]: busy; the record does not say whether it rang first, as it "
        "does when a person presses the button that rejects.",
        settle=_KEEP_RINGING,
        sources=("RFC 3261 §21.4.21", "calls.schema: blind_to"),
    ),
    Rule(
        name="record-480",
        when=All(Is("code", 480), _BLIND, Not(OneOf("q850_cause", _TELLING_CAUSES)), Not(Words("phrase", BLOCK_WORDS))),
        verdict="no_answer",
        confidence=0.55,
        because="480[ {phrase}][ after {setup_ms:t}]: nobody answered or the person was not reachable; the record does "
        "not say whether it rang.",
        settle=_KEEP_RINGING,
        sources=("RFC 3261 §21.4.18", "calls.schema: blind_to"),
    ),
)

_WORDS_THAT_DECIDE = (
    Rule(
        name="record-blocked",
        when=All(Is("outcome", "blocked"), Not(OneOf("signal", EXPLICIT))),
        verdict="provider_blocked",
        confidence=0.75,
        because=f"The record says that the call was blocked{_WORD}: the word of the provider that wrote it.",
        settle="That provider: by which rule, its own or that of a network behind it.",
        sources=("calls.schema: outcome",),
    ),
    Rule(
        name="record-rang-out",
        when=All(_NO_CODE, OneOf("outcome", ("cancelled", "no_answer")), AtLeast("ring_ms", RING_OUT_MS)),
        verdict="no_answer",
        confidence=0.85,
        because=f"It rang for {{ring_ms:t}} and nobody answered, says the record{_WORD}.",
        sources=("calls.schema: outcome",),
    ),
    Rule(
        name="record-abandoned",
        when=All(_NO_CODE, Is("outcome", "cancelled")),
        verdict="abandoned",
        confidence=0.65,
        because=f"The record says that the caller gave up{_WORD}[ after {{cancel_ms:t}}][; it had rung for "
        "{ring_ms:t}].",
        settle=_KEEP_RINGING,
        sources=("calls.schema: outcome",),
    ),
)

_CAUSES = (
    Rule(
        name="record-cause-rejected",
        when=All(_NO_CODE, Is("q850_cause", 21), RANG),
        verdict="declined",
        confidence=0.55,
        because=f"Q.850 cause 21{_WORD} after {{ring_ms:t}} of ringing: most likely the person declined.",
        settle=_KEEP_STATUS,
        sources=("RFC 3398 §7.2.4.1", "calls.schema: outcome"),
    ),
    Rule(
        name="record-cause-21",
        when=All(_NO_CODE, Is("q850_cause", 21)),
        verdict="unknown_rejection",
        confidence=0.4,
        because=f"Q.850 cause 21{_WORD}[ after {{setup_ms:t}}], which stands for four SIP statuses and more (401, 403, "
        "407, 603; for FreeSWITCH also 402 and 608): refused, and the record cannot say by whom.",
        settle=_KEEP_STATUS,
        sources=("Asterisk res_pjsip: 401, 403, 407, 603 -> 21", "FreeSWITCH mod_sofia: 401 ... 608 -> CALL_REJECTED"),
    ),
    Rule(
        name="record-cause-busy",
        when=All(_NO_CODE, Is("q850_cause", 17)),
        verdict="busy",
        confidence=0.75,
        because=f"Q.850 cause 17{_WORD}: user busy, or a person who pressed the button that rejects.",
        settle=_KEEP_RINGING,
        sources=("RFC 3398 §8.2.6.1",),
    ),
    Rule(
        name="record-cause-no-answer",
        when=All(_NO_CODE, OneOf("q850_cause", (18, 19, 20)), Not(Below("setup_ms", SHORT_RECORD_MS))),
        verdict="no_answer",
        confidence=0.75,
        because=f"Q.850 cause {{q850_cause}}{_WORD}: the person did not answer or was not reachable[; it rang for "
        "{ring_ms:t}].",
        settle=_KEEP_STATUS,
        sources=("RFC 3398 §8.2.6.1",),
    ),
    Rule(
        name="record-cause-bad-number",
        when=All(_NO_CODE, OneOf("q850_cause", (1, 22, 28))),
        verdict="bad_number",
        confidence=0.7,
        because=f"Q.850 cause {{q850_cause}}{_WORD}: the number is unallocated, has changed or is incomplete.",
        settle="The same number called from another number.",
        sources=("RFC 3398 §8.2.6.1",),
    ),
    Rule(
        name="record-cause-network",
        when=All(_NO_CODE, OneOf("q850_cause", (2, 3, 27, 34, 38, 41, 42, 47))),
        verdict="failed",
        confidence=0.7,
        because=f"Q.850 cause {{q850_cause}}{_WORD}: no route, congestion or a fault of the network; FreeSWITCH makes "
        "41 also of 400 and 500, Asterisk 34 of any other 5xx.",
        settle=_KEEP_STATUS,
        sources=("RFC 3398 §8.2.6.1",),
    ),
)

_OUTCOMES = (
    Rule(
        name="record-short-no-answer",
        when=All(_NO_CODE, Is("outcome", "no_answer"), Below("setup_ms", SHORT_RECORD_MS), Not(RANG)),
        verdict="unknown_rejection",
        confidence=0.45,
        because=f"The record says that nobody answered{_WORD}, yet the call was over after {{setup_ms:t}}, too soon to "
        "ring: something refused it, and the record does not keep its answer.",
        settle=_KEEP_STATUS,
        sources=("Asterisk: a refused call is NO ANSWER in its record", "calls.schema: outcome"),
    ),
    Rule(
        name="record-no-answer",
        when=All(_NO_CODE, Is("outcome", "no_answer")),
        verdict="no_answer",
        confidence=0.7,
        because=f"The record says that nobody answered{_WORD}[ within {{setup_ms:t}}].",
        settle=_KEEP_STATUS,
        sources=("calls.schema: outcome",),
    ),
    Rule(
        name="record-busy",
        when=All(_NO_CODE, Is("outcome", "busy")),
        verdict="busy",
        confidence=0.7,
        because=f"The record says that the line was busy{_WORD}: that, or a person pressed the button that rejects.",
        settle=_KEEP_STATUS,
        sources=("calls.schema: outcome",),
    ),
    Rule(
        name="record-rejected",
        when=All(_NO_CODE, Is("outcome", "rejected")),
        verdict="unknown_rejection",
        confidence=0.4,
        because=f"The record says that the call was rejected{_WORD}[ after {{setup_ms:t}}], and not by whom or why.",
        settle=_KEEP_STATUS,
        sources=("calls.schema: outcome",),
    ),
    Rule(
        name="record-invalid",
        when=All(_NO_CODE, Is("outcome", "invalid")),
        verdict="bad_number",
        confidence=0.7,
        because=f"The record says that the number is not valid or not in service{_WORD}.",
        settle="The same number called from another number.",
        sources=("calls.schema: outcome",),
    ),
    Rule(
        name="record-failed",
        when=All(_NO_CODE, OneOf("outcome", ("failed", "congestion"))),
        verdict="failed",
        confidence=0.6,
        because=f"The record says that the call did not get through{_WORD}[ after {{setup_ms:t}}], and not why: a "
        "refusal may look the same.",
        settle=_KEEP_STATUS,
        sources=("calls.schema: outcome",),
    ),
    Rule(
        name="record-without-end",
        when=_NO_CODE,
        verdict="incomplete",
        confidence=0.6,
        because="The record says nothing about the end of the call that could be read[; Q.850 cause {q850_cause}].",
        settle=_KEEP_STATUS,
        sources=("calls.schema: outcome",),
    ),
)

RECORD_RULES = (*_STATUSES, *_WORDS_THAT_DECIDE, *_CAUSES, *_OUTCOMES)
"Behind the refusals that say what they are, and before the rules that read the messages of a call."
