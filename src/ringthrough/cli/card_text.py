"""What is known about a contact card, as a document and as text for a terminal; every field with its meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .credentials import certificate_fields, moment

if TYPE_CHECKING:
    from ringthrough.signals.card import Answer, RedressOutcome

    from .reference_text import Page

__all__ = ["QUESTIONS", "Given", "card_document", "card_text"]

QUESTIONS: dict[str, str] = {
    "signature_valid": "Is the signature that of the certificate's key?",
    "chain_trusted": "Does a chain lead to an anchor that is trusted?",
    "subject_plausible": "Does the certificate fit the called number, its carrier or the contact?",
    "fresh_at_call": "Was the card fresh when the call was refused?",
    "fresh_now": "Is it fresh now?",
}
"Answer of a `RedressOutcome` -> its question."

FIELDS: dict[str, tuple[str, str]] = {
    "alg": ("Algorithm of the signature.", "RFC 8688 §3.2.1"),
    "typ": ("What the token is: a card in JSON.", "RFC 8688 §3.2.1"),
    "x5u": ("Where the signer's certificate is.", "RFC 8688 §3.2.1"),
    "iat": ("When it was signed.", "RFC 8688 §3.2.2"),
    "jcard": ("The card.", "RFC 8688 §3.2.2"),
    "version": ("Version of the form.", "RFC 6350 §6.7.9"),
    "fn": ("Name to show.", "RFC 6350 §6.2.1"),
    "n": ("Parts of a name.", "RFC 6350 §6.2.2"),
    "org": ("Organisation.", "RFC 6350 §6.6.4"),
    "url": ("Where to appeal on the web.", "RFC 6350 §6.7.8"),
    "email": ("Mail address to appeal to.", "RFC 6350 §6.4.2"),
    "tel": ("Number to call.", "RFC 6350 §6.4.1"),
    "adr": ("Postal address.", "RFC 6350 §6.3.1"),
    "note": ("A remark.", "RFC 6350 §6.7.2"),
    "lang": ("Language.", "RFC 6350 §6.4.4"),
    "uid": ("Identifier of the card.", "RFC 6350 §6.7.6"),
}
"Member of the header, claim or property -> what it means, and its section."

_UNKNOWN = ("Not known here; kept as sent.", "")
_LABEL = 10
_WIDE = 17
_MOST = 40  # properties shown to people; --json writes all
_LONG = 400  # characters of a value shown to people


@dataclass(frozen=True)
class Given:
    """What was given to be judged, and whence."""

    source: str
    "File, URL, `standard input` or `argument`."
    octets: bytes | None
    "The card; None where only its URL is known."
    card_uri: str = ""
    "Where a 608 or the user says that the card is."
    call_at_s: float | None = None
    "When the call was refused."
    time_from: str = ""
    "What says so: `--at`, `Date of the response`."


def card_document(given: Given, found: RedressOutcome | None, notes: list[str]) -> dict[str, Any]:
    """The document that --json writes; `found` is None where there is no card to judge."""
    told: dict[str, Any] = {
        "source": given.source,
        "card_uri": given.card_uri,
        "call_at": None if given.call_at_s is None else moment(given.call_at_s),
        "call_at_from": given.time_from,
        "outcome": "not_checked" if found is None else found.outcome,
        "notes": notes,
    }
    from ringthrough.signals import CARD_OUTCOMES

    told["meaning"] = CARD_OUTCOMES[told["outcome"]]
    if found is None:
        return told
    signed = found.signed
    told["answers"] = {
        name: {"question": question, "holds": one.holds, "reason": one.reason, "text": one.text}
        for name, question in QUESTIONS.items()
        for one in [_answer(found, name)]
    }
    told["signer"] = None if found.certificate is None else certificate_fields(found.certificate)
    told["header"] = signed.header
    told["iat"] = None if signed.iat_s is None else moment(signed.iat_s)
    card = found.card
    told["card"] = None
    if card is not None:
        told["card"] = {
            "fn": card.fn,
            "contacts": [
                {"kind": one.kind, "value": one.value, "types": list(one.types), "good": one.good}
                for one in card.contacts
            ],
            "properties": [[one.name, one.params, one.type, *one.values] for one in card.properties],
        }
    told["problems"] = [
        {"code": one.code, "where": one.where, "detail": one.detail, "source": one.source} for one in found.problems
    ]
    return told


def card_text(given: Given, found: RedressOutcome | None, notes: list[str], page: Page) -> None:
    """The same for people."""
    from ringthrough.signals import CARD_OUTCOMES

    outcome = "not_checked" if found is None else found.outcome
    page.title(outcome.replace("_", " ").upper(), given.source)
    page.text(CARD_OUTCOMES[outcome])
    if given.card_uri:
        page.row("card at", given.card_uri, width=_LABEL)
    if given.call_at_s is not None:
        page.row("call", f"{moment(given.call_at_s)} ({given.time_from})", width=_LABEL)
    for note in notes:
        page.row("note", note, width=_LABEL)
    if found is None:
        return
    page.blank()
    page.title("Answers")
    for name in QUESTIONS:
        one = _answer(found, name)
        style = {True: "good", False: "bad", None: ""}[one.holds]
        page.row(name.replace("_", " "), f"{one.word.ljust(7)}  {one.text}", width=_WIDE, style=style)
    _signer(found, page)
    _card(found, page)
    if found.problems:
        page.blank()
        page.title("What is wrong with it")
        for problem in found.problems:
            page.row(problem.where or "card", f"{problem.detail} ({problem.source or problem.code})", width=_LABEL)


def _answer(found: RedressOutcome, name: str) -> Answer:
    answer: Answer = getattr(found, name)
    return answer


def _signer(found: RedressOutcome, page: Page) -> None:
    if found.certificate is None:
        return
    fields = certificate_fields(found.certificate)
    page.blank()
    page.title("Signer", "the certificate whose key fits")
    for label, key in (
        ("subject", "subject"), ("issuer", "issuer"), ("speaks for", "speaks_for"), ("from", "not_before"),
        ("until", "not_after"), ("serial", "serial"), ("sha256", "sha256"),
    ):  # fmt: skip
        page.row(label, fields[key], width=_LABEL)


def _card(found: RedressOutcome, page: Page) -> None:
    signed, card = found.signed, found.card
    if signed.header or signed.iat_s is not None:
        page.blank()
        page.title("Token")
        for name in sorted(signed.header):
            _field(name, signed.header[name], page)
        if signed.iat_s is not None:
            _field("iat", moment(signed.iat_s), page)
    if card is None:
        return
    page.blank()
    page.title("Card", "" if found.verified else "UNVERIFIED: anybody could have written it")
    contacts = iter(card.contacts)
    for one in card.properties[:_MOST]:
        for value in one.values:
            if one.name in ("url", "email", "tel", "adr"):
                contact = next(contacts)
                kind = f" [{', '.join(contact.types)}]" if contact.types else ""
                bad = "" if contact.good else " (not in the form of one: do not use it)"
                _field(one.name, f"{contact.value}{kind}{bad}", page)
            else:
                _field(one.name, value, page)
    if len(card.properties) > _MOST:
        page.text(f"... and {len(card.properties) - _MOST} properties more", style="dim")


def _field(name: str, value: Any, page: Page) -> None:
    meaning, section = FIELDS.get(name, _UNKNOWN)
    said = value if isinstance(value, str) else repr(value)
    shown = said if len(said) <= _LONG else f"{said[:_LONG]}... ({len(said)} characters)"
    page.row(name, f"{shown}  -- {meaning}{f' {section}' if section else ''}", width=_LABEL)
