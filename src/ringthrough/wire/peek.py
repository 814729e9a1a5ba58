"""
One pass over a message for what call-building needs, and no more: `peek` agrees with `decode`, and costs a tenth.

Theory of operation
- Nearly every message comes in the same dress: CRLF, long header names in their usual case and order, nothing folded.
  One regular expression, strict enough that `decode` could not read the message otherwise, takes all of it at once.
- Where the order is another one, `_walk` looks at the lines one by one, is as strict about each, and remembers the
  order: makers keep to theirs, so the next such message is taken at once again.
- Whatever looks different in any way (compact form, odd case, space before the colon, folding, bare LF, IPv6, several
  Vias in one line) is handed to `decode`. So the fast passes never have to be clever, and the property test
  `tests/properties/test_wire_peek.py` can demand that all three always agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from ringthrough.wire.decode import decode
from ringthrough.wire.message import Malformed, Request, Response

__all__ = ["Peek", "peek"]


class Peek(NamedTuple):
    """What tells calls, transactions and dialogs apart. All text as octets, empty when absent or unreadable."""

    status: int
    "Status of a response, 0 for a request."
    method: bytes
    "Method of the request; for a response the method of its CSeq."
    call_id: bytes
    "Call-ID."
    cseq: int
    "Number of CSeq; -1 when absent or unreadable."
    from_tag: bytes
    "Tag of From."
    to_tag: bytes
    "Tag of To; empty in a request that opens a dialog."
    branch: bytes
    "Branch of the topmost Via."


_Match = Callable[[bytes], re.Match[bytes] | None]
_new = tuple.__new__
_WHITE = frozenset((b" ", b"\t"))
_PLACES = {b"via": 0, b"v": 0, b"from": 1, b"f": 1, b"to": 2, b"t": 2, b"call-id": 3, b"i": 3, b"cseq": 4}

# The grammar of RFC 3261 §25.1, narrowed to what ordinary messages hold: whatever matches here, `decode` takes without
# a question; what does not is for `decode` to judge.
# Every repetition is possessive (never given back), since nothing here could match by giving back: three times faster.
_HOST = rb"[A-Za-z0-9.-]++(?::[1-5]?[0-9]{1,4}+)?+"
_ADDRESS = (
    rb'(?:"[A-Za-z0-9+ ]*+" ?+|(?:[A-Za-z0-9+.-]++ )*+)'
    rb"<sips?+:(?:[A-Za-z0-9+._-]++@)?+" + _HOST + rb"(?:;user=phone)?+>(?:;tag=([A-Za-z0-9.~*_+-]++))?+"
)
_COLON = rb"[ \t]*+:[ \t]?+"
_FROM = rb"[Ff](?:rom)?+" + _COLON + _ADDRESS
_TO = rb"[Tt]o?+" + _COLON + _ADDRESS
_VIA = (
    rb"[Vv](?:ia)?+" + _COLON + rb"SIP/2\.0/(?:UDP|TCP|TLS|WSS?+) " + _HOST
    + rb"(?:;rport(?:=[0-9]++)?+)?+;branch=([A-Za-z0-9.~*_+-]++)(?:;rport(?:=[0-9]++)?+|;received=[0-9.]++|;alias)*+"
)  # fmt: skip
_CALL_ID = rb"(?:[Cc]all-(?:ID|id)|i)" + _COLON + rb"([A-Za-z0-9.~*_+%!:/-]++(?:@[A-Za-z0-9.~*_+%!:/-]++)?+)"
_CSEQ = rb"[Cc][Ss]eq" + _COLON + rb"([0-9]{1,9}+) ([A-Z]++)"
# Any line whose name is none of Via, From, To, Call-ID, CSeq or their compact forms v, f, t, i, in any case.
_OTHERS = rb"(?:[ABDEGHJ-SUW-Zabdeghj-suw-z][^\r\n]*+\r\n|Con[^\r\n]*+\r\n)*+"
_FIRST_LINE = rb"(?:SIP/2\.0 ([1-6][0-9][0-9]) (?! )[^\r\n]*+|([A-Z]++) [^ \t\r\n]++ SIP/2\.0)"
_MESSAGE = re.compile(
    _FIRST_LINE + rb"\r\n" + _OTHERS
    + _VIA + rb"\r\n(?:[Vv](?:ia)?+[ \t]*+:[^\r\n]*+\r\n)*+" + _OTHERS
    + _FROM + rb"\r\n" + _OTHERS
    + _TO + rb"\r\n" + _OTHERS
    + _CALL_ID + rb"\r\n" + _OTHERS
    + _CSEQ + rb"\r\n(?![ \t])"
).match  # fmt: skip
_START = re.compile(_FIRST_LINE).fullmatch
_PIECES = (
    _VIA + rb"\r\n(?:[Vv](?:ia)?+[ \t]*+:[^\r\n]*+\r\n)*+",
    *(p + rb"\r\n" for p in (_FROM, _TO, _CALL_ID, _CSEQ)),
)
_LAYOUTS: list[tuple[_Match, tuple[int, ...]]] = []
"Other orders that were met, as a way to take them at once and the place of each group; a memory, never a truth."
_LAYOUTS_MAX = 6  # each costs a microsecond to try
_LINES = tuple(re.compile(line).fullmatch for line in (_VIA, _FROM, _TO, _CALL_ID, _CSEQ))


def peek(data: bytes) -> Peek | None:
    """
    Read what call-building needs from a message.

    Args:
        data: one message, from its start line; octets after the header are not looked at.

    Returns:
        A `Peek`, or None when `decode` would call the message malformed. Never raises.
    """
    found = _MESSAGE(data)
    if found is None:
        for match, places in _LAYOUTS:
            found = match(data)
            if found is not None:
                return _placed(found, places)
        return _walk(data)
    status, method, branch, from_tag, to_tag, call_id, number, of = found.groups(b"")
    if status:
        return _new(Peek, (int(status), of, call_id, int(number), from_tag, to_tag, branch))
    return _new(Peek, (0, method, call_id, int(number), from_tag, to_tag, branch))


@lru_cache(120)
def _layout(order: tuple[int, ...]) -> tuple[_Match, tuple[int, ...]]:
    """How to take messages whose five headers come in a certain order, and where the groups then are."""
    body = _OTHERS.join(_PIECES[place] for place in order)
    places, group = [0] * 5, 3
    for place in order:
        places[place] = group
        group += 2 if place == 4 else 1
    return re.compile(_FIRST_LINE + rb"\r\n" + _OTHERS + body + rb"(?![ \t])").match, tuple(places)


def _placed(found: re.Match[bytes], places: tuple[int, ...]) -> Peek:
    via, from_, to, call_id, cseq = places
    status = int(found[1] or 0)
    method = found[cseq + 1] if status else found[2]
    return _new(
        Peek, (status, method, found[call_id], int(found[cseq]), found[from_] or b"", found[to] or b"", found[via])
    )


def _walk(data: bytes) -> Peek | None:
    """Read the same from lines in any order; gives up in favour of `decode` at anything out of the ordinary."""
    end = data.find(b"\r\n\r\n")
    lines = data[: max(end, 0)].split(b"\r\n")
    start = _START(lines[0])
    if start is None:
        return _peek_whole(data)
    found: list[re.Match[bytes] | None] = [None] * 5
    at = [0] * 5
    for number, line in enumerate(lines[1:]):
        name, colon, _value = line.partition(b":")
        place = _PLACES.get(name.strip(b" \t").lower(), -1)
        if name[:1] in _WHITE or b"\n" in line or b"\r" in line:
            return _peek_whole(data)
        if place >= 0 and colon and found[place] is None:
            found[place] = _LINES[place](line)
            at[place] = number
            if found[place] is None:
                return _peek_whole(data)
    via, from_, to, call_id, cseq = found
    if via is None or from_ is None or to is None or call_id is None or cseq is None:
        return _peek_whole(data)
    order = tuple(sorted(range(5), key=lambda place: at[place]))
    if len(_LAYOUTS) < _LAYOUTS_MAX:
        layout = _layout(order)
        if layout not in _LAYOUTS:
            _LAYOUTS.append(layout)
    status = int(start[1] or 0)
    method = cseq[2] if status else start[2]
    return _new(Peek, (status, method, call_id[1], int(cseq[1]), from_[1] or b"", to[1] or b"", via[1]))


def _peek_whole(data: bytes) -> Peek | None:
    """Return the same facts from a full `decode`: the definition of what `peek` says."""
    message = decode(data)
    if isinstance(message, Malformed):
        return None
    cseq = message.cseq
    from_, to, via = message.from_, message.to, message.via
    status = message.status if isinstance(message, Response) else 0
    if isinstance(message, Request):
        method = message.method
    else:
        method = cseq.method if cseq else ""
    return Peek(
        status,
        _octets(method),
        _octets(message.call_id or ""),
        cseq.number if cseq else -1,
        _octets((from_.tag if from_ else None) or ""),
        _octets((to.tag if to else None) or ""),
        _octets((via[0].branch if via else None) or ""),
    )


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
