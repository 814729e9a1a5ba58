"""
An ended call to its row: which final response the caller got, what the farthest leg said, what signal was given.

Facts
- Every proxy adds a Via, so the number of Vias of an INVITE is the depth of its hop; a joined leg lies one deeper than
  the leg it continues, unless it left from the same host (route advance).
- The near hop is what the caller saw. When the farthest hop ended otherwise, something in between rewrote the answer;
  both stay visible (`final_code`, `far_code`), and the most telling signal of the two is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from ringthrough.calls.addresses import endpoint
from ringthrough.calls.carriers import Carriers, Networks
from ringthrough.calls.claims import claimed
from ringthrough.calls.schema import Call
from ringthrough.calls.states import Attempt, OpenCall
from ringthrough.numbers import normalise
from ringthrough.signals import Causes, Refusal, causes, read_octets
from ringthrough.wire.glance import glance

__all__ = ["Folder", "clean"]

_WEAK = frozenset(("", "603", "403"))  # signals that say only what the code says
_new = tuple.__new__


class Folder:
    """
    Makes rows of ended calls.

    Args:
        names: names of the files, by the index that sightings carry; may grow while calls are read.
        region: ISO 3166 country in which numbers without country code are read; None leaves them as sent.
        own: our own address ranges; they give a call its direction.
        carriers: the operator's carriers.
        source: kind of source the messages come from: capture, trace, hep or gate.
        prove: fills the columns of Identity and card, from the row and the INVITE that may carry an Identity (None for
            none); by default with what is claimed.
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        region: str | None = None,
        own: Networks | None = None,
        carriers: Carriers | None = None,
        source: str = "capture",
        prove: Callable[[Call, bytes | None], Call] = claimed,
    ) -> None:
        self._names = names
        self._region = region
        self._own = own or Networks(())
        self._carriers = carriers or Carriers()
        self._source = source
        self._prove = prove

    def fold(self, root: OpenCall, *, end_us: int = 0) -> Call:
        """
        Make the row of a call whose legs are all over.

        Args:
            root: its first leg.
            end_us: end of the capture when that is what ended it, else 0.
        """
        attempts = root.attempts
        if len(attempts) == 1 and not root.children:
            first = attempt = beyond = last = attempts[0]
            everything: Sequence[Attempt] = attempts
            cancel = attempt if attempt.cancel_us else None
            bye = root if root.bye_us else None
            ring_us, ring_file, ring_frame = attempt.ring_us, attempt.ring_file, attempt.ring_frame
            eighteen, trying, early = attempt.eighteen_us, attempt.trying_us, attempt.early
            tried, challenges, forks, legs = 1, 0, 0, 1
            repeats, duplicates = root.repeats, root.duplicates
            far_code, far_phrase = None, ""
        else:
            levels = _levels(root)
            members = root.members()
            near, far = levels[0], levels[-1]
            first, last = near[0], far[-1]
            attempt = _deciding(near)
            beyond = _deciding(far) if far is not near else attempt
            everything = [a for level in levels for a in level]
            cancel = next((a for a in everything if a.cancel_us), None)
            bye = next((m for m in members if m.bye_us), None)
            ring_us, ring_file, ring_frame = min(
                ((a.ring_us, a.ring_file, a.ring_frame) for a in everything if a.ring_us), default=(0, 0, 0)
            )
            eighteen = min((a.eighteen_us for a in near if a.eighteen_us), default=0)
            trying = min((a.trying_us for a in near if a.trying_us), default=0)
            early = any(a.early for a in everything)
            tried, challenges, forks = _tries(levels)
            legs = len(levels)
            repeats, duplicates = sum(m.repeats for m in members), sum(m.duplicates for m in members)
            far_code, far_phrase = _rewritten(attempt, beyond)
        final, final_us = attempt.final, attempt.final_us
        answered = final // 100 == 2
        cancel_us = cancel.cancel_us if cancel is not None else 0
        bye_us = bye.bye_us if bye is not None else 0
        names = self._names
        file, frame = (names[attempt.final_file], attempt.final_frame) if final else ("", None)
        signal = _NO_SIGNAL
        if final >= 300 or cancel is not None or bye is not None:
            found = _telling(attempt, beyond, cancel, bye)
            if found is not None:
                refusal, its_file, its_frame = found
                signal = _signal_columns(refusal)
                if not final or answered:
                    file, frame = names[its_file], its_frame
            elif final >= 300:
                said = causes(attempt.final_data)
                if said.reason:
                    signal = _cause_columns(said)
        if (final and not cancel_us) or bye_us:
            silence, hop = None, ""
        else:
            silence, hop = _silence(everything, last, cancel_us or end_us or root.deadline_us, cancel_us)
        cut = "start" if first.orphan else ""
        if end_us and not (final >= 300 or bye_us or (cancel_us and not answered)):
            cut = "both" if cut else "end"
        caller = normalise(root.caller_raw, self._region)
        callee = normalise(root.callee_raw, self._region)
        begun_us = 0 if first.orphan else first.at_us
        ring_end = min(cancel_us, final_us) if cancel_us and final_us else cancel_us or final_us
        row = _new(
            Call,
            (
                _text(root.call_id),
                first.at_us,
                caller,
                callee,
                root.caller_raw,
                root.callee_raw,
                self._carrier(everything, callee, beyond if beyond.reply_us or beyond.final else attempt),
                self._direction(first, last) if self._own else "",
                root.kind,
                "INVITE" if begun_us else "",
                final or None,
                _phrase(attempt.final_data) if final else "",
                far_code,
                far_phrase,
                endpoint(attempt.dst, attempt.dport) if final else "",
                _server(attempt.final_data) if final >= 300 else "",
                root.user_agent,
                *signal,
                _ms(begun_us, eighteen) if eighteen else None,
                _ms(ring_us, ring_end) if ring_us else None,
                _ms(begun_us, final_us) if final else None,
                None if attempt.orphan else _ms(attempt.at_us, final_us),
                _ms(final_us, bye_us) if answered else None,
                _ms(begun_us, cancel_us) if cancel_us else None,
                _ms(begun_us, trying) if trying else None,
                silence,
                hop,
                early,
                ("caller" if bye.bye_by_caller else "callee") if bye is not None
                else "caller" if cancel_us and not answered else "",
                tried,
                challenges,
                forks,
                legs,
                repeats,
                duplicates,
                cut,
                names[first.file],
                first.frame,
                names[ring_file] if ring_us else "",
                ring_frame if ring_us else None,
                file,
                frame,
                self._source,
                "", "", "", "", "",
                "", "", None, "", "", "",
            ),
        )  # fmt: skip
        invite = root.invite_data
        if not invite and root.children:
            invite = next((member.invite_data for member in root.members() if member.invite_data), b"")
        return self._prove(row, invite or None) if invite or row.card_uri else row

    def _carrier(self, attempts: Sequence[Attempt], callee: str, responder: Attempt) -> str:
        if self._carriers.carriers:
            for attempt in reversed(attempts):
                name = self._carriers.by_address(attempt.dst) or self._carriers.by_address(attempt.src)
                if name:
                    return name
            name = self._carriers.by_number(callee)
            if name:
                return name
        return endpoint(responder.dst, 0)

    def _direction(self, first: Attempt, last: Attempt) -> str:
        own = self._own
        if first.src in own:
            return "internal" if last.dst in own else "outbound"
        return "inbound" if last.dst in own or first.dst in own else "transit"


# ---------------------------------------------------------------------- attempts and hops


def _levels(root: OpenCall) -> list[list[Attempt]]:
    """Attempts by depth of hop, nearest first, each in time order. Never empty, no empty level."""
    if not root.children and len(root.attempts) == 1:
        return [root.attempts]
    by_depth: dict[tuple[int, int], list[Attempt]] = {}
    depths = {id(root): 0}
    for member in root.members():
        if member.parent is not None and id(member) not in depths:
            same_host = member.attempts[0].src == member.parent.attempts[0].src
            depths[id(member)] = depths[id(member.parent)] + (0 if same_host else 1)
        fewest = min((a.vias for a in member.attempts if not a.orphan), default=0)
        for attempt in member.attempts:
            by_depth.setdefault((depths[id(member)], max(attempt.vias - fewest, 0)), []).append(attempt)
    return [sorted(by_depth[depth], key=lambda a: a.at_us) for depth in sorted(by_depth)]


def _deciding(attempts: list[Attempt]) -> Attempt:
    """
    Attempt whose final response is the outcome at one hop: an answer if there is one, else that of the last attempt.

    When the last attempt is a branch that was cancelled (487) because another branch ended, that other branch decides.
    """
    if len(attempts) == 1:
        return attempts[0]
    answers = [a for a in attempts if a.final // 100 == 2]
    if answers:
        return min(answers, key=lambda a: a.final_us)
    last = attempts[-1]
    if last.final == 487 or not last.final:
        beside = [a for a in attempts if a is not last and a.final and a.final != 487 and a.final_us >= last.at_us]
        if beside:
            return max(beside, key=lambda a: (a.final >= 600, a.final_us))
    elif last.final < 600:
        # RFC 3261 §16.7 step 6: among branches tried together a 6xx wins.
        global_no = [a for a in attempts if a.final >= 600 and a.final_us >= last.at_us]
        if global_no:
            return global_no[0]
    return last


def _tries(levels: list[list[Attempt]]) -> tuple[int, int, int]:
    """Attempts towards the callee, challenges answered, branches forked; of the hop that shows most of each."""
    attempts, challenges, forks = 1, 0, 0
    for level in levels:
        if len(level) == 1:
            continue
        tried, challenged, forked = 1, 0, 0
        for before, after in pairwise(level):
            if before.final_us and before.final_us <= after.at_us:
                if before.final in (401, 407):
                    challenged += 1
                elif before.final != 422:  # RFC 4028 §7.4: asked for another session interval, not refused
                    tried += 1
            else:
                forked += 1
        attempts, challenges, forks = max(attempts, tried), max(challenges, challenged), max(forks, forked)
    return attempts, challenges, forks


def _rewritten(attempt: Attempt, beyond: Attempt) -> tuple[int | None, str]:
    """Final code and phrase of the farthest hop where the caller got something else."""
    if beyond is attempt or not beyond.final:
        return None, ""
    phrase = _phrase(beyond.final_data)
    if beyond.final == attempt.final and phrase == _phrase(attempt.final_data):
        return None, ""
    return beyond.final, phrase


def _silence(attempts: Sequence[Attempt], last: Attempt, until_us: int, cancel_us: int) -> tuple[int | None, str]:
    """How long nothing was heard before a time, and from whom."""
    heard = max((a.reply_us for a in attempts if not cancel_us or a.reply_us <= cancel_us), default=0)
    return _ms(heard or attempts[0].at_us, until_us), endpoint(last.dst, last.dport)


def _telling(
    attempt: Attempt, beyond: Attempt, cancel: Attempt | None, bye: OpenCall | None
) -> tuple[Refusal, int, int] | None:
    """Most telling refusal among what near end, far end, CANCEL and BYE said, with the file and frame that hold it."""
    found: tuple[Refusal, int, int] | None = None
    if cancel is None and bye is None and beyond is attempt:
        refusal = read_octets(attempt.final_data, attempt.final)
        return None if refusal is None else (refusal, attempt.final_file, attempt.final_frame)
    sources = (
        [(attempt.final_data, attempt.final, attempt.final_file, attempt.final_frame)] if attempt.final >= 300 else []
    )
    if beyond is not attempt and beyond.final >= 300:
        sources.append((beyond.final_data, beyond.final, beyond.final_file, beyond.final_frame))
    if cancel is not None:
        sources.append((cancel.cancel_data, 0, cancel.cancel_file, cancel.cancel_frame))
    if bye is not None:
        sources.append((bye.bye_data, 0, bye.bye_file, bye.bye_frame))
    for data, status, file, frame in sources:
        refusal = read_octets(data, status)
        if refusal is None or (found is not None and refusal.kind in _WEAK):
            continue
        found = refusal, file, frame
        if refusal.kind not in _WEAK:
            break
    return found


# ---------------------------------------------------------------------- messages


def _server(data: bytes) -> str:
    """Server, else User-Agent, of a message."""
    return clean(glance(data, b"server") or glance(data, b"user-agent") or "")


def _phrase(data: bytes) -> str:
    """Reason phrase of a response that `peek` has accepted."""
    if data[:8] != b"SIP/2.0 ":
        data = data.lstrip(b"\r\n")
    return _text(data[: data.find(b"\n")].rstrip(b"\r").partition(b" ")[2].partition(b" ")[2])


def _signal_columns(refusal: Refusal | None) -> tuple[object, ...]:
    if refusal is None:
        return _NO_SIGNAL
    return (
        refusal.kind,
        refusal.carried_in,
        refusal.code,
        clean(refusal.phrase),
        clean(refusal.reason),
        refusal.sip_cause,
        refusal.q850_cause,
        clean(refusal.location),
        clean(refusal.provider_code),
        " ".join(problem.code for problem in refusal.defects),
        clean(refusal.blocker),
        clean(refusal.url),
        clean(refusal.tel),
        clean(refusal.email),
        clean(refusal.id),
        clean(refusal.card_uri),
    )


def _cause_columns(said: Causes) -> tuple[object, ...]:
    return (
        "", "", None, "", clean(said.reason), said.sip, said.q850, clean(said.location), "", "", "", "", "", "", "", "",
    )  # fmt: skip


_NO_SIGNAL: tuple[object, ...] = ("", "", None, "", "", None, None, "", "", "", "", "", "", "", "", "")


def _ms(start_us: int, end_us: int) -> int | None:
    """Whole milliseconds from one time to another, never negative; None when one of them was not seen (0)."""
    return max(0, (end_us - start_us) // 1000) if end_us and start_us else None


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "backslashreplace")


def clean(text: str) -> str:
    """Text that any output can encode: octets that were not UTF-8 are shown as escapes."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
