"""
Taps: the packets of an interface of this host, as a capture program sees them.

Facts
- Linux gives whole frames to a packet socket (`packet(7)`), for which root or the capability CAP_NET_RAW is needed.
- A filter in the kernel leaves audio out: RTP is ten to a hundred times as much as signalling, and would only be
  counted. It drops what the reader of captures would call RTP or RTCP at first sight: UDP over IPv4, in one piece,
  whose first octet begins with the bits 10.
- On the loopback interface every packet passes twice, out and in again; the first is left out.
"""

from __future__ import annotations

import ctypes
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any

from ringthrough.errors import BackendError, Problem

__all__ = ["Tap", "open_tap"]

_EVERYTHING = 0x0003  # ETH_P_ALL
_SOL_PACKET, _PACKET_STATISTICS, _PACKET_IGNORE_OUTGOING = 263, 6, 23
_SO_ATTACH_FILTER, _SO_TIMESTAMPNS, _SO_RCVBUFFORCE = 26, 35, 33
_ARPHRD_ETHER, _ARPHRD_LOOPBACK, _ARPHRD_PPP, _ARPHRD_NONE, _ARPHRD_RAWIP = 1, 772, 512, 65534, 519
_ETHERNET, _RAW_IP = 1, 101
_LINKS = {
    _ARPHRD_ETHER: _ETHERNET, _ARPHRD_LOOPBACK: _ETHERNET, _ARPHRD_NONE: _RAW_IP, _ARPHRD_RAWIP: _RAW_IP,
    _ARPHRD_PPP: _RAW_IP,
}  # fmt: skip

# bpf(4): code, jump if true, jump if false, constant.
_NO_AUDIO = (
    (0x28, 0, 0, 12),  # EtherType
    (0x15, 0, 9, 0x0800),  # IPv4?
    (0x30, 0, 0, 23),  # protocol
    (0x15, 0, 7, 17),  # UDP?
    (0x28, 0, 0, 20),  # flags and offset of the fragment
    (0x45, 5, 0, 0x3FFF),  # a fragment?
    (0xB1, 0, 0, 14),  # length of the IPv4 header
    (0x50, 0, 0, 22),  # first octet behind the UDP header
    (0x54, 0, 0, 0xC0),
    (0x15, 0, 1, 0x80),  # begins with the bits 10?
    (0x06, 0, 0, 0),  # leave it out
    (0x06, 0, 0, 0x40000),  # take all of it
)


class Tap:
    """An interface that is being listened to. Made by `open_tap`."""

    def __init__(self, opened: socket.socket, interface: str, link: int, *, stamped: bool) -> None:
        self.socket = opened
        self.interface = interface
        self.link = link
        "Link type of its frames, as captures number them."
        self.stamped = stamped
        "The system says when it received each frame."
        self._dropped = 0

    def dropped(self) -> int | None:
        """Frames that the system threw away so far, because they came faster than they were taken."""
        try:
            _packets, drops = struct.unpack("II", self.socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))
        except OSError:
            return None
        self._dropped += drops  # reading sets the count back
        return self._dropped

    def close(self) -> None:
        """Let go of it."""
        self.socket.close()


def open_tap(interface: str, *, buffer_bytes: int, new_socket: Callable[..., Any] = socket.socket) -> Tap:
    """
    Tap an interface of this host.

    Args:
        interface: its name, such as `eth0`.
        buffer_bytes: what the system may keep until it is taken.
        new_socket: makes the packet socket.

    Raises:
        BackendError: not permitted (the text names the capability), no such interface, a link type that is not known,
            or not Linux.
    """
    where = f"interface {interface}"
    if sys.platform != "linux" and new_socket is socket.socket:
        detail = f"expected Linux, found {sys.platform}: write a capture there and diagnose it"
        raise BackendError(Problem("drivers-hep-tap-system", detail, where=where))
    family = getattr(socket, "AF_PACKET", 17)
    try:
        opened = new_socket(family, socket.SOCK_RAW, 0)  # nothing yet: it is not bound, and has no filter
    except PermissionError as fault:
        detail = (
            "expected the capability CAP_NET_RAW, found none: run as root, or give it to the interpreter "
            f"(setcap cap_net_raw+ep {sys.executable})"
        )
        raise BackendError(Problem("drivers-hep-tap-permission", detail, where=where)) from fault
    try:
        made = _prepared(opened, interface, buffer_bytes)
    except OSError as fault:
        opened.close()
        detail = f"expected an interface that can be tapped, the system says: {fault.strerror or fault}"
        raise BackendError(Problem("drivers-hep-tap", detail, where=where)) from fault
    if made is None:
        kind = opened.getsockname()[3]
        opened.close()
        detail = f"expected an interface with Ethernet or plain IP, found link type {kind} of Linux"
        raise BackendError(Problem("drivers-hep-tap", detail, where=where))
    return made


def _prepared(opened: socket.socket, interface: str, buffer_bytes: int) -> Tap | None:
    opened.setblocking(False)
    for option in (socket.SO_RCVBUF, _SO_RCVBUFFORCE):
        try:
            opened.setsockopt(socket.SOL_SOCKET, option, buffer_bytes)
        except OSError:  # without CAP_NET_ADMIN the system's limit (net.core.rmem_max) stands
            pass
    opened.bind((interface, 0))
    link = _LINKS.get(opened.getsockname()[3])
    if link is None:
        return None
    if opened.getsockname()[3] == _ARPHRD_LOOPBACK:
        try:
            opened.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
        except OSError:  # before Linux 4.20 both are seen; the second counts as a mirror's copy
            pass
    stamped = True
    try:
        opened.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    except OSError:
        stamped = False
    if link == _ETHERNET:
        steps = b"".join(struct.pack("HBBI", *step) for step in _NO_AUDIO)
        program = ctypes.create_string_buffer(steps)
        pointer = struct.pack("HP", len(_NO_AUDIO), ctypes.addressof(program))
        opened.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, pointer)
    opened.bind((interface, _EVERYTHING))
    return Tap(opened, interface, link, stamped=stamped)
