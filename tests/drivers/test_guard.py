"""The guard: which URL, which address."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections import Counter
from dataclasses import FrozenInstanceError
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ringthrough.drivers import Guard, Route, Target
from ringthrough.drivers.guard import MAX_URL, system_resolver
from ringthrough.errors import BackendError, LocalError, RemoteError

from .conftest import resolver

OPEN = Guard()

GOOD = {
    "no port": ("https://cr.example.com/a.pem", "cr.example.com", 443, "/a.pem"),
    "443": ("https://cr.example.com:443/a.pem", "cr.example.com", 443, "/a.pem"),
    "8443": ("https://cr.example.com:8443/a.pem", "cr.example.com", 8443, "/a.pem"),
    "capitals": ("HTTPS://CR.Example.COM/A.pem", "cr.example.com", 443, "/A.pem"),
    "no path": ("https://cr.example.com", "cr.example.com", 443, "/"),
    "punycode": ("https://xn--bcher-kva.example/a", "xn--bcher-kva.example", 443, "/a"),
    "underscore": ("https://my_certs.example.com/a", "my_certs.example.com", 443, "/a"),
    "IPv4": ("https://8.8.8.8/a", "8.8.8.8", 443, "/a"),
    "IPv6": ("https://[2606:4700:4700::1111]:8443/a", "2606:4700:4700::1111", 8443, "/a"),
    "escapes and dots": ("https://cr.example.com/a/../%2e%2e/b;v=1,2", "cr.example.com", 443, "/a/../%2e%2e/b;v=1,2"),
}


@pytest.mark.parametrize(("url", "host", "port", "path"), GOOD.values(), ids=GOOD)
def test_good_urls(url: str, host: str, port: int, path: str) -> None:
    assert OPEN.check(url) == Target(url, host, port, path)


AUTHORITIES = {
    "https://cr.example.com/": "cr.example.com",
    "https://cr.example.com:8443/": "cr.example.com:8443",
    "https://[2606:4700:4700::1111]:8443/": "[2606:4700:4700::1111]:8443",
}


@pytest.mark.parametrize(("url", "authority"), AUTHORITIES.items())
def test_the_host_header(url: str, authority: str) -> None:
    assert OPEN.check(url).authority == authority


BAD = {
    "empty": ("", "drivers-url-syntax"),
    "a word": ("cert.pem", "drivers-url-syntax"),
    "no slashes": ("https:cr.example.com/a", "drivers-url-syntax"),
    "one slash": ("https:/cr.example.com/a", "drivers-url-syntax"),
    "leading blank": (" https://cr.example.com/a", "drivers-url-syntax"),
    "trailing line break": ("https://cr.example.com/a\n", "drivers-url-syntax"),
    "request splitting": ("https://cr.example.com/a HTTP/1.1\r\nHost: evil", "drivers-url-syntax"),
    "tab in the scheme": ("ht\ttps://cr.example.com/a", "drivers-url-syntax"),
    "NUL": ("https://cr.example.com\0.evil.example/a", "drivers-url-syntax"),
    "backslash": ("https://cr.example.com\\@127.0.0.1/a", "drivers-url-syntax"),
    "angles": ("<https://cr.example.com/a>", "drivers-url-syntax"),
    "IDN": ("https://bücher.example/a", "drivers-url-syntax"),
    "full-width dots": ("https://127\uff0e0\uff0e0\uff0e1/a", "drivers-url-syntax"),
    "ideographic stop": ("https://127\u30020.0.1/a", "drivers-url-syntax"),
    "circled digits": ("https://①②⑦.0.0.1/a", "drivers-url-syntax"),
    "surrogate": ("https://\ud800.example/a", "drivers-url-syntax"),
    "http": ("http://cr.example.com/a", "drivers-url-scheme"),
    "ftp": ("ftp://cr.example.com/a", "drivers-url-scheme"),
    "file": ("file:///etc/passwd", "drivers-url-scheme"),
    "gopher": ("gopher://cr.example.com:443/_x", "drivers-url-scheme"),
    "data": ("data:text/plain,x", "drivers-url-scheme"),
    "cid": ("cid:12345@host", "drivers-url-scheme"),
    "no host": ("https:///a", "drivers-url-host"),
    "no host but a port": ("https://:443/a", "drivers-url-host"),
    "localhost": ("https://localhost/a", "drivers-url-host"),
    "one label": ("https://intranet/a", "drivers-url-host"),
    "trailing dot": ("https://cr.example.com./a", "drivers-url-host"),
    "trailing dot behind an address": ("https://127.0.0.1./a", "drivers-url-host"),
    "two dots": ("https://cr..example.com/a", "drivers-url-host"),
    "hyphen first": ("https://-a.example.com/a", "drivers-url-host"),
    "hyphen last": ("https://a-.example.com/a", "drivers-url-host"),
    "long label": (f"https://{'a' * 64}.example.com/a", "drivers-url-host"),
    "long name": (f"https://{'abcdefgh.' * 30}com/a", "drivers-url-host"),
    "escaped host": ("https://cr%2eexample.com/a", "drivers-url-host"),
    "wildcard": ("https://*.example.com/a", "drivers-url-host"),
    "octal": ("https://0177.0.0.1/a", "drivers-url-host"),
    "hex": ("https://0x7f.0.0.1/a", "drivers-url-host"),
    "hex last": ("https://127.0.0.0x1/a", "drivers-url-host"),
    "one number": ("https://2130706433/a", "drivers-url-host"),
    "one hex number": ("https://0x7f000001/a", "drivers-url-host"),
    "short": ("https://127.1/a", "drivers-url-host"),
    "out of range": ("https://256.256.256.256/a", "drivers-url-host"),
    "five numbers": ("https://1.2.3.4.5/a", "drivers-url-host"),
    "empty brackets": ("https://[]/a", "drivers-url-syntax"),
    "no address in brackets": ("https://[1::2::3]/a", "drivers-url-host"),
    "IPv4 in brackets": ("https://[127.0.0.1]:x/a", "drivers-url-syntax"),
    "zone": ("https://[fe80::1%25eth0]/a", "drivers-url-syntax"),
    "IPvFuture": ("https://[v1.fe80]/a", "drivers-url-syntax"),
    "unclosed bracket": ("https://[::1/a", "drivers-url-syntax"),
    "bare IPv6": ("https://::1/a", "drivers-url-syntax"),
    "user": ("https://user@cr.example.com/a", "drivers-url-userinfo"),
    "user and password": ("https://user:pw@cr.example.com/a", "drivers-url-userinfo"),
    "trusted name as user": ("https://cr.example.com@127.0.0.1/a", "drivers-url-userinfo"),
    "port 80": ("https://cr.example.com:80/a", "drivers-url-port"),
    "port 22": ("https://cr.example.com:22/a", "drivers-url-port"),
    "port 0443": ("https://cr.example.com:0443/a", "drivers-url-port"),
    "port 65979, 443 in 16 bits": ("https://cr.example.com:65979/a", "drivers-url-port"),
    "port 0": ("https://cr.example.com:0/a", "drivers-url-port"),
    "empty port": ("https://cr.example.com:/a", "drivers-url-port"),
    "long port": ("https://cr.example.com:0000000443/a", "drivers-url-syntax"),
    "port in words": ("https://cr.example.com:https/a", "drivers-url-syntax"),
    "two ports": ("https://cr.example.com:443:8443/a", "drivers-url-syntax"),
    "fragment": ("https://cr.example.com/a#b", "drivers-url-fragment"),
    "empty fragment": ("https://cr.example.com/a#", "drivers-url-fragment"),
    "fragment before an at": ("https://127.0.0.1#@cr.example.com/a", "drivers-url-fragment"),
    "query": ("https://cr.example.com/a?b=c", "drivers-url-query"),
    "empty query": ("https://cr.example.com/a?", "drivers-url-query"),
    "query without path": ("https://cr.example.com?@127.0.0.1/", "drivers-url-query"),
    "too long": (f"https://cr.example.com/{'a' * MAX_URL}", "drivers-url-long"),
}


@pytest.mark.parametrize(("url", "code"), BAD.values(), ids=BAD)
def test_bad_urls(url: str, code: str) -> None:
    with pytest.raises(RemoteError) as caught:
        OPEN.check(url)
    assert caught.value.problem.code == code
    assert caught.value.problem.detail.startswith("expected ")
    assert len(caught.value.problem.detail) <= 200


def test_a_password_is_not_repeated() -> None:
    with pytest.raises(RemoteError) as caught:
        OPEN.check("https://user:tops3cret@cr.example.com/a")
    assert "tops3cret" not in str(caught.value)


def test_a_query_where_it_is_allowed() -> None:
    guard = Guard(query=True)
    assert guard.check("https://cards.example.com/c?id=7").path == "/c?id=7"
    assert guard.check("https://cards.example.com?id=7").path == "/?id=7"
    with pytest.raises(RemoteError, match="fragment"):
        guard.check("https://cards.example.com/c?id=7#x")


TRUST = {
    "exact": ("cr.example.com", True),
    "below a wildcard": ("a.certs.example.net", True),
    "two below a wildcard": ("b.a.certs.example.net", True),
    "the name of the wildcard itself": ("certs.example.net", False),
    "suffix without a dot": ("evilcr.example.com", False),
    "prefix": ("cr.example.com.evil.example", False),
    "below an exact name": ("a.cr.example.com", False),
    "glued to a wildcard": ("evilcerts.example.net", False),
}


@pytest.mark.parametrize(("host", "trusted"), TRUST.values(), ids=TRUST)
def test_trusted_repositories(host: str, trusted: bool) -> None:
    guard = Guard(hosts=("CR.example.com", "*.certs.example.net"))
    if trusted:
        assert guard.check(f"https://{host}/a").host == host
        return
    with pytest.raises(RemoteError) as caught:
        guard.check(f"https://{host}/a")
    assert caught.value.problem.code == "drivers-host-untrusted"


@pytest.mark.parametrize("pattern", ["*", "*.com*", "com", "", "a.*.com", "https://cr.example.com", "cr.example.com/"])
def test_a_pattern_that_is_none_is_told_at_once(pattern: str) -> None:
    with pytest.raises(LocalError, match="trusted hosts"):
        Guard(hosts=(pattern,))


def test_a_guard_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        OPEN.ports = frozenset((80,))  # type: ignore[misc]


def route(guard: Guard, url: str) -> Route:
    return asyncio.run(guard.route(guard.check(url)))


def test_special_addresses_of_a_name_are_left_out() -> None:
    asked: list[str] = []
    addresses = ["10.0.0.1", "8.8.8.8", "8.8.8.8", "::1", "2606:4700:4700::1111"]
    found = route(Guard(resolver=resolver({"mixed.example.com": addresses}, asked)), "https://mixed.example.com/a")
    assert found.addresses == ("8.8.8.8", "2606:4700:4700::1111")
    assert [address for address, _ in found.refused] == ["10.0.0.1", "::1"]
    assert asked == ["mixed.example.com"]


REFUSED_ADDRESSES = {
    "metadata service": "https://169.254.169.254/latest",
    "loopback": "https://127.0.0.1/a",
    "IPv6 loopback": "https://[::1]/a",
    "mapped": "https://[::ffff:127.0.0.1]/a",
    "mapped in hex": "https://[::ffff:7f00:1]/a",
    "NAT64": "https://[64:ff9b::7f00:1]/a",
    "6to4": "https://[2002:7f00:1::]/a",
    "unique local": "https://[fd00::1]/a",
    "unspecified": "https://0.0.0.0/a",
    "a name that leads there": "https://inside.example.com/a",
}


@pytest.mark.parametrize("url", REFUSED_ADDRESSES.values(), ids=REFUSED_ADDRESSES)
def test_special_addresses_are_refused(url: str) -> None:
    asked: list[str] = []
    guard = Guard(resolver=resolver({"inside.example.com": ["10.0.0.1", "fe80::1%eth0"]}, asked))
    with pytest.raises(RemoteError) as caught:
        route(guard, url)
    assert caught.value.problem.code == "drivers-address-special"
    assert asked == (["inside.example.com"] if "inside" in url else [])


def test_a_literal_address_is_not_resolved() -> None:
    asked: list[str] = []
    assert route(Guard(resolver=resolver({}, asked)), "https://8.8.8.8/a").addresses == ("8.8.8.8",)
    guard = Guard(resolver=resolver({}, asked), allowed=(ip_network("10.0.0.0/8"),))
    assert route(guard, "https://10.0.0.1/a").addresses == ("10.0.0.1",)
    assert asked == []


@pytest.mark.parametrize("hosts", [{}, {"gone.example.com": []}], ids=["error", "empty"])
def test_a_name_without_addresses(hosts: dict[str, list[str]]) -> None:
    with pytest.raises(BackendError) as caught:
        route(Guard(resolver=resolver(hosts)), "https://gone.example.com/a")
    assert caught.value.problem.code == "drivers-no-address"


def test_the_resolver_of_the_system_knows_loopback() -> None:
    async def ask() -> list[str]:
        return list(await system_resolver("127.0.0.1", 443))

    assert asyncio.run(ask()) == ["127.0.0.1"]


@given(st.text(max_size=60) | st.from_regex(r"https://[!-~]{0,40}", fullmatch=True))
@example("https://[::ffff:127.0.0.1]/")
@example("https://a.b:443")
def test_any_text_is_a_target_that_reads_back_or_a_problem(url: str) -> None:
    try:
        target = OPEN.check(url)
    except RemoteError as fault:
        assert fault.problem.code.startswith("drivers-url-")
    else:
        assert target.port in (443, 8443)
        assert re.fullmatch(r"[!-~]+", target.path)
        assert OPEN.check(f"https://{target.authority}{target.path}").host == target.host


def read(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        return handle.read().splitlines()


def refusal(url: str) -> str:
    """Code of the refusal; empty for none."""
    try:
        target = OPEN.check(url)
    except RemoteError as fault:
        return fault.problem.code
    assert f"{url}/".startswith(f"https://{target.authority}/")
    return ""


def test_urls_that_somebody_else_checked(shared: Path) -> None:
    """Oracle: what their checker got answers from, or flagged, in August 2025."""
    rows = [json.loads(line) for line in read(shared / "data" / "stir" / "x5u_url_checks.jsonl.gz")]
    refused: dict[str, list[str]] = {}
    for row in rows:
        codes = {issue["code"] for issue in row["issues"]}
        code = refusal(row["url"])
        if "w_atis_protocol" in codes:  # "any protocol other than https or a port other than 443 or 8443"
            assert code in ("drivers-url-scheme", "drivers-url-port"), row["url"]
        elif code:
            # Theirs is silent where nothing answered, and about two http URLs, of which one redirected.
            assert codes & {"e_bad_url", "e_request_timeout"} or row["url"].startswith("http://"), row["url"]
        if code:
            refused.setdefault(code, []).append(row["url"])
    assert len(rows) == 6832
    assert {code: len(urls) for code, urls in refused.items()} == {
        "drivers-url-scheme": 8, "drivers-url-port": 6, "drivers-url-host": 1,
    }  # fmt: skip
    assert refused["drivers-url-host"] == ["https://certificates/peeringhub.io/745k/745k.crt"]


def test_every_url_that_was_observed(shared: Path) -> None:
    urls = read(shared / "data" / "stir" / "observed_x5u_urls.txt.gz")
    assert len(urls) == 7132
    assert Counter(map(refusal, urls)) == {
        "": 7116, "drivers-url-scheme": 9, "drivers-url-port": 6, "drivers-url-host": 1,
    }  # fmt: skip
