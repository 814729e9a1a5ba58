"""The five answers, in the order in which people ask."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ringthrough.errors import Problem
from ringthrough.signals import Refusal
from ringthrough.wire import Response

from .cases import CASES
from .evidence import Evidence, case_of, server_of
from .meanings import LOCATIONS
from .result import Answer

__all__ = ["answers"]

# What known switches do to a refusal when they write it anew (their sources, August and September 2026).
_SWITCHES = (
    (re.compile(r"freeswitch", re.IGNORECASE), "FreeSWITCH",
     "FreeSWITCH writes its own response: a 603+ keeps its Reason and loses its phrase unless "
     "sip_603plus_passthrough=true, and a 608 loses its Call-Info."),
    (re.compile(r"asterisk|freepbx", re.IGNORECASE), "Asterisk",
     "Asterisk writes its own response: 603 comes out as 403, 607 and 608 as 500, and the text of the Reason is lost."),
)  # fmt: skip


def answers(evidence: Evidence, defects: Sequence[Problem]) -> tuple[Answer, ...]:
    """
    Answer every question.

    Args:
        evidence: what was pasted.
        defects: what is wrong with it.
    """
    slug = case_of(evidence)
    case = CASES[slug]
    return (
        _origin(evidence, slug, defects),
        _who(evidence, slug),
        _retry(evidence, slug),
        _rewritten(evidence, slug, defects),
        Answer("owed", case.owed[0], case.owed[1], case.sources),
    )


def _origin(evidence: Evidence, slug: str, defects: Sequence[Problem]) -> Answer:
    case = CASES[slug]
    short, text = case.origin
    refusal = evidence.refusal
    if slug == "603" and evidence.rang:
        short = "A person, most likely"
        text = "It rang (180) before the 603: blocks by machines act before a phone rings. " + text
    elif slug == "603" and refusal is not None and refusal.location == "U":
        text += " Location U claims the user's side; US networks must say so on TDM trunks even when they blocked."
    elif slug == "603plus" and any(p.code in _NO_NOTICE for p in defects):
        text = (
            "The phrase Network Blocked is that of a 603+, a block by a provider's analytics. The Reason that makes "
            "it one, and names a contact, is missing."
        )
    elif slug == "603plus" and refusal is not None and refusal.kind == "603plus_rewritten":
        text = (
            "The Reason with v=analytics is that of a 603+, by which a provider's analytics blocks a call. Status or "
            "phrase no longer say so, which is the work of some element on the way."
        )
    elif slug == "603plus" and refusal is not None and refusal.kind != "603plus":
        text += " Its form is broken, see the defects; the meaning is clear all the same."
    elif slug == "rejected" and refusal is None and evidence.finals:
        text += " The messages of the same call stand beside it; trust them first."
    return Answer("origin", short, text, case.sources)


def _who(evidence: Evidence, slug: str) -> Answer:
    refusal = evidence.refusal
    parts: list[str] = []
    short = "It does not say"
    if refusal is not None:
        if refusal.blocker:
            short = f"{refusal.blocker} (unverified)"
        contact = _contact(refusal)
        if contact:
            parts.append(f"Appeal: {contact}.")
        if refusal.id:
            parts.append(f"Quote the reference {refusal.id}.")
        if refusal.card_uri:
            parts.append("The card is signed: check its signature and whose certificate it is before you write.")
        elif contact:
            parts.append("Nothing in this is signed: check whose page or number it is before you give anything away.")
        if refusal.location:
            parts.append(LOCATIONS.get(refusal.location, f"Location {refusal.location} is not one of RFC 8606."))
        if refusal.provider_code:
            parts.append(f"The provider's own mark is {refusal.provider_code}; ask that provider, it is on your side.")
    server = server_of(evidence)
    if server:
        parts.append(f"The response was written by {server[:80]}.")
        if short == "It does not say" and slug in ("403", "603", "provider", "stir"):
            short = "The element that wrote it"
    told = " ".join(parts)
    if slug == "607":
        short = "The person called"
        told = f"There is no contact in a 607 by design, and no appeal but the person's own change of mind. {told}"
    elif not _appealable(slug):
        short = "Nobody to appeal to"
        told = f"Nobody refused the call. {told}"
    elif refusal is None or not _contact(refusal):
        told += (
            " No contact is named. Ask your own carrier for the message as it came in, then the called side's carrier; "
            "US providers must name a contact for call blocking on their website (47 CFR 64.1200(k)(8))."
        )
    return Answer("who", short, told.strip(), ("RFC 8606 §4",) if refusal is not None and refusal.location else ())


def _appealable(slug: str) -> bool:
    neither = ("Neither", "Nobody", "Nothing")
    return not CASES[slug].origin[0].startswith(neither)


def _contact(refusal: Refusal) -> str:
    named = (("page", refusal.url), ("telephone", refusal.tel), ("mail", refusal.email), ("card", refusal.card_uri))
    return ", ".join(f"{name} {said}" for name, said in named if said)


def _retry(evidence: Evidence, slug: str) -> Answer:
    case = CASES[slug]
    short, text = case.retry
    message = evidence.message
    if isinstance(message, Response) and message.retry_after is not None and not evidence.made_up:
        seconds = message.retry_after.delay_s
        if slug in ("busy", "no_answer", "fault"):
            short = f"After {seconds} s"
        text = f"Retry-After says {seconds} s. {text}"
        return Answer("retry", short, text, (*case.sources, "RFC 3261 §20.33"))
    return Answer("retry", short, text, case.sources)


def _rewritten(evidence: Evidence, slug: str, defects: Sequence[Problem]) -> Answer:
    refusal = evidence.refusal
    found = [problem for problem in defects if problem.code in _TRACES]
    changed = _changes(evidence.finals)
    server = server_of(evidence)
    switch = next(((name, told) for pattern, name, told in _SWITCHES if pattern.search(server)), None)
    parts: list[str] = []
    if changed:
        short = "Rewritten"
        parts.append(f"The paste itself shows it: {changed}.")
    elif found:
        short = "Rewritten"
    elif evidence.made_up or evidence.status is None:
        short = "Cannot be told"
        parts.append("The status line was not pasted; paste the whole response, from the capture and not from a log.")
    elif switch is not None and slug in ("603", "403", "603plus", "608", "607", "fault"):
        short = "Perhaps"
    elif slug == "603":
        short = "Perhaps"
        parts.append("A bare 603 is also what is left of a 603+ or 608 behind a telephone trunk or a B2BUA.")
    elif any(p.code in _NO_NOTICE for p in defects):
        short = "Perhaps"
        parts.append("The Reason with v=analytics1 is missing: it was not pasted, or an element on the way dropped it.")
    elif slug == "603plus" and refusal is not None and refusal.kind == "603plus":
        short = "As sent, by its look"
        parts.append("Phrase and Reason fit together, which rewriting breaks first.")
    elif slug == "608":
        short = "As sent, by its look" if refusal is not None and refusal.card_uri else "Perhaps"
        parts.append("The card is signed; the response around it is not.")
    elif slug in ("403", "provider", "network_cause", "no_answer", "fault", "rejected", "busy"):
        short = "No trace of it"
        parts.append(
            "Gateways map codes through Q.850 and back, and lose the difference; compare with your carrier's trace."
        )
    else:
        short = "No trace of it"
    parts += [f"{problem.detail[:1].upper()}{problem.detail[1:]}." for problem in found]
    if switch is not None and evidence.status is not None and not evidence.made_up:
        parts.append(switch[1])
    if evidence.q850 == 21 and slug == "603":
        parts.append("Cause 21 is what a 603+ becomes on a telephone trunk; its text and contact stay behind.")
    return Answer(
        "rewritten", short, " ".join(parts) or "Nothing in it contradicts itself.", ("RFC 3398", "RFC 3326 §2")
    )


_NO_NOTICE = frozenset({"signals-603plus-no-reason", "signals-603plus-foreign-reason"})
_TRACES = frozenset(
    {"signals-603plus-phrase-lost", "signals-603plus-status-changed", "signals-607-in-reason", "signals-608-in-reason",
     "signals-608-status-changed", "reading-contradiction"}
)  # fmt: skip


def _changes(finals: tuple[tuple[int, str], ...]) -> str:
    """`608 Rejected became 603 Decline`, for a ladder whose hops answer differently; "" otherwise."""
    said: list[str] = []
    for status, phrase in finals:
        text = f"{status} {phrase}".strip()
        if status >= 300 and status not in (401, 407) and text not in said:
            said.append(text)
    return " became ".join(said) if len(said) > 1 else ""
