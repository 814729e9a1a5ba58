"""One call: its ladder, the evidence for its verdict, and its packets cut out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from ringthrough.calls import Call, Sighting, Verdict
from ringthrough.calls.joining import JOIN_US, tail
from ringthrough.captures import PcapWriter
from ringthrough.captures.text import UNTIMED
from ringthrough.cli.choice import Choice
from ringthrough.cli.dataset import context_of, errors_to_stderr, read_into, status_of
from ringthrough.cli.files import Inputs
from ringthrough.cli.output import Output
from ringthrough.cli.targets import octets_to
from ringthrough.diagnosis import RowSink, Settings, Source, sightings
from ringthrough.diagnosis.intake import Intake
from ringthrough.report.cutout import cut_out
from ringthrough.report.ladder import draw, evidence, steps
from ringthrough.report.masking import mask_message, mask_row
from ringthrough.report.words import safe
from ringthrough.wire.peek import peek

__all__ = ["messages_of", "one_call", "pick"]

MOST_LISTED = 20
MOST_CANDIDATES = 200
"Legs to the same number at the same time that are looked at; only a flood has more."


def one_call(data: Inputs, settings: Settings, choice: Choice, options: dict[str, Any]) -> int:
    """
    Show one call, and write its packets where that was asked for.

    Returns:
        The exit status: 2 when there is no such call, or more than one.
    """
    wanted: str = options["call_id"]
    lines: list[bytes] = []
    factory = partial(Output, "rows", choice)
    run, output = read_into(
        data, settings, factory, lambda found: lines.extend(filter(None, found)), shown=not options["no_progress"]
    )
    files = data.in_order(run.files)
    errors_to_stderr(context_of(data, run, files, output, "", masked=options["masked"]))
    rows = pick(RowSink.rows(lines), wanted)
    call_ids = {call.call_id for call, _verdict in rows}
    if len(call_ids) > 1:
        sys.stderr.write(f"ringthrough: --call {safe(wanted)}: expected one call, found {len(call_ids)}:\n")
        for call_id in sorted(call_ids)[:MOST_LISTED]:
            sys.stderr.write(f"  {safe(call_id)}\n")
        return 2
    names = [source.name for source in data.sources]
    found = messages_of(data.sources, [call for call, _verdict in rows] or wanted, names, settings)
    if not found and not rows:
        sys.stderr.write(f"ringthrough: --call {safe(wanted)}: expected a Call-ID of this data set, found none\n")
        return 2
    text = "\n".join(_ladder(rows, found, names, options)) + "\n"
    with octets_to(options["output"]) as write:
        write(text.encode("utf-8", "backslashreplace"))
    if options["pcap"] and found:
        _cut(found, options)
    elif options["pcap"]:
        sys.stderr.write(f"ringthrough: {safe(options['pcap'])}: not written, for there are no messages of this call\n")
        return max(1, status_of(files, run))
    return status_of(files, run)


def pick(rows: Sequence[tuple[Call, Verdict]], wanted: str) -> list[tuple[Call, Verdict]]:
    """Rows with exactly this Call-ID; else those whose Call-ID begins with it."""
    exact = [row for row in rows if row[0].call_id == wanted]
    return exact or list(rows)


def messages_of(
    sources: Sequence[Source], wanted: Sequence[Call] | str, names: Sequence[str], settings: Settings | None = None
) -> list[Sighting]:
    """
    Messages of a call, its joined legs included; reads the files again.

    Args:
        sources: the files.
        wanted: rows of the call; or a Call-ID that no row begins with, such as that of a joined leg.
        names: names of the files, as rows name them.
        settings: how the files are read; the same as for the rows, or times of text traces differ.
    """
    if isinstance(wanted, str):
        call_ids = {wanted.encode("utf-8", "surrogateescape")}
        frames: set[tuple[str, int | None]] = set()
    else:
        call_ids = {call.call_id.encode("utf-8", "surrogateescape") for call in wanted}
        frames = {
            place
            for call in wanted
            for place in (
                (call.file, call.frame), (call.ring_file, call.ring_frame), (call.final_file, call.final_frame)
            )
        }  # fmt: skip

    def of_call(sighting: Sighting) -> bool:
        # Octets first: it costs a tenth of reading the message, and nearly every message is someone else's.
        if any(call_id in sighting.data for call_id in call_ids):
            known = peek(sighting.data)
            return known is not None and known.call_id in call_ids
        return (names[sighting.file], sighting.frame) in frames

    found = list(sightings(sources, of_call, settings))
    # A frame that the row names may have another Call-ID: the other leg of a back-to-back user agent.
    legs = _call_ids(found) | call_ids
    if not isinstance(wanted, str) and any(call.legs > 1 for call in wanted):
        legs |= _joined(sources, wanted, legs, names, settings)
    if legs != call_ids:
        call_ids = legs
        found = list(sightings(sources, of_call, settings))
    return found


def _call_ids(found: Iterable[Sighting]) -> set[bytes]:
    return {known.call_id for s in found if (known := peek(s.data)) is not None} - {b""}


def _joined(
    sources: Sequence[Source], calls: Sequence[Call], own: set[bytes], names: Sequence[str], settings: Settings | None
) -> set[bytes]:
    """
    Call-IDs of legs that were joined to these calls though no row names a frame of theirs.

    Candidates are INVITEs to the same number while the call was being set up. Whether a candidate belongs to the call
    is asked of the assembler itself: together with the call's own messages it must give no row of its own.
    """
    spans = [
        (
            call.at_us,
            call.at_us + max(JOIN_US, 1_000 * max(call.setup_ms or 0, call.cancel_ms or 0, call.silence_ms or 0)),
        )
        for call in calls
    ]
    tails = {tail(call.callee_raw).encode("utf-8", "surrogateescape") for call in calls} - {b""}

    def might_be(sighting: Sighting) -> bool:
        data = sighting.data
        if data[:7] != b"INVITE " or not any(first <= sighting.at_us <= last for first, last in spans):
            return False
        return any(number in data[: data.find(b"\n")] for number in tails)

    others = sorted(_call_ids(sightings(sources, might_be, settings)) - own)[:MOST_CANDIDATES]
    if not others:
        return set()
    messages: dict[bytes, list[Sighting]] = {}
    every = own.union(others)
    for sighting in sightings(sources, lambda s: any(call_id in s.data for call_id in every), settings):
        known = peek(sighting.data)
        if known is not None and known.call_id in every:
            messages.setdefault(known.call_id, []).append(sighting)
    ours = [m for call_id in own for m in messages.get(call_id, ())]
    return {other for other in others if not _stands_alone(other, [*ours, *messages.get(other, ())], names)}


def _stands_alone(call_id: bytes, messages: list[Sighting], names: Sequence[str]) -> bool:
    assembler = Intake(names, Settings()).assembler
    assembler.feed_all(sorted(messages, key=lambda s: (s.at_us, s.file, s.frame)))
    rows = [*assembler.flush(), *assembler.finish()]
    return any(call.call_id.encode("utf-8", "surrogateescape") == call_id for _key, call in rows)


def _ladder(
    rows: Sequence[tuple[Call, Verdict]], found: Sequence[Sighting], names: Sequence[str], options: dict[str, Any]
) -> list[str]:
    shown = [s._replace(data=mask_message(s.data)) for s in found] if options["masked"] else list(found)
    title = options["call_id"]
    if rows:
        title = mask_row(*rows[0])[0].call_id if options["masked"] else rows[0][0].call_id
    lines = [f"Call {safe(title)}", ""]
    lines += draw(steps(shown, made_up=UNTIMED), names) if shown else []
    for call, verdict in rows:
        masked = mask_row(call, verdict) if options["masked"] else (call, verdict)
        lines += [""] if shown else []
        if call.source.startswith("cdr "):
            lines += _recorded(*masked)
        else:
            lines += evidence(*masked, shown, names)
            lines += [] if shown else [f"{'no ladder':<13} the messages are in {safe(call.file)}, which was not given"]
    if not rows:
        lines += ["", "No call has this Call-ID as its own: it is a leg of another call, or makes no call at all."]
    return lines


def _recorded(call: Call, verdict: Verdict) -> list[str]:
    """The verdict on a call record, and what it rests on: a line of a file, and no message."""
    facts = (
        ("record", f"{call.frame} of {call.file}, read as {call.source.removeprefix('cdr ')}"),
        ("it says", ": ".join(filter(None, (call.outcome, call.outcome_text)))),
        ("it lacks", ", ".join(call.blind_to.split())),
        ("no ladder", "a call record holds no messages: give the capture or the trace as well"),
    )
    lines = evidence(call._replace(frame=None, final_frame=None, ring_frame=None), verdict, (), ())
    return lines + [f"{name:<13} {safe(text)}" for name, text in facts if text]


def _cut(found: Sequence[Sighting], options: dict[str, Any]) -> None:
    with octets_to(options["pcap"]) as write:
        writer = PcapWriter(_Handle(write))  # type: ignore[arg-type]
        written, notes = cut_out(found, writer, masked=options["masked"])
    if not options["quiet"]:
        sys.stderr.write(f"{safe(options['pcap'])}: {written} messages written\n")
        for note in notes:
            sys.stderr.write(f"{safe(options['pcap'])}: {note}\n")


class _Handle:
    """The one method of a file object that a writer needs."""

    def __init__(self, write: Any) -> None:
        self.write = write
