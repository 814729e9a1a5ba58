"""Tokens in plain words: every field has a row, and no secret is repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringthrough.stir import describe, read_passport, sign_div

from .calls import AT_S, CLAIMS, forged, key_of, signed, url_of


def fields(text: str) -> dict[str, str]:
    return {row.field: row.value for row in describe(text)}


def test_every_field_of_a_shaken_header() -> None:
    rows = describe(signed())
    assert [row.field for row in rows] == [
        "info", "alg parameter", "ppt parameter", "alg", "ppt", "typ", "x5u", "attest", "dest", "iat", "orig", "origid",
        "signature",
    ]  # fmt: skip
    assert all(row.meaning.endswith(".") and row.section for row in rows)
    said = {row.field: (row.value, row.meaning) for row in rows}
    assert said["iat"][0] == "1767225600 (2026-01-01 00:00:00 UTC)"
    assert said["orig"][0] == "12155550112"
    assert said["dest"][0] == "12155550113"
    assert said["signature"][0] == "64 octets"
    assert said["attest"][1].startswith("Full")


@pytest.mark.parametrize("name", ["Identity: ", "identity :", "y: ", ""])
def test_a_header_may_come_with_its_name(name: str) -> None:
    assert describe(name + signed()) == describe(signed())


def test_a_token_alone_is_described() -> None:
    assert [row.field for row in describe(signed().partition(";")[0])][:4] == ["alg", "ppt", "typ", "x5u"]
    assert [row for row in describe(signed().partition(";")[0]) if row.field == "problem"] == []


def test_a_folded_paste_is_one_token() -> None:
    text = signed()
    assert describe(f"Identity: {text[:70]}\r\n  {text[70:140]}\n\t{text[140:]}\n") == describe(text)


def test_a_diversion() -> None:
    div = sign_div(signed(), dest="12155550199", key=key_of("bob"), x5u=url_of("bob"), at_s=AT_S)
    assert fields(div)["div"] == "12155550113"


def test_the_compact_form_has_nothing_to_show() -> None:
    said = fields(signed(ppt="", compact=True))
    assert (said["token"], said["signature"]) == ("compact form", "64 octets")


def test_unknown_claims_and_types_are_shown() -> None:
    text = forged({**CLAIMS, "zzz": {"a": [1]}, "opt": "secret-token"}, {"ppt": "div-o"}, after="")
    rows = {row.field: row for row in describe(text)}
    assert rows["zzz"].value == "{'a': [1]}"
    assert "not known here" in rows["zzz"].meaning
    assert rows["opt"].value == "a token"
    assert "stir-unsupported-type" in {row.value for row in describe(text)}


ODD = {
    "iat as text": ({"iat": "1443208345"}, "iat", "1443208345"),
    "iat negative": ({"iat": -1}, "iat", "-1"),
    "attest D": ({"attest": "D"}, "attest", "D"),
    "orig with numbers inside": ({"orig": {"tn": [1, "2"]}}, "orig", "1, 2"),
    "orig as text": ({"orig": '{"tn":"1"}'}, "orig", '{"tn":"1"}'),
}


@pytest.mark.parametrize(("claims", "field", "value"), ODD.values(), ids=ODD)
def test_odd_values_are_shown_as_they_are(claims: dict[str, object], field: str, value: str) -> None:
    assert fields(forged({**CLAIMS, **claims}))[field] == value


def test_what_is_wrong_is_told_with_its_section() -> None:
    problems = [row for row in describe(forged({**CLAIMS, "iat": "1"})) if row.field == "problem"]
    assert [(row.value, row.section) for row in problems] == [("stir-iat", "RFC 8225 §5.1.1")]


def test_another_order_is_told() -> None:
    backwards = dict(sorted(CLAIMS.items(), reverse=True))
    assert "stir-claim-order" in {row.value for row in describe(forged(backwards))}


def test_no_secret_is_repeated() -> None:
    secret = "hunter2secret"
    url = f"https://user:{secret}@cert.example.org/a.pem?token={secret}#{secret}"
    text = forged(CLAIMS, {"x5u": url}, after=f";info=<{url}>;alg=ES256;ppt=shaken")
    rows = describe(text)
    assert {row.value for row in rows if row.field in ("info", "x5u")} == {"https://cert.example.org/a.pem"}
    plain = url.replace("https", "http")
    http = forged(CLAIMS, {"x5u": plain}, after=f";info=<{plain}>;alg=ES256;ppt=shaken")
    assert "stir-x5u-scheme" in {row.value for row in describe(http)}
    for pasted in (text, http, key_of("ann").pem().decode(), f"Identity: {secret}", text.partition(";")[0]):
        assert secret not in repr(describe(pasted))
        body = key_of("ann").pem().decode().splitlines()[1]
        assert body not in repr(describe(pasted))
    signature = signed().partition(";")[0].split(".")[2]
    assert signature not in repr(describe(signed()))


@given(st.text(max_size=200))
def test_whatever_is_pasted_is_described(text: str) -> None:
    assert describe(text)


def test_a_header_without_parameters_but_info() -> None:
    text = f"{signed().partition(';')[0]};info=<{url_of('ann')}>"
    assert [row.field for row in describe(text)][:2] == ["info", "alg"]
    assert describe(f"{signed().partition(';')[0]};ppt=shaken")[0].field == "ppt parameter"


def test_a_passport_keeps_what_it_does_not_know() -> None:
    passport = read_passport(forged({**CLAIMS, "zzz": 1}, {"kid": "7"}).partition(";")[0])
    assert (passport.claims["zzz"], passport.header["kid"], passport.fault) == (1, "7", "")
