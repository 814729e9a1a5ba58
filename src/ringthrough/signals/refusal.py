"""`Refusal`: what a message says about who refused the call and where to appeal."""

from __future__ import annotations

from dataclasses import dataclass

from ringthrough.errors import Problem

__all__ = ["KINDS", "Refusal"]

KINDS: dict[str, str] = {
    "608": "An intermediary rejected the call, by a machine's judgement (RFC 8688).",
    "603plus": "A provider's analytics blocked the call and names a contact: 603+ in due form (ATIS-1000099).",
    "603plus_defective": "Meant as a 603+, but it breaks the form of ATIS-1000099; the defects say where.",
    "603plus_rewritten": "The Reason of a 603+ whose phrase was lost or whose status was changed on the way.",
    "607": "The called person marked the call as unwanted (RFC 8197).",
    "stir": "The caller's Identity was missing, unreadable, untrusted or stale (RFC 8224, RFC 9410).",
    "provider": "A provider refused by its own policy and said so in its own way, as Twilio and Telnyx do.",
    "network_cause": "403 or 603 with a Q.850 cause that a network, not the user, gave (RFC 8606).",
    "603": "Decline and nothing more: the called person, or any machine on the way (RFC 3261 §21.6.2).",
    "403": "Forbidden and nothing more: policy of some server on the way (RFC 3261 §21.4.4).",
}
"Slug of a kind -> what it means, in one sentence."


@dataclass(frozen=True, slots=True)
class Refusal:
    """What one message says. All text is as sent unless it says otherwise; what was not said is "" or None."""

    kind: str
    "One slug of `KINDS`."
    carried_in: str
    "What carried it: `response`, `bye` or `cancel`."
    code: int | None
    "Status of the response; of a BYE or CANCEL the cause of the Reason that carried it."
    phrase: str
    "Phrase of the response; of a BYE or CANCEL the text of that Reason."
    reason: str = ""
    "All Reason values, joined with a comma and a space."
    sip_cause: int | None = None
    "Cause of the first Reason value with protocol SIP."
    q850_cause: int | None = None
    "Cause of the first Reason value with protocol Q.850."
    location: str = ""
    "Location of the value that was believed; tokens of RFC 8606 in upper case, anything else as sent."
    url: str = ""
    "Where to appeal on the web. Unverified: nothing in a 603+ is signed."
    tel: str = ""
    "Telephone number to appeal to."
    email: str = ""
    "Mail address to appeal to."
    id: str = ""
    "Reference to quote in an appeal."
    card_uri: str = ""
    "URI of the signed contact card of a 608."
    blocker: str = ""
    "Host of the url, else domain of the email, else host of the card, in lower case. Unverified."
    provider_code: str = ""
    "How a provider's own block was known: `twilio:32203`, `telnyx:D35`, `warning:399`, `phrase:spam`."
    defects: tuple[Problem, ...] = ()
    "What is wrong with it, or makes it less certain."
