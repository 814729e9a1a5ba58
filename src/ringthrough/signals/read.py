"""
`read`: a response, BYE or CANCEL to the `Refusal` it carries.

Precedence, first match wins. "Reason" means any Reason value of the message.

     kind                 when
  1  608                  status 608
  2  603plus              603, phrase Network Blocked, a Reason with v=analytics1 in due form
     603plus_defective    603, phrase Network Blocked, anything else; BYE or CANCEL with v=analytics<n> in a Reason
     603plus_rewritten    Reason with v=analytics<n>, other phrase or other status
  3  608                  403 or 603 with Call-Info purpose=jwscard; Reason SIP;cause=608
  4  607                  status 607; Reason SIP;cause=607
  5  stir                 428, 436, 437, 438; 403 Stale Date
  6  provider             X-Twilio-Error; 403 or 603 with a mark of `providers`
  7  network_cause        403 or 603 with a Q.850 cause of rejection and the location of a network
  8  stir                 Reason STIR; Reason SIP with cause 428, 436, 437, 438, or 403 and text Stale Date
  9  603, 403             nothing but the status

Facts:
- 401 and 407 ask for credentials, 487 and 491 answer the caller's own doing, 3xx sends elsewhere: they refuse nothing,
  and only row 2 is looked for in them.
- A Reason of STIR in a final response reports a failure that the element let pass (RFC 9410 §4). So it stands below
  every other sign of who refused, and on a status of its own meaning (486 ...) the status is still the caller's answer.
- In a BYE or CANCEL rows 2, 3 and 4 apply: 607 and 608 are made for it (RFC 8197 §4, RFC 8688 §3.1).
"""

from __future__ import annotations

from ringthrough.errors import Problem
from ringthrough.wire import CallInfo, Malformed, Message, ReasonValue, Request, Response

from .contact import domain_of
from .notice import NETWORK_LOCATIONS, Notice, find_contact, find_notice, location_of, read_notice, two_values
from .problems import defect
from .providers import provider_code
from .refusal import Refusal

__all__ = ["SPOKEN", "read"]

_STIR = frozenset({428, 436, 437, 438})
"RFC 8224 §6.2.2; 403 Stale Date goes by its phrase."
SPOKEN = frozenset({403, 603, 607, 608}) | _STIR
"Statuses that are a refusal by themselves."
_NO_REFUSAL = frozenset({401, 407, 487, 491})
# Causes that RFC 3398 §7.2.4.1 turns into 403 or 603, and 24: call rejected due to a feature at the destination
_REJECTION = frozenset({21, 24, 55, 57, 87})
_BLOCKED = "network blocked"
_NOTHING = Notice("", "", "", "", "", ())


def read(message: Message | Malformed) -> Refusal | None:
    """
    The refusal that a message carries; None when it carries none. Never raises on anything that `decode` made.

    None for provisional and 2xx responses, for requests other than BYE and CANCEL, and for a final response, BYE or
    CANCEL without any sign of a refusal: a bare 404, 480 or 486 says why it failed, not that someone refused.
    """
    if isinstance(message, Response):
        status = message.status
        if status < 300:
            return None
        headers = message.headers
        if status in SPOKEN or "X-Twilio-Error" in headers or ("Reason" in headers and _telling(headers.all("Reason"))):
            return _read_response(message)
        return None
    if isinstance(message, Request) and message.method in ("BYE", "CANCEL") and "Reason" in message.headers:
        return _read_request(message)
    return None


def _telling(raw: list[str]) -> bool:
    """May a Reason hold one of rows 2, 3, 4 and 8? Most say `Q.850;cause=17` or the like, and need not be parsed."""
    for text in raw:
        low = text.lower()
        if "sip" in low or "stir" in low or "analytics" in low:
            return True
    return False


def _read_response(response: Response) -> Refusal | None:
    status = response.status
    phrase = response.phrase
    raw = response.headers.all("Reason")
    values = response.reason if raw else ()
    notice = find_notice(values, raw) if raw else None
    mute = status < 400 or status in _NO_REFUSAL
    if mute and notice is None:
        return None
    defects: tuple[Problem, ...] = ()
    blocked = status == 603 and phrase.strip().lower() == _BLOCKED
    carrier = notice or (find_contact(values) if blocked else None)
    said = read_notice(carrier) if carrier is not None else _NOTHING
    code = "" if mute else provider_code(response, values, words=carrier is None and not blocked)
    cards = _cards(response)
    card_uri = cards[0].uri if cards else ""
    location = said.location or _location(values)

    if status == 608:
        kind = "608"
        defects = _card_defects(response, cards)
        if not cards:
            card_uri = _other_card(response)
    elif notice is not None or blocked:
        kind, found = _notice_kind(response, notice, raw)
        defects = (*found, *said.defects, *two_values(values))
        if kind == "603plus" and defects:
            kind = "603plus_defective"
    elif cards and status in (403, 603):
        kind = "608"
        defects = (defect("signals-608-status-changed", "608", f"{status} {phrase}", "status"),)
    elif _has_cause(values, 608):
        kind = "608"
        defects = (defect("signals-608-in-reason", "status 608", f"{status} {phrase}", "status"),)
    elif status == 607:
        kind = "607"
    elif _has_cause(values, 607):
        kind = "607"
        defects = (defect("signals-607-in-reason", "status 607", f"{status} {phrase}", "status"),)
    elif status in _STIR or (status == 403 and phrase.strip().lower() == "stale date"):
        kind = "stir"
    elif code:
        kind = "provider"
    elif status in (403, 603) and (where := _network_location(values)):
        kind = "network_cause"
        location = where
    elif (stir := _stir_value(values)) is not None:
        kind = "stir"
        defects = (defect("signals-stir-in-reason", "428, 436, 437, 438 or 403 Stale Date", stir.raw),)
    elif status in (403, 603):
        kind = str(status)
    else:
        return None
    return _refusal(kind, "response", status, phrase, raw, values, said, location, card_uri, code, defects)


def _read_request(request: Request) -> Refusal | None:
    raw = request.headers.all("Reason")
    values = request.reason
    notice = find_notice(values, raw)
    defects: tuple[Problem, ...] = ()
    said = _NOTHING
    where = request.method
    if notice is not None:
        kind, carrier = "603plus_defective", notice
        said = read_notice(notice)
        found = defect("signals-603plus-in-request", "a response 603 Network Blocked", where, where)
        defects = (found, *said.defects, *two_values(values))
    elif (value := _has_cause(values, 608)) is not None:
        kind, carrier = "608", value
        defects = (defect("signals-608-in-reason", "a response 608", where, where),)
    elif (value := _has_cause(values, 607)) is not None:
        kind, carrier = "607", value
    else:
        return None
    location = said.location or _location(values)
    return _refusal(
        kind, where.lower(), carrier.cause, carrier.text or "", raw, values, said, location, "", "", defects
    )  # fmt: skip


def _refusal(
    kind: str, carried_in: str, code: int | None, phrase: str, raw: list[str], values: tuple[ReasonValue, ...],
    said: Notice, location: str, card_uri: str, provider: str, defects: tuple[Problem, ...],
) -> Refusal:  # fmt: skip
    sip_cause, q850_cause = _causes(values) if values else (None, None)
    return Refusal(
        kind=kind,
        carried_in=carried_in,
        code=code,
        phrase=phrase,
        reason=", ".join(raw),
        sip_cause=sip_cause,
        q850_cause=q850_cause,
        location=location,
        url=said.url,
        tel=said.tel,
        email=said.email,
        id=said.id,
        card_uri=card_uri,
        blocker=domain_of(said.url, said.email, card_uri) if said.url or said.email or card_uri else "",
        provider_code=provider,
        defects=defects,
    )


def _notice_kind(
    response: Response, notice: ReasonValue | None, raw: list[str]
) -> tuple[str, tuple[Problem, ...]]:  # fmt: skip
    """Kind of a 603+ by its status and phrase alone, and what they have wrong."""
    phrase = response.phrase.strip()
    blocked = phrase.lower() == _BLOCKED
    if notice is None:
        if raw:
            return "603plus_defective", (defect("signals-603plus-foreign-reason", "v=analytics1", ", ".join(raw)),)
        return "603plus_defective", (defect("signals-603plus-no-reason", "a Reason", response.phrase),)
    found = []
    if response.status != 603:
        found.append(defect("signals-603plus-status-changed", "603", str(response.status), "status"))
    if not blocked:
        found.append(defect("signals-603plus-phrase-lost", "Network Blocked", response.phrase, "phrase"))
    return ("603plus_rewritten" if found else "603plus"), tuple(found)


def _causes(values: tuple[ReasonValue, ...]) -> tuple[int | None, int | None]:
    """Cause of the first value with protocol SIP, and of the first with Q.850."""
    found: dict[str, int | None] = {}
    for value in values:
        found.setdefault(value.protocol.upper(), value.cause)
    return found.get("SIP"), found.get("Q.850")


def _has_cause(values: tuple[ReasonValue, ...], cause: int) -> ReasonValue | None:
    """The first value with protocol SIP and that cause."""
    for value in values:
        if value.cause == cause and value.protocol.upper() == "SIP":
            return value
    return None


def _location(values: tuple[ReasonValue, ...]) -> str:
    """Location of the first Q.850 value that has one, else of the first value of any protocol (RFC 8606 §4)."""
    first = ""
    for value in values:
        location = location_of(value)
        if location and value.protocol.upper() == "Q.850":
            return location
        first = first or location
    return first


def _network_location(values: tuple[ReasonValue, ...]) -> str:
    """Location of the first Q.850 cause of rejection that a network gave; "" for none."""
    for value in values:
        if value.protocol.upper() == "Q.850" and value.cause in _REJECTION:
            location = location_of(value)
            if location in NETWORK_LOCATIONS:
                return location
    return ""


def _stir_value(values: tuple[ReasonValue, ...]) -> ReasonValue | None:
    """The value that reports an Identity failure. Protocol SIP is how Asterisk and Oracle say it (before RFC 9410)."""
    for value in values:
        protocol = value.protocol.upper()
        if protocol == "STIR":
            return value
        if protocol == "SIP" and (
            value.cause in _STIR or (value.cause == 403 and (value.text or "").strip().lower() == "stale date")
        ):
            return value
    return None


def _cards(response: Response) -> list[CallInfo]:
    """The signed contact cards that the response points to (RFC 8688 §3.1)."""
    if "Call-Info" not in response.headers:
        return []
    return [info for info in response.call_info if info.purpose == "jwscard"]


def _other_card(response: Response) -> str:
    """URI of the first Call-Info of a 608 that names another purpose: the contact all the same."""
    return response.call_info[0].uri if response.call_info else ""


def _card_defects(response: Response, cards: list[CallInfo]) -> tuple[Problem, ...]:
    where = "Call-Info"
    if not cards:
        if response.call_info:
            found = response.call_info[0].purpose or "no purpose"
            return (defect("signals-608-card-purpose", "purpose=jwscard", found, where),)
        return (defect("signals-608-no-card", "a Call-Info with purpose=jwscard", "none", where),)
    found_defects = []
    if not cards[0].uri.lower().startswith("https://") or not domain_of("", "", cards[0].uri):
        found_defects.append(defect("signals-608-card-scheme", "an https URL with a host", cards[0].uri, where))
    if len(cards) > 1:
        found_defects.append(defect("signals-608-two-cards", "one card", f"{len(cards)} cards", where))
    return tuple(found_defects)
