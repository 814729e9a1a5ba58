"""
From 608 to 603+ and back, and both to and from the telephone network: what remains, and what is lost.

Facts:
- A 603+ carries its contact in plain text, a 608 carries it on a signed card. No translation can keep a signature: a
  608 made of a 603+ is signed by the translator, who then answers for a contact that a stranger wrote.
- The telephone network knows a cause and a location, nothing else. US rules want cause 21 with location user for every
  block that crosses it, and 603 or 603+ on the way back (47 CFR 64.1200(k)(9) [S]); RFC 3398, older than 607 and 608,
  makes cause 31 of them by default and 403 of 21 unless the location is the user.
- After that a person's decline and a block look the same, and nothing can bring the difference back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ringthrough.errors import LocalError
from ringthrough.wire import Request, Response, respond

from .build import build_603plus, build_608
from .contact import bad_email, bad_id, bad_tel, bad_url
from .notice import LOCATIONS, NETWORK_LOCATIONS
from .problems import defect
from .refusal import Refusal

if TYPE_CHECKING:
    from .card.jcard import Card

__all__ = [
    "LOSSES",
    "RULES",
    "IsupRelease",
    "Translation",
    "build_translation",
    "from_isup",
    "to_603plus",
    "to_608",
    "to_isup",
]

Rule = Literal["us", "rfc3398"]
RULES: dict[str, str] = {
    "us": "47 CFR 64.1200(k)(9): 603, 603+, 607 and 608 become 21 with location user, and that becomes 603 or 603+.",
    "rfc3398": "RFC 3398 to the letter: 607 and 608 become 31 with location user, and 21 becomes 403 unless user.",
}
"How a refusal crosses to the telephone network and back."

LOSSES: dict[str, str] = {
    "signature": "The contact is not signed any more: anybody on the way could have written it.",
    "authorship": "The signature is the translator's: it proves who translated, not who blocked.",
    "issue_time": "When the card was signed is not said any more, so a replay cannot be told.",
    "name": "The name on the card has no place in the result.",
    "further_contacts": "Of each kind one contact fits, and the others are dropped.",
    "unfit_contacts": "A contact of the card has not the form that the result wants, and is dropped.",
    "address": "A postal address has no place in the result.",
    "contact": "Where to appeal is not said any more.",
    "reference": "The reference to quote in an appeal is dropped.",
    "location": "Which network blocked is not said any more.",
    "defects": "The form of the original was broken; what could be read of it was taken.",
    "machine": "That analytics decided and no person cannot be seen any more.",
    "person": "That the called person marked the caller as unwanted cannot be seen any more.",
    "wording": "The phrase and the other texts of the original are dropped.",
    "cause": "Which of several reasons it was is not said any more: they share one answer.",
}
"Slug of a loss -> what is lost, in one sentence."

# RFC 8606 §3 names the spare and reserved code points too
_LOCATIONS = NETWORK_LOCATIONS | {"U", ""} | {f"LOC-{point}" for point in (6, 8, 9, 11, 12, 13, 14, 15)}
_603PLUS = ("603plus", "603plus_defective", "603plus_rewritten")
# RFC 3398 §8.2.6.1 for what its table does not list, §7.2.4.1 for the way back
_UNLISTED_CAUSE = 31
_UNLISTED_STATUS = 500


@dataclass(frozen=True, slots=True)
class Translation:
    """A refusal in another form; `build_translation` makes the response."""

    kind: str
    "`603plus`, `608`, or `plain` for a status without contact."
    status: int
    phrase: str
    url: str = ""
    tel: str = ""
    email: str = ""
    id: str = ""
    location: str = ""
    "For a 603+ its location; else that of the Q.850 cause."
    fn: str = ""
    "For a 608: the name its card should show."
    cause: int | None = None
    "Q.850 cause for the Reason of a plain answer; None for none."
    lost: tuple[str, ...] = ()
    "Slugs of `LOSSES`."


@dataclass(frozen=True, slots=True)
class IsupRelease:
    """What the telephone network is told."""

    cause: int
    "Q.850 cause."
    location: str
    "Token of RFC 8606: U for the user, LN ... for a network."
    lost: tuple[str, ...]
    "Slugs of `LOSSES`."
    source: str
    "The rule."


def to_603plus(refusal: Refusal, card: Card | None = None, *, location: str = "RLN", id: str = "") -> Translation:  # noqa: A002
    """
    A 608 as a 603+.

    Args:
        refusal: what `read` made of the 608.
        card: its card; the first contact of each kind that fits a 603+ is taken. Verify it first: a 603+ cannot say
            that nobody did.
        location: who blocked, as the translator knows: LN, TN, RLN, LPN or RPN.
        id: reference of the translator.

    Returns:
        A 603+; without a contact that fits, a plain 603 with a Q.850 Reason, because a 603+ needs one.

    Raises:
        LocalError: the refusal is no 608; location or id have not their form.

    Source: RFC 8688 §3.1, §3.2; ATIS-1000099 [S]
    """
    if refusal.kind != "608":
        raise LocalError(defect("signals-translate-kind", "a 608", refusal.kind, "refusal"))
    if location not in LOCATIONS:
        raise LocalError(defect("signals-603plus-bad-location", "LN, TN, RLN, LPN or RPN", location, "location"))
    if id and (wrong := bad_id(id)) is not None:
        raise LocalError(wrong)
    taken, dropped = _fitting(card)
    lost = [*(["signature", "issue_time"] if refusal.card_uri or card is not None else [])]
    if card is not None and card.fn:
        lost.append("name")
    lost += dropped
    if not taken:
        if refusal.card_uri or card is not None:
            lost.append("contact")
        return Translation(
            "plain", 603, "Decline", location=location, cause=21, lost=(*lost, "machine", "wording")
        )  # fmt: skip
    return Translation(
        "603plus",
        603,
        "Network Blocked",
        url=taken.get("url", ""),
        tel=taken.get("tel", ""),
        email=taken.get("email", ""),
        id=id,
        location=location,
        lost=tuple(lost),
    )


def _fitting(card: Card | None) -> tuple[dict[str, str], list[str]]:
    """The first contact of each kind that a 603+ can carry, and the losses."""
    checks = {"url": bad_url, "tel": bad_tel, "email": bad_email}
    taken: dict[str, str] = {}
    lost: dict[str, None] = {}
    for contact in card.contacts if card is not None else ():
        if contact.kind == "adr":
            lost["address"] = None
        elif checks[contact.kind](contact.value) is not None or any(mark in contact.value for mark in ';"\\'):
            lost["unfit_contacts"] = None
        elif contact.kind in taken:
            lost["further_contacts"] = None
        else:
            taken[contact.kind] = contact.value
    return taken, list(lost)


def to_608(refusal: Refusal, *, fn: str) -> Translation:
    """
    A 603+ as a 608, whose card the translator has to make and sign.

    Args:
        refusal: what `read` made of the 603+; only contacts in due form are taken from it.
        fn: name on the card. Say whose word it is: "Appeals, as told by the blocking network".

    Raises:
        LocalError: the refusal is no 603+, or names no contact in due form; the name is empty.

    Source: RFC 8688 §3.1, §3.2; ATIS-1000099 [S]
    """
    if refusal.kind not in _603PLUS:
        raise LocalError(defect("signals-translate-kind", "a 603+", refusal.kind, "refusal"))
    url = refusal.url if refusal.url and bad_url(refusal.url) is None else ""
    tel = refusal.tel if refusal.tel and bad_tel(refusal.tel) is None else ""
    email = refusal.email if refusal.email and bad_email(refusal.email) is None else ""
    if not (url or tel or email):
        found = refusal.url or refusal.tel or refusal.email
        raise LocalError(defect("signals-card-no-contact", "a url, tel or email in due form", found, "refusal"))
    if not fn.strip():
        raise LocalError(defect("signals-card-no-fn", "a name", fn, "fn"))
    lost = ["authorship"]
    if (url, tel, email) != (refusal.url, refusal.tel, refusal.email):
        lost.append("unfit_contacts")
    lost += [slug for slug, value in (("reference", refusal.id), ("location", refusal.location)) if value]
    if refusal.kind != "603plus":
        lost.append("defects")
    return Translation("608", 608, "Rejected", url=url, tel=tel, email=email, fn=fn, lost=tuple(lost))


def to_isup(refusal: Refusal, *, rule: Rule = "us", network: str = "LN") -> IsupRelease:
    """
    What the telephone network is told of a refusal.

    Args:
        refusal: what `read` made of the response.
        rule: a slug of `RULES`. A Q.850 Reason of the response itself goes before the table; under `us` not for a 603+.
        network: location for what a network and not the user refused.

    Raises:
        LocalError: the refusal came in a request; the rule is unknown; the location is no network.

    Source: RFC 3398 §8.2.6.1; RFC 6432; 47 CFR 64.1200(k)(9) [S]
    """
    _known_rule(rule)
    if network not in NETWORK_LOCATIONS:
        raise LocalError(defect("signals-isup-location", ", ".join(sorted(NETWORK_LOCATIONS)), network, "network"))
    if refusal.carried_in != "response" or refusal.code is None:
        raise LocalError(defect("signals-translate-kind", "a response", refusal.carried_in, "refusal"))
    notice = refusal.kind in _603PLUS
    block = refusal.code in (607, 608) or refusal.kind in ("607", "608")
    if rule == "us" and notice:
        cause, location, source = 21, "U", "47 CFR 64.1200(k)(9)(iii) [S]"
    elif refusal.q850_cause is not None and 1 <= refusal.q850_cause <= 127:
        said = refusal.location if refusal.location in NETWORK_LOCATIONS | {"U"} else ""
        cause, location, source = refusal.q850_cause, said or _side(refusal.code, network), "RFC 6432 §4"
    elif block:
        cause = 21 if rule == "us" else _UNLISTED_CAUSE
        location, source = "U", "47 CFR 64.1200(k)(9)(ii) [S]" if rule == "us" else "RFC 3398 §8.2.6.1"
    else:
        cause, location, source = _cause_of(refusal.code), _side(refusal.code, network), "RFC 3398 §8.2.6.1"
    return IsupRelease(cause, location, tuple(_lost_to_isup(refusal, location)), source)


def _lost_to_isup(refusal: Refusal, location: str) -> list[str]:
    lost = []
    if refusal.card_uri:
        lost += ["signature", "issue_time"]
    if refusal.card_uri or refusal.url or refusal.tel or refusal.email:
        lost.append("contact")
    if refusal.id:
        lost.append("reference")
    if refusal.location and refusal.location != location:
        lost.append("location")
    if refusal.kind == "608" or refusal.kind in _603PLUS:
        lost.append("machine")
    elif refusal.kind == "607":
        lost.append("person")
    elif refusal.kind in ("provider", "stir"):
        lost.append("cause")
    return [*lost, "wording"]


def from_isup(
    cause: int,
    location: str,
    *,
    rule: Rule = "us",
    url: str = "",
    tel: str = "",
    email: str = "",
    id: str = "",  # noqa: A002
    notice_location: str = "RLN",
) -> Translation:
    """
    A release of the telephone network as a SIP response.

    Args:
        cause: Q.850 cause, 1 to 127.
        location: token of RFC 8606 (U, LN ...); "" where the release does not say.
        rule: a slug of `RULES`.
        url: with `tel` and `email`: the translator's own contact. With one, cause 21 of the user becomes a 603+; give
            one only where it is known to be a block, because the cause does not say. Not under `rfc3398`.
        tel: see url.
        email: see url.
        id: reference of the translator.
        notice_location: location of that 603+.

    Raises:
        LocalError: cause, location or rule are none; the cause becomes no response (16, 44); a contact was given where
            no 603+ can come out.

    Source: RFC 3398 §7.2.4.1; 47 CFR 64.1200(k)(9)(iv) [S]
    """
    _known_rule(rule)
    if not 1 <= cause <= 127:
        raise LocalError(defect("signals-isup-cause", "1 to 127", str(cause), "cause"))
    if location not in _LOCATIONS:
        raise LocalError(defect("signals-isup-location", "a token of RFC 8606", location, "location"))
    offered = bool(url or tel or email)
    if offered and not (rule == "us" and (cause, location) == (21, "U")):
        found = f"{rule}, cause {cause}, location {location or 'none'}"
        raise LocalError(defect("signals-isup-rule", "us, cause 21 and location U for a 603+", found, "rule"))
    if offered:
        gone = ("contact", "reference", "location", "wording")
        return Translation(
            "603plus", 603, "Network Blocked", url, tel, email, id, notice_location, lost=gone
        )  # fmt: skip
    if (cause, location) == (21, "U"):
        return Translation(
            "plain", 603, "Decline", location=location, cause=cause, lost=("machine", "person", "contact", "wording")
        )  # fmt: skip
    from ringthrough.reference import NotFound, lookup

    try:
        listed = lookup(f"Q.850:{cause}").to_sip
    except NotFound:
        listed = None
    if listed is not None and listed.rule.startswith("no response"):
        said = f"{cause}, which ends a call with BYE or CANCEL, or not at all"
        raise LocalError(defect("signals-isup-cause", "a cause that becomes a response", said, "cause"))
    status = listed.cause if listed is not None and listed.cause is not None else _UNLISTED_STATUS
    phrase = lookup(status).name
    lost: tuple[str, ...] = ("machine", "person", "contact", "wording") if cause == 21 else ("cause", "wording")
    return Translation("plain", status, phrase, location=location, cause=cause, lost=lost)


def build_translation(
    request: Request, translation: Translation, *, to_tag: str, card_uri: str | None = None
) -> Response:
    """
    The response that a translation describes.

    Args:
        request: the request that is refused.
        translation: what `to_603plus`, `to_608` or `from_isup` gave.
        to_tag: tag for the To of the response.
        card_uri: for a 608: where the translator's card is.

    Raises:
        LocalError: a 608 without card; and as the builders.
    """
    if translation.kind == "603plus":
        return build_603plus(
            request, to_tag=to_tag, url=translation.url, tel=translation.tel, email=translation.email,
            id=translation.id, location=translation.location,
        )  # fmt: skip
    if translation.kind == "608":
        if card_uri is None:
            raise LocalError(defect("signals-translate-card", "the URL of a card", "none", "card_uri"))
        return build_608(request, to_tag=to_tag, card_uri=card_uri)
    reason = f"Q.850;cause={translation.cause}"
    if translation.location:
        reason += f";location={translation.location}"
    return respond(request, translation.status, translation.phrase, to_tag=to_tag, headers=[("Reason", reason)])


def _known_rule(rule: str) -> None:
    if rule not in RULES:
        raise LocalError(defect("signals-isup-rule", " or ".join(RULES), rule, "rule"))


def _side(code: int, network: str) -> str:
    """RFC 3398 §8.2.6.1: 6xx come from the user, 4xx and 5xx from the network."""
    return "U" if code >= 600 else network


def _cause_of(code: int) -> int:
    from ringthrough.reference import NotFound, lookup

    try:
        found = lookup(code).to_q850
    except NotFound:
        return _UNLISTED_CAUSE
    return found.cause if found is not None and found.cause is not None else _UNLISTED_CAUSE
