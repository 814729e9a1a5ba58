"""`ringthrough verify-card`: every form of input, every exit status, and the network only when asked."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ringthrough.cli.card_text import QUESTIONS
from ringthrough.jose import Certificate
from ringthrough.jose.issuing import make_authority
from ringthrough.signals.card import make_card
from tests.drivers.conftest import WebAuthority
from tests.signals.cards import AT, AUTHORITY, CHAIN, DAY, JCARD, KEY, OTHER_KEY, X5U, card, chain, signed

from .conftest import Ran
from .test_group import modules

Run = Callable[..., Result]
Process = Callable[..., Ran]
GOOD = card()
BLOCKED = (
    "SIP/2.0 608 Rejected\r\nVia: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1\r\nFrom: <sip:a@b.example>;tag=1\r\n"
    "To: <sip:c@d.example>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nDate: Thu, 01 Jan 2026 00:00:05 GMT\r\n"
    "Call-Info: <{uri}>;purpose=jwscard\r\nContent-Length: 0\r\n\r\n"
)


def pem(certificates: tuple[Certificate, ...]) -> bytes:
    return b"".join(one.pem() for one in certificates)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "card.jws").write_bytes(GOOD + b"\n")
    (tmp_path / "chain.pem").write_bytes(pem(CHAIN))
    (tmp_path / "other.pem").write_bytes(pem(chain(key=OTHER_KEY)))
    (tmp_path / "roots").mkdir()
    (tmp_path / "roots" / "root.pem").write_bytes(AUTHORITY.root.pem())
    (tmp_path / "certs").mkdir()
    (tmp_path / "certs" / "one.pem").write_bytes(pem(CHAIN))
    return tmp_path


Verify = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def verify(run: Run, folder: Path) -> Verify:
    """Run with the certificates above; exit status and document."""

    def invoke(what: object, *more: object, **options: Any) -> tuple[int, dict[str, Any]]:
        words = ["verify-card", what, "--json", "--cache", folder / "cache", "--anchors", folder / "roots"]
        if "--certs" not in more:
            words += ["--certs", folder / "chain.pem"]
        result = run(*words, *more, **options)
        assert result.exception is None, result.exception
        return int(result.return_value or 0), json.loads(result.output)

    return invoke


def test_a_good_card(verify: Verify, folder: Path) -> None:
    status, told = verify(folder / "card.jws", "--at", "2026-01-01T00:00:01Z", "--carrier", "709J")
    assert (status, told["outcome"]) == (0, "verified")
    assert {name: answer["holds"] for name, answer in told["answers"].items()} == {
        "signature_valid": True, "chain_trusted": True, "subject_plausible": True, "fresh_at_call": True,
        "fresh_now": False,
    }  # fmt: skip
    assert list(told["answers"]) == list(QUESTIONS)
    assert told["signer"]["subject"] == "CN=SHAKEN 709J,O=Example Telephone,C=US"
    assert (told["header"]["x5u"], told["iat"]) == (X5U, "2026-01-01 00:00:00 UTC")
    assert told["card"]["contacts"][0] == {
        "kind": "url", "value": "https://blocker.example.net/appeal", "types": ["work"], "good": True,
    }  # fmt: skip
    assert (told["call_at"], told["call_at_from"]) == ("2026-01-01 00:00:01 UTC", "--at")
    assert told["problems"] == []


AT_CALL = ("--at", str(int(AT)))


@pytest.mark.parametrize(
    ("octets", "options", "status", "outcome"),
    [
        (GOOD, AT_CALL, 0, "verified"),
        (GOOD[:76] + b"\r\n" + GOOD[76:], AT_CALL, 0, "verified"),
        (GOOD, ("--at", "2025-12-31"), 1, "stale"),
        (GOOD, ("--at", "2026-02-01"), 1, "untrusted"),
        (card(at_s=AT - 86_400), AT_CALL, 1, "stale"),
        (json.dumps(JCARD).encode(), AT_CALL, 1, "unsigned"),
        (signed({"iat": 1}), AT_CALL, 2, "unreadable"),
        (b"a.b.c", AT_CALL, 2, "unreadable"),
        (b"", AT_CALL, 2, "unreadable"),
        (b"\xff\xfe" * 40_000, AT_CALL, 2, "unreadable"),
        (b'{"a":', AT_CALL, 2, "unreadable"),
    ],
    ids=["good", "broken lines", "too early", "certificate expired", "replayed", "bare jCard", "no card", "no JWS",
         "empty", "binary", "broken JSON"],
)  # fmt: skip
def test_exit_status(
    verify: Verify, folder: Path, octets: bytes, options: tuple[str, ...], status: int, outcome: str
) -> None:
    path = folder / "given"
    path.write_bytes(octets)
    told = verify(path, *options)
    assert (told[0], told[1]["outcome"]) == (status, outcome)
    assert verify("-", *options, stdin=octets)[1]["outcome"] == outcome


def test_certificates_that_do_not_fit(verify: Verify, folder: Path) -> None:
    """One file is meant for this card, so a wrong one is an answer; a folder without it is a gap."""
    assert verify(folder / "card.jws", *AT_CALL, "--certs", folder / "other.pem")[1]["outcome"] == "bad_signature"
    assert verify(folder / "card.jws", *AT_CALL, "--certs", folder / "certs")[1]["outcome"] == "verified"
    told = verify(folder / "card.jws", *AT_CALL, "--certs", folder / "roots")[1]
    assert told["outcome"] == "no_certificate"
    assert "none of the certificates" in told["notes"][0]


def test_certificates_are_asked_for(run: Run, folder: Path) -> None:
    result = run("verify-card", folder / "card.jws", "--cache", folder / "cache")
    assert (result.exception, result.return_value) == (None, 1)
    said = " ".join(result.output.split())
    assert "NO CERTIFICATE" in said
    assert f"said to be at {X5U}: give --certs or --fetch" in said


def test_a_file_without_certificates(run: Run, folder: Path) -> None:
    (folder / "junk.pem").write_bytes(b"junk")
    result = run("verify-card", folder / "card.jws", "--certs", folder / "junk.pem", "--cache", folder / "cache")
    assert (result.exception, result.return_value) == (None, 1)
    assert "junk.pem" in result.output


def test_text_for_people(run: Run, folder: Path) -> None:
    jcard = ["vcard", [*JCARD[1], ["note", {}, "text", "x" * 500], ["url", {}, "uri", "javascript:\x1b[2J"],
                       ["x-a", {}, "integer", 7], *[["lang", {}, "language-tag", "en"]] * 60]]  # fmt: skip
    (folder / "odd.jws").write_bytes(signed({"iat": int(AT), "jcard": jcard}))
    result = run(
        "verify-card", folder / "odd.jws", "--certs", folder / "other.pem", "--at", str(AT), "--cache", folder / "c"
    )
    assert (result.exception, result.return_value) == (None, 1)
    said = " ".join(result.output.split())
    for expected in (
        "BAD SIGNATURE", "signature valid no", "UNVERIFIED: anybody could have written it", "(500 characters)",
        "do not use it", "Where to appeal on the web. RFC 6350 §6.7.8", "Not known here; kept as sent.",
        "and 30 properties more", "call 2026-01-01 00:00:00 UTC (--at)", "What is wrong with it",
    ):  # fmt: skip
        assert expected in said, expected
    assert "\x1b" not in result.output


def test_a_608_points_to_its_card(verify: Verify, run: Run, folder: Path) -> None:
    (folder / "608.sip").write_text(BLOCKED.format(uri="https://block.example.net/c"), newline="")
    status, told = verify(folder / "608.sip")
    assert (status, told["outcome"], told["card_uri"]) == (1, "not_checked", "https://block.example.net/c")
    assert (told["call_at"], told["call_at_from"]) == ("2026-01-01 00:00:05 UTC", "Date of the response")
    assert verify(folder / "608.sip", "--at", "0")[1]["call_at_from"] == "--at"
    text = BLOCKED.format(uri="https://block.example.net/c").replace(
        "Date: Thu, 01 Jan 2026 00:00:05 GMT", "Date: never"
    )
    assert verify(text)[1]["call_at"] is None
    assert verify(text.replace("Date", "X-Date"))[1]["call_at"] is None
    result = run("verify-card", folder / "608.sip")
    assert "NOT CHECKED" in result.output
    assert "give --fetch" in result.output


def test_the_card_itself_on_the_command_line(verify: Verify) -> None:
    assert verify(GOOD.decode(), *AT_CALL)[1]["outcome"] == "verified"
    assert verify(json.dumps(JCARD), *AT_CALL)[1]["source"] == "argument"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["https://block.example.net/c"], "only with --fetch"),
        (["nothing-there"], "found no file of this name"),
        (["."], "the system says: Is a directory"),
        (["SIP/2.0 486 Busy Here\r\nCSeq: 1 INVITE\r\n\r\n"], "a 608 that points to one"),
        (["https://127.0.0.1/c", "--fetch"], "loopback"),
        (["http://block.example.net/c", "--fetch"], "expected https"),
        ([GOOD.decode(), "--at", "yesterday"], "expected a time"),
        ([GOOD.decode(), "--anchors", "nothing-there"], "nothing-there"),
        ([GOOD.decode(), "--fetch", "--allow", "x"], "--allow"),
    ],
)
def test_what_cannot_be_judged(process: Process, tmp_path: Path, words: list[str], said: str) -> None:
    ran = process("verify-card", *words, cwd=tmp_path)
    assert (ran.status, ran.out) == (2, b"")
    assert said in ran.err


def test_nothing_of_the_network_is_loaded_unasked(folder: Path) -> None:
    loaded = modules("verify-card", folder / "608.sip", "--cache", folder / "cache")
    assert "ringthrough.cli.verify_card" in loaded
    assert "duckdb" not in loaded


class Web(NamedTuple):
    base: str
    pages: dict[str, bytes]
    asked: list[str]
    options: list[str]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Web]:
    """An HTTPS server on loopback; the options let the guard through to it and to nothing else."""
    pages: dict[str, bytes] = {}
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = pages.get(self.path, b"")
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing on standard error."""

    authority = WebAuthority(tmp_path)
    (tmp_path / "web.pem").write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context: ssl.SSLContext = authority.server(x509.IPAddress(ip_address("127.0.0.1")))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    options = ["--fetch", "--allow", "127.0.0.1/32", "--port", str(port), "--tls-ca", str(tmp_path / "web.pem")]
    try:
        yield Web(f"https://127.0.0.1:{port}", pages, asked, options)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_card_and_certificate_are_fetched_when_asked(run: Run, site: Web, tmp_path: Path) -> None:
    """A 608 in, a verdict out: the card from Call-Info, the certificate from its x5u, both through the guard."""
    now = time.time()
    authority = make_authority(b"cli: authority of today", not_before_s=now - DAY, not_after_s=now + DAY)
    leaf = authority.leaf(KEY.public, spc="709J", serial=5, not_before_s=now - DAY, not_after_s=now + DAY)
    site.pages["/chain.pem"] = pem(leaf)
    site.pages["/card?id=7"] = make_card(JCARD, key=KEY, x5u=f"{site.base}/chain.pem", at_s=now)
    (tmp_path / "root.pem").write_bytes(authority.root.pem())
    words = ["--json", "--anchors", tmp_path / "root.pem", "--cache", tmp_path / "cache", *site.options]
    told = BLOCKED.format(uri=f"{site.base}/card?id=7").replace("Date:", "X-Date:")
    for what in (told, f"{site.base}/card?id=7"):
        result = run("verify-card", what, *words)
        assert result.exception is None, result.exception
        assert (int(result.return_value or 0), json.loads(result.output)["outcome"]) == (0, "verified")
    assert site.asked[:2] == ["/card?id=7", "/chain.pem"]


def test_a_certificate_that_is_not_there(run: Run, site: Web, tmp_path: Path) -> None:
    site.pages["/card"] = make_card(JCARD, key=KEY, x5u=f"{site.base}/gone.pem", at_s=time.time())
    result = run("verify-card", f"{site.base}/card", "--json", "--cache", tmp_path / "cache", *site.options)
    assert (result.exception, result.return_value) == (None, 1)
    document = json.loads(result.output)
    assert document["outcome"] == "no_certificate"
    assert f"{site.base}/gone.pem" in document["notes"][0]


def test_a_card_that_is_not_there(process: Process, site: Web, tmp_path: Path) -> None:
    ran = process("verify-card", f"{site.base}/card", "--cache", tmp_path / "cache", *site.options)
    assert (ran.status, ran.out) == (2, b"")
    assert "404" in ran.err
