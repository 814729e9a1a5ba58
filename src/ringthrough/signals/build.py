"""
Builders of refusals: the reverse of `read`. What they make, `read` gives back without a defect.

A 608 built here points to a card; `signals.card` makes and signs it.
"""

from __future__ import annotations

from ringthrough.errors import LocalError
from ringthrough.wire import ReasonValue, Request, Response, parse_reason, respond

from .contact import domain_of
from .grounds import GROUNDS, PHRASES, Ground
from .notice import NETWORK_LOCATIONS, read_notice
from .problems import defect

__all__ = ["CHOICES", "build_603plus", "build_607", "build_608", "build_plain"]

CHOICES: dict[str, str] = {
    "relayed": "The called person's phone or provider said 607, and it is passed on.",
    "stored": "The called person marked this caller as unwanted earlier, and that wish is on file.",
}
"Slug -> whose choice a 607 reports. A machine's own judgement is none: RFC 8688 §1."

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
    ground: str = "analytics",
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
        ground: why, a slug of `GROUNDS`; only `analytics` may be said with a 603+.

    Raises:
        LocalError: `read` would find a defect in it; the problem is that defect. The ground is another than analytics.

    Source: ATIS-1000099 [S] for the form, [reconstructed] for order and escapes
    """
    _require_analytics(ground, "603+")
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


def build_607(request: Request, *, to_tag: str, choice: str) -> Response:
    """
    The response `607 Unwanted`, for what a person chose and nothing else.

    Args:
        request: the request that is refused; it must stand outside of any dialog.
        to_tag: tag for the To of the response.
        choice: whose choice it reports, a slug of `CHOICES`.

    Raises:
        LocalError: the choice is none of them; the request has a To tag (after the answer, 607 stands in the Reason of
            a BYE).

    Source: RFC 8197 §4; RFC 8688 §1 on why a machine must not say it
    """
    if choice not in CHOICES:
        raise LocalError(defect("signals-607-choice", " or ".join(CHOICES), choice, "choice"))
    if request.to is not None and request.to.tag:
        raise LocalError(defect("signals-607-in-dialog", "a To without a tag", request.to.tag, "To"))
    return respond(request, 607, "Unwanted", to_tag=to_tag)


def build_608(request: Request, *, to_tag: str, card_uri: str | None, ground: str = "analytics") -> Response:
    """
    The response `608 Rejected`, with a Call-Info that points to the contact card.

    Args:
        request: the request that is refused; it must stand outside of any dialog.
        to_tag: tag for the To of the response.
        card_uri: https URL of the signed card; None for a caller who would misuse the contact (RFC 8688 §6).
        ground: why, a slug of `GROUNDS`; only `analytics` may be said with a 608.

    Raises:
        LocalError: the request has a To tag; the URI is not https or would break out of its brackets; the ground is
            another than analytics.

    Source: RFC 8688 §3.1
    """
    _require_analytics(ground, "608")
    if request.to is not None and request.to.tag:
        raise LocalError(defect("signals-608-in-dialog", "a To without a tag", request.to.tag, "To"))
    headers = []
    if card_uri is not None:
        broken = not card_uri.isprintable() or any(mark in card_uri for mark in '<>" ')
        if broken or not card_uri.lower().startswith("https://") or not domain_of("", "", card_uri):
            raise LocalError(defect("signals-608-card-scheme", "an https URL with a host", card_uri, "card_uri"))
        headers.append(("Call-Info", f"<{card_uri}>;purpose=jwscard"))
    return respond(request, 608, "Rejected", to_tag=to_tag, headers=headers)


def build_plain(
    request: Request, *, to_tag: str, ground: str, status: int | None = None, location: str = ""
) -> Response:
    """
    A plain 403, 404 or 603 for whatever was not decided by analytics.

    Args:
        request: the request that is refused.
        to_tag: tag for the To of the response.
        ground: why, a slug of `GROUNDS` other than `analytics`.
        status: one of the ground's statuses; None for the usual one.
        location: who refused, a network of RFC 8606 (LN, TN, RLN, LPN, RPN, INTL, BI): adds a Reason with the Q.850
            cause, so that the answer is not taken for a person's. "" adds none.

    Raises:
        LocalError: the ground is unknown or `analytics`; the status does not fit it; the location is none.

    Source: RFC 3261 §21.4.4, §21.4.5, §21.6.2; RFC 6432 for Q.850 in a response
    """
    known = _known_ground(ground)
    if not known.plain:
        raise LocalError(defect("signals-plain-ground", "a 603+ or 608 for analytics", ground, "ground"))
    if status is None:
        status = known.plain[0]
    if status not in known.plain:
        due = " or ".join(map(str, known.plain))
        raise LocalError(defect("signals-plain-status", f"{due} for {ground}", str(status), "status"))
    headers = []
    if location:
        if location not in NETWORK_LOCATIONS:
            due = ", ".join(sorted(NETWORK_LOCATIONS))
            raise LocalError(defect("signals-plain-location", f"one of {due}", location, "location"))
        headers.append(("Reason", f"Q.850;cause={known.cause};location={location}"))
    return respond(request, status, PHRASES[status], to_tag=to_tag, headers=headers)


def _require_analytics(ground: str, answer: str) -> None:
    _known_ground(ground)
    if ground != "analytics":
        raise LocalError(defect("signals-not-analytics", f"analytics behind a {answer}", ground, "ground"))


def _known_ground(ground: str) -> Ground:
    known = GROUNDS.get(ground)
    if known is None:
        raise LocalError(defect("signals-ground", f"one of {', '.join(GROUNDS)}", ground, "ground"))
    return known
