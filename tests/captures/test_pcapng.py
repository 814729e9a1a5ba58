"""Reading pcapng: sections, interfaces, every kind of block, damage."""

from __future__ import annotations

import io
from pathlib import Path
from struct import pack

import dpkt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringthrough.captures import CAUSES, PROBLEMS, PcapngReader, Record
from ringthrough.captures.container import BATCH_RECORDS, MAX_PACKET_BYTES
from ringthrough.errors import RemoteError
from tests.captures.made import (
    AT,
    Trickle,
    accounted,
    block,
    codes,
    damaged,
    interface,
    old_packet,
    opened,
    option,
    packet,
    read,
    section,
    simple,
    survives,
)

US = AT * 1_000_000
HEAD = section() + interface()

SOUND = [
    ("enhanced", HEAD + packet(b"abc", ticks=US + 7), [Record(US + 7, 1, 1, b"abc", False)]),
    ("enhanced, cut", HEAD + packet(b"abc", whole=9), [Record(US, 1, 1, b"abc", True)]),
    ("enhanced, empty", HEAD + packet(b""), [Record(US, 1, 1, b"", False)]),
    (
        "enhanced, options",
        HEAD + packet(b"abcd", options=option(2, b"\1\0\0\0") + option(0, b"")),
        [Record(US, 1, 1, b"abcd", False)],
    ),
    ("simple", HEAD + simple(b"abcde"), [Record(0, 1, 1, b"abcde", False)]),
    (
        "simple, cut by the snap length",
        section() + interface(snaplen=3) + simple(b"abc", whole=9),
        [Record(0, 1, 1, b"abc", True)],
    ),
    (
        "simple, no snap length",
        section() + interface(snaplen=0) + simple(b"abcd", whole=9),
        [Record(0, 1, 1, b"abcd", True)],
    ),
    ("obsolete", HEAD + old_packet(b"abc", ticks=US + 3), [Record(US + 3, 1, 1, b"abc", False)]),
    (
        "big-endian",
        section(">") + interface(">") + packet(b"abc", ">") + simple(b"ab", ">") + old_packet(b"a", ">"),
        [Record(US, 1, 1, b"abc", False), Record(0, 2, 1, b"ab", False), Record(US, 3, 1, b"a", False)],
    ),
    (
        "two interfaces",
        HEAD + interface(link=101) + packet(b"a", which=1) + packet(b"b", which=0),
        [Record(US, 1, 101, b"a", False), Record(US, 2, 1, b"b", False)],
    ),
    (
        "sections of both byte orders, interfaces start anew",
        HEAD + packet(b"a") + section(">") + interface(">", link=113) + packet(b"b", ">"),
        [Record(US, 1, 1, b"a", False), Record(US, 2, 113, b"b", False)],
    ),
]


@pytest.mark.parametrize(("label", "octets", "expected"), SOUND, ids=[row[0] for row in SOUND])
def test_sound_blocks(label: str, octets: bytes, expected: list[Record]) -> None:
    records, container = read(octets)
    assert records == expected
    assert container.format == "pcapng"
    assert container.problems == []
    assert container.tally.records == len(expected)


RESOLUTIONS = [
    ("default", b"", US + 7, US + 7),
    ("microseconds", option(9, b"\x06"), US + 7, US + 7),
    ("nanoseconds, rounded down", option(9, b"\x09"), US * 1000 + 7_999, US + 7),
    ("milliseconds", option(9, b"\x03"), AT * 1000 + 7, US + 7_000),
    ("seconds", option(9, b"\x00"), AT, US),
    ("tenths of microseconds", option(9, b"\x07"), US * 10 + 79, US + 7),
    ("power of two", option(9, b"\x8a"), AT * 1024 + 512, US + 500_000),
    ("power of two, fine", option(9, b"\xa0"), (AT << 32) + (1 << 31), US + 500_000),
    ("absurdly fine", option(9, b"\x7f"), 5, 0),
    ("offset", option(14, pack("<q", 3600)), US, US + 3_600_000_000),
    ("negative offset, nanoseconds", option(9, b"\x09") + option(14, pack("<q", -1)), US * 1000, US - 1_000_000),
    ("other options around it", option(2, b"eth0") + option(9, b"\x09") + option(0, b""), US * 1000, US),
    ("after the end of options", option(0, b"") + option(9, b"\x09"), US, US),
    ("wrong length is ignored", option(9, b"\x09\x09"), US, US),
    ("does not fit, is ignored", pack("<HH", 9, 400) + b"\x09\0\0\0", US, US),
]


@pytest.mark.parametrize(("label", "options", "ticks", "at_us"), RESOLUTIONS, ids=[row[0] for row in RESOLUTIONS])
def test_resolutions(label: str, options: bytes, ticks: int, at_us: int) -> None:
    head = section() + interface(options=options)
    records, container = read(head + packet(b"x", ticks=ticks) + old_packet(b"x", ticks=ticks))
    assert [record.at_us for record in records] == [at_us, at_us]
    assert container.problems == []


TIMES = [
    ("far future", option(9, b"\x00"), (1 << 64) - 1),
    ("before 1970", option(14, pack("<q", -(1 << 40))), US),
]


@pytest.mark.parametrize(("label", "options", "ticks"), TIMES, ids=[row[0] for row in TIMES])
def test_impossible_times_read_as_zero(label: str, options: bytes, ticks: int) -> None:
    head = section() + interface(options=options)
    records, container = read(head + packet(b"x", ticks=ticks) + old_packet(b"x", ticks=ticks))
    assert [record.at_us for record in records] == [0, 0]
    assert container.tally.notes == {"bad-time": 2}
    assert codes(container) == ["captures-bad-time"] * 2


OTHERS = [
    ("name resolution", block(4, b"\0" * 4), "block-name-resolution"),
    ("statistics", block(5, b"\0" * 12), "block-interface-statistics"),
    ("secrets", block(10, b"TLSK\0\0\0\0"), "block-decryption-secrets"),
    ("custom", block(0x0BAD, b"\0\0\0\1data"), "block-custom"),
    ("custom, not to be copied", block(0x40000BAD, b"\0\0\0\1data"), "block-custom"),
    ("unknown", block(0x7777, b"what"), "block-unknown"),
    ("empty", block(0x7777, b""), "block-unknown"),
    ("long", block(0x7777, bytes(3_000_000)), "block-unknown"),
]


@pytest.mark.parametrize(("label", "octets", "note"), OTHERS, ids=[row[0] for row in OTHERS])
def test_other_blocks_are_counted(label: str, octets: bytes, note: str) -> None:
    records, container = read(HEAD + packet(b"a") + octets + packet(b"b"))
    assert [record.frame for record in records] == [1, 2]
    assert container.tally.notes == {note: 1}
    assert note in CAUSES
    assert container.problems == []


def test_journal_entries_have_a_frame_number() -> None:
    records, container = read(HEAD + packet(b"a") + block(9, b"A=B\n") + packet(b"b"))
    assert [record.frame for record in records] == [1, 3]
    assert container.tally.skipped == {"journal-entry": 1}
    assert accounted(container, records)


SHORT_FACE = block(1, b"\1\0\0\0")
BAD = [
    (
        "unknown interface",
        packet(b"x", which=1),
        "unknown-interface",
        "captures-unknown-interface",
        "one of 1 interfaces at offset 48, found number 1",
    ),
    (
        "lengths differ",
        block(6, bytes(28), tail=44),
        "bad-block",
        "captures-bad-block",
        "same length at both ends at offset 48, found type 0x6 with length 40; 40 octets up to",
    ),
    (
        "length is no multiple of four",
        pack("<II", 6, 41) + bytes(33),
        "bad-block",
        "captures-bad-block",
        "length 41; 41 octets up to",
    ),
    ("length of nothing", pack("<III", 6, 0, 0), "bad-block", "captures-bad-block", "length 0; 12 octets"),
    ("length of too much", pack("<III", 7, 1 << 31, 0), "bad-block", "captures-bad-block", "length 2147483648; 12"),
    (
        "packet longer than any",
        pack("<III", 6, 3 * MAX_PACKET_BYTES, 0),
        "bad-block",
        "captures-bad-block",
        "length 786432; 12 octets",
    ),
    (
        "packet longer than its block",
        packet(b"abcd", kept=5),
        "bad-block",
        "captures-bad-block",
        "at most 4 octets of packet in the block of type 6 at offset 48",
    ),
    (
        "block too short for a packet",
        block(6, bytes(8)),
        "bad-block",
        "captures-bad-block",
        "a header that fits into 20 octets in the block of type 6 at offset 48",
    ),
    ("simple block too short", block(3, b""), "bad-block", "captures-bad-block", "in the block of type 3"),
    ("section of no byte order", block(0x0A0D0D0A, bytes(16)), "bad-block", "captures-bad-block", "type 0xa0d0d0a"),
]


@pytest.mark.parametrize(("label", "octets", "cause", "code", "text"), BAD, ids=[row[0] for row in BAD])
def test_bad_blocks(label: str, octets: bytes, cause: str, code: str, text: str) -> None:
    records, container = read(HEAD + octets + packet(b"a") * 3)
    assert [record.data for record in records] == [b"a"] * 3
    assert [record.frame for record in records] == [2, 3, 4]
    assert container.tally.bad == {cause: 1}
    assert codes(container) == [code]
    assert text in str(container.problems[0])
    assert container.problems[0].at == len(HEAD)
    assert accounted(container, records)


def test_short_interface_keeps_its_number() -> None:
    records, container = read(section() + SHORT_FACE + interface(link=101) + packet(b"x", which=1))
    assert [record.link for record in records] == [101]
    assert codes(container) == ["captures-bad-block"]
    assert container.tally.notes == {"bad-interface": 1}


def test_unknown_version_is_read_all_the_same() -> None:
    records, container = read(section(major=2) + interface() + packet(b"x"))
    assert len(records) == 1
    assert codes(container) == ["captures-version"]
    assert "version 1.0 at offset 12, found 2.0" in str(container.problems[0])


def test_finds_a_section_of_the_other_byte_order() -> None:
    records, container = read(HEAD + packet(b"a") + b"\xff" * 40 + section(">") + interface(">") + packet(b"b", ">"))
    assert [record.data for record in records] == [b"a", b"b"]
    assert container.tally.notes == {"lost-bytes": 40}


def test_stops_when_nothing_sound_follows() -> None:
    records, container = read(HEAD + packet(b"a") + b"\xff" * 400)
    assert len(records) == 1
    assert container.tally.bad == {"bad-block": 1}
    assert container.tally.notes == {"lost-bytes": 400}
    assert "the rest was left out" in str(container.problems[0])


def test_search_is_bounded() -> None:
    records, container = read(HEAD + packet(b"a") + b"\xff" * (4 << 20) + packet(b"a") * 3)
    assert len(records) == 1
    assert container.tally.notes["lost-bytes"] <= 3 << 20


@pytest.mark.parametrize("size", range(1, 36))
def test_cut_block(size: int) -> None:
    records, container = read(HEAD + packet(b"abc") + packet(b"abc")[:size])
    assert [record.frame for record in records] == [1]
    assert container.tally.bad == {"cut-record": 1}
    assert codes(container) == ["captures-cut-record"]
    assert f"octets at offset 84, found the end of the file after {size}" in str(container.problems[0])


NO_PCAPNG = [
    ("empty", b"", "captures-not-a-capture", "found nothing"),
    ("no byte order", section()[:8] + bytes(20), "captures-not-a-capture", "found 0a 0d 0d 0a 1c 00 00 00 00"),
    ("cut in the header", section()[:20], "captures-cut-header", "28 octets at offset 0, found 20"),
    ("cut in the mark", section()[:6], "captures-cut-header", "28 octets at offset 0, found 6"),
]


@pytest.mark.parametrize(("label", "octets", "code", "text"), NO_PCAPNG, ids=[row[0] for row in NO_PCAPNG])
def test_not_a_pcapng_file(label: str, octets: bytes, code: str, text: str) -> None:
    with pytest.raises(RemoteError) as caught:
        PcapngReader(io.BytesIO(octets), name="x.pcapng")
    assert caught.value.problem.code == code
    assert code in PROBLEMS
    assert str(caught.value).startswith("x.pcapng: ")
    assert text in str(caught.value)


def test_first_section_that_contradicts_itself() -> None:
    records, container = read(section()[:-4] + pack("<I", 32) + interface() + packet(b"a") * 3)
    assert [record.frame for record in records] == [2, 3, 4], "what describes the packets is found again"
    assert container.tally.bad == {"bad-block": 1}
    assert accounted(container, records)


def test_octet_by_octet_gives_the_same() -> None:
    octets = HEAD + packet(b"a" * 50) * 3 + b"\xff" * 7 + simple(b"b") * 3 + section(">") + packet(b"c", ">")[:20]
    whole, container = read(octets)
    reader = PcapngReader(Trickle(octets), name="made.pcap")
    assert list(reader) == whole
    assert reader.tally == container.tally
    assert reader.problems == container.problems


def test_blocks_hold_all_records_in_bounded_batches() -> None:
    batches = list(opened(HEAD + packet(b"a") * 3_000).blocks())
    assert max(len(rows) for rows in batches) == BATCH_RECORDS
    assert [row[1] for rows in batches for row in rows] == list(range(1, 3_001))


def test_same_octets_as_dpkt(shared: Path) -> None:
    compared = 0
    for path in sorted((shared / "data" / "pcap").iterdir()):
        octets = path.read_bytes()
        if not octets.startswith(b"\n\r\r\n"):
            continue
        expected = list(dpkt.pcapng.Reader(io.BytesIO(octets)))
        records, container = read(octets)
        assert [record.data for record in records] == [data for _, data in expected], path.name
        assert all(
            abs(record.at_us - float(at) * 1e6) <= 1 for record, (at, _) in zip(records, expected, strict=True)
        ), path.name
        assert container.problems == []
        compared += 1
    assert compared >= 5


SMALL = HEAD + packet(b"abc") * 3 + block(5, b"\0" * 12) + simple(b"abcd") + old_packet(b"xy") + block(9, b"A=B\n")
SMALL += section(">") + interface(">") + packet(b"0123456789", ">") * 2


@given(damaged(SMALL))
def test_damage_is_survived(octets: bytes) -> None:
    survives(octets)


@given(st.binary(max_size=200), st.sampled_from([section(), HEAD, section(">") + interface(">")]))
def test_noise_is_survived(octets: bytes, head: bytes) -> None:
    survives(head + octets)


@given(st.lists(st.sampled_from([1, 2, 3, 4, 5, 6, 9, 10, 0x0BAD, 0x0A0D0D0A]), max_size=8), st.data())
def test_blocks_of_noise_are_survived(kinds: list[int], data: st.DataObject) -> None:
    bodies = [data.draw(st.integers(0, 12).flatmap(lambda n: st.binary(min_size=4 * n, max_size=4 * n))) for _ in kinds]
    survives(HEAD + b"".join(block(kind, body) for kind, body in zip(kinds, bodies, strict=True)))
