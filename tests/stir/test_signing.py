"""What is signed here verifies here and with two other implementations; what would be refused is not signed."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from ringthrough import jose
from ringthrough.errors import LocalError
from ringthrough.stir import read_identity, sign, sign_div, sign_request

from .calls import AT_S, CALLED, CALLER, DATE, UUID, invite, judged, key_of, signed, url_of

CARD = {"rcd": {"nam": "Alice's Flowers", "apn": CALLER}, "crn": "Your order"}

KINDS: dict[str, dict[str, Any]] = {
    "shaken": {},
    "shaken, gateway": {"attest": "C"},
    "plain": {"ppt": ""},
    "rcd": {"ppt": "rcd", "claims": CARD},
    "shaken with rcd inside": {"claims": CARD},
    "rph": {"ppt": "rph", "claims": {"rph": {"ESorig": ["esnet.1"]}}},
    "several called": {"dest": [CALLED, "sip:bob@example.net", "12155550114"]},
    "words that are no ASCII": {"ppt": "rcd", "claims": {"rcd": {"nam": "Blumen Äpfel 花"}}},
}


REGISTRY = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
"joserfc refuses headers it does not know, and `ppt` is one."


def token_of(identity: str) -> str:
    return identity.partition(";")[0]


@pytest.mark.parametrize("more", KINDS.values(), ids=KINDS)
def test_what_is_signed_verifies_here_and_elsewhere(more: dict[str, Any]) -> None:
    identity = signed(**more)
    assert judged(identity).outcome == "valid"
    pem = key_of("ann").public.pem()
    header = jwt.get_unverified_header(token_of(identity))
    theirs = jwt.decode(token_of(identity), pem, algorithms=["ES256"], options={"verify_iat": False})
    other = jws.deserialize_compact(token_of(identity), ECKey.import_key(pem.decode()), registry=REGISTRY)
    assert json.loads(other.payload) == theirs
    assert theirs["orig"] == {"tn": CALLER}
    assert header == {"alg": "ES256", "typ": "passport", "x5u": url_of("ann"), **_ppt(more.get("ppt", "shaken"))}


def _ppt(ppt: str) -> dict[str, str]:
    return {"ppt": ppt} if ppt else {}


def test_what_others_sign_verifies_here() -> None:
    claims = {"attest": "B", "dest": {"tn": [CALLED]}, "iat": int(AT_S), "orig": {"tn": CALLER}, "origid": UUID}
    header = {"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": url_of("ann")}
    pem = key_of("ann").pem()
    tokens = (
        jwt.encode(claims, pem, algorithm="ES256", headers=header),
        jws.serialize_compact(header, json.dumps(claims).encode(), ECKey.import_key(pem.decode()), registry=REGISTRY),
    )
    for token in tokens:
        found = judged(f"{token};info=<{url_of('ann')}>;alg=ES256;ppt=shaken")
        assert (found.outcome, found.attest) == ("valid", "B")


def test_the_order_of_members_is_that_of_their_code_points_at_every_depth() -> None:
    identity = signed(ppt="rcd", claims={"rcd": {"nam": "x", "apn": "1", "jcd": ["vcard", []]}, "crn": "y"})
    head, payload, _ = (jose.decode_segment(part.encode()) for part in (*token_of(identity).split(".")[:2], ""))
    assert head == b'{"alg":"ES256","ppt":"rcd","typ":"passport","x5u":"https://cert.example.org/ann.pem"}'
    assert payload == (
        b'{"crn":"y","dest":{"tn":["12155550113"]},"iat":1767225600,"orig":{"tn":"12155550112"},'
        b'"rcd":{"apn":"1","jcd":["vcard",[]],"nam":"x"}}'
    )


def test_the_same_facts_give_the_same_octets() -> None:
    assert signed() == signed()
    assert signed(orig="+1 (215) 555-0112") == signed()
    assert signed(at_s=AT_S + 0.9) == signed()


def test_the_header_is_as_rfc_8224_writes_it() -> None:
    after = signed().partition(";")[2]
    assert after == "info=<https://cert.example.org/ann.pem>;alg=ES256;ppt=shaken"
    assert read_identity(signed()).problems == ()
    assert signed(ppt="").endswith(";alg=ES256")
    assert read_identity(signed(ppt="", compact=True)).compact


def test_a_request_is_signed_by_what_it_says() -> None:
    said = {"key": key_of("ann"), "x5u": url_of("ann"), "at_s": AT_S, "attest": "A", "origid": UUID}
    assert sign_request(invite(), **said) == signed()
    hidden = {"caller": "<sip:anonymous@anonymous.invalid>", "P_Asserted_Identity": f"<tel:+{CALLER}>"}
    assert sign_request(invite(**hidden), **said) == signed()
    national = invite(caller="<sip:2155550112@x>", called="<sip:2155550113@x>")
    assert sign_request(national, **said, region="US") == signed()
    plain = sign_request(invite(Date=DATE), **{**said, "attest": "", "origid": ""}, ppt="")
    assert plain == signed(ppt="")
    with pytest.raises(LocalError) as raised:
        sign_request(invite(caller="<x>"), **said)
    assert raised.value.problem.code == "stir-sign-argument"


def test_a_diversion_is_signed_over_the_identity_that_came() -> None:
    identity = sign_div(signed(), dest="12155550199", key=key_of("bob"), x5u=url_of("bob"), at_s=AT_S)
    payload = jose.decode_segment(token_of(identity).split(".")[1].encode())
    assert payload == (
        b'{"dest":{"tn":["12155550199"]},"div":{"tn":"12155550113"},"iat":1767225600,"orig":{"tn":"12155550112"}}'
    )
    assert identity.endswith(";ppt=div")


BAD: dict[str, dict[str, Any]] = {
    "no caller": {"orig": "anonymous"},
    "a sip URI of nothing": {"orig": "sip:"},
    "nobody called": {"dest": []},
    "called a name": {"dest": "bob"},
    "no attestation": {"attest": ""},
    "attestation D": {"attest": "D"},
    "no origid": {"origid": ""},
    "http": {"x5u": "http://cert.example.org/a.pem"},
    "a URL that ends the header": {"x5u": "https://cert.example.org/a.pem>;ppt=x"},
    "a URL with a line break": {"x5u": "https://cert.example.org/a\r\nVia: x"},
    "a type that is no token": {"ppt": "a b"},
    "a time before the epoch": {"at_s": -1.0},
    "a time that is none": {"at_s": float("nan")},
    "claims that are no JSON": {"claims": {"rcd": {1, 2}}},
    "claims with NaN": {"claims": {"x": float("nan")}},
    "rich call data without a name": {"ppt": "rcd", "claims": {"rcd": {}}},
    "priority that is none": {"ppt": "rph", "claims": {"rph": []}},
    "shaken in compact form": {"compact": True},
    "a compact form with more to say": {"compact": True, "ppt": "", "claims": {"mky": []}},
    "a compact form for two": {"compact": True, "ppt": "", "dest": [CALLED, "12155550114"]},
}


@pytest.mark.parametrize("more", BAD.values(), ids=BAD)
def test_what_would_be_refused_is_not_signed(more: dict[str, Any]) -> None:
    said = {"orig": CALLER, "dest": CALLED, "key": key_of("ann"), "x5u": url_of("ann"), "at_s": AT_S, "attest": "A",
            "origid": UUID, **more}  # fmt: skip
    if said.get("ppt", "shaken") != "shaken":
        said = {**said, "attest": "", "origid": ""}
    with pytest.raises(LocalError) as raised:
        sign(**said)
    assert raised.value.problem.code == "stir-sign-argument"


BAD_DIV: dict[str, tuple[str, dict[str, Any]]] = {
    "no Identity": ("", {}),
    "the compact form": (signed(ppt="", compact=True), {}),
    "not one of the called": (signed(), {"diverted": "12155559999"}),
    "several called and none named": (signed(dest=[CALLED, "12155550114"]), {}),
    "a target that is none": (signed(), {"dest": "bob"}),
}


@pytest.mark.parametrize(("identity", "more"), BAD_DIV.values(), ids=BAD_DIV)
def test_a_diversion_needs_an_identity_that_speaks_of_it(identity: str, more: dict[str, Any]) -> None:
    with pytest.raises(LocalError) as raised:
        sign_div(identity, **{"dest": "12155550199", "key": key_of("bob"), "x5u": url_of("bob"), "at_s": AT_S, **more})
    assert raised.value.problem.code == "stir-sign-argument"


def test_one_of_several_called_may_divert() -> None:
    several = signed(dest=[CALLED, "12155550114"])
    said = {"dest": "12155550199", "key": key_of("bob"), "x5u": url_of("bob"), "at_s": AT_S}
    div = sign_div(several, diverted="+12155550114", **said)
    found = judged(several, div, target="sip:+12155550199@x", called="<sip:x@y>")
    assert [header.outcome for header in found.headers] == ["valid", "valid"]
