"""From, To, Contact and their kin."""

from __future__ import annotations

import pytest

from ringthrough.errors import RemoteError
from ringthrough.wire import parse_address
from ringthrough.wire.headers.address import address_faults, split_contacts


@pytest.mark.parametrize(
    ("label", "text", "display", "uri", "tag"),
    [
        ("usual", '"Alice" <sip:alice@example.com;user=phone>;tag=1', "Alice", "sip:alice@example.com;user=phone", "1"),
        ("words", "Alice van Dam <sip:a@b>;tag=2", "Alice van Dam", "sip:a@b", "2"),
        ("no space before the bracket", "caller<sip:a@b>", "caller", "sip:a@b", None),
        ("brackets only", "<tel:+1215;verstat=x>;tag=t", "", "tel:+1215;verstat=x", "t"),
        ("escapes in the name", r'"J \"R\" \\" <sip:a@b>', 'J "R" \\', "sip:a@b", None),
        ("no brackets: parameters are the header's", "sip:a@b;tag=3;user=phone", "", "sip:a@b", "3"),
        ("no brackets, semicolon in user", "sip:a;x=1@b;tag=3", "", "sip:a;x=1@b", "3"),
        ("no brackets, tel", "tel:+1215;tag=4", "", "tel:+1215", "4"),
        ("no brackets, no parameters", " sip:a@b ", "", "sip:a@b", None),
        ("spaces in all places", '  "A"  < sip:a@b > ; tag = 5 ', "A", "sip:a@b", "5"),
        ("tag in capitals", "<sip:a@b>;TAG=6", "", "sip:a@b", "6"),
        ("comma in an unquoted name", "Bell, Alexander <sip:a@b>;tag=7", "Bell, Alexander", "sip:a@b", "7"),
        ("name that is not ASCII", "Ünal <sip:a@b>", "Ünal", "sip:a@b", None),
        ("empty name in quotes", '""<sip:a@b>', "", "sip:a@b", None),
        ("IPv6", "<sip:a@[::1]:5060>;tag=8", "", "sip:a@[::1]:5060", "8"),
    ],
)
def test_parse(label: str, text: str, display: str, uri: str, tag: str | None) -> None:
    address = parse_address(text)
    assert (address.display, address.uri.raw, address.tag) == (display, uri, tag), label


def test_other_params() -> None:
    address = parse_address("<sip:a@b>;reason=unconditional;Counter=1;flag")
    assert (address.param("reason"), address.param("counter"), address.param("flag")) == ("unconditional", "1", "")
    assert address.param("none") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('"Mr. J. User <sip:a@b>', "wire-quote-open"),
        ('"ends in a backslash\\', "wire-quote-open"),
        ("", "wire-address-syntax"),
        ("Alice <sip:a@b", "wire-address-syntax"),
        ('"Alice" sip:a@b', "wire-address-syntax"),
        ("<alice>", "wire-uri-syntax"),
        ("alice", "wire-uri-syntax"),
        ("*", "wire-uri-syntax"),
    ],
)
def test_no_address(text: str, code: str) -> None:
    with pytest.raises(RemoteError) as caught:
        parse_address(text, "From")
    assert caught.value.problem.code == code


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("<sip:a@b>;tag=1", []),
        ("sip:a@b;x=1", []),
        ("sip:a@b?Route=x", ["wire-address-unbracketed"]),
        ("sip:a{b@c", ["wire-uri-characters"]),
        ("Bell, A <sip:a@b>", ["wire-display-name"]),
        ("< sip:a@b>", ["wire-uri-space"]),
        ("<sip:a@b>junk", ["wire-address-syntax"]),
        ("<sip:a b@c>", ["wire-uri-characters"]),
    ],
)
def test_faults(text: str, codes: list[str]) -> None:
    assert [problem.code for problem in address_faults(text, "Contact")] == codes


def test_contacts_are_cut_and_star_is_none() -> None:
    assert split_contacts(" * ") == []
    assert split_contacts('"a,b" <sip:a@b>,sip:c@d') == ['"a,b" <sip:a@b>', "sip:c@d"]
