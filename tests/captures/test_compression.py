"""Unpacking while reading: every kind, several streams, damage, bombs."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.captures import PROBLEMS, open_capture
from ringthrough.captures.compression import InflatedSource, compression_of
from ringthrough.captures.source import FileSource
from ringthrough.errors import RemoteError
from tests.captures.made import Trickle, accounted, codes, damaged, opened, pcap_head, pcap_record, read, survives

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Pack = Callable[[bytes], bytes]
KINDS: list[tuple[str, Pack]] = [
    ("gzip", lambda octets: gzip.compress(octets, mtime=0)),
    ("zstd", zstd.compress),
    ("xz", lzma.compress),
    ("bzip2", bz2.compress),
]
EVERY_KIND = pytest.mark.parametrize(("kind", "pack"), KINDS, ids=[row[0] for row in KINDS])
PLAIN = pcap_head() + b"".join(
    pcap_record(bytes([number % 251]) * (number % 90), at=10**9 + number) for number in range(3000)
)


@EVERY_KIND
def test_every_kind(kind: str, pack: Pack) -> None:
    expected, _ = read(PLAIN)
    records, container = read(pack(PLAIN))
    assert records == expected
    assert container.compression == kind
    assert container.problems == []


@EVERY_KIND
def test_octet_by_octet(kind: str, pack: Pack) -> None:
    expected, _ = read(PLAIN)
    assert list(open_capture(Trickle(pack(PLAIN)), name="x")) == expected


@EVERY_KIND
def test_several_streams_in_a_row(kind: str, pack: Pack) -> None:
    expected, _ = read(PLAIN)
    parts = [PLAIN[at : at + 9_999] for at in range(0, len(PLAIN), 9_999)]
    records, container = read(b"".join(pack(part) for part in parts) + pack(b""))
    assert records == expected
    assert container.problems == []


@EVERY_KIND
def test_octets_after_the_end(kind: str, pack: Pack) -> None:
    records, container = read(pack(PLAIN) + b"garbage")
    assert len(records) == 3000
    assert codes(container) == ["captures-trailing-octets"]
    assert "found 67 61 72" in str(container.problems[0])
    assert container.problems[0].at == len(pack(PLAIN))


@pytest.mark.parametrize(("kind", "pack"), [row for row in KINDS if row[0] in ("gzip", "xz")])
def test_padding_between_and_after_streams(kind: str, pack: Pack) -> None:
    octets = pack(PLAIN[:5_000]) + bytes(8_192) + pack(PLAIN[5_000:]) + bytes(512)
    records, container = read(octets)
    assert len(records) == 3000
    assert container.problems == []


def test_skippable_frame_first() -> None:
    records, container = read(b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd" + zstd.compress(PLAIN))
    assert len(records) == 3000
    assert container.compression == "zstd"
    assert container.problems == []


@EVERY_KIND
def test_cut_file(kind: str, pack: Pack) -> None:
    packed = pack(PLAIN)
    records, container = read(packed[:-7])
    assert codes(container)[0] == "captures-bad-compression"
    assert f"expected more {kind} data at offset {len(packed) - 7}, found the end" in str(container.problems[0])
    assert container.problems[0].where == "made.pcap"
    assert accounted(container, records)


@EVERY_KIND
def test_damage_costs_only_what_comes_after(kind: str, pack: Pack) -> None:
    first, second = PLAIN[:60_000], PLAIN[60_000:]
    packed = bytearray(pack(first) + pack(second))
    middle = len(pack(first)) + len(pack(second)) // 2
    packed[middle : middle + 40] = b"\xa5" * 40
    whole, _ = read(PLAIN)
    records, container = read(bytes(packed))
    sure = len(read(first)[0])
    assert records[:sure] == whole[:sure]
    assert "captures-bad-compression" in codes(container)
    assert accounted(container, records)


def test_wrong_checksum_costs_little() -> None:
    packed = gzip.compress(PLAIN)
    records, container = read(packed[:-8] + bytes(8))
    assert codes(container)[0] == "captures-bad-compression"
    assert "found damage" in str(container.problems[0])
    assert len(PLAIN) - sum(16 + len(record.data) for record in records) < 9_000


@EVERY_KIND
def test_cut_before_anything_came_out(kind: str, pack: Pack) -> None:
    with pytest.raises(RemoteError) as caught:
        opened(pack(PLAIN)[:8])
    assert caught.value.problem.code == "captures-bad-compression"


@EVERY_KIND
def test_nothing_inside(kind: str, pack: Pack) -> None:
    with pytest.raises(RemoteError) as caught:
        opened(pack(b""))
    assert caught.value.problem.code == "captures-empty"
    assert f"an empty file (inside {kind})" in str(caught.value)


def test_packed_twice() -> None:
    records, container = read(gzip.compress(zstd.compress(PLAIN)))
    assert len(records) == 3000
    assert container.compression == "gzip+zstd"


def test_packed_three_times() -> None:
    with pytest.raises(RemoteError) as caught:
        opened(bz2.compress(gzip.compress(lzma.compress(PLAIN))))
    assert caught.value.problem.code == "captures-compression-nested"
    assert "found xz inside gzip inside bzip2" in str(caught.value)


@EVERY_KIND
def test_bomb_is_stopped(kind: str, pack: Pack) -> None:
    bomb = pack(pcap_head() + pcap_record(b"x" * 200) * 40_000)
    tracemalloc.start()
    container = opened(bomb, ratio=10, floor_bytes=1 << 20)
    records = sum(len(rows) for rows in container.blocks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert codes(container)[0] == "captures-compression-bomb"
    assert "expected at most 1048576 octets out of" in str(container.problems[0])
    assert (1 << 20) <= records * 216 + 300 <= (1 << 20) + 10_000
    assert peak < 24 << 20


def test_bomb_in_a_bomb_is_measured_by_the_file() -> None:
    inner = gzip.compress(pcap_head() + pcap_record(b"x" * 200) * 40_000)
    container = opened(gzip.compress(inner), ratio=20, floor_bytes=1000)
    assert sum(len(rows) for rows in container.blocks()) < 40_000
    assert "captures-compression-bomb" in codes(container)


def test_zeros_are_no_capture_however_many() -> None:
    with pytest.raises(RemoteError) as caught:
        opened(gzip.compress(bytes(50_000_000), 9))
    assert caught.value.problem.code == "captures-not-a-capture"


def test_capture_that_packs_well_is_no_bomb() -> None:
    octets = pcap_head() + pcap_record(b"x" * 1000) * 2_000
    records, container = read(zstd.compress(octets))
    assert len(records) == 2_000
    assert container.problems == []


def test_many_tiny_streams() -> None:
    octets = gzip.compress(pcap_head(), mtime=0) + gzip.compress(b"", mtime=0) * 20_000
    records, container = read(octets)
    assert records == []
    assert container.problems == []


def test_missing_codec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lzma", None)
    with pytest.raises(RemoteError) as caught:
        opened(lzma.compress(PLAIN))
    assert caught.value.problem.code == "captures-no-codec"
    assert "can unpack xz" in str(caught.value)


def test_layers_know_how_much_of_the_file_was_taken() -> None:
    packed = gzip.compress(bz2.compress(PLAIN))
    source = InflatedSource(InflatedSource(FileSource(io.BytesIO(packed), "x"), "gzip"), "bzip2")
    assert source.read(len(PLAIN) + 1) == PLAIN
    assert source.raw_bytes == len(packed)
    assert source.take(5) == b""


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x1f\x8b\x08\x00\x00\x00", "gzip"),
        (b"\x28\xb5\x2f\xfd\x04\x00", "zstd"),
        (b"\x5f\x2a\x4d\x18\x00\x00", "zstd"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"BZh91A", "bzip2"),
        (b"\xd4\xc3\xb2\xa1\x02\x00", ""),
        (b"\x60\x2a\x4d\x18\x00\x00", ""),
        (b"B", ""),
        (b"", ""),
    ],
)
def test_magics(head: bytes, kind: str) -> None:
    assert compression_of(head) == kind


SMALL = pcap_head() + pcap_record(b"abcdef") * 30


@settings(max_examples=60)
@given(st.data())
@EVERY_KIND
def test_damage_is_survived(kind: str, pack: Pack, data: st.DataObject) -> None:
    survives(data.draw(damaged(pack(SMALL) + pack(SMALL[24:]))), floor_bytes=1 << 22)


def test_codes_are_explained() -> None:
    assert all(code.startswith("captures-") and text.endswith(".") for code, text in PROBLEMS.items())
