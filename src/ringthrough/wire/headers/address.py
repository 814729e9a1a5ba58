"""
Addresses: From, To, Contact, Route, Record-Route, P-Asserted-Identity, Diversion, History-Info.

Facts:
- Without angle brackets every parameter belongs to the header, not to the URI (RFC 3261 §20.10).
- An unquoted comma in a display name is illegal and seen (RFC 4475 §3.1.2.15): a header that holds one address keeps
  it, a header that holds a list is cut there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ringthrough.errors import Problem

from ..grammar import is_token, split_list, unquote
from ..params import Param, find, parse_params
from ..problems import fault, shown
from ..uri import USUAL, Uri, parse_uri, uri_faults, usual_uri

__all__ = ["NameAddr", "address_faults", "parse_address", "split_contacts"]

# RFC 3261 §25.1:
#   name-addr      =  [ display-name ] LAQUOT addr-spec RAQUOT
#   display-name   =  *(token LWS)/ quoted-string
_NAME_ADDR = re.compile(r'\s*+(?:("[^"\\]*+(?:\\.[^"\\]*+)*+")|([^"<>]*+))\s*+<([^<>]*)>(.*)', re.DOTALL)
_OPEN_QUOTE = re.compile(r'\s*"[^"\\]*+(?:\\.[^"\\]*+)*+\\?$', re.DOTALL)


# The shape of nearly every address, read in one go: a display name that needs no unescaping, a usual URI.
_USUAL = re.compile(
    rf'(?:"([^"\\]*+)" ?+|([A-Za-z0-9_+.-]++(?: [A-Za-z0-9_+.-]++)*+) ?+)?<({USUAL})>(?:;(.*))?', re.DOTALL
)


class NameAddr(NamedTuple):
    """A URI with a display name and parameters."""

    display: str
    "Display name, unquoted and unescaped; empty when there is none."
    uri: Uri
    "The address itself."
    params: tuple[Param, ...]
    "Parameters of the header, in order."

    @property
    def tag(self) -> str | None:
        """The parameter tag, None when there is none."""
        return find(self.params, "tag")

    def param(self, name: str) -> str | None:
        """Value of the first parameter of that name; "" for one without a value, None when absent."""
        return find(self.params, name.lower())


_new = tuple.__new__


def parse_address(text: str, where: str = "address") -> NameAddr:
    """
    One name-addr or addr-spec with its parameters; neither a list nor the `*` of Contact.

    Raises:
        RemoteError: an open quote, no address, or an address that is no URI.

    Source: RFC 3261 §20.10, §25.1
    """
    usual = _USUAL.fullmatch(text)
    if usual is not None:
        said, word, raw, scheme, user, host, port, inner, after = usual.groups()
        uri = usual_uri(raw, scheme, user, host, port, inner)
        return _new(NameAddr, (said or word or "", uri, parse_params(after) if after else ()))
    match = _NAME_ADDR.match(text)
    if match is not None:
        quoted, plain, bare, after = match.groups()
        display = unquote(quoted) if quoted else plain.strip()
        return NameAddr(display, parse_uri(bare, where), parse_params(after) if after else ())
    if _OPEN_QUOTE.match(text):
        raise fault("wire-quote-open", "a closing quote", text, where, "RFC 3261 §25.1")
    if "<" in text or '"' in text or not text.strip():
        raise fault("wire-address-syntax", "an address", text, where, "RFC 3261 §20.10")
    begin = text.find("@") if text.lstrip()[:3].lower() == "sip" else 0
    cut = text.find(";", max(begin, 0))
    if cut < 0:
        return NameAddr("", parse_uri(text, where), ())
    return NameAddr("", parse_uri(text[:cut], where), parse_params(text[cut + 1 :]))


def split_contacts(text: str) -> list[str]:
    """The values of one Contact header; `*` (RFC 3261 §20.10: remove all bindings) is no address and gives none."""
    return [] if text.strip() == "*" else split_list(text)


def address_faults(text: str, where: str) -> Iterator[Problem]:
    """What is illegal in one address that could be parsed all the same."""
    match = _NAME_ADDR.match(text)
    if match is None:
        uri = text.partition(";")[0]
        if "?" in uri or "," in uri:
            yield Problem("wire-address-unbracketed", f"expected angle brackets around {shown(uri.strip())}", where,
                          "RFC 3261 §20", None, 400)  # fmt: skip
        yield from uri_faults(parse_address(text, where).uri, where)
        return
    _, plain, uri, after = match.groups()
    if plain and not all(is_token(word) for word in plain.split()):
        yield Problem("wire-display-name", f"expected quotes around {shown(plain.strip())}", where,
                      "RFC 3261 §25.1", None, 400)  # fmt: skip
    if after.strip() and after.strip()[0] != ";":
        yield Problem("wire-address-syntax", f"expected a semicolon after the bracket, found {shown(after.strip())}",
                      where, "RFC 3261 §25.1", None, 400)  # fmt: skip
    yield from uri_faults(parse_uri(uri, where), where)
    if uri != uri.strip():
        yield Problem("wire-uri-space", f"expected no space inside {shown('<' + uri + '>')}", where,
                      "RFC 3261 §25.1", None, 400)  # fmt: skip
