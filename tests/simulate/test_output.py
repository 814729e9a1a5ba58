from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import dpkt
import pytest

from ringthrough.calls.schema import VERDICTS
from ringthrough.errors import LocalError
from ringthrough.simulate import EVERYTHING, FORMATS, PROBLEMS, SHAPES, CallTruth, Counts, simulate, write
from tests.simulate.making import DAY_S, SHAPE_NAMES, START_US


def made(shape: str = "ethernet", **more: Any) -> tuple[bytes, str, Counts]:
    capture, truth = io.BytesIO(), io.StringIO()
    arguments = {"mix": EVERYTHING, "calls": 130, "start_us": START_US, "duration_s": DAY_S, **more}
    counts = simulate(Random(9), capture, shape=shape, truth=truth, facts={"seed": 9}, **arguments)
    return capture.getvalue(), truth.getvalue(), counts


def tshark(path: Path, *arguments: str) -> list[str]:
    program = shutil.which("tshark")
    if program is None:
        if os.environ.get("RINGTHROUGH_FULL") == "1":
            pytest.fail("tshark is not installed, and RINGTHROUGH_FULL=1 asks for every test")
        pytest.skip("tshark is not installed")
    done = subprocess.run(
        [program, "-n", "-r", str(path), *arguments], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPE_NAMES)
def test_tshark_counts_as_many_messages_as_the_truth(shape: str, tmp_path: Path) -> None:
    octets, truth, counts = made(shape)
    path = tmp_path / "one.pcap"
    path.write_bytes(octets)
    totals = json.loads(truth.splitlines()[-1])
    assert totals["messages"] == counts.messages > 900
    if shape == "hep3":
        # Debian's tshark has no dissector for HEP: count the packets and look at what they hold.
        lines = tshark(path, "-Y", 'udp.dstport==9060 && udp.payload[0:4]=="HEP3"', "-T", "fields", "-e", "udp.payload")
        held = [bytes.fromhex(line.replace(":", "")) for line in lines]
        assert sum(b" SIP/2.0\r\n" in one or b"SIP/2.0 " in one for one in held) == counts.messages
        return
    lines = tshark(
        path,
        *("-o", "tcp.desegment_tcp_streams:TRUE", "-o", "tcp.reassemble_out_of_order:TRUE"),
        *("-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE"),
        *("-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,"),
        *("-e", "sip.Method", "-e", "sip.Status-Code"),
        *("-e", "ip.checksum.status", "-e", "udp.checksum.status", "-e", "tcp.checksum.status"),
    )
    rows = [line.split("\t") for line in lines]
    assert len(rows) == counts.packets
    assert sum(len(column.split(",")) for row in rows for column in row[:2] if column) == counts.messages
    statuses = {status for row in rows for column in row[2:] for status in column.split(",")}
    assert "0" not in statuses, "a checksum is wrong"


@pytest.mark.parametrize("shape", SHAPE_NAMES)
def test_every_shape_is_written_the_same_again(shape: str) -> None:
    assert made(shape, calls=15) == made(shape, calls=15)


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_holds_the_same_packets(format_: str) -> None:
    octets, _, counts = made(calls=15, format=format_)
    reader = dpkt.pcapng.Reader if format_ == "pcapng" else dpkt.pcap.Reader
    records = list(reader(io.BytesIO(octets)))
    plain = list(dpkt.pcap.Reader(io.BytesIO(made(calls=15)[0])))
    assert len(records) == counts.packets
    assert [data for _, data in records] == [data for _, data in plain]
    assert all(abs(float(a) - float(b)) < 2e-6 for (a, _), (b, _) in zip(records, plain, strict=True))


def test_the_truth_file_has_a_header_a_line_for_each_call_and_totals() -> None:
    _, truth, counts = made()
    header, *calls, totals = (json.loads(line) for line in truth.splitlines())
    assert (header["type"], header["seed"], header["mix"]) == ("header", 9, "everything")
    assert header["own"] == ["192.0.2.0/24"]
    assert totals == {"type": "totals", **counts._asdict()}
    assert len(calls) == counts.calls + counts.scanners
    assert sum(call["kind"] == "call" for call in calls) == counts.calls == 130
    names = set(CallTruth("x").__slots__)
    for call in calls:
        assert call.pop("type") == "call"
        assert set(call) == names
        assert call["verdict"] in VERDICTS
        assert call["kind"] in ("call", "scanner")
        assert call["call_id"]
        assert isinstance(call["explicit"], bool)
        assert set(call["contact"]) <= {"url", "tel", "email", "id"}
    assert len({call["call_id"] for call in calls}) == len(calls)


def test_nobody_needs_the_truth() -> None:
    capture = io.BytesIO()
    arguments = {"mix": EVERYTHING, "calls": 3, "start_us": START_US, "duration_s": 600.0}
    counts = simulate(Random(1), capture, **arguments)  # type: ignore[arg-type]
    assert counts.packets > 3
    assert counts.calls == 3


def test_shapes_without_packets_hold_messages_only() -> None:
    for shape in ("hep3", "exported-pdu"):
        _, _, counts = made(shape)
        assert counts.packets == counts.messages


@pytest.mark.parametrize(("what", "code"), [("shape", "simulate-shape"), ("format", "simulate-format")])
def test_unknown_names_are_refused_with_a_list(what: str, code: str) -> None:
    with pytest.raises(LocalError) as caught:
        write([], io.BytesIO(), **{what: "pigeon"})
    assert caught.value.problem.code == code
    assert "pigeon" in str(caught.value)
    assert code in PROBLEMS


def test_bare_datagrams_may_be_written_and_junk_has_no_frame_without_packets() -> None:
    from ringthrough.simulate.datagrams import JUNK, Datagram

    junk = Datagram(START_US, "udp", b"\1\2\3\4", 1, b"\5\6\7\x08", 2, b"\r\n", 0, JUNK)
    assert write([junk], io.BytesIO()) == Counts(1, 0, 60)
    assert write([junk], io.BytesIO(), shape="hep3") == Counts(0, 0, 0)


def test_shapes_say_what_they_are() -> None:
    assert all(shape.says and (shape.frame is None) != (shape.whole is None) for shape in SHAPES.values())
