from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import dpkt
import pytest

from ringthrough.calls import CUT
from ringthrough.captures import Dissector, PcapWriter, Tally, open_capture
from ringthrough.report.cutout import cut_out, wrap
from ringthrough.report.masking import mask_message

from .messages import BLOCKED, A, B, request, seen

SIX = bytes.fromhex("20010db8000000000000000000000001")


def cut(sightings, **options) -> tuple[bytes, int, list[str]]:
    out = io.BytesIO()
    written, notes = cut_out(sightings, PcapWriter(out), **options)
    return out.getvalue(), written, notes


def test_our_own_reader_gives_the_same_sightings_back() -> None:
    octets, written, notes = cut(reversed(BLOCKED))
    assert (written, notes) == (4, [])
    container = open_capture(io.BytesIO(octets), name="cut")
    dissector = Dissector(file=0, tally=Tally())
    found = [s for rows in container.blocks() for row in rows for s in dissector.feed(*row)]
    assert [(s.at_us, s.src, s.sport, s.dst, s.dport, s.data) for s in found] == [
        (s.at_us, s.src, s.sport, s.dst, s.dport, s.data) for s in BLOCKED
    ]


def test_masked_messages_are_written_masked() -> None:
    octets, _, notes = cut(BLOCKED, masked=True)
    assert mask_message(BLOCKED[0].data) in octets
    assert b"5550123" not in octets
    assert notes == ["numbers and names in the messages are masked; addresses are not"]


def test_what_differs_is_said() -> None:
    odd = [
        seen(1, request(), transport="tcp"),
        seen(2, request(), src=b"", ms=1),
        seen(3, request(body="x" * 70_000), ms=2),
        seen(4, request(), ms=3, flags=CUT),
    ]
    _, written, notes = cut(odd)
    assert written == 4
    assert notes[0].startswith("1 of 4 messages did not travel over UDP")
    assert notes[1].startswith("1 of 4 messages have no known address")
    assert notes[2] == "2 of 4 messages are not all there"


@pytest.mark.parametrize(
    ("src", "dst"), [(A, B), (SIX, SIX), (SIX, B), (b"", B), (A, SIX)], ids=["4", "6", "6to4", "unknown", "4to6"]
)
@pytest.mark.parametrize("size", [0, 1, 2, 63])
def test_an_independent_reader_finds_ports_and_octets(src: bytes, dst: bytes, size: int) -> None:
    data = bytes(range(size))
    frame = dpkt.ethernet.Ethernet(wrap(seen(1, data, src, dst, ident=77, sport=4_000), data))
    assert (frame.data.udp.sport, frame.data.udp.dport, bytes(frame.data.udp.data)) == (4_000, 5_060, data)
    assert frame.data.udp.sum != 0


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
@pytest.mark.slow
def test_tshark_finds_the_call_and_right_checksums(tmp_path: Path) -> None:
    both = [*BLOCKED, *(s._replace(src=SIX, dst=SIX, at_us=s.at_us + 1) for s in BLOCKED)]
    (tmp_path / "cut.pcap").write_bytes(cut(both)[0])
    wanted = ["-e", "sip.Status-Code", "-e", "sip.Method", "-e", "udp.checksum.status", "-e", "ip.checksum.status"]
    told = subprocess.run(
        ["tshark", "-r", str(tmp_path / "cut.pcap"), "-o", "udp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE",
         "-T", "fields", *wanted],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = [line.split("\t") for line in told.stdout.splitlines()]
    pairs = ["INVITE", "INVITE", "100", "100", "603", "603", "ACK", "ACK"]
    assert [line[0] or line[1] for line in lines] == pairs
    assert {line[2] for line in lines} == {"1"}
    assert {line[3] for line in lines} <= {"1", ""}
