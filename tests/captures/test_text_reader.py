"""Reading a trace as a stream: windows, counts, memory, compressions, and files that are none."""

from __future__ import annotations

import bz2
import gzip
import io
import tracemalloc
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.captures import PROBLEMS, PcapWriter
from ringthrough.captures.causes import CAUSES, NOTES, SPOILS
from ringthrough.captures.source import FileSource
from ringthrough.captures.text import TraceReader, looks_like_text_trace, open_trace
from ringthrough.captures.text.tidying import pieces
from ringthrough.errors import BackendError, Error, RemoteError
from ringthrough.wire import decode
from tests.captures.made import Broken, Endless, Trickle
from tests.captures.printers import PRINTERS
from tests.captures.test_text_printed import simulated

KNOWN = {**CAUSES, **SPOILS, **NOTES, "problems-not-listed": ""}


def opened(text: bytes, **how: object) -> TraceReader:
    return open_trace(io.BytesIO(text), name="made.txt", **how)  # type: ignore[arg-type]


def text_of(name: str, messages: int = 30) -> bytes:
    return PRINTERS[name].print(simulated()[1][:messages])


@pytest.mark.parametrize("name", PRINTERS)
def test_how_the_octets_arrive_does_not_matter(name: str) -> None:
    text = text_of(name, 8)
    whole, trickled = opened(text), open_trace(Trickle(text), name="made.txt")  # type: ignore[arg-type]
    assert list(whole) == list(trickled)
    assert whole.tally == trickled.tally


@pytest.mark.parametrize("name", PRINTERS)
def test_windows_do_not_matter(name: str) -> None:
    """More than one window of a megabyte, with messages across its borders, is as often as many as it holds."""
    text = text_of(name, 60)
    times = 2_300_000 // len(text) + 1
    once, often = opened(text), opened(text * times)
    first, seen = [s.data for s in once], [s.data for s in often]
    if not name.startswith(
        "tcpdump -A -tttt"
    ):  # which takes a message shown again for the same one, so close to itself
        assert seen == first * times
    assert often.tally.adds_up
    assert often.tally.records == text.count(b"\n") * times
    assert often.tally.messages == len(seen)


def test_what_a_container_offers() -> None:
    trace = opened(gzip.compress(text_of("sngrep")))
    assert (trace.format, trace.compression, trace.name) == ("text", "gzip", "made.txt")
    batches = list(trace.blocks())
    assert sum(map(len, batches)) == 30
    assert list(trace.blocks()) == []
    assert opened(bz2.compress(gzip.compress(text_of("sngrep")))).compression == "bzip2+gzip"


def test_a_file_index_and_a_zone() -> None:
    text = text_of("sngrep")
    (one, *_), (two, *_) = opened(text, file=7, tz=UTC), opened(text)
    assert (one.file, two.file) == (7, 0)
    assert one.at_us == two.at_us


REFUSED = [
    ("nothing", b"", "captures-empty"),
    ("nothing inside gzip", gzip.compress(b""), "captures-empty"),
    ("broken gzip", gzip.compress(b"INVITE")[:10], "captures-bad-compression"),
    ("too many layers", bz2.compress(gzip.compress(bz2.compress(b"x"))), "captures-compression-nested"),
    ("octets", bytes(range(256)) * 4, "captures-not-a-trace"),
    ("a pcap file", b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00" + bytes(16), "captures-not-a-trace"),
]


@pytest.mark.parametrize(("octets", "code"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_refused(octets: bytes, code: str) -> None:
    with pytest.raises(RemoteError) as refused:
        opened(octets)
    assert refused.value.problem.code == code
    assert refused.value.problem.where == "made.txt"
    assert code in PROBLEMS
    assert looks_like_text_trace(octets) is None


def test_a_capture_that_holds_sip_is_no_trace() -> None:
    handle = io.BytesIO()
    PcapWriter(handle).write(0, b"SIP/2.0 603 Decline\r\nVia: x\r\n\r\n")
    assert looks_like_text_trace(handle.getvalue()) is None


NO_TRACE = [
    ("CSV", b"id,time,code,reason\n7,2026-11-20 09:20:06,603,Decline\n"),
    ("quoted CSV that names a status", b'"at","what"\n"2026-11-20","SIP/2.0 603 Decline"\n'),
    ("JSON that names a status", b'{"last": "SIP/2.0 603 Decline"}\n'),
    (
        "acc in syslog",
        b"Nov 20 09:20:06 gw kamailio[1]: NOTICE: ACC: call missed: method=INVITE;code=603;reason=Decline\n",
    ),
    ("prose", b"a.b > c.d: the arrow in a:5 -> b:6 leads to nowhere\n"),
    ("nothing", b""),
]


@pytest.mark.parametrize("text", [n[1] for n in NO_TRACE], ids=[n[0] for n in NO_TRACE])
def test_no_trace(text: bytes) -> None:
    assert looks_like_text_trace(text) is None


def test_why_it_is_a_trace() -> None:
    whys = {name: looks_like_text_trace(printer.print(simulated()[1][:9])) for name, printer in PRINTERS.items()}
    assert whys["asterisk pjsip log"] == "Asterisk's pjsip logger: a SIP message at line 2"
    assert whys["ngrep -W single"] == "ngrep or sipgrep: a SIP message at line 1"
    assert whys["bare messages"] == "text: a SIP message at line 1"
    assert whys["tshark -V"] == "tshark -V: a SIP message at line 11"
    assert whys["cisco ccsip"] == "Cisco debug ccsip: a SIP message at line 4"


def test_a_disk_that_fails() -> None:
    trace = open_trace(Broken(text_of("sngrep")), name="made.txt")  # type: ignore[arg-type]
    assert len(list(trace)) == 30
    assert [p.code for p in trace.problems] == ["captures-read-failed"]
    with pytest.raises(BackendError):
        open_trace(Broken(b""), name="made.txt")  # type: ignore[arg-type]


def test_an_empty_log_says_so() -> None:
    trace = opened(b"nothing happened\n" * 3)
    assert list(trace.blocks()) == []
    assert [str(p) for p in trace.problems] == ["made.txt: expected SIP messages, found none in 3 lines"]
    assert trace.problems[0].code == "captures-no-messages"


ENDLESS = [
    ("one line", b"", b"x" * (1 << 16)),
    ("one line of blanks", b"", b" " * (1 << 16)),
    ("one line of versions", b"", b" SIP/2.0 200" * 5_000),
    ("one line of requests", b"", b"INVITE sip:a@b SIP/2.0\\r\\n" * 2_500),
    ("blank lines", b"", b"\n" * (1 << 16)),
    ("a header without end", b"SIP/2.0 200 OK\nVia: x\n", b"X: y\n" * 12_500),
    ("a body without end", b"SIP/2.0 200 OK\nVia: x\nContent-Length: 99999999\n\n", b"v=0\n" * 15_000),
    ("a field without end", b"SIP/2.0 200 OK\nVia: x", b"y" * (1 << 16)),
    ("colours without end", b"", b"\x1b[" * (1 << 14)),
    ("carriage returns", b"", b"\r" * (1 << 16)),
    ("a segment without end", b"T ", b"x" * (1 << 16)),
    ("a segment without an address", b"T 192.0.2.1:5 -> ", b"x" * (1 << 16)),
    ("blank lines and form feeds", b"", (b"\n" * 5000 + b"\x0c") * 12),
    ("footers and form feeds", b"", b"[Page 7]\n\x0c" * 5_000),
    ("a packet without end", b"U 192.0.2.1:5 -> 192.0.2.1:6\n", (b"  " + b"y" * 70 + b"\n") * 900),
]


def peak_of(head: bytes, repeat: bytes, times: int) -> tuple[int, TraceReader]:
    """The most octets of memory that reading took."""
    trace = open_trace(Endless(head, repeat, times), name="endless")  # type: ignore[arg-type]
    tracemalloc.start()
    try:
        for _ in trace.blocks():
            pass
        return tracemalloc.get_traced_memory()[1], trace
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize(("head", "repeat"), [e[1:] for e in ENDLESS], ids=[e[0] for e in ENDLESS])
def test_memory_does_not_grow_with_what_was_read(head: bytes, repeat: bytes) -> None:
    """Twice as much takes no more: 1.5 MB against 0.8 MB stand for 10 GB."""
    few, _ = peak_of(head, repeat, 12)
    many, trace = peak_of(head, repeat, 24)
    assert many < few * 1.2 + 100_000
    assert trace.tally.adds_up
    text = head + repeat * 24
    assert trace.tally.records == text.count(b"\n") + (not text.endswith(b"\n"))


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    text = bytearray(text_of(draw(st.sampled_from(sorted(PRINTERS))), 6))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(text)))
        how = draw(st.sampled_from(("change", "cut", "insert", "again")))
        if how == "change":
            text[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
        elif how == "cut":
            del text[at : at + draw(st.integers(1, 300))]
        elif how == "again":
            text[at:at] = text[at : at + draw(st.integers(1, 400))]
        else:
            text[at:at] = draw(st.sampled_from(PIECES))
    return bytes(text)


PIECES = (
    b"\n", b"\n\n", b"\r\n", b"SIP/2.0 200 OK\n", b"INVITE sip:a@b SIP/2.0\n", b"Via: x\n", b"Content-Length: 99999\n",
    b"Content-Length: 3\n", b"\x0c\n", b"[Page 7]\n\x0c\n", b"\x0b", b"\x1b[1m", b"\x1b", b"..", b"\\r\\n", b"#015#012",
    b'"', b"'", b"U 192.0.2.1:1 -> 192.0.2.2:2\n", b"T 192.0.2.1:1 -> 192.0.2.2:2\n", b"----\n", b"v=0\n", b" " * 30,
    b"\xff\xfe",
    b"Frame 7: \n", b"    Message Header\n", b"<--- ", b"2026-02-30 25:61:61.1 ", b"99:99:99.9", b"udp:192.0.2.1:5060",
)  # fmt: skip


def lines_of(text: bytes) -> int:
    """Lines of a text, when marks are taken off; the last one counts without an end as well."""
    plain = b"".join(pieces(FileSource(io.BytesIO(text), "")))
    return plain.count(b"\n") + (bool(plain) and not plain.endswith(b"\n"))


def survives(text: bytes) -> None:
    try:
        trace = opened(text)
    except Error as refused:
        assert refused.problem.code in PROBLEMS
        return
    seen = list(trace)
    tally = trace.tally
    assert tally.adds_up
    assert tally.records == lines_of(text)
    assert tally.messages == len(seen)
    assert {*tally.skipped, *tally.bad, *tally.notes} <= set(KNOWN)
    frames = [s.frame for s in seen]
    assert frames == sorted(frames)
    assert not frames or 1 <= frames[0] <= frames[-1] <= tally.records
    for sighting in seen:
        assert sighting.at_us >= 0
        assert b"\r\n\r\n" in sighting.data
        assert {len(sighting.src), len(sighting.dst)} <= {0, 4, 16}
        decode(sighting.data)
    assert {p.code for p in trace.problems} <= set(PROBLEMS)
    looks_like_text_trace(text)


@settings(max_examples=150, deadline=None)
@given(spoilt())
def test_spoilt_traces(text: bytes) -> None:
    survives(text)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=20)), max_size=30).map(b"".join))
def test_anything(text: bytes) -> None:
    survives(text)
