"""Message by message what tshark sees: frame, method or status, Call-ID and CSeq of every SIP message of a capture."""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from ringthrough.calls import Sighting
from ringthrough.captures import Dissector, Tally, open_capture
from ringthrough.simulate import EVERYTHING, simulate
from ringthrough.wire.peek import peek
from tests.conftest import shared_path

FIELDS = ("frame.number", "sip.Method", "sip.Status-Code", "sip.Call-ID", "sip.CSeq.seq", "sip.CSeq.method")
BETWEEN = "\x01"
"What tshark is told to put between the values of several messages in one frame: in none of the values."
START_US = 1_780_272_000_000_000

WHITE_BEFORE_COLON = re.compile(rb"\r\nCall-ID[ \t]+:", re.IGNORECASE)
"Allowed by RFC 3261 §7.3.1 and §25.1 (HCOLON), yet tshark takes `Call-ID :` for a header that it does not know."


class Seen(NamedTuple):
    """All SIP messages that one frame completed. tshark does not say which value belongs to which message."""

    methods: list[str]
    statuses: list[int]
    call_ids: list[str]
    cseqs: list[tuple[int, str]]


def by_tshark(program: str, path: Path) -> dict[int, Seen]:
    told = subprocess.run(
        [program, "-n", "-r", path, "-Y", "sip", "-T", "fields", "-E", f"aggregator={BETWEEN}",
         *(word for field in FIELDS for word in ("-e", field))],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    seen = {}
    for line in told.stdout.decode("utf-8", "replace").splitlines():
        frame, *columns = line.split("\t")
        methods, statuses, call_ids, numbers, of = (column.split(BETWEEN) if column else [] for column in columns)
        cseqs = [(int(number), method) for number, method in zip(numbers, of, strict=True)]
        seen[int(frame)] = Seen(methods, [int(status) for status in statuses], call_ids, cseqs)
    return seen


def by_us(sightings: Iterable[Sighting]) -> dict[int, Seen]:
    seen: dict[int, Seen] = defaultdict(lambda: Seen([], [], [], []))
    for sighting in sightings:
        found = peek(sighting.data)
        assert found is not None
        one = seen[sighting.frame]
        method = found.method.decode()
        if found.status:
            one.statuses.append(found.status)
        else:
            one.methods.append(method)
        one.call_ids.append(found.call_id.decode("utf-8", "replace"))
        one.cseqs.append((found.cseq, method))
    return dict(seen)


def read(path: Path) -> tuple[list[Sighting], Tally]:
    with path.open("rb") as handle:
        capture = open_capture(handle, name=path.name)
        dissector = Dissector(file=0, tally=capture.tally)
        sightings = [sighting for row in capture for sighting in dissector.feed(*row)]
        sightings += dissector.finish()
    assert capture.tally.adds_up
    return sightings, capture.tally


class Compared(NamedTuple):
    messages: int
    "How many tshark counts."
    different: dict[int, str]
    "Frame -> what either says, where nothing explains the difference."
    named_oddly: int
    "Frames with white space before a colon, in which tshark finds no Call-ID."
    copies: int
    """
    Frames that complete a mirror's copy of a fragmented datagram, which tshark counts again. For us it is one message:
    fragments with the same identification belong to the same datagram (RFC 791 §3.2).
    """


def compare(program: str, path: Path) -> Compared:
    sightings, tally = read(path)
    ours, theirs = by_us(sightings), by_tshark(program, path)
    octets = {sighting.frame: sighting.data for sighting in sightings}
    different, named_oddly, copies = {}, 0, 0
    for frame in sorted({*ours, *theirs}):
        we, they = ours.get(frame), theirs.get(frame)
        if we == they:
            continue
        if we is not None and they == we._replace(call_ids=[], cseqs=[]) and WHITE_BEFORE_COLON.search(octets[frame]):
            named_oddly += 1
            continue
        before = max((one for one in ours if one < frame), default=0)
        if we is None and they is not None and they == ours.get(before) and tally.notes.get("fragment-duplicate"):
            copies += 1
            continue
        different[frame] = f"ringthrough {we}, tshark {they}"
    return Compared(sum(len(s.methods) + len(s.statuses) for s in theirs.values()), different, named_oddly, copies)


def captures() -> list[str]:
    folder = shared_path() / "data" / "pcap"
    return sorted(path.name for path in folder.glob("*") if path.suffix != ".json") or ["no shared data"]


@pytest.mark.slow
@pytest.mark.parametrize("name", captures())
def test_captures_by_others(name: str, shared: Path, tshark: str) -> None:
    compared = compare(tshark, shared / "data" / "pcap" / name)

    assert compared.different == {}
    assert compared.messages >= 1
    assert (compared.named_oddly, compared.copies) == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize(("shape", "has_copies"), [("ethernet", False), ("tcp", False), ("udp-fragments", True)])
def test_made_up_captures(shape: str, has_copies: bool, tmp_path: Path, tshark: str) -> None:
    path = tmp_path / f"{shape}.pcap"
    with path.open("wb") as handle:
        counts = simulate(
            Random(17), handle, mix=EVERYTHING, calls=150, start_us=START_US, duration_s=3600.0, shape=shape
        )

    compared = compare(tshark, path)

    assert compared.different == {}
    assert compared.messages == counts.messages > 500
    assert compared.named_oddly > 0
    assert bool(compared.copies) == has_copies
