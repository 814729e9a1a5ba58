"""
An ended call to its row: which final response the caller got, what the farthest leg said, what signal was given.

Facts
- Every proxy adds a Via, so the number of Vias of an INVITE is the depth of its hop; a joined leg lies one deeper than
  the leg it continues, unless it left from the same host (route advance).
- The near hop is what the caller saw. When the farthest hop ended otherwise, something in between rewrote the answer;
  both stay visible (`final_code`, `far_code`), and the most telling signal of the two is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from ringthrough.calls.addresses import endpoint
from ringthrough.calls.carriers import Carriers, Networks
from ringthrough.calls.schema import Call
from ringthrough.calls.states import Attempt, OpenCall
from ringthrough.numbers import normalise
from ringthrough.signals import Refusal, read
from ringthrough.wire import Malformed, Message, Request, decode

__all__ = ["Folder"]

_WEAK = frozenset(("", "603", "403"))  # signals that say only what the code says
_ANONYMOUS = frozenset(("anonymous", "restricted", "unavailable", "unknown", ""))
_new = tuple.__new__


class Folder:
    """
    Makes rows of ended calls.

    Args:
        names: names of the files, by the index that sightings carry; may grow while calls are read.
        region: ISO 3166 country in which numbers without country code are read; None leaves them as sent.
        own: our own address ranges; they give a call its direction.
        carriers: the operator's carriers.
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        region: str | None = None,
        own: Networks | None = None,
        carriers: Carriers | None = None,
    ) -> None:
        self._names = names
        self._region = region
        self._own = own or Networks(())
        self._carriers = carriers or Carriers()

    def describe(self, call: OpenCall, message: Message | Malformed) -> None:
        """Note the numbers and the User-Agent that the opening message shows."""
        if isinstance(message, Malformed):
            return
        call.caller_raw = _user(message.from_)
        if isinstance(message, Request) and message.method == "INVITE":
            call.callee_raw = _user(message)
            call.user_agent = _clean(message.headers.get("User-Agent") or "")
            if call.caller_raw.lower() in _ANONYMOUS:
                # RFC 3325 §9.1: a trusted network hands the number on beside an anonymous From.
                asserted = next((user for user in map(_user, message.p_asserted_identity) if user), "")
                call.caller_raw = asserted or call.caller_raw
        else:
            call.callee_raw = _user(message.to)

    def fold(self, root: OpenCall, *, end_us: int = 0) -> Call:
        """
        Make the row of a call whose legs are all over.

        Args:
            root: its first leg.
            end_us: end of the capture when that is what ended it, else 0.
        """
        levels = _levels(root)
        near, far = levels[0], levels[-1]
        first = near[0]
        attempt = _deciding(near)
        beyond = _deciding(far) if far is not near else attempt
        everything = near if far is near else [a for level in levels for a in level]
        answered = attempt.final // 100 == 2
        cancel = next((a for a in near if a.cancel_us), None) or next((a for a in everything if a.cancel_us), None)
        bye = next((m for m in root.members() if m.bye_us), None)

        refusal, carrier_of_signal = self._refusal(attempt, beyond, cancel, bye)
        server = ""
        if attempt.final >= 300:
            server = _server(attempt.final_data)
        ring_us, ring_file, ring_frame = _ring(everything)
        eighteen = min((a.eighteen_us for a in near if a.eighteen_us), default=0)
        trying = min((a.trying_us for a in near if a.trying_us), default=0)
        cancel_us = cancel.cancel_us if cancel else 0
        over_us = attempt.final_us or cancel_us
        ring_end = cancel_us if cancel_us and (not attempt.final_us or cancel_us < attempt.final_us) else over_us
        silence, last_hop = _silence(root, everything, far, attempt, cancel_us, end_us)
        cut = "start" if first.orphan else ""
        if end_us and not ((attempt.final >= 300) or cancel_us or bye):
            cut = "both" if cut else "end"
        depth_changes = beyond is not attempt and beyond.final
        far_differs = depth_changes and (
            beyond.final != attempt.final or _phrase(beyond.final_data) != _phrase(attempt.final_data)
        )
        attempts, challenges, forks = _tries(levels)
        names = self._names
        responder = beyond if beyond.reply_us or beyond.final else attempt
        if attempt.final:
            final_file, final_frame = names[attempt.final_file], attempt.final_frame
        elif carrier_of_signal is not None:
            final_file, final_frame = names[carrier_of_signal[0]], carrier_of_signal[1]
        else:
            final_file, final_frame = "", None
        if answered and bye is not None and refusal is not None and carrier_of_signal is not None:
            final_file, final_frame = names[carrier_of_signal[0]], carrier_of_signal[1]
        caller = normalise(root.caller_raw, self._region)
        callee = normalise(root.callee_raw, self._region)
        members = root.members()
        return _new(
            Call,
            (
                _text(root.call_id),
                first.at_us,
                caller,
                callee,
                root.caller_raw,
                root.callee_raw,
                self._carrier(everything, callee, responder),
                self._direction(first, far[-1]),
                root.kind,
                "" if first.orphan else "INVITE",
                attempt.final or None,
                _phrase(attempt.final_data),
                beyond.final if far_differs else None,
                _phrase(beyond.final_data) if far_differs else "",
                endpoint(attempt.dst, attempt.dport) if attempt.final else "",
                server,
                root.user_agent,
                *_signal_columns(refusal),
                _ms(first.at_us, eighteen) if not first.orphan else None,
                _ms(ring_us, ring_end) if ring_us and ring_end else None,
                _ms(first.at_us, attempt.final_us) if not first.orphan else None,
                _ms(attempt.at_us, attempt.final_us) if not attempt.orphan else None,
                _ms(attempt.final_us, bye.bye_us) if answered and bye is not None else None,
                _ms(first.at_us, cancel_us) if not first.orphan else None,
                _ms(first.at_us, trying) if not first.orphan else None,
                silence,
                last_hop,
                any(a.early for a in everything),
                _ended_by(answered, cancel_us, bye),
                attempts,
                challenges,
                forks,
                len(levels) if len(members) == 1 else len({(a.src, a.dst) for a in everything}),
                sum(m.repeats for m in members),
                sum(m.duplicates for m in members),
                cut,
                names[first.file],
                first.frame,
                names[ring_file] if ring_us else "",
                ring_frame if ring_us else None,
                final_file,
                final_frame,
            ),
        )

    @staticmethod
    def _refusal(
        attempt: Attempt, beyond: Attempt, cancel: Attempt | None, bye: OpenCall | None
    ) -> tuple[Refusal | None, tuple[int, int] | None]:
        """Most telling refusal among what near and far end, CANCEL and BYE said, and the file and frame that hold it."""
        found: Refusal | None = None
        place: tuple[int, int] | None = None
        if attempt.final >= 300:
            found, place = _read(attempt.final_data), (attempt.final_file, attempt.final_frame)
        if beyond is not attempt and beyond.final >= 300 and (found is None or found.kind in _WEAK):
            other = _read(beyond.final_data)
            if other is not None and (other.kind not in _WEAK or found is None):
                found, place = other, (beyond.final_file, beyond.final_frame)
        if (found is None or found.kind in _WEAK) and cancel is not None and _has_reason(cancel.cancel_data):
            other = _read(cancel.cancel_data)
            if other is not None:
                found, place = other, (cancel.cancel_file, cancel.cancel_frame)
        if (found is None or found.kind in _WEAK) and bye is not None and _has_reason(bye.bye_data):
            other = _read(bye.bye_data)
            if other is not None:
                found, place = other, (bye.bye_file, bye.bye_frame)
        return found, place if found is not None else None

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
        if not own:
            return ""
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
        for before, after in zip(level, level[1:], strict=False):
            if before.final_us and before.final_us <= after.at_us:
                if before.final in (401, 407):
                    challenged += 1
                elif before.final != 422:  # RFC 4028 §7.4: asked for another session interval, not refused
                    tried += 1
            else:
                forked += 1
        attempts, challenges, forks = max(attempts, tried), max(challenges, challenged), max(forks, forked)
    return attempts, challenges, forks


def _ring(attempts: Sequence[Attempt]) -> tuple[int, int, int]:
    rings = [(a.ring_us, a.ring_file, a.ring_frame) for a in attempts if a.ring_us]
    return min(rings) if rings else (0, 0, 0)


def _silence(
    root: OpenCall, attempts: Sequence[Attempt], far: list[Attempt], attempt: Attempt, cancel_us: int, end_us: int
) -> tuple[int | None, str]:
    """How long nothing was heard before CANCEL or, without a final response, before the end; and from whom."""
    if attempt.final and not cancel_us:
        return None, ""
    heard = max((a.reply_us for a in attempts if a.reply_us and (not cancel_us or a.reply_us <= cancel_us)), default=0)
    last_heard = max(far, key=lambda a: (a.reply_us, a.at_us))
    hop = endpoint(last_heard.dst, last_heard.dport)
    until = cancel_us or end_us or root.deadline_us
    return _ms(heard or attempts[0].at_us, until), hop


def _ended_by(answered: bool, cancel_us: int, bye: OpenCall | None) -> str:
    if bye is not None:
        return "caller" if bye.bye_by_caller else "callee"
    return "caller" if cancel_us and not answered else ""


# ---------------------------------------------------------------------- messages


def _read(data: bytes) -> Refusal | None:
    message = decode(data)
    return None if isinstance(message, Malformed) else read(message)


def _has_reason(data: bytes) -> bool:
    return b"reason" in data.lower()


def _server(data: bytes) -> str:
    message = decode(data)
    if isinstance(message, Malformed):
        return ""
    return _clean(message.headers.get("Server") or message.headers.get("User-Agent") or "")


def _phrase(data: bytes) -> str:
    """Reason phrase of a response that `peek` has accepted."""
    line = data.lstrip(b"\r\n").partition(b"\n")[0].rstrip(b"\r")
    return _text(line.partition(b" ")[2].partition(b" ")[2])


def _user(address: object) -> str:
    uri = getattr(address, "uri", None)
    if uri is None:
        return ""
    user = uri.user or (uri.host if uri.scheme == "tel" else "")
    return _clean((user or "").partition(";")[0])


def _signal_columns(refusal: Refusal | None) -> tuple[object, ...]:
    if refusal is None:
        return _NO_SIGNAL
    return (
        refusal.kind,
        refusal.carried_in,
        refusal.code,
        _clean(refusal.phrase),
        _clean(refusal.reason),
        refusal.sip_cause,
        refusal.q850_cause,
        _clean(refusal.location),
        _clean(refusal.provider_code),
        " ".join(problem.code for problem in refusal.defects),
        _clean(refusal.blocker),
        _clean(refusal.url),
        _clean(refusal.tel),
        _clean(refusal.email),
        _clean(refusal.id),
        _clean(refusal.card_uri),
    )


_NO_SIGNAL: tuple[object, ...] = ("", "", None, "", "", None, None, "", "", "", "", "", "", "", "", "")


def _ms(start_us: int, end_us: int) -> int | None:
    """Whole milliseconds from one time to another; None when the second was not seen, never negative."""
    return max(0, (end_us - start_us) // 1000) if end_us else None


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "backslashreplace")


def _clean(text: str) -> str:
    """Text that any output can encode: octets that were not UTF-8 are shown as escapes."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
