"""The notice of a 603+: each departure from the form is found, alone, and the contact is recovered all the same."""

from __future__ import annotations

import pytest

from ringthrough.signals import PROBLEMS
from ringthrough.signals.problems import SOURCES

from .messages import read_response, slugs

URL = "url=https://example.com"


def _reason(text: str = f"v=analytics1;{URL}", location: str = ";location=RLN", start: str = "SIP;cause=603") -> str:
    return f'{start};text="{text}"{location}'


# label, Reason, slugs without "signals-603plus-". Oracle: standards.md 2.2, the row of that element, if no other.
_FORMS: list[tuple[str, str, list[str]]] = [
    ("due form", _reason(), []),
    ("due form with Q.850, ATIS-1000099 §4.1.1", _reason(start="Q.850;cause=21"), []),
    ("protocol in lower case, RFC 3261 §7.3.1", _reason(start="sip;cause=603"), []),
    ("white space around ';' and '=', RFC 3261 §25.1",
     f'SIP ; cause = 603 ; text = "v=analytics1;{URL}" ; location = RLN', []),
    ("closing semicolon", _reason() + ";", []),
    ("location in lower case, RFC 3261 §7.3.1", _reason(location=";location=rln"), []),
    ("tel alone", _reason("v=analytics1;tel=+18005550100"), []),
    ("email alone", _reason("v=analytics1;email=redress@carrier.example"), []),
    ("spaces after ';' inside the text", _reason(f"v=analytics1; {URL}; id=7"), []),
    ("pair of an unknown name", _reason(f"v=analytics1;{URL};who=carrier"), []),
    ("empty piece at the end of the text", _reason(f"v=analytics1;{URL};"), []),
    ("same pair twice with one value", _reason(f"v=analytics1;{URL};{URL}"), []),
    ("longest id", _reason(f"v=analytics1;{URL};id={'a' * 64}"), []),
    ("location missing", _reason(location=""), ["no-location"]),
    ("location of the user", _reason(location=";location=U"), ["bad-location"]),
    ("location of RFC 8606 that 603+ has not", _reason(location=";location=BI"), ["bad-location"]),
    ("cause of Q.850 with protocol SIP", _reason(start="SIP;cause=21"), ["cause"]),
    ("cause of SIP with protocol Q.850", _reason(start="Q.850;cause=603"), ["cause"]),
    ("cause missing", _reason(start="SIP"), ["cause"]),
    ("cause is no number", _reason(start="SIP;cause=603+"), ["cause"]),
    ("foreign protocol", _reason(start="X.99;cause=603"), ["protocol"]),
    ("no protocol at all", _reason(start="cause=603"), ["protocol"]),
    ("cause twice", _reason(start="SIP;cause=603;cause=21"), ["repeated-param"]),
    ("text twice", _reason() + ';text="Call Rejected"', ["repeated-param"]),
    ("no contact", _reason("v=analytics1;id=7"), ["no-redress"]),
    ("empty contact", _reason("v=analytics1;url="), ["no-redress", "bad-url"]),
    ("later version", _reason(f"v=analytics2;{URL}"), ["unknown-version"]),
    ("version without number", _reason(f"v=analytics;{URL}"), ["unknown-version"]),
    ("v not first", _reason(f"{URL};v=analytics1"), ["v-not-first"]),
    ("space before v: FreeSWITCH would not find it", _reason(f" v=analytics1;{URL}"), ["v-not-first"]),
    ("capital V: FreeSWITCH would not find it", _reason(f"V=analytics1;{URL}"), ["v-not-first"]),
    ("url on http", _reason("v=analytics1;url=http://example.com"), ["url-scheme"]),
    ("url without scheme", _reason("v=analytics1;url=example.com"), ["bad-url"]),
    ("url with a raw semicolon", _reason("v=analytics1;url=https://example.com/a;b"), ["pair-syntax"]),
    ("tel without plus", _reason("v=analytics1;tel=18005550100"), ["bad-tel"]),
    ("tel with 16 digits", _reason("v=analytics1;tel=+1234567890123456"), ["bad-tel"]),
    ("email without domain", _reason("v=analytics1;email=redress"), ["bad-email"]),
    ("id with a dot", _reason(f"v=analytics1;{URL};id=a.b"), ["bad-id"]),
    ("id too long", _reason(f"v=analytics1;{URL};id={'a' * 65}"), ["bad-id"]),
    ("two urls", _reason(f"v=analytics1;{URL};url=https://other.example"), ["repeated-pair"]),
    ("text without quotes", f"SIP;cause=603;text=v=analytics1;{URL};location=RLN", ["unquoted-text"]),
    ("text in single quotes", f"SIP;cause=603;text='v=analytics1;{URL}';location=RLN", ["unquoted-text"]),
    ("quotes never closed", f'SIP;cause=603;text="v=analytics1;{URL};location=RLN', ["unquoted-text"]),
    ("pairs as parameters", f'SIP;cause=603;text="Blocked";v=analytics1;{URL};location=RLN', ["pairs-as-params"]),
    ("pairs as parameters, no text", f"SIP;cause=603;v=analytics1;{URL};location=RLN", ["pairs-as-params"]),
    ("contact without version", _reason(URL), ["foreign-reason", "v-not-first", "unknown-version"]),
    ("another version word", _reason(f"v=block1;{URL}"), ["foreign-reason", "unknown-version"]),
    ("everything at once", 'SIP;cause=486;text="url=ftp://x;v=analytics9;tel=1;email=@;id=?;x";location=moon',
     ["cause", "pair-syntax", "v-not-first", "unknown-version", "url-scheme", "bad-tel", "bad-email", "bad-id",
      "bad-location"]),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "expected"), [c[1:] for c in _FORMS], ids=[c[0] for c in _FORMS])
def test_forms(reason: str, expected: list[str]) -> None:
    refusal = read_response(603, "Network Blocked", f"Reason: {reason}")
    assert [slug.removeprefix("signals-603plus-") for slug in slugs(refusal)] == expected
    assert refusal.kind == ("603plus_defective" if expected else "603plus")
    if URL in reason:
        assert refusal.url.startswith("https://example.com")
        assert refusal.blocker == "example.com"


def test_bare_text_that_does_not_begin_with_v() -> None:
    """Without quotes every pair but the first is a parameter (RFC 3326 §2); none is lost."""
    reason = f"SIP;cause=603;text={URL};v=analytics1;id=9;location=TN"
    refusal = read_response(603, "Network Blocked", f"Reason: {reason}")
    assert (refusal.url, refusal.id, refusal.location) == ("https://example.com", "9", "TN")
    assert "signals-603plus-pairs-as-params" in slugs(refusal)


def test_escaped_quotes_inside_the_text() -> None:
    """RFC 3261 §25.1: a quoted pair stands for the character after the backslash, and does not end the text."""
    refusal = read_response(
        603, "Network Blocked", r'Reason: SIP;cause=603;text="v=analytics1;url=https://a.example/\"";location=LN'
    )
    assert refusal.url == 'https://a.example/"'
    assert slugs(refusal) == ["signals-603plus-bad-url"]


def test_comma_inside_the_text() -> None:
    """RFC 3261 §7.3.1: a comma inside a quoted string separates nothing."""
    refusal = read_response(603, "Network Blocked", f"Reason: {_reason('v=analytics1;url=https://a.example/x,y')}")
    assert (refusal.kind, refusal.url) == ("603plus", "https://a.example/x,y")


def test_first_of_two_urls_counts() -> None:
    refusal = read_response(603, "Network Blocked", f"Reason: {_reason(f'v=analytics1;{URL};url=https://b.example')}")
    assert refusal.url == "https://example.com"


def test_a_lost_phrase_keeps_its_other_defects() -> None:
    """standards.md 8: any other phrase with v=analytics1 is a 603+ rewritten; what else is wrong is told too."""
    refusal = read_response(603, "Decline", f"Reason: {_reason(location='')}")
    assert refusal.kind == "603plus_rewritten"
    assert slugs(refusal) == ["signals-603plus-phrase-lost", "signals-603plus-no-location"]


def test_a_mark_inside_a_url_is_none() -> None:
    """`?v=analytics1` in a query is no version of a notice."""
    refusal = read_response(603, "Decline", 'Reason: SIP;cause=603;text="see https://x.example/?v=analytics1"')
    assert refusal.kind != "603plus_rewritten"


def test_defects_name_rule_place_and_find() -> None:
    refusal = read_response(603, "Network Blocked", f"Reason: {_reason('v=analytics1;tel=1')}")
    assert str(refusal.defects[0]) == (
        "Reason: tel: expected a plus sign and 1 to 15 digits, found '1' "
        "(ATIS-1000099 [S] for E.164, [reconstructed] for the plus sign)"
    )


def test_long_finds_are_cut() -> None:
    refusal = read_response(603, "Network Blocked", f"Reason: {_reason(f'v=analytics1;{URL};id=' + 'a' * 500)}")
    assert len(refusal.defects[0].detail) < 160


def test_every_rule_has_its_weight() -> None:
    """standards.md 0: the text of ATIS-1000099 was not read, so each of its rules says what it rests on."""
    assert set(SOURCES) == set(PROBLEMS)
    for slug, source in SOURCES.items():
        assert "ATIS" not in source or "[S]" in source or "[reconstructed]" in source, slug
