"""Tokens are read as strictly as `jose` reads them, whether their header came before or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringthrough import jose
from ringthrough.errors import RemoteError
from ringthrough.stir import Party, read_passport
from ringthrough.stir.passport import _read

from .calls import AT_S, CALLED, CALLER, CLAIMS, UUID, forged, signed, url_of

TOKEN = signed().partition(";")[0]


def test_what_a_passport_says() -> None:
    passport = read_passport(TOKEN)
    assert (passport.ppt, passport.x5u, passport.iat_s) == ("shaken", url_of("ann"), AT_S)
    assert (passport.orig, passport.dest) == (Party("tn", CALLER), (Party("tn", CALLED),))
    assert (passport.attest, passport.origid, passport.div) == ("A", UUID, None)
    assert (passport.fault, passport.problems) == ("", ())
    assert read_passport(TOKEN.encode()) == passport


def by_jose(text: str) -> jose.Token | str:
    try:
        return jose.read_token(text)
    except RemoteError as error:
        return error.problem.code


def by_us(text: str) -> jose.Token | str:
    try:
        return _read(text)[0]
    except RemoteError as error:
        return error.problem.code


ODD = {
    "nothing": "",
    "one dot": ".",
    "two dots": "..",
    "no base64url": "a.b.c",
    "padding": TOKEN + "=",
    "an empty part": TOKEN.replace(".", "..", 1),
    "a space before it": f" {TOKEN}",
    "cut": TOKEN[:-1],
    "no ASCII": "é" + TOKEN,
    "no dots and long": "A" * 9000,
    "four parts": "e30.e30.e30.AA",
    "bits left over": "e31.e30.AA",
    "a header that is an array": "W10.e30.AA",
    "a long header": f"{'A' * 700}.e30.AA",
    "a long payload": f"e30.{'A' * 9000}.AA",
}


@pytest.mark.parametrize("text", [TOKEN, *ODD.values()], ids=["good", *ODD])
def test_odd_tokens_are_read_like_jose_does(text: str) -> None:
    for _ in range(2):  # the second time the header is known
        assert by_us(text) == by_jose(text)


@given(st.integers(0, len(TOKEN)), st.integers(0, 9), st.text(alphabet=".=+/-_Az9 é", max_size=4))
def test_mutated_tokens_are_read_like_jose_does(at: int, cut: int, put: str) -> None:
    text = TOKEN[:at] + put + TOKEN[at + cut :]
    assert by_us(text) == by_jose(text)


def test_a_header_that_was_remembered_belongs_to_each_token_alone() -> None:
    """Whoever changes the header of one token changes no other one."""
    first, second = read_passport(TOKEN), read_passport(TOKEN)
    assert first.token is not None
    first.token.header["alg"] = "none"
    assert second.header["alg"] == "ES256"
    assert read_passport(TOKEN).header["alg"] == "ES256"


def test_a_uri_is_compared_in_its_canonical_form() -> None:
    text = forged({**CLAIMS, "orig": {"uri": "SIPS:alice@EXAMPLE.com:5061;x=y"}, "dest": {"uri": ["no uri"]}})
    passport = read_passport(text.partition(";")[0])
    assert (passport.orig, passport.dest) == (Party("uri", "sip:alice@example.com"), (Party("uri", "no uri"),))
