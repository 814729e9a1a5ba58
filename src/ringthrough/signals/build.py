"""
Builders of refusals: the reverse of `read`. What they make, `read` gives back without a defect.

A 608 built here points to a card; making and signing the card is not done here.
"""

from __future__ import annotations

from ringthrough.errors import LocalError
from ringthrough.wire import ReasonValue, Request, Response, parse_reason, respond

from .contact import domain_of
from .notice import read_notice
from .problems import defect

__all__ = ["build_603plus", "build_608"]

_CAUSES = {"SIP": 603, "Q.850": 21}


def build_603plus(
    request: Request,
    *,
    to_tag: str,
    url: str = "",
    tel: str = "",
    email: str = "",
    id: str = "",  # noqa: A002 - the word on the wire
    location: str = "RLN",
    protocol: str = "SIP",
) -> Response:
    """
    The response `603 Network Blocked` with its notice.

    Args:
        request: the request that is refused.
        to_tag: tag for the To of the response.
        url: https URL for appeals; ';' and '"' in it are percent-encoded, because they would end the pair or the text.
        tel: telephone number for appeals, '+' and digits.
        email: mail address for appeals.
        id: reference that the caller quotes: 1 to 64 letters, digits, '_' and '-'.
        location: who blocked: LN, TN, RLN, LPN or RPN.
        protocol: `SIP` gives cause 603, `Q.850` cause 21.

    Raises:
        LocalError: `read` would find a defect in it; the problem is that defect.

    Source: ATIS-1000099 [S] for the form, [reconstructed] for order and escapes
    """
    escaped = url.replace(";", "%3B").replace('"', "%22")
    pairs = [("url", escaped), ("tel", tel), ("email", email), ("id", id)]
    for name, value in pairs:
        if any(mark in value for mark in ';"\\\r\n'):
            raise LocalError(defect(f"signals-603plus-bad-{name}", "no separator and no quote", value, name))
    text = ";".join(["v=analytics1", *(f"{name}={value}" for name, value in pairs if value)])
    if protocol not in _CAUSES:
        raise LocalError(defect("signals-603plus-protocol", "SIP or Q.850", protocol, "protocol"))
    reason = f'{protocol};cause={_CAUSES[protocol]};text="{text}";location={location}'
    for wrong in read_notice(_parsed(reason, location)).defects:
        raise LocalError(wrong)
    return respond(request, 603, "Network Blocked", to_tag=to_tag, headers=[("Reason", reason)])


def _parsed(reason: str, location: str) -> ReasonValue:
    if not location.isalpha():  # or it could write parameters of its own
        raise LocalError(defect("signals-603plus-bad-location", "LN, TN, RLN, LPN or RPN", location, "location"))
    return parse_reason(reason)


def build_608(request: Request, *, to_tag: str, card_uri: str | None) -> Response:
    """
    The response `608 Rejected`, with a Call-Info that points to the contact card.

    Args:
        request: the request that is refused; it must stand outside of any dialog.
        to_tag: tag for the To of the response.
        card_uri: https URL of the signed card; None for a caller who would misuse the contact (RFC 8688 §6).

    Raises:
        LocalError: the request has a To tag; the URI is not https or would break out of its brackets.

    Source: RFC 8688 §3.1
    """
    if request.to is not None and request.to.tag:
        raise LocalError(defect("signals-608-in-dialog", "a To without a tag", request.to.tag, "To"))
    headers = []
    if card_uri is not None:
        broken = not card_uri.isprintable() or any(mark in card_uri for mark in '<>" ')
        if broken or not card_uri.lower().startswith("https://") or not domain_of("", "", card_uri):
            raise LocalError(defect("signals-608-card-scheme", "an https URL with a host", card_uri, "card_uri"))
        headers.append(("Call-Info", f"<{card_uri}>;purpose=jwscard"))
    return respond(request, 608, "Rejected", to_tag=to_tag, headers=headers)
