"""
A webhook as a channel: one JSON document in a POST, signed where a secret is shared.

Theory of operation
- The URL is the operator's, but it is read as strictly as one that a message holds (`Guard`), and connections go to an
  address that was checked. Private addresses are asked only when the operator says so, plain http only there.
- A path often holds a secret, so nothing that is written or kept names more than scheme, host and port.
- 2xx is told. 408, 425, 429 and 5xx may pass; other answers (redirects too) will not before somebody mends something.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import ssl
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import h11

from ringthrough import __version__
from ringthrough.errors import BackendError, LocalError, Problem, RemoteError

from .guard import Guard, Resolver, Target, system_resolver
from .http import Limits, system_tls
from .notify import Notice

__all__ = ["PRIVATE", "Webhook", "signature"]

PRIVATE = tuple(map(ip_network, (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "::1/128", "fc00::/7",
)))  # fmt: skip
"Networks of one's own. Link-local ones are not among them: a cloud's metadata service is there."
_LIMITS = Limits(connect_s=5.0, total_s=15.0)
_MAY_PASS = (408, 425, 429)
_CHUNK = 16_384


def signature(secret: bytes, body: bytes) -> str:
    """Value of `X-Ringthrough-Signature`: HMAC with SHA-256 over the body, as hexadecimal digits (RFC 2104)."""
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"


@dataclass(frozen=True)
class Webhook:
    """
    A URL that takes a JSON document.

    Raises:
        LocalError: the URL is none that may be asked (`drivers-notify-url`).
    """

    url: str
    "https://..., or http://... with `private`."
    secret: bytes | None = None
    "Shared with the receiver, who checks the signature with it; None for no signature."
    private: bool = False
    "Whether addresses of `PRIVATE` may be asked, and plain http there."
    limits: Limits = _LIMITS
    "Of time and size."
    tls: ssl.SSLContext | None = None
    "How the server is checked; None for the system's authorities."
    resolver: Resolver = system_resolver
    "Asked for the addresses of the host."

    def __post_init__(self) -> None:
        _ = self._target  # what is wrong with a URL is told before anything is sent

    @cached_property
    def _secure(self) -> bool:
        return self.url[:6].lower() == "https:"

    @cached_property
    def _guard(self) -> Guard:
        try:
            port = urlsplit(self.url).port
        except ValueError:
            port = None
        ports = frozenset(() if port is None else (port,))
        return Guard(self.resolver, ports=ports, allowed=PRIVATE if self.private else (), query=True)

    @cached_property
    def _target(self) -> Target:
        plain = self.url[:5].lower() == "http:"
        if plain and not self.private:
            detail = "expected https; plain http goes to private addresses only, where these are allowed"
            raise LocalError(Problem("drivers-notify-url", detail, "webhook"))
        try:
            found = self._guard.check(f"https{self.url[4:]}" if plain else self.url)
        except RemoteError as fault:
            raise LocalError(Problem("drivers-notify-url", fault.problem.detail, "webhook")) from fault
        return replace(found, port=80) if plain and urlsplit(self.url).port is None else found

    @property
    def place(self) -> str:
        """Scheme, host and port: all of the URL that is no secret."""
        host = f"[{self._target.host}]" if ":" in self._target.host else self._target.host
        return f"webhook {'https' if self._secure else 'http'}://{host}:{self._target.port}"

    @property
    def name(self) -> str:
        """What tells it from other channels: its place, and a digest of the whole URL."""
        return f"{self.place} {hashlib.sha256(self.url.encode()).hexdigest()[:8]}"

    def send(self, notice: Notice) -> tuple[Problem, ...]:
        """
        Post the document.

        Raises:
            BackendError: no complete answer in time, or one that may pass.
            RemoteError: it was refused, or the address is not to be asked.
        """
        asyncio.run(self._post(notice))
        return ()

    async def _post(self, notice: Notice) -> None:
        body = json.dumps(notice.document).encode("ascii")
        try:
            async with asyncio.timeout(self.limits.total_s):
                reader, writer = await self._connect()
                try:
                    await self._exchange(notice.id, body, reader, writer)
                finally:
                    writer.transport.abort()
                    with suppress(OSError):
                        await writer.wait_closed()
        except TimeoutError as fault:
            raise self._failed("timeout", f"an answer in {self.limits.total_s:g} s, found none") from fault

    def _failed(self, slug: str, detail: str) -> BackendError:
        return BackendError(Problem(f"drivers-{slug}", f"expected {detail}", self.place))

    async def _addresses(self) -> list[str]:
        try:
            route = await self._guard.route(self._target)
        except (BackendError, RemoteError) as fault:
            raise type(fault)(replace(fault.problem, where=self.place)) from fault
        found = [address for address in route.addresses if self._secure or _is_private(address)]
        if not found:
            detail = f"expected a private address for plain http, found {', '.join(route.addresses)}"
            raise RemoteError(Problem("drivers-notify-url", detail, self.place))
        return found[:3]

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        fault: OSError | None = None
        tls = (self.tls or system_tls()) if self._secure else None
        name = self._target.host if self._secure else None
        for address in await self._addresses():
            try:
                async with asyncio.timeout(self.limits.connect_s):
                    return await asyncio.open_connection(
                        address, self._target.port, ssl=tls, server_hostname=name, limit=_CHUNK
                    )
            except OSError as found:  # TimeoutError and ssl.SSLError are such
                fault = found
        if isinstance(fault, TimeoutError):
            raise self._failed("timeout", f"a connection in {self.limits.connect_s:g} s, found none") from fault
        if isinstance(fault, ssl.SSLError):
            why = getattr(fault, "verify_message", "") or fault.reason or str(fault)
            raise self._failed("tls", f"a certificate for {name!r}, found: {why}") from fault
        raise self._failed("connect", f"a connection, found: {fault and (fault.strerror or fault)}") from fault

    async def _exchange(
        self, delivery: str, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=self.limits.header_octets)
        headers = [
            ("Host", self._target.authority if self._secure else f"{self.place.rpartition('//')[2]}"),
            ("User-Agent", f"ringthrough/{__version__}"), ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))), ("X-Ringthrough-Delivery", delivery), ("Connection", "close"),
        ]  # fmt: skip
        if self.secret is not None:
            headers.append(("X-Ringthrough-Signature", signature(self.secret, body)))
        request = h11.Request(method="POST", target=self._target.path, headers=headers)
        try:
            writer.write(
                connection.send(request) + connection.send(h11.Data(body)) + connection.send(h11.EndOfMessage())
            )
            await writer.drain()
            while True:
                event = connection.next_event()
                if event is h11.NEED_DATA:
                    connection.receive_data(await reader.read(_CHUNK))
                elif isinstance(event, h11.Response):
                    break
                elif not isinstance(event, h11.InformationalResponse):
                    raise self._failed("http", "an HTTP answer, found none")
        except h11.RemoteProtocolError as fault:
            raise self._failed("http", f"an HTTP answer, found: {str(fault)[:200]}") from fault
        except OSError as fault:
            raise self._failed("connect", f"an answer, found: {fault.strerror or fault}") from fault
        self._judge(event)

    def _judge(self, event: h11.Response) -> None:
        status = event.status_code
        if 200 <= status < 300:
            return
        phrase = "".join(c if c.isprintable() else "?" for c in event.reason.decode("latin-1"))[:60]
        problem = Problem("drivers-notify-status", f"expected 2xx, found {status} {phrase}".rstrip(), self.place)
        raise (BackendError if status >= 500 or status in _MAY_PASS else RemoteError)(problem)


def _is_private(address: str) -> bool:
    found = ip_address(address)
    return any(found in network for network in PRIVATE if network.version == found.version)
