"""
Sightings in, calls out: `Assembler.feed` takes one message, `flush` hands over the calls that are over.

Theory of operation
- Everything with one Call-ID is one `OpenCall`; each INVITE transaction in it, at each hop, is an `Attempt`, found by
  its top Via branch (RFC 3261 §17.1.3). Legs with other Call-IDs are joined by `joining`; `fold` makes the row.
- A call is over some time after the last thing that matters: LINGER_US after a final response or BYE (RFC 3261 Timers
  D, H and J are 64*T1 = 32 s: nothing that belongs to it comes later), PENDING_US of silence without a final response,
  TALK_US of silence after an answer. All times are capture times; nothing here reads a clock.
- Whether a call is over when a message comes is decided by that call's own deadline, never by when `flush` was called,
  so the rows do not depend on how often it is. GRACE_US allows for frames that are stored a little out of order.
- `begin_shard` is for parallel readers, which start in the middle of a stream; see there.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter, deque
from collections.abc import Iterable
from typing import NamedTuple

from ringthrough.calls.claims import may_vouch
from ringthrough.calls.fold import Folder, clean
from ringthrough.calls.joining import ADVANCE_US, Joiner
from ringthrough.calls.scanners import is_scanner
from ringthrough.calls.schema import Call
from ringthrough.calls.sighting import Sighting
from ringthrough.calls.states import Attempt, OpenCall
from ringthrough.wire import Malformed, decode
from ringthrough.wire.opening import Opening, begin, opening
from ringthrough.wire.peek import peek

__all__ = ["GRACE_US", "LINGER_US", "PENDING_US", "TALK_US", "Assembler", "EndKey", "HandOver"]

LINGER_US = 32_000_000
"64*T1 (RFC 3261 §17): how long retransmissions and retries of an ended call are still expected."
PENDING_US = 240_000_000
"Timer C is more than 3 minutes (RFC 3261 §16.6): silence beyond it means that nobody waits any more."
TALK_US = 4 * 3600 * 1_000_000
"An answered call that is silent for 4 hours is taken as ended unseen; session timers (RFC 4028) speak more often."
GRACE_US = 5_000_000
"How far out of order frames may be stored; a multi-queue capture is off by milliseconds."
MIRROR_US = 20_000
"A byte-identical copy within 20 ms was made by a mirror port: T1 is 500 ms, and no stack known resends within 50."
GUARD_US = LINGER_US + GRACE_US + 3_000_000
"How long after a shard begins a new call may still be the continuation of one that began before it."
EndKey = tuple[int, int, int]
"When a call ended (its last deadline, us), then file and frame of its first message: orders rows, and is unique."


class HandOver(NamedTuple):
    """State of one assembler for another; picklable."""

    roots: list[OpenCall]
    "First legs of the calls that are open."
    done: list[tuple[EndKey, Call]]
    "Calls that are over and were not flushed."
    now_us: int
    "Latest capture time seen."


_CALL_ID = re.compile(rb"\r\n(?:Call-ID|i|call-id)[ \t]*+:[ \t]*+([^ \t\r\n]++)\r\n").search
_OF_INVITE = re.compile(rb"\r\n[Cc][Ss]eq[ \t]*+:[ \t]*+[0-9]++ INVITE\r\n").search
_RECHECK_US = 300_000_000  # a long deadline is looked at this often, so that the heap holds no call long after its end


class Assembler:
    """
    Makes call rows from SIP messages in time order. Holds open calls, and nothing of the ended ones.

    Args:
        folder: makes a row of the legs of an ended call (it knows file names, carriers, own networks, the region).
    """

    _Attempt = Attempt
    _OpenCall = OpenCall

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._open: dict[bytes, OpenCall] = {}
        self._joiner = Joiner(self._open)
        # Calls by the time at which to look whether they are over. Most deadlines are the present plus one of two
        # constants, so they come in order and two queues do; the heap takes the others.
        self._pending: deque[tuple[int, OpenCall]] = deque()
        self._lingering: deque[tuple[int, OpenCall]] = deque()
        self._heap: list[tuple[int, int, OpenCall]] = []
        self._count = 0
        self._done: list[tuple[EndKey, Call]] = []
        self._shard_until = 0
        self._suspects: dict[bytes, int] = {}
        self.now_us = 0
        "Latest capture time seen."
        self.others: Counter[str] = Counter()
        "Requests that make no call, by method (OPTIONS, REGISTER ...); `malformed` for what no reader can take."
        self.journal: list[Sighting] = []
        "Sightings that the reader of the part before this one has to see; see `begin_shard`."

    def __len__(self) -> int:
        return len(self._open)

    def feed(self, sighting: Sighting) -> None:
        """Take in one message. Ended calls wait for `flush`."""
        at_us = sighting[0]
        data = sighting[8]
        if at_us > self.now_us:
            self.now_us = at_us
        begins = data[:4]
        if begins == b"ACK ":
            return
        if begins == b"SIP/":
            if b"INVITE" not in data:
                return  # its CSeq names another method, and no call hangs on the answer to that
            if self._quickly(sighting, data):
                return
        if begins == b"INVI" and (whole := begin(data)) is not None:
            call_id, cseq, from_tag, branch, said = whole
            self._invite(sighting, self._open.get(call_id), call_id, cseq, from_tag, branch, said)
            return
        seen = peek(data)
        if seen is None or not seen.call_id:  # whose it is, nobody can say (RFC 3261 §8.1.1.4)
            self.others["malformed"] += 1
            return
        status, method, call_id, cseq, from_tag, to_tag, branch = seen
        if method == b"INVITE" and not status and not to_tag:
            self._invite(sighting, self._open.get(call_id), call_id, cseq, from_tag, branch, opening(data))
            return
        call = self._open.get(call_id)
        if call is not None and at_us > call.deadline_us:
            self._close(call)
            call = None
        if method == b"INVITE":
            if status:
                if call is None:
                    call = self._orphan(sighting, call_id, cseq, branch, from_tag, answer=True)
                self._response(call, sighting, status, cseq, to_tag, branch)
            else:
                self.others["INVITE in a dialog"] += 1
                if call is None:
                    self._keep_for_the_part_before(sighting)
                    return
                call.deadline_us = max(call.deadline_us, at_us + (LINGER_US if call.bye_us else TALK_US))
        elif status:
            return
        elif method == b"BYE":
            if call is None:
                call = self._orphan(sighting, call_id, cseq, b"", from_tag)
            self._bye(call, sighting, from_tag, branch)
        elif method == b"CANCEL":
            if call is None:
                call = self._orphan(sighting, call_id, cseq, branch, from_tag)
            self._cancel(call, sighting, cseq, branch)
        else:
            self.others[method.decode("ascii", "replace")] += 1
            if call is None:
                if to_tag:
                    self._keep_for_the_part_before(sighting)
                return
            if to_tag and call.answered and not call.bye_us:
                call.deadline_us = at_us + TALK_US
        if call.shadowed:
            self.journal.append(sighting)

    def _quickly(self, sighting: Sighting, data: bytes) -> bool:
        """
        Take in a response that needs no reading; False when it has to be read after all.

        One that names the Call-ID of an open call, and the branch of its only INVITE, answers that INVITE. What
        repeats a status, or comes after the final response, is left to the careful way, which looks at tags.
        """
        named = _CALL_ID(data)
        call = self._open.get(named[1]) if named is not None else None
        if call is None or len(call.attempts) != 1 or sighting[0] > call.deadline_us or call.shadowed:
            return False
        attempt = call.attempts[0]
        status = data[8:11]
        if attempt.final or attempt.orphan or b";branch=" + attempt.branch not in data or not status.isdigit():
            return False
        code = int(status)
        if code < 200:
            if code == attempt.last_status or code < 100:
                return False
            self._provisional(call, attempt, sighting, code, b"")
            return True
        if _OF_INVITE(data) is None:
            return False  # the answer to a CANCEL has the branch of the INVITE
        self._final(call, attempt, sighting, code, b"")
        return True

    def feed_all(self, sightings: Iterable[Sighting]) -> None:
        """Take in many messages."""
        feed = self.feed
        for sighting in sightings:
            feed(sighting)

    # ------------------------------------------------------------------ openings

    def _invite(
        self,
        sighting: Sighting,
        call: OpenCall | None,
        call_id: bytes,
        cseq: int,
        from_tag: bytes,
        branch: bytes,
        said: Opening,
    ) -> None:
        """Take in an INVITE outside a dialog: a new call, or more of one that is open."""
        at_us, file, frame, _transport, src, sport, dst, dport, data, _flags, ident = sighting
        if call is not None:
            # A Call-ID that is used again after its call was answered and over makes another call.
            anew = call.bye_us or (call.answered and call.from_tag and from_tag != call.from_tag)
            if anew or at_us > call.deadline_us:
                self._close(call)
            else:
                self._invite_again(call, sighting, cseq, branch, said)
                if not call.invite_data and may_vouch(data):
                    call.invite_data = data
                if call.shadowed:
                    self.journal.append(sighting)
                return
        first = self._Attempt(at_us, file, frame, src, sport, dst, dport, cseq, branch, said.vias, ident)
        due_us = at_us + PENDING_US
        call = self._OpenCall(call_id, from_tag, first, due_us)
        describe(call, said)
        if may_vouch(data):
            call.invite_data = data
        parent = self._joiner.enter(call, said)
        if parent is not None:
            call.parent = parent
            parent.children = (*parent.children, call)
            root = call.root()
            root.open_members += 1
            call.shadowed = root.shadowed
        elif self._shard_until:
            self._shadow(call, sighting)
        self._open[call_id] = call
        self._wait(self._pending, due_us, call)
        if call.shadowed:
            self.journal.append(sighting)

    def _orphan(
        self, sighting: Sighting, call_id: bytes, cseq: int, branch: bytes, from_tag: bytes, *, answer: bool = False
    ) -> OpenCall:
        """Open a call whose INVITE was not seen: it began before the capture, or on a link that was not captured."""
        at_us, file, frame, _transport, src, sport, dst, dport, data, _flags, ident = sighting
        if answer:
            src, sport, dst, dport = dst, dport, src, sport
        first = self._Attempt(at_us, file, frame, src, sport, dst, dport, cseq, branch, 0, ident)
        first.orphan = True
        due_us = at_us + PENDING_US
        call = self._OpenCall(call_id, from_tag, first, due_us)
        describe(call, opening(data))
        if self._shard_until:
            call.shadowed = True
        self._open[call_id] = call
        self._wait(self._pending, due_us, call)
        return call

    def _wait(self, queue: deque[tuple[int, OpenCall]], due_us: int, call: OpenCall) -> None:
        """Look at a call again at a time; into the queue where that keeps its order."""
        if not queue or queue[-1][0] <= due_us:
            queue.append((due_us, call))
        else:
            self._push(call, due_us)

    def _push(self, call: OpenCall, due_us: int) -> None:
        self._count += 1
        heapq.heappush(self._heap, (due_us, self._count, call))

    def _linger(self, call: OpenCall, at_us: int) -> None:
        """It is over but for what may still straggle in."""
        due_us = call.deadline_us = at_us + LINGER_US
        self._wait(self._lingering, due_us, call)

    # ------------------------------------------------------------------ what happens to an open call

    def _invite_again(self, call: OpenCall, sighting: Sighting, cseq: int, branch: bytes, said: Opening) -> None:
        at_us, _file, _frame, _transport, src, _sport, dst, _dport, _data, _flags, ident = sighting
        for attempt in call.attempts:
            if (attempt.branch, attempt.cseq, attempt.src, attempt.dst, attempt.orphan) == (
                branch,
                cseq,
                src,
                dst,
                False,
            ):
                if at_us - attempt.last_us <= MIRROR_US and _same_packet(attempt.ident, ident):
                    call.duplicates += 1
                else:
                    call.repeats += 1
                attempt.last_us, attempt.ident = at_us, ident
                return
        early = call.attempts[0]
        if early.orphan and early.branch in (b"", branch):
            # Stored out of order: an answer came before its INVITE.
            early.at_us, early.file, early.frame = sighting[:3]
            early.src, early.sport, early.dst, early.dport = sighting[4:8]
            early.branch, early.vias, early.ident, early.orphan = branch, said.vias, ident, False
            describe(call, said)
            return
        call.attempts.append(
            self._Attempt(
                at_us, sighting[1], sighting[2], src, sighting[5], dst, sighting[7], cseq, branch, said.vias, ident
            )
        )
        if not call.answered:
            call.deadline_us = at_us + PENDING_US

    def _response(
        self, call: OpenCall, sighting: Sighting, status: int, cseq: int, to_tag: bytes, branch: bytes
    ) -> None:
        at_us, ident = sighting[0], sighting[10]
        attempts = call.attempts
        attempt = attempts[-1]
        if attempt.branch != branch or attempt.cseq != cseq:
            for candidate in attempts:
                if candidate.branch == branch and candidate.cseq == cseq:
                    attempt = candidate
                    break
            else:
                if call.answered or cseq != attempt.cseq:
                    return  # an answer to a re-INVITE, or to something that was not captured
        if status < 200:
            self._provisional(call, attempt, sighting, status, to_tag)
            return
        if attempt.final:
            if not attempt.final_tag and (first := peek(attempt.final_data)) is not None:
                attempt.final_tag = first.to_tag
            if attempt.final == status and attempt.final_tag == to_tag:
                if at_us - attempt.final_last_us <= MIRROR_US and _same_packet(attempt.final_ident, ident):
                    call.duplicates += 1
                else:
                    call.repeats += 1
                attempt.final_last_us, attempt.final_ident = at_us, ident
            return
        self._final(call, attempt, sighting, status, to_tag)

    def _final(self, call: OpenCall, attempt: Attempt, sighting: Sighting, status: int, to_tag: bytes) -> None:
        """Note the final response; an empty tag is read off its octets should it ever be asked for."""
        at_us = attempt.final_us = attempt.final_last_us = sighting[0]
        attempt.final, attempt.final_tag = status, to_tag
        attempt.final_file, attempt.final_frame = sighting[1], sighting[2]
        attempt.final_data, attempt.final_ident = sighting[8], sighting[10]
        if status < 300:
            call.answered = True
            call.deadline_us = at_us + TALK_US
        elif not call.answered and (len(call.attempts) == 1 or all(a.final for a in call.attempts)):
            self._linger(call, at_us)
            if call.shadowed and attempt.orphan:
                self._suspects[attempt.src] = at_us  # its numbers are not known, so the next route cannot be either

    def _provisional(self, call: OpenCall, attempt: Attempt, sighting: Sighting, status: int, to_tag: bytes) -> None:
        at_us, file, frame, _transport, _src, _sport, _dst, _dport, data, _flags, ident = sighting
        if attempt.last_status == status and attempt.last_tag in (b"", to_tag):
            if at_us - attempt.reply_us <= MIRROR_US and _same_packet(attempt.reply_ident, ident):
                call.duplicates += 1
            else:
                call.repeats += 1
        attempt.last_status, attempt.last_tag, attempt.reply_us, attempt.reply_ident = status, to_tag, at_us, ident
        if status == 100:
            if not attempt.trying_us:
                attempt.trying_us = at_us
        else:
            if status >= 180 and not attempt.eighteen_us:
                attempt.eighteen_us = at_us
            if status == 180 and not attempt.ring_us:
                attempt.ring_us, attempt.ring_file, attempt.ring_frame = at_us, file, frame
            if not attempt.early and data[-4:] != b"\r\n\r\n":
                attempt.early = _describes_media(data)
        if not call.answered and not attempt.final:
            call.deadline_us = at_us + PENDING_US

    def _bye(self, call: OpenCall, sighting: Sighting, from_tag: bytes, branch: bytes) -> None:
        at_us, file, frame, _transport, _src, _sport, _dst, _dport, data, _flags, ident = sighting
        if call.bye_us:
            if branch == call.bye_branch:
                if at_us - call.bye_last_us <= MIRROR_US and _same_packet(call.bye_ident, ident):
                    call.duplicates += 1
                else:
                    call.repeats += 1
                call.bye_last_us, call.bye_ident = at_us, ident
            return
        call.bye_us = call.bye_last_us = at_us
        call.bye_file, call.bye_frame, call.bye_branch, call.bye_ident = file, frame, branch, ident
        call.bye_by_caller = from_tag == call.from_tag
        call.bye_data = data
        self._linger(call, at_us)

    def _cancel(self, call: OpenCall, sighting: Sighting, cseq: int, branch: bytes) -> None:
        at_us, file, frame, _transport, _src, _sport, _dst, _dport, data, _flags, ident = sighting
        attempt = next((a for a in call.attempts if a.branch == branch and a.cseq == cseq), call.attempts[-1])
        if attempt.cancel_us:
            if at_us - attempt.cancel_last_us <= MIRROR_US and _same_packet(attempt.cancel_ident, ident):
                call.duplicates += 1
            else:
                call.repeats += 1
            attempt.cancel_last_us, attempt.cancel_ident = at_us, ident
            return
        attempt.cancel_us = attempt.cancel_last_us = at_us
        attempt.cancel_file, attempt.cancel_frame, attempt.cancel_ident = file, frame, ident
        attempt.cancel_data = data
        if not call.answered and not attempt.final:
            call.deadline_us = at_us + 2 * LINGER_US
            self._push(call, call.deadline_us)

    # ------------------------------------------------------------------ closings

    def flush(self, limit_us: int | None = None) -> list[tuple[EndKey, Call]]:
        """
        Hand over the calls that are over, in the order of their keys, which is the order in which they ended.

        Args:
            limit_us: capture time up to which nothing more will come; the latest time seen, less GRACE_US, by default.

        Returns:
            Key and row of each; over all flushes together the keys only grow.
        """
        limit = self.now_us - GRACE_US if limit_us is None else limit_us
        for queue in (self._lingering, self._pending):
            while queue and queue[0][0] <= limit:
                due_us, call = queue.popleft()
                if not call.closed:
                    self._look(call, due_us)
        heap = self._heap
        while heap and heap[0][0] <= limit:
            due_us, _count, call = heapq.heappop(heap)
            if not call.closed:
                self._look(call, due_us)
        return self._ready(limit)

    def _ready(self, limit: int) -> list[tuple[EndKey, Call]]:
        """Rows of calls that are over, up to a time."""
        done = self._done
        if not done:
            return []
        done.sort(key=_key)
        if done[-1][0][0] <= limit:
            self._done = []
            return done
        # A call that a later message pushed out may have ended a moment before others that still wait: it waits too.
        ready = sum(1 for key, _call in done if key[0] <= limit)
        self._done = done[ready:]
        return done[:ready]

    def _look(self, call: OpenCall, due_us: int) -> None:
        """Close a call that is over, or look at it again later."""
        if call.deadline_us > due_us:
            self._push(call, min(call.deadline_us, due_us + _RECHECK_US))
        else:
            self._close(call)

    def finish(self) -> list[tuple[EndKey, Call]]:
        """End of everything: close all calls, marking those that the end of the capture cuts."""
        done = self.flush()
        for call in list(self._open.values()):
            self._close(call, cut=True)
        done.extend(sorted(self._done, key=_key))
        self._done = []
        return done

    def _close(self, call: OpenCall, *, cut: bool = False) -> None:
        call.closed = True
        if self._open.get(call.call_id) is call:
            del self._open[call.call_id]
        self._joiner.drop(call)
        root = call.root()
        root.open_members -= 1
        if root.open_members:
            return
        if not root.shadowed:
            first = root.attempts[0]
            ended_us = max(m.deadline_us for m in root.members()) if root.children else root.deadline_us
            self._done.append(
                ((ended_us, first.file, first.frame), self._folder.fold(root, end_us=self.now_us if cut else 0))
            )
        for member in root.members() if root.children else (root,):  # a queue may hold the husk for a while
            member.attempts = []
            member.children = ()
            member.bye_data = member.invite_data = b""

    # ------------------------------------------------------------------ parallel reading

    def begin_shard(self, start_us: int) -> None:
        """
        Say that this assembler starts in the middle of a stream whose beginning another process reads.

        Calls that may have begun before `start_us` are then shadowed: their sightings go to `journal`, and they give
        no row here. The process that holds the state of the part before (`hand_over`) takes that state over with
        `take_over`, is fed the journal, and so sees all that one reader of the whole would have seen of these calls.

        Shadowed are calls whose INVITE was not seen, that begin within GUARD_US of the start, that continue a shadowed
        leg, or that may be the next route of one. What would escape is an INVITE that repeats a Call-ID from before the
        start after more than GUARD_US in which nothing at all was heard of it; no stack is known to do that.
        """
        self._shard_until = start_us + GUARD_US

    def _shadow(self, call: OpenCall, sighting: Sighting) -> None:
        at_us, src = sighting[0], sighting[4]
        if at_us <= self._shard_until or at_us - self._suspects.get(src, -ADVANCE_US - 1) <= ADVANCE_US:
            call.shadowed = True

    def _keep_for_the_part_before(self, sighting: Sighting) -> None:
        """Journal a request within a dialog that this part has not seen begin: it shows that the call still lasts."""
        if self._shard_until:
            self.journal.append(sighting)

    def hand_over(self) -> HandOver:
        """Give away what is open and not shadowed, and what is over but not yet flushed."""
        roots = {id(root): root for root in (call.root() for call in self._open.values()) if not root.shadowed}
        return HandOver(list(roots.values()), self._done, self.now_us)

    def take_over(self, other: HandOver) -> None:
        """Adopt what the assembler of the part just before, or of the same part, handed over."""
        self.now_us = max(self.now_us, other.now_us)
        self._done.extend(other.done)
        for root in other.roots:
            for call in root.members():
                if not call.closed:
                    self._open[call.call_id] = call
                    self._joiner.hold(call)
                    self._push(call, call.deadline_us)


def _key(ended: tuple[EndKey, Call]) -> EndKey:
    return ended[0]


def describe(call: OpenCall, said: Opening) -> None:
    """Note who calls whom with what. An anonymous From gives way to an asserted identity (RFC 3325 §9.1)."""
    callee, caller, asserted, from_value, agent, _session, _other_leg, _vias = said
    caller = asserted or caller
    call.caller_raw = caller if caller.isascii() else clean(caller)
    call.callee_raw = callee if callee.isascii() else clean(callee)
    call.user_agent = agent if agent.isascii() else clean(agent)
    if is_scanner(agent, from_value):
        call.kind = "scanner"


def _same_packet(one: int, other: int) -> bool:
    """Whether two IPv4 identifications allow the packets to be copies; 0 and -1 say nothing (RFC 6864 §4.1)."""
    return one == other or one <= 0 or other <= 0


def _describes_media(data: bytes) -> bool:
    """Whether a response carries a session description."""
    if b"\r\nContent-Type: application/sdp\r\n" in data:
        return True
    if b"application/sdp" not in data.lower():
        return False
    message = decode(data)
    if isinstance(message, Malformed) or not message.body:
        return False
    return (message.headers.get("Content-Type") or "").lower().startswith("application/sdp")
