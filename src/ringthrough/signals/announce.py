"""
Whether a call that is refused with 608 gets an announcement first, and how: facts in, a plan with its reasons out.

Facts:
- A caller whose INVITE carries `Feature-Caps: *;+sip.608` reads the card by itself. For every other caller the one who
  refuses has to play an announcement (RFC 8688 §3.4), unless the caller is held for malicious, is one's own, or may not
  be who the session description says: media sent to a stranger's address is an attack on the stranger (§3.5, §6).
- The call is never answered: the announcement is early media behind a 183, and the end is the 608 all the same.
- RFC 8688 §3.4 wants that 183 reliable. RFC 3262 §3 forbids it towards a caller who does not offer 100rel, and a caller
  without `sip.608` is the very one who may not. RFC 3262 wins here; the plan names the deviation.
- Whether an Identity was valid is told by `stir`, a room beside this one: it comes in as an argument.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from ringthrough.errors import LocalError
from ringthrough.wire import Message, Request

from .problems import defect

__all__ = [
    "CARD_POLICIES",
    "OBLIGATIONS",
    "REASONS",
    "REFRESH_S",
    "RESEND_S",
    "AnnouncementFacts",
    "AnnouncementPlan",
    "CardPolicy",
    "PlanReason",
    "announcement_facts",
    "plan_announcement",
    "signals_608",
]

CardPolicy = Literal["always", "stir_valid", "never"]
CARD_POLICIES = ("always", "stir_valid", "never")
"Who is told the contact: everybody, callers whose Identity is valid (RFC 8688 §6), nobody."

RESEND_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"Seconds between the copies of a 183 that is not reliable: T1 doubling, as RFC 3262 §3 has it for reliable ones."
REFRESH_S = 60.0
"Seconds after which a 183 is repeated while the announcement lasts (RFC 3261 §13.3.1.1)."

OBLIGATIONS: dict[str, str] = {
    "not_due": "No announcement is due: the caller reads the card, or there is no call to play it into.",
    "met": "The announcement is played.",
    "waived": "A caveat of RFC 8688 §3.5 or §6 holds, so none is played.",
    "unmet": "One is due and cannot be played; put an element in front that inserts sip.608 or plays media.",
}
"Slug of the duty to announce (RFC 8688 §3.4) -> what became of it."

REASONS: dict[str, tuple[str, str]] = {
    "no_call": ("Only an INVITE sets up media to play something into.", "RFC 8688 §3.4"),
    "caller_reads_cards": ("The INVITE carries sip.608, so the caller reads the card.", "RFC 8688 §3.3, §3.4"),
    "caller_suspect": ("The caller is held for malicious.", "RFC 8688 §3.5, §6"),
    "caller_is_ours": ("The caller is under our own control and is told in another way.", "RFC 8688 §3.5"),
    "source_doubtful": ("Nothing shows that the media would go to the caller: no Identity, no ICE check, no trust.",
                        "RFC 8688 §6"),
    "no_player": ("There is nothing here that plays media.", "RFC 8688 §3.4"),
    "no_offer": ("The INVITE offers no session, and without 100rel no offer can be made in the 183.", "RFC 3262 §5"),
    "no_common_media": ("The offer has neither audio nor real-time text.", "RFC 8688 §3.5"),
    "audio": ("The offer has audio, so the announcement is spoken.", "RFC 8688 §3.5"),
    "text": ("The offer has real-time text and no audio, so the announcement is written.", "RFC 8688 §3.5; RFC 4103"),
    "own_offer": ("The INVITE offers no session: audio is offered in the 183.", "RFC 3262 §5"),
    "reliable": ("The caller offers 100rel, so the 183 is reliable.", "RFC 8688 §3.4"),
    "not_reliable": ("The caller offers no 100rel: the 183 is repeated instead, against RFC 8688 §3.4.", "RFC 3262 §3"),
    "card": ("The 608 names the contact.", "RFC 8688 §3.1"),
    "card_withheld_suspect": ("The contact is withheld from a caller who would misuse it.", "RFC 8688 §3.1, §6"),
    "card_withheld_unproven": ("The contact is given only to callers whose Identity is valid.", "RFC 8688 §6"),
    "card_withheld": ("The contact is given to nobody.", "RFC 8688 §6"),
}  # fmt: skip
"Slug of a reason -> sentence and source."


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementFacts:
    """What has to be known to decide."""

    method: str = "INVITE"
    sip_608: bool = False
    "The request carries the feature capability sip.608."
    reliable_offered: bool = False
    "100rel stands in Supported or Require."
    media: tuple[str, ...] | None = None
    "Media types of the offer that are open; None where there is no offer."
    stir_valid: bool | None = None
    "An Identity was verified; None where nobody looked."
    ice_checked: bool = False
    "A connectivity check has proved the media address."
    trusted_source: bool = False
    "A rule of ours trusts the peer that sent it."
    suspect: bool = False
    "The caller is held for malicious."
    own_caller: bool = False
    "The caller is under the same control as we."
    can_play: bool = True
    "There is something here that plays media."


class PlanReason(NamedTuple):
    """Why a plan says what it says."""

    slug: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class AnnouncementPlan:
    """What to do before and with the 608."""

    announce: bool
    "Send a 183 and play the announcement before the 608; else the 608 at once."
    media: str
    "`audio` or `text`; empty without announcement."
    reliable: bool
    "The 183 carries `Require: 100rel` and an RSeq, and the announcement waits for the PRACK."
    resend_s: tuple[float, ...]
    "Seconds between copies of a 183 that is not reliable; empty for a reliable one."
    call_info: bool
    "The 608 carries the Call-Info with the card."
    obligation: str
    "A slug of `OBLIGATIONS`."
    reasons: tuple[PlanReason, ...]
    "Why, in the order of the decisions."


def signals_608(message: Message) -> bool:
    """Whether a message carries the feature capability `sip.608` (RFC 8688 §3.3, RFC 6809 §6)."""
    return "Feature-Caps" in message.headers and any(value.has("sip.608") for value in message.feature_caps)


def announcement_facts(
    request: Request,
    *,
    stir_valid: bool | None = None,
    ice_checked: bool = False,
    trusted_source: bool = False,
    suspect: bool = False,
    own_caller: bool = False,
    can_play: bool = True,
) -> AnnouncementFacts:
    """
    The facts that stand in the request, beside those that only the caller of this function knows.

    Raises:
        LocalError: the request stands inside of a dialog, where 608 is no answer.

    Source: RFC 8688 §3.1, §3.4
    """
    if request.to is not None and request.to.tag:
        raise LocalError(defect("signals-608-in-dialog", "a To without a tag", request.to.tag, "To"))
    options = {option.lower() for option in (*request.supported, *request.require)}
    return AnnouncementFacts(
        method=request.method,
        sip_608=signals_608(request),
        reliable_offered="100rel" in options,
        media=_offered(request),
        stir_valid=stir_valid,
        ice_checked=ice_checked,
        trusted_source=trusted_source,
        suspect=suspect,
        own_caller=own_caller,
        can_play=can_play,
    )


def _offered(request: Request) -> tuple[str, ...] | None:
    """Media types of the m-lines whose port is not 0 (RFC 4566 §5.14, RFC 3264 §5.1); None without a description."""
    content = request.content_type
    if content is None or content.type.lower() not in ("application", "multipart") or not request.body:
        return None
    found: list[str] = []
    seen = False
    for line in request.body.splitlines():
        seen = seen or line[:2] == b"v="
        if line[:2] == b"m=":
            words = line[2:].decode("latin-1").split()
            if len(words) >= 2 and words[1].partition("/")[0] != "0":
                found.append(words[0].lower())
    return tuple(found) if seen or found else None


def plan_announcement(facts: AnnouncementFacts, *, card_policy: CardPolicy = "always") -> AnnouncementPlan:
    """
    Decide on the announcement and on Call-Info. The same facts give the same plan.

    Args:
        facts: see `announcement_facts`.
        card_policy: who is told the contact.

    Source: RFC 8688 §3.1, §3.4, §3.5, §6; RFC 3262 §3, §5
    """
    due, why = _due(facts)
    media = ""
    slugs = [why] if why else []
    if due == "met":
        media, why = _medium(facts)
        slugs.append(why)
        due = "met" if media else "unmet"
    announce = due == "met"
    if announce:
        slugs.append("reliable" if facts.reliable_offered else "not_reliable")
    call_info, why = _card(facts, card_policy)
    slugs.append(why)
    return AnnouncementPlan(
        announce=announce,
        media=media,
        reliable=announce and facts.reliable_offered,
        resend_s=RESEND_S if announce and not facts.reliable_offered else (),
        call_info=call_info,
        obligation=due,
        reasons=tuple(PlanReason(slug, *REASONS[slug]) for slug in slugs),
    )


def _due(facts: AnnouncementFacts) -> tuple[str, str]:
    """The duty, before anybody has looked at media, and the reason; "met" stands for due."""
    if facts.method != "INVITE":
        return "not_due", "no_call"
    if facts.sip_608:
        return "not_due", "caller_reads_cards"
    if facts.suspect:
        return "waived", "caller_suspect"
    if facts.own_caller:
        return "waived", "caller_is_ours"
    if not (facts.stir_valid or facts.ice_checked or facts.trusted_source):
        return "waived", "source_doubtful"
    if not facts.can_play:
        return "unmet", "no_player"
    return "met", ""


def _medium(facts: AnnouncementFacts) -> tuple[str, str]:
    if facts.media is None:
        return ("audio", "own_offer") if facts.reliable_offered else ("", "no_offer")
    for medium in ("audio", "text"):
        if medium in facts.media:
            return medium, medium
    return "", "no_common_media"


def _card(facts: AnnouncementFacts, policy: CardPolicy) -> tuple[bool, str]:
    if policy == "never":
        return False, "card_withheld"
    if facts.suspect:
        return False, "card_withheld_suspect"
    if policy == "stir_valid" and not facts.stir_valid:
        return False, "card_withheld_unproven"
    return True, "card"
