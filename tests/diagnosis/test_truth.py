"""
Diagnosis against the truth of simulated traffic: every shape of link, every format, every compression, every mix.

The truth was written down while the calls were played and never read back from their messages, and the room that plays
them shares no rule with the rooms that read and judge. Where a row may differ from the truth, `EXCEPTIONS` says why.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from ringthrough.calls import Call
from ringthrough.simulate import BENCH, CLAIMS, DEMO, FORMATS, MIXES, SHAPES
from tests.diagnosis.made import Made, Row, diagnosed, in_memory, made

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TIMES = ("trying_ms", "pdd_ms", "ring_ms", "setup_ms", "talk_ms", "cancel_ms")
SAME = ("caller", "callee", "carrier", "direction", "final_code", "card_uri", "attempts", "challenges", "forks",
        "retransmissions", "cut")  # fmt: skip
CONTACT = {"url": "redress_url", "tel": "redress_tel", "email": "redress_email", "id": "redress_id"}
TOLERANCE_MS = 2
"Truth counts whole milliseconds from the start of a scene; a hop adds 0.3 ms and a row rounds down."

EXCEPTIONS: dict[tuple[str, str], tuple[Callable[[Any, Any], bool], str]] = {
    ("cut_start", "attempts"): (
        lambda row, truth: (row, truth) == (1, 0),
        "the truth counts INVITEs in the capture; a row counts transactions, of which this call had one",
    ),
    ("b2bua_answered", "ring_ms"): (
        lambda row, truth: 0 <= row - truth <= 8,
        "the truth is the caller's side; a row counts from the first ringing seen, which is that of the far leg",
    ),
    ("b2bua_no_answer", "ring_ms"): (lambda row, truth: 0 <= row - truth <= 8, "as b2bua_answered"),
    ("fork_answered", "cancel_ms"): (
        lambda row, truth: truth is None and row is not None,
        "the caller never gave up, says the truth; a row shows the CANCEL of the other branch",
    ),
    ("fork_unwanted", "cancel_ms"): (lambda row, truth: truth is None and row is not None, "as fork_answered"),
    ("provider_relays", "provider_code"): (
        lambda row, truth: row == "" and truth != "",
        "the provider relays the 603+ of another network, which is the signal; its own code is no block of its own",
    ),
}
"Scenario and column: what is allowed instead of agreement, and the reason."


def differences(row: Call, truth: dict[str, Any], *, strict: bool = False) -> list[tuple[str, Any, Any]]:
    """Columns of a row that do not say what the truth says; without exceptions when strict."""
    pairs: list[tuple[str, Any, Any, bool]] = [
        (name, getattr(row, name), truth[name], getattr(row, name) == truth[name]) for name in SAME
    ]
    if truth["legs"] is not None:
        pairs.append(("legs", row.legs, truth["legs"], row.legs == truth["legs"]))
    pairs.append(("at_us", row.at_us, truth["at_us"], row.at_us == truth["at_us"]))
    # A far leg with the same code and another phrase is shown too; the truth looks at codes only.
    far = None if row.far_code == row.final_code else row.far_code
    pairs.append(("far_code", far, truth["far_code"], far == truth["far_code"]))
    # `603` and `403` say no more than the status, and the truth calls that no signal.
    bare = row.signal in ("603", "403")
    assert not bare or row.final_code == int(row.signal)
    said = ("", "") if bare else (row.signal, row.signal_in)
    told = (truth["signal"], truth["signal_in"])
    pairs.append(("signal", said, told, said == told))
    contact = {name: getattr(row, column) for name, column in CONTACT.items() if getattr(row, column)}
    pairs.append(("contact", contact, truth["contact"], contact == truth["contact"]))
    # A row names the provider before its code, as in `twilio:32203`.
    code = row.provider_code.rpartition(":")[2]
    pairs.append(("provider_code", code, truth["provider_code"], code == truth["provider_code"]))
    # The truth counts every copied frame; a row leaves out ACK and the answers to BYE and CANCEL.
    copies, most = row.duplicates, truth["duplicates"]
    pairs.append(("duplicates", copies, most, copies <= most and (copies > 0) == (most > 0)))
    for name in TIMES:
        ours, theirs = getattr(row, name), truth[name]
        near = ours == theirs or (None not in (ours, theirs) and abs(ours - theirs) <= TOLERANCE_MS)
        pairs.append((name, ours, theirs, near))
    found = []
    for name, ours, theirs, agrees in pairs:
        allowed = EXCEPTIONS.get((truth["scenario"], name))
        if not agrees and (strict or not (allowed and allowed[0](ours, theirs))):
            found.append((name, ours, theirs))
    return found


def compare(capture: Made, rows: list[Row]) -> None:
    """Fail with everything that differs from the truth."""
    by_id: dict[str, list[Row]] = {}
    for row in rows:
        if row[0].kind == "call":
            by_id.setdefault(row[0].call_id, []).append(row)
    assert {t["call_id"] for t in capture.calls} == set(by_id)
    assert len(by_id) == len(capture.calls)
    assert [i for i, found in by_id.items() if len(found) > 1] == []
    assert sum(call.kind == "scanner" for call, _ in rows) == capture.scanners
    wrong: list[object] = []
    for truth in capture.calls:
        ((call, verdict),) = by_id[truth["call_id"]]
        if truth["explicit"]:
            if verdict.verdict != truth["verdict"]:
                wrong.append((truth["scenario"], "verdict", verdict.verdict, truth["verdict"], verdict.rule))
        elif verdict.verdict in CLAIMS:
            wrong.append((truth["scenario"], "claim", verdict.verdict, truth["true_cause"], verdict.rule))
        wrong.extend((truth["scenario"], *found) for found in differences(call, truth))
    assert wrong == []


def check(capture: Made, octets: bytes | None = None) -> list[Row]:
    run, rows = diagnosed(in_memory(octets or capture.octets), capture.settings())
    (report,) = run.files
    assert report.problems == []
    assert run.notes == []
    assert report.usable
    assert report.tally.adds_up
    assert report.tally.records == capture.totals["packets"]
    # A mirror's copy of a fragmented datagram ends where the fragments are put together, all of it.
    lost = capture.totals["messages"] - report.tally.messages
    assert 0 <= 2 * lost <= report.tally.notes.get("fragment-duplicate", 0)
    assert report.tally.bad == {}
    compare(capture, rows)
    return rows


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "shape"), list(enumerate(SHAPES, start=1)), ids=list(SHAPES))
def test_every_shape(seed: int, shape: str) -> None:
    rows = check(made(calls=150, seed=seed, shape=shape, duration_s=1500))

    assert {v.verdict for c, v in rows if c.kind == "call"} >= {*CLAIMS, "answered", "declined", "unknown_rejection"}


@pytest.mark.parametrize("format", FORMATS)
def test_every_format(format: str) -> None:  # noqa: A002
    check(made(calls=80, seed=101, format=format))


@pytest.mark.parametrize(
    ("compress", "said"),
    [
        pytest.param(gzip.compress, "gzip pcap", id="gzip"),
        pytest.param(bz2.compress, "bzip2 pcap", id="bzip2"),
        pytest.param(lzma.compress, "xz pcap", id="xz"),
        pytest.param(zstd.compress, "zstd pcap", id="zstd"),
        pytest.param(lambda octets: gzip.compress(gzip.compress(octets)), "gzip+gzip pcap", id="gzip in gzip"),
    ],
)
def test_every_compression(compress: Callable[[bytes], bytes], said: str) -> None:
    capture = made(calls=80, seed=102)
    packed = compress(capture.octets)

    check(capture, packed)

    run, _rows = diagnosed(in_memory(packed))
    assert run.files[0].format == said


@pytest.mark.slow
@pytest.mark.parametrize("mix", [DEMO, BENCH], ids=lambda mix: mix.name)
@pytest.mark.parametrize("seed", [7, 8])
def test_every_mix_over_a_day(mix: object, seed: int) -> None:
    check(made(mix, calls=700, seed=seed, duration_s=86_400))  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [21, 22, 23])
def test_many_calls_at_a_time(seed: int) -> None:
    """Calls by the thousand in a few minutes: none may be taken for a part of another."""
    check(made(MIXES["everything"], calls=1000, seed=seed, duration_s=900))


def test_the_edges_of_the_capture_cut_calls_as_the_truth_says() -> None:
    capture = made(calls=600, seed=31, duration_s=450)
    rows = check(capture)

    cuts = Counter(c.cut for c, _ in rows if c.kind == "call")
    assert cuts["start"] > 5
    assert cuts["end"] > 20


def test_every_exception_is_needed() -> None:
    capture = made(calls=140, seed=41, duration_s=1500)
    _run, rows = diagnosed(in_memory(capture.octets), capture.settings())
    by_id = {call.call_id: call for call, _ in rows}

    found = {
        (truth["scenario"], name)
        for truth in capture.calls
        for name, _ours, _theirs in differences(by_id[truth["call_id"]], truth, strict=True)
    }

    assert found == set(EXCEPTIONS)
