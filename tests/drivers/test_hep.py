"""Listening on real sockets of this host: UDP, TCP, TLS, and all at once."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509

from ringthrough.drivers import hep, hep_streams
from ringthrough.drivers.hep import Listener, Receiver, listen_tcp, listen_udp, tls_context
from ringthrough.drivers.inbox import Batch, Inbox
from ringthrough.drivers.scoop import Scoop, Scooped
from ringthrough.errors import BackendError

from .conftest import WebAuthority
from .hep_sender import call_messages, packet, send_datagrams

HERE = ("127.0.0.1", 0)
PACKETS = [packet(message) for message in call_messages("one", 1_780_272_000_000_000)]
PEER = bytes((127, 0, 0, 1))
WAIT_S = 30


def address_of(listener: Listener) -> tuple[str, int]:
    host, port, *_ = listener.socket.getsockname()
    return host, port


@contextmanager
def receiving(*listeners: Listener, room_bytes: int = 1 << 20, **how: object) -> Iterator[Callable[[int], list[Batch]]]:
    """Receive; the function waits until so many packets have come."""
    inbox = Inbox(room_bytes)
    receiver = Receiver(listeners, inbox, **how)
    receiver.start()
    taken: list[Batch] = []

    def wait_for(packets: int) -> list[Batch]:
        while sum(len(batch.packets) for batch in taken) < packets:
            batch = inbox.take(WAIT_S)
            assert batch is not None, f"{taken} and no more"
            taken.append(batch)
        return taken

    try:
        yield wait_for
    finally:
        receiver.stop()
        receiver.stop()  # twice does no harm
        while not inbox.closed:
            inbox.take(0.1)
        assert receiver.join(WAIT_S)


def sent_over(listener: Listener, data: bytes, context: ssl.SSLContext | None = None) -> socket.socket:
    opened: socket.socket = socket.create_connection(address_of(listener), WAIT_S)
    try:
        if context is not None:
            opened = context.wrap_socket(opened, server_hostname="localhost")
        opened.sendall(data)
    except OSError:
        opened.close()
        raise
    return opened


def packets_of(batches: Sequence[Batch]) -> list[bytes]:
    return [data for batch in batches for data in batch.packets]


def test_datagrams() -> None:
    listener = listen_udp(*HERE, buffer_bytes=1 << 20)
    assert listener.name == f"udp:127.0.0.1:{address_of(listener)[1]}"
    with receiving(listener, clock_us=lambda: 77) as wait_for:
        send_datagrams([*PACKETS, b"", b"hello"], address_of(listener))
        batches = wait_for(6)
        assert packets_of(batches) == [*PACKETS, b"", b"hello"]
        assert {peer for batch in batches for peer in batch.peers} == {PEER}
        assert {(batch.source, batch.arrived_us) for batch in batches} == {(0, 77)}
        assert listener.dropped() in (0, None)
    assert listener.dropped() == 0


def test_more_datagrams_than_a_moment_brings() -> None:
    listener = listen_udp(*HERE, buffer_bytes=4 << 20)
    with receiving(listener) as wait_for:
        for _ in range(20):
            send_datagrams([b"%d" % n for n in range(50)], address_of(listener))
        assert packets_of(wait_for(1_000)) == [b"%d" % n for n in range(50)] * 20


def test_every_address_of_the_host() -> None:
    listener = listen_udp("", 0, buffer_bytes=1 << 20)
    with receiving(listener) as wait_for:
        send_datagrams([b"four"], ("127.0.0.1", address_of(listener)[1]))
        assert packets_of(wait_for(1)) == [b"four"]
        if socket.has_dualstack_ipv6():
            send_datagrams([b"six"], ("::1", address_of(listener)[1]))
            assert packets_of(wait_for(2)) == [b"four", b"six"]


def test_a_connection() -> None:
    listener = listen_tcp(*HERE)
    with receiving(listener) as wait_for:
        stream = b"".join(PACKETS)
        with sent_over(listener, stream[:300]) as opened:
            opened.sendall(stream[300:] + b"\r\n\r\n")
            batches = wait_for(4)
            assert packets_of(batches) == PACKETS
            assert {tuple(batch.peers) for batch in batches} == {(PEER,)}
            assert (listener.connections, listener.tally.notes) == (1, {"connection": 1})
    assert listener.connections == 0


def test_several_listeners_and_connections_at_once() -> None:
    udp, tcp, other = listen_udp(*HERE, buffer_bytes=1 << 20), listen_tcp(*HERE), listen_tcp(*HERE)
    with receiving(udp, tcp, other) as wait_for:
        opened = [sent_over(listener, PACKETS[n]) for n, listener in enumerate((tcp, tcp, other))]
        send_datagrams(PACKETS[3:], address_of(udp))
        batches = wait_for(4)
        assert sorted((batch.source, data) for batch in batches for data in batch.packets) == [
            (0, PACKETS[3]), *sorted((1, data) for data in PACKETS[:2]), (2, PACKETS[2])
        ]  # fmt: skip
        for one in opened:
            one.close()


def test_what_has_come_before_the_end_is_taken() -> None:
    udp, tcp = listen_udp(*HERE, buffer_bytes=4 << 20), listen_tcp(*HERE)
    inbox = Inbox(1 << 20)
    receiver = Receiver((udp, tcp), inbox)
    for _ in range(100):
        send_datagrams(PACKETS, address_of(udp))
    with sent_over(tcp, b"".join(PACKETS * 100)):
        receiver.stop()
        receiver.start()
        assert receiver.join(WAIT_S)
    found: dict[int, int] = {}
    while (batch := inbox.take(0)) is not None:
        found[batch.source] = found.get(batch.source, 0) + len(batch.packets)
    assert found == {0: 400, 1: 400}
    assert inbox.closed


def test_a_full_inbox_pauses_receiving_and_loses_nothing() -> None:
    listener = listen_tcp(*HERE)
    with receiving(listener, room_bytes=1) as wait_for, sent_over(listener, PACKETS[0]) as opened:
        wait_for(1)
        for _ in range(3):
            opened.sendall(b"".join(PACKETS))
        assert packets_of(wait_for(13)) == [PACKETS[0], *PACKETS * 3]


def test_the_system_counts_what_nobody_takes() -> None:
    listener = listen_udp(*HERE, buffer_bytes=1)
    with listener.socket:
        before = listener.dropped()
        if before is None:
            pytest.skip("this system does not say")
        send_datagrams([bytes(1_000)] * 200, address_of(listener))
        dropped = listener.dropped()
        assert dropped is not None
        taken = 0
        scoop = Scoop()
        while found := scoop.take(listener.socket).datagrams:
            taken += len(found)
        assert (before, dropped + taken) == (0, 200)
        assert dropped > 0
    assert listener.dropped() == dropped


# ------------------------------------------------------------------ connections that fail


def wait_for_note(listener: Listener, note: str, wait_for: Callable[[int], list[Batch]], udp: Listener) -> int:
    """How often something was noted, as soon as it was: rounds of the receiver are counted by datagrams."""
    rounds = sum(len(batch.packets) for batch in wait_for(0))
    for number in range(1, 10_000):
        if note in listener.tally.notes and not listener.connections:
            return listener.tally.notes[note]
        send_datagrams([b"round"], address_of(udp))
        wait_for(rounds + number)
    raise AssertionError(f"no {note}: {listener.tally.notes}")


@pytest.fixture
def beat() -> Listener:
    return listen_udp(*HERE, buffer_bytes=1 << 20)


def test_a_connection_that_breaks_in_a_packet(beat: Listener) -> None:
    listener = listen_tcp(*HERE)
    with receiving(beat, listener) as wait_for:
        sent_over(listener, PACKETS[0][:-1]).close()
        assert wait_for_note(listener, "connection-broken", wait_for, beat) == 1


def test_a_connection_of_something_else(beat: Listener) -> None:
    listener = listen_tcp(*HERE)
    with (
        receiving(beat, listener) as wait_for,
        sent_over(listener, b"x" * (hep_streams.PATIENCE_BYTES + 100)) as opened,
    ):
        assert wait_for_note(listener, "connection-not-hep", wait_for, beat) == 1
        assert listener.tally.notes["stream-lost-bytes"] >= hep_streams.PATIENCE_BYTES
        try:
            assert opened.recv(1) == b""
        except ConnectionResetError:  # what it had sent was not read to its end
            pass


def test_more_connections_than_allowed(beat: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hep, "MAX_CONNECTIONS", 1)
    listener = listen_tcp(*HERE)
    with receiving(beat, listener) as wait_for, sent_over(listener, PACKETS[0]) as first:
        wait_for(1)
        with socket.create_connection(address_of(listener), WAIT_S) as second:
            assert second.recv(1) == b""
        assert listener.tally.notes["connection-refused"] == 1
        first.sendall(PACKETS[1])
        assert PACKETS[1] in packets_of(wait_for(2))


def broken_accept(fault: OSError) -> type:
    class Broken(socket.socket):
        def accept(self) -> tuple[socket.socket, object]:
            raise fault

    return Broken


def test_a_listener_that_breaks_does_not_end_the_others(beat: Listener) -> None:
    listener = listen_tcp(*HERE)
    broken = broken_accept(OSError(errno.ENETDOWN, "Network is down"))
    listener.socket = broken(fileno=listener.socket.detach())
    with receiving(beat, listener) as wait_for, socket.create_connection(address_of(listener), WAIT_S):
        rounds = 0
        while listener.broken is None:
            send_datagrams([b"round"], address_of(beat))
            rounds += 1
            wait_for(rounds)
    assert listener.broken.code == "drivers-hep-broken"
    assert "Network is down" in str(listener.broken)


def test_no_more_files_for_connections(beat: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hep, "MAX_CONNECTIONS", 0)
    listener = listen_tcp(*HERE)
    listener.socket = broken_accept(OSError(errno.EMFILE, "Too many open files"))(fileno=listener.socket.detach())
    with receiving(beat, listener) as wait_for, socket.create_connection(address_of(listener), WAIT_S):
        rounds = 0
        while "connection-refused" not in listener.tally.notes:
            send_datagrams([b"round"], address_of(beat))
            rounds += 1
            wait_for(rounds)
    assert listener.broken is None


class BreakingScoop(Scoop):
    """Takes datagrams until the system says no."""

    def take(self, source: socket.socket, *, stamped: bool = False) -> Scooped:
        raise OSError(errno.ENETDOWN, "Network is down")


def test_a_broken_datagram_socket() -> None:
    udp, tcp = listen_udp(*HERE, buffer_bytes=1 << 20), listen_tcp(*HERE)
    with receiving(udp, tcp, scoop=BreakingScoop()) as wait_for:
        send_datagrams([b"x"], address_of(udp))
        with sent_over(tcp, PACKETS[0]):
            assert packets_of(wait_for(1)) == PACKETS[:1]
            send_datagrams([b"x"], address_of(udp))
    assert udp.broken is not None


# ------------------------------------------------------------------ TLS


class Files:
    """Certificate and key of a server and of an agent, in one file each."""

    def __init__(self, web: WebAuthority, folder: Path) -> None:
        self.server = self._made(web, x509.DNSName("localhost"))
        self.agent = self._made(web, x509.DNSName("agent"))
        self.authority = str(folder / "authority.pem")
        Path(self.authority).write_bytes(web.chain()[web.chain().rindex(b"-----BEGIN") :])

    @staticmethod
    def _made(web: WebAuthority, name: x509.GeneralName) -> str:
        before = set(web._folder.iterdir())
        web.server(name)
        (path,) = set(web._folder.iterdir()) - before
        return str(path)


@pytest.fixture
def files(web: WebAuthority, tmp_path: Path) -> Files:
    return Files(web, tmp_path)


def test_tls(files: Files, web: WebAuthority) -> None:
    listener = listen_tcp(*HERE, tls=tls_context(files.server, files.server))
    assert listener.name.startswith("tls:127.0.0.1:")
    stream = b"".join(PACKETS * 200)
    with receiving(listener) as wait_for, sent_over(listener, stream, web.client):
        assert packets_of(wait_for(800)) == PACKETS * 200


def test_tls_with_certificates_of_agents(files: Files, web: WebAuthority, beat: Listener) -> None:
    listener = listen_tcp(*HERE, tls=tls_context(files.server, files.server, clients=files.authority))
    context = ssl.create_default_context(cafile=files.authority)
    context.load_cert_chain(files.agent)
    with receiving(beat, listener) as wait_for:
        with sent_over(listener, PACKETS[0], context):
            assert packets_of(wait_for(1)) == PACKETS[:1]
        with pytest.raises(OSError), sent_over(listener, PACKETS[1], web.client) as opened:
            opened.recv(1)
        assert wait_for_note(listener, "handshake-failed", wait_for, beat) == 1
        assert PACKETS[1] not in packets_of(wait_for(1))


def test_something_else_than_tls(files: Files, beat: Listener) -> None:
    listener = listen_tcp(*HERE, tls=tls_context(files.server, files.server))
    with receiving(beat, listener) as wait_for, sent_over(listener, PACKETS[0]):
        assert wait_for_note(listener, "handshake-failed", wait_for, beat) == 1


def test_tls_that_never_begins(files: Files, beat: Listener) -> None:
    listener = listen_tcp(*HERE, tls=tls_context(files.server, files.server))
    times = iter(range(1_000_000, 10**15, 2_000_000))  # two seconds pass at every look
    with (
        receiving(beat, listener, clock_us=lambda: next(times)) as wait_for,
        socket.create_connection(address_of(listener), WAIT_S),
    ):
        assert wait_for_note(listener, "handshake-failed", wait_for, beat) == 1


WRONG = ["missing", "no-pem", "swapped", "encrypted"]


@pytest.mark.parametrize("how", WRONG)
def test_certificates_that_cannot_be_used(how: str, files: Files, tmp_path: Path) -> None:
    text = tmp_path / "text.pem"
    text.write_text("hello")
    given = {
        "missing": (str(tmp_path / "none.pem"), files.server, None),
        "no-pem": (str(text), str(text), None),
        "swapped": (files.server, files.agent, None),
        "encrypted": (files.server, files.server, str(text)),
    }[how]
    with pytest.raises(BackendError) as caught:
        tls_context(given[0], given[1], clients=given[2])
    assert caught.value.problem.code == "drivers-hep-certificate"


# ------------------------------------------------------------------ addresses


def test_an_address_that_is_taken() -> None:
    with listen_udp(*HERE, buffer_bytes=1 << 20).socket as taken, pytest.raises(BackendError) as caught:
        listen_udp("127.0.0.1", taken.getsockname()[1], buffer_bytes=1 << 20)
    assert caught.value.problem.code == "drivers-hep-bind"
    assert f"udp:127.0.0.1:{taken and caught.value.problem.where.rpartition(':')[2]}" == caught.value.problem.where


@pytest.mark.parametrize("host", ["192.0.2.77", "x" * 70 + ".example", "2001:db8::77"])
def test_an_address_that_is_not_ours(host: str) -> None:
    with pytest.raises(BackendError) as caught:
        listen_tcp(host, 0)
    assert caught.value.problem.code == "drivers-hep-bind"


def test_ipv6_alone_when_it_is_named() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 on this host")
    try:
        listener = listen_tcp("::1", 0)
    except BackendError as fault:
        pytest.skip(str(fault))
    with listener.socket:
        assert listener.name == f"tcp:[::1]:{address_of(listener)[1]}"
        assert listener.dropped() == 0
