"""Shapes of contacts, and the domain a contact leads to."""

from __future__ import annotations

import pytest

from ringthrough.signals.contact import bad_email, bad_id, bad_tel, bad_url, domain_of

_NOT_PUBLIC = "signals-603plus-bad-url"
_SCHEME = "signals-603plus-url-scheme"


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("https://example.com", None),
        ("HTTPS://Example.COM:8443/a/b?c=d&e=%3B#f", None),
        ("https://a-b.c_d.example/", None),
        ("https://xn--bcher-kva.example", None),
        ("http://example.com", _SCHEME),
        ("ftp://example.com", _SCHEME),
        ("javascript:alert(1)", _NOT_PUBLIC),
        ("...", _NOT_PUBLIC),
        ("", _NOT_PUBLIC),
        ("https://", _NOT_PUBLIC),
        ("https://localhost/x", _NOT_PUBLIC),
        ("https://192.0.2.1/x", _NOT_PUBLIC),
        ("https://[2001:db8::1]/x", _NOT_PUBLIC),
        ("https://bank.example@other.example/", _NOT_PUBLIC),
        ("https://bank.example\\@other.example/", _NOT_PUBLIC),
        ("https://example.com/a b", _NOT_PUBLIC),
        ("https://example.com/<script>", _NOT_PUBLIC),
        ("https://example.com/\u00fc", _NOT_PUBLIC),
        ("https://example.com/" + "a" * 3000, _NOT_PUBLIC),
        ("https://" + "a." * 5000, _NOT_PUBLIC),
    ],
)
def test_url(url: str, slug: str | None) -> None:
    """standards.md 2.2: an https URL that public DNS resolves; RFC 3986 §2, §3 for the characters."""
    wrong = bad_url(url)
    assert (wrong.code if wrong else None) == slug


@pytest.mark.parametrize(
    ("tel", "good"),
    [("+18005550100", True), ("+1", True), ("+123456789012345", True), ("+", False), ("", False), ("8005550100", False),
     ("tel:+18005550100", False), ("+1-800-555-0100", False), ("+1234567890123456", False), ("+\u0661", False)],
)  # fmt: skip
def test_tel(tel: str, good: bool) -> None:
    """standards.md 2.2, grammar: "+" 1*15DIGIT."""
    assert (bad_tel(tel) is None) is good


@pytest.mark.parametrize(
    ("email", "good"),
    [("redress@carrier.example", True), ("a.b+c@x.y.example", True), ("redress", False), ("@carrier.example", False),
     ("mailto:a@carrier.example", False), ("a@b@c.example", False), ("a@localhost", False), ("a b@c.example", False),
     ("", False), ("a@" + "b." * 3000, False), ("a" * 65 + "@b.example", False)],
)  # fmt: skip
def test_email(email: str, good: bool) -> None:
    """RFC 5322 §3.4.1 addr-spec; RFC 5321 §4.5.3.1.1: at most 64 octets before the '@'."""
    assert (bad_email(email) is None) is good


@pytest.mark.parametrize(
    ("ident", "good"), [("seg_7-A", True), ("a" * 64, True), ("a" * 65, False), ("", False), ("a b", False)]
)
def test_id(ident: str, good: bool) -> None:
    """standards.md 2.2: ALPHA, DIGIT, '_', '-'; at most 64."""
    assert (bad_id(ident) is None) is good


@pytest.mark.parametrize(
    ("url", "email", "card", "domain"),
    [
        ("https://Redress.Example.COM.:443/x", "a@b.example", "https://c.example", "redress.example.com"),
        ("", "a@B.Example", "https://c.example", "b.example"),
        ("", "", "https://c.example/card", "c.example"),
        ("", "", "http://c.example?x", "c.example"),
        ("", "", "", ""),
        ("...", "redress", "", ""),
        ("...", "", "https://c.example", "c.example"),
        ("https://bank.example@other.example/", "", "", "other.example"),
        ("https://bank.example\\@other.example/", "", "", "bank.example"),
        ("https://[2001:DB8::1]:8443/", "", "", "[2001:db8::1]"),
        ("https:///x", "", "", ""),
    ],
)
def test_domain(url: str, email: str, card: str, domain: str) -> None:
    """RFC 3986 §3.2; the WHATWG URL standard for the backslash."""
    assert domain_of(url, email, card) == domain
