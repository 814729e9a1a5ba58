"""Rules for calls that were cancelled and for calls without a final answer."""

from __future__ import annotations

from .conditions import All, Any, AtLeast, Is, Missing, Not, OneOf, Present
from .ladder_signals import NO_18X
from .rule import Rule
from .thresholds import PATIENCE_MS, RING_OUT_MS, STALL_MS, TIMER_B_MS, USUAL_WAIT_MS

__all__ = ["UNFINISHED_RULES"]

_GIVEN_UP = Any(Is("code", 487), All(Missing("code"), Present("cancel_ms")))
_NOTHING_AFTER_100 = All(Present("trying_ms"), NO_18X, Not(Is("early_media", True)))
_NOT_EVEN_100 = All(Missing("trying_ms"), NO_18X, Not(Is("early_media", True)))
_CUT_AT_END = OneOf("cut", ("end", "both"))
_HOP = "[; last heard from {last_hop}]"

UNFINISHED_RULES = (
    Rule(
        name="answered-elsewhere",
        when=All(_GIVEN_UP, Any(Is("sip_cause", 200), Is("q850_cause", 26))),
        verdict="answered",
        confidence=0.85,
        because="The call was cancelled here with the reason that another branch had answered it[ ({reason})].",
        settle="The answered branch, which the capture does not show.",
        sources=("RFC 3326 §3.1", "Asterisk: Q.850 cause 26 in the CANCEL"),
    ),
    Rule(
        name="rang-out",
        when=All(_GIVEN_UP, AtLeast("ring_ms", RING_OUT_MS)),
        verdict="no_answer",
        confidence=0.9,
        because="It rang for {ring_ms:t} and nobody answered before the call was cancelled.",
        sources=("RFC 3261 §9.1", "RFC 3261 §21.4.25"),
    ),
    Rule(
        name="abandoned-ringing",
        when=All(_GIVEN_UP, Present("ring_ms")),
        verdict="abandoned",
        confidence=0.85,
        because="The call was cancelled after {ring_ms:t} of ringing: the caller gave up early.",
        sources=("RFC 3261 §9.1", "RFC 3261 §21.4.25"),
    ),
    Rule(
        name="abandoned-early-media",
        when=All(_GIVEN_UP, Any(Present("pdd_ms"), Is("early_media", True))),
        verdict="abandoned",
        confidence=0.6,
        because="The call was cancelled[ after {cancel_ms:t}] while early media played: this may have been a ringing "
        "tone, or an announcement that the call cannot be completed.",
        settle="The early media: a ringing tone, or an announcement.",
        sources=("RFC 3960 §3", "RFC 8688 §3.2 (announcements instead of a 608)"),
    ),
    Rule(
        name="stalled-cancelled",
        when=All(_GIVEN_UP, _NOTHING_AFTER_100, Any(AtLeast("silence_ms", STALL_MS), AtLeast("cancel_ms", STALL_MS))),
        verdict="stalled",
        confidence=0.95,
        because="A 100 Trying came after {trying_ms:t} and nothing followed it[ for {silence_ms:t}] until the call was "
        f"cancelled[ at {{cancel_ms:t}}]{_HOP}.",
        settle="A capture behind the element that sent the 100.",
        sources=("RFC 3261 §17.1.1.2", "RFC 3261 §21.1.1"),
    ),
    Rule(
        name="stalled-given-up",
        when=All(_GIVEN_UP, _NOTHING_AFTER_100, Any(AtLeast("cancel_ms", PATIENCE_MS), Missing("cancel_ms"))),
        verdict="stalled",
        confidence=0.8,
        because="A 100 Trying came after {trying_ms:t} and nothing followed it[ for {silence_ms:t}] until the call was "
        f"given up[ at {{cancel_ms:t}}]{_HOP}.",
        settle="A capture behind the element that sent the 100.",
        sources=("RFC 3261 §17.1.1.2", "ITU-T E.721"),
    ),
    Rule(
        name="stalled-briefly",
        when=All(_GIVEN_UP, _NOTHING_AFTER_100, AtLeast("cancel_ms", USUAL_WAIT_MS)),
        verdict="stalled",
        confidence=0.6,
        because="A 100 Trying came after {trying_ms:t} and nothing followed it until the CANCEL at {cancel_ms:t}; some "
        f"networks take that long to ring{_HOP}.",
        settle="The usual time to ringing on this route, or a capture behind the element that sent the 100.",
        sources=("RFC 3261 §21.1.1", "ITU-T E.721"),
    ),
    Rule(
        name="abandoned-before-ringing",
        when=All(_GIVEN_UP, Any(Is("code", 487), _NOTHING_AFTER_100)),
        verdict="abandoned",
        confidence=0.65,
        because="The call was cancelled[ after {cancel_ms:t}] before it rang[; a 100 Trying had come after "
        "{trying_ms:t}], too soon to call it stalled.",
        settle="A longer wait: only that tells a caller in a hurry from a call that hangs.",
        sources=("RFC 3261 §9.1", "RFC 3261 §21.4.25", "ITU-T E.721"),
    ),
    Rule(
        name="stalled",
        when=All(Missing("code"), _NOTHING_AFTER_100, AtLeast("silence_ms", STALL_MS)),
        verdict="stalled",
        confidence=0.95,
        because=f"A 100 Trying came after {{trying_ms:t}} and then nothing for {{silence_ms:t}}{_HOP}.",
        settle="A capture behind the element that sent the 100.",
        sources=("RFC 3261 §17.1.1.2", "RFC 3261 §21.1.1"),
    ),
    Rule(
        name="no-response",
        when=All(
            Missing("code"),
            _NOT_EVEN_100,
            Any(Not(_CUT_AT_END), AtLeast("silence_ms", TIMER_B_MS), Present("cancel_ms")),
        ),
        verdict="failed",
        confidence=0.9,
        because="Nothing answered the INVITE[ for {silence_ms:t}], not even with a 100 Trying"
        "[; the caller gave up after {cancel_ms:t}].",
        settle="A capture at the address that the INVITE went to: does it arrive.",
        sources=("RFC 3261 §17.1.1.2 (Timer B)",),
    ),
    Rule(
        name="cut-by-end",
        when=All(Missing("code"), _CUT_AT_END),
        verdict="incomplete",
        confidence=0.95,
        because="The capture ends before the call does[; it had rung for {ring_ms:t}].",
        settle="A capture that ends later.",
        sources=("calls.schema: cut",),
    ),
    Rule(
        name="stalled-unseen-end",
        when=All(Missing("code"), _NOTHING_AFTER_100),
        verdict="stalled",
        confidence=0.7,
        because=f"A 100 Trying came after {{trying_ms:t}} and nothing was seen after it[ for {{silence_ms:t}}]{_HOP}.",
        settle="A capture behind the element that sent the 100.",
        sources=("RFC 3261 §17.1.1.2",),
    ),
    Rule(
        name="end-not-seen",
        when=Missing("code"),
        verdict="incomplete",
        confidence=0.6,
        because="The final answer is not in the capture[; it had rung for {ring_ms:t}].",
        settle="A capture of the whole path of this call.",
        sources=("calls.schema: final_code",),
    ),
)
"Cancelled calls and calls without a final answer; behind them the column `code` is known."
