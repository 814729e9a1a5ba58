"""Datagrams taken many at a time, and one by one: the same."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from ringthrough.drivers.scoop import Scoop

HERE = bytes((127, 0, 0, 1))
LOOP = bytes(15) + b"\1"
FAMILIES = {"v4": (socket.AF_INET, "127.0.0.1", HERE), "v6": (socket.AF_INET6, "::1", LOOP)}


@pytest.fixture(params=["many", "one by one"])
def scoop(request: pytest.FixtureRequest) -> Scoop:
    return Scoop(many=request.param == "many")


@pytest.fixture(params=FAMILIES, ids=str)
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[socket.socket, socket.socket, bytes]]:
    family, address, octets = FAMILIES[request.param]
    with (
        closing(socket.socket(family, socket.SOCK_DGRAM)) as one,
        closing(socket.socket(family, socket.SOCK_DGRAM)) as two,
    ):
        try:
            one.bind((address, 0))
        except OSError:
            pytest.skip(f"no {request.param} on this host")
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        one.setblocking(False)
        two.connect(one.getsockname())
        yield one, two, octets


def test_all_that_waits_in_order(scoop: Scoop, pair: tuple[socket.socket, socket.socket, bytes]) -> None:
    one, two, peer = pair
    sent = [b"", b"x", b"y" * 1_472, b"z" * 65_507 if one.family == socket.AF_INET else b"z" * 65_000]
    for data in sent:
        two.send(data)

    found = scoop.take(one)

    assert found.datagrams == sent
    assert found.peers == [peer] * 4
    assert (found.stamps_us, found.more) == ([], False)
    assert scoop.take(one).datagrams == []


def test_more_than_fit_at_once(scoop: Scoop, pair: tuple[socket.socket, socket.socket, bytes]) -> None:
    one, two, _peer = pair
    for number in range(300):
        two.send(b"%d" % number)

    first, second = scoop.take(one), scoop.take(one)

    assert (first.more, second.more) == (True, False)
    assert first.datagrams + second.datagrams == [b"%d" % number for number in range(300)]


def test_an_ipv4_sender_at_an_ipv6_socket(scoop: Scoop) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("no dual stack on this host")
    with closing(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)) as one:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        one.bind(("::", 0))
        one.setblocking(False)
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as two:
            two.sendto(b"x", ("127.0.0.1", one.getsockname()[1]))
        assert scoop.take(one).peers == [HERE]


def test_the_system_says_when(pair: tuple[socket.socket, socket.socket, bytes]) -> None:
    one, two, _peer = pair
    if sys.platform != "linux":
        pytest.skip("needs Linux")
    one.setsockopt(socket.SOL_SOCKET, 35, 1)
    two.send(b"x")
    two.send(b"y")

    first, second = Scoop().take(one, stamped=True).stamps_us

    assert 1_700_000_000_000_000 < first <= second < first + 60_000_000


def test_a_broken_socket(scoop: Scoop) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.setblocking(False)
        with pytest.raises(OSError, match="not connected"):
            scoop.take(listening)
