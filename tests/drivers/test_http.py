"""One HTTPS request to a real server: what it may do, and everything it may not."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
from collections.abc import Callable, Iterable
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from cryptography import x509
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ringthrough.drivers import Fetched, Guard, Limits, Step, fetch_once
from ringthrough.errors import BackendError, Error, RemoteError

from .conftest import HOST, LOOPBACK, QUICK, Handler, Server, WebAuthority, answer, chunked, resolver, serving

PEM = b"-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n"
SHORT = Limits(connect_s=5.0, total_s=0.3)
"For servers that never end."


def fetch(
    web: WebAuthority, reply: bytes | Handler, *, limits: Limits = QUICK, path: str = "/cert.pem",
    names: Iterable[x509.GeneralName] = (x509.DNSName(HOST),), days: int = 30, seen: list[Server] | None = None,
    guard: Callable[[Server], Guard] = Server.guard, url: Callable[[Server], str] | None = None, **options: Any,
) -> Fetched:  # fmt: skip
    """Start a server, fetch from it, and stop it."""

    async def run() -> Fetched:
        async with serving(web.server(*names, days=days), reply) as server:
            if seen is not None:
                seen.append(server)
            asked = server.url(path) if url is None else url(server)
            options.setdefault("tls", web.client)
            return await fetch_once(asked, guard=guard(server), limits=limits, **options)

    return asyncio.run(run())


def problem(web: WebAuthority, reply: bytes | Handler, **options: Any) -> str:
    """Code of what goes wrong."""
    steps: list[Step] = []
    with pytest.raises((RemoteError, BackendError)) as caught:
        fetch(web, reply, told=steps.append, **options)
    assert [step.good for step in steps].count(False) >= 1
    assert not steps[-1].good
    return caught.value.problem.code


def test_a_chain_is_fetched(web: WebAuthority) -> None:
    seen: list[Server] = []
    steps: list[Step] = []
    headers = {"Content-Type": "application/pem-certificate-chain", "Cache-Control": "max-age=60", "X": "1"}
    found = fetch(web, answer(PEM, headers=headers), seen=seen, told=steps.append, accept="application/x-pem-file")
    assert (found.body, found.address) == (PEM, "127.0.0.1")
    assert found.url == seen[0].url()
    assert found.header("cache-control") == "max-age=60"
    assert found.header("absent") is None
    assert found.took_s > 0
    assert [(step.name, step.good) for step in steps] == [
        ("url", True), ("resolve", True), ("connect", True), ("tls", True), ("answer", True), ("body", True),
    ]  # fmt: skip
    assert f"certificate for {HOST}, until" in steps[3].detail
    head = seen[0].requests[0].decode()
    assert head.startswith("GET /cert.pem HTTP/1.1\r\n")
    assert f"\r\nHost: {HOST}:{seen[0].port}\r\n" in head
    for line in ("Accept: application/x-pem-file", "Accept-Encoding: identity", "Connection: close"):
        assert f"\r\n{line}\r\n" in head
    assert seen[0].connections == 1


GOOD = {
    "content-length": answer(PEM),
    "chunked": chunked([PEM[:10], PEM[10:]]),
    "chunks of one octet": chunked([PEM[n : n + 1] for n in range(len(PEM))]),
    "until the connection ends": answer(PEM, length=False),
    "interim answers first": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 3 + answer(PEM),
    "HTTP/1.0": answer(PEM).replace(b"HTTP/1.1", b"HTTP/1.0"),
    "identity named": answer(PEM, headers={"Content-Encoding": "identity"}),
    "more behind the end": answer(PEM) + b"more",
}


@pytest.mark.parametrize("reply", GOOD.values(), ids=GOOD)
def test_forms_of_an_answer(web: WebAuthority, reply: bytes) -> None:
    assert fetch(web, reply).body == PEM


BAD = {
    "moved": (answer(status="301 Moved", headers={"Location": "https://169.254.169.254/"}), "drivers-redirect"),
    "found": (answer(status="302 Found", headers={"Location": "/b"}), "drivers-redirect"),
    "temporary": (answer(status="307 Temporary Redirect"), "drivers-redirect"),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\n\r\n", "drivers-redirect"),
    "not found": (answer(b"<html>", status="404 Not Found"), "drivers-status"),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", "drivers-status"),
    "partial": (answer(PEM, status="206 Partial Content"), "drivers-status"),
    "unavailable": (answer(status="503 Service Unavailable"), "drivers-status"),
    "status 999": (b"HTTP/1.1 999 \r\nContent-Length: 0\r\n\r\n", "drivers-status"),
    "gzip": (answer(gzip.compress(bytes(10**7)), headers={"Content-Encoding": "gzip"}), "drivers-encoding"),
    "gzip as a transfer coding": (
        answer(gzip.compress(PEM), headers={"Transfer-Encoding": "gzip, chunked"}, length=False), "drivers-http",
    ),
    "declared too large": (b"HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n", "drivers-too-large"),
    "declared absurd": (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "drivers-too-large"),
    "declared beyond numbers": (b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", "drivers-http"),
    "two lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "drivers-http"),
    "negative length": (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "drivers-http"),
    "cut": (b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n" + PEM[:20], "drivers-http"),
    "cut chunk": (chunked([PEM])[:-20], "drivers-http"),
    "bad chunk": (answer(headers={"Transfer-Encoding": "chunked"}, length=False) + b"zz\r\n", "drivers-http"),
    "nothing": (b"", "drivers-http"),
    "not HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "drivers-http"),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "drivers-http"),
    "HTTP/0.9": (PEM, "drivers-http"),
    "large header": (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 20_000, "drivers-http"),
    "interim answers without end": (b"HTTP/1.1 100 Continue\r\n\r\n" * 8000, "drivers-too-large"),
    "switching": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "drivers-http"),
    "framing without content": (chunked([b"a"] * 40_000), "drivers-too-large"),
    "large chunk": (chunked([bytes(70_000)]), "drivers-too-large"),
}  # fmt: skip


@pytest.mark.parametrize(("reply", "code"), BAD.values(), ids=BAD)
def test_answers_that_are_refused(web: WebAuthority, reply: bytes, code: str) -> None:
    assert problem(web, reply) == code


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(length=False))
    while not writer.is_closing():
        writer.write(bytes(16_384))
        await writer.drain()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def loris_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for octet in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 10_000:
        writer.write(bytes([octet]))
        await asyncio.sleep(0.01)  # a server that takes its time; the test ends with the limit of the fetch


async def loris_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(headers={"Content-Length": "60000"}, length=False))
    await loris_head(reader, writer)


def test_a_body_without_end(web: WebAuthority) -> None:
    assert problem(web, endless) == "drivers-too-large"


@pytest.mark.parametrize("server", [silent, loris_head, loris_body], ids=lambda server: server.__name__)
@pytest.mark.slow
def test_servers_that_take_their_time(web: WebAuthority, server: Handler) -> None:
    assert problem(web, server, limits=SHORT) == "drivers-timeout"


def test_a_server_that_hangs_up(web: WebAuthority) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.transport.abort()

    assert problem(web, hang_up) in ("drivers-connect", "drivers-http")


NAMES = {
    "another name": ([x509.DNSName("other.example.com")], 30),
    "name only as subject": ([], 30),
    "wildcard of another level": ([x509.DNSName("*.cr.example.com")], 30),
    "expired": ([x509.DNSName(HOST)], -1),
}


@pytest.mark.parametrize(("names", "days"), NAMES.values(), ids=NAMES)
def test_a_server_certificate_for_somebody_else(web: WebAuthority, names: list[x509.DNSName], days: int) -> None:
    seen: list[Server] = []
    assert problem(web, answer(PEM), names=names, days=days, seen=seen) == "drivers-tls"
    assert seen[0].requests == []


def test_an_unknown_authority(web: WebAuthority) -> None:
    assert problem(web, answer(PEM), tls=None) == "drivers-tls"


def test_a_certificate_for_the_address_of_a_literal(web: WebAuthority) -> None:
    def literal(server: Server) -> str:
        return f"https://127.0.0.1:{server.port}/cert.pem"

    named = [x509.IPAddress(ip_address("127.0.0.1"))]
    assert fetch(web, answer(PEM), names=named, url=literal).body == PEM
    assert problem(web, answer(PEM), url=literal) == "drivers-tls"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_a_server_with_an_old_version_of_tls(web: WebAuthority) -> None:
    old = web.server(x509.DNSName(HOST))
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1_1
    old.maximum_version = ssl.TLSVersion.TLSv1_1

    async def run() -> str:
        async with serving(old, answer(PEM)) as server:
            with pytest.raises(BackendError) as caught:
                await fetch_once(server.url(), guard=server.guard(), limits=QUICK)
            return caught.value.problem.code

    assert asyncio.run(run()) in ("drivers-tls", "drivers-connect")  # it may hang up before it has said why


def test_a_server_that_speaks_first_and_no_tls(web: WebAuthority) -> None:
    async def run() -> str:
        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example.com ESMTP\r\n")
            writer.close()

        async with await asyncio.start_server(greet, "127.0.0.1", 0) as running:
            server = Server(running.sockets[0].getsockname()[1])
            with pytest.raises(BackendError) as caught:
                await fetch_once(server.url(), guard=server.guard(), limits=QUICK)
            return caught.value.problem.code

    assert asyncio.run(run()) == "drivers-tls"


@pytest.mark.slow
def test_a_server_that_never_shakes_hands(web: WebAuthority) -> None:
    async def run() -> str:
        never = asyncio.Event()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await never.wait()
            writer.close()

        running = await asyncio.start_server(accept, "127.0.0.1", 0)
        try:
            server = Server(running.sockets[0].getsockname()[1])
            limits = Limits(connect_s=0.2, total_s=5.0)
            with pytest.raises(BackendError) as caught:
                await fetch_once(server.url(), guard=server.guard(), limits=limits, tls=web.client)
            return caught.value.problem.detail
        finally:
            never.set()
            running.close()
            await running.wait_closed()

    assert asyncio.run(run()) == "expected a secure connection to 127.0.0.1 in 0.2 s, found none"


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_nobody_listens(web: WebAuthority) -> None:
    server = Server(closed_port())
    steps: list[Step] = []

    async def run() -> None:
        await fetch_once(server.url(), guard=server.guard(), limits=QUICK, tls=web.client, told=steps.append)

    with pytest.raises(BackendError) as caught:
        asyncio.run(run())
    assert caught.value.problem.code == "drivers-connect"
    assert isinstance(caught.value.__cause__, OSError)
    assert (steps[-1].name, steps[-1].good) == ("connect", False)


def test_the_next_address_is_tried(web: WebAuthority) -> None:
    """127.0.0.2 refuses (nobody listens there), 127.0.0.1 answers."""
    steps: list[Step] = []

    def guard(server: Server) -> Guard:
        hosts = {HOST: ["127.0.0.2", "10.0.0.1", "127.0.0.1"]}
        return server.guard(resolver=resolver(hosts), allowed=(*LOOPBACK, *OTHER))

    assert fetch(web, answer(PEM), guard=guard, told=steps.append).address == "127.0.0.1"
    assert [(s.name, s.good) for s in steps if s.name in ("connect", "resolve")] == [
        ("resolve", True), ("connect", False), ("connect", True),
    ]  # fmt: skip
    assert "not asked: 10.0.0.1 (private, RFC 1918)" in steps[1].detail


OTHER = (ip_network("127.0.0.2/32"),)


class Rebinding:
    """A resolver whose answer changes with every question."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return [self.answers.pop(0)]


@pytest.mark.parametrize(
    ("first", "then", "code"),
    [("127.0.0.1", "127.0.0.2", ""), ("127.0.0.2", "127.0.0.1", "drivers-address-special")],
    ids=["good, then bad", "bad, then good"],
)
def test_a_name_that_is_bound_anew_gains_nothing(web: WebAuthority, first: str, then: str, code: str) -> None:
    """127.0.0.1 stands for the public repository, 127.0.0.2 for what only we can reach."""

    async def run() -> tuple[int, int, str, int]:
        tls, moving = web.server(x509.DNSName(HOST)), Rebinding(first, then)
        async with (
            serving(tls, answer(PEM)) as public,
            serving(tls, answer(b"secret"), address="127.0.0.2", port=public.port) as inside,
        ):
            found = ""
            try:
                body = (await fetch_once(public.url(), guard=public.guard(resolver=moving), tls=web.client)).body
                assert body == PEM
            except Error as fault:
                found = fault.problem.code
            return public.connections, inside.connections, found, moving.asked

    public, inside, found, asked = asyncio.run(run())
    assert (public, inside, found, asked) == (0 if code else 1, 0, code, 1)


REFUSED = {
    "scheme": ("http://cr.example.com/a", "drivers-url-scheme", "url"),
    "special address": ("https://169.254.169.254/a", "drivers-address-special", "resolve"),
    "no address": ("https://gone.example.com/a", "drivers-no-address", "resolve"),
}


@pytest.mark.parametrize(("url", "code", "step"), REFUSED.values(), ids=REFUSED)
def test_what_the_guard_refuses_is_not_connected_to(web: WebAuthority, url: str, code: str, step: str) -> None:
    seen: list[Server] = []
    steps: list[Step] = []

    def guard(server: Server) -> Guard:
        return server.guard(ports=frozenset((443,)))

    with pytest.raises((RemoteError, BackendError)) as caught:
        fetch(web, answer(PEM), guard=guard, url=lambda server: url, seen=seen, told=steps.append)
    assert caught.value.problem.code == code
    assert (steps[-1].name, steps[-1].good) == (step, False)
    assert seen[0].connections == 0


@pytest.mark.slow
def test_a_resolver_that_takes_its_time(web: WebAuthority) -> None:
    async def late(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    assert problem(web, answer(PEM), guard=lambda s: s.guard(resolver=late), limits=SHORT) == "drivers-timeout"


def test_without_anybody_to_tell(web: WebAuthority) -> None:
    with pytest.raises(RemoteError, match="404"):
        fetch(web, answer(status="404 Not Found"))


@given(
    reply=st.binary(max_size=300)
    | st.tuples(st.sampled_from([*GOOD.values(), BAD["moved"][0]]), st.integers(0, 400), st.binary(max_size=9)).map(
        lambda made: made[0][: made[1]] + made[2] + made[0][made[1] + len(made[2]) :]
    )
)
@settings(max_examples=60, deadline=None)
@example(reply=b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
@pytest.mark.slow
def test_whatever_a_server_says_is_an_answer_or_an_error_of_ours(web: WebAuthority, reply: bytes) -> None:
    async def run() -> None:
        async with serving(web.server(x509.DNSName(HOST)), reply) as server:
            try:
                found = await fetch_once(server.url(), guard=server.guard(), limits=QUICK, tls=web.client)
            except (RemoteError, BackendError) as fault:
                assert fault.problem.code.startswith("drivers-")
            else:
                assert len(found.body) <= QUICK.body_octets

    asyncio.run(run())
