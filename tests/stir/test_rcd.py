"""Rich call data: the form of rcd, and digests over what the token holds."""

from __future__ import annotations

from typing import Any

import pytest

from ringthrough.stir.rcd import rcd_problems

from .calls import CLAIMS, forged, judged, url_of

# Digests as the examples of RFC 9795 (and its drafts) print them: a text is hashed with its quotes.
SPY = "sha256-sM275lTgzCte+LHOKHtU4SxG8shlOo6OS4ot8IJQImY"
LINK = "https://example.com/photos/q-256x256.png"

GOOD: dict[str, dict[str, Any]] = {
    "a name": {"rcd": {"nam": "James Bond"}},
    "an empty name": {"rcd": {"nam": ""}},
    "a reason alone": {"crn": "Your order"},
    "everything": {"rcd": {"nam": "Q", "apn": "12025551000", "icn": LINK, "jcd": ["vcard", []]}},
    "a card by link": {"rcd": {"nam": "Q", "jcl": "https://example.com/q.json"}},
    "a digest of the name (RFC 9795)": {"rcd": {"nam": "Q Branch Spy Gadgets"}, "rcdi": {"/nam": SPY}},
    "the digest in base64url": {"rcd": {"nam": "Q Branch Spy Gadgets"}, "rcdi": {"/nam": SPY.replace("+", "-") + "="}},
    "a digest of a link is not fetched": {"rcd": {"nam": "Q", "icn": LINK}, "rcdi": {"/icn": "sha256-AAAA"}},
    "digests deep inside a card": {
        "rcd": {"nam": "Q", "jcd": ["vcard", [["fn", {}, "text", "Q Branch Spy Gadgets"]]]},
        "rcdi": {"/jcd/1/0/3": SPY},
    },
    "SHA-384 and SHA-512": {
        "rcd": {"nam": "x", "a/b": "x", "a~b": "x"},
        "rcdi": {
            "/a~1b": "sha384-6ipE8yrcdCVZc27GQDU4wwPxqv0ro+Bqg/gTrHCMmb3WGtEgO5MkjpmV4kNZkwgU",
            "/a~0b": "sha512-",
        },
    },
}


def digests() -> dict[str, str]:
    import base64
    import hashlib

    return {
        name: f"{name}-" + base64.b64encode(getattr(hashlib, name)(b'"x"').digest()).decode()
        for name in ("sha256", "sha384", "sha512")
    }


GOOD["SHA-384 and SHA-512"]["rcdi"] = {"/a~1b": digests()["sha384"], "/a~0b": digests()["sha512"]}


@pytest.mark.parametrize("claims", GOOD.values(), ids=GOOD)
def test_rich_call_data_in_order(claims: dict[str, Any]) -> None:
    assert rcd_problems(claims) == []


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "none at all": ({}, "stir-rcd"),
    "no object": ({"rcd": "James Bond"}, "stir-rcd"),
    "no name": ({"rcd": {"apn": "1"}}, "stir-rcd"),
    "a number for a name": ({"rcd": {"nam": 7}}, "stir-rcd"),
    "digests without data": ({"rcdi": {"/nam": SPY}, "crn": "x"}, "stir-rcd"),
    "a picture by http": ({"rcd": {"nam": "", "icn": "http://x/y.png"}}, "stir-rcd"),
    "a picture that is none": ({"rcd": {"nam": "", "icn": 7}}, "stir-rcd"),
    "a card that is none": ({"rcd": {"nam": "", "jcd": {}}}, "stir-rcd"),
    "a card twice": ({"rcd": {"nam": "", "jcd": [], "jcl": "https://x/y"}}, "stir-rcd"),
    "digests that are a list": ({"rcd": {"nam": ""}, "rcdi": []}, "stir-rcd"),
    "a digest that does not fit": ({"rcd": {"nam": "M"}, "rcdi": {"/nam": SPY}}, "stir-rcd-digest"),
    "a digest of nothing": ({"rcd": {"nam": ""}, "rcdi": {"/icn": SPY}}, "stir-rcd-digest"),
    "a pointer that is none": ({"rcd": {"nam": ""}, "rcdi": {"nam": SPY}}, "stir-rcd-digest"),
    "an index that is none": ({"rcd": {"nam": "", "jcd": [1]}, "rcdi": {"/jcd/x": SPY}}, "stir-rcd-digest"),
    "an index beyond": ({"rcd": {"nam": "", "jcd": [1]}, "rcdi": {"/jcd/9": SPY}}, "stir-rcd-digest"),
    "another algorithm": ({"rcd": {"nam": ""}, "rcdi": {"/nam": "md5-AAAA"}}, "stir-rcd-digest"),
    "a digest that is no text": ({"rcd": {"nam": ""}, "rcdi": {"/nam": 7}}, "stir-rcd-digest"),
    "a digest of everything": ({"rcd": {"nam": ""}, "rcdi": {"": SPY}}, "stir-rcd-digest"),
}


@pytest.mark.parametrize(("claims", "code"), BAD.values(), ids=BAD)
def test_rich_call_data_out_of_order(claims: dict[str, Any], code: str) -> None:
    assert [problem.code for problem in rcd_problems(claims)] == [code]


def test_an_rcd_token_stands_or_falls_with_its_data() -> None:
    plain = {name: CLAIMS[name] for name in ("dest", "iat", "orig")}
    after = f";info=<{url_of('ann')}>;alg=ES256;ppt=rcd"
    assert judged(forged({**plain, "rcd": {"nam": ""}}, {"ppt": "rcd"}, after=after)).outcome == "valid"
    assert judged(forged({**plain, "rcd": {}}, {"ppt": "rcd"}, after=after)).outcome == "bad_claims"
