"""A real HTTPS server on loopback, with a certification authority of its own; what is wrong with it is meant so."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ringthrough.drivers import Guard, Limits

HOST = "cr.example.com"
LOOPBACK = (ip_network("127.0.0.1/32"),)
QUICK = Limits(connect_s=5.0, total_s=10.0)
"For tests in which nothing is late: a busy machine must not fail them."

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class WebAuthority:
    """A certification authority for web servers, as the system's own are."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test web CA")])
        self.certificate = self._sign(self._name, self._key, [], ca=True)
        self.client = ssl.create_default_context()
        self.client.load_verify_locations(cadata=self.certificate.public_bytes(serialization.Encoding.PEM).decode())

    def _sign(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, names: Sequence[x509.GeneralName], *, ca: bool,
        days: int = 30,
    ) -> x509.Certificate:  # fmt: skip
        now = datetime.now(UTC)  # TLS reads the real clock
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject).issuer_name(self._name).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=60)).not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )  # fmt: skip
        if ca:
            usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
            builder = builder.add_extension(usage, critical=True)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def chain(self, name: str = "SHAKEN 1234") -> bytes:
        """A leaf and its authority in PEM, as a repository serves them."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        leaf = self._sign(subject, ec.generate_private_key(ec.SECP256R1()), [], ca=False)
        return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (leaf, self.certificate))

    def server(self, *names: x509.GeneralName, days: int = 30) -> ssl.SSLContext:
        """What a server for these names needs; `days` below 0 for one that has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test server")])
        certificate = self._sign(subject, key, names, ca=False, days=days)
        path = self._folder / f"{certificate.serial_number}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> WebAuthority:
    return WebAuthority(tmp_path_factory.mktemp("web"))


@dataclass
class Server:
    """A server that is running."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    "Request heads, in order."
    connections: int = 0

    def url(self, path: str = "/cert.pem") -> str:
        return f"https://{HOST}:{self.port}{path}"

    def guard(self, **changes: object) -> Guard:
        """A guard that lets tests reach this server."""
        settings: dict[str, object] = {
            "resolver": resolver({HOST: ["127.0.0.1"]}), "ports": frozenset((self.port,)), "allowed": LOOPBACK,
        }  # fmt: skip
        return Guard(**(settings | changes))


def resolver(hosts: Mapping[str, Sequence[str]], asked: list[str] | None = None) -> Callable[..., object]:
    """A resolver that knows these hosts and notes what it was asked."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        if asked is not None:
            asked.append(host)
        if host not in hosts:
            raise OSError(-2, "Name or service not known")
        return hosts[host]

    return resolve


def answer(
    body: bytes = b"", *, status: str = "200 OK", headers: Mapping[str, str] | None = None, length: bool = True
) -> bytes:
    """An HTTP answer as octets."""
    fields = {"Content-Length": str(len(body))} if length else {}
    fields |= dict(headers or {})
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def chunked(parts: Sequence[bytes]) -> bytes:
    """The same in chunks."""
    head = answer(headers={"Transfer-Encoding": "chunked"}, length=False)
    return head + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@asynccontextmanager
async def serving(
    tls: ssl.SSLContext | None, reply: bytes | Handler | Mapping[str, bytes], *, address: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[Server]:  # fmt: skip
    """
    Run a server while the block runs.

    Args:
        tls: of `WebAuthority.server`; None for a server without TLS.
        reply: octets that answer every request, or a path each, or what to do with a connection after its request.
    """
    open_writers: set[asyncio.StreamWriter] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        open_writers.add(writer)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            server.requests.append(head)
            if callable(reply):
                await reply(reader, writer)
                return
            path = head.split(b" ")[1].decode()
            data = reply if isinstance(reply, bytes) else reply.get(path, answer(status="404 Not Found"))
            writer.write(data)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            open_writers.discard(writer)
            writer.close()

    running = await asyncio.start_server(accept, address, port, ssl=tls)
    server = Server(running.sockets[0].getsockname()[1])
    try:
        yield server
    finally:
        running.close()
        for writer in list(open_writers):
            writer.transport.abort()
        await running.wait_closed()


@contextmanager
def server_beside(web: WebAuthority, reply: bytes | Mapping[str, bytes], *names: x509.GeneralName) -> Iterator[Server]:
    """A server in a thread of its own: the one who asks has its own loop."""
    ready: list[Server] = []
    begun, over = threading.Event(), threading.Event()

    async def run() -> None:
        async with serving(web.server(*(names or (x509.DNSName(HOST),))), reply) as server:
            ready.append(server)
            begun.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    begun.wait(30)
    try:
        yield ready[0]
    finally:
        over.set()
        thread.join()
