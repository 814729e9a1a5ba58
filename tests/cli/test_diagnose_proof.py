"""`diagnose` with certificates: who vouched for the caller, who signed the card, judged at the time of the capture."""

from __future__ import annotations

import json
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ringthrough import jose
from ringthrough.captures import PcapWriter
from ringthrough.signals.card import make_card, make_jcard
from ringthrough.simulate.packets import UDP, ip_packets, udp_packet
from tests.cli import identities
from tests.cli.conftest import Ran
from tests.drivers.conftest import WebAuthority, server_beside
from tests.drivers.conftest import answer as answer_with

HERE, THERE = bytes((192, 0, 2, 10)), bytes((198, 51, 100, 2))
CARD_URL = "https://block.example.net/card"
AT_US = int(identities.AT_S * 1e6) + 2_000_000
FORGER = jose.derive_key(b"tests of diagnose: somebody else")


def answer(invite: bytes, status: str, *headers: str) -> bytes:
    kept = [line for line in invite.split(b"\r\n") if line.startswith((b"Via", b"From", b"To", b"Call-ID", b"CSeq"))]
    kept = [line + b";tag=2" if line.startswith(b"To") else line for line in kept]
    return b"\r\n".join(
        [f"SIP/2.0 {status}".encode(), *kept, *(h.encode() for h in headers), b"Content-Length: 0", b"", b""]
    )


def capture(path: Path, *invites: bytes) -> Path:
    """Calls that a machine refuses with a 608."""
    with path.open("wb") as handle:
        writer = PcapWriter(handle)
        for number, invite in enumerate(invites):
            refused = answer(invite, "608 Rejected", f"Call-Info: <{CARD_URL}>;purpose=jwscard")
            for after_us, src, dst, message in ((0, HERE, THERE, invite), (200_000, THERE, HERE, refused)):
                (packet,) = ip_packets(
                    src, dst, UDP, udp_packet(src, 5060, dst, 5060, message), ident=number * 2 + 1, mtu=9000
                )
                writer.write(AT_US + number * 50_000_000 + after_us, bytes(12) + b"\x08\x00" + packet)
    return path


def signed(*values: str, call: int = 1) -> bytes:
    return identities.invite(*values).replace("one@", f"call{call}@").encode()


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    return capture(
        tmp_path / "calls.pcap",
        signed(identities.identity(), call=1),
        signed(identities.identity(key=FORGER, at_s=identities.AT_S + 50), call=2),
        signed(identities.identity(), call=3),  # a token of 100 seconds ago
        signed(call=4),
    )


def rows(ran: Ran) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.out.splitlines()]


def proof(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["attestation"], row["identity"], row["identity_code"], row["identity_signer"], row["card"]


def test_without_certificates_it_says_what_is_claimed(process: Callable[..., Ran], calls: Path) -> None:
    ran = process("diagnose", calls, "--json", "--quiet")
    claimed = ("A", "not_checked", None, "", "not_checked")
    assert [proof(row) for row in rows(ran)] == [claimed, claimed, claimed, ("", "", None, "", "not_checked")]


@pytest.mark.parametrize("workers", [1, 2])
def test_with_certificates_each_call_is_judged_at_its_time(
    process: Callable[..., Ran], calls: Path, tmp_path: Path, workers: int
) -> None:
    card = make_card(
        make_jcard("Blocks", emails=["redress@block.example.net"]), key=identities.KEY, x5u=identities.URL,
        at_s=identities.AT_S + 2,
    )  # fmt: skip
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "one.jws").write_bytes(card)
    (tmp_path / "cards" / "index.txt").write_text(f"{CARD_URL} one.jws\n")

    ran = process(
        "diagnose", calls, "--json", "--quiet", "--workers", workers,
        "--certs", identities.certificates(tmp_path), "--anchors", identities.trust(tmp_path),
        "--cards", tmp_path / "cards", "--cache", tmp_path / "cache",
    )  # fmt: skip

    assert ran.status == 0, ran.err
    found = [proof(row) for row in rows(ran)]
    assert found[0] == ("A", "valid", None, "1234", "verified")
    assert found[1][:3] == ("A", "bad_signature", 438)
    assert found[2][:3] == ("A", "stale", 403)
    assert found[3] == ("", "", None, "", "stale")  # its card is a minute and a half old by then


def test_certificates_are_fetched_only_when_asked(process: Callable[..., Ran], tmp_path: Path) -> None:
    web = WebAuthority(tmp_path)
    (tmp_path / "web.pem").write_bytes(web.certificate.public_bytes(Encoding.PEM))
    with server_beside(
        web, {"/a.pem": answer_with(identities.pem())}, x509.IPAddress(ip_address("127.0.0.1"))
    ) as server:
        vouched = signed(identities.identity(f"https://127.0.0.1:{server.port}/a.pem"))
        given = [capture(tmp_path / "calls.pcap", vouched), "--json", "--quiet"]
        given += ["--anchors", identities.trust(tmp_path), "--cache", tmp_path / "cache"]
        network = ["--fetch", "--port", server.port, "--allow", "127.0.0.1/32", "--tls-ca", tmp_path / "web.pem"]

        assert proof(rows(process("diagnose", *given))[0])[1] == "not_checked"
        assert server.requests == []
        assert proof(rows(process("diagnose", *given, *network))[0])[:4] == ("A", "valid", None, "1234")
        assert proof(rows(process("diagnose", *given))[0])[1] == "valid", "it was kept in the cache"
        assert len(server.requests) == 1


def test_the_ladder_shows_who_vouched(process: Callable[..., Ran], calls: Path, tmp_path: Path) -> None:
    ran = process(
        "diagnose", calls, "--call", "call1@", "--certs", identities.certificates(tmp_path),
        "--anchors", identities.trust(tmp_path), "--cache", tmp_path / "cache",
    )  # fmt: skip
    assert "identity      attestation A (valid, signed by 1234)" in ran.out.decode()
    assert f"card          {CARD_URL} (not checked)" in ran.out.decode()


def test_what_cannot_be_read_of_certificates_is_told(process: Callable[..., Ran], calls: Path, tmp_path: Path) -> None:
    folder = identities.certificates(tmp_path)
    (folder / "broken.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n")
    ran = process("diagnose", calls, "--certs", folder, "--anchors", identities.trust(tmp_path))
    assert ran.status == 1
    assert "broken.pem" in ran.out.decode() + ran.err


@pytest.mark.parametrize("option", ["--certs", "--anchors", "--cards"])
def test_a_folder_that_is_not_there_is_told_before_anything_is_read(
    process: Callable[..., Ran], calls: Path, tmp_path: Path, option: str
) -> None:
    ran = process("diagnose", calls, option, tmp_path / "absent")
    assert ran.status == 2
    assert "absent" in ran.err
    assert not ran.out
