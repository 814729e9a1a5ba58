"""What is added to a verdict, and the condition of a hidden block."""

from __future__ import annotations

from .conditions import All, Any, AtLeast, Below, Contains, Is, Missing, Not, OneOf, Present, Words
from .facts import ANSWERED, FAR_DECIDES
from .ladder_codes import BLOCK_WORDS, NEAR_ASTERISK, REFUSED_CREDENTIALS
from .ladder_signals import BLOCKS, EXPLICIT, NO_18X, RANG, STIR_CODES, STIR_VAGUE_CODES
from .rule import Remark
from .thresholds import FAST_MS, TDM_IMAGE_FROM_US

__all__ = ["HIDDEN_CANDIDATE", "HIDDEN_CODES", "REMARKS"]

HIDDEN_CODES = (403, 404, 480, 486, 488, 500, 503, 600, 603, 604)
"Plain codes that networks have been seen to hide an analytics block behind."

HIDDEN_OUTCOMES = ("busy", "congestion", "failed", "invalid", "no_answer", "rejected")
"What a record without a status says of a call that such a code may have ended."

HIDDEN_CANDIDATE = All(
    Any(OneOf("code", HIDDEN_CODES), All(Missing("code"), OneOf("outcome", HIDDEN_OUTCOMES))),
    NO_18X,
    Any(Below("setup_ms", FAST_MS), Below("final_ms", FAST_MS)),
    Not(OneOf("signal", EXPLICIT)),
    Not(Is("kind", "scanner")),
    Not(ANSWERED),
    Not(Words("phrase", BLOCK_WORDS)),
    Not(All(Is("code", 403), REFUSED_CREDENTIALS)),
)
"""
A refused call without ringing, too fast for a person, that no explicit signal explains. It says only that statistics
may look at the call. `final_ms` counts as well as `setup_ms`, so that an attempt after a challenge or a route advance
is judged by its own time. Lost credentials (401, 402, 407, a 403 right after them) and failed identities (428,
436 ... 438) are left out. A call record without a status is looked at by the word it has for the end.
"""

_PLAIN_603 = All(Is("code", 603), Not(OneOf("signal", EXPLICIT)))

REMARKS = (
    Remark(
        name="rewritten",
        when=All(AtLeast("code", 300), FAR_DECIDES),
        because="An element in between rewrote the answer: the farthest leg seen ended with {far_code}[ {far_phrase}]"
        "[, the caller got {final_code}].",
        sources=("RFC 3261 §16.7", "RFC 7092 (B2BUA)"),
    ),
    Remark(
        name="rephrased",
        when=All(AtLeast("code", 300), Missing("far_code"), Present("far_phrase")),
        because="An element in between changed the phrase: on the farthest leg seen it was {far_phrase}.",
        sources=("FreeSWITCH mod_sofia: sip_603plus_passthrough unset",),
    ),
    Remark(
        name="freeswitch-603",
        when=All(_PLAIN_603, Contains("server", "freeswitch"), Not(FAR_DECIDES)),
        because="FreeSWITCH answers 603 Decline also for a 403, a 608 or a 603+ from behind it.",
        settle="The leg behind the FreeSWITCH.",
        sources=("FreeSWITCH mod_sofia: 401, 402, 403, 407, 603, 608 -> CALL_REJECTED -> 603",),
    ),
    Remark(
        name="asterisk-603",
        when=All(_PLAIN_603, NEAR_ASTERISK),
        because="Asterisk answers 603 also where no cause was set.",
        settle="The leg behind the Asterisk.",
        sources=("Asterisk ast_sip_session_terminate: default 603",),
    ),
    Remark(
        name="asterisk-403",
        when=All(Is("code", 403), NEAR_ASTERISK),
        because="Asterisk answers 403 also for a 603 or 603+ from behind it, so a person may have declined.",
        settle="The leg behind the Asterisk.",
        sources=("Asterisk chan_pjsip: 401, 403, 407, 603 -> cause 21 -> 403",),
    ),
    Remark(
        name="tdm-image",
        when=All(_PLAIN_603, Not(RANG), AtLeast("at_us", TDM_IMAGE_FROM_US)),
        because="Since 2026-03-25 a block in the USA that crossed a TDM hop may arrive as a plain 603 like this.",
        settle="A capture before the TDM hop.",
        sources=("47 CFR 64.1200(k)(9)(iv): ISUP 21 with location user -> 603 or 603+",),
    ),
    Remark(
        name="block-after-ringing",
        when=All(OneOf("signal", BLOCKS), RANG, AtLeast("code", 300)),
        because="It had rung for {ring_ms:t}, which is unusual: analytics act before a phone rings.",
        sources=("observed: blocks act before alerting",),
    ),
    Remark(
        name="stir-beside",
        when=All(
            Is("signal", "stir"),
            AtLeast("code", 300),
            Not(OneOf("code", STIR_CODES)),
            Any(RANG, Not(OneOf("code", STIR_VAGUE_CODES))),
        ),
        because="The answer also says that the signed caller identity failed its check (Reason STIR).",
        sources=("RFC 9410",),
    ),
    Remark(
        name="scanner",
        when=Is("kind", "scanner"),
        because="The caller is an internet scanner; the call stays outside of all rates.",
        sources=("calls.schema: kind",),
    ),
)
"Sentences that are added to the one of the rule, in this order."
