"""Calls that somebody vouches for, and the certificates of those who do."""

from __future__ import annotations

from pathlib import Path

from ringthrough import jose
from ringthrough.jose.issuing import make_authority
from ringthrough.stir import sign

AT_S = 1_767_225_600.0  # 2026-01-01T00:00:00Z
AT = "2026-01-01T00:00:10Z"
URL = "https://cr.example.com/1234/abc.pem"
CALLER, CALLED = "12155550112", "12155550113"
UUID = "123e4567-e89b-12d3-a456-426655440000"
YEAR_S = 365 * 86_400.0

AUTHORITY = make_authority(
    b"tests of cli: an authority", not_before_s=AT_S - 5 * YEAR_S, not_after_s=AT_S + 90 * YEAR_S
)
KEY = jose.derive_key(b"tests of cli: the key of a provider")
CHAIN = AUTHORITY.leaf(
    KEY.public, spc="1234", serial=77, not_before_s=AT_S - YEAR_S, not_after_s=AT_S + 50 * YEAR_S
)  # fmt: skip


def pem(chain: tuple[jose.Certificate, ...] = CHAIN) -> bytes:
    return b"".join(one.pem() for one in chain)


def identity(url: str = URL, at_s: float = AT_S, key: jose.PrivateKey = KEY) -> str:
    return sign(CALLER, CALLED, key=key, x5u=url, at_s=at_s, attest="A", origid=UUID)


def invite(*identities: str, caller: str = CALLER, called: str = CALLED) -> str:
    lines = [
        f"INVITE sip:+{called}@198.51.100.2 SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1",
        f"From: <sip:+{caller}@192.0.2.10>;tag=1",
        f"To: <sip:+{called}@198.51.100.2>",
        "Call-ID: one@192.0.2.10",
        "CSeq: 1 INVITE",
        *(f"Identity: {value}" for value in identities),
        "Content-Length: 0",
        "",
        "",
    ]
    return "\r\n".join(lines)


def trust(folder: Path) -> Path:
    """A file of anchors."""
    path = folder / "anchors.pem"
    path.write_bytes(AUTHORITY.root.pem())
    return path


def certificates(folder: Path) -> Path:
    """A folder of certificates, with an index."""
    path = folder / "certificates"
    path.mkdir(exist_ok=True)
    (path / "provider.pem").write_bytes(pem())
    (path / "index.txt").write_text(f"{URL} provider.pem\n")
    return path
