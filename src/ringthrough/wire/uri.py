"""
URIs as SIP carries them: sip, sips and tel taken apart, every other scheme kept whole.

Facts:
- The user part may hold ';', '?', '/' and ',', so the '@' is looked for first; it may stand only once (RFC 3261 §25.1).
- A telephone number in a sip URI brings its parameters along inside the user part (RFC 3261 §19.1.6):
  `sip:+12155551212;phone-context=x;verstat=TN-Validation-Passed@example.com;user=phone`.
- Parts are kept as sent, percent signs included; `unescape` reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from ringthrough.errors import Problem

from .params import Param, find, parse_params
from .problems import fault, shown

__all__ = ["USUAL", "Uri", "parse_uri", "unescape", "uri_faults", "usual_uri"]

# RFC 3261 §25.1: scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")

# RFC 3261 §25.1:
#   hostport       =  host [ ":" port ]
#   host           =  hostname / IPv4address / IPv6reference
#   IPv6reference  =  "[" IPv6address "]"
# Underscores are not in the grammar and are everywhere in private networks.
_HOSTPORT = re.compile(r"(\[[0-9A-Za-z:.%]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")

# RFC 3261 §25.1: what may stand anywhere in a SIP URI: unreserved, reserved, escaped, and the brackets of IPv6.
#   escaped  =  "%" HEXDIG HEXDIG
_LEGAL = re.compile(r"(?:[A-Za-z0-9_.!~*'()&=+$,;?/:@\[\]-]|%[0-9A-Fa-f]{2})*+")

# RFC 3966 §3: visual-separator = "-" / "." / "(" / ")"
_SEPARATORS = str.maketrans("", "", "-.() ")
_DIGITS = re.compile(r"\+?[0-9*#]*[0-9][0-9*#]*")


# The shape of nearly every URI, read in one go: no escapes, no password, no header fields, no brackets.
USUAL = r"(sips?):(?:([A-Za-z0-9+._*-]++)@)?([A-Za-z0-9._-]++)(?::([0-9]{1,5}))?(?:;([^?@<>\s]*))?"
_USUAL = re.compile(USUAL)


class Uri(NamedTuple):
    """One URI, parts as sent."""

    scheme: str
    "Lower-cased: sip, sips, tel or another."
    user: str | None
    "User part with its own parameters, as sent; the number and nothing else of a tel URI; None when there is none."
    password: str | None
    "What follows the first ':' of the user part."
    host: str
    "Host as sent, an IPv6 address in its brackets; empty when the scheme has none that we know."
    port: int | None
    "Port, None when not given."
    params: tuple[Param, ...]
    "URI parameters, in order."
    headers: tuple[tuple[str, str], ...]
    "Header fields after the question mark, as sent (escaped)."
    raw: str
    "The whole URI as sent."

    @property
    def number(self) -> str | None:
        """Telephone number of a tel URI or a sip user, visual separators removed; None when it is none."""
        if self.user is None:
            return None
        text = self.user.partition(";")[0]
        if "%" in text:
            text = unescape(text)
        text = text.translate(_SEPARATORS)
        return text if _DIGITS.fullmatch(text) else None

    @property
    def verstat(self) -> str | None:
        """Value of the parameter verstat (3GPP TS 24.229 §7.2A.20), beside the number or on the URI; None without."""
        inner = find(parse_params(self.user.partition(";")[2]), "verstat") if self.user else None
        return inner if inner is not None else find(self.params, "verstat")

    def param(self, name: str) -> str | None:
        """Value of the first URI parameter of that name; "" for one without a value, None when absent."""
        return find(self.params, name.lower())


_new = tuple.__new__


def usual_uri(raw: str, scheme: str, user: str | None, host: str, port: str | None, after: str | None) -> Uri:
    """The URI of the five groups of `USUAL`."""
    params = parse_params(after) if after else ()
    return _new(Uri, (scheme, user, None, host, int(port) if port else None, params, (), raw))


def unescape(text: str) -> str:
    """The text with %HH read as octets of UTF-8 (RFC 3261 §19.1.2); a '%' that escapes nothing stays."""
    octets = unquote_to_bytes(text.encode("utf-8", "surrogateescape"))
    return octets.decode("utf-8", "surrogateescape")


def parse_uri(text: str, where: str = "URI") -> Uri:
    """
    Take a URI apart.

    Args:
        text: the URI without angle brackets; white space around it is dropped.
        where: name of the header or part, for the Problem.

    Raises:
        RemoteError: no scheme, or a sip or sips URI without a host or with a port that is none (`wire-uri-syntax`).

    Source: RFC 3261 §19.1, §25.1; RFC 3966 §3
    """
    usual = _USUAL.fullmatch(text)
    if usual is not None:
        return usual_uri(text, *usual.groups())
    raw = text.strip()
    scheme, colon, rest = raw.partition(":")
    if not colon or not _SCHEME.fullmatch(scheme):
        raise fault("wire-uri-syntax", "a scheme and a colon", text, where, "RFC 3261 §19.1.1")
    if scheme not in ("sip", "sips"):
        scheme = scheme.lower()
    if scheme in ("sip", "sips"):
        return _parse_sip(scheme, rest, raw, where)
    if scheme == "tel":
        number, _, after = rest.partition(";")
        return Uri(scheme, number.strip(), None, "", None, parse_params(after) if after else (), (), raw)
    return Uri(scheme, None, None, "", None, (), (), raw)


def _parse_sip(scheme: str, rest: str, raw: str, where: str) -> Uri:
    user = password = None
    at = rest.find("@")
    if at >= 0:
        # A second '@' is illegal; `sip:alice@home.net@proxy` means the last one, `sip:a@host;x=b@c` the first.
        if rest.find("@", at + 1) >= 0:
            at = rest.rfind("@", 0, _first_of(rest, at))
        user, rest = rest[:at], rest[at + 1 :]
        if ":" in user:
            user, _, password = user.partition(":")
    params: tuple[Param, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    if "?" in rest:
        rest, _, query = rest.partition("?")
        headers = tuple((n, v) for n, _, v in (pair.partition("=") for pair in query.split("&") if pair))
    if ";" in rest:
        rest, _, after = rest.partition(";")
        params = parse_params(after)
    match = _HOSTPORT.fullmatch(rest.strip())
    if match is None:
        raise fault("wire-uri-syntax", "a host and at most a port", raw, where, "RFC 3261 §19.1.1")
    host, port = match.groups()
    return Uri(scheme, user, password, host, int(port) if port else None, params, headers, raw)


def uri_faults(uri: Uri, where: str) -> Iterator[Problem]:
    """What is illegal in a sip, sips or tel URI that could be parsed all the same."""
    if uri.scheme not in ("sip", "sips", "tel"):
        return
    end = _LEGAL.match(uri.raw).end()  # type: ignore[union-attr]  # it matches the empty string too
    if end < len(uri.raw):
        said = f"expected an escape at {end}, found {shown(uri.raw[end])} in {shown(uri.raw)}"
        yield Problem("wire-uri-characters", said, where, "RFC 3261 §19.1.2", None, 400)
    elif uri.raw.count("@") > 1:
        said = f"expected one @, found several in {shown(uri.raw)}"
        yield Problem("wire-uri-characters", said, where, "RFC 3261 §19.1.2", None, 400)


def _first_of(text: str, begin: int) -> int:
    """Where the host and port after an '@' end: at the first ';' or '?'."""
    ends = [text.find(mark, begin) for mark in ";?"]
    return min((end for end in ends if end >= 0), default=len(text))
