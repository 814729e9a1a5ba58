"""Claims are read without believing them, in microseconds, and without the weight of cryptography."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringthrough.stir import Claim, read_claim

from ..conftest import without_coverage

URL = "https://cert.example.org/passport.cer"
UUID = "123e4567-e89b-12d3-a456-426655440000"
HEAD = {"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": URL}
CLAIMS = {
    "attest": "A",
    "dest": {"tn": ["12155550113"]},
    "iat": 1471375418,
    "orig": {"tn": "12155550112"},
    "origid": UUID,
}
READ = Claim("A", UUID, "shaken", 1471375418, "12155550112", ("12155550113",), URL)


def part(value: Any) -> str:
    octets = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def identity(claims: Any, head: Any = HEAD, after: str = f";info=<{URL}>;alg=ES256;ppt=shaken") -> str:
    return f"{part(head)}.{part(claims)}.{'A' * 86}{after}"


def test_the_claims_of_a_shaken_header() -> None:
    assert read_claim(identity(CLAIMS)) == READ
    assert read_claim(identity(CLAIMS).encode()) == READ


def test_white_space_in_the_json_does_not_matter() -> None:
    for octets in (b' {"attest":"A"}', b'{"attest":"A"}\n', b'{ "attest" : "A" }'):
        assert read_claim(identity(octets)).attest == "A"


def test_without_parameters_the_token_itself_tells_type_and_certificate() -> None:
    assert read_claim(identity(CLAIMS, after="")) == READ
    assert read_claim(identity(CLAIMS, head=b"{", after="")) == READ._replace(ppt="", info="")
    assert read_claim(identity(CLAIMS, head=["x"], after=";alg=ES256;ppt=div"))._replace(info=URL, ppt="shaken") == READ


ODD: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "iat as text (RFC 8225 §7.1, erratum 5985)": ({"iat": "1443208345"}, {"iat": None}),
    "iat true": ({"iat": True}, {"iat": None}),
    "iat negative": ({"iat": -1}, {"iat": None}),
    "iat beyond a double": ({"iat": 1 << 60}, {"iat": None}),
    "iat with a fraction": ({"iat": 1.5}, {"iat": None}),
    "attest D": ({"attest": "D"}, {"attest": ""}),
    "attest a list": ({"attest": ["A"]}, {"attest": ""}),
    "origid a number": ({"origid": 7}, {"origid": ""}),
    "origid endless": ({"origid": "x" * 9999}, {"origid": "x" * 256}),
    "origid half a surrogate pair": ({"origid": "a\ud800"}, {"origid": "a?"}),
    "dest.tn as text (RFC 8946 §5)": ({"dest": {"tn": "1215"}}, {"dest": ("1215",)}),
    "dest as text (libstirshaken)": ({"dest": '{"tn":"1"}'}, {"dest": ()}),
    "dest with numbers and URIs": (
        {"dest": {"uri": ["sip:a@b"], "tn": ["1", 2, "3"]}},
        {"dest": ("1", "3", "sip:a@b")},
    ),
    "dest without end": ({"dest": {"tn": ["1"] * 500}}, {"dest": ("1",) * 16}),
    "orig a URI": ({"orig": {"uri": "sip:a@b"}}, {"orig": "sip:a@b"}),
    "orig nothing": ({"orig": None}, {"orig": ""}),
}


@pytest.mark.parametrize(("change", "expected"), ODD.values(), ids=ODD)
def test_what_is_odd_is_left_out_and_the_rest_is_read(change: dict[str, Any], expected: dict[str, Any]) -> None:
    assert read_claim(identity({**CLAIMS, **change})) == READ._replace(**expected)


FAULTS = {
    "compact form": (f"..{'A' * 86};info=<{URL}>;alg=ES256", "stir-compact-form"),
    "two parts": (f"aaaa.bbbb;info=<{URL}>;alg=ES256;ppt=shaken", "stir-token-unreadable"),
    "no JSON": (identity(b"{"), "stir-token-unreadable"),
    "no object": (identity(["A"]), "stir-token-unreadable"),
    "no UTF-8": (identity(b'{"attest":"\xff"}'), "stir-token-unreadable"),
    "nested without end": (identity(b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"), "stir-token-unreadable"),
    "a number of thousands of digits": (identity(b'{"iat":' + b"1" * 5000 + b"}"), "stir-token-unreadable"),
    "padding": (f"{part(HEAD)}.{part(CLAIMS)}=.AA;info=<{URL}>", "stir-token-unreadable"),
    "base64 instead of base64url": (f"{part(HEAD)}.+/+/.AA;info=<{URL}>", "stir-token-unreadable"),
    "nothing": ("", "stir-header-syntax"),
    "endless": ("a" * 20_000, "stir-header-too-long"),
}


@pytest.mark.parametrize(("text", "fault"), FAULTS.values(), ids=FAULTS)
def test_what_cannot_be_read_says_why(text: str, fault: str) -> None:
    claim = read_claim(text)
    assert (claim.fault, claim.attest, claim.orig, claim.dest) == (fault, "", "", ())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["tn", "uri", "x"]), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from(sorted(CLAIMS)), JSON))
def test_any_json_in_any_claim_is_read(claims: dict[str, Any]) -> None:
    claim = read_claim(identity(claims))
    assert claim.fault == ""
    "".join((claim.attest, claim.origid, claim.orig, *claim.dest)).encode()


def test_reading_claims_imports_no_cryptography() -> None:
    """`diagnose` reads the claims of every INVITE and must not wait for OpenSSL to be loaded."""
    program = (
        "import sys, ringthrough.stir.claim, ringthrough.stir as s; s.read_claim(''); s.read_identity('');"
        "s.Missing('x'); s.PROBLEMS; s.OUTCOMES; s.canonical_number('1');"
        "print(sorted(m for m in sys.modules if m.startswith(('cryptography', 'ringthrough.jose'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=without_coverage(), check=True
    )
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_is_no_name_of_the_room() -> None:
    import ringthrough.stir

    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        ringthrough.stir.nonsense  # noqa: B018
    assert {name for name in ringthrough.stir.__all__ if not hasattr(ringthrough.stir, name)} == set()
    assert set(ringthrough.stir.__all__) == set(ringthrough.stir._PLACES)
