"""Canonical numbers and addresses: what is the same is equal, and nothing is guessed."""

from __future__ import annotations

import pytest

from ringthrough.errors import LocalError
from ringthrough.stir import canonical_number
from ringthrough.stir.canonical import canonical_uri
from ringthrough.wire import parse_uri

NUMBERS = {
    "RFC 8224 §8.3 in its own spelling": ("+1-215-555-0112", "12155550112"),
    "canonical already": ("12155550112", "12155550112"),
    "all separators of RFC 3966": ("+1 (215) 555.0112", "12155550112"),
    "a service code": ("*67", "*67"),
    "number sign": ("#31#12155550112", "#31#12155550112"),
    "an extension": ("1001", "1001"),
    "a name": ("alice", ""),
    "a name with digits": ("room 101", ""),
    "anonymous": ("anonymous", ""),
    "nothing": ("", ""),
    "far too long": ("1" * 65, "1" * 65),
    "far too long and spaced": ("1 " * 65, ""),
    "digits of another script": ("١٢٣", ""),
}


@pytest.mark.parametrize(("text", "expected"), NUMBERS.values(), ids=NUMBERS)
def test_numbers(text: str, expected: str) -> None:
    assert canonical_number(text) == expected


REGIONS = {
    "national number": ("2155550112", "US", "12155550112"),
    "with its trunk digit": ("12155550112", "US", "12155550112"),
    "with the country code": ("+12155550112", "DE", "12155550112"),
    "trunk prefix of Germany": ("030 123456", "DE", "4930123456"),
    "an extension stays": ("1001", "US", "1001"),
}


@pytest.mark.parametrize(("text", "region", "expected"), REGIONS.values(), ids=REGIONS)
def test_a_region_adds_the_country_code(text: str, region: str, expected: str) -> None:
    assert canonical_number(text, region) == expected


def test_an_unknown_region_is_the_callers_mistake() -> None:
    with pytest.raises(LocalError) as raised:
        canonical_number("2155550112", "XX")
    assert raised.value.problem.code == "numbers-unknown-region"


URIS = {
    "as it is": ("sip:alice@example.com", "sip:alice@example.com"),
    "host in capitals": ("sip:alice@EXAMPLE.com", "sip:alice@example.com"),
    "sips, port and parameters": ("sips:alice@example.com:5061;transport=tls", "sip:alice@example.com"),
    "escaped user": ("sip:al%69ce@example.com", "sip:alice@example.com"),
    "the user keeps its case": ("sip:Alice@example.com", "sip:Alice@example.com"),
    "no user": ("sip:example.com", "sip:example.com"),
    "another scheme": ("https://Example.com/A", "https://example.com/a"),
}


@pytest.mark.parametrize(("text", "expected"), URIS.values(), ids=URIS)
def test_uris(text: str, expected: str) -> None:
    assert canonical_uri(parse_uri(text)) == expected
