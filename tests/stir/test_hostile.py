"""Whatever a caller sends: an outcome with a reason, within bounds, and never an error."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough import jose
from ringthrough.stir import OUTCOMES, Missing, Verification, describe, read_claim, verify
from ringthrough.wire import Request, decode, encode

from .calls import ANCHORS, AT_S, CLAIMS, CREDENTIALS, DATE, forged, invite, judged, key_of, signed, url_of


def checked(found: Verification) -> Verification:
    """What holds of any outcome at all."""
    assert found.outcome in OUTCOMES
    assert (found.outcome == "valid") == any(header.outcome == "valid" for header in found.headers)
    for header in found.headers:
        assert header.outcome in OUTCOMES
        assert header.outcome == "valid" or header.problems, header
        assert all(problem.code and problem.detail for problem in header.problems)
        if header.outcome == "valid":
            assert header.signature_valid
            assert header.chain is not None
            assert header.chain.trusted
            assert header.fresh
            assert header.orig_matches
            assert header.dest_matches
    for value in found.reason:
        assert "\r" not in value
        assert "\n" not in value
        assert value.isascii()
    return found


TEXTS = [signed(), signed(ppt="", compact=True), signed(ppt="rcd", claims={"rcd": {"nam": "x"}})]
CHANGES = st.lists(
    st.tuples(
        st.floats(0, 1), st.integers(0, 6), st.sampled_from([".", ";", "=", "<", ">", '"', "A", "-", "é", " ", ""])
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.slow
@given(st.sampled_from(TEXTS), CHANGES)
def test_a_mutated_header_is_judged_and_never_valid_by_another_signature(
    text: str, changes: list[tuple[float, int, str]]
) -> None:
    for where, cut, put in changes:
        at = int(where * len(text))
        text = text[:at] + put + text[at + cut :]
    checked(judged(text.replace("\n", " "), Date=DATE))
    read_claim(text)
    describe(text)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=10)
    | st.sampled_from(["A", "12155550112", "+1", "sip:a@b", "shaken", "div", "rcd"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["tn", "uri", "nam", "jcd", "/nam"]), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = ["attest", "dest", "iat", "orig", "origid", "div", "rcd", "rcdi", "crn", "rph", "opt", "mky"]


@pytest.mark.slow
@given(
    st.dictionaries(st.sampled_from(NAMES), JSON),
    st.dictionaries(st.sampled_from(["alg", "typ", "ppt", "x5u", "crit", "kid"]), JSON),
    st.sampled_from(["", "shaken", "div", "rcd", "rph", "div-o"]),
)
def test_any_json_with_a_good_signature_is_judged(claims: dict[str, Any], header: dict[str, Any], ppt: str) -> None:
    head = {"ppt": ppt or None, **header}
    identity = forged({**CLAIMS, **claims}, head, after=f";info=<{url_of('ann')}>;alg=ES256;ppt={ppt}")
    found = checked(judged(identity, signed()))
    assert found.outcome == "valid"  # one valid header is enough, whatever stands beside it


@pytest.mark.slow
@given(st.lists(st.sampled_from([*TEXTS, "", "x", "..", "a.b.c;info=<x>", signed(by="eve")]), max_size=13))
def test_any_set_of_headers_is_judged(identities: Sequence[str]) -> None:
    found = checked(judged(*(text for text in identities if text), Date=DATE))
    assert len(found.headers) + found.left_out == sum(1 for text in identities if text)


@given(st.binary(max_size=200))
def test_any_certificate_is_judged(der: bytes) -> None:
    checked(judged(signed(), credentials={url_of("ann"): (jose.Certificate(der),)}))


@settings(max_examples=60)
@given(st.integers(0, 400), st.integers(0, 255))
def test_a_mutated_certificate_is_judged(at: int, octet: int) -> None:
    chain = CREDENTIALS[url_of("ann")]
    der = bytearray(chain[0].der)
    der[at % len(der)] = octet
    found = checked(judged(signed(), credentials={url_of("ann"): (jose.Certificate(bytes(der)), *chain[1:])}))
    assert found.outcome == "valid" or found.status in (403, 437, 438)
    if bytes(der) != chain[0].der:
        assert found.outcome != "valid"


@given(st.floats())
def test_any_time_is_judged(at_s: float) -> None:
    checked(verify(invite(signed()), CREDENTIALS, ANCHORS, at_s=at_s))


LARGE: dict[str, list[str]] = {
    "10,000 headers": ["a.b.c;info=<x>"] * 10_000,
    "10,000 valid headers": [signed()] * 10_000,
    "a header of a megabyte": ["a" * 1_000_000],
    "a megabyte of parameters": ["a.b.c;info=<x>" + ";a" * 500_000],
    "a megabyte of quotes": ['a.b.c;x="' + '\\"' * 500_000],
    "a token of 16 KiB": [("a" * 5_000 + ".") * 3],
    "16 KiB of info": ["a.b.c" + ";info=<" * 2_000],
    "16 KiB of spaces": ["a.b.c" + " " * 16_000 + ";info=<x>"],
    "nested arrays": [forged(b'{"dest":' + b"[" * 2_500 + b"]" * 2_500 + b"}")],
    "nested objects": [forged(b'{"a":' * 900 + b"1" + b"}" * 900)],
    "a number of 4,000 digits": [forged(b'{"iat":' + b"9" * 4_000 + b"}")],
    "1,000 called": [forged({**CLAIMS, "dest": {"tn": ["1"] * 1_000}})],
    "pointers into a card": [
        forged(
            {"rcd": {"nam": "", "jcd": [[]] * 50}, "rcdi": {f"/jcd/{n}": "sha256-x" for n in range(64)}},
            {"ppt": "rcd"},
            after=f";info=<{url_of('ann')}>;ppt=rcd",
        )
    ],
    "ten diversions in a circle": [
        forged(
            {"dest": {"tn": [str(n + 1)]}, "div": {"tn": str(n)}, "iat": int(AT_S), "orig": {"tn": "12155550112"}},
            {"ppt": "div"},
            after=f";info=<{url_of('ann')}>;ppt=div",
        )
        for n in range(10)
    ],
}


@pytest.mark.parametrize("identities", LARGE.values(), ids=LARGE)
def test_time_is_bounded(identities: list[str]) -> None:
    request = invite(*identities)
    begun = time.process_time()
    found = verify(request, CREDENTIALS, ANCHORS, at_s=AT_S)
    spent_s = time.process_time() - begun
    checked(found)
    assert spent_s < 0.25


def test_a_request_from_the_wire_is_judged_like_a_built_one() -> None:
    octets = encode(invite(signed()))
    request = decode(octets.replace(b"Identity:", b"y:"))
    assert isinstance(request, Request)
    assert verify(request, CREDENTIALS, ANCHORS, at_s=AT_S).outcome == "valid"


def test_ci_mixed_certificates_and_reasons() -> None:
    """An unrelated certificate, a missing one, and a good header together: each is told by itself."""
    credentials = {**CREDENTIALS, url_of("cid"): CREDENTIALS[url_of("bob")], url_of("bob"): Missing("HTTP 404")}
    found = checked(judged(signed(by="cid"), signed(by="bob"), signed(), credentials=credentials))
    assert [header.outcome for header in found.headers] == ["bad_signature", "no_certificate", "valid"]


def test_a_secret_key_in_a_header_is_not_repeated_in_problems() -> None:
    pem = key_of("ann").pem().decode().splitlines()[1]
    found = judged(f"{pem};info=<x>")
    assert pem not in json.dumps([str(problem) for problem in found.headers[0].problems])
