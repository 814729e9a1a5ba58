"""Calls and signers for the tests of this room: an authority, some providers, and INVITEs they signed or did not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ringthrough import jose
from ringthrough.jose.issuing import make_authority
from ringthrough.stir import Credentials, Verification, sign, verify
from ringthrough.wire import Request, build_request

AT_S = 1_767_225_600.0  # 2026-01-01T00:00:00Z
DATE = "Thu, 01 Jan 2026 00:00:00 GMT"
YEAR_S = 365 * 86_400.0
CALLER, CALLED = "12155550112", "12155550113"
UUID = "123e4567-e89b-12d3-a456-426655440000"

AUTHORITY = make_authority(b"tests of stir: authority", not_before_s=AT_S - 5 * YEAR_S, not_after_s=AT_S + 5 * YEAR_S)
STRANGER = make_authority(b"tests of stir: stranger", not_before_s=AT_S - 5 * YEAR_S, not_after_s=AT_S + 5 * YEAR_S)
ANCHORS = jose.Anchors([AUTHORITY.root])


def key_of(name: str) -> jose.PrivateKey:
    return jose.derive_key(b"tests of stir: key of " + name.encode())


def url_of(name: str) -> str:
    return f"https://cert.example.org/{name}.pem"


def chain_of(name: str, serial: int, authority: Any = AUTHORITY, **more: Any) -> tuple[jose.Certificate, ...]:
    life = {"not_before_s": AT_S - YEAR_S, "not_after_s": AT_S + YEAR_S, **more}
    chain: tuple[jose.Certificate, ...] = authority.leaf(key_of(name).public, spc=name.upper(), serial=serial, **life)
    return chain


CREDENTIALS: dict[str, Any] = {
    url_of("ann"): chain_of("ann", 11),
    url_of("bob"): chain_of("bob", 12),
    url_of("cid"): chain_of("cid", 13),
    url_of("eve"): chain_of("eve", 14, STRANGER),
}
"Ann, Bob and Cid are providers that everybody trusts. Eve has a certificate too, from an authority nobody knows."


def signed(by: str = "ann", orig: str = CALLER, dest: str | Sequence[str] = CALLED, **more: Any) -> str:
    """An Identity: shaken with A unless told otherwise."""
    said = {"at_s": AT_S, "attest": "A", "origid": UUID, "key": key_of(by), "x5u": url_of(by), **more}
    if said.get("ppt", "shaken") != "shaken":
        said = {**said, "attest": more.get("attest", ""), "origid": more.get("origid", "")}
    return sign(orig, dest, **said)


def forged(
    claims: Mapping[str, Any] | bytes,
    header: Mapping[str, Any] | None = None,
    by: str = "ann",
    after: str | None = None,
) -> str:
    """An Identity with a good signature over whatever it is given, which `sign` would refuse."""
    head = {"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": url_of(by), **(header or {})}
    head = {name: value for name, value in head.items() if value is not None}
    payload = claims if isinstance(claims, bytes) else jose.write_object(claims)
    signing_input = jose.encode_segment(jose.write_object(head)) + b"." + jose.encode_segment(payload)
    token = (signing_input + b"." + jose.encode_segment(key_of(by).sign(signing_input))).decode()
    return token + (f";info=<{url_of(by)}>;alg=ES256;ppt=shaken" if after is None else after)


CLAIMS: dict[str, Any] = {
    "attest": "A",
    "dest": {"tn": [CALLED]},
    "iat": int(AT_S),
    "orig": {"tn": CALLER},
    "origid": UUID,
}


def invite(
    *identities: str,
    caller: str = f"<sip:+{CALLER}@example.com;user=phone>",
    called: str = f"<sip:+{CALLED}@example.net;user=phone>",
    target: str = f"sip:+{CALLED}@gw.example.net;user=phone",
    **headers: str,
) -> Request:
    fields = [
        ("Via", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1"),
        ("From", f"{caller};tag=1"),
        ("To", called),
        ("Call-ID", "1@example.com"),
        ("CSeq", "1 INVITE"),
        *((name.replace("_", "-"), value) for name, value in headers.items()),
        *(("Identity", value) for value in identities),
    ]
    return build_request("INVITE", target, fields)


def judged(*identities: str, credentials: Credentials = CREDENTIALS, **more: Any) -> Verification:
    """The outcome of an INVITE with these Identity headers, at the time it was signed."""
    names = ("caller", "called", "target", "Date", "P_Asserted_Identity")
    headers = {name: more.pop(name) for name in names if name in more}
    return verify(invite(*identities, **headers), credentials, more.pop("anchors", ANCHORS), **{"at_s": AT_S, **more})
