"""Tapping an interface: with the loopback where that is permitted, with a stand-in for the system where it is not."""

from __future__ import annotations

import errno
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from ringthrough.captures import Dissector, Tally
from ringthrough.drivers.scoop import Scoop
from ringthrough.drivers.tap import Tap, open_tap
from ringthrough.errors import BackendError
from tests.conftest import without_coverage

from .hep_sender import call_messages, send_datagrams

BUFFER = 1 << 20


@pytest.fixture
def loopback() -> Tap:
    if sys.platform != "linux":
        pytest.skip("needs Linux")
    try:
        return open_tap("lo", buffer_bytes=BUFFER)
    except BackendError as fault:
        pytest.skip(str(fault))


def test_the_loopback_gives_each_packet_once_and_no_audio(loopback: Tap) -> None:
    invite = call_messages("tap-one", 0)[0].data
    audio = b"\x80\x00" + bytes(170)
    with closing(loopback), closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as there:
        there.bind(("127.0.0.1", 0))
        send_datagrams([audio, invite, audio, b"the end"], there.getsockname())
        found = []
        scoop = Scoop()
        while not any(b"the end" in frame for frame, _at in found):
            taken = scoop.take(loopback.socket, stamped=loopback.stamped)
            found += zip(taken.datagrams, taken.stamps_us, strict=True)
        mine = [(frame, at_us) for frame, at_us in found if b"tap-one" in frame or audio[-100:] in frame]
        assert loopback.dropped() == 0

    ((frame, at_us),) = mine
    (sighting,) = Dissector(file=0, tally=Tally()).feed(at_us, 1, loopback.link, frame, False)
    assert sighting.data == invite
    assert at_us > 1_700_000_000_000_000


def test_nothing_is_known_of_a_closed_one(loopback: Tap) -> None:
    loopback.close()
    assert loopback.dropped() is None


def test_no_such_interface() -> None:
    with pytest.raises(BackendError, match="no-such-0") as caught:
        open_tap("no-such-0", buffer_bytes=BUFFER, new_socket=system(bind=OSError(errno.ENODEV, "No such device")))
    assert caught.value.problem.code == "drivers-hep-tap"
    assert "No such device" in str(caught.value)


def test_permission_names_the_capability() -> None:
    def refuse(*_arguments: object) -> socket.socket:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    with pytest.raises(BackendError, match="CAP_NET_RAW") as caught:
        open_tap("lo", buffer_bytes=BUFFER, new_socket=refuse)
    assert caught.value.problem.code == "drivers-hep-tap-permission"


def test_other_systems_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(BackendError, match="darwin") as caught:
        open_tap("en0", buffer_bytes=BUFFER)
    assert caught.value.problem.code == "drivers-hep-tap-system"


def test_without_rights_for_real() -> None:
    """A child that has given up its rights, where this process has them to give up."""
    if sys.platform != "linux":
        pytest.skip("needs Linux")
    program = (
        "import os; os.geteuid() or (os.setgid(65534), os.setuid(65534))\n"
        "from ringthrough.drivers.tap import open_tap\n"
        "open_tap('lo', buffer_bytes=4096)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", IMPORTED_FIRST + program], capture_output=True, text=True, timeout=60,
        env=without_coverage(),
    )  # fmt: skip
    assert told.returncode == 1
    assert "CAP_NET_RAW" in told.stderr


IMPORTED_FIRST = "import ringthrough.drivers.tap\n"  # whom the child becomes may not be able to read the source


class System:
    """A packet socket as the system gives it: what each call does is given."""

    def __init__(self, kind: int, faults: dict[str, OSError]) -> None:
        self._kind = kind
        self._faults = faults
        self.options: list[int] = []
        self.closed = False

    def setblocking(self, _flag: bool) -> None:
        pass

    def bind(self, _address: tuple[str, int]) -> None:
        if "bind" in self._faults:
            raise self._faults["bind"]

    def setsockopt(self, _level: int, option: int, _value: object) -> None:
        if f"option {option}" in self._faults:
            raise self._faults[f"option {option}"]
        self.options.append(option)

    def getsockopt(self, _level: int, _option: int, _size: int) -> bytes:
        return b"\x05\0\0\0\x02\0\0\0"

    def getsockname(self) -> tuple[str, int, int, int, bytes]:
        return ("x0", 0, 0, self._kind, b"")

    def close(self) -> None:
        self.closed = True


def system(kind: int = 1, **faults: OSError) -> Callable[..., Any]:
    return lambda *_arguments: System(kind, {name.replace("_", " "): fault for name, fault in faults.items()})


OLD = OSError(errno.ENOPROTOOPT, "Protocol not available")
KINDS = [
    ("ethernet", system(1), 1, True, True),
    ("tunnel", system(65534), 101, True, False),
    ("point to point", system(512), 101, True, False),
    ("loopback", system(772), 1, True, True),
    ("loopback of an old Linux", system(772, option_23=OLD), 1, True, True),
    ("no time stamps", system(1, option_35=OLD), 1, False, True),
    ("no rights for the buffer", system(1, option_33=OLD), 1, True, True),
]


@pytest.mark.parametrize(
    ("new_socket", "link", "stamped", "filtered"), [k[1:] for k in KINDS], ids=[k[0] for k in KINDS]
)
def test_kinds_of_interfaces(new_socket: Callable[..., Any], link: int, stamped: bool, filtered: bool) -> None:
    tap = open_tap("x0", buffer_bytes=BUFFER, new_socket=new_socket)
    assert (tap.link, tap.stamped, tap.interface) == (link, stamped, "x0")
    assert (26 in tap.socket.options) == filtered  # type: ignore[attr-defined]
    assert (tap.dropped(), tap.dropped()) == (2, 4)


def test_an_interface_of_an_unknown_kind() -> None:
    with pytest.raises(BackendError, match="link type 803") as caught:
        open_tap("mon0", buffer_bytes=BUFFER, new_socket=system(803))
    assert caught.value.problem.code == "drivers-hep-tap"
