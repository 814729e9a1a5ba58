"""Other implementations verify what is signed here, and the reverse."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest

from ringthrough.jose import make_token, read_token, verify_token

from .making import CLAIMS, HEADER, key

PRIVATE, PUBLIC = key().pem().decode(), key().public.pem().decode()


def test_pyjwt() -> None:
    jwt: Any = pytest.importorskip("jwt", reason="PyJWT is not installed: pip install ringthrough[dev]")
    ours = make_token(HEADER, CLAIMS, key())
    peer = jwt.PyJWS()
    read = peer.decode_complete(ours, PUBLIC, algorithms=["ES256"])
    assert (read["payload"], read["header"]) == (CLAIMS, HEADER)
    theirs = peer.encode(CLAIMS, PRIVATE, algorithm="ES256", headers={"typ": "passport", "ppt": "shaken"})
    token = read_token(theirs)
    assert verify_token(token, key().public) is None
    assert (token.payload, token.header["ppt"]) == (CLAIMS, "shaken")
    with pytest.raises(jwt.InvalidSignatureError):
        peer.decode(ours[:-4] + b"AAAA", PUBLIC, algorithms=["ES256"])


def test_pyjwt_signs_with_hmac_and_is_not_taken_in() -> None:
    jwt: Any = pytest.importorskip("jwt", reason="PyJWT is not installed: pip install ringthrough[dev]")
    forged = jwt.PyJWS().encode(CLAIMS, b"s" * 32, algorithm="HS256")
    found = verify_token(read_token(forged), key().public)
    assert found is not None
    assert found.code == "jose-token-alg"


def test_joserfc() -> None:
    jws: Any = pytest.importorskip("joserfc.jws", reason="joserfc is not installed: pip install ringthrough[dev]")
    from joserfc.jwk import ECKey

    header = {"alg": "ES256", "typ": "vcard+json", "x5u": "https://certs.example.net/a.pem"}
    ours = make_token(header, CLAIMS, key())
    private, public = ECKey.import_key(PRIVATE), ECKey.import_key(PUBLIC)
    read = jws.deserialize_compact(ours, public, algorithms=["ES256"])
    assert (read.payload, read.protected) == (CLAIMS, header)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = jws.serialize_compact(header, CLAIMS, private, algorithms=["ES256"])
    token = read_token(theirs)
    assert verify_token(token, key().public) is None
    assert json.loads(token.payload) == json.loads(CLAIMS)
