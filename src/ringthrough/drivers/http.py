"""
One HTTPS request, guarded: no redirects, no compression, and an end to patience, octets and headers.

Theory of operation
- `Guard` says which URL and which addresses; the socket is opened to one of these addresses and to nothing else, while
  the name of the URL goes into SNI and is what the server's certificate must be for.
- One clock runs over everything (resolving, connecting, TLS, headers, body), so a server that sends an octet a second
  ends with the others. Connecting has a shorter one of its own, for each address that is tried.
- The connection is used once and then aborted: a server has no way to hold it open.
- Proxies of the environment are not used: they would resolve the name again, out of the guard's sight.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import h11

from ringthrough import __version__
from ringthrough.errors import BackendError, Problem, RemoteError

from .guard import Guard, Route, Target

__all__ = ["LIMITS", "Fetched", "Limits", "Step", "Told", "fetch_once", "system_tls"]

_CHUNK = 16_384
_ADDRESSES = 3
"Addresses of one host that are tried; the clock over everything would not leave time for more."


@dataclass(frozen=True, slots=True)
class Limits:
    """Where patience ends."""

    connect_s: float = 2.0
    "Seconds for TCP and TLS to one address. Asterisk gives 2 s to the whole fetch, FreeSWITCH 3 s."
    total_s: float = 5.0
    "Seconds for everything."
    body_octets: int = 65_536
    "Octets of the body; a chain of four certificates has 4,000."
    header_octets: int = 16_384
    "Octets of one header section, and of the framing of chunks in all; h11, Apache and nginx allow 8 to 16 KiB."


LIMITS = Limits()
"What a call can wait for."


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done on the way, for people."""

    name: str
    "url, resolve, connect, tls, answer, body, certificates."
    good: bool
    "Whether it went well."
    detail: str
    "What was found."


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer with status 200, complete."""

    url: str
    "As it was asked."
    address: str
    "Address it was fetched from."
    headers: tuple[tuple[str, str], ...]
    "Header fields: names in lower case, in order."
    body: bytes
    "Content, not encoded."
    took_s: float
    "Seconds from the first step to the last octet."

    def header(self, name: str) -> str | None:
        """Values of a field (name in lower case), joined as RFC 9110 §5.3 does; None when it is absent."""
        values = [value for known, value in self.headers if known == name]
        return ", ".join(values) if values else None


Told = Callable[[Step], None]
"Who listens to the steps."


async def fetch_once(
    url: str, *, guard: Guard, limits: Limits = LIMITS, tls: ssl.SSLContext | None = None,
    accept: str = "*/*", told: Told | None = None,
) -> Fetched:  # fmt: skip
    """
    GET one URL, or say why not.

    Args:
        url: from anybody; the guard judges it.
        guard: what may be asked.
        limits: of time and size.
        tls: how servers are checked; None for the system's certification authorities and TLS 1.2 or later.
        accept: media types wanted.
        told: is called with every step as it is done.

    Raises:
        RemoteError: the guard refused it, or the answer is not what was wanted (drivers-status, drivers-redirect ...).
        BackendError: network, TLS or time failed.
    """
    steps = told or _nothing
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(limits.total_s):
            target = _step(steps, "url", lambda: guard.check(url), lambda t: f"{t.host} port {t.port}, {t.path}")
            try:
                route = await guard.route(target)
            except (BackendError, RemoteError) as fault:
                steps(Step("resolve", False, fault.problem.detail))
                raise
            steps(Step("resolve", True, _resolved(route)))
            address, reader, writer = await _connect(route, limits, tls or system_tls(), steps)
            try:
                headers, body = await _exchange(target, reader, writer, limits, accept, steps)
            finally:
                await _abort(writer)
    except TimeoutError as fault:
        detail = f"expected a complete answer in {limits.total_s:g} s, found none"
        steps(Step("answer", False, detail))
        raise BackendError(Problem("drivers-timeout", detail, url)) from fault
    return Fetched(url, address, headers, body, loop.time() - began)


def _nothing(step: Step) -> None:
    """Nobody listens."""


def _step(steps: Told, name: str, do: Callable[[], Target], say: Callable[[Target], str]) -> Target:
    try:
        made = do()
    except RemoteError as fault:
        steps(Step(name, False, fault.problem.detail))
        raise
    steps(Step(name, True, say(made)))
    return made


def _resolved(route: Route) -> str:
    left = "; ".join(f"not asked: {address} ({why})" for address, why in route.refused)
    return ", ".join(route.addresses) + (f"; {left}" if left else "")


def system_tls() -> ssl.SSLContext:
    """
    A context that checks servers against the system's authorities, TLS 1.2 or later.

    To be kept by who fetches often: reading the authorities takes longer than a handshake.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


async def _connect(
    route: Route, limits: Limits, tls: ssl.SSLContext, steps: Told
) -> tuple[str, asyncio.StreamReader, asyncio.StreamWriter]:
    """The first address that answers, secured; the certificate has to be for the host of the URL."""
    target, faults = route.target, []
    for address in route.addresses[:_ADDRESSES]:
        try:
            async with asyncio.timeout(limits.connect_s):
                reader, writer = await asyncio.open_connection(
                    address, target.port, ssl=tls, server_hostname=target.host, limit=_CHUNK
                )
        except OSError as cause:  # TimeoutError and ssl.SSLError are such
            fault = BackendError(_not_connected(target, address, limits, cause))
            fault.__cause__ = cause
            steps(Step("tls" if fault.problem.code == "drivers-tls" else "connect", False, fault.problem.detail))
            faults.append(fault)
        else:
            steps(Step("connect", True, f"{address} port {target.port}"))
            steps(Step("tls", True, _secured(writer)))
            return address, reader, writer
    raise faults[-1]


def _not_connected(target: Target, address: str, limits: Limits, cause: OSError) -> Problem:
    if isinstance(cause, TimeoutError):
        detail = f"expected a secure connection to {address} in {limits.connect_s:g} s, found none"
        return Problem("drivers-timeout", detail, target.url)
    if isinstance(cause, ssl.SSLError):  # also the wrong name and the unknown authority
        why = getattr(cause, "verify_message", "") or cause.reason or str(cause)
        detail = f"expected a certificate for {target.host!r} from {address}, found: {why}"
        return Problem("drivers-tls", detail, target.url)
    detail = f"expected a connection to {address} port {target.port}, found: {cause.strerror or cause}"
    return Problem("drivers-connect", detail, target.url)


def _secured(writer: asyncio.StreamWriter) -> str:
    """Version of TLS, and for whom and until when the server's certificate is."""
    connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
    peer: dict[str, Any] = connection.getpeercert() or {}
    names = ", ".join(name for _kind, name in peer.get("subjectAltName", ())[:4])
    return f"{connection.version()}, certificate for {names}, until {peer.get('notAfter', 'unknown')}"


async def _abort(writer: asyncio.StreamWriter) -> None:
    """Leave without waiting for the other side."""
    writer.transport.abort()
    with suppress(OSError):
        await writer.wait_closed()


async def _exchange(
    target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits, accept: str, steps: Told
) -> tuple[tuple[tuple[str, str], ...], bytes]:
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=limits.header_octets)
    request = h11.Request(
        method="GET", target=target.path,
        headers=[("Host", target.authority), ("User-Agent", f"ringthrough/{__version__}"), ("Accept", accept),
                 ("Accept-Encoding", "identity"), ("Connection", "close")],
    )  # fmt: skip
    body = bytearray()
    headers: tuple[tuple[str, str], ...] = ()
    allowed = limits.body_octets + 2 * limits.header_octets
    try:
        writer.write(connection.send(request) + connection.send(h11.EndOfMessage()))
        await writer.drain()
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                data = await reader.read(_CHUNK)
                allowed -= len(data)
                if allowed < 0:  # interim answers and chunks of one octet cost octets that are in no body
                    raise _too_large(target, limits)
                connection.receive_data(data)
            elif isinstance(event, h11.Response):
                headers = tuple((name.decode("ascii"), value.decode("latin-1")) for name, value in event.headers)
                _judge(event, dict(headers), target, limits)
                steps(Step("answer", True, f"status 200, {dict(headers).get('content-type', 'no Content-Type')}"))
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > limits.body_octets:
                    raise _too_large(target, limits)
            elif not isinstance(event, h11.InformationalResponse):
                break  # EndOfMessage; what comes instead of it, h11 has refused
    except RemoteError as fault:
        steps(
            Step(
                "body" if headers and fault.problem.code == "drivers-too-large" else "answer",
                False,
                fault.problem.detail,
            )
        )
        raise
    except h11.RemoteProtocolError as fault:
        steps(Step("answer", False, str(fault)))
        raise RemoteError(_http(target, str(fault))) from fault
    except OSError as fault:
        steps(Step("answer", False, str(fault)))
        detail = f"expected an answer, found: {fault.strerror or fault}"
        raise BackendError(Problem("drivers-connect", detail, target.url)) from fault
    steps(Step("body", True, f"{len(body)} octets"))
    return headers, bytes(body)


def _judge(event: h11.Response, headers: dict[str, str], target: Target, limits: Limits) -> None:
    """Whether an answer is worth its body (ATIS-1000074 §5.3.1: redirects are not followed)."""
    if 300 <= event.status_code < 400:
        place = headers.get("location", "")[:200]
        detail = f"expected status 200, found {event.status_code} to {place!r}"
        raise RemoteError(Problem("drivers-redirect", detail, target.url, "ATIS-1000074 §5.3.1 [S]"))
    if event.status_code != 200:
        phrase = event.reason.decode("latin-1")[:60]
        detail = f"expected status 200, found {event.status_code} {phrase}".rstrip()
        raise RemoteError(Problem("drivers-status", detail, target.url))
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        detail = f"expected no Content-Encoding, found {coding[:60]!r}"
        raise RemoteError(Problem("drivers-encoding", detail, target.url, "RFC 9110 §12.5.3"))
    length = headers.get("content-length", "0")  # h11 has seen to it that these are digits
    if int(length) > limits.body_octets:
        raise _too_large(target, limits, length)


def _too_large(target: Target, limits: Limits, found: str = "more") -> RemoteError:
    detail = f"expected at most {limits.body_octets} octets, found {found}"
    return RemoteError(Problem("drivers-too-large", detail, target.url))


def _http(target: Target, found: str) -> Problem:
    return Problem("drivers-http", f"expected a complete HTTP answer, found: {found[:200]}", target.url, "RFC 9112")
