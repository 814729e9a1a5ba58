"""`listen` with certificates: live calls say who vouched for them, and nothing is ever fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ringthrough.calls import Call, Sighting
from ringthrough.cli.group import cli
from ringthrough.cli.listen_proof import RENEW_S, Proof, proof_of
from ringthrough.errors import BackendError, Problem
from ringthrough.jose import derive_key
from ringthrough.signals.card import make_card, make_jcard
from ringthrough.simulate.worlds.answers import blank
from tests.cli import identities
from tests.cli.test_diagnose_proof import CARD_URL, answer
from tests.cli.test_listen import UDP, listening
from tests.drivers.hep_sender import packet, send_datagrams

HERE, THERE = bytes((192, 0, 2, 10)), bytes((198, 51, 100, 2))
AT_US = round(identities.AT_S * 1e6) + 2_000_000
FORGER = derive_key(b"tests of listen: somebody else")
NOTHING: dict[str, Any] = {"certs": None, "anchors": None, "cache": None, "cards": None, "fetch": False, "region": None}


def packets(*invites: bytes) -> list[bytes]:
    """HEP of calls that a machine refuses with a 608, a minute apart."""
    made = []
    for number, invite in enumerate(invites):
        refused = answer(invite, "608 Rejected", f"Call-Info: <{CARD_URL}>;purpose=jwscard")
        at_us = AT_US + number * 60_000_000
        made.append(packet(Sighting(at_us, 0, 0, "udp", HERE, 5060, THERE, 5060, invite)))
        made.append(packet(Sighting(at_us + 200_000, 0, 0, "udp", THERE, 5060, HERE, 5060, refused)))
    return made


def signed(*values: str, call: int) -> bytes:
    return identities.invite(*values).replace("one@", f"call{call}@").encode()


CALLS = packets(
    signed(identities.identity(), call=0),
    signed(identities.identity(key=FORGER, at_s=identities.AT_S + 60), call=1),
    signed(identities.identity(), call=2),  # a token of two minutes ago
    signed(call=3),
)


@pytest.mark.slow
def test_a_signed_invite_over_hep_says_who_signed_it(tmp_path: Path) -> None:
    card = make_card(
        make_jcard("Blocks", emails=["redress@block.example.net"]), key=identities.KEY, x5u=identities.URL,
        at_s=identities.AT_S + 2,
    )  # fmt: skip
    cards = tmp_path / "cards"
    cards.mkdir()
    (cards / "one.jws").write_bytes(card)
    (cards / "index.txt").write_text(f"{CARD_URL} one.jws\n")
    with listening(
        tmp_path, *UDP, "--json", "--replay", "-q", "--certs", identities.certificates(tmp_path),
        "--anchors", identities.trust(tmp_path), "--cards", cards, "--cache", tmp_path / "none",
    ) as it:  # fmt: skip
        send_datagrams(CALLS, it.address())
        it.until(lambda: len(it.lines) == 3)
        assert it.end() == 0
    rows = sorted(it.lines, key=lambda line: str(line["call_id"]))
    assert [(row["attestation"], row["identity"], row["identity_code"], row["identity_signer"]) for row in rows] == [
        ("A", "valid", None, "1234"), ("A", "bad_signature", 438, "1234"), ("A", "stale", 403, "1234"),
        ("", "", None, ""),
    ]  # fmt: skip
    assert rows[0]["card"] == "verified"
    assert "SHAKEN 1234" in str(rows[0]["card_signer"])


@pytest.mark.slow
def test_without_certificates_it_says_what_is_claimed(tmp_path: Path) -> None:
    with listening(tmp_path, *UDP, "--json", "--replay", "-q") as it:
        send_datagrams(CALLS[:2], it.address())
        it.until(lambda: it.address())
        assert it.end() == 0
    assert [(row["attestation"], row["identity"]) for row in it.lines] == [("A", "not_checked")]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--fetch",), "--fetch: listen asks nobody for certificates"),
        (("--certs", "/nowhere/at/all"), "/nowhere/at/all"),
        (("--anchors", "/nowhere/at/all"), "/nowhere/at/all"),
    ],
)
def test_what_cannot_be_is_said_before_listening(arguments: tuple[str, ...], says: str) -> None:
    ran = CliRunner().invoke(cli, ["listen", *UDP, *arguments])
    assert ran.exit_code != 0
    assert says in " ".join((ran.output + str(ran.exception or "")).split())
    assert "listening:" not in ran.output


def test_no_option_no_proof(tmp_path: Path) -> None:
    assert proof_of(NOTHING) is None
    proof = proof_of(NOTHING | {"anchors": identities.trust(tmp_path), "cache": tmp_path / "none"})
    assert proof is not None
    made = proof.prove(blank(at_us=AT_US), signed(identities.identity(), call=1))
    assert (made.attestation, made.identity) == ("A", "not_checked")
    proof.close()


class Made:
    """A prover that marks calls with its number."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.closed = False
        self.problems = (Problem("drivers-unreadable", "expected a certificate, found rubbish", "bad.pem"),)

    def prove(self, call: Call, invite: bytes | None) -> Call:
        return call._replace(identity_signer=str(self.number))

    def close(self) -> None:
        self.closed = True


def test_certificates_are_read_again_and_what_was_read_stays_in_use() -> None:
    now_s, made, said = [1_000.0], list[Made](), list[str]()

    def make() -> Made:
        if len(made) == 2:
            made.append(made[-1])
            raise BackendError(Problem("drivers-unreadable", "expected a folder, found none", "certs"))
        made.append(Made(len(made)))
        return made[-1]

    proof = Proof(make, clock_s=lambda: now_s[0], told=said.append)
    seen = []
    for passed_s in (0, RENEW_S - 1, 1, RENEW_S, RENEW_S):
        now_s[0] += passed_s
        seen.append(proof.prove(blank(), None).identity_signer)
    assert seen == ["0", "0", "1", "1", "3"]
    assert [one.closed for one in made] == [True, True, True, False]
    assert len(said) == 2  # the bad file once, and the folder that was gone
    assert "bad.pem" in said[0]
    assert said[1].endswith("the certificates read before stay in use")
    proof.close()
    assert made[-1].closed


def test_what_cannot_be_read_is_said_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    Proof(lambda: Made(0)).close()
    assert capsys.readouterr().err.startswith("ringthrough: ")
