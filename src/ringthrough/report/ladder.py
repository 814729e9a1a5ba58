"""
The ladder of one call: hosts side by side, time downwards, and below it the evidence behind the verdict.

`steps` reads sightings; `draw` makes text of them. Both are pure: the caller re-reads the files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ringthrough.calls.addresses import endpoint, host
from ringthrough.calls.schema import Call, Verdict
from ringthrough.calls.sighting import CUT, Sighting
from ringthrough.report.document import plain
from ringthrough.report.words import MEANINGS, clock, duration, safe
from ringthrough.wire import Malformed, Response, decode
from ringthrough.wire.peek import peek

__all__ = ["Step", "draw", "evidence", "steps"]

COPY_US = 20_000
"A repeated datagram within this time and with the same IP identification is a mirror port's copy."
_EVIDENCE = (
    "reason",
    "call-info",
    "warning",
    "server",
    "user-agent",
    "x-twilio-error",
    "x-telnyx-error",
    "retry-after",
)
_MOST_MARKS = 200_000
_SURELY_US = 86_400_000_000
"Made-up times stay on the first day of 1970: what is later was read, if only to whole seconds."


class Step(NamedTuple):
    """One arrow of the ladder."""

    at_us: int
    source: str
    target: str
    label: str
    "Method and user of the Request-URI, or status and phrase."
    file: int
    frame: int
    mark: str
    "`again` for a retransmission, `copy` for a mirrored frame, `cut` for a message that is not all there; or empty."
    call_id: str
    method: str
    "Method of the request, or of the CSeq of a response."
    timed: bool = True
    "False: the trace has no times, and `at_us` only keeps the order."


def steps(sightings: Iterable[Sighting], *, show: Callable[[str], str] = plain, made_up: int = 0) -> list[Step]:
    """
    Arrows of a ladder.

    Args:
        sightings: messages of the call, in any order.
        show: how text that may hold a number is shown.
        made_up: flag of sightings whose time the reader of a trace made up, counted up from the beginning of 1970.
    """
    ordered = sorted(sightings, key=lambda s: (s.at_us, s.file, s.frame))
    # Two parties on one address are told apart by their ports; otherwise ports only make the picture wide.
    same_host = any(s.src == s.dst for s in ordered)
    seen: dict[tuple[bytes, int, bytes, int, bytes], tuple[int, int]] = {}
    made = []
    for s in ordered:
        key = (s.src, s.sport, s.dst, s.dport, s.data)
        before = seen.get(key)
        mark = ""
        if s.flags & CUT:
            mark = "cut"
        if before is not None:
            copied = before[1] == s.ident and s.at_us - before[0] <= COPY_US
            mark = "copy" if copied else "again"
        if len(seen) < _MOST_MARKS:
            seen[key] = (s.at_us, s.ident)
        label, method, call_id = _label(s.data, show)
        source, target = (
            (endpoint(s.src, s.sport), endpoint(s.dst, s.dport)) if same_host else (host(s.src), host(s.dst))
        )
        timed = not s.flags & made_up or s.at_us >= _SURELY_US
        made.append(Step(s.at_us, source or "?", target or "?", label, s.file, s.frame, mark, call_id, method, timed))
    return made


def _label(data: bytes, show: Callable[[str], str]) -> tuple[str, str, str]:
    """Return what to write on the arrow, the method, and the Call-ID."""
    known = peek(data)
    method = known.method.decode("utf-8", "surrogateescape") if known else ""
    call_id = known.call_id.decode("utf-8", "surrogateescape") if known else ""
    first = data.split(b"\n", 1)[0].rstrip(b"\r").decode("utf-8", "surrogateescape")
    if first.startswith("SIP/2.0 "):
        label = first[8:]
        if method not in ("INVITE", ""):
            label += f" ({method})"
        return show(label), method, call_id
    words = first.split(" ")
    if len(words) < 3:
        return show(first[:60]), method, call_id
    user = words[1].partition(":")[2].partition("@")
    return show(f"{words[0]} {user[0]}" if user[1] else words[0]), method, call_id


def draw(found: Sequence[Step], names: Sequence[str] = (), *, most_hosts: int = 8) -> list[str]:
    """
    Return the ladder as lines of text.

    Args:
        found: from `steps`.
        names: name of each file, for the frame numbers; left out where there is one file.
        most_hosts: with more hosts than this, source and target are written out on each line instead.
    """
    if not found:
        return ["no messages"]
    hosts: list[str] = []
    for step in found:
        hosts += [h for h in dict.fromkeys((step.source, step.target)) if h not in hosts]
    start = next((step.at_us for step in found if step.timed), None)
    several = len({step.file for step in found}) > 1
    notes = [_note(step, names, several) for step in found]
    times = [_time(step.at_us - start) if step.timed and start is not None else "" for step in found]
    width = max(map(len, times))
    begins = "the trace has no times: only the order of its messages is known"
    lines = [begins if start is None else f"starts at {clock(start, micros=True)} UTC"]
    if len(hosts) > most_hosts:
        lines += [
            f"{time.rjust(width)}  {safe(step.source)} -> {safe(step.target)}  {safe(step.label)}  {note}"
            for time, step, note in zip(times, found, notes, strict=True)
        ]
        return lines
    column = min(42, max(22, max(len(safe(step.label)) for step in found) + 6, max(map(len, hosts)) + 2))
    lines.append(" " * width + "  " + "".join(h.center(column) for h in hosts).rstrip())
    for time, step, note in zip(times, found, notes, strict=True):
        lines.append(f"{time.rjust(width)}  {_arrow(step, hosts, column)}  {note}".rstrip())
    return lines


def _time(us: int) -> str:
    return f"+{us // 1_000_000}.{us % 1_000_000 // 1_000:03d} s"


def _note(step: Step, names: Sequence[str], several: bool) -> str:
    file = f"{safe(names[step.file])} " if several and step.file < len(names) else ""
    mark = f"  [{step.mark}]" if step.mark else ""
    return f"{file}#{step.frame}{mark}"


def _arrow(step: Step, hosts: Sequence[str], column: int) -> str:
    cells = [" "] * (column * len(hosts))
    for index in range(len(hosts)):
        cells[index * column + column // 2] = "|"
    one, two = hosts.index(step.source), hosts.index(step.target)
    left, right = sorted((one * column + column // 2, two * column + column // 2))
    label = safe(step.label)
    if one == two:
        text = f" (to itself) {label}"
        cells[left + 1 : left + 1 + len(text)] = list(text)
        return "".join(cells)
    room = right - left - 1
    label = label if len(label) <= room - 4 else label[: room - 5] + "…"
    text = f" {label} ".center(room - 1, "-")
    text = text + ">" if one < two else "<" + text
    cells[left + 1 : right] = list(text)
    return "".join(cells).rstrip()


def evidence(
    call: Call, verdict: Verdict, found: Sequence[Sighting], names: Sequence[str], *, show: Callable[[str], str] = plain
) -> list[str]:
    """
    Return the verdict and what it rests on, one fact a line.

    Args:
        call: the row, masked where it is to be masked.
        verdict: its verdict.
        found: the messages of the call.
        names: name of each file, as rows name it.
        show: how text of the messages is shown.
    """
    facts = [
        ("verdict", f"{verdict.verdict}, confidence {verdict.confidence:.2f}"),
        ("meaning", MEANINGS.get(verdict.verdict, "")),
        ("because", verdict.because),
        ("rule", f"{verdict.rule} (rules {verdict.rules_version})" if verdict.rules_version else verdict.rule),
        ("to settle it", verdict.settle),
        ("hidden block", "possible: compare this number over many calls" if verdict.hidden_candidate else ""),
        ("from, to", f"{call.caller or '(none)'} to {call.callee or '(none)'}"),
        ("carrier", call.carrier),
        ("answered by", " ".join(filter(None, (call.answered_by, call.server)))),
        ("blocker", call.blocker),
        ("ask at", ", ".join(filter(None, (call.redress_url, call.redress_tel, call.redress_email)))),
        ("card", " ".join(filter(None, (call.card_uri, _checked(call.card, call.card_signer))))),
        ("identity", " ".join(filter(None, (_attested(call), _checked(call.identity, call.identity_signer))))),
        ("quote", call.redress_id),
        ("times", _times(call)),
        ("seen", _seen(call)),
    ]
    lines = [f"{name:<13} {safe(text)}" for name, text in facts if text]
    for title, file, frame in (
        ("first INVITE", call.file, call.frame),
        ("first ringing", call.ring_file, call.ring_frame),
        ("decided by", call.final_file, call.final_frame),
    ):
        if frame is not None:
            message = next((s for s in found if s.frame == frame and names[s.file : s.file + 1] == [file]), None)
            lines += _exhibit(title, file, frame, message, show, whole=title == "decided by")
    if call.far_code is not None:
        # The row names no frame for it: the last message with this status is the one, or its repetition.
        start = f"SIP/2.0 {call.far_code} ".encode()
        far = next((s for s in reversed(found) if s.data.startswith(start)), None)
        if far is not None:
            lines += _exhibit("far answer", names[far.file], far.frame, far, show, whole=True)
    own = call.call_id.encode("utf-8", "surrogateescape")
    others = sorted({peeked.call_id for s in found if (peeked := peek(s.data)) and peeked.call_id != own})
    if others and call.legs > 1:
        shown = ", ".join(safe(show(other.decode("utf-8", "surrogateescape"))) for other in others)
        lines.append(f"{'joined legs':<13} a back-to-back user agent gave this call further Call-IDs: {shown}")
    return lines


def _exhibit(
    title: str, file: str, frame: int, found: Sighting | None, show: Callable[[str], str], *, whole: bool
) -> list[str]:
    if found is None:
        return [f"{title:<13} frame {frame} of {safe(file)}"]
    first = found.data.split(b"\n", 1)[0].strip().decode("utf-8", "surrogateescape")
    lines = [f"{title:<13} frame {frame} of {safe(file)}: {safe(show(first))}"]
    if whole:
        message = decode(found.data)
        if isinstance(message, Malformed):
            return lines
        wanted = _EVIDENCE if isinstance(message, Response) else _EVIDENCE[:3]
        for name, value in message.headers.items:
            if name.lower() in wanted:
                lines.append(f"{'':<13} {safe(name)}: {safe(show(value.strip()))}")
    return lines


def _attested(call: Call) -> str:
    return f"attestation {call.attestation}" if call.attestation else ""


def _checked(outcome: str, signer: str) -> str:
    """What became of an Identity or a card, and who signed it."""
    said = outcome.replace("_", " ")
    return f"({said}, signed by {signer})" if signer else f"({said})" if said else ""


def _times(call: Call) -> str:
    parts = (
        ("rang", call.ring_ms), ("to the final response", call.setup_ms), ("talked", call.talk_ms),
        ("cancelled after", call.cancel_ms), ("silent for", call.silence_ms),
    )  # fmt: skip
    return ", ".join(f"{name} {duration(ms)}" for name, ms in parts if ms is not None)


def _seen(call: Call) -> str:
    parts = (
        (call.attempts, "attempt"), (call.legs, "hop or leg"), (call.challenges, "challenge"), (call.forks, "fork"),
        (call.retransmissions, "retransmission"), (call.duplicates, "mirrored copy"),
    )  # fmt: skip
    text = ", ".join(f"{number} x {name}" for number, name in parts if number)
    return f"{text}; cut by the {call.cut} of the capture" if call.cut else text
