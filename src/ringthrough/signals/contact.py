"""
Contacts for an appeal: the shape of url, tel, email and id, and the domain behind them.

Facts:
- Nothing here is signed or looked up; a good shape says nothing about the owner.
- A browser reads a backslash as a slash and takes what follows the last '@' for the host, so that
  `https://bank.example@other.example/` leads to other.example. `domain_of` reads hosts that way.
"""

from __future__ import annotations

import re

from ringthrough.errors import Problem

from .problems import defect

__all__ = ["bad_email", "bad_id", "bad_tel", "bad_url", "domain_of"]

# RFC 3986 §3: scheme "://" [ userinfo "@" ] host [ ":" port ]
_AUTHORITY = re.compile(r"\s*+[A-Za-z][A-Za-z0-9+.-]*+://([^/?#\\]*+)")
_HOST = re.compile(r"(\[[^\]]*+\]|[^:]*+)")
# A name of the public DNS has a dot and a last label that is no number (RFC 3696 §2); so no address will do.
_NAME = r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.)+[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?"
# RFC 3986 §2: no space, no control, none of the characters " < > \ ^ ` { | }; userinfo is left out on purpose.
_HTTPS = re.compile(rf"https://{_NAME}(?::[0-9]{{1,5}})?(?:[/?#][!#-;=?-\[\]_a-z~]*)?", re.IGNORECASE)
_TEL = re.compile(r"\+[0-9]{1,15}")
# addr-spec of RFC 5322 §3.4.1 without quoted local parts, comments and address literals
_EMAIL = re.compile(rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.-]{{1,64}}@{_NAME}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST = 2048  # octets of a contact we look at; browsers and servers stop at about 2,000 for a URL


def bad_url(url: str) -> Problem | None:
    """What is wrong with the url of a 603+: None for an https URL with a name of the public DNS as its host."""
    scheme = url[:8].lower()
    if scheme != "https://":
        if "://" in url:
            return defect("signals-603plus-url-scheme", "an https URL", url, "Reason: url")
        return defect("signals-603plus-bad-url", "an https URL", url, "Reason: url")
    if len(url) > _LONGEST or _HTTPS.fullmatch(url) is None:
        return defect("signals-603plus-bad-url", "an https URL with a public host", url, "Reason: url")
    return None


def bad_tel(tel: str) -> Problem | None:
    """What is wrong with the tel of a 603+: None for '+' and 1 to 15 digits."""
    if _TEL.fullmatch(tel) is None:
        return defect("signals-603plus-bad-tel", "a plus sign and 1 to 15 digits", tel, "Reason: tel")
    return None


def bad_email(email: str) -> Problem | None:
    """What is wrong with the email of a 603+: None for a bare address with a name of the public DNS."""
    if len(email) > _LONGEST or _EMAIL.fullmatch(email) is None:
        return defect("signals-603plus-bad-email", "a mail address", email, "Reason: email")
    return None


def bad_id(ident: str) -> Problem | None:
    """What is wrong with the id of a 603+: None for 1 to 64 letters, digits, '_' and '-'."""
    if _ID.fullmatch(ident) is None:
        expected = "1 to 64 letters, digits, '_' and '-'"
        return defect("signals-603plus-bad-id", expected, ident, "Reason: id")
    return None


def domain_of(url: str, email: str, card_uri: str) -> str:
    """
    Domain of the first contact that has one: host of the url, domain of the email, host of the card.

    Lower case, without port and closing dot; "" when none of them has a host.
    """
    for uri in (url, card_uri) if not email else (url, email, card_uri):
        if uri is email and uri:
            host = uri.rpartition("@")[2].strip(" <>") if "@" in uri else ""
        else:
            match = _AUTHORITY.match(uri)
            found = _HOST.match(match.group(1).rpartition("@")[2]) if match else None
            host = found.group().strip() if found else ""
        if host:
            return host.rstrip(".").lower()
    return ""
