"""Telling what a file is from its octets."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringthrough.captures import open_capture
from ringthrough.errors import BackendError, RemoteError
from tests.captures.made import Broken, Trickle, interface, packet, pcap_head, pcap_record, section, survives

NO_CAPTURE = [
    ("empty", b"", "captures-empty", "found an empty file"),
    ("text", b"hello\n", "captures-not-a-capture", "found 68 65 6c 6c 6f 0a at offset 0"),
    ("words", b"hello world", "captures-not-a-capture", "found 'hello wo' at offset 0"),
    ("SIP", b"INVITE sip:a@b SIP/2.0\r\n", "captures-not-a-capture", "found text"),
    ("ZIP", b"PK\x03\x04\x14\x00\x00\x00", "captures-not-a-capture", "a ZIP archive: unpack it first"),
    ("snoop", b"snoop\0\0\0\0\0\0\2", "captures-not-a-capture", "a snoop file: convert it with editcap"),
    ("web page", b"<!DOCTYPE html>", "captures-not-a-capture", "a web page"),
    ("binary", b"\x00\x01\xfe\xff", "captures-not-a-capture", "found 00 01 fe ff"),
    (
        "gzip of text",
        gzip.compress(b"hello world"),
        "captures-not-a-capture",
        "found 'hello wo' at offset 0 (inside gzip)",
    ),
    ("pcap, cut", pcap_head()[:10], "captures-cut-header", "24 octets at offset 0, found 10"),
    ("pcapng, cut", section()[:10], "captures-cut-header", "28 octets at offset 0, found 10"),
]


@pytest.mark.parametrize(("label", "octets", "code", "text"), NO_CAPTURE, ids=[row[0] for row in NO_CAPTURE])
def test_not_a_capture(label: str, octets: bytes, code: str, text: str) -> None:
    with pytest.raises(RemoteError) as caught:
        open_capture(io.BytesIO(octets), name="day.pcap")
    assert caught.value.problem.code == code
    assert caught.value.problem.at is not None
    assert str(caught.value).startswith("day.pcap: expected ")
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("octets", "form"),
    [(pcap_head() + pcap_record(b"x"), "pcap"), (section() + interface() + packet(b"x"), "pcapng")],
)
def test_from_a_pipe(octets: bytes, form: str) -> None:
    container = open_capture(Trickle(octets), name="-")
    assert container.format == form
    assert [record.data for record in container] == [b"x"]


def test_unreadable_file() -> None:
    with pytest.raises(BackendError) as caught:
        open_capture(Broken(b""), name="day.pcap")
    assert str(caught.value).startswith("day.pcap: expected more octets at offset 0")


def test_counts_are_those_of_tshark(shared: Path) -> None:
    folder = shared / "data" / "pcap"
    truth = json.loads((folder / "_truth.json").read_text())["files"]
    assert len(truth) > 30
    for name, expected in truth.items():
        with (folder / name).open("rb") as handle:
            container = open_capture(handle, name=name)
            records = list(container)
        assert len(records) == expected["total_packets"], name
        assert container.format == expected["file_type"].replace("nsecpcap", "pcap"), name
        assert [record.frame for record in records] == list(range(1, len(records) + 1))
        assert container.tally.records == len(records)
        assert container.problems == []


def test_packed_files_give_the_same(shared: Path) -> None:
    for name in ("sipnab__sip-over-tcp.pcap", "wireshark__sip.pcapng"):
        octets = (shared / "data" / "pcap" / name).read_bytes()
        plain = list(open_capture(io.BytesIO(octets), name=name))
        assert list(open_capture(io.BytesIO(gzip.compress(octets)), name=name)) == plain


@given(st.binary(max_size=300))
def test_anything_at_all_is_survived(octets: bytes) -> None:
    survives(octets)
