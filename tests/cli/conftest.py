"""Captures made by hand, and the command run in this process or in one of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner, Result

from ringthrough.calls import Sighting
from ringthrough.captures import PcapWriter
from ringthrough.cli import cli
from ringthrough.report.cutout import wrap

A, B = b"\xc0\x00\x02\x0a", b"\xc6\x33\x64\x02"
START_US = 1_767_225_600_000_000


class Scene(NamedTuple):
    """One call to be written: who, when, and how it ended."""

    call_id: str
    caller: str = "+12155550123"
    callee: str = "+12125550199"
    second: float = 0.0
    status: str = "603 Network Blocked"
    extra: str = (
        'Reason: SIP;cause=603;text="v=analytics1;url=https://fir.example;tel=+18005550100;id=77";location=RLN\r\n'
    )


def messages(scene: Scene) -> list[Sighting]:
    at = START_US + int(scene.second * 1_000_000)
    number = sum(map(ord, scene.call_id))
    head = (
        f"Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK{scene.call_id}\r\n"
        f"From: <sip:{scene.caller}@192.0.2.10>;tag=f{number}\r\n"
        f"Call-ID: {scene.call_id}\r\n"
    )
    to, to_tag = f"To: <sip:{scene.callee}@198.51.100.2>", f";tag=t{number}"
    end = "Content-Length: 0\r\n\r\n"
    uri = f"sip:{scene.callee}@198.51.100.2"
    invite = f"INVITE {uri} SIP/2.0\r\n{head}{to}\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n{end}"
    trying = f"SIP/2.0 100 Trying\r\n{head}{to}\r\nCSeq: 1 INVITE\r\n{end}"
    final = f"SIP/2.0 {scene.status}\r\n{head}{to}{to_tag}\r\nCSeq: 1 INVITE\r\n{scene.extra}{end}"
    ack = f"ACK {uri} SIP/2.0\r\n{head}{to}{to_tag}\r\nCSeq: 1 ACK\r\nMax-Forwards: 70\r\n{end}"
    made = []
    for ms, src, text in ((0, A, invite), (20, B, trying), (412, B, final), (415, A, ack)):
        dst = B if src == A else A
        made.append(Sighting(at + ms * 1_000, 0, 1, "udp", src, 5060, dst, 5060, text.encode()))
    return made


def write_capture(path: Path, scenes: Iterable[Scene]) -> Path:
    with path.open("wb") as handle:
        writer = PcapWriter(handle)
        for sighting in sorted((m for scene in scenes for m in messages(scene)), key=lambda m: m.at_us):
            writer.write(sighting.at_us, wrap(sighting, sighting.data))
    return path


SCENES = (
    Scene("blocked-1@192.0.2.10"),
    Scene("busy-2@192.0.2.10", caller="+12155550124", second=60, status="486 Busy Here", extra=""),
    Scene("gone-3@192.0.2.10", callee="+12125550177", second=120, status="404 Not Found", extra=""),
    Scene("blocked-4@192.0.2.10", second=180),
)


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    return write_capture(tmp_path / "calls.pcap", SCENES)


@pytest.fixture
def run() -> Callable[..., Result]:
    def invoke(*arguments: object, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(cli, [str(a) for a in arguments], input=stdin, standalone_mode=False)

    return invoke


class Ran(NamedTuple):
    status: int
    out: bytes
    err: str


@pytest.fixture
def process() -> Callable[..., Ran]:
    def start(*arguments: object, stdin: bytes | None = None, **options: object) -> Ran:
        told = subprocess.run(
            [sys.executable, "-m", "ringthrough", *map(str, arguments)], input=stdin or b"", capture_output=True,
            timeout=60, check=False, **options,
        )  # fmt: skip
        return Ran(told.returncode, told.stdout, told.stderr.decode())

    return start
