"""`ringthrough certs`: list, check, import, clear."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path

import click
import pytest
from click.testing import Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ringthrough.cli.credentials import cache_folder, moment
from ringthrough.errors import BackendError, LocalError, RemoteError
from tests.drivers.conftest import Server, WebAuthority, answer, server_beside

from .conftest import Ran
from .identities import CHAIN, KEY, URL, certificates, pem, trust

Run = Callable[..., Result]


def told(result: Result, status: int = 0) -> str:
    assert result.exception is None, result.exception
    assert (result.return_value or 0) == status, result.output
    return " ".join(result.stdout.split())


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[tuple[Server, list[object]]]:
    """A repository on loopback, and the options that let it be asked."""
    web = WebAuthority(tmp_path)
    tls = tmp_path / "web-ca.pem"
    tls.write_bytes(web.certificate.public_bytes(Encoding.PEM))
    replies = {
        "/a.pem": answer(pem(), headers={"Cache-Control": "max-age=600", "Content-Type": "application/x-pem-file"}),
        "/quiet.pem": answer(pem()),
        "/secret.pem": answer(pem(), headers={"Cache-Control": "no-store"}),
        "/page.html": answer(b"<html>"),
        "/moved": answer(status="302 Found", headers={"Location": "https://169.254.169.254/"}),
    }
    with server_beside(web, replies, x509.IPAddress(ip_address("127.0.0.1"))) as server:
        yield server, ["--port", server.port, "--allow", "127.0.0.1/32", "--tls-ca", tls]


def test_a_chain_is_imported_listed_and_forgotten(run: Run, cache: Path, tmp_path: Path) -> None:
    assert "0 of them in" in told(run("certs", "list", "--cache", cache))
    assert not cache.exists()
    chain = tmp_path / "chain.pem"
    chain.write_bytes(pem())
    assert told(run("certs", "import", chain, "--url", URL, "--cache", cache)) == f"1 put into {cache}"
    said = told(run("certs", "list", "--cache", cache))
    assert said.startswith(
        f"{URL} subject CN=SHAKEN 1234,O=Example Telephone,C=US speaks for SPC 1234 valid 2025-01-01"
    )
    assert "chain 2 certificates fetched 20" in said
    (found,) = json.loads(run("certs", "list", "--json", "--cache", cache).stdout)
    assert found["url"] == URL
    assert [one["authority"] for one in found["chain"]] == [False, True]
    assert found["chain"][0]["spc"] == ["1234"]
    assert found["usable_until"] == moment(CHAIN[0].not_after_s)
    assert told(run("certs", "clear", "https://cr.example.com/other", "--cache", cache)) == f"0 removed from {cache}"
    assert told(run("certs", "clear", URL, "--cache", cache)) == f"1 removed from {cache}"
    assert json.loads(run("certs", "list", "--json", "--cache", cache).stdout) == []


def test_folders_are_imported(run: Run, cache: Path, tmp_path: Path) -> None:
    told(run("certs", "import", certificates(tmp_path), "--cache", cache))
    other = tmp_path / "other"
    assert told(run("certs", "import", cache, "--cache", other)) == f"1 put into {other}"
    assert URL in told(run("certs", "list", "--cache", other))
    assert told(run("certs", "clear", "--cache", other)) == f"1 removed from {other}"


def test_what_cannot_be_imported(run: Run, cache: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "a.pem").write_bytes(pem())
    (plain / "notes.txt").write_text("nothing")
    result = run("certs", "import", plain, "--cache", cache)
    told(result, 1)
    assert "notes.txt" in result.stderr
    assert "expected --url, an index.txt" in result.stderr
    key = tmp_path / "key.pem"
    key.write_bytes(KEY.pem())
    for path in (key, trust(tmp_path)):
        result = run("certs", "import", path, "--url", URL, "--cache", cache)
        assert isinstance(result.exception, LocalError)
        assert "expected one certificate that signs tokens, found 0" in str(result.exception)
        assert "PRIVATE" not in str(result.exception)
    result = run("certs", "import", key, key, "--url", URL, "--cache", cache)
    assert isinstance(result.exception, click.UsageError)
    result = run("certs", "import", key, "--url", "http://cr.example.com/a", "--cache", cache)
    assert isinstance(result.exception, RemoteError)
    assert result.exception.problem.code == "drivers-url-scheme"
    result = run("certs", "import", tmp_path / "nowhere", "--cache", cache)
    assert isinstance(result.exception, BackendError)


def test_a_torn_file_is_named(run: Run, cache: Path, tmp_path: Path) -> None:
    told(run("certs", "import", certificates(tmp_path), "--cache", cache))
    path = next(cache.iterdir())
    path.write_bytes(path.read_bytes()[:-9])
    result = run("certs", "list", "--cache", cache)
    assert told(result, 1).startswith("0 of them")
    assert "expected a whole file of the certificate cache" in result.stderr


def test_check_tells_every_step(run: Run, repository: tuple[Server, list[object]], tmp_path: Path) -> None:
    server, options = repository
    url = f"https://127.0.0.1:{server.port}/a.pem"
    said = told(run("certs", "check", url, *options))
    for words in (
        f"url ok 127.0.0.1 port {server.port}, /a.pem", "resolve ok 127.0.0.1",
        f"connect ok 127.0.0.1 port {server.port}",
        "tls ok TLSv1.", "answer ok status 200, application/x-pem-file", "body ok ", "certificates ok 2",
        "Certificate 1 subject CN=SHAKEN 1234", "speaks for SPC 1234", "Certificate 2 (authority)",
    ):  # fmt: skip
        assert words in said
    assert "fresh for ok 59" in said or "fresh for ok 600 s" in said
    assert "trust" not in said
    trusted = told(run("certs", "check", url, *options, "--anchors", trust(tmp_path)))
    assert "trust ok trusted" in trusted
    (tmp_path / "leaf.pem").write_bytes(CHAIN[0].pem())
    told(run("certs", "check", url, *options, "--anchors", tmp_path / "leaf.pem"))  # pinned


def test_check_of_an_untrusted_chain(run: Run, repository: tuple[Server, list[object]], tmp_path: Path) -> None:
    server, options = repository
    url = f"https://127.0.0.1:{server.port}/a.pem"
    said = told(run("certs", "check", url, *options, "--anchors", tmp_path / "web-ca.pem"), 1)
    assert "trust NO incomplete: " in said


OUTCOMES = {
    "quiet": ("/quiet.pem", 0, "fresh for ok not said by the server"),
    "not to be kept": ("/secret.pem", 0, "fresh for ok not to be kept (no-store)"),
    "a page": ("/page.html", 1, "certificates NO expected certificates in PEM or DER"),
    "moved": ("/moved", 1, "answer NO"),
    "gone": ("/gone", 1, "expected status 200, found 404 Not Found"),
}


@pytest.mark.parametrize(("path", "status", "says"), OUTCOMES.values(), ids=OUTCOMES)
def test_check_of_other_answers(
    run: Run, repository: tuple[Server, list[object]], path: str, status: int, says: str
) -> None:
    server, options = repository
    assert says in told(run("certs", "check", f"https://127.0.0.1:{server.port}{path}", *options), status)


def test_check_in_json(run: Run, repository: tuple[Server, list[object]]) -> None:
    server, options = repository
    found = json.loads(run("certs", "check", f"https://127.0.0.1:{server.port}/a.pem", *options, "--json").stdout)
    assert found["good"] is True
    assert [step["step"] for step in found["steps"]] == [
        "url", "resolve", "connect", "tls", "answer", "body", "certificates", "fresh for",
    ]  # fmt: skip
    assert len(found["certificates"]) == 2
    bad = json.loads(run("certs", "check", "http://cr.example.com/", "--json").stdout)
    assert (bad["good"], bad["steps"][0]["good"], bad["certificates"]) == (False, False, [])


REFUSED = {
    "metadata service": ("https://169.254.169.254/latest", "expected a public address of '169.254.169.254'"),
    "http": ("http://cr.example.com/", "expected https, found 'http'"),
    "port": ("https://cr.example.com:22/", "expected port 443 or 8443, found '22'"),
    "octal": ("https://0177.0.0.1/", "expected four decimal numbers"),
}


@pytest.mark.parametrize(("url", "says"), REFUSED.values(), ids=REFUSED)
def test_check_of_what_is_never_asked(run: Run, url: str, says: str) -> None:
    assert says in told(run("certs", "check", url), 1)


def test_a_host_that_is_not_trusted(run: Run) -> None:
    said = told(run("certs", "check", "https://cr.example.com/a", "--trusted", "*.example.net"), 1)
    assert "expected a trusted repository, found 'cr.example.com'" in said


PLACES = {
    "XDG": ("linux", {"XDG_CACHE_HOME": "/xdg"}, "/xdg/ringthrough/certificates"),
    "a relative XDG counts for nothing": ("linux", {"XDG_CACHE_HOME": "xdg"}, "HOME/.cache/ringthrough/certificates"),
    "no XDG": ("linux", {"XDG_CACHE_HOME": ""}, "HOME/.cache/ringthrough/certificates"),
    "macOS": ("darwin", {}, "HOME/Library/Caches/ringthrough/certificates"),
    "Windows": ("win32", {"LOCALAPPDATA": "/local"}, "/local/ringthrough/certificates"),
    "Windows without": ("win32", {"LOCALAPPDATA": ""}, "HOME/AppData/Local/ringthrough/certificates"),
}


@pytest.mark.parametrize(("platform", "environment", "place"), PLACES.values(), ids=PLACES)
def test_the_place_of_the_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, environment: dict[str, str], place: str
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cache_folder(None) == Path(place.replace("HOME", str(tmp_path)))
    assert cache_folder(Path("mine")) == Path("mine")


def test_moments() -> None:
    assert moment(0) == "1970-01-01 00:00:00 UTC"
    assert moment(1e30) == "beyond the calendar"


def test_exit_statuses_of_the_process(process: Callable[..., Ran], cache: Path) -> None:
    assert process("certs", "list", "--cache", cache).status == 0
    assert process("certs", "check", "http://cr.example.com/").status == 1
    assert process("certs", "check", "https://cr.example.com/", "--allow", "x").status == 2
    assert process("certs").status == 2
