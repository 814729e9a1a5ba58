"""Signed cards for the tests: an authority of our own, and cards broken on purpose."""

from __future__ import annotations

import json
from typing import Any

from ringthrough.jose import Anchors, Certificate, TNAuthList, derive_key, encode_segment, make_token
from ringthrough.jose.issuing import make_authority
from ringthrough.signals.card import RedressOutcome, make_card, make_jcard, verify_redress

DAY = 86_400.0
AT = 1_767_225_600.0
"When the calls of these tests were refused: 2026-01-01T00:00:00Z."
AUTHORITY = make_authority(b"signals: authority", not_before_s=AT - 1000 * DAY, not_after_s=AT + 1000 * DAY)
STRANGER = make_authority(b"signals: stranger!", not_before_s=AT - 1000 * DAY, not_after_s=AT + 1000 * DAY)
ANCHORS = Anchors([AUTHORITY.root])
KEY = derive_key(b"signals: key of the blocker")
OTHER_KEY = derive_key(b"signals: key of another")
X5U = "https://certs.example.net/card.pem"
JCARD = make_jcard(
    "Robocall Adjudication",
    org="Example Telephone",
    urls=["https://blocker.example.net/appeal"],
    emails=["appeal@blocker.example.net"],
    tels=["+12155550100"],
    adrs=[("", "", "12 Main St", "Anytown", "AP", "00000", "Somecountry")],
)
HEADER = {"alg": "ES256", "typ": "vcard+json", "x5u": X5U}


def chain(
    *, key: Any = KEY, authority: Any = AUTHORITY, spc: str = "709J", organization: str = "Example Telephone",
    numbers: TNAuthList | None = None, days: tuple[float, float] = (-10, 10), serial: int = 7,
) -> tuple[Certificate, ...]:  # fmt: skip
    """Certificate and intermediate, as an x5u gives them."""
    made: tuple[Certificate, ...] = authority.leaf(
        key.public, spc=spc, serial=serial, not_before_s=AT + days[0] * DAY, not_after_s=AT + days[1] * DAY,
        organization=organization, tn_auth_list=numbers,
    )  # fmt: skip
    return made


CHAIN = chain()


def card(*, at_s: float = AT, jcard: list[Any] | None = None) -> bytes:
    return make_card(JCARD if jcard is None else jcard, key=KEY, x5u=X5U, at_s=at_s)


def signed(claims: Any, header: dict[str, Any] | None = None, key: Any = KEY) -> bytes:
    """Whatever is asked for, signed all the same."""
    payload = claims if isinstance(claims, bytes) else json.dumps(claims, separators=(",", ":")).encode()
    return make_token(HEADER if header is None else header, payload, key)


def sealed(header: bytes, payload: bytes, signature: bytes) -> bytes:
    """Three parts as they are given."""
    return b".".join(map(encode_segment, (header, payload, signature)))


def judge(jws: bytes | str, certificates: Any = CHAIN, anchors: Anchors = ANCHORS, **arguments: Any) -> RedressOutcome:
    due: dict[str, Any] = {"call_at_s": AT, "now_s": AT + 3600}
    return verify_redress(jws, certificates, anchors, **{**due, **arguments})


def codes(outcome: RedressOutcome) -> list[str]:
    return [problem.code for problem in outcome.problems]
