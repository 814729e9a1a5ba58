"""
Listening for HEP: UDP, TCP and TLS at any number of addresses, received by one thread.

Theory of operation
- One thread waits for all sockets, takes what is there, stamps it with the time, and puts it into the inbox: nothing
  else, so that nothing that is done with the messages can make it miss any.
- After a busy round it rests for a moment, so that the next one takes hundreds of datagrams at once: each round costs
  the assembling thread a change of turns. What comes meanwhile waits in the system's buffer, which is made large.
- When it is stopped it takes once more what has already come, and closes the inbox.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import struct
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Event, Thread

from ringthrough.captures import Tally
from ringthrough.drivers.hep_streams import Connection
from ringthrough.drivers.inbox import Batch, Inbox
from ringthrough.drivers.scoop import Scoop
from ringthrough.drivers.tap import Tap
from ringthrough.errors import BackendError, Problem

__all__ = ["MAX_CONNECTIONS", "Listener", "Receiver", "listen_tcp", "listen_udp", "tls_context"]

MAX_CONNECTIONS = 1_024
"Connections of agents at a time, of all listeners together: as many as files may be open by default."
REST_S = 0.005
BUSY_PACKETS = 16
_WAIT_S = 0.5
_LAST_ROUNDS = 4_096  # a sender that never pauses must not keep us from ending
_SO_RCVBUFFORCE, _SO_MEMINFO, _MEMINFO_DROPS = 33, 55, 8


class Listener:
    """An address at which HEP is received, or an interface that is tapped. Made by `listen_udp` and `listen_tcp`."""

    def __init__(self, name: str, opened: socket.socket, *, tls: ssl.SSLContext | None = None, tap: Tap | None = None
                 ) -> None:  # fmt: skip
        self.name = name
        "How rows and people call it, such as `udp:127.0.0.1:9060`."
        self.socket = opened
        self.tls = tls
        self.tap = tap
        self.tally = Tally()
        "Its notes: connections and what became of them. The receiving thread alone writes here."
        self.connections = 0
        "Connections that are open."
        self.broken: Problem | None = None
        "Why it takes nothing more."
        self._last_dropped = 0

    @classmethod
    def of_tap(cls, tap: Tap) -> Listener:
        """Make a listener of a tap."""
        return cls(f"interface:{tap.interface}", tap.socket, tap=tap)

    @property
    def stream(self) -> bool:
        """Whether agents connect to it."""
        return self.socket.type == socket.SOCK_STREAM

    def dropped(self) -> int | None:
        """Datagrams that the system threw away so far, because they came faster than they were taken; None: unknown."""
        if self.stream:
            return 0
        found = self.tap.dropped() if self.tap is not None else _drops(self.socket)
        if found is not None:
            self._last_dropped = found
        return found if self.socket.fileno() >= 0 else self._last_dropped


def _drops(opened: socket.socket) -> int | None:
    if sys.platform != "linux":
        return None
    try:
        memory = opened.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 36)
        return int(struct.unpack("9I", memory)[_MEMINFO_DROPS])
    except (OSError, struct.error):  # Linux before 4.12, or closed
        return None


def listen_udp(host: str, port: int, *, buffer_bytes: int) -> Listener:
    """
    Listen for HEP as datagrams.

    Args:
        host: address or name; empty for all addresses.
        port: 0 lets the system choose.
        buffer_bytes: what the system may keep until it is taken; it may grant less.

    Raises:
        BackendError: `drivers-hep-bind`.
    """
    return _listen("udp", host, port, buffer_bytes=buffer_bytes, tls=None)


def listen_tcp(host: str, port: int, *, tls: ssl.SSLContext | None = None) -> Listener:
    """
    Listen for HEP over connections.

    Args:
        host, port: as `listen_udp`.
        tls: from `tls_context`; None for plain TCP.

    Raises:
        BackendError: `drivers-hep-bind`.
    """
    return _listen("tcp" if tls is None else "tls", host, port, buffer_bytes=0, tls=tls)


def _listen(kind: str, host: str, port: int, *, buffer_bytes: int, tls: ssl.SSLContext | None) -> Listener:
    where = f"{kind}:{_place(host, port)}"
    opened: socket.socket | None = None
    try:
        how = socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM
        both = not host and socket.has_dualstack_ipv6()
        family, _, _, _, address = socket.getaddrinfo(
            host or ("::" if both else "0.0.0.0"), port, type=how, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, how)
        opened.setblocking(False)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if both else 1)
        if kind == "udp":
            for option in (socket.SO_RCVBUF, _SO_RCVBUFFORCE if sys.platform == "linux" else socket.SO_RCVBUF):
                try:
                    opened.setsockopt(socket.SOL_SOCKET, option, buffer_bytes)
                except OSError:  # without CAP_NET_ADMIN the system's limit (net.core.rmem_max) stands
                    pass
        else:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        if kind != "udp":
            opened.listen(128)
    except (OSError, UnicodeError) as fault:
        if opened is not None:
            opened.close()
        said = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
        detail = f"expected an address that can be listened on, the system says: {said}"
        raise BackendError(Problem("drivers-hep-bind", detail, where=where)) from fault
    bound = opened.getsockname()
    return Listener(f"{kind}:{_place(bound[0], bound[1])}", opened, tls=tls)


def _place(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host or '*'}:{port}"


def tls_context(certificate: str, key: str, *, clients: str | None = None) -> ssl.SSLContext:
    """
    Make what TLS needs on our side: version 1.2 or later.

    Args:
        certificate: PEM file of our certificate, and of those between it and an authority.
        key: PEM file of its private key, without a passphrase.
        clients: PEM file of authorities; agents then have to show a certificate of one of them.

    Raises:
        BackendError: `drivers-hep-certificate`.
    """
    where = certificate
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # A key that is encrypted would make OpenSSL ask at the terminal; an empty passphrase makes it fail.
        context.load_cert_chain(certificate, key, password="")
        if clients is not None:
            where = clients
            context.load_verify_locations(cadata=Path(clients).read_text("ascii"))
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ValueError) as fault:  # ssl.SSLError is an OSError
        said = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
        detail = f"expected a certificate and its key in PEM, found: {said}"
        raise BackendError(Problem("drivers-hep-certificate", detail, where=where)) from fault
    return context


class Receiver:
    """
    Receives what comes to some listeners, in a thread of its own.

    Args:
        listeners: they belong to it from now on.
        inbox: where it puts what it receives.
        clock_us: the time, microseconds since 1970 UTC.
        scoop: takes datagrams.
    """

    def __init__(
        self,
        listeners: Sequence[Listener],
        inbox: Inbox,
        *,
        clock_us: Callable[[], int] = lambda: time.time_ns() // 1_000,
        scoop: Scoop | None = None,
    ) -> None:
        self.listeners = tuple(listeners)
        self._inbox = inbox
        self._clock_us = clock_us
        self._scoop = scoop or Scoop()
        self._stopped = Event()
        self._wake: socket.socket | None = None
        self._open: dict[Connection, int] = {}
        self._thread = Thread(target=self._work, name="ringthrough-receive", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end; the inbox is closed when everything that has come is in it."""
        if not self._stopped.is_set():
            self._stopped.set()
            if self._wake is not None:
                try:
                    self._wake.send(b"\0")
                except OSError:  # it has ended by itself
                    pass

    def join(self, wait_s: float) -> bool:
        """Wait for the end; False when it does not come in time."""
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    # ------------------------------------------------------------------ in the thread

    def _work(self) -> None:
        for number, listener in enumerate(self.listeners):
            listener.socket.setblocking(False)
            self._selector.register(listener.socket, selectors.EVENT_READ, number)
        self._selector.register(self._woken, selectors.EVENT_READ, None)
        try:
            hungry: set[int | Connection] = set()
            looked_us = self._clock_us()
            while not self._stopped.is_set():
                if self._inbox.full:
                    self._inbox.wait_for_room(_WAIT_S)
                    continue
                ready = self._ready(0 if hungry else _WAIT_S)
                received, hungry = self._round({*ready, *hungry})
                now_us = self._clock_us()
                if now_us - looked_us > 1_000_000:
                    looked_us = now_us
                    self._drop_overdue(now_us)
                if received >= BUSY_PACKETS and not hungry:
                    time.sleep(REST_S)
            for _ in range(_LAST_ROUNDS):
                received, hungry = self._round({*self._ready(0), *hungry})
                if not received and not hungry:
                    break
        finally:
            for connection in list(self._open):
                self._end(connection)
            for listener in self.listeners:
                listener.dropped()
                listener.socket.close()
            self._selector.close()
            if self._wake is not None:
                self._wake.close()
            self._woken.close()
            self._inbox.close()

    def _ready(self, wait_s: float) -> Iterable[int | Connection]:
        return [key.data for key, _ in self._selector.select(wait_s) if key.data is not None]

    def _round(self, ready: Iterable[int | Connection]) -> tuple[int, set[int | Connection]]:
        """Take what is there; return how many packets, and who may have more at once."""
        received = 0
        hungry: set[int | Connection] = set()
        for one in ready:
            if isinstance(one, Connection):
                count, more = self._read(one)
            elif self.listeners[one].stream:
                count, more = 0, self._accept(one)
            else:
                count, more = self._scoop_up(one)
            received += count
            if more:
                hungry.add(one)
        return received, hungry

    def _scoop_up(self, number: int) -> tuple[int, bool]:
        listener = self.listeners[number]
        tap = listener.tap
        if listener.broken is not None:
            return 0, False
        try:
            found = self._scoop.take(listener.socket, stamped=tap is not None and tap.stamped)
        except OSError as fault:
            self._break(listener, fault)
            return 0, False
        if found.datagrams:
            self._inbox.put(Batch(number, self._clock_us(), found.datagrams, found.peers, found.stamps_us))
        return len(found.datagrams), found.more

    def _break(self, listener: Listener, fault: OSError) -> None:
        detail = f"expected to receive here, the system says: {fault.strerror or fault}"
        listener.broken = Problem("drivers-hep-broken", detail, where=listener.name)
        self._selector.unregister(listener.socket)

    def _accept(self, number: int) -> bool:
        listener = self.listeners[number]
        try:
            opened, address = listener.socket.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return False
        except OSError as fault:
            if len(self._open) >= MAX_CONNECTIONS // 2:  # no more files: the next round may find some closed
                listener.tally.note("connection-refused")
                time.sleep(REST_S)
            else:
                self._break(listener, fault)
            return False
        if len(self._open) >= MAX_CONNECTIONS:
            listener.tally.note("connection-refused")
            opened.close()
            return True
        opened.setblocking(False)
        peer = socket.inet_pton(opened.family, address[0].partition("%")[0])
        if listener.tls is not None:
            try:
                opened = listener.tls.wrap_socket(opened, server_side=True, do_handshake_on_connect=False)
            except OSError:  # it has gone already
                listener.tally.note("handshake-failed")
                opened.close()
                return True
        listener.tally.note("connection")
        listener.connections += 1
        connection = Connection(opened, peer, listener.tally, self._clock_us())
        self._open[connection] = number
        self._selector.register(opened, selectors.EVENT_READ, connection)
        return True

    def _read(self, connection: Connection) -> tuple[int, bool]:
        number = self._open.get(connection)
        if number is None:
            return 0, False
        packets, goes_on, more = connection.ready()
        if packets:
            self._inbox.put(Batch(number, self._clock_us(), packets, (connection.peer,)))
        if not goes_on:
            self._end(connection)
            return len(packets), False
        interest = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.writes else 0)
        self._selector.modify(connection.socket, interest, connection)
        return len(packets), more

    def _drop_overdue(self, now_us: int) -> None:
        for connection, number in list(self._open.items()):
            if connection.overdue(now_us):
                self.listeners[number].tally.note("handshake-failed")
                self._end(connection)

    def _end(self, connection: Connection) -> None:
        self.listeners[self._open.pop(connection)].connections -= 1
        self._selector.unregister(connection.socket)
        connection.close()
