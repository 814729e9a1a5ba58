"""Writing captures: read back by us and by dpkt."""

from __future__ import annotations

import io

import dpkt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringthrough.captures import PcapngWriter, PcapWriter, Record
from ringthrough.errors import LocalError
from tests.captures.made import AT, read

US = AT * 1_000_000
PACKETS = [(US, b""), (US + 1, b"a"), (US + 999_999, b"ab"), (US + 5, b"abc"), (US + 2_000_000, b"abcd")]
FORMS = [
    (f"{writer.__name__}{' ns' if nanoseconds else ''}{' swapped' if swapped else ''}", writer, nanoseconds, swapped)
    for writer in (PcapWriter, PcapngWriter)
    for nanoseconds in (False, True)
    for swapped in (False, True)
]


@pytest.mark.parametrize(("label", "writer", "nanoseconds", "swapped"), FORMS, ids=[row[0] for row in FORMS])
def test_read_back(label: str, writer: type[PcapWriter] | type[PcapngWriter], nanoseconds: bool, swapped: bool) -> None:
    handle = io.BytesIO()
    out = writer(handle, link=101, nanoseconds=nanoseconds, swapped=swapped)
    for at_us, data in PACKETS:
        out.write(at_us, data)
    records, container = read(handle.getvalue())
    assert records == [Record(at, frame, 101, data, False) for frame, (at, data) in enumerate(PACKETS, 1)]
    assert container.problems == []
    handle.seek(0)
    reader = dpkt.pcap.Reader(handle) if writer is PcapWriter else dpkt.pcapng.Reader(handle)
    theirs = list(reader)
    assert [data for _, data in theirs] == [data for _, data in PACKETS]
    assert [round(float(at) * 1e6) for at, _ in theirs] == [at for at, _ in PACKETS]
    assert reader.datalink() == 101


@pytest.mark.parametrize("writer", [PcapWriter, PcapngWriter])
@pytest.mark.parametrize(
    ("label", "data", "orig_len", "expected", "cut"),
    [
        ("as long as the snap length", b"abcd", None, b"abcd", False),
        ("beyond the snap length", b"abcdef", None, b"abcd", True),
        ("said to be longer", b"abc", 900, b"abc", True),
        ("said to be as long", b"abc", 3, b"abc", False),
        ("longer and cut", b"abcdef", 900, b"abcd", True),
    ],
)
def test_cut_packets(
    writer: type[PcapWriter] | type[PcapngWriter],
    label: str,
    data: bytes,
    orig_len: int | None,
    expected: bytes,
    cut: bool,
) -> None:
    handle = io.BytesIO()
    writer(handle, snaplen=4).write(US, data, orig_len=orig_len)
    records, _ = read(handle.getvalue())
    assert records == [Record(US, 1, 1, expected, cut)], label


def test_several_interfaces() -> None:
    handle = io.BytesIO()
    out = PcapngWriter(handle)
    raw = out.interface(101, nanoseconds=True)
    cooked = out.interface(113, snaplen=2)
    assert (raw, cooked) == (1, 2)
    for which in (2, 1, 0):
        out.write(US + which, b"abc", interface=which)
    records, container = read(handle.getvalue())
    assert records == [
        Record(US + 2, 1, 113, b"ab", True),
        Record(US + 1, 2, 101, b"abc", False),
        Record(US, 3, 1, b"abc", False),
    ]
    assert container.problems == []


MISFITS = [
    ("pcap, before 1970", PcapWriter, {"at_us": -1, "data": b""}, "found 0 and -1"),
    ("pcap, after 2106", PcapWriter, {"at_us": 1 << 53, "data": b""}, "expected a time"),
    ("pcap, shorter than it is", PcapWriter, {"at_us": US, "data": b"ab", "orig_len": 1}, "orig_len >= 2"),
    ("pcapng, before 1970", PcapngWriter, {"at_us": -1, "data": b""}, "expected a time"),
    ("pcapng, too late", PcapngWriter, {"at_us": 1 << 64, "data": b""}, "expected a time"),
    ("pcapng, shorter than it is", PcapngWriter, {"at_us": US, "data": b"ab", "orig_len": 1}, "orig_len >= 2"),
    ("pcapng, no such interface", PcapngWriter, {"at_us": US, "data": b"", "interface": 1}, "found number 1"),
]


@pytest.mark.parametrize(("label", "writer", "packet", "text"), MISFITS, ids=[row[0] for row in MISFITS])
def test_what_the_format_cannot_hold(
    label: str, writer: type[PcapWriter] | type[PcapngWriter], packet: dict[str, object], text: str
) -> None:
    handle = io.BytesIO()
    out = writer(handle)
    size = len(handle.getvalue())
    with pytest.raises(LocalError) as caught:
        out.write(**packet)  # type: ignore[arg-type]
    assert caught.value.problem.code == "captures-write"
    assert len(handle.getvalue()) == size, "nothing half written"
    assert text in str(caught.value) or "expected a time" in str(caught.value)


@pytest.mark.parametrize("writer", [PcapWriter, PcapngWriter])
@pytest.mark.parametrize(("link", "snaplen"), [(-1, 100), (70_000, 100), (1, 0), (1, 1 << 31)])
def test_interface_that_does_not_fit(writer: type[PcapWriter] | type[PcapngWriter], link: int, snaplen: int) -> None:
    with pytest.raises(LocalError) as caught:
        writer(io.BytesIO(), link=link, snaplen=snaplen)
    assert caught.value.problem.code == "captures-write"


@given(
    st.lists(st.tuples(st.integers(0, 4_294_967_295_999_999), st.binary(max_size=40)), max_size=20),
    st.sampled_from(FORMS),
)
def test_any_packets_come_back(packets: list[tuple[int, bytes]], form: tuple[str, type, bool, bool]) -> None:
    handle = io.BytesIO()
    out = form[1](handle, nanoseconds=form[2], swapped=form[3])
    for at_us, data in packets:
        out.write(at_us, data)
    records, container = read(handle.getvalue())
    assert [(record.at_us, record.data) for record in records] == packets
    assert container.problems == []
