"""
Datagrams out of a socket, hundreds at a time.

Theory of operation
- On Linux `recvmmsg` takes all that waits with one call of the system. It is called without letting go of the
  interpreter, for it never waits: `socket.recv` lets go at every datagram, and gets it back only when the
  assembling thread has had its turn of 5 ms, which makes 200 datagrams a second of 200,000.
- Elsewhere datagrams are taken one by one.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import sys
from collections.abc import Callable
from struct import Struct, calcsize, pack_into
from typing import NamedTuple

__all__ = ["Scoop", "Scooped"]

_SLOTS = 256
_SLOT_BYTES = 65_536
"A datagram is never larger (RFC 768: 16 bits of length)."
# struct mmsghdr, sockaddr_storage as far as it is used, and one control message, as Linux lays them out with 64 bits.
_HEADER_BYTES, _NAME_BYTES, _CONTROL_BYTES = 64, 32, 64
_LENGTH = "56xI4x"
_STAMP = "16xqq32x"
_NONE_WAITS = frozenset((errno.EAGAIN, errno.EWOULDBLOCK, errno.EINTR, errno.ECONNREFUSED))


class Scooped(NamedTuple):
    """What was taken at one time."""

    datagrams: list[bytes]
    peers: list[bytes]
    "Address of the sender of each, 4 or 16 octets; empty for an interface."
    stamps_us: list[int]
    "When the system received each; empty when it does not say."
    more: bool
    "As many as fit were taken, so there may be more."


class Scoop:
    """
    Takes datagrams out of sockets that do not block. For use by one thread.

    Args:
        many: use `recvmmsg` where it is there.
    """

    def __init__(self, *, many: bool = True) -> None:
        self._call = _recvmmsg() if many else None
        if self._call is None:
            return
        # Kept here, because the system writes into them: 16 MB, of which only what is used takes memory.
        self._slots = bytearray(_SLOTS * _SLOT_BYTES)
        self._names = bytearray(_SLOTS * _NAME_BYTES)
        self._controls = bytearray(_SLOTS * _CONTROL_BYTES)
        self._vectors = bytearray(_SLOTS * 16)
        self._headers = bytearray(_SLOTS * _HEADER_BYTES)
        slots, names, controls, vectors = map(_address, (self._slots, self._names, self._controls, self._vectors))
        for n in range(_SLOTS):
            pack_into("QQ", self._vectors, n * 16, slots + n * _SLOT_BYTES, _SLOT_BYTES)
            place = n * _HEADER_BYTES
            pack_into("QI4xQQQQi4xI4x", self._headers, place, names + n * _NAME_BYTES, _NAME_BYTES, vectors + n * 16, 1,
                      controls + n * _CONTROL_BYTES, _CONTROL_BYTES, 0, 0)  # fmt: skip
        self._fresh = bytes(self._headers)
        self._where = _address(self._headers)
        self._lengths = Struct(_LENGTH * _SLOTS).unpack
        self._stamps = Struct("=" + _STAMP * _SLOTS).unpack
        self._view = memoryview(self._slots)

    def take(self, source: socket.socket, *, stamped: bool = False) -> Scooped:
        """
        Take what waits, up to a few hundred.

        Args:
            source: a datagram or packet socket that does not block.
            stamped: the system was asked to stamp them (SO_TIMESTAMPNS).

        Raises:
            OSError: the socket is broken.
        """
        if self._call is None:
            return _one_by_one(source)
        self._headers[:] = self._fresh  # the system has written lengths into them
        count = self._call(source.fileno(), self._where, _SLOTS, socket.MSG_DONTWAIT, None)
        if count < 0:
            fault = ctypes.get_errno()
            if fault in _NONE_WAITS:
                return Scooped([], [], [], False)
            raise OSError(fault, os.strerror(fault))
        view = self._view
        sizes = self._lengths(self._headers)[:count]
        found = [bytes(view[at : at + size]) for at, size in zip(range(0, count * _SLOT_BYTES, _SLOT_BYTES), sizes,
                                                                   strict=True)]  # fmt: skip
        names, peers = self._names, []
        if source.family == socket.AF_INET:
            peers = [bytes(names[at + 4 : at + 8]) for at in range(0, count * _NAME_BYTES, _NAME_BYTES)]
        elif source.family == socket.AF_INET6:
            peers = [_plain(bytes(names[at + 8 : at + 24])) for at in range(0, count * _NAME_BYTES, _NAME_BYTES)]
        stamps: list[int] = []
        if stamped:
            times = self._stamps(self._controls)
            stamps = [times[2 * n] * 1_000_000 + times[2 * n + 1] // 1_000 for n in range(count)]
        return Scooped(found, peers, stamps, count == _SLOTS)


def _one_by_one(source: socket.socket) -> Scooped:
    found: list[bytes] = []
    peers: list[bytes] = []
    internet = source.family in (socket.AF_INET, socket.AF_INET6)
    for _ in range(_SLOTS):
        try:
            data, peer = source.recvfrom(_SLOT_BYTES)
        except (BlockingIOError, InterruptedError, ConnectionRefusedError):
            return Scooped(found, peers, [], False)
        found.append(data)
        if internet:
            peers.append(_plain(socket.inet_pton(source.family, peer[0].partition("%")[0])))
    return Scooped(found, peers, [], True)


_MAPPED = bytes(10) + b"\xff\xff"


def _plain(address: bytes) -> bytes:
    """Return an IPv4 address that came as IPv6 as what it is (RFC 4291 §2.5.5.2)."""
    return address[12:] if address[:12] == _MAPPED else address


def _address(octets: bytearray) -> int:
    return ctypes.addressof((ctypes.c_char * len(octets)).from_buffer(octets))


def _recvmmsg() -> Callable[..., int] | None:
    """Return the function of the C library, where its structures are laid out as written here."""
    if sys.platform != "linux" or calcsize("P") != 8:
        return None
    library = ctypes.PyDLL(None, use_errno=True)  # PyDLL: without letting go of the interpreter
    function = getattr(library, "recvmmsg", None)
    if function is None:
        return None
    function.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p]
    function.restype = ctypes.c_int
    made: Callable[..., int] = function
    return made
