"""Keys, chains and DER for the tests; all of it made from seeds, so every run sees the same octets."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ringthrough.errors import RemoteError
from ringthrough.jose import Anchors, Certificate, PrivateKey, derive_key
from ringthrough.jose.der import encode
from ringthrough.jose.issuing import Authority, issue, make_authority

START = 1_700_000_000.0
"2023-11-14 22:13:20 UTC; authorities are valid from here."
END = START + 400_000_000.0
NOW = START + 1_000_000.0
"Inside every certificate made here."

HEADER = {"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": "https://certs.example.net/a.pem"}
CLAIMS = b'{"attest":"A","dest":{"tn":["12155550113"]},"iat":1701000000,"orig":{"tn":"12155550112"},"origid":"x"}'


@lru_cache(maxsize=64)
def key(name: str = "carrier") -> PrivateKey:
    return derive_key(b"seed of a test: " + name.encode())


@lru_cache(maxsize=8)
def authority(name: str = "one") -> Authority:
    return make_authority(
        b"seed of authority " + name.encode(), not_before_s=START, not_after_s=END, organization=f"STI-CA {name}"
    )


def made(*, by: str = "", signer: Certificate | None = None, **changed: Any) -> Certificate:
    """A certificate of the intermediate, or of the one with the key `by` and the certificate `signer`."""
    values: dict[str, Any] = {
        "subject": {"C": "US", "O": "Example Telephone", "CN": "SHAKEN 709J"},
        "public_key": key().public,
        "issuer_key": key(by) if by else authority().intermediate_key,
        "issuer": signer if by else authority().intermediate,
        "serial": 4711,
        "not_before_s": START,
        "not_after_s": END,
    }
    values.update(changed)
    return issue(**values)


def chain(**changed: Any) -> tuple[Certificate, ...]:
    return made(**changed), authority().intermediate


def anchors(*more: Certificate) -> Anchors:
    return Anchors([authority().root, *more])


def code_of(error: BaseException) -> str:
    assert isinstance(error, RemoteError)
    return error.problem.code


def seq(*contents: bytes) -> bytes:
    return encode(0x30, *contents)


def ia5(text: bytes) -> bytes:
    return encode(22, text)


def entry(tag: int, content: bytes) -> bytes:
    return encode(0xA0 + tag, content)
