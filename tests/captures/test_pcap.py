"""Reading pcap: shapes, damage, parts of files."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import dpkt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringthrough.captures import PROBLEMS, PcapReader, PcapWriter, Record
from ringthrough.captures.container import BATCH_RECORDS, MAX_PACKET_BYTES, PROBLEMS_LISTED
from ringthrough.captures.source import BLOCK_BYTES
from ringthrough.errors import BackendError, RemoteError
from tests.captures.made import (
    AT,
    Broken,
    Endless,
    Trickle,
    accounted,
    codes,
    damaged,
    opened,
    pcap_head,
    pcap_record,
    read,
    survives,
)

SHAPES = [
    ("microseconds", pcap_head(), pcap_record(b"abc", fraction=7), AT * 1_000_000 + 7),
    ("swapped", pcap_head(order=">"), pcap_record(b"abc", ">", fraction=7), AT * 1_000_000 + 7),
    ("nanoseconds", pcap_head(0xA1B23C4D), pcap_record(b"abc", fraction=7_999), AT * 1_000_000 + 7),
    ("nanoseconds, swapped", pcap_head(0xA1B23C4D, ">"), pcap_record(b"abc", ">", fraction=7_001), AT * 10**6 + 7),
    ("modified", pcap_head(0xA1B2CD34), pcap_record(b"abc", fraction=7, more=b"\1" * 8), AT * 1_000_000 + 7),
    ("modified, swapped", pcap_head(0xA1B2CD34, ">"), pcap_record(b"abc", ">", more=b"\1" * 8), AT * 1_000_000),
]


@pytest.mark.parametrize(("label", "head", "record", "at_us"), SHAPES, ids=[row[0] for row in SHAPES])
def test_shapes(label: str, head: bytes, record: bytes, at_us: int) -> None:
    records, container = read(head + record + record)
    assert records == [Record(at_us, 1, 1, b"abc", False), Record(at_us, 2, 1, b"abc", False)]
    assert container.format == "pcap"
    assert container.compression == ""
    assert container.problems == []
    assert container.tally.records == 2


@pytest.mark.parametrize(
    ("label", "network", "link"),
    [("Ethernet", 1, 1), ("raw IP", 101, 101), ("FCS length in the upper bits", 0x54000001, 1), ("NFLOG", 239, 239)],
)
def test_link_types(label: str, network: int, link: int) -> None:
    records, _ = read(pcap_head(network=network) + pcap_record(b"x"))
    assert [record.link for record in records] == [link], label


def test_packet_cut_by_the_snap_length() -> None:
    records, container = read(pcap_head(snaplen=4) + pcap_record(b"abcd", whole=1500) + pcap_record(b"ab"))
    assert [record.cut for record in records] == [True, False]
    assert container.problems == []


def test_snap_length_zero_is_no_limit() -> None:
    records, container = read(pcap_head(snaplen=0) + pcap_record(bytes(MAX_PACKET_BYTES)))
    assert len(records[0].data) == MAX_PACKET_BYTES
    assert container.tally.notes == {"snaplen-zero": 1}


def test_no_records_is_no_problem() -> None:
    records, container = read(pcap_head())
    assert records == []
    assert container.problems == []


def test_unknown_version_is_read_all_the_same() -> None:
    records, container = read(pcap_head(version=3) + pcap_record(b"x"))
    assert len(records) == 1
    assert codes(container) == ["captures-version"]
    assert "2.4 at offset 4, found 3.4" in str(container.problems[0])


GOOD = pcap_record(b"abcdef")
CUT = [
    ("one octet of a header", 1, "a record header of 16 octets at offset 46, found the end of the file after 1"),
    ("half a header", 8, "a record header of 16 octets at offset 46, found the end of the file after 8"),
    ("header only", 16, "a record of 22 octets at offset 46, found the end of the file after 16"),
    ("all but one octet", 21, "a record of 22 octets at offset 46, found the end of the file after 21"),
]


@pytest.mark.parametrize(("label", "size", "detail"), CUT, ids=[row[0] for row in CUT])
def test_cut_record(label: str, size: int, detail: str) -> None:
    records, container = read(pcap_head() + GOOD + GOOD[:size])
    assert [record.frame for record in records] == [1]
    assert container.tally.records == 2
    assert container.tally.bad == {"cut-record": 1}
    assert codes(container) == ["captures-cut-record"]
    assert container.problems[0].where == "made.pcap"
    assert container.problems[0].at == 46
    assert detail in str(container.problems[0])


def test_resynchronises_after_an_impossible_length() -> None:
    bad = pcap_record(b"lost", kept=0xFFFFFFF0)
    records, container = read(pcap_head() + GOOD + bad + GOOD * 3)
    assert [record.frame for record in records] == [1, 3, 4, 5]
    assert [record.data for record in records] == [b"abcdef"] * 4
    assert container.tally.bad == {"bad-record": 1}
    assert container.tally.notes == {"lost-bytes": len(bad)}
    assert codes(container) == ["captures-bad-record"]
    assert "at offset 46, found a length of 4294967280; 20 octets" in str(container.problems[0])
    assert accounted(container, records)


def test_impossible_length_in_the_first_record() -> None:
    records, container = read(pcap_head() + pcap_record(b"", kept=MAX_PACKET_BYTES * 3) + GOOD * 3)
    assert [record.frame for record in records] == [2, 3, 4]
    assert container.tally.bad == {"bad-record": 1}


def test_one_record_is_enough_when_it_ends_with_the_file() -> None:
    records, container = read(pcap_head() + GOOD + pcap_record(b"", kept=0xFFFFFFF0) + GOOD)
    assert [record.frame for record in records] == [1, 3]
    assert container.tally.notes == {"lost-bytes": 16}


def test_resynchronises_in_a_big_endian_file() -> None:
    good = pcap_record(b"abcdef", ">")
    records, container = read(pcap_head(order=">") + good + pcap_record(b"", ">", kept=0xFFFFFFF0) + good * 3)
    assert [record.frame for record in records] == [1, 3, 4, 5]
    assert container.tally.notes == {"lost-bytes": 16}


def test_stops_when_nothing_sound_follows() -> None:
    records, container = read(pcap_head() + GOOD + pcap_record(b"", kept=0xFFFFFFF0) + b"\xff" * 100)
    assert len(records) == 1
    assert container.tally.bad == {"bad-record": 1}
    assert container.tally.notes == {"lost-bytes": 116}
    assert "the rest was left out" in str(container.problems[0])


def test_records_of_another_time_are_no_chain() -> None:
    old = pcap_record(b"abcdef", at=AT - 86_400 * 365)
    records, container = read(pcap_head() + GOOD + pcap_record(b"", kept=0xFFFFFFF0) + old * 4)
    assert len(records) == 1
    assert "the rest was left out" in str(container.problems[0])


def test_search_is_bounded() -> None:
    hole = pcap_record(b"", kept=0xFFFFFFF0) + b"\xff" * (4 * BLOCK_BYTES)
    records, container = read(pcap_head() + GOOD + hole + GOOD * 3)
    assert len(records) == 1
    assert container.tally.notes["lost-bytes"] <= 3 * BLOCK_BYTES


def test_many_damaged_records_are_counted_though_not_all_listed() -> None:
    bad = pcap_record(b"", kept=0xFFFFFFF0)
    times = PROBLEMS_LISTED + 15
    records, container = read(pcap_head() + (GOOD * 3 + bad) * times + GOOD * 3)
    assert len(records) == 3 * times + 3
    assert container.tally.bad == {"bad-record": times}
    assert len(container.problems) == PROBLEMS_LISTED
    assert container.tally.notes["problems-not-listed"] == 15


def test_zeros_are_left_out_soon() -> None:
    records, container = read(pcap_head() + GOOD + bytes(16 * 300_000))
    assert len(records) == 2 * BATCH_RECORDS, "the first batch holds a packet"
    assert container.tally.bad == {"bad-record": 1}
    assert f"found {BATCH_RECORDS} empty ones before it" in str(container.problems[0])


def test_records_after_zeros_are_found() -> None:
    records, container = read(pcap_head() + GOOD + bytes(16 * 5_000) + GOOD * 3)
    assert [record.data for record in records[-3:]] == [b"abcdef"] * 3
    assert container.tally.bad == {"bad-record": 1}
    assert accounted(container, records)
    assert records[-1].frame == container.tally.records


def test_empty_records_before_a_sound_one_are_no_damage() -> None:
    empty = pcap_record(b"")
    records, container = read(pcap_head() + empty * BATCH_RECORDS + GOOD)
    assert len(records) == BATCH_RECORDS + 1
    assert container.problems == []


def test_octet_by_octet_gives_the_same() -> None:
    octets = pcap_head() + GOOD * 3 + pcap_record(b"", kept=0xFFFFFFF0) + GOOD * 3 + GOOD[:9]
    whole, container = read(octets)
    reader = PcapReader(Trickle(octets), name="made.pcap")
    assert list(reader) == whole
    assert reader.tally == container.tally
    assert reader.problems == container.problems


def test_blocks_hold_all_records_in_bounded_batches() -> None:
    batches = list(opened(pcap_head() + GOOD * 5_000).blocks())
    assert sum(len(rows) for rows in batches) == 5_000
    assert max(len(rows) for rows in batches) == BATCH_RECORDS
    assert [row[1] for rows in batches for row in rows] == list(range(1, 5_001))


def test_reading_goes_on_where_it_stands() -> None:
    container = opened(pcap_head() + GOOD * 2_000)
    first = next(container.blocks())
    assert len(first) + len(list(container)) == 2_000


NO_PCAP = [
    ("empty", b"", "captures-not-a-capture", "found nothing"),
    ("text", b"hello", "captures-not-a-capture", "found 68 65 6c 6c"),
    ("cut header", pcap_head()[:20], "captures-cut-header", "24 octets at offset 0, found 20"),
]


@pytest.mark.parametrize(("label", "octets", "code", "text"), NO_PCAP, ids=[row[0] for row in NO_PCAP])
def test_not_a_pcap_file(label: str, octets: bytes, code: str, text: str) -> None:
    with pytest.raises(RemoteError) as caught:
        PcapReader(io.BytesIO(octets), name="x.pcap")
    assert caught.value.problem.code == code
    assert str(caught.value).startswith("x.pcap: ")
    assert text in str(caught.value)
    assert code in PROBLEMS


def test_disk_that_fails_on_the_way() -> None:
    reader = PcapReader(Broken(pcap_head() + GOOD), name="x.pcap")
    assert len(list(reader)) == 1
    assert [problem.code for problem in reader.problems] == ["captures-read-failed"]
    assert "offset 46, but the system says: Input/output error" in str(reader.problems[0])


def test_disk_that_fails_at_once() -> None:
    with pytest.raises(BackendError) as caught:
        PcapReader(Broken(b""), name="x.pcap")
    assert caught.value.problem.code == "captures-read-failed"
    assert isinstance(caught.value.__cause__, OSError)


@pytest.mark.slow
def test_memory_is_bounded() -> None:
    repeat = pcap_record(b"x" * 1000) * 1000
    reader = PcapReader(Endless(pcap_head(), repeat, 30), name="big.pcap")
    tracemalloc.start()
    count = sum(len(rows) for rows in reader.blocks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 30_000
    assert peak < 8 * BLOCK_BYTES, "the file has 30 MB"


@pytest.mark.slow
def test_memory_is_bounded_in_a_damaged_file() -> None:
    repeat = (GOOD * 3 + pcap_record(b"x" * 20_000, kept=0xFFFFFFF0)) * 50
    reader = PcapReader(Endless(pcap_head(), repeat, 8), name="big.pcap")
    tracemalloc.start()
    count = sum(len(rows) for rows in reader.blocks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 8 * 50 * 3
    assert peak < 12 * BLOCK_BYTES, "the same for a file of any size"


# Parts of a file


def made(count: int, *, payload: bytes = b"p" * 40, nanoseconds: bool = False, swapped: bool = False) -> bytes:
    handle = io.BytesIO()
    writer = PcapWriter(handle, nanoseconds=nanoseconds, swapped=swapped)
    for number in range(count):
        writer.write((AT + number) * 1_000_000 + 5, payload + bytes([number & 0xFF]) * (number % 7))
    return handle.getvalue()


def starts(octets: bytes, order: str = "<") -> list[int]:
    """Offsets of the records, by walking them."""
    at, found = 24, []
    while at < len(octets):
        found.append(at)
        at += 16 + int.from_bytes(octets[at + 8 : at + 12], "little" if order == "<" else "big")
    return found


def test_parts_give_what_the_whole_gives() -> None:
    octets = made(1_000)
    whole = list(PcapReader(io.BytesIO(octets)))
    middle = starts(octets)[500]
    one = PcapReader(io.BytesIO(octets), start=24, stop=middle)
    head = list(one)
    assert one.next_offset == middle
    two = PcapReader(io.BytesIO(octets), start=middle, first_frame=len(head) + 1)
    assert head + list(two) == whole
    assert (one.tally + two.tally).records == len(whole)


def test_offsets_in_a_part_are_those_of_the_file() -> None:
    octets = made(10)
    last = starts(octets)[-1]
    reader = PcapReader(io.BytesIO(octets[:-1]), name="x", start=starts(octets)[5], first_frame=6)
    assert [record.frame for record in reader] == [6, 7, 8, 9]
    assert reader.problems[0].at == last


@given(cut=st.integers(0, 199), stop=st.integers(24, 12_000))
def test_any_two_parts_make_the_whole(cut: int, stop: int) -> None:
    octets = made(200)
    places = starts(octets)
    start = places[cut]
    one = list(PcapReader(io.BytesIO(octets), stop=start))
    two = list(PcapReader(io.BytesIO(octets), start=start, first_frame=len(one) + 1))
    assert [record.frame for record in one + two] == list(range(1, 201))
    some = list(PcapReader(io.BytesIO(octets), stop=stop))
    assert len(some) == sum(1 for place in places if place < stop)


# Files that others wrote


def test_same_octets_as_dpkt(shared: Path) -> None:
    compared = 0
    for path in sorted((shared / "data" / "pcap").iterdir()):
        octets = path.read_bytes()
        if octets[:4] not in (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d"):
            continue
        expected = list(dpkt.pcap.Reader(io.BytesIO(octets)))
        records, container = read(octets)
        assert [record.data for record in records] == [data for _, data in expected], path.name
        assert [record.at_us for record in records] == [round(float(at) * 1e6) for at, _ in expected], path.name
        assert container.problems == []
        compared += 1
    assert compared > 20


# Anything at all


SMALL = made(8) + GOOD * 4


@given(damaged(SMALL))
def test_damage_is_survived(octets: bytes) -> None:
    survives(octets)


@given(st.binary(max_size=200), st.sampled_from([row[1] for row in SHAPES]))
def test_noise_is_survived(octets: bytes, head: bytes) -> None:
    survives(head + octets)
