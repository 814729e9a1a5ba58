"""
What an INVITE says about a call that begins: who calls whom, with what, and which other leg it continues.

`opening` reads it off the octets where the message is in ordinary dress, and from a full `decode` otherwise; the
property test `tests/properties/test_wire_opening.py` holds the two together.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ringthrough.wire.decode import decode
from ringthrough.wire.message import Malformed, Request
from ringthrough.wire.uri import Uri

__all__ = ["Opening", "begin", "opening"]


class Opening(NamedTuple):
    """First words of a call. Text as sent, empty when absent."""

    callee: str
    "User part of the Request-URI (of To, in another message) without its parameters; the number of a tel URI."
    caller: str
    "The same of From."
    asserted: str
    "The same of the first P-Asserted-Identity (RFC 3325) that has one, when From hides the caller; else empty."
    from_value: str
    "The whole value of From."
    user_agent: str
    "User-Agent."
    session: str
    "Local UUID of Session-ID (RFC 7989 §5), lower case; empty when nil."
    other_leg: str
    "Call-ID of another leg, from X-CID and its kin."
    vias: int
    "Number of Via values, whether they can be read or not: how many hops the INVITE has behind it."


ANONYMOUS = frozenset(("anonymous", "restricted", "unavailable", "unknown", ""))
"Users of From that hide the caller (RFC 3323 §4.1, and what switches write instead), lower case."
OTHER_LEG = ("X-CID", "X-Call-ID", "X-Original-Call-ID", "X-Orig-Call-ID", "P-Call-ID")
"Headers in which switches hand on the Call-ID of the other leg; sngrep, captagent and Kamailio use X-CID."

# See peek.py for what is ordinary, and why the repetitions are possessive. Here every line of the head is accounted
# for: names that matter stand in their own places, and one that may matter and stands elsewhere is not let through.
_USER = rb"([A-Za-z0-9+._~*-]++)"
_HOST = rb"[A-Za-z0-9.-]++(?::[1-5]?[0-9]{1,4}+)?+"
_PLAIN = rb"(?:[ABDEGHJ-OQRWYZ]|Con|Su|Session-E|P-[ABD-Z])[^\r\n]*+\r\n"
_BEGIN = re.compile(
    rb"INVITE sips?+:" + _USER + rb"@" + _HOST + rb"(?:;user=phone|;transport=[a-z]++)*+ SIP/2\.0\r\n(?:" + _PLAIN
    + rb")*+Via: ?+SIP/2\.0/(?:UDP|TCP|TLS|WSS?+) " + _HOST
    + rb"(?:;rport)?+;branch=([A-Za-z0-9.~*_+-]++)(?:;rport|;alias)*+"
    + rb"\r\n((?:Via: ?+[!-~][^\r\n]*+\r\n)*+)(?:" + _PLAIN
    + rb')*+From: ?+((?:"[A-Za-z0-9+ ]*+" ?+|(?:[A-Za-z0-9+.-]++ )*+)<sips?+:' + _USER + rb"@" + _HOST
    + rb"(?:;user=phone)?+>;tag=([A-Za-z0-9.~*_+-]++))\r\n(?:" + _PLAIN
    + rb')*+To: ?+(?:"[A-Za-z0-9+ ]*+" ?+|(?:[A-Za-z0-9+.-]++ )*+)<sips?+:(?:[A-Za-z0-9+._~*-]++@)?+' + _HOST
    + rb"(?:;user=phone)?+>\r\n(?:" + _PLAIN
    + rb")*+Call-ID: ?+([A-Za-z0-9.~*_+%!:/-]++(?:@[A-Za-z0-9.~*_+%!:/-]++)?+)\r\n(?:" + _PLAIN
    + rb")*+CSeq: ?+([0-9]{1,9}+) INVITE\r\n(?:" + _PLAIN
    + rb")*+(?:User-Agent: ?+([!-~](?:[ -~]*[!-~])?+)\r\n)?+(?:" + _PLAIN + rb")*+\r\n"
).match  # fmt: skip
_new = tuple.__new__


def begin(data: bytes) -> tuple[bytes, int, bytes, bytes, Opening] | None:
    """
    Read an INVITE outside a dialog that is in ordinary dress: what `peek` and `opening` say of it, in one go.

    Returns:
        Call-ID, CSeq number, From tag, branch and the rest; None when it is something else, or has to be looked at more
        carefully.
    """
    found = _BEGIN(data)
    if found is None:
        return None
    callee, branch, vias, value, user, tag, call_id, number, agent = found.groups(b"")
    caller = user.decode("ascii")
    if not caller[-1:].isdigit() and caller.lower() in ANONYMOUS:
        return None
    hops = 1 + vias.count(b"\n") + vias.count(b",") if vias else 1
    said = (callee.decode("ascii"), caller, "", value.decode("ascii"), agent.decode("ascii"), "", "", hops)
    return call_id, int(number), tag, branch, _new(Opening, said)


def opening(data: bytes) -> Opening:
    """
    Read what an INVITE says about the call it opens.

    Args:
        data: a message that `peek` accepts: an INVITE, or what was seen first of a call whose INVITE was not seen.
    """
    found = begin(data)
    return found[4] if found is not None else _opening_whole(data)


def _opening_whole(data: bytes) -> Opening:
    """Return the same from a full `decode`: the definition of what `opening` says."""
    message = decode(data)
    if isinstance(message, Malformed):
        return Opening("", "", "", "", "", "", "", 0)
    headers = message.headers
    if isinstance(message, Request) and message.method == "INVITE":
        to = message.uri
    else:
        to = message.to.uri if message.to else None
    session = (headers.get("Session-ID") or "").partition(";")[0].strip().lower()
    caller = _user(message.from_.uri if message.from_ else None)
    asserted = ""
    if caller.lower() in ANONYMOUS:
        asserted = next((user for a in message.p_asserted_identity if (user := _user(a.uri))), "")
    return Opening(
        _user(to),
        caller,
        asserted,
        headers.get("From") or "",
        headers.get("User-Agent") or "",
        session if session.strip("0") else "",
        next((value for name in OTHER_LEG if (value := headers.get(name))), ""),
        sum(value.count(",") + 1 for value in headers.all("Via")),
    )


def _user(uri: Uri | None) -> str:
    if uri is None:
        return ""
    user = uri.user or (uri.host if uri.scheme == "tel" else "")
    return (user or "").partition(";")[0]
