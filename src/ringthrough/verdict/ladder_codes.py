"""
Rules for a final answer that says no more than its code, its Q.850 cause and what came before it.

Facts
- Ringing is the best evidence. Analytics block before the phone rings, and a person needs a ringing phone to decline.
  So a 603 with Q.850;21 and location U is declined when it rang first, and unknown when it did not: since 2026-03-25
  this is also the lawful image of a block that crossed a TDM hop.
- A Q.850 cause that says more than the status (17, 18 ... 20, 1, 34 ...) wins over a general status, because a gateway
  derives the status from the cause (RFC 3398 §7.2.4.1) and a Reason takes precedence over that guess (RFC 6432).
- No rule here calls a fast refusal a block. One call cannot show it; statistics over many calls can.
"""

from __future__ import annotations

from .conditions import ALWAYS, All, Any, AtLeast, Below, Contains, Is, Missing, Not, OneOf, Present, Words
from .facts import FAR_DECIDES
from .ladder_signals import NO_18X, RANG
from .rule import Rule
from .thresholds import GIVE_UP_MS, NEAR_HOP_MS, RING_OUT_MS, TIMEOUT_MS

__all__ = ["BLOCK_WORDS", "CODE_RULES", "NEAR_ASTERISK", "REFUSED_CREDENTIALS"]

NEAR_ASTERISK = All(Contains("server", "asterisk"), Not(FAR_DECIDES))
"An Asterisk answered, and no leg behind it was seen."
BLOCK_WORDS = (
    "cli", "clid", "caller id", "callerid", "origination", "spam", "blacklist", "blacklisted", "dno", "analytics",
    "robocall",
)  # fmt: skip
"Words in a reason phrase by which providers say that they stopped the call themselves."

REFUSED_CREDENTIALS = All(AtLeast("challenges", 1), Below("final_ms", NEAR_HOP_MS), NO_18X, Not(FAR_DECIDES))
"The own provider refused at once, right after credentials were sent."

_GENERAL = OneOf("code", (403, 480, 500, 502, 503, 504, 603))
_OTHER_NUMBER = (
    "A call from another number to the same person soon after, or the share of such refusals over many calls."
)

_RINGING = (
    Rule(
        name="cause-no-answer",
        when=All(_GENERAL, OneOf("q850_cause", (18, 19, 20))),
        verdict="no_answer",
        confidence=0.85,
        because="{code}[ {phrase}] with Q.850 cause {q850_cause}: the person did not answer or is not reachable"
        "[; it rang for {ring_ms:t}].",
        sources=("RFC 3398 §7.2.4.1", "RFC 6432"),
    ),
    Rule(
        name="refused-after-long-ringing",
        when=All(OneOf("code", (403, 486, 600, 603)), AtLeast("ring_ms", GIVE_UP_MS)),
        verdict="no_answer",
        confidence=0.65,
        because="{code}[ {phrase}] after {ring_ms:t} of ringing: that long, a network gives up because nobody answers.",
        settle="The ring time of other calls to this network: the same each time is a timer, not a person.",
        sources=("observed: 603 for no answer after ring timers of 18 to 20 s", "RFC 3261 §21.4.18"),
    ),
    Rule(
        name="603-after-ringing",
        when=All(Is("code", 603), RANG),
        verdict="declined",
        confidence=0.75,
        because="603[ {phrase}] after {ring_ms:t} of ringing: the person, or their device, declined the call.",
        settle="The ring times of other declined calls: those of people differ widely, those of machines do not.",
        sources=("RFC 3261 §21.6.2",),
    ),
    Rule(
        name="486-after-ringing",
        when=All(Is("code", 486), RANG),
        verdict="declined",
        confidence=0.6,
        because="486[ {phrase}] after {ring_ms:t} of ringing: the phone was not busy when it began to ring, so the "
        "person most likely pressed the button that rejects.",
        settle="The model of the phone: many send 486 when a call is rejected.",
        sources=("RFC 3261 §21.4.21", "observed: reject buttons send 486"),
    ),
    Rule(
        name="480-rang-out",
        when=All(Is("code", 480), AtLeast("ring_ms", RING_OUT_MS)),
        verdict="no_answer",
        confidence=0.85,
        because="480[ {phrase}] after {ring_ms:t} of ringing: nobody answered.",
        sources=("RFC 3261 §21.4.18",),
    ),
    Rule(
        name="480-after-ringing",
        when=All(Is("code", 480), RANG),
        verdict="declined",
        confidence=0.5,
        because="480[ {phrase}] after only {ring_ms:t} of ringing: the person or their device refused, or the phone "
        "was lost.",
        settle="The ring times of other such calls, and the model of the phone.",
        sources=("RFC 3261 §21.4.18", "observed: phones that send 480 when a call is rejected"),
    ),
    Rule(
        name="403-after-ringing",
        when=All(Is("code", 403), RANG),
        verdict="declined",
        confidence=0.5,
        because="403[ {phrase}] after {ring_ms:t} of ringing: policy is checked before a phone rings, so a person "
        "may have declined and an element in between changed the code.",
        settle="The leg behind the element that answered.",
        sources=("RFC 3261 §21.4.4", "Asterisk chan_pjsip: 603 -> cause 21 -> 403"),
    ),
    Rule(
        name="408-after-ringing",
        when=All(Is("code", 408), Present("ring_ms")),
        verdict="no_answer",
        confidence=0.85,
        because="408[ {phrase}] after {ring_ms:t} of ringing: nobody answered in time.",
        sources=("RFC 3261 §21.4.9",),
    ),
)

_CAUSES = (
    Rule(
        name="cause-busy",
        when=All(_GENERAL, Is("q850_cause", 17)),
        verdict="busy",
        confidence=0.85,
        because="{code}[ {phrase}] with Q.850 cause 17: user busy.",
        sources=("RFC 3398 §7.2.4.1", "RFC 6432"),
    ),
    Rule(
        name="cause-bad-number",
        when=All(_GENERAL, OneOf("q850_cause", (1, 22, 28))),
        verdict="bad_number",
        confidence=0.8,
        because="{code}[ {phrase}] with Q.850 cause {q850_cause}: the number is unallocated, has changed or is "
        "incomplete.",
        settle="The same number called from another number.",
        sources=("RFC 3398 §7.2.4.1", "RFC 6432"),
    ),
    Rule(
        name="cause-network",
        when=All(_GENERAL, OneOf("q850_cause", (2, 3, 27, 34, 38, 41, 42, 47))),
        verdict="failed",
        confidence=0.85,
        because="{code}[ {phrase}] with Q.850 cause {q850_cause}: no route, congestion or a fault of the network.",
        sources=("RFC 3398 §7.2.4.1", "RFC 6432"),
    ),
    Rule(
        name="cause-feature",
        when=All(OneOf("code", (403, 480, 603)), Is("q850_cause", 24)),
        verdict="declined",
        confidence=0.6,
        because="{code}[ {phrase}] with Q.850 cause 24: a feature of the called line rejected the call, for example "
        "one against callers without a number.",
        settle="Whether calls that show a number get through.",
        sources=("3GPP TS 29.163 (433 <-> cause 24)",),
    ),
    Rule(
        name="anonymous-refused",
        when=Is("code", 433),
        verdict="declined",
        confidence=0.75,
        because="433[ {phrase}]: the called side refuses callers that hide their number.",
        settle="Whether calls that show a number get through.",
        sources=("RFC 5079 §5",),
    ),
    Rule(
        name="cause-not-authorised",
        when=All(Is("code", 403), OneOf("q850_cause", (55, 57, 87))),
        verdict="unauthorized",
        confidence=0.6,
        because="403[ {phrase}] with Q.850 cause {q850_cause}: the line or trunk is not allowed to make this call.",
        settle="The rights of the trunk at its provider.",
        sources=("RFC 3398 §7.2.4.1",),
    ),
    Rule(
        name="words-of-a-provider",
        when=All(OneOf("code", (403, 480, 503, 603)), Words("phrase", BLOCK_WORDS)),
        verdict="provider_blocked",
        confidence=0.6,
        because="{code} {phrase}: the phrase names the number of the caller or its reputation, so a provider on the "
        "way stopped the call on its own account.",
        settle="The provider that answered.",
        sources=(
            "observed: phrases of CPaaS providers",
            "caller number checks: wrong format, not owned, do not originate",
        ),
    ),
    Rule(
        name="403-after-credentials",
        when=All(Is("code", 403), REFUSED_CREDENTIALS),
        verdict="unauthorized",
        confidence=0.6,
        because="403[ {phrase}] only {final_ms:t} after credentials were sent (challenges answered: {challenges}): the "
        "own provider most likely refused them, or the rights of the account.",
        settle="Whether any call with these credentials gets through.",
        sources=("RFC 3261 §22.3", "RFC 3261 §21.4.4", "observed: 403 for a wrong password"),
    ),
)

_UNKNOWN = (
    Rule(
        name="603-user-cause",
        when=All(Is("code", 603), Is("q850_cause", 21), Is("location", "U")),
        verdict="unknown_rejection",
        confidence=0.5,
        because="603[ {phrase}] with Q.850 cause 21 from the user, but it did not ring long enough for a person: a "
        "person declined, or a block crossed a TDM hop, which the rules let look the same.",
        settle=_OTHER_NUMBER,
        sources=("RFC 3398 §7.2.4.1", "47 CFR 64.1200(k)(9)"),
    ),
    Rule(
        name="603-early-media",
        when=All(Is("code", 603), Missing("ring_ms"), Any(Present("pdd_ms"), Is("early_media", True))),
        verdict="unknown_rejection",
        confidence=0.5,
        because="603[ {phrase}][ after {setup_ms:t}] with early media and no ringing: the media may have been a "
        "ringing tone, or the announcement of a block.",
        settle="The early media: a ringing tone, or an announcement.",
        sources=("RFC 3261 §21.6.2", "RFC 8688 §3.2 (announcements instead of a 608)"),
    ),
    Rule(
        name="603-before-a-person-could",
        when=All(Is("code", 603), Present("ring_ms")),
        verdict="unknown_rejection",
        confidence=0.5,
        because="603[ {phrase}] after only {ring_ms:t} of ringing, too soon for a person: a device or a network "
        "refused, and nothing says which or why.",
        settle=_OTHER_NUMBER,
        sources=("RFC 3261 §21.6.2",),
    ),
    Rule(
        name="603-without-ringing",
        when=Is("code", 603),
        verdict="unknown_rejection",
        confidence=0.5,
        because="603[ {phrase}][ after {setup_ms:t}] without ringing: a device, a switch or a network refused, and "
        "nothing says which or why.",
        settle=_OTHER_NUMBER,
        sources=("RFC 3261 §21.6.2", "Asterisk: 603 where no cause is set", "caller-side statistics, not one call"),
    ),
    Rule(
        name="403",
        when=Is("code", 403),
        verdict="unknown_rejection",
        confidence=0.5,
        because="403[ {phrase}][ after {setup_ms:t}][ with Q.850 cause {q850_cause}]: a server on the way refused by "
        "its policy, and does not say which.",
        settle="The element that answered: the own provider (number not owned, wrong format) or the called network.",
        sources=("RFC 3261 §21.4.4", "RFC 3398 §7.2.4.1 (cause 21 from a network)"),
    ),
)

_PLAIN = (
    Rule(
        name="busy",
        when=OneOf("code", (486, 600)),
        verdict="busy",
        confidence=0.8,
        because="{code}[ {phrase}][ after {setup_ms:t}]: busy.",
        sources=("RFC 3261 §21.4.21", "RFC 3261 §21.6.1"),
    ),
    Rule(
        name="480-interworking",
        when=All(Is("code", 480), Is("q850_cause", 31)),
        verdict="no_answer",
        confidence=0.45,
        because="480[ {phrase}] with Q.850 cause 31, which says nothing: the person was not reachable, or a 607 or 608 "
        "lost its code at a TDM hop.",
        settle="A capture before the TDM hop.",
        sources=("RFC 3398 §8.2.6.1 (607 and 608 -> 31)", "RFC 3398 §7.2.4.1 (31 -> 480)"),
    ),
    Rule(
        name="480-without-ringing",
        when=Is("code", 480),
        verdict="no_answer",
        confidence=0.65,
        because="480[ {phrase}][ after {setup_ms:t}]: the person was not reachable at this time.",
        settle="A call from another number to the same person soon after.",
        sources=("RFC 3261 §21.4.18",),
    ),
    Rule(
        name="stalled-timeout",
        when=All(
            Is("code", 408),
            Present("trying_ms"),
            Missing("pdd_ms"),
            Not(Is("early_media", True)),
            Not(Below("setup_ms", TIMEOUT_MS)),
        ),
        verdict="stalled",
        confidence=0.85,
        because="A 100 Trying came after {trying_ms:t} and nothing followed it until the time-out (408)"
        "[ at {setup_ms:t}][; answered by {answered_by}].",
        settle="A capture behind the element that sent the 408.",
        sources=("RFC 3261 §21.4.9", "RFC 3261 §16.8"),
    ),
    Rule(
        name="408",
        when=Is("code", 408),
        verdict="failed",
        confidence=0.75,
        because="408[ {phrase}][ after {setup_ms:t}]: the next element gave no answer in time.",
        settle="A capture behind the element that sent the 408.",
        sources=("RFC 3261 §21.4.9",),
    ),
    Rule(
        name="no-route",
        when=All(OneOf("code", (404, 604)), OneOf("q850_cause", (2, 3))),
        verdict="failed",
        confidence=0.6,
        because="{code}[ {phrase}] with Q.850 cause {q850_cause}: no route, which need not be the fault of the number.",
        settle="The same number over another route.",
        sources=("RFC 3398 §7.2.4.1",),
    ),
    Rule(
        name="404",
        when=Is("code", 404),
        verdict="bad_number",
        confidence=0.75,
        because="404[ {phrase}][ with Q.850 cause {q850_cause}]: the number does not exist there.",
        settle="The same number called from another number: if it rings, the answer was not true.",
        sources=("RFC 3261 §21.4.5",),
    ),
    Rule(
        name="604",
        when=Is("code", 604),
        verdict="bad_number",
        confidence=0.8,
        because="604[ {phrase}]: the number exists nowhere, says a server that ought to know.",
        settle="The same number called from another number: if it rings, the answer was not true.",
        sources=("RFC 3261 §21.6.3",),
    ),
    Rule(
        name="484",
        when=OneOf("code", (484, 485)),
        verdict="bad_number",
        confidence=0.85,
        because="{code}[ {phrase}]: the number is incomplete or ambiguous.",
        sources=("RFC 3261 §21.4.22", "RFC 3261 §21.4.23"),
    ),
    Rule(
        name="410",
        when=Is("code", 410),
        verdict="bad_number",
        confidence=0.85,
        because="410[ {phrase}]: the number has changed or is no longer in use.",
        sources=("RFC 3261 §21.4.8", "RFC 3398 §7.2.4.1"),
    ),
    Rule(
        name="cut-before-retry",
        when=All(OneOf("code", (300, 301, 302, 305, 380, 401, 407)), OneOf("cut", ("end", "both"))),
        verdict="incomplete",
        confidence=0.6,
        because="The capture ends after {code}[ {phrase}], which the caller normally answers with another INVITE.",
        settle="A capture that ends later.",
        sources=("RFC 3261 §8.1.3.4", "RFC 3261 §22.2"),
    ),
    Rule(
        name="credentials",
        when=OneOf("code", (401, 407)),
        verdict="unauthorized",
        confidence=0.95,
        because="{code}[ {phrase}] was the last answer: the caller gave no credentials or wrong ones (challenges "
        "answered: {challenges}).",
        settle="The account and password of the trunk.",
        sources=("RFC 3261 §22.2", "RFC 3261 §22.3"),
    ),
    Rule(
        name="payment",
        when=Is("code", 402),
        verdict="unauthorized",
        confidence=0.75,
        because="402[ {phrase}]: the account has no credit or may not make this call.",
        settle="The account at the provider.",
        sources=("RFC 3261 §21.4.3", "observed: prepaid switches"),
    ),
    Rule(
        name="500-asterisk",
        when=All(Is("code", 500), NEAR_ASTERISK),
        verdict="failed",
        confidence=0.5,
        because="500[ {phrase}] from an Asterisk, which answers so for every code that it does not know: a 607 or 608 "
        "from behind it may hide here.",
        settle="The leg behind the Asterisk.",
        sources=("Asterisk chan_pjsip: 607, 608 -> cause 127 -> 500",),
    ),
    Rule(
        name="server-failure",
        when=OneOf("code", (500, 502, 503, 504)),
        verdict="failed",
        confidence=0.8,
        because="{code}[ {phrase}][ with Q.850 cause {q850_cause}][ after {setup_ms:t}]: congestion or a fault "
        "on the way.",
        sources=("RFC 3261 §21.5",),
    ),
    Rule(
        name="media",
        when=OneOf("code", (406, 415, 488, 606)),
        verdict="failed",
        confidence=0.85,
        because="{code}[ {phrase}]: the two sides share no codec or kind of media.",
        sources=("RFC 3261 §21.4.26", "RFC 3261 §21.6.4"),
    ),
    Rule(
        name="loop",
        when=OneOf("code", (482, 483)),
        verdict="failed",
        confidence=0.9,
        because="{code}[ {phrase}]: the call ran in a circle or over too many hops.",
        sources=("RFC 3261 §21.4.19", "RFC 3261 §21.4.20"),
    ),
    Rule(
        name="redirect",
        when=All(AtLeast("code", 300), Below("code", 400)),
        verdict="failed",
        confidence=0.8,
        because="{code}[ {phrase}]: the call was sent elsewhere, and no further INVITE followed.",
        settle="Whether the element that got the redirection is allowed to follow it.",
        sources=("RFC 3261 §8.1.3.4",),
    ),
    Rule(
        name="other-4xx",
        when=All(AtLeast("code", 400), Below("code", 500)),
        verdict="failed",
        confidence=0.6,
        because="{code}[ {phrase}]: the request could not be served as it was made.",
        settle="The log of the element that answered.",
        sources=("RFC 3261 §8.1.3.2", "RFC 3261 §21.4"),
    ),
    Rule(
        name="other-5xx",
        when=All(AtLeast("code", 500), Below("code", 600)),
        verdict="failed",
        confidence=0.7,
        because="{code}[ {phrase}]: a server on the way failed.",
        settle="The log of the element that answered.",
        sources=("RFC 3261 §8.1.3.2", "RFC 3261 §21.5"),
    ),
    Rule(
        name="607-unread",
        when=Is("code", 607),
        verdict="unwanted",
        confidence=0.8,
        because="607[ {phrase}]: the person, or their device, marked the caller as unwanted; a provider that acts on a "
        "stored wish of this person may send it, too.",
        sources=("RFC 8197 §4",),
    ),
    Rule(
        name="608-unread",
        when=Is("code", 608),
        verdict="network_blocked",
        confidence=0.85,
        because="608[ {phrase}]: a machine in the network rejected the call.",
        sources=("RFC 8688 §3.1",),
    ),
    Rule(
        name="unlisted",
        when=ALWAYS,
        verdict="unknown_rejection",
        confidence=0.3,
        because="The final answer {code}[ {phrase}] is none that these rules know.",
        settle="The maker or provider of the element that answered.",
        sources=("RFC 3261 §8.1.3.2",),
    ),
)

CODE_RULES = (*_RINGING, *_CAUSES, *_UNKNOWN, *_PLAIN)
"Rules by status; the last one always holds."
