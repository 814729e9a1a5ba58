"""
What has to be true of any input: nothing but our errors escapes, the fast readers say what the slow ones say, and no
record is lost from the counts. Each check returns normally or raises; a broken promise is an AssertionError.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from ringthrough.calls import VERDICTS, Assembler, Call, Folder, Sighting
from ringthrough.captures import CAUSES, PROBLEMS, Dissector, Tally, open_capture
from ringthrough.captures.causes import explain
from ringthrough.errors import Error, Problem
from ringthrough.signals import NO_CAUSES, causes, may_refuse, read
from ringthrough.signals.causes import _parsed
from ringthrough.verdict import judge
from ringthrough.wire import Malformed, Response, decode, encode, validate
from ringthrough.wire.glance import glance
from ringthrough.wire.opening import _opening_whole, begin, opening
from ringthrough.wire.peek import Peek, _peek_whole, peek

__all__ = ["check_calls", "check_file", "check_frames", "check_message"]

GLANCED = (b"reason", b"server", b"user-agent")


def check_message(data: bytes) -> bool:
    """Check every reader of one message; tells whether it was one at all."""
    message = decode(data)
    seen, whole = peek(data), _peek_whole(data)
    assert seen == whole, f"peek says {seen}, decode says {whole}"
    first, slowly = opening(data), _opening_whole(data)
    assert first == slowly, f"opening says {first}, decode says {slowly}"
    both = begin(data)
    if both is not None:
        call_id, cseq, from_tag, branch, said_first = both
        again = Peek(0, b"INVITE", call_id, cseq, from_tag, b"", branch)
        assert (again, said_first) == (whole, slowly), f"begin says {both}, decode says {whole} and {slowly}"
    problems = validate(message)
    assert all(isinstance(problem, Problem) for problem in problems)
    refusal = read(message)
    said = causes(data)
    seen_at_a_glance = [(name, glance(data, name)) for name in GLANCED]
    assert isinstance(decode(data, stream=True), type(message))
    if isinstance(message, Malformed):
        assert message.problems
        assert seen is None
        assert refusal is None
        return False
    assert encode(message) == data
    for name, glanced in seen_at_a_glance:
        got = message.headers.get(name.decode("ascii"))
        assert glanced == got, f"glance says {glanced!r} for {name!r}, decode says {got!r}"
    status = message.status if isinstance(message, Response) else 0
    if refusal is not None:
        assert may_refuse(data, status), f"may_refuse says no, and read finds {refusal}"
    raw = tuple(message.headers.all("Reason"))
    expected = _parsed(raw) if raw else NO_CAUSES
    assert said == expected, f"causes says {said}, decode says {expected}"
    return True


def check_frames(frames: Iterable[tuple[int, int, bytes, bool]], dissector: Dissector, tally: Tally) -> int:
    """Dissect records `(at_us, link, data, cut)`; after each one all so far are counted. Returns how many messages."""
    found = 0
    for frame, (at_us, link, data, cut) in enumerate(frames, 1):
        tally.records += 1
        found += len(dissector.feed(at_us, frame, link, data, cut))
        assert tally.adds_up, f"after frame {frame} of link type {link}: {tally}"
    found += len(dissector.finish())
    _check_tally(tally, found)
    assert dissector.pending == 0
    return found


def check_file(octets: bytes) -> int:
    """Read a capture file, assemble and judge its calls. Returns its messages, or -1 when it is refused."""
    try:
        capture = open_capture(io.BytesIO(octets), name="fuzz.pcap")
    except Error as error:
        assert error.problem.code in PROBLEMS
        assert str(error)
        return -1
    dissector = Dissector(file=0, tally=capture.tally)
    assembler = Assembler(Folder(["fuzz.pcap"], region="US"))
    found, rows = 0, []
    for batch in capture.blocks():
        for row in batch:
            sightings = dissector.feed(*row)
            found += len(sightings)
            for sighting in sightings:
                assembler.feed(sighting)
        rows += [call for _key, call in assembler.flush()]
    for sighting in (last := dissector.finish()):
        assembler.feed(sighting)
    rows += [call for _key, call in assembler.finish()]
    _check_tally(capture.tally, found + len(last))
    assert {problem.code for problem in capture.problems} <= PROBLEMS.keys()
    _check_rows(rows)
    return found + len(last)


def check_calls(sightings: Sequence[Sighting]) -> int:
    """Assemble and judge calls from messages; returns the number of rows."""
    assembler = Assembler(Folder(["fuzz.pcap"]))
    rows = []
    for sighting in sightings:
        assembler.feed(sighting)
        rows += [call for _key, call in assembler.flush()]
    ended = assembler.finish()
    assert [key for key, _call in ended] == sorted(key for key, _call in ended)
    rows += [call for _key, call in ended]
    assert len(assembler) == 0
    _check_rows(rows)
    return len(rows)


def _check_tally(tally: Tally, found: int) -> None:
    assert tally.adds_up, str(tally)
    assert tally.messages == found, f"{found} messages handed out, but {tally.messages} counted"
    for cause in (*tally.skipped, *tally.bad, *tally.notes):
        assert cause in CAUSES or explain(cause), f"nothing explains {cause}"


def _check_rows(rows: Iterable[Call]) -> None:
    for row in rows:
        judged = judge(row)
        assert judged.verdict in VERDICTS
        assert 0.0 <= judged.confidence <= 1.0
        assert judged.because
