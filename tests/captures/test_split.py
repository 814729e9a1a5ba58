"""Where a plain pcap file can be cut for several readers."""

from __future__ import annotations

import gzip
from itertools import accumulate
from pathlib import Path

import pytest

from ringthrough.captures import PROBLEMS, PcapReader, split_pcap
from ringthrough.captures import split as splitting
from ringthrough.errors import LocalError
from tests.captures.made import pcap_head, pcap_record

GOOD = pcap_record(b"abcdef")
BAD = pcap_record(b"", kept=0xFFFFFFF0)


def split(path: Path, octets: bytes, targets: list[int]) -> list[tuple[int, int]]:
    path.write_bytes(octets)
    with path.open("rb") as handle:
        return split_pcap(handle, targets)


@pytest.mark.parametrize(
    ("label", "targets", "expected"),
    [
        ("none", [], []),
        ("where a record starts", [24 + 22], [(46, 2)]),
        ("inside records", [25, 60], [(46, 2), (68, 3)]),
        ("before the first", [0], [(24, 1)]),
        ("the same place twice", [50, 60], [(68, 3), (68, 3)]),
        ("in the last record", [60, 230], [(68, 3)]),
        ("past the end", [60, 10_000], [(68, 3)]),
    ],
)
def test_boundaries(tmp_path: Path, label: str, targets: list[int], expected: list[tuple[int, int]]) -> None:
    assert split(tmp_path / "x.pcap", pcap_head() + GOOD * 10, targets) == expected, label


def test_half_a_header_behind_the_last_record_belongs_to_who_reads_on(tmp_path: Path) -> None:
    assert split(tmp_path / "x.pcap", pcap_head() + GOOD * 10 + bytes(9), [230, 246]) == [(244, 11)]


@pytest.mark.parametrize("compiled", [True, False])
def test_records_of_all_sizes_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiled: bool) -> None:
    monkeypatch.setattr(splitting, "BLOCK_BYTES", 64)
    if not compiled:
        monkeypatch.setattr(splitting, "twin", lambda _name: None)
    records = [pcap_record(bytes(size)) for size in (0, 40, 48, 49, 300, 1, 0, 0, 47, 200, 5)]
    starts = [*accumulate(map(len, records), initial=24)][:-1]
    octets = pcap_head() + b"".join(records)

    for target in range(len(octets)):
        expected = next(([(at, n)] for n, at in enumerate(starts, 1) if at >= target), [])
        assert split(tmp_path / "x.pcap", octets, [target]) == expected, target


def test_parts_give_what_the_whole_gives(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    octets = pcap_head() + b"".join(pcap_record(bytes(number)) for number in range(60))
    (start, frame), *_ = split(path, octets, [len(octets) // 2])
    with path.open("rb") as one, path.open("rb") as two, path.open("rb") as whole:
        parts = list(PcapReader(one, stop=start)) + list(PcapReader(two, start=start, first_frame=frame))
        assert parts == list(PcapReader(whole))


@pytest.mark.parametrize(
    ("label", "octets", "code", "text"),
    [
        ("damaged", pcap_head() + GOOD + BAD + GOOD * 10, "captures-cannot-split", "offset 46 is damaged"),
        ("packed", gzip.compress(pcap_head() + GOOD, mtime=0), "captures-not-a-capture", "expected a pcap magic"),
        ("empty", b"", "captures-not-a-capture", "found nothing"),
    ],
)
def test_files_that_have_to_be_read_in_one_go(tmp_path: Path, label: str, octets: bytes, code: str, text: str) -> None:
    with pytest.raises(LocalError) as caught:
        split(tmp_path / "x.pcap", octets, [100])
    assert caught.value.problem.code == code
    assert code in PROBLEMS
    assert text in str(caught.value)
