"""
What each kind of ending means for the questions that need no look at the message itself: origin, retry, duty.

Facts
- 603+: ATIS-1000099 was not read; what is said of it rests on vendors' documents and on the text of 47 CFR
  64.1200(k)(9) as quoted, marked [S] (secondary).
- The 603+ rule is effective since 2026-03-25 (Federal Register, 90 FR 13416, DATES). Articles that say "3/26/25" or
  "March 26, 2026" are wrong.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CASES", "CAUSE_CASES", "STATUS_CASES", "Case"]

_RULE = "47 CFR 64.1200(k)(9) [S]"
_ATIS = "ATIS-1000099 [S]"
FORM = 'SIP/2.0 603 Network Blocked, with Reason: SIP;cause=603;text="v=analytics1;url=https://...";location=RLN'


class Case(NamedTuple):
    """The three answers that follow from the kind of ending alone, each in short and in full, and their sources."""

    origin: tuple[str, str]
    retry: tuple[str, str]
    owed: tuple[str, str]
    sources: tuple[str, ...]


_NO_603PLUS = (
    "Do not retry, and do not try another route: the answer stands until it is lifted. Repeated attempts can "
    "count against the number. Stop the campaign for it and appeal."
)
_SEND_603PLUS = (
    f"A US network that blocks on analytics has had to send this since 2026-03-25, and nothing else: {FORM}. Relay it "
    "with phrase and Reason unchanged. On a TDM trunk it is cause 21 with location user."
)
_RELAY = (
    "Pass it on unchanged",
    "Nothing is owed beyond the answer itself; pass phrase, Reason and Call-Info on as they are.",
)

CASES: dict[str, Case] = {
    "608": Case(
        ("An algorithm", "608 says that a machine in the network rejected the call, not the person called."),
        ("No", f"608 is a 6xx: final for every target of this callee. {_NO_603PLUS}"),
        ("608 with a signed card; in the US 603+",
         "A 608 carries Call-Info with purpose=jwscard and the https URI of a signed card (ES256, typ vcard+json, x5u, "
         f"iat) that names a contact. {_SEND_603PLUS}"),
        ("RFC 8688 §3.1", "RFC 3261 §21.6", _RULE),
    ),
    "603plus": Case(
        ("An algorithm", "603 Network Blocked with v=analytics says that a provider's analytics blocked the call; the "
                         "person called did not see it."),
        ("No", _NO_603PLUS),
        ("603 Network Blocked with this Reason", _SEND_603PLUS),
        (_ATIS, _RULE, "RFC 3261 §21.6"),
    ),
    "607": Case(
        ("A person", "607 says that the person called, or a phone on their behalf, marked the caller as unwanted."),
        ("No", "Do not call this person again; 607 is final for every target and counts against the number."),
        ("607 only for the person's own choice",
         "Send 607 only when the subscriber said so; never for what an algorithm found. It carries no contact by "
         "design. For analytics a US network sends 603 Network Blocked."),
        ("RFC 8197 §4", "RFC 8688 §1", "RFC 3261 §21.6"),
    ),
    "stir": Case(
        ("A policy", "The check of the caller's signed identity failed or was missing; nobody looked at the caller's "
                     "behaviour."),
        ("Only after repair", "The same request gives the same answer. Repair the signing first: number in E.164, Date "
                              "fresh, certificate reachable."),
        ("428, 436, 437, 438 or 403 Stale Date",
         "Answer with the code that names the fault; to let the call pass and still report it, put protocol STIR into "
         "the Reason. This is no analytics block: no 603+."),
        ("RFC 8224 §6.2.2", "RFC 9410 §4"),
    ),
    "provider": Case(
        ("A policy", "A provider refused by its own rules (caller ID, fraud, a list) and says so in its own words. It "
                     "is no analytics block of the called side's network."),
        ("Only after repair", "The same call gives the same answer. Look the provider's code up, repair it, then "
                              "call again."),
        ("Your own code and words, not 603+",
         "603+ is for analytics only. DNO lists, unallocated numbers and account rules are told with 403 or 603 and a "
         "text that says what to change."),
        (_ATIS, "RFC 3261 §21.4.4"),
    ),
    "network_cause": Case(
        ("A policy or an algorithm", "The cause of rejection carries the location of a network, so the called person "
                                     "did not refuse. Which of the two it was is not said."),
        ("No", "A network refused; the same number gives the same answer. Ask your carrier for the reason first."),
        ("Say who and why", f"If analytics blocked the call: {_SEND_603PLUS} If a rule did: 403 with a text."),
        ("RFC 8606 §4", "RFC 3398 §7.2.4.1", _RULE),
    ),
    "603": Case(
        ("Cannot be told", "By definition 603 is the called person's own No. In practice any machine on the way sends "
                           "it, a TDM trunk turns a block into it (cause 21), and switches reset a 603+ to it."),
        ("No", "603 is a 6xx: no other target of this callee will answer. Retry-After, where present, says when the "
               "person may be back. Compare this number with others before you call again."),
        ("603+ when analytics block", f"Plain 603 is for the person's own No. {_SEND_603PLUS}"),
        ("RFC 3261 §21.6.2", _RULE),
    ),
    "403": Case(
        ("A policy, most likely", "403 says that a server understood and refuses: a rule about caller ID, account, "
                                  "route or destination. Some networks have used it for analytics blocks."),
        ("Not unchanged", "The same request gives the same answer; credentials do not help. Another number or another "
                          "provider is another request, but do not dial around a block."),
        ("Say which rule", "403 is right for rules, with a text that says which. For an analytics block it is wrong. "
                           f"{_SEND_603PLUS}"),
        ("RFC 3261 §21.4.4",),
    ),
    "busy": Case(
        ("Neither: the line was busy", "The phone, or a service for it, says busy. Nobody refused the caller. A few "
                                       "networks hide blocks behind busy: look for busy answers without ringing."),
        ("Later", "Try again after some minutes, or when Retry-After says so; 600 ends all targets of this callee, 486 "
                  "only this one."),
        _RELAY,
        ("RFC 3261 §21.4.24", "RFC 3261 §21.6.1"),
    ),
    "no_answer": Case(
        ("Neither: nobody was reached", "The person did not answer or their phone was not there. Networks have hidden "
                                        "blocks behind 480 before a phone rang: compare with other calling numbers."),
        ("Later", "Try again later, at another hour; keep to your limit of attempts per day."),
        _RELAY,
        ("RFC 3261 §21.4.18", "RFC 3261 §21.4.9"),
    ),
    "number": Case(
        ("Neither: the number", "The number does not exist, is not complete or has changed. Many such answers make a "
                                "calling number look like a robocaller."),
        ("No", "Take the number off the list, or correct it."),
        ("404, 484, 410 or 604, honestly", "Use these for numbers only. A false 604 or 404 in place of a block hides "
                                           "the contact from the caller."),
        ("RFC 3261 §21.4.5", "RFC 8688 §1"),
    ),
    "fault": Case(
        ("Neither: a technical fault", "An element failed or was overloaded; nobody refused the caller."),
        ("Yes, elsewhere", "Try another server or route now, the same one after Retry-After or with growing pauses."),
        _RELAY,
        ("RFC 3261 §21.5", "RFC 3263 §4.3"),
    ),
    "media": Case(
        ("Neither: the offer", "The session description was not acceptable: codec, encryption or address."),
        ("With another offer", "Change the offer (codecs, SRTP, addresses; a Warning says which) and call again."),
        _RELAY,
        ("RFC 3261 §21.4.26", "RFC 3261 §20.43"),
    ),
    "credentials": Case(
        ("Neither: credentials are wanted", "The server asks who you are; this is a step of a normal call, unless it "
                                            "is the last answer."),
        ("Yes, with credentials", "Answer the challenge once; a second challenge with stale=false means that name or "
                                  "password is wrong."),
        _RELAY,
        ("RFC 3261 §22",),
    ),
    "cancelled": Case(
        ("Neither: the caller gave up", "The calling side sent CANCEL, and 487 confirms it."),
        ("As you like", "Nobody refused; mind your limit of attempts and how long you let it ring."),
        _RELAY,
        ("RFC 3261 §21.4.25", "RFC 3261 §9.2"),
    ),
    "cleared": Case(
        ("Neither: a normal end", "The call was hung up in the normal way; on its own the cause does not say whether "
                                  "it was answered."),
        ("As you like", "Nobody refused."),
        _RELAY,
        ("ITU-T Q.850 §2.2.7",),
    ),
    "rejected": Case(
        ("Cannot be told", "Cause 21 is what a person's No and a network's block both become on telephone trunks and "
                           "in many call records. The SIP status, phrase and Reason say more: look for them."),
        ("No", "Treat it as a refusal: do not retry at once and do not try another route."),
        ("Cause 21, location user, on TDM", f"That is the form of a block on TDM trunks. {_SEND_603PLUS}"),
        ("ITU-T Q.850 §2.2.7", "RFC 3398 §7.2.4.1", _RULE),
    ),
    "barred": Case(
        ("A policy", "The network or the subscription does not allow this call."),
        ("Not unchanged", "The same call gives the same answer; ask your provider which permission is missing."),
        ("Say which rule", "403 with a text. For an analytics block it would be wrong: that is 603 Network Blocked."),
        ("ITU-T Q.850 §2.2.7", "RFC 3398 §7.2.4.1"),
    ),
    "redirect": Case(
        ("Neither: called elsewhere", "The answer names another address to call."),
        ("Yes, there", "Call the addresses in Contact, in their order."),
        _RELAY,
        ("RFC 3261 §21.3",),
    ),
    "answered": Case(
        ("Neither: it succeeded", "A 2xx accepts the request; nobody refused."),
        ("Not needed", "The request succeeded."),
        _RELAY,
        ("RFC 3261 §21.2",),
    ),
    "provisional": Case(
        ("Nobody yet", "A 1xx is no final answer: the call is still under way."),
        ("Wait", "Wait for the final answer; a retry now would be a second call."),
        _RELAY,
        ("RFC 3261 §21.1",),
    ),
    "request": Case(
        ("Nothing was refused here", "A request asks; who refused, and why, stands in the response to it."),
        ("See the response", "Paste the final response to it."),
        _RELAY,
        ("RFC 3261 §7.1",),
    ),
    "unknown": Case(
        ("Cannot be told", "This says neither who refused nor whether anyone did."),
        ("With care", "Treat a status that you do not know as the x00 of its class: 4xx not unchanged, 5xx elsewhere, "
                      "6xx not at all."),
        _RELAY,
        ("RFC 3261 §8.1.3.2",),
    ),
}  # fmt: skip
"Slug -> answers. The first ones have the names of `signals.KINDS`."

STATUS_CASES: dict[int, str] = {
    401: "credentials", 407: "credentials", 402: "barred", 404: "number", 410: "number", 484: "number", 485: "number",
    604: "number", 408: "no_answer", 480: "no_answer", 430: "no_answer", 486: "busy", 600: "busy", 487: "cancelled",
    415: "media", 488: "media", 606: "media", 493: "media", 403: "403", 603: "603", 607: "607", 608: "608",
    428: "stir", 436: "stir", 437: "stir", 438: "stir", 405: "unknown", 433: "barred",
}  # fmt: skip
"Status -> slug of CASES; what is not here goes by its class."

CAUSE_CASES: dict[int, str] = {
    1: "number", 2: "fault", 3: "number", 16: "cleared", 17: "busy", 18: "no_answer", 19: "no_answer", 20: "no_answer",
    21: "rejected", 22: "number", 24: "rejected", 25: "fault", 26: "cleared", 27: "fault", 28: "number", 34: "fault",
    38: "fault", 39: "fault", 40: "fault", 41: "fault", 42: "fault", 43: "fault", 44: "fault", 46: "fault",
    47: "fault", 50: "barred", 52: "barred", 53: "barred", 54: "barred", 55: "barred", 57: "barred", 58: "fault",
    62: "barred", 63: "fault", 65: "media", 70: "media", 79: "media", 87: "barred", 88: "media", 102: "fault",
}  # fmt: skip
"Q.850 cause -> slug of CASES; the rest is `unknown`."
