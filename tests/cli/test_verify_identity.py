"""`ringthrough verify-identity`."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.calls import FACTS, Call
from ringthrough.cli import cli
from ringthrough.cli.credentials import prover_of
from ringthrough.errors import BackendError, LocalError
from ringthrough.jose import derive_key
from ringthrough.jose.issuing import issue_revocation_list
from ringthrough.jose.pem import pem as block
from ringthrough.stir import sign
from tests.drivers.conftest import WebAuthority, answer, server_beside

from .conftest import Ran
from .identities import (
    AT,
    AT_S,
    AUTHORITY,
    CALLED,
    CHAIN,
    KEY,
    URL,
    UUID,
    YEAR_S,
    certificates,
    identity,
    invite,
    pem,
    trust,
)
from .test_group import modules

Run = Callable[..., Result]


@pytest.fixture
def judge(run: Run, tmp_path: Path) -> Callable[..., Result]:
    """Runs the command on a text, with certificates and anchors unless told otherwise."""

    def verify(text: str, *more: object, certs: bool = True, anchors: bool = True, at: str | None = AT) -> Result:
        arguments: list[object] = ["--cache", tmp_path / "cache"]
        arguments += ["--certs", certificates(tmp_path)] if certs else []
        arguments += ["--anchors", trust(tmp_path)] if anchors else []
        arguments += ["--at", at] if at else []
        return run("verify-identity", "-", *arguments, *more, stdin=text.encode("utf-8", "surrogateescape"))

    return verify


def told(result: Result, status: int) -> str:
    assert result.exception is None, result.exception
    assert (result.return_value or 0) == status, result.output
    return " ".join(result.output.split())


def secretless(said: str) -> bool:
    signature = identity().partition(";")[0].rpartition(".")[2]
    return signature not in said and "eyJ" not in said


def wrapped(text: str) -> str:
    """As a mail program breaks lines."""
    return "\n".join(line[at : at + 72] for line in text.splitlines() for at in range(0, max(len(line), 1), 72))


GOOD = {
    "an INVITE": invite(identity()),
    "with bare line feeds": invite(identity()).replace("\r\n", "\n"),
    "an indented INVITE": "".join(f"    {line}\n" for line in invite(identity()).split("\r\n")),
    "quoted in a mail": "".join(f"> {line}\n" for line in invite(identity()).split("\r\n")),
    "a header": f"Identity: {identity()}",
    "its short name": f"y: {identity()}\n",
    "the value of a header": identity(),
    "a header folded by a mail": wrapped("Identity: " + identity()),
    "an INVITE folded by a mail": wrapped(invite(identity())),
    "a token": identity().partition(";")[0],
    "a token and a line break": identity().partition(";")[0] + "\n",
    "two headers": f"Identity: {identity()}\nIdentity: {identity()}\n",
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_verified(judge: Run, text: str) -> None:
    said = told(judge(text), 0)
    assert said.startswith("Verified: valid A trusted signer")
    assert "Signed by 1234" in said
    assert "Attestation A" in said
    assert "signature valid yes chain trusted yes (trusted) fresh yes" in said
    assert f"x5u {URL} Where the signer's certificate is. [RFC 8225 §4.3]" in said
    assert ("caller matches yes called matches yes" in said) is ("INVITE" in text)
    assert ("caller and called were not compared" in said.lower()) is ("INVITE" not in text)
    assert secretless(said)


BAD = {
    "another caller": (invite(identity(), caller="12155550999"), {}, "orig_mismatch", "438 Invalid Identity Header"),
    "another callee": (invite(identity(), called="12155550999"), {}, "dest_mismatch", "438 Invalid Identity Header"),
    "too late": (invite(identity()), {"at": "2026-01-01T00:05"}, "stale", "403 Stale Date"),
    "no anchors": (invite(identity()), {"anchors": False}, "untrusted", "nobody is trusted without --anchors"),
    "no certificate": (invite(identity()), {"certs": False}, "not_checked", "a certificate is not at hand"),
    "now": (invite(identity()), {"at": None}, "stale", "for a call of another day: --at TIME"),
    "signed by another": (
        invite(identity(key=derive_key(b"somebody who is no provider"))), {}, "bad_signature", "signature valid NO",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "options", "outcome", "says"), BAD.values(), ids=BAD)
def test_not_verified(judge: Run, text: str, options: dict[str, object], outcome: str, says: str) -> None:
    said = told(judge(text, **options), 1)
    assert said.startswith(f"Not verified: {outcome} ")
    assert says.lower() in said.lower()
    assert secretless(said)


def test_json(judge: Run) -> None:
    result = judge(invite(identity()), "--json")
    assert result.return_value in (0, None)
    found = json.loads(result.stdout)
    assert (found["outcome"], found["verified"], found["kind"], found["attest"]) == ("valid", True, "request", "A")
    (header,) = found["headers"]
    assert header["signature_valid"] is header["fresh"] is header["orig_matches"] is header["dest_matches"] is True
    assert header["certificate"]["spc"] == ["1234"]
    assert {row["field"] for row in header["fields"]} > {"alg", "ppt", "x5u", "attest", "orig", "dest", "iat", "origid"}
    assert secretless(result.stdout)
    bare = json.loads(judge(identity(), "--json").stdout)
    assert (bare["kind"], bare["headers"][0]["orig_matches"]) == ("header", None)
    bad = judge(invite(identity(), "hello;info=<x>", caller="1"), "--json")
    assert bad.return_value == 1
    assert json.loads(bad.stdout)["headers"][1]["certificate"] is None
    assert json.loads(bad.stdout)["problems"] == []


def test_many_headers(judge: Run) -> None:
    said = told(judge(invite(*[identity()] * 12)), 0)
    assert "Identity 10 of 10: valid" in said
    assert "[stir-too-many-headers]" in said


NOTHING = {
    "empty": "",
    "words": "why was my call refused?",
    "an INVITE without Identity": invite(),
    "a response": "SIP/2.0 200 OK\r\nIdentity\r\n\r\n",
    "a header in compact form": "Identity: ..c2lnbmF0dXJl;info=<https://cr.example.com/a>",
    "a token in compact form": "..c2lnbmF0dXJl",
    "a token of something else": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJqb2UifQ.c2ln",
    "a private key": KEY.pem().decode(),
    "not UTF-8": "\udcff\udcfe",
}


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING)
def test_nothing_to_verify(judge: Run, text: str) -> None:
    result = judge(text)
    assert isinstance(result.exception, LocalError)
    assert result.exception.problem.code == "cli-not-a-paste"
    assert "PRIVATE" not in str(result.exception)


@pytest.mark.parametrize(
    ("orig", "status"), [("sip:alice@example.com", 0), ("sip:a<b>@x", 1), ("*21#", 0)], ids=["URI", "no URI", "keys"]
)
def test_a_token_of_other_parties(judge: Run, orig: str, status: int) -> None:
    value = sign(orig, CALLED, key=KEY, x5u=URL, at_s=AT_S, attest="A", origid=UUID)
    told(judge(value), status)


def test_secrets_in_urls_are_not_printed(judge: Run) -> None:
    url = "https://joe:tops3cret@cr.example.com/a?key=tops3cret"
    text = invite(identity(url).replace(f"info=<{url}>", "info=<https://ann:hush99@cr.example.com/b?k=hush99>"))
    for more in ((), ("--json",), ("--fetch",)):
        result = judge(text, *more, certs=False)
        assert result.return_value == 1
        assert "tops3cret" not in result.output
        assert "hush99" not in result.output
        assert "mirror_mismatch" in result.output


def test_the_default_cache_is_read(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr("sys.platform", "linux")
    (tmp_path / "one.pem").write_bytes(pem())
    told(run("certs", "import", tmp_path / "one.pem", "--url", URL), 0)
    paste = tmp_path / "paste.txt"
    paste.write_text(invite(identity()))
    told(run("verify-identity", paste, "--anchors", trust(tmp_path), "--at", AT), 0)


def test_without_a_time_it_is_now(judge: Run) -> None:
    assert "(now)" in told(judge(invite(identity()), at=None), 1)


def test_certificates_are_fetched_when_asked_and_kept(run: Run, tmp_path: Path) -> None:
    web = WebAuthority(tmp_path)
    tls = tmp_path / "web.pem"
    tls.write_bytes(web.certificate.public_bytes(Encoding.PEM))
    address = x509.IPAddress(ip_address("127.0.0.1"))
    with server_beside(web, {"/a.pem": answer(pem())}, address) as server:
        url = f"https://127.0.0.1:{server.port}/a.pem"
        paste = tmp_path / "paste.txt"
        paste.write_text(invite(identity(url)))
        arguments: list[object] = ["verify-identity", paste, "--anchors", trust(tmp_path), "--at", AT]
        arguments += ["--cache", tmp_path / "cache"]
        network = ["--port", server.port, "--allow", "127.0.0.1/32", "--tls-ca", tls]
        assert "not_checked" in told(run(*arguments), 1)
        assert server.requests == []
        refused = told(run(*arguments, "--fetch"), 1)
        assert "no_certificate" in refused
        assert "drivers-url-port" in refused
        assert server.requests == []
        assert told(run(*arguments, "--fetch", *network), 0).startswith("Verified")
        assert told(run(*arguments), 0).startswith("Verified")
        assert told(run(*arguments, "--fetch", *network), 0).startswith("Verified")
        assert len(server.requests) == 1


def test_a_revoked_signer(judge: Run, tmp_path: Path) -> None:
    made = issue_revocation_list(
        issuer=AUTHORITY.intermediate, issuer_key=AUTHORITY.intermediate_key,
        entries=[(CHAIN[0], AT_S - 100, "keyCompromise")], this_update_s=AT_S - 50, next_update_s=AT_S + YEAR_S,
    )  # fmt: skip
    folder = tmp_path / "trusted"
    folder.mkdir()
    (folder / "root.pem").write_bytes(AUTHORITY.root.pem())
    (folder / "list.crl").write_bytes(block("X509 CRL", made.der))
    (folder / "notes.txt").write_text("nothing")
    result = judge(invite(identity()), "--anchors", folder, anchors=False)
    said = told(result, 1)
    assert "chain trusted NO (revoked)" in said
    assert "notes.txt" in result.stderr


FAULTS = {
    "no file": (["/nowhere/at/all"], "cli-not-readable"),
    "a folder": (["."], "cli-not-readable"),
    "no anchors there": (["-", "--anchors", "/nowhere/at/all"], "drivers-folder"),
    "no certificates there": (["-", "--certs", "/nowhere/at/all"], "drivers-folder"),
    "a range that is none": (["-", "--fetch", "--allow", "10.0.0.1/8"], "drivers-address-special"),
    "a host that is none": (["-", "--fetch", "--trusted", "*"], "drivers-host-untrusted"),
    "authorities that are none": (["-", "--fetch", "--tls-ca", "/nowhere/at/all"], "cli-not-readable"),
}


@pytest.mark.parametrize(("arguments", "code"), FAULTS.values(), ids=FAULTS)
def test_faults(run: Run, tmp_path: Path, arguments: list[str], code: str) -> None:
    result = run("verify-identity", "--cache", tmp_path, *arguments, stdin=invite(identity()).encode())
    assert isinstance(result.exception, (BackendError, LocalError))
    assert result.exception.problem.code == code


def test_anchors_without_a_certificate(run: Run, tmp_path: Path) -> None:
    for name, text in (("empty", None), ("key", KEY.pem())):
        (tmp_path / name).mkdir()
        if text:
            (tmp_path / name / "key.pem").write_bytes(text)
        result = run("verify-identity", "-", "--anchors", tmp_path / name, stdin=invite(identity()).encode())
        assert isinstance(result.exception, BackendError)
        assert result.exception.problem.code == "drivers-unreadable"


def test_a_paste_that_is_too_long(judge: Run) -> None:
    result = judge("a" * 65_537)
    assert isinstance(result.exception, LocalError)
    assert result.exception.problem.code == "cli-not-a-paste"


def test_a_time_that_is_none(judge: Run) -> None:
    result = judge(invite(identity()), at="yesterday")
    assert isinstance(result.exception, click.BadParameter)


def test_exit_statuses_of_the_process(process: Callable[..., Ran], tmp_path: Path) -> None:
    options = [
        "--cache",
        tmp_path / "none",
        "--certs",
        certificates(tmp_path),
        "--anchors",
        trust(tmp_path),
        "--at",
        AT,
    ]
    assert process("verify-identity", "-", *options, stdin=invite(identity()).encode()).status == 0
    assert process("verify-identity", "-", *options, stdin=invite(identity(), caller="1").encode()).status == 1
    assert process("verify-identity", "-", *options, stdin=b"hello").status == 2


def test_other_commands_do_not_load_it() -> None:
    loaded = modules("explain", "608")
    assert not loaded & {"cryptography", "h11", "asyncio", "ringthrough.drivers", "ringthrough.jose"}


def test_the_prover_of_a_diagnosis(tmp_path: Path) -> None:
    """What `diagnose` is given: all arguments can be sent to another process."""
    settings = {
        "certs": certificates(tmp_path), "anchors": trust(tmp_path), "cache": tmp_path / "cache", "fetch": False,
        "cards": None, "region": "US", "trusted": (), "ports": (), "allow": (), "tls_ca": None,
    }  # fmt: skip
    assert pickle.loads(pickle.dumps(settings)) == settings
    call = Call(*({"VARCHAR": "", "BOOLEAN": False}.get(column.sql) for column in FACTS))._replace(
        at_us=int(AT_S * 1e6), card_uri="https://block.example.net/card"
    )
    offline = prover_of(**settings)
    proven = offline.prove(call, invite(identity()).encode())
    offline.close()
    assert (proven.identity, proven.attestation, proven.identity_signer, proven.card) == (
        "valid", "A", "1234", "not_checked",
    )  # fmt: skip
    cards = tmp_path / "cards"
    cards.mkdir()
    (cards / "card").write_bytes(b"no card")
    (cards / "index.txt").write_text("nonsense")
    folder = prover_of(**settings | {"cards": cards})
    assert folder.prove(call, None).card == "unreadable"
    assert [problem.code for problem in folder.problems] == ["drivers-folder-index"]
    online = prover_of(**settings | {"fetch": True, "certs": None, "trusted": ("cr.example.net",)})
    refused = online.prove(call, invite(identity()).encode())
    online.close()
    assert (refused.identity, refused.identity_code, refused.card) == ("no_certificate", 436, "not_fetched")


@given(
    st.binary(max_size=200)
    | st.tuples(st.sampled_from(sorted(GOOD)), st.integers(0, 900), st.integers(0, 60), st.binary(max_size=12)).map(
        lambda made: GOOD[made[0]].encode()[: made[1]] + made[3] + GOOD[made[0]].encode()[made[1] + made[2] :]
    )
)
@settings(max_examples=80, deadline=None)
@pytest.mark.slow
def test_whatever_is_pasted_is_judged_or_refused(data: bytes) -> None:
    result = CliRunner().invoke(
        cli, ["verify-identity", "-", "--cache", "/nowhere/at/all", "--at", AT], input=data, standalone_mode=False
    )
    if result.exception is None:
        assert result.return_value == 1
        assert result.output.startswith("Not verified: ")
    else:
        assert isinstance(result.exception, LocalError), result.exception
