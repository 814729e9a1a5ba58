"""Rules for calls that were answered, that began before the capture, or whose refusal says what it is."""

from __future__ import annotations

from .conditions import All, Any, AtLeast, Below, Is, Missing, Not, OneOf, Present
from .facts import ANSWERED
from .rule import Rule
from .thresholds import ANNOUNCEMENT_TALK_MS, HUMAN_MS

__all__ = ["ANSWERED_RULES", "BLOCKS", "EXPLICIT", "NO_18X", "RANG", "SIGNAL_RULES", "STIR_CODES", "STIR_VAGUE_CODES"]

BLOCKS = ("608", "603plus", "603plus_defective", "603plus_rewritten")
"Signals of an analytics block."
EXPLICIT = (*BLOCKS, "607", "stir", "provider", "network_cause")
"Signals that say more than the plain codes 403 and 603 do."
RANG = AtLeast("ring_ms", HUMAN_MS)
"It rang long enough for a person to act."
NO_18X = All(Missing("pdd_ms"), Missing("ring_ms"))
"No 18x was seen: neither ringing nor early media."

_SPEAKS_OTHERWISE = OneOf("q850_cause", (1, 2, 3, 17, 18, 19, 20, 22, 27, 28, 34, 38, 41, 42, 47))
_AFTER_ANSWER = Any(Is("signal_in", "bye"), All(ANSWERED, Missing("signal_in")))
STIR_CODES = (403, 428, 436, 437, 438)
"Statuses that RFC 8224 section 6.2.2 gives for a caller identity that fails."
STIR_VAGUE_CODES = (400, 500, 603)
"Statuses without a meaning of their own: a Reason STIR beside them most likely says why. Beside a 486 it does not."
_STORED_WISH = "a provider that acts on a stored wish of this person may send it, too"

ANSWERED_RULES = (
    Rule(
        name="unwanted-after-answer",
        when=All(Is("signal", "607"), _AFTER_ANSWER),
        verdict="unwanted",
        confidence=0.95,
        because="The call was ended with the cause 607[ in the {signal_in}][ after {talk_ms:t} of talk]: the person, "
        f"or their device, marked the caller as unwanted; {_STORED_WISH}.",
        sources=("RFC 8197 §4", "RFC 3326 §2"),
    ),
    Rule(
        name="blocked-after-answer",
        when=All(OneOf("signal", BLOCKS), _AFTER_ANSWER),
        verdict="network_blocked",
        confidence=0.75,
        because="The call was taken off after the answer[ and {talk_ms:t} of talk] with the reason of an analytics "
        "block[ ({reason})]: the answer may have been an announcement.",
        settle="The audio of the call: an announcement, or a person.",
        sources=("RFC 8688 §3.1", "ATIS-1000099"),
    ),
    Rule(
        name="begins-before-capture",
        when=All(Missing("method"), Not(OneOf("signal", EXPLICIT))),
        verdict="incomplete",
        confidence=0.9,
        because="No INVITE was seen, only later messages[; the final answer was {code}]: the call began before the "
        "capture.",
        settle="A capture that starts earlier.",
        sources=("calls.schema: method, cut",),
    ),
    Rule(
        name="answered-cut",
        when=All(ANSWERED, OneOf("cut", ("end", "both")), Missing("ended_by")),
        verdict="answered",
        confidence=0.98,
        because="Answered with {code}[ after {setup_ms:t}]; the capture ends before the call does.",
        sources=("RFC 3261 §13.2.2.4",),
    ),
    Rule(
        name="answered-by-announcement",
        when=All(
            ANSWERED,
            Below("setup_ms", HUMAN_MS),
            NO_18X,
            Is("ended_by", "callee"),
            Below("talk_ms", ANNOUNCEMENT_TALK_MS),
        ),
        verdict="answered",
        confidence=0.6,
        because="Answered with {code} after {setup_ms:t} without ringing, and the answering side hung up after "
        "{talk_ms:t}: it may have been an announcement and no person.",
        settle="The audio of the call: special information tones or a recorded announcement.",
        sources=("RFC 8688 §3.2 (announcements instead of a 608)", "observed: blocks announced in band"),
    ),
    Rule(
        name="answered",
        when=ANSWERED,
        verdict="answered",
        confidence=0.99,
        because="Answered with {code}[ after {setup_ms:t}][, talked for {talk_ms:t}].",
        sources=("RFC 3261 §13.2.2.4",),
    ),
)
"Answered calls first: what an earlier branch said does not matter once a later one answered."

SIGNAL_RULES = (
    Rule(
        name="607-after-ringing",
        when=All(Is("signal", "607"), RANG),
        verdict="unwanted",
        confidence=0.95,
        because=f"607 after {{ring_ms:t}} of ringing: the person, or their device, marked the caller as "
        f"unwanted; {_STORED_WISH}.",
        sources=("RFC 8197 §4",),
    ),
    Rule(
        name="607",
        when=Is("signal", "607"),
        verdict="unwanted",
        confidence=0.85,
        because="607[ in the {signal_in}] without ringing: the person, or their device, marked the caller as unwanted; "
        f"{_STORED_WISH}.",
        settle="A capture at the called side: did its phone send the 607, or its provider.",
        sources=("RFC 8197 §4", "RFC 8688 §1", "FCC 25-15: 607 stays for blocks that the subscriber asked for"),
    ),
    Rule(
        name="608-rewritten",
        when=All(
            Is("signal", "608"), Present("final_code"), Not(Is("final_code", 608)), Not(Is("signal_in", "cancel"))
        ),
        verdict="network_blocked",
        confidence=0.9,
        because="A network rejected the call with 608, and the caller got {final_code}[ {final_phrase}]: an element in "
        "between changed the answer.",
        sources=("RFC 8688 §3.1",),
    ),
    Rule(
        name="608",
        when=All(Is("signal", "608"), Present("card_uri"), Missing("defects")),
        verdict="network_blocked",
        confidence=0.97,
        because="608: a machine in the network rejected the call, and it names a contact for redress[ ({card_uri})].",
        settle="The signature of the contact card, for the contact only.",
        sources=("RFC 8688 §3.1", "RFC 8688 §3.2.2"),
    ),
    Rule(
        name="608-defective",
        when=All(Is("signal", "608"), Present("card_uri")),
        verdict="network_blocked",
        confidence=0.93,
        because="608: a machine in the network rejected the call; the message names a contact and has "
        "defects[ ({defects})].",
        sources=("RFC 8688 §3.1",),
    ),
    Rule(
        name="608-without-contact",
        when=Is("signal", "608"),
        verdict="network_blocked",
        confidence=0.93,
        because="608: a machine in the network rejected the call, and it names no contact for redress.",
        sources=("RFC 8688 §3.1",),
    ),
    Rule(
        name="603plus",
        when=Is("signal", "603plus"),
        verdict="network_blocked",
        confidence=0.97,
        because="603 Network Blocked with a Reason of analytics (603+): the analytics of a provider blocked the call"
        "[ at location {location}].",
        sources=("ATIS-1000099", "47 CFR 64.1200(k)(9)"),
    ),
    Rule(
        name="603plus-rewritten",
        when=Is("signal", "603plus_rewritten"),
        verdict="network_blocked",
        confidence=0.9,
        because="The Reason is that of a 603+ (v=analytics), the status line is not[ ({signal_code} {signal_phrase})]: "
        "analytics blocked the call, and an element in between changed the answer.",
        sources=("ATIS-1000099", "FreeSWITCH mod_sofia: sip_603plus_passthrough unset"),
    ),
    Rule(
        name="603plus-defective",
        when=Is("signal", "603plus_defective"),
        verdict="network_blocked",
        confidence=0.85,
        because="A 603+ that breaks its standard[ ({defects})]: analytics of a provider most likely blocked the call.",
        settle="The provider that answered: is this its analytics block.",
        sources=("ATIS-1000099",),
    ),
    Rule(
        name="network-cause-after-ringing",
        when=All(Is("signal", "network_cause"), Not(_SPEAKS_OTHERWISE), RANG),
        verdict="network_blocked",
        confidence=0.5,
        because="The answer[ {code}] carries a Q.850 cause[ {q850_cause}] from a network[ ({location})], yet it rang "
        "for {ring_ms:t} first, which a block would have prevented: a switch may report the refusal of a person so.",
        settle="A capture at the called side, or calls from another number to the same person.",
        sources=("RFC 8606 §3", "RFC 3398 §7.2.4.1"),
    ),
    Rule(
        name="network-cause",
        when=All(Is("signal", "network_cause"), Not(_SPEAKS_OTHERWISE)),
        verdict="network_blocked",
        confidence=0.75,
        because="The answer[ {code}] carries a Q.850 cause[ {q850_cause}] from a network[ ({location})], not from the "
        "user: a network rejected the call.",
        settle="The provider at that location, or calls from another number to the same person.",
        sources=("RFC 8606 §3", "RFC 3398 §7.2.4.1"),
    ),
    Rule(
        name="provider",
        when=Is("signal", "provider"),
        verdict="provider_blocked",
        confidence=0.9,
        because="The answer[ {code}] carries the own code of a provider[ ({provider_code})]: the provider of the "
        "caller stopped the call, not the called side.",
        settle="The log of that provider for this call.",
        sources=("Twilio: X-Twilio-Error", "Telnyx: D-codes", "RFC 3261 §20.43 (Warning 399)"),
    ),
    Rule(
        name="stir",
        when=All(Is("signal", "stir"), OneOf("code", STIR_CODES)),
        verdict="identity_failed",
        confidence=0.95,
        because="{code}[ {phrase}] with the mark of a failed check: the signed caller identity (STIR) was not "
        "accepted.",
        sources=("RFC 8224 §6.2.2", "RFC 9410"),
    ),
    Rule(
        name="stir-other-code",
        when=All(Is("signal", "stir"), OneOf("code", STIR_VAGUE_CODES), Not(RANG)),
        verdict="identity_failed",
        confidence=0.7,
        because="The answer {code} carries a Reason of STIR: the signed caller identity failed its check, which most "
        "likely is why the call was refused.",
        settle="The same call with a valid signature.",
        sources=("RFC 9410",),
    ),
    Rule(
        name="stir-code",
        when=OneOf("code", (428, 436, 437, 438)),
        verdict="identity_failed",
        confidence=0.9,
        because="{code}[ {phrase}] is an answer for a missing or bad caller identity (STIR).",
        sources=("RFC 8224 §6.2.2",),
    ),
)
"Refusals that say what they are."
