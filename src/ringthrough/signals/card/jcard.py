"""
The jCard: a vCard as JSON, read leniently and built strictly.

Facts:
- `["vcard", [[name, params, type, value, ...], ...]]` with names and types in lower case, `version` first (RFC 7095
  §3.2, §3.3). A receiver has to be ready for every property there is (RFC 8688 §3.2.2): what has no meaning here is
  kept as sent.
- The examples of RFC 8688 break the rules they rest on: a `url` of type text, an `adr` of six parts. So a departure
  costs a remark and not the contact.
- Who wrote a card chooses every character of it. A contact that has not the shape of one (`javascript:...` as a url) is
  listed and marked as not good: nobody should be led there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ringthrough.errors import LocalError, Problem
from ringthrough.numbers import is_number, normalise

from ..contact import bad_email, bad_tel, bad_url
from ..problems import defect

__all__ = ["CONTACTS", "MAX_PROPERTIES", "Card", "Contact", "Property", "make_jcard", "read_jcard"]

CONTACTS = ("url", "email", "tel", "adr")
"Properties that name a contact; RFC 8688 §3.2.2 wants at least one."
MAX_PROPERTIES = 1000
"Properties looked at; a limit of ours. Cards in the wild and in RFC 6350 have fewer than fifty."

_TYPES = {"url": ("uri",), "email": ("text",), "tel": ("uri", "text"), "adr": ("text",)}
# RFC 6350 §6.3.1: PO box, extended address, street, locality, region, code, country
_ADR_PARTS = 7
_LONGEST = 2048  # characters of a URL or mail address; browsers and servers stop at about 2,000
_WEB = re.compile(r"https?://[^\s/?#\\@]+(?:[/?#][^\s\\]*)?", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+")


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a card, as sent."""

    name: str
    params: dict[str, Any]
    type: str
    "Type of its values: text, uri ..."
    values: tuple[Any, ...]
    "One or more JSON values."


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to reach whoever the card is about."""

    kind: str
    "One of `CONTACTS`."
    value: str
    "URL; mail address without `mailto:`; number as `+` and digits where it is one; parts of an address with commas."
    types: tuple[str, ...] = ()
    "What it is for: work, voice, text ..."
    good: bool = True
    "It has the shape of such a contact."


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says. Everything in it is the word of who wrote it."""

    fn: str
    "Name to show; empty where the card has none."
    contacts: tuple[Contact, ...] = ()
    "Every contact, in the order of the card."
    properties: tuple[Property, ...] = ()
    "Every property, those of the contacts too, in order."
    problems: tuple[Problem, ...] = ()
    "Where the card departs from its rules."

    def first(self, kind: str) -> str:
        """The first good contact of a kind; "" for none."""
        return next((contact.value for contact in self.contacts if contact.kind == kind and contact.good), "")

    @property
    def reachable(self) -> bool:
        """Whether it names at least one good contact."""
        return any(contact.good for contact in self.contacts)


def read_jcard(value: Any) -> Card:
    """
    The card that decoded JSON holds. Never raises: what is no property is left out and listed.

    Source: RFC 7095 §3.2, §3.3; RFC 6350 §6; RFC 8688 §3.2.2
    """
    problems: list[Problem] = []
    properties = _properties(value, problems)
    if not properties or properties[0].name != "version" or properties[0].values[0] != "4.0":
        found = f"{properties[0].name} {_text(properties[0].values[0])}" if properties else "nothing"
        problems.append(defect("signals-card-version", "version 4.0 first", found, "jcard"))
    fn = next((text for one in properties if one.name == "fn" and (text := _text(one.values[0]).strip())), "")
    if not fn:
        problems.append(defect("signals-card-no-fn", "fn", ", ".join(one.name for one in properties), "jcard"))
    contacts = tuple(
        _contact(one, value, problems) for one in properties if one.name in CONTACTS for value in one.values
    )
    card = Card(fn, contacts, tuple(properties), ())
    if not card.reachable:
        found = ", ".join(one.name for one in properties)
        problems.append(defect("signals-card-no-contact", "at least one of url, email, tel and adr", found, "jcard"))
    return Card(fn, contacts, tuple(properties), tuple(problems))


def _properties(value: Any, problems: list[Problem]) -> list[Property]:
    if not (isinstance(value, list) and len(value) >= 2 and value[0] == "vcard" and isinstance(value[1], list)):
        problems.append(defect("signals-card-shape", '["vcard", [...]]', _brief(value), "jcard"))
        return []
    found: list[Property] = []
    broken: list[str] = []
    for number, row in enumerate(value[1][:MAX_PROPERTIES], 1):
        match row:
            case [str(name), dict(params), str(kind), _, *_] if name:
                found.append(Property(_scrubbed(name).lower(), params, kind.lower(), tuple(row[3:])))
            case _:
                broken.append(f"number {number}: {_brief(row)}")
    if broken:
        said = f"{len(broken)} left out; {broken[0]}"
        problems.append(defect("signals-card-property", "[name, params, type, value]", said, "jcard"))
    if len(value[1]) > MAX_PROPERTIES:
        problems.append(defect("signals-card-many", f"{MAX_PROPERTIES} properties", str(len(value[1])), "jcard"))
    return found


def _contact(one: Property, value: Any, problems: list[Problem]) -> Contact:
    text, good = _READ[one.name](value, problems)
    if one.type not in _TYPES[one.name]:
        due = " or ".join(_TYPES[one.name])
        problems.append(defect("signals-card-value-type", f"{one.name} of type {due}", one.type, f"jcard: {one.name}"))
    if not good:
        problems.append(defect("signals-card-contact", f"the value of a {one.name}", text, f"jcard: {one.name}"))
    return Contact(one.name, text, _types(one.params), good)


def _url(value: Any, _problems: list[Problem]) -> tuple[str, bool]:
    text = _text(value).strip()
    return text, _line(text) and _WEB.fullmatch(text) is not None


def _email(value: Any, _problems: list[Problem]) -> tuple[str, bool]:
    text = _text(value).strip()
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    return text, _line(text) and _EMAIL.fullmatch(text) is not None


def _tel(value: Any, _problems: list[Problem]) -> tuple[str, bool]:
    text = _text(value).strip()
    if text[:4].lower() == "tel:":  # RFC 3966 §3: parameters follow a semicolon
        text = text[4:].partition(";")[0]
    number = normalise(text)
    return number, is_number(number)


def _adr(value: Any, problems: list[Problem]) -> tuple[str, bool]:
    parts = value if isinstance(value, list) else [value]
    if len(parts) != _ADR_PARTS:
        problems.append(defect("signals-card-adr", "7 parts", f"{len(parts)}: {_brief(value)}", "jcard: adr"))
    # RFC 7095 §3.3.1.3: a part that has several values is a list of its own
    flat = [
        text for part in parts for one in (part if isinstance(part, list) else [part]) if (text := _text(one).strip())
    ]
    return ", ".join(flat), bool(flat)


_READ = {"url": _url, "email": _email, "tel": _tel, "adr": _adr}


def _line(text: str) -> bool:
    return len(text) <= _LONGEST and text.isprintable()


def _types(params: dict[str, Any]) -> tuple[str, ...]:
    found = params.get("type", ())
    return tuple(_text(one).lower() for one in (found if isinstance(found, list) else [found]) if isinstance(one, str))


def _text(value: Any) -> str:
    """A JSON value that should be a text; anything else gives ""."""
    return _scrubbed(value) if isinstance(value, str) else ""


def _scrubbed(text: str) -> str:
    """JSON may escape half of a surrogate pair, which no output can write."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _brief(value: Any) -> str:
    """What a value is, short: a hostile one may be large."""
    if isinstance(value, str):
        return _scrubbed(value[:60])
    if isinstance(value, (list, dict)):
        return f"{type(value).__name__} of {len(value)}"
    return type(value).__name__


def make_jcard(
    fn: str,
    *,
    urls: Sequence[str] = (),
    emails: Sequence[str] = (),
    tels: Sequence[str] = (),
    adrs: Sequence[Sequence[str]] = (),
    org: str = "",
) -> list[Any]:
    """
    The jCard of a contact for appeals.

    Args:
        fn: name to show, for example "Example Telecom call blocking".
        urls: https URLs.
        emails: mail addresses.
        tels: numbers, `+` and digits.
        adrs: postal addresses of seven parts: PO box, extension, street, locality, region, code, country.
        org: name of the organisation.

    Raises:
        LocalError: `read_jcard` would find something wrong with it.

    Source: RFC 7095 §3.3; RFC 6350 §6; RFC 8688 §3.2.2
    """
    work = {"type": "work"}
    rows: list[list[Any]] = [["version", {}, "text", "4.0"], ["fn", {}, "text", fn]]
    if org:
        rows.append(["org", {}, "text", org])
    for url in urls:
        _refuse(bad_url(url), "an https URL with a public host", url, "url")
        rows.append(["url", dict(work), "uri", url])
    for email in emails:
        _refuse(bad_email(email), "a mail address", email, "email")
        rows.append(["email", dict(work), "text", email])
    for tel in tels:
        _refuse(bad_tel(tel), "a plus sign and digits", tel, "tel")
        rows.append(["tel", dict(work), "uri", f"tel:{tel}"])
    rows += [["adr", dict(work), "text", list(adr)] for adr in adrs]
    made = ["vcard", rows]
    for wrong in read_jcard(made).problems:
        raise LocalError(wrong)
    return made


def _refuse(wrong: Problem | None, expected: str, found: str, where: str) -> None:
    if wrong is not None:
        raise LocalError(defect("signals-card-contact", expected, found, where))
