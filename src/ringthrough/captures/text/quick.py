"""
The two kinds of traces that come in gigabytes, at one match per message: ngrep -W byline over UDP, and pjsip logs.

A message is taken here only when head, start line, header fields, empty line and body are all as they should be; what
is not is left to the careful way, which must make the same of those that are (tests/captures/test_text_quick.py).
"""

from __future__ import annotations

import re

from ringthrough.calls.sighting import Sighting
from ringthrough.captures.tally import Tally
from ringthrough.captures.text.between import Between
from ringthrough.captures.text.clock import Clock
from ringthrough.captures.text.heads import address
from ringthrough.captures.text.shapes import CONTENT_LENGTH, CONTENT_TYPE, SDP, START

__all__ = ["Quick"]

_FIELDS = rb"(?:(?!v=)[A-Za-z][A-Za-z0-9-]*+[ \t]*+:[^\n]*+\n|[ \t]++[^\s][^\n]*+\n)++"
_METHODS = rb"INVITE|ACK|BYE|CANCEL|OPTIONS|REGISTER|PRACK|SUBSCRIBE|NOTIFY|PUBLISH|INFO|REFER|MESSAGE|UPDATE"
_BEGIN = rb"(?:SIP/2\.0 [1-6][0-9]{2}(?![0-9.:])[^\n]{0,500}|(?:" + _METHODS + rb") [^\s\"<>]{1,4000}+ SIP/2\.0)"
_FIRST = rb"(?:[Vv]ia|Record-Route|From|To|Call-ID|CSeq|Max-Forwards|[Vv])[ \t]*+:"
_V4 = rb"[0-9]++\.[0-9]++\.[0-9]++\.[0-9]++"
_END = rb"(" + _V4 + rb"):([0-9]{1,5})"
_NGREP = re.compile(
    rb"(\n*+)U ([0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})\.([0-9]{6}) " + _END + rb" -> " + _END
    + rb"(?: #[0-9]++)?\n(" + _BEGIN + rb"\.\n(?=" + _FIRST + rb"[^\n]*\.\n)" + _FIELDS + rb")\.\n"
)  # fmt: skip
_PJSIP = re.compile(
    rb"(?:\[([^\n\[\]]{15,30})\] [^\n<]{0,300}+)?<--- (Transmitting|Received) SIP (?:request|response) "
    rb"\([0-9]{1,9} bytes\) (?:to|from) (UDP|TCP|TLS|WS|WSS):"
    + _END
    + rb" --->\n("
    + _BEGIN
    + rb"\n(?="
    + _FIRST
    + rb")"
    + _FIELDS
    + rb")\n"
)
_AT_NGREP = re.compile(rb"\n*+U [0-9]{4}/")
_MARK = b"<--- "
_VERSION, _VIA = b"SIP/2.0", b"SIP/2.0/"
"Where there is one more of the first than of the second, no other message can begin."
_new = tuple.__new__


class Quick:
    """
    Takes messages of one trace as long as they are in order.

    Args:
        file: index of the file in the data set.
        tally: counts lines and messages.
        clock: gives times.
        between: counts the lines between messages.
    """

    def __init__(self, *, file: int, tally: Tally, clock: Clock, between: Between) -> None:
        self._file = file
        self._tally = tally
        self._clock = clock
        self._between = between

    def take(self, text: bytes, done: int, horizon: int, line: int, found: list[Sighting]) -> tuple[int, int]:
        """
        Take as many messages as are in order.

        Args:
            text: the trace.
            done: where to begin.
            horizon: where nothing is taken any more.
            line: number of the line at `done`.
            found: gets the sightings.

        Returns:
            Where it ended, and the number of the line there.
        """
        if _AT_NGREP.match(text, done, horizon) is not None:
            return self._ngrep(text, done, horizon, line, found)
        if text.find(_MARK, done, min(horizon, done + 1024)) >= 0:
            return self._pjsip(text, done, horizon, line, found)
        return done, line

    def _ngrep(self, text: bytes, done: int, horizon: int, line: int, found: list[Sighting]) -> tuple[int, int]:
        match, timed, file, append = _NGREP.match, self._clock.timed, self._file, found.append
        spacing = sip = messages = 0
        while (seen := match(text, done, horizon)) is not None:
            blank, second, micro, src, sport, dst, dport, head = seen.groups()
            after = seen.end()
            lines = head.count(b"\n")
            if lines != head.count(b".\n") or head.count(_VERSION) != head.count(_VIA) + 1:
                break
            data = head.replace(b".\n", b"\r\n") + b"\r\n"
            length = CONTENT_LENGTH.search(head)
            if length is not None:
                if length[1] != b"0":
                    size = int(length[1])
                    body = text[after : after + size].replace(b".\n", b"\r\n")
                    if after + size + 2 > horizon or not _whole(body, text[after + size : after + size + 2]):
                        break
                    data += body
                    lines += text.count(b"\n", after, after + size)
                    after += size
            elif CONTENT_TYPE.search(head) is not None:
                break
            ends = (address(src), int(sport), address(dst), int(dport))
            if ends[1] > 65535 or ends[3] > 65535 or not ends[0] or not ends[2]:
                break
            at_us = timed(second, micro)
            if at_us is None:
                break
            blanks = len(blank)
            spacing += blanks
            append(_new(Sighting, (at_us, file, line + blanks + 1, "udp", *ends, data, 0, -1)))
            lines += 2  # the head, and the empty line
            line += blanks + lines
            sip += lines
            messages += 1
            done = after
        self._add(spacing, sip, messages)
        return done, line

    def _pjsip(self, text: bytes, done: int, horizon: int, line: int, found: list[Sighting]) -> tuple[int, int]:
        match, clock, file, append = _PJSIP.match, self._clock, self._file, found.append
        spacing = sip = messages = 0
        while (mark := text.find(_MARK, done, horizon)) >= 0:
            begin = text.rfind(b"\n", done, mark) + 1 or done
            between = text[done:begin]
            if START.search(between) is not None:
                break
            seen = match(text, begin, horizon)
            if seen is None:
                break
            stamp, way, transport, peer, port, head = seen.groups()
            after = seen.end()
            lines = head.count(b"\n")
            if head.count(_VERSION) != head.count(_VIA) + 1:
                break
            data = head.replace(b"\n", b"\r\n") + b"\r\n"
            length = CONTENT_LENGTH.search(head)
            if length is not None:
                if length[1] != b"0":
                    size = int(length[1])
                    body = text[after : after + size].replace(b"\n", b"\r\n")[:size]
                    ends_at = after + len(body) - body.count(b"\n")
                    if ends_at + 2 > horizon or len(body) < size or not _whole(body, text[ends_at : ends_at + 1]):
                        break
                    data += body
                    lines += text.count(b"\n", after, ends_at)
                    after = ends_at
            elif CONTENT_TYPE.search(head) is not None:
                break
            octets, number = address(peer), int(port)
            if not octets or number > 65535:
                break
            if stamp:
                when = clock.read(stamp)
                if when is None:
                    break
            elif between.rstrip().endswith(b":"):
                break  # the time may stand on the line above
            else:
                when = clock.none()
            if between:
                if between.strip(b"\n"):
                    line += self._between.count(between)
                else:
                    spacing += len(between)
                    line += len(between)
            ends = (octets, number, b"", 0) if way == b"Received" else (b"", 0, octets, number)
            append(_new(Sighting, (when[0], file, line + 1, _LOWER[transport], *ends, data, when[1], -1)))
            lines += 2
            line += lines
            sip += lines
            messages += 1
            done = after
        self._add(spacing, sip, messages)
        return done, line

    def _add(self, spacing: int, sip: int, messages: int) -> None:
        if spacing:
            self._tally.skip("text-spacing", spacing)
        self._tally.sip += sip
        self._tally.messages += messages


_LOWER = {name: name.lower().decode("ascii") for name in (b"UDP", b"TCP", b"TLS", b"WS", b"WSS")}


def _whole(body: bytes, behind: bytes) -> bool:
    """Whether a session description ends at the end of a line, and consists of its lines and of no message."""
    ended = body[-2:] == b"\r\n" or (body[-1:] != b"\r" and behind in (b".\n", b"\n"))
    return ended and body[:2] == b"v=" and _VERSION not in body and SDP.fullmatch(body) is not None
