"""The quick way of reading HEP and the careful one agree, whatever agents write."""

from __future__ import annotations

import gzip
import zlib
from struct import pack

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ringthrough.captures.hep import read_hep
from ringthrough.drivers.hep_layout import Layouts

from .hep_sender import call_messages, chunk, old_packet, packet

AT_US = 1_780_272_000_123_456
INVITE, TRYING, FINAL, ACK = call_messages("one", AT_US)
V6 = INVITE._replace(src=bytes(range(16)), dst=bytes(range(16, 32)), transport="tls")
VENDOR = chunk(15, b"not a payload", vendor=2)
CORRELATION, NODE, KEEP = chunk(17, b"one"), chunk(19, b"edge-1"), chunk(13, b"\x00\x3c")


def expected(sighting: object = INVITE, agent: int = 2001) -> tuple[object, ...]:
    return (
        sighting.src, sighting.sport, sighting.dst, sighting.dport, sighting.transport, sighting.at_us, sighting.data,
        agent,
    )  # fmt: skip


def repacked(data: bytes) -> bytes:
    """With the total length that fits."""
    return data[:4] + pack("!H", len(data)) + data[6:]


TWICE = packet(INVITE)[: -len(INVITE.data) - 6] + chunk(12, pack("!I", 7)) + chunk(15, INVITE.data)
PACKED = packet(INVITE)[: -len(INVITE.data) - 6]
READ = [
    ("the order of Kamailio", packet(INVITE), expected()),
    ("an answer", packet(TRYING), expected(TRYING)),
    ("IPv6 and TLS", packet(V6), expected(V6)),
    ("chunks behind, as heplify sends them", packet(INVITE, after=CORRELATION + NODE), expected()),
    ("chunks before, as captagent sends them", packet(INVITE, before=CORRELATION), expected()),
    ("a vendor's chunk of the same number", packet(INVITE, before=VENDOR), expected()),
    ("a keep-alive timer", packet(INVITE, before=KEEP), expected()),
    ("a password nobody asked for", packet(INVITE, password=b"secret"), expected()),
    ("octets behind the packet", packet(INVITE) + b"\0\0\0", expected()),
    ("a chunk behind that says the agent once more", packet(INVITE, after=chunk(12, pack("!I", 7))), expected()),
    ("the agent twice", repacked(TWICE), expected()),
    ("no time", packet(INVITE._replace(at_us=0)), expected(INVITE._replace(at_us=0))),
    ("EEP3", b"EEP3" + packet(INVITE)[4:], expected()),
    ("zlib", repacked(PACKED + chunk(16, zlib.compress(INVITE.data))), expected()),
    ("gzip", repacked(PACKED + chunk(16, gzip.compress(INVITE.data, mtime=0))), expected()),
    ("version 2", old_packet(INVITE), expected(agent=101)),
    ("version 2, IPv6", old_packet(V6), expected(V6._replace(transport="udp"), agent=101)),
    ("version 1", old_packet(INVITE, 1), expected(INVITE._replace(at_us=0), agent=0)),
    ("no payload", repacked(PACKED), "hep-other"),
    ("a keep-alive", repacked(PACKED + KEEP), "keepalive"),
    ("an empty payload", repacked(PACKED + chunk(15, b"")), "hep-other"),
    ("RTCP", packet(INVITE).replace(chunk(11, b"\x01"), chunk(11, b"\x05")), "hep-other"),
    ("a torn packet", packet(INVITE)[:-1], "bad-hep"),
    ("a chunk that is too long", repacked(PACKED + pack("!HHH", 0, 15, 900) + b"x"), "bad-hep"),
    ("text", b"hello there", "not-hep"),
    ("CR LF", b"\r\n\r\n", "keepalive"),
    ("nothing", b"", "keepalive"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "found"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_packets_are_read_the_same_the_second_time(data: bytes, found: object) -> None:
    layouts = Layouts()

    assert [layouts.read(data) for _ in range(3)] == [found] * 3


def test_agents_with_different_layouts_at_once() -> None:
    layouts = Layouts()
    for _ in range(3):
        for _label, data, found in READ:
            assert layouts.read(data) == found
    for number in range(100):  # more layouts than are remembered
        data = packet(INVITE, before=chunk(17, b"x" * number))
        assert layouts.read(data) == expected()


def careful(data: bytes) -> object:
    """What `captures.hep` says, where it says something."""
    found = read_hep(data)
    return found if isinstance(found, str) else tuple(found)


@given(
    st.sampled_from([row[1] for row in READ if row[1][:4] in (b"HEP3", b"EEP3")]),
    st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=3)), max_size=3),
    st.integers(-3, 3),
)
@example(packet(INVITE, after=CORRELATION), [], -2)
def test_what_has_been_learnt_changes_nothing(data: bytes, changes: list[tuple[int, bytes]], more: int) -> None:
    layouts = Layouts()
    layouts.read(packet(INVITE))
    layouts.read(data)
    changed = bytearray(data)
    for at, octets in changes:
        changed[at : at + len(octets)] = octets
    if more < 0:
        del changed[more:]
    changed += b"\0" * max(0, more)
    if bytes(changed[:4]) not in (b"HEP3", b"EEP3"):
        return

    found = layouts.read(bytes(changed))

    plain = careful(bytes(changed))
    if isinstance(found, str):
        assert found == plain or (found, plain) == ("keepalive", "hep-other")
    else:
        assert found[:7] == plain


LET_IN = [
    ("right", packet(INVITE, password=b"secret"), True),
    ("right, behind the payload", packet(INVITE, after=chunk(14, b"secret")), True),
    ("wrong", packet(INVITE, password=b"Secret"), False),
    ("wrong length", packet(INVITE, password=b"secrets"), False),
    ("none", packet(INVITE), False),
    ("none, and no message", repacked(PACKED + KEEP), False),
    ("a vendor's", packet(INVITE, before=chunk(14, b"secret", vendor=3)), False),
    ("version 2, which has no place for one", old_packet(INVITE), False),
]


@pytest.mark.parametrize(("data", "let_in"), [row[1:] for row in LET_IN], ids=[row[0] for row in LET_IN])
def test_password(data: bytes, let_in: bool) -> None:
    layouts = Layouts(b"secret")
    for _ in range(2):
        assert layouts.read(packet(INVITE, password=b"secret")) == expected()
        assert layouts.read(data) == (expected() if let_in else "hep-password")
